package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// linkHouse is a house in which mina has a track that only links lead to, and
// a link to it.
type linkHouse struct {
	*house
	keeper, mina *person
	track        wire.Track
	link         wire.Link
}

// newLinkHouse is one with a clock, whose attempts are counted by it too.
func newLinkHouse(t *testing.T, patch wire.LinkPatch) (linkHouse, *clock) {
	t.Helper()
	c := newClock(today)
	start := c.now()
	h := (&house{cost: 4, now: c.now, pace: func() time.Duration { return c.now().Sub(start) }}).begin(t)
	l := linkHouse{house: h, keeper: h.keeper()}
	l.mina = h.member("mina")
	l.track = l.mina.upload("song.mp3", taggedWith("Night train", painted(t, 40, 40)), "private")
	l.mina.drawn(l.track.ID)
	l.track = as[wire.Track](l.mina.patch(track(l.track), wire.TrackPatch{Visibility: ptr("link")}))
	l.link = made[wire.Link](l.mina.post(track(l.track, "links"), patch))
	return l, c
}

// holder is a visitor who opened the link, with a password where it asks.
func (l linkHouse) holder(password string) *person {
	l.t.Helper()
	p := l.visitor()
	p.name = "holder"
	p.links = as[wire.Opened](p.post("/api/links/open", wire.OpenLink{Code: l.link.Code, Password: password})).Grants
	return p
}

// TestASecretLinkFromMakingToRevoking goes the whole way of one link.
func TestASecretLinkFromMakingToRevoking(t *testing.T) {
	t.Parallel()
	l, c := newLinkHouse(t, wire.LinkPatch{Name: ptr("  For  Jun "), Password: ptr("s3same"), Expires: ptr(today.Add(48 * time.Hour).Format(time.RFC3339))})
	if l.link.Name != "For Jun" || !l.link.Password || l.link.State != "open" || l.link.URL != "/link#"+l.link.Code || len(l.link.Code) < 22 {
		t.Errorf("the new link: %+v", l.link)
	}
	v := l.visitor()
	v.post("/api/links/open", wire.OpenLink{Code: l.link.Code}).fails(401, "link.password")
	v.post("/api/links/open", wire.OpenLink{Code: l.link.Code, Password: "sesame"}).fails(400, "link.password_wrong")
	a := v.post("/api/links/open", wire.OpenLink{Code: l.link.Code, Password: "s3same"}).want(200)
	var o wire.Opened
	a.into(&o)
	if o.Kind != "track" || o.ID != l.track.ID || o.URL != l.track.URL || o.Title != "Night train" || o.User.ID != l.mina.me.ID {
		t.Errorf("what it leads to: %+v", o)
	}
	if strings.Contains(string(a.body), "Jun") {
		t.Error("the holder is told what the owner calls the link")
	}
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 || cookies[0].Name != "earshot_links" || cookies[0].Value != o.Grants || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode {
		t.Fatalf("the cookie: %v", a.header["Set-Cookie"])
	}
	seen := as[wire.Track](v.get(track(l.track), "Cookie", "earshot_links="+o.Grants))
	if !seen.ByLink || seen.Can.Comment || seen.Can.Speak || seen.Stream.Download != "" || seen.Stream.MP4 == "" {
		t.Errorf("the holder's view: %+v", seen)
	}
	v.get(track(l.track)).fails(404, "not_found")
	v.get(l.track.URL).want(404)
	page := v.get(l.track.URL, "Cookie", "earshot_links="+o.Grants).want(200)
	if strings.Contains(string(page.body), "Night train") {
		t.Error("the page has the title of what is secret in it")
	}
	v.links = o.Grants
	again := as[wire.Opened](v.post("/api/links/open", wire.OpenLink{Code: l.link.Code})) // it has been given
	v.links = again.Grants
	v.get(track(l.track)).want(200)
	c.jump(49 * time.Hour)
	v.get(track(l.track)).fails(404, "not_found")
	v.post("/api/links/open", wire.OpenLink{Code: l.link.Code, Password: "s3same"}).fails(404, "not_found")
	if got := as[wire.List[wire.Link]](l.mina.get(track(l.track, "links"))).Items; len(got) != 1 || got[0].State != "expired" {
		t.Errorf("the owner's list: %+v", got)
	}
	l.mina.patch("/api/links/"+l.link.ID, wire.LinkPatch{Expires: ptr("")}).want(200)
	v.get(track(l.track)).want(200)
	l.mina.delete("/api/links/" + l.link.ID).want(204)
	v.get(track(l.track)).fails(404, "not_found")
	l.mina.delete("/api/links/"+l.link.ID).fails(404, "not_found")
	if log := l.log.String(); strings.Contains(log, l.link.Code) || strings.Contains(log, o.Grants) || strings.Contains(log, "s3same") {
		t.Error("the log has a code, a grant or a password in it")
	}
}

// TestLinksThatDoNotOpen: whatever is wrong with a link, it answers as one that
// never was, everywhere.
func TestLinksThatDoNotOpen(t *testing.T) {
	t.Parallel()
	l, c := newLinkHouse(t, wire.LinkPatch{})
	other := l.mina.upload("other.mp3", tagged(t, "Other"), "private")
	l.mina.patch(track(other), wire.TrackPatch{Visibility: ptr("link")}).want(200)
	link := func(patch wire.LinkPatch) wire.Link {
		return made[wire.Link](l.mina.post(track(l.track, "links"), patch))
	}
	revoked, expired, used := link(wire.LinkPatch{}), link(wire.LinkPatch{Expires: ptr(c.now().Add(time.Hour).Format(time.RFC3339))}), link(wire.LinkPatch{MostPlays: ptr(uint64(1))})
	gone := l.mina.upload("gone.mp3", tagged(t, "Gone"), "private")
	l.mina.patch(track(gone), wire.TrackPatch{Visibility: ptr("link")}).want(200)
	ofGone := made[wire.Link](l.mina.post(track(gone, "links"), wire.LinkPatch{}))
	shut := l.mina.upload("shut.mp3", tagged(t, "Shut"), "private")
	ofShut := made[wire.Link](l.mina.post(track(shut, "links"), wire.LinkPatch{}))

	last := p1(l, used)
	last.get(track(l.track, "stream.mp4")).want(200) // uses it up
	holders := map[string]*person{"another track's": l.visitor()}
	holders["another track's"].opensLink(made[wire.Link](l.mina.post(track(other, "links"), wire.LinkPatch{})))
	for name, x := range map[string]wire.Link{"revoked": revoked, "expired": expired} {
		holders[name] = p1(l, x)
	}
	l.mina.delete("/api/links/" + revoked.ID).want(204)
	l.mina.delete(track(gone)).want(204)
	c.jump(2 * time.Hour)
	holders["used up"] = last

	off := []byte(l.link.Code)
	off[3] ^= 1
	never := l.visitor().post("/api/links/open", wire.OpenLink{Code: strings.Repeat("A", len(l.link.Code))}).want(404)
	for name, code := range map[string]string{
		"one character off": string(off), "cut": l.link.Code[:len(l.link.Code)-1], "longer": l.link.Code + "A", "empty": "",
		"revoked": revoked.Code, "expired": expired.Code, "used up": used.Code, "of a deleted track": ofGone.Code, "of a private track": ofShut.Code,
	} {
		for _, who := range []*person{l.visitor(), l.keeper} {
			if got := who.post("/api/links/open", wire.OpenLink{Code: code}); told(got) != told(never) {
				t.Errorf("%s, %s: got\n%s, one that never was\n%s", name, who.name, told(got), told(never))
			}
		}
		c.jump(time.Hour)
	}
	etag := l.mina.get(track(l.track, "stream.mp4")).want(200).header.Get("Etag")
	stranger := l.visitor()
	for name, p := range holders {
		for _, part := range []string{"", "/stream", "/stream.mp4", "/stream.mp3?t=0.5", "/picture/100", "/peaks.dat", "/peaks.dat?zoom=fine", "/comments", "/download"} {
			for _, headers := range [][]string{nil, {"Range", "bytes=0-9"}, {"If-None-Match", etag}, {"If-Range", etag, "Range", "bytes=0-9"}} {
				for _, method := range []string{"GET", "HEAD"} {
					got, want := p.do(method, track(l.track)+part, nil, headers...), stranger.do(method, track(l.track)+part, nil, headers...)
					if want.status != 404 || told(got) != told(want) {
						t.Errorf("%s: %s %s %v: got\n%s, a stranger\n%s", name, method, part, headers, told(got), told(want))
					}
				}
			}
		}
	}
}

// p1 is somebody who opened one link of a house.
func p1(l linkHouse, x wire.Link) *person {
	p := l.visitor()
	p.opensLink(x)
	return p
}

// TestLinkChangesAreFeltAtOnce: what the owner does about a link or its track
// counts from the next request on (SAFETY 3.2).
func TestLinkChangesAreFeltAtOnce(t *testing.T) {
	t.Parallel()
	l, _ := newLinkHouse(t, wire.LinkPatch{})
	p := l.holder("")
	etag := p.get(track(l.track, "stream.mp4")).want(200).header.Get("Etag")
	id := "/api/links/" + l.link.ID
	visibility := func(v string) func() {
		return func() { l.mina.patch(track(l.track), wire.TrackPatch{Visibility: &v}).want(200) }
	}
	closed := func(what string) {
		t.Helper()
		for _, headers := range [][]string{nil, {"Range", "bytes=0-9"}, {"If-None-Match", etag}} {
			if a := p.get(track(l.track, "stream.mp4"), headers...); a.status != 404 {
				t.Errorf("%s: the stream answers %d %v", what, a.status, headers)
			}
		}
		p.get(track(l.track)).fails(404, "not_found")
		p.get(l.track.URL).want(404)
	}
	open := func(what string) {
		t.Helper()
		if a := p.get(track(l.track, "stream.mp4"), "Range", "bytes=0-9"); a.status != 206 || a.header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s: the stream answers %d %v", what, a.status, a.header)
		}
		if a := p.get(track(l.track, "stream.mp4"), "If-None-Match", etag); a.status != 304 {
			t.Errorf("%s: the stream answers %d to its own tag", what, a.status)
		}
	}
	open("at first")
	visibility("private")()
	closed("the track is private")
	visibility("followers")()
	open("followers and holders")
	visibility("public")()
	p.get(track(l.track, "stream.mp4")).want(200)
	visibility("link")()
	open("by link again")

	l.mina.patch(id, wire.LinkPatch{Password: ptr("open it")}).want(200)
	closed("a password was set")
	p = l.holder("open it")
	open("with the password")
	l.mina.patch(id, wire.LinkPatch{Name: ptr("Renamed")}).want(200)
	open("renamed")
	l.mina.patch(id, wire.LinkPatch{Password: ptr("other one")}).want(200)
	closed("the password was changed")
	l.mina.patch(id, wire.LinkPatch{Password: ptr("")}).want(200)
	p = l.holder("")
	open("without a password")

	old := l.link.Code
	l.link = as[wire.Link](l.mina.patch(id, wire.LinkPatch{Renew: true}))
	closed("the address was renewed")
	p.post("/api/links/open", wire.OpenLink{Code: old}).fails(404, "not_found")
	p = l.holder("")
	open("by the new address")

	l.keeper.put(user(l.mina, "suspension"), nil).want(200)
	closed("the owner is suspended")
	l.keeper.delete(user(l.mina, "suspension")).want(200)
	l.mina = l.signIn("mina")
	open("the owner is back")
	l.reopen()
	open("after a restart")
	l.mina.delete(track(l.track)).want(204)
	closed("the track is gone")
	p.post("/api/links/open", wire.OpenLink{Code: l.link.Code}).fails(404, "not_found")
}

// TestListensByALink: a listen begins with the sound and may end; when there
// are no more, none begins.
func TestListensByALink(t *testing.T) {
	t.Parallel()
	l, c := newLinkHouse(t, wire.LinkPatch{MostPlays: ptr(uint64(2))})
	plays := func(want uint64, state string) {
		t.Helper()
		got := as[wire.List[wire.Link]](l.mina.get(track(l.track, "links"))).Items[0]
		if got.Plays != want || got.State != state || got.Used.IsZero() != (want == 0) {
			t.Errorf("the owner sees %+v, want %d listens, %s", got, want, state)
		}
	}
	first, second, third := l.holder(""), l.holder(""), l.holder("")
	first.get(track(l.track)).want(200)
	first.do("HEAD", track(l.track, "stream.mp4"), nil).want(200)
	first.get(track(l.track, "picture/100")).want(200)
	first.get(track(l.track, "peaks.dat")).want(200)
	plays(0, "open")
	for range 3 {
		first.get(track(l.track, "stream.mp4"), "Range", "bytes=0-9").want(206)
	}
	first.get(track(l.track, "stream.mp3?t=0.3")).want(200)
	plays(1, "open")
	second.get(track(l.track, "stream.mp4")).want(200)
	plays(2, "used_up")
	third.get(track(l.track, "stream.mp4")).fails(404, "not_found")
	third.get(track(l.track)).fails(404, "not_found")
	first.get(track(l.track, "stream.mp4"), "Range", "bytes=10-19").want(206) // goes on
	first.post(track(l.track, "plays"), wire.Listen{ListenedMS: 60_000}).want(200)
	first.opensLink(l.link) // the same listen
	first.get(track(l.track, "stream.mp4"), "Range", "bytes=20-29").want(206)
	l.visitor().post("/api/links/open", wire.OpenLink{Code: l.link.Code}).fails(404, "not_found")
	c.jump(11 * time.Minute)
	first.get(track(l.track, "stream.mp4"), "Range", "bytes=20-29").fails(404, "not_found")
	plays(2, "used_up")
	l.mina.get(track(l.track, "stream.mp4")).want(200)
	l.mina.patch("/api/links/"+l.link.ID, wire.LinkPatch{MostPlays: ptr(uint64(3))}).want(200)
	third.get(track(l.track, "stream.mp4")).want(200)
	plays(3, "used_up")

	// Many requests at once are one listen.
	l.mina.patch("/api/links/"+l.link.ID, wire.LinkPatch{MostPlays: ptr(uint64(0))}).want(200)
	many := l.holder("")
	done := make(chan int)
	for range 8 {
		go func() { done <- many.do("GET", track(l.track, "stream.mp4"), nil).status }()
	}
	for range 8 {
		if status := <-done; status != 200 {
			t.Errorf("one of many requests answers %d", status)
		}
	}
	plays(4, "open")
}

// TestPlaylistLinks: of a playlist its link opens the owner's tracks that are
// not private, and nothing of others that they did not make public.
func TestPlaylistLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := func(p *person) string {
		var names []string
		for _, tr := range list[wire.Track](p, playlist(w.linkedList, "tracks"), "9") {
			names = append(names, tr.Title)
		}
		return strings.Join(names, ", ")
	}
	if got := ids(w.secret); got != "Inside a shrouded list, Song of jun" {
		t.Errorf("the holder sees %q", got)
	}
	if p := as[wire.Playlist](w.secret.get(playlist(w.linkedList))); p.Tracks != 2 || !p.ByLink {
		t.Errorf("the holder is told of %d tracks: %+v", p.Tracks, p)
	}
	w.secret.get(track(w.private)).fails(404, "not_found")
	w.mina.patch(track(w.private), wire.TrackPatch{Visibility: ptr("followers")}).want(200)
	w.secret.get(track(w.private, "stream.mp4")).want(200)
	w.mina.patch(track(w.private), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	w.secret.get(track(w.private, "stream.mp4")).fails(404, "not_found")
	w.jun.patch(track(w.juns), wire.TrackPatch{Visibility: ptr("link")}).want(200) // its own links are another thing
	if got := ids(w.secret); got != "Inside a shrouded list" {
		t.Errorf("the holder sees %q", got)
	}
	w.mina.delete(playlist(w.linkedList, "tracks", w.inside.ID)).want(200)
	w.secret.get(track(w.inside)).fails(404, "not_found")
	w.mina.put(playlist(w.linkedList, "tracks", w.inside.ID), wire.PlaylistPlace{}).want(200)
	w.secret.get(track(w.inside)).want(200)
	w.mina.patch(playlist(w.linkedList), wire.PlaylistPatch{Visibility: ptr("private")}).want(200)
	w.secret.get(track(w.inside)).fails(404, "not_found")
	w.secret.get(playlist(w.linkedList)).fails(404, "not_found")
}

// TestSecretLinksInAClosedHouse: where visitors may not enter, the holder of a
// link sees its thing and nothing else: every other route answers as for all.
func TestSecretLinksInAClosedHouse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keeper.patch("/api/house", wire.HousePatch{Visitors: ptr(false), SignUp: ptr("closed")}).want(200)
	for _, row := range matrix() {
		method, path := row.question()
		if strings.HasPrefix(path, "/api/auth/") || strings.HasPrefix(path, "/api/setup") {
			continue
		}
		got, want := row.ask(w.secret, w.fill), row.ask(w.visitor(), w.fill)
		if opens := row.secret(); opens != row.n {
			if got.status != opens {
				t.Errorf("%s %s: got %d, want %d; body: %s", method, path, got.status, opens, shorten(got.body))
			}
			w.leaksNoOther(method+" "+path, got)
			continue
		}
		if want.status < 400 && !strings.HasPrefix(path, "/api/house") && !strings.HasPrefix(path, "/api/openapi") && !strings.HasPrefix(path, "/api/docs") {
			t.Errorf("%s %s: a visitor of a closed house gets %d", method, path, want.status)
		}
		if told(got) != told(want) {
			t.Errorf("%s %s: gets\n%s, a visitor gets\n%s", method, path, told(got), told(want))
		}
	}
	if got := list[wire.Track](w.secret, playlist(w.linkedList, "tracks"), "9"); len(got) != 1 || got[0].ID != w.inside.ID {
		t.Errorf("the tracks of the list: %+v", got) // jun's public one is inside the house
	}
	for _, page := range []string{"/", "/mina", w.public.URL, w.private.URL} {
		if got, want := w.secret.get(page), w.visitor().get(page); told(got) != told(want) {
			t.Errorf("page %s: gets %s, a visitor gets %s", page, told(got), told(want))
		}
	}
	// Also in the house: a link to what everybody in it sees.
	public := w.visitorWith(made[wire.Link](w.mina.post(track(w.public, "links"), wire.LinkPatch{})))
	a := public.get(track(w.public, "stream.mp4")).want(200)
	if cc := a.header.Get("Cache-Control"); cc != "private, no-cache" {
		t.Errorf("it may be kept: %q", cc)
	}
	public.get(track(w.juns)).fails(401, "signin.needed")
}

func (w *world) visitorWith(l wire.Link) *person {
	p := w.visitor()
	p.opensLink(l)
	return p
}

// TestMembersByLink: somebody who is signed in gets in by a link too, unless a
// block stands between; what it shows them they can't like or bring to others.
func TestMembersByLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.jun.opensLink(w.link)
	t1 := as[wire.Track](w.jun.get(track(w.linked)))
	if !t1.ByLink || !t1.Can.Comment || t1.Can.Speak || t1.Stream.Download == "" {
		t.Errorf("jun sees %+v", t1)
	}
	said := w.jun.say(w.linked.ID, 0, "As myself")
	if said.User == nil || said.User.ID != w.jun.me.ID || said.Guest != "" {
		t.Errorf("jun's comment: %+v", said)
	}
	w.jun.patch("/api/comments/"+said.ID, wire.CommentPatch{Text: "As myself, again"}).want(200)
	w.jun.put(track(w.linked, "like"), nil).fails(404, "not_found")
	w.jun.put(track(w.linked, "repost"), nil).fails(404, "not_found")
	w.jun.put(w.fill("/api/playlists/{juns-list}/tracks/{linked}"), wire.PlaylistPlace{}).fails(404, "not_found")
	w.jun.post(user(w.sora, "messages"), wire.NewMessage{Track: w.linked.ID}).fails(404, "not_found")
	for _, path := range []string{"/api/stream?of=all", "/api/search?q=shrouded", "/api/home", user(w.mina, "tracks"), "/api/me/likes"} {
		if body := string(w.jun.get(path).want(200).body); strings.Contains(body, w.linked.ID) {
			t.Errorf("%s has what only the link shows: %s", path, body)
		}
	}
	w.jun.delete("/api/comments/" + said.ID).want(204)
	w.haru.post("/api/links/open", wire.OpenLink{Code: w.link.Code}).fails(404, "not_found")
	w.haru.links = w.jun.links
	w.haru.get(track(w.linked)).fails(404, "not_found")
	w.keeper.opensLink(w.link)
	w.keeper.get(track(w.linked, "stream.mp4")).want(200)
}

// TestGuestsComment: a visitor by a link that lets them comment, under a name.
func TestGuestsComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := track(w.linked, "comments")
	w.secret.post(at, wire.NewComment{Text: "Well"}).fails(400, "guest.empty")
	w.secret.post(at, wire.NewComment{Text: "Well", Guest: strings.Repeat("x", 41)}).fails(400, "guest.long")
	w.secret.post(at, wire.NewComment{Guest: "Uncle"}).fails(400, "comment.empty")
	before := as[wire.Track](w.mina.get(track(w.linked))).Counts.Comments
	at2 := w.mina.listen("/api/events")
	at2.place()
	m := made[wire.Comment](w.secret.post(at, wire.NewComment{Text: "Lovely, @sora", Guest: " Uncle\u202e  Bo ", PositionMS: 500}))
	if m.Guest != "Uncle Bo" || m.User != nil || m.PositionMS != 500 || m.CanEdit || m.CanDelete {
		t.Errorf("the guest's comment: %+v", m)
	}
	if got := at2.has(); !strings.Contains(got, "comment "+m.ID) || !strings.Contains(got, "notice") {
		t.Errorf("the owner's open page is told %q", got)
	}
	reply := made[wire.Comment](w.secret.post(at, wire.NewComment{Text: "And once more", Guest: "Uncle Bo", Parent: m.ID}))
	w.mina.reply(m, "Thank you")
	if got := as[wire.Track](w.mina.get(track(w.linked))).Counts.Comments; got != before+3 {
		t.Errorf("the track counts %d comments, want %d", got, before+3)
	}
	n := w.mina.notices(1)[0]
	if n.Kind != "comment" || fmt.Sprint(n.Guests) != "[Uncle Bo]" || n.N != 1 || len(n.Actors) != 0 || n.Comments != 2 || n.Comment.ID != reply.ID {
		t.Errorf("the owner's notice: %+v", n)
	}
	if got := w.sora.notices(1); len(got) > 0 && got[0].Comment != nil && got[0].Comment.ID == m.ID {
		t.Error("a guest reached somebody else by naming them")
	}
	mark := as[wire.Marks](w.secret.get(track(w.linked, "comments/marks")))
	if last := mark.Items[len(mark.Items)-1]; last.Guest != "Uncle Bo" || last.User != nil {
		t.Errorf("the marks: %+v", mark)
	}
	// Only where the link says so, and only there.
	w.secret.post(track(w.inside, "comments"), wire.NewComment{Text: "x", Guest: "Uncle Bo"}).fails(401, "signin.needed")
	w.secret.post(track(w.public, "comments"), wire.NewComment{Text: "x", Guest: "Uncle Bo"}).fails(401, "signin.needed")
	w.secret.patch("/api/comments/"+m.ID, wire.CommentPatch{Text: "x"}).fails(401, "signin.needed")
	w.secret.delete("/api/comments/"+m.ID).fails(401, "signin.needed")
	w.mina.patch(track(w.linked), wire.TrackPatch{Comments: ptr(false)}).want(200)
	w.secret.post(at, wire.NewComment{Text: "x", Guest: "Uncle Bo"}).fails(401, "signin.needed")
	w.mina.patch(track(w.linked), wire.TrackPatch{Comments: ptr(true)}).want(200)

	// The owner deletes one, with replies, and its place stays; then all.
	w.mina.delete("/api/comments/" + m.ID).want(204)
	place := as[wire.Comment](w.mina.get("/api/comments/" + m.ID))
	if place.Guest != "" || place.User != nil || place.Text != "" || place.Replies != 2 {
		t.Errorf("what is left: %+v", place)
	}
	more := made[wire.Comment](w.secret.post(at, wire.NewComment{Text: "Another", Guest: "Aunt"}))
	w.mina.delete("/api/links/" + w.link.ID + "?comments=true").want(204)
	w.mina.get("/api/comments/"+more.ID).fails(404, "not_found")
	w.mina.get("/api/comments/"+reply.ID).fails(404, "not_found")
	w.secret.get(track(w.linked)).fails(404, "not_found")
	if got := as[wire.Track](w.mina.get(track(w.linked))).Counts.Comments; got != before+1 {
		t.Errorf("the track counts %d comments in the end, want %d", got, before+1)
	}
}

// TestGuestsAreLimited: a guest writes no more often than a member.
func TestGuestsAreLimited(t *testing.T) {
	t.Parallel()
	l, c := newLinkHouse(t, wire.LinkPatch{Comments: ptr(true)})
	p, q := l.holder(""), l.holder("")
	at := track(l.track, "comments")
	for i := range 20 {
		p.post(at, wire.NewComment{Text: fmt.Sprint(i), Guest: "Bo"}).want(201)
	}
	p.post(at, wire.NewComment{Text: "x", Guest: "Bo"}).fails(429, "limited")
	q.post(at, wire.NewComment{Text: "x", Guest: "Another name"}).fails(429, "limited") // from the same place
	c.jump(4 * time.Second)
	q.post(at, wire.NewComment{Text: "x", Guest: "Bo"}).want(201)
}

// TestOpeningIsLimited: neither codes nor passwords can be tried for long.
func TestOpeningIsLimited(t *testing.T) {
	t.Parallel()
	l, c := newLinkHouse(t, wire.LinkPatch{Password: ptr("s3same")})
	v := l.visitor()
	open := func(code, password string) answer {
		return v.post("/api/links/open", wire.OpenLink{Code: code, Password: password})
	}
	for range 5 {
		open(l.link.Code, "wrong").fails(400, "link.password_wrong")
	}
	open(l.link.Code, "wrong").fails(429, "limited")
	open(l.link.Code, "s3same").fails(429, "limited")
	c.jump(10 * time.Minute)
	open(l.link.Code, "s3same").want(200)
	c.jump(time.Hour)
	for range 30 {
		open("nothing", "").fails(404, "not_found")
	}
	if a := open("nothing", "").fails(429, "limited"); a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

// TestForgedGrants: what was not given out here opens nothing, and neither
// session nor grant stands for the other (SAFETY 3.4).
func TestForgedGrants(t *testing.T) {
	t.Parallel()
	l, _ := newLinkHouse(t, wire.LinkPatch{})
	other, _ := newLinkHouse(t, wire.LinkPatch{})
	good, foreign := l.holder("").links, other.holder("").links
	v := l.visitor()
	stranger := told(v.get(track(l.track)).want(404))
	for name, grants := range map[string]string{
		"another house's": foreign, "cut": good[:len(good)-1], "longer": good + "A", "doubled": good + good, "changed": "A" + good[1:],
		"the code": l.link.Code, "the id": l.link.ID, "a session": l.mina.token, "a cursor": as[wire.List[wire.Track]](l.mina.get("/api/me/tracks?limit=1")).Next,
		"long": strings.Repeat("A", 8000), "spaces": " " + good + "=",
	} {
		if got := told(v.get(track(l.track), "Earshot-Links", grants)); got != stranger {
			t.Errorf("%s: gets %s", name, got)
		}
		if got := told(v.get(track(l.track), "Cookie", "earshot_links="+grants)); got != stranger {
			t.Errorf("%s, as a cookie: gets %s", name, got)
		}
	}
	v.get(track(l.track), "Cookie", "earshot_links="+good).want(200)
	v.get(track(l.track), "Cookie", "earshot_links="+good+"; earshot_links="+good).want(404) // which one?
	v.get(track(l.track) + "?links=" + good).want(400)                                       // never in an address
	for _, headers := range [][]string{{"Authorization", "Bearer " + good}, {"Cookie", "earshot_session=" + good}} {
		v.get("/api/me", headers...).fails(401, "signin.needed")
		v.get(track(l.track), headers...).fails(404, "not_found")
	}
	// Twenty at once are kept, the newest ones.
	p := l.visitor()
	p.opensLink(l.link)
	var links []wire.Link
	for range 20 {
		x := made[wire.Link](l.mina.post(track(l.track, "links"), wire.LinkPatch{}))
		links = append(links, x)
		p.opensLink(x)
	}
	if len(p.links) > 1000 {
		t.Errorf("the cookie has %d bytes", len(p.links))
	}
	for _, x := range links {
		l.mina.delete("/api/links/" + x.ID).want(204)
	}
	p.get(track(l.track)).fails(404, "not_found") // the first was pushed out
}

// TestLinkRules: what an owner can't do about links.
func TestLinkRules(t *testing.T) {
	t.Parallel()
	l, c := newLinkHouse(t, wire.LinkPatch{})
	at := track(l.track, "links")
	for _, bad := range []struct {
		patch wire.LinkPatch
		code  string
	}{
		{wire.LinkPatch{Name: ptr(strings.Repeat("x", 81))}, "name.long"},
		{wire.LinkPatch{Password: ptr("abc")}, "link.password_short"},
		{wire.LinkPatch{Password: ptr(strings.Repeat("한", 30))}, "link.password_long"},
		{wire.LinkPatch{Expires: ptr("tomorrow")}, "link.expires"},
		{wire.LinkPatch{Expires: ptr(c.now().Add(-time.Minute).Format(time.RFC3339))}, "link.expires"},
		{wire.LinkPatch{Expires: ptr("0001-01-01T00:00:00Z")}, "link.expires"}, // not never
		{wire.LinkPatch{MostPlays: ptr(uint64(1_000_001))}, "link.plays"},
	} {
		l.mina.post(at, bad.patch).fails(400, bad.code)
		l.mina.patch("/api/links/"+l.link.ID, bad.patch).fails(400, bad.code)
	}
	for range 49 {
		l.mina.post(at, wire.LinkPatch{}).want(201)
	}
	l.mina.post(at, wire.LinkPatch{}).fails(409, "link.many")
	if got := as[wire.List[wire.Link]](l.mina.get(at)).Items; len(got) != 50 || got[49].ID != l.link.ID {
		t.Errorf("%d links, the first at the end: %v", len(got), got[len(got)-1].ID == l.link.ID)
	}
	l.mina.delete("/api/links/" + l.link.ID).want(204)
	l.mina.post(at, wire.LinkPatch{}).want(201)
	l.mina.delete(track(l.track)).want(204)
	l.mina.get(at).fails(404, "not_found")
}

// TestGuestsAreReported: what a guest says on a track that others see can be
// reported and removed, and nobody's account is suspended for it.
func TestGuestsAreReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guest := w.visitorWith(made[wire.Link](w.mina.post(track(w.public, "links"), wire.LinkPatch{Comments: ptr(true)})))
	if tr := as[wire.Track](guest.get(track(w.public))); tr.ByLink || !tr.Can.Speak {
		t.Errorf("a guest of a public track: %+v", tr)
	}
	streams := w.visitor().listen("/api/events")
	streams.place()
	m := made[wire.Comment](guest.post(track(w.public, "comments"), wire.NewComment{Text: "Bad words", Guest: "Bo"}))
	if got := streams.has(); got != "comment "+m.ID {
		t.Errorf("others are told %q", got)
	}
	if seen := as[wire.Comment](w.jun.get("/api/comments/" + m.ID)); seen.Guest != "Bo" || seen.CanDelete {
		t.Errorf("jun sees %+v", seen)
	}
	w.haru.get("/api/comments/"+m.ID).fails(404, "not_found")
	w.jun.post("/api/reports", wire.NewReport{Kind: "comment", ID: m.ID, Reason: "abuse"}).want(204)
	r := reports(w.keeper, "open")[0]
	if r.About != "Bad words" || r.Owner != nil {
		t.Errorf("the report: %+v", r)
	}
	w.keeper.post("/api/reports/"+r.ID+"/answer", wire.ReportAnswer{Do: "remove"}).want(200)
	w.jun.get("/api/comments/"+m.ID).fails(404, "not_found")
	if got := as[wire.Me](w.mina.get("/api/me")); got.Suspended {
		t.Error("the owner of the track was suspended")
	}
}

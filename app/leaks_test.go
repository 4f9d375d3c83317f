package app_test

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// TestEventsOfTheHidden: whoever is hidden from somebody does not appear in the
// stream of events either, neither at once nor for those who come back, nor
// when the comment is gone by then.
func TestEventsOfTheHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	comment := func(m wire.Comment) string { return "comment " + m.ID }
	streams := map[*person]*stream{}
	places := map[*person]string{}
	people := []*person{w.haru, w.sora, w.visitor()}
	for _, p := range people {
		streams[p] = p.listen("/api/events")
		places[p] = streams[p].place()
	}
	hold := func(when string, of func(*person) string, want map[*person]string) {
		t.Helper()
		for _, p := range people {
			if got := of(p); got != want[p] {
				t.Errorf("%s: %s is told %q, want %q", when, p.name, got, want[p])
			}
		}
	}
	live := func(p *person) string { return streams[p].has() }
	back := func(p *person) string {
		s := p.listen("/api/events", "Last-Event-ID", places[p])
		defer s.close()
		return s.has()
	}
	m := w.mina.say(w.juns.ID, 0, "Not for haru")
	said := comment(m)
	hold("a comment of who blocks him", live, map[*person]string{people[0]: "", people[1]: said, people[2]: said})
	hold("the same, later", back, map[*person]string{people[0]: "", people[1]: said, people[2]: said})
	w.mina.delete("/api/comments/" + m.ID).want(204)
	hold("it is deleted", live, map[*person]string{people[0]: "", people[1]: said, people[2]: said})
	hold("the same, later", back, map[*person]string{people[0]: "", people[1]: said + ", " + said, people[2]: said + ", " + said})

	// A block that comes later counts too.
	for _, p := range people {
		places[p] = streams[p].place()
	}
	m = w.jun.say(w.public.ID, 0, "Not for sora any more")
	w.jun.delete("/api/comments/" + m.ID).want(204)
	w.jun.put(user(w.sora, "block"), nil).want(204)
	said = comment(m) + ", " + comment(m)
	hold("after a block", back, map[*person]string{people[1]: "notice", people[2]: said}) // that jun followed her is not so any more
	// On a private track nobody but the owner hears a thing.
	for _, p := range people {
		streams[p].has()
	}
	w.mina.say(w.private.ID, 0, "To myself")
	hold("a comment on a private track", live, map[*person]string{})
}

// TestHiddenWriters: a comment of somebody hidden is nowhere; where others have
// replied to it there is an empty place.
func TestHiddenWriters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hers := as[wire.Comment](w.jun.get(w.fill("/api/comments/{hers}")))
	alone := w.mina.say(w.juns.ID, 0, "Another of mina")
	w.sora.reply(hers, "Reply of sora")
	reply := w.mina.reply(hers, "Reply of mina")

	place := as[wire.Comment](w.haru.get(w.fill("/api/comments/{hers}")))
	if place.Text != "" || place.User != nil || !place.Edited.IsZero() || place.Replies != 1 || len(place.First) != 1 || place.First[0].Text != "Reply of sora" {
		t.Errorf("the place of a hidden comment: got %+v", place)
	}
	w.haru.get("/api/comments/"+alone.ID).fails(404, "not_found")
	w.haru.get("/api/comments/"+reply.ID).fails(404, "not_found")
	w.haru.patch("/api/comments/"+hers.ID, wire.CommentPatch{Text: "x"}).fails(404, "not_found")
	w.haru.delete("/api/comments/"+hers.ID).fails(404, "not_found")
	for _, path := range []string{"/comments", "/comments?order=newest", "/comments/marks"} {
		body := string(w.haru.get(track(w.juns) + path).want(200).body)
		for _, secret := range []string{w.mina.me.ID, "mina", alone.ID, reply.ID} {
			if strings.Contains(body, secret) {
				t.Errorf("%s has %s in it: %s", path, secret, body)
			}
		}
	}
	if marks := as[wire.Marks](w.haru.get(track(w.juns, "comments/marks"))); len(marks.Items) != 0 {
		t.Errorf("marks of who blocks haru: %+v", marks)
	}
	replies := w.haru.comments("/api/comments/" + hers.ID + "/replies")
	if texts(replies) != texts([]wire.Comment{{Text: "Reply of sora", User: place.First[0].User}}) {
		t.Errorf("the replies: %s", texts(replies))
	}
}

// TestCountsTellNothing: counts beside hidden things are those of what the
// asker sees, and what is asked with the id of a hidden thing is answered as
// with one that never was.
func TestCountsTellNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, of := range []struct {
		who                   *person
		tracks, open, juns    uint64
		listsOfMina, likesToo int
	}{
		{w.visitor(), 1, 1, 2, 1, 1},
		{w.jun, 1, 1, 2, 1, 1},
		{w.sora, 1, 1, 2, 2, 1}, // that for followers too
		{w.keeper, 1, 1, 2, 1, 1},
		{w.mina, 1, 2, 2, 2, 2},
	} {
		p := of.who
		u := as[wire.User](p.get(user(w.mina)))
		open, juns := as[wire.Playlist](p.get(w.fill("/api/playlists/{open}"))), as[wire.Playlist](p.get(w.fill("/api/playlists/{juns-list}")))
		if u.Tracks != of.tracks || open.Tracks != of.open || juns.Tracks != of.juns {
			t.Errorf("%s counts %d tracks, %d and %d in lists; want %d, %d and %d", p.name, u.Tracks, open.Tracks, juns.Tracks, of.tracks, of.open, of.juns)
		}
		if want := int64(of.open) * w.public.DurationMS; open.DurationMS < want-2 || open.DurationMS > want+2 {
			t.Errorf("%s: the list lasts %d ms, want %d", p.name, open.DurationMS, want)
		}
		if n := len(list[wire.Playlist](p, user(w.mina, "playlists"), "1")); n != of.listsOfMina {
			t.Errorf("%s: %d playlists of mina, want %d", p.name, n, of.listsOfMina)
		}
		if n := len(list[wire.Track](p, user(w.mina, "likes"), "1")); n != of.likesToo {
			t.Errorf("%s: mina likes %d tracks, want %d", p.name, n, of.likesToo)
		}
	}
	juns := as[wire.Playlist](w.haru.get(w.fill("/api/playlists/{juns-list}")))
	if juns.Tracks != 1 || juns.Picture == nil || !strings.Contains(juns.Picture.Small, w.juns.ID) {
		t.Errorf("the list of jun, as haru sees it: %+v", juns)
	}
	for _, path := range []string{"/api/me/playlists?track={private}", "/api/playlists?track={private}"} {
		if got, absent := w.jun.get(w.fill(path)), w.jun.get(w.absent(path)); told(got) != told(absent) {
			t.Errorf("%s answers %s, and for what never was %s", path, told(got), told(absent))
		}
	}
	for _, l := range []wire.Playlist{w.open, w.shut} { // a place before what is not in the list, known or not
		for _, before := range []string{"{juns}", "{never}"} {
			w.mina.put(playlist(l, "tracks", w.public.ID), wire.PlaylistPlace{Before: w.fill(before)}).fails(409, "playlist.place")
		}
	}
	w.jun.put(w.fill("/api/playlists/{juns-list}/tracks/{juns}"), wire.PlaylistPlace{Before: w.private.ID}).fails(409, "playlist.place")
	w.jun.put(w.fill("/api/playlists/{juns-list}/tracks/{juns}"), wire.PlaylistPlace{Before: never}).fails(409, "playlist.place")
}

// TestNoticesTellNothing: nobody is told of what they may not see, nor by
// somebody who is hidden from them.
func TestNoticesTellNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := map[*person]string{}
	for _, p := range []*person{w.mina, w.jun, w.sora, w.haru} {
		before[p] = brief(p.notices(50))
	}
	w.mina.say(w.private.ID, 0, "For @jun, @sora and @haru, who may not see this")
	w.mina.say(w.public.ID, 0, "For @haru, whom I block")
	w.haru.say(w.juns.ID, 0, "For @mina, who blocks me")
	w.mina.drawn(w.mina.upload("another.mp3", w.sound, "private").ID)
	for _, p := range []*person{w.mina, w.sora, w.haru} {
		if now := brief(p.notices(50)); now != before[p] && !(p == w.sora && strings.Contains(now, "new_track")) {
			t.Errorf("%s is told: before %s, now %s", p.name, before[p], now)
		}
	}
	for _, n := range w.jun.notices(50) {
		if n.Kind == "mention" || n.Track != nil && n.Track.ID == w.private.ID {
			t.Errorf("jun is told of what he may not see: %+v", n)
		}
	}
	for _, p := range []*person{w.jun, w.sora, w.haru} {
		w.holdsBack(p, "notifications", p.get("/api/me/notifications"))
		w.holdsBack(p, "state", p.get("/api/me/state"))
	}
}

// TestMailApart: after a block each reads what was written, and learns nothing
// new of the other.
func TestMailApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.fill("/api/conversations/{old-talk}")
	w.haru.post(at+"/seen", wire.Seen{UpTo: w.fill("{old-message}")}).want(200)
	for _, p := range []*person{w.mina, w.haru} {
		c := p.conversation(at)
		if c.CanWrite || c.SeenTo != "" || c.Last.Seen || c.With == nil || c.With.Picture != nil || !c.Last.Missing && p == w.haru {
			t.Errorf("%s sees %+v with %+v and %+v", p.name, c, c.With, c.Last)
		}
	}
}

// TestRecommendationsTellNothing: what became private is no reason any more,
// and what somebody does with their private tracks never was.
func TestRecommendationsTellNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bora := w.member("nari")
	bora.put(w.fill("/api/tracks/{public}/like"), nil).want(200)
	recommended := func(p *person) string { return string(p.get("/api/recommendations/users").want(200).body) }
	if !strings.Contains(recommended(bora), w.mina.me.ID) {
		t.Fatal("mina is not recommended to who likes her track")
	}
	w.mina.patch(w.fill("/api/tracks/{public}"), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	for _, p := range []*person{bora, w.haru, w.jun} {
		body := recommended(p)
		if strings.Contains(body, w.public.ID) || strings.Contains(body, w.private.ID) || p != w.jun && strings.Contains(body, w.mina.me.ID) {
			t.Errorf("%s is recommended: %s", p.name, body)
		}
	}
}

// TestDiscoveringTellsNothing: what is private, of a suspended owner or of
// somebody behind a block is on no shelf, is like nothing, plays in no station
// and is counted nowhere, and comes back at once when it may.
func TestDiscoveringTellsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, p := range []*person{w.mina, w.jun, w.sora, w.haru, w.keeper} {
		p.put(w.fill("/api/tracks/{juns}/like"), nil).want(200)
	}
	paths := []string{"/api/home", "/api/tags", "/api/tags/{our-tag}", "/api/tags/{our-tag}/tracks", "/api/tags/{our-tag}/tracks?order=popular",
		"/api/tracks/{juns}/similar?limit=30", "/api/stations/tracks/{juns}?limit=100", "/api/stations/tags/{our-tag}?limit=100"}
	shows := func(what string, want bool, people ...*person) {
		t.Helper()
		for _, p := range people {
			for _, path := range paths {
				body := string(p.get(w.fill(path)).want(200).body)
				if got := strings.Contains(body, w.public.ID) || strings.Contains(body, "of mina"); got != want {
					t.Errorf("%s: %s is shown the track at %s: %t, want %t: %s", what, p.name, path, got, want, shorten([]byte(body)))
				}
				if strings.Contains(body, w.private.ID) || strings.Contains(body, "secret") || strings.Contains(body, w.shut.ID) {
					t.Errorf("%s: %s is shown at %s what is private: %s", what, p.name, path, shorten([]byte(body)))
				}
			}
			tag := as[wire.TagPage](p.get(w.fill("/api/tags/{our-tag}")))
			if n := map[bool]uint64{true: 2, false: 1}[want]; tag.Tracks != n {
				t.Errorf("%s: %s counts %d tracks, want %d", what, p.name, tag.Tracks, n)
			}
		}
	}
	// Her own home has what she likes herself; her private track is not like it.
	w.mina.delete(w.fill("/api/tracks/{private}/like")).want(200)
	others := []*person{w.visitor(), w.jun, w.sora, w.keeper}
	everybody := append(others, w.mina)
	shows("at first", true, everybody...)
	shows("at first", false, w.haru)
	w.mina.patch(w.fill("/api/tracks/{public}"), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	shows("private", false, append(everybody, w.haru)...)
	w.mina.patch(w.fill("/api/tracks/{public}"), wire.TrackPatch{Visibility: ptr("public")}).want(200)
	shows("public", true, everybody...)
	w.jun.put(user(w.mina, "block"), nil).want(204)
	shows("blocked", false, w.jun)
	w.jun.delete(user(w.mina, "block")).want(204)
	shows("unblocked", true, w.jun)
	w.keeper.put(user(w.mina, "suspension"), nil).want(200)
	shows("suspended", false, append(others, w.haru)...)
	w.keeper.delete(user(w.mina, "suspension")).want(200)
	shows("let back", true, others...)
	w.haru.get("/api/home").want(200)
	w.keeper.delete(w.fill("/api/tracks/{public}")).want(204)
	shows("deleted", false, append(others, w.haru)...)
}

// TestForgedCursors gives every list cursors that are not its own: of other
// lists, of the same list of somebody else, cut, turned, and made up.
func TestForgedCursors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// Each list gets two of what it lists.
	w.mina.put(user(w.jun, "follow"), nil).want(200)
	w.jun.put(user(w.mina, "follow"), nil).want(200)
	w.jun.put(w.fill("/api/tracks/{public}/like"), nil).want(200)
	w.jun.put(w.fill("/api/tracks/{public}/repost"), nil).want(200)
	w.jun.send(w.mina, wire.NewMessage{Text: "One"})
	w.sora.send(w.mina, wire.NewMessage{Text: "Two"})
	w.sora.say(w.public.ID, 1, "Three")
	w.sora.reply(as[wire.Comment](w.sora.get(w.fill("/api/comments/{said}"))), "Four")
	w.mina.put(w.fill("/api/tracks/{juns}/like"), nil).want(200)
	w.mina.put(user(w.ofBystander(), "block"), nil).want(204)
	w.lists("Another", "public")
	w.mina.sings("Of mina")

	lists := []string{
		"/api/stream", "/api/charts", "/api/charts?period=all", "/api/me/tracks", "/api/me/notifications", "/api/me/likes", "/api/me/playlists", "/api/me/blocks", "/api/conversations",
		"/api/conversations/{talk}/messages", "/api/users/{mina}/tracks", "/api/users/{mina}/playlists", "/api/users/{mina}/followers", "/api/users/{mina}/following",
		"/api/tracks/{public}/likers", "/api/tracks/{public}/reposters", "/api/tracks/{public}/comments", "/api/tracks/{public}/comments?order=newest",
		"/api/comments/{said}/replies", "/api/playlists/{open}/tracks",
		"/api/tags", "/api/tags/{her-tag}/tracks", "/api/tags/{her-tag}/tracks?order=popular",
	}
	with := func(path, query string) string {
		if strings.Contains(path, "?") {
			return w.fill(path) + "&" + query
		}
		return w.fill(path) + "?" + query
	}
	cursors := map[string]string{}
	for _, path := range lists {
		page := as[wire.List[struct {
			ID string `json:"id"`
		}]](w.mina.get(with(path, "limit=1")))
		if page.Next == "" {
			t.Fatalf("%s has no second page", path)
		}
		cursors[path] = page.Next
		w.mina.get(with(path, "cursor="+page.Next)).want(200)
		raw, _ := base64.RawURLEncoding.DecodeString(page.Next)
		if id := page.Items[0].ID; id != "" && strings.Contains(page.Next+string(raw), id) {
			t.Errorf("the cursor of %s has an id in clear", path)
		}
	}
	for _, path := range lists {
		own := cursors[path]
		forged := []string{own[:len(own)-1], own + "A", own[1:], flip(own), strings.Repeat("A", len(own)), "x", strings.Repeat("A", 190)}
		for other, cursor := range cursors {
			if other != path {
				forged = append(forged, cursor)
			}
		}
		for _, cursor := range forged {
			w.mina.get(with(path, "cursor="+cursor)).fails(400, "cursor.invalid")
		}
		if regexp.MustCompile(`^/api/(me/|conversations$|stream)`).MatchString(path) {
			w.sora.get(with(path, "cursor="+own)).fails(400, "cursor.invalid") // it is hers alone
		}
		if strings.Contains(path, "{") && !strings.Contains(path, "talk") {
			w.haru.get(with(path, "cursor="+own)).fails(404, "not_found") // a cursor opens nothing
		}
	}
}

// ofBystander is a member of whom nothing is known but the id.
func (w *world) ofBystander() *person {
	p := w.visitor()
	p.me.ID = w.ids["bystander"]
	return p
}

// flip changes one letter in the middle.
func flip(s string) string {
	b := []byte(s)
	if i := len(b) / 2; b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

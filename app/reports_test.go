package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// reports gives the reports in a state as the keeper sees them.
func reports(k *person, state string) []wire.Report {
	k.h.t.Helper()
	return list[wire.Report](k, "/api/reports?state="+state, "2")
}

// remark has somebody comment on a track.
func remark(p *person, track, words string) wire.Comment {
	p.h.t.Helper()
	return made[wire.Comment](p.post("/api/tracks/"+track+"/comments", wire.NewComment{Text: words}))
}

func TestReports(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	private := mina.upload("private.mp3", tagged(t, "Secret"), "private")
	said := remark(mina, track.ID, "Something bad "+strings.Repeat("x", 500))
	album := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "An album", Kind: "album", Visibility: "public"}))
	shut := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "A secret"}))

	report := func(p *person, kind, id string) answer {
		t.Helper()
		return p.post("/api/reports", wire.NewReport{Kind: kind, ID: id, Reason: "spam", Text: " Look\u202e at this. "})
	}
	report(jun, "track", track.ID).want(204)
	report(jun, "track", track.ID).want(204)
	report(sora, "track", track.ID).want(204)
	report(jun, "comment", said.ID).want(204)
	report(jun, "playlist", album.ID).want(204)
	report(jun, "user", mina.me.ID).want(204)

	for kind, id := range map[string]string{"track": track.ID, "comment": said.ID, "playlist": album.ID, "user": mina.me.ID} {
		report(mina, kind, id).fails(400, "report.own")
		report(h.visitor(), kind, id).fails(401, "signin.needed")
		report(jun, kind, "0000000000001").fails(404, "not_found")
	}
	report(jun, "track", private.ID).fails(404, "not_found")
	report(jun, "playlist", shut.ID).fails(404, "not_found")
	kai := h.member("kai")
	his := remark(kai, track.ID, "Hidden from jun")
	jun.put(user(kai, "block"), nil).want(204)
	report(jun, "comment", his.ID).fails(404, "not_found")
	report(jun, "playlist", track.ID).fails(404, "not_found")
	report(jun, "user", track.ID).fails(404, "not_found")
	jun.post("/api/reports", wire.NewReport{Kind: "track", ID: track.ID, Reason: "boredom"}).want(400)
	jun.post("/api/reports", wire.NewReport{Kind: "house", ID: track.ID, Reason: "spam"}).want(400)
	jun.post("/api/reports", wire.NewReport{Kind: "track", ID: track.ID, Reason: "spam", Text: strings.Repeat("가", 1001)}).want(400)
	jun.get("/api/reports").fails(403, "forbidden")
	jun.get("/api/reports?state=strange").want(403)
	k.get("/api/reports?state=strange").want(400)

	open := reports(k, "open")
	var got []string
	for _, r := range open {
		got = append(got, fmt.Sprintf("%s of a %s by %s: %s, at %s", r.State, r.Kind, r.By.Username, cutTo(r.About, 13), strings.ReplaceAll(r.URL, said.ID, "ID")))
		if r.Owner == nil || r.Owner.ID != mina.me.ID || r.Text != "Look at this." || r.Reason != "spam" || r.Created.IsZero() || !r.Answered.IsZero() {
			t.Errorf("got report %+v", r)
		}
		if len(r.About) > 200 {
			t.Errorf("a report keeps %d bytes of what it is about", len(r.About))
		}
	}
	want := []string{
		"open of a user by jun: mina, at /mina",
		"open of a playlist by jun: An album, at /mina/playlists/an-album",
		"open of a comment by jun: Something bad, at /mina/song?comment=ID",
		"open of a track by sora: Song, at /mina/song",
		"open of a track by jun: Song, at /mina/song",
	}
	if !slices.Equal(got, want) {
		t.Fatalf("open reports: got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	answer := func(r wire.Report, do string) answer {
		t.Helper()
		return k.post("/api/reports/"+r.ID+"/answer", wire.ReportAnswer{Do: do})
	}
	jun.post("/api/reports/"+open[0].ID+"/answer", wire.ReportAnswer{Do: "dismiss"}).fails(403, "forbidden")
	k.post("/api/reports/0000000000001/answer", wire.ReportAnswer{Do: "dismiss"}).fails(404, "not_found")
	answer(open[0], "burn").want(400)
	answer(open[0], "remove").fails(400, "report.user")

	// Dismissed: both reports of the track, and the track stays.
	if r := as[wire.Report](answer(open[4], "dismiss")); r.State != "dismissed" || r.Answered.IsZero() {
		t.Errorf("dismissed: got %+v", r)
	}
	answer(open[3], "dismiss").fails(409, "report.answered")
	if got := states(k); got != "open user, open playlist, open comment; dismissed track, dismissed track" {
		t.Errorf("after a dismissal: %s", got)
	}
	jun.get("/api/tracks/" + track.ID).want(200)

	// Reported again, and removed: the track is gone.
	report(sora, "track", track.ID).want(204)
	report(jun, "track", track.ID).want(204)
	again := reports(k, "open")[0]
	if r := as[wire.Report](answer(again, "remove")); r.State != "removed" || r.URL != "" {
		t.Errorf("removed: got %+v", r)
	}
	mina.get("/api/tracks/"+track.ID).fails(404, "not_found")
	// The comment went with the track: its report is answered by and by.
	eventually(t, k, "open user, open playlist; removed track, removed track, removed comment, dismissed track, dismissed track")

	// Suspended: mina is out.
	if r := as[wire.Report](answer(open[1], "suspend")); r.State != "suspended" || !r.Owner.Suspended {
		t.Errorf("suspended: got %+v", r)
	}
	mina.get("/api/me").fails(401, "signin.needed")
	jun.get(user(mina)).fails(404, "not_found")
	if got := states(k); !strings.HasPrefix(got, "open user; ") {
		t.Errorf("after a suspension: %s", got)
	}
	report(jun, "user", k.me.ID).want(204)
	answer(reports(k, "open")[0], "suspend").fails(409, "suspend.keeper")
}

// TestReportsOfTheDeleted answers reports when others delete what they are
// about.
func TestReportsOfTheDeleted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	other := mina.upload("other.mp3", tagged(t, "Other"), "public")
	said := remark(mina, track.ID, "Well")
	album := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "An album", Visibility: "public"}))
	for kind, id := range map[string]string{"track": track.ID, "comment": said.ID, "playlist": album.ID, "user": mina.me.ID} {
		jun.post("/api/reports", wire.NewReport{Kind: kind, ID: id, Reason: "other"}).want(204)
	}
	jun.post("/api/reports", wire.NewReport{Kind: "track", ID: other.ID, Reason: "other"}).want(204)
	left := func(n int) {
		t.Helper()
		if got := reports(k, "open"); len(got) != n {
			t.Errorf("got %d open reports, want %d: %s", len(got), n, states(k))
		}
	}
	left(5)
	mina.delete("/api/comments/" + said.ID).want(204)
	left(4)
	mina.delete("/api/playlists/" + album.ID).want(204)
	left(3)
	mina.delete("/api/tracks/" + track.ID).want(204)
	left(2)
	jun.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204) // who reported
	deleted(t, h, jun)
	for _, r := range append(reports(k, "open"), reports(k, "answered")...) {
		if r.By != nil {
			t.Errorf("a report of a deleted account is signed: %+v", r)
		}
	}
	mina.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	deleted(t, h, mina)
	left(0)
	for _, r := range reports(k, "answered") {
		if r.State != "removed" || r.Owner != nil || r.URL != "" || r.Answered.IsZero() {
			t.Errorf("got %+v", r)
		}
	}
}

// TestReportsAreAnsweredOnce has two answers come at once: one counts, and
// nobody is suspended by the other.
func TestReportsAreAnsweredOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	for range 10 {
		jun.post("/api/reports", wire.NewReport{Kind: "user", ID: mina.me.ID, Reason: "spam"}).want(204)
		path := "/api/reports/" + reports(k, "open")[0].ID + "/answer"
		other := make(chan answer)
		go func() { other <- k.post(path, wire.ReportAnswer{Do: "suspend"}) }()
		dismissed, suspended := k.post(path, wire.ReportAnswer{Do: "dismiss"}), <-other
		lost := dismissed
		if dismissed.status == 200 {
			lost = suspended
		}
		lost.fails(409, "report.answered")
		got := k.get(user(mina)).want(200)
		if is := as[wire.User](got).Suspended; is != (suspended.status == 200) {
			t.Fatalf("suspended %t, though the suspension got %d", is, suspended.status)
		}
		k.delete(user(mina, "suspension")).want(200)
	}
}

func TestReportsAreLimited(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	for range 20 {
		jun.post("/api/reports", wire.NewReport{Kind: "user", ID: mina.me.ID, Reason: "other"}).want(204)
	}
	a := jun.post("/api/reports", wire.NewReport{Kind: "user", ID: mina.me.ID, Reason: "other"}).fails(429, "limited")
	if a.header.Get("Retry-After") == "" {
		t.Error("nothing says when to try again")
	}
	mina.post("/api/reports", wire.NewReport{Kind: "user", ID: jun.me.ID, Reason: "other"}).want(204)
}

// TestSuspendedAreToldNothing lets much happen that mina would be told of, while
// she is suspended: she finds nothing of it when she is back.
func TestSuspendedAreToldNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	for _, p := range []*person{mina, sora} {
		p.put(user(jun, "follow"), nil).want(200)
	}
	his := jun.sing("his", "public")
	root := jun.say(his.ID, 0, "Who is here?")
	mina.reply(root, "I am")
	eventuallyTold(t, mina, "new_track:jun*")
	eventuallyTold(t, sora, "new_track:jun*")
	mina.seen(mina.notices(1)[0].ID)

	k.put(user(mina, "suspension"), nil).want(200)
	sora.reply(root, "Me too")           // to a thread of hers
	sora.say(his.ID, 0, "Listen, @mina") // by name
	jun.sing("another", "public")        // by whom she follows
	jun.put(user(mina, "follow"), nil).fails(404, "not_found")
	jun.post(user(mina, "messages"), wire.NewMessage{Text: "Hi"}).fails(404, "not_found")
	eventuallyTold(t, sora, "new_track:jun* new_track:jun*")

	k.delete(user(mina, "suspension")).want(200)
	mina.become(mina.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}), 200)
	mina.told("new_track:jun")
	if s := mina.state(); s.Notifications != 0 || s.Messages != 0 {
		t.Errorf("the state is %+v", s)
	}
	sora.say(his.ID, 0, "Welcome, @mina")
	mina.told("mention:sora* new_track:jun")
	h.check()
}

// eventuallyTold waits until somebody was told just this.
func eventuallyTold(t *testing.T, p *person, want string) {
	t.Helper()
	for range 200 {
		if brief(p.notices(100)) == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.told(want)
}

// TestSuspension takes an account out of the house and puts it back.
func TestSuspension(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	his := jun.upload("his.mp3", tagged(t, "His"), "public")
	remark(mina, his.ID, "Well")
	hi := remark(jun, track.ID, "Hi")
	mina.post("/api/playlists", wire.NewPlaylist{Title: "A list", Visibility: "public", Tracks: []string{his.ID}}).want(201)
	mina.put(user(jun, "follow"), nil).want(200)
	jun.put(user(mina, "follow"), nil).want(200)

	jun.put(user(mina, "suspension"), nil).fails(403, "forbidden")
	mina.delete(user(mina, "suspension")).fails(403, "forbidden")
	k.put(user(k, "suspension"), nil).fails(409, "suspend.keeper")
	if u := as[wire.User](k.put(user(mina, "suspension"), nil)); !u.Suspended || u.ID != mina.me.ID {
		t.Errorf("suspended: got %+v", u)
	}
	k.put(user(mina, "suspension"), nil).want(200)

	mina.get("/api/me").fails(401, "signin.needed")
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).fails(403, "account.suspended")
	hidden := []string{user(mina), user(mina, "tracks"), user(mina, "followers"), "/api/tracks/" + track.ID,
		"/api/tracks/" + track.ID + "/stream.mp4", "/api/resolve?path=/mina", "/api/resolve?path=" + track.URL}
	for _, path := range hidden {
		jun.get(path).fails(404, "not_found")
		h.visitor().get(path).fails(404, "not_found")
	}
	lists := []string{"/api/stream", user(jun, "followers"), user(jun, "following"), "/api/tracks/" + his.ID + "/comments"}
	for _, path := range lists {
		if body := string(jun.get(path).want(200).body); strings.Contains(body, mina.me.ID) {
			t.Errorf("%s shows a suspended person: %s", path, body)
		}
	}
	k.get(user(mina)).want(200)
	if tr := as[wire.Track](k.get("/api/tracks/" + track.ID)); tr.Stream.MP4 != "" || !tr.Can.Delete {
		t.Errorf("the keeper's label of a suspended person's track: %+v", tr)
	}
	k.get("/api/tracks/"+track.ID+"/stream.mp4").fails(404, "not_found")
	live := jun.listen("/api/events")
	k.delete("/api/comments/" + hi.ID).want(204)
	remark(k, his.ID, "Mind your words")
	if e := live.next("comment"); e.Track != his.ID {
		t.Errorf("jun hears of a comment on a suspended person's track: %+v", e)
	}

	if u := as[wire.User](k.delete(user(mina, "suspension"))); u.Suspended {
		t.Error("still suspended")
	}
	mina.get("/api/me").fails(401, "signin.needed") // a session that ended stays ended
	mina.become(mina.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}), 200)
	for _, path := range hidden {
		jun.get(path).want(200)
	}
	for _, path := range lists {
		if body := string(jun.get(path).want(200).body); !strings.Contains(body, mina.me.ID) {
			t.Errorf("%s does not show mina again: %s", path, body)
		}
	}
}

// states tells the reports in short, the open ones first.
func states(k *person) string {
	k.h.t.Helper()
	short := func(list []wire.Report) string {
		var words []string
		for _, r := range list {
			words = append(words, r.State+" "+r.Kind)
		}
		return strings.Join(words, ", ")
	}
	return short(reports(k, "open")) + "; " + short(reports(k, "answered"))
}

// eventually waits for the reports to be as they should.
func eventually(t *testing.T, k *person, want string) {
	t.Helper()
	got := ""
	for range 300 {
		if got = states(k); got == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("reports: got %s, want %s", got, want)
}

func cutTo(s string, n int) string { return s[:min(n, len(s))] }

// made is as for the answer about something new.
func made[T any](a answer) T {
	a.t.Helper()
	var v T
	a.want(201).into(&v)
	return v
}

// TestTheKeepersPeople lists everybody but those who are leaving.
func TestTheKeepersPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	jun.sing("song", "public")
	jun.sing("shut", "private")
	names := func(limit string) string {
		t.Helper()
		var all []string
		for _, u := range list[wire.User](k, "/api/users", limit) {
			s := u.Username
			if u.Suspended {
				s += "!"
			}
			if u.Tracks > 0 {
				s += fmt.Sprint(u.Tracks)
			}
			all = append(all, s)
		}
		return strings.Join(all, " ")
	}
	want := func(want string) {
		t.Helper()
		for _, limit := range []string{"1", "3", "100"} {
			if got := names(limit); got != want {
				t.Errorf("by %s: got %q, want %q", limit, got, want)
			}
		}
	}
	owner := k.me.Username
	want("sora jun1 mina " + owner)
	k.put(user(mina, "suspension"), nil).want(200)
	sora.put(user(k, "block"), nil).want(204) // hides nothing from the keeper
	want("sora jun1 mina! " + owner)
	if got := as[wire.List[wire.Account]](k.get("/api/users")).Items[0]; got.Email != "sora@home.example" {
		t.Errorf("the keeper is told the address %q", got.Email)
	}
	first := as[wire.List[wire.User]](k.get("/api/users?limit=2"))
	h.member("haru") // who comes meanwhile moves nothing
	rest := as[wire.List[wire.User]](k.get("/api/users?cursor=" + first.Next))
	if len(rest.Items) != 2 || rest.Items[0].ID != mina.me.ID || rest.Next != "" {
		t.Errorf("the second page is %+v", rest)
	}
	k.delete(user(mina)).want(204)
	want("haru sora jun1 " + owner)
	jun.get("/api/users").fails(403, "forbidden")
	h.visitor().get("/api/users").fails(401, "signin.needed")
}

package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// released publishes what is due, as the house does every few seconds.
func (h *house) released() {
	h.t.Helper()
	if err := h.app.Core().ReleaseDue(context.Background()); err != nil {
		h.t.Fatalf("publish what is due: %v", err)
	}
}

// at is a release.
func at(when time.Time, as string) wire.ReleasePatch {
	return wire.ReleasePatch{At: when, As: as}
}

func visibilityOf(p *person, path string) string {
	p.h.t.Helper()
	var v struct{ Visibility string }
	p.get(path).want(200).into(&v)
	return v.Visibility
}

// TestRelease sets releases of tracks and playlists: nobody but the owner knows
// of them, each happens at its time and not before, followers are told then, and
// the stream shows it at its moment.
func TestRelease(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	sora.put(user(mina, "follow"), nil).want(200)
	open, fans, linked := mina.sing("open", "private"), mina.sing("fans", "private"), mina.sing("linked", "link")
	for _, tr := range []wire.Track{open, fans, linked} {
		mina.drawn(tr.ID)
	}
	list := mina.compile("list", "private", open, fans)
	noon := today.Add(16 * time.Hour)
	for path, release := range map[string]wire.ReleasePatch{
		track(open): at(noon.Add(42*time.Second), "public"), track(fans): at(noon.Add(time.Minute), "followers"),
		track(linked): at(noon.Add(2*time.Minute), "public"), playlist(list): at(noon, "followers"),
	} {
		var got struct{ Release *wire.Release }
		mina.patch(path, wire.TrackPatch{Release: release}).want(200).into(&got)
		if want := release.At.Truncate(time.Minute); got.Release == nil || !got.Release.At.Equal(want) || got.Release.As != release.As {
			t.Errorf("%s: got release %+v, want %v as %s", path, got.Release, want, release.As)
		}
		if a := k.get(path).want(200); strings.Contains(string(a.body), "release") {
			t.Errorf("the keeper's label tells of the release: %s", a.body)
		}
	}
	if s := string(mina.get("/api/me/tracks").want(200).body); strings.Count(s, `"release":`) != 3 {
		t.Errorf("the own list does not tell of the releases: %s", s)
	}
	ids := []string{open.ID, fans.ID, linked.ID, list.ID}
	sees := func(p *person, want ...bool) {
		t.Helper()
		for i, path := range []string{track(open), track(fans), track(linked), playlist(list)} {
			if got := p.get(path).status == 200; got != want[i] {
				t.Errorf("%s: %s sees %s: %t, want %t", c.now().Format(time.TimeOnly), p.name, ids[i], got, want[i])
			}
		}
	}
	h.released()
	sees(sora, false, false, false, false)
	c.set(noon.Add(-time.Second))
	h.released()
	h.reopen()
	sees(sora, false, false, false, false)
	sora.told("")

	c.set(noon)
	phone, desk := sora.listen("/api/events"), mina.listen("/api/events")
	phone.place()
	desk.place()
	h.released()
	sees(sora, true, false, false, true)
	sees(jun, true, false, false, false)
	if e := desk.next("track"); e.Track != open.ID {
		t.Errorf("mina's page is told of %+v", e)
	}
	phone.next("notice")
	mina.worked()
	sora.told("new_track:mina*")
	jun.told("")
	stream := as[wire.List[wire.Track]](sora.get("/api/stream"))
	if len(stream.Items) != 1 || stream.Items[0].ID != open.ID || stream.Items[0].Since.Sub(noon).Abs() > time.Second || stream.Items[0].Release != nil {
		t.Errorf("the stream at noon: %+v", stream.Items)
	}
	if tr := as[wire.Track](mina.get(track(open))); tr.Visibility != "public" || tr.Release != nil {
		t.Errorf("after its release: %+v", tr)
	}

	c.jump(time.Minute)
	h.released()
	sees(sora, true, true, false, true)
	sees(jun, true, false, false, false)
	c.jump(10 * time.Minute)
	h.released()
	sees(jun, true, false, true, false)
	sora.streams("linked fans open")
	k.settled()
	jun.finds("linked", "t:linked")
	h.released()
	h.check()
}

// TestReleaseChanges changes, cancels and forestalls releases, and asks for what
// can't be one.
func TestReleaseChanges(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	song := mina.sing("song", "private")
	list := mina.compile("list", "link", song)
	for _, path := range []string{track(song), playlist(list)} {
		hidden := visibilityOf(mina, path)
		patch := func(body any) answer { return mina.patch(path, body) }
		set := func(when time.Time, as string) answer { return patch(wire.TrackPatch{Release: at(when, as)}) }
		set(today, "public").fails(400, "release.past")
		set(today.Add(30*time.Second), "public").fails(400, "release.past")
		set(today.Add(-day), "public").fails(400, "release.past")
		set(time.Time{}, "public").fails(400, "release.past")
		set(today.Add(367*day), "public").fails(400, "release.far")
		set(today.Add(day), "private").want(400)
		set(today.Add(day), "link").want(400)
		set(today.Add(day), "").want(400)
		patch(`{"release":{"at":"soon","as":"public"}}`).want(400)
		patch(`{"release":{"at":"2026-12-24T10:00:00Z"}}`).want(400)
		patch(`{"release":{"as":"public"}}`).want(400)
		patch(`{"release":{"at":"2026-12-24T10:00:00Z","as":"public","by":"me"}}`).want(400)
		patch(`{"release":true}`).want(400)
		jun.patch(path, wire.TrackPatch{Release: at(today.Add(day), "public")}).fails(404, "not_found")

		set(today.Add(366*day), "public").want(200)
		set(today.Add(time.Hour), "followers").want(200)     // earlier, for fewer
		set(today.Add(2*time.Hour), "public").want(200)      // later
		patch(wire.TrackPatch{Title: ptr("Song")}).want(200) // stays
		c.jump(time.Hour)
		h.released()
		if got := visibilityOf(mina, path); got != hidden {
			t.Errorf("%s is %s, at the time it had before", path, got)
		}
		patch(`{"release":null}`).want(200)
		c.jump(2 * time.Hour)
		h.released()
		if got := visibilityOf(mina, path); got != hidden {
			t.Errorf("%s is %s, though its release was cancelled", path, got)
		}
		patch(`{"release":null}`).want(200) // there is none
		other := map[string]string{"private": "link", "link": "private"}[hidden]
		set(c.now().Add(time.Hour), "followers").want(200)
		patch(wire.TrackPatch{Visibility: &other}).want(200) // either waits
		for _, by := range []string{"public", "followers"} {
			patch(wire.TrackPatch{Visibility: &by}).want(200) // by hand
			set(c.now().Add(time.Hour), "public").fails(409, "release.published")
			patch(wire.TrackPatch{Visibility: &hidden}).want(200)
			c.jump(2 * time.Hour)
			h.released()
			if got := visibilityOf(mina, path); got != hidden {
				t.Errorf("%s is %s, though what was planned had been done by hand", path, got)
			}
		}
		// Hidden and planned at once.
		patch(wire.TrackPatch{Visibility: ptr("public")}).want(200)
		patch(wire.TrackPatch{Visibility: &hidden, Release: at(c.now().Add(time.Hour), "public")}).want(200)
		patch(wire.TrackPatch{Visibility: ptr("public"), Release: at(c.now().Add(time.Hour), "public")}).fails(409, "release.published")
		mina.delete(path).want(204)
		c.jump(2 * time.Hour)
		h.released()
		mina.get(path).fails(404, "not_found")
		c.set(today)
	}
	made := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "Planned", Release: &wire.Release{At: today.Add(day), As: "public"}}))
	if made.Release == nil || made.Visibility != "private" {
		t.Errorf("a playlist that is planned: %+v", made)
	}
	mina.post("/api/playlists", wire.NewPlaylist{Title: "Planned", Visibility: "public", Release: &wire.Release{At: today.Add(day), As: "public"}}).fails(409, "release.published")
	mina.post("/api/playlists", wire.NewPlaylist{Title: "Planned", Release: &wire.Release{At: today, As: "public"}}).fails(400, "release.past")
	h.check()
}

// TestReleaseOfOwners: what a suspended account planned waits until it is let
// back, and what is of a deleted one never comes.
func TestReleaseOfOwners(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	sora.put(user(mina, "follow"), nil).want(200)
	sora.put(user(jun, "follow"), nil).want(200)
	song, list, gone := mina.sing("song", "private"), mina.compile("list", "private"), jun.sing("gone", "private")
	for p, paths := range map[*person][]string{mina: {track(song), playlist(list)}, jun: {track(gone)}} {
		for _, path := range paths {
			p.patch(path, wire.TrackPatch{Release: at(today.Add(time.Hour), "public")}).want(200)
		}
	}
	k.put(user(mina, "suspension"), nil).want(200)
	jun.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	c.jump(2 * time.Hour)
	h.released()
	deleted(t, h, jun)
	h.released()
	sora.told("")
	for _, path := range []string{track(song), playlist(list)} {
		if got := visibilityOf(k, path); got != "private" {
			t.Errorf("%s of a suspended account is %s", path, got)
		}
		sora.get(path).fails(404, "not_found")
	}
	k.delete(user(mina, "suspension")).want(200)
	h.released()
	for _, path := range []string{track(song), playlist(list)} {
		sora.get(path).want(200)
	}
	mina = h.signIn("mina")
	mina.worked()
	sora.told("new_track:mina*")
	h.check()
}

// TestReleaseAndTheClock starts on a machine that does not know the time: a
// clock that begins in 1970 publishes nothing and loses nothing, what came due
// while the house was closed is published at its start, and a clock that jumps
// ahead is believed.
func TestReleaseAndTheClock(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	mina := h.member("mina")
	h.member("jun")
	first, second, third := mina.sing("first", "private"), mina.sing("second", "private"), mina.sing("third", "private")
	mina.patch(track(first), wire.TrackPatch{Release: at(today.Add(time.Hour), "public")}).want(200)
	mina.patch(track(second), wire.TrackPatch{Release: at(today.Add(day), "public")}).want(200)
	mina.patch(track(third), wire.TrackPatch{Release: at(today.Add(300*day), "public")}).want(200)
	shown := func(want string) {
		t.Helper()
		for range 400 { // the house does it by itself as it opens
			if entries(list[wire.Track](h.visitor(), "/api/stream", "10")) == want {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if got := entries(list[wire.Track](h.visitor(), "/api/stream", "10")); got != want {
			t.Errorf("at %v: shown %q, want %q", c.now(), got, want)
		}
	}
	for _, when := range []time.Time{time.Unix(12, 0), time.Unix(-5, 0), today.Add(-10 * year)} {
		c.set(when)
		h.reopen()
		h.released()
		shown("")
	}
	mina = h.signIn("mina")
	if tr := as[wire.Track](mina.get(track(first))); tr.Release == nil || !tr.Release.At.Equal(today.Add(time.Hour)) {
		t.Errorf("the release after a start in the past: %+v", tr.Release)
	}
	mina.patch(track(first), wire.TrackPatch{Release: at(today.Add(2*time.Hour), "public")}).fails(400, "release.far")
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	c.set(today.Add(3 * time.Hour))
	h.open()
	shown("first")
	c.jump(100 * year)
	h.released()
	shown("third second first")
	c.set(today)
	h.reopen()
	shown("third second first")
	if got := h.signIn("jun").get(track(third)).status; got != http.StatusOK {
		t.Errorf("jun gets %d", got)
	}
	h.check()
}

// TestReleasePatchTellsNullFromAbsent reads the three ways a patch can speak of
// a release.
func TestReleasePatchTellsNullFromAbsent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wire.ReleasePatch{
		`{}`:               {},
		`{"release":null}`: {Given: true},
		`{"release":{"at":"2026-12-24T10:00:00Z","as":"public"}}`: {Given: true, At: time.Date(2026, 12, 24, 10, 0, 0, 0, time.UTC), As: "public"},
	} {
		var got wire.TrackPatch
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.Release != want {
			t.Errorf("%s: got %+v, %v; want %+v", text, got.Release, err, want)
		}
	}
}

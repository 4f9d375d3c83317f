package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// reasons writes down what is like a track, and why.
func reasons(p *person, t wire.Track, query string) []string {
	p.h.t.Helper()
	var list []string
	for _, s := range as[wire.List[wire.Similar]](p.get(track(t, "similar") + query)).Items {
		why := s.Reason
		switch s.Reason {
		case "likers":
			why += fmt.Sprint(" ", s.N)
		case "playlist":
			why += fmt.Sprint(" ", s.Playlist.Title, " ", s.N)
		case "tags":
			why += " " + strings.Join(s.Tags, "+")
		}
		list = append(list, s.Track.ID+": "+why)
	}
	return list
}

// TestSimilar finds tracks by each of the reasons, and not by what is hidden
// from who asks.
func TestSimilar(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora, haru := h.member("mina"), h.member("jun"), h.member("sora"), h.member("haru")
	seed := mina.sings("Common", "Rare")
	other := mina.sings("x")
	liked := jun.sings("y")
	rare, common := sora.sings("rare"), sora.sings("common")
	for range 3 {
		k.sings("COMMON")
	}
	listed := haru.sings("z")
	for _, p := range []*person{sora, haru} {
		p.put(track(seed, "like"), nil).want(200)
		p.put(track(liked, "like"), nil).want(200)
	}
	var lists []wire.Playlist
	for _, visibility := range []string{"public", "private"} {
		lists = append(lists, made[wire.Playlist](jun.post("/api/playlists", wire.NewPlaylist{
			Title: "A " + visibility + " list", Visibility: visibility, Tracks: []string{seed.ID, listed.ID},
		})))
	}
	holds := func(what string, p *person, query string, want ...string) {
		t.Helper()
		got := reasons(p, seed, query)
		if len(want) > len(got) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("%s: %s is shown %v, want %v", what, p.name, got, want)
		}
		for _, line := range got {
			if strings.HasPrefix(line, seed.ID) {
				t.Errorf("%s: the track is like itself: %v", what, got)
			}
		}
	}
	lacks := func(what string, p *person, tracks ...wire.Track) {
		t.Helper()
		got := strings.Join(reasons(p, seed, "?limit=30"), ", ")
		for _, tr := range tracks {
			if strings.Contains(got, tr.ID) {
				t.Errorf("%s: %s is shown %s", what, p.name, got)
			}
		}
	}
	likers, inList := liked.ID+": likers 2", listed.ID+": playlist A public list 1"
	tags := []string{rare.ID + ": tags rare", common.ID + ": tags common"}
	for _, p := range []*person{h.visitor(), k, mina, jun} {
		all := reasons(p, seed, "")
		holds("all reasons", p, "", likers, tags[0], inList)
		if len(all) != 8 || !slices.Contains(all, tags[1]) || all[7] != other.ID+": owner" {
			t.Errorf("%s is shown %v, with %s and at last %s of the owner", p.name, all, tags[1], other.ID)
		}
		holds("two of them", p, "?limit=2", likers, tags[0])
	}
	if got := reasons(sora, seed, ""); !slices.Contains(got, liked.ID+": likers 1") {
		t.Errorf("one's own like is a reason: %v", got)
	}

	// Hidden likers give no reason, private tracks and what the blocked have none at all.
	haru.put(user(jun, "block"), nil).want(204)
	if got := reasons(jun, seed, ""); !slices.Contains(got, liked.ID+": likers 1") {
		t.Errorf("jun is shown %v, with the like of haru who blocks him", got)
	}
	lacks("blocked", jun, listed)
	lacks("blocked", haru, liked)
	holds("others", h.visitor(), "", likers, tags[0], inList)
	jun.patch(playlist(lists[0]), wire.PlaylistPatch{Visibility: ptr("private")}).want(200)
	lacks("the playlist is private now", h.visitor(), listed)
	k.put(user(sora, "suspension"), nil).want(200)
	for _, p := range []*person{h.visitor(), k, mina} {
		lacks("suspended", p, rare, common)
		if got := reasons(p, seed, ""); !slices.Contains(got, liked.ID+": likers 1") {
			t.Errorf("%s is shown %v, with the like of a suspended member", p.name, got)
		}
	}
	jun.patch(track(liked), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	lacks("private", jun, liked)
	lacks("private", mina, liked)
	mina.patch(track(seed), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	jun.get(track(seed, "similar")).fails(404, "not_found")
	if got := reasons(mina, seed, ""); len(got) == 0 {
		t.Error("nothing is like an own private track")
	}
	h.visitor().get("/api/tracks/" + seed.ID + "/similar?limit=x").want(400)
}

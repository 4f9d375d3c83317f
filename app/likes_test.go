package app_test

import (
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// sing uploads a short track with a title.
func (p *person) sing(title, visibility string) wire.Track {
	p.h.t.Helper()
	return p.upload(strings.ReplaceAll(title, " ", "_")+".mp3", tone(80), visibility)
}

// track is the address of a track.
func track(t wire.Track, parts ...string) string {
	return "/api/tracks/" + t.ID + strings.Join(append([]string{""}, parts...), "/")
}

// titles names the tracks of a list.
func titles(list []wire.Track) string {
	var all []string
	for _, t := range list {
		all = append(all, t.Title)
	}
	return strings.Join(all, " ")
}

// hears ends the test unless a list of tracks is just this, in pages of any
// size.
func (p *person) hears(path, want string) {
	p.h.t.Helper()
	for _, limit := range []string{"1", "2", "100"} {
		if got := titles(list[wire.Track](p, path, limit)); got != want {
			p.h.t.Errorf("%s: %s by %s: got %q, want %q", p.name, path, limit, got, want)
		}
	}
}

func TestLikes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	v := h.visitor()
	one, two, three := mina.sing("one", "public"), mina.sing("two", "public"), mina.sing("three", "private")

	likes := func(a answer, liked bool, n uint64) {
		t.Helper()
		if got := as[wire.Liked](a); got.Liked != liked || got.Likes != n {
			t.Errorf("%s: got %+v, want %v and %d", a.what, got, liked, n)
		}
	}
	likes(jun.put(track(one, "like"), nil), true, 1)
	likes(jun.put(track(one, "like"), nil), true, 1)
	likes(sora.put(track(one, "like"), nil), true, 2)
	likes(jun.put(track(two, "like"), nil), true, 1)
	likes(mina.put(track(two, "like"), nil), true, 2)
	likes(mina.put(track(three, "like"), nil), true, 1) // the own private one
	jun.put(track(three, "like"), nil).fails(404, "not_found")
	k.put(track(three, "like"), nil).fails(404, "not_found")
	jun.put("/api/tracks/0000000000001/like", nil).fails(404, "not_found")
	v.put(track(one, "like"), nil).fails(401, "signin.needed")

	mina.told("like:jun* like:sora,jun*") // nobody tells of their own
	if got := as[wire.Track](jun.get(track(one))); !got.Liked || got.Counts.Likes != 2 {
		t.Errorf("the track for who likes it: got %v, %+v", got.Liked, got.Counts)
	}
	if got := as[wire.Track](v.get(track(one))); got.Liked || got.Counts.Likes != 2 {
		t.Errorf("the track for a visitor: got %v, %+v", got.Liked, got.Counts)
	}
	for _, limit := range []string{"1", "10"} {
		got := list[wire.User](v, track(one, "likers"), limit)
		if !slices.Equal(usernames(got), []string{"sora", "jun"}) || got[0].Since.IsZero() {
			t.Errorf("likers by %s: got %v since %v", limit, usernames(got), got[0].Since)
		}
	}
	v.get(track(three, "likers")).fails(404, "not_found")
	jun.hears("/api/me/likes", "two one")
	mina.hears("/api/me/likes", "three two")
	mina.hears(user(mina, "likes"), "three two")
	jun.hears(user(mina, "likes"), "two") // without the private one
	k.hears(user(mina, "likes"), "two")
	v.hears(user(jun, "likes"), "two one")
	if got := list[wire.Track](jun, "/api/me/likes", "10"); got[0].Since.IsZero() || !got[0].Liked {
		t.Errorf("an entry of the likes: got %+v", got[0])
	}

	// What was liked and is private now is nowhere, and comes back.
	mina.patch(track(one), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	jun.hears("/api/me/likes", "two")
	v.hears(user(jun, "likes"), "two")
	sora.delete(track(three, "like")).fails(404, "not_found")
	mina.patch(track(one), wire.TrackPatch{Visibility: ptr("public")}).want(200)
	jun.hears("/api/me/likes", "two one")

	likes(jun.delete(track(one, "like")), false, 1)
	likes(jun.delete(track(one, "like")), false, 1)
	jun.hears("/api/me/likes", "two")
	mina.told("like:jun* like:sora*")

	mina.delete(track(two)).want(204)
	jun.hears("/api/me/likes", "")
	jun.put(user(mina, "block"), nil).want(204)
	jun.put(track(one, "like"), nil).fails(404, "not_found")
	mina.get(user(jun, "likes")).fails(404, "not_found")
	h.check()
}

func TestReposts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	v := h.visitor()
	one, two, shut := mina.sing("one", "public"), mina.sing("two", "public"), mina.sing("shut", "private")

	reposts := func(a answer, reposted bool, n uint64) {
		t.Helper()
		if got := as[wire.Reposted](a); got.Reposted != reposted || got.Reposts != n {
			t.Errorf("%s: got %+v, want %v and %d", a.what, got, reposted, n)
		}
	}
	reposts(jun.put(track(one, "repost"), nil), true, 1)
	reposts(jun.put(track(one, "repost"), nil), true, 1)
	reposts(jun.put(track(two, "repost"), nil), true, 1)
	reposts(sora.put(track(one, "repost"), nil), true, 2)
	mina.put(track(one, "repost"), nil).fails(400, "repost.own")
	mina.put(track(shut, "repost"), nil).fails(409, "repost.private")
	jun.put(track(shut, "repost"), nil).fails(404, "not_found")
	v.put(track(one, "repost"), nil).fails(401, "signin.needed")
	mina.told("repost:sora,jun* repost:jun*")

	if got := usernames(list[wire.User](v, track(one, "reposters"), "1")); !slices.Equal(got, []string{"sora", "jun"}) {
		t.Errorf("reposters: got %v", got)
	}
	v.hears(user(jun, "reposts"), "two one")
	if got := as[wire.Track](jun.get(track(one))); !got.Reposted || got.Counts.Reposts != 2 {
		t.Errorf("the track: got %v, %+v", got.Reposted, got.Counts)
	}
	mina.patch(track(two), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	v.hears(user(jun, "reposts"), "one")
	reposts(jun.delete(track(one, "repost")), false, 1)
	reposts(jun.delete(track(one, "repost")), false, 1)
	v.hears(user(jun, "reposts"), "")
	h.check()
}

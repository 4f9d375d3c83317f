package app_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// sings uploads a public track with tags.
func (p *person) sings(tags ...string) wire.Track {
	p.h.t.Helper()
	t := p.upload("song.mp3", tagged(p.h.t, "Song "+strings.Join(tags, " ")), "public")
	return as[wire.Track](p.patch(track(t), wire.TrackPatch{Tags: &tags}).want(200))
}

// inBrief writes tags down with what they count.
func inBrief(tags []wire.Tag) string {
	var list []string
	for _, t := range tags {
		list = append(list, fmt.Sprintf("%s %d", t.Name, t.Tracks))
	}
	return strings.Join(list, ", ")
}

func ids(tracks []wire.Track) (list []string) {
	for _, t := range tracks {
		list = append(list, t.ID)
	}
	return list
}

// TestTagAddresses finds a tag however its name is written, and no other.
func TestTagAddresses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	song := mina.sings("Café del Mar", "하현우", "AC/DC", "100%", "..", ".", "#hash", "a?b#c")
	if want := []string{"Café del Mar", "하현우", "AC/DC", "100%", "hash", "a?b#c"}; !slices.Equal(song.Tags, want) {
		t.Errorf("the tags are %q, want %q", song.Tags, want)
	}
	v := h.visitor()
	for name, want := range map[string]string{
		"Café del Mar": "Café del Mar", "cafe del mar": "Café del Mar", "CAFE\u0301  DEL MAR": "Café del Mar", "ｃａｆｅ del mar ": "Café del Mar",
		"\u1112\u1161\u1112\u1167\u11ab\u110b\u116e": "하현우", "ac/dc": "AC/DC", "100%": "100%", "A?B#C": "a?b#c", "Hash": "hash",
	} {
		at := url.PathEscape(name)
		got := as[wire.TagPage](v.get("/api/tags/" + at))
		if got.Name != want || got.Tracks != 1 || got.URL != "/tags/"+url.PathEscape(want) || len(got.Related) != 5 {
			t.Errorf("%q: got %+v, want %s", name, got, want)
		}
		if list := as[wire.List[wire.Track]](v.get("/api/tags/" + at + "/tracks")); !slices.Equal(ids(list.Items), []string{song.ID}) {
			t.Errorf("%q: the tracks are %v", name, ids(list.Items))
		}
		body := string(v.get("/tags/" + at).want(200).body)
		if !strings.Contains(body, "<title>#"+want) {
			t.Errorf("%q: the page is not called #%s", name, want)
		}
	}
	for _, name := range []string{"nothing", "cafe", "..", "%00", strings.Repeat("가", 40)} {
		at := url.PathEscape(name)
		if name == ".." {
			at = "%2E%2E"
		}
		v.get("/api/tags/"+at).fails(404, "not_found")
		v.get("/api/tags/"+at+"/tracks").fails(404, "not_found")
		v.get("/api/stations/tags/"+at).fails(404, "not_found")
		v.get("/tags/" + at).want(404)
	}
	v.get("/api/tags/" + strings.Repeat("a", 201)).want(400)
	v.get("/tags/a/b").want(404)
}

// TestTagLists holds the lists of tags and of their tracks against what is
// there, page by page, before and after a block and a suspension.
func TestTagLists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	var first, last wire.Track
	for i := range 5 {
		last = mina.sings("rock", fmt.Sprint("of mina ", i%2))
		if i == 0 {
			first = last
		}
	}
	juns := []wire.Track{jun.sings("Rock", "jazz"), jun.sings("jazz", "folk")}
	mina.upload("hidden.mp3", tagged(t, "Hidden"), "private")
	for _, p := range []*person{jun, k} {
		p.put(track(first, "like"), nil).want(200)
	}
	want := func(what string, p *person, tags, related string, tracks, popular []string) {
		t.Helper()
		for _, limit := range []string{"1", "2", "100"} {
			if got := inBrief(list[wire.Tag](p, "/api/tags", limit)); got != tags {
				t.Errorf("%s: %s sees the tags %s, want %s", what, p.name, got, tags)
			}
			if got := ids(list[wire.Track](p, "/api/tags/rock/tracks", limit)); !slices.Equal(got, tracks) {
				t.Errorf("%s: %s sees the tracks %v, want %v", what, p.name, got, tracks)
			}
			if got := ids(list[wire.Track](p, "/api/tags/rock/tracks?order=popular", limit)); !slices.Equal(got, popular) {
				t.Errorf("%s: %s sees the popular tracks %v, want %v", what, p.name, got, popular)
			}
		}
		if got := inBrief(as[wire.TagPage](p.get("/api/tags/rock")).Related); got != related {
			t.Errorf("%s: %s sees as related %s, want %s", what, p.name, got, related)
		}
	}
	newest := ids(list[wire.Track](k, user(mina, "tracks"), "100"))
	all := append([]string{juns[0].ID}, newest...)
	liked := append([]string{first.ID, juns[0].ID}, newest[:4]...)
	for _, p := range []*person{h.visitor(), mina, jun, k} {
		want("at first", p, "Rock 6, of mina 0 3, jazz 2, of mina 1 2, folk 1", "of mina 0 3, of mina 1 2, jazz 2", all, liked)
	}
	jun.put(user(mina, "block"), nil).want(204)
	for _, p := range []*person{h.visitor(), k} {
		want("after a block", p, "Rock 6, of mina 0 3, jazz 2, of mina 1 2, folk 1", "of mina 0 3, of mina 1 2, jazz 2", all, liked)
	}
	want("after a block", mina, "Rock 5, of mina 0 3, of mina 1 2", "of mina 0 3, of mina 1 2", newest, append([]string{first.ID}, newest[:4]...))
	want("after a block", jun, "jazz 2, folk 1, Rock 1", "jazz 2", all[:1], all[:1])
	k.put(user(mina, "suspension"), nil).want(200)
	for _, p := range []*person{h.visitor(), jun, k} {
		want("after a suspension", p, "jazz 2, folk 1, Rock 1", "jazz 2", all[:1], all[:1])
	}
	h.visitor().get("/api/tags/of%20mina%200").fails(404, "not_found")
	h.reopen()
	k.delete(user(mina, "suspension")).want(200)
	want("let back", h.visitor(), "Rock 6, of mina 0 3, jazz 2, of mina 1 2, folk 1", "of mina 0 3, of mina 1 2, jazz 2", all, liked)
	mina.become(mina.post("/api/auth/sign-in", wire.SignIn{Email: mina.me.Email, Password: password}), 200)
	mina.patch(track(last), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	mina.delete(track(first)).want(204)
	want("hidden and deleted", h.visitor(), "Rock 4, jazz 2, of mina 1 2, folk 1, of mina 0 1", "of mina 1 2, jazz 2, of mina 0 1",
		slices.Concat(all[:1], all[2:5]), slices.Concat(all[:1], all[2:5]))
}

// A page of tags begins behind the one before, though what they count has
// changed meanwhile.
func TestTagCursors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	mina.sings("a", "b", "c", "d")
	mina.sings("a", "b")
	page := as[wire.List[wire.Tag]](mina.get("/api/tags?limit=2"))
	if got, want := inBrief(page.Items), "b 2, a 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	mina.sings("d")
	rest := as[wire.List[wire.Tag]](mina.get("/api/tags?cursor=" + page.Next))
	if got, want := inBrief(rest.Items), "c 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	mina.get("/api/tags/a/tracks?order=oldest").want(400)
}

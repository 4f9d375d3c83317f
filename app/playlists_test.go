package app_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/db"
)

// compile makes a playlist.
func (p *person) compile(title, visibility string, tracks ...wire.Track) wire.Playlist {
	p.h.t.Helper()
	n := wire.NewPlaylist{Title: title, Visibility: visibility}
	for _, t := range tracks {
		n.Tracks = append(n.Tracks, t.ID)
	}
	return made[wire.Playlist](p.post("/api/playlists", n))
}

// playlist is the address of a playlist.
func playlist(l wire.Playlist, parts ...string) string {
	return "/api/playlists/" + l.ID + strings.Join(append([]string{""}, parts...), "/")
}

// place puts a track into a playlist, before another one of it or at the end.
func (p *person) place(l wire.Playlist, t wire.Track, before ...wire.Track) answer {
	p.h.t.Helper()
	var to wire.PlaylistPlace
	if len(before) > 0 {
		to.Before = before[0].ID
	}
	return p.put(playlist(l, "tracks", t.ID), to)
}

// named names the playlists of a list.
func named(list []wire.Playlist) string {
	var all []string
	for _, l := range list {
		all = append(all, l.Title)
	}
	return strings.Join(all, " ")
}

func TestPlaylists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	v := h.visitor()
	one, two := mina.sing("one", "public"), jun.sing("two", "public")

	a := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{
		Title: " Night\u202e drive ", Kind: "album", Visibility: "public", Tracks: []string{one.ID, two.ID, one.ID},
	}))
	if a.Title != "Night drive" || a.Kind != "album" || a.URL != "/mina/playlists/night-drive" || a.Tracks != 2 ||
		a.DurationMS != one.DurationMS+two.DurationMS || !a.Can.Edit || !a.Can.Delete || a.Picture != nil || a.User.ID != mina.me.ID {
		t.Errorf("got %+v", a)
	}
	b := mina.compile("Night drive", "private")
	c := mina.compile("!!", "public")
	if b.Slug != "night-drive-2" || b.Visibility != "private" || b.Kind != "playlist" || c.Slug != "playlist" {
		t.Errorf("got %+v and %+v", b, c)
	}
	for _, bad := range []struct {
		n      any
		status int
		code   string
	}{
		{wire.NewPlaylist{Title: " \u200e "}, 400, "title.empty"},
		{wire.NewPlaylist{Title: strings.Repeat("가", 201)}, 400, "bad_request"},
		{wire.NewPlaylist{Title: "x", Kind: "mix"}, 400, "bad_request"},
		{wire.NewPlaylist{Title: "x", Tracks: []string{"0000000000001"}}, 404, "not_found"},
		{wire.NewPlaylist{Title: "x", Tracks: []string{jun.sing("shut", "private").ID}}, 404, "not_found"},
		{wire.NewPlaylist{Title: "x", Tracks: slices.Repeat([]string{one.ID}, 101)}, 400, "bad_request"},
		{`{"title":"x","user":"` + jun.me.ID + `"}`, 400, "bad_request"},
	} {
		mina.post("/api/playlists", bad.n).fails(bad.status, bad.code)
	}
	if got := named(list[wire.Playlist](mina, "/api/me/playlists", "1")); got != "!! Night drive Night drive" {
		t.Errorf("the own ones: got %q", got)
	}
	if got := named(list[wire.Playlist](mina, "/api/me/playlists?kind=album", "1")); got != "Night drive" {
		t.Errorf("the own albums: got %q", got)
	}
	for _, p := range []*person{v, jun, k, mina} {
		if got := named(list[wire.Playlist](p, user(mina, "playlists"), "1")); got != "!! Night drive" {
			t.Errorf("%s: got %q", p.name, got)
		}
	}
	if got := named(list[wire.Playlist](v, user(mina, "playlists?kind=playlist"), "10")); got != "!!" {
		t.Errorf("the public ones that are no albums: got %q", got)
	}
	var has []string
	for _, l := range list[wire.Playlist](mina, "/api/me/playlists?track="+two.ID, "10") {
		has = append(has, fmt.Sprint(l.Slug, l.Has))
	}
	if !slices.Equal(has, []string{"playlistfalse", "night-drive-2false", "night-drivetrue"}) {
		t.Errorf("which have the track: got %v", has)
	}

	tags := []string{"#Lo-fi", "lo-fi"}
	e := as[wire.Playlist](mina.patch(playlist(a), wire.PlaylistPatch{
		Title: ptr("Day drive"), Slug: ptr("Ärger & Co"), Description: ptr("a\r\nb"), Tags: &tags, Kind: ptr("playlist"),
	}))
	if e.Title != "Day drive" || e.Slug != "arger-co" || e.Description != "a\nb" || !slices.Equal(e.Tags, []string{"Lo-fi"}) || e.Kind != "playlist" || e.Visibility != "public" {
		t.Errorf("got %+v", e)
	}
	mina.patch(playlist(a), wire.PlaylistPatch{Slug: ptr("night-drive-2")}).fails(409, "slug.taken")
	mina.patch(playlist(a), wire.PlaylistPatch{Slug: ptr("!!")}).fails(400, "slug.invalid")
	jun.patch(playlist(a), wire.PlaylistPatch{Title: ptr("x")}).fails(403, "forbidden")
	jun.patch(playlist(b), wire.PlaylistPatch{Title: ptr("x")}).fails(404, "not_found")

	r := as[wire.Resolved](v.get("/api/resolve?path=/mina/playlists/night-drive"))
	if r.Playlist == nil || r.Playlist.ID != a.ID || r.Track != nil || r.User != nil || r.Moved != "/mina/playlists/arger-co" {
		t.Errorf("the former address: got %+v", r)
	}
	if to := v.get("/mina/playlists/night-drive?t=3").want(302).header.Get("Location"); to != "/mina/playlists/arger-co?t=3" {
		t.Errorf("the former page leads to %q", to)
	}
	if page := string(v.get("/mina/playlists/arger-co").want(200).body); !strings.Contains(page, "Day drive – mina") {
		t.Errorf("the page has no title: %s", page)
	}
	v.get("/mina/playlists/night-drive-2").want(404)
	v.get("/mina/playlists/nothing").want(404)
	v.get("/mina/other/arger-co").want(404)
	v.get("/mina/playlists/arger-co/more").want(404)
	mina.get("/mina/playlists/night-drive-2").want(200)
	mina.patch("/api/me", wire.MePatch{Username: ptr("민아")}).want(200)
	if r := as[wire.Resolved](v.get("/api/resolve?path=/mina/playlists/Arger-Co")); r.Moved != "/"+url.PathEscape("민아")+"/playlists/arger-co" {
		t.Errorf("after a new username: got %+v", r)
	}

	// The keeper keeps house, and sees no more of what is private than that.
	if l := as[wire.Playlist](k.get(playlist(b))); l.Title != "Night drive" || l.Can.Edit || !l.Can.Delete {
		t.Errorf("the label: got %+v", l)
	}
	k.get(playlist(b, "tracks")).fails(404, "not_found")
	jun.get(playlist(b)).fails(404, "not_found")

	jun.put(playlist(a, "like"), nil).want(200)
	if got := as[wire.Liked](k.put(playlist(a, "like"), nil)); !got.Liked || got.Likes != 2 {
		t.Errorf("liked: got %+v", got)
	}
	mina.told("like:Keeper Kim,jun*")
	if got := as[wire.Playlist](jun.get(playlist(a))); !got.Liked || got.Likes != 2 {
		t.Errorf("for who likes it: got %+v", got)
	}
	if got := named(list[wire.Playlist](jun, "/api/me/likes/playlists", "1")); got != "Day drive" {
		t.Errorf("liked playlists: got %q", got)
	}
	mina.patch(playlist(a), wire.PlaylistPatch{Visibility: ptr("private")}).want(200)
	if got := named(list[wire.Playlist](jun, "/api/me/likes/playlists", "1")); got != "" {
		t.Errorf("a private playlist shows among the likes: %q", got)
	}
	mina.patch(playlist(a), wire.PlaylistPatch{Visibility: ptr("public")}).want(200)
	if got := as[wire.Liked](k.delete(playlist(a, "like"))); got.Liked || got.Likes != 1 {
		t.Errorf("not liked any more: got %+v", got)
	}
	mina.told("like:jun*")

	jun.delete(playlist(a)).fails(403, "forbidden")
	jun.delete(playlist(b)).fails(404, "not_found")
	k.delete(playlist(a)).want(204)
	mina.delete(playlist(b)).want(204)
	mina.get(playlist(a)).fails(404, "not_found")
	if got := named(list[wire.Playlist](jun, "/api/me/likes/playlists", "1")); got != "" {
		t.Errorf("a deleted playlist shows among the likes: %q", got)
	}
	jun.get(track(two)).want(200)
	h.check()
}

func TestPlaylistOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	a, b, c, d := mina.sing("a", "public"), jun.sing("b", "public"), mina.sing("c", "public"), mina.sing("d", "public")
	l := mina.compile("List", "public")
	in := func(a answer, want string) {
		t.Helper()
		if got := as[wire.Playlist](a); int(got.Tracks) != len(strings.Fields(want)) {
			t.Errorf("%s: got %d tracks, want %s", a.what, got.Tracks, want)
		}
		jun.hears(playlist(l, "tracks"), want)
	}
	in(mina.place(l, a), "a")
	in(mina.place(l, b), "a b")
	in(mina.place(l, c, a), "c a b")
	in(mina.place(l, c, a), "c a b")
	in(mina.place(l, c, b), "a c b")
	in(mina.place(l, c, c), "a c b")
	in(mina.place(l, b, b), "a c b")
	in(mina.place(l, a), "c b a")
	in(mina.delete(playlist(l, "tracks", c.ID)), "b a")
	in(mina.delete(playlist(l, "tracks", c.ID)), "b a")
	in(mina.delete(playlist(l, "tracks", "0000000000001")), "b a")
	mina.place(l, d, c).fails(409, "playlist.place")
	jun.place(l, d).fails(403, "forbidden")
	jun.delete(playlist(l, "tracks", a.ID)).fails(403, "forbidden")
	mina.place(l, wire.Track{ID: "0000000000001"}).fails(404, "not_found")
	mina.place(l, jun.sing("shut", "private")).fails(404, "not_found")
	if before, after := as[wire.Playlist](jun.get(playlist(l))).Updated, as[wire.Playlist](mina.place(l, d)).Updated; !after.After(before) {
		t.Errorf("a changed list was changed at %v, and at %v before", after, before)
	}

	// Pages go on where they were, whatever happens to the order meanwhile.
	many := []wire.Track{a, b, c, d}
	for i := range 6 {
		many = append(many, mina.sing(string(rune('e'+i)), "public"))
	}
	for _, s := range []struct {
		what   string
		change func(l wire.Playlist)
		want   string
	}{
		{"nothing", func(wire.Playlist) {}, "a b c d e f g h i j"},
		{"one is put in front", func(l wire.Playlist) { mina.place(l, j(many), a).want(200) }, "a b c d e f g h i"},
		{"the first goes", func(l wire.Playlist) { mina.delete(playlist(l, "tracks", a.ID)).want(200) }, "a b c d e f g h i j"},
		{"the last one seen goes to the end", func(l wire.Playlist) { mina.place(l, d).want(200) }, "a b c d e f g h i j d"},
		{"the last one seen goes", func(l wire.Playlist) { mina.delete(playlist(l, "tracks", d.ID)).want(200) }, "a b c d e f g h i j"},
		{"the next one goes to the front", func(l wire.Playlist) { mina.place(l, many[4], a).want(200) }, "a b c d f g h i j"},
		{"both go", func(l wire.Playlist) {
			mina.delete(playlist(l, "tracks", d.ID)).want(200)
			mina.delete(playlist(l, "tracks", many[4].ID)).want(200)
		}, "a b c d f g h i j"},
	} {
		l := mina.compile("List", "private", many...)
		first := as[wire.List[wire.Track]](mina.get(playlist(l, "tracks?limit=4")))
		s.change(l)
		rest := as[wire.List[wire.Track]](mina.get(playlist(l, "tracks?limit=100&cursor="+first.Next)))
		if got := titles(append(first.Items, rest.Items...)); got != s.want {
			t.Errorf("%s: got %q, want %q", s.what, got, s.want)
		}
		mina.get(playlist(mina.compile("Other", "private", many...), "tracks?cursor="+first.Next)).fails(400, "cursor.invalid")
	}
	h.check()
}

// j is the last of many.
func j(many []wire.Track) wire.Track { return many[len(many)-1] }

// TestWhatPlaylistsHide has a public playlist with all that others may not
// see: it is left out, and counted neither.
func TestWhatPlaylistsHide(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	v := h.visitor()
	shut := mina.upload("shut.mp3", tagged(t, "shut"), "private")
	plain, juns, soras := mina.sing("plain", "public"), jun.sing("jun's", "public"), sora.sing("sora's", "public")
	cover := mina.upload("cover.mp3", tagged(t, "cover"), "public")
	l := mina.compile("List", "public", shut, plain, juns, soras, cover)

	see := func(p *person, want, picture string) {
		t.Helper()
		p.hears(playlist(l, "tracks"), want)
		n := len(strings.Fields(want))
		for _, got := range append(list[wire.Playlist](p, user(mina, "playlists"), "1"), as[wire.Playlist](p.get(playlist(l)))) {
			sum := int64(0)
			for _, t := range list[wire.Track](p, playlist(l, "tracks"), "10") {
				sum += t.DurationMS
			}
			if int(got.Tracks) != n || max(got.DurationMS-sum, sum-got.DurationMS) > int64(n) {
				t.Errorf("%s: got %d tracks of %d ms, want %d of %d", p.name, got.Tracks, got.DurationMS, n, sum)
			}
			if got.Picture == nil || !strings.Contains(got.Picture.Small, picture) || got.Colour == "" || got.OwnPicture {
				t.Errorf("%s: got picture %+v and colour %q, want %s", p.name, got.Picture, got.Colour, picture)
				continue
			}
			p.get(got.Picture.Small).want(200)
		}
	}
	see(mina, "shut plain jun's sora's cover", shut.ID)
	for _, p := range []*person{v, jun, sora, k} {
		see(p, "plain jun's sora's cover", cover.ID)
	}
	sora.put(user(jun, "block"), nil).want(204)
	see(jun, "plain jun's cover", cover.ID)
	see(sora, "plain sora's cover", cover.ID)
	see(v, "plain jun's sora's cover", cover.ID)
	k.put(user(sora, "suspension"), nil).want(200)
	see(v, "plain jun's cover", cover.ID)
	see(mina, "shut plain jun's cover", shut.ID)
	k.delete(user(sora, "suspension")).want(200)
	see(v, "plain jun's sora's cover", cover.ID)
	jun.delete(track(juns)).want(204)
	see(v, "plain sora's cover", cover.ID)
	mina.put(user(jun, "block"), nil).want(204)
	jun.get(playlist(l)).fails(404, "not_found")
	jun.get(playlist(l, "tracks")).fails(404, "not_found")
	jun.get("/mina/playlists/list").want(404)
	k.put(user(mina, "suspension"), nil).want(200)
	v.get(playlist(l)).fails(404, "not_found")
	v.get("/api/resolve?path=/mina/playlists/list").fails(404, "not_found")
	h.check()
}

func TestPlaylistPicture(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	l := mina.compile("List", "public")
	jun.put(playlist(l, "picture"), artwork(t)).fails(403, "forbidden")
	with := as[wire.Playlist](mina.put(playlist(l, "picture"), artwork(t)))
	if with.Picture == nil || !with.OwnPicture || with.Colour == "" {
		t.Fatalf("got %+v", with)
	}
	jun.get(with.Picture.Large).want(200)
	jun.get(playlist(l, "picture", "64")).want(404)
	again := as[wire.Playlist](mina.put(playlist(l, "picture"), artwork(t)))
	if again.Picture.Small == with.Picture.Small {
		t.Error("a new picture has the address of the old")
	}
	if n := len(h.files()); n != 3 {
		t.Errorf("after a picture was replaced there are %d files: %v", n, h.files())
	}
	mina.patch(playlist(l), wire.PlaylistPatch{Visibility: ptr("private")}).want(200)
	jun.get(again.Picture.Large).fails(404, "not_found")
	if cc := mina.get(again.Picture.Large).want(200).header.Get("Cache-Control"); cc != "private, no-cache" {
		t.Errorf("the picture of a private playlist: got Cache-Control %q", cc)
	}
	h.reopen()
	mina.get(again.Picture.Large).want(200)
	if got := as[wire.Playlist](mina.delete(playlist(l, "picture"))); got.Picture != nil || got.OwnPicture || len(h.files()) > 0 {
		t.Errorf("without a picture: got %+v, files %v", got, h.files())
	}
	mina.get(playlist(l, "picture", "100")).want(404)
	mina.put(playlist(l, "picture"), artwork(t)).want(200)
	mina.delete(playlist(l)).want(204)
	if left := h.files(); len(left) > 0 {
		t.Errorf("a deleted playlist left %v", left)
	}
	h.check()
}

// TestPlaylistLimits fills a playlist, and a member's shelf.
// TestPagesOfLargePlaylists has one page of playlists with more tracks than are
// looked at for it. The first ones are counted for who asks; the others by
// counters, which know who owns a track, but of no blocks. Nowhere does a
// private track count for anybody else.
func TestPagesOfLargePlaylists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	h.change(func(tx *db.Tx) error {
		var tracks []db.ID
		for i := range 900 { // in turn mina's, her private one, jun's
			tr := db.Track{
				ID: tx.NewID(), User: id(t, mina.me.ID), Slug: fmt.Sprint("t", i), Title: "t", Visibility: db.Public,
				Audio: db.Audio{Duration: 1_000_000}, Created: time.Now(),
			}
			switch i % 3 {
			case 1:
				tr.Visibility = db.Private
			case 2:
				tr.User = id(t, jun.me.ID)
			}
			if tr.Visibility == db.Public {
				tr.Published = tx.NewID()
			}
			if err := tx.AddTrack(tr); err != nil {
				return err
			}
			tracks = append(tracks, tr.ID)
		}
		for i := range 4 {
			l := db.Playlist{
				ID: tx.NewID(), User: id(t, mina.me.ID), Slug: fmt.Sprint("p", i), Title: fmt.Sprint("p", i),
				Visibility: db.Public, Published: tx.NewID(), Created: time.Now(),
			}
			if err := tx.AddPlaylist(l); err != nil {
				return err
			}
			if err := tx.SetPlaylistTracks(l.ID, tracks); err != nil {
				return err
			}
		}
		return nil
	})
	jun.put(user(sora, "block"), nil).want(204)
	for _, c := range []struct {
		who         *person
		exact, rest uint64
	}{{mina, 900, 900}, {jun, 600, 600}, {sora, 300, 600}, {h.visitor(), 600, 600}} {
		page := as[wire.List[wire.Playlist]](c.who.get(user(mina, "playlists?limit=100"))).Items
		for i, l := range page {
			want := c.exact
			if i >= 2 {
				want = c.rest
			}
			if l.Tracks != want || l.DurationMS != int64(want)*1000 {
				t.Errorf("%s: playlist %d of the page has %d tracks of %d ms, want %d", c.who.name, i, l.Tracks, l.DurationMS, want)
			}
			if alone := as[wire.Playlist](c.who.get(playlist(l))); alone.Tracks != c.exact {
				t.Errorf("%s: playlist %d on its own has %d tracks, want %d", c.who.name, i, alone.Tracks, c.exact)
			}
		}
		if len(page) != 4 {
			t.Errorf("%s: %d playlists", c.who.name, len(page))
		}
	}
	h.check()
}

func TestPlaylistLimits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	song, l := mina.sing("song", "public"), mina.compile("List", "public")
	me, first := id(t, mina.me.ID), id(t, l.ID)
	h.change(func(tx *db.Tx) error {
		var tracks []db.ID
		for i := range db.MostInPlaylist {
			t := db.Track{
				ID: tx.NewID(), User: me, Slug: fmt.Sprint("t", i), Title: "t", Visibility: db.Public, Published: tx.NewID(),
				Audio: db.Audio{Duration: 1_000_000}, Created: time.Now(),
			}
			if err := tx.AddTrack(t); err != nil {
				return err
			}
			tracks = append(tracks, t.ID)
		}
		for i := range 999 {
			if err := tx.AddPlaylist(db.Playlist{ID: tx.NewID(), User: me, Slug: fmt.Sprint("p", i), Title: "p", Created: time.Now()}); err != nil {
				return err
			}
		}
		return tx.SetPlaylistTracks(first, tracks)
	})
	mina.place(l, song).fails(409, "playlist.full")
	mina.post("/api/playlists", wire.NewPlaylist{Title: "One more"}).fails(409, "playlist.many")
	if got := as[wire.Playlist](mina.get(playlist(l))); got.Tracks != 1000 || got.DurationMS != 1_000_000 {
		t.Errorf("a full playlist: got %d tracks of %d ms", got.Tracks, got.DurationMS)
	}
	if n := len(list[wire.Track](mina, playlist(l, "tracks"), "100")); n != 1000 {
		t.Errorf("a full playlist has %d tracks to page through", n)
	}
	if n := len(list[wire.Playlist](mina, "/api/me/playlists", "100")); n != 1000 {
		t.Errorf("got %d playlists, want 1000", n)
	}
	all := list[wire.Track](mina, playlist(l, "tracks"), "100")
	mina.place(l, all[0]).want(200) // what is in it still moves
	mina.delete(playlist(l, "tracks", all[0].ID)).want(200)
	mina.place(l, song).want(200)
	h.check()
}

package app_test

import (
	"fmt"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/db"
)

// reach is what mina has beyond the public and the private:
//
//	followers, followers-list   for those who follow her
//	unlisted, unlisted-list       for who has a secret link, of which there is none
//
// Both lists hold all three, her public track too. {veiled-said} is a comment
// of hers on the track for followers.
type reach struct {
	followers, unlisted         wire.Track
	followersList, unlistedList wire.Playlist
}

// reaches adds that to the world.
func (w *world) reaches() {
	w.t.Helper()
	for _, name := range []string{"followers", "unlisted", "followers-list", "unlisted-list", "veiled-said"} {
		w.renewReach(name)
	}
	w.ids["veiled-tag"], w.ids["unlisted-tag"] = "a%20veiled%20tag", "a%20cloaked%20tag"
	w.sora.put(track(w.followers, "like"), nil).want(200)
	w.sora.put(playlist(w.followersList, "like"), nil).want(200)
}

// renewReach makes one of these things, anew where somebody deleted it.
func (w *world) renewReach(name string) {
	w.t.Helper()
	inner := "veiled words"
	switch name {
	case "followers":
		w.followers = w.sings("A veiled title", "followers")
		w.mina.patch(track(w.followers), wire.TrackPatch{Description: &inner}).want(200)
		w.ids[name] = w.followers.ID
		w.mina.drawn(w.followers.ID)
		if w.ids["veiled-said"] != "" {
			w.renewReach("veiled-said")
		}
	case "unlisted":
		w.unlisted = w.sings("A cloaked title", "link")
		w.mina.patch(track(w.unlisted), wire.TrackPatch{Description: &inner}).want(200)
		w.ids[name] = w.unlisted.ID
		w.mina.drawn(w.unlisted.ID)
	case "followers-list":
		w.followersList = w.lists("A veiled list", "followers")
		w.mina.put(playlist(w.followersList, "picture"), painted(w.t, 40, 40)).want(200)
		w.ids[name] = w.followersList.ID
	case "unlisted-list":
		w.unlistedList = w.lists("A cloaked list", "link")
		w.mina.put(playlist(w.unlistedList, "picture"), painted(w.t, 40, 40)).want(200)
		w.ids[name] = w.unlistedList.ID
	case "veiled-said":
		w.ids[name] = w.mina.say(w.followers.ID, 0, "A veiled word").ID
	}
}

// addresses puts the addresses of these things into a path.
func (r reach) addresses(s string) string {
	return strings.NewReplacer("{followers-url}", r.followers.URL, "{unlisted-url}", r.unlisted.URL,
		"{followers-list-url}", r.followersList.URL, "{unlisted-list-url}", r.unlistedList.URL).Replace(s)
}

// hidden gives what somebody must not find of these things anywhere. The keeper
// sees labels of them.
func (r reach) hidden(w *world, p *person) []string {
	switch p {
	case w.mina:
		return nil
	case w.keeper:
		return []string{"veiled tag", "veiled words", "A veiled word", "cloaked tag"}
	case w.sora:
		return []string{"cloaked", r.unlisted.ID, r.unlistedList.ID}
	}
	return []string{"veiled", "cloaked", r.unlisted.ID, r.unlistedList.ID, r.followers.ID, r.followersList.ID}
}

// followAgain lets just those follow mina who did at first.
func (w *world) followAgain() {
	w.t.Helper()
	for _, p := range []*person{w.jun, w.keeper} {
		p.delete(user(w.mina, "follow")).want(200)
	}
	w.sora.put(user(w.mina, "follow"), nil).want(200)
}

// reachRows are of what is for followers and of what is for who has a link. To
// who has none the one is as a private thing; and so is the other to who does
// not follow, while to a follower it is as a public one, which can't be
// reposted.
func reachRows(rows []access) (list []access) {
	question := func(row access) string { return fmt.Sprint(row.route, row.path, row.body) }
	instead := func(row access, pairs ...string) access {
		names := strings.NewReplacer(pairs...)
		row.path = names.Replace(row.path)
		switch b := row.body.(type) {
		case wire.NewPlaylist:
			for i := range b.Tracks {
				b.Tracks = append([]string{}, b.Tracks...)
				b.Tracks[i] = names.Replace(b.Tracks[i])
			}
			row.body = b
		case wire.NewMessage:
			b.Track, b.Playlist = names.Replace(b.Track), names.Replace(b.Playlist)
			row.body = b
		case wire.NewReport:
			b.ID = names.Replace(b.ID)
			row.body = b
		}
		return row
	}
	for _, row := range rows {
		unlisted := instead(row, "{private}", "{unlisted}", "{private-url}", "{unlisted-url}", "{shut}", "{unlisted-list}", "{shut-url}", "{unlisted-list-url}", "{secret-tag}", "{unlisted-tag}")
		if question(unlisted) == question(row) {
			continue
		}
		followers := instead(row, "{private}", "{followers}", "{private-url}", "{followers-url}", "{shut}", "{followers-list}", "{shut-url}", "{followers-list-url}", "{secret-tag}", "{veiled-tag}")
		public := instead(row, "{private}", "{public}", "{private-url}", "{public-url}", "{shut}", "{open}", "{shut-url}", "{open-url}")
		if row.f == 404 && !strings.Contains(row.path, "tag}") {
			for _, other := range rows {
				same := question(other) == question(public) || other.route == public.route && other.path == public.path && strings.HasPrefix(row.route, "P") && other.path != ""
				if same && other.f != 0 && followers.f == 404 {
					followers.f = other.f
				}
			}
			if row.route == "PUT /api/tracks/{id}/repost" {
				followers.f = 409
			}
		}
		list = append(list, unlisted, followers)
	}
	new, text := wire.NewComment{Text: "Well", Parent: "{veiled-said}"}, wire.CommentPatch{Text: "Changed"}
	return append(list, []access{
		//                                                                                 N    U    Fo   O    B    A
		{"GET /api/comments/{id}", "/api/comments/{veiled-said}", no, 404, 404, 200, 200, 404, 404},
		{"GET /api/comments/{id}/replies", "/api/comments/{veiled-said}/replies", no, 404, 404, 200, 200, 404, 404},
		{"POST /api/tracks/{id}/comments", "/api/tracks/{followers}/comments", new, 401, 404, 201, 201, 404, 404},
		{"PATCH /api/comments/{id}", "/api/comments/{veiled-said}", text, 401, 404, 403, 200, 404, 404},
		{"POST /api/reports", "", wire.NewReport{Kind: "comment", ID: "{veiled-said}", Reason: "spam"}, 401, 404, 204, 400, 404, 404},
		{"DELETE /api/comments/{id}", "/api/comments/{veiled-said}", no, 401, 404, 403, 204, 404, 204},
	}...)
}

// TestForFollowers: those who follow find what is for followers wherever what
// is new is shown, others nowhere, and nobody where the house is asked for what
// it has for all.
func TestForFollowers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keeper.settled()
	w.mina.patch(w.fill("/api/playlists/{open}"), wire.PlaylistPatch{Title: ptr("Open list")}).want(200)
	w.mina.put(w.fill("/api/playlists/{open}/tracks/{followers}"), wire.PlaylistPlace{}).want(200)
	w.keeper.settled()
	id, listID := w.followers.ID, w.followersList.ID
	everybody := []*person{w.visitor(), w.jun, w.haru, w.keeper, w.void[0], w.sora, w.mina}
	for _, place := range []struct {
		path, what string
		inside     bool // a follower, and the owner, find it there
	}{
		{"/api/stream", id, true},
		{"/api/stream?of=all", id, false},
		{w.fill("/api/users/{mina}/tracks"), id, true},
		{w.fill("/api/users/{mina}/playlists"), listID, true},
		{w.fill("/api/users/{mina}/playlists?kind=playlist"), listID, true},
		{w.fill("/api/playlists/{open}/tracks"), id, true},
		{w.fill("/api/users/{sora}/likes"), id, true}, // she likes it
		{w.fill("/api/tracks/{public}/comments"), id, false},
		{"/api/search?q=veiled", id, true},
		{"/api/search?q=veiled&kind=track&tag=everybody's", id, true},
		{"/api/search?q=veiled&kind=playlist", listID, true},
		{"/api/search?q=everybody's", id, true},
		{"/api/search/suggest?q=veil", id, true},
		{"/api/search/suggest?q=veiled+li", listID, true},
		{"/api/home", id, false},
		{"/api/charts", id, false},
		{"/api/charts?period=all", id, false},
		{"/api/tags", "veiled", false},
		{w.fill("/api/tags/{our-tag}/tracks"), id, false},
		{w.fill("/api/tags/{our-tag}/tracks?order=popular"), id, false},
		{w.fill("/api/tracks/{juns}/similar?limit=30"), id, false},
		{w.fill("/api/stations/tracks/{juns}?limit=100"), id, false},
		{w.fill("/api/stations/tags/{our-tag}?limit=100"), id, false},
	} {
		for _, p := range everybody {
			a := p.get(place.path)
			if got, want := strings.Contains(string(a.body), place.what), place.inside && (p == w.sora || p == w.mina); got != want {
				t.Errorf("%s: %s finds it: %t, want %t: %d %s", place.path, p.name, got, want, a.status, shorten(a.body))
			}
		}
	}
	for _, c := range []struct {
		who                  *person
		found, facets, inall int
	}{{w.visitor(), 0, 0, 0}, {w.jun, 0, 0, 0}, {w.haru, 0, 0, 0}, {w.keeper, 0, 0, 0}, {w.sora, 1, 2, 3}, {w.mina, 1, 2, 3}} {
		f := c.who.search("veiled")
		if c.who == w.mina { // hers by link too
			f.Counts.Tracks, f.Facets.Tags = f.Counts.Tracks-1, f.Facets.Tags[1:]
		}
		if f.Counts.Tracks != c.found || f.Counts.Playlists != c.found || f.Counts.Tags != 0 || f.Facets == nil || len(f.Facets.Tags) != c.facets {
			t.Errorf("%s: counts %+v, facets %+v", c.who.name, f.Counts, f.Facets)
		}
		if c.inall == 0 {
			c.who.get(playlist(w.followersList)).want(map[bool]int{true: 200, false: 404}[c.who == w.keeper])
			continue
		}
		if l := as[wire.Playlist](c.who.get(playlist(w.followersList))); l.Tracks != map[bool]uint64{true: 3, false: 2}[c.who == w.mina] {
			t.Errorf("%s counts %d tracks in the list", c.who.name, l.Tracks)
		}
	}
	// The keeper's label has no more than that of a private one.
	label := as[wire.Track](w.keeper.get(track(w.followers)))
	if label.Title == "" || label.Description != "" || len(label.Tags) != 0 || label.Stream.MP4 != "" || label.Picture != nil || label.Visibility != "followers" {
		t.Errorf("the keeper's label: %+v", label)
	}
	for _, r := range []string{"/stream.mp4", "/stream.mp3", "/picture/300"} {
		for _, tr := range []wire.Track{w.followers, w.unlisted} {
			if cc := w.mina.get(track(tr) + r).want(200).header.Get("Cache-Control"); cc != "private, no-cache" {
				t.Errorf("%s of what is for %s: Cache-Control %q", r, tr.Visibility, cc)
			}
		}
	}
	for _, l := range []wire.Playlist{w.followersList, w.unlistedList} {
		if cc := w.mina.get(playlist(l, "picture/300")).want(200).header.Get("Cache-Control"); cc != "private, no-cache" {
			t.Errorf("the picture of a list for %s: Cache-Control %q", l.Visibility, cc)
		}
	}
	w.check()
}

// TestByLinkIsListedNowhere: what is by link stands in its owner's own lists
// alone, even for her followers.
func TestByLinkIsListedNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keeper.settled()
	for _, p := range []*person{w.visitor(), w.jun, w.sora, w.haru, w.keeper} {
		for _, path := range append(w.views(), "/api/search?q=cloaked", "/api/search/suggest?q=cloak") {
			if body := string(p.get(path).body); strings.Contains(body, w.unlisted.ID) || strings.Contains(body, w.unlistedList.ID) || strings.Contains(body, "cloaked") {
				t.Errorf("%s finds at %s what is by link: %s", p.name, path, shorten([]byte(body)))
			}
		}
	}
	for path, what := range map[string]string{
		"/api/me/tracks": w.unlisted.ID, "/api/me/playlists": w.unlistedList.ID, "/api/search?q=cloaked&kind=track": w.unlisted.ID, "/api/search?q=cloaked&kind=playlist": w.unlistedList.ID,
	} {
		if body := string(w.mina.get(path).want(200).body); !strings.Contains(body, what) {
			t.Errorf("mina does not find at %s what is hers: %s", path, shorten([]byte(body)))
		}
	}
	for path, what := range map[string]string{"/api/stream": w.unlisted.ID, "/api/users/{mina}/tracks": w.unlisted.ID, "/api/users/{mina}/playlists": w.unlistedList.ID} {
		if body := string(w.mina.get(w.fill(path)).want(200).body); strings.Contains(body, what) {
			t.Errorf("%s shows mina what is by link, as if others saw it there", path)
		}
	}
}

// TestFollowersLoseSight takes away from a follower what let her see, in every
// way there is: at the next request all of it is gone, to the byte as what never
// was; and it comes back (SAFETY 3.2).
func TestFollowersLoseSight(t *testing.T) {
	t.Parallel()
	show := func(w *world, v string) {
		w.mina.patch(track(w.followers), wire.TrackPatch{Visibility: &v}).want(200)
		w.mina.patch(playlist(w.followersList), wire.PlaylistPatch{Visibility: &v}).want(200)
	}
	again := func(w *world) { w.sora.put(user(w.mina, "follow"), nil).want(200) }
	for name, way := range map[string]struct{ do, undo func(w *world) }{
		"she unfollows":     {func(w *world) { w.sora.delete(user(w.mina, "follow")).want(200) }, again},
		"she toggles":       {func(w *world) { w.sora.post(user(w.mina, "follow/toggle"), nil).want(200) }, again},
		"she is blocked":    {func(w *world) { w.mina.put(user(w.sora, "block"), nil).want(204) }, func(w *world) { w.mina.delete(user(w.sora, "block")).want(204); again(w) }},
		"she blocks":        {func(w *world) { w.sora.put(user(w.mina, "block"), nil).want(204) }, func(w *world) { w.sora.delete(user(w.mina, "block")).want(204); again(w) }},
		"it is private":     {func(w *world) { show(w, "private") }, func(w *world) { show(w, "followers") }},
		"it is by link":     {func(w *world) { show(w, "link") }, func(w *world) { show(w, "followers") }},
		"hers is suspended": {func(w *world) { w.keeper.put(user(w.mina, "suspension"), nil).want(200) }, func(w *world) { w.keeper.delete(user(w.mina, "suspension")).want(200) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.mina.send(w.sora, wire.NewMessage{Text: "Listen", Track: w.followers.ID})
			w.mina.say(w.followers.ID, 0, "For @sora, veiled")
			phone := w.sora.listen("/api/events")
			place := phone.place()
			w.mina.say(w.followers.ID, 0, "Another veiled word")
			if got := phone.has(); !strings.HasPrefix(got, "comment ") {
				t.Errorf("sora is told of a comment on what is for followers: %q", got)
			}
			phone.close()
			w.keeper.settled()
			id, listID := w.followers.ID, w.followersList.ID
			paths := []string{track(w.followers), "/api/resolve?path=" + w.followers.URL, "/api/resolve?path=" + w.followersList.URL,
				playlist(w.followersList), playlist(w.followersList, "tracks"), playlist(w.followersList, "picture/300"), w.fill("/api/comments/{veiled-said}")}
			for _, r := range []string{"stream", "stream.mp4", "stream.mp3", "stream.mp3?t=0.5", "peaks.json", "peaks.dat", "peaks.dat?zoom=fine", "picture/100", "comments", "comments/marks", "likers", "similar"} {
				paths = append(paths, track(w.followers, r))
			}
			etags := map[string]string{}
			for _, path := range paths {
				etags[path] = w.sora.get(path).want(200).header.Get("Etag")
			}
			absent := func(path string) string {
				return strings.NewReplacer(id, never, listID, never, w.ids["veiled-said"], never, w.followers.URL, "/mina/never-was", w.followersList.URL, "/mina/playlists/never-was").Replace(path)
			}
			sees := func(want bool) {
				t.Helper()
				for _, path := range []string{"/api/stream", "/api/me/likes", "/api/me/likes/playlists", "/api/search?q=veiled", "/api/search/suggest?q=veiled", "/api/me/notifications", w.fill("/api/conversations/{talk}/messages"), "/api/home"} {
					body := string(w.sora.get(path).want(200).body)
					got := strings.Contains(body, id) || strings.Contains(body, listID) || strings.Contains(body, "veiled") && !strings.HasPrefix(path, "/api/search")
					if got != (want && path != "/api/home") {
						t.Errorf("sora sees it at %s: %t, want %t: %s", path, got, want, shorten([]byte(body)))
					}
				}
			}
			sees(true)

			way.do(w)
			for _, path := range paths {
				for _, headers := range [][]string{nil, {"If-None-Match", etags[path]}, {"Range", "bytes=0-9"}, {"If-Range", etags[path], "Range", "bytes=0-9"}} {
					got := w.sora.get(path, headers...).fails(404, "not_found")
					if never := w.sora.get(absent(path), headers...); told(got) != told(never) {
						t.Errorf("%s %v: got\n%s, what never was\n%s", path, headers, told(got), told(never))
					}
				}
				w.sora.do("HEAD", path, nil, "If-None-Match", etags[path]).want(404)
			}
			for _, page := range []string{w.followers.URL, w.followersList.URL} {
				if a := w.sora.get(page).want(404); strings.Contains(string(a.body), "veiled") {
					t.Errorf("the page %s tells what was there", page)
				}
			}
			sees(false)
			f := w.sora.search("veiled")
			if len(f.Items) != 0 || f.Counts != (wire.HitCounts{}) || len(f.Facets.Tags) != 0 {
				t.Errorf("a search still counts it: %+v", f)
			}
			missed := w.sora.listen("/api/events", "Last-Event-ID", place)
			if got := missed.has(); strings.Contains(got, "comment") {
				t.Errorf("who comes back is told %q", got)
			}
			missed.close()
			w.sora.put(track(w.followers, "like"), nil).fails(404, "not_found")
			w.sora.post(track(w.followers, "comments"), wire.NewComment{Text: "x"}).fails(404, "not_found")
			w.sora.post(track(w.followers, "plays"), wire.Listen{ListenedMS: 60_000}).fails(404, "not_found")

			way.undo(w)
			for _, path := range paths {
				w.sora.get(path).want(200)
			}
			w.check()
		})
	}
}

// TestReachAndPlaces moves a track between the visibilities: what fewer see
// keeps its place, what more see is new, followers are told once, and a repost
// shows nobody what is for followers.
func TestReachAndPlaces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	sora.put(user(mina, "follow"), nil).want(200)
	jun.put(user(sora, "follow"), nil).want(200)
	early := mina.sing("early", "followers")
	mina.worked()
	sora.told("new_track:mina* follow:jun*")
	mina.sing("late", "public")
	mina.worked()
	show := func(v string) { mina.patch(track(early), wire.TrackPatch{Visibility: &v}).want(200) }
	own := func(p *person) string { return entries(list[wire.Track](p, user(mina, "tracks"), "1")) }
	sora.streams("late early")
	jun.streams("") // of sora, who did nothing
	if got := own(jun); got != "late" {
		t.Errorf("jun sees at mina: %q", got)
	}
	show("public")
	sora.streams("early late")
	sora.put(track(early, "repost"), nil).want(200)
	jun.streams("early<sora")
	show("followers")
	sora.streams("early late") // where it was
	jun.streams("")
	if got := own(sora); got != "early late" {
		t.Errorf("sora sees at mina: %q", got)
	}
	jun.put(track(early, "repost"), nil).fails(404, "not_found")
	sora.put(track(early, "repost"), nil).fails(409, "repost.private")
	jun.put(user(mina, "follow"), nil).want(200)
	jun.streams("early late") // as mina's, not as a repost
	if l := list[wire.Track](jun, user(sora, "reposts"), "10"); entries(l) != "early" {
		t.Errorf("jun, who follows, sees that sora reposted: %q", entries(l))
	}
	show("private")
	sora.streams("late")
	show("link")
	sora.streams("late")
	show("public")
	mina.worked()
	sora.streams("early late")
	told := map[db.ID]int{}
	h.change(func(tx *db.Tx) error {
		for n, err := range tx.Notifications(id(t, sora.me.ID), 0) {
			if err != nil {
				return err
			}
			if n.Kind == db.NoticeNewTrack {
				told[n.Thing.ID]++
			}
		}
		return nil
	})
	if len(told) != 2 || told[id(t, early.ID)] != 1 {
		t.Errorf("sora was told of new tracks: %v", told)
	}
	h.check()
}

// TestEventsForFollowers: who listens is told of comments on what is for
// followers just when they follow.
func TestEventsForFollowers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	streams, places := map[*person]*stream{}, map[*person]string{}
	people := []*person{w.visitor(), w.jun, w.haru, w.keeper, w.sora, w.mina}
	for _, p := range people {
		streams[p] = p.listen("/api/events")
		places[p] = streams[p].place()
	}
	m := w.sora.say(w.followers.ID, 0, "Veiled")
	for _, p := range people {
		want := ""
		if p == w.sora || p == w.mina {
			want = "comment " + m.ID
		}
		if got := streams[p].has(); strings.Contains(got, "comment") != (want != "") || !strings.Contains(got, want) {
			t.Errorf("%s is told %q, want %q", p.name, got, want)
		}
		streams[p].close()
		back := p.listen("/api/events", "Last-Event-ID", places[p])
		if got := back.has(); strings.Contains(got, "comment") != (want != "") {
			t.Errorf("%s comes back and is told %q, want %q", p.name, got, want)
		}
		back.close()
	}
}

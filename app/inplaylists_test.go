package app_test

import (
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// TestInPlaylists: whoever may hear a track finds the playlists that it is in
// and that they would find in lists; nothing tells of any other.
func TestInPlaylists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora, haru := h.member("mina"), h.member("jun"), h.member("sora"), h.member("haru")
	song := mina.sings("x")
	makes := func(p *person, title, visibility string) wire.Playlist {
		t.Helper()
		return made[wire.Playlist](p.post("/api/playlists", wire.NewPlaylist{Title: title, Visibility: visibility, Tracks: []string{song.ID}}))
	}
	open := makes(jun, "open", "public")
	makes(jun, "for followers", "followers")
	makes(jun, "by link", "link")
	shut := makes(jun, "shut", "private")
	makes(haru, "of haru", "public")
	makes(sora, "of sora", "private")
	sora.put(user(jun, "follow"), nil).want(200)
	visitor := h.visitor()

	finds := func(what string, p *person, want string) {
		t.Helper()
		var titles []string
		cursor := ""
		for {
			var page wire.List[wire.Playlist]
			p.get(track(song, "playlists") + "?limit=1" + cursor).want(200).into(&page)
			for _, l := range page.Items {
				titles = append(titles, l.Title)
			}
			if page.Next != "" && len(page.Items) == 0 {
				t.Errorf("%s: %s is told of more behind an empty page", what, p.name)
			}
			if page.Next == "" {
				break
			}
			cursor = "&cursor=" + page.Next
		}
		if got := strings.Join(titles, ", "); got != want {
			t.Errorf("%s: %s finds %q, want %q", what, p.name, got, want)
		}
		// In one page as in many, and with nothing of the others in it.
		body := string(p.get(track(song, "playlists")).want(200).body)
		if strings.Count(body, `"title"`) != len(titles) || p != jun && strings.Contains(body, shut.ID) {
			t.Errorf("%s: %s is told %s", what, p.name, body)
		}
	}
	for _, p := range []*person{visitor, k, mina} {
		finds("at first", p, "of haru, open")
	}
	finds("one's own", jun, "of haru, shut, by link, for followers, open")
	finds("a follower, and one's own", sora, "of sora, of haru, for followers, open")

	// Who opened a secret link to a playlist still does not find it in a list.
	listed := makes(jun, "secretly", "link")
	link := made[wire.Link](jun.post(playlist(listed, "links"), wire.LinkPatch{}))
	guest := h.visitor()
	guest.opensLink(link)
	finds("by a secret link", guest, "of haru, open")
	finds("others", visitor, "of haru, open")

	haru.put(user(jun, "block"), nil).want(204)
	finds("blocks", haru, "of haru")
	finds("blocked", jun, "secretly, shut, by link, for followers, open")
	k.put(user(haru, "suspension"), nil).want(200)
	finds("suspended", visitor, "open")
	finds("suspended", k, "open")
	jun.patch(playlist(open), wire.PlaylistPatch{Visibility: ptr("private")}).want(200)
	finds("private now", visitor, "")
	finds("private now", k, "")

	// By a secret link to the track alone nothing is found, not even that it is in any.
	mina.patch(track(song), wire.TrackPatch{Visibility: ptr("link")}).want(200)
	guest = h.visitor()
	guest.opensLink(made[wire.Link](mina.post(track(song, "links"), wire.LinkPatch{})))
	guest.get(track(song)).want(200)
	guest.get(track(song, "playlists")).fails(404, "not_found")
	jun.get(track(song, "playlists")).fails(404, "not_found")
	mina.get(track(song, "playlists")+"?cursor=x").fails(400, "cursor.invalid")
}

package app_test

import (
	"html"
	"regexp"
	"slices"
	"testing"

	"earshot/app/api/wire"
)

// TestPagesAskAhead: a page tells the browser what the app will ask for, as far
// as the asker gets it, and nothing else.
func TestPagesAskAhead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	track := k.upload("song.mp3", tagged(t, "Nacht & (Zug)"), "public")
	k.patch("/api/tracks/"+track.ID, wire.TrackPatch{Slug: ptr("밤-기차")}).want(200).into(&track)
	hidden := k.upload("other.mp3", tagged(t, "Other"), "private")
	v := h.visitor()
	found := "/api/resolve?path=%2F" + k.me.Username + "%2F%EB%B0%A4-%EA%B8%B0%EC%B0%A8"
	link := regexp.MustCompile(`<link rel="preload" href="(/api/[^"]*)" as="fetch" crossorigin="anonymous">`)
	ask := func(who *person, path string, want ...string) {
		t.Helper()
		a := who.get(path, "Cookie", "earshot_session="+who.token)
		var got []string
		for _, m := range link.FindAllStringSubmatch(string(a.body), -1) {
			got = append(got, html.UnescapeString(m[1]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: asks for %q, want %q", a.what, got, want)
		}
		for _, one := range got {
			who.get(one).want(200)
		}
	}
	const house, me = "/api/house", "/api/me"
	ask(v, "/", house, "/api/stream?of=all&limit=20")
	ask(mina, "/", house, me, "/api/stream?of=all&limit=20")
	mina.put("/api/users/"+k.me.ID+"/follow", nil).want(200)
	ask(mina, "/", house, me, "/api/stream?of=followed&limit=20")
	ask(mina, "/?of=all", house, me)
	ask(v, track.URL, house, found)
	ask(v, track.URL+"/", house)
	ask(v, hidden.URL, house)
	ask(k, hidden.URL, house, me, "/api/resolve?path=%2F"+k.me.Username+"%2Fother")
	ask(v, "/nobody", house)
	ask(v, k.me.URL, house, "/api/resolve?path=%2F"+k.me.Username, "/api/users/"+k.me.ID+"/tracks?limit=20")
	ask(v, k.me.URL+"?tab=likes", house, "/api/resolve?path=%2F"+k.me.Username)
	ask(k, k.me.URL, house, me, "/api/resolve?path=%2F"+k.me.Username, "/api/me/tracks?limit=20")
	mina.put("/api/users/"+k.me.ID+"/block", nil).want(204)
	ask(mina, k.me.URL, house, me, "/api/resolve?path=%2F"+k.me.Username)
	ask(v, "/discover", house)
	k.patch("/api/house", map[string]any{"visitors": false}).want(200)
	ask(v, "/", house)
	ask(v, track.URL, house)
}

package app_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// TestBanner: the wide picture of a profile is set, seen, replaced, taken away
// and dropped with the account, and the portrait beside it stays.
func TestBanner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	mina.put("/api/me/picture", artwork(t)).want(200)
	me := as[wire.Me](mina.put("/api/me/banner", painted(t, 3200, 900)))
	if me.Banner == nil || me.Picture == nil || !strings.Contains(me.Banner.Wide, "/banner/1500?v=") {
		t.Fatalf("got banner %+v and picture %+v", me.Banner, me.Picture)
	}
	for path, size := range map[string]image.Point{me.Banner.Wide: image.Pt(1500, 500), me.Banner.Narrow: image.Pt(750, 250)} {
		for _, p := range []*person{h.visitor(), jun, mina} {
			a := p.get(path).want(200)
			img, err := jpeg.Decode(bytes.NewReader(a.body))
			if err != nil || img.Bounds().Size() != size || a.header.Get("Content-Type") != "image/jpeg" {
				t.Errorf("%s: %v, %v, %v", path, err, img.Bounds(), a.header)
			}
		}
	}
	for _, size := range []string{"100", "300", "600", "0", "-1", "1501", "abc", "99999999999999999999"} {
		jun.get(user(mina, "banner", size)).want(404)
	}
	for _, size := range []string{"750", "1500"} { // a banner is no portrait
		jun.get(user(mina, "picture", size)).want(404)
	}
	if got := as[wire.User](jun.get(user(mina))); got.Banner == nil || got.Banner.Wide != me.Banner.Wide {
		t.Errorf("others see the banner %+v", got.Banner)
	}
	jun.get(user(jun, "banner", "750")).fails(404, "not_found")

	again := as[wire.Me](mina.put("/api/me/banner", painted(t, 40, 40)))
	if again.Banner.Wide == me.Banner.Wide {
		t.Error("a new banner has the address of the old")
	}
	if n := len(h.files()); n != 5 { // three of the portrait, two of the banner
		t.Errorf("after the banner was replaced there are %d files: %v", n, h.files())
	}
	mina.get(as[wire.Me](mina.delete("/api/me/picture")).Banner.Wide).want(200)
	mina.put("/api/me/picture", artwork(t)).want(200)
	mina.put(user(jun, "block"), nil)
	jun.get(again.Banner.Wide).want(404)
	mina.delete(user(jun, "block"))
	if got := as[wire.Me](mina.delete("/api/me/banner")); got.Banner != nil || got.Picture == nil || len(h.files()) != 3 {
		t.Errorf("without a banner: %+v, files %v", got, h.files())
	}
	jun.get(again.Banner.Wide).want(404)

	mina.put("/api/me/banner", artwork(t)).want(200)
	mina.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	deleted(t, h, mina)
	_ = k
	h.check()
}

// TestHostileBanners: what is no picture, or too large, is refused and leaves
// nothing behind.
func TestHostileBanners(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.MaxPicture = 100_000 })
	h.keeper()
	mina := h.member("mina")
	cut := painted(t, 300, 100)
	huge := slices.Clone(cut)
	copy(huge[16:24], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}) // 65535 by 65535, it says
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	for name, c := range map[string]struct {
		body   []byte
		status int
		code   string
	}{
		"nothing":          {[]byte{}, 415, "picture.invalid"},
		"words":            {[]byte("only words"), 415, "picture.invalid"},
		"SVG":              {[]byte("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"), 415, "picture.invalid"},
		"a cut PNG":        {cut[:len(cut)/2], 415, "picture.invalid"},
		"a bomb of pixels": {huge, 413, "picture.too_large"},
		"many bytes":       {make([]byte, 100_001), 413, "picture.too_large"},
		"sound":            {tagged(t, "Song"), 415, "picture.invalid"},
	} {
		a := mina.put("/api/me/banner", c.body)
		if a.status != c.status || !strings.Contains(string(a.body), c.code) {
			t.Errorf("%s: got %d %s, want %d %s", name, a.status, a.body, c.status, c.code)
		}
	}
	if as[wire.Me](mina.get("/api/me")).Banner != nil || len(h.files()) != 0 {
		t.Errorf("something stayed: %v", h.files())
	}
}

// TestCheckKnowsBanners: a banner that is missing on the disk is told of; one
// that is there, of an account with no portrait, is nobody's orphan.
func TestCheckKnowsBanners(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	mina.put("/api/me/banner", artwork(t)).want(200)
	jun.put("/api/me/banner", artwork(t)).want(200)
	k.post("/api/check", nil)
	if c := checked(k); len(c.Found) != 0 {
		t.Errorf("found in a sound house: %v", c.Found)
	}
	if err := os.RemoveAll(filepath.Join(h.dir, "media", "users", mina.me.ID)); err != nil {
		t.Fatal(err)
	}
	h.reopen()
	mina.get(user(mina, "banner", "750")).fails(404, "picture.missing")
	k.post("/api/check", nil)
	if c := checked(k); len(c.Found) != 1 || !strings.Contains(c.Found[0], "The banner of mina") {
		t.Errorf("found: %v", c.Found)
	}
	jun.get(user(jun, "banner", "750")).want(200) // also after the sweep of the start
}

// TestPinned: one pins an own track alone, and it shows to those alone who find
// it on the page anyway.
func TestPinned(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	sora.put(user(mina, "follow"), nil).want(200)
	song := mina.upload("song.mp3", tagged(t, "A secret title"), "public")
	hidden := jun.upload("jun.mp3", wave(22050), "private")
	open := jun.upload("open.mp3", wave(11025), "public")
	pin := func(id string) answer { return mina.patch("/api/me", wire.MePatch{Pinned: &id}) }
	pin(hidden.ID).fails(404, "not_found")
	pin("zzzz").fails(404, "not_found")
	pin(open.ID).fails(403, "forbidden")
	if me := as[wire.Me](pin(song.ID)); me.Pinned == nil || me.Pinned.ID != song.ID {
		t.Fatalf("pinned: %+v", me.Pinned)
	}
	mina.patch("/api/me", wire.MePatch{Bio: ptr("Loud.")}).want(200) // what is absent stays

	// sees tells who finds the track pinned; the others find no trace of it.
	sees := func(when string, want ...*person) {
		t.Helper()
		for _, p := range []*person{h.visitor(), jun, sora, mina, k} {
			has := slices.ContainsFunc(want, func(w *person) bool { return w.name == p.name })
			for _, path := range []string{user(mina), "/api/resolve?path=/mina"} {
				a := p.get(path)
				if is := strings.Contains(string(a.body), `"pinned"`); is != has {
					t.Errorf("%s: %s at %s finds it pinned: %v (%d)", when, p.name, path, is, a.status)
				}
				if !has && (strings.Contains(string(a.body), song.ID) || strings.Contains(string(a.body), "secret")) {
					t.Errorf("%s: %s at %s: a trace of it: %s", when, p.name, path, a.body)
				}
			}
			if a := p.get(user(mina, "followers")); strings.Contains(string(a.body), `"pinned"`) {
				t.Errorf("%s: a list has it: %s", when, a.body)
			}
		}
		if is := as[wire.Me](mina.get("/api/me")).Pinned != nil; is != slices.Contains(want, mina) {
			t.Errorf("%s: the own account has it: %v", when, is)
		}
	}
	visitor := h.visitor()
	sees("public", visitor, jun, sora, mina, k)
	for visibility, who := range map[string][]*person{"private": {mina}, "link": {mina}, "followers": {sora, mina}} {
		mina.patch("/api/tracks/"+song.ID, wire.TrackPatch{Visibility: ptr(visibility)}).want(200)
		sees(visibility, who...)
	}
	mina.patch("/api/tracks/"+song.ID, wire.TrackPatch{Visibility: ptr("link")}).want(200)
	guest := h.visitor()
	guest.opensLink(as201[wire.Link](mina.post("/api/tracks/"+song.ID+"/links", wire.LinkPatch{})))
	if a := guest.get("/api/resolve?path=/mina"); strings.Contains(string(a.body), song.ID) {
		t.Errorf("who has its link finds it on the page: %s", a.body)
	}
	mina.patch("/api/tracks/"+song.ID, wire.TrackPatch{Visibility: ptr("public")}).want(200)
	mina.put(user(jun, "block"), nil)
	sees("one is blocked", visitor, sora, mina, k)
	mina.delete(user(jun, "block"))
	sees("public again", visitor, jun, sora, mina, k)

	pin("").want(200)
	sees("not pinned")
	pin(song.ID).want(200)
	mina.delete("/api/tracks/" + song.ID).want(204)
	sees("deleted")
	h.check()
}

// as201 reads what was made.
func as201[T any](a answer) (v T) {
	a.t.Helper()
	a.want(201).into(&v)
	return v
}

package app_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// search asks and gives what was found.
func (p *person) search(query string, more ...string) wire.Found {
	p.h.t.Helper()
	return as[wire.Found](p.get("/api/search?q=" + url.QueryEscape(query) + strings.Join(more, "")))
}

// found gives what was found, one word a thing: its kind's letter and its name.
func found(f wire.Found) string {
	var list []string
	for _, hit := range f.Items {
		switch {
		case hit.Track != nil:
			list = append(list, "t:"+hit.Track.Title)
		case hit.User != nil:
			list = append(list, "u:"+hit.User.Name)
		case hit.Playlist != nil:
			list = append(list, "p:"+hit.Playlist.Title)
		case hit.Tag != nil:
			list = append(list, "g:"+hit.Tag.Name)
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// finds waits until a search gives just these things: the index follows within
// a second.
func (p *person) finds(query, want string) time.Duration {
	p.h.t.Helper()
	began := time.Now()
	for {
		got := found(p.search(query))
		if got == want {
			return time.Since(began)
		}
		if time.Since(began) > 20*time.Second {
			p.h.t.Fatalf("%s searches for %q: got %q, want %q", p.name, query, got, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// settled waits until all that has happened is in the index.
func (p *person) settled() {
	p.h.t.Helper()
	for range 6000 { // two minutes, for the benchmarks' large house
		if i := as[wire.Index](p.get("/api/search/index")); i.Waiting == 0 && !i.Building && i.Documents > 0 {
			if i.Error != "" {
				p.h.t.Fatalf("the index has gone wrong: %s", i.Error)
			}
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.h.t.Fatal("the index does not come to rest")
}

// TestSearchFollows: what is made, changed, hidden and deleted is found, or not
// any more, right afterwards.
func TestSearchFollows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	var longest time.Duration
	expect := func(p *person, query, want string) {
		t.Helper()
		longest = max(longest, p.finds(query, want))
	}
	song := mina.sing("밤기차 Night train", "private")
	expect(mina, "night tra", "t:밤기차 Night train")
	expect(mina, "ㅂㄱㅊ", "t:밤기차 Night train")
	expect(jun, "night", "")
	mina.patch(track(song), wire.TrackPatch{Visibility: ptr("public"), Tags: ptr([]string{"여행", "slow"})}).want(200)
	expect(jun, "night", "t:밤기차 Night train")
	expect(jun, "여행", "g:여행, t:밤기차 Night train")
	mina.patch(track(song), wire.TrackPatch{Title: ptr("Morning ferry"), Tags: ptr([]string{"slow"})}).want(200)
	expect(jun, "night", "")
	expect(jun, "여행", "")
	expect(jun, "ferry", "t:Morning ferry")
	expect(jun, "mina ferry", "t:Morning ferry") // the owner's name belongs to it
	mina.patch("/api/me", wire.MePatch{Name: ptr("하현우"), Username: ptr("hyunwoo")}).want(200)
	expect(jun, "하현우", "t:Morning ferry, u:하현우")
	expect(jun, "ㅎㅎㅇ", "t:Morning ferry, u:하현우")
	expect(jun, "mina", "")
	list := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "Evening rain", Tracks: []string{song.ID}}))
	expect(mina, "evening", "p:Evening rain")
	expect(jun, "evening", "")
	mina.patch(playlist(list), wire.PlaylistPatch{Visibility: ptr("public")}).want(200)
	expect(jun, "evening", "p:Evening rain")
	jun.put(user(mina, "block"), nil).want(204)
	expect(jun, "evening", "")
	expect(mina, "jun", "")
	jun.delete(user(mina, "block")).want(204)
	expect(jun, "evening", "p:Evening rain")
	keeper.put(user(mina, "suspension"), nil).want(200)
	expect(jun, "ferry", "")
	expect(jun, "slow", "")
	expect(keeper, "ferry", "")
	keeper.delete(user(mina, "suspension")).want(200)
	expect(jun, "ferry", "t:Morning ferry")
	expect(jun, "slow", "g:slow, t:Morning ferry")
	mina.become(h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}), 200)
	mina.delete(playlist(list)).want(204)
	expect(jun, "evening", "")
	mina.delete(track(song)).want(204)
	expect(jun, "ferry", "")
	mina.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	expect(jun, "하현우", "")
	keeper.settled()
	t.Logf("the longest wait was %v", longest.Round(time.Millisecond))
}

// TestSearchHidesTheHidden asks for words that only hidden things have, as
// everybody: no hit, no count and no facet tells of them.
func TestSearchHidesTheHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mina.patch(w.fill("/api/tracks/{private}"), wire.TrackPatch{Tags: ptr([]string{"hush", "slow"})}).want(200)
	w.mina.patch(w.fill("/api/tracks/{public}"), wire.TrackPatch{Tags: ptr([]string{"aloud", "slow"}), Downloadable: ptr(true)}).want(200)
	w.keeper.settled()
	empty := wire.HitCounts{}
	for _, c := range []struct {
		who   *person
		query string
		want  string
	}{
		{w.visitor(), "secret", ""},
		{w.jun, "secret", ""},
		{w.sora, "secret", ""},
		{w.haru, "secret", ""},
		{w.keeper, "secret", ""},
		{w.mina, "secret", "p:A secret list, t:A secret title"},
		{w.jun, "hush", ""},
		{w.mina, "hush", "t:A secret title"}, // no public track makes a tag of it
		{w.mina, "slow", "g:slow, t:A secret title, t:Public song"},
		{w.jun, "slow", "g:slow, t:Public song"},
		{w.haru, "slow", ""},
		{w.haru, "aloud", ""},
		{w.haru, "open list", ""},
		{w.haru, "mina", ""},
		{w.mina, "haru", ""},
		{w.jun, "inner words", ""},
		{w.jun, "sus", ""},
		{w.keeper, "sus", ""},
		{w.void[0], "secret", ""},
	} {
		if got := found(c.who.search(c.query)); got != c.want {
			t.Errorf("%s searches for %q: got %q, want %q", c.who.name, c.query, got, c.want)
		}
		for _, filter := range []string{"&downloadable=true", "&tag=slow", "&duration=short", "&date=week", "&kind=track"} {
			f := c.who.search(c.query, filter)
			if c.want == "" && (len(f.Items) > 0 || f.Counts != empty || f.Facets == nil || len(f.Facets.Tags) > 0 || f.Facets.Downloadable != 0 || f.Next != "") {
				t.Errorf("%s searches for %q with %s: got %+v, want nothing", c.who.name, c.query, filter, f)
			}
		}
		suggested := as[wire.Found](c.who.get("/api/search/suggest?q=" + url.QueryEscape(c.query)))
		if got := found(suggested); got != c.want {
			t.Errorf("%s types %q: got %q, want %q", c.who.name, c.query, got, c.want)
		}
	}
	// What the counts tell follows who asks.
	for _, c := range []struct {
		who  *person
		want uint64
	}{{w.mina, 1}, {w.jun, 1}} {
		for _, hit := range c.who.search("slow").Items {
			if hit.Tag != nil && hit.Tag.Tracks != c.want {
				t.Errorf("%s: the tag has %d tracks, want %d", c.who.name, hit.Tag.Tracks, c.want)
			}
		}
	}
}

// TestSearchCountsAndFilters counts a house that is known.
func TestSearchCountsAndFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina := h.member("mina")
	for i := range 25 {
		tags := []string{"rain"}
		if i%5 == 0 {
			tags = append(tags, "Piano")
		}
		song := mina.sing(fmt.Sprintf("Harbour %02d", i), "public")
		mina.patch(track(song), wire.TrackPatch{Tags: &tags, Downloadable: ptr(i < 3)}).want(200)
	}
	made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "Harbour list", Visibility: "public"}))
	h.member("harbourmaster")
	keeper.settled()

	all := keeper.search("harbour")
	if want := (wire.HitCounts{Tracks: 25, People: 1, Playlists: 1}); all.Counts != want {
		t.Errorf("got counts %+v, want %+v", all.Counts, want)
	}
	f := all.Facets
	if fmt.Sprint(f.Tags) != "[{rain 25} {Piano 5}]" || fmt.Sprint(f.Durations) != "[{short 25} {medium 0} {long 0} {very_long 0}]" ||
		fmt.Sprint(f.Dates) != "[{week 25} {month 25} {year 25} {older 0}]" || f.Downloadable != 3 {
		t.Errorf("got facets %+v", f)
	}
	for _, c := range []struct {
		filter string
		tracks int
		people int
	}{
		{"&tag=piano", 5, 1}, {"&tag=PIANO", 5, 1}, {"&tag=none", 0, 1}, {"&downloadable=true", 3, 1}, {"&duration=short", 25, 1}, {"&duration=long", 0, 1},
		{"&date=month", 25, 1}, {"&date=older", 0, 1}, {"&tag=piano&downloadable=true", 1, 1}, {"&kind=user", 25, 1},
	} {
		if got := keeper.search("harbour", c.filter).Counts; got.Tracks != c.tracks || got.People != c.people {
			t.Errorf("%s: got %+v, want %d tracks and %d people", c.filter, got, c.tracks, c.people)
		}
	}
	// Pages hold everything once, whatever is done meanwhile.
	seen := map[string]bool{}
	next, pages := "", 0
	for {
		page := keeper.search("harbour", "&kind=track&limit=7"+next)
		for _, hit := range page.Items {
			if seen[hit.Track.ID] {
				t.Errorf("%s is on two pages", hit.Track.Title)
			}
			seen[hit.Track.ID] = true
		}
		if pages++; page.Next == "" {
			break
		}
		if pages == 1 && page.Facets == nil || pages > 1 && page.Facets != nil {
			t.Errorf("page %d: got facets %+v", pages, page.Facets)
		}
		mina.sing(fmt.Sprintf("Harbour, later %d", pages), "public")
		next = "&cursor=" + page.Next
		if pages > 30 {
			t.Fatal("the pages do not end")
		}
	}
	if pages < 4 || len(seen) < 25 {
		t.Errorf("got %d tracks on %d pages, want at least 25 on 4", len(seen), pages)
	}
	first := keeper.search("harbour", "&limit=2")
	for name, path := range map[string]string{
		"of another query": "/api/search?q=other&limit=2&cursor=" + first.Next, "of another filter": "/api/search?q=harbour&kind=track&cursor=" + first.Next,
		"made up": "/api/search?q=harbour&cursor=AAAA", "changed": "/api/search?q=harbour&cursor=" + flip(first.Next),
	} {
		if a := keeper.get(path); a.status != 400 || a.code() != "cursor.invalid" {
			t.Errorf("a cursor %s: got %d %s", name, a.status, a.body)
		}
	}
	mina.get("/api/search?q=harbour&cursor="+first.Next).fails(400, "cursor.invalid") // another's
}

// TestSearchHostile types what nobody would: all of it is answered, fast, and
// nothing of it is understood as more than words (SAFETY F54).
func TestSearchHostile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina := h.member("mina")
	mina.sing("Night train", "public")
	mina.sing("Hidden thing", "private")
	keeper.settled()
	for name, c := range map[string]struct {
		query string
		want  string
	}{
		"nothing": {"", ""}, "spaces": {"  \t ", ""}, "punctuation": {"?!… --- ***", ""}, "controls": {"\x00\x01\u200b\u202e", ""},
		"a wildcard": {"*", ""}, "a wildcard with letters": {"hid*", ""}, "a regular expression": {"/.*/", ""}, "a field": {"owner:" + mina.me.ID, ""},
		"all fields": {"_all:night", ""}, "a fuzzy word": {"night~9", ""}, "parentheses": {strings.Repeat("(", 2500) + "night" + strings.Repeat(")", 2500), ""},
		"ten thousand letters": {strings.Repeat("가", 500) + strings.Repeat("a", 10_000), ""}, "many words": {strings.Repeat("night ", 1000), "t:Night train"},
		"not UTF-8": {"\xff\xfenight", "t:Night train"}, "operators": {"night AND NOT train", ""}, "a boost": {"night^100", ""}, "quotes": {"\"night train\"", "t:Night train"},
		"a range": {"created:>1970", ""}, "a minus": {"-night", "t:Night train"}, "a plus": {"+night +train", "t:Night train"}, "emoji": {"🚂", ""},
	} {
		began := time.Now()
		a := h.visitor().get("/api/search?q=" + url.QueryEscape(c.query))
		took := time.Since(began)
		if a.status != 200 {
			t.Errorf("%s: got %d %s", name, a.status, shorten(a.body))
			continue
		}
		if got := found(as[wire.Found](a)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if h.visitor().get("/api/search/suggest?q=" + url.QueryEscape(c.query)).want(200); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	for _, path := range []string{"?q=night&kind=password", "?q=night&duration=x", "?q=night&date=1", "?q=night&downloadable=perhaps", "?q=night&sort=email", "?q=night&filter=password_hash"} {
		keeper.get("/api/search" + path).want(400)
	}
	for path, n := range map[string]int{"limit=1000000000": 1, "limit=-1": 1} {
		if got := keeper.search("night", "&"+path); len(got.Items) != n {
			t.Errorf("%s: got %d things, want %d", path, len(got.Items), n)
		}
	}
}

// TestSearchOfOneKind finds a person whose name is a word of very many things.
func TestSearchOfOneKind(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina := h.member("mina")
	zed := h.member("zed")
	zed.patch("/api/me", wire.MePatch{Name: ptr("Zed Night")}).want(200)
	for range 320 {
		mina.post("/api/playlists", wire.NewPlaylist{Title: "Night", Visibility: "public"}).want(201)
	}
	keeper.settled()
	f := keeper.search("night", "&kind=user")
	if got := found(f); got != "u:Zed Night" || f.Counts.People != 1 || f.Counts.Playlists != 100 || !f.Counts.More {
		t.Errorf("got %q and %+v, want her, and to be told of more playlists", got, f.Counts)
	}
}

// TestSearchWithoutAnIndex is told at once that the index can't be opened.
func TestSearchWithoutAnIndex(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper().settled()
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(h.dir, "index")
	if err := errors.Join(os.RemoveAll(index), os.WriteFile(index, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	h.open()
	began := time.Now()
	for range 5 {
		h.visitor().get("/api/search?q=night").fails(503, "search.unavailable")
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("five answers took %v", took)
	}
	h.visitor().get("/api/stream").want(200)
}

// TestSearchMarks tells what matches, in the units of browsers.
func TestSearchMarks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina := h.member("mina")
	title := "𝄞 밤기차 Night train"
	song := mina.sing("x", "public")
	mina.patch(track(song), wire.TrackPatch{Title: &title}).want(200)
	keeper.settled()
	for query, want := range map[string]string{"night": "[[7 12]]", "기차": "[[4 6]]", "trai": "[[13 17]]"} {
		f := keeper.search(query)
		if len(f.Items) != 1 || fmt.Sprint(f.Items[0].Marks) != want {
			t.Errorf("%q: got %+v, want marks %s", query, f.Items, want)
		}
	}
}

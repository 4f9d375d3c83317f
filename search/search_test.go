package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/search"

	"golang.org/x/text/unicode/norm"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	docs := []search.Doc{
		track(1, "하현우"),
		track(2, "하현우의 노래", "국카스텐"),
		track(3, "돌덩이", "하현우", "이태원 클라쓰"),
		track(4, "ITZY (있지) - Dalla Dalla", "있지"),
		track(5, "Halo", "Beyoncé", "I Am… Sasha Fierce"),
		track(6, "Don't Stop Me Now", "Queen"),
		track(7, "Around the World", "Daft Punk"),
		track(8, "Hip-Hop is not dead", "AC/DC"),
		track(9, "너의 의미", "아이유"),
		track(10, "东京の夜 ライブ", "山田太郎"),
		track(11, "hello_world_01", "Ёлка"),
		track(12, "Night Train", "Ωmega"),
		track(13, "닭갈비 송", "의자"),
		track(14, "Hello Goodbye", "Straße"),
		track(15, "가수"),
		track(16, "ㄳ"),
		track(17, "나혼자 노래해"),
		track(18, "바람이 분다"),
		track(19, "별빛", "라하"),
		track(20, "나중에 리고 라면 리본 바섬"),
	}
	ix := open(t, t.TempDir())
	build(t, ix, 1, docs)
	cases := []struct {
		text   string
		typing bool
		first  []uint64 // the first hits, in this order
		also   []uint64 // further hits
		never  []uint64
	}{
		{text: "하현우", first: []uint64{1, 3, 2}},
		{text: "하현", first: []uint64{1, 2}, also: []uint64{3}},
		{text: "현우", first: []uint64{1, 2}, also: []uint64{3}},
		{text: "하", first: []uint64{1, 2}, also: []uint64{3}},
		{text: "ㅎㅎㅇ", first: []uint64{1, 2}, also: []uint64{3}},
		{text: "하ㅎㅇ", first: []uint64{1, 2}, also: []uint64{3}},
		{text: "하ㅎ", first: []uint64{1, 2}},
		{text: "ㅎ현우", first: []uint64{1, 2}},
		{text: "ㅗ디ㅣㅐ ㅈㅐㄱㅣㅇ", first: []uint64{11}},
		{text: "ㅗ디ㅣㅐ ㅈㅐ기ㅇ", first: []uint64{11}},
		{text: "ㅎㅇ", first: []uint64{1, 2}, also: []uint64{3}},
		{text: "ㄴㅇㅇㅁ", first: []uint64{9}},
		{text: "ㅇㅇㅁ", first: []uint64{9}},
		{text: norm.NFD.String("하현우"), first: []uint64{1, 3, 2}},
		{text: "gkgusdn", first: []uint64{1}, also: []uint64{2, 3}},
		{text: "GKGUSDN", first: []uint64{1}, also: []uint64{2}},
		{text: "ㅗ디ㅣㅐ", first: []uint64{14, 11}},
		{text: "있지", first: []uint64{4}},
		{text: "itzy", first: []uint64{4}},
		{text: "ITZY있지", first: []uint64{4}},
		{text: "하현우 돌덩이", first: []uint64{3}, never: []uint64{1, 2}},
		{text: "돌 덩이", first: []uint64{3}},
		{text: "돌덩", first: []uint64{3}},
		{text: "너의의미", first: []uint64{9}},
		{text: "너의 의미", first: []uint64{9}},
		{text: "beyonce", first: []uint64{5}},
		{text: "BEYONCÉ halo", first: []uint64{5}},
		{text: "beyocne", first: []uint64{5}},
		{text: "beyoncce", first: []uint64{5}},
		{text: "byonce", first: []uint64{5}},
		{text: "ceyonce", never: []uint64{5}},
		{text: "dont stop", first: []uint64{6}},
		{text: "don't stop", first: []uint64{6}},
		{text: "don’t stop", first: []uint64{6}},
		{text: "daftpunk", first: []uint64{7}},
		{text: "daft punk", first: []uint64{7}},
		{text: "hiphop", first: []uint64{8}},
		{text: "hip hop", first: []uint64{8}},
		{text: "hip-hop", first: []uint64{8}},
		{text: "acdc", first: []uint64{8}},
		{text: "ac/dc", first: []uint64{8}},
		{text: "nighttrain", first: []uint64{12}},
		{text: "東京"}, // another character than 东
		{text: "东京", first: []uint64{10}},
		{text: "らいぶ", first: []uint64{10}},
		{text: "ライブ", first: []uint64{10}},
		{text: "ﾗｲﾌﾞ", first: []uint64{10}},
		{text: "太郎", first: []uint64{10}},
		{text: "елка", first: []uint64{11}},
		{text: "ωMEGA", first: []uint64{12}},
		{text: "strasse", first: []uint64{14}},
		{text: "world", first: []uint64{11, 7}},
		{text: "hello world", first: []uint64{11}},
		{text: "wor", typing: true, first: []uint64{11, 7}},
		{text: "hello w", typing: true, first: []uint64{11}, never: []uint64{7, 14}},
		{text: "hel wor", typing: true, first: []uint64{11}}, // no word is hel: it may be a beginning,
		{text: "하혀", typing: true, first: []uint64{1, 2}, also: []uint64{3}},
		{text: "핳", typing: true, first: []uint64{1, 2}, also: []uint64{3}},
		{text: "하ㅎ", typing: true, first: []uint64{1, 2}},
		{text: "ㅎ", typing: true, also: []uint64{1, 2, 3}},
		{text: "하현ㅇ", typing: true, first: []uint64{1, 2}},
		{text: "달", typing: true, first: []uint64{13}},
		{text: "닭", typing: true, first: []uint64{13}},
		{text: "닭ㄱ", typing: true, first: []uint64{13}},
		{text: "으", typing: true, also: []uint64{13, 9}},
		{text: "gkgus", typing: true, first: []uint64{1, 2}},
		{text: "gkgu", typing: true, first: []uint64{1, 2}},
		{text: "ㄳ", first: []uint64{16, 15}},
		{text: "ㄳ", typing: true, first: []uint64{16}, also: []uint64{15}},
		{text: "ㄱㅅ", first: []uint64{15}},
		{text: "ㄶ", first: []uint64{17}, never: []uint64{18}},
		{text: "ㄶㅈ", first: []uint64{17}},
		{text: "나ㄶ", never: []uint64{17}},
		{text: "ㅀ", also: []uint64{19}},
		{text: "ㄵ", first: []uint64{20}},
		{text: "ㄺ", first: []uint64{20}},
		{text: "ㄻ", first: []uint64{20}},
		{text: "ㄼ", first: []uint64{20}},
		{text: "ㅄ", also: []uint64{13, 20}},
		{text: "beyonv", typing: true, first: []uint64{5}},
		{text: "beyo", first: []uint64{5}},
	}
	for _, c := range cases {
		got := ids(t, ix, search.Query{Text: c.text, Typing: c.typing})
		if len(got) < len(c.first) || !slices.Equal(got[:len(c.first)], c.first) {
			t.Errorf("%q (typing %v): got %v, want %v first", c.text, c.typing, got, c.first)
		}
		for _, id := range c.also {
			if !slices.Contains(got, id) {
				t.Errorf("%q (typing %v): got %v, want %d too", c.text, c.typing, got, id)
			}
		}
		for _, id := range c.never {
			if slices.Contains(got, id) {
				t.Errorf("%q (typing %v): got %v, want no %d", c.text, c.typing, got, id)
			}
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Unix(1_700_000_000, 0).AddDate(0, 0, n) }
	docs := []search.Doc{
		{Ref: search.Ref{Kind: search.Track, ID: 1}, Owner: 1, Public: true, Title: "song", Tags: []string{"Hip-Hop"}, Created: day(0), Duration: time.Minute, Downloadable: true},
		{Ref: search.Ref{Kind: search.Track, ID: 2}, Owner: 1, Public: false, Title: "song", Created: day(1), Duration: 2 * time.Minute},
		{Ref: search.Ref{Kind: search.Track, ID: 3}, Owner: 2, Public: true, Title: "song", Tags: []string{"hip", "Ｈop"}, Created: day(2), Duration: 59*time.Minute + 999*time.Millisecond},
		{Ref: search.Ref{Kind: search.Track, ID: 4}, Owner: 2, Public: false, Title: "song", Created: day(400), Duration: 90 * time.Hour},
		{Ref: search.Ref{Kind: search.Person, ID: 5}, Owner: 5, Public: true, Title: "song", Created: day(1)},
		{Ref: search.Ref{Kind: search.Playlist, ID: 6}, Owner: 5, Public: true, Title: "song"},
		{Ref: search.Ref{Kind: search.Tag, ID: 7}, Public: true, Title: "song"},
		{Ref: search.Ref{Kind: search.Track, ID: 5}, Owner: 0, Public: false, Title: "song"},
		{Ref: search.Ref{Kind: search.Track, ID: 8}, Owner: 2, Followers: true, Title: "song"},
		{Ref: search.Ref{Kind: search.Playlist, ID: 9}, Owner: 5, Followers: true, Title: "song"},
	}
	var crowd []uint64 // nobody who has anything
	for i := range uint64(500) {
		crowd = append(crowd, 1000+i)
	}
	ix := open(t, t.TempDir())
	build(t, ix, 1, docs)
	cases := []struct {
		name string
		q    search.Query
		want []uint64
	}{
		{"everything", search.Query{}, []uint64{7, 6, 5, 3, 1}},
		{"own private things too", search.Query{Viewer: 2}, []uint64{8, 7, 6, 5, 4, 3, 1}},
		{"what is for followers of one", search.Query{Followed: []uint64{2}}, []uint64{8, 7, 6, 5, 3, 1}},
		{"of another, among many", search.Query{Followed: append(crowd, 5)}, []uint64{9, 7, 6, 5, 3, 1}},
		{"of both, among many", search.Query{Followed: append([]uint64{2, 5}, crowd...)}, []uint64{9, 8, 7, 6, 5, 3, 1}},
		{"of nobody who has any", search.Query{Followed: append([]uint64{1}, crowd...)}, []uint64{7, 6, 5, 3, 1}},
		{"of somebody who is left out", search.Query{Followed: []uint64{2, 5}, Without: []uint64{5}}, []uint64{8, 7, 3, 1}},
		{"tracks", search.Query{Kinds: []search.Kind{search.Track}}, []uint64{3, 1}},
		{"people and tags", search.Query{Kinds: []search.Kind{search.Person, search.Tag}}, []uint64{7, 5}},
		{"an unknown kind", search.Query{Kinds: []search.Kind{99}}, []uint64{}},
		{"without somebody", search.Query{Without: []uint64{2, 5}}, []uint64{7, 1}},
		{"without oneself", search.Query{Viewer: 2, Without: []uint64{2}}, []uint64{7, 6, 5, 1}},
		{"a tag", search.Query{Tag: "hip-hop"}, []uint64{1}},
		{"a tag in other letters", search.Query{Tag: "HOP"}, []uint64{3}},
		{"part of a tag", search.Query{Tag: "hi"}, []uint64{}},
		{"downloadable", search.Query{Downloadable: true}, []uint64{1}},
		{"short", search.Query{Durations: [2]time.Duration{0, 2 * time.Minute}}, []uint64{1}},
		{"from two minutes", search.Query{Durations: [2]time.Duration{2 * time.Minute}, Viewer: 1}, []uint64{3, 2}},
		{"up to an hour", search.Query{Durations: [2]time.Duration{2 * time.Minute, time.Hour}, Viewer: 1}, []uint64{3, 2}},
		{"longer than can be told", search.Query{Durations: [2]time.Duration{time.Hour}, Viewer: 2}, []uint64{4}},
		{"nothing is that long", search.Query{Durations: [2]time.Duration{5, 5}}, []uint64{}},
		{"from a day", search.Query{Created: [2]time.Time{day(1)}, Viewer: 2}, []uint64{5, 4, 3}},
		{"before a day", search.Query{Created: [2]time.Time{{}, day(1)}}, []uint64{1}},
		{"from the minute after", search.Query{Created: [2]time.Time{day(1).Add(time.Minute), day(3)}}, []uint64{3}},
		{"all at once", search.Query{Kinds: []search.Kind{search.Track}, Tag: "hip-hop", Downloadable: true, Viewer: 1, Created: [2]time.Time{day(-1), day(1)}, Durations: [2]time.Duration{1, time.Hour}}, []uint64{1}},
		{"one of them", search.Query{Most: 1}, []uint64{7}},
	}
	for _, c := range cases {
		c.q.Text = "song"
		if got := ids(t, ix, c.q); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		most := c.q.Most
		c.q.Most = 0
		hits, err := ix.Search(t.Context(), c.q)
		if err != nil || len(hits.Items) != 0 || most == 0 && hits.Total != uint64(len(c.want)) {
			t.Errorf("%s: got %d of %d, %v", c.name, len(hits.Items), hits.Total, err)
		}
	}
}

// TestPrivateWordsChangeNothing: whether a word is looked for in other ways
// depends on how many have it; what the asker may not see does not count.
func TestPrivateWordsChangeNothing(t *testing.T) {
	t.Parallel()
	docs := []search.Doc{track(1, "nights in seoul"), track(2, "seoulful")}
	for i := range 30 {
		d := track(uint64(100+i), "nighty seoul")
		d.Public, d.Owner = false, 9
		docs = append(docs, d)
	}
	with, without := open(t, t.TempDir()), open(t, t.TempDir())
	build(t, with, 1, docs)
	build(t, without, 1, docs[:2])
	for _, text := range []string{"nighty", "night", "seoul", "seoulf", "nighty seoul"} {
		for _, typing := range []bool{false, true} {
			q := search.Query{Text: text, Typing: typing, Most: 10, Viewer: 3}
			a, err := with.Search(t.Context(), q)
			b, err2 := without.Search(t.Context(), q)
			if err != nil || err2 != nil || a.Total != b.Total || !slices.Equal(a.Items, b.Items) {
				t.Errorf("%q: %v with private ones, %v without", text, a, b)
			}
		}
	}
}

func TestHostileQueries(t *testing.T) {
	t.Parallel()
	ix := open(t, t.TempDir())
	private := track(90_001, "hushed owner x")
	private.Public = false
	build(t, ix, 1, append(library(3000, 5), private, track(90_002, "owner x files")))
	cases := []struct {
		name, text string
		empty      bool // it holds no word, and finds nothing while it is typed either
		found      int  // -1: never mind
	}{
		{"a star", "*", true, 0},
		{"a tilde", "~9", false, -1},
		{"a pattern", "/.*/", true, 0},
		{"a pattern with a letter", "/q.*/", false, -1},
		{"a field", "owner:x", false, 1},
		{"a field of the index", "f:v", false, -1},
		{"what marks beginnings", "^hushed", false, 0},
		{"what marks wholes", "=hushed", false, 0},
		{"brackets", strings.Repeat("(", 5000), true, 0},
		{"brackets and a word", strings.Repeat("(", 5000) + "night", true, 0}, // beyond what is read
		{"control characters", "\x00\x01\x02\x7f", true, 0},
		{"control characters within", "own\x00er x", false, -1},
		{"10 kB of a word", strings.Repeat("night ", 1700), false, -1},
		{"10 kB of a letter", strings.Repeat("a", 10_000), false, 0},
		{"10 kB of a syllable", strings.Repeat("가", 3_500), false, 0},
		{"10 kB of different words", different(2000), false, 0},
		{"10 kB of consonants", strings.Repeat("ㅎ", 3_500), false, 0},
		{"10 kB of links", strings.Repeat("a-", 5000), false, -1},
		{"accents", "a" + strings.Repeat("\u0301", 3000), false, -1},
		{"no UTF-8", "\xff\xfe\xfd", true, 0},
		{"nothing", "", true, 0},
		{"one letter", "a", false, -1},
	}
	for _, c := range cases {
		for _, typing := range []bool{false, true} {
			start := time.Now()
			hits, err := ix.Search(t.Context(), search.Query{Text: c.text, Typing: typing, Most: 1 << 30})
			took := time.Since(start)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if c.found >= 0 && (!typing || c.empty) && int(hits.Total) != c.found {
				t.Errorf("%s: found %d, want %d", c.name, hits.Total, c.found)
			}
			if took > time.Second { // 200 ms on a quiet machine
				t.Errorf("%s: took %v", c.name, took)
			}
			for _, h := range hits.Items {
				if h.ID == 90_001 {
					t.Errorf("%s: found what is private", c.name)
				}
			}
			if len(hits.Items) > 1000 {
				t.Errorf("%s: %d hits", c.name, len(hits.Items))
			}
			search.Marks("the hushed owner x of nights", c.text)
		}
	}
}

func different(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "n%d ", i)
	}
	return b.String()
}

// TestTogether lets everything happen at once.
func TestTogether(t *testing.T) {
	t.Parallel()
	ix := open(t, t.TempDir())
	docs := library(600, 9)
	build(t, ix, 1, docs)
	var all sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	for worker := range 4 {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				q := search.Query{Text: docs[(i*7+worker)%len(docs)].Title, Typing: i%2 == 0, Most: 5, Viewer: 1}
				hits, err := ix.Search(ctx, q)
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				if err == nil && hits.Total < uint64(len(hits.Items)) {
					t.Errorf("%d hits of %d", len(hits.Items), hits.Total)
				}
			}
		})
	}
	all.Go(func() {
		for seq := uint64(2); ctx.Err() == nil; seq++ {
			d := docs[int(seq)%len(docs)]
			if err := ix.Apply(ctx, seq, []search.Doc{d}, []search.Ref{{Kind: search.Tag, ID: 1}}); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			_, _, _ = ix.Seq(), ix.Size(), ix.Reason()
		}
	})
	all.Go(func() {
		for ctx.Err() == nil {
			if err := ix.Rebuild(ctx, 1, every(docs), nil); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	if n, err := ix.Count(); n != 600 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
}

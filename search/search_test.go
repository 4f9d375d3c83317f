package search_test

import (
	"slices"
	"testing"

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

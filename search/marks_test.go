package search

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// bracketed shows marks in a text.
func bracketed(text string, marks [][2]int) string {
	var b strings.Builder
	at := 0
	for _, m := range marks {
		b.WriteString(text[at:m[0]] + "[" + text[m[0]:m[1]] + "]")
		at = m[1]
	}
	return b.String() + text[at:]
}

func TestMarks(t *testing.T) {
	t.Parallel()
	nfd := norm.NFD.String("하현우")
	cases := []struct{ text, query, want string }{
		{"Night Train", "night", "[Night] Train"},
		{"Night Train", "train NIGHT", "[Night] [Train]"},
		{"Beyoncé", "beyonce", "[Beyoncé]"},
		{"Beyonce\u0301!", "beyoncé", "[Beyonce\u0301]!"},
		{"Straße", "strasse", "[Straße]"},
		{"Straße", "stras", "[Straß]e"},
		{"Nightingale", "night", "[Night]ingale"},
		{"a train", "t", "a [t]rain"},
		{"a train", "t x", "a train"},
		{"Beyoncé live", "beyocne", "[Beyoncé] live"},
		{"Hip-Hop", "hiphop", "[Hip-Hop]"},
		{"Don't stop", "dont", "[Don't] stop"},
		{"하현우의 노래", "하현우", "[하현우]의 노래"},
		{"하현우의 노래", "현우", "하[현우]의 노래"},
		{"돌 덩이", "돌덩이", "[돌 덩이]"},
		{"하현우 돌덩이", "ㅎㅎㅇ", "[하현우] 돌덩이"},
		{"너의 의미", "ㅇㅇㅁ", "너[의 의미]"},
		{"가수 하현우", "ㄳ", "[가수] 하현우"},
		{"갑사", "ㄳ", "[갑사]"},
		{"ㄳ 가수", "ㄳ", "[ㄳ] 가수"},
		{"라마 바람", "ㄻ", "[라마] 바람"},
		{"밤 바다 소리", "ㅄㄹ", "밤 바다 소리"},
		{"꿈 별 빛속", "ㅂㅄ", "꿈 [별 빛속]"},
		{"하현우", "하혀", "[하현]우"},
		{"하현우", "핳", "[하현]우"},
		{"하현우", "gkgusdn", "[하현우]"},
		{"hello", "ㅗ디ㅣㅐ", "[hello]"},
		{nfd, "하현우", "[" + nfd + "]"},
		{"하현우", nfd, "[하현우]"},
		{"ライブ 東京", "らいぶ", "[ライブ] 東京"},
		{"Night Train", "*", "Night Train"},
		{"Night Train", "", "Night Train"},
		{"", "night", ""},
		{"\xffnight\xfe", "night", "\xff[night]\xfe"},
	}
	for _, c := range cases {
		if got := bracketed(c.text, Marks(c.text, c.query)); got != c.want {
			t.Errorf("%q in %q: got %q, want %q", c.query, c.text, got, c.want)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"Beyoncé": "beyonce", "ÆTHER": "aether", "Straße": "strasse", "Ёлка": "елка", "ΩΣΆΣ": "ωσασ",
		"ＡＢＣ１": "abc1", "ﬁn": "fin", "İstanbul": "istanbul", "ライブ": "らいぶ", "ガ": "が",
		"ㅎㅎㅇ": "ㅎㅎㅇ", norm.NFD.String("하현우"): "하현우", "ᄒ": "ㅎ", "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ": "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ",
		"ㅏㅢㅞ": "ㅏㅢㅞ", "so\u00adft": "soft", "": "", "a b_c!": "a b_c!",
	}
	for text, want := range cases {
		if got := Fold(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestKeyboards(t *testing.T) {
	t.Parallel()
	cases := []struct{ latin, korean string }{
		{"gkgusdn", "하현우"}, {"ehfejddl", "돌덩이"}, {"dkssud", "안녕"}, {"Rhc", "꽃"}, {"ekfrrkfql", "닭갈비"},
		{"dmlwk", "의자"}, {"gkf", "할"}, {"hello", "ㅗ디ㅣㅐ"}, {"rkqt", "값"}, {"rkqtdl", "값이"}, {"dlfrek", "읽다"},
	}
	for _, c := range cases {
		if got := toKorean(c.latin); got != c.korean {
			t.Errorf("%q: got %q, want %q", c.latin, got, c.korean)
		}
		if got := toLatin(c.korean); got != strings.ToLower(c.latin) {
			t.Errorf("%q: got %q, want %q", c.korean, got, c.latin)
		}
	}
	if got := toKorean("a1"); got != "" {
		t.Errorf("a1: got %q", got)
	}
}

func TestRuns(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"ITZY (있지)":     "itzy|있지",
		"track_01":      "track|01",
		"Vol.2":         "vol|2",
		"하현우x국카스텐":      "하현우|x|국카스텐",
		"東京タワー":         "東京たわー",
		"\x00a\u200bb ": "ab",
		"...!?":         "",
	}
	for text, want := range cases {
		var list []string
		for _, w := range runs(text, maxTitle, 100) {
			list = append(list, w.text)
		}
		if got := strings.Join(list, "|"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]int64{{0, 1}, {5, 600}, {511, 513}, {0, 1 << 18}, {1000, 200_000}, {-5, 3}, {7, 7}, {9, 3}, {262_143, 1 << 40}} {
		type reach struct{ first, last string }
		var list []reach
		duration.cover(c[0], c[1], func(first, last string) { list = append(list, reach{first, last}) })
		for n := int64(0); n < duration.top(); n += 1 + n/97 {
			hits := 0
			duration.terms(n, func(term string) {
				for _, r := range list {
					if r.first <= term && term < r.last {
						hits++
					}
				}
			})
			if want := n >= c[0] && n < c[1]; hits > 1 || want != (hits == 1) {
				t.Fatalf("%d in %v: covered %d times", n, c, hits)
			}
		}
	}
}

// seeds are texts that have made trouble somewhere.
var seeds = []string{
	"", " ", "하현우", "ㅎㅎㅇ", norm.NFD.String("하현우 가"), "Beyoncé", "e\u0301\u0301", "ㅀㅄ", "ᄒ", "ᅡ", "ᆨ", "핳", "하ㄳ", strings.Repeat("ㄳ", 60), "ㄳ가ㅄ",
	"\xff\xfe", "\x00\x01", "*~9/.*/", "owner:x (((", "AC/DC's -'-", "ß", "İ", "ŉ", "ﷺ", "가\u11a7", "ｶﾞ", "\u1160", "Q\u0300", "ΐ", "a'b'c'd'e'f",
	strings.Repeat("\u0300", 100), strings.Repeat("a-", 50), strings.Repeat("가", 90), "ⅷ", "½", "㎏", "ㆍ", "‼",
}

func FuzzMarks(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, s)
		f.Add("하현우 Night Train "+s, s)
	}
	f.Fuzz(func(t *testing.T, text, query string) {
		at := 0
		for i, m := range Marks(text, query) {
			if m[0] < at || i > 0 && m[0] == at || m[1] <= m[0] || m[1] > len(text) {
				t.Fatalf("%q in %q: %v", query, text, Marks(text, query))
			}
			if utf8.ValidString(text) && !(utf8.ValidString(text[:m[0]]) && utf8.ValidString(text[m[0]:m[1]])) {
				t.Fatalf("%q in %q: %v splits a character", query, text, m)
			}
			at = m[1]
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Fatalf("%q: %q, then %q", s, once, twice)
		}
		if other := Fold(norm.NFD.String(s)); utf8.ValidString(s) && other != once {
			t.Fatalf("%q: %q, taken apart %q", s, once, other)
		}
	})
}

func FuzzTerms(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, title, query string) {
		d := Doc{Ref: Ref{Track, 1}, Title: title, Names: []string{query}, Text: query, Tags: []string{title}}
		n := 0
		for _, set := range termsOf(&d) {
			n += len(set)
		}
		if n > 20*(len(title)+len(query))+100 {
			t.Errorf("%d terms of %d bytes", n, len(title)+len(query))
		}
		for _, typing := range []bool{false, true} {
			p := planOf(query, typing)
			ways := 0
			for _, u := range p.units {
				for _, stage := range u {
					ways += len(stage)
				}
			}
			if len(p.units) > 2*maxWords || ways > 1500 || len(p.bonuses) > 80 {
				t.Errorf("%q: %d units, %d ways, %d bonuses", query, len(p.units), ways, len(p.bonuses))
			}
		}
	})
}

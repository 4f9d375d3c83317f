package core

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

func TestSlug(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"Night Train", "night-train"},
		{"  밤 기차를 타고!  ", "밤-기차를-타고"},
		{"\u1112\u1161\u11ab", "한"}, // decomposed
		{"Beyoncé – Déjà Vu", "beyonce-deja-vu"},
		{"ＡＢＣ１２３", "abc123"},
		{"../../etc/passwd", "etc-passwd"},
		{"...", ""},
		{"🎧", ""},
		{"ITZY (있지)", "itzy-있지"},
		{"हिन्दी", "हिन्दी"},
		{strings.Repeat("a", 300), strings.Repeat("a", 80)},
		{strings.Repeat("a-", 300), strings.TrimSuffix(strings.Repeat("a-", 40), "-")},
	} {
		if got := slug(c.in, 80); got != c.want {
			t.Errorf("slug(%q): got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" Mina@Home.Example ":             "mina@home.example",
		"a@localhost":                     "a@localhost",
		"미나@집.example":                    "미나@집.example",
		"a":                               "",
		"a@":                              "",
		"@b":                              "",
		"a@b@c":                           "",
		"a@.b":                            "",
		"a@b.":                            "",
		"a b@c.d":                         "",
		"<a@b.c>":                         "",
		"Mina <a@b.c>":                    "",
		"a@b.c,d@e.f":                     "",
		"a@b.c\r\nBcc: x@y.z":             "",
		"a@[127.0.0.1]":                   "",
		strings.Repeat("a", 251) + "@b.c": "",
	} {
		got, err := email(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("email(%q): got %q, %v; want %q", in, got, err, want)
		}
	}
}

// FuzzNames holds whatever people type to what is promised of names.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"하현우", "a\x00b", "\u202Eevil", "İstanbul", "ẞ", "ﬁ", "\xff\xfe", "#a,#b", "A\u0301\u0323", "ʼn", "Ⅷ", "Å"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, clean := range []string{line(s), text(s)} {
			if !utf8.ValidString(clean) || !norm.NFC.IsNormalString(clean) || strings.TrimSpace(clean) != clean {
				t.Errorf("%q is cleaned to %q", s, clean)
			}
			for _, r := range clean {
				if unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202A && r <= 0x202E {
					t.Errorf("%q is cleaned to %q, with %U in it", s, clean, r)
				}
			}
		}
		if l := line(s); strings.ContainsAny(l, "\n\r\t") {
			t.Errorf("%q is one line as %q", s, l)
		}
		made := slug(s, maxSlug)
		if utf8.RuneCountInString(made) > maxSlug || strings.ContainsAny(made, "/\\.%?# ") || strings.Trim(made, "-") != made {
			t.Errorf("the slug of %q is %q", s, made)
		}
		if again := slug(made, maxSlug); again != made {
			t.Errorf("the slug of %q is %q, and that one's %q", s, made, again)
		}
		if name, err := username(s); err == nil {
			if again, err := username(name); err != nil || again != name || slices.Contains(reserved, name) {
				t.Errorf("username %q is kept as %q, which becomes %q, %v", s, name, again, err)
			}
		}
		if list, err := tags(strings.Split(s, ",")); err == nil {
			if again, err := tags(list); err != nil || !slices.Equal(again, list) {
				t.Errorf("tags %q are kept as %q, which become %q, %v", s, list, again, err)
			}
		}
		if address, err := email(s); err == nil && strings.ContainsAny(address, "\r\n <>,;") {
			t.Errorf("%q is taken as the address %q", s, address)
		}
	})
}

// FuzzCursor shows lists cursors that they did not give out: each is refused
// as such, and none becomes a place in the list.
func FuzzCursor(f *testing.F) {
	sealer, err := auth.NewSealer(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	c := &Core{sealer: sealer}
	given := c.before("stream", 7)
	for _, s := range []string{given, given[1:], given + "A", strings.ToUpper(given), "0", "=", "\x00", sealer.Seal("stream", []byte("too long for an id"))} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		mark, err := c.after("stream", Paging{Cursor: cursor})
		switch {
		case cursor == "" && mark == 0 && err == nil:
		case mark == 7 && err == nil: // given out, by this process or the one beside it
		case err != nil && fault.Of(err).Kind == fault.Invalid && mark == 0:
		default:
			t.Errorf("cursor %q: got %v, %v", cursor, mark, err)
		}
		if mark, err := c.after("mine/1", Paging{Cursor: cursor}); cursor != "" && (err == nil || mark != db.ID(0)) {
			t.Errorf("cursor %q is taken for another list", cursor)
		}
	})
}

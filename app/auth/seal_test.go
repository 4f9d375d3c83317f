package auth

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func newSealer(t testing.TB, key []byte) *Sealer {
	t.Helper()
	s, err := NewSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealer(t *testing.T) {
	t.Parallel()
	s := newSealer(t, testKey(1))
	for _, want := range [][]byte{nil, {}, {0}, []byte("0abcdefghjkmn"), bytes.Repeat([]byte{255}, 3000)} {
		sealed := s.Seal("stream", want)
		got, err := s.Open("stream", sealed)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
		if again := s.Seal("stream", want); again == sealed {
			t.Errorf("%q is sealed the same way twice", want)
		}
		if strings.Trim(sealed, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			t.Errorf("%q has more than letters and digits", sealed)
		}
		if len(want) > 8 && (strings.Contains(sealed, string(want)) || strings.Contains(sealed, b64(string(want[:6])))) {
			t.Errorf("%q can be read in %q", want, sealed)
		}
		// Another install finds the same key by the same secret.
		if got, err := newSealer(t, testKey(1)).Open("stream", sealed); err != nil || !bytes.Equal(got, want) {
			t.Errorf("after a restart: got %q, %v, want %q", got, err, want)
		}
	}
	sealed := s.Seal("stream", []byte("0abcdefghjkmn"))
	refused := map[string]struct {
		s          *Sealer
		kind, text string
	}{
		"other kind": {s, "tracks", sealed}, "no kind": {s, "", sealed}, "other house": {newSealer(t, testKey(2)), "stream", sealed},
		"empty": {s, "stream", ""}, "short": {s, "stream", "AAAA"}, "cut": {s, "stream", sealed[:len(sealed)-1]}, "doubled": {s, "stream", sealed + sealed},
		"dot": {s, "stream", sealed + "."}, "newline": {s, "stream", sealed + "\n"}, "return within": {s, "stream", sealed[:8] + "\r" + sealed[8:]}, "padding": {s, "stream", sealed + "="},
		"spaces": {s, "stream", " " + sealed}, "8 MiB": {s, "stream", strings.Repeat("A", 8<<20)}, "rubbish": {s, "stream", "힣"}, "plain": {s, "stream", b64("0abcdefghjkmn")},
	}
	for name, r := range refused {
		if got, err := r.s.Open(r.kind, r.text); !errors.Is(err, ErrSeal) {
			t.Errorf("%s: got %q, %v, want %v", name, got, err, ErrSeal)
		}
	}
	for i := range sealed {
		for _, c := range []byte("Ab0-_") {
			if sealed[i] == c {
				continue
			}
			if got, err := s.Open("stream", sealed[:i]+string(c)+sealed[i+1:]); err == nil {
				t.Fatalf("byte %d may be %q instead of %q: got %q", i, c, sealed[i], got)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	s := newSealer(f, testKey(1))
	sealed := s.Seal("stream", []byte("0abcdefghjkmn"))
	f.Add("stream", sealed)
	f.Add("stream", sealed+"A")
	f.Add("tracks", sealed)
	f.Add("", "")
	f.Add("stream", strings.Repeat("_", 38))
	f.Fuzz(func(t *testing.T, kind, text string) {
		got, err := s.Open(kind, text)
		if err == nil && (kind != "stream" || string(got) != "0abcdefghjkmn") || err != nil && kind == "stream" && text == sealed {
			t.Errorf("Open(%q, %q): got %q, %v", kind, text, got, err)
		}
		if back, err := s.Open(kind, s.Seal(kind, []byte(text))); len(text) < 3000 && (err != nil || string(back) != text) {
			t.Errorf("%q sealed and opened: got %q, %v", text, back, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	s := newSealer(b, testKey(1))
	b.ReportAllocs()
	for b.Loop() {
		s.Seal("stream", []byte("0abcdefghjkmn"))
	}
}

func BenchmarkOpen(b *testing.B) {
	s := newSealer(b, testKey(1))
	sealed := s.Seal("stream", []byte("0abcdefghjkmn"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Open("stream", sealed); err != nil {
			b.Fatal(err)
		}
	}
}

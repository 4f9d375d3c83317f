package portable

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func made(t testing.TB, parts func(w *Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b, time.Unix(1700000000, 0))
	head := Head{Format: Format, Version: Version, Program: "test", Made: time.Unix(1700000000, 0).UTC(), Username: "mina"}
	if err := errors.Join(w.Value(HeadName, head), parts(w), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 2, 3, 4, 5, 6, 789, time.UTC)
	tracks := []Track{
		{ID: "a", Title: "돌덩이 <1> & \"2\"", Tags: []string{"x"}, Created: at, ReleaseAt: &at, File: AudioName(1, "x/y:돌.mp3", "mp3")},
		{ID: "b", Description: "a\nb", File: AudioName(2, "..", "")},
	}
	b := made(t, func(w *Writer) error {
		return errors.Join(
			w.Value(ProfileName, Profile{Username: "mina", Created: at}),
			w.List(TracksName, func(add func(any) error) error { return errors.Join(add(tracks[0]), add(tracks[1])) }),
			w.List(LikesName, func(func(any) error) error { return nil }),
			w.File(tracks[0].File, func(to io.Writer) error { _, err := io.WriteString(to, "sound"); return err }),
		)
	})
	x, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var p Profile
	if err := x.Value(ProfileName, &p); err != nil || p.Username != "mina" || !p.Created.Equal(at) || x.Head.Username != "mina" {
		t.Errorf("profile: %+v, %v", p, err)
	}
	var got []Track
	wrong, err := List(x, TracksName, func(t Track) error { got = append(got, t); return nil })
	if diff := cmp.Diff(tracks, got); diff != "" || err != nil || wrong != 0 {
		t.Errorf("%d wrong, %v (-want +got):\n%s", wrong, err, diff)
	}
	for _, none := range []string{LikesName, HistoryName} {
		if wrong, err := List(x, none, func(Tie) error { t.Error("an item"); return nil }); wrong != 0 || err != nil {
			t.Errorf("%s: %d, %v", none, wrong, err)
		}
	}
	if tracks[0].File != "audio/0001 x_y_돌.mp3" || tracks[1].File != "audio/0002." {
		t.Errorf("names: %q, %q", tracks[0].File, tracks[1].File)
	}
	r, size, err := x.Audio(tracks[0].File, 100)
	if err != nil || size != 5 {
		t.Fatalf("audio: %d, %v", size, err)
	}
	if b, err := io.ReadAll(r); string(b) != "sound" || err != nil {
		t.Errorf("audio: %q, %v", b, err)
	}
	if _, _, err := x.Audio(tracks[0].File, 4); err == nil {
		t.Error("audio over the limit was opened")
	}
	if _, err := x.Picture(tracks[0].File); err == nil {
		t.Error("audio was opened as a picture")
	}
}

// A directory of very many parts is refused before it fills the memory, and so
// is what unpacks to more than it says.
func TestBombs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range maxParts + 10 {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	if _, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len())); !errors.Is(err, errLarge) {
		t.Errorf("very many parts: %v", err)
	}
	b.Reset()
	z = zip.NewWriter(&b)
	for i := range 500 {
		z.CreateHeader(&zip.FileHeader{Name: strings.Repeat("x", 60_000) + fmt.Sprint(i)})
	}
	z.Close()
	if _, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len())); !errors.Is(err, errLarge) {
		t.Errorf("very long names: %v", err)
	}

	// A list that says that it has 100 bytes and has 100 MB.
	bomb := made(t, func(w *Writer) error {
		return w.List(TracksName, func(add func(any) error) error {
			for range 50 {
				if err := add(Track{Description: strings.Repeat("x", 100_000)}); err != nil {
					return err
				}
			}
			return add(Track{Description: strings.Repeat("x", 2<<20)})
		})
	})
	x, err := Open(bytes.NewReader(bomb), int64(len(bomb)))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var p *Problem
	if _, err := List(x, TracksName, func(Track) error { n++; return nil }); n != 50 || !errors.As(err, &p) {
		t.Errorf("an item that is too large: %d before it, %v", n, err)
	}
	at := bytes.LastIndex(bomb, []byte("PK\x01\x02")) // the list is the last part
	binary.LittleEndian.PutUint32(bomb[at+24:], 100)
	if x, err = Open(bytes.NewReader(bomb), int64(len(bomb))); err != nil {
		t.Fatal(err)
	}
	if _, err := List(x, TracksName, func(Track) error { return nil }); !errors.As(err, &p) {
		t.Errorf("a part that lies about its size: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	good := made(f, func(w *Writer) error {
		return errors.Join(
			w.Value(ProfileName, Profile{Username: "mina"}),
			w.List(TracksName, func(add func(any) error) error { return add(Track{ID: "a", File: "audio/a", Tags: []string{"x"}}) }),
			w.List(CommentsName, func(add func(any) error) error { return add(Comment{Text: "x"}) }),
			w.File("audio/a", func(to io.Writer) error { _, err := io.WriteString(to, "sound"); return err }),
		)
	})
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			var p *Problem
			if !errors.As(err, &p) {
				t.Fatalf("no sentence: %v", err)
			}
			return
		}
		var p Profile
		x.Value(ProfileName, &p)
		List(x, TracksName, func(tr Track) error {
			if r, _, err := x.Audio(tr.File, 1<<16); err == nil {
				io.Copy(io.Discard, io.LimitReader(r, 1<<16))
				r.Close()
			}
			return nil
		})
		List(x, CommentsName, func(Comment) error { return nil })
	})
}

func FuzzList(f *testing.F) {
	for _, s := range []string{`{"items": [{"id":"a"},{"created":"x"},7,null]}`, `{"items": [[[[`, `{"items": {"a":1}}`, `[]`, `{"items": [{"tags":["x"],"year":1e400}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		b := made(t, func(w *Writer) error {
			return w.File(TracksName, func(to io.Writer) error { _, err := to.Write(list); return err })
		})
		x, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		wrong, err := List(x, TracksName, func(Track) error { n++; return nil })
		var p *Problem
		if n+wrong > len(list) || err != nil && !errors.As(err, &p) {
			t.Fatalf("%d items, %d wrong, %v", n, wrong, err)
		}
	})
}

//go:build unix

package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"earshot/media/audio"
	"earshot/media/mp3"
	"earshot/media/mp3/mp3test"
)

var stereo = mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint, Fill: 1}

const (
	trackA = "0track000000a"
	trackB = "0track000000b"
)

func open(t testing.TB, opt StoreOptions) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := OpenStore(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, dir
}

func content(t testing.TB, s *Stream) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteRange(&b, 0, s.Size); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// files lists what is in a folder and below, without folders.
func files(t testing.TB, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path[len(dir)+1:])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestKeepAndStream(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	file := append(mp3test.Rubbish(500, 1), stereo.Build(stereo.Uneven(300, 2)...)...)
	keep(t, s, trackA, file)

	raw, err := s.StreamRaw(trackA)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if got := content(t, raw); !bytes.Equal(got, file) || raw.Size != int64(len(file)) || raw.ContentType != TypeMP3 {
		t.Errorf("raw stream: %d bytes of %s, want the file's %d", len(got), raw.ContentType, len(file))
	}
	movie, err := s.StreamMP4(trackA)
	if err != nil {
		t.Fatal(err)
	}
	defer movie.Close()
	if got := content(t, movie); !bytes.HasSuffix(got, file[500:]) || movie.Size != int64(len(got)) || movie.ContentType != TypeMP4 {
		t.Errorf("MP4 stream: %d bytes of %s, want the file's frames at the end", len(got), movie.ContentType)
	}
	late, err := s.StreamFrom(trackA, 3*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	tags := map[string]bool{raw.ETag: true, movie.ETag: true, late.ETag: true}
	if len(tags) != 3 {
		t.Errorf("ETags are not distinct: %v", tags)
	}
	for tag := range tags {
		if len(tag) < 10 || tag[0] != '"' || tag[len(tag)-1] != '"' {
			t.Errorf("ETag %s is not a strong one", tag)
		}
	}
	if got := files(t, dir); len(got) != 2 {
		t.Errorf("files: %v, want audio and index alone", got)
	}
	if err := s.Drop(trackA); err != nil {
		t.Fatal(err)
	}
	if _, err := s.StreamRaw(trackA); !errors.Is(err, ErrMissing) {
		t.Errorf("after Drop: got %v, want ErrMissing", err)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("after Drop: %v is left", got)
	}
}

// Any range of any stream is that part of the whole.
func TestWriteRange(t *testing.T) {
	t.Parallel()
	s, _ := open(t, StoreOptions{})
	file := append(stereo.Silence(200), mp3test.Rubbish(70_000, 3)...)
	file = append(file, stereo.Silence(200)...)
	keep(t, s, trackA, file)
	for name, open := range streams(s, trackA) {
		st, err := open()
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		all := content(t, st)
		for off := int64(0); off <= st.Size; off += 997 {
			for _, n := range []int64{0, 1, 4096, 100_000, st.Size - off} {
				n = min(n, st.Size-off)
				var b bytes.Buffer
				if err := st.WriteRange(&b, off, n); err != nil {
					t.Fatalf("%s: %d bytes from %d: %v", name, n, off, err)
				}
				if !bytes.Equal(b.Bytes(), all[off:off+n]) {
					t.Fatalf("%s: %d bytes from %d are not those of the whole", name, n, off)
				}
			}
		}
		for _, r := range [][2]int64{{-1, 1}, {0, -1}, {0, st.Size + 1}, {st.Size + 1, 0}, {1, 1<<63 - 1}} {
			if err := st.WriteRange(io.Discard, r[0], r[1]); !errors.Is(err, ErrRange) {
				t.Errorf("%s: range %v: got %v, want ErrRange", name, r, err)
			}
		}
	}
}

func streams(s *Store, id string) map[string]func() (*Stream, error) {
	return map[string]func() (*Stream, error){
		"raw":  func() (*Stream, error) { return s.StreamRaw(id) },
		"mp4":  func() (*Stream, error) { return s.StreamMP4(id) },
		"from": func() (*Stream, error) { return s.StreamFrom(id, time.Second) },
	}
}

// Whatever happens to the file of a track, nobody hears another one's.
func TestDamagedAudio(t *testing.T) {
	t.Parallel()
	a, b := stereo.Build(stereo.Uneven(300, 2)...), stereo.Silence(280)
	same := bytes.Clone(a) // as long as a, with other sound
	for i := range same {
		if i%417 > 40 {
			same[i] ^= 0x55
		}
	}
	for _, test := range []struct {
		name   string
		damage func(dir string) error // in the folder of track A; B is its neighbour
	}{
		{"gone", func(d string) error { return os.Remove(d + "/audio.mp3") }},
		{"folder gone", os.RemoveAll},
		{"short", func(d string) error { return os.Truncate(d+"/audio.mp3", 1000) }},
		{"empty", func(d string) error { return os.Truncate(d+"/audio.mp3", 0) }},
		{"longer", func(d string) error { return os.WriteFile(d+"/audio.mp3", append(a, b...), 0o600) }},
		{"another's", func(d string) error { return os.Rename(d+"/../"+trackB+"/audio.mp3", d+"/audio.mp3") }},
		{"as long, other sound", func(d string) error { return os.WriteFile(d+"/audio.mp3", same, 0o600) }},
		{"as long, put in its place", func(d string) error {
			return errors.Join(os.WriteFile(d+"/new", same, 0o600), os.Rename(d+"/new", d+"/audio.mp3"))
		}},
		{"folders swapped", func(d string) error {
			return errors.Join(os.Rename(d, d+"x"), os.Rename(filepath.Dir(d)+"/"+trackB, d))
		}},
		{"link to another's", func(d string) error {
			return errors.Join(os.Remove(d+"/audio.mp3"), os.Symlink("../"+trackB+"/audio.mp3", d+"/audio.mp3"))
		}},
		{"link to itself", func(d string) error {
			return errors.Join(os.Remove(d+"/audio.mp3"), os.Symlink("audio.mp3", d+"/audio.mp3"))
		}},
		{"link out of the store", func(d string) error {
			return errors.Join(os.Remove(d+"/audio.mp3"), os.Symlink("/etc/passwd", d+"/audio.mp3"))
		}},
		{"folder is a link", func(d string) error { return errors.Join(os.RemoveAll(d), os.Symlink(trackB, d)) }},
		{"folder", func(d string) error {
			return errors.Join(os.Remove(d+"/audio.mp3"), os.Mkdir(d+"/audio.mp3", 0o700))
		}},
		{"pipe", func(d string) error {
			return errors.Join(os.Remove(d+"/audio.mp3"), syscall.Mkfifo(d+"/audio.mp3", 0o600))
		}},
	} {
		for _, warm := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				s, dir := open(t, StoreOptions{})
				keep(t, s, trackA, a)
				keep(t, s, trackB, b)
				if warm { // the store has seen the right file
					for _, open := range streams(s, trackA) {
						if st, err := open(); err != nil {
							t.Fatal(err)
						} else {
							st.Close()
						}
					}
				} else {
					s.Close()
				}
				if err := test.damage(filepath.Join(dir, "tracks", trackA)); err != nil {
					t.Fatal(err)
				}
				if !warm {
					var err error
					if s, err = OpenStore(dir, StoreOptions{}); err != nil {
						t.Fatal(err)
					}
					defer s.Close()
				}
				for name, open := range streams(s, trackA) {
					st, err := open()
					if err == nil && warm {
						// A file that was open all the while is still the right one.
						got := content(t, st)
						if st.Close(); bytes.HasSuffix(got, a[len(a)-50_000:]) {
							continue
						}
					}
					if !errors.Is(err, ErrMissing) {
						t.Errorf("%s: got %v, want ErrMissing", name, err)
					}
				}
			})
		}
	}
}

// A file that is cut while it is sent ends the answer, and nothing else.
func TestCutWhileSending(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	keep(t, s, trackA, stereo.Silence(300))
	st, err := s.StreamRaw(trackA)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := os.Truncate(filepath.Join(dir, "tracks", trackA, "audio.mp3"), 5000); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := st.WriteRange(&b, 0, st.Size); !errors.Is(err, ErrMissing) || b.Len() != 5000 {
		t.Errorf("got %v after %d bytes, want ErrMissing after 5000", err, b.Len())
	}
}

// The frame index is derived: it is made again when it is lost or rotten.
func TestIndexIsMadeAgain(t *testing.T) {
	t.Parallel()
	file := stereo.Build(stereo.Uneven(300, 2)...)
	for name, damage := range map[string]func(path string) error{
		"gone":  os.Remove,
		"empty": func(p string) error { return os.Truncate(p, 0) },
		"cut":   func(p string) error { return os.Truncate(p, 100) },
		"rotten": func(p string) error {
			b, err := os.ReadFile(p)
			b[len(b)/2] ^= 4
			return errors.Join(err, os.WriteFile(p, b, 0o600))
		},
		"a link": func(p string) error { return errors.Join(os.Remove(p), os.Symlink("audio.mp3", p)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, dir := open(t, StoreOptions{})
			keep(t, s, trackA, file)
			tag := func() string {
				st, err := s.StreamMP4(trackA)
				if err != nil {
					t.Fatal(err)
				}
				defer st.Close()
				return st.ETag
			}
			before := tag()
			path := filepath.Join(dir, "tracks", trackA, "frames.idx")
			old, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(path); err != nil {
				t.Fatal(err)
			}
			s.tracks.drop(trackA)
			if after := tag(); after != before {
				t.Errorf("ETag: got %s, want %s as before", after, before)
			}
			if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
				t.Errorf("the index was not written again (%v)", err)
			}
		})
	}
}

// A disk that is mounted only after the start is found.
func TestMountedLater(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	keep(t, s, trackA, stereo.Silence(100))
	away := filepath.Join(filepath.Dir(dir), "away")
	if err := os.Rename(dir, away); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s, err := OpenStore(dir, StoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close() }()
	if _, err := s.StreamRaw(trackA); !errors.Is(err, ErrMissing) {
		t.Fatalf("without the disk: got %v, want ErrMissing", err)
	}
	if err := errors.Join(os.RemoveAll(dir), os.Rename(away, dir)); err != nil {
		t.Fatal(err)
	}
	st, err := s.StreamRaw(trackA)
	if err != nil {
		t.Fatalf("with the disk back: %v", err)
	}
	st.Close()
}

func TestReceive(t *testing.T) {
	t.Parallel()
	body := stereo.Silence(1000)
	broken := errors.New("connection reset")
	for _, test := range []struct {
		name      string
		body      io.Reader
		announced int64
		limit     int64
		want      error
	}{
		{"announced", bytes.NewReader(body), int64(len(body)), 1 << 20, nil},
		{"not announced", bytes.NewReader(body), -1, 1 << 20, nil},
		{"byte by byte", iotest.OneByteReader(bytes.NewReader(body[:2000])), -1, 1 << 20, nil},
		{"just at the limit", bytes.NewReader(body), -1, int64(len(body)), nil},
		{"empty", strings.NewReader(""), 0, 1 << 20, nil},
		{"too large, announced", bytes.NewReader(body), int64(len(body)), 1000, ErrTooLarge},
		{"too large, not announced", bytes.NewReader(body), -1, int64(len(body)) - 1, ErrTooLarge},
		{"broke off", io.MultiReader(bytes.NewReader(body), iotest.ErrReader(broken)), -1, 1 << 20, ErrRead},
		{"broke off within a chunk", io.MultiReader(bytes.NewReader(body), iotest.ErrReader(io.ErrUnexpectedEOF)), -1, 1 << 20, ErrRead},
		{"fewer than announced", bytes.NewReader(body[:500]), int64(len(body)), 1 << 20, ErrRead},
		{"more than announced", bytes.NewReader(body), 500, 1 << 20, ErrRead},
		{"says nothing", iotest.ErrReader(nil), -1, 1 << 20, ErrRead},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, dir := open(t, StoreOptions{})
			in, err := s.Receive(t.Context(), test.body, test.announced, test.limit)
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if err == nil {
				b := make([]byte, in.Size())
				if _, err := in.ReadAt(b, 0); err != nil && in.Size() > 0 {
					t.Error(err)
				}
				if sum := sha256.Sum256(b); !bytes.Equal(in.SHA256(), sum[:]) {
					t.Errorf("SHA-256 is not that of the file")
				}
				in.Discard()
				in.Discard()
			}
			if left := files(t, dir); len(left) != 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

func TestReceiveCancelled(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Receive(ctx, bytes.NewReader(nil), -1, 1<<20); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
}

// Uploads are refused while the disk would be left with less than its floor,
// and when another program fills it meanwhile.
func TestReceiveOnFullDisk(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	left := uint64(100 << 20)
	set := func(n uint64) { mu.Lock(); left = n; mu.Unlock() }
	s, dir := open(t, StoreOptions{Free: func(string) (uint64, error) { mu.Lock(); defer mu.Unlock(); return left, nil }})
	if _, err := s.Receive(t.Context(), strings.NewReader(""), 50<<20, 1<<30); !errors.Is(err, ErrFull) {
		t.Errorf("50 MiB of 100 with a floor of 64: got %v, want ErrFull", err)
	}
	slow := readerFunc(func(p []byte) (int, error) { set(60 << 20); return len(p), nil })
	if _, err := s.Receive(t.Context(), slow, -1, 1<<30); !errors.Is(err, ErrFull) {
		t.Errorf("disk filled meanwhile: got %v, want ErrFull", err)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("%v is left", got)
	}
	set(100 << 20)
	in, err := s.Receive(t.Context(), strings.NewReader("x"), 1, 1<<30)
	if err != nil {
		t.Fatalf("with space again: %v", err)
	}
	in.Discard()
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestSweepIncoming(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	keep(t, s, trackA, stereo.Silence(10))
	if _, err := s.Receive(t.Context(), strings.NewReader("half"), 4, 100); err != nil {
		t.Fatal(err)
	}
	if n, err := s.SweepIncoming(nil); err != nil || n != 1 {
		t.Errorf("got %d files removed, %v; want 1", n, err)
	}
	want := []string{"tracks/" + trackA + "/audio.mp3", "tracks/" + trackA + "/frames.idx"}
	if got := files(t, dir); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("left: %v, want %v", got, want)
	}
}

// TestPartial takes a file in pieces. What was told to be there is, whatever else
// came; and what becomes of a kept one, the file stays until it is dropped.
func TestPartial(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	file := stereo.Silence(200)
	if err := s.StartPartial(trackA, int64(len(file)), 0); err != nil {
		t.Fatal(err)
	}
	var offset int64
	var state []byte
	save := func(at int64, st []byte) error { offset, state = at, st; return nil }
	receive := func(r io.Reader, limit int64) error {
		t.Helper()
		p, err := s.OpenPartial(trackA, offset, state)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		return p.Receive(t.Context(), r, limit, func(int64) {}, save)
	}
	broken := io.MultiReader(bytes.NewReader(file[:1000]), readerFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }))
	if err := receive(broken, int64(len(file))); !errors.Is(err, ErrRead) || offset != 1000 {
		t.Errorf("got %v at %d", err, offset)
	}
	// A crash left what nobody was told of.
	path := filepath.Join(dir, "incoming", "part-"+trackA)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("torn")
	f.Close()
	if n, err := s.SweepIncoming(func(id string) bool { return id == trackA }); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if err := receive(bytes.NewReader(file[1000:]), 10); !errors.Is(err, ErrTooLarge) || offset != 1000 {
		t.Errorf("got %v at %d", err, offset)
	}
	full := errors.New("not now")
	p, err := s.OpenPartial(trackA, offset, state)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Receive(t.Context(), bytes.NewReader(file[1000:2000]), 5000, func(int64) {}, func(int64, []byte) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	p.Close()
	if err := receive(bytes.NewReader(file[1000:]), int64(len(file))-1000); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file)
	if !bytes.Equal(PartialSum(state), sum[:]) || PartialSum([]byte("x")) != nil {
		t.Error("the checksum is another file's")
	}
	for _, bad := range []int64{int64(len(file)) + 1, 1} {
		if _, err := s.OpenPartial(trackA, bad, []byte("no state")); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v", err)
		}
	}
	if p, err = s.OpenPartial(trackA, offset, state); err != nil {
		t.Fatal(err)
	}
	in := p.Incoming()
	sound, err := Identify(in, in.Size())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(in, trackB, sound); err != nil {
		t.Fatal(err)
	}
	in.Discard()
	if err := s.Drop(trackB); err != nil { // what followed went wrong: it may be tried again
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, file) {
		t.Errorf("the file is gone: %v", err)
	}
	if err := errors.Join(s.DropPartial(trackA), s.DropPartial(trackA)); err != nil {
		t.Error(err)
	}
	if err := os.Symlink("/etc/passwd", path); err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenPartial(trackA, 0, nil); !errors.Is(err, ErrMissing) {
		t.Errorf("a link: got %v", err)
	}
	if err := s.StartPartial("../x", 1, 0); err == nil {
		t.Error("a path was taken for an id")
	}
	s.free = func(string) (uint64, error) { return 100 << 20, nil }
	if err := s.StartPartial(trackB, 30<<20, 10<<20); !errors.Is(err, ErrFull) {
		t.Errorf("got %v", err)
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	if err := errors.Join(s.Mark("tracks", trackA), s.Mark("tracks", trackA), s.Mark("users", trackB)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "../x", "A", "a/b"} {
		if s.Mark("tracks", bad) == nil || s.Mark(bad, trackA) == nil {
			t.Errorf("%q was marked", bad)
		}
	}
	if err := os.WriteFile(dir+"/changing/rubbish", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Unmark("users", trackB), s.Unmark("users", trackB)); err != nil {
		t.Error(err)
	}
	got, err := s.Marked()
	if err != nil || len(got) != 1 || got[0] != (Marked{"tracks", trackA}) {
		t.Errorf("got marks %v, %v; want the one of track %s", got, err, trackA)
	}
}

func TestKeepPicture(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"tracks", "users", "playlists"} {
		s, dir := open(t, StoreOptions{})
		for version := range uint64(3) {
			if err := s.PutPicture(kind, trackA, version+1, map[int][]byte{100: []byte("jpeg"), 300: []byte("jpeg")}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.KeepPicture(kind, trackA, 2); err != nil {
			t.Fatal(err)
		}
		want := []string{kind + "/" + trackA + "/picture-2-100.jpg", kind + "/" + trackA + "/picture-2-300.jpg"}
		if got := files(t, dir); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("left: %v, want %v", got, want)
		}
		if err := s.Drop(trackA); err != nil || len(files(t, dir)) > 0 {
			t.Errorf("after Drop: %v, left %v", err, files(t, dir))
		}
	}
}

// Names that are not ids reach no file, whatever they are made of.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "audio.mp3"), stereo.Silence(10), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", ".", "..", "../..", "a/../..", "/etc", "A", "a\x00b", "%2e%2e", "é", strings.Repeat("a", 100), "a b", `a\b`} {
		if _, err := s.StreamRaw(id); !errors.Is(err, ErrMissing) {
			t.Errorf("stream of %q: got %v, want ErrMissing", id, err)
		}
		if _, err := s.Picture("users", id, 1, 100); !errors.Is(err, ErrMissing) {
			t.Errorf("picture of %q: got %v, want ErrMissing", id, err)
		}
		if err := s.PutPicture("users", id, 1, map[int][]byte{100: nil}); err == nil {
			t.Errorf("picture of %q was kept", id)
		}
		if err := s.Drop(id); err != nil {
			t.Errorf("drop of %q: %v", id, err)
		}
	}
	if _, err := s.Picture("../tracks", trackA, 1, 100); !errors.Is(err, ErrMissing) {
		t.Errorf("picture of another kind: got %v, want ErrMissing", err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("the store is gone: %v", err)
	}
}

// jpeg puts what a picture begins and ends with around something.
func jpeg(what string) []byte { return []byte("\xff\xd8" + what + "\xff\xd9") }

func TestPictures(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	put := func(version uint64, text string) {
		t.Helper()
		if err := s.PutPicture("tracks", trackA, version, map[int][]byte{100: jpeg(text), 300: jpeg(text + text)}); err != nil {
			t.Fatal(err)
		}
	}
	put(7, "old")
	put(70, "new")
	if err := s.DropPicture("tracks", trackA, 7); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Picture("tracks", trackA, 7, 100); !errors.Is(err, ErrMissing) {
		t.Errorf("dropped version: got %v, want ErrMissing", err)
	}
	st, err := s.Picture("tracks", trackA, 70, 300)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if got := string(content(t, st)); got != string(jpeg("newnew")) || st.ContentType != TypeJPEG {
		t.Errorf("got %q of %s, want newnew of %s", got, st.ContentType, TypeJPEG)
	}
	if got := files(t, dir); len(got) != 2 {
		t.Errorf("files: %v, want 2", got)
	}
	for _, cut := range []string{"", "\xff\xd8", "\xff\xd8ne"} {
		if err := os.WriteFile(filepath.Join(dir, "tracks", trackA, "picture-70-300.jpg"), []byte(cut), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Picture("tracks", trackA, 70, 300); !errors.Is(err, ErrMissing) {
			t.Errorf("cut to %q: got %v, want ErrMissing", cut, err)
		}
	}
}

// What is kept in memory stays within its bound, and many may ask at once.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	s, _ := open(t, StoreOptions{Cache: 100 << 10})
	ids := []string{"a", "b", "c", "d", "e", "f"}
	for _, id := range ids {
		keep(t, s, id, stereo.Build(stereo.Uneven(4000, 1)...)) // a header of 16 KiB, an index of 12
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 60 {
				id := ids[(i+j)%len(ids)]
				for name, open := range streams(s, id) {
					st, err := open()
					if err != nil {
						t.Errorf("%s of %s: %v", name, id, err)
						continue
					}
					st.Close()
				}
			}
		})
	}
	wg.Wait()
	if s.tracks.used > s.tracks.max {
		t.Errorf("%d bytes are kept, want at most %d", s.tracks.used, s.tracks.max)
	}
	var sum int64
	for e := s.tracks.order.Front(); e != nil; e = e.Next() {
		sum += e.Value.(*cached).cost
	}
	if sum != s.tracks.used || len(s.tracks.byID) != s.tracks.order.Len() {
		t.Errorf("the books are wrong: %d and %d bytes, %d and %d tracks", sum, s.tracks.used, len(s.tracks.byID), s.tracks.order.Len())
	}
}

// Asking for what is not there fills no memory either.
func TestCacheForgetsWhatIsMissing(t *testing.T) {
	t.Parallel()
	s, _ := open(t, StoreOptions{})
	for _, id := range []string{"x", "y", "z"} {
		if _, err := s.Sound(id); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v, want ErrMissing", err)
		}
	}
	if n := len(s.tracks.byID); n != 0 {
		t.Errorf("%d tracks are kept, want none", n)
	}
}

func FuzzRecord(f *testing.F) {
	x, err := mp3.Scan(bytes.NewReader(stereo.Silence(20)), int64(len(stereo.Silence(20))))
	if err != nil {
		f.Fatal(err)
	}
	good, err := record{id: trackA, size: x.FileSize(), ext: "mp3", content: Content{audio.OfMP3(x), x}}.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[:len(good)-4])
	f.Add(good[:40])
	f.Add([]byte(recordSign))
	f.Add([]byte(recordSign1))
	wav, err := record{id: trackB, size: 5000, ext: "wav", content: Content{Info: audio.Info{Codec: audio.WAV, SampleRate: 44100, Channels: 2, Samples: 1000, Bits: 16}}}.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wav[:len(wav)-4])
	f.Fuzz(func(t *testing.T, b []byte) {
		// With the right checksum, so that it is not all that is tested.
		r, err := decodeRecord(sealed(b))
		if err != nil {
			if !errors.Is(err, errRecord) {
				t.Errorf("got %v, want errRecord", err)
			}
			return
		}
		again, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		same, err := decodeRecord(again)
		if err != nil {
			t.Errorf("encoded again it is refused: %v", err)
		}
		if same.id != r.id || same.ext != r.ext || same.content.Info != r.content.Info {
			t.Errorf("encoded again it is %+v, was %+v", same, r)
		}
		if x := r.content.Index; x != nil && x.Frames() > 0 {
			startAt(x, time.Second)
		}
	})
}

func BenchmarkOpenStream(b *testing.B) {
	s, _ := open(b, StoreOptions{})
	keep(b, s, trackA, stereo.Build(stereo.Uneven(11_500, 1)...)) // 5 min
	for name, open := range streams(s, trackA) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				st, err := open()
				if err != nil {
					b.Fatal(err)
				}
				st.Close()
			}
		})
	}
}

// sealed appends the checksum that a frames.idx ends with.
func sealed(b []byte) []byte {
	return binary.BigEndian.AppendUint32(bytes.Clone(b), crc32.Checksum(b, castagnoli))
}

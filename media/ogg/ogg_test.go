package ogg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"testing"

	"earshot/media/mediatest"
)

// The positions of pages say how much is heard, whatever happened to a file,
// and the samples that come are as many.
func TestLengthAndSamplesOfDamagedFiles(t *testing.T) {
	t.Parallel()
	for _, codec := range []string{Vorbis, Opus} {
		t.Run(codec, func(t *testing.T) {
			t.Parallel()
			whole := made(t, codec, 5)
			pages := apart(t, whole)
			first := heads(pages)
			ref := open(t, whole)
			want := samples(t, ref)
			if !bytes.Equal(join(pages...), whole) {
				t.Fatal("pages put together again are not the file")
			}
			if n := len(pages) - first; n < 20 {
				t.Fatalf("%d pages are too few", n)
			}
			serial := pages[0].serial
			pre := int64(ref.head.preSkip)
			edit := func(fn func(ps []onePage) []onePage) []byte {
				ps := slices.Clone(pages)
				for i := range ps {
					ps[i].body = bytes.Clone(ps[i].body)
				}
				return join(fn(ps)...)
			}
			skeleton := packed(2, 0, serial+1, 0, append([]byte("fishead\x00"), make([]byte, 56)...))
			other := packed(2, 0, serial+2, 0, pages[0].body)
			mid := first + 10
			at := pages[mid-1].granule - pre // what is heard before page mid
			size := len(pages[mid].bytes())
			flipped := bytes.Clone(whole)
			flipped[len(join(pages[:mid]...))+100] ^= 1
			const nowhere = -1
			for _, tt := range []struct {
				name    string
				file    []byte
				samples int64 // heard
				skip    int64 // samples of the whole file that are not in this one, at its start
				hole    int64 // from here on samples differ, for a while
				holes   int
			}{
				{"whole", whole, ref.Samples, 0, nowhere, 0},
				{"cut in a page", whole[:len(join(pages[:mid]...))+size/2], at, 0, nowhere, 0},
				{"cut behind a page", whole[:len(join(pages[:mid]...))], at, 0, nowhere, 0},
				{"rubbish behind", append(bytes.Clone(whole), make([]byte, 100_000)...), ref.Samples, 0, nowhere, 0},
				{"much rubbish behind", append(bytes.Clone(whole), make([]byte, tailReach+100_000)...), ref.Samples, 0, nowhere, 0},
				{"rubbish between", slices.Concat(join(pages[:mid]...), bytes.Repeat([]byte("OggS\x00"), 1000), join(pages[mid:]...)), ref.Samples, 0, nowhere, 0},
				{"a page with a wrong bit", flipped, ref.Samples, 0, at, 1},
				{"a page is missing", edit(func(ps []onePage) []onePage { return slices.Delete(ps, mid, mid+1) }), ref.Samples, 0, at, 1},
				{"pages are missing", edit(func(ps []onePage) []onePage { return slices.Delete(ps, mid, mid+5) }), ref.Samples, 0, at, 1},
				{"the last pages but one are missing", edit(func(ps []onePage) []onePage { return slices.Delete(ps, len(ps)-4, len(ps)-1) }), ref.Samples, 0,
					pages[len(pages)-5].granule - pre, 1},
				{"with a Skeleton and another sound", edit(func(ps []onePage) []onePage {
					return slices.Concat([]onePage{skeleton}, ps[:1], []onePage{other}, ps[1:mid], []onePage{packed(0, 5, serial+2, 1, []byte("x"))}, ps[mid:])
				}), ref.Samples, 0, nowhere, 0},
				{"a packet on no page's end", edit(func(ps []onePage) []onePage { // page mid becomes two, of which the first one ends no packet
					p := ps[mid]
					l := p.lacing[0]
					if l < 255 { // take the packet apart where it is long enough
						return ps
					}
					a, b := p, p
					a.lacing, a.body, a.granule = p.lacing[:1], p.body[:255], noPacket
					b.lacing, b.body, b.flags = p.lacing[1:], p.body[255:], p.flags|continued
					for i := mid + 1; i < len(ps); i++ {
						ps[i].seq++
					}
					b.seq++
					return slices.Concat(ps[:mid], []onePage{a, b}, ps[mid+1:])
				}), ref.Samples, 0, nowhere, 0},
				{"begins later", edit(func(ps []onePage) []onePage {
					for i := range ps[first:] {
						ps[first+i].granule += 1_000_000
					}
					return ps
				}), ref.Samples, 0, nowhere, 0},
			} {
				t.Run(tt.name, func(t *testing.T) {
					f := open(t, tt.file)
					if f.Samples != tt.samples || f.Channels != 2 || f.SampleRate != 48000 || f.Codec != codec {
						t.Errorf("%+v, want %d samples", f, tt.samples)
					}
					got := samples(t, f)
					if len(got) != int(tt.samples)*2 {
						t.Fatalf("%d values of %d samples", len(got), tt.samples)
					}
					same := want[2*tt.skip:]
					if tt.hole >= 0 {
						// Before the hole all is as it was (but for what the window makes of it), and at the end again.
						before := int(2 * (tt.hole - 2048))
						if most, _ := difference(got[:before], same[:before]); most != 0 {
							t.Errorf("differs by %f before the hole", most)
						}
						middle := int(2 * (tt.hole + 1500))
						if most, _ := difference(got[middle:middle+200], make([]float32, 200)); most != 0 && codec == Vorbis {
							t.Errorf("the hole is not silent: %f", most)
						}
						end := int(2 * (ref.Samples - 4000))
						if most, _ := difference(got[end:], same[end:]); most > 40 && tt.hole < ref.Samples-60000 {
							t.Errorf("differs by %f long behind the hole", most)
						}
					} else if most, _ := difference(got, same); most != 0 {
						t.Errorf("differs by %f", most)
					}
					r, err := f.Reader()
					if err != nil {
						t.Fatal(err)
					}
					buf := make([]float32, 4000)
					for err == nil {
						_, err = r.Read(buf)
					}
					if r.Holes() != tt.holes {
						t.Errorf("%d holes, want %d", r.Holes(), tt.holes)
					}
				})
			}

			t.Run("begins in the middle of a recording", func(t *testing.T) {
				f := open(t, edit(func(ps []onePage) []onePage { return slices.Delete(ps, first, mid) }))
				got := samples(t, f)
				// What of the first packet is heard depends on the codec; the rest is the recording's end.
				n := int64(len(got) / 2)
				if n != f.Samples || n > ref.Samples-at || n < ref.Samples-at-2048 {
					t.Fatalf("%d samples, %d said, %d left of the recording", n, f.Samples, ref.Samples-at)
				}
				tail := want[len(want)-len(got):]
				if most, _ := difference(got[48000:], tail[48000:]); most > 40 || codec == Vorbis && most != 0 {
					t.Errorf("differs by %f", most)
				}
			})
			t.Run("a packet that makes no sense", func(t *testing.T) {
				f := open(t, edit(func(ps []onePage) []onePage {
					p := &ps[mid]
					n := 0
					for _, l := range p.lacing { // all but the packets' first bytes
						for i := range int(l) {
							if i > 0 && n+i < len(p.body) {
								p.body[n+i] = byte(i*7) ^ 0x5a
							}
						}
						n += int(l)
					}
					return ps
				}))
				got := samples(t, f)
				before := int(2 * (at - 2048))
				if most, _ := difference(got[:before], want[:before]); len(got) != len(want) || most != 0 {
					t.Errorf("%d values for %d, differ by %f before it", len(got), len(want), most)
				}
			})
		})
	}
}

func TestVorbisThatBeginsBeforeItsZero(t *testing.T) {
	t.Parallel()
	whole := made(t, Vorbis, 3)
	want := samples(t, open(t, whole))
	pages := apart(t, whole)
	for i := heads(pages); i < len(pages); i++ {
		pages[i].granule -= 1000
	}
	b := join(pages...)
	f := open(t, b)
	got := samples(t, f)
	if int64(len(got)) != 2*f.Samples || len(got) != len(want)-2000 {
		t.Fatalf("%d values, %d said, of %d", len(got), 2*f.Samples, len(want))
	}
	if most, _ := difference(got, want[2000:]); most != 0 {
		t.Errorf("differs by %f", most)
	}
}

func TestOpusGainIsApplied(t *testing.T) {
	t.Parallel()
	whole := made(t, Opus, 2)
	want := samples(t, open(t, whole))
	pages := apart(t, whole)
	binary.LittleEndian.PutUint16(pages[0].body[16:], 0xfa00) // -6 dB
	got := samples(t, open(t, join(pages...)))
	for i := range want {
		want[i] *= 0.501187
	}
	if most, _ := difference(got, want); most > 0.05 || len(got) != len(want) {
		t.Errorf("differs by %f", most)
	}
}

func TestFLACInOgg(t *testing.T) {
	t.Parallel()
	f := open(t, made(t, FLAC, 3))
	if f.Codec != FLAC || f.Samples != 3*48000 || f.SampleRate != 48000 || f.Channels != 2 || f.Bits != 16 {
		t.Errorf("%+v", f)
	}
	if _, err := f.Reader(); !errors.Is(err, ErrUndecodable) {
		t.Errorf("a reader of FLAC: %v", err)
	}
	b, err := io.ReadAll(f.FLAC())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "x.flac", b)
	mediatest.RunIn(t, dir, "flac", "-d", "-s", "-o", "x.wav", "x.flac") // which checks the MD5 of all samples
	if wav := readFile(t, dir, "x.wav"); !bytes.Contains(wav, wave(48000, 2, 3)[44:]) {
		t.Error("the samples are others")
	}
}

func TestWhatIsNoSoundForBrowsers(t *testing.T) {
	t.Parallel()
	vorbis, opus := made(t, Vorbis, 1), made(t, Opus, 1)
	theora := packed(2, 0, 77, 0, append([]byte("\x80theora"), make([]byte, 35)...)).bytes()
	begin := func(s string) []byte { return packed(2, 0, 1, 0, append([]byte(s), make([]byte, 80)...)).bytes() }
	family := func(n byte) []byte {
		pages := apart(t, opus)
		pages[0].body[18] = n
		return join(pages...)
	}
	for _, tt := range []struct {
		name string
		file []byte
		want string // a name, "" for damaged
	}{
		{"Speex", begin("Speex   1.2"), "Speex"},
		{"Theora", begin("\x80theora"), "a video"},
		{"Theora beside Vorbis", append(bytes.Clone(theora), vorbis...), "a video"},
		{"Theora behind Vorbis", slices.Concat(apart(t, vorbis)[0].bytes(), theora, join(apart(t, vorbis)[1:]...)), "a video"},
		{"subtitles", begin("\x80kate"), "subtitles"},
		{"something else", begin("abcdefgh"), "a kind of content that is not known"},
		{"two in a chain", append(bytes.Clone(vorbis), opus...), "several recordings one after another"},
		{"three in a chain", slices.Concat(opus, vorbis, made(t, Opus, 1.1)), "several recordings one after another"},
		{"Opus with 255 for its channels", family(255), "Opus of a kind for special uses"},
		{"Opus for ambisonics", family(2), "Opus of a kind for special uses"},
	} {
		_, err := Open(bytes.NewReader(tt.file), int64(len(tt.file)))
		var u *UnplayableError
		if !errors.As(err, &u) || u.Name != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestWhatCanNotBeOpened(t *testing.T) {
	t.Parallel()
	vorbis, opus := made(t, Vorbis, 1), made(t, Opus, 1)
	vp, op := apart(t, vorbis), apart(t, opus)
	lies := slices.Clone(op)
	lies[len(lies)-1].granule = 1 << 60
	back := slices.Clone(op)
	back[len(back)-1].granule = 5 // before the pre-skip ends
	head := func(at int, b byte) []byte {
		ps := slices.Clone(op)
		ps[0].body = bytes.Clone(ps[0].body)
		ps[0].body[at] = b
		return join(ps...)
	}
	flipped := bytes.Clone(vorbis)
	flipped[30] ^= 1
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"nothing", nil, ErrFormat},
		{"three bytes", []byte("Ogg"), ErrFormat},
		{"something else", make([]byte, 10000), ErrFormat},
		{"a word", []byte("OggS"), ErrDamaged},
		{"only zeros behind", append([]byte("OggS"), make([]byte, 100_000)...), ErrDamaged},
		{"a first page with a wrong bit", flipped, ErrDamaged},
		{"only the first page", vp[0].bytes(), ErrDamaged},
		{"only headers of Vorbis", join(vp[:heads(vp)]...), ErrEmpty},
		{"only headers of Opus", join(op[:heads(op)]...), ErrEmpty},
		{"no setup of Vorbis", join(append(slices.Clone(vp[:1]), vp[heads(vp):]...)...), ErrDamaged},
		{"longer than can be", join(lies...), ErrDamaged},
		{"ends before it begins", join(back...), ErrEmpty},
		{"Opus of no channels", head(9, 0), ErrDamaged},
		{"Opus of three channels in family 0", head(9, 3), ErrDamaged},
		{"Opus of a later version", head(8, 0x10), ErrDamaged},
	} {
		if _, err := Open(bytes.NewReader(tt.file), int64(len(tt.file))); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// A picture that leaves less of the limit than is there already of the next.
func TestCommentsWithLittleOfTheLimitLeft(t *testing.T) {
	t.Parallel()
	pages := apart(t, made(t, FLAC, 2))
	start := bytes.Clone(pages[0].body)
	binary.BigEndian.PutUint16(start[7:], 3)
	picture := append([]byte{flacPicture, 0, 0x10, 0}, bytes.Repeat([]byte{1}, 4096)...)
	b := packed(0, 0, 7, 1, picture, bytes.Repeat([]byte{0x86}, 255*9))
	b.lacing = b.lacing[:len(b.lacing)-1] // the second one goes on
	rest := packed(continued, 0, 7, 2, []byte("xx"))
	file := join(packed(first, 0, 7, 0, start), b, rest)
	_, pictures, err := Comments(bytes.NewReader(file), int64(len(file)), len(picture)+100)
	if err != nil || len(pictures) == 0 || !bytes.Equal(pictures[0], picture[4:]) {
		t.Errorf("%d pictures, %v", len(pictures), err)
	}
}

// Granule positions near the end of 64 bits are no times.
func TestTimesThatOverflow(t *testing.T) {
	t.Parallel()
	for _, codec := range []string{Opus, Vorbis} {
		pages := apart(t, made(t, codec, 1))
		n := heads(pages)
		for _, p := range []int{n, len(pages) - 1} {
			lies := slices.Clone(pages)
			for i := p; i < len(lies); i++ {
				lies[i].granule = math.MaxInt64
			}
			file := join(lies...)
			if f, err := Open(bytes.NewReader(file), int64(len(file))); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s: %+v, %v", codec, f, err)
			}
		}
	}
}

func TestBitrateStaysWithin32Bits(t *testing.T) {
	t.Parallel()
	pages := apart(t, made(t, Opus, 1))
	n := heads(pages)
	skip := int64(binary.LittleEndian.Uint16(pages[0].body[10:]))
	pages = pages[:n+1]
	pages[n].flags, pages[n].granule = last, skip+1
	file := append(join(pages...), make([]byte, 100_000)...)
	f, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil || f.Samples != 1 || f.Bitrate != math.MaxInt32 {
		t.Errorf("%+v, %v", f, err)
	}
}

// endless is a file whose pages repeat.
type endless struct {
	head, page []byte
	read       int64
}

func (e *endless) ReadAt(b []byte, off int64) (int, error) {
	e.read += int64(len(b))
	for i := 0; i < len(b); {
		at := off + int64(i)
		if at < int64(len(e.head)) {
			i += copy(b[i:], e.head[at:])
		} else {
			i += copy(b[i:], e.page[(at-int64(len(e.head)))%int64(len(e.page)):])
		}
	}
	return len(b), nil
}

func TestWhatReadingMayCost(t *testing.T) {
	// Not parallel: it looks at memory.
	opus := made(t, Opus, 1)
	pages := apart(t, opus)
	full := onePage{serial: pages[0].serial, lacing: bytes.Repeat([]byte{255}, 255), body: make([]byte, 255*255), flags: continued, granule: noPacket}
	nested := bytes.Repeat(append([]byte("OggS\x00\x00"), bytes.Repeat([]byte{255}, 22)...), 3)
	nested = append(nested, bytes.Repeat([]byte{255}, 300)...)
	start := join(pages[:heads(pages)+1]...)
	for _, tt := range []struct {
		name string
		file *endless
		size int64
	}{
		{"a comment that never ends", &endless{head: pages[0].bytes(), page: full.bytes()}, 200 << 20},
		{"a packet that never ends", &endless{head: start, page: full.bytes()}, 200 << 20},
		{"pages in pages", &endless{head: start, page: nested}, 20 << 20},
		{"nothing but captures", &endless{head: start, page: []byte("OggS")}, 20 << 20},
		{"nothing", &endless{head: start, page: []byte{0}}, 100 << 20},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := Open(tt.file, tt.size)
		if err == nil {
			r, err := f.Reader()
			if err != nil {
				t.Fatal(err)
			}
			buf := make([]float32, 10000)
			for err == nil {
				_, err = r.Read(buf)
			}
		}
		if _, _, err := Comments(tt.file, tt.size, 1<<20); err != nil {
			t.Error(err)
		}
		runtime.ReadMemStats(&after)
		t.Logf("%s: %v; %d kB allocated, %.1f times read", tt.name, err, (after.TotalAlloc-before.TotalAlloc)>>10, float64(tt.file.read)/float64(tt.size))
		if n := after.TotalAlloc - before.TotalAlloc; n > 40<<20 {
			t.Errorf("%s: %d MB allocated", tt.name, n>>20)
		}
		if tt.file.read > 8*tt.size {
			t.Errorf("%s: %d bytes of %d read", tt.name, tt.file.read, tt.size)
		}
	}
}

type failing struct{}

func (failing) ReadAt(b []byte, off int64) (int, error) { return 0, io.ErrClosedPipe }

func TestErrorsOfTheReaderAreGiven(t *testing.T) {
	t.Parallel()
	if _, err := Open(failing{}, 1000); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if _, _, err := Comments(failing{}, 1000, 1000); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	picture := append([]byte("\xff\xd8\xff\xe0"), make([]byte, 300_000)...)
	for _, codec := range []string{Vorbis, Opus, FLAC} {
		dir := t.TempDir()
		write(t, dir, "in.wav", wave(48000, 2, 1))
		write(t, dir, "p.jpg", picture)
		switch codec {
		case Vorbis:
			mediatest.RunIn(t, dir, "oggenc", "-Q", "-t", "A title", "-c", "LONG="+string(bytes.Repeat([]byte("x"), 100_000)), "-o", "out", "in.wav")
		case Opus:
			mediatest.RunIn(t, dir, "opusenc", "--quiet", "--title", "A title", "--comment", "LONG="+string(bytes.Repeat([]byte("x"), 100_000)), "in.wav", "out")
		case FLAC:
			mediatest.RunIn(t, dir, "flac", "--ogg", "-s", "-T", "TITLE=A title", "--picture", "3|image/jpeg||1x1x24|p.jpg", "-o", "out", "in.wav")
		}
		b := readFile(t, dir, "out")
		comment, pictures, err := Comments(bytes.NewReader(b), int64(len(b)), 1<<20)
		if err != nil || !bytes.Contains(bytes.ToUpper(comment), []byte("TITLE=A TITLE")) || codec != FLAC && len(comment) < 100_000 {
			t.Errorf("%s: %d bytes, %v", codec, len(comment), err)
		}
		if codec == FLAC && (len(pictures) != 1 || !bytes.HasSuffix(pictures[0], picture)) {
			t.Errorf("%d pictures", len(pictures))
		}
		if comment, _, _ = Comments(bytes.NewReader(b), int64(len(b)), 50); len(comment) > 50 {
			t.Errorf("%s: %d bytes of 50", codec, len(comment))
		}
	}
	if c, _, err := Comments(bytes.NewReader([]byte("RIFF")), 4, 100); c != nil || err != nil {
		t.Errorf("%q, %v of what is no Ogg", c, err)
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, codec := range []string{Vorbis, Opus} {
		b.Run(codec, func(b *testing.B) {
			f := open(b, made(b, codec, 20))
			buf := make([]float32, 8192)
			for b.Loop() {
				r, err := f.Reader()
				for err == nil {
					_, err = r.Read(buf)
				}
			}
			b.ReportMetric(20*float64(b.N)/b.Elapsed().Seconds(), "x")
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	f := made(b, Opus, 20)
	for b.Loop() {
		open(b, f)
	}
}

func ExampleUnplayableError() {
	b := packed(2, 0, 1, 0, []byte("Speex   1.2")).bytes()
	_, err := Open(bytes.NewReader(b), int64(len(b)))
	fmt.Println(err)
	// Output: Ogg file with Speex
}

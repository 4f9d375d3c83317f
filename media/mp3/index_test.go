package mp3

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"earshot/media/mp3/mp3test"
)

// place is a frame as a test expects it.
type place struct {
	offset int64
	size   int
}

// places are those of frames that stand one behind the other from offset on.
func places(offset int, sizes ...int) []place {
	list := make([]place, len(sizes))
	for i, n := range sizes {
		list[i] = place{int64(offset), n}
		offset += n
	}
	return list
}

// checkPlaces compares all that an index says about where frames are.
func checkPlaces(t *testing.T, x *Index, want []place) {
	t.Helper()
	if x.Frames() != len(want) {
		t.Fatalf("%d frames, want %d", x.Frames(), len(want))
	}
	var sum int64
	for i, p := range want {
		if got := (place{x.FrameOffset(i), x.FrameSize(i)}); got != p {
			t.Fatalf("frame %d is at %+v, want %+v", i, got, p)
		}
		if got := x.BytesBefore(i); got != sum {
			t.Fatalf("%d bytes before frame %d, want %d", got, i, sum)
		}
		sum += int64(p.size)
	}
	if x.Bytes() != sum || x.BytesBefore(x.Frames()) != sum {
		t.Errorf("%d bytes (%d before the end), want %d", x.Bytes(), x.BytesBefore(x.Frames()), sum)
	}
	checkSound(t, x)
}

// checkSound holds an index against itself: whatever the file was, its parts
// must agree.
func checkSound(t *testing.T, x *Index) {
	t.Helper()
	i := 0
	end := int64(-1)
	for _, run := range x.Runs() {
		if run.First != i || run.Frames < 1 || run.Offset <= end {
			t.Fatalf("run %+v behind frame %d, byte %d", run, i-1, end)
		}
		at := run.Offset
		for range run.Frames {
			if got := x.FrameOffset(i); got != at {
				t.Fatalf("frame %d at %d, want %d by its run %+v", i, got, at, run)
			}
			at += int64(x.FrameSize(i))
			i++
		}
		if at != run.Offset+run.Length {
			t.Fatalf("run %+v ends at %d", run, at)
		}
		end = at
	}
	if i != x.Frames() || i == 0 {
		t.Fatalf("runs hold %d frames of %d", i, x.Frames())
	}
	if end > x.FileSize() {
		t.Fatalf("last frame ends at %d of %d", end, x.FileSize())
	}
	i = 0
	for n := range x.Sizes() {
		if n != x.FrameSize(i) {
			t.Fatalf("size %d of frame %d by Sizes, %d by FrameSize", n, i, x.FrameSize(i))
		}
		i++
	}
	if i != x.Frames() {
		t.Fatalf("%d sizes of %d frames", i, x.Frames())
	}
	if x.Samples() <= 0 || x.Duration() <= 0 || x.Bitrate() <= 0 {
		t.Fatalf("%d samples, %v, %d bit/s", x.Samples(), x.Duration(), x.Bitrate())
	}
	for i := range x.Frames() {
		if r, l := x.Reservoir(i), x.Lead(i); r < 0 || r > i || l < r || l > i {
			t.Fatalf("frame %d reaches back %d, leads by %d", i, r, l)
		}
	}
	b, err := x.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var y Index
	if err := y.UnmarshalBinary(b); err != nil {
		t.Fatalf("unmarshal: %v", err)
	}
	if err := same(x, &y); err != nil {
		t.Fatal(err)
	}
}

// same compares two indexes by what they answer.
func same(x, y *Index) error {
	type told struct {
		frames, rate, channels, spf, delay, padding, promised, bitrate int
		samples, size, bytes                                           int64
		version                                                        Version
		tagged, variable, free, damaged, cut                           bool
		reach                                                          int
	}
	tell := func(x *Index) told {
		return told{x.Frames(), x.SampleRate(), x.Channels(), x.SamplesPerFrame(), x.Delay(), x.Padding(),
			x.Promised(), x.Bitrate(), x.Samples(), x.FileSize(), x.Bytes(), x.Version(), x.Tagged(), x.Variable(),
			x.FreeFormat(), x.Damaged(), x.Cut(), x.reach}
	}
	if a, b := tell(x), tell(y); a != b {
		return fmt.Errorf("got %+v, want %+v", b, a)
	}
	if a, b := x.Runs(), y.Runs(); !slices.Equal(a, b) {
		return fmt.Errorf("got runs %v, want %v", b, a)
	}
	if !bytes.Equal(x.codes, y.codes) || !slices.Equal(x.rules, y.rules) || !slices.Equal(x.marks, y.marks) {
		return errors.New("frames differ")
	}
	return nil
}

// reaches computes from the frames how far each one's main data reaches back.
func reaches(f mp3test.Format, list []mp3test.Frame) []int {
	sizes := f.Sizes(list...)
	want := make([]int, len(list))
	for i, one := range list {
		for left := one.Begin; left > 0 && want[i] < i; {
			want[i]++
			left -= sizes[i-want[i]] - f.Head()
		}
	}
	return want
}

func TestReservoir(t *testing.T) {
	t.Parallel()
	quiet := mp3test.Format{SampleRate: 24000, Mode: mp3test.Stereo}
	hush := make([]mp3test.Frame, 200) // frames of 24 bytes that hold 3 bytes of main data
	for i := range hush {
		hush[i] = mp3test.Frame{Bitrate: 8, Begin: min(i*3, 255)}
	}
	hush[100].Bitrate, hush[150].Bitrate = 64, 24
	steady := make([]mp3test.Frame, 100)
	for i := range steady {
		steady[i].Begin = min(i*100, 511)
	}
	crc := cd
	crc.CRC, crc.Mode = true, mp3test.Mono
	tests := []struct {
		name   string
		format mp3test.Format
		list   []mp3test.Frame
		exact  bool // where less than farReach
		most   int  // what the largest answer may be
	}{
		{"mpeg-1 vbr", cd, cd.Uneven(3000, 61), true, 9},
		{"mpeg-1 vbr, mono with crc", crc, crc.Uneven(3000, 62), true, 9},
		{"mpeg-2 vbr", voice, voice.Uneven(3000, 63), true, 85},
		{"mpeg-2.5 vbr", phone, phone.Uneven(3000, 64), true, 85},
		{"mpeg-2 near silence", quiet, hush, true, 255},
		{"cbr", cd, steady, false, 2},
		{"cbr without reservoir", cd, make([]mp3test.Frame, 50), true, 0},
		{"cbr near silence", mp3test.Format{SampleRate: 24000, Bitrate: 8, Mode: mp3test.Stereo}, hush[:90], false, 255},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x, err := scan(tt.format.Build(tt.list...))
			if err != nil {
				t.Fatal(err)
			}
			checkSound(t, x)
			overlap := 1
			if tt.format.SampleRate < 32000 {
				overlap = 2
			}
			want := reaches(tt.format, tt.list)
			for i, want := range want {
				got := x.Reservoir(i)
				if got < want || got > tt.most {
					t.Fatalf("frame %d reaches back %d, want %d to %d", i, got, want, tt.most)
				}
				if tt.exact && want < farReach && got != want {
					t.Fatalf("frame %d reaches back %d, want exactly %d", i, got, want)
				}
			}
			for i := range want {
				lead := 0
				for k := 0; k <= overlap && k <= i; k++ {
					lead = max(lead, k+want[i-k])
				}
				if got := x.Lead(i); got < lead || got > tt.most+overlap {
					t.Fatalf("frame %d leads by %d, want at least %d", i, got, lead)
				}
			}
		})
	}
}

// TestPads: the padding of a constant bit rate is kept as a rule whatever
// phase an encoder began with, and frame by frame when there is no rule.
func TestPads(t *testing.T) {
	t.Parallel()
	frames := func(n int, padding mp3test.Padding) []mp3test.Frame {
		list := make([]mp3test.Frame, n)
		for i := range list {
			list[i].Padding = padding
		}
		return list
	}
	all := cd.Sizes(make([]mp3test.Frame, 1000)...)
	audio := cd.Build(make([]mp3test.Frame, 1000)...)
	at := 0
	for skip := range 60 {
		x, err := scan(audio[at:])
		if err != nil {
			t.Fatal(err)
		}
		checkPlaces(t, x, places(0, all[skip:]...))
		if x.codes != nil {
			t.Errorf("skipping %d frames: kept frame by frame", skip)
		}
		at += all[skip]
	}
	for _, tt := range []struct {
		name  string
		list  []mp3test.Frame
		codes bool
	}{
		{"never", frames(300, mp3test.PadNever), false},
		{"always", frames(300, mp3test.PadAlways), false},
		{"never, then always", slices.Concat(frames(100, mp3test.PadNever), frames(100, mp3test.PadAlways)), true},
		{"spread, then never", slices.Concat(frames(100, mp3test.PadSpread), frames(100, mp3test.PadNever)), true},
	} {
		x, err := scan(cd.Build(tt.list...))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		checkPlaces(t, x, places(0, cd.Sizes(tt.list...)...))
		if got := x.codes != nil; got != tt.codes {
			t.Errorf("%s: kept frame by frame %v, want %v", tt.name, got, tt.codes)
		}
		if x.Variable() || x.Bitrate() != 128000 {
			t.Errorf("%s: variable %v, %d bit/s", tt.name, x.Variable(), x.Bitrate())
		}
	}
}

func TestOutOfRange(t *testing.T) {
	t.Parallel()
	x, err := scan(cd.Silence(10))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{-1, 10, 1 << 30} {
		for name, ask := range map[string]func(){
			"FrameSize":   func() { x.FrameSize(i) },
			"FrameOffset": func() { x.FrameOffset(i) },
			"Reservoir":   func() { x.Reservoir(i) },
			"Lead":        func() { x.Lead(i) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s(%d) did not panic", name, i)
					}
				}()
				ask()
			}()
		}
	}
}

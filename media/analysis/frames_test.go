package analysis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"earshot/media/layer3"
	"earshot/media/mp3"
	"earshot/media/mp3/mp3test"
	"earshot/media/peaks"
)

func scan(t testing.TB, r io.ReaderAt, size int64) *mp3.Index {
	t.Helper()
	x, err := mp3.Scan(r, size)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// bothWays measures a file in the frequency domain and from all samples.
func bothWays(t *testing.T, b []byte, check func(t *testing.T, r *Result)) {
	t.Helper()
	r := bytes.NewReader(b)
	x := scan(t, r, r.Size())
	t.Run("quick", func(t *testing.T) {
		res, sure, err := quick(t.Context(), r, x, throttle(nil))
		if err != nil || !sure {
			t.Fatal(sure, err)
		}
		check(t, res)
	})
	t.Run("full", func(t *testing.T) {
		res, err := Full(t.Context(), layer3.NewReader(r, x), x.Samples(), nil)
		if err != nil {
			t.Fatal(err)
		}
		check(t, res)
	})
}

// step is n frames of a tone.
type step struct {
	tone mp3test.Tone
	n    int
}

func list(steps ...step) []mp3test.Frame {
	var l []mp3test.Frame
	for _, s := range steps {
		l = append(l, mp3test.Tones(s.tone, s.n)...)
	}
	return l
}

// wantLevels checks each column that lies wholly within a step, an overlap of
// two frames at its edges aside, against the level of its tone.
func wantLevels(t *testing.T, p *peaks.Peaks, perFrame int, first int64, steps ...step) {
	t.Helper()
	checked, at := 0, first
	for _, s := range steps {
		from, to := at+int64(2*perFrame), at+int64((s.n-2)*perFrame)
		at += int64(s.n * perFrame)
		want := s.tone.Level() / math.Sqrt2
		for c := range p.RMS {
			lo, hi := int64(c*p.SamplesPerPixel), int64((c+1)*p.SamplesPerPixel)
			// In a part of a wave levels differ.
			if lo < from || hi > min(to, p.Samples) || p.SamplesPerPixel < 250 {
				continue
			}
			checked++
			if got := p.Level(c); math.Abs(got-want) > 0.02*want+0.012*float64(p.Loudest)/32768 {
				t.Errorf("column %d: level %.4f, want %.4f", c, got, want)
				return
			}
			if top := float64(p.Max[c]) / 128; !p.Estimated && math.Abs(top-s.tone.Level()) > 0.05*s.tone.Level()+0.012 {
				t.Errorf("column %d: maximum %.3f, want %.3f", c, top, s.tone.Level())
				return
			}
		}
	}
	if checked < len(p.RMS)/2 {
		t.Errorf("only %d of %d columns could be checked", checked, len(p.RMS))
	}
}

var (
	loud   = mp3test.Tone{Line: 21, Gain: 206}
	medium = mp3test.Tone{Line: 30, Gain: 198}
	quiet  = mp3test.Tone{Line: 12, Gain: 186}
	still  = mp3test.Tone{}
)

func TestLevelsOfFrames(t *testing.T) {
	t.Parallel()
	for _, f := range []mp3test.Format{
		{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint},
		{SampleRate: 44100, Bitrate: 320, Mode: mp3test.Stereo, Fill: 9},
		{SampleRate: 48000, Bitrate: 64, Mode: mp3test.Mono, CRC: true},
		{SampleRate: 32000, Bitrate: 192, Mode: mp3test.Dual, Fill: 1},
		{SampleRate: 22050, Bitrate: 32, Mode: mp3test.Mono, Fill: 4},
		{SampleRate: 24000, Bitrate: 160, Mode: mp3test.Mono, CRC: true},
		{SampleRate: 16000, Bitrate: 56, Mode: mp3test.Joint},
		{SampleRate: 11025, Bitrate: 32, Mode: mp3test.Mono},
		{SampleRate: 8000, Bitrate: 16, Mode: mp3test.Joint},
		{SampleRate: 44100, FreeSize: 700, Mode: mp3test.Stereo},
	} {
		t.Run(fmt.Sprint(f.SampleRate, " at ", f.Bitrate), func(t *testing.T) {
			t.Parallel()
			steps := []step{{loud, 300}, {still, 200}, {medium, 300}, {quiet, 200}}
			l := list(steps...)
			for i := range l[1:] {
				l[i+1].Begin = 40
			}
			bothWays(t, f.Build(l...), func(t *testing.T, r *Result) {
				if n := int64(1000 * f.SamplesPerFrame()); r.Peaks.Samples != n || r.Fine.Samples != n || r.Peaks.SampleRate != f.SampleRate || r.Holes != 0 {
					t.Errorf("%d and %d samples at %d Hz, %d holes, want %d", r.Peaks.Samples, r.Fine.Samples, r.Peaks.SampleRate, r.Holes, n)
				}
				wantLevels(t, r.Peaks, f.SamplesPerFrame(), 0, steps...)
				wantLevels(t, r.Fine, f.SamplesPerFrame(), 0, steps...)
			})
		})
	}
}

// What the encoder put in front is in no column, and the rest stands where it
// is heard.
func TestDelayIsLeftOut(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	steps := []step{{loud, 400}, {still, 300}, {quiet, 500}}
	b := slices.Concat(f.Xing(128, mp3test.Info{Sign: "Info", Frames: 1200, Encoder: "LAME3.100", Delay: 4000, Padding: 3000}), f.Build(list(steps...)...))
	bothWays(t, b, func(t *testing.T, r *Result) {
		if want := int64(1200*1152 - 4000 - 3000); r.Peaks.Samples != want {
			t.Errorf("%d samples, want %d", r.Peaks.Samples, want)
		}
		wantLevels(t, r.Peaks, 1152, -4000-529, steps...)
	})
}

// In the middle of the track a tone stops, and the columns tell it to a
// hundredth of a second either way.
func TestAnEdgeStandsWhereItIs(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Mono}
	bothWays(t, f.Build(list(step{loud, 1000}, step{still, 1000})...), func(t *testing.T, r *Result) {
		p := r.Peaks
		half := loud.Level() / 2 // of the power
		at := -1
		for c := range p.RMS {
			if p.Level(c) > half {
				at = (c + 1) * p.SamplesPerPixel
			}
		}
		// The last granule of the tone is heard for half its window yet.
		want := 2000*576 + 240 + 288
		if d := at - want; d < -p.SamplesPerPixel || d > p.SamplesPerPixel {
			t.Errorf("ends at sample %d, want %d", at, want)
		}
		if d := r.Tail - 1000*1152*time.Second/44100; d.Abs() > 30*time.Millisecond || r.Lead > 30*time.Millisecond {
			t.Errorf("silent for %v and %v", r.Lead, r.Tail)
		}
	})
}

// Damage is a hole in the waveform; what is around it stays.
func TestHoles(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	l := mp3test.Tones(loud, 1500)
	b := f.Build(l...)
	sizes := f.Sizes(l...)
	at := 0
	for i, n := range sizes {
		if i >= 700 && i < 800 {
			for k := 4; k < n; k++ {
				b[at+k] = 0xAA // side information that makes no sense
			}
		}
		at += n
	}
	bothWays(t, b, func(t *testing.T, r *Result) {
		if r.Holes < 95 || r.Holes > 101 {
			t.Errorf("%d holes, want about 100", r.Holes)
		}
		column := func(frame int) int { return frame * 1152 / r.Fine.SamplesPerPixel }
		want := loud.Level() / math.Sqrt2
		for _, c := range []int{column(300), column(600), column(900), column(1300)} {
			if math.Abs(r.Fine.Level(c)-want) > 0.02*want {
				t.Errorf("column %d beside it: level %.3f, want %.3f", c, r.Fine.Level(c), want)
			}
		}
		if c := column(750); r.Fine.RMS[c] != 0 {
			t.Errorf("column %d within: level %.3f", c, r.Fine.Level(c))
		}
	})
}

func TestUndecodable(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	for _, good := range []int{0, 20, 200} {
		l := mp3test.Tones(loud, 4000)
		b := f.Build(l...)
		at := 0
		for i, n := range f.Sizes(l...) {
			if i >= good {
				for k := 4; k < n; k++ {
					b[at+k] = 0xAA
				}
			}
			at += n
		}
		r := bytes.NewReader(b)
		x := scan(t, r, r.Size())
		_, full := Full(t.Context(), layer3.NewReader(r, x), x.Samples(), nil)
		_, quick := Quick(t.Context(), r, x, nil)
		want := ErrUndecodable
		if good > 40 {
			want = nil
		}
		if !errors.Is(full, want) || !errors.Is(quick, want) {
			t.Errorf("%d good frames of 4000: all samples %v, quick %v, want %v", good, full, quick, want)
		}
	}
}

// Short tracks are decoded, long ones are not.
func TestWhatIsDecoded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rate, seconds int
		exact         bool
	}{{44100, 59, true}, {44100, 61, false}, {48000, 59, true}, {32000, 70, true}, {32000, 90, false}, {22050, 100, true}, {22050, 130, false}, {8000, 300, true}, {8000, 400, false}} {
		f := mp3test.Format{SampleRate: tt.rate, Bitrate: 32, Mode: mp3test.Mono}
		b := f.Build(mp3test.Tones(medium, tt.seconds*tt.rate/f.SamplesPerFrame())...)
		r := bytes.NewReader(b)
		var told []float64
		res, err := Quick(t.Context(), r, scan(t, r, r.Size()), func(share float64) { told = append(told, share) })
		if err != nil {
			t.Fatal(err)
		}
		if res.Exact != tt.exact || res.Peaks.Estimated == tt.exact || res.Fine.Estimated == tt.exact {
			t.Errorf("%d s at %d Hz: exact %v, want %v", tt.seconds, tt.rate, res.Exact, tt.exact)
		}
		if !slices.IsSorted(told) || told[len(told)-1] != 1 {
			t.Errorf("%d s at %d Hz: told %v", tt.seconds, tt.rate, told)
		}
	}
}

// What is below all hearing is not measured in the frequency domain, where it
// can't be told from what is a little above it.
func TestTheGuard(t *testing.T) {
	t.Parallel()
	p := tones(44100, stretch{9, 0.6, 62})
	music := tones(44100, stretch{440, 0.02, 62})
	for i, v := range music.v {
		p.v[i] += v
	}
	b := p.mp3(t, "-b", "128")
	r := bytes.NewReader(b)
	x := scan(t, r, r.Size())
	if res, sure, err := quick(t.Context(), r, x, throttle(nil)); err != nil || sure {
		t.Errorf("the frequency domain says %+v, %v", res, err)
	}
	res, err := Quick(t.Context(), r, x, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Full(t.Context(), layer3.NewReader(r, x), x.Samples(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !res.Exact || res.Measures != want.Measures {
		t.Errorf("got %+v, want %+v", res.Measures, want.Measures)
	}
}

func TestQuickStops(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	body := f.Build(mp3test.Tones(loud, 1000)...)
	r := mp3test.Repeated{Body: body, Times: 100}
	x := scan(t, r, r.Size())
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Quick(ctx, r, x, func(float64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want %v", err, context.Canceled)
	}
	if _, err := Quick(t.Context(), brokenFile{r, 1e6}, x, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a broken disk: got %v, want %v", err, io.ErrClosedPipe)
	}
}

// brokenFile can be read up to a place.
type brokenFile struct {
	r  io.ReaderAt
	to int64
}

func (b brokenFile) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.to {
		return 0, io.ErrClosedPipe
	}
	return b.r.ReadAt(p, off)
}

package peaks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"earshot/media/mp3"
	"earshot/media/mp3/mp3test"
)

func scan(t testing.TB, r io.ReaderAt, size int64) *mp3.Index {
	t.Helper()
	x, err := mp3.Scan(r, size)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func analyse(t testing.TB, file []byte) *Peaks {
	t.Helper()
	r := bytes.NewReader(file)
	p, err := Analyse(t.Context(), r, scan(t, r, r.Size()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.check(); err != nil {
		t.Fatal(err)
	}
	return p
}

// steps are tones one after the other; each is n frames long.
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
// two frames at its edges aside, against the RMS level of its tone.
func wantLevels(t *testing.T, p *Peaks, perFrame int, first int64, steps ...step) {
	t.Helper()
	checked := 0
	at := first
	for _, s := range steps {
		from, to := at+int64(2*perFrame), at+int64((s.n-2)*perFrame)
		at += int64(s.n * perFrame)
		want := s.tone.Level() / math.Sqrt2
		for c := range p.RMS {
			lo, hi := int64(c*p.SamplesPerPixel), int64((c+1)*p.SamplesPerPixel)
			if lo < from || hi > min(to, p.Samples) {
				continue
			}
			checked++
			if got := p.Level(c); math.Abs(got-want) > 0.02*want+0.012*float64(p.Loudest)/32768 {
				t.Errorf("column %d: level %.4f, want %.4f", c, got, want)
				return
			}
			if top := float64(p.Max[c]) / 128; math.Abs(top-s.tone.Level()) > 0.05*s.tone.Level()+0.012 && p.SamplesPerPixel > 200 {
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

func TestLevels(t *testing.T) {
	t.Parallel()
	for _, f := range []mp3test.Format{
		{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint},
		{SampleRate: 44100, Bitrate: 320, Mode: mp3test.Stereo, Fill: 9},
		{SampleRate: 48000, Bitrate: 64, Mode: mp3test.Mono, CRC: true},
		{SampleRate: 32000, Bitrate: 192, Mode: mp3test.Dual, Fill: 1},
		{SampleRate: 22050, Bitrate: 32, Mode: mp3test.Mono, Fill: 4}, // padded frames of an even size
		{SampleRate: 22050, Bitrate: 80, Mode: mp3test.Stereo, Fill: 5},
		{SampleRate: 24000, Bitrate: 160, Mode: mp3test.Mono, CRC: true},
		{SampleRate: 16000, Bitrate: 56, Mode: mp3test.Joint},
		{SampleRate: 44100, FreeSize: 700, Mode: mp3test.Stereo},
	} {
		for _, begin := range []int{0, 40} {
			t.Run(fmt.Sprint(f.SampleRate, "/", f.Bitrate, "/", begin), func(t *testing.T) {
				t.Parallel()
				steps := []step{{loud, 150}, {still, 100}, {medium, 150}, {quiet, 100}}
				l := list(steps...)
				for i := range l[1:] {
					l[i+1].Begin = begin
				}
				p := analyse(t, f.Build(l...))
				if p.SampleRate != f.SampleRate || p.Samples != int64(500*f.SamplesPerFrame()) || p.Sampled {
					t.Errorf("rate %d, %d samples, sampled %v", p.SampleRate, p.Samples, p.Sampled)
				}
				wantLevels(t, p, f.SamplesPerFrame(), 0, steps...)
			})
		}
	}
}

func TestDelayIsLeftOut(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	steps := []step{{loud, 100}, {quiet, 200}}
	file := slices.Concat(f.Xing(128, mp3test.Info{Sign: "Info", Frames: 300, Encoder: "LAME3.100", Delay: 1105, Padding: 900}), f.Build(list(steps...)...))
	p := analyse(t, file)
	if want := int64(300*1152 - 1105 - 900); p.Samples != want {
		t.Errorf("%d samples, want %d", p.Samples, want)
	}
	wantLevels(t, p, 1152, -1105-529, steps...)
}

func TestVariableBitRateWithReservoir(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint, Fill: 3}
	steps := []step{{loud, 150}, {quiet, 150}, {medium, 200}}
	l := f.Uneven(500, 7)
	for i, tone := range list(steps...) {
		l[i].Tone = tone.Tone
		l[i].Begin = min(l[i].Begin, 25)
	}
	wantLevels(t, analyse(t, f.Build(l...)), 1152, 0, steps...)
}

func TestOneFrame(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	p := analyse(t, f.Build(list(step{loud, 1})...))
	if p.Samples != 1152 || len(p.RMS) != 36 || p.SamplesPerPixel != 32 {
		t.Errorf("%d samples in %d columns of %d", p.Samples, len(p.RMS), p.SamplesPerPixel)
	}
}

func TestSilenceIsFlat(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	p := analyse(t, f.Silence(100))
	if p.Loudest != quietest || slices.Max(p.RMS) != 0 || slices.Max(p.Max) != 0 || slices.Min(p.Min) != 0 {
		t.Errorf("silence is not flat: %+v", p)
	}
}

// A damaged stretch is a hole; what is around it is drawn.
func TestHoles(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	l := list(step{loud, 400})
	for i := range l[1:] {
		l[i+1].Begin = 30
	}
	whole := f.Build(l...)
	sizes := f.Sizes(l...)
	offset := func(frame int) (n int) {
		for _, s := range sizes[:frame] {
			n += s
		}
		return n
	}
	random := rand.New(rand.NewPCG(1, 2))
	rubbish := func(from, to int) []byte { // side info and main data of frames
		b := slices.Clone(whole)
		for i := from; i < to; i++ {
			for k := offset(i) + 4; k < offset(i+1); k++ {
				b[k] = byte(random.Uint32())
			}
		}
		return b
	}
	tests := []struct {
		name     string
		file     []byte
		from, to int // frames that may be anything
	}{
		{"a frame of rubbish", rubbish(200, 201), 199, 204},
		{"thirty frames of rubbish", rubbish(200, 230), 199, 233},
		{"the first frames are rubbish", rubbish(0, 5), 0, 8},
		{"bytes between two frames", slices.Concat(whole[:offset(200)], mp3test.Rubbish(5000, 3), whole[offset(200):]), 198, 205},
		{"starts in the middle of a stream", whole[offset(20):], 0, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := analyse(t, tt.file)
			want := loud.Level() / math.Sqrt2
			good := 0
			for c := range p.RMS {
				from, to := c*p.SamplesPerPixel/1152, ((c+1)*p.SamplesPerPixel-1)/1152
				if from < 2 || to >= tt.from && from <= tt.to {
					continue
				}
				good++
				if got := p.Level(c); math.Abs(got-want) > 0.05 {
					t.Errorf("column %d: level %.3f, want %.3f", c, got, want)
				}
			}
			if good < len(p.RMS)*3/4 {
				t.Errorf("only %d of %d columns are outside the hole", good, len(p.RMS))
			}
		})
	}
}

func TestLongTracksAreSampled(t *testing.T) {
	t.Parallel()
	for _, f := range []mp3test.Format{
		{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Mono},
		{SampleRate: 22050, Bitrate: 32, Mode: mp3test.Mono},
	} {
		t.Run(fmt.Sprint(f.SampleRate), func(t *testing.T) {
			t.Parallel()
			pattern := func(tone mp3test.Tone) []byte {
				l := list(step{tone, 99})
				for i := range l[1:] {
					l[i+1].Begin = 20
				}
				return f.Build(l...)
			}
			const times = 500 // of 99 frames, thrice: an hour of MPEG-1
			files := []mp3test.Repeated{{Body: pattern(loud), Times: times}, {Body: pattern(quiet), Times: times}, {Body: pattern(medium), Times: times}}
			r := joined(files)
			p, err := newAnalysis(r, scan(t, r, r.Size()), 12_000).run(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.check(); err != nil || !p.Sampled {
				t.Errorf("sampled %v, %v", p.Sampled, err)
			}
			wantLevels(t, p, f.SamplesPerFrame(), 0, step{loud, 99 * times}, step{quiet, 99 * times}, step{medium, 99 * times})
			if slices.Min(p.RMS) == 0 {
				t.Errorf("column %d was not listened to", slices.Index(p.RMS, 0))
			}
		})
	}
}

// joined reads several files as one.
type joined []mp3test.Repeated

func (j joined) Size() (n int64) {
	for _, r := range j {
		n += r.Size()
	}
	return n
}

func (j joined) ReadAt(b []byte, off int64) (n int, err error) {
	for _, r := range j {
		if off < r.Size() {
			m, err := r.ReadAt(b[n:], off)
			n += m
			if err != nil && err != io.EOF {
				return n, err
			}
			off += int64(m)
		}
		off -= r.Size()
		if n == len(b) {
			return n, nil
		}
		if off > 0 {
			continue
		}
		off = max(off, 0)
	}
	return n, io.EOF
}

func TestThePlanIsBounded(t *testing.T) {
	t.Parallel()
	for _, f := range []mp3test.Format{
		{SampleRate: 44100, Bitrate: 32, Mode: mp3test.Mono},
		{SampleRate: 16000, Bitrate: 8, Mode: mp3test.Mono},
	} {
		body := f.Silence(1000)
		for _, times := range []int64{1, 22, 24, 45, 47, 100, 1000, 5000} {
			r := mp3test.Repeated{Body: body, Times: times}
			a := newAnalysis(r, scan(t, r, r.Size()), wholeGranules)
			granules := 0
			for _, s := range a.plan() {
				if s.first < 0 || s.end <= s.first || s.end > a.x.Frames() {
					t.Fatalf("%d Hz, %d000 frames: listens at %v", f.SampleRate, times, s)
				}
				granules += (s.end - s.first) * a.granules()
			}
			if granules > wholeGranules {
				t.Errorf("%d Hz, %d000 frames: %d granules are decoded, want at most %d", f.SampleRate, times, granules, wholeGranules)
			}
			if a.sampled != (times*1000 > int64(a.wholeFrames())) {
				t.Errorf("%d Hz, %d000 frames: sampled %v", f.SampleRate, times, a.sampled)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	old := mp3test.Format{SampleRate: 11025, Bitrate: 32, Mode: mp3test.Mono}
	r := bytes.NewReader(old.Silence(50))
	if _, err := Analyse(t.Context(), r, scan(t, r, r.Size()), nil); !errors.Is(err, ErrUnsupported) {
		t.Errorf("MPEG-2.5: got %v, want %v", err, ErrUnsupported)
	}

	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	file := f.Silence(2000)
	random := rand.New(rand.NewPCG(5, 6))
	at := 0
	for _, n := range f.Sizes(make([]mp3test.Frame, 2000)...) {
		for k := at + 4; k < at+n; k++ {
			file[k] = byte(random.Uint32())
		}
		at += n
	}
	r = bytes.NewReader(file)
	if _, err := Analyse(t.Context(), r, scan(t, r, r.Size()), nil); !errors.Is(err, ErrUndecodable) {
		t.Errorf("rubbish in every frame: got %v, want %v", err, ErrUndecodable)
	}
}

func TestFileThatIsNotTheIndexed(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	file := f.Build(list(step{loud, 300})...)
	r := bytes.NewReader(file)
	x := scan(t, r, r.Size())
	if _, err := Analyse(t.Context(), bytes.NewReader(file[:len(file)/2]), x, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a shorter file: got %v, want %v", err, io.ErrUnexpectedEOF)
	}
	other := mp3test.Format{SampleRate: 22050, Bitrate: 64, Mode: mp3test.Stereo}
	for _, b := range [][]byte{make([]byte, len(file)), bytes.Repeat([]byte{0xff}, len(file)), other.Silence(900)} {
		if _, err := Analyse(t.Context(), bytes.NewReader(b[:min(len(b), len(file))]), x, nil); !errors.Is(err, ErrUndecodable) {
			t.Errorf("another file: got %v, want %v", err, ErrUndecodable)
		}
	}
	if _, err := Analyse(t.Context(), broken{}, x, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a broken disk: got %v, want %v", err, io.ErrClosedPipe)
	}
}

type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestProgressAndCancelling(t *testing.T) {
	t.Parallel()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	r := bytes.NewReader(f.Build(list(step{loud, 2000})...))
	x := scan(t, r, r.Size())
	var shares []float64
	start := time.Now()
	if _, err := Analyse(t.Context(), r, x, func(s float64) { shares = append(shares, s) }); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	if !slices.IsSorted(shares) || shares[len(shares)-1] != 1 || shares[0] < 0 {
		t.Errorf("shares %v don't rise to 1", shares)
	}
	if most := int(took/progressEvery) + 1; len(shares) > most {
		t.Errorf("%d reports in %v, want at most %d", len(shares), took, most)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Analyse(ctx, r, x, func(float64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// Whatever stands in frames, nothing panics and the result is whole.
func FuzzAnalyse(f *testing.F) {
	one := mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}
	two := mp3test.Format{SampleRate: 22050, Bitrate: 32, Mode: mp3test.Mono, CRC: true}
	f.Add(one.Build(list(step{loud, 6})...))
	f.Add(two.Build(list(step{medium, 3}, step{still, 3})...))
	f.Add(one.Build(one.Uneven(8, 4)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 20_000 {
			return
		}
		r := bytes.NewReader(b)
		x, err := mp3.Scan(r, r.Size())
		if err != nil {
			return
		}
		p, err := Analyse(t.Context(), r, x, nil)
		if err != nil {
			return
		}
		file, err := p.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := new(Peaks).UnmarshalBinary(file); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkAnalyse(b *testing.B) {
	for _, bb := range []struct {
		name string
		f    mp3test.Format
		n    int64 // frames
	}{
		{"1 min", mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}, 2297},
		{"3 h", mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint}, 413_437},
	} {
		b.Run(bb.name, func(b *testing.B) {
			r := mp3test.Repeated{Body: bb.f.Build(list(step{loud, 97})...), Times: bb.n / 97}
			x := scan(b, r, r.Size())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Analyse(b.Context(), r, x, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(x.Duration().Seconds()*float64(b.N)/b.Elapsed().Seconds(), "x-realtime")
		})
	}
}

package peaks

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// made is a waveform with a swell, as long as asked for.
func made(t testing.TB, samples int64) (*Peaks, []byte) {
	t.Helper()
	perPixel, n := Columns(samples)
	return madeOf(t, perPixel, n, samples)
}

// madeFine is made with ten columns a second.
func madeFine(t testing.TB, samples int64) (*Peaks, []byte) {
	t.Helper()
	perPixel, n := FineColumns(44100, samples)
	return madeOf(t, perPixel, n, samples)
}

func madeOf(t testing.TB, perPixel, n int, samples int64) (*Peaks, []byte) {
	t.Helper()
	levels, lows, highs := make([]float32, n), make([]int8, n), make([]int8, n)
	for i := range levels {
		level := 9000 * math.Abs(math.Sin(float64(i)/200))
		levels[i], lows[i], highs[i] = float32(level/32768), int8(-level/100), int8(level/100)
	}
	p, err := New(44100, perPixel, samples, levels, lows, highs)
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return p, b
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		samples           int64
		perPixel, columns int
	}{
		{0, 32, 1}, {1, 32, 1}, {33, 32, 2}, {1152, 32, 36}, {57_600, 32, 1800}, {57_601, 33, 1746},
		{7_938_000, 4410, 1800}, {44100 * 3600 * 60, 5_292_000, 1800},
	} {
		if perPixel, columns := Columns(tt.samples); perPixel != tt.perPixel || columns != tt.columns {
			t.Errorf("%d samples: %d columns of %d, want %d of %d", tt.samples, columns, perPixel, tt.columns, tt.perPixel)
		}
	}
}

func TestTheCurve(t *testing.T) {
	t.Parallel()
	p := new(Peaks)
	p.draw(of32768(0, 1000, 3162.3, 10000))
	if want := []uint8{0, 45, 108, 255}; p.Loudest != 10000 || !slices.Equal(p.RMS, want) {
		t.Errorf("got %v of %d, want %v of 10000", p.RMS, p.Loudest, want)
	}
	p.draw(of32768(0, 20, 50))
	if p.Loudest != quietest || slices.Max(p.RMS) > 160 {
		t.Errorf("noise is drawn as %v of %d", p.RMS, p.Loudest)
	}
}

func of32768(levels ...float32) []float32 {
	for i := range levels {
		levels[i] /= 32768
	}
	return levels
}

func TestFileRoundTrip(t *testing.T) {
	t.Parallel()
	check := func(name string, p *Peaks) {
		t.Helper()
		b, err := p.MarshalBinary()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got Peaks
		if err := got.UnmarshalBinary(b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(*p, got) { // which is faster
			d := cmp.Diff(*p, got)
			t.Errorf("%s: want -, got +\n%s", name, d)
		}
		overview, err := Overview(bytes.NewReader(b[:HeadSize]))
		if err != nil || !bytes.Equal(overview, p.Overview()) || len(overview) != min(len(p.RMS), OverviewColumns) {
			t.Errorf("%s: overview of %d columns, %v", name, len(overview), err)
		}
		if len(b) > MaxFileSize {
			t.Errorf("%s: %d bytes, want at most %d", name, len(b), MaxFileSize)
		}
	}
	for _, samples := range []int64{1, 1152, 20_000, 44100 * 180, 44100 * 3600 * 3} {
		p, _ := made(t, samples)
		p.Sampled = samples > 1e8
		check(fmt.Sprint(samples, " samples"), p)
		p, _ = madeFine(t, samples)
		p.Estimated = samples > 1e6
		check(fmt.Sprint(samples, " samples, fine"), p)
	}
	p, _ := madeFine(t, 44100*3600*60)
	if len(p.RMS) != 2_160_000 {
		t.Errorf("60 hours have %d fine columns", len(p.RMS))
	}
	check("60 hours", p)
}

// What houses have kept since before is read, whole and in lists, and written
// anew it is the same waveform.
func TestVersion1IsRead(t *testing.T) {
	t.Parallel()
	want, now := made(t, 20_000)
	b, err := os.ReadFile("testdata/version1.peaks")
	if err != nil {
		t.Fatal(err)
	}
	if b[4] != 1 || now[4] != 2 {
		t.Fatalf("versions are %d and %d, want 1 and 2", b[4], now[4])
	}
	var got Peaks
	if err := got.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(*want, got); d != "" {
		t.Errorf("want -, got +\n%s", d)
	}
	if o, err := Overview(bytes.NewReader(b)); err != nil || !bytes.Equal(o, want.Overview()) {
		t.Errorf("overview of %d columns, %v", len(o), err)
	}
	if again, err := got.MarshalBinary(); err != nil || !bytes.Equal(again, now) {
		t.Errorf("written anew it is different: %v", err)
	}
}

func TestOverviewIsTheMean(t *testing.T) {
	t.Parallel()
	p := &Peaks{RMS: make([]uint8, 1800)}
	for i := range p.RMS {
		p.RMS[i] = uint8(i / 8)
	}
	o := p.Overview()
	if len(o) != OverviewColumns || o[0] != 0 || o[200] != 112 || o[399] != 224 {
		t.Errorf("got %d columns: %d, %d, %d, want 400: 0, 112, 224", len(o), o[0], o[200], o[399])
	}
}

// Each byte of a file counts, and so does its length.
func TestDamagedFilesAreRefused(t *testing.T) {
	t.Parallel()
	_, now := made(t, 20_000)
	_, fine := madeFine(t, 200_000)
	before, err := os.ReadFile("testdata/version1.peaks")
	if err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string][]byte{"now": now, "fine": fine, "version 1": before} {
		for i := range good {
			b := slices.Clone(good)
			b[i] ^= 1 << (i % 8)
			if err := new(Peaks).UnmarshalBinary(b); !errors.Is(err, ErrFormat) {
				t.Errorf("%s: byte %d changed: got %v, want %v", name, i, err, ErrFormat)
			}
			if err := new(Peaks).UnmarshalBinary(good[:i]); !errors.Is(err, ErrFormat) {
				t.Errorf("%s: cut to %d bytes: got %v, want %v", name, i, err, ErrFormat)
			}
			if i < HeadSize {
				if _, err := Overview(bytes.NewReader(b)); !errors.Is(err, ErrFormat) {
					t.Errorf("%s: overview, byte %d changed: got %v, want %v", name, i, err, ErrFormat)
				}
			}
		}
		if err := new(Peaks).UnmarshalBinary(append(slices.Clone(good), 0)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: a byte more: got %v, want %v", name, err, ErrFormat)
		}
	}
	if _, err := Overview(bytes.NewReader(nil)); !errors.Is(err, ErrFormat) {
		t.Errorf("overview of nothing: got %v, want %v", err, ErrFormat)
	}
	if _, err := Overview(io.MultiReader(bytes.NewReader(now[:9]), brokenStream{})); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("overview from a broken disk: got %v, want %v", err, io.ErrClosedPipe)
	}
	if _, err := new(Peaks).MarshalBinary(); !errors.Is(err, ErrFormat) {
		t.Errorf("nothing as a file: got %v, want %v", err, ErrFormat)
	}
}

type brokenStream struct{}

func (brokenStream) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAudiowaveformLayouts(t *testing.T) {
	t.Parallel()
	p, _ := made(t, 44100*60)
	n := len(p.RMS)

	dat := p.AppendDat(nil)
	var head struct {
		Version                     int32
		Flags                       uint32
		SampleRate, SamplesPerPixel int32
		Length                      uint32
		Channels                    int32
	}
	r := bytes.NewReader(dat)
	if err := binary.Read(r, binary.LittleEndian, &head); err != nil {
		t.Fatal(err)
	}
	pairs := make([]int8, r.Len())
	if err := binary.Read(r, binary.LittleEndian, pairs); err != nil {
		t.Fatal(err)
	}
	if head.Version != 2 || head.Flags != 1 || head.SampleRate != 44100 || head.SamplesPerPixel != 1470 || head.Length != uint32(n) || head.Channels != 1 || len(pairs) != 2*n {
		t.Errorf("dat: %+v and %d values", head, len(pairs))
	}

	var doc struct {
		Version  int    `json:"version"`
		Channels int    `json:"channels"`
		Rate     int    `json:"sample_rate"`
		PerPixel int    `json:"samples_per_pixel"`
		Bits     int    `json:"bits"`
		Length   int    `json:"length"`
		Data     []int8 `json:"data"`
	}
	d := json.NewDecoder(bytes.NewReader(p.AppendJSON(nil)))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != 2 || doc.Channels != 1 || doc.Rate != 44100 || doc.PerPixel != 1470 || doc.Bits != 8 || doc.Length != n || !slices.Equal(doc.Data, pairs) {
		t.Errorf("json: %+v", doc)
	}
	for i := range n {
		if pairs[2*i] != p.Min[i] || pairs[2*i+1] != p.Max[i] {
			t.Fatalf("column %d is %v, want %d and %d", i, pairs[2*i:2*i+2], p.Min[i], p.Max[i])
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, samples := range []int64{1, 20_000, 44100 * 180} {
		_, b := made(f, samples)
		f.Add(b)
		_, b = madeFine(f, samples/10+1)
		f.Add(b)
	}
	before, err := os.ReadFile("testdata/version1.peaks")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(before)
	f.Fuzz(func(t *testing.T, b []byte) {
		// Right the checksums, so that what is behind them is reached.
		if len(b) > HeadSize+4 {
			b = slices.Clone(b)
			binary.LittleEndian.PutUint32(b[headEnd:], checksum(b[:headEnd]))
			binary.LittleEndian.PutUint32(b[len(b)-4:], checksum(b[HeadSize:len(b)-4]))
		}
		var p Peaks
		if err := p.UnmarshalBinary(b); err != nil {
			if !errors.Is(err, ErrFormat) || p.RMS != nil {
				t.Errorf("got %v and %d columns", err, len(p.RMS))
			}
			return
		}
		again, err := p.MarshalBinary()
		if b[4] == version && (err != nil || !bytes.Equal(again, b)) {
			t.Errorf("read and written again it is different: %v", err)
		}
		var q Peaks
		if err := q.UnmarshalBinary(again); err != nil || !reflect.DeepEqual(p, q) {
			t.Errorf("read, written and read again it is different: %v", err)
		}
	})
}

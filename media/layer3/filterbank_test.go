package layer3

import (
	"math"
	"math/rand/v2"
	"testing"
)

// plainBank is the filter bank as the standard's formulas have it, in double
// precision.
type plainBank struct {
	overlap [32][18]float64
	v       [1024]float64
}

func (f *plainBank) synth(xr []float64, blockType uint8, mixed bool) (out [576]float64) {
	// 2.4.3.4.10.1
	ci := []float64{-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037}
	borders := 31
	if blockType == 2 {
		borders = 0
		if mixed {
			borders = 1
		}
	}
	for sb := 1; sb <= borders; sb++ {
		for i, c := range ci {
			cs, ca := 1/math.Sqrt(1+c*c), c/math.Sqrt(1+c*c)
			a, b := xr[18*sb-1-i], xr[18*sb+i]
			xr[18*sb-1-i], xr[18*sb+i] = a*cs-b*ca, b*cs+a*ca
		}
	}
	var slots [18][32]float64
	for sb := range 32 {
		kind := blockType
		if mixed && sb < 2 {
			kind = 0
		}
		var z [36]float64
		if kind == 2 { // 2.4.3.4.10.2 and .3
			for w := range 3 {
				for i := range 12 {
					var x float64
					for k := range 6 {
						x += xr[18*sb+3*k+w] * math.Cos(math.Pi/24*float64((2*i+1+6)*(2*k+1)))
					}
					z[6+6*w+i] += x * math.Sin(math.Pi/12*(float64(i)+0.5))
				}
			}
		} else {
			for i := range 36 {
				var x float64
				for k := range 18 {
					x += xr[18*sb+k] * math.Cos(math.Pi/72*float64((2*i+1+18)*(2*k+1)))
				}
				w := math.Sin(math.Pi / 36 * (float64(i) + 0.5))
				switch {
				case kind == 1 && i >= 30, kind == 3 && i < 6:
					w = 0
				case kind == 1 && i >= 24:
					w = math.Sin(math.Pi / 12 * (float64(i) - 18 + 0.5))
				case kind == 3 && i < 12:
					w = math.Sin(math.Pi / 12 * (float64(i) - 6 + 0.5))
				case kind == 1 && i >= 18, kind == 3 && i < 18:
					w = 1
				}
				z[i] = x * w
			}
		}
		for i := range 18 {
			v := z[i] + f.overlap[sb][i]
			if sb%2 == 1 && i%2 == 1 {
				v = -v
			}
			slots[i][sb] = v
		}
		copy(f.overlap[sb][:], z[18:])
	}
	for t, s := range slots { // figure 3-A.2
		copy(f.v[64:], f.v[:960])
		for i := range 64 {
			f.v[i] = 0
			for k, x := range s {
				f.v[i] += x * math.Cos(math.Pi/64*float64((16+i)*(2*k+1)))
			}
		}
		for i := range 8 {
			for j := range 32 {
				out[32*t+j] += f.v[128*i+j] * float64(windowAt(64*i+j))
				out[32*t+j] += f.v[128*i+96+j] * float64(windowAt(64*i+32+j))
			}
		}
	}
	return out
}

// granule is what a test gives the filter bank once.
type granule struct {
	kind  uint8
	mixed bool
	lines int
}

// wantPlain holds the filter bank against the plain one.
func wantPlain(t *testing.T, list []granule, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 3))
	var f filterbank
	var plain plainBank
	var largest, squares, values float64
	for stride := 1; stride <= 2; stride++ {
		dst := make([]float32, 576*stride)
		for n, g := range list {
			var xr [576]float32
			double := make([]float64, 576)
			for i := range g.lines {
				// Music falls off with frequency; the sum comes near full scale.
				xr[i] = float32(random.NormFloat64() * 0.3 / math.Sqrt(1+float64(i)))
				double[i] = float64(xr[i])
			}
			want := plain.synth(double, g.kind, g.mixed)
			f.synth(&xr, g.kind, g.mixed, g.lines, dst, stride)
			for i, v := range want {
				d := math.Abs(float64(dst[i*stride]) - v)
				if d > 4e-6 || math.IsNaN(d) { // an eighth of a step of 16 bits
					t.Fatalf("granule %d (%+v): sample %d is %g, want %g: off by %g", n, g, i, dst[i*stride], v, d)
				}
				largest, squares, values = max(largest, d), squares+d*d, values+1
			}
		}
	}
	if rms := math.Sqrt(squares / values); rms > 3e-7 { // a hundredth of one
		t.Errorf("off by %.2g on average, %.2g at most", rms, largest)
	} else if len(list) > 100 {
		t.Logf("off by %.2g on average, %.2g at most", rms, largest)
	}
}

func TestFilterbankIsThatOfTheStandard(t *testing.T) {
	t.Parallel()
	t.Run("every block type after every other", func(t *testing.T) {
		t.Parallel()
		var list []granule
		random := rand.New(rand.NewPCG(5, 6))
		for range 300 {
			list = append(list, granule{uint8(random.IntN(4)), random.IntN(3) == 0, random.IntN(577)})
		}
		wantPlain(t, list, 1)
	})
	for kind := range uint8(4) {
		for _, mixed := range []bool{false, true} {
			for _, lines := range []int{0, 1, 10, 11, 18, 19, 28, 29, 36, 37, 200, 566, 567, 575, 576} {
				wantPlain(t, []granule{{kind, mixed, lines}, {0, false, 0}, {kind, mixed, lines}}, uint64(lines))
			}
		}
	}
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		wantPlain(t, []granule{{}, {}, {0, false, 576}, {}, {}, {}, {2, false, 3}, {}, {3, false, 100}, {}, {}, {}}, 9)
	})
}

func TestFilterbankIsSilentAfterReset(t *testing.T) {
	t.Parallel()
	var f filterbank
	var xr [576]float32
	xr[3], xr[500] = 1, 1
	dst := make([]float32, 576)
	f.synth(&xr, 0, false, 576, dst, 1)
	f.reset()
	f.synth(&[576]float32{}, 0, false, 0, dst, 1)
	for i, v := range dst {
		if v != 0 {
			t.Fatalf("sample %d is %g", i, v)
		}
	}
}

func TestFilterbankAllocatesNothing(t *testing.T) {
	var f filterbank
	var xr [576]float32
	dst := make([]float32, 1152)
	kind := uint8(0)
	if n := testing.AllocsPerRun(50, func() {
		xr[0], xr[100] = 0.1, 0.1
		f.synth(&xr, kind%4, kind%3 == 0, 576, dst, 2)
		kind++
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFilterbank(b *testing.B) {
	for _, tt := range []struct {
		name  string
		kind  uint8
		lines int
	}{{"long", 0, 576}, {"long to 16 kHz", 0, 418}, {"short", 2, 576}, {"silence", 0, 0}} {
		b.Run(tt.name, func(b *testing.B) {
			var f filterbank
			var xr, in [576]float32
			random := rand.New(rand.NewPCG(1, 2))
			for i := range tt.lines {
				in[i] = float32(random.NormFloat64() * 0.01)
			}
			dst := make([]float32, 1152)
			b.ReportAllocs()
			for b.Loop() {
				xr = in
				f.synth(&xr, tt.kind, false, tt.lines, dst, 2)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/576, "ns/sample")
		})
	}
}

package loudness

import (
	"math/rand/v2"
	"testing"

	"earshot/media/layer3"
)

func BenchmarkMeter(b *testing.B) {
	for _, c := range []struct {
		name     string
		peaks    bool
		channels int
		db       float64
	}{{"stereo", true, 2, -4}, {"loud", true, 2, 10}, {"mono", true, 1, -4}, {"without true peak", false, 2, -4}} {
		samples := music(44100, c.channels, 30, c.db, 1)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			m := New(44100, c.channels)
			if !c.peaks {
				m.true.phases = nil
			}
			for b.Loop() {
				m.Add(samples)
			}
			b.ReportMetric(30*float64(b.N)/b.Elapsed().Seconds(), "x")
			b.ReportMetric(float64(len(samples))*float64(b.N)/b.Elapsed().Seconds(), "values/s")
		})
	}
}

func BenchmarkEnds(b *testing.B) {
	samples := music(44100, 2, 30, -4, 1)
	e := NewEnds(44100, 2)
	for b.Loop() {
		e.Add(samples)
	}
	b.ReportMetric(30*float64(b.N)/b.Elapsed().Seconds(), "x")
}

func BenchmarkSpectral(b *testing.B) {
	s := NewSpectral(44100, layoutsAt(44100), 1105, 0)
	random := rand.New(rand.NewPCG(1, 2))
	var energies [64]layer3.Energy
	for i := range energies {
		e := &energies[i]
		if i%16 == 0 {
			e.Layout = layer3.Short
		}
		for n := range e.Bands {
			e.Bands[n] = random.Float32()
		}
		for n := range e.Low {
			e.Low[n] = e.Bands[0] / 16
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range energies {
			s.Add(int(energies[i].Layout), energies[i].Bands[:], energies[i].Low[:])
		}
	}
	b.ReportMetric(64*576/44100.*float64(b.N)/b.Elapsed().Seconds(), "x")
}

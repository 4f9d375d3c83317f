package loudness

import "testing"

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

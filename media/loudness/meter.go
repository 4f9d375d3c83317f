package loudness

import (
	"math"
	"slices"
)

// chunk is how many samples of a channel are looked at together.
const chunk = 512

// Meter measures samples. Make one with New.
type Meter struct {
	channels int
	weights  []float64
	k        weighting
	true     truePeak
	gate     gate

	// Of each channel, the last run of samples that was looked at, and those
	// that are waiting.
	x       [][]float64
	filters []memory
	waiting int

	// The step that is being filled: it ends before sample end, counted from
	// the start of the sound.
	rate       int64
	sum        float64
	begin, end int64
	at         int64
}

// New makes a Meter for a sample rate of 8 to 192 kHz and 1 to 8 channels,
// which come in the order that WAV and FLAC have them in, and weigh as BS.1770-4,
// annex 1, has it: by table 3 up to 5.1, and by direction beyond, where what is 60
// to 120 degrees off the front at the height of the ears weighs 1.41 and all else
// 1 (so does the table for 7.1 of Report BS.2217):
//
//	1  mono, as if from one loudspeaker: 1
//	2  left, right: 1
//	3  left, right, centre: 1
//	4  left, right 1; left and right surround 1.41
//	5  left, right, centre 1; left and right surround 1.41
//	6  left, right, centre 1; low frequency effects 0; left and right surround 1.41
//	7  left, right, centre 1; effects 0; back centre 1; left and right side 1.41
//	8  left, right, centre 1; effects 0; left and right back 1; left and right side 1.41
//
// More channels weigh 1 each.
func New(sampleRate, channels int) *Meter {
	m := &Meter{
		channels: max(channels, 1),
		k:        weightingAt(max(sampleRate, minRate)),
		true:     newTruePeak(sampleRate),
		rate:     int64(max(sampleRate, stepsPerSecond)),
	}
	m.weights = weightsOf(m.channels)
	m.filters = make([]memory, m.channels)
	m.x = make([][]float64, m.channels)
	for c := range m.x {
		m.x[c] = make([]float64, run+chunk)
	}
	m.end = m.rate / stepsPerSecond
	return m
}

// The shelf's corner must lie below half the sample rate.
const minRate = 4000

func weightsOf(channels int) []float64 {
	const surround = 1.41
	switch channels {
	case 4:
		return []float64{1, 1, surround, surround}
	case 5:
		return []float64{1, 1, 1, surround, surround}
	case 6:
		return []float64{1, 1, 1, 0, surround, surround}
	case 7:
		return []float64{1, 1, 1, 0, 1, surround, surround}
	case 8:
		return []float64{1, 1, 1, 0, 1, 1, surround, surround}
	}
	return slices.Repeat([]float64{1}, channels)
}

// Add measures samples of all channels in turn, full scale being ±1; an
// incomplete last round is left out. What is no number counts as 0.
func (m *Meter) Add(samples []float32) {
	for n := len(samples) / m.channels; n > 0; {
		now := min(n, chunk-m.waiting)
		for c, x := range m.x {
			x = x[run+m.waiting:][:now]
			s := samples[c:]
			for i := range x {
				v := float64(s[i*m.channels])
				if v-v != 0 {
					v = 0
				}
				x[i] = v
			}
		}
		samples = samples[now*m.channels:]
		n -= now
		if m.waiting += now; m.waiting == chunk {
			m.look()
		}
	}
}

// look measures the samples that are waiting.
func (m *Meter) look() {
	for from := 0; from < m.waiting; {
		to := int(min(int64(m.waiting), int64(from)+m.end-m.at))
		m.filter(run+from, run+to)
		m.at += int64(to - from)
		from = to
		if m.at == m.end {
			m.gate.add(m.sum / float64(m.end-m.begin))
			m.sum, m.begin = 0, m.end
			m.end = (m.gate.steps + 1) * m.rate / stepsPerSecond
			for c := range m.filters {
				m.filters[c].settle()
			}
		}
	}
	// What follows the last run that is begun is 0.
	whole := (m.waiting + run - 1) / run * run
	for _, x := range m.x {
		clear(x[run+m.waiting : run+whole])
		m.true.add(x[:run+whole])
		copy(x, x[whole:run+whole])
	}
	m.waiting = 0
}

func (m *Meter) filter(from, to int) {
	sum := 0.0
	for c := 0; c < m.channels; c++ {
		w := m.weights[c]
		if w == 0 {
			continue
		}
		x := m.x[c][from:to]
		if c+1 < m.channels && m.weights[c+1] != 0 {
			a, b := m.k.squares2(x, m.x[c+1][from:to], &m.filters[c], &m.filters[c+1])
			sum += w*a + m.weights[c+1]*b
			c++
		} else {
			sum += w * m.k.squares(x, &m.filters[c])
		}
	}
	m.sum += sum
}

// Result is what the samples that were added so far come to: the integrated
// loudness in LUFS and the true peak in dBTP, either at least Silence, and the
// loudness range in LU.
func (m *Meter) Result() (integrated, lra, truePeak float64) {
	// On a copy, as there may be more to come.
	last := *m
	last.filters = slices.Clone(m.filters)
	last.x = make([][]float64, m.channels)
	for c := range m.x {
		last.x[c] = slices.Clone(m.x[c])
	}
	last.look()
	last.true.flush(last.x)
	step := float64(last.end - last.begin)
	integrated, lra = last.gate.result(last.sum/step, float64(last.at-last.begin)/step)
	return integrated, lra, max(Silence, 20*math.Log10(last.true.peak))
}

// Package loudness measures how loud sound is, from samples (Meter) or from
// energies of the frequency domain (Spectral), and how long it is silent at its
// ends.
//
// Sources:
//
//   - Loudness: Rec. ITU-R BS.1770-4, annex 1. K-weighting by tables 1 and 2,
//     which hold for 48 kHz; for other rates see weighting. Blocks of 400 ms,
//     one each 100 ms, gated at -70 LUFS and then 10 LU below the mean of what
//     is left. Loudness of a mean square z is -0.691 + 10 log10(z), eq. (2).
//     Channels weigh by table 3; see New for their order.
//   - Loudness range: EBU Tech 3342, section 3. Windows of 3 s, one each 100 ms,
//     gated at -70 LUFS and then 20 LU below the mean of what is left; the range
//     is from the 10th to the 95th percentile.
//   - True peak: BS.1770-4, annex 2, with a longer filter than the one printed
//     there; see truePeak.
//
// Tech 3341 and 3342 have signals with known answers, which the tests make.
//
// Blocks are kept as histograms of steps of 0.01 LU with the exact sum of the
// energies in each, so that the memory used is the same for a second and for a
// day (about 300 KB). Windows that are not full are not measured, as the
// standards have it. Only sound shorter than 400 ms is one block of its own
// length; the range of sound shorter than 3 s is 0.
package loudness

import "math"

// Silence is the loudness, in LUFS, of what is nowhere above the absolute gate,
// and the lowest true peak, in dBTP.
const Silence = -70.0

// A block whose weighted mean square is more than this passes the absolute
// gate.
var absoluteGate = math.Pow(10, (Silence+0.691)/10)

// lufs is the loudness of a weighted mean square, BS.1770-4, eq. (2).
func lufs(meanSquare float64) float64 { return -0.691 + 10*math.Log10(meanSquare) }

const (
	binsPerLU = 100
	topLUFS   = 30 // louder than this is counted here; its energy stays what it is
	bins      = int((topLUFS - Silence) * binsPerLU)
)

// histogram holds mean squares above the absolute gate by their loudness.
type histogram struct {
	count [bins]uint32
	sum   [bins]float64
}

func (h *histogram) add(meanSquare float64) {
	if !(meanSquare > absoluteGate) {
		return
	}
	bin := bins - 1
	if at := (lufs(meanSquare) - Silence) * binsPerLU; at < float64(bin) {
		bin = max(int(at), 0)
	}
	h.count[bin]++
	h.sum[bin] += meanSquare
}

// gated is the first bin of what is at most below LU softer than the mean of
// all, how many values lie there and further up, and their sum.
func (h *histogram) gated(below float64) (first int, count int64, sum float64) {
	for i, n := range h.count {
		count += int64(n)
		sum += h.sum[i]
	}
	if count == 0 {
		return 0, 0, 0
	}
	gate := sum / float64(count) * math.Pow(10, -below/10)
	for ; first < bins; first++ {
		n := h.count[first]
		if n > 0 && h.sum[first] > gate*float64(n) {
			break
		}
		count -= int64(n)
		sum -= h.sum[first]
	}
	return first, count, sum
}

// at is the loudness of the value with this rank, counted from bin first.
func (h *histogram) at(first int, rank int64) float64 {
	for i := first; i < bins; i++ {
		if n := int64(h.count[i]); rank >= n {
			rank -= n
		} else {
			return lufs(h.sum[i] / float64(n))
		}
	}
	return Silence
}

const (
	stepsPerSecond = 10 // a block and a window each
	blockSteps     = 4  // 400 ms
	windowSteps    = 30 // 3 s
)

// gate takes the weighted mean squares of steps of 100 ms.
type gate struct {
	last            [windowSteps]float64
	steps           int64
	blocks, windows histogram
}

func (g *gate) add(meanSquare float64) {
	g.last[g.steps%windowSteps] = meanSquare
	g.steps++
	if g.steps >= blockSteps {
		sum := 0.0
		for i := int64(1); i <= blockSteps; i++ {
			sum += g.last[(g.steps-i)%windowSteps]
		}
		g.blocks.add(sum / blockSteps)
	}
	if g.steps >= windowSteps {
		sum := 0.0
		for _, v := range g.last {
			sum += v
		}
		g.windows.add(sum / windowSteps)
	}
}

// result is the integrated loudness and the range. rest is the sum of the
// weighted squares after the last full step, over restSteps of a step.
func (g *gate) result(rest, restSteps float64) (integrated, lra float64) {
	if g.steps < blockSteps {
		length := restSteps
		for _, v := range g.last[:g.steps] {
			rest += v
			length++
		}
		if length == 0 || !(rest/length > absoluteGate) {
			return Silence, 0
		}
		return lufs(rest / length), 0
	}
	_, count, sum := g.blocks.gated(10)
	if count == 0 {
		return Silence, 0
	}
	integrated = lufs(sum / float64(count))
	if first, count, _ := g.windows.gated(20); count > 0 {
		// The ranks of Tech 3342, section 5.
		rank := func(share float64) int64 { return int64(math.Round(float64(count-1) * share)) }
		lra = g.windows.at(first, rank(0.95)) - g.windows.at(first, rank(0.10))
	}
	return integrated, lra
}

package tempo

import "math"

// Groups makes the eight bands of a Meter from those of Layer III granules: the
// octaves from 22 kHz down, by the share of each band that lies in them.
type Groups struct{ shares [][][Bands]float32 }

// NewGroups makes a Groups for layouts of bands, given by their edges in Hz:
// the lower one of each band and the upper one of the last.
func NewGroups(layouts [][]float64) *Groups {
	g := &Groups{}
	// The upper edge of each octave.
	tops := [Bands]float64{172.3, 344.5, 689.1, 1378.1, 2756.3, 5512.5, 11025, math.Inf(1)}
	for _, edges := range layouts {
		var shares [][Bands]float32
		for i := 0; i+1 < len(edges); i++ {
			var share [Bands]float32
			from, to := edges[i], edges[i+1]
			low := 0.0
			for b, top := range tops {
				if both := min(to, top) - max(from, low); both > 0 {
					share[b] = float32(both / (to - from))
				}
				low = top
			}
			shares = append(shares, share)
		}
		g.shares = append(g.shares, shares)
	}
	return g
}

// Group gives the energies of a granule's bands to the eight.
func (g *Groups) Group(layout int, bands []float32, out *[Bands]float32) {
	*out = [Bands]float32{}
	if layout < 0 || layout >= len(g.shares) {
		return
	}
	shares := g.shares[layout]
	for i, v := range bands[:min(len(bands), len(shares))] {
		for b, share := range shares[i] {
			out[b] += v * share
		}
	}
}

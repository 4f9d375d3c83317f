package layer3

import "math"

// Powers, made once. Products and sums of them are written so that no
// processor may fuse them: results are the same everywhere.
var (
	// power43 is n^(4/3), for the largest value with its linbits too.
	power43 [15 + 1<<13]float32
	// signed are the two values of a pair by x, y (4 bits each) and their
	// sign bits.
	signed [256 << 2][2]float32
	// squares is x^(8/3) + y^(8/3) by x, y.
	squares [256]float32
	// steps is 2^(n/4) for n from -stepZero; quarter-octaves of level.
	steps [stepZero + 64]float32
)

// stepZero is more than the smallest exponent that scale factors lead to: 210
// by global_gain, 56 by subblock_gain, 4*31 by the factor.
const stepZero = 400

func init() {
	for i := range power43 {
		power43[i] = float32(math.Pow(float64(i), 4.0/3))
	}
	for i := range signed {
		x, y := power43[i>>6], power43[i>>2&15]
		first, second := i&2 != 0, i&1 != 0
		if x == 0 { // then the first bit is y's
			first, second = false, first
		}
		if first {
			x = -x
		}
		if second && y != 0 {
			y = -y
		}
		signed[i] = [2]float32{x, y}
	}
	for i := range squares {
		x, y := math.Pow(float64(i>>4), 8.0/3), math.Pow(float64(i&15), 8.0/3)
		squares[i] = float32(x + y)
	}
	roots := [4]float64{1, 1.189207115002721, math.Sqrt2, 1.681792830507429}
	for i := range steps {
		n := i - stepZero
		steps[i] = float32(math.Ldexp(roots[n&3], n>>2))
	}
}

// exponents gives for each segment n in the 2^(n/4) that its values are
// multiplied by (11172-3, 2.4.3.4.7; full scale 1).
func (g *channelInfo) exponents(sf *scaleFactors, out *[39]int16) {
	long := g.gain - 210
	var short [3]int
	for w := range short {
		short[w] = long - 8*g.subGain[w]
	}
	pre := uint8(0)
	if g.preflag {
		pre = 3
	}
	up := 1 + g.shift
	for i, s := range g.plan {
		factor := int(sf[i] &^ illegal)
		if s.window == 0 {
			out[i] = int16(long - (factor+int(pretab[s.band]&pre))<<up)
		} else {
			out[i] = int16(short[s.window-1] - factor<<up)
		}
	}
}

// step is 2^(n/4).
func step(n int16) float32 { return steps[stepZero+int(n)] }

// loudest is the most that the squares of a granule's lines add up to in one
// channel: 20 dB above full scale. A wrong bit in global_gain makes 48 dB and
// more of music, which would outweigh all the rest of a file, and no music
// comes near. So what is above is damage.
const loudest = 201

// mayBeTooLoud says whether the lines of a granule could add up to more.
func (g *channelInfo) mayBeTooLoud() bool {
	lin := uint8(0)
	for _, t := range g.tables {
		lin = max(lin, linbits[t&31])
	}
	most := power43[14+1<<lin] * step(int16(g.gain-210))
	return most*most*576 > loudest
}

func tooLoud(lines []float32) bool {
	var sum float32
	for _, v := range lines {
		sum += float32(v * v)
	}
	return sum > loudest
}

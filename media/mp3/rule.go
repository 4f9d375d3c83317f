package mp3

// A rule says which frames of a run of one bit rate carry a padding byte.
// Encoders spread them so that the average rate comes out exactly: after k
// frames floor((phase + k*step) / period) bytes were added. A step of 0 never
// pads, one of period always does.
type rule struct {
	step, period, phase int64
}

// pads is how many padding bytes the first k frames of the run hold.
func (r rule) pads(k int64) int64 {
	return (r.phase + k*r.step) / r.period
}

// The kinds of rule, as they are stored.
const (
	padNever  = 0
	padAlways = 1
	padSpread = 2
)

// newRule makes the rule of a kind for frames like h. ok is false when h has
// no such rule.
func newRule(h header, kind int, phase int64) (r rule, ok bool) {
	switch kind {
	case padNever:
		return rule{0, 1, 0}, phase == 0
	case padAlways:
		return rule{1, 1, 0}, phase == 0
	case padSpread:
		step, period := spread(h)
		return rule{step, period, phase}, step > 0 && phase >= 0 && phase < period
	}
	return rule{}, false
}

// kind is the inverse of newRule.
func (r rule) kind() int {
	switch {
	case r.step == 0:
		return padNever
	case r.step == r.period:
		return padAlways
	}
	return padSpread
}

// spread is the part of a byte by which a frame without padding is too short,
// as a fraction. It is 0 in free format, where the rate is not known.
func spread(h header) (step, period int64) {
	period = int64(h.sampleRate())
	return int64(h.samples()/8) * int64(h.bitrate()) % period, period
}

// guess narrows down, frame by frame, which rule the paddings of a run follow.
type guess struct {
	step, period int64
	k, pads      int64 // frames so far, and how many of them were padded
	lo, hi       int64 // phases of padSpread that are still possible: lo <= phase < hi
}

func newGuess(h header) guess {
	step, period := spread(h)
	return guess{step: step, period: period, hi: period}
}

// next is the guess after one more frame.
func (g guess) next(pad int) guess {
	g.k++
	g.pads += int64(pad)
	// pads = floor((phase + k*step) / period) must hold.
	least := g.pads*g.period - g.k*g.step
	g.lo = max(g.lo, least)
	g.hi = min(g.hi, least+g.period)
	return g
}

// possible says whether any rule is left.
func (g guess) possible() bool {
	return g.pads == 0 || g.pads == g.k || g.step > 0 && g.lo < g.hi
}

// rule is the first that fits.
func (g guess) rule() rule {
	switch {
	case g.pads == 0:
		return rule{0, 1, 0}
	case g.pads == g.k:
		return rule{1, 1, 0}
	}
	return rule{g.step, g.period, g.lo}
}

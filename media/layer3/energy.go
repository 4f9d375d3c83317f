package layer3

// Meter measures frames in the frequency domain, without decoding them. Its
// zero value is ready. It allocates nothing.
type Meter struct {
	front front
	in    intensity
	parts [2]measured
}

// measured is a granule of one channel: sums of the squares of its lines.
type measured struct {
	segments [39]float32      // by segment of the plan
	low      [lowSent]float32 // by line as it is sent; good are those that Energy.Low has
}

// The mean square over a granule's 576 samples that a line of 1 stands for.
// The inverse MDCT and the synthesis filter bank (11172-3, 2.4.3.4.10 and
// 2.4.3.2.2) are orthogonal but for a factor: 9 times the energy in the first
// (3 in each of the short windows), 32 times in the second. 9*32/576 is a half.
const (
	longSquare  = 0.5
	shortSquare = 0.5 / 3
)

// Reset forgets the bit reservoir.
func (m *Meter) Reset() { m.front.main.reset() }

// Frame measures a frame with its header: one Energy a granule, two in MPEG-1
// and one in LSF. ok is false when the frame, or a granule of it, is damaged
// or misses its bit reservoir: that is a zero Energy. What is no Layer III
// frame at all gives no granule.
//
// See Energies for what time a granule stands for.
func (m *Meter) Frame(frame []byte, out *[2]Energy) (granules int, ok bool) {
	h, valid := parseHeader(frame)
	if !valid {
		m.front.main.reset()
		return 0, false
	}
	f := &m.front
	pos, ok := f.open(h, frame)
	whole := ok
	for gr := range h.granules {
		e := &out[gr]
		*e = Energy{}
		if !whole {
			continue
		}
		fine := true
		for ch := range h.channels {
			g := &f.side.granules[gr][ch]
			begin, end, good := f.factor(h, gr, ch, pos)
			if good {
				good = g.measure(&f.main, begin, end, &f.factors[ch], &m.parts[ch])
			}
			fine = fine && good
			pos = end
		}
		if !fine {
			ok = false
			continue
		}
		gs := &f.side.granules[gr]
		if h.intensity && gs[0].layout() == gs[1].layout() {
			m.intensity(h, &gs[1])
		}
		e.add(&gs[0], &m.parts[0])
		e.when(&gs[0], &m.parts[0])
		if h.channels == 2 {
			e.add(&gs[1], &m.parts[1])
			e.when(&gs[1], &m.parts[1])
		}
	}
	return h.granules, ok
}

// intensity gives the left channel the energy that it has in both where the
// right one has none of its own. M/S stereo needs nothing: left and right
// together have the energy of middle and side.
func (m *Meter) intensity(h header, right *channelInfo) {
	var sounds [39]bool
	for k := range right.plan {
		sounds[k] = m.parts[1].segments[k] != 0
	}
	m.in.find(h, right, &m.front.factors[1], &sounds)
	left := &m.parts[0]
	for k := range right.plan {
		if !m.in.coded[k] {
			continue
		}
		f := m.in.factors[k]
		both := float32(f[0]*f[0]) + float32(f[1]*f[1])
		left.segments[k] *= both
		s := &right.plan[k]
		for i := range uint16(s.lows) {
			left.low[s.start+i] *= both
		}
	}
}

// add adds a channel to e, which is zero or has the other one. Where these
// differ in layout the result is as in long blocks: the energy of a short
// band is spread evenly over the lines of its width.
func (e *Energy) add(g *channelInfo, p *measured) {
	layout := g.layout()
	if e.Layout != layout {
		if e.zero() {
			e.Layout = layout
		} else {
			var other Energy
			other.Layout = layout
			other.add(g, p)
			rate := g.rate
			e.spread(rate)
			other.spread(rate)
			for i, v := range other.Bands {
				e.Bands[i] += v
			}
			for i, v := range other.Low {
				e.Low[i] += v
			}
			return
		}
	}
	for k := range g.plan {
		s := &g.plan[k]
		unit := float32(longSquare)
		if s.window != 0 {
			unit = shortSquare
		}
		e.Bands[s.band%22] += float32(p.segments[k] * unit)
		for i := range uint16(s.lows) {
			e.Low[(uint16(s.low)+i)%16] += float32(p.low[s.start+i] * unit)
		}
	}
}

func (e *Energy) zero() bool {
	for _, v := range e.Bands {
		if v != 0 {
			return false
		}
	}
	return true
}

// spread turns e into the layout of long blocks.
func (e *Energy) spread(rate uint8) {
	if e.Layout == Long {
		return
	}
	from := *e
	*e = Energy{}
	width := uint16(1) // of the lines of Low
	if from.Layout == Short {
		width = 3
	}
	for i, v := range from.Low {
		e.evenly(rate, uint16(i)*width, uint16(i+1)*width, v)
	}
	for _, s := range planOf(rate, from.Layout) {
		if s.window > 1 {
			continue
		}
		lo, hi := s.start, s.end // in lines of a long block
		if s.window == 1 {
			hi = lo + 3*(s.end-s.start)
		}
		rest := from.Bands[s.band]
		for _, v := range from.Low[s.low:][:s.lows] {
			rest -= v
		}
		if lo += uint16(s.lows) * width; lo < hi {
			e.evenly(rate, lo, hi, max(0, rest))
		}
	}
}

// evenly adds to e, which is Long, energy that is the same in all lines from
// one to another.
func (e *Energy) evenly(rate uint8, lo, hi uint16, energy float32) {
	each := energy / float32(hi-lo)
	long := &longBands[rate]
	for b := range e.Bands {
		if a, z := max(lo, long[b]), min(hi, long[b+1]); a < z {
			e.Bands[b] += float32(each * float32(z-a))
		}
	}
	for i := lo; i < min(hi, 16); i++ {
		e.Low[i] += each
	}
}

package layer3

import "encoding/binary"

// channelInfo is the side information of a granule of one channel (11172-3,
// 2.4.1.7 and 2.4.2.7; 13818-3, 2.4.1.7), and what is derived from it.
type channelInfo struct {
	length   uint // part2_3_length, bits
	big      int  // lines of big_values
	gain     int  // global_gain
	compress int  // scalefac_compress
	block    uint8
	mixed    bool
	tables   [3]uint8
	subGain  [3]int // subblock_gain
	ends     [3]int // the lines at which the regions of big_values end
	preflag  bool
	shift    uint8 // scalefac_scale
	quads    uint8 // count1table_select

	rate uint8     // header.rate
	plan []segment // how its lines are divided
}

// layout of the lines of the granule.
func (g *channelInfo) layout() Layout {
	switch {
	case g.block != blockShort:
		return Long
	case g.mixed:
		return Mixed
	}
	return Short
}

// sideInfo is the side information of a frame.
type sideInfo struct {
	begin    int      // main_data_begin
	share    [2]uint8 // scfsi: the groups whose scale factors granule 1 takes from granule 0, the first at bit 3
	granules [2][2]channelInfo
}

// fields reads up to 32 bytes bit by bit.
type fields struct {
	b   [40]byte
	pos uint
}

func (f *fields) get(n uint) int {
	v := binary.BigEndian.Uint64(f.b[f.pos>>3&31:]) << (f.pos & 7) >> ((64 - n) & 63)
	f.pos += n
	return int(v)
}

// parse reads the side information of a frame with the header h. ok is false
// where a field has no meaning that sound could be made of.
func (s *sideInfo) parse(h header, frame []byte) (ok bool) {
	var f fields
	copy(f.b[:32], frame[h.side:h.main])
	ok = true
	if h.lsf {
		s.begin = f.get(8)
		f.get(uint(h.channels)) // private
	} else {
		s.begin = f.get(9)
		f.get(uint(7 - 2*h.channels)) // private: 5 or 3
		for ch := range h.channels {
			s.share[ch] = uint8(f.get(4))
		}
	}
	for gr := range h.granules {
		for ch := range h.channels {
			if !s.granules[gr][ch].parse(h, &f) {
				ok = false
			}
		}
	}
	return ok
}

func (g *channelInfo) parse(h header, f *fields) (ok bool) {
	g.length = uint(f.get(12))
	g.big = 2 * f.get(9)
	g.gain = f.get(8)
	if h.lsf {
		g.compress = f.get(9)
	} else {
		g.compress = f.get(4)
	}
	g.block, g.mixed = blockNormal, false
	g.subGain = [3]int{}
	ok = g.big <= 576
	long := &longBands[h.rate]
	if f.get(1) == 1 { // window_switching_flag
		g.block = uint8(f.get(2))
		g.mixed = f.get(1) == 1
		g.tables = [3]uint8{uint8(f.get(5)), uint8(f.get(5)), 0}
		for w := range g.subGain {
			g.subGain[w] = f.get(3)
		}
		// The regions are implied: eight long bands, or three short ones of
		// each window (2.4.2.7), which is as many lines in MPEG-1.
		g.ends = [3]int{int(long[8]), 576, 576}
		if g.block == blockShort {
			g.ends[0] = 9 * int(shortBands[h.rate][1])
		}
		ok = ok && g.block != blockNormal
	} else {
		v := f.get(15)
		g.tables = [3]uint8{uint8(v >> 10), uint8(v >> 5 & 31), uint8(v & 31)}
		first := f.get(4) + 1
		second := first + f.get(3) + 1
		g.ends = [3]int{int(long[min(first, 22)]), int(long[min(second, 22)]), 576}
	}
	g.preflag = !h.lsf && f.get(1) == 1
	g.shift = uint8(f.get(1))
	g.quads = uint8(f.get(1))
	g.rate = h.rate
	g.plan = planOf(h.rate, g.layout())
	if !ok {
		return false
	}
	from := 0
	for r, t := range g.tables { // tables 4 and 14 don't exist
		if min(g.ends[r], g.big) > from && (t == 4 || t == 14) {
			return false
		}
		from = g.ends[r]
	}
	return true
}

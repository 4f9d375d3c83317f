package layer3

// scaleFactors are those of a granule of one channel, one a segment of its
// plan. The last band has none: it stays 0.
type scaleFactors [39]uint8

// slen1 and slen2 by scalefac_compress (11172-3, 2.4.2.7).
var slen = [16][2]uint8{
	{0, 0}, {0, 1}, {0, 2}, {0, 3}, {3, 0}, {1, 1}, {1, 2}, {1, 3},
	{2, 1}, {2, 2}, {2, 3}, {3, 1}, {3, 2}, {3, 3}, {4, 2}, {4, 3},
}

// pretab is added to the scale factors where preflag is set (11172-3, table
// B.6).
var pretab = [22]uint8{11: 1, 12: 1, 13: 1, 14: 1, 15: 2, 16: 2, 17: 3, 18: 3, 19: 3, 20: 2}

// The groups that scfsi shares (11172-3, 2.4.2.7).
var scfsiGroups = [5]int{0, 6, 11, 16, 21}

// read reads the scale factors of MPEG-1 at pos and gives the position behind
// them (11172-3, 2.4.1.7). share has the groups that stay as they are, those
// of granule 0.
func (sf *scaleFactors) read(m *mainData, pos uint, g *channelInfo, share uint8) uint {
	first, second := uint(slen[g.compress&15][0]), uint(slen[g.compress&15][1])
	switch g.layout() {
	case Long:
		for i := range 4 {
			if share>>(3-i)&1 == 1 {
				continue
			}
			width := first
			if i >= 2 {
				width = second
			}
			pos = sf.fill(m, pos, scfsiGroups[i], scfsiGroups[i+1], width)
		}
		clear(sf[21:])
	case Short:
		pos = sf.fill(m, pos, 0, 18, first)
		pos = sf.fill(m, pos, 18, 36, second)
		clear(sf[36:])
	default:
		pos = sf.fill(m, pos, 0, 17, first)
		pos = sf.fill(m, pos, 17, 35, second)
		clear(sf[35:])
	}
	return pos
}

// fill reads those from from to to, each width bits wide.
func (sf *scaleFactors) fill(m *mainData, pos uint, from, to int, width uint) uint {
	if width == 0 {
		clear(sf[from:to])
		return pos
	}
	for i := from; i < to; i++ {
		sf[i] = uint8(m.bits(pos, width))
		pos += width
	}
	return pos
}

// How many scale factors of each width there are in LSF (13818-3, 2.4.3.2), by
// kind and layout.
var lsfCounts = [6][3][4]uint8{
	{{6, 5, 5, 5}, {9, 9, 9, 9}, {6, 9, 9, 9}},
	{{6, 5, 7, 3}, {9, 9, 12, 6}, {6, 9, 12, 6}},
	{{11, 10, 0, 0}, {18, 18, 0, 0}, {15, 18, 0, 0}},
	{{7, 7, 7, 0}, {12, 12, 12, 0}, {6, 15, 12, 0}}, // the right channel of intensity stereo
	{{6, 6, 6, 3}, {12, 9, 9, 6}, {6, 12, 9, 6}},
	{{8, 8, 5, 0}, {15, 12, 9, 0}, {6, 18, 9, 0}},
}

// illegal marks a scale factor of intensity stereo in LSF that is no position.
const illegal = 0x80

// readLSF reads the scale factors of LSF (13818-3, 2.4.3.2). positions says
// that they are those of the right channel in intensity stereo: then the
// largest value of each width is marked as illegal.
func (sf *scaleFactors) readLSF(m *mainData, pos uint, g *channelInfo, positions bool) uint {
	kind, widths := lsfWidths(g.compress, positions)
	if kind == 2 {
		g.preflag = true
	}
	i := 0
	for part, n := range lsfCounts[kind][g.layout()] {
		from := i
		i += int(n)
		pos = sf.fill(m, pos, from, i, widths[part])
		if positions && widths[part] > 0 {
			for k := from; k < i; k++ {
				if sf[k] == 1<<widths[part]-1 {
					sf[k] |= illegal
				}
			}
		}
	}
	clear(sf[i:])
	return pos
}

// lsfWidths gives how many bits the scale factors of each part are wide, by
// scalefac_compress (9 bits), and which row of lsfCounts says how many they
// are.
func lsfWidths(c int, positions bool) (kind int, widths [4]uint) {
	n := [4]int{}
	switch {
	case !positions && c < 400:
		kind, n = 0, [4]int{c >> 4 / 5, c >> 4 % 5, c % 16 >> 2, c % 4}
	case !positions && c < 500:
		c -= 400
		kind, n = 1, [4]int{c >> 2 / 5, c >> 2 % 5, c % 4}
	case !positions:
		c -= 500
		kind, n = 2, [4]int{c / 3, c % 3}
	case c>>1 < 180:
		c >>= 1
		kind, n = 3, [4]int{c / 36, c % 36 / 6, c % 6}
	case c>>1 < 244:
		c = c>>1 - 180
		kind, n = 4, [4]int{c % 64 >> 4, c % 16 >> 2, c % 4}
	default:
		c = c>>1 - 244
		kind, n = 5, [4]int{c / 3, c % 3}
	}
	for i, v := range n {
		widths[i] = uint(v)
	}
	return kind, widths
}

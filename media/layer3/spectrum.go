package layer3

// quadValues are those of quads.
var quadValues = [4]float32{1: 1, 3: -1}

// spectrum reads the Huffman codes of a granule of one channel, which begin at
// pos and end at end, and requantises them into xr, all of which it sets; in
// short blocks in the order of the IMDCT. lines is how many leading ones may be
// other than 0. ok is false when the codes go beyond their end, or are too loud to
// be sound: then xr means nothing.
func (g *channelInfo) spectrum(m *mainData, pos, end uint, sf *scaleFactors, xr *[576]float32) (lines int, ok bool) {
	var exponents [39]int16
	g.exponents(sf, &exponents)
	clear(xr[:])
	i, k := 0, 0 // the line as it is sent, and its segment
	for r, table := range g.tables {
		to := min(g.ends[r], g.big)
		if i >= to {
			continue
		}
		t := pairs[table]
		lin := uint(linbits[table&31])
		for i < to {
			s := &g.plan[k]
			stop := min(to, int(s.end))
			if t != nil {
				factor := step(exponents[k])
				at := uint(s.out) + uint(i-int(s.start))*uint(s.step)
				if lin == 0 {
					pos = readPairs(m, t, pos, uint(stop-i)/2, xr, at, uint(s.step), factor)
				} else {
					pos = readLongPairs(m, t, lin, pos, uint(stop-i)/2, xr, at, uint(s.step), factor)
				}
			}
			if i = stop; i == int(s.end) {
				k++
			}
		}
	}
	if pos > end {
		return 0, false
	}
	table := &quads[g.quads&1]
	for i <= 572 && pos < end {
		q := table[m.peek(pos)>>(64-quadBits)]
		if pos += uint(q >> 24); pos > end {
			break // what is left over is no whole quadruple
		}
		for range 2 {
			s := &g.plan[k]
			if q&15 != 0 {
				factor := step(exponents[k])
				at := uint(s.out) + uint(i-int(s.start))*uint(s.step)
				xr[at%576] = quadValues[q&3] * factor
				xr[(at+uint(s.step))%576] = quadValues[q>>2&3] * factor
			}
			q >>= 4
			if i += 2; i == int(s.end) {
				k++
			}
		}
	}
	if g.mayBeTooLoud() && tooLoud(xr[:]) {
		return 0, false
	}
	if g.block == blockShort {
		// Lines of the last segments are spread over three windows.
		if k < len(g.plan) && i > int(g.plan[k].start) {
			k++
		}
		for k < len(g.plan) && g.plan[k].window > 1 {
			k++
		}
		if k == len(g.plan) {
			return 576, true
		}
		return int(g.plan[k].start), true
	}
	return i, true
}

// readPairs reads n pairs of a table without linbits into xr[at],
// xr[at+step], ….
func readPairs(m *mainData, t *pairCodes, pos, n uint, xr *[576]float32, at, step uint, factor float32) uint {
	for ; n > 0; n-- {
		w := m.peek(pos)
		e := t.look(w)
		v := &signed[(e.values()<<2|uint(w<<e.word()>>62))%uint(len(signed))]
		pos += e.length()
		if at+step >= 576 {
			break
		}
		xr[at] = v[0] * factor
		xr[at+step] = v[1] * factor
		at += 2 * step
	}
	return pos
}

// readLongPairs is readPairs for tables with linbits.
func readLongPairs(m *mainData, t *pairCodes, linbits, pos, n uint, xr *[576]float32, at, step uint, factor float32) uint {
	for ; n > 0; n-- {
		w := m.peek(pos)
		e := t.look(w)
		if at+step >= 576 {
			break
		}
		if e&0xF0 != 0xF0 && e&0x0F != 0x0F {
			v := &signed[(e.values()<<2|uint(w<<e.word()>>62))%uint(len(signed))]
			pos += e.length()
			xr[at] = v[0] * factor
			xr[at+step] = v[1] * factor
		} else {
			var x, y, negative uint
			x, y, negative, pos = m.escape(pos, e, linbits)
			vx, vy := power43[x%uint(len(power43))], power43[y%uint(len(power43))]
			if negative&2 != 0 {
				vx = -vx
			}
			if negative&1 != 0 {
				vy = -vy
			}
			xr[at] = vx * factor
			xr[at+step] = vy * factor
		}
		at += 2 * step
	}
	return pos
}

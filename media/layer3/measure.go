package layer3

// measure sums the squares of a granule of one channel, whose Huffman codes
// begin at pos and end at end, as spectrum would requantise them: by segment,
// and the lowest lines, as they are sent, one by one. Signs are stepped over. ok is false when
// the codes go beyond their end, or are too loud to be sound.
func (g *channelInfo) measure(m *mainData, pos, end uint, sf *scaleFactors, out *measured) (ok bool) {
	var exponents [39]int16
	g.exponents(sf, &exponents)
	*out = measured{}
	i, k := 0, 0 // the line as it is sent, and its segment
	lows := len(Energy{}.Low)
	if g.layout() == Short {
		lows = lowSent
	}
	for r, table := range g.tables {
		to := min(g.ends[r], g.big)
		if i >= to {
			continue
		}
		t := pairs[table&31]
		lin := uint(linbits[table&31])
		for i < to {
			s := &g.plan[k]
			stop := min(to, int(s.end))
			if t != nil {
				var sum float32
				switch {
				case i < lows:
					sum, pos = measureLow(m, t, lin, pos, i, stop, &out.low)
				case lin == 0:
					sum, pos = measurePairs(m, t, pos, uint(stop-i)/2)
				default:
					sum, pos = measureLongPairs(m, t, lin, pos, uint(stop-i)/2)
				}
				out.segments[k] += sum
			}
			if i = stop; i == int(s.end) {
				k++
			}
		}
	}
	if pos > end {
		return false
	}
	table := &quads[g.quads&1]
	for i <= 572 && pos < end {
		q := table[m.peek(pos)>>(64-quadBits)]
		if pos += uint(q >> 24); pos > end {
			break
		}
		for range 2 {
			out.segments[k] += float32(q >> 8 & 3)
			if i < lows {
				out.low[i], out.low[i+1] = float32(q&1), float32(q>>2&1)
			}
			q = q>>4&0xF | q>>8&^0xFF
			if i += 2; i == int(g.plan[k].end) {
				k++
			}
		}
	}
	// What has one scale factor is multiplied by it at once.
	var sum float32
	for k := range g.plan {
		if out.segments[k] == 0 {
			continue
		}
		square := squareStep(exponents[k])
		scaled := float32(out.segments[k] * square)
		out.segments[k] = scaled
		sum += scaled
		s := &g.plan[k]
		for i := range uint16(s.lows) {
			out.low[s.start+i] *= square
		}
	}
	return sum <= loudest
}

// squareStep is the square of step.
func squareStep(n int16) float32 { f := step(n); return float32(f * f) }

// measurePairs sums the squares of n pairs of a table without linbits.
func measurePairs(m *mainData, t *pairCodes, pos, n uint) (sum float32, end uint) {
	for ; n > 0; n-- {
		e := t.look(m.peek(pos))
		pos += e.length()
		sum += squares[e.values()]
	}
	return sum, pos
}

// measureLongPairs is measurePairs for tables with linbits.
func measureLongPairs(m *mainData, t *pairCodes, linbits, pos, n uint) (sum float32, end uint) {
	for ; n > 0; n-- {
		e := t.look(m.peek(pos))
		if e&0xF0 != 0xF0 && e&0x0F != 0x0F {
			pos += e.length()
			sum += squares[e.values()]
			continue
		}
		var x, y uint
		x, y, _, pos = m.escape(pos, e, linbits)
		sum += square(x) + square(y)
	}
	return sum, pos
}

// measureLow measures the pairs from line i to line stop into low, too.
func measureLow(m *mainData, t *pairCodes, linbits, pos uint, i, stop int, low *[lowSent]float32) (sum float32, end uint) {
	for ; i < stop; i += 2 {
		e := t.look(m.peek(pos))
		x, y := e.values()>>4, e.values()&15
		if linbits > 0 && (x == 15 || y == 15) {
			x, y, _, pos = m.escape(pos, e, linbits)
		} else {
			pos += e.length()
		}
		sx, sy := square(x), square(y)
		sum += sx + sy
		if i < lowSent-1 {
			low[i], low[i+1] = sx, sy
		}
	}
	return sum, pos
}

// square is n^(8/3).
func square(n uint) float32 {
	v := power43[n%uint(len(power43))]
	return float32(v * v)
}

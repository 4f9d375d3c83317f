package layer3

import "math/bits"

// firstBits is how many bits of a code word the first look goes by. Longer
// ones, which are rare, need a second look.
const firstBits = 9

// pairCodes is a table for pairs of values made to look up.
type pairCodes struct {
	first [1 << firstBits]entry
	more  []entry
}

// entry is a code word: what it stands for (8 bits), its length (8), and its
// length with the sign bits that follow it (8). With the highest bit set it is
// a second look: where (16 bits), and by how many bits (8).
type entry uint32

const second = entry(1 << 31)

func (e entry) values() uint { return uint(e & 255) }
func (e entry) word() uint   { return uint(e >> 8 & 63) }
func (e entry) length() uint { return uint(e >> 16 & 63) }

// look gives the entry of the code word that w begins with.
func (t *pairCodes) look(w uint64) entry {
	e := t.first[w>>(64-firstBits)]
	if e&second != 0 {
		e = t.more[uint64(e&0xFFFF)+w<<firstBits>>((64-e>>16)&63)]
	}
	return e
}

// linbits by number of the table (11172-3, table B.7).
var linbits = [32]uint8{
	16: 1, 17: 2, 18: 3, 19: 4, 20: 6, 21: 8, 22: 10, 23: 13,
	24: 4, 25: 5, 26: 6, 27: 7, 28: 8, 29: 9, 30: 11, 31: 13,
}

var (
	// pairs by number of the table; nil for 0, 4 and 14.
	pairs [32]*pairCodes
	// quads are the two tables for quadruples, by as many bits as the
	// longest word has with its signs: the values in two bits each (1, or 3
	// for -1), v lowest; then how many are not 0 of v and w (8 bits), of x
	// and y (8), and the length with signs (8).
	quads [2][1 << quadBits]uint32
)

const quadBits = 10

func init() {
	for t := range pairs {
		switch {
		case t == 0 || t == 4 || t == 14:
		case t > 24:
			pairs[t] = pairs[24]
		case t > 16 && t < 24:
			pairs[t] = pairs[16]
		default:
			pairs[t] = newPairCodes(codes[t])
		}
	}
	for t := range quads {
		words(codes[quadsA+t], func(code uint32, length uint, values uint8) {
			fillQuads(&quads[t], code, length, values)
		})
	}
}

// words goes over the code words of a table: code has them in its highest
// bits.
func words(table string, f func(code uint32, length uint, values uint8)) {
	hex := func(c byte) uint8 {
		if c >= 'a' {
			return c - 'a' + 10
		}
		return c - '0'
	}
	code := uint32(0)
	for ; len(table) >= 3; table = table[3:] {
		length := uint(table[0]-'A') + 1
		f(code, length, hex(table[1])<<4|hex(table[2]))
		code += 1 << (32 - length)
	}
}

func newPairCodes(table string) *pairCodes {
	t := &pairCodes{}
	// How many bits the words with each beginning need beyond it.
	var beyond [1 << firstBits]uint
	words(table, func(code uint32, length uint, _ uint8) {
		if length > firstBits {
			i := code >> (32 - firstBits)
			beyond[i] = max(beyond[i], length-firstBits)
		}
	})
	for i, n := range beyond {
		if n > 0 {
			t.first[i] = second | entry(n)<<16 | entry(len(t.more))
			t.more = append(t.more, make([]entry, 1<<n)...)
		}
	}
	words(table, func(code uint32, length uint, values uint8) {
		e := entry(values) | entry(length)<<8
		for _, v := range [2]uint8{values >> 4, values & 15} {
			if v != 0 {
				length++
			}
		}
		e |= entry(length) << 16
		i, into, width := code>>(32-firstBits), t.first[:], uint(firstBits)
		if link := t.first[i]; link&second != 0 {
			width = uint(link >> 16 & 63)
			i = uint32(link&0xFFFF) + code<<firstBits>>(32-width)
			into = t.more
			width += firstBits
		}
		for k := range uint32(1) << (width - e.word()) {
			into[i+k] = e
		}
	})
	return t
}

func fillQuads(t *[1 << quadBits]uint32, code uint32, length uint, values uint8) {
	signs := uint(bits.OnesCount8(values))
	for s := range uint32(1) << signs {
		entry := uint32(length+signs) << 24
		left := signs
		for k := range 4 { // v, w, x, y
			if values>>(3-k)&1 == 0 {
				continue
			}
			left--
			entry |= (1 | s>>left&1<<1) << (2 * k)
			entry += 1 << (8 + k>>1<<3)
		}
		whole := code>>(32-quadBits) | s<<(quadBits-length-signs)
		for k := range uint32(1) << (quadBits - length - signs) {
			t[whole+k] = entry
		}
	}
}

// escape reads the two values of a pair of which one, or both, has linbits
// behind its code word w (11172-3, 2.4.1.7 and 2.4.2.7): how large they are,
// which are negative, and the position behind them.
func (m *mainData) escape(pos uint, e entry, linbits uint) (x, y uint, negative uint, end uint) {
	pos += e.word()
	x, y = e.values()>>4, e.values()&15
	w := m.peek(pos)
	read := func(v *uint, bit uint) {
		if *v == 15 {
			*v += uint(w >> (64 - linbits))
			w <<= linbits
			pos += linbits
		}
		if *v != 0 {
			negative |= uint(w>>63) << bit
			w <<= 1
			pos++
		}
	}
	read(&x, 1)
	read(&y, 0)
	return x, y, negative, pos
}

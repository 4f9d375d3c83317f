package flac

import (
	"encoding/binary"
	"math/bits"
)

// bitReader reads bits from the highest down. What lies beyond the end is
// zeros, and short says that it was asked for.
type bitReader struct {
	b     []byte
	next  int    // byte to be loaded next
	acc   uint64 // loaded bits, from the highest down
	n     uint   // how many of them count
	short bool
}

// refill loads until at least 57 bits count, or all there are.
func (r *bitReader) refill() {
	if r.next+8 <= len(r.b) {
		// What is loaded beyond the last whole byte is loaded again, to the
		// same place, next time.
		r.acc |= binary.BigEndian.Uint64(r.b[r.next:]) >> r.n
		k := (64 - r.n) / 8
		r.next += int(k)
		r.n += 8 * k
		return
	}
	for r.n <= 56 && r.next < len(r.b) {
		r.acc |= uint64(r.b[r.next]) << (56 - r.n)
		r.next++
		r.n += 8
	}
}

// read gives the next n bits, at most 56.
func (r *bitReader) read(n uint) uint64 {
	if r.n < n {
		r.refill()
		if r.n < n {
			r.short = true
			return 0
		}
	}
	v := r.acc >> (64 - n)
	r.acc <<= n
	r.n -= n
	return v
}

// signed gives the next n bits as a number in two's complement.
func (r *bitReader) signed(n uint) int64 {
	return int64(r.read(n)<<(64-n)) >> (64 - n)
}

// unary counts the zeros before the next one.
func (r *bitReader) unary() uint64 {
	var zeros uint64
	for {
		if z := uint(bits.LeadingZeros64(r.acc)); z < r.n {
			r.acc <<= z + 1
			r.n -= z + 1
			return zeros + uint64(z)
		}
		zeros += uint64(r.n)
		r.acc, r.n = 0, 0
		r.refill()
		if r.n == 0 {
			r.short = true
			return zeros
		}
	}
}

// align drops the bits up to the next whole byte and gives its place.
func (r *bitReader) align() int {
	drop := r.n % 8
	r.acc <<= drop
	r.n -= drop
	return r.next - int(r.n/8)
}

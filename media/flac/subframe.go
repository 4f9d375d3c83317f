package flac

import "math"

// subframe decodes one channel of a frame (RFC 9639, 9.2), whose samples have
// depth bits, to out.
func subframe[T int32 | int64](r *bitReader, out []T, depth uint) bool {
	head := r.read(8)
	if head&0x80 != 0 {
		return false
	}
	kind := head >> 1
	wasted := uint(0)
	if head&1 != 0 {
		k := r.unary() + 1
		if k >= uint64(depth) {
			return false
		}
		wasted = uint(k)
		depth -= wasted
	}
	ok := true
	switch {
	case kind == 0:
		v := T(r.signed(depth))
		for i := range out {
			out[i] = v
		}
	case kind == 1:
		for i := range out {
			out[i] = T(r.signed(depth))
		}
	case kind >= 8 && kind <= 12:
		ok = fixed(r, out, depth, int(kind-8))
	case kind >= 32:
		ok = predicted(r, out, depth, int(kind-31))
	default:
		return false // reserved
	}
	if !ok || r.short {
		return false
	}
	if wasted > 0 {
		for i := range out {
			out[i] <<= wasted
		}
	}
	return true
}

// warmUp reads the samples that stand before the first that is predicted.
func warmUp[T int32 | int64](r *bitReader, out []T, depth uint) {
	for i := range out {
		out[i] = T(r.signed(depth))
	}
}

// fixed decodes a channel with one of the fixed predictors (9.2.5).
func fixed[T int32 | int64](r *bitReader, out []T, depth uint, order int) bool {
	if order > len(out) {
		return false
	}
	warmUp(r, out[:order], depth)
	if !residual(r, out, order) {
		return false
	}
	switch order {
	case 1:
		for i := 1; i < len(out); i++ {
			out[i] += out[i-1]
		}
	case 2:
		for i := 2; i < len(out); i++ {
			out[i] += 2*out[i-1] - out[i-2]
		}
	case 3:
		for i := 3; i < len(out); i++ {
			out[i] += 3*(out[i-1]-out[i-2]) + out[i-3]
		}
	case 4:
		for i := 4; i < len(out); i++ {
			out[i] += 4*(out[i-1]+out[i-3]) - 6*out[i-2] - out[i-4]
		}
	}
	return true
}

// predicted decodes a channel with a predictor of its own (9.2.6).
func predicted[T int32 | int64](r *bitReader, out []T, depth uint, order int) bool {
	if order > len(out) {
		return false
	}
	warmUp(r, out[:order], depth)
	precision := uint(r.read(4)) + 1
	shift := r.signed(5)
	if precision == 16 || shift < 0 {
		return false
	}
	var room [32]int64
	coefs := room[:order] // the one for the oldest sample first
	for i := range coefs {
		coefs[order-1-i] = r.signed(precision)
	}
	if r.short || !residual(r, out, order) {
		return false
	}
	for i := order; i < len(out); i++ {
		var sum int64
		past := out[i-order : i]
		past = past[:len(coefs)]
		for j, c := range coefs {
			sum += c * int64(past[j])
		}
		out[i] += T(sum >> uint(shift))
	}
	return true
}

// residual reads what is left between prediction and sound (9.2.7) to out, from
// order on.
func residual[T int32 | int64](r *bitReader, out []T, order int) bool {
	method := r.read(2)
	if method > 1 {
		return false
	}
	paramBits := uint(4 + method)
	escape := uint(1)<<paramBits - 1
	parts := uint(r.read(4))
	size := len(out) >> parts
	if size<<parts != len(out) || size < order {
		return false
	}
	at := order
	for end := size; end <= len(out); end += size {
		k := uint(r.read(paramBits))
		if r.short {
			return false
		}
		part := out[at:end]
		at = end
		if k == escape {
			n := uint(r.read(5))
			for i := range part {
				part[i] = T(r.signed(n))
			}
			continue
		}
		for i := range part {
			q := r.unary()
			if q > math.MaxUint32>>k {
				return false
			}
			v := uint32(q)<<k | uint32(r.read(k))
			part[i] = T(int32(v>>1) ^ -int32(v&1))
		}
		if r.short {
			return false
		}
	}
	return true
}

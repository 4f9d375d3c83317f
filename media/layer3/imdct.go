package layer3

import "math"

// aliasCoefficients are cs and ca of 11172-3, table 3-B.9.
var aliasCoefficients = func() (c [8][2]float32) {
	for i, v := range []float64{-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037} {
		c[i] = [2]float32{float32(1 / math.Sqrt(1+v*v)), float32(v / math.Sqrt(1+v*v))}
	}
	return c
}()

// reduceAlias takes out what long blocks of neighbouring sub-bands have of each
// other (11172-3, 2.4.3.4.10.1), of the sub-bands below long. It gives how many
// of the lowest sub-bands may be other than silent then.
func reduceAlias(xr *[576]float32, lines, long int) (active int) {
	active = (lines + 17) / 18
	if lines == 0 {
		return 0
	}
	// A line reaches across the border above it if it is one of the eight next
	// to it.
	reached := min((lines+25)/18, long)
	for i, c := range aliasCoefficients {
		cs, ca := c[0], c[1]
		for border := 18; border < 18*reached; border += 18 {
			below, above := &xr[border-1-i], &xr[border+i]
			b, a := *below, *above
			*below = float32(b*cs) - float32(a*ca)
			*above = float32(a*cs) + float32(b*ca)
		}
	}
	return max(active, reached)
}

// windows are those of long blocks (11172-3, 2.4.3.4.10.3) for sub-bands of
// even and odd number and each block type (the short one is not used), in the
// order that inverse36 wants: its 18 different values, each with the two places
// that it goes to.
//
// They hold three things more: the last factor of the transform, the signs of
// what is mirrored, and the inversion of every second sample of the odd
// sub-bands.
var windows = func() (w [2][4][2][18]float32) {
	for odd := range w {
		for kind := range w[odd] {
			for i := range 36 {
				v := window(kind, i)
				// Sample i is value n of the cosine transform (see inverse36).
				n := i + 9
				switch {
				case i >= 27:
					v, n = -v, i-27
				case i >= 9:
					v, n = -v, 26-i
				}
				v /= 2 * math.Cos(math.Pi/72*float64(2*n+1))
				if odd == 1 && i%2 == 1 {
					v = -v
				}
				w[odd][kind][i/18][i%18] = float32(v)
			}
		}
	}
	return w
}()

// window is the window of a long block of some type at sample i of 36.
func window(kind, i int) float64 {
	sine := math.Sin(math.Pi / 36 * (float64(i) + 0.5))
	switch {
	case kind == blockStart && i >= 18:
		switch {
		case i < 24:
			return 1
		case i < 30:
			return math.Sin(math.Pi / 12 * (float64(i-18) + 0.5))
		}
		return 0
	case kind == blockStop && i < 18:
		switch {
		case i < 6:
			return 0
		case i < 12:
			return math.Sin(math.Pi / 12 * (float64(i-6) + 0.5))
		}
		return 1
	}
	return sine
}

// twiddle18 and twiddle6 are the factors between the halves of the cosine
// transforms.
var (
	twiddle18 = [9]float32(halfSecants(18))
	twiddle6  = [3]float32(halfSecants(6))
)

// inverse36 is the inverse MDCT of a long block with its window, added to the
// overlap, which it leaves anew for the next granule.
//
// The 36 samples are 18 values y(n), n from 9 to 17 for the first half and 8
// to 0 for the second, and their mirrors:
//
//	y(n) = sum over k of x(k) cos(π/72 (2n+1)(2k+1))
//
// Multiplied by 2cos(π/72 (2n+1)) this is a transform of the sums of
// neighbours, whose even and odd members, the latter by the same step again,
// give one of nine points each: E and O. y(n) is E(n)+O(n), y(17-n) is
// E(n)-O(n), divided by that cosine, which is in the window.
func inverse36(x, over *[18]float32, out *column, w *[2][18]float32) {
	s1, s3, s5, s7 := x[1]+x[0], x[3]+x[2], x[5]+x[4], x[7]+x[6]
	s9, s11, s13, s15, s17 := x[9]+x[8], x[11]+x[10], x[13]+x[12], x[15]+x[14], x[17]+x[16]
	e0, e1, e2, e3, e4, e5, e6, e7, e8 := cosine9(x[0], x[2]+x[1], x[4]+x[3], x[6]+x[5], x[8]+x[7], x[10]+x[9], x[12]+x[11], x[14]+x[13], x[16]+x[15])
	x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8] = e0, e1, e2, e3, e4, e5, e6, e7, e8
	o0, o1, o2, o3, o4, o5, o6, o7, o8 := cosine9(s1, s3+s1, s5+s3, s7+s5, s9+s7, s11+s9, s13+s11, s15+s13, s17+s15)
	x[9], x[10], x[11], x[12], x[13], x[14], x[15], x[16], x[17] = o0, o1, o2, o3, o4, o5, o6, o7, o8
	for n := range 9 {
		e, o := x[n], float32(x[9+n]*twiddle18[n])
		first, second := e-o, e+o // y(17-n) and y(n)
		out[(8-n)*subbands] = over[8-n] + float32(first*w[0][8-n])
		out[(9+n)*subbands] = over[9+n] + float32(first*w[0][9+n])
		over[8-n] = float32(second * w[1][8-n])
		over[9+n] = float32(second * w[1][9+n])
	}
}

// cosine9 gives y(n) = sum over m of x(m) cos(π/18 m(2n+1)).
func cosine9(x0, x1, x2, x3, x4, x5, x6, x7, x8 float32) (y0, y1, y2, y3, y4, y5, y6, y7, y8 float32) {
	const (
		c1 = 0.93969262078590838405 // cos(kπ/9)
		c2 = 0.76604444311897803520
		c4 = 0.17364817766693034885
		d1 = 0.98480775301220805937 // cos(kπ/18)
		d3 = 0.86602540378443864676
		d5 = 0.64278760968653932632
		d7 = 0.34202014332566873304
	)
	// The even members are the same for n and 8-n, the odd ones opposite. In
	// both three products are enough, as c1 = c2+c4 and d1 = d5+d7.
	half := float32(x6 * 0.5)
	mid, low := x0+half, x0-x6
	s := x2 - x4 - x8
	p1 := low + float32(s*0.5)
	y4 = low - s
	m1, m2, m3 := float32((x2+x4)*c1), float32((x2+x8)*c2), float32((x4-x8)*c4)
	p0, p2, p3 := mid+(m1-m3), mid+(m2-m1), mid+(m3-m2)

	r := float32(x3 * d3)
	q1 := float32((x1 - x5 - x7) * d3)
	m1, m2, m3 = float32((x1+x5)*d1), float32((x1+x7)*d5), float32((x5-x7)*d7)
	q0, q2, q3 := (m1-m3)+r, (m2-m3)-r, (m1-m2)-r
	return p0 + q0, p1 + q1, p2 + q2, p3 + q3, y4, p3 - q3, p2 - q2, p1 - q1, p0 - q0
}

// shortWindows are those of each of the three short windows, for sub-bands of
// even and odd number, made like windows.
var shortWindows = func() (w [2][12]float32) {
	for odd := range w {
		for i := range 12 {
			v := math.Sin(math.Pi / 12 * (float64(i) + 0.5))
			n := i + 3
			switch {
			case i >= 9:
				v, n = -v, i-9
			case i >= 3:
				v, n = -v, 8-i
			}
			v /= 2 * math.Cos(math.Pi/24*float64(2*n+1))
			if odd == 1 && i%2 == 1 {
				v = -v
			}
			w[odd][i] = float32(v)
		}
	}
	return w
}()

// inverse12 is the inverse MDCT of three short windows, each six samples behind
// the one before, otherwise like inverse36.
func inverse12(x, over *[18]float32, out *column, w *[12]float32) {
	var all [36]float32 // window k goes to 6+6k and on
	copy(all[:18], over[:])
	for k := range 3 {
		at := (*[12]float32)(all[6+6*k:])
		x := (*[16]float32)(x[k:])
		s1, s3, s5 := x[3]+x[0], x[9]+x[6], x[15]+x[12]
		e := cosine3(x[0], x[6]+x[3], x[12]+x[9])
		o := cosine3(s1, s3+s1, s5+s3)
		for n := range 3 {
			o := float32(o[n] * twiddle6[n])
			first, second := e[n]-o, e[n]+o // y(5-n) and y(n)
			at[2-n] += float32(first * w[2-n])
			at[3+n] += float32(first * w[3+n])
			at[8-n] += float32(second * w[8-n])
			at[9+n] += float32(second * w[9+n])
		}
	}
	for i := range over {
		out[i*subbands] = all[i]
		over[i] = all[18+i]
	}
}

// cosine3 gives y(n) = sum over m of x(m) cos(π/6 m(2n+1)).
func cosine3(x0, x1, x2 float32) [3]float32 {
	p, q := x0+float32(x2*0.5), float32(x1*0.86602540378443864676)
	return [3]float32{p + q, x0 - x2, p - q}
}

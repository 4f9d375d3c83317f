package layer3

import "math"

// synthesisWindow is D of 11172-3, table 3-B.3, times 65536: up to D[256], as
// D[512-i] is -D[i], but D[i] where 64 divides i.
var synthesisWindow = [257]int32{
	0, -1, -1, -1, -1, -1, -1, -2, -2, -2, -2, -3, -3, -4, -4, -5,
	-5, -6, -7, -7, -8, -9, -10, -11, -13, -14, -16, -17, -19, -21, -24, -26,
	-29, -31, -35, -38, -41, -45, -49, -53, -58, -63, -68, -73, -79, -85, -91, -97,
	-104, -111, -117, -125, -132, -139, -147, -154, -161, -169, -176, -183, -190, -196, -202, -208,
	213, 218, 222, 225, 227, 228, 228, 227, 224, 221, 215, 208, 200, 189, 177, 163,
	146, 127, 106, 83, 57, 29, -2, -36, -72, -111, -153, -197, -244, -294, -347, -401,
	-459, -519, -581, -645, -711, -779, -848, -919, -991, -1064, -1137, -1210, -1283, -1356, -1428, -1498,
	-1567, -1634, -1698, -1759, -1817, -1870, -1919, -1962, -2001, -2032, -2057, -2075, -2085, -2087, -2080, -2063,
	2037, 2000, 1952, 1893, 1822, 1739, 1644, 1535, 1414, 1280, 1131, 970, 794, 605, 402, 185,
	-45, -288, -545, -814, -1095, -1388, -1692, -2006, -2330, -2663, -3004, -3351, -3705, -4063, -4425, -4788,
	-5153, -5517, -5879, -6237, -6589, -6935, -7271, -7597, -7910, -8209, -8491, -8755, -8998, -9219, -9416, -9585,
	-9727, -9838, -9916, -9959, -9966, -9935, -9863, -9750, -9592, -9389, -9139, -8840, -8492, -8092, -7640, -7134,
	6574, 5959, 5288, 4561, 3776, 2935, 2037, 1082, 70, -998, -2122, -3300, -4533, -5818, -7154, -8540,
	-9975, -11455, -12980, -14548, -16155, -17799, -19478, -21189, -22929, -24694, -26482, -28289, -30112, -31947, -33791, -35640,
	-37489, -39336, -41176, -43006, -44821, -46617, -48390, -50137, -51853, -53534, -55178, -56778, -58333, -59838, -61289, -62684,
	-64019, -65290, -66494, -67629, -68692, -69679, -70590, -71420, -72169, -72835, -73415, -73908, -74313, -74630, -74856, -74992,
	75038,
}

// windowAt is D[i], i from 0 to 511.
func windowAt(i int) float32 {
	switch {
	case i <= 256:
		return float32(synthesisWindow[i]) / 65536
	case i%64 == 0:
		return windowAt(512 - i)
	}
	return -windowAt(512 - i)
}

// The window in the order that overlay wants it.
var (
	// For samples j and 32-j, j from 1 to 15: D[j+64i], D[j+64(7-i)],
	// D[j+32+64i], D[j+32+64(7-i)] with i from 0 to 3.
	pairWindow = func() (w [16][16]float32) {
		for j := range w {
			for i := range 4 {
				w[j][4*i] = windowAt(j + 64*i)
				w[j][4*i+1] = windowAt(j + 64*(7-i))
				w[j][4*i+2] = windowAt(j + 32 + 64*i)
				w[j][4*i+3] = windowAt(j + 32 + 64*(7-i))
			}
		}
		return w
	}()
	// For sample 0 and sample 16: D[64i], -D[32+64i], and -D[48+64i].
	firstWindow, middleWindow = func() (first [16]float32, middle [8]float32) {
		for i := range middle {
			first[2*i] = windowAt(64 * i)
			first[2*i+1] = -windowAt(32 + 64*i)
			middle[i] = -windowAt(48 + 64*i)
		}
		return first, middle
	}()
)

// overlay gives 32 samples of sound out of 16 transforms of sub-band samples,
// the newest last (11172-3, figure 3-A.2).
//
// With X(n) for a transform's values, the vector V of the standard is, i from
// 0 to 63: X(16+i), 0 at 16, -X(48-i) up to 48, -X(i-48). So samples j and
// 32-j need the same values, X(16+j) of every second transform and X(16-j) of
// the others, with the same parts of the window, turned around.
func overlay(x *[16 * subbands]float32, dst []float32, stride int) {
	_ = dst[31*stride]
	var s, r float32
	for i := range 8 {
		even, odd := x[(15-2*i)*subbands+16], x[(14-2*i)*subbands+16]
		s += float32(even*firstWindow[2*i]) + float32(odd*firstWindow[2*i+1])
		r += float32(x[(14-2*i)*subbands] * middleWindow[i])
	}
	dst[0], dst[16*stride] = s, r
	up, down := stride, 31*stride
	for j := 1; j < 16; j++ {
		w, k := &pairWindow[j], (16-j)&15
		var s, r float32

		a, z := x[15*subbands+16+j], x[1*subbands+16+j] // i = 0 and 7
		b, y := x[14*subbands+k], x[0*subbands+k]
		s = float32(a*w[0]) + float32(z*w[1]) - (float32(b*w[2]) + float32(y*w[3]))
		r = float32(a*w[3]) + float32(z*w[2]) + (float32(b*w[1]) + float32(y*w[0]))

		a, z = x[13*subbands+16+j], x[3*subbands+16+j] // 1 and 6
		b, y = x[12*subbands+k], x[2*subbands+k]
		s += float32(a*w[4]) + float32(z*w[5]) - (float32(b*w[6]) + float32(y*w[7]))
		r += float32(a*w[7]) + float32(z*w[6]) + (float32(b*w[5]) + float32(y*w[4]))

		a, z = x[11*subbands+16+j], x[5*subbands+16+j] // 2 and 5
		b, y = x[10*subbands+k], x[4*subbands+k]
		s += float32(a*w[8]) + float32(z*w[9]) - (float32(b*w[10]) + float32(y*w[11]))
		r += float32(a*w[11]) + float32(z*w[10]) + (float32(b*w[9]) + float32(y*w[8]))

		a, z = x[9*subbands+16+j], x[7*subbands+16+j] // 3 and 4
		b, y = x[8*subbands+k], x[6*subbands+k]
		s += float32(a*w[12]) + float32(z*w[13]) - (float32(b*w[14]) + float32(y*w[15]))
		r += float32(a*w[15]) + float32(z*w[14]) + (float32(b*w[13]) + float32(y*w[12]))

		dst[up], dst[down] = s, r
		up, down = up+stride, down-stride
	}
}

// halfSecants gives the factors 1/(2cos(π/2n (2k+1))) that turn a cosine
// transform of n points into two of half as many.
func halfSecants(n int) []float32 {
	c := make([]float32, n/2)
	for k := range c {
		c[k] = float32(1 / (2 * math.Cos(math.Pi/float64(2*n)*float64(2*k+1))))
	}
	return c
}

var (
	secants32 = [16]float32(halfSecants(32))
	secants16 = [8]float32(halfSecants(16))
)

// matrix gives X(n) = sum over k of s(k) cos(π/64 n(2k+1)) for n from 0 to 31
// (11172-3, 2.4.3.4.10.5 after taking out what is the same twice), by B. G.
// Lee's way ("A new algorithm to compute the discrete cosine transform", IEEE
// ASSP 32, 1984): a transform is two of half the points, of the sums of what is
// opposite, and of the differences over 2cos(π/64 (2k+1)), the latter giving
// the values between as sums of neighbours.
func matrix(x, s *[subbands]float32) {
	var a, b, c, d [8]float32
	for k := range 8 {
		p, q := s[k], s[31-k]
		v, u := s[15-k], s[16+k]
		sum, other := p+q, v+u
		difference, opposite := float32((p-q)*secants32[k]), float32((v-u)*secants32[15-k])
		a[k], b[k] = sum+other, float32((sum-other)*secants16[k])
		c[k], d[k] = difference+opposite, float32((difference-opposite)*secants16[k])
	}
	x[0], x[4], x[8], x[12], x[16], x[20], x[24], x[28] = cosine8(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7])
	b0, b1, b2, b3, b4, b5, b6, b7 := cosine8(b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7])
	x[2], x[6], x[10], x[14], x[18], x[22], x[26], x[30] = b0+b1, b1+b2, b2+b3, b3+b4, b4+b5, b5+b6, b6+b7, b7
	d0, d1, d2, d3, d4, d5, d6, d7 := cosine8(d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7])
	d0, d1, d2, d3, d4, d5, d6 = d0+d1, d1+d2, d2+d3, d3+d4, d4+d5, d5+d6, d6+d7
	d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7] = d0, d1, d2, d3, d4, d5, d6, d7
	c0, c1, c2, c3, c4, c5, c6, c7 := cosine8(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7])
	x[1], x[3] = c0+d[0], d[0]+c1
	x[5], x[7] = c1+d[1], d[1]+c2
	x[9], x[11] = c2+d[2], d[2]+c3
	x[13], x[15] = c3+d[3], d[3]+c4
	x[17], x[19] = c4+d[4], d[4]+c5
	x[21], x[23] = c5+d[5], d[5]+c6
	x[25], x[27] = c6+d[6], d[6]+c7
	x[29], x[31] = c7+d[7], d[7]
}

// cosine8 is the same of eight points: y(n) = sum over k of x(k) cos(π/16 n(2k+1)).
func cosine8(x0, x1, x2, x3, x4, x5, x6, x7 float32) (y0, y1, y2, y3, y4, y5, y6, y7 float32) {
	const (
		e0 = 0.50979557910415916894 // 1/(2cos((2k+1)π/16))
		e1 = 0.60134488693504528054
		e2 = 0.89997622313641570464
		e3 = 2.56291544774150617881
		f0 = 0.54119610014619698440 // 1/(2cos((2k+1)π/8))
		f1 = 1.30656296487637652786
		g  = 0.70710678118654752440
	)
	s0, s1, s2, s3 := x0+x7, x1+x6, x2+x5, x3+x4
	t0, t1, t2, t3 := float32((x0-x7)*e0), float32((x1-x6)*e1), float32((x2-x5)*e2), float32((x3-x4)*e3)

	p, q := s0+s3, s1+s2
	u, v := float32((s0-s3)*f0), float32((s1-s2)*f1)
	y0, y4 = p+q, float32((p-q)*g)
	y6 = float32((u - v) * g)
	y2 = u + v + y6

	p, q = t0+t3, t1+t2
	u, v = float32((t0-t3)*f0), float32((t1-t2)*f1)
	w0, w2 := p+q, float32((p-q)*g)
	w3 := float32((u - v) * g)
	w1 := u + v + w3
	y1, y3, y5, y7 = w0+w1, w1+w2, w2+w3, w3
	return
}

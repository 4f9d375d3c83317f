package layer3

import "math"

// halves is 1 over the square root of 2.
const halves = float32(1 / math.Sqrt2)

// The factors of left and right by position: MPEG-1 (11172-3, 2.4.3.4.9.3),
// and LSF with intensity_scale 0 and 1 (13818-3, 2.4.3.2).
var (
	positions    [7][2]float32
	lsfPositions [2][32][2]float32
)

func init() {
	for i := range positions {
		// is_ratio is tan(i π/12), and right to left as cos to sin.
		sin, cos := math.Sincos(float64(i) * math.Pi / 12)
		positions[i] = [2]float32{float32(sin / (sin + cos)), float32(cos / (sin + cos))}
	}
	positions[0][0], positions[6][1] = 0, 0
	for s := range lsfPositions {
		for i := range lsfPositions[s] {
			away := float32(math.Pow(2, -0.25*float64(s+1)*float64((i+1)/2)))
			lsfPositions[s][i] = [2]float32{1, away}
			if i%2 == 1 {
				lsfPositions[s][i] = [2]float32{away, 1}
			}
		}
	}
}

// intensity says for each segment of the right channel's plan whether it is
// coded as intensity, and with what factors.
type intensity struct {
	coded   [39]bool
	factors [39][2]float32
}

// find fills it in. sounds says which segments of the right channel have
// values other than 0: the segments above the last of those, window by window,
// are coded as intensity unless their position is illegal. What has no scale
// factor of its own has that of the band below.
func (in *intensity) find(h header, right *channelInfo, sf *scaleFactors, sounds *[39]bool) {
	in.coded = [39]bool{}
	last := len(right.plan) - 1
	seen := [4]bool{} // by window; 0 long
	for k := last; k >= 0; k-- {
		s := &right.plan[k]
		seen[s.window] = seen[s.window] || sounds[k]
		if s.window == 0 { // below the windows in mixed blocks: long ones see all three
			seen[0] = seen[0] || seen[1] || seen[2] || seen[3]
		}
		if seen[s.window] {
			continue
		}
		position := sf[k]
		if s.window == 0 && s.sfb == 21 {
			position = sf[k-1]
		} else if s.window != 0 && s.sfb == 12 {
			position = sf[k-3]
		}
		switch {
		case h.lsf && position&illegal == 0:
			in.factors[k] = lsfPositions[right.compress&1][position&31]
		case !h.lsf && position < 7:
			in.factors[k] = positions[position]
		default:
			continue
		}
		in.coded[k] = true
	}
}

// stereo makes left and right of what is in the two channels of a granule
// (11172-3, 2.4.3.4.9). lines is how many leading ones may be other than 0, in
// and out.
func stereo(h header, gs *[2]channelInfo, sf *scaleFactors, in *intensity, xr *[2][576]float32, lines *[2]int) {
	most := max(lines[0], lines[1])
	l, r := &xr[0], &xr[1]
	if !h.intensity || gs[0].layout() != gs[1].layout() {
		if h.ms {
			middleSide(l[:most], r[:most])
			lines[0], lines[1] = most, most
		}
		return
	}
	right := &gs[1]
	var sounds [39]bool
	for k := range right.plan {
		s := &right.plan[k]
		for i := range s.end - s.start {
			if r[s.out+i*s.step] != 0 {
				sounds[k] = true
				break
			}
		}
	}
	in.find(h, right, sf, &sounds)
	for k := range right.plan {
		s := &right.plan[k]
		f := in.factors[k]
		for i := range s.end - s.start {
			at := (s.out + i*s.step) % 576
			switch {
			case in.coded[k]:
				l[at], r[at] = l[at]*f[0], l[at]*f[1]
			case h.ms:
				l[at], r[at] = (l[at]+r[at])*halves, (l[at]-r[at])*halves
			}
		}
	}
	lines[0], lines[1] = most, most
}

// middleSide makes left and right of middle and side (2.4.3.4.9.2).
func middleSide(l, r []float32) {
	r = r[:len(l)]
	for i, m := range l {
		s := r[i]
		l[i], r[i] = (m+s)*halves, (m-s)*halves
	}
}

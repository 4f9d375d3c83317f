package m4a

// bitReader reads bits, the highest first.
type bitReader struct {
	b   []byte
	pos int
}

func (r *bitReader) read(n int) (v int) {
	for range n {
		v <<= 1
		if i := r.pos >> 3; i < len(r.b) {
			v |= int(r.b[i]>>(7-r.pos&7)) & 1
		}
		r.pos++
	}
	return v
}

func (r *bitReader) left() int { return 8*len(r.b) - r.pos }

var rates = [...]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

func (r *bitReader) rate() int {
	i := r.read(4)
	if i == 15 {
		return r.read(24)
	}
	if i < len(rates) {
		return rates[i]
	}
	return 0
}

// object reads an audio object type.
func (r *bitReader) object() int {
	n := r.read(5)
	if n == 31 {
		n = 32 + r.read(6)
	}
	return n
}

// Audio object types (ISO/IEC 14496-3 §1.5.1.1).
const (
	aacLC = 2
	sbr   = 5
	ps    = 29
)

// objects are the names of those that browsers don't play, or not all.
var objects = map[int]string{
	1: "AAC Main", 3: "AAC SSR", 4: "AAC LTP", 6: "scalable AAC", 7: "TwinVQ", 8: "CELP", 9: "HVXC",
	17: "error-resilient AAC", 19: "error-resilient AAC", 20: "scalable AAC", 23: "AAC-LD", 32: "MPEG-1 Layer I in MP4",
	33: "MPEG-1 Layer II in MP4", 34: "MP3 in MP4", 36: "MPEG-4 ALS", 37: "MPEG-4 SLS", 38: "MPEG-4 SLS", 39: "AAC-ELD", 42: "xHE-AAC",
}

// config is what an AudioSpecificConfig says (§1.6.2.1).
type config struct {
	object   int
	core     int // Hz, of AAC's frames
	rate     int // Hz, of what comes out
	channels int
}

// parseConfig reads an AudioSpecificConfig.
func parseConfig(b []byte) (c config, ok bool) {
	r := &bitReader{b: b}
	c.object = r.object()
	c.core = r.rate()
	c.rate = c.core
	layout := r.read(4)
	withPS := c.object == ps
	extended := c.object == sbr || withPS
	if extended {
		c.rate = r.rate()
		c.object = r.object()
	}
	if c.object != aacLC {
		return c, r.left() >= 0
	}
	r.read(1) // frames of 960
	if r.read(1) != 0 {
		r.read(14)
	}
	r.read(1)
	switch {
	case layout == 0:
		c.channels = r.programme()
	case layout <= 6:
		c.channels = layout
	case layout == 7, layout == 12, layout == 14:
		c.channels = 8
	case layout == 11:
		c.channels = 7
	}
	if r.left() < 0 {
		return c, false
	}
	// What doubles the rate may be said behind, where old players don't look.
	if !extended && r.left() >= 16 && r.read(11) == 0x2b7 && r.object() == sbr && r.read(1) != 0 {
		c.rate = r.rate()
		if r.left() >= 12 && r.read(11) == 0x548 {
			withPS = r.read(1) != 0
		}
	}
	if withPS && c.channels == 1 {
		c.channels = 2
	}
	return c, c.rate > 0 && c.core > 0 && c.channels > 0
}

// programme counts the channels of a program_config_element (§4.4.1.1) and
// reads over the rest of it.
func (r *bitReader) programme() int {
	r.read(4 + 2 + 4)
	front, side, back, lfe, data, coupling := r.read(4), r.read(4), r.read(4), r.read(2), r.read(3), r.read(4)
	for _, n := range []int{4, 4} { // mono and stereo mixdown
		if r.read(1) != 0 {
			r.read(n)
		}
	}
	if r.read(1) != 0 { // matrix mixdown
		r.read(3)
	}
	n := lfe
	for range front + side + back {
		n += 1 + r.read(1)
		r.read(4)
	}
	r.read(4*lfe + 4*data)
	r.read(5 * coupling)
	r.pos = (r.pos + 7) &^ 7
	r.pos += 8 * r.read(8) // a comment
	return n
}

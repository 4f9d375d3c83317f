package layer3

// Decoder turns frames into samples. Its zero value is ready. It allocates
// nothing.
//
// The checksum of a frame is passed over: encoders and taggers that write
// wrong ones are more common than damage that only a checksum shows, and
// players don't look at it. What the side information makes impossible is
// damage.
type Decoder struct {
	front front
	in    intensity
	xr    [2][576]float32
	bank  [2]filterbank
	wide  bool // the last frame had two channels
}

// front is what decoding and measuring have in common: the bits up to the
// Huffman codes.
type front struct {
	main    mainData
	side    sideInfo
	factors [2]scaleFactors
}

// Reset forgets what was before: the bit reservoir and the overlap.
func (d *Decoder) Reset() {
	d.front.main.reset()
	d.bank[0].reset()
	d.bank[1].reset()
}

// Gap forgets the bit reservoir, where frames are missing in a file, but not
// the sound that rings out.
func (d *Decoder) Gap() { d.front.main.reset() }

// Decode decodes a frame with its header to interleaved samples, full scale
// ±1: n values of as many channels as the frame has, 576 or 1152 each. dst
// holds at least 2304. ok is false when the frame is damaged or misses its bit
// reservoir: then the values are the ringing out of what was before, then
// silence. What is no Layer III frame at all gives n 0.
//
// The values come mp3.DecoderDelay samples after those that an encoder was
// given, besides the encoder's own delay.
func (d *Decoder) Decode(frame []byte, dst []float32) (n int, ok bool) {
	h, valid := parseHeader(frame)
	if !valid {
		d.front.main.reset()
		return 0, false
	}
	if wide := h.channels == 2; wide != d.wide {
		if wide { // mono rings out on both sides
			d.bank[1] = d.bank[0]
		}
		d.wide = wide
	}
	dst = dst[:576*h.granules*h.channels]
	pos, ok := d.front.open(h, frame)
	for gr := range h.granules {
		out := dst[576*h.channels*gr:]
		var lines [2]int
		gs := &d.front.side.granules[gr]
		good := pos > 0 || d.front.side.begin == 0
		_ = good
		if ok || pos != lost {
			end, fine := d.granule(h, gr, pos, &lines)
			pos = end
			ok = ok && fine
			if !fine {
				lines = [2]int{}
				clear(d.xr[0][:])
				clear(d.xr[1][:])
			}
		}
		for ch := range h.channels {
			g := &gs[ch]
			d.bank[ch].synth(&d.xr[ch], g.block, g.mixed, lines[ch], out[ch:], h.channels)
		}
	}
	return len(dst), ok
}

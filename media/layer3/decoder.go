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
	lines [2]int // of xr, how many leading ones may be other than 0
	bank  [2]filterbank
	wide  bool // the last frame had two channels
}

// Reset forgets what was before: the bit reservoir and the overlap.
func (d *Decoder) Reset() {
	d.front.main.reset()
	d.bank[0].reset()
	d.bank[1].reset()
}

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
	whole := ok
	for gr := range h.granules {
		out := dst[576*h.channels*gr:]
		if whole && d.granule(h, gr, &pos) {
			gs := &d.front.side.granules[gr]
			for ch := range h.channels {
				d.bank[ch].synth(&d.xr[ch], gs[ch].block, gs[ch].mixed, d.lines[ch], out[ch:], h.channels)
			}
			continue
		}
		ok = false
		d.ring(out, h.channels)
	}
	return len(dst), ok
}

// granule makes the spectra of a granule, which begins at pos, and moves pos
// behind it.
func (d *Decoder) granule(h header, gr int, pos *uint) (ok bool) {
	f := &d.front
	ok = true
	for ch := range h.channels {
		g := &f.side.granules[gr][ch]
		begin, end, fine := f.factor(h, gr, ch, *pos)
		if fine {
			d.lines[ch], fine = g.spectrum(&f.main, begin, end, &f.factors[ch], &d.xr[ch])
		}
		ok = ok && fine
		*pos = end
	}
	if ok && (h.ms || h.intensity) {
		stereo(h, &f.side.granules[gr], &f.factors[1], &d.in, &d.xr, &d.lines)
	}
	return ok
}

// ring gives a granule of what rings out, in so many channels.
func (d *Decoder) ring(dst []float32, channels int) {
	for ch := range channels {
		clear(d.xr[ch][:])
		d.bank[ch].synth(&d.xr[ch], blockNormal, false, 0, dst[ch:], channels)
	}
}

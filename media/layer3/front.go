package layer3

// front is what decoding and measuring have in common: the bits up to the
// Huffman codes.
type front struct {
	main    mainData
	side    sideInfo
	factors [2]scaleFactors
}

// open reads the side information of a frame and gives the position of its
// main data. ok is false when the frame is damaged or misses its reservoir.
func (f *front) open(h header, frame []byte) (pos uint, ok bool) {
	ok = f.side.parse(h, frame)
	f.main.add(frame[h.main:])
	if !ok || f.side.begin > f.main.held || len(frame)-h.main > maxMain {
		return 0, false
	}
	return uint(f.main.held-f.side.begin) * 8, true
}

// factor reads the scale factors of a granule of one channel at pos: its
// Huffman codes go from begin to end, if ok. end is true also when not.
func (f *front) factor(h header, gr, ch int, pos uint) (begin, end uint, ok bool) {
	g := &f.side.granules[gr][ch]
	end = pos + g.length
	if end > uint(f.main.size)*8 {
		return end, end, false
	}
	sf := &f.factors[ch]
	switch {
	case h.lsf:
		begin = sf.readLSF(&f.main, pos, g, h.intensity && ch == 1)
	case gr == 0:
		begin = sf.read(&f.main, pos, g, 0)
	default:
		begin = sf.read(&f.main, pos, g, f.side.share[ch])
	}
	return begin, end, begin <= end
}

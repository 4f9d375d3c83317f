package layer3

// header is what decoding needs of a frame's first four bytes (11172-3,
// 2.4.1.3 and 2.4.2.3).
type header struct {
	lsf       bool  // MPEG-2 or 2.5: one granule a frame, other scale factors
	rate      uint8 // 0 to 8: 44.1, 48, 32, 22.05, 24, 16, 11.025, 12, 8 kHz
	channels  int
	granules  int
	side      int // where the side information begins
	main      int // where the main data begins
	ms        bool
	intensity bool
}

// parseHeader reads the header of a Layer III frame. Bit rate and padding are
// left aside: a frame is as long as the slice it comes in.
func parseHeader(b []byte) (h header, ok bool) {
	if len(b) < 4 || b[0] != 0xFF || b[1]&0xE6 != 0xE2 || b[1]&0x18 == 0x08 || b[2]&0x0C == 0x0C {
		return header{}, false
	}
	h.rate = b[2] >> 2 & 3
	h.granules = 2
	switch b[1] >> 3 & 3 {
	case 2:
		h.lsf, h.granules, h.rate = true, 1, h.rate+3
	case 0:
		h.lsf, h.granules, h.rate = true, 1, h.rate+6
	}
	h.channels = 2
	switch b[3] >> 6 {
	case 1: // joint stereo, with what its extension says
		h.intensity, h.ms = b[3]&0x10 != 0, b[3]&0x20 != 0
	case 3:
		h.channels = 1
	}
	h.side = 4
	if b[1]&1 == 0 {
		h.side += 2 // the checksum; see Decoder
	}
	h.main = h.side + 32
	switch {
	case h.lsf && h.channels == 1:
		h.main = h.side + 9
	case h.lsf || h.channels == 1:
		h.main = h.side + 17
	}
	return h, len(b) >= h.main
}

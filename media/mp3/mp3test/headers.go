package mp3test

import "encoding/binary"

// Info is what a Xing or Info frame says.
type Info struct {
	Sign    string // "Xing" when not set, or "Info"
	Frames  int    // left out when 0
	Bytes   int    // left out when 0
	TOC     bool
	Quality bool
	Encoder string // begins LAME's extension, such as "LAME3.100"; none when ""
	Delay   int
	Padding int
	BadCRC  bool // the extension's checksum is wrong
	// AfterCRC puts the header behind the two bytes of a frame's checksum.
	// LAME overwrites them; others don't.
	AfterCRC bool
}

// Xing gives the frame of a Xing or Info header at so many kbit/s (0: free
// format).
func (f Format) Xing(kbps int, in Info) []byte {
	h := f.Header(kbps, false)
	b := make([]byte, f.Size(kbps, false))
	copy(b, h[:])
	at := 4 + f.SideInfo()
	if in.AfterCRC && f.CRC {
		at += 2
	}
	sign := in.Sign
	if sign == "" {
		sign = "Xing"
	}
	flags := uint32(0)
	tag := append([]byte(sign), 0, 0, 0, 0)
	if in.Frames != 0 {
		flags |= 1
		tag = binary.BigEndian.AppendUint32(tag, uint32(in.Frames))
	}
	if in.Bytes != 0 {
		flags |= 2
		tag = binary.BigEndian.AppendUint32(tag, uint32(in.Bytes))
	}
	if in.TOC {
		flags |= 4
		for i := range 100 {
			tag = append(tag, byte(i*256/100))
		}
	}
	if in.Quality {
		flags |= 8
		tag = binary.BigEndian.AppendUint32(tag, 57)
	}
	binary.BigEndian.PutUint32(tag[4:], flags)
	if in.Encoder == "" {
		put(b, at, tag)
		return b
	}
	ext := make([]byte, 36)
	copy(ext[:9], in.Encoder)
	ext[21] = byte(in.Delay >> 4)
	ext[22] = byte(in.Delay<<4) | byte(in.Padding>>8&15)
	ext[23] = byte(in.Padding)
	put(b, at, append(tag, ext...))
	end := at + len(tag) + len(ext) - 2
	sum := lameCRC(b[:end])
	if in.BadCRC {
		sum ^= 0x5555
	}
	binary.BigEndian.PutUint16(b[end:], sum)
	return b
}

// VBRI gives the frame of a Fraunhofer header at so many kbit/s.
func (f Format) VBRI(kbps, frames, bytes int) []byte {
	h := f.Header(kbps, false)
	b := make([]byte, f.Size(kbps, false))
	copy(b, h[:])
	tag := append([]byte("VBRI"), 0, 1, 2, 0xC1, 0, 75) // version, delay, quality
	tag = binary.BigEndian.AppendUint32(tag, uint32(bytes))
	tag = binary.BigEndian.AppendUint32(tag, uint32(frames))
	tag = append(tag, 0, 0, 0, 1, 0, 2, 0, 1) // an empty table of contents
	put(b, 36, tag)
	return b
}

func put(b []byte, at int, tag []byte) {
	if at+len(tag) > len(b) {
		panic("mp3test: the frame is too small for its header")
	}
	copy(b[at:], tag)
}

// lameCRC is the checksum of LAME's extension over the frame so far:
// polynomial 0x8005 reflected, from 0.
func lameCRC(b []byte) uint16 {
	c := uint16(0)
	for _, v := range b {
		for bit := range 8 {
			low := c ^ uint16(v>>bit)
			c >>= 1
			if low&1 != 0 {
				c ^= 0xA001
			}
		}
	}
	return c
}

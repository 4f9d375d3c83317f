package mp3

import (
	"encoding/binary"
	"strings"
)

// info is what a Xing, Info or VBRI frame says. It is all claims.
type info struct {
	promised int // frames, 0 when not told
	delay    int // samples, with tagged
	padding  int // samples, with tagged
	tagged   bool
}

// The Xing header (as written by the Xing encoder and LAME): the sign, four
// bytes of flags, then the fields whose flag is set, then LAME's extension.
const (
	xingFrames  = 1
	xingBytes   = 2
	xingTOC     = 4
	xingQuality = 8

	tocSize  = 100
	lameSize = 36 // of LAME's extension
)

// parseInfo reads a frame that may hold a Xing, Info or VBRI header instead of
// sound. b begins with the frame and ends with it at the latest.
func parseInfo(h header, b []byte) (in info, ok bool) {
	at := headerSize + h.side()
	if !isXing(b, at) && h.protected() {
		at += crcSize // LAME leaves the CRC out of the count, others do not
	}
	if isXing(b, at) {
		return parseXing(b, at), true
	}
	// Fraunhofer's stands behind 32 bytes whatever the mode: sign, version,
	// delay and quality (2 bytes each), bytes and frames (4 each).
	const vbri = headerSize + 32
	if len(b) >= vbri+18 && string(b[vbri:vbri+4]) == "VBRI" {
		return info{promised: claim(b[vbri+14:])}, true
	}
	return info{}, false
}

func isXing(b []byte, at int) bool {
	if len(b) < at+8 {
		return false
	}
	s := string(b[at : at+4])
	return s == "Xing" || s == "Info"
}

func parseXing(b []byte, at int) (in info) {
	flags := binary.BigEndian.Uint32(b[at+4:])
	ext := at + 8
	if flags&xingFrames != 0 {
		if len(b) >= ext+4 {
			in.promised = claim(b[ext:])
		}
		ext += 4
	}
	if flags&xingBytes != 0 {
		ext += 4
	}
	if flags&xingTOC != 0 {
		ext += tocSize
	}
	if flags&xingQuality != 0 {
		ext += 4
	}
	if len(b) < ext+24 || !isLAME(b, ext) {
		return in
	}
	in.tagged = true
	in.delay = int(b[ext+21])<<4 | int(b[ext+22])>>4
	in.padding = int(b[ext+22]&15)<<8 | int(b[ext+23])
	return in
}

// isLAME says whether LAME's extension stands at ext: it begins with the name
// of an encoder that writes it, or its checksum is right.
func isLAME(b []byte, ext int) bool {
	name := string(b[ext : ext+4])
	for _, known := range []string{"LAME", "Lavf", "Lavc", "GOGO", "L3.9"} {
		if strings.HasPrefix(name, known) {
			return true
		}
	}
	end := ext + lameSize - 2
	return b[ext] != 0 && len(b) >= end+2 && binary.BigEndian.Uint16(b[end:]) == crc16(b[:end])
}

// claim reads a count of frames; one that no file can keep counts as none.
func claim(b []byte) int {
	if n := binary.BigEndian.Uint32(b); n <= maxFrames {
		return int(n)
	}
	return 0
}

// crc16 is LAME's checksum of its tag: polynomial 0x8005 reflected, from 0.
func crc16(b []byte) uint16 {
	var c uint16
	for _, v := range b {
		c ^= uint16(v)
		for range 8 {
			if c&1 != 0 {
				c = c>>1 ^ 0xA001
			} else {
				c >>= 1
			}
		}
	}
	return c
}

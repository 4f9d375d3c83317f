package mp3

import (
	"encoding/binary"
	"fmt"
	"math"
)

// maxTrim is the most that 12 bits of a LAME tag hold.
const maxTrim = 1<<12 - 1

// InfoHeader makes a frame that stands in front of the frames from number
// first to the last of x, and tells players to leave out delay samples (and
// DecoderDelay) at the start and padding samples at the end: a Xing header, or
// Info when all frames have one bit rate, with the number of frames, the
// number of bytes with its own, a table for seeking and LAME's extension.
// Players take it for no sound. Its own header fits the stream: same version,
// sampling rate and mode, without CRC, at the stream's bit rate if that leaves
// enough room and else the lowest that does.
//
// delay and padding are 0 to 4095. It answers ErrUnsupported when they are
// not, and when the frames are of free format and too small: there the frame
// must be as long as all others.
func InfoHeader(x *Index, first, delay, padding int) ([]byte, error) {
	x.check(first)
	if delay < 0 || delay > maxTrim || padding < 0 || padding > maxTrim {
		return nil, fmt.Errorf("%w: delay %d and padding %d do not fit an info header", ErrUnsupported, delay, padding)
	}
	h, size, err := x.infoFrame()
	if err != nil {
		return nil, err
	}
	frames := x.frames - first
	before := x.BytesBefore(first)
	total := int64(size) + x.bytes - before

	b := make([]byte, size)
	binary.BigEndian.PutUint32(b, uint32(h))
	tag := b[headerSize+h.side():]
	copy(tag, "Xing")
	if !x.variable {
		copy(tag, "Info")
	}
	binary.BigEndian.PutUint32(tag[4:], xingFrames|xingBytes|xingTOC|xingQuality)
	binary.BigEndian.PutUint32(tag[8:], uint32(frames))
	binary.BigEndian.PutUint32(tag[12:], uint32(min(total, math.MaxUint32)))
	for i := range tocSize {
		at := int64(size) + x.BytesBefore(first+int(int64(frames)*int64(i)/tocSize)) - before
		tag[16+i] = byte(min(at*256/total, 255))
	}
	x.lame(tag[16+tocSize+4:], h, delay, padding, total)
	// The checksum covers everything before it, from the frame's first byte.
	end := headerSize + h.side() + 16 + tocSize + 4 + lameSize - crcSize
	binary.BigEndian.PutUint16(b[end:], crc16(b[:end]))
	return b, nil
}

// infoFrame gives the header and size of a frame that can hold the tag.
func (x *Index) infoFrame() (h header, size int, err error) {
	h = (x.head | noCRC) &^ (padBit | 3<<4) // no padding, no mode extension
	need := headerSize + h.side() + 16 + tocSize + 4 + lameSize
	if size = int(x.sizes[h.slot()]); h.free() || !x.variable && size >= need {
		if size < need {
			return 0, 0, fmt.Errorf("%w: free-format frames of %d bytes have no room for an info header", ErrUnsupported, size)
		}
		return h, size, nil
	}
	for i := 1; size < need || i == 1; i++ {
		h = h.withRate(i)
		size = int(x.sizes[h.slot()])
	}
	return h, size, nil
}

// lame writes LAME's extension without its checksum (Mp3 info tag revision 0,
// gabriel.mp3-tech.org). What is not known stays 0.
func (x *Index) lame(ext []byte, h header, delay, padding int, total int64) {
	// Some decoders heed delay and padding only under this name.
	copy(ext, "LAME3.100")
	ext[9] = 1 // constant bit rate
	if x.variable {
		ext[9] = 4
	}
	ext[20] = byte(min(x.Bitrate()/1000, 255))
	ext[21] = byte(delay >> 4)
	ext[22] = byte(delay<<4) | byte(padding>>8)
	ext[23] = byte(padding)
	mode := [4]byte{1, 3, 2, 0}[h>>6&3]
	source := byte(0) // up to 32 kHz
	switch rate := x.SampleRate(); {
	case rate == 44100:
		source = 1
	case rate == 48000:
		source = 2
	}
	ext[24] = source<<6 | mode<<2
	binary.BigEndian.PutUint32(ext[28:], uint32(min(total, math.MaxUint32)))
}

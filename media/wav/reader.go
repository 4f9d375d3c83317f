package wav

import (
	"encoding/binary"
	"io"
	"math"
)

// Reader gives sound as samples, once, from its beginning to its end.
type Reader struct {
	f   *File
	src *io.SectionReader
	buf []byte
}

// Reader reads the sound from its beginning.
func (f *File) Reader() *Reader {
	n := int64(f.round())
	return &Reader{f: f, src: io.NewSectionReader(f.r, f.off, f.Samples*n), buf: make([]byte, (32<<10)/n*n)}
}

// SampleRate is in Hz.
func (r *Reader) SampleRate() int { return r.f.SampleRate }

// Channels is 1 to 8.
func (r *Reader) Channels() int { return r.f.Channels }

// Read fills dst with whole rounds of samples of all channels, at least one,
// full scale being ±1. At the end it gives 0 and io.EOF.
func (r *Reader) Read(dst []float32) (int, error) {
	rounds := min(len(dst)/r.f.Channels, len(r.buf)/r.f.round())
	if rounds == 0 {
		return 0, io.ErrShortBuffer
	}
	n, err := io.ReadFull(r.src, r.buf[:rounds*r.f.round()])
	n /= r.f.round()
	if n == 0 {
		if err == io.ErrUnexpectedEOF {
			err = io.EOF // the file was cut while it is read
		}
		return 0, err
	}
	n *= r.f.Channels
	r.f.decode(dst[:n], r.buf)
	return n, nil
}

func fromU8(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = float32(int(src[i])-128) / (1 << 7)
	}
}

func fromS16(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = float32(int16(binary.LittleEndian.Uint16(src[2*i:]))) / (1 << 15)
	}
}

func fromS24(dst []float32, src []byte) {
	for i := range dst {
		b := src[3*i:][:3]
		dst[i] = float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	}
}

func fromS32(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = float32(int32(binary.LittleEndian.Uint32(src[4*i:]))) / (1 << 31)
	}
}

// fromF32 passes what is within some thousand times full scale; the rest is
// not sound, and neither is what is no number.
func fromF32(dst []float32, src []byte) {
	const most = 1 << 12
	for i := range dst {
		v := math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		switch {
		case v != v:
			v = 0
		case v > most:
			v = most
		case v < -most:
			v = -most
		}
		dst[i] = v
	}
}

// The expansion of ITU-T G.711, tables 1a to 2b, on 16 bits.
var aLaw, muLaw [256]float32

func init() {
	for i := range 256 {
		a := byte(i) ^ 0x55
		v := int(a&15)<<4 + 8
		if e := a >> 4 & 7; e > 0 {
			v = (v + 0x100) << (e - 1)
		}
		if a&0x80 == 0 {
			v = -v
		}
		aLaw[i] = float32(v) / (1 << 15)
		u := ^byte(i)
		v = (int(u&15)<<3+0x84)<<(u>>4&7) - 0x84
		if u&0x80 != 0 {
			v = -v
		}
		muLaw[i] = float32(v) / (1 << 15)
	}
}

func fromALaw(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = aLaw[src[i]]
	}
}

func fromMuLaw(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = muLaw[src[i]]
	}
}

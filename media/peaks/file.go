package peaks

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"strconv"
)

// The file, version 2, little-endian. A list needs its head alone:
//
//	 0  "EPKS"
//	 4  uint16 version
//	 6  uint16 flags: 1 sampled, 2 estimated
//	 8  uint32 sample rate
//	12  uint32 samples per pixel
//	16  uint64 samples
//	24  uint16 Loudest
//	26  uint16 columns of the overview
//	28  uint32 columns
//	32  overview, 400 bytes, zeros behind
//	432 CRC-32C of all before
//	436 RMS, a byte a column
//	    minimum and maximum, two bytes a column
//	    CRC-32C of all from 436
//
// Version 1, which is read but not written, has a uint16 of columns at 26, one
// of those of the overview at 28, and zeros at 30. It is of at most 1,800
// columns and 48 kHz, and never estimated.
const (
	magic         = "EPKS"
	version       = 2
	flagSampled   = 1
	flagEstimated = 2
	overviewAt    = 32
	headEnd       = overviewAt + OverviewColumns

	// HeadSize is the size of the part of a file that Overview reads.
	HeadSize = headEnd + 4
	// MaxFileSize is the size of the largest file.
	MaxFileSize = HeadSize + 3*MaxFineColumns + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// MarshalBinary gives the file. It fails only on a Peaks that New never makes.
func (p *Peaks) MarshalBinary() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	n := len(p.RMS)
	b := make([]byte, 0, HeadSize+3*n+4)
	b = append(b, magic...)
	b = le.AppendUint16(b, version)
	var flags uint16
	if p.Sampled {
		flags |= flagSampled
	}
	if p.Estimated {
		flags |= flagEstimated
	}
	b = le.AppendUint16(b, flags)
	b = le.AppendUint32(b, uint32(p.SampleRate))
	b = le.AppendUint32(b, uint32(p.SamplesPerPixel))
	b = le.AppendUint64(b, uint64(p.Samples))
	b = le.AppendUint16(b, p.Loudest)
	overview := p.Overview()
	b = le.AppendUint16(b, uint16(len(overview)))
	b = le.AppendUint32(b, uint32(n))
	b = append(b, overview...)
	b = append(b, make([]byte, headEnd-len(b))...)
	b = le.AppendUint32(b, checksum(b))
	b = append(b, p.RMS...)
	for i := range n {
		b = append(b, byte(p.Min[i]), byte(p.Max[i]))
	}
	return le.AppendUint32(b, checksum(b[HeadSize:])), nil
}

// UnmarshalBinary reads a file that MarshalBinary made, now or in version 1,
// and nothing else: anything odd is an ErrFormat and leaves p as it was.
func (p *Peaks) UnmarshalBinary(b []byte) error {
	h, err := parseHead(b)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	body := b[HeadSize:]
	if int64(len(body)) != 3*int64(h.columns)+4 {
		return fmt.Errorf("%w: %d bytes for %d columns", ErrFormat, len(b), h.columns)
	}
	n := int(h.columns)
	if checksum(body[:3*n]) != le.Uint32(body[3*n:]) {
		return fmt.Errorf("%w: checksum of the columns", ErrFormat)
	}
	q := Peaks{
		Sampled:         h.flags&flagSampled != 0,
		Estimated:       h.flags&flagEstimated != 0,
		SampleRate:      int(le.Uint32(b[8:])),
		SamplesPerPixel: int(le.Uint32(b[12:])),
		Samples:         int64(le.Uint64(b[16:])),
		Loudest:         le.Uint16(b[24:]),
		RMS:             bytes.Clone(body[:n]),
		Min:             make([]int8, n),
		Max:             make([]int8, n),
	}
	for i := range n {
		q.Min[i], q.Max[i] = int8(body[n+2*i]), int8(body[n+2*i+1])
	}
	if err := q.check(); err != nil {
		return err
	}
	if h.version == 1 {
		if perPixel, columns := Columns(q.Samples); q.SampleRate > 48_000 || q.SamplesPerPixel != perPixel || n != columns {
			return fmt.Errorf("%w: no numbers of version 1", ErrFormat)
		}
	}
	if !bytes.Equal(h.overview, q.Overview()) {
		return fmt.Errorf("%w: overview of other columns", ErrFormat)
	}
	*p = q
	return nil
}

// Overview reads the overview of a file from its first HeadSize bytes.
func Overview(r io.Reader) ([]byte, error) {
	var b [HeadSize]byte
	if n, err := io.ReadFull(r, b[:]); err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("%w: %d bytes", ErrFormat, n)
	} else if err != nil {
		return nil, fmt.Errorf("read overview: %w", err)
	}
	h, err := parseHead(b[:])
	return bytes.Clone(h.overview), err
}

// head is what the head of a file says, as far as versions differ in it.
type head struct {
	version, flags uint16
	columns        uint32
	overview       []byte
}

// parseHead checks the head of a file.
func parseHead(b []byte) (h head, err error) {
	if len(b) < HeadSize || string(b[:4]) != magic {
		return h, ErrFormat
	}
	le := binary.LittleEndian
	h.version, h.flags = le.Uint16(b[4:]), le.Uint16(b[6:])
	var n uint32 // columns of the overview
	known := uint16(flagSampled)
	var rest uint16
	switch h.version {
	case 1:
		h.columns, n, rest = uint32(le.Uint16(b[26:])), uint32(le.Uint16(b[28:])), le.Uint16(b[30:])
	case version:
		h.columns, n = le.Uint32(b[28:]), uint32(le.Uint16(b[26:]))
		known |= flagEstimated
	default:
		return h, fmt.Errorf("%w: version %d", ErrFormat, h.version)
	}
	if checksum(b[:headEnd]) != le.Uint32(b[headEnd:]) {
		return h, fmt.Errorf("%w: checksum of the head", ErrFormat)
	}
	if n != min(h.columns, OverviewColumns) || h.flags&^known != 0 || rest != 0 ||
		slices.ContainsFunc(b[overviewAt+n:headEnd], func(c byte) bool { return c != 0 }) {
		return h, fmt.Errorf("%w: head makes no sense", ErrFormat)
	}
	h.overview = b[overviewAt:][:n]
	return h, nil
}

// check says whether p is such as New makes.
func (p *Peaks) check() error {
	n := len(p.RMS)
	if p.SampleRate < minRate || p.SampleRate > maxRate || p.Samples < 1 || p.Samples > maxSamples ||
		p.SamplesPerPixel < 1 || p.SamplesPerPixel > math.MaxInt32 ||
		n != len(p.Min) || n != len(p.Max) || n > MaxFineColumns || p.Loudest < quietest || p.Loudest > 1<<15 {
		return fmt.Errorf("%w: numbers make no sense", ErrFormat)
	}
	if int64(n) != ceil(p.Samples, int64(p.SamplesPerPixel)) {
		return fmt.Errorf("%w: %d columns of %d for %d samples", ErrFormat, n, p.SamplesPerPixel, p.Samples)
	}
	for i := range n {
		if p.Min[i] > p.Max[i] {
			return fmt.Errorf("%w: column %d is upside down", ErrFormat, i)
		}
	}
	return nil
}

// AppendDat appends the waveform in audiowaveform's binary layout, version 2,
// of 8 bits and one channel
// (github.com/bbc/audiowaveform, doc/DataFormat.md).
func (p *Peaks) AppendDat(b []byte) []byte {
	const eightBits = 1
	for _, v := range []int{2, eightBits, p.SampleRate, p.SamplesPerPixel, len(p.RMS), 1} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	for i := range p.Min {
		b = append(b, byte(p.Min[i]), byte(p.Max[i]))
	}
	return b
}

// Data is minimum and maximum of each column in turn, as audiowaveform's JSON
// layout has it.
func (p *Peaks) Data() []int {
	data := make([]int, 0, 2*len(p.Min))
	for i := range p.Min {
		data = append(data, int(p.Min[i]), int(p.Max[i]))
	}
	return data
}

// AppendJSON appends the waveform in audiowaveform's JSON layout, version 2.
func (p *Peaks) AppendJSON(b []byte) []byte {
	b = append(b, `{"version":2,"channels":1,"sample_rate":`...)
	b = strconv.AppendInt(b, int64(p.SampleRate), 10)
	b = append(b, `,"samples_per_pixel":`...)
	b = strconv.AppendInt(b, int64(p.SamplesPerPixel), 10)
	b = append(b, `,"bits":8,"length":`...)
	b = strconv.AppendInt(b, int64(len(p.RMS)), 10)
	b = append(b, `,"data":[`...)
	b = slices.Grow(b, len(p.RMS)*len("-128,127,")+len("]}"))
	for i, v := range p.Data() {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(v), 10)
	}
	return append(b, "]}"...)
}

package peaks

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
)

// The file, version 1, little-endian. A list needs its head alone:
//
//	 0  "EPKS"
//	 4  uint16 version
//	 6  uint16 flags: 1 sampled
//	 8  uint32 sample rate
//	12  uint32 samples per pixel
//	16  uint64 samples
//	24  uint16 Loudest
//	26  uint16 columns
//	28  uint16 columns of the overview
//	30  uint16 0
//	32  overview, 400 bytes, zeros behind
//	432 CRC-32C of all before
//	436 RMS, a byte a column
//	    minimum and maximum, two bytes a column
//	    CRC-32C of all from 436
const (
	magic       = "EPKS"
	version     = 1
	flagSampled = 1
	overviewAt  = 32
	headEnd     = overviewAt + OverviewColumns

	// HeadSize is the size of the part of a file that Overview reads.
	HeadSize = headEnd + 4
)

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// MarshalBinary gives the file. It fails only on a Peaks that Analyse never
// makes.
func (p *Peaks) MarshalBinary() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	n := len(p.RMS)
	b := make([]byte, 0, HeadSize+3*n+4)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint16(b, version)
	var flags uint16
	if p.Sampled {
		flags |= flagSampled
	}
	b = binary.LittleEndian.AppendUint16(b, flags)
	b = binary.LittleEndian.AppendUint32(b, uint32(p.SampleRate))
	b = binary.LittleEndian.AppendUint32(b, uint32(p.SamplesPerPixel))
	b = binary.LittleEndian.AppendUint64(b, uint64(p.Samples))
	b = binary.LittleEndian.AppendUint16(b, p.Loudest)
	b = binary.LittleEndian.AppendUint16(b, uint16(n))
	overview := p.Overview()
	b = binary.LittleEndian.AppendUint16(b, uint16(len(overview)))
	b = append(b, 0, 0)
	b = append(b, overview...)
	b = append(b, make([]byte, headEnd-len(b))...)
	b = binary.LittleEndian.AppendUint32(b, checksum(b))
	b = append(b, p.RMS...)
	for i := range n {
		b = append(b, byte(p.Min[i]), byte(p.Max[i]))
	}
	return binary.LittleEndian.AppendUint32(b, checksum(b[HeadSize:])), nil
}

// UnmarshalBinary reads a file that MarshalBinary made, and nothing else:
// anything odd is an ErrFormat and leaves p as it was.
func (p *Peaks) UnmarshalBinary(b []byte) error {
	overview, err := parseHead(b)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	n := int(le.Uint16(b[26:]))
	body := b[HeadSize:]
	if len(body) != 3*n+4 {
		return fmt.Errorf("%w: %d bytes for %d columns", ErrFormat, len(b), n)
	}
	if checksum(body[:3*n]) != le.Uint32(body[3*n:]) {
		return fmt.Errorf("%w: checksum of the columns", ErrFormat)
	}
	q := Peaks{
		Sampled:         le.Uint16(b[6:])&flagSampled != 0,
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
	if !bytes.Equal(overview, q.Overview()) {
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
	overview, err := parseHead(b[:])
	return bytes.Clone(overview), err
}

// parseHead checks the head of a file and gives the overview in it.
func parseHead(b []byte) ([]byte, error) {
	if len(b) < HeadSize || string(b[:4]) != magic {
		return nil, ErrFormat
	}
	le := binary.LittleEndian
	if v := le.Uint16(b[4:]); v != version {
		return nil, fmt.Errorf("%w: version %d", ErrFormat, v)
	}
	if checksum(b[:headEnd]) != le.Uint32(b[headEnd:]) {
		return nil, fmt.Errorf("%w: checksum of the head", ErrFormat)
	}
	n, columns := int(le.Uint16(b[28:])), int(le.Uint16(b[26:]))
	if n != min(columns, OverviewColumns) || le.Uint16(b[6:])&^flagSampled != 0 || le.Uint16(b[30:]) != 0 ||
		slices.ContainsFunc(b[overviewAt+n:headEnd], func(c byte) bool { return c != 0 }) {
		return nil, fmt.Errorf("%w: head makes no sense", ErrFormat)
	}
	return b[overviewAt:][:n], nil
}

// check says whether p is such as Analyse makes.
func (p *Peaks) check() error {
	n := len(p.RMS)
	if p.SampleRate < 8000 || p.SampleRate > 48000 || p.Samples < 1 || p.Samples > 1<<40 ||
		n != len(p.Min) || n != len(p.Max) || p.Loudest < quietest || p.Loudest > 1<<15 {
		return fmt.Errorf("%w: numbers make no sense", ErrFormat)
	}
	if perPixel, columns := columnsFor(p.Samples); p.SamplesPerPixel != perPixel || n != columns {
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
	for i, v := range p.Data() {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(v), 10)
	}
	return append(b, "]}"...)
}

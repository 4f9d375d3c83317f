// Package flac reads FLAC files (RFC 9639).
//
// A file is judged by its frames, not by what its head promises: a file that
// was cut lasts as long as what is there. Damaged frames are silence of the
// same length, found again at the next frame by the checksum of its header.
// Whatever the bytes, work is in proportion to them and memory stays below
// some ten megabytes, most of it only for frames as large as they may be.
package flac

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What Open and NewReader answer. Errors wrap one of these, or are the
// reader's.
var (
	ErrFormat  = errors.New("not a FLAC file")
	ErrEmpty   = errors.New("FLAC file without a sample in it")
	ErrDamaged = errors.New("FLAC file damaged beyond reading")
)

// maxBlocks bounds how many blocks of metadata are walked past. No program
// writes more than a few dozen.
const maxBlocks = 4096

// The kinds of metadata blocks that are of use outside (RFC 9639, 8.1).
const (
	Comments = 4 // a Vorbis comment
	Picture  = 6
)

const blockInfo = 0 // STREAMINFO

// streamInfo is what the STREAMINFO block says (8.2). The number of samples is
// left out, since it is a claim that the frames prove or disprove.
type streamInfo struct {
	minBlock, maxBlock int // samples of one channel in a block; maxBlock is never 0
	rate               int // Hz
	channels           int
	bits               int // a sample
}

func parseInfo(b []byte) (streamInfo, bool) {
	v := binary.BigEndian.Uint64(b[10:])
	s := streamInfo{
		minBlock: int(binary.BigEndian.Uint16(b)),
		maxBlock: int(binary.BigEndian.Uint16(b[2:])),
		rate:     int(v >> 44),
		channels: int(v>>41&7) + 1,
		bits:     int(v>>36&31) + 1,
	}
	if s.maxBlock == 0 {
		s.maxBlock = maxBlock
	}
	return s, s.rate > 0 && s.bits >= 4
}

// longestFrame is more bytes than any sensible encoder uses for a frame: one
// whose samples are written as they are takes less.
func (s streamInfo) longestFrame() int {
	return s.channels*(s.maxBlock*(s.bits+1)/8+64) + 4096
}

const infoSize = 34

// Walk calls fn for each block of metadata of the file from start, where
// "fLaC" stands, until fn says to stop, and gives where the frames begin:
// ErrFormat where there is no such file, ErrDamaged where a block goes beyond
// it. The first block is always STREAMINFO.
func Walk(r io.ReaderAt, start, size int64, fn func(kind byte, off, n int64) (more bool)) (frames int64, err error) {
	var b [8]byte
	if err := readAt(r, b[:], start, size); err != nil {
		return 0, err
	}
	if string(b[:4]) != "fLaC" {
		return 0, ErrFormat
	}
	at := start + 4
	for i := range maxBlocks {
		if err := readAt(r, b[:4], at, size); err != nil {
			return 0, err
		}
		kind, n := b[0]&0x7f, int64(binary.BigEndian.Uint32(b[:4])&0xffffff)
		at += 4
		if i == 0 && (kind != blockInfo || n != infoSize) {
			return 0, fmt.Errorf("%w: it does not begin with STREAMINFO", ErrDamaged)
		}
		if n > size-at {
			return 0, fmt.Errorf("%w: metadata beyond its end", ErrDamaged)
		}
		if !fn(kind, at, n) {
			return 0, nil
		}
		at += n
		if b[0]&0x80 != 0 {
			return at, nil
		}
	}
	return 0, fmt.Errorf("%w: more than %d blocks of metadata", ErrDamaged, maxBlocks)
}

// readAt fills b, or answers ErrDamaged where the file ends before.
func readAt(r io.ReaderAt, b []byte, off, size int64) error {
	if off+int64(len(b)) > size {
		return fmt.Errorf("%w: cut off in its metadata", ErrDamaged)
	}
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: cut off in its metadata", ErrDamaged)
	}
	return err
}

// File is an opened FLAC file.
type File struct {
	SampleRate int   // Hz
	Channels   int   // 1 to 8
	Bits       int   // a sample, 4 to 32
	Samples    int64 // of one channel, from the first frame to the end of the last
	Bitrate    int   // bits a second, the average of the frames

	r          io.ReaderAt
	info       streamInfo
	start, end int64 // of the frames
	base       int64 // number of the first sample
	fixed      int64 // samples in a block, where frames are numbered by blocks
}

// Open finds out about the file of size bytes that begins at start. Its end is
// looked for from the back, so that mostly little of it is read.
func Open(r io.ReaderAt, start, size int64) (*File, error) {
	var raw [infoSize]byte
	var got error
	begin, err := Walk(r, start, size, func(kind byte, off, n int64) bool {
		if kind == blockInfo {
			got = readAt(r, raw[:], off, size)
		}
		return true
	})
	if err = errors.Join(err, got); err != nil {
		return nil, err
	}
	s, ok := parseInfo(raw[:])
	if !ok {
		return nil, fmt.Errorf("%w: STREAMINFO makes no sense", ErrDamaged)
	}
	f := &File{SampleRate: s.rate, Channels: s.channels, Bits: s.bits, r: r, info: s, start: begin, end: size}
	if err := f.measure(); err != nil {
		return nil, err
	}
	return f, nil
}

// Reader reads the sound from its beginning.
func (f *File) Reader() *Reader {
	r := newReader(io.NewSectionReader(f.r, f.start, f.end-f.start), f.info, f.Samples)
	r.base, r.fixed, r.based = f.base, f.fixed, true
	return r
}

// Span is where the frames stand in the file, from the first to the end of the
// last whole one.
func (f *File) Span() (off, n int64) { return f.start, f.end - f.start }

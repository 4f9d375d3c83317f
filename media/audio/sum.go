package audio

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	"earshot/media/flac"
	"earshot/media/m4a"
	"earshot/media/mp3"
	"earshot/media/ogg"
	"earshot/media/wav"
)

// maxJumps is how many times the sound of a file may go on elsewhere in it.
const maxJumps = 1 << 20

const sumPiece = 128 << 10 // bytes read at a time

// sumBuffers are lent to sums: an import has one after the other.
var sumBuffers = sync.Pool{New: func() any { return new([sumPiece]byte) }}

// Sum is the SHA-256 of the sound of a file that Identify gave info and index
// for, whatever its tags, its pictures and how its container lays it out:
//
//	mp3     the frames that are played, without the one of Xing and LAME
//	FLAC    the frames, in Ogg or not
//	WAV     the samples
//	Vorbis  the codebooks and the packets
//	Opus    the packets
//	AAC     the samples of the track that is played
//
// Before them stand codec, sample rate, channels and bits, without which bytes
// are no sound. A file is read once, in pieces. Errors are those of Open, or
// the reader's.
func Sum(r io.ReaderAt, size int64, info Info, x *mp3.Index) (sum [sha256.Size]byte, err error) {
	buf := sumBuffers.Get().(*[sumPiece]byte)
	defer sumBuffers.Put(buf)
	s := &summer{r: r, h: sha256.New(), buf: buf[:]}
	fmt.Fprintf(s.h, "earshot sound 1\n%s %d %d %d\n", info.Codec, info.SampleRate, info.Channels, info.Bits)
	if x != nil {
		for _, run := range x.Runs() {
			if err := s.span(run.Offset, run.Length); err != nil {
				return sum, err
			}
		}
	} else if err := s.others(size, info); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(s.h.Sum(nil)), nil
}

type summer struct {
	r     io.ReaderAt
	h     hash.Hash
	buf   []byte
	jumps int
}

// span adds a stretch of the file, all of which has to be there.
func (s *summer) span(off, n int64) error {
	if s.jumps++; s.jumps > maxJumps {
		return fmt.Errorf("%w: its sound is scattered", ErrDamaged)
	}
	for n > 0 {
		b := s.buf[:min(n, int64(len(s.buf)))]
		got, err := s.r.ReadAt(b, off)
		s.h.Write(b[:got])
		off += int64(got)
		n -= int64(got)
		if got < len(b) {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}

func (s *summer) others(size int64, info Info) error {
	start, err := behindTags(s.r, size)
	if err != nil {
		return err
	}
	switch {
	case info.Codec == WAV:
		f, err := wav.Open(s.r, start, size)
		if err != nil {
			return ofWAV(err)
		}
		s.h.Write(binary.BigEndian.AppendUint16(nil, f.Format()))
		return s.span(f.Span())
	case info.Codec == AAC:
		err := m4a.Data(s.r, size, s.span)
		return mapped(err, m4a.ErrFormat, m4a.ErrEmpty, m4a.ErrDamaged)
	case info.Codec == FLAC && !info.InOgg:
		f, err := flac.Open(s.r, start, size)
		if err != nil {
			return ofFLAC(err)
		}
		return s.span(f.Span())
	case info.Codec == FLAC, info.Codec == Vorbis, info.Codec == Opus:
		f, err := ogg.Open(io.NewSectionReader(s.r, start, size-start), size-start)
		if err != nil {
			return ofOgg(err)
		}
		s.packet(f.Setup())
		return f.Packets(func(p []byte) {
			if info.Codec == FLAC { // whose frames tell themselves where they end
				s.h.Write(p)
			} else if len(p) > 0 {
				s.packet(p)
			}
		})
	}
	return ErrUndecodable
}

// packet adds a packet behind its length.
func (s *summer) packet(p []byte) {
	if len(p) > 0 {
		s.h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(p))))
		s.h.Write(p)
	}
}

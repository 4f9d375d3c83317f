package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"earshot/media/mp3"
)

// maxTrim is how many samples a player can be told to leave out at the start:
// the 12 bits of LAME's delay, and what the decoder adds to it.
const maxTrim = 4095 + mp3.DecoderDelay

// start is where a stream from a time begins.
type start struct {
	sample int64 // of all that is decoded, the first to be heard
	frame  int   // the first that is sent, or that the primer stands for
	trim   int   // samples before sample in what is decoded
	primed bool  // frame is replaced by a primer
}

// startAt finds the start for a time of what is heard. Times beyond the end
// are taken for the last sample.
//
// A decoder needs more than the frame that holds the sample: the frames whose
// sound overlaps into it, and those that hold main data of them. Where these
// are more than a player can be told to leave out, a primer takes their place.
func startAt(x *mp3.Index, t time.Duration) start {
	spf := int64(x.SamplesPerFrame())
	all := int64(x.Frames()) * spf
	sample := since(max(t, 0), x.SampleRate())
	if x.Tagged() {
		sample += int64(x.Delay()) + mp3.DecoderDelay
	}
	s := start{sample: min(sample, all-1)}
	f := int(s.sample / spf)
	s.frame = f - x.Lead(f)
	if s.sample-int64(s.frame)*spf > maxTrim && !x.FreeFormat() {
		s.frame = f - overlap(x) - 1
		s.primed = true
	}
	s.trim = int(s.sample - int64(s.frame)*spf)
	return s
}

// heardEnd is the sample behind the last that is heard, of all that is decoded.
func heardEnd(x *mp3.Index) int64 {
	end := x.Samples()
	if x.Tagged() {
		end += int64(x.Delay()) + mp3.DecoderDelay
	}
	return min(end, int64(x.Frames())*int64(x.SamplesPerFrame()))
}

// overlap is how many frames sound into the one behind them: a granule into
// the next through the MDCT and most of another one through the filter bank.
func overlap(x *mp3.Index) int {
	if x.Version() == mp3.MPEG1 {
		return 1 // of two granules
	}
	return 2
}

// since tells how far a time is from the start, in whole samples.
func since(t time.Duration, rate int) int64 {
	sec, rest := int64(t/time.Second), int64(t%time.Second)
	return sec*int64(rate) + (rest*int64(rate)+int64(time.Second)/2)/int64(time.Second)
}

// StreamFrom gives a track from a time on, to the sample: the frames that are
// needed, behind a header that tells players how much of their sound to leave
// out. In the first 12 ms of a file without encoder's delay there is no such
// header, since players leave out that much whenever there is one. ErrNoStream
// of what is not mp3.
func (s *Store) StreamFrom(id string, t time.Duration) (*Stream, error) {
	tr, err := s.frames(id)
	if err != nil {
		return nil, err
	}
	x := tr.content.Index
	at := startAt(x, t)
	st, err := s.sound(tr, TypeMP3, "-t"+strconv.FormatInt(at.sample, 36))
	if err != nil {
		return nil, err
	}
	head, err := leader(st.file, x, at)
	if err != nil {
		st.Close()
		return nil, fmt.Errorf("start %s at %v: %w", id, t, err)
	}
	st.addBytes(head)
	st.Lead, st.Samples = int64(at.trim), max(heardEnd(x)-at.sample, 1)
	first := at.frame
	if at.primed {
		first++
	}
	for _, run := range x.Runs() {
		switch end := run.First + run.Frames; {
		case first >= end:
		case first > run.First:
			off := x.FrameOffset(first)
			st.addFile(off, run.Offset+run.Length-off)
		default:
			st.addFile(run.Offset, run.Length)
		}
	}
	return st, nil
}

// leader is what stands before the first frame of the file in a stream from a
// time: the header for players, and the primer if there is one. Free format
// has no room for either in places; it begins a few frames early then.
func leader(r io.ReaderAt, x *mp3.Index, at start) ([]byte, error) {
	if at.trim < mp3.DecoderDelay || at.trim > maxTrim {
		return nil, nil
	}
	head, err := mp3.InfoHeader(x, at.frame, at.trim-mp3.DecoderDelay, x.Padding())
	if errors.Is(err, mp3.ErrUnsupported) {
		return nil, nil
	}
	if err != nil || !at.primed {
		return head, err
	}
	p, err := primer(r, x, at.frame+1)
	return append(head, p...), err
}

// primer makes a silent frame that holds the main data which frame i reaches
// back to, so that it decodes as if all frames before it had been sent. It is
// a frame of the highest bit rate, whose side information is all zeros and
// whose main data ends as that before frame i does (ISO/IEC 11172-3, 2.4.1.7
// and 2.4.3.4.2: main_data_begin counts back over main data alone).
func primer(r io.ReaderAt, x *mp3.Index, i int) ([]byte, error) {
	h, err := frameHeader(r, x, i)
	if err != nil {
		return nil, err
	}
	size, reach := 144*320_000/x.SampleRate(), 511
	if x.Version() != mp3.MPEG1 {
		size, reach = 72*160_000/x.SampleRate(), 255
	}
	b := make([]byte, size)
	const (
		noCRC       = 1 << 16
		highestRate = 14 << 12
		// Sync, version, layer, sampling rate, mode, copyright, original and
		// emphasis: what readers want to be the same in all frames.
		fixed = 0xFFFE0CCF
	)
	binary.BigEndian.PutUint32(b, h&fixed|noCRC|highestRate)

	for at := len(b); i > 0 && reach > 0; {
		i--
		main, err := mainData(r, x, i)
		if err != nil {
			return nil, err
		}
		main = main[max(len(main)-reach, 0):]
		at -= copy(b[at-len(main):], main)
		reach -= len(main)
	}
	return b, nil
}

// mainData reads what frame i holds besides header and side information.
func mainData(r io.ReaderAt, x *mp3.Index, i int) ([]byte, error) {
	b := make([]byte, x.FrameSize(i))
	if _, err := r.ReadAt(b, x.FrameOffset(i)); err != nil {
		return nil, fmt.Errorf("read frame %d: %w", i, err)
	}
	h := binary.BigEndian.Uint32(b)
	const headerSize, crcSize = 4, 2
	skip := headerSize + 32 // of side information
	mono, lsf := h>>6&3 == 3, x.Version() != mp3.MPEG1
	switch {
	case mono && lsf:
		skip = headerSize + 9
	case mono || lsf:
		skip = headerSize + 17
	}
	if h>>16&1 == 0 {
		skip += crcSize
	}
	return b[min(skip, len(b)):], nil
}

func frameHeader(r io.ReaderAt, x *mp3.Index, i int) (uint32, error) {
	var b [4]byte
	if _, err := r.ReadAt(b[:], x.FrameOffset(i)); err != nil {
		return 0, fmt.Errorf("read frame %d: %w", i, err)
	}
	return binary.BigEndian.Uint32(b[:]), nil
}

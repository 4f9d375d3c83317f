package ogg

import (
	"errors"
	"fmt"
	"io"
)

// decoder decodes packets of one codec. It keeps what one packet leaves for
// the next.
type decoder interface {
	// decode gives the n samples of a packet for each channel, or silence and
	// false.
	decode(packet []byte, n int, dst []float32) (ok bool)
	reset()
}

// Reader gives sound as samples, once, from its beginning to its end: exactly
// File.Samples of them. Channels come in the order of WAV. What can't be
// decoded or is missing is silence of the same length.
type Reader struct {
	f       *File
	dec     decoder
	demux   *demuxer
	lengths lengths

	queue   [][]byte
	pos     int64 // granule position of what comes next
	silence int64 // samples of silence that come next
	buf     []float32
	out     []float32 // of buf, what is still to be given
	ended   bool
	missing bool // something is, and how much is not known yet
	holes   int
}

// Reader gives the sound of a Vorbis or Opus file. For FLAC, and for what the
// decoders don't know, it answers ErrUndecodable.
func (f *File) Reader() (*Reader, error) {
	r := &Reader{f: f, lengths: f.head.lengths(), pos: f.origin, demux: newDemuxer(newPages(f.r, f.size, f.data), f.head.serial, maxPacket)}
	longest := maxOpus
	var err error
	switch f.Codec {
	case Opus:
		r.dec, err = newOpusDecoder(&f.head)
	case Vorbis:
		longest = f.head.blocks[1] / 2
		r.dec, err = newVorbisDecoder(&f.head)
	default:
		err = fmt.Errorf("%w: FLAC is read elsewhere", ErrUndecodable)
	}
	if err != nil {
		return nil, err
	}
	r.buf = make([]float32, longest*f.Channels)
	return r, nil
}

// SampleRate is in Hz.
func (r *Reader) SampleRate() int { return r.f.SampleRate }

// Channels is 1 to 8.
func (r *Reader) Channels() int { return r.f.Channels }

// Holes says how many packets could not be decoded so far, and how often
// something was missing.
func (r *Reader) Holes() int { return r.holes }

// Read fills dst with whole rounds of samples of all channels, at least one,
// full scale being ±1. At the end it gives 0 and io.EOF.
func (r *Reader) Read(dst []float32) (int, error) {
	channels := r.f.Channels
	dst = dst[:len(dst)/channels*channels]
	if len(dst) == 0 {
		return 0, io.ErrShortBuffer
	}
	n := 0
	for n < len(dst) {
		switch {
		case len(r.out) > 0:
			k := copy(dst[n:], r.out)
			r.out = r.out[k:]
			n += k
		case r.silence > 0:
			k := int(min(r.silence, int64((len(dst)-n)/channels)))
			clear(dst[n:][:k*channels])
			r.silence -= int64(k)
			n += k * channels
		case r.ended || r.pos >= r.f.end:
			if n == 0 {
				return 0, io.EOF
			}
			return n, nil
		default:
			if err := r.more(); err != nil {
				if n > 0 {
					return n, nil // it will come again
				}
				return 0, err
			}
		}
	}
	return n, nil
}

// more decodes a packet.
func (r *Reader) more() error {
	for len(r.queue) == 0 {
		g, err := r.demux.next(true)
		if errors.Is(err, io.EOF) {
			r.ended = true
			r.quiet(r.f.end - r.pos)
			return nil
		}
		if err != nil {
			return err
		}
		if g.gap {
			r.missing = true
			r.holes++
			r.dec.reset()
			r.lengths.prev = 0
		}
		if r.missing && g.granule != noPacket {
			r.missing = false
			r.gap(g)
		}
		r.queue = g.packets
		if r.silence > 0 {
			return nil
		}
	}
	p := r.queue[0]
	r.queue = r.queue[1:]
	n := r.lengths.next(p)
	if n < 0 {
		r.holes++
		return nil
	}
	if !r.dec.decode(p, n, r.buf) {
		r.holes++
	}
	// Only what lies between begin and end is heard.
	from := min(max(r.f.begin-r.pos, 0), int64(n))
	to := min(max(r.f.end-r.pos, from), int64(n))
	r.out = r.buf[int(from)*r.f.Channels : int(to)*r.f.Channels]
	r.pos += int64(n)
	return nil
}

// quiet puts n samples of silence at the position we are at.
func (r *Reader) quiet(n int64) {
	if n <= 0 {
		return
	}
	from := max(r.pos, r.f.begin)
	r.pos += n
	r.silence = max(0, min(r.pos, r.f.end)-from)
}

// gap is told that something is missing before g, whose granule position says
// how much.
func (r *Reader) gap(g group) {
	l := r.lengths
	start := g.granule
	for _, p := range g.packets {
		start -= int64(max(0, l.next(p)))
	}
	if start <= r.f.end {
		r.quiet(start - r.pos)
	}
}

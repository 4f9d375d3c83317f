// Package ogg reads Ogg files (RFC 3533) with Vorbis (Vorbis I specification),
// Opus (RFC 7845) or FLAC (RFC 9639 §10.1) in them: what they say of
// themselves, how long they are to the sample, and the samples of Vorbis and
// Opus.
//
// Beside the sound there may be other streams that are no sound and no video
// (Skeleton, subtitles); of several streams of sound the first one counts, as
// in browsers. Recordings one after another in one file (chained streams,
// RFC 3533 §4) are refused: Chromium 156 shows the length of the last one, and
// plays the first one or all, depending on their sample rates.
//
// Vorbis and the CELT part of Opus are decoded as by their reference decoders,
// to less than a step of 16 bits; the SILK part, which is for speech, with an
// error 38 dB or more below the sound. Decoders of others get only what was
// checked before: setups of Vorbis that would have them hang or ask for memory
// without end are refused with ErrUndecodable, as are those with floors of
// type 0 and Opus of more than 8 streams. Such files play all the same.
//
// Files come from strangers: time is in proportion to a file's size, and
// memory is bounded, whatever it holds. What is damaged is passed over, and
// where a granule position tells how long it was, that is how long it is.
package ogg

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// The names of File.Codec.
const (
	Vorbis = "vorbis"
	Opus   = "opus"
	FLAC   = "flac"
)

// What Open and Reader answer. Errors wrap one of these, are an
// *UnplayableError, or are the reader's.
var (
	ErrFormat      = errors.New("not an Ogg file")
	ErrEmpty       = errors.New("no sample in the Ogg file")
	ErrDamaged     = errors.New("damaged Ogg file")
	ErrUndecodable = errors.New("no decoder for this kind of Ogg file")
)

// UnplayableError says that a file holds something known that browsers don't
// play, or not as sound.
type UnplayableError struct {
	Name string // what people call it, as in "Speex", "a video"
}

func (e *UnplayableError) Error() string { return "Ogg file with " + e.Name }

const (
	maxStreams  = 64       // streams side by side
	maxHeads    = 64 << 20 // bytes before the sound, which is what a picture may take
	maxSetup    = 1 << 20  // bytes of one header that is needed
	maxPreamble = 1024     // header packets of FLAC
	tailReach   = 4 << 20  // bytes of a file's end where its last page must be
	maxGranule  = 1 << 56  // a granule position; anything beyond is a lie
	perByte     = 4096     // samples that a byte may hold: Opus has 2,880 in a packet, Vorbis 4,096
)

// File is an opened Ogg file.
type File struct {
	Codec      string // Vorbis, Opus or FLAC
	SampleRate int    // Hz; 48000 for Opus
	Channels   int    // 1 to 8
	Samples    int64  // of one channel, exactly those that are heard
	Bitrate    int    // bits a second, the average of the sound's bytes
	Bits       int    // a sample, for FLAC; else 0

	r    io.ReaderAt
	size int64
	head head

	data       int64 // where the sound's first page begins
	origin     int64 // granule position before the first sample that comes out of the decoder
	begin, end int64 // granule positions that are heard
}

// Open reads what the file says of itself: its heads, its first pages and its
// last one.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r, size: size}
	pages := newPages(r, size, 0)
	h, serials, err := streams(pages)
	if err != nil {
		return nil, err
	}
	f.head, f.Codec, f.SampleRate, f.Channels, f.Bits = h, h.codec, h.rate, h.channels, h.bits
	d := newDemuxer(newPages(r, size, 0), h.serial, maxSetup)
	g, err := f.heads(d)
	if err != nil {
		return nil, err
	}
	f.data = g.off
	if err := f.measure(d, g, serials); err != nil {
		return nil, err
	}
	return f, nil
}

// streams reads the first pages of all streams and chooses the one we hear.
// The reader stands behind them then.
func streams(p *pages) (head, []uint32, error) {
	var chosen head
	var serials []uint32
	var other, sound string
	b, err := p.at(0, 4)
	if err != nil {
		return head{}, nil, err
	}
	if len(b) < 4 || string(b[:4]) != capture {
		return head{}, nil, ErrFormat
	}
	for len(serials) < maxStreams {
		at := p.pos
		pg, err := p.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return head{}, nil, err
		}
		if len(serials) == 0 && pg.off != 0 {
			return head{}, nil, fmt.Errorf("%w: its first page is", ErrDamaged)
		}
		if pg.flags&first == 0 {
			p.pos = at
			break
		}
		serials = append(serials, pg.serial)
		h, name := parseHead(firstPacket(pg))
		h.serial = pg.serial
		switch {
		case name == video:
			return head{}, nil, &UnplayableError{name}
		case h.codec != "" && chosen.codec == "":
			chosen = h
		case h.codec == "" && h.sound && sound == "":
			sound = name
		case name != "":
			other = name
		}
	}
	switch {
	case len(serials) == 0:
		return head{}, nil, fmt.Errorf("%w: it has no beginning", ErrDamaged)
	case chosen.codec != "":
		if chosen.bad != "" {
			return head{}, nil, fmt.Errorf("%w: %s", ErrDamaged, chosen.bad)
		}
		if chosen.unplayable != "" {
			return head{}, nil, &UnplayableError{chosen.unplayable}
		}
		return chosen, serials, nil
	case sound != "":
		return head{}, nil, &UnplayableError{sound}
	case other != "":
		return head{}, nil, &UnplayableError{other}
	}
	return head{}, nil, &UnplayableError{"a kind of content that is not known"}
}

// firstPacket is what a page's first packet has on this page.
func firstPacket(p page) []byte {
	n := 0
	for _, l := range p.lacing {
		n += int(l)
		if l < 255 {
			break
		}
	}
	return p.body[:n]
}

// heads reads the header packets and gives the packets that come next.
func (f *File) heads(d *demuxer) (group, error) {
	n := 0
	for d.pages.pos < maxHeads {
		g, err := d.next(false)
		if errors.Is(err, io.EOF) {
			if n >= f.head.least() {
				return group{}, ErrEmpty
			}
			return group{}, fmt.Errorf("%w: it ends before its sound begins", ErrDamaged)
		}
		if err != nil {
			return group{}, err
		}
		for i, p := range g.packets {
			if f.head.take(n, p) {
				n++
				continue
			}
			if n < f.head.least() {
				return group{}, fmt.Errorf("%w: a header is missing", ErrDamaged)
			}
			// Sound begins on a page of its own (RFC 7845 §3; Vorbis I §A.2);
			// where it doesn't, what stands behind the headers is sound.
			g.packets = g.packets[i:]
			if i > 0 {
				g.off = d.pages.pos
				g.packets = nil
				return g, nil
			}
			return g, nil
		}
	}
	return group{}, fmt.Errorf("%w: no sound behind its headers", ErrDamaged)
}

// measure finds how long the sound is.
func (f *File) measure(d *demuxer, g group, serials []uint32) error {
	f.origin = 0
	lengths := f.head.lengths()
	var sum int64
	for {
		for _, p := range g.packets {
			sum += int64(max(0, lengths.next(p)))
		}
		if len(g.packets) > 0 && g.granule != noPacket {
			break
		}
		var err error
		if g, err = d.next(true); errors.Is(err, io.EOF) {
			return ErrEmpty
		} else if err != nil {
			return err
		}
	}
	// A setup we can't read tells no lengths; such a file is taken to begin at 0.
	if f.Codec == Opus || f.Codec == Vorbis && f.head.book != nil {
		f.origin = g.granule - sum
	}
	if f.origin < 0 && (g.flags&last != 0 || f.Codec == Opus) {
		f.origin = 0 // what is too much is to be cut at the end
	}
	any, own, okAny, okOwn, err := lastPages(f.r, f.size, f.data, tailReach, f.head.serial)
	if err != nil {
		return err
	}
	if okAny && !contains(serials, any.serial) {
		return &UnplayableError{"several recordings one after another"}
	}
	if !okOwn { // more rubbish at the end than is usual
		if own.granule, err = f.walk(g.granule); err != nil {
			return err
		}
	}
	if f.origin > maxGranule || own.granule > maxGranule {
		return fmt.Errorf("%w: its time makes no sense", ErrDamaged)
	}
	f.begin, f.end = max(0, f.origin), own.granule
	if f.Codec == Opus {
		f.begin += int64(f.head.preSkip)
	}
	f.Samples = f.end - f.begin
	if f.end < 0 || f.begin > f.end {
		f.Samples = 0
	}
	if f.Samples == 0 {
		return ErrEmpty
	}
	length := f.size - f.data
	if f.Samples/perByte > length {
		return fmt.Errorf("%w: it says to be longer than it can be", ErrDamaged)
	}
	f.Bitrate = int(min(float64(length)*8*float64(f.SampleRate)/float64(f.Samples), math.MaxInt32))
	return nil
}

// walk goes through the whole file for the last page that is there.
func (f *File) walk(granule int64) (int64, error) {
	d := newDemuxer(newPages(f.r, f.size, f.data), f.head.serial, 0)
	for {
		g, err := d.next(false)
		if errors.Is(err, io.EOF) {
			return granule, nil
		}
		if err != nil {
			return 0, err
		}
		if g.granule != noPacket {
			granule = g.granule
		}
	}
}

func contains(serials []uint32, s uint32) bool {
	for _, have := range serials {
		if have == s {
			return true
		}
	}
	return false
}

// Setup is what a decoder needs before the packets, beyond what File tells:
// the codebooks of Vorbis; nothing of others.
func (f *File) Setup() []byte { return f.head.setup }

// Packets calls fn for each packet of the sound, however they are laid out in
// pages. What fn gets holds until it returns.
func (f *File) Packets(fn func(packet []byte)) error {
	d := newDemuxer(newPages(f.r, f.size, 0), f.head.serial, maxSetup)
	g, err := f.heads(d)
	d.limit = maxPacket
	for err == nil {
		for _, p := range g.packets {
			fn(p)
		}
		g, err = d.next(false)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

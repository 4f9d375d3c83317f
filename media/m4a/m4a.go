// Package m4a reads what MP4 files (ISO/IEC 14496-12 and -14) say of the sound
// in them: AAC-LC, HE-AAC and HE-AAC v2, which all browsers play, in whole
// files and in fragmented ones, which Chromium plays and seeks in as well.
// There is no decoder.
//
// Other sound in MP4 is refused by its name, as are videos, files with copy
// protection, and files that are cut: browsers stop with an error where the
// data ends. AAC without a container is refused because its length is but an
// estimate of the browser's.
//
// Boxes are read where they stand, a piece at a time: memory is bounded, and
// time is in proportion to the tables.
package m4a

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// What Open answers. Errors wrap one of these, are an *UnplayableError, or are
// the reader's.
var (
	ErrFormat  = errors.New("not an MP4 file")
	ErrEmpty   = errors.New("no sample in the MP4 file")
	ErrDamaged = errors.New("damaged MP4 file")
)

// UnplayableError says that a file holds something known that browsers don't
// play, or not as sound.
type UnplayableError struct {
	Name string // what people call it, as in "Apple Lossless", "a video"
}

func (e *UnplayableError) Error() string { return "MP4 file with " + e.Name }

// AAC is the name of File.Codec.
const AAC = "aac"

// File is what was found in an MP4 file.
type File struct {
	Codec      string // AAC
	SampleRate int    // Hz, of the decoded sound
	Channels   int    // 1 to 8
	Samples    int64  // of one channel, exactly those that are heard
	Bitrate    int    // bits a second, the average of the sound's bytes
}

const (
	maxRate    = 192000
	maxFrame   = 2048    // samples that a frame of AAC gives, doubled by SBR
	maxMedia   = 1 << 50 // in a track's own time; anything longer is a lie
	maxTracks  = 64
	maxConfig  = 4096 // bytes of a sample's description
	maxPriming = 1 << 14
)

// Open reads what the file says of itself.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &file{r: r, size: size}
	if err := f.sniff(); err != nil {
		return nil, err
	}
	var moov box
	var found, cut bool
	err := f.list(0, size, func(b box) (bool, error) {
		switch b.kind {
		case "moov":
			if !found {
				moov, found = b, true
			}
		case "moof", "mdat":
		default:
			return true, nil // or rubbish at the end, whose length is none
		}
		cut = cut || b.cut
		return true, nil
	})
	switch {
	case err != nil:
		return nil, err
	case !found || cut:
		return nil, fmt.Errorf("%w: it is cut", ErrDamaged)
	}
	m, err := f.movie(moov)
	if err != nil {
		return nil, err
	}
	t, err := m.sound()
	if err != nil {
		return nil, err
	}
	if m.fragmented {
		t.media = t.table // a movie's header may tell of the fragments or not
		err := f.list(0, size, func(b box) (bool, error) {
			if b.kind != "moof" {
				return true, nil
			}
			return true, f.fragment(b, t)
		})
		if err != nil {
			return nil, err
		}
	}
	if f.boxes > maxBoxes {
		return nil, fmt.Errorf("%w: it has too many parts", ErrDamaged)
	}
	return f.measure(m, t)
}

// sniff looks at the file's first bytes.
func (f *file) sniff() error {
	h, err := f.at(0, 12)
	if err != nil {
		return err
	}
	if len(h) < 12 {
		return ErrFormat
	}
	switch string(h[4:8]) {
	case "ftyp":
	case "moov", "mdat", "wide", "pnot":
		return &UnplayableError{"QuickTime"}
	default:
		if isADTS(h) {
			return f.adts()
		}
		if string(h[:4]) == "ADIF" {
			return &UnplayableError{bareAAC}
		}
		return ErrFormat
	}
	switch string(h[8:12]) {
	case "qt  ":
		return &UnplayableError{"QuickTime"}
	case "heic", "heix", "hevc", "hevx", "mif1", "msf1", "avif", "avis", "jpx ", "jp2 ", "crx ":
		return &UnplayableError{"a picture"}
	}
	return nil
}

const bareAAC = "AAC without a container"

// isADTS reports whether h begins like a frame of AAC in a stream
// (ISO/IEC 14496-3 §1.A.3).
func isADTS(h []byte) bool {
	return len(h) >= 7 && h[0] == 0xff && h[1]&0xf6 == 0xf0 && h[2]>>2&15 < byte(len(rates)) && adtsSize(h) >= 7
}

func adtsSize(h []byte) int64 { return int64(h[3]&3)<<11 | int64(h[4])<<3 | int64(h[5]>>5) }

// adts is sure of it when frame follows frame.
func (f *file) adts() error {
	off := int64(0)
	for range 3 {
		h, err := f.at(off, 7)
		if err != nil {
			return err
		}
		if len(h) < 7 && off > 0 && off == f.size {
			break
		}
		if !isADTS(h) {
			return ErrFormat
		}
		off += adtsSize(h)
	}
	return &UnplayableError{bareAAC}
}

// measure makes sense of what was found.
func (f *file) measure(m *movie, t *track) (*File, error) {
	c, err := f.config(t.entry)
	if err != nil {
		return nil, err
	}
	switch {
	case t.frames == 0 || t.media == 0:
		return nil, ErrEmpty
	case t.scale == 0:
		return nil, fmt.Errorf("%w: its time has no scale", ErrDamaged)
	case t.cut || t.bytes > uint64(f.size):
		return nil, fmt.Errorf("%w: it is cut", ErrDamaged)
	}
	toSamples := func(ticks float64, scale uint32) float64 { return ticks * float64(c.rate) / float64(scale) }
	media := toSamples(float64(t.media), t.scale)
	if media > float64(t.frames)*2*maxFrame || media < 1 {
		return nil, fmt.Errorf("%w: its length makes no sense", ErrDamaged)
	}
	heard := media
	switch {
	case t.edited && m.scale > 0:
		heard = media - toSamples(float64(t.start), t.scale)
		// An edit's length is rounded to the movie's ticks, often of 1 ms.
		if edit := toSamples(float64(t.duration), m.scale); t.duration > 0 && edit < heard-toSamples(1, m.scale)-1 {
			heard = edit
		}
	case m.heard > 0:
		// Counted as frames are, before SBR.
		double := float64(c.rate) / float64(c.core)
		heard = min(float64(m.heard)*double, media-float64(m.priming)*double)
	}
	out := &File{Codec: AAC, SampleRate: c.rate, Channels: c.channels, Samples: int64(math.Round(heard))}
	if out.Samples <= 0 {
		return nil, ErrEmpty
	}
	out.Bitrate = int(min(float64(t.bytes)*8*float64(c.rate)/media, math.MaxInt32))
	return out, nil
}

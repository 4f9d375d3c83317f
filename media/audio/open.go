package audio

import (
	"errors"
	"fmt"
	"io"

	"earshot/media/flac"
	"earshot/media/layer3"
	"earshot/media/m4a"
	"earshot/media/mp3"
	"earshot/media/ogg"
	"earshot/media/wav"
)

// FormatError names the format of a file that is not taken. It wraps
// ErrNotAudio or ErrUnplayable.
type FormatError struct {
	Format string // as people know it: "Apple Lossless", "WMA", "WAV with ADPCM", "ZIP"
	err    error
}

func (e *FormatError) Error() string { return e.err.Error() + ": " + e.Format }

// Unwrap gives ErrNotAudio or ErrUnplayable.
func (e *FormatError) Unwrap() error { return e.err }

// Type is the content type of the file, with the codec where the container
// alone does not tell it.
func (i Info) Type() string {
	switch i.Codec {
	case MP3:
		return "audio/mpeg"
	case WAV:
		return "audio/wav"
	case FLAC:
		if i.InOgg { // which some browsers go by
			return "audio/ogg; codecs=flac"
		}
		return "audio/flac"
	case Vorbis:
		return "audio/ogg; codecs=vorbis"
	case Opus:
		return "audio/ogg; codecs=opus"
	case AAC:
		return `audio/mp4; codecs="mp4a.40.2"`
	}
	return "application/octet-stream"
}

// Ext is how names of such files end, without a dot: one of Exts.
func (i Info) Ext() string {
	switch {
	case i.Codec == Vorbis, i.InOgg:
		return "ogg"
	case i.Codec == AAC:
		return "m4a"
	}
	return string(i.Codec)
}

// Exts are all that Info.Ext gives.
var Exts = []string{"mp3", "wav", "flac", "ogg", "opus", "m4a"}

// The limits of what is taken.
const (
	minRate  = 8000
	maxRate  = 192000
	maxHours = 60
)

// maxTags bounds how many ID3v2 tags in front of other formats are stepped over.
const maxTags = 8

// Identify finds out what a file of size bytes holds, by its content alone,
// and reads the index of its frames where that is mp3. Errors are those of
// mp3.Scan, or of Probe.
func Identify(r io.ReaderAt, size int64) (Info, *mp3.Index, error) {
	x, err := mp3.Scan(r, size)
	if err == nil {
		return OfMP3(x), x, nil
	}
	if !errors.Is(err, mp3.ErrNotAudio) {
		return Info{}, nil, err
	}
	info, other := Probe(r, size)
	if other == nil {
		return info, nil, nil
	}
	if errors.Is(other, ErrNotAudio) {
		// Both know some formats by name that are none of these.
		var named *mp3.FormatError
		if errors.As(err, &named) || !errors.As(other, new(*FormatError)) {
			return Info{}, nil, err
		}
	}
	return Info{}, nil, other
}

// OfMP3 is the Info of an mp3 by its index.
func OfMP3(x *mp3.Index) Info {
	return Info{
		Codec: MP3, SampleRate: x.SampleRate(), Channels: x.Channels(), Samples: x.Samples(),
		Bitrate: x.Bitrate(), Variable: x.Variable(),
	}
}

// Probe finds out what a file of size bytes holds, by its content alone,
// whatever its name. It knows all formats but mp3, which mp3.Scan is for: a
// file that may be mp3 gives ErrNotAudio. ID3v2 tags in front are stepped over
// where browsers do so too.
func Probe(r io.ReaderAt, size int64) (Info, error) {
	info, err := probe(r, size)
	if err != nil {
		return Info{}, err
	}
	switch {
	case info.SampleRate < minRate || info.SampleRate > maxRate:
		return Info{}, &FormatError{fmt.Sprintf("sound at %d Hz", info.SampleRate), ErrUnplayable}
	case info.Samples/int64(info.SampleRate) >= maxHours*3600:
		return Info{}, &FormatError{fmt.Sprintf("sound of more than %d hours", maxHours), ErrUnplayable}
	}
	return info, nil
}

// kind is a container.
type kind int

const (
	unknown kind = iota
	isWAV
	isFLAC
	isOgg
	isMP4
)

// container tells the container by the bytes at start.
func container(b []byte) kind {
	switch {
	case wav.Is(b):
		return isWAV
	case len(b) >= 4 && string(b[:4]) == "fLaC":
		return isFLAC
	case len(b) >= 4 && string(b[:4]) == "OggS":
		return isOgg
	case len(b) >= 8 && string(b[4:8]) == "ftyp":
		return isMP4
	}
	return unknown
}

func probe(r io.ReaderAt, size int64) (Info, error) {
	start, err := behindTags(r, size)
	if err != nil {
		return Info{}, err
	}
	head := make([]byte, max(0, min(4096, size-start)))
	n, err := r.ReadAt(head, start)
	if err != nil && !errors.Is(err, io.EOF) {
		return Info{}, err
	}
	head = head[:n]
	switch container(head) {
	case isWAV:
		f, err := wav.Open(r, start, size)
		if err != nil {
			return Info{}, ofWAV(err)
		}
		return Info{Codec: WAV, SampleRate: f.SampleRate, Channels: f.Channels, Samples: f.Samples, Bitrate: f.Bitrate, Bits: f.Bits}, nil
	case isFLAC:
		f, err := flac.Open(r, start, size)
		if err != nil {
			return Info{}, ofFLAC(err)
		}
		return Info{Codec: FLAC, SampleRate: f.SampleRate, Channels: f.Channels, Samples: f.Samples, Bitrate: f.Bitrate, Bits: f.Bits, Variable: true}, nil
	case isOgg:
		f, err := ogg.Open(io.NewSectionReader(r, start, size-start), size-start)
		if err != nil {
			return Info{}, ofOgg(err)
		}
		return Info{Codec: Codec(f.Codec), SampleRate: f.SampleRate, Channels: f.Channels, Samples: f.Samples, Bitrate: f.Bitrate, Bits: f.Bits, Variable: true, InOgg: Codec(f.Codec) == FLAC}, nil
	case isMP4:
		if start > 0 {
			return Info{}, &FormatError{"MP4 with an ID3 tag in front", ErrUnplayable}
		}
		f, err := m4a.Open(r, size)
		if err != nil {
			var no *m4a.UnplayableError
			if errors.As(err, &no) {
				return Info{}, &FormatError{no.Name, ErrUnplayable}
			}
			return Info{}, mapped(err, m4a.ErrFormat, m4a.ErrEmpty, m4a.ErrDamaged)
		}
		return Info{Codec: AAC, SampleRate: f.SampleRate, Channels: f.Channels, Samples: f.Samples, Bitrate: f.Bitrate, Variable: true}, nil
	}
	if name := sniff(head); name != "" {
		return Info{}, &FormatError{name, ErrNotAudio}
	}
	return Info{}, ErrNotAudio
}

// sniff names what is no sound that is taken.
func sniff(head []byte) string {
	if len(head) >= 12 && string(head[:4]) == "RIFX" && string(head[8:12]) == "WAVE" {
		return "WAV of high byte first"
	}
	if len(head) >= 16 && string(head[:16]) == "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00" {
		return "Wave64"
	}
	return mp3.Sniff(head)
}

func ofWAV(err error) error {
	var no *wav.UnplayableError
	if errors.As(err, &no) {
		return &FormatError{"WAV with " + no.Name, ErrUnplayable}
	}
	return mapped(err, wav.ErrFormat, wav.ErrEmpty, wav.ErrDamaged)
}

func ofFLAC(err error) error {
	return mapped(err, flac.ErrFormat, flac.ErrEmpty, flac.ErrDamaged)
}

func ofOgg(err error) error {
	var no *ogg.UnplayableError
	if errors.As(err, &no) {
		return &FormatError{no.Name, ErrUnplayable}
	}
	if errors.Is(err, ogg.ErrUndecodable) {
		return &mappedError{ErrUndecodable, err}
	}
	return mapped(err, ogg.ErrFormat, ogg.ErrEmpty, ogg.ErrDamaged)
}

// mappedError says what a container's error says, and is one of this package.
type mappedError struct{ kind, err error }

func (e *mappedError) Error() string   { return e.err.Error() }
func (e *mappedError) Unwrap() []error { return []error{e.kind, e.err} }

// mapped gives the error of a container as one of this package.
func mapped(err, format, empty, damaged error) error {
	switch {
	case errors.Is(err, format):
		return &mappedError{ErrNotAudio, err}
	case errors.Is(err, empty):
		return &mappedError{ErrEmpty, err}
	case errors.Is(err, damaged):
		return &mappedError{ErrDamaged, err}
	}
	return err
}

// behindTags gives where the file begins behind its ID3v2 tags
// (id3v2.4.0-structure, 3.1). A tag that goes beyond the file is none.
func behindTags(r io.ReaderAt, size int64) (int64, error) {
	start := int64(0)
	for range maxTags {
		var b [10]byte
		if n, err := r.ReadAt(b[:], start); n < len(b) {
			if err == nil || errors.Is(err, io.EOF) {
				break
			}
			return 0, err
		}
		if string(b[:3]) != "ID3" || b[3] == 0xff || b[4] == 0xff || (b[6]|b[7]|b[8]|b[9])&0x80 != 0 {
			break
		}
		n := 10 + (int64(b[6])<<21 | int64(b[7])<<14 | int64(b[8])<<7 | int64(b[9]))
		if b[3] >= 4 && b[5]&0x10 != 0 {
			n += 10 // a footer
		}
		if n >= size-start {
			break
		}
		start += n
	}
	return start, nil
}

// Open reads the sound of a file that Probe, or mp3.Scan, gave info for.
// ErrUndecodable for what plays but can't be decoded here, such as AAC.
func Open(r io.ReaderAt, size int64, info Info) (Reader, error) {
	start, err := behindTags(r, size)
	if err != nil {
		return nil, err
	}
	switch info.Codec {
	case MP3:
		x, err := mp3.Scan(r, size)
		if err != nil {
			if errors.Is(err, mp3.ErrLayer) {
				return nil, &mappedError{ErrUnplayable, err}
			}
			return nil, mapped(err, mp3.ErrNotAudio, mp3.ErrEmpty, mp3.ErrUnsupported)
		}
		return layer3.NewReader(r, x), nil
	case WAV:
		f, err := wav.Open(r, start, size)
		if err != nil {
			return nil, ofWAV(err)
		}
		return f.Reader(), nil
	case FLAC:
		var b [4]byte
		if _, err := r.ReadAt(b[:], start); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if container(b[:]) == isOgg {
			return openOgg(r, start, size)
		}
		f, err := flac.Open(r, start, size)
		if err != nil {
			return nil, ofFLAC(err)
		}
		return f.Reader(), nil
	case Vorbis, Opus:
		return openOgg(r, start, size)
	}
	return nil, ErrUndecodable
}

func openOgg(r io.ReaderAt, start, size int64) (Reader, error) {
	f, err := ogg.Open(io.NewSectionReader(r, start, size-start), size-start)
	if err != nil {
		return nil, ofOgg(err)
	}
	if f.Codec == ogg.FLAC {
		in, err := flac.NewReader(f.FLAC(), f.Samples)
		if err != nil {
			return nil, ofFLAC(err)
		}
		return in, nil
	}
	in, err := f.Reader()
	if err != nil {
		return nil, ofOgg(err)
	}
	return in, nil
}

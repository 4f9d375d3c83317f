// Package wav reads RIFF WAVE files: those of Microsoft's Multimedia
// Programming Interface 1.0 with WAVE_FORMAT_EXTENSIBLE, and those beyond 4 GB
// of EBU Tech 3306 (RF64) and ITU-R BS.2088 (BW64).
//
// What the file holds counts, not what it promises: sizes of 0 or without end,
// as programs write them that don't know yet, stand for what is there, and so
// does a size beyond the file. Of formats, those are known that browsers play
// (tried with Chromium): PCM of 8, 16, 24 and 32 bits, floating point of 32,
// A-law and µ-law (ITU-T G.711).
package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What Open answers. Errors wrap one of these, are an *UnplayableError, or are
// the reader's.
var (
	ErrFormat  = errors.New("not a WAV file")
	ErrEmpty   = errors.New("WAV file without a sample in it")
	ErrDamaged = errors.New("WAV file damaged beyond reading")
)

// UnplayableError says that a file holds something known that browsers don't
// play.
type UnplayableError struct {
	Name string // what people call it, as in "ADPCM"
}

func (e *UnplayableError) Error() string { return "WAV file with " + e.Name }

const (
	maxChunks   = 4096
	maxChannels = 8
	maxFormat   = 40 // bytes of a fmt chunk that are looked at
	unknownSize = 1<<32 - 1
)

// The formats (RFC 2361 and mmreg.h).
const (
	tagPCM        = 1
	tagFloat      = 3
	tagALaw       = 6
	tagMuLaw      = 7
	tagExtensible = 0xfffe
)

// others are formats that are known by name.
var others = map[uint16]string{
	0x0002: "ADPCM", 0x0011: "ADPCM", 0x0017: "ADPCM", 0x0020: "ADPCM", 0x0064: "ADPCM", 0x0065: "ADPCM", 0x0069: "ADPCM",
	0x0008: "DTS", 0x2001: "DTS",
	0x0031: "GSM", 0x0032: "GSM", 0x1500: "GSM",
	0x0022: "TrueSpeech", 0x0042: "G.723", 0x0083: "G.729",
	0x0050: "MPEG audio", 0x0055: "MPEG audio",
	0x0092: "AC-3", 0x2000: "AC-3",
	0x00ff: "AAC", 0x1600: "AAC", 0x1610: "AAC", 0x4143: "AAC", 0x706d: "AAC", 0xa106: "AAC",
	0x0160: "WMA", 0x0161: "WMA", 0x0162: "WMA", 0x0163: "WMA",
	0x0270: "ATRAC3", 0xa109: "Speex", 0xf1ac: "FLAC", 0x566f: "Vorbis",
	0x674f: "Vorbis", 0x6750: "Vorbis", 0x6751: "Vorbis", 0x676f: "Vorbis", 0x6770: "Vorbis", 0x6771: "Vorbis",
}

// subFormat is the GUID of extensible formats behind the format's two bytes
// (KSDATAFORMAT_SUBTYPE_WAVEFORMATEX).
const subFormat = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"

// File is an opened WAV file.
type File struct {
	SampleRate int   // Hz
	Channels   int   // 1 to 8
	Bits       int   // a sample as it stands in the file: 8, 16, 24 or 32
	Samples    int64 // of one channel
	Bitrate    int   // bits a second

	r      io.ReaderAt
	decode func(dst []float32, src []byte)
	off    int64 // of the sound
	tag    uint16
}

// Span is where the samples stand in the file.
func (f *File) Span() (off, n int64) { return f.off, f.Samples * int64(f.round()) }

// Format is how they are written, a number of RFC 2361.
func (f *File) Format() uint16 { return f.tag }

// Is says whether b, twelve bytes, begins a WAV file.
func Is(b []byte) bool {
	return len(b) >= 12 && (string(b[:4]) == "RIFF" || is64(b)) && string(b[8:12]) == "WAVE"
}

func is64(b []byte) bool { return string(b[:4]) == "RF64" || string(b[:4]) == "BW64" }

// Walk calls fn for each chunk of the file that begins at start, until fn says
// to stop. off and n are where its content stands, all of it within the file.
func Walk(r io.ReaderAt, start, size int64, fn func(id string, off, n int64) (more bool)) error {
	var b [16]byte
	if n, err := readAt(r, b[:12], start, size); err != nil {
		return err
	} else if n < 12 || !Is(b[:]) {
		return ErrFormat
	}
	large := is64(b[:])
	var data64 uint64 // size of data by the ds64 chunk
	at := start + 12
	for range maxChunks {
		if n, err := readAt(r, b[:8], at, size); err != nil || n < 8 {
			return err
		}
		id := string(b[:4])
		said := uint64(binary.LittleEndian.Uint32(b[4:]))
		at += 8
		left := size - at
		switch {
		case id == "data" && large && data64 != 0 && said >= unknownSize:
			said = data64
		case id == "data" && said == 0 && left > 0:
			whole, err := chunksFollow(r, at, size)
			if err != nil {
				return err
			}
			if !whole {
				said = unknownSize
			}
		}
		n := left
		if said < uint64(left) {
			n = int64(said)
		}
		if id == "data" && said == unknownSize {
			n = left // by chance the file could be that large
		}
		if id == "ds64" && n >= 16 {
			if got, err := readAt(r, b[:16], at, size); err != nil {
				return err
			} else if got == 16 {
				data64 = binary.LittleEndian.Uint64(b[8:])
			}
		}
		if !fn(id, at, n) {
			return nil
		}
		at += n + n&1
	}
	return nil
}

// chunksFollow says whether chunks stand from at to the end of the file, one
// behind the other, so that a size of 0 before them may be true.
func chunksFollow(r io.ReaderAt, at, size int64) (bool, error) {
	var b [8]byte
	for range maxChunks {
		if at >= size {
			return true, nil
		}
		n, err := readAt(r, b[:], at, size)
		if err != nil || n < 8 {
			return false, err
		}
		for _, c := range b[:4] {
			if c < ' ' || c > '~' {
				return false, nil
			}
		}
		body := int64(binary.LittleEndian.Uint32(b[4:]))
		if body > size-at-8 {
			return false, nil
		}
		at += 8 + body + body&1
	}
	return false, nil
}

// readAt reads what there is of b before size. Only errors of r are given.
func readAt(r io.ReaderAt, b []byte, off, size int64) (int, error) {
	if off >= size {
		return 0, nil
	}
	n, err := r.ReadAt(b[:min(int64(len(b)), size-off)], off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// Open finds out about the file of size bytes that begins at start.
func Open(r io.ReaderAt, start, size int64) (*File, error) {
	var raw []byte
	var dataOff, dataLen int64
	var failed error
	err := Walk(r, start, size, func(id string, off, n int64) bool {
		switch {
		case id == "fmt " && raw == nil:
			raw = make([]byte, min(n, maxFormat))
			var got int
			got, failed = readAt(r, raw, off, size)
			raw = raw[:got]
		case id == "data":
			dataOff, dataLen = off, n // of several, browsers play the last one
		}
		return failed == nil
	})
	if err = errors.Join(err, failed); err != nil {
		return nil, err
	}
	if raw == nil {
		return nil, fmt.Errorf("%w: nothing says how the sound is written", ErrDamaged)
	}
	f := &File{r: r, off: dataOff}
	if err := f.format(raw); err != nil {
		return nil, err
	}
	if f.Samples = dataLen / int64(f.round()); f.Samples == 0 {
		return nil, ErrEmpty
	}
	return f, nil
}

// round is how many bytes a sample of all channels takes.
func (f *File) round() int { return f.Channels * f.Bits / 8 }

// format takes over the content of the fmt chunk. Its block size and byte rate
// say nothing new, and are often wrong.
func (f *File) format(b []byte) error {
	if len(b) < 16 {
		return fmt.Errorf("%w: it does not say how the sound is written", ErrDamaged)
	}
	tag := binary.LittleEndian.Uint16(b)
	f.Channels = int(binary.LittleEndian.Uint16(b[2:]))
	rate := binary.LittleEndian.Uint32(b[4:])
	bits := int(binary.LittleEndian.Uint16(b[14:]))
	valid := bits
	if tag == tagExtensible {
		if len(b) < 40 {
			return fmt.Errorf("%w: half of its format is missing", ErrDamaged)
		}
		if string(b[26:40]) != subFormat {
			return &UnplayableError{Name: "an unknown kind of sound"}
		}
		tag = binary.LittleEndian.Uint16(b[24:])
		if v := int(binary.LittleEndian.Uint16(b[18:])); v != 0 {
			valid = v
		}
	}
	if f.Channels == 0 || rate == 0 || rate > 1<<30 || bits == 0 && tag < 8 {
		return fmt.Errorf("%w: %d channels, %d Hz, %d bits", ErrDamaged, f.Channels, rate, bits)
	}
	f.SampleRate = int(rate)
	bytes := (bits + 7) / 8
	switch {
	case tag == tagPCM && bytes == 1:
		f.decode = fromU8
	case tag == tagPCM && bytes == 2:
		f.decode = fromS16
	case tag == tagPCM && bytes == 3:
		f.decode = fromS24
	case tag == tagPCM && bytes == 4 && (valid+7)/8 == bytes:
		f.decode = fromS32
	case tag == tagPCM && (valid+7)/8 < bytes: // 24 in 32, which Chromium refuses
		return &UnplayableError{Name: fmt.Sprintf("samples of %d bits in %d", valid, bits)}
	case tag == tagFloat && bits == 32:
		f.decode = fromF32
	case tag == tagALaw && bits == 8:
		f.decode = fromALaw
	case tag == tagMuLaw && bits == 8:
		f.decode = fromMuLaw
	case tag == tagFloat || tag == tagPCM:
		return &UnplayableError{Name: fmt.Sprintf("samples of %d bits", bits)}
	case others[tag] != "":
		return &UnplayableError{Name: others[tag]}
	default:
		return &UnplayableError{Name: "an unknown kind of sound"}
	}
	if f.Channels > maxChannels {
		return &UnplayableError{Name: fmt.Sprintf("%d channels", f.Channels)}
	}
	f.tag = tag
	f.Bits = 8 * bytes
	f.Bitrate = int(min(int64(f.SampleRate)*int64(f.round())*8, 1<<31-1))
	return nil
}

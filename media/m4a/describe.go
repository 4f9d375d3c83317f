package m4a

import (
	"encoding/binary"
	"fmt"
)

// Names of sound that browsers don't play in MP4, or not all of them.
var entries = map[string]string{
	"alac": "Apple Lossless", "drms": protection, "enca": protection, "drmi": protection, "encv": protection,
	"ac-3": "Dolby Digital", "ec-3": "Dolby Digital Plus", "ac-4": "Dolby AC-4", "mlpa": "Dolby TrueHD", "dtsc": "DTS", "dtse": "DTS", "dtsh": "DTS", "dtsl": "DTS",
	"samr": "AMR", "sawb": "AMR", "sawp": "AMR", "fLaC": "FLAC in MP4", "Opus": "Opus in MP4", ".mp3": "MP3 in MP4", "mha1": "MPEG-H", "mhm1": "MPEG-H",
	"lpcm": plain, "sowt": plain, "twos": plain, "in24": plain, "in32": plain, "fl32": plain, "fl64": plain, "ipcm": plain, "fpcm": plain, "raw ": plain,
	"ulaw": "G.711 in MP4", "alaw": "G.711 in MP4", "ima4": "ADPCM in MP4", "Qclp": "QCELP",
}

const (
	protection = "copy protection"
	plain      = "uncompressed sound in MP4"
)

// The same by the object type of esds (mp4ra.org).
var objectTypes = map[byte]string{
	0x66: "AAC Main", 0x68: "AAC SSR", 0x69: "MP3 in MP4", 0x6b: "MP3 in MP4", 0xa5: "Dolby Digital", 0xa6: "Dolby Digital Plus",
	0xa9: "DTS", 0xdd: "Vorbis in MP4", 0xad: "Opus in MP4", 0xe1: "QCELP",
}

// config finds what kind of sound a description tells of.
func (f *file) config(e box) (config, error) {
	if name := entries[e.kind]; name != "" {
		return config{}, &UnplayableError{name}
	}
	if e.kind != "mp4a" {
		return config{}, &UnplayableError{"a kind of sound that is not known"}
	}
	h, err := f.at(e.off, 28) // §12.2.3
	if err != nil {
		return config{}, err
	}
	bad := fmt.Errorf("%w: its sound is not described", ErrDamaged)
	if len(h) < 28 {
		return config{}, bad
	}
	skip := []int64{28, 28 + 16, 28 + 36, 28}[min(3, binary.BigEndian.Uint16(h[8:]))] // QuickTime's versions
	esds, ok, err := f.find(e, skip, "esds")
	if err == nil && !ok {
		var wave box
		if wave, ok, err = f.find(e, skip, "wave"); err == nil && ok {
			esds, ok, err = f.find(wave, 0, "esds")
		}
	}
	if err != nil {
		return config{}, err
	}
	if !ok {
		return config{}, bad
	}
	b, err := f.at(esds.off, int(min(esds.len(), maxConfig)))
	if err != nil {
		return config{}, err
	}
	kind, asc := descriptor(b)
	if name := objectTypes[kind]; name != "" {
		return config{}, &UnplayableError{name}
	}
	if kind != 0x40 && kind != 0x67 {
		return config{}, bad
	}
	c, ok := parseConfig(asc)
	switch {
	case !ok:
		return config{}, bad
	case c.object != aacLC:
		if name := objects[c.object]; name != "" {
			return config{}, &UnplayableError{name}
		}
		return config{}, &UnplayableError{"a kind of sound that is not known"}
	case c.channels > 8 || c.rate > maxRate || c.rate != c.core && c.rate != 2*c.core:
		return config{}, &UnplayableError{"AAC of a kind for special uses"}
	}
	return c, nil
}

// descriptor reads an elementary stream's descriptors (ISO/IEC 14496-1 §7.2.6):
// the object type and what is specific to the decoder.
func descriptor(b []byte) (kind byte, specific []byte) {
	if len(b) < 4 {
		return 0, nil
	}
	b = b[4:]
	for len(b) > 0 {
		tag, body, rest, ok := tagged(b)
		if !ok {
			return kind, nil
		}
		switch tag {
		case 3: // ES_Descriptor: its fields, then others in it
			if len(body) < 3 {
				return 0, nil
			}
			flags := body[2]
			body = body[3:]
			n := 0
			if flags&0x80 != 0 {
				n += 2
			}
			if flags&0x40 != 0 && n < len(body) {
				n += 1 + int(body[n])
			}
			if flags&0x20 != 0 {
				n += 2
			}
			b = body[min(n, len(body)):]
		case 4: // DecoderConfigDescriptor
			if len(body) < 13 {
				return 0, nil
			}
			kind = body[0]
			b = body[13:]
		case 5: // DecoderSpecificInfo
			return kind, body
		default:
			b = rest
		}
	}
	return kind, nil
}

// tagged cuts a descriptor off b. Its length is in one to four bytes of seven
// bits; a length beyond what is there is cut.
func tagged(b []byte) (tag byte, body, rest []byte, ok bool) {
	tag, b = b[0], b[1:]
	n := 0
	for i := 0; ; i++ {
		if i == 4 || i == len(b) {
			return 0, nil, nil, false
		}
		n = n<<7 | int(b[i]&0x7f)
		if b[i]&0x80 == 0 {
			b = b[i+1:]
			break
		}
	}
	n = min(n, len(b))
	return tag, b[:n], b[n:], true
}

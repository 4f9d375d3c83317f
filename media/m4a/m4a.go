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
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strconv"
	"strings"
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

// movie is a moov box.
type movie struct {
	scale      uint32 // ticks a second
	tracks     []*track
	fragmented bool
	priming    int64 // iTunes' gapless info, in samples
	heard      int64
}

// track is a trak box.
type track struct {
	id      uint32
	handler string
	entry   box // of its first sample's description; its kind is the codec
	scale   uint32
	media   uint64 // length, in ticks of scale
	table   uint64 // the same by the samples in the table
	frames  uint64
	bytes   uint64
	cut     bool // data lies beyond the file

	edited   bool
	start    int64  // of the media, where the edit begins
	duration uint64 // of the edit, in ticks of the movie

	lastDuration, lastSize uint32 // by default, in fragments
}

// movie reads a moov box.
func (f *file) movie(moov box) (*movie, error) {
	m := &movie{}
	err := f.children(moov, 0, func(b box) error {
		switch b.kind {
		case "mvhd":
			scale, _, err := f.header(b)
			m.scale = scale
			return err
		case "trak":
			if len(m.tracks) < maxTracks {
				t, err := f.track(b)
				m.tracks = append(m.tracks, t)
				return err
			}
		case "mvex":
			m.fragmented = true
		case "udta":
			return f.gapless(m, b)
		}
		return nil
	})
	if err != nil || !m.fragmented {
		return m, err
	}
	mvex, _, err := f.find(moov, 0, "mvex")
	if err != nil {
		return nil, err
	}
	return m, f.children(mvex, 0, func(b box) error { // §8.8.3
		if b.kind != "trex" {
			return nil
		}
		h, err := f.at(b.off, 24)
		if len(h) == 24 {
			for _, t := range m.tracks {
				if t.id == binary.BigEndian.Uint32(h[4:]) {
					t.lastDuration, t.lastSize = binary.BigEndian.Uint32(h[12:]), binary.BigEndian.Uint32(h[16:])
				}
			}
		}
		return err
	})
}

// header reads time scale and duration of a movie's or a media's header
// (§8.2.2, 8.4.2).
func (f *file) header(b box) (scale uint32, duration uint64, err error) {
	h, err := f.at(b.off, 32)
	switch {
	case len(h) >= 32 && h[0] == 1:
		return binary.BigEndian.Uint32(h[20:]), binary.BigEndian.Uint64(h[24:]), err
	case len(h) >= 20:
		return binary.BigEndian.Uint32(h[12:]), uint64(binary.BigEndian.Uint32(h[16:])), err
	}
	return 0, 0, err
}

// track reads a trak box.
func (f *file) track(trak box) (*track, error) {
	t := &track{}
	var mdia, minf, stbl box
	err := f.children(trak, 0, func(b box) error {
		switch b.kind {
		case "tkhd":
			h, err := f.at(b.off, 24)
			if len(h) == 24 && h[0] == 1 {
				t.id = binary.BigEndian.Uint32(h[20:])
			} else if len(h) >= 16 {
				t.id = binary.BigEndian.Uint32(h[12:])
			}
			return err
		case "edts":
			elst, ok, err := f.find(b, 0, "elst")
			if err != nil || !ok {
				return err
			}
			return f.edits(t, elst)
		case "mdia":
			mdia = b
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	err = f.children(mdia, 0, func(b box) (err error) {
		switch b.kind {
		case "mdhd":
			t.scale, t.media, err = f.header(b)
		case "hdlr":
			h, err := f.at(b.off, 12)
			if len(h) == 12 {
				t.handler = string(h[8:])
			}
			return err
		case "minf":
			minf = b
		}
		return err
	})
	if err != nil {
		return t, err
	}
	stbl, _, err = f.find(minf, 0, "stbl")
	if err != nil {
		return t, err
	}
	err = f.samples(t, stbl)
	if t.table > 0 {
		t.media = t.table
	}
	return t, err
}

// edits reads an edit list (§8.6.6). Pauses in it are not heard as part of the
// sound; what begins it is where the sound begins.
func (f *file) edits(t *track, b box) error {
	h, err := f.at(b.off, 8)
	if err != nil || len(h) < 8 {
		return err
	}
	count := binary.BigEndian.Uint32(h[4:])
	size := 12
	if h[0] == 1 {
		size = 20
	}
	return f.table(b, 8, count, size, func(e []byte) {
		var duration uint64
		var start int64
		if size == 20 {
			duration, start = binary.BigEndian.Uint64(e), int64(binary.BigEndian.Uint64(e[8:]))
		} else {
			duration, start = uint64(binary.BigEndian.Uint32(e)), int64(int32(binary.BigEndian.Uint32(e[4:])))
		}
		if start < 0 {
			return
		}
		if !t.edited {
			t.edited, t.start, t.duration = true, start, duration
		} else {
			t.duration += duration
		}
		t.duration = min(t.duration, maxMedia)
	})
}

// samples reads the tables of a track's samples.
func (f *file) samples(t *track, stbl box) error {
	return f.children(stbl, 0, func(b box) error {
		h, err := f.at(b.off, 12)
		if err != nil || len(h) < 8 {
			return err
		}
		count := binary.BigEndian.Uint32(h[4:])
		switch b.kind {
		case "stsd": // §8.5.2
			return f.list(b.off+8, b.end, func(e box) (bool, error) {
				t.entry = e
				return false, nil
			})
		case "stts": // §8.6.1.2
			var sum uint64
			err := f.table(b, 8, count, 8, func(e []byte) {
				hi, n := bits.Mul64(uint64(binary.BigEndian.Uint32(e)), uint64(binary.BigEndian.Uint32(e[4:])))
				if sum += n; hi != 0 || sum > maxMedia {
					sum = maxMedia
				}
			})
			t.table = sum
			return err
		case "stsz": // §8.7.3
			if len(h) < 12 {
				return nil
			}
			size, count := binary.BigEndian.Uint32(h[4:]), binary.BigEndian.Uint32(h[8:])
			t.frames = uint64(count)
			if size != 0 {
				t.bytes = uint64(size) * uint64(count)
				return nil
			}
			t.frames, t.bytes = 0, 0
			return f.table(b, 12, count, 4, func(e []byte) {
				t.frames++
				t.bytes += uint64(binary.BigEndian.Uint32(e))
			})
		case "stco", "co64": // §8.7.5
			n := 4
			if b.kind == "co64" {
				n = 8
			}
			return f.table(b, 8, count, n, func(e []byte) {
				off := uint64(binary.BigEndian.Uint32(e))
				if n == 8 {
					off = binary.BigEndian.Uint64(e)
				}
				t.cut = t.cut || off >= uint64(f.size)
			})
		}
		return nil
	})
}

// fragment adds what a moof box has of a track (§8.8).
func (f *file) fragment(moof box, t *track) error {
	return f.children(moof, 0, func(traf box) error {
		if traf.kind != "traf" {
			return nil
		}
		duration, size, ours := t.lastDuration, t.lastSize, false
		return f.children(traf, 0, func(b box) error {
			h, err := f.at(b.off, 40)
			if err != nil || len(h) < 8 {
				return err
			}
			flags := binary.BigEndian.Uint32(h) & 0xffffff
			switch b.kind {
			case "tfhd":
				ours = binary.BigEndian.Uint32(h[4:]) == t.id
				at := 8
				for _, field := range []struct {
					flag uint32
					size int
					to   *uint32
				}{{1, 8, nil}, {2, 4, nil}, {8, 4, &duration}, {16, 4, &size}} {
					if flags&field.flag == 0 {
						continue
					}
					if at+field.size > len(h) {
						return nil
					}
					if field.to != nil {
						*field.to = binary.BigEndian.Uint32(h[at:])
					}
					at += field.size
				}
			case "trun":
				if ours {
					return f.run(b, flags, binary.BigEndian.Uint32(h[4:]), duration, size, t)
				}
			}
			return nil
		})
	})
}

// run adds a trun box (§8.8.8).
func (f *file) run(b box, flags, count, duration, size uint32, t *track) error {
	skip := int64(8)
	for _, flag := range []uint32{1, 4} {
		if flags&flag != 0 {
			skip += 4
		}
	}
	width, sizeAt := 0, 0
	for _, flag := range []uint32{0x100, 0x200, 0x400, 0x800} {
		if flags&flag == 0 {
			continue
		}
		if flag == 0x200 {
			sizeAt = width
		}
		width += 4
	}
	add := func(n uint64, duration, size uint32) {
		t.frames += n
		t.bytes = min(t.bytes+min(n*uint64(size), maxMedia), maxMedia)
		t.media = min(t.media+min(n*uint64(duration), maxMedia), maxMedia)
	}
	if width == 0 {
		add(uint64(count), duration, size)
		return nil
	}
	return f.table(b, skip, count, width, func(e []byte) {
		if flags&0x100 != 0 {
			duration = binary.BigEndian.Uint32(e)
		}
		if flags&0x200 != 0 {
			size = binary.BigEndian.Uint32(e[sizeAt:])
		}
		add(1, duration, size)
	})
}

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

// sound chooses the track that is heard: the first one of sound. A file with a
// video is one; pictures of chapters are none.
func (m *movie) sound() (*track, error) {
	var chosen *track
	for _, t := range m.tracks {
		switch t.handler {
		case "soun":
			if chosen == nil {
				chosen = t
			}
		case "vide":
			switch t.entry.kind {
			case "jpeg", "mjpa", "mjpb", "png ", "tiff", "gif ":
			default:
				return nil, &UnplayableError{"a video"}
			}
		}
	}
	if chosen == nil {
		return nil, &UnplayableError{"no sound in it"}
	}
	return chosen, nil
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

// Tags says where the file's list of tags stands (the content of the ilst box,
// as iTunes writes it): n is 0 where there is none. All errors are those of r.
func Tags(r io.ReaderAt, size int64) (off, n int64, err error) {
	f := &file{r: r, size: size}
	moov, ok, err := f.find(box{end: size}, 0, "moov")
	if err != nil || !ok {
		return 0, 0, err
	}
	ilst, ok, err := f.ilst(moov)
	if err == nil && !ok {
		var udta box
		if udta, ok, err = f.find(moov, 0, "udta"); err == nil && ok {
			ilst, ok, err = f.ilst(udta)
		}
	}
	if err != nil || !ok {
		return 0, 0, err
	}
	return ilst.off, ilst.len(), nil
}

// ilst finds the list of tags in a box's meta.
func (f *file) ilst(in box) (box, bool, error) {
	meta, ok, err := f.find(in, 0, "meta")
	if err != nil || !ok {
		return box{}, false, err
	}
	skip, err := f.metaSkip(meta)
	if err != nil {
		return box{}, false, err
	}
	return f.find(meta, skip, "ilst")
}

// gapless reads iTunes' note of how many samples the encoder put before the
// sound, and how many of it there are: " 00000000 00000840 000001CA
// 00000000003F31F6 …" under the name iTunSMPB.
func (f *file) gapless(m *movie, udta box) error {
	ilst, ok, err := f.ilst(udta)
	if err != nil || !ok {
		return err
	}
	return f.children(ilst, 0, func(b box) error {
		if b.kind != "----" {
			return nil
		}
		name, ok, err := f.find(b, 0, "name")
		if err != nil || !ok || name.len() != 4+8 {
			return err
		}
		h, err := f.at(name.off+4, 8)
		if err != nil || string(h) != "iTunSMPB" {
			return err
		}
		data, ok, err := f.find(b, 0, "data")
		if err != nil || !ok {
			return err
		}
		h, err = f.at(data.off+min(8, data.len()), int(min(200, max(0, data.len()-8))))
		fields := strings.Fields(string(h))
		if err != nil || len(fields) < 4 {
			return err
		}
		priming, err1 := strconv.ParseInt(fields[1], 16, 64)
		heard, err2 := strconv.ParseInt(fields[3], 16, 64)
		if err1 == nil && err2 == nil && priming >= 0 && priming < maxPriming && heard > 0 && heard < maxMedia {
			m.priming, m.heard = priming, heard
		}
		return nil
	})
}

package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"

	"earshot/media/audio"
	"earshot/media/mp3"
)

// The files of a track.
const (
	indexName = "frames.idx"
	peaksName = "peaks"
	fineName  = "peaks-fine"
)

// audioName is the name of an original with an extension of audio.Exts.
func audioName(ext string) string { return "audio." + ext }

// codecs are those that originals can have.
var codecs = []audio.Codec{audio.MP3, audio.WAV, audio.FLAC, audio.Vorbis, audio.Opus, audio.AAC}

// record is what frames.idx holds: which file it was that was kept, and what
// sound is in it.
type record struct {
	id      string
	size    int64
	sum     [32]byte // SHA-256 of the file
	print   [16]byte // see fingerprint
	ext     string   // of the file's name
	content Content
}

// The layout of frames.idx, numbers big-endian: the sign with the layout's
// number, the length of the id in one byte, the id, the file's size in eight,
// SHA-256, fingerprint, the length of the name's extension in one byte, the
// extension, the codec likewise (flacInOgg for FLAC in Ogg), what is known of
// the sound, and the CRC-32C of all before it.
//
// What is known of an mp3 is the frame index. Of others it is, in turn, sample
// rate in four bytes, channels in one, samples in eight, bit rate in eight,
// bits in one, and one for whether the bit rate is variable.
//
// Layout 1 had no extension and no codec: it is of an mp3, in audio.mp3.
const (
	recordSign  = "earshot\x02"
	recordSign1 = "earshot\x01"
	recordFixed = len(recordSign) + 1 + 8 + 32 + 16 + 4
	infoSize    = 4 + 1 + 8 + 8 + 1 + 1
	flacInOgg   = "flac in ogg"

	// maxSamples is more than any file has: decades of sound.
	maxSamples = 1 << 48

	// maxRecord is how large a frames.idx may be: the index of the longest
	// track takes half of it.
	maxRecord = 32 << 20
)

var errRecord = errors.New("frame index can't be read")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (r record) encode() ([]byte, error) {
	var known []byte
	if x := r.content.Index; x != nil {
		var err error
		if known, err = x.MarshalBinary(); err != nil {
			return nil, err
		}
	} else {
		known = appendInfo(nil, r.content.Info)
	}
	b := make([]byte, 0, recordFixed+len(r.id)+32+len(known))
	b = append(b, recordSign...)
	b = appendText(b, r.id)
	b = binary.BigEndian.AppendUint64(b, uint64(r.size))
	b = append(b, r.sum[:]...)
	b = append(b, r.print[:]...)
	b = appendText(b, r.ext)
	if r.content.InOgg {
		b = appendText(b, flacInOgg)
	} else {
		b = appendText(b, string(r.content.Codec))
	}
	b = append(b, known...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)), nil
}

// appendText appends a short text behind its length.
func appendText(b []byte, s string) []byte { return append(append(b, byte(len(s))), s...) }

// cutText takes a text that appendText wrote from the front of b.
func cutText(b []byte) (s string, rest []byte, ok bool) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return "", nil, false
	}
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:], true
}

func appendInfo(b []byte, i audio.Info) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(i.SampleRate))
	b = append(b, byte(i.Channels))
	b = binary.BigEndian.AppendUint64(b, uint64(i.Samples))
	b = binary.BigEndian.AppendUint64(b, uint64(i.Bitrate))
	b = append(b, byte(i.Bits), 0)
	if i.Variable {
		b[len(b)-1] = 1
	}
	return b
}

// readInfo reads what appendInfo wrote, strictly.
func readInfo(b []byte, codec audio.Codec) (i audio.Info, ok bool) {
	if len(b) != infoSize {
		return i, false
	}
	be := binary.BigEndian
	samples, bitrate := be.Uint64(b[5:]), be.Uint64(b[13:])
	i = audio.Info{
		Codec: codec, SampleRate: int(be.Uint32(b)), Channels: int(b[4]), Samples: int64(samples),
		Bitrate: int(bitrate), Bits: int(b[21]), Variable: b[22] == 1,
	}
	return i, i.SampleRate > 0 && i.Channels > 0 && i.Channels <= 8 &&
		samples > 0 && samples < maxSamples && bitrate <= math.MaxInt32 && b[22] <= 1
}

// decodeRecord reads a frames.idx, strictly. Errors wrap errRecord.
func decodeRecord(b []byte) (record, error) {
	r := record{ext: audio.Info{Codec: audio.MP3}.Ext()}
	if len(b) < recordFixed {
		return r, fmt.Errorf("not a frame index: %w", errRecord)
	}
	sign := string(b[:len(recordSign)])
	if sign != recordSign && sign != recordSign1 {
		return r, fmt.Errorf("not a frame index: %w", errRecord)
	}
	body, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return r, fmt.Errorf("checksum is wrong: %w", errRecord)
	}
	tooShort := fmt.Errorf("too short: %w", errRecord)
	var ok bool
	if r.id, body, ok = cutText(body[len(recordSign):]); !ok || len(body) < 8+32+16 {
		return record{}, tooShort
	}
	size := binary.BigEndian.Uint64(body)
	r.size, body = int64(size), body[8:]
	body = body[copy(r.sum[:], body):]
	body = body[copy(r.print[:], body):]
	codec := string(audio.MP3)
	if sign == recordSign {
		if r.ext, body, ok = cutText(body); !ok {
			return record{}, tooShort
		}
		if codec, body, ok = cutText(body); !ok {
			return record{}, tooShort
		}
	}
	if !slices.Contains(audio.Exts, r.ext) || r.size < 0 {
		return record{}, fmt.Errorf("of no file: %w", errRecord)
	}
	inOgg := codec == flacInOgg
	if inOgg {
		codec = string(audio.FLAC)
	}
	switch c := audio.Codec(codec); {
	case !slices.Contains(codecs, c):
		return record{}, fmt.Errorf("of an unknown codec: %w", errRecord)
	case c == audio.MP3:
		x := new(mp3.Index)
		if err := x.UnmarshalBinary(body); err != nil {
			return record{}, fmt.Errorf("%w: %w", errRecord, err)
		}
		if x.FileSize() != r.size {
			return record{}, fmt.Errorf("index is of another file: %w", errRecord)
		}
		r.content = Content{audio.OfMP3(x), x}
	default:
		if r.content.Info, ok = readInfo(body, c); !ok {
			return record{}, fmt.Errorf("what it says of the sound makes no sense: %w", errRecord)
		}
		r.content.InOgg = inOgg
	}
	return r, nil
}

const (
	printBlocks = 16
	printBlock  = 4 << 10
)

// fingerprint is a hash over a few blocks spread over a file, its first and
// last among them. It costs a few reads where SHA-256 would cost all, and
// tells a file that was swapped for another of the same size.
func fingerprint(r io.ReaderAt, size int64) (sum [16]byte, err error) {
	h := sha256.New()
	buf := make([]byte, printBlock)
	for i := range int64(printBlocks) {
		at, _ := printAt(i, size)
		n, err := r.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return sum, fmt.Errorf("read fingerprint: %w", err)
		}
		h.Write(buf[:n])
	}
	copy(sum[:], h.Sum(nil))
	return sum, nil
}

// printAt gives where a block of a fingerprint begins and ends.
func printAt(i, size int64) (begin, end int64) {
	last := max(size-printBlock, 0)
	if begin = last / (printBlocks - 1) * i; i == printBlocks-1 {
		begin = last
	}
	return begin, min(begin+printBlock, size)
}

// rebuild makes the record of a track anew from its audio, and keeps it when
// the disk takes it.
func (s *Store) rebuild(id string, at Place) (record, error) {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return record{}, err
	}
	r, err := s.identify(dir, at)
	if err != nil {
		if unknown(err) {
			err = fmt.Errorf("%w: %w", ErrMissing, err) // it is not what was stored
		}
		return record{}, fmt.Errorf("read audio of %s: %w", id, err)
	}
	r.id = id
	if b, err := r.encode(); err == nil {
		// On a full or read-only disk it is made again next time.
		if at.away() {
			_ = s.mkdir(dir)
		}
		if s.put(dir, indexName, b) == nil {
			_ = s.syncDir(dir)
		}
	}
	return r, nil
}

// identify finds the original in a track's folder, or elsewhere, and what is in
// it. Its name tells where to look, not what it is.
func (s *Store) identify(dir string, at Place) (record, error) {
	if at.away() {
		r, err := s.identifyAs(dir, "", at)
		if err == nil && !at.means(r) {
			err = fmt.Errorf("%s is another file: %w", at.Path, ErrMissing)
		}
		return r, err
	}
	var first error
	for _, ext := range audio.Exts {
		r, err := s.identifyAs(dir, ext, at)
		if err == nil || !errors.Is(err, ErrMissing) && !unknown(err) {
			return r, err
		}
		if first == nil || errors.Is(first, ErrMissing) {
			first = err
		}
	}
	return record{}, first
}

// unknown says that an error is about what a file holds, and not about reading
// it.
func unknown(err error) bool {
	for _, e := range []error{
		mp3.ErrNotAudio, mp3.ErrLayer, mp3.ErrEmpty, mp3.ErrUnsupported,
		audio.ErrNotAudio, audio.ErrUnplayable, audio.ErrEmpty, audio.ErrDamaged,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (s *Store) identifyAs(dir, ext string, at Place) (record, error) {
	f, info, err := s.openOriginal(at, dir, ext)
	if err != nil {
		return record{}, err
	}
	defer f.Close()
	r := record{size: info.Size(), ext: ext}
	if r.content, err = Identify(f, r.size); err != nil {
		return record{}, err
	}
	if at.away() {
		r.ext = r.content.Ext()
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, r.size)); err != nil {
		return record{}, err
	}
	copy(r.sum[:], h.Sum(nil))
	r.print, err = fingerprint(f, r.size)
	return r, err
}

// record reads the record of a track, or makes it anew when it is gone or
// rotten. One that was written for another track is not repaired: the folders
// were mixed up then, and nobody may hear another's track.
func (s *Store) record(id string, at Place) (record, error) {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return record{}, err
	}
	b, err := s.read(dir, indexName, maxRecord)
	if err == nil {
		var r record
		if r, err = decodeRecord(b); err == nil {
			if r.id != id {
				return record{}, fmt.Errorf("files of %s are those of another track: %w", id, ErrMissing)
			}
			if at.means(r) {
				return r, nil
			}
			err = fmt.Errorf("of another file: %w", errRecord)
		}
	}
	if errors.Is(err, errRecord) || errors.Is(err, ErrMissing) || errors.Is(err, ErrTooLarge) {
		r, e := s.rebuild(id, at)
		if e == nil {
			s.log.Info("a frame index was made anew", "track", id, "because", err)
		}
		return r, e
	}
	return record{}, err
}

// means says whether a file is the one that is meant.
func (p Place) means(r record) bool { return p.SHA256 == nil || bytes.Equal(p.SHA256, r.sum[:]) }

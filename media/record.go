package media

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"earshot/media/mp3"
)

// The files of a track.
const (
	audioName = "audio.mp3"
	indexName = "frames.idx"
	peaksName = "peaks"
)

// record is what frames.idx holds: which file it was that was kept, and where
// its frames are.
type record struct {
	id    string
	size  int64
	sum   [32]byte // SHA-256 of the file
	print [16]byte // see fingerprint
	index *mp3.Index
}

// The layout of frames.idx, numbers big-endian: the sign with the layout's
// number, the length of the id in one byte, the id, the file's size in eight,
// SHA-256, fingerprint, the frame index, and the CRC-32C of all before it.
const (
	recordSign  = "earshot\x01"
	recordFixed = len(recordSign) + 1 + 8 + 32 + 16 + 4

	// maxRecord is how large a frames.idx may be: the index of the longest
	// track takes half of it.
	maxRecord = 32 << 20
)

var errRecord = errors.New("frame index can't be read")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (r record) encode() ([]byte, error) {
	index, err := r.index.MarshalBinary()
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, recordFixed+len(r.id)+len(index))
	b = append(b, recordSign...)
	b = append(b, byte(len(r.id)))
	b = append(b, r.id...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.size))
	b = append(b, r.sum[:]...)
	b = append(b, r.print[:]...)
	b = append(b, index...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)), nil
}

// decodeRecord reads a frames.idx, strictly. Errors wrap errRecord.
func decodeRecord(b []byte) (record, error) {
	var r record
	if len(b) < recordFixed || string(b[:len(recordSign)]) != recordSign {
		return r, fmt.Errorf("not a frame index: %w", errRecord)
	}
	body, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return r, fmt.Errorf("checksum is wrong: %w", errRecord)
	}
	body = body[len(recordSign):]
	n := int(body[0])
	if body = body[1:]; len(body) < n+8+32+16 {
		return r, fmt.Errorf("too short: %w", errRecord)
	}
	r.id, body = string(body[:n]), body[n:]
	r.size, body = int64(binary.BigEndian.Uint64(body)), body[8:]
	body = body[copy(r.sum[:], body):]
	body = body[copy(r.print[:], body):]
	r.index = new(mp3.Index)
	if err := r.index.UnmarshalBinary(body); err != nil {
		return record{}, fmt.Errorf("%w: %w", errRecord, err)
	}
	if r.index.FileSize() != r.size {
		return record{}, fmt.Errorf("index is of another file: %w", errRecord)
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
	last := max(size-printBlock, 0)
	for i := range int64(printBlocks) {
		n, err := r.ReadAt(buf, last/(printBlocks-1)*i)
		if i == printBlocks-1 {
			n, err = r.ReadAt(buf, last)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return sum, fmt.Errorf("read fingerprint: %w", err)
		}
		h.Write(buf[:n])
	}
	copy(sum[:], h.Sum(nil))
	return sum, nil
}

// rebuild makes the record of a track anew from its audio, and keeps it when
// the disk takes it.
func (s *Store) rebuild(id string) (record, error) {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return record{}, err
	}
	f, info, err := s.open(dir, audioName)
	if err != nil {
		return record{}, err
	}
	defer f.Close()
	r := record{id: id, size: info.Size()}
	if r.index, err = mp3.Scan(f, r.size); err != nil {
		return record{}, fmt.Errorf("index frames of %s: %w", id, err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, r.size)); err != nil {
		return record{}, fmt.Errorf("read audio of %s: %w", id, err)
	}
	copy(r.sum[:], h.Sum(nil))
	if r.print, err = fingerprint(f, r.size); err != nil {
		return record{}, err
	}
	if b, err := r.encode(); err == nil {
		// On a full or read-only disk it is made again next time.
		if s.put(dir, indexName, b) == nil {
			_ = s.syncDir(dir)
		}
	}
	return r, nil
}

// record reads the record of a track, or makes it anew when it is gone or
// rotten. One that was written for another track is not repaired: the folders
// were mixed up then, and nobody may hear another's track.
func (s *Store) record(id string) (record, error) {
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
			return r, nil
		}
	}
	if errors.Is(err, errRecord) || errors.Is(err, ErrMissing) || errors.Is(err, ErrTooLarge) {
		r, e := s.rebuild(id)
		if e == nil {
			s.log.Info("a frame index was made anew", "track", id, "because", err)
		}
		return r, e
	}
	return record{}, err
}

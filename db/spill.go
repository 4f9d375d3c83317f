package db

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
)

// spill keeps entries in files, one a bucket, until they are wanted in the order
// of their keys: the entries of a large house do not fit into a small machine's
// memory, and those of one bucket do, in pieces.
type spill struct {
	dir   string
	files [bucketCount]*os.File
	out   [bucketCount]*bufio.Writer
	err   error
}

const (
	spillPiece = 32 << 20 // bytes of keys and values that are sorted at once
	spillBatch = 20_000   // entries a transaction
)

func newSpill(dir string) *spill { return &spill{dir: dir} }

func (s *spill) add(b bucket, key, payload []byte) {
	if s.err != nil {
		return
	}
	if s.files[b] == nil {
		if s.files[b], s.err = os.CreateTemp(s.dir, "earshot.db.*"+PartialSuffix); s.err != nil {
			return
		}
		s.out[b] = bufio.NewWriterSize(s.files[b], 16<<10)
	}
	var head [8]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(key)))
	binary.BigEndian.PutUint32(head[4:], uint32(len(payload)))
	for _, p := range [][]byte{head[:], key, payload} {
		if _, err := s.out[b].Write(p); err != nil {
			s.err = err
			return
		}
	}
}

func (s *spill) close() {
	for _, f := range s.files {
		if f != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}
}

// each gives all entries, in batches of one bucket each.
func (s *spill) each(do func([]value) error) error {
	if s.err != nil {
		return s.err
	}
	for b, f := range s.files {
		if f == nil {
			continue
		}
		err := s.out[b].Flush()
		if err == nil {
			_, err = f.Seek(0, io.SeekStart)
		}
		if err != nil {
			return err
		}
		r := bufio.NewReaderSize(f, 1<<20)
		for more := true; more; {
			piece, err := readPiece(r, bucket(b))
			if errors.Is(err, io.EOF) {
				more, err = false, nil
			}
			if err != nil {
				return err
			}
			slices.SortFunc(piece, func(a, b value) int { return bytes.Compare(a.key, b.key) })
			for batch := range slices.Chunk(piece, spillBatch) {
				if err := do(batch); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readPiece reads entries up to about spillPiece bytes; io.EOF with the last.
func readPiece(r io.Reader, b bucket) (piece []value, err error) {
	for size := 0; size < spillPiece; {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return piece, err
		}
		p := make([]byte, binary.BigEndian.Uint32(head[:])+binary.BigEndian.Uint32(head[4:]))
		if _, err := io.ReadFull(r, p); err != nil {
			return piece, errors.Join(io.ErrUnexpectedEOF, err)
		}
		n := binary.BigEndian.Uint32(head[:])
		piece = append(piece, value{b: b, key: p[:n:n], payload: p[n:]})
		size += len(p) + 100
	}
	return piece, nil
}

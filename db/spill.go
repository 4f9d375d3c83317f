package db

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"os"
	"slices"
)

// spill keeps entries in files, one a bucket, until they are wanted in the order
// of their keys: the entries of a large house do not fit into a small machine's
// memory, and those of one bucket do, in pieces.
type spill struct {
	dir   string
	piece int // bytes of memory for what is sorted at once
	files [bucketCount]*os.File
	out   [bucketCount]*bufio.Writer
	err   error
}

const (
	spillPiece = 24 << 20
	spillBatch = 20_000 // entries a transaction
)

func newSpill(dir string) *spill { return &spill{dir: dir, piece: spillPiece} }

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
	s.err = writeEntry(s.out[b], key, payload)
}

func (s *spill) close() {
	for _, f := range s.files {
		if f != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}
}

// each gives all entries in the order of their keys, in batches of one bucket
// each. What does not fit into memory is sorted in pieces, which are then merged.
func (s *spill) each(do func([]value) error) error {
	if s.err != nil {
		return s.err
	}
	for b, f := range s.files {
		if f == nil {
			continue
		}
		if err := s.out[b].Flush(); err != nil {
			return err
		}
		if err := s.bucket(bucket(b), f, do); err != nil {
			return err
		}
	}
	return nil
}

func (s *spill) bucket(b bucket, f *os.File, do func([]value) error) error {
	pieces, err := sortPieces(f, b, s.piece)
	if err != nil {
		return err
	}
	var batch []value
	size := 0
	for v, err := range merged(pieces) {
		if err != nil {
			return err
		}
		batch = append(batch, v)
		if size += v.size(); len(batch) < spillBatch && size < s.piece/4 {
			continue
		}
		if err := do(batch); err != nil {
			return err
		}
		batch, size = batch[:0], 0
	}
	if len(batch) == 0 {
		return nil
	}
	return do(batch)
}

// piece is a part of a file whose entries are in order. The next one of them
// is read already.
type piece struct {
	r    *bufio.Reader
	next value
}

// sortPieces sorts a file of entries in pieces of about so many bytes, each in its place. All keys of
// it are of one bucket.
func sortPieces(f *os.File, b bucket, most int) (pieces []*piece, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(io.NewSectionReader(f, 0, info.Size()), 256<<10)
	for at := int64(0); at < info.Size(); {
		list, length, err := readPiece(r, b, most)
		if err != nil {
			return nil, err
		}
		if length == 0 {
			return nil, io.ErrUnexpectedEOF // it was cut
		}
		slices.SortFunc(list, func(a, b value) int { return bytes.Compare(a.key, b.key) })
		// As long as it was, and what the reader holds is of later ones.
		w := bufio.NewWriterSize(io.NewOffsetWriter(f, at), 256<<10)
		for _, v := range list {
			if err := writeEntry(w, v.key, v.payload); err != nil {
				return nil, err
			}
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
		pieces = append(pieces, &piece{r: bufio.NewReaderSize(io.NewSectionReader(f, at, length), 64<<10), next: value{b: b}})
		at += length
	}
	return pieces, nil
}

// merged yields the entries of pieces in order. Pieces are few: they are looked
// through for the least.
func merged(pieces []*piece) iter.Seq2[value, error] {
	return func(yield func(value, error) bool) {
		for _, p := range pieces {
			if err := p.advance(); err != nil { // none is empty
				yield(value{}, err)
				return
			}
		}
		for len(pieces) > 0 {
			least := 0
			for i, p := range pieces[1:] {
				if bytes.Compare(p.next.key, pieces[least].next.key) < 0 {
					least = i + 1
				}
			}
			p := pieces[least]
			if !yield(p.next, nil) {
				return
			}
			switch err := p.advance(); {
			case errors.Is(err, io.EOF):
				pieces = slices.Delete(pieces, least, least+1)
			case err != nil:
				yield(value{}, err)
				return
			}
		}
	}
}

func (p *piece) advance() error {
	key, payload, err := readEntry(p.r)
	p.next.key, p.next.payload = key, payload
	return err
}

// readPiece reads entries up to about so many bytes, and says how long they
// are in the file.
func readPiece(r io.Reader, b bucket, most int) (list []value, length int64, err error) {
	for size := 0; size < most; {
		key, payload, err := readEntry(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		v := value{b: b, key: key, payload: payload}
		list = append(list, v)
		size += v.size()
		length += int64(entryHead + len(key) + len(payload))
	}
	return list, length, nil
}

const entryHead = 8 // bytes: how long the key is, and the payload

func writeEntry(w io.Writer, key, payload []byte) error {
	var head [entryHead]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(key)))
	binary.BigEndian.PutUint32(head[4:], uint32(len(payload)))
	for _, p := range [][]byte{head[:], key, payload} {
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// readEntry reads an entry into memory of its own; io.EOF after the last.
func readEntry(r io.Reader) (key, payload []byte, err error) {
	var head [entryHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	p := make([]byte, n+binary.BigEndian.Uint32(head[4:]))
	if _, err := io.ReadFull(r, p); errors.Is(err, io.EOF) {
		return nil, nil, io.ErrUnexpectedEOF
	} else if err != nil {
		return nil, nil, err
	}
	return p[:n:n], p[n:], nil
}

// size is about what an entry takes in memory.
func (v value) size() int { return len(v.key) + len(v.payload) + 100 }

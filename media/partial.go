package media

import (
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strings"
)

// partialPrefix begins the names of files in incoming that come in pieces.
const partialPrefix = "part-"

func partialName(id string) string { return incomingDir + "/" + partialPrefix + id }

func partialID(name string) (id string, ok bool) {
	id, ok = strings.CutPrefix(name, partialPrefix)
	return id, ok && validID(id)
}

// Partial is a file that comes in pieces, open for the next one. It belongs to
// one goroutine.
type Partial struct {
	store  *Store
	file   *os.File
	id     string
	offset int64
	sum    hash.Hash
}

// StartPartial makes the empty file of one that will have so many bytes, and
// which the disk must have room for besides so many that were promised to
// others. ErrFull where it has not.
func (s *Store) StartPartial(id string, size, promised int64) error {
	if !validID(id) {
		return fmt.Errorf("receive %q: not an id", id)
	}
	if err := s.room(size + promised); err != nil {
		return err
	}
	f, err := s.create(partialName(id))
	if errors.Is(err, fs.ErrNotExist) {
		s.remounted()
		if err := s.mkdir(incomingDir); err != nil {
			return err
		}
		f, err = s.create(partialName(id))
	}
	switch {
	case exhausted(err):
		return fmt.Errorf("make file: %w: %w", ErrBusy, err)
	case err != nil:
		return full(fmt.Errorf("make file: %w", err))
	}
	f.Close()
	return full(s.syncDir(incomingDir))
}

// OpenPartial opens a file that came up to an offset; state is that of its
// checksum there, as Receive gave both. What it has more was not told to
// anybody, and is cut off. ErrMissing when it has less, or is not there.
func (s *Store) OpenPartial(id string, offset int64, state []byte) (*Partial, error) {
	if !validID(id) {
		return nil, fmt.Errorf("receive %q: %w", id, ErrMissing)
	}
	p := &Partial{store: s, id: id, offset: offset, sum: sha256.New()}
	if offset > 0 {
		if err := p.sum.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
			return nil, fmt.Errorf("receive %s: its checksum can't go on: %w: %w", id, ErrMissing, err)
		}
	}
	info, err := s.root.Load().Lstat(partialName(id))
	if errors.Is(err, fs.ErrNotExist) && s.remounted() {
		info, err = s.root.Load().Lstat(partialName(id))
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && (!info.Mode().IsRegular() || info.Size() < offset):
		return nil, fmt.Errorf("receive %s: what came is not there any more: %w", id, ErrMissing)
	case err != nil:
		return nil, fmt.Errorf("receive %s: %w", id, err)
	}
	if p.file, err = s.root.Load().OpenFile(partialName(id), os.O_RDWR, 0); err != nil {
		if exhausted(err) {
			err = fmt.Errorf("%w: %w", ErrBusy, err)
		}
		return nil, fmt.Errorf("receive %s: %w", id, err)
	}
	if info.Size() > offset {
		err = p.file.Truncate(offset)
	}
	if err == nil {
		_, err = p.file.Seek(offset, io.SeekStart)
	}
	if err != nil {
		p.file.Close()
		return nil, fmt.Errorf("receive %s: %w", id, err)
	}
	return p, nil
}

// PartialSum is the SHA-256 of what came so far, by its state; nil where there is
// none.
func PartialSum(state []byte) []byte {
	sum := sha256.New()
	if sum.(encoding.BinaryUnmarshaler).UnmarshalBinary(state) != nil {
		return nil
	}
	return sum.Sum(nil)
}

// Close closes the file, which stays.
func (p *Partial) Close() { p.file.Close() }

// Receive streams r to the end of the file, at most limit bytes, and tells save
// after each piece of 16 MiB and at the end, also at that of an r that fails,
// how far the file is on the disk to stay, and the state of its checksum there.
// Errors are save's, ErrTooLarge, after which nothing counts that was not saved,
// ErrFull, and ErrRead (of r).
func (p *Partial) Receive(ctx context.Context, r io.Reader, limit int64, came func(offset int64), save func(offset int64, state []byte) error) error {
	saved, end := p.offset, p.offset+limit
	buf := make([]byte, copyPiece)
	settle := func() error {
		if p.offset == saved {
			return nil
		}
		if err := p.file.Sync(); err != nil {
			return full(fmt.Errorf("sync a file in pieces: %w", err))
		}
		state, err := p.sum.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			return err
		}
		saved = p.offset
		return save(saved, state)
	}
	for {
		n, done, wrong := fillBuffer(r, buf)
		if p.offset+int64(n) > end {
			return fmt.Errorf("over %d bytes: %w", limit, ErrTooLarge)
		}
		if _, err := p.file.Write(buf[:n]); err != nil {
			return errors.Join(full(fmt.Errorf("write a file in pieces: %w", err)), settle())
		}
		p.sum.Write(buf[:n])
		p.offset += int64(n)
		came(p.offset)
		if wrong != nil {
			wrong = fmt.Errorf("%w: %w", ErrRead, wrong)
		} else if !done {
			wrong = ctx.Err()
		}
		if done || wrong != nil || p.offset-saved >= freeEvery {
			if err := settle(); err != nil {
				return err
			}
			if done || wrong != nil {
				return wrong
			}
			if err := p.store.room(0); err != nil {
				return err
			}
		}
	}
}

// Incoming gives the whole file, as Store.Receive would have. It closes the
// Partial. Keep leaves the file where it is until DropPartial, so that nothing
// is lost when what follows Keep goes wrong.
func (p *Partial) Incoming() *Incoming {
	return &Incoming{store: p.store, file: p.file, name: partialName(p.id), size: p.offset, sum: p.sum.Sum(nil), partial: true}
}

// DropPartial removes a file that came in pieces. It need not be there.
func (s *Store) DropPartial(id string) error {
	if !validID(id) {
		return nil
	}
	if err := s.root.Load().Remove(partialName(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("drop what came of %s: %w", id, err)
	}
	return nil
}

// link gives a file a second name, or, on disks that know no such thing, a new
// name instead.
func (s *Store) link(from, to string) error {
	if err := s.root.Load().Link(from, to); err == nil || errors.Is(full(err), ErrFull) {
		return full(err)
	}
	return full(s.root.Load().Rename(from, to))
}

package media

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
)

const (
	copyPiece = 256 << 10 // bytes read at a time
	freeEvery = 16 << 20  // bytes between two looks at the space left
)

// Incoming is a file that was received and is not yet anybody's. It belongs to
// one goroutine. It reads as an io.ReaderAt until it is kept or discarded.
type Incoming struct {
	store *Store
	file  *os.File
	name  string
	size  int64
	sum   []byte
	kept  bool

	at      Place // of one that stays where it is; see Visit
	info    fs.FileInfo
	partial bool // its name stays, whatever becomes of it: see Partial
}

// Size in bytes.
func (in *Incoming) Size() int64 { return in.size }

// SHA256 is that of the whole file.
func (in *Incoming) SHA256() []byte { return in.sum }

// ReadAt reads from the file.
func (in *Incoming) ReadAt(p []byte, off int64) (int, error) { return in.file.ReadAt(p, off) }

// Discard removes the file unless it was kept. It may be called at any time,
// and again.
func (in *Incoming) Discard() {
	if in.kept || in.gone() {
		return
	}
	in.file.Close()
	if in.InPlace() {
		in.info = nil
		return
	}
	if !in.partial {
		_ = in.store.root.Load().Remove(in.name) // what stays is swept at the next start
	}
	in.name = ""
}

// gone says that the file was discarded.
func (in *Incoming) gone() bool { return in.name == "" && in.info == nil }

// Receive streams r to the disk, at most limit bytes. announced is the size
// that the sender spoke of, or -1; it is refused early when it can't fit, and
// a file that turns out shorter or longer has broken off. Errors are
// ErrTooLarge, ErrFull, ErrRead (of r), or the context's; nothing is left
// behind then.
func (s *Store) Receive(ctx context.Context, r io.Reader, announced, limit int64) (*Incoming, error) {
	if announced > limit {
		return nil, fmt.Errorf("%d bytes announced: %w", announced, ErrTooLarge)
	}
	if err := s.room(max(announced, 0)); err != nil {
		return nil, err
	}
	f, name, err := s.temp()
	if err != nil {
		return nil, err
	}
	in := &Incoming{store: s, file: f, name: name}
	sum := sha256.New()
	if err := in.fill(ctx, r, announced, limit, sum); err != nil {
		in.Discard()
		return nil, err
	}
	in.sum = sum.Sum(nil)
	return in, nil
}

func (in *Incoming) fill(ctx context.Context, r io.Reader, announced, limit int64, sum hash.Hash) error {
	buf := make([]byte, copyPiece)
	for next := int64(freeEvery); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, done, err := fillBuffer(r, buf)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRead, err)
		}
		if in.size+int64(n) > limit {
			return fmt.Errorf("over %d bytes: %w", limit, ErrTooLarge)
		}
		sum.Write(buf[:n])
		if _, err := in.file.Write(buf[:n]); err != nil {
			return full(fmt.Errorf("write incoming file: %w", err))
		}
		in.size += int64(n)
		if done {
			break
		}
		if in.size >= next {
			next = in.size + freeEvery
			// Of the announced rest the floor was kept free at the start.
			if err := in.store.room(0); err != nil {
				return err
			}
		}
	}
	if announced >= 0 && in.size != announced {
		return fmt.Errorf("%d of %d bytes came: %w", in.size, announced, ErrRead)
	}
	if err := in.file.Sync(); err != nil {
		return full(fmt.Errorf("sync incoming file: %w", err))
	}
	return nil
}

// fillBuffer reads until the buffer is full or r is at its end. Unlike
// io.ReadFull it tells that end from the io.ErrUnexpectedEOF of a request that
// broke off.
func fillBuffer(r io.Reader, buf []byte) (n int, done bool, err error) {
	for idle := 0; n < len(buf); {
		m, err := r.Read(buf[n:])
		n += m
		if errors.Is(err, io.EOF) {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
		if m > 0 {
			idle = 0
		} else if idle++; idle > 100 {
			return n, false, io.ErrNoProgress
		}
	}
	return n, false, nil
}

// Keep makes an incoming file the audio of a track. When it returns without an
// error everything is on the disk to stay; otherwise nothing is left.
//
// One that Visit gave stays where it is, and may be of a track that is there
// already, whose file has changed; whatever else is kept of that stays.
func (s *Store) Keep(in *Incoming, id string, c Content) error {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return fmt.Errorf("keep track %q: not an id", id)
	}
	if in.kept || in.gone() {
		return fmt.Errorf("keep track %s: the file is gone", id)
	}
	if c.Index != nil && c.Index.FileSize() != in.size {
		return fmt.Errorf("keep track %s: its index is of another file", id)
	}
	print, err := fingerprint(in.file, in.size)
	if err != nil {
		return fmt.Errorf("keep track %s: %w", id, err)
	}
	idx, err := record{id: id, size: in.size, sum: [32]byte(in.sum), print: print, ext: c.Ext(), content: c}.encode()
	if err != nil {
		return fmt.Errorf("keep track %s: %w", id, err)
	}
	if in.InPlace() {
		if err := s.adopt(in, dir, idx); err != nil {
			return fmt.Errorf("keep track %s: %w", id, err)
		}
		s.tracks.drop(id)
		return nil
	}
	if err := s.settle(in, dir, audioName(c.Ext()), idx); err != nil {
		_ = s.root.Load().RemoveAll(dir) // else the sweep at the next start does
		return fmt.Errorf("keep track %s: %w", id, err)
	}
	s.tracks.drop(id)
	return nil
}

func (s *Store) settle(in *Incoming, dir, name string, idx []byte) error {
	if err := s.mkdir(dir); err != nil {
		return err
	}
	// What the index holds stands in the audio too.
	if err := s.write(dir, indexName, idx, false); err != nil {
		return err
	}
	move := s.link
	if !in.partial {
		move = func(from, to string) error { return full(s.root.Load().Rename(from, to)) }
	}
	if err := move(in.name, dir+"/"+name); err != nil {
		return err
	}
	in.kept = true
	in.file.Close() // synced by Receive
	return full(s.syncDir(dir))
}

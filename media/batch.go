package media

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Batch writes the files of many tracks that are made at once. What it writes
// is on the disk to stay when Sync has returned, and not before: one sync for
// many files is what an SD card bears. A crash before that is met by the marks.
// It belongs to one goroutine.
type Batch struct {
	s       *Store
	written []string // since the last Sync
	made    string   // the folder that was made last
}

// Batch begins one.
func (s *Store) Batch() *Batch { return &Batch{s: s} }

// Mark is Store.Mark.
func (b *Batch) Mark(kind, id string) error {
	if _, err := folder(kind, id); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	return b.write(marksDir, kind+"-"+id, nil)
}

// PutPicture is Store.PutPicture.
func (b *Batch) PutPicture(kind, id string, version uint64, sizes map[int][]byte) error {
	dir, err := folder(kind, id)
	if err != nil {
		return fmt.Errorf("keep picture: %w", err)
	}
	for size, image := range sizes {
		if err := b.write(dir, pictureName(version, size), image); err != nil {
			return err
		}
	}
	return nil
}

// Copy makes a copy of a file, of so many bytes and with those sums, the audio
// of a track.
func (b *Batch) Copy(ctx context.Context, id string, f *os.File, size int64, sums Sums, c Content) error {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return fmt.Errorf("keep track %q: not an id", id)
	}
	if err := b.s.room(size); err != nil {
		return err
	}
	if err := b.index(id, dir, size, sums, c); err != nil {
		return err
	}
	name := dir + "/" + audioName(c.Ext())
	to, err := b.s.root.Load().OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return full(fmt.Errorf("copy to %s: %w", name, err))
	}
	b.written = append(b.written, name)
	for at := int64(0); at < size && err == nil; at += freeEvery {
		if err = ctx.Err(); err == nil {
			_, err = io.Copy(to, io.NewSectionReader(f, at, min(freeEvery, size-at)))
		}
	}
	if e := to.Close(); err == nil {
		err = e
	}
	if err != nil {
		return full(fmt.Errorf("copy to %s: %w", name, err))
	}
	return nil
}

// Adopt makes a file that stays where it is the audio of a track, of so many
// bytes and with those sums: only what is known of it is kept.
func (b *Batch) Adopt(id string, size int64, sums Sums, c Content) error {
	dir, err := folder(tracksDir, id)
	if err != nil {
		return fmt.Errorf("keep track %q: not an id", id)
	}
	return b.index(id, dir, size, sums, c)
}

// index writes the frames.idx of a track.
func (b *Batch) index(id, dir string, size int64, sums Sums, c Content) error {
	if c.Index != nil && c.Index.FileSize() != size {
		return fmt.Errorf("keep track %s: its index is of another file", id)
	}
	idx, err := record{id: id, size: size, sum: sums.SHA256, print: sums.print, ext: c.Ext(), content: c}.encode()
	if err != nil {
		return fmt.Errorf("keep track %s: %w", id, err)
	}
	if err := b.write(dir, indexName, idx); err != nil {
		return fmt.Errorf("keep track %s: %w", id, err)
	}
	b.s.tracks.drop(id)
	return nil
}

// write writes a file under its name, over the one that may be there.
func (b *Batch) write(dir, name string, p []byte) error {
	path := dir + "/" + name
	var err error
	if dir != b.made && dir != marksDir { // most are new
		if err = b.mkdir(dir); err == nil {
			b.made = dir
		}
	}
	var f *os.File
	if err == nil {
		f, err = b.s.root.Load().OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	}
	if os.IsNotExist(err) {
		if err = b.mkdir(dir); err == nil {
			f, err = b.s.root.Load().OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		}
	}
	if err != nil {
		return full(fmt.Errorf("write %s: %w", path, err))
	}
	b.written = append(b.written, path)
	_, err = f.Write(p)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return full(fmt.Errorf("write %s: %w", path, err))
	}
	return nil
}

func (b *Batch) mkdir(dir string) error {
	err := b.s.root.Load().Mkdir(dir, 0o700)
	if os.IsExist(err) {
		return nil
	}
	if os.IsNotExist(err) {
		return b.s.mkdir(dir) // the store's folders too are gone
	}
	return err
}

// Room says whether the disk has room for so many bytes more: ErrFull when not.
func (b *Batch) Room(n int64) error { return b.s.room(n) }

// Sync makes all that was written last.
func (b *Batch) Sync() error {
	if len(b.written) == 0 {
		return nil
	}
	written := b.written
	b.written = nil
	if done, err := b.s.syncAll(); done || err != nil {
		return full(err)
	}
	dirs := map[string]bool{marksDir: true, tracksDir: true, playlistsDir: true}
	for _, path := range written {
		f, err := b.s.root.Load().Open(path)
		if os.IsNotExist(err) {
			continue // it was dropped meanwhile
		}
		if err != nil {
			return err
		}
		err = f.Sync()
		f.Close()
		if err != nil {
			return full(fmt.Errorf("sync %s: %w", path, err))
		}
		dirs[parent(path)] = true
	}
	for dir := range dirs {
		if err := b.s.syncDir(dir); err != nil && !os.IsNotExist(err) {
			return full(err)
		}
	}
	return nil
}

func parent(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[:i]
		}
	}
	return "."
}

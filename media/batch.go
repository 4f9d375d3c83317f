package media

import (
	"context"
	"fmt"
	"io"
	"maps"
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

	pictures map[*byte]string // files of the last pictures, by where the bytes begin
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

// PutPicture is Store.PutPicture. The tracks of an album have one picture: what
// was put before, and is the same slice, becomes another name of the same file
// where the disk can do that.
func (b *Batch) PutPicture(kind, id string, version uint64, sizes map[int][]byte) error {
	dir, err := folder(kind, id)
	if err != nil {
		return fmt.Errorf("keep picture: %w", err)
	}
	if err := b.ready(dir); err != nil {
		return full(fmt.Errorf("keep picture of %s: %w", id, err))
	}
	for size, image := range sizes {
		if err := b.put(dir, pictureName(version, size), image); err != nil {
			return err
		}
	}
	return nil
}

// put writes a picture, or gives one that is there another name.
func (b *Batch) put(dir, name string, image []byte) error {
	path, root := dir+"/"+name, b.s.root.Load()
	if len(image) == 0 {
		return fmt.Errorf("keep picture %s: it is empty", path)
	}
	if from, ok := b.pictures[&image[0]]; ok && root.Link(from, path) == nil {
		b.written = append(b.written, path)
		return nil // else, whatever keeps it from that, it becomes another file
	}
	err := b.create(dir, name, image, os.O_EXCL)
	if os.IsExist(err) {
		// It may have other names: it must not be written over.
		maps.DeleteFunc(b.pictures, func(_ *byte, is string) bool { return is == path })
		if err = root.Remove(path); err == nil {
			err = b.create(dir, name, image, os.O_EXCL)
		}
	}
	if err != nil {
		return full(fmt.Errorf("write %s: %w", path, err))
	}
	if len(b.pictures) >= mostPictures {
		clear(b.pictures)
	}
	if b.pictures == nil {
		b.pictures = make(map[*byte]string)
	}
	b.pictures[&image[0]] = path
	return nil
}

// mostPictures is how many files of pictures are remembered: those of the covers
// that an import has in memory.
const mostPictures = 12

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
	if err := b.create(dir, name, p, os.O_TRUNC); err != nil {
		return full(fmt.Errorf("write %s/%s: %w", dir, name, err))
	}
	return nil
}

// create writes a file. How says what becomes of one that is there.
func (b *Batch) create(dir, name string, p []byte, how int) error {
	path := dir + "/" + name
	err := b.ready(dir)
	var f *os.File
	if err == nil {
		f, err = b.s.root.Load().OpenFile(path, os.O_WRONLY|os.O_CREATE|how, 0o600)
	}
	if os.IsNotExist(err) {
		if err = b.mkdir(dir); err == nil {
			f, err = b.s.root.Load().OpenFile(path, os.O_WRONLY|os.O_CREATE|how, 0o600)
		}
	}
	if err != nil {
		return err
	}
	b.written = append(b.written, path)
	_, err = f.Write(p)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// ready makes a folder, unless it was the last.
func (b *Batch) ready(dir string) error {
	if dir == b.made || dir == marksDir {
		return nil
	}
	err := b.mkdir(dir) // most are new
	if err == nil {
		b.made = dir
	}
	return err
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

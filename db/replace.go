package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// replacedForm is what stands behind the name of a database that was replaced.
const replacedForm = ".replaced-20060102-150405"

// Hold keeps every process from opening the file at path, damaged or not, until
// release is called. ErrLocked when one has it open already.
func Hold(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("hold %s: %w", path, plain(err))
	}
	for end := time.Now().Add(lockTimeout); ; time.Sleep(20 * time.Millisecond) {
		err := lockFile(f)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if time.Now().After(end) {
			f.Close()
			return nil, fmt.Errorf("hold %s: %w", path, ErrLocked)
		}
	}
}

// Partial gives a new file beside path in which something can be made that is to
// take its place; a crash leaves it to be swept by the next Open.
func Partial(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+PartialSuffix)
}

// Replace puts a complete file, made by Partial, in the place of a database that
// nobody has open, and keeps what was there under the name that it gives; "" where
// nothing was. Whatever happens meanwhile, at path is the one or the other, whole.
func Replace(path, with string, now time.Time) (old string, err error) {
	if old, err = keepOld(path, now); err != nil {
		return "", fmt.Errorf("keep %s: %w", path, plain(err))
	}
	if err := put(path, with); err != nil {
		return old, fmt.Errorf("replace %s: %w", path, err)
	}
	return old, nil
}

// put gives a file another's name, to stay.
func put(path, with string) error {
	f, err := os.Open(with)
	if err != nil {
		return plain(err)
	}
	err = f.Sync()
	if err := errors.Join(err, f.Close()); err != nil {
		return plain(err)
	}
	if err := os.Rename(with, path); err != nil {
		return plain(err)
	}
	return syncDir(filepath.Dir(path))
}

// keepOld gives a file a second name.
func keepOld(path string, now time.Time) (old string, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	// One that was killed here has left its second name behind.
	names, _ := filepath.Glob(path + ".replaced-*")
	for _, name := range names {
		if other, err := os.Stat(name); err == nil && os.SameFile(info, other) {
			os.Remove(name)
		}
	}
	for ; ; now = now.Add(time.Second) {
		old = path + now.UTC().Format(replacedForm)
		err := os.Link(path, old)
		switch {
		case err == nil:
			return old, syncDir(filepath.Dir(path))
		case errors.Is(err, fs.ErrExist):
			continue
		}
		if _, err := os.Stat(old); err == nil {
			continue
		}
		return old, copyFile(path, old) // a file system without links
	}
}

// copyFile makes a copy that appears whole or not at all.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".*"+PartialSuffix)
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	return put(to, out.Name())
}

// Compacted says what Compact did.
type Compacted struct {
	Before, After int64 // bytes
	Proof
}

// Compact writes a database anew without the space in it that is not used, and
// puts that in its place once it is proved. Nobody may have it open.
func Compact(ctx context.Context, path string, opt Options) (c Compacted, err error) {
	if c, err = compact(ctx, path, opt); err != nil {
		return c, fmt.Errorf("compact %s: %w", path, plain(err))
	}
	return c, nil
}

const compactTx = 4 << 20 // bytes of one transaction

func compact(ctx context.Context, path string, opt Options) (c Compacted, err error) {
	d, err := open(path, opt)
	if err != nil {
		return c, err
	}
	// It stays open, and locked, until the new one has its place.
	defer func() { err = errors.Join(err, d.Close()) }()
	if c.Before, err = d.Size(); err != nil {
		return c, err
	}
	was, err := read(ctx, d.file, newest(), nil)
	if err != nil {
		return c, err
	}
	f, err := Partial(path)
	if err != nil {
		return c, err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return c, err
	}
	to, err := bolt.Open(f.Name(), 0o600, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType, NoSync: true})
	if err != nil {
		return c, err
	}
	err = quietly("compact", func() error { return bolt.Compact(to, d.bolt, compactTx) })
	if err == nil {
		err = to.Sync()
	}
	if err := errors.Join(err, to.Close(), ctx.Err()); err != nil {
		return c, err
	}
	if c.Proof, err = prove(ctx, f.Name()); err != nil {
		return c, fmt.Errorf("what was made: %w", err)
	}
	if c.Records != was.Records || c.Users != was.Users || c.Tracks != was.Tracks || c.Comments != was.Comments {
		return c, fmt.Errorf("%w: what was made has %d values, there were %d", ErrInconsistent, c.Records, was.Records)
	}
	c.After = c.Size
	return c, put(path, f.Name())
}

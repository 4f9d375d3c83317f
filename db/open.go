package db

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/bits"
	"os"
	"path/filepath"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	lockTimeout = time.Second
	// A map that is large from the start does not have to be made anew while
	// somebody reads, which would hold up all others.
	mapSize64 = 1 << 30
	mapSize32 = 256 << 20
	// A 32-bit machine can't be counted on to map more in one piece.
	maxFile32 = 1 << 30
	// PartialSuffix ends the names of files that are not complete yet.
	PartialSuffix = ".partial"
)

// Open opens the file at path, and makes it if it is not there. It makes sure
// that the file can be read without reading all of it, takes over files of
// older versions, and makes the reserve.
//
// ErrLocked after a second when another process has the file; ErrNewer;
// ErrReadOnly when the file or its folder can't be written to; ErrDamaged.
func Open(path string, opt Options) (*DB, error) {
	d, err := open(path, opt)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return d, nil
}

func open(path string, opt Options) (*DB, error) {
	d := &DB{path: path, now: opt.Now, log: opt.Log, readOnly: opt.ReadOnly, scratch: opt.scratch, writer: make(chan struct{}, 1), changes: make(chan struct{}, 1),
		atOnce: cmp.Or(opt.atOnce, atOnce), stuck: map[ID]error{}}
	if d.now == nil {
		d.now = time.Now
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	steps := opt.steps
	if steps == nil {
		steps = migrations()
	}
	if !d.readOnly {
		var err error
		if d.fresh, err = create(path, uint32(len(steps)+1)); err != nil {
			return nil, plain(err)
		}
	}
	if err := d.openBolt(); err != nil {
		return nil, err
	}
	if err := d.prepare(steps); err != nil {
		_ = d.Close()
		return nil, err
	}
	return d, nil
}

// openBolt lets bbolt open the file, after a look at its meta pages has shown
// that all of the file is there.
func (d *DB) openBolt() error {
	options := boltOptions(d.readOnly)
	options.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := os.OpenFile(name, flag&^os.O_CREATE, mode)
		if err != nil {
			return nil, err
		}
		h, err := readHead(f)
		if errors.Is(err, ErrDamaged) {
			// The process that holds the lock may have been writing just then.
			time.Sleep(10 * time.Millisecond)
			h, err = readHead(f)
		}
		if err == nil && h.alone {
			d.log.Warn("one of the database's two meta pages is damaged: the last change before the damage may be missing", "path", name)
		}
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		d.file = f
		return f, nil
	}
	err := quietly("open", func() (err error) {
		d.bolt, err = bolt.Open(d.path, 0o600, options)
		return err
	})
	if err == nil && d.replaced() {
		// While it waited for the lock another file took this one's place.
		return errors.Join(d.bolt.Close(), ErrLocked)
	}
	if err == nil {
		return nil
	}
	if d.file != nil {
		_ = unlockFile(d.file) // after a panic nobody else does
		_ = d.file.Close()
	}
	return plain(err)
}

// replaced tells whether the file that is open is not the one at its path.
func (d *DB) replaced() bool {
	opened, err := d.file.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(d.path)
	return err == nil && !os.SameFile(opened, now)
}

func boltOptions(readOnly bool) *bolt.Options {
	options := &bolt.Options{
		Timeout:         lockTimeout,
		FreelistType:    bolt.FreelistMapType,
		InitialMmapSize: mapSize64,
		NoStatistics:    true,
		ReadOnly:        readOnly,
	}
	if bits.UintSize == 32 {
		options.InitialMmapSize = mapSize32
		options.MaxSize = maxFile32
	}
	return options
}

// prepare makes an open file fit for use.
func (d *DB) prepare(steps []step) error {
	ctx := context.Background()
	if err := d.checkTree(); err != nil {
		return err
	}
	if err := d.migrate(ctx, steps); err != nil {
		return err
	}
	if err := d.View(ctx, checkBuckets); err != nil {
		return err
	}
	if d.readOnly {
		return nil
	}
	if info, err := d.file.Stat(); err == nil && info.Mode().Perm()&0o077 != 0 {
		// It holds password hashes; a snapshot copied by hand is often open to all.
		if err := d.file.Chmod(0o600); err != nil {
			d.log.Warn("others can read the database file", "path", d.path, "cause", err)
		}
	}
	if d.scratch {
		// Of another file's making.
	} else if _, err := DropPartials(filepath.Dir(d.path), filepath.Base(d.path)); err != nil {
		d.log.Warn("a file left over from an earlier run could not be removed", "cause", err)
	}
	if d.bolt.NoSync = d.scratch; d.scratch {
		return nil
	}
	d.reserve.path = d.path + ".reserve"
	d.reserve.restore(d.log)
	return nil
}

// checkBuckets wants every bucket there.
func checkBuckets(tx *Tx) error {
	for b := range bucketCount {
		if _, err := tx.has(b, []byte{0}); err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
	}
	return nil
}

// create makes a new file of a schema, unless there is one. The file appears
// complete or not at all, so that a crash leaves nothing that can't be opened.
func create(path string, schema uint32) (fresh bool, err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*"+PartialSuffix)
	if err != nil {
		return false, err
	}
	partial := f.Name()
	defer os.Remove(partial)
	if err := f.Close(); err != nil {
		return false, err
	}
	made, err := bolt.Open(partial, 0o600, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return false, err
	}
	err = made.Update(func(tx *bolt.Tx) error { return fill(tx, schema) })
	if err := errors.Join(err, made.Close()); err != nil {
		return false, err
	}
	return appear(partial, path)
}

// fill makes the buckets of a new file.
func fill(tx *bolt.Tx, schema uint32) error {
	for b := range bucketCount {
		if _, err := tx.CreateBucket([]byte(b.String())); err != nil {
			return err
		}
	}
	meta := tx.Bucket([]byte(inMeta.String()))
	version := binary.BigEndian.AppendUint32(nil, schema)
	if err := meta.Put(schemaKey, seal(inMeta, schemaKey, version)); err != nil {
		return err
	}
	return meta.Put(stateKey, seal(inMeta, stateKey, make([]byte, 32)))
}

// appear gives a complete file its name, unless another process was faster. A
// hard link never replaces what is there; file systems without links get a
// rename.
func appear(partial, path string) (fresh bool, err error) {
	err = os.Link(partial, path)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		if err := os.Rename(partial, path); err != nil {
			return false, err
		}
	}
	return true, syncDir(filepath.Dir(path))
}

// syncDir makes the names in a folder outlast a power cut.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !cannotSyncDir(err) {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

// DropPartials removes files in a folder that begin with a name and end in
// PartialSuffix: what a crash left of snapshots. It says how many they were.
// Nothing may be writing one of them at the time.
func DropPartials(dir, name string) (n int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), name) || !strings.HasSuffix(e.Name(), PartialSuffix) || !e.Type().IsRegular() {
			continue
		}
		if e := os.Remove(filepath.Join(dir, e.Name())); e != nil {
			err = errors.Join(err, e)
			continue
		}
		n++
	}
	return n, err
}

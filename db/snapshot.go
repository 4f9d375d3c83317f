package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// SnapshotInfo describes a snapshot that was written.
type SnapshotInfo struct {
	Path    string
	Size    int64 // bytes
	Records int   // values in it, those of indexes too
	Taken   time.Time
}

// Snapshot writes a consistent copy of the database to path, with mode 0600.
// The file appears there only when it is complete, on the disk, and was read
// again in full: each page, each seal, each record. What was there before is
// replaced. Others go on reading and writing meanwhile.
func (d *DB) Snapshot(ctx context.Context, path string) (SnapshotInfo, error) {
	info, err := d.snapshot(ctx, path, false)
	if err != nil {
		return SnapshotInfo{}, fmt.Errorf("snapshot to %s: %w", path, plain(err))
	}
	return info, nil
}

// snapshot bears rotten values in the copy only where no better one is to be had.
func (d *DB) snapshot(ctx context.Context, path string, bear bool) (info SnapshotInfo, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+PartialSuffix)
	if err != nil {
		return info, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	info = SnapshotInfo{Path: path, Taken: d.now()}
	err = d.View(ctx, func(tx *Tx) error {
		return quietly("copy", func() (err error) {
			info.Size, err = tx.bolt.WriteTo(&patient{ctx, f})
			return err
		})
	})
	if err != nil {
		return info, errors.Join(ctx.Err(), err)
	}
	if err := f.Sync(); err != nil {
		return info, err
	}
	if info.Records, err = d.verify(ctx, f, bear); err != nil {
		return info, fmt.Errorf("read the copy again: %w", err)
	}
	if err := f.Close(); err != nil {
		return info, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return info, err
	}
	return info, syncDir(filepath.Dir(path))
}

// patient is a writer that gives up when its context ends.
type patient struct {
	ctx context.Context
	w   io.Writer
}

func (p *patient) Write(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.w.Write(b)
}

// verify reads a file of the same schema in full. Rotten values are logged if
// they are to be borne.
func (d *DB) verify(ctx context.Context, f *os.File, bear bool) (records int, err error) {
	h, err := readHead(f)
	if err != nil {
		return 0, err
	}
	check := d.checkValue(&records)
	w := &pageWalk{ctx: ctx, f: f, h: h, full: true, each: func(name string, key, value []byte) error {
		err := check(name, key, value)
		if bear && errors.Is(err, ErrCorrupt) {
			d.log.Error("the copy holds what can't be read", "error", err)
			return nil
		}
		return err
	}}
	return records, w.run()
}

package db

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"
)

// SnapshotInfo describes a snapshot that was written.
type SnapshotInfo struct {
	Path  string
	Taken time.Time
	Proof // Took is for writing and proving it
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
	began := time.Now()
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+PartialSuffix)
	if err != nil {
		return info, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	info = SnapshotInfo{Path: path, Taken: d.now()}
	sum := crc32.New(castagnoli)
	err = d.View(ctx, func(tx *Tx) error {
		return quietly("copy", func() error {
			_, err := tx.bolt.WriteTo(io.MultiWriter(&patient{ctx: ctx, w: f, file: f}, sum))
			return err
		})
	})
	if err != nil {
		return info, errors.Join(ctx.Err(), err)
	}
	if err := f.Sync(); err != nil {
		return info, err
	}
	var bearing func(error) error
	if bear {
		bearing = func(err error) error {
			d.log.Error("the copy holds what can't be read", "error", err)
			return nil
		}
	}
	if info.Proof, err = read(ctx, f, max(newest(), int(d.schema)), bearing); err == nil && !bear {
		err = info.open(ctx, f.Name())
	}
	if err != nil {
		return info, fmt.Errorf("read the copy again: %w", err)
	}
	info.Sum = sum.Sum32()
	if err := f.Close(); err != nil {
		return info, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return info, err
	}
	info.Took = time.Since(began)
	return info, syncDir(filepath.Dir(path))
}

// A copy is brought to the disk in pieces, with a rest after each that took
// long: otherwise all that was written would be in the way of the next commit's
// own few pages.
const (
	copyPiece = 4 << 20
	copyQuick = 20 * time.Millisecond // for a piece: the disk has nothing else to do
	copyRest  = time.Second           // at most, after a piece
)

// patient is a writer that gives up when its context ends, and lets the disk
// rest now and then if it writes to a file.
type patient struct {
	ctx   context.Context
	w     io.Writer
	file  *os.File
	left  int // bytes of the piece, to come
	began time.Time
}

func (p *patient) Write(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	if p.left <= 0 {
		p.left, p.began = copyPiece, time.Now()
	}
	n, err := p.w.Write(b)
	if p.left -= n; err != nil || p.file == nil || p.left > 0 {
		return n, err
	}
	if err := p.file.Sync(); err != nil {
		return n, err
	}
	if took := time.Since(p.began); took > copyQuick {
		rest := time.NewTimer(min(took, copyRest))
		defer rest.Stop()
		select {
		case <-rest.C:
		case <-p.ctx.Done():
		}
	}
	return n, nil
}

package db

import (
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

const (
	reserveSize  = 8 << 20
	reserveRetry = 30 * time.Second
)

// reserve is a file beside the database that takes up space, to be given up
// when the disk is full and something is to be deleted. The writer's token
// guards it.
type reserve struct {
	path  string
	there bool
	tried time.Time
}

// give frees the space, and says whether there was any to free.
func (r *reserve) give() bool {
	if r.path == "" || !r.there {
		return false
	}
	r.there = false
	r.tried = time.Now()
	return os.Remove(r.path) == nil
}

// restore makes the reserve again, if it is gone and its making leaves as much
// space as it takes. It does not try all the time.
func (r *reserve) restore(log *slog.Logger) {
	if r.path == "" || r.there || !r.tried.IsZero() && time.Since(r.tried) < reserveRetry {
		return
	}
	r.tried = time.Now()
	if info, err := os.Lstat(r.path); err == nil && info.Mode().IsRegular() && info.Size() == reserveSize {
		r.there = true
		return
	}
	if free, ok := freeSpace(filepath.Dir(r.path)); ok && free < 2*reserveSize {
		return
	}
	if err := r.make(); err != nil {
		_ = os.Remove(r.path)
		log.Warn("no space could be reserved beside the database; deleting may fail when the disk is full", "path", r.path, "cause", err)
		return
	}
	r.there = true
}

func (r *reserve) make() error {
	if err := os.Remove(r.path); err != nil && !os.IsNotExist(err) {
		return err
	}
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if !allocate(f, reserveSize) {
		// Random bytes take their space even where the disk compresses.
		noise := rand.NewChaCha8([32]byte{})
		if _, err := io.CopyN(f, noise, reserveSize); err != nil {
			return err
		}
	}
	return f.Sync()
}

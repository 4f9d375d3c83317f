package media

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"
)

// Usage is how many bytes the files of a store have.
type Usage struct {
	Originals int64 // audio as it was uploaded
	Derived   int64 // waveforms, indexes and pictures, which can be made again
}

const (
	measuredAtOnce = 64                    // folders that are looked at before a rest
	measureRest    = 10 * time.Millisecond // so that whoever listens gets the disk
)

// Measure counts the bytes of all files that are kept. It looks at every
// folder, with rests in between: of 100,000 tracks it takes a minute or more.
func (s *Store) Measure(ctx context.Context) (Usage, error) {
	var u Usage
	looked := 0
	for _, kind := range []string{tracksDir, usersDir, playlistsDir} {
		folders, err := s.list(kind)
		if err != nil {
			return u, err
		}
		for _, name := range folders {
			entries, err := fs.ReadDir(s.root.Load().FS(), kind+"/"+name)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				continue // what is there instead of a folder is none of ours
			}
			for _, e := range entries {
				info, err := e.Info()
				if err != nil || !info.Mode().IsRegular() {
					continue
				}
				if kind == tracksDir && strings.HasPrefix(e.Name(), audioName("")) {
					u.Originals += info.Size()
				} else {
					u.Derived += info.Size() / names(info) // all of which are here
				}
			}
			if looked++; looked%measuredAtOnce == 0 {
				select {
				case <-ctx.Done():
					return u, ctx.Err()
				case <-time.After(measureRest):
				}
			}
		}
	}
	return u, nil
}

// Receiving is how many bytes there are of files that are still being received.
func (s *Store) Receiving() int64 {
	entries, err := fs.ReadDir(s.root.Load().FS(), incomingDir)
	if err != nil {
		return 0
	}
	var n int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
	}
	return n
}

// Total is how many bytes the disk has altogether.
func (s *Store) Total() (uint64, error) { return diskTotal(s.dir) }

// Floor is how many bytes of the disk uploads leave free.
func (s *Store) Floor() uint64 { return s.floor }

// ReadOnly tells that the disk, or the folder, takes no writes. Where a system
// can't say, it is false.
func (s *Store) ReadOnly() bool { return readOnly(s.dir) }

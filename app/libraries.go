package app

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/app/core"
	"earshot/db"
	"earshot/media/watch"
)

// lookEvery is how often it is looked whether libraries are there.
const lookEvery = time.Minute

// machine says where on this machine libraries may be.
func (a *App) machine() core.Machine {
	var m core.Machine
	if data, err := filepath.Abs(a.cfg.Data); err == nil {
		m.Data = data
		if real, err := filepath.EvalSymlinks(data); err == nil {
			m.Data = real
		}
	}
	home, err := os.UserHomeDir()
	for _, f := range a.cfg.Library.Folders {
		if rest, ok := strings.CutPrefix(f, "~"); ok {
			if err != nil || !filepath.IsAbs(home) {
				continue // a service may have none
			}
			f = filepath.Join(home, rest)
		}
		m.Folders = append(m.Folders, f)
	}
	return m
}

// watchLibraries follows what changes in libraries until the house closes:
// those that are watched soon after, all of them every so often.
func (a *App) watchLibraries(ctx context.Context, quiet time.Duration) {
	var mu sync.Mutex
	ids := map[string]db.ID{}
	again := map[db.ID]bool{} // what changed while it was read
	read := func(id db.ID) {
		var runs bool
		err := a.guarded(ctx, func(ctx context.Context) (err error) {
			runs, err = a.core.ReadLibrary(ctx, id)
			return err
		})
		if err != nil && ctx.Err() == nil {
			a.log.Warn("a library in which something changed can't be read yet", "library", id, "error", err)
		}
		if err != nil || runs {
			mu.Lock()
			again[id] = true
			mu.Unlock()
		}
	}
	w := watch.New(watch.Options{Quiet: quiet, Log: a.log, Changed: func(path string) {
		mu.Lock()
		id := ids[path]
		mu.Unlock()
		read(id)
	}})
	defer w.Close()
	lookout := a.core.Lookout()
	every := lookEvery
	if a.cfg.Library.Scan > 0 {
		every = min(every, a.cfg.Library.Scan)
	}
	next := time.NewTicker(every)
	defer next.Stop()
	for {
		err := a.guarded(ctx, func(ctx context.Context) error {
			there, err := lookout.Look(ctx, a.cfg.Library.Scan)
			var paths []string
			mu.Lock()
			clear(ids)
			for _, l := range there {
				if ids[l.Path] = l.ID; l.On {
					paths = append(paths, l.Path)
				}
			}
			mu.Unlock()
			w.Set(paths)
			return err
		})
		if err != nil && ctx.Err() == nil {
			a.log.Error("the libraries can't be looked at", "error", err)
		}
		mu.Lock()
		later := slices.Collect(maps.Keys(again))
		clear(again)
		mu.Unlock()
		for _, id := range later {
			read(id)
		}
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		case <-a.core.Shelved():
		}
	}
}

package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"earshot/app/core"
	"earshot/db"
)

const (
	indexDir   = "index"         // of the data folder
	askedName  = "reindex-asked" // in it: "earshot reindex" left word for the house that is open
	askedEvery = 2 * time.Second
	takenUp    = 15 * time.Second // how long that command waits for the house to take it up
	indexAgain = time.Minute      // the longest rest of following when it goes wrong again and again
)

// followIndex keeps the search index up with the database until the house
// closes.
func (a *App) followIndex(ctx context.Context) {
	for rest := time.Second; ctx.Err() == nil; rest = min(2*rest, indexAgain) {
		began := time.Now()
		if err := a.guarded(ctx, a.index.Run); err != nil {
			a.log.Error("the search index can't be kept up with what changes", "error", err, "again in", rest)
		}
		if time.Since(began) > indexAgain { // it went well for a while
			rest = time.Second
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
}

// reindexAsked looks whether "earshot reindex" asked this house for a new index.
func (a *App) reindexAsked(context.Context) error {
	err := os.Remove(filepath.Join(a.cfg.Data, indexDir, askedName))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	if err == nil {
		a.index.Ask()
	}
	return err
}

// Reindex makes the search index of a house anew, and tells how far it is. A
// house that is open does it by itself, while it goes on serving.
func Reindex(ctx context.Context, o Options, w io.Writer) error {
	dir := o.Config.Data
	if _, err := os.Stat(filepath.Join(dir, dbName)); err != nil {
		return fmt.Errorf("there is no Earshot in the folder %s: %w", dir, plain(err))
	}
	a := &App{cfg: o.Config, log: o.Log}
	var err error
	a.db, err = db.Open(filepath.Join(dir, dbName), db.Options{Log: o.Log, Now: o.Now})
	if errors.Is(err, db.ErrLocked) {
		return askOpenHouse(ctx, dir, w)
	}
	if err != nil {
		return a.explain(err)
	}
	if a.index, err = core.NewIndexer(ctx, a.db, filepath.Join(dir, indexDir), o.Log); err != nil {
		return errors.Join(a.explain(err), a.close())
	}
	began, told := time.Now(), -1
	var all uint64
	err = a.index.Rebuild(ctx, func(done, of uint64) {
		all = done
		if percent := int(100 * done / max(of, done, 1)); percent/10 > told/10 || told < 0 {
			told = percent
			fmt.Fprintf(w, "%3d %%  %d things\n", percent, done)
		}
	})
	if err == nil {
		fmt.Fprintf(w, "The search index was made anew: %d things in %v.\n", all, time.Since(began).Round(10*time.Millisecond))
	}
	return errors.Join(err, a.close())
}

// askOpenHouse leaves word for the house that has the data open.
func askOpenHouse(ctx context.Context, dir string, w io.Writer) error {
	path := filepath.Join(dir, indexDir, askedName)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
		return fmt.Errorf("the Earshot that is open can't be asked: %w", plain(err))
	}
	for end := time.Now().Add(takenUp); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), os.Remove(path))
		case <-time.After(100 * time.Millisecond):
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintln(w, "Earshot is open, and makes its search index anew while it serves. Its log and the keeper's page “Search index” tell how far it is.")
			return nil
		}
	}
	if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.New("another program has the database open, and does not answer; stop it and try again")
}

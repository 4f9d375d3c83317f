package core

import (
	"context"
	"errors"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

// ErrStopped says that whoever asked for something stopped it.
var ErrStopped = errors.New("stopped")

// FirstKeeper finds the keeper who is here for longest.
func (h Console) FirstKeeper(ctx context.Context) (u db.User, err error) {
	err = h.c.view(ctx, func(tx *db.Tx) error {
		for one, err := range tx.Users(0) {
			if h.c.unreadable(err, "user", 0) {
				continue
			}
			if err != nil {
				return err
			}
			if one.Role == db.Keeper && !one.Disabled && !one.Leaving {
				u = one
				return nil
			}
		}
		return fault.New(fault.NotFound, "not_found", "nobody keeps this house yet; open it and make the first account")
	})
	return u, err
}

// Scan queues a reading of a library, unless one waits or runs.
func (h Console) Scan(ctx context.Context, library db.ID) (imp db.Import, err error) {
	err = h.c.update(ctx, func(tx *db.Tx) error {
		l, err := h.c.library(tx, library)
		if err == nil {
			imp, err = h.c.StartImport(tx, l, 0)
		}
		return err
	})
	if err == nil {
		h.c.wake()
	}
	return imp, err
}

// List queues a list of tracks. Its folder may be any.
func (h Console) List(ctx context.Context, n NewList) (db.Import, error) {
	n, err := h.listIn(n)
	if err != nil {
		return db.Import{}, err
	}
	return h.c.queueList(ctx, 0, n)
}

// DryList tells what List would do, as Core.DryList does.
func (h Console) DryList(ctx context.Context, n NewList, show func(ImportView), say func(db.Problem)) (db.Import, error) {
	n, err := h.listIn(n)
	if err != nil {
		return db.Import{}, err
	}
	return h.c.DryList(ctx, n, show, say)
}

func (h Console) listIn(n NewList) (NewList, error) {
	var err error
	if n.Folder, err = realFolder(n.Folder); err != nil {
		return n, err
	}
	return n, h.c.notOwn(n.Folder)
}

// Dry tells what a reading of a folder would do for somebody, as
// Core.DryImport does. The folder may be a library.
func (h Console) Dry(ctx context.Context, n NewLibrary, show func(ImportView), say func(db.Problem)) (db.Import, error) {
	var err error
	if n.Path, err = realFolder(n.Path); err != nil {
		return db.Import{}, err
	}
	l := db.Library{Path: n.Path, User: n.User, Visibility: n.Visibility, Copy: n.Copy}
	err = h.c.view(ctx, func(tx *db.Tx) error {
		is, err := tx.LibraryByPath(n.Path)
		if err == nil {
			l = is
		}
		return ignoreMissing(err)
	})
	if err != nil {
		return db.Import{}, err
	}
	return h.c.DryImport(ctx, l, show, say)
}

// Follow tells how an import comes on until it has ended. Where the house is
// open it runs there; otherwise it is done here. When the context ends, it is
// stopped, and the error is ErrStopped.
func (h Console) Follow(ctx context.Context, id db.ID, open bool, show func(ImportView)) (db.Import, error) {
	if !open {
		if err := h.runHere(ctx, id, show); err != nil {
			return db.Import{}, err
		}
	} else if err := h.watch(ctx, id, show); err != nil {
		return db.Import{}, err
	}
	var imp db.Import
	err := h.c.view(context.WithoutCancel(ctx), func(tx *db.Tx) (err error) {
		imp, err = tx.Import(id)
		return err
	})
	if err == nil && ctx.Err() != nil && imp.State == db.ImportStopped {
		err = ErrStopped
	}
	return imp, err
}

// runHere does the job of an import.
func (h Console) runHere(ctx context.Context, id db.ID, show func(ImportView)) error {
	var job db.Job
	err := h.c.view(ctx, func(tx *db.Tx) error {
		for j, err := range tx.JobsAbout(id) {
			if err != nil {
				return err
			}
			job = j
		}
		return nil
	})
	if err != nil || job.ID == 0 {
		return err
	}
	// Whoever stops it here does not want it to go on by itself.
	run, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	defer context.AfterFunc(ctx, func() { stop(errStopped) })()
	if err := h.c.runImport(run, job, show); err != nil {
		return err
	}
	err = h.c.free(context.WithoutCancel(ctx), func(tx *db.Tx) error { return tx.DropJob(job.ID) })
	if isNotFound(err) {
		return nil
	}
	return err
}

// watch looks at an import that runs in the house.
func (h Console) watch(ctx context.Context, id db.ID, show func(ImportView)) error {
	look := time.NewTicker(250 * time.Millisecond)
	defer look.Stop()
	for {
		var v ImportView
		err := h.c.view(ctx, func(tx *db.Tx) error {
			i, err := tx.Import(id)
			v = h.c.imports.view(i)
			return err
		})
		if ctx.Err() != nil {
			return h.c.stopAndWait(context.WithoutCancel(ctx), id)
		}
		if err != nil {
			return err
		}
		if v.Import.State.Ended() {
			return nil
		}
		if show != nil {
			show(v)
		}
		select {
		case <-ctx.Done():
		case <-look.C:
		case <-h.c.imports.ended(id):
		}
	}
}

// stopAndWait stops an import and waits until it has ended.
func (c *Core) stopAndWait(ctx context.Context, id db.ID) error {
	ended := c.imports.ended(id)
	if err := c.stopImport(ctx, id); err != nil {
		return err
	}
	if ended != nil {
		<-ended
	}
	return nil
}

// Problems gives what an import did not take.
func (h Console) Problems(ctx context.Context, id db.ID, each func(db.Problem)) error {
	return h.c.view(ctx, func(tx *db.Tx) error {
		for p, err := range tx.Problems(id, 0) {
			if h.c.unreadable(err, "problem of import", id) {
				continue
			}
			if err != nil {
				return err
			}
			each(p.Problem)
		}
		return nil
	})
}

// ended gives what is closed when an import that runs here has ended; nil when
// it does not run here.
func (i *imports) ended(id db.ID) <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r := i.now[id]; r != nil {
		return r.ended
	}
	return nil
}

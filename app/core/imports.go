package core

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"earshot/app/fault"
	"earshot/app/intake"
	"earshot/db"
)

// JobImport is the kind of job that reads a library, or a list of tracks. Its
// subject is the Import.
const JobImport = "import"

// ImportView is an import as a keeper sees it.
type ImportView struct {
	Import db.Import
	Rate   float64       // files a second, of the last while; 0 when it does not run
	Left   time.Duration // how long it may still take; 0 when not known
}

// imports are those that run in this process.
type imports struct {
	mu  sync.Mutex
	now map[db.ID]*running
}

// running is one of them. All but stop and ended is guarded by imports.mu.
type running struct {
	stop  context.CancelCauseFunc
	ended chan struct{} // closed when it has ended
	imp   db.Import     // as far as it came
	rate  float64
	left  time.Duration
}

// errStopped ends an import that a keeper stops.
var errStopped = errors.New("the import was stopped")

// begin notes that an import runs, until the function it gives is called.
func (i *imports) begin(ctx context.Context, imp db.Import) (context.Context, *running, func()) {
	ctx, stop := context.WithCancelCause(ctx)
	r := &running{stop: stop, ended: make(chan struct{}), imp: imp}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.now == nil {
		i.now = map[db.ID]*running{}
	}
	i.now[imp.ID] = r
	return ctx, r, func() {
		i.mu.Lock()
		if i.now[imp.ID] == r {
			delete(i.now, imp.ID)
		}
		i.mu.Unlock()
		stop(nil)
		close(r.ended)
	}
}

// tell notes how far an import came.
func (i *imports) tell(r *running, imp db.Import, rate float64, left time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	r.imp, r.rate, r.left = imp, rate, left
}

// view adds to what is stored of an import what is known of it as it runs.
func (i *imports) view(imp db.Import) ImportView {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r := i.now[imp.ID]; r != nil && !imp.State.Ended() {
		return ImportView{Import: r.imp, Rate: r.rate, Left: r.left}
	}
	return ImportView{Import: imp}
}

// cancel stops an import if it runs here.
func (i *imports) cancel(id db.ID) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	r := i.now[id]
	if r != nil {
		r.stop(errStopped)
	}
	return r != nil
}

// StartImport queues a reading of a library, unless one waits or runs, which it
// gives then. By is the keeper who asks, 0 for nobody. Wake has to be called
// when the transaction is kept.
func (c *Core) StartImport(tx *db.Tx, l db.Library, by db.ID) (db.Import, error) {
	for i, err := range tx.ImportsOf(l.ID) {
		if c.unreadable(err, "import", 0) {
			continue
		}
		if err != nil {
			return i, err
		}
		if !i.State.Ended() {
			return i, nil
		}
	}
	i := db.Import{ID: tx.NewID(), Library: l.ID, Path: l.Path, By: by, Created: c.now()}
	return i, c.queueImport(tx, i)
}

func (c *Core) queueImport(tx *db.Tx, i db.Import) error {
	if err := tx.AddImport(i); err != nil {
		return err
	}
	return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobImport, Subject: i.ID, Created: i.Created})
}

// ScanLibrary has a library read for a keeper.
func (c *Core) ScanLibrary(ctx context.Context, me, library db.ID) (ImportView, error) {
	var imp db.Import
	err := c.update(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		l, err := c.library(tx, library)
		if err != nil {
			return err
		}
		imp, err = c.StartImport(tx, l, me)
		return err
	})
	if err != nil {
		return ImportView{}, err
	}
	c.wake()
	return c.imports.view(imp), nil
}

// Imports lists the imports for a keeper, the newest first.
func (c *Core) Imports(ctx context.Context, me db.ID, p Paging) (Page[ImportView], error) {
	var page Page[ImportView]
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		var err error
		page, err = collect(c, "imports", p, tx.Imports, func(i db.Import) db.ID { return i.ID }, func(i db.Import) (ImportView, bool, error) {
			return c.imports.view(i), true, nil
		})
		return err
	})
	return page, err
}

// Import finds one import for a keeper.
func (c *Core) Import(ctx context.Context, me, id db.ID) (ImportView, error) {
	var v ImportView
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		i, err := tx.Import(id)
		v = c.imports.view(i)
		return err
	})
	return v, err
}

// LastImport gives the import of a library that waits or runs, or else the last
// one. ok is false when there was none.
func (c *Core) LastImport(tx *db.Tx, library db.ID) (v ImportView, ok bool, err error) {
	for i, err := range tx.ImportsOf(library) {
		if c.unreadable(err, "import", 0) {
			continue
		}
		return c.imports.view(i), err == nil, err
	}
	return v, false, nil
}

// ImportProblems lists what an import did not take, and why, in the order in
// which it was met.
func (c *Core) ImportProblems(ctx context.Context, me, id db.ID, p Paging) (Page[db.NumberedProblem], error) {
	var page Page[db.NumberedProblem]
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		if _, err := tx.Import(id); err != nil {
			return err
		}
		list := "problems/" + id.String()
		after, err := c.after(list, p)
		if err != nil {
			return err
		}
		number := func(p db.NumberedProblem) db.ID { return db.ID(p.Number) }
		page, err = gather(c, list, p.limit(), tx.Problems(id, uint64(after)), number,
			func(p db.NumberedProblem) (db.NumberedProblem, bool, error) { return p, true, nil },
			func(last db.NumberedProblem) string { return c.before(list, number(last)) })
		return err
	})
	return page, err
}

// StopImport ends an import. What it took so far stays; a further one goes on
// from there.
func (c *Core) StopImport(ctx context.Context, me, id db.ID) error {
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		_, err := tx.Import(id)
		return err
	})
	if err != nil {
		return err
	}
	return c.stopImport(ctx, id)
}

func (c *Core) stopImport(ctx context.Context, id db.ID) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		i, err := tx.Import(id)
		if err != nil || i.State.Ended() || c.imports.cancel(id) { // what runs here writes down how far it came
			return err
		}
		for j, err := range tx.JobsAbout(id) {
			if err != nil {
				return err
			}
			if err := tx.DropJob(j.ID); err != nil {
				return err
			}
		}
		i.State, i.Ended = db.ImportStopped, c.now()
		return tx.SetImport(i)
	})
	if err == nil {
		c.dropList(id)
	}
	return err
}

// NewList is a list of tracks that is to be taken in: a CSV.
type NewList struct {
	Folder     string // absolute: where the files of the list are
	Name       string // what the list is called
	User       db.ID  // whose the tracks become where the list names nobody; 0: the asker's
	Visibility db.Visibility
	Albums     bool
	Bytes      []byte // of at most intake.MaxList
}

// ImportList queues the taking in of a list for a keeper. Its folder has to be
// one that may be read by the settings.
func (c *Core) ImportList(ctx context.Context, me db.ID, n NewList) (ImportView, error) {
	if len(n.Bytes) > intake.MaxList {
		return ImportView{}, fault.New(fault.TooLarge, "list.large", "This list is too large: at most "+megabytes(intake.MaxList)+".").In("csv")
	}
	if len(bytes.TrimSpace(n.Bytes)) == 0 {
		return ImportView{}, fault.New(fault.Invalid, "list.empty", "This list is empty.").In("csv")
	}
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		if n.User == 0 {
			n.User = me
		}
		u, err := tx.User(n.User)
		if err == nil && u.Leaving {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return ImportView{}, err
	}
	if n.Folder, err = c.allowedFolder(n.Folder); err != nil {
		return ImportView{}, err
	}
	imp, err := c.queueList(ctx, me, n)
	return ImportView{Import: imp}, err
}

// queueList queues a list that was found well.
func (c *Core) queueList(ctx context.Context, by db.ID, n NewList) (db.Import, error) {
	id, err := c.newID(ctx)
	if err != nil {
		return db.Import{}, err
	}
	imp := db.Import{
		ID: id, Path: listName(n.Name), By: by, Created: c.now(), Folder: n.Folder, User: n.User, Visibility: n.Visibility, Albums: n.Albums,
	}
	if err := c.keepList(id, n); err != nil {
		return imp, err
	}
	if err := c.update(ctx, func(tx *db.Tx) error { return c.queueImport(tx, imp) }); err != nil {
		c.dropList(id)
		return imp, err
	}
	c.wake()
	return imp, nil
}

func listName(name string) string {
	if name = cut(line(baseName(name)), maxFileName); name == "" {
		return "list.csv"
	}
	return name
}

// ImportFailed notes that an import was given up.
func (c *Core) ImportFailed(ctx context.Context, job db.Job, cause error) error {
	return c.endImport(ctx, job.Subject, db.ImportFailed, sentenceOf(cause))
}

// endImport writes down how an import ended.
func (c *Core) endImport(ctx context.Context, id db.ID, state db.ImportState, why string) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		i, err := tx.Import(id)
		if err != nil {
			return err
		}
		i.State, i.Ended, i.Error = state, c.now(), cut(why, maxDescription)
		return tx.SetImport(i)
	})
	if isNotFound(err) {
		return nil // its library was taken away
	}
	if err == nil {
		c.dropList(id)
	}
	return err
}

// sentenceOf is what people are told of an error.
func sentenceOf(err error) string {
	if f := fault.Of(err); f.Kind != fault.Internal {
		return f.Message
	}
	return "Something went wrong: " + err.Error()
}

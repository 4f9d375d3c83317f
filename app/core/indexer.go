package core

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/search"
)

const (
	indexedAtOnce = 200                    // changes that are indexed by one batch, and records that one transaction reads
	clearedAtOnce = 500                    // changes that one transaction takes out of the outbox
	clearedAfter  = time.Minute            // a change that is in the index may stay in the outbox for so long
	gathered      = 100 * time.Millisecond // changes that come together are indexed together
	indexOpens    = 2 * time.Second        // how long a search waits for the index, just after the start
	waitingMost   = 1000                   // changes that are counted as waiting
	asked         = "asked"                // the reason of an index that somebody wants made anew
	toldEvery     = 10 * time.Second       // how often the log hears of a long work
)

// Indexer keeps the search index: it follows the database by the outbox, and
// makes the index anew where it is missing, damaged or of another version. The
// index is derived from the database, and may be deleted at any time.
type Indexer struct {
	db      *db.DB
	log     *slog.Logger
	dir     string
	history string        // name of the database, which its index has too
	begun   uint64        // sequence of its last change before the start
	asked   chan struct{} // has an entry when the index is to be made anew
	tried   chan struct{} // closed when the index was opened, or could not be
	once    sync.Once     // closes it

	mu      sync.Mutex
	index   *search.Index // nil until it is open
	state   IndexState
	applied uint64 // sequence of the last change that is in the index, though not on the disk yet
	cleared time.Time
	fitted  bool // the index was found to be of this database, or made anew from it
}

// IndexState is how the search index stands.
type IndexState struct {
	Documents uint64  // how many things it holds
	Waiting   int     // changes that are not in it, up to waitingMost
	Building  bool    // it is being made anew
	Progress  float64 // share of that
	Reason    string  // why it is, or was last, made anew
	Bytes     int64
	Error     string // what keeps it from being opened, made or followed
}

// NewIndexer makes an indexer of an index in a folder, before anything else is
// written to the database. It does not open the index yet.
func NewIndexer(ctx context.Context, data *db.DB, dir string, log *slog.Logger) (*Indexer, error) {
	x := &Indexer{db: data, log: log, dir: dir, asked: make(chan struct{}, 1), tried: make(chan struct{})}
	err := data.Update(ctx, func(tx *db.Tx) error {
		name, err := tx.Secret("index", 16)
		x.history, x.begun = hex.EncodeToString(name), tx.Seq()
		return err
	})
	return x, err
}

// Ask has the index made anew by Run.
func (x *Indexer) Ask() {
	select {
	case x.asked <- struct{}{}:
	default: // somebody did already
	}
}

// Close closes the index. Run must have ended.
func (x *Indexer) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.index == nil {
		return nil
	}
	err := x.index.Close()
	x.index = nil
	return err
}

// open opens the index, if it is not yet. Only one at a time may call it.
func (x *Indexer) open() (*search.Index, error) {
	if _, index, _ := x.now(); index != nil {
		return index, nil
	}
	defer x.once.Do(func() { close(x.tried) })
	// It may take a while on a slow disk, in which the state can be asked for.
	index, err := search.Open(search.Options{Dir: x.dir, Log: x.log, History: x.history})
	if err != nil {
		return nil, fmt.Errorf("open the search index: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.index, x.applied = index, index.Seq()
	return index, nil
}

// Run follows the database until the context ends or something goes wrong.
// Then it may be called again.
func (x *Indexer) Run(ctx context.Context) error {
	defer x.set(func(s *IndexState) { s.Building = false }) // after a panic too
	err := x.run(ctx)
	if ctx.Err() != nil {
		return nil
	}
	x.set(func(s *IndexState) { s.Error = err.Error() })
	return err
}

func (x *Indexer) run(ctx context.Context) error {
	index, err := x.open()
	if err != nil {
		return err
	}
	fits, err := x.fits(ctx, index)
	if err == nil && !fits {
		// On the disk, too: until it is made anew, no start must take it.
		if err = index.Distrust(); err == nil {
			err = x.rebuild(ctx, index, search.Foreign.String())
		}
	}
	if err != nil && !errors.Is(err, search.ErrDamaged) {
		return err
	}
	idle := time.NewTicker(clearedAfter)
	defer idle.Stop()
	for {
		if reason := index.Reason(); reason != search.Fine {
			if err := x.rebuild(ctx, index, reason.String()); err != nil {
				return err
			}
		}
		err := x.follow(ctx, index)
		if errors.Is(err, search.ErrDamaged) && index.Reason() != search.Fine {
			continue
		}
		if err != nil {
			return err
		}
		x.set(func(s *IndexState) { s.Error = "" })
		select {
		case <-ctx.Done():
			return nil
		case <-x.db.Changes():
			if !sleep(ctx, gathered) {
				return nil
			}
		case <-index.Persisted():
		case <-idle.C:
		case <-x.asked:
			if err := x.rebuild(ctx, index, asked); err != nil {
				return err
			}
		}
	}
}

// sleep waits, and tells whether the context goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// fits tells whether the index can be one of this database: whether it was not
// ahead of it at the start, as when an older copy was put back, and holds about
// as much. Once that is known it stays so.
func (x *Indexer) fits(ctx context.Context, index *search.Index) (bool, error) {
	if x.fitted || index.Reason() != search.Fine {
		return true, nil // or it says itself why it has to be made anew
	}
	if index.Seq() > x.begun {
		return false, nil
	}
	if err := x.apply(ctx, index); err != nil {
		return false, err
	}
	count, err := index.Count()
	if err != nil {
		return false, err
	}
	err = x.db.View(ctx, func(tx *db.Tx) error {
		// Some records may be damaged, or of accounts that are leaving.
		x.fitted = count+count/100+16 >= uint64(tx.CountUsers()+tx.CountTracks())
		return nil
	})
	return x.fitted, err
}

// follow applies what has changed, and takes what is on the disk out of the
// outbox when there is enough of it.
func (x *Indexer) follow(ctx context.Context, index *search.Index) error {
	if err := x.apply(ctx, index); err != nil {
		return err
	}
	return x.clear(ctx, index)
}

// apply indexes all changes, batch by batch.
func (x *Indexer) apply(ctx context.Context, index *search.Index) error {
	for ctx.Err() == nil {
		var last uint64
		var put []search.Doc
		var drop []search.Ref
		err := x.db.View(ctx, func(tx *db.Tx) error {
			changes, err := tx.Outbox(x.applied, indexedAtOnce)
			if err != nil {
				return err
			}
			for _, change := range changes {
				last = change.Seq
				doc, ok, err := docOf(tx, db.Thing{Kind: change.Kind, ID: change.ID})
				switch {
				case err == nil && ok:
					put = append(put, doc)
				case err == nil || errors.Is(err, db.ErrNotFound):
					drop = append(drop, refOf(change.Kind, change.ID))
				case errors.Is(err, db.ErrCorrupt):
					x.log.Error("a record is damaged and can't be found any more", "kind", change.Kind, "id", change.ID, "error", err)
					drop = append(drop, refOf(change.Kind, change.ID))
				default:
					return err
				}
			}
			return nil
		})
		if err != nil || last == 0 {
			return err
		}
		if err := index.Apply(ctx, last, put, drop); err != nil {
			return fmt.Errorf("index what has changed: %w", err)
		}
		x.mu.Lock()
		x.applied = last
		x.mu.Unlock()
	}
	return ctx.Err()
}

// clear takes the changes that the index has on the disk out of the outbox.
// Each time costs a write, so it waits until there are many, or for a while.
func (x *Indexer) clear(ctx context.Context, index *search.Index) error {
	for ctx.Err() == nil {
		var done []db.Change
		err := x.db.View(ctx, func(tx *db.Tx) error {
			changes, err := tx.Outbox(0, clearedAtOnce)
			for _, change := range changes {
				if change.Seq <= index.Seq() {
					done = append(done, change)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		if ago := time.Since(x.cleared); len(done) == 0 || len(done) < clearedAtOnce && ago < clearedAfter {
			return nil
		}
		if err := x.db.UpdateFreeing(ctx, func(tx *db.Tx) error { return tx.ClearOutbox(done) }); err != nil {
			return err
		}
		if len(done) < clearedAtOnce {
			x.cleared = time.Now()
		}
	}
	return ctx.Err()
}

// rebuild makes the index anew while the old one answers.
func (x *Indexer) rebuild(ctx context.Context, index *search.Index, reason string) error {
	x.set(func(s *IndexState) { s.Building, s.Progress, s.Reason, s.Error = true, 0, reason, "" })
	began, told := time.Now(), time.Now()
	x.log.Info("the search index is being made anew", "reason", reason)
	var all uint64
	err := x.Rebuild(ctx, func(done, of uint64) {
		all = done
		share := float64(done) / float64(max(of, done, 1))
		x.set(func(s *IndexState) { s.Progress = share })
		if time.Since(told) >= toldEvery {
			told = time.Now()
			x.log.Info("the search index is being made anew", "done", fmt.Sprintf("%.0f %%", 100*share))
		}
	})
	if err != nil {
		return err
	}
	x.set(func(s *IndexState) { s.Building, s.Progress = false, 0 })
	x.log.Info("the search index was made anew", "documents", all, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// Rebuild makes the index anew from the whole database. Step hears how many
// things are in it, of about how many; it may be nil.
func (x *Indexer) Rebuild(ctx context.Context, step func(done, of uint64)) error {
	index, err := x.open()
	if err != nil {
		return err
	}
	var seq, of uint64
	err = x.db.View(ctx, func(tx *db.Tx) error {
		seq, of = tx.Seq(), uint64(tx.CountUsers()+tx.CountTracks())
		return nil
	})
	if err != nil {
		return err
	}
	err = index.Rebuild(ctx, seq, x.everything(ctx, index), func(done uint64) {
		if step != nil {
			step(done, of)
		}
	})
	if err != nil {
		return fmt.Errorf("make the search index anew: %w", err)
	}
	x.mu.Lock()
	x.applied, x.fitted = seq, true
	x.mu.Unlock()
	return x.clear(ctx, index)
}

// everything yields all that can be found. Each transaction reads a few records
// only, so that none keeps the file from reusing its pages. In between, what
// changes goes to the index that still answers; the new one gets it afterwards.
func (x *Indexer) everything(ctx context.Context, index *search.Index) iter.Seq2[search.Doc, error] {
	return func(yield func(search.Doc, error) bool) {
		give := func(docs []search.Doc, err error) bool {
			if err != nil {
				yield(search.Doc{}, err)
				return false
			}
			for _, d := range docs {
				if !yield(d, nil) {
					return false
				}
			}
			if index.Reason() == search.Fine {
				if err := x.apply(ctx, index); err != nil {
					x.log.Debug("changes wait until the index is made anew", "error", err)
				}
			}
			return true
		}
		_ = everyOf(ctx, x, (*db.Tx).Users, func(u db.User) db.ID { return u.ID }, docOfUser, give) &&
			everyOf(ctx, x, (*db.Tx).Tracks, func(t db.Track) db.ID { return t.ID }, docOfTrack, give) &&
			everyOf(ctx, x, (*db.Tx).Playlists, func(p db.Playlist) db.ID { return p.ID }, docOfPlaylist, give) &&
			everyOf(ctx, x, (*db.Tx).Tags, func(t db.Tag) db.ID { return t.ID }, docOfTag, give)
	}
}

// everyOf gives all records of one kind, some at a time.
func everyOf[R any](ctx context.Context, x *Indexer, list func(*db.Tx, db.ID) iter.Seq2[R, error], id func(R) db.ID,
	doc func(*db.Tx, R) (search.Doc, bool, error), give func([]search.Doc, error) bool) (more bool) {
	var behind db.ID
	for {
		var docs []search.Doc
		n := 0
		err := x.db.View(ctx, func(tx *db.Tx) error {
			for record, err := range list(tx, behind) {
				var d search.Doc
				var ok bool
				if err == nil {
					behind, n = id(record), n+1
					d, ok, err = doc(tx, record)
				}
				switch {
				case errors.Is(err, db.ErrCorrupt):
					x.log.Error("a record is damaged and can't be found any more", "error", err)
				case err != nil && !errors.Is(err, db.ErrNotFound):
					return err
				case err == nil && ok:
					docs = append(docs, d)
				}
				if n == indexedAtOnce {
					break
				}
			}
			return nil
		})
		if !give(docs, err) {
			return false
		}
		if n < indexedAtOnce {
			return true
		}
	}
}

// set changes the state under its lock.
func (x *Indexer) set(change func(*IndexState)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	change(&x.state)
}

// now gives the state, and the index if it is open.
func (x *Indexer) now() (IndexState, *search.Index, uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.state, x.index, x.applied
}

// find searches. Just after the start it waits for the index for a moment. What
// is still being made from nothing is told with how far it is.
func (x *Indexer) find(ctx context.Context, q search.Query) (hits search.Hits, building *float64, err error) {
	late := time.NewTimer(indexOpens)
	defer late.Stop()
	select {
	case <-x.tried:
	case <-late.C:
	case <-ctx.Done():
		return hits, nil, ctx.Err()
	}
	state, index, _ := x.now()
	if index == nil {
		return hits, nil, errNoSearch
	}
	hits, err = index.Search(ctx, q)
	if errors.Is(err, search.ErrDamaged) { // it is made anew at once
		hits, err = search.Hits{}, nil
	}
	if errors.Is(err, search.ErrClosed) {
		return hits, nil, errNoSearch.Because(err)
	}
	if index.Reason() != search.Fine {
		building = &state.Progress
	}
	return hits, building, err
}

var errNoSearch = fault.New(fault.Unavailable, "search.unavailable",
	"Search can't be used at this moment. Try again in a minute; if it stays so, tell the keeper.").After(time.Minute)

// Index gives how the search index stands, for the keeper.
func (c *Core) Index(ctx context.Context, me db.ID) (IndexState, error) {
	if err := c.MayKeep(ctx, me); err != nil {
		return IndexState{}, err
	}
	state, index, applied := c.index.now()
	if index == nil {
		return state, nil
	}
	state.Bytes = index.Size()
	var err error
	if state.Documents, err = index.Count(); err != nil {
		state.Error = err.Error()
	}
	return state, c.view(ctx, func(tx *db.Tx) error {
		changes, err := tx.Outbox(applied, waitingMost)
		state.Waiting = len(changes)
		return err
	})
}

// Reindex has the search index made anew, for the keeper.
func (c *Core) Reindex(ctx context.Context, me db.ID) error {
	if err := c.MayKeep(ctx, me); err != nil {
		return err
	}
	c.note("index.rebuild", "the keeper has the search index made anew", "user", me)
	c.index.Ask()
	return nil
}

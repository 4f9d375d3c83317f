package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// What can go wrong. All come wrapped; compare with errors.Is.
var (
	ErrNotFound = errors.New("not found")
	ErrTaken    = errors.New("taken already")

	// ErrCorrupt is one value that is not what was stored; the rest of the
	// file may be good.
	ErrCorrupt = errors.New("the database holds a damaged record")
	// ErrDamaged is a file that can't be read, or not any further.
	ErrDamaged = errors.New("the database file is damaged")
	// ErrInconsistent is what only Check finds: whole records that contradict
	// each other.
	ErrInconsistent = errors.New("the database contradicts itself")

	ErrLocked   = errors.New("another process has the database open")
	ErrNewer    = errors.New("the database was written by a newer version of Earshot")
	ErrReadOnly = errors.New("the database can't be written to")
	ErrFull     = errors.New("no space is left for the database")
	ErrClosed   = errors.New("the database is closed")
)

// Options are what Open may be told.
type Options struct {
	Now      func() time.Time // the clock that ids are made from; time.Now when nil
	Log      *slog.Logger     // for what an owner should know; nothing is logged when nil
	ReadOnly bool             // change nothing; several processes may read at once

	steps  []step // instead of the real migrations, in tests
	atOnce int    // instead of the real number, in tests

	scratch bool // a file that is being made: nothing of it has to last yet
}

// DB is an open database file. Its methods may be used by many goroutines.
type DB struct {
	bolt     *bolt.DB
	file     *os.File // the one that bolt works on
	path     string
	now      func() time.Time
	log      *slog.Logger
	readOnly bool
	scratch  bool
	fresh    bool
	schema   uint32
	writer   chan struct{} // holds a token while somebody writes
	atOnce   int           // how many traces of a thing go together with it
	stuck    map[ID]error  // whose traces can't be removed, and why; for the one who writes
	reserve  reserve
	changes  chan struct{} // has a token when the outbox has grown

	length  atomic.Int64          // the most bytes that the file ever had
	stopped atomic.Pointer[error] // why nothing may be written any more
	dead    atomic.Pointer[error] // why nothing may be read either: bolt holds locks for ever
	closed  atomic.Bool
}

// Fresh says whether Open made a new file, as on the very first start. What
// lies in folders beside it is then not known to be rubbish.
func (d *DB) Fresh() bool { return d.fresh }

// Path gives where the file is, as Open was told.
func (d *DB) Path() string { return d.path }

// Size gives the bytes of the file. It never shrinks.
func (d *DB) Size() (int64, error) {
	info, err := d.file.Stat()
	if err != nil {
		return 0, fmt.Errorf("size of the database: %w", err)
	}
	return info.Size(), nil
}

// Unused gives the bytes within the file that are free for what comes.
func (d *DB) Unused() int64 {
	st := d.bolt.Stats()
	return int64(st.FreePageN+st.PendingPageN) * int64(d.bolt.Info().PageSize)
}

// Schema gives the number of the file's layout.
func (d *DB) Schema() int { return int(d.schema) }

// Close waits for open transactions and closes the file. A second Close does
// nothing.
func (d *DB) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	d.writer <- struct{}{}
	defer func() { <-d.writer }()
	if d.dead.Load() != nil {
		// Closing the file at least lets another process have it.
		return d.file.Close()
	}
	if err := quietly("close", d.bolt.Close); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// quietly runs one step of bbolt's and turns a panic or a fault of the memory
// map into ErrDamaged.
func quietly(what string, step func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %s: %v", ErrDamaged, what, r)
		}
	}()
	return step()
}

// View runs fn with a transaction that sees the file as it is at this moment,
// whatever others write meanwhile. It gives fn's error. When ctx has ended
// already, fn is not run; ctx does not stop it later.
//
// Keep it short, and never wait for a client in it: pages that it may still
// look at can't be used anew.
func (d *DB) View(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	tx, err := d.begin(false)
	if err != nil {
		return err
	}
	defer d.end(tx)
	tx.ctx = ctx
	if err := fn(tx); err != nil {
		return err
	}
	return tx.broken
}

// Update runs fn with a transaction that may change things. When fn gives nil,
// all of it is on the disk before Update returns; else, or when fn panics,
// nothing of it is ever seen. One Update runs at a time; when ctx ends before
// its turn has come, fn is not run. An Update within an Update waits for itself.
//
// ErrFull when the disk is; ErrReadOnly; ErrDamaged.
func (d *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	return d.update(ctx, fn, false)
}

// UpdateFreeing is Update for what makes the database smaller. Even that needs
// space for a moment, and so a full disk lets go of the reserve kept beside
// the file and tries once more: fn may run twice.
func (d *DB) UpdateFreeing(ctx context.Context, fn func(*Tx) error) error {
	return d.update(ctx, fn, true)
}

func (d *DB) update(ctx context.Context, fn func(*Tx) error, freeing bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.readOnly {
		return fmt.Errorf("%s: %w", d.path, ErrReadOnly)
	}
	select {
	case d.writer <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.writer }()
	if stopped := d.stopped.Load(); stopped != nil {
		return fmt.Errorf("nothing is written since an earlier failure: %w", *stopped)
	}
	err := d.write(ctx, fn)
	if freeing && errors.Is(err, ErrFull) && d.reserve.give() {
		d.log.Warn("the disk is full: the reserve beside the database was given up", "path", d.reserve.path)
		err = d.write(ctx, fn)
	} else if err == nil {
		d.reserve.restore(d.log)
	}
	return err
}

// write runs one writing transaction. The caller holds the writer's token.
func (d *DB) write(ctx context.Context, fn func(*Tx) error) error {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	tx, err := d.begin(true)
	if err != nil {
		return err
	}
	defer d.end(tx)
	tx.ctx = ctx
	err = fn(tx)
	if tx.broken != nil {
		return tx.broken
	}
	if err != nil {
		return err
	}
	if err := tx.finish(); err != nil {
		return err
	}
	if tx.broken != nil {
		return tx.broken
	}
	if tx.writes == 0 {
		return nil // nothing is to be waited for, nor is there room needed
	}
	tx.ended = true
	if err := d.commit(tx); err != nil {
		return err
	}
	if tx.marked {
		select {
		case d.changes <- struct{}{}:
		default:
		}
	}
	return nil
}

func (d *DB) commit(tx *Tx) error {
	err := quietly("commit", tx.bolt.Commit)
	if errors.Is(err, ErrDamaged) {
		// What bolt holds in memory can't be trusted any more.
		d.stop(err)
		return err
	}
	if err != nil {
		return fmt.Errorf("commit: %w", plain(err))
	}
	tx.bolt = nil
	return nil
}

// stop makes every later Update fail; reading goes on.
func (d *DB) stop(cause error) {
	if d.stopped.CompareAndSwap(nil, &cause) {
		d.log.Error("the database takes no changes any more; put the newest good snapshot in its place", "path", d.path, "cause", cause)
	}
}

// begin starts a transaction; end has to follow.
func (d *DB) begin(write bool) (*Tx, error) {
	if d.closed.Load() {
		return nil, ErrClosed
	}
	if dead := d.dead.Load(); dead != nil {
		return nil, fmt.Errorf("nothing is read since an earlier failure: %w", *dead)
	}
	if err := d.checkLength(); err != nil {
		return nil, err
	}
	tx := &Tx{d: d, write: write}
	err := quietly("begin", func() (err error) {
		tx.bolt, err = d.bolt.Begin(write)
		return err
	})
	switch {
	case err == nil:
		return tx, nil
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return nil, ErrClosed
	case errors.Is(err, ErrDamaged):
		d.die(err)
	}
	return nil, fmt.Errorf("begin: %w", plain(err))
}

// checkLength makes sure that nobody has cut the file since it was opened:
// bolt would fault in the middle of its locks.
func (d *DB) checkLength() error {
	// Read first: a writer may let the file grow in between, and others see it.
	longest := d.length.Load()
	// All reading and writing is done at given offsets: this one is free.
	length, err := d.file.Seek(0, io.SeekEnd)
	if errors.Is(err, os.ErrClosed) {
		return ErrClosed
	}
	if err != nil {
		return fmt.Errorf("length of the file: %w", err)
	}
	if length < longest {
		return fmt.Errorf("%w: it was cut while it was open: %d bytes of %d are there", ErrDamaged, length, longest)
	}
	for longest < length && !d.length.CompareAndSwap(longest, length) {
		longest = d.length.Load()
	}
	return nil
}

// end gives up a transaction that was not committed. It runs on a panic of the
// caller's function too, and lets it pass.
func (d *DB) end(tx *Tx) {
	tx.ended = true
	if tx.bolt == nil {
		return
	}
	if err := quietly("roll back", tx.bolt.Rollback); errors.Is(err, ErrDamaged) {
		d.die(err)
	}
}

// die makes every later transaction fail at once, where it would wait for ever
// for a lock that bolt panicked under.
func (d *DB) die(cause error) {
	d.stop(cause)
	d.dead.CompareAndSwap(nil, &cause)
}

// plain gives the errors of bbolt and the system the names that this package
// has for them. bbolt drops the chain of some, so that their text has to do.
func plain(err error) error {
	text := err.Error()
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, full) || strings.Contains(text, full.Error()) {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	switch {
	case errors.Is(err, berrors.ErrMaxSizeReached):
		return fmt.Errorf("%w: the file has reached the size that this machine can map: %w", ErrFull, err)
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	case errors.Is(err, syscall.EROFS), errors.Is(err, os.ErrPermission), errors.Is(err, berrors.ErrDatabaseReadOnly):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum),
		errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, berrors.ErrInvalidMapping):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

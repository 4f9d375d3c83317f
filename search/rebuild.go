package search

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
	index "github.com/blevesearch/bleve_index_api"
)

// How a Rebuild goes about its work.
const (
	batchDocs = 300 // documents of a batch
	inFlight  = 4   // batches that are not on the disk yet
)

// Rebuild makes the index anew from all documents, beside the present one,
// which it then takes the place of; Seq is seq from then on. Meanwhile the
// present index answers, or, where that one is not Fine, the new one as far as
// it has come. step hears how many documents are in, if it is not nil.
//
// The caller applies anew what has changed since seq. When Rebuild fails, or
// ctx ends, an index that was Fine stays as it was. One Rebuild runs at a time;
// another waits for it.
func (ix *Index) Rebuild(ctx context.Context, seq uint64, docs iter.Seq2[Doc, error], step func(done uint64)) error {
	select {
	case ix.building <- struct{}{}:
	case <-ix.stop:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-ix.building }()
	if ix.closed.Load() {
		return ErrClosed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-ix.stop:
			cancel(ErrClosed)
		case <-ended:
		}
	}()
	if err := ix.rebuild(ctx, seq, docs, step); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return fmt.Errorf("make the search index anew: %w", plain(err))
	}
	return nil
}

func (ix *Index) rebuild(ctx context.Context, seq uint64, docs iter.Seq2[Doc, error], step func(done uint64)) error {
	v, err := ix.begin()
	if err != nil {
		return err
	}
	ix.mu.Lock()
	why := ix.now.why()
	ix.next = v
	ix.mu.Unlock()
	done := false
	defer func() { // also when the documents end in a panic
		if !done {
			ix.abandon(v)
		}
	}()
	if why == Fine {
		why = Missing
	} else {
		v.reason.Store(uint32(why))
		ix.swap(v)
	}
	err = v.fill(ctx, seq, docs, step)
	// Damage may have been told of after everything was on the disk.
	if err == nil && v.isBroken() {
		err = ErrDamaged
	}
	if err == nil {
		err = v.finish()
	}
	if err == nil && !v.reason.CompareAndSwap(uint32(why), uint32(Fine)) {
		err = ErrDamaged
	}
	if err != nil {
		return err
	}
	done = true
	ix.swap(v)
	return nil
}

// swap lets a volume answer from now on, and removes the one that did.
func (ix *Index) swap(v *volume) {
	ix.mu.Lock()
	old := ix.now
	ix.now, ix.next = v, nil
	ix.mu.Unlock()
	if old == v {
		return
	}
	if err := old.close(); err != nil {
		ix.log.Warn("an old search index could not be closed", "folder", old.dir, "cause", err)
	}
	ix.remove(old.dir)
	ix.signal()
}

// abandon removes a volume that was not finished, unless it answers because
// there is no other.
func (ix *Index) abandon(v *volume) {
	ix.mu.Lock()
	answers := ix.now == v
	ix.next = nil
	ix.mu.Unlock()
	if answers {
		return
	}
	if err := v.close(); err != nil {
		ix.log.Warn("an unfinished search index could not be closed", "folder", v.dir, "cause", err)
	}
	ix.remove(v.dir)
}

// fill puts all documents in and waits until they are on the disk. What is on
// its way there is bounded, and with it the memory.
func (v *volume) fill(ctx context.Context, seq uint64, docs iter.Seq2[Doc, error], step func(done uint64)) error {
	if err := v.use(); err != nil {
		return err
	}
	defer v.leave()
	v.filling.Store(true)
	defer v.filling.Store(false)
	room := make(chan struct{}, inFlight)
	var done uint64
	put := func(b *index.Batch) error {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		case <-v.broken:
			return ErrDamaged
		case err := <-v.failed:
			return err
		}
		return v.write(b, func() { <-room })
	}
	part := make([]Doc, 0, batchDocs)
	flush := func() error {
		if len(part) == 0 {
			return nil
		}
		if err := put(batch(part)); err != nil {
			return err
		}
		done += uint64(len(part))
		part = part[:0]
		if step != nil {
			step(done)
		}
		return nil
	}
	for d, err := range docs {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if part = append(part, d); len(part) == batchDocs {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if err := v.merge(ctx, room); err != nil {
		return err
	}
	// The sequence comes last: without it, the rest is not there yet.
	last := make(chan struct{})
	if err := v.end(index.NewBatch(), seq, func() { close(last) }); err != nil {
		return err
	}
	select {
	case <-last:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-v.broken:
		return ErrDamaged
	case err := <-v.failed:
		return err
	}
}

// merge makes one segment of all that is on the disk, once everything is: it is
// smaller and quicker to search than many.
func (v *volume) merge(ctx context.Context, room chan struct{}) error {
	for range cap(room) {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		case <-v.broken:
			return ErrDamaged
		case err := <-v.failed:
			return err
		}
	}
	for range cap(room) {
		<-room
	}
	done := make(chan error, 1)
	go func() {
		done <- guard("merge", func() error { return v.scorch.ForceMerge(ctx, &mergeplan.SingleSegmentMergePlanOptions) })
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-v.broken:
		return ErrDamaged
	case err := <-v.failed:
		return err
	}
}

// Distrust makes the present index count as unfinished, and its Reason Foreign,
// for a caller who knows that it is not one of these documents: when the Rebuild
// that has to follow fails or is cut short, the next start does it again. Until
// then the index answers. A Rebuild that runs is waited for. The Reason changes
// even where the disk can't be written.
func (ix *Index) Distrust() error {
	select {
	case ix.building <- struct{}{}:
	case <-ix.stop:
		return ErrClosed
	}
	defer func() { <-ix.building }()
	if ix.closed.Load() {
		return ErrClosed
	}
	v := ix.now // it changes within a Rebuild alone
	v.reason.Store(uint32(Foreign))
	err := writeSynced(filepath.Join(v.dir, buildingFile), "")
	if err = errors.Join(err, syncDir(v.dir)); err != nil {
		return fmt.Errorf("distrust the search index: %w", plain(err))
	}
	return nil
}

// finish makes a filled volume count as complete.
func (v *volume) finish() error {
	if err := os.Remove(filepath.Join(v.dir, buildingFile)); err != nil {
		return err
	}
	return errors.Join(syncDir(v.dir), syncDir(filepath.Dir(v.dir)))
}

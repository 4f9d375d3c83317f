package db

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// step takes a file from one schema to the next. It may make buckets, and must
// decode old records by shapes of its own: the record types are those of the
// newest schema.
type step func(*Tx) error

// migrations are the steps from schema 1 on, in order: steps[0] leads from
// schema 1 to 2. The newest schema is one more than there are steps. A step is
// never changed or removed once it was released, and each has a test with a
// file of the schema it begins with.
//
// Any change to what records hold, a new field too, needs a step, if only an
// empty one: it keeps older versions from opening the file and losing what
// they don't know.
func migrations() []step {
	return []step{addSocial, addFinding, addDoors, addEar, addBox, addHand, addPrograms}
}

// migrate takes the file to the newest schema, one transaction a step, so that
// a crash leaves it at one schema or the next. A copy is kept before the first;
// what is rotten in the file is so in the copy too.
func (d *DB) migrate(ctx context.Context, steps []step) error {
	if err := d.View(ctx, d.readSchema); err != nil {
		return err
	}
	newest := uint32(len(steps) + 1)
	if d.schema > newest {
		return fmt.Errorf("%w: its version is %d, this program knows up to %d", ErrNewer, d.schema, newest)
	}
	if d.schema == newest {
		return nil
	}
	if d.readOnly {
		return fmt.Errorf("%w: it is of version %d and has to be taken to version %d first", ErrReadOnly, d.schema, newest)
	}
	backup := fmt.Sprintf("%s.before-%d", d.path, d.schema+1)
	if _, err := d.snapshot(ctx, backup, true); err != nil {
		return fmt.Errorf("keep a copy before migrating: %w", plain(err))
	}
	for d.schema < newest {
		next := d.schema + 1
		d.log.Info("migrating the database", "path", d.path, "to", next)
		err := d.Update(ctx, func(tx *Tx) error {
			if err := steps[next-2](tx); err != nil {
				return err
			}
			return tx.put(inMeta, schemaKey, binary.BigEndian.AppendUint32(nil, next))
		})
		if err != nil {
			return fmt.Errorf("migrate to version %d: %w", next, err)
		}
		d.schema = next
	}
	return nil
}

// addSocial leads from schema 1 to 2: it makes the buckets of what people do
// with each other, and fills the lists of activity with what was published.
// Old records stay as they are; their new fields are empty.
func addSocial(tx *Tx) error {
	for b := inActivity; b <= inGone; b++ {
		if err := tx.makeBucket(b); err != nil {
			return err
		}
	}
	var all []Activity
	w := &walk{tx: tx, b: inUserPublic}
	for {
		ok, err := w.next()
		if err == nil && ok && (len(w.key) != 16 || len(w.value) != 8) {
			err = corrupt(inUserPublic, w.key, nil)
		}
		if ok && errors.Is(err, ErrCorrupt) {
			// One rotten entry must not keep the house shut.
			tx.d.log.Error("an entry can't be read and is passed over in the migration", "error", err)
			continue
		}
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		all = append(all, Activity{
			User:  ID(binary.BigEndian.Uint64(w.key)),
			Kind:  Published,
			Track: ID(binary.BigEndian.Uint64(w.value)),
			Mark:  ID(binary.BigEndian.Uint64(w.key[8:])),
		})
	}
	// In the order of the list of all, whose pages are then filled from the
	// first to the last.
	slices.SortFunc(all, func(a, b Activity) int { return cmp.Compare(a.Mark, b.Mark) })
	for _, a := range all {
		if err := tx.act(a); err != nil {
			return err
		}
	}
	return nil
}

// addFinding leads from schema 2 to 3: it makes the buckets of tags, charts and
// numbers, and fills them from what is there.
func addFinding(tx *Tx) error {
	for b := inTags; b <= inStops; b++ {
		if err := tx.makeBucket(b); err != nil {
			return err
		}
	}
	if err := tagAll(tx); err != nil {
		return err
	}
	return chartAll(tx)
}

// addDoors leads from schema 3 to 4: it makes the buckets of the ways in and of
// secret links. Old records stay as they are; their new fields are empty.
func addDoors(tx *Tx) error {
	for b := inIdentities; b <= inAttempts; b++ {
		if err := tx.makeBucket(b); err != nil {
			return err
		}
	}
	return nil
}

// JobRemeasure is the kind of the job that addEar queues.
const JobRemeasure = "remeasure"

// addEar leads from schema 4 to 5: where there are tracks it queues a job that
// measures them. Old records stay as they are; their new fields are empty.
func addEar(tx *Tx) error {
	if tx.CountTracks() == 0 {
		return nil
	}
	return tx.AddJob(Job{ID: tx.NewID(), Kind: JobRemeasure, Created: tx.d.now().UTC()})
}

// JobSum is the kind of the job that addBox queues.
const JobSum = "sum"

// addBox leads from schema 5 to 6: it makes the buckets of libraries, imports
// and uploads in pieces, and where there are tracks it queues a job that tells
// which of them sound the same.
func addBox(tx *Tx) error {
	for b := inLibraries; b <= inUserUploads; b++ {
		if err := tx.makeBucket(b); err != nil {
			return err
		}
	}
	if tx.CountTracks() == 0 {
		return nil
	}
	return tx.AddJob(Job{ID: tx.NewID(), Kind: JobSum, Created: tx.d.now().UTC()})
}

// addHand leads from schema 6 to 7: it makes the bucket of what people were
// listening to last. Old records stay as they are; their new fields are empty.
func addHand(tx *Tx) error { return tx.makeBucket(inQueues) }

// addPrograms leads from schema 7 to 8: it makes the buckets of what programs of
// others come by and leave here.
func addPrograms(tx *Tx) error {
	for b := inKeys; b <= inScrobbles; b++ {
		if err := tx.makeBucket(b); err != nil {
			return err
		}
	}
	return nil
}

// makeBucket makes a bucket that the file does not have.
func (tx *Tx) makeBucket(b bucket) (err error) {
	if err := tx.usable(); err != nil {
		return err
	}
	defer tx.guard(b, &err)
	_, err = tx.bolt.CreateBucketIfNotExists([]byte(b.String()))
	return err
}

func (d *DB) readSchema(tx *Tx) error {
	p, err := tx.get(inMeta, schemaKey)
	if err == nil && len(p) != 4 {
		err = corrupt(inMeta, schemaKey, nil)
	}
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%w: it holds no version", ErrDamaged)
	}
	if err != nil {
		return fmt.Errorf("read the version: %w", err)
	}
	d.schema = binary.BigEndian.Uint32(p)
	return nil
}

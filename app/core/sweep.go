package core

import (
	"context"
	"errors"

	"earshot/db"
)

// jobSweep marks a thing whose files are being made or taken away. Nobody works
// on such a job: it is dropped when the files are as the records say. One that
// is still there at a start tells what a crash may have left behind. What has
// no mark is never removed, whatever the records say: it may belong to a newer
// or another database than the one that was found.
const jobSweep = "sweep"

// begin takes an id for something whose files are put on disk before its
// record, and marks the subject; a zero subject is the new thing itself.
func (c *Core) begin(ctx context.Context, subject db.ID) (id, mark db.ID, err error) {
	err = c.update(ctx, func(tx *db.Tx) error {
		id = tx.NewID()
		if subject == 0 {
			subject = id
		}
		mark, err = c.mark(tx, subject)
		return err
	})
	return id, mark, err
}

// mark marks a thing whose files are about to change.
func (c *Core) mark(tx *db.Tx, subject db.ID) (db.ID, error) {
	j := db.Job{ID: tx.NewID(), Kind: jobSweep, Subject: subject, Created: c.now()}
	return j.ID, tx.AddJob(j)
}

// settled drops a mark: the files are as the records say.
func (c *Core) settled(ctx context.Context, mark db.ID) {
	err := c.db.Update(context.WithoutCancel(ctx), func(tx *db.Tx) error { return tx.DropJob(mark) })
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		c.log.Warn("a mark of finished work stays until the next start", "error", err)
	}
}

// Sweep removes what a crash left behind: half-made uploads, and the files of
// marked things that have no record, or pictures that their record does not
// name. It is called once, before the house opens.
func (c *Core) Sweep(ctx context.Context) error {
	var marks []db.ID
	gone := map[string]bool{}
	pictures := map[string]map[string]uint64{"tracks": {}, "users": {}}
	err := c.db.View(ctx, func(tx *db.Tx) error {
		for j, err := range tx.Jobs() {
			if err != nil {
				return err
			}
			if j.Kind != jobSweep {
				continue
			}
			marks = append(marks, j.ID)
			t, noTrack := tx.Track(j.Subject)
			u, noUser := tx.User(j.Subject)
			switch {
			case noTrack == nil:
				pictures["tracks"][t.ID.String()] = t.Picture
			case noUser == nil:
				pictures["users"][u.ID.String()] = u.Picture
			case errors.Is(noTrack, db.ErrNotFound) && errors.Is(noUser, db.ErrNotFound):
				gone[j.Subject.String()] = true
			default:
				return errors.Join(noTrack, noUser)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	n, err := c.media.Sweep(func(_, name string) bool { return !gone[name] })
	if err != nil {
		return err
	}
	for kind, versions := range pictures {
		for id, version := range versions {
			if err := c.media.KeepPicture(kind, id, version); err != nil {
				return err
			}
		}
	}
	if n > 0 {
		c.log.Info("swept away what a crash left behind", "things", n)
	}
	if len(marks) == 0 {
		return nil
	}
	return c.db.Update(ctx, func(tx *db.Tx) error {
		for _, id := range marks {
			if err := tx.DropJob(id); err != nil {
				return err
			}
		}
		return nil
	})
}

package core

import (
	"context"
	"errors"
	"iter"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
)

// JobLeave is the kind of job that deletes an account with everything that is
// theirs.
const JobLeave = "leave"

// errKeeperStays keeps a house from being without its keeper.
var errKeeperStays = fault.New(fault.Conflict, "delete.keeper", "A house can't be without its keeper.")

// DeleteMe deletes the asker's account after the password was given again. At
// once nobody sees anything of it any more; what it holds is then removed in
// the background.
func (c *Core) DeleteMe(ctx context.Context, who Asker, password string, from Client) error {
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, who.User)
		if err != nil {
			return err
		}
		return c.mayLeave(tx, a.user)
	})
	if err != nil {
		return err
	}
	u, err := c.prove(ctx, who, password, from)
	if err != nil {
		return err
	}
	return c.leave(ctx, who.User, func(tx *db.Tx) (asker, db.User, error) {
		a, err := c.member(tx, who.User)
		if err == nil {
			err = sameAccount(a.user, u)
		}
		return a, a.user, err
	})
}

// DeleteUser deletes the account of another for the keeper, as DeleteMe does.
func (c *Core) DeleteUser(ctx context.Context, me, id db.ID) error {
	return c.leave(ctx, me, func(tx *db.Tx) (asker, db.User, error) {
		a, err := c.keeper(tx, me)
		if err != nil {
			return a, db.User{}, err
		}
		u, err := c.person(tx, a, id)
		if err == nil && u.Role == db.Keeper {
			err = errKeeperStays
		}
		return a, u, err
	})
}

// mayLeave refuses to let the last keeper go.
func (c *Core) mayLeave(tx *db.Tx, u db.User) error {
	if u.Role != db.Keeper {
		return nil
	}
	for other, err := range tx.Users(0) {
		if c.unreadable(err, "user", 0) {
			continue
		}
		if err != nil {
			return err
		}
		if other.Role == db.Keeper && other.ID != u.ID && !other.Disabled {
			return nil
		}
	}
	return errKeeperStays
}

// leave takes an account out of the house and queues what is left to do. Who
// finds who asks, and who shall go.
func (c *Core) leave(ctx context.Context, me db.ID, who func(tx *db.Tx) (asker, db.User, error)) error {
	var u db.User
	err := c.free(ctx, func(tx *db.Tx) error {
		a, found, err := who(tx)
		if err != nil {
			return err
		}
		u = found
		if err := c.mayLeave(tx, u); err != nil {
			return err
		}
		u.Leaving, u.Disabled = true, true
		if err := tx.SetUser(u); err != nil {
			return err
		}
		if _, err := tx.DropSessionsOf(u.ID, 0); err != nil {
			return err
		}
		if err := c.settleReports(tx, a, db.KindUser, u.ID); err != nil {
			return err
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobLeave, Subject: u.ID, Created: c.now()})
	})
	if err != nil {
		return err
	}
	c.ended(u.ID, everySession)
	c.wake()
	c.note("account.leaving", "an account is being deleted", "user", u.ID, "by", me)
	return nil
}

// Leave removes what an account holds, and then the account: the work of a job
// of its own. It takes one thing at a time, so that it can end between any two
// and go on at the next start.
func (c *Core) Leave(ctx context.Context, job db.Job) error {
	id := job.Subject
	var u db.User
	err := c.db.View(ctx, func(tx *db.Tx) (err error) {
		u, err = tx.User(id)
		return err
	})
	if errors.Is(err, db.ErrNotFound) || err == nil && !u.Leaving {
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.removeLibrariesOf(ctx, id); err != nil {
		return err
	}
	if err := c.dropUploadsOf(ctx, id); err != nil {
		return err
	}
	track := func(t db.Track) db.ID { return t.ID }
	list := func(p db.Playlist) db.ID { return p.ID }
	err = dropAll(ctx, c, trackFiles, func(tx *db.Tx) iter.Seq2[db.Track, error] { return tx.TracksOf(id, 0) }, track, c.dropTrack)
	if err != nil {
		return err
	}
	err = dropAll(ctx, c, playlistFiles, func(tx *db.Tx) iter.Seq2[db.Playlist, error] { return tx.PlaylistsOf(id, 0) }, list, c.dropPlaylist)
	if err != nil {
		return err
	}
	var lost []db.Thing
	err = c.db.UpdateFreeing(ctx, func(tx *db.Tx) (err error) {
		if lost, err = tx.DropLost(id); err != nil {
			return err
		}
		for _, thing := range append(lost, db.Thing{Kind: db.KindUser, ID: id}) {
			if err := c.media.Mark(filesOf(thing.Kind), thing.ID.String()); err != nil && !errors.Is(err, media.ErrFull) {
				return err
			}
		}
		return tx.DropUser(id)
	})
	if err != nil {
		return err
	}
	for _, thing := range lost {
		c.log.Error("a record that can't be read went with its account", "kind", filesOf(thing.Kind), "id", thing.ID)
		c.dropFilesOf(filesOf(thing.Kind), thing.ID)
	}
	c.dropFilesOf(userFiles, id)
	c.forgetSoon()
	c.note("account.deleted", "an account was deleted", "user", id)
	return nil
}

// filesOf gives the kind of files that belong to a kind of things.
func filesOf(kind db.Kind) string {
	switch kind {
	case db.KindUser:
		return userFiles
	case db.KindPlaylist:
		return playlistFiles
	}
	return trackFiles
}

// dropAll drops what a list has, one thing after the other, with its files, but
// for what can't be read.
func dropAll[T any](ctx context.Context, c *Core, kind string, list func(*db.Tx) iter.Seq2[T, error],
	idOf func(T) db.ID, drop func(tx *db.Tx, by asker, id db.ID) error) error {
	for {
		var id db.ID
		err := c.db.UpdateFreeing(ctx, func(tx *db.Tx) error {
			id = 0
			for item, err := range list(tx) {
				if errors.Is(err, db.ErrCorrupt) {
					continue
				}
				if err != nil {
					return err
				}
				id = idOf(item)
				return drop(tx, asker{}, id)
			}
			return nil
		})
		if err != nil || id == 0 {
			return err
		}
		c.dropFilesOf(kind, id)
	}
}

// leaveAgain is how long the deletion of an account rests that failed. It is
// never given up: the account is promised to go.
const leaveAgain = 5 * time.Minute

// LeaveFailed queues the deletion of an account anew.
func (c *Core) LeaveFailed(ctx context.Context, job db.Job, cause error) error {
	c.log.Error("an account can't be deleted yet", "user", job.Subject, "error", cause)
	err := c.db.UpdateFreeing(ctx, func(tx *db.Tx) error {
		if _, err := tx.User(job.Subject); err != nil {
			return err
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobLeave, Subject: job.Subject, After: c.now().Add(leaveAgain), Created: c.now()})
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// tracesAtOnce is how many traces of gone things one transaction removes.
const tracesAtOnce = 500

// Forget removes the traces of things that are gone until none is left, in
// transactions of its own, so that nobody else waits for long.
func (c *Core) Forget(ctx context.Context) error {
	for more := true; more; {
		err := c.db.UpdateFreeing(ctx, func(tx *db.Tx) (err error) {
			more, err = tx.Forget(tracesAtOnce)
			return err
		})
		if err != nil {
			return err
		}
	}
	return c.settleGone(ctx)
}

// Traces says when there may be traces to forget.
func (c *Core) Traces() <-chan struct{} { return c.traces }

// forgetSoon is called when something was dropped that may have left many
// traces.
func (c *Core) forgetSoon() {
	select {
	case c.traces <- struct{}{}:
	default: // it was said already
	}
}

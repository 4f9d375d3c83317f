package core

import (
	"context"
	"errors"

	"earshot/db"
)

// JobAnnounce is the kind of job that tells followers of a new track. Its Done
// is the follow, by mark, of the last one who was told: newer ones come first.
const JobAnnounce = "announce"

// toldAtOnce is how many followers one transaction tells.
const toldAtOnce = 500

// Announce tells those who follow a track's owner that they can hear it now.
// Each is told once, however often the work is interrupted, and nobody when
// the track is hidden again by then.
func (c *Core) Announce(ctx context.Context, job db.Job) error {
	for more := true; more; {
		err := c.act(ctx, func(tx *db.Tx, out *outgoing) (err error) {
			more, err = c.announce(tx, out, job.ID)
			return err
		})
		if errors.Is(err, db.ErrNotFound) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// announce tells some followers; more says whether others are left.
func (c *Core) announce(tx *db.Tx, out *outgoing, id db.ID) (more bool, err error) {
	job, err := tx.Job(id)
	if err != nil {
		return false, err
	}
	t, err := tx.Track(job.Subject)
	if err != nil {
		return false, err
	}
	owner, err := tx.User(t.User)
	if err != nil {
		return false, err
	}
	if !t.Visibility.Shown() || owner.Disabled {
		if job.Done == 0 { // nobody knows of it: the next time is the first
			t.Announced = false
			return false, tx.SetTrack(t)
		}
		return false, nil
	}
	var told []db.Edge
	for e, err := range tx.Followers(t.User, job.Done) {
		if c.unreadable(err, "follower of", t.User) {
			continue
		}
		if err != nil {
			return false, err
		}
		if told = append(told, e); len(told) == toldAtOnce {
			more = true
			break
		}
	}
	for _, e := range told {
		err := c.notify(tx, out, db.Notification{
			User: e.From, Kind: db.NoticeNewTrack, Actor: t.User, Thing: db.Thing{Kind: db.KindTrack, ID: t.ID},
		})
		if err != nil {
			return false, err
		}
		job.Done = e.Mark
	}
	if len(told) == 0 {
		return false, nil
	}
	return more, tx.SetJob(job)
}

package core

import (
	"context"
	"strconv"

	"earshot/app/fault"
	"earshot/db"
)

// Quota is how much somebody may keep; 0 is any amount.
type Quota struct {
	Bytes  uint64 // of uploaded originals
	Tracks uint64
}

// quotaOf gives the quota of a user: their own, or else the house's.
func quotaOf(tx *db.Tx, u db.User) (Quota, error) {
	house, err := tx.House()
	return Quota{
		Bytes:  ownOr(u.MostBytes, house.MostBytes),
		Tracks: ownOr(u.MostTracks, house.MostTracks),
	}, err
}

func ownOr(own, houses uint64) uint64 {
	switch own {
	case 0:
		return houses
	case db.NoQuota:
		return 0
	}
	return own
}

// own is how many tracks of a user count against a quota: those whose
// originals are files of the keeper's libraries do not.
func own(u db.User) uint64 { return u.Tracks - min(u.InPlace, u.Tracks) }

// room refuses a track of so many bytes that a user has no room for.
func (q Quota) room(u db.User, size int64) error {
	if q.Tracks > 0 && own(u) >= q.Tracks {
		return fault.New(fault.Forbidden, "quota.tracks", "You have "+strconv.FormatUint(own(u), 10)+" of the "+
			strconv.FormatUint(q.Tracks, 10)+" tracks that you may keep here. Delete one, or ask the keeper for more.")
	}
	if q.Bytes > 0 && (u.Bytes > q.Bytes || uint64(size) > q.Bytes-u.Bytes) {
		return fault.New(fault.TooLarge, "quota.bytes", "There is no room for this file: you use "+
			amount(u.Bytes)+" of your "+amount(q.Bytes)+". Delete something, or ask the keeper for more.")
	}
	return nil
}

// left gives how many bytes more a user may send, at most a limit.
func (q Quota) left(u db.User, limit int64) int64 {
	if q.Bytes == 0 {
		return limit
	}
	return int64(min(uint64(limit), q.Bytes-min(u.Bytes, q.Bytes)))
}

// amount writes a number of bytes for people, with one decimal: "2.1 GB".
func amount(n uint64) string {
	unit, name := uint64(1e6), " MB"
	if n >= 1e9 {
		unit, name = 1e9, " GB"
	}
	whole, tenth := n/unit, n%unit*10/unit
	if tenth == 0 {
		return strconv.FormatUint(whole, 10) + name
	}
	return strconv.FormatUint(whole, 10) + "." + strconv.FormatUint(tenth, 10) + name
}

// SetQuota gives a user a quota of their own for the keeper: 0 for the house's,
// db.NoQuota for any amount.
func (c *Core) SetQuota(ctx context.Context, me, id db.ID, bytes, tracks uint64) (AccountView, error) {
	var v AccountView
	err := c.update(ctx, func(tx *db.Tx) error {
		a, u, err := c.keeps(tx, me, id)
		if err != nil {
			return err
		}
		u.MostBytes, u.MostTracks = bytes, tracks
		if err := tx.SetUser(u); err != nil {
			return err
		}
		v, err = c.viewAccount(tx, a, u)
		return err
	})
	if err == nil {
		c.note("quota", "a quota was changed", "user", id, "keeper", me)
	}
	return v, err
}

// AccountView is an account as the keeper sees it.
type AccountView struct {
	UserView
	Quota Quota
	Reset db.Reset // the link that is out; zero when there is none
}

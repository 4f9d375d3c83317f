package core

import (
	"context"
	"errors"
	"iter"

	"earshot/db"
)

// countedUpTo is where the counts stop that every page shows beside itself.
const countedUpTo = 99

// inboxRead is how many conversations are looked at for an unread message.
const inboxRead = 200

// State is what every page shows beside itself.
type State struct {
	Notifications int // unseen, as the list folds them
	Follows       int // those of them that are follows
	Messages      uint64
	Reports       int       // open ones, for the keeper
	Troubles      int       // what is wrong with the house, for the keeper
	Follower      *UserView // the newest unseen
	Sender        *db.User  // of the newest unread message
}

// State gives what is new for the asker.
func (c *Core) State(ctx context.Context, me db.ID) (State, error) {
	var s State
	keeper := false
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		s, err = c.state(tx, a)
		keeper = a.keeper()
		return err
	})
	if err == nil && keeper {
		s.Troubles = c.troublesNow(ctx)
	}
	return s, err
}

func (c *Core) state(tx *db.Tx, a asker) (State, error) {
	var s State
	err := c.unseen(tx, a, &s)
	if err == nil && !a.user.Muted.Has(db.NoticeMessage) && a.may(db.ScopeMessages) {
		err = c.unread(tx, a, &s)
	}
	if err == nil && a.keeper() {
		for _, err := range tx.OpenReports(0) {
			if c.unreadable(err, "open report", 0) {
				continue
			}
			if err != nil {
				return s, err
			}
			if s.Reports++; s.Reports == countedUpTo {
				break
			}
		}
	}
	return s, err
}

// unseen counts the notifications that the asker has not seen.
func (c *Core) unseen(tx *db.Tx, a asker, s *State) error {
	seen, err := tx.NoticesSeen(a.user.ID)
	if err != nil {
		return err
	}
	t := c.truth(tx, a)
	for f, err := range c.bursts(until(tx.Notifications(a.user.ID, 0), seen), seen) {
		if err != nil {
			return err
		}
		n, u, ok, err := t.holds(f)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if n.Kind == db.NoticeFollow {
			if s.Follower == nil {
				v, err := c.viewUser(tx, a, u)
				if err != nil {
					return err
				}
				v.Since = n.Created
				s.Follower = &v
			}
			s.Follows++
		}
		if s.Notifications++; s.Notifications == countedUpTo {
			break
		}
	}
	return nil
}

// until ends a list of notifications before one.
func until(list iter.Seq2[db.Notification, error], last db.ID) iter.Seq2[db.Notification, error] {
	return func(yield func(db.Notification, error) bool) {
		for n, err := range list {
			if err == nil && n.ID <= last || !yield(n, err) {
				return
			}
		}
	}
}

// unread counts the messages that the asker has not read.
func (c *Core) unread(tx *db.Tx, a asker, s *State) error {
	counts, err := tx.UserCounts(a.user.ID)
	if err != nil || counts.Unread == 0 {
		return err
	}
	s.Messages = counts.Unread
	n := 0
	for conv, err := range tx.Inbox(a.user.ID, 0) {
		if c.unreadable(err, "conversation of", a.user.ID) {
			continue
		}
		if err != nil {
			return err
		}
		if n++; n > inboxRead {
			break
		}
		me := conv.Side(a.user.ID)
		if me < 0 || conv.Unread[me] == 0 {
			continue
		}
		u, err := tx.User(conv.Users[1-me])
		if errors.Is(err, db.ErrNotFound) || err == nil && a.hides(u) {
			continue
		}
		if err == nil {
			s.Sender = &u
		}
		return err
	}
	return nil
}

package db

import (
	"fmt"
	"iter"
)

// CommentsOf yields what a user wrote, newest first, before an id (0: from the
// newest).
func (tx *Tx) CommentsOf(user, before ID) iter.Seq2[Comment, error] {
	w := &walk{tx: tx, b: inUserComments, prefix: key1(user), back: true}
	if before != 0 {
		w.key = key2(user, before)
	}
	return tx.listed(w, func(c *Comment) bool { return c.User == user })
}

// ClaimComment makes a comment that was brought from elsewhere, under a name
// alone, that of a user. ErrNotFound when there is no such comment or user.
func (tx *Tx) ClaimComment(id, user ID) error {
	return tx.change("claim comment", id, func() error {
		c, err := tx.written(id)
		if err != nil {
			return err
		}
		if c.Guest == "" || c.Link != 0 {
			return fmt.Errorf("a comment without an owner: %w", ErrNotFound)
		}
		if err := tx.want(inUsers, "user", user); err != nil {
			return err
		}
		if err := tx.del(inUserComments, key2(c.by(), c.ID)); err != nil {
			return err
		}
		c.Guest, c.User = "", user
		if err := tx.put(inUserComments, key2(user, c.ID), nil); err != nil {
			return err
		}
		if err := tx.addUserCount(user, userComments, 1); err != nil {
			return err
		}
		if c.Parent == 0 {
			if err := tx.put(inTrackComments, momentKey(c.Track, c.Place(), c.ID), c.writer()); err != nil {
				return err
			}
		}
		return store(tx, inComments, c.ID, &c)
	})
}

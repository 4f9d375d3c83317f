package db

import (
	"errors"
	"fmt"
)

// forgetMessagesOf removes what a user who is gone has written, and the
// conversations in which nothing is left then.
func (tx *Tx) forgetMessagesOf(user ID, most int) (changes int, err error) {
	changes, err = tx.forgetInbox(user, most)
	if err == nil && changes < most {
		var n int
		n, err = tx.forgetConversations(user, most-changes)
		changes += n
	}
	if err != nil {
		return changes, fmt.Errorf("forget messages of %s: %w", user, err)
	}
	return changes, nil
}

// forgetInbox empties the inbox of a user who is gone. In Read of their
// conversations, which means nothing any more, it makes room for how far the
// messages are removed.
func (tx *Tx) forgetInbox(user ID, most int) (changes int, err error) {
	w := &walk{tx: tx, b: inInbox, prefix: key1(user)}
	for changes < most {
		ok, err := w.next()
		if err == nil && ok {
			err = tx.leaveConversation(user, w.key, w.value)
		}
		if ok && (err == nil || errors.Is(err, ErrCorrupt)) {
			err = tx.del(inInbox, w.key)
		}
		if err != nil || !ok {
			return changes, err
		}
		changes += 2
	}
	return changes, nil
}

func (tx *Tx) leaveConversation(user ID, key, value []byte) error {
	c, err := tx.inboxed(key, value)
	if err != nil {
		return err
	}
	side := c.Side(user)
	c.Read[side], c.Unread[side] = 0, 0
	return store(tx, inConversations, c.ID, &c)
}

// forgetConversations goes over the conversations of a user who is gone and
// whose inbox is empty. What can't be read stays.
func (tx *Tx) forgetConversations(user ID, most int) (changes int, err error) {
	w := &walk{tx: tx, b: inPairs, prefix: key1(user)}
	for changes < most {
		ok, err := w.next()
		if err == nil && !ok {
			break
		}
		var c Conversation
		if err == nil {
			var other ID
			if other, err = lastID(inPairs, w.key); err == nil {
				c, err = tx.conversationOf(user, other)
			}
		}
		if ok && errors.Is(err, ErrCorrupt) {
			continue
		}
		if err != nil {
			return changes, err
		}
		n, err := tx.forgetIn(&c, c.Side(user), most-changes)
		if changes += n; err != nil {
			return changes, err
		}
	}
	return changes, nil
}

// forgetIn removes from a conversation what the user on one side has written;
// all that is written, if the other is gone too. A message that stays counts
// as a change, so that a long conversation is gone through in several steps.
func (tx *Tx) forgetIn(c *Conversation, side, most int) (changes int, err error) {
	other := c.Users[1-side]
	there, err := tx.has(inUsers, key1(other))
	if err != nil {
		return 0, err
	}
	w := &walk{tx: tx, b: inMessages, prefix: key1(c.ID)}
	if c.Read[side] != 0 {
		w.key = key2(c.ID, c.Read[side])
	}
	var unread int64
	last, done := c.Last, false
	for changes < most {
		ok, err := w.next()
		if err == nil && !ok {
			done = true
			break
		}
		var m Message // zero when it can't be read
		if err == nil {
			m, err = readMessage(w.key, w.value)
		}
		switch {
		case err != nil && (!ok || !errors.Is(err, ErrCorrupt)):
			return changes, err
		case err != nil && there:
			continue
		case err == nil:
			c.Read[side] = m.ID
		}
		changes++
		if there && m.User == other {
			continue
		}
		if there && m.ID > c.Read[1-side] {
			unread--
		}
		if err := tx.del(inMessages, w.key); err != nil {
			return changes, err
		}
		if m.ID == c.Last || m.ID == 0 {
			last = 0
		}
	}
	if last == 0 {
		if last, err = tx.newest(inMessages, c.ID, 0); err != nil {
			return changes, err
		}
	}
	if unread != 0 {
		if err := tx.addUnread(c, 1-side, unread); err != nil {
			return changes, err
		}
	}
	if done {
		changes++
		if err := tx.del(inPairs, key2(c.Users[side], other)); err != nil {
			return changes, err
		}
	}
	return changes, tx.shrink(c, last)
}

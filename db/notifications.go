package db

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

// AddNotification tells a user who is there, else ErrNotFound, something. Each
// keeps so many; the oldest go.
func (tx *Tx) AddNotification(n Notification, keep int) error {
	return tx.change("add notification", n.ID, func() error { return tx.addNotification(&n, keep) })
}

func (tx *Tx) addNotification(n *Notification, keep int) error {
	key := key2(n.User, n.ID)
	if err := tx.checkNewAt(inNotifications, key, n.ID); err != nil {
		return err
	}
	if err := tx.want(inUsers, "user", n.User); err != nil {
		return err
	}
	counts, err := tx.counters(n.User, userCounters)
	if err != nil {
		return err
	}
	if err := storeAt(tx, inNotifications, key, n); err != nil {
		return err
	}
	kept := int64(counts[userNotices])
	dropped, err := tx.dropFirst(inNotifications, key1(n.User), int(kept+1-int64(keep)))
	if err != nil {
		return err
	}
	return tx.addUserCount(n.User, userNotices, 1-int64(dropped))
}

// DropNotification takes back what a user was told; dropped says whether it was
// still kept.
func (tx *Tx) DropNotification(user, id ID) (dropped bool, err error) {
	err = tx.change("drop notification", id, func() error {
		key := key2(user, id)
		if dropped, err = tx.has(inNotifications, key); err != nil || !dropped {
			return err
		}
		if err := tx.del(inNotifications, key); err != nil {
			return err
		}
		return tx.lower(inUsers, user, userNotices)
	})
	return dropped, err
}

// dropFirst removes the first entries that begin with a prefix, at most so
// many, whole or not, and says how many they were.
func (tx *Tx) dropFirst(b bucket, prefix []byte, most int) (n int, err error) {
	w := &walk{tx: tx, b: b, prefix: prefix}
	for n < most {
		ok, err := w.next()
		if !ok {
			return n, err
		}
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return n, err
		}
		if err := tx.del(b, w.key); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Notifications yields what a user was told, newest first, before an id (0:
// from the newest). What they are about may be gone by now.
func (tx *Tx) Notifications(user, before ID) iter.Seq2[Notification, error] {
	w := &walk{tx: tx, b: inNotifications, prefix: key1(user), back: true}
	if before != 0 {
		w.key = key2(user, before)
	}
	return each(w, readNotification)
}

func readNotification(key, value []byte) (n Notification, err error) {
	if err := decode(value, &n); err != nil {
		return Notification{}, corrupt(inNotifications, key, err)
	}
	return n, nil
}

// NoticesSeen gives the newest notification that a user has seen; 0 for none.
func (tx *Tx) NoticesSeen(user ID) (ID, error) {
	id, err := tx.loadID(inNoticesSeen, key1(user))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, fmt.Errorf("notices seen by %s: %w", user, err)
	}
	return id, nil
}

// SeeNotices notes that a user who is there, else ErrNotFound, has seen all
// notifications up to one. It never goes back, nor beyond the newest.
func (tx *Tx) SeeNotices(user, upTo ID) error {
	return tx.change("see notices of", user, func() error { return tx.seeNotices(user, upTo) })
}

func (tx *Tx) seeNotices(user, upTo ID) error {
	if err := tx.want(inUsers, "user", user); err != nil {
		return err
	}
	seen, err := tx.NoticesSeen(user)
	if err != nil {
		return err
	}
	newest, err := tx.newest(inNotifications, user, 0)
	if err != nil {
		return err
	}
	if upTo = min(upTo, newest); upTo <= seen {
		return nil
	}
	return tx.put(inNoticesSeen, key1(user), key1(upTo))
}

// newest gives the last id under another before one (0: of all); 0 when there
// is none. What can't be read is passed over.
func (tx *Tx) newest(b bucket, of, before ID) (ID, error) {
	w := &walk{tx: tx, b: b, prefix: key1(of), back: true}
	if before != 0 {
		w.key = key2(of, before)
	}
	for {
		ok, err := w.next()
		switch {
		case !ok:
			return 0, err
		case err == nil:
			return lastID(b, w.key)
		case !errors.Is(err, ErrCorrupt):
			return 0, err
		}
	}
}

// forgetNotificationsOf removes what a user who is gone was told.
func (tx *Tx) forgetNotificationsOf(user ID, most int) (changes int, err error) {
	for _, b := range []bucket{inNotifications, inNoticesSeen} {
		n, err := tx.dropFirst(b, key1(user), most-changes)
		if changes += n; err != nil {
			return changes, fmt.Errorf("forget notifications of %s: %w", user, err)
		}
	}
	return changes, nil
}

// notifications checks what users are told, and how much of it they have seen.
func (c *checker) notifications() {
	c.entries(inNotifications, func(key, value []byte) {
		n, err := readNotification(key, value)
		if err == nil && !bytes.Equal(key, key2(n.User, n.ID)) {
			err = corrupt(inNotifications, key, errOtherRecord)
		}
		if err != nil {
			c.found = append(c.found, err)
			return
		}
		c.note(n.ID)
		c.there(inUsers, n.User, inNotifications)
	})
	c.counted(inUsers, map[int]bucket{userNotices: inNotifications})
	c.entries(inNoticesSeen, func(key, value []byte) {
		if len(key) != 8 || len(value) != 8 {
			c.found = append(c.found, corrupt(inNoticesSeen, key, nil))
			return
		}
		c.note(ID(binary.BigEndian.Uint64(value)))
		c.there(inUsers, ID(binary.BigEndian.Uint64(key)), inNoticesSeen)
	})
}

package db

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Session gives the session with an id, ended or not. ErrNotFound when there
// is none.
func (tx *Tx) Session(id ID) (Session, error) {
	s, err := load[Session](tx, inSessions, id)
	if err != nil {
		return Session{}, fmt.Errorf("session %s: %w", id, err)
	}
	return s, nil
}

// endKey is the place of a session among the ends of all: the first full
// second at which it has ended, by Expires or by Until, whichever is earlier.
// One before 1970 counts as 1970. The times have to be tidy.
func endKey(s *Session) []byte {
	end := s.Expires
	if s.Until.Before(end) {
		end = s.Until
	}
	second := end.Unix()
	if end.Nanosecond() > 0 {
		second++
	}
	return key2(uint64(max(second, 0)), s.ID)
}

// AddSession stores a new session of a user who is there, else ErrNotFound.
func (tx *Tx) AddSession(s Session) error {
	return tx.change("add session", s.ID, func() error { return tx.addSession(&s) })
}

func (tx *Tx) addSession(s *Session) error {
	if err := tx.checkNew(inSessions, s.ID); err != nil {
		return err
	}
	if err := tx.want(inUsers, "user", s.User); err != nil {
		return err
	}
	if err := store(tx, inSessions, s.ID, s); err != nil {
		return err
	}
	if err := tx.put(inUserSessions, key2(s.User, s.ID), nil); err != nil {
		return err
	}
	return tx.put(inSessionEnds, endKey(s), nil)
}

// SetSession stores a session that is there already, else ErrNotFound. Its
// user can't change.
func (tx *Tx) SetSession(s Session) error {
	return tx.change("set session", s.ID, func() error { return tx.setSession(&s) })
}

func (tx *Tx) setSession(s *Session) error {
	old, err := load[Session](tx, inSessions, s.ID)
	if err != nil {
		return err
	}
	if s.User != old.User {
		return errOwner
	}
	if err := store(tx, inSessions, s.ID, s); err != nil {
		return err
	}
	was, is := endKey(&old), endKey(s)
	if bytes.Equal(was, is) {
		return nil
	}
	if err := tx.del(inSessionEnds, was); err != nil {
		return err
	}
	return tx.put(inSessionEnds, is, nil)
}

// DropSession removes a session. ErrNotFound when there is none.
func (tx *Tx) DropSession(id ID) error {
	return tx.change("drop session", id, func() error {
		s, err := load[Session](tx, inSessions, id)
		if err != nil {
			return err
		}
		return tx.dropSession(&s)
	})
}

func (tx *Tx) dropSession(s *Session) error {
	if err := tx.del(inSessions, key1(s.ID)); err != nil {
		return err
	}
	if err := tx.del(inUserSessions, key2(s.User, s.ID)); err != nil {
		return err
	}
	return tx.del(inSessionEnds, endKey(s))
}

// SessionsOf yields the sessions of a user, the one that was made last first.
func (tx *Tx) SessionsOf(user ID) iter.Seq2[Session, error] {
	w := &walk{tx: tx, b: inUserSessions, prefix: key1(user), back: true}
	return each(w, func(key, _ []byte) (Session, error) {
		id, err := lastID(inUserSessions, key)
		if err != nil {
			return Session{}, err
		}
		return led[Session](tx, inUserSessions, key, inSessions, id)
	})
}

// DropSessionsOf removes all sessions of a user except one (0: none is spared)
// and says how many they were. A session that can't be read stays: nobody can
// use it.
func (tx *Tx) DropSessionsOf(user, except ID) (n int, err error) {
	for s, err := range tx.SessionsOf(user) {
		if err == nil && s.ID == except || errors.Is(err, ErrCorrupt) {
			continue
		}
		if err == nil {
			err = tx.dropSession(&s)
		}
		if err != nil {
			return n, fmt.Errorf("drop sessions of %s: %w", user, err)
		}
		n++
	}
	return n, nil
}

// DropExpiredSessions removes sessions that had ended at a moment, to the
// second, at most so many, and says how many they were. Those that can't be
// read stay.
func (tx *Tx) DropExpiredSessions(now time.Time, most int) (n int, err error) {
	w := &walk{tx: tx, b: inSessionEnds}
	for n < most {
		ok, err := w.next()
		if err != nil {
			return n, fmt.Errorf("drop expired sessions: %w", err)
		}
		if !ok || len(w.key) != 16 || binary.BigEndian.Uint64(w.key) > uint64(max(now.Unix(), 0)) {
			break
		}
		id, err := lastID(inSessionEnds, w.key)
		if err == nil {
			var s Session
			if s, err = led[Session](tx, inSessionEnds, w.key, inSessions, id); err == nil {
				err = tx.dropSession(&s)
			}
		}
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err != nil {
			return n, fmt.Errorf("drop expired sessions: %w", err)
		}
		n++
	}
	return n, nil
}

package db

import (
	"encoding/binary"
	"errors"
	"iter"
)

// Plays are plays of a track on a day, and who listened. Visitors are those
// who were not counted before on that day, of the track and of all tracks of
// its owner: only the caller knows them. Members may be any, and several times.
type Plays struct {
	Plays    uint64
	Visitors uint64
	Owners   uint64 // visitors who are the owner's first of the day
	Members  []ID
}

// AddPlays counts plays of a track on a day. Each different person who listened
// that day is a listener, and a point for the charts. A track that is gone is
// ErrNotFound.
func (tx *Tx) AddPlays(track ID, day Day, p Plays) error {
	return tx.change("add plays of", track, func() error { return tx.addPlays(track, day, p) })
}

func (tx *Tx) addPlays(track ID, day Day, p Plays) error {
	t, err := load[Track](tx, inTracks, track)
	if err != nil {
		return err
	}
	people, owners := int64(p.Visitors), int64(p.Owners)
	for _, user := range p.Members {
		first, err := tx.hear(day, track, user)
		if err != nil {
			return err
		}
		if !first {
			continue
		}
		people++
		if first, err = tx.hear(day, t.User, user); err != nil {
			return err
		}
		if first {
			owners++
		}
	}
	counters := make([]int64, trackCounters)
	counters[trackPlays], counters[trackListeners] = int64(p.Plays), people
	if err := tx.addAll(track, counters); err != nil {
		return err
	}
	if err := tx.countOn(&t, day, deltas{numberPlays: int64(p.Plays), numberListeners: people}, owners); err != nil {
		return err
	}
	return tx.addPoints(track, day, people*pointsListen)
}

// hear notes that a member listened to something of a thing on a day, and says
// whether it is the first time.
func (tx *Tx) hear(day Day, thing, user ID) (first bool, err error) {
	key := append(heardKey(day, thing), key1(user)...)
	there, err := tx.has(inHeard, key)
	if errors.Is(err, ErrCorrupt) {
		return false, nil // it may be there
	}
	if err != nil || there {
		return false, err
	}
	return true, tx.put(inHeard, key, nil)
}

func heardKey(day Day, thing ID) []byte {
	k := binary.BigEndian.AppendUint32(make([]byte, 0, 20), uint32(day))
	return binary.BigEndian.AppendUint64(k, uint64(thing))
}

// DropHeard forgets who listened on all days but those from a first to a last
// one, at most so many entries; more says whether some are left.
func (tx *Tx) DropHeard(first, last Day, most int) (more bool, err error) {
	return more, tx.purgeDays(inHeard, first, last, most, &more, func(Day, []byte, []byte) error { return nil })
}

// forgetHeard forgets who listened to a thing that is gone. Fewer changes than
// most mean that nobody is left.
func (tx *Tx) forgetHeard(thing ID, most int) (changes int, err error) {
	err = tx.eachDay(inHeard, func(day Day) error {
		n, err := tx.forgetKeys(inHeard, heardKey(day, thing), most-changes)
		changes += n
		return err
	})
	return changes, err
}

// Listen puts a track at the top of a user's history, which keeps so many.
// ErrNotFound when one of the two is not there.
func (tx *Tx) Listen(user, track ID, keep int) error {
	return tx.change("listen of "+user.String()+" to", track, func() error { return tx.listen(user, track, keep) })
}

func (tx *Tx) listen(user, track ID, keep int) error {
	mark, added, err := listens.join(tx, user, track)
	if err != nil {
		return err
	}
	if !added { // heard before: it moves up
		if err := listens.drop(tx, Edge{user, track, mark}); err != nil {
			return err
		}
		_, _, err := listens.add(tx, user, track)
		return err
	}
	list, err := tx.counters(user, userCounters)
	if err != nil {
		return err
	}
	_, err = listens.forget(tx, inHistory, user, int(list[userListens])-keep)
	return err
}

// ListenMark gives the mark of the last listen of a user to a track, or 0 when
// there is none.
func (tx *Tx) ListenMark(user, track ID) (ID, error) { return listens.mark(tx, user, track) }

// History yields the tracks that a user listened to, the last listen first,
// before a mark (0: from the newest). A track may be gone by now.
func (tx *Tx) History(user, before ID) iter.Seq2[Edge, error] { return listens.from(tx, user, before) }

// ForgetListen takes a track out of a user's history; dropped says whether it
// was there.
func (tx *Tx) ForgetListen(user, track ID) (dropped bool, err error) {
	return listens.leave(tx, user, track)
}

// ForgetListens empties a user's history, at most so many entries; more says
// whether some are left.
func (tx *Tx) ForgetListens(user ID, most int) (more bool, err error) {
	err = tx.change("forget the history of", user, func() error {
		if _, err := listens.forget(tx, inHistory, user, most); err != nil {
			return err
		}
		more, err = (&walk{tx: tx, b: inHistory, prefix: key1(user)}).next()
		return err
	})
	return more, err
}

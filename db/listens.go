package db

import "iter"

// AddPlays counts so many more plays of a track. A track that is gone is
// ErrNotFound.
func (tx *Tx) AddPlays(track ID, n uint64) error {
	return tx.change("add plays of", track, func() error {
		if err := tx.want(inTracks, "track", track); err != nil {
			return err
		}
		return tx.addTrackCount(track, trackPlays, int64(n))
	})
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

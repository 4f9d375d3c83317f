package db

import "iter"

// AddPlays counts so many more plays of a track. A track that is gone is
// ErrNotFound.
func (tx *Tx) AddPlays(track ID, n uint64) error { panic("not yet") }

// Listen puts a track at the top of a user's history, which keeps so many.
func (tx *Tx) Listen(user, track ID, keep int) error { panic("not yet") }

// History yields the tracks that a user listened to, the last listen first,
// before a mark (0: from the newest). A track may be gone by now.
func (tx *Tx) History(user, before ID) iter.Seq2[Edge, error] { return listens.from(tx, user, before) }

// ForgetListen takes a track out of a user's history; dropped says whether it
// was there.
func (tx *Tx) ForgetListen(user, track ID) (dropped bool, err error) { panic("not yet") }

// ForgetListens empties a user's history, at most so many entries; more says
// whether some are left.
func (tx *Tx) ForgetListens(user ID, most int) (more bool, err error) { panic("not yet") }

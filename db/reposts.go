package db

import "iter"

// Repost makes a user repost a track: it is counted and enters the user's
// activity. A pair that is there already keeps its mark; added says whether it
// is new. ErrNotFound when one of the two is not there.
func (tx *Tx) Repost(user, track ID) (mark ID, added bool, err error) {
	return reposts.join(tx, user, track)
}

// Unrepost ends a repost; dropped says whether there was one.
func (tx *Tx) Unrepost(user, track ID) (dropped bool, err error) {
	return reposts.leave(tx, user, track)
}

// RepostMark gives the mark of a repost, or 0 when there is none.
func (tx *Tx) RepostMark(user, track ID) (ID, error) { return reposts.mark(tx, user, track) }

// Reposts yields the tracks that a user reposted, newest repost first, before
// a mark (0: from the newest). A track may be gone by now.
func (tx *Tx) Reposts(user, before ID) iter.Seq2[Edge, error] { return reposts.from(tx, user, before) }

// Reposters yields who reposted a track, as Reposts does.
func (tx *Tx) Reposters(track, before ID) iter.Seq2[Edge, error] {
	return reposts.to(tx, track, before)
}

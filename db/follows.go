package db

import "iter"

// Follow makes one user follow another, and counts it on both. A pair that is
// there already keeps its mark; added says whether it is new. ErrNotFound when
// one of the two is not there.
func (tx *Tx) Follow(who, whom ID) (mark ID, added bool, err error) {
	return follows.join(tx, who, whom)
}

// Unfollow ends a follow; dropped says whether there was one.
func (tx *Tx) Unfollow(who, whom ID) (dropped bool, err error) { return follows.leave(tx, who, whom) }

// FollowMark gives the mark of a follow, or 0 when there is none.
func (tx *Tx) FollowMark(who, whom ID) (ID, error) { return follows.mark(tx, who, whom) }

// Following yields whom a user follows, newest first, before a mark (0: from
// the newest).
func (tx *Tx) Following(who, before ID) iter.Seq2[Edge, error] { return follows.from(tx, who, before) }

// Followers yields who follows a user, as Following does.
func (tx *Tx) Followers(whom, before ID) iter.Seq2[Edge, error] { return follows.to(tx, whom, before) }

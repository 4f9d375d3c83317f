package db

import "iter"

// Comment gives the comment with an id. ErrNotFound when there is none; what
// is left of a deleted one that has replies has no user.
func (tx *Tx) Comment(id ID) (Comment, error) { panic("not yet") }

// AddComment stores a new comment, or a reply to one that is a reply to none,
// and counts it on the track, the user and the parent. ErrNotFound when one of
// these is not there or is on another track.
func (tx *Tx) AddComment(c Comment) error { panic("not yet") }

// SetComment stores a comment that is there already, else ErrNotFound. Only
// its text and the time of its edit can change.
func (tx *Tx) SetComment(c Comment) error { panic("not yet") }

// DropComment removes a comment. One with replies leaves a record without
// user and text, until the last reply goes too. ErrNotFound when there is
// none, or only that is left.
func (tx *Tx) DropComment(id ID) error { panic("not yet") }

// CommentsAt yields the comments on a track that are no replies, in the order
// of their positions and then of their ids, behind a place (0, 0: from the
// first): those at a later position, or at the same one with a greater id.
// Position is in microseconds.
func (tx *Tx) CommentsAt(track ID, position int64, behind ID) iter.Seq2[Comment, error] {
	panic("not yet")
}

// NewestComments yields the comments on a track that are no replies, newest
// first, before an id (0: from the newest).
func (tx *Tx) NewestComments(track, before ID) iter.Seq2[Comment, error] { panic("not yet") }

// Moment is where a comment stands, without what it says.
type Moment struct {
	Comment  ID
	User     ID    // 0 in what is left of a deleted comment
	Position int64 // microseconds
}

// Moments yields where the comments on a track stand that are no replies, in
// order. It reads no records.
func (tx *Tx) Moments(track ID) iter.Seq2[Moment, error] { panic("not yet") }

// Replies yields the replies to a comment, oldest first, behind an id (0: from
// the first).
func (tx *Tx) Replies(comment, behind ID) iter.Seq2[Comment, error] { panic("not yet") }

// CommentsOf yields what a user wrote, newest first, before an id (0: from the
// newest).
func (tx *Tx) CommentsOf(user, before ID) iter.Seq2[Comment, error] { panic("not yet") }

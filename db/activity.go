package db

import "iter"

// ActivityKind says what somebody did for others to see.
type ActivityKind uint8

// The kinds of activity.
const (
	Published ActivityKind = 1 // a track became public; the mark is its Published
	Reposted  ActivityKind = 2 // the mark is the repost's
)

// Activity is a track that somebody published or reposted.
type Activity struct {
	User  ID
	Kind  ActivityKind
	Track ID // it may be private or gone by now, when it was reposted
	Mark  ID
}

// Activity yields what all users published and reposted, newest first, before
// a mark (0: from the newest).
func (tx *Tx) Activity(before ID) iter.Seq2[Activity, error] { panic("not yet") }

// ActivityOf is Activity of one user.
func (tx *Tx) ActivityOf(user, before ID) iter.Seq2[Activity, error] { panic("not yet") }

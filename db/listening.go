package db

import (
	"errors"
	"fmt"
	"iter"
)

// Bookmark gives the moment of a track that a user marked. ErrNotFound when
// there is none.
func (tx *Tx) Bookmark(user, track ID) (Bookmark, error) {
	b, err := loadAt[Bookmark](tx, inBookmarks, key2(user, track))
	if err != nil {
		return Bookmark{}, fmt.Errorf("bookmark of %s in %s: %w", user, track, err)
	}
	return b, nil
}

// SetBookmark stores a moment that a user, who is there, else ErrNotFound, marks
// in a track, in place of the one before.
func (tx *Tx) SetBookmark(b Bookmark) error {
	return tx.change("set bookmark of", b.User, func() error {
		if err := tx.want(inUsers, "user", b.User); err != nil {
			return err
		}
		return storeAt(tx, inBookmarks, key2(b.User, b.Track), &b)
	})
}

// DropBookmark removes a moment that a user marked, if there is one.
func (tx *Tx) DropBookmark(user, track ID) error {
	return tx.change("drop bookmark of", user, func() error { return tx.del(inBookmarks, key2(user, track)) })
}

// BookmarksOf yields the moments that a user marked, by their tracks.
func (tx *Tx) BookmarksOf(user ID) iter.Seq2[Bookmark, error] {
	w := &walk{tx: tx, b: inBookmarks, prefix: key1(user)}
	return each(w, func(key, value []byte) (b Bookmark, err error) {
		if err := decode(value, &b); err != nil {
			return Bookmark{}, corrupt(inBookmarks, key, err)
		}
		return b, nil
	})
}

// maxStars is the best rating.
const maxStars = 5

var errStars = errors.New("a rating has 1 to 5 stars")

// Rating gives how many stars a user gave a track or a playlist, 1 to 5; 0 for
// none.
func (tx *Tx) Rating(user, thing ID) (int, error) {
	p, err := tx.get(inRatings, key2(user, thing))
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err == nil && len(p) != 1 {
		err = corrupt(inRatings, key2(user, thing), nil)
	}
	if err != nil {
		return 0, fmt.Errorf("rating of %s by %s: %w", thing, user, err)
	}
	return int(p[0]), nil
}

// SetRating stores how many stars a user, who is there, else ErrNotFound, gives a
// track or a playlist; 0 takes them away.
func (tx *Tx) SetRating(user, thing ID, stars int) error {
	return tx.change("rate", thing, func() error {
		if stars < 0 || stars > maxStars {
			return errStars
		}
		if err := tx.want(inUsers, "user", user); err != nil {
			return err
		}
		if stars == 0 {
			return tx.del(inRatings, key2(user, thing))
		}
		return tx.put(inRatings, key2(user, thing), []byte{byte(stars)})
	})
}

// Scrobbler gives where the listens of a user are told. ErrNotFound when
// nowhere.
func (tx *Tx) Scrobbler(user ID) (Scrobbler, error) {
	s, err := load[Scrobbler](tx, inScrobblers, user)
	if err == nil && s.User != user {
		err = corrupt(inScrobblers, key1(user), errOtherRecord)
	}
	if err != nil {
		return Scrobbler{}, fmt.Errorf("scrobbler of %s: %w", user, err)
	}
	return s, nil
}

// SetScrobbler stores where the listens of a user, who is there, else
// ErrNotFound, are told.
func (tx *Tx) SetScrobbler(s Scrobbler) error {
	return tx.change("set scrobbler of", s.User, func() error {
		if err := tx.want(inUsers, "user", s.User); err != nil {
			return err
		}
		return store(tx, inScrobblers, s.User, &s)
	})
}

// DropScrobbler has the listens of a user told nowhere any more; those that wait
// are forgotten.
func (tx *Tx) DropScrobbler(user ID) error {
	return tx.change("drop scrobbler of", user, func() error {
		if err := tx.del(inScrobblers, key1(user)); err != nil {
			return err
		}
		return tx.purge(inScrobbles, key1(user), func(_, _ []byte) bool { return true }, nil)
	})
}

// Scrobblers yields everybody whose listens are told somewhere.
func (tx *Tx) Scrobblers() iter.Seq2[Scrobbler, error] {
	return records[Scrobbler](tx, inScrobblers, 0)
}

// AddScrobble stores a listen to be told. ErrNotFound when its user has no
// scrobbler.
func (tx *Tx) AddScrobble(s Scrobble) error {
	return tx.change("add scrobble", s.ID, func() error {
		if err := tx.want(inScrobblers, "scrobbler", s.User); err != nil {
			return err
		}
		return storeAt(tx, inScrobbles, key2(s.User, s.ID), &s)
	})
}

// Scrobbles yields the listens of a user that are still to be told, the oldest
// first.
func (tx *Tx) Scrobbles(user ID) iter.Seq2[Scrobble, error] {
	w := &walk{tx: tx, b: inScrobbles, prefix: key1(user)}
	return each(w, func(key, value []byte) (s Scrobble, err error) {
		if err := decode(value, &s); err != nil {
			return Scrobble{}, corrupt(inScrobbles, key, err)
		}
		return s, nil
	})
}

// DropScrobble removes a listen that was told, or is to be told no more.
func (tx *Tx) DropScrobble(user, id ID) error {
	return tx.change("drop scrobble", id, func() error { return tx.del(inScrobbles, key2(user, id)) })
}

// dropListeningOf removes what programs left here for a user who goes.
func (tx *Tx) dropListeningOf(user ID) error {
	for _, b := range []bucket{inBookmarks, inRatings} {
		if err := tx.purge(b, key1(user), func(_, _ []byte) bool { return true }, nil); err != nil {
			return err
		}
	}
	return tx.DropScrobbler(user)
}

// listening checks bookmarks, ratings, and what is told elsewhere.
func (c *checker) listening() {
	c.entries(inBookmarks, func(key, value []byte) {
		var b Bookmark
		if err := decode(value, &b); err != nil || len(key) != 16 {
			return // it was told with the values
		}
		if string(key) != string(key2(b.User, b.Track)) {
			c.wrong("the bookmark at %x is %s's in %s", key, b.User, b.Track)
		}
		c.there(inUsers, b.User, inBookmarks)
	})
	c.entries(inRatings, func(key, value []byte) {
		user, err := firstID(inRatings)(key, nil)
		if err != nil || len(key) != 16 || len(value) != 1 || value[0] < 1 || value[0] > maxStars {
			c.wrong("the rating at %x is none", key)
			return
		}
		c.there(inUsers, user, inRatings)
	})
	c.entries(inScrobblers, func(key, value []byte) {
		var s Scrobbler
		if err := decode(value, &s); err != nil || len(key) != 8 {
			return // it was told with the values
		}
		if string(key) != string(key1(s.User)) {
			c.wrong("the scrobbler of %x is %s's", key, s.User)
		}
		c.there(inUsers, s.User, inScrobblers)
	})
	c.entries(inScrobbles, func(key, value []byte) {
		var s Scrobble
		if err := decode(value, &s); err != nil || len(key) != 16 {
			return // it was told with the values
		}
		c.note(s.ID)
		if string(key) != string(key2(s.User, s.ID)) {
			c.wrong("the scrobble at %x is %s's", key, s.User)
		}
		c.there(inScrobblers, s.User, inScrobbles)
	})
}

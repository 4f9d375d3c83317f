package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"
)

// What makes a comment impossible to store.
var (
	errReplyToReply = errors.New("it replies to a reply")
	errPosition     = errors.New("the position is negative")
)

// Comment gives the comment with an id. ErrNotFound when there is none; what
// is left of a deleted one that has replies has no user.
func (tx *Tx) Comment(id ID) (Comment, error) {
	c, err := load[Comment](tx, inComments, id)
	if err != nil {
		return Comment{}, fmt.Errorf("comment %s: %w", id, err)
	}
	return c, nil
}

// AddComment stores a new comment, or a reply to one that is a reply to none,
// and counts it on the track, the user and the parent. One with a Guest is of a
// visitor who came by its Link, or of somebody elsewhere, without a Link, who
// said it where the track was brought from. ErrNotFound when one of
// these is not there or is on another track; ErrTaken when the id is another
// comment's. A reply gets its parent's position, and its own replies begin at
// zero, whatever the record says.
func (tx *Tx) AddComment(c Comment) error {
	return tx.change("add comment", c.ID, func() error { return tx.addComment(&c) })
}

func (tx *Tx) addComment(c *Comment) error {
	if err := tx.checkNew(inComments, c.ID); err != nil {
		return err
	}
	t, err := load[Track](tx, inTracks, c.Track)
	if err != nil {
		return fmt.Errorf("track %s: %w", c.Track, err)
	}
	if err := tx.checkWriter(c); err != nil {
		return err
	}
	c.Replies = 0
	if c.Parent != 0 {
		parent, err := load[Comment](tx, inComments, c.Parent)
		if err == nil && parent.Track != c.Track {
			err = ErrNotFound
		}
		if err == nil && parent.Parent != 0 {
			err = errReplyToReply
		}
		if err != nil {
			return fmt.Errorf("comment %s: %w", c.Parent, err)
		}
		c.Position, c.Whole = parent.Position, parent.Whole
		parent.Replies++
		if err := store(tx, inComments, parent.ID, &parent); err != nil {
			return err
		}
		if err := tx.put(inReplies, key2(c.Parent, c.ID), nil); err != nil {
			return err
		}
	} else {
		if c.Position < 0 || c.Position == wholePlace {
			return errPosition
		}
		if c.Whole {
			c.Position = 0
		}
		if err := tx.put(inTrackComments, momentKey(c.Track, c.Place(), c.ID), c.writer()); err != nil {
			return err
		}
		if err := tx.put(inTrackThreads, key2(c.Track, c.ID), nil); err != nil {
			return err
		}
	}
	if err := tx.put(inUserComments, key2(c.by(), c.ID), nil); err != nil {
		return err
	}
	if c.User != 0 {
		if err := tx.addUserCount(c.User, userComments, 1); err != nil {
			return err
		}
	}
	if err := tx.addTrackCount(c.Track, trackComments, 1); err != nil {
		return err
	}
	if err := tx.countOn(&t, DayOf(c.ID.Time()), deltas{numberComments: 1}, 0); err != nil {
		return err
	}
	return store(tx, inComments, c.ID, c)
}

// Deleted tells whether only the place of a comment is left, for its replies.
func (c *Comment) Deleted() bool { return c.User == 0 && c.Guest == "" }

// by gives the id under which a comment stands among those of its writer: of a
// visitor that is the secret link. 0 when the comment was deleted, or brought
// from elsewhere.
func (c *Comment) by() ID {
	if c.Guest != "" {
		return c.Link
	}
	return c.User
}

// writer is what the list by moments tells of who wrote a comment: the user, 0
// when it was deleted; of a visitor the link, and one byte more.
func (c *Comment) writer() []byte {
	if c.Guest != "" {
		return append(key1(c.Link), 1)
	}
	return key1(c.User)
}

// checkWriter wants a user who is there, else ErrNotFound, or a visitor's name
// and the secret link.
func (tx *Tx) checkWriter(c *Comment) error {
	if c.User == 0 && c.Guest != "" {
		if c.Link == 0 {
			return nil
		}
		return tx.want(inLinks, "link", c.Link)
	}
	c.Guest, c.Link = "", 0
	return tx.want(inUsers, "user", c.User)
}

// want wants a record to be there, else ErrNotFound.
func (tx *Tx) want(b bucket, what string, id ID) error {
	if _, err := tx.get(b, key1(id)); err != nil {
		return fmt.Errorf("%s %s: %w", what, id, err)
	}
	return nil
}

// wholePlace is where comments about a whole track stand among its moments:
// behind them all.
const wholePlace = math.MaxInt64

// Place is where a comment stands in the order of moments, as CommentsAt takes
// it: its position, or behind all of them when it is about the whole track.
func (c *Comment) Place() int64 {
	if c.Whole {
		return wholePlace
	}
	return c.Position
}

// momentKey is a comment's key in the order of positions.
func momentKey(track ID, position int64, comment ID) []byte {
	k := make([]byte, 0, 24)
	k = binary.BigEndian.AppendUint64(k, uint64(track))
	k = binary.BigEndian.AppendUint64(k, uint64(position))
	return binary.BigEndian.AppendUint64(k, uint64(comment))
}

// SetComment stores a comment that is there already, else ErrNotFound; what is
// left of a deleted one is not there. Only its text and the time of its edit
// are taken from the record: all else stays as it is stored.
func (tx *Tx) SetComment(c Comment) error {
	return tx.change("set comment", c.ID, func() error {
		old, err := tx.written(c.ID)
		if err != nil {
			return err
		}
		old.Text, old.Edited = c.Text, c.Edited
		return store(tx, inComments, c.ID, &old)
	})
}

// written loads a comment that was not deleted.
func (tx *Tx) written(id ID) (Comment, error) {
	c, err := load[Comment](tx, inComments, id)
	if err == nil && c.Deleted() {
		err = ErrNotFound
	}
	return c, err
}

// DropComment removes a comment. One with replies leaves a record without
// user and text, until the last reply goes too. ErrNotFound when there is
// none, or only that is left.
func (tx *Tx) DropComment(id ID) error {
	return tx.change("drop comment", id, func() error {
		c, err := tx.written(id)
		if err != nil {
			return err
		}
		return tx.dropComment(&c)
	})
}

func (tx *Tx) dropComment(c *Comment) error {
	if c.Replies > 0 {
		return tx.hollow(c)
	}
	if c.Parent == 0 {
		return tx.dropOwn(c)
	}
	parent, err := tx.parentOf(c)
	if err != nil {
		return err
	}
	if err := tx.dropReply(&parent, c); err != nil {
		return err
	}
	if parent.Deleted() && parent.Replies == 0 {
		return tx.dropOwn(&parent)
	}
	return store(tx, inComments, parent.ID, &parent)
}

func (tx *Tx) parentOf(c *Comment) (Comment, error) {
	parent, err := load[Comment](tx, inComments, c.Parent)
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("%w: its parent %s is not there", ErrInconsistent, c.Parent)
	}
	return parent, err
}

// hollow leaves of a comment only what its replies need.
func (tx *Tx) hollow(c *Comment) error {
	if err := tx.uncount(c); err != nil {
		return err
	}
	c.User, c.Text, c.Edited, c.Guest, c.Link = 0, "", time.Time{}, "", 0
	if err := tx.put(inTrackComments, momentKey(c.Track, c.Place(), c.ID), c.writer()); err != nil {
		return err
	}
	return store(tx, inComments, c.ID, c)
}

// dropOwn removes a comment that is no reply and has none.
func (tx *Tx) dropOwn(c *Comment) error {
	if err := tx.uncount(c); err != nil {
		return err
	}
	if err := tx.del(inTrackComments, momentKey(c.Track, c.Place(), c.ID)); err != nil {
		return err
	}
	if err := tx.del(inTrackThreads, key2(c.Track, c.ID)); err != nil {
		return err
	}
	return tx.del(inComments, key1(c.ID))
}

// dropReply removes a reply and counts it off its parent, which the caller
// stores.
func (tx *Tx) dropReply(parent, c *Comment) error {
	if parent.Replies == 0 {
		return fmt.Errorf("%w: comment %s has more replies than are counted", ErrInconsistent, parent.ID)
	}
	parent.Replies--
	if err := tx.uncount(c); err != nil {
		return err
	}
	if err := tx.del(inReplies, key2(c.Parent, c.ID)); err != nil {
		return err
	}
	return tx.del(inComments, key1(c.ID))
}

// uncount takes a comment from its writer's list and off the counters of the
// writer and the track, as far as these are still there: those of a thing that
// is gone went with it.
func (tx *Tx) uncount(c *Comment) error {
	if c.Deleted() {
		return nil
	}
	if err := tx.del(inUserComments, key2(c.by(), c.ID)); err != nil {
		return err
	}
	if c.User != 0 {
		if err := tx.lower(inUsers, c.User, userComments); err != nil {
			return err
		}
	}
	if err := tx.lower(inTracks, c.Track, trackComments); err != nil {
		return err
	}
	return tx.takeBack(c.Track, DayOf(c.ID.Time()), numberComments)
}

// CommentsAt yields the comments on a track that are no replies, in the order
// of their positions and then of their ids, behind a place (0, 0: from the
// first): those at a later position, or at the same one with a greater id.
// Position is in microseconds. Those about the whole track come last.
func (tx *Tx) CommentsAt(track ID, position int64, behind ID) iter.Seq2[Comment, error] {
	w := &walk{tx: tx, b: inTrackComments, prefix: key1(track)}
	if position >= 0 {
		w.key = momentKey(track, position, behind)
	}
	return each(w, func(key, value []byte) (Comment, error) {
		m, err := readMoment(key, value)
		if err != nil {
			return Comment{}, err
		}
		c, err := led[Comment](tx, inTrackComments, key, inComments, m.Comment)
		if err == nil && (c.Track != track || c.Place() != m.Position || c.by() != m.User+m.Link || c.Parent != 0) {
			return Comment{}, corrupt(inTrackComments, key, errOtherRecord)
		}
		return c, err
	})
}

// NewestComments yields the comments on a track that are no replies, newest
// first, before an id (0: from the newest).
func (tx *Tx) NewestComments(track, before ID) iter.Seq2[Comment, error] {
	w := &walk{tx: tx, b: inTrackThreads, prefix: key1(track), back: true}
	if before != 0 {
		w.key = key2(track, before)
	}
	return tx.listed(w, func(c *Comment) bool { return c.Track == track && c.Parent == 0 })
}

// listed yields the comments that the keys of an index end with. They have to
// be what the index says.
func (tx *Tx) listed(w *walk, fits func(*Comment) bool) iter.Seq2[Comment, error] {
	return each(w, func(key, _ []byte) (Comment, error) {
		id, err := lastID(w.b, key)
		if err != nil {
			return Comment{}, err
		}
		c, err := led[Comment](tx, w.b, key, inComments, id)
		if err == nil && !fits(&c) {
			return Comment{}, corrupt(w.b, key, errOtherRecord)
		}
		return c, err
	})
}

// Moment is where a comment stands, without what it says.
type Moment struct {
	Comment  ID
	User     ID    // 0 in what is left of a deleted comment, and of a visitor's
	Link     ID    // by which a visitor came who wrote it; else 0
	Guest    bool  // a visitor wrote it, or somebody elsewhere
	Position int64 // microseconds
}

// Moments yields where the comments on a track stand that are no replies, in
// order; those about the whole track stand nowhere. It reads no records.
func (tx *Tx) Moments(track ID) iter.Seq2[Moment, error] {
	return moments(&walk{tx: tx, b: inTrackComments, prefix: key1(track)})
}

// MomentsFrom is Moments from a position on.
func (tx *Tx) MomentsFrom(track ID, position int64) iter.Seq2[Moment, error] {
	return moments(&walk{tx: tx, b: inTrackComments, prefix: key1(track), key: momentKey(track, position, 0)})
}

func moments(w *walk) iter.Seq2[Moment, error] {
	return func(yield func(Moment, error) bool) {
		for m, err := range each(w, readMoment) {
			if err == nil && m.Position == wholePlace || !yield(m, err) {
				return
			}
		}
	}
}

func readMoment(key, value []byte) (Moment, error) {
	if len(key) != 24 || len(value) != 8 && len(value) != 9 {
		return Moment{}, corrupt(inTrackComments, key, nil)
	}
	m := Moment{
		Comment:  ID(binary.BigEndian.Uint64(key[16:])),
		Position: int64(binary.BigEndian.Uint64(key[8:])),
	}
	by := ID(binary.BigEndian.Uint64(value))
	if len(value) == 8 {
		m.User = by
	} else {
		m.Link, m.Guest = by, true
	}
	return m, nil
}

// Replies yields the replies to a comment, oldest first, behind an id (0: from
// the first).
func (tx *Tx) Replies(comment, behind ID) iter.Seq2[Comment, error] {
	w := &walk{tx: tx, b: inReplies, prefix: key1(comment)}
	if behind != 0 {
		w.key = key2(comment, behind)
	}
	return tx.listed(w, func(c *Comment) bool { return c.Parent == comment })
}

// forgetCommentsOn removes comments on a track that is gone, threads whole as
// far as most allows. Fewer changes than most mean that none is left; what
// can't be read stays, and Check tells of it.
func (tx *Tx) forgetCommentsOn(track ID, most int) (changes int, err error) {
	for c, err := range tx.threads(track) {
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err != nil || changes >= most {
			return changes, err
		}
		n, err := tx.forgetThread(&c, most-changes)
		changes += n
		if err != nil {
			return changes, err
		}
	}
	return changes, nil
}

// threads yields the comments on a track that are no replies, oldest first.
func (tx *Tx) threads(track ID) iter.Seq2[Comment, error] {
	w := &walk{tx: tx, b: inTrackThreads, prefix: key1(track)}
	return tx.listed(w, func(c *Comment) bool { return c.Track == track && c.Parent == 0 })
}

func (tx *Tx) forgetThread(c *Comment, most int) (changes int, err error) {
	var rotten uint64
	for r, err := range tx.Replies(c.ID, 0) {
		if errors.Is(err, ErrCorrupt) {
			rotten++
			continue
		}
		if err != nil {
			return changes, err
		}
		if changes >= most {
			return changes, store(tx, inComments, c.ID, c)
		}
		if err := tx.dropReply(c, &r); err != nil {
			return changes, err
		}
		changes++
	}
	if c.Replies > rotten {
		return changes, fmt.Errorf("%w: comment %s has fewer replies than are counted", ErrInconsistent, c.ID)
	}
	return changes + 1, tx.dropOwn(c)
}

// forgetCommentsOf removes what a user wrote who is gone, as DropComment does.
// Fewer changes than most mean that nothing is left; what can't be read stays,
// and so does a reply to it.
func (tx *Tx) forgetCommentsOf(user ID, most int) (changes int, err error) {
	w := &walk{tx: tx, b: inUserComments, prefix: key1(user)}
	for c, err := range tx.listed(w, func(c *Comment) bool { return c.User == user }) {
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err != nil || changes >= most {
			return changes, err
		}
		before := tx.writes
		if err := tx.dropComment(&c); errors.Is(err, ErrCorrupt) && tx.writes == before {
			continue
		} else if err != nil {
			return changes, err
		}
		changes++
	}
	return changes, nil
}

// comments checks every comment, its places in lists and what is counted of it.
func (c *checker) comments() {
	users, tracks := make(map[ID]uint64), make(map[ID]uint64)
	all(c, records[Comment](c.tx, inComments, 0), func(m *Comment) {
		c.note(m.ID)
		tracks[m.Track] += 0 // the track has to be there
		if !m.Deleted() {
			tracks[m.Track]++
			c.entry(inUserComments, key2(m.by(), m.ID), nil, m.ID)
		}
		switch {
		case m.User != 0:
			users[m.User]++
		case m.Deleted() && (m.Replies == 0 || m.Text != "" || !m.Edited.IsZero()):
			c.wrong("comment %s was deleted, but more is left of it than its replies need", m.ID)
		}
		if m.Guest == "" && m.Link != 0 || m.Guest != "" && m.User != 0 {
			c.wrong("comment %s is neither a user's nor a visitor's", m.ID)
		}
		if m.Position < 0 || m.Whole && m.Position != 0 {
			c.wrong("comment %s stands at %d µs, about the whole track: %t", m.ID, m.Position, m.Whole)
		}
		if m.Parent == 0 {
			c.entry(inTrackComments, momentKey(m.Track, m.Place(), m.ID), m.writer(), m.ID)
			c.entry(inTrackThreads, key2(m.Track, m.ID), nil, m.ID)
			if n := c.count(inReplies, key1(m.ID)); uint64(n) != m.Replies {
				c.wrong("comment %s is counted %d replies, %d are there", m.ID, m.Replies, n)
			}
			return
		}
		c.entry(inReplies, key2(m.Parent, m.ID), nil, m.ID)
		parent, err := c.tx.parentOf(m)
		switch {
		case err != nil:
			c.found = append(c.found, fmt.Errorf("comment %s: %w", m.ID, err))
		case parent.Parent != 0 || parent.Track != m.Track || parent.Place() != m.Place() || m.Replies != 0:
			c.wrong("comment %s is no reply that %s can have", m.ID, m.Parent)
		}
	})
	c.summed(inUsers, inComments, users, func(user ID, comments uint64) {
		if n, err := c.tx.UserCounts(user); err != nil {
			c.found = append(c.found, err)
		} else if n.Comments != comments {
			c.wrong("user %s is counted %d comments, %d are there", user, n.Comments, comments)
		}
	})
	c.summed(inTracks, inComments, tracks, func(track ID, comments uint64) {
		if n, err := c.tx.TrackCounts(track); err != nil {
			c.found = append(c.found, err)
		} else if n.Comments != comments {
			c.wrong("track %s is counted %d comments, %d are there", track, n.Comments, comments)
		}
	})
}

// summed gives every thing of a bucket with what was summed up for it, if only
// zero. Whatever else was summed up has to be of things that are gone.
func (c *checker) summed(b, from bucket, sums map[ID]uint64, look func(id ID, sum uint64)) {
	ids := each(&walk{tx: c.tx, b: b}, func(key, _ []byte) (ID, error) { return lastID(b, key) })
	all(c, ids, func(id *ID) {
		look(*id, sums[*id])
		delete(sums, *id)
	})
	if c.full() {
		return // not all were seen
	}
	for id := range sums {
		c.there(b, id, from)
	}
}

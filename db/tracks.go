package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

// What makes a track impossible to store.
var (
	errOwner = errors.New("the owner can't change")
	errMark  = errors.New("a track that is public or for followers has to have a mark in Published, any other none")
	errSize  = errors.New("the size of the audio is negative")
)

// Track gives the track with an id. ErrNotFound when there is none.
func (tx *Tx) Track(id ID) (Track, error) {
	t, err := load[Track](tx, inTracks, id)
	if err != nil {
		return Track{}, fmt.Errorf("track %s: %w", id, err)
	}
	return t, nil
}

// TrackBySlug gives the track of a user with a slug, in any case of letters.
// moved says that its slug is another now. ErrNotFound when none has, or had,
// the slug.
func (tx *Tx) TrackBySlug(user ID, slug string) (t Track, moved bool, err error) {
	slugs := slugsOf(user)
	id, mark, err := slugs.find(tx, slug)
	if err == nil {
		t, err = load[Track](tx, inTracks, id)
		if errors.Is(err, ErrNotFound) || err == nil && (t.User != user || mark == 0 && fold(t.Slug) != fold(slug)) {
			err = corrupt(inSlugs, slugs.key(fold(slug)), errOtherRecord)
		}
	}
	if err != nil {
		return Track{}, false, fmt.Errorf("track %q of %s: %w", slug, user, err)
	}
	return t, t.Slug != slug, nil
}

// SlugTaken says whether a slug belongs, or once belonged, to another track of
// the user than the one excepted (0: none is).
func (tx *Tx) SlugTaken(user ID, slug string, except ID) (bool, error) {
	id, _, err := slugsOf(user).find(tx, slug)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("slug %q of %s: %w", slug, user, err)
	}
	return id != except, nil
}

// CountTracks gives how many tracks there are, private ones too.
func (tx *Tx) CountTracks() int { return int(tx.readState().tracks) }

// AddTrack stores a new track of a user who is there, else ErrNotFound, and
// counts it on the user's record. ErrTaken when the id, or the slug among the
// user's, is another track's or was its slug once.
//
// A track that is public or for followers carries an id in Published that no
// other track has, from NewID; any other carries none.
func (tx *Tx) AddTrack(t Track) error {
	return tx.change("add track", t.ID, func() error { return tx.addTrack(&t) })
}

func (tx *Tx) addTrack(t *Track) error {
	if err := tx.checkNew(inTracks, t.ID); err != nil {
		return err
	}
	if err := checkTrack(t); err != nil {
		return err
	}
	if err := slugsOf(t.User).check(tx, t.ID, t.Slug); err != nil {
		return err
	}
	if err := tx.checkMark(t); err != nil {
		return err
	}
	if err := tx.count(t.User, nil, t); err != nil {
		return err
	}
	if err := slugsOf(t.User).take(tx, t.ID, t.Slug); err != nil {
		return err
	}
	if err := tx.put(inUserTracks, key2(t.User, t.ID), nil); err != nil {
		return err
	}
	if err := tx.publish(t); err != nil {
		return err
	}
	if err := tx.retag(nil, t); err != nil {
		return err
	}
	if err := tx.resound(nil, t); err != nil {
		return err
	}
	if err := tx.schedule(Thing{KindTrack, t.ID}, Release{}, t.Release); err != nil {
		return err
	}
	if err := store(tx, inTracks, t.ID, t); err != nil {
		return err
	}
	tx.changeState().tracks++
	return tx.mark(KindTrack, t.ID)
}

func checkTrack(t *Track) error {
	if t.Visibility.Shown() != (t.Published != 0) {
		return errMark
	}
	if t.Audio.Size < 0 {
		return errSize
	}
	if n := len(t.Audio.Sound); n != 0 && n != soundSize {
		return errSound
	}
	return t.Release.check(t.Visibility)
}

// count moves the counters on the owner's record from what a track was to what
// it is. One of the two may be nil.
func (tx *Tx) count(user ID, was, is *Track) error {
	u, err := load[User](tx, inUsers, user)
	if err != nil {
		return fmt.Errorf("user %s: %w", user, err)
	}
	if was != nil {
		u.Tracks--
		u.Bytes -= uint64(was.Audio.Size)
		if was.Visibility == Public {
			u.PublicTracks--
		}
	}
	if is != nil {
		u.Tracks++
		u.Bytes += uint64(is.Audio.Size)
		if is.Visibility == Public {
			u.PublicTracks++
		}
	}
	return store(tx, inUsers, user, &u)
}

// checkMark wants the mark of a track, if it has one, to be no other track's
// or repost's.
func (tx *Tx) checkMark(t *Track) error {
	if t.Published == 0 {
		return nil
	}
	taken, err := tx.has(inActivity, key1(t.Published))
	if err != nil {
		return err
	}
	if taken {
		return fmt.Errorf("the mark in Published: %w", ErrTaken)
	}
	return nil
}

// publish enters a track into the lists of what its owner published, if it is
// public or for followers, and a public one into those of the house and the
// charts.
func (tx *Tx) publish(t *Track) error {
	if t.Published == 0 {
		return nil
	}
	tx.useID(t.Published)
	if t.Visibility == Public {
		if err := tx.put(inPublicTracks, key1(t.Published), key1(t.ID)); err != nil {
			return err
		}
		if err := tx.enterCharts(t.ID); err != nil {
			return err
		}
	}
	if err := tx.put(inUserPublic, key2(t.User, t.Published), key1(t.ID)); err != nil {
		return err
	}
	return tx.act(Activity{User: t.User, Kind: Published, Track: t.ID, Mark: t.Published})
}

// unpublish takes a track out of the lists and the charts that it is in.
func (tx *Tx) unpublish(t *Track) error {
	if t.Published == 0 {
		return nil
	}
	if t.Visibility == Public {
		if err := tx.del(inPublicTracks, key1(t.Published)); err != nil {
			return err
		}
		if err := tx.leaveCharts(t.ID); err != nil {
			return err
		}
	}
	if err := tx.del(inUserPublic, key2(t.User, t.Published)); err != nil {
		return err
	}
	return tx.unact(t.User, t.Published)
}

// SetTrack stores a track that is there already, else ErrNotFound, and moves
// whatever depends on it: its former slug goes on leading to it, the public
// lists, the tags and the owner's counters follow. ErrTaken as AddTrack. The owner can't
// change.
func (tx *Tx) SetTrack(t Track) error {
	return tx.change("set track", t.ID, func() error { return tx.setTrack(&t) })
}

func (tx *Tx) setTrack(t *Track) error {
	old, err := load[Track](tx, inTracks, t.ID)
	if err != nil {
		return err
	}
	if t.User != old.User {
		return errOwner
	}
	if err := checkTrack(t); err != nil {
		return err
	}
	if err := slugsOf(t.User).check(tx, t.ID, t.Slug); err != nil {
		return err
	}
	if t.Published != old.Published {
		if err := tx.checkMark(t); err != nil {
			return err
		}
	}
	if err := slugsOf(t.User).move(tx, t.ID, old.Slug, t.Slug); err != nil {
		return err
	}
	if t.Published != old.Published || t.Visibility != old.Visibility {
		if err := tx.unpublish(&old); err != nil {
			return err
		}
		if err := tx.publish(t); err != nil {
			return err
		}
	}
	if (t.Visibility == Public) != (old.Visibility == Public) || t.Audio.Size != old.Audio.Size {
		if err := tx.count(t.User, &old, t); err != nil {
			return err
		}
	}
	if err := tx.retag(&old, t); err != nil {
		return err
	}
	if err := tx.resound(&old, t); err != nil {
		return err
	}
	if err := tx.recountPlaylistsWith(&old, t); err != nil {
		return err
	}
	if err := tx.schedule(Thing{KindTrack, t.ID}, old.Release, t.Release); err != nil {
		return err
	}
	if err := store(tx, inTracks, t.ID, t); err != nil {
		return err
	}
	return tx.mark(KindTrack, t.ID)
}

// DropTrack removes a track with all that is about it: its slugs, its places
// in lists, its jobs, its part of the owner's counters, and of its likes,
// comments and the like as many as one transaction bears; Forget removes the
// others. What is known of the file of a library that it is of stays, with
// RefusalRemoved. ErrNotFound when there is none. Its files are the caller's
// business.
func (tx *Tx) DropTrack(id ID) error {
	return tx.change("drop track", id, func() error { return tx.dropTrack(id) })
}

func (tx *Tx) dropTrack(id ID) error {
	t, err := load[Track](tx, inTracks, id)
	if err != nil {
		return err
	}
	if err := tx.dropJobsAbout(id); err != nil {
		return err
	}
	if err := slugsOf(t.User).drop(tx, id, t.Slug); err != nil {
		return err
	}
	if err := tx.unpublish(&t); err != nil {
		return err
	}
	if err := tx.retag(&t, nil); err != nil {
		return err
	}
	if err := tx.resound(&t, nil); err != nil {
		return err
	}
	if err := tx.leaveFile(id); err != nil {
		return err
	}
	if err := tx.schedule(Thing{KindTrack, id}, t.Release, Release{}); err != nil {
		return err
	}
	if err := tx.del(inUserTracks, key2(t.User, id)); err != nil {
		return err
	}
	if err := tx.count(t.User, &t, nil); err != nil {
		return err
	}
	if err := tx.del(inTracks, key1(id)); err != nil {
		return err
	}
	if err := tx.dropNumbers(id, t.User); err != nil {
		return err
	}
	if err := tx.dropLinksTo(id); err != nil {
		return err
	}
	tx.changeState().tracks--
	if err := tx.mark(KindTrack, id); err != nil {
		return err
	}
	return tx.leave(KindTrack, id)
}

// dropNumbers removes what is counted of a track, but for the numbers of days
// and who listened, which are left to Forget. The days of its owner keep it.
func (tx *Tx) dropNumbers(id, owner ID) error {
	if err := tx.leaveSums(id, owner); err != nil {
		return err
	}
	if err := tx.dropPoints(id); err != nil {
		return err
	}
	if err := tx.del(inStops, key1(id)); err != nil {
		return err
	}
	return tx.del(inCounts, key1(id))
}

// Tracks yields all tracks behind an id, as Users does.
func (tx *Tx) Tracks(behind ID) iter.Seq2[Track, error] { return records[Track](tx, inTracks, behind) }

// PublicTracks yields the public tracks, newest published first, those with a
// mark in Published before the one given (0: from the newest). Like all lists
// here it reads as it is ranged over, and a corrupt record is yielded as an
// error; the walk goes on behind it if the caller does.
func (tx *Tx) PublicTracks(before ID) iter.Seq2[Track, error] {
	w := &walk{tx: tx, b: inPublicTracks, back: true}
	if before != 0 {
		w.key = key1(before)
	}
	return each(w, tx.published(inPublicTracks))
}

// PublicTracksOf is PublicTracks of one user.
func (tx *Tx) PublicTracksOf(user, before ID) iter.Seq2[Track, error] {
	return func(yield func(Track, error) bool) {
		for t, err := range tx.PublishedTracksOf(user, before) {
			if (err != nil || t.Visibility == Public) && !yield(t, err) {
				return
			}
		}
	}
}

// PublishedTracksOf is PublicTracksOf with those for followers.
func (tx *Tx) PublishedTracksOf(user, before ID) iter.Seq2[Track, error] {
	w := &walk{tx: tx, b: inUserPublic, prefix: key1(user), back: true}
	if before != 0 {
		w.key = key2(user, before)
	}
	return each(w, tx.published(inUserPublic))
}

// published loads the track that an entry of a public list leads to.
func (tx *Tx) published(b bucket) func(key, value []byte) (Track, error) {
	return func(key, value []byte) (Track, error) {
		mark, err := lastID(b, key)
		if err != nil {
			return Track{}, err
		}
		if len(value) != 8 {
			return Track{}, corrupt(b, key, nil)
		}
		t, err := led[Track](tx, b, key, inTracks, ID(binary.BigEndian.Uint64(value)))
		if err == nil && t.Published != mark {
			return Track{}, corrupt(b, key, errOtherRecord)
		}
		return t, err
	}
}

// TrackIDsOf yields the ids of all tracks of a user, newest first.
func (tx *Tx) TrackIDsOf(user ID) iter.Seq2[ID, error] {
	w := &walk{tx: tx, b: inUserTracks, prefix: key1(user), back: true}
	return each(w, func(key, _ []byte) (ID, error) { return lastID(inUserTracks, key) })
}

// TracksOf yields all tracks of a user, newest first, those with an id before
// the one given (0: from the newest).
func (tx *Tx) TracksOf(user, before ID) iter.Seq2[Track, error] {
	w := &walk{tx: tx, b: inUserTracks, prefix: key1(user), back: true}
	if before != 0 {
		w.key = key2(user, before)
	}
	return each(w, func(key, _ []byte) (Track, error) {
		id, err := lastID(inUserTracks, key)
		if err != nil {
			return Track{}, err
		}
		return led[Track](tx, inUserTracks, key, inTracks, id)
	})
}

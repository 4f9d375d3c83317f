package db

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// A track or a user can leave very many traces: likes, comments, places in
// playlists. Dropping the record takes it away at once; what it leaves behind
// is removed in small transactions, and the bucket "gone" tells what is still
// to do. Until then lists may lead to things that are not there.

// Forget removes traces of things that are gone, with about so many changes.
// more says whether some are left. A thing whose traces can't be removed is
// passed over; what is wrong with it is told by an error when there is nothing
// else left to remove. When it goes wrong half-way the transaction comes to
// nothing, and the thing is passed over from then on, until the file is opened
// anew.
func (tx *Tx) Forget(most int) (more bool, err error) {
	began := tx.writes
	var wrong []error
	w := &walk{tx: tx, b: inGone}
	for {
		ok, err := w.next()
		if err == nil && !ok {
			if len(wrong) > 0 && tx.writes != began {
				return true, nil
			}
			return false, errors.Join(wrong...)
		}
		var thing Thing
		if err == nil {
			thing, err = goneThing(w.key, w.value)
		}
		if ok && errors.Is(err, ErrCorrupt) {
			continue // Check tells of it
		}
		if err != nil {
			return false, fmt.Errorf("forget: %w", err)
		}
		if most <= 0 {
			return true, nil
		}
		if cause := tx.d.stuck[thing.ID]; cause != nil {
			wrong = append(wrong, cause)
			continue
		}
		left := most
		err = tx.change("forget", thing.ID, func() error {
			left, err = tx.forget(thing, most)
			if err != nil || left <= 0 {
				return err
			}
			return tx.del(inGone, w.key)
		})
		switch {
		case errors.Is(err, ErrCorrupt) || errors.Is(err, ErrInconsistent):
			if tx.broken != nil {
				tx.d.stuck[thing.ID] = err
				return false, err
			}
			wrong = append(wrong, err)
			continue
		case err != nil:
			return false, err
		}
		if most = left - 1; left <= 0 {
			return true, nil
		}
	}
}

// goneThing reads an entry of gone.
func goneThing(key, value []byte) (Thing, error) {
	if len(key) != 8 || len(value) != 1 {
		return Thing{}, corrupt(inGone, key, nil)
	}
	thing := Thing{Kind: Kind(value[0]), ID: ID(binary.BigEndian.Uint64(key))}
	switch thing.Kind {
	case KindUser, KindTrack, KindPlaylist:
		return thing, nil
	}
	return Thing{}, corrupt(inGone, key, nil)
}

// forget removes traces of one thing, with about so many changes, and gives
// how many changes are left; none means that traces may be left too.
func (tx *Tx) forget(thing Thing, most int) (left int, err error) {
	for _, sort := range tx.tracesOf(thing.Kind) {
		n, err := sort(thing.ID, most)
		if err != nil {
			return 0, err
		}
		if most -= n; most <= 0 {
			return 0, nil
		}
	}
	return most, nil
}

// tracesOf gives what removes each sort of traces that a kind of thing leaves.
// Fewer changes than allowed mean that nothing of the sort is left.
func (tx *Tx) tracesOf(kind Kind) []func(id ID, most int) (changes int, err error) {
	var all []func(ID, int) (int, error)
	for _, e := range allEdges() {
		if kind == KindUser {
			all = append(all, func(id ID, most int) (int, error) { return e.forget(tx, e.out, id, most) })
		}
		if kindIn(e.what) == kind {
			all = append(all, func(id ID, most int) (int, error) { return e.forget(tx, e.in, id, most) })
		}
	}
	switch kind {
	case KindUser:
		all = append(all, tx.forgetCommentsOf, tx.forgetNotificationsOf, tx.forgetMessagesOf, tx.forgetReportsBy, tx.forgetDays, tx.forgetHeard)
	case KindTrack:
		all = append(all, tx.forgetCommentsOn, tx.forgetInPlaylists, tx.forgetDays, tx.forgetHeard)
	}
	return all
}

// kindIn gives the kind of things whose records are in a bucket.
func kindIn(b bucket) Kind {
	switch b {
	case inUsers:
		return KindUser
	case inTracks:
		return KindTrack
	}
	return KindPlaylist
}

// DropUser removes a user who has neither tracks nor playlists any more: the
// account, its names, libraries and sessions at once, and by Forget the traces, such as
// comments, likes and the messages that the user wrote. What others wrote to
// the user stays. ErrNotFound when there is none.
func (tx *Tx) DropUser(id ID) error {
	return tx.change("drop user", id, func() error { return tx.dropUser(id) })
}

// DropLost removes what is known of a user's tracks and playlists whose records
// can't be read, so that the user can be dropped, and gives what they were.
// Where they were used otherwise, such as in playlists of others, is left to
// Forget.
func (tx *Tx) DropLost(user ID) (lost []Thing, err error) {
	err = tx.change("drop what is lost of", user, func() error {
		for _, kind := range []Kind{KindTrack, KindPlaylist} {
			list, left, err := tx.lost(kind, user)
			if err != nil {
				return err
			}
			for _, thing := range list {
				if err := tx.dropLost(thing, user); err != nil {
					return err
				}
			}
			lost = append(lost, list...)
			if left == 0 {
				if err := tx.countNone(kind, user); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return lost, err
}

// lost lists the things of a kind that a user has and nobody can read; left is
// how many others there are.
func (tx *Tx) lost(kind Kind, user ID) (lost []Thing, left int, err error) {
	w := &walk{tx: tx, b: inUserTracks, prefix: key1(user)}
	if kind == KindPlaylist {
		w.b = inUserPlaylists
	}
	for {
		ok, err := w.next()
		if !ok {
			return lost, left, err
		}
		id, err2 := lastID(w.b, w.key)
		if err == nil {
			err = err2
		}
		if err == nil && kind == KindTrack {
			_, err = load[Track](tx, inTracks, id)
		} else if err == nil {
			_, err = load[Playlist](tx, inPlaylists, id)
		}
		switch {
		case err == nil:
			left++
		case errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNotFound):
			lost = append(lost, Thing{kind, id})
		default:
			return nil, 0, err
		}
	}
}

// dropLost removes one thing that can't be read, and whatever leads to it among
// what its owner has.
func (tx *Tx) dropLost(thing Thing, user ID) error {
	id := key1(thing.ID)
	leadsTo := func(_, value []byte) bool { return bytes.HasPrefix(value, id) }
	all := func(_, _ []byte) bool { return true }
	public, list, records, slugs := inUserPublic, inUserTracks, inTracks, slugsOf(user)
	if thing.Kind == KindPlaylist {
		public, list, records, slugs = inUserPublicPlaylists, inUserPlaylists, inPlaylists, playlistSlugsOf(user)
	} else {
		published := func(key, value []byte) bool { return leadsTo(key, value) && len(key) == 16 }
		err := tx.purge(inUserPublic, key1(user), published, func(key []byte) error {
			mark := ID(binary.BigEndian.Uint64(key[8:]))
			if err := tx.del(inPublicTracks, key1(mark)); err != nil {
				return err
			}
			if err := tx.unact(user, mark); err != nil {
				return err
			}
			return tx.dropTagsOf(user, mark, thing.ID)
		})
		if err == nil {
			err = tx.dropJobsAbout(thing.ID)
		}
		if err == nil {
			err = tx.leaveFile(thing.ID)
		}
		if err == nil { // of which sound it was, nobody can read any more
			sounds := func(key, _ []byte) bool { return bytes.HasSuffix(key, id) }
			err = tx.purge(inSounds, nil, sounds, nil)
		}
		if err == nil {
			err = tx.dropNumbers(thing.ID, user)
		}
		if err != nil {
			return err
		}
		if there, err := tx.has(inTracks, id); there || errors.Is(err, ErrCorrupt) {
			tx.changeState().tracks--
		}
	}
	for _, p := range []struct {
		b      bucket
		prefix []byte
		about  func(key, value []byte) bool
	}{{public, key1(user), leadsTo}, {slugs.index, slugs.prefix, leadsTo}, {slugs.former, id, all}} {
		if err := tx.purge(p.b, p.prefix, p.about, nil); err != nil {
			return err
		}
	}
	if thing.Kind == KindPlaylist {
		tracks, err := tx.readTracks(thing.ID)
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
		for _, track := range tracks {
			if err := tx.del(inInPlaylists, key2(track, thing.ID)); err != nil {
				return err
			}
		}
		if err := tx.writeTracks(thing.ID, nil); err != nil {
			return err
		}
	}
	for _, entry := range []struct {
		b   bucket
		key []byte
	}{{list, key2(user, thing.ID)}, {inCounts, id}, {records, id}} {
		if err := tx.del(entry.b, entry.key); err != nil {
			return err
		}
	}
	if err := tx.dropLinksTo(thing.ID); err != nil {
		return err
	}
	if err := tx.unschedule(thing); err != nil {
		return err
	}
	if err := tx.mark(thing.Kind, thing.ID); err != nil {
		return err
	}
	return tx.leave(thing.Kind, thing.ID)
}

// purge removes the entries behind a prefix that are about something; also, if
// it is not nil, is called for each before. What can't be read stays.
func (tx *Tx) purge(b bucket, prefix []byte, about func(key, value []byte) bool, also func(key []byte) error) error {
	w := &walk{tx: tx, b: b, prefix: prefix}
	for {
		ok, err := w.next()
		if errors.Is(err, ErrCorrupt) {
			if !ok {
				return nil
			}
			continue
		}
		if err != nil || !ok {
			return err
		}
		if !about(w.key, w.value) {
			continue
		}
		if also != nil {
			if err := also(w.key); err != nil {
				return err
			}
		}
		if err := tx.del(b, w.key); err != nil {
			return err
		}
	}
}

// countNone notes that a user has no tracks or no playlists any more.
func (tx *Tx) countNone(kind Kind, user ID) error {
	if kind == KindPlaylist {
		counts, err := tx.UserCounts(user)
		if err != nil {
			return err
		}
		if err := tx.addUserCount(user, userPlaylists, -int64(counts.Playlists)); err != nil {
			return err
		}
		return tx.addUserCount(user, userPublicPlaylists, -int64(counts.PublicPlaylists))
	}
	u, err := load[User](tx, inUsers, user)
	if err != nil || u.Tracks == 0 {
		return err
	}
	u.Tracks, u.PublicTracks, u.Bytes = 0, 0, 0
	return store(tx, inUsers, user, &u)
}

// leave notes that a thing is gone, and removes the first of its traces: in
// the usual case that is all of them.
func (tx *Tx) leave(kind Kind, id ID) error {
	left, err := tx.forget(Thing{kind, id}, tx.d.atOnce)
	if err != nil || left > 0 {
		return err
	}
	return tx.put(inGone, key1(id), []byte{byte(kind)})
}

// atOnce is how many traces of a thing go together with it, if nothing else is
// said.
const atOnce = 500

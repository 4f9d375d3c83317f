package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

// MostInPlaylist is how many tracks a playlist holds.
const MostInPlaylist = 1000

// What makes a playlist impossible to store.
var (
	errPlaylistMark = errors.New("a public playlist has to have a mark in Published, a private one none")
	errTwice        = errors.New("a track is in it twice")
	errTooMany      = fmt.Errorf("it has more than %d tracks", MostInPlaylist)
)

// playlistSlugsOf gives the slugs of a user's playlists.
func playlistSlugsOf(user ID) names {
	return names{index: inPlaylistSlugs, former: inFormerPlaylistSlugs, prefix: key1(user)}
}

// Playlist gives the playlist with an id. ErrNotFound when there is none.
func (tx *Tx) Playlist(id ID) (Playlist, error) {
	p, err := load[Playlist](tx, inPlaylists, id)
	if err != nil {
		return Playlist{}, fmt.Errorf("playlist %s: %w", id, err)
	}
	return p, nil
}

// PlaylistBySlug gives the playlist of a user with a slug, as TrackBySlug does.
func (tx *Tx) PlaylistBySlug(user ID, slug string) (p Playlist, moved bool, err error) {
	slugs := playlistSlugsOf(user)
	id, mark, err := slugs.find(tx, slug)
	if err == nil {
		p, err = load[Playlist](tx, inPlaylists, id)
		if errors.Is(err, ErrNotFound) || err == nil && (p.User != user || mark == 0 && fold(p.Slug) != fold(slug)) {
			err = corrupt(inPlaylistSlugs, slugs.key(fold(slug)), errOtherRecord)
		}
	}
	if err != nil {
		return Playlist{}, false, fmt.Errorf("playlist %q of %s: %w", slug, user, err)
	}
	return p, p.Slug != slug, nil
}

// PlaylistSlugTaken is SlugTaken among a user's playlists.
func (tx *Tx) PlaylistSlugTaken(user ID, slug string, except ID) (bool, error) {
	id, _, err := playlistSlugsOf(user).find(tx, slug)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("playlist slug %q of %s: %w", slug, user, err)
	}
	return id != except, nil
}

// AddPlaylist stores a new, empty playlist of a user who is there, else
// ErrNotFound, and counts it. ErrTaken when the id, or the slug or the mark in
// Published among the user's, is another playlist's or was its slug once.
//
// A public playlist carries an id from NewID in Published; a private one
// carries none.
func (tx *Tx) AddPlaylist(p Playlist) error {
	return tx.change("add playlist", p.ID, func() error { return tx.addPlaylist(&p) })
}

func (tx *Tx) addPlaylist(p *Playlist) error {
	if err := tx.checkNew(inPlaylists, p.ID); err != nil {
		return err
	}
	if err := tx.want(inUsers, "user", p.User); err != nil {
		return err
	}
	if err := checkPlaylist(p); err != nil {
		return err
	}
	if err := playlistSlugsOf(p.User).check(tx, p.ID, p.Slug); err != nil {
		return err
	}
	if err := tx.checkPlaylistMark(p); err != nil {
		return err
	}
	if err := playlistSlugsOf(p.User).take(tx, p.ID, p.Slug); err != nil {
		return err
	}
	if err := tx.put(inUserPlaylists, key2(p.User, p.ID), nil); err != nil {
		return err
	}
	if err := tx.addUserCount(p.User, userPlaylists, 1); err != nil {
		return err
	}
	if err := tx.publishPlaylist(p); err != nil {
		return err
	}
	if err := store(tx, inPlaylists, p.ID, p); err != nil {
		return err
	}
	return tx.mark(KindPlaylist, p.ID)
}

func checkPlaylist(p *Playlist) error {
	if (p.Visibility == Public) != (p.Published != 0) {
		return errPlaylistMark
	}
	return nil
}

// checkPlaylistMark wants the mark of a playlist, if it has one, to be no
// other's of the user.
func (tx *Tx) checkPlaylistMark(p *Playlist) error {
	if p.Published == 0 {
		return nil
	}
	taken, err := tx.has(inUserPublicPlaylists, key2(p.User, p.Published))
	if err != nil {
		return err
	}
	if taken {
		return fmt.Errorf("the mark in Published: %w", ErrTaken)
	}
	return nil
}

// publishPlaylist enters a playlist into the owner's public list, if it is
// public, and counts it there.
func (tx *Tx) publishPlaylist(p *Playlist) error {
	if p.Published == 0 {
		return nil
	}
	tx.useID(p.Published)
	if err := tx.put(inUserPublicPlaylists, key2(p.User, p.Published), key1(p.ID)); err != nil {
		return err
	}
	return tx.addUserCount(p.User, userPublicPlaylists, 1)
}

// unpublishPlaylist takes a playlist out of the owner's public list, if it is
// there.
func (tx *Tx) unpublishPlaylist(p *Playlist) error {
	if p.Published == 0 {
		return nil
	}
	if err := tx.del(inUserPublicPlaylists, key2(p.User, p.Published)); err != nil {
		return err
	}
	return tx.addUserCount(p.User, userPublicPlaylists, -1)
}

// SetPlaylist stores a playlist that is there already, else ErrNotFound, and
// moves whatever depends on it, as SetTrack does. The owner can't change.
func (tx *Tx) SetPlaylist(p Playlist) error {
	return tx.change("set playlist", p.ID, func() error { return tx.setPlaylist(&p) })
}

func (tx *Tx) setPlaylist(p *Playlist) error {
	old, err := load[Playlist](tx, inPlaylists, p.ID)
	if err != nil {
		return err
	}
	if p.User != old.User {
		return errOwner
	}
	if err := checkPlaylist(p); err != nil {
		return err
	}
	if err := playlistSlugsOf(p.User).check(tx, p.ID, p.Slug); err != nil {
		return err
	}
	if p.Published != old.Published {
		if err := tx.checkPlaylistMark(p); err != nil {
			return err
		}
	}
	if err := playlistSlugsOf(p.User).move(tx, p.ID, old.Slug, p.Slug); err != nil {
		return err
	}
	if p.Published != old.Published {
		if err := tx.unpublishPlaylist(&old); err != nil {
			return err
		}
		if err := tx.publishPlaylist(p); err != nil {
			return err
		}
	}
	if err := store(tx, inPlaylists, p.ID, p); err != nil {
		return err
	}
	return tx.mark(KindPlaylist, p.ID)
}

// DropPlaylist removes a playlist and all that is about it; its tracks stay.
// ErrNotFound when there is none. Its files are the caller's business.
func (tx *Tx) DropPlaylist(id ID) error {
	return tx.change("drop playlist", id, func() error { return tx.dropPlaylist(id) })
}

func (tx *Tx) dropPlaylist(id ID) error {
	p, err := load[Playlist](tx, inPlaylists, id)
	if err != nil {
		return err
	}
	tracks, err := tx.readTracks(id)
	if err != nil {
		return err
	}
	for _, track := range tracks {
		if err := tx.del(inInPlaylists, key2(track, id)); err != nil {
			return err
		}
	}
	if err := tx.writeTracks(id, nil); err != nil {
		return err
	}
	if err := playlistSlugsOf(p.User).drop(tx, id, p.Slug); err != nil {
		return err
	}
	if err := tx.unpublishPlaylist(&p); err != nil {
		return err
	}
	if err := tx.del(inUserPlaylists, key2(p.User, id)); err != nil {
		return err
	}
	if err := tx.addUserCount(p.User, userPlaylists, -1); err != nil {
		return err
	}
	if err := tx.del(inCounts, key1(id)); err != nil {
		return err
	}
	if err := tx.del(inPlaylists, key1(id)); err != nil {
		return err
	}
	if err := tx.mark(KindPlaylist, id); err != nil {
		return err
	}
	return tx.leave(KindPlaylist, id)
}

// PlaylistTracks gives the tracks of a playlist in their order; nil when it
// has none. One that was dropped a moment ago may still be among them.
func (tx *Tx) PlaylistTracks(id ID) ([]ID, error) {
	tracks, err := tx.readTracks(id)
	if err != nil {
		return nil, fmt.Errorf("tracks of playlist %s: %w", id, err)
	}
	return tracks, nil
}

func (tx *Tx) readTracks(id ID) ([]ID, error) {
	p, err := tx.get(inPlaylistTracks, key1(id))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err == nil && (len(p)%8 != 0 || len(p) == 0) {
		err = corrupt(inPlaylistTracks, key1(id), nil)
	}
	if err != nil {
		return nil, err
	}
	tracks := make([]ID, 0, len(p)/8)
	for ; len(p) > 0; p = p[8:] {
		tracks = append(tracks, ID(binary.BigEndian.Uint64(p)))
	}
	return tracks, nil
}

// writeTracks stores the order of a playlist; an empty one has no entry.
func (tx *Tx) writeTracks(id ID, tracks []ID) error {
	if len(tracks) == 0 {
		return tx.del(inPlaylistTracks, key1(id))
	}
	return tx.put(inPlaylistTracks, key1(id), numbers(tracks))
}

// numbers gives numbers as they stand in a value, 8 bytes each.
func numbers[T ~uint64](list []T) []byte {
	p := make([]byte, 0, 8*len(list))
	for _, n := range list {
		p = binary.BigEndian.AppendUint64(p, uint64(n))
	}
	return p
}

// SetPlaylistTracks replaces the tracks of a playlist that is there, else
// ErrNotFound, and moves its counters. Every track that is new to it has to be
// there (ErrNotFound), none may come twice, and there are at most
// MostInPlaylist.
func (tx *Tx) SetPlaylistTracks(id ID, tracks []ID) error {
	return tx.change("set tracks of playlist", id, func() error { return tx.setPlaylistTracks(id, tracks) })
}

func (tx *Tx) setPlaylistTracks(id ID, tracks []ID) error {
	p, err := load[Playlist](tx, inPlaylists, id)
	if err != nil {
		return err
	}
	if len(tracks) > MostInPlaylist {
		return errTooMany
	}
	old, err := tx.readTracks(id)
	if err != nil {
		return err
	}
	leaving := make(map[ID]bool, len(old))
	for _, track := range old {
		leaving[track] = true
	}
	seen := make(map[ID]bool, len(tracks))
	var added []ID
	for _, track := range tracks {
		if seen[track] {
			return fmt.Errorf("track %s: %w", track, errTwice)
		}
		seen[track] = true
		if leaving[track] {
			delete(leaving, track)
			continue
		}
		if err := tx.want(inTracks, "track", track); err != nil {
			return err
		}
		added = append(added, track)
	}
	for _, track := range added {
		if err := tx.put(inInPlaylists, key2(track, id), nil); err != nil {
			return err
		}
	}
	for _, track := range old {
		if !leaving[track] {
			continue
		}
		if err := tx.del(inInPlaylists, key2(track, id)); err != nil {
			return err
		}
	}
	if err := tx.writeTracks(id, tracks); err != nil {
		return err
	}
	if len(added) > 0 || len(leaving) > 0 {
		if err := tx.recountPlaylist(&p, tracks); err != nil {
			return err
		}
	}
	return tx.mark(KindPlaylist, id)
}

// tally is what the tracks in a playlist count, each sum in the place that it
// has among the playlist's counters.
type tally [playlistCounters]uint64

// count adds a track to the tally of an owner's playlist, or with -1 takes it
// off; what is below zero then wraps, and adding wraps it back.
func (s *tally) count(t *Track, owner ID, by int64) {
	n, time := uint64(by), uint64(by*max(t.Audio.Duration, 0))
	if t.Published != 0 {
		s[playlistPublic] += n
		s[playlistPublicTime] += time
	}
	if t.Published != 0 || t.User == owner {
		s[playlistOwn] += n
		s[playlistOwnTime] += time
	}
}

// tally counts the tracks of a playlist, those that are there and can be read.
func (tx *Tx) tally(owner ID, tracks []ID) (s tally, err error) {
	for _, id := range tracks {
		t, err := load[Track](tx, inTracks, id)
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
			continue // it was dropped, and is not forgotten yet; or nobody can hear it
		}
		if err != nil {
			return s, fmt.Errorf("track %s: %w", id, err)
		}
		s.count(&t, owner, 1)
	}
	return s, nil
}

// recountPlaylist counts the tracks of a playlist anew.
func (tx *Tx) recountPlaylist(p *Playlist, tracks []ID) error {
	s, err := tx.tally(p.User, tracks)
	if err != nil {
		return err
	}
	list, err := tx.counters(p.ID, playlistCounters)
	if err != nil {
		return err
	}
	s[playlistLikers] = list[playlistLikers]
	return tx.put(inCounts, key1(p.ID), numbers(s[:]))
}

// recountPlaylistsWith moves the counters of the playlists that a track is in
// from what it was to what it is. A playlist that can't be read has none to
// move.
func (tx *Tx) recountPlaylistsWith(was, is *Track) error {
	if (was.Published == 0) == (is.Published == 0) && was.Audio.Duration == is.Audio.Duration {
		return nil
	}
	for id, err := range tx.PlaylistsWith(is.ID) {
		var p Playlist
		if err == nil {
			p, err = led[Playlist](tx, inInPlaylists, key2(is.ID, id), inPlaylists, id)
		}
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err != nil {
			return err
		}
		var s tally
		s.count(was, p.User, -1)
		s.count(is, p.User, 1)
		all := make([]int64, len(s))
		for place, by := range s {
			all[place] = int64(by)
		}
		if err := tx.addAll(id, all); err != nil {
			return err
		}
	}
	return nil
}

// InPlaylist says whether a track is in a playlist.
func (tx *Tx) InPlaylist(playlist, track ID) (bool, error) {
	in, err := tx.has(inInPlaylists, key2(track, playlist))
	if err != nil {
		return false, fmt.Errorf("track %s in playlist %s: %w", track, playlist, err)
	}
	return in, nil
}

// PlaylistsOf yields all playlists of a user, newest first, before an id (0:
// from the newest).
func (tx *Tx) PlaylistsOf(user, before ID) iter.Seq2[Playlist, error] {
	w := &walk{tx: tx, b: inUserPlaylists, prefix: key1(user), back: true}
	if before != 0 {
		w.key = key2(user, before)
	}
	return each(w, func(key, _ []byte) (Playlist, error) {
		id, err := lastID(inUserPlaylists, key)
		if err != nil {
			return Playlist{}, err
		}
		p, err := led[Playlist](tx, inUserPlaylists, key, inPlaylists, id)
		if err == nil && p.User != user {
			return Playlist{}, corrupt(inUserPlaylists, key, errOtherRecord)
		}
		return p, err
	})
}

// PublicPlaylistsOf yields the public ones, newest published first, before a
// mark in Published.
func (tx *Tx) PublicPlaylistsOf(user, before ID) iter.Seq2[Playlist, error] {
	w := &walk{tx: tx, b: inUserPublicPlaylists, prefix: key1(user), back: true}
	if before != 0 {
		w.key = key2(user, before)
	}
	return each(w, func(key, value []byte) (Playlist, error) {
		mark, err := lastID(inUserPublicPlaylists, key)
		if err != nil {
			return Playlist{}, err
		}
		if len(value) != 8 {
			return Playlist{}, corrupt(inUserPublicPlaylists, key, nil)
		}
		p, err := led[Playlist](tx, inUserPublicPlaylists, key, inPlaylists, ID(binary.BigEndian.Uint64(value)))
		if err == nil && (p.User != user || p.Published != mark) {
			return Playlist{}, corrupt(inUserPublicPlaylists, key, errOtherRecord)
		}
		return p, err
	})
}

// PlaylistsWith yields the ids of the playlists that a track is in, oldest
// first.
func (tx *Tx) PlaylistsWith(track ID) iter.Seq2[ID, error] {
	w := &walk{tx: tx, b: inInPlaylists, prefix: key1(track)}
	return each(w, func(key, _ []byte) (ID, error) { return lastID(inInPlaylists, key) })
}

// forgetInPlaylists takes a track that is gone out of playlists. What it
// counted there went with its record, so each is counted anew: a long one is
// as much work as several changes. Fewer changes than most mean that the track
// is in none any more, but for those that can't be read.
func (tx *Tx) forgetInPlaylists(track ID, most int) (changes int, err error) {
	for id, err := range tx.PlaylistsWith(track) {
		var p Playlist
		var tracks []ID
		if err == nil {
			p, err = led[Playlist](tx, inInPlaylists, key2(track, id), inPlaylists, id)
		}
		if err == nil {
			tracks, err = tx.readTracks(id)
		}
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err != nil || changes >= most {
			return changes, err
		}
		changes += 1 + len(tracks)/8
		left := make([]ID, 0, len(tracks))
		for _, other := range tracks {
			if other != track {
				left = append(left, other)
			}
		}
		if err := tx.writeTracks(id, left); err != nil {
			return changes, err
		}
		if err := tx.del(inInPlaylists, key2(track, id)); err != nil {
			return changes, err
		}
		if err := tx.recountPlaylist(&p, left); err != nil {
			return changes, err
		}
	}
	return changes, nil
}

// playlists checks every playlist, its places in lists, its tracks and what is
// counted.
func (c *checker) playlists() {
	users, public := make(map[ID]uint64), make(map[ID]uint64)
	all(c, records[Playlist](c.tx, inPlaylists, 0), func(p *Playlist) {
		c.note(p.ID)
		c.note(p.Published)
		if err := checkPlaylist(p); err != nil {
			c.wrong("playlist %s: %w", p.ID, err)
		}
		users[p.User]++
		c.name(playlistSlugsOf(p.User), p.ID, p.Slug)
		c.entry(inUserPlaylists, key2(p.User, p.ID), nil, p.ID)
		if p.Published != 0 {
			public[p.User]++
			c.entry(inUserPublicPlaylists, key2(p.User, p.Published), key1(p.ID), p.ID)
		}
		c.tracksOf(p)
	})
	c.summed(inUsers, inPlaylists, users, func(user ID, playlists uint64) {
		if n, err := c.tx.UserCounts(user); err != nil {
			c.found = append(c.found, err)
		} else if n.Playlists != playlists || n.PublicPlaylists != public[user] {
			c.wrong("user %s is counted %d playlists, %d public; it is %d, %d",
				user, n.Playlists, n.PublicPlaylists, playlists, public[user])
		}
	})
}

// tracksOf checks the tracks of a playlist. Its counters can be wrong only
// while it holds a track that is gone.
func (c *checker) tracksOf(p *Playlist) {
	tracks, err := c.tx.readTracks(p.ID)
	if err != nil {
		c.found = append(c.found, err)
		return
	}
	if len(tracks) > 0 {
		c.sizes[inPlaylistTracks]++
	}
	if len(tracks) > MostInPlaylist {
		c.wrong("playlist %s: %w", p.ID, errTooMany)
	}
	settled := true
	seen := make(map[ID]bool, len(tracks))
	var sum tally
	for _, id := range tracks {
		if seen[id] {
			c.wrong("playlist %s: track %s: %w", p.ID, id, errTwice)
			return
		}
		seen[id] = true
		c.entry(inInPlaylists, key2(id, p.ID), nil, p.ID)
		t, err := load[Track](c.tx, inTracks, id)
		switch {
		case errors.Is(err, ErrNotFound):
			c.there(inTracks, id, inPlaylistTracks)
			settled = false
		case err != nil:
			c.found = append(c.found, err)
			settled = false
		default:
			sum.count(&t, p.User, 1)
		}
	}
	list, err := c.tx.counters(p.ID, playlistCounters)
	if err != nil {
		c.found = append(c.found, err)
		return
	}
	sum[playlistLikers] = list[playlistLikers]
	if settled && tally(list) != sum {
		c.wrong("the tracks of playlist %s are counted %d, it is %d", p.ID, list, sum)
	}
}

package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

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
	if t.Visibility == Public {
		s[playlistPublic] += n
		s[playlistPublicTime] += time
	}
	if t.Visibility == Public || t.User == owner {
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
	if (was.Visibility == Public) == (is.Visibility == Public) && was.Audio.Duration == is.Audio.Duration {
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

// PlaylistsWith yields the ids of the playlists that a track is in, oldest
// first.
func (tx *Tx) PlaylistsWith(track ID) iter.Seq2[ID, error] {
	w := &walk{tx: tx, b: inInPlaylists, prefix: key1(track)}
	return each(w, func(key, _ []byte) (ID, error) { return lastID(inInPlaylists, key) })
}

// NewestPlaylistsWith is PlaylistsWith with the newest playlist first, before an
// id (0: from the newest).
func (tx *Tx) NewestPlaylistsWith(track, before ID) iter.Seq2[ID, error] {
	w := &walk{tx: tx, b: inInPlaylists, prefix: key1(track), back: true}
	if before != 0 {
		w.key = key2(track, before)
	}
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

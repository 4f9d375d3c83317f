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
	errPlaylistMark = errors.New("a playlist that is public or for followers has to have a mark in Published, any other none")
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
// A playlist that is public or for followers carries an id from NewID in
// Published; any other carries none.
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
	if err := tx.schedule(Thing{KindPlaylist, p.ID}, Release{}, p.Release); err != nil {
		return err
	}
	if err := store(tx, inPlaylists, p.ID, p); err != nil {
		return err
	}
	return tx.mark(KindPlaylist, p.ID)
}

func checkPlaylist(p *Playlist) error {
	if p.Visibility.Shown() != (p.Published != 0) {
		return errPlaylistMark
	}
	return p.Release.check(p.Visibility)
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

// publishPlaylist enters a playlist into the list of what its owner published,
// if it is public or for followers, and counts a public one.
func (tx *Tx) publishPlaylist(p *Playlist) error {
	if p.Published == 0 {
		return nil
	}
	tx.useID(p.Published)
	if err := tx.put(inUserPublicPlaylists, key2(p.User, p.Published), key1(p.ID)); err != nil {
		return err
	}
	if p.Visibility != Public {
		return nil
	}
	return tx.addUserCount(p.User, userPublicPlaylists, 1)
}

// unpublishPlaylist takes a playlist out of the list of what its owner
// published, if it is there.
func (tx *Tx) unpublishPlaylist(p *Playlist) error {
	if p.Published == 0 {
		return nil
	}
	if err := tx.del(inUserPublicPlaylists, key2(p.User, p.Published)); err != nil {
		return err
	}
	if p.Visibility != Public {
		return nil
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
	if p.Published != old.Published || p.Visibility != old.Visibility {
		if err := tx.unpublishPlaylist(&old); err != nil {
			return err
		}
		if err := tx.publishPlaylist(p); err != nil {
			return err
		}
	}
	if err := tx.schedule(Thing{KindPlaylist, p.ID}, old.Release, p.Release); err != nil {
		return err
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
	if err := tx.schedule(Thing{KindPlaylist, id}, p.Release, Release{}); err != nil {
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
	if err := tx.dropLinksTo(id); err != nil {
		return err
	}
	if err := tx.mark(KindPlaylist, id); err != nil {
		return err
	}
	return tx.leave(KindPlaylist, id)
}

// Playlists yields all playlists behind an id, as Users does.
func (tx *Tx) Playlists(behind ID) iter.Seq2[Playlist, error] {
	return records[Playlist](tx, inPlaylists, behind)
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

// PublishedPlaylistsOf yields those that are public or for followers, newest
// published first, before a mark in Published.
func (tx *Tx) PublishedPlaylistsOf(user, before ID) iter.Seq2[Playlist, error] {
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
		if p.Visibility == Public {
			public[p.User]++
		}
		c.release(Thing{KindPlaylist, p.ID}, p.Release)
		if p.Published != 0 {
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

package core

import (
	"context"
	"slices"

	"earshot/app/fault"
	"earshot/db"
)

var errPlaylistFull = fault.New(fault.Conflict, "playlist.full", "This playlist has 1,000 tracks already, which is as many as can be.")

// PlaceTrack puts a track into an own playlist, or moves it there: before
// another one of it, or to the end when that is 0.
func (c *Core) PlaceTrack(ctx context.Context, me, id, track, before db.ID) (PlaylistView, error) {
	return c.arrange(ctx, me, id, func(tx *db.Tx, a asker, tracks []db.ID) ([]db.ID, error) {
		if _, _, err := c.track(tx, a, track, whole); err != nil {
			return nil, err
		}
		if before == track {
			before = behind(tracks, track)
		}
		tracks = without(tracks, track)
		if len(tracks) >= db.MostInPlaylist {
			return nil, errPlaylistFull
		}
		if before == 0 {
			return append(tracks, track), nil
		}
		i := slices.Index(tracks, before)
		if i < 0 {
			return nil, fault.New(fault.Conflict, "playlist.place", "The track that it should stand before is not in this playlist any more.").In("before")
		}
		return slices.Insert(tracks, i, track), nil
	})
}

// behind gives what stands behind a track; 0 at the end, or when it is not
// there.
func behind(tracks []db.ID, track db.ID) db.ID {
	if i := slices.Index(tracks, track); i >= 0 && i+1 < len(tracks) {
		return tracks[i+1]
	}
	return 0
}

func without(tracks []db.ID, track db.ID) []db.ID {
	return slices.DeleteFunc(slices.Clone(tracks), func(id db.ID) bool { return id == track })
}

// DisplaceTrack takes a track out of an own playlist; it need not be there.
func (c *Core) DisplaceTrack(ctx context.Context, me, id, track db.ID) (PlaylistView, error) {
	return c.arrange(ctx, me, id, func(_ *db.Tx, _ asker, tracks []db.ID) ([]db.ID, error) {
		return without(tracks, track), nil
	})
}

// RefillPlaylist replaces the tracks of an own playlist that the asker sees; those
// that are not for the asker stay, behind the others.
func (c *Core) RefillPlaylist(ctx context.Context, me, id db.ID, tracks []db.ID) (PlaylistView, error) {
	return c.arrange(ctx, me, id, func(tx *db.Tx, a asker, old []db.ID) ([]db.ID, error) {
		seen, unseen, err := c.partSeen(tx, a, old)
		if err != nil {
			return nil, err
		}
		return c.addUnlisted(tx, a, nil, slices.Concat(tracks, unseen), slices.Concat(seen, unseen))
	})
}

// ChangeTracks takes tracks out of an own playlist, by their places among those
// that the asker sees, and puts others behind them.
func (c *Core) ChangeTracks(ctx context.Context, me, id db.ID, drop []int, add []db.ID) (PlaylistView, error) {
	return c.arrange(ctx, me, id, func(tx *db.Tx, a asker, old []db.ID) ([]db.ID, error) {
		seen, _, err := c.partSeen(tx, a, old)
		if err != nil {
			return nil, err
		}
		gone := map[db.ID]bool{}
		for _, i := range drop {
			if i < 0 || i >= len(seen) {
				return nil, fault.New(fault.NotFound, "playlist.place", "The track that it should stand before is not in this playlist any more.").In("before")
			}
			gone[seen[i]] = true
		}
		kept := slices.DeleteFunc(slices.Clone(old), func(id db.ID) bool { return gone[id] })
		return c.addUnlisted(tx, a, kept, add, nil)
	})
}

// partSeen parts the tracks of a playlist into those that the asker sees and the
// others.
func (c *Core) partSeen(tx *db.Tx, a asker, tracks []db.ID) (seen, unseen []db.ID, err error) {
	owners := people{}
	for _, id := range tracks {
		_, ok, err := c.inPlaylist(tx, a, id, owners)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			seen = append(seen, id)
		} else {
			unseen = append(unseen, id)
		}
	}
	return seen, unseen, nil
}

// addUnlisted puts tracks behind others, each once. What was not known before has
// to be seen by the asker.
func (c *Core) addUnlisted(tx *db.Tx, a asker, to, add, known []db.ID) ([]db.ID, error) {
	in := map[db.ID]bool{}
	for _, id := range to {
		in[id] = true
	}
	trusted := map[db.ID]bool{}
	for _, id := range known {
		trusted[id] = true
	}
	for _, id := range add {
		if in[id] {
			continue
		}
		if !trusted[id] {
			if _, _, err := c.track(tx, a, id, whole); err != nil {
				return nil, err
			}
		}
		in[id] = true
		to = append(to, id)
	}
	if len(to) > db.MostInPlaylist {
		return nil, errPlaylistFull
	}
	return to, nil
}

// arrange changes which tracks an own playlist has, and in which order.
func (c *Core) arrange(ctx context.Context, me, id db.ID, change func(*db.Tx, asker, []db.ID) ([]db.ID, error)) (PlaylistView, error) {
	var v PlaylistView
	err := c.update(ctx, func(tx *db.Tx) error {
		a, p, err := c.ownPlaylist(tx, me, id)
		if err != nil {
			return err
		}
		old, err := tx.PlaylistTracks(id)
		if err != nil {
			return err
		}
		tracks, err := change(tx, a, old)
		if err != nil {
			return err
		}
		if !slices.Equal(old, tracks) {
			if err := tx.SetPlaylistTracks(id, tracks); err != nil {
				return err
			}
			p.Updated = c.now()
			if err := tx.SetPlaylist(p); err != nil {
				return err
			}
		}
		v, err = c.playlistOf(tx, a, id)
		return err
	})
	return v, err
}

// PlaylistTracks lists the tracks of a playlist in their order. What is not for
// the asker is left out.
func (c *Core) PlaylistTracks(ctx context.Context, me, id db.ID, p Paging) (Page[TrackView], error) {
	var page Page[TrackView]
	list := "playlist/" + id.String()
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) error {
		if _, _, err := c.playlist(tx, a, id, whole); err != nil {
			return err
		}
		tracks, err := tx.PlaylistTracks(id)
		if err != nil {
			return err
		}
		from, err := c.orderFrom(list, p, tracks)
		if err != nil {
			return err
		}
		owners := people{}
		last := 0 // the place of the last one that is shown
		for i := from; i < len(tracks); i++ {
			t, seen, err := c.inPlaylist(tx, a, tracks[i], owners)
			if err != nil {
				return err
			}
			if !seen {
				continue
			}
			if len(page.Items) == p.limit() {
				page.Next = c.orderBehind(list, tracks, last)
				break
			}
			v, err := c.viewTrack(tx, a, t, owners[t.User])
			if err != nil {
				return err
			}
			page.Items, last = append(page.Items, v), i
		}
		return nil
	})
	c.draw(page.Items...)
	return page, err
}

// orderBehind makes the cursor that goes on behind a place: it holds the place, the
// track there, and the one behind it.
func (c *Core) orderBehind(list string, tracks []db.ID, last int) string {
	return c.seal(list, uint64(last), uint64(tracks[last]), uint64(behind(tracks, tracks[last])))
}

// orderFrom finds where a page begins, though tracks were added, moved or removed
// since the one before. Either of the two tracks may be what was moved, so the
// one that is nearer to its former place is believed.
func (c *Core) orderFrom(list string, p Paging, tracks []db.ID) (int, error) {
	var n [3]uint64
	if err := c.unseal(list, p, n[:]); err != nil || p.Cursor == "" {
		return 0, err
	}
	place := int(n[0])
	from, far := min(place, len(tracks)), len(tracks)+1 // when both are gone
	believe := func(at int) {
		if d := max(at-(place+1), place+1-at); d < far {
			from, far = at, d
		}
	}
	if i := slices.Index(tracks, db.ID(n[1])); i >= 0 {
		believe(i + 1)
	}
	if i := slices.Index(tracks, db.ID(n[2])); i >= 0 {
		believe(i)
	}
	return from, nil
}

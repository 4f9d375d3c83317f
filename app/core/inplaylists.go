package core

import (
	"context"
	"iter"

	"earshot/db"
)

// inPlaylistsRead is how many of the playlists with a track are looked at for
// one page of them, the newest: most may be private ones of others, which are
// neither told nor counted. One that lies behind so many is not found.
const inPlaylistsRead = 2000

// InPlaylists lists the playlists that a track is in and that the asker would
// find in lists, the newest first: public ones, those for followers of whom the
// asker follows, and all of the asker's own. A secret link shows none.
func (c *Core) InPlaylists(ctx context.Context, me, id db.ID, p Paging) (Page[PlaylistView], error) {
	var page Page[PlaylistView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		if _, _, err := c.track(tx, a, id, whole); err != nil {
			return err
		}
		with := func(before db.ID) iter.Seq2[db.ID, error] {
			return atMost(inPlaylistsRead, tx.NewestPlaylistsWith(id, before))
		}
		owners, left := people{}, surveyed
		itself := func(id db.ID) db.ID { return id }
		page, err = collect(c, "inplaylists/"+id.String(), p, with, itself, func(list db.ID) (PlaylistView, bool, error) {
			return c.seenPlaylist(tx, a, list, owners, &left)
		})
		return err
	})
	return page, err
}

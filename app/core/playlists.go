package core

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
)

// maxPlaylists is how many playlists and albums one may have.
const maxPlaylists = 1000

// surveyed is how many tracks are looked at for one page of playlists, to count
// those that the asker sees. It holds the largest playlist, and keeps a page of
// many large ones from costing a hundred times as much.
const surveyed = 2 * db.MostInPlaylist

// PlaylistView is a playlist as one asker may see it.
type PlaylistView struct {
	Playlist  db.Playlist // without what the asker may not know
	Owner     db.User
	Tracks    uint64        // how many there are for the asker
	Duration  time.Duration // of these together
	Cover     db.Track      // the first of them with artwork, unless the playlist has its own; zero when none has
	Likes     uint64
	Liked     bool
	Has       bool // the track that was asked about is in it
	Whole     bool // false: a label for the keeper
	MayEdit   bool
	MayDelete bool
	ByLink    bool // nothing but a secret link shows it to the asker
}

// playlist finds a playlist that the asker may see at least so much of, and its
// owner; anything else answers as if it had never existed.
func (c *Core) playlist(tx *db.Tx, a asker, id db.ID, least sight) (db.Playlist, db.User, error) {
	p, err := tx.Playlist(id)
	if err != nil {
		return p, db.User{}, err
	}
	owner, err := tx.User(p.User)
	if err != nil {
		return db.Playlist{}, db.User{}, err
	}
	if a.seesList(p, owner) < least {
		return db.Playlist{}, db.User{}, ErrNotFound
	}
	return p, owner, nil
}

// ownPlaylist finds a playlist that the asker may change.
func (c *Core) ownPlaylist(tx *db.Tx, me, id db.ID) (asker, db.Playlist, error) {
	a, err := c.member(tx, me)
	if err != nil {
		return a, db.Playlist{}, err
	}
	p, _, err := c.playlist(tx, a, id, label)
	if err != nil {
		return a, p, err
	}
	if !a.is(p.User) {
		return a, p, fault.New(fault.Forbidden, "forbidden", "Only the owner of a playlist can change it.")
	}
	return a, p, nil
}

// viewPlaylist leaves out what the asker may not know. It looks at no more
// tracks than are left to look at; a playlist with more is counted by its
// counters, which know nothing of blocks.
func (c *Core) viewPlaylist(tx *db.Tx, a asker, p db.Playlist, owner db.User, left *int) (PlaylistView, error) {
	if !a.is(p.User) {
		p.Release = db.Release{}
	}
	v := PlaylistView{
		Playlist: p, Owner: owner, Whole: a.seesList(p, owner) == whole,
		MayEdit: a.is(p.User), MayDelete: a.is(p.User) || a.keeper(),
	}
	if !v.Whole {
		v.Playlist.Description, v.Playlist.Tags, v.Playlist.Picture, v.Playlist.Colour = "", nil, 0, 0
		return v, nil
	}
	v.ByLink = a.byLink(owner, db.Thing{Kind: db.KindPlaylist, ID: p.ID}, p.Visibility)
	counts, err := tx.PlaylistCounts(p.ID)
	if err != nil {
		return v, err
	}
	v.Likes = counts.Likes
	if !a.visitor() {
		mark, err := tx.PlaylistLikeMark(a.user.ID, p.ID)
		if err != nil {
			return v, err
		}
		v.Liked = mark != 0
	}
	return v, c.survey(tx, a, &v, counts, left)
}

// survey counts what the asker sees of a playlist, and finds a cover for it.
func (c *Core) survey(tx *db.Tx, a asker, v *PlaylistView, counts db.PlaylistCounts, left *int) error {
	tracks, err := tx.PlaylistTracks(v.Playlist.ID)
	if err != nil {
		return err
	}
	exact := len(tracks) <= *left
	if !exact {
		v.Tracks, v.Duration = counts.Public, time.Duration(counts.PublicTime)*time.Microsecond
		if v.MayEdit {
			v.Tracks, v.Duration = counts.Own, time.Duration(counts.OwnTime)*time.Microsecond
		}
	}
	owners := people{v.Owner.ID: v.Owner}
	for _, id := range tracks {
		if *left <= 0 || !exact && (v.Playlist.Picture != 0 || v.Cover.ID != 0) {
			break
		}
		*left--
		t, seen, err := c.inPlaylist(tx, a, id, owners)
		if err != nil {
			return err
		}
		if !seen {
			continue
		}
		if exact {
			v.Tracks++
			v.Duration += time.Duration(t.Audio.Duration) * time.Microsecond
		}
		if v.Cover.ID == 0 && v.Playlist.Picture == 0 && t.Picture != 0 {
			v.Cover = t
		}
	}
	return nil
}

// inPlaylist finds a track of a playlist, unless it is gone, damaged or not for
// the asker.
func (c *Core) inPlaylist(tx *db.Tx, a asker, id db.ID, owners people) (t db.Track, seen bool, err error) {
	t, err = tx.Track(id)
	if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "track of a playlist", id) {
		return t, false, nil
	}
	if err != nil {
		return t, false, err
	}
	owner, err := owners.find(tx, t.User)
	return t, err == nil && a.sees(t, owner) == whole, err
}

// seenPlaylist shows one playlist of a list, unless it is gone or not for the
// asker.
func (c *Core) seenPlaylist(tx *db.Tx, a asker, id db.ID, owners people, left *int) (PlaylistView, bool, error) {
	p, err := tx.Playlist(id)
	if errors.Is(err, db.ErrNotFound) {
		return PlaylistView{}, false, nil
	}
	if err != nil {
		return PlaylistView{}, false, err
	}
	owner, err := owners.find(tx, p.User)
	if err != nil || a.seesList(p, owner) < whole {
		return PlaylistView{}, false, err
	}
	v, err := c.viewPlaylist(tx, a, p, owner, left)
	return v, true, err
}

// playlistOf shows one playlist on its own.
func (c *Core) playlistOf(tx *db.Tx, a asker, id db.ID) (PlaylistView, error) {
	p, owner, err := c.playlist(tx, a, id, label)
	if err != nil {
		return PlaylistView{}, err
	}
	left := surveyed
	return c.viewPlaylist(tx, a, p, owner, &left)
}

// Playlist finds one playlist.
func (c *Core) Playlist(ctx context.Context, me, id db.ID) (PlaylistView, error) {
	var v PlaylistView
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) (err error) {
		v, err = c.playlistOf(tx, a, id)
		return err
	})
	return v, err
}

// PlaylistFilter says which playlists of a list are meant.
type PlaylistFilter struct {
	Kind  *db.PlaylistKind // nil for all
	Track db.ID            // tell whether this track is in them; 0 for none
}

func (f PlaylistFilter) takes(p db.Playlist) bool { return f.Kind == nil || *f.Kind == p.Kind }

// MyPlaylists lists the asker's own playlists, the newest first.
func (c *Core) MyPlaylists(ctx context.Context, me db.ID, f PlaylistFilter, p Paging) (Page[PlaylistView], error) {
	var page Page[PlaylistView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		left := surveyed
		page, err = collect(c, "playlists/"+me.String(), p, of(tx.PlaylistsOf, me), made, func(p db.Playlist) (PlaylistView, bool, error) {
			if !f.takes(p) {
				return PlaylistView{}, false, nil
			}
			v, err := c.viewPlaylist(tx, a, p, a.user, &left)
			if err == nil && f.Track != 0 {
				v.Has, err = tx.InPlaylist(p.ID, f.Track)
			}
			return v, true, err
		})
		return err
	})
	return page, err
}

// UserPlaylists lists the playlists that a person published for the asker to
// see, the newest first.
func (c *Core) UserPlaylists(ctx context.Context, me, user db.ID, f PlaylistFilter, p Paging) (Page[PlaylistView], error) {
	var page Page[PlaylistView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		owner, err := c.person(tx, a, user)
		if err != nil {
			return err
		}
		left := surveyed
		page, err = collect(c, "userplaylists/"+user.String(), p, of(tx.PublishedPlaylistsOf, user), shown, func(p db.Playlist) (PlaylistView, bool, error) {
			if !f.takes(p) || a.seesList(p, owner) < whole {
				return PlaylistView{}, false, nil
			}
			v, err := c.viewPlaylist(tx, a, p, owner, &left)
			return v, true, err
		})
		return err
	})
	return page, err
}

func made(p db.Playlist) db.ID  { return p.ID }
func shown(p db.Playlist) db.ID { return p.Published }

// NewPlaylist is a playlist to be made.
type NewPlaylist struct {
	Title      string
	Kind       db.PlaylistKind
	Visibility db.Visibility
	Release    db.Release
	Tracks     []db.ID // to begin with; one that comes twice counts once
}

// AddPlaylist makes a playlist.
func (c *Core) AddPlaylist(ctx context.Context, me db.ID, n NewPlaylist) (PlaylistView, error) {
	var v PlaylistView
	err := c.update(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		counts, err := tx.UserCounts(me)
		if err != nil {
			return err
		}
		if counts.Playlists >= maxPlaylists {
			return fault.New(fault.Conflict, "playlist.many", "You have 1,000 playlists already, which is as many as can be.")
		}
		now := c.now()
		p := db.Playlist{ID: tx.NewID(), User: me, Kind: n.Kind, Created: now, Updated: now}
		if err := (PlaylistChange{Title: &n.Title}).apply(&p); err != nil {
			return err
		}
		wish := slug(p.Title, maxSlug-6)
		if wish == "" {
			wish = "playlist"
		}
		p.Slug, err = unique(wish, func(s string) (bool, error) {
			taken, err := tx.PlaylistSlugTaken(me, s, p.ID)
			return !taken, err
		})
		if err != nil {
			return err
		}
		publishPlaylist(tx, &p, n.Visibility)
		if n.Release.Set() {
			if p.Release, err = c.release(n.Release, p.Visibility); err != nil {
				return err
			}
		}
		if err := tx.AddPlaylist(p); err != nil {
			return err
		}
		if err := c.fillPlaylist(tx, a, p.ID, n.Tracks); err != nil {
			return err
		}
		v, err = c.playlistOf(tx, a, p.ID)
		return err
	})
	return v, err
}

// fillPlaylist puts the first tracks into a new playlist. Each has to be one
// that the asker sees.
func (c *Core) fillPlaylist(tx *db.Tx, a asker, id db.ID, tracks []db.ID) error {
	var list []db.ID
	for _, track := range tracks {
		if slices.Contains(list, track) {
			continue
		}
		if _, _, err := c.track(tx, a, track, whole); err != nil {
			return err
		}
		list = append(list, track)
	}
	if len(list) == 0 {
		return nil
	}
	return tx.SetPlaylistTracks(id, list)
}

// PlaylistChange is what the owner changes; nil fields stay.
type PlaylistChange struct {
	Title       *string
	Kind        *db.PlaylistKind
	Slug        *string
	Description *string
	Tags        *[]string
	Visibility  *db.Visibility
	Release     *db.Release // the zero one cancels it
}

// apply checks and makes the change, all but the slug and the visibility.
func (change PlaylistChange) apply(p *db.Playlist) (err error) {
	if change.Title != nil {
		p.Title = line(*change.Title)
		if p.Title == "" {
			return fault.New(fault.Invalid, "title.empty", "A playlist needs a title.").In("title")
		}
	}
	if change.Description != nil {
		p.Description = text(*change.Description)
	}
	if change.Kind != nil {
		p.Kind = *change.Kind
	}
	if change.Tags != nil {
		if p.Tags, err = tags(*change.Tags); err != nil {
			return err
		}
	}
	return errors.Join(bounded("title", p.Title, maxTitle), bounded("description", p.Description, maxDescription))
}

// publishPlaylist says who may see a playlist, as publish does of a track.
func publishPlaylist(tx *db.Tx, p *db.Playlist, v db.Visibility) {
	if p.Visibility == v {
		return
	}
	p.Visibility, p.Published = v, markFor(tx, p.Visibility, p.Published, v)
	if v.Shown() {
		p.Release = db.Release{}
	}
}

// EditPlaylist changes what the owner says about a playlist.
func (c *Core) EditPlaylist(ctx context.Context, me, id db.ID, change PlaylistChange) (PlaylistView, error) {
	var v PlaylistView
	err := c.update(ctx, func(tx *db.Tx) error {
		a, p, err := c.ownPlaylist(tx, me, id)
		if err != nil {
			return err
		}
		old := p
		if err := change.apply(&p); err != nil {
			return err
		}
		if change.Slug != nil {
			if p.Slug, err = ownSlug(*change.Slug); err != nil {
				return err
			}
			if taken, err := tx.PlaylistSlugTaken(me, p.Slug, id); err != nil {
				return err
			} else if taken {
				return fault.New(fault.Conflict, "slug.taken", "Another of your playlists has this address.").In("slug")
			}
		}
		if change.Visibility != nil {
			publishPlaylist(tx, &p, *change.Visibility)
		}
		if change.Release != nil {
			if p.Release, err = c.release(*change.Release, p.Visibility); err != nil {
				return err
			}
		}
		if !samePlaylist(old, p) {
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

// samePlaylist tells whether a change changed anything.
func samePlaylist(a, b db.Playlist) bool {
	return a.Title == b.Title && a.Kind == b.Kind && a.Slug == b.Slug && a.Description == b.Description &&
		slices.Equal(a.Tags, b.Tags) && a.Visibility == b.Visibility && sameRelease(a.Release, b.Release)
}

// DeletePlaylist deletes a playlist, not its tracks: the owner's own, or any
// for the keeper.
func (c *Core) DeletePlaylist(ctx context.Context, me, id db.ID) error {
	var p db.Playlist
	err := c.free(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if p, _, err = c.playlist(tx, a, id, label); err != nil {
			return err
		}
		if !a.is(p.User) && !a.keeper() {
			return fault.New(fault.Forbidden, "forbidden", "Only its owner or the keeper can delete a playlist.")
		}
		return c.dropPlaylist(tx, a, id)
	})
	if err != nil {
		return err
	}
	c.dropFilesOf(playlistFiles, id)
	c.forgetSoon()
	c.note("playlist.deleted", "a playlist was deleted", "playlist", id, "owner", p.User, "user", me)
	return nil
}

// dropPlaylist removes a playlist's record. Its files go when that is kept.
func (c *Core) dropPlaylist(tx *db.Tx, by asker, id db.ID) error {
	// A disk that is too full for a mark is no reason to keep the playlist.
	if err := c.media.Mark(playlistFiles, id.String()); err != nil && !errors.Is(err, media.ErrFull) {
		return err
	}
	if err := c.settleReports(tx, by, db.KindPlaylist, id); err != nil {
		return err
	}
	return tx.DropPlaylist(id)
}

// PlaylistPicture gives a playlist's own artwork in one of the fixed sizes.
func (c *Core) PlaylistPicture(ctx context.Context, me, id db.ID, size int) (Sound, error) {
	var p db.Playlist
	outside := false
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) (err error) {
		outside = a.outside
		if p, _, err = c.playlist(tx, a, id, whole); err == nil && p.Picture == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return Sound{}, err
	}
	s := Sound{Public: p.Visibility == db.Public && !outside}
	s.Stream, err = c.media.Picture(playlistFiles, id.String(), p.Picture, size)
	if errors.Is(err, media.ErrMissing) {
		return s, errNoPicture.Because(err)
	}
	return s, translate(err)
}

// SetPlaylistPicture replaces the artwork of an own playlist; a nil image takes
// it away.
func (c *Core) SetPlaylistPicture(ctx context.Context, me, id db.ID, image io.Reader) (PlaylistView, error) {
	var v PlaylistView
	err := c.view(ctx, func(tx *db.Tx) error {
		_, _, err := c.ownPlaylist(tx, me, id)
		return err
	})
	if err != nil {
		return v, err
	}
	err = c.putPicture(ctx, playlistFiles, id, image, func(tx *db.Tx, version uint64, colour uint32) (uint64, error) {
		a, p, err := c.ownPlaylist(tx, me, id)
		if err != nil {
			return 0, err
		}
		old := p.Picture
		p.Picture, p.Colour, p.Updated = version, colour, c.now()
		if err := tx.SetPlaylist(p); err != nil {
			return 0, err
		}
		v, err = c.playlistOf(tx, a, id)
		return old, err
	})
	return v, err
}

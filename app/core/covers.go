package core

import (
	"context"
	"errors"
	"sync"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media/picture"
)

// Cover is a picture of something: a Sound with the file, or the bytes of a
// drawing where there is no artwork.
type Cover struct {
	Sound Sound
	Drawn []byte // a JPEG; nil where Sound is set
	Tag   string // of Drawn: changes with it
}

// standIns are drawings that stand for artwork, by their hue. There are no more
// of them than hues.
type standIns struct {
	mu    sync.Mutex
	drawn map[int][]byte
}

// standInsKept bounds the drawings in memory, some 15 KB each.
const standInsKept = 100

// standIn draws what stands for the artwork of something with that title.
func (c *Core) standIn(title string) (Cover, error) {
	tint := Tint(title, 0, 0)
	hue := int(tint.Hue)
	tag := db.ID(hue + 1).String()
	s := &c.standIns
	s.mu.Lock()
	defer s.mu.Unlock() // one is drawn at a time
	if jpg := s.drawn[hue]; jpg != nil {
		return Cover{Drawn: jpg, Tag: tag}, nil
	}
	jpg, err := picture.StandIn(tint)
	if err != nil {
		return Cover{}, err
	}
	if s.drawn == nil || len(s.drawn) >= standInsKept {
		s.drawn = map[int][]byte{}
	}
	s.drawn[hue] = jpg
	return Cover{Drawn: jpg, Tag: tag}, nil
}

// coverSize is the smallest of the fixed sizes of pictures that is not smaller than
// what is asked for; 0 asks for the largest.
func coverSize(pixels int) int {
	switch {
	case pixels > 0 && pixels <= picture.Small:
		return picture.Small
	case pixels > 0 && pixels <= picture.Medium:
		return picture.Medium
	}
	return picture.Large
}

// TrackCover gives a track's artwork in about a size in pixels, or a drawing.
func (c *Core) TrackCover(ctx context.Context, me, id db.ID, size int) (Cover, error) {
	s, err := c.Song(ctx, me, id)
	if err != nil {
		return Cover{}, err
	}
	return c.coverOf(ctx, me, s.Track, s.Track.Title, size)
}

// coverOf gives the artwork of a track; without any a drawing for a title.
func (c *Core) coverOf(ctx context.Context, me db.ID, t db.Track, title string, size int) (Cover, error) {
	if t.Picture == 0 {
		return c.standIn(title)
	}
	return c.orStandIn(title)(c.TrackPicture(ctx, me, t.ID, coverSize(size)))
}

// orStandIn takes a picture, or a drawing where its file is gone.
func (c *Core) orStandIn(title string) func(Sound, error) (Cover, error) {
	return func(s Sound, err error) (Cover, error) {
		if errors.Is(err, ErrNotFound) || errors.Is(err, errNoPicture) {
			return c.standIn(title)
		}
		return Cover{Sound: s}, err
	}
}

// ListCover gives the artwork of an album or a playlist, else of the first of its
// tracks that has any, else a drawing.
func (c *Core) ListCover(ctx context.Context, me, id db.ID, size int) (Cover, error) {
	var p db.Playlist
	var first db.Track
	err := c.browse(ctx, me, func(b *browser) error {
		var there bool
		var err error
		if p, _, there, err = b.album(id); err == nil && !there {
			err = ErrNotFound
		}
		if err != nil || p.Picture != 0 {
			return err
		}
		ids, err := b.tx.PlaylistTracks(id)
		if err != nil {
			return err
		}
		for _, id := range ids {
			t, _, there, err := b.track(id)
			if err != nil {
				return err
			}
			if there && t.Picture != 0 {
				first = t
				break
			}
		}
		return nil
	})
	if err != nil {
		return Cover{}, err
	}
	if p.Picture != 0 {
		return c.orStandIn(p.Title)(c.PlaylistPicture(ctx, me, id, coverSize(size)))
	}
	return c.coverOf(ctx, me, first, p.Title, size)
}

// LooseCover is ListCover for what is loose of a person.
func (c *Core) LooseCover(ctx context.Context, me, user db.ID, size int) (Cover, error) {
	var first db.Track
	var owner db.User
	err := c.browse(ctx, me, func(b *browser) error {
		var err error
		if owner, err = c.person(b.tx, b.a, user); err != nil {
			return err
		}
		v := AlbumView{Owner: owner, coverAlone: true}
		if err = b.fill(&v, false); err == nil && v.Count == 0 {
			err = ErrNotFound
		}
		first = v.Cover
		return err
	})
	if err != nil {
		return Cover{}, err
	}
	return c.coverOf(ctx, me, first, owner.Name+" "+LooseTitle, size)
}

// UserCover gives a person's picture, or a drawing.
func (c *Core) UserCover(ctx context.Context, me, user db.ID, size int) (Cover, error) {
	var u db.User
	err := c.browse(ctx, me, func(b *browser) (err error) {
		u, err = c.person(b.tx, b.a, user)
		return err
	})
	if err != nil {
		return Cover{}, err
	}
	if u.Picture == 0 {
		return c.standIn(u.Name)
	}
	return c.orStandIn(u.Name)(c.UserPicture(ctx, me, user, coverSize(size)))
}

// Named finds a person by the username. It is found out of nobody else than
// those whom the asker may know of.
func (c *Core) Named(ctx context.Context, me db.ID, username string) (db.User, error) {
	var u db.User
	err := c.browse(ctx, me, func(b *browser) error {
		found, moved, err := b.tx.UserByUsername(username)
		if err == nil && (moved || b.a.hides(found)) {
			err = ErrNotFound
		}
		u = found
		return err
	})
	return u, err
}

// Everybody lists all accounts for a keeper; others are forbidden it.
func (c *Core) Everybody(ctx context.Context, me db.ID) ([]db.User, error) {
	var list []db.User
	err := c.browse(ctx, me, func(b *browser) error {
		if !b.a.keeper() {
			return errForbid
		}
		for u, err := range b.tx.Users(0) {
			if c.unreadable(err, "user", u.ID) {
				continue
			}
			if err != nil {
				return err
			}
			if !u.Leaving {
				list = append(list, u)
			}
		}
		return nil
	})
	return list, err
}

// errOthers says that an account is nobody else's business, whether it is there
// or not.
var errOthers = fault.New(fault.Forbidden, "forbidden", "Only a keeper may ask about other accounts.")

// AccountNamed finds the asker's own account by its name, or for a keeper any.
func (c *Core) AccountNamed(ctx context.Context, me db.ID, username string) (db.User, error) {
	var u db.User
	err := c.browse(ctx, me, func(b *browser) error {
		if u = b.a.user; u.Username == username {
			return nil
		}
		if !b.a.keeper() {
			return errOthers
		}
		found, moved, err := b.tx.UserByUsername(username)
		if err == nil && (moved || found.Leaving) {
			err = ErrNotFound
		}
		u = found
		return err
	})
	return u, err
}

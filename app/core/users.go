package core

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"

	"earshot/app/fault"
	"earshot/db"
)

// tracksOf binds a list of tracks to its owner.
func tracksOf(list func(user, before db.ID) iter.Seq2[db.Track, error], user db.ID) func(db.ID) iter.Seq2[db.Track, error] {
	return func(before db.ID) iter.Seq2[db.Track, error] { return list(user, before) }
}

// person finds a user whose page may be shown.
func (c *Core) person(tx *db.Tx, id db.ID) (db.User, error) {
	u, err := tx.User(id)
	if err == nil && u.Disabled {
		return db.User{}, ErrNotFound
	}
	return u, err
}

// Me gives the asker's own account.
func (c *Core) Me(ctx context.Context, me db.ID) (db.User, error) {
	var u db.User
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		u = a.user
		return err
	})
	return u, err
}

// User finds a person.
func (c *Core) User(ctx context.Context, me, id db.ID) (db.User, error) {
	var u db.User
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.asker(tx, me); err != nil {
			return err
		}
		var err error
		u, err = c.person(tx, id)
		return err
	})
	return u, err
}

// Found is what an address of a page stands for: a track, or else a user.
type Found struct {
	User  db.User
	Track *TrackView
	Moved string // the address it has now, when this is a former one
}

// Resolve finds what stands at /<username> or /<username>/<track-slug>.
func (c *Core) Resolve(ctx context.Context, me db.ID, path string) (Found, error) {
	name, slug, deep := strings.Cut(strings.Trim(path, "/"), "/")
	var found Found
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		u, moved, err := tx.UserByUsername(strings.ToLower(name))
		if err != nil {
			return err
		}
		if u.Disabled {
			return ErrNotFound
		}
		found.User = u
		moved = moved || u.Username != name
		if !deep {
			if moved {
				found.Moved = "/" + u.Username
			}
			return nil
		}
		t, former, err := tx.TrackBySlug(u.ID, strings.ToLower(slug))
		if err != nil {
			return err
		}
		if a.sees(t) < label {
			return ErrNotFound
		}
		v := viewTrack(a, t, u)
		found.Track = &v
		if moved || former || t.Slug != slug {
			found.Moved = "/" + u.Username + "/" + t.Slug
		}
		return nil
	})
	if err == nil && found.Track != nil {
		*found.Track = c.draw(*found.Track)[0]
	}
	return found, err
}

// MyChange is what somebody changes about their account; nil fields stay.
type MyChange struct {
	Name     *string
	Username *string
	Bio      *string
	Age      *int
	Gender   *string
}

// EditMe changes the asker's own account.
func (c *Core) EditMe(ctx context.Context, me db.ID, change MyChange) (db.User, error) {
	var u db.User
	err := c.update(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		u = a.user
		if change.Name != nil {
			u.Name = line(*change.Name)
			if u.Name == "" {
				return fault.New(fault.Invalid, "name.empty", "Give a name that others will see.").In("name")
			}
		}
		if change.Bio != nil {
			u.Bio = text(*change.Bio)
		}
		if change.Age != nil {
			if err := age(*change.Age); err != nil {
				return err
			}
			u.Age = *change.Age
		}
		if change.Gender != nil {
			u.Gender = line(*change.Gender)
		}
		if change.Username != nil {
			if u.Username, err = username(*change.Username); err != nil {
				return err
			}
		}
		err = errors.Join(bounded("name", u.Name, maxName), bounded("bio", u.Bio, maxBio), bounded("gender", u.Gender, maxGender))
		if err != nil {
			return err
		}
		return tx.SetUser(u)
	})
	if errors.Is(err, db.ErrTaken) {
		err = fault.New(fault.Conflict, "username.taken", "Somebody has this username, or had it before. Choose another.").In("username")
	}
	return u, err
}

// SetMyPicture replaces the asker's picture; a nil image takes it away.
func (c *Core) SetMyPicture(ctx context.Context, me db.ID, image io.Reader) (db.User, error) {
	if _, err := c.Me(ctx, me); err != nil {
		return db.User{}, err
	}
	var u db.User
	err := c.putPicture(ctx, userFiles, me, image, func(tx *db.Tx, version uint64, _ uint32) (uint64, error) {
		a, err := c.member(tx, me)
		if err != nil {
			return 0, err
		}
		old := a.user.Picture
		a.user.Picture = version
		u = a.user
		return old, tx.SetUser(u)
	})
	return u, err
}

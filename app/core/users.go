package core

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

// of binds a list to whose it is.
func of[T any](list func(user, before db.ID) iter.Seq2[T, error], user db.ID) func(db.ID) iter.Seq2[T, error] {
	return func(before db.ID) iter.Seq2[T, error] { return list(user, before) }
}

// UserView is a person as one asker may see them.
type UserView struct {
	User     db.User
	Counts   db.UserCounts
	Relation Relation
	Quota    Quota      // of the asker's own account
	Since    time.Time  // in lists: when it happened
	Pinned   *TrackView // on the person's page: what they show first, where the asker sees it
	Factor   bool       // a second factor is asked for; in the keeper's list alone
}

// Relation is how the asker and a person stand to each other.
type Relation struct {
	Me        bool
	Following bool // the asker follows the person
	FollowsMe bool
	Blocked   bool // the asker blocks the person
}

// viewUser shows a person to an asker who may know of them.
func (c *Core) viewUser(tx *db.Tx, a asker, u db.User) (UserView, error) {
	v := UserView{User: u}
	var err error
	if v.Counts, err = tx.UserCounts(u.ID); err != nil || a.visitor() {
		return v, err
	}
	if a.is(u.ID) {
		v.Relation.Me = true
		v.Quota, err = quotaOf(tx, u)
		return v, err
	}
	out, err := tx.FollowMark(a.user.ID, u.ID)
	if err != nil {
		return v, err
	}
	back, err := tx.FollowMark(u.ID, a.user.ID)
	v.Relation = Relation{Following: out != 0, FollowsMe: back != 0, Blocked: a.blocks[u.ID]&mine != 0}
	return v, err
}

// viewProfile is viewUser with what stands on a person's page alone.
func (c *Core) viewProfile(tx *db.Tx, a asker, u db.User) (UserView, error) {
	v, err := c.viewUser(tx, a, u)
	if err != nil {
		return v, err
	}
	return v, c.pin(tx, a, &v)
}

// pin adds what a person shows first, where the asker sees it there.
func (c *Core) pin(tx *db.Tx, a asker, v *UserView) error {
	if v.User.Pinned == 0 {
		return nil
	}
	t, err := tx.Track(v.User.Pinned)
	if err == nil && a.seesPinned(t, v.User) {
		var w TrackView
		if w, err = c.viewTrack(tx, a, t, v.User); err == nil {
			v.Pinned = &w
		}
	}
	if absent(err) || c.unreadable(err, "track", v.User.Pinned) {
		return nil // the rest of the page is there
	}
	return err
}

// drawn is draw for what is pinned.
func (c *Core) drawn(v UserView) UserView {
	if v.Pinned != nil {
		v.Pinned = &c.draw(*v.Pinned)[0]
	}
	return v
}

// Me gives the asker's own account.
func (c *Core) Me(ctx context.Context, me db.ID) (UserView, error) {
	var v UserView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		v, err = c.viewProfile(tx, a, a.user)
		return err
	})
	return c.drawn(v), err
}

// Account is Me without what stands on the person's page alone.
func (c *Core) Account(ctx context.Context, me db.ID) (UserView, error) {
	var v UserView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		v, err = c.viewUser(tx, a, a.user)
		return err
	})
	return v, err
}

// User finds a person. Whom the asker blocks is found, to be let go again;
// who blocks the asker is not.
func (c *Core) User(ctx context.Context, me, id db.ID) (UserView, error) {
	var v UserView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		u, err := c.profile(tx, a, id)
		if err != nil {
			return err
		}
		v, err = c.viewProfile(tx, a, u)
		return err
	})
	return c.drawn(v), err
}

// Found is what an address of a page stands for: a track, a playlist, or else
// a user.
type Found struct {
	User     UserView
	Track    *TrackView
	Playlist *PlaylistView
	Moved    string // the address it has now, when this is a former one

	Open   bool // visitors find it too
	Embeds bool // pages of other sites may show it
}

// PlaylistsPath is the part of an address that stands before a playlist's slug.
const PlaylistsPath = "playlists"

// Resolve finds what stands at /<username>, /<username>/<track-slug> or
// /<username>/playlists/<slug>.
func (c *Core) Resolve(ctx context.Context, me db.ID, path string) (Found, error) {
	name, slug, deep := strings.Cut(strings.Trim(path, "/"), "/")
	list, isList := strings.CutPrefix(slug, PlaylistsPath+"/")
	var found Found
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) (err error) {
		defer func() {
			if err == nil {
				found.Open, found.Embeds, err = c.outward(tx, a, found)
			}
		}()
		u, moved, err := tx.UserByUsername(strings.ToLower(name))
		if err != nil {
			return err
		}
		if !a.meets(u) || deep && a.hides(u) || !deep && a.outside {
			return ErrNotFound
		}
		if found.User, err = c.viewUser(tx, a, u); err != nil {
			return err
		}
		moved = moved || u.Username != name
		if !deep {
			if moved {
				found.Moved = "/" + u.Username
			}
			return c.pin(tx, a, &found.User)
		}
		if isList {
			return c.resolvePlaylist(tx, a, u, list, moved, &found)
		}
		t, former, err := tx.TrackBySlug(u.ID, strings.ToLower(slug))
		if err != nil {
			return err
		}
		if a.sees(t, u) < label {
			return ErrNotFound
		}
		v, err := c.viewTrack(tx, a, t, u)
		if err != nil {
			return err
		}
		found.Track = &v
		if moved || former || t.Slug != slug {
			found.Moved = "/" + u.Username + "/" + t.Slug
		}
		return nil
	})
	if err == nil && found.Track != nil {
		*found.Track = c.draw(*found.Track)[0]
	}
	found.User = c.drawn(found.User)
	return found, err
}

// resolvePlaylist finds what stands at /<username>/playlists/<slug>.
func (c *Core) resolvePlaylist(tx *db.Tx, a asker, u db.User, slug string, moved bool, found *Found) error {
	p, former, err := tx.PlaylistBySlug(u.ID, strings.ToLower(slug))
	if err != nil {
		return err
	}
	if a.seesList(p, u) < label {
		return ErrNotFound
	}
	left := surveyed
	v, err := c.viewPlaylist(tx, a, p, u, &left)
	if err != nil {
		return err
	}
	found.Playlist = &v
	if moved || former || p.Slug != slug {
		found.Moved = "/" + u.Username + "/" + PlaylistsPath + "/" + p.Slug
	}
	return nil
}

// MyChange is what somebody changes about their account; nil fields stay.
type MyChange struct {
	Name     *string
	Username *string
	Bio      *string
	Age      *int
	Gender   *string
	Pinned   *db.ID             // the own track that the profile shows first; 0 for none
	Notify   map[db.Notice]bool // whether these kinds of notifications are wanted; the others stay
}

// muted makes the change to the kinds that are not wanted.
func (change MyChange) muted(n db.Notices) db.Notices {
	for kind, wanted := range change.Notify {
		if wanted {
			n &^= 1 << kind
		} else {
			n |= 1 << kind
		}
	}
	return n
}

// EditMe changes the asker's own account.
func (c *Core) EditMe(ctx context.Context, me db.ID, change MyChange) (UserView, error) {
	var v UserView
	err := c.update(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		u := a.user
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
			if c.proxy.On && u.Username != a.user.Username {
				return fault.New(fault.Forbidden, "username.proxy", "The proxy in front of this Earshot knows people by their usernames. They stay as they are.").In("username")
			}
		}
		if change.Pinned != nil {
			if *change.Pinned != 0 {
				if _, _, err := c.ownTrack(tx, me, *change.Pinned); err != nil {
					return err
				}
			}
			u.Pinned = *change.Pinned
		}
		err = errors.Join(bounded("name", u.Name, maxName), bounded("bio", u.Bio, maxBio), bounded("gender", u.Gender, maxGender))
		if err != nil {
			return err
		}
		u.Muted = change.muted(u.Muted)
		if err := tx.SetUser(u); err != nil {
			return err
		}
		v, err = c.viewProfile(tx, a, u)
		return err
	})
	if errors.Is(err, db.ErrTaken) {
		err = fault.New(fault.Conflict, "username.taken", "Somebody has this username, or had it before. Choose another.").In("username")
	}
	return c.drawn(v), err
}

// SetMyPicture replaces the asker's picture; a nil image takes it away.
func (c *Core) SetMyPicture(ctx context.Context, me db.ID, image io.Reader) (UserView, error) {
	return c.setMyImage(ctx, me, image, c.pictures.Make, func(u *db.User, version uint64, colour uint32) (old uint64) {
		old, u.Picture, u.Colour = u.Picture, version, colour
		return old
	})
}

// SetMyBanner replaces the wide picture of the asker's profile; a nil image
// takes it away.
func (c *Core) SetMyBanner(ctx context.Context, me db.ID, image io.Reader) (UserView, error) {
	return c.setMyImage(ctx, me, image, c.pictures.MakeWide, func(u *db.User, version uint64, _ uint32) (old uint64) {
		old, u.Banner = u.Banner, version
		return old
	})
}

// setMyImage replaces one of the pictures of the asker's account; set gives the
// version that it replaced.
func (c *Core) setMyImage(ctx context.Context, me db.ID, image io.Reader, sizes maker,
	set func(u *db.User, version uint64, colour uint32) (old uint64)) (UserView, error) {
	if _, err := c.Account(ctx, me); err != nil {
		return UserView{}, err
	}
	var v UserView
	err := c.putMade(ctx, userFiles, me, image, sizes, func(tx *db.Tx, version uint64, colour uint32) (uint64, error) {
		a, err := c.member(tx, me)
		if err != nil {
			return 0, err
		}
		old := set(&a.user, version, colour)
		if err := tx.SetUser(a.user); err != nil {
			return old, err
		}
		v, err = c.viewProfile(tx, a, a.user)
		return old, err
	})
	return c.drawn(v), err
}

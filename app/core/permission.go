package core

import (
	"context"
	"errors"
	"slices"

	"earshot/app/fault"
	"earshot/db"
)

// asker is who asks, as the rules see them.
type asker struct {
	tx     *db.Tx          // in which the rules look things up; nil where nobody in particular asks
	user   db.User         // zero for a visitor
	blocks map[db.ID]block // the blocks that the asker made or suffers
	tags   *counted        // what countTags found, once it was asked

	links    []held   // secret links that the asker came by; only where they open something (holder)
	outside  bool     // a visitor of a closed house, who sees nothing but what the links open
	followed []uint64 // whom the asker follows, where a search needs it
	host     bool     // whoever has the machine, by the command line
	key      *byKey   // of a program; nil for people
}

// block says who of two people blocks the other.
type block uint8

const (
	mine   block = 1 << iota // the asker does
	theirs                   // the other does
)

func (a asker) visitor() bool { return a.user.ID == 0 }
func (a asker) keeper() bool {
	return a.user.Role == db.Keeper && !a.visitor() && a.may(db.ScopeKeep) || a.host
}

// is tells whether the asker is a user.
func (a asker) is(user db.ID) bool { return !a.visitor() && a.user.ID == user }

// barred tells whether a block, in either direction, stands between the asker
// and a user: nothing that one does may reach the other.
func (a asker) barred(user db.ID) bool {
	_, blocked := a.blocks[user]
	return blocked
}

// hides tells whether a user, with all that is theirs, is not there for the
// asker. The keeper has to see whom the house has to deal with.
func (a asker) hides(u db.User) bool {
	return u.Leaving || !a.keeper() && (u.Disabled || a.barred(u.ID))
}

// meets tells whether a person has a page for the asker. Whom the asker blocks
// has one, without anything on it, so as to be let go again.
func (a asker) meets(u db.User) bool {
	return !a.hides(u) || !u.Leaving && !u.Disabled && a.blocks[u.ID] == mine
}

// asker finds who asks. A visitor is turned away with signin.needed when the
// keeper closed the house to them; so is an account that is gone or disabled.
func (c *Core) asker(tx *db.Tx, me db.ID) (asker, error) {
	if me == 0 {
		house, err := tx.House()
		if err == nil && !house.Visitors {
			err = ErrSignIn
		}
		return asker{tx: tx}, err
	}
	u, err := tx.User(me)
	if errors.Is(err, db.ErrNotFound) || err == nil && u.Disabled {
		return asker{}, ErrSignIn
	}
	if err != nil {
		return asker{}, err
	}
	a := asker{tx: tx, user: u, tags: &counted{}, key: programOf(tx.Context(), me)}
	a.blocks, err = blocksOf(tx, me)
	return a, err
}

// blocksOf finds the blocks that a user made or suffers.
func blocksOf(tx *db.Tx, user db.ID) (map[db.ID]block, error) {
	var blocks map[db.ID]block
	note := func(other db.ID, b block) {
		if blocks == nil {
			blocks = map[db.ID]block{}
		}
		blocks[other] |= b
	}
	for e, err := range tx.Blockers(user, 0) {
		if err != nil {
			return nil, err
		}
		note(e.From, theirs)
	}
	for e, err := range tx.Blocking(user, 0) {
		if err != nil {
			return nil, err
		}
		note(e.To, mine)
	}
	return blocks, nil
}

// member is asker for what visitors can't do.
func (c *Core) member(tx *db.Tx, me db.ID) (asker, error) {
	if me == 0 {
		return asker{}, ErrSignIn
	}
	return c.asker(tx, me)
}

// keeper is asker for what only the keeper does.
func (c *Core) keeper(tx *db.Tx, me db.ID) (asker, error) {
	a, err := c.member(tx, me)
	if err == nil && !a.keeper() {
		return a, errForbid
	}
	return a, err
}

// keeps is keeper for what is done about a person, whom it finds.
func (c *Core) keeps(tx *db.Tx, me, about db.ID) (asker, db.User, error) {
	a, err := c.keeper(tx, me)
	if err != nil {
		return a, db.User{}, err
	}
	u, err := c.person(tx, a, about)
	return a, u, err
}

// sight is how much of a track somebody may know.
type sight uint8

const (
	hidden sight = iota // not even that it exists
	label               // title, owner, size: for the keeper's housekeeping, never the sound
	whole               // everything
)

// sees decides how much of a track the asker may know. It is the one place
// that does: audio, waveform, picture, lists and counts all follow it.
func (a asker) sees(t db.Track, owner db.User) sight {
	return a.sight(owner, db.Thing{Kind: db.KindTrack, ID: t.ID}, t.Visibility)
}

// seesPinned tells whether the page of a person shows the asker a track that is
// pinned there: as in the list of the tracks, what a link alone opens is not in
// it.
func (a asker) seesPinned(t db.Track, owner db.User) bool {
	return t.User == owner.ID && a.sees(t, owner) == whole && (a.is(owner.ID) || t.Visibility.Shown())
}

// seesList is sees for a playlist.
func (a asker) seesList(p db.Playlist, owner db.User) sight {
	return a.sight(owner, db.Thing{Kind: db.KindPlaylist, ID: p.ID}, p.Visibility)
}

// sight is the rule of tracks and playlists alike. What can't be looked up is
// not seen.
func (a asker) sight(owner db.User, thing db.Thing, v db.Visibility) sight {
	switch {
	case a.is(owner.ID):
		return whole
	case a.hides(owner):
		return hidden
	case v == db.Public && !owner.Disabled && !a.outside:
		return whole
	case v == db.Followers && !owner.Disabled && a.follows(owner.ID):
		return whole
	case v != db.Private && !owner.Disabled && a.holds(owner.ID, thing):
		return whole
	case a.keeper():
		return label
	}
	return hidden
}

// follows tells whether the asker follows a user.
func (a asker) follows(user db.ID) bool {
	if a.tx == nil || a.visitor() {
		return false
	}
	mark, err := a.tx.FollowMark(a.user.ID, user)
	return err == nil && mark != 0
}

// holds tells whether the asker came with a secret link that opens a thing of an
// owner.
func (a asker) holds(owner db.ID, thing db.Thing) bool { return len(a.openers(owner, thing)) > 0 }

func (a asker) edits(t db.Track) bool   { return a.is(t.User) }
func (a asker) deletes(t db.Track) bool { return a.edits(t) || a.keeper() }
func (a asker) downloads(t db.Track, owner db.User) bool {
	if a.edits(t) || a.sees(t, owner) < whole {
		return a.edits(t)
	}
	thing := db.Thing{Kind: db.KindTrack, ID: t.ID}
	return t.Downloadable && !a.byLink(owner, thing, t.Visibility) ||
		slices.ContainsFunc(a.openers(owner.ID, thing), func(l held) bool { return l.Download })
}

// embeds tells whether pages of other sites may show a track. Who asks can but
// see less by that than a visitor.
func (a asker) embeds(t db.Track, owner db.User) bool {
	return t.Visibility == db.Public && !t.NoEmbed && !owner.Disabled && a.sees(t, owner) == whole
}

// tells tells whether other servers may be told that the asker listens to a
// track: only what all people here may hear.
func (a asker) tells(t db.Track, owner db.User) bool {
	return t.Visibility == db.Public && !owner.Disabled && !owner.Leaving && a.sees(t, owner) == whole
}

// feeds tells whether public feeds may hold a track: what its owner keeps from
// other sites is not told to all the programs that show podcasts.
func (a asker) feeds(t db.Track, owner db.User) bool { return a.embeds(t, owner) }

// comments tells whether the asker may comment, as a member, on a track that is
// seen whole. Whoever sees it by a secret link alone needs one that lets them.
func (a asker) comments(t db.Track, owner db.User) bool {
	if a.visitor() || t.Quiet || a.barred(t.User) {
		return false
	}
	thing := db.Thing{Kind: db.KindTrack, ID: t.ID}
	return !a.byLink(owner, thing, t.Visibility) ||
		slices.ContainsFunc(a.openers(owner.ID, thing), func(l held) bool { return l.Comments })
}

// track finds a track that the asker may see at least so much of, and its
// owner; anything else answers as if it had never existed.
func (c *Core) track(tx *db.Tx, a asker, id db.ID, least sight) (db.Track, db.User, error) {
	t, err := tx.Track(id)
	if err != nil {
		return t, db.User{}, err
	}
	owner, err := tx.User(t.User)
	if err != nil {
		return db.Track{}, db.User{}, err
	}
	if a.sees(t, owner) < least {
		return db.Track{}, db.User{}, ErrNotFound
	}
	return t, owner, nil
}

// person finds a user whom the asker may know of.
func (c *Core) person(tx *db.Tx, a asker, id db.ID) (db.User, error) {
	u, err := tx.User(id)
	if err == nil && a.hides(u) {
		return db.User{}, ErrNotFound
	}
	return u, err
}

// profile finds a user whose page the asker may open.
func (c *Core) profile(tx *db.Tx, a asker, id db.ID) (db.User, error) {
	u, err := tx.User(id)
	if err == nil && !a.meets(u) {
		return db.User{}, ErrNotFound
	}
	return u, err
}

// ownTrack finds a track that the asker may change.
func (c *Core) ownTrack(tx *db.Tx, me, id db.ID) (asker, db.Track, error) {
	a, err := c.member(tx, me)
	if err != nil {
		return a, db.Track{}, err
	}
	t, _, err := c.track(tx, a, id, label)
	if err != nil {
		return a, t, err
	}
	if !a.edits(t) {
		return a, t, fault.New(fault.Forbidden, "forbidden", "Only the owner of a track can change it.")
	}
	return a, t, nil
}

// MayEnter tells whether somebody may look around at all.
func (c *Core) MayEnter(ctx context.Context, me db.ID) error {
	return c.view(ctx, func(tx *db.Tx) error {
		_, err := c.asker(tx, me)
		return err
	})
}

// MayKeep tells whether somebody is the keeper.
func (c *Core) MayKeep(ctx context.Context, me db.ID) error {
	return c.view(ctx, func(tx *db.Tx) error {
		_, err := c.keeper(tx, me)
		return err
	})
}

package core

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"earshot/db"
)

// How many people are recommended, and how much is looked at to find them:
// the work stays the same however large the house is.
const (
	recommended     = 10
	recommendedMost = 30

	followsAsked  = 100 // of the asker's follows, the newest
	theirsAsked   = 50  // of each of these people's follows, the newest
	listensAsked  = 100 // and as many likes
	activityAsked = 300 // of what everybody did lately
	byShown       = 2   // names of those who follow somebody
)

// Why is the reason of a recommendation.
type Why uint8

// The reasons, the better ones first.
const (
	FollowedByYours Why = iota // by people whom the asker follows
	Heard                      // the asker plays or likes their tracks
	Active                     // they published lately
)

// Recommendation is somebody whom the asker may want to follow.
type Recommendation struct {
	User  UserView
	Why   Why
	By    []db.User  // with FollowedByYours: some of these people
	N     int        // with FollowedByYours: how many they are in all
	Track *TrackView // with Heard: one of the tracks; with Active: the newest one
}

// hint is somebody who may be recommended, with what speaks for it.
type hint struct {
	user  db.ID
	why   Why
	n     int     // how often it was found
	by    []db.ID // the first of those who follow the person
	track db.ID
}

// hints gathers them in the order in which they were found.
type hints struct {
	list []*hint
	of   map[db.ID]*hint
}

// add finds a person once more. What was found for a better reason stays.
func (h *hints) add(user db.ID, why Why) *hint {
	found := h.of[user]
	if found == nil {
		found = &hint{user: user, why: why}
		h.of[user] = found
		h.list = append(h.list, found)
	}
	if found.why == why {
		found.n++
	}
	return found
}

// Recommend finds people whom the asker may want to follow: those whom the
// people they follow follow, then those whose tracks they play or like, then
// those who published lately. Nothing is left to chance.
func (c *Core) Recommend(ctx context.Context, me db.ID, limit int) ([]Recommendation, error) {
	if limit <= 0 {
		limit = recommended
	}
	limit = min(limit, recommendedMost)
	list := []Recommendation{}
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		r := recommender{c: c, tx: tx, a: a, owners: people{}, hints: hints{of: map[db.ID]*hint{}}}
		for _, find := range []func() error{r.followed, r.heard, r.active} {
			if err := find(); err != nil {
				return err
			}
			if list, err = r.choose(list, limit); err != nil || len(list) == limit {
				return err
			}
		}
		return nil
	})
	for i := range list {
		if list[i].Track != nil {
			*list[i].Track = c.draw(*list[i].Track)[0]
		}
	}
	return list, err
}

// recommender is the work on one answer.
type recommender struct {
	c      *Core
	tx     *db.Tx
	a      asker
	owners people
	hints  hints
	chosen int // of the hints: those that were looked at
}

// first yields the first of a list, without those that can't be read.
func first[T any](c *Core, what string, n int, items iter.Seq2[T, error], do func(T) error) error {
	for item, err := range items {
		if c.unreadable(err, what, 0) {
			continue
		}
		if err == nil {
			err = do(item)
		}
		if err != nil {
			return err
		}
		if n--; n == 0 {
			break
		}
	}
	return nil
}

// followed finds whom the people whom the asker follows follow.
func (r *recommender) followed() error {
	me := r.a.user.ID
	return first(r.c, "follow of", followsAsked, r.tx.Following(me, 0), func(mine db.Edge) error {
		by, err := r.find(mine.To)
		if err != nil || by.ID == 0 {
			return err
		}
		return first(r.c, "follow of", theirsAsked, r.tx.Following(mine.To, 0), func(theirs db.Edge) error {
			if theirs.To == me {
				return nil
			}
			h := r.hints.add(theirs.To, FollowedByYours)
			if len(h.by) < byShown {
				h.by = append(h.by, mine.To)
			}
			return nil
		})
	})
}

// heard finds whose tracks the asker likes and plays.
func (r *recommender) heard() error {
	me := r.a.user.ID
	note := func(e db.Edge) error { return r.track(e.To, Heard) }
	if err := first(r.c, "like of", listensAsked, r.tx.Likes(me, 0), note); err != nil {
		return err
	}
	return first(r.c, "listen of", listensAsked, r.tx.History(me, 0), note)
}

// active finds who published lately.
func (r *recommender) active() error {
	return first(r.c, "activity", activityAsked, r.tx.Activity(0), func(did db.Activity) error {
		if did.Kind != db.Published {
			return nil
		}
		return r.track(did.Track, Active)
	})
}

// track notes the owner of a track that the asker may hear.
func (r *recommender) track(id db.ID, why Why) error {
	t, err := r.tx.Track(id)
	if errors.Is(err, db.ErrNotFound) || r.c.unreadable(err, "track", id) {
		return nil
	}
	if err != nil || r.a.is(t.User) {
		return err
	}
	owner, err := r.find(t.User)
	if err != nil || owner.ID == 0 || r.a.sees(t, owner) < whole {
		return err
	}
	if h := r.hints.add(t.User, why); h.track == 0 {
		h.track = id
	}
	return nil
}

// find finds somebody who is present; a user without an id otherwise.
func (r *recommender) find(id db.ID) (db.User, error) {
	u, _, err := r.c.present(r.tx, r.a, r.owners, id)
	return u, err
}

// present finds somebody by whom, or by whose tracks and likes, something may
// be recommended to the asker: who is there, not suspended, and neither blocks
// the asker nor is blocked.
func (c *Core) present(tx *db.Tx, a asker, owners people, id db.ID) (u db.User, there bool, err error) {
	u, err = owners.find(tx, id)
	if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "user", id) {
		return db.User{}, false, nil
	}
	if err != nil || u.Disabled || a.hides(u) || a.barred(u.ID) {
		return db.User{}, false, err
	}
	return u, true, nil
}

// choose takes the best of what was found last into the list. Equal ones keep
// the order in which they were found: the newest follow, like or track first.
func (r *recommender) choose(list []Recommendation, limit int) ([]Recommendation, error) {
	fresh := r.hints.list[r.chosen:]
	r.chosen = len(r.hints.list)
	if len(fresh) > 0 && fresh[0].why != Active {
		slices.SortStableFunc(fresh, func(x, y *hint) int { return cmp.Compare(y.n, x.n) })
	}
	for _, h := range fresh {
		if len(list) == limit {
			break
		}
		u, err := r.find(h.user)
		if err != nil {
			return list, err
		}
		if u.ID == 0 {
			continue
		}
		mark, err := r.tx.FollowMark(r.a.user.ID, u.ID)
		if err != nil {
			return list, err
		}
		if mark != 0 {
			continue
		}
		v, err := r.show(h, u)
		if r.c.unreadable(err, "user, or a track of", u.ID) {
			continue
		}
		if err != nil {
			return list, err
		}
		list = append(list, v)
	}
	return list, nil
}

// show gives a recommendation its faces.
func (r *recommender) show(h *hint, u db.User) (Recommendation, error) {
	v := Recommendation{Why: h.why}
	var err error
	if v.User, err = r.c.viewUser(r.tx, r.a, u); err != nil {
		return v, err
	}
	if h.why == FollowedByYours {
		v.N = h.n
	}
	for _, id := range h.by {
		by, err := r.find(id)
		if err != nil {
			return v, err
		}
		v.By = append(v.By, by)
	}
	if h.track != 0 && h.why != FollowedByYours {
		t, err := r.c.viewOf(r.tx, r.a, h.track)
		if err != nil {
			return v, err
		}
		v.Track = &t
	}
	return v, nil
}

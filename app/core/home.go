package core

import (
	"context"
	"errors"
	"iter"

	"earshot/db"
)

// What there is to discover at once.
const (
	homeTags    = 6
	homeTracks  = 6 // of each tag
	homeCharts  = 10
	homeNewest  = 10
	homePeople  = 8
	homeFollow  = 5
	homeBecause = 3
	homeSimilar = 6 // to each of the tracks that are liked

	homeAsked    = 500  // tracks of each tag that are looked at to find these
	newestAsked  = 3000 // and the newest tracks: many of a suspended account must not hide the others
	peopleAsked  = 2000 // and the newest people
	becauseAsked = 5    // likes
	becauseLeast = 3    // similar tracks, for a like to be worth a shelf
)

// Home is what there is to discover.
type Home struct {
	Tags    []Shelf
	Week    []TrackView
	Always  []TrackView
	Newest  []TrackView
	People  []UserView
	Follow  []Recommendation
	Because []Because
}

// Shelf is a tag with its newest tracks.
type Shelf struct {
	Tag    TagView
	Tracks []TrackView
}

// Because is a track that the asker likes, with what is like it.
type Because struct {
	Track  TrackView
	Tracks []SimilarView
}

// Home finds what there is to discover: popular tags, charts, what and who is
// new, and for members what may be to their taste. Nothing is left to chance.
func (c *Core) Home(ctx context.Context, me db.ID) (Home, error) {
	var h Home
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		if h.Tags, err = c.shelves(tx, a); err != nil {
			return err
		}
		all := func(before db.ID) iter.Seq2[db.Track, error] { return atMost(newestAsked, tx.PublicTracks(before)) }
		newest, err := c.pageTracks(tx, a, "home", Paging{Limit: homeNewest}, all, published)
		if err != nil {
			return err
		}
		h.Newest = newest.Items
		for period, top := range map[db.Period]*[]TrackView{db.Week: &h.Week, db.Always: &h.Always} {
			page, err := c.chart(tx, a, period, Paging{Limit: homeCharts})
			if err != nil {
				return err
			}
			*top = page.Items
		}
		if h.People, err = c.newcomers(tx, a); err != nil || a.visitor() {
			return err
		}
		h.Because, err = c.because(tx, a)
		return err
	})
	if err == nil && me != 0 {
		h.Follow, err = c.Recommend(ctx, me, homeFollow)
	}
	if err != nil {
		return Home{}, err
	}
	for _, tracks := range [][]TrackView{h.Newest, h.Week, h.Always} {
		c.draw(tracks...)
	}
	for i := range h.Tags {
		c.draw(h.Tags[i].Tracks...)
	}
	for i := range h.Because {
		h.Because[i].Track = c.draw(h.Because[i].Track)[0]
		c.drawSimilar(h.Because[i].Tracks)
	}
	return h, nil
}

// shelves finds the most popular tags with their newest tracks.
func (c *Core) shelves(tx *db.Tx, a asker) ([]Shelf, error) {
	counted, err := c.countTags(tx, a)
	if err != nil {
		return nil, err
	}
	var list []Shelf
	err = first(c, "tag", homeTags, counted.popular(tx, TagView{}), func(tag TagView) error {
		newest := func(before db.ID) iter.Seq2[db.Track, error] {
			return atMost(homeAsked, tx.TagTracks(tag.Tag.ID, before))
		}
		tracks, err := c.pageTracks(tx, a, "tag", Paging{Limit: homeTracks}, newest, published)
		if len(tracks.Items) > 0 {
			list = append(list, Shelf{tag, tracks.Items})
		}
		return err
	})
	return list, err
}

// newcomers finds who is new in the house and has published.
func (c *Core) newcomers(tx *db.Tx, a asker) ([]UserView, error) {
	var list []UserView
	for u, err := range atMost(peopleAsked, tx.NewestUsers(0)) {
		if len(list) == homePeople {
			break
		}
		if c.unreadable(err, "user", 0) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if u.PublicTracks == 0 || u.Disabled || a.is(u.ID) || a.hides(u) || a.barred(u.ID) {
			continue
		}
		v, err := c.viewUser(tx, a, u)
		if c.unreadable(err, "user", u.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// because finds what is like the tracks that the asker liked last.
func (c *Core) because(tx *db.Tx, a asker) ([]Because, error) {
	var list []Because
	err := first(c, "like of", becauseAsked, tx.Likes(a.user.ID, 0), func(e db.Edge) error {
		if len(list) == homeBecause {
			return nil
		}
		v, err := c.viewOf(tx, a, e.To)
		if errors.Is(err, ErrNotFound) || errors.Is(err, db.ErrNotFound) || c.unreadable(err, "track", e.To) || err == nil && !v.Whole {
			return nil
		}
		if err != nil {
			return err
		}
		tracks, err := c.similar(tx, a, v.Track, near, homeSimilar)
		if c.unreadable(err, "what is like", e.To) {
			return nil
		}
		if len(tracks) >= becauseLeast {
			list = append(list, Because{v, tracks})
		}
		return err
	})
	return list, err
}

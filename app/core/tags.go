package core

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"math"
	"slices"

	"earshot/db"
)

// How much is looked at for the page of a tag.
const (
	relatedOf    = 200 // of its tracks, the newest
	relatedMost  = 12
	relatedAsked = 500 // tracks at most, to find those that the asker may hear
	bestOf       = 500 // newest tracks, of which the popular ones are the best

	hiddenTags = 2000 // tags of all hidden people together
)

// TagView is a tag as one asker may see it.
type TagView struct {
	Tag    db.Tag
	Tracks uint64 // how many public tracks carry it, for the asker
}

// counted counts the tracks of tags for one asker: without those of people whom
// a block hides. Those of the suspended no tag counts.
type counted struct {
	hidden map[db.ID]uint64 // by tag; nil when nobody is hidden
	most   uint64           // of these counts, the greatest
	known  bool
}

// countTags finds what the tags count that the asker may not see, once for each
// request. Whoever has very many tags and blocks somebody must not make that
// one's pages slow: beyond so many the hidden tracks are counted with the others.
func (c *Core) countTags(tx *db.Tx, a asker) (counted, error) {
	if len(a.blocks) == 0 {
		return counted{}, nil
	}
	if a.tags == nil {
		a.tags = &counted{}
	}
	if a.tags.known {
		return *a.tags, nil
	}
	n := counted{known: true}
	left := hiddenTags
	for _, id := range slices.Sorted(maps.Keys(a.blocks)) { // the same ones each time
		if left <= 0 {
			break
		}
		u, err := tx.User(id)
		if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "user", id) {
			continue
		}
		if err != nil {
			return n, err
		}
		if u.Disabled || u.PublicTracks == 0 || !a.hides(u) {
			continue
		}
		for tag, err := range atMost(left, tx.UserTags(id)) {
			left--
			if c.unreadable(err, "tag of", id) {
				continue
			}
			if err != nil {
				return n, err
			}
			if n.hidden == nil {
				n.hidden = map[db.ID]uint64{}
			}
			n.hidden[tag.Tag] += tag.Tracks
			n.most = max(n.most, n.hidden[tag.Tag])
		}
	}
	*a.tags = n
	return n, nil
}

// view shows a tag; one without a track for the asker is not there.
func (n counted) view(tag db.Tag) (v TagView, there bool) {
	v = TagView{Tag: tag, Tracks: tag.Tracks - min(n.hidden[tag.ID], tag.Tracks)}
	return v, v.Tracks > 0
}

// before orders tags by how many tracks they have for the asker, and of the
// same number the newest first.
func (v TagView) before(w TagView) int {
	return cmp.Or(cmp.Compare(w.Tracks, v.Tracks), cmp.Compare(w.Tag.ID, v.Tag.ID))
}

// popular yields the tags as the asker may see them, those with most tracks
// first, behind one of them (zero: from the first). The order is the asker's
// own: were it everybody's, the place of a tag would tell of hidden tracks.
func (n counted) popular(tx *db.Tx, behind TagView) iter.Seq2[TagView, error] {
	return func(yield func(TagView, error) bool) {
		from, tag := behind.Tracks, behind.Tag.ID
		if from > 0 && n.most > 0 { // what comes behind may have more in all
			from, tag = from+n.most, math.MaxUint64
		}
		// A tag with hidden tracks waits until none that is still to come can be
		// before it.
		var waiting []TagView
		give := func(most TagView) bool {
			for len(waiting) > 0 && waiting[0].before(most) <= 0 {
				v := waiting[0]
				waiting = waiting[1:]
				if !yield(v, nil) {
					return false
				}
			}
			return true
		}
		for tag, err := range tx.PopularTags(from, tag) {
			if err != nil {
				if !yield(TagView{}, err) {
					return
				}
				continue
			}
			if !give(TagView{tag, tag.Tracks}) {
				return
			}
			v, there := n.view(tag)
			if !there || behind.Tracks > 0 && v.before(behind) <= 0 {
				continue
			}
			at, _ := slices.BinarySearchFunc(waiting, v, TagView.before)
			waiting = slices.Insert(waiting, at, v)
		}
		give(TagView{})
	}
}

// Tags lists the tags, those that most tracks carry first.
func (c *Core) Tags(ctx context.Context, me db.ID, p Paging) (Page[TagView], error) {
	var page Page[TagView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		var last [2]uint64
		if err := c.unseal("tags", p, last[:]); err != nil {
			return err
		}
		counted, err := c.countTags(tx, a)
		if err != nil {
			return err
		}
		behind := TagView{Tag: db.Tag{ID: db.ID(last[1])}, Tracks: last[0]}
		page, err = gather(c, "tags", p.limit(), counted.popular(tx, behind),
			func(v TagView) db.ID { return v.Tag.ID },
			func(v TagView) (TagView, bool, error) { return v, true, nil },
			func(v TagView) string { return c.seal("tags", v.Tracks, uint64(v.Tag.ID)) })
		return err
	})
	return page, err
}

// tag finds a tag by its name, however that is written, if there is a track
// with it that the asker may hear.
func (c *Core) tag(tx *db.Tx, a asker, name string) (TagView, counted, error) {
	counted, err := c.countTags(tx, a)
	if err != nil {
		return TagView{}, counted, err
	}
	tag, err := tx.Tag(line(name))
	if err != nil {
		return TagView{}, counted, err
	}
	v, there := counted.view(tag)
	if !there {
		return TagView{}, counted, ErrNotFound
	}
	return v, counted, nil
}

// Tag finds a tag by its name.
func (c *Core) Tag(ctx context.Context, me db.ID, name string) (TagView, error) {
	var v TagView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err == nil {
			v, _, err = c.tag(tx, a, name)
		}
		return err
	})
	return v, err
}

// TagPage is a tag with what lies near it.
type TagPage struct {
	TagView
	Related []TagView // tags that its newest tracks carry too, the most frequent first
}

// TagPage finds a tag by its name.
func (c *Core) TagPage(ctx context.Context, me db.ID, name string) (TagPage, error) {
	var page TagPage
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		var counted counted
		if page.TagView, counted, err = c.tag(tx, a, name); err != nil {
			return err
		}
		page.Related, err = c.related(tx, a, page.Tag, counted)
		return err
	})
	return page, err
}

// related finds the tags that the newest tracks of a tag carry beside it.
func (c *Core) related(tx *db.Tx, a asker, tag db.Tag, counted counted) ([]TagView, error) {
	own := db.Alike(tag.Name)
	often := map[string]int{}
	heard := 0
	owners := people{}
	for t, err := range atMost(relatedAsked, tx.TagTracks(tag.ID, 0)) {
		if heard == relatedOf {
			break
		}
		if c.unreadable(err, "track of a tag", tag.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		owner, err := owners.find(tx, t.User)
		if c.unreadable(err, "user", t.User) || err == nil && a.sees(t, owner) < whole {
			continue
		}
		if err != nil {
			return nil, err
		}
		heard++
		carried := map[string]bool{own: true}
		for _, name := range t.Tags {
			if key := db.Alike(name); !carried[key] {
				carried[key] = true
				often[key]++
			}
		}
	}
	var list []TagView
	names := slices.SortedFunc(maps.Keys(often), func(x, y string) int {
		return cmp.Or(cmp.Compare(often[y], often[x]), cmp.Compare(x, y))
	})
	for _, name := range names[:min(len(names), relatedMost)] {
		tag, err := tx.Tag(name)
		if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "tag", 0) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if v, there := counted.view(tag); there {
			list = append(list, v)
		}
	}
	return list, nil
}

// TrackOrder is an order of tracks.
type TrackOrder uint8

// The orders.
const (
	NewestFirst  TrackOrder = iota
	PopularFirst            // of the newest ones those with the most points
)

// TagTracks lists the tracks that carry a tag.
func (c *Core) TagTracks(ctx context.Context, me db.ID, name string, order TrackOrder, p Paging) (Page[TrackView], error) {
	var page Page[TrackView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		tag, _, err := c.tag(tx, a, name)
		if err != nil {
			return err
		}
		if order == PopularFirst {
			page, err = c.bestOfTag(tx, a, tag.Tag.ID, p)
			return err
		}
		page, err = c.pageTracks(tx, a, "tag/"+tag.Tag.ID.String(), p, of(tx.TagTracks, tag.Tag.ID), published)
		return err
	})
	c.draw(page.Items...)
	return page, err
}

// scored is a track with its place among the popular ones.
type scored struct {
	track  db.Track
	points uint64
}

func (s scored) before(t scored) int {
	return cmp.Or(cmp.Compare(t.points, s.points), cmp.Compare(t.track.Published, s.track.Published))
}

// bestOfTag lists the newest tracks of a tag, those with the most points first.
func (c *Core) bestOfTag(tx *db.Tx, a asker, tag db.ID, p Paging) (Page[TrackView], error) {
	list := "tag/popular/" + tag.String()
	var last [2]uint64
	if err := c.unseal(list, p, last[:]); err != nil {
		return Page[TrackView]{}, err
	}
	behind := scored{db.Track{Published: db.ID(last[1])}, last[0]}
	var best []scored
	owners := people{}
	for t, err := range atMost(2*bestOf, tx.TagTracks(tag, 0)) {
		if len(best) == bestOf {
			break
		}
		if c.unreadable(err, "track of a tag", tag) {
			continue
		}
		if err != nil {
			return Page[TrackView]{}, err
		}
		owner, err := owners.find(tx, t.User)
		if c.unreadable(err, "user", t.User) || err == nil && a.sees(t, owner) < whole {
			continue
		}
		var points uint64
		if err == nil {
			points, err = tx.Points(db.Always, t.ID)
		}
		if c.unreadable(err, "counters of", t.ID) {
			continue
		}
		if err != nil {
			return Page[TrackView]{}, err
		}
		best = append(best, scored{t, points})
	}
	slices.SortFunc(best, scored.before)
	items := func(yield func(scored, error) bool) {
		for _, s := range best {
			if (p.Cursor == "" || s.before(behind) > 0) && !yield(s, nil) {
				return
			}
		}
	}
	return gather(c, list, p.limit(), items,
		func(s scored) db.ID { return s.track.Published },
		func(s scored) (TrackView, bool, error) {
			owner, err := owners.find(tx, s.track.User)
			if err != nil {
				return TrackView{}, false, err
			}
			v, err := c.viewTrack(tx, a, s.track, owner)
			return v, true, err
		},
		func(s scored) string { return c.seal(list, s.points, uint64(s.track.Published)) })
}

package core

import (
	"container/heap"
	"context"
	"errors"
	"iter"

	"earshot/db"
)

// StreamOf says whose doings a stream shows.
type StreamOf uint8

// The streams there are.
const (
	StreamUsual    StreamOf = iota // of the followed for who follows somebody, else of all
	StreamFollowed                 // what those whom the asker follows published and reposted, and the own tracks
	StreamAll                      // the newest public tracks
)

// Stream lists what is new for the asker, the newest first.
func (c *Core) Stream(ctx context.Context, me db.ID, of StreamOf, p Paging) (Page[TrackView], error) {
	var page Page[TrackView]
	err := c.view(ctx, func(tx *db.Tx) error {
		find := c.asker
		if of == StreamFollowed {
			find = c.member
		}
		a, err := find(tx, me)
		if err != nil {
			return err
		}
		s, own, err := c.stream(tx, a, of, p)
		switch {
		case err != nil:
		case own:
			page, err = s.page(p.limit())
		default:
			page, err = c.pageTracks(tx, a, "stream", p, tx.PublicTracks, published)
			for i := range page.Items {
				page.Items[i].Since = page.Items[i].Track.Published.Time()
			}
		}
		return err
	})
	c.draw(page.Items...)
	return page, err
}

// stream is one page of somebody's own stream.
//
// A track is shown once, at its newest place. What is new while somebody reads
// on must not move that: places above the top, the first item of the first
// page, are not looked at.
type stream struct {
	c     *Core
	tx    *db.Tx
	a     asker
	name  string // of the list, for its cursors
	whose map[db.ID]bool

	top    db.ID // 0 on the first page
	before db.ID // where the page begins; 0 on the first one

	people people
	shown  map[db.ID]bool // the tracks on this page, and those that were found to be on one before
}

// stream finds whose doings a page shows. Own is false when those are
// everybody's. As long as the asker does not say which: whoever began with the
// one list reads on in it, though they follow somebody or nobody meanwhile.
func (c *Core) stream(tx *db.Tx, a asker, of StreamOf, p Paging) (s *stream, own bool, err error) {
	if of == StreamAll || a.visitor() {
		return nil, false, nil
	}
	s = &stream{
		c: c, tx: tx, a: a, name: "stream/" + a.user.ID.String(),
		people: people{a.user.ID: a.user}, shown: map[db.ID]bool{},
	}
	var marks [2]uint64
	if err := c.unseal(s.name, p, marks[:]); err != nil {
		if of == StreamUsual {
			err = nil // it is of the other list, or of none
		}
		return nil, false, err
	}
	s.top, s.before = db.ID(marks[0]), db.ID(marks[1])
	counts, err := tx.UserCounts(a.user.ID)
	if err != nil || of == StreamUsual && counts.Following == 0 && s.before == 0 {
		return nil, false, err
	}
	s.whose = make(map[db.ID]bool, counts.Following+1)
	s.whose[a.user.ID] = true
	for e, err := range tx.Following(a.user.ID, 0) {
		if c.unreadable(err, "whom a user follows", a.user.ID) {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		s.whose[e.To] = true
	}
	return s, true, nil
}

// page collects the page.
func (s *stream) page(limit int) (Page[TrackView], error) {
	mark := func(act db.Activity) db.ID { return act.Mark }
	next := func(last db.Activity) string { return s.c.seal(s.name, uint64(s.top), uint64(last.Mark)) }
	return gather(s.c, s.name, limit, s.activity(), mark, s.see, next)
}

// takes tells whether something belongs into the stream at all.
func (s *stream) takes(act db.Activity) bool {
	return s.whose[act.User] && (act.Kind == db.Published || !s.a.is(act.User))
}

// walked is how many entries of all that happens in the house are gone through
// for a page. Who follows many finds enough among them. Beyond that it is less
// work to ask what each of those people did, which takes about as long for one
// of them as twenty entries do.
func (s *stream) walked() int { return min(500+8*len(s.whose), 20_000) }

// activity yields what those people did, newest first.
func (s *stream) activity() iter.Seq2[db.Activity, error] {
	return func(yield func(db.Activity, error) bool) {
		n, last := 0, s.before
		for act, err := range s.tx.Activity(s.before) {
			if n++; err != nil {
				if !yield(act, err) {
					return
				}
				continue
			}
			if last = act.Mark; s.takes(act) && !yield(act, nil) {
				return
			}
			if n >= s.walked() {
				s.merge(last, yield)
				return
			}
		}
	}
}

// merge yields what those people did before a mark, from the lists of each.
func (s *stream) merge(before db.ID, yield func(db.Activity, error) bool) {
	var heads newest
	// put finds the next thing that somebody did, if there is one.
	put := func(user, before db.ID) (more bool) {
		for act, err := range s.tx.ActivityOf(user, before) {
			if err == nil && s.takes(act) {
				heap.Push(&heads, act)
				return true
			}
			if err != nil && !yield(act, err) {
				return false
			}
		}
		return true
	}
	for user := range s.whose {
		if !put(user, before) {
			return
		}
	}
	for len(heads) > 0 {
		act := heap.Pop(&heads).(db.Activity)
		if !yield(act, nil) || !put(act.User, act.Mark) {
			return
		}
	}
}

// newest is a heap of what people did, the newest on top.
type newest []db.Activity

func (h newest) Len() int           { return len(h) }
func (h newest) Less(i, j int) bool { return h[i].Mark > h[j].Mark }
func (h newest) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *newest) Push(x any)        { *h = append(*h, x.(db.Activity)) }
func (h *newest) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

// see shows what somebody did, unless it is not for the asker or the track has
// a newer place.
func (s *stream) see(act db.Activity) (TrackView, bool, error) {
	var none TrackView
	if s.shown[act.Track] {
		return none, false, nil
	}
	t, err := s.tx.Track(act.Track)
	if errors.Is(err, db.ErrNotFound) || err == nil && !streams(act, t) {
		return none, false, nil
	}
	if err != nil {
		return none, false, err
	}
	owner, err := s.people.find(s.tx, t.User)
	if err != nil || s.a.sees(t, owner) < whole {
		return none, false, err
	}
	there, err := s.there(act.User)
	if err != nil || !there {
		return none, false, err
	}
	v, err := s.c.viewTrack(s.tx, s.a, t, owner)
	if err != nil {
		return none, false, err
	}
	if above, err := s.above(t, v.Counts.Reposts); err != nil || above {
		s.shown[act.Track] = above
		return none, false, err
	}
	if v.Since = act.Mark.Time(); act.Kind == db.Reposted {
		by := s.people[act.User]
		v.By = &by
	}
	if s.top == 0 {
		s.top = act.Mark
	}
	s.shown[act.Track] = true
	return v, true, nil
}

// streams tells whether a track has a place in streams by what somebody did:
// what is for followers has one by being published, and none by reposts.
func streams(act db.Activity, t db.Track) bool {
	return t.Visibility == db.Public || t.Visibility == db.Followers && act.Kind == db.Published
}

// there tells whether a person is there for the asker.
func (s *stream) there(id db.ID) (bool, error) {
	u, err := s.people.find(s.tx, id)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil && !s.a.hides(u), err
}

// above tells whether a track was shown on a page before: whether it has a place
// between the top and where this page begins.
func (s *stream) above(t db.Track, reposts uint64) (bool, error) {
	if s.before == 0 {
		return false, nil
	}
	within := func(mark db.ID) bool { return mark >= s.before && mark <= s.top }
	if s.whose[t.User] && within(t.Published) {
		return true, nil
	}
	if t.Visibility != db.Public {
		return false, nil
	}
	if int(reposts) > len(s.whose) { // then it is less work to ask each of them
		for user := range s.whose {
			mark, err := s.tx.RepostMark(user, t.ID)
			if err != nil {
				return false, err
			}
			if !within(mark) || s.a.is(user) {
				continue
			}
			if there, err := s.there(user); err != nil || there {
				return there, err
			}
		}
		return false, nil
	}
	for e, err := range s.tx.Reposters(t.ID, s.top+1) {
		if s.c.unreadable(err, "repost of", t.ID) {
			continue
		}
		if err != nil || e.Mark < s.before {
			return false, err
		}
		if !s.whose[e.From] || s.a.is(e.From) {
			continue
		}
		if there, err := s.there(e.From); err != nil || there {
			return there, err
		}
	}
	return false, nil
}

package core

import (
	"encoding/binary"
	"errors"
	"iter"
	"strconv"

	"earshot/app/fault"
	"earshot/db"
)

// How many items a page of a list has.
const (
	pageDefault = 20
	pageMax     = 100
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  string // cursor of what follows; "" at the end
}

// Paging is what page of a list is asked for.
type Paging struct {
	Cursor string // "" for the first page
	Limit  int    // 0 for the usual size; more than 100 is 100
}

func (p Paging) limit() int {
	switch {
	case p.Limit <= 0:
		return pageDefault
	case p.Limit > pageMax:
		return pageMax
	}
	return p.Limit
}

var errCursor = fault.New(fault.Invalid, "cursor.invalid", "This page of the list is not known. Begin again at its start.").In("cursor")

// after opens the cursor of a list that goes on before a mark.
func (c *Core) after(list string, p Paging) (db.ID, error) {
	var mark [1]uint64
	err := c.unseal(list, p, mark[:])
	return db.ID(mark[0]), err
}

// before seals the mark from which the next page of a list goes on.
func (c *Core) before(list string, mark db.ID) string {
	return c.seal(list, uint64(mark))
}

// unseal opens the cursor of a list, into the numbers that it holds; without
// one they stay as they are. Cursors are sealed: they tell nothing, and one
// that was not given out for this list is refused.
func (c *Core) unseal(list string, p Paging, numbers []uint64) error {
	if p.Cursor == "" {
		return nil
	}
	b, err := c.sealer.Open(list, p.Cursor)
	if err != nil || len(b) != 8*len(numbers) {
		return errCursor.Because(err)
	}
	for i := range numbers {
		numbers[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	return nil
}

// seal makes a cursor of numbers.
func (c *Core) seal(list string, numbers ...uint64) string {
	var b []byte
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return c.sealer.Seal(list, b)
}

// collect collects a page of a list. Items come with the mark that orders
// them; see gives an item as the asker sees it, or false to leave it out.
// Damaged records are left out.
func collect[S, T any](c *Core, list string, p Paging, items func(before db.ID) iter.Seq2[S, error],
	mark func(S) db.ID, see func(S) (T, bool, error)) (Page[T], error) {
	after, err := c.after(list, p)
	if err != nil {
		return Page[T]{}, err
	}
	next := func(last S) string { return c.before(list, mark(last)) }
	return gather(c, list, p.limit(), items(after), mark, see, next)
}

// gather is collect for lists whose cursors are their own: next makes the one
// that goes on behind an item.
func gather[S, T any](c *Core, list string, limit int, items iter.Seq2[S, error],
	mark func(S) db.ID, see func(S) (T, bool, error), next func(last S) string) (Page[T], error) {
	var page Page[T]
	var last S
	for item, err := range items {
		if c.unreadable(err, "item of "+list, 0) {
			continue
		}
		if err != nil {
			return page, err
		}
		v, seen, err := see(item)
		if c.unreadable(err, "item of "+list, mark(item)) || err == nil && !seen {
			continue
		}
		if err != nil {
			return page, err
		}
		if len(page.Items) == limit {
			page.Next = next(last)
			break
		}
		page.Items = append(page.Items, v)
		last = item
	}
	return page, nil
}

// atMost yields the first of a list, so that no more are looked at however many
// of them are not for the asker.
func atMost[T any](n int, items iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		left := n
		for item, err := range items {
			if left--; left < 0 || !yield(item, err) {
				return
			}
		}
	}
}

// pageTracks collects a page of tracks that the asker may see whole.
func (c *Core) pageTracks(tx *db.Tx, a asker, list string, p Paging,
	tracks func(before db.ID) iter.Seq2[db.Track, error], mark func(db.Track) db.ID) (Page[TrackView], error) {
	owners := people{}
	return collect(c, list, p, tracks, mark, func(t db.Track) (TrackView, bool, error) {
		owner, err := owners.find(tx, t.User)
		if err != nil || a.sees(t, owner) < whole {
			return TrackView{}, false, err
		}
		v, err := c.viewTrack(tx, a, t, owner)
		return v, true, err
	})
}

// pageEdges collects a page of the tracks that edges lead to, such as likes.
// What is gone, or not for the asker, is left out.
func (c *Core) pageEdges(tx *db.Tx, a asker, list string, p Paging,
	edges func(before db.ID) iter.Seq2[db.Edge, error]) (Page[TrackView], error) {
	owners := people{}
	return collect(c, list, p, edges, markOf, func(e db.Edge) (TrackView, bool, error) {
		t, err := tx.Track(e.To)
		if errors.Is(err, db.ErrNotFound) {
			return TrackView{}, false, nil
		}
		if err != nil {
			return TrackView{}, false, err
		}
		owner, err := owners.find(tx, t.User)
		if err != nil || a.sees(t, owner) < whole {
			return TrackView{}, false, err
		}
		v, err := c.viewTrack(tx, a, t, owner)
		v.Since = e.Mark.Time()
		return v, true, err
	})
}

// pagePeople collects a page of the people on one side of edges, such as
// followers. Who is gone, or hidden from the asker, is left out.
func (c *Core) pagePeople(tx *db.Tx, a asker, list string, p Paging,
	edges func(before db.ID) iter.Seq2[db.Edge, error], side func(db.Edge) db.ID) (Page[UserView], error) {
	return collect(c, list, p, edges, markOf, func(e db.Edge) (UserView, bool, error) {
		u, err := tx.User(side(e))
		if errors.Is(err, db.ErrNotFound) || err == nil && a.hides(u) {
			return UserView{}, false, nil
		}
		if err != nil {
			return UserView{}, false, err
		}
		v, err := c.viewUser(tx, a, u)
		v.Since = e.Mark.Time()
		return v, true, err
	})
}

func markOf(e db.Edge) db.ID { return e.Mark }
func fromOf(e db.Edge) db.ID { return e.From }
func toOf(e db.Edge) db.ID   { return e.To }

// people remembers the users that one page has asked for.
type people map[db.ID]db.User

func (p people) find(tx *db.Tx, id db.ID) (db.User, error) {
	if u, known := p[id]; known {
		return u, nil
	}
	u, err := tx.User(id)
	if err == nil {
		p[id] = u
	}
	return u, err
}

// unique finds a name that is free: the wish itself, or with -2, -3 … behind.
func unique(wish string, free func(string) (bool, error)) (string, error) {
	name := wish
	for n := 2; ; n++ {
		ok, err := free(name)
		if err != nil {
			return "", err
		}
		if ok {
			return name, nil
		}
		name = wish + "-" + strconv.Itoa(n)
	}
}

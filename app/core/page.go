package core

import (
	"encoding/binary"
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

// after opens the cursor of a list. Cursors are sealed: they tell nothing, and
// one that was not given out for this list is refused.
func (c *Core) after(list string, p Paging) (db.ID, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	b, err := c.sealer.Open(list, p.Cursor)
	if err != nil || len(b) != 8 {
		return 0, fault.New(fault.Invalid, "cursor.invalid", "This page of the list is not known. Begin again at its start.").In("cursor").Because(err)
	}
	return db.ID(binary.BigEndian.Uint64(b)), nil
}

// before seals the mark from which the next page of a list goes on.
func (c *Core) before(list string, mark db.ID) string {
	return c.sealer.Seal(list, binary.BigEndian.AppendUint64(nil, uint64(mark)))
}

// pageTracks collects a page of what the asker may see. Mark gives the place
// of a track in the list's order.
func (c *Core) pageTracks(tx *db.Tx, a asker, list string, p Paging,
	tracks func(before db.ID) iter.Seq2[db.Track, error], mark func(db.Track) db.ID) (Page[TrackView], error) {
	var page Page[TrackView]
	after, err := c.after(list, p)
	if err != nil {
		return page, err
	}
	owners := map[db.ID]db.User{}
	var last db.ID
	for t, err := range tracks(after) {
		if c.unreadable(err, "track in "+list, 0) {
			continue
		}
		if err != nil {
			return page, err
		}
		if a.sees(t) < whole {
			continue
		}
		if len(page.Items) == p.limit() {
			page.Next = c.before(list, last)
			break
		}
		owner, known := owners[t.User]
		if !known {
			owner, err = tx.User(t.User)
			if c.unreadable(err, "user", t.User) {
				continue
			}
			if err != nil {
				return page, err
			}
			owners[t.User] = owner
		}
		page.Items = append(page.Items, viewTrack(a, t, owner))
		last = mark(t)
	}
	return page, nil
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

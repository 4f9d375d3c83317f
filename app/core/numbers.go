package core

import (
	"cmp"
	"context"
	"slices"

	"earshot/app/fault"
	"earshot/db"
)

const (
	numbersMost = 400  // days that are given
	topTracks   = 10   // own tracks with the most points
	topRead     = 2000 // own tracks that are looked at for them, the newest ones
	topLikely   = 100  // and of these, the ones with the most points ever, whose days are read
	columnRead  = 100  // comments that are counted in each column of a track
)

// NumbersView is what is counted of a track, or of all tracks of somebody.
type NumbersView struct {
	Days   []db.DayNumbers // one a day, the oldest first, without gaps
	Always db.Numbers
	Heat   *Heat       // of a track
	Top    []TrackView // of all tracks: those with the most points in these days
}

// Heat says where in a track listening ends and comments are.
type Heat struct {
	Stops, Comments []uint64 // by hundredths
}

// TrackNumbers gives the numbers of an own track in the last days. Those of
// others are theirs.
func (c *Core) TrackNumbers(ctx context.Context, me, id db.ID, days int) (NumbersView, error) {
	var v NumbersView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		t, _, err := c.track(tx, a, id, whole)
		if err != nil {
			return err
		}
		if !a.edits(t) {
			return fault.New(fault.Forbidden, "forbidden", "Only the owner of a track sees its numbers.")
		}
		if v.Days, err = c.lastDays(tx, id, days); err != nil {
			return err
		}
		if v.Always, err = tx.TrackNumbers(id); err != nil {
			return err
		}
		v.Heat, err = c.heat(tx, t)
		return err
	})
	return v, err
}

// MyNumbers gives the numbers of all own tracks together in the last days.
func (c *Core) MyNumbers(ctx context.Context, me db.ID, days int) (NumbersView, error) {
	var v NumbersView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if v.Days, err = c.lastDays(tx, me, days); err != nil {
			return err
		}
		if v.Always, err = tx.UserNumbers(me); err != nil {
			return err
		}
		v.Top, err = c.top(tx, a, v.Days[0].Day)
		return err
	})
	c.draw(v.Top...)
	return v, err
}

// lastDays reads the numbers of the last so many days, today's last.
func (c *Core) lastDays(tx *db.Tx, thing db.ID, days int) ([]db.DayNumbers, error) {
	today := db.DayOf(c.now())
	first := today - min(today, db.Day(max(1, min(days, numbersMost))-1))
	list := make([]db.DayNumbers, today-first+1)
	for i := range list {
		list[i].Day = first + db.Day(i)
	}
	for d, err := range tx.Days(thing, first) {
		if c.unreadable(err, "numbers of", thing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if d.Day > today {
			break
		}
		list[d.Day-first] = d
	}
	return list, nil
}

// ranked puts a place among the best ones, if it has points. Of equal ones the
// newer track, which comes first, is there first.
func ranked(best []db.Place, p db.Place, most int) []db.Place {
	if p.Points == 0 {
		return best
	}
	at, _ := slices.BinarySearchFunc(best, p, func(x, y db.Place) int { return cmp.Or(cmp.Compare(y.Points, x.Points), -1) })
	best = slices.Insert(best, at, p)
	return best[:min(len(best), most)]
}

// top finds the own tracks with the most points since a day. Of somebody with
// very many tracks only the newest are looked at, and of these only the days of
// those that ever had the most points: all days of all would be far too many.
func (c *Core) top(tx *db.Tx, a asker, since db.Day) ([]TrackView, error) {
	var likely []db.Place
	for id, err := range atMost(topRead, tx.TrackIDsOf(a.user.ID)) {
		var n db.Numbers
		if err == nil {
			n, err = tx.TrackNumbers(id)
		}
		if c.unreadable(err, "numbers of", id) {
			continue
		}
		if err != nil {
			return nil, err
		}
		likely = ranked(likely, db.Place{Track: id, Points: n.Points()}, topLikely)
	}
	slices.SortFunc(likely, func(x, y db.Place) int { return cmp.Compare(y.Track, x.Track) })
	var best []db.Place
	for _, p := range likely {
		p.Points = 0
		for d, err := range tx.Days(p.Track, since) {
			if c.unreadable(err, "numbers of", p.Track) {
				continue
			}
			if err != nil {
				return nil, err
			}
			p.Points += d.Points()
		}
		best = ranked(best, p, topTracks)
	}
	var top []TrackView
	for _, p := range best {
		t, err := tx.Track(p.Track)
		if c.unreadable(err, "track of", a.user.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		v, err := c.viewTrack(tx, a, t, a.user)
		if c.unreadable(err, "track", t.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		top = append(top, v)
	}
	return top, nil
}

// heat reads where in a track listening ends, and how many comments are where:
// in each column no more than are worth counting.
func (c *Core) heat(tx *db.Tx, t db.Track) (*Heat, error) {
	h := &Heat{Comments: make([]uint64, db.Columns)}
	var err error
	if h.Stops, err = tx.Stops(t.ID); c.unreadable(err, "stops of", t.ID) {
		h.Stops, err = make([]uint64, db.Columns), nil
	}
	if err != nil {
		return nil, err
	}
	begin := func(column int) int64 {
		return int64(float64(t.Audio.Duration) * float64(column) / db.Columns)
	}
	for column := range h.Comments {
		end := begin(column + 1)
		read := 0
		for m, err := range tx.MomentsFrom(t.ID, begin(column)) {
			if c.unreadable(err, "moment of", t.ID) {
				continue
			}
			if err != nil {
				return nil, err
			}
			// What is said at the very end is of the last column.
			if m.Position >= end && column < db.Columns-1 || read == columnRead {
				break
			}
			if read++; m.User != 0 || m.Guest {
				h.Comments[column]++
			}
		}
	}
	return h, nil
}

package core

import (
	"context"
	"errors"
	"iter"
	"time"

	"earshot/db"
)

const (
	chartRead   = 5000      // places that are looked at for one page of a chart
	daysAtOnce  = 500       // entries of days that are over, which one transaction takes away
	clockSettle = time.Hour // until the clock is believed that some days are still to come, or long over
)

// Chart lists the tracks with the most points that the asker may hear, the best
// first.
func (c *Core) Chart(ctx context.Context, me db.ID, period db.Period, p Paging) (Page[TrackView], error) {
	var page Page[TrackView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		page, err = c.chart(tx, a, period, p)
		return err
	})
	c.draw(page.Items...)
	return page, err
}

// chart collects a page of a chart. Where very many in a row are not for the
// asker, it ends early, with a cursor that goes on behind them.
func (c *Core) chart(tx *db.Tx, a asker, period db.Period, p Paging) (Page[TrackView], error) {
	list := map[db.Period]string{db.Week: "chart/week", db.Always: "chart/all"}[period]
	var after [2]uint64
	if err := c.unseal(list, p, after[:]); err != nil {
		return Page[TrackView]{}, err
	}
	owners := people{}
	var last db.Place
	read := 0
	places := func(yield func(db.Place, error) bool) {
		for place, err := range tx.Chart(period, db.Place{Points: after[0], Track: db.ID(after[1])}) {
			if read == chartRead {
				return
			}
			if read++; err == nil {
				last = place
			}
			if !yield(place, err) {
				return
			}
		}
	}
	next := func(at db.Place) string { return c.seal(list, at.Points, uint64(at.Track)) }
	page, err := gather(c, list, p.limit(), iter.Seq2[db.Place, error](places), func(at db.Place) db.ID { return at.Track },
		func(at db.Place) (TrackView, bool, error) {
			t, err := tx.Track(at.Track)
			if errors.Is(err, db.ErrNotFound) {
				return TrackView{}, false, nil
			}
			if err != nil {
				return TrackView{}, false, err
			}
			owner, err := owners.find(tx, t.User)
			if err != nil || t.Visibility != db.Public || a.sees(t, owner) < whole {
				return TrackView{}, false, err
			}
			v, err := c.viewTrack(tx, a, t, owner)
			return v, true, err
		}, next)
	if err == nil && page.Next == "" && read == chartRead && last != (db.Place{}) {
		page.Next = next(last)
	}
	return page, err
}

// EndDays takes what is no longer of the week out of its chart, and forgets who
// was counted on days that are over. It is called at the start and now and
// then.
//
// A clock that was set back leaves points of days that are still to come; they
// go too, but not before the clock had time to be set again: one without a
// battery begins somewhere in the past. Nor is a clock believed at once by which
// nobody listened for more than a week: it may be far ahead.
func (c *Core) EndDays(ctx context.Context) error {
	now := c.now()
	today := db.DayOf(now)
	first, heard := today-min(today, db.WeekDays-1), today-min(today, 1)
	last, heardLast := db.Day(1<<32-1), db.Day(1<<32-1)
	settled := c.pace()-c.opened >= clockSettle && now.Year() >= 2020
	if settled {
		last, heardLast = today+db.WeekDays-1, today+1
	}
	var over bool
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		// What is counted today, by this very clock, does not speak for it.
		newest, err := tx.PointsBefore(today)
		if err != nil {
			return err
		}
		if !settled && newest < today-min(today, db.WeekDays) {
			first, heard = 0, 0
		}
		over, err = tx.WeekOver(first, last, heard, heardLast)
		return err
	})
	for err == nil && over {
		err = c.free(ctx, func(tx *db.Tx) error {
			more, err := tx.RollWeek(first, last, daysAtOnce)
			if err != nil {
				return err
			}
			over, err = tx.DropHeard(heard, heardLast, daysAtOnce)
			over = over || more
			return err
		})
	}
	return err
}

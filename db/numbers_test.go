package db_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

// calendar is a clock of a test's own.
type calendar struct{ at atomic.Int64 }

func newCalendar(at time.Time) *calendar {
	c := &calendar{}
	c.at.Store(at.UnixNano())
	return c
}

func (c *calendar) now() time.Time { return time.Unix(0, c.at.Load()) }
func (c *calendar) today() db.Day  { return db.DayOf(c.now()) }
func (c *calendar) move(days int)  { c.at.Add(int64(days) * int64(24*time.Hour)) }

// localNoon is a moment that is far from the ends of its day, wherever the test runs.
var localNoon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.Local)

func TestDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 7, 1, 0, 0, 0, 0, time.Local), "2026-07-01"},
		{time.Date(2026, 7, 1, 23, 59, 59, 999, time.Local), "2026-07-01"},
		{time.Date(2028, 2, 29, 12, 0, 0, 0, time.Local), "2028-02-29"},
		{time.Date(1970, 1, 1, 12, 0, 0, 0, time.Local), "1970-01-01"},
		{time.Date(1900, 5, 6, 0, 0, 0, 0, time.Local), "1970-01-01"},
		{time.Date(9999, 12, 31, 12, 0, 0, 0, time.Local), "9999-12-31"},
	} {
		if got := db.DayOf(c.at).String(); got != c.want {
			t.Errorf("the day of %s is %s, want %s", c.at, got, c.want)
		}
	}
	if a, b := db.DayOf(localNoon), db.DayOf(localNoon.AddDate(0, 0, 1)); b != a+1 {
		t.Errorf("a day later it is %d days later", b-a)
	}
}

// brief writes numbers as letters and counts, without zeros.
func brief(n db.Numbers) (s string) {
	for _, c := range []struct {
		letter string
		n      uint64
	}{{"p", n.Plays}, {"m", n.Listeners}, {"l", n.Likes}, {"r", n.Reposts}, {"c", n.Comments}, {"d", n.Downloads}} {
		if c.n != 0 {
			s += fmt.Sprint(c.letter, c.n)
		}
	}
	return s
}

// TestNumbersOfDays counts all sorts of things on three days, of two tracks.
func TestNumbersOfDays(t *testing.T) {
	t.Parallel()
	clock := newCalendar(localNoon)
	first := clock.today()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{Now: clock.now})
	mina, jun, sora := addUser(t, d, "mina"), addUser(t, d, "jun"), addUser(t, d, "sora")
	one, two := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Private)
	juns := addTrack(t, d, jun.ID, "juns", db.Public)
	var root, reply db.Comment
	play := func(track db.ID, p db.Plays) func(*db.Tx) error {
		return func(tx *db.Tx) error { return tx.AddPlays(track, clock.today(), p) }
	}
	for _, step := range []struct {
		what           string
		days           int // that pass before
		do             func(*db.Tx) error
		one, two, mina string // of each day, and always
	}{
		{"nothing", 0, func(*db.Tx) error { return nil }, " = ", " = ", " = "},
		{"two plays of one member", 0, play(one.ID, db.Plays{Plays: 2, Members: []db.ID{jun.ID, jun.ID}}), "p2m1 = p2m1", " = ", "p2m1 = p2m1"},
		{"one more", 0, play(one.ID, db.Plays{Plays: 1, Members: []db.ID{jun.ID}}), "p3m1 = p3m1", " = ", "p3m1 = p3m1"},
		{"the same of another track", 0, play(two.ID, db.Plays{Plays: 1, Members: []db.ID{jun.ID}}), "p3m1 = p3m1", "p1m1 = p1m1", "p4m1 = p4m1"},
		{"visitors, one known to the owner", 0, play(two.ID, db.Plays{Plays: 5, Visitors: 2, Owners: 1}),
			"p3m1 = p3m1", "p6m3 = p6m3", "p9m2 = p9m2"},
		{"others' is others'", 0, play(juns.ID, db.Plays{Plays: 5, Visitors: 2, Owners: 2}), "p3m1 = p3m1", "p6m3 = p6m3", "p9m2 = p9m2"},
		{"the next day", 1, play(one.ID, db.Plays{Plays: 1, Members: []db.ID{jun.ID, sora.ID}}),
			"p3m1 p1m2 = p4m3", "p6m3 = p6m3", "p9m2 p1m2 = p10m4"},
		{"likes", 0, func(tx *db.Tx) error {
			return errors.Join(third(tx.Like(jun.ID, one.ID)), third(tx.Like(sora.ID, one.ID)), third(tx.Like(jun.ID, one.ID)), third(tx.Like(mina.ID, two.ID)))
		}, "p3m1 p1m2l2 = p4m3l2", "p6m3 l1 = p6m3l1", "p9m2 p1m2l3 = p10m4l3"},
		{"reposts and downloads", 1, func(tx *db.Tx) error {
			return errors.Join(third(tx.Repost(jun.ID, one.ID)), tx.AddDownloads(one.ID, clock.today(), 3))
		}, "p3m1 p1m2l2 r1d3 = p4m3l2r1d3", "p6m3 l1 = p6m3l1", "p9m2 p1m2l3 r1d3 = p10m4l3r1d3"},
		{"a like is taken back from its own day", 0, func(tx *db.Tx) error { return second(tx.Unlike(jun.ID, one.ID)) },
			"p3m1 p1m2l1 r1d3 = p4m3l1r1d3", "p6m3 l1 = p6m3l1", "p9m2 p1m2l2 r1d3 = p10m4l2r1d3"},
		{"a repost too", 0, func(tx *db.Tx) error { return second(tx.Unrepost(jun.ID, one.ID)) },
			"p3m1 p1m2l1 d3 = p4m3l1d3", "p6m3 l1 = p6m3l1", "p9m2 p1m2l2 d3 = p10m4l2d3"},
		{"a comment and a reply", 0, func(tx *db.Tx) error {
			root, reply = newComment(tx, one.ID, jun.ID, 5, "root"), newComment(tx, one.ID, sora.ID, 5, "reply")
			reply.Parent = root.ID
			return errors.Join(tx.AddComment(root), tx.AddComment(reply))
		}, "p3m1 p1m2l1 c2d3 = p4m3l1c2d3", "p6m3 l1 = p6m3l1", "p9m2 p1m2l2 c2d3 = p10m4l2c2d3"},
		{"only its place is left of the comment", 0, func(tx *db.Tx) error { return tx.DropComment(root.ID) },
			"p3m1 p1m2l1 c1d3 = p4m3l1c1d3", "p6m3 l1 = p6m3l1", "p9m2 p1m2l2 c1d3 = p10m4l2c1d3"},
		{"the reply goes, and the place with it", 0, func(tx *db.Tx) error { return tx.DropComment(reply.ID) },
			"p3m1 p1m2l1 d3 = p4m3l1d3", "p6m3 l1 = p6m3l1", "p9m2 p1m2l2 d3 = p10m4l2d3"},
		{"somebody who liked goes", 0, func(tx *db.Tx) error { return tx.DropUser(sora.ID) },
			"p3m1 p1m2 d3 = p4m3d3", "p6m3 l1 = p6m3l1", "p9m2 p1m2l1 d3 = p10m4l1d3"},
		{"a track goes, its owner's days stay", 0, func(tx *db.Tx) error { return tx.DropTrack(one.ID) },
			" = ", "p6m3 l1 = p6m3l1", "p9m2 p1m2l1 d3 = p6m4l1"},
		{"the other one too", 0, func(tx *db.Tx) error { return tx.DropTrack(two.ID) }, " = ", " = ", "p9m2 p1m2l1 d3 = m4"},
		{"and the owner", 0, func(tx *db.Tx) error { return tx.DropUser(mina.ID) }, " = ", " = ", " = "},
	} {
		clock.move(step.days)
		update(t, d, step.do)
		view(t, d, func(tx *db.Tx) error {
			for _, c := range []struct {
				of     string
				id     db.ID
				always func(db.ID) (db.Numbers, error)
				want   string
			}{{"one", one.ID, tx.TrackNumbers, step.one}, {"two", two.ID, tx.TrackNumbers, step.two}, {"mina", mina.ID, tx.UserNumbers, step.mina}} {
				got := ""
				for n, err := range tx.Days(c.id, 0) {
					if err != nil {
						return err
					}
					if brief(n.Numbers) != "" {
						got += brief(n.Numbers) + " "
					}
				}
				always, err := c.always(c.id)
				if err != nil {
					return err
				}
				if got += "= " + brief(always); got != c.want && " "+got != c.want {
					t.Errorf("%s: the numbers of %s are %q, want %q", step.what, c.of, got, c.want)
				}
			}
			return nil
		})
		sound(t, d)
	}
	view(t, d, func(tx *db.Tx) error {
		days, err := gather(tx.Days(jun.ID, first+1))
		if len(days) != 0 {
			t.Errorf("behind the last day there are %v", days)
		}
		return err
	})
	for _, err := range []func(tx *db.Tx) error{
		func(tx *db.Tx) error { return tx.AddPlays(one.ID, first, db.Plays{Plays: 1}) },
		func(tx *db.Tx) error { return tx.AddDownloads(one.ID, first, 1) },
		func(tx *db.Tx) error { return tx.AddStops(one.ID, 1, 1) },
	} {
		refused(t, d, db.ErrNotFound, err)
	}
}

// TestDaysAreBounded plays a track on very many days, some of them of a clock
// that was wrong: of each thing no more than 400 days and a few are kept.
func TestDaysAreBounded(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	one := addTrack(t, d, mina.ID, "one", db.Public)
	today := db.DayOf(localNoon)
	play := func(day db.Day) {
		update(t, d, func(tx *db.Tx) error { return tx.AddPlays(one.ID, day, db.Plays{Plays: 1, Visitors: 1, Owners: 1}) })
	}
	for _, day := range []db.Day{0, 1, 2, 3, 0, today + 50_000} {
		play(day)
	}
	update(t, d, func(tx *db.Tx) error {
		for n := range db.Day(1000) {
			if err := tx.AddPlays(one.ID, today+n, db.Plays{Plays: 1}); err != nil {
				return err
			}
		}
		return nil
	})
	play(0)
	for _, thing := range []db.ID{one.ID, mina.ID} {
		view(t, d, func(tx *db.Tx) error {
			days, err := gather(tx.Days(thing, 0))
			if len(days) != 403 || days[1].Day != today+599 || days[402].Day != today+50_000 {
				t.Errorf("%d days are kept: %v, %v … %v", len(days), days[0], days[1], days[len(days)-1])
			}
			return err
		})
	}
	view(t, d, func(tx *db.Tx) error {
		always, err := tx.TrackNumbers(one.ID)
		if always.Plays != 1007 {
			t.Errorf("%d plays are counted, want 1007", always.Plays)
		}
		return err
	})
	update(t, d, func(tx *db.Tx) error { return errors.Join(tx.DropTrack(one.ID), tx.DropUser(mina.ID)) })
	forgetAll(t, d, 100)
	view(t, d, func(tx *db.Tx) error {
		if _, _, err := db.First(tx, "days"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("days of what is gone are left: %v", err)
		}
		return nil
	})
}

// standing writes a chart as slugs and points.
func standing(t *testing.T, tx *db.Tx, period db.Period) (s string) {
	t.Helper()
	for p, err := range tx.Chart(period, db.Place{}) {
		if err != nil {
			t.Fatal(err)
		}
		tr, err := tx.Track(p.Track)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := tx.Points(period, p.Track); n != p.Points || err != nil {
			t.Errorf("%s has %d points (%v), its place says %d", tr.Slug, n, err, p.Points)
		}
		s += fmt.Sprint(tr.Slug, p.Points, " ")
	}
	return s
}

// TestCharts counts points, rolls the week, and sets the clock to and fro.
func TestCharts(t *testing.T) {
	t.Parallel()
	clock := newCalendar(localNoon)
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{Now: clock.now})
	mina, jun, sora := addUser(t, d, "mina"), addUser(t, d, "jun"), addUser(t, d, "sora")
	a, b, c := addTrack(t, d, mina.ID, "a", db.Public), addTrack(t, d, mina.ID, "b", db.Public), addTrack(t, d, jun.ID, "c", db.Public)
	show := func(id db.ID, v db.Visibility) func(*db.Tx) error {
		return func(tx *db.Tx) error {
			tr, err := tx.Track(id)
			if tr.Visibility, tr.Published = v, 0; v == db.Public {
				tr.Published = tx.NewID()
			}
			return errors.Join(err, tx.SetTrack(tr))
		}
	}
	play := func(track db.ID, visitors uint64, members ...db.ID) func(*db.Tx) error {
		return func(tx *db.Tx) error {
			return tx.AddPlays(track, clock.today(), db.Plays{Plays: 7, Visitors: visitors, Owners: visitors, Members: members})
		}
	}
	roll := func(tx *db.Tx) error {
		for more := true; more; {
			var err error
			if more, err = tx.RollWeek(clock.today()-min(clock.today(), 6), clock.today()+6, 1); err != nil {
				return err
			}
		}
		return nil
	}
	const forth, back = 30, -30
	for _, step := range []struct {
		what         string
		days         int // that pass before
		do           func(*db.Tx) error
		week, always string
	}{
		{"nothing", 0, roll, "", ""},
		{"a person on repeat", 0, play(a.ID, 0, jun.ID, jun.ID, jun.ID), "a1 ", "a1 "},
		{"and again", 0, play(a.ID, 0, jun.ID), "a1 ", "a1 "},
		{"equal points: the newer one", 0, play(b.ID, 0, sora.ID), "b1 a1 ", "b1 a1 "},
		{"what is private has no place", 0, show(b.ID, db.Private), "a1 ", "a1 "},
		{"and takes none by what it counts", 0, func(tx *db.Tx) error { return third(tx.Like(jun.ID, b.ID)) }, "a1 ", "a1 "},
		{"but counts it, once it is public", 0, show(b.ID, db.Public), "b4 a1 ", "b4 a1 "},
		{"published anew", 0, show(b.ID, db.Public), "b4 a1 ", "b4 a1 "},
		{"without the like", 0, func(tx *db.Tx) error { return second(tx.Unlike(jun.ID, b.ID)) }, "b1 a1 ", "b1 a1 "},
		{"a like", 0, func(tx *db.Tx) error { return third(tx.Like(sora.ID, c.ID)) }, "c3 b1 a1 ", "c3 b1 a1 "},
		{"the next day", 1, play(a.ID, 1, jun.ID), "c3 a3 b1 ", "c3 a3 b1 "},
		{"a like of a", 0, func(tx *db.Tx) error { return third(tx.Like(mina.ID, a.ID)) }, "a6 c3 b1 ", "a6 c3 b1 "},
		{"taken back", 0, func(tx *db.Tx) error { return second(tx.Unlike(mina.ID, a.ID)) }, "c3 a3 b1 ", "c3 a3 b1 "},
		{"six days later all counts still", 5, roll, "c3 a3 b1 ", "c3 a3 b1 "},
		{"seven days later the first day does not", 1, roll, "a2 ", "c3 a3 b1 "},
		{"a like of then is taken back", 0, func(tx *db.Tx) error { return second(tx.Unlike(sora.ID, c.ID)) }, "a2 ", "a3 b1 "},
		{"a day later nothing is left", 1, roll, "", "a3 b1 "},
		{"somebody listens, with the clock a month too late", forth, play(b.ID, 1), "b1 ", "a3 b2 "},
		{"the clock is set back", back, play(a.ID, 0, jun.ID), "b1 a1 ", "a4 b2 "},
		{"what is to come is not of this week", 0, roll, "a1 ", "a4 b2 "},
		{"a clock that begins in 1970 takes nothing by its first day", -int(clock.today()) - 30, func(tx *db.Tx) error {
			more, err := tx.RollWeek(0, 1<<32-1, 10)
			if more {
				t.Error("there is more")
			}
			return err
		}, "a1 ", "a4 b2 "},
		{"what it counts counts", 0, play(b.ID, 2), "b2 a1 ", "b4 a4 "},
		{"until the clock is right", int(clock.today()) + 30, roll, "a1 ", "b4 a4 "},
		{"a track goes", 0, func(tx *db.Tx) error { return tx.DropTrack(b.ID) }, "a1 ", "a4 "},
		{"the last one", 0, func(tx *db.Tx) error { return tx.DropTrack(a.ID) }, "", ""},
	} {
		clock.move(step.days)
		update(t, d, step.do)
		view(t, d, func(tx *db.Tx) error {
			if week, always := standing(t, tx, db.Week), standing(t, tx, db.Always); week != step.week || always != step.always {
				t.Errorf("%s: the week's chart is %q, want %q; that of all time %q, want %q", step.what, week, step.week, always, step.always)
			}
			return nil
		})
		sound(t, d)
	}
	view(t, d, func(tx *db.Tx) error {
		for _, b := range []string{"charts", "scores", "pointdays"} {
			if key, _, err := db.First(tx, b); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s still has %x: %v", b, key, err)
			}
		}
		return nil
	})
}

// TestChartsByPage walks down a chart from each of its places.
func TestChartsByPage(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	update(t, d, func(tx *db.Tx) error {
		for i := range 30 {
			tr := newTrack(tx, mina.ID, fmt.Sprint("t", i), db.Public)
			if err := errors.Join(tx.AddTrack(tr), tx.AddPlays(tr.ID, 20_000, db.Plays{Visitors: uint64(i % 7)})); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, d, func(tx *db.Tx) error {
		all, err := gather(tx.Chart(db.Week, db.Place{}))
		if err != nil || len(all) != 25 {
			t.Fatalf("%d places, want 25: %v", len(all), err)
		}
		if !slices.IsSortedFunc(all, func(x, y db.Place) int {
			return cmp.Or(cmp.Compare(y.Points, x.Points), cmp.Compare(y.Track, x.Track))
		}) {
			t.Errorf("it is out of order: %v", all)
		}
		for i, place := range all {
			rest, err := gather(tx.Chart(db.Week, place))
			if err != nil || !slices.Equal(rest, all[i+1:]) {
				t.Errorf("behind place %d are %v, want %v; %v", i, rest, all[i+1:], err)
			}
		}
		return nil
	})
}

// TestWhoHeardIsForgotten keeps who was counted for as long as the caller says.
func TestWhoHeardIsForgotten(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	one := addTrack(t, d, mina.ID, "one", db.Public)
	for day := range db.Day(6) {
		update(t, d, func(tx *db.Tx) error {
			return tx.AddPlays(one.ID, 100+day, db.Plays{Plays: 5, Members: []db.ID{1, 2, 3, 4, 5}})
		})
	}
	over := func(want bool) {
		t.Helper()
		view(t, d, func(tx *db.Tx) error {
			if got, err := tx.WeekOver(0, 1<<32-1, 102, 104); got != want || err != nil {
				t.Errorf("days are over: %t, %v", got, err)
			}
			return nil
		})
	}
	over(true)
	steps := 0
	for more := true; more; steps++ {
		update(t, d, func(tx *db.Tx) (err error) {
			more, err = tx.DropHeard(102, 104, 7)
			return err
		})
		sound(t, d)
	}
	if steps != 5 { // 30 entries: each of five people for the track and for its owner, on three days
		t.Errorf("it took %d steps, want 5", steps)
	}
	over(false)
	for day, want := range map[db.Day]uint64{100: 10, 102: 5, 104: 5, 105: 10} {
		update(t, d, func(tx *db.Tx) error { return tx.AddPlays(one.ID, day, db.Plays{Members: []db.ID{1, 2, 3, 4, 5}}) })
		view(t, d, func(tx *db.Tx) error {
			for n, err := range tx.Days(one.ID, day) {
				if err != nil || n.Listeners != want {
					t.Errorf("day %d has %d listeners, want %d; %v", day, n.Listeners, want, err)
				}
				break
			}
			return nil
		})
	}
	update(t, d, func(tx *db.Tx) error { return errors.Join(tx.DropTrack(one.ID), tx.DropUser(mina.ID)) })
	forgetAll(t, d, 3)
	view(t, d, func(tx *db.Tx) error {
		if key, _, err := db.First(tx, "heard"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("it is still known who heard: %x, %v", key, err)
		}
		return nil
	})
}

func TestStops(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	one := addTrack(t, d, mina.ID, "one", db.Public)
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(tx.AddStops(one.ID, 0, 2), tx.AddStops(one.ID, 99, 1), tx.AddStops(one.ID, 0, 3))
	})
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.Stops(one.ID)
		want := make([]uint64, db.Columns)
		want[0], want[99] = 5, 1
		if !slices.Equal(got, want) {
			t.Errorf("the stops are %v", got)
		}
		none, err2 := tx.Stops(99)
		if !slices.Equal(none, make([]uint64, db.Columns)) {
			t.Errorf("nothing has stops %v", none)
		}
		return errors.Join(err, err2)
	})
	for _, column := range []int{-1, 100} {
		if err := d.Update(t.Context(), func(tx *db.Tx) error { return tx.AddStops(one.ID, column, 1) }); err == nil {
			t.Errorf("column %d is counted", column)
		}
	}
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(one.ID) })
}

// Whatever is wrong with charts and numbers, Check finds it.
func TestCheckFindsSpoiltNumbers(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	one := addTrack(t, d, mina.ID, "one", db.Public)
	today := db.DayOf(time.Now())
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(tx.AddPlays(one.ID, today, db.Plays{Plays: 1, Members: []db.ID{jun.ID}}), third(tx.Like(jun.ID, one.ID)),
			tx.AddDownloads(one.ID, today, 1), tx.AddStops(one.ID, 3, 1))
	})
	spoilIndexes(t, d, "charts", "pointdays")
	for place, name := range []string{"plays", "listeners", "likes", "reposts", "comments", "downloads"} {
		if name != "listeners" {
			spoilCounter(t, d, name+" of all tracks of a user", mina.ID, 8+place)
		}
	}
	spoilCounter(t, d, "downloads", one.ID, 4)
	replace := func(name, bucket string, key []byte, change func(payload []byte)) {
		t.Helper()
		var was []byte
		view(t, d, func(tx *db.Tx) (err error) {
			was, err = db.Get(tx, bucket, key)
			return err
		})
		is := slices.Clone(was)
		change(is)
		unsound(t, d, name,
			func(tx *db.Tx) error { return db.Put(tx, bucket, key, is) },
			func(tx *db.Tx) error { return db.Put(tx, bucket, key, was) })
	}
	replace("points of the week", "scores", keyOf(one.ID), func(p []byte) { p[7]++ })
	replace("points of all time", "scores", keyOf(one.ID), func(p []byte) { p[15] = 2 })
	replace("points of a day", "pointdays", append([]byte{0, 0, byte(today >> 8), byte(today)}, keyOf(one.ID)...), func(p []byte) { p[7]++ })
	replace("a day of the owner", "days", append(keyOf(mina.ID), 0, 0, byte(today>>8), byte(today)), func(p []byte) { p[7]-- })
	for _, c := range []struct {
		name, bucket string
		key, payload []byte
	}{
		{"points of nothing", "scores", keyOf(99), make([]byte, 16)},
		{"days of nothing", "days", append(keyOf(99), 0, 0, 0, 1), make([]byte, 48)},
		{"stops of nothing", "stops", keyOf(99), make([]byte, 800)},
	} {
		unsound(t, d, c.name,
			func(tx *db.Tx) error { return db.Put(tx, c.bucket, c.key, c.payload) },
			func(tx *db.Tx) error { return db.Put(tx, c.bucket, c.key, nil) })
	}
}

// TestSpoiltNumbersKeepNobody spoils what is counted of a track and its owner:
// people like, listen, comment and take back all the same, and what is dropped
// is dropped.
func TestSpoiltNumbersKeepNobody(t *testing.T) {
	t.Parallel()
	day := db.DayOf(time.Now())
	suffix := []byte{0, 0, byte(day >> 8), byte(day)}
	for _, spoilt := range []string{"days of the track", "days of the owner", "scores", "pointdays", "counters of the owner", "heard"} {
		path := filepath.Join(quickDir(t), "earshot.db")
		d, err := db.Open(path, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
		one, two := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Public)
		all := func(tx *db.Tx) error {
			return errors.Join(third(tx.Like(jun.ID, one.ID)), third(tx.Repost(jun.ID, one.ID)),
				tx.AddPlays(one.ID, day, db.Plays{Plays: 1, Members: []db.ID{jun.ID}}), tx.AddDownloads(one.ID, day, 1),
				tx.AddComment(newComment(tx, one.ID, jun.ID, 1, "x")), third(tx.Like(jun.ID, two.ID)))
		}
		undo := func(tx *db.Tx) error {
			return errors.Join(second(tx.Unlike(jun.ID, one.ID)), second(tx.Unrepost(jun.ID, one.ID)), second(tx.Unlike(jun.ID, two.ID)))
		}
		update(t, d, all)
		update(t, d, func(tx *db.Tx) error {
			switch spoilt {
			case "days of the track":
				return db.Put(tx, "days", append(keyOf(one.ID), suffix...), []byte("rot"))
			case "days of the owner":
				return db.Put(tx, "days", append(keyOf(mina.ID), suffix...), []byte("rot"))
			case "scores":
				return db.Put(tx, "scores", keyOf(one.ID), []byte("rot"))
			case "pointdays":
				return db.Put(tx, "pointdays", append(suffix, keyOf(one.ID)...), []byte("rot"))
			case "counters of the owner":
				return db.Put(tx, "counts", keyOf(mina.ID), []byte("rot"))
			}
			return nil
		})
		if spoilt == "heard" {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			key := append(append(slices.Clone(suffix), keyOf(one.ID)...), keyOf(jun.ID)...)
			for at := 0; at >= 0; {
				if at = indexFrom(content, key, at); at >= 0 {
					at += len(key)
					content[at] ^= 1 // its checksum
				}
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if d, err = db.Open(path, db.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		for _, do := range []func(*db.Tx) error{undo, all, undo, all} {
			if err := d.Update(t.Context(), do); err != nil {
				t.Errorf("%s: %v", spoilt, err)
			}
		}
		if err := d.Check(t.Context()); err == nil {
			t.Errorf("%s: Check found nothing", spoilt)
		}
		if err := d.Update(t.Context(), func(tx *db.Tx) error { return tx.DropTrack(one.ID) }); err != nil {
			t.Errorf("%s: drop the track: %v", spoilt, err)
		}
		if spoilt == "days of the track" || spoilt == "scores" {
			if err := d.Check(t.Context()); err != nil {
				t.Errorf("%s: without the track: %v", spoilt, err)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func indexFrom(b, what []byte, from int) int {
	for at := from; at+len(what) < len(b); at++ {
		if string(b[at:at+len(what)]) == string(what) {
			return at
		}
	}
	return -1
}

// TestSumsAreMadeAnew drops a track whose counters can't be read: its owner's
// sums are those of the other tracks.
func TestSumsAreMadeAnew(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	one, two := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Public)
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(third(tx.Like(jun.ID, one.ID)), third(tx.Like(jun.ID, two.ID)),
			tx.AddPlays(one.ID, 20_000, db.Plays{Plays: 5, Visitors: 1, Owners: 1}), tx.AddPlays(two.ID, 20_000, db.Plays{Plays: 3, Visitors: 1}))
	})
	rot(t, d, "counts", one.ID)
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(one.ID) })
	view(t, d, func(tx *db.Tx) error {
		n, err := tx.UserNumbers(mina.ID)
		if brief(n) != "p3m1l1" {
			t.Errorf("the sums are %s, want p3m1l1", brief(n))
		}
		return err
	})
}

// TestChartsMigration: a file from before charts has in them what was liked and
// listened to, and sums of what was counted.
func TestChartsMigration(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{"schema-1.db", "schema-2.db"} {
		content, err := os.ReadFile(filepath.Join("testdata", schema))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(quickDir(t), "earshot.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		chartsAreOfBefore(t, dbtest.OpenAt(t, path, db.Options{}), schema)
	}
}

func chartsAreOfBefore(t *testing.T, d *db.DB, schema string) {
	t.Helper()
	var some db.ID
	view(t, d, func(tx *db.Tx) error {
		want := []db.Place{}
		for u, err := range tx.Users(0) {
			if err != nil {
				return err
			}
			var sum db.Numbers
			for tr, err := range tx.TracksOf(u.ID, 0) {
				if err != nil {
					return err
				}
				n, err := tx.TrackNumbers(tr.ID)
				if err != nil {
					return err
				}
				sum.Add(n)
				some = tr.ID
				if n.Likes > 0 {
					want = append(want, db.Place{Track: tr.ID, Points: 3 * n.Likes})
				}
			}
			if n, err := tx.UserNumbers(u.ID); n != sum || err != nil {
				t.Errorf("%s: the sums of %s are %+v, want %+v; %v", schema, u.Username, n, sum, err)
			}
		}
		slices.SortFunc(want, func(x, y db.Place) int {
			return cmp.Or(cmp.Compare(y.Points, x.Points), cmp.Compare(y.Track, x.Track))
		})
		got, err := gather(tx.Chart(db.Always, db.Place{}))
		if !slices.Equal(got, want) || schema == "schema-2.db" && len(want) < 3 {
			t.Errorf("%s: the chart is %v, want %v", schema, got, want)
		}
		return err
	})
	update(t, d, func(tx *db.Tx) error { return tx.AddPlays(some, 20_000, db.Plays{Plays: 1, Members: []db.ID{1}}) })
}

// TestMigrationReadsHistories takes the charts out of a file and has them made
// again as a migration does: from likes and from histories.
func TestMigrationReadsHistories(t *testing.T) {
	t.Parallel()
	clock := newCalendar(localNoon)
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{Now: clock.now})
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	a, b := addTrack(t, d, mina.ID, "a", db.Public), addTrack(t, d, mina.ID, "b", db.Public)
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(third(tx.Like(mina.ID, a.ID)), tx.Listen(jun.ID, a.ID, 10), tx.Listen(mina.ID, b.ID, 10))
	})
	clock.move(7)
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(third(tx.Like(jun.ID, b.ID)), tx.Listen(jun.ID, b.ID, 10), tx.Listen(jun.ID, b.ID, 10))
	})
	clock.move(1)
	update(t, d, func(tx *db.Tx) error { return tx.Listen(jun.ID, a.ID, 10) })
	update(t, d, db.ChartAnew)
	view(t, d, func(tx *db.Tx) error {
		week, always := standing(t, tx, db.Week), standing(t, tx, db.Always)
		if week != "b4 a1 " || always != "b5 a4 " {
			t.Errorf("the week's chart is %q, that of all time %q", week, always)
		}
		return nil
	})
}

package db_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"earshot/db"
)

// tallies are the part of the model that is about numbers, points and charts.
// What is counted of pairs and comments is found in these.
type tallies struct {
	clock  *calendar
	days   map[db.ID]map[db.Day]*db.Numbers // of a track: plays, listeners and downloads alone
	heard  map[db.Day]map[[2]db.ID]bool     // on a day: what, or whose | who
	people map[db.ID]uint64                 // who listened to tracks of a user, each once a day
	stops  map[db.ID][]uint64
	week   db.Day // the first day that counts in the week
}

func newTallies() tallies {
	return tallies{clock: newCalendar(localNoon), days: map[db.ID]map[db.Day]*db.Numbers{}, heard: map[db.Day]map[[2]db.ID]bool{},
		people: map[db.ID]uint64{}, stops: map[db.ID][]uint64{}}
}

// on gives the numbers of a track on this day.
func (m *model) on(track db.ID) *db.Numbers {
	today := m.clock.today()
	if m.days[track] == nil {
		m.days[track] = map[db.Day]*db.Numbers{}
	}
	if m.days[track][today] == nil {
		m.days[track][today] = &db.Numbers{}
	}
	return m.days[track][today]
}

// first says whether somebody had not listened yet today.
func (m *model) first(thing, user db.ID) bool {
	today := m.clock.today()
	if m.heard[today] == nil {
		m.heard[today] = map[[2]db.ID]bool{}
	}
	pair := [2]db.ID{thing, user}
	known := m.heard[today][pair]
	m.heard[today][pair] = true
	return !known
}

// play counts two plays of a user and one of a visitor who is new.
func (m *model) play(tx *db.Tx, user, track db.ID) error {
	owner, n := m.tracks[track].User, m.on(track)
	m.plays[track] += 3
	n.Plays += 3
	n.Listeners++
	m.people[owner]++
	if m.first(track, user) {
		n.Listeners++
		if m.first(owner, user) {
			m.people[owner]++
		}
	}
	return tx.AddPlays(track, m.clock.today(), db.Plays{Plays: 3, Visitors: 1, Owners: 1, Members: []db.ID{user, user}})
}

// countStep downloads, stops listening, or ends a week.
func (m *model) countStep(tx *db.Tx) error {
	track, today := m.any(ids(m.tracks)), m.clock.today()
	_, there := m.tracks[track]
	switch m.rand.IntN(4) {
	case 0:
		if !there {
			return verdict("AddDownloads", tx.AddDownloads(track, today, 2), db.ErrNotFound)
		}
		m.on(track).Downloads += 2
		return tx.AddDownloads(track, today, 2)
	case 1:
		column := m.rand.IntN(db.Columns)
		if !there {
			return verdict("AddStops", tx.AddStops(track, column, 1), db.ErrNotFound)
		}
		if m.stops[track] == nil {
			m.stops[track] = make([]uint64, db.Columns)
		}
		m.stops[track][column]++
		return tx.AddStops(track, column, 1)
	case 2:
		m.week = today - 6
		for more := true; more; {
			var err error
			if more, err = tx.RollWeek(m.week, today+6, 1+m.rand.IntN(3)); err != nil {
				return err
			}
		}
		return nil
	}
	more := true
	for more {
		var err error
		if more, err = tx.DropHeard(today, today, 1+m.rand.IntN(5)); err != nil {
			return err
		}
	}
	return nil
}

// compareCounted is compareSocial for what is counted.
func (m *model) compareCounted(tx *db.Tx) error {
	sums := map[db.ID]*db.Numbers{}
	for _, user := range ids(m.users) {
		sums[user] = &db.Numbers{Listeners: m.people[user]}
	}
	var week, always []db.Place
	for _, track := range ids(m.tracks) {
		days := map[db.Day]db.Numbers{}
		for day, n := range m.days[track] {
			days[day] = *n
		}
		count := func(id db.ID, change func(*db.Numbers)) {
			day := db.DayOf(id.Time())
			n := days[day]
			change(&n)
			days[day] = n
		}
		for set, s := range m.sets {
			for pair, mark := range m.pairs[set] {
				switch {
				case pair[1] != track:
				case s.name == "likes":
					count(mark, func(n *db.Numbers) { n.Likes++ })
				case s.name == "reposts":
					count(mark, func(n *db.Numbers) { n.Reposts++ })
				}
			}
		}
		for id, c := range m.comments {
			if c.Track == track && c.User != 0 {
				count(id, func(n *db.Numbers) { n.Comments++ })
			}
		}
		var sum db.Numbers
		var ofWeek uint64
		for day, n := range days {
			sum.Add(n)
			if day >= m.week {
				ofWeek += n.Listeners + 3*n.Likes
			}
		}
		for d, err := range tx.Days(track, 0) {
			if err := same(fmt.Sprint("numbers of ", track, " on ", d.Day), d.Numbers, days[d.Day], err); err != nil {
				return err
			}
			delete(days, d.Day)
		}
		for day, n := range days {
			if n != (db.Numbers{}) {
				return fmt.Errorf("%s has no numbers of %s, want %+v", track, day, n)
			}
		}
		got, err := tx.TrackNumbers(track)
		if err := same("numbers of "+track.String(), got, sum, err); err != nil {
			return err
		}
		stops, err := tx.Stops(track)
		if want := m.stops[track]; err != nil || want != nil && !slices.Equal(stops, want) {
			return fmt.Errorf("stops of %s: %v, %w; want %v", track, stops, err, want)
		}
		public := m.tracks[track].Visibility == db.Public
		if public && ofWeek > 0 {
			week = append(week, db.Place{Track: track, Points: ofWeek})
		}
		if points := sum.Listeners + 3*sum.Likes; public && points > 0 {
			always = append(always, db.Place{Track: track, Points: points})
		}
		sum.Listeners = 0
		sums[m.tracks[track].User].Add(sum)
	}
	for user, sum := range sums {
		got, err := tx.UserNumbers(user)
		if err := same("numbers of all tracks of "+user.String(), got, *sum, err); err != nil {
			return err
		}
	}
	var errs []error
	for period, want := range map[db.Period][]db.Place{db.Week: week, db.Always: always} {
		slices.SortFunc(want, func(a, b db.Place) int {
			return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(b.Track, a.Track))
		})
		got, err := gather(tx.Chart(period, db.Place{}))
		errs = append(errs, same(fmt.Sprint("chart ", period), got, want, err))
	}
	return errors.Join(errs...)
}

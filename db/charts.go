package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

// A track gets a point for each person who listens to it on a day, and three
// for each like, for as long as it lasts.
const (
	pointsListen = 1
	pointsLike   = 3
)

// Points gives the points that a track got for what is in its numbers.
func (n Numbers) Points() uint64 { return pointsListen*n.Listeners + pointsLike*n.Likes }

// WeekDays is how many days the chart of the week counts: today and the six
// before.
const WeekDays = 7

// Period is what a chart counts.
type Period uint8

// The periods.
const (
	Week   Period = 1 // the days that RollWeek left
	Always Period = 2
)

// Place is a track's place in a chart.
type Place struct {
	Track  ID
	Points uint64
}

// score is how many points a track has in each chart.
type score struct{ week, always uint64 }

func (s score) in(p Period) uint64 {
	if p == Week {
		return s.week
	}
	return s.always
}

func chartKey(p Period, points uint64, track ID) []byte {
	k := append(make([]byte, 0, 17), byte(p))
	k = binary.BigEndian.AppendUint64(k, points)
	return binary.BigEndian.AppendUint64(k, uint64(track))
}

func pointDayKey(day Day, track ID) []byte {
	k := binary.BigEndian.AppendUint32(make([]byte, 0, 12), uint32(day))
	return binary.BigEndian.AppendUint64(k, uint64(track))
}

// Chart yields the public tracks with the most points, the best first and of
// equal ones the newer track, behind a place (the zero Place: from the best). The
// owner of one may be suspended: it keeps its place.
func (tx *Tx) Chart(p Period, behind Place) iter.Seq2[Place, error] {
	w := &walk{tx: tx, b: inCharts, prefix: []byte{byte(p)}, back: true}
	if behind != (Place{}) {
		w.key = chartKey(p, behind.Points, behind.Track)
	}
	return each(w, func(key, _ []byte) (Place, error) {
		if len(key) != 17 {
			return Place{}, corrupt(inCharts, key, nil)
		}
		return Place{Points: binary.BigEndian.Uint64(key[1:]), Track: ID(binary.BigEndian.Uint64(key[9:]))}, nil
	})
}

// Points gives how many points a track has in a chart.
func (tx *Tx) Points(p Period, track ID) (uint64, error) {
	s, err := tx.score(track)
	return s.in(p), err
}

// score reads the points of a track; one without an entry has none.
func (tx *Tx) score(track ID) (score, error) {
	p, err := tx.get(inScores, key1(track))
	if errors.Is(err, ErrNotFound) {
		return score{}, nil
	}
	if err == nil && len(p) != 16 {
		err = corrupt(inScores, key1(track), nil)
	}
	if err != nil {
		return score{}, fmt.Errorf("points of %s: %w", track, err)
	}
	return score{binary.BigEndian.Uint64(p), binary.BigEndian.Uint64(p[8:])}, nil
}

// setScore notes the new points of a track, and moves it to the places that they
// give it. Only a public track has places.
func (tx *Tx) setScore(track ID, was, is score) error {
	if err := tx.leavePlaces(track, was, is); err != nil {
		return err
	}
	if is == (score{}) {
		return tx.del(inScores, key1(track))
	}
	if err := tx.put(inScores, key1(track), numbers([]uint64{is.week, is.always})); err != nil {
		return err
	}
	t, err := load[Track](tx, inTracks, track)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) || err == nil && t.Visibility != Public {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.takePlaces(track, was, is)
}

// takePlaces gives a track the places of its points, as far as they are others
// than before; leavePlaces takes those of before away.
func (tx *Tx) takePlaces(track ID, was, is score) error {
	for _, p := range []Period{Week, Always} {
		if is.in(p) > 0 && is.in(p) != was.in(p) {
			if err := tx.put(inCharts, chartKey(p, is.in(p), track), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (tx *Tx) leavePlaces(track ID, was, is score) error {
	for _, p := range []Period{Week, Always} {
		if was.in(p) > 0 && was.in(p) != is.in(p) {
			if err := tx.del(inCharts, chartKey(p, was.in(p), track)); err != nil {
				return err
			}
		}
	}
	return nil
}

// enterCharts gives a track that becomes public the places of its points, if
// they can be read.
func (tx *Tx) enterCharts(track ID) error {
	is, err := tx.score(track)
	if errors.Is(err, ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.takePlaces(track, score{}, is)
}

// leaveCharts takes a track out of the charts. Its points stay.
func (tx *Tx) leaveCharts(track ID) error {
	was, err := tx.score(track)
	if err == nil {
		return tx.leavePlaces(track, was, score{})
	}
	if !errors.Is(err, ErrCorrupt) {
		return err
	}
	// Nobody knows its places: all are looked at.
	return tx.purge(inCharts, nil, func(key, _ []byte) bool {
		return len(key) == 17 && ID(binary.BigEndian.Uint64(key[9:])) == track
	}, nil)
}

// addPoints gives a track points for a day, or takes some back: of the day as
// far as it has them still. Points that can't be read stay as they are, and
// keep nobody from liking or listening.
func (tx *Tx) addPoints(track ID, day Day, by int64) error {
	if by == 0 {
		return nil
	}
	was, err := tx.score(track)
	var of uint64
	if err == nil {
		of, err = tx.pointsOn(day, track)
	}
	if errors.Is(err, ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	onDay := max(by, -int64(of))
	is := score{was.week + uint64(max(onDay, -int64(was.week))), was.always + uint64(max(by, -int64(was.always)))}
	if err := tx.setPointsOn(day, track, of, of+uint64(onDay)); err != nil {
		return err
	}
	return tx.setScore(track, was, is)
}

func (tx *Tx) pointsOn(day Day, track ID) (uint64, error) {
	key := pointDayKey(day, track)
	p, err := tx.get(inPointDays, key)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err == nil && len(p) != 8 {
		err = corrupt(inPointDays, key, nil)
	}
	if err != nil {
		return 0, fmt.Errorf("points of %s on %s: %w", track, day, err)
	}
	return binary.BigEndian.Uint64(p), nil
}

func (tx *Tx) setPointsOn(day Day, track ID, was, is uint64) error {
	if was == is {
		return nil
	}
	if is == 0 {
		return tx.del(inPointDays, pointDayKey(day, track))
	}
	return tx.put(inPointDays, pointDayKey(day, track), key1(is))
}

// likePoints gives the points of a like; takeLike takes them back, if the track
// is there.
func (tx *Tx) likePoints(track, mark ID) error {
	return tx.addPoints(track, DayOf(mark.Time()), pointsLike)
}

func (tx *Tx) takeLike(track, mark ID) error {
	there, err := tx.has(inTracks, key1(track))
	if err != nil && !errors.Is(err, ErrCorrupt) || err == nil && !there {
		return err
	}
	return tx.addPoints(track, DayOf(mark.Time()), -pointsLike)
}

// RollWeek takes the points of all days but those from a first to a last one
// out of the week, at most so many entries; more says whether some are left. It
// may be called with any days at any time: after the clock was set, too.
func (tx *Tx) RollWeek(first, last Day, most int) (more bool, err error) {
	err = tx.purgeDays(inPointDays, first, last, most, &more, func(day Day, key, value []byte) error {
		if len(key) != 12 || len(value) != 8 {
			return nil // Check tells of it
		}
		track, points := ID(binary.BigEndian.Uint64(key[4:])), binary.BigEndian.Uint64(value)
		was, err := tx.score(track)
		if errors.Is(err, ErrCorrupt) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.setScore(track, was, score{was.week - min(was.week, points), was.always})
	})
	if err != nil {
		return false, fmt.Errorf("roll the week: %w", err)
	}
	return more, nil
}

// purgeDays removes the entries of a bucket whose keys begin with another day
// than those from a first to a last one, at most so many; look is called for
// each that can be read, before it goes.
func (tx *Tx) purgeDays(b bucket, first, last Day, most int, more *bool, look func(day Day, key, value []byte) error) error {
	beyond := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(last)), 1<<64-1)
	beyond = binary.BigEndian.AppendUint64(beyond, 1<<64-1)
	for _, w := range []*walk{{tx: tx, b: b}, {tx: tx, b: b, key: beyond}} {
		for {
			ok, err := w.next()
			rotten := errors.Is(err, ErrCorrupt)
			if err != nil && !rotten {
				return err
			}
			if !ok || len(w.key) < 4 {
				break
			}
			day := Day(binary.BigEndian.Uint32(w.key))
			if day >= first && day <= last {
				break
			}
			if most--; most < 0 {
				*more = true
				return nil
			}
			if !rotten {
				if err := look(day, w.key, w.value); err != nil {
					return err
				}
			}
			if err := tx.del(b, w.key); err != nil {
				return err
			}
		}
	}
	return nil
}

// WeekOver says whether RollWeek or DropHeard would find something to do.
func (tx *Tx) WeekOver(first, last, heardFirst, heardLast Day) (bool, error) {
	for _, of := range []struct {
		b           bucket
		first, last Day
	}{{inPointDays, first, last}, {inHeard, heardFirst, heardLast}} {
		for _, back := range []bool{false, true} {
			w := &walk{tx: tx, b: of.b, back: back}
			ok, err := w.next()
			if err != nil && !errors.Is(err, ErrCorrupt) {
				return false, err
			}
			if !ok || len(w.key) < 4 {
				continue
			}
			if day := Day(binary.BigEndian.Uint32(w.key)); day < of.first || day > of.last {
				return true, nil
			}
		}
	}
	return false, nil
}

// PointsBefore gives the newest day before another on which a track got points,
// of those that RollWeek left; 0 when there is none.
func (tx *Tx) PointsBefore(day Day) (Day, error) {
	w := &walk{tx: tx, b: inPointDays, key: pointDayKey(day, 0), back: true}
	ok, err := w.next()
	if err != nil && !errors.Is(err, ErrCorrupt) || !ok || len(w.key) < 4 {
		return 0, err
	}
	return Day(binary.BigEndian.Uint32(w.key)), nil
}

// dropPoints takes a track out of the charts, and its points away.
func (tx *Tx) dropPoints(track ID) error {
	if err := tx.leaveCharts(track); err != nil {
		return err
	}
	if err := tx.del(inScores, key1(track)); err != nil {
		return err
	}
	return tx.eachDay(inPointDays, func(day Day) error { return tx.del(inPointDays, pointDayKey(day, track)) })
}

// eachDay calls something for each day that keys of a bucket begin with; there
// are few.
func (tx *Tx) eachDay(b bucket, do func(Day) error) error {
	w := &walk{tx: tx, b: b}
	for {
		ok, err := w.next()
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
		if !ok || len(w.key) < 4 {
			return nil
		}
		day := Day(binary.BigEndian.Uint32(w.key))
		if err := do(day); err != nil {
			return err
		}
		if day == 1<<32-1 {
			return nil
		}
		// Beyond all of the day: no key is longer.
		next := binary.BigEndian.AppendUint32(nil, uint32(day))
		w = &walk{tx: tx, b: b, key: append(next, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)}
	}
}

// chartAll gives the tracks of before their places: three points for each like
// and one for each person in whose history they are. Those of the last days
// count in the week too. It also sums up the numbers of each user's tracks.
// What can't be read is passed over.
func chartAll(tx *Tx) error {
	today := DayOf(tx.d.now())
	first := today.before(WeekDays - 1)
	w := &walk{tx: tx, b: inTracks}
	passes := func(err error) bool {
		if errors.Is(err, ErrCorrupt) {
			tx.d.log.Error("a track can't be counted in the migration", "error", err)
			return true
		}
		return false
	}
	for {
		ok, err := w.next()
		if !ok && err == nil {
			return nil
		}
		if ok && passes(err) {
			continue
		}
		if err != nil {
			return err
		}
		id, err := lastID(inTracks, w.key)
		if err != nil {
			return err
		}
		t, err := load[Track](tx, inTracks, id)
		if err == nil {
			err = tx.chartOld(&t, first, today)
		}
		if err != nil && !passes(err) {
			return err
		}
	}
}

// chartOld is chartAll for one track. It reads before it writes.
func (tx *Tx) chartOld(t *Track, first, today Day) error {
	sums, err := tx.sums(t.ID)
	if err != nil {
		return err
	}
	var s score
	days := map[Day]uint64{} // at most seven
	for _, of := range []struct {
		edges  edges
		points uint64
	}{{likes, pointsLike}, {listens, pointsListen}} {
		for e, err := range of.edges.to(tx, t.ID, 0) {
			if errors.Is(err, ErrCorrupt) {
				continue
			}
			if err != nil {
				return err
			}
			s.always += of.points
			if day := DayOf(e.Mark.Time()); day >= first && day <= today {
				days[day] += of.points
				s.week += of.points
			}
		}
	}
	for day, points := range days {
		if err := tx.setPointsOn(day, t.ID, 0, points); err != nil {
			return err
		}
	}
	if s != (score{}) {
		if err := tx.setScore(t.ID, score{}, s); err != nil {
			return err
		}
	}
	return tx.sumUp(t.User, sums)
}

// charts holds the charts against the points of public tracks, those of the week
// against the days, and all against the likes.
func (c *checker) charts() {
	week := map[ID]uint64{}
	c.entries(inPointDays, func(key, value []byte) {
		if len(key) != 12 || len(value) != 8 {
			c.found = append(c.found, corrupt(inPointDays, key, nil))
			return
		}
		week[ID(binary.BigEndian.Uint64(key[4:]))] += binary.BigEndian.Uint64(value)
	})
	c.entries(inScores, func(key, _ []byte) {
		track, err := lastID(inScores, key)
		var s score
		if err == nil {
			s, err = c.tx.score(track)
		}
		if err != nil {
			c.found = append(c.found, err)
			return
		}
		if there, err := c.tx.has(inTracks, key); err == nil && !there {
			c.wrong("%s has points, but is not there", track)
		}
		if s.week != week[track] {
			c.wrong("%s has %d points of the week, its days have %d", track, s.week, week[track])
		}
		delete(week, track)
		if t, err := load[Track](c.tx, inTracks, track); err != nil || t.Visibility != Public {
			return
		}
		for _, p := range []Period{Week, Always} {
			if s.in(p) > 0 {
				c.entry(inCharts, chartKey(p, s.in(p), track), nil, track)
			}
		}
	})
	if c.full() {
		return
	}
	for track, points := range week {
		c.wrong("%s has %d points of the last days, but none of the week", track, points)
	}
	c.entries(inTracks, func(key, _ []byte) {
		track, err := lastID(inTracks, key)
		var s score
		if err == nil {
			s, err = c.tx.score(track)
		}
		if err != nil {
			c.found = append(c.found, err)
			return
		}
		if counts, err := c.tx.TrackCounts(track); err == nil && s.always < pointsLike*counts.Likes {
			c.wrong("%s has %d points and %d likes", track, s.always, counts.Likes)
		}
	})
	c.entries(inHeard, func(key, _ []byte) {
		if len(key) != 20 {
			c.found = append(c.found, corrupt(inHeard, key, nil))
		}
	})
}

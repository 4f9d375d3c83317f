package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Day is a day of the calendar as the server has it, counted from 1970-01-01.
type Day uint32

// DayOf gives the day of a moment in the local time. Before 1970 it is the
// first one.
func DayOf(t time.Time) Day {
	year, month, day := t.In(time.Local).Date()
	return Day(max(0, time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/86400))
}

// Date gives the day's date, as its midnight in UTC.
func (d Day) Date() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d Day) String() string { return d.Date().Format(time.DateOnly) }

// before gives the day so many days before, or the first one.
func (d Day) before(days Day) Day { return d - min(d, days) }

// Numbers are what is counted of a track, or of all tracks of a user, on a day
// or always.
type Numbers struct {
	Plays     uint64
	Listeners uint64 // different people; each once a day
	Likes     uint64
	Reposts   uint64
	Comments  uint64 // replies too
	Downloads uint64
}

// Add adds others to the numbers.
func (n *Numbers) Add(o Numbers) {
	n.Plays += o.Plays
	n.Listeners += o.Listeners
	n.Likes += o.Likes
	n.Reposts += o.Reposts
	n.Comments += o.Comments
	n.Downloads += o.Downloads
}

// The places of Numbers in a value. New ones come at the end.
const (
	numberPlays = iota
	numberListeners
	numberLikes
	numberReposts
	numberComments
	numberDownloads
	numberPlaces
)

// inTrack are the places of Numbers among a track's counters.
var inTrack = [numberPlaces]int{trackPlays, trackListeners, trackLikes, trackReposts, trackComments, trackDownloads}

// daysKept is how many days before the newest one the numbers of a thing are
// kept for. What is older counts in the sums alone.
const daysKept = 400

// deltas are a change of Numbers, by their places.
type deltas [numberPlaces]int64

func numbersOf(list []uint64) Numbers {
	return Numbers{
		Plays: list[numberPlays], Listeners: list[numberListeners], Likes: list[numberLikes],
		Reposts: list[numberReposts], Comments: list[numberComments], Downloads: list[numberDownloads],
	}
}

func dayKey(thing ID, day Day) []byte {
	return binary.BigEndian.AppendUint32(key1(thing), uint32(day))
}

// readDay reads the numbers of a day in the order of their places.
func readDay(key, value []byte) (Day, []uint64, error) {
	if len(key) != 12 || len(value)%8 != 0 {
		return 0, nil, corrupt(inDays, key, nil)
	}
	list := make([]uint64, numberPlaces)
	for i := range min(numberPlaces, len(value)/8) {
		list[i] = binary.BigEndian.Uint64(value[8*i:])
	}
	return Day(binary.BigEndian.Uint32(key[8:])), list, nil
}

// countOn counts what happened to a track on a day: on that day, of the track
// and of all its owner's, and in the owner's sums; people are those listeners
// who are the owner's first of the day. The track's own counters are the
// caller's business. Numbers that can't be read count nothing any more, and
// keep nobody from liking or listening.
func (tx *Tx) countOn(t *Track, day Day, by deltas, people int64) error {
	done, err := tx.countDay(t.ID, day, by)
	if err == nil {
		done[numberListeners] = people // all else is what the tracks have together
		_, err = tx.countDay(t.User, day, done)
	}
	if err != nil && !errors.Is(err, ErrCorrupt) {
		return err
	}
	by[numberListeners] = people
	return tx.sumUp(t.User, by)
}

// takeBack takes one thing that happened on a day off the numbers of a track,
// if the track is there.
func (tx *Tx) takeBack(track ID, day Day, place int) error {
	t, err := load[Track](tx, inTracks, track)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	var by deltas
	by[place] = -1
	return tx.countOn(&t, day, by, 0)
}

// countDay changes the numbers of a thing on a day, and gives how far it did:
// none of them goes below zero, and from a day that is not kept nothing is
// taken.
func (tx *Tx) countDay(thing ID, day Day, by deltas) (done deltas, err error) {
	if by == (deltas{}) {
		return done, nil
	}
	key := dayKey(thing, day)
	list := make([]uint64, numberPlaces)
	p, err := tx.get(inDays, key)
	if err == nil {
		_, list, err = readDay(key, p)
	} else if errors.Is(err, ErrNotFound) {
		if !slices.ContainsFunc(by[:], func(n int64) bool { return n > 0 }) {
			return done, nil
		}
		err = tx.trimDays(thing, day)
	}
	if err != nil {
		return done, fmt.Errorf("numbers of %s on %s: %w", thing, day, err)
	}
	for place, n := range by {
		done[place] = max(n, -int64(list[place]))
		list[place] += uint64(done[place])
	}
	if done == (deltas{}) {
		return done, nil
	}
	return done, tx.put(inDays, key, numbers(list))
}

// trimDays makes room for a new day of a thing: of those that are too long
// before it the first ones go. A clock that was wrong for a moment takes two.
func (tx *Tx) trimDays(thing ID, day Day) error {
	w := &walk{tx: tx, b: inDays, prefix: key1(thing)}
	for range 2 {
		ok, err := w.next()
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
		if !ok || len(w.key) != 12 || Day(binary.BigEndian.Uint32(w.key[8:])) >= day.before(daysKept) {
			return nil
		}
		if err := tx.del(inDays, w.key); err != nil {
			return err
		}
	}
	return nil
}

// sumUp changes the sums of a user over all own tracks.
func (tx *Tx) sumUp(user ID, by deltas) error {
	if by == (deltas{}) {
		return nil
	}
	list, err := tx.counters(user, userCounters)
	if errors.Is(err, ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	for place, n := range by {
		sum := &list[userSums+place]
		*sum += uint64(max(n, -int64(*sum)))
	}
	return tx.put(inCounts, key1(user), numbers(list))
}

// sums reads the counters of a track as Numbers, by their places.
func (tx *Tx) sums(track ID) (sums deltas, err error) {
	list, err := tx.counters(track, trackCounters)
	if err != nil {
		return sums, err
	}
	for place, counter := range inTrack {
		sums[place] = int64(list[counter])
	}
	return sums, nil
}

// leaveSums takes a track that goes out of its owner's sums. The people who
// listened were not its alone. A track whose counters can't be read makes the
// sums be made anew from the other tracks.
func (tx *Tx) leaveSums(track, owner ID) error {
	sums, err := tx.sums(track)
	if errors.Is(err, ErrCorrupt) {
		return tx.sumAnew(owner, track)
	}
	if err != nil {
		return err
	}
	for place := range sums {
		sums[place] = -sums[place]
	}
	sums[numberListeners] = 0
	return tx.sumUp(owner, sums)
}

func (tx *Tx) sumAnew(owner, without ID) error {
	list, err := tx.counters(owner, userCounters)
	if errors.Is(err, ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	var all deltas
	w := &walk{tx: tx, b: inUserTracks, prefix: key1(owner)}
	for {
		ok, err := w.next()
		if errors.Is(err, ErrCorrupt) && ok {
			continue
		}
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		id, err := lastID(inUserTracks, w.key)
		if err != nil || id == without {
			continue
		}
		sums, err := tx.sums(id)
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
		for place, n := range sums {
			all[place] += n
		}
	}
	all[numberListeners] = int64(list[userSums+numberListeners])
	for place, n := range all {
		list[userSums+place] = uint64(n)
	}
	return tx.put(inCounts, key1(owner), numbers(list))
}

// AddDownloads counts so many more downloads of a track on a day. A track that
// is gone is ErrNotFound.
func (tx *Tx) AddDownloads(track ID, day Day, n uint64) error {
	return tx.change("add downloads of", track, func() error {
		t, err := load[Track](tx, inTracks, track)
		if err != nil {
			return err
		}
		if err := tx.addTrackCount(track, trackDownloads, int64(n)); err != nil {
			return err
		}
		return tx.countOn(&t, day, deltas{numberDownloads: int64(n)}, 0)
	})
}

// DayNumbers are the numbers of one day.
type DayNumbers struct {
	Day Day
	Numbers
}

// Days yields the numbers of a track, or of all tracks of a user, from a day
// on, the oldest first. Days on which nothing happened are left out, and so
// are those that are not kept any more.
func (tx *Tx) Days(thing ID, from Day) iter.Seq2[DayNumbers, error] {
	w := &walk{tx: tx, b: inDays, prefix: key1(thing)}
	if from > 0 {
		w.key = dayKey(thing, from-1)
	}
	return each(w, func(key, value []byte) (DayNumbers, error) {
		day, list, err := readDay(key, value)
		if err != nil {
			return DayNumbers{}, err
		}
		return DayNumbers{day, numbersOf(list)}, nil
	})
}

// TrackNumbers gives what was ever counted of a track.
func (tx *Tx) TrackNumbers(id ID) (Numbers, error) {
	list, err := tx.counters(id, trackCounters)
	if err != nil {
		return Numbers{}, err
	}
	var byPlace [numberPlaces]uint64
	for place, counter := range inTrack {
		byPlace[place] = list[counter]
	}
	return numbersOf(byPlace[:]), nil
}

// UserNumbers gives what was ever counted of all tracks that a user has.
func (tx *Tx) UserNumbers(id ID) (Numbers, error) {
	list, err := tx.counters(id, userCounters)
	if err != nil {
		return Numbers{}, err
	}
	return numbersOf(list[userSums:]), nil
}

// forgetDays removes the days of a thing that is gone. Fewer changes than most
// mean that none is left.
func (tx *Tx) forgetDays(thing ID, most int) (changes int, err error) {
	return tx.forgetKeys(inDays, key1(thing), most)
}

// forgetKeys removes the entries behind a prefix, those too that can't be read.
func (tx *Tx) forgetKeys(b bucket, prefix []byte, most int) (changes int, err error) {
	w := &walk{tx: tx, b: b, prefix: prefix}
	for ; changes < most; changes++ {
		ok, err := w.next()
		if !ok || err != nil && !errors.Is(err, ErrCorrupt) {
			if errors.Is(err, ErrCorrupt) {
				err = nil // of another's, behind the last one
			}
			return changes, err
		}
		if err := tx.del(b, w.key); err != nil {
			return changes, err
		}
	}
	return changes, nil
}

// numbers holds the sums of users against their tracks, and the days of users
// against those of their tracks, where both are kept: on each day a user has
// no less than the tracks. It may be more, of tracks that are gone.
func (c *checker) numbers() {
	c.entries(inDays, func(key, value []byte) {
		if _, _, err := readDay(key, value); err != nil {
			c.found = append(c.found, err)
			return
		}
		thing := ID(binary.BigEndian.Uint64(key))
		for _, b := range []bucket{inUsers, inTracks, inGone} {
			if there, err := c.tx.has(b, key1(thing)); there || err != nil {
				return
			}
		}
		c.wrong("numbers of %s are kept, which is not there", thing)
	})
	c.entries(inUsers, func(key, _ []byte) {
		user, err := lastID(inUsers, key)
		if err == nil {
			err = c.numbersOf(user)
		}
		if err != nil {
			c.found = append(c.found, err)
		}
	})
}

func (c *checker) numbersOf(user ID) error {
	days, newest := map[Day]Numbers{}, Day(0)
	for d, err := range c.tx.Days(user, 0) {
		if err != nil {
			return err
		}
		days[d.Day], newest = d.Numbers, d.Day
	}
	var all Numbers
	ofTracks := map[Day]Numbers{}
	w := &walk{tx: c.tx, b: inUserTracks, prefix: key1(user)}
	for !c.full() {
		ok, err := w.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		id, err := lastID(inUserTracks, w.key)
		if err != nil {
			return err
		}
		sums, err := c.tx.TrackNumbers(id)
		if err != nil {
			return err
		}
		all.Add(sums)
		for d, err := range c.tx.Days(id, newest.before(daysKept)) {
			if err != nil {
				return err
			}
			sum := ofTracks[d.Day]
			sum.Add(d.Numbers)
			ofTracks[d.Day] = sum
		}
	}
	if c.full() {
		return nil
	}
	sums, err := c.tx.UserNumbers(user)
	if err != nil {
		return err
	}
	all.Listeners = sums.Listeners
	if sums != all {
		c.wrong("the tracks of %s are counted %+v together, it is %+v", user, sums, all)
	}
	for day, tracks := range ofTracks {
		n := days[day]
		if n.Plays < tracks.Plays || n.Likes < tracks.Likes || n.Reposts < tracks.Reposts || n.Comments < tracks.Comments || n.Downloads < tracks.Downloads {
			c.wrong("the tracks of %s are counted %+v together on %s, it is %+v", user, n, day, tracks)
		}
	}
	return nil
}

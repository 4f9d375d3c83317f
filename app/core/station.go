package core

import (
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"math/rand/v2"
	"slices"

	"earshot/db"
)

const (
	stationMost  = 500 // tracks that one session of a station gives
	stationTail  = 4   // of those that were given last it goes on to what is like them
	stationCarry = 100 // tracks of a tag that are looked at, twice, for a page of its station
	stationNear  = 20  // tracks of a tag's station that carry it, as long as there are any
	widening     = 40  // tracks until a station is as wide as it gets

	stationTries  = 12   // to find a track that is not by the owner of the one before
	stationAround = 30   // tracks that are looked at around a random place
	stationSwept  = 2000 // and at the end, in search of what was not given yet
)

// TrackStation plays on from a track: first the track, then what is like it,
// what is like that, what carries the same tags, and at last anything. No track
// comes twice, and each session has an order of its own.
func (c *Core) TrackStation(ctx context.Context, me, id db.ID, p Paging) (Page[TrackView], error) {
	return c.station(ctx, me, "station/"+id.String(), p, func(s *station) error {
		t, _, err := c.track(s.tx, s.a, id, whole)
		if err != nil {
			return err
		}
		s.seed = t
		for _, name := range t.Tags {
			tag, err := s.tx.Tag(name)
			if err == nil {
				s.tags = append(s.tags, tag.ID)
			} else if !errors.Is(err, db.ErrNotFound) && !c.unreadable(err, "tag of", id) {
				return err
			}
		}
		return nil
	})
}

// TagStation is TrackStation from the tracks of a tag.
func (c *Core) TagStation(ctx context.Context, me db.ID, name string, p Paging) (Page[TrackView], error) {
	return c.station(ctx, me, "station/tag/"+db.Alike(line(name)), p, func(s *station) error {
		tag, _, err := c.tag(s.tx, s.a, name)
		s.tags = []db.ID{tag.Tag.ID}
		return err
	})
}

func (c *Core) station(ctx context.Context, me db.ID, list string, p Paging, begin func(*station) error) (Page[TrackView], error) {
	var page Page[TrackView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		s := &station{c: c, tx: tx, a: a, owners: people{}, given: map[uint32]bool{}}
		if err := begin(s); err != nil {
			return err
		}
		if err := s.open(list, p); err != nil {
			return err
		}
		page, err = s.page(list, p.limit())
		return err
	})
	c.draw(page.Items...)
	return page, err
}

// station is one page of a session. The server keeps no sessions: a cursor
// carries the number that the order comes from and what was given, of which all
// but the last few are told by 32 bits each.
type station struct {
	c  *Core
	tx *db.Tx
	a  asker

	seed db.Track // zero for the station of a tag
	tags []db.ID

	session uint64
	last    []db.ID // the last ones that were given, the newest last
	given   map[uint32]bool
	order   []uint32 // the same in their order
	owner   db.ID    // of the one before

	rand   *rand.Rand
	owners people
	carry  *pool // some that carry the tag that was asked for
	like   *pool // what is like the seed
	wide   *pool // what is like what was given
	widens int   // how often that was filled on this page
	alone  bool  // whether this page was swept for another owner in vain
}

// pool is what a station draws from, the best first.
type pool struct{ tracks []db.Track }

// open reads where a session stands, or begins one.
func (s *station) open(list string, p Paging) error {
	s.session = rand.Uint64()
	if p.Cursor != "" {
		b, err := s.c.sealer.Open(list, p.Cursor)
		if err != nil || len(b) < 8*(1+stationTail) || len(b)%4 != 0 {
			return errCursor.Because(err)
		}
		s.session = binary.BigEndian.Uint64(b)
		for b = b[8:]; len(s.last) < stationTail; b = b[8:] {
			s.last = append(s.last, db.ID(binary.BigEndian.Uint64(b)))
		}
		for ; len(b) > 0; b = b[4:] {
			s.note(binary.BigEndian.Uint32(b))
		}
	}
	s.rand = rand.New(rand.NewPCG(s.session, uint64(len(s.order))))
	if len(s.last) > 0 {
		t, err := s.tx.Track(s.last[len(s.last)-1])
		if err != nil && !errors.Is(err, db.ErrNotFound) && !s.c.unreadable(err, "track", 0) {
			return err
		}
		s.owner = t.User
	}
	return nil
}

// seal makes the cursor that a session goes on with.
func (s *station) seal(list string) string {
	b := binary.BigEndian.AppendUint64(nil, s.session)
	for range stationTail - len(s.last) {
		b = binary.BigEndian.AppendUint64(b, 0)
	}
	for _, id := range s.last {
		b = binary.BigEndian.AppendUint64(b, uint64(id))
	}
	for _, mark := range s.order {
		b = binary.BigEndian.AppendUint32(b, mark)
	}
	return s.c.sealer.Seal(list, b)
}

// mark tells a track from the others of a session.
func (s *station) mark(id db.ID) uint32 {
	x := (uint64(id) ^ s.session) * 0x9E3779B97F4A7C15
	x = (x ^ x>>29) * 0xBF58476D1CE4E5B9
	return uint32(x >> 32)
}

func (s *station) note(mark uint32) {
	s.given[mark] = true
	s.order = append(s.order, mark)
}

func (s *station) was(id db.ID) bool { return s.given[s.mark(id)] }

// give notes that a track is given.
func (s *station) give(t db.Track) {
	s.note(s.mark(t.ID))
	s.last = append(s.last, t.ID)
	s.last = s.last[max(0, len(s.last)-stationTail):]
	s.owner = t.User
}

// page collects the page.
func (s *station) page(list string, limit int) (Page[TrackView], error) {
	var page Page[TrackView]
	show := func(t db.Track) error {
		owner, err := s.owners.find(s.tx, t.User)
		if err != nil {
			return err
		}
		v, err := s.c.viewTrack(s.tx, s.a, t, owner)
		s.give(t)
		if s.c.unreadable(err, "track", t.ID) {
			return nil
		}
		page.Items = append(page.Items, v)
		return err
	}
	if s.seed.ID != 0 && len(s.order) == 0 {
		if err := show(s.seed); err != nil {
			return page, err
		}
	}
	for len(s.order) < stationMost {
		t, found, err := s.next()
		if err != nil || !found {
			return page, err
		}
		if len(page.Items) == limit {
			page.Next = s.seal(list)
			return page, nil
		}
		if err := show(t); err != nil {
			return page, err
		}
	}
	return page, nil
}

// next finds what comes next. Not twice in a row the same owner, where it can be
// helped: a page on which a sweep found nobody else takes what is at hand.
func (s *station) next() (db.Track, bool, error) {
	if s.seed.ID == 0 && len(s.tags) > 0 && len(s.order) < stationNear {
		if t, found, err := s.carriers(); err != nil || found {
			return t, found, err
		}
	}
	var same db.Track
	for range stationTries {
		t, found, err := s.draw()
		if err != nil {
			return t, false, err
		}
		if found && t.User != s.owner {
			return t, true, nil
		}
		if found && same.ID == 0 {
			same = t
		}
	}
	if s.alone && same.ID != 0 {
		return same, true, nil
	}
	t, found, err := s.sweep()
	s.alone = s.alone || err == nil && t.User == s.owner
	if err == nil && same.ID != 0 && (!found || t.User == s.owner) {
		return same, true, nil
	}
	return t, found, err
}

// draw takes a track from near or far. The longer a session lasts, the further
// it goes.
func (s *station) draw() (db.Track, bool, error) {
	far := min(float64(len(s.order))/widening, 1)
	at := s.rand.Float64()
	for _, way := range []struct {
		first, last float64 // the share of it at first and at last
		find        func() (db.Track, bool, error)
	}{
		{0.75, 0.15, s.alike}, {0.10, 0.35, s.onward}, {0.10, 0.25, s.tagged}, {0.05, 0.25, s.anywhere},
	} {
		share := way.first + far*(way.last-way.first)
		if at -= share; at > 0 {
			continue
		}
		if t, found, err := way.find(); err != nil || found {
			return t, found, err
		}
	}
	return db.Track{}, false, nil
}

// alike takes a track that is like the seed; of the station of a tag, one that
// carries it.
func (s *station) alike() (db.Track, bool, error) {
	if s.seed.ID == 0 {
		return s.tagged()
	}
	if s.like == nil {
		reach := near
		if len(s.order) <= 1 {
			reach = far
		}
		var err error
		if s.like, err = s.pool(s.seed, reach); err != nil {
			return db.Track{}, false, err
		}
	}
	return s.take(s.like)
}

// onward takes a track that is like one that was given lately.
func (s *station) onward() (db.Track, bool, error) {
	if s.wide == nil || len(s.wide.tracks) == 0 {
		if s.widens == 2 || len(s.last) == 0 {
			return db.Track{}, false, nil
		}
		s.widens++
		t, heard, err := s.hear(s.last[s.rand.IntN(len(s.last))])
		if err != nil || !heard {
			return db.Track{}, false, err
		}
		if s.wide, err = s.pool(t, near); err != nil {
			return db.Track{}, false, err
		}
	}
	return s.take(s.wide)
}

// pool finds what is like a track.
func (s *station) pool(t db.Track, r reach) (*pool, error) {
	best, err := s.c.likeness(s.tx, s.a, t, r, s.owners).best(similarMost)
	if err != nil {
		return nil, err
	}
	p := &pool{}
	for _, found := range best {
		p.tracks = append(p.tracks, found.track)
	}
	return p, nil
}

// take draws one of a pool that was not given yet, more likely a good one.
func (s *station) take(p *pool) (db.Track, bool, error) {
	for len(p.tracks) > 0 {
		x := s.rand.Float64()
		i := int(x * x * float64(len(p.tracks)))
		t := p.tracks[i]
		p.tracks = append(p.tracks[:i], p.tracks[i+1:]...)
		if !s.was(t.ID) {
			return t, true, nil
		}
	}
	return db.Track{}, false, nil
}

// tagged takes a track from a random place of one of the tags.
func (s *station) tagged() (db.Track, bool, error) {
	if len(s.tags) == 0 {
		return db.Track{}, false, nil
	}
	tag := s.tags[s.rand.IntN(len(s.tags))]
	oldest, newest, err := s.tx.TagSpan(tag)
	if err != nil {
		return db.Track{}, false, err
	}
	return s.around(oldest, newest, of(s.tx.TagTracks, tag))
}

// carriers takes a track that carries the station's tag, which is what was asked
// for, unless all that are left are by the one before.
func (s *station) carriers() (db.Track, bool, error) {
	if s.carry == nil {
		s.carry = &pool{}
		oldest, newest, err := s.tx.TagSpan(s.tags[0])
		if err != nil {
			return db.Track{}, false, err
		}
		place := oldest + db.ID(s.rand.Uint64N(uint64(newest-oldest)+1)) + 1
		for _, before := range []db.ID{place, 0} { // what is left of a small tag may lie above any place
			for t, err := range atMost(stationCarry, s.tx.TagTracks(s.tags[0], before)) {
				if s.c.unreadable(err, "track of a station", 0) || err == nil && (s.was(t.ID) || slices.ContainsFunc(s.carry.tracks, func(o db.Track) bool { return o.ID == t.ID })) {
					continue
				}
				if err != nil {
					return db.Track{}, false, err
				}
				heard, err := s.hears(t)
				if err != nil {
					return db.Track{}, false, err
				}
				if heard {
					s.carry.tracks = append(s.carry.tracks, t)
				}
			}
		}
		s.rand.Shuffle(len(s.carry.tracks), func(i, j int) {
			s.carry.tracks[i], s.carry.tracks[j] = s.carry.tracks[j], s.carry.tracks[i]
		})
	}
	i := slices.IndexFunc(s.carry.tracks, func(t db.Track) bool { return t.User != s.owner && !s.was(t.ID) })
	if i < 0 {
		return db.Track{}, false, nil
	}
	t := s.carry.tracks[i]
	s.carry.tracks = slices.Delete(s.carry.tracks, i, i+1)
	return t, true, nil
}

// anywhere takes a public track from a random place.
func (s *station) anywhere() (db.Track, bool, error) {
	oldest, newest, err := s.tx.PublicSpan()
	if err != nil {
		return db.Track{}, false, err
	}
	return s.around(oldest, newest, s.tx.PublicTracks)
}

// around takes one of the tracks behind a random place of a list. It passes over
// a few, so that what was published in a hurry has its turn too.
func (s *station) around(oldest, newest db.ID, list func(before db.ID) iter.Seq2[db.Track, error]) (db.Track, bool, error) {
	if newest == 0 {
		return db.Track{}, false, nil
	}
	place := oldest + db.ID(s.rand.Uint64N(uint64(newest-oldest)+1)) + 1
	pass := s.rand.IntN(stationAround / 2)
	var found db.Track
	n := 0
	for t, err := range list(place) {
		if n++; n > stationAround || found.ID != 0 && pass < 0 {
			break
		}
		pass--
		if s.c.unreadable(err, "track of a station", 0) || err == nil && s.was(t.ID) {
			continue
		}
		if err != nil {
			return db.Track{}, false, err
		}
		heard, err := s.hears(t)
		if err != nil {
			return db.Track{}, false, err
		}
		if heard {
			found = t
		}
	}
	return found, found.ID != 0, nil
}

// sweep looks for any track that was not given yet, from a random place on and
// around; best one that is not by the owner of the one before, while there may
// be one.
func (s *station) sweep() (db.Track, bool, error) {
	oldest, newest, err := s.tx.PublicSpan()
	if err != nil || newest == 0 {
		return db.Track{}, false, err
	}
	place := oldest + db.ID(s.rand.Uint64N(uint64(newest-oldest)+1)) + 1
	var same db.Track
	n := 0
	for _, before := range []db.ID{place, 0} {
		for t, err := range s.tx.PublicTracks(before) {
			if n++; n > stationSwept || before == 0 && err == nil && t.Published < place {
				break
			}
			if s.c.unreadable(err, "track of a station", 0) || err == nil && (s.was(t.ID) || same.ID != 0 && t.User == s.owner) {
				continue
			}
			if err != nil {
				return db.Track{}, false, err
			}
			heard, err := s.hears(t)
			if err != nil {
				return db.Track{}, false, err
			}
			if heard && (s.alone || t.User != s.owner) {
				return t, true, nil
			}
			if heard {
				same = t
			}
		}
	}
	return same, same.ID != 0, nil
}

// hear finds a track that was given before, if the asker may still hear it.
func (s *station) hear(id db.ID) (db.Track, bool, error) {
	t, err := s.tx.Track(id)
	if errors.Is(err, db.ErrNotFound) || s.c.unreadable(err, "track", id) {
		return t, false, nil
	}
	if err != nil {
		return t, false, err
	}
	heard, err := s.hears(t)
	return t, heard, err
}

// hears tells whether a track may be given to the asker.
func (s *station) hears(t db.Track) (bool, error) {
	owner, there, err := s.c.present(s.tx, s.a, s.owners, t.User)
	return there && t.Visibility == db.Public && s.a.sees(t, owner) == whole, err
}

package db

import (
	"encoding/binary"
	"errors"
)

// count counts all counters anew. What only a counter tells, such as plays, is
// kept where it can be read, and else made of what is known of the days.
func (m *mender) count() error {
	users, err := m.countUsers()
	if err != nil {
		return err
	}
	tracks := map[ID]*[trackCounters]uint64{}
	err = m.d.View(m.ctx, func(tx *Tx) error { return m.countTracks(tx, tracks) })
	if err != nil {
		return err
	}
	playlists := map[ID]tally{}
	err = m.d.View(m.ctx, func(tx *Tx) error {
		for p, err := range records[Playlist](tx, inPlaylists, 0) {
			if err != nil {
				return err
			}
			list, err := tx.readTracks(p.ID)
			if err != nil {
				return err
			}
			s, err := tx.tally(p.User, list)
			if err != nil {
				return err
			}
			playlists[p.ID] = s
			if c := users[p.User]; c != nil {
				c[userPlaylists]++
				if p.Visibility == Public {
					c[userPublicPlaylists]++
				}
			}
		}
		return m.countPairs(tx, users, tracks, playlists)
	})
	if err != nil {
		return err
	}
	if err := m.sumUp(users, tracks); err != nil {
		return err
	}
	if m.days {
		if err := m.sumDays(); err != nil {
			return err
		}
	}
	if err := m.sift(inCounts, func(*Tx, []byte, []byte) ([]byte, bool) { return nil, false }); err != nil {
		return err
	}
	b := m.batched(inCounts)
	for id, list := range users {
		b.put(key1(id), numbers(list[:]))
	}
	for id, list := range tracks {
		b.put(key1(id), numbers(list[:]))
	}
	for id, list := range playlists {
		b.put(key1(id), numbers(list[:]))
	}
	return b.end()
}

// countUsers makes the counters of users from what is theirs alone.
func (m *mender) countUsers() (map[ID]*[userCounters]uint64, error) {
	users := map[ID]*[userCounters]uint64{}
	return users, m.d.View(m.ctx, func(tx *Tx) error {
		for u, err := range tx.Users(0) {
			if err != nil {
				return err
			}
			list := new([userCounters]uint64)
			if was, err := tx.counters(u.ID, userCounters); err == nil {
				list[userSums+numberListeners] = was[userSums+numberListeners]
			}
			users[u.ID] = list
		}
		w := &walk{tx: tx, b: inNotifications}
		for id, err := range each(w, firstID(inNotifications)) {
			if err != nil {
				return err
			}
			if c := users[id]; c != nil {
				c[userNotices]++
			}
		}
		for r, err := range records[Comment](tx, inComments, 0) {
			if err != nil {
				return err
			}
			if c := users[r.User]; c != nil {
				c[userComments]++
			}
		}
		for v, err := range records[Conversation](tx, inConversations, 0) {
			if err != nil {
				return err
			}
			for side, user := range v.Users {
				if c := users[user]; c != nil {
					c[userUnread] += v.Unread[side]
				}
			}
		}
		return nil
	})
}

// firstID reads the id that a key begins with.
func firstID(b bucket) func(key, _ []byte) (ID, error) {
	return func(key, _ []byte) (ID, error) {
		if len(key) < 8 {
			return 0, corrupt(b, key, nil)
		}
		return ID(binary.BigEndian.Uint64(key)), nil
	}
}

// countTracks takes over what only counters tell of tracks, and counts their
// comments.
func (m *mender) countTracks(tx *Tx, tracks map[ID]*[trackCounters]uint64) error {
	for t, err := range tx.Tracks(0) {
		if err != nil {
			return err
		}
		list := new([trackCounters]uint64)
		tracks[t.ID] = list
		p, err := tx.get(inCounts, key1(t.ID))
		switch {
		case err == nil && len(p)%8 == 0:
			for _, place := range []int{trackPlays, trackDownloads, trackListeners} {
				if len(p) >= 8*(place+1) {
					list[place] = binary.BigEndian.Uint64(p[8*place:])
				}
			}
		case errors.Is(err, ErrNotFound):
			for d, err := range tx.Days(t.ID, 0) {
				if err == nil {
					list[trackPlays] += d.Plays
					list[trackDownloads] += d.Downloads
					list[trackListeners] += d.Listeners
				}
			}
		}
	}
	for r, err := range records[Comment](tx, inComments, 0) {
		if err != nil {
			return err
		}
		if c := tracks[r.Track]; c != nil && !r.Deleted() {
			c[trackComments]++
		}
	}
	return nil
}

// countPairs counts what people do with each other.
func (m *mender) countPairs(tx *Tx, users map[ID]*[userCounters]uint64, tracks map[ID]*[trackCounters]uint64, playlists map[ID]tally) error {
	for _, e := range allEdges() {
		for pair, err := range each(&walk{tx: tx, b: e.pairs}, func(key, _ []byte) ([2]ID, error) {
			if len(key) != 16 {
				return [2]ID{}, corrupt(e.pairs, key, nil)
			}
			return [2]ID{ID(binary.BigEndian.Uint64(key)), ID(binary.BigEndian.Uint64(key[8:]))}, nil
		}) {
			if err != nil {
				return err
			}
			if c := users[pair[0]]; c != nil && e.counts != uncounted {
				c[e.counts]++
			}
			if e.counted == uncounted {
				continue
			}
			switch e.what {
			case inUsers:
				if c := users[pair[1]]; c != nil {
					c[e.counted]++
				}
			case inTracks:
				if c := tracks[pair[1]]; c != nil {
					c[e.counted]++
				}
			default:
				s := playlists[pair[1]]
				s[e.counted]++
				playlists[pair[1]] = s
			}
		}
	}
	return nil
}

// sumUp adds up what users have, on their records and among their counters.
func (m *mender) sumUp(users map[ID]*[userCounters]uint64, tracks map[ID]*[trackCounters]uint64) error {
	type sum struct{ tracks, public, bytes, inPlace uint64 }
	sums := map[ID]sum{}
	err := m.d.View(m.ctx, func(tx *Tx) error {
		for t, err := range tx.Tracks(0) {
			if err != nil {
				return err
			}
			s := sums[t.User]
			s.tracks++
			s.bytes += t.Audio.stored()
			s.inPlace += one(t.Audio.InPlace)
			if t.Visibility == Public {
				s.public++
			}
			sums[t.User] = s
			for place, counter := range inTrack {
				if c := users[t.User]; c != nil && place != numberListeners {
					c[userSums+place] += tracks[t.ID][counter]
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sifted(m, inUsers, func(_ *Tx, u *User) bool {
		s := sums[u.ID]
		u.Tracks, u.PublicTracks, u.Bytes, u.InPlace = s.tracks, s.public, s.bytes, s.inPlace
		return true
	})
}

// sumDays makes sure that the days of a user count no less than those of the
// user's tracks.
func (m *mender) sumDays() error {
	owners := map[ID]ID{}
	days := map[string][]uint64{} // by user and day
	err := m.d.View(m.ctx, func(tx *Tx) error {
		for t, err := range tx.Tracks(0) {
			if err != nil {
				return err
			}
			owners[t.ID] = t.User
		}
		for entry, err := range each(&walk{tx: tx, b: inDays}, func(key, payload []byte) (value, error) {
			return value{key: append([]byte{}, key...), payload: append([]byte{}, payload...)}, nil
		}) {
			if err != nil {
				return err
			}
			day, list, err := readDay(entry.key, entry.payload)
			owner := owners[ID(binary.BigEndian.Uint64(entry.key))]
			if err != nil || owner == 0 {
				continue
			}
			at := string(dayKey(owner, day))
			if days[at] == nil {
				days[at] = make([]uint64, numberPlaces)
			}
			for i, n := range list {
				days[at][i] += n
			}
		}
		for at, list := range days {
			p, err := tx.get(inDays, []byte(at))
			if err != nil {
				continue
			}
			if _, was, err := readDay([]byte(at), p); err == nil {
				for i := range list {
					if i == numberListeners { // who heard two tracks is one
						list[i] = was[i]
					}
					list[i] = max(list[i], was[i])
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	b := m.batched(inDays)
	for at, list := range days {
		b.put([]byte(at), numbers(list))
	}
	return b.end()
}

// points makes the points of tracks fit what is known of their days and likes.
func (m *mender) points() error {
	scores := map[ID]score{}
	err := m.d.View(m.ctx, func(tx *Tx) error {
		for t, err := range tx.Tracks(0) {
			if err != nil {
				return err
			}
			s, _ := tx.score(t.ID)
			c, err := tx.TrackCounts(t.ID)
			if err != nil {
				return err
			}
			s.week, s.always = 0, max(s.always, pointsLike*c.Likes)
			scores[t.ID] = s
		}
		type point struct {
			track ID
			n     uint64
		}
		for p, err := range each(&walk{tx: tx, b: inPointDays}, func(key, payload []byte) (point, error) {
			return point{ID(binary.BigEndian.Uint64(key[4:])), binary.BigEndian.Uint64(payload)}, nil
		}) {
			if err != nil {
				return err
			}
			s := scores[p.track]
			s.week += p.n
			s.always = max(s.always, s.week)
			scores[p.track] = s
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := m.sift(inScores, func(*Tx, []byte, []byte) ([]byte, bool) { return nil, false }); err != nil {
		return err
	}
	b := m.batched(inScores)
	for id, s := range scores {
		if s != (score{}) {
			b.put(key1(id), numbers([]uint64{s.week, s.always}))
		}
	}
	return b.end()
}

// batched writes many entries of one bucket, some thousands a transaction, in
// the order of their keys.
type batched struct {
	m   *mender
	b   bucket
	all *spill
}

func (m *mender) batched(b bucket) *batched { return &batched{m, b, newSpill(m.dir)} }

func (w *batched) put(key, payload []byte) { w.all.add(w.b, key, payload) }

func (w *batched) end() error {
	defer w.all.close()
	return w.all.each(w.m.put)
}

// put writes entries in one transaction.
func (m *mender) put(batch []value) error {
	return m.d.Update(m.ctx, func(tx *Tx) error {
		for _, v := range batch {
			if err := tx.put(v.b, v.key, v.payload); err != nil {
				return err
			}
		}
		return nil
	})
}

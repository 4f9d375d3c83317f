package db_test

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"earshot/db"
)

const (
	heard  = 6 // tracks in a history
	notice = 5 // notifications a user
)

// social is the part of the model that is about what users do with each other.
// Here whatever is dropped leaves no trace.
type social struct {
	sets          []pairSet
	pairs         []map[[2]db.ID]db.ID // the marks of the pairs of each set
	history       map[db.ID][]db.ID    // of a user, the last listen first
	plays         map[db.ID]uint64
	comments      map[db.ID]db.Comment
	playlists     map[db.ID]db.Playlist
	order         map[db.ID][]db.ID          // the tracks of a playlist
	playlistSlugs map[db.ID]map[string]db.ID // as slugs
	talks         map[[2]db.ID]*exchange
	told          map[db.ID][]db.ID // notifications of a user, oldest first
	tallies
}

// exchange is a conversation.
type exchange struct {
	id    db.ID
	users [2]db.ID
	said  []db.Message // oldest first
	read  [2]db.ID
}

func newSocial() social {
	s := social{sets: pairSets(), history: map[db.ID][]db.ID{}, plays: map[db.ID]uint64{}, comments: map[db.ID]db.Comment{},
		playlists: map[db.ID]db.Playlist{}, order: map[db.ID][]db.ID{}, playlistSlugs: map[db.ID]map[string]db.ID{},
		talks: map[[2]db.ID]*exchange{}, told: map[db.ID][]db.ID{}, tallies: newTallies()}
	for range s.sets {
		s.pairs = append(s.pairs, map[[2]db.ID]db.ID{})
	}
	return s
}

// dropPairs drops pairs of a set, and gives nothing of them back.
func (s *social) dropPairs(set int, which func(from, to db.ID) bool) {
	maps.DeleteFunc(s.pairs[set], func(pair [2]db.ID, _ db.ID) bool { return which(pair[0], pair[1]) })
}

// leadsTo gives the ids of what the pairs of a set lead to.
func (m *model) leadsTo(set int) []db.ID {
	switch m.sets[set].name {
	case "likes", "reposts":
		return ids(m.tracks)
	case "playlist likes":
		return ids(m.playlists)
	}
	return ids(m.users)
}

func (m *model) trackGone(t *db.Track) {
	delete(m.tracks, t.ID)
	delete(m.plays, t.ID)
	delete(m.days, t.ID)
	delete(m.stops, t.ID)
	isIt := func(id db.ID) bool { return id == t.ID }
	maps.DeleteFunc(m.slugs[t.User], func(_ string, id db.ID) bool { return isIt(id) })
	maps.DeleteFunc(m.jobs, func(_ db.ID, j db.Job) bool { return isIt(j.Subject) })
	maps.DeleteFunc(m.comments, func(_ db.ID, c db.Comment) bool { return isIt(c.Track) })
	for user := range m.history {
		m.history[user] = slices.DeleteFunc(m.history[user], isIt)
	}
	for p := range m.order {
		m.order[p] = slices.DeleteFunc(m.order[p], isIt)
	}
	for set := range m.sets {
		m.dropPairs(set, func(_, to db.ID) bool { return isIt(to) })
	}
	m.fileGone(t.ID)
	m.mark(db.KindTrack, t.ID)
}

func (m *model) playlistGone(p *db.Playlist) {
	delete(m.playlists, p.ID)
	delete(m.order, p.ID)
	maps.DeleteFunc(m.playlistSlugs[p.User], func(_ string, id db.ID) bool { return id == p.ID })
	for set := range m.sets {
		m.dropPairs(set, func(_, to db.ID) bool { return to == p.ID })
	}
	m.mark(db.KindPlaylist, p.ID)
}

func (m *model) userGone(user db.ID) {
	isIt := func(id db.ID) bool { return id == user }
	delete(m.users, user)
	delete(m.slugs, user)
	delete(m.playlistSlugs, user)
	delete(m.history, user)
	delete(m.told, user)
	delete(m.people, user)
	delete(m.queues, user)
	m.librariesGone(user)
	maps.DeleteFunc(m.names, func(_ string, id db.ID) bool { return isIt(id) })
	maps.DeleteFunc(m.sessions, func(_ db.ID, s db.Session) bool { return isIt(s.User) })
	for set := range m.sets {
		m.dropPairs(set, func(from, to db.ID) bool { return isIt(from) || isIt(to) })
	}
	for _, id := range ids(m.comments) {
		if c, there := m.comments[id]; there && isIt(c.User) {
			m.commentGone(&c)
		}
	}
	for users, w := range m.talks {
		if !slices.Contains(users[:], user) {
			continue
		}
		w.said = slices.DeleteFunc(w.said, func(s db.Message) bool { return isIt(s.User) })
		_, first := m.users[users[0]]
		_, second := m.users[users[1]]
		if len(w.said) == 0 || !first && !second {
			delete(m.talks, users)
		}
	}
	m.mark(db.KindUser, user)
}

func (m *model) commentGone(c *db.Comment) {
	if c.Replies > 0 {
		c.User, c.Text = 0, ""
		m.comments[c.ID] = *c
		return
	}
	delete(m.comments, c.ID)
	if c.Parent != 0 {
		parent := m.comments[c.Parent]
		parent.Replies--
		m.comments[c.Parent] = parent
		if parent.User == 0 && parent.Replies == 0 {
			delete(m.comments, c.Parent)
		}
	}
}

// socialStep is step for what users do with each other.
func (m *model) socialStep(tx *db.Tx) error {
	switch m.rand.IntN(20) {
	case 0, 1, 2, 3, 4, 5:
		return m.pairStep(tx)
	case 6, 7:
		user, track := m.any(ids(m.users)), m.any(ids(m.tracks))
		_, userThere := m.users[user]
		_, trackThere := m.tracks[track]
		if !userThere || !trackThere {
			return verdict("Listen", tx.Listen(user, track, heard), db.ErrNotFound)
		}
		list := slices.DeleteFunc(m.history[user], func(id db.ID) bool { return id == track })
		list = append([]db.ID{track}, list...)
		m.history[user] = list[:min(len(list), heard)]
		return errors.Join(tx.Listen(user, track, heard), m.play(tx, user, track))
	case 8:
		user, track := m.any(ids(m.users)), m.any(ids(m.tracks))
		there := slices.Contains(m.history[user], track)
		m.history[user] = slices.DeleteFunc(m.history[user], func(id db.ID) bool { return id == track })
		dropped, err := tx.ForgetListen(user, track)
		if dropped != there {
			return fmt.Errorf("ForgetListen: %t, want %t", dropped, there)
		}
		return err
	case 9, 10, 11, 12:
		return m.commentStep(tx)
	case 13, 14:
		return m.playlistStep(tx)
	case 15, 16, 17:
		return m.talkStep(tx)
	case 18:
		if m.rand.IntN(2) == 0 {
			return m.countStep(tx)
		}
		n := db.Notification{ID: tx.NewID(), User: m.any(ids(m.users)), Actor: m.any(ids(m.users)), Kind: db.NoticeFollow, Created: noon}
		if _, there := m.users[n.User]; !there {
			return verdict("AddNotification", tx.AddNotification(n, notice), db.ErrNotFound)
		}
		list := append(m.told[n.User], n.ID)
		m.told[n.User] = list[max(0, len(list)-notice):]
		return verdict("AddNotification", tx.AddNotification(n, notice), nil)
	default:
		if m.rand.IntN(6) > 0 {
			_, err := tx.Forget(1 + m.rand.IntN(10))
			return err
		}
		return m.dropUser(tx)
	}
}

func (m *model) pairStep(tx *db.Tx) error {
	set := m.rand.IntN(len(m.sets))
	s := m.sets[set]
	from, to := m.any(ids(m.users)), m.any(m.leadsTo(set))
	mark, there := m.pairs[set][[2]db.ID{from, to}]
	if there && m.rand.IntN(2) == 0 || m.rand.IntN(6) == 0 {
		delete(m.pairs[set], [2]db.ID{from, to})
		dropped, err := s.leave(tx, from, to)
		if err != nil || dropped != there {
			return fmt.Errorf("dropped from %s: %t, want %t: %w", s.name, dropped, there, err)
		}
		return nil
	}
	got, added, err := s.join(tx, from, to)
	if _, fromThere := m.users[from]; !fromThere || !slices.Contains(m.leadsTo(set), to) {
		return verdict("add to "+s.name, err, db.ErrNotFound)
	}
	if err != nil || added == there || there && got != mark {
		return fmt.Errorf("added to %s: %t, mark %s; was there: %t, mark %s: %w", s.name, added, got, there, mark, err)
	}
	m.pairs[set][[2]db.ID{from, to}] = got
	return nil
}

func (m *model) commentStep(tx *db.Tx) error {
	old, there := m.comments[m.any(ids(m.comments))]
	if there && old.User == 0 {
		return nil // it may be there as it was, if only its user went a moment ago
	}
	switch m.rand.IntN(8) {
	case 0:
		old.Text = fmt.Sprint(m.rand.Uint64())
		if !there {
			return verdict("SetComment", tx.SetComment(old), db.ErrNotFound)
		}
		m.comments[old.ID] = old
		return verdict("SetComment", tx.SetComment(old), nil)
	case 1, 2:
		if !there {
			return verdict("DropComment", tx.DropComment(old.ID), db.ErrNotFound)
		}
		id := old.ID
		m.commentGone(&old)
		return verdict("DropComment", tx.DropComment(id), nil)
	}
	c := newComment(tx, m.any(ids(m.tracks)), m.any(ids(m.users)), m.rand.Int64N(4), fmt.Sprint(m.rand.Uint64()))
	parent, replies := m.comments[m.any(ids(m.comments))]
	if replies = replies && parent.Parent == 0 && m.rand.IntN(2) == 0; replies {
		c.Parent = parent.ID
		if m.rand.IntN(10) > 0 { // else it is most likely on another track
			c.Track = parent.Track
		}
	}
	_, trackThere := m.tracks[c.Track]
	_, userThere := m.users[c.User]
	if !trackThere || !userThere || replies && c.Track != parent.Track {
		return verdict("AddComment", tx.AddComment(c), db.ErrNotFound)
	}
	if err := tx.AddComment(c); err != nil {
		return err
	}
	if replies {
		c.Position = parent.Position
		parent.Replies++
		m.comments[parent.ID] = parent
	}
	m.comments[c.ID] = c
	return nil
}

func (m *model) playlistStep(tx *db.Tx) error {
	p, there := m.playlists[m.any(ids(m.playlists))]
	switch n := m.rand.IntN(10); {
	case n < 4:
		var tracks []db.ID
		for range m.rand.IntN(6) {
			if id := m.any(ids(m.tracks)); !slices.Contains(tracks, id) {
				tracks = append(tracks, id)
			}
		}
		unknown := slices.ContainsFunc(tracks, func(id db.ID) bool {
			_, there := m.tracks[id]
			return !there
		})
		if !there || unknown {
			return verdict("SetPlaylistTracks", tx.SetPlaylistTracks(p.ID, tracks), db.ErrNotFound)
		}
		m.order[p.ID] = tracks
		m.mark(db.KindPlaylist, p.ID)
		return verdict("SetPlaylistTracks", tx.SetPlaylistTracks(p.ID, tracks), nil)
	case n < 6:
		p.Slug, p.Title = m.name(), fmt.Sprint(m.rand.Uint64())
		if m.rand.IntN(2) == 0 {
			p.Visibility, p.Published = m.moved(tx, p.Visibility, p.Published)
		}
		p.Release = m.someRelease(p.Visibility)
		if !there {
			return verdict("SetPlaylist", tx.SetPlaylist(p), db.ErrNotFound)
		}
		if id, taken := m.playlistSlugs[p.User][p.Slug]; taken && id != p.ID {
			return verdict("SetPlaylist", tx.SetPlaylist(p), db.ErrTaken)
		}
		m.playlists[p.ID], m.playlistSlugs[p.User][p.Slug] = p, p.ID
		m.mark(db.KindPlaylist, p.ID)
		return verdict("SetPlaylist", tx.SetPlaylist(p), nil)
	case n < 7:
		if !there {
			return verdict("DropPlaylist", tx.DropPlaylist(p.ID), db.ErrNotFound)
		}
		m.playlistGone(&p)
		return verdict("DropPlaylist", tx.DropPlaylist(p.ID), nil)
	}
	owner := m.any(ids(m.users))
	p = newPlaylist(tx, owner, m.name(), db.Visibility(m.rand.IntN(4)))
	p.Release = m.someRelease(p.Visibility)
	if _, there := m.users[owner]; !there {
		return verdict("AddPlaylist", tx.AddPlaylist(p), db.ErrNotFound)
	}
	if _, taken := m.playlistSlugs[owner][p.Slug]; taken {
		return verdict("AddPlaylist", tx.AddPlaylist(p), db.ErrTaken)
	}
	m.playlists[p.ID], m.playlistSlugs[owner][p.Slug] = p, p.ID
	m.mark(db.KindPlaylist, p.ID)
	return verdict("AddPlaylist", tx.AddPlaylist(p), nil)
}

// talkStep writes, reads or drops a message.
func (m *model) talkStep(tx *db.Tx) error {
	byID := map[db.ID]*exchange{}
	for _, w := range m.talks {
		byID[w.id] = w
	}
	w, n := byID[m.any(ids(byID))], m.rand.IntN(10)
	switch {
	case w != nil && len(w.said) > 0 && n < 2:
		i := m.rand.IntN(len(w.said))
		id := w.said[i].ID
		w.said = slices.Delete(w.said, i, i+1)
		_, first := m.users[w.users[0]]
		_, second := m.users[w.users[1]]
		if len(w.said) == 0 && !(first && second) {
			delete(m.talks, w.users)
		}
		return verdict("DropMessage", tx.DropMessage(w.id, id), nil)
	case w != nil && len(w.said) > 0 && n < 5:
		side, upTo := m.rand.IntN(2), w.said[m.rand.IntN(len(w.said))].ID
		user, other := w.users[side], w.users[1-side]
		if _, there := m.users[user]; !there {
			_, err := tx.ReadMessages(w.id, user, upTo)
			return verdict("ReadMessages", err, db.ErrNotFound)
		}
		unread := w.unread(side)
		w.read[side] = max(w.read[side], upTo)
		changed, err := tx.ReadMessages(w.id, user, upTo)
		if _, there := m.users[other]; there && changed != (w.unread(side) != unread) {
			return fmt.Errorf("ReadMessages: %t, unread were %d, are %d", changed, unread, w.unread(side))
		}
		return err
	}
	from, to := m.any(ids(m.users)), m.any(ids(m.users))
	if from == to {
		return nil
	}
	if w != nil && m.rand.IntN(2) == 0 {
		from, to = w.users[n%2], w.users[1-n%2] // talk on
	}
	said := db.Message{ID: tx.NewID(), User: from, Text: fmt.Sprint(m.rand.Uint64()), Created: noon}
	said, c, err := tx.AddMessage(said, to)
	_, fromThere := m.users[from]
	_, toThere := m.users[to]
	if !fromThere || !toThere {
		return verdict("AddMessage", err, db.ErrNotFound)
	}
	if err != nil {
		return err
	}
	w = m.talks[c.Users]
	if w == nil {
		w = &exchange{id: c.ID, users: c.Users}
		m.talks[c.Users] = w
	}
	if w.id != c.ID {
		return fmt.Errorf("AddMessage: the conversation is %s, was %s", c.ID, w.id)
	}
	w.said = append(w.said, said)
	w.read[slices.Index(w.users[:], from)] = said.ID
	return nil
}

// unread gives how many messages one of the two has not read.
func (w *exchange) unread(side int) (n uint64) {
	for _, s := range w.said {
		if s.User != w.users[side] && s.ID > w.read[side] {
			n++
		}
	}
	return n
}

// dropUser drops a user, with tracks and playlists first, as has to be.
func (m *model) dropUser(tx *db.Tx) error {
	user := m.any(ids(m.users))
	if _, there := m.users[user]; !there {
		return verdict("DropUser", tx.DropUser(user), db.ErrNotFound)
	}
	for _, id := range ids(m.tracks) {
		if t := m.tracks[id]; t.User == user {
			if err := tx.DropUser(user); err == nil {
				return errors.New("a user who has tracks was dropped")
			}
			m.trackGone(&t)
			if err := m.tagged(tx, func() error { return tx.DropTrack(id) }); err != nil {
				return err
			}
		}
	}
	for _, id := range ids(m.playlists) {
		if p := m.playlists[id]; p.User == user {
			if err := tx.DropUser(user); err == nil {
				return errors.New("a user who has playlists was dropped")
			}
			m.playlistGone(&p)
			if err := tx.DropPlaylist(id); err != nil {
				return err
			}
		}
	}
	m.userGone(user)
	return verdict("DropUser", tx.DropUser(user), nil)
}

// gather gives what a list yields, up to the first error.
func gather[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for item, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, item)
	}
	return all, nil
}

// same wants two things to print the same.
func same(what string, got, want any, err error) error {
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w || err != nil {
		return fmt.Errorf("%s: got %s, %v; want %s", what, g, err, w)
	}
	return nil
}

// compareSocial is compare for what users do with each other. Everything has
// to be forgotten before.
func (m *model) compareSocial(tx *db.Tx) error {
	return errors.Join(m.comparePairs(tx), m.compareComments(tx), m.comparePlaylists(tx), m.compareUsers(tx), m.compareCounted(tx))
}

func (m *model) comparePairs(tx *db.Tx) error {
	activity := []db.Activity{}
	for _, t := range m.tracks {
		if t.Published != 0 {
			activity = append(activity, db.Activity{User: t.User, Kind: db.Published, Track: t.ID, Mark: t.Published})
		}
	}
	for set, s := range m.sets {
		out, in := map[db.ID][]db.Edge{}, map[db.ID][]db.Edge{}
		for pair, mark := range m.pairs[set] {
			e := db.Edge{From: pair[0], To: pair[1], Mark: mark}
			out[e.From], in[e.To] = append(out[e.From], e), append(in[e.To], e)
			if s.name == "reposts" {
				activity = append(activity, db.Activity{User: e.From, Kind: db.Reposted, Track: e.To, Mark: e.Mark})
			}
		}
		for _, side := range []struct {
			ids   []db.ID
			want  map[db.ID][]db.Edge
			list  func(*db.Tx, db.ID, db.ID) iter.Seq2[db.Edge, error]
			count func(*db.Tx, db.ID) (uint64, error)
		}{{ids(m.users), out, s.out, s.counts}, {m.leadsTo(set), in, s.in, s.counted}} {
			for _, id := range side.ids {
				want := side.want[id]
				slices.SortFunc(want, func(a, b db.Edge) int { return int(int64(b.Mark - a.Mark)) })
				got, err := gather(side.list(tx, id, 0))
				if err := same(s.name+" of "+id.String(), got, want, err); err != nil {
					return err
				}
				if side.count == nil {
					continue
				}
				n, err := side.count(tx, id)
				if err := same("counter of "+s.name+" of "+id.String(), n, len(want), err); err != nil {
					return err
				}
			}
		}
	}
	slices.SortFunc(activity, func(a, b db.Activity) int { return int(int64(b.Mark - a.Mark)) })
	got, err := gather(tx.Activity(0))
	return same("activity", got, activity, err)
}

func (m *model) compareComments(tx *db.Tx) error {
	for _, t := range ids(m.tracks) {
		var want []db.Comment
		var counted uint64
		for _, id := range ids(m.comments) {
			if c := m.comments[id]; c.Track == t {
				if c.Parent == 0 {
					want = append(want, c)
				}
				if c.User != 0 {
					counted++
				}
			}
		}
		slices.Reverse(want)
		got, err := gather(tx.NewestComments(t, 0))
		if err := same("newest comments on "+t.String(), got, want, err); err != nil {
			return err
		}
		slices.Reverse(want)
		slices.SortStableFunc(want, func(a, b db.Comment) int { return int(a.Position - b.Position) })
		got, err = gather(tx.CommentsAt(t, 0, 0))
		if err := same("comments on "+t.String(), got, want, err); err != nil {
			return err
		}
		c, err := tx.TrackCounts(t)
		if err := same("counters of "+t.String(), []uint64{c.Comments, c.Plays}, []uint64{counted, m.plays[t]}, err); err != nil {
			return err
		}
	}
	for _, id := range ids(m.comments) {
		var want []db.Comment
		for _, reply := range ids(m.comments) {
			if c := m.comments[reply]; c.Parent == id {
				want = append(want, c)
			}
		}
		got, err := gather(tx.Replies(id, 0))
		if err := same("replies to "+id.String(), got, want, err); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) comparePlaylists(tx *db.Tx) error {
	for _, id := range ids(m.playlists) {
		want := m.playlists[id]
		got, err := tx.Playlist(id)
		if err := same("playlist", got, want, err); err != nil {
			return err
		}
		tracks, err := tx.PlaylistTracks(id)
		if err := same("tracks of "+id.String(), tracks, m.order[id], err); err != nil {
			return err
		}
		var sum db.PlaylistCounts
		for _, track := range tracks {
			t := m.tracks[track]
			if t.Visibility == db.Public {
				sum.Public++
				sum.PublicTime += uint64(t.Audio.Duration)
			}
			if t.Visibility == db.Public || t.User == want.User {
				sum.Own++
				sum.OwnTime += uint64(t.Audio.Duration)
			}
		}
		counts, err := tx.PlaylistCounts(id)
		counts.Likes = 0 // see comparePairs
		if err := same("counters of "+id.String(), counts, sum, err); err != nil {
			return err
		}
	}
	for user, slugs := range m.playlistSlugs {
		for slug, id := range slugs {
			if p, moved, err := tx.PlaylistBySlug(user, slug); err != nil || p.ID != id || moved != (m.playlists[id].Slug != slug) {
				return fmt.Errorf("%q leads to %s, moved %t (%w)", slug, p.ID, moved, err)
			}
		}
	}
	return nil
}

// compareUsers looks at what each user finds and is counted.
func (m *model) compareUsers(tx *db.Tx) error {
	for _, user := range ids(m.users) {
		var got []db.ID
		for e, err := range tx.History(user, 0) {
			if err != nil {
				return err
			}
			got = append(got, e.To)
		}
		// A track that was gone, but not forgotten, may have pushed out the oldest.
		m.history[user] = m.history[user][:min(len(got), len(m.history[user]))]
		if err := same("history of "+user.String(), got, m.history[user], nil); err != nil {
			return err
		}
		got = nil
		for n, err := range tx.Notifications(user, 0) {
			if err != nil {
				return err
			}
			got = append(got, n.ID)
		}
		slices.Reverse(got)
		if err := same("notifications of "+user.String(), got, m.told[user], nil); err != nil {
			return err
		}
		var want db.UserCounts
		comments := []db.Comment{}
		for _, id := range ids(m.comments) {
			if c := m.comments[id]; c.User == user {
				comments = append(comments, c)
			}
		}
		slices.Reverse(comments)
		wrote, err := gather(tx.CommentsOf(user, 0))
		if err := same("comments of "+user.String(), wrote, comments, err); err != nil {
			return err
		}
		var lists []db.ID
		for _, id := range ids(m.playlists) {
			if p := m.playlists[id]; p.User == user {
				lists = append(lists, id)
				if p.Visibility == db.Public {
					want.PublicPlaylists++
				}
			}
		}
		slices.Reverse(lists)
		got = nil
		for p, err := range tx.PlaylistsOf(user, 0) {
			if err != nil {
				return err
			}
			got = append(got, p.ID)
		}
		if err := same("playlists of "+user.String(), got, lists, nil); err != nil {
			return err
		}
		var talks []*exchange
		for users, w := range m.talks {
			if side := slices.Index(users[:], user); side >= 0 {
				want.Unread += w.unread(side)
				if len(w.said) > 0 {
					talks = append(talks, w)
				}
			}
		}
		slices.SortFunc(talks, func(a, b *exchange) int { return int(int64(b.said[len(b.said)-1].ID - a.said[len(a.said)-1].ID)) })
		inbox, err := gather(tx.Inbox(user, 0))
		if err != nil || len(inbox) != len(talks) {
			return fmt.Errorf("the inbox of %s has %d conversations, want %d (%w)", user, len(inbox), len(talks), err)
		}
		for i, w := range talks {
			said, err := gather(tx.Messages(w.id, 0))
			slices.Reverse(said)
			if err := same("messages of "+w.id.String(), said, w.said, err); err != nil {
				return err
			}
			side := slices.Index(w.users[:], user)
			if inbox[i].ID != w.id || inbox[i].Unread[side] != w.unread(side) {
				return fmt.Errorf("place %d of the inbox of %s is %+v, want %s with %d unread", i, user, inbox[i], w.id, w.unread(side))
			}
		}
		counts, err := tx.UserCounts(user)
		want.Playlists, want.Comments = uint64(len(lists)), uint64(len(comments))
		want.Followers, want.Following = counts.Followers, counts.Following // see comparePairs
		if err := same("counters of "+user.String(), counts, want, err); err != nil {
			return err
		}
	}
	return nil
}

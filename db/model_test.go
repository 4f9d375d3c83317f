package db_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"earshot/db"
)

// model is what the database should hold, in plain maps.
type model struct {
	rand     *rand.Rand
	users    map[db.ID]db.User
	tracks   map[db.ID]db.Track
	sessions map[db.ID]db.Session
	jobs     map[db.ID]db.Job
	names    map[string]db.ID           // usernames, former ones too
	slugs    map[db.ID]map[string]db.ID // the same of each user
	dirty    map[[2]uint64]struct{}     // kind and id
	tags     map[string]modelTag
	written  map[string]string // how a tag was last written
	queues   map[db.ID]db.Queue
	shelves
	social
}

func newModel(r *rand.Rand) *model {
	return &model{social: newSocial(), shelves: newShelves(), rand: r, users: map[db.ID]db.User{}, tracks: map[db.ID]db.Track{},
		sessions: map[db.ID]db.Session{}, jobs: map[db.ID]db.Job{}, names: map[string]db.ID{},
		slugs: map[db.ID]map[string]db.ID{}, dirty: map[[2]uint64]struct{}{}, tags: map[string]modelTag{}, written: map[string]string{}, queues: map[db.ID]db.Queue{}}
}

func ids[T any](m map[db.ID]T) []db.ID {
	all := make([]db.ID, 0, len(m))
	for id := range m {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

func (m *model) any(from []db.ID) db.ID {
	if len(from) == 0 || m.rand.IntN(20) == 0 {
		return 12345 // nobody's
	}
	return from[m.rand.IntN(len(from))]
}

func (m *model) mark(kind db.Kind, id db.ID) {
	m.dirty[[2]uint64{uint64(kind), uint64(id)}] = struct{}{}
}

func (m *model) name() string { return fmt.Sprint("n", m.rand.IntN(60)) }

// verdict wants an error just when the model says so.
func verdict(what string, err, want error) error {
	if !errors.Is(err, want) || err != nil && want == nil {
		return fmt.Errorf("%s: got %v, want %v", what, err, want)
	}
	return nil
}

// step does one random thing to both. An error it gives is a difference.
func (m *model) step(tx *db.Tx) error {
	if m.rand.IntN(10) == 0 {
		return m.shelfStep(tx)
	}
	if m.rand.IntN(25) == 0 {
		return m.queueStep(tx)
	}
	if m.rand.IntN(4) > 0 {
		return m.socialStep(tx)
	}
	switch m.rand.IntN(12) {
	case 0:
		u := newUser(tx, m.name())
		u.Email = fmt.Sprint(u.ID, "@example.org")
		if _, taken := m.names[u.Username]; taken {
			return verdict("AddUser", tx.AddUser(u), db.ErrTaken)
		}
		m.users[u.ID], m.names[u.Username], m.slugs[u.ID], m.playlistSlugs[u.ID] = u, u.ID, map[string]db.ID{}, map[string]db.ID{}
		m.mark(db.KindUser, u.ID)
		return verdict("AddUser", tx.AddUser(u), nil)
	case 1:
		u, there := m.users[m.any(ids(m.users))]
		was := u
		u.Username, u.Bio = m.name(), fmt.Sprint(m.rand.Uint64())
		if m.rand.IntN(2) == 0 {
			u.Username = was.Username
		}
		u.Disabled = m.rand.IntN(3) == 0
		if !there {
			return verdict("SetUser", tx.SetUser(u), db.ErrNotFound)
		}
		if owner, taken := m.names[u.Username]; taken && owner != u.ID {
			return verdict("SetUser", tx.SetUser(u), db.ErrTaken)
		}
		m.users[u.ID], m.names[u.Username] = u, u.ID
		m.mark(db.KindUser, u.ID)
		if u.Username != was.Username || u.Disabled != was.Disabled {
			m.markAllOf(u.ID)
		}
		return verdict("SetUser", m.tagged(tx, func() error { return tx.SetUser(u) }), nil)
	case 2, 3, 4:
		owner := m.any(ids(m.users))
		t := newTrack(tx, owner, m.name(), db.Visibility(m.rand.IntN(4)))
		t.Audio.Size, t.Audio.Duration, t.Tags, t.Audio.InPlace = m.rand.Int64N(1<<30), m.rand.Int64N(1<<30), m.someTags(), m.rand.IntN(3) == 0
		t.Release, t.Audio.Sound = m.someRelease(t.Visibility), m.someSound()
		if _, there := m.users[owner]; !there {
			return verdict("AddTrack", tx.AddTrack(t), db.ErrNotFound)
		}
		if _, taken := m.slugs[owner][t.Slug]; taken {
			return verdict("AddTrack", tx.AddTrack(t), db.ErrTaken)
		}
		m.write(db.Track{}, t)
		m.tracks[t.ID], m.slugs[owner][t.Slug] = t, t.ID
		m.mark(db.KindTrack, t.ID)
		return verdict("AddTrack", m.tagged(tx, func() error { return tx.AddTrack(t) }), nil)
	case 5, 6:
		t, there := m.tracks[m.any(ids(m.tracks))]
		t.Slug, t.Title, t.Audio.Size = m.name(), fmt.Sprint(m.rand.Uint64()), m.rand.Int64N(1<<30)
		t.Audio.InPlace = m.rand.IntN(3) == 0
		if m.rand.IntN(2) == 0 {
			t.Tags = m.someTags()
		}
		if m.rand.IntN(2) == 0 {
			t.Visibility, t.Published = m.moved(tx, t.Visibility, t.Published)
		}
		t.Release, t.Audio.Sound = m.someRelease(t.Visibility), m.someSound()
		if !there {
			return verdict("SetTrack", tx.SetTrack(t), db.ErrNotFound)
		}
		if id, taken := m.slugs[t.User][t.Slug]; taken && id != t.ID {
			return verdict("SetTrack", tx.SetTrack(t), db.ErrTaken)
		}
		m.write(m.tracks[t.ID], t)
		m.tracks[t.ID], m.slugs[t.User][t.Slug] = t, t.ID
		m.mark(db.KindTrack, t.ID)
		return verdict("SetTrack", m.tagged(tx, func() error { return tx.SetTrack(t) }), nil)
	case 7:
		id := m.any(ids(m.tracks))
		t, there := m.tracks[id]
		if !there {
			return verdict("DropTrack", tx.DropTrack(id), db.ErrNotFound)
		}
		m.trackGone(&t)
		return verdict("DropTrack", m.tagged(tx, func() error { return tx.DropTrack(id) }), nil)
	case 8:
		s := db.Session{ID: tx.NewID(), User: m.any(ids(m.users)), Expires: noon.AddDate(0, 0, m.rand.IntN(30)), Until: noon.AddDate(0, 0, 20)}
		if _, there := m.users[s.User]; !there {
			return verdict("AddSession", tx.AddSession(s), db.ErrNotFound)
		}
		m.sessions[s.ID] = s
		return verdict("AddSession", tx.AddSession(s), nil)
	case 9:
		return m.endSessions(tx)
	case 10:
		j := db.Job{ID: tx.NewID(), Kind: "analyse", Subject: m.any(ids(m.tracks)), Created: noon}
		m.jobs[j.ID] = j
		return verdict("AddJob", tx.AddJob(j), nil)
	default:
		if m.rand.IntN(4) > 0 {
			return nil
		}
		changes, err := tx.Outbox(0, 1+m.rand.IntN(50))
		for _, c := range changes {
			delete(m.dirty, [2]uint64{uint64(c.Kind), uint64(c.ID)})
		}
		return errors.Join(err, tx.ClearOutbox(changes))
	}
}

func (m *model) endSessions(tx *db.Tx) error {
	drop := func(which func(db.Session) bool) (n int) {
		for id, s := range m.sessions {
			if which(s) {
				delete(m.sessions, id)
				n++
			}
		}
		return n
	}
	var got, want int
	var err error
	switch m.rand.IntN(3) {
	case 0:
		user, except := m.any(ids(m.users)), m.any(ids(m.sessions))
		want = drop(func(s db.Session) bool { return s.User == user && s.ID != except })
		got, err = tx.DropSessionsOf(user, except)
	case 1:
		at := noon.AddDate(0, 0, m.rand.IntN(22)-1)
		want = drop(func(s db.Session) bool { return !s.Expires.After(at) || !s.Until.After(at) })
		got, err = tx.DropExpiredSessions(at, 1<<30)
	default:
		s, there := m.sessions[m.any(ids(m.sessions))]
		s.Expires = noon.AddDate(0, 0, m.rand.IntN(30))
		if !there {
			return verdict("SetSession", tx.SetSession(s), db.ErrNotFound)
		}
		m.sessions[s.ID] = s
		err = tx.SetSession(s)
	}
	if err == nil && got != want {
		err = fmt.Errorf("%d sessions ended, want %d", got, want)
	}
	return err
}

// compare reads the whole database and holds it against the model.
func (m *model) compare(tx *db.Tx) error {
	public := slices.SortedFunc(func(yield func(db.Track) bool) {
		for _, t := range m.tracks {
			if t.Visibility == db.Public && !yield(t) {
				return
			}
		}
	}, func(a, b db.Track) int { return cmp.Compare(b.Published, a.Published) })
	i := 0
	for t, err := range tx.PublicTracks(0) {
		if err != nil {
			return err
		}
		if i >= len(public) || fmt.Sprint(t) != fmt.Sprint(public[i]) {
			return fmt.Errorf("public track %d is %v", i, t)
		}
		i++
	}
	if i != len(public) {
		return fmt.Errorf("%d public tracks are listed, want %d", i, len(public))
	}
	for name, id := range m.names {
		if u, moved, err := tx.UserByUsername(name); err != nil || u.ID != id || moved != (m.users[id].Username != name) {
			return fmt.Errorf("%q leads to %s, moved %t (%w)", name, u.ID, moved, err)
		}
	}
	for user, slugs := range m.slugs {
		for slug, id := range slugs {
			if t, moved, err := tx.TrackBySlug(user, slug); err != nil || t.ID != id || moved != (m.tracks[id].Slug != slug) {
				return fmt.Errorf("%q leads to %s, moved %t (%w)", slug, t.ID, moved, err)
			}
		}
	}
	var sessions, jobs []db.ID
	for _, id := range ids(m.users) {
		for s, err := range tx.SessionsOf(id) {
			if err != nil {
				return err
			}
			sessions = append(sessions, s.ID)
		}
	}
	slices.Sort(sessions)
	for j, err := range tx.Jobs() {
		if err != nil {
			return err
		}
		jobs = append(jobs, j.ID)
	}
	if err := m.compareReach(tx); err != nil {
		return err
	}
	changes, err := tx.Outbox(0, 1<<30)
	if err != nil {
		return err
	}
	if !slices.Equal(sessions, ids(m.sessions)) || !slices.Equal(jobs, ids(m.jobs)) || len(changes) != len(m.dirty) {
		return fmt.Errorf("%d sessions, %d jobs, %d changes; want %d, %d, %d",
			len(sessions), len(jobs), len(changes), len(m.sessions), len(m.jobs), len(m.dirty))
	}
	if tx.CountUsers() != len(m.users) || tx.CountTracks() != len(m.tracks) {
		return fmt.Errorf("%d users and %d tracks are counted, want %d and %d", tx.CountUsers(), tx.CountTracks(), len(m.users), len(m.tracks))
	}
	if err := errors.Join(m.compareTags(tx), m.compareShelves(tx), m.compareQueues(tx)); err != nil {
		return err
	}
	return m.compareSocial(tx)
}

// TestRandomActions does thousands of random things, in transactions of random
// length, some of which are given up half-way, and opens the file anew now and
// then. The database has to hold what plain maps hold.
func TestRandomActions(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "earshot.db")
			// Things leave their traces behind as if each had very many.
			d, err := db.OpenForgetful(path, 3)
			if err != nil {
				t.Fatal(err)
			}
			m := newModel(rand.New(rand.NewPCG(seed, 1)))
			db.SetClock(d, m.clock.now)
			for round := range 60 {
				m.clock.move(m.rand.IntN(2) * m.rand.IntN(4))
				length := m.rand.IntN(60)
				update(t, d, func(tx *db.Tx) error {
					for range length {
						if err := m.step(tx); err != nil {
							return err
						}
					}
					return nil
				})
				given := errors.New("given up")
				refused(t, d, given, func(tx *db.Tx) error {
					for t, err := range tx.PublicTracks(0) {
						if err != nil {
							return err
						}
						if err := tx.DropTrack(t.ID); err != nil {
							return err
						}
					}
					return given
				})
				if round%20 == 19 {
					if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
						t.Fatal(err)
					}
					if d, err = db.OpenForgetful(path, 3); err != nil {
						t.Fatal(err)
					}
					db.SetClock(d, m.clock.now)
				}
				if round%5 == 4 {
					sound(t, d)
					forgetAll(t, d, 20)
					view(t, d, m.compare)
				}
			}
			t.Logf("%d users, %d tracks, %d sessions, %d jobs, %d comments, %d playlists, %d conversations",
				len(m.users), len(m.tracks), len(m.sessions), len(m.jobs), len(m.comments), len(m.playlists), len(m.talks))
			if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

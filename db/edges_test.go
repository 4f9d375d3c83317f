package db_test

import (
	"errors"
	"fmt"
	"iter"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// pairSet is one of the sets of pairs, as its methods show it.
type pairSet struct {
	name  string
	join  func(tx *db.Tx, from, to db.ID) (db.ID, bool, error)
	leave func(tx *db.Tx, from, to db.ID) (bool, error)
	mark  func(tx *db.Tx, from, to db.ID) (db.ID, error)
	out   func(tx *db.Tx, from, before db.ID) iter.Seq2[db.Edge, error]
	in    func(tx *db.Tx, to, before db.ID) iter.Seq2[db.Edge, error]
	// What is counted of the two; nil when nothing is.
	counts, counted func(tx *db.Tx, id db.ID) (uint64, error)
}

func pairSets() []pairSet {
	ofUser := func(which func(db.UserCounts) uint64) func(*db.Tx, db.ID) (uint64, error) {
		return func(tx *db.Tx, id db.ID) (uint64, error) {
			c, err := tx.UserCounts(id)
			return which(c), err
		}
	}
	ofTrack := func(which func(db.TrackCounts) uint64) func(*db.Tx, db.ID) (uint64, error) {
		return func(tx *db.Tx, id db.ID) (uint64, error) {
			c, err := tx.TrackCounts(id)
			return which(c), err
		}
	}
	return []pairSet{
		{"follows", (*db.Tx).Follow, (*db.Tx).Unfollow, (*db.Tx).FollowMark, (*db.Tx).Following, (*db.Tx).Followers,
			ofUser(func(c db.UserCounts) uint64 { return c.Following }), ofUser(func(c db.UserCounts) uint64 { return c.Followers })},
		{"likes", (*db.Tx).Like, (*db.Tx).Unlike, (*db.Tx).LikeMark, (*db.Tx).Likes, (*db.Tx).Likers,
			nil, ofTrack(func(c db.TrackCounts) uint64 { return c.Likes })},
		{"playlist likes", (*db.Tx).LikePlaylist, (*db.Tx).UnlikePlaylist, (*db.Tx).PlaylistLikeMark, (*db.Tx).PlaylistLikes, (*db.Tx).PlaylistLikers,
			nil, func(tx *db.Tx, id db.ID) (uint64, error) {
				c, err := tx.PlaylistCounts(id)
				return c.Likes, err
			}},
		{"reposts", (*db.Tx).Repost, (*db.Tx).Unrepost, (*db.Tx).RepostMark, (*db.Tx).Reposts, (*db.Tx).Reposters,
			nil, ofTrack(func(c db.TrackCounts) uint64 { return c.Reposts })},
		{"blocks", func(tx *db.Tx, from, to db.ID) (db.ID, bool, error) {
			added, err := tx.Block(from, to)
			mark, markErr := tx.BlockMark(from, to)
			return mark, added, errors.Join(err, markErr)
		}, (*db.Tx).Unblock, (*db.Tx).BlockMark, (*db.Tx).Blocking, (*db.Tx).Blockers, nil, nil},
	}
}

// crowd adds so many users in one transaction.
func crowd(t testing.TB, d *db.DB, n int) (users []db.ID) {
	t.Helper()
	update(t, d, func(tx *db.Tx) error {
		for i := range n {
			u := newUser(tx, fmt.Sprint("crowd", i))
			users = append(users, u.ID)
			if err := tx.AddUser(u); err != nil {
				return err
			}
		}
		return nil
	})
	return users
}

// targets adds five things of what a set of pairs leads to.
func (s pairSet) targets(t testing.TB, d *db.DB, owner db.ID) (all []db.ID) {
	t.Helper()
	update(t, d, func(tx *db.Tx) error {
		for i := range 5 {
			var err error
			switch slug := fmt.Sprint(s.name, i); s.name {
			case "likes", "reposts":
				tr := newTrack(tx, owner, slug, db.Public)
				all, err = append(all, tr.ID), tx.AddTrack(tr)
			case "playlist likes":
				p := newPlaylist(tx, owner, slug, db.Public)
				all, err = append(all, p.ID), tx.AddPlaylist(p)
			default:
				u := newUser(tx, fmt.Sprint("target", i))
				all, err = append(all, u.ID), tx.AddUser(u)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return all
}

// ends gives one side of a list of pairs, by places in lists of ids, and wants
// marks to fall.
func ends(seq iter.Seq2[db.Edge, error], from, to []db.ID) string {
	place := func(list []db.ID, id db.ID) string {
		for i := range list {
			if list[i] == id {
				return fmt.Sprint(i)
			}
		}
		return "?"
	}
	s, last := "", ^db.ID(0)
	for e, err := range seq {
		if err != nil {
			return fmt.Sprint(s, err)
		}
		if e.Mark >= last {
			s += "not newest first: "
		}
		last = e.Mark
		s += place(from, e.From) + ">" + place(to, e.To) + " "
	}
	return s
}

func TestPairsAreListedAndCounted(t *testing.T) {
	t.Parallel()
	for _, s := range pairSets() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t)
			from := crowd(t, d, 4)
			to := s.targets(t, d, from[0])
			count := func(tx *db.Tx, count func(*db.Tx, db.ID) (uint64, error), id db.ID, want uint64) {
				t.Helper()
				if count == nil {
					return
				}
				if got, err := count(tx, id); got != want || err != nil {
					t.Errorf("%d are counted (%v), want %d", got, err, want)
				}
			}
			join := func(tx *db.Tx, from, to db.ID, want bool) (mark db.ID) {
				t.Helper()
				mark, added, err := s.join(tx, from, to)
				if again, markErr := s.mark(tx, from, to); err != nil || added != want || mark == 0 || again != mark || markErr != nil {
					t.Errorf("added %t, mark %s, then %s; %v %v; want %t", added, mark, again, err, markErr, want)
				}
				return mark
			}
			list := func(tx *db.Tx, what string, seq iter.Seq2[db.Edge, error], want string) {
				t.Helper()
				if got := ends(seq, from, to); got != want {
					t.Errorf("%s: %q, want %q", what, got, want)
				}
			}
			var middle, first db.ID
			update(t, d, func(tx *db.Tx) error {
				// Not in the order of the ids, so that only marks can order them.
				first = join(tx, from[1], to[3], true)
				middle = join(tx, from[1], to[0], true)
				join(tx, from[1], to[4], true)
				join(tx, from[0], to[3], true)
				return nil
			})
			update(t, d, func(tx *db.Tx) error {
				join(tx, from[3], to[3], true)
				if again := join(tx, from[1], to[3], false); again != first {
					t.Errorf("joining again changed the mark from %s to %s", first, again)
				}
				return nil
			})
			view(t, d, func(tx *db.Tx) error {
				list(tx, "from one", s.out(tx, from[1], 0), "1>4 1>0 1>3 ")
				list(tx, "the page before the middle", s.out(tx, from[1], middle), "1>3 ")
				list(tx, "the page before the first", s.out(tx, from[1], first), "")
				list(tx, "to one", s.in(tx, to[3], 0), "3>3 0>3 1>3 ")
				list(tx, "to nobody's", s.in(tx, to[2], 0), "")
				list(tx, "from nobody", s.out(tx, from[2], 0), "")
				count(tx, s.counts, from[1], 3)
				count(tx, s.counts, from[2], 0)
				count(tx, s.counted, to[3], 3)
				count(tx, s.counted, to[2], 0)
				if mark, err := s.mark(tx, from[2], to[3]); mark != 0 || err != nil {
					t.Errorf("a pair that is not there has the mark %s, %v", mark, err)
				}
				// The other way round is another pair.
				if mark, err := s.mark(tx, to[3], from[1]); mark != 0 || err != nil {
					t.Errorf("the pair turned round has the mark %s, %v", mark, err)
				}
				return nil
			})
			update(t, d, func(tx *db.Tx) error {
				for i, want := range []bool{true, false} {
					if dropped, err := s.leave(tx, from[1], to[3]); dropped != want || err != nil {
						t.Errorf("leaving for the %d. time: %t, %v", i+1, dropped, err)
					}
				}
				count(tx, s.counts, from[1], 2)
				count(tx, s.counted, to[3], 2)
				return nil
			})
			sound(t, d)
			update(t, d, func(tx *db.Tx) error {
				if mark := join(tx, from[1], to[3], true); mark <= first {
					t.Errorf("joining anew gives the mark %s, the old one was %s", mark, first)
				}
				list(tx, "from one, anew", s.out(tx, from[1], 0), "1>3 1>4 1>0 ")
				list(tx, "to one, anew", s.in(tx, to[3], 0), "1>3 3>3 0>3 ")
				count(tx, s.counts, from[1], 3)
				count(tx, s.counted, to[3], 3)
				return nil
			})
		})
	}
}

// What is not there can't be joined, and the transaction goes on.
func TestPairsNeedBothSides(t *testing.T) {
	t.Parallel()
	for _, s := range pairSets() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t)
			mina := addUser(t, d, "mina")
			to := s.targets(t, d, mina.ID)[0]
			update(t, d, func(tx *db.Tx) error {
				for _, pair := range [][2]db.ID{{99, to}, {mina.ID, 99}, {to, mina.ID}, {99, 98}} {
					if s.name == "follows" && pair[0] == to || s.name == "blocks" && pair[0] == to {
						continue // both are users
					}
					if _, _, err := s.join(tx, pair[0], pair[1]); !errors.Is(err, db.ErrNotFound) {
						t.Errorf("%s > %s: got %v, want %v", pair[0], pair[1], err, db.ErrNotFound)
					}
					if dropped, err := s.leave(tx, pair[0], pair[1]); dropped || err != nil {
						t.Errorf("%s > %s: dropped %t, %v", pair[0], pair[1], dropped, err)
					}
				}
				_, added, err := s.join(tx, mina.ID, to)
				if !added {
					t.Error("what is there was not joined")
				}
				return err
			})
		})
	}
}

// A pair whose transaction is given up leaves nothing behind.
func TestPairsOfAnAbandonedTransaction(t *testing.T) {
	t.Parallel()
	for _, s := range pairSets() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t)
			mina := addUser(t, d, "mina")
			to := s.targets(t, d, mina.ID)
			update(t, d, func(tx *db.Tx) error { return third(s.join(tx, mina.ID, to[0])) })
			given := errors.New("given up")
			refused(t, d, given, func(tx *db.Tx) error {
				if err := errors.Join(third(s.join(tx, mina.ID, to[1])), second(s.leave(tx, mina.ID, to[0]))); err != nil {
					return err
				}
				return given
			})
			view(t, d, func(tx *db.Tx) error {
				if got := ends(s.out(tx, mina.ID, 0), []db.ID{mina.ID}, to); got != "0>0 " {
					t.Errorf("the pairs are %q", got)
				}
				return nil
			})
		})
	}
}

// More pairs than go together with a thing are removed in steps, and whatever
// is asked in between is answered.
func TestVeryManyPairsAreForgotten(t *testing.T) {
	t.Parallel()
	const many = 1300 // more than goes with the record
	for _, s := range pairSets() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
			from := crowd(t, d, many)
			to := s.targets(t, d, from[1])
			update(t, d, func(tx *db.Tx) error {
				for _, user := range from {
					if err := errors.Join(third(s.join(tx, user, to[0])), third(s.join(tx, user, to[1]))); err != nil {
						return err
					}
				}
				return nil
			})
			update(t, d, func(tx *db.Tx) error {
				switch s.name {
				case "likes", "reposts":
					return tx.DropTrack(to[0])
				case "playlist likes":
					return tx.DropPlaylist(to[0])
				}
				return tx.DropUser(to[0])
			})
			sound(t, d)
			left := func() (n int) {
				view(t, d, func(tx *db.Tx) error {
					for _, err := range s.in(tx, to[0], 0) {
						if err != nil {
							return err
						}
						n++
					}
					return nil
				})
				return n
			}
			if n := left(); n != many-500 {
				t.Errorf("%d pairs are left, want %d", n, many-500)
			}
			update(t, d, func(tx *db.Tx) error {
				// In the meantime the pairs may still be taken back, but not made.
				if dropped, err := s.leave(tx, from[many-1], to[0]); !dropped || err != nil {
					t.Errorf("leaving what is gone: %t, %v", dropped, err)
				}
				if _, _, err := s.join(tx, from[0], to[0]); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("joining what is gone: got %v, want %v", err, db.ErrNotFound)
				}
				going, err := tx.Going(to[0])
				if !going {
					t.Error("nothing says that the traces are still being removed")
				}
				return err
			})
			for steps := 0; ; steps++ {
				before := left()
				var more bool
				update(t, d, func(tx *db.Tx) (err error) {
					more, err = tx.Forget(100)
					return err
				})
				sound(t, d)
				if gone := before - left(); gone > 100 {
					t.Errorf("one step of 100 removed %d", gone)
				}
				if !more {
					if steps < 7 {
						t.Errorf("it took %d steps", steps)
					}
					break
				}
			}
			view(t, d, func(tx *db.Tx) error {
				going, err := tx.Going(to[0])
				if n := left(); going || n > 0 {
					t.Errorf("going %t, %d pairs are left", going, n)
				}
				if got := ends(s.out(tx, from[7], 0), from[7:8], to); got != "0>1 " {
					t.Errorf("one of them still has %q", got)
				}
				for _, c := range []struct {
					count func(*db.Tx, db.ID) (uint64, error)
					id    db.ID
					want  uint64
				}{{s.counts, from[7], 1}, {s.counted, to[1], many}, {s.counted, to[0], 0}} {
					if c.count == nil {
						continue
					}
					if got, err := c.count(tx, c.id); got != c.want || err != nil {
						t.Errorf("%d are counted (%v), want %d", got, err, c.want)
					}
				}
				return err
			})
		})
	}
}

// A user who goes takes back what was liked, followed, reposted and heard.
func TestAUserWhoGoesIsUncounted(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho, sora := addUser(t, d, "mina"), addUser(t, d, "junho"), addUser(t, d, "sora")
	tr := addTrack(t, d, mina.ID, "night-train", db.Public)
	p := addPlaylist(t, d, mina.ID, "trains", db.Public, tr.ID)
	update(t, d, func(tx *db.Tx) error {
		for _, u := range []db.ID{junho.ID, sora.ID} {
			err := errors.Join(third(tx.Like(u, tr.ID)), third(tx.Repost(u, tr.ID)), third(tx.LikePlaylist(u, p.ID)),
				third(tx.Follow(u, mina.ID)), third(tx.Follow(mina.ID, u)), tx.Listen(u, tr.ID, 10), tx.AddPlays(tr.ID, db.DayOf(noon), db.Plays{Plays: 3}))
			if err != nil {
				return err
			}
		}
		return errors.Join(third(tx.Follow(junho.ID, sora.ID)), third(tx.Follow(junho.ID, junho.ID)),
			second(tx.Block(sora.ID, junho.ID)), second(tx.Block(junho.ID, mina.ID)))
	})
	sound(t, d)
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(junho.ID) })
	view(t, d, func(tx *db.Tx) error {
		track, err := tx.TrackCounts(tr.ID)
		playlist, err2 := tx.PlaylistCounts(p.ID)
		minas, err3 := tx.UserCounts(mina.ID)
		soras, err4 := tx.UserCounts(sora.ID)
		want := db.TrackCounts{Plays: 6, Likes: 1, Reposts: 1}
		if track != want || playlist.Likes != 1 || minas.Followers != 1 || minas.Following != 1 || soras.Followers != 1 || soras.Following != 1 {
			t.Errorf("counted are %+v, %+v, %+v, %+v", track, playlist, minas, soras)
		}
		n := 0
		for a, err := range tx.Activity(0) {
			if a.User == junho.ID || err != nil {
				t.Errorf("activity has %+v, %v", a, err)
			}
			n++
		}
		if n != 2 {
			t.Errorf("%d activities are left, want 2", n)
		}
		going, err5 := tx.Going(junho.ID)
		if going {
			t.Error("a few traces were not removed at once")
		}
		return errors.Join(err, err2, err3, err4, err5)
	})
}

// Two that are gone with pairs between them don't stand in each other's way.
func TestBothSidesGo(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	users := crowd(t, d, 1200)
	var tracks []db.ID
	update(t, d, func(tx *db.Tx) error {
		for i := range 3 {
			tr := newTrack(tx, users[0], fmt.Sprint("t", i), db.Public)
			tracks = append(tracks, tr.ID)
			if err := tx.AddTrack(tr); err != nil {
				return err
			}
		}
		for _, u := range users {
			for _, tr := range tracks {
				if err := errors.Join(third(tx.Like(u, tr)), third(tx.Repost(u, tr))); err != nil {
					return err
				}
			}
			if err := errors.Join(third(tx.Follow(u, users[5])), third(tx.Follow(users[5], u))); err != nil {
				return err
			}
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error {
		// Newest first, so that Forget works them off in another order.
		return errors.Join(tx.DropTrack(tracks[2]), tx.DropTrack(tracks[0]), tx.DropUser(users[5]), tx.DropUser(users[1199]))
	})
	sound(t, d)
	forgetAll(t, d, 333)
	view(t, d, func(tx *db.Tx) error {
		c, err := tx.TrackCounts(tracks[1])
		if c.Likes != 1198 || c.Reposts != 1198 {
			t.Errorf("counted are %+v", c)
		}
		u, err2 := tx.UserCounts(users[7])
		if u.Followers != 0 || u.Following != 0 {
			t.Errorf("counted are %+v", u)
		}
		return errors.Join(err, err2)
	})
}

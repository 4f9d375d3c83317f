package db_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

func newPlaylist(tx *db.Tx, owner db.ID, slug string, visibility db.Visibility) db.Playlist {
	p := db.Playlist{ID: tx.NewID(), User: owner, Slug: slug, Title: slug, Visibility: visibility, Created: noon, Updated: noon}
	if visibility.Shown() {
		p.Published = tx.NewID()
	}
	return p
}

func addPlaylist(t testing.TB, d *db.DB, owner db.ID, slug string, visibility db.Visibility, tracks ...db.ID) db.Playlist {
	t.Helper()
	var p db.Playlist
	update(t, d, func(tx *db.Tx) error {
		p = newPlaylist(tx, owner, slug, visibility)
		return errors.Join(tx.AddPlaylist(p), tx.SetPlaylistTracks(p.ID, tracks))
	})
	return p
}

// addTimed adds a track of so many seconds.
func addTimed(t testing.TB, d *db.DB, owner db.ID, slug string, visibility db.Visibility, seconds int64) db.Track {
	t.Helper()
	var tr db.Track
	update(t, d, func(tx *db.Tx) error {
		tr = newTrack(tx, owner, slug, visibility)
		tr.Audio.Duration = seconds * 1_000_000
		return tx.AddTrack(tr)
	})
	return tr
}

// playlistSlugs is slugs for playlists.
func playlistSlugs(seq iter.Seq2[db.Playlist, error]) string {
	var s string
	for p, err := range seq {
		if err != nil {
			return fmt.Sprint(s, " ", err)
		}
		s += p.Slug + " "
	}
	return s
}

// counted wants the counters of a playlist: tracks and seconds that are
// public, tracks and seconds that the owner can see.
func counted(t *testing.T, d *db.DB, playlist db.ID, want [4]uint64) {
	t.Helper()
	view(t, d, func(tx *db.Tx) error {
		c, err := tx.PlaylistCounts(playlist)
		got := [4]uint64{c.Public, c.PublicTime / 1_000_000, c.Own, c.OwnTime / 1_000_000}
		if got != want {
			t.Errorf("playlist %s is counted %d, want %d", playlist, got, want)
		}
		return err
	})
}

func TestPlaylistListsAndCounters(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	a := addPlaylist(t, d, mina.ID, "a", db.Public)
	addPlaylist(t, d, junho.ID, "b", db.Public)
	c := addPlaylist(t, d, mina.ID, "c", db.Private)
	e := addPlaylist(t, d, mina.ID, "e", db.Public)

	lists := func(all, public string, counts [2]uint64) {
		t.Helper()
		view(t, d, func(tx *db.Tx) error {
			compareLists(t, []listCase{
				{"of mina", playlistSlugs(tx.PlaylistsOf(mina.ID, 0)), all},
				{"public of mina", playlistSlugs(tx.PublishedPlaylistsOf(mina.ID, 0)), public},
				{"of junho", playlistSlugs(tx.PlaylistsOf(junho.ID, 0)), "b "},
				{"public of junho", playlistSlugs(tx.PublishedPlaylistsOf(junho.ID, 0)), "b "},
			})
			n, err := tx.UserCounts(mina.ID)
			if got := [2]uint64{n.Playlists, n.PublicPlaylists}; got != counts {
				t.Errorf("counters %d, want %d", got, counts)
			}
			return err
		})
	}
	lists("e c a ", "e a ", [2]uint64{3, 2})
	update(t, d, func(tx *db.Tx) error { // c becomes public, last of all
		c.Visibility, c.Published, c.Kind = db.Public, tx.NewID(), db.Album
		return tx.SetPlaylist(c)
	})
	lists("e c a ", "c e a ", [2]uint64{3, 3})
	update(t, d, func(tx *db.Tx) error {
		e.Visibility, e.Published = db.Private, 0
		return tx.SetPlaylist(e)
	})
	lists("e c a ", "c a ", [2]uint64{3, 2})
	view(t, d, func(tx *db.Tx) error {
		compareLists(t, []listCase{
			{"of mina before e", playlistSlugs(tx.PlaylistsOf(mina.ID, e.ID)), "c a "},
			{"of mina before a", playlistSlugs(tx.PlaylistsOf(mina.ID, a.ID)), ""},
			{"public before c", playlistSlugs(tx.PublishedPlaylistsOf(mina.ID, c.Published)), "a "},
		})
		got, err := tx.Playlist(c.ID)
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("c (-want +got):\n%s", diff)
		}
		return err
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropPlaylist(a.ID) })
	lists("e c ", "c ", [2]uint64{2, 1})
	for name, do := range map[string]func(*db.Tx) error{
		"Playlist":          func(tx *db.Tx) error { _, err := tx.Playlist(a.ID); return err },
		"SetPlaylist":       func(tx *db.Tx) error { return tx.SetPlaylist(a) },
		"SetPlaylistTracks": func(tx *db.Tx) error { return tx.SetPlaylistTracks(a.ID, nil) },
		"DropPlaylist":      func(tx *db.Tx) error { return tx.DropPlaylist(a.ID) },
		"of no user":        func(tx *db.Tx) error { return tx.AddPlaylist(newPlaylist(tx, 99, "x", db.Public)) },
	} {
		if err := d.Update(t.Context(), do); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: got %v, want %v", name, err, db.ErrNotFound)
		}
	}
}

func TestPlaylistSlugs(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t) // checked at the end
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	addTrack(t, d, mina.ID, "night-train", db.Public) // tracks have slugs of their own
	a := addPlaylist(t, d, mina.ID, "night-train", db.Public)
	b := addPlaylist(t, d, mina.ID, "b", db.Public)
	addPlaylist(t, d, junho.ID, "night-train", db.Public)
	a.Slug = "밤기차"
	update(t, d, func(tx *db.Tx) error { return tx.SetPlaylist(a) })
	update(t, d, func(tx *db.Tx) error { // whoever sees ErrTaken may go on
		sameMark, rename, remark := newPlaylist(tx, mina.ID, "c", db.Public), b, b
		sameMark.Published, remark.Published = a.Published, a.Published
		rename.Slug = "NIGHT-train"
		for name, err := range map[string]error{
			"AddPlaylist, slug":        tx.AddPlaylist(newPlaylist(tx, mina.ID, "밤기차", db.Private)),
			"AddPlaylist, former slug": tx.AddPlaylist(newPlaylist(tx, mina.ID, "night-train", db.Private)),
			"AddPlaylist, mark":        tx.AddPlaylist(sameMark), "AddPlaylist, id": tx.AddPlaylist(a),
			"SetPlaylist, slug": tx.SetPlaylist(rename), "SetPlaylist, mark": tx.SetPlaylist(remark),
		} {
			if !errors.Is(err, db.ErrTaken) {
				t.Errorf("%s: got %v, want %v", name, err, db.ErrTaken)
			}
		}
		noMark, noOwner := b, b
		noMark.Published, noOwner.User = 0, junho.ID
		if tx.SetPlaylist(noMark) == nil || tx.SetPlaylist(noOwner) == nil {
			t.Error("a public playlist lost its mark, or one its owner")
		}
		return nil
	})
	view(t, d, func(tx *db.Tx) error {
		for slug, moved := range map[string]bool{"밤기차": false, "night-train": true, "Night-Train": true} {
			got, was, err := tx.PlaylistBySlug(mina.ID, slug)
			if err != nil || got.ID != a.ID || was != moved {
				t.Errorf("%q leads to %s, moved %t, %v", slug, got.ID, was, err)
			}
		}
		for _, c := range []struct {
			user   db.ID
			slug   string
			except db.ID
			want   bool
		}{
			{mina.ID, "night-train", 0, true}, {mina.ID, "night-train", a.ID, false}, {mina.ID, "밤기차", b.ID, true},
			{mina.ID, "free", 0, false}, {junho.ID, "밤기차", 0, false},
		} {
			if got, err := tx.PlaylistSlugTaken(c.user, c.slug, c.except); err != nil || got != c.want {
				t.Errorf("PlaylistSlugTaken(%s, %q, %s) = %t, %v; want %t", c.user, c.slug, c.except, got, err, c.want)
			}
		}
		_, _, err := tx.PlaylistBySlug(junho.ID, "밤기차")
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("got %v, want %v", err, db.ErrNotFound)
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error { // with the playlist all its slugs are free again
		if err := tx.DropPlaylist(a.ID); err != nil {
			return err
		}
		return errors.Join(tx.AddPlaylist(newPlaylist(tx, mina.ID, "night-train", db.Private)),
			tx.AddPlaylist(newPlaylist(tx, mina.ID, "밤기차", db.Private)))
	})
}

func TestPlaylistTracks(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	var all []db.ID
	update(t, d, func(tx *db.Tx) error {
		for i := range db.MostInPlaylist + 1 {
			tr := newTrack(tx, mina.ID, fmt.Sprint("t", i), db.Public)
			all = append(all, tr.ID)
			if err := tx.AddTrack(tr); err != nil {
				return err
			}
		}
		return nil
	})
	p, other := addPlaylist(t, d, mina.ID, "p", db.Public), addPlaylist(t, d, mina.ID, "other", db.Public, all[2])
	for _, c := range []struct {
		name   string
		tracks []db.ID
		want   error
	}{
		{"three", []db.ID{all[2], all[0], all[1]}, nil},
		{"another order", []db.ID{all[1], all[2], all[0]}, nil},
		{"one less, one more", []db.ID{all[1], all[3], all[0]}, nil},
		{"one twice", []db.ID{all[1], all[3], all[4], all[1]}, errors.ErrUnsupported},
		{"one that is not there", []db.ID{all[1], all[4], 99}, db.ErrNotFound},
		{"too many", all, errors.ErrUnsupported},
		{"as many as can be", all[:db.MostInPlaylist], nil},
		{"backwards", slices.Collect(func(yield func(db.ID) bool) {
			for _, id := range slices.Backward(all[1:]) {
				if !yield(id) {
					return
				}
			}
		}), nil},
		{"none", nil, nil},
		{"none again", nil, nil},
		{"one", all[2:3], nil},
	} {
		update(t, d, func(tx *db.Tx) error { // which goes on after a refusal
			was, err := tx.PlaylistTracks(p.ID)
			if err != nil {
				return err
			}
			err = tx.SetPlaylistTracks(p.ID, c.tracks)
			if (err == nil) != (c.want == nil) || errors.Is(c.want, db.ErrNotFound) && !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: got %v, want %v", c.name, err, c.want)
			}
			want := c.tracks
			if c.want != nil {
				want = was
			}
			got, err := tx.PlaylistTracks(p.ID)
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %d tracks, want %d, or in another order", c.name, len(got), len(want))
			}
			for _, id := range []db.ID{all[0], all[2], all[3], all[4], 99} {
				in, err := tx.InPlaylist(p.ID, id)
				if in != slices.Contains(want, id) || err != nil {
					t.Errorf("%s: InPlaylist(%s) = %t, %v", c.name, id, in, err)
				}
			}
			return err
		})
		sound(t, d)
	}
	view(t, d, func(tx *db.Tx) error {
		var with []db.ID
		for id, err := range tx.PlaylistsWith(all[2]) {
			if err != nil {
				return err
			}
			with = append(with, id)
		}
		if !slices.Equal(with, []db.ID{p.ID, other.ID}) {
			t.Errorf("the track is in %v, want %v and %v", with, p.ID, other.ID)
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropPlaylist(p.ID) })
	view(t, d, func(tx *db.Tx) error {
		left, err := tx.PlaylistTracks(p.ID)
		in, inErr := tx.InPlaylist(p.ID, all[2])
		if left != nil || in || tx.CountTracks() != len(all) {
			t.Errorf("left of the playlist: %d tracks, still in it: %t; there are %d tracks", len(left), in, tx.CountTracks())
		}
		return errors.Join(err, inErr)
	})
}

func TestPlaylistsFollowTheirTracks(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	a := addTimed(t, d, mina.ID, "a", db.Public, 1)
	b := addTimed(t, d, mina.ID, "b", db.Private, 10)
	c := addTimed(t, d, junho.ID, "c", db.Public, 100)
	minas := addPlaylist(t, d, mina.ID, "p", db.Public, a.ID, b.ID, c.ID)
	junhos := addPlaylist(t, d, junho.ID, "p", db.Private, c.ID, b.ID, a.ID) // b was public once
	set := func(tr *db.Track, visibility db.Visibility) {
		t.Helper()
		update(t, d, func(tx *db.Tx) error {
			tr.Visibility, tr.Published = visibility, 0
			if visibility == db.Public {
				tr.Published = tx.NewID()
			}
			return tx.SetTrack(*tr)
		})
		sound(t, d)
	}
	expect := func(ofMina, ofJunho [4]uint64) {
		t.Helper()
		counted(t, d, minas.ID, ofMina)
		counted(t, d, junhos.ID, ofJunho)
	}
	update(t, d, func(tx *db.Tx) error { // likes are counted beside them
		_, _, err := tx.LikePlaylist(junho.ID, minas.ID)
		return err
	})
	expect([4]uint64{2, 101, 3, 111}, [4]uint64{2, 101, 2, 101})
	set(&b, db.Public)
	expect([4]uint64{3, 111, 3, 111}, [4]uint64{3, 111, 3, 111})
	set(&b, db.Public) // published again
	expect([4]uint64{3, 111, 3, 111}, [4]uint64{3, 111, 3, 111})
	set(&c, db.Private)
	expect([4]uint64{2, 11, 2, 11}, [4]uint64{2, 11, 3, 111})
	update(t, d, func(tx *db.Tx) error { // another file
		a.Audio.Duration = 2_000_000
		return tx.SetTrack(a)
	})
	expect([4]uint64{2, 12, 2, 12}, [4]uint64{2, 12, 3, 112})
	update(t, d, func(tx *db.Tx) error { return tx.SetPlaylistTracks(minas.ID, []db.ID{c.ID, a.ID}) })
	expect([4]uint64{1, 2, 1, 2}, [4]uint64{2, 12, 3, 112})
	set(&b, db.Private)
	expect([4]uint64{1, 2, 1, 2}, [4]uint64{1, 2, 2, 102})
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(c.ID) })
	expect([4]uint64{1, 2, 1, 2}, [4]uint64{1, 2, 1, 2})
	view(t, d, func(tx *db.Tx) error {
		tracks, err := tx.PlaylistTracks(junhos.ID)
		if !slices.Equal(tracks, []db.ID{b.ID, a.ID}) {
			t.Errorf("left are %v, want b and a", tracks)
		}
		return err
	})
	update(t, d, func(tx *db.Tx) error { return errors.Join(tx.DropTrack(a.ID), tx.DropTrack(b.ID)) })
	expect([4]uint64{}, [4]uint64{})
	view(t, d, func(tx *db.Tx) error {
		c, err := tx.PlaylistCounts(minas.ID)
		if c.Likes != 1 {
			t.Errorf("%d likes are counted, want 1", c.Likes)
		}
		return err
	})
}

func TestATrackInManyPlaylistsIsDropped(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina := addUser(t, d, "mina")
	star, other := addTimed(t, d, mina.ID, "star", db.Public, 10), addTimed(t, d, mina.ID, "other", db.Public, 1)
	var all []db.Playlist
	update(t, d, func(tx *db.Tx) error {
		for i := range 1200 {
			p := newPlaylist(tx, mina.ID, fmt.Sprint("p", i), db.Private)
			all = append(all, p)
			if err := errors.Join(tx.AddPlaylist(p), tx.SetPlaylistTracks(p.ID, []db.ID{star.ID, other.ID})); err != nil {
				return err
			}
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(star.ID) })
	sound(t, d)
	last := all[len(all)-1]
	view(t, d, func(tx *db.Tx) error {
		tracks, err := tx.PlaylistTracks(last.ID)
		if going, err := tx.Going(star.ID); !going || err != nil || len(tracks) != 2 {
			t.Errorf("going %t, %v; the last playlist has %d tracks", going, err, len(tracks))
		}
		return err
	})
	// Meanwhile what still holds it can be put in order, and what does not can't get it.
	update(t, d, func(tx *db.Tx) error {
		free := newPlaylist(tx, mina.ID, "free", db.Private)
		if err := tx.AddPlaylist(free); err != nil {
			return err
		}
		if err := tx.SetPlaylistTracks(free.ID, []db.ID{star.ID}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("got %v, want %v", err, db.ErrNotFound)
		}
		other.Visibility, other.Published = db.Private, 0
		return errors.Join(tx.SetPlaylistTracks(last.ID, []db.ID{other.ID, star.ID}), tx.SetTrack(other),
			tx.SetPlaylistTracks(all[len(all)-2].ID, []db.ID{other.ID}), tx.DropPlaylist(all[len(all)-3].ID))
	})
	sound(t, d)
	if steps := forgetAll(t, d, 20); steps < 4 {
		t.Errorf("it took %d steps of 20", steps)
	}
	for _, p := range []db.Playlist{all[0], all[600], all[len(all)-2], last} {
		counted(t, d, p.ID, [4]uint64{0, 0, 1, 1})
	}
	view(t, d, func(tx *db.Tx) error {
		for id, err := range tx.PlaylistsWith(star.ID) {
			t.Errorf("it is still in %s, %v", id, err)
		}
		return nil
	})
}

// Tracks change and go at any moment, and Forget comes now and then. What the
// playlists count is for Check to say.
func TestPlaylistsAtRandom(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	users := []db.ID{addUser(t, d, "mina").ID, addUser(t, d, "junho").ID}
	r := rand.New(rand.NewPCG(3, 14))
	var tracks []db.ID
	want := map[db.ID][]db.ID{} // playlist → tracks
	some := func() db.ID {
		list := ids(want)
		if len(list) == 0 {
			return 99
		}
		return list[r.IntN(len(list))]
	}
	for i := range 2000 {
		update(t, d, func(tx *db.Tx) error {
			switch n := r.IntN(100); {
			case n < 15 || len(tracks) < 3:
				tr := newTrack(tx, users[r.IntN(2)], fmt.Sprint("t", i), db.Visibility(r.IntN(2)))
				tr.Audio.Duration = r.Int64N(1e9)
				tracks = append(tracks, tr.ID)
				return tx.AddTrack(tr)
			case n < 25:
				n := r.IntN(len(tracks))
				id := tracks[n]
				tracks = slices.Delete(tracks, n, n+1)
				for p := range want {
					want[p] = slices.DeleteFunc(slices.Clone(want[p]), func(other db.ID) bool { return other == id })
				}
				return tx.DropTrack(id)
			case n < 35 || len(want) < 3:
				p := newPlaylist(tx, users[r.IntN(2)], fmt.Sprint("p", i), db.Visibility(r.IntN(2)))
				want[p.ID] = nil
				return tx.AddPlaylist(p)
			case n < 38:
				id := some()
				delete(want, id)
				return tx.DropPlaylist(id)
			case n < 50:
				_, err := tx.Forget(1 + r.IntN(5))
				return err
			case n < 70:
				tr, err := tx.Track(tracks[r.IntN(len(tracks))])
				if err != nil {
					return err
				}
				tr.Visibility, tr.Published = db.Private, 0
				if r.IntN(2) == 0 {
					tr.Visibility, tr.Published = db.Public, tx.NewID()
				}
				return tx.SetTrack(tr)
			default:
				id := some()
				list := slices.Clone(want[id])
				for range r.IntN(4) {
					if tr := tracks[r.IntN(len(tracks))]; !slices.Contains(list, tr) {
						list = append(list, tr)
					}
				}
				r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				want[id] = list[:len(list)-r.IntN(len(list)+1)/3]
				return tx.SetPlaylistTracks(id, want[id])
			}
		})
		if i%250 == 0 {
			sound(t, d)
		}
	}
	forgetAll(t, d, 50)
	view(t, d, func(tx *db.Tx) error {
		for id, list := range want {
			got, err := tx.PlaylistTracks(id)
			if !slices.Equal(got, list) || err != nil {
				t.Errorf("playlist %s has %v, want %v; %v", id, got, list, err)
			}
		}
		return nil
	})
}

func TestListsGoOnBehindSpoiltPlaylists(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	addPlaylist(t, d, mina.ID, "a", db.Public)
	b := addPlaylist(t, d, mina.ID, "b", db.Public)
	addPlaylist(t, d, mina.ID, "c", db.Public)
	for _, c := range []struct {
		name    string
		alter   func(*db.Playlist)
		corrupt [3]bool // all, public, by slug
	}{
		{"another user", func(p *db.Playlist) { p.User = junho.ID }, [3]bool{true, true, true}},
		{"another mark", func(p *db.Playlist) { p.Published++ }, [3]bool{false, true, false}},
		{"another slug", func(p *db.Playlist) { p.Slug = "x" }, [3]bool{false, false, true}},
		{"not there", nil, [3]bool{true, true, true}},
	} {
		update(t, d, func(tx *db.Tx) error {
			if c.alter == nil {
				return db.Put(tx, "playlists", binary.BigEndian.AppendUint64(nil, uint64(b.ID)), nil)
			}
			spoilt := b
			c.alter(&spoilt)
			return db.PutPlaylist(tx, spoilt)
		})
		view(t, d, func(tx *db.Tx) error {
			var got [3]bool
			for i, seq := range []iter.Seq2[db.Playlist, error]{tx.PlaylistsOf(mina.ID, 0), tx.PublishedPlaylistsOf(mina.ID, 0)} {
				seen := 0
				for _, err := range seq {
					seen++
					got[i] = got[i] || errors.Is(err, db.ErrCorrupt)
				}
				if seen != 3 {
					t.Errorf("%s: list %d has %d steps, want 3", c.name, i, seen)
				}
			}
			_, _, err := tx.PlaylistBySlug(mina.ID, "b")
			got[2] = errors.Is(err, db.ErrCorrupt)
			if got != c.corrupt {
				t.Errorf("%s: corrupt are %t, want %t", c.name, got, c.corrupt)
			}
			return nil
		})
		update(t, d, func(tx *db.Tx) error { return db.PutPlaylist(tx, b) })
	}
}

// A track or a playlist that can't be read keeps neither the tracks that it
// stands with from being changed and dropped, nor others from going in.
func TestWhatCanNotBeReadHoldsNoTrackFast(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina := addUser(t, d, "mina")
	one, two := addTimed(t, d, mina.ID, "one", db.Public, 1), addTimed(t, d, mina.ID, "two", db.Public, 2)
	rotten, late := addTimed(t, d, mina.ID, "rotten", db.Public, 4), addTimed(t, d, mina.ID, "late", db.Public, 8)
	list := addPlaylist(t, d, mina.ID, "list", db.Public, one.ID, rotten.ID, two.ID)
	rottenList := addPlaylist(t, d, mina.ID, "rotten", db.Public, one.ID, two.ID)
	rot(t, d, "tracks", rotten.ID)
	rot(t, d, "playlists", rottenList.ID)
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(one.ID) })
	counted(t, d, list.ID, [4]uint64{1, 2, 1, 2})
	update(t, d, func(tx *db.Tx) error {
		return tx.SetPlaylistTracks(list.ID, []db.ID{rotten.ID, two.ID, late.ID})
	})
	counted(t, d, list.ID, [4]uint64{2, 10, 2, 10})
	two.Visibility, two.Published = db.Private, 0
	update(t, d, func(tx *db.Tx) error { return tx.SetTrack(two) })
	counted(t, d, list.ID, [4]uint64{1, 8, 2, 10})
	view(t, d, func(tx *db.Tx) error {
		if going, err := tx.Going(one.ID); going || err != nil {
			t.Errorf("one is going: %t, %v", going, err)
		}
		return nil
	})
	unsoundToTheEnd(t, d)
}

// A track that changes is counted anew by one write for each playlist that it
// is in.
func TestRecountingWritesOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	changed := func(slug string, lists int) (writes int) {
		tr := addTimed(t, d, mina.ID, slug, db.Public, 5)
		for i := range lists {
			list := addPlaylist(t, d, mina.ID, fmt.Sprint(slug, i), db.Public, tr.ID)
			defer func() { counted(t, d, list.ID, [4]uint64{0, 0, 1, 7}) }()
		}
		tr.Visibility, tr.Published, tr.Audio.Duration = db.Private, 0, 7_000_000
		update(t, d, func(tx *db.Tx) error {
			before := db.Writes(tx)
			err := tx.SetTrack(tr)
			writes = db.Writes(tx) - before
			return err
		})
		return writes
	}
	if alone, listed := changed("alone", 0), changed("listed", 10); listed != alone+10 {
		t.Errorf("a change takes %d writes, and %d in 10 playlists", alone, listed)
	}
}

func TestCheckFindsSpoiltPlaylists(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{}) // and all is mended at the end
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	tr := addTimed(t, d, mina.ID, "one", db.Public, 1)
	p := addPlaylist(t, d, mina.ID, "former", db.Public, tr.ID)
	p.Slug = "p"
	update(t, d, func(tx *db.Tx) error { return tx.SetPlaylist(p) })
	spoilIndexes(t, d, "playlistslugs", "formerplaylistslugs", "userplaylists", "userpublicplaylists", "playlisttracks", "inplaylists")
	for place := 1; place < 5; place++ {
		spoilCounter(t, d, fmt.Sprint("counter of the playlist ", place), p.ID, place)
	}
	spoilCounter(t, d, "counter of all of the user's", mina.ID, 3)
	spoilCounter(t, d, "counter of the user's public ones", mina.ID, 4)
	for name, alter := range map[string]func(*db.Playlist){
		"it is another user's":   func(p *db.Playlist) { p.User = junho.ID },
		"the user is not there":  func(p *db.Playlist) { p.User = 99 },
		"it is private":          func(p *db.Playlist) { p.Visibility, p.Published = db.Private, 0 },
		"it is public by half":   func(p *db.Playlist) { p.Visibility = db.Private },
		"its mark is another":    func(p *db.Playlist) { p.Published++ },
		"its slug is another":    func(p *db.Playlist) { p.Slug = "q" },
		"its mark is to be used": func(p *db.Playlist) { p.Published = 1 << 63 },
	} {
		spoilt := p
		alter(&spoilt)
		unsound(t, d, name,
			func(tx *db.Tx) error { return db.PutPlaylist(tx, spoilt) },
			func(tx *db.Tx) error { return db.PutPlaylist(tx, p) })
	}
	key := binary.BigEndian.AppendUint64(nil, uint64(p.ID))
	one := binary.BigEndian.AppendUint64(nil, uint64(tr.ID))
	for name, tracks := range map[string][]byte{
		"a track is in it twice":     append(append([]byte{}, one...), one...),
		"a track in it is not there": append(append([]byte{}, one...), 0, 0, 0, 0, 0, 0, 0, 99),
	} {
		unsound(t, d, name,
			func(tx *db.Tx) error { return db.Put(tx, "playlisttracks", key, tracks) },
			func(tx *db.Tx) error { return db.Put(tx, "playlisttracks", key, one) })
	}
}

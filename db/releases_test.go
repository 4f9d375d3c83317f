package db_test

import (
	"errors"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

// TestReachOfPublished moves a track and a playlist between the visibilities,
// with the same mark and with others: what is for followers stands in the lists
// of its owner and in no other.
func TestReachOfPublished(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	song := addTrack(t, d, mina.ID, "song", db.Private)
	list := addPlaylist(t, d, mina.ID, "list", db.Private, song.ID)
	song.Tags = []string{"rock"}
	var first db.ID
	for i, step := range []struct {
		v                 db.Visibility
		keep              bool // the mark
		published, public int
	}{
		{db.Private, false, 0, 0},
		{db.Followers, false, 1, 0},
		{db.Public, true, 1, 1},
		{db.Followers, true, 1, 0},
		{db.Public, false, 1, 1},
		{db.ByLink, false, 0, 0},
		{db.Followers, false, 1, 0},
		{db.Private, false, 0, 0},
	} {
		update(t, d, func(tx *db.Tx) error {
			song.Visibility, list.Visibility = step.v, step.v
			switch {
			case !step.v.Shown():
				song.Published, list.Published = 0, 0
			case !step.keep:
				song.Published, list.Published = tx.NewID(), tx.NewID()
			}
			return errors.Join(tx.SetTrack(song), tx.SetPlaylist(list))
		})
		if first == 0 {
			first = song.Published
		}
		sound(t, d)
		view(t, d, func(tx *db.Tx) error {
			published, err1 := gather(tx.PublishedTracksOf(mina.ID, 0))
			own, err2 := gather(tx.PublicTracksOf(mina.ID, 0))
			open, err3 := gather(tx.PublicTracks(0))
			lists, err4 := gather(tx.PublishedPlaylistsOf(mina.ID, 0))
			acts, err5 := gather(tx.Activity(0))
			counts, err6 := tx.UserCounts(mina.ID)
			u, err7 := tx.User(mina.ID)
			in, err8 := tx.PlaylistCounts(list.ID)
			_, err := tx.Tag("rock")
			if err == nil != (step.public > 0) {
				t.Errorf("step %d: the tag: %v", i, err)
			}
			for _, n := range []struct {
				what      string
				got, want int
			}{
				{"published tracks", len(published), step.published}, {"activity", len(acts), step.published}, {"published playlists", len(lists), step.published},
				{"public tracks of hers", len(own), step.public}, {"public tracks", len(open), step.public},
				{"counted public tracks", int(u.PublicTracks), step.public}, {"counted public playlists", int(counts.PublicPlaylists), step.public},
				{"public tracks in the playlist", int(in.Public), step.public}, {"own tracks in it", int(in.Own), 1},
			} {
				if n.got != n.want {
					t.Errorf("step %d: %s: %d, want %d", i, n.what, n.got, n.want)
				}
			}
			return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8)
		})
	}
}

// TestReleaseHasItsPlace wants a release to be found when it is due, to move and
// to go with what it is of.
func TestReleaseHasItsPlace(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	song := addTrack(t, d, mina.ID, "song", db.Private)
	list := addPlaylist(t, d, mina.ID, "list", db.ByLink)
	due := func(now time.Time, want ...db.ID) {
		t.Helper()
		sound(t, d)
		view(t, d, func(tx *db.Tx) error {
			things, err := gather(tx.Due(now))
			var got []db.ID
			for _, thing := range things {
				got = append(got, thing.ID)
			}
			return same("due", got, want, err)
		})
	}
	set := func(song db.Track, list db.Playlist) {
		t.Helper()
		update(t, d, func(tx *db.Tx) error { return errors.Join(tx.SetTrack(song), tx.SetPlaylist(list)) })
	}
	due(noon)
	song.Release, list.Release = db.Release{At: noon.Add(time.Hour), As: db.Public}, db.Release{At: noon.Add(time.Minute), As: db.Followers}
	set(song, list)
	due(noon)
	due(noon.Add(time.Hour-time.Second), list.ID)
	due(noon.Add(time.Hour), list.ID, song.ID)
	song.Release.At = noon
	set(song, list)
	due(noon, song.ID)
	song.Release = db.Release{}
	set(song, list)
	due(noon.AddDate(1, 0, 0), list.ID)
	song.Release = db.Release{At: noon, As: db.Followers}
	set(song, list)
	update(t, d, func(tx *db.Tx) error { return errors.Join(tx.DropTrack(song.ID), tx.DropPlaylist(list.ID)) })
	due(noon.AddDate(1, 0, 0))

	song = addTrack(t, d, mina.ID, "other", db.Private)
	for what, bad := range map[string]db.Track{
		"of what is public":     {Visibility: db.Public, Published: 1, Release: db.Release{At: noon, As: db.Public}},
		"of what followers see": {Visibility: db.Followers, Published: 1, Release: db.Release{At: noon, As: db.Public}},
		"as private":            {Release: db.Release{At: noon}},
		"as by link":            {Release: db.Release{At: noon, As: db.ByLink}},
		"without a time":        {Release: db.Release{As: db.Public}},
		"before all times":      {Release: db.Release{At: time.Unix(0, 0), As: db.Public}},
	} {
		bad.ID, bad.User, bad.Slug = song.ID, song.User, song.Slug
		err := d.Update(t.Context(), func(tx *db.Tx) error { return tx.SetTrack(bad) })
		if err == nil {
			t.Errorf("a release %s was stored", what)
		}
	}
	sound(t, d)
}

package db_test

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"earshot/db"
)

// moved gives a visibility with the mark that it needs: the one that was, or a
// new one if it is another.
func (m *model) moved(tx *db.Tx, was db.Visibility, mark db.ID) (db.Visibility, db.ID) {
	v := db.Visibility(m.rand.IntN(4))
	switch {
	case !v.Shown():
		return v, 0
	case mark == 0 || v != was && m.rand.IntN(2) == 0:
		return v, tx.NewID()
	}
	return v, mark
}

// someRelease gives what is hidden a release now and then.
func (m *model) someRelease(v db.Visibility) db.Release {
	if v.Shown() || m.rand.IntN(2) == 0 {
		return db.Release{}
	}
	return db.Release{At: noon.Add(time.Duration(m.rand.IntN(20)) * time.Minute), As: []db.Visibility{db.Public, db.Followers}[m.rand.IntN(2)]}
}

// compareReach looks at what people published for whomever, and at what is to
// be released.
func (m *model) compareReach(tx *db.Tx) error {
	type place struct {
		thing db.Thing
		at    time.Time
	}
	var due []place
	add := func(thing db.Thing, r db.Release) {
		if !r.At.IsZero() {
			due = append(due, place{thing, r.At})
		}
	}
	newest := func(a, b db.Thing) int { return cmp.Compare(b.ID, a.ID) }
	for _, user := range ids(m.users) {
		var tracks, open, acts, lists []db.Thing // by mark
		for _, t := range m.tracks {
			if t.User == user && (t.Visibility == db.Public || t.Visibility == db.Followers) {
				tracks = append(tracks, db.Thing{ID: t.Published})
			}
			if t.User == user && t.Visibility == db.Public {
				open = append(open, db.Thing{ID: t.Published})
			}
		}
		for _, p := range m.playlists {
			if p.User == user && (p.Visibility == db.Public || p.Visibility == db.Followers) {
				lists = append(lists, db.Thing{ID: p.Published})
			}
		}
		for _, list := range [][]db.Thing{tracks, open, lists} {
			slices.SortFunc(list, newest)
		}
		var got [3][]db.Thing
		for t, err := range tx.PublishedTracksOf(user, 0) {
			if err != nil {
				return err
			}
			got[0] = append(got[0], db.Thing{ID: t.Published})
		}
		for t, err := range tx.PublicTracksOf(user, 0) {
			if err != nil {
				return err
			}
			got[1] = append(got[1], db.Thing{ID: t.Published})
		}
		for p, err := range tx.PublishedPlaylistsOf(user, 0) {
			if err != nil {
				return err
			}
			got[2] = append(got[2], db.Thing{ID: p.Published})
		}
		for act, err := range tx.ActivityOf(user, 0) {
			if err != nil {
				return err
			}
			if act.Kind == db.Published {
				acts = append(acts, db.Thing{ID: act.Mark})
			}
		}
		for i, list := range [][]db.Thing{tracks, open, lists} {
			if !slices.Equal(got[i], list) {
				return fmt.Errorf("published by %s, list %d: %v, want %v", user, i, got[i], list)
			}
		}
		if !slices.Equal(acts, tracks) {
			return fmt.Errorf("the activity of %s: %v, want %v", user, acts, tracks)
		}
	}
	for _, t := range m.tracks {
		add(db.Thing{Kind: db.KindTrack, ID: t.ID}, t.Release)
	}
	for _, p := range m.playlists {
		add(db.Thing{Kind: db.KindPlaylist, ID: p.ID}, p.Release)
	}
	slices.SortFunc(due, func(a, b place) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.thing.ID, b.thing.ID)) })
	for _, now := range []time.Time{time.Unix(0, 0), noon, noon.Add(10 * time.Minute), noon.AddDate(1, 0, 0)} {
		var want []db.Thing
		for _, p := range due {
			if !p.at.After(now) {
				want = append(want, p.thing)
			}
		}
		got, err := gather(tx.Due(now))
		if err != nil || !slices.Equal(got, want) {
			return fmt.Errorf("due at %s: %v (%w), want %v", now, got, err, want)
		}
	}
	return nil
}

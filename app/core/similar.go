package core

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"earshot/db"
)

// How many similar tracks are found.
const (
	similar     = 10
	similarMost = 30
)

// reach is how much is looked at to find similar tracks: the work stays the
// same however large the house is.
type reach struct {
	likers    int // of the track, the newest
	theirs    int // of the likes of each of them, the newest
	playlists int // with the track, the newest public ones
	tags      int // of the track, the rarest
	carriers  int // of each of these tags, the newest tracks
	others    int // of the owner, the newest tracks
	looked    int // tracks that are read, the most likely ones
}

var (
	far  = reach{likers: 50, theirs: 50, playlists: 20, tags: 15, carriers: 100, others: 20, looked: 120}
	near = reach{likers: 15, theirs: 30, playlists: 5, tags: 5, carriers: 40, others: 10, looked: 40}
)

// A playlist of very many tracks says little of what is like what.
const alikeInPlaylist = 100

// Likeness is why a track is like another.
type Likeness uint8

// The reasons, the better ones first.
const (
	SameLikers   Likeness = iota // the same people like both
	SamePlaylist                 // both are in it
	SameTags                     // both carry them
	SameOwner                    // both are by the same person
	likenesses
)

// How much each reason weighs, when it speaks for a track in full.
var weights = [likenesses]float64{SameLikers: 4, SamePlaylist: 1.5, SameTags: 1, SameOwner: 0.1}

// SimilarView is a track that is like another, and what spoke most for it.
type SimilarView struct {
	Track    TrackView
	Why      Likeness
	Tags     []string      // with SameTags: those that both carry
	Playlist *PlaylistView // with SamePlaylist: one of them
	N        int           // with SameLikers: how many people; with SamePlaylist: how many playlists
}

// likely is a track that may be similar, with what speaks for it.
type likely struct {
	id       db.ID
	n        [likenesses]int // people, playlists, tags
	tags     float64         // how much the tags that it shares say
	playlist db.ID           // the newest

	track db.Track
	owner db.User
	parts [likenesses]float64
	score float64
}

// likeness is the work on what is like one track.
type likeness struct {
	c      *Core
	tx     *db.Tx
	a      asker
	reach  reach
	track  db.Track
	owners people

	found     map[db.ID]*likely
	likers    int // that were asked
	playlists int
	tags      float64 // how much all tags of the track say
}

// Similar finds tracks that are like one: those that the same people like, that
// are in the same playlists, that carry the same tags, and others of its owner.
// What is hidden from the asker neither is among them nor a reason for any.
func (c *Core) Similar(ctx context.Context, me, id db.ID, limit int) ([]SimilarView, error) {
	if limit <= 0 {
		limit = similar
	}
	limit = min(limit, similarMost)
	var list []SimilarView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		t, _, err := c.track(tx, a, id, whole)
		if err != nil {
			return err
		}
		list, err = c.similar(tx, a, t, far, limit)
		return err
	})
	c.drawSimilar(list)
	return list, err
}

func (c *Core) drawSimilar(list []SimilarView) {
	for i := range list {
		list[i].Track = c.draw(list[i].Track)[0]
	}
}

// similar shows what is like a track that the asker may hear.
func (c *Core) similar(tx *db.Tx, a asker, t db.Track, r reach, limit int) ([]SimilarView, error) {
	l := c.likeness(tx, a, t, r, people{})
	best, err := l.best(limit)
	if err != nil {
		return nil, err
	}
	list := make([]SimilarView, 0, len(best))
	shown := map[db.ID]*PlaylistView{}
	left := surveyed / 2
	for _, found := range best {
		v, err := l.show(found, shown, &left)
		if c.unreadable(err, "track", found.id) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (c *Core) likeness(tx *db.Tx, a asker, t db.Track, r reach, owners people) *likeness {
	return &likeness{c: c, tx: tx, a: a, reach: r, track: t, owners: owners, found: map[db.ID]*likely{}}
}

// best finds the tracks that are most like it, the best first.
func (l *likeness) best(limit int) ([]*likely, error) {
	for _, find := range []func() error{l.byLikers, l.byPlaylists, l.byTags, l.byOwner} {
		if err := find(); err != nil {
			return nil, err
		}
	}
	delete(l.found, l.track.ID)
	list := make([]*likely, 0, len(l.found))
	for _, found := range l.found {
		l.weigh(found, 0)
		list = append(list, found)
	}
	order := func(x, y *likely) int { return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(y.id, x.id)) }
	slices.SortFunc(list, order)
	var heard []*likely
	for _, found := range list[:min(len(list), 3*l.reach.looked)] {
		if len(heard) == l.reach.looked {
			break
		}
		there, err := l.hear(found)
		if err != nil {
			return nil, err
		}
		if there {
			heard = append(heard, found)
		}
	}
	slices.SortFunc(heard, order)
	return heard[:min(len(heard), limit)], nil
}

// weigh makes the score of a track. What very many people like is liked by
// everybody's likers: its likes count against it, once they are known.
func (l *likeness) weigh(found *likely, likes uint64) {
	share := func(n, of int) float64 { return float64(n) / float64(of+2) }
	found.parts = [likenesses]float64{}
	if found.n[SameLikers] > 0 {
		found.parts[SameLikers] = share(found.n[SameLikers], l.likers)
		if of := float64(likes); of > float64(l.likers) {
			found.parts[SameLikers] *= math.Sqrt(float64(l.likers+10) / (of + 10))
		}
	}
	if found.n[SamePlaylist] > 0 {
		found.parts[SamePlaylist] = share(found.n[SamePlaylist], l.playlists)
	}
	if found.n[SameTags] > 0 {
		found.parts[SameTags] = found.tags / (l.tags + 0.2)
	}
	if found.n[SameOwner] > 0 {
		found.parts[SameOwner] = 1
	}
	found.score = 0
	for why, weight := range weights {
		found.parts[why] *= weight
		found.score += found.parts[why]
	}
}

// hear reads a track that may be similar, if the asker may hear it, and gives
// it its score.
func (l *likeness) hear(found *likely) (there bool, err error) {
	t, err := l.tx.Track(found.id)
	if errors.Is(err, db.ErrNotFound) || l.c.unreadable(err, "track", found.id) || err == nil && t.Visibility != db.Public {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	owner, there, err := l.c.present(l.tx, l.a, l.owners, t.User)
	if err != nil || !there || l.a.sees(t, owner) < whole {
		return false, err
	}
	counts, err := l.tx.TrackCounts(t.ID)
	if err != nil && !l.c.unreadable(err, "counters of", t.ID) {
		return false, err
	}
	found.track, found.owner = t, owner
	l.weigh(found, counts.Likes)
	return true, nil
}

// add finds a track once more.
func (l *likeness) add(id db.ID, why Likeness) *likely {
	found := l.found[id]
	if found == nil {
		found = &likely{id: id}
		l.found[id] = found
	}
	found.n[why]++
	return found
}

// byLikers finds what the people like who like the track. The asker's own likes
// say nothing new.
func (l *likeness) byLikers() error {
	return first(l.c, "like of", l.reach.likers, l.tx.Likers(l.track.ID, 0), func(e db.Edge) error {
		if l.a.is(e.From) {
			return nil
		}
		if _, there, err := l.c.present(l.tx, l.a, l.owners, e.From); err != nil || !there {
			return err
		}
		l.likers++
		return first(l.c, "like of", l.reach.theirs, l.tx.Likes(e.From, 0), func(e db.Edge) error {
			l.add(e.To, SameLikers)
			return nil
		})
	})
}

// byPlaylists finds what is in the public playlists that the track is in.
func (l *likeness) byPlaylists() error {
	return first(l.c, "playlist with", 3*l.reach.playlists, l.tx.NewestPlaylistsWith(l.track.ID, 0), func(id db.ID) error {
		if l.playlists == l.reach.playlists {
			return nil
		}
		p, err := l.tx.Playlist(id)
		if errors.Is(err, db.ErrNotFound) || l.c.unreadable(err, "playlist", id) || err == nil && p.Visibility != db.Public {
			return nil
		}
		if err != nil {
			return err
		}
		if _, there, err := l.c.present(l.tx, l.a, l.owners, p.User); err != nil || !there {
			return err
		}
		tracks, err := l.tx.PlaylistTracks(id)
		if l.c.unreadable(err, "tracks of", id) || len(tracks) > alikeInPlaylist {
			return nil
		}
		if err != nil {
			return err
		}
		l.playlists++
		for _, track := range tracks {
			if found := l.add(track, SamePlaylist); found.playlist == 0 {
				found.playlist = id
			}
		}
		return nil
	})
}

// byTags finds the newest tracks that carry the same tags. A rare tag says more
// than one that many carry.
func (l *likeness) byTags() error {
	if len(l.track.Tags) == 0 {
		return nil
	}
	counted, err := l.c.countTags(l.tx, l.a)
	if err != nil {
		return err
	}
	var tags []TagView
	for _, name := range l.track.Tags {
		tag, err := l.tx.Tag(name)
		if errors.Is(err, db.ErrNotFound) || l.c.unreadable(err, "tag of", l.track.ID) {
			continue
		}
		if err != nil {
			return err
		}
		if v, there := counted.view(tag); there && !slices.ContainsFunc(tags, func(w TagView) bool { return w.Tag.ID == tag.ID }) {
			tags = append(tags, v)
		}
	}
	slices.SortFunc(tags, func(x, y TagView) int { return y.before(x) })
	for _, tag := range tags[:min(len(tags), l.reach.tags)] {
		says := 1 / (1 + math.Log(float64(tag.Tracks)))
		l.tags += says
		err := first(l.c, "track of a tag", l.reach.carriers, l.tx.Tagged(tag.Tag.ID, 0), func(e db.Edge) error {
			l.add(e.To, SameTags).tags += says
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// byOwner finds the newest other public tracks of the owner.
func (l *likeness) byOwner() error {
	return first(l.c, "track of", l.reach.others, l.tx.PublicTracksOf(l.track.User, 0), func(t db.Track) error {
		l.add(t.ID, SameOwner)
		return nil
	})
}

// show gives a similar track its face and its reason.
func (l *likeness) show(found *likely, shown map[db.ID]*PlaylistView, left *int) (SimilarView, error) {
	v := SimilarView{}
	for why := range found.parts {
		if found.parts[why] > found.parts[v.Why] {
			v.Why = Likeness(why)
		}
	}
	var err error
	if v.Track, err = l.c.viewTrack(l.tx, l.a, found.track, found.owner); err != nil {
		return v, err
	}
	switch v.Why {
	case SameLikers:
		v.N = found.n[SameLikers]
	case SamePlaylist:
		v.N = found.n[SamePlaylist]
		if shown[found.playlist] == nil {
			p, owner, err := l.c.playlist(l.tx, l.a, found.playlist, whole)
			if err != nil {
				return v, err
			}
			view, err := l.c.viewPlaylist(l.tx, l.a, p, owner, left)
			if err != nil {
				return v, err
			}
			shown[found.playlist] = &view
		}
		v.Playlist = shown[found.playlist]
	case SameTags:
		v.Tags = shared(found.track.Tags, l.track.Tags)
	}
	return v, nil
}

// shared gives the tags of one list that another has too, however they are
// written there.
func shared(tags, other []string) []string {
	var list []string
	for _, tag := range tags {
		if slices.ContainsFunc(other, func(o string) bool { return db.Alike(o) == db.Alike(tag) }) {
			list = append(list, tag)
		}
	}
	return list
}

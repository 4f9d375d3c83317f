package core

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"earshot/db"
	"earshot/search"
)

const (
	suggestedFrom  = 60 // and of a suggestion
	suggested      = 8
	suggestedMost  = 20
	facetTags      = 12
	withoutMost    = 200 // of the people whom a search leaves out by itself; the others are left out afterwards
	searchesAtOnce = 4
)

// foundMost is how many hits of each kind a search looks at.
var foundMost = map[db.Kind]int{db.KindTrack: 300, db.KindUser: 100, db.KindPlaylist: 100, db.KindTag: 50}

// suggestedOf is how many of a kind are suggested while there are others.
var suggestedOf = map[db.Kind]int{db.KindTrack: 4, db.KindUser: 3, db.KindPlaylist: 2, db.KindTag: 2}

// Length is a class of the duration of tracks.
type Length uint8

// The lengths.
const (
	AnyLength Length = iota
	Short            // under 2 minutes
	Medium           // under 10
	Long             // under 30
	VeryLong
)

// span gives where a length begins and ends; 0 is no end.
func (l Length) span() [2]time.Duration {
	return [...][2]time.Duration{
		AnyLength: {}, Short: {0, 2 * time.Minute}, Medium: {2 * time.Minute, 10 * time.Minute},
		Long: {10 * time.Minute, 30 * time.Minute}, VeryLong: {30 * time.Minute, 0},
	}[l]
}

// Age is a class of how long tracks have been there.
type Age uint8

// The ages. The first three hold one another.
const (
	AnyAge    Age = iota
	ThisWeek      // the last 7 days
	ThisMonth     // the last 30 days
	ThisYear      // the last 365 days
	Older
)

const day = 24 * time.Hour

// span gives from when to when tracks of an age came; zero is no bound.
func (age Age) span(now time.Time) (from, to time.Time) {
	switch age {
	case ThisWeek:
		from = now.Add(-7 * day)
	case ThisMonth:
		from = now.Add(-30 * day)
	case ThisYear:
		from = now.Add(-365 * day)
	case Older:
		to = now.Add(-365 * day)
	}
	return from, to
}

// SearchFor is what is searched for. The filters are of tracks alone.
type SearchFor struct {
	Text         string
	Kind         db.Kind // 0 for all
	Tag          string
	Length       Length
	Age          Age
	Downloadable bool
}

// FoundView is one page of what was found.
type FoundView struct {
	Page[HitView]
	Counts   map[db.Kind]int // of what may be seen, of all kinds
	More     bool            // there is more than was looked at
	Facets   *Facets         // of the tracks; on the first page only
	Building *float64        // the index is being made from nothing: share of that
}

// HitView is one thing that was found; the one of its kind is set.
type HitView struct {
	Kind     db.Kind
	Track    *TrackView
	User     *UserView
	Playlist *PlaylistView
	Tag      *TagView
	Title    string   // or name
	Marks    [][2]int // what matches in it, in bytes
}

// Facets count tracks by their properties.
type Facets struct {
	Tags         []Facet[string]
	Lengths      []Facet[Length]
	Ages         []Facet[Age]
	Downloadable int
}

// Facet is one property with how many tracks have it.
type Facet[T any] struct {
	Of T
	N  int
}

// match is a hit that the asker may see.
type match struct {
	kind     db.Kind
	id       db.ID
	score    float64
	track    db.Track
	user     db.User // the person that was found, or whose it is
	playlist db.Playlist
	tag      TagView
}

// Search finds tracks, people, playlists and tags by their words. The index
// proposes; what the asker may see of that, is decided here, and all that is
// counted is counted of it.
func (c *Core) Search(ctx context.Context, me db.ID, q SearchFor, p Paging) (FoundView, error) {
	v := FoundView{Page: Page[HitView]{Items: []HitView{}}}
	list := fmt.Sprintf("search/%s/%+v", me, q)
	shown, err := c.shownBefore(list, p)
	if err != nil {
		return v, err
	}
	err = c.searching(ctx, me, func(a asker) error {
		found, err := c.match(ctx, a, q, &v)
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(m match) bool {
			return q.Kind != 0 && m.kind != q.Kind || slices.Contains(shown, m.mark())
		})
		if limit := p.limit(); len(found) > limit {
			found = found[:limit]
			for _, m := range found {
				shown = append(shown, m.mark())
			}
			var b []byte
			for _, mark := range shown {
				b = binary.BigEndian.AppendUint32(b, mark)
			}
			v.Next = c.sealer.Seal(list, b)
		}
		v.Items, err = c.showMatches(ctx, a, q.Text, found)
		return err
	})
	if p.Cursor != "" {
		v.Facets = nil
	}
	return v, err
}

// shownBefore opens the cursor of a search: what was shown on the pages before,
// each told by 32 bits. Scores move with every change in the house, so that a
// place among them would show things twice, or never.
func (c *Core) shownBefore(list string, p Paging) ([]uint32, error) {
	if p.Cursor == "" {
		return nil, nil
	}
	b, err := c.sealer.Open(list, p.Cursor)
	if err != nil || len(b)%4 != 0 {
		return nil, errCursor.Because(err)
	}
	var marks []uint32
	for ; len(b) > 0; b = b[4:] {
		marks = append(marks, binary.BigEndian.Uint32(b))
	}
	return marks, nil
}

// mark tells a match from the others of its search.
func (m match) mark() uint32 { return uint32(m.id) ^ uint32(m.id>>32)*0x9e3779b1 }

// Suggest finds a few things of mixed kinds while somebody types.
func (c *Core) Suggest(ctx context.Context, me db.ID, text string, limit int) (FoundView, error) {
	if limit <= 0 {
		limit = suggested
	}
	limit = min(limit, suggestedMost)
	v := FoundView{Page: Page[HitView]{Items: []HitView{}}}
	err := c.searching(ctx, me, func(a asker) error {
		hits, building, err := c.index.find(ctx, search.Query{
			Text: text, Typing: true, Viewer: uint64(a.user.ID), Followed: a.followed, Without: a.without(), Most: suggestedFrom,
		})
		if err != nil {
			return err
		}
		v.Building = building
		found, err := c.sift(ctx, a, SearchFor{}, hits.Items, c.now())
		if err != nil {
			return err
		}
		v.Items, err = c.showMatches(ctx, a, text, mixed(found, limit))
		return err
	})
	return v, err
}

// mixed takes the best, and of no kind so many that others have no place.
func mixed(found []match, limit int) []match {
	var chosen, rest []match
	of := map[db.Kind]int{}
	for _, m := range found {
		if of[m.kind]++; of[m.kind] <= suggestedOf[m.kind] {
			chosen = append(chosen, m)
		} else {
			rest = append(rest, m)
		}
	}
	chosen = chosen[:min(len(chosen), limit)]
	chosen = append(chosen, rest[:min(len(rest), limit-len(chosen))]...)
	slices.SortFunc(chosen, match.compare)
	return chosen
}

// searching does a search for somebody, when its turn has come: each holds its
// hits in memory.
func (c *Core) searching(ctx context.Context, me db.ID, do func(asker) error) error {
	select {
	case c.searches <- struct{}{}:
		defer func() { <-c.searches }()
	case <-ctx.Done():
		return ctx.Err()
	}
	var a asker
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		if a, err = c.asker(tx, me); err == nil {
			err = c.noteFollowed(tx, &a)
		}
		return err
	})
	if err != nil {
		return err
	}
	return translate(do(a))
}

// noteFollowed notes whom the asker follows.
func (c *Core) noteFollowed(tx *db.Tx, a *asker) error {
	if a.visitor() {
		return nil
	}
	for e, err := range tx.Following(a.user.ID, 0) {
		if c.unreadable(err, "whom a user follows", a.user.ID) {
			continue
		}
		if err != nil {
			return err
		}
		a.followed = append(a.followed, uint64(e.To))
	}
	return nil
}

// without gives whose things need not be proposed.
func (a asker) without() []uint64 {
	var owners []uint64
	for id := range a.blocks {
		owners = append(owners, uint64(id))
	}
	slices.Sort(owners)
	return owners[:min(len(owners), withoutMost)]
}

// match finds all hits that the asker may see, the best first, and counts them.
// Each kind is asked for by itself: the many of one leave the others their
// places.
func (c *Core) match(ctx context.Context, a asker, q SearchFor, v *FoundView) ([]match, error) {
	now := c.now()
	v.Counts = map[db.Kind]int{}
	var found []match
	for kind, most := range foundMost {
		ask := search.Query{Text: q.Text, Typing: true, Kinds: []search.Kind{kinds[kind]}, Viewer: uint64(a.user.ID), Followed: a.followed, Without: a.without(), Most: most}
		if kind == db.KindTrack {
			ask.Tag, ask.Downloadable, ask.Durations = q.Tag, q.Downloadable, q.Length.span()
			ask.Created[0], ask.Created[1] = q.Age.span(now)
		}
		hits, building, err := c.index.find(ctx, ask)
		if err != nil {
			return nil, err
		}
		seen, err := c.sift(ctx, a, q, hits.Items, now)
		if err != nil {
			return nil, err
		}
		if kind == db.KindTrack {
			v.Facets = facets(seen, now)
		}
		found = append(found, seen...)
		v.Counts[kind] = len(seen)
		v.Building, v.More = building, v.More || hits.Total > uint64(most)
	}
	slices.SortFunc(found, match.compare)
	return found, nil
}

// matchKind finds the hits of one kind that the asker may see, the best first.
func (c *Core) matchKind(ctx context.Context, a asker, kind db.Kind, text string) ([]match, error) {
	hits, _, err := c.index.find(ctx, search.Query{
		Text: text, Typing: true, Kinds: []search.Kind{kinds[kind]}, Viewer: uint64(a.user.ID), Followed: a.followed, Without: a.without(), Most: foundMost[kind],
	})
	if err != nil {
		return nil, err
	}
	return c.sift(ctx, a, SearchFor{}, hits.Items, c.now())
}

// sift looks at hits, keeps those that the asker may see and that are still as
// the index has them, and puts the best first.
func (c *Core) sift(ctx context.Context, a asker, q SearchFor, hits []search.Hit, now time.Time) ([]match, error) {
	found := make([]match, 0, len(hits))
	err := c.view(ctx, func(tx *db.Tx) error {
		a.tx = tx
		s := sifter{c: c, tx: tx, a: a, owners: people{}, now: now}
		var err error
		if s.tags, err = c.countTags(tx, a); err != nil {
			return err
		}
		for _, hit := range hits {
			m, ok, err := s.see(hit)
			if errors.Is(err, db.ErrNotFound) || errors.Is(err, ErrNotFound) || c.unreadable(err, "hit", db.ID(hit.ID)) {
				continue
			}
			if err != nil {
				return err
			}
			if ok && (m.kind != db.KindTrack || q.takes(m.track, now)) {
				found = append(found, m)
			}
		}
		return nil
	})
	slices.SortFunc(found, match.compare)
	return found, err
}

// sifter looks at hits for one asker.
type sifter struct {
	c      *Core
	tx     *db.Tx
	a      asker
	owners people
	tags   counted
	now    time.Time
}

// see finds a hit's record, and weighs it: what many like and what is new comes
// a little earlier.
func (s *sifter) see(hit search.Hit) (m match, ok bool, err error) {
	m = match{id: db.ID(hit.ID)}
	var liked uint64
	var since time.Time
	switch hit.Kind {
	case search.Track:
		m.kind = db.KindTrack
		if m.track, m.user, err = s.track(m.id); err != nil {
			return m, false, err
		}
		counts, err := s.tx.TrackCounts(m.id)
		if err != nil {
			return m, false, err
		}
		liked, since = counts.Plays+5*counts.Likes+5*counts.Reposts, shownSince(m.track)
	case search.Person:
		m.kind = db.KindUser
		if m.user, err = s.owners.find(s.tx, m.id); err != nil || m.user.Disabled || s.a.hides(m.user) {
			return m, false, err
		}
		counts, err := s.tx.UserCounts(m.id)
		if err != nil {
			return m, false, err
		}
		liked, since = 10*counts.Followers, m.user.Created
	case search.Playlist:
		m.kind = db.KindPlaylist
		if m.playlist, m.user, err = s.playlist(m.id); err != nil {
			return m, false, err
		}
		counts, err := s.tx.PlaylistCounts(m.id)
		if err != nil {
			return m, false, err
		}
		liked, since = 5*counts.Likes, m.playlist.Created
	case search.Tag:
		m.kind = db.KindTag
		tag, err := s.tx.TagByID(m.id)
		if err != nil {
			return m, false, err
		}
		var there bool
		if m.tag, there = s.tags.view(tag); !there {
			return m, false, nil
		}
		liked = m.tag.Tracks
	default:
		return m, false, nil
	}
	m.score = hit.Score * weight(liked, s.now.Sub(since))
	return m, true, nil
}

// weight is what being liked and being new make of a score: a thousand likes
// are worth a third, the first days a tenth of it.
func weight(liked uint64, age time.Duration) float64 {
	w := 1 + 0.1*math.Log10(1+float64(liked))
	if age >= 0 {
		w *= 1 + 0.1*math.Exp(-age.Hours()/(30*24))
	}
	return w
}

// track finds a track that the asker may hear, and its owner.
func (s *sifter) track(id db.ID) (t db.Track, owner db.User, err error) {
	if t, err = s.tx.Track(id); err == nil {
		owner, err = s.owners.find(s.tx, t.User)
	}
	if err == nil && s.a.sees(t, owner) < whole {
		err = ErrNotFound
	}
	return t, owner, err
}

// playlist is track for a playlist.
func (s *sifter) playlist(id db.ID) (p db.Playlist, owner db.User, err error) {
	if p, err = s.tx.Playlist(id); err == nil {
		owner, err = s.owners.find(s.tx, p.User)
	}
	if err == nil && s.a.seesList(p, owner) < whole {
		err = ErrNotFound
	}
	return p, owner, err
}

// compare orders matches, the best first; equal ones stand always the same way.
func (m match) compare(other match) int {
	return cmp.Or(cmp.Compare(other.score, m.score), cmp.Compare(m.kind, other.kind), cmp.Compare(other.id, m.id))
}

// takes tells whether a track passes the filters: the index may be a moment
// behind.
func (q SearchFor) takes(t db.Track, now time.Time) bool {
	if q.Downloadable && !t.Downloadable || !q.Length.has(t) {
		return false
	}
	tag := db.Alike(q.Tag)
	if q.Tag != "" && !slices.ContainsFunc(t.Tags, func(s string) bool { return db.Alike(s) == tag }) {
		return false
	}
	return q.Age.has(t, now)
}

func (l Length) has(t db.Track) bool {
	long, span := time.Duration(t.Audio.Duration)*time.Microsecond, l.span()
	return long >= span[0] && (span[1] == 0 || long < span[1])
}

func (age Age) has(t db.Track, now time.Time) bool {
	from, to := age.span(now)
	since := shownSince(t)
	return (from.IsZero() || !since.Before(from)) && (to.IsZero() || since.Before(to))
}

// facets counts the tracks among matches.
func facets(found []match, now time.Time) *Facets {
	f := &Facets{}
	tags, names := map[string]int{}, map[string]string{}
	var ofLength [VeryLong + 1]int
	var ofAge [Older + 1]int
	for _, m := range found {
		if m.kind != db.KindTrack {
			continue
		}
		for _, tag := range m.track.Tags {
			key := db.Alike(tag)
			if tags[key]++; names[key] == "" {
				names[key] = tag
			}
		}
		for l := Short; l <= VeryLong; l++ {
			if l.has(m.track) {
				ofLength[l]++
			}
		}
		for age := ThisWeek; age <= Older; age++ {
			if age.has(m.track, now) {
				ofAge[age]++
			}
		}
		if m.track.Downloadable {
			f.Downloadable++
		}
	}
	for key, n := range tags {
		f.Tags = append(f.Tags, Facet[string]{names[key], n})
	}
	slices.SortFunc(f.Tags, func(x, y Facet[string]) int { return cmp.Or(cmp.Compare(y.N, x.N), cmp.Compare(x.Of, y.Of)) })
	f.Tags = f.Tags[:min(len(f.Tags), facetTags)]
	for l := Short; l <= VeryLong; l++ {
		f.Lengths = append(f.Lengths, Facet[Length]{l, ofLength[l]})
	}
	for age := ThisWeek; age <= Older; age++ {
		f.Ages = append(f.Ages, Facet[Age]{age, ofAge[age]})
	}
	return f
}

// showMatches gives matches as the asker sees them.
func (c *Core) showMatches(ctx context.Context, a asker, text string, found []match) ([]HitView, error) {
	views := make([]HitView, 0, len(found))
	err := c.view(ctx, func(tx *db.Tx) error {
		a.tx = tx
		left := surveyed
		for _, m := range found {
			v := HitView{Kind: m.kind}
			var err error
			switch m.kind {
			case db.KindTrack:
				v.Title, v.Track = m.track.Title, new(TrackView)
				*v.Track, err = c.viewTrack(tx, a, m.track, m.user)
			case db.KindUser:
				v.Title, v.User = m.user.Name, new(UserView)
				*v.User, err = c.viewUser(tx, a, m.user)
			case db.KindPlaylist:
				v.Title, v.Playlist = m.playlist.Title, new(PlaylistView)
				*v.Playlist, err = c.viewPlaylist(tx, a, m.playlist, m.user, &left)
			case db.KindTag:
				v.Title, v.Tag = m.tag.Tag.Name, &m.tag
			}
			if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "hit", m.id) {
				continue
			}
			if err != nil {
				return err
			}
			v.Marks = search.Marks(v.Title, text)
			views = append(views, v)
		}
		return nil
	})
	for _, v := range views {
		if v.Track != nil {
			*v.Track = c.draw(*v.Track)[0]
		}
	}
	return views, err
}

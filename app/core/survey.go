package core

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/db"
)

// survey is what there was for an asker, in no more than its order: whatever is
// taken from it is looked at anew. Programs ask for lists page by page, and each
// page needs all of it.
type survey struct {
	of     surveyKey
	made   time.Duration // by pace
	since  time.Time     // when it was first found to be so
	albums []surveyedAlbum
	people []surveyedPerson
	tracks []db.ID
}

// surveyKey is what a survey hangs on. Where none of it changed, it is still
// good, but for how often something was played, and for what a while brings.
type surveyKey struct {
	me     db.ID
	seq    uint64 // of all changes that search follows
	people uint64 // whom the asker follows, and who blocks whom: a hash
	keeps  bool
}

// surveyedAlbum is an album that has songs for the asker.
type surveyedAlbum struct {
	id, user      db.ID // id 0: what is loose of the user
	title, artist string
	newest        time.Time
	plays         uint64
	year          int
	tags          []string // as Alike has them
}

type surveyedPerson struct {
	id     db.ID
	name   string
	albums int
}

// How surveys are kept. One of 50,000 tracks takes about a megabyte.
const (
	surveysKept = 4
	surveyFor   = 5 * time.Minute
)

// surveys are those that were made last; one is made at a time.
type surveys struct {
	turn chan struct{} // of one place
	mu   sync.Mutex
	kept []*survey // the last one used last
}

func (s *surveys) find(of surveyKey, now time.Duration) *survey {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.kept, func(one *survey) bool { return one.of == of && now-one.made < surveyFor })
	if i < 0 {
		return nil
	}
	found := s.kept[i]
	s.kept = append(slices.Delete(s.kept, i, i+1), found)
	return found
}

func (s *surveys) keep(made *survey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = slices.DeleteFunc(s.kept, func(one *survey) bool {
		if one.of == made.of { // nothing changed but its age
			made.since = one.since
		}
		return one.of.me == made.of.me
	})
	if len(s.kept) == surveysKept {
		s.kept = slices.Delete(s.kept, 0, 1)
	}
	s.kept = append(s.kept, made)
}

// survey gives what there is for the asker.
func (b *browser) survey(ctx context.Context) (*survey, error) {
	people, err := b.around()
	if err != nil {
		return nil, err
	}
	of := surveyKey{b.a.user.ID, b.tx.Seq(), people, b.a.keeper()}
	s := &b.c.surveys
	if found := s.find(of, b.c.pace()); found != nil {
		return found, nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if found := s.find(of, b.c.pace()); found != nil {
		return found, nil
	}
	made, err := b.lookAtAll(ctx)
	if err != nil {
		return nil, err
	}
	made.of, made.made, made.since = of, b.c.pace(), b.c.now()
	s.keep(made)
	return made, nil
}

// around sums up whom the asker follows, and the blocks around the asker.
func (b *browser) around() (uint64, error) {
	h := fnv.New64a()
	for e, err := range b.tx.Following(b.a.user.ID, 0) {
		if err != nil && !errors.Is(err, db.ErrCorrupt) {
			return 0, err
		}
		_ = binary.Write(h, binary.BigEndian, e.Mark)
	}
	for _, id := range slices.Sorted(maps.Keys(b.a.blocks)) {
		_ = binary.Write(h, binary.BigEndian, id)
		_, _ = h.Write([]byte{byte(b.a.blocks[id])})
	}
	return h.Sum64(), nil
}

// lookAtAll makes a survey.
func (b *browser) lookAtAll(ctx context.Context) (*survey, error) {
	s := &survey{}
	at := map[db.ID]int{}   // of albums in s.albums, by id; of what is loose by user
	home := map[db.ID]int{} // of tracks that an album was found to have
	songs := []int{}        // how many each of s.albums is home of
	words := map[string]string{}
	word := func(tag string) string {
		alike, known := words[tag]
		if !known {
			alike = db.Alike(tag)
			words[tag] = alike
		}
		return alike
	}
	for p, err := range b.tx.Playlists(0) {
		if b.c.unreadable(err, "playlist", p.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if p.Kind != db.Album {
			continue
		}
		owner, err := b.owners.find(b.tx, p.User)
		if absent(err) || err == nil && !b.listsAlbum(p, owner) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids, err := b.tx.PlaylistTracks(p.ID)
		if b.c.unreadable(err, "tracks of", p.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		n := len(s.albums)
		at[p.ID] = n
		one := surveyedAlbum{id: p.ID, user: p.User, title: strings.ToLower(p.Title), artist: strings.ToLower(owner.Name), newest: cmp.Or(p.Published, p.ID).Time()}
		for _, tag := range p.Tags {
			one.tags = append(one.tags, word(tag))
		}
		s.albums, songs = append(s.albums, one), append(songs, 0)
		for _, id := range ids {
			if _, found := home[id]; !found {
				home[id] = n
			}
		}
	}
	n := 0
	for t, err := range b.tx.Tracks(0) {
		if n++; n%1000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if b.c.unreadable(err, "track", t.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		owner, err := b.owners.find(b.tx, t.User)
		if absent(err) || err == nil && !b.lists(t, owner) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.tracks = append(s.tracks, t.ID)
		in, found := home[t.ID]
		if found && s.albums[in].user != t.User { // of another; an own one may have it too
			p, err := b.home(t)
			if err != nil {
				return nil, err
			}
			in, found = at[p.ID]
		}
		if !found {
			if in, found = at[t.User]; !found {
				in = len(s.albums)
				at[t.User] = in
				s.albums, songs = append(s.albums, surveyedAlbum{user: t.User, title: strings.ToLower(LooseTitle), artist: strings.ToLower(owner.Name)}), append(songs, 0)
			}
			if came := cmp.Or(t.Published, t.ID).Time(); came.After(s.albums[in].newest) {
				s.albums[in].newest = came
			}
		}
		counts, err := b.tx.TrackCounts(t.ID)
		if err != nil {
			return nil, err
		}
		one := &s.albums[in]
		songs[in]++
		one.plays += counts.Plays
		one.year = max(one.year, t.Year)
		for _, tag := range t.Tags {
			if alike := word(tag); len(one.tags) < albumTags && !slices.Contains(one.tags, alike) {
				one.tags = append(one.tags, alike)
			}
		}
	}
	return s, b.tidy(s, songs)
}

// tidy leaves out albums that have nothing for the asker, and finds the people
// of the others.
func (b *browser) tidy(s *survey, songs []int) error {
	all := s.albums
	s.albums = s.albums[:0:0]
	of := map[db.ID]int{}
	for i, one := range all {
		if songs[i] == 0 { // it may be of songs of others
			there, err := b.holdsAny(one.id)
			if err != nil {
				return err
			}
			if !there {
				continue
			}
		}
		s.albums = append(s.albums, one)
		n, known := of[one.user]
		if !known {
			n = len(s.people)
			of[one.user] = n
			s.people = append(s.people, surveyedPerson{id: one.user, name: one.artist})
		}
		s.people[n].albums++
	}
	slices.SortFunc(s.people, func(a, b surveyedPerson) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
	return nil
}

// holdsAny tells whether an album has a song for the asker.
func (b *browser) holdsAny(album db.ID) (bool, error) {
	ids, err := b.tx.PlaylistTracks(album)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if _, _, there, err := b.track(id); there || err != nil {
			return there, err
		}
	}
	return false, nil
}

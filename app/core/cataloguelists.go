package core

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

// AlbumOrder is what albums are ordered by.
type AlbumOrder uint8

// The orders.
const (
	AlbumsByName   AlbumOrder = iota
	AlbumsByArtist            // and by name within each
	AlbumsNewest
	AlbumsPlayed // those that were played most first, without those that never were
	AlbumsHeard  // those that the asker listened to last first, without all others
	AlbumsRated  // those with most stars of the asker's first, without all others
	AlbumsLiked  // those that the asker likes, the newest like first
	AlbumsByYear // from one year to another, which may be earlier
	AlbumsRandom
)

// AlbumsFor is what albums are asked for.
type AlbumsFor struct {
	Order    AlbumOrder
	From, To int    // years, with AlbumsByYear
	Tag      string // "" for all
	User     db.ID  // 0 for all
}

// heardMost is how many of the asker's last listens are looked at for albums.
const heardMost = 2000

// Albums lists n of the albums, leaving out the first so many.
func (c *Core) Albums(ctx context.Context, me db.ID, q AlbumsFor, n, from int) ([]AlbumView, error) {
	var list []AlbumView
	err := c.browse(ctx, me, func(b *browser) error {
		chosen, err := b.choose(ctx, q)
		if err != nil {
			return err
		}
		list, err = b.albumsOf(chosen, n, from)
		return err
	})
	return list, err
}

// albumsOf shows a part of albums. What is gone, or not for the asker any more,
// is left out.
func (b *browser) albumsOf(chosen []surveyedAlbum, n, from int) ([]AlbumView, error) {
	var list []AlbumView
	for _, one := range chosen[min(from, len(chosen)):] {
		if len(list) == n {
			break
		}
		v := AlbumView{}
		if one.id == 0 {
			owner, err := b.c.person(b.tx, b.a, one.user)
			if absent(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
			v.Owner = owner
		} else {
			p, owner, there, err := b.album(one.id)
			if err != nil {
				return nil, err
			}
			if !there || p.Kind != db.Album {
				continue
			}
			v.Album, v.Owner = p, owner
		}
		if err := b.fill(&v, false); err != nil {
			return nil, err
		}
		if v.Count > 0 {
			list = append(list, v)
		}
	}
	return list, nil
}

// choose finds the albums that are asked for, in their order.
func (b *browser) choose(ctx context.Context, q AlbumsFor) ([]surveyedAlbum, error) {
	s, err := b.survey(ctx)
	if err != nil {
		return nil, err
	}
	chosen := slices.Clone(s.albums)
	tag := db.Alike(q.Tag)
	first, last := min(q.From, q.To), max(q.From, q.To)
	chosen = slices.DeleteFunc(chosen, func(one surveyedAlbum) bool {
		return q.Tag != "" && !slices.Contains(one.tags, tag) || q.User != 0 && one.user != q.User ||
			q.Order == AlbumsPlayed && one.plays == 0 || q.Order == AlbumsByYear && (one.year == 0 || one.year < first || one.year > last)
	})
	named := func(a, b surveyedAlbum) int {
		return cmp.Or(cmp.Compare(a.title, b.title), cmp.Compare(a.artist, b.artist), cmp.Compare(a.id, b.id), cmp.Compare(a.user, b.user))
	}
	var order func(a, b surveyedAlbum) int
	switch q.Order {
	case AlbumsByName:
		order = named
	case AlbumsByArtist:
		order = func(a, b surveyedAlbum) int { return cmp.Compare(a.artist, b.artist) }
	case AlbumsNewest:
		order = func(a, b surveyedAlbum) int { return b.newest.Compare(a.newest) }
	case AlbumsPlayed:
		order = func(a, b surveyedAlbum) int { return cmp.Compare(b.plays, a.plays) }
	case AlbumsByYear:
		order = func(a, b surveyedAlbum) int { return cmp.Compare(a.year, b.year) }
		if q.From > q.To {
			order = func(a, b surveyedAlbum) int { return cmp.Compare(b.year, a.year) }
		}
	case AlbumsRandom:
		rand.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		return chosen, nil
	case AlbumsHeard:
		return b.lately(chosen)
	case AlbumsLiked:
		return b.likedOf(chosen)
	case AlbumsRated:
		return b.ratedOf(chosen)
	}
	slices.SortFunc(chosen, func(a, b surveyedAlbum) int { return cmp.Or(order(a, b), named(a, b)) })
	return chosen, nil
}

// places finds where albums stand in a list; what is loose by its person.
func places(list []surveyedAlbum) map[db.ID]int {
	at := make(map[db.ID]int, len(list))
	for i, one := range list {
		at[cmp.Or(one.id, one.user)] = i
	}
	return at
}

// lately keeps the albums that the asker listened to lately.
func (b *browser) lately(list []surveyedAlbum) (chosen []surveyedAlbum, err error) {
	at := places(list)
	for e, err := range atMost(heardMost, b.tx.History(b.a.user.ID, 0)) {
		if b.c.unreadable(err, "listen of", b.a.user.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t, _, there, err := b.track(e.To)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		p, err := b.home(t)
		if err != nil {
			return nil, err
		}
		key := cmp.Or(p.ID, t.User)
		if i, found := at[key]; found {
			chosen = append(chosen, list[i])
			delete(at, key)
		}
	}
	return chosen, nil
}

// likedOf keeps the albums that the asker likes.
func (b *browser) likedOf(list []surveyedAlbum) (chosen []surveyedAlbum, err error) {
	at := places(list)
	for e, err := range b.tx.PlaylistLikes(b.a.user.ID, 0) {
		if b.c.unreadable(err, "like of", b.a.user.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if i, found := at[e.To]; found {
			chosen = append(chosen, list[i])
		}
	}
	return chosen, nil
}

// ratedOf keeps the albums that the asker gave stars.
func (b *browser) ratedOf(list []surveyedAlbum) (chosen []surveyedAlbum, err error) {
	stars := map[db.ID]int{}
	for _, one := range list {
		if one.id == 0 {
			continue
		}
		n, err := b.tx.Rating(b.a.user.ID, one.id)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			stars[one.id] = n
			chosen = append(chosen, one)
		}
	}
	slices.SortFunc(chosen, func(a, b surveyedAlbum) int {
		return cmp.Or(cmp.Compare(stars[b.id], stars[a.id]), cmp.Compare(a.title, b.title), cmp.Compare(a.id, b.id))
	})
	return chosen, nil
}

// Artists lists n of the people who have something for the asker to hear, by
// name, leaving out the first so many. Their albums are counted, not shown.
func (c *Core) Artists(ctx context.Context, me db.ID, n, from int) ([]ArtistView, error) {
	var list []ArtistView
	err := c.browse(ctx, me, func(b *browser) error {
		s, err := b.survey(ctx)
		if err != nil {
			return err
		}
		for _, one := range s.people[min(from, len(s.people)):] {
			if len(list) == n {
				break
			}
			u, err := c.person(b.tx, b.a, one.id)
			if absent(err) {
				continue
			}
			if err != nil {
				return err
			}
			v, err := b.artist(u)
			if err != nil {
				return err
			}
			v.Count = one.albums
			list = append(list, v)
		}
		return nil
	})
	return list, err
}

// ListsSince tells since when what there is in lists for the asker is as it is, as
// far as that is known.
func (c *Core) ListsSince(ctx context.Context, me db.ID) (since time.Time, err error) {
	err = c.browse(ctx, me, func(b *browser) error {
		s, err := b.survey(ctx)
		if err == nil {
			since = s.since
		}
		return err
	})
	return since, err
}

// GenreView is a tag with what carries it.
type GenreView struct {
	TagView
	Albums int
}

// genresMost is how many genres are listed, those with most songs.
const genresMost = 2000

// Genres lists the tags, those that most tracks carry first.
func (c *Core) Genres(ctx context.Context, me db.ID) ([]GenreView, error) {
	var list []GenreView
	err := c.browse(ctx, me, func(b *browser) error {
		s, err := b.survey(ctx)
		if err != nil {
			return err
		}
		albums := map[string]int{}
		for _, one := range s.albums {
			for _, tag := range one.tags {
				albums[tag]++
			}
		}
		counted, err := c.countTags(b.tx, b.a)
		if err != nil {
			return err
		}
		for v, err := range atMost(genresMost, counted.popular(b.tx, TagView{})) {
			if c.unreadable(err, "tag", 0) {
				continue
			}
			if err != nil {
				return err
			}
			list = append(list, GenreView{v, albums[db.Alike(v.Tag.Name)]})
		}
		return nil
	})
	return list, err
}

// randomLooked is how many tracks are looked at to find random ones.
const randomLooked = 20_000

// SongsFor is what songs are asked for; zeros ask for all.
type SongsFor struct {
	Tag      string
	From, To int // years
}

// RandomSongs picks n songs.
func (c *Core) RandomSongs(ctx context.Context, me db.ID, q SongsFor, n int) ([]Song, error) {
	var list []Song
	err := c.browse(ctx, me, func(b *browser) error {
		s, err := b.survey(ctx)
		if err != nil {
			return err
		}
		tag := db.Alike(q.Tag)
		for looked, i := range rand.Perm(len(s.tracks)) {
			if len(list) == n || looked == randomLooked {
				break
			}
			t, owner, there, err := b.track(s.tracks[i])
			if err != nil {
				return err
			}
			if !there || q.From != 0 && t.Year < q.From || q.To != 0 && (t.Year == 0 || t.Year > q.To) ||
				q.Tag != "" && !slices.ContainsFunc(t.Tags, func(s string) bool { return db.Alike(s) == tag }) {
				continue
			}
			one, err := b.song(t, owner)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

// SongsOfTag lists n of the songs that carry a tag, the newest first, leaving
// out the first so many. A tag that nothing carries has none.
func (c *Core) SongsOfTag(ctx context.Context, me db.ID, name string, n, from int) ([]Song, error) {
	var list []Song
	err := c.browse(ctx, me, func(b *browser) error {
		tag, err := b.tx.Tag(name)
		if absent(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for t, err := range b.tx.TagTracks(tag.ID, 0) {
			if c.unreadable(err, "track of", tag.ID) {
				continue
			}
			if err != nil {
				return err
			}
			owner, err := b.owners.find(b.tx, t.User)
			if err != nil {
				return err
			}
			if !b.lists(t, owner) {
				continue
			}
			if from--; from >= 0 {
				continue
			}
			if len(list) == n {
				break
			}
			one, err := b.song(t, owner)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

// ends remembers where pages of the list of all songs ended: programs ask for
// them by how many came before, and those are not to be walked again each time.
type ends struct {
	mu   sync.Mutex
	kept []end // the newest last
}

// end says which track a page begins behind.
type end struct {
	me    db.ID
	from  int
	track db.ID
	at    time.Duration // by pace
}

// How the ends of pages are kept. What changes meanwhile moves nothing: a page
// begins where the one before it ended.
const (
	endsKept = 256
	endsFor  = 10 * time.Minute
)

// find gives the last known end that is not behind a place.
func (e *ends) find(me db.ID, from int, now time.Duration) (best end) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kept = slices.DeleteFunc(e.kept, func(one end) bool { return now-one.at > endsFor })
	for _, one := range e.kept {
		if one.me == me && one.from <= from && one.from >= best.from {
			best = one
		}
	}
	return best
}

func (e *ends) keep(made end) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kept = slices.DeleteFunc(e.kept, func(one end) bool { return one.me == made.me && one.from == made.from })
	if len(e.kept) == endsKept {
		e.kept = slices.Delete(e.kept, 0, 1)
	}
	e.kept = append(e.kept, made)
}

// AllSongs lists n of all songs, those that came first first, leaving out the
// first so many.
func (c *Core) AllSongs(ctx context.Context, me db.ID, n, from int) ([]Song, error) {
	var list []Song
	if n == 0 {
		return nil, nil
	}
	err := c.browse(ctx, me, func(b *browser) error {
		began := c.ends.find(me, from, c.pace())
		place, last := began.from, began.track
		looked := 0
		for t, err := range b.tx.Tracks(began.track) {
			if looked++; looked%1000 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if c.unreadable(err, "track", t.ID) {
				continue
			}
			if err != nil {
				return err
			}
			owner, err := b.owners.find(b.tx, t.User)
			if absent(err) || err == nil && !b.lists(t, owner) {
				continue
			}
			if err != nil {
				return err
			}
			if last, place = t.ID, place+1; place <= from {
				continue
			}
			one, err := b.song(t, owner)
			if err != nil {
				return err
			}
			if list = append(list, one); len(list) == n {
				break
			}
		}
		if last != 0 {
			c.ends.keep(end{me: me, from: place, track: last, at: c.pace()})
		}
		return nil
	})
	return list, err
}

// StarredView is what the asker likes and whom the asker follows, the newest
// first.
type StarredView struct {
	Artists []ArtistView
	Albums  []AlbumView
	Songs   []Song
}

// starredMost is how much of each is listed.
const starredMost = 5000

// Starred lists what the asker likes, and whom the asker follows.
func (c *Core) Starred(ctx context.Context, me db.ID) (StarredView, error) {
	var v StarredView
	err := c.browse(ctx, me, func(b *browser) error {
		for e, err := range atMost(starredMost, b.tx.Following(me, 0)) {
			if c.unreadable(err, "whom a user follows", me) {
				continue
			}
			if err != nil {
				return err
			}
			u, err := c.person(b.tx, b.a, e.To)
			if absent(err) {
				continue
			}
			if err != nil {
				return err
			}
			v.Artists = append(v.Artists, ArtistView{User: u, Followed: e.Mark.Time()})
		}
		s, err := b.survey(ctx)
		if err != nil {
			return err
		}
		for i := range v.Artists {
			one := &v.Artists[i]
			if n := slices.IndexFunc(s.people, func(p surveyedPerson) bool { return p.id == one.User.ID }); n >= 0 {
				one.Count = s.people[n].albums
			}
		}
		liked, err := b.likedOf(s.albums)
		if err != nil {
			return err
		}
		if v.Albums, err = b.albumsOf(liked, starredMost, 0); err != nil {
			return err
		}
		var ids []db.ID
		for e, err := range atMost(starredMost, b.tx.Likes(me, 0)) {
			if c.unreadable(err, "like of", me) {
				continue
			}
			if err != nil {
				return err
			}
			ids = append(ids, e.To)
		}
		v.Songs, err = b.songs(ids)
		return err
	})
	return v, err
}

// topLooked is how many tracks of a person are looked at for those that were
// played most.
const topLooked = 20_000

// TopSongs lists n of a person's songs, those that were played most first. The
// person is found by the id or, when that is 0, by the name that they show; nobody
// has none.
func (c *Core) TopSongs(ctx context.Context, me, user db.ID, name string, n int) ([]Song, error) {
	var list []Song
	err := c.browse(ctx, me, func(b *browser) error {
		if user == 0 {
			s, err := b.survey(ctx)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(s.people, func(p surveyedPerson) bool { return p.name == strings.ToLower(line(name)) })
			if i < 0 {
				return nil
			}
			user = s.people[i].id
		}
		u, err := c.person(b.tx, b.a, user)
		if absent(err) && name != "" {
			return nil
		}
		if err != nil {
			return err
		}
		type played struct {
			track db.Track
			plays uint64
		}
		var best []played
		tracks := b.tx.PublishedTracksOf(u.ID, 0)
		if b.a.is(u.ID) {
			tracks = b.tx.TracksOf(u.ID, 0)
		}
		for t, err := range atMost(topLooked, tracks) {
			if c.unreadable(err, "track of", u.ID) {
				continue
			}
			if err != nil {
				return err
			}
			if !b.lists(t, u) {
				continue
			}
			counts, err := b.tx.TrackCounts(t.ID)
			if err != nil {
				return err
			}
			at, _ := slices.BinarySearchFunc(best, counts.Plays, func(p played, plays uint64) int {
				if p.plays >= plays { // of the same number the newest first
					return -1
				}
				return 1
			})
			if at < n {
				best = slices.Insert(best, at, played{t, counts.Plays})
				best = best[:min(len(best), n)]
			}
		}
		for _, p := range best {
			one, err := b.song(p.track, u)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

// SimilarSongs finds songs that are like one, the most alike first.
func (c *Core) SimilarSongs(ctx context.Context, me, id db.ID, n int) ([]Song, error) {
	found, err := c.Similar(ctx, me, id, n)
	if err != nil {
		return nil, err
	}
	var ids []db.ID
	for _, v := range found {
		ids = append(ids, v.Track.Track.ID)
	}
	return c.Songs(ctx, me, ids)
}

// FoundSongs, FoundAlbums and FoundArtists find what a text is about, the best
// first; n of them, leaving out the first so many. The index proposes at most a
// few hundred of each.
func (c *Core) FoundSongs(ctx context.Context, me db.ID, text string, n, from int) (list []Song, err error) {
	ids, err := c.foundIDs(ctx, me, db.KindTrack, text)
	if err == nil {
		list, err = c.Songs(ctx, me, part(ids, n, from))
	}
	return list, err
}

// FoundAlbums is told of at FoundSongs.
func (c *Core) FoundAlbums(ctx context.Context, me db.ID, text string, n, from int) (list []AlbumView, err error) {
	ids, err := c.foundIDs(ctx, me, db.KindPlaylist, text)
	if err != nil {
		return nil, err
	}
	err = c.browse(ctx, me, func(b *browser) error {
		var chosen []surveyedAlbum
		for _, id := range ids {
			p, _, there, err := b.album(id)
			if err != nil {
				return err
			}
			if there && p.Kind == db.Album {
				chosen = append(chosen, surveyedAlbum{id: id})
			}
		}
		list, err = b.albumsOf(chosen, n, from)
		return err
	})
	return list, err
}

// FoundArtists is told of at FoundSongs.
func (c *Core) FoundArtists(ctx context.Context, me db.ID, text string, n, from int) (list []ArtistView, err error) {
	ids, err := c.foundIDs(ctx, me, db.KindUser, text)
	if err != nil {
		return nil, err
	}
	err = c.browse(ctx, me, func(b *browser) error {
		s, err := b.survey(ctx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			i := slices.IndexFunc(s.people, func(p surveyedPerson) bool { return p.id == id })
			if i < 0 {
				continue // nothing to hear
			}
			if from--; from >= 0 {
				continue
			}
			if len(list) == n {
				break
			}
			u, err := c.person(b.tx, b.a, id)
			if absent(err) {
				continue
			}
			if err != nil {
				return err
			}
			v, err := b.artist(u)
			if err != nil {
				return err
			}
			v.Count = s.people[i].albums
			list = append(list, v)
		}
		return nil
	})
	return list, err
}

func part(ids []db.ID, n, from int) []db.ID {
	ids = ids[min(from, len(ids)):]
	return ids[:min(n, len(ids))]
}

// foundIDs asks the index for things of a kind, the best first.
func (c *Core) foundIDs(ctx context.Context, me db.ID, kind db.Kind, text string) (ids []db.ID, err error) {
	err = c.searching(ctx, me, func(a asker) error {
		found, err := c.matchKind(ctx, a, kind, text)
		for _, m := range found {
			ids = append(ids, m.id)
		}
		return err
	})
	return ids, err
}

// MyLists lists the asker's playlists, and those of others that the asker likes;
// albums are not among them.
func (c *Core) MyLists(ctx context.Context, me db.ID) ([]PlaylistView, error) {
	var list []PlaylistView
	err := c.browse(ctx, me, func(b *browser) error {
		left := numberedMost
		add := func(p db.Playlist, owner db.User) error {
			v, err := c.viewPlaylist(b.tx, b.a, p, owner, &left)
			if err == nil {
				list = append(list, v)
			}
			return err
		}
		for p, err := range b.tx.PlaylistsOf(me, 0) {
			if c.unreadable(err, "playlist of", me) {
				continue
			}
			if err == nil && p.Kind == db.Plain {
				err = add(p, b.a.user)
			}
			if err != nil {
				return err
			}
		}
		for e, err := range atMost(maxPlaylists, b.tx.PlaylistLikes(me, 0)) {
			if c.unreadable(err, "like of", me) {
				continue
			}
			if err != nil {
				return err
			}
			p, owner, there, err := b.album(e.To)
			if err == nil && there && p.Kind == db.Plain && p.User != me {
				err = add(p, owner)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// List finds a playlist of any kind with its songs, in their order.
func (c *Core) List(ctx context.Context, me, id db.ID) (v PlaylistView, songs []Song, err error) {
	err = c.browse(ctx, me, func(b *browser) error {
		p, owner, there, err := b.album(id)
		if err == nil && !there {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		left := surveyed
		if v, err = c.viewPlaylist(b.tx, b.a, p, owner, &left); err != nil {
			return err
		}
		ids, err := b.tx.PlaylistTracks(id)
		if err == nil {
			songs, err = b.songs(ids)
		}
		return err
	})
	return v, songs, err
}

// ScanView is how far the reading of libraries is.
type ScanView struct {
	Running bool
	Count   uint64 // of tracks that the asker has in lists; of all, for the keeper
}

// Scans tells whether libraries are being read, for everybody, and how many
// tracks there are.
func (c *Core) Scans(ctx context.Context, me db.ID) (v ScanView, err error) {
	err = c.browse(ctx, me, func(b *browser) error {
		for i, err := range atMost(100, b.tx.Imports(0)) {
			if c.unreadable(err, "import", i.ID) {
				continue
			}
			if err != nil {
				return err
			}
			v.Running = v.Running || i.State == db.ImportWaiting || i.State == db.ImportRunning
		}
		s, err := b.survey(ctx)
		if err == nil {
			v.Count = uint64(len(s.tracks))
		}
		return err
	})
	return v, err
}

// ScanLibraries has all libraries read now.
func (c *Core) ScanLibraries(ctx context.Context, me db.ID) error {
	libraries, err := c.Libraries(ctx, me)
	for _, l := range libraries {
		_, scanErr := c.ScanLibrary(ctx, me, l.Library.ID)
		if f := fault.Of(scanErr); scanErr != nil && f.Kind != fault.Conflict && f.Kind != fault.NotFound {
			err = errors.Join(err, scanErr)
		}
	}
	return err
}

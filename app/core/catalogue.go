package core

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"earshot/db"
	"earshot/media"
	"earshot/media/tag"
)

// This file shows the house to programs that know of artists, albums and songs
// alone: who has tracks is an artist, a playlist of kind album is an album, and
// tracks that are in no album of their owner's are loose, in one that is made up.
// What a secret link alone opens is in no list.

// numberedMost is how many tracks are looked at in one use case to number songs
// within their albums. Beyond that they go without a number.
const numberedMost = 20_000

// countedMost is how many tracks one use case looks at to tell how many albums
// have, and how long they are. Beyond that they tell of what was looked at.
const countedMost = 200_000

// Song is a track as such programs see it.
type Song struct {
	Track       db.Track
	Owner       db.User
	Counts      db.TrackCounts
	Album       db.Playlist // zero: it is loose
	Number      int         // place in the album, from 1; 0 when not known, or loose
	Liked       time.Time   // zero: not
	Heard       time.Time   // when the asker listened last; zero: never, or forgotten
	Stars       int         // that the asker gave; 0 for none
	MayDownload bool
}

// AlbumView is an album as such programs see it.
type AlbumView struct {
	Album    db.Playlist // zero: what is loose of Owner
	Owner    db.User
	Songs    []Song // where they are asked for
	Count    int
	Duration time.Duration
	Plays    uint64
	Year     int
	Tags     []string
	Created  time.Time
	Liked    time.Time // zero: not
	Heard    time.Time // when the asker listened to one of its songs last
	Stars    int
	Cover    db.Track // the first song with artwork, unless the album has its own; zero when none has

	coverAlone bool // nothing but Cover is wanted
}

// ArtistView is a person with something to hear.
type ArtistView struct {
	User     db.User
	Count    int // of Albums
	Albums   []AlbumView
	Followed time.Time // zero: not
}

// LooseTitle is the title of the album that loose tracks are in.
const LooseTitle = "Tracks"

// Title is the album's, also of a made-up one.
func (v AlbumView) Title() string { return titleOf(v.Album) }

// AlbumTitle is the title of the song's album, also of a made-up one.
func (s Song) AlbumTitle() string { return titleOf(s.Album) }

func titleOf(p db.Playlist) string {
	if p.ID == 0 {
		return LooseTitle
	}
	return p.Title
}

// browser looks around for one asker in one transaction.
type browser struct {
	c      *Core
	tx     *db.Tx
	a      asker
	owners people
	albums map[db.ID]db.Playlist   // that were looked at
	orders map[db.ID]map[db.ID]int // of albums: the numbers of their tracks
	left   int                     // tracks that may still be looked at for numbers
	counts int                     // tracks that may still be looked at for counts of albums
	ctx    context.Context         // of the use case: whoever asked may have gone
}

// goesOn tells whether an album that is only counted is counted further: not once
// so much was looked at for one use case, but to its first song.
func (b *browser) goesOn(v *AlbumView, show bool) bool {
	if b.counts--; show || b.counts > 0 {
		return true
	}
	return v.Count == 0
}

// browse has a member look around.
func (c *Core) browse(ctx context.Context, me db.ID, do func(*browser) error) error {
	return c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		return do(&browser{
			c: c, tx: tx, a: a, owners: people{a.user.ID: a.user}, left: numberedMost, counts: countedMost, ctx: ctx,
			albums: map[db.ID]db.Playlist{}, orders: map[db.ID]map[db.ID]int{},
		})
	})
}

// lists tells whether a track has a place in lists for the asker.
func (b *browser) lists(t db.Track, owner db.User) bool {
	return b.a.sees(t, owner) == whole && (b.a.is(owner.ID) || t.Visibility.Shown())
}

// listsAlbum is lists for a playlist.
func (b *browser) listsAlbum(p db.Playlist, owner db.User) bool {
	return b.a.seesList(p, owner) == whole && (b.a.is(owner.ID) || p.Visibility.Shown())
}

// track finds a track of a list; not there when it is gone, damaged or not for
// the asker.
func (b *browser) track(id db.ID) (t db.Track, owner db.User, there bool, err error) {
	t, err = b.tx.Track(id)
	if err == nil {
		owner, err = b.owners.find(b.tx, t.User)
	}
	if errors.Is(err, db.ErrNotFound) || b.c.unreadable(err, "track", id) {
		return t, owner, false, nil
	}
	return t, owner, err == nil && b.lists(t, owner), err
}

// album finds a playlist; not there when it is gone, damaged or not for the
// asker.
func (b *browser) album(id db.ID) (p db.Playlist, owner db.User, there bool, err error) {
	p, known := b.albums[id]
	if !known {
		p, err = b.tx.Playlist(id)
		if absent(err) || b.c.unreadable(err, "playlist", id) {
			p, err = db.Playlist{}, nil
		}
		if err != nil {
			return p, owner, false, err
		}
		b.albums[id] = p
	}
	if p.ID == 0 {
		return p, owner, false, nil
	}
	owner, err = b.owners.find(b.tx, p.User)
	if absent(err) {
		return p, owner, false, nil
	}
	return p, owner, err == nil && b.listsAlbum(p, owner), err
}

// homesLooked is how many playlists with a track are looked at for its album:
// the oldest ones.
const homesLooked = 1000

// home finds the album that a track is in: the first of its owner's. Zero when
// it is loose.
func (b *browser) home(t db.Track) (db.Playlist, error) {
	for id, err := range atMost(homesLooked, b.tx.PlaylistsWith(t.ID)) {
		if b.c.unreadable(err, "playlist with", t.ID) {
			continue
		}
		if err != nil {
			return db.Playlist{}, err
		}
		p, _, there, err := b.album(id)
		if err != nil {
			return db.Playlist{}, err
		}
		if there && p.Kind == db.Album && p.User == t.User {
			return p, nil
		}
	}
	return db.Playlist{}, nil
}

// number finds the place of a track in an album, among those that the asker
// sees.
func (b *browser) number(album, track db.ID) (int, error) {
	order, known := b.orders[album]
	if !known {
		ids, err := b.tx.PlaylistTracks(album)
		if err != nil || len(ids) > b.left {
			return 0, err
		}
		b.left -= len(ids)
		order = make(map[db.ID]int, len(ids))
		for _, id := range ids {
			_, _, there, err := b.track(id)
			if err != nil {
				return 0, err
			}
			if there {
				order[id] = len(order) + 1
			}
		}
		b.orders[album] = order
	}
	return order[track], nil
}

// song shows a track that is for the asker.
func (b *browser) song(t db.Track, owner db.User) (Song, error) {
	album, err := b.home(t)
	if err != nil {
		return Song{}, err
	}
	n := 0
	if album.ID != 0 {
		if n, err = b.number(album.ID, t.ID); err != nil {
			return Song{}, err
		}
	}
	return b.songOf(t, owner, album, n)
}

// songOf is song where the album is known.
func (b *browser) songOf(t db.Track, owner db.User, album db.Playlist, number int) (s Song, err error) {
	s = Song{Track: t, Owner: owner, Album: album, Number: number, MayDownload: b.a.downloads(t, owner)}
	if !b.a.edits(t) {
		s.Track.Release = db.Release{}
	}
	if s.Counts, err = b.tx.TrackCounts(t.ID); err != nil {
		return s, err
	}
	if s.Liked, err = markTime(b.tx.LikeMark(b.a.user.ID, t.ID)); err != nil {
		return s, err
	}
	if s.Heard, err = markTime(b.tx.ListenMark(b.a.user.ID, t.ID)); err != nil {
		return s, err
	}
	s.Stars, err = b.tx.Rating(b.a.user.ID, t.ID)
	return s, err
}

// markTime gives when something was marked; zero when it never was.
func markTime(mark db.ID, err error) (time.Time, error) {
	if mark == 0 || err != nil {
		return time.Time{}, err
	}
	return mark.Time(), nil
}

// songs shows tracks, but for those that are not for the asker.
func (b *browser) songs(ids []db.ID) ([]Song, error) {
	list := make([]Song, 0, len(ids))
	for _, id := range ids {
		t, owner, there, err := b.track(id)
		if err == nil && there {
			var s Song
			if s, err = b.song(t, owner); err == nil {
				list = append(list, s)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Song finds one track.
func (c *Core) Song(ctx context.Context, me, id db.ID) (Song, error) {
	var s Song
	err := c.browse(ctx, me, func(b *browser) error {
		t, owner, there, err := b.track(id)
		if err == nil && !there {
			err = ErrNotFound
		}
		if err == nil {
			s, err = b.song(t, owner)
		}
		return err
	})
	return s, err
}

// Songs finds tracks in the order in which they are named. Those that are gone,
// or not for the asker, are left out.
func (c *Core) Songs(ctx context.Context, me db.ID, ids []db.ID) ([]Song, error) {
	var list []Song
	err := c.browse(ctx, me, func(b *browser) (err error) {
		list, err = b.songs(ids)
		return err
	})
	return list, err
}

// add counts a song into its album.
func (v *AlbumView) add(s Song) {
	v.Count++
	v.Duration += time.Duration(s.Track.Audio.Duration) * time.Microsecond
	v.Plays += s.Counts.Plays
	v.Year = max(v.Year, s.Track.Year)
	if s.Heard.After(v.Heard) {
		v.Heard = s.Heard
	}
	for _, tag := range s.Track.Tags {
		if len(v.Tags) < albumTags && !slices.Contains(v.Tags, tag) {
			v.Tags = append(v.Tags, tag)
		}
	}
	if v.Cover.ID == 0 && v.Album.Picture == 0 && s.Track.Picture != 0 {
		v.Cover = s.Track
	}
}

// counted is songOf, with no more than albums count unless it is shown.
func (b *browser) counted(t db.Track, owner db.User, album db.Playlist, number int, show bool) (Song, error) {
	if show {
		return b.songOf(t, owner, album, number)
	}
	s := Song{Track: t}
	var err error
	if s.Counts, err = b.tx.TrackCounts(t.ID); err == nil {
		s.Heard, err = markTime(b.tx.ListenMark(b.a.user.ID, t.ID))
	}
	return s, err
}

// albumTags is how many tags an album gets from its songs.
const albumTags = 10

// fill counts the songs of an album, or shows them.
func (b *browser) fill(v *AlbumView, show bool) error {
	v.Created = v.Album.Created
	if v.Album.ID == 0 {
		return b.fillLoose(v, show)
	}
	v.Tags = slices.Clone(v.Album.Tags)
	var err error
	if v.Liked, err = markTime(b.tx.PlaylistLikeMark(b.a.user.ID, v.Album.ID)); err != nil {
		return err
	}
	if v.Stars, err = b.tx.Rating(b.a.user.ID, v.Album.ID); err != nil {
		return err
	}
	ids, err := b.tx.PlaylistTracks(v.Album.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if !b.goesOn(v, show) {
			break
		}
		t, owner, there, err := b.track(id)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		s, err := b.counted(t, owner, v.Album, v.Count+1, show)
		if err != nil {
			return err
		}
		v.add(s)
		if show {
			v.Songs = append(v.Songs, s)
		}
	}
	return nil
}

// fillLoose is fill for what is loose of a person, the newest first.
func (b *browser) fillLoose(v *AlbumView, show bool) error {
	v.Created = v.Owner.Created
	tracks := b.tx.PublishedTracksOf(v.Owner.ID, 0)
	if b.a.is(v.Owner.ID) {
		tracks = b.tx.TracksOf(v.Owner.ID, 0)
	}
	for t, err := range tracks {
		if b.c.unreadable(err, "track of", v.Owner.ID) {
			continue
		}
		if err != nil {
			return err
		}
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if !b.goesOn(v, show) || v.coverAlone && v.Cover.ID != 0 {
			break
		}
		if !b.lists(t, v.Owner) {
			continue
		}
		home, err := b.home(t)
		if err != nil {
			return err
		}
		if home.ID != 0 {
			continue
		}
		s, err := b.counted(t, v.Owner, home, 0, show)
		if err != nil {
			return err
		}
		if v.Count == 0 {
			v.Created = t.Created
		}
		v.add(s)
		if show && v.Count <= db.MostInPlaylist {
			v.Songs = append(v.Songs, s)
		}
	}
	return nil
}

// Album finds an album with its songs.
func (c *Core) Album(ctx context.Context, me, id db.ID) (AlbumView, error) {
	var v AlbumView
	err := c.browse(ctx, me, func(b *browser) error {
		p, owner, there, err := b.album(id)
		if err == nil && (!there || p.Kind != db.Album) {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		v = AlbumView{Album: p, Owner: owner}
		return b.fill(&v, true)
	})
	return v, err
}

// LooseAlbum finds what is loose of a person. ErrNotFound when nothing is.
func (c *Core) LooseAlbum(ctx context.Context, me, user db.ID) (AlbumView, error) {
	var v AlbumView
	err := c.browse(ctx, me, func(b *browser) error {
		owner, err := c.person(b.tx, b.a, user)
		if err != nil {
			return err
		}
		v = AlbumView{Owner: owner}
		if err := b.fill(&v, true); err != nil {
			return err
		}
		if v.Count == 0 {
			return ErrNotFound
		}
		return nil
	})
	return v, err
}

// Artist finds a person. Whoever has nothing to hear is found too.
func (c *Core) Artist(ctx context.Context, me, user db.ID) (ArtistView, error) {
	var v ArtistView
	err := c.browse(ctx, me, func(b *browser) error {
		u, err := c.person(b.tx, b.a, user)
		if err == nil {
			v, err = b.artist(u)
		}
		return err
	})
	return v, err
}

// Discography is Artist with the albums that the asker may see, the newest first.
func (c *Core) Discography(ctx context.Context, me, user db.ID) (ArtistView, error) {
	var v ArtistView
	err := c.browse(ctx, me, func(b *browser) error {
		u, err := c.person(b.tx, b.a, user)
		if err == nil {
			v, err = b.discography(ctx, u)
		}
		return err
	})
	return v, err
}

// artist shows a person without the albums.
func (b *browser) artist(u db.User) (v ArtistView, err error) {
	v.User = u
	v.Followed, err = markTime(b.tx.FollowMark(b.a.user.ID, u.ID))
	return v, err
}

func (b *browser) discography(ctx context.Context, u db.User) (ArtistView, error) {
	v, err := b.artist(u)
	if err != nil {
		return v, err
	}
	s, err := b.survey(ctx)
	if err != nil {
		return v, err
	}
	lists := b.tx.PublishedPlaylistsOf(u.ID, 0)
	if b.a.is(u.ID) {
		lists = b.tx.PlaylistsOf(u.ID, 0)
	}
	for p, err := range lists {
		if b.c.unreadable(err, "playlist of", u.ID) {
			continue
		}
		if err != nil {
			return v, err
		}
		if p.Kind != db.Album || !b.listsAlbum(p, u) {
			continue
		}
		album := AlbumView{Album: p, Owner: u}
		if err := b.fill(&album, false); err != nil {
			return v, err
		}
		if album.Count > 0 {
			v.Albums = append(v.Albums, album)
		}
	}
	if slices.ContainsFunc(s.albums, func(one surveyedAlbum) bool { return one.id == 0 && one.user == u.ID }) { // else all tracks are gone through for nothing
		free := AlbumView{Owner: u}
		if err := b.fill(&free, false); err != nil {
			return v, err
		}
		if free.Count > 0 {
			v.Albums = append(v.Albums, free)
		}
	}
	slices.SortStableFunc(v.Albums, func(a, b AlbumView) int { return cmp.Or(cmp.Compare(b.Year, a.Year), b.Created.Compare(a.Created)) })
	v.Count = len(v.Albums)
	return v, nil
}

// Lyrics reads the words of a track from the tags of its file; "" when they have
// none.
func (c *Core) Lyrics(ctx context.Context, me, id db.ID) (s Song, words string, err error) {
	if s, err = c.Song(ctx, me, id); err != nil {
		return s, "", err
	}
	select {
	case c.tags <- struct{}{}:
		defer func() { <-c.tags }()
	case <-ctx.Done():
		return s, "", ctx.Err()
	}
	err = c.media.Original(id.String(), func(file io.ReaderAt, size int64) error {
		about, err := tag.Read(file, size)
		words = about.Lyrics
		return err
	})
	if errors.Is(err, media.ErrMissing) {
		return s, "", nil // it is told where it is played
	}
	return s, words, translate(err)
}

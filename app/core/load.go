package core

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strconv"
	"strings"
	"time"

	"earshot/app/fault"
	"earshot/app/portable"
	"earshot/db"
)

// How much a load takes, and does at once.
const (
	loadedAtOnce   = 100     // comments, likes and so on in one transaction
	loadedTracks   = 100_000 // of one person
	loadedComments = 100_000 // on one track
	toldProblems   = 50      // that are said one by one
)

// Loaded says what a load did.
type Loaded struct {
	User db.User
	New  bool       // the account was made
	Link *ResetLink // by which its owner chooses a password; nil when the account was there

	Tracks, Known                int // taken; there already
	Playlists, Comments, Claimed int // Claimed were here under the person's name alone
	Follows, Likes, Reposts      int
	Problems                     []string // the first of them
	More                         int      // further ones

	comments, others, unknown, strange int // told in one sentence each
}

func (l *Loaded) problem(format string, args ...any) {
	if len(l.Problems) == toldProblems {
		l.More++
		return
	}
	l.Problems = append(l.Problems, fmt.Sprintf(format, args...))
}

// loader brings what is one person's into the house.
type loader struct {
	c    *Core
	ctx  context.Context
	x    *portable.Reader
	who  portable.Profile
	user db.ID
	done Loaded
	tell func(string)

	tracks map[string]db.ID      // by the id that they had
	sums   map[[32]byte][]former // the tracks that are here, by the sum of the original
	lists  map[string]db.ID      // playlists, by the id that they had
	seed   maphash.Seed
}

// former is a track that was here before.
type former struct {
	id   db.ID
	slug string
	used bool
}

// Load brings all that is one person's into the house: as a new account, into
// the one that an earlier load made of the same, or into that of as. It may be
// begun again after it was stopped, and adds nothing the second time. Whatever
// the file says of others is not believed: what they said stands under their
// names as text, until they bring it themselves.
func (h Console) Load(ctx context.Context, x *portable.Reader, as string, tell func(string)) (Loaded, error) {
	l := &loader{c: h.c, ctx: ctx, x: x, tell: tell, tracks: map[string]db.ID{}, lists: map[string]db.ID{}, sums: map[[32]byte][]former{}, seed: maphash.MakeSeed()}
	if err := x.Value(portable.ProfileName, &l.who); err != nil {
		return l.done, sentenceFault(err)
	}
	if err := l.account(h, as); err != nil {
		return l.done, err
	}
	if tell != nil {
		tell("Loading what is " + strconv.Quote(cut(line(l.who.Username), maxUsername)) + "'s into the account " + l.done.User.Username + ".")
	}
	h.c.note("load.begun", "everything of a person is being loaded", "user", l.user, "new", l.done.New)
	for _, part := range []func() error{
		l.portrait, l.banner, l.index, l.loadTracks, l.pinned, l.loadPlaylists, l.loadComments, l.loadWritten,
		func() error { return l.loadTies(portable.LikesName) }, func() error { return l.loadTies(portable.RepostsName) },
		func() error { return l.loadTies(portable.FollowsName) },
	} {
		err := part()
		if ctx.Err() != nil {
			return l.done, ctx.Err()
		}
		var broken *portable.Problem
		if errors.As(err, &broken) {
			l.done.problem("%s", broken)
			continue
		}
		if err != nil {
			return l.done, err
		}
	}
	l.sumUp()
	return l.done, nil
}

// sentenceFault makes a fault of what is wrong with a file.
func sentenceFault(err error) error {
	var broken *portable.Problem
	if errors.As(err, &broken) {
		return fault.New(fault.Invalid, "load.file", broken.Error())
	}
	return translate(err)
}

// sumUp says what was passed over without a word for each.
func (l *loader) sumUp() {
	for _, p := range []struct {
		n    int
		text string
	}{
		{l.done.others, "%d tracks, playlists or people that are not here were left out of playlists, likes, reposts and follows. Load the file again when they have come."},
		{l.done.comments, "%d comments on tracks that are not here, or that may not be commented on, were left out."},
		{l.done.unknown, "%d comments on own tracks could not be taken: they are empty, too long, or their track did not come."},
		{l.done.strange, "%d entries make no sense and were passed over."},
	} {
		if p.n > 0 {
			l.done.problem(p.text, p.n)
		}
	}
}

// account finds or makes the account that everything goes to.
func (l *loader) account(h Console, as string) error {
	err := l.c.update(l.ctx, func(tx *db.Tx) error {
		if as != "" {
			u, err := h.find(tx, as)
			l.done.User = u
			return err
		}
		address, err := email(l.who.Email)
		if err != nil {
			return fault.New(fault.Invalid, "load.email", "There is no e-mail address in this file to make an account of. Name an account that is here with -as.")
		}
		u, err := tx.UserByEmail(address)
		switch {
		case err == nil && u.Created.Equal(l.born()) && !u.Leaving:
			l.done.User = u
			return nil
		case err == nil:
			return fault.New(fault.Conflict, "email.taken", "There is an account here with the address "+address+" already. To load these things into it, add: -as "+u.Username)
		case !isNotFound(err):
			return err
		}
		if empty(tx) {
			return fault.New(fault.Conflict, "setup.first", "The first account has to be the keeper's. Make that first, with \"earshot user add -keeper EMAIL\" or the link that Earshot prints when it starts.")
		}
		name := cut(line(cmp.Or(line(l.who.Name), l.who.Username, "Listener")), maxName)
		u = db.User{ID: tx.NewID(), Name: name, Email: address, Bio: cut(text(l.who.Bio), maxBio), Gender: cut(line(l.who.Gender), maxGender), Created: l.born()}
		if l.who.Age > 0 && l.who.Age < 150 {
			u.Age = l.who.Age
		}
		wish, err := username(l.who.Username)
		if err == nil {
			_, _, err = tx.UserByUsername(wish)
			if err != nil && !isNotFound(err) {
				return err
			}
		}
		if isNotFound(err) {
			u.Username = wish
		} else if u.Username, err = freeUsername(tx, u); err != nil {
			return err
		}
		if err := tx.AddUser(u); err != nil {
			return err
		}
		link, err := l.c.makeReset(tx, u, 0)
		l.done.User, l.done.New, l.done.Link = u, true, &link
		return err
	})
	if err == nil && l.done.User.Disabled {
		err = fault.New(fault.Conflict, "load.suspended", "This account is suspended. Let it back in first: earshot user restore "+l.done.User.Username)
	}
	l.user = l.done.User.ID
	return err
}

// born is when the account was made, where it was.
func (l *loader) born() time.Time { return l.past(l.who.Created) }

// past gives a time that is not ahead, and that of the account for one that
// makes no sense: the same one each time that a file is loaded.
func (l *loader) past(t time.Time) time.Time {
	switch now := l.c.now(); {
	case !t.IsZero() && !t.After(now) && t.Year() >= 1900:
		return t.UTC()
	case l.done.User.ID != 0:
		return l.done.User.Created
	default:
		return now
	}
}

// portrait takes the profile picture, unless there is one.
func (l *loader) portrait() error {
	if l.who.Picture == "" || l.done.User.Picture != 0 {
		return nil
	}
	return l.picture("the profile picture", l.who.Picture, func(r io.Reader) error {
		_, err := l.c.SetMyPicture(l.ctx, l.user, r)
		return err
	})
}

// banner takes the wide picture of the profile, unless there is one.
func (l *loader) banner() error {
	if l.who.Banner == "" || l.done.User.Banner != 0 {
		return nil
	}
	return l.picture("the banner", l.who.Banner, func(r io.Reader) error {
		_, err := l.c.SetMyBanner(l.ctx, l.user, r)
		return err
	})
}

// pinned pins what was pinned, unless something is. It comes after the tracks.
func (l *loader) pinned() error {
	id := l.tracks[cut(l.who.Pinned, 40)]
	if id == 0 || l.done.User.Pinned != 0 {
		return nil
	}
	_, err := l.c.EditMe(l.ctx, l.user, MyChange{Pinned: &id})
	return l.passes("the pinned track", err)
}

// picture takes a picture; what is wrong with it is told of.
func (l *loader) picture(what, name string, set func(io.Reader) error) error {
	r, err := l.x.Picture(name)
	if err == nil {
		err = set(stoppable{l.ctx, r})
		r.Close()
	}
	return l.passes(what, err)
}

// passes tells what is wrong with one thing, so that the others go on. A full
// disk, a house that closes, and what is no fault of the thing end the load.
func (l *loader) passes(what string, err error) error {
	var broken *portable.Problem
	switch {
	case err == nil:
		return nil
	case l.ctx.Err() != nil:
		return l.ctx.Err()
	case errors.As(err, &broken):
		l.done.problem("%s: %s", what, broken)
		return nil
	}
	switch f := fault.Of(translate(err)); f.Kind {
	case fault.Internal, fault.Full, fault.Unavailable, fault.Unauthenticated:
		return err
	default:
		l.done.problem("%s: %s", what, f.Message)
		return nil
	}
}

// stoppable reads until a context ends.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(b)
}

// index notes which tracks the person has here, by what is in their files.
func (l *loader) index() error {
	return l.c.view(l.ctx, func(tx *db.Tx) error {
		for t, err := range tx.TracksOf(l.user, 0) {
			if l.c.unreadable(err, "track of", l.user) {
				continue
			}
			if err != nil {
				return err
			}
			if len(t.Audio.SHA256) == 32 {
				sum := [32]byte(t.Audio.SHA256)
				l.sums[sum] = append(l.sums[sum], former{id: t.ID, slug: t.Slug})
			}
		}
		return nil
	})
}

// known finds a track that is here, by its original; the one of the same
// address, if there are several.
func (l *loader) known(sum []byte, slug string) db.ID {
	if len(sum) != 32 {
		return 0
	}
	all := l.sums[[32]byte(sum)]
	found := -1
	for i, o := range all {
		if !o.used && (found < 0 || o.slug == slug) {
			found = i
			if o.slug == slug {
				break
			}
		}
	}
	if found < 0 {
		return 0
	}
	all[found].used = true
	return all[found].id
}

func (l *loader) loadTracks() error {
	n, told := 0, l.c.pace()
	wrong, err := portable.List(l.x, portable.TracksName, func(t portable.Track) error {
		if n++; n > loadedTracks {
			l.done.More++
			return nil
		}
		if l.tell != nil && l.c.pace()-told > 2*time.Second {
			told = l.c.pace()
			l.tell(fmt.Sprintf("%d tracks so far", l.done.Tracks+l.done.Known))
		}
		return l.loadTrack(t)
	})
	l.done.strange += wrong
	return err
}

func (l *loader) loadTrack(t portable.Track) error {
	what := strconv.Quote(cut(line(cmp.Or(line(t.Title), t.FileName, t.ID, "a track without a name")), 80))
	sum, _ := hex.DecodeString(cut(t.SHA256, 64))
	if id := l.known(sum, t.Slug); id != 0 {
		l.done.Known++
		l.tracks[cut(t.ID, 40)] = id
		return l.artwork(what, t, id)
	}
	if t.File == "" {
		l.done.problem("%s: the file has no sound for it.", what)
		return nil
	}
	r, size, err := l.x.Audio(t.File, l.c.limits.Upload)
	if err != nil {
		return l.passes(what, err)
	}
	in, err := l.c.media.Receive(l.ctx, stoppable{l.ctx, r}, size, l.c.limits.Upload)
	r.Close()
	if err != nil {
		return l.passes(what, l.c.uploadFault(err))
	}
	defer in.Discard()
	if !bytes.Equal(in.SHA256(), sum) { // it is not what it is said to be
		if id := l.known(in.SHA256(), t.Slug); id != 0 {
			l.done.Known++
			l.tracks[cut(t.ID, 40)] = id
			return l.artwork(what, t, id)
		}
	}
	v, err := l.c.finish(l.ctx, in, arrival{
		user: l.user, name: cmp.Or(t.FileName, t.File), visibility: visibilityOf[t.Visibility], created: l.past(t.Created),
		facts: facts{Title: t.Title}, slug: slug(t.Slug, maxSlug), quiet: true, unmetered: true,
		also: func(tx *db.Tx, made db.Track) error { return l.describe(tx, made, t) },
	})
	if err != nil {
		return l.passes(what, err)
	}
	l.done.Tracks++
	l.tracks[cut(t.ID, 40)] = v.Track.ID
	if t.Picture == "" && v.Track.Picture != 0 { // its owner had taken it away
		_, err := l.c.SetTrackPicture(l.ctx, l.user, v.Track.ID, nil)
		return l.passes(what, err)
	}
	return l.artwork(what, t, v.Track.ID)
}

// describe says of a new track what was said of it where it was.
func (l *loader) describe(tx *db.Tx, made db.Track, t portable.Track) error {
	made.Artist, made.Album = cut(line(t.Artist), maxTitle), cut(line(t.Album), maxTitle)
	made.Description = cut(text(t.Description), maxDescription)
	made.Year = max(0, min(t.Year, 9999))
	made.Tags = someTags(t.Tags)
	made.Downloadable, made.NoEmbed, made.Quiet = t.Downloadable, t.EmbedOff, t.CommentsOff
	made.Updated = l.past(t.Updated)
	made.Announced = made.Visibility.Shown() // what is published later is news
	if t.ReleaseAt != nil {
		if r, err := l.c.release(db.Release{At: *t.ReleaseAt, As: visibilityOf[t.ReleaseAs]}, made.Visibility); err == nil {
			made.Release = r
		}
	}
	return tx.SetTrack(made)
}

// someTags gives the tags that can be.
func someTags(all []string) []string {
	var out []string
	for _, tag := range all {
		more, err := tags(append(out[:len(out):len(out)], tag))
		if err == nil {
			out = more
		}
		if len(out) == maxTags {
			break
		}
	}
	return out
}

// artwork takes the artwork of a track that has none.
func (l *loader) artwork(what string, t portable.Track, id db.ID) error {
	if t.Picture == "" {
		return nil
	}
	var had uint64
	err := l.c.view(l.ctx, func(tx *db.Tx) error {
		is, err := tx.Track(id)
		had = is.Picture
		return err
	})
	if err != nil || had != 0 {
		return err
	}
	return l.picture(what, t.Picture, func(r io.Reader) error {
		_, err := l.c.SetTrackPicture(l.ctx, l.user, id, r)
		return err
	})
}

// thing finds what is meant by a track or a playlist, if it is here and the
// person sees it.
func (l *loader) thing(tx *db.Tx, a asker, t portable.Thing) (db.ID, db.Kind, error) {
	kind, had := db.KindTrack, l.tracks
	if t.Kind == "playlist" {
		kind, had = db.KindPlaylist, l.lists
	}
	if strings.EqualFold(t.Owner, l.who.Username) {
		if id := had[cut(t.ID, 40)]; id != 0 {
			return id, kind, nil
		}
		return 0, kind, ErrNotFound
	}
	owner, _, err := tx.UserByUsername(strings.ToLower(cut(t.Owner, maxUsername)))
	if err != nil {
		return 0, kind, err
	}
	if a.hides(owner) {
		return 0, kind, ErrNotFound
	}
	if kind == db.KindPlaylist {
		p, _, err := tx.PlaylistBySlug(owner.ID, strings.ToLower(cut(t.Slug, maxSlug)))
		if err == nil {
			_, _, err = l.c.playlist(tx, a, p.ID, whole)
		}
		return p.ID, kind, err
	}
	found, _, err := tx.TrackBySlug(owner.ID, strings.ToLower(cut(t.Slug, maxSlug)))
	if err == nil {
		_, _, err = l.c.track(tx, a, found.ID, whole)
	}
	return found.ID, kind, err
}

func (l *loader) loadPlaylists() error {
	wrong, err := portable.List(l.x, portable.PlaylistsName, func(p portable.Playlist) error {
		what := strconv.Quote(cut(line(p.Title), 80))
		var made db.Playlist
		left := 0
		err := l.c.update(l.ctx, func(tx *db.Tx) (err error) {
			left = 0
			a, err := l.c.member(tx, l.user)
			if err != nil {
				return err
			}
			var tracks []db.ID
			seen := map[db.ID]bool{}
			for _, t := range p.Tracks {
				id, kind, err := l.thing(tx, a, t)
				if err != nil && !absent(err) {
					return err
				}
				if err != nil || kind != db.KindTrack || len(tracks) == db.MostInPlaylist {
					left++
					continue
				}
				if !seen[id] {
					seen[id] = true
					tracks = append(tracks, id)
				}
			}
			made, err = l.playlist(tx, p, tracks)
			return err
		})
		if err != nil {
			return l.passes(what, err)
		}
		l.done.others += left
		l.lists[cut(p.ID, 40)] = made.ID
		if p.Picture == "" || made.Picture != 0 {
			return nil
		}
		return l.picture(what, p.Picture, func(r io.Reader) error {
			_, err := l.c.SetPlaylistPicture(l.ctx, l.user, made.ID, r)
			return err
		})
	})
	l.done.strange += wrong
	return err
}

// playlist finds a playlist that was loaded before, and brings in what it
// lacks; or else makes it.
func (l *loader) playlist(tx *db.Tx, p portable.Playlist, tracks []db.ID) (db.Playlist, error) {
	title := cut(line(p.Title), maxTitle)
	if title == "" {
		title = "Untitled"
	}
	wish, err := ownSlug(cut(p.Slug, maxSlug))
	if err != nil {
		wish = cmp.Or(slug(title, maxSlug-6), "playlist")
	}
	created := l.past(p.Created)
	was, moved, err := tx.PlaylistBySlug(l.user, wish)
	if err == nil && !moved && was.Created.Equal(created) {
		old, err := tx.PlaylistTracks(was.ID)
		if err == nil && len(tracks) > len(old) && inOrder(old, tracks) {
			err = tx.SetPlaylistTracks(was.ID, tracks)
		}
		return was, err
	}
	if err != nil && !isNotFound(err) {
		return was, err
	}
	counts, err := tx.UserCounts(l.user)
	if err != nil {
		return was, err
	}
	if counts.Playlists >= maxPlaylists {
		return was, fault.New(fault.Conflict, "playlist.many", "There are 1,000 playlists already, which is as many as can be.")
	}
	made := db.Playlist{ID: tx.NewID(), User: l.user, Title: title, Description: cut(text(p.Description), maxDescription), Tags: someTags(p.Tags),
		Created: created, Updated: l.past(p.Updated)}
	if p.Kind == "album" {
		made.Kind = db.Album
	}
	made.Slug, err = unique(wish, func(s string) (bool, error) {
		taken, err := tx.PlaylistSlugTaken(l.user, s, made.ID)
		return !taken, err
	})
	if err != nil {
		return made, err
	}
	publishPlaylist(tx, &made, visibilityOf[p.Visibility])
	if p.ReleaseAt != nil {
		if r, err := l.c.release(db.Release{At: *p.ReleaseAt, As: visibilityOf[p.ReleaseAs]}, made.Visibility); err == nil {
			made.Release = r
		}
	}
	if err := tx.AddPlaylist(made); err != nil {
		return made, err
	}
	l.done.Playlists++
	if len(tracks) == 0 {
		return made, nil
	}
	return made, tx.SetPlaylistTracks(made.ID, tracks)
}

// inOrder tells whether all of some stand among others, in the same order.
func inOrder(some, others []db.ID) bool {
	for _, id := range others {
		if len(some) > 0 && some[0] == id {
			some = some[1:]
		}
	}
	return len(some) == 0
}

// loadedThread is a track whose comments are being loaded.
type loadedThread struct {
	track  db.ID
	seen   map[uint64]db.ID // comments that are there, by what they say and when
	parent db.ID            // what the replies that come next are to; 0 for nothing
	at     int64            // its position
	key    string           // by which the file names the track
	skip   bool             // it is not here
}

// key tells a comment from all others on its track.
func (l *loader) key(at int64, created time.Time, words string) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	fmt.Fprintf(&h, "%d %d ", at/1000, created.UnixMilli())
	h.WriteString(words)
	return h.Sum64()
}

// look reads which comments a track has.
func (l *loader) look(tx *db.Tx, th *loadedThread) error {
	th.seen = map[uint64]db.ID{}
	for m, err := range tx.NewestComments(th.track, 0) {
		if l.c.unreadable(err, "comment on", th.track) {
			continue
		}
		if err != nil {
			return err
		}
		th.seen[l.key(m.Position, m.Created, m.Text)] = m.ID
		if m.Replies == 0 {
			continue
		}
		for r, err := range tx.Replies(m.ID, 0) {
			if l.c.unreadable(err, "reply to", m.ID) {
				continue
			}
			if err != nil {
				return err
			}
			th.seen[l.key(r.Position, r.Created, r.Text)] = r.ID
		}
	}
	return nil
}

// inBatches reads a list and does something about so many of its items in each
// transaction. What a transaction does is done again when it is: fn has to put
// what it counts into the counts that it is given.
func inBatches[T any](l *loader, name string, fn func(tx *db.Tx, a asker, item T, n *counts) error) error {
	var items []T
	flush := func() error {
		var n counts
		err := l.c.update(l.ctx, func(tx *db.Tx) error {
			n = counts{}
			a, err := l.c.member(tx, l.user)
			if err != nil {
				return err
			}
			for _, item := range items {
				if err := fn(tx, a, item, &n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		items = items[:0]
		l.done.Comments += n.comments
		l.done.Claimed += n.claimed
		l.done.Likes += n.likes
		l.done.Reposts += n.reposts
		l.done.Follows += n.follows
		l.done.others += n.others
		l.done.comments += n.left
		l.done.unknown += n.unknown
		return l.ctx.Err()
	}
	wrong, err := portable.List(l.x, name, func(item T) error {
		if items = append(items, item); len(items) < loadedAtOnce {
			return nil
		}
		return flush()
	})
	l.done.strange += wrong
	return errors.Join(err, flush())
}

// counts is what one transaction did.
type counts struct{ comments, claimed, likes, reposts, follows, others, left, unknown int }

// loadComments takes what was said about the own tracks.
func (l *loader) loadComments() error {
	th := &loadedThread{}
	return inBatches(l, portable.CommentsName, func(tx *db.Tx, a asker, m portable.Comment, n *counts) error {
		if key := cut(m.Track.ID, 40); key != th.key {
			*th = loadedThread{key: key, track: l.tracks[key]}
			if th.skip = th.track == 0; !th.skip {
				if err := l.look(tx, th); err != nil {
					return err
				}
			}
		}
		if !m.Reply {
			th.parent = 0
		}
		words := cut(text(m.Text), maxComment)
		if m.Deleted && words == "" {
			return nil // its replies stand by themselves
		}
		if th.skip || words == "" || len(th.seen) >= loadedComments {
			n.unknown++
			return nil
		}
		made := db.Comment{Track: th.track, Text: words, Created: l.past(m.Created), Position: max(0, m.PositionMS) * 1000, Whole: m.Whole}
		if m.Edited != nil {
			made.Edited = l.past(*m.Edited)
		}
		if strings.EqualFold(m.Author.Username, l.who.Username) && m.Author.Username != "" {
			made.User = l.user
		} else {
			made.Guest = cut(line(cmp.Or(line(m.Author.Name), m.Author.Username, "Somebody")), maxGuest)
		}
		return l.say(tx, th, made, m.Reply, n)
	})
}

// say adds a comment, unless it is there.
func (l *loader) say(tx *db.Tx, th *loadedThread, m db.Comment, reply bool, n *counts) error {
	t, err := tx.Track(th.track)
	if err != nil {
		return err
	}
	if m.Position > t.Audio.Duration {
		m.Position = t.Audio.Duration
	}
	if reply && th.parent != 0 {
		m.Parent, m.Position = th.parent, th.at
	}
	key := l.key(m.Position, m.Created, m.Text)
	if id, there := th.seen[key]; there {
		if !reply {
			th.parent, th.at = id, m.Position
		}
		return nil
	}
	m.ID = tx.NewID()
	if err := tx.AddComment(m); err != nil {
		return err
	}
	if m.Parent == 0 {
		th.parent, th.at = m.ID, m.Position
	}
	th.seen[key] = m.ID
	n.comments++
	return nil
}

// loadWritten takes what the person said about tracks of others that are here.
// What stands there already under the person's name becomes theirs.
func (l *loader) loadWritten() error {
	th := &loadedThread{}
	return inBatches(l, portable.WrittenName, func(tx *db.Tx, a asker, m portable.Comment, n *counts) error {
		if key := cut(m.Track.Owner, maxUsername) + "/" + cut(m.Track.Slug, maxSlug); key != th.key {
			*th = loadedThread{key: key}
			id, kind, err := l.thing(tx, a, m.Track)
			if err != nil && !absent(err) {
				return err
			}
			th.track = id
			if th.skip = err != nil || kind != db.KindTrack; !th.skip {
				if err := l.look(tx, th); err != nil {
					return err
				}
			}
		}
		words := cut(text(m.Text), maxComment)
		if th.skip || words == "" || len(th.seen) >= loadedComments {
			n.left++
			return nil
		}
		t, owner, err := l.c.track(tx, a, th.track, whole)
		if absent(err) {
			n.left++
			return nil
		}
		if err != nil {
			return err
		}
		made := db.Comment{Track: th.track, User: l.user, Text: words, Created: l.past(m.Created), Position: min(max(0, m.PositionMS)*1000, t.Audio.Duration), Whole: m.Whole}
		if m.Edited != nil {
			made.Edited = l.past(*m.Edited)
		}
		if id, there := th.seen[l.key(made.Position, made.Created, words)]; there {
			is, err := tx.Comment(id)
			if err != nil {
				return err
			}
			if is.Guest != "" && is.Link == 0 && (is.Guest == cut(line(l.who.Name), maxGuest) || is.Guest == l.who.Username) {
				n.claimed++
				return tx.ClaimComment(id, l.user)
			}
			return nil
		}
		th.parent = 0
		if m.Reply {
			if m.To != nil {
				th.parent = th.seen[l.key(made.Position, l.past(m.To.Created), cut(text(m.To.Text), maxComment))]
			}
			to, err := tx.Comment(th.parent)
			if err != nil && !isNotFound(err) {
				return err
			}
			if err != nil || to.Parent != 0 {
				n.left++
				return nil
			}
			th.at = to.Position
		}
		if !a.comments(t, owner) {
			n.left++
			return nil
		}
		return l.say(tx, th, made, m.Reply, n)
	})
}

// loadTies takes likes, reposts and follows, as far as what they are of is here.
// Nobody is told of them: they are old.
func (l *loader) loadTies(name string) error {
	return inBatches(l, name, func(tx *db.Tx, a asker, t portable.Tie, n *counts) error {
		switch {
		case name == portable.FollowsName:
			if t.Person == nil {
				n.others++
				return nil
			}
			return l.follow(tx, a, *t.Person, n)
		case t.Thing == nil:
			n.others++
			return nil
		}
		id, kind, err := l.thing(tx, a, *t.Thing)
		if absent(err) {
			n.others++
			return nil
		}
		if err != nil {
			return err
		}
		way, count := trackLikes, &n.likes
		if name == portable.RepostsName {
			way, count = reposts, &n.reposts
		} else if kind == db.KindPlaylist {
			way = playlistLikes
		}
		owner, v, err := way.owner(tx, id)
		if absent(err) || err == nil && (way.kind != kind || way.may != nil && way.may(a, owner, v) != nil) {
			n.others++
			return nil
		}
		if err != nil {
			return err
		}
		_, added, err := way.join(tx, l.user, id)
		if added {
			*count++
		}
		return err
	})
}

func (l *loader) follow(tx *db.Tx, a asker, p portable.Person, n *counts) error {
	u, _, err := tx.UserByUsername(strings.ToLower(cut(p.Username, maxUsername)))
	if err != nil && !isNotFound(err) {
		return err
	}
	if err != nil || a.is(u.ID) || a.hides(u) || a.barred(u.ID) {
		n.others++
		return nil
	}
	counts, err := tx.UserCounts(l.user)
	if err != nil {
		return err
	}
	if counts.Following >= maxFollowing {
		n.others++
		return nil
	}
	_, added, err := tx.Follow(l.user, u.ID)
	if added {
		n.follows++
	}
	return err
}

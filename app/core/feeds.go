package core

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

// Feed is a page of a feed: what there is to hear of a person, a playlist, a
// tag, or of those whom somebody follows, for programs that ask again and again.
//
// A public feed holds what visitors hear and its owner lets other sites show,
// whoever asks. A private one holds what its listener hears.
type Feed struct {
	Of       db.Thing // zero: the stream of its listener
	House    string
	Owner    db.User // whose tracks, playlist or stream it is; zero of a tag
	Playlist db.Playlist
	Tag      db.Tag
	Cover    db.Track // of a playlist without artwork of its own: a track that has some; or zero
	Items    []FeedItem
	Next     string // cursor of what follows; "" at the end
	Key      db.ID  // of a private one; 0: public
}

// FeedItem is a track in a feed.
type FeedItem struct {
	Track  db.Track
	Owner  db.User
	Since  time.Time // when it came there
	Number int       // its place in a playlist, from 1; 0 elsewhere
}

// FeedOf says of what a public feed is: a user or a playlist by its id, or a tag
// by its name, however that is written.
type FeedOf struct {
	db.Thing
	Tag string
}

// PublicFeed gives a page of a public feed, of 100 items at most. What visitors
// do not see is absent, whoever asks.
func (c *Core) PublicFeed(ctx context.Context, me db.ID, of FeedOf, cursor string) (Feed, error) {
	f := Feed{Of: of.Thing}
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.abroad(tx, me)
		if err != nil {
			return err
		}
		if of.Kind == db.KindTag {
			tag, _, err := c.tag(tx, a, of.Tag)
			if err != nil {
				return err
			}
			f.Of.ID = tag.Tag.ID
		}
		return c.feed(tx, a, &f, cursor)
	})
	return f, err
}

// PrivateFeed gives a page of the feed that the key is for by which who came, of
// 100 items at most.
func (c *Core) PrivateFeed(ctx context.Context, who Asker, cursor string) (Feed, error) {
	ctx = ByKey(ctx, who) // an address keeps no house
	f := Feed{Key: who.Key}
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		a, of, err := c.listener(tx, who)
		if err != nil {
			return err
		}
		f.Of = of
		return c.feed(tx, a, &f, cursor)
	})
	return f, gone(err)
}

// gone makes of an account or key that is good no more something that is not
// there: programs that ask for feeds can't sign in.
func gone(err error) error {
	if fault.Of(err).Kind == fault.Unauthenticated {
		return ErrNotFound.Because(err)
	}
	return err
}

// AuthenticateFeed finds whose private feed a secret is of. Anything that is no
// good secret is not found.
func (c *Core) AuthenticateFeed(ctx context.Context, secret, client string) (Asker, error) {
	who, err := c.AuthenticateKey(ctx, db.KeyFeed, secret, client)
	return who, gone(err)
}

// listener finds whose private feed a key is for, and of what it is.
func (c *Core) listener(tx *db.Tx, who Asker) (asker, db.Thing, error) {
	k, err := ownFeed(tx, who.User, who.Key)
	if err != nil {
		return asker{}, db.Thing{}, err
	}
	a, err := c.member(tx, who.User)
	return a, k.Feed, err
}

// feed collects a page of a feed.
func (c *Core) feed(tx *db.Tx, a asker, f *Feed, cursor string) error {
	house, err := tx.House()
	if err != nil {
		return err
	}
	if f.House = house.Name; f.House == "" {
		f.House = "Earshot"
	}
	list := "feed/" + f.Of.ID.String()
	takes := a.feeds
	if f.Key != 0 {
		list = "feed/" + f.Key.String()
		takes = func(t db.Track, owner db.User) bool { return a.sees(t, owner) == whole }
	}
	p := Paging{Cursor: cursor, Limit: pageMax}
	tracks := func(all func(before db.ID) iter.Seq2[db.Track, error], mark func(db.Track) db.ID) error {
		owners := people{}
		page, err := collect(c, list, p, all, mark, func(t db.Track) (FeedItem, bool, error) {
			owner, err := owners.find(tx, t.User)
			return FeedItem{Track: t, Owner: owner, Since: cameOut(t)}, err == nil && takes(t, owner), err
		})
		f.Items, f.Next = page.Items, page.Next
		return err
	}
	switch f.Of.Kind {
	case db.KindUser:
		if f.Owner, err = c.person(tx, a, f.Of.ID); err == nil && f.Key == 0 && f.Owner.Disabled {
			err = ErrNotFound
		}
		switch {
		case err != nil:
			return err
		case f.Key == 0:
			return tracks(of(tx.PublicTracksOf, f.Of.ID), published)
		case a.is(f.Of.ID): // also what nobody else hears
			return tracks(of(tx.TracksOf, f.Of.ID), func(t db.Track) db.ID { return t.ID })
		}
		return tracks(of(tx.PublishedTracksOf, f.Of.ID), published)
	case db.KindPlaylist:
		return c.feedPlaylist(tx, a, f, list, p, takes)
	case db.KindTag:
		if f.Tag, err = c.feedTag(tx, a, f.Of.ID); err != nil {
			return err
		}
		return tracks(of(tx.TagTracks, f.Of.ID), published)
	case 0:
		if f.Key == 0 {
			break
		}
		f.Owner = a.user
		s, own, err := c.stream(tx, a, StreamFollowed, p)
		if err != nil || !own {
			return err
		}
		page, err := s.page(p.limit())
		for _, v := range page.Items {
			f.Items = append(f.Items, FeedItem{Track: v.Track, Owner: v.Owner, Since: v.Since})
		}
		f.Next = page.Next
		return err
	}
	return ErrNotFound
}

// cameOut is when a track was published; what is not, when it was made.
func cameOut(t db.Track) time.Time {
	if t.Published == 0 {
		return t.Created
	}
	return t.Published.Time()
}

// feedPlaylist collects a page of the feed of a playlist.
func (c *Core) feedPlaylist(tx *db.Tx, a asker, f *Feed, list string, p Paging, takes func(db.Track, db.User) bool) (err error) {
	f.Playlist, f.Owner, err = c.playlist(tx, a, f.Of.ID, whole)
	if err == nil && f.Key == 0 && f.Playlist.Visibility != db.Public {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	tracks, err := tx.PlaylistTracks(f.Of.ID)
	if err != nil {
		return err
	}
	from, err := c.orderFrom(list, p, tracks)
	if err != nil {
		return err
	}
	owners, last := people{f.Owner.ID: f.Owner}, 0
	for i := from; i < len(tracks); i++ {
		t, seen, err := c.inPlaylist(tx, a, tracks[i], owners)
		if err != nil {
			return err
		}
		if !seen || !takes(t, owners[t.User]) {
			continue
		}
		if len(f.Items) == p.limit() {
			f.Next = c.orderBehind(list, tracks, last)
			break
		}
		if f.Playlist.Picture == 0 && f.Cover.ID == 0 && t.Picture != 0 {
			f.Cover = t
		}
		f.Items, last = append(f.Items, FeedItem{Track: t, Owner: owners[t.User], Since: cameOut(t), Number: i + 1}), i
	}
	return nil
}

// feedTag finds a tag of which the asker hears something.
func (c *Core) feedTag(tx *db.Tx, a asker, id db.ID) (db.Tag, error) {
	tag, err := tx.TagByID(id)
	if err != nil {
		return tag, err
	}
	v, _, err := c.tag(tx, a, tag.Name)
	return v.Tag, err
}

// inFeed tells whether a track that the asker hears is in a private feed of
// theirs. What else they hear, the feed's address does not open.
func (c *Core) inFeed(tx *db.Tx, a asker, of db.Thing, t db.Track) (bool, error) {
	switch of.Kind {
	case db.KindUser:
		return t.User == of.ID && (a.is(t.User) || t.Visibility.Shown()), nil
	case db.KindPlaylist:
		if _, _, err := c.playlist(tx, a, of.ID, whole); err != nil {
			return false, err
		}
		return tx.InPlaylist(of.ID, t.ID)
	case db.KindTag:
		tag, err := c.feedTag(tx, a, of.ID)
		return err == nil && t.Visibility == db.Public && slices.ContainsFunc(t.Tags, func(s string) bool { return db.Alike(s) == db.Alike(tag.Name) }), err
	case 0:
		if t.Visibility.Shown() && (a.is(t.User) || a.follows(t.User)) {
			return true, nil
		}
		return c.repostedFor(tx, a, t)
	}
	return false, nil
}

// repostedFor tells whether somebody whom the asker follows reposted a track.
func (c *Core) repostedFor(tx *db.Tx, a asker, t db.Track) (bool, error) {
	if t.Visibility != db.Public {
		return false, nil
	}
	counts, err := tx.UserCounts(a.user.ID)
	if err != nil {
		return false, err
	}
	of, err := tx.TrackCounts(t.ID)
	if err != nil {
		return false, err
	}
	edges, by := tx.Reposters(t.ID, 0), fromOf
	if of.Reposts > counts.Following { // then it is less work to ask each of them
		edges, by = tx.Following(a.user.ID, 0), toOf
	}
	for e, err := range edges {
		if c.unreadable(err, "repost of", t.ID) {
			continue
		}
		if err != nil {
			return false, err
		}
		user := by(e)
		mark, err := tx.RepostMark(user, t.ID)
		if err != nil {
			return false, err
		}
		if mark == 0 || !a.follows(user) {
			continue
		}
		if _, err := c.person(tx, a, user); !absent(err) {
			return err == nil, err
		}
	}
	return false, nil
}

// PublicFeedSound gives the original bytes of a track that public feeds may
// hold.
func (c *Core) PublicFeedSound(ctx context.Context, me, id db.ID) (Sound, error) {
	return c.sound(WithLinks(ctx, Holding{}), me, id, c.mayFeed, c.media.StreamRaw)
}

// PublicFeedPicture gives the artwork of what public feeds hold or are of: a
// track, a playlist or a person. It is the largest there is.
func (c *Core) PublicFeedPicture(ctx context.Context, me db.ID, of db.Thing) (Sound, error) {
	ctx = WithLinks(ctx, Holding{})
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.abroad(tx, me)
		if err != nil {
			return err
		}
		switch of.Kind {
		case db.KindTrack:
			t, owner, err := c.track(tx, a, of.ID, whole)
			if err != nil {
				return err
			}
			return c.mayFeed(a, t, owner)
		case db.KindPlaylist:
			p, _, err := c.playlist(tx, a, of.ID, whole)
			if err == nil && p.Visibility != db.Public {
				err = ErrNotFound
			}
			return err
		}
		u, err := c.person(tx, a, of.ID)
		if err == nil && u.Disabled {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return Sound{}, err
	}
	return c.feedPicture(ctx, me, of)
}

func (c *Core) feedPicture(ctx context.Context, me db.ID, of db.Thing) (Sound, error) {
	const large = 600
	switch of.Kind {
	case db.KindTrack:
		return c.TrackPicture(ctx, me, of.ID, large)
	case db.KindPlaylist:
		return c.PlaylistPicture(ctx, me, of.ID, large)
	case db.KindUser:
		return c.UserPicture(ctx, me, of.ID, large)
	}
	return Sound{}, ErrNotFound
}

// mayFeed is whether public feeds may hold a track.
func (c *Core) mayFeed(a asker, t db.Track, owner db.User) error {
	house, err := a.tx.House()
	if err == nil && (!house.Visitors || !a.feeds(t, owner)) {
		err = ErrNotFound
	}
	return err
}

// PrivateFeedSound gives the original bytes of a track in the feed that the key
// is for by which who came.
func (c *Core) PrivateFeedSound(ctx context.Context, who Asker, id db.ID) (Sound, error) {
	s, err := c.sound(WithLinks(ByKey(ctx, who), Holding{}), who.User, id, func(a asker, t db.Track, _ db.User) error {
		return c.ofListener(a, who, t)
	}, c.media.StreamRaw)
	s.Public = false
	return s, gone(err)
}

// ofListener refuses a track that is not in the feed of a key.
func (c *Core) ofListener(a asker, who Asker, t db.Track) error {
	_, of, err := c.listener(a.tx, who)
	if err != nil {
		return err
	}
	in, err := c.inFeed(a.tx, a, of, t)
	if err == nil && !in {
		err = ErrNotFound
	}
	return err
}

// PrivateFeedPicture gives the artwork of a track in the feed that the key is
// for by which who came, or with track 0 of what that feed is of. It is the
// largest there is.
func (c *Core) PrivateFeedPicture(ctx context.Context, who Asker, track db.ID) (Sound, error) {
	ctx = WithLinks(ByKey(ctx, who), Holding{})
	of := db.Thing{Kind: db.KindTrack, ID: track}
	err := c.view(ctx, func(tx *db.Tx) error {
		a, feed, err := c.listener(tx, who)
		if err != nil {
			return err
		}
		if track == 0 {
			if of = feed; of.Kind == 0 {
				of = db.Thing{Kind: db.KindUser, ID: who.User}
			}
			if of.Kind == db.KindUser {
				_, err = c.person(tx, a, of.ID)
			}
			return err
		}
		t, _, err := c.track(tx, a, track, whole)
		if err != nil {
			return err
		}
		return c.ofListener(a, who, t)
	})
	if err != nil {
		return Sound{}, gone(err)
	}
	s, err := c.feedPicture(ctx, who.User, of)
	s.Public = false
	return s, gone(err)
}

// FeedSent notes that a program that follows feeds took bytes of a track. What
// it keeps is played later, where nobody sees it: so a play is counted, once a
// day for each listener, when enough of the track was sent for one. It stands in
// nobody's history, for it may never be heard.
func (c *Core) FeedSent(ctx context.Context, me, id db.ID, sent int64, from Client) error {
	if sent <= 0 {
		return nil
	}
	var t db.Track
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		t, err = tx.Track(id)
		return err
	})
	if absent(err) || err != nil {
		return err
	}
	by := c.plays.of(me, from)
	by.fetches = true
	if now := c.now(); c.plays.sent(by, t, sent, now) && c.plays.note(by, t, now, now) {
		c.hearing.plays.Add(1)
	}
	return nil
}

// fed is how many bytes programs took on a day; below 0: enough.
type fed struct {
	day  db.Day
	sent map[play]int64
}

// sent tells whether a listener has taken enough of a track by now, and had not
// on this day before.
func (p *plays) sent(by person, t db.Track, bytes int64, now time.Time) bool {
	if t.Audio.Size <= 0 || t.Audio.Duration <= 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	f := &p.fed
	if day := db.DayOf(now); f.sent == nil || f.day != day {
		f.day, f.sent = day, map[play]int64{}
	}
	key := play{by.who, t.ID}
	so, known := f.sent[key]
	if so < 0 || !known && len(f.sent) >= todaysMost {
		return false
	}
	so += bytes
	heard := time.Duration(float64(so) / float64(t.Audio.Size) * float64(t.Audio.Duration) * float64(time.Microsecond))
	if heard < enough(t) {
		f.sent[key] = so
		return false
	}
	f.sent[key] = -1
	return true
}

// FeedView is a private feed as its listener sees it.
type FeedView struct {
	db.Key
	Secret   string
	Owner    db.User // whose tracks or playlist it is of
	Playlist db.Playlist
	Tag      db.Tag
	Gone     bool // there is nothing to be heard by it any more
}

// MyFeeds lists the asker's private feeds, the one that was made last first.
// Programs that came by a key are not told: what they learned would outlive it.
func (c *Core) MyFeeds(ctx context.Context, who Asker) ([]FeedView, error) {
	if who.Key != 0 {
		return nil, errForbid
	}
	keys, err := c.Keys(ctx, who.User, db.KeyFeed)
	if err != nil {
		return nil, err
	}
	list := make([]FeedView, 0, len(keys))
	for _, k := range keys {
		v, err := c.viewFeed(ctx, k)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// MyFeed finds one of the asker's private feeds. Another user's answers as if it
// did not exist. Programs that came by a key are not told.
func (c *Core) MyFeed(ctx context.Context, who Asker, id db.ID) (FeedView, error) {
	if who.Key != 0 {
		return FeedView{}, errForbid
	}
	var k db.Key
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		k, err = ownFeed(tx, who.User, id)
		return err
	})
	if err != nil {
		return FeedView{}, err
	}
	return c.viewFeed(ctx, k)
}

func ownFeed(tx *db.Tx, me, id db.ID) (db.Key, error) {
	k, err := tx.Key(id)
	if err == nil && (k.Kind != db.KeyFeed || k.User != me) {
		err = ErrNotFound
	}
	return k, err
}

// viewFeed shows a private feed to its listener.
func (c *Core) viewFeed(ctx context.Context, k db.Key) (FeedView, error) {
	v := FeedView{Key: k, Secret: c.KeySecret(k)}
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, k.User)
		if err != nil {
			return err
		}
		switch k.Feed.Kind {
		case db.KindUser:
			v.Owner, err = c.person(tx, a, k.Feed.ID)
		case db.KindPlaylist:
			v.Playlist, v.Owner, err = c.playlist(tx, a, k.Feed.ID, whole)
		case db.KindTag:
			v.Tag, err = c.feedTag(tx, a, k.Feed.ID)
		}
		if absent(err) || errors.Is(err, db.ErrCorrupt) {
			v.Owner, v.Playlist, v.Gone, err = db.User{}, db.Playlist{}, true, nil
		}
		return err
	})
	return v, err
}

// AddFeed makes a private feed of what the asker sees; a tag is given by its
// name.
func (c *Core) AddFeed(ctx context.Context, who Asker, of FeedOf) (FeedView, error) {
	if of.Kind == db.KindTag {
		tag, err := c.Tag(ctx, who.User, of.Tag)
		if err != nil {
			return FeedView{}, err
		}
		of.ID = tag.Tag.ID
	}
	made, err := c.AddKey(ctx, who, NewKey{Kind: db.KeyFeed, Feed: of.Thing})
	if err != nil {
		return FeedView{}, err
	}
	return c.viewFeed(ctx, made.Key)
}

// DropFeed takes a private feed of the asker's away; its address leads nowhere
// from then on.
func (c *Core) DropFeed(ctx context.Context, who Asker, id db.ID) error {
	err := c.view(ctx, func(tx *db.Tx) error {
		_, err := ownFeed(tx, who.User, id)
		return err
	})
	if err != nil {
		return err
	}
	return c.DropKey(ctx, who, id)
}

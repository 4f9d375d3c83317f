package core

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

const (
	mostBookmarks   = 1000 // of one user
	maxBookmarkText = 200
	mostStars       = 5
	nowPlayingFor   = 10 * time.Minute // how long what was said last is believed beyond the end of the track
	nowPlayingMost  = 10_000           // people
	linksAtOnce     = 500              // that one answer holds
)

// BookmarkView is a moment that the asker marked, with its track.
type BookmarkView struct {
	Bookmark db.Bookmark
	Track    TrackView
}

// SetBookmark marks a moment of a track that the asker hears, in place of the one
// that was marked in it before.
func (c *Core) SetBookmark(ctx context.Context, me, track db.ID, at time.Duration, text string) error {
	text = line(text)
	if err := bounded("text", text, maxBookmarkText); err != nil {
		return err
	}
	return c.update(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		t, _, err := c.track(tx, a, track, whole)
		if err != nil {
			return err
		}
		b := db.Bookmark{User: me, Track: track, Text: text, Created: c.now(), Changed: c.now()}
		if b.Position, err = position(t, at); err != nil {
			return err
		}
		old, err := tx.Bookmark(me, track)
		if err == nil {
			b.Created = old.Created
			return tx.SetBookmark(b)
		}
		if !errors.Is(err, db.ErrNotFound) && !c.unreadable(err, "bookmark", track) {
			return err
		}
		n := 0
		for _, err := range tx.BookmarksOf(me) {
			if err != nil && !errors.Is(err, db.ErrCorrupt) {
				return err
			}
			n++
		}
		if n >= mostBookmarks {
			return fault.New(fault.Conflict, "bookmark.many", "There are 1,000 bookmarks already. Remove one first.")
		}
		return tx.SetBookmark(b)
	})
}

// Bookmarks lists the moments that the asker marked in tracks that are still to
// be heard, the one that was changed last first.
func (c *Core) Bookmarks(ctx context.Context, me db.ID) ([]BookmarkView, error) {
	var list []BookmarkView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		for b, err := range tx.BookmarksOf(me) {
			if c.unreadable(err, "bookmark of", me) {
				continue
			}
			if err != nil {
				return err
			}
			t, owner, err := c.track(tx, a, b.Track, whole)
			if errors.Is(err, ErrNotFound) || errors.Is(err, db.ErrNotFound) || c.unreadable(err, "track", b.Track) {
				continue
			}
			if err != nil {
				return err
			}
			v, err := c.viewTrack(tx, a, t, owner)
			if err != nil {
				return err
			}
			list = append(list, BookmarkView{b, v})
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b BookmarkView) int { return b.Bookmark.Changed.Compare(a.Bookmark.Changed) })
	return list, err
}

// DropBookmark removes the moment that the asker marked in a track. There need be
// none.
func (c *Core) DropBookmark(ctx context.Context, me, track db.ID) error {
	return c.free(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		return tx.DropBookmark(me, track)
	})
}

// Rate gives a track or a playlist that the asker sees 1 to 5 stars, which nobody
// else is told; 0 takes them away.
func (c *Core) Rate(ctx context.Context, me db.ID, thing db.Thing, stars int) error {
	if stars < 0 || stars > mostStars {
		return fault.New(fault.Invalid, "rating.stars", "A rating has 1 to 5 stars, or none.").In("rating")
	}
	return c.update(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if thing.Kind == db.KindPlaylist {
			_, _, err = c.playlist(tx, a, thing.ID, whole)
		} else {
			_, _, err = c.track(tx, a, thing.ID, whole)
		}
		if err != nil {
			return err
		}
		return tx.SetRating(me, thing.ID, stars)
	})
}

// MyLinks lists the newest secret links of the asker's to all own tracks and
// playlists, the newest first.
func (c *Core) MyLinks(ctx context.Context, me db.ID) ([]LinkView, error) {
	var list []LinkView
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		for l, err := range tx.Links() {
			if c.unreadable(err, "link", 0) {
				continue
			}
			if err != nil {
				return err
			}
			if l.User == me {
				list = append(list, c.viewLink(l))
			}
		}
		return nil
	})
	slices.Reverse(list)
	return list[:min(len(list), linksAtOnce)], err
}

// NowPlaying is what a program says that its user hears.
type NowPlaying struct {
	Track    TrackView
	Client   string // the program, as it calls itself
	Position time.Duration
	State    string // "playing", "paused" or "stopped"; as the program says it
	Since    time.Time
}

// nowPlaying keeps what programs say that their users hear. It is nobody's
// business but theirs, and is forgotten at a stop.
type nowPlaying struct {
	mu   sync.Mutex
	last map[db.ID]nowHeard
}

type nowHeard struct {
	track    db.ID
	length   time.Duration
	client   string
	position time.Duration
	state    string
	at       time.Time
}

// SetNowPlaying notes what a program of the asker's plays, in which state and
// from where.
func (c *Core) SetNowPlaying(ctx context.Context, me, track db.ID, at time.Duration, state, client string) error {
	t, err := c.audible(ctx, me, track)
	if err != nil {
		return err
	}
	n := &c.heardNow
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last == nil || len(n.last) >= nowPlayingMost {
		n.last = map[db.ID]nowHeard{}
	}
	if state == "stopped" {
		delete(n.last, me)
		return nil
	}
	n.last[me] = nowHeard{
		track: track, length: time.Duration(t.Audio.Duration) * time.Microsecond, client: cut(line(client), maxClient), position: max(0, at), state: state, at: c.now(),
	}
	return nil
}

// MyNowPlaying tells what programs of the asker's said last that they play; ok
// is false when nothing is played.
func (c *Core) MyNowPlaying(ctx context.Context, me db.ID) (v NowPlaying, ok bool, err error) {
	n := &c.heardNow
	n.mu.Lock()
	heard, ok := n.last[me]
	n.mu.Unlock()
	if age := c.now().Sub(heard.at); !ok || age < 0 || age > heard.length+nowPlayingFor {
		return v, false, nil
	}
	err = c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		t, owner, err := c.track(tx, a, heard.track, whole)
		if err == nil {
			v.Track, err = c.viewTrack(tx, a, t, owner)
		}
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return NowPlaying{}, false, nil
	}
	v.Client, v.Position, v.State, v.Since = heard.client, heard.position, heard.state, heard.at
	return v, err == nil, err
}

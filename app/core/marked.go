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

// OpenByLink makes what is private and the asker's own reachable by its secret
// links; what others see already stays as it is.
func (c *Core) OpenByLink(ctx context.Context, me db.ID, thing db.Thing) error {
	to := db.ByLink
	if thing.Kind == db.KindPlaylist {
		v, err := c.Playlist(ctx, me, thing.ID)
		if err == nil && v.Playlist.Visibility == db.Private {
			_, err = c.EditPlaylist(ctx, me, thing.ID, PlaylistChange{Visibility: &to})
		}
		return err
	}
	v, err := c.Track(ctx, me, thing.ID)
	if err == nil && v.Track.Visibility == db.Private {
		_, err = c.EditTrack(ctx, me, thing.ID, TrackChange{Visibility: &to})
	}
	return err
}

// NowPlaying is what a program says that its user hears.
type NowPlaying struct {
	Track    TrackView
	Client   string        // the program, as it calls itself
	Position time.Duration // by now, as far as is known
	Rate     float64       // how fast it is played; 1 is as recorded
	State    string        // "starting", "playing" or "paused"; "" where the program does not say
	Since    time.Time     // when it said so
}

// nowPlaying keeps what programs say that their users hear. It is nobody's
// business but theirs, and is forgotten at a stop.
type nowPlaying struct {
	mu   sync.Mutex
	last map[db.ID]nowHeard
}

type nowHeard struct {
	Report
	track    db.ID
	length   time.Duration
	at       time.Time
	listened time.Duration // since it was started
	counted  bool
}

// Report is what a program says of what it plays.
type Report struct {
	Client   string
	Position time.Duration
	Rate     float64 // 0 is 1
	State    string  // "starting", "playing", "paused", "stopped"; "" where the program does not say
	Silent   bool    // it counts as no play
}

// slack is how much more than the time that has gone by may have been heard
// between two reports, for those that come late.
const slack = 2 * time.Second

// ReportPlaying notes what a program of the asker's plays, and counts a play once
// enough of it was heard.
func (c *Core) ReportPlaying(ctx context.Context, me, track db.ID, r Report, from Client) error {
	t, err := c.audible(ctx, me, track)
	if err != nil {
		return err
	}
	switch r.State {
	case "": // it begins
		c.NowPlaying(ctx, me, track)
	case "playing": // said again and again
		if !r.Silent {
			c.playsOn(ctx, me, track)
		}
	}
	if c.heardNow.note(me, t, r, c.now()) {
		_, err = c.Play(ctx, me, track, enough(t), from)
	}
	return err
}

// note takes a report down, and says whether enough was heard for a play by now.
func (n *nowPlaying) note(me db.ID, t db.Track, r Report, now time.Time) bool {
	r.Client, r.Position = cut(line(r.Client), maxClient), max(0, r.Position)
	if r.Rate <= 0 || r.Rate > 100 {
		r.Rate = 1
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last == nil || len(n.last) >= nowPlayingMost {
		n.last = map[db.ID]nowHeard{}
	}
	heard := nowHeard{Report: r, track: t.ID, length: time.Duration(t.Audio.Duration) * time.Microsecond, at: now}
	if old, ok := n.last[me]; ok && old.track == t.ID && r.State != "starting" {
		heard.listened, heard.counted = old.listened, old.counted
		if old.State == "playing" {
			by := time.Duration(float64(now.Sub(old.at)) * old.Rate)
			heard.listened += max(0, min(r.Position-old.Position, by+slack))
		}
	}
	count := r.State != "" && !r.Silent && !heard.counted && heard.listened > 0 && heard.listened >= enough(t)
	heard.counted = heard.counted || count
	if n.last[me] = heard; r.State == "stopped" {
		delete(n.last, me)
	}
	return count
}

// MyNowPlaying tells what programs of the asker's said last that they play; ok
// is false when nothing is played.
func (c *Core) MyNowPlaying(ctx context.Context, me db.ID) (v NowPlaying, ok bool, err error) {
	n := &c.heardNow
	n.mu.Lock()
	heard, ok := n.last[me]
	n.mu.Unlock()
	age := c.now().Sub(heard.at)
	if !ok || age < 0 || age > heard.length+nowPlayingFor {
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
	v.Client, v.Position, v.Rate, v.State, v.Since = heard.Client, heard.Position, heard.Rate, heard.State, heard.at
	if v.State == "playing" || v.State == "" {
		v.Position = min(heard.length, v.Position+time.Duration(float64(age)*v.Rate))
	}
	return v, err == nil, err
}

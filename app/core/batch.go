package core

import (
	"context"
	"errors"
	"slices"
	"strings"

	"earshot/app/fault"
	"earshot/db"
)

const (
	editedAtOnce = 100    // tracks a transaction
	lookedAt     = 10_000 // own tracks that a page of a filter looks at
)

// Refused is a track that was not changed, and why.
type Refused struct {
	ID    db.ID
	Fault *fault.Fault
}

// EditTracks changes many of the asker's own tracks, each by itself as EditTrack
// does. Titles are those of the tracks in their order; nil for those that they
// have. It fails as a whole only where nothing was changed; what is refused, and
// what the disk took no more, is told for each track.
func (c *Core) EditTracks(ctx context.Context, me db.ID, ids []db.ID, titles []string, change TrackChange) ([]TrackView, []Refused, error) {
	if len(titles) > 0 && len(titles) != len(ids) {
		return nil, nil, fault.New(fault.Invalid, "batch.titles", "There must be as many titles as tracks.").In("titles")
	}
	// Cleaned once: a body has room for tags of a megabyte, and no transaction
	// is to read them anew for each track.
	var err error
	if change.AddTags, err = tags(change.AddTags); err != nil {
		return nil, nil, err
	}
	change.DropTags = alike(change.DropTags)
	named := map[db.ID]*string{}
	var each []db.ID // once, however often it was named
	for i, id := range ids {
		if _, twice := named[id]; twice {
			continue
		}
		each, named[id] = append(each, id), nil
		if len(titles) > 0 {
			named[id] = &titles[i]
		}
	}
	var edited []TrackView
	var refused []Refused
	for start := 0; start < len(each); start += editedAtOnce {
		var done []TrackView
		var not []Refused
		err := c.update(ctx, func(tx *db.Tx) error {
			done, not = nil, nil
			if _, err := c.member(tx, me); err != nil {
				return err
			}
			for _, id := range each[start:min(start+editedAtOnce, len(each))] {
				one := change
				one.Title = named[id]
				v, err := c.editTrack(tx, me, id, one)
				if f := faultOfOne(err); f != nil {
					not = append(not, Refused{id, f})
					continue
				}
				if err != nil {
					return err
				}
				done = append(done, v)
			}
			return nil
		})
		if err != nil && start == 0 {
			return nil, nil, err
		}
		if err != nil {
			c.log.Warn("a change of many tracks ends early", "user", me, "error", err)
			for _, id := range each[start:] {
				refused = append(refused, Refused{id, fault.Of(err)})
			}
			break
		}
		edited, refused = append(edited, done...), append(refused, not...)
	}
	for _, v := range edited {
		c.tell(v.Track)
	}
	c.wake() // some may have been announced
	return c.draw(edited...), refused, nil
}

// faultOfOne gives the fault of what is wrong with one track or its change; nil
// for what would be wrong with all that follow, too.
func faultOfOne(err error) *fault.Fault {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return nil
	}
	switch f.Kind {
	case fault.Invalid, fault.Forbidden, fault.NotFound, fault.Conflict:
		return f
	}
	return nil
}

// retagged gives tags without some, in the form that alike gives, and with others.
func retagged(has, add, drop []string) []string {
	out := slices.DeleteFunc(slices.Clone(has), func(tag string) bool { return slices.Contains(drop, db.Alike(tag)) })
	return append(out, add...)
}

// alike gives the form of tags that those share which are written otherwise.
func alike(tags []string) []string {
	out := make([]string, len(tags))
	for i, s := range tags {
		out[i] = db.Alike(strings.TrimLeft(line(s), "# "))
	}
	return out
}

// IsDraft tells whether a track was never published and does not wait for it.
func IsDraft(t db.Track) bool {
	return t.Visibility == db.Private && !t.Announced && !t.Release.Set()
}

// TracksOf says which of the own tracks are meant; the zero one all.
type TracksOf struct {
	Draft      bool
	Visibility *db.Visibility
	Words      string // in title, artist or album
}

func (o TracksOf) list(me db.ID) string {
	name := "mine/" + me.String()
	if o.Draft {
		name += "/draft"
	}
	if o.Visibility != nil {
		name += "/" + string('0'+rune(*o.Visibility))
	}
	if o.Words != "" {
		name += "/" + o.Words
	}
	return name
}

func (o TracksOf) takes(t db.Track) bool {
	if o.Draft && !IsDraft(t) || o.Visibility != nil && t.Visibility != *o.Visibility {
		return false
	}
	words := strings.ToLower(o.Words)
	return words == "" || slices.ContainsFunc([]string{t.Title, t.Artist, t.Album}, func(s string) bool { return strings.Contains(strings.ToLower(s), words) })
}

// pageMine collects a page of own tracks. Where few of many are meant, a page
// may have less than was asked for, or nothing, and go on all the same.
func (c *Core) pageMine(tx *db.Tx, a asker, which TracksOf, p Paging) (Page[TrackView], error) {
	var page Page[TrackView]
	list := which.list(a.user.ID)
	after, err := c.after(list, p)
	if err != nil {
		return page, err
	}
	var last db.ID
	looked := 0
	for t, err := range tx.TracksOf(a.user.ID, after) {
		if c.unreadable(err, "own track", a.user.ID) {
			continue
		}
		if err != nil {
			return page, err
		}
		if looked++; looked > lookedAt {
			page.Next = c.before(list, last)
			break
		}
		if !which.takes(t) {
			last = t.ID
			continue
		}
		if len(page.Items) == p.limit() {
			page.Next = c.before(list, last)
			break
		}
		v, err := c.viewTrack(tx, a, t, a.user)
		if c.unreadable(err, "own track", t.ID) {
			continue
		}
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, v)
		last = t.ID
	}
	return page, nil
}

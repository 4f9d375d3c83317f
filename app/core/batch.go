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
// have. DropTags are tags to carry no more, however they are written. It fails as
// a whole only where nothing was changed; what is refused, and what the disk took
// no more, is told for each track.
func (c *Core) EditTracks(ctx context.Context, me db.ID, ids []db.ID, titles, dropTags []string, change TrackChange) ([]TrackView, []Refused, error) {
	if len(titles) > 0 && len(titles) != len(ids) {
		return nil, nil, fault.New(fault.Invalid, "batch.titles", "There must be as many titles as tracks.").In("titles")
	}
	// What is wrong with the tags is wrong for all, and is not looked at with each.
	var err error
	if change.AddTags, err = tags(change.AddTags); err != nil {
		return nil, nil, err
	}
	if change.Dropped, err = toDrop(dropTags); err != nil {
		return nil, nil, err
	}
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
				if f := c.faultOfOne(id, err); f != nil {
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
func (c *Core) faultOfOne(id db.ID, err error) *fault.Fault {
	if c.unreadable(err, "own track", id) {
		return errDamaged.Because(err)
	}
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

// toDrop gives what tags are compared by that are to go, once for all tracks.
func toDrop(in []string) ([]string, error) {
	var keys []string
	for _, s := range in {
		shown, key := oneTag(s)
		if longTag(shown, key) {
			return nil, errLongTag
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// retagged gives tags without those of some keys and with others.
func retagged(has, add, dropped []string) []string {
	out := slices.DeleteFunc(slices.Clone(has), func(s string) bool {
		_, key := oneTag(s)
		return slices.Contains(dropped, key)
	})
	return append(out, add...)
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

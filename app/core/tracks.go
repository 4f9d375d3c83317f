package core

import (
	"context"
	"errors"
	"slices"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
)

// TrackView is a track as one asker may see it.
type TrackView struct {
	Track       db.Track // without what the asker may not know
	Owner       db.User
	Overview    []byte // the loudness of up to 400 columns; nil until it is known
	Counts      db.TrackCounts
	Liked       bool
	Reposted    bool
	By          *db.User  // in the stream: who reposted it
	Since       time.Time // in lists: when it came there
	Mine        bool
	Whole       bool // false: a label for the keeper, without sound
	MayEdit     bool
	MayDelete   bool
	MayDownload bool
	MayComment  bool
	MaySpeak    bool // comment as a visitor, under a name
	ByLink      bool // nothing but a secret link shows it to the asker
}

// viewTrack leaves out what the asker may not know.
func (c *Core) viewTrack(tx *db.Tx, a asker, t db.Track, owner db.User) (TrackView, error) {
	if !a.edits(t) {
		t.Release = db.Release{}
	}
	v := TrackView{
		Track: t, Owner: owner,
		Mine: a.edits(t), Whole: a.sees(t, owner) == whole,
		MayEdit: a.edits(t), MayDelete: a.deletes(t), MayDownload: a.downloads(t, owner),
	}
	if !v.Whole {
		v.Track.Description, v.Track.Tags, v.Track.Picture, v.Track.Colour = "", nil, 0, 0
		v.Track.Artist, v.Track.Album, v.Track.Year = "", "", 0
		v.Track.Measured = db.Measured{}
		return v, nil
	}
	v.MayComment = a.comments(t, owner)
	_, v.MaySpeak = a.speaks(t)
	v.ByLink = a.byLink(owner, db.Thing{Kind: db.KindTrack, ID: t.ID}, t.Visibility)
	var err error
	if v.Counts, err = tx.TrackCounts(t.ID); err != nil || a.visitor() {
		return v, err
	}
	liked, err := tx.LikeMark(a.user.ID, t.ID)
	if err != nil {
		return v, err
	}
	reposted, err := tx.RepostMark(a.user.ID, t.ID)
	v.Liked, v.Reposted = liked != 0, reposted != 0
	return v, err
}

// draw adds the waveforms, outside of any transaction: they are files.
func (c *Core) draw(views ...TrackView) []TrackView {
	for i := range views {
		v := &views[i]
		if !v.Whole || v.Track.Waveform != db.WaveformReady {
			continue
		}
		b, err := c.media.Overview(v.Track.ID.String())
		if err == nil {
			v.Overview = b
			continue
		}
		v.Track.Waveform = db.WaveformFailed
		if errors.Is(err, media.ErrMissing) {
			if state, ok := c.redraw(v.Track.ID); ok {
				v.Track.Waveform = state
				continue
			}
		}
		c.log.Debug("a waveform can't be read", "track", v.Track.ID, "error", err)
	}
	return views
}

// Track finds one track.
func (c *Core) Track(ctx context.Context, me, id db.ID) (TrackView, error) {
	var v TrackView
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) (err error) {
		v, err = c.viewOf(tx, a, id)
		return err
	})
	if err != nil {
		return v, err
	}
	return c.draw(v)[0], nil
}

func (c *Core) viewOf(tx *db.Tx, a asker, id db.ID) (TrackView, error) {
	t, owner, err := c.track(tx, a, id, label)
	if err != nil {
		return TrackView{}, err
	}
	return c.viewTrack(tx, a, t, owner)
}

// MyTracks lists the asker's own tracks, or those of them that a filter takes,
// the newest first.
func (c *Core) MyTracks(ctx context.Context, me db.ID, which TracksOf, p Paging) (Page[TrackView], error) {
	var page Page[TrackView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		page, err = c.pageMine(tx, a, which, p)
		return err
	})
	c.draw(page.Items...)
	return page, err
}

// UserTracks lists what a user published for the asker to hear, the newest
// first.
func (c *Core) UserTracks(ctx context.Context, me, user db.ID, p Paging) (Page[TrackView], error) {
	var page Page[TrackView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		if _, err := c.person(tx, a, user); err != nil {
			return err
		}
		page, err = c.pageTracks(tx, a, "user/"+user.String(), p, of(tx.PublishedTracksOf, user), published)
		return err
	})
	c.draw(page.Items...)
	return page, err
}

func published(t db.Track) db.ID { return t.Published }

// TrackChange is what the owner changes; nil fields stay.
type TrackChange struct {
	Title        *string
	Slug         *string
	Description  *string
	Artist       *string
	Album        *string
	Year         *int
	Tags         *[]string
	AddTags      []string // besides those that it has
	Dropped      []string // keys of tags that it has no more; see toDrop
	Visibility   *db.Visibility
	Release      *db.Release // the zero one cancels it
	Downloadable *bool
	Comments     *bool // whether others may comment
	Embeddable   *bool // whether pages of other sites may show it
}

// apply checks and makes the change, all but the slug and who may see it.
func (change TrackChange) apply(t *db.Track) error {
	set := func(field string, to *string, from *string, clean func(string) string, limit int) error {
		if from == nil {
			return nil
		}
		*to = clean(*from)
		return bounded(field, *to, limit)
	}
	err := errors.Join(
		set("title", &t.Title, change.Title, line, maxTitle),
		set("description", &t.Description, change.Description, text, maxDescription),
		set("artist", &t.Artist, change.Artist, line, maxTitle),
		set("album", &t.Album, change.Album, line, maxTitle),
	)
	if err != nil {
		return err
	}
	if t.Title == "" {
		return fault.New(fault.Invalid, "title.empty", "A track needs a title.").In("title")
	}
	if change.Year != nil {
		if *change.Year < 0 || *change.Year > 9999 {
			return fault.New(fault.Invalid, "year.invalid", "A year has up to four digits.").In("year")
		}
		t.Year = *change.Year
	}
	if change.Downloadable != nil {
		t.Downloadable = *change.Downloadable
	}
	if change.Comments != nil {
		t.Quiet = !*change.Comments
	}
	if change.Embeddable != nil {
		t.NoEmbed = !*change.Embeddable
	}
	if change.Tags != nil {
		if t.Tags, err = tags(*change.Tags); err != nil {
			return err
		}
	}
	if len(change.AddTags)+len(change.Dropped) > 0 {
		if t.Tags, err = tags(retagged(t.Tags, change.AddTags, change.Dropped)); err != nil {
			return err
		}
	}
	return nil
}

// publish says who may see a track. What becomes public, or visible to
// followers, for the first time is announced to those who follow its owner.
func (c *Core) publish(tx *db.Tx, t *db.Track, v db.Visibility) error {
	if t.Visibility == v {
		return nil
	}
	if t.Visibility.Shown() {
		t.Announced = true // also what was public before anything was announced
	}
	t.Visibility, t.Published = v, markFor(tx, t.Visibility, t.Published, v)
	if !v.Shown() {
		return nil
	}
	t.Release = db.Release{}
	if t.Announced {
		return nil
	}
	t.Announced = true
	counts, err := tx.UserCounts(t.User)
	if err != nil || counts.Followers == 0 {
		return err
	}
	return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobAnnounce, Subject: t.ID, Created: c.now()})
}

// EditTrack changes what the owner says about a track.
func (c *Core) EditTrack(ctx context.Context, me, id db.ID, change TrackChange) (TrackView, error) {
	var v TrackView
	err := c.update(ctx, func(tx *db.Tx) (err error) {
		v, err = c.editTrack(tx, me, id, change)
		return err
	})
	if err != nil {
		return v, err
	}
	c.tell(v.Track)
	c.wake() // it may have been announced
	return c.draw(v)[0], nil
}

// editTrack makes a change. What it refuses, by a fault, it has not begun: the
// transaction may go on with other tracks.
func (c *Core) editTrack(tx *db.Tx, me, id db.ID, change TrackChange) (TrackView, error) {
	a, t, err := c.ownTrack(tx, me, id)
	if err != nil {
		return TrackView{}, translate(err)
	}
	old := t
	if err := change.apply(&t); err != nil {
		return TrackView{}, err
	}
	if change.Slug != nil {
		if t.Slug, err = ownSlug(*change.Slug); err != nil {
			return TrackView{}, err
		}
		if taken, err := tx.SlugTaken(t.User, t.Slug, t.ID); err != nil {
			return TrackView{}, err
		} else if taken {
			return TrackView{}, fault.New(fault.Conflict, "slug.taken", "Another of your tracks has this address.").In("slug")
		}
	}
	sight := t.Visibility
	if change.Visibility != nil {
		sight = *change.Visibility
	}
	var release db.Release
	if change.Release != nil {
		if release, err = c.release(*change.Release, sight); err != nil {
			return TrackView{}, err
		}
	}
	if err := c.publish(tx, &t, sight); err != nil {
		return TrackView{}, err
	}
	if change.Release != nil {
		t.Release = release
	}
	if !sameTrack(old, t) {
		t.Updated = c.now()
		if err := tx.SetTrack(t); err != nil {
			return TrackView{}, err
		}
	}
	return c.viewOf(tx, a, t.ID)
}

// sameTrack tells whether a change changed anything.
func sameTrack(a, b db.Track) bool {
	return a.Title == b.Title && a.Slug == b.Slug && a.Description == b.Description && a.Artist == b.Artist &&
		a.Album == b.Album && a.Year == b.Year && slices.Equal(a.Tags, b.Tags) && a.Visibility == b.Visibility && sameRelease(a.Release, b.Release) &&
		a.Downloadable == b.Downloadable && a.Quiet == b.Quiet && a.NoEmbed == b.NoEmbed && a.Picture == b.Picture
}

// DeleteTrack deletes a track and its files: the owner's own, or any for the
// keeper.
func (c *Core) DeleteTrack(ctx context.Context, me, id db.ID) error {
	var t db.Track
	err := c.free(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if t, _, err = c.track(tx, a, id, label); err != nil {
			return err
		}
		if !a.deletes(t) {
			return fault.New(fault.Forbidden, "forbidden", "Only its owner or the keeper can delete a track.")
		}
		return c.dropTrack(tx, a, id)
	})
	if err != nil {
		return err
	}
	c.dropFiles(id)
	c.forgetSoon()
	c.note("track.deleted", "a track was deleted", "track", id, "owner", t.User, "user", me)
	c.events.send(t.User, Event{Type: EventGone, Track: id})
	return nil
}

// dropTrack removes a track's record. Its files go when that is kept.
func (c *Core) dropTrack(tx *db.Tx, by asker, id db.ID) error {
	// A disk that is too full for a mark is no reason to keep the track.
	if err := c.media.Mark(trackFiles, id.String()); err != nil && !errors.Is(err, media.ErrFull) {
		return err
	}
	if err := c.settleReports(tx, by, db.KindTrack, id); err != nil {
		return err
	}
	return tx.DropTrack(id)
}

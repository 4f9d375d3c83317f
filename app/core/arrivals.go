package core

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"path"
	"strings"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
	"earshot/media/audio"
	"earshot/media/tag"
)

// arrival is a file that becomes a track, by whatever door it comes.
type arrival struct {
	user       db.ID
	name       string // what the file is called; never becomes a path
	visibility db.Visibility
	facts      facts     // counts before what the file's tags say
	created    time.Time // zero: now
	slug       string    // wished for; empty for one that the title makes
	quiet      bool      // followers are not told of it
	unmetered  bool      // no quota is asked

	// also is done in the transaction that stores the track, after it; may be nil.
	also func(*db.Tx, db.Track) error
}

// facts are what is known of a track from elsewhere; what is empty is not.
type facts struct {
	Title, Artist, Album, Description string
	Tags                              []string
	Year                              int
}

// found is what was read of a file. It is given back by done as soon as the
// track is stored: a tag's picture may be large.
type found struct {
	sound media.Content
	about tag.Tags
	done  func()
}

// look reads what a file of so many bytes holds. Its errors are faults.
func (c *Core) look(ctx context.Context, file io.ReaderAt, size int64) (found, error) {
	if size == 0 {
		return found{}, fault.New(fault.Invalid, "upload.empty", "This file is empty.")
	}
	sound, err := media.Identify(file, size)
	if err != nil {
		return found{}, c.uploadFault(err)
	}
	if x := sound.Index; x != nil && x.FreeFormat() { // tried in Chromium: neither the file nor the MP4 plays
		return found{}, fault.New(fault.Unsupported, "upload.free_format",
			"This MP3 has a bit rate of its own (free format), which browsers do not play. Encode it anew, at 320 kbit/s or less, and upload that.")
	}
	select {
	case c.tags <- struct{}{}:
	case <-ctx.Done():
		return found{}, c.uploadFault(ctx.Err())
	}
	about, err := tag.Read(file, size)
	if err != nil {
		about = tag.Tags{} // a track without tags is a track
	}
	return found{sound, about, func() { <-c.tags }}, nil
}

// compose makes the record of a new track from what is said of it, from its
// tags, or from the name of its file where there is neither.
func (c *Core) compose(a arrival, id db.ID, f found, size int64, sum []byte) db.Track {
	now := c.now()
	t := db.Track{
		ID: id, User: a.user, Created: a.created, Updated: now,
		Title:       cut(line(cmp.Or(a.facts.Title, f.about.Title)), maxTitle),
		Artist:      cut(line(cmp.Or(a.facts.Artist, f.about.Artist)), maxTitle),
		Album:       cut(line(cmp.Or(a.facts.Album, f.about.Album)), maxTitle),
		Description: cut(text(cmp.Or(a.facts.Description, f.about.Comment)), maxDescription),
		Year:        cmp.Or(a.facts.Year, f.about.Year),
		Announced:   a.quiet,
	}
	if t.Created.IsZero() {
		t.Created = now
	}
	if t.Title == "" {
		base := baseName(a.name)
		base = strings.TrimSuffix(base, path.Ext(base))
		t.Title = cut(line(strings.ReplaceAll(base, "_", " ")), maxTitle)
	}
	if t.Title == "" {
		t.Title = "Untitled"
	}
	words := a.facts.Tags
	if len(words) == 0 {
		words = f.about.Genres
	}
	if words, err := tags(words[:min(len(words), 5)]); err == nil {
		t.Tags = words
	}
	s := f.sound
	t.Audio = db.Audio{
		Codec: string(s.Codec), Size: size, SHA256: sum, Duration: s.Duration().Microseconds(),
		SampleRate: s.SampleRate, Channels: s.Channels, Bitrate: s.Bitrate, Variable: s.Variable, Bits: s.Bits, InOgg: s.InOgg,
		FileName: cut(line(baseName(a.name)), maxFileName),
	}
	if s.Codec == audio.AAC { // for which there is no decoder here
		t.Waveform = db.WaveformWanted
	}
	return t
}

// finish makes a track of a file that was received: the one way by which files
// come into the house. When it returns without an error the track is on disk
// to stay; otherwise nothing of it is left but the file itself, which the
// caller discards.
func (c *Core) finish(ctx context.Context, in *media.Incoming, a arrival) (TrackView, error) {
	f, err := c.look(ctx, in, in.Size())
	if err != nil {
		return TrackView{}, err
	}
	defer f.done()
	id, err := c.newID(ctx)
	if err != nil {
		return TrackView{}, err
	}
	t := c.compose(a, id, f, in.Size(), in.SHA256())
	t.Audio.InPlace = in.InPlace()
	if sum, err := media.SoundSum(in, in.Size(), f.sound); err == nil {
		t.Audio.Sound = sum[:]
	} else {
		c.log.Warn("what a file sounds like can't be summed up", "track", id, "error", err)
	}
	kept, err := c.keep(ctx, in, f, t, a)
	if err != nil {
		c.dropFiles(id)
		return TrackView{}, err
	}
	c.settled(trackFiles, id)
	c.hearing.added.Add(1)
	c.log.Info("a track was uploaded", "track", id, "user", a.user, "bytes", in.Size())
	c.tell(t)
	c.wake()
	return kept, nil
}

// keep puts a new track's files in place, then its record.
func (c *Core) keep(ctx context.Context, in *media.Incoming, f found, t db.Track, a arrival) (TrackView, error) {
	if err := c.media.Mark(trackFiles, t.ID.String()); err != nil {
		return TrackView{}, translate(err)
	}
	if err := c.media.Keep(in, t.ID.String(), f.sound); err != nil {
		return TrackView{}, translate(err)
	}
	if len(f.about.Picture) > 0 {
		t.Picture, t.Colour = c.tagPicture(ctx, t.ID, f.about.Picture)
	}
	var view TrackView
	err := c.update(ctx, func(tx *db.Tx) error {
		if err := c.enter(tx, &t, a); err != nil {
			return err
		}
		me, err := c.member(tx, t.User)
		if err != nil {
			return err
		}
		view, err = c.viewOf(tx, me, t.ID)
		return err
	})
	return view, err
}

// tagPicture keeps the picture of a file's tag and gives its version and
// colour; a picture that can't be read is left out.
func (c *Core) tagPicture(ctx context.Context, id db.ID, image []byte) (version uint64, colour uint32) {
	made, err := c.pictures.Make(ctx, bytes.NewReader(image))
	if err != nil {
		return 0, 0
	}
	if err := c.media.PutPicture(trackFiles, id.String(), uint64(id), made.Sizes); err != nil {
		c.log.Warn("a tag's picture can't be kept", "track", id, "error", err)
		return 0, 0
	}
	return uint64(id), made.Colour
}

// enter stores a new track, whose files are in place, and queues its analysis.
func (c *Core) enter(tx *db.Tx, t *db.Track, a arrival) error {
	owner, err := c.member(tx, t.User)
	if err != nil {
		return err
	}
	if !a.unmetered {
		quota, err := quotaOf(tx, owner.user)
		if err != nil {
			return err
		}
		if err := quota.room(owner.user, t.Audio.Size); err != nil { // others may have come meanwhile
			return err
		}
	}
	wish := cmp.Or(a.slug, slug(t.Title, maxSlug-6), "track")
	t.Slug, err = unique(wish, func(s string) (bool, error) {
		taken, err := tx.SlugTaken(t.User, s, t.ID)
		return !taken, err
	})
	if err != nil {
		return err
	}
	if err := c.publish(tx, t, a.visibility); err != nil {
		return err
	}
	if err := tx.AddTrack(*t); err != nil {
		return err
	}
	if t.Waveform == db.WaveformPending {
		if err := tx.AddJob(db.Job{ID: tx.NewID(), Kind: analysisOf(*t), Subject: t.ID, Created: c.now()}); err != nil {
			return err
		}
	}
	if a.also != nil {
		return a.also(tx, *t)
	}
	return nil
}

package core

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
	"earshot/media/audio"
	"earshot/media/peaks"
)

// Stream and Peaks are what media makes of a track, for those who may not look
// into that room themselves.
type (
	Stream = media.Stream
	Peaks  = peaks.Peaks
)

// AudioTypes lists the content types of originals.
func AudioTypes() []string { return media.Types() }

// TypeOf is the content type of a track's original, with its codec.
func TypeOf(t db.Track) string { return infoOf(t).Type() }

// ExtOf is the ending of the names of such files, without a dot.
func ExtOf(t db.Track) string { return infoOf(t).Ext() }

func infoOf(t db.Track) audio.Info {
	return audio.Info{Codec: audio.Codec(t.Audio.Codec), InOgg: t.Audio.InOgg}
}

// IsMP3 tells whether there are streams that are made of mp3 alone.
func IsMP3(t db.Track) bool { return t.Audio.Codec == string(audio.MP3) }

// errMissing says that the file behind a record is not there. The record
// stays: the folder may only be unmounted.
var errMissing = fault.New(fault.NotFound, "media.missing", "The sound of this track is missing on the server's disk. Ask the keeper.")

// errNoStream says that a stream is made of mp3 alone.
var errNoStream = fault.New(fault.NotFound, "stream.none", "This track is not MP3. It is played as the file that it is.")

// errNoPeaks says that there is no such waveform, and will be none.
var errNoPeaks = fault.New(fault.NotFound, "peaks.none", "No waveform could be made of this track.")

// errNoPeaksYet says that a waveform is not the server's to make.
var errNoPeaksYet = fault.New(fault.NotFound, "peaks.none", "There is no waveform of this track yet. A browser of its owner's makes it.")

// errNoPicture says that a picture that should be there is not.
var errNoPicture = fault.New(fault.NotFound, "picture.missing", "This picture is missing on the server's disk.")

// Sound is a stream with what its answer needs to know. The caller closes it.
type Sound struct {
	*Stream
	Public   bool   // may be kept by shared caches as long as it is public
	FileName string // a name for saving it

	heard func() // ends that it counts as listened to; nil for what nobody listens to
}

// Close lets go of the stream.
func (s Sound) Close() error {
	if s.heard != nil {
		s.heard()
	}
	return s.Stream.Close()
}

// sound opens something of a track whose sound the asker may hear.
func (c *Core) sound(ctx context.Context, me, id db.ID, may func(asker, db.Track, db.User) error, open func(id string) (*Stream, error)) (Sound, error) {
	var by *listening
	s, err := c.soundOf(ctx, me, id, func(a asker, t db.Track, owner db.User) (err error) {
		if err = may(a, t, owner); err == nil {
			by, err = a.listens(t, owner)
		}
		return err
	}, func(id string) (*Stream, error) {
		if err := c.listen(ctx, by); err != nil {
			return nil, err
		}
		return open(id)
	})
	if err == nil {
		s.heard = c.hearing.begin(c.pace)
	}
	return s, err
}

// soundOf is sound for what nobody listens to.
func (c *Core) soundOf(ctx context.Context, me, id db.ID, may func(asker, db.Track, db.User) error, open func(id string) (*Stream, error)) (Sound, error) {
	var s Sound
	var who asker
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) error {
		who = a
		t, owner, err := c.track(tx, a, id, whole)
		if err != nil {
			return err
		}
		s.Public, s.FileName = t.Visibility == db.Public && !a.outside, fileName(t)
		return may(a, t, owner)
	})
	if err != nil {
		return s, err
	}
	s.Stream, err = open(id.String())
	if errors.Is(err, media.ErrMissing) {
		return s, errMissing.Because(err)
	}
	if errors.Is(err, media.ErrNoStream) {
		return s, errNoStream.Because(err)
	}
	return s, who.turned(translate(err))
}

func mayHear(asker, db.Track, db.User) error { return nil }

// StreamMP4 gives an mp3 as an MP4 that seeks exactly.
func (c *Core) StreamMP4(ctx context.Context, me, id db.ID) (Sound, error) {
	return c.sound(ctx, me, id, mayHear, c.media.StreamMP4)
}

// StreamRaw gives the original bytes, whatever their format.
func (c *Core) StreamRaw(ctx context.Context, me, id db.ID) (Sound, error) {
	return c.sound(ctx, me, id, mayHear, c.media.StreamRaw)
}

// StreamMP3 gives the original bytes of an mp3.
func (c *Core) StreamMP3(ctx context.Context, me, id db.ID) (Sound, error) {
	return c.sound(ctx, me, id, mayHear, c.media.StreamMP3)
}

// StreamFrom gives an mp3 from a time on.
func (c *Core) StreamFrom(ctx context.Context, me, id db.ID, t time.Duration) (Sound, error) {
	return c.sound(ctx, me, id, mayHear, func(id string) (*Stream, error) { return c.media.StreamFrom(id, t) })
}

// Download gives the original file when its owner lets it go.
func (c *Core) Download(ctx context.Context, me, id db.ID) (Sound, error) {
	return c.sound(ctx, me, id, func(a asker, t db.Track, owner db.User) error {
		if !a.downloads(t, owner) {
			return fault.New(fault.Forbidden, "forbidden", "The owner does not offer this track for download.")
		}
		return nil
	}, c.media.StreamRaw)
}

// TrackPicture gives the artwork of a track in one of the fixed sizes.
func (c *Core) TrackPicture(ctx context.Context, me, id db.ID, size int) (Sound, error) {
	var version uint64
	s, err := c.soundOf(ctx, me, id, func(_ asker, t db.Track, _ db.User) error {
		if version = t.Picture; version == 0 {
			return ErrNotFound
		}
		return nil
	}, func(id string) (*Stream, error) { return c.media.Picture(trackFiles, id, version, size) })
	if errors.Is(err, errMissing) {
		err = errNoPicture.Because(err)
	}
	return s, err
}

// UserPicture gives a person's picture in one of the fixed sizes.
func (c *Core) UserPicture(ctx context.Context, me, id db.ID, size int) (Sound, error) {
	return c.userImage(ctx, me, id, size, func(u db.User) uint64 { return u.Picture })
}

// UserBanner gives the wide picture of a profile in one of the fixed widths.
func (c *Core) UserBanner(ctx context.Context, me, id db.ID, width int) (Sound, error) {
	return c.userImage(ctx, me, id, width, func(u db.User) uint64 { return u.Banner })
}

func (c *Core) userImage(ctx context.Context, me, id db.ID, size int, version func(db.User) uint64) (Sound, error) {
	var u db.User
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		u, err = c.profile(tx, a, id)
		return err
	})
	if err != nil {
		return Sound{}, err
	}
	if version(u) == 0 {
		return Sound{}, ErrNotFound
	}
	s := Sound{Public: true}
	s.Stream, err = c.media.Picture(userFiles, id.String(), version(u), size)
	if errors.Is(err, media.ErrMissing) {
		return s, errNoPicture.Because(err)
	}
	return s, translate(err)
}

// Peaks gives the waveform in full, or the fine one.
func (c *Core) Peaks(ctx context.Context, me, id db.ID, fine bool) (*Peaks, error) {
	var t db.Track
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) (err error) {
		t, _, err = c.track(tx, a, id, whole)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case t.Waveform == db.WaveformWanted: // nobody knows when
		return nil, errNoPeaksYet
	case t.Waveform == db.WaveformPending:
		return nil, fault.New(fault.Unavailable, "peaks.pending", "The waveform is still being made.").After(5 * time.Second)
	case t.Waveform == db.WaveformFailed:
		return nil, errNoPeaks
	}
	find := c.media.Peaks
	if fine {
		find = c.media.FinePeaks
	}
	p, err := find(id.String())
	switch {
	case errors.Is(err, media.ErrMissing) && fine: // there was none before, or from a browser
		return nil, errNoPeaks.Because(err)
	case errors.Is(err, media.ErrMissing):
		return nil, errMissing.Because(err)
	}
	return p, translate(err)
}

// fileName is a name under which a track may be saved, as "Artist - Title.mp3".
func fileName(t db.Track) string {
	name := t.Title
	if t.Artist != "" {
		name = t.Artist + " - " + t.Title
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, name)
	return cut(strings.Trim(name, ". "), 120) + "." + infoOf(t).Ext()
}

func megabytes(n int64) string { return strconv.FormatInt(n/1_000_000, 10) + " MB" }

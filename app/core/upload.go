package core

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
	"earshot/media/audio"
	"earshot/media/mp3"
	"earshot/media/picture"
)

// NewUpload is a file that somebody sends.
type NewUpload struct {
	Name       string // what the uploader calls the file; never becomes a path
	Size       int64  // bytes announced, -1 when not known
	Visibility db.Visibility
	Body       io.Reader
}

// Upload takes a file in: it is streamed to disk, its sound is looked at, its
// tags and picture read, and its analysis queued. When Upload returns without
// an error the track is on disk; otherwise nothing of it is left.
func (c *Core) Upload(ctx context.Context, me db.ID, up NewUpload) (TrackView, error) {
	v, err := c.Account(ctx, me)
	if err != nil {
		return TrackView{}, err
	}
	if up.Size > c.limits.Upload {
		return TrackView{}, tooLarge(c.limits.Upload)
	}
	if wait := c.uploads.AllowID(uint64(me)); wait > 0 {
		return TrackView{}, tooOften(wait)
	}
	if err := v.Quota.room(v.User, max(up.Size, 0)); err != nil {
		return TrackView{}, err
	}
	most := v.Quota.left(v.User, c.limits.Upload)
	in, err := c.media.Receive(ctx, up.Body, up.Size, most)
	if errors.Is(err, media.ErrTooLarge) && most < c.limits.Upload {
		return TrackView{}, v.Quota.room(v.User, most+1)
	}
	if err != nil {
		return TrackView{}, c.uploadFault(err)
	}
	defer in.Discard()
	return c.finish(ctx, in, arrival{user: me, name: up.Name, visibility: up.Visibility})
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "upload.too_large", "This file is too large: the limit is "+megabytes(limit)+".")
}

// soundFormats are those that can be converted, by mp3.Sniff's names. What
// media/audio looks into, it names itself.
var soundFormats = []string{
	"CAF", "AU", "WavPack", "Musepack", "TTA", "DSD", "AMR", "DTS", "WMA", "WebM or Matroska", "FLV", "MPEG video",
	"AVI", "AIFF", "AAC", "AC-3", "Monkey's Audio",
}

// baseName is the last part of a path of any system, and empty where there is none.
func baseName(name string) string {
	switch base := path.Base(strings.ReplaceAll(name, `\`, "/")); base {
	case ".", "/":
		return ""
	default:
		return base
	}
}

// properName gives the name of a format that people of any language write so,
// "WAV (ADPCM)", and nothing for what is described in words.
func properName(name string) string {
	first, codec, _ := strings.Cut(name, " with ")
	for _, part := range []string{first, codec} {
		if part != "" && (part[0] < 'A' || part[0] > 'Z') || strings.Contains(part, " of ") {
			return ""
		}
	}
	if codec != "" {
		return first + " (" + codec + ")"
	}
	return name
}

// uploadFault says what is wrong with an uploaded file.
func (c *Core) uploadFault(err error) error {
	var format *mp3.FormatError
	var other *audio.FormatError
	name := ""
	if errors.As(err, &format) {
		name = format.Format
	} else if errors.As(err, &other) {
		name = other.Format
	}
	switch {
	case name == "a video":
		return fault.New(fault.Unsupported, "upload.video", "This file is a video. Export its sound as FLAC or MP3 and upload that.").Because(err)
	case name == "no sound in it":
		return fault.New(fault.Unsupported, "upload.no_sound", "There is no sound in this file. It may be cut off.").Because(err)
	}
	switch {
	case errors.Is(err, media.ErrTooLarge):
		return tooLarge(c.limits.Upload)
	case errors.Is(err, media.ErrRead), errors.Is(err, context.Canceled):
		return fault.New(fault.Invalid, "upload.interrupted", "The upload broke off. Send the file again.").Because(err)
	case errors.Is(err, audio.ErrUnplayable) && name == "":
		return fault.New(fault.Unsupported, "upload.unsupported",
			"This is audio that browsers do not play. Convert it to FLAC or MP3 and upload that.").Because(err)
	case errors.Is(err, audio.ErrUnplayable), slices.Contains(soundFormats, name):
		return fault.New(fault.Unsupported, "upload.unsupported",
			"This file is "+name+", which browsers do not play. Convert it to FLAC or MP3 and upload that.").Naming(properName(name)).Because(err)
	case errors.Is(err, mp3.ErrLayer):
		return fault.New(fault.Unsupported, "upload.layer",
			"This is MPEG audio of Layer I or II, which browsers do not play. Convert it to MP3 (Layer III) and upload that.").Because(err)
	case errors.Is(err, mp3.ErrEmpty), errors.Is(err, audio.ErrEmpty):
		return fault.New(fault.Unsupported, "upload.no_sound", "There is no sound in this file. It may be cut off.").Because(err)
	case errors.Is(err, audio.ErrDamaged):
		return fault.New(fault.Unsupported, "upload.damaged", "This file is damaged: its head makes no sense. Export it again and upload that.").Because(err)
	case name != "":
		return fault.New(fault.Unsupported, "upload.not_audio", "This file is not audio that Earshot knows: it looks like "+name+".").Naming(properName(name)).Because(err)
	case errors.Is(err, mp3.ErrNotAudio), errors.Is(err, mp3.ErrUnsupported), errors.Is(err, audio.ErrNotAudio):
		return fault.New(fault.Unsupported, "upload.not_audio", "This file is not audio that Earshot knows.").Because(err)
	}
	return translate(err)
}

// putPicture makes the sizes of a picture, keeps them under a new version, and
// lets set record it; set gives the version that it replaced. A nil image
// takes the picture away.
func (c *Core) putPicture(ctx context.Context, kind string, id db.ID, image io.Reader,
	set func(tx *db.Tx, version uint64, colour uint32) (old uint64, err error)) error {
	return c.putMade(ctx, kind, id, image, c.pictures.Make, set)
}

// maker makes the sizes of a picture.
type maker func(context.Context, io.Reader) (picture.Result, error)

// putMade is putPicture with sizes of its own.
func (c *Core) putMade(ctx context.Context, kind string, id db.ID, image io.Reader, sizes maker,
	set func(tx *db.Tx, version uint64, colour uint32) (old uint64, err error)) error {
	var made picture.Result
	var err error
	if image != nil {
		if made, err = c.readPicture(ctx, image, sizes); err != nil {
			return err
		}
	}
	next, err := c.newID(ctx)
	if err != nil {
		return err
	}
	if err := c.media.Mark(kind, id.String()); err != nil {
		return translate(err)
	}
	version := uint64(next)
	if image == nil {
		version = 0
	} else if err := c.media.PutPicture(kind, id.String(), version, made.Sizes); err != nil {
		return translate(err)
	}
	var old uint64
	err = c.update(ctx, func(tx *db.Tx) (err error) {
		old, err = set(tx, version, made.Colour)
		return err
	})
	stale := old
	if err != nil {
		stale = version // not recorded, so not needed
	}
	if kind != userFiles && errors.Is(err, ErrNotFound) {
		c.dropFilesOf(kind, id) // deleted meanwhile
		return err
	}
	if stale != 0 {
		if left := c.media.DropPicture(kind, id.String(), stale); left != nil {
			c.log.Warn("a replaced picture is left until the next start", "kind", kind, "id", id, "error", left)
			return err
		}
	}
	c.settled(kind, id)
	return err
}

// readPicture makes the sizes of an image that somebody sends. It waits for its
// end on the disk: in memory, the images of a few slow senders would be too
// much for a small machine.
func (c *Core) readPicture(ctx context.Context, image io.Reader, sizes maker) (picture.Result, error) {
	var made picture.Result
	in, err := c.media.Receive(ctx, image, -1, c.limits.Picture)
	if err == nil {
		defer in.Discard()
		made, err = sizes(ctx, io.NewSectionReader(in, 0, in.Size()))
	}
	var f *fault.Fault
	switch {
	case err == nil || errors.As(err, &f):
		return made, err
	case errors.Is(err, picture.ErrBusy):
		return made, fault.New(fault.Unavailable, "busy", "Too many pictures are being sent at this moment. Try again in a few seconds.").
			After(10 * time.Second).Because(err)
	case errors.Is(err, media.ErrTooLarge), errors.Is(err, picture.ErrTooLarge), errors.Is(err, picture.ErrTooManyPixels):
		return made, fault.New(fault.TooLarge, "picture.too_large",
			"This picture is too large: at most "+megabytes(c.limits.Picture)+" and 25 megapixels.").Because(err)
	case errors.Is(err, picture.ErrNotPicture), errors.Is(err, picture.ErrDamaged):
		return made, fault.New(fault.Unsupported, "picture.invalid",
			"This is not a picture that Earshot can read. Use JPEG, PNG, WebP or GIF.").Because(err)
	case errors.Is(err, context.Canceled), errors.Is(err, media.ErrRead):
		return made, fault.New(fault.Invalid, "upload.interrupted", "The upload broke off. Send the picture again.").Because(err)
	}
	return made, translate(err)
}

// SetTrackPicture replaces the artwork of the asker's track; a nil image takes
// it away.
func (c *Core) SetTrackPicture(ctx context.Context, me, id db.ID, image io.Reader) (TrackView, error) {
	var v TrackView
	err := c.view(ctx, func(tx *db.Tx) error {
		_, _, err := c.ownTrack(tx, me, id)
		return err
	})
	if err != nil {
		return v, err
	}
	err = c.putPicture(ctx, trackFiles, id, image, func(tx *db.Tx, version uint64, colour uint32) (uint64, error) {
		a, t, err := c.ownTrack(tx, me, id)
		if err != nil {
			return 0, err
		}
		old := t.Picture
		t.Picture, t.Colour, t.Updated = version, colour, c.now()
		if err := tx.SetTrack(t); err != nil {
			return 0, err
		}
		v, err = c.viewOf(tx, a, id)
		return old, err
	})
	if err != nil {
		return v, err
	}
	c.tell(v.Track)
	return c.draw(v)[0], nil
}

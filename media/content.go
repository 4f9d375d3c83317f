package media

import (
	"errors"
	"io"
	"os"

	"earshot/media/audio"
	"earshot/media/mp3"
)

// Content is what kind of sound a file holds.
type Content struct {
	audio.Info
	Index *mp3.Index // where its frames are; nil for what is not mp3
	InOgg bool       // FLAC that is in Ogg's pages
}

// Type is the content type of the file, with the codec where the container
// alone does not tell it.
func (c Content) Type() string { return TypeOf(c.Codec, c.InOgg) }

// Ext is how the names of such files end, without a dot.
func (c Content) Ext() string { return ExtOf(c.Codec, c.InOgg) }

// TypeOf is Content.Type of what holds sound of a codec.
func TypeOf(c audio.Codec, inOgg bool) string {
	if c == audio.FLAC && inOgg {
		return "audio/ogg; codecs=flac"
	}
	return c.Type()
}

// ExtOf is Content.Ext of what holds sound of a codec.
func ExtOf(c audio.Codec, inOgg bool) string {
	if c == audio.FLAC && inOgg {
		return audio.Vorbis.Ext()
	}
	return c.Ext()
}

// Identify reads a file of so many bytes and tells what sound it holds, by its
// content alone. Errors are those of mp3.Scan and of audio.Probe.
func Identify(r io.ReaderAt, size int64) (Content, error) {
	x, err := mp3.Scan(r, size)
	if err == nil {
		return contentOf(x), nil
	}
	if !errors.Is(err, mp3.ErrNotAudio) {
		return Content{}, err
	}
	info, other := audio.Probe(r, size)
	if other == nil {
		c := Content{Info: info}
		if info.Codec == audio.FLAC {
			var b [4]byte
			if _, err := r.ReadAt(b[:], 0); err != nil {
				return Content{}, err
			}
			c.InOgg = string(b[:]) == "OggS"
		}
		return c, nil
	}
	if errors.Is(other, audio.ErrNotAudio) {
		// Both know some formats by name that are none of these.
		var named *mp3.FormatError
		if errors.As(err, &named) || !errors.As(other, new(*audio.FormatError)) {
			return Content{}, err
		}
	}
	return Content{}, other
}

// contentOf is the Content of an mp3.
func contentOf(x *mp3.Index) Content {
	return Content{Index: x, Info: audio.Info{
		Codec: audio.MP3, SampleRate: x.SampleRate(), Channels: x.Channels(), Samples: x.Samples(),
		Bitrate: x.Bitrate(), Variable: x.Variable(),
	}}
}

// Sound is the audio of a track, open to be read. The caller closes it.
type Sound struct {
	Content
	Size int64
	*os.File
}

// Sound opens the audio of a track. ErrMissing when it is not there, or is
// another file than the one that was kept.
func (s *Store) Sound(id string) (Sound, error) {
	t, err := s.track(id)
	if err != nil {
		return Sound{}, err
	}
	f, _, err := s.openAudio(t)
	return Sound{Content: t.content, Size: t.size, File: f}, err
}

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
		return Content{Info: info}, nil
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

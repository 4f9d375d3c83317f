package media

import (
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
// content alone. Errors are those of audio.Identify.
func Identify(r io.ReaderAt, size int64) (Content, error) {
	info, x, err := audio.Identify(r, size)
	return Content{Info: info, Index: x}, err
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

// SoundSum is the SHA-256 of the sound alone of a file that Identify gave c
// for: tags, pictures and the layout of its container left out. See audio.Sum.
func SoundSum(r io.ReaderAt, size int64, c Content) ([32]byte, error) {
	return audio.Sum(r, size, c.Info, c.Index)
}

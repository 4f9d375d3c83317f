// Package m4a reads what MP4 files (ISO/IEC 14496-12 and -14) say of the sound
// in them.
package m4a

import (
	"errors"
	"io"
)

// What Open answers. Errors wrap one of these, are an *UnplayableError, or are
// the reader's.
var (
	ErrFormat  = errors.New("not an MP4 file")
	ErrEmpty   = errors.New("MP4 file without a sample in it")
	ErrDamaged = errors.New("MP4 file damaged beyond reading")
)

// UnplayableError says that a file holds something known that browsers don't
// play as sound.
type UnplayableError struct {
	Name string // what people call it, as in "Apple Lossless", "a video"
}

func (e *UnplayableError) Error() string { return "MP4 file with " + e.Name }

// File is what was found in an MP4 file.
type File struct {
	Codec      string // "aac"
	SampleRate int    // Hz, of the decoded sound
	Channels   int    // 1 to 8
	Samples    int64  // of one channel, exactly those that are heard
	Bitrate    int    // bits a second, the average of the sound's bytes
}

// Open reads what the file says of itself. There is no decoder.
func Open(r io.ReaderAt, size int64) (*File, error) { return nil, ErrFormat }

// Tags says where the file's list of tags stands (the content of the ilst box,
// as iTunes writes it): n is 0 where there is none. All errors are those of r.
func Tags(r io.ReaderAt, size int64) (off, n int64, err error) { return 0, 0, nil }

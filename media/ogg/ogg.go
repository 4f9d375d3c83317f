// Package ogg reads Ogg files (RFC 3533) with Vorbis, Opus (RFC 7845) or FLAC
// in them.
package ogg

import (
	"errors"
	"io"
)

// The names of File.Codec.
const (
	Vorbis = "vorbis"
	Opus   = "opus"
	FLAC   = "flac"
)

// What Open and Reader answer. Errors wrap one of these, are an
// *UnplayableError, or are the reader's.
var (
	ErrFormat      = errors.New("not an Ogg file")
	ErrEmpty       = errors.New("Ogg file without a sample in it")
	ErrDamaged     = errors.New("Ogg file damaged beyond reading")
	ErrUndecodable = errors.New("no decoder for this kind of Ogg file")
)

// UnplayableError says that a file holds something known that browsers don't
// play as sound.
type UnplayableError struct {
	Name string // what people call it, as in "Speex", "a video"
}

func (e *UnplayableError) Error() string { return "Ogg file with " + e.Name }

// File is an opened Ogg file.
type File struct {
	Codec      string // Vorbis, Opus or FLAC
	SampleRate int    // Hz; 48000 for Opus
	Channels   int    // 1 to 8
	Samples    int64  // of one channel, exactly those that are heard
	Bitrate    int    // bits a second, the average of the sound's bytes
	Bits       int    // a sample, for FLAC; else 0
}

// Open reads what the file says of itself.
func Open(r io.ReaderAt, size int64) (*File, error) { return nil, ErrFormat }

// Reader gives the sound of a Vorbis or Opus file. For FLAC and for more
// channels than the decoder knows it answers ErrUndecodable.
func (f *File) Reader() (*Reader, error) { return nil, ErrUndecodable }

// FLAC gives the stream of a FLAC file as it would stand outside of Ogg, from
// "fLaC" on.
func (f *File) FLAC() io.Reader { return nil }

// Comments gives the comment header of the file's sound without what its codec
// puts around it, at most limit bytes of it: nil where there is none. All
// errors are those of r.
func Comments(r io.ReaderAt, size int64, limit int) ([]byte, error) { return nil, nil }

// Reader gives sound as samples, once, from its beginning to its end.
type Reader struct{}

// SampleRate is in Hz.
func (r *Reader) SampleRate() int { return 0 }

// Channels is 1 to 8.
func (r *Reader) Channels() int { return 0 }

// Read fills dst with whole rounds of samples of all channels, at least one,
// full scale being ±1. At the end it gives 0 and io.EOF.
func (r *Reader) Read(dst []float32) (int, error) { return 0, io.EOF }

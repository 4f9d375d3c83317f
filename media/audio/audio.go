// Package audio tells what kind of sound a file holds, by its content, and
// reads it as samples.
package audio

import (
	"errors"
	"time"
)

// Reader gives sound as samples, once, from its beginning to its end.
type Reader interface {
	SampleRate() int // Hz
	Channels() int   // 1 to 8
	// Read fills dst with samples of all channels in turn, full scale being
	// ±1, and says how many values it gave: whole rounds of all channels, at
	// least one. At the end that is 0, with io.EOF. What can't be decoded is
	// silence of the same length.
	Read(dst []float32) (n int, err error)
}

// Codec is how sound is written in a file that is kept as it is.
type Codec string

// The codecs.
const (
	MP3    Codec = "mp3"
	WAV    Codec = "wav"    // PCM, or floating point
	FLAC   Codec = "flac"   // in its own container or in Ogg
	Vorbis Codec = "vorbis" // in Ogg
	Opus   Codec = "opus"   // in Ogg
	AAC    Codec = "aac"    // in MP4 (M4A)
)

// Info is what a file says of its sound, and what was counted where it says
// nothing, or something wrong.
type Info struct {
	Codec      Codec
	SampleRate int   // Hz; that of the decoded sound, 48000 for Opus
	Channels   int   // 1 to 8
	Samples    int64 // of one channel, exactly those that are heard
	Bitrate    int   // bits a second, the average of the sound's bytes
	Bits       int   // a sample, where samples are written as numbers (WAV, FLAC); else 0
	Variable   bool  // its parts differ in bit rate
	InOgg      bool  // FLAC that is in Ogg's pages
}

// Duration is how long Samples last, to the nanosecond below.
func (i Info) Duration() time.Duration {
	rate := int64(i.SampleRate)
	return time.Duration(i.Samples/rate)*time.Second + time.Duration(i.Samples%rate)*time.Second/time.Duration(rate)
}

// What Probe and Open answer. Errors wrap one of these, or are the reader's.
var (
	// ErrNotAudio: no sound that is known. A *FormatError wraps it where the
	// format has a name.
	ErrNotAudio = errors.New("not audio that is known")
	// ErrUnplayable: sound in a known container that browsers don't play, such
	// as Apple Lossless or ADPCM. A *FormatError wraps it.
	ErrUnplayable = errors.New("audio that browsers don't play")
	// ErrEmpty: a known format without a sample in it.
	ErrEmpty = errors.New("no sound in the file")
	// ErrDamaged: a known format whose heads make no sense.
	ErrDamaged = errors.New("damaged beyond reading")
	// ErrUndecodable: it plays, but there is no decoder for it here (AAC).
	ErrUndecodable = errors.New("no decoder for this kind of audio")
)

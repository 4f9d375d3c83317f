// Package mp3 finds the frames of an MPEG Layer III file, once, and keeps
// where each of them stands in an Index of about a byte a frame.
//
// The index answers what playing to the exact moment needs: how long the file
// really is, which bytes make up which frame, what the encoder put in front
// and behind, and how far back a frame reaches into the bit reservoir. It
// decodes no sound.
//
// Formats: ISO/IEC 11172-3 (MPEG-1), ISO/IEC 13818-3 (MPEG-2, half the
// rates) and the MPEG-2.5 extension (a quarter). Tags around and between the
// frames are stepped over; see skipTags and trimTags for which.
package mp3

import "errors"

// What Scan and UnmarshalBinary refuse. Returned errors wrap one of these.
var (
	// ErrNotAudio: no MPEG audio was found. A *FormatError wraps it when the
	// bytes are of another known format.
	ErrNotAudio = errors.New("not an mp3 file")
	// ErrLayer: MPEG audio, but of Layer I or II.
	ErrLayer = errors.New("MPEG audio of layer I or II, not layer III")
	// ErrEmpty: no whole frame to play: zero bytes, tags only, or cut off
	// before the first frame ends.
	ErrEmpty = errors.New("no audio in the file")
	// ErrUnsupported: Layer III, but beyond the limits kept here.
	ErrUnsupported = errors.New("mp3 file beyond the limits")
	// ErrIndex: bytes that are not a frame index this program wrote.
	ErrIndex = errors.New("not a valid frame index")
)

// FormatError says that the file is of a known format that is not mp3. It
// wraps ErrNotAudio.
type FormatError struct {
	Format string // a short name as people know it, such as "FLAC"; see Sniff
}

func (e *FormatError) Error() string { return "not an mp3 file but " + e.Format }

// Unwrap gives ErrNotAudio.
func (e *FormatError) Unwrap() error { return ErrNotAudio }

// DecoderDelay is the number of samples that every Layer III decoder is late
// by (528 for the hybrid filter bank, and one). The delay of an encoder's tag
// does not hold it, so players skip Delay() + DecoderDelay at the start.
const DecoderDelay = 529

// Limits. A file beyond them is answered with ErrUnsupported.
const (
	// maxFrames is 60 hours at 44.1 kHz, and 8 MiB of index.
	maxFrames = 1 << 23
	// maxRuns bounds how often the chain of frames may break. A recorded
	// web radio stream with a metadata block every 16 KiB stays under it up
	// to 1 GiB.
	maxRuns = 1 << 16
)

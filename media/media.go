// Package media keeps audio, pictures and waveforms as files on disk and makes
// streams of them: the file as it is, and of an mp3 also the same frames as an
// MP4 that browsers seek exactly, and the sound from a given moment on.
//
// What lies in the store's folder:
//
//	incoming/<random>                         being received
//	tracks/<id>/audio.<ext>                   the original, never changed: mp3, wav, flac, ogg, opus or m4a; absent where it is elsewhere
//	tracks/<id>/frames.idx                    its fingerprint, and what is known of its sound: of an mp3 the frame index
//	tracks/<id>/peaks                         its waveform
//	tracks/<id>/peaks-fine                    the same with ten columns a second
//	tracks/<id>/picture-<version>-<size>.jpg  its artwork
//	users/<id>/picture-<version>-<size>.jpg   a person's picture
//	lists/<id>                                a list of tracks that is still to be taken in
//
// Everything but the originals, and the waveforms of those in AAC, can be made
// again. What an original holds is told by its content alone. Each file is
// written under a temporary name, synced and renamed, and its folder synced, so
// that a file of a final name is whole; a Batch, which writes those of many
// tracks, does without, and syncs once before they are anybody's. Names come from ids and numbers alone,
// never from what people type, and symbolic links are not followed.
//
// An original may also lie elsewhere (Place), in a folder that is only read.
package media

import "errors"

// What the store answers.
var (
	// ErrMissing: the file is gone, or is not the one that was stored.
	ErrMissing = errors.New("media file missing")
	// ErrNoStream: the sound is not mp3, and this stream is made of mp3 alone.
	ErrNoStream = errors.New("no such stream of this kind of sound")
	// ErrFull: no space is left, or would be.
	ErrFull = errors.New("no space left on the disk")
	// ErrTooLarge: more bytes than are allowed.
	ErrTooLarge = errors.New("file too large")
	// ErrBusy: more files are open than the system allows; try again later.
	ErrBusy = errors.New("too many open files")
	// ErrRead: whoever sends the file broke off.
	ErrRead = errors.New("incoming file broke off")
)

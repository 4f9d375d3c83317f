// Package analysis measures sound: its waveform, loudness, peaks, tempo, and
// the silence at its ends.
package analysis

import (
	"time"

	"earshot/media/peaks"
)

// Result is what is found out about a track.
type Result struct {
	Peaks *peaks.Peaks // at most peaks.MaxColumns columns
	Fine  *peaks.Peaks // ten columns a second
	Measures
}

// Measures are the numbers of a Result.
type Measures struct {
	// Exact says that all samples were decoded. Otherwise loudness, range and
	// silence are estimates from the frequency domain, and TruePeak is not
	// known.
	Exact      bool
	Loudness   float64       // integrated, LUFS (ITU-R BS.1770-4); loudness.Silence where nothing is above its gate
	Range      float64       // LU (EBU Tech 3342)
	TruePeak   float64       // dBTP (BS.1770-4, annex 2); loudness.Silence for digital silence
	Tempo      float64       // beats a minute; 0 where it is not sure
	Confidence float64       // of the tempo, 0 to 1, also where it is not given
	Lead, Tail time.Duration // silence at the start and at the end
	Holes      int           // frames that could not be decoded
}

package analysis

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"earshot/media/mp3/mp3test"
)

// Whatever the bytes, both ways end, with measures that are numbers and
// waveforms that can be kept.
func FuzzMeasure(f *testing.F) {
	for _, form := range []mp3test.Format{
		{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint, Fill: 3}, {SampleRate: 8000, Bitrate: 8, Mode: mp3test.Mono}, {SampleRate: 22050, Bitrate: 64, Mode: mp3test.Stereo},
	} {
		f.Add(slices.Concat(form.Xing(64, mp3test.Info{Frames: 9, Encoder: "LAME3.100", Delay: 576, Padding: 900}), form.Build(mp3test.Tones(loud, 8)...)))
		f.Add(form.Build(form.Uneven(12, 5)...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var results []*Result
		full, err := s.Full(t.Context(), nil)
		if err == nil {
			results = append(results, full)
		}
		if s.x != nil {
			if err != nil && !errors.Is(err, ErrUndecodable) {
				t.Error(err)
			}
			res, sure, err := quick(t.Context(), s.r, s.x, throttle(nil))
			if err != nil && !errors.Is(err, ErrUndecodable) {
				t.Error(err)
			} else if sure {
				results = append(results, res)
			}
		}
		for _, r := range results {
			for _, v := range []float64{r.Loudness, r.Range, r.TruePeak, r.Tempo, r.Confidence} {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("measured %+v", r.Measures)
				}
			}
			if _, err := r.Peaks.MarshalBinary(); err != nil {
				t.Error(err)
			}
			if _, err := r.Fine.MarshalBinary(); err != nil {
				t.Error(err)
			}
		}
	})
}

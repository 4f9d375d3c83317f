package analysis

import (
	"runtime"
	"testing"

	"earshot/media/layer3"
	"earshot/media/mp3/mp3test"
)

// most is how much larger the heap gets while f runs, which calls what it is
// given now and then.
func most(f func(look func(float64))) int64 {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	largest := before.HeapInuse
	f(func(float64) {
		runtime.ReadMemStats(&now)
		largest = max(largest, now.HeapInuse)
	})
	return int64(largest) - int64(before.HeapInuse)
}

// A file of 2 GB takes as little memory as a short one, but for its waveform.
func TestMemory(t *testing.T) { // alone, as it looks at the heap of all
	for _, tt := range []struct {
		name  string
		f     mp3test.Format
		bytes int64
		limit int64
		full  bool
	}{
		{"more than 2 GiB, 15 hours", mp3test.Format{SampleRate: 44100, Bitrate: 320, Mode: mp3test.Joint}, 2<<30 + 1e6, 32 << 20, false},
		{"60 hours of few bytes", mp3test.Format{SampleRate: 8000, Bitrate: 8, Mode: mp3test.Mono}, 216e6, 48 << 20, false},
		{"half an hour, decoded", mp3test.Format{SampleRate: 44100, Bitrate: 320, Mode: mp3test.Joint}, 72e6, 16 << 20, true},
	} {
		if testing.Short() && tt.bytes > 1e8 {
			continue
		}
		body := tt.f.Build(mp3test.Tones(quiet, 1000)...)
		r := mp3test.Repeated{Body: body, Times: tt.bytes / int64(len(body))}
		took := most(func(look func(float64)) {
			x := scan(t, r, r.Size())
			var err error
			if tt.full {
				_, err = Full(t.Context(), layer3.NewReader(r, x), x.Samples(), look)
			} else {
				_, _, err = quick(t.Context(), r, x, throttle(look))
			}
			if err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%s: %.1f MB", tt.name, float64(took)/1e6)
		if took > tt.limit {
			t.Errorf("%s took %d bytes, want at most %d", tt.name, took, tt.limit)
		}
	}
}

package loudness

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"earshot/media/mediatest"
)

func TestEqualsFFmpeg(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "ffmpeg", "sox", "espeak-ng")
	sox := func(format string, effects ...string) func(t *testing.T) string {
		return func(t *testing.T) string {
			out := filepath.Join(t.TempDir(), "sound.wav")
			mediatest.Run(t, nil, "sox", append(append(strings.Fields("-R -n -e float -b 32 "+format), out), strings.Fields(strings.Join(effects, " "))...)...)
			return out
		}
	}
	speech := func(rate, channels int, effects string) func(t *testing.T) string {
		return func(t *testing.T) string {
			said := mediatest.Run(t, nil, "espeak-ng", "--stdout", "-s", "150", strings.Repeat("The ear hears soft and loud things. It is not fooled by a whale, nor by silence; and what it hears it tells. ", 3))
			out := filepath.Join(t.TempDir(), "speech.wav")
			arguments := append([]string{"-R", "-t", "wav", "-", "-e", "float", "-b", "32", "-r", fmt.Sprint(rate), "-c", fmt.Sprint(channels), out}, strings.Fields(effects)...)
			mediatest.Run(t, said, "sox", arguments...)
			return out
		}
	}
	made := func(rate, channels int, seconds, db float64, seed uint64) func(t *testing.T) string {
		return func(t *testing.T) string { return wav(t, music(rate, channels, seconds, db, seed), rate, channels) }
	}
	// ffmpeg also takes the first windows of 3 s, which are not full yet, into
	// the range. Where that shows, silence before the sound makes them the same.
	for name, c := range map[string]struct {
		rate, channels int
		file           func(t *testing.T) string
	}{
		"1 kHz":            {48000, 2, sox("-r 48000 -c 2", "synth 20 sine 1000 gain -23")},
		"mono tone":        {44100, 1, sox("-r 44100 -c 1", "synth 20 sine 440 gain -6")},
		"low tone":         {44100, 2, sox("-r 44100 -c 2", "synth 20 sine 45 gain -6")},
		"high tone":        {44100, 2, sox("-r 44100 -c 2", "synth 20 sine 15000 gain -6 fade 0.1 20 0.1")},
		"sweep":            {44100, 2, sox("-r 44100 -c 2", "synth 40 sine 20-20000 gain -3 fade 0.1 40 0.1")},
		"white noise":      {44100, 2, sox("-r 44100 -c 2", "synth 12 whitenoise gain -10")},
		"pink noise":       {48000, 2, sox("-r 48000 -c 2", "synth 12 pinknoise gain -3")},
		"brown noise mono": {32000, 1, sox("-r 32000 -c 1", "synth 12 brownnoise gain -3")},
		"noise 96 kHz":     {96000, 2, sox("-r 96000 -c 2", "synth 20 pinknoise gain -6")},
		"noise 8 kHz":      {8000, 1, sox("-r 8000 -c 1", "synth 12 pinknoise gain -6")},
		"noise 11 kHz":     {11025, 2, sox("-r 11025 -c 2", "synth 30 whitenoise gain -12")},
		"noise 22 kHz":     {22050, 1, sox("-r 22050 -c 1", "synth 12 pinknoise gain -20")},
		"plucked strings":  {44100, 2, sox("-r 44100 -c 2", "synth 1.5 pluck C3 pluck G3 repeat 20 fade 0 33 5 gain -1 pad 3")},
		"tremolo":          {44100, 2, sox("-r 44100 -c 2", "synth 40 sawtooth 220 tremolo 0.1 95 gain -8")},
		"noise with gaps":  {44100, 1, sox("-r 44100 -c 1", "synth 4 pinknoise gain -8 pad 0 6 repeat 5")},
		"very quiet":       {44100, 2, sox("-r 44100 -c 2", "synth 12 pinknoise gain -48")},
		"clipped":          {44100, 2, sox("-r 44100 -c 2", "synth 12 brownnoise overdrive 20 gain -n -0.1")},
		"square":           {48000, 2, sox("-r 48000 -c 2", "synth 20 square 441 gain -6")},
		"speech":           {22050, 1, speech(22050, 1, "")},
		"speech stereo":    {44100, 2, speech(44100, 2, "gain -n -1 reverb 40")},
		"speech 16 kHz":    {16000, 1, speech(16000, 1, "gain -20")},
		"music":            {44100, 2, made(44100, 2, 22, -4, 1)},
		"loud music":       {48000, 2, made(48000, 2, 22, 6, 2)},
		"music mono":       {24000, 1, made(24000, 1, 22, -10, 3)},
		"music 88.2 kHz":   {88200, 2, made(88200, 2, 12, -4, 4)},
		"music 192 kHz":    {192000, 2, made(192000, 2, 8, -4, 5)},
		"music 5.1":        {48000, 6, made(48000, 6, 12, -8, 6)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := c.file(t)
			samples := decoded(t, file)
			got, want := measure(samples, c.rate, c.channels), ffmpeg(t, file)
			t.Logf("%6.0f s: %8.3f LUFS (%+.3f), range %6.3f (%+.3f), true peak %7.3f (%+.3f)", float64(len(samples)/c.channels)/float64(c.rate),
				got.integrated, got.integrated-want.integrated, got.lra, got.lra-want.lra, got.truePeak, got.truePeak-want.truePeak)
			if !(math.Abs(got.integrated-want.integrated) <= 0.02) {
				t.Errorf("integrated: %.3f, ffmpeg says %.3f", got.integrated, want.integrated)
			}
			if !(math.Abs(got.lra-want.lra) <= 0.15) {
				t.Errorf("range: %.3f, ffmpeg says %.3f", got.lra, want.lra)
			}
			if !(math.Abs(got.truePeak-want.truePeak) <= 0.1) {
				t.Errorf("true peak: %.3f, ffmpeg says %.3f", got.truePeak, want.truePeak)
			}
		})
	}
}

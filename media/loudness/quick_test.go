package loudness

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/media/layer3"
	"earshot/media/mediatest"
	"earshot/media/mp3"
)

func layoutsAt(rate int) (list []Layout) {
	for l := layer3.Long; l <= layer3.Mixed; l++ {
		list = append(list, Layout{layer3.Edges(rate, l), layer3.LineWidth(rate, l)})
	}
	return list
}

// quick measures an MP3 file in the frequency domain.
func quick(t *testing.T, file string) (s *Spectral) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	x, err := mp3.Scan(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	layouts := layoutsAt(x.SampleRate())
	skip := int64(0)
	if x.Tagged() {
		skip = int64(x.Delay() + mp3.DecoderDelay)
	}
	s = NewSpectral(x.SampleRate(), layouts, skip, x.Samples())
	energies := layer3.NewEnergies(bytes.NewReader(b), x)
	for {
		var e layer3.Energy
		if err := energies.Next(&e); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		s.Add(int(e.Layout), e.Bands[:], e.Low[:])
	}
	if energies.Holes() > 0 {
		t.Errorf("%d holes", energies.Holes())
	}
	return s
}

// The loudness of the frequency domain against that of the samples, which
// equals ffmpeg's: TestEqualsFFmpeg.
func TestQuickIsNearlyExact(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "lame", "sox", "espeak-ng", "ffmpeg")
	dir := t.TempDir()
	sounds := map[string]string{}
	sox := func(name, format string, effects string) {
		sounds[name] = filepath.Join(dir, name+".wav")
		mediatest.Run(t, nil, "sox", strings.Fields("-R -n -b 16 "+format+" "+sounds[name]+" "+effects)...)
	}
	made := func(name string, rate, channels int, db float64, seed uint64) {
		from := wav(t, music(rate, channels, 30, db, seed), rate, channels)
		sounds[name] = filepath.Join(dir, name+".wav")
		mediatest.Run(t, nil, "sox", "-R", from, "-b", "16", sounds[name])
	}
	sox("pink", "-r 44100 -c 2", "synth 20 pinknoise gain -6")
	sox("gaps", "-r 44100 -c 2", "synth 4 pinknoise gain -8 pad 1.5 6 repeat 2")
	sox("pluck", "-r 44100 -c 2", "synth 0.5 pluck C3 pluck G3 repeat 39 gain -2")
	sox("bass", "-r 44100 -c 2", "synth 20 sine 55 sine 82 tremolo 2 80 gain -4")
	sox("tremolo", "-r 48000 -c 2", "synth 20 sawtooth 220 tremolo 0.1 90 gain -8")
	sox("square", "-r 44100 -c 2", "synth 20 square 330 tremolo 0.3 90 gain -8")
	sox("whale", "-r 44100 -c 1", "synth 20 sine 14 tremolo 0.2 90 gain -4")
	sox("sweep", "-r 44100 -c 2", "synth 20 sine 60/15000 gain -6")
	made("song", 44100, 2, -4, 1)
	made("loud", 44100, 2, 6, 2)
	made("mono", 44100, 1, -10, 3)
	made("song48", 48000, 2, -4, 4)
	made("song32", 32000, 2, -4, 5)
	made("song24", 24000, 2, -4, 6)
	said := mediatest.Run(t, nil, "espeak-ng", "--stdout", "-s", "150", strings.Repeat("The ear hears soft and loud things. It is not fooled by a whale, nor by silence; and what it hears it tells. ", 3))
	sounds["speech"] = filepath.Join(dir, "speech.wav")
	mediatest.Run(t, said, "sox", "-R", "-t", "wav", "-", "-r", "44100", sounds["speech"], "gain", "-n", "-2")

	for _, c := range []struct{ sound, options string }{
		{"pink", "-b 128"}, {"pink", "-V 2"}, {"gaps", "-b 192"}, {"pluck", "-V 4"},
		{"bass", "-b 128"}, {"bass", "-V 2 -m j"}, {"tremolo", "-b 160"}, {"sweep", "-b 192"}, {"square", "-b 160"}, {"whale", "-b 128"},
		{"song", "-b 128"}, {"song", "-V 0"}, {"song", "-b 64 -m m"}, {"song", "-b 96 -m s"}, {"song", "--abr 140 -p"},
		{"song", "-b 160 --noshort"}, {"song", "-b 56 --resample 22.05"}, {"song", "-b 32 --resample 11.025"}, {"song", "-b 16 -m m --resample 8"},
		{"loud", "-b 128"}, {"loud", "-V 5"}, {"mono", "-b 96"}, {"song48", "-b 128"}, {"song48", "-V 4"},
		{"song32", "-b 112"}, {"song24", "-b 64"}, {"speech", "-b 64"}, {"speech", "-V 5"},
	} {
		t.Run(c.sound+" "+c.options, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "sound.mp3")
			mediatest.Run(t, nil, "lame", append(append([]string{"--silent", "-q", "7"}, strings.Fields(c.options)...), sounds[c.sound], file)...)
			s := quick(t, file)
			integrated, lra, doubt := s.Result()
			samples := decoded(t, file)
			rate, channels := stream(t, file)
			want := measure(samples, rate, channels)
			ends := NewEnds(rate, channels)
			ends.Add(samples)
			lead, tail := s.Ends()
			wantLead, wantTail := ends.Result()
			t.Logf("%-28s %8.3f LUFS (%+.3f; doubt %.3f), range %6.3f (%+.3f), ends %v %v (%v %v)", c.sound+" "+c.options,
				integrated, integrated-want.integrated, doubt, lra, lra-want.lra, lead, tail, (lead - wantLead).Round(time.Millisecond), (tail - wantTail).Round(time.Millisecond))
			if (doubt > Doubtful) != (c.sound == "whale") {
				t.Errorf("a doubt of %.3f", doubt)
			}
			if c.sound == "whale" {
				return
			}
			if (lead-wantLead).Abs() > 40*time.Millisecond || (tail-wantTail).Abs() > 40*time.Millisecond {
				t.Errorf("silent for %v and %v, want %v and %v", lead, tail, wantLead, wantTail)
			}
			off := 0.2
			if rate < 16000 {
				off = 0.8 // a granule is nearly a step long, so nothing is estimated there
			}
			if math.Abs(lra-want.lra) > off {
				t.Errorf("range: %.3f, want %.3f", lra, want.lra)
			}
			if math.Abs(integrated-want.integrated) > 0.1 {
				t.Errorf("integrated: %.3f, want %.3f", integrated, want.integrated)
			}
		})
	}
}

func stream(t *testing.T, file string) (rate, channels int) {
	t.Helper()
	out := mediatest.Run(t, nil, "ffprobe", "-v", "error", "-show_entries", "stream=sample_rate,channels", "-of", "default=nw=1:nk=1", file)
	if _, err := fmt.Sscan(string(out), &rate, &channels); err != nil {
		t.Fatal(err)
	}
	return rate, channels
}

package mp3

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	tcolgate "github.com/tcolgate/mp3"

	"earshot/media/mediatest"
	"earshot/media/mp3/mp3test"
)

// sound gives little-endian 16-bit samples of a falling and swelling tone with
// quiet stretches, so that variable bit rates vary.
func sound(rate, channels, samples int) []byte {
	b := make([]byte, 0, 2*channels*samples)
	phase, noise := 0.0, uint32(1)
	for i := range samples {
		at := float64(i) / float64(rate)
		phase += 2 * math.Pi * (200 + 0.2*float64(rate)*math.Abs(math.Sin(3*at))) / float64(rate)
		level := 12000 * max(0, math.Sin(5*at))
		for c := range channels {
			noise = noise*1664525 + 1013904223
			v := level*math.Sin(phase+float64(c)) + level*float64(int32(noise))/math.MaxInt32/3
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(v)))
		}
	}
	return b
}

// walked gives the sizes of the frames that tcolgate/mp3 finds.
func walked(t *testing.T, file []byte) []int {
	t.Helper()
	var sizes []int
	d := tcolgate.NewDecoder(bytes.NewReader(file))
	for {
		var f tcolgate.Frame
		var skipped int
		switch err := d.Decode(&f, &skipped); {
		case errors.Is(err, io.EOF):
			return sizes
		case err != nil:
			t.Fatal(err)
		case skipped > 0:
			t.Fatalf("skipped %d bytes behind %d frames", skipped, len(sizes))
		}
		sizes = append(sizes, f.Size())
	}
}

// TestAgainstWalker: on clean files of all kinds an independent walker finds
// the same frames.
func TestAgainstWalker(t *testing.T) {
	t.Parallel()
	for _, hz := range []int{44100, 48000, 32000, 22050, 24000, 16000, 11025, 12000, 8000} {
		for mode := range mp3test.Mono + 1 {
			f := mp3test.Format{SampleRate: hz, Mode: mode, CRC: mode%2 == 0}
			file := f.Build(f.Uneven(200, uint64(hz))...)
			x, err := scan(file)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := slices.Collect(x.Sizes()), walked(t, file); !slices.Equal(got, want) {
				t.Errorf("%d Hz, mode %d: got %v, want %v", hz, mode, got, want)
			}
		}
	}
}

// TestAgainstLAME encodes with LAME at every sampling rate, in every mode and
// kind of bit rate, with and without its header, and holds the index against
// the number of samples that went in, that mpg123 decodes, and the frames that
// another walker finds.
func TestAgainstLAME(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "lame", "mpg123")
	kinds := map[string][]string{
		"cbr": {"--cbr", "-b", "64"},
		"abr": {"--abr", "40"},
		"vbr": {"-V", "4"},
		"crc": {"-V", "2", "-p"},
	}
	modes := []string{"m", "j", "s"}
	for i, rate := range []int{44100, 48000, 32000, 22050, 24000, 16000, 11025, 12000, 8000} {
		for kind, args := range kinds {
			mode := modes[(i+len(kind)+int(kind[0]))%3]
			for _, tagged := range []bool{true, false} {
				t.Run(fmt.Sprint(rate, "/", kind, "/", mode, "/", tagged), func(t *testing.T) {
					t.Parallel()
					channels := 2
					if mode == "m" {
						channels = 1
					}
					samples := rate + 1234 + i*77
					khz := strconv.FormatFloat(float64(rate)/1000, 'f', -1, 64)
					args := slices.Concat([]string{"--quiet", "-r", "--signed", "--bitwidth", "16", "-s", khz, "--resample", khz, "-m", mode}, args)
					if !tagged {
						args = append(args, "-t")
					}
					name := filepath.Join(t.TempDir(), "a.mp3")
					mediatest.Run(t, sound(rate, channels, samples), "lame", append(args, "-", name)...)
					file, err := os.ReadFile(name)
					if err != nil {
						t.Fatal(err)
					}
					x, err := scan(file)
					if err != nil {
						t.Fatal(err)
					}
					checkSound(t, x)
					if x.Tagged() != tagged || x.SampleRate() != rate || x.Channels() != channels || x.Damaged() || x.Cut() {
						t.Errorf("tagged %v, %d Hz, %d channels, damaged %v, cut %v", x.Tagged(), x.SampleRate(), x.Channels(), x.Damaged(), x.Cut())
					}
					if tagged && (x.Promised() != x.Frames() || x.Samples() != int64(samples)) {
						t.Errorf("%d frames of %d, %d samples of %d", x.Frames(), x.Promised(), x.Samples(), samples)
					}
					sizes := slices.Collect(x.Sizes())
					if tagged {
						sizes = slices.Insert(sizes, 0, int(x.FrameOffset(0)))
					}
					if want := walked(t, file); !slices.Equal(sizes, want) {
						t.Errorf("frames %v, want %v", sizes, want)
					}
					heard := len(mediatest.Run(t, nil, "mpg123", "-q", "-s", "-e", "s16", name)) / 2 / channels
					if int64(heard) != x.Samples() {
						t.Errorf("%d samples, mpg123 plays %d", x.Samples(), heard)
					}
					// What is cut off the start must still play whole.
					first := x.Frames() / 2
					head, err := InfoHeader(x, first, 1105, x.Padding())
					if err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(name, append(head, file[x.FrameOffset(first):]...), 0o600); err != nil {
						t.Fatal(err)
					}
					// A decoder is late, so that much is lost where less was padded.
					want := (x.Frames()-first)*x.SamplesPerFrame() - 1105 - max(x.Padding(), DecoderDelay)
					heard = len(mediatest.Run(t, nil, "mpg123", "-q", "-s", "-e", "s16", name)) / 2 / channels
					if heard != want {
						t.Errorf("from frame %d mpg123 plays %d samples, want %d", first, heard, want)
					}
				})
			}
		}
	}
}

// TestLead: from Lead(i) frames before it on, frame i and all that follow
// sound exactly as they do within the whole file.
func TestLead(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "lame", "mpg123")
	for _, tt := range []struct {
		rate, channels int
		args           []string
	}{
		{44100, 2, []string{"--cbr", "-b", "128"}},
		{44100, 2, []string{"-V", "4"}},
		{48000, 1, []string{"-V", "7"}},
		{32000, 2, []string{"--abr", "80"}},
		{24000, 2, []string{"-V", "6"}},
		{22050, 1, []string{"--cbr", "-b", "32"}},
		{11025, 2, []string{"-V", "5"}},
		{8000, 1, []string{"--abr", "20"}},
	} {
		t.Run(fmt.Sprint(tt.rate, tt.args), func(t *testing.T) {
			t.Parallel()
			khz := strconv.FormatFloat(float64(tt.rate)/1000, 'f', -1, 64)
			name := filepath.Join(t.TempDir(), "a.mp3")
			mode := []string{"", "m", "j"}[tt.channels]
			args := slices.Concat([]string{"--quiet", "-r", "--signed", "--bitwidth", "16", "-s", khz, "--resample", khz, "-m", mode, "-t"}, tt.args, []string{"-", name})
			mediatest.Run(t, sound(tt.rate, tt.channels, 4*tt.rate), "lame", args...)
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			x, err := scan(file)
			if err != nil {
				t.Fatal(err)
			}
			decode := func(first int) []byte {
				if err := os.WriteFile(name, file[x.FrameOffset(first):], 0o600); err != nil {
					t.Fatal(err)
				}
				return mediatest.Run(t, nil, "mpg123", "-q", "-s", "-e", "f32", name)
			}
			whole := decode(0)
			frame := x.SamplesPerFrame() * tt.channels * 4
			short := false // one frame less was too few somewhere
			for i := 3; i < x.Frames(); i += 1 + x.Frames()/12 {
				first := i - x.Lead(i)
				part := decode(first)
				if len(part) != len(whole)-first*frame {
					t.Fatalf("from frame %d: %d bytes of sound, want %d", first, len(part), len(whole)-first*frame)
				}
				// Rounding may differ in the last bits of a float, a thirtieth of
				// a 16-bit step.
				if got := apart(part[(i-first)*frame:], whole[i*frame:]); got > 1e-6 {
					t.Errorf("frame %d, led by %d, differs by %g", i, i-first, got)
				}
				late := decode(first + 1)
				short = short || apart(late[(i-first-1)*frame:], whole[i*frame:]) > 1e-6
			}
			if !short {
				t.Error("one frame less would do everywhere")
			}
		})
	}
}

// apart gives the largest difference of two sounds in 32-bit floats.
func apart(a, b []byte) (most float64) {
	at := func(b []byte, i int) float64 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b[i:])))
	}
	for i := 0; i < len(a); i += 4 {
		most = max(most, math.Abs(at(a, i)-at(b, i)))
	}
	return most
}

// TestAgainstFFmpeg: ffmpeg's own header is read, and it trims what ours says.
func TestAgainstFFmpeg(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "ffmpeg")
	const rate, samples = 44100, 100_000
	name := filepath.Join(t.TempDir(), "a.mp3")
	pcm := []string{"-v", "error", "-f", "s16le", "-ar", "44100", "-ac", "2", "-i", "-"}
	mediatest.Run(t, sound(rate, 2, samples), "ffmpeg", append(pcm, "-c:a", "libmp3lame", "-q:a", "5", "-id3v2_version", "4", name)...)
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	x, err := scan(file)
	if err != nil {
		t.Fatal(err)
	}
	if !x.Tagged() || x.Promised() != x.Frames() || x.Samples() != samples {
		t.Errorf("tagged %v, %d frames of %d, %d samples of %d", x.Tagged(), x.Frames(), x.Promised(), x.Samples(), samples)
	}
	for _, trim := range [][2]int{{576, 600}, {1105, 529}, {4095, 4095}} {
		first := 20
		head, err := InfoHeader(x, first, trim[0], trim[1])
		if err != nil {
			t.Fatal(err)
		}
		// It trims the end of files only, not of pipes.
		if err := os.WriteFile(name, append(head, file[x.FrameOffset(first):]...), 0o600); err != nil {
			t.Fatal(err)
		}
		out := mediatest.Run(t, nil, "ffmpeg", "-v", "error", "-i", name, "-f", "s16le", "-")
		want := (x.Frames()-first)*1152 - trim[0] - trim[1]
		if got := len(out) / 4; got != want {
			t.Errorf("delay %d, padding %d: ffmpeg plays %d samples, want %d", trim[0], trim[1], got, want)
		}
	}
}

// TestFreeFormatLAME: free format as LAME writes it.
func TestFreeFormatLAME(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "lame")
	const samples = 60_000
	for _, kbps := range []string{"70", "330", "400", "640"} {
		name := filepath.Join(t.TempDir(), "a.mp3")
		mediatest.Run(t, sound(44100, 2, samples), "lame", "--quiet", "-r", "--signed", "--bitwidth", "16", "-s", "44.1",
			"--resample", "44.1", "--freeformat", "-b", kbps, "-", name)
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		x, err := scan(file)
		if err != nil {
			t.Fatalf("%s kbit/s: %v", kbps, err)
		}
		checkSound(t, x)
		rate, _ := strconv.Atoi(kbps)
		if !x.FreeFormat() || x.Damaged() || x.Cut() || (x.Bitrate()+500)/1000 != rate {
			t.Errorf("%s kbit/s: free %v, %d bit/s, damaged %v, cut %v", kbps, x.FreeFormat(), x.Bitrate(), x.Damaged(), x.Cut())
		}
		if x.Tagged() && x.Samples() != samples {
			t.Errorf("%s kbit/s: %d samples, want %d", kbps, x.Samples(), samples)
		}
	}
}

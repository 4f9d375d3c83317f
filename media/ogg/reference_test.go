package ogg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"earshot/media/mediatest"
)

// wave is a WAV file of something like music and something like speech: tones
// with overtones, noise, strokes and pauses, each channel its own.
func wave(rate, channels int, seconds float64) []byte {
	random := rand.New(rand.NewPCG(5, uint64(rate)))
	n := int(seconds * float64(rate))
	le := binary.LittleEndian
	data := make([]byte, 0, 2*n*channels)
	for i := range n {
		at := float64(i) / float64(rate)
		for c := range channels {
			var v float64
			for k, hz := range []float64{110, 277.18, 329.63, 880, 2217, 5000} {
				if hz = hz * (1 + 0.03*float64(c)); hz < 0.45*float64(rate) {
					v += math.Sin(2*math.Pi*hz*at+float64(k*c)) / float64(k+2)
				}
			}
			beat := math.Mod(at*(2+0.5*float64(c)), 1)
			v = v*0.3*(0.4+0.6*math.Sin(3*at)) + (random.Float64()-0.5)*0.8*math.Exp(-18*beat)
			if math.Mod(at, 2.5) > 2.1 {
				v = 0
			}
			data = le.AppendUint16(data, uint16(int16(max(-1, min(1, v))*32000)))
		}
	}
	b := le.AppendUint32([]byte("RIFF"), uint32(60+len(data)))
	if channels <= 2 {
		b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
		b = le.AppendUint16(le.AppendUint16(b, 1), uint16(channels))
	} else {
		b = le.AppendUint32(append(b, "WAVEfmt "...), 40)
		b = le.AppendUint16(le.AppendUint16(b, 0xfffe), uint16(channels))
	}
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(rate*channels*2))
	b = le.AppendUint16(le.AppendUint16(b, uint16(channels*2)), 16)
	if channels > 2 {
		mask := []uint32{3: 7, 4: 0x33, 5: 0x37, 6: 0x3f, 7: 0x70f, 8: 0x63f}[channels]
		b = le.AppendUint32(le.AppendUint16(le.AppendUint16(b, 22), 16), mask)
		b = append(b, "\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	}
	b = le.AppendUint32(append(b, "data"...), uint32(len(data)))
	return append(b, data...)
}

func floats(b []byte) []float32 {
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

// samples reads all that a file has.
func samples(t testing.TB, f *File) []float32 {
	t.Helper()
	r, err := f.Reader()
	if err != nil {
		t.Fatal(err)
	}
	var out []float32
	buf := make([]float32, 1000*f.Channels+1)
	for {
		n, err := r.Read(buf)
		out = append(out, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil || n == 0 || n%f.Channels != 0 {
			t.Fatalf("read %d values: %v", n, err)
		}
	}
}

// difference is in steps of 16 bits.
func difference(a, b []float32) (most, rms float64) {
	for i := range min(len(a), len(b)) {
		d := math.Abs(float64(a[i])-float64(b[i])) * 32768
		most = max(most, d)
		rms += d * d
	}
	return most, math.Sqrt(rms / float64(max(1, min(len(a), len(b)))))
}

func readFile(t testing.TB, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestVorbisIsDecodedAsByOthers(t *testing.T) {
	t.Parallel()
	type setting struct {
		rate, channels int
		enc            string
	}
	var settings []setting
	for _, q := range []string{"-q -1", "-q 0", "-q 2", "-q 4", "-q 6", "-q 8", "-q 10", "-b 96 --managed"} {
		settings = append(settings, setting{44100, 2, "oggenc " + q})
	}
	for _, rate := range []int{8000, 11025, 16000, 22050, 32000, 48000, 96000} {
		settings = append(settings, setting{rate, 1 + rate/1000%2, "oggenc -q 3"})
	}
	settings = append(settings, setting{44100, 1, "oggenc -q 5"}, setting{48000, 1, "ffmpeg libvorbis"}, setting{44100, 2, "ffmpeg vorbis"})
	for channels := 3; channels <= 8; channels++ {
		settings = append(settings, setting{48000, channels, "oggenc -q 4"})
	}
	for _, s := range settings {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "in.wav", wave(s.rate, s.channels, 2.6))
			name, opts, _ := strings.Cut(s.enc, " ")
			if name == "oggenc" {
				mediatest.RunIn(t, dir, name, append(strings.Fields(opts), "-Q", "-o", "x.ogg", "in.wav")...)
			} else {
				mediatest.RunIn(t, dir, name, "-v", "error", "-i", "in.wav", "-c:a", opts, "-strict", "-2", "x.ogg")
			}
			f := open(t, readFile(t, dir, "x.ogg"))
			got := samples(t, f)
			if int64(len(got)) != f.Samples*int64(f.Channels) || f.SampleRate != s.rate || f.Channels != s.channels {
				t.Errorf("%d values, but %+v", len(got), f)
			}
			mediatest.RunIn(t, dir, "oggdec", "-Q", "-R", "-o", "x.s16", "x.ogg")
			raw := readFile(t, dir, "x.s16")
			if len(got) != len(raw)/2 {
				t.Errorf("%d values, oggdec has %d", len(got), len(raw)/2)
			}
			if s.channels <= 2 { // oggdec leaves more of them in Vorbis's order
				ref := make([]float32, len(raw)/2)
				cut := make([]float32, len(got)) // as 16 bits have it
				for i := range min(len(ref), len(got)) {
					ref[i] = float32(int16(binary.LittleEndian.Uint16(raw[2*i:]))) / 32768
					cut[i] = max(-1, min(32767./32768, got[i]))
				}
				most, rms := difference(cut, ref)
				t.Logf("oggdec (16 bits): largest difference %.4f, RMS %.4f steps", most, rms)
				if most > 0.51 || rms > 0.3 {
					t.Errorf("differs from oggdec's 16 bits by %.3f steps at most, %.4f RMS", most, rms)
				}
			}
			if s.enc == "ffmpeg vorbis" {
				return // which ffmpeg itself decodes otherwise than libvorbis does
			}
			mediatest.RunIn(t, dir, "ffmpeg", "-v", "error", "-i", "x.ogg", "-f", "f32le", "x.f32")
			want := floats(readFile(t, dir, "x.f32"))
			if len(got) != len(want) {
				t.Logf("%d values, ffmpeg has %d: it cuts nothing where all sound is on one page", len(got), len(want))
			}
			most, rms := difference(got, want)
			t.Logf("ffmpeg: largest difference %.4f, RMS %.5f steps of 16 bits; %d bit/s", most, rms, f.Bitrate)
			if most > 0.1 || rms > 0.01 {
				t.Errorf("differs from ffmpeg by %.3f steps at most, %.4f RMS", most, rms)
			}
		})
	}
}

// inexact reports whether some packet of an Opus file has a part in SILK, or
// is empty (a pause that the encoder left out), for which decoders make
// something up.
func inexact(t *testing.T, f *File) bool {
	d := newDemuxer(newPages(f.r, f.size, f.data), f.head.serial, maxPacket)
	for {
		g, err := d.next(true)
		if err != nil {
			return false
		}
		for _, p := range g.packets {
			if p[0]>>3 < 16 || len(p) < 2 {
				return true
			}
		}
	}
}

// CELT is decoded to the step of 16 bits. The decoder's SILK is not exact: its
// error lies 38 to 52 dB below the sound, and changes its level by nothing that
// could be shown.
func TestOpusIsDecodedAsByOthers(t *testing.T) {
	t.Parallel()
	type setting struct {
		rate, channels int
		enc            string
	}
	var settings []setting
	for _, kbits := range []int{6, 12, 16, 24, 32, 48, 64, 96, 160, 256} {
		settings = append(settings, setting{48000, 1 + kbits/16%2, "opusenc --bitrate " + strconv.Itoa(kbits)})
	}
	for _, size := range []string{"2.5", "5", "10", "40", "60"} {
		settings = append(settings, setting{48000, 2, "opusenc --bitrate 64 --framesize " + size}, setting{16000, 1, "opusenc --speech --bitrate 20 --framesize " + size})
	}
	for _, kbits := range []string{"10", "14", "18", "24", "28", "32", "40"} { // SILK, both, CELT
		settings = append(settings, setting{48000, 1, "opusenc --speech --bitrate " + kbits}, setting{48000, 2, "opusenc --speech --bitrate " + kbits})
	}
	settings = append(settings, setting{44100, 2, "opusenc --hard-cbr --bitrate 64"}, setting{48000, 2, "opusenc --cvbr --bitrate 96 --music"},
		setting{8000, 1, "opusenc --bitrate 8 --hard-cbr"},
		setting{48000, 2, "ffmpeg -application lowdelay -b:a 64k"}, setting{48000, 1, "ffmpeg -application voip -b:a 24k -frame_duration 60"},
		setting{48000, 2, "opusenc --bitrate 24 --set-ctl-int 4016=1"}) // pauses are left out
	for channels := 3; channels <= 8; channels++ {
		settings = append(settings, setting{48000, channels, "opusenc --bitrate " + strconv.Itoa(40*channels)})
	}
	for _, s := range settings {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "in.wav", wave(s.rate, s.channels, 2.6))
			name, opts, _ := strings.Cut(s.enc, " ")
			if name == "opusenc" {
				mediatest.RunIn(t, dir, name, append(strings.Fields(opts), "--quiet", "in.wav", "x.opus")...)
			} else {
				mediatest.RunIn(t, dir, name, append(append(strings.Fields("-v error -i in.wav -c:a libopus"), strings.Fields(opts)...), "x.opus")...)
			}
			mediatest.RunIn(t, dir, "opusdec", "--quiet", "--float", "--rate", "48000", "x.opus", "x.wav")
			f := open(t, readFile(t, dir, "x.opus"))
			b := readFile(t, dir, "x.wav")
			got, want := samples(t, f), floats(b[bytes.Index(b, []byte("data"))+8:])
			if int64(len(got)) != f.Samples*int64(f.Channels) || f.SampleRate != 48000 || f.Channels != s.channels {
				t.Errorf("%d values, but %+v", len(got), f)
			}
			if len(got) != len(want) {
				t.Errorf("%d values, opusdec has %d", len(got), len(want))
			}
			most, rms := difference(got, want)
			if !inexact(t, f) {
				t.Logf("CELT: largest difference %.4f, RMS %.5f steps of 16 bits; %d bit/s", most, rms, f.Bitrate)
				if most > 1 || rms > 0.1 {
					t.Errorf("differs from opusdec by %.3f steps at most, %.4f RMS", most, rms)
				}
				return
			}
			var wrong, have, ours float64
			for i := range min(len(got), len(want)) {
				a, b := float64(got[i]), float64(want[i])
				wrong, have, ours = wrong+(a-b)*(a-b), have+b*b, ours+a*a
			}
			share, level := 10*math.Log10(wrong/have), 10*math.Log10(ours/have)
			t.Logf("not exact: error %.1f dB, level %+.4f dB, largest %.0f steps; %d bit/s", share, level, most, f.Bitrate)
			if share > -36 || math.Abs(level) > 0.01 {
				t.Errorf("differs from opusdec by %.1f dB, level %+.4f dB", share, level)
			}
		})
	}
}

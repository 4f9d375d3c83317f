package mp3

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"earshot/media/mp3/mp3test"
)

// TestInfo reads what Xing, Info, LAME and Fraunhofer headers say, and checks
// that their frame is not played.
func TestInfo(t *testing.T) {
	t.Parallel()
	const n = 200
	type want struct {
		promised, delay, padding int
		tagged                   bool
	}
	full := mp3test.Info{Frames: n, Bytes: 99, TOC: true, Quality: true, Encoder: "LAME3.100", Delay: 576, Padding: 1234}
	with := func(change func(*mp3test.Info)) mp3test.Info {
		in := full
		change(&in)
		return in
	}
	tests := []struct {
		name string
		info mp3test.Info
		want want
	}{
		{"lame", full, want{n, 576, 1234, true}},
		{"info", with(func(in *mp3test.Info) { in.Sign = "Info" }), want{n, 576, 1234, true}},
		{"largest delay and padding", with(func(in *mp3test.Info) { in.Delay, in.Padding = 4095, 4095 }), want{n, 4095, 4095, true}},
		{"none", with(func(in *mp3test.Info) { in.Delay, in.Padding = 0, 0 }), want{n, 0, 0, true}},
		{"ffmpeg", with(func(in *mp3test.Info) { in.Encoder = "Lavf61.1" }), want{n, 576, 1234, true}},
		{"lame with a wrong checksum", with(func(in *mp3test.Info) { in.BadCRC = true }), want{n, 576, 1234, true}},
		{"another encoder", with(func(in *mp3test.Info) { in.Encoder = "Earshot" }), want{n, 576, 1234, true}},
		{"another encoder with a wrong checksum", with(func(in *mp3test.Info) { in.Encoder, in.BadCRC = "Earshot", true }), want{n, 0, 0, false}},
		{"no extension", with(func(in *mp3test.Info) { in.Encoder = "" }), want{n, 0, 0, false}},
		{"nothing but frames", mp3test.Info{Frames: n}, want{n, 0, 0, false}},
		{"no fields", mp3test.Info{Encoder: "LAME3.93", Delay: 1105, Padding: 7}, want{0, 1105, 7, true}},
		{"no table", with(func(in *mp3test.Info) { in.TOC = false }), want{n, 576, 1234, true}},
		{"no quality", with(func(in *mp3test.Info) { in.Quality = false }), want{n, 576, 1234, true}},
		{"more frames than there are", with(func(in *mp3test.Info) { in.Frames = n + 50 }), want{n + 50, 576, 0, true}},
		{"one frame more than there are, which held most of the padding",
			with(func(in *mp3test.Info) { in.Frames, in.Padding = n+1, 1952 }), want{n + 1, 576, 800, true}},
		{"fewer frames than there are", with(func(in *mp3test.Info) { in.Frames = n - 1 }), want{n - 1, 576, 0, true}},
		{"an absurd number of frames", with(func(in *mp3test.Info) { in.Frames = 0x7FFFFFFF }), want{0, 576, 1234, true}},
		{"one frame", with(func(in *mp3test.Info) { in.Frames = 1 }), want{1, 576, 0, true}},
	}
	for _, f := range []mp3test.Format{
		cd,
		{SampleRate: 48000, Bitrate: 128, Mode: mp3test.Mono, CRC: true},
		{SampleRate: 22050, Bitrate: 80, Mode: mp3test.Stereo},
		{SampleRate: 8000, Bitrate: 64, Mode: mp3test.Mono, CRC: true},
		{SampleRate: 44100, FreeSize: 1306, Mode: mp3test.Stereo, CRC: true},
	} {
		for _, tt := range tests {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprint(f.SampleRate, "/", f.Bitrate, "/", tt.name, "/", after), func(t *testing.T) {
					t.Parallel()
					if after && !f.CRC {
						t.Skip("the frame has no checksum")
					}
					info := tt.info
					info.AfterCRC = after
					want := tt.want
					if f.SampleRate < 32000 && want.padding == 800 {
						want.padding = 1952 - 576
					}
					head := f.Xing(f.Bitrate, info)
					x, err := scan(slices.Concat(head, f.Silence(n)))
					if err != nil {
						t.Fatal(err)
					}
					checkPlaces(t, x, places(len(head), f.Sizes(make([]mp3test.Frame, n)...)...))
					got := struct {
						promised, delay, padding int
						tagged                   bool
					}{x.Promised(), x.Delay(), x.Padding(), x.Tagged()}
					if got != want {
						t.Errorf("got %+v, want %+v", got, want)
					}
					if got, want := x.Samples(), int64(n*f.SamplesPerFrame()-want.delay-want.padding); got != want {
						t.Errorf("%d samples, want %d", got, want)
					}
				})
			}
		}
	}
}

func TestVBRI(t *testing.T) {
	t.Parallel()
	for _, f := range []mp3test.Format{cd, voice, {SampleRate: 48000, Bitrate: 96, Mode: mp3test.Mono, CRC: true}} {
		list := f.Uneven(300, 71)
		head := f.VBRI(f.Bitrate, 300, 12345)
		x, err := scan(slices.Concat(mp3test.ID3v2(3, nil), head, f.Build(list...)))
		if err != nil {
			t.Fatal(err)
		}
		checkPlaces(t, x, places(10+len(head), f.Sizes(list...)...))
		if x.Promised() != 300 || x.Tagged() || !x.Variable() {
			t.Errorf("promised %d, tagged %v, variable %v", x.Promised(), x.Tagged(), x.Variable())
		}
	}
}

// TestInfoApart: a header frame is found when a tag or damage follows it, and
// its padding counts when frames are missing in the middle, not at the end.
func TestInfoApart(t *testing.T) {
	t.Parallel()
	const n = 50
	sizes := cd.Sizes(make([]mp3test.Frame, n)...)
	audio := cd.Silence(n)
	head := cd.Xing(128, mp3test.Info{Frames: n, Encoder: "LAME", Delay: 576, Padding: 1000})
	tag := mp3test.ID3v2(3, mp3test.Cover(500, 1))
	rubbish := mp3test.Rubbish(500, 2)
	gap := 0
	for _, size := range sizes[:20] {
		gap += size
	}
	for _, tt := range []struct {
		name    string
		file    []byte
		want    []place
		padding int
	}{
		{"tag behind it", slices.Concat(head, tag, audio), places(len(head)+len(tag), sizes...), 1000},
		{"rubbish behind it", slices.Concat(head, rubbish, audio), places(len(head)+len(rubbish), sizes...), 1000},
		{"a frame missing", slices.Concat(head, audio[:gap], audio[gap+10:]),
			slices.Concat(places(len(head), sizes[:20]...), places(len(head)+gap+sizes[20]-10, sizes[21:]...)), 1000},
		{"the end missing", slices.Concat(head, audio[:gap], mp3test.ID3v1("")), places(len(head), sizes[:20]...), 0},
		{"the end missing, cut inside a frame", slices.Concat(head, audio[:gap+99]), places(len(head), sizes[:20]...), 0},
		{"a second file joined", slices.Concat(head, audio, mp3test.ID3v1(""), tag, head, audio),
			slices.Concat(places(len(head), sizes...),
				places(len(head)+len(audio)+128+len(tag), append([]int{len(head)}, sizes...)...)), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x, err := scan(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			checkPlaces(t, x, tt.want)
			if !x.Tagged() || x.Delay() != 576 || x.Padding() != tt.padding {
				t.Errorf("tagged %v, delay %d, padding %d, want true, 576, %d", x.Tagged(), x.Delay(), x.Padding(), tt.padding)
			}
		})
	}
	// A tag that trims more than there is is not believed.
	x, err := scan(slices.Concat(cd.Xing(128, mp3test.Info{Frames: 2, Encoder: "LAME", Delay: 2304}), cd.Silence(2)))
	if err != nil {
		t.Fatal(err)
	}
	if x.Tagged() || x.Samples() != 2304 {
		t.Errorf("tagged %v, %d samples, want false, 2304", x.Tagged(), x.Samples())
	}
}

// TestInfoHeader scans what InfoHeader makes in front of the frames it was
// made for.
func TestInfoHeader(t *testing.T) {
	t.Parallel()
	formats := []mp3test.Format{cd, voice, phone, free}
	for _, hz := range []int{44100, 48000, 32000, 22050, 24000, 16000, 11025, 12000, 8000} {
		for mode := range mp3test.Mono + 1 {
			f := mp3test.Format{SampleRate: hz, Mode: mode, CRC: mode == mp3test.Dual}
			formats = append(formats, f)
			all := f.Bitrates()
			f.Bitrate = all[0]
			formats = append(formats, f)
			f.Bitrate = all[len(all)-1]
			formats = append(formats, f)
		}
	}
	const n = 120
	for i, f := range formats {
		list := make([]mp3test.Frame, n)
		if f.Bitrate == 0 && f.FreeSize == 0 {
			list = f.Uneven(n, uint64(i))
		}
		audio := f.Build(list...)
		sizes := f.Sizes(list...)
		x, err := scan(audio)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		for _, first := range []int{0, 1, 77, n - 7} {
			head, err := InfoHeader(x, first, 1105, 2047)
			if err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
			y, err := scan(append(head, audio[x.FrameOffset(first):]...))
			if err != nil {
				t.Fatalf("%+v from %d: %v", f, first, err)
			}
			checkPlaces(t, y, places(len(head), sizes[first:]...))
			if !y.Tagged() || y.Delay() != 1105 || y.Padding() != 2047 || y.Promised() != n-first {
				t.Errorf("%+v from %d: tagged %v, delay %d, padding %d, promised %d", f, first, y.Tagged(), y.Delay(), y.Padding(), y.Promised())
			}
			end := headerSize + header(0xFFE00000|uint32(head[1])<<16|uint32(head[3])).side() + 154
			if got, want := crc16(head[:end]), uint16(head[end])<<8|uint16(head[end+1]); got != want {
				t.Errorf("%+v: checksum %04x, want %04x", f, got, want)
			}
		}
	}
}

func TestInfoHeaderRefused(t *testing.T) {
	t.Parallel()
	x, err := scan(cd.Silence(10))
	if err != nil {
		t.Fatal(err)
	}
	for _, trim := range [][2]int{{-1, 0}, {0, -1}, {4096, 0}, {0, 4096}} {
		if _, err := InfoHeader(x, 0, trim[0], trim[1]); !errors.Is(err, ErrUnsupported) {
			t.Errorf("delay %d, padding %d: %v", trim[0], trim[1], err)
		}
	}
	small := free
	small.FreeSize = 180
	if x, err = scan(small.Silence(10)); err != nil {
		t.Fatal(err)
	}
	if _, err := InfoHeader(x, 0, 0, 0); !errors.Is(err, ErrUnsupported) {
		t.Errorf("small free-format frames: %v", err)
	}
}

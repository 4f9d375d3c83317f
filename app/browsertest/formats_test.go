package browsertest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/media/audio"
)

var le = binary.LittleEndian

// chunk is a chunk of RIFF with the size it says, and its padding.
func chunk(id string, body []byte) []byte {
	b := append(le.AppendUint32([]byte(id), uint32(len(body))), body...)
	return append(b, make([]byte, len(body)&1)...)
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return append(le.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// format is the content of a fmt chunk.
func format(tag, channels, rate, bits int, more ...byte) []byte {
	align := channels * ((bits + 7) / 8)
	b := le.AppendUint16(le.AppendUint16(nil, uint16(tag)), uint16(channels))
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(rate*align))
	b = le.AppendUint16(le.AppendUint16(b, uint16(align)), uint16(bits))
	return append(b, more...)
}

// extensible is one of WAVE_FORMAT_EXTENSIBLE.
func extensible(tag, channels, rate, bits, valid int) []byte {
	more := le.AppendUint16([]byte{22, 0}, uint16(valid))
	more = le.AppendUint32(more, uint32(1<<channels-1))
	more = append(le.AppendUint16(more, uint16(tag)), "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	return format(0xfffe, channels, rate, bits, more...)
}

// tone is a second and a half of sound.
func tone(rate, channels, bits int, float bool) []byte {
	var b []byte
	for i := range rate * 3 / 2 {
		v := math.Sin(float64(i)*2*math.Pi*440/float64(rate)) * 0.5
		for range channels {
			switch {
			case float && bits == 64:
				b = le.AppendUint64(b, math.Float64bits(v))
			case float:
				b = le.AppendUint32(b, math.Float32bits(float32(v)))
			case bits <= 8:
				b = append(b, byte(128+v*127))
			default:
				n := (bits + 7) / 8
				b = append(b, le.AppendUint64(nil, uint64(int64(v*(1<<62))))[8-n:]...)
			}
		}
	}
	return b
}

// playFile is a file that is put to the browser and to Probe.
type playFile struct {
	name string
	file []byte
}

func plain(tag, channels, rate, bits int) []byte {
	return riff(chunk("fmt ", format(tag, channels, rate, bits)), chunk("data", tone(rate, channels, bits, tag == 3)))
}

func wavFiles() []playFile {
	cd := format(1, 2, 44100, 16)
	sound := tone(44100, 2, 16, false)
	dataOf := func(size uint32) []byte { return append(le.AppendUint32([]byte("data"), size), sound...) }
	rf64 := func(id string, dataSize uint32) []byte {
		ds := le.AppendUint64(nil, uint64(len(sound)+72+28))
		ds = le.AppendUint64(ds, uint64(len(sound)))
		ds = le.AppendUint64(ds, uint64(len(sound)/4))
		ds = le.AppendUint32(ds, 0)
		b := append([]byte(id+"\xff\xff\xff\xffWAVE"), chunk("ds64", ds)...)
		b = append(b, chunk("fmt ", cd)...)
		return append(le.AppendUint32(append(b, "data"...), dataSize), sound...)
	}
	alignLie := slices.Clone(cd)
	alignLie[12] = 2
	alignZero := slices.Clone(cd)
	alignZero[12] = 0
	alignSix := slices.Clone(cd)
	alignSix[12] = 6
	rateLie := slices.Clone(cd)
	copy(rateLie[8:], "\x01\x00\x00\x00")
	fs := []playFile{}
	add := func(name string, b []byte) { fs = append(fs, playFile{"wav/" + name, b}) }
	for _, bits := range []int{4, 8, 12, 16, 20, 24, 32, 64} {
		add("pcm "+strconv.Itoa(bits), plain(1, 2, 44100, bits))
	}
	add("float 16", plain(3, 2, 44100, 16))
	add("float 32", plain(3, 2, 44100, 32))
	add("float 64", plain(3, 2, 44100, 64))
	add("a-law", riff(chunk("fmt ", format(6, 2, 44100, 8, 0, 0)), chunk("data", tone(44100, 2, 8, false))))
	add("mu-law", riff(chunk("fmt ", format(7, 2, 44100, 8, 0, 0)), chunk("data", tone(44100, 2, 8, false))))
	add("a-law 16", riff(chunk("fmt ", format(6, 2, 44100, 16, 0, 0)), chunk("data", tone(44100, 2, 16, false))))
	for _, e := range []struct{ tag, bits, valid int }{{1, 16, 16}, {1, 24, 20}, {1, 24, 24}, {1, 32, 24}, {1, 32, 32}, {1, 16, 12}, {3, 32, 32}, {3, 64, 64}, {6, 8, 8}, {7, 8, 8}, {1, 8, 8}, {2, 16, 16}, {1, 16, 0}} {
		add(fmt.Sprintf("extensible %d %d in %d", e.tag, e.valid, e.bits), riff(chunk("fmt ", extensible(e.tag, 2, 44100, e.bits, e.valid)), chunk("data", tone(44100, 2, e.bits, e.tag == 3))))
	}
	for _, n := range []int{1, 3, 4, 5, 6, 7, 8} {
		add("channels "+strconv.Itoa(n), plain(1, n, 44100, 16))
	}
	add("channels 9", plain(1, 9, 8000, 16))
	add("channels 16", plain(1, 16, 8000, 16))
	add("channels 0", riff(chunk("fmt ", format(1, 0, 44100, 16)), chunk("data", sound)))
	for _, r := range []int{1000, 2000, 2999, 3000, 4000, 6000, 8000, 11025, 16000, 22050, 32000, 48000, 88200, 96000, 176400, 192000, 200000, 352800, 384000, 400000, 768000} {
		add("rate "+strconv.Itoa(r), plain(1, 1, r, 16))
	}
	add("odd rate 44056", plain(1, 2, 44056, 16))
	add("rate 0", riff(chunk("fmt ", format(1, 2, 0, 16)), chunk("data", sound)))
	add("data size 0", append(riff(chunk("fmt ", cd)), dataOf(0)...))
	add("data size ffffffff", append(riff(chunk("fmt ", cd)), dataOf(0xffffffff)...))
	add("data size 7fffffff", append(riff(chunk("fmt ", cd)), dataOf(0x7fffffff)...))
	add("riff size 0", slices.Concat([]byte("RIFF\x00\x00\x00\x00WAVE"), chunk("fmt ", cd), dataOf(uint32(len(sound)))))
	add("riff size 0 data 0", slices.Concat([]byte("RIFF\x00\x00\x00\x00WAVE"), chunk("fmt ", cd), dataOf(0)))
	add("riff size ffffffff", slices.Concat([]byte("RIFF\xff\xff\xff\xffWAVE"), chunk("fmt ", cd), dataOf(0xffffffff)))
	add("cut", riff(chunk("fmt ", cd), chunk("data", sound))[:100001])
	add("odd data", riff(chunk("fmt ", cd), chunk("data", sound[:len(sound)-1]), chunk("LIST", []byte("INFO"))))
	add("data before fmt", riff(chunk("data", sound), chunk("fmt ", cd)))
	add("odd chunk before", riff(chunk("junk", []byte("abc")), chunk("fmt ", cd), chunk("data", sound)))
	add("odd chunk unpadded", riff([]byte("junk\x03\x00\x00\x00abc"), chunk("fmt ", cd), chunk("data", sound)))
	add("two data chunks", riff(chunk("fmt ", cd), chunk("data", sound[:88200]), chunk("data", sound[88200:])))
	add("two fmt chunks", riff(chunk("fmt ", cd), chunk("fmt ", format(1, 1, 8000, 16)), chunk("data", sound)))
	add("fact and list", riff(chunk("fmt ", cd), chunk("fact", []byte{1, 0, 0, 0}), chunk("LIST", []byte("INFOINAM\x02\x00\x00\x00x\x00")), chunk("data", sound)))
	add("id3 before fmt", riff(chunk("id3 ", []byte("ID3\x03\x00\x00\x00\x00\x00\x00")), chunk("fmt ", cd), chunk("data", sound)))
	add("fmt 14 bytes", riff(chunk("fmt ", cd[:14]), chunk("data", sound)))
	add("fmt 18 bytes", riff(chunk("fmt ", append(slices.Clone(cd), 0, 0)), chunk("data", sound)))
	add("fmt 40 bytes tag 1", riff(chunk("fmt ", append(slices.Clone(cd), make([]byte, 24)...)), chunk("data", sound)))
	add("block align 2", riff(chunk("fmt ", alignLie), chunk("data", sound)))
	add("block align 0", riff(chunk("fmt ", alignZero), chunk("data", sound)))
	add("block align 6", riff(chunk("fmt ", alignSix), chunk("data", sound)))
	add("byte rate lies", riff(chunk("fmt ", rateLie), chunk("data", sound)))
	add("RF64", rf64("RF64", 0xffffffff))
	add("RF64 with 32-bit size", rf64("RF64", uint32(len(sound))))
	add("BW64", rf64("BW64", 0xffffffff))
	rifx := plain(1, 2, 44100, 16)
	copy(rifx, "RIFX")
	add("RIFX", rifx)
	add("id3 in front", append([]byte("ID3\x03\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00"), plain(1, 2, 44100, 16)...))
	add("empty data", riff(chunk("fmt ", cd), chunk("data", nil)))
	add("one sample", riff(chunk("fmt ", cd), chunk("data", sound[:4])))
	add("no data", riff(chunk("fmt ", cd)))
	add("no fmt", riff(chunk("data", sound)))
	add("AC-3 like s16 lies", riff(chunk("fmt ", format(0x2000, 2, 44100, 16)), chunk("data", sound)))
	return fs
}

// made by an outside program from half of a wav file of a second and a half.
func made(t *testing.T, name string, argv ...string) playFile {
	t.Helper()
	need(t, "", argv[0])
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.wav"), filepath.Join(dir, filepath.Base(name))
	if err := os.WriteFile(in, plain(1, 2, 44100, 16), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range argv {
		argv[i] = strings.NewReplacer("IN", in, "OUT", out).Replace(argv[i])
	}
	if b, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", argv, err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return playFile{name, b}
}

// strict are files that browsers play in some way and Earshot refuses: what is
// heard of them is not what is meant, or they are beyond what it measures.
var strict = []string{
	"wav/pcm 4", "wav/a-law 16", "wav/fmt 14 bytes", "wav/empty data",
	"wav/rate 3000", "wav/rate 4000", "wav/rate 6000", "wav/rate 200000", "wav/rate 352800", "wav/rate 384000", "wav/rate 400000", "wav/rate 768000",
	"ff/mp3.wav", // which is mp3.Scan's
	"ff/flac384.flac", "ff/flac4k.flac",
}

// lenient are files that Chromium gives up on where Earshot goes on: damage in
// places that it can't pass.
var lenient = []string{"flac/hole", "flac/bad bit"}

// What Probe takes is what the browser plays, to the end and as long as Probe
// says, and what it refuses the browser refuses too but for the files named
// above.
func TestWhatIsTakenIsPlayed(t *testing.T) {
	t.Parallel() // it waits for sound more than it computes
	files := wavFiles()
	ff := func(name string, args ...string) {
		files = append(files, made(t, name, slices.Concat([]string{"ffmpeg", "-v", "error", "-i", "IN"}, args, []string{"-y", "OUT"})...))
	}
	ff("ff/adpcm_ms.wav", "-c:a", "adpcm_ms")
	ff("ff/adpcm_ima.wav", "-c:a", "adpcm_ima_wav")
	ff("ff/mp3.wav", "-c:a", "libmp3lame")
	ff("ff/s24.wav", "-c:a", "pcm_s24le")
	ff("ff/a.w64")
	ff("ff/a.aiff")
	ff("ff/a.au")
	ff("ff/aac.wav", "-c:a", "aac")
	ff("ff/rf64.wav", "-rf64", "always")
	ff("ff/alac.m4a", "-c:a", "alac")
	ff("ff/aac.m4a", "-c:a", "aac")
	ff("ff/flac24.flac", "-c:a", "flac", "-sample_fmt", "s32")
	ff("ff/flac192.flac", "-ar", "192000", "-c:a", "flac")
	ff("ff/flac384.flac", "-ar", "384000", "-c:a", "flac", "-strict", "-2")
	ff("ff/flac8ch.flac", "-ac", "8", "-c:a", "flac")
	ff("ff/flac4k.flac", "-ar", "4000", "-c:a", "flac")
	ff("ff/flac8k.flac", "-ar", "8000", "-c:a", "flac")
	ff("ff/opus.opus", "-c:a", "libopus")
	ff("ff/vorbis.ogg", "-c:a", "libvorbis")
	ff("ff/flac.oga", "-c:a", "flac")
	flac := made(t, "flac/plain", "flac", "-s", "-o", "OUT", "--no-padding", "IN")
	flac32 := made(t, "flac/32bit", "sh", "-c", "sox IN -b 32 -t wav - | flac -s -o OUT -")
	files = append(files, flac, flac32, made(t, "flac/8bit", "sh", "-c", "sox IN -b 8 -t flac OUT"), made(t, "flac/piped", "sh", "-c", "flac -s -c - < IN > OUT"))
	behind := func(b []byte) []byte {
		return append([]byte("ID3\x03\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00"), b...)
	}
	for _, f := range slices.Clone(files) {
		switch f.name {
		case "flac/plain", "ff/opus.opus", "ff/vorbis.ogg", "ff/flac.oga", "ff/aac.m4a":
			files = append(files, playFile{"id3 before " + f.name, behind(f.file)})
		}
	}
	edit := func(fn func(b []byte)) []byte {
		b := slices.Clone(flac.file)
		fn(b)
		return b
	}
	files = append(files,
		playFile{"flac/id3v1 behind", append(slices.Clone(flac.file), append([]byte("TAG"), make([]byte, 125)...)...)},
		playFile{"flac/rubbish in front", append(make([]byte, 700), flac.file...)},
		playFile{"flac/no frames", flac.file[:86]},
		playFile{"flac/total 0", edit(func(b []byte) { b[8+13] &= 0xf0; clear(b[8+14 : 8+18]) })},
		playFile{"flac/rate 0", edit(func(b []byte) { b[8+10], b[8+11], b[8+12] = 0, 0, b[8+12]&15 })},
		playFile{"flac/other rate", edit(func(b []byte) { b[8+10], b[8+11] = 0x0b, 0xb8 })},
		playFile{"flac/hole", edit(func(b []byte) { clear(b[len(b)/2 : len(b)/2+3000]) })},
		playFile{"flac/bad bit", edit(func(b []byte) { b[len(b)/2] ^= 4 })},
		playFile{"flac/another block first", append([]byte("fLaC\x06\x00\x00\x02xx"), flac.file[4:]...)},
	)

	ctx := newTab(t, 9*time.Minute)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.URL.Path == "/" {
			w.Header().Set("Content-Type", "text/html")
			return
		}
		for _, f := range files {
			if "/"+f.name == r.URL.Path {
				w.Header().Set("Content-Type", typeOf(f))
				http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.file))
			}
		}
	}))
	t.Cleanup(server.Close)
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		Ended    bool    `json:"ended"`
		Said     string  `json:"said"`
		Duration float64 `json:"duration"`
	}
	var answers []answer
	for some := range slices.Chunk(files, 6) {
		names := make([]string, len(some))
		for i, f := range some {
			names[i] = strconv.Quote(f.name)
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[[]answer](`Promise.all([`+strings.Join(names, ",")+`].map(name => new Promise(done => {
			const a = new Audio()
			a.muted = true
			a.playbackRate = 8
			const end = (ended, said) => done({ ended, said, duration: a.duration || 0 })
			setTimeout(() => end(false, "it never ends"), 20000)
			a.onerror = () => end(false, a.error.message)
			a.onended = () => end(true, "")
			a.src = encodeURI(name)
			a.play().catch(() => {})
		})))`, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, got...)
	}
	for i, f := range files {
		got := answers[i]
		info, err := audio.Probe(bytes.NewReader(f.file), int64(len(f.file)))
		within := 0.0001
		switch {
		case info.Codec == audio.Vorbis || info.Codec == audio.Opus:
			within = 0.01 // Chromium counts what is left out at the start
		case f.name == "flac/total 0":
			within = 0.1 // an estimate of Chromium's
		}
		switch {
		case err != nil && got.Ended && !slices.Contains(strict, f.name):
			t.Errorf("%s: plays for %v s, but Probe says: %v", f.name, got.Duration, err)
		case err == nil && !got.Ended && !slices.Contains(lenient, f.name):
			t.Errorf("%s: taken as %+v, but the browser says: %s", f.name, info, got.Said)
		case err == nil && got.Ended && math.Abs(info.Duration().Seconds()-got.Duration) > within:
			t.Errorf("%s: %v by Probe, %v s in the browser", f.name, info.Duration(), got.Duration)
		}
		t.Logf("%-28s %6v %8.6f %s %v", f.name, got.Ended, got.Duration, got.Said[:min(len(got.Said), 50)], err)
	}
}

// typeOf is the content type the file is served with, or that of what it would
// be taken for.
func typeOf(f playFile) string {
	if info, err := audio.Probe(bytes.NewReader(f.file), int64(len(f.file))); err == nil {
		return info.Type()
	}
	as := audio.WAV
	switch {
	case strings.Contains(f.name, "flac"):
		as = audio.FLAC
	case strings.HasSuffix(f.name, "m4a"):
		as = audio.AAC
	case strings.HasSuffix(f.name, "ogg"):
		as = audio.Vorbis
	case strings.HasSuffix(f.name, "opus"):
		as = audio.Opus
	}
	return audio.Info{Codec: as}.Type()
}

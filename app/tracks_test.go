package app_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/media/mp3/mp3test"
)

func TestFromUploadToEar(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	file := tagged(t, "밤 기차")
	track := mina.upload("whatever.mp3", file, "public")
	if track.Title != "밤 기차" || track.Artist != "하현우" || track.URL != "/mina/%EB%B0%A4-%EA%B8%B0%EC%B0%A8" || track.Picture == nil {
		t.Errorf("got track %+v", track)
	}
	if want := int64(115 * 1152 * 1000 / 44100); math.Abs(float64(track.DurationMS-want)) > 1 {
		t.Errorf("got %d ms, want %d", track.DurationMS, want)
	}
	if track.Audio.SampleRate != 44100 || track.Audio.Bitrate != 128000 || track.Audio.Variable || track.Audio.Bytes != int64(len(file)) {
		t.Errorf("got audio %+v", track.Audio)
	}

	// Playable at once, before the waveform is made.
	raw := jun.get("/api/tracks/" + track.ID + "/stream.mp3").want(200)
	if !bytes.Equal(raw.body, file) {
		t.Error("the raw stream is not the file")
	}
	whole := jun.get(track.Stream.MP4).want(200)
	if whole.header.Get("Content-Type") != "audio/mp4" || !bytes.Contains(whole.body[:1000], []byte("ftyp")) {
		t.Errorf("the mp4: got %v", whole.header)
	}
	if frames := tone(115); !bytes.HasSuffix(whole.body, frames) {
		t.Error("the mp4 does not end with the file's own frames")
	}
	part := jun.get(track.Stream.MP4, "Range", "bytes=100-299").want(206)
	if !bytes.Equal(part.body, whole.body[100:300]) {
		t.Error("a range of the mp4 differs from the whole")
	}
	jun.get(track.Stream.MP4, "If-None-Match", whole.header.Get("Etag")).want(304)
	jun.get(track.Stream.MP4, "Range", "bytes=99999999-").want(416)
	later := jun.get("/api/tracks/" + track.ID + "/stream.mp3?t=1.5").want(200)
	if n := len(later.body); n > len(raw.body)*2/3 || n < len(tone(115))/3 {
		t.Errorf("from the middle on: got %d of %d bytes", n, len(raw.body))
	}
	for _, bad := range []string{"-1", "x", "1e400", "NaN", "0x10", "1,5", strings.Repeat("9", 400)} {
		jun.get("/api/tracks/"+track.ID+"/stream.mp3?t="+bad).fails(400, "t.invalid")
	}
	jun.get("/api/tracks/" + track.ID + "/stream.mp3?t=99999").want(200)

	drawn := mina.drawn(track.ID)
	columns, err := base64.StdEncoding.DecodeString(drawn.Peaks)
	if drawn.Waveform != "ready" || err != nil || len(columns) == 0 || len(columns) > 400 || slices.Max(columns) < 100 {
		t.Errorf("the waveform: got %s, %d columns up to %d, %v", drawn.Waveform, len(columns), slices.Max(columns), err)
	}
	var peaks wire.Peaks
	jun.get("/api/tracks/" + track.ID + "/peaks.json").want(200).into(&peaks)
	if peaks.Version != 2 || peaks.SampleRate != 44100 || len(peaks.Data) != 2*peaks.Length*peaks.Channels || peaks.Length == 0 {
		t.Errorf("peaks.json: got version %d, %d columns, %d values", peaks.Version, peaks.Length, len(peaks.Data))
	}

	for size, at := range map[int]string{100: track.Picture.Small, 300: track.Picture.Medium, 600: track.Picture.Large} {
		a := jun.get(at).want(200)
		m, err := jpeg.Decode(bytes.NewReader(a.body))
		if err != nil || m.Bounds().Dx() != size || m.Bounds().Dy() != size {
			t.Errorf("picture of %d: %v, %v", size, m.Bounds(), err)
		}
	}

	jun.get("/api/tracks/"+track.ID+"/download").fails(403, "forbidden")
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Downloadable: ptr(true)}).want(200)
	got := jun.get("/api/tracks/" + track.ID + "/download").want(200)
	if d := got.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || !strings.Contains(d, "filename*=UTF-8''") || !bytes.Equal(got.body, file) {
		t.Errorf("download: got %q", d)
	}

	h.reopen()
	if again := jun.get("/api/tracks/" + track.ID + "/stream.mp3").want(200); !bytes.Equal(again.body, file) {
		t.Error("after a restart the stream is not the file")
	}
	mina.delete("/api/tracks/" + track.ID).want(204)
	jun.get("/api/tracks/"+track.ID).fails(404, "not_found")
	jun.get("/api/tracks/"+track.ID+"/stream.mp3").fails(404, "not_found")
	if left := h.files(); len(left) > 0 {
		t.Errorf("after deleting there is still %v", left)
	}
	var me wire.Me
	if mina.get("/api/me").want(200).into(&me); me.Tracks != 0 || me.UsedBytes != 0 {
		t.Errorf("after deleting: got %d tracks, %d bytes", me.Tracks, me.UsedBytes)
	}
}

func TestEditing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	file := tagged(t, "Song")
	one, two := mina.upload("a.mp3", file, "public"), mina.upload("b.mp3", file, "public")
	if one.Slug != "song" || two.Slug != "song-2" {
		t.Errorf("got slugs %q and %q", one.Slug, two.Slug)
	}
	tags := []string{"#Lo-fi", "lo-FI", " night  drive ", "", "밤"}
	var got wire.Track
	mina.patch("/api/tracks/"+one.ID, wire.TrackPatch{
		Title: ptr("  New \u202E title\x00 "), Description: ptr("line 1\r\nline 2\x07"), Tags: &tags, Slug: ptr("Ärger & Co"), Year: ptr(1999),
	}).want(200).into(&got)
	if got.Title != "New title" || got.Description != "line 1\nline 2" || got.Slug != "arger-co" || got.Year != 1999 ||
		!slices.Equal(got.Tags, []string{"Lo-fi", "night drive", "밤"}) {
		t.Errorf("got %+v", got)
	}
	var moved wire.Resolved
	if jun.get("/api/resolve?path=/mina/song").want(200).into(&moved); moved.Track == nil || moved.Track.ID != one.ID || moved.Moved != "/mina/arger-co" {
		t.Errorf("the former address: got %+v", moved)
	}
	for _, c := range []struct {
		change any
		status int
		code   string
	}{
		{wire.TrackPatch{Title: ptr(" \u200e\x00 ")}, 400, "title.empty"},
		{wire.TrackPatch{Title: ptr(strings.Repeat("가", 201))}, 400, "bad_request"},
		{wire.TrackPatch{Slug: ptr("song-2")}, 409, "slug.taken"},
		{wire.TrackPatch{Slug: ptr("!!")}, 400, "slug.invalid"},
		{wire.TrackPatch{Tags: ptr([]string{strings.Repeat("t", 41)})}, 400, "tag.long"},
		{wire.TrackPatch{Tags: ptr(slices.Repeat([]string{"t"}, 31))}, 400, "bad_request"},
		{wire.TrackPatch{Visibility: ptr("everyone")}, 400, "bad_request"},
		{`{"user":"` + jun.me.ID + `"}`, 400, "bad_request"},
		{`{"id":"1"}`, 400, "bad_request"},
		{`{"created":"2000-01-01T00:00:00Z"}`, 400, "bad_request"},
		{`{"duration_ms":1}`, 400, "bad_request"},
	} {
		mina.patch("/api/tracks/"+one.ID, c.change).fails(c.status, c.code)
	}
	var with wire.Track
	mina.put("/api/tracks/"+one.ID+"/picture", artwork(t)).want(200).into(&with)
	if with.Picture == nil || with.Picture.Small == one.Picture.Small {
		t.Errorf("a new picture has the address of the old: %+v", with.Picture)
	}
	mina.put("/api/tracks/"+one.ID+"/picture", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")).fails(415, "picture.invalid")
	mina.delete("/api/tracks/" + one.ID + "/picture").want(200)
	jun.get("/api/tracks/"+one.ID+"/picture/100").fails(404, "not_found")
	var me wire.Me
	mina.put("/api/me/picture", artwork(t)).want(200).into(&me)
	jun.get(me.Picture.Medium).want(200)
	mina.delete("/api/me/picture").want(200)
	jun.get(me.Picture.Medium).want(404)
	pictures := 0
	for _, f := range h.files() {
		if strings.Contains(f, "picture-") {
			pictures++
		}
	}
	if pictures != 3 { // those of the second track
		t.Errorf("replaced and removed pictures are still there: %v", h.files())
	}
}

func TestWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.MaxUpload, c.MaxPicture = 300_000, 100_000 })
	h.keeper()
	mina := h.member("mina")
	layer2 := mp3test.Format{SampleRate: 44100, Bitrate: 128, Layer: mp3test.LayerII}
	for _, c := range []struct {
		name   string
		file   []byte
		status int
		code   string
	}{
		{"empty", nil, 400, "upload.empty"},
		{"text", []byte(strings.Repeat("This is no sound. ", 1000)), 415, "upload.not_audio"},
		{"FLAC", append([]byte("fLaC\x00\x00\x00\x22"), make([]byte, 4000)...), 415, "upload.damaged"},
		{"WAV", append([]byte("RIFF\x24\x00\x00\x00WAVEfmt "), make([]byte, 4000)...), 415, "upload.damaged"},
		{"AIFF", append([]byte("FORM\x00\x00\x10\x00AIFFCOMM"), make([]byte, 4000)...), 415, "upload.unsupported"},
		{"PNG", artwork(t), 415, "upload.not_audio"},
		{"Layer II", layer2.Silence(50), 415, "upload.layer"},
		{"free format", mp3test.Format{SampleRate: 44100, FreeSize: 600}.Silence(50), 415, "upload.free_format"},
		{"tags only", mp3test.ID3v2(3, id3Frame("TIT2", []byte("\x03Nothing"))), 415, "upload.no_sound"},
		{"zeros", make([]byte, 100_000), 415, "upload.not_audio"},
		{"too large", make([]byte, 300_001), 413, "upload.too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := mina.post("/api/tracks?name=x.mp3", c.file).fails(c.status, c.code)
			if strings.Contains(string(a.body), h.dir) {
				t.Errorf("the answer has a path: %s", a.body)
			}
			// The same without a length, piece by piece.
			mina.post("/api/tracks?name=x.mp3", io.MultiReader(bytes.NewReader(c.file))).fails(c.status, c.code)
		})
	}
	mina.do("POST", "/api/tracks?name=x.mp3", tone(10), "Content-Type", "multipart/form-data; boundary=x").fails(415, "upload.form")
	mina.put("/api/me/picture", make([]byte, 100_001)).fails(413, "picture.too_large")
	// What breaks off leaves nothing.
	a, err := brokenUpload(mina, tagged(t, "Half"))
	if err == nil && a < 400 {
		t.Errorf("half an upload: got %d", a)
	}
	// The server may begin with it when the client has gone already.
	deadline := time.Now().Add(15 * time.Second)
	for none := 0; none < 10 && time.Now().Before(deadline); none++ {
		if len(h.files()) > 0 {
			none = 0
		}
		time.Sleep(20 * time.Millisecond)
	}
	if left := h.files(); len(left) > 0 {
		t.Errorf("refused uploads left %v", left)
	}
	var list wire.List[wire.Track]
	if mina.get("/api/me/tracks").want(200).into(&list); len(list.Items) > 0 {
		t.Errorf("refused uploads made tracks: %+v", list.Items)
	}
}

// brokenUpload announces a file and sends half of it.
func brokenUpload(p *person, file []byte) (int, error) {
	broken := io.MultiReader(bytes.NewReader(file[:len(file)/2]), errReader{})
	req, err := http.NewRequest("POST", p.h.url+"/api/tracks?name=half.mp3", broken)
	if err != nil {
		return 0, err
	}
	req.ContentLength = int64(len(file))
	req.Header.Set("Authorization", "Bearer "+p.token)
	res, err := p.http.Do(req)
	if err != nil {
		return 0, err
	}
	res.Body.Close()
	return res.StatusCode, nil
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("the line went dead") }

// TestHostileNames uploads files whose names and tags want to be paths,
// scripts or lines of a log. They are text, and nothing else.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	bare := tone(40)
	for i, c := range []struct{ name, title string }{
		{"..%2f..%2f..%2fetc%2fpasswd", "passwd"},
		{"C:%5cWindows%5cnight_train.mp3", "night train"},
		{"%00%0a%0dlevel=ERROR.mp3", "level=ERROR"},
		{"%3Cimg%20src=x%20onerror=alert(1)%3E.mp3", "<img src=x onerror=alert(1)>"},
		{"%FF%FE.mp3", "Untitled"},
		{"", "Untitled"},
		{"..", "."},
		{strings.Repeat("%EA%B0%80", 300) + ".mp3", strings.Repeat("가", 200)},
	} {
		track := mina.upload(c.name, bare, "public")
		if track.Title != c.title && c.name != ".." {
			t.Errorf("file %d, %q: got title %q, want %q", i, c.name, track.Title, c.title)
		}
		if track.Title == "" || track.Slug == "" {
			t.Errorf("file %d: got no title or slug: %+v", i, track)
		}
		mina.get(track.URL).want(200)
		mina.drawn(track.ID)
	}
	for _, f := range h.files() {
		if ok, _ := filepath.Match("media/tracks/?????????????/*", f); !ok {
			t.Errorf("a file outside of the tracks' folders: %s", f)
		}
	}
	large := slices.Concat(mp3test.ID3v2(3, id3Frame("TIT2", append([]byte{3}, strings.Repeat("하", 350_000)...))), bare)
	if track := mina.upload("x.mp3", large, "private"); len([]rune(track.Title)) != 200 {
		t.Errorf("a title of 1 MB became %d characters", len([]rune(track.Title)))
	}
}

// TestMissingMedia takes files away behind the house's back: records stay, and
// no track ever plays another one's bytes (SAFETY F35).
func TestMissingMedia(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	one, two := mina.upload("a.mp3", tagged(t, "One"), "public"), mina.upload("b.mp3", tagged(t, "Another one"), "public")
	mina.drawn(one.ID)
	mina.drawn(two.ID)
	audio := func(id string) string { return filepath.Join(h.dir, "media", "tracks", id, "audio.mp3") }
	keep, err := os.ReadFile(audio(one.ID))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(audio(two.ID))
	if err != nil {
		t.Fatal(err)
	}
	streams := []string{"/stream.mp4", "/stream.mp3", "/stream.mp3?t=1", "/download"}
	for _, damage := range []struct {
		name string
		do   func() error
	}{
		{"gone", func() error { return os.Remove(audio(one.ID)) }},
		{"cut", func() error { return os.WriteFile(audio(one.ID), keep[:len(keep)/2], 0o600) }},
		{"longer", func() error { return os.WriteFile(audio(one.ID), append(slices.Clone(keep), keep...), 0o600) }},
		{"another track's", func() error { return os.WriteFile(audio(one.ID), other, 0o600) }},
		{"a link out", func() error { os.Remove(audio(one.ID)); return os.Symlink("/etc/passwd", audio(one.ID)) }},
		{"a folder", func() error { os.Remove(audio(one.ID)); return os.Mkdir(audio(one.ID), 0o700) }},
	} {
		t.Run(damage.name, func(t *testing.T) {
			if err := damage.do(); err != nil {
				t.Fatal(err)
			}
			for _, s := range streams {
				mina.get("/api/tracks/"+one.ID+s).fails(404, "media.missing")
			}
			mina.get("/api/tracks/" + one.ID).want(200)
			mina.get("/api/stream").want(200)
		})
	}
	h.reopen()
	os.RemoveAll(audio(one.ID))
	if err := os.WriteFile(audio(one.ID), keep, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := mina.get("/api/tracks/" + one.ID + "/stream.mp3").want(200); !bytes.Equal(got.body, keep) {
		t.Error("the file came back, but is not what plays")
	}

	// The whole folder is away at a start, as when a disk is not mounted.
	media, aside := filepath.Join(h.dir, "media"), filepath.Join(h.dir, "aside")
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(media, aside); err != nil {
		t.Fatal(err)
	}
	h.open()
	mina.get("/api/tracks/" + one.ID).want(200)
	mina.get("/api/tracks/"+one.ID+"/stream.mp4").fails(404, "media.missing")
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(media)
	if err := os.Rename(aside, media); err != nil {
		t.Fatal(err)
	}
	h.open()
	mina.get("/api/tracks/" + one.ID + "/stream.mp4").want(200)
	mina.get("/api/tracks/" + two.ID + "/stream.mp4").want(200)
}

// TestAnalysisOutlivesARestart stops the house right after an upload.
func TestAnalysisOutlivesARestart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	track := mina.upload("long.mp3", tone(4000), "public")
	h.reopen()
	if got := mina.drawn(track.ID); got.Waveform != "ready" {
		t.Errorf("got waveform %q", got.Waveform)
	}
}

// TestManyUploadsAtOnce sends several files at the same time.
func TestManyUploadsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	errs := make(chan error, 8)
	for i := range 8 {
		go func() {
			req, _ := http.NewRequest("POST", fmt.Sprintf("%s/api/tracks?name=same.mp3&n=%d", h.url, i), bytes.NewReader(tone(200)))
			req.Header.Set("Authorization", "Bearer "+mina.token)
			res, err := http.DefaultClient.Do(req)
			if err == nil {
				res.Body.Close()
				if res.StatusCode != 201 {
					err = fmt.Errorf("status %d", res.StatusCode)
				}
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	var list wire.List[wire.Track]
	mina.get("/api/me/tracks").want(200).into(&list)
	slugs := map[string]bool{}
	for _, tr := range list.Items {
		slugs[tr.Slug] = true
	}
	if len(list.Items) != 8 || len(slugs) != 8 {
		t.Errorf("got %d tracks with %d addresses, want 8", len(list.Items), len(slugs))
	}
}

package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/db"
)

// tusHeaders are what a request of the protocol says besides its body.
func tusHeaders(method, path string) []string {
	if !strings.HasPrefix(path, "/api/uploads") || path == "/api/uploads/known" {
		return nil
	}
	switch h := []string{"Tus-Resumable", "1.0.0"}; method {
	case "POST":
		return append(h, "Upload-Length", "1000")
	case "PATCH":
		return append(h, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	default:
		return h
	}
}

// tus sends a request of the protocol.
func (p *person) tus(method, path string, body any, headers ...string) answer {
	p.h.t.Helper()
	return p.do(method, path, body, append([]string{"Tus-Resumable", "1.0.0"}, headers...)...)
}

// announces begins an upload in pieces.
func (p *person) announces(size int, name string, headers ...string) answer {
	p.h.t.Helper()
	return p.tus("POST", "/api/uploads", nil, append([]string{
		"Upload-Length", strconv.Itoa(size), "Upload-Metadata", "filename " + base64.StdEncoding.EncodeToString([]byte(name)),
	}, headers...)...)
}

// begins is announces, and gives where the pieces go.
func (p *person) begins(size int, name string) string {
	p.h.t.Helper()
	return p.announces(size, name).want(201).header.Get("Location")
}

// appends sends a piece.
func (p *person) appends(at string, offset int, piece any, headers ...string) answer {
	p.h.t.Helper()
	if piece == nil {
		piece = []byte{}
	}
	return p.tus("PATCH", at, piece, append([]string{"Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream"}, headers...)...)
}

// offset asks how much of an upload is there.
func (p *person) offset(at string) int {
	p.h.t.Helper()
	n, err := strconv.Atoi(p.tus("HEAD", at, nil).want(200).header.Get("Upload-Offset"))
	if err != nil {
		p.h.t.Fatal(err)
	}
	return n
}

func (p *person) partial(at string) (u wire.PartialUpload) {
	p.h.t.Helper()
	p.get(at).want(200).into(&u)
	return u
}

// settle waits until so many bytes of an upload were taken, synced or not.
func (p *person) settle(at string, bytes int) {
	p.h.t.Helper()
	for range 1200 {
		if p.partial(at).Offset >= int64(bytes) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.h.t.Fatalf("%d bytes of %s never came", bytes, at)
}

// coming lists what is being received.
func (h *house) coming() (list []string) {
	for _, name := range h.files() {
		if strings.HasPrefix(name, "media/incoming/") {
			list = append(list, name)
		}
	}
	return list
}

// checked closes the house, looks at all of its database, and opens it again.
func (h *house) checked() {
	h.t.Helper()
	if err := h.close(); err != nil {
		h.t.Fatal(err)
	}
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := d.Check(h.t.Context()); err != nil {
		h.t.Error(err)
	}
	if err := d.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

func TestUploadInPieces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	file := tagged(t, "In pieces")
	o := mina.tus("OPTIONS", "/api/uploads", nil).want(204)
	if o.header.Get("Tus-Version") != "1.0.0" || o.header.Get("Tus-Max-Size") != fmt.Sprint(h.cfg.MaxUpload) ||
		o.header.Get("Tus-Extension") != "creation,creation-with-upload,termination,expiration" {
		t.Errorf("got %v", o.header)
	}
	made := mina.announces(len(file), "노래 song.mp3", "Upload-Metadata",
		"filename "+base64.StdEncoding.EncodeToString([]byte("노래 song.mp3"))+",visibility cHVibGlj,other").want(201)
	at := made.header.Get("Location")
	if !strings.HasPrefix(at, "/api/uploads/") || made.header.Get("Upload-Expires") == "" || made.header.Get("Upload-Offset") != "0" {
		t.Errorf("got %v", made.header)
	}
	for from := 0; from < len(file); from += 10_000 {
		if got := mina.offset(at); got != from {
			t.Fatalf("got %d bytes, sent %d", got, from)
		}
		to := min(from+10_000, len(file))
		a := mina.appends(at, from, file[from:to]).want(204)
		if a.header.Get("Upload-Offset") != fmt.Sprint(to) || a.header.Get("Upload-Expires") == "" || a.header.Get("Tus-Resumable") != "1.0.0" {
			t.Errorf("got %v", a.header)
		}
		if from == 10_000 {
			h.reopen() // goes on where it was
		}
	}
	head := mina.tus("HEAD", at, nil).want(200)
	if head.header.Get("Upload-Length") != fmt.Sprint(len(file)) || !strings.Contains(head.header.Get("Upload-Metadata"), "visibility cHVibGlj") ||
		head.header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %v", head.header)
	}
	u := mina.partial(at)
	if u.Track == nil || u.Track.Title != "In pieces" || u.Track.Visibility != "public" || !u.Ended {
		t.Fatalf("got %+v", u)
	}
	if got := mina.get("/api/tracks/" + u.Track.ID + "/stream").want(200).body; !bytes.Equal(got, file) {
		t.Error("what is played is not what was sent")
	}
	// Whoever did not hear of the end sends it again: there is one track.
	mina.appends(at, len(file), nil).want(204)
	var tracks wire.List[wire.Track]
	mina.get("/api/me/tracks").want(200).into(&tracks)
	if len(tracks.Items) != 1 {
		t.Errorf("got %d tracks", len(tracks.Items))
	}
	if left := h.coming(); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	var list wire.List[wire.PartialUpload]
	mina.get("/api/uploads").want(200).into(&list)
	if len(list.Items) != 0 {
		t.Errorf("what is whole is listed: %+v", list.Items)
	}
	mina.tus("DELETE", at, nil).want(204)
	mina.get("/api/tracks/" + u.Track.ID).want(200)
	mina.get(at).fails(404, "not_found")
	h.checked()
}

// TestUploadInPiecesWithItsCreation sends files at once with their announcement.
func TestUploadInPiecesWithItsCreation(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.PublicURL = "http://home.example/sounds" })
	k := h.keeper()
	file := tagged(t, "At once")
	kind := []string{"Upload-Length", strconv.Itoa(len(file)), "Content-Type", "application/offset+octet-stream"}
	made := k.tus("POST", "/api/uploads", file, kind...).want(201)
	at := made.header.Get("Location")
	if !strings.HasPrefix(at, "/sounds/api/uploads/") || made.header.Get("Upload-Offset") != fmt.Sprint(len(file)) {
		t.Errorf("got %v", made.header)
	}
	if u := k.partial(at); u.Track == nil || u.URL != at {
		t.Errorf("got %+v", u)
	}
	made = k.tus("POST", "/api/uploads", file[:1000], kind...).want(201)
	if k.appends(made.header.Get("Location"), 1000, file[1000:]).want(204); k.partial(made.header.Get("Location")).Track == nil {
		t.Error("the rest makes no track")
	}
	k.tus("POST", "/api/uploads", file, "Upload-Length", strconv.Itoa(len(file)-1), "Content-Type", "application/offset+octet-stream").fails(413, "upload.past_end")
	k.tus("POST", "/api/uploads", io.NopCloser(bytes.NewReader(file)), "Upload-Length", strconv.Itoa(len(file)-1), "Content-Type", "application/offset+octet-stream").fails(413, "upload.past_end")
	k.tus("POST", "/api/uploads", file, "Upload-Length", strconv.Itoa(len(file)), "Content-Type", "audio/mpeg").fails(415, "upload.piece")
	k.tus("POST", "/api/uploads", []byte("no sound"), "Upload-Length", "8", "Content-Type", "application/offset+octet-stream").fails(415, "upload.not_audio")
	var list wire.List[wire.PartialUpload]
	if k.get("/api/uploads").want(200).into(&list); len(list.Items)+len(h.coming()) > 0 {
		t.Errorf("%v and %v are left", list.Items, h.coming())
	}
}

func TestWhatUploadsInPiecesRefuse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.MaxUpload = 1 << 20 })
	k := h.keeper()
	mina := h.member("mina")
	at := mina.begins(1000, "song.mp3")
	mina.appends(at, 0, bytes.Repeat([]byte{1}, 100)).want(204)
	for _, c := range []struct {
		name    string
		headers []string
		status  int
		code    string
	}{
		{"no length", nil, 400, "upload.number"},
		{"a negative length", []string{"Upload-Length", "-1"}, 400, "upload.number"},
		{"a length with a sign", []string{"Upload-Length", "+1"}, 400, "upload.number"},
		{"a length in hex", []string{"Upload-Length", "0x10"}, 400, "upload.number"},
		{"a length that is empty", []string{"Upload-Length", ""}, 400, "upload.number"},
		{"no byte", []string{"Upload-Length", "0"}, 400, "upload.empty"},
		{"too many bytes", []string{"Upload-Length", "1048577"}, 413, "upload.too_large"},
		{"more bytes than numbers", []string{"Upload-Length", "99999999999999999999999999"}, 413, "upload.number"},
		{"a length that is told later", []string{"Upload-Defer-Length", "1"}, 400, "upload.defer"},
		{"a part of another", []string{"Upload-Length", "9", "Upload-Concat", "partial"}, 400, "upload.concat"},
		{"words that are not in base64", []string{"Upload-Length", "9", "Upload-Metadata", "filename a song"}, 400, "upload.metadata"},
		{"a word twice", []string{"Upload-Length", "9", "Upload-Metadata", "a QQ==,a QQ=="}, 400, "upload.metadata"},
		{"an empty word", []string{"Upload-Length", "9", "Upload-Metadata", ",,"}, 400, "upload.metadata"},
		{"very many words", []string{"Upload-Length", "9", "Upload-Metadata", "filename " + strings.Repeat("QUFB", 3000)}, 400, "upload.metadata"},
		{"a visibility that there is not", []string{"Upload-Length", "9", "Upload-Metadata", "visibility QQ=="}, 400, "visibility.invalid"},
	} {
		if a := mina.tus("POST", "/api/uploads", nil, c.headers...); a.status != c.status || a.code() != c.code {
			t.Errorf("%s: got %d %s", c.name, a.status, shorten(a.body))
		}
	}
	for _, c := range []struct {
		name, offset string
		piece        any
		status       int
		code         string
	}{
		{"no offset", "", []byte("x"), 400, "upload.number"},
		{"a negative offset", "-1", []byte("x"), 400, "upload.number"},
		{"an offset that overlaps", "0", []byte("x"), 409, "upload.offset"},
		{"an offset before the end", "99", []byte("x"), 409, "upload.offset"},
		{"an offset that leaves a gap", "101", []byte("x"), 409, "upload.offset"},
		{"an offset at the end", "1000", []byte("x"), 409, "upload.offset"},
		{"an offset past the end", "1001", []byte("x"), 409, "upload.offset"},
		{"an offset past all numbers", "99999999999999999999", []byte("x"), 413, "upload.number"},
		{"an offset that is no number", "1e2", []byte("x"), 400, "upload.number"},
		{"a piece that is too long", "100", bytes.Repeat([]byte{1}, 901), 413, "upload.past_end"},
		{"a piece that is too long, and does not say so", "100", io.NopCloser(bytes.NewReader(bytes.Repeat([]byte{1}, 901))), 413, "upload.past_end"},
	} {
		if a := mina.tus("PATCH", at, c.piece, "Upload-Offset", c.offset, "Content-Type", "application/offset+octet-stream"); a.status != c.status || a.code() != c.code {
			t.Errorf("%s: got %d %s", c.name, a.status, shorten(a.body))
		}
		if got := mina.offset(at); got != 100 {
			t.Fatalf("%s: %d bytes are there", c.name, got)
		}
	}
	mina.tus("PATCH", at, []byte("x"), "Upload-Offset", "100").fails(415, "upload.piece")
	for _, who := range []*person{mina, k} { // of another's, no method tells more than of what never was
		for _, ask := range [][]string{{"HEAD"}, {"PATCH", "Upload-Offset", "100", "Content-Type", "application/offset+octet-stream"}, {"DELETE"}, {"GET"}} {
			got, absent := who.tus(ask[0], at, []byte("x"), ask[1:]...), who.tus(ask[0], "/api/uploads/"+never, []byte("x"), ask[1:]...)
			if absent.status != 404 || who == k && told(got) != told(absent) {
				t.Errorf("%s: %v: got\n%s, and of what never was\n%s", who.name, ask, told(got), told(absent))
			}
			for _, version := range []string{"", "0.2.2", "2.0.0"} {
				if a := who.do(ask[0], at, []byte("x"), append([]string{"Tus-Resumable", version}, ask[1:]...)...); ask[0] != "GET" && (a.status != 412 || a.header.Get("Tus-Version") != "1.0.0") {
					t.Errorf("%s %v in version %q: got %d", who.name, ask, version, a.status)
				}
			}
		}
		if who == mina {
			at = mina.begins(1000, "song.mp3")
		}
	}
	mina.post("/api/uploads/known", wire.Known{SHA256: []string{"abc"}}).fails(400, "upload.sum")
	mina.post("/api/uploads/known", wire.Known{SHA256: slices.Repeat([]string{strings.Repeat("0", 64)}, 101)}).want(400)
}

// TestWhatIsNoTrackInPieces: what is refused answers as at POST /api/tracks, says
// so again to whoever asks, and leaves nothing.
func TestWhatIsNoTrackInPieces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	for _, file := range [][]byte{
		[]byte("not a sound at all"), artwork(t), append([]byte("FORM\x00\x00\x10\x00AIFF"), make([]byte, 4096)...), append([]byte("RIFF\x00\x00\x10\x00WAVE"), make([]byte, 4096)...),
	} {
		want := mina.post("/api/tracks", file)
		at := mina.begins(len(file), "song.mp3")
		mina.appends(at, 0, file[:10]).want(204)
		got := mina.appends(at, 10, file[10:])
		again := mina.appends(at, len(file), nil)
		if want.status != 415 || got.status != want.status || string(got.body) != string(want.body) || string(again.body) != string(want.body) {
			t.Errorf("got %d %s, then %s, at once %d %s", got.status, got.body, again.body, want.status, want.body)
		}
		if u := mina.partial(at); u.Error == nil || u.Error.Code != want.code() || u.Track != nil || !u.Ended {
			t.Errorf("got %+v", u)
		}
		mina.tus("HEAD", at, nil).want(404)
	}
	if left := h.coming(); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	h.checked()
}

// TestRoomForUploadsInPieces: what is under way counts.
func TestRoomForUploadsInPieces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	for range 20 {
		mina.begins(1000, "song.mp3")
	}
	mina.announces(1000, "song.mp3").fails(409, "upload.many")
	jun := h.member("jun")
	at := jun.begins(6000, "song.mp3")
	k.put("/api/users/"+jun.me.ID+"/quota", wire.QuotaChange{MostBytes: 10_000}).want(200)
	jun.announces(10_001, "song.mp3").fails(413, "quota.bytes")
	jun.announces(5000, "song.mp3").fails(413, "quota.coming")
	jun.tus("DELETE", at, nil).want(204)
	at = jun.begins(5000, "song.mp3")
	k.put("/api/users/"+jun.me.ID+"/quota", wire.QuotaChange{MostBytes: 1000}).want(200)
	file := tone(11)[:4500]
	at = func() string {
		jun.tus("DELETE", at, nil).want(204)
		k.put("/api/users/"+jun.me.ID+"/quota", wire.QuotaChange{MostBytes: 4500}).want(200)
		return jun.begins(4500, "song.mp3")
	}()
	k.put("/api/users/"+jun.me.ID+"/quota", wire.QuotaChange{MostBytes: 4000}).want(200)
	jun.appends(at, 0, file).fails(413, "quota.bytes") // it became smaller meanwhile
	if n := len(h.coming()); n != 20 {
		t.Errorf("%d files are being received, 20 are right", n)
	}
}

// TestAnotherPieceEndsTheFirst: a client that lost its connection comes again
// while the house still waits for the rest of the piece.
func TestAnotherPieceEndsTheFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	file := tagged(t, "Twice")
	half := 20_000
	hangs := func(at string, from int) net.Conn {
		c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "PATCH %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: %d\r\n"+
			"Content-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n", at, mina.token, from, len(file)-from)
		c.Write(file[from : from+half])
		return c
	}
	at := mina.begins(len(file), "song.mp3")
	defer hangs(at, 0).Close()
	mina.settle(at, 1)
	from := mina.offset(at) // what the first brought counts
	if from == 0 {
		t.Error("what the first brought is lost")
	}
	defer hangs(at, from).Close()
	mina.settle(at, from+1)
	mina.appends(at, from, file[from:]).fails(409, "upload.offset") // the one before brought some of it
	from = mina.offset(at)
	mina.appends(at, from, file[from:]).want(204)
	id := mina.partial(at).Track.ID
	if got := mina.get("/api/tracks/" + id + "/stream").want(200).body; !bytes.Equal(got, file) {
		t.Error("what is played is not what was sent")
	}

	gone := mina.begins(len(file), "song.mp3")
	defer hangs(gone, 0).Close()
	mina.settle(gone, 1)
	mina.tus("DELETE", gone, nil).want(204)
	mina.get(gone).fails(404, "not_found")
	if left := h.coming(); len(left) > 0 {
		t.Errorf("%v is left", left)
	}

	// Many at once leave one file, whole, and one track.
	at = mina.begins(len(file), "song.mp3")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				n, _ := strconv.Atoi(mina.tus("HEAD", at, nil).header.Get("Upload-Offset"))
				if n == len(file) {
					return
				}
				mina.appends(at, n, file[n:min(n+7000, len(file))])
			}
		})
	}
	wg.Wait()
	u := mina.partial(at)
	if u.Track == nil {
		t.Fatalf("got %+v", u)
	}
	if got := mina.get("/api/tracks/" + u.Track.ID + "/stream").want(200).body; !bytes.Equal(got, file) {
		t.Error("what is played is not what was sent")
	}
	h.checked()
}

// TestPiecesWhenTheHouseCloses: what came of a piece that is under way counts, and
// a file that came whole becomes a track at the next start.
func TestPiecesWhenTheHouseCloses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	file := tagged(t, "Closing")
	at := k.begins(len(file), "song.mp3")
	r, w := io.Pipe()
	go func() {
		req, _ := http.NewRequest("PATCH", h.url+at, r)
		for name, value := range map[string]string{
			"Authorization": "Bearer " + k.token, "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
		} {
			req.Header.Set(name, value)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
		}
	}()
	w.Write(file[:20_000])
	k.settle(at, 1)
	h.reopen()
	w.Close()
	from := k.offset(at)
	if from == 0 {
		t.Error("what came is lost")
	}
	k.appends(at, from, file[from:]).want(204)
	whole := k.begins(len(file), "second.mp3")
	id, _ := db.ParseID(strings.TrimPrefix(whole, "/api/uploads/"))
	k.appends(whole, 0, file[:len(file)-1]).want(204)
	// As after a kill between the last byte and the track.
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(h.dir, "media/incoming/part-"+id.String()), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Write(file[len(file)-1:])
	f.Close()
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), func(tx *db.Tx) error {
		u, err := tx.Upload(id)
		if err != nil {
			return err
		}
		sum := sha256.New()
		sum.Write(file)
		u.Offset = u.Size
		if u.State, err = sum.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
			return err
		}
		return tx.SetUpload(u)
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	h.open()
	for range 1200 {
		if u := k.partial(whole); u.Track != nil {
			if got := k.get("/api/tracks/" + u.Track.ID + "/stream").want(200).body; !bytes.Equal(got, file) {
				t.Error("what is played is not what was sent")
			}
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Error("what came whole became no track")
}

// TestTheEndOfUploadsInPieces: of those whom the keeper sends away, and of those
// who do not come again, nothing stays.
func TestTheEndOfUploadsInPieces(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	var steady time.Duration
	var mu sync.Mutex
	pace := func() time.Duration { mu.Lock(); defer mu.Unlock(); return steady }
	h := (&house{cost: 4, now: c.now, pace: pace}).begin(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	file := tagged(t, "Late")
	hers, his := mina.begins(len(file), "hers.mp3"), jun.begins(len(file), "his.mp3")
	mina.appends(hers, 0, file[:1000]).want(204)
	jun.appends(his, 0, file[:1000]).want(204)
	h.tidy()
	c.jump(10 * year) // of a clock that was wrong
	mina = h.signIn("mina")
	h.tidy()
	if got := mina.offset(hers); got != 1000 {
		t.Errorf("%d bytes are there", got)
	}
	c.jump(-10 * year)
	mu.Lock()
	steady += 2 * time.Hour
	mu.Unlock()
	h.tidy()
	h.signIn("mina").offset(hers)
	jun = h.signIn("jun")
	k := h.signIn("keeper")
	k.put("/api/users/"+jun.me.ID+"/suspension", nil).want(200)
	jun.tus("PATCH", his, file[1000:], "Upload-Offset", "1000", "Content-Type", "application/offset+octet-stream").fails(401, "signin.needed")
	k.delete("/api/users/" + jun.me.ID).want(204)
	deleted(t, h, jun)
	if left := h.coming(); len(left) != 1 {
		t.Errorf("%v is left, one is right", left)
	}
	c.jump(3*day + time.Minute)
	h.tidy()
	mina = h.signIn("mina")
	mina.get(hers).fails(404, "not_found")
	if left := h.coming(); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	h.checked()
}

func (h *house) tidy() {
	h.t.Helper()
	if err := h.app.Core().Tidy(h.t.Context()); err != nil {
		h.t.Error(err)
	}
}

// TestKnownFiles: people are told which files they have uploaded before, and
// nothing of others'.
func TestKnownFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	sum := func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }
	mine, other, his := tagged(t, "Mine"), tagged(t, "Not yet"), tagged(t, "Of another")
	k.upload("his.mp3", his, "public")
	ask := wire.Known{SHA256: []string{sum(mine), sum(other), sum(his)}}
	known := func() (found wire.KnownTracks) {
		mina.post("/api/uploads/known", ask).want(200).into(&found)
		return found
	}
	if got := known(); len(got.Items) != 0 {
		t.Errorf("got %+v", got)
	}
	tr := mina.upload("mine.mp3", mine, "private")
	if got := known(); len(got.Items) != 1 || got.Items[0].Track.ID != tr.ID || got.Items[0].SHA256 != sum(mine) {
		t.Errorf("got %+v", got)
	}
	second := mina.upload("other.mp3", other, "private")
	if got := known(); len(got.Items) != 2 {
		t.Errorf("got %+v", got)
	}
	mina.delete("/api/tracks/" + tr.ID).want(204)
	if got := known(); len(got.Items) != 1 || got.Items[0].Track.ID != second.ID {
		t.Errorf("got %+v", got)
	}
}

// TestUploadInPiecesKilled kills the program at random moments while pieces come:
// what was acknowledged is there at the next start, and in the end the track is
// what was sent.
func TestUploadInPiecesKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	keeper := p.keeper()
	kills := 6
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_KILLS")); err == nil {
		kills = n
	}
	file := tagged(t, "Killed")
	for len(file) < 3<<20 {
		file = append(file, tone(2000)...)
	}
	at, from, tracks := "", 0, 0
	for round := range kills {
		done := make(chan struct{})
		go func() { // sends pieces until it is cut off
			defer close(done)
			for {
				var res *http.Response
				var err error
				switch {
				case at == "":
					res, err = ask(p.url, keeper.token, "POST", "/api/uploads", nil, "Upload-Length", strconv.Itoa(len(file)))
				default:
					to := min(from+rand.IntN(300_000)+1, len(file))
					res, err = ask(p.url, keeper.token, "PATCH", at, file[from:to], "Upload-Offset", strconv.Itoa(from), "Content-Type", "application/offset+octet-stream")
				}
				if err != nil {
					return
				}
				switch res.StatusCode {
				case 201:
					at, from = res.Header.Get("Location"), 0
				case 204:
					if from, _ = strconv.Atoi(res.Header.Get("Upload-Offset")); from == len(file) {
						at = ""
						tracks++
					}
				default:
					t.Errorf("round %d: got %d", round, res.StatusCode)
					return
				}
			}
		}()
		time.Sleep(time.Duration(100+rand.IntN(500)) * time.Millisecond)
		p.cmd.Process.Signal(syscall.SIGKILL)
		p.cmd.Wait()
		<-done
		p = start(t, dir)
		keeper = p.person("keeper", keeper.token)
		if at == "" {
			continue
		}
		got := keeper.offset(at)
		if got < from {
			t.Fatalf("round %d: %d bytes are there, %d were acknowledged", round, got, from)
		}
		if from = got; from == len(file) {
			at = ""
			tracks++
		}
	}
	if at != "" {
		keeper.appends(at, from, file[from:]).want(204)
		tracks++
	}
	want := sha256.Sum256(file)
	var list wire.List[wire.Track]
	for range 400 { // what came whole before a kill is finished after the start
		keeper.get("/api/me/tracks?limit=100").want(200).into(&list)
		if len(list.Items) >= min(tracks, 100) {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	if len(list.Items) < min(tracks, 100) {
		t.Errorf("%d files were acknowledged, %d are tracks", tracks, len(list.Items))
	}
	for _, tr := range list.Items {
		if got := sha256.Sum256(keeper.get("/api/tracks/" + tr.ID + "/stream").want(200).body); got != want {
			t.Errorf("track %s is another file than was sent", tr.ID)
		}
	}
	t.Logf("%d kills, %d tracks", kills, tracks)
}

func ask(url, token, method, path string, body []byte, headers ...string) (*http.Response, error) {
	req, err := http.NewRequest(method, url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := (&http.Client{Timeout: 20 * time.Second}).Do(req)
	if err == nil {
		res.Body.Close()
	}
	return res, err
}

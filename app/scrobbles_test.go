package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/db"
)

// brainz is a server that takes listens as ListenBrainz does. It knows the
// tokens that begin with "good".
type brainz struct {
	t   testing.TB
	url string
	got chan report

	mu     sync.Mutex
	door   http.HandlerFunc // what is asked for a token, when set
	answer http.HandlerFunc // what is told of listens, when set
}

// report is what somebody told the server.
type report struct {
	Kind    string `json:"listen_type"`
	Payload []struct {
		At    *int64 `json:"listened_at"`
		Track struct {
			Artist  string         `json:"artist_name"`
			Title   string         `json:"track_name"`
			Release string         `json:"release_name"`
			More    map[string]any `json:"additional_info"`
		} `json:"track_metadata"`
	} `json:"payload"`
	token string
}

func (l report) String() string {
	s := l.token + " " + l.Kind
	for _, p := range l.Payload {
		s += " " + p.Track.Title
	}
	return s
}

func newBrainz(t testing.TB) *brainz {
	b := &brainz{t: t, got: make(chan report, 100)}
	srv := httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(srv.Close)
	b.url = srv.URL
	return b
}

func (b *brainz) serve(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Token ")
	if agent := r.Header.Get("User-Agent"); !ok || agent != "Earshot" {
		b.t.Errorf("asked without a token, or by %q", agent)
	}
	b.mu.Lock()
	door, answer := b.door, b.answer
	b.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "GET /1/validate-token":
		if door != nil {
			door(w, r)
		} else if strings.HasPrefix(token, "good") {
			fmt.Fprintf(w, `{"code":200,"message":"Token valid.","valid":true,"user_name":"%s there"}`, token)
		} else {
			fmt.Fprint(w, `{"code":200,"message":"Token invalid.","valid":false}`)
		}
	case "POST /1/submit-listens":
		in := report{token: token}
		p, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(p, &in); err != nil {
			b.t.Errorf("told %q: %v", p, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(p))
		if answer != nil {
			answer(w, r)
		} else {
			fmt.Fprint(w, `{"status":"ok"}`)
		}
		b.got <- in
	default:
		b.t.Errorf("asked for %s %s", r.Method, r.URL)
		http.NotFound(w, r)
	}
}

// says sets what the server answers to listens; nil takes them.
func (b *brainz) says(answer http.HandlerFunc) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = answer
}

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, `{}`)
	}
}

// next is what the server is told next.
func (b *brainz) next(want string) report {
	b.t.Helper()
	select {
	case l := <-b.got:
		if want != "" && l.String() != want {
			b.t.Fatalf("told %q, want %q", l, want)
		}
		return l
	case <-time.After(30 * time.Second):
		b.t.Fatalf("nothing was told, want %q", want)
	}
	return report{}
}

// silent ends the test if the server was told more.
func (b *brainz) silent() {
	b.t.Helper()
	if len(b.got) > 0 {
		b.t.Fatalf("told %q, want nothing more", <-b.got)
	}
}

// scrobbles is a house whose people may choose the server, with mina, who did,
// and jun, whose songs there are.
type scrobbles struct {
	*house
	b         *brainz
	c         *clock
	mina, jun *person
}

func newScrobbles(t testing.TB, change ...func(*config.Config)) *scrobbles {
	s := &scrobbles{b: newBrainz(t), c: newClock(today)}
	s.house = (&house{cost: 4, now: s.c.now, pace: func() time.Duration { return s.c.now().Sub(today) }}).
		begin(t, append(change, func(c *config.Config) { c.Scrobbling.Servers = []string{s.b.url} })...)
	s.keeper()
	s.mina, s.jun = s.member("mina"), s.member("jun")
	s.mina.put("/api/me/scrobbler", wire.NewScrobbler{Address: s.b.url, Token: "good"}).want(200)
	return s
}

// song makes a song of jun's.
func (s *scrobbles) song(title string) wire.Track { return s.jun.sing(title, "public") }

// plays has mina listen to songs, half a minute each.
func (s *scrobbles) plays(songs ...wire.Track) {
	s.t.Helper()
	for _, song := range songs {
		s.c.jump(30 * time.Second)
		if !s.mina.hear(song, 30_000) {
			s.t.Fatalf("%s does not count", song.Title)
		}
	}
	s.written()
}

// until waits for a state of mina's.
func (s *scrobbles) until(what string, ok func(wire.Scrobbler) bool) wire.Scrobbler {
	s.t.Helper()
	var now wire.Scrobbler
	for range 1200 {
		now = as[wire.Scrobbler](s.mina.get("/api/me/scrobbler"))
		if ok(now) {
			return now
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("%s: %+v", what, now)
	return now
}

func (s *scrobbles) sent(n int64) {
	s.t.Helper()
	s.until(fmt.Sprintf("not %d are sent", n), func(now wire.Scrobbler) bool {
		return now.Sent == n && now.Waiting == 0 && now.Error == "" && !now.Last.IsZero()
	})
}

func (s *scrobbles) waits(n int, code string) {
	s.t.Helper()
	s.until(fmt.Sprintf("not %d wait because of %q", n, code), func(now wire.Scrobbler) bool {
		return now.Waiting == n && now.Error == code && !now.Failed.IsZero()
	})
}

func TestScrobbler(t *testing.T) {
	t.Parallel()
	b := newBrainz(t)
	h := newHouse(t, func(c *config.Config) { c.Scrobbling.Servers = []string{b.url} })
	h.keeper()
	mina := h.member("mina")
	var d document
	mina.get("/api/openapi.json").want(200).into(&d)
	connect := func(address, token string) answer {
		a := mina.put("/api/me/scrobbler", wire.NewScrobbler{Address: address, Token: token})
		d.holds(t, "PUT /api/me/scrobbler", a)
		return a
	}
	if now := as[wire.Scrobbler](mina.get("/api/me/scrobbler")); now.Connected || len(now.Servers) != 1 || now.Servers[0].Address != b.url {
		t.Errorf("before: %+v", now)
	}
	connect("http://127.0.0.1:1", "good").fails(400, "scrobbler.address")
	connect(b.url+"/elsewhere", "good").fails(400, "scrobbler.address")
	connect("", "good").fails(400, "scrobbler.address")
	connect(b.url, " ").fails(400, "scrobbler.token")
	connect(b.url, "good\r\nX-Other: header").fails(400, "scrobbler.token")
	connect(b.url, strings.Repeat("g", 501)).fails(400, "scrobbler.token")
	connect(b.url, "wrong").fails(400, "scrobbler.token")
	for _, tt := range []struct {
		what string
		door http.HandlerFunc
		code int
		want string
	}{
		{"who does not know it", status(401), 400, "scrobbler.token"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/1/other", http.StatusFound) }, 503, "scrobbler.answer"},
		{"too long", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"valid":true,"user_name":"x","more":"`+strings.Repeat("x", 64<<10)+`"}`)
		}, 503, "scrobbler.answer"},
		{"a page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Sign in to this network</html>") }, 503, "scrobbler.answer"},
		{"too often", status(429, "Retry-After", "7"), 503, "scrobbler.busy"},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 503, "scrobbler.unreachable"},
	} {
		b.mu.Lock()
		b.door = tt.door
		b.mu.Unlock()
		t.Log(tt.what)
		connect(b.url, "good-secret").fails(tt.code, tt.want)
	}
	b.mu.Lock()
	b.door = nil
	b.mu.Unlock()
	if now := as[wire.Scrobbler](mina.get("/api/me/scrobbler")); now.Connected {
		t.Errorf("connected by a token that was refused: %+v", now)
	}
	a := connect(b.url+"/", " good-secret ").want(200)
	if now := as[wire.Scrobbler](a); !now.Connected || now.Address != b.url || now.Name != "good-secret there" || now.Paused {
		t.Errorf("after: %+v", now)
	}
	h.inDB(func(tx *db.Tx) error {
		s, err := tx.Scrobbler(id(t, mina.me.ID))
		if strings.Contains(s.Sealed, "good") || s.Sealed == "" {
			t.Errorf("the token is stored as %q", s.Sealed)
		}
		return err
	})
	mina.do("PUT", "/api/me/scrobbler", wire.NewScrobbler{Address: b.url, Token: "good-2"}).want(200)
	mina.do("PUT", "/api/me/scrobbler", wire.NewScrobbler{Address: b.url, Token: "good-3"}).want(200)
	connect(b.url, "good").fails(429, "limited")

	mina.delete("/api/me/scrobbler").want(204)
	mina.delete("/api/me/scrobbler").want(204)
	if now := as[wire.Scrobbler](mina.get("/api/me/scrobbler")); now.Connected {
		t.Errorf("after leaving: %+v", now)
	}
	h.check()
}

func TestListensAreTold(t *testing.T) {
	t.Parallel()
	s := newScrobbles(t, func(c *config.Config) { c.PublicURL = "https://music.example/house" })
	song := s.jun.upload("One.mp3", tone(1500), "public") // 39 s
	s.jun.patch(track(song), wire.TrackPatch{Artist: ptr("Somebody"), Album: ptr("Some album")}).want(200)
	s.plays(song)
	l := s.b.next("good single One")
	p := l.Payload[0]
	if p.At == nil || *p.At != today.Unix() || p.Track.Artist != "Somebody" || p.Track.Release != "Some album" {
		t.Errorf("told %+v", p)
	}
	want := map[string]any{
		"media_player": "Earshot", "submission_client": "Earshot", "submission_client_version": "test",
		"origin_url": "https://music.example/house/jun/one",
	}
	for key, value := range want {
		if p.Track.More[key] != value {
			t.Errorf("%s is %v, want %v", key, p.Track.More[key], value)
		}
	}
	if ms, _ := p.Track.More["duration_ms"].(float64); int64(ms)/1000 != song.DurationMS/1000 {
		t.Errorf("told %v ms, want %d", p.Track.More["duration_ms"], song.DurationMS)
	}
	s.sent(1)

	// Of what not all people here may hear, nothing is told; nor of what others hear.
	own := s.mina.sing("Own", "private")
	followed := s.jun.sing("Followed", "followers")
	s.mina.put("/api/users/"+s.jun.me.ID+"/follow", nil).want(200)
	s.jun.hear(s.song("Other"), 30_000)
	two := s.song("Two")
	s.plays(own, followed, two)
	if l := s.b.next("good single Two"); l.Payload[0].Track.Artist != "jun" {
		t.Errorf("without an artist: told %+v", l.Payload[0])
	}
	s.sent(2)
	s.b.silent()

	// A program that says that a track begins.
	core := s.app.Core()
	core.NowPlaying(t.Context(), id(t, s.mina.me.ID), id(t, own.ID))
	core.NowPlaying(t.Context(), id(t, s.jun.me.ID), id(t, two.ID))
	core.NowPlaying(t.Context(), id(t, s.mina.me.ID), id(t, two.ID))
	if l := s.b.next("good playing_now Two"); l.Payload[0].At != nil {
		t.Errorf("what plays now has a time: %+v", l.Payload[0])
	}
	s.sent(2)

	// A browser stores what it plays again and again.
	for _, tr := range []wire.Track{song, song, own, song} {
		s.mina.put("/api/me/queue", wire.NewPlayQueue{Tracks: []string{tr.ID}}).want(200)
	}
	s.b.next("good playing_now One")
	s.b.next("good playing_now One")
	s.sent(2)
	s.b.silent()

	// Where visitors may not come, no address leads.
	k := s.signIn("keeper")
	k.patch("/api/house", wire.HousePatch{Visitors: ptr(false)}).want(200)
	s.plays(s.song("Three"))
	if l := s.b.next("good single Three"); l.Payload[0].Track.More["origin_url"] != nil {
		t.Errorf("told %+v", l.Payload[0])
	}
	s.sent(3)
	s.mina.delete("/api/me/scrobbler").want(204)
	s.plays(two)
	s.b.silent()
	s.check()
}

// TestListensWait lets the server fail in every way: what was heard meanwhile is
// told later, once, and what became private meanwhile is not.
func TestListensWait(t *testing.T) {
	t.Parallel()
	s := newScrobbles(t)
	one, two, three, four := s.song("One"), s.song("Two"), s.song("Three"), s.song("Four")
	s.b.says(status(500))
	s.plays(one)
	s.b.next("good single One")
	s.waits(1, "scrobbler.answer")
	s.plays(two) // within the minute
	s.waits(2, "scrobbler.answer")
	s.b.silent()
	s.jun.patch(track(one), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	s.b.says(nil)
	s.c.jump(time.Minute)
	s.plays(three)
	s.b.next("good import Two Three")
	s.sent(2)

	s.b.says(status(429, "X-RateLimit-Reset-In", "300"))
	s.plays(four)
	s.b.next("good single Four")
	s.waits(1, "scrobbler.busy")
	s.b.says(nil)
	s.c.jump(4 * time.Minute)
	s.plays(two)
	s.waits(2, "scrobbler.busy")
	s.b.silent()
	s.c.jump(time.Minute)
	s.plays(three)
	s.b.next("good import Four Two Three")
	s.sent(5)

	// A restart loses nothing, and waits for nothing.
	s.b.says(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	s.plays(two)
	// The answer was cut off before it was noted.
	s.waits(1, "scrobbler.unreachable")
	s.b.says(nil)
	s.reopen()
	s.b.next("good single Two")
	s.sent(6)

	// A token that is good no more is not used again.
	s.b.says(status(401))
	s.plays(three)
	s.b.next("good single Three")
	s.until("it is not paused", func(now wire.Scrobbler) bool {
		return now.Paused && now.Error == "scrobbler.token" && now.Waiting == 1
	})
	s.b.says(nil)
	s.c.jump(day)
	s.plays(two)
	s.reopen()
	s.plays(four)
	s.b.silent()
	s.mina.put("/api/me/scrobbler", wire.NewScrobbler{Address: s.b.url, Token: "good-again"}).want(200)
	s.b.next("good-again import Three Two Four")
	s.sent(3) // of another account

	// A redirect is not followed, least of all with a token.
	s.b.says(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/1/other", http.StatusTemporaryRedirect)
	})
	s.plays(two)
	s.b.next("good-again single Two")
	s.waits(1, "scrobbler.answer")

	// What somebody takes back is not told.
	s.mina.delete("/api/me/history/" + two.ID).want(204)
	s.until("it still waits", func(now wire.Scrobbler) bool { return now.Waiting == 0 })

	// While the server hangs, the house goes on, and closes.
	began := make(chan bool)
	s.b.says(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
	})
	s.c.jump(time.Hour)
	s.plays(four)
	<-began
	s.plays(three)
	if now := as[wire.Scrobbler](s.mina.get("/api/me/scrobbler")); now.Waiting != 2 {
		t.Errorf("while it hangs: %+v", now)
	}
	s.check()
	s.b.next("good-again single Four")
	for _, secret := range []string{"Token good", "good-again\"", "token=good"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}

// TestOneBadListenIsDropped has the server refuse one of many: the others are
// told.
func TestOneBadListenIsDropped(t *testing.T) {
	t.Parallel()
	s := newScrobbles(t)
	s.b.says(status(500))
	var songs []wire.Track
	for i := range 7 {
		songs = append(songs, s.song(fmt.Sprintf("Song%d", i)))
	}
	s.plays(songs[0])
	s.b.next("")
	s.waits(1, "scrobbler.answer")
	s.plays(songs[1])
	s.plays(songs[2:6]...)
	var taken []string
	s.b.says(func(w http.ResponseWriter, r *http.Request) {
		var in report
		json.NewDecoder(r.Body).Decode(&in)
		for _, p := range in.Payload {
			if p.Track.Title == "Song3" {
				status(400)(w, r)
				return
			}
		}
		for _, p := range in.Payload {
			taken = append(taken, p.Track.Title) // one request at a time
		}
		fmt.Fprint(w, `{"status":"ok"}`)
	})
	s.c.jump(10 * time.Minute)
	s.plays(songs[6])
	s.sent(6)
	slices.Sort(taken)
	if got := strings.Join(taken, " "); got != "Song0 Song1 Song2 Song4 Song5 Song6" {
		t.Errorf("told %s", got)
	}
	if !strings.Contains(s.log.String(), "a listen is refused where it is told") {
		t.Error("the log does not tell of it")
	}
}

// TestTheTokenIsNobodysElse looks for a token where it must not be.
func TestTheTokenIsNobodysElse(t *testing.T) {
	t.Parallel()
	b := newBrainz(t)
	h := newHouse(t, func(c *config.Config) { c.Scrobbling.Servers = []string{b.url} })
	k := h.keeper()
	mina := h.member("mina")
	const secret = "good-0123-secret"
	put := mina.put("/api/me/scrobbler", wire.NewScrobbler{Address: b.url, Token: secret}).want(200)
	// The name of the account is the server's to say.
	body := strings.ReplaceAll(string(put.body), secret+" there", "")
	if strings.Contains(body, secret) {
		t.Errorf("the answer tells the token: %s", body)
	}
	export := mina.get("/api/me/export").want(200).body
	z, err := zip.NewReader(bytes.NewReader(export), int64(len(export)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		p, err := io.ReadAll(r)
		if err != nil || bytes.Contains(p, []byte(secret)) || bytes.Contains(p, []byte("ealed")) {
			t.Errorf("%s holds the token, or can't be read: %v", f.Name, err)
		}
	}
	for _, path := range []string{"/api/me", "/api/users/" + mina.me.ID, "/api/house/settings"} {
		if bytes.Contains(k.get(path).want(200).body, []byte(secret)) {
			t.Errorf("%s tells the token", path)
		}
	}
	if strings.Contains(h.log.String(), secret) {
		t.Error("the log tells the token")
	}
	song := k.sing("Song", "public")
	b.says(status(500))
	mina.hear(song, 30_000)
	h.written()
	b.next(secret + " single Song")
	mina.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	deleted(t, h, mina)
	h.check()
}

// TestOnlySoManyListensWait: of those that wait, the oldest go.
func TestOnlySoManyListensWait(t *testing.T) {
	t.Parallel()
	s := newScrobbles(t)
	song := s.song("Song")
	s.b.says(status(500))
	s.plays(song)
	s.b.next("good single Song")
	s.waits(1, "scrobbler.answer")
	me, what := id(t, s.mina.me.ID), id(t, song.ID)
	var first db.ID
	s.inDB(func(tx *db.Tx) error {
		for l, err := range tx.Scrobbles(me) {
			if err != nil {
				return err
			}
			first = l.ID
		}
		for range 999 {
			if err := tx.AddScrobble(db.Scrobble{ID: tx.NewID(), User: me, Track: what, Heard: today}); err != nil {
				return err
			}
		}
		return nil
	})
	s.plays(song)
	s.until("not 1000 wait", func(now wire.Scrobbler) bool { return now.Waiting == 1000 })
	s.inDB(func(tx *db.Tx) error {
		for l, err := range tx.Scrobbles(me) {
			if err != nil || l.ID == first {
				t.Errorf("the oldest still waits: %v, %v", l, err)
			}
		}
		return nil
	})
	s.check()
}

package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/db"
)

// TestKills kills the program at random moments while people do everything at
// once: they upload, whole and in pieces, comment, follow, like, make lists, write to each other,
// listen, change what they say of themselves, delete all that again, sign up and
// leave; and the keeper asks for copies of the database. After each start all
// that was acknowledged is as it was acknowledged, the database checks clean
// before and so does its newest copy, and nothing half-made is left (SAFETY 2.6).
// EARSHOT_KILLS says how often, and EARSHOT_KILLS_APART how long it may be
// between two, such as 30s, where that is to be more than a second.
func TestKills(t *testing.T) {
	t.Parallel()
	kills := 6
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_KILLS")); err == nil {
		kills = n
	} else if testing.Short() {
		kills = 2
	}
	apart, _ := time.ParseDuration(os.Getenv("EARSHOT_KILLS_APART"))
	w := &ledgers{t: t, dir: t.TempDir(), file: tone(115)}
	w.start()
	keeper := w.p.keeper()
	w.keeper = keeper.token
	w.song = keeper.upload("song.mp3", w.file, "public").ID
	names := []string{"mina", "jun", "sora", "haru"}
	for _, name := range names {
		p := w.p.person(name, "")
		p.become(p.post("/api/auth/sign-up", wire.SignUp{Email: name + "@home.example", Password: password, Name: name}), 201)
		w.all = append(w.all, &ledger{w: w, name: name, token: p.token, me: p.me.ID, facts: map[string]*fact{}})
	}
	for w.round = range kills {
		var wg sync.WaitGroup
		end := make(chan struct{})
		for _, l := range w.all {
			for range 2 { // each in two places at once, that do not touch the same
				wg.Go(func() { l.live(end) })
			}
		}
		wg.Go(func() { // it may be one that can't
			if w.all[0].ask(w.keeper, "POST", "/api/backups", struct{}{}, nil)/100 == 2 {
				w.copies++
			}
		})
		wait := time.Duration(50+rand.IntN(1150)) * time.Millisecond
		if apart > 0 {
			wait = time.Duration(rand.Int64N(int64(apart)))
		}
		if w.round%6 == 5 { // long enough for plays to be promised
			wait += playsPromised
		}
		time.Sleep(wait)
		close(end)
		killed := time.Now()
		w.p.cmd.Process.Signal(syscall.SIGKILL)
		w.p.cmd.Wait()
		wg.Wait()
		w.whole()
		w.start()
		for _, l := range w.all {
			l.resumes()
		}
		for _, l := range w.all {
			l.check(killed)
		}
		w.left()
		if t.Failed() {
			t.Fatalf("round %d, killed after %v; the log of the start before:\n%s", w.round, wait, shorten([]byte(w.p.out.String())))
		}
	}
	counted := map[string]int{}
	for _, l := range w.all {
		for kind, n := range l.done {
			counted[kind] += n
		}
	}
	t.Logf("over %d kills these were acknowledged: %v; %d copies were asked for", kills, counted, w.copies)
	if kills >= 6 && len(counted) < 12 {
		t.Error("some of it was never acknowledged, and so not tested")
	}
	// What was interrupted is done in the end.
	for _, l := range w.all {
		for c := l.coming; c != nil; c = l.coming {
			if l.piece(len(w.file)); l.coming == c && !t.Failed() {
				t.Fatalf("%d bytes of %s came, and the rest is not taken", c.there, c.title)
			}
		}
	}
	for _, l := range w.all {
		for _, tr := range everything[wire.Track](l.person(), "/api/me/tracks") {
			if got := l.person().drawn(tr.ID); got.Waveform != "ready" {
				t.Errorf("the waveform of %s is %q", tr.ID, got.Waveform)
			}
		}
	}
}

// playsPromised is after how long a play is written for certain; the README
// speaks of a second.
const playsPromised = 2500 * time.Millisecond

// ledgers is what all were promised by a house that is killed again and again.
type ledgers struct {
	t      *testing.T
	dir    string
	args   []string // settings, as variables
	p      *program
	file   []byte
	keeper string // its token
	song   string // a track that stays
	round  int
	all    []*ledger
	copies int
}

func (w *ledgers) start() {
	w.t.Helper()
	path, err := executable()
	if err != nil {
		w.t.Fatal(err)
	}
	built.Store(true)
	cmd := exec.Command(path, "serve", "-data", w.dir, "-listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), w.args...)
	if w.p, err = run(w.t, cmd); err != nil {
		w.t.Fatalf("round %d: %v", w.round, err)
	}
}

// whole reads everything of the database that a kill left, and of the newest
// copy of it.
func (w *ledgers) whole() {
	w.t.Helper()
	check := func(path string) {
		d, err := db.Open(path, db.Options{ReadOnly: true})
		if err != nil {
			w.t.Fatalf("round %d: %v", w.round, err)
		}
		defer d.Close()
		if err := d.Check(w.t.Context()); err != nil {
			w.t.Errorf("round %d: %v", w.round, err)
		}
	}
	check(filepath.Join(w.dir, "earshot.db"))
	copies, _ := filepath.Glob(filepath.Join(w.dir, "backups", "earshot-*.db"))
	if len(copies) > 0 {
		check(copies[len(copies)-1])
	}
}

// left looks for what nothing needs.
func (w *ledgers) left() {
	t := w.t
	known := map[string]bool{w.song: true}
	for _, l := range w.all {
		for _, tr := range everything[wire.Track](l.person(), "/api/me/tracks") {
			known[tr.ID] = true
		}
	}
	folders, _ := filepath.Glob(filepath.Join(w.dir, "media", "tracks", "*"))
	for _, f := range folders {
		if !known[filepath.Base(f)] {
			t.Errorf("round %d: %s is left, and no track has it", w.round, f)
		}
	}
	if len(folders) != len(known) {
		t.Errorf("round %d: the files of %d tracks are there, and %d tracks", w.round, len(folders), len(known))
	}
	// Copies and waveforms are being made again, and pass through there. What
	// comes in pieces stays.
	parts := map[string]bool{}
	for _, l := range w.all {
		for _, u := range as[wire.List[wire.PartialUpload]](l.person().get("/api/uploads")).Items {
			parts["part-"+u.ID] = true
		}
	}
	var rest []string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		rest, _ = filepath.Glob(filepath.Join(w.dir, "media", "incoming", "*"))
		if rest = slices.DeleteFunc(rest, func(path string) bool { return parts[filepath.Base(path)] }); len(rest) == 0 {
			break
		}
	}
	partial, _ := filepath.Glob(filepath.Join(w.dir, "*"+db.PartialSuffix))
	if rest = append(rest, partial...); len(rest) > 0 {
		t.Errorf("round %d: %v is left", w.round, rest)
	}
	if halves, _ := filepath.Glob(filepath.Join(w.dir, "backups", "*"+db.PartialSuffix)); len(halves) > 0 {
		t.Errorf("round %d: of copies these are left: %v", w.round, halves)
	}
}

// fact is something that was promised to be so.
type fact struct {
	is      string // "" for not there
	pending []string
	id      string // of the thing, when it was told
	at      time.Time
}

// ledger is what one person was promised. Each fact is changed by one request
// at a time.
type ledger struct {
	w               *ledgers
	name, token, me string

	mu    sync.Mutex
	facts map[string]*fact // by kind, a slash, and what it is about
	busy  map[string]bool
	done  map[string]int
	n     int

	unhurried bool // rests between two things

	pieces sync.Mutex // one piece at a time
	coming *coming    // what is being uploaded in pieces; under pieces
}

// coming is an upload in pieces.
type coming struct {
	title string
	at    string // where its pieces go
	there int    // bytes that were told to be there
	sent  int    // bytes that can be there
}

// piece sends some more of an upload in pieces, or begins one. Its last piece
// makes a track of it.
func (l *ledger) piece(most int) {
	if !l.pieces.TryLock() {
		return
	}
	defer l.pieces.Unlock()
	file := l.w.file
	c := l.coming
	if c == nil {
		c = &coming{title: l.fresh()}
		name := base64.StdEncoding.EncodeToString([]byte(c.title + ".mp3"))
		res, err := ask(l.w.p.url, l.token, "POST", "/api/uploads", nil, "Upload-Length", strconv.Itoa(len(file)), "Upload-Metadata", "filename "+name+",visibility cHVibGlj")
		if err != nil || l.odd(res, "POST /api/uploads") || res.StatusCode != 201 {
			return // one that was begun and not told of lies there for days
		}
		c.at, l.coming = res.Header.Get("Location"), c
		l.counts("upload in pieces")
		return
	}
	c.sent = min(c.there+most, len(file))
	send := func() int {
		res, err := ask(l.w.p.url, l.token, "PATCH", c.at, file[c.there:c.sent], "Upload-Offset", strconv.Itoa(c.there), "Content-Type", "application/offset+octet-stream")
		if err != nil || l.odd(res, "PATCH "+c.at) {
			return 0
		}
		if res.StatusCode == 204 {
			c.there, _ = strconv.Atoi(res.Header.Get("Upload-Offset"))
			if c.there != c.sent {
				l.w.t.Errorf("round %d: of %d bytes %d are said to be there", l.w.round, c.sent, c.there)
			}
			l.counts("piece")
		}
		return res.StatusCode
	}
	if c.sent < len(file) {
		send()
		return
	}
	l.change("track/"+c.title, "there", func(*fact) int { return send() })
	if c.there == len(file) {
		l.coming = nil
	}
}

// odd tells of an answer that nobody should get.
func (l *ledger) odd(res *http.Response, what string) bool {
	if res.StatusCode < 400 || res.StatusCode == 429 {
		return false
	}
	l.w.t.Errorf("round %d: %s: got %d", l.w.round, what, res.StatusCode)
	return true
}

func (l *ledger) counts(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done == nil {
		l.busy, l.done = map[string]bool{}, map[string]int{}
	}
	l.done[what]++
}

// resumes looks after a start for what came in pieces: all that was told to be
// there is, and what came whole becomes a track.
func (l *ledger) resumes() {
	c := l.coming
	if c == nil {
		return
	}
	p := l.person()
	for range 400 {
		u := p.partial(c.at)
		if u.Track == nil && u.Offset == int64(len(l.w.file)) {
			time.Sleep(25 * time.Millisecond) // it is being made a track
			continue
		}
		if u.Offset < int64(c.there) || u.Offset > int64(max(c.sent, c.there)) {
			l.w.t.Errorf("round %d: of %s %d bytes are there; %d were acknowledged, %d sent", l.w.round, c.title, u.Offset, c.there, c.sent)
		}
		c.there = int(u.Offset)
		if u.Track != nil { // check finds it
			l.coming = nil
		}
		return
	}
	l.w.t.Errorf("round %d: %s came whole and becomes no track", l.w.round, c.title)
}

func (l *ledger) person() *person { return l.w.p.person(l.name, l.token) }

// ask gives the answer's status, 0 when none came.
func (l *ledger) ask(token, method, path string, body any, into any) int {
	var b []byte
	kind := "application/json"
	switch v := body.(type) {
	case nil:
	case []byte:
		b, kind = v, "application/octet-stream"
	default:
		b, _ = json.Marshal(v)
	}
	req, err := http.NewRequest(method, l.w.p.url+path, bytes.NewReader(b))
	if err != nil {
		l.w.t.Error(err)
		return 0
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := (&http.Client{Timeout: 20 * time.Second}).Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || into != nil && res.StatusCode/100 == 2 && json.Unmarshal(answer, into) != nil {
		return 0
	}
	if res.StatusCode >= 500 {
		l.w.t.Errorf("round %d: %s %s: got %d %s", l.w.round, method, path, res.StatusCode, shorten(answer))
	}
	return res.StatusCode
}

// change asks for a fact to become something, and notes what is known then.
func (l *ledger) change(key, to string, ask func(f *fact) (status int)) {
	l.mu.Lock()
	f := l.facts[key]
	if f == nil {
		f = &fact{}
		l.facts[key] = f
	}
	if l.busy[key] {
		l.mu.Unlock()
		return
	}
	if l.busy == nil {
		l.busy, l.done = map[string]bool{}, map[string]int{}
	}
	l.busy[key] = true
	f.pending = append(f.pending, to)
	l.mu.Unlock()
	status := ask(f)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, key)
	switch {
	case status/100 == 2:
		kind, _, _ := strings.Cut(key, "/")
		if to == "" {
			kind = "no " + kind
		}
		l.done[kind]++
		f.is, f.pending, f.at = to, nil, time.Now()
	case status != 0: // refused, as when one does it too often
		f.pending = f.pending[:len(f.pending)-1]
	}
}

// some picks something of a kind that is there, and how many there are.
func (l *ledger) some(kind string) (key, id string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, f := range l.facts { // in no order
		if strings.HasPrefix(k, kind+"/") && f.is != "" && len(f.pending) == 0 {
			if key, id = k, f.id; id != "" || kind == "like" {
				n++
			}
		}
	}
	return key, id, n
}

func (l *ledger) fresh() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	return fmt.Sprintf("%s r%d n%d", l.name, l.w.round, l.n)
}

// other is somebody else.
func (l *ledger) other() *ledger {
	for {
		if o := l.w.all[rand.IntN(len(l.w.all))]; o != l {
			return o
		}
	}
}

// aTrack picks any track, the one that stays or somebody's.
func (l *ledger) aTrack() string {
	if _, id, _ := l.other().some("track"); id != "" && rand.IntN(2) == 0 {
		return id
	}
	return l.w.song
}

// make makes something that has an id, or deletes one when there are many.
func (l *ledger) make(kind string, most int, create func(title string) (int, string), remove func(id string) string) {
	key, id, n := l.some(kind)
	if id != "" && (n >= most || rand.IntN(4) == 0) {
		l.change(key, "", func(*fact) int { return l.ask(l.token, "DELETE", remove(id), nil, nil) })
		return
	}
	title := l.fresh()
	l.change(kind+"/"+title, "there", func(f *fact) int {
		status, id := create(title)
		l.mu.Lock()
		f.id = id
		l.mu.Unlock()
		return status
	})
}

// live does one thing after the other until the end, or until nobody answers.
func (l *ledger) live(end <-chan struct{}) {
	for {
		select {
		case <-end:
			return
		default:
		}
		switch rand.IntN(15) {
		case 0:
			l.make("track", 4, func(title string) (int, string) {
				var tr wire.Track
				status := l.ask(l.token, "POST", "/api/tracks?visibility=public&name="+url.QueryEscape(title+".mp3"), l.w.file, &tr)
				return status, tr.ID
			}, func(id string) string { return "/api/tracks/" + id })
		case 1, 2:
			l.make("comment", 12, func(title string) (int, string) {
				var c wire.Comment
				status := l.ask(l.token, "POST", "/api/tracks/"+l.w.song+"/comments", wire.NewComment{PositionMS: int64(rand.IntN(2000)), Text: title}, &c)
				return status, c.ID
			}, func(id string) string { return "/api/comments/" + id })
		case 3:
			to := l.other()
			conversation := ""
			l.make("message", 20, func(title string) (int, string) {
				var m wire.Message
				status := l.ask(l.token, "POST", "/api/users/"+to.me+"/messages", wire.NewMessage{Text: title}, &m)
				conversation = m.Conversation
				return status, strings.TrimSuffix(conversation+"/messages/"+m.ID, "/messages/")
			}, func(id string) string { return "/api/conversations/" + id })
		case 4:
			l.make("playlist", 4, func(title string) (int, string) {
				var p wire.Playlist
				status := l.ask(l.token, "POST", "/api/playlists", wire.NewPlaylist{Title: title, Tracks: []string{l.w.song}}, &p)
				return status, p.ID
			}, func(id string) string { return "/api/playlists/" + id })
		case 5, 6:
			l.toggle("like", l.w.song, "/api/tracks/"+l.w.song+"/like")
		case 7:
			who := l.other().me
			l.toggle("follow", who, "/api/users/"+who+"/follow")
		case 8:
			l.toggle("repost", l.w.song, "/api/tracks/"+l.w.song+"/repost")
		case 9:
			bio := l.fresh()
			l.change("bio/", bio, func(*fact) int { return l.ask(l.token, "PATCH", "/api/me", wire.MePatch{Bio: &bio}, nil) })
		case 10:
			id := l.aTrack()
			l.change("play/"+l.fresh()+"/"+id, "counted", func(*fact) int {
				var heard wire.Listened
				if status := l.ask(l.token, "POST", "/api/tracks/"+id+"/plays", wire.Listen{ListenedMS: 3000}, &heard); status != 200 || heard.Counted {
					return status
				}
				return 429
			})
		case 11, 12, 13:
			l.piece(1 + rand.IntN(len(l.w.file)*2/3))
		default:
			l.account()
		}
		if l.ask("", "GET", "/healthz", nil, nil) == 0 {
			return
		}
		if l.unhurried {
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		}
	}
}

func (l *ledger) toggle(kind, about, path string) {
	l.mu.Lock()
	f := l.facts[kind+"/"+about]
	on := f == nil || f.is == ""
	l.mu.Unlock()
	if on {
		l.change(kind+"/"+about, "there", func(*fact) int { return l.ask(l.token, "PUT", path, nil, nil) })
		return
	}
	l.change(kind+"/"+about, "", func(*fact) int { return l.ask(l.token, "DELETE", path, nil, nil) })
}

// account makes an account, or one that was made leaves.
func (l *ledger) account() {
	key, token, n := l.some("account")
	if token != "" && (n > 2 || rand.IntN(3) == 0) {
		l.change(key, "", func(*fact) int {
			return l.ask(token, "POST", "/api/me/delete", wire.AccountDeletion{Password: password}, nil)
		})
		return
	}
	name := strings.ReplaceAll(l.fresh(), " ", "-")
	l.change("account/"+name, "there", func(f *fact) int {
		var in wire.SignedIn
		status := l.ask("", "POST", "/api/auth/sign-up", wire.SignUp{Email: name + "@home.example", Password: password, Name: name}, &in)
		l.mu.Lock()
		f.id = in.Token
		l.mu.Unlock()
		return status
	})
}

// everything reads a whole list.
func everything[T any](p *person, path string) (all []T) {
	p.h.t.Helper()
	for cursor := ""; ; {
		var page wire.List[T]
		p.get(path + "?limit=100" + cursor).want(200).into(&page)
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		cursor = "&cursor=" + page.Next
	}
}

// check holds what a person sees after a start against what was promised.
func (l *ledger) check(killed time.Time) {
	t, p, round := l.w.t, l.person(), l.w.round
	now := map[string]string{}
	ids := map[string]string{}
	see := func(key, id string) { now[key], ids[key] = "there", id }
	for _, tr := range everything[wire.Track](p, "/api/me/tracks") {
		see("track/"+tr.Title, tr.ID)
		if got := p.get("/api/tracks/" + tr.ID + "/stream.mp3").want(200); !bytes.Equal(got.body, l.w.file) {
			t.Errorf("round %d: track %s is not whole", round, tr.Title)
		}
	}
	for _, c := range everything[wire.Comment](p, "/api/tracks/"+l.w.song+"/comments") {
		if c.User != nil && c.User.ID == l.me {
			see("comment/"+c.Text, c.ID)
		}
	}
	for _, c := range everything[wire.Conversation](p, "/api/conversations") {
		for _, m := range everything[wire.Message](p, "/api/conversations/"+c.ID+"/messages") {
			if m.Mine {
				see("message/"+m.Text, c.ID+"/messages/"+m.ID)
			}
		}
	}
	for _, pl := range everything[wire.Playlist](p, "/api/me/playlists") {
		see("playlist/"+pl.Title, pl.ID)
		if list := everything[wire.Track](p, "/api/playlists/"+pl.ID+"/tracks"); len(list) != 1 || list[0].ID != l.w.song {
			t.Errorf("round %d: the list %s has %d tracks", round, pl.Title, len(list))
		}
	}
	for _, tr := range everything[wire.Track](p, "/api/me/likes") {
		see("like/"+tr.ID, tr.ID)
	}
	for _, tr := range everything[wire.Track](p, "/api/users/"+l.me+"/reposts") {
		see("repost/"+tr.ID, tr.ID)
	}
	for _, u := range everything[wire.User](p, "/api/users/"+l.me+"/following") {
		see("follow/"+u.ID, u.ID)
	}
	now["bio/"] = as[wire.Me](p.get("/api/me")).Bio
	heard := map[string]bool{}
	for _, tr := range everything[wire.Track](p, "/api/me/history") {
		heard[tr.ID] = true
	}
	for key, f := range l.facts {
		kind, about, _ := strings.Cut(key, "/")
		switch kind {
		case "play":
			_, id, _ := strings.Cut(about, "/")
			// The track may be gone by now, and what was heard a moment ago is lost.
			if f.is != "" && !heard[id] && killed.Sub(f.at) > playsPromised && p.get("/api/tracks/"+id).status == 200 {
				t.Errorf("round %d: %s was heard %v before the kill, and is not in the history", round, id, killed.Sub(f.at))
			}
			delete(l.facts, key)
			continue
		case "account":
			if f.id == "" { // no token was told
				delete(l.facts, key)
				continue
			}
			if l.w.p.person("somebody", f.id).get("/api/me").status == 200 {
				now[key], ids[key] = "there", f.id
			}
		}
		if got := now[key]; got != f.is && !slices.Contains(f.pending, got) {
			t.Errorf("round %d: %s of %s is %q, and was acknowledged as %q; asked for since: %q", round, key, l.name, got, f.is, f.pending)
		}
		delete(l.facts, key)
	}
	for key, value := range now {
		if value != "" {
			l.facts[key] = &fact{is: value, id: ids[key]}
		}
	}
}

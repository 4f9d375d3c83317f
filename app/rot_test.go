package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// rots are the ways in which a data file rots, in the part of it that is in
// use (SAFETY 2.3).
var rots = map[string]func(r *rand.Rand, b []byte) []byte{
	"one bit": func(r *rand.Rand, b []byte) []byte {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return b
	},
	"a sector of zeros": func(r *rand.Rand, b []byte) []byte {
		at := r.IntN(len(b)/512) * 512
		clear(b[at : at+512])
		return b
	},
	"a page of garbage": func(r *rand.Rand, b []byte) []byte {
		at := r.IntN(len(b)/4096) * 4096
		for i := range 4096 {
			b[at+i] = byte(r.Uint32())
		}
		return b
	},
	"the tail cut off": func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] },
}

// rotten counts what became of damaged files.
type rotten struct{ harmless, refused, errors, shorter int }

// TestRottenFile starts the real program on damaged data files, EARSHOT_ROT of
// each kind, and asks it for everything: it never gives what was not stored, and
// never ends but with a sentence that names the newest copy (SAFETY 2.3, 2.6).
func TestRottenFile(t *testing.T) {
	t.Parallel()
	each := 3
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_ROT")); err == nil {
		each = n
	} else if testing.Short() {
		each = 1
	}
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	whole := t.TempDir()
	p := start(t, whole)
	keeper := p.keeper()
	tokens := map[string]string{"keeper": keeper.token, "visitor": ""}
	song := keeper.upload("song.mp3", tagged(t, "Song"), "public")
	var lists []string
	for _, name := range []string{"mina", "jun", "sora"} {
		m := p.person(name, "")
		m.become(m.post("/api/auth/sign-up", wire.SignUp{Email: name + "@home.example", Password: password, Name: name}), 201)
		if name != "sora" {
			tokens[name] = m.token
		}
		for i := range 5 {
			tr := m.upload(fmt.Sprintf("harbour-%d.mp3", i), tone(100+i), []string{"public", "private"}[i%2])
			m.drawn(tr.ID)
			m.say(tr.ID, 100, strings.Repeat(fmt.Sprint("What a sound ", i, ". "), 30))
			lists = append(lists, "/api/tracks/"+tr.ID, "/api/tracks/"+tr.ID+"/comments", "/api/tracks/"+tr.ID+"/stream.mp3")
		}
		m.put("/api/tracks/"+song.ID+"/like", nil).want(200)
		m.put("/api/users/"+keeper.me.ID+"/follow", nil).want(200)
		m.post("/api/users/"+keeper.me.ID+"/messages", wire.NewMessage{Text: "Hello from " + name}).want(201)
		list := made[wire.Playlist](m.post("/api/playlists", wire.NewPlaylist{Title: "List of " + name, Visibility: "public", Tracks: []string{song.ID}}))
		lists = append(lists, "/api/users/"+m.me.ID, "/api/users/"+m.me.ID+"/tracks", "/api/playlists/"+list.ID, "/api/playlists/"+list.ID+"/tracks")
	}
	keeper.settled()
	lists = append(lists, "/api/house", "/api/stream", "/api/home", "/api/charts", "/api/tags", "/api/me/tracks", "/api/me/likes", "/api/me/playlists", "/api/conversations",
		"/api/me/notifications", "/api/tracks/"+song.ID, "/api/tracks/"+song.ID+"/likers", "/api/users/"+keeper.me.ID+"/followers", "/api/search?q=harbour", "/api/users")
	end := func(p *program) {
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.cmd.Wait()
	}
	end(p)
	p = start(t, whole) // what is written at an end and a start is written
	truth := map[string]said{}
	for name, token := range tokens {
		for _, path := range lists {
			truth[name+" "+path] = saysOf(t, p, token, path)
		}
	}
	end(p)
	file, err := os.ReadFile(filepath.Join(whole, "earshot.db"))
	if err != nil {
		t.Fatal(err)
	}
	// What is in use of it ends with the last byte that is not nought, or soon after.
	used := len(file)
	for used > 0 && file[used-1] == 0 {
		used--
	}
	used = (used + 4095) / 4096 * 4096

	type damaged struct {
		way string
		n   int
	}
	todo := make(chan damaged)
	var mu sync.Mutex
	sums := map[string]*rotten{}
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Go(func() {
			for d := range todo {
				r := rand.New(rand.NewPCG(uint64(d.n), uint64(len(d.way))))
				b := append([]byte{}, file[:used]...)
				b = rots[d.way](r, b)
				if d.way != "the tail cut off" {
					b = append(b, file[used:]...)
				}
				dir := rottenCopy(t, whole, b, file)
				what := fmt.Sprintf("%s %d", d.way, d.n)
				harm := rotten{}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				p, err := run(t, exec.CommandContext(ctx, path, "serve", "-data", dir, "-listen", "127.0.0.1:0"))
				if err != nil {
					harm.refused = 1
					s := err.Error()
					if !strings.Contains(s, "earshot.db is damaged") || !strings.Contains(s, "earshot restore earshot-20260101-000000.db") ||
						strings.Contains(s, "goroutine ") || strings.Contains(s, "SIG") {
						t.Errorf("%s: it ended without the right sentence: %s", what, s)
					}
				} else {
					harm = askRotten(t, what, p, tokens, truth, lists)
				}
				cancel()
				os.RemoveAll(dir)
				mu.Lock()
				if sums[d.way] == nil {
					sums[d.way] = &rotten{}
				}
				s := sums[d.way]
				s.harmless, s.refused, s.errors, s.shorter = s.harmless+harm.harmless, s.refused+harm.refused, s.errors+harm.errors, s.shorter+harm.shorter
				mu.Unlock()
			}
		})
	}
	for way := range rots {
		for n := range each {
			todo <- damaged{way, n}
		}
	}
	close(todo)
	wg.Wait()
	for way, s := range sums {
		t.Logf("%-18s harmless %d, refused at the start %d, errors instead of answers %d, shorter lists %d", way, s.harmless, s.refused, s.errors, s.shorter)
	}
}

// rottenCopy makes a folder with a damaged database beside the media of a whole
// one, and with a copy to be named.
func rottenCopy(t *testing.T, whole string, b, good []byte) string {
	dir, err := os.MkdirTemp("", "earshot-rot-")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "earshot.db"), b, 0o600)
	}
	if err == nil {
		err = os.CopyFS(filepath.Join(dir, "media"), os.DirFS(filepath.Join(whole, "media")))
	}
	if err == nil {
		err = os.Mkdir(filepath.Join(dir, "backups"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "backups", "earshot-20260101-000000.db"), good, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
	return dir
}

// said is an answer, with what changes by itself left out.
type said struct {
	status int
	body   any
	raw    string
}

func saysOf(t *testing.T, p *program, token, path string) said {
	req, err := http.NewRequest("GET", p.url+path, nil)
	if err != nil {
		t.Error(err)
		return said{}
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := (&http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return said{}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return said{status: res.StatusCode, raw: "cut"} // an answer that breaks off is an error to whoever gets it
	}
	s := said{status: res.StatusCode, raw: string(b)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") && json.Unmarshal(b, &s.body) != nil {
		s.raw = "cut"
	}
	if m, ok := s.body.(map[string]any); ok {
		delete(m, "next") // a cursor is sealed anew each time
		if items, ok := m["items"].([]any); ok && strings.HasPrefix(path, "/api/search") {
			// It may be another index: what fits as well as something else comes in its order.
			s.body = map[string]any{"items": items}
			slices.SortFunc(items, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	}
	return s
}

// askRotten asks a program on a damaged file for everything.
func askRotten(t *testing.T, what string, p *program, tokens map[string]string, truth map[string]said, paths []string) (harm rotten) {
	unexplained := ""
	defer func() {
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.cmd.Wait()
		log := p.out.String()
		if strings.Contains(log, "goroutine ") || strings.Contains(log, "SIGBUS") {
			t.Errorf("%s: it died: %s", what, log)
		}
		if unexplained != "" && !strings.Contains(log, "damaged") {
			t.Errorf("%s: %s, and the log does not say why: %s", what, unexplained, log)
		}
	}()
	wrong, names := "", map[string]string{}
	for _, s := range truth {
		things(s.body, func(id, name string) { names[id] = name })
	}
	for name, token := range tokens {
		visits := false // their account or session can't be read
		if token != "" && saysOf(t, p, token, "/api/me").status != 200 {
			visits, harm.errors = true, 1
		}
		for _, path := range paths {
			want, got := truth[name+" "+path], saysOf(t, p, token, path)
			if visits && got.status == 200 && !fewer(got.body, want.body) { // it may be their page alone that can't be read
				want = truth["visitor "+path]
			}
			switch {
			case got.status == 0:
				t.Errorf("%s: %s got no answer of %s; it says %s", what, name, path, p.out)
				return harm
			case got.raw == "cut":
				harm.errors = 1
			case reflect.DeepEqual(got, want), got.status == want.status && got.body != nil && reflect.DeepEqual(got.body, want.body):
			case got.status != 200:
				harm.errors = 1
				if got.status == 500 {
					unexplained = fmt.Sprintf("%s got 500 of %s", name, path)
				}
			case fewer(got.body, want.body):
				harm.shorter = 1
			case path == "/api/home" && known(got.body, names):
				harm.shorter = 1 // others come in where one is missing
			case path == "/api/me/notifications" && unfolded(got.body, want.body):
				harm.shorter, unexplained = 1, name+" is told of less"
			default:
				at := 0
				for at < min(len(got.raw), len(want.raw)) && got.raw[at] == want.raw[at] {
					at++
				}
				at = max(at-100, 0)
				wrong = fmt.Sprintf("%s got of %s, from byte %d on\n%s, want\n%s", name, path, at, shorten([]byte(got.raw)[min(at, len(got.raw)):]), shorten([]byte(want.raw)[min(at, len(want.raw)):]))
			}
		}
	}
	if wrong != "" {
		t.Errorf("%s: something else is served than was stored: %s", what, wrong)
	}
	if harm.errors == 0 && harm.shorter == 0 {
		harm.harmless = 1
	}
	return harm
}

// things finds all things in an answer that have a name.
func things(v any, found func(id, name string)) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			things(x, found)
		}
	case map[string]any:
		if id, ok := v["id"].(string); ok && v["url"] != nil {
			found(id, fmt.Sprint(v["title"], v["name"], v["url"], v["description"], v["duration_ms"]))
		}
		for _, x := range v {
			things(x, found)
		}
	}
}

// known tells whether an answer has no things but such as were stored.
func known(v any, names map[string]string) bool {
	all := true
	things(v, func(id, name string) { all = all && names[id] == name })
	return all
}

// unfolded tells whether notifications are such as were wanted, with some left
// out: what is told together then has another newest one, and is less.
func unfolded(got, want any) bool {
	var g, w wire.Notifications
	for v, into := range map[any]*wire.Notifications{&got: &g, &want: &w} {
		b, err := json.Marshal(v)
		if err != nil || json.Unmarshal(b, into) != nil {
			return false
		}
	}
	actors := map[string]bool{}
	for _, n := range w.Items {
		for _, a := range n.Actors {
			actors[n.Kind+a.ID+a.Name] = true
		}
	}
	for _, n := range g.Items {
		if len(n.Actors) != n.N || slices.ContainsFunc(n.Actors, func(a wire.User) bool { return !actors[n.Kind+a.ID+a.Name] }) {
			return false
		}
	}
	return len(g.Items) <= len(w.Items)
}

// fewer tells whether an answer is what was wanted, with some things of its
// lists left out, or things that are shown beside others.
func fewer(got, want any) bool {
	switch w := want.(type) {
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) > len(w) {
			return false
		}
		at := 0
		for _, v := range g {
			for at < len(w) && !fewer(v, w[at]) {
				at++
			}
			if at == len(w) {
				return false
			}
			at++
		}
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return false
		}
		url, _ := w["url"].(string)
		for k, v := range g {
			x, there := w[k]
			if n, is := v.(float64); is && there && strings.Contains(url, "/playlists/") && (k == "tracks" || k == "duration_ms") && n < x.(float64) {
				continue // whose list of tracks is the shorter one
			}
			if !there || !fewer(v, x) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(got, want)
}

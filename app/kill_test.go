package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// TestKill kills the program at random moments while files come in, tracks are
// deleted, pictures are replaced and people sign up. After the next start what
// was acknowledged is there and whole, what was deleted stays away, and nothing
// half-made is left.
func TestKill(t *testing.T) {
	t.Parallel()
	k := &killing{t: t, dir: t.TempDir(), file: tagged(t, "Song"), picture: artwork(t), tracks: map[string]state{}, pictures: map[string]string{}}
	k.p = start(t, k.dir)
	keeper := k.p.keeper()
	k.token, k.me = keeper.token, keeper.me.ID
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	// A machine that does much else at once gets more rounds, and longer ones.
	round := 0
	for ; round < rounds || round < 4*rounds && !k.tested(); round++ {
		k.round = round
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(k.upload)
		}
		wg.Go(k.delete)
		wg.Go(k.repaint)
		wg.Go(k.signUp)
		time.Sleep(time.Duration((1+round/rounds)*(100+rand.IntN(400))) * time.Millisecond)
		k.p.cmd.Process.Signal(syscall.SIGKILL)
		k.p.cmd.Wait()
		wg.Wait()
		k.p = start(t, k.dir)
		k.check()
	}
	t.Logf("over %d kills, %d uploads, %d deletions, %d pictures and %d accounts were acknowledged", round, len(k.tracks), k.deleted(), k.painted, len(k.people))
	if !k.tested() {
		t.Error("some of it was never acknowledged, and so not tested")
	}
}

// deleted counts the deletions that were acknowledged.
func (k *killing) deleted() (n int) {
	for _, s := range k.tracks {
		if s == gone {
			n++
		}
	}
	return n
}

// tested tells whether something of all kinds was acknowledged.
func (k *killing) tested() bool {
	return len(k.tracks) > 0 && (testing.Short() || k.deleted() > 0 && k.painted > 0 && len(k.people) > 0)
}

// state is what is known of a track whose upload was acknowledged.
type state uint8

const (
	there state = iota
	maybe       // its deletion was asked for, and no answer came
	gone
)

// killing is what a house that is killed again and again has promised.
type killing struct {
	t             *testing.T
	dir           string
	p             *program
	token, me     string
	file, picture []byte
	round         int

	mu       sync.Mutex
	tracks   map[string]state
	pictures map[string]string // address of a user or track to its newest acknowledged version
	people   []string          // their tokens
	painted  int
}

// ask gives the answer's status, 0 when none came.
func (k *killing) ask(method, path string, body []byte, kind string, into any) int {
	req, err := http.NewRequest(method, k.p.url+path, bytes.NewReader(body))
	if err != nil {
		k.t.Error(err)
		return 0
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Authorization", "Bearer "+k.token)
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || into != nil && res.StatusCode/100 == 2 && json.Unmarshal(b, into) != nil {
		return 0
	}
	if res.StatusCode >= 500 {
		k.t.Errorf("round %d: %s %s: got %d %s", k.round, method, path, res.StatusCode, shorten(b))
	}
	return res.StatusCode
}

func (k *killing) upload() {
	for {
		var tr wire.Track
		if k.ask("POST", "/api/tracks?name=x.mp3&visibility=public", k.file, "audio/mpeg", &tr) != 201 {
			return
		}
		k.mu.Lock()
		k.tracks[tr.ID] = there
		k.pictures["tracks/"+tr.ID] = version(tr.Picture)
		k.mu.Unlock()
	}
}

// one picks a track that is there.
func (k *killing) one() (id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, s := range k.tracks { // in no order
		if s == there {
			return id
		}
	}
	return ""
}

func (k *killing) set(id string, s state) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tracks[id] = s
}

func (k *killing) delete() {
	for {
		id := k.one()
		if id == "" {
			time.Sleep(10 * time.Millisecond)
			if k.ask("GET", "/healthz", nil, "", nil) != 200 {
				return
			}
			continue
		}
		k.set(id, maybe)
		if k.ask("DELETE", "/api/tracks/"+id, nil, "", nil) != 204 {
			return
		}
		k.set(id, gone)
		time.Sleep(100 * time.Millisecond) // others are to be left
	}
}

// version is the one in a picture's address.
func version(p *wire.Picture) string {
	if p == nil {
		return ""
	}
	_, v, _ := strings.Cut(p.Small, "?v=")
	return v
}

func (k *killing) repaint() {
	for i := 0; ; i++ {
		what, status := "users/"+k.me, 0
		var now *wire.Picture
		if id := k.one(); i%2 == 0 && id != "" {
			what = "tracks/" + id
			var tr wire.Track
			status, now = k.ask("PUT", "/api/"+what+"/picture", k.picture, "image/png", &tr), tr.Picture
		} else {
			var me wire.Me
			status, now = k.ask("PUT", "/api/me/picture", k.picture, "image/png", &me), me.Picture
		}
		switch status {
		case 200:
			k.mu.Lock()
			k.pictures[what] = max(k.pictures[what], version(now))
			k.painted++
			k.mu.Unlock()
		case 404: // deleted meanwhile
		default:
			return
		}
	}
}

func (k *killing) signUp() {
	for i := 0; ; i++ {
		body, _ := json.Marshal(wire.SignUp{Email: fmt.Sprintf("p%d-%d@home.example", k.round, i), Password: password, Name: fmt.Sprint("Person ", k.round)})
		var in wire.SignedIn
		if k.ask("POST", "/api/auth/sign-up", body, "application/json", &in) != 201 {
			return
		}
		k.mu.Lock()
		k.people = append(k.people, in.Token)
		k.mu.Unlock()
	}
}

// check holds what the program gives after a start against what it promised.
func (k *killing) check() {
	t := k.t
	me := k.p.person("keeper", k.token)
	present := map[string]wire.Track{}
	for path := "/api/me/tracks?limit=100"; path != ""; {
		var page wire.List[wire.Track]
		me.get(path).want(200).into(&page)
		for _, tr := range page.Items {
			present[tr.ID] = tr
		}
		path = ""
		if page.Next != "" {
			path = "/api/me/tracks?limit=100&cursor=" + page.Next
		}
	}
	for id, s := range k.tracks {
		_, here := present[id]
		switch {
		case s == there && !here:
			t.Fatalf("round %d: the acknowledged track %s is lost", k.round, id)
		case s == gone && here:
			t.Errorf("round %d: the deleted track %s is back", k.round, id)
		case s == gone:
			me.get("/api/tracks/"+id).fails(404, "not_found")
		case s == maybe:
			k.tracks[id] = map[bool]state{true: there, false: gone}[here]
		}
	}
	for id, tr := range present {
		if got := me.get("/api/tracks/" + id + "/stream.mp3").want(200); !bytes.Equal(got.body, k.file) {
			t.Fatalf("round %d: track %s is not whole", k.round, id)
		}
		k.tracks[id] = there // one whose answer was lost counts from now on
		k.checkPicture(me, "tracks/"+id, tr.Picture)
	}
	var account wire.Me
	me.get("/api/me").want(200).into(&account)
	k.checkPicture(me, "users/"+k.me, account.Picture)
	for i, token := range k.people {
		if a := k.p.person("somebody", token).get("/api/me"); a.status != 200 {
			t.Errorf("round %d: the acknowledged account %d: got %d %s", k.round, i, a.status, a.body)
		}
	}
	k.checkFiles(present)
}

// checkPicture wants the newest acknowledged version of a picture or a newer
// one, whole, and no other beside it.
func (k *killing) checkPicture(me *person, what string, p *wire.Picture) {
	t, v := k.t, version(p)
	if acknowledged := k.pictures[what]; v < acknowledged {
		t.Errorf("round %d: the picture of %s has version %q, and %q was acknowledged", k.round, what, v, acknowledged)
	}
	files, _ := filepath.Glob(filepath.Join(k.dir, "media", filepath.FromSlash(what), "picture-*"))
	if p == nil {
		if len(files) > 0 {
			t.Errorf("round %d: %v is left, and %s has no picture", k.round, files, what)
		}
		return
	}
	if len(files) != 3 {
		t.Errorf("round %d: %s has the picture files %v, want three", k.round, what, files)
	}
	for _, path := range []string{p.Small, p.Medium, p.Large} {
		if _, err := jpeg.Decode(bytes.NewReader(me.get(path).want(200).body)); err != nil {
			t.Errorf("round %d: %s: %v", k.round, path, err)
		}
	}
}

// checkFiles looks for what no record needs.
func (k *killing) checkFiles(present map[string]wire.Track) {
	t := k.t
	folders, _ := filepath.Glob(filepath.Join(k.dir, "media", "tracks", "*"))
	for _, f := range folders {
		if _, ok := present[filepath.Base(f)]; !ok {
			t.Errorf("round %d: %s is left, and no track has it", k.round, f)
		}
	}
	folders, _ = filepath.Glob(filepath.Join(k.dir, "media", "users", "*"))
	for _, f := range folders {
		if filepath.Base(f) != k.me {
			t.Errorf("round %d: %s is left, and nobody has it", k.round, f)
		}
	}
	// A waveform that is being made anew passes through there too.
	left := []string{"?"}
	for end := time.Now().Add(5 * time.Second); len(left) > 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		left, _ = filepath.Glob(filepath.Join(k.dir, "media", "incoming", "*"))
	}
	if len(left) > 0 {
		t.Errorf("round %d: %v is left of uploads", k.round, left)
	}
}

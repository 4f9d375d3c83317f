package app_test

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/db"
)

// guess tries a wrong password.
func (h *house) guess(name string, headers ...string) answer {
	h.t.Helper()
	return h.visitor().do("POST", "/api/auth/sign-in", wire.SignIn{Email: name + "@home.example", Password: "not the right one"}, headers...)
}

// patience is how many seconds an answer asks to wait.
func (a answer) patience() int {
	a.t.Helper()
	n, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil {
		a.t.Fatalf("%s: Retry-After is %q", a.what, a.header.Get("Retry-After"))
	}
	return n
}

// TestGuessesOutliveARestart: whoever has used up the guesses has none after a
// restart, whatever the clock says then; and nobody waits for long, or for ever.
func TestGuessesOutliveARestart(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	h.member("mina")
	for range 5 {
		h.guess("mina").fails(401, "signin.wrong")
	}
	h.guess("mina").fails(429, "limited")
	for _, jump := range []time.Duration{0, time.Second, -day, -50 * year, 50 * year, -time.Hour, day} {
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
		c.jump(jump)
		h.open()
		wrong := 0
		for range 20 {
			a := h.guess("mina")
			if a.status == 429 {
				if wait := a.patience(); wait < 1 || wait > 300 {
					t.Errorf("after a jump by %v: told to wait %d s", jump, wait)
				}
				break
			}
			a.fails(401, "signin.wrong")
			wrong++
		}
		// Time that really passed, or seems to have, forgives a few.
		if most := map[bool]int{true: 6, false: 0}[jump > time.Minute]; wrong > most {
			t.Errorf("after a jump by %v: %d more guesses were checked, want at most %d", jump, wrong, most)
		}
	}
}

// TestSignUpsAndReportsOutliveARestart: what else is counted is counted on.
func TestSignUpsAndReportsOutliveARestart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	for i := range 19 {
		h.visitor().post("/api/auth/sign-up", wire.SignUp{Email: fmt.Sprintf("p%d@home.example", i), Password: password}).want(201)
	}
	for range 20 {
		mina.post("/api/reports", wire.NewReport{Kind: "user", ID: k.me.ID, Reason: "spam"})
	}
	h.reopen()
	a := h.visitor().post("/api/auth/sign-up", wire.SignUp{Email: "one-more@home.example", Password: password}).fails(429, "limited")
	if wait := a.patience(); wait < 1 || wait > 180 {
		t.Errorf("told to wait %d s", wait)
	}
	mina.post("/api/reports", wire.NewReport{Kind: "user", ID: k.me.ID, Reason: "spam"}).fails(429, "limited")
	h.signIn("mina").get("/api/me").want(200)
}

// TestWhatIsWrittenOfAttemptsNamesNobody: what is kept of attempts is bounded,
// goes when it counts no more, and tells neither account nor address.
func TestWhatIsWrittenOfAttemptsNamesNobody(t *testing.T) {
	t.Parallel()
	var pace atomic.Int64
	h := (&house{cost: 4, pace: func() time.Duration { return time.Duration(pace.Load()) }}).begin(t, func(c *config.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	h.keeper()
	h.member("mina")
	for i := range 40 {
		h.guess(fmt.Sprint("nobody", i), "X-Forwarded-For", fmt.Sprintf("10.0.0.%d", i)).want(401)
	}
	tallies := func() (n int) {
		t.Helper()
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
		d, err := db.Open(h.dir+"/earshot.db", db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if err := d.Check(t.Context()); err != nil {
			t.Error(err)
		}
		err = d.View(t.Context(), func(tx *db.Tx) error {
			for _, err := range tx.Tallies() {
				if err != nil {
					return err
				}
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := tallies(); n < 80 || n > 100 { // an account and an address each, and what made the accounts
		t.Errorf("%d tallies are kept of 40 guesses", n)
	}
	h.open()
	pace.Add(int64(3 * time.Hour))
	if err := h.app.Core().Tidy(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := tallies(); n > 3 { // from where somebody has signed in stays
		t.Errorf("%d tallies are left after three hours", n)
	}
	h.open()
}

// TestKillBuysNoGuesses kills the program after each guess, without warning.
func TestKillBuysNoGuesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	p.keeper()
	h := &house{t: t}
	checked, refused, began := 0, 0, time.Now()
	for range 10 {
		h.url = p.url
		switch a := h.guess("keeper"); a.status {
		case 401:
			checked++
		case 429:
			refused++
		default:
			t.Fatalf("a guess gets %d %s", a.status, a.body)
		}
		p.cmd.Process.Signal(syscall.SIGKILL)
		p.cmd.Wait()
		p = start(t, dir)
	}
	// Five are free; a slow machine may be through the first delays meanwhile.
	took := time.Since(began)
	if most := 5 + int(took/(15*time.Second)); checked < 5 || checked > most {
		t.Errorf("in %v %d of ten guesses were checked and %d refused, want 5 to %d checked", took, checked, refused, most)
	}
	// Many at once: those of the last second may be lost, not all before.
	wrong := 0
	for range 4 {
		h.url = p.url
		for i := range 8 {
			if h.guess(fmt.Sprint("nobody", i)).status == 401 {
				wrong++
			}
		}
		time.Sleep(1200 * time.Millisecond) // within which they are written
		p.cmd.Process.Signal(syscall.SIGKILL)
		p.cmd.Wait()
		p = start(t, dir)
	}
	if most := 20 + int(time.Since(began)/time.Minute); wrong > most {
		t.Errorf("%d wrong passwords were checked for one address, want at most %d", wrong, most)
	}
}

// hand is a clock of how often something may be done, moved by hand.
type hand struct{ at atomic.Int64 }

func (h *hand) now() time.Duration       { return time.Duration(h.at.Load()) }
func (h *hand) advance(by time.Duration) { h.at.Add(int64(by)) }
func (h *hand) wait(a answer) (s int) {
	s = a.patience()
	h.advance(time.Duration(s) * time.Second)
	return s
}
func limitedHouse(t *testing.T) (*house, *hand) {
	var pace hand
	return (&house{cost: 4, pace: pace.now, limited: true}).begin(t), &pace
}

// TestRequestsAreLimited: a member who asks without end is asked to wait, and
// nobody else is; what is being listened to plays on.
func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	h, pace := limitedHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	flood := func(p *person, path string, headers ...string) (let int) {
		t.Helper()
		for range 3000 {
			a := p.get(path, headers...)
			if a.status == 429 {
				a.fails(429, "limited")
				if wait := a.patience(); wait != 1 {
					t.Fatalf("told to wait %d s", wait)
				}
				return let
			}
			let++
		}
		t.Fatalf("%s asks %s without an end", p.name, path)
		return 0
	}
	if n := flood(mina, "/api/me/state"); n < 500 || n > 600 {
		t.Errorf("a member may ask %d times at once", n)
	}
	mina.put("/api/users/"+k.me.ID+"/follow", nil).fails(429, "limited")
	mina.post("/api/playlists", wire.NewPlaylist{Title: "Mine"}).fails(429, "limited")
	mina.put("/api/me/picture", []byte(notPNG)).fails(429, "limited")
	mina.get("/api/nothing").want(404)
	k.get("/api/me").want(200)
	h.visitor().get("/api/stream").want(200)
	for range 50 {
		mina.get("/api/tracks/"+track.ID+"/stream.mp3", "Range", "bytes=0-9").want(206)
	}
	mina.get("/api/tracks/" + track.ID + "/picture/100").want(200)
	pace.advance(time.Second)
	if n := flood(mina, "/api/me/state"); n < 29 || n > 31 {
		t.Errorf("a second later %d more, want 30", n)
	}
	// All that is not signed in counts by address, whatever it says of itself.
	spoof := func(i int) []string {
		return []string{"X-Forwarded-For", fmt.Sprint("10.0.0.", i), "X-Real-Ip", "10.0.0.1", "Forwarded", "for=10.0.0.2", "True-Client-Ip", "10.0.0.3", "Authorization", "Bearer forged"}
	}
	if n := flood(h.visitor(), "/api/house", spoof(1)...); n < 1000 || n > 1200 {
		t.Errorf("visitors may ask %d times at once", n)
	}
	h.visitor().get("/api/house", spoof(2)...).fails(429, "limited")
	h.visitor().get("/api/openapi.json").fails(429, "limited")
	k.get("/api/me").want(200)
	h.signIn("mina") // the door is open, its own limits apart
	h.visitor().get("/").want(200)
}

// TestUploadsAreLimited: a hundred files come in at once, and a folder of
// hundreds at the pace that is asked for.
func TestUploadsAreLimited(t *testing.T) {
	t.Parallel()
	h, pace := limitedHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	send := func() answer { return mina.post("/api/tracks?name=x.mp3", []byte("not a sound at all")) }
	sent, began := 0, pace.now()
	for sent < 200 {
		if a := send(); a.status == 429 {
			if sent < 100 {
				t.Fatalf("the upload %d is refused", sent)
			}
			a.fails(429, "limited")
			if s := pace.wait(a); s > 3 {
				t.Fatalf("told to wait %d s", s)
			}
			continue
		} else {
			a.fails(415, "upload.not_audio")
		}
		sent++
	}
	if took := pace.now() - began; took < 4*time.Minute || took > 6*time.Minute {
		t.Errorf("200 files took %v, want about five minutes", took)
	}
	send().fails(429, "limited")
	k.upload("song.mp3", tagged(t, "Song"), "public") // others are not kept waiting
	pictures := 0
	for range 200 {
		if a := mina.put("/api/me/picture", []byte(notPNG)); a.status == 429 {
			a.fails(429, "limited")
			break
		}
		pictures++
	}
	if pictures != 100 {
		t.Errorf("%d pictures may be set at once", pictures)
	}
}

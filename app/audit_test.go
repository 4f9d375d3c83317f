package app_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/auth"
	"earshot/app/config"
)

// TestSecurityLog does what has to be found in the log afterwards, by whom and
// from where, and looks for what must not (SAFETY 2b).
func TestSecurityLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.Log.Level = "info" })
	wrong := h.visitor()
	wrong.post("/api/setup", wire.Setup{Token: "WRONGCODE", Email: "k@home.example", Password: password, Name: "Kim"}).fails(403, "setup.token")
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	tr := mina.upload("song.mp3", tagged(t, "Song"), "public")
	said := jun.say(tr.ID, 0, "Words")
	junsList := made[wire.Playlist](jun.post("/api/playlists", wire.NewPlaylist{Title: "Of jun", Visibility: "public"}))
	evil := "Mozilla\" level=ERROR msg=\"forged\" security=signin"
	h.visitor().do("POST", "/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: "a wrong one level=ERROR"}, "User-Agent", evil).want(401)
	h.visitor().do("POST", "/api/auth/sign-in", wire.SignIn{Email: "nobody@home.example\nlevel=ERROR msg=forged", Password: "a wrong one"}, "User-Agent", evil).want(401)
	for range 25 {
		h.guess("somebody")
	}
	phone := h.visitor()
	phone.become(phone.post("/api/auth/sign-in", wire.SignIn{Email: "jun@home.example", Password: password}), 200)
	phone.post("/api/auth/sign-out", nil).want(204)
	jun.delete("/api/me/sessions").want(204)
	jun.put("/api/me/password", wire.PasswordChange{Current: "not this", New: "a new long one"}).fails(400, "password.wrong")
	jun.become(jun.put("/api/me/password", wire.PasswordChange{Current: password, New: "a new long one"}), 200)
	jun.get("/api/users").fails(403, "forbidden")
	jun.patch("/api/house", wire.HousePatch{}).fails(403, "forbidden")
	jun.do("PATCH", "/api/me", wire.MePatch{}, "Origin", "https://evil.example").fails(403, "cross_site")
	jun.get("/api/x%0alevel=ERROR%20msg=forged").want(404)
	jun.do("DELETE", "/api/users/%0alevel=ERROR", nil).want(403)
	jun.post("/api/reports", wire.NewReport{Kind: "track", ID: tr.ID, Reason: "spam"}).want(204)

	k.patch("/api/house", wire.HousePatch{Name: ptr("A new name")}).want(200)
	k.delete("/api/comments/" + said.ID).want(204)
	k.delete("/api/playlists/" + junsList.ID).want(204)
	k.post("/api/reports/"+reports(k, "open")[0].ID+"/answer", wire.ReportAnswer{Do: "remove"}).want(200)
	k.put(user(mina, "suspension"), nil).want(200)
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password})
	k.delete(user(mina, "suspension")).want(200)
	k.delete(user(mina)).want(204)
	deleted(t, h, mina)

	log := h.log.String()
	for _, want := range []string{
		`from=127\.0\.0\.1 security=setup\.refused`,
		`user=` + k.me.ID + ` session=\S+ from=127\.0\.0\.1 security=house\.made`,
		`user=` + mina.me.ID + ` session=\S+ from=127\.0\.0\.1 security=account\.made`,
		`user=` + mina.me.ID + ` known=true suspended=false from=127\.0\.0\.1 security=signin\.refused`,
		`known=false suspended=false from=127\.0\.0\.1 security=signin\.refused`,
		`attempts=\d+ from=127\.0\.0\.1 security=signin\.limited`,
		`user=` + jun.me.ID + ` session=\S+ from=127\.0\.0\.1 security=signin\n`,
		`user=` + jun.me.ID + ` session=\S+ security=session\.ended`,
		`user=` + jun.me.ID + ` session=\S+ security=sessions\.ended`,
		`user=` + jun.me.ID + ` from=127\.0\.0\.1 security=password\.refused`,
		`user=` + jun.me.ID + ` session=\S+ from=127\.0\.0\.1 security=password\.changed`,
		`security=access\.refused method=GET path=/api/users user=` + jun.me.ID,
		`security=access\.refused method=PATCH path=/api/house user=` + jun.me.ID,
		`security=access\.refused method=PATCH path=/api/me user=` + jun.me.ID + ` from=127\.0\.0\.1 code=cross_site`,
		`keeper=` + k.me.ID + ` security=house\.changed`,
		`comment=` + said.ID + ` owner=` + jun.me.ID + ` user=` + k.me.ID + ` security=comment\.deleted`,
		`playlist=` + junsList.ID + ` owner=` + jun.me.ID + ` user=` + k.me.ID + ` security=playlist\.deleted`,
		`track=` + tr.ID + ` owner=` + mina.me.ID + ` user=` + k.me.ID + ` security=track\.deleted`,
		`keeper=` + k.me.ID + ` security=report\.answered`,
		`user=` + mina.me.ID + ` keeper=` + k.me.ID + ` security=account\.suspended`,
		`user=` + mina.me.ID + ` keeper=` + k.me.ID + ` security=account\.reinstated`,
		`user=` + mina.me.ID + ` by=` + k.me.ID + ` security=account\.leaving`,
		`user=` + mina.me.ID + ` security=account\.deleted`,
	} {
		if !regexp.MustCompile(want).MatchString(log) {
			t.Errorf("the log has nothing like %s", want)
		}
	}
	for _, secret := range []string{password, "a wrong one", "not this", "a new long one", "WRONGCODE", "home.example", mina.token, jun.token, k.token, strings.Split(mina.token, ".")[2], "not the right one"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q in it", secret)
		}
	}
	for i, line := range strings.Split(strings.TrimSpace(log), "\n") {
		if !strings.HasPrefix(line, "time=") || strings.Contains(line, "level=ERROR") && !strings.Contains(line, `\n`) && !strings.Contains(line, `\"`) && !strings.Contains(line, `path="`) {
			t.Errorf("line %d of the log is somebody's own: %s", i, line)
		}
	}
	if t.Failed() {
		t.Log(log)
	}
}

// TestTheLogIsInUTC runs the program in another time zone.
func TestTheLogIsInUTC(t *testing.T) {
	t.Parallel()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	cmd := exec.Command(path, "serve", "-data", t.TempDir(), "-listen", "127.0.0.1:0")
	cmd.Env = append(cmd.Environ(), "TZ=Asia/Seoul")
	p, err := run(t, cmd)
	if err != nil {
		t.Fatal(err)
	}
	p.keeper()
	p.cmd.Process.Signal(os.Interrupt)
	p.cmd.Wait() // until all that it said has come
	line := regexp.MustCompile(`(?m)^time=(\S+) .*security=house\.made$`).FindStringSubmatch(p.out.String())
	if line == nil || !strings.HasSuffix(line[1], "Z") {
		t.Errorf("the log says %q", p.out)
	}
}

// TestEvery5xxHasItsNumber: what can't be done says under which number the log
// tells more, and nothing of why.
func TestEvery5xxHasItsNumber(t *testing.T) {
	t.Parallel()
	h := (&house{cost: 11}).begin(t, func(c *config.Config) { // slow enough to be overrun
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	h.keeper()
	answers := make(chan answer, 60)
	for i := range cap(answers) {
		go func() {
			answers <- h.visitor().do("POST", "/api/auth/sign-up", wire.SignUp{Email: auth.NewCode() + "@home.example", Password: password},
				"X-Forwarded-For", fmt.Sprint("203.0.113.", i))
		}()
	}
	busy := 0
	for range cap(answers) {
		a := <-answers
		if a.status < 500 {
			continue
		}
		busy++
		var e wire.Error
		a.fails(503, "busy").into(&e)
		if e.Error.Request == "" || a.header.Get("Retry-After") == "" {
			t.Errorf("a 503 without a number or Retry-After: %s %v", a.body, a.header)
		} else if !strings.Contains(h.log.String(), "request="+e.Error.Request) {
			t.Errorf("the log has no %s", e.Error.Request)
		}
		for _, leak := range []string{".go", "bcrypt", "goroutine", h.dir, "auth."} {
			if strings.Contains(string(a.body), leak) {
				t.Errorf("a 503 tells of %q: %s", leak, a.body)
			}
		}
	}
	if busy == 0 {
		t.Error("nobody was told to come again")
	}
}

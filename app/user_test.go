package app_test

import (
	"context"
	"encoding/base32"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/auth"
)

// earshot runs "earshot user" with words on a data folder, and gives what it
// says and whether it went well.
func earshotUser(t *testing.T, dir, stdin string, words ...string) (string, bool) {
	t.Helper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, append(append([]string{"user"}, words...), "-data", dir)...)
	cmd.Dir, cmd.Stdin = t.TempDir(), strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "goroutine") {
		t.Errorf("it fell over: %s", out)
	}
	return string(out), err == nil
}

var resetLink = regexp.MustCompile(`(https?://[^\s<>]+)/reset#([a-z2-7]{26})\n`)

// TestUserCommand does everything with accounts on the command line, while the
// house is closed and while it is open.
func TestUserCommand(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{false, true} {
		t.Run(fmt.Sprintf("open %v", open), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), strings.Repeat("a long folder ", 8)) // longer than a socket's path may be
			p := start(t, dir)
			closed := func() { // ends the program, if it runs
				if p != nil {
					p.cmd.Process.Signal(os.Interrupt)
					p.cmd.Wait()
					p = nil
				}
			}
			ask := func(do func()) { // with the program running
				if p == nil {
					p = start(t, dir)
				}
				do()
				if !open {
					closed()
				}
			}
			if !open {
				closed()
			}
			says := func(wants string, words ...string) string {
				t.Helper()
				out, ok := earshotUser(t, dir, "", words...)
				if !ok || !strings.Contains(out, wants) {
					t.Fatalf("user %v: %v, got %q, want %q in it", words, ok, out, wants)
				}
				return out
			}
			refuses := func(wants string, words ...string) {
				t.Helper()
				out, ok := earshotUser(t, dir, "", words...)
				if ok || !strings.Contains(out, wants) || strings.Count(out, "\n") > 3 {
					t.Fatalf("user %v: %v, got %q, want a refusal with %q in it", words, ok, out, wants)
				}
			}
			link := func(out string) string {
				t.Helper()
				m := resetLink.FindStringSubmatch(out)
				if m == nil {
					t.Fatalf("got %q, want a link in it", out)
				}
				return m[2]
			}
			choose := func(code string, status int) (who *person) {
				t.Helper()
				ask(func() {
					who = p.person("somebody", "")
					a := who.post("/api/auth/reset", wire.PasswordReset{Code: code, Password: chosen}).want(status)
					if status == 201 {
						a.into(&wire.SignedIn{})
					}
				})
				return who
			}

			refuses("add -keeper", "add", "mina@home.example")
			code := link(says("Kim has an account now, as kim", "add", "kim@home.example", "-name", "Kim", "-keeper"))
			choose(code, 201)
			choose(code, 403)
			link(says("mina has an account now", "add", "mina@home.example"))
			refuses("an account with this address already", "add", "Mina@home.example")
			refuses("not a complete e-mail address", "add", "mina")
			out := says("USERNAME", "list")
			for _, want := range []string{`kim +kim@home.example +keeper +0 +0\.0 MB`, `mina +mina@home.example +member`} {
				if !regexp.MustCompile(want).MatchString(out) {
					t.Errorf("got %q, want %q in it", out, want)
				}
			}
			ask(func() { // without a password nobody comes in
				p.person("mina", "").post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: ""}).fails(401, "signin.wrong")
			})
			old := link(says("mina (mina) chooses a new password", "reset", "mina@home.example"))
			code = link(says("works once", "reset", "mina"))
			choose(old, 403)
			choose(code, 201)
			refuses("without its keeper", "role", "kim", "member")
			says("mina (mina) is a keeper now", "role", "mina", "keeper")
			says("kim@home.example", "list")
			says("Kim (kim) is a member now", "role", "kim@home.example", "member")
			says("is suspended", "suspend", "kim")
			refuses("Let it back in first", "role", "kim", "keeper")
			says("suspended", "list")
			ask(func() {
				p.person("kim", "").post("/api/auth/sign-in", wire.SignIn{Email: "kim@home.example", Password: chosen}).fails(403, "account.suspended")
			})
			says("may come in again", "restore", "kim")
			ask(func() {
				p.person("kim", "").post("/api/auth/sign-in", wire.SignIn{Email: "kim@home.example", Password: chosen}).want(200)
			})
			refuses("there is nobody called nobody", "reset", "nobody")
			refuses("A house can't be without its keeper", "remove", "mina", "-yes")
			refuses("nothing was deleted", "remove", "kim")
			if out, ok := earshotUser(t, dir, "yes\n", "remove", "kim"); !ok || !strings.Contains(out, "can't be undone") || !strings.Contains(out, "is being deleted") {
				t.Errorf("got %q", out)
			}
			refuses("there is nobody called kim", "reset", "kim")
			link(says("", "add", "jun@home.example", "-name", "김준호"))
			says("is being deleted", "remove", "김준호", "-yes")

			closed()
			if _, err := os.Stat(filepath.Join(dir, "control.sock")); err == nil {
				t.Error("a closed house leaves its socket")
			}
		})
	}
}

// TestUserCommandTakesAFactorAway: the only keeper lost phone and codes, and
// comes in again by the machine, while the house is closed and while it is open.
func TestUserCommandTakesAFactorAway(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{false, true} {
		t.Run(fmt.Sprintf("open %v", open), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := start(t, dir)
			says := func(wants string, ok bool, words ...string) string {
				t.Helper()
				out, did := earshotUser(t, dir, "", words...)
				if did != ok || !strings.Contains(out, wants) {
					t.Fatalf("user %v: %v, got %q, want %q in it", words, did, out, wants)
				}
				return out
			}
			code := resetLink.FindStringSubmatch(says("kim", true, "add", "kim@home.example", "-keeper"))[2]
			kim := p.person("kim", "")
			kim.become(kim.post("/api/auth/reset", wire.PasswordReset{Code: code, Password: chosen}), 201)
			says("no second factor", false, "factor", "kim")
			var set wire.FactorSetup
			kim.post("/api/me/factor/begin", wire.Proof{Password: chosen}).want(200).into(&set)
			secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(set.Key)
			if err != nil {
				t.Fatal(err)
			}
			now, err := auth.FactorCode(secret, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			kim.post("/api/me/factor/confirm", wire.FirstCode{Code: now}).want(200)
			if !open {
				p.cmd.Process.Signal(os.Interrupt)
				p.cmd.Wait()
			}
			says("nobody called jun", false, "factor", "jun")
			says("kim (kim) signs in without a second step", true, "factor", "kim@home.example")
			if !open {
				p = start(t, dir)
			}
			p.person("kim", kim.token).get("/api/me").fails(401, "signin.needed")
			again := p.person("kim", "")
			again.become(again.post("/api/auth/sign-in", wire.SignIn{Email: "kim@home.example", Password: chosen}), 200)
		})
	}
}

// TestUserCommandIsUnderstood gives the words of "earshot user" in every order.
func TestUserCommandIsUnderstood(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		words []string
		ok    bool
		want  string
	}{
		{[]string{"help"}, true, "earshot user reset WHO"},
		{[]string{"list", "-h"}, true, "earshot user reset WHO"},
		{[]string{"dance"}, false, `no command "user dance"`},
		{[]string{"reset"}, false, "wants one username or e-mail address"},
		{[]string{"add", "a@b.c", "d"}, false, "wants one e-mail address"},
		{[]string{"role", "mina"}, false, "keeper or member"},
		{[]string{"role", "mina", "king"}, false, `"king" is no role`},
		{[]string{"list", "-colour"}, false, "-colour"},
		{[]string{"list", "all"}, false, "wants nothing more"},
		{[]string{"list"}, false, "there is no Earshot in"},
	} {
		out, ok := earshotUser(t, dir, "", c.words...)
		if ok != c.ok || !strings.Contains(out, c.want) {
			t.Errorf("user %v: %v, got %q, want %q in it", c.words, ok, out, c.want)
		}
	}
}

// The socket is for nobody but whoever runs the house, and one that a killed
// house left behind is no hindrance.
func TestControlSocket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	p.keeper()
	path := filepath.Join(dir, "control.sock")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != fs.ModeSocket {
		t.Fatalf("got %v, %v, want a socket of mode 0600", info, err)
	}
	p.cmd.Process.Kill()
	p.cmd.Wait()
	if out, ok := earshotUser(t, dir, "", "list"); !ok || !strings.Contains(out, "keeper@home.example") {
		t.Errorf("behind a killed house: got %q", out)
	}
	start(t, dir)
	if out, ok := earshotUser(t, dir, "", "list"); !ok || !strings.Contains(out, "keeper@home.example") {
		t.Errorf("after a new start: got %q", out)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".control-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	// Where the socket is gone, the data is still protected.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if out, ok := earshotUser(t, dir, "", "list"); ok || !strings.Contains(out, "stop it first") {
		t.Errorf("without a socket: got %q", out)
	}
}

package app_test

import (
	"io"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/app/mail/mailtest"
)

const chosen = "a password of my own"

// reset makes the link for somebody and gives its code.
func (p *person) reset(who *person) string {
	p.h.t.Helper()
	l := made[wire.OneTimeLink](p.post(user(who, "reset"), wire.NewReset{Password: password}))
	_, code, _ := strings.Cut(l.URL, "/reset#")
	return code
}

func TestPasswordByLink(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	other := h.signIn("mina")
	v := h.visitor()
	k.post(user(mina, "reset"), wire.NewReset{Password: "a guess of mine"}).fails(400, "password.wrong")
	jun.post(user(mina, "reset"), wire.NewReset{Password: password}).fails(403, "forbidden")

	first := k.reset(mina)
	code := k.reset(mina) // the newer one replaces it
	bad := v.post("/api/auth/reset/check", wire.LinkCode{Code: first}).fails(403, "reset.invalid")
	if got := as[wire.ResetOffer](v.post("/api/auth/reset/check", wire.LinkCode{Code: code})); got.Name != "mina" {
		t.Errorf("got %+v", got)
	}
	accounts := list[wire.Account](k, "/api/users", "10")
	for _, a := range accounts {
		if (a.ID == mina.me.ID) != a.ResetUntil.Equal(today.Add(day)) {
			t.Errorf("%s: a link until %v", a.Name, a.ResetUntil)
		}
	}
	v.post("/api/auth/reset", wire.PasswordReset{Code: code, Password: "short"}).fails(400, "password.short")
	v.post("/api/auth/reset", wire.PasswordReset{Code: code, Password: "mina@home.example"}).fails(400, "password.common")
	mina.get("/api/me").want(200)

	v.become(v.post("/api/auth/reset", wire.PasswordReset{Code: code, Password: chosen}), 201)
	if v.me.ID != mina.me.ID {
		t.Errorf("signed in as %s", v.me.Name)
	}
	for _, p := range []*person{mina, other} { // every session is over (SAFETY F23)
		p.get("/api/me").fails(401, "signin.needed")
	}
	jun.get("/api/me").want(200)
	v.get("/api/me").want(200)
	nobody := h.visitor()
	nobody.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).fails(401, "signin.wrong")
	nobody.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: chosen}).want(200)

	// Used, unknown, expired and ended ones answer alike.
	codes := map[string]string{"used": code, "unknown": strings.Repeat("b", 26), "empty": ""}
	codes["ended by a changed password"] = k.reset(jun)
	jun.become(jun.put("/api/me/password", wire.PasswordChange{Current: password, New: chosen}), 200)
	late := k.reset(mina)
	c.jump(day - time.Second)
	h.visitor().post("/api/auth/reset/check", wire.LinkCode{Code: late}).want(200)
	c.jump(time.Second)
	codes["expired"] = late
	codes["of who is suspended"] = k.reset(mina)
	k.put(user(mina, "suspension"), nil).want(200)
	for what, code := range codes {
		a := nobody.post("/api/auth/reset/check", wire.LinkCode{Code: code}).fails(403, "reset.invalid")
		b := nobody.post("/api/auth/reset", wire.PasswordReset{Code: code, Password: password}).fails(403, "reset.invalid")
		if string(a.body) != string(bad.body) || string(b.body) != string(bad.body) {
			t.Errorf("%s is told apart: %s", what, a.body)
		}
	}
	k.post(user(mina, "reset"), wire.NewReset{Password: password}).fails(409, "reset.suspended")

	// One that was made in a future which the clock has left is none.
	c.jump(20 * day)
	ahead := k.reset(jun)
	c.jump(-20 * day)
	nobody.post("/api/auth/reset", wire.PasswordReset{Code: ahead, Password: chosen}).fails(403, "reset.invalid")
	if s := h.log.String(); strings.Contains(s, code) || strings.Contains(s, late) || strings.Contains(s, chosen) {
		t.Errorf("the log has a secret:\n%s", s)
	}
}

// mailed opens a house that sends mails.
func mailed(t *testing.T, o mailtest.Options) (*house, *mailtest.Server) {
	s := mailtest.New(t, o)
	h := (&house{cost: 4, post: s.Trust}).begin(t, func(c *config.Config) {
		c.PublicURL = "https://music.home.example"
		c.SMTP = config.SMTP{Host: "127.0.0.1", Port: s.Port, User: "music", Password: o.Password, From: "Our house <music@home.example>", Security: "starttls"}
	})
	return h, s
}

func textOf(t *testing.T, m mailtest.Message) (head mail.Header, text string) {
	t.Helper()
	read, err := mail.ReadMessage(strings.NewReader(m.Data))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(quotedprintable.NewReader(read.Body))
	if err != nil {
		t.Fatal(err)
	}
	return read.Header, string(b)
}

func TestForgottenPasswordByMail(t *testing.T) {
	t.Parallel()
	h, s := mailed(t, mailtest.Options{Password: "hush"})
	h.keeper()
	mina := h.member("mina")
	mina.patch("/api/me", wire.MePatch{Name: ptr("Mina\r\nBcc: all@home.example")}).want(200)
	v := h.visitor()
	if !as[wire.House](v.get("/api/house")).Mails {
		t.Error("the house does not say that it sends mails")
	}
	ask := func(email, language string) answer {
		t.Helper()
		a := v.do("POST", "/api/auth/forgot", wire.Forgotten{Email: email, Language: language}, "Host", "evil.example", "X-Forwarded-Host", "evil.example")
		return a.want(204)
	}
	// Known or not, the answer is the same; only who has an account gets a mail.
	a, b := ask("nobody@home.example", "en"), ask("Mina@Home.example", "ko")
	a.header.Del("Date")
	b.header.Del("Date")
	for name := range a.header {
		if a.header.Get(name) != b.header.Get(name) && name != "Server-Timing" {
			t.Errorf("%s is %q for one who is not there and %q for one who is", name, a.header.Get(name), b.header.Get(name))
		}
	}
	m := s.Next()
	head, text := textOf(t, m)
	if m.To != "mina@home.example" || !m.TLS || m.User != "music" || head.Get("Bcc") != "" || !strings.Contains(text, "새 비밀번호") {
		t.Errorf("got %+v with\n%s", m, text)
	}
	_, code, ok := strings.Cut(text, "https://music.home.example/reset#")
	code, _, _ = strings.Cut(code, "\r\n")
	if !ok || strings.Contains(text, "evil") || strings.Contains(text, "127.0.0.1") {
		t.Fatalf("the mail says\n%s", text)
	}
	p := h.visitor()
	p.become(p.post("/api/auth/reset", wire.PasswordReset{Code: code, Password: chosen}), 201)
	mina.get("/api/me").fails(401, "signin.needed")

	// One account gets three mails and then none for a while, without a word.
	for range 4 {
		ask("mina@home.example", "en")
	}
	ask("keeper@home.example", "en") // behind them in the queue
	for i := range 3 {
		want := []string{"mina@home.example", "mina@home.example", "keeper@home.example"}[i]
		if got := s.Next(); got.To != want {
			t.Errorf("got a mail to %s, want one to %s", got.To, want)
		}
	}
	v.post("/api/auth/forgot", wire.Forgotten{Email: "mina@home.example\r\nRCPT TO:<x@y.z>"}).fails(400, "email.invalid")
	v.post("/api/auth/forgot", wire.Forgotten{Email: "mina"}).fails(400, "email.invalid")
	limited := 0
	for range 20 {
		if v.post("/api/auth/forgot", wire.Forgotten{Email: "nobody@home.example"}).status == 429 {
			limited++
		}
	}
	if limited < 15 {
		t.Errorf("%d of 20 were turned away, want 15 at least", limited)
	}
}

func TestForgottenWithoutMails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	v := h.visitor()
	if as[wire.House](v.get("/api/house")).Mails {
		t.Error("the house says that it sends mails")
	}
	v.post("/api/auth/forgot", wire.Forgotten{Email: "keeper@home.example"}).fails(409, "mail.none")
}

func TestEmailChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	h.member("jun")
	change := func(email, pass string) answer {
		return mina.put("/api/me/email", wire.EmailChange{Email: email, Password: pass})
	}
	change("new@home.example", "not hers at all").fails(400, "password.wrong")
	change("new", password).fails(400, "email.invalid")
	change("JUN@home.example", password).fails(409, "email.used")
	code := k.reset(mina)
	if got := as[wire.Me](change(" New@Home.example ", password)); got.Email != "new@home.example" {
		t.Errorf("got %q", got.Email)
	}
	// A link that went to the old address is over.
	h.visitor().post("/api/auth/reset/check", wire.LinkCode{Code: code}).fails(403, "reset.invalid")
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).fails(401, "signin.wrong")
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "new@home.example", Password: password}).want(200)
	change("new@home.example", password).want(200) // the same again
}

package app_test

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/auth"
	"earshot/app/config"
)

// guarded is a house whose clocks stand still: that of the codes and that of
// how often something may be tried.
type guarded struct {
	*house
	clock *clock
	quiet atomic.Int64 // nanoseconds
}

func newGuarded(t *testing.T, changes ...func(*config.Config)) *guarded {
	g := &guarded{clock: newClock(today)}
	g.house = (&house{cost: 4, now: g.clock.now, pace: func() time.Duration { return time.Duration(g.quiet.Load()) }}).begin(t, changes...)
	return g
}

// wait lets time go by for both clocks.
func (g *guarded) wait(d time.Duration) {
	g.clock.jump(d)
	g.quiet.Add(int64(d))
}

// app is somebody's authenticator.
type authenticator struct {
	g      *guarded
	secret []byte
}

// code gives the app's code so far from now.
func (a authenticator) code(after time.Duration) string {
	a.g.t.Helper()
	code, err := auth.FactorCode(a.secret, a.g.clock.now().Add(after))
	if err != nil {
		a.g.t.Fatal(err)
	}
	return code
}

// protect switches the second factor of somebody on.
func (g *guarded) protect(p *person) (authenticator, []string) {
	g.t.Helper()
	var set wire.FactorSetup
	p.post("/api/me/factor/begin", wire.Proof{Password: password}).want(200).into(&set)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(set.Key)
	if err != nil {
		g.t.Fatal(err)
	}
	a := authenticator{g, secret}
	var codes wire.RecoveryCodes
	p.post("/api/me/factor/confirm", wire.FirstCode{Code: a.code(0)}).want(200).into(&codes)
	g.wait(time.Minute)
	return a, codes.Codes
}

// ticket signs somebody in as far as the password goes.
func (g *guarded) ticket(name string) string {
	g.t.Helper()
	var in wire.SignedIn
	a := g.visitor().post("/api/auth/sign-in", wire.SignIn{Email: name + "@home.example", Password: password}).want(200)
	a.into(&in)
	if in.Ticket == "" || in.Token != "" || a.header.Get("Set-Cookie") != "" || strings.Contains(string(a.body), `"me"`) {
		g.t.Fatalf("the answer to a right password is %s, with cookie %q", a.body, a.header.Get("Set-Cookie"))
	}
	return in.Ticket
}

func (g *guarded) finish(ticket, code string) answer {
	g.t.Helper()
	return g.visitor().post("/api/auth/factor", wire.Code{Ticket: ticket, Code: code})
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.keeper()
	mina := g.member("mina")

	mina.post("/api/me/factor/begin", wire.Proof{Password: "wrong password"}).fails(400, "password.wrong")
	mina.post("/api/me/factor/confirm", wire.FirstCode{Code: "123456"}).fails(409, "factor.off")
	var set wire.FactorSetup
	mina.post("/api/me/factor/begin", wire.Proof{Password: password}).want(200).into(&set)
	u, err := url.Parse(set.URI)
	if err != nil || u.Query().Get("secret") != set.Key || u.Query().Get("issuer") != "Our house" || set.QR.Size < 21 {
		t.Errorf("set-up %+v, %v", set, err)
	}
	// Before it is confirmed nothing is asked for.
	g.signIn("mina")
	mina.post("/api/me/factor/confirm", wire.FirstCode{Code: "000000"}).fails(400, "factor.wrong")

	app, codes := g.protect(mina)
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes", len(codes))
	}
	mina.post("/api/me/factor/begin", wire.Proof{Password: password}).fails(409, "factor.on")
	mina.get("/api/me").want(200) // the session that did it goes on
	var kept wire.Security
	mina.get("/api/me/security").want(200).into(&kept)
	if !kept.Factor.On || kept.Factor.Left != 10 || kept.Factor.Since.IsZero() || !kept.Password {
		t.Errorf("security %+v", kept)
	}

	// A code of the app opens the session, once, and so does the ticket.
	ticket := g.ticket("mina")
	code := app.code(0)
	var in wire.SignedIn
	a := g.finish(ticket, code).want(200)
	a.into(&in)
	if in.Token == "" || in.Me.ID != mina.me.ID || !strings.Contains(a.header.Get("Set-Cookie"), in.Token) {
		t.Errorf("the session %+v with cookie %q", in, a.header.Get("Set-Cookie"))
	}
	g.wait(time.Minute)
	g.finish(ticket, app.code(0)).fails(401, "factor.ticket")
	g.finish(g.ticket("mina"), code).fails(401, "factor.wrong")
	// The clocks may be half a minute apart, to either side.
	g.finish(g.ticket("mina"), app.code(-30*time.Second)).want(200)
	g.finish(g.ticket("mina"), app.code(30*time.Second)).want(200)
	g.finish(g.ticket("mina"), app.code(30*time.Second)).fails(401, "factor.wrong") // taken
	g.finish(g.ticket("mina"), app.code(0)).fails(401, "factor.wrong")              // older than one that was taken
	g.wait(3 * time.Minute)
	g.finish(g.ticket("mina"), app.code(-time.Minute)).fails(401, "factor.wrong")

	// Recovery codes work once each, however they are written, and can be made anew.
	g.finish(g.ticket("mina"), strings.ToUpper(strings.ReplaceAll(codes[0], "-", " "))).want(200)
	g.finish(g.ticket("mina"), codes[0]).fails(401, "factor.wrong")
	mina.get("/api/me/security").want(200).into(&kept)
	if kept.Factor.Left != 9 {
		t.Errorf("%d recovery codes are left, want 9", kept.Factor.Left)
	}
	proof := func(password, code string) wire.CodeProof {
		return wire.CodeProof{Proof: wire.Proof{Password: password}, Code: code}
	}
	mina.post("/api/me/factor/codes", proof("wrong password", app.code(0))).fails(400, "password.wrong")
	mina.post("/api/me/factor/codes", proof(password, "000000")).fails(400, "factor.wrong")
	var anew wire.RecoveryCodes
	mina.post("/api/me/factor/codes", proof(password, codes[1])).want(200).into(&anew)
	g.wait(time.Hour)
	g.finish(g.ticket("mina"), codes[2]).fails(401, "factor.wrong")
	g.finish(g.ticket("mina"), anew.Codes[0]).want(200)

	// It survives a restart, and is switched off by password and code only.
	g.reopen()
	g.finish(g.ticket("mina"), app.code(0)).want(200)
	mina.post("/api/me/factor/off", proof("wrong password", app.code(30*time.Second))).fails(400, "password.wrong")
	mina.post("/api/me/factor/off", proof(password, "000000")).fails(400, "factor.wrong")
	mina.post("/api/me/factor/off", proof(password, app.code(30*time.Second))).want(204)
	mina.post("/api/me/factor/off", proof(password, app.code(30*time.Second))).fails(409, "factor.off")
	g.signIn("mina")
	for _, secret := range append(codes, set.Key, code) {
		if strings.Contains(g.log.String(), secret) {
			t.Errorf("the log holds the secret %q", secret)
		}
	}
}

// A ticket is no session and a session is no ticket, and neither are the papers
// of another kind, of another house or of another run (SAFETY 3.4).
func TestTicketsAreNoSessions(t *testing.T) {
	t.Parallel()
	g, other := newGuarded(t), newGuarded(t)
	g.keeper()
	other.keeper()
	mina := g.member("mina")
	app, _ := g.protect(mina)
	jun := other.member("mina")
	other.protect(jun)
	ticket := g.ticket("mina")

	for _, as := range [][2]string{{"Authorization", "Bearer " + ticket}, {"Cookie", "earshot_session=" + ticket}} {
		g.visitor().get("/api/me", as[0], as[1]).fails(401, "signin.needed")
	}
	g.visitor().get("/api/me?ticket="+ticket).fails(401, "signin.needed")
	// A cursor is sealed with the same key.
	for i := range 2 {
		mina.upload(fmt.Sprint(i, ".mp3"), tagged(t, "Song"), "private")
	}
	var page wire.List[wire.Track]
	mina.get("/api/me/tracks?limit=1").want(200).into(&page)
	mina.get("/api/me/tracks?cursor="+ticket).fails(400, "cursor.invalid")
	kinds := map[string]string{
		"a session's token":    mina.token,
		"another house's":      other.ticket("mina"),
		"nothing":              "",
		"a list's cursor":      page.Next,
		"dots":                 strings.Repeat(".", 1000),
		"cut":                  ticket[:len(ticket)-1],
		"doubled":              ticket[:40] + ticket[:40],
		"with a space":         ticket + " ",
		"with a line end":      ticket + "\n",
		"with padding":         ticket + "=",
		"one bit off":          flip(ticket),
		"a set-up code":        auth.NewCode(),
		"a recovery code only": "aaaa-bbbb-cccc-dddd",
	}
	for name, text := range kinds {
		if a := g.finish(text, app.code(0)); a.status != 401 || a.code() != "factor.ticket" {
			t.Errorf("%s as a ticket: %d %s", name, a.status, a.body)
		}
	}
	g.finish(strings.Repeat("A", 1025), app.code(0)).want(400)

	// What makes a ticket void.
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"five minutes", func() { g.wait(5 * time.Minute) }},
		{"a new password", func() {
			mina.become(mina.put("/api/me/password", wire.PasswordChange{Current: password, New: "another long one"}), 200)
			mina.become(mina.put("/api/me/password", wire.PasswordChange{Current: "another long one", New: password}), 200)
		}},
		{"a new second factor", func() {
			mina.post("/api/me/factor/off", wire.CodeProof{Proof: wire.Proof{Password: password}, Code: app.code(0)}).want(204)
			app, _ = g.protect(mina)
		}},
		{"a restart", func() { g.reopen() }},
	} {
		ticket := g.ticket("mina")
		c.do()
		if a := g.finish(ticket, app.code(0)); a.status != 401 || a.code() != "factor.ticket" {
			t.Errorf("after %s a ticket gives %d %s", c.name, a.status, a.body)
		}
		g.wait(time.Hour)
	}
	ticket = g.ticket("mina")
	g.wait(5*time.Minute - time.Second)
	g.finish(ticket, app.code(0)).want(200)
}

// TestCodesAreNotGuessed: a ticket takes five codes, and an account as few as
// its password, however many tickets there are.
func TestCodesAreNotGuessed(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.keeper()
	mina := g.member("mina")
	app, _ := g.protect(mina)
	ticket := g.ticket("mina")
	for range 5 {
		g.finish(ticket, "000000").fails(401, "factor.wrong")
	}
	a := g.finish(ticket, app.code(0)).fails(429, "limited")
	if a.header.Get("Retry-After") == "" {
		t.Error("a wait without a length")
	}
	g.wait(20 * time.Second)
	g.finish(ticket, app.code(0)).fails(401, "factor.ticket")
	checked, guesses := 0, 0
	for range 15 * 60 { // of a quarter of an hour, one guess a second with a fresh ticket
		g.wait(time.Second)
		guesses++
		var in wire.SignedIn
		s := g.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password})
		if s.status != 200 {
			continue
		}
		s.into(&in)
		switch a := g.finish(in.Ticket, "000000"); a.code() {
		case "factor.wrong":
			checked++
		case "limited":
		default:
			t.Fatalf("a guess gives %d %s", a.status, a.body)
		}
	}
	if checked > 25 {
		t.Errorf("of %d guesses in a quarter of an hour %d were checked", guesses, checked)
	}
	g.wait(time.Hour)
	g.finish(g.ticket("mina"), app.code(0)).want(200)
}

// Many at once can't use one ticket, or one code, twice.
func TestTicketsOpenOneSession(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.keeper()
	mina := g.member("mina")
	_, codes := g.protect(mina)
	ticket := g.ticket("mina")
	var opened atomic.Int32
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() {
			if g.finish(ticket, codes[i]).status == 200 {
				opened.Add(1)
			}
		})
	}
	all.Wait()
	if n := opened.Load(); n != 1 {
		t.Errorf("one ticket opened %d sessions", n)
	}
	// The codes that came too late were not taken.
	var kept wire.Security
	mina.get("/api/me/security").want(200).into(&kept)
	if kept.Factor.Left != 9 {
		t.Errorf("%d recovery codes are left, want 9", kept.Factor.Left)
	}
}

// TestTheKeeperTakesAFactorAway of somebody who lost it.
func TestTheKeeperTakesAFactorAway(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	k := g.keeper()
	mina, jun := g.member("mina"), g.member("jun")
	g.protect(mina)
	var list wire.List[wire.User]
	k.get("/api/users").want(200).into(&list)
	for _, u := range list.Items {
		if u.TwoFactor != (u.Username == "mina") {
			t.Errorf("%s: two_factor %t", u.Username, u.TwoFactor)
		}
	}
	if a := jun.get("/api/users/" + mina.me.ID).want(200); strings.Contains(string(a.body), "two_factor") {
		t.Errorf("others learn of it: %s", a.body)
	}
	ticket := g.ticket("mina")
	jun.post("/api/users/"+mina.me.ID+"/factor/off", wire.Proof{Password: password}).fails(403, "forbidden")
	k.post("/api/users/"+jun.me.ID+"/factor/off", wire.Proof{Password: password}).fails(409, "factor.off")
	k.post("/api/users/"+k.me.ID+"/factor/off", wire.Proof{Password: password}).fails(409, "factor.own")
	k.post("/api/users/"+mina.me.ID+"/factor/off", wire.Proof{Password: "wrong"}).fails(400, "password.wrong")
	k.post("/api/users/"+mina.me.ID+"/factor/off", wire.Proof{Password: password}).want(204)
	mina.get("/api/me").fails(401, "signin.needed")
	g.finish(ticket, "000000").fails(401, "factor.ticket")
	back := g.signIn("mina")
	if !strings.Contains(g.log.String(), "a second factor was taken away") {
		t.Error("the log does not tell of it")
	}
	// The same from the machine itself.
	g.protect(back)
	if _, err := g.app.Core().Console().DropFactor(t.Context(), "mina"); err != nil {
		t.Error(err)
	}
	back.get("/api/me").fails(401, "signin.needed")
	g.signIn("mina")
}

// TestAnIssuerIsOneFactor, and nobody is in, nor noted as such, before the other.
func TestAnIssuerIsOneFactor(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	g := newGuarded(t, i.lets("google"), func(c *config.Config) { c.Log.Level = "info" })
	i.now = g.clock.now
	g.keeper()
	mina := g.member("mina")
	mina.post("/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}, IDToken: i.token(nil)}).want(201)
	app, _ := g.protect(mina)
	var in wire.SignedIn
	if g.visitor().post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)}).want(200).into(&in); in.Ticket == "" || in.Token != "" {
		t.Fatalf("past the second factor: %+v", in)
	}
	signIns := func() int { return len(regexp.MustCompile(`security=signin\s`).FindAllString(g.log.String(), -1)) }
	if n := signIns(); n != 0 {
		t.Errorf("%d sign-ins are noted before the second factor", n)
	}
	g.finish(in.Ticket, app.code(0)).want(200)
	if n := signIns(); n != 1 {
		t.Errorf("%d sign-ins are noted after it", n)
	}
}

// TestAProxyIsNoSecondFactor: whom a proxy names gets no session of the house by
// a changed password, which would live on without the proxy.
func TestAProxyIsNoSecondFactor(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.keeper()
	mina := g.member("mina")
	app, _ := g.protect(mina)
	signer(false)(&g.cfg)
	g.reopen()
	var in wire.SignedIn
	a := g.visitor().do("PUT", "/api/me/password", wire.PasswordChange{Current: password, New: chosen}, "Remote-User", "mina").want(200)
	if a.into(&in); in.Ticket == "" || in.Token != "" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("got %s, with cookie %q", a.body, a.header.Get("Set-Cookie"))
	}
	mina.get("/api/me").fails(401, "signin.needed")
	g.finish(in.Ticket, app.code(0)).want(200)
}

// A suspended account gets no further than its password, and a ticket from
// before ends.
func TestSuspendedWithASecondFactor(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	k := g.keeper()
	mina := g.member("mina")
	app, _ := g.protect(mina)
	ticket := g.ticket("mina")
	k.put("/api/users/"+mina.me.ID+"/suspension", nil).want(200)
	g.finish(ticket, app.code(0)).fails(403, "account.suspended")
	g.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).fails(403, "account.suspended")
	k.delete("/api/users/" + mina.me.ID + "/suspension").want(200)
	g.wait(time.Minute)
	in := g.visitor()
	in.become(g.finish(g.ticket("mina"), app.code(0)), 200)
	in.post("/api/me/delete", wire.AccountDeletion{Password: "wrong password"}).fails(400, "password.wrong")
	in.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	g.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).fails(401, "signin.wrong")
}

// A wrong password answers alike with and without a second factor, and so does
// an address that nobody has.
func TestASecondFactorIsNotToldToStrangers(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.keeper()
	g.protect(g.member("mina"))
	g.member("jun")
	var first string
	for _, name := range []string{"mina", "jun", "nobody"} {
		a := g.visitor().post("/api/auth/sign-in", wire.SignIn{Email: name + "@home.example", Password: "a wrong one"}).fails(401, "signin.wrong")
		if got := fmt.Sprint(string(a.body), names(a)); first == "" {
			first = got
		} else if got != first {
			t.Errorf("%s: %s, others get %s", name, got, first)
		}
	}
	// Signing up anew with the right password is a sign-in, and as far as one.
	var in wire.SignedIn
	g.visitor().post("/api/auth/sign-up", wire.SignUp{Email: "mina@home.example", Password: password}).want(201).into(&in)
	if in.Ticket == "" || in.Token != "" {
		t.Errorf("signing up again gives %+v", in)
	}
}

// What succeeds is as the document says.
func TestTheDocumentIsTrueOfFactors(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.local()
	k := g.keeper()
	mina := g.member("mina")
	var doc document
	mina.get("/api/openapi.json").want(200).into(&doc)
	done := func(p *person, route, path string, body any) answer {
		t.Helper()
		method, pattern, _ := strings.Cut(route, " ")
		if path == "" {
			path = pattern
		}
		a := p.do(method, path, body)
		if a.status >= 300 {
			t.Fatalf("%s: %d %s", route, a.status, a.body)
		}
		doc.holds(t, route, a)
		return a
	}
	proof := wire.Proof{Password: password}
	done(mina, "GET /api/me/security", "", nil)
	var ask wire.PasskeyAsk
	done(mina, "POST /api/me/passkeys/begin", "", proof).into(&ask)
	d := mina.newDevice(t)
	var key wire.Passkey
	done(mina, "POST /api/me/passkeys", "", d.made(ask, "")).into(&key)
	done(mina, "PATCH /api/me/passkeys/{id}", "/api/me/passkeys/"+key.ID, wire.PasskeyPatch{Name: "Phone"})
	done(g.visitor(), "POST /api/auth/passkey/begin", "", nil).into(&ask)
	done(g.visitor(), "POST /api/auth/passkey", "", d.shown(ask))
	done(mina, "DELETE /api/me/passkeys/{id}", "/api/me/passkeys/"+key.ID, nil)
	var set wire.FactorSetup
	done(mina, "POST /api/me/factor/begin", "", proof).into(&set)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(set.Key)
	if err != nil {
		t.Fatal(err)
	}
	app := authenticator{g, secret}
	done(mina, "POST /api/me/factor/confirm", "", wire.FirstCode{Code: app.code(0)})
	g.wait(time.Minute)
	done(mina, "GET /api/me/security", "", nil)
	done(k, "GET /api/users", "", nil)
	done(mina, "POST /api/me/factor/codes", "", wire.CodeProof{Proof: proof, Code: app.code(0)})
	var in wire.SignedIn
	done(g.visitor(), "POST /api/auth/sign-in", "", wire.SignIn{Email: "mina@home.example", Password: password}).into(&in)
	g.wait(time.Minute)
	done(g.visitor(), "POST /api/auth/factor", "", wire.Code{Ticket: in.Ticket, Code: app.code(0)})
	done(k, "POST /api/users/{id}/factor/off", "/api/users/"+mina.me.ID+"/factor/off", wire.Proof{Password: password})
	mina = g.signIn("mina")
	app, _ = g.protect(mina)
	done(mina, "GET /api/me/sessions", "", nil)
	done(mina, "POST /api/me/factor/off", "", wire.CodeProof{Proof: proof, Code: app.code(0)})
	done(mina, "DELETE /api/me/sessions", "/api/me/sessions?all=true", nil)
}

func TestSessions(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.keeper()
	mina := g.member("mina")
	g.wait(time.Minute)
	phone := g.visitor()
	phone.become(phone.do("POST", "/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password},
		"User-Agent", "Mozilla/5.0 (Android 15; Mobile) Firefox/140.0"), 200)
	g.wait(time.Minute)
	tablet := g.signIn("mina")
	list := func(p *person) (all []wire.Session) {
		t.Helper()
		var l wire.List[wire.Session]
		p.get("/api/me/sessions").want(200).into(&l)
		return l.Items
	}
	all := list(phone)
	if len(all) != 3 || all[1].Device != "Firefox on Android" || !all[1].Current || all[0].Current || all[1].Door != "password" || all[1].Address != "127.0.0.1" ||
		!all[1].Created.Equal(today.Add(time.Minute)) || !all[1].Until.Equal(today.Add(time.Minute+90*day)) {
		t.Errorf("sessions %+v", all)
	}
	// Use is noted to the nearest minutes, and moves the end on, up to the last.
	g.wait(20 * day)
	phone.get("/api/me").want(200)
	if err := g.app.Core().Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	all = list(phone)
	if !all[1].Seen.Equal(g.clock.now()) || !all[1].Expires.Equal(g.clock.now().Add(30*day)) || !all[0].Seen.Equal(today.Add(2*time.Minute)) {
		t.Errorf("after use: %+v", all[:2])
	}
	// A session ends for whoever holds its token too.
	thief := g.visitor()
	thief.token = tablet.token
	thief.get("/api/me").want(200)
	phone.delete("/api/me/sessions/" + all[0].ID).want(204)
	thief.get("/api/me").fails(401, "signin.needed")
	tablet.get("/api/me").fails(401, "signin.needed")
	g.member("jun").delete("/api/me/sessions/"+all[1].ID).fails(404, "not_found")
	// All others, then all.
	phone.delete("/api/me/sessions").want(204)
	mina.get("/api/me").fails(401, "signin.needed")
	other := g.signIn("mina")
	a := phone.delete("/api/me/sessions?all=true").want(204)
	if c := a.header.Get("Set-Cookie"); !strings.Contains(c, "Max-Age=0") {
		t.Errorf("the cookie stays: %q", c)
	}
	phone.get("/api/me").fails(401, "signin.needed")
	other.get("/api/me").fails(401, "signin.needed")
	g.signIn("mina")
}

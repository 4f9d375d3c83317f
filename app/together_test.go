package app_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// The ways in and the ways to the house, together: each holds by itself in the
// tests of its own.

// TestIssuersBelowAPath: whoever comes back from an issuer lands below the path
// once, whether the page to go to was named with it or without.
func TestIssuersBelowAPath(t *testing.T) {
	t.Parallel()
	const origin, base = "http://home.example", "/earshot"
	i := newIssuer(t)
	h := newHouse(t, i.lets("google"), below(origin+base+"/"))
	h.keeper()
	for next, want := range map[string]string{
		"": base + "/", "/upload?a=b": base + "/upload?a=b", base + "/upload": base + "/upload", base + "/": base + "/",
		"/earshotter/song": base + "/earshotter/song", "/../other": base + "/", "/%2e%2e/other": base + "/", "/a/..": base + "/",
	} {
		p := h.browser()
		back := landed(p.goes(p.get(base + startGoogle + "?next=" + next)))
		path, ok := strings.CutPrefix(back, origin)
		if !ok || !strings.HasPrefix(path, base+"/api/auth/openid/google/callback?") {
			t.Fatalf("the issuer sends to %q", back)
		}
		if to := landed(p.get(path)); to != want {
			t.Errorf("next %q leads to %q, want %q", next, to, want)
		}
	}
	p := h.browser()
	if to := landed(p.get(base + "/api/auth/openid/nobody/start?next=" + base + "/upload")); to != base+"/sign-in?error=openid.unknown&next=%2Fupload&provider=nobody" {
		t.Errorf("who can't set out lands on %q", to)
	}
	jun := h.member("jun")
	var away wire.Connected
	jun.http.Jar = p.http.Jar
	jun.post(base+"/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}, Next: base + "/settings#connected"}).want(201).into(&away)
	i.is(map[string]any{"sub": "subject-2"})
	to, _ := strings.CutPrefix(landed((&person{h: &house{t: t}, http: jun.http}).get(away.Redirect)), origin)
	if to := landed(jun.get(to)); to != base+"/settings#connected" {
		t.Errorf("who connected an account lands on %q", to)
	}
}

// TestIssuersAndInvites: by an invite somebody comes in from an issuer, too, and
// whoever is not let in is back where the invite is.
func TestIssuersAndInvites(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	h := newHouse(t, i.lets("google"))
	k := h.keeper()
	k.letsIn("invited")
	_, code := k.invite(wire.NewInvite{})
	p := h.browser()
	for start, want := range map[string]string{
		startGoogle:                   "/sign-in?error=signup.invited&provider=google",
		startGoogle + "?invite=guess": "/invite?error=invite.invalid&provider=google",
		"/api/auth/openid/nobody/start?invite=" + code:      "",
		startGoogle + "?invite=" + strings.Repeat("a", 101): "",
	} {
		a := p.get(start)
		if want == "" {
			if to := landed(a); !strings.HasPrefix(to, "/invite?error=openid.") {
				t.Errorf("%s leads to %q", start, to)
			}
			continue
		}
		if to := landed(p.goes(p.goes(a))); to != want || p.knows() != "" {
			t.Errorf("%s leads to %q, want %q", start, to, want)
		}
	}
	if to, _ := p.comes(startGoogle + "?invite=" + code); to != "/" || p.knows() != "mina@home.example" {
		t.Errorf("an invite leads to %q as %q", to, p.knows())
	}
	i.is(map[string]any{"sub": "subject-2", "email": "jun@home.example"})
	if to, _ := h.browser().comes(startGoogle + "?invite=" + code); to != "/invite?error=invite.invalid&provider=google" {
		t.Errorf("an invite for one leads a second to %q", to)
	}
}

// TestIssuersAndSecondFactor: an issuer stands for the password, and for no
// more: the code is asked for when an account is connected by its password, and
// each time after.
func TestIssuersAndSecondFactor(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	g := &guarded{clock: newClock(today)}
	i.now = g.clock.now
	g.house = (&house{cost: 4, now: g.clock.now, pace: func() time.Duration { return time.Duration(g.quiet.Load()) }}).begin(t, i.lets("google"))
	g.keeper()
	app, _ := g.protect(g.member("mina"))
	p := g.browser()
	to, _ := p.comes(startGoogle)
	_, link, ok := strings.Cut(to, "#link=")
	if !ok {
		t.Fatalf("landed on %q", to)
	}
	a := p.post("/api/auth/openid/link", wire.OpenIDLink{Ticket: link, Password: password}).want(200)
	var in wire.SignedIn
	a.into(&in)
	if in.Ticket == "" || in.Token != "" || a.header.Get("Set-Cookie") != "" || p.knows() != "" {
		t.Fatalf("the right password is answered with %s", a.body)
	}
	g.finish(in.Ticket, app.code(0)).want(200)
	g.wait(time.Minute)
	to, _ = p.comes(startGoogle + "?next=/upload")
	_, ticket, ok := strings.Cut(to, "/sign-in?next=%2Fupload#ticket=")
	if !ok || !regexp.MustCompile(`^[\w-]+$`).MatchString(ticket) || p.knows() != "" {
		t.Fatalf("landed on %q as %q", to, p.knows())
	}
	g.finish(ticket, app.code(0)).want(200)
}

// TestHTTPSBelowAPath: plain requests lead to https below the path, and the page
// of trust stays below it.
func TestHTTPSBelowAPath(t *testing.T) {
	t.Parallel()
	h := newHouse(t, local, func(c *config.Config) { c.PublicURL = "https://home.local/earshot" })
	port := h.tls[strings.LastIndex(h.tls, ":"):]
	v := h.visitor()
	for path, want := range map[string]string{"/earshot/upload?a=b": "/earshot/upload?a=b", "/upload": "/earshot/upload", "/earshot/": "/earshot/"} {
		if a := v.get(path, "Host", "localhost"); a.status != 308 || landed(a) != "https://localhost"+port+want {
			t.Errorf("%s leads to %d %q", path, a.status, landed(a))
		}
	}
	for _, path := range []string{"/trust", "/earshot/trust"} {
		page := string(v.get(path, "Host", "home.local").want(200).body)
		if !strings.Contains(page, `href="https://home.local/earshot/"`) {
			t.Errorf("the page does not lead to the house: %s", page)
		}
		n := 0
		for _, m := range regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			if n++; !strings.HasPrefix(m[1], "/earshot/") {
				t.Errorf("the page of trust leaves the path by %s", m[1])
			}
			v.get(m[1]).want(200)
		}
		if n < 4 {
			t.Errorf("found %d addresses in %s", n, page)
		}
	}
}

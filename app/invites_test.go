package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// invite makes an invite and gives it with its code.
func (p *person) invite(n wire.NewInvite) (wire.Invite, string) {
	p.h.t.Helper()
	m := made[wire.MadeInvite](p.post("/api/invites", n))
	_, code, ok := strings.Cut(m.Link.URL, "/invite#")
	if !ok || len(code) < 26 {
		p.h.t.Fatalf("got the link %q", m.Link.URL)
	}
	return m.Invite, code
}

func comes(name, invite string) wire.SignUp {
	return wire.SignUp{Email: name + "@home.example", Password: password, Name: name, Invite: invite}
}

func (p *person) letsIn(how string) {
	p.h.t.Helper()
	p.patch("/api/house", wire.HousePatch{SignUp: &how}).want(200)
}

func TestInvitesLetPeopleIn(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	v := h.visitor()
	k.letsIn("invited")
	if got := as[wire.House](v.get("/api/house")); got.SignUp != "invited" {
		t.Errorf("the house says %q", got.SignUp)
	}
	v.post("/api/auth/sign-up", comes("mina", "")).fails(403, "signup.invited")
	// Whether somebody has an account is no business of who has no invite.
	v.post("/api/auth/sign-up", wire.SignUp{Email: "keeper@home.example", Password: "another one"}).fails(403, "signup.invited")
	v.post("/api/auth/sign-up", wire.SignUp{Email: "keeper@home.example", Password: "another one", Invite: "guess"}).fails(403, "invite.invalid")

	one, code := k.invite(wire.NewInvite{Note: "For Mina", Origin: "http://192.168.1.5:8080"})
	if one.State != "good" || one.Uses != 1 || one.Used != 0 || !one.Expires.Equal(today.Add(7*day)) || one.By == nil || one.By.Name != "Keeper Kim" {
		t.Errorf("got %+v", one)
	}
	if got := as[wire.InviteOffer](v.post("/api/auth/invite/check", wire.LinkCode{Code: code})); got.By != "Keeper Kim" || got.House != "Our house" {
		t.Errorf("got %+v", got)
	}
	// A sign-up that comes to nothing uses nothing up.
	v.post("/api/auth/sign-up", wire.SignUp{Email: "mina@home.example", Password: "short", Invite: code}).fails(400, "password.short")
	mina := h.visitor()
	mina.become(mina.post("/api/auth/sign-up", comes("mina", code)), 201)
	got := list[wire.Invite](k, "/api/invites", "1")
	if len(got) != 1 || got[0].State != "used" || got[0].Used != 1 || len(got[0].Users) != 1 || got[0].Users[0].ID != mina.me.ID || got[0].Note != "For Mina" {
		t.Errorf("got %+v", got)
	}
	mina.get("/api/invites").fails(403, "forbidden")
	wrongs := map[string]string{"used up": code}

	late, code := k.invite(wire.NewInvite{Hours: 1, Uses: 5})
	c.jump(time.Hour - time.Second)
	v.post("/api/auth/invite/check", wire.LinkCode{Code: code}).want(200)
	c.jump(time.Second)
	wrongs["expired"] = code
	ever, code := k.invite(wire.NewInvite{Hours: -1, Uses: 2})
	c.jump(30 * year)
	v.post("/api/auth/invite/check", wire.LinkCode{Code: code}).want(200)
	c.set(today)
	k = h.signIn("keeper")
	k.delete("/api/invites/" + ever.ID).want(204)
	k.delete("/api/invites/"+ever.ID).fails(404, "not_found")
	c.jump(2 * time.Hour)
	k = h.signIn("keeper")
	wrongs["taken back"] = code
	wrongs["unknown"] = strings.Repeat("a", 26)
	wrongs["of another kind"] = late.ID
	wrongs["empty"] = ""
	answers := map[string]bool{}
	for what, code := range wrongs {
		a := v.post("/api/auth/invite/check", wire.LinkCode{Code: code}).fails(403, "invite.invalid")
		answers[string(a.body)] = true
		if code == "" {
			continue
		}
		b := v.post("/api/auth/sign-up", comes("jun", code)).fails(403, "invite.invalid")
		if answers[string(b.body)] = true; len(answers) != 1 {
			t.Fatalf("%s is told apart: %v", what, answers)
		}
	}
	// An open house takes invites too, and a closed one none.
	_, code = k.invite(wire.NewInvite{Uses: 2})
	k.letsIn("open")
	jun := h.visitor()
	jun.become(jun.post("/api/auth/sign-up", comes("jun", code)), 201)
	k.letsIn("closed")
	v.post("/api/auth/sign-up", comes("sora", code)).fails(403, "signup.closed")
	v.post("/api/auth/invite/check", wire.LinkCode{Code: code}).fails(403, "signup.closed")
	// Whoever deletes the account is no more among those who came.
	k.delete("/api/users/" + jun.me.ID).want(204)
	deleted(t, h, jun)
	if got := list[wire.Invite](k, "/api/invites", "10")[0]; len(got.Users) != 0 || got.Used != 1 {
		t.Errorf("got %+v", got)
	}
	// The codes are nowhere but in the links.
	if s := h.log.String(); strings.Contains(s, code) {
		t.Errorf("the log has a code:\n%s", s)
	}
	for what, body := range map[string]any{
		"too many uses": wire.NewInvite{Uses: 1001}, "too long": wire.NewInvite{Hours: 9000}, "a long note": wire.NewInvite{Note: strings.Repeat("x", 101)},
	} {
		if a := k.post("/api/invites", body); a.status != 400 {
			t.Errorf("%s: got status %d, want 400", what, a.status)
		}
	}
}

// Many at once don't get more accounts of an invite than it makes.
func TestInviteIsNotUsedTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	k.letsIn("invited")
	_, code := k.invite(wire.NewInvite{Uses: 3})
	var wg sync.WaitGroup
	status := make([]int, 8)
	for i := range status {
		wg.Go(func() { status[i] = h.visitor().post("/api/auth/sign-up", comes(fmt.Sprint("p", i), code)).status })
	}
	wg.Wait()
	n := 0
	for _, s := range status {
		if s == 201 {
			n++
		}
	}
	if got := list[wire.Invite](k, "/api/invites", "10")[0]; n != 3 || got.Used != 3 || len(got.Users) != 3 || got.State != "used" {
		t.Errorf("%d came in by %+v; got %v", n, got, status)
	}
}

// Guessing at codes is limited by address, and the limit is not told apart by
// what was guessed at.
func TestLinkCodesAreNotGuessed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	k.letsIn("invited")
	_, code := k.invite(wire.NewInvite{})
	v := h.visitor()
	limited := 0
	for i := range 200 {
		var a answer
		switch i % 3 {
		case 0:
			a = v.post("/api/auth/invite/check", wire.LinkCode{Code: "guess"})
		case 1:
			a = v.post("/api/auth/reset/check", wire.LinkCode{Code: "guess"})
		default:
			a = v.post("/api/auth/sign-up", comes("mina", "guess"))
		}
		if a.status == 429 {
			limited++
		}
	}
	if limited < 170 {
		t.Errorf("%d of 200 guesses were turned away, want 170 at least", limited)
	}
	v.post("/api/auth/invite/check", wire.LinkCode{Code: code}).fails(429, "limited")
}

// An invite ends with the keepership of who made it.
func TestInviteOfNoKeeper(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	k.put(user(mina, "role"), wire.RoleChange{Role: "keeper", Password: password}).want(200)
	_, code := mina.invite(wire.NewInvite{})
	h.visitor().post("/api/auth/invite/check", wire.LinkCode{Code: code}).want(200)
	k.put(user(mina, "role"), wire.RoleChange{Role: "member", Password: password}).want(200)
	h.visitor().post("/api/auth/invite/check", wire.LinkCode{Code: code}).fails(403, "invite.invalid")
	if got := list[wire.Invite](k, "/api/invites", "10")[0]; got.State != "void" {
		t.Errorf("got %+v", got)
	}
}

// A link is drawn as a QR code, and begins with an address only if it is one.
func TestLinksBeginWithAnAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	for origin, begins := range map[string]string{
		"http://192.168.1.5:8080": "http://192.168.1.5:8080/invite#", "https://a.example": "https://a.example/invite#",
		"": "/invite#", "javascript:alert(1)": "/invite#", "http://a.example/x": "/invite#", "https://user@a.example": "/invite#", "//a.example": "/invite#",
	} {
		m := made[wire.MadeInvite](k.post("/api/invites", wire.NewInvite{Origin: origin}))
		if !strings.HasPrefix(m.Link.URL, begins) {
			t.Errorf("%q: got %q, want %q at its beginning", origin, m.Link.URL, begins)
		}
		if m.Link.QR.Size < 21 || !strings.HasPrefix(m.Link.QR.Path, "M0 0h7v1h-7z") || strings.Trim(m.Link.QR.Path, "Mhvz-0123456789 ") != "" {
			t.Errorf("got the code %+v", m.Link.QR)
		}
	}
}

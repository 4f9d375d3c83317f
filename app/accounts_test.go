package app_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

func TestSetUpMakesTheKeeperOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.visitor()
	var house wire.House
	v.get("/api/house").want(200).into(&house)
	if !house.Setup || house.SignUp != "closed" || house.Visitors {
		t.Errorf("a fresh house: got %+v, want it closed and waiting for its keeper", house)
	}
	v.get("/api/stream").fails(401, "signin.needed")
	account := wire.Setup{Token: "WRONG", Email: "k@home.example", Password: password, Name: "Kim"}
	v.post("/api/setup", account).fails(403, "setup.token")
	v.post("/api/auth/sign-up", wire.SignUp{Email: "early@home.example", Password: password, Name: "Early"}).fails(403, "signup.closed")

	token, err := h.app.Core().SetupToken(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	account.Token = token
	v.post("/api/setup", wire.Setup{Token: token, Email: "k@home.example", Password: "short", Name: "Kim"}).fails(400, "password.short")
	k := h.visitor()
	k.become(k.post("/api/setup", account), 201)
	if !k.me.Keeper {
		t.Error("the first account is not the keeper's")
	}
	v.get("/api/house").want(200).into(&house)
	if house.Setup || house.SignUp != "closed" || house.Visitors {
		t.Errorf("after a set-up that chose nothing: got %+v, want the house closed", house)
	}
	v.post("/api/setup", account).fails(409, "setup.done")
	if again, err := h.app.Core().SetupToken(context.Background()); err != nil || again != "" {
		t.Errorf("a second set-up link: got %q, %v, want none", again, err)
	}
}

func TestSignUpAndIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	if mina.me.Username != "mina" || mina.me.Keeper {
		t.Errorf("got %+v, want an ordinary member mina", mina.me)
	}

	v := h.visitor()
	for _, c := range []struct {
		name   string
		in     wire.SignUp
		status int
		code   string
	}{
		{"no address", wire.SignUp{Email: "nobody", Password: password}, 400, "email.invalid"},
		{"two addresses", wire.SignUp{Email: "a@b.c, d@e.f", Password: password}, 400, "email.invalid"},
		{"header in the address", wire.SignUp{Email: "a@b.c\r\nBcc: x@y.z", Password: password}, 400, "email.invalid"},
		{"short password", wire.SignUp{Email: "a@b.c", Password: "1234567"}, 400, "password.short"},
		{"common password", wire.SignUp{Email: "a@b.c", Password: "password1"}, 400, "password.common"},
		{"own name as password", wire.SignUp{Email: "a@b.c", Password: "Alexandra", Name: "Alexandra"}, 400, "password.common"},
		{"73 bytes of password", wire.SignUp{Email: "a@b.c", Password: strings.Repeat("가", 24) + "x"}, 400, "password.long"},
		{"long name", wire.SignUp{Email: "a@b.c", Password: password, Name: strings.Repeat("n", 61)}, 400, "bad_request"},
		{"taken address, another password", wire.SignUp{Email: "MINA@home.example", Password: "another long one"}, 409, "email.taken"},
	} {
		t.Run(c.name, func(t *testing.T) { v.post("/api/auth/sign-up", c.in).fails(c.status, c.code) })
	}

	again := h.visitor()
	again.become(again.post("/api/auth/sign-up", wire.SignUp{Email: "mina@home.example", Password: password}), 201)
	if again.me.ID != mina.me.ID {
		t.Error("signing up with the right address and password did not sign in to that account")
	}

	in := h.visitor()
	in.become(in.post("/api/auth/sign-in", wire.SignIn{Email: " Mina@HOME.example ", Password: password}), 200)
	wrong := v.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: "not the one"}).fails(401, "signin.wrong")
	unknown := v.post("/api/auth/sign-in", wire.SignIn{Email: "nobody@home.example", Password: "not the one"}).fails(401, "signin.wrong")
	if string(wrong.body) != string(unknown.body) {
		t.Errorf("known and unknown addresses answer differently: %s and %s", wrong.body, unknown.body)
	}
	v.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example"}).fails(401, "signin.wrong")
	v.post("/api/auth/sign-in", wire.SignIn{}).fails(401, "signin.wrong")

	in.post("/api/auth/sign-out", nil).want(204)
	in.get("/api/me").fails(401, "signin.needed")
	mina.get("/api/me").want(200)
	_ = k
}

func TestNamesOfAnyScript(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	v := h.visitor()
	for _, c := range []struct{ name, want string }{
		{"하현우", "하현우"},
		{"\u1112\u1161\u1112\u1167\u11ab\u110b\u116e", "하현우-2"}, // the same, decomposed
		{"José Ñandú", "jose-nandu"},
		{"admin", "admin-"}, // reserved: falls back on the address
		{"<script>alert(1)</script>", "script-alert-1-script"},
		{"../../etc/passwd", "etc-passwd"},
		{"🎧", ""},
		{"pаypal", ""}, // a Cyrillic а among Latin letters
	} {
		mail := "person" + string(rune('a'+len(c.want)%26)) + string(rune('a'+len(c.name)%26)) + "@home.example"
		p := h.visitor()
		p.become(v.post("/api/auth/sign-up", wire.SignUp{Email: mail, Password: password, Name: c.name}), 201)
		local, _, _ := strings.Cut(mail, "@")
		want := c.want
		if want == "" || want == "admin-" {
			want = local
		}
		if p.me.Username != want {
			t.Errorf("the username of %q: got %q, want %q", c.name, p.me.Username, want)
		}
	}
}

func TestUsernamesChangeAndRedirect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	for _, c := range []struct {
		wish   string
		status int
		code   string
	}{
		{"jun", 409, "username.taken"},
		{"api", 409, "username.reserved"},
		{"x", 400, "username.invalid"},
		{"a b", 400, "username.invalid"},
		{"../x", 400, "username.invalid"},
		{"-mina", 400, "username.invalid"},
		{"mіna", 400, "username.invalid"}, // Cyrillic і
	} {
		mina.patch("/api/me", wire.MePatch{Username: &c.wish}).fails(c.status, c.code)
	}
	wish := "미나-kim"
	mina.patch("/api/me", wire.MePatch{Username: &wish}).want(200)
	var r wire.Resolved
	jun.get("/api/resolve?path=/mina").want(200).into(&r)
	if r.User == nil || r.User.ID != mina.me.ID || r.Moved != "/%EB%AF%B8%EB%82%98-kim" {
		t.Errorf("the former address: got %+v", r)
	}
	page := jun.get("/mina").want(http.StatusFound)
	if got := page.header.Get("Location"); got != "/%EB%AF%B8%EB%82%98-kim" {
		t.Errorf("the former page leads to %q", got)
	}
	former := "mina"
	jun.patch("/api/me", wire.MePatch{Username: &former}).fails(409, "username.taken")
	mina.patch("/api/me", wire.MePatch{Username: &former}).want(200)
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	phone := h.visitor()
	phone.become(phone.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}), 200)

	var list wire.List[wire.Session]
	mina.get("/api/me/sessions").want(200).into(&list)
	if len(list.Items) != 2 || !list.Items[1].Current || list.Items[0].Current {
		t.Fatalf("got sessions %+v, want the phone's, then the current one", list.Items)
	}
	jun.delete("/api/me/sessions/"+list.Items[0].ID).fails(404, "not_found")
	mina.delete("/api/me/sessions/" + list.Items[0].ID).want(204)
	phone.get("/api/me").fails(401, "signin.needed")
	mina.get("/api/me").want(200)

	phone.become(phone.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}), 200)
	mina.put("/api/me/password", wire.PasswordChange{Current: "wrong one", New: "a new long one"}).fails(400, "password.wrong")
	old := *mina
	mina.become(mina.put("/api/me/password", wire.PasswordChange{Current: password, New: "a new long one"}), 200)
	old.get("/api/me").fails(401, "signin.needed")
	phone.get("/api/me").fails(401, "signin.needed")
	mina.get("/api/me").want(200)

	phone.become(phone.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: "a new long one"}), 200)
	mina.delete("/api/me/sessions").want(204)
	phone.get("/api/me").fails(401, "signin.needed")
	h.reopen()
	mina.get("/api/me").want(200)
}

func TestPrivateFieldsStayPrivate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	age, gender := 33, "hidden-gender"
	var me wire.Me
	mina.patch("/api/me", wire.MePatch{Age: &age, Gender: &gender}).want(200).into(&me)
	if me.Age != age || me.Gender != gender || me.Email == "" {
		t.Errorf("the own account: got %+v", me)
	}
	for _, p := range []*person{jun, h.visitor()} {
		body := string(p.get("/api/users/" + mina.me.ID).want(200).body)
		for _, secret := range []string{"home.example", "hidden-gender", "email", "age", "used_bytes", "role"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s sees %q in %s", p.name, secret, body)
			}
		}
	}
	for _, body := range []string{
		`{"id":"0"}`, `{"role":1}`, `{"keeper":true}`, `{"email":"x@y.z"}`, `{"used_bytes":1}`, `{"name":{"$ne":1}}`, `{"name":["a"]}`, `[]`, `"x"`, `null`, `{`,
		`{"name":"a","name":7}`,
	} {
		mina.patch("/api/me", body).want(400)
	}
}

// TestSignInOfASuspendedAccount: the right password is told why, and any other
// learns no more than of an account that is not there.
func TestSignInOfASuspendedAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	enter := func(path, email, secret string) answer {
		t.Helper()
		return h.visitor().post(path, wire.SignIn{Email: email, Password: secret})
	}
	k.put(user(mina, "suspension"), nil).want(200)
	told := enter("/api/auth/sign-in", "mina@home.example", password).fails(403, "account.suspended")
	if got := told.header.Values("Set-Cookie"); len(got) != 0 {
		t.Errorf("a suspended account gets cookies: %q", got)
	}
	enter("/api/auth/sign-up", "mina@home.example", password).fails(403, "account.suspended")
	for path, code := range map[string]int{"/api/auth/sign-in": 401, "/api/auth/sign-up": 409} {
		wrong := enter(path, "mina@home.example", "not the one")
		if wrong.status != code || strings.Contains(string(wrong.body), "suspended") {
			t.Errorf("%s with a wrong password: %d %s", path, wrong.status, wrong.body)
		}
	}
	wrong := enter("/api/auth/sign-in", "mina@home.example", "not the one").fails(401, "signin.wrong")
	unknown := enter("/api/auth/sign-in", "nobody@home.example", "not the one").fails(401, "signin.wrong")
	if names := func(a answer) string {
		return strings.Join(slices.Sorted(maps.Keys(a.header)), " ")
	}; string(wrong.body) != string(unknown.body) || names(wrong) != names(unknown) {
		t.Errorf("a suspended and an unknown address answer differently: %s %s and %s %s", wrong.body, names(wrong), unknown.body, names(unknown))
	}
	k.delete(user(mina, "suspension")).want(200)
	enter("/api/auth/sign-in", "mina@home.example", password).want(200)

	k.put(user(mina, "suspension"), nil).want(200)
	k.delete(user(mina)).want(204) // being deleted, an account is as good as gone
	enter("/api/auth/sign-in", "mina@home.example", password).fails(401, "signin.wrong")
}

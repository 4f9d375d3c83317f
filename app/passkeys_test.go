package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/db"
)

// device is an authenticator with one passkey, and the browser around it: both
// do what they should unless a test makes them lie.
type device struct {
	t          *testing.T
	origin     string
	site       string
	credential []byte
	key        *ecdsa.PrivateKey
	user       string
	count      uint32
	flags      byte // of the authenticator data
	lie        func(client map[string]any)
}

// The flags (Web Authentication Level 3, section 6.1).
const (
	userPresent    = 1 << 0
	userVerified   = 1 << 2
	backupEligible = 1 << 3
	backedUp       = 1 << 4
	attested       = 1 << 6
)

func (p *person) newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{t: t, origin: p.h.url, site: "localhost", credential: make([]byte, 32), key: key, flags: userPresent | userVerified}
	rand.Read(d.credential)
	return d
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// client writes what the browser signs with.
func (d *device) client(kind, challenge string) []byte {
	data := map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false}
	if d.lie != nil {
		d.lie(data)
	}
	b, err := json.Marshal(data)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

// data writes the authenticator data, with the credential where one is made.
func (d *device) data(made bool) []byte {
	site := sha256.Sum256([]byte(d.site))
	flags := d.flags
	if made {
		flags |= attested
	}
	b := binary.BigEndian.AppendUint32(append(site[:], flags), d.count)
	if !made {
		return b
	}
	b = binary.BigEndian.AppendUint16(append(b, make([]byte, 16)...), uint16(len(d.credential)))
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	key, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	return append(append(b, d.credential...), key...)
}

// made answers a question for a new passkey.
func (d *device) made(ask wire.PasskeyAsk, name string) wire.NewPasskey {
	d.t.Helper()
	d.user = ask.User
	attestation, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.data(true)})
	if err != nil {
		d.t.Fatal(err)
	}
	return wire.NewPasskey{
		Paper: ask.Paper, Name: name, ID: b64(d.credential), ClientData: b64(d.client("webauthn.create", ask.Challenge)),
		Attestation: b64(attestation), Transports: []string{"internal", "hybrid", "made-up"},
	}
}

// shown answers a question for a passkey.
func (d *device) shown(ask wire.PasskeyAsk) wire.ShownPasskey {
	d.t.Helper()
	data, client := d.data(false), d.client("webauthn.get", ask.Challenge)
	sum := sha256.Sum256(client)
	hash := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, hash[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return wire.ShownPasskey{
		Paper: ask.Paper, ID: b64(d.credential), ClientData: b64(client), Data: b64(data), Signature: b64(signature), User: d.user,
	}
}

// local makes the house be asked by a name: passkeys don't work at addresses.
func (g *guarded) local() { g.url = strings.Replace(g.url, "127.0.0.1", "localhost", 1) }

func (p *person) askToMake() (ask wire.PasskeyAsk) {
	p.h.t.Helper()
	p.post("/api/me/passkeys/begin", wire.Proof{Password: password}).want(200).into(&ask)
	return ask
}

func (g *guarded) askToShow() (ask wire.PasskeyAsk) {
	g.t.Helper()
	g.visitor().post("/api/auth/passkey/begin", nil).want(200).into(&ask)
	return ask
}

// adds makes a passkey for somebody.
func (p *person) adds(t *testing.T, name string) (*device, wire.Passkey) {
	t.Helper()
	d := p.newDevice(t)
	var key wire.Passkey
	p.post("/api/me/passkeys", d.made(p.askToMake(), name)).want(201).into(&key)
	return d, key
}

func (g *guarded) enters(d *device) answer {
	g.t.Helper()
	return g.visitor().post("/api/auth/passkey", d.shown(g.askToShow()))
}

func TestPasskeys(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.local()
	g.keeper()
	mina, jun := g.member("mina"), g.member("jun")

	mina.post("/api/me/passkeys/begin", wire.Proof{Password: "wrong password"}).fails(400, "password.wrong")
	ask := mina.askToMake()
	if ask.Site != "localhost" || ask.House != "Our house" || ask.Account != "mina@home.example" || len(ask.Kinds) != 3 || len(ask.Have) != 0 {
		t.Errorf("what the browser is asked: %+v", ask)
	}
	d := mina.newDevice(t)
	var key wire.Passkey
	mina.post("/api/me/passkeys", d.made(ask, "  My   phone ")).want(201).into(&key)
	if key.Name != "My phone" || key.Synced || !key.Used.IsZero() {
		t.Errorf("the passkey: %+v", key)
	}
	if have := mina.askToMake().Have; len(have) != 1 || have[0] != b64(d.credential) {
		t.Errorf("the browser is not told what there is: %v", have)
	}

	// It opens a session without a password and without a code.
	g.protect(mina)
	var in wire.SignedIn
	g.wait(time.Minute)
	g.enters(d).want(200).into(&in)
	if in.Me.ID != mina.me.ID || in.Token == "" || in.Ticket != "" {
		t.Errorf("the sign-in: %+v", in)
	}
	back := g.visitor()
	back.token = in.Token
	var sessions wire.List[wire.Session]
	back.get("/api/me/sessions").want(200).into(&sessions)
	if sessions.Items[0].Door != "passkey" || !sessions.Items[0].Current {
		t.Errorf("the session: %+v", sessions.Items[0])
	}
	var kept wire.Security
	back.get("/api/me/security").want(200).into(&kept)
	if len(kept.Passkeys) != 1 || !kept.Passkeys[0].Used.Equal(g.clock.now()) || kept.PasskeyOrigin != g.url {
		t.Errorf("security: %+v", kept)
	}

	// Nobody else's to rename or remove, nor to add again.
	jun.patch("/api/me/passkeys/"+key.ID, wire.PasskeyPatch{Name: "Mine"}).fails(404, "not_found")
	jun.delete("/api/me/passkeys/"+key.ID).fails(404, "not_found")
	jun.post("/api/me/passkeys", d.made(jun.askToMake(), "Stolen")).fails(409, "passkey.taken")
	d.user = ask.User
	back.patch("/api/me/passkeys/"+key.ID, wire.PasskeyPatch{Name: "Phone"}).want(200).into(&key)
	back.patch("/api/me/passkeys/"+key.ID, wire.PasskeyPatch{Name: " "}).fails(400, "passkey.unnamed")
	if key.Name != "Phone" {
		t.Errorf("renamed: %+v", key)
	}
	g.reopen()
	g.local()
	d.origin = g.url
	g.enters(d).want(200)
	back.delete("/api/me/passkeys/" + key.ID).want(204)
	back.delete("/api/me/passkeys/"+key.ID).fails(404, "not_found")
	g.enters(d).fails(401, "passkey.wrong")
}

// TestANewPasswordByALinkEndsPasskeys, which may be of whoever had the account
// before, and leaves the second factor: a link alone must not be enough.
func TestANewPasswordByALinkEndsPasskeys(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.local()
	k := g.keeper()
	mina, jun := g.member("mina"), g.member("jun")
	hers, _ := mina.adds(t, "Phone")
	his, _ := jun.adds(t, "Phone")
	app, _ := g.protect(mina)
	var in wire.SignedIn
	g.visitor().post("/api/auth/reset", wire.PasswordReset{Code: k.reset(mina), Password: chosen}).want(201).into(&in)
	if in.Ticket == "" || in.Token != "" {
		t.Fatalf("past the second factor: %+v", in)
	}
	g.enters(hers).fails(401, "passkey.wrong")
	g.enters(his).want(200)
	back := g.visitor()
	back.become(g.finish(in.Ticket, app.code(0)), 200)
	var kept wire.Security
	if back.get("/api/me/security").want(200).into(&kept); len(kept.Passkeys) != 0 || !kept.Factor.On {
		t.Errorf("what is left: %+v", kept)
	}
}

// What a browser brings has to be right in each of its parts.
func TestPasskeysThatProveNothing(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.local()
	g.keeper()
	mina, jun := g.member("mina"), g.member("jun")
	good, _ := mina.adds(t, "Good")
	others, _ := jun.adds(t, "Other's")
	lies := []struct {
		name string
		tell func(d *device)
	}{
		{"another origin", func(d *device) { d.origin = "https://evil.example" }},
		{"https for http", func(d *device) { d.origin = strings.Replace(d.origin, "http:", "https:", 1) }},
		{"another port", func(d *device) { d.origin += "0" }},
		{"a name that begins alike", func(d *device) { d.origin = strings.Replace(d.origin, "localhost", "localhost.evil.example", 1) }},
		{"no origin", func(d *device) { d.origin = "" }},
		{"an opaque origin", func(d *device) { d.origin = "null" }},
		{"another relying party", func(d *device) { d.site = "evil.example" }},
		{"a relying party above", func(d *device) { d.site = "" }},
		{"another challenge", func(d *device) { d.lie = func(c map[string]any) { c["challenge"] = b64(make([]byte, 32)) } }},
		{"no challenge", func(d *device) { d.lie = func(c map[string]any) { c["challenge"] = "" } }},
		{"another act", func(d *device) { d.lie = func(c map[string]any) { c["type"] = "payment.get" } }},
		{"from within another page", func(d *device) { d.lie = func(c map[string]any) { c["crossOrigin"] = true } }},
		{"below another page", func(d *device) {
			d.lie = func(c map[string]any) { c["crossOrigin"], c["topOrigin"] = true, "https://evil.example" }
		}},
		{"nobody there", func(d *device) { d.flags &^= userPresent }},
		{"nobody verified", func(d *device) { d.flags &^= userVerified }},
		{"kept elsewhere though it can't be", func(d *device) { d.flags |= backedUp }},
	}
	for _, l := range lies {
		d := *good
		l.tell(&d)
		if a := g.enters(&d); a.status != 401 || a.code() != "passkey.wrong" {
			t.Errorf("shown with %s: %d %s", l.name, a.status, a.body)
		}
		g.wait(time.Hour)
		fresh := mina.newDevice(t)
		l.tell(fresh)
		if a := mina.post("/api/me/passkeys", fresh.made(mina.askToMake(), "New")); a.status != 400 || a.code() != "passkey.invalid" {
			t.Errorf("made with %s: %d %s", l.name, a.status, a.body)
		}
		g.wait(time.Hour)
	}
	for name, lie := range map[string]func(s *wire.ShownPasskey){
		"another's handle":      func(s *wire.ShownPasskey) { s.User = others.user },
		"no handle":             func(s *wire.ShownPasskey) { s.User = "" },
		"another's id":          func(s *wire.ShownPasskey) { s.ID = b64(others.credential) },
		"another's id and name": func(s *wire.ShownPasskey) { s.ID, s.User = b64(others.credential), others.user },
		"an id that nobody has": func(s *wire.ShownPasskey) { s.ID = b64(make([]byte, 32)) },
		"no signature":          func(s *wire.ShownPasskey) { s.Signature = "" },
		"another signature":     func(s *wire.ShownPasskey) { s.Signature = flip(s.Signature) },
		"other data":            func(s *wire.ShownPasskey) { s.Data = flip(s.Data) },
		"no data":               func(s *wire.ShownPasskey) { s.Data = "" },
		"data cut short":        func(s *wire.ShownPasskey) { s.Data = s.Data[:12] },
		"client data not JSON":  func(s *wire.ShownPasskey) { s.ClientData = b64([]byte("{")) },
		"client data with more": func(s *wire.ShownPasskey) { s.ClientData += "e30" },
	} {
		s := good.shown(g.askToShow())
		lie(&s)
		if a := g.visitor().post("/api/auth/passkey", s); a.status != 401 || a.code() != "passkey.wrong" {
			t.Errorf("shown with %s: %d %s", name, a.status, a.body)
		}
		g.wait(time.Hour)
	}
	// The same question is answered once, in its time, by whom it was asked.
	ask := g.askToShow()
	g.visitor().post("/api/auth/passkey", good.shown(ask)).want(200)
	g.visitor().post("/api/auth/passkey", good.shown(ask)).fails(409, "passkey.late")
	ask = g.askToShow()
	s := good.shown(ask)
	s.Signature = flip(s.Signature)
	g.visitor().post("/api/auth/passkey", s).fails(401, "passkey.wrong")
	g.visitor().post("/api/auth/passkey", good.shown(ask)).fails(409, "passkey.late")
	ask = g.askToShow()
	g.wait(5 * time.Minute)
	g.visitor().post("/api/auth/passkey", good.shown(ask)).fails(409, "passkey.late")
	ask = mina.askToMake()
	jun.post("/api/me/passkeys", jun.newDevice(t).made(ask, "x")).fails(409, "passkey.late")
	g.visitor().post("/api/auth/passkey", good.shown(ask)).fails(409, "passkey.late")
	mina.post("/api/me/passkeys", mina.newDevice(t).made(g.askToShow(), "x")).fails(409, "passkey.late")
	ask = g.askToShow()
	ask.Paper = mina.token
	g.visitor().post("/api/auth/passkey", good.shown(ask)).fails(409, "passkey.late")
	g.visitor().get("/api/me", "Authorization", "Bearer "+g.askToShow().Paper).fails(401, "signin.needed")
	g.visitor().post("/api/auth/factor", wire.Code{Ticket: g.askToShow().Paper, Code: "123456"}).fails(401, "factor.ticket")
	g.visitor().post("/api/auth/passkey", wire.ShownPasskey{ID: "not base64url!"}).fails(400, "bad_request")
	g.visitor().post("/api/auth/passkey", wire.ShownPasskey{Paper: ask.Paper}).fails(401, "passkey.wrong")
	if strings.Contains(g.log.String(), "panicked") {
		t.Error("a handler panicked")
	}
}

// Two at once with one answer: one gets in.
func TestAPasskeyAnswerWorksOnce(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.local()
	g.keeper()
	d, _ := g.member("mina").adds(t, "Phone")
	s := d.shown(g.askToShow())
	var opened atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if g.visitor().post("/api/auth/passkey", s).status == 200 {
				opened.Add(1)
			}
		})
	}
	all.Wait()
	if n := opened.Load(); n != 1 {
		t.Errorf("one answer opened %d sessions", n)
	}
}

// An authenticator that counts backwards may have a copy: it is refused, and
// the log tells.
func TestPasskeysThatCountBackwards(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		counts []uint32
		want   []int
	}{
		{[]uint32{0, 0, 0}, []int{200, 200, 200}},
		{[]uint32{5, 6, 100}, []int{200, 200, 200}},
		{[]uint32{5, 5}, []int{200, 401}},
		{[]uint32{5, 4, 6}, []int{200, 401, 200}},
		{[]uint32{5, 0}, []int{200, 401}},
	} {
		t.Run(fmt.Sprint(c.counts), func(t *testing.T) {
			t.Parallel()
			g := newGuarded(t)
			g.local()
			g.keeper()
			d, _ := g.member("mina").adds(t, "Phone")
			for i, n := range c.counts {
				d.count = n
				if a := g.enters(d); a.status != c.want[i] {
					t.Errorf("count %d: %d %s, want %d", n, a.status, a.body, c.want[i])
				}
			}
			if told := strings.Contains(g.log.String(), "counts backwards"); told != (c.want[len(c.want)-1] == 401 || c.want[1] == 401) {
				t.Errorf("the log tells of it: %t", told)
			}
		})
	}
}

// A suspended account is not opened, and one that was deleted has no passkey.
func TestPasskeysOfClosedAccounts(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.local()
	k := g.keeper()
	mina := g.member("mina")
	d, _ := mina.adds(t, "Phone")
	k.put("/api/users/"+mina.me.ID+"/suspension", nil).want(200)
	g.enters(d).fails(403, "account.suspended")
	k.delete("/api/users/" + mina.me.ID + "/suspension").want(200)
	g.enters(d).want(200)
	g.signIn("mina").post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	g.enters(d).fails(401, "passkey.wrong")
}

// The last way into an account stays.
func TestTheLastWayInStays(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.local()
	g.keeper()
	mina := g.member("mina")
	phone, first := mina.adds(t, "Phone")
	_, second := mina.adds(t, "Laptop")
	g.change(func(tx *db.Tx) error { // as one who never had a password
		u, err := tx.User(id(t, mina.me.ID))
		if err == nil {
			u.PasswordHash = nil
			err = tx.SetUser(u)
		}
		return err
	})
	g.local()
	phone.origin = g.url
	g.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).fails(401, "signin.wrong")
	in := g.visitor()
	in.become(g.enters(phone), 200)
	// Instead of a password the session has to be fresh.
	in.post("/api/me/passkeys/begin", wire.Proof{}).want(200)
	g.wait(11 * time.Minute)
	in.post("/api/me/passkeys/begin", wire.Proof{}).fails(403, "reauth.needed")
	in.post("/api/me/factor/begin", wire.Proof{}).fails(403, "reauth.needed")
	in.delete("/api/me/passkeys/" + second.ID).want(204)
	in.delete("/api/me/passkeys/"+first.ID).fails(409, "passkey.last")
	g.enters(phone).want(200)
}

// An account has at most so many passkeys.
func TestPasskeysAreBounded(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	g.local()
	g.keeper()
	mina := g.member("mina")
	for range 20 {
		mina.adds(t, "")
	}
	mina.post("/api/me/passkeys/begin", wire.Proof{Password: password}).fails(409, "passkey.many")
	mina.patch("/api/me/passkeys/x", wire.PasskeyPatch{Name: strings.Repeat("x", 61)}).want(400)
}

// ask is do for a request that calls the house by another name.
func (p *person) ask(method, path, host string, headers ...string) answer {
	p.h.t.Helper()
	req, err := http.NewRequest(method, p.h.url+path, nil)
	if err != nil {
		p.h.t.Fatal(err)
	}
	req.Host = host
	req.Header.Set("Authorization", "Bearer "+p.token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := p.http.Do(req)
	if err != nil {
		p.h.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.h.t.Fatal(err)
	}
	return answer{p.h.t, method + " " + path + " at " + host, res.StatusCode, res.Header, b}
}

// Passkeys work where the browser is sure whom it speaks with, and nowhere else,
// whatever forwarding headers say.
func TestWherePasskeysWork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ public, host, want string }{
		{"", "", ""}, // 127.0.0.1
		{"", "localhost:8080", "http://localhost:8080"},
		{"", "LOCALHOST", "http://localhost"},
		{"", "music.localhost:81", "http://music.localhost:81"},
		{"", "raspberrypi.local:8080", ""},
		{"", "localhost.evil.example", ""},
		{"", "[::1]:8080", ""},
		{"", "user@localhost", ""},
		{"https://music.example.org", "evil.example", "https://music.example.org"},
		{"https://music.example.org:8443", "localhost:8080", "https://music.example.org:8443"},
		{"http://music.example.org", "localhost:8080", ""},
		{"https://192.0.2.7", "localhost:8080", ""},
	} {
		h := newHouse(t, func(cfg *config.Config) { cfg.PublicURL = c.public })
		k := h.keeper()
		var kept wire.Security
		a := k.ask("GET", "/api/me/security", c.host, "X-Forwarded-Host", "localhost", "X-Forwarded-Proto", "https", "Forwarded", "host=localhost;proto=https")
		if c.host == "user@localhost" {
			if a.status == 200 {
				a.into(&kept)
			}
		} else {
			a.want(200).into(&kept)
		}
		if kept.PasskeyOrigin != c.want {
			t.Errorf("public_url %q, host %q: passkeys at %q, want %q", c.public, c.host, kept.PasskeyOrigin, c.want)
		}
	}
}

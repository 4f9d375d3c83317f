package app_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/app/core"
	"earshot/db"
)

// phone is a program that speaks OpenSubsonic for a person: all that it knows of the
// house comes from there.
type phone struct {
	t    testing.TB
	h    *house
	name string // the username
	key  string // the app password
	id   db.ID
}

// phone gives a person an app password, and a program that has it.
func (p *person) phone() *phone {
	p.h.t.Helper()
	id, err := db.ParseID(p.me.ID)
	if err != nil {
		p.h.t.Fatal(err)
	}
	made, err := p.h.app.Core().AddKey(context.Background(), core.Asker{User: id}, core.NewKey{Kind: db.KeyApp, Name: "phone"})
	if err != nil {
		p.h.t.Fatal(err)
	}
	return &phone{t: p.h.t, h: p.h, name: p.me.Username, key: made.Secret, id: made.ID}
}

// signedBy are the parameters by which a program signs in with a token.
func signedBy(name, key string) url.Values {
	sum := md5.Sum([]byte(key + "c19b2d"))
	return url.Values{"u": {name}, "t": {hex.EncodeToString(sum[:])}, "s": {"c19b2d"}, "v": {"1.16.1"}, "c": {"earshot-test"}}
}

// heard is an answer of the protocol.
type heard struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
	of     map[string]any // the subsonic-response of JSON
}

// restBy sends a request with the parameters, and with no others.
func (h *house) restBy(method, verb string, v url.Values) heard {
	h.t.Helper()
	address, form := h.url+"/rest/"+verb, io.Reader(nil)
	if method == "POST" {
		form = strings.NewReader(v.Encode())
	} else {
		address += "?" + v.Encode()
	}
	req, err := http.NewRequest(method, address, form)
	if err != nil {
		h.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, verb, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, verb, err)
	}
	a := heard{t: h.t, what: method + " " + verb, status: res.StatusCode, header: res.Header, body: b}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		var all map[string]map[string]any
		if err := json.Unmarshal(b, &all); err != nil {
			h.t.Fatalf("%s: %v in %s", a.what, err, shorten(b))
		}
		a.of = all["subsonic-response"]
	}
	return a
}

// ask calls a verb with a token, for JSON; extra are names and values.
func (p *phone) ask(verb string, extra ...string) heard {
	p.t.Helper()
	v := signedBy(p.name, p.key)
	v.Set("f", "json")
	for i := 0; i+1 < len(extra); i += 2 {
		v.Add(extra[i], extra[i+1])
	}
	return p.h.restBy("GET", verb, v)
}

// ok ends the test unless the call worked, and decodes what stands under a name.
func (a heard) ok(name string, into any) heard {
	a.t.Helper()
	if a.status != 200 || a.of["status"] != "ok" {
		a.t.Fatalf("%s: got status %d and %s", a.what, a.status, shorten(a.body))
	}
	if into != nil {
		b, _ := json.Marshal(a.of[name])
		if err := json.Unmarshal(b, into); err != nil {
			a.t.Fatalf("%s: %v in %s", a.what, err, shorten(b))
		}
	}
	return a
}

// code gives the code of the error, in either format; -1 when there is none.
func (a heard) code() int {
	if a.of != nil {
		if e, ok := a.of["error"].(map[string]any); ok {
			return int(e["code"].(float64))
		}
		return -1
	}
	var x struct {
		Error *struct {
			Code int `xml:"code,attr"`
		} `xml:"error"`
	}
	if err := xml.Unmarshal(a.body, &x); err != nil || x.Error == nil {
		return -1
	}
	return x.Error.Code
}

// fails ends the test unless the call failed with a code, by the usual status.
func (a heard) fails(code int) heard {
	a.t.Helper()
	if a.status != 200 || a.code() != code {
		a.t.Fatalf("%s: got status %d and code %d, want 200 and %d; body: %s", a.what, a.status, a.code(), code, shorten(a.body))
	}
	return a
}

// TestSubsonicSignsIn: an app password lets a program in by each way of the
// protocol; nothing else does, and what does not is answered alike.
func TestSubsonicSignsIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	p := mina.phone()
	with := func(pairs ...string) url.Values {
		v := url.Values{"f": {"json"}, "v": {"1.16.1"}, "c": {"earshot-test"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v
	}
	token := signedBy(p.name, p.key)
	upper := strings.ToUpper(token.Get("t"))
	own := signedBy(p.name, password)
	for _, c := range []struct {
		name string
		v    url.Values
		code int // -1: it works
	}{
		{"token", with("u", p.name, "t", token.Get("t"), "s", "c19b2d"), -1},
		{"token in capitals", with("u", p.name, "t", upper, "s", "c19b2d"), -1},
		{"password", with("u", p.name, "p", p.key), -1},
		{"password in hex", with("u", p.name, "p", "enc:"+hex.EncodeToString([]byte(p.key))), -1},
		{"e-mail address", with("u", "mina@home.example", "p", p.key), -1},
		{"key", with("apiKey", p.key), -1},
		{"nothing", with(), 10},
		{"no password", with("u", p.name), 10},
		{"token without salt", with("u", p.name, "t", token.Get("t")), 10},
		{"key and name", with("apiKey", p.key, "u", p.name), 43},
		{"key and password", with("apiKey", p.key, "p", p.key), 43},
		{"password and token", with("u", p.name, "p", p.key, "t", token.Get("t"), "s", "c19b2d"), 43},
		{"wrong key", with("apiKey", p.key+"x"), 44},
		{"empty key", with("apiKey", ""), 44},
		{"the account's password", with("u", p.name, "p", password), 40},
		{"a token of the account's password", with("u", p.name, "t", own.Get("t"), "s", "c19b2d"), 40},
		{"wrong password", with("u", p.name, "p", p.key+"x"), 40},
		{"unknown user", with("u", "nobody-here", "p", p.key), 40},
		{"empty user", with("u", "", "p", p.key), 40},
		{"empty password", with("u", p.name, "p", ""), 40},
		{"empty user and password", with("u", "", "p", ""), 40},
		{"empty token and salt", with("u", p.name, "t", "", "s", ""), 40},
		{"token of an empty salt", with("u", p.name, "t", hexMD5(p.key), "s", ""), 40},
		{"keeper's name", with("u", "keeper-kim", "p", p.key), 40},
	} {
		for _, method := range []string{"GET", "POST"} {
			a := h.restBy(method, "ping.view", c.v)
			if a.status != 200 || a.code() != c.code {
				t.Errorf("%s by %s: got status %d and code %d, want %d; %s", c.name, method, a.status, a.code(), c.code, shorten(a.body))
			}
			if c.code == 40 {
				e := a.of["error"].(map[string]any)
				if !strings.Contains(e["message"].(string), "app password") || e["helpUrl"] != h.url+"/settings/apps" {
					t.Errorf("%s: the error does not help: %v", c.name, e)
				}
			}
		}
	}
}

func hexMD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

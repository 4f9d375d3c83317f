package app_test

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// The log of a whole evening has no e-mail address, password, token, cookie or
// secret of an address in it, at any level, nor where those are who only listen.
// Where a sign-in that was refused came from does stand there (fail2ban).
func TestTheLogKeepsQuiet(t *testing.T) {
	t.Parallel()
	const listener, guesser = "203.0.113.77", "198.51.100.5"
	h := newHouse(t, func(c *config.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		c.Metrics = config.Metrics{Show: "keeper", Token: "metrics-token-0123456789"}
	})
	k, mina := h.keeper(), h.member("mina")
	file := tone(3000)
	track := mina.upload("song.mp3", file, "public")
	private := mina.upload("private.mp3", tone(20), "private")
	link := made[wire.Link](mina.post("/api/tracks/"+private.ID+"/links", wire.LinkPatch{}))
	v := h.visitor()
	from := func(address, method, path string, body any, more ...string) answer {
		t.Helper()
		return v.do(method, path, body, append([]string{"X-Forwarded-For", address}, more...)...)
	}
	cookie := "earshot_session=" + mina.token
	for _, path := range []string{
		"/", "/api/tracks/" + track.ID, "/api/tracks/" + track.ID + "/stream.mp4", "/api/tracks/" + track.ID + "/stream.mp3?t=3.5",
		"/api/tracks/" + private.ID, "/api/search?q=a-secret-query", "/api/nothing?token=a-secret-query", "/api/tracks?cursor=a-secret-query",
		"/setup?x=a-secret-query", "/api/stream?cursor=a-secret-query", "/no/such/thing?a-secret-query",
	} {
		from(listener, "GET", path, nil)
		from(listener, "GET", path, nil, "Cookie", cookie)
		from(listener, "GET", path, nil, "Authorization", "Bearer "+mina.token+"x")
	}
	from(listener, "POST", "/api/tracks/"+track.ID+"/plays", wire.Listen{ListenedMS: 60_000})
	from(listener, "POST", "/api/links/open", wire.OpenLink{Code: "a-secret-code-0123456789"})
	from(listener, "POST", "/api/tracks/"+track.ID+"/comments", wire.NewComment{Text: "a-secret-sentence"})
	from(guesser, "GET", "/metrics?token=metrics-token-0123456789", nil).want(401)
	from(guesser, "POST", "/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: "a-secret-guess"}).want(401)
	from(guesser, "POST", "/api/auth/sign-in", wire.SignIn{Email: "nobody@home.example", Password: "a-secret-guess"}).want(401)
	from(guesser, "POST", "/api/auth/reset/check", wire.LinkCode{Code: "a-secret-code"})

	// Who breaks off in the midst: of listening, of an upload, of a request.
	for _, request := range []string{
		"GET /api/tracks/" + track.ID + "/stream.mp3 HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /api/tracks?name=x.mp3 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + mina.token + "\r\nContent-Length: 100000\r\n\r\n" + string(file[:5000]),
		"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", "PUT", "\x16\x03\x01\x02\x00\x01",
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(c, request)
		c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		c.Read(make([]byte, 100))
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	mina.drawn(track.ID)
	mina.put("/api/me/password", wire.PasswordChange{Current: password, New: "another secret horse"})
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	log := h.log.String()
	for what, secret := range map[string]string{
		"an e-mail address": "@home.example", "a password": password, "a new password": "secret horse", "a guess": "a-secret-guess",
		"a secret of an address": "a-secret-query", "a code": "a-secret-code", "a sentence": "a-secret-sentence", "a token of the keeper": k.token,
		"a session": mina.token, "the token of the numbers": "metrics-token", "a listener's address": listener, "a listener's device": "Go-http-client",
	} {
		if at := strings.Index(log, secret); at >= 0 {
			t.Errorf("%s is in the log: …%s…", what, log[max(0, at-200):min(len(log), at+100)])
		}
	}
	if link.Code != "" && strings.Contains(log, link.Code) {
		t.Error("a secret link is in the log")
	}
	if m := regexp.MustCompile(`->127\.0\.0\.1|eyJ[\w-]{10,}`).FindString(log); m != "" {
		t.Errorf("%q is in the log", m)
	}
	if !regexp.MustCompile(`from=`+guesser+` .*security=signin\.refused`).MatchString(log) && !strings.Contains(log, "from="+guesser) {
		t.Errorf("where a wrong sign-in came from is not in the log:\n%s", log)
	}
	if bytes.Count([]byte(log), []byte("\n")) < 10 {
		t.Errorf("this log is of no evening:\n%s", log)
	}
}

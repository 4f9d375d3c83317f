package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// policy is a Content-Security-Policy by its directives.
func policy(a answer) map[string][]string {
	directives := map[string][]string{}
	for d := range strings.SplitSeq(a.header.Get("Content-Security-Policy"), ";") {
		words := strings.Fields(d)
		if len(words) > 0 {
			directives[words[0]] = words[1:]
		}
	}
	return directives
}

// TestHeadersOfEveryKindOfAnswer holds each kind of answer against SAFETY 2b,
// "headers" and "cache".
func TestHeadersOfEveryKindOfAnswer(t *testing.T) {
	t.Parallel()
	const (
		never   = "no-store"
		asked   = "private, no-cache"
		moment  = "private, max-age=60"
		forever = "public, max-age=31536000, immutable"
	)
	h := newHouse(t, func(c *config.Config) { c.PublicURL = "https://ear.example" })
	k := h.keeper()
	open, shut := k.upload("open.mp3", tagged(t, "Open"), "public"), k.upload("shut.mp3", tagged(t, "Shut"), "private")
	for _, track := range []wire.Track{open, shut} {
		k.drawn(track.ID)
		k.put("/api/tracks/"+track.ID+"/picture", artwork(t)).want(200)
		k.patch("/api/tracks/"+track.ID, wire.TrackPatch{Downloadable: ptr(true)}).want(200)
	}
	k.put("/api/me/picture", artwork(t)).want(200)
	k.patch("/api/tracks/"+open.ID, wire.TrackPatch{Slug: ptr("opened")}).want(200)
	v := h.visitor()
	front := string(v.get("/").want(200).body)
	_, script, _ := strings.Cut(front, `src="/_/`)
	script, _, _ = strings.Cut(script, `"`)
	script = "/_/" + script
	inOpen, inShut := "/api/tracks/"+open.ID, "/api/tracks/"+shut.ID
	for _, test := range []struct {
		who          *person
		method, path string
		status       int
		cache        string
		varies, page bool // by the cookie; whether it is a page of the app
		checked      bool // has an ETag that is looked at again
	}{
		{v, "GET", "/", 200, asked, true, true, false},
		{v, "GET", "/nobody/nothing", 404, asked, true, true, false},
		{k, "GET", shut.URL, 200, asked, true, true, false},
		{v, "GET", "/settings", 200, asked, true, true, false},
		{v, "GET", "/" + k.me.Username + "/open", 302, never, true, false, false},
		{v, "GET", "/healthz", 200, never, true, false, false},
		{v, "POST", "/", 405, never, true, false, false},
		{v, "TRACE", "/", 405, never, false, false, false},
		{v, "GET", script, 200, forever, false, false, false},
		{v, "GET", "/_/0123456789abcdef/js/main.js", 404, never, false, false, false},
		{v, "GET", "/api/house", 200, never, true, false, false},
		{k, "GET", "/api/me", 200, never, true, false, false},
		{v, "GET", "/api/me", 401, never, true, false, false},
		{v, "GET", "/api/nothing", 404, never, true, false, false},
		{v, "PUT", "/api/house", 405, never, true, false, false},
		{v, "GET", "/api/tracks/x?y=z", 400, never, true, false, false},
		{v, "GET", inShut, 404, never, true, false, false},
		{k, "GET", inShut, 200, never, true, false, false},
		{k, "PUT", inShut + "/like", 200, never, true, false, false},
		{k, "DELETE", inShut + "/like", 200, never, true, false, false},
		{v, "GET", inOpen + "/stream", 200, moment, true, false, true},
		{v, "GET", inOpen + "/stream.mp4", 200, moment, true, false, true},
		{v, "GET", inOpen + "/stream.mp3", 200, moment, true, false, true},
		{v, "GET", inOpen + "/stream.mp3?t=1", 200, moment, true, false, true},
		{v, "GET", inOpen + "/picture/300", 200, moment, true, false, true},
		{v, "GET", inOpen + "/download", 200, moment, true, false, true},
		{v, "GET", inOpen + "/peaks.json", 200, asked, true, false, true},
		{v, "GET", inOpen + "/peaks.dat", 200, asked, true, false, true},
		{v, "GET", inOpen + "/peaks.dat?zoom=fine", 200, asked, true, false, true},
		{v, "GET", "/api/users/" + k.me.ID + "/picture/100", 200, moment, true, false, true},
		{k, "GET", inShut + "/stream", 200, asked, true, false, true},
		{k, "GET", inShut + "/stream.mp4", 200, asked, true, false, true},
		{k, "GET", inShut + "/stream.mp3", 200, asked, true, false, true},
		{k, "GET", inShut + "/picture/600", 200, asked, true, false, true},
		{k, "GET", inShut + "/peaks.json", 200, asked, true, false, true},
		{v, "GET", inShut + "/stream.mp4", 404, never, true, false, false},
		{v, "GET", inShut + "/peaks.json", 404, never, true, false, false},
		{v, "GET", "/api/openapi.json", 200, "no-cache", true, false, true},
		{v, "GET", "/api/docs", 200, asked, true, true, false},
	} {
		a := test.who.do(test.method, test.path, nil)
		if a.status != test.status {
			t.Errorf("%s: got %d, want %d", a.what, a.status, test.status)
		}
		if got := a.header.Get("Cache-Control"); got != test.cache {
			t.Errorf("%s: got Cache-Control %q, want %q", a.what, got, test.cache)
		}
		if got := strings.Join(a.header.Values("Vary"), ", "); strings.Contains(got, "Cookie") != test.varies || strings.Contains(got, "*") {
			t.Errorf("%s: got Vary %q", a.what, got)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000",
		} {
			if got := a.header.Values(name); !slices.Equal(got, []string{want}) {
				t.Errorf("%s: got %s %q, want %q", a.what, name, got, want)
			}
		}
		for name := range a.header {
			if strings.HasPrefix(name, "Access-Control-") || slices.Contains([]string{"Server", "X-Powered-By", "Via"}, name) {
				t.Errorf("%s: has the header %s", a.what, name)
			}
		}
		csp := policy(a)
		// Of the app's files the older X-Frame-Options says it: there are forty of
		// them, and each header counts for the first page.
		framed := !slices.Equal(csp["frame-ancestors"], []string{"'none'"}) && !strings.HasPrefix(test.path, "/_/")
		if !slices.Equal(csp["default-src"], []string{"'none'"}) || framed {
			t.Errorf("%s: got the policy %q", a.what, a.header.Get("Content-Security-Policy"))
		}
		if test.page {
			for name, want := range map[string]string{
				"script-src": "'self'", "style-src": "'self'", "connect-src": "'self'", "manifest-src": "'self'", "worker-src": "'self'",
				"img-src": "'self' blob: data:", "media-src": "'self' blob:", "object-src": "'none'", "base-uri": "'none'",
				"form-action": "'self'", "require-trusted-types-for": "'script'", "trusted-types": "earshot",
			} {
				if got := strings.Join(csp[name], " "); got != want {
					t.Errorf("%s: got %s %q, want %q", a.what, name, got, want)
				}
			}
		} else if len(csp["script-src"]) > 0 || len(a.header.Values("Content-Security-Policy")) != 1 {
			t.Errorf("%s: scripts may run beside the app: %q", a.what, a.header.Values("Content-Security-Policy"))
		}
		etag := a.header.Get("Etag")
		if (etag != "") != test.checked {
			t.Errorf("%s: got the ETag %q", a.what, etag)
		}
		if !test.checked {
			continue
		}
		same := test.who.get(test.path, "If-None-Match", etag)
		if same.status != http.StatusNotModified || len(same.body) > 0 || same.header.Get("Cache-Control") != test.cache {
			t.Errorf("%s: asked again, got %d with %q", a.what, same.status, same.header.Get("Cache-Control"))
		}
		if strings.HasPrefix(test.path, inShut) { // who may not see it learns nothing by knowing the ETag
			for _, stranger := range []*person{v} {
				stranger.get(test.path, "If-None-Match", etag).fails(404, "not_found")
			}
		}
	}
}

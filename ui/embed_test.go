package ui

import (
	"net/http"
	"strings"
	"testing"
)

// TestTheEmbedIsLight holds the player for other sites to 25 KB, gzipped.
func TestTheEmbedIsLight(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{})
	sum := len(squeeze([]byte(embedPage)))
	for _, name := range append(u.fixed.modules.closure("js/embed.js"), "css/tokens.css", "css/late/embed.css", "icon.svg") {
		f := u.fixed.files[name]
		if small := f.gzip(); small != nil {
			sum += len(small)
		} else {
			sum += len(f.bytes)
		}
	}
	if sum > 25_000 {
		t.Errorf("the player is %d bytes, want at most 25,000", sum)
	}
	t.Logf("the player: %d bytes", sum)
}

func TestEmbedEscapesAndNamesItsTexts(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{Base: "/e"})
	for key := range embedTexts["en"] {
		if embedTexts["ko"][key] == "" {
			t.Errorf("ko lacks %s", key)
		}
	}
	h := func(e Embed) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { u.Embed(w, r, e) })
	}
	evil := `"><script>alert(1)</script>{{data}}`
	for _, language := range []string{"en", "ko"} {
		header := http.Header{"Accept-Language": {language}, "Cookie": {"locale=en; theme=light"}}
		answer, body := get(t, h(Embed{Title: evil, By: evil, House: evil, Page: "/x" + evil, Data: evil}), http.MethodGet, "/embed/tracks/x?theme=dark%22x", header)
		if answer.StatusCode != 200 || strings.Contains(body, "<script>alert") || strings.Contains(body, "{{text") {
			t.Errorf("the page is\n%s", body)
		}
		if !strings.Contains(body, `<html lang="`+language+`" data-theme="auto">`) || strings.Count(body, "<script") != 1 {
			t.Errorf("the page looks at cookies, takes any theme, or has other scripts:\n%s", body)
		}
		if answer.Header.Get("X-Frame-Options") != "" || !strings.Contains(answer.Header.Get("Content-Security-Policy"), "frame-ancestors *") {
			t.Errorf("no site may frame it: %v", answer.Header)
		}
	}
	answer, body := get(t, h(Embed{Status: 404, Title: "Earshot"}), http.MethodGet, "/embed/tracks/x?theme=dark", nil)
	if answer.StatusCode != 404 || strings.Contains(body, "<script") || !strings.Contains(body, `data-theme="dark"`) {
		t.Errorf("status %d:\n%s", answer.StatusCode, body)
	}
}

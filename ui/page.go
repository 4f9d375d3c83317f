package ui

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// Head is what the page says before the app runs: to people without scripts,
// to programs that show a preview of a link, and to the browser's history.
type Head struct {
	// Status is the answer's status; 0 means 200.
	Status int
	// Title names the page; empty means "Earshot".
	Title string
	// Description is one or two sentences, or empty.
	Description string
	// Image and URL are full addresses for previews, or empty.
	Image, URL string
}

// policy is the page's Content-Security-Policy: everything comes from this
// server, nothing is made from text, nobody frames the page.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"connect-src 'self'",
	"manifest-src 'self'",
	"worker-src 'self'",
	"img-src 'self' blob: data:",
	"media-src 'self' blob:",
	"object-src 'none'",
	"base-uri 'none'",
	"form-action 'self'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types 'none'",
}, "; ")

// headers protect every page; SAFETY.md has the reasons.
var headers = map[string]string{
	"Content-Type":                 "text/html; charset=utf-8",
	"Cache-Control":                "no-cache",
	"Content-Security-Policy":      policy,
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

// languages are the catalogues in locales/, the first for everybody whose own
// language we lack.
var languages = []string{"en", "ko"}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Korean})

// languageOf chooses the page's language: what was chosen on this device, else
// the best of what the browser asks for.
func languageOf(r *http.Request) string {
	if c, err := r.Cookie("locale"); err == nil && slices.Contains(languages, c.Value) {
		return c.Value
	}
	asked := r.Header.Get("Accept-Language")
	if len(asked) > 200 {
		asked = asked[:200]
	}
	wanted, _, err := language.ParseAcceptLanguage(asked)
	if err != nil {
		return languages[0]
	}
	_, i, _ := matcher.Match(wanted...)
	return languages[i]
}

// themeOf gives the theme chosen on this device, auto when none was.
func themeOf(r *http.Request) string {
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return "auto"
}

// hasSession tells whether a session's cookie came along, good or not: only
// then does the app ask who is signed in.
func hasSession(r *http.Request) bool {
	for _, name := range []string{"earshot_session", "__Host-earshot_session"} {
		if c, err := r.Cookie(name); err == nil && c.Value != "" {
			return true
		}
	}
	return false
}

// Page answers with the app's page. Which page it shows is decided in the
// browser by the address; head is for those who never run it. Whoever serves
// pages compresses them.
func (u *UI) Page(w http.ResponseWriter, r *http.Request, head Head) {
	b, err := u.current()
	if err != nil {
		http.Error(w, "The browser app cannot be read.", http.StatusInternalServerError)
		return
	}
	if head.Title == "" {
		head.Title = "Earshot"
	}
	var out bytes.Buffer
	err = b.page.Execute(&out, map[string]any{
		"Lang": languageOf(r), "Theme": themeOf(r), "Session": hasSession(r),
		"Title": head.Title, "Description": head.Description, "Image": head.Image, "URL": head.URL,
		"Base": b.base, "Styles": b.styles, "Modules": b.preload(r.URL.EscapedPath()),
	})
	if err != nil {
		http.Error(w, "The page cannot be made.", http.StatusInternalServerError)
		return
	}
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.Header().Add("Vary", "Accept-Language, Cookie")
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(max(head.Status, http.StatusOK))
	if r.Method != http.MethodHead {
		// A client that leaves while it is sent is not our failure.
		_, _ = w.Write(out.Bytes())
	}
}

package ui

import (
	"context"
	"html"
	"io"
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
	// Asks are the addresses below Options.Base that this page asks the API for
	// first, so that the browser need not wait for the app to ask.
	Asks []string
	// Shows is the picture below Options.Base that this page shows first, in the
	// widths that it offers; or empty.
	Shows []Width
	// Image and URL are full addresses for previews, or empty: then nothing is
	// said to programs that show them.
	Image, URL string
	// Kind is the page's og:type, Site the house's name. More are further
	// properties, a name and a value each.
	Kind, Site string
	More       [][2]string
	// Feed is the full address of the page's public feed, but for its format; or empty.
	Feed string
	// OEmbed is the address of the oEmbed answer about the page, or empty.
	OEmbed string
	// Data is what schema.org has words for, as JSON-LD; "<" must be escaped in it.
	Data string
}

// Width is a picture of so many pixels.
type Width struct {
	Address string
	Pixels  int
}

// shownAt is how wide the picture shown first is, as pages/person.js has it.
const shownAt = "clamp(96px, 22vw, 192px)"

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
	"frame-src 'self'", // the player for other sites, to look at
	"object-src 'none'",
	"base-uri 'none'",
	"form-action 'self'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types earshot",
}, "; ")

// headers protect every page; SAFETY.md has the reasons.
var headers = map[string]string{
	"Content-Type":                 "text/html; charset=utf-8",
	"Cache-Control":                "private, no-cache",
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

type signedIn struct{}

// SignedIn marks a request's context: its page asks who is signed in though no
// session's cookie came along.
func SignedIn(ctx context.Context) context.Context {
	return context.WithValue(ctx, signedIn{}, true)
}

// hasSession tells whether a session's cookie came along, good or not: only
// then does the app ask who is signed in.
func (u *UI) hasSession(r *http.Request) bool {
	if r.Context().Value(signedIn{}) != nil {
		return true
	}
	return u.brings(r, "earshot_session")
}

// brings tells whether a cookie of the house came along, under any of the names
// that it has over http and https.
func (u *UI) brings(r *http.Request, name string) bool {
	for _, prefix := range []string{"", "__Host-", "__Secure-"} {
		c, err := r.Cookie(prefix + name + strings.ReplaceAll(u.place, "/", "-"))
		if err == nil && c.Value != "" {
			return true
		}
	}
	return false
}

// holdsLinks tells whether something of secret links came along, good or not:
// only then does the app look what they open in a house that is closed.
func (u *UI) holdsLinks(r *http.Request) bool { return u.brings(r, "earshot_links") }

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
	out := u.fill(b, r, head)
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.Header().Add("Vary", "Accept-Language")
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	w.WriteHeader(max(head.Status, http.StatusOK))
	if r.Method != http.MethodHead {
		// A client that leaves while it is sent is not our failure.
		_, _ = io.WriteString(w, out)
	}
}

// fill puts what is known of a page into index.html. Its places are few, so
// that a replacer does: html/template would keep every exported method of the
// whole program in the executable, which makes it a quarter larger.
func (u *UI) fill(b *build, r *http.Request, head Head) string {
	theme := themeOf(r)
	session := ""
	if u.hasSession(r) {
		session = " data-session"
	}
	if u.holdsLinks(r) {
		session += " data-links"
	}
	scheme, tint := tints(theme)
	about := elements{}
	if head.Description != "" {
		about.add("meta", "name", "description", "content", head.Description)
	}
	about.add("meta", "property", "og:title", "content", head.Title)
	if head.URL != "" {
		about.preview(head)
	}
	if head.Feed != "" {
		for _, format := range []string{"rss", "atom"} {
			about.add("link", "rel", "alternate", "type", "application/"+format+"+xml", "href", head.Feed+"."+format, "title", head.Title)
		}
	}
	styles, modules := elements{}, elements{}
	for _, at := range b.styles {
		styles.add("link", "rel", "stylesheet", "href", u.place+at)
	}
	ahead, lang := b.ahead(r.URL.EscapedPath()), languageOf(r)
	for _, at := range ahead.styles { // js/style.js finds them
		styles.add("link", "rel", "stylesheet", "href", u.place+at)
	}
	for _, at := range ahead.modules {
		modules.add("link", "rel", "modulepreload", "href", u.place+at)
	}
	asks := elements{}
	if ahead.texts {
		asks.add("link", "rel", "preload", "href", u.place+b.base+"locales/late/"+lang+".json", "as", "fetch", "crossorigin", "anonymous")
	}
	if len(head.Shows) > 0 {
		var set []string
		for _, one := range head.Shows {
			set = append(set, u.place+one.Address+" "+strconv.Itoa(one.Pixels)+"w")
		}
		asks.add("link", "rel", "preload", "as", "image", "imagesrcset", strings.Join(set, ", "), "imagesizes", shownAt)
	}
	for _, address := range u.asks(r, head) {
		// fetch() finds it by the same mode and credentials.
		asks.add("link", "rel", "preload", "href", u.place+address, "as", "fetch", "crossorigin", "anonymous")
	}
	return strings.NewReplacer(
		"{{lang}}", lang, "{{theme}}", theme, "{{session}}", session,
		"{{title}}", html.EscapeString(head.Title), "{{about}}", about.String(),
		"{{scheme}}", scheme, "{{tint}}", tint, "{{base}}", html.EscapeString(u.place+b.base), "{{place}}", html.EscapeString(u.place),
		"{{styles}}", styles.String(), "{{modules}}", modules.String(), "{{asks}}", asks.String(),
	).Replace(b.page)
}

// asks gives what the app asks for at its start, whatever page it shows, and
// for this one.
func (u *UI) asks(r *http.Request, head Head) []string {
	list := []string{"/api/house"}
	if u.hasSession(r) {
		list = append(list, "/api/me")
	}
	return append(list, head.Asks...)
}

// preview adds what programs that show links are told: by the Open Graph
// protocol, Twitter's cards, oEmbed's discovery and schema.org.
func (e *elements) preview(head Head) {
	e.add("link", "rel", "canonical", "href", head.URL)
	for _, p := range [][2]string{
		{"og:url", head.URL}, {"og:type", head.Kind}, {"og:site_name", head.Site}, {"og:description", head.Description}, {"og:image", head.Image},
	} {
		if p[1] != "" {
			e.add("meta", "property", p[0], "content", p[1])
		}
	}
	card := "summary"
	for _, p := range head.More {
		e.add("meta", "property", p[0], "content", p[1])
		if p[0] == "og:image:width" {
			card = "summary_large_image"
		}
	}
	e.add("meta", "name", "twitter:card", "content", card)
	if head.OEmbed != "" {
		e.add("link", "rel", "alternate", "type", "application/json+oembed", "href", head.OEmbed+"&format=json", "title", head.Title)
		e.add("link", "rel", "alternate", "type", "text/xml+oembed", "href", head.OEmbed+"&format=xml", "title", head.Title)
	}
	if head.Data != "" { // a block of data, which no policy of scripts is about
		*e = append(*e, `<script type="application/ld+json">`+head.Data+`</script>`)
	}
}

// tints gives the colour scheme of a theme, and the colours of the browser
// around the page.
func tints(theme string) (scheme, tint string) {
	all := elements{}
	for _, t := range []struct{ theme, colour string }{{"light", "#FAFAF8"}, {"dark", "#111315"}} {
		switch theme {
		case "auto":
			all.add("meta", "name", "theme-color", "content", t.colour, "media", "(prefers-color-scheme: "+t.theme+")")
		case t.theme:
			all.add("meta", "name", "theme-color", "content", t.colour)
		}
	}
	if theme == "auto" {
		return "light dark", all.String()
	}
	return theme, all.String()
}

// elements are HTML elements without content, a line each.
type elements []string

// add adds one with attributes, a name and a value each.
func (e *elements) add(name string, attributes ...string) {
	var b strings.Builder
	b.WriteString("<" + name)
	for i := 0; i < len(attributes); i += 2 {
		b.WriteString(" " + attributes[i] + `="` + html.EscapeString(attributes[i+1]) + `"`)
	}
	b.WriteString(">")
	*e = append(*e, b.String())
}

func (e elements) String() string { return strings.Join(e, "\n") }

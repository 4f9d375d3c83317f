package ui

import (
	_ "embed"
	"html"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// The page /trust, once and in each language. It has no script, so that it
// works before anything is trusted, and is not among the files of the app.
var (
	//go:embed trust/page.html
	trustPage string
	//go:embed trust/en.html
	trustEnglish string
	//go:embed trust/ko.html
	trustKorean string
)

var trustTexts = map[string]string{"en": trustEnglish, "ko": trustKorean}

// Trust is what the page says of the house's own authority.
type Trust struct {
	Name        string // of the authority's certificate
	Fingerprint string
	Home        string // address of the house's first page by https
}

// platform guesses on what a browser runs; "" when it does not say.
func platform(agent string) string {
	for _, p := range []struct{ says, is string }{
		{"iPhone", "ios"}, {"iPad", "ios"}, {"Android", "android"}, {"Windows", "windows"}, {"Macintosh", "macos"}, {"Linux", "linux"},
	} {
		if strings.Contains(agent, p.says) {
			return p.is
		}
	}
	return ""
}

// inLines lets a fingerprint break after each eighth byte, so that the lines
// are as long as one another.
func inLines(fingerprint string) string {
	const line = 8 * len("00:")
	var b strings.Builder
	for len(fingerprint) > line {
		b.WriteString(html.EscapeString(fingerprint[:line]) + "<wbr>")
		fingerprint = fingerprint[line:]
	}
	return b.String() + html.EscapeString(fingerprint)
}

// Trust answers with the page that says how a device is told to trust the
// house's own authority.
func (u *UI) Trust(w http.ResponseWriter, r *http.Request, about Trust) {
	b, err := u.current()
	if err != nil {
		http.Error(w, "The browser app cannot be read.", http.StatusInternalServerError)
		return
	}
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Header().Add("Vary", "Accept-Language, Cookie, User-Agent")
	language := languageOf(r)
	text := trustTexts[language]
	title, _, _ := strings.Cut(strings.TrimPrefix(text, "<h1>"), "</h1>")
	fill := []string{"{{text}}", text, "{{title}}", title + " – Earshot"}
	page := strings.NewReplacer(fill...).Replace(trustPage)
	styles := elements{}
	for _, at := range append(b.styles, b.base+"css/late/trust.css") {
		styles.add("link", "rel", "stylesheet", "href", u.place+at)
	}
	theme := themeOf(r)
	scheme, tint := tints(theme)
	fill = []string{
		"{{lang}}", language, "{{theme}}", theme, "{{scheme}}", scheme, "{{tint}}", tint, "{{base}}", html.EscapeString(u.place + b.base),
		"{{styles}}", styles.String(), "{{place}}", html.EscapeString(u.place), "{{home}}", html.EscapeString(about.Home), "{{name}}", html.EscapeString(about.Name),
		"{{fingerprint}}", inLines(about.Fingerprint),
	}
	on := platform(r.UserAgent())
	for _, p := range []string{"ios", "android", "windows", "macos", "linux"} {
		open := ""
		if p == on {
			open = " open"
		}
		fill = append(fill, "{{"+p+"}}", open)
	}
	out := strings.NewReplacer(fill...).Replace(page)
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	if r.Method != http.MethodHead {
		// A client that leaves while it is sent is not our failure.
		_, _ = io.WriteString(w, out)
	}
}

package ui

import (
	_ "embed"
	"html"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// The player that pages of other sites show in a frame. It is a page of its own,
// without the app: js/embed.js, css/late/embed.css and the colours.
//
//go:embed embed/page.html
var embedPage string

// embedTexts are the player's texts, a handful in each language.
var embedTexts = map[string]map[string]string{
	"en": {
		"play": "Play", "pause": "Pause", "seek": "Position", "at": "{at} of {length}", "open": "Listen on {house}", "list": "Tracks",
		"failed": "The sound does not come. Try again.", "gone": "This can’t be played here.", "off": "Its owner does not show it on other sites. It can be played on {house}.",
	},
	"ko": {
		"play": "재생", "pause": "일시 정지", "seek": "재생 위치", "at": "{length} 중 {at}", "open": "{house}에서 듣기", "list": "트랙",
		"failed": "소리를 불러오지 못했어요. 다시 시도해 주세요.", "gone": "여기서는 재생할 수 없어요.", "off": "만든 사람이 다른 사이트에 보이지 않게 했어요. {house}에서 들을 수 있어요.",
	},
}

// Embed is what the player shows.
type Embed struct {
	Status      int    // 0 means 200
	Title, By   string // of what is shown, and whose it is
	Page, House string // address of its page; name of the house
	Data        string // for js/embed.js: JSON; "" where nothing can be played
	List        bool   // it has more than one track
}

// embedPolicy is the page's policy: what the app's is, but that any site may
// frame it, and that it reads nothing beside what it plays.
var embedPolicy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"connect-src 'self'",
	"img-src 'self'",
	"media-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors *",
	"require-trusted-types-for 'script'",
	"trusted-types 'none'",
}, "; ")

// Embed answers with the player. It looks at no cookie: whoever frames it gets
// the same.
func (u *UI) Embed(w http.ResponseWriter, r *http.Request, e Embed) {
	b, err := u.current()
	if err != nil {
		http.Error(w, "The browser app cannot be read.", http.StatusInternalServerError)
		return
	}
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Security-Policy", embedPolicy)
	w.Header().Del("X-Frame-Options") // it knows no "anybody"
	w.Header().Add("Vary", "Accept-Language")
	plain := &http.Request{Header: http.Header{"Accept-Language": r.Header["Accept-Language"]}, URL: &url.URL{}}
	language := languageOf(plain)
	theme := r.URL.Query().Get("theme")
	if theme != "dark" && theme != "light" {
		theme = "auto"
	}
	text := func(key string) string {
		return html.EscapeString(strings.ReplaceAll(embedTexts[language][key], "{house}", e.House))
	}
	styles, kind := elements{}, "one"
	for _, name := range []string{"css/tokens.css", "css/late/embed.css"} {
		styles.add("link", "rel", "stylesheet", "href", u.place+b.base+name)
	}
	note, script := "", ""
	switch {
	case e.Data != "":
		script = `<script type="module" src="` + html.EscapeString(u.place+b.base) + `js/embed.js"></script>`
		if e.List {
			kind = "many"
		}
	case e.Page != "":
		kind, note = "gone", text("off")
	default:
		kind, note = "gone", text("gone")
	}
	fill := []string{
		"{{lang}}", language, "{{theme}}", theme, "{{kind}}", kind, "{{styles}}", styles.String(), "{{script}}", script,
		"{{base}}", html.EscapeString(u.place + b.base), "{{title}}", html.EscapeString(e.Title), "{{by}}", html.EscapeString(e.By),
		"{{page}}", html.EscapeString(e.Page), "{{house}}", html.EscapeString(e.House), "{{data}}", html.EscapeString(e.Data), "{{note}}", note,
	}
	for key := range embedTexts[language] {
		fill = append(fill, "{{text-"+key+"}}", text(key))
	}
	out := strings.NewReplacer(fill...).Replace(embedPage)
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	w.WriteHeader(max(e.Status, http.StatusOK))
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, out)
	}
}

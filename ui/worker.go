package ui

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// workerAt is the address of the service worker. It stays the same through all
// builds, so that browsers find a newer one.
const workerAt = Prefix + "worker.js"

// worker answers with the service worker: worker.js, told which files there
// are. A script that differs in a byte is a new worker to browsers (Service
// Workers §Update), so every build brings its own.
func (u *UI) worker(w http.ResponseWriter, r *http.Request) {
	b, err := u.current()
	if err != nil {
		http.Error(w, "The browser app cannot be read.", http.StatusInternalServerError)
		return
	}
	files := make([]string, 0, len(b.files))
	for name := range b.files {
		if name != "js/wire.d.ts" {
			files = append(files, u.place+b.base+name)
		}
	}
	slices.Sort(files)
	told, err := json.Marshal(struct {
		Base  string   `json:"base"`  // before every address of the house
		Files []string `json:"files"` // addresses of all that the app consists of
	}{u.place, files})
	if err != nil {
		http.Error(w, "The browser app cannot be read.", http.StatusInternalServerError)
		return
	}
	body := "const build = " + string(told) + ";\n" + b.worker
	header := w.Header()
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	header.Set("Cache-Control", "no-cache")
	header.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Service-Worker-Allowed", u.place+"/")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		// A client that leaves while it is sent is not our failure.
		_, _ = w.Write([]byte(body))
	}
}

// Manifest answers with what a device needs to install the app (W3C Web
// Application Manifest), under the name of the house.
func (u *UI) Manifest(w http.ResponseWriter, r *http.Request, name string) {
	b, err := u.current()
	if err != nil {
		http.Error(w, "The browser app cannot be read.", http.StatusInternalServerError)
		return
	}
	type icon struct {
		Source  string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	type shortcut struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	type field struct {
		Name   string   `json:"name"`
		Accept []string `json:"accept"`
	}
	type params struct {
		Title string  `json:"title"`
		Text  string  `json:"text"`
		URL   string  `json:"url"`
		Files []field `json:"files"`
	}
	type target struct {
		Action  string `json:"action"`
		Method  string `json:"method"`
		Enctype string `json:"enctype"`
		Params  params `json:"params"`
	}
	words := b.texts(languageOf(r))
	at := func(path string) string { return u.place + path }
	drawn := func(name, sizes, kind, purpose string) icon {
		return icon{at(b.base + name), sizes, kind, purpose}
	}
	body, err := json.MarshalIndent(struct {
		ID         string     `json:"id"`
		Name       string     `json:"name"`
		ShortName  string     `json:"short_name"`
		Lang       string     `json:"lang"`
		Dir        string     `json:"dir"`
		Start      string     `json:"start_url"`
		Scope      string     `json:"scope"`
		Display    string     `json:"display"`
		Background string     `json:"background_color"`
		Theme      string     `json:"theme_color"`
		Categories []string   `json:"categories"`
		Icons      []icon     `json:"icons"`
		Shortcuts  []shortcut `json:"shortcuts"`
		Share      target     `json:"share_target"`
	}{
		ID: at("/"), Name: name, ShortName: name, Lang: languageOf(r), Dir: "auto",
		Start: at("/"), Scope: at("/"), Display: "standalone", Background: "#111315", Theme: "#111315",
		Categories: []string{"music", "social"},
		Icons: []icon{
			drawn("icon.svg", "any", "image/svg+xml", "any"),
			drawn("icons/app-192.png", "192x192", "image/png", "any"),
			drawn("icons/app-512.png", "512x512", "image/png", "any"),
			drawn("icons/mask-512.png", "512x512", "image/png", "maskable"),
		},
		Shortcuts: []shortcut{{words["nav.upload"], at("/upload")}, {words["nav.discover"], at("/discover")}, {words["kept.title"], at("/you/kept")}},
		Share: target{at("/share"), http.MethodPost, "multipart/form-data", params{"title", "text", "url", []field{{
			"audio", []string{"audio/*", ".mp3", ".wav", ".flac", ".ogg", ".oga", ".opus", ".m4a"},
		}}}},
	}, "", "\t")
	if err != nil {
		http.Error(w, "The browser app cannot be read.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", kinds[".webmanifest"])
	header.Set("Cache-Control", "private, no-cache")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Add("Vary", "Accept-Language")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// texts gives the app's texts in a language, by their keys.
func (b *build) texts(language string) map[string]string {
	all := map[string]string{}
	for _, name := range []string{"locales/", "locales/late/"} {
		if f := b.files[name+language+".json"]; f != nil {
			// Tests hold that they are good.
			_ = json.Unmarshal(f.bytes, &all)
		}
	}
	return all
}

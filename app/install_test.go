package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"earshot/app/config"
)

// TestInstalling asks for what a device needs to install the app: at the root
// of a host and below a path, in both languages.
func TestInstalling(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/sound/earshot"} {
		h := newHouse(t, func(c *config.Config) {
			if base != "" {
				c.PublicURL = "https://home.example" + base
			}
		})
		k := h.keeper()
		k.patch("/api/house", map[string]any{"name": `The "blue" house`, "visitors": false}).want(200)
		v := h.visitor()
		page := string(v.get("/", "Accept-Language", "ko").want(200).body)
		if want := `<link rel="manifest" href="` + base + `/app.webmanifest"`; !strings.Contains(page, want) {
			t.Fatalf("the page lacks %s:\n%s", want, page)
		}
		a := v.get("/app.webmanifest", "Accept-Language", "ko").want(200)
		var m struct {
			ID    string `json:"id"`
			Name  string `json:"name"`
			Lang  string `json:"lang"`
			Start string `json:"start_url"`
			Scope string `json:"scope"`
			Icons []struct {
				Source string `json:"src"`
				Type   string `json:"type"`
			} `json:"icons"`
			Shortcuts []struct{ Name, URL string } `json:"shortcuts"`
			Share     struct{ Action string }      `json:"share_target"`
		}
		if err := json.Unmarshal(a.body, &m); err != nil {
			t.Fatal(err)
		}
		if m.Name != `The "blue" house` || m.Lang != "ko" || m.Start != base+"/" || m.Scope != base+"/" || m.ID != base+"/" || m.Share.Action != base+"/share" {
			t.Errorf("%q: got %+v", base, m)
		}
		if a.header.Get("Content-Type") != "application/manifest+json" || !strings.HasPrefix(a.header.Get("Cache-Control"), "private") {
			t.Errorf("%s: got %v", a.what, a.header)
		}
		if len(m.Icons) < 4 || len(m.Shortcuts) != 3 {
			t.Errorf("%d icons and %d shortcuts", len(m.Icons), len(m.Shortcuts))
		}
		for _, icon := range m.Icons {
			if got := v.get(icon.Source).want(200).header.Get("Content-Type"); got != icon.Type {
				t.Errorf("%s is %s, want %s", icon.Source, got, icon.Type)
			}
		}
		for _, s := range m.Shortcuts {
			if s.Name == "" || !strings.HasPrefix(s.URL, base+"/") {
				t.Errorf("got the shortcut %+v", s)
			}
		}
		worker := v.get(base + "/_/worker.js").want(200)
		if got := worker.header.Get("Service-Worker-Allowed"); got != base+"/" {
			t.Errorf("the worker is allowed %q", got)
		}
		if worker.header.Get("Cache-Control") != "no-cache" || !strings.Contains(worker.header.Get("Content-Type"), "javascript") {
			t.Errorf("%s: got %v", worker.what, worker.header)
		}
		// All that it wants to keep is there.
		told, _, _ := strings.Cut(strings.TrimPrefix(string(worker.body), "const build = "), ";\n")
		var build struct {
			Base  string   `json:"base"`
			Files []string `json:"files"`
		}
		if err := json.Unmarshal([]byte(told), &build); err != nil || build.Base != base || len(build.Files) < 100 {
			t.Fatalf("the worker is told %d files below %q: %v", len(build.Files), build.Base, err)
		}
		for _, file := range build.Files {
			v.get(file).want(200)
		}
		for _, method := range []string{"POST", "PUT", "DELETE"} {
			if got := v.do(method, "/_/worker.js", nil).status; got == http.StatusOK {
				t.Errorf("%s of the worker: got %d", method, got)
			}
		}
		// What is shared before the worker runs is asked for again.
		shared := v.do("POST", "/share", []byte("--x\r\n\r\nanything\r\n--x--\r\n"), "Content-Type", "multipart/form-data; boundary=x")
		if shared.status != http.StatusSeeOther || shared.header.Get("Location") != base+"/upload?shared=again" {
			t.Errorf("%s: got %d to %q", shared.what, shared.status, shared.header.Get("Location"))
		}
		if got := v.do("POST", "/share", []byte("x"), "Sec-Fetch-Site", "cross-site").status; got != http.StatusForbidden {
			t.Errorf("a share from another site: got %d", got)
		}
	}
}

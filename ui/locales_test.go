package ui

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// text is one entry of a catalogue: its forms by plural category, a single
// text under "".
type text map[string]string

// catalogue gives all texts of a language, and which of them come late.
func catalogue(t *testing.T, language string) (all map[string]text, late map[string]bool) {
	t.Helper()
	all, late = map[string]text{}, map[string]bool{}
	for _, folder := range []string{"locales", "locales/late"} {
		for key, entry := range entries(t, folder+"/"+language+".json") {
			if all[key] != nil {
				t.Errorf("%s/%s.json: %s is in locales/ too", folder, language, key)
			}
			all[key] = entry
			if folder == "locales/late" {
				late[key] = true
			}
		}
	}
	return all, late
}

func entries(t *testing.T, file string) map[string]text {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]any
	if err := json.Unmarshal(raw, &entries); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	all := map[string]text{}
	for key, entry := range entries {
		all[key] = text{}
		switch entry := entry.(type) {
		case string:
			all[key][""] = entry
		case map[string]any:
			for form, value := range entry {
				s, ok := value.(string)
				if !ok {
					t.Errorf("%s: %s.%s is no text", file, key, form)
				}
				all[key][form] = s
			}
		default:
			t.Errorf("%s: %s is neither a text nor plural forms", file, key)
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// forms are the plural categories of each language (CLDR, cardinal numbers).
var forms = map[string][]string{"en": {"one", "other"}, "ko": {"other"}}

func TestCataloguesAgree(t *testing.T) {
	t.Parallel()
	english, early := catalogue(t, "en")
	files, err := filepath.Glob("locales/*.json")
	if err != nil || len(files) != len(languages) {
		t.Fatalf("%d catalogues (%v), want %d", len(files), err, len(languages))
	}
	for _, language := range languages {
		other, late := catalogue(t, language)
		if !maps.Equal(early, late) {
			t.Errorf("locales/late/%s.json does not have the keys of locales/late/en.json", language)
		}
		for key := range english {
			if other[key] == nil {
				t.Errorf("%s lacks %s", language, key)
			}
		}
		for key, found := range other {
			model := english[key]
			if model == nil {
				t.Errorf("%s has %s, which en lacks", language, key)
				continue
			}
			_, single := model[""]
			want := forms[language]
			if single {
				want = []string{""}
			}
			if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the forms %q, want %q", language, key, got, want)
			}
			whole := slices.Concat(placeholders(strings.Join(slices.Collect(maps.Values(model)), " ")))
			for form, s := range found {
				if strings.TrimSpace(s) != s || s == "" {
					t.Errorf("%s: %s is empty or has spaces around it: %q", language, key, s)
				}
				if got := placeholders(s); !slices.Equal(got, whole) && !(form == "one" && len(got) < len(whole)) {
					t.Errorf("%s: %s has the placeholders %v, want %v", language, key, got, whole)
				}
				if strings.ContainsAny(s, "\"<>\u0000") {
					t.Errorf("%s: %s holds markup or straight quotes: %q", language, key, s)
				}
			}
		}
	}
}

var (
	used   = regexp.MustCompile(`\b(?:t|rich|has)\(\s*'([^']+)'`)
	begun  = regexp.MustCompile("`([a-z]\\w*\\.\\w+)\\$\\{")
	quoted = regexp.MustCompile(`'([a-z][\w.]*)'`)
	coded  = regexp.MustCompile(`\b(?:demand|wrong)\([^)]*'(\w+\.\w+)'\)|\{code: '([\w.]+)'`)
)

// TestTextsAreUsed finds texts that nobody shows and texts that are not there.
// Keys that begin with "error." are chosen by the server's code. Whoever shows
// a text that comes late must wait for it, by importing js/texts.js.
func TestTextsAreUsed(t *testing.T) {
	t.Parallel()
	english, late := catalogue(t, "en")
	seen := map[string]bool{}
	u := mustNew(t, Options{})
	for name, f := range u.fixed.files {
		if filepath.Ext(name) != ".js" || strings.HasPrefix(name, "vendor/") {
			continue
		}
		waits := slices.Contains(u.fixed.modules.closure(name), "js/texts.js")
		note := func(key string) {
			if key == "" {
				return
			}
			seen[key] = true
			if late[key] && !waits {
				t.Errorf("%s shows %s, which comes late, and does not import js/texts.js", name, key)
			}
			if english[key] == nil {
				t.Errorf("%s shows %s, which no catalogue has", name, key)
			}
		}
		for _, m := range used.FindAllSubmatch(f.bytes, -1) {
			note(string(m[1]))
		}
		for _, m := range begun.FindAllSubmatch(f.bytes, -1) {
			for key := range english {
				seen[key] = seen[key] || strings.HasPrefix(key, string(m[1]))
			}
		}
		// Tables of keys hold them as plain strings.
		for _, m := range quoted.FindAllSubmatch(f.bytes, -1) {
			if key := string(m[1]); english[key] != nil {
				note(key)
			}
		}
		for _, m := range coded.FindAllSubmatch(f.bytes, -1) {
			for _, code := range m[1:] {
				if len(code) > 0 {
					note("error." + string(code))
				}
			}
		}
	}
	for key := range english {
		if !seen[key] && !strings.HasPrefix(key, "error.") {
			t.Errorf("%s is in the catalogues, and nothing shows it", key)
		}
	}
}

// TestErrorsNameTheCure asks for a text for every failure that the browser's
// part of the API is known to answer with.
func TestErrorsNameTheCure(t *testing.T) {
	t.Parallel()
	english, _ := catalogue(t, "en")
	for code := range strings.FieldsSeq(`email.invalid email.taken password.short password.long password.common
		password.wrong signin.wrong name.empty name.long username.invalid username.taken username.reserved signup.closed
		setup.token setup.done title.empty title.long slug.invalid slug.taken description.long bio.long tag.long tag.many
		upload.empty upload.not_audio upload.layer upload.unsupported upload.no_sound upload.form upload.too_large upload.interrupted picture.invalid
		picture.too_large disk.full limited busy signin.needed forbidden not_found media.missing peaks.pending internal
		bad_request offline`) {
		if english["error."+code] == nil {
			t.Errorf("no text for the failure %s", code)
		}
	}
}

package api

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzOwnAddress: whatever is taken for an own address has a path of this house
// and a host of its own, or none.
func FuzzOwnAddress(f *testing.F) {
	for _, seed := range []string{
		"https://ear.example/mina/night-train?t=83", "http://EAR.example/e/mina", "/e/mina/playlists/x", "//evil.example/e/mina", "https://ear.example@evil.example/e/x",
		"https://evil.example#@ear.example/e/x", "https://ear.example\\@evil.example/e/", "javascript:alert(1)//ear.example", "https://ear.example:443/e/x", "http:///e/x",
		"https://ear.example/e/%2e%2e/%00", "https://ear.example/e?t=%zz", "mailto:x@ear.example", "/e//evil.example", " /e/x", "https://ear.example/other/x", "https://[::1]/e/x",
	} {
		f.Add(seed)
	}
	ours := func(host string) bool { return host == "ear.example" }
	f.Fuzz(func(t *testing.T, text string) {
		path, _, ok := ownAddress(text, "/e", ours)
		if !ok {
			return
		}
		u, err := url.Parse(text)
		if err != nil || len(text) > 2000 || u.User != nil || u.Opaque != "" || u.Host != "" && !ours(strings.ToLower(u.Host)) {
			t.Errorf("%q is taken for an address of this house", text)
		}
		if u != nil && u.Host == "" && (u.Scheme != "" || strings.HasPrefix(text, "//")) {
			t.Errorf("%q has no host and is no path", text)
		}
		if !strings.HasPrefix(path, "/") || u != nil && "/e"+path != u.Path {
			t.Errorf("%q: got the path %q", text, path)
		}
		if _, id, is := embedded(path); is && id == 0 {
			t.Errorf("%q: got no id", text)
		}
	})
}

package browsertest

import (
	"net/url"
	"testing"
	"time"
)

// TestF18_AfterSigningInOneStaysInTheHouse: an address that says where to go
// after a sign-in leads to own pages alone.
func TestF18_AfterSigningInOneStaysInTheHouse(t *testing.T) {
	h := newHouse(t)
	w := openWindow(t, newTab(t, 2*time.Minute), look{url: h.url, token: h.token, locale: "en"})
	for next, want := range map[string]string{
		"//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/", "javascript:alert(1)": "/", "\t//evil.example": "/", "/\t/evil.example": "/",
		"/\n/evil.example": "/", "\\/evil.example": "/", "evil.example": "/", "data:text/html,x": "/", "": "/", "/upload": "/upload", "/people?a=//b": "/people",
	} {
		for _, door := range []string{"/sign-in", "/sign-up"} {
			w.show(h.url + door + "?next=" + url.QueryEscape(next))
			w.do(until(`location.pathname !== ` + "'" + door + "'"))
			if at := read[string](w, `location.origin`); at != h.url {
				t.Errorf("next=%q leads to %s", next, at)
			}
			if at := read[string](w, `location.pathname`); at != want {
				t.Errorf("%s?next=%q leads to %s, want %s", door, next, at, want)
			}
		}
	}
	for _, c := range w.complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}

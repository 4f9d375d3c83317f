package subsonic

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"earshot/db"
)

// FuzzRead reads any address and form. Whatever comes, the answer's format is one
// of three, what is read as a number is within its bounds, and what is read as an
// id is written the same way again.
func FuzzRead(f *testing.F) {
	for _, seed := range [][2]string{
		{"u=mina&t=26719a1196d2a940705a59634eb18eab&s=c19b2d&v=1.16.1&c=x&f=json", ""},
		{"f=jsonp&callback=my.back", "id=tr-0sc0kfr3v2er3&id=al-0sc0kfr3v2er3"},
		{"f=jsonp&callback=alert(1)", "size=99999999999999999999"},
		{"size=-1&offset=x&f=xml", "%zz"}, {"%", "a;b"}, {"v=2&f=yaml", "time=9223372036854775807"},
		{"submission=TRUE&time=253402300799999", "id=lo-&id=tr-0000000000000"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, query, form string) {
		r := httptest.NewRequest("POST", "/rest/ping", strings.NewReader(form))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		p, err := read(httptest.NewRecorder(), r)
		switch p.format {
		case "xml", "json":
		case "jsonp":
			if c := p.get("callback"); !nameOfFunction.MatchString(c) || strings.ContainsAny(c, "()<>;='\"\\ \n\u2028") {
				t.Errorf("the callback is %q", c)
			}
		default:
			t.Errorf("the format is %q", p.format)
		}
		if err != nil {
			return
		}
		_ = p.check()
		if n, from, err := p.page("size", "offset", 10, 500); err == nil && (n < 0 || n > 500 || from < 0) {
			t.Errorf("a page of %d from %d", n, from)
		}
		if yes, err := p.truth("submission", true); err != nil && yes {
			t.Errorf("%q is true", p.get("submission"))
		}
		if at, err := p.moment("time"); err == nil && !at.IsZero() && at.Year() > 9999 {
			t.Errorf("the time is %v", at)
		}
		if ids, err := p.ids("id", aTrack, 100); err == nil {
			for _, id := range ids {
				if k, again, err := parseID(aTrack.id(id)); id == 0 || k != aTrack || again != id || err != nil {
					t.Errorf("%s is read again as %s %s: %v", id, k, again, err)
				}
			}
		}
	})
}

// FuzzEncode writes any text. It can be read again, in each format.
func FuzzEncode(f *testing.F) {
	f.Add("Night <train> & \"more\"", 70, "json")
	f.Add("밤기차\x00\ufffe\u2028</error>", 0, "xml")
	f.Add("]]>\xff", -1, "jsonp")
	f.Fuzz(func(t *testing.T, text string, code int, format string) {
		for _, b := range []body{{failed: &failure{Code: code, Message: text}}, {name: "song", value: child{Title: text, Track: code, Genres: genresOf([]string{text})}}, {name: "lyrics", value: lyrics{Value: text}}} {
			out, contentType, err := encode(b, format, "f")
			if err != nil {
				t.Fatal(err)
			}
			if format == "xml" {
				var x struct {
					Inner []byte `xml:",innerxml"`
				}
				if err := xml.Unmarshal(out, &x); err != nil || contentType != "text/xml; charset=utf-8" {
					t.Errorf("%v in %s", err, out)
				}
				continue
			}
			if format == "jsonp" {
				out = out[len("/**/f(") : len(out)-len(");")]
			}
			if !json.Valid(out) {
				t.Errorf("this is not JSON: %s", out)
			}
		}
	})
}

// TestMatcher holds the protocol's own example, and what must not let in.
func TestMatcher(t *testing.T) {
	t.Parallel()
	const secret, salt, token = "sesame", "c19b2d", "26719a1196d2a940705a59634eb18eab"
	empty := md5.Sum(nil)
	bare := md5.Sum([]byte(secret))
	for _, c := range []struct {
		password, token, salt, secret string
		want                          bool
	}{
		{"", token, salt, secret, true},
		{"", strings.ToUpper(token), salt, secret, true},
		{"sesame", "", "", secret, true},
		{"enc:736573616d65", "", "", secret, true},
		{"enc:736573616D65", "", "", secret, true},
		{"enc:73657", "", "", secret, false},
		{"", token, "c19b2e", secret, false},
		{"", token, "", secret, false},
		{"", hex.EncodeToString(bare[:]), "", secret, false}, // a token of no salt
		{"", hex.EncodeToString(empty[:]), "", "", false},    // of nothing at all
		{"", "", "", "", false},
		{"", "", salt, secret, false},
		{"sesam", "", "", secret, false},
		{"sesame ", "", "", secret, false},
	} {
		if got := matcher(c.password, c.token, c.salt)(c.secret); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

// TestInitial puts names under the letters that people look for them at.
func TestInitial(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"mina": "M", "Éva": "E", "하현우": "ㅎ", "까치": "ㄲ", "가": "ㄱ", "힣": "ㅎ", "2 Mello": "#", "": "#", "…": "#", "日本": "日",
	} {
		if got := initial(name); got != want {
			t.Errorf("%q is found under %q, want %q", name, got, want)
		}
	}
}

// TestIDs: an id says what it is of; anything else names nothing.
func TestIDs(t *testing.T) {
	t.Parallel()
	id := db.ID(1 << 40)
	for _, k := range []kind{aTrack, anAlbum, aPlaylist, anArtist, loose} {
		if got, of, err := parseID(k.id(id)); got != k || of != id || err != nil {
			t.Errorf("%s is read as %s %s: %v", k.id(id), got, of, err)
		}
	}
	for _, text := range []string{"", "-", "tr", "tr-", "tr-0", id.String(), "xx-" + id.String(), "tr-" + id.String() + "0", "tr-0000000000000", "TR-" + id.String(), "tr-tr-" + id.String()} {
		if _, _, err := parseID(text); err == nil {
			t.Errorf("%q names something", text)
		}
	}
	v := url.Values{"id": {aTrack.id(id), anAlbum.id(id)}}
	if _, err := (params{Values: v}).ids("id", aTrack, 10); err == nil {
		t.Error("an album is taken for a track")
	}
}

// TestLines: lyrics with times are in the order of these, and lose what tells of
// the file; others stay as they are.
func TestLines(t *testing.T) {
	t.Parallel()
	lines, synced := linesOf("[ar: Mina]\n[00:12.5]Second\n[00:01.00][01:00]First and last\r\n\n[00:02]\n")
	got := ""
	for _, l := range lines {
		got += fmt.Sprintf("%d %s|", *l.Start, l.Value)
	}
	if want := "1000 First and last|2000 |12500 Second|60000 First and last|"; !synced || got != want {
		t.Errorf("got %q, %v, want %q", got, synced, want)
	}
	lines, synced = linesOf("La\n\nla [00:01] la\n")
	if synced || len(lines) != 3 || lines[2].Value != "la [00:01] la" || lines[0].Start != nil {
		t.Errorf("got %v, %v", lines, synced)
	}
	if got := unsung("[00:02]Two\n[00:01]One\n"); got != "One\nTwo" {
		t.Errorf("without times they are %q", got)
	}
	// A line that is sung a thousand times is not there a thousand times in full.
	lines, _ = linesOf(strings.Repeat("[0:00]", 1600) + strings.Repeat("<", 10_000))
	all := 0
	for _, l := range lines {
		all += len(l.Value)
	}
	if len(lines) == 0 || all > sungMost {
		t.Errorf("%d lines of %d bytes", len(lines), all)
	}
}

// FuzzLines takes any lyrics apart, into no more lines than there are times and
// ends of lines.
func FuzzLines(f *testing.F) {
	f.Add("[00:12.5]Second\n[99:99]no\n[1:00:5][00:00]x")
	f.Fuzz(func(t *testing.T, words string) {
		lines, synced := linesOf(words)
		if len(lines) > strings.Count(words, "\n")+strings.Count(words, "[")+1 {
			t.Errorf("%d lines", len(lines))
		}
		last := int64(0)
		for _, l := range lines {
			if (l.Start != nil) != synced || synced && *l.Start < last {
				t.Errorf("%+v", l)
			}
			if synced {
				last = *l.Start
			}
		}
	})
}

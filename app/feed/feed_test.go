package feed

import (
	"bytes"
	"encoding/xml"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"

	"earshot/app/core"
	"earshot/db"
)

var at = Place{House: "https://ear.example", Format: RSS}

// sample is a feed in which everything has something in it.
func sample() core.Feed {
	when := time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)
	id := func(n uint64) db.ID { return db.ID(1<<50 + n) }
	mina := db.User{ID: id(1), Username: "mina", Name: "Mina", Bio: "Trains", Picture: 3}
	track := db.Track{
		ID: id(2), User: mina.ID, Slug: "night-train", Title: "Night train", Description: "At 0:10 https://a.example", Artist: "Mina Kim", Tags: []string{"night"},
		Visibility: db.Public, Picture: 4, Published: id(5), Created: when, Updated: when, Audio: db.Audio{Codec: "mp3", Size: 12345, Duration: 61_000_000},
	}
	list := db.Playlist{ID: id(6), User: mina.ID, Kind: db.Album, Slug: "list", Title: "List", Description: "Words", Picture: 2, Updated: when}
	return core.Feed{
		Of: db.Thing{Kind: db.KindPlaylist, ID: list.ID}, House: "Ours", Owner: mina, Playlist: list, Next: "next",
		Items: []core.FeedItem{{Track: track, Owner: mina, Since: when, Number: 7}},
	}
}

func written(t testing.TB, d Doc, format string) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTheVersionIsOfAllThatIsWritten changes each field of all that a feed is
// made of: whatever changes a byte changes the version.
func TestTheVersionIsOfAllThatIsWritten(t *testing.T) {
	t.Parallel()
	for _, format := range []string{RSS, Atom} {
		at := Place{House: "https://ear.example", Format: format}
		f := sample()
		d := Of(f, at)
		before, version := written(t, d, format), d.Version()
		if again := Of(sample(), at); again.Version() != version {
			t.Fatal("the same feed has two versions")
		}
		n := 0
		each(reflect.ValueOf(&f).Elem(), "feed", func(path string) {
			now := Of(f, at)
			if text := written(t, now, format); text != before {
				n++
				if now.Version() == version {
					t.Errorf("%s: with another %s the version stays", format, path)
				}
			}
		})
		if n < 15 {
			t.Errorf("%s: only %d changes were seen", format, n)
		}
		for _, other := range []Place{{House: "https://other.example", Format: format}, {House: at.House, Format: format, Secret: "s"}, {House: at.House, Format: format, Cursor: "c"}} {
			if Of(f, other).Version() == version {
				t.Errorf("at %+v the version stays", other)
			}
		}
	}
}

// each changes one field after the other, and back.
func each(v reflect.Value, path string, seen func(path string)) {
	was := reflect.New(v.Type()).Elem()
	was.Set(v)
	switch x := v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(x.Add(time.Hour)))
	case db.ID:
		v.SetUint(v.Uint() + 1<<30)
	default:
		switch v.Kind() {
		case reflect.String:
			v.SetString(v.String() + "x")
		case reflect.Int, reflect.Int64:
			v.SetInt(v.Int() + 1_000_000)
		case reflect.Uint64, reflect.Uint32:
			v.SetUint(v.Uint() + 1)
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Slice:
			for i := range v.Len() {
				each(v.Index(i), path+"[]", seen)
			}
			return
		case reflect.Struct:
			for i := range v.NumField() {
				each(v.Field(i), path+"."+v.Type().Field(i).Name, seen)
			}
			return
		default:
			return
		}
	}
	seen(path)
	v.Set(was)
}

// TestClean: what XML 1.0 can't hold is dropped, and nothing else.
func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\x00b\x0bc\x1fd": "abcd", "a\tb\nc": "a\tb\nc", "\ufffe\uffff": "", "\xed\xa0\x80x": "x", "\xff": "", "밤 🚆": "밤 🚆", "]]>": "]]>", "\u0085\u009f": "", "\ufffd": "\ufffd",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestIDs: UUIDs of version 5, which differ between things.
func TestIDs(t *testing.T) {
	t.Parallel()
	a, b := uuid("track", 1, 0), uuid("feed", 1, 0)
	if len(a) != 36 || a[14] != '5' || !strings.ContainsRune("89ab", rune(a[19])) || a == b || a == uuid("track", 2, 0) || a != uuid("track", 1, 0) {
		t.Errorf("got %s and %s", a, b)
	}
}

// FuzzFeeds writes hostile texts, which come out as what they were, less what
// XML can't hold.
func FuzzFeeds(f *testing.F) {
	for _, s := range []string{
		"Night train", "]]>", "<![CDATA[x]]>", "&amp; &lt;b>", "\ufffe\uffff\x00", "\xed\xa0\x80", `"'><script>alert(1)</script>`, "밤 기차 🚆", "1:23 0:00:59 99:99 https://a.example/?a=b&c=<d>", "https://\n\nhttp://",
		"javascript:alert(1) http://a\"onclick=x", strings.Repeat("a]]>", 1000), "\n\n\n", " \t ", "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, title, text string) {
		feed := sample()
		feed.Playlist.Title, feed.Playlist.Description, feed.House, feed.Owner.Name = title, text, title, title
		feed.Items[0].Track.Title, feed.Items[0].Track.Description, feed.Items[0].Track.Slug, feed.Items[0].Track.Tags = title, text, title, []string{title}
		for _, format := range []string{RSS, Atom} {
			d := Of(feed, Place{House: "https://ear.example", Format: format})
			out := written(t, d, format)
			if !utf8.ValidString(out) {
				t.Fatal("this is no UTF-8")
			}
			read := xml.NewDecoder(strings.NewReader(out))
			for {
				if _, err := read.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%v in %.2000s", err, out)
				}
			}
			p, err := gofeed.NewParser().ParseString(out)
			if err != nil {
				t.Fatalf("%v in %.2000s", err, out)
			}
			if len(p.Items) != 1 || strings.TrimSpace(p.Title) != strings.TrimSpace(clean(title)) && !strings.Contains(title, "&") && !strings.Contains(title, "CDATA") {
				t.Fatalf("got %d items and the title %q, want %q", len(p.Items), p.Title, clean(title))
			}
			content := Item{Text: clean(text), Home: "https://ear.example/x", Duration: 600}.html()
			for _, tag := range strings.Split(content, "<")[1:] {
				if name, _, _ := strings.Cut(tag, ">"); name != "p" && name != "/p" && name != "br" && name != "/a" && !strings.HasPrefix(name, `a href="http`) {
					t.Fatalf("the HTML has <%s> in it: %.500s", name, content)
				}
			}
		}
	})
}

// TestALongTitle: a feed of a megabyte in each text is written in one go.
func TestALongTitle(t *testing.T) {
	t.Parallel()
	f := sample()
	f.Items[0].Track.Title = strings.Repeat("]]>&\"", 200_000)
	f.Items[0].Track.Description = strings.Repeat("1:23 https://a.example ", 50_000)
	p, err := gofeed.NewParser().ParseString(written(t, Of(f, at), RSS))
	if err != nil || p.Items[0].Title != f.Items[0].Track.Title {
		t.Errorf("it came out differently: %v", err)
	}
}

// BenchmarkFeed is a page of 100 items: to find that it did not change, and to
// write it.
func BenchmarkFeed(b *testing.B) {
	f := sample()
	f.Items[0].Track.Description = strings.Repeat("Words about a train at 0:10.\n", 20)
	for len(f.Items) < 100 {
		f.Items = append(f.Items, f.Items[0])
	}
	b.Run("version", func(b *testing.B) {
		for b.Loop() {
			_ = Of(f, at).Version()
		}
	})
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			if err := Of(f, at).Write(io.Discard, RSS); err != nil {
				b.Fatal(err)
			}
		}
	})
}

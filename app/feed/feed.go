// Package feed writes what core tells of a feed as RSS 2.0 and as Atom, for
// podcast apps and readers.
//
// A Doc has all that stands in a feed, so that its ETag is known before
// anything is written.
package feed

import (
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"earshot/app/core"
	"earshot/db"
)

// Where feeds and what they need are, below the base of the house.
const (
	Users     = "/feeds/users/"
	Playlists = "/feeds/playlists/"
	Tags      = "/feeds/tags/"
	Tracks    = "/feeds/tracks/"
	Private   = "/feeds/private/"

	RSS   = ".rss"
	Atom  = ".atom"
	Cover = "cover.jpg" // below a user, a playlist or a private feed
)

// form counts up whenever other bytes are written of the same Doc.
const form = "1"

// Doc is a page of a feed. Texts are plain, and have no character that XML 1.0
// can't hold; addresses are full ones.
type Doc struct {
	Self, First, Next string // this page in this format, the first, and the one that follows
	Other             string // the feed in the other format
	Home              string // the page that it is of
	ID                string // a UUID, the same for ever
	Title, Text       string
	Author            string
	Image             string
	Language          string // "en" or "ko", as its words look
	Serial            bool   // to be heard in the order of its numbers
	Private           bool
	Updated           time.Time
	Items             []Item
}

// Item is a track in a feed.
type Item struct {
	ID, Home    string
	Title, Text string
	Author      string
	Image       string
	Tags        []string
	Published   time.Time
	Updated     time.Time
	Duration    int64 // seconds
	Number      int   // 0: none
	Audio, Type string
	Length      int64
	AuthorHome  string
}

// Place is where a feed stands.
type Place struct {
	House  string // where the house is reached: origin and base, without a slash at the end
	Secret string // of a private feed
	Format string // RSS or Atom
	Cursor string // of this page
}

// Address is the path of a public feed.
func Address(of db.Thing, tag, format string) string {
	switch of.Kind {
	case db.KindUser:
		return Users + of.ID.String() + format
	case db.KindPlaylist:
		return Playlists + of.ID.String() + format
	}
	return Tags + url.PathEscape(tag) + format
}

// Of makes the Doc of a page of a feed.
func Of(f core.Feed, at Place) Doc {
	tag := db.Alike(f.Tag.Name)
	address := func(format string) string {
		if at.Secret != "" {
			return at.House + Private + at.Secret + format
		}
		return at.House + Address(f.Of, tag, format)
	}
	paged := func(cursor string) string {
		if cursor == "" {
			return address(at.Format)
		}
		return address(at.Format) + "?cursor=" + url.QueryEscape(cursor)
	}
	page := func(parts ...string) string {
		full := at.House
		for _, p := range parts {
			full += "/" + url.PathEscape(p)
		}
		return full
	}
	cover := func(of db.Thing, version uint64) string {
		v := "?v=" + strconv.FormatUint(version, 36)
		switch {
		case at.Secret != "" && of.Kind == db.KindTrack:
			return at.House + Private + at.Secret + "/" + of.ID.String() + ".jpg" + v
		case at.Secret != "":
			return at.House + Private + at.Secret + "/" + Cover + v
		case of.Kind == db.KindTrack:
			return at.House + Tracks + of.ID.String() + ".jpg" + v
		case of.Kind == db.KindPlaylist:
			return at.House + Playlists + of.ID.String() + "/" + Cover + v
		}
		return at.House + Users + of.ID.String() + "/" + Cover + v
	}
	sound := func(t db.Track) string {
		below := Tracks
		if at.Secret != "" {
			below = Private + at.Secret + "/"
		}
		return at.House + below + t.ID.String() + "." + core.ExtOf(t)
	}
	d := Doc{
		Self: paged(at.Cursor), First: paged(""), Private: f.Key != 0, Language: "en",
		Other: address(map[string]string{RSS: Atom, Atom: RSS}[at.Format]),
		ID:    uuid("feed", f.Of.ID, f.Key), Author: clean(cmp.Or(f.Owner.Name, f.House)),
	}
	if f.Next != "" {
		d.Next = paged(f.Next)
	}
	switch f.Of.Kind {
	case db.KindUser:
		d.Title, d.Text, d.Home = f.Owner.Name, f.Owner.Bio, page(f.Owner.Username)
	case db.KindPlaylist:
		d.Title, d.Text, d.Home = f.Playlist.Title, f.Playlist.Description, page(f.Owner.Username, core.PlaylistsPath, f.Playlist.Slug)
		d.Serial, d.Updated = f.Playlist.Kind == db.Album, f.Playlist.Updated
	case db.KindTag:
		d.Title, d.Home = "#"+f.Tag.Name, page("tags", f.Tag.Name)
	default:
		d.Title, d.Home = f.House+" · "+f.Owner.Name, page("")
	}
	switch {
	case f.Playlist.Picture != 0:
		d.Image = cover(f.Of, f.Playlist.Picture)
	case f.Cover.ID != 0:
		d.Image = cover(db.Thing{Kind: db.KindTrack, ID: f.Cover.ID}, f.Cover.Picture)
	case f.Of.Kind != db.KindPlaylist && f.Owner.Picture != 0:
		d.Image = cover(db.Thing{Kind: db.KindUser, ID: f.Owner.ID}, f.Owner.Picture)
	}
	d.Title = clean(d.Title)
	if d.Text = clean(d.Text); d.Text == "" { // podcast apps want one
		d.Text = d.Title
		if f.Of.Kind != 0 {
			d.Text += " · " + clean(f.House)
		}
	}
	words := d.Title + d.Text
	for _, i := range f.Items {
		t := i.Track
		item := Item{
			ID: uuid("track", t.ID, 0), Home: page(i.Owner.Username, t.Slug),
			Title: clean(t.Title), Text: clean(t.Description), Author: clean(cmp.Or(t.Artist, i.Owner.Name)), AuthorHome: page(i.Owner.Username),
			Published: i.Since.UTC().Truncate(time.Second), Updated: t.Updated.UTC().Truncate(time.Second),
			Duration: (t.Audio.Duration + 500_000) / 1_000_000,
			Audio:    sound(t), Length: t.Audio.Size,
		}
		item.Type, _, _ = strings.Cut(core.TypeOf(t), ";")
		if t.Picture != 0 {
			item.Image = cover(db.Thing{Kind: db.KindTrack, ID: t.ID}, t.Picture)
			if d.Image == "" {
				d.Image = item.Image
			}
		}
		if d.Serial {
			item.Number = i.Number
		}
		for _, tag := range t.Tags {
			item.Tags = append(item.Tags, clean(tag))
		}
		for _, at := range []time.Time{item.Published, item.Updated} {
			if at.After(d.Updated) {
				d.Updated = at
			}
		}
		words += item.Title
		d.Items = append(d.Items, item)
	}
	if d.Updated = d.Updated.UTC().Truncate(time.Second); d.Updated.Unix() < 0 {
		d.Updated = time.Unix(0, 0).UTC()
	}
	if strings.ContainsFunc(words, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) {
		d.Language = "ko"
	}
	return d
}

// clean drops what XML 1.0 can't hold (section 2.2): control characters,
// surrogates, U+FFFE and U+FFFF.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// uuid names a thing by a UUID of version 5 (RFC 9562 section 5.5), in the name
// space that podcasts have for theirs (podcastindex.org, podcast:guid). Ids are
// never given twice, so the house's address, which may change, has no part in it.
func uuid(kind string, ids ...db.ID) string {
	space, _ := hex.DecodeString("ead4c236bf5858c6a2c6a6b28d128cb6")
	h := sha1.New()
	h.Write(space)
	h.Write([]byte("earshot/" + kind))
	for _, id := range ids {
		h.Write([]byte("/" + id.String()))
	}
	b := h.Sum(nil)[:16]
	b[6], b[8] = b[6]&0x0f|0x50, b[8]&0x3f|0x80
	x := hex.EncodeToString(b)
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// Version is a text that is another one whenever something else is written.
func (d Doc) Version() string {
	h := sha256.New()
	h.Write([]byte(form))
	sum(h, reflect.ValueOf(d))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// sum adds all of a value, each text with its length before it.
func sum(h hash.Hash, v reflect.Value) {
	var b [8]byte
	number := func(n uint64) {
		binary.BigEndian.PutUint64(b[:], n)
		h.Write(b[:])
	}
	switch v.Kind() {
	case reflect.String:
		number(uint64(v.Len()))
		h.Write([]byte(v.String()))
	case reflect.Int, reflect.Int64:
		number(uint64(v.Int()))
	case reflect.Bool:
		number(map[bool]uint64{true: 1}[v.Bool()])
	case reflect.Slice:
		number(uint64(v.Len()))
		for i := range v.Len() {
			sum(h, v.Index(i))
		}
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			number(uint64(at.Unix()))
			return
		}
		for i := range v.NumField() {
			sum(h, v.Field(i))
		}
	default:
		panic("feed: no sum of a " + v.Kind().String())
	}
}

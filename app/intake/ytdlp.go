package intake

import (
	"bytes"
	"errors"
	"html"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ErrNotTrack means that an .info.json is well, and about no single track: a
// playlist, or a channel.
var ErrNotTrack = errors.New("this is not about one track")

// YTDLP reads what yt-dlp writes about one file, an .info.json, by the fields
// that the documentation of its extractors names. Whatever is of another type
// than there is taken as not said.
func YTDLP(info []byte) (Item, error) { return YTDLPFrom(bytes.NewReader(info)) }

// YTDLPFrom is YTDLP of a file that is read as far as needed: what it is large
// of (formats, subtitles, fragments) is never in memory.
func YTDLPFrom(r io.Reader) (Item, error) {
	d := NewJSON(r, MaxInfo)
	var it Item
	said := map[string]string{}
	numbers := map[string]float64{}
	lists := map[string][]string{}
	kind, seen := "", false
	err := d.Object(func(key string) error {
		seen = true
		switch key {
		case "title", "fulltitle", "track", "alt_title", "artist", "creator", "uploader", "channel", "album_artist", "album", "genre",
			"description", "webpage_url", "original_url", "upload_date", "release_date", "_filename", "filename", "_type":
			said[key] = d.Text()
		case "timestamp", "release_timestamp", "release_year", "duration":
			numbers[key] = d.Number()
		case "artists", "creators", "genres", "tags", "categories", "album_artists":
			lists[key] = d.Texts(maxWords)
		case "comments":
			return d.Array(func() error {
				if len(it.Comments) >= MaxComments {
					return d.Skip()
				}
				if c, ok := d.comment(); ok {
					it.Comments = append(it.Comments, c)
				}
				return d.Err()
			})
		default:
			return d.Skip()
		}
		return d.Err()
	})
	if err == nil {
		err = d.Err()
	}
	switch kind = said["_type"]; {
	case err != nil:
		return Item{}, err
	case !seen:
		return Item{}, ErrNotJSON
	case kind != "" && kind != "video":
		return Item{}, ErrNotTrack
	}
	it.Title = short(first(said["track"], said["title"], said["fulltitle"], said["alt_title"]))
	it.Artist = short(first(said["artist"], strings.Join(lists["artists"], ", "), said["creator"], strings.Join(lists["creators"], ", "),
		said["album_artist"], strings.Join(lists["album_artists"], ", "), said["uploader"], said["channel"]))
	it.Album = short(said["album"])
	it.Description = long(said["description"])
	it.addTags(words(said["genre"]))
	for _, name := range []string{"genres", "tags", "categories"} {
		for _, s := range lists[name] {
			if s = short(strings.TrimLeft(s, "#")); s != "" {
				it.addTags([]string{s})
			}
		}
	}
	it.URL = first(address(said["webpage_url"]), address(said["original_url"]))
	it.Created = unix(numbers["timestamp"])
	for _, s := range []string{said["upload_date"], said["release_date"]} {
		if at, ok := date(s); ok && it.Created.IsZero() {
			it.Created = at
		}
	}
	if it.Created.IsZero() {
		it.Created = unix(numbers["release_timestamp"])
	}
	switch y := numbers["release_year"]; {
	case y >= 1000 && y < 10_000:
		it.Year = int(y)
	case year(said["release_date"]) != 0:
		it.Year = year(said["release_date"])
	case !it.Created.IsZero():
		it.Year = it.Created.Year()
	}
	if name := first(said["_filename"], said["filename"]); name != "" {
		it.Path = clip(path.Base(strings.ReplaceAll(name, `\`, "/")), maxShort)
	}
	if length := numbers["duration"]; length > 0 {
		for i, c := range it.Comments {
			if c.Timed && c.At.Seconds() > length {
				it.Comments[i].At, it.Comments[i].Timed = 0, false // it is about something else
			}
		}
	}
	return it, nil
}

// comment reads one comment, as yt-dlp writes it or as SoundCloud's API does.
//
// yt-dlp documents author, text or html, timestamp (when it was written, in
// seconds since 1970), id and parent ("root" for none), and no place for the
// moment that it is about. Where an extractor adds one, it is taken from
// start_time (seconds, as chapters have it) or position_ms; otherwise the one
// time code that the text names is the moment.
// SoundCloud has body, created_at, user, and timestamp: the moment in
// milliseconds.
func (d *JSON) comment() (Comment, bool) {
	var c Comment
	var text, markup, body, created, user string
	stamp, start, ms := -1.0, -1.0, -1.0
	err := d.Object(func(key string) error {
		switch key {
		case "author":
			c.Author = d.Text()
		case "username":
			user = d.Text()
		case "text":
			text = d.Text()
		case "html":
			markup = d.Text()
		case "body":
			body = d.Text()
		case "timestamp":
			stamp = d.NumberOr(-1)
		case "start_time":
			start = d.NumberOr(-1)
		case "position_ms":
			ms = d.NumberOr(-1)
		case "created_at":
			created = d.Text()
		case "id":
			c.ID = short(d.Text())
		case "parent":
			c.Parent = short(d.Text())
		case "user":
			return d.Object(func(key string) error {
				if key == "username" || key == "full_name" && user == "" {
					if name := d.Text(); name != "" {
						user = name
					}
					return d.Err()
				}
				return d.Skip()
			})
		default:
			return d.Skip()
		}
		return d.Err()
	})
	if err != nil {
		return c, false
	}
	if c.Parent == "root" {
		c.Parent = ""
	}
	c.Author = short(first(c.Author, user))
	c.Created = when(created)
	switch {
	case body != "" && text == "" && markup == "":
		c.Text = long(body)
		ms = max(ms, stamp)
	default:
		if text == "" {
			text = html.UnescapeString(markupOut.ReplaceAllString(breaks.ReplaceAllString(markup, "\n"), ""))
		}
		c.Text = long(text)
		if c.Created.IsZero() {
			c.Created = unix(stamp)
		}
	}
	switch most := (100 * time.Hour).Seconds(); {
	case ms >= 0 && ms/1000 < most:
		c.At, c.Timed = time.Duration(ms*1e6), true
	case start >= 0 && start < most:
		c.At, c.Timed = time.Duration(start*1e9), true
	default:
		c.At, c.Timed = timeCode(c.Text)
	}
	return c, c.Text != ""
}

var (
	breaks    = regexp.MustCompile(`(?i)<br\s*/?>|</p>`)
	markupOut = regexp.MustCompile(`<[^<>]*>`)
)

// when reads a moment, as text or as seconds since 1970.
func when(s string) time.Time {
	if t, ok := date(s); ok {
		return t
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		return unix(n)
	}
	return time.Time{}
}

// imageEnds are the ends of pictures that lie beside an audio file.
var imageEnds = []string{".jpg", ".jpeg", ".png", ".webp", ".gif"}

// Beside names what yt-dlp writes next to an audio file: what is known of it,
// and the pictures that may be there.
func Beside(audio string) (info string, images []string) {
	base := strings.TrimSuffix(audio, path.Ext(audio))
	for _, end := range imageEnds {
		images = append(images, base+end)
	}
	return base + ".info.json", images
}

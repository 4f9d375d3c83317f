// Package intake reads what other programs and people wrote down about tracks:
// lists in CSV, what yt-dlp leaves beside a file, and folders of files with
// lists among them. It knows no house: it opens no file by itself, decides
// nothing about permission, and what it gives is to be checked like anything
// that comes from outside.
//
// Whatever it is given, it takes memory and time in bounds, and gives a
// sentence for what it can't read.
package intake

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of what is read.
const (
	MaxList     = 5 << 20  // bytes of a CSV file
	MaxRows     = 100_000  // of a list, wrong ones and empty ones too
	MaxInfo     = 32 << 20 // bytes of an .info.json
	MaxComments = 10_000   // of one track

	maxRow     = 64 << 10 // bytes of a row
	maxColumns = 200
	maxText    = 20_000 // bytes that are kept of any one text
	maxShort   = 1_000  // bytes that are kept of a title, a name, a path
	maxWords   = 100    // tags that are kept of one track
)

// Item is what was written down about one track.
type Item struct {
	Line        int    // of the list where its row begins, from 1; 0 when it is of no list
	Path        string // of the audio, as the list names it: see Files for which file that is
	Image       string // likewise, of its picture
	Title       string
	Artist      string
	Album       string
	Description string
	Tags        []string
	Year        int       // 0 when not said
	User        string    // whose it shall be: a username or an e-mail address
	Created     time.Time // when it was published, or made; zero when not said
	URL         string    // of the page it comes from; http or https
	Visibility  string    // "public", "followers", "link", "private", or "" when not said
	Playlist    string    // the title of the playlist in which it has its place
	Comments    []Comment // in the order in which they were found
}

// Comment is something that somebody said about a track.
type Comment struct {
	At      time.Duration // from the start
	Timed   bool          // At was said; otherwise it is about the whole
	Author  string
	Text    string
	Created time.Time // zero when not said

	ID, Parent string // as the source names them; Parent is of the comment that it replies to, "" for none
}

// Problem is why a row, or a whole list, could not be read.
type Problem struct {
	Line int    // where the row begins, from 1; 0 when it is of the whole
	Code string // stable
	Text string // a sentence for people
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Text }

// short gives a one-line text, cut.
func short(s string) string {
	return clip(strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " "), maxShort)
}

// long gives a text that may have lines, cut.
func long(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return clip(strings.TrimSpace(s), maxText)
}

// clip cuts a text to so many bytes, at a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return strings.Clone(strings.TrimSpace(s[:most]))
}

// words splits a field of tags: at , ; | and #, and at line ends.
func words(s string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;|#、，\n\r\t", r) }) {
		if w = short(w); w != "" && len(out) < maxWords {
			out = append(out, w)
		}
	}
	return out
}

// tagList splits tags as SoundCloud writes them: at spaces, and those of
// several words in quotes.
func tagList(s string) []string {
	var out []string
	for s = strings.TrimSpace(s); s != "" && len(out) < maxWords; s = strings.TrimSpace(s) {
		var w string
		if s[0] == '"' {
			w, s, _ = strings.Cut(s[1:], `"`)
		} else if i := strings.IndexAny(s, " \t\r\n"); i >= 0 {
			w, s = s[:i], s[i:]
		} else {
			w, s = s, ""
		}
		if w = short(strings.TrimLeft(w, "#")); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// address gives a web address, and nothing for anything else.
func address(s string) string {
	s = short(s)
	if l := strings.ToLower(s); strings.HasPrefix(l, "http://") || strings.HasPrefix(l, "https://") {
		return s
	}
	return ""
}

// dates are how days and moments are written, as far as they say one thing only.
var dates = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly,
	"2006/01/02 15:04:05 -0700", "2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02", "2006/1/2",
	"2006.01.02 15:04:05", "2006.01.02", "2006. 1. 2.", "2006. 1. 2", "2006.1.2", "2006.1.2.", "2006-1-2", "2006년 1월 2일", "2006년1월2일",
	"20060102", "2006-01", "2006", time.RFC1123Z, time.RFC1123, "2 January 2006", "2 Jan 2006", "January 2, 2006", "Jan 2, 2006",
}

// date reads a day or a moment; without a zone it is UTC.
func date(s string) (time.Time, bool) {
	if s = strings.TrimSpace(s); len(s) > 40 {
		return time.Time{}, false
	}
	for _, layout := range dates {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1000 && t.Year() < 10_000 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// unix gives the moment of so many seconds since 1970; zero for what is none.
func unix(seconds float64) time.Time {
	if !(seconds > 0) || seconds > 250e9 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// year finds a year in what may be a day as well; 0 when there is none.
func year(s string) int {
	digits := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] >= '0' && s[i] <= '9' {
			digits++
			continue
		}
		if digits == 4 || digits == 8 { // 1999, 19991231
			n, _ := strconv.Atoi(s[i-digits : i-digits+4])
			if n >= 1000 {
				return n
			}
		}
		digits = 0
	}
	return 0
}

// visibilities are the words for who may hear something.
var visibilities = map[string]string{
	"public": "public", "open": "public", "yes": "public", "true": "public", "1": "public", "y": "public",
	"공개": "public", "전체": "public", "전체공개": "public",
	"private": "private", "closed": "private", "no": "private", "false": "private", "0": "private", "n": "private",
	"비공개": "private", "나만": "private", "나만보기": "private",
	"followers": "followers", "follower": "followers", "팔로워": "followers", "팔로워공개": "followers",
	"link": "link", "unlisted": "link", "secret": "link", "링크": "link", "일부공개": "link", "링크공개": "link",
}

// visibility reads a word for who may hear something.
func visibility(s string) (string, bool) {
	if s = plain(s); s == "" {
		return "", true
	}
	v, ok := visibilities[s]
	return v, ok
}

// timeCode finds the one moment that a text names, such as 1:23 or 1:02:03.
// A text that names several is about none of them.
func timeCode(s string) (time.Duration, bool) {
	var found time.Duration
	n := 0
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		end := i
		for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == ':') {
			end++
		}
		if at, ok := clock(s[i:end]); ok && (end == len(s) || s[end] != '.') {
			found = at
			n++
		}
		i = end
	}
	if n != 1 {
		return 0, false
	}
	return found, true
}

// clock reads M:SS, MM:SS and H:MM:SS.
func clock(s string) (time.Duration, bool) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 || len(s) > 9 {
		return 0, false
	}
	total := 0
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || i > 0 && (len(p) != 2 || n > 59) {
			return 0, false
		}
		total = total*60 + n
	}
	return time.Duration(total) * time.Second, true
}

// first is the first text that says something.
func first(texts ...string) string { return cmp.Or(texts...) }

package portable

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Writer writes such a file, part behind part, as a stream.
type Writer struct {
	z    *zip.Writer
	made time.Time
}

// NewWriter begins a file.
func NewWriter(w io.Writer, made time.Time) *Writer {
	return &Writer{z: zip.NewWriter(w), made: made.UTC()}
}

// part begins a part; what is squeezed already is stored as it is.
func (w *Writer) part(name string, stored bool) (io.Writer, error) {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: w.made}
	if stored {
		h.Method = zip.Store
	}
	h.SetMode(0o600)
	return w.z.CreateHeader(h)
}

// Text writes a part of plain text.
func (w *Writer) Text(name, text string) error {
	to, err := w.part(name, false)
	if err == nil {
		_, err = io.WriteString(to, text)
	}
	return err
}

// Value writes a part that is one value.
func (w *Writer) Value(name string, v any) error {
	to, err := w.part(name, false)
	if err != nil {
		return err
	}
	return encoder(to, true).Encode(v)
}

func encoder(to io.Writer, wide bool) *json.Encoder {
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	if wide {
		e.SetIndent("", "  ")
	}
	return e
}

// List writes a part that is a list: each calls add with the items, one a line.
func (w *Writer) List(name string, each func(add func(item any) error) error) error {
	to, err := w.part(name, false)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(to, "{\"items\": ["); err != nil {
		return err
	}
	e, before := encoder(to, false), "\n"
	err = each(func(item any) error {
		if _, err := io.WriteString(to, before); err != nil {
			return err
		}
		before = ","
		return e.Encode(item)
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(to, "]}\n")
	return err
}

// Table writes tracks.csv. Its columns are those that an import knows; a mark
// in front tells spreadsheets that it is UTF-8.
func (w *Writer) Table(each func(add func(Track) error) error, user string) error {
	to, err := w.part(TableName, false)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(to, "\uFEFF"); err != nil {
		return err
	}
	c := csv.NewWriter(to)
	if err := c.Write([]string{"title", "artist", "description", "tags", "image", "file", "user", "album", "year", "visibility", "date"}); err != nil {
		return err
	}
	err = each(func(t Track) error {
		year := ""
		if t.Year != 0 {
			year = strconv.Itoa(t.Year)
		}
		return c.Write([]string{cell(t.Title), cell(t.Artist), cell(t.Description), cell(strings.Join(t.Tags, ", ")), t.Picture, t.File, user,
			cell(t.Album), year, t.Visibility, t.Created.UTC().Format(time.RFC3339)})
	})
	c.Flush()
	if err == nil {
		err = c.Error()
	}
	return err
}

// cell is a text as it stands in the table. Spreadsheets take one that begins
// like a formula for one, unless an apostrophe is before it; tags of files from
// anywhere become titles. An import takes it off again.
func cell(s string) string {
	if bare := strings.TrimLeft(s, "'"); bare != "" && strings.ContainsRune("=+-@\t\r", rune(bare[0])) {
		return "'" + s
	}
	return s
}

// File writes a part that is squeezed already: audio, or a picture.
func (w *Writer) File(name string, write func(io.Writer) error) error {
	to, err := w.part(name, true)
	if err == nil {
		err = write(to)
	}
	return err
}

// Close ends the file.
func (w *Writer) Close() error { return w.z.Close() }

// AudioName gives the name of the n-th original: a number, and what people
// know it by, as far as every system can have a file called so.
func AudioName(n int, called, ext string) string {
	called = strings.TrimSuffix(called, path.Ext(called))
	return audioDir + numbered(n, called) + "." + safe(ext)
}

// PictureName gives the name of the picture of the n-th thing of a kind.
func PictureName(kind string, n int, called string) string {
	return picturesDir + kind + "/" + numbered(n, called) + ".jpg"
}

func numbered(n int, called string) string {
	s := strconv.Itoa(n)
	s = strings.Repeat("0", max(0, 4-len(s))) + s
	if called = safe(called); called != "" {
		s += " " + called
	}
	return s
}

// safe makes a name that may stand on the disks of all systems.
func safe(s string) string {
	var b strings.Builder
	for _, r := range s {
		if b.Len() > 100 {
			break
		}
		if r == utf8.RuneError || unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) || !unicode.IsPrint(r) {
			r = '_'
		}
		b.WriteRune(r)
	}
	return strings.Trim(b.String(), " .")
}

// Readme is the text of README.txt.
func Readme(h Head) string {
	return "These are the things of " + h.Username + " on an Earshot, a sound platform of one's own,\n" +
		"as they were on " + h.Made.Format("2 January 2006") + ".\n\n" + `audio/          the original files, as they were uploaded
pictures/       artwork, the profile picture and the banner
tracks.csv      all tracks in a table, for spreadsheets
tracks.json     all tracks, with everything that was said about them
playlists.json  playlists and albums, with their tracks in order
comments.json   what was said about these tracks, and when
written.json    what ` + h.Username + ` said about tracks of others
likes.json, reposts.json, follows.json, followers.json, history.json,
queue.json, messages.json, numbers.json, profile.json   what their names say

Everything is plain text, besides sound and pictures. Positions are in
milliseconds, times in UTC.

To bring it into another Earshot, whoever keeps that one runs:

    earshot load FILE.zip

There is no password in here and no other secret, but there is all that is
private: messages, the e-mail address, what was listened to. Keep it so.
`
}

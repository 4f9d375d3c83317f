package tag

import (
	"bytes"
	"strings"
)

// Where a year may come from, best first: when it was recorded (2.4) or the
// year of 2.2 and 2.3, when this was released, when the first edition was.
const (
	yearRecorded = iota
	yearReleased
	yearOriginal
	yearAPE
	yearV1
	numYears
)

// wants reports whether the frame could still add something, so that a tag
// with thousands of frames costs no more than walking past them.
func (f *file) wants(id string) bool {
	t := &f.tags
	switch id {
	case "TIT2":
		return t.Title == ""
	case "TPE1":
		return t.Artist == ""
	case "TPE2":
		return t.AlbumArtist == ""
	case "TALB":
		return t.Album == ""
	case "TCON":
		return len(t.Genres) == 0
	case "TDRC", "TYER":
		return f.years[yearRecorded] == 0
	case "TDRL":
		return f.years[yearReleased] == 0
	case "TDOR", "TORY":
		return f.years[yearOriginal] == 0
	case "TRCK":
		return t.Track == 0
	case "TPOS":
		return t.Disc == 0
	case "COMM":
		return f.comment < commentPlain
	case "USLT":
		return t.Lyrics == ""
	case "APIC", "PIC":
		return f.picture < pictureFront
	}
	return false
}

// useful reports whether frames of this name are read at all.
func useful(id string) bool {
	var nothing file
	return nothing.wants(id)
}

// frame takes over what a frame says. Damaged frames say nothing.
func (f *file) frame(id string, b []byte) {
	t := &f.tags
	switch id {
	case "TIT2":
		t.Title = first(texts(b, MaxLine))
	case "TPE1":
		t.Artist = joined(texts(b, MaxLine))
	case "TPE2":
		t.AlbumArtist = joined(texts(b, MaxLine))
	case "TALB":
		t.Album = first(texts(b, MaxLine))
	case "TCON":
		f.genres(texts(b, MaxLine))
	case "TDRC", "TYER":
		f.years[yearRecorded] = year(first(texts(b, MaxLine)))
	case "TDRL":
		f.years[yearReleased] = year(first(texts(b, MaxLine)))
	case "TDOR", "TORY":
		f.years[yearOriginal] = year(first(texts(b, MaxLine)))
	case "TRCK":
		t.Track, t.Tracks = numbers(first(texts(b, MaxLine)))
	case "TPOS":
		t.Disc, _ = numbers(first(texts(b, MaxLine)))
	case "COMM":
		f.addComment(b)
	case "USLT":
		if _, text, ok := described(b); ok {
			t.Lyrics = clean(text, MaxText, true)
		}
	case "APIC", "PIC":
		f.addPicture(id == "PIC", b)
	}
}

// Ranks of comments.
const (
	commentNamed = 1 // with a description
	commentPlain = 2 // without: what people see as "the comment"
)

func (f *file) addComment(b []byte) {
	name, text, ok := described(b)
	if !ok || strings.HasPrefix(name, "iTun") || strings.HasPrefix(name, "MusicMatch") {
		return // numbers that programs leave for themselves
	}
	rank := commentNamed
	if name == "" {
		rank = commentPlain
	}
	if rank <= f.comment {
		return
	}
	if text = clean(text, MaxText, true); text != "" {
		f.tags.Comment, f.comment = text, rank
	}
}

// described reads a frame of encoding, language, description and text.
func described(b []byte) (name, text string, ok bool) {
	if len(b) < 4 {
		return "", "", false
	}
	enc := b[0]
	raw, rest := untilNUL(enc, b[4:])
	if rest == nil {
		return "", "", false
	}
	name = clean(decode(enc, raw, MaxLine), MaxLine, false)
	// An encoding with byte order marks has one at the text too; where it is
	// missing, that of the description holds.
	if enc == utf16BOM && len(raw) >= 2 && len(rest) >= 2 && !hasBOM(rest) && hasBOM(raw) {
		rest = append(bytes.Clone(raw[:2]), rest[:min(len(rest), 8*MaxText)]...)
	}
	text = decode(enc, rest, MaxText)
	return name, strings.ReplaceAll(text, "\x00", "\n"), true
}

// Ranks of pictures.
const (
	pictureIcon  = 1
	pictureAny   = 2
	pictureOther = 3
	pictureFront = 4
)

// pictureRank says how good a picture of an APIC type is as artwork
// (id3v2.4.0-frames §4.14).
func pictureRank(kind byte) int {
	switch kind {
	case 3:
		return pictureFront
	case 0:
		return pictureOther
	case 1, 2:
		return pictureIcon
	}
	return pictureAny
}

func (f *file) addPicture(short bool, b []byte) {
	if len(b) < 6 {
		return
	}
	enc := b[0]
	var mime string
	if short {
		mime, b = string(b[1:4]), b[4:]
	} else {
		i := bytes.IndexByte(b[1:], 0)
		if i < 0 {
			return
		}
		mime, b = string(b[1:][:min(i, 64)]), b[1+i+1:]
	}
	if len(b) < 2 || mime == "-->" {
		return
	}
	rank := pictureRank(b[0])
	// The description's end is where writers err most (one NUL for two), so
	// the picture is where a picture's first bytes are.
	_, data := untilNUL(enc, b[1:])
	if imageType(data) == "" {
		data = findImage(b[1:])
	}
	f.setPicture(data, rank)
}

func (f *file) setPicture(data []byte, rank int) {
	if mime := imageType(data); mime != "" && rank > f.picture && len(data) <= MaxPicture {
		f.tags.Picture, f.tags.PictureMIME, f.picture = bytes.Clone(data), mime, rank
	}
}

// imageType names the kind of picture by its first bytes, "" for what is no
// picture we show.
func imageType(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return "image/gif"
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return "image/webp"
	}
	return ""
}

// findImage looks for the start of a picture in the first bytes of b.
func findImage(b []byte) []byte {
	for i := 0; i < min(len(b), 256); i++ {
		if imageType(b[i:]) != "" {
			return b[i:]
		}
	}
	return nil
}

// genres takes over the genres in vs.
func (f *file) genres(vs []string) {
	for _, v := range vs {
		for g := range strings.SplitSeq(v, ";") {
			for _, name := range genreNames(strings.TrimSpace(g)) {
				f.addGenre(name)
			}
		}
	}
}

func (f *file) addGenre(name string) {
	if name == "" || len(f.tags.Genres) == MaxGenres {
		return
	}
	for _, have := range f.tags.Genres {
		if strings.EqualFold(have, name) {
			return
		}
	}
	f.tags.Genres = append(f.tags.Genres, name)
}

// year gives the first four digits of a text such as 2019 or 2019-05-03.
func year(s string) int {
	for i := 0; i+4 <= len(s); i++ {
		n := 0
		for _, c := range []byte(s[i : i+4]) {
			if c < '0' || c > '9' {
				n = -1
				break
			}
			n = n*10 + int(c-'0')
		}
		if n > 0 {
			return n
		}
	}
	return 0
}

// numbers reads "3" or "3/12".
func numbers(s string) (n, of int) {
	a, b, _ := strings.Cut(s, "/")
	return number(a), number(b)
}

// number reads the digits s starts with; more than four are no track's number.
func number(s string) int {
	n, digits := 0, 0
	for _, c := range []byte(strings.TrimSpace(s)) {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
		if digits++; n > 9999 || digits > 9 {
			return 0
		}
	}
	return n
}

func first(vs []string) string {
	if len(vs) == 0 {
		return ""
	}
	return vs[0]
}

func joined(vs []string) string {
	return clean(strings.Join(vs, ", "), MaxLine, false)
}

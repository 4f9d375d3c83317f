package tag

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

const id3v1Size = 128

// id3v1 fills in what nothing better has said, from an ID3v1 or 1.1 tag.
func (f *file) id3v1(b []byte) {
	t := &f.tags
	fill := func(dst *string, b []byte) {
		if *dst == "" {
			*dst = v1Text(b)
		}
	}
	fill(&t.Title, b[3:33])
	fill(&t.Artist, b[33:63])
	fill(&t.Album, b[63:93])
	f.years[yearV1] = year(string(b[93:97]))
	comment := b[97:127]
	if comment[28] == 0 && comment[29] != 0 { // 1.1
		if t.Track == 0 {
			t.Track = int(comment[29])
		}
		comment = comment[:28]
	}
	fill(&t.Comment, comment)
	if len(t.Genres) == 0 {
		f.addGenre(genreName(int(b[127])))
	}
}

// v1Text reads a field of fixed size, padded with NULs or spaces.
func v1Text(b []byte) string {
	full := true
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b, full = b[:i], false
	}
	s := decode(latin1, b, MaxLine)
	if full && s == fromBytes(b) { // the field's end may have cut a character in two
		for cut := 1; cut < utf8.UTFMax && b[len(b)-cut] >= utf8.RuneSelf; cut++ {
			if m := mend(b[:len(b)-cut], ""); m != "" {
				s = m
				break
			}
		}
	}
	return clean(s, MaxLine, false)
}

// ape reads the APEv2 tag whose footer ends at end, and gives its length.
func (f *file) ape(end int64, foot []byte) (int64, error) {
	size := int64(binary.LittleEndian.Uint32(foot[12:])) // items and footer
	count := binary.LittleEndian.Uint32(foot[16:])
	flags := binary.LittleEndian.Uint32(foot[20:])
	if size < 32 || size > end-f.pos {
		return 0, nil
	}
	b, err := f.take(end-size, size-32)
	if err != nil {
		return 0, err
	}
	for range min(count, maxFrames) {
		key, value, kind, rest, ok := apeItem(b)
		if !ok {
			break
		}
		b = rest
		f.apeValue(key, value, kind)
	}
	if flags&(1<<31) != 0 {
		size += 32 // a header like the footer
	}
	return size, nil
}

// apeItem cuts the next item off b. kind is 0 for text, 1 for bytes, 2 for a
// link.
func apeItem(b []byte) (key string, value []byte, kind uint32, rest []byte, ok bool) {
	if len(b) < 11 {
		return "", nil, 0, nil, false
	}
	n := int64(binary.LittleEndian.Uint32(b))
	kind = binary.LittleEndian.Uint32(b[4:]) >> 1 & 3
	b = b[8:]
	end := bytes.IndexByte(b[:min(len(b), 256)], 0) // keys are 2 to 255 characters
	if end < 0 || n > int64(len(b)-end-1) {
		return "", nil, 0, nil, false
	}
	return string(b[:end]), b[end+1:][:n], kind, b[end+1+int(n):], true
}

func (f *file) apeValue(key string, value []byte, kind uint32) {
	t := &f.tags
	key = strings.ToLower(key)
	if kind == 1 && strings.HasPrefix(key, "cover art (") {
		rank := pictureAny
		if key == "cover art (front)" {
			rank = pictureFront
		}
		_, data := untilNUL(utf8Enc, value) // a file name stands first
		f.setPicture(data, rank)
		return
	}
	if kind != 0 {
		return
	}
	line := func() []string { return texts(append([]byte{utf8Enc}, value[:min(len(value), 4*MaxLine)]...), MaxLine) }
	switch key {
	case "title":
		if t.Title == "" {
			t.Title = first(line())
		}
	case "artist":
		if t.Artist == "" {
			t.Artist = joined(line())
		}
	case "album artist", "albumartist":
		if t.AlbumArtist == "" {
			t.AlbumArtist = joined(line())
		}
	case "album":
		if t.Album == "" {
			t.Album = first(line())
		}
	case "genre":
		if len(t.Genres) == 0 {
			f.genres(line())
		}
	case "year":
		if f.years[yearAPE] == 0 {
			f.years[yearAPE] = year(first(line()))
		}
	case "track":
		if t.Track == 0 {
			t.Track, t.Tracks = numbers(first(line()))
		}
	case "disc":
		if t.Disc == 0 {
			t.Disc, _ = numbers(first(line()))
		}
	case "comment":
		if t.Comment == "" {
			t.Comment = clean(decode(utf8Enc, value, MaxText), MaxText, true)
		}
	case "lyrics", "unsynced lyrics":
		if t.Lyrics == "" {
			t.Lyrics = clean(decode(utf8Enc, value, MaxText), MaxText, true)
		}
	}
}

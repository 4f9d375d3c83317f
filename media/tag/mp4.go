package tag

import (
	"encoding/binary"

	"earshot/media/m4a"
)

// Types of values in an MP4 file's tags, as iTunes writes them (the list of
// "well-known types" in Apple's QuickTime File Format Specification).
const (
	mp4Implicit = 0
	mp4UTF8     = 1
	mp4UTF16    = 2
)

// mp4 reads the list of tags of an MP4 file: boxes whose type is a name, each
// with boxes of type "data" in it that hold values.
func (f *file) mp4() error {
	off, n, err := m4a.Tags(f.r, f.size)
	if err != nil {
		return err
	}
	// Boxes are read one at a time: a picture may be larger than what is kept.
	end := off + n
	var short []byte // of a description that may be there in full as well
	for range maxFrames {
		if end-off < 8 {
			break
		}
		var h [8]byte
		if err := f.readAt(h[:], off); err != nil {
			return err
		}
		size := int64(binary.BigEndian.Uint32(h[:]))
		if size < 8 || size > end-off {
			size = end - off // as far as it goes
		}
		if name := string(h[4:]); f.wantsMP4(name) {
			b, err := f.take(off+8, size-8)
			if err != nil {
				return err
			}
			if name == "desc" {
				short = b
			} else {
				f.mp4Values(name, b)
			}
		}
		off += size
	}
	f.mp4Values("desc", short)
	return nil
}

// wantsMP4 reports whether a box may still add something.
func (f *file) wantsMP4(name string) bool {
	t := &f.tags
	switch name {
	case "\xa9nam":
		return t.Title == ""
	case "\xa9ART":
		return t.Artist == ""
	case "aART":
		return t.AlbumArtist == ""
	case "\xa9alb":
		return t.Album == ""
	case "\xa9gen", "gnre":
		return len(t.Genres) < MaxGenres
	case "\xa9day":
		return f.years[yearRecorded] == 0
	case "trkn":
		return t.Track == 0
	case "disk":
		return t.Disc == 0
	case "\xa9cmt":
		return f.comment < commentPlain
	case "desc", "ldes":
		return f.comment < commentNamed
	case "\xa9lyr":
		return t.Lyrics == ""
	case "covr":
		return f.picture < pictureFront
	}
	return false
}

// mp4Values takes over what the boxes in b say under a name.
func (f *file) mp4Values(name string, b []byte) {
	t := &f.tags
	var lines []string
	for range 4 * MaxGenres {
		kind, value, rest, ok := mp4Data(b)
		b = rest
		if !ok {
			if len(b) == 0 {
				break
			}
			continue
		}
		switch name {
		case "covr": // the first one is the front cover
			f.setPicture(value, pictureFront)
		case "trkn":
			if len(value) >= 4 && t.Track == 0 {
				t.Track = small(value[2:])
				if len(value) >= 6 {
					t.Tracks = small(value[4:])
				}
			}
		case "disk":
			if len(value) >= 4 && t.Disc == 0 {
				t.Disc = small(value[2:])
			}
		case "gnre": // numbers of ID3v1, from 1
			if len(value) >= 2 {
				if n := int(binary.BigEndian.Uint16(value)); n > 0 {
					f.addGenre(genreName(n - 1))
				}
			}
		case "\xa9cmt":
			f.mp4Comment(kind, value, commentPlain)
		case "desc", "ldes":
			f.mp4Comment(kind, value, commentNamed)
		case "\xa9lyr":
			if t.Lyrics == "" {
				t.Lyrics = clean(mp4Text(kind, value, MaxText), MaxText, true)
			}
		default:
			if s := clean(mp4Text(kind, value, MaxLine), MaxLine, false); s != "" {
				lines = append(lines, s)
			}
		}
	}
	switch name {
	case "\xa9nam":
		t.Title = first(lines)
	case "\xa9ART":
		t.Artist = joined(lines)
	case "aART":
		t.AlbumArtist = joined(lines)
	case "\xa9alb":
		t.Album = first(lines)
	case "\xa9gen":
		f.genres(lines)
	case "\xa9day":
		f.years[yearRecorded] = year(first(lines))
	}
}

// mp4Data cuts the next box off b, and gives its value where it is a "data" box.
func mp4Data(b []byte) (kind uint32, value, rest []byte, ok bool) {
	if len(b) < 8 {
		return 0, nil, nil, false
	}
	size := int64(binary.BigEndian.Uint32(b))
	if size < 8 || size > int64(len(b)) {
		return 0, nil, nil, false
	}
	data, rest := b[8:size], b[size:]
	if string(b[4:8]) != "data" || len(data) < 8 {
		return 0, nil, rest, false
	}
	return binary.BigEndian.Uint32(data) & 0xffffff, data[8:], rest, true
}

// mp4Text reads text. What says to be a picture or a number is none.
func mp4Text(kind uint32, b []byte, limit int) string {
	switch kind {
	case mp4UTF16:
		return decode(utf16BE, b, limit)
	case mp4Implicit, mp4UTF8:
		return decode(utf8Enc, b, limit)
	}
	return ""
}

func (f *file) mp4Comment(kind uint32, value []byte, rank int) {
	if rank <= f.comment {
		return
	}
	if s := clean(mp4Text(kind, value, MaxText), MaxText, true); s != "" {
		f.tags.Comment, f.comment = s, rank
	}
}

// small reads a number of two bytes; more than four digits are no track's.
func small(b []byte) int {
	if n := int(binary.BigEndian.Uint16(b)); n <= 9999 {
		return n
	}
	return 0
}

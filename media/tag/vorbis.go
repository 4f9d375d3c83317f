package tag

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"earshot/media/ogg"
)

// ogg reads the comments of a file in Ogg's pages.
func (f *file) ogg() error {
	b, pictures, err := ogg.Comments(f.r, f.size, f.left)
	f.left -= len(b)
	f.vorbisComment(b)
	for _, p := range pictures {
		f.left -= len(p)
		f.flacPicture(p)
	}
	f.left = max(0, f.left)
	return err
}

// vorbisComment reads a comment header as Vorbis, Opus and FLAC have it
// (Vorbis I specification §5, RFC 7845 §5.2, RFC 9639 §8.6), without what each
// of them puts around it. It fills in what nothing before it has said. Names
// are those of Xiph's recommendation and those that programs use beside it;
// a name may come several times.
func (f *file) vorbisComment(b []byte) {
	_, b, ok := counted(b) // the writer's name
	if !ok || len(b) < 4 {
		return
	}
	count := binary.LittleEndian.Uint32(b)
	b = b[4:]
	t := &f.tags
	var artists, albumArtists, genres values
	for range min(count, maxFrames) {
		var entry []byte
		if entry, b, ok = counted(b); !ok {
			break // cut short: what came whole counts
		}
		name, value, found := bytes.Cut(entry[:min(len(entry), 64)], []byte("="))
		if !found {
			continue
		}
		value = entry[len(name)+1:]
		line := func() string {
			return first(texts(append([]byte{utf8Enc}, value[:min(len(value), 4*MaxLine)]...), MaxLine))
		}
		switch strings.ToUpper(string(name)) {
		case "TITLE":
			if t.Title == "" {
				t.Title = line()
			}
		case "ARTIST":
			artists.add(line)
		case "ALBUMARTIST", "ALBUM ARTIST", "ALBUM_ARTIST":
			albumArtists.add(line)
		case "ALBUM":
			if t.Album == "" {
				t.Album = line()
			}
		case "GENRE":
			genres.add(line)
		case "DATE", "YEAR":
			if f.years[yearRecorded] == 0 {
				f.years[yearRecorded] = year(line())
			}
		case "RELEASEDATE":
			if f.years[yearReleased] == 0 {
				f.years[yearReleased] = year(line())
			}
		case "ORIGINALDATE", "ORIGINALYEAR":
			if f.years[yearOriginal] == 0 {
				f.years[yearOriginal] = year(line())
			}
		case "TRACKNUMBER", "TRACK":
			if t.Track == 0 {
				n, of := numbers(line())
				t.Track = n
				if t.Tracks == 0 {
					t.Tracks = of
				}
			}
		case "TRACKTOTAL", "TOTALTRACKS":
			if t.Tracks == 0 {
				t.Tracks = number(line())
			}
		case "DISCNUMBER", "DISC":
			if t.Disc == 0 {
				t.Disc, _ = numbers(line())
			}
		case "COMMENT":
			f.plainComment(value, commentPlain)
		case "DESCRIPTION":
			f.plainComment(value, commentNamed)
		case "LYRICS", "UNSYNCEDLYRICS", "UNSYNCED LYRICS":
			if t.Lyrics == "" {
				t.Lyrics = clean(decode(utf8Enc, value, MaxText), MaxText, true)
			}
		case "METADATA_BLOCK_PICTURE":
			if rank, known := pictureRankBase64(value); known && rank > f.picture {
				f.flacPicture(unbase64(value))
			}
		case "COVERART": // from before there was the above
			if pictureOther > f.picture {
				f.setPicture(unbase64(value), pictureOther)
			}
		}
	}
	if t.Artist == "" {
		t.Artist = joined(artists)
	}
	if t.AlbumArtist == "" {
		t.AlbumArtist = joined(albumArtists)
	}
	if len(t.Genres) == 0 {
		f.genres(genres)
	}
}

// counted cuts a field off b that begins with its length.
func counted(b []byte) (field, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.LittleEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// values are what came under one name, without repeats.
type values []string

// add takes what line gives. There are no more of them than are looked at.
func (vs *values) add(line func() string) {
	if len(*vs) == 4*MaxGenres {
		return
	}
	s := line()
	for _, have := range *vs {
		if have == s {
			return
		}
	}
	if s != "" {
		*vs = append(*vs, s)
	}
}

// plainComment takes a comment in UTF-8 unless a better one was there.
func (f *file) plainComment(value []byte, rank int) {
	if rank <= f.comment {
		return
	}
	if s := clean(decode(utf8Enc, value, MaxText), MaxText, true); s != "" {
		f.tags.Comment, f.comment = s, rank
	}
}

// pictureRankBase64 says how good a picture is from the first characters of
// its structure, so that only what will be used is decoded.
func pictureRankBase64(b []byte) (rank int, ok bool) {
	var head [6]byte
	if len(b) < 8 || len(b) > base64.StdEncoding.EncodedLen(MaxPicture+maxPictureHead) {
		return 0, false
	}
	if _, err := base64.StdEncoding.Decode(head[:], b[:8]); err != nil {
		return 0, false
	}
	return flacPictureRank(head[:]), true
}

// unbase64 decodes b, whose padding may be missing. What is damaged gives nil.
func unbase64(b []byte) []byte {
	if len(b) > base64.StdEncoding.EncodedLen(MaxPicture+maxPictureHead) {
		return nil
	}
	b = bytes.TrimRight(b, "=\x00 \r\n")
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(b)))
	n, err := base64.RawStdEncoding.Decode(out, b)
	if err != nil {
		return nil
	}
	return out[:n]
}

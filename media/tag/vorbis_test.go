package tag

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// wantLimitsKept checks what holds of the tags of any file.
func wantLimitsKept(t *testing.T, got Tags) {
	t.Helper()
	for _, s := range append([]string{got.Title, got.Artist, got.AlbumArtist, got.Album}, got.Genres...) {
		if len(s) > MaxLine || strings.ContainsAny(s, "\n\t") {
			t.Errorf("line of %d bytes: %.100q", len(s), s)
		}
	}
	for _, s := range append([]string{got.Title, got.Artist, got.AlbumArtist, got.Album, got.Comment, got.Lyrics}, got.Genres...) {
		if !utf8.ValidString(s) || len(s) > MaxText || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
			t.Errorf("unclean text %.100q", s)
		}
	}
	if got.Year < 0 || got.Year > 9999 || got.Track < 0 || got.Track > 9999 || got.Tracks < 0 || got.Tracks > 9999 || got.Disc < 0 || got.Disc > 9999 ||
		len(got.Genres) > MaxGenres || (got.Picture == nil) != (got.PictureMIME == "") || len(got.Picture) > MaxPicture {
		t.Errorf("out of bounds: %+v", got)
	}
}

func counted4(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
}

// comments builds a comment header.
func comments(entries ...string) []byte {
	b := binary.LittleEndian.AppendUint32(counted4(nil, "some encoder"), uint32(len(entries)))
	for _, e := range entries {
		b = counted4(b, e)
	}
	return b
}

// pictureBlock builds a picture's structure.
func pictureBlock(kind uint32, mime, desc string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, kind)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(mime))), mime...)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(desc))), desc...)
	b = append(b, make([]byte, 16)...)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(data))), data...)
}

func TestVorbisComments(t *testing.T) {
	t.Parallel()
	front, other := jpegLike("front"), jpegLike("other")
	b64 := base64.StdEncoding.EncodeToString
	tests := []struct {
		name string
		in   []byte
		want Tags
	}{
		{"nothing", nil, Tags{}},
		{"no entries", comments(), Tags{}},
		{"everything", comments("TITLE=밤 기차", "artist=하현우", "Artist=Mina", "ALBUMARTIST=Various", "ALBUM=Café", "GENRE=Rock", "GENRE=Shoegaze", "DATE=2021-05-03",
			"TRACKNUMBER=3/12", "DISCNUMBER=2", "COMMENT=Hello\r\nyou", "LYRICS=la\nla"),
			Tags{Title: "밤 기차", Artist: "하현우, Mina", AlbumArtist: "Various", Album: "Café", Genres: []string{"Rock", "Shoegaze"}, Year: 2021,
				Track: 3, Tracks: 12, Disc: 2, Comment: "Hello\nyou", Lyrics: "la\nla"}},
		{"total of its own, other names", comments("TRACKTOTAL=9", "TRACKNUMBER=07", "YEAR=1998", "ALBUM ARTIST=V", "UNSYNCEDLYRICS=x", "DESCRIPTION=d"),
			Tags{Track: 7, Tracks: 9, Year: 1998, AlbumArtist: "V", Lyrics: "x", Comment: "d"}},
		{"comment before description", comments("DESCRIPTION=d", "COMMENT=c", "COMMENT=e"), Tags{Comment: "c"}},
		{"value with an equals sign", comments("TITLE=a=b"), Tags{Title: "a=b"}},
		{"entries that say nothing", comments("", "TITLE", "=x", "TITLE=", "TITLE=T", "TITLE=U"), Tags{Title: "T"}},
		{"repeats", comments("ARTIST=A", "ARTIST=A", "ARTIST=B"), Tags{Artist: "A, B"}},
		{"Korean in CP949", comments("TITLE=" + cp949(t, "안녕하세요")), Tags{Title: "안녕하세요"}},
		{"Latin-1", comments("TITLE=caf\xe9"), Tags{Title: "café"}},
		{"controls", comments("TITLE=a\x00b", "ARTIST=\u202ec\x7f"), Tags{Title: "a", Artist: "c"}},
		{"front cover comes second", comments("METADATA_BLOCK_PICTURE="+b64(pictureBlock(0, "image/jpeg", "", other)), "METADATA_BLOCK_PICTURE="+b64(pictureBlock(3, "image/jpeg", "그림", front))),
			Tags{Picture: front, PictureMIME: "image/jpeg"}},
		{"picture without padding, in lines", comments("metadata_block_picture=" + strings.TrimRight(strings.Join([]string{b64(pictureBlock(3, "", "", front))[:16], b64(pictureBlock(3, "", "", front))[16:]}, "\n"), "=")),
			Tags{Picture: front, PictureMIME: "image/jpeg"}},
		{"old cover", comments("COVERARTMIME=image/png", "COVERART="+b64(other)), Tags{Picture: other, PictureMIME: "image/jpeg"}},
		{"picture by link", comments("METADATA_BLOCK_PICTURE=" + b64(pictureBlock(3, "-->", "", []byte("http://127.0.0.1/")))), Tags{}},
		{"picture longer than it is", comments("METADATA_BLOCK_PICTURE=" + b64(pictureBlock(3, "image/jpeg", "", front)[:40])), Tags{}},
		{"picture that is no base64", comments("METADATA_BLOCK_PICTURE=AAAAAwAA!!!!", "TITLE=T"), Tags{Title: "T"}},
		{"cut short", comments("TITLE=T", "ARTIST=Someone")[:45], Tags{Title: "T"}},
		{"count that lies", append(binary.LittleEndian.AppendUint32(counted4(nil, "v"), 1<<32-1), counted4(nil, "TITLE=T")...), Tags{Title: "T"}},
		{"length that lies", append(comments()[:16], "\x01\x00\x00\x00\xff\xff\xff\xffTITLE=T"...), Tags{}},
		{"writer's name that lies", []byte("\xff\xff\xff\x7fabc"), Tags{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &file{left: maxBytes, inflate: maxBytes}
			f.vorbisComment(tt.in)
			if diff := cmp.Diff(tt.want, f.result()); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatVorbisCommentsMayCost(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("x", 100_000)
	var entries []string
	for range 70_000 {
		entries = append(entries, "ARTIST="+line[:100], "TITLE=", "GENRE=;;;;;;")
	}
	big := "METADATA_BLOCK_PICTURE=" + base64.StdEncoding.EncodeToString(pictureBlock(3, "image/jpeg", "", append(jpegLike("big"), make([]byte, MaxPicture)...)))
	for name, in := range map[string][]byte{
		"many entries":      comments(entries...),
		"long entries":      comments("TITLE="+line, "COMMENT="+line, "LYRICS="+line),
		"too large picture": comments(big),
	} {
		f := &file{left: maxBytes}
		f.vorbisComment(in)
		tags := f.result()
		if len(tags.Title) > MaxLine || len(tags.Artist) > MaxLine || len(tags.Comment) > MaxText || tags.Picture != nil {
			t.Errorf("%s: limits are not kept", name)
		}
	}
}

func FuzzVorbisComment(f *testing.F) {
	f.Add(comments("TITLE=T", "ARTIST=A", "GENRE=17", "TRACKNUMBER=1/2", "COMMENT=c"))
	f.Add(comments("METADATA_BLOCK_PICTURE=" + base64.StdEncoding.EncodeToString(pictureBlock(3, "image/jpeg", "d", jpegLike("p")))))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.Clone(b)
		x := &file{left: maxBytes, inflate: maxBytes}
		x.vorbisComment(b)
		x.flacPicture(b)
		wantLimitsKept(t, x.result())
		if !bytes.Equal(in, b) {
			t.Error("input was written to")
		}
	})
}

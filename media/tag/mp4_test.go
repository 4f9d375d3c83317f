package tag

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"earshot/media/mediatest"
)

func atom(kind string, content ...[]byte) []byte {
	body := slices.Concat(content...)
	return slices.Concat(be32(8+len(body)), []byte(kind), body)
}

// item is a tag with values of a type.
func item(name string, kind int, values ...string) []byte {
	var data [][]byte
	for _, v := range values {
		data = append(data, atom("data", be32(kind), be32(0), []byte(v)))
	}
	return atom(name, data...)
}

// mp4File is a file of nothing but tags.
func mp4File(items ...[]byte) []byte {
	hdlr := atom("hdlr", make([]byte, 8), []byte("mdirappl"), make([]byte, 9))
	return slices.Concat(atom("ftyp", []byte("M4A "), be32(0)), atom("moov", atom("mvhd", make([]byte, 100)), atom("udta", atom("meta", be32(0), hdlr, atom("ilst", items...)))))
}

func readMP4(t testing.TB, b []byte) Tags {
	t.Helper()
	f := &file{r: bytes.NewReader(b), size: int64(len(b)), left: maxBytes, inflate: maxBytes}
	if err := f.mp4(); err != nil {
		t.Fatal(err)
	}
	return f.result()
}

func TestMP4(t *testing.T) {
	t.Parallel()
	front, png := jpegLike("front"), []byte("\x89PNG\r\n\x1a\nrest")
	tests := []struct {
		name string
		file []byte
		want Tags
	}{
		{"nothing", nil, Tags{}},
		{"no tags", mp4File(), Tags{}},
		{"everything", mp4File(item("\xa9nam", 1, "밤 기차"), item("\xa9ART", 1, "하현우", "Mina"), item("aART", 1, "Various"), item("\xa9alb", 1, "Café"), item("\xa9gen", 1, "Shoegaze"),
			item("\xa9day", 1, "2021-05-03T07:00:00Z"), item("trkn", 0, "\x00\x00\x00\x03\x00\x0c\x00\x00"), item("disk", 0, "\x00\x00\x00\x02\x00\x02"),
			item("\xa9cmt", 1, "Hello\r\nyou"), item("\xa9lyr", 1, "la\nla"), item("covr", 13, string(front))),
			Tags{Title: "밤 기차", Artist: "하현우, Mina", AlbumArtist: "Various", Album: "Café", Genres: []string{"Shoegaze"}, Year: 2021, Track: 3, Tracks: 12, Disc: 2,
				Comment: "Hello\nyou", Lyrics: "la\nla", Picture: front, PictureMIME: "image/jpeg"}},
		{"genre by number", mp4File(item("gnre", 0, "\x00\x12")), Tags{Genres: []string{"Rock"}}},
		{"genre by a number that is none", mp4File(item("gnre", 0, "\xff\xff"), item("gnre", 0, "\x00\x00")), Tags{}},
		{"text of no type, and in UTF-16", mp4File(item("\xa9nam", 0, "Plain"), item("\xa9ART", 2, be("하현우"))), Tags{Title: "Plain", Artist: "하현우"}},
		{"Korean in CP949", mp4File(item("\xa9nam", 1, cp949(t, "안녕하세요"))), Tags{Title: "안녕하세요"}},
		{"description, long and short", mp4File(item("desc", 1, "short"), item("ldes", 1, "long")), Tags{Comment: "long"}},
		{"only the short one", mp4File(item("desc", 1, "short")), Tags{Comment: "short"}},
		{"comment before description", mp4File(item("ldes", 1, "long"), item("\xa9cmt", 1, "comment")), Tags{Comment: "comment"}},
		{"several covers, the type lies", mp4File(item("covr", 13, string(png), string(front))), Tags{Picture: png, PictureMIME: "image/png"}},
		{"first cover is none", mp4File(item("covr", 27, "BM...", string(front))), Tags{Picture: front, PictureMIME: "image/jpeg"}},
		{"text that says to be a picture", mp4File(item("\xa9nam", 13, "x"), item("\xa9ART", 1, "A")), Tags{Artist: "A"}},
		{"other boxes between", mp4File(atom("----", atom("mean", be32(0), []byte("x"))), atom("\xa9nam", atom("name", []byte("xx")), atom("data", be32(1), be32(0), []byte("T")))), Tags{Title: "T"}},
		{"twice", mp4File(item("\xa9nam", 1, "One"), item("\xa9nam", 1, "Two")), Tags{Title: "One"}},
		{"numbers too short", mp4File(item("trkn", 0, "\x00\x03"), item("disk", 0, "")), Tags{}},
		{"track of five digits", mp4File(item("trkn", 0, "\x00\x00\xff\xff\x00\x0c")), Tags{Tracks: 12}},
		{"value longer than its box", mp4File(slices.Concat(be32(24), []byte("\xa9nam"), be32(100), []byte("data"), be32(1), be32(0)), item("\xa9ART", 1, "A")), Tags{Artist: "A"}},
		{"box longer than the list", mp4File(item("\xa9ART", 1, "A"), slices.Concat(be32(1<<31-1), []byte("\xa9nam"), atom("data", be32(1), be32(0), []byte("T")))), Tags{Title: "T", Artist: "A"}},
		{"box of size 0", mp4File(item("\xa9ART", 1, "A"), be32(0), be32(0)), Tags{Artist: "A"}},
		{"meta without a version, in moov", slices.Concat(atom("ftyp", []byte("M4A "), be32(0)), atom("moov", atom("meta", atom("hdlr", make([]byte, 25)), atom("ilst", item("\xa9nam", 1, "T"))))), Tags{Title: "T"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, readMP4(t, tt.file)); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatMP4MayCost(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"many items":        mp4File(bytes.Repeat(item("\xa9gen", 1, "x"), 200_000)),
		"many values":       mp4File(item("\xa9ART", 1, slices.Repeat([]string{strings.Repeat("y", 50)}, 100_000)...)),
		"too large picture": mp4File(item("covr", 13, string(jpegLike("x"))+strings.Repeat("x", MaxPicture))),
		"long text":         mp4File(item("\xa9nam", 1, strings.Repeat("x", 5<<20)), item("\xa9lyr", 1, strings.Repeat("x", 5<<20))),
		"empty boxes":       mp4File(bytes.Repeat(be32(8), 400_000)),
	} {
		got := readMP4(t, b)
		wantLimitsKept(t, got)
		if got.Picture != nil {
			t.Errorf("%s: a picture of %d bytes", name, len(got.Picture))
		}
	}
}

// oggFile is one stream of three packets, of which the second is comments.
func oggFile(head, prefix string, comment []byte) []byte {
	var out []byte
	seq := uint32(0)
	page := func(flags byte, lacing, body []byte) {
		le := binary.LittleEndian
		b := append([]byte("OggS\x00"), flags)
		b = le.AppendUint32(le.AppendUint32(le.AppendUint64(b, 0), 7), seq)
		b = append(append(append(le.AppendUint32(b, 0), byte(len(lacing))), lacing...), body...)
		le.PutUint32(b[22:], oggCRC(b))
		out, seq = append(out, b...), seq+1
	}
	page(2, []byte{byte(len(head))}, []byte(head))
	rest := append([]byte(prefix), comment...)
	for flags := byte(0); ; flags = 1 {
		n := min(len(rest), 255*255)
		lacing := bytes.Repeat([]byte{255}, n/255)
		if n < 255*255 {
			lacing = append(lacing, byte(n%255))
		}
		page(flags, lacing, rest[:n])
		if rest = rest[n:]; n < 255*255 {
			return out
		}
	}
}

func oggCRC(b []byte) (c uint32) {
	for _, x := range b {
		c ^= uint32(x) << 24
		for range 8 {
			if c>>31 != 0 {
				c = c<<1 ^ 0x04c11db7
			} else {
				c <<= 1
			}
		}
	}
	return c
}

const opusHead = "OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00"

func readOgg(t testing.TB, b []byte) Tags {
	t.Helper()
	f := &file{r: bytes.NewReader(b), size: int64(len(b)), left: maxBytes, inflate: maxBytes}
	if err := f.ogg(); err != nil {
		t.Fatal(err)
	}
	return f.result()
}

func TestOgg(t *testing.T) {
	t.Parallel()
	front := append(jpegLike("front"), make([]byte, 500_000)...) // over eleven pages
	block := "METADATA_BLOCK_PICTURE=" + base64.StdEncoding.EncodeToString(pictureBlock(3, "image/jpeg", "", front))
	c := comments("TITLE=T", block, "ARTIST=A")
	want := Tags{Title: "T", Artist: "A", Picture: front, PictureMIME: "image/jpeg"}
	if diff := cmp.Diff(want, readOgg(t, oggFile(opusHead, "OpusTags", c))); diff != "" {
		t.Errorf("Opus (-want +got):\n%s", diff)
	}
	// What comes before the cut counts.
	b := oggFile(opusHead, "OpusTags", comments("TITLE=T", "ARTIST=A", block))
	if diff := cmp.Diff(Tags{Title: "T", Artist: "A"}, readOgg(t, oggFile(opusHead, "OpusTags", comments("TITLE=T", "ARTIST=A", block)[:3000]))); diff != "" {
		t.Errorf("cut comments (-want +got):\n%s", diff)
	}
	if got := readOgg(t, b[:len(b)/2]); got.Picture != nil {
		t.Errorf("a picture of half a file: %d bytes", len(got.Picture))
	}
	if got := readOgg(t, []byte("RIFF")); !cmp.Equal(got, Tags{}) {
		t.Errorf("tags of what is no Ogg: %+v", got)
	}
}

func TestTagsOfRealFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		mediatest.RunIn(t, dir, "ffmpeg", append([]string{"-v", "error"}, args...)...)
	}
	run("-f", "lavfi", "-i", "color=red:s=16x16:d=0.04", "-frames:v", "1", "p.png")
	meta := strings.Fields("-metadata title=밤기차 -metadata artist=Mina -metadata album=Album -metadata genre=Rock -metadata date=2021 -metadata track=3/12 -metadata comment=Hello")
	sound := []string{"-f", "lavfi", "-i", "sine=d=0.5"}
	run(slices.Concat(sound, []string{"-i", "p.png", "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic", "-c:a", "aac"}, meta, []string{"x.m4a"})...)
	run(slices.Concat(sound, []string{"-c:a", "libvorbis"}, meta, []string{"x.ogg"})...)
	run(slices.Concat(sound, []string{"-c:a", "libopus"}, meta, []string{"x.opus"})...)
	for _, name := range []string{"x.m4a", "x.ogg", "x.opus"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want := Tags{Title: "밤기차", Artist: "Mina", Album: "Album", Genres: []string{"Rock"}, Year: 2021, Track: 3, Tracks: 12, Comment: "Hello"}
		var got Tags
		if name == "x.m4a" {
			got = readMP4(t, b)
			want.Picture, _ = os.ReadFile(filepath.Join(dir, "p.png"))
			want.PictureMIME = "image/png"
		} else {
			got = readOgg(t, b)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzMP4Tags(f *testing.F) {
	f.Add(mp4File(item("\xa9nam", 1, "T"), item("\xa9ART", 2, be("A")), item("trkn", 0, "\x00\x00\x00\x03\x00\x0c"), item("covr", 13, string(jpegLike("x"))), item("gnre", 0, "\x00\x12"), item("desc", 1, "d")))
	f.Fuzz(func(t *testing.T, b []byte) {
		wantLimitsKept(t, readMP4(t, b))
	})
}

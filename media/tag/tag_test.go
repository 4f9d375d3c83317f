package tag

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func TestRead(t *testing.T) {
	t.Parallel()
	front, other, icon := jpegLike("front"), jpegLike("other"), jpegLike("icon")
	png := []byte("\x89PNG\r\n\x1a\nrest")
	footed := func(frames ...frameSpec) []byte {
		b := v2(4, frames...)
		b[5] |= tagFooter
		foot := append([]byte("3DI"), b[3:10]...)
		return append(b, foot...)
	}
	v24unsyncAll := func(frames ...frameSpec) []byte {
		b := v2(4, frames...)
		b[5] |= tagUnsync
		return b
	}
	tests := []struct {
		name string
		file []byte
		want Tags
	}{
		{"nothing", nil, Tags{}},
		{"only sound", sound(100), Tags{}},
		{"2.3 in Latin-1", append(v2(3, raw("TIT2", 0, "Night train"), raw("TPE1", 0, "Mina\x00"), raw("TALB", 0, "Björk\x92s caf\xe9"),
			raw("TYER", 0, "2019"), raw("TRCK", 0, "3/12"), raw("TPOS", 0, "2/2"), raw("TPE2", 0, "Various"), raw("TCON", 0, "(17)")), sound(9)...),
			// Björk is UTF-8 here, the rest of the field is not: the field is taken as Latin-1.
			Tags{Title: "Night train", Artist: "Mina", Album: "BjÃ¶rk’s café", Year: 2019, Track: 3, Tracks: 12, Disc: 2, AlbumArtist: "Various", Genres: []string{"Rock"}}},
		{"2.2", v2(2, frameSpec{id: "TT2", data: []byte("\x00Title")}, frameSpec{id: "TP1", data: []byte("\x00Artist")}, frameSpec{id: "TYE", data: []byte("\x001998")},
			frameSpec{id: "PIC", data: append([]byte("\x00JPG\x03desc\x00"), front...)}, frameSpec{id: "COM", data: []byte("\x00engiTunNORM\x00 0000")},
			frameSpec{id: "COM", data: []byte("\x00eng\x00Hello\r\nyou")}),
			Tags{Title: "Title", Artist: "Artist", Year: 1998, Picture: front, PictureMIME: "image/jpeg", Comment: "Hello\nyou"}},
		{"2.4 with several values", v2(4, text("TPE1", "하현우\x00Mina\x00\x00"), text("TCON", "17\x00Shoegaze\x00rock\x00RX"), text("TDRC", "2021-05-03T10:00"), text("TIT2", "One\x00Two")),
			Tags{Title: "One", Artist: "하현우, Mina", Genres: []string{"Rock", "Shoegaze", "Remix"}, Year: 2021}},
		{"UTF-16 with and without marks", v2(3, raw("TIT2", 1, "\xff\xfe"+le("밤 기차 🚂")), raw("TPE1", 1, "\xfe\xff"+be("하현우")), raw("TALB", 1, le("Plain")), raw("TCON", 1, be("Jazz")), raw("TPE2", 2, be("여럿"))),
			Tags{Title: "밤 기차 🚂", Artist: "하현우", Album: "Plain", Genres: []string{"Jazz"}, AlbumArtist: "여럿"}},
		{"UTF-16 values with a mark each", v2(4, raw("TPE1", 1, "\xff\xfe"+le("A\x00")+"\xfe\xff"+be("B"))), Tags{Artist: "A, B"}},
		{"UTF-16 with an odd end", v2(4, raw("TIT2", 1, "\xff\xfe"+le("Odd")+"\x41")), Tags{Title: "Odd"}},
		{"UTF-16 with half a character", v2(4, raw("TIT2", 1, "\xff\xfe"+le("Half")+"\x3d\xd8")), Tags{Title: "Half"}},
		{"NFD becomes NFC", v2(4, text("TIT2", "하현우"), text("TPE1", "Bjo\u0308rk")), Tags{Title: "하현우", Artist: "Björk"}},
		{"no encoding byte", v2(3, frameSpec{id: "TIT2", data: []byte("Bare")}), Tags{Title: "Bare"}},
		{"control characters", v2(4, text("TIT2", "a\x01b\u202ec\x7f\u0085d\r\ne\tf\ufeff")), Tags{Title: "abc d  e f"}},
		{"broken UTF-8 is Latin-1", v2(4, raw("TIT2", 3, "caf\xe9")), Tags{Title: "café"}},
		{"genre references", v2(3, raw("TCON", 0, "(4)(17)Eurodisco; Post-Rock;(RX)")), Tags{Genres: []string{"Disco", "Rock", "Eurodisco", "Post-Rock", "Remix"}}},
		{"genre in brackets", v2(3, raw("TCON", 0, "((live) set")), Tags{Genres: []string{"(live) set"}}},
		{"genre that is no number", v2(3, raw("TCON", 0, "(foo)bar")), Tags{Genres: []string{"(foo)bar"}}},
		{"genre beyond the list", v2(3, raw("TCON", 0, "(255)")), Tags{}},
		{"front cover comes second", v2(3, apic(0, "image/png", png), apic(1, "image/jpeg", icon), apic(3, "image/jpeg", front), apic(3, "image/jpeg", other)),
			Tags{Picture: front, PictureMIME: "image/jpeg"}},
		{"icon only for want of better", v2(3, apic(1, "image/jpeg", icon), apic(4, "", png)), Tags{Picture: png, PictureMIME: "image/png"}},
		{"picture by link", v2(3, apic(3, "-->", []byte("http://127.0.0.1/x.jpg")), apic(3, "-->", front)), Tags{}},
		{"picture that is none", v2(3, apic(3, "image/svg+xml", []byte("<svg onload=alert(1)>")), apic(0, "image/jpeg", other)), Tags{Picture: other, PictureMIME: "image/jpeg"}},
		{"picture whose UTF-16 description ends in one NUL", v2(3, frameSpec{id: "APIC", data: append([]byte("\x01image/jpeg\x00\x03\xff\xfe\x00"), front...)}), Tags{Picture: front, PictureMIME: "image/jpeg"}},
		{"2.3 unsynchronised", tagBytes(3, tagUnsync, unsync(slices.Concat(frameBytes(3, raw("TPE1", 1, "\xff\xfe"+le("A"))), frameBytes(3, apic(3, "image/jpeg", front)), frameBytes(3, raw("TIT2", 0, "After"))))),
			Tags{Title: "After", Artist: "A", Picture: front, PictureMIME: "image/jpeg"}},
		{"2.4 unsynchronised frame", v2(4, frameSpec{id: "APIC", flags: 0x0003, data: append(seven(len(apic(3, "image/jpeg", front).data)), unsync(apic(3, "image/jpeg", front).data)...)}, text("TIT2", "After")),
			Tags{Title: "After", Picture: front, PictureMIME: "image/jpeg"}},
		{"2.4 unsynchronised throughout, frames silent about it", v24unsyncAll(frameSpec{id: "APIC", data: unsync(apic(3, "image/jpeg", front).data)}, text("TIT2", "After")),
			Tags{Title: "After", Picture: front, PictureMIME: "image/jpeg"}},
		{"2.4 says unsynchronised and is not", v24unsyncAll(apic(3, "image/jpeg", front), text("TIT2", "After")), Tags{Title: "After", Picture: front, PictureMIME: "image/jpeg"}},
		{"2.3 extended header", tagBytes(3, tagExtended, slices.Concat(be32(6), make([]byte, 6), frameBytes(3, raw("TIT2", 0, "X")))), Tags{Title: "X"}},
		{"2.4 extended header", tagBytes(4, tagExtended, slices.Concat(seven(6), []byte{1, 0}, frameBytes(4, raw("TIT2", 0, "X")))), Tags{Title: "X"}},
		{"2.4 with plain sizes", v2(4, frameSpec{id: "APIC", size: be32(300 + len(apic(3, "image/jpeg", front).data)), data: append(apic(3, "image/jpeg", front).data, make([]byte, 300)...)}, text("TIT2", "After")),
			Tags{Title: "After", Picture: append(slices.Clone(front), make([]byte, 300)...), PictureMIME: "image/jpeg"}},
		{"2.4 with plain sizes, a zero where the other size would end, and padding", tagBytes(4, 0, append(frameBytes(4, frameSpec{id: "APIC", size: be32(600 + len(apic(3, "image/jpeg", front).data)), data: slices.Concat(apic(3, "image/jpeg", front).data, make([]byte, 300), bytes.Repeat([]byte{0, 1, 2}, 100))}), make([]byte, 400)...)),
			Tags{Picture: slices.Concat(front, make([]byte, 300), bytes.Repeat([]byte{0, 1, 2}, 100)), PictureMIME: "image/jpeg"}},
		{"a frame that is longer than it says", v2(3, raw("TIT2", 0, "X"), frameSpec{id: "COMM", size: be32(9), data: []byte("\x00eng\x00a longer text than that")}, raw("TPE1", 0, "Artist"), apic(3, "image/jpeg", front), raw("TALB", 0, "Album")),
			Tags{Title: "X", Comment: "a lo", Artist: "Artist", Album: "Album", Picture: front, PictureMIME: "image/jpeg"}},
		{"a frame that says it is longer than the tag", v2(3, raw("TIT2", 0, "X"), frameSpec{id: "TXXX", size: be32(900_000), data: []byte("\x00name\x00value")}, raw("TPE1", 0, "Artist"), raw("TALB", 0, "Album")),
			Tags{Title: "X", Artist: "Artist", Album: "Album"}},
		{"a frame whose name is none", v2(4, text("TIT2", "X"), frameSpec{id: "t\x01x?", data: []byte("rubbish")}, text("TPE1", "Artist")), Tags{Title: "X", Artist: "Artist"}},
		{"the same in 2.2", v2(2, frameSpec{id: "TT2", data: []byte("\x00Title")}, frameSpec{id: "???", data: []byte("rubbish")}, frameSpec{id: "TP1", data: []byte("\x00Artist")}), Tags{Title: "Title", Artist: "Artist"}},
		{"2.3 with sizes of seven bits", v2(3, frameSpec{id: "TIT2", size: seven(201), data: append([]byte{3}, strings.Repeat("x", 200)...)}, text("TPE1", "After")),
			Tags{Title: strings.Repeat("x", 200), Artist: "After"}},
		{"2.2 names in 2.3", v2(3, raw("TT2\x00", 0, "Title"), raw("TP1 ", 0, "Artist")), Tags{Title: "Title", Artist: "Artist"}},
		{"2.3 compressed", v2(3, frameSpec{id: "TIT2", flags: 0x80, data: append(be32(6), deflate([]byte("\x00Small"))...)}), Tags{Title: "Small"}},
		{"2.4 compressed with group", v2(4, frameSpec{id: "TIT2", flags: 0x49, data: append(append([]byte{7}, seven(6)...), deflate([]byte("\x00Small"))...)}), Tags{Title: "Small"}},
		{"encrypted frames are passed over", v2(4, frameSpec{id: "TIT2", flags: 0x04, data: []byte("\x01secret")}, text("TPE1", "Open")), Tags{Artist: "Open"}},
		{"broken compression is passed over", v2(3, frameSpec{id: "TIT2", flags: 0x80, data: []byte("\x00\x00\x00\x06rubbish")}, text("TPE1", "Open")), Tags{Artist: "Open"}},
		{"padding", append(tagBytes(3, 0, append(frameBytes(3, raw("TIT2", 0, "X")), make([]byte, 500)...)), sound(3)...), Tags{Title: "X"}},
		{"a frame longer than the tag", tagBytes(3, 0, append(frameBytes(3, raw("TIT2", 0, "X")), "TPE1\x00\x00\xff\xff\x00\x00\x00abc"...)), Tags{Title: "X"}},
		{"two tags in a row", slices.Concat(v2(4, text("TIT2", "First")), v2(3, raw("TIT2", 0, "Second"), raw("TPE1", 0, "Artist")), sound(4)), Tags{Title: "First", Artist: "Artist"}},
		{"footer at the start", append(footed(text("TIT2", "X")), v2(3, raw("TPE1", 0, "Y"))...), Tags{Title: "X", Artist: "Y"}},
		{"tag at the end", append(sound(50), footed(text("TIT2", "End"))...), Tags{Title: "End"}},
		{"tag at the end before ID3v1", slices.Concat(sound(50), footed(text("TIT2", "End")), v1Bytes("Old", "Artist", "", "", "", 0, 255)), Tags{Title: "End", Artist: "Artist"}},
		{"a tag larger than the file", []byte("ID3\x03\x00\x00\x7f\x7f\x7f\x7fTIT2\x00\x00\x00\x02\x00\x00\x00X"), Tags{}},
		{"ID3v1", append(sound(20), v1Bytes("Title", "Artist", "Album", "1999", "Comment", 0, 8)...), Tags{Title: "Title", Artist: "Artist", Album: "Album", Year: 1999, Comment: "Comment", Genres: []string{"Jazz"}}},
		{"ID3v1.1", append(sound(20), v1Bytes("Title   ", "", "", "", "C", 7, 0)...), Tags{Title: "Title", Track: 7, Comment: "C", Genres: []string{"Blues"}}},
		{"ID3v1 fills gaps only", slices.Concat(v2(3, raw("TIT2", 0, "A title longer than thirty letters")), sound(9), v1Bytes("A title longer than thirty let", "Artist", "", "1990", "", 0, 255)),
			Tags{Title: "A title longer than thirty letters", Artist: "Artist", Year: 1990}},
		{"APEv2 with header", append(sound(20), apeBytes(true, apeSpec{"Title", 0, "밤"}, apeSpec{"ARTIST", 0, "A\x00B"}, apeSpec{"Year", 0, "2001"}, apeSpec{"Track", 0, "4/9"},
			apeSpec{"Genre", 0, "Rock"}, apeSpec{"Cover Art (Back)", 1, "b.jpg\x00" + string(other)}, apeSpec{"Cover Art (Front)", 1, "f.jpg\x00" + string(front)}, apeSpec{"Album", 2, "http://127.0.0.1/"})...),
			Tags{Title: "밤", Artist: "A, B", Year: 2001, Track: 4, Tracks: 9, Genres: []string{"Rock"}, Picture: front, PictureMIME: "image/jpeg"}},
		{"ID3v2, APEv2, Lyrics3 and ID3v1", slices.Concat(v2(3, raw("TIT2", 0, "From 2")), sound(20), apeBytes(false, apeSpec{"Title", 0, "From APE"}, apeSpec{"Artist", 0, "From APE"}),
			[]byte("LYRICSBEGININD0000200000026LYRICS200")[:27], []byte("000027LYRICS200"), v1Bytes("From 1", "From 1", "From 1", "", "", 0, 255)),
			Tags{Title: "From 2", Artist: "From APE", Album: "From 1"}},
		{"comments and lyrics", v2(4, raw("COMM", 3, "engiTunes_CDDB_IDs\x001+2"), raw("COMM", 3, "engname\x00named"), raw("COMM", 1, "eng\xff\xfe\x00\x00\xff\xfe"+le("plain\n두 줄")), raw("USLT", 1, "kor\xff\xfe\x00\x00"+le("가사"))),
			Tags{Comment: "plain\n두 줄", Lyrics: "가사"}},
		{"a release date for want of a recording date", v2(4, text("TDOR", "1971"), text("TDRL", "2015-01")), Tags{Year: 2015}},
		{"a year in words", v2(3, raw("TYER", 0, "c. 1987 or so")), Tags{Year: 1987}},
		{"numbers out of bounds", v2(3, raw("TRCK", 0, "99999999999999999999/-3"), raw("TPOS", 0, "x")), Tags{}},
		{"script stays text", v2(4, text("TIT2", "<script>alert(1)</script>"), text("TPE1", "../../etc/passwd")), Tags{Title: "<script>alert(1)</script>", Artist: "../../etc/passwd"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(bytes.NewReader(tt.file), int64(len(tt.file)))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("want -, got +\n%s", d)
			}
		})
	}
}

func TestTextIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		frame frameSpec
	}{
		{"UTF-8", text("TIT2", "x"+strings.Repeat("밤", 400_000))},
		{"UTF-16", raw("TIT2", 1, "\xff\xfe"+le("x")+strings.Repeat(le("밤"), 400_000))},
		{"decomposed", text("TIT2", "x"+strings.Repeat("밤", 100_000))},
		{"CP949", raw("TIT2", 0, "x "+strings.Repeat("\xb9\xe3", 400_000))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := v2(4, tt.frame, raw("COMM", 3, "eng\x00"+strings.Repeat("기차", 100_000)))
			got, err := Read(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			if n := len(got.Title); n > MaxLine || n < MaxLine-4 || !utf8.ValidString(got.Title) || !strings.HasSuffix(got.Title, "밤") {
				t.Errorf("title of %d bytes ending in %q, want just under %d ending in 밤", n, got.Title[max(0, n-6):], MaxLine)
			}
			if n := len(got.Comment); n > MaxText || n < MaxText-6 || !utf8.ValidString(got.Comment) {
				t.Errorf("comment of %d bytes, want just under %d", n, MaxText)
			}
		})
	}
}

// Not in parallel: it measures what is allocated.
func TestWhatItMayCost(t *testing.T) {
	many := func(n int, f frameSpec) []byte {
		return tagBytes(3, 0, bytes.Repeat(frameBytes(3, f), n))
	}
	bomb := make([]byte, 64<<20)
	packed := deflate(bomb)
	tests := []struct {
		name string
		file []byte
	}{
		{"20,000 TXXX", many(20_000, raw("TXXX", 0, "name\x00value"))},
		{"60,000 empty titles", many(60_000, raw("TIT2", 0, ""))},
		{"60,000 named comments", many(60_000, raw("COMM", 0, "engname\x00text"))},
		{"60,000 bad pictures", many(60_000, apic(3, "image/jpeg", make([]byte, 200)))},
		{"zlib bomb", v2(3, frameSpec{id: "APIC", flags: 0x80, data: append(be32(6), packed...)}, frameSpec{id: "APIC", flags: 0x80, data: append(be32(6), packed...)})},
		{"a million bad frames", tagBytes(3, 0, bytes.Repeat([]byte("?TIT2TPE1A"), 1_000_000))},
		{"a million bad frames of some length", tagBytes(3, 0, bytes.Repeat([]byte("TIT2\x00\x00\x00\x09\x00\x00?"), 1_000_000))},
		{"many small zlib frames", many(60_000, frameSpec{id: "TIT2", flags: 0x80, data: append(be32(1), deflate([]byte{0})...)})},
		{"a tag of 40 MiB", append(tagBytes(3, 0, make([]byte, 40<<20)), sound(5)...)},
		{"a picture of 12 MiB", v2(3, apic(3, "image/jpeg", append(jpegLike("x"), make([]byte, 12<<20)...)))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := Read(bytes.NewReader(tt.file), int64(len(tt.file)))
			runtime.ReadMemStats(&after)
			if err != nil || len(got.Picture) > MaxPicture {
				t.Fatalf("%d bytes of picture, error %v", len(got.Picture), err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 256<<20 {
				t.Errorf("allocated %d MiB, want at most 256", n>>20)
			}
		})
	}
}

type brokenReader struct{}

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestReaderErrorsAreGiven(t *testing.T) {
	t.Parallel()
	if _, err := Read(brokenReader{}, 1000); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want %v", err, io.ErrClosedPipe)
	}
}

func TestFileShorterThanSaid(t *testing.T) {
	t.Parallel()
	b := v2(3, raw("TIT2", 0, "X"))
	for _, size := range []int64{0, 1, 9, 10, int64(len(b)) + 5000, 1 << 40} {
		got, err := Read(bytes.NewReader(b), size)
		if err != nil {
			t.Errorf("size %d: %v", size, err)
		}
		if size > int64(len(b)) && got.Title != "X" {
			t.Errorf("size %d: title %q, want X", size, got.Title)
		}
	}
}

func TestGenreNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "Blues", 7: "Hip-Hop", 17: "Rock", 79: "Hard Rock", 80: "Folk", 125: "Dance Hall", 147: "Synthpop", 191: "Psybient", 192: "", 255: ""} {
		if got := genreName(n); got != want {
			t.Errorf("genre %d is %q, want %q", n, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	front := jpegLike("front")
	f.Add(append(v2(2, frameSpec{id: "TT2", data: []byte("\x00Title")}, frameSpec{id: "PIC", data: append([]byte("\x00JPG\x03d\x00"), front...)}), sound(2)...))
	f.Add(append(v2(3, raw("TIT2", 1, "\xff\xfe"+le("밤")), raw("COMM", 1, "eng\xff\xfe\x00\x00\xff\xfe"+le("x")), apic(3, "image/jpeg", front)), sound(2)...))
	f.Add(append(v2(4, text("TPE1", "A\x00B"), raw("TCON", 0, "(4)(17)x"), frameSpec{id: "TIT2", flags: 0x49, data: append(append([]byte{7}, seven(6)...), deflate([]byte("\x00Small"))...)}), sound(2)...))
	f.Add(tagBytes(3, tagUnsync|tagExtended, slices.Concat(be32(6), make([]byte, 6), frameBytes(3, raw("TIT2", 0, "X")))))
	f.Add(append(sound(3), apeBytes(true, apeSpec{"Title", 0, "x"}, apeSpec{"Cover Art (Front)", 1, "f\x00" + string(front)})...))
	for _, b := range containers(f) {
		f.Add(b)
	}
	f.Add(append(sound(3), v1Bytes("\xc7\xcf\xc7\xf6\xbf\xec", "A", "B", "1999", "C", 3, 17)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		wantLimitsKept(t, got)
	})
}

func BenchmarkRead(b *testing.B) {
	for _, bb := range []struct {
		name string
		file []byte
	}{
		{"text", append(v2(3, raw("TIT2", 1, "\xff\xfe"+le("밤 기차")), raw("TPE1", 0, "Mina"), raw("TALB", 0, "Album"), raw("TCON", 0, "(17)"), raw("TYER", 0, "2019")), sound(100)...)},
		{"cover of 300 kB", append(v2(3, raw("TIT2", 0, "Night train"), apic(3, "image/jpeg", append(jpegLike("x"), make([]byte, 300_000)...))), sound(100)...)},
		{"20,000 TXXX", tagBytes(3, 0, bytes.Repeat(frameBytes(3, raw("TXXX", 0, "name\x00value")), 20_000))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(bytes.NewReader(bb.file), int64(len(bb.file))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func ExampleRead() {
	file := append(v2(4, text("TIT2", "Night train"), text("TPE1", "Mina")), sound(10)...)
	tags, err := Read(bytes.NewReader(file), int64(len(file)))
	fmt.Println(tags.Artist, "–", tags.Title, err)
	// Output: Mina – Night train <nil>
}

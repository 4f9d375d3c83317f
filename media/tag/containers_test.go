package tag

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"earshot/media/mediatest"
)

// chunk is a chunk of RIFF with its padding.
func chunk(id, body string) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body))), body...)
	return append(b, make([]byte, len(body)&1)...)
}

func riffBytes(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func info(pairs ...string) []byte {
	b := []byte("INFO")
	for i := 0; i < len(pairs); i += 2 {
		b = append(b, chunk(pairs[i], pairs[i+1]+"\x00")...)
	}
	return chunk("LIST", string(b))
}

var (
	format = chunk("fmt ", "\x01\x00\x02\x00\x44\xac\x00\x00\x10\xb1\x02\x00\x04\x00\x10\x00")
	data   = chunk("data", "0123456789abcdef")
)

// block is a metadata block of FLAC.
func block(kind byte, last bool, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b[0] = kind
	if last {
		b[0] |= 0x80
	}
	return append(b, body...)
}

func flacBytes(blocks ...[]byte) []byte {
	b := append([]byte("fLaC"), block(0, false, make([]byte, 34))...)
	b = append(b, bytes.Join(blocks, nil)...)
	return append(append(b, block(1, true, make([]byte, 10))...), "frames"...)
}

// containers is one file of each kind that keeps its tags within.
func containers(t testing.TB) [][]byte {
	front := jpegLike("front")
	all := [][]byte{
		riffBytes(format, info("INAM", "Title", "IART", "Mina", "ITRK", "3/4"), data, chunk("id3 ", string(v2(3, raw("TALB", 0, "Album"))))),
		flacBytes(block(4, false, comments("TITLE=x", "METADATA_BLOCK_PICTURE="+base64.StdEncoding.EncodeToString(pictureBlock(3, "image/jpeg", "", front)))), block(6, false, pictureBlock(0, "image/png", "d", front))),
		append(v2(3, raw("TIT2", 0, "X")), flacBytes(block(4, false, comments("ARTIST=y")))...),
		[]byte("\x00\x00\x00\x10ftypM4A \x00\x00\x00\x00\x00\x00\x00\x5fmoov\x00\x00\x00\x57udta\x00\x00\x00\x4fmeta\x00\x00\x00\x00\x00\x00\x00\x21hdlr\x00\x00\x00\x00\x00\x00\x00\x00mdirappl\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x22ilst\x00\x00\x00\x1a\xa9nam\x00\x00\x00\x12data\x00\x00\x00\x01\x00\x00\x00\x00ab"),
	}
	return all
}

func TestTagsInContainers(t *testing.T) {
	t.Parallel()
	front, other := jpegLike("front"), jpegLike("other")
	longList := info("INAM", "Title")
	binary.LittleEndian.PutUint32(longList[4:], 1<<31)
	tests := []struct {
		name string
		file []byte
		want Tags
	}{
		{"INFO", riffBytes(format, info("INAM", "Night train", "IART", "Mina", "IPRD", "Album", "ICRD", "2019-05-03", "IGNR", "Jazz; Rock", "ICMT", "One\r\ntwo", "ITRK", "3/12"), data),
			Tags{Title: "Night train", Artist: "Mina", Album: "Album", Year: 2019, Genres: []string{"Jazz", "Rock"}, Comment: "One\ntwo", Track: 3, Tracks: 12}},
		{"INFO behind the sound", riffBytes(format, data, info("INAM", "Title")), Tags{Title: "Title"}},
		{"INFO in UTF-8, in Korean, in Latin-1", riffBytes(format, info("INAM", "밤 기차", "IART", "\xc7\xcf\xc7\xf6\xbf\xec", "IPRD", "Caf\xe9"), data), Tags{Title: "밤 기차", Artist: "하현우", Album: "Café"}},
		{"INFO without padding", riffBytes(format, chunk("LIST", "INFOINAM\x03\x00\x00\x00abcIART\x01\x00\x00\x00x"), data), Tags{Title: "abc", Artist: "x"}},
		{"INFO in small letters, names of others", riffBytes(format, info("inam", "x", "ISFT", "a program", "IPRT", "7"), data), Tags{Title: "x", Track: 7}},
		{"a list that says it is longer than the file", riffBytes(format, data, longList), Tags{Title: "Title"}},
		{"a value that says so", riffBytes(format, data, chunk("LIST", "INFOINAM\xff\xff\xff\xffTitle")), Tags{Title: "Title"}},
		{"a list of another type", riffBytes(format, data, chunk("LIST", "adtlINAM\x02\x00\x00\x00x\x00")), Tags{}},
		{"ID3 before INFO", riffBytes(format, info("INAM", "From INFO", "IART", "From INFO"), data, chunk("id3 ", string(v2(4, text("TIT2", "From ID3"), apic(3, "image/jpeg", front))))),
			Tags{Title: "From ID3", Artist: "From INFO", Picture: front, PictureMIME: "image/jpeg"}},
		{"ID3 in capitals", riffBytes(format, chunk("ID3 ", string(v2(3, raw("TIT2", 0, "X")))), data), Tags{Title: "X"}},
		{"ID3 longer than its chunk", riffBytes(format, chunk("id3 ", string(v2(3, raw("TIT2", 0, "X"))[:16])), data), Tags{}},
		{"sound that looks like a tag", riffBytes(format, chunk("data", string(v1Bytes("Not", "a", "tag", "", "", 0, 255)))), Tags{}},
		{"RF64", append([]byte("RF64\xff\xff\xff\xffWAVE"), slices.Concat(chunk("ds64", string(make([]byte, 28))), format, info("INAM", "Large"), data)...), Tags{Title: "Large"}},
		{"ID3 in front of WAV", append(v2(3, raw("TPE1", 0, "Artist")), riffBytes(format, info("INAM", "Title"), data)...), Tags{Title: "Title", Artist: "Artist"}},

		{"FLAC", flacBytes(block(3, false, make([]byte, 18)), block(4, false, comments("TITLE=밤 기차", "ARTIST=A", "ARTIST=B", "DATE=2020-01-02", "GENRE=Jazz", "TRACKNUMBER=2", "TRACKTOTAL=9"))),
			Tags{Title: "밤 기차", Artist: "A, B", Year: 2020, Genres: []string{"Jazz"}, Track: 2, Tracks: 9}},
		{"front cover second", flacBytes(block(6, false, pictureBlock(0, "image/jpeg", "", other)), block(6, false, pictureBlock(3, "image/jpeg", "설명", front)), block(6, false, pictureBlock(4, "image/jpeg", "", other))),
			Tags{Picture: front, PictureMIME: "image/jpeg"}},
		{"front cover in the comments", flacBytes(block(6, false, pictureBlock(1, "image/jpeg", "", other)), block(4, false, comments("METADATA_BLOCK_PICTURE="+base64.StdEncoding.EncodeToString(pictureBlock(3, "image/jpeg", "", front))))),
			Tags{Picture: front, PictureMIME: "image/jpeg"}},
		{"picture by link", flacBytes(block(6, false, pictureBlock(3, "-->", "", []byte("http://127.0.0.1/x.jpg")))), Tags{}},
		{"ID3 around FLAC", slices.Concat(v2(3, raw("TPE1", 0, "Artist")), flacBytes(block(4, false, comments("TITLE=x"))), v1Bytes("", "", "Album", "", "", 0, 255)), Tags{Title: "x", Artist: "Artist", Album: "Album"}},
		{"comments cut short", flacBytes(block(4, false, comments("TITLE=x", "ARTIST=y")[:34])), Tags{Title: "x"}},
		{"comments beyond the file", append(flacBytes(block(6, false, pictureBlock(3, "image/jpeg", "", front)))[:120], "\x04\xff\xff\xff"...), Tags{Picture: front, PictureMIME: "image/jpeg"}},
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

// What other programs write.
func TestTagsOfOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cover := filepath.Join(dir, "cover.jpg")
	run := func(t *testing.T, argv ...string) {
		t.Helper()
		mediatest.Run(t, nil, argv[0], argv[1:]...)
	}
	run(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=red:size=32x32", "-frames:v", "1", cover)
	meta := []string{"-metadata", "title=밤 기차", "-metadata", "artist=Mina", "-metadata", "album=Album", "-metadata", "genre=Jazz", "-metadata", "date=2019", "-metadata", "track=3"}
	want := Tags{Title: "밤 기차", Artist: "Mina", Album: "Album", Genres: []string{"Jazz"}, Year: 2019, Track: 3}
	for _, name := range []string{"info.wav", "id3.wav", "a.flac", "picture.flac", "a.ogg", "a.opus", "flac.oga", "a.m4a", "a.mp3"} {
		out := filepath.Join(dir, name)
		more := []string{}
		switch name {
		case "id3.wav":
			more = []string{"-write_id3v2", "1"}
		case "flac.oga":
			more = []string{"-c:a", "flac"}
		case "picture.flac":
			run(t, "flac", "-s", "--picture", "4||back||"+cover, "--picture", "3||front||"+cover, "-T", "TITLE=밤 기차", "-T", "ARTIST=Mina", "-T", "ALBUM=Album", "-T", "GENRE=Jazz", "-T", "DATE=2019", "-T", "TRACKNUMBER=3", "-o", out, filepath.Join(dir, "info.wav"))
		}
		if name != "picture.flac" {
			run(t, slices.Concat([]string{"ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=0.5"}, meta, more, []string{out})...)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if hasCover := got.PictureMIME == "image/jpeg"; hasCover != (name == "picture.flac") {
			t.Errorf("%s: picture of type %q", name, got.PictureMIME)
		}
		got.Picture, got.PictureMIME = nil, ""
		if name == "a.ogg" || name == "a.flac" {
			tagged := append(v2(3, raw("TPE2", 0, "Front")), b...)
			behind, err := Read(bytes.NewReader(tagged), int64(len(tagged)))
			want := want
			want.AlbumArtist = "Front"
			if d := cmp.Diff(want, behind); err != nil || d != "" {
				t.Errorf("%s behind ID3: %v, want -, got +\n%s", name, err, d)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: want -, got +\n%s", name, d)
		}
	}
}

// Not in parallel: it measures what is allocated.
func TestWhatContainersMayCost(t *testing.T) {
	huge := pictureBlock(3, "image/jpeg", "", append(jpegLike("x"), make([]byte, 12<<20)...))
	for _, tt := range []struct {
		name string
		file []byte
		most uint64
	}{
		{"206 bytes of FLAC", append(flacBytes()[:42], append([]byte("\x06\xff\xff\xff\x00\x00\x00\x03"), make([]byte, 156)...)...), 64 << 10},
		{"206 bytes of WAV", append(riffBytes(), append([]byte("LIST\xff\xff\xff\x7fINFOINAM\xff\xff\xff\x7f"), make([]byte, 170)...)...), 64 << 10},
		{"pictures that are too large", flacBytes(block(6, false, huge), block(6, false, huge)), 1 << 20},
		{"4,000 pictures", flacBytes(bytes.Repeat(block(6, false, pictureBlock(3, "x", "", make([]byte, 4000))), 4000)), 64 << 20},
		{"4,000 lists", riffBytes(bytes.Repeat(info("ICMT", "", "IXXX", "x"), 4000)), 1 << 20},
		{"a list of 40 MiB", riffBytes(chunk("LIST", "INFO"+string(bytes.Repeat([]byte("INAM\x00\x00\x00\x00"), 5<<20)))), 20 << 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(bytes.NewReader(tt.file), int64(len(tt.file)))
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > tt.most {
				t.Errorf("allocated %d bytes, want at most %d", n, tt.most)
			}
		})
	}
}

package intake

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/unicode"
)

// read gives what a list has: items, and "line code" of its problems.
func read(list string) (items []Item, problems []string) {
	for it, p := range CSV(strings.NewReader(list)) {
		if p != nil {
			problems = append(problems, fmt.Sprint(p.Line, " ", p.Code))
			continue
		}
		items = append(items, it)
	}
	return items, problems
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestLists(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		list     string
		items    []Item
		problems []string
	}{
		"names of columns": {
			list: "title,artist,description,tags,image,file,user\nOne,Mina,\"A song, loud\",\"rock, pop\",a.jpg,a.mp3,mina\n",
			items: []Item{{Line: 2, Title: "One", Artist: "Mina", Description: "A song, loud", Tags: []string{"rock", "pop"},
				Image: "a.jpg", Path: "a.mp3", User: "mina"}},
		},
		"in any order and case, with all that there is": {
			list: "FILE; Year ;Album;Title;Visibility;Playlist;Release Date;Genre;Tags;URL;Whatever\n" +
				"x/y.flac;1999;LP;Two;Followers;Best of;2024-12-31;Jazz;cool|late night#live;https://example.org/2;z\n",
			items: []Item{{Line: 2, Path: "x/y.flac", Year: 1999, Album: "LP", Title: "Two", Visibility: "followers", Playlist: "Best of",
				Created: day(2024, 12, 31), Tags: []string{"Jazz", "cool", "late night", "live"}, URL: "https://example.org/2"}},
		},
		"Korean names, tabs": {
			list: "제목\t아티스트\t설명\t태그\t이미지\t파일\t사용자\t공개여부\t날짜\n돌덩이\t하현우\t\t록;OST\t표지.jpg\t음악/돌덩이.mp3\tmina\t비공개\t2024년 3월 1일\n",
			items: []Item{{Line: 2, Title: "돌덩이", Artist: "하현우", Tags: []string{"록", "OST"}, Image: "표지.jpg", Path: "음악/돌덩이.mp3",
				User: "mina", Visibility: "private", Created: day(2024, 3, 1)}},
		},
		"the seed's own order without names": {
			list:  "One,Mina,Loud,rock,a.jpg,a.mp3,mina\r\nTwo,,,,,b.mp3\r\n",
			items: []Item{{Line: 1, Title: "One", Artist: "Mina", Description: "Loud", Tags: []string{"rock"}, Image: "a.jpg", Path: "a.mp3", User: "mina"}, {Line: 2, Title: "Two", Path: "b.mp3"}},
		},
		"a song that is called like a column is no header": {
			list:  "Album,Mina,,,,a.mp3,mina\n",
			items: []Item{{Line: 1, Title: "Album", Artist: "Mina", Path: "a.mp3", User: "mina"}},
		},
		"quotes, with quotes and lines in them": {
			list: "title,description,file\n\"He said \"\"now\"\"\",\"first\nsecond\",a.mp3\n\"x\" ,y,b.mp3\n",
			items: []Item{{Line: 2, Title: `He said "now"`, Description: "first\nsecond", Path: "a.mp3"},
				{Line: 4, Title: "x", Description: "y", Path: "b.mp3"}},
		},
		"wrong rows are told with the line where they begin, and the rest goes on": {
			list: "title,year,file,visibility,date\n" +
				"No file,,,,\n" +
				"Bad year,soon,a.mp3,,\n" +
				"\n" +
				"Bad \"quote,,b.mp3,,\n" + // a quote within a text is a character
				"\"Open,,c.mp3,,\n" +
				"Unquoted, comma,,d.mp3,,2001-02-03\n" +
				"Who,,e.mp3,everybody,\n" +
				"When,,f.mp3,,yesterday\n" +
				"Good,2001,g.mp3,공개,2001.2.3\n",
			items: []Item{{Line: 5, Title: `Bad "quote`, Path: "b.mp3"},
				{Line: 10, Title: "Good", Year: 2001, Path: "g.mp3", Visibility: "public", Created: day(2001, 2, 3)}},
			problems: []string{"2 row.no_file", "3 row.year", "6 row.quote", "7 row.columns", "8 row.visibility", "9 row.date"},
		},
		"a row that is too long, and one with too many columns": {
			list:     "title,file\n" + strings.Repeat("x", 70_000) + ",a.mp3\n" + strings.Repeat(",", 300) + "\nGood,b.mp3",
			items:    []Item{{Line: 4, Title: "Good", Path: "b.mp3"}},
			problems: []string{"2 row.long", "3 row.columns"},
		},
		"a quoted text that is too long": {
			list:     "title,file\n\"" + strings.Repeat("x\n", 40_000) + "\",a.mp3\n",
			problems: append([]string{"2 row.quote"}, lines(3, 40_001, "row.no_file", "row.quote")...),
		},
		"line ends of old machines, and what spreadsheets put in front": {
			list:  "sep=;\rtitle;file\rOne;a.mp3\r\"T\rwo\";b.mp3\r",
			items: []Item{{Line: 3, Title: "One", Path: "a.mp3"}, {Line: 4, Title: "T wo", Path: "b.mp3"}},
		},
		"SoundCloud's tags": {
			list:  "title,tag_list,file\nOne,\"rock \"\"late night\"\" #live\",a.mp3\n",
			items: []Item{{Line: 2, Title: "One", Tags: []string{"rock", "late night", "live"}, Path: "a.mp3"}},
		},
		"nothing":     {list: ""},
		"empty lines": {list: "\n\n,,\n"},
		"names alone": {list: "title,file\n"},
		"a picture":   {list: "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", problems: []string{"0 list.not_text"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items, problems := read(tc.list)
			if diff := cmp.Diff(tc.items, items); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.problems, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// lines are problems of one kind, a line each, and one of another at the end.
func lines(from, to int, code, last string) []string {
	var out []string
	for n := from; n <= to; n++ {
		out = append(out, fmt.Sprint(n, " ", code))
	}
	return append(out, fmt.Sprint(to+1, " ", last))
}

func TestListsAreReadInTheEncodingTheyHave(t *testing.T) {
	t.Parallel()
	const list = "제목,파일,설명\n돌덩이,하현우.mp3,\"긴 글\n둘째 줄\"\n쀍뷁,a.mp3,\n" // the last line is of code page 949 alone
	want := []Item{{Line: 2, Title: "돌덩이", Path: "하현우.mp3", Description: "긴 글\n둘째 줄"}, {Line: 4, Title: "쀍뷁", Path: "a.mp3"}}
	for name, e := range map[string]encoding.Encoding{
		"UTF-8":                             unicode.UTF8,
		"UTF-8 with a mark":                 unicode.UTF8BOM,
		"code page 949":                     korean.EUCKR,
		"UTF-16, the low byte first":        unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM),
		"UTF-16, the high byte first":       unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM),
		"Latin-1 (in which it is not read)": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, want, err := list, want, error(nil)
			if e == nil {
				e, in = charmap.Windows1252, "title,file\nCafé à la crème,é.mp3\n"
				want = []Item{{Line: 2, Title: "Café à la crème", Path: "é.mp3"}}
			}
			if in, err = e.NewEncoder().String(in); err != nil {
				t.Fatal(err)
			}
			items, problems := read(in)
			if diff := cmp.Diff(want, items); diff != "" || problems != nil {
				t.Errorf("%v (-want +got):\n%s", problems, diff)
			}
		})
	}
}

func TestListsHaveBounds(t *testing.T) {
	t.Parallel()
	if _, problems := read(strings.Repeat("x", MaxList+1)); len(problems) != 1 || problems[0] != "0 list.too_large" {
		t.Errorf("a list over 5 MiB: %v", problems)
	}
	items, problems := read("file\n" + strings.Repeat("a.mp3\n", MaxRows+10))
	if len(items) != MaxRows-1 || len(problems) != 1 || problems[0] != fmt.Sprint(MaxRows+1, " list.too_many") {
		t.Errorf("%d rows of a list with too many, and the problems %v", len(items), problems)
	}
	// Quotes that open again and again, and never close.
	for _, row := range []string{"\"\n", "\"\"\"\"\"\n", "x,\"\"\"\n", "\"a\"b\"\n"} {
		read("title,file\n" + strings.Repeat(row, MaxList/len(row)-10))
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"title,file\n\"a\"\"b\",c.mp3\n", "sep=;\r\ntitle;file\r\n", "\xEF\xBB\xBF제목\t파일\n", "\xFF\xFEa\x00,\x00\n\x00", "\xB5\xB9\xB5\xA2\xC0\xCC,,,,,a.mp3",
		"\"open\nx,y\n\"", ",,,\n,\"\n", "title,year,visibility,date,tag_list,file\na,1999,공개,2001,\"x \"\"y z\"\"\",b\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		last, n := 0, 0
		for it, p := range CSV(strings.NewReader(string(b))) {
			line := it.Line
			if p != nil {
				line = p.Line
				if p.Text == "" || p.Code == "" {
					t.Fatal("a problem that says nothing")
				}
			} else if it.Path == "" {
				t.Fatal("an item without a file")
			}
			if line < last {
				t.Fatalf("line %d behind line %d", line, last)
			}
			last = line
			if n++; n > MaxRows+1 {
				t.Fatal("too many rows")
			}
			for _, s := range append(it.Tags, it.Title, it.Artist, it.Description, it.Path, it.Image) {
				if len(s) > maxText {
					t.Fatal("a text that is not cut")
				}
			}
		}
	})
}

// An apostrophe that keeps a text from being a formula is no part of it.
func TestCellsThatBeginLikeFormulas(t *testing.T) {
	for cell, want := range map[string]string{"'=A": "=A", "'-M-": "-M-", "''=1": "'=1", "-M-": "-M-", "'til": "'til", "'": "'"} {
		for item, wrong := range CSV(strings.NewReader("title,artist,file\n" + cell + "," + cell + ",'-a.mp3\n")) {
			if wrong != nil || item.Title != want || item.Artist != want || item.Path != "'-a.mp3" {
				t.Errorf("%q: got %+v, %+v, want %q", cell, item, wrong, want)
			}
		}
	}
}

package intake

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestYTDLP(t *testing.T) {
	t.Parallel()
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
	for name, tc := range map[string]struct {
		info string
		want Item
		err  error
	}{
		"everything": {
			info: `{"id":"1","title":"돌덩이 (Official)","track":"돌덩이","uploader":"JTBC","artist":"하현우","album":"이태원 클라쓰 OST",
				"description":"First\r\nsecond","genre":"Rock","genres":["OST"],"tags":["#live",7,null,"late night"],"categories":["Music"],
				"timestamp":1580000000,"upload_date":"20200126","release_year":2020,"webpage_url":"https://example.org/x","duration":200,
				"_filename":"/home/x/Music/a.mp3","formats":[{"url":"x","deep":[[[{}]]]}],"chapters":[{"start_time":0,"title":"x"}],
				"comments":[
					{"id":"c1","author":"@mina","text":"loud","timestamp":1580000100,"parent":"root"},
					{"id":"c2","author":"juno","text":"1:23 this","timestamp":"1580000200","parent":"c1"},
					{"id":"c3","author":"juno","html":"a &amp; <b>b</b><br>c"},
					{"id":"c4","author":"a","text":"0:10 and 0:20"},
					{"id":"c5","author":"a","text":"9:59:59 is behind the end"},
					{"id":"c6","author":"a","text":"x","start_time":12.5},
					{"id":"c7","author":"a","text":"x","position_ms":1500},
					{"id":7,"body":"from SoundCloud","timestamp":61500,"created_at":"2020/01/26 10:00:00 +0000","user":{"username":"kim","id":3,"x":{"username":"no"}}},
					{"author":"nothing said"},{"text":""},7,null,[1,[2]],"x"]}`,
			want: Item{Title: "돌덩이", Artist: "하현우", Album: "이태원 클라쓰 OST", Description: "First\nsecond", Tags: []string{"Rock", "OST", "live", "7", "late night", "Music"},
				Created: at(1580000000), Year: 2020, URL: "https://example.org/x", Path: "a.mp3", Comments: []Comment{
					{ID: "c1", Author: "@mina", Text: "loud", Created: at(1580000100)},
					{ID: "c2", Parent: "c1", Author: "juno", Text: "1:23 this", Created: at(1580000200), At: 83 * time.Second, Timed: true},
					{ID: "c3", Author: "juno", Text: "a & b\nc"},
					{ID: "c4", Author: "a", Text: "0:10 and 0:20"},
					{ID: "c5", Author: "a", Text: "9:59:59 is behind the end"},
					{ID: "c6", Author: "a", Text: "x", At: 12500 * time.Millisecond, Timed: true},
					{ID: "c7", Author: "a", Text: "x", At: 1500 * time.Millisecond, Timed: true},
					{ID: "7", Author: "kim", Text: "from SoundCloud", At: 61500 * time.Millisecond, Timed: true, Created: time.Date(2020, 1, 26, 10, 0, 0, 0, time.UTC)},
				}},
		},
		"little": {
			info: `{"title":"One","channel":"Mina","upload_date":"20240301","webpage_url":"javascript:alert(1)"}`,
			want: Item{Title: "One", Artist: "Mina", Created: day(2024, 3, 1), Year: 2024},
		},
		"several artists": {
			info: `{"title":"One","artists":["Mina","Juno"],"uploader":"x"}`,
			want: Item{Title: "One", Artist: "Mina, Juno"},
		},
		"wrong types everywhere": {
			info: `{"title":{"a":[1]},"track":null,"fulltitle":12,"artist":["x",["y"]],"album":true,"description":[{}],"genre":{"x":1},"tags":"one","genres":{"a":"b"},
				"timestamp":"soon","upload_date":20240301,"release_year":[],"duration":"x","_type":null,"comments":{"a":1},"_filename":false}`,
			want: Item{Title: "12", Tags: []string{"one"}, Created: day(2024, 3, 1), Year: 2024},
		},
		"numbers out of all bounds": {
			info: `{"title":"x","timestamp":1e300,"release_year":-1e9,"duration":1e999,"comments":[{"text":"a","timestamp":-5,"start_time":1e30}]}`,
			want: Item{Title: "x", Comments: []Comment{{Text: "a"}}},
		},
		"a playlist":       {info: `{"_type":"playlist","title":"x","entries":[{"title":"y"}]}`, err: ErrNotTrack},
		"nothing":          {info: ``, err: ErrNotJSON},
		"no object":        {info: `[1,2]`, err: ErrNotJSON},
		"cut off":          {info: `{"title":"x","comments":[{"text":"y"}`, err: ErrNotJSON},
		"no JSON":          {info: `title: x`, err: ErrNotJSON},
		"one endless text": {info: `{"title":"` + strings.Repeat("x", 2<<20) + `"}`, err: ErrLargeJSON},
		"bottomless":       {info: `{"x":` + strings.Repeat("[", 1000), err: ErrLargeJSON},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := YTDLP([]byte(tc.info))
			if !errors.Is(err, tc.err) || err != nil && tc.err == nil {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestYTDLPHasBounds(t *testing.T) {
	t.Parallel()
	many := `{"title":"x","comments":[` + strings.Repeat(`{"text":"a"},`, MaxComments+5) + `{"text":"a"}]}`
	it, err := YTDLP([]byte(many))
	if err != nil || len(it.Comments) != MaxComments {
		t.Errorf("%d comments, %v", len(it.Comments), err)
	}
	_, err = YTDLPFrom(strings.NewReader(`{"formats":[0` + strings.Repeat(`,"`+strings.Repeat("x", 10_000)+`"`, MaxInfo/10_000) + `]}`))
	if !errors.Is(err, ErrLargeJSON) {
		t.Errorf("a file over 32 MB: %v", err)
	}
}

func FuzzYTDLP(f *testing.F) {
	for _, s := range []string{
		`{"title":"One","tags":["a"],"comments":[{"author":"a","text":"1:23 x","timestamp":1,"user":{"username":"b"}}]}`,
		`{"_type":"playlist"}`, `[`, `{"comments":[[]]}`, `{"title":1e999}`, `{"comments":[{"html":"<b>&lt;"}],"upload_date":"20200101"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		it, err := YTDLP(b)
		if err != nil {
			return
		}
		for _, c := range it.Comments {
			if c.Text == "" || c.At < 0 || len(c.Text) > maxText || !c.Timed && c.At != 0 {
				t.Fatalf("%+v", c)
			}
		}
		if it.Year < 0 || it.Year > 9999 || len(it.Title) > maxShort {
			t.Fatalf("%+v", it)
		}
	})
}

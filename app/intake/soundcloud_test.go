package intake

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSoundCloudExports(t *testing.T) {
	t.Parallel()
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	created := time.Date(2013, 5, 18, 20, 5, 26, 0, time.UTC)
	want := []Item{
		{Path: "tracks/moody-blue.mp3", Title: "Moody Blue", Artist: "mina", Description: "long", Tags: []string{"Jazz", "late night", "live"},
			Created: created, Visibility: "private", URL: "https://soundcloud.com/mina/moody-blue",
			Comments: []Comment{{ID: "9", Author: "kim", Text: "this", At: 1500 * time.Millisecond, Timed: true}}},
		{Path: "tracks/My original.wav", Title: "Second", Year: 2014, Visibility: "public"},
	}
	lined := append([]Item(nil), want...)
	lined[0].Line, lined[1].Line = 2, 3
	for name, tc := range map[string]struct {
		files    fstest.MapFS
		items    []Item
		problems int
		is       bool
	}{
		"JSON": {files: fstest.MapFS{
			"tracks/moody-blue.mp3": file("x"), "tracks/My original.wav": file("x"), "tracks/other.mp3": file("x"),
			"data/tracks.json": file(`{"collection":[
				{"id":5,"kind":"track","title":"Moody Blue","description":"long","genre":"Jazz","tag_list":"\"late night\" live","created_at":"2013/05/18 20:05:26 +0000","sharing":"private",
				 "permalink":"moody-blue","permalink_url":"https://soundcloud.com/mina/moody-blue","user":{"id":1,"username":"mina","followers_count":3}},
				{"id":6,"title":"Second","release_year":2014,"sharing":"public","genre":null,"original_filename":"My original.wav"},
				{"id":7,"title":"Gone","sharing":"public","genre":""}],"next_href":null}`),
			"data/comments.json": file(`[{"kind":"comment","id":9,"body":"this","timestamp":1500,"track_id":5,"user":{"username":"kim"}},{"body":"whose?","track_id":99},7]`),
			"data/likes.json":    file(`{"likes":[{"x":1}]}`),
		}, items: want, problems: 1, is: true},
		"CSV": {files: fstest.MapFS{
			"tracks/moody-blue.mp3": file("x"), "tracks/My original.wav": file("x"),
			"tracks.csv": file("ID,Title,Description,Genre,Tag List,Created At,Sharing,Permalink URL,User Username,Release Year,Filename\n" +
				"5,Moody Blue,long,Jazz,\"\"\"late night\"\" live\",2013/05/18 20:05:26 +0000,private,https://soundcloud.com/mina/moody-blue,mina,,\n" +
				"6,Second,,,,,public,,,2014,My original.wav\n"),
			"comments.csv": file("id,body,timestamp,track_id,username\n9,this,1500,5,kim\n"),
		}, items: lined, is: true},
		"a folder of music":       {files: fstest.MapFS{"a.mp3": file("x"), "notes.csv": file("title,file\nOne,a.mp3\n"), "x.json": file(`{"a":[1]}`), "y.json": file(`[[[`)}},
		"what yt-dlp leaves":      {files: fstest.MapFS{"a.mp3": file("x"), "a.info.json": file(`{"title":"x","genre":"y","license":"z"}`)}},
		"no audio":                {files: fstest.MapFS{"tracks.json": file(`[{"title":"x","genre":"y","sharing":"public"}]`)}},
		"lists that are no lists": {files: fstest.MapFS{"a.mp3": file("x"), "b.csv": file("\x00\x01"), "c.json": file(strings.Repeat("[", 5000)), "d.json": file("")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, is, err := SoundCloud(tc.files)
			if err != nil || is != tc.is || len(x.Problems) != tc.problems {
				t.Errorf("export: %v, %v, problems %v", is, err, x.Problems)
			}
			if diff := cmp.Diff(tc.items, x.Items); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzSoundCloud(f *testing.F) {
	f.Add([]byte(`[{"id":5,"title":"a","genre":"x","sharing":"private","user":{"username":"u"}},{"body":"x","track_id":5,"timestamp":3}]`), []byte("title,genre,sharing\na,b,public\n"))
	f.Add([]byte(`{"tracks":[[{"title":[]}]]}`), []byte("body,track_id\n"))
	f.Fuzz(func(t *testing.T, objects, list []byte) {
		x, _, err := SoundCloud(fstest.MapFS{"a.mp3": {}, "t.json": {Data: objects}, "t.csv": {Data: list}})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range x.Items {
			if it.Path != "a.mp3" {
				t.Fatalf("%+v", it)
			}
		}
	})
}

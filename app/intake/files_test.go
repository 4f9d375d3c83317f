package intake

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestFilesAreFoundAsListsNameThem(t *testing.T) {
	t.Parallel()
	f := NewFiles("/srv/Music")
	for _, p := range []string{
		"one.mp3", "Album A/01.mp3", "Album B/01.mp3", "Album B/02 Two.mp3", "deep/er/three.flac", "Case.mp3", "case.MP3",
		norm.NFD.String("음악/돌덩이.mp3"), "both/" + norm.NFC.String("é.mp3"), "both/" + norm.NFD.String("é.mp3"),
	} {
		f.Add(p)
	}
	for _, tc := range []struct{ named, near, want, code string }{
		{"one.mp3", "", "one.mp3", ""},
		{" ./one.mp3 ", ".", "one.mp3", ""},
		{"ONE.MP3", "", "one.mp3", ""},
		{`Album A\01.mp3`, "", "Album A/01.mp3", ""},
		{"album b/01.mp3", "", "Album B/01.mp3", ""},
		{"01.mp3", "Album B", "Album B/01.mp3", ""},
		{"Music/Album A/01.mp3", "", "Album A/01.mp3", ""},
		{"/srv/Music/Album A/01.mp3", "Album B", "Album A/01.mp3", ""},
		{"three.flac", "", "deep/er/three.flac", ""},
		{"er/three.flac", "", "deep/er/three.flac", ""},
		{"음악/돌덩이.mp3", "", norm.NFD.String("음악/돌덩이.mp3"), ""},
		{"돌덩이.mp3", "", norm.NFD.String("음악/돌덩이.mp3"), ""},
		{"Case.mp3", "", "Case.mp3", ""},
		{"case.MP3", "", "case.MP3", ""},
		{norm.NFD.String("both/é.mp3"), "", norm.NFD.String("both/é.mp3"), ""},
		{norm.NFC.String("both/é.mp3"), "", norm.NFC.String("both/é.mp3"), ""},
		{"CASE.mp3", "", "", "file.ambiguous"},
		{"01.mp3", "", "", "file.ambiguous"},
		{"Album C/01.mp3", "", "", "file.missing"}, // not that of another album
		{"nowhere.mp3", "", "", "file.missing"},
		{"../one.mp3", "", "", "file.outside"},
		{"../Music/one.mp3", "", "", "file.outside"},
		{"Album A/../one.mp3", "", "", "file.outside"},
		{`..\one.mp3`, "", "", "file.outside"},
		{"/etc/passwd", "", "", "file.outside"},
		{"/one.mp3", "", "", "file.outside"},
		{"/srv/Music2/one.mp3", "", "", "file.outside"},
		{`C:\Music\one.mp3`, "", "", "file.outside"},
		{`\\server\one.mp3`, "", "", "file.outside"},
		{"https://example.org/one.mp3", "", "", "file.outside"},
		{"one.mp3\x00", "", "", "file.outside"},
		{"", "", "", "file.empty"},
		{".", "", "", "file.empty"},
	} {
		got, p := f.Find(tc.named, tc.near)
		code := ""
		if p != nil {
			code = p.Code
		}
		if got != tc.want || code != tc.code {
			t.Errorf("%q in %q: %q %q, want %q %q", tc.named, tc.near, got, code, tc.want, tc.code)
		}
	}
}

func FuzzFiles(f *testing.F) {
	f.Add("a/b.mp3\nB.mp3", "A\\b.MP3", "a")
	f.Add("é.mp3", "é.mp3", "")
	f.Add("x", "../x", "..")
	f.Fuzz(func(t *testing.T, all, named, near string) {
		x := NewFiles("/root")
		have := map[string]bool{}
		for p := range strings.SplitSeq(all, "\n") {
			if !have[p] && len(have) < 100 {
				x.Add(p)
				have[p] = true
			}
		}
		if p, problem := x.Find(named, near); problem == nil && !have[p] {
			t.Fatalf("%q is no file of the folder", p)
		}
	})
}

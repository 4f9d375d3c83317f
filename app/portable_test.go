package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"earshot/app/api/wire"
	"earshot/app/intake"
)

// earshotDo runs a command of the program on a data folder, and gives what it
// says and whether it went well.
func earshotDo(t testing.TB, dir string, words ...string) (string, bool) {
	t.Helper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, append(words, "-data", dir)...)
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "goroutine") {
		t.Errorf("it fell over: %s", out)
	}
	return string(out), err == nil
}

// earshotDone is earshotDo of what has to go well.
func earshotDone(t testing.TB, dir string, words ...string) string {
	t.Helper()
	out, ok := earshotDo(t, dir, words...)
	if !ok {
		t.Fatalf("earshot %s failed: %s", strings.Join(words, " "), out)
	}
	return out
}

// brought is what a house shows of somebody, without what differs from house to
// house: ids, addresses of files, and what others do there.
type brought struct {
	Me                                                             wire.Me
	Tracks                                                         []wire.Track
	Sound                                                          []string
	Comments                                                       map[string][]wire.Comment
	Playlists                                                      []wire.Playlist
	Order                                                          map[string][]string
	Public, PublicLists, Following, Likes, ListLikes, Reposts, Art []string
}

func items[T any](p *person, path string) []T {
	p.h.t.Helper()
	var all []T
	for next := ""; ; {
		var page struct {
			Items []T
			Next  string
		}
		p.get(path + "?limit=100&cursor=" + next).want(200).into(&page)
		all = append(all, page.Items...)
		if next = page.Next; next == "" {
			return all
		}
	}
}

// shows reads what a house shows of the person.
func (p *person) shows() brought {
	p.h.t.Helper()
	b := brought{Comments: map[string][]wire.Comment{}, Order: map[string][]string{}}
	p.get("/api/me").want(200).into(&b.Me)
	id := b.Me.ID
	art := func(what, path string, pic *wire.Picture) {
		if pic != nil {
			a := p.get(path).want(200)
			b.Art = append(b.Art, what+" "+a.header.Get("Content-Type"))
		}
	}
	art("profile", "/api/users/"+id+"/picture/600", b.Me.Picture)
	if b.Me.Banner != nil {
		art("banner", b.Me.Banner.Wide, &wire.Picture{})
	}
	if b.Me.Pinned != nil {
		b.Art = append(b.Art, "pinned "+b.Me.Pinned.Slug)
	}
	for _, t := range items[wire.Track](p, "/api/me/tracks") {
		art(t.Slug, "/api/tracks/"+t.ID+"/picture/600", t.Picture)
		b.Sound = append(b.Sound, string(p.get("/api/tracks/"+t.ID+"/stream").want(200).body))
		for _, m := range items[wire.Comment](p, "/api/tracks/"+t.ID+"/comments") {
			all := append([]wire.Comment{m}, items[wire.Comment](p, "/api/comments/"+m.ID+"/replies")...)
			for i := range all {
				m := &all[i]
				if m.User != nil && m.User.ID != id { // elsewhere, others are names alone
					m.Guest, m.User = m.User.Name, nil
				} else if m.User != nil {
					m.User = &wire.UserRef{Username: m.User.Username}
				}
				m.ID, m.Track, m.First, m.CanEdit = "", "", nil, false
				if m.Parent != "" {
					m.Parent = "the one before"
				}
			}
			b.Comments[t.Slug] = append(b.Comments[t.Slug], all...)
		}
		t.ID, t.User, t.Stream, t.Peaks, t.Measured, t.Colour, t.Waveform, t.Picture = "", wire.UserRef{}, wire.Stream{}, "", nil, "", "", nil
		t.Counts.Plays, t.Counts.Likes, t.Counts.Reposts = 0, 0, 0
		b.Tracks = append(b.Tracks, t)
	}
	for _, l := range items[wire.Playlist](p, "/api/me/playlists") {
		if l.OwnPicture {
			art(l.Slug, "/api/playlists/"+l.ID+"/picture/600", l.Picture)
		}
		for _, t := range items[wire.Track](p, "/api/playlists/"+l.ID+"/tracks") {
			b.Order[l.Slug] = append(b.Order[l.Slug], t.Slug)
		}
		l.ID, l.User, l.Picture, l.Colour, l.Likes, l.Updated = "", wire.UserRef{}, nil, "", 0, time.Time{}
		b.Playlists = append(b.Playlists, l)
	}
	for _, t := range items[wire.Track](p, "/api/users/"+id+"/tracks") {
		b.Public = append(b.Public, t.Slug)
	}
	for _, l := range items[wire.Playlist](p, "/api/users/"+id+"/playlists") {
		b.PublicLists = append(b.PublicLists, l.Slug)
	}
	for _, u := range items[wire.User](p, "/api/users/"+id+"/following") {
		b.Following = append(b.Following, u.Username)
	}
	for _, t := range items[wire.Track](p, "/api/me/likes") {
		b.Likes = append(b.Likes, t.URL)
	}
	for _, l := range items[wire.Playlist](p, "/api/me/likes/playlists") {
		b.ListLikes = append(b.ListLikes, l.URL)
	}
	for _, t := range items[wire.Track](p, "/api/users/"+id+"/reposts") {
		b.Reposts = append(b.Reposts, t.URL)
	}
	b.Me = wire.Me{User: wire.User{UserRef: wire.UserRef{Username: b.Me.Username, Name: b.Me.Name}, Bio: b.Me.Bio, Created: b.Me.Created}, Email: b.Me.Email, Age: b.Me.Age, Gender: b.Me.Gender}
	return b
}

// settled makes a house in which mina has some of everything.
func settled(t testing.TB) (h *house, mina *person) {
	h = newHouse(t)
	h.keeper()
	mina = h.member("mina")
	jun, ann := h.member("jun"), h.member("ann")
	mina.patch("/api/me", wire.MePatch{Name: ptr("Mina Kim"), Bio: ptr("Loud.\nVery."), Age: ptr(31), Gender: ptr("f")}).want(200)
	mina.put("/api/me/picture", artwork(t)).want(200)

	mina.put("/api/me/banner", painted(t, 1600, 500)).want(200)
	one := mina.upload("one.mp3", taggedWith("One", artwork(t)), "public")
	mina.patch("/api/me", wire.MePatch{Pinned: &one.ID}).want(200)
	two := mina.upload("two.mp3", append(tagged(t, "Two"), 0), "private")
	three := mina.upload("three.wav", wave(44100), "followers")
	again := mina.upload("again.mp3", append(tagged(t, "Two"), 0), "link") // the same bytes
	mina.patch("/api/tracks/"+one.ID, wire.TrackPatch{Title: ptr("돌덩이"), Slug: ptr("stone"), Description: ptr("First\nsecond"), Artist: ptr("하현우"),
		Album: ptr("OST"), Year: ptr(2020), Tags: ptr([]string{"록", "late night"}), Downloadable: ptr(true)}).want(200)
	mina.patch("/api/tracks/"+two.ID, wire.TrackPatch{Comments: ptr(false), Embeddable: ptr(false)}).want(200)
	mina.put("/api/tracks/"+three.ID+"/picture", painted(t, 640, 480)).want(200)
	mina.patch("/api/tracks/"+again.ID, wire.TrackPatch{Title: ptr("Again"), Slug: ptr("again")}).want(200)

	say := func(p *person, track, text string, at int64, parent string) string {
		var m wire.Comment
		p.post("/api/tracks/"+track+"/comments", wire.NewComment{Text: text, PositionMS: at, Parent: parent}).want(201).into(&m)
		return m.ID
	}
	first := say(jun, one.ID, "late", 900, "")
	say(mina, one.ID, "early", 100, "")
	say(ann, one.ID, "tie", 900, "")
	say(mina, one.ID, "Thanks <3", 0, first)
	say(jun, one.ID, "you're welcome", 0, first)
	gone := say(ann, one.ID, "gone", 500, "")
	mina.delete("/api/comments/" + gone).want(204)

	theirs := jun.upload("theirs.mp3", tagged(t, "Theirs"), "public")
	hidden := jun.upload("hidden.mp3", tagged(t, "Hidden"), "public")
	asked := say(jun, theirs.ID, "well?", 300, "")
	say(mina, theirs.ID, "answer", 0, asked)
	say(mina, theirs.ID, "nice", 250, "")
	var album, list, juns wire.Playlist
	mina.post("/api/playlists", wire.NewPlaylist{Title: "OST", Kind: "album", Visibility: "public", Tracks: []string{two.ID, one.ID, three.ID}}).want(201).into(&album)
	mina.put("/api/playlists/"+album.ID+"/picture", artwork(t)).want(200)
	mina.patch("/api/playlists/"+album.ID, wire.PlaylistPatch{Description: ptr("All of it"), Tags: ptr([]string{"x"})}).want(200)
	mina.post("/api/playlists", wire.NewPlaylist{Title: "Mixed", Tracks: []string{theirs.ID, again.ID, one.ID}}).want(201).into(&list)
	jun.post("/api/playlists", wire.NewPlaylist{Title: "Juns", Visibility: "public", Tracks: []string{theirs.ID}}).want(201).into(&juns)
	for _, path := range []string{"/api/tracks/" + hidden.ID + "/like", "/api/tracks/" + theirs.ID + "/like", "/api/tracks/" + one.ID + "/like",
		"/api/playlists/" + juns.ID + "/like", "/api/tracks/" + theirs.ID + "/repost", "/api/users/" + ann.me.ID + "/follow", "/api/users/" + jun.me.ID + "/follow"} {
		mina.put(path, nil).want(200)
	}
	jun.put("/api/users/"+mina.me.ID+"/follow", nil).want(200)
	mina.post("/api/users/"+jun.me.ID+"/messages", wire.NewMessage{Text: "hello jun", Track: one.ID}).want(201)
	jun.post("/api/users/"+mina.me.ID+"/messages", wire.NewMessage{Text: "hello mina"}).want(201)
	jun.patch("/api/tracks/"+hidden.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	return h, mina
}

// enter chooses a password by the link that a command printed, and signs in.
func (h *house) enter(said, address string) *person {
	h.t.Helper()
	link := resetLink.FindStringSubmatch(said)
	if link == nil {
		h.t.Fatalf("no link in %q", said)
	}
	p := h.visitor()
	p.name = address
	p.become(p.post("/api/auth/reset", wire.PasswordReset{Code: link[2], Password: password}), 201)
	return p
}

var exported = regexp.MustCompile(`is in (/\S+\.zip): `)

func TestEverythingOfAPersonMovesToAnotherHouse(t *testing.T) {
	t.Parallel()
	from, mina := settled(t)
	away := t.TempDir()
	said := earshotDone(t, from.dir, "export", "mina", away)
	file := exported.FindStringSubmatch(said)
	if file == nil {
		t.Fatalf("export said %q", said)
	}
	if info, err := os.Stat(file[1]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	if list, _ := os.ReadDir(away); len(list) != 1 {
		t.Errorf("left in the folder: %v", list)
	}
	juns := filepath.Join(away, "jun.zip")
	earshotDone(t, from.dir, "export", "jun@home.example", juns)
	if said, ok := earshotDo(t, from.dir, "export", "jun", juns); ok || !strings.Contains(said, "is there already") {
		t.Errorf("written over: %q", said)
	}
	saysNothingSecret(t, file[1])

	// Into a house where nobody of them is, and which is open.
	to := newHouse(t)
	if said, ok := earshotDo(t, to.dir, "load", file[1]); ok || !strings.Contains(said, "keeper") {
		t.Errorf("loaded before there is a keeper: %q", said)
	}
	to.keeper()
	to.member("ann")
	said = earshotDone(t, to.dir, "load", file[1])
	if !strings.Contains(said, "4 tracks came in, 0 were here already; 2 playlists, 5 comments, 1 follows, 1 likes, 0 reposts") {
		t.Errorf("load said %q", said)
	}
	new := to.enter(said, "mina@home.example")
	want := mina.shows()
	want.Order["mixed"] = []string{"again", "stone"} // without jun's
	for i := range want.Playlists {
		if l := &want.Playlists[i]; l.Slug == "mixed" {
			l.Tracks, l.DurationMS = 2, 0
		}
	}
	want.Following, want.Likes, want.ListLikes, want.Reposts = []string{"ann"}, []string{"/mina/stone"}, nil, nil
	compare := func(want, got brought) {
		t.Helper()
		for i := range got.Playlists {
			if got.Playlists[i].Slug == "mixed" {
				got.Playlists[i].DurationMS = 0
			}
		}
		for i := range want.Playlists {
			if want.Playlists[i].Slug == "mixed" {
				want.Playlists[i].DurationMS = 0
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-there +here):\n%s", diff)
		}
	}
	compare(want, new.shows())

	// Again, while the house is closed: nothing is new.
	before := new.shows()
	if err := to.close(); err != nil {
		t.Fatal(err)
	}
	said = earshotDone(t, to.dir, "load", file[1])
	if !strings.Contains(said, "0 tracks came in, 4 were here already; 0 playlists, 0 comments, 0 follows, 0 likes, 0 reposts") || strings.Contains(said, "/reset#") {
		t.Errorf("the second load said %q", said)
	}
	// Jun comes too, and then what mina has of jun.
	said = earshotDone(t, to.dir, "load", juns)
	if !strings.Contains(said, "2 tracks came in") || !strings.Contains(said, "2 comments that were here") {
		t.Errorf("jun's load said %q", said)
	}
	earshotDone(t, to.dir, "load", file[1], "-as", "mina")
	to.open()
	after := new.shows()
	want = mina.shows()
	if want.Likes = want.Likes[:2]; want.Likes[0] != "/mina/stone" || want.Likes[1] != "/jun/theirs" { // the third is not for her to see
		t.Errorf("likes there: %v", want.Likes)
	}
	for _, b := range []*brought{&want, &after} { // what came the second time came later
		b.Likes, b.Following = nil, nil
	}
	compare(want, after)
	if len(new.shows().Likes) != 2 || len(new.shows().Following) != 2 || len(before.Likes) != 1 {
		t.Errorf("likes %v, follows %v", new.shows().Likes, new.shows().Following)
	}
	theirs := func(p *person) (all []string) { // what mina said there was under her name alone for a while
		for _, t := range items[wire.Track](p, "/api/me/likes") {
			for _, m := range items[wire.Comment](p, "/api/tracks/"+t.ID+"/comments") {
				for _, m := range append([]wire.Comment{m}, items[wire.Comment](p, "/api/comments/"+m.ID+"/replies")...) {
					if t.Slug == "theirs" {
						all = append(all, fmt.Sprint(m.PositionMS, m.User.Username, m.Guest, m.Text, m.Created))
					}
				}
			}
		}
		return all
	}
	if diff := cmp.Diff(theirs(mina), theirs(new)); diff != "" || len(theirs(new)) != 3 {
		t.Errorf("jun's track (-there +here):\n%s", diff)
	}
	if said := earshotDone(t, to.dir, "user", "list"); strings.Count(said, "\n") != 5 {
		t.Errorf("accounts: %s", said)
	}
}

// saysNothingSecret looks for what must not be in an export, and into whether
// its table can be imported.
func saysNothingSecret(t *testing.T, file string) {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all, audio := "", 0
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(f.Name, "audio/") {
			audio++
			if f.Method != zip.Store {
				t.Errorf("%s is squeezed", f.Name)
			}
		} else if !strings.HasPrefix(f.Name, "pictures/") {
			all += string(b)
		}
		if f.Name == "tracks.csv" {
			n := 0
			for it, p := range intake.CSV(bytes.NewReader(b)) {
				if p != nil || !strings.HasPrefix(it.Path, "audio/") || it.User != "mina" {
					t.Errorf("the table: %v %+v", p, it)
				}
				n++
			}
			if n != 4 {
				t.Errorf("%d tracks in the table", n)
			}
		}
	}
	for _, word := range []string{"hello jun", "hello mina", "mina@home.example", "nice", "Loud.", "answer"} {
		if !strings.Contains(all, word) {
			t.Errorf("%q is not in the export", word)
		}
	}
	for _, word := range []string{"$2a$", "jun@home.example", "hash", "secret\"", "session\"", "Hidden"} {
		if strings.Contains(all, word) {
			t.Errorf("%q is in the export", word)
		}
	}
	if audio != 4 {
		t.Errorf("%d audio files", audio)
	}
}

// packed makes a zip file of parts; a part's name may come twice.
func packed(t testing.TB, parts ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "in.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for i := 0; i+1 < len(parts); i += 2 {
		h := &zip.FileHeader{Name: strings.TrimPrefix(parts[i], "@"), Method: zip.Deflate}
		if strings.HasPrefix(parts[i], "@") {
			h.SetMode(os.ModeSymlink | 0o777)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, parts[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestHostileExportsAreToldApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	track := keeper.upload("song.mp3", tagged(t, "Song"), "public")
	const (
		head    = `{"format":"earshot-person","version":1,"username":"eve"}`
		profile = `{"username":"eve","name":"Eve","email":"eve@home.example","created":"2020-01-02T03:04:05Z","picture":"audio/x"}`
	)
	ours := func(more ...string) string {
		return packed(t, append([]string{"earshot.json", head, "profile.json", profile}, more...)...)
	}
	written := func(b string) string {
		name := filepath.Join(t.TempDir(), "in.zip")
		if err := os.WriteFile(name, []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for what, tc := range map[string]struct{ file, says string }{
		"no zip":                 {written("hello"), "no zip file"},
		"nothing":                {written(""), "no zip file"},
		"cut off":                {written("PK\x03\x04" + strings.Repeat("x", 1000)), "no zip file"},
		"another zip":            {packed(t, "a.txt", "x"), "no earshot.json"},
		"another format":         {packed(t, "earshot.json", `{"format":"x","version":1}`), "no earshot.json"},
		"a newer version":        {packed(t, "earshot.json", `{"format":"earshot-person","version":2}`), "of version 2"},
		"a head that is no JSON": {packed(t, "earshot.json", `{{`), "makes no sense"},
		"a head of wrong kind":   {packed(t, "earshot.json", `{"format":7}`), "wrong kind"},
		"a way out":              {ours("../../etc/cron.d/x", "x"), "leads elsewhere"},
		"an absolute path":       {ours("/etc/passwd", "x"), "leads elsewhere"},
		"a way out of Windows":   {ours(`..\x`, "x"), "leads elsewhere"},
		"a link":                 {ours("@audio/x.mp3", "/etc/passwd"), "is a link"},
		"a part twice":           {ours("tracks.json", "{}", "tracks.json", "{}"), "twice"},
		"no profile":             {packed(t, "earshot.json", head), "profile.json"},
		"a bomb of a profile":    {packed(t, "earshot.json", head, "profile.json", strings.Repeat(" ", 5<<20)), "too large"},
		"an endless text":        {packed(t, "earshot.json", head, "profile.json", `{"name":"`+strings.Repeat("x", 1<<20)+`"`), ""},
		"somebody else's address": {packed(t, "earshot.json", head, "profile.json",
			`{"username":"keeper","name":"K","email":"keeper@home.example","created":"2020-01-02T03:04:05Z"}`), "an account here with the address"},
		"no address": {packed(t, "earshot.json", head, "profile.json", `{"username":"eve"}`), "no e-mail address"},
	} {
		said, ok := earshotDo(t, h.dir, "load", tc.file)
		if ok || !strings.Contains(said, tc.says) || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: %q", what, said)
		}
	}

	// What can be taken is, and the rest is told.
	deep := strings.Repeat("[", 200)
	file := ours(
		"tracks.json", `{"items": [{"id":"a","title":"In","slug":"in","visibility":"public","file":"audio/in.mp3","sha256":"zz","created":"2999-01-01T00:00:00Z","year":-5,"tags":["x","`+strings.Repeat("y", 90)+`"]},
			{"id":"b","title":"No sound","file":"audio/text.mp3"},{"id":"c","title":"Not there","file":"audio/none.mp3"},{"id":"d","title":"Elsewhere","file":"../../x"},
			{"id":"e","title":7},{"id":"f","title":"A time","created":"yesterday"},"x",null,[1],
			{"id":"g","title":"Whose?","file":"profile.json"},{"id":"h","title":"Empty","file":"audio/empty.mp3"}]}`,
		"audio/in.mp3", string(tagged(t, "Other")), "audio/text.mp3", "text", "audio/empty.mp3", "",
		"playlists.json", `{"items": [{"id":"p","kind":"?","title":"","slug":"../x","visibility":"?","tracks":[{"kind":"track","owner":"eve","id":"a"},{"kind":"track","owner":"eve","id":"a"},{"owner":"x"},{}]}`,
		"comments.json", `{"items": [{"track":{"id":"a"},"text":"I am the keeper","author":{"username":"keeper-kim","name":"Keeper Kim"},"position_ms":99999999999,"created":"2020-01-01T00:00:00Z"},
			{"track":{"id":"a"},"reply":true,"text":"a reply","author":{"name":""},"position_ms":-5,"created":"2020-01-01T00:00:00Z"},{"track":{"id":"zz"},"text":"x"},{"text":""}]}`,
		"written.json", `{"items": [{"track":{"owner":"keeper-kim","slug":"song"},"text":"hi","author":{"username":"x"},"created":"2020-01-01T00:00:00Z"},{"track":{"owner":"keeper-kim","slug":"song"},"reply":true,"text":"to whom?"}]}`,
		"likes.json", `{"items": [{"thing":{"kind":"track","owner":"keeper-kim","slug":"song"},"at":"2020-01-01T00:00:00Z"},{"thing":null},{}]}`,
		"reposts.json", `{"items": `+deep,
		"follows.json", `{"items": [{"person":{"username":"eve"}},{"person":{"username":"keeper-kim"}},{"person":{"username":"nobody-here"}}]}`,
	)
	said := earshotDone(t, h.dir, "load", file)
	for _, want := range []string{
		"1 tracks came in, 0 were here already; 1 playlists, 3 comments, 1 follows, 1 likes, 0 reposts",
		`"No sound": This file is not audio`, `"Not there": There is no "audio/none.mp3"`, `"Elsewhere": The file "../../x" is not among`,
		`"Whose?": The file "profile.json" is not among`, `"Empty": This file is empty`, `"reposts.json" of this file makes no sense`, `"playlists.json" of this file makes no sense`,
		"the profile picture: The file",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in:\n%s", want, said)
		}
	}
	eve := h.enter(said, "eve@home.example")
	if eve.me.Keeper {
		t.Error("eve became a keeper")
	}
	got := eve.shows()
	if len(got.Tracks) != 1 || got.Tracks[0].Created.After(time.Now()) || got.Tracks[0].Visibility != "public" || got.Playlists[0].Visibility != "private" {
		t.Errorf("eve has %+v, %+v", got.Tracks, got.Playlists)
	}
	if m := got.Comments["in"]; len(m) != 2 || m[0].User != nil || m[0].Guest != "Keeper Kim" || m[1].Guest != "Somebody" || m[0].PositionMS > got.Tracks[0].DurationMS {
		t.Errorf("comments: %+v", m)
	}
	for _, m := range items[wire.Comment](keeper, "/api/tracks/"+track.ID+"/comments") {
		if m.User == nil || m.User.Username != "eve" {
			t.Errorf("on the keeper's track: %+v", m)
		}
	}
	earshotDone(t, h.dir, "load", file)
	if diff := cmp.Diff(got, eve.shows()); diff != "" {
		t.Errorf("the second load changed something:\n%s", diff)
	}
	if said, ok := earshotDo(t, h.dir, "load", file, "-as", "nobody"); ok || !strings.Contains(said, "there is nobody called nobody") {
		t.Errorf("as nobody: %q", said)
	}
	for _, words := range [][]string{{"load"}, {"load", "a", "b"}, {"load", "-what", "x"}, {"load", "/none.zip"}, {"load", t.TempDir()},
		{"export"}, {"export", "nobody"}, {"export", "eve", "/nowhere/at/all"}, {"export", "eve", "/nowhere/x.zip"}} {
		if said, ok := earshotDo(t, h.dir, words...); ok || strings.Count(said, "\n") != 1 {
			t.Errorf("earshot %v: %q", words, said)
		}
	}
}

func TestALoadThatWasStoppedGoesOn(t *testing.T) {
	t.Parallel()
	from := newHouse(t)
	k := from.keeper()
	var tracks []string
	for i := range 12 {
		tr := k.upload(fmt.Sprintf("%d.mp3", i), tagged(t, fmt.Sprint("Song ", i)), "public")
		tracks = append(tracks, tr.ID)
		k.post("/api/tracks/"+tr.ID+"/comments", wire.NewComment{Text: "here", PositionMS: int64(100 * i)}).want(201)
	}
	k.post("/api/playlists", wire.NewPlaylist{Title: "All", Visibility: "public", Tracks: tracks}).want(201)
	file := filepath.Join(t.TempDir(), "k.zip")
	earshotDone(t, from.dir, "export", "keeper@home.example", file)

	to := newHouse(t)
	to.keeper()
	if err := to.close(); err != nil {
		t.Fatal(err)
	}
	earshotDone(t, to.dir, "user", "add", "new@home.example", "-name", "New")
	for _, how := range []os.Signal{os.Kill, os.Interrupt, os.Kill} {
		path, err := executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(path, "load", file, "-as", "new", "-data", to.dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 1) // it has begun
		if _, err := io.ReadFull(out, first); err != nil {
			t.Fatal(err)
		}
		cmd.Process.Signal(how)
		rest, _ := io.ReadAll(out)
		if err := cmd.Wait(); err == nil {
			t.Logf("it was done before it was stopped: %s", rest)
		}
	}
	earshotDone(t, to.dir, "load", file, "-as", "new")
	said := earshotDone(t, to.dir, "load", file, "-as", "new")
	if !strings.Contains(said, "0 tracks came in, 12 were here already; 0 playlists, 0 comments,") {
		t.Errorf("the last load said %q", said)
	}
	to.open()
	reset := earshotDone(t, to.dir, "user", "reset", "new")
	p := to.enter(reset, "new@home.example")
	want, got := k.shows(), p.shows()
	want.Me, got.Me = wire.Me{}, wire.Me{}
	for _, b := range []*brought{&want, &got} { // the name is another
		b.Art = nil
		for i := range b.Tracks {
			b.Tracks[i].URL = ""
		}
		for i := range b.Playlists {
			b.Playlists[i].URL = ""
		}
		for _, m := range b.Comments {
			m[0].User.Username = ""
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-there +here):\n%s", diff)
	}
	left := to.files() // a waveform that is being made passes through there too
	for end := time.Now().Add(20 * time.Second); strings.Contains(strings.Join(left, " "), "incoming") && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		left = to.files()
	}
	if strings.Contains(strings.Join(left, " "), "incoming") {
		t.Errorf("left over: %v", left)
	}
}

func TestPeopleTakeTheirOwnThingsAlong(t *testing.T) {
	t.Parallel()
	from, mina := settled(t)
	a := mina.get("/api/me/export").want(200)
	if a.header.Get("Content-Type") != "application/zip" || !strings.Contains(a.header.Get("Content-Disposition"), "earshot-mina-") ||
		!strings.Contains(a.header.Get("Cache-Control"), "no-store") {
		t.Errorf("headers: %v", a.header)
	}
	file := filepath.Join(t.TempDir(), "mina.zip")
	if err := os.WriteFile(file, a.body, 0o600); err != nil {
		t.Fatal(err)
	}
	saysNothingSecret(t, file)
	from.visitor().get("/api/me/export").fails(401, "signin.needed")
	for range 5 {
		mina.get("/api/me/export").want(200)
	}
	mina.get("/api/me/export").fails(429, "limited")

	// What is missing on the disk is told, and all else is there.
	var found struct{ Track wire.Track }
	mina.get("/api/resolve?path=/mina/stone").want(200).into(&found)
	if err := os.RemoveAll(filepath.Join(from.dir, "media", "tracks", found.Track.ID)); err != nil {
		t.Fatal(err)
	}
	from.reopen() // what was open of it is not any more
	said := earshotDone(t, from.dir, "export", "mina", filepath.Join(t.TempDir(), "less.zip"))
	if !strings.Contains(said, "3 tracks") || !strings.Contains(said, `The sound of "돌덩이" is missing`) {
		t.Errorf("export said %q", said)
	}
}

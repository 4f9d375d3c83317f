package browsertest

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"earshot/app"
	"earshot/app/api/wire"
)

// hearsOf makes the page hear an answer of the API that a house can't be brought
// to give in a test, such as an import that runs all the while.
func (w *window) hearsOf(answers map[string]any) {
	w.t.Helper()
	b, err := json.Marshal(answers)
	if err != nil {
		w.t.Fatal(err)
	}
	source := `{
		const answers = ` + string(b) + `, real = window.fetch;
		window.fetch = (url, init) => {
			const {pathname} = new URL(String(url), location.href);
			return (init?.method ?? 'GET') === 'GET' && pathname in answers
				? Promise.resolve(new Response(JSON.stringify(answers[pathname]), {headers: {'Content-Type': 'application/json'}})) : real(url, init);
		};
	}`
	if _, err := chromedp.Call(w.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source}); err != nil {
		w.t.Fatalf("prepare the answers: %v", err)
	}
}

// busyRoom are answers of a house in which much goes on, and some goes wrong.
func busyRoom(who wire.UserRef) map[string]any {
	now := time.Now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	reading := wire.Import{
		ID: "1", LibraryID: "1", Path: "/srv/music", State: "running", Created: ago(time.Minute), Started: ago(time.Minute), Found: 20_480, Seen: 7_312,
		Bytes: 41_800_000_000, Rate: 118.4, LeftMS: 111_000, Added: 7_201, Duplicates: 96, Refused: 15,
	}
	done := wire.Import{
		ID: "2", LibraryID: "2", Path: "/media/usb/Old cassettes", State: "done", Created: ago(3 * time.Hour), Started: ago(3 * time.Hour), Ended: ago(2 * time.Hour),
		Found: 912, Seen: 912, Added: 12, Changed: 3, Moved: 41, Duplicates: 7, Missing: 2, Refused: 5, Same: 842,
	}
	list := wire.Import{
		ID: "3", Path: "2024-밤기차-모음집.csv", State: "done", Created: ago(26 * time.Hour), Started: ago(26 * time.Hour), Ended: ago(26 * time.Hour),
		Found: 214, Seen: 214, Added: 209, Comments: 31, Refused: 5,
	}
	job := func(id, kind, title, state string, share float64) wire.Job {
		return wire.Job{ID: id, Kind: kind, Title: title, State: state, Share: share, Created: ago(time.Minute)}
	}
	failing := job("f", "analyse", "Wilhelmina's long night train that never arrives at the station where it is waited for", "failing", 0)
	failing.Attempts, failing.After = 2, now.Add(2*time.Minute)
	failing.Error = "read the sound of 3k2h9: input/output error"
	backup := func(name string, age time.Duration, reason, proof string) wire.Backup {
		return wire.Backup{
			Name: name, Made: ago(age), Size: 48_300_000, Reason: reason, Proof: proof, Users: 12, Tracks: 3_214, Remarks: 18_402, Records: 214_338, TookMS: 1_900,
		}
	}
	bad := backup("earshot-20261124-030000.db", 76*time.Hour, "schedule", "bad")
	bad.Error = "page 1,284 can't be read: the checksum of a record in comments is wrong."
	return map[string]any{
		"/api/libraries": wire.List[wire.Library]{Items: []wire.Library{
			{ID: "1", Path: "/srv/music", User: who, Visibility: "public", Albums: true, Watch: true, Files: 7_201, Refused: 15, Import: &reading},
			{ID: "2", Path: "/media/usb/Old cassettes", User: who, Visibility: "followers", Copy: false, Away: true, Files: 905, Refused: 5, Scanned: ago(2 * time.Hour), Import: &done},
		}},
		"/api/imports": wire.List[wire.Import]{Items: []wire.Import{reading, done, list}},
		"/api/imports/2/problems": wire.List[wire.Problem]{Items: []wire.Problem{
			{Path: "Side A/03 - The very long title of a song that was cut off by the tape.mp3", Code: "upload.no_sound", Message: "There is no sound in this file."},
			{Path: "notes.wav", Code: "upload.not_audio", Message: "This is no audio file."},
		}},
		"/api/imports/3/problems": wire.List[wire.Problem]{Items: []wire.Problem{
			{Line: 17, Path: "밤기차/17.mp3", Code: "file.missing", Message: `There is no file "밤기차/17.mp3" in the folder.`},
			{Line: 42, Code: "title.empty", Message: "A title is needed."},
		}},
		"/api/jobs": wire.Jobs{
			Items: []wire.Job{job("a", "import", "music", "running", 0.36), job("b", "analyse", "Kitchen radio", "running", 0.72), failing,
				job("c", "analyse", "Night train", "waiting", 0), job("d", "measure", "비 오는 날 창문을 열고 들어 주세요", "waiting", 0), job("e", "announce", "Hallway", "waiting", 0)},
			Waiting: []wire.JobCount{{Kind: "analyse", Count: 148}, {Kind: "announce", Count: 1}, {Kind: "import", Count: 1}, {Kind: "measure", Count: 7_052}},
		},
		"/api/backups": wire.Backups{
			Items: []wire.Backup{
				backup("earshot-20261127-030000.db", 4*time.Hour, "schedule", "good"), backup("earshot-20261126-174233.db", 14*time.Hour, "asked", "good"),
				backup("earshot-20261125-030000.db", 52*time.Hour, "schedule", "none"), bad,
			},
			Folder: "/var/lib/earshot/backups", EveryMS: 86_400_000, Keep: 7, Next: now.Add(20 * time.Hour), Database: 52_000_000,
		},
		"/api/check": wire.Check{
			State: "done", Started: ago(time.Hour), Ended: ago(55 * time.Minute), Share: 1, Records: 214_338, Files: 9_871,
			Found: []string{"The audio of “Night train” (3k2h9) is 812 bytes shorter than it should be.", "media/tracks/3k9zz is of no track."}, More: 3,
		},
		"/api/health": wire.Health{
			Version: "1.4.0", Go: "1.26.8", System: "linux/arm64", Started: ago(73 * time.Hour), Now: now, Memory: 41_000_000, Limit: 268_435_456, Files: 61,
			Listeners: 3, Tabs: 5, Users: 12, Tracks: 8_106, Schema: 6, Addresses: []string{"http://earshot.local:8080", "http://192.168.178.24:8080"}, QR: &wire.QR{Size: 21, Path: "M0 0h7v1h-7zM0 1h1v6h-1zM6 1h1v6h-1zM1 6h5v1h-5zM2 2h3v3h-3zM14 0h7v1h-7zM14 1h1v6h-1zM20 1h1v6h-1zM15 6h5v1h-5zM16 2h3v3h-3zM9 9h4v4h-4z"},
			Checks: []wire.HealthCheck{
				{Name: "database", State: "ok", Code: "database.ok"}, {Name: "disk", State: "warn", Code: "disk.low", Number: 1_812_000_000},
				{Name: "media", State: "ok", Code: "media.ok"}, {Name: "backups", State: "bad", Code: "backups.bad"}, {Name: "libraries", State: "warn", Code: "libraries.away", Number: 1},
				{Name: "index", State: "ok", Code: "index.ok"}, {Name: "jobs", State: "warn", Code: "jobs.failing", Number: 1}, {Name: "clock", State: "ok", Code: "clock.ok"},
				{Name: "memory", State: "ok", Code: "memory.ok"}, {Name: "check", State: "bad", Code: "check.found", Number: 5},
			},
		},
		"/api/storage": wire.Storage{
			Free: 1_812_000_000, Total: 62_000_000_000, Database: 52_000_000, Unused: 4_000_000, Index: 214_000_000, Backups: 312_000_000,
			Originals: 38_400_000_000, Libraries: 41_800_000_000, Derived: 2_140_000_000, Uploading: 180_000_000,
			People: []wire.UserStorage{{User: who, Bytes: 31_000_000_000, Tracks: 2_801}, {User: wire.UserRef{ID: "9", Name: "미나", Username: "mina", URL: "/mina"}, Bytes: 5_200_000_000, Tracks: 390}, {User: wire.UserRef{ID: "8", Name: "Jun", Username: "jun", URL: "/jun"}, Bytes: 2_200_000_000, Tracks: 23}},
		},
		"/api/folders": wire.Folder{Path: "/srv", Parent: new(string), Folders: []string{"Field recordings of the closed line", "music", "밤기차"}, Audio: 4},
	}
}

// TestPagesOfTheKeepersRoom looks at the pages of the room, as TestPages looks
// at the others: in a quiet house, and in one in which much goes on.
func TestPagesOfTheKeepersRoom(t *testing.T) {
	browser := newTab(t, 5*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	who := h.me().UserRef
	few := []screen{small, phone, desktop}
	type pageOf struct {
		name, path, ready string
		busy, both        bool // much goes on; in both languages
		act               func(w *window)
	}
	scenes := []pageOf{
		{name: "home", path: "/keeper", ready: `.storage-people`, busy: true, both: true},
		{name: "home-quiet", path: "/keeper", ready: `.room-about`},
		{name: "libraries", path: "/keeper/libraries", ready: `.library`, busy: true, both: true, act: func(w *window) {
			w.do(run(`document.querySelectorAll('.problems')[0].open = true`), see(`.problems li`))
		}},
		{name: "library-new", path: "/keeper/libraries", ready: `.library`, busy: true, act: func(w *window) {
			w.do(click(`.room-libraries .main`), see(`dialog[open] form`))
		}},
		{name: "folders", path: "/keeper/libraries", ready: `.library`, busy: true, act: func(w *window) {
			w.do(click(`.room-libraries .main`), see(`dialog[open] form`), click(`.folder-field button`), see(`.folder-list button`))
		}},
		{name: "list-new", path: "/keeper/libraries", ready: `.library`, busy: true, act: func(w *window) {
			w.do(click(`.room-libraries > .actions button:last-child`), see(`dialog[open] form`))
		}},
		{name: "backups", path: "/keeper/backups", ready: `.backup`, busy: true, both: true},
		{name: "jobs", path: "/keeper/jobs", ready: `.work`, busy: true},
		{name: "jobs-none", path: "/keeper/jobs", ready: `.empty`},
		{name: "house", path: "/keeper/settings", ready: `.room-fixed`},
	}
	t.Run("each", func(t *testing.T) {
		for _, p := range scenes {
			for _, locale := range []string{"en", "ko"} {
				if locale == "ko" && !p.both && os.Getenv("EARSHOT_SHOTS") == "" {
					continue
				}
				t.Run(p.name+"/"+locale, func(t *testing.T) {
					t.Parallel()
					sizes := few
					if locale == "ko" {
						sizes = few[:2]
					}
					w := openWindow(t, browser, look{url: h.url, token: h.token, locale: locale, theme: "light"})
					if p.busy {
						w.hearsOf(busyRoom(who))
					}
					s := scene{name: "room-" + p.name, in: h, path: p.path, sizes: sizes, act: func(w *window) {
						w.do(see(p.ready), until(settled))
						if p.act != nil {
							p.act(w)
						}
					}}
					s.inspect(t, w, locale, axe)
				})
			}
		}
	})
}

// TestTheKeepersRoom goes from the account's menu through the room: a folder is
// added, read, and removed again; a setting is changed.
func TestTheKeepersRoom(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	shelf := t.TempDir()
	for i, name := range []string{"Harbour/one.mp3", "Harbour/two.mp3", "three.mp3"} {
		path := filepath.Join(shelf, "music", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, music(8, i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(shelf, "music", "broken.mp3"), []byte(strings.Repeat("This is a letter, not a song. ", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(o *app.Options) { o.Config.Library.Folders = []string{shelf} })
	keeper := &member{house: h}
	keeper.sits(t, browser, laptop, "/")
	w := keeper.w
	w.from(`.header .me`, "Account", "Keeper’s room")
	w.do(finds(`.room-state h2`, "1 thing to look at"), finds(`.troubles li`, "No backups are made"), finds(`.storage-said`, "The house takes"))

	// The letter of the picture is no text, which the account's name would have to hold.
	w.do(until(`document.querySelector('.header .me').textContent === ''`))

	// A folder becomes a library.
	w.do(tap(`.room-ways a`, "Music folders"), finds(`.empty`, "No music folder yet"), tap(`.empty button`, "Add a folder"), see(`dialog[open] form`))
	w.do(tap(`dialog `+submit, "Add and read it"), finds(`dialog .wrong`, "Choose a folder"),
		tap(`.folder-field button`, "Choose"), tap(`.folder-list button`, filepath.Base(shelf)), tap(`.folder-list button`, "One up"),
		finds(`.folder-at`, "Places"), until(`!document.querySelector('.folder-list use[href$="#up"]')`), tap(`.folder-list button`, filepath.Base(shelf)), tap(`.folder-list button`, "music"), finds(`dialog`, "2 audio files right in this folder"),
		tap(`dialog button`, "Take this folder"), tap(`dialog `+submit, "Add and read it"),
		finds(`.library h2`, "music"), finds(`.library .reading-facts`, "3 new"), finds(`.library .reading-facts`, "1 refused"), finds(`.library-facts`, "3 tracks"),
		tap(`.problems summary`, "1 was not taken"), finds(`.problems li`, "broken.mp3"))
	w.do(tap(`.library button`, "Read it now"), finds(`.library .reading`, "Nothing has changed"))
	w.from(`.library .menu > button`, "What can be done", "Change options")
	w.do(tap(`dialog .option`, "Only you"), tap(`dialog `+submit, "Save"), finds(`.library .chip`, "Only you"))

	// A backup is made and proved, and everything checked.
	w.do(tap(`.room-ways a`, "Backups"), finds(`.backup-all .empty`, "No backup yet"), tap(`.backup-all button`, "Back up now"),
		finds(`.backup.good`, "Read in full: 1 person, 3 tracks"), tap(`.backup button`, "Prove it again"), finds(`.command`, "earshot restore"),
		tap(`#check button`, "Start the check"), finds(`#check .check-state`, "All is in order"))

	// What the house keeps, and what it does by itself.
	w.do(tap(`.room-ways a`, "Work"), finds(`h1`, "Work"), tap(`.room-ways a`, "Settings"), finds(`.room-fixed`, "library.folders"),
		run(`document.querySelector('[name=scan_every_ms]').value = '86400000'`), run(`document.querySelector('[name=scan_every_ms]').form.requestSubmit()`), finds(`.toast`, "Saved"))
	var set wire.Settings
	h.do("GET", "/api/house/settings", nil, "", http.StatusOK, &set)
	if set.ScanEveryMS != 86_400_000 || !set.Chosen.ScanEvery {
		t.Errorf("the settings are %+v", set)
	}

	// The folder goes, and its tracks with it; the files stay.
	w.do(tap(`.room-ways a`, "Music folders"), finds(`.library h2`, "music"))
	w.from(`.library .menu > button`, "What can be done", "Remove")
	w.do(finds(`dialog`, "The files themselves are not touched"), tap(`dialog .danger`, "Remove"), finds(`.empty`, "No music folder yet"))
	if _, err := os.Stat(filepath.Join(shelf, "music", "three.mp3")); err != nil {
		t.Error(err)
	}
	w.stayed()
	w.fine("400")
}

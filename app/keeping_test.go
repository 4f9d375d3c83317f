package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/app/copies"
	"earshot/db"
)

// copied waits until no backup is being made, and gives those there are.
func copied(k *person) (b wire.Backups) {
	k.h.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		b = wire.Backups{}
		k.get("/api/backups").want(200).into(&b)
		if !b.Running {
			return b
		}
	}
	k.h.t.Fatal("the backup is never done")
	return b
}

// checked waits until a check has ended.
func checked(k *person) (c wire.Check) {
	k.h.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		c = wire.Check{}
		k.get("/api/check").want(200).into(&c)
		if c.State != "running" {
			return c
		}
	}
	k.h.t.Fatal("the check is never done")
	return c
}

// earshot runs the program with a command, and gives what it said.
func earshot(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = t.TempDir()
	out, _ := cmd.CombinedOutput()
	if s := string(out); strings.Contains(s, "goroutine ") {
		t.Errorf("%v: more than a sentence: %s", args, s)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// wants runs the program and wants an exit status, and texts in what it says.
func wants(t *testing.T, code int, texts []string, args ...string) string {
	t.Helper()
	said, got := earshot(t, args...)
	if got != code {
		t.Errorf("%v: exit status %d, want %d: %s", args, got, code, said)
	}
	for _, text := range texts {
		if !strings.Contains(said, text) {
			t.Errorf("%v: %q is not in %s", args, text, said)
		}
	}
	return said
}

// TestBackupsOfTheKeeper makes one by the button, spoils it, and looks at how
// it is told.
func TestBackupsOfTheKeeper(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	mina.upload("song.mp3", tagged(t, "Song"), "public")
	if b := copied(k); len(b.Items) != 0 || b.EveryMS != 0 || b.Keep != 7 || b.Database == 0 {
		t.Errorf("before any: %+v", b)
	}
	if b := made[wire.Backups](k.post("/api/backups", nil)); !b.Running {
		t.Errorf("just asked for: %+v", b)
	}
	b := copied(k)
	if len(b.Items) != 1 || b.Problem != "" {
		t.Fatalf("after one: %+v", b)
	}
	one := b.Items[0]
	if one.Reason != "asked" || one.Proof != "good" || one.Users != 2 || one.Tracks != 1 || one.Records == 0 || one.Size == 0 {
		t.Errorf("it says %+v", one)
	}
	path := filepath.Join(h.dir, "backups", one.Name)
	for p, mode := range map[string]os.FileMode{path: 0o600, path + ".proof": 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s has mode %v, want %v (%v)", p, info.Mode(), mode, err)
		}
	}
	prove := func(want string) {
		t.Helper()
		var got wire.Backup
		if k.post("/api/backups/"+one.Name+"/prove", nil).want(200).into(&got); got.Proof != want || (got.Error == "") != (want == "good") {
			t.Errorf("proved again: %+v, want %s", got, want)
		}
	}
	prove("good")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	prove("bad")
	if got := copied(k).Items[0]; got.Proof != "bad" {
		t.Errorf("in the list it is %+v", got)
	}
	k.post("/api/backups/earshot.db/prove", nil).fails(404, "not_found")
	k.post("/api/backups/..%2Fearshot.db/prove", nil).fails(404, "not_found")

	// A failed one leaves the others alone, and says why.
	if err := os.Rename(filepath.Dir(path), filepath.Dir(path)+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	said, code := earshot(t, "backup", "-data", h.dir)
	if code != 1 || !strings.Contains(said, "no backup was made") {
		t.Errorf("where the folder is a file: %d %s", code, said)
	}
	os.Remove(filepath.Dir(path))
	if err := os.Rename(filepath.Dir(path)+".away", filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if b := copied(k); b.Problem == "" || len(b.Items) != 1 {
		t.Errorf("after it failed: %+v", b)
	}
	// Another folder, by the command, while it serves.
	other := filepath.Join(t.TempDir(), "disk")
	wants(t, 0, []string{"was made and proved", other, "2 users, 1 track"}, "backup", other, "-data", h.dir)
	wants(t, 0, []string{"was made and proved"}, "backup", "-data", h.dir)
	wants(t, 0, []string{"good: 2 users", "BAD: ", "command"}, "backup", "list", "-data", h.dir)
	if b := copied(k); b.Problem != "" || len(b.Items) != 2 || b.Items[0].Reason != "command" {
		t.Errorf("after a good one: %+v", b)
	}
}

// TestThinningKeepsTheLastGoodOne spoils all but the oldest.
func TestThinningKeepsTheLastGoodOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.Backups.Keep = 2 })
	k := h.keeper()
	for range 4 {
		k.post("/api/backups", nil).want(201)
		if b := copied(k); len(b.Items) > 2 || b.Items[0].Proof != "good" {
			t.Fatalf("got %+v, want two good ones at most", b.Items)
		}
	}
	// Once the newest can't be read, it is an older one that has to stay.
	folder := copies.Folder{Dir: filepath.Join(h.dir, "backups")}
	list := copied(k).Items
	if err := os.Truncate(filepath.Join(folder.Dir, list[0].Name), 10_000); err != nil {
		t.Fatal(err)
	}
	if err := folder.Thin(1); err != nil {
		t.Fatal(err)
	}
	left := copied(k).Items
	if len(left) != 2 || left[0].Proof != "none" || left[1].Proof != "good" {
		t.Errorf("left are %+v, want the bad new one and the good old one", left)
	}
	k.post("/api/backups", nil).want(201)
	copied(k)
	if err := folder.Thin(1); err != nil {
		t.Fatal(err)
	}
	if left := copied(k).Items; len(left) != 1 || left[0].Proof != "good" {
		t.Errorf("left are %+v, want the new good one", left)
	}
}

// TestCheckTellsWhatIsWrong takes, changes and adds files, and looks at what a
// check in the background and on the command line find.
func TestCheckTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	var tracks []wire.Track
	for i := range 5 {
		tracks = append(tracks, mina.upload("song.mp3", append(tagged(t, fmt.Sprint("Song ", i)), tone(5+i)...), "public"))
		mina.drawn(tracks[i].ID)
	}
	if c := checked(k); c.State != "never" {
		t.Errorf("before any: %+v", c)
	}
	k.post("/api/check", nil).want(200)
	if c := checked(k); c.State != "done" || len(c.Found) != 0 || c.Share != 1 || c.Records == 0 || c.Files < 10 {
		t.Errorf("of a whole house: %+v", c)
	}
	wants(t, 0, []string{"All is well"}, "check", "-media", "-data", h.dir)
	folder := func(i int) string { return filepath.Join(h.dir, "media", "tracks", tracks[i].ID) }
	audio := func(i int) string { return filepath.Join(folder(i), "audio.mp3") }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Remove(audio(0)))
	must(os.Truncate(audio(1), 3000))
	f, err := os.OpenFile(audio(2), os.O_APPEND|os.O_WRONLY, 0)
	must(err)
	_, err = f.Write([]byte("more"))
	must(err)
	f.Close()
	must(os.Remove(filepath.Join(folder(3), "peaks")))
	stranger := filepath.Join(h.dir, "media", "tracks", never)
	must(os.Mkdir(stranger, 0o700))
	must(os.WriteFile(filepath.Join(stranger, "audio.mp3"), tone(5), 0o600))
	empty := filepath.Join(h.dir, "media", "users", never)
	must(os.Mkdir(empty, 0o700))
	must(os.WriteFile(filepath.Join(empty, "picture-1-300.jpg"), nil, 0o600))
	found := func(texts []string, list ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(strings.Join(list, "\n"), text) {
				t.Errorf("%q was not found: %q", text, list)
			}
		}
	}
	want := []string{
		"“Song 0”", "“Song 1”", "3000 bytes", "“Song 2”", "The waveform of “Song 3”",
		"media/tracks/" + never + " holds audio", "media/users/" + never + " belongs to nothing",
	}
	k.post("/api/check", nil).want(200)
	c := checked(k)
	found(want, c.Found...)
	if len(c.Found) != 6 {
		t.Errorf("%d things were found: %q", len(c.Found), c.Found)
	}
	said := wants(t, 1, want, "check", "-data", h.dir)
	found([]string{"6 things are not as they should be"}, said)
	wants(t, 1, []string{"stop Earshot first"}, "check", "-repair", "-data", h.dir)
	must(h.close())
	wants(t, 1, want, "check", "-data", h.dir)
	wants(t, 1, []string{
		"Mended: 1 waveforms were missing", "it is now media/lost+found/tracks-" + never, "media/users/" + never + " belonged to nothing",
		"3 things are not as they should be", "can't be mended",
	}, "check", "--repair", "-data", h.dir)
	if _, err := os.Stat(filepath.Join(h.dir, "media", "lost+found", "tracks-"+never, "audio.mp3")); err != nil {
		t.Errorf("the audio that belongs to nobody: %v", err)
	}
	// A byte in the middle of a long file that no fingerprint sees is seen by -media.
	long := append(tagged(t, "Long"), tone(2000)...)
	h.open()
	tr := mina.upload("long.mp3", long, "public")
	mina.drawn(tr.ID)
	if got := mina.drawn(tracks[3].ID); got.Waveform != "ready" {
		t.Errorf("the waveform that was missing is %q", got.Waveform)
	}
	path := filepath.Join(h.dir, "media", "tracks", tr.ID, "audio.mp3")
	info, err := os.Stat(path)
	must(err)
	f, err = os.OpenFile(path, os.O_RDWR, 0)
	must(err)
	var b [1]byte
	at := info.Size()/30 + 6000
	_, err = f.ReadAt(b[:], at)
	must(err)
	b[0] ^= 1
	_, err = f.WriteAt(b[:], at)
	must(err)
	f.Close()
	if said, _ := earshot(t, "check", "-data", h.dir); strings.Contains(said, "“Long”") {
		t.Logf("the fingerprint saw it: %s", said)
	}
	wants(t, 1, []string{"“Long”"}, "check", "-media", "-data", h.dir)
	k.delete("/api/check").want(204)
}

// TestDamageIsToldAndMended spoils the database of a closed house: the start
// names the backup and the command, a restore refuses before it is told, and a
// repair keeps what can be read.
func TestDamageIsToldAndMended(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	mina.drawn(track.ID)
	k.post("/api/backups", nil).want(201)
	name := copied(k).Items[0].Name
	later := mina.upload("later.mp3", append(tagged(t, "Later"), tone(9)...), "public")
	mina.drawn(later.ID)
	wants(t, 1, []string{"an Earshot is open"}, "restore", name, "-yes", "-data", h.dir)
	wants(t, 1, []string{"an Earshot is open"}, "compact", "-data", h.dir)
	wants(t, 1, []string{"an Earshot is open"}, "salvage", filepath.Join(h.dir, "earshot.db"), filepath.Join(t.TempDir(), "x.db"))
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(h.dir, "earshot.db")
	wants(t, 0, []string{"The database had", "2 users, 2 tracks"}, "compact", "-data", h.dir)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, 1, []string{"is good: 2 users, 1 track", "there is now: 2 users, 2 tracks", "nothing was changed", "earshot restore " + name + " -yes -data " + h.dir}, "restore", name, "-data", h.dir)
	if now, _ := os.ReadFile(path); !bytes.Equal(now, whole) {
		t.Error("a restore that was not told changed the database")
	}
	wants(t, 1, []string{"there is no backup nonsense"}, "restore", "nonsense", "-yes", "-data", h.dir)
	wants(t, 1, []string{"is the database that is in use"}, "restore", path, "-yes", "-data", h.dir)
	bad := filepath.Join(t.TempDir(), "bad.db")
	os.WriteFile(bad, whole[:len(whole)/2], 0o600)
	wants(t, 1, []string{"is not good, and nothing was changed"}, "restore", bad, "-yes", "-data", h.dir)

	// One byte of a title: the rest serves, and the repair tells what it gave up.
	rotten := bytes.Clone(whole)
	at := bytes.LastIndex(rotten, []byte("Later"))
	rotten[at] = 'l'
	os.WriteFile(path, rotten, 0o600)
	wants(t, 1, []string{"damaged record", "things are not as they should be"}, "check", "-data", h.dir)
	h.open()
	mina.get("/api/tracks/"+later.ID).fails(500, "damaged")
	mina.get("/api/tracks/" + track.ID).want(200)
	if n := h.app.Core().Rotten(); n == 0 {
		t.Error("nothing rotten was counted")
	}
	k.post("/api/backups", nil).want(201)
	if b := copied(k); !strings.Contains(b.Problem, "The database is damaged") || len(b.Items) != 1 {
		t.Errorf("a backup of it: %+v", b)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	said := wants(t, 0, []string{"1 value in tracks can't be read", "The database was made anew: 2 users, 1 track", "is kept as", "lost+found/tracks-" + later.ID}, "check", "-repair", "-data", h.dir)
	t.Log(said)
	wants(t, 0, []string{"All is well"}, "check", "-media", "-data", h.dir)

	// A file of which nothing can be opened.
	os.WriteFile(path, whole[:9000], 0o600)
	said = wants(t, 1, []string{"is damaged", "the newest good backup", "earshot restore " + name + " -data " + h.dir, "earshot check -repair -data " + h.dir}, "serve", "-data", h.dir, "-listen", "127.0.0.1:0")
	if strings.Count(said, "\n") > 2 {
		t.Errorf("more than a sentence: %s", said)
	}
	wants(t, 0, []string{"a database that is damaged", "It was put back: 2 users, 1 track", "What was there is kept as " + path + ".replaced-", "The audio of all 1 track is there"}, "restore", name, "-yes", "-data", h.dir)
	h.open()
	mina.get("/api/me").want(200)
	mina.get("/api/tracks/" + track.ID + "/stream.mp4").want(200)
	mina.get("/api/tracks/"+later.ID).fails(404, "not_found")

	// Into a new place, with the media.
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	fresh := t.TempDir()
	if err := os.CopyFS(filepath.Join(fresh, "media"), os.DirFS(filepath.Join(h.dir, "media"))); err != nil {
		t.Fatal(err)
	}
	wants(t, 0, []string{"It was put back"}, "restore", filepath.Join(h.dir, "backups", name), "-data", fresh)
	wants(t, 0, []string{"All is well"}, "check", "-data", fresh)
	h.dir, h.cfg.Data = fresh, fresh
	h.open()
	mina.get("/api/tracks/" + track.ID + "/stream.mp4").want(200)
	if got := mina.drawn(track.ID); got.Waveform != "ready" || got.Peaks == "" {
		t.Errorf("after the restore the waveform is %q", got.Waveform)
	}
}

// TestKilledWhileKeeping kills backups, restores, compactions and repairs at
// random moments: the database is the old or the new one, whole.
func TestKilledWhileKeeping(t *testing.T) {
	t.Parallel()
	rounds := 1
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_KEEPING_KILLS")); err == nil {
		rounds = n
	}
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	dir := t.TempDir()
	p := start(t, dir)
	k := p.keeper()
	for i := range 4 {
		k.upload("song.mp3", append(tagged(t, fmt.Sprint("Song ", i)), tone(5+i)...), "public")
	}
	wants(t, 0, []string{"was made and proved"}, "backup", "-data", dir)
	names, _ := filepath.Glob(filepath.Join(dir, "backups", "*.db"))
	k.upload("song.mp3", append(tagged(t, "Last"), tone(40)...), "public")
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.cmd.Wait()
	live := filepath.Join(dir, "earshot.db")
	whole, err := os.ReadFile(live)
	if err != nil {
		t.Fatal(err)
	}
	rotten := bytes.Clone(whole)
	rotten[bytes.LastIndex(rotten, []byte("Song 2"))] = 's'
	done, killed := 0, 0
	for round := range rounds {
		for _, c := range []struct {
			args   []string
			before []byte
			tracks []uint64 // that there may be afterwards
		}{
			{[]string{"backup", "-data", dir}, whole, []uint64{5}},
			{[]string{"restore", names[0], "-yes", "-data", dir}, whole, []uint64{4, 5}},
			{[]string{"compact", "-data", dir}, whole, []uint64{5}},
			{[]string{"check", "-repair", "-data", dir}, rotten, []uint64{4, 5}},
		} {
			if err := os.WriteFile(live, c.before, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(path, c.args...)
			cmd.Dir = t.TempDir()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(time.Duration(10+rand.IntN(150))*time.Millisecond, func() { cmd.Process.Kill() })
			if cmd.Wait() == nil {
				done++
			} else {
				killed++
			}
			proof, err := db.Prove(t.Context(), live)
			rottenStill := err != nil && bytes.Equal(c.before, rotten)
			if now, _ := os.ReadFile(live); rottenStill && bytes.Equal(now, rotten) {
				continue // the old one, whole
			}
			if err != nil {
				t.Fatalf("round %d, %v: the database is neither: %v", round, c.args, err)
			}
			if proof.Tracks != c.tracks[0] && proof.Tracks != c.tracks[len(c.tracks)-1] {
				t.Errorf("round %d, %v: %d tracks are there, want one of %d", round, c.args, proof.Tracks, c.tracks)
			}
			all, _ := filepath.Glob(filepath.Join(dir, "backups", "*.db"))
			for _, name := range all {
				if _, err := db.Prove(t.Context(), name); err != nil {
					t.Errorf("round %d, %v: a backup is not whole: %v", round, c.args, err)
				}
			}
			old, _ := filepath.Glob(live + ".replaced-*")
			for _, name := range old {
				os.Remove(name)
			}
		}
	}
	if err := os.WriteFile(live, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d commands were killed, %d were faster", killed, done)
	q := start(t, dir)
	if left, _ := filepath.Glob(filepath.Join(dir, "*.partial")); len(left) > 0 {
		t.Errorf("left after a start: %q", left)
	}
	_ = q
}

// TestBackupWhileWriting makes backups while eight people write: each opens,
// contradicts itself nowhere, and holds what was acknowledged before.
func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	rounds := 3
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_BACKUPS")); err == nil {
		rounds = n
	}
	h := newHouse(t, func(c *config.Config) { c.Backups.Keep = 1000 })
	k := h.keeper()
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	var mu sync.Mutex
	var said []string
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 8 {
		p := h.member(fmt.Sprint("writer", w))
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				a := p.post("/api/tracks/"+track.ID+"/comments", wire.NewComment{Text: fmt.Sprint("said ", w, " ", i)})
				if a.status == http.StatusTooManyRequests {
					return
				}
				var m wire.Comment
				a.want(201).into(&m)
				mu.Lock()
				said = append(said, m.ID)
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	for range rounds {
		mu.Lock()
		before := len(said)
		mu.Unlock()
		k.post("/api/backups", nil).want(201)
		b := copied(k)
		if b.Problem != "" || b.Items[0].Proof != "good" {
			t.Fatalf("the backup: %+v, %s", b.Items, b.Problem)
		}
		d, err := db.Open(filepath.Join(h.dir, "backups", b.Items[0].Name), db.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Check(t.Context()); err != nil {
			t.Error(err)
		}
		err = d.View(t.Context(), func(tx *db.Tx) error {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range said[:before] {
				n, err := db.ParseID(id)
				if err == nil {
					_, err = tx.Comment(n)
				}
				if err != nil {
					return fmt.Errorf("comment %s: %w", id, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		d.Close()
	}
	cancel()
	writers.Wait()
	t.Logf("%d comments were written meanwhile", len(said))
}

// TestHouseDecidesOnBackups wants what the keeper decided to go before the
// settings.
func TestHouseDecidesOnBackups(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	if b := copied(k); b.EveryMS != 0 || !b.Next.IsZero() {
		t.Errorf("as the settings say: %+v", b)
	}
	for _, c := range []struct {
		every int64
		keep  uint64
		ms    int64
		kept  int
	}{{3600, 3, 3_600_000, 3}, {-1, 0, 0, 7}, {0, 2, 0, 2}} {
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
		d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Update(t.Context(), func(tx *db.Tx) error {
			house, err := tx.House()
			if err != nil {
				return err
			}
			house.BackupEvery, house.BackupKeep = c.every, c.keep
			return tx.SetHouse(house)
		})
		if err := errors.Join(err, d.Close()); err != nil {
			t.Fatal(err)
		}
		h.open()
		if b := copied(k); b.EveryMS != c.ms || b.Keep != c.kept || b.Next.IsZero() != (c.ms == 0) {
			t.Errorf("the keeper says %+v: got %+v", c, b)
		}
	}
}

// TestAClosedHouseKnowsItsMusicFolders checks a house whose music lies in a
// folder of the machine: open and closed find the same.
func TestAClosedHouseKnowsItsMusicFolders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	dir := t.TempDir()
	put(t, dir, "a/one.mp3", song{title: "One", sound: 1}.bytes())
	put(t, dir, "a/two.mp3", song{title: "Two", sound: 2}.bytes())
	h.imports(dir)
	h.imports(dir)
	wants(t, 0, []string{"All is well"}, "check", "-media", "-data", h.dir)
	wants(t, 1, []string{"name the backup", "backup list"}, "backup", "prove", "-data", h.dir)
	wants(t, 0, []string{"was made and proved"}, "backup", "-data", h.dir)
	copies, err := filepath.Glob(filepath.Join(h.dir, "backups", "*.db"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("backups: %v, %v", copies, err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	wants(t, 0, []string{"All is well"}, "check", "-media", "-data", h.dir)
	wants(t, 0, []string{"The audio of all 2 tracks is there"}, "restore", copies[0], "-yes", "-data", h.dir)
	if err := os.Remove(filepath.Join(dir, "a/two.mp3")); err != nil {
		t.Fatal(err)
	}
	wants(t, 1, []string{"its file a/two.mp3 is not in the music folder ", "1 thing is not as it should be", "putting its file back"}, "check", "-data", h.dir)
	h.open()
}

// TestCheckOfFilesThatStayWhereTheyAre keeps a house whose tracks are read in a
// library: a check finds them when the house is closed too, tells once of a
// library that is away, and no repair lets a track of it go.
func TestCheckOfFilesThatStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	h := newHouse(t, s.allowed)
	k := h.keeper()
	for i := range 3 {
		s.put(fmt.Sprint(i, ".mp3"), sang(fmt.Sprint("There ", i), 30+i))
	}
	s.put("broken.mp3", []byte("no sound"))
	if l := k.library(s, wire.NewLibrary{}); l.Files != 3 {
		t.Fatalf("the library has %d tracks", l.Files)
	}
	check := func(code int, wants ...string) string {
		t.Helper()
		said, got := earshot(t, append([]string{"check", "-media", "-data", h.dir}, wants[:1]...)...)
		if got != code {
			t.Errorf("it ends with %d, want %d: %s", got, code, said)
		}
		for _, want := range wants[1:] {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not said: %s", want, said)
			}
		}
		return said
	}
	check(0, "-media", "All is well")
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	check(0, "-media", "All is well")
	check(0, "-repair", "All is well")

	// Away, and the database damaged.
	if err := os.Rename(s.dir, s.dir+".away"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(h.dir, "earshot.db")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; ; { // old pages hold it too
		i := bytes.Index(content[at:], []byte("broken.mp3"))
		if i < 0 {
			break
		}
		content[at+i] ^= 1
		at += i + 1
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	said := check(1, "-repair", "The database was made anew: 1 user, 3 tracks", "The music folder "+s.dir+" is away, and with it the audio of 3 tracks", "1 thing is not")
	if strings.Contains(said, "There ") {
		t.Errorf("it tells of each: %s", said)
	}
	if err := os.Rename(s.dir+".away", s.dir); err != nil {
		t.Fatal(err)
	}
	check(0, "-media", "All is well")
	os.Remove(filepath.Join(s.dir, "1.mp3"))
	check(1, "-media", "“There 1”", "its file 1.mp3 is not in the music folder "+s.dir, "1 thing is not")
	s.put("1.mp3", sang("There 1", 31))
	h.open()
	for i := range 3 {
		tr, ok := k.titled(fmt.Sprint("There ", i))
		if !ok {
			t.Fatalf("track %d is gone", i)
		}
		k.get("/api/tracks/" + tr.ID + "/stream.mp4").want(200)
	}
}

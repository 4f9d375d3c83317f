package app_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// TestReadOnlyFolder starts the program on data that can't be written to: it
// ends with a sentence that names the folder and the cure (SAFETY 2.5, D11).
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	refused := func(what string, cmd *exec.Cmd, words ...string) {
		t.Helper()
		cmd.Dir = "/"
		stop := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
		out, err := cmd.CombinedOutput()
		stop.Stop()
		if code := cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("%s: exit status %d (%v): %s", what, code, err, out)
		}
		if bytes.Count(out, []byte("\n")) > 2 || bytes.Contains(out, []byte("goroutine ")) {
			t.Errorf("%s: got more than a sentence: %s", what, out)
		}
		for _, w := range words {
			if !strings.Contains(string(out), w) {
				t.Errorf("%s: got %q, want %q in it", what, out, w)
			}
		}
	}
	serve := func(dir string) *exec.Cmd {
		return exec.Command(path, "serve", "-data", dir, "-listen", "127.0.0.1:0")
	}
	live := func(dir string) { // fills a folder with a house
		t.Helper()
		p := start(t, dir)
		p.keeper().upload("song.mp3", tagged(t, "Song"), "public")
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.cmd.Wait()
	}

	t.Run("no rights", func(t *testing.T) {
		// Whoever may do anything becomes somebody who may not.
		base, err := os.MkdirTemp("", "earshot-rights-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(base) })
		os.Chmod(base, 0o755)
		program := filepath.Join(base, "earshot")
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(program, b, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
		as := func(cmd *exec.Cmd) *exec.Cmd {
			cmd.Path, cmd.Args[0] = program, program
			if os.Getuid() == 0 {
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			}
			return cmd
		}
		empty := filepath.Join(base, "empty")
		os.Mkdir(empty, 0o555)
		refused("an empty folder", as(serve(empty)), empty, "can't be written to", "-data")
		if os.Getuid() == 0 {
			house := filepath.Join(base, "house")
			live(house)
			os.Chmod(house, 0o755)
			refused("files of somebody else", as(serve(house)), house, "can't be written to", "chown")
			if err := os.Chown(house, 65534, 65534); err == nil {
				refused("a database of somebody else", as(serve(house)), house, "can't be written to", "chown")
			}
			for _, part := range []string{"earshot.db", "earshot.db.reserve"} {
				os.Chown(filepath.Join(house, part), 65534, 65534)
			}
			refused("media of somebody else", as(serve(house)), filepath.Join(house, "media"), "can't be written to", "chown")
		}
	})
	t.Run("a disk that is read-only", func(t *testing.T) {
		dir := smallDisk(t, "88m")
		house, empty := filepath.Join(dir, "house"), filepath.Join(dir, "empty")
		os.Mkdir(empty, 0o700)
		live(house)
		before := read(t, filepath.Join(house, "earshot.db"))
		if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			t.Skipf("it can't be made read-only: %v", err)
		}
		refused("a house", serve(house), house, "read-only", "-data")
		refused("an empty folder", serve(empty), empty, "read-only", "-data")
		refused("a folder that is not there", serve(filepath.Join(dir, "new")), filepath.Join(dir, "new"), "read-only")
		refused("its index", exec.Command(path, "reindex", "-data", house), house, "read-only")
		if !bytes.Equal(before, read(t, filepath.Join(house, "earshot.db"))) {
			t.Error("the database is another one")
		}
		if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT, ""); err != nil {
			t.Fatal(err)
		}
		p := start(t, house) // and it is as it was
		var list wire.List[wire.Track]
		if p.person("visitor", "").get("/api/stream").want(200).into(&list); len(list.Items) != 1 {
			t.Errorf("%d tracks are there, want 1", len(list.Items))
		}
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.cmd.Wait()
	})
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestFullDiskInTheBackground fills the disk below what works by itself: the
// search index, waveforms, copies of the database, a start. What waits is done
// when ten MiB are free again, without a start (SAFETY 2.6).
func TestFullDiskInTheBackground(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "160m")
	h := newHouse(t, func(c *config.Config) { c.Data = dir })
	keeper := h.keeper()
	mina := h.member("mina")
	song := mina.upload("song.mp3", tagged(t, "Song"), "public")
	mina.drawn(song.ID)
	mina.finds("song", "t:Song")
	kept := len(h.files())
	hog := filepath.Join(dir, "hog")
	fill(t, hog)

	// A start, while the disk is full.
	h.reopen()
	mina.get("/api/tracks/" + song.ID + "/stream.mp4").want(200)
	mina.finds("song", "t:Song")

	// What is written finds room in the file for a while, and is found at once.
	title := ""
	for i := range 200 {
		fill(t, hog)
		a := mina.patch("/api/tracks/"+song.ID, wire.TrackPatch{Title: ptr(fmt.Sprintf("Harbour %d", i)), Description: ptr(strings.Repeat(fmt.Sprint(i, " "), 1200))})
		if a.status == 507 {
			a.fails(507, "disk.full")
			break
		}
		a.want(200)
		title = fmt.Sprintf("Harbour %d", i)
	}
	if title != "" {
		mina.finds("harbour", "t:"+title)
	} else {
		title = "Song"
	}
	// A copy can't be made, and leaves nothing.
	if err := h.app.BackUp(t.Context()); err == nil {
		t.Error("a copy of the database was made on a full disk")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "backups", "*")); len(left) > 0 {
		t.Errorf("a copy that failed left %v", left)
	}
	// Playing goes on, and is counted when there is room.
	if !mina.hear(song, 1<<40) {
		t.Error("a play does not count")
	}
	// The index can't be made anew either, and answers all the same.
	keeper.post("/api/search/index/rebuild", nil).want(204)
	mina.get("/api/search?q=" + strings.Fields(title)[0]).want(200)
	if now := h.files(); len(now) != kept {
		t.Errorf("files were left: %v", now)
	}

	// Ten MiB are free again.
	info, err := os.Stat(hog)
	if err == nil {
		err = os.Truncate(hog, info.Size()-10<<20)
	}
	if err != nil {
		t.Fatal(err)
	}
	mina.patch("/api/tracks/"+song.ID, wire.TrackPatch{Title: ptr("Lighthouse")}).want(200)
	mina.finds("lighthouse", "t:Lighthouse")
	mina.put("/api/tracks/"+song.ID+"/like", nil).want(200)
	mina.post("/api/tracks/"+song.ID+"/comments", wire.NewComment{Text: "room again"}).want(201)
	if err := h.app.BackUp(t.Context()); err != nil {
		t.Errorf("a copy of the database with ten MiB free: %v", err)
	}
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var now wire.Track
		if mina.get("/api/tracks/" + song.ID).want(200).into(&now); now.Counts.Plays == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("what was heard on a full disk is not counted when there is room")
		}
	}
}

// TestFullDiskInPieces fills the disk while a file comes in pieces: the piece is
// refused with 507 and what was told to be there stays, nothing new is begun or
// left, and with room again it goes on to the end (SAFETY 2.6).
func TestFullDiskInPieces(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "120m")
	h := newHouse(t, func(c *config.Config) { c.Data = dir })
	h.keeper()
	mina := h.member("mina")
	file := bytes.Repeat(tone(2000), 8)
	third := len(file) / 3
	at := mina.begins(len(file), "long.mp3")
	other := mina.begins(len(file), "other.mp3")
	mina.appends(at, 0, file[:third]).want(204)
	mina.appends(other, 0, file[:third]).want(204)
	kept := len(h.files())
	hog := filepath.Join(dir, "hog")
	fill(t, hog)

	for range 3 { // also again and again
		from := mina.offset(at)
		mina.appends(at, from, file[from:]).fails(507, "disk.full")
		if now := mina.offset(at); now < third || now > len(file) {
			t.Errorf("%d bytes are there after a refusal, and %d were acknowledged", now, third)
		}
	}
	mina.announces(len(file), "more.mp3").fails(507, "disk.full")
	if now := h.files(); len(now) != kept {
		t.Errorf("what was refused left files: %v", now)
	}
	// A start, while the disk is full, loses none of it.
	h.reopen()
	if now := mina.offset(at); now < third {
		t.Errorf("%d bytes are there after a start, and %d were acknowledged", now, third)
	}
	// What is cancelled gives its room back, at once.
	mina.tus("DELETE", other, nil).want(204)
	if now := h.files(); len(now) != kept-1 {
		t.Errorf("what was cancelled left files: %v", now)
	}

	if err := os.Remove(hog); err != nil {
		t.Fatal(err)
	}
	from := mina.offset(at)
	mina.appends(at, from, file[from:]).want(204)
	tr := mina.partial(at).Track
	if tr == nil {
		t.Fatal("with room again it became no track")
	}
	if got := mina.get("/api/tracks/" + tr.ID + "/stream.mp3").want(200); !bytes.Equal(got.body, file) {
		t.Error("the track is not what was sent")
	}
	if left := h.coming(); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// TestFullDiskBeforeTheWaveform fills the disk between an upload and the making
// of its waveform: the track plays, and is drawn when there is room.
func TestFullDiskBeforeTheWaveform(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "100m")
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t, func(cfg *config.Config) { cfg.Data = dir })
	mina := h.keeper()
	h.app.StopSoon()
	song := mina.upload("song.mp3", tagged(t, "Song"), "public")
	kept := len(h.files())
	hog := filepath.Join(dir, "hog")
	fill(t, hog)
	h.reopen() // the lane begins with it
	for end := time.Now().Add(20 * time.Second); !strings.Contains(h.log.String(), "will be tried again"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no job failed; log:\n%s", h.log)
		}
	}
	var now wire.Track
	if mina.get("/api/tracks/" + song.ID).want(200).into(&now); now.Waveform != "pending" {
		t.Errorf("on a full disk, the waveform is %q", now.Waveform)
	}
	mina.get("/api/tracks/" + song.ID + "/stream.mp4").want(200)
	if got := h.files(); len(got) != kept {
		t.Errorf("half of a waveform is left: %v", got)
	}
	if err := os.Remove(hog); err != nil {
		t.Fatal(err)
	}
	c.jump(2 * time.Hour)
	other := mina.upload("song.mp3", tone(200), "public") // which wakes the lane
	for _, id := range []string{other.ID, song.ID} {
		if got := mina.drawn(id); got.Waveform != "ready" {
			t.Errorf("with room again, a waveform is %q", got.Waveform)
		}
	}
}

// box makes a control group of the system that may have so much memory, or
// gives "" where that is not for this test to do.
func box(t *testing.T, most int64) string {
	t.Helper()
	for _, v := range []struct{ parent, limit, swap string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"},
		{"/sys/fs/cgroup", "memory.max", "memory.swap.max"},
	} {
		dir := filepath.Join(v.parent, fmt.Sprintf("earshot-test-%d", os.Getpid()))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { os.Remove(dir) })
		if os.WriteFile(filepath.Join(dir, v.limit), []byte(fmt.Sprint(most)), 0o644) != nil {
			continue
		}
		if os.WriteFile(filepath.Join(dir, v.swap), []byte(fmt.Sprint(most)), 0o644) != nil {
			os.WriteFile(filepath.Join(dir, v.swap), []byte("0"), 0o644)
		}
		return dir
	}
	return ""
}

// repeated reads the same again and again.
type repeated struct {
	part []byte
	at   int
}

func (r *repeated) Read(b []byte) (n int, err error) {
	for n < len(b) {
		c := copy(b[n:], r.part[r.at:])
		n, r.at = n+c, (r.at+c)%len(r.part)
	}
	return n, nil
}

// TestSmallMemory uploads 200 MB to a program that may have 128 MiB, while ten
// people listen (SAFETY 2.6).
func TestSmallMemory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("sends 200 MB")
	}
	const most = 128 << 20
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	cmd := exec.Command(path, "serve", "-data", t.TempDir(), "-listen", "127.0.0.1:0")
	group := box(t, most)
	if group != "" {
		cmd = exec.Command("sh", append([]string{"-c", `echo $$ >"$0/cgroup.procs" && exec "$@"`, group}, cmd.Args...)...)
	}
	p, err := run(t, cmd)
	if err != nil && group != "" {
		t.Skipf("a control group can't be joined here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	k := p.keeper()
	k.http.Timeout = 3 * time.Minute
	part := tone(2000)
	song := k.upload("song.mp3", bytes.Repeat(part, 8), "public")
	end := make(chan struct{})
	var wg sync.WaitGroup
	heard := make([]int, 10)
	for i := range heard {
		v := p.person(fmt.Sprint("listener ", i), "")
		wg.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
				}
				if got := v.get("/api/tracks/" + song.ID + []string{"/stream.mp3", "/stream.mp4"}[i%2]); got.status != 200 {
					t.Errorf("a listener got %d", got.status)
					return
				}
				heard[i]++
			}
		})
	}
	peak := 0.0
	wg.Go(func() {
		for {
			select {
			case <-end:
				return
			case <-time.After(20 * time.Millisecond):
				peak = max(peak, privateMemory(p.cmd.Process.Pid))
			}
		}
	})
	const size = 200 << 20
	var tr wire.Track
	k.post("/api/tracks?name=long.mp3&visibility=public", io.LimitReader(&repeated{part: part}, size)).want(201).into(&tr)
	close(end)
	wg.Wait()
	if tr.Audio.Bytes != size {
		t.Errorf("%d bytes came in, want %d", tr.Audio.Bytes, size)
	}
	t.Logf("private memory: %.0f MB at most, limited by the system: %v; heard %v times", peak, group != "", heard)
	if peak == 0 || peak > most/1e6 {
		t.Errorf("it took %.0f MB", peak)
	}
	k.get("/api/tracks/"+tr.ID+"/stream.mp3", "Range", "bytes=209715100-").want(206)
	p.cmd.Process.Signal(syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the end: %v; log:\n%s", err, p.out)
	}
}

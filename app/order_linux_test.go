package app_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// call is a system call of the program, in the order in which they ended.
type call struct {
	name  string
	args  string
	paths []string // of what is open or named, whole
	whole string
}

var (
	callLine = regexp.MustCompile(`^(\d+) +(\w+)\((.*)\) += (\d+)`)
	openPath = regexp.MustCompile(`(\w+)<([^>]*)>(?:, "([^"]*)")?`)
)

// calls reads what strace wrote.
func calls(t *testing.T, b []byte) (list []call) {
	t.Helper()
	begun := map[string]string{} // by thread
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		thread, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		if head, ok := strings.CutSuffix(rest, " <unfinished ...>"); ok {
			begun[thread] = head
			continue
		}
		if _, tail, ok := strings.Cut(rest, " resumed>"); ok && strings.HasPrefix(rest, "<... ") {
			line = thread + " " + begun[thread] + tail
		}
		m := callLine.FindStringSubmatch(line)
		if m == nil {
			continue // a signal, an end, or a call that failed
		}
		c := call{name: m[2], args: m[3], whole: line}
		for _, p := range openPath.FindAllStringSubmatch(m[3], -1) {
			path := p[2]
			if filepath.IsAbs(p[3]) {
				path = p[3]
			} else if p[3] != "" && strings.HasSuffix(c.name, "at") {
				path = filepath.Join(path, p[3])
			}
			c.paths = append(c.paths, path)
		}
		if len(c.paths) > 0 {
			list = append(list, c)
		}
	}
	return list
}

// TestOrderOfWrites watches the system calls of the program while files come
// in: what gets its name is on the disk before, the name is on the disk before
// the answer is given, and the database waits for its data before it writes
// the page that makes it count (SAFETY 2.6; TestPowerCuts of the database
// builds on it).
func TestOrderOfWrites(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not here, so that nobody can see what is written when")
	}
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	dir, trace := t.TempDir(), filepath.Join(t.TempDir(), "trace")
	p, err := run(t, exec.Command(strace, "-D", "-f", "-y", "-s", "16", "-o", trace, "--signal=none",
		"-e", "trace=write,pwrite64,copy_file_range,sendfile,fsync,fdatasync,ftruncate,rename,renameat,renameat2,link,linkat,mkdirat",
		path, "serve", "-data", dir, "-listen", "127.0.0.1:0"))
	if err != nil {
		t.Skipf("it can't be watched here: %v", err)
	}
	k := p.keeper()
	song := k.upload("song.mp3", tagged(t, "Song"), "public")
	k.drawn(song.ID)
	k.put("/api/me/picture", artwork(t)).want(200)
	k.put("/api/tracks/"+song.ID+"/picture", artwork(t)).want(200)
	list := made[wire.Playlist](k.post("/api/playlists", wire.NewPlaylist{Title: "List", Tracks: []string{song.ID}}))
	k.put("/api/playlists/"+list.ID+"/picture", artwork(t)).want(200)
	k.delete("/api/tracks/" + song.ID).want(204)
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.cmd.Wait()
	var all []byte
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if all, err = os.ReadFile(trace); err != nil {
			t.Fatal(err)
		}
		if bytes.HasSuffix(bytes.TrimSpace(all), []byte("+++")) || time.Now().After(end) {
			break
		}
	}

	dirty := map[string]bool{}              // files with bytes that are not waited for
	names := map[string]map[string]string{} // folder to names in it that are not waited for, and how they came
	data, meta := false, false              // of the database: what is not waited for
	named, answers, commits := 0, 0, 0
	database, media := filepath.Join(dir, "earshot.db"), filepath.Join(dir, "media")
	appears := func(path, how string) {
		in := filepath.Dir(path)
		if names[in] == nil {
			names[in] = map[string]string{}
		}
		names[in][filepath.Base(path)] = how
	}
	for _, c := range calls(t, all) {
		to := c.paths[len(c.paths)-1]
		switch c.name {
		case "write", "pwrite64", "copy_file_range", "sendfile", "ftruncate":
			if c.name == "write" && strings.Contains(c.args, `"HTTP/1.1 20`) {
				answers++
				for in, waiting := range names {
					for name, how := range waiting {
						// A waveform is made in its own time, after the answer.
						if strings.HasPrefix(in, media) && !strings.HasPrefix(name, "peaks") && !strings.HasPrefix(name, "fine") && !strings.HasPrefix(name, "waveform") {
							t.Errorf("%s/%s was not waited for when an answer was given: %s", in, name, how)
						}
					}
				}
			}
			dirty[to] = true
			if to != database {
				continue
			}
			if c.name == "pwrite64" {
				fields := strings.Split(c.args, ", ")
				at, err := strconv.ParseInt(fields[len(fields)-1], 0, 64)
				if err != nil {
					t.Fatalf("%s: %v", c.whole, err)
				}
				if meta {
					t.Errorf("the database goes on before its meta page is on the disk: %s", c.whole)
				}
				if meta = at < int64(2*os.Getpagesize()); !meta {
					data = true
				} else if commits++; data {
					t.Errorf("the meta page is written before the data is on the disk: %s", c.whole)
				}
			}
		case "fsync", "fdatasync":
			delete(dirty, to)
			delete(names, to)
			if to == database {
				data, meta = false, false
			}
		case "mkdirat":
			appears(to, c.whole)
		default: // it gets its name
			from := c.paths[0]
			if !strings.HasPrefix(from, media) && !strings.HasPrefix(from, database) {
				continue // the index is made anew when it is lost
			}
			named++
			// These are checked when they are read, and made again from the sound.
			derived := strings.HasPrefix(filepath.Base(to), "peaks") || filepath.Base(to) == "frames.idx"
			if dirty[from] && !derived {
				t.Errorf("%s gets its name before its bytes are on the disk: %s", from, c.whole)
			}
			delete(names[filepath.Dir(from)], filepath.Base(from))
			appears(to, c.whole)
		}
	}
	t.Logf("%d calls: %d files got names, %d answers, %d commits", bytes.Count(all, []byte("\n")), named, answers, commits)
	if named < 8 || answers < 8 || commits < 8 {
		t.Error("too little was seen")
	}
}

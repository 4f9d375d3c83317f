package db_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/db"
)

// childFlag makes the test binary do one of the tasks below instead of testing,
// so that it can be killed.
const childFlag = "-earshot-child"

func child(args []string) int {
	tasks := map[string]func(args []string) error{
		"write": childWrite, "migrate": childMigrate, "damage": childDamage, "salvage": childSalvage,
	}
	if err := tasks[args[0]](args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func childCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(self, append([]string{childFlag}, args...)...)
}

// childWrite adds, changes and drops tracks for ever, and says each on its
// standard output as soon as it is acknowledged.
func childWrite(args []string) error {
	d, err := db.Open(args[0], db.Options{})
	if err != nil {
		return err
	}
	ctx := context.Background()
	var owner db.ID
	err = d.Update(ctx, func(tx *db.Tx) error {
		u := newUser(tx, fmt.Sprint("user-", tx.CountUsers()))
		owner = u.ID
		return tx.AddUser(u)
	})
	if err != nil {
		return err
	}
	var live []db.Track
	for i := 0; ; i++ {
		var said string
		err := d.Update(ctx, func(tx *db.Tx) error {
			if len(live) > 20 {
				gone := live[0]
				live = live[1:]
				if _, err := fmt.Println("dropping", gone.ID); err != nil {
					return err
				}
				said = fmt.Sprintln("dropped", gone.ID)
				return tx.DropTrack(gone.ID)
			}
			t := newTrack(tx, owner, fmt.Sprint("track-", i), db.Public)
			live = append(live, t)
			said = fmt.Sprintln("added", t.ID)
			return tx.AddTrack(t)
		})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(os.Stdout, said); err != nil {
			return err
		}
		if i%50 == 49 {
			if _, err := d.Snapshot(ctx, args[0]+".snapshot"); err != nil {
				return err
			}
		}
	}
}

// killed runs a child until it is killed after a while, and gives the whole
// lines that it said.
func killed(t *testing.T, after time.Duration, args ...string) []string {
	t.Helper()
	cmd := childCommand(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if stderr.Len() > 0 {
		t.Errorf("the child said: %s", stderr.String())
	}
	var lines []string
	scanner := bufio.NewScanner(&stdout)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines
}

func TestAcknowledgedWritesSurviveKill(t *testing.T) {
	t.Parallel()
	cycles := 30
	if testing.Short() {
		cycles = 5
	}
	path := filepath.Join(quickDir(t), "earshot.db")
	last := map[string]string{} // what was said of each track last
	said := 0
	for range cycles {
		for _, line := range killed(t, time.Duration(rand.IntN(120))*time.Millisecond, "write", path) {
			what, id, _ := strings.Cut(line, " ")
			last[id] = what
			said++
		}
		d, err := db.Open(path, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		view(t, d, func(tx *db.Tx) error {
			for text, what := range last {
				id, err := db.ParseID(text)
				if err != nil {
					delete(last, text) // the line was cut
					continue
				}
				_, err = tx.Track(id)
				switch gone := errors.Is(err, db.ErrNotFound); {
				case what == "added" && err != nil:
					t.Errorf("track %s was acknowledged: %v", text, err)
				case what == "dropped" && !gone:
					t.Errorf("track %s was dropped: got %v", text, err)
				case gone:
					delete(last, text)
				}
			}
			return nil
		})
		if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(path + ".*" + db.PartialSuffix); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
	t.Logf("%d changes were acknowledged in %d cycles", said, cycles)
	if said == 0 {
		t.Error("no child had time to write anything")
	}
}

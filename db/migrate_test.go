package db_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

// testSteps are migrations that write down that they ran, with much in
// between, so that a kill falls into them.
func testSteps(n int) []func(*db.Tx) error {
	var steps []func(*db.Tx) error
	for i := range n {
		steps = append(steps, func(tx *db.Tx) error {
			if _, err := tx.Secret(fmt.Sprint("step-", i), 1); i > 0 && err != nil {
				return err
			}
			for t, err := range tx.PublicTracks(0) {
				if err != nil {
					return err
				}
				t.Year++
				if err := tx.SetTrack(t); err != nil {
					return err
				}
			}
			time.Sleep(5 * time.Millisecond)
			return db.PutSecret(tx, fmt.Sprint("step-", i+1), []byte{byte(i)})
		})
	}
	return steps
}

const testTracks = 200

// oldFile makes a file of the newest schema with tracks that all are of the year 2000.
func oldFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(quickDir(t), "earshot.db")
	d, err := db.Open(path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mina := addUser(t, d, "mina")
	update(t, d, func(tx *db.Tx) error {
		for i := range testTracks {
			tr := newTrack(tx, mina.ID, fmt.Sprint("t", i), db.Public)
			tr.Year = 2000
			if err := tx.AddTrack(tr); err != nil {
				return err
			}
		}
		return nil
	})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// years wants every track of a year.
func years(t *testing.T, d *db.DB, want int) {
	t.Helper()
	view(t, d, func(tx *db.Tx) error {
		n := 0
		for tr, err := range tx.PublicTracks(0) {
			if err != nil {
				return err
			}
			if tr.Year != want {
				return fmt.Errorf("a track is of %d, want %d", tr.Year, want)
			}
			n++
		}
		if n != testTracks {
			return fmt.Errorf("%d tracks, want %d", n, testTracks)
		}
		return nil
	})
}

func TestMigrationsRunOnceInOrder(t *testing.T) {
	t.Parallel()
	path := oldFile(t)
	for _, steps := range []int{2, 2, 5, 5} {
		d, err := db.OpenWithSteps(path, testSteps(steps)...)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := db.Schema(d), db.Newest()+steps; got != want {
			t.Errorf("version %d, want %d", got, want)
		}
		years(t, d, 2000+steps)
		if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
			t.Fatal(err)
		}
	}
	// The copies from before are good and old.
	for step, year := range map[int]int{1: 2000, 3: 2002} {
		d, err := db.OpenWithSteps(fmt.Sprintf("%s.before-%d", path, db.Newest()+step), testSteps(step-1)...)
		if err != nil {
			t.Fatal(err)
		}
		years(t, d, year)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []int{2, 4, 5} {
		if _, err := os.Stat(fmt.Sprintf("%s.before-%d", path, db.Newest()+step)); err == nil {
			t.Errorf("there is a copy from before step %d, which no start began with", step)
		}
	}
}

func TestNewerFileIsRefused(t *testing.T) {
	t.Parallel()
	path := oldFile(t)
	d, err := db.OpenWithSteps(path, testSteps(1)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		if _, err := db.Open(path, db.Options{ReadOnly: readOnly}); !errors.Is(err, db.ErrNewer) {
			t.Errorf("got %v, want %v", err, db.ErrNewer)
		}
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the refused file was changed (%v)", err)
	}
}

func TestFailedMigrationLeavesTheFileAsItWas(t *testing.T) {
	t.Parallel()
	path := oldFile(t)
	broken := errors.New("broken step")
	steps := append(testSteps(2), func(tx *db.Tx) error {
		if err := db.PutSecret(tx, "half", nil); err != nil {
			return err
		}
		return broken
	})
	if _, err := db.OpenWithSteps(path, steps...); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	d, err := db.OpenWithSteps(path, testSteps(3)...) // a repaired version
	if err != nil {
		t.Fatal(err)
	}
	years(t, d, 2003)
	view(t, d, func(tx *db.Tx) error {
		if _, err := tx.Secret("half", 0); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("half of the failed step is there: %v", err)
		}
		return nil
	})
	if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
		t.Fatal(err)
	}
}

func childMigrate(args []string) error {
	d, err := db.OpenWithSteps(args[0], testSteps(6)...)
	if err != nil {
		return err
	}
	return d.Close()
}

func TestMigrationSurvivesKill(t *testing.T) {
	t.Parallel()
	files := 20
	if testing.Short() {
		files = 3
	}
	for range files {
		path := oldFile(t)
		for range 3 {
			killed(t, time.Duration(5+rand.IntN(60))*time.Millisecond, "migrate", path)
		}
		d, err := db.OpenWithSteps(path, testSteps(6)...)
		if err != nil {
			t.Fatal(err)
		}
		years(t, d, 2006)
		if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// updateFixture writes the fixture of the newest schema again, as long as no version
// with that schema was released: go test ./db -run TestFixtures -update
var updateFixture = flag.Bool("update", false, "write the fixture of the newest schema again")

// TestFixtures opens a file of every schema that was ever released.
func TestFixtures(t *testing.T) {
	if *updateFixture {
		d := dbtest.Open(t)
		if _, err := dbtest.Fill(t.Context(), d, dbtest.Spec{Users: 3, Tracks: 12, Follows: 4, Playlists: 3, Comments: 20, Likes: 15,
			Reposts: 5, Messages: 10, Notifications: 10, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Snapshot(t.Context(), filepath.Join("testdata", fmt.Sprintf("schema-%d.db", db.Schema(d)))); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "schema-*.db"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no old files: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "earshot.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		d := dbtest.OpenAt(t, path, db.Options{})
		view(t, d, func(tx *db.Tx) error {
			if tx.CountUsers() != 3 || tx.CountTracks() != 12 {
				t.Errorf("%s: %d users and %d tracks, want 3 and 12", file, tx.CountUsers(), tx.CountTracks())
			}
			return nil
		})
	}
}

// A file from before people did things with each other lists as activity what
// was public in it, and takes all that is new.
func TestSocialMigration(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "schema-1.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "earshot.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	d := dbtest.OpenAt(t, path, db.Options{})
	if got, err := os.ReadFile(path + ".before-2"); err != nil || len(got) == 0 {
		t.Errorf("no copy from before was kept: %v", err)
	}
	var users, tracks []db.ID
	view(t, d, func(tx *db.Tx) error {
		var public []db.Activity
		for tr, err := range tx.PublicTracks(0) {
			if err != nil {
				return err
			}
			public = append(public, db.Activity{User: tr.User, Kind: db.Published, Track: tr.ID, Mark: tr.Published})
			tracks = append(tracks, tr.ID)
		}
		var listed []db.Activity
		for a, err := range tx.Activity(0) {
			if err != nil {
				return err
			}
			listed = append(listed, a)
		}
		if diff := cmp.Diff(public, listed); diff != "" || len(public) < 5 {
			t.Errorf("%d tracks are public, and listed otherwise (-public +listed):\n%s", len(public), diff)
		}
		own := 0
		for u, err := range tx.Users(0) {
			if err != nil {
				return err
			}
			users = append(users, u.ID)
			for a, err := range tx.ActivityOf(u.ID, 0) {
				if err != nil || a.User != u.ID {
					t.Errorf("activity of %s has %+v, %v", u.ID, a, err)
				}
				own++
			}
		}
		if own != len(public) {
			t.Errorf("the lists of users have %d activities, want %d", own, len(public))
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(third(tx.Follow(users[0], users[1])), third(tx.Like(users[0], tracks[0])), third(tx.Repost(users[2], tracks[1])),
			tx.AddComment(newComment(tx, tracks[0], users[1], 5, "now we can talk")), tx.DropTrack(tracks[2]))
	})
}

// A rotten entry of the public lists keeps no file from being migrated: the
// others are listed as activity.
func TestSocialMigrationPassesOverWhatIsRotten(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "schema-1.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "whole.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	activity := func(d *db.DB) (list []db.Activity) {
		view(t, d, func(tx *db.Tx) (err error) {
			list, err = gather(tx.Activity(0))
			return err
		})
		return list
	}
	whole := activity(dbtest.OpenAt(t, path, db.Options{}))
	rotten := whole[1]
	at := bytes.Index(content, append(keyOf(rotten.User), keyOf(rotten.Mark)...))
	if at < 0 {
		t.Fatal("the entry is not in the file")
	}
	content[at+20] ^= 1 // behind the key and the checksum
	path = filepath.Join(t.TempDir(), "rotten.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	d, err := db.Open(path, db.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Delete(whole, 1, 2), activity(d)); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
	if !strings.Contains(log.String(), "passed over in the migration") || !strings.Contains(log.String(), "the copy holds") {
		t.Errorf("it is not logged:\n%s", log.String())
	}
	unsoundToTheEnd(t, d)
}

// TestEarMigration: a file from before tracks were measured queues one job to do
// so, if there are any; its tracks are as they were, and not measured.
func TestEarMigration(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"schema-1.db", "schema-2.db", "schema-3.db", "schema-4.db"} {
		content, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(quickDir(t), "earshot.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time it is of the newest schema already
			d, err := db.Open(path, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			view(t, d, func(tx *db.Tx) error {
				jobs, err := gather(tx.Jobs())
				jobs = slices.DeleteFunc(jobs, func(j db.Job) bool { return j.Kind == db.JobSum })
				if err != nil || len(jobs) != 1 || jobs[0].Kind != db.JobRemeasure || jobs[0].Done != 0 || jobs[0].Created.IsZero() {
					t.Errorf("%s: got jobs %+v, %v", file, jobs, err)
				}
				n := 0
				for tr, err := range tx.Tracks(0) {
					if err != nil {
						return err
					}
					if n++; tr.Measured != (db.Measured{}) || tr.Audio.Codec == "" {
						t.Errorf("%s: got %+v", file, tr)
					}
				}
				if n != 12 {
					t.Errorf("%s: %d tracks, want 12", file, n)
				}
				return nil
			})
			if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	fresh := dbtest.Open(t)
	view(t, fresh, func(tx *db.Tx) error {
		if jobs, err := gather(tx.Jobs()); err != nil || len(jobs) != 0 {
			t.Errorf("a new file: got jobs %+v, %v", jobs, err)
		}
		return nil
	})
}

// TestHandMigration: a file from before queues were kept has none, takes them,
// and has them when it is opened again.
func TestHandMigration(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "schema-6.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(quickDir(t), "earshot.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var want db.Queue
	for range 2 {
		d, err := db.Open(path, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if want.User == 0 {
			update(t, d, func(tx *db.Tx) error {
				for u, err := range tx.Users(0) {
					if err != nil {
						return err
					}
					if _, err := tx.Queue(u.ID); !errors.Is(err, db.ErrNotFound) || u.Banner != 0 || u.Pinned != 0 {
						t.Errorf("got %v of %+v", err, u)
					}
					want = db.Queue{User: u.ID, Current: 1, Position: 5_000_000, Device: "Firefox on Linux", Changed: time.UnixMicro(1_700_000_000_000_001).UTC()}
				}
				for tr, err := range tx.Tracks(0) {
					if err != nil {
						return err
					}
					want.Tracks = append(want.Tracks, tr.ID)
				}
				return tx.SetQueue(want)
			})
		}
		view(t, d, func(tx *db.Tx) error {
			got, err := tx.Queue(want.User)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			return err
		})
		if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

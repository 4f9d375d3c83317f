package db_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

// lively is a house in which everything was done.
var lively = dbtest.Spec{Users: 40, Tracks: 400, Follows: 200, Playlists: 30, Comments: 600, Likes: 500, Reposts: 100, Plays: 800, Messages: 200, Notifications: 200, Queues: 30, Seed: 5}

// filled makes a file with such a house, without free space in it.
func filled(t *testing.T, dir string, spec dbtest.Spec) string {
	t.Helper()
	d, err := db.Open(filepath.Join(dir, "all.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	made, err := dbtest.Fill(t.Context(), d, spec)
	if err == nil {
		err = d.Update(t.Context(), func(tx *db.Tx) error { return furnish(tx, made) })
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "good.db")
	_, err = d.Snapshot(t.Context(), path)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// furnish adds what a keeper has on the disk besides: a folder whose files are
// tracks, one whose files could not be taken and one whose track is gone, what
// was read of it and what was wrong, and what somebody is uploading.
func furnish(tx *db.Tx, made dbtest.Filled) error {
	user, now := made.Users[3], time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	lib := db.Library{ID: tx.NewID(), Path: "/mnt/music", User: user, Created: now}
	scan := db.Import{ID: tx.NewID(), Library: lib.ID, Path: lib.Path, State: db.ImportDone, Created: now, Added: 20}
	list := db.Import{ID: tx.NewID(), Path: "/mnt/list.csv", State: db.ImportStopped, Created: now}
	upload := db.Upload{ID: tx.NewID(), User: user, Size: 9000, Offset: 4096, Name: "long.mp3", Created: now, Touched: now}
	whole := db.Upload{ID: tx.NewID(), User: made.Users[4], Size: 9000, Offset: 9000, Created: now, Touched: now, Track: made.Tracks[0]}
	err := errors.Join(tx.AddLibrary(lib), tx.AddImport(scan), tx.AddImport(list), tx.AddUpload(upload), tx.AddUpload(whole),
		tx.AddProblem(scan.ID, db.Problem{Code: "audio.none"}), tx.AddProblem(scan.ID, db.Problem{Code: "audio.broken"}), tx.AddProblem(list.ID, db.Problem{Code: "list.row"}))
	var ids []db.ID
	for i := range 22 {
		t, e := tx.Track(made.Tracks[i])
		sum := sha256.Sum256([]byte{byte(i / 2)}) // each sound twice
		t.ID, t.User, t.Slug, t.Published, t.Visibility = tx.NewID(), user, fmt.Sprint("in-place-", i), 0, db.Private
		t.Audio.InPlace, t.Audio.Sound = i%4 != 3, sum[:]
		ids = append(ids, t.ID)
		err = errors.Join(err, e, tx.AddTrack(t), tx.SetFile(db.File{Library: lib.ID, Path: fmt.Sprint("album/", i, ".mp3"), Track: t.ID, Size: t.Audio.Size, Scan: scan.ID}))
	}
	for i := range 3 {
		err = errors.Join(err, tx.SetFile(db.File{Library: lib.ID, Path: fmt.Sprint("bad/", i, ".mp3"), Refusal: "audio.none", Scan: scan.ID}))
	}
	return errors.Join(err, tx.DropTrack(ids[20]), tx.DropTrack(ids[21]))
}

// TestSalvageOfAWholeFile makes all indexes and counters anew from the records,
// and wants every entry of every bucket to be what it was.
func TestSalvageOfAWholeFile(t *testing.T) {
	t.Parallel()
	dir := quickDir(t)
	good, out := filled(t, dir, lively), filepath.Join(dir, "out.db")
	said, err := db.Salvage(t.Context(), good, out, db.Salvaging{})
	if err != nil || said.Left != nil || len(said.Said) > 0 || len(said.Missing) > 0 {
		t.Fatalf("of a whole file: %v; left %v, said %q, missing %v", err, said.Left, said.Said, said.Missing)
	}
	was, err := db.Entries(good)
	if err != nil {
		t.Fatal(err)
	}
	is, err := db.Entries(out)
	if err != nil {
		t.Fatal(err)
	}
	for name, entries := range was {
		if name == "outbox" || name == "dirty" {
			continue // the index is made anew
		}
		n := 0
		for key, value := range entries {
			if got, there := is[name][key]; (!there || got != value) && !(name == "counts" && !there) {
				if n++; n < 3 {
					t.Errorf("%s %x: got %x, want %x", name, key, got, value)
				}
			}
		}
		for key, value := range is[name] {
			if _, there := entries[key]; !there && name != "counts" {
				if n++; n < 3 {
					t.Errorf("%s %x: got %x, want none", name, key, value)
				}
			}
		}
		if n > 2 {
			t.Errorf("%s: %d entries differ of %d", name, n, len(entries))
		}
	}
	if _, err := db.Salvage(t.Context(), good, out, db.Salvaging{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
	p, err := db.Prove(t.Context(), out)
	if err != nil || p.Users != 40 || p.Tracks != 420 || p.Comments != said.Comments {
		t.Errorf("the proof: %+v, %v", p, err)
	}
}

// rescue counts what came back of damaged files.
type rescue struct {
	Refused, Whole     int // of the files; whole: nothing was lost
	Had, Got, Wrong    int // users, tracks and comments
	Made               int // accounts made again of their names
	Least              float64
	Notes              []string
	Users, HadUsers    int
	Tracks, HadTracks  int
	Comments, HadTalks int
}

func childSalvage(args []string) error {
	dir, way := args[0], args[1]
	old := way == "tail, old too"
	copies, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	good := filepath.Join(dir, "good.db")
	content, err := os.ReadFile(good)
	if err != nil {
		return err
	}
	d, err := db.Open(good, db.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	used, err := db.UsedBytes(d)
	if err != nil {
		return err
	}
	whole, err := readAll(d)
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(3, 7))
	sum := rescue{Least: 1}
	for i := range copies {
		in, out := filepath.Join(dir, fmt.Sprintf("%s-%d.db", way, i)), filepath.Join(dir, fmt.Sprintf("%s-%d.out", way, i))
		if err := os.WriteFile(in, damages[strings.TrimSuffix(way, ", old too")](r, append([]byte{}, content...), int(used)), 0o600); err != nil {
			return err
		}
		said, err := db.Salvage(context.Background(), in, out, db.Salvaging{Old: old})
		os.Remove(in)
		if errors.Is(err, db.ErrDamaged) && said.Left == nil {
			sum.Refused++
			if _, err := os.Stat(out); err == nil {
				sum.Notes = append(sum.Notes, fmt.Sprintf("%d: refused, but %s is there", i, out))
			}
			continue
		}
		if err != nil || said.Left != nil {
			sum.Notes = append(sum.Notes, fmt.Sprintf("%d: %v; left %v; said %q", i, err, said.Left, said.Said))
			os.Remove(out)
			continue
		}
		d, err := db.Open(out, db.Options{ReadOnly: true})
		if err != nil {
			return err
		}
		saved, err := readAll(d)
		if err := errors.Join(err, d.Close()); err != nil {
			return err
		}
		os.Remove(out)
		sum.Made += len(said.Users)
		had, got := 0, 0
		for id, want := range whole {
			had++
			have, there := saved[id]
			if !there {
				continue
			}
			if u, is := have.(db.User); is && u.Disabled {
				continue // made again of its name
			}
			got++
			if !reflect.DeepEqual(have, want) {
				if sum.Wrong++; old {
					continue // it was so once
				}
				sum.Notes = append(sum.Notes, fmt.Sprintf("%d: %v: got %+v, want %+v", i, id, have, want))
			}
		}
		for id := range saved {
			if _, there := whole[id]; !there && !old {
				sum.Notes = append(sum.Notes, fmt.Sprintf("%d: %s was never there", i, id))
			}
		}
		sum.Had, sum.Got = sum.Had+had, sum.Got+got
		sum.Least = min(sum.Least, float64(got)/float64(had))
		if got == had {
			sum.Whole++
		}
	}
	if len(sum.Notes) > 5 {
		sum.Notes = append(sum.Notes[:5], fmt.Sprintf("and %d more", len(sum.Notes)-5))
	}
	return json.NewEncoder(os.Stdout).Encode(sum)
}

// readAll gives the users, tracks and comments of a file, without what is
// counted on them.
func readAll(d *db.DB) (map[db.ID]any, error) {
	all := map[db.ID]any{}
	return all, d.View(context.Background(), func(tx *db.Tx) error {
		for u, err := range tx.Users(0) {
			if err != nil {
				return err
			}
			u.Tracks, u.PublicTracks, u.Bytes, u.InPlace = 0, 0, 0, 0
			all[u.ID] = u
		}
		for t, err := range tx.Tracks(0) {
			if err != nil {
				return err
			}
			all[t.ID] = t
		}
		for m, err := range db.AllComments(tx) {
			if err != nil {
				return err
			}
			m.Replies, m.Parent = 0, 0 // one whose parent is lost stands on its own
			all[m.ID] = m
		}
		return nil
	})
}

// TestSalvage damages files in every way, and wants of each what can be read,
// without anything wrong, and a new file in which nothing contradicts itself.
func TestSalvage(t *testing.T) {
	t.Parallel()
	copies := 1
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_SALVAGES")); err == nil {
		copies = n
	}
	dir := quickDir(t)
	filled(t, dir, lively)
	for _, way := range append(slices.Sorted(maps.Keys(damages)), "tail, old too") {
		cmd := childCommand(t, "salvage", dir, way, fmt.Sprint(copies))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: the process died: %v", way, err)
			continue
		}
		var sum rescue
		if err := json.Unmarshal(out, &sum); err != nil {
			t.Fatal(err)
		}
		t.Logf("%-7s %d files: refused %d, nothing lost in %d; of %d users, tracks and comments %d came back (%.3f %%; least of one file %.1f %%), %d accounts were made again; wrong %d",
			way, copies, sum.Refused, sum.Whole, sum.Had, sum.Got, 100*float64(sum.Got)/float64(max(sum.Had, 1)), 100*sum.Least, sum.Made, sum.Wrong)
		for _, note := range sum.Notes {
			t.Errorf("%s: %s", way, note)
		}
	}
}

// TestCompact frees space, and leaves everything that is there.
func TestCompact(t *testing.T) {
	t.Parallel()
	dir := quickDir(t)
	path := filepath.Join(dir, "all.db")
	filled(t, dir, lively)
	d, err := db.Open(path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Compact(t.Context(), path, db.Options{}); !errors.Is(err, db.ErrLocked) {
		t.Errorf("while it is open: %v", err)
	}
	if _, err := db.Hold(path); !errors.Is(err, db.ErrLocked) {
		t.Errorf("held while it is open: %v", err)
	}
	err = d.Update(t.Context(), func(tx *db.Tx) error {
		for m, err := range db.AllComments(tx) {
			if err == nil && m.Parent == 0 && m.Replies == 0 {
				err = tx.DropComment(m.ID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	was, err := db.Entries(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.Compact(t.Context(), path, db.Options{})
	if err != nil || c.After >= c.Before {
		t.Errorf("got %+v, %v", c, err)
	}
	is, err := db.Entries(path)
	if err != nil || !reflect.DeepEqual(was, is) {
		t.Errorf("something else is there (%v)", err)
	}
	dbtest.OpenAt(t, path, db.Options{})
}

// TestProofRefusesNewer wants a file of a newer version known as one.
func TestProofRefusesNewer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "newer.db")
	d, err := db.OpenWithSteps(path, func(*db.Tx) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Prove(t.Context(), path); !errors.Is(err, db.ErrNewer) {
		t.Errorf("proved: %v", err)
	}
	if _, err := db.Salvage(t.Context(), path, path+".out", db.Salvaging{}); err == nil {
		t.Error("it was salvaged")
	}
}

// TestReplaceKeepsWhatWasThere puts one file in another's place.
func TestReplaceKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "earshot.db")
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	put := func(text string) string {
		f, err := db.Partial(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteString(text)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		old, err := db.Replace(path, f.Name(), now)
		if err != nil {
			t.Fatal(err)
		}
		return old
	}
	if old := put("one"); old != "" {
		t.Errorf("where nothing was, %s is kept", old)
	}
	two, three := put("two"), put("three")
	for name, want := range map[string]string{path: "three", two: "one", three: "two"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s: got %q, want %q (%v)", name, got, want, err)
		}
	}
}

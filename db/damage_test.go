package db_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// damages are the ways in which a file rots. Each changes the content, of
// which a number of bytes is in use.
var damages = map[string]func(r *rand.Rand, b []byte, used int) []byte{
	"bit": func(r *rand.Rand, b []byte, used int) []byte {
		b[r.IntN(used)] ^= 1 << r.IntN(8)
		return b
	},
	"sector": func(r *rand.Rand, b []byte, used int) []byte {
		at := r.IntN(used/512) * 512
		clear(b[at : at+512])
		return b
	},
	"page": func(r *rand.Rand, b []byte, used int) []byte {
		at := r.IntN(used/4096) * 4096
		for i := range 4096 {
			b[at+i] = byte(r.Uint32())
		}
		return b
	},
	"tail": func(r *rand.Rand, b []byte, used int) []byte {
		return b[:r.IntN(len(b))]
	},
	"swap": func(r *rand.Rand, b []byte, used int) []byte { // two pages change places, with their own ids
		x, y := r.IntN(used/4096)*4096, r.IntN(used/4096)*4096
		for i := 8; i < 4096; i++ {
			b[x+i], b[y+i] = b[y+i], b[x+i]
		}
		return b
	},
	"header": func(r *rand.Rand, b []byte, used int) []byte { // the worst place for a flipped bit
		at := r.IntN(used/4096)*4096 + r.IntN(64)
		b[at] ^= 1 << r.IntN(8)
		return b
	},
}

// outcome counts what became of damaged files.
type outcome struct {
	Harmless, Refused, Found int
	Missing                  int      // something was said not to be there
	Wrong                    int      // something else was served than was stored
	Notes                    []string // each is a failure
}

// truth is what a whole file holds.
type truth struct {
	users  map[db.ID]db.User
	tracks map[db.ID]db.Track
	public []db.ID
}

func readTruth(d *db.DB) (truth, error) {
	w := truth{users: map[db.ID]db.User{}, tracks: map[db.ID]db.Track{}}
	err := d.View(context.Background(), func(tx *db.Tx) error {
		for u, err := range tx.Users(0) {
			if err != nil {
				return err
			}
			w.users[u.ID] = u
			for t, err := range tx.TracksOf(u.ID, 0) {
				if err != nil {
					return err
				}
				w.tracks[t.ID] = t
			}
		}
		for t, err := range tx.PublicTracks(0) {
			if err != nil {
				return err
			}
			w.public = append(w.public, t.ID)
		}
		return nil
	})
	return w, err
}

// serve asks a file everything and gives the answers that were wrong, and the
// errors that were given instead of answers. A thing that is said not to be
// there, and a list that is too short, are missing.
func (w truth) serve(d *db.DB) (wrong, missing []string, found []error) {
	answer := func(what string, err error, right bool) {
		switch {
		case errors.Is(err, db.ErrCorrupt), errors.Is(err, db.ErrDamaged):
			found = append(found, err)
		case errors.Is(err, errShort), errors.Is(err, db.ErrNotFound):
			missing = append(missing, fmt.Sprint(what, ": ", err))
		case err != nil:
			wrong = append(wrong, fmt.Sprint(what, ": ", err))
		case !right:
			wrong = append(wrong, what+": another answer")
		}
	}
	// Each question has a transaction of its own, as it is in a server.
	ask := func(what string, question func(tx *db.Tx) (bool, error)) {
		var right bool
		err := d.View(context.Background(), func(tx *db.Tx) (err error) {
			right, err = question(tx)
			return err
		})
		answer(what, err, right)
	}
	for id, want := range w.users {
		ask("User", func(tx *db.Tx) (bool, error) {
			got, err := tx.User(id)
			return reflect.DeepEqual(got, want), err
		})
		ask("UserByUsername", func(tx *db.Tx) (bool, error) {
			got, moved, err := tx.UserByUsername(want.Username)
			return reflect.DeepEqual(got, want) && !moved, err
		})
		ask("UserByEmail", func(tx *db.Tx) (bool, error) {
			got, err := tx.UserByEmail(want.Email)
			return reflect.DeepEqual(got, want), err
		})
		ask("TracksOf", func(tx *db.Tx) (bool, error) {
			n := uint64(0)
			for t, err := range tx.TracksOf(id, 0) {
				if err != nil {
					return false, err
				}
				if !reflect.DeepEqual(t, w.tracks[t.ID]) {
					return false, nil
				}
				n++
			}
			if n < want.Tracks {
				return false, errShort
			}
			return n == want.Tracks, nil
		})
	}
	for id, want := range w.tracks {
		ask("Track", func(tx *db.Tx) (bool, error) {
			got, err := tx.Track(id)
			return reflect.DeepEqual(got, want), err
		})
		ask("TrackBySlug", func(tx *db.Tx) (bool, error) {
			got, moved, err := tx.TrackBySlug(want.User, want.Slug)
			return reflect.DeepEqual(got, want) && !moved, err
		})
	}
	for from := 0; from < len(w.public); from += 20 {
		ask("PublicTracks", func(tx *db.Tx) (bool, error) {
			var before db.ID
			if from > 0 {
				before = w.tracks[w.public[from-1]].Published
			}
			i := from
			for t, err := range tx.PublicTracks(before) {
				if err != nil {
					return false, err
				}
				if !reflect.DeepEqual(t, w.tracks[t.ID]) || t.Published > w.tracks[w.public[i]].Published {
					return false, nil
				}
				if t.ID != w.public[i] {
					return false, errShort
				}
				if i++; i == min(from+20, len(w.public)) {
					return true, nil
				}
			}
			return false, errShort
		})
	}
	return wrong, missing, found
}

var errShort = errors.New("the list is too short")

// work writes what a server might write.
func (w truth) work(d *db.DB, r *rand.Rand) []error {
	var all []error
	for range 2 {
		for _, old := range w.tracks { // one at random
			all = append(all, d.Update(context.Background(), func(tx *db.Tx) error {
				t := newTrack(tx, old.User, fmt.Sprint("new-", r.Uint64()), db.Public)
				if err := tx.AddTrack(t); err != nil {
					return err
				}
				old.Title = strings.Repeat("longer ", r.IntN(200))
				return tx.SetTrack(old)
			}))
			all = append(all, d.UpdateFreeing(context.Background(), func(tx *db.Tx) error { return tx.DropTrack(old.ID) }))
			break
		}
	}
	return all
}

// childDamage damages copies of a file in one way, serves and changes them, and
// says what came of it.
func childDamage(args []string) error {
	dir, way := args[0], args[1]
	var copies, seed int
	if _, err := fmt.Sscan(args[2], &copies); err != nil {
		return err
	}
	if _, err := fmt.Sscan(args[3], &seed); err != nil {
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
	whole, err := readTruth(d)
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(uint64(seed), 7))
	var sum outcome
	for i := range copies {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d.db", way, i))
		if err := os.WriteFile(path, damages[way](r, append([]byte{}, content...), int(used)), 0o600); err != nil {
			return err
		}
		d, err := db.Open(path, db.Options{})
		switch {
		case errors.Is(err, db.ErrDamaged), errors.Is(err, db.ErrCorrupt):
			sum.Refused++
		case err != nil:
			sum.Notes = append(sum.Notes, fmt.Sprintf("%d: open: %v", i, err))
		default:
			wrong, missing, found := whole.serve(d)
			checked := d.Check(context.Background())
			whole.work(d, r)
			switch {
			case len(wrong) > 0:
				sum.Wrong++
				sum.Notes = append(sum.Notes, fmt.Sprintf("%d: %d wrong, such as %s; Check: %v", i, len(wrong), wrong[0], checked))
			case len(missing) > 0:
				sum.Missing++
				if checked == nil {
					sum.Notes = append(sum.Notes, fmt.Sprintf("%d: Check did not see %v", i, missing[0]))
				}
			case checked != nil:
				sum.Found++
			case len(found) > 0:
				sum.Notes = append(sum.Notes, fmt.Sprintf("%d: Check did not see %v", i, found[0]))
			default:
				sum.Harmless++
			}
			if err := d.Close(); err != nil {
				sum.Notes = append(sum.Notes, fmt.Sprintf("%d: close: %v", i, err))
			}
		}
		os.Remove(path)
		os.Remove(db.ReservePath(path))
	}
	return json.NewEncoder(os.Stdout).Encode(sum)
}

// TestDamagedFiles wants of every damaged file that it is refused with a
// sentence, or serves what is right or an error; never a wrong answer, never
// the end of the process.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	copies := 150
	if testing.Short() {
		copies = 20
	}
	dir := quickDir(t)
	d, err := db.Open(filepath.Join(dir, "all.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dbtest.Fill(t.Context(), d, dbtest.Spec{Users: 30, Tracks: 400, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Snapshot(t.Context(), filepath.Join(dir, "good.db")); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for way := range damages {
		cmd := childCommand(t, "damage", dir, way, fmt.Sprint(copies), "1")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: the process died: %v", way, err)
			continue
		}
		var sum outcome
		if err := json.Unmarshal(out, &sum); err != nil {
			t.Fatal(err)
		}
		t.Logf("%-7s harmless %d, refused at open %d, found %d, missing %d, wrong %d", way, sum.Harmless, sum.Refused, sum.Found, sum.Missing, sum.Wrong)
		for _, note := range sum.Notes {
			t.Errorf("%s: %s", way, note)
		}
	}
}

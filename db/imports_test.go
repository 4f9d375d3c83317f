package db_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestImports(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	var lib db.Library
	update(t, d, func(tx *db.Tx) error {
		lib = db.Library{ID: tx.NewID(), Path: "/srv/music", User: mina.ID, Created: noon}
		return tx.AddLibrary(lib)
	})
	add := func(state db.ImportState) (i db.Import) {
		t.Helper()
		update(t, d, func(tx *db.Tx) error {
			i = db.Import{ID: tx.NewID(), Library: lib.ID, Path: lib.Path, State: state, Created: noon}
			if err := tx.AddImport(i); err != nil {
				return err
			}
			return tx.AddJob(db.Job{ID: tx.NewID(), Kind: "import", Subject: i.ID, Created: noon})
		})
		return i
	}
	count := func() (imports, problems, jobs int) {
		view(t, d, func(tx *db.Tx) error {
			for i, err := range tx.Imports(0) {
				if err != nil {
					return err
				}
				imports++
				for _, err := range tx.Problems(i.ID, 0) {
					if err != nil {
						return err
					}
					problems++
				}
			}
			for _, err := range tx.Jobs() {
				if err != nil {
					return err
				}
				jobs++
			}
			return nil
		})
		return imports, problems, jobs
	}
	waiting := add(db.ImportWaiting)
	for range db.MostImports {
		i := add(db.ImportDone)
		update(t, d, func(tx *db.Tx) error {
			return tx.AddProblem(i.ID, db.Problem{Path: "x.mp3", Code: "upload.empty", Text: "This file is empty."})
		})
	}
	// The oldest went, but not the one that waits.
	if imports, problems, jobs := count(); imports != db.MostImports+1 && imports != db.MostImports || problems != jobs-1 {
		t.Errorf("%d imports, %d problems, %d jobs are there", imports, problems, jobs)
	}
	update(t, d, func(tx *db.Tx) error {
		waiting.State, waiting.Added = db.ImportRunning, 7
		return tx.SetImport(waiting)
	})
	for n := range db.MostProblems/1000 + 1 {
		update(t, d, func(tx *db.Tx) error {
			for i := range 1000 {
				if err := tx.AddProblem(waiting.ID, db.Problem{Path: fmt.Sprint(n, i), Code: "upload.empty", Text: "."}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	var kept []db.NumberedProblem
	view(t, d, func(tx *db.Tx) error {
		i, err := tx.Import(waiting.ID)
		if err != nil || i.Added != 7 {
			t.Errorf("import: %+v, %v", i, err)
		}
		for p, err := range tx.Problems(waiting.ID, 9_990) {
			if err != nil {
				return err
			}
			kept = append(kept, p)
		}
		return nil
	})
	if len(kept) != 10 || kept[9].Number != db.MostProblems {
		t.Errorf("behind problem 9,990 there are %d", len(kept))
	}
	if err := d.Update(t.Context(), func(tx *db.Tx) error { return tx.AddProblem(mina.ID, db.Problem{}) }); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a problem of no import: %v", err)
	}
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
	update(t, d, func(tx *db.Tx) error { return tx.DropLibrary(lib.ID) })
	if imports, problems, jobs := count(); imports+problems+jobs != 0 {
		t.Errorf("behind a library are left %d imports, %d problems, %d jobs", imports, problems, jobs)
	}
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestMarksOfThePast(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	at := time.Date(2023, 5, 1, 12, 0, 0, 0, time.UTC)
	var last db.ID
	for n := range 20 {
		update(t, d, func(tx *db.Tx) error {
			mark, err := tx.MarkAt(at, last)
			if err != nil {
				return err
			}
			if mark <= last || mark.Time().Sub(at).Abs() > time.Second {
				t.Errorf("mark %d is %s of %v, behind %s", n, mark, mark.Time(), last)
			}
			last = mark
			return tx.AddTrack(db.Track{
				ID: tx.NewID(), User: mina.ID, Slug: fmt.Sprint("t", n), Title: "T", Visibility: db.Public, Published: mark, Created: noon, Updated: noon,
			})
		})
	}
	update(t, d, func(tx *db.Tx) error {
		again, err := tx.MarkAt(at, 0)
		if err == nil && again <= last {
			t.Errorf("a mark is given twice: %s", again)
		}
		old, err := tx.MarkAt(time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), 0)
		if err != nil || old == 0 {
			t.Errorf("a mark of 1970: %s, %v", old, err)
		}
		return err
	})
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCommentsFromElsewhere(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	tr := addTrack(t, d, mina.ID, "one", db.Public)
	var first, reply db.Comment
	update(t, d, func(tx *db.Tx) error {
		first = db.Comment{ID: tx.NewID(), Track: tr.ID, Guest: "Sora", Text: "there", Position: 5, Created: noon}
		if err := tx.AddComment(first); err != nil {
			return err
		}
		reply = db.Comment{ID: tx.NewID(), Track: tr.ID, Guest: "Jun", Text: "yes", Parent: first.ID, Created: noon}
		return tx.AddComment(reply)
	})
	view(t, d, func(tx *db.Tx) error {
		n := 0
		for m, err := range tx.Moments(tr.ID) {
			if err != nil || !m.Guest || m.User != 0 {
				t.Errorf("moment: %+v, %v", m, err)
			}
			n++
		}
		for c, err := range tx.CommentsAt(tr.ID, 0, 0) {
			if err != nil || c.Guest != "Sora" || c.Replies != 1 {
				t.Errorf("comment: %+v, %v", c, err)
			}
			n++
		}
		if n != 2 {
			t.Errorf("%d were found", n)
		}
		return nil
	})
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
	update(t, d, func(tx *db.Tx) error { return tx.DropComment(first.ID) }) // its place stays for the reply
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(tr.ID) })
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

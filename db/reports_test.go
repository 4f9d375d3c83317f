package db_test

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

func newReport(tx *db.Tx, user, thing db.ID) db.Report {
	return db.Report{ID: tx.NewID(), User: user, Thing: db.Thing{Kind: db.KindTrack, ID: thing}, Owner: 5, Reason: db.ReasonSpam,
		Text: "it sells", About: "buy this", Created: noon}
}

func addReport(t testing.TB, d *db.DB, user, thing db.ID) (r db.Report) {
	t.Helper()
	update(t, d, func(tx *db.Tx) error {
		r = newReport(tx, user, thing)
		return tx.AddReport(r)
	})
	return r
}

// reportIDs gives the ids of a list of reports.
func reportIDs(t testing.TB, seq iter.Seq2[db.Report, error]) (ids []db.ID) {
	t.Helper()
	for r, err := range seq {
		if err != nil {
			t.Error(err)
		}
		ids = append(ids, r.ID)
	}
	return ids
}

func TestReports(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	a := addReport(t, d, mina.ID, 100)
	b := addReport(t, d, junho.ID, 100)
	c := addReport(t, d, mina.ID, 101)

	lists := func(all, open []db.ID) {
		t.Helper()
		view(t, d, func(tx *db.Tx) error {
			if got := reportIDs(t, tx.Reports(0)); !slices.Equal(got, all) {
				t.Errorf("all: got %v, want %v", got, all)
			}
			if got := reportIDs(t, tx.OpenReports(0)); !slices.Equal(got, open) {
				t.Errorf("open: got %v, want %v", got, open)
			}
			return nil
		})
	}
	answer := func(thing db.ID, as db.Answer, want int) {
		t.Helper()
		update(t, d, func(tx *db.Tx) error {
			n, err := tx.AnswerReports(db.Thing{Kind: db.KindTrack, ID: thing}, db.Report{Answer: as, Keeper: junho.ID, Answered: noon.Add(time.Hour)})
			if n != want {
				t.Errorf("%d reports of %s were answered, want %d", n, thing, want)
			}
			return err
		})
	}
	all := []db.ID{c.ID, b.ID, a.ID}
	lists(all, all)
	update(t, d, func(tx *db.Tx) error { // whoever sees ErrTaken may go on
		if err := tx.AddReport(newReport(tx, mina.ID, 100)); !errors.Is(err, db.ErrTaken) {
			t.Errorf("again while it is open: %v", err)
		}
		return nil
	})
	answer(99, db.Removed, 0)
	answer(100, db.Dismissed, 2)
	answer(100, db.Removed, 0)
	lists(all, []db.ID{c.ID})
	view(t, d, func(tx *db.Tx) error {
		want := a
		want.Answer, want.Keeper, want.Answered = db.Dismissed, junho.ID, noon.Add(time.Hour)
		got, err := tx.Report(a.ID)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the answered one (-want +got):\n%s", diff)
		}
		if _, err := tx.Report(99); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("one that is not there: %v", err)
		}
		return err
	})

	// What was answered may be reported again, but once.
	e := addReport(t, d, mina.ID, 100)
	refused(t, d, db.ErrTaken, func(tx *db.Tx) error { return tx.AddReport(newReport(tx, mina.ID, 100)) })
	lists([]db.ID{e.ID, c.ID, b.ID, a.ID}, []db.ID{e.ID, c.ID})
	answer(100, db.Removed, 1)
	addReport(t, d, mina.ID, 100)
	answer(100, db.Suspended, 1)
	answer(101, db.Suspended, 1)
	view(t, d, func(tx *db.Tx) error {
		if got := reportIDs(t, tx.OpenReports(0)); len(got) != 0 {
			t.Errorf("still open are %v", got)
		}
		if got := reportIDs(t, tx.Reports(c.ID)); !slices.Equal(got, []db.ID{b.ID, a.ID}) {
			t.Errorf("before c: %v", got)
		}
		r, err := tx.Report(e.ID)
		if r.Answer != db.Removed {
			t.Errorf("an answer was changed to %d", r.Answer)
		}
		return err
	})
}

func TestOpenReportsByPages(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	a, b, c := addReport(t, d, mina.ID, 100), addReport(t, d, mina.ID, 101), addReport(t, d, mina.ID, 102)
	view(t, d, func(tx *db.Tx) error {
		for _, l := range []struct {
			before db.ID
			want   []db.ID
		}{{c.ID + 1, []db.ID{c.ID, b.ID, a.ID}}, {c.ID, []db.ID{b.ID, a.ID}}, {a.ID, nil}} {
			if got := reportIDs(t, tx.OpenReports(l.before)); !slices.Equal(got, l.want) {
				t.Errorf("before %s: got %v, want %v", l.before, got, l.want)
			}
		}
		return nil
	})
}

func TestReportsThatCanNotBe(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	r := addReport(t, d, mina.ID, 100)
	for _, c := range []struct {
		name   string
		change func(*db.Report)
		want   error // nil: any
	}{
		{"no id", func(r *db.Report) { r.ID = 0 }, nil},
		{"an id that is another's", func(n *db.Report) { n.ID = r.ID }, db.ErrTaken},
		{"by nobody", func(r *db.Report) { r.User = 0 }, nil},
		{"by somebody who is not there", func(r *db.Report) { r.User = 99 }, db.ErrNotFound},
		{"of nothing", func(r *db.Report) { r.Thing = db.Thing{} }, nil},
		{"answered", func(r *db.Report) { r.Answer = db.Removed }, nil},
	} {
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			r := newReport(tx, mina.ID, 101)
			c.change(&r)
			return tx.AddReport(r)
		})
		if err == nil || !errors.Is(err, c.want) && c.want != nil {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	if err := d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.AnswerReports(r.Thing, db.Report{Keeper: mina.ID})
		return err
	}); err == nil {
		t.Error("an answer that is none was taken")
	}
}

func TestReportsOutliveTheirUser(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	update(t, d, func(tx *db.Tx) error {
		for i := range 700 { // more than is forgotten at once
			if err := tx.AddReport(newReport(tx, mina.ID, db.ID(1000+i))); err != nil {
				return err
			}
			if i%2 == 0 {
				if _, err := tx.AnswerReports(db.Thing{Kind: db.KindTrack, ID: db.ID(1000 + i)}, db.Report{Answer: db.Dismissed}); err != nil {
					return err
				}
			}
		}
		return tx.AddReport(newReport(tx, junho.ID, 1001))
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(mina.ID) })
	if err := d.Check(t.Context()); err != nil {
		t.Errorf("half-way: %v", err)
	}
	if steps := forgetAll(t, d, 50); steps < 4 {
		t.Errorf("all was forgotten in %d steps", steps)
	}
	view(t, d, func(tx *db.Tx) error {
		all, open, named := 0, 0, 0
		for r, err := range tx.Reports(0) {
			if err != nil {
				return err
			}
			all++
			if r.Answer == db.Unanswered {
				open++
			}
			if r.User != 0 {
				named++
			}
		}
		if all != 701 || open != 351 || named != 1 {
			t.Errorf("%d reports, %d open, %d with a name; want 701, 351 and 1", all, open, named)
		}
		if got := len(reportIDs(t, tx.OpenReports(0))); got != 351 {
			t.Errorf("%d are open, want 351", got)
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error { // those without a name are answered as any
		n, err := tx.AnswerReports(db.Thing{Kind: db.KindTrack, ID: 1001}, db.Report{Answer: db.Removed})
		if n != 2 {
			t.Errorf("%d were answered, want 2", n)
		}
		return err
	})
}

func TestCheckFindsSpoiltReports(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{}) // and all is mended at the end
	mina := addUser(t, d, "mina")
	addReport(t, d, mina.ID, 100)
	spoilIndexes(t, d, "openreports", "reportsby", "reportsabout")
}

func TestReportsThatCanNotBeRead(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	rotten := addReport(t, d, mina.ID, 100)
	whole := addReport(t, d, junho.ID, 100)
	update(t, d, func(tx *db.Tx) error {
		key, _, err := db.First(tx, "reports")
		if err != nil {
			return err
		}
		return db.Put(tx, "reports", key, []byte("rot"))
	})
	update(t, d, func(tx *db.Tx) error {
		if err := tx.DropUser(mina.ID); err != nil {
			return err
		}
		n, err := tx.AnswerReports(whole.Thing, db.Report{Answer: db.Removed})
		if n != 1 {
			t.Errorf("%d were answered, want the one that is whole", n)
		}
		return err
	})
	view(t, d, func(tx *db.Tx) error {
		if _, err := tx.Report(rotten.ID); !errors.Is(err, db.ErrCorrupt) {
			t.Errorf("got %v, want %v", err, db.ErrCorrupt)
		}
		var seen []string
		for r, err := range tx.Reports(0) {
			if errors.Is(err, db.ErrCorrupt) {
				seen = append(seen, "rotten")
			} else if r.ID == whole.ID {
				seen = append(seen, "whole")
			}
		}
		if !slices.Equal(seen, []string{"whole", "rotten"}) {
			t.Errorf("listed are %q", seen)
		}
		return nil
	})
	if err := d.Check(t.Context()); !errors.Is(err, db.ErrCorrupt) {
		t.Errorf("Check found %v", err)
	}
	d.Close() // for good: it can't be mended
}

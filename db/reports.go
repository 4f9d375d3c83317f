package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

// What makes a report impossible to store.
var (
	errAnswer   = errors.New("a new report has no answer, one that is answered has")
	errNothing  = errors.New("the report is about nothing")
	errReporter = errors.New("the report is by nobody")
)

// Report gives the report with an id. ErrNotFound when there is none.
func (tx *Tx) Report(id ID) (Report, error) {
	r, err := load[Report](tx, inReports, id)
	if err != nil {
		return Report{}, fmt.Errorf("report %s: %w", id, err)
	}
	return r, nil
}

// AddReport stores a new, open report by a user who is there, else
// ErrNotFound. ErrTaken when the same user has an open report of the same
// thing. Whether the thing is there is the caller's business.
func (tx *Tx) AddReport(r Report) error {
	return tx.change("add report", r.ID, func() error { return tx.addReport(&r) })
}

func (tx *Tx) addReport(r *Report) error {
	switch {
	case r.User == 0:
		return errReporter
	case r.Thing.ID == 0:
		return errNothing
	case r.Answer != Unanswered:
		return errAnswer
	}
	if err := tx.checkNew(inReports, r.ID); err != nil {
		return err
	}
	if err := tx.want(inUsers, "user", r.User); err != nil {
		return err
	}
	open, err := tx.reported(r.User, r.Thing.ID)
	if err != nil {
		return err
	}
	if open {
		return fmt.Errorf("the open report of %s: %w", r.Thing.ID, ErrTaken)
	}
	if err := store(tx, inReports, r.ID, r); err != nil {
		return err
	}
	if err := tx.put(inOpenReports, key1(r.ID), nil); err != nil {
		return err
	}
	if err := tx.put(inReportsBy, reportKey(r), nil); err != nil {
		return err
	}
	return tx.put(inReportsAbout, key2(r.Thing.ID, r.ID), nil)
}

// reportKey is the place of a report among those of its user.
func reportKey(r *Report) []byte {
	return binary.BigEndian.AppendUint64(key2(r.User, r.Thing.ID), uint64(r.ID))
}

// reported says whether a user has an open report of a thing. Another can be
// made only when the last was answered, so that only the newest can be open.
func (tx *Tx) reported(user, thing ID) (bool, error) {
	w := &walk{tx: tx, b: inReportsBy, prefix: key2(user, thing), back: true}
	ok, err := w.next()
	if err != nil || !ok {
		return false, err
	}
	id, err := lastID(inReportsBy, w.key)
	if err != nil {
		return false, err
	}
	r, err := led[Report](tx, inReportsBy, w.key, inReports, id)
	return r.Answer == Unanswered, err
}

// AnswerReports answers all open reports about a thing, with Answer, Keeper
// and Answered of the report given. It gives how many. One that can't be read
// stays open.
func (tx *Tx) AnswerReports(thing Thing, as Report) (n int, err error) {
	err = tx.change("answer reports about", thing.ID, func() error {
		n, err = tx.answerReports(thing.ID, &as)
		return err
	})
	return n, err
}

func (tx *Tx) answerReports(thing ID, as *Report) (n int, err error) {
	if as.Answer == Unanswered {
		return 0, errAnswer
	}
	w := &walk{tx: tx, b: inReportsAbout, prefix: key1(thing)}
	for r, err := range each(w, tx.report(inReportsAbout)) {
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err == nil {
			r.Answer, r.Keeper, r.Answered = as.Answer, as.Keeper, as.Answered
			err = tx.closeReport(&r)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// closeReport stores a report that was answered.
func (tx *Tx) closeReport(r *Report) error {
	if err := store(tx, inReports, r.ID, r); err != nil {
		return err
	}
	if err := tx.del(inOpenReports, key1(r.ID)); err != nil {
		return err
	}
	return tx.del(inReportsAbout, key2(r.Thing.ID, r.ID))
}

// report loads the report that an entry of an index leads to.
func (tx *Tx) report(index bucket) func(key, _ []byte) (Report, error) {
	return func(key, _ []byte) (Report, error) {
		id, err := lastID(index, key)
		if err != nil {
			return Report{}, err
		}
		return led[Report](tx, index, key, inReports, id)
	}
}

// Reports yields all reports, newest first, before an id (0: from the newest).
func (tx *Tx) Reports(before ID) iter.Seq2[Report, error] {
	return each(reportsBefore(tx, inReports, before), func(key, value []byte) (r Report, err error) {
		if err := decode(value, &r); err != nil {
			return Report{}, corrupt(inReports, key, err)
		}
		return r, nil
	})
}

// OpenReports yields those that were not answered, as Reports does.
func (tx *Tx) OpenReports(before ID) iter.Seq2[Report, error] {
	return each(reportsBefore(tx, inOpenReports, before), tx.report(inOpenReports))
}

func reportsBefore(tx *Tx, b bucket, before ID) *walk {
	w := &walk{tx: tx, b: b, back: true}
	if before != 0 {
		w.key = key1(before)
	}
	return w
}

// forgetReportsBy takes the name of a user who is gone off the reports.
func (tx *Tx) forgetReportsBy(user ID, most int) (changes int, err error) {
	w := &walk{tx: tx, b: inReportsBy, prefix: key1(user)}
	for changes < most {
		ok, err := w.next()
		if err == nil && ok {
			err = tx.unsign(w.key)
		}
		if ok && (err == nil || errors.Is(err, ErrCorrupt)) {
			err = tx.del(inReportsBy, w.key)
		}
		if err != nil {
			return changes, fmt.Errorf("forget reports by %s: %w", user, err)
		}
		if !ok {
			break
		}
		changes++
	}
	return changes, nil
}

// unsign takes the name of its user off the report that an entry leads to.
func (tx *Tx) unsign(key []byte) error {
	r, err := tx.report(inReportsBy)(key, nil)
	if err != nil {
		return err
	}
	r.User = 0
	return store(tx, inReports, r.ID, &r)
}

// reports checks the reports and who made them.
func (c *checker) reports() {
	all(c, c.tx.Reports(0), func(r *Report) {
		c.note(r.ID)
		if r.Answer == Unanswered {
			c.entry(inOpenReports, key1(r.ID), nil, r.ID)
			c.entry(inReportsAbout, key2(r.Thing.ID, r.ID), nil, r.ID)
		}
		if r.User == 0 {
			return
		}
		c.entry(inReportsBy, reportKey(r), nil, r.ID)
		c.there(inUsers, r.User, inReports)
	})
}

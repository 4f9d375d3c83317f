package db

import "iter"

// Report gives the report with an id. ErrNotFound when there is none.
func (tx *Tx) Report(id ID) (Report, error) { panic("not yet") }

// AddReport stores a new, open report. ErrTaken when the same user has an open
// report of the same thing.
func (tx *Tx) AddReport(r Report) error { panic("not yet") }

// AnswerReports answers all open reports about a thing. It gives how many.
func (tx *Tx) AnswerReports(thing Thing, as Report) (int, error) { panic("not yet") }

// Reports yields all reports, newest first, before an id (0: from the newest).
func (tx *Tx) Reports(before ID) iter.Seq2[Report, error] { panic("not yet") }

// OpenReports yields those that were not answered, as Reports does.
func (tx *Tx) OpenReports(before ID) iter.Seq2[Report, error] { panic("not yet") }

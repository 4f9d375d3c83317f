package core

import (
	"context"
	"errors"

	"earshot/app/fault"
	"earshot/db"
)

const (
	maxReport = 1000 // characters of what somebody says about a report
	maxAbout  = 200  // characters that are kept of what was reported
)

// NewReport asks the keeper to look at something.
type NewReport struct {
	Thing  db.Thing
	Reason db.Reason
	Text   string
}

// Report tells the keeper of something that the asker can see. Reporting again
// what the keeper has not answered yet changes nothing.
func (c *Core) Report(ctx context.Context, me db.ID, report NewReport) error {
	words := text(report.Text)
	if err := bounded("text", words, maxReport); err != nil {
		return err
	}
	if wait := c.reports.AllowKey(me.String()); wait > 0 {
		return tooOften(wait)
	}
	err := c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		owner, about, err := c.reported(tx, a, report.Thing)
		if err != nil {
			return err
		}
		if a.is(owner) {
			return fault.New(fault.Invalid, "report.own", "This is your own: change or delete it yourself.")
		}
		err = tx.AddReport(db.Report{
			ID: tx.NewID(), User: me, Thing: report.Thing, Owner: owner, Reason: report.Reason,
			Text: words, About: cut(about, maxAbout), Created: c.now(),
		})
		if err != nil {
			return err
		}
		return c.tellKeeper(tx, out)
	})
	if errors.Is(err, db.ErrTaken) {
		return nil
	}
	return err
}

// reported finds whose a thing is that the asker sees, and what it says.
func (c *Core) reported(tx *db.Tx, a asker, thing db.Thing) (owner db.ID, about string, err error) {
	switch thing.Kind {
	case db.KindUser:
		u, err := c.profile(tx, a, thing.ID)
		return u.ID, u.Name, err
	case db.KindTrack:
		t, _, err := c.track(tx, a, thing.ID, whole)
		return t.User, t.Title, err
	case db.KindPlaylist:
		p, _, err := c.playlist(tx, a, thing.ID, whole)
		return p.User, p.Title, err
	case db.KindComment:
		_, v, err := c.found(tx, a, thing.ID, whole)
		if err == nil && v.User == nil { // only its place is left
			err = ErrNotFound
		}
		return v.Comment.User, v.Comment.Text, err
	}
	return 0, "", ErrNotFound
}

// tellKeeper has the keeper's open pages look at what is new.
func (c *Core) tellKeeper(tx *db.Tx, out *outgoing) error {
	for u, err := range tx.Users(0) { // the first account is the keeper's
		if c.unreadable(err, "user", 0) {
			continue
		}
		if err == nil && u.Role == db.Keeper {
			out.to(u.ID, Event{Type: EventNotice})
		}
		return err
	}
	return nil
}

// ReportView is a report as the keeper sees it.
type ReportView struct {
	Report db.Report
	By     *db.User  // nil when the account is gone
	Owner  *UserView // likewise
	Path   []string  // of the page where the thing is to be seen; nil when it is gone
}

// Reports lists what was reported: what the keeper has not answered yet, or
// what was answered, the newest first.
func (c *Core) Reports(ctx context.Context, me db.ID, answered bool, p Paging) (Page[ReportView], error) {
	var page Page[ReportView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.keeper(tx, me)
		if err != nil {
			return err
		}
		list, reports := "reports/open", tx.OpenReports
		if answered {
			list, reports = "reports/answered", tx.Reports
		}
		page, err = collect(c, list, p, reports, func(r db.Report) db.ID { return r.ID }, func(r db.Report) (ReportView, bool, error) {
			if answered && r.Answer == db.Unanswered {
				return ReportView{}, false, nil
			}
			v, err := c.viewReport(tx, a, r)
			return v, true, err
		})
		return err
	})
	return page, err
}

// viewReport shows a report to the keeper.
func (c *Core) viewReport(tx *db.Tx, a asker, r db.Report) (ReportView, error) {
	v := ReportView{Report: r}
	by, err := c.person(tx, a, r.User)
	if err == nil {
		v.By = &by
	} else if !absent(err) {
		return v, err
	}
	owner, err := c.person(tx, a, r.Owner)
	if absent(err) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	shown, err := c.viewUser(tx, a, owner)
	if err != nil {
		return v, err
	}
	v.Owner = &shown
	path, err := c.pathOf(tx, a, r.Thing, owner)
	if err == nil {
		v.Path = path
	} else if !absent(err) {
		return v, err
	}
	return v, nil
}

// absent tells whether an error says that something is not there, or hidden.
func absent(err error) bool { return errors.Is(err, db.ErrNotFound) || errors.Is(err, ErrNotFound) }

// pathOf gives the parts of the address where a thing is to be seen.
func (c *Core) pathOf(tx *db.Tx, a asker, thing db.Thing, owner db.User) ([]string, error) {
	switch thing.Kind {
	case db.KindUser:
		return []string{owner.Username}, nil
	case db.KindTrack:
		t, _, err := c.track(tx, a, thing.ID, label)
		return []string{owner.Username, t.Slug}, err
	case db.KindPlaylist:
		p, _, err := c.playlist(tx, a, thing.ID, label)
		return []string{owner.Username, "playlists", p.Slug}, err
	case db.KindComment:
		said, err := tx.Comment(thing.ID)
		if err != nil || said.Deleted() {
			return nil, err
		}
		t, on, err := c.track(tx, a, said.Track, label)
		return []string{on.Username, t.Slug}, err
	}
	return nil, nil
}

// ReportDo is what the keeper does about a report.
type ReportDo uint8

// What the keeper may do.
const (
	ReportDismiss ReportDo = iota
	ReportRemove           // deletes the thing
	ReportSuspend          // suspends its owner's account
)

var errAnswered = fault.New(fault.Conflict, "report.answered", "This report was answered already.")

// AnswerReport does what the keeper decided about a report, and answers all
// others of the same thing with it.
func (c *Core) AnswerReport(ctx context.Context, me, id db.ID, do ReportDo) (ReportView, error) {
	var r db.Report
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		if _, err = c.keeper(tx, me); err == nil {
			r, err = tx.Report(id)
		}
		return err
	})
	if err != nil {
		return ReportView{}, err
	}
	if r.Answer != db.Unanswered {
		return ReportView{}, errAnswered
	}
	as := db.Report{Answer: db.Dismissed, Keeper: me, Answered: c.now()}
	switch do {
	case ReportRemove:
		as.Answer = db.Removed
		if err := c.remove(ctx, me, r.Thing); err != nil && !absent(err) {
			return ReportView{}, err
		}
	case ReportSuspend:
		as.Answer = db.Suspended
	}
	var v ReportView
	err = c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.keeper(tx, me)
		if err != nil {
			return err
		}
		// Another answer may have come meanwhile; what was removed was answered
		// with that.
		if r, err = tx.Report(id); err != nil {
			return err
		}
		if r.Answer != db.Unanswered && do != ReportRemove {
			return errAnswered
		}
		if do == ReportSuspend {
			if _, err := c.suspend(tx, a, r.Owner); err != nil {
				return err
			}
		}
		if _, err := tx.AnswerReports(r.Thing, as); err != nil {
			return err
		}
		if r, err = tx.Report(id); err != nil {
			return err
		}
		if v, err = c.viewReport(tx, a, r); err != nil {
			return err
		}
		return c.tellKeeper(tx, out)
	})
	if err == nil && do == ReportSuspend {
		c.suspended(me, r.Owner)
	}
	if err == nil {
		c.note("report.answered", "a report was answered", "report", id, "answer", as.Answer, "owner", r.Owner, "keeper", me)
	}
	return v, err
}

// remove deletes a thing for the keeper.
func (c *Core) remove(ctx context.Context, me db.ID, thing db.Thing) error {
	switch thing.Kind {
	case db.KindTrack:
		return c.DeleteTrack(ctx, me, thing.ID)
	case db.KindPlaylist:
		return c.DeletePlaylist(ctx, me, thing.ID)
	case db.KindComment:
		return c.DeleteComment(ctx, me, thing.ID)
	}
	return fault.New(fault.Invalid, "report.user", "An account is suspended or deleted, not removed.").In("do")
}

// settleReports answers the open reports about a thing that somebody deletes.
func (c *Core) settleReports(tx *db.Tx, by asker, kind db.Kind, id db.ID) error {
	as := db.Report{Answer: db.Removed, Answered: c.now()}
	if by.keeper() {
		as.Keeper = by.user.ID
	}
	_, err := tx.AnswerReports(db.Thing{Kind: kind, ID: id}, as)
	return err
}

// openLooked is how many open reports are looked at for what is gone.
const openLooked = 1000

// settleGone answers the open reports about things that went together with
// others, such as comments with their track.
func (c *Core) settleGone(ctx context.Context) error {
	var gone []db.Thing
	err := c.db.View(ctx, func(tx *db.Tx) error {
		return first(c, "open report", openLooked, tx.OpenReports(0), func(r db.Report) error {
			there, err := exists(tx, r.Thing)
			if err == nil && !there {
				gone = append(gone, r.Thing)
			}
			return err
		})
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	return c.db.UpdateFreeing(ctx, func(tx *db.Tx) error {
		for _, thing := range gone {
			if err := c.settleReports(tx, asker{}, thing.Kind, thing.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// exists tells whether a thing was not deleted. What can't be read was not.
func exists(tx *db.Tx, thing db.Thing) (bool, error) {
	var err error
	switch thing.Kind {
	case db.KindUser:
		_, err = tx.User(thing.ID)
	case db.KindTrack:
		_, err = tx.Track(thing.ID)
	case db.KindPlaylist:
		_, err = tx.Playlist(thing.ID)
	case db.KindComment:
		var said db.Comment
		if said, err = tx.Comment(thing.ID); err == nil && said.Deleted() {
			return false, nil // its place is left for the replies
		}
	}
	switch {
	case errors.Is(err, db.ErrNotFound):
		return false, nil
	case errors.Is(err, db.ErrCorrupt):
		return true, nil
	}
	return true, err
}

package core

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

// The states of a job.
const (
	JobWaits   = "waiting"
	JobRuns    = "running"
	JobFailing = "failing" // it failed, and will be tried again
)

const (
	jobsShown   = 100
	jobsCounted = 10_000 // a queue of more is not counted to its end
)

// JobView is a job as the keeper sees it.
type JobView struct {
	db.Job
	Title string // of what it is about, where that has one
	State string
	Share float64
}

// Queue is the work that there is to do.
type Queue struct {
	Jobs    []JobView      // those that run, then those that fail, then the oldest
	Count   map[string]int // by kind, of the oldest jobsCounted
	Failing int
}

// Queue gives the work that there is to do, for the keeper.
func (c *Core) Queue(ctx context.Context, me db.ID) (Queue, error) {
	var q Queue
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		var err error
		q, err = c.queue(tx, jobsShown)
		return err
	})
	return q, err
}

func (c *Core) queue(tx *db.Tx, show int) (Queue, error) {
	q := Queue{Count: map[string]int{}}
	running := map[db.ID]float64{}
	if c.site.Working != nil {
		for _, w := range c.site.Working() {
			running[w.Job] = w.Share
		}
	}
	var run, fail, wait []JobView
	n := 0
	for j, err := range tx.Jobs() {
		if c.unreadable(err, "job", 0) {
			continue
		}
		if err != nil {
			return q, err
		}
		if n++; n > jobsCounted {
			break
		}
		q.Count[j.Kind]++
		share, runs := running[j.ID]
		v := JobView{Job: j, State: JobWaits, Share: share}
		switch {
		case runs:
			// What its record says while it runs is for the case that the server ends.
			v.State, v.Error, v.After = JobRuns, "", time.Time{}
			run = append(run, v)
		case j.Error != "":
			v.State = JobFailing
			if q.Failing++; len(fail) < show {
				fail = append(fail, v)
			}
		case len(wait) < show:
			wait = append(wait, v)
		}
	}
	q.Jobs = slices.Concat(run, fail, wait)
	q.Jobs = q.Jobs[:min(len(q.Jobs), show)]
	for i := range q.Jobs {
		var err error
		if q.Jobs[i].Title, err = c.jobTitle(tx, q.Jobs[i].Job); err != nil {
			return q, err
		}
	}
	return q, nil
}

// jobTitle names what a job is about; "" for nothing in particular.
func (c *Core) jobTitle(tx *db.Tx, j db.Job) (title string, err error) {
	switch j.Kind {
	case JobAnalyse, JobAnalyseLong, JobMeasure, JobAnnounce:
		var t db.Track
		t, err = tx.Track(j.Subject)
		title = t.Title
	case JobImport:
		var i db.Import
		i, err = tx.Import(j.Subject)
		title = baseOf(i.Path)
	case JobRemoveLibrary:
		var l db.Library
		l, err = tx.Library(j.Subject)
		title = baseOf(l.Path)
	case JobLeave:
		var u db.User
		u, err = tx.User(j.Subject)
		title = u.Name
	}
	if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "what a job is about", j.Subject) {
		err = nil
	}
	return title, err
}

// baseOf is the last part of a path, as its system writes paths; "" of "".
func baseOf(p string) string {
	if p == "" {
		return ""
	}
	return path.Base(filepath.ToSlash(p))
}

var errJobRuns = fault.New(fault.Conflict, "job.running", "This is being worked on right now. Wait until it ends.")

// RetryJob has a job tried again at once, as often as a new one, for the keeper.
func (c *Core) RetryJob(ctx context.Context, me, id db.ID) error {
	err := c.update(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		j, err := tx.Job(id)
		if err != nil {
			return err
		}
		if c.site.Working != nil && slices.ContainsFunc(c.site.Working(), func(w Working) bool { return w.Job == id }) {
			return errJobRuns
		}
		j.Attempts, j.After, j.Error = 0, time.Time{}, ""
		return tx.SetJob(j)
	})
	if err == nil {
		c.note("job.retry", "the keeper has a job tried again", "job", id, "keeper", me)
		c.wake()
	}
	return err
}

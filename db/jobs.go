package db

import (
	"fmt"
	"iter"
)

// AddJob stores a new job.
func (tx *Tx) AddJob(j Job) error {
	return tx.change("add job", j.ID, func() error {
		if err := tx.checkNew(inJobs, j.ID); err != nil {
			return err
		}
		if err := store(tx, inJobs, j.ID, &j); err != nil {
			return err
		}
		return tx.put(inSubjectJobs, key2(j.Subject, j.ID), nil)
	})
}

// Job gives the job with an id. ErrNotFound when there is none.
func (tx *Tx) Job(id ID) (Job, error) {
	j, err := load[Job](tx, inJobs, id)
	if err != nil {
		return Job{}, fmt.Errorf("job %s: %w", id, err)
	}
	return j, nil
}

// Jobs yields all jobs, oldest first.
func (tx *Tx) Jobs() iter.Seq2[Job, error] {
	return records[Job](tx, inJobs, 0)
}

// JobsAbout yields the jobs about one thing, oldest first.
func (tx *Tx) JobsAbout(subject ID) iter.Seq2[Job, error] {
	w := &walk{tx: tx, b: inSubjectJobs, prefix: key1(subject)}
	return each(w, func(key, _ []byte) (Job, error) {
		id, err := lastID(inSubjectJobs, key)
		if err != nil {
			return Job{}, err
		}
		return led[Job](tx, inSubjectJobs, key, inJobs, id)
	})
}

// SetJob stores a job that is there already, else ErrNotFound: it may have
// been dropped together with what it is about. Its subject can't change.
func (tx *Tx) SetJob(j Job) error {
	return tx.change("set job", j.ID, func() error {
		old, err := load[Job](tx, inJobs, j.ID)
		if err != nil {
			return err
		}
		if old.Subject != j.Subject {
			return errOwner
		}
		return store(tx, inJobs, j.ID, &j)
	})
}

// DropJob removes a job. ErrNotFound when there is none.
func (tx *Tx) DropJob(id ID) error {
	return tx.change("drop job", id, func() error {
		j, err := load[Job](tx, inJobs, id)
		if err != nil {
			return err
		}
		return tx.dropJob(&j)
	})
}

func (tx *Tx) dropJob(j *Job) error {
	if err := tx.del(inSubjectJobs, key2(j.Subject, j.ID)); err != nil {
		return err
	}
	return tx.del(inJobs, key1(j.ID))
}

// dropJobsAbout removes the jobs about one thing.
func (tx *Tx) dropJobsAbout(subject ID) error {
	for j, err := range tx.JobsAbout(subject) {
		if err == nil {
			err = tx.dropJob(&j)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

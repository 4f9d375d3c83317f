// Package jobs runs the queued work of the house, one job at a time: it tries
// again what fails, gives up what fails for good, and tells how far it is.
// Several runners, each with kinds of jobs of its own, may share a queue.
//
// Jobs are records of the database, so they survive a restart. What a job means
// is said by whoever gives the runner its functions.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"earshot/db"
)

// Do works on a job. It ends early, with any error, when the context ends. It
// may be called again for a job that it has worked on before. It may tell its
// progress as a share from 0 to 1, as often as it likes, while it runs.
type Do func(ctx context.Context, job db.Job, progress func(float64)) error

const (
	// maxAttempts is how often a job may fail before it is given up.
	maxAttempts = 3

	// maxStarts is how often a job may be begun by a server that then dies. It
	// is more than maxAttempts because most often the job is not to blame.
	maxStarts = 10

	progressEvery = 100 * time.Millisecond
	maxError      = 500 // bytes of an error kept in the record
	longestSleep  = 10 * time.Minute

	// longestWait is the longest wait that jobs are given by those who queue
	// them. A longer one comes from a clock that was set back since.
	longestWait = time.Hour
)

// interrupted is what the record of a job says while it runs, and so afterwards
// if the server died meanwhile.
const interrupted = "the server ended while this was worked on"

// backoff says how long after its nth attempt a failed job waits.
func backoff(n int) time.Duration {
	if n <= 1 {
		return 10 * time.Second
	}
	return 2 * time.Minute
}

// rest says how long after its nth start a job waits when the server died in
// it, so that a job that takes the server down leaves it some time to serve.
func rest(n int) time.Duration {
	switch n {
	case 1:
		return 0 // most often the power went
	case 2:
		return 10 * time.Second
	}
	return time.Minute
}

// Permanent marks an error that trying again will not mend: the job is given up
// at once.
func Permanent(err error) error { return permanent{err} }

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Options say what a runner needs. Only DB is required.
type Options struct {
	DB  *db.DB
	Log *slog.Logger
	Now func() time.Time // nil for time.Now
	Do  map[string]Do    // by kind of job; jobs of other kinds stay in the queue

	// Others are kinds that another runner works on.
	Others []string

	// Lowest has the jobs run when the system has nothing better to do, where it
	// can tell: on Linux.
	Lowest bool

	// Lower has a job run at a lower priority from the moment on that it says so,
	// as the job begins or as it tells its progress; nil never does.
	Lower func() bool

	// OnProgress is told how far the running job is, at most ten times a
	// second and once more when all is done, by a goroutine of the job's.
	OnProgress func(job db.Job, share float64)

	// OnFailure is told that a job is given up, before it is dropped. When it
	// returns an error, it is asked again a minute later.
	OnFailure func(ctx context.Context, job db.Job, cause error) error

	// Limit is how long one attempt may take; 0 for an hour.
	Limit time.Duration

	// Grace is how long Stop waits for the running job; 0 for a second.
	Grace time.Duration
}

// Runner works through the queue. Its methods are safe for concurrent use.
type Runner struct {
	opt  Options
	wake chan struct{}

	mu      sync.Mutex
	stop    context.CancelFunc // nil before Start
	stopped bool
	done    chan struct{} // closed when the runner's goroutine has ended
	job     db.ID         // that runs; 0 when none does
	share   float64       // of it that is done; 0 when it does not tell
}

// New makes a runner, which does nothing before Start.
func New(opt Options) *Runner {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Limit <= 0 {
		opt.Limit = time.Hour
	}
	if opt.Grace <= 0 {
		opt.Grace = time.Second
	}
	return &Runner{opt: opt, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// Start begins to work. Calling it again, or after Stop, does nothing.
func (r *Runner) Start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil || r.stopped {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() {
		defer close(r.done)
		r.run(ctx)
	}()
}

// Stop ends the work. The running job is told to end and stays in the queue for
// the next start, without an attempt counted. Stop returns when it has ended, or
// after Options.Grace.
func (r *Runner) Stop() {
	r.mu.Lock()
	r.stopped = true
	stop := r.stop
	r.mu.Unlock()
	if stop == nil {
		return
	}
	stop()
	late := time.NewTimer(r.opt.Grace)
	defer late.Stop()
	select {
	case <-r.done:
	case <-late.C:
		r.opt.Log.Warn("a job goes on although it was told to end")
	}
}

// Wake says that there may be a new job. It never blocks.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // it is woken already
	}
}

// Running gives the job that runs at this moment, and how far it is as a share
// from 0 to 1; no id when none does.
func (r *Runner) Running() (job db.ID, share float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.job, r.share
}

func (r *Runner) note(job db.ID, share float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.job, r.share = job, share
}

// run works until the context ends, asleep while nothing is due.
func (r *Runner) run(ctx context.Context) {
	said := map[string]bool{} // what was logged once already
	for ctx.Err() == nil {
		job, pause, err := r.next(ctx, said)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			r.opt.Log.Error("the queue of jobs can't be read", "error", err)
			r.sleep(ctx, time.Minute)
		case job.ID == 0:
			r.sleep(ctx, pause)
		default:
			r.work(ctx, job)
		}
	}
}

// sleep waits until something wakes the runner, the time is over or the context
// ends.
func (r *Runner) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-r.wake:
	case <-t.C:
	}
}

// next finds the oldest job that is due. When there is none, the job has no id,
// and pause says how long there will be none unless the runner is woken.
func (r *Runner) next(ctx context.Context, said map[string]bool) (job db.Job, pause time.Duration, err error) {
	now := r.opt.Now()
	pause = longestSleep
	once := func(level slog.Level, message string, args ...any) {
		if key := fmt.Sprint(message, args); !said[key] && len(said) < 1000 {
			said[key] = true
			r.opt.Log.Log(ctx, level, message, args...)
		}
	}
	err = r.opt.DB.View(ctx, func(tx *db.Tx) error {
		for j, err := range tx.Jobs() {
			if errors.Is(err, db.ErrCorrupt) {
				once(slog.LevelError, "a job can't be read and is passed over", "error", err.Error())
				continue
			}
			if err != nil {
				return err
			}
			if r.opt.Do[j.Kind] == nil {
				if slices.Contains(r.opt.Others, j.Kind) {
					continue
				}
				once(slog.LevelWarn, "there are jobs of a kind that this version does not know", "kind", j.Kind)
				continue
			}
			wait := j.After.Sub(now)
			if wait <= 0 || wait > longestWait {
				job = j
				return nil
			}
			pause = min(pause, wait)
		}
		return nil
	})
	return job, pause, err
}

// work makes one attempt at a job and writes down what came of it.
func (r *Runner) work(ctx context.Context, job db.Job) {
	if job.Error == interrupted && job.Attempts >= maxStarts {
		r.giveUp(ctx, job, errors.New(interrupted))
		return
	}
	if job.Error != interrupted && job.Attempts >= maxAttempts { // OnFailure is to be asked again
		r.giveUp(ctx, job, errors.New(job.Error))
		return
	}
	before := job
	// Counted before it begins: a job that takes the server down with it must
	// not do so for ever.
	job.Attempts++
	job.Error = interrupted
	job.After = r.opt.Now().Add(rest(job.Attempts))
	if !r.set(ctx, job) {
		return
	}
	err := r.attempt(ctx, job)
	switch {
	case err == nil:
		r.drop(ctx, job)
	case ctx.Err() != nil:
		r.set(ctx, before)
	case errors.As(err, new(permanent)) || job.Attempts >= maxAttempts:
		r.giveUp(ctx, job, err)
	default:
		wait := backoff(job.Attempts)
		r.opt.Log.Warn("a job failed and will be tried again", "kind", job.Kind, "job", job.ID, "subject", job.Subject, "attempt", job.Attempts, "in", wait, "error", err)
		job.Error = cut(err.Error(), maxError)
		job.After = r.opt.Now().Add(wait)
		r.set(ctx, job)
	}
}

// giveUp tells of a job that failed for good and drops it.
func (r *Runner) giveUp(ctx context.Context, job db.Job, cause error) {
	r.opt.Log.Error("a job failed for good", "kind", job.Kind, "job", job.ID, "subject", job.Subject, "attempts", job.Attempts, "error", cause)
	job.Error = cut(cause.Error(), maxError)
	job.Attempts = max(job.Attempts, maxAttempts)
	if r.opt.OnFailure != nil {
		var crash *panicked
		err := r.guard(func() error { return r.opt.OnFailure(ctx, job, cause) })
		if err != nil && !errors.As(err, &crash) {
			if ctx.Err() == nil {
				r.opt.Log.Error("the failure of a job can't be noted yet", "kind", job.Kind, "job", job.ID, "error", err)
			}
			job.After = r.opt.Now().Add(time.Minute)
			r.set(ctx, job)
			return
		}
	}
	r.drop(ctx, job)
}

// set writes a job down, and reports whether it is still there.
func (r *Runner) set(ctx context.Context, job db.Job) bool {
	return r.keep(ctx, job, r.opt.DB.Update, func(tx *db.Tx) error {
		now, err := tx.Job(job.ID)
		if err != nil {
			return err
		}
		job.Done = now.Done // its work notes itself how far it came
		return tx.SetJob(job)
	})
}

func (r *Runner) drop(ctx context.Context, job db.Job) {
	r.keep(ctx, job, r.opt.DB.UpdateFreeing, func(tx *db.Tx) error { return tx.DropJob(job.ID) })
}

// keep writes what became of a job, until it succeeds or the context ends, once
// in any case: while nothing can be written, a job that is done could not be
// told from one that has yet to be.
func (r *Runner) keep(ctx context.Context, job db.Job, update func(context.Context, func(*db.Tx) error) error, write func(*db.Tx) error) bool {
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		err := update(context.WithoutCancel(ctx), write)
		if err == nil {
			return true
		}
		if errors.Is(err, db.ErrNotFound) { // dropped together with what it was about
			return false
		}
		r.opt.Log.Error("what became of a job can't be written down", "kind", job.Kind, "job", job.ID, "error", err)
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return false
		case <-t.C:
		}
	}
}

// attempt runs a job's function, within the limit of time, and makes an error of
// a panic.
func (r *Runner) attempt(ctx context.Context, job db.Job) error {
	ctx, cancel := context.WithTimeout(ctx, r.opt.Limit)
	defer cancel()
	r.note(job.ID, 0)
	defer r.note(0, 0)
	var own thread
	p := &throttle{tell: func(share float64) {
		r.note(job.ID, share)
		own.lower(r.opt.Lower)
		if r.opt.OnProgress != nil {
			_ = r.guard(func() error { r.opt.OnProgress(job, share); return nil })
		}
	}}
	defer p.end()
	do := func() error { return r.guard(func() error { return r.opt.Do[job.Kind](ctx, job, p.set) }) }
	if !r.opt.Lowest && r.opt.Lower == nil {
		return do()
	}
	done := make(chan error, 1)
	go func() {
		// The thread is not unlocked when its priority was lowered, so that it ends
		// with the goroutine: its priority can't be raised again.
		runtime.LockOSThread()
		if r.opt.Lowest {
			if err := lowest(); err != nil {
				r.opt.Log.Debug("a job runs with the priority of everything", "error", err)
			}
			done <- do()
			return
		}
		own.begin()
		own.lower(r.opt.Lower)
		err := do()
		if !own.end() {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// thread is the one that a job runs on. The zero value is none.
type thread struct {
	mu      sync.Mutex
	id      int // of the system; 0 for none
	lowered bool
}

func (t *thread) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.id = threadID()
}

// lower lowers the thread's priority when it is time to.
func (t *thread) lower(when func() bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.id != 0 && !t.lowered && when != nil && when() {
		t.lowered = lower(t.id) == nil
	}
}

// end lets go of the thread, and tells whether it was lowered.
func (t *thread) end() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.id = 0
	return t.lowered
}

// panicked is the error that a panic becomes.
type panicked struct{ value any }

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// guard makes an error of a panic and logs where it came from.
func (r *Runner) guard(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v}
			r.opt.Log.Error("a job panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	return do()
}

// throttle passes progress on at most every progressEvery, the end in any case.
type throttle struct {
	tell func(float64)

	mu    sync.Mutex
	last  time.Time // of what was told; its monotonic clock counts
	told  float64
	begun bool
	ended bool
}

func (t *throttle) set(share float64) {
	if math.IsNaN(share) {
		return
	}
	share = min(max(share, 0), 1)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if t.ended || t.begun && (share == t.told || share < 1 && now.Sub(t.last) < progressEvery) {
		return
	}
	t.begun, t.told, t.last = true, share, now
	t.tell(share)
}

// end stops what a job left behind from telling on.
func (t *throttle) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
}

// cut shortens text to n bytes of whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

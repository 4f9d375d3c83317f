package jobs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// diary collects what happened, with the time since it was begun.
type diary struct {
	mu    sync.Mutex
	begun time.Time
	lines []string
}

func newDiary() *diary { return &diary{begun: time.Now()} }

func (d *diary) add(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprint(time.Since(d.begun).Round(time.Millisecond), " ")+fmt.Sprintf(format, args...))
}

func (d *diary) want(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.lines, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(d.lines, "\n"), strings.Join(want, "\n"))
	}
}

// add queues a job about a new subject, which is numbered from 1.
func add(t *testing.T, d *db.DB, kind string, change ...func(*db.Job)) db.Job {
	t.Helper()
	var j db.Job
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		j = db.Job{ID: tx.NewID(), Kind: kind, Subject: tx.NewID(), Created: time.Now()}
		for _, c := range change {
			c(&j)
		}
		return tx.AddJob(j)
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func queue(t *testing.T, d *db.DB) (all []db.Job) {
	t.Helper()
	err := d.View(context.Background(), func(tx *db.Tx) error {
		for j, err := range tx.Jobs() {
			if err != nil {
				return err
			}
			all = append(all, j)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func nothing(context.Context, db.Job, func(float64)) error { return nil }

func TestRunsOneAtATimeOldestFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		do := func(name string) Do {
			return func(_ context.Context, j db.Job, _ func(float64)) error {
				diary.add("%s begins, attempt %d", name, j.Attempts)
				time.Sleep(time.Second)
				diary.add("%s ends", name)
				return nil
			}
		}
		add(t, d, "b")
		add(t, d, "a")
		add(t, d, "from a later version")
		r := New(Options{DB: d, Do: map[string]Do{"a": do("a"), "b": do("b")}})
		r.Start()
		r.Start()
		defer r.Stop()
		time.Sleep(500 * time.Millisecond)
		add(t, d, "b")
		r.Wake()
		r.Wake()
		time.Sleep(time.Hour)
		add(t, d, "a")
		r.Wake()
		time.Sleep(time.Hour)
		diary.want(t, "0s b begins, attempt 1", "1s b ends", "1s a begins, attempt 1", "2s a ends", "2s b begins, attempt 1", "3s b ends",
			"1h0m0.5s a begins, attempt 1", "1h0m1.5s a ends")
		if left := queue(t, d); len(left) != 1 || left[0].Kind != "from a later version" || left[0].Attempts != 0 {
			t.Errorf("got %+v left, want only the job of an unknown kind, untouched", left)
		}
	})
}

func TestPoisonJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		add(t, d, "poison")
		add(t, d, "good")
		r := New(Options{DB: d, Do: map[string]Do{
			"poison": func(context.Context, db.Job, func(float64)) error {
				diary.add("poison")
				var none []int
				_ = none[len(diary.lines)] // as a decoder does on a bad file
				return nil
			},
			"good": func(context.Context, db.Job, func(float64)) error { diary.add("good"); return nil },
		}, OnFailure: func(_ context.Context, j db.Job, cause error) error {
			diary.add("given up after %d: %v", j.Attempts, strings.Contains(cause.Error(), "index out of range"))
			return nil
		}})
		r.Start()
		defer r.Stop()
		time.Sleep(time.Hour)
		add(t, d, "good")
		r.Wake()
		time.Sleep(time.Hour)
		diary.want(t, "0s poison", "0s good", "10s poison", "2m10s poison", "2m10s given up after 3: true", "1h0m0s good")
		if left := queue(t, d); len(left) != 0 {
			t.Errorf("got %+v left, want none", left)
		}
	})
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		fail []error // of each attempt; then none
		want []string
	}{
		{"then well", []error{errors.New("a"), errors.New("b")}, []string{"0s attempt 1", "10s attempt 2", "2m10s attempt 3"}},
		{"always", []error{errors.New("a"), errors.New("b"), errors.New("c"), errors.New("d")}, []string{"0s attempt 1", "10s attempt 2", "2m10s attempt 3", "2m10s given up: c"}},
		{"for good", []error{fmt.Errorf("read: %w", Permanent(errors.New("not audio")))}, []string{"0s attempt 1", "0s given up: read: not audio"}},
		{"with a long story", []error{errors.New(strings.Repeat("힣", 1000))}, []string{"0s attempt 1", "10s attempt 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, diary := dbtest.Open(t), newDiary()
				add(t, d, "x")
				r := New(Options{DB: d, Do: map[string]Do{"x": func(_ context.Context, j db.Job, _ func(float64)) error {
					diary.add("attempt %d", j.Attempts)
					if j.Attempts <= len(tt.fail) {
						return tt.fail[j.Attempts-1]
					}
					return nil
				}}, OnFailure: func(_ context.Context, _ db.Job, cause error) error { diary.add("given up: %v", cause); return nil }})
				r.Start()
				defer r.Stop()
				synctest.Wait()
				if left := queue(t, d); len(left) == 1 && (len(left[0].Error) > maxError || len(left[0].Error) == 0 || strings.ToValidUTF8(left[0].Error, "") != left[0].Error) {
					t.Errorf("the record says %q", left[0].Error)
				}
				time.Sleep(time.Hour)
				diary.want(t, tt.want...)
				if left := queue(t, d); len(left) != 0 {
					t.Errorf("got %+v left, want none", left)
				}
			})
		})
	}
}

// While one job waits for its next attempt, others run.
func TestFailedJobHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		add(t, d, "bad")
		for range 3 {
			add(t, d, "good")
		}
		r := New(Options{DB: d, Do: map[string]Do{
			"bad": func(context.Context, db.Job, func(float64)) error { diary.add("bad"); return errors.New("no") },
			"good": func(context.Context, db.Job, func(float64)) error {
				diary.add("good")
				time.Sleep(6 * time.Second)
				return nil
			},
		}})
		r.Start()
		defer r.Stop()
		time.Sleep(time.Hour)
		diary.want(t, "0s bad", "0s good", "6s good", "12s bad", "12s good", "2m12s bad")
	})
}

func TestStopLeavesTheJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		before := add(t, d, "x", func(j *db.Job) { j.Attempts, j.Error = 1, "no luck" })
		work := func(ctx context.Context, j db.Job, _ func(float64)) error {
			diary.add("attempt %d", j.Attempts)
			select {
			case <-ctx.Done():
				return fmt.Errorf("analyse: %w", ctx.Err())
			case <-time.After(time.Minute):
				return nil
			}
		}
		r := New(Options{DB: d, Do: map[string]Do{"x": work}})
		r.Start()
		time.Sleep(time.Second)
		r.Stop()
		r.Stop()
		r.Start() // does nothing any more
		r.Wake()
		time.Sleep(time.Hour)
		if got := queue(t, d); len(got) != 1 || got[0].Attempts != 1 || got[0].Error != "no luck" || !got[0].After.Equal(before.After) {
			t.Errorf("got %+v, want %+v", got, before)
		}
		diary.want(t, "0s attempt 2")

		again := New(Options{DB: d, Do: map[string]Do{"x": work}}) // the next start of the server
		again.Start()
		time.Sleep(time.Hour)
		again.Stop()
		diary.want(t, "0s attempt 2", "1h0m1s attempt 2")
		if got := queue(t, d); len(got) != 0 {
			t.Errorf("got %+v left, want none", got)
		}
	})
}

// A job that ends well although it was told to stop is done.
func TestStopWhileEnding(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.Open(t)
		add(t, d, "x")
		r := New(Options{DB: d, Do: map[string]Do{"x": func(ctx context.Context, _ db.Job, _ func(float64)) error { <-ctx.Done(); return nil }}})
		r.Start()
		synctest.Wait()
		r.Stop()
		if got := queue(t, d); len(got) != 0 {
			t.Errorf("got %+v left, want none", got)
		}
	})
}

func TestStopDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.Open(t)
		add(t, d, "x")
		let := make(chan struct{})
		r := New(Options{DB: d, Grace: 2 * time.Second, Do: map[string]Do{"x": func(context.Context, db.Job, func(float64)) error { <-let; return nil }}})
		r.Start()
		synctest.Wait()
		begun := time.Now()
		r.Stop()
		if took := time.Since(begun); took != 2*time.Second {
			t.Errorf("Stop took %v, want 2s", took)
		}
		close(let)
		synctest.Wait()
	})
}

func TestStopBeforeStart(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	add(t, d, "x")
	r := New(Options{DB: d, Do: map[string]Do{"x": nothing}})
	r.Stop()
	r.Start()
	if got := queue(t, d); len(got) != 1 {
		t.Errorf("got %+v, want the job untouched", got)
	}
}

// What is on the disk while a job runs makes the next start try it again, later
// each time, and not for ever.
func TestServerDiesInAJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir, diary := t.TempDir(), newDiary()
		d := dbtest.OpenAt(t, filepath.Join(dir, "0.db"), db.Options{})
		add(t, d, "x")
		died := 0
		for range 20 {
			// The server as it was at the moment it died: a copy made while the
			// job runs.
			died++
			path := filepath.Join(dir, fmt.Sprint(died, ".db"))
			failed := make(chan struct{})
			running := make(chan struct{})
			r := New(Options{DB: d, Do: map[string]Do{"x": func(ctx context.Context, j db.Job, _ func(float64)) error {
				diary.add("start %d", j.Attempts)
				if _, err := d.Snapshot(context.Background(), path); err != nil {
					t.Error(err)
				}
				close(running)
				<-ctx.Done()
				return ctx.Err()
			}}, OnFailure: func(_ context.Context, j db.Job, cause error) error {
				diary.add("given up: %v", cause)
				close(failed)
				return nil
			}})
			r.Start()
			select {
			case <-running:
				r.Stop()
				d = dbtest.OpenAt(t, path, db.Options{})
			case <-failed:
				synctest.Wait()
				r.Stop()
				if got := queue(t, d); len(got) != 0 {
					t.Errorf("got %+v left, want none", got)
				}
				diary.want(t, "0s start 1", "0s start 2", "10s start 3", "1m10s start 4", "2m10s start 5", "3m10s start 6", "4m10s start 7",
					"5m10s start 8", "6m10s start 9", "7m10s start 10", "8m10s given up: "+interrupted)
				return
			}
		}
		t.Error("a job that takes the server down is tried for ever")
	})
}

func TestFailureThatCannotBeNoted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		add(t, d, "x")
		asked := 0
		r := New(Options{DB: d, Do: map[string]Do{"x": func(context.Context, db.Job, func(float64)) error {
			diary.add("attempt")
			return Permanent(errors.New("no"))
		}},
			OnFailure: func(_ context.Context, _ db.Job, cause error) error {
				diary.add("given up: %v", cause)
				if asked++; asked < 3 {
					return errors.New("disk full")
				}
				panic("oh")
			}})
		r.Start()
		defer r.Stop()
		time.Sleep(time.Hour)
		diary.want(t, "0s attempt", "0s given up: no", "1m0s given up: no", "2m0s given up: no")
		if got := queue(t, d); len(got) != 0 {
			t.Errorf("got %+v left, want none", got)
		}
	})
}

// The track is deleted while its job runs; the job goes with it.
func TestJobDroppedMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, end := range []error{nil, errors.New("file is gone"), Permanent(errors.New("file is gone"))} {
			d, ran := dbtest.Open(t), 0
			add(t, d, "x")
			r := New(Options{DB: d, Do: map[string]Do{"x": func(ctx context.Context, j db.Job, _ func(float64)) error {
				ran++
				if err := d.Update(ctx, func(tx *db.Tx) error { return tx.DropJob(j.ID) }); err != nil {
					t.Error(err)
				}
				return end
			}}})
			r.Start()
			time.Sleep(time.Hour)
			r.Stop()
			if got := queue(t, d); len(got) != 0 || ran != 1 {
				t.Errorf("ended with %v: ran %d times with %+v left, want once and none", end, ran, got)
			}
		}
	})
}

func TestWaitsAndClocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		later := func(by time.Duration) func(*db.Job) { return func(j *db.Job) { j.After = time.Now().Add(by) } }
		add(t, d, "in five minutes", later(5*time.Minute))
		add(t, d, "in a minute", later(time.Minute))
		add(t, d, "in an hour", later(time.Hour))                // as an analysis without a disk
		add(t, d, "ten years ahead", later(10*365*24*time.Hour)) // put off when the clock was wrong
		add(t, d, "ten years ago", later(-10*365*24*time.Hour))
		do := map[string]Do{}
		for _, j := range queue(t, d) {
			do[j.Kind] = func(context.Context, db.Job, func(float64)) error { diary.add("%s", j.Kind); return nil }
		}
		r := New(Options{DB: d, Do: do})
		r.Start()
		defer r.Stop()
		time.Sleep(2 * time.Hour)
		diary.want(t, "0s ten years ahead", "0s ten years ago", "1m0s in a minute", "5m0s in five minutes", "1h0m0s in an hour")
	})
}

// With nothing to do, the runner sleeps.
func TestDoesNotPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, looked := dbtest.Open(t), 0
		add(t, d, "unknown")
		r := New(Options{DB: d, Now: func() time.Time { looked++; return time.Now() }})
		r.Start()
		time.Sleep(24 * time.Hour)
		r.Stop()
		if looked > 150 {
			t.Errorf("looked %d times in a day, want at most 150", looked)
		}
	})
}

// A job that is done stays so while that can't be written down.
func TestDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, ran := dbtest.Open(t), 0
		add(t, d, "x")
		r := New(Options{DB: d, Do: map[string]Do{"x": func(context.Context, db.Job, func(float64)) error {
			ran++
			return d.Close()
		}}})
		r.Start()
		time.Sleep(time.Hour)
		r.Stop()
		if ran != 1 {
			t.Errorf("ran %d times, want once", ran)
		}
	})
}

func TestLimitOfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		add(t, d, "x")
		r := New(Options{DB: d, Limit: time.Minute, Do: map[string]Do{"x": func(ctx context.Context, _ db.Job, _ func(float64)) error {
			<-ctx.Done()
			diary.add("%v", ctx.Err())
			return ctx.Err()
		}}, OnFailure: func(context.Context, db.Job, error) error { diary.add("given up"); return nil }})
		r.Start()
		defer r.Stop()
		time.Sleep(time.Hour)
		diary.want(t, "1m0s context deadline exceeded", "2m10s context deadline exceeded", "5m10s context deadline exceeded", "5m10s given up")
	})
}

func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.Open(t)
		j := add(t, d, "x")
		var told []float64
		var late func(float64)
		r := New(Options{DB: d, Do: map[string]Do{"x": func(_ context.Context, _ db.Job, progress func(float64)) error {
			late = progress
			for i := range 100_000 {
				progress(float64(i) / 100_000)
				time.Sleep(10 * time.Microsecond)
			}
			for _, odd := range []float64{math.NaN(), math.Inf(1), 1, 1, 1, 7} {
				progress(odd)
			}
			progress(-1)
			return nil
		}}, OnProgress: func(about db.Job, share float64) {
			if about.ID != j.ID {
				t.Errorf("told of job %v, want %v", about.ID, j.ID)
			}
			told = append(told, share)
			if len(told) == 2 {
				panic("nobody may be hurt by this")
			}
		}})
		r.Start()
		time.Sleep(time.Minute)
		late(0.5)
		r.Stop()
		if len(told) < 10 || len(told) > 12 || told[0] != 0 || told[len(told)-1] != 1 || !slices.IsSorted(told) {
			t.Errorf("in a second of work was told %v, want about eleven steps from 0 to 1", told)
		}
		if got := queue(t, d); len(got) != 0 {
			t.Errorf("got %+v left, want none", got)
		}
	})
}

func TestManyJobs(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		for range 300 {
			if err := tx.AddJob(db.Job{ID: tx.NewID(), Kind: "x", Subject: tx.NewID()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var order []db.ID
	r := New(Options{DB: d, Do: map[string]Do{"x": func(_ context.Context, j db.Job, progress func(float64)) error {
		if order = append(order, j.ID); len(order) == 300 {
			close(done)
		}
		var wg sync.WaitGroup // progress may come from anywhere
		for range 4 {
			wg.Go(func() { progress(0.5) })
		}
		wg.Wait()
		return nil
	}}})
	r.Start()
	<-done
	r.Stop()
	if !slices.IsSorted(order) || len(queue(t, d)) != 0 {
		t.Errorf("ran in the order %v with %d left", order, len(queue(t, d)))
	}
}

// TestJobKeepsItsPlace has a job note how far it came, and fail or be stopped
// after that: the next attempt goes on from there.
func TestJobKeepsItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		job := add(t, d, "steps")
		do := func(ctx context.Context, j db.Job, _ func(float64)) error {
			var now db.Job
			err := d.Update(context.WithoutCancel(ctx), func(tx *db.Tx) (err error) {
				if now, err = tx.Job(j.ID); err != nil {
					return err
				}
				now.Done++
				return tx.SetJob(now)
			})
			diary.add("step %d, told %d", now.Done, j.Done)
			switch {
			case err != nil || now.Done == 1:
				return errors.Join(err, errors.New("once more"))
			case now.Done == 2:
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		r := New(Options{DB: d, Do: map[string]Do{"steps": do}})
		r.Start()
		time.Sleep(time.Minute)
		r.Stop()
		if left := queue(t, d); len(left) != 1 || left[0].ID != job.ID || left[0].Done != 2 || left[0].Attempts != 1 {
			t.Errorf("got %+v left, want the job at its second step after one failure", left)
		}
		r = New(Options{DB: d, Do: map[string]Do{"steps": do}})
		r.Start()
		defer r.Stop()
		time.Sleep(time.Minute)
		diary.want(t, "0s step 1, told 0", "10s step 2, told 1", "1m0s step 3, told 2")
		if left := queue(t, d); len(left) != 0 {
			t.Errorf("got %+v left", left)
		}
	})
}

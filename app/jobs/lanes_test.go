package jobs

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

// Two runners share a queue: each does what is its own, at the same time, and
// says nothing of the other's.
func TestTwoRunnersShareAQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		var log lockedBuffer
		slow := func(_ context.Context, j db.Job, _ func(float64)) error {
			diary.add("%s begins", j.Kind)
			time.Sleep(time.Minute)
			diary.add("%s ends", j.Kind)
			return nil
		}
		quick := func(_ context.Context, j db.Job, _ func(float64)) error {
			diary.add("%s", j.Kind)
			return nil
		}
		add(t, d, "slow")
		add(t, d, "slow")
		add(t, d, "quick")
		opt := Options{DB: d, Log: slog.New(slog.NewTextHandler(&log, nil))}
		opt.Do, opt.Others = map[string]Do{"slow": slow}, []string{"quick"}
		a := New(opt)
		opt.Do, opt.Others = map[string]Do{"quick": quick}, []string{"slow"}
		b := New(opt)
		a.Start()
		defer a.Stop()
		time.Sleep(time.Second)
		b.Start()
		defer b.Stop()
		time.Sleep(time.Second)
		add(t, d, "quick")
		b.Wake()
		time.Sleep(time.Hour)
		diary.want(t, "0s slow begins", "1s quick", "2s quick", "1m0s slow ends", "1m0s slow begins", "2m0s slow ends")
		if left := queue(t, d); len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
		if s := log.String(); s != "" {
			t.Errorf("the log says:\n%s", s)
		}
	})
}

// What runs at the lowest priority fails, panics and ends like any other job.
func TestLowestIsAJobLikeOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, diary := dbtest.Open(t), newDiary()
		add(t, d, "panic")
		add(t, d, "until it ends")
		r := New(Options{
			DB: d, Lowest: true,
			Do: map[string]Do{
				"panic": func(context.Context, db.Job, func(float64)) error { panic("oh") },
				"until it ends": func(ctx context.Context, _ db.Job, _ func(float64)) error {
					<-ctx.Done()
					diary.add("ended")
					return ctx.Err()
				},
			},
			OnFailure: func(_ context.Context, j db.Job, cause error) error {
				diary.add("%s: %v", j.Kind, cause)
				return nil
			},
		})
		r.Start()
		time.Sleep(time.Second)
		r.Stop()
		diary.want(t, "1s ended")
		if left := queue(t, d); len(left) != 2 || left[0].Attempts != 1 || left[1].Attempts != 0 {
			t.Errorf("left: %+v", left)
		}
	})
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

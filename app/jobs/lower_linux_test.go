package jobs

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

// A job makes way from the moment on that somebody listens, also in its midst,
// and the next one has its priority back.
func TestLowerPriorityWhileSomebodyListens(t *testing.T) {
	t.Parallel()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	usual := nice(t)
	d := dbtest.Open(t)
	var listening atomic.Bool
	got := make(chan int, 3)
	r := New(Options{DB: d, Lower: listening.Load, Do: map[string]Do{"look": func(_ context.Context, _ db.Job, progress func(float64)) error {
		got <- nice(t)
		listening.Store(true)
		time.Sleep(progressEvery)
		progress(0.5)
		got <- nice(t)
		listening.Store(false)
		return nil
	}}})
	for range 2 {
		add(t, d, "look")
	}
	r.Start()
	defer r.Stop()
	for _, want := range []int{usual, 19, usual, 19} {
		if n := <-got; n != want {
			t.Errorf("it runs at nice %d, want %d", n, want)
		}
	}
}

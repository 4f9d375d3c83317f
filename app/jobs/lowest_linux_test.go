package jobs

import (
	"context"
	"runtime"
	"syscall"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// nice gives the calling thread's; the system call answers with 20 less it.
func nice(t *testing.T) int {
	t.Helper()
	v, err := syscall.Getpriority(syscall.PRIO_PROCESS, syscall.Gettid())
	if err != nil {
		t.Fatal(err)
	}
	return 20 - v
}

// A job of the lowest priority has a thread of its own, which no other
// goroutine ever runs on.
func TestLowestPriority(t *testing.T) {
	t.Parallel()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	usual := nice(t)
	d := dbtest.Open(t)
	for _, lowest := range []bool{true, false, true} {
		add(t, d, "look")
		got := make(chan int, 1)
		r := New(Options{DB: d, Lowest: lowest, Do: map[string]Do{"look": func(context.Context, db.Job, func(float64)) error {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			got <- nice(t)
			return nil
		}}})
		r.Start()
		want := usual
		if lowest {
			want = 19
		}
		if n := <-got; n != want {
			t.Errorf("lowest %v: it runs at nice %d, want %d", lowest, n, want)
		}
		r.Stop()
	}
	if n := nice(t); n != usual {
		t.Errorf("others run at nice %d now, want %d", n, usual)
	}
}

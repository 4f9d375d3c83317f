package jobs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestRunnerTellsWhatRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.Open(t)
		add(t, d, "slow")
		r := New(Options{DB: d, Do: map[string]Do{"slow": func(_ context.Context, _ db.Job, progress func(float64)) error {
			time.Sleep(time.Minute)
			progress(0.5)
			time.Sleep(time.Minute)
			return nil
		}}})
		if job, _ := r.Running(); job != 0 {
			t.Errorf("before the start, %s runs", job)
		}
		r.Start()
		defer r.Stop()
		for _, want := range []struct {
			share float64
			runs  bool
		}{{0, true}, {0.5, true}, {0, false}} {
			time.Sleep(50 * time.Second)
			if job, share := r.Running(); (job != 0) != want.runs || share != want.share {
				t.Errorf("%s runs, done %v; want %+v", job, share, want)
			}
		}
	})
}

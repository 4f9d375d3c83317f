package db_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"earshot/db"
)

// BenchmarkSnapshotStall makes a copy of a large house while one reads and one
// writes, and tells the longest that either had to wait. EARSHOT_STALL names the
// house's file; it is changed.
func BenchmarkSnapshotStall(b *testing.B) {
	path := os.Getenv("EARSHOT_STALL")
	if path == "" {
		b.Skip("EARSHOT_STALL names no file")
	}
	d, err := db.Open(path, db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	var tracks []db.ID
	d.View(b.Context(), func(tx *db.Tx) error {
		for t, err := range tx.Tracks(0) {
			if err == nil {
				tracks = append(tracks, t.ID)
			}
			if len(tracks) == 1000 {
				break
			}
		}
		return nil
	})
	run := func(until context.Context) (reads, writes []time.Duration) {
		var both sync.WaitGroup
		both.Go(func() {
			for i := 0; until.Err() == nil; i++ {
				began := time.Now()
				d.View(context.Background(), func(tx *db.Tx) error { _, err := tx.Track(tracks[i%len(tracks)]); return err })
				reads = append(reads, time.Since(began))
				time.Sleep(time.Millisecond)
			}
		})
		both.Go(func() {
			for i := 0; until.Err() == nil; i++ {
				began := time.Now()
				err := d.Update(context.Background(), func(tx *db.Tx) error {
					t, err := tx.Track(tracks[i%len(tracks)])
					if err != nil {
						return err
					}
					return tx.SetTrack(t)
				})
				if err != nil {
					b.Error(err)
					return
				}
				writes = append(writes, time.Since(began))
				time.Sleep(5 * time.Millisecond)
			}
		})
		both.Wait()
		slices.Sort(reads)
		slices.Sort(writes)
		return reads, writes
	}
	for range b.N {
		quiet, stop := context.WithTimeout(b.Context(), 5*time.Second)
		r0, w0 := run(quiet)
		stop()
		copying, done := context.WithCancel(b.Context())
		var info db.SnapshotInfo
		go func() {
			defer done()
			info, err = d.Snapshot(b.Context(), filepath.Join(filepath.Dir(path), "stall-copy.db"))
		}()
		r1, w1 := run(copying)
		if err != nil {
			b.Fatal(err)
		}
		at := func(list []time.Duration, share float64) time.Duration { return list[int(share*float64(len(list)-1))] }
		b.Logf("%d MB, %d values, copied and proved in %v", info.Size>>20, info.Records, info.Took.Round(time.Millisecond))
		b.Logf("reads:  quiet p50 %v p99 %v longest %v; meanwhile p50 %v p99 %v longest %v", at(r0, .5), at(r0, .99), at(r0, 1), at(r1, .5), at(r1, .99), at(r1, 1))
		b.Logf("writes: quiet p50 %v p99 %v longest %v; meanwhile p50 %v p99 %v longest %v", at(w0, .5), at(w0, .99), at(w0, 1), at(w1, .5), at(w1, .99), at(w1, 1))
	}
}

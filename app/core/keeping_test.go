package core

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
	"earshot/media"
	"earshot/media/analysis"
	"earshot/media/peaks"
)

// TestEstimatesDoNotReplaceWhatIsExact: whichever way two stages of measuring
// end at the same time, the waveform and the numbers are of the same one, the
// exact one; a waveform that was lost is made again from either.
func TestEstimatesDoNotReplaceWhatIsExact(t *testing.T) {
	t.Parallel()
	const samples = 100 * 32
	drawing := func(estimated bool, level float32) *peaks.Peaks {
		perPixel, columns := peaks.Columns(samples)
		l, lo, hi := make([]float32, columns), make([]int8, columns), make([]int8, columns)
		for i := range l {
			l[i], lo[i], hi[i] = level, -100, 100
		}
		if estimated {
			lo, hi = nil, nil
		}
		p, err := peaks.New(44100, perPixel, samples, l, lo, hi)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	quick := &analysis.Result{Peaks: drawing(true, 0.25), Measures: analysis.Measures{Loudness: -11}}
	exact := &analysis.Result{Peaks: drawing(false, 0.5), Measures: analysis.Measures{Exact: true, Loudness: -10}}

	dir, ctx := t.TempDir(), context.Background()
	store, err := media.OpenStore(dir, media.StoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	c := &Core{db: dbtest.Open(t), media: store, log: slog.New(slog.DiscardHandler), now: time.Now, events: newEvents(), wake: func() {}}
	var id db.ID
	err = c.db.Update(ctx, func(tx *db.Tx) error {
		u := db.User{ID: tx.NewID(), Username: "mina", Name: "Mina", Email: "mina@home.example", Created: time.Now()}
		id = tx.NewID()
		if err := tx.AddUser(u); err != nil {
			return err
		}
		return tx.AddTrack(db.Track{ID: id, User: u.ID, Slug: "x", Title: "X", Created: time.Now(), Updated: time.Now(),
			Audio: db.Audio{Codec: "mp3", Size: 1, SHA256: make([]byte, 32), Duration: 1, SampleRate: 44100, Channels: 2}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "tracks", id.String()), 0o700); err != nil {
		t.Fatal(err)
	}
	keep := func(r *analysis.Result) {
		if err := c.keepMeasured(ctx, id, r, nil); err != nil {
			t.Error(err)
		}
	}
	want := func(when string, r *analysis.Result) {
		t.Helper()
		track, err := c.toMeasure(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		p, err := store.Peaks(id.String())
		if err != nil {
			t.Fatal(err)
		}
		if track.Waveform != db.WaveformReady || track.Measured != measuredOf(r.Measures) || !bytes.Equal(p.AppendDat(nil), r.Peaks.AppendDat(nil)) {
			t.Errorf("%s: got %+v and estimated %v", when, track.Measured, p.Estimated)
		}
	}
	keep(quick)
	want("an estimate", quick)
	keep(exact)
	keep(quick)
	want("an estimate after the exact one", exact)
	err = c.setTrack(ctx, id, func(_ *db.Tx, t *db.Track) error { t.Waveform = db.WaveformPending; return nil })
	if err != nil {
		t.Fatal(err)
	}
	keep(quick)
	want("an estimate after the exact one was lost", quick)
	for range 20 {
		var both sync.WaitGroup
		both.Go(func() { keep(exact) })
		both.Go(func() { keep(quick) })
		both.Wait()
		want("both at once", exact)
		if err := c.setTrack(ctx, id, func(_ *db.Tx, t *db.Track) error { t.Waveform = db.WaveformPending; return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

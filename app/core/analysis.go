package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"earshot/db"
	"earshot/media"
	"earshot/media/analysis"
	"earshot/media/audio"
)

// A track is measured in two stages. Analyse makes its waveform and what else
// is known at once; where that is an estimate, Measure decodes the whole track
// later, and puts what it finds in its place. Remeasure does both, one after the
// other, for the tracks of a house from before things were measured.
//
// What Analyse takes long for is a job of another kind, so that it holds up
// nobody's short track; all of these make way for what somebody waits for.
const (
	JobAnalyse     = "analyse"
	JobAnalyseLong = "analyse-long"
	JobMeasure     = "measure"
	JobRemeasure   = db.JobRemeasure
)

// From these lengths of sound at 48 kHz in stereo on, Analyse takes about ten
// seconds on an ordinary machine, in the frequency domain or decoded.
const (
	longMeasured = 3 * time.Hour
	longDecoded  = 20 * time.Minute
)

// hollow is from how many samples a byte on what is long is not measured at
// all: hours of nothing, in a file made for that. Speech at its lowest rate has
// 64, silence in stereo by Opus some 400.
const hollow = 1000

// effort is how long decoding a track takes, told by the length of sound at
// 48 kHz in stereo that would take as long.
func effort(a db.Audio) time.Duration {
	return time.Duration(float64(a.Duration) / 1e6 * float64(a.SampleRate*a.Channels) / (2 * 48_000) * float64(time.Second))
}

// isHollow says that a file is not worth the hours that it would take.
func isHollow(a db.Audio) bool {
	samples := float64(a.Duration) / 1e6 * float64(a.SampleRate*a.Channels)
	return effort(a) >= longDecoded && samples > hollow*float64(a.Size)
}

// analysisOf is the kind of job that makes a track's waveform.
func analysisOf(t db.Track) string {
	long := longDecoded
	if IsMP3(t) && t.Audio.SampleRate >= analysis.LowestRate {
		long = longMeasured
	}
	if effort(t.Audio) >= long && !isHollow(t.Audio) { // what is hollow fails at once
		return JobAnalyseLong
	}
	return JobAnalyse
}

// ErrNoWaveform says that trying again will not make a waveform either.
var ErrNoWaveform = errors.New("no waveform can be made of this track")

// lookEvery is how often is looked whether what is measured is still there.
const lookEvery = time.Second

// errDeleted says that a track was deleted while it was measured.
var errDeleted = errors.New("the track was deleted while it was measured")

// errHollow says that a file is not worth decoding.
var errHollow = errors.New("hours of next to nothing")

// hopeless says that trying again will not help either: it would not take less
// time, nor find more.
func hopeless(err error) bool {
	return errors.Is(err, analysis.ErrUndecodable) || errors.Is(err, audio.ErrUndecodable) || errors.Is(err, errHollow) ||
		errors.Is(err, context.DeadlineExceeded)
}

// Analyse makes the waveform of the track that a job is about. A track of
// which none can be made is ErrNoWaveform. Slower measuring rests meanwhile.
func (c *Core) Analyse(ctx context.Context, job db.Job, progress func(float64)) error {
	how, before := measureQuickly, &c.urgent
	if job.Kind == JobAnalyseLong {
		how, before = measureSoon, &c.soon
	}
	before.enter()
	defer before.leave()
	t, err := c.toMeasure(ctx, job.Subject)
	if err != nil || t.ID == 0 || t.Waveform != db.WaveformPending { // which this job has made already
		return err
	}
	if isHollow(t.Audio) {
		return fmt.Errorf("%w: %w", ErrNoWaveform, errHollow)
	}
	r, err := c.measure(ctx, t.ID, how, progress)
	if errors.Is(err, errDeleted) {
		return nil
	}
	if hopeless(err) {
		return fmt.Errorf("%w: %w", ErrNoWaveform, err)
	}
	if err != nil {
		return err
	}
	return c.keepMeasured(ctx, t.ID, r, func(tx *db.Tx) error {
		if err := endJob(tx, job); err != nil || r.Exact {
			return err
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobMeasure, Subject: t.ID, Created: c.now()})
	})
}

// Measure decodes the track that a job is about, if it was measured quickly
// only. A track that can't be decoded is ErrNoWaveform, and keeps what is known
// of it.
func (c *Core) Measure(ctx context.Context, job db.Job) error {
	t, err := c.toMeasure(ctx, job.Subject)
	if err != nil || t.Measured.Level != db.MeasuredQuickly {
		return err
	}
	r, err := c.measure(ctx, t.ID, measureExactly, nil)
	if errors.Is(err, errDeleted) {
		return nil
	}
	if hopeless(err) {
		return fmt.Errorf("%w: %w", ErrNoWaveform, err)
	}
	if err != nil {
		return err
	}
	return c.keepMeasured(ctx, t.ID, r, func(tx *db.Tx) error { return endJob(tx, job) })
}

// endJob takes a job out of the queue in the transaction that keeps its work:
// one more, for that alone, would cost two syncs.
func endJob(tx *db.Tx, job db.Job) error {
	if _, err := tx.Job(job.ID); errors.Is(err, db.ErrNotFound) {
		return nil // it is no reason to lose the work
	} else if err != nil {
		return err
	}
	return tx.DropJob(job.ID)
}

// toMeasure finds a track. One that was deleted meanwhile has no id.
func (c *Core) toMeasure(ctx context.Context, id db.ID) (t db.Track, err error) {
	err = c.db.View(ctx, func(tx *db.Tx) (err error) {
		t, err = tx.Track(id)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return db.Track{}, nil
	}
	return t, err
}

// measuring is a way to measure a track.
type measuring uint8

const (
	measureQuickly   measuring = iota // in the frequency domain where that is possible
	measureSoon                       // likewise, and never while somebody waits for a short track's waveform
	measurePatiently                  // likewise, and never while somebody waits for any waveform
	measureExactly                    // all samples; as patiently
)

// measure reads the audio of a track and measures it. errDeleted when it is
// deleted meanwhile.
func (c *Core) measure(ctx context.Context, id db.ID, how measuring, progress func(float64)) (*analysis.Result, error) {
	s, err := c.media.Sound(id.String())
	if err != nil {
		return nil, err
	}
	defer s.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	wait := func() error {
		switch how {
		case measureQuickly:
			return ctx.Err()
		case measureSoon:
			return c.urgent.wait(ctx)
		}
		return cmp.Or(c.soon.wait(ctx), c.urgent.wait(ctx))
	}
	// Hours of silence may stand in a few bytes: whether to go on is asked as
	// sound is decoded, not only as it is read.
	looked := time.Now()
	tell := func(share float64) {
		if wait() == nil && time.Since(looked) > lookEvery {
			looked = time.Now()
			if t, err := c.toMeasure(ctx, id); err == nil && t.ID == 0 {
				cancel(errDeleted)
			}
		}
		if progress != nil {
			progress(share)
		}
	}
	res, err := c.measureSound(ctx, patient{s, wait}, how, tell)
	if errors.Is(context.Cause(ctx), errDeleted) {
		c.log.Info("a track was deleted while it was measured", "track", id)
		return nil, errDeleted
	}
	return res, err
}

func (c *Core) measureSound(ctx context.Context, r patient, how measuring, progress func(float64)) (*analysis.Result, error) {
	s := r.Sound
	switch {
	case s.Index == nil:
	case how == measureExactly:
		return analysis.Exact(ctx, r, s.Index, progress)
	default:
		return analysis.Quick(ctx, r, s.Index, progress)
	}
	src, err := audio.Open(r, s.Size, s.Info)
	if err != nil {
		return nil, err
	}
	return analysis.Full(ctx, src, s.Samples, progress)
}

// keepMeasured keeps what was found out about a track, if it is still there,
// and tells its owner's pages. More, which may be nil, is done in the same
// transaction. An estimate does not take the place of a waveform of all
// samples that was made meanwhile.
func (c *Core) keepMeasured(ctx context.Context, id db.ID, r *analysis.Result, more func(*db.Tx) error) error {
	c.keeping.Lock()
	defer c.keeping.Unlock()
	t, err := c.toMeasure(ctx, id)
	if err != nil || t.ID == 0 {
		return err
	}
	if !r.Exact && t.Measured.Level == db.MeasuredExactly && t.Waveform == db.WaveformReady {
		return nil
	}
	if err := c.media.DrawPeaks(id.String(), r.Peaks, r.Fine); err != nil {
		if t, e := c.toMeasure(ctx, id); e == nil && t.ID == 0 {
			return nil // its folder went while it was measured
		}
		return fmt.Errorf("keep the waveform of %s: %w", id, err)
	}
	err = c.setTrack(ctx, id, func(tx *db.Tx, t *db.Track) error {
		t.Waveform, t.Measured = db.WaveformReady, measuredOf(r.Measures)
		if more == nil {
			return nil
		}
		return more(tx)
	})
	if err == nil && more != nil {
		c.wake()
	}
	return err
}

func measuredOf(m analysis.Measures) db.Measured {
	d := db.Measured{
		Level: db.MeasuredQuickly, Loudness: finite(m.Loudness), Range: finite(m.Range),
		Tempo: finite(m.Tempo), Confidence: finite(m.Confidence), Lead: m.Lead.Microseconds(), Tail: m.Tail.Microseconds(),
	}
	if m.Exact {
		d.Level, d.TruePeak = db.MeasuredExactly, finite(m.TruePeak)
	}
	return d
}

// finite keeps what is no number out of the records.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// again is how long work on a track rests that failed for a reason which may
// pass: a full disk, or one that is not mounted. No job may wait for longer.
const again = time.Hour

// passing says whether an error is for such a reason.
func passing(err error) bool {
	return errors.Is(err, media.ErrFull) || errors.Is(err, media.ErrMissing) || errors.Is(err, db.ErrFull)
}

// AnalyseFailed notes that a track has no waveform; it plays all the same.
func (c *Core) AnalyseFailed(ctx context.Context, job db.Job, cause error) error {
	if passing(cause) {
		c.log.Warn("the waveform has to wait", "track", job.Subject, "error", cause)
		return c.queueAnalysis(ctx, job.Subject, c.now().Add(again))
	}
	c.log.Warn("no waveform could be made", "track", job.Subject, "error", cause)
	return c.setTrack(ctx, job.Subject, func(_ *db.Tx, t *db.Track) error {
		t.Waveform = db.WaveformFailed
		return nil
	})
}

// MeasureFailed leaves a track as it was measured quickly, or has it measured
// later.
func (c *Core) MeasureFailed(ctx context.Context, job db.Job, cause error) error {
	c.log.Warn("a track could not be measured", "track", job.Subject, "error", cause)
	if !passing(cause) {
		return nil
	}
	err := c.db.Update(ctx, func(tx *db.Tx) error {
		if _, err := tx.Track(job.Subject); err != nil {
			return err
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobMeasure, Subject: job.Subject, After: c.now().Add(again), Created: c.now()})
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	}
	return err
}

// redraw has the waveform of a track made again that was lost, if its sound is
// there, and gives its new state.
func (c *Core) redraw(id db.ID) (state db.Waveform, ok bool) {
	s, err := c.media.Sound(id.String())
	if err != nil {
		return 0, false
	}
	s.Close()
	ctx := context.Background()
	if s.Codec == audio.AAC {
		state, err = db.WaveformWanted, c.setTrack(ctx, id, func(_ *db.Tx, t *db.Track) error {
			t.Waveform, t.Measured = db.WaveformWanted, db.Measured{}
			return nil
		})
	} else {
		state, err = db.WaveformPending, c.queueAnalysis(ctx, id, time.Time{})
	}
	if err != nil {
		c.log.Warn("a lost waveform can't be made again", "track", id, "error", err)
		return 0, false
	}
	c.wake()
	return state, true
}

// queueAnalysis makes a track wait for its analysis, which begins no earlier
// than a moment.
func (c *Core) queueAnalysis(ctx context.Context, id db.ID, after time.Time) error {
	err := c.db.Update(ctx, func(tx *db.Tx) error {
		t, err := tx.Track(id)
		if err != nil {
			return err
		}
		if t.Waveform == db.WaveformPending && after.IsZero() {
			return nil // somebody else was first
		}
		t.Waveform = db.WaveformPending
		if err := tx.SetTrack(t); err != nil {
			return err
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: analysisOf(t), Subject: id, After: after, Created: c.now()})
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	}
	return err
}

// AnalyseProgress tells the owner's open pages how far an analysis is.
func (c *Core) AnalyseProgress(job db.Job, share float64) {
	var owner db.ID
	err := c.db.View(context.Background(), func(tx *db.Tx) error {
		t, err := tx.Track(job.Subject)
		owner = t.User
		return err
	})
	if err == nil {
		c.events.send(owner, Event{Type: EventProgress, Track: job.Subject, Progress: share})
	}
}

// setTrack changes a track in the background and tells its owner's pages. One
// that was deleted meanwhile is no error.
func (c *Core) setTrack(ctx context.Context, id db.ID, change func(*db.Tx, *db.Track) error) error {
	var t db.Track
	err := c.db.Update(ctx, func(tx *db.Tx) (err error) {
		if t, err = tx.Track(id); err != nil {
			return err
		}
		if err := change(tx, &t); err != nil {
			return err
		}
		return tx.SetTrack(t)
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err == nil {
		c.tell(t)
	}
	return err
}

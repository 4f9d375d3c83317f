package core

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"earshot/db"
	"earshot/media"
	"earshot/media/analysis"
	"earshot/media/audio"
)

// A track is measured in two stages. Analyse makes its waveform and what else
// is known at once; where that is an estimate, Measure decodes the whole track
// later, and puts what it finds in its place. What takes too long for others to
// wait behind it is Measure's from the beginning. Remeasure does both, one after the
// other, for the tracks of a house from before things were measured.
const (
	JobAnalyse   = "analyse"
	JobMeasure   = "measure"
	JobRemeasure = db.JobRemeasure
)

// ErrNoWaveform says that trying again will not make a waveform either.
var ErrNoWaveform = errors.New("no waveform can be made of this track")

const (
	// decodedAtOnce is how many samples, of all channels together, are decoded
	// while others may wait for their waveforms: those of two hours in stereo.
	decodedAtOnce = 2 * 3600 * 48_000 * 2
	// analyseWithin is how long others wait at most.
	analyseWithin = 10 * time.Minute
	// hollow is from how many samples a byte on what is longer is not measured
	// at all: hours of nothing, in a file made for that. Speech at its lowest rate
	// has 64; Opus for silence in stereo some 400.
	hollow = 1000
	// lookEvery is how often is looked whether what is measured is still there.
	lookEvery = time.Second
)

var (
	errLater  = errors.New("this takes so long that others go first")
	errHollow = errors.New("there is next to nothing in its bytes, for hours")
	errGone   = errors.New("it was deleted while it was measured")
)

// undecodable says that trying again will not help either.
func undecodable(err error) bool {
	return errors.Is(err, analysis.ErrUndecodable) || errors.Is(err, audio.ErrUndecodable) || errors.Is(err, errHollow)
}

// Analyse makes the waveform of the track that a job is about. A track of
// which none can be made is ErrNoWaveform. Slow measuring rests meanwhile.
func (c *Core) Analyse(ctx context.Context, job db.Job, progress func(float64)) error {
	c.urgent.enter()
	defer c.urgent.leave()
	t, err := c.toMeasure(ctx, job.Subject)
	if err != nil || t.ID == 0 {
		return err
	}
	within, cancel := context.WithTimeout(ctx, analyseWithin)
	defer cancel()
	r, err := c.measure(within, t.ID, measureQuickly, progress)
	switch {
	case errors.Is(err, errGone):
		return nil
	case errors.Is(err, errLater), errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		c.log.Info("a track takes long to be measured, and makes way for others", "track", t.ID)
		return c.measureLater(ctx, t.ID)
	case undecodable(err):
		return fmt.Errorf("%w: %w", ErrNoWaveform, err)
	case err != nil:
		return err
	}
	return c.keepMeasured(ctx, t.ID, r, func(tx *db.Tx) error {
		if r.Exact {
			return nil
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobMeasure, Subject: t.ID, Created: c.now()})
	})
}

// measureLater leaves a track to Measure.
func (c *Core) measureLater(ctx context.Context, id db.ID) error {
	err := c.db.Update(ctx, func(tx *db.Tx) error {
		if _, err := tx.Track(id); err != nil {
			return err
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobMeasure, Subject: id, Created: c.now()})
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	}
	c.wake()
	return err
}

// Measure decodes the track that a job is about, if it was measured quickly
// only, or not at all because that takes long. A track that can't be decoded is
// ErrNoWaveform, and keeps what is known of it.
func (c *Core) Measure(ctx context.Context, job db.Job, progress func(float64)) error {
	t, err := c.toMeasure(ctx, job.Subject)
	if err != nil || t.ID == 0 || t.Measured.Level != db.MeasuredQuickly && t.Waveform != db.WaveformPending {
		return err
	}
	if t.Waveform != db.WaveformPending {
		progress = nil // there is one to be seen
	}
	r, err := c.measure(ctx, t.ID, measureExactly, progress)
	if errors.Is(err, errGone) {
		return nil
	}
	if undecodable(err) || errors.Is(err, context.DeadlineExceeded) { // it would not take less another time
		return fmt.Errorf("%w: %w", ErrNoWaveform, err)
	}
	if err != nil {
		return err
	}
	return c.keepMeasured(ctx, t.ID, r, nil)
}

// How long Remeasure goes on before it lets others have their turn, how many
// tracks it looks through at once, and how often it begins with a track in which
// the server dies.
const (
	remeasureFor    = 10 * time.Minute
	remeasureLook   = 500
	remeasureStarts = 3
)

// Remeasure measures the mp3s of the house that nobody has measured yet, or
// quickly only. The job notes how far it came; after a while it ends, with a
// new one behind what else was queued meanwhile.
func (c *Core) Remeasure(ctx context.Context, job db.Job) error {
	began := time.Now()
	for first := true; ; first = false {
		t, last, err := c.nextUnmeasured(ctx, job.Done)
		if err != nil {
			return err
		}
		if last == job.Done {
			c.log.Info("all tracks are measured")
			return nil
		}
		switch {
		case t.ID == 0:
		case first && job.Attempts > remeasureStarts:
			c.log.Error("the server ended several times while a track was measured; it is left as it is", "track", t.ID)
		default:
			if err := c.remeasure(ctx, t); err != nil {
				return err
			}
		}
		job.Done = last
		over := time.Since(began) >= remeasureFor
		err = c.db.Update(ctx, func(tx *db.Tx) error {
			now, err := tx.Job(job.ID)
			if err != nil {
				return err
			}
			if over {
				return c.remeasureOn(tx, now, last, time.Time{})
			}
			now.Done = last
			return tx.SetJob(now)
		})
		if err != nil || over {
			c.wake()
			return err
		}
	}
}

// remeasureOn queues a new job that goes on behind an id. The one before has
// nothing left to do, should it be begun again.
func (c *Core) remeasureOn(tx *db.Tx, before db.Job, from db.ID, after time.Time) error {
	before.Done = math.MaxUint64
	if err := tx.SetJob(before); err != nil {
		return err
	}
	return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobRemeasure, Done: from, After: after, Created: c.now()})
}

// nextUnmeasured finds the next track behind an id that Remeasure has to do
// with; none there is a track without an id. last is how far it looked: no
// farther than behind when there are no more tracks.
func (c *Core) nextUnmeasured(ctx context.Context, behind db.ID) (found db.Track, last db.ID, err error) {
	last = behind
	err = c.db.View(ctx, func(tx *db.Tx) error {
		n := 0
		for t, err := range tx.Tracks(behind) {
			if c.unreadable(err, "track", 0) {
				continue
			}
			if err != nil {
				return err
			}
			last = t.ID
			if t.Audio.Codec == string(audio.MP3) && t.Measured.Level <= db.MeasuredQuickly && t.Waveform != db.WaveformPending {
				found = t
				return nil
			}
			if n++; n == remeasureLook {
				return nil
			}
		}
		return nil
	})
	return found, last, err
}

// remeasure does what Analyse and Measure do for a track. What is wrong with
// the track alone is no error: the others have their turn.
func (c *Core) remeasure(ctx context.Context, t db.Track) error {
	for _, how := range []measuring{measurePatiently, measureExactly} {
		if how == measurePatiently && t.Measured.Level != db.Unmeasured {
			continue
		}
		r, err := c.measureSafely(ctx, t.ID, how)
		if err == nil {
			err = c.keepMeasured(ctx, t.ID, r, nil)
		}
		switch {
		case err == nil && r.Exact:
			return nil
		case err == nil:
		case ctx.Err() != nil, errors.Is(err, media.ErrFull), errors.Is(err, db.ErrFull), errors.Is(err, media.ErrBusy):
			return err
		default:
			c.log.Warn("a track can't be measured", "track", t.ID, "error", err)
			return nil
		}
	}
	return nil
}

// measureSafely is measure, with an error for a panic.
func (c *Core) measureSafely(ctx context.Context, id db.ID, how measuring) (r *analysis.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("measuring a track panicked", "track", id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.measure(ctx, id, how, nil)
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
	measurePatiently                  // likewise, and never while somebody waits for a waveform
	measureExactly                    // all samples; as patiently
)

// measure reads the audio of a track and measures it.
func (c *Core) measure(ctx context.Context, id db.ID, how measuring, progress func(float64)) (*analysis.Result, error) {
	s, err := c.media.Sound(id.String())
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if how != measureExactly && (s.Index == nil || !analysis.Quickly(s.Index)) {
		switch values := s.Samples * int64(s.Channels); {
		case values <= decodedAtOnce:
		case values/hollow > s.Size:
			return nil, errHollow
		case how == measureQuickly:
			return nil, errLater
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := patient{Sound: s, wait: func() error { return ctx.Err() }}
	if how != measureQuickly {
		r.wait = func() error { return c.urgent.wait(ctx) }
	}
	// Hours of silence may stand in a few bytes: whether to go on is asked as it
	// is decoded, too.
	looked := time.Now()
	tell := func(share float64) {
		if r.wait() == nil && time.Since(looked) > lookEvery {
			if looked = time.Now(); c.gone(ctx, id) {
				cancel(errGone)
			}
		}
		if progress != nil {
			progress(share)
		}
	}
	res, err := c.measureSound(ctx, s, r, how, tell)
	if err != nil && errors.Is(context.Cause(ctx), errGone) {
		c.log.Info("a track was deleted while it was measured", "track", id)
		err = errGone
	}
	return res, err
}

// gone says whether a track was deleted.
func (c *Core) gone(ctx context.Context, id db.ID) bool {
	t, err := c.toMeasure(ctx, id)
	return err == nil && t.ID == 0
}

// measureSound measures s, which is read by r.
func (c *Core) measureSound(ctx context.Context, s media.Sound, r patient, how measuring, progress func(float64)) (*analysis.Result, error) {
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
// transaction.
func (c *Core) keepMeasured(ctx context.Context, id db.ID, r *analysis.Result, more func(*db.Tx) error) error {
	if err := c.media.PutPeaks(id.String(), r.Peaks, r.Fine); err != nil {
		if t, e := c.toMeasure(ctx, id); e == nil && t.ID == 0 {
			return nil // its folder went while it was measured
		}
		return fmt.Errorf("keep the waveform of %s: %w", id, err)
	}
	err := c.setTrack(ctx, id, func(tx *db.Tx, t *db.Track) error {
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
// later. What was not measured at all has no waveform.
func (c *Core) MeasureFailed(ctx context.Context, job db.Job, cause error) error {
	c.log.Warn("a track could not be measured", "track", job.Subject, "error", cause)
	if !passing(cause) {
		t, err := c.toMeasure(ctx, job.Subject)
		if err != nil || t.ID == 0 || t.Waveform != db.WaveformPending {
			return err
		}
		return c.setTrack(ctx, job.Subject, func(_ *db.Tx, t *db.Track) error {
			t.Waveform = db.WaveformFailed
			return nil
		})
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

// RemeasureFailed lets the rest of the tracks wait.
func (c *Core) RemeasureFailed(ctx context.Context, job db.Job, cause error) error {
	c.log.Warn("the tracks from before have to wait to be measured", "error", cause)
	return c.db.Update(ctx, func(tx *db.Tx) error {
		now, err := tx.Job(job.ID)
		if err != nil {
			return err
		}
		return c.remeasureOn(tx, now, now.Done, c.now().Add(again))
	})
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
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobAnalyse, Subject: id, After: after, Created: c.now()})
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

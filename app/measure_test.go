package app_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// long is more than a minute of sound, which is measured in two stages.
func long() []byte { return tone(3000) }

// measured waits until a track is measured exactly.
func (p *person) measured(id string) wire.Track {
	p.h.t.Helper()
	var t wire.Track
	for range 2400 { // a minute, for machines that do much else
		p.get("/api/tracks/" + id).want(200).into(&t)
		if t.Measured != nil && t.Measured.Exact {
			return t
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.h.t.Fatalf("%s is still not measured: %+v", id, t.Measured)
	return t
}

// waits gives the jobs of a kind that are not done.
func (h *house) waits(kind string) []db.Job {
	h.t.Helper()
	list, err := h.app.Jobs(context.Background(), kind)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// idle waits until no job of a kind is left.
func (h *house) idle(kind string) {
	h.t.Helper()
	for range 2400 {
		if len(h.waits(kind)) == 0 {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	h.t.Fatalf("jobs are left: %+v", h.waits(kind))
}

// TestTwoStages uploads a long track: first there is what is known at once, and
// later, also after a restart, what needs all of its samples.
func TestTwoStages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	h.app.StopMeasuring()
	short := mina.drawn(mina.upload("short.mp3", tone(300), "public").ID)
	if m := short.Measured; m == nil || !m.Exact || m.TruePeak == nil {
		t.Errorf("a short track: got %+v", m)
	}
	if jobs := h.waits(core.JobMeasure); len(jobs) != 0 {
		t.Errorf("a short track waits to be measured again: %+v", jobs)
	}
	track := mina.upload("long.mp3", long(), "public")
	at := "/api/tracks/" + track.ID
	quick := mina.drawn(track.ID)
	if m := quick.Measured; quick.Waveform != "ready" || quick.Peaks == "" || m == nil || m.Exact || m.Loudness == nil || m.TruePeak != nil {
		t.Errorf("first: got %s, %+v", quick.Waveform, m)
	}
	if jobs := h.waits(core.JobMeasure); len(jobs) != 1 || jobs[0].Subject.String() != track.ID {
		t.Fatalf("%+v wait to be measured", jobs)
	}
	rough, fine := jun.get(at+"/peaks.dat").want(200), jun.get(at+"/peaks.dat?zoom=fine").want(200)

	h.reopen()
	exact := mina.measured(track.ID)
	if m := exact.Measured; exact.Waveform != "ready" || m.TruePeak == nil || m.Loudness == nil || *m.Loudness < *quick.Measured.Loudness-1 || *m.Loudness > *quick.Measured.Loudness+1 {
		t.Errorf("then: got %s, %+v; at first %+v", exact.Waveform, m, quick.Measured)
	}
	h.idle(core.JobMeasure)
	for form, before := range map[string]answer{"/peaks.dat": rough, "/peaks.dat?zoom=fine": fine} {
		after := jun.get(at + form).want(200)
		if after.header.Get("Etag") == before.header.Get("Etag") || len(after.body) != len(before.body) {
			t.Errorf("%s: the estimate is still there", form)
		}
		jun.get(at+form, "If-None-Match", before.header.Get("Etag")).want(200)
	}
}

// TestPagesHearOfBothStages: progress is told of the first stage alone; the
// second says once that it is done.
func TestPagesHearOfBothStages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	pages := mina.listen("/api/events")
	pages.place()
	track := mina.upload("long.mp3", long(), "public")
	ready, late := 0, time.After(time.Minute)
	for ready < 2 {
		var e wire.Event
		select {
		case e = <-pages.events:
		case <-late:
			t.Fatalf("%d stages were told of within a minute", ready)
		}
		if e.Track != track.ID {
			continue
		}
		switch {
		case e.Type == "track" && e.State == "ready":
			ready++
		case e.Type == "progress" && ready > 0:
			t.Errorf("progress is told of what nobody waits for: %+v", e)
		}
	}
	if got := as[wire.Track](mina.get("/api/tracks/" + track.ID)); got.Measured == nil || !got.Measured.Exact {
		t.Errorf("when it is said to be done: got %+v", got.Measured)
	}
}

// TestRestartInTheMiddleOfMeasuring closes the house while it measures.
func TestRestartInTheMiddleOfMeasuring(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	track := mina.upload("long.mp3", tone(12_000), "public") // five minutes
	began := false
	for !began {
		jobs := h.waits(core.JobMeasure)
		if began = len(jobs) == 1 && jobs[0].Attempts == 1; !began {
			if got := as[wire.Track](mina.get("/api/tracks/" + track.ID)); got.Measured != nil && got.Measured.Exact {
				t.Skip("it was measured before it could be interrupted")
			}
			time.Sleep(time.Millisecond)
		}
	}
	h.reopen()
	if got := mina.measured(track.ID); got.Waveform != "ready" {
		t.Errorf("got waveform %q", got.Waveform)
	}
	h.idle(core.JobMeasure)
	if log := h.log.String(); strings.Contains(log, "a job failed") {
		t.Errorf("ending counts as a failure:\n%s", log[strings.Index(log, "a job failed"):])
	}
}

// TestDeletedWhileItIsMeasured leaves neither a job nor a file.
func TestDeletedWhileItIsMeasured(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	for _, wait := range []bool{true, false} { // for the first stage
		track := mina.upload("long.mp3", tone(20_000), "public")
		if wait {
			mina.drawn(track.ID)
		}
		mina.delete("/api/tracks/" + track.ID).want(204)
	}
	h.idle(core.JobAnalyse)
	h.idle(core.JobMeasure)
	h.reopen() // ends what still goes on
	if left := h.files(); len(left) > 0 {
		t.Errorf("after deleting there is still %v", left)
	}
	if log := h.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("something went wrong: %s", shorten([]byte(log[strings.Index(log, "level=ERROR"):])))
	}
}

// speech is mono sound of so many seconds that is cheap to make: 8 kHz, 8 bits.
func speech(seconds int) []byte {
	const rate = 8000
	le := binary.LittleEndian
	n := uint32(seconds * rate)
	b := append([]byte("RIFF"), le.AppendUint32(nil, 36+n)...)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data"...)
	return append(le.AppendUint32(b, n), bytes.Repeat([]byte("\x40\x90\xc0\x70"), int(n/4))...)
}

// TestLongTracksHoldUpNobody: what takes long to decode has a lane of its own.
func TestLongTracksHoldUpNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	h.app.StopLong()
	track := mina.upload("long.flac", stillness(1, 400<<10), "public")
	for name, file := range map[string][]byte{"short.wav": speech(20*60 - 1), "short.mp3": tone(100), "mix.mp3": tone(60_000)} {
		if got := mina.drawn(mina.upload(name, file, "public").ID); got.Waveform != "ready" {
			t.Errorf("%s: got waveform %q", name, got.Waveform)
		}
	}
	if got := as[wire.Track](mina.get("/api/tracks/" + track.ID)); got.Waveform != "pending" {
		t.Errorf("the long one: got waveform %q", got.Waveform)
	}
	if jobs := h.waits(core.JobAnalyseLong); len(jobs) != 1 || jobs[0].Subject.String() != track.ID {
		t.Errorf("%+v wait", jobs)
	}
	h.reopen()
	if got := mina.drawn(track.ID); got.Waveform != "ready" || got.Measured == nil || !got.Measured.Exact {
		t.Errorf("then: got waveform %q, %+v", got.Waveform, got.Measured)
	}
	if log := h.log.String(); strings.Contains(log, "of a kind that this version does not know") {
		t.Error("a lane does not know of another's jobs")
	}
}

// TestDeletingEndsMeasuring: nobody goes on decoding hours that are gone.
func TestDeletingEndsMeasuring(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	pages := mina.listen("/api/events")
	pages.place()
	track := mina.upload("hours.wav", speech(2*60*60), "public")
	if e := pages.next("progress"); e.Track != track.ID || e.Progress > 0.5 {
		t.Skipf("it is measured too fast to be interrupted: %+v", e)
	}
	mina.delete("/api/tracks/" + track.ID).want(204)
	const said = "deleted while it was measured"
	for range 1200 {
		if strings.Contains(h.log.String(), said) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Error("it was measured to its end")
}

// TestWhatIsMeasuredIsNotEstimatedAgain begins a job again that was done when
// the server died.
func TestWhatIsMeasuredIsNotEstimatedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	track := mina.upload("long.mp3", tone(20_000), "public")
	mina.measured(track.ID)
	h.idle(core.JobMeasure)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id, _ := db.ParseID(track.ID)
	err = d.Update(context.Background(), func(tx *db.Tx) error {
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: core.JobAnalyse, Subject: id, Created: time.Now(), Attempts: 1, Error: "the server ended while this was worked on"})
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	h.open()
	h.idle(core.JobAnalyse)
	if got := as[wire.Track](mina.get("/api/tracks/" + track.ID)); !got.Measured.Exact {
		t.Errorf("got %+v", got.Measured)
	}
	if jobs := h.waits(core.JobMeasure); len(jobs) != 0 {
		t.Errorf("it is to be measured again: %+v", jobs)
	}
}

// TestOldHouseWhoseDiskIsNotMounted: its tracks are measured when it is.
func TestOldHouseWhoseDiskIsNotMounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	track := mina.upload("short.mp3", tone(100), "public")
	mina.drawn(track.ID)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	h.unmeasure(db.Job{}, func(*db.Track) {})
	media, aside := filepath.Join(h.dir, "media"), filepath.Join(h.dir, "aside")
	if err := os.Rename(media, aside); err != nil {
		t.Fatal(err)
	}
	h.open()
	for range 1200 {
		jobs := h.waits(core.JobRemeasure)
		if len(jobs) != 1 {
			t.Fatalf("with nothing mounted: the jobs are %+v", jobs)
		}
		if strings.Contains(jobs[0].Error, "missing") {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	if err := errors.Join(os.RemoveAll(media), os.Rename(aside, media)); err != nil {
		t.Fatal(err)
	}
	mina.measured(track.ID)
}

// TestMeasuringAgainAfterItsWaveformIsLost: what was lost is made again in both
// stages.
func TestMeasuringAgainAfterItsWaveformIsLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	track := mina.upload("long.mp3", long(), "public")
	mina.measured(track.ID)
	h.idle(core.JobMeasure)
	folder := filepath.Join(h.dir, "media", "tracks", track.ID)
	if err := errors.Join(os.Remove(filepath.Join(folder, "peaks")), os.Remove(filepath.Join(folder, "peaks-fine"))); err != nil {
		t.Fatal(err)
	}
	if got := mina.drawn(track.ID); got.Waveform != "ready" {
		t.Errorf("got waveform %q", got.Waveform)
	}
	h.idle(core.JobMeasure)
	mina.measured(track.ID)
	mina.get("/api/tracks/" + track.ID + "/peaks.dat?zoom=fine").want(200)
}

// TestOldHouseIsMeasured opens a house of the time before tracks were measured.
func TestOldHouseIsMeasured(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	var tracks []wire.Track
	for _, file := range [][]byte{tone(300), long(), tone(200), tone(100), tone(50)} {
		tracks = append(tracks, mina.upload("x.mp3", file, "public"))
	}
	wav := mina.upload("x.wav", wave(10_000), "public")
	for _, tr := range append(tracks, wav) {
		mina.drawn(tr.ID)
	}
	h.idle(core.JobMeasure)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	// As it was then: nothing measured, one track without a waveform because
	// there was no decoder for it, one whose file is gone.
	media := filepath.Join(h.dir, "media", "tracks")
	h.unmeasure(db.Job{}, func(tr *db.Track) {
		if tr.ID.String() == tracks[2].ID {
			tr.Waveform = db.WaveformFailed
		}
	})
	for _, tr := range tracks {
		if err := os.Remove(filepath.Join(media, tr.ID, "peaks-fine")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(media, tracks[3].ID, "audio.mp3")); err != nil {
		t.Fatal(err)
	}
	h.open()
	h.idle(core.JobRemeasure)
	for i, tr := range tracks {
		got := as[wire.Track](mina.get("/api/tracks/" + tr.ID))
		if i == 3 {
			if got.Measured != nil || got.Waveform != "ready" {
				t.Errorf("the one whose file is gone: got %s, %+v", got.Waveform, got.Measured)
			}
			continue
		}
		if got.Waveform != "ready" || got.Measured == nil || !got.Measured.Exact {
			t.Errorf("track %d: got %s, %+v", i, got.Waveform, got.Measured)
		}
		mina.get("/api/tracks/" + tr.ID + "/peaks.dat?zoom=fine").want(200)
	}
	if jobs := slices.Concat(h.waits(core.JobMeasure), h.waits(core.JobAnalyse)); len(jobs) != 0 {
		t.Errorf("jobs are left: %+v", jobs)
	}
}

// unmeasure makes the tracks of a closed house those of an old one, with a job
// to measure them that is begun as the one given.
func (h *house) unmeasure(job db.Job, change func(*db.Track)) {
	h.t.Helper()
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	err = d.Update(context.Background(), func(tx *db.Tx) error {
		for tr, err := range tx.Tracks(0) {
			if err != nil {
				return err
			}
			tr.Measured = db.Measured{}
			change(&tr)
			if err := tx.SetTrack(tr); err != nil {
				return err
			}
		}
		job.ID, job.Kind, job.Created = tx.NewID(), db.JobRemeasure, time.Now()
		return tx.AddJob(job)
	})
	if err := errors.Join(err, d.Close()); err != nil {
		h.t.Fatal(err)
	}
}

// TestATrackThatTakesTheServerDown: after a few starts it is left as it is, and
// the others are measured.
func TestATrackThatTakesTheServerDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	one, two := mina.upload("1.mp3", tone(100), "public"), mina.upload("2.mp3", tone(100), "public")
	mina.drawn(one.ID)
	mina.drawn(two.ID)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	h.unmeasure(db.Job{Attempts: 3, Error: "the server ended while this was worked on"}, func(*db.Track) {})
	h.open()
	h.idle(core.JobRemeasure)
	mina.measured(two.ID)
	if got := as[wire.Track](mina.get("/api/tracks/" + one.ID)); got.Measured != nil || got.Waveform != "ready" {
		t.Errorf("it was measured again: %s, %+v", got.Waveform, got.Measured)
	}
}

// TestHouseOfSchema4 opens a house of the version before with tracks whose files
// are not there: they are passed over.
func TestHouseOfSchema4(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join("..", "db", "testdata", "schema-4.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "earshot.db"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	// Others are: its disk is mounted.
	if err := os.MkdirAll(filepath.Join(h.dir, "media", "tracks", "0000000000000"), 0o700); err != nil {
		t.Fatal(err)
	}
	h.open()
	h.idle(core.JobRemeasure)
	if log := h.log.String(); !strings.Contains(log, "all tracks are measured") || strings.Contains(log, "a job failed") {
		t.Errorf("the log does not say so")
	}
}

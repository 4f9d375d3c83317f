package app_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"earshot/app"
	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/app/core"
	"earshot/db"

	"go.etcd.io/bbolt"
)

// hear tells that somebody listened to a track for so long.
func (p *person) hear(t wire.Track, ms int64, headers ...string) bool {
	p.h.t.Helper()
	return as[wire.Listened](p.do("POST", track(t, "plays"), wire.Listen{ListenedMS: ms}, headers...)).Counted
}

// written writes down what was listened to, as happens once a second.
func (h *house) written() {
	h.t.Helper()
	if err := h.app.Core().FlushPlays(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func TestPlays(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	v := h.visitor()
	song := mina.upload("song.mp3", tone(1000), "public") // 26 s
	long := mina.upload("long.mp3", tone(3000), "public") // 78 s
	shut := mina.upload("shut.mp3", tone(80), "private")
	half := song.DurationMS / 2

	for _, s := range []struct {
		what  string
		who   *person
		track wire.Track
		ms    int64
		agent string
		after time.Duration
		want  bool
	}{
		{"too little", jun, song, half - 1, "a", 0, false},
		{"nothing", jun, song, 0, "a", 0, false},
		{"half", jun, song, half + 1, "a", 0, true},
		{"again at once", jun, song, half + 1, "a", 0, false},
		{"from another device", jun, song, half + 1, "b", 0, false},
		{"another track", jun, long, 30_000, "a", 0, true},
		{"a little less than half a minute of a long one", mina, long, 29_999, "a", 0, false},
		{"another member", mina, song, half + 1, "a", 0, true},
		{"a visitor", v, song, half + 1, "a", 0, true},
		{"the visitor again", v, song, half + 1, "a", 0, false},
		{"another visitor of that home", v, song, half + 1, "b", 0, true},
		{"after a little while", jun, song, half + 1, "a", time.Duration(half-10) * time.Millisecond, false},
		{"after half a song", jun, song, half + 1, "a", 20 * time.Millisecond, true},
		{"after less than half a minute", jun, long, 1 << 40, "a", 10 * time.Second, false},
		{"after half a minute", jun, long, 1 << 40, "a", 30 * time.Second, true},
		{"after the clock was set back", jun, song, half + 1, "a", -5 * time.Minute, true},
		{"and again", jun, song, half + 1, "a", 0, false},
	} {
		c.jump(s.after)
		if got := s.who.hear(s.track, s.ms, "User-Agent", s.agent); got != s.want {
			t.Errorf("%s: got counted %v, want %v", s.what, got, s.want)
		}
	}
	jun.post(track(shut, "plays"), wire.Listen{ListenedMS: 30_000}).fails(404, "not_found")
	k.post(track(shut, "plays"), wire.Listen{ListenedMS: 30_000}).fails(404, "not_found")
	jun.post(track(song, "plays"), wire.Listen{ListenedMS: -1}).want(400)
	if !mina.hear(shut, 30_000) {
		t.Error("an own private track is not played")
	}

	count := func(want map[string]uint64) {
		t.Helper()
		for _, tr := range []wire.Track{song, long, shut} {
			if got := as[wire.Track](mina.get(track(tr))).Counts.Plays; got != want[tr.Title] {
				t.Errorf("%s: got %d plays, want %d", tr.Title, got, want[tr.Title])
			}
		}
	}
	h.written()
	count(map[string]uint64{"song": 6, "long": 2, "shut": 1})
	c.jump(time.Hour)
	jun.hear(long, 30_000)
	h.reopen() // what was not written yet is, before the house closes
	count(map[string]uint64{"song": 6, "long": 3, "shut": 1})

	// A track that went between listen and write takes nothing with it.
	jun.hear(song, 30_000)
	mina.hear(long, 30_000)
	mina.delete(track(song)).want(204)
	h.written()
	if got := as[wire.Track](mina.get(track(long))).Counts.Plays; got != 4 {
		t.Errorf("after another track was deleted: got %d plays, want 4", got)
	}

	// What can't be written is written the next time.
	c.jump(time.Hour)
	mina.hear(long, 30_000)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := h.app.Core().WritePlays(stopped); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	h.written()
	if got := as[wire.Track](mina.get(track(long))).Counts.Plays; got != 5 {
		t.Errorf("after a failure: got %d plays, want 5", got)
	}
	h.check()
}

// TestPlaysAreWrittenByThemselves waits for the second in which they are.
func TestPlaysAreWrittenByThemselves(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	song := mina.sing("song", "public")
	mina.hear(song, 10_000)
	for until := time.Now().Add(10 * time.Second); as[wire.Track](mina.get(track(song))).Counts.Plays == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("a play is not counted after ten seconds")
		}
	}
	mina.hears("/api/me/history", "song")
}

func TestHistory(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	one, two, three := mina.sing("one", "public"), mina.sing("two", "public"), mina.sing("three", "public")
	hear := func(p *person, tracks ...wire.Track) {
		t.Helper()
		for _, tr := range tracks {
			c.jump(time.Minute)
			if !p.hear(tr, 10_000) {
				t.Errorf("%s: %s does not count", p.name, tr.Title)
			}
		}
	}
	hear(jun, one, two, three, one)
	hear(mina, two)
	h.visitor().hear(three, 10_000)
	h.written()
	jun.hears("/api/me/history", "one three two")
	mina.hears("/api/me/history", "two")
	k.hears("/api/me/history", "")
	if got := list[wire.Track](jun, "/api/me/history", "10"); got[0].Since.IsZero() {
		t.Error("an entry of the history does not say when")
	}
	mina.patch(track(three), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	jun.hears("/api/me/history", "one two")
	jun.delete("/api/me/history/" + one.ID).want(204)
	jun.delete("/api/me/history/" + one.ID).want(204)
	jun.delete("/api/me/history/0000000000001").want(204)
	jun.hears("/api/me/history", "two")
	hear(jun, one)
	jun.delete("/api/me/history/" + one.ID).want(204) // before it is written
	hear(mina, one)
	h.written()
	jun.hears("/api/me/history", "two")
	hear(jun, one, two)
	jun.delete("/api/me/history").want(204)
	h.written()
	jun.hears("/api/me/history", "")
	mina.hears("/api/me/history", "one two")
	mina.patch(track(three), wire.TrackPatch{Visibility: ptr("public")}).want(200)
	jun.hears("/api/me/history", "")
	h.check()
}

// TestHistoryIsThereAtOnce asks for the history right after each listen, while
// another member's wait too.
func TestHistoryIsThereAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	want := ""
	for i := range 12 {
		name := fmt.Sprintf("song%d", i)
		song := mina.sing(name, "public")
		want = strings.TrimSpace(name + " " + want)
		for _, p := range []*person{jun, mina} {
			if !p.hear(song, 10_000) {
				t.Fatal("a play does not count")
			}
		}
		mina.hears("/api/me/history", want)
	}
	jun.hears("/api/me/history", want)
	h.check()
}

// rots spoils the counters of things, while the house is closed.
func (h *house) rots(things ...string) {
	h.t.Helper()
	if err := h.close(); err != nil {
		h.t.Fatal(err)
	}
	file, err := bbolt.Open(filepath.Join(h.dir, "earshot.db"), 0o600, nil)
	if err == nil {
		err = file.Update(func(tx *bbolt.Tx) (err error) {
			for _, thing := range things {
				err = errors.Join(err, tx.Bucket([]byte("counts")).Put(binary.BigEndian.AppendUint64(nil, uint64(id(h.t, thing))), []byte("rot")))
			}
			return err
		})
	}
	if err := errors.Join(err, file.Close()); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

// TestPlaysBesideWhatIsDamaged spoils what is counted of a member: the plays of
// others that are written together with theirs are counted, and not lost.
func TestPlaysBesideWhatIsDamaged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	song := mina.sing("song", "public")
	for _, p := range []*person{jun, sora} { // so that all have counters
		p.put(user(mina, "follow"), nil).want(200)
	}
	mina.put(track(song, "like"), nil).want(200)
	h.rots(jun.me.ID)
	for _, p := range []*person{jun, sora, h.visitor()} {
		if got := as[wire.Listened](p.post(track(song, "plays"), wire.Listen{ListenedMS: 60_000})); !got.Counted {
			t.Fatal("a play does not count")
		}
	}
	for n := 0; ; n++ {
		if as[wire.Track](mina.get(track(song))).Counts.Plays == 3 {
			break
		}
		if n > 100 {
			t.Fatalf("the plays of the others are lost:\n%s", h.log)
		}
		time.Sleep(50 * time.Millisecond)
	}
	sora.hears("/api/me/history", "song")
}

// BenchmarkPlays counts plays of 10,000 tracks, each by another visitor, while
// the house writes them as it always does. Besides plays a second it gives the
// transactions a second that the file saw.
func BenchmarkPlays(b *testing.B) {
	cfg := config.Default()
	cfg.Data, cfg.Backups.Every = largeHouse(b, 10_000), 0
	a, err := app.Open(app.Options{Config: cfg, Version: "test", Unlimited: true, Log: slog.New(slog.DiscardHandler), HashCost: 4})
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	var tracks []db.ID
	for p := (core.Paging{Limit: 100}); len(tracks) < 5000; {
		page, err := a.Core().Stream(b.Context(), 0, core.StreamAll, p)
		if err != nil {
			b.Fatal(err)
		}
		for _, v := range page.Items {
			tracks = append(tracks, v.Track.ID)
		}
		p.Cursor = page.Next
	}
	var n atomic.Uint32
	before, began := transactions(b, cfg.Data), time.Now()
	for b.Loop() {
		i := n.Add(1)
		var ip [4]byte
		binary.BigEndian.PutUint32(ip[:], i)
		from := core.Client{Address: netip.AddrFrom4(ip), Device: "benchmark"}
		counted, err := a.Core().Play(b.Context(), 0, tracks[int(i)%len(tracks)], time.Minute, from)
		if err != nil || !counted {
			b.Fatal(counted, err)
		}
	}
	seconds := time.Since(began).Seconds()
	b.ReportMetric(float64(n.Load())/seconds, "plays/s")
	b.ReportMetric(float64(transactions(b, cfg.Data)-before)/max(seconds, 1), "writes/s")
}

// transactions reads how many transactions a file of bbolt has seen, from its
// two meta pages.
func transactions(b *testing.B, dir string) uint64 {
	b.Helper()
	f, err := os.Open(filepath.Join(dir, "earshot.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var last uint64
	for page := range int64(2) {
		var id [8]byte
		if _, err := f.ReadAt(id[:], page*int64(os.Getpagesize())+64); err != nil {
			b.Fatal(err)
		}
		last = max(last, binary.NativeEndian.Uint64(id[:]))
	}
	return last
}

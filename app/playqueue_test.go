package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/portable"
)

const (
	onPhone  = "Mozilla/5.0 (Linux; Android 15) Chrome/150.0 Mobile Safari/537.36"
	onLaptop = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
)

// keeps stores what somebody is listening to.
func (p *person) keeps(q wire.NewPlayQueue, headers ...string) answer {
	p.h.t.Helper()
	return p.do("PUT", "/api/me/queue", q, headers...)
}

// heardLast is what somebody was listening to, in short.
func (p *person) heardLast(query string) (wire.PlayQueue, string) {
	p.h.t.Helper()
	q := as[wire.PlayQueue](p.get("/api/me/queue" + query))
	var names []string
	for i, t := range q.Tracks {
		name := t.Title
		if q.From+i == q.Current {
			name = "[" + name + "]"
		}
		names = append(names, name)
	}
	return q, strings.Join(names, " ")
}

// TestQueue: what somebody listens to on one device is there on another, also
// before it is written and after a restart, and nobody else's business.
func TestQueue(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	one, two, three := mina.sing("one", "public"), mina.sing("two", "public"), mina.sing("three", "public")
	if q, _ := jun.heardLast(""); q.Total != 0 || q.Tracks == nil || !q.Changed.IsZero() {
		t.Errorf("before anything was stored: got %+v", q)
	}
	first := as[wire.PlayQueueStored](jun.keeps(wire.NewPlayQueue{Tracks: []string{one.ID, two.ID, three.ID}, Current: 1, PositionMS: 321}, "User-Agent", onLaptop).want(200))
	for _, when := range []string{"at once", "when it is written", "after a restart"} {
		switch when {
		case "when it is written":
			h.written()
		case "after a restart":
			h.reopen()
		}
		q, got := jun.heardLast("")
		if got != "one [two] three" || q.PositionMS != 321 || q.Device != "Firefox on Linux" || !q.Changed.Equal(first.Changed) || q.Total != 3 || !first.Stored {
			t.Errorf("%s: got %s, %+v", when, got, q)
		}
	}
	if q, got := jun.heardLast("?most=1"); got != "[two]" || q.From != 1 || q.Total != 3 {
		t.Errorf("one track around the current one: got %s, %+v", got, q)
	}
	if _, got := mina.heardLast(""); got != "" {
		t.Errorf("mina sees %s", got)
	}
	jun.get("/api/me/queue?most=0").want(400)
	jun.get("/api/me/queue?most=1001").want(400)

	// Another device goes on; what the first one thinks is the newest is not.
	c.jump(time.Minute)
	second := as[wire.PlayQueueStored](jun.keeps(wire.NewPlayQueue{Tracks: []string{three.ID}, PositionMS: 7}, "User-Agent", onPhone).want(200))
	late := as[wire.PlayQueueStored](jun.keeps(wire.NewPlayQueue{Tracks: []string{one.ID}, Over: &first.Changed}).want(200))
	if late.Stored || !late.Changed.Equal(second.Changed) {
		t.Errorf("a paused device stored over a newer queue: %+v", late)
	}
	if q, got := jun.heardLast(""); got != "[three]" || q.Device != "Chrome on Android" {
		t.Errorf("got %s, %+v", got, q)
	}
	h.written()
	late = as[wire.PlayQueueStored](jun.keeps(wire.NewPlayQueue{Tracks: []string{one.ID}, Over: &first.Changed}).want(200))
	if late.Stored {
		t.Errorf("a paused device stored over a newer queue that is written: %+v", late)
	}
	if again := as[wire.PlayQueueStored](jun.keeps(wire.NewPlayQueue{Tracks: []string{three.ID, one.ID}, Over: &second.Changed}).want(200)); !again.Stored {
		t.Error("the device that stored last may not store again")
	}
	if _, got := jun.heardLast(""); got != "[three] one" {
		t.Errorf("got %s", got)
	}

	// A clock that was set back makes no older queue of a newer one.
	for _, written := range []bool{false, true} {
		before, _ := jun.heardLast("")
		c.jump(-10 * time.Second)
		third := as[wire.PlayQueueStored](jun.keeps(wire.NewPlayQueue{Tracks: []string{two.ID}, Over: &before.Changed}).want(200))
		if !third.Stored || !third.Changed.After(before.Changed) {
			t.Errorf("with the clock set back from %v: %+v", before.Changed, third)
		}
		if written {
			h.written()
		}
		if late := as[wire.PlayQueueStored](jun.keeps(wire.NewPlayQueue{Tracks: []string{one.ID}, Over: &before.Changed}).want(200)); late.Stored {
			t.Errorf("with a clock set back a paused device stored over a newer queue: %+v", late)
		}
	}
	c.jump(time.Minute)

	// Whoever forgets what they listened to forgets this too, written or not.
	for _, forget := range []string{"/api/me/queue", "/api/me/history"} {
		for _, written := range []bool{false, true} {
			jun.keeps(wire.NewPlayQueue{Tracks: []string{one.ID}}).want(200)
			if written {
				h.written()
			}
			jun.delete(forget).want(204)
			if _, got := jun.heardLast(""); got != "" {
				t.Errorf("after DELETE %s: got %s", forget, got)
			}
			h.written()
			if _, got := jun.heardLast(""); got != "" {
				t.Errorf("some time after DELETE %s: got %s", forget, got)
			}
		}
	}

	// With an account it goes, though it was not written yet.
	jun.keeps(wire.NewPlayQueue{Tracks: []string{one.ID}}).want(200)
	mina.keeps(wire.NewPlayQueue{Tracks: []string{one.ID}}).want(200)
	h.written()
	jun.keeps(wire.NewPlayQueue{Tracks: []string{two.ID}}).want(200)
	jun.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	h.written()
	h.check()
}

// TestQueueIsWithinBounds: what is stored makes sense, and is not endless.
func TestQueueIsWithinBounds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	song, shut := mina.sing("song", "public"), mina.sing("shut", "private")
	many := func(n int) []string { return slices.Repeat([]string{song.ID}, n) }
	for _, s := range []struct {
		what string
		q    wire.NewPlayQueue
		want int
	}{
		{"nothing", wire.NewPlayQueue{Tracks: []string{}}, 400},
		{"no list", wire.NewPlayQueue{}, 400},
		{"too many", wire.NewPlayQueue{Tracks: many(1001)}, 400},
		{"as many as can be", wire.NewPlayQueue{Tracks: many(1000), Current: 999}, 200},
		{"before the first", wire.NewPlayQueue{Tracks: many(1), Current: -1}, 400},
		{"behind the last", wire.NewPlayQueue{Tracks: many(2), Current: 2}, 400},
		{"before the beginning", wire.NewPlayQueue{Tracks: many(1), PositionMS: -1}, 400},
		{"behind the end", wire.NewPlayQueue{Tracks: many(1), PositionMS: song.DurationMS + 2}, 400},
		{"very far behind the end", wire.NewPlayQueue{Tracks: many(1), PositionMS: 1<<63 - 1}, 400},
		{"at the end", wire.NewPlayQueue{Tracks: many(1), PositionMS: song.DurationMS}, 200},
		{"no id", wire.NewPlayQueue{Tracks: []string{song.ID, "../x"}}, 404},
		{"a hidden one", wire.NewPlayQueue{Tracks: []string{shut.ID}}, 404},
		{"one that never was", wire.NewPlayQueue{Tracks: []string{"0000000000001"}}, 404},
	} {
		if got := jun.keeps(s.q).status; got != s.want {
			t.Errorf("%s: got status %d, want %d", s.what, got, s.want)
		}
	}
	jun.put("/api/me/queue", `{"tracks":["`+strings.Repeat("a", 70_000)+`"],"current":0,"position_ms":0}`).want(413)
	if q, _ := jun.heardLast(""); q.Total != 1 || q.PositionMS != song.DurationMS {
		t.Errorf("got %d tracks at %d ms", q.Total, q.PositionMS)
	}
}

// TestQueueShowsNothingHidden: what is gone or hidden now is left out without a
// word, and the next one there takes its place from its beginning.
func TestQueueShowsNothingHidden(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	a, b, c, d := mina.sing("a", "public"), mina.sing("b", "public"), mina.sing("c", "public"), mina.sing("d", "public")
	shut := mina.sing("shut", "private")
	// That a hidden one is among them can't be told from what is answered.
	jun.keeps(wire.NewPlayQueue{Tracks: []string{shut.ID, a.ID, "0000000000001", b.ID, c.ID, d.ID}, Current: 3, PositionMS: 100}).want(200)
	expect := func(want string, at int64) {
		t.Helper()
		if q, got := jun.heardLast(""); got != want || q.PositionMS != at || q.Total != len(q.Tracks) {
			t.Errorf("got %s of %d at %d, want %s at %d", got, q.Total, q.PositionMS, want, at)
		}
	}
	expect("a [b] c d", 100)
	mina.delete(track(b)).want(204)
	expect("a [c] d", 0)
	mina.patch(track(c), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	expect("a [d]", 0)
	if names := queueOf(t, jun); !slices.Equal(names, []string{"a", "d"}) {
		t.Errorf("the export has %v", names)
	}
	mina.delete(track(d)).want(204)
	expect("[a]", 0)
	mina.put("/api/users/"+jun.me.ID+"/block", nil).want(204)
	expect("", 0)
	h.written()
	h.check()
}

// queueOf reads what somebody was listening to out of their export.
func queueOf(t *testing.T, p *person) (names []string) {
	t.Helper()
	b := p.get("/api/me/export").want(200).body
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(portable.QueueName)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var q portable.Queue
	if err := json.NewDecoder(f).Decode(&q); err != nil {
		t.Fatal(err)
	}
	for _, thing := range q.Tracks {
		names = append(names, thing.Title)
	}
	return names
}

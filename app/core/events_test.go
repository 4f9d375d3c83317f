package core

import (
	"fmt"
	"testing"

	"earshot/db"
)

// TestEventsKept sends more events than are kept, and goes on from each place:
// nothing comes twice, nothing is lost unsaid, and nobody gets what is another's.
func TestEventsKept(t *testing.T) {
	t.Parallel()
	e := newEvents()
	const mine, other = db.ID(1), db.ID(2)
	const n = 3*eventsKept + 10
	start := e.name(e.next())
	var places []string
	for i := range n {
		ev := Event{Type: EventTrack, Track: db.ID(i)}
		if i%3 == 0 {
			e.sendAll(ev, nil)
		} else {
			e.send([]db.ID{mine, other}[i%2], ev)
		}
		e.send(other, Event{Type: EventProgress}) // is not kept
		places = append(places, e.kept[len(e.kept)-1].event.ID)
	}
	if got := len(e.kept); got > 2*eventsKept {
		t.Errorf("%d events are kept", got)
	}
	after := func(place string, want ...string) {
		t.Helper()
		r := &reader{user: mine, ch: make(chan Event, 1)}
		missed, err := e.listen(r, place)
		if err != nil {
			t.Fatal(err)
		}
		e.stop(r)
		var got []string
		for _, ev := range missed {
			got = append(got, fmt.Sprint(ev.Type, ev.Track.String()))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("after %s: got %d events, want %d: %v, want %v", place, len(got), len(want), got[:min(3, len(got))], want[:min(3, len(want))])
		}
	}
	for i := n - eventsKept - 1; i < n; i++ {
		var want []string
		for j := i + 1; j < n; j++ {
			if j%3 == 0 || j%2 == 0 {
				want = append(want, fmt.Sprint(EventTrack, db.ID(j).String()))
			}
		}
		after(places[i], want...)
	}
	reset := EventReset + db.ID(0).String()
	for _, place := range []string{start, places[0], places[n-eventsKept-2], "x", e.boot, e.boot + "-", "other-5", e.name(e.place + 1<<40)} {
		after(place, reset)
	}
	after("") // who is new has missed nothing

	// Places tell nothing of how much happened to others.
	r := &reader{user: mine, ch: make(chan Event, 1)}
	if _, err := e.listen(r, ""); err != nil {
		t.Fatal(err)
	}
	defer e.stop(r)
	if e.placeOf(r) == "" {
		t.Error("a reader for whom nothing waits has no place")
	}
	e.send(mine, Event{Type: EventNotice})
	if place := e.placeOf(r); place != "" {
		t.Errorf("a reader for whom something waits is at %s", place)
	}
	e.send(mine, Event{Type: EventNotice}) // more than fits
	<-r.ch
	if _, more := <-r.ch; more {
		t.Error("a reader that is too slow is not let go")
	}
	if e.count != 0 || len(e.readers) != 0 {
		t.Errorf("%d readers are counted, want none", e.count)
	}
}

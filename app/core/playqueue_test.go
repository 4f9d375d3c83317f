package core

import (
	"errors"
	"testing"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

// TestQueueOverOneThatWasJustWritten: between the look at the database and the
// decision another device's queue may be written. It is not taken for absent.
func TestQueueOverOneThatWasJustWritten(t *testing.T) {
	t.Parallel()
	p, now := newPlays(), time.Unix(1_800_000_000, 0)
	flights := p.flown()
	if _, stored, err := p.setQueue(db.Queue{User: 7, Changed: now}, time.Time{}, time.Time{}, flights); err != nil || !stored {
		t.Fatalf("the first one: stored %t, %v", stored, err)
	}
	p.take()
	p.landed()
	late := db.Queue{User: 7, Changed: now.Add(time.Second)}
	if _, stored, err := p.setQueue(late, time.Time{}, now.Add(-time.Minute), flights); stored || !errors.Is(err, errFlown) {
		t.Errorf("by what was read before: stored %t, %v", stored, err)
	}
	if changed, stored, err := p.setQueue(late, now, now.Add(-time.Minute), p.flown()); stored || err != nil || !changed.Equal(now) {
		t.Errorf("by what is there: stored %t, %v, %v", stored, changed, err)
	}
}

// TestQueuesThatAreWrittenAreRead while the batch loses those that are damaged.
func TestQueuesThatAreWrittenAreRead(t *testing.T) {
	t.Parallel()
	p := newPlays()
	if _, _, err := p.setQueue(db.Queue{User: 7}, time.Time{}, time.Time{}, p.flown()); err != nil {
		t.Fatal(err)
	}
	b := p.take()
	delete(b.queues, 7)
	if _, ok := p.queue(7); !ok {
		t.Error("what readers look at is the map that the writer changes")
	}
}

// TestManyQueuesWait: what there is no room for is refused, and not said to be
// another device's.
func TestManyQueuesWait(t *testing.T) {
	t.Parallel()
	p := newPlays()
	for user := range db.ID(lateQueues) {
		if _, stored, err := p.setQueue(db.Queue{User: user + 1}, time.Time{}, time.Time{}, 0); !stored || err != nil {
			t.Fatalf("queue %d: stored %t, %v", user, stored, err)
		}
	}
	_, stored, err := p.setQueue(db.Queue{User: lateQueues + 1}, time.Time{}, time.Time{}, 0)
	if stored || fault.Of(err).Kind != fault.Unavailable {
		t.Errorf("one more: stored %t, %v", stored, err)
	}
	if _, stored, err := p.setQueue(db.Queue{User: 1}, time.Time{}, time.Time{}, 0); !stored || err != nil {
		t.Errorf("one that waits already: stored %t, %v", stored, err)
	}
}

package db_test

import (
	"fmt"
	"time"

	"earshot/db"

	"github.com/google/go-cmp/cmp"
)

// queueStep does one random thing with what people listen to.
func (m *model) queueStep(tx *db.Tx) error {
	user := m.any(ids(m.users))
	_, there := m.users[user]
	if m.rand.IntN(4) == 0 {
		delete(m.queues, user)
		return verdict("DropQueue", tx.DropQueue(user), nil)
	}
	q := db.Queue{User: user, Position: m.rand.Int64N(1 << 40), Device: "Firefox on Linux", Changed: time.UnixMicro(m.rand.Int64N(1 << 50)).UTC()}
	for range 1 + m.rand.IntN(5) {
		q.Tracks = append(q.Tracks, m.any(ids(m.tracks))) // it may be gone
	}
	q.Current = m.rand.IntN(len(q.Tracks))
	if !there {
		return verdict("SetQueue", tx.SetQueue(q), db.ErrNotFound)
	}
	m.queues[user] = q
	return verdict("SetQueue", tx.SetQueue(q), nil)
}

// compareQueues holds what people listen to against the model.
func (m *model) compareQueues(tx *db.Tx) error {
	for _, user := range append(ids(m.users), 12345) {
		got, err := tx.Queue(user)
		want, there := m.queues[user]
		if !there {
			if err := verdict("Queue", err, db.ErrNotFound); err != nil {
				return err
			}
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			return fmt.Errorf("queue of %s: %w (-want +got):\n%s", user, err, diff)
		}
	}
	return nil
}

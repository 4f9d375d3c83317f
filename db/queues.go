package db

import "fmt"

// Queue gives what a user was listening to last. ErrNotFound when nothing was
// stored.
func (tx *Tx) Queue(user ID) (Queue, error) {
	q, err := load[Queue](tx, inQueues, user)
	if err == nil && q.User != user {
		err = corrupt(inQueues, key1(user), errOtherRecord)
	}
	if err != nil {
		return Queue{}, fmt.Errorf("queue of %s: %w", user, err)
	}
	return q, nil
}

// SetQueue stores what a user, who is there, else ErrNotFound, is listening to,
// in place of what was stored before.
func (tx *Tx) SetQueue(q Queue) error {
	return tx.change("set queue of", q.User, func() error {
		if err := tx.want(inUsers, "user", q.User); err != nil {
			return err
		}
		return store(tx, inQueues, q.User, &q)
	})
}

// DropQueue removes what is stored of what a user was listening to, if anything is.
func (tx *Tx) DropQueue(user ID) error {
	return tx.change("drop queue of", user, func() error { return tx.del(inQueues, key1(user)) })
}

// queues checks what people were listening to.
func (c *checker) queues() {
	c.entries(inQueues, func(key, value []byte) {
		var q Queue
		if err := decode(value, &q); err != nil || len(key) != 8 {
			return // it was told with the values
		}
		if string(key) != string(key1(q.User)) {
			c.wrong("the queue of %x is %s's", key, q.User)
		}
		if q.Current < 0 || q.Current >= len(q.Tracks) || q.Position < 0 {
			c.wrong("the queue of %s is at %d µs of track %d of %d", q.User, q.Position, q.Current, len(q.Tracks))
		}
		c.there(inUsers, q.User, inQueues)
	})
}

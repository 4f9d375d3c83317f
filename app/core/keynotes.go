package core

import (
	"sync"
	"time"
)

// refusedKeys counts sign-ins of programs that were refused since it was last
// said.
type refusedKeys struct {
	mu    sync.Mutex
	n     int
	noted time.Duration // by pace; 0 before the first
}

// NoteRefusedKey notes that a program came with an app password or a key that is
// not good, at most once a second: a flood of attempts is no flood of lines.
func (c *Core) NoteRefusedKey(from Client) {
	r, now := &c.refusedKeys, c.pace()
	r.mu.Lock()
	r.n++
	n := r.n
	if ago := now - r.noted; r.noted != 0 && ago >= 0 && ago < attemptsEvery {
		n = 0
	} else {
		r.n, r.noted = 0, max(now, 1)
	}
	r.mu.Unlock()
	if n > 0 {
		c.note("key.refused", "a program's sign-in was refused", "attempts", n, "from", from.Address)
	}
}

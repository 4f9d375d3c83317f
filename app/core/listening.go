package core

import (
	"sync/atomic"
	"time"
)

// listeningFor is how long somebody counts as a listener after their last
// answer of sound: browsers fetch ahead and are silent then.
const listeningFor = 30 * time.Second

// hearing counts the answers of sound that are under way, and what came of
// them. The zero value is ready.
type hearing struct {
	open atomic.Int64
	last atomic.Int64 // when the last one ended, by the pace; 0 for never

	plays atomic.Uint64 // counted since the start
	added atomic.Uint64 // tracks since the start
}

// begin counts one; end, which may be called again, ends it.
func (h *hearing) begin(pace func() time.Duration) (end func()) {
	h.open.Add(1)
	var ended atomic.Bool
	return func() {
		if !ended.Swap(true) {
			h.last.Store(int64(max(pace(), 1)))
			h.open.Add(-1)
		}
	}
}

// Streams is how many answers of sound are under way.
func (c *Core) Streams() int64 { return c.hearing.open.Load() }

// Listening tells whether somebody listens, or did a moment ago: what nobody
// waits for stays out of their way then.
func (c *Core) Listening() bool {
	if c.hearing.open.Load() > 0 {
		return true
	}
	last := c.hearing.last.Load()
	return last > 0 && c.pace()-time.Duration(last) < listeningFor
}

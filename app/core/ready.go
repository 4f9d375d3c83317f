package core

import (
	"context"
	"errors"

	"earshot/db"
	"earshot/media"
)

// Ready tells in one word what keeps the house from doing all that it is for,
// "" when nothing does, and logs why.
func (c *Core) Ready(ctx context.Context) (word string) {
	err := c.db.Ready(ctx)
	if word = "database"; err == nil {
		err = c.media.Ready()
		switch {
		case err == nil:
			return ""
		case errors.Is(err, media.ErrReadOnly):
			word = "read-only"
		case errors.Is(err, media.ErrFull):
			word = "full"
		default:
			word = "media"
		}
	}
	if ctx.Err() == nil {
		c.log.Debug("the house is not ready", "because", word, "error", err)
	}
	return word
}

// Meters are numbers of the house as a whole, for programs that watch it. None
// of them tells of one person or thing.
type Meters struct {
	Users, Tracks  int
	Jobs           map[string]int // that wait or run, by kind
	DatabaseBytes  int64
	DatabaseFree   int64 // of these, what may be used anew
	DiskFree       uint64
	Streams        int64 // answers of sound that are under way
	EventStreams   int
	TracksAdded    uint64 // since the start
	PlaysCounted   uint64 // since the start
	IndexOpen      bool
	IndexBuilding  bool
	IndexDocuments uint64
}

// maxJobsCounted is how many jobs are looked at for the count of them.
const maxJobsCounted = 10_000

// Meters gives the numbers as they are now.
func (c *Core) Meters(ctx context.Context) (Meters, error) {
	m := Meters{
		Jobs: map[string]int{}, Streams: c.Streams(), DatabaseFree: c.db.FreeBytes(),
		TracksAdded: c.hearing.added.Load(), PlaysCounted: c.hearing.plays.Load(),
	}
	c.events.mu.Lock()
	m.EventStreams = c.events.count
	c.events.mu.Unlock()
	state, index, _ := c.index.now()
	m.IndexOpen, m.IndexBuilding = index != nil, state.Building
	if index != nil {
		m.IndexDocuments, _ = index.Count() // 0 while it is being closed
	}
	m.DiskFree, _ = c.media.Free() // 0 where the disk does not say
	var err error
	if m.DatabaseBytes, err = c.db.Size(); err != nil {
		return m, err
	}
	return m, c.view(ctx, func(tx *db.Tx) error {
		m.Users, m.Tracks = tx.CountUsers(), tx.CountTracks()
		n := 0
		for j, err := range tx.Jobs() {
			if err == nil {
				m.Jobs[j.Kind]++
			}
			if n++; n == maxJobsCounted {
				break
			}
		}
		return nil
	})
}

package db_test

import (
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

// Whatever is wrong with what people listen to, Check finds it.
func TestCheckFindsSpoiltQueues(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{}) // and all is mended at the end
	mina := addUser(t, d, "mina")
	good := db.Queue{User: mina.ID, Tracks: []db.ID{7, 8}, Current: 1, Changed: time.UnixMicro(1).UTC()}
	for _, c := range []struct {
		name  string
		alter func(*db.Queue)
	}{
		{"the current track is before the first", func(q *db.Queue) { q.Current = -1 }},
		{"the current track is behind the last", func(q *db.Queue) { q.Current = 2 }},
		{"it has no tracks", func(q *db.Queue) { q.Tracks, q.Current = nil, 0 }},
		{"the position is before the beginning", func(q *db.Queue) { q.Position = -1 }},
	} {
		spoilt := good
		c.alter(&spoilt)
		unsound(t, d, c.name,
			func(tx *db.Tx) error { return tx.SetQueue(spoilt) },
			func(tx *db.Tx) error { return tx.SetQueue(good) })
	}
}

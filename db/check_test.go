package db_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// Whatever is wrong with pairs, activity and their counters, Check finds it.
func TestCheckFindsSpoiltPairs(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	tr := addTrack(t, d, mina.ID, "one", db.Public)
	p := addPlaylist(t, d, mina.ID, "list", db.Public, tr.ID)
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(third(tx.Follow(junho.ID, mina.ID)), third(tx.Like(junho.ID, tr.ID)), third(tx.LikePlaylist(junho.ID, p.ID)),
			third(tx.Repost(junho.ID, tr.ID)), second(tx.Block(mina.ID, junho.ID)), tx.Listen(junho.ID, tr.ID, 5))
	})
	spoilIndexes(t, d, "activity", "useractivity",
		"follows", "following", "followers", "likes", "userlikes", "likers", "playlistlikes", "userplaylistlikes", "playlistlikers",
		"reposts", "userreposts", "reposters", "blocks", "blocking", "blockers", "listens", "history", "listeners", "counts")
	for _, c := range []struct {
		name  string
		id    db.ID
		place int
	}{
		{"followers", mina.ID, 0}, {"following", junho.ID, 1}, {"tracks in a history", junho.ID, 7},
		{"likes", tr.ID, 1}, {"reposts", tr.ID, 2}, {"likes of a playlist", p.ID, 0},
	} {
		spoilCounter(t, d, c.name, c.id, c.place)
	}
	number := func(ids ...db.ID) (key []byte) {
		for _, id := range ids {
			key = binary.BigEndian.AppendUint64(key, uint64(id))
		}
		return key
	}
	for _, c := range []struct {
		name, bucket string
		key, payload []byte
	}{
		{"counters of nothing", "counts", number(99), number(1)},
		{"there and gone", "gone", number(tr.ID), []byte{byte(db.KindTrack)}},
	} {
		unsound(t, d, c.name,
			func(tx *db.Tx) error { return db.Put(tx, c.bucket, c.key, c.payload) },
			func(tx *db.Tx) error { return db.Put(tx, c.bucket, c.key, nil) })
	}
	// All three sides of a pair, with somebody who never was.
	for _, pair := range [][2]db.ID{{99, tr.ID}, {mina.ID, 99}} {
		put := func(key, out, in []byte) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				return errors.Join(db.Put(tx, "likes", number(pair[0], pair[1]), key),
					db.Put(tx, "userlikes", number(pair[0], 7), out), db.Put(tx, "likers", number(pair[1], 7), in))
			}
		}
		unsound(t, d, fmt.Sprint("a like of ", pair), put(number(7), number(pair[1]), number(pair[0])), put(nil, nil, nil))
	}
}

// Lists go on behind an entry that can't be read, and what is gone is
// forgotten in spite of it.
func TestSpoiltPairs(t *testing.T) {
	t.Parallel()
	for _, spoilt := range []string{"userlikes", "likers"} {
		d, err := db.OpenForgetful(quickDir(t)+"/earshot.db", 1) // not sound at its end
		if err != nil {
			t.Fatal(err)
		}
		mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
		tr, other := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Public)
		update(t, d, func(tx *db.Tx) error {
			for _, err := range []error{third(tx.Like(mina.ID, tr.ID)), third(tx.Like(junho.ID, tr.ID)), third(tx.Like(mina.ID, other.ID)),
				third(tx.Like(junho.ID, other.ID))} {
				if err != nil {
					return err
				}
			}
			key, payload, err := db.First(tx, spoilt)
			return errors.Join(err, db.Put(tx, spoilt, key, payload[:3]))
		})
		view(t, d, func(tx *db.Tx) error {
			list := tx.Likes(mina.ID, 0)
			if spoilt == "likers" {
				list = tx.Likers(tr.ID, 0)
			}
			good, bad := 0, 0
			for _, err := range list {
				switch {
				case errors.Is(err, db.ErrCorrupt):
					bad++
				case err != nil:
					return err
				default:
					good++
				}
			}
			if good != 1 || bad != 1 {
				t.Errorf("%s: %d whole entries and %d spoilt ones are listed, want 1 and 1", spoilt, good, bad)
			}
			return nil
		})
		if err := d.Check(t.Context()); err == nil {
			t.Errorf("%s: Check found nothing", spoilt)
		}
		update(t, d, func(tx *db.Tx) error {
			return errors.Join(tx.DropTrack(tr.ID), tx.DropTrack(other.ID), tx.DropUser(mina.ID))
		})
		forgetAll(t, d, 1)
		view(t, d, func(tx *db.Tx) error {
			for _, id := range []db.ID{tr.ID, other.ID, mina.ID} {
				if going, err := tx.Going(id); going || err != nil {
					t.Errorf("%s: %s is still going: %t, %v", spoilt, id, going, err)
				}
			}
			return nil
		})
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

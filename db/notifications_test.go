package db_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

// tell adds a notification and gives its id.
func tell(t testing.TB, d *db.DB, user, actor db.ID, keep int) (id db.ID) {
	t.Helper()
	update(t, d, func(tx *db.Tx) error {
		id = tx.NewID()
		return tx.AddNotification(db.Notification{ID: id, User: user, Kind: db.NoticeFollow, Actor: actor, Created: noon}, keep)
	})
	return id
}

// told gives the ids of what a user was told.
func told(t testing.TB, d *db.DB, user, before db.ID) (ids []db.ID) {
	t.Helper()
	view(t, d, func(tx *db.Tx) error {
		for n, err := range tx.Notifications(user, before) {
			if err != nil {
				return err
			}
			ids = append(ids, n.ID)
		}
		return nil
	})
	return ids
}

func TestNotificationsComeNewestFirst(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	var minas []db.ID
	for range 5 {
		minas = append(minas, tell(t, d, mina.ID, junho.ID, 100))
		tell(t, d, junho.ID, mina.ID, 100)
	}
	slices.Reverse(minas)
	for _, c := range []struct {
		name         string
		user, before db.ID
		want         []db.ID
	}{
		{"all", mina.ID, 0, minas},
		{"before the second", mina.ID, minas[1], minas[2:]},
		{"before the oldest", mina.ID, minas[4], nil},
		{"before one of another's", mina.ID, minas[2] + 1, minas[2:]},
		{"nobody's", 99, 0, nil},
	} {
		if got := told(t, d, c.user, c.before); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestNotificationComesBackAsItWas(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	n := db.Notification{User: mina.ID, Kind: db.NoticeReply, Actor: 7, Thing: db.Thing{Kind: db.KindTrack, ID: 8}, Comment: 9, Mark: 10, Created: noon}
	update(t, d, func(tx *db.Tx) error {
		n.ID = tx.NewID()
		return tx.AddNotification(n, 10)
	})
	refused(t, d, db.ErrTaken, func(tx *db.Tx) error { return tx.AddNotification(n, 10) })
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error {
		return tx.AddNotification(db.Notification{ID: tx.NewID(), User: 99, Created: noon}, 10)
	})
	view(t, d, func(tx *db.Tx) error {
		for got, err := range tx.Notifications(mina.ID, 0) {
			if diff := cmp.Diff(n, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
		return nil
	})
}

func TestOldNotificationsGo(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	others := tell(t, d, junho.ID, mina.ID, 3)
	var all []db.ID
	for _, c := range []struct{ keep, left int }{
		{3, 1}, {3, 2}, {3, 3}, {3, 3}, {3, 3}, {5, 4}, {5, 5}, {5, 5}, {2, 2}, {2, 2}, {0, 0}, {1, 1},
	} {
		all = append(all, tell(t, d, mina.ID, junho.ID, c.keep))
		want := slices.Clone(all[len(all)-c.left:])
		slices.Reverse(want)
		if got := told(t, d, mina.ID, 0); !slices.Equal(got, want) {
			t.Fatalf("after %d, keeping %d: got %v, want %v", len(all), c.keep, got, want)
		}
	}
	if got := told(t, d, junho.ID, 0); !slices.Equal(got, []db.ID{others}) {
		t.Errorf("of junho: got %v, want %v", got, others)
	}
}

func TestManyNotificationsInOneTransaction(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	update(t, d, func(tx *db.Tx) error {
		for i := range 2000 {
			if err := tx.AddNotification(db.Notification{ID: tx.NewID(), User: mina.ID, Kind: db.NoticeLike, Mark: db.ID(i), Created: noon}, 50); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, d, func(tx *db.Tx) error {
		want := db.ID(1999)
		for n, err := range tx.Notifications(mina.ID, 0) {
			if err != nil || n.Mark != want {
				return fmt.Errorf("got %d, %v; want %d", n.Mark, err, want)
			}
			want--
		}
		if want != 1949 {
			t.Errorf("the oldest is %d, want 1950", want+1)
		}
		return nil
	})
}

func TestSeenNoticesNeverGoBack(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	sees := func(upTo, want db.ID) {
		t.Helper()
		update(t, d, func(tx *db.Tx) error { return tx.SeeNotices(mina.ID, upTo) })
		view(t, d, func(tx *db.Tx) error {
			got, err := tx.NoticesSeen(mina.ID)
			if got != want {
				t.Errorf("seen up to %s, want %s", got, want)
			}
			return err
		})
	}
	sees(0, 0)
	sees(1<<60, 0) // nothing was there to see
	a := tell(t, d, mina.ID, junho.ID, 10)
	b := tell(t, d, mina.ID, junho.ID, 10)
	sees(a, a)
	sees(b, b)
	sees(a, b)
	c := tell(t, d, mina.ID, junho.ID, 10)
	tell(t, d, junho.ID, mina.ID, 10)
	sees(1<<63, c)
	tell(t, d, mina.ID, junho.ID, 10)
	sees(0, c)
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.SeeNotices(99, a) })
	view(t, d, func(tx *db.Tx) error {
		if got, err := tx.NoticesSeen(junho.ID); got != 0 || err != nil {
			t.Errorf("junho has seen up to %s, %v", got, err)
		}
		return nil
	})
}

func TestCheckFindsSpoiltNotifications(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{}) // and all is mended at the end
	mina := addUser(t, d, "mina")
	id := tell(t, d, mina.ID, 7, 10)
	spoilIndexes(t, d, "notifications")
	spoilCounter(t, d, "counter of the user", mina.ID, 6)
	key := binary.BigEndian.AppendUint64(nil, uint64(mina.ID))
	for name, c := range map[string]struct{ key, value []byte }{
		"somebody who is not there has seen": {make([]byte, 8), binary.BigEndian.AppendUint64(nil, uint64(id))},
		"seen before it was":                 {key, binary.BigEndian.AppendUint64(nil, 1<<63)},
	} {
		unsound(t, d, name,
			func(tx *db.Tx) error { return db.Put(tx, "noticesseen", c.key, c.value) },
			func(tx *db.Tx) error { return db.Put(tx, "noticesseen", c.key, nil) })
	}
}

func TestOldNotificationsGoThoughTheyAreRotten(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	tell(t, d, mina.ID, 7, 2)
	b := tell(t, d, mina.ID, 7, 2)
	update(t, d, func(tx *db.Tx) error {
		key, _, err := db.First(tx, "notifications")
		if err != nil {
			return err
		}
		return db.Put(tx, "notifications", key, []byte("rot"))
	})
	c := tell(t, d, mina.ID, 7, 2)
	if got := told(t, d, mina.ID, 0); !slices.Equal(got, []db.ID{c, b}) {
		t.Errorf("got %v, want %v", got, []db.ID{c, b})
	}
}

func TestNotificationIsTakenBack(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	first, second := tell(t, d, mina.ID, junho.ID, 2), tell(t, d, mina.ID, junho.ID, 2)
	for _, c := range []struct {
		name     string
		user, id db.ID
		want     bool
	}{
		{"another's", junho.ID, second, false},
		{"the newest", mina.ID, second, true},
		{"once more", mina.ID, second, false},
	} {
		update(t, d, func(tx *db.Tx) error {
			dropped, err := tx.DropNotification(c.user, c.id)
			if dropped != c.want {
				t.Errorf("%s: got %v, want %v", c.name, dropped, c.want)
			}
			return err
		})
	}
	// There is room for one again, so that the first stays.
	third := tell(t, d, mina.ID, junho.ID, 2)
	if got, want := told(t, d, mina.ID, 0), []db.ID{third, first}; !slices.Equal(got, want) {
		t.Errorf("told: got %v, want %v", got, want)
	}
}

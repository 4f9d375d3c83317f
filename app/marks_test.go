package app_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/db"
)

// Of very many writers not all are looked at. Still nobody who is hidden is
// shown, neither as the first of a crowd nor as the newest.
func TestMarksOfVeryManyWriters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	track := mina.upload("one.mp3", tagged(t, "Song"), "public")
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	on, owner := id(t, track.ID), id(t, mina.me.ID)
	const crowd = 700
	end := track.DurationMS*1000 - 1
	var first, writer string // of the second crowd, whose very first and last writers are suspended
	err = d.Update(t.Context(), func(tx *db.Tx) error {
		for i := range 2 * crowd {
			u := db.User{ID: tx.NewID(), Username: fmt.Sprintf("u%d", i), Name: "U", Email: fmt.Sprintf("u%d@home.example", i), Created: time.Now()}
			c := db.Comment{ID: tx.NewID(), Track: on, User: u.ID, Text: "x", Created: time.Now()}
			if i >= crowd {
				c.Position = end
			}
			switch i {
			case crowd, 2*crowd - 1:
				u.Disabled = true
			case crowd + 1:
				first, writer = c.ID.String(), u.ID.String()
			}
			if err := tx.AddUser(u); err != nil {
				return err
			}
			if err := tx.AddComment(c); err != nil {
				return err
			}
			if i == crowd-1 { // one who is not looked at
				if _, err := tx.Block(u.ID, owner); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		err = d.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	h.open()
	var marks wire.Marks
	h.visitor().get("/api/tracks/" + track.ID + "/comments/marks").want(200).into(&marks)
	if len(marks.Items) != 2 || marks.Items[0].N != crowd {
		t.Fatalf("got %+v, want two marks, the first of %d", marks, crowd)
	}
	if m := marks.Items[1]; m.N != crowd-2 || m.Comment != first || m.User == nil || m.User.ID != writer {
		t.Errorf("got %+v of %v, want %d that begin with %s, shown by %s", m, m.User, crowd-2, first, writer)
	}
	// The owner of the track sees who writes on it, whoever blocks whom.
	mina.get("/api/tracks/" + track.ID + "/comments/marks").want(200).into(&marks)
	if len(marks.Items) != 2 || marks.Items[0].N != crowd {
		t.Errorf("the owner gets %+v, want two marks, the first of %d", marks, crowd)
	}
}

package db_test

import (
	"errors"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestCommentsFromElsewhereAreClaimed(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	update(t, d, func(tx *db.Tx) error {
		u := db.User{ID: tx.NewID(), Username: "mina", Name: "Mina", Email: "m@x.example", Created: noon}
		o := db.User{ID: tx.NewID(), Username: "jun", Name: "Jun", Email: "j@x.example", Created: noon}
		tr := db.Track{ID: tx.NewID(), User: o.ID, Slug: "t", Title: "T", Created: noon, Updated: noon}
		first := db.Comment{ID: tx.NewID(), Track: tr.ID, Guest: "Mina", Text: "a", Position: 5, Created: noon}
		reply := db.Comment{ID: tx.NewID(), Track: tr.ID, Guest: "Mina", Text: "b", Parent: first.ID, Created: noon}
		if err := errors.Join(tx.AddUser(u), tx.AddUser(o), tx.AddTrack(tr), tx.AddComment(first), tx.AddComment(reply)); err != nil {
			return err
		}
		for _, id := range []db.ID{first.ID, reply.ID} {
			if err := tx.ClaimComment(id, u.ID); err != nil {
				return err
			}
			if m, err := tx.Comment(id); err != nil || m.User != u.ID || m.Guest != "" || m.Text == "" {
				t.Errorf("claimed: %+v, %v", m, err)
			}
			if err := tx.ClaimComment(id, o.ID); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("claimed twice: %v", err)
			}
		}
		if counts, err := tx.UserCounts(u.ID); err != nil || counts.Comments != 2 {
			t.Errorf("%d comments are counted, %v", counts.Comments, err)
		}
		for m, err := range tx.CommentsAt(tr.ID, 0, 0) {
			if err != nil || m.User != u.ID {
				t.Errorf("by its moment: %+v, %v", m, err)
			}
		}
		return tx.DropComment(reply.ID)
	})
	sound(t, d)
}

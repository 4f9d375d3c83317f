package core

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// TestTagsOfTheHidden counts for somebody whom people with very many tags block:
// what is looked at is bounded, the same each time, and looked at once.
func TestTagsOfTheHidden(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	a := asker{user: db.User{ID: 1}, blocks: map[db.ID]block{}, tags: &counted{}}
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		var errs []error
		for _, name := range []string{"mina", "jun"} {
			u := db.User{ID: tx.NewID(), Username: name, Email: name + "@home.example"}
			a.blocks[u.ID] = theirs
			errs = append(errs, tx.AddUser(u))
			for i := range 60 {
				tr := db.Track{ID: tx.NewID(), User: u.ID, Slug: fmt.Sprint("t", i), Visibility: db.Public, Published: tx.NewID()}
				for n := range 30 {
					tr.Tags = append(tr.Tags, fmt.Sprint(name, " ", i, " ", n))
				}
				errs = append(errs, tx.AddTrack(tr))
			}
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.View(t.Context(), func(tx *db.Tx) error {
		c := &Core{log: slog.New(slog.DiscardHandler)}
		n, err := c.countTags(tx, a)
		if err != nil || len(n.hidden) != hiddenTags {
			t.Errorf("%d tags are counted, want %d: %v", len(n.hidden), hiddenTags, err)
		}
		if again, err := c.countTags(nil, a); err != nil || len(again.hidden) != hiddenTags {
			t.Errorf("again %d tags are counted: %v", len(again.hidden), err)
		}
		a.tags = &counted{}
		again, err := c.countTags(tx, a)
		for tag := range again.hidden {
			if n.hidden[tag] == 0 {
				t.Fatalf("another request counts the tag %s too", tag)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

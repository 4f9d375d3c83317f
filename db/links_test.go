package db_test

import (
	"errors"
	"slices"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// addLink makes a secret link of a user to something.
func addLink(t testing.TB, d *db.DB, user db.ID, kind db.Kind, thing db.ID, code string) db.Link {
	t.Helper()
	var l db.Link
	update(t, d, func(tx *db.Tx) error {
		l = db.Link{ID: tx.NewID(), User: user, Thing: db.Thing{Kind: kind, ID: thing}, Code: code, Comments: true, Created: noon}
		return tx.AddLink(l)
	})
	return l
}

func TestLinks(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	tr := addTrack(t, d, mina.ID, "one", db.ByLink)
	list := addPlaylist(t, d, mina.ID, "list", db.ByLink, tr.ID)
	a, b := addLink(t, d, mina.ID, db.KindTrack, tr.ID, "code a"), addLink(t, d, mina.ID, db.KindTrack, tr.ID, "code b")
	c := addLink(t, d, mina.ID, db.KindPlaylist, list.ID, "code c")
	of := func(thing db.ID) (ids []db.ID) {
		view(t, d, func(tx *db.Tx) error {
			for l, err := range tx.LinksTo(thing) {
				if err != nil {
					return err
				}
				ids = append(ids, l.ID)
			}
			return nil
		})
		return ids
	}
	by := func(code string) (id db.ID) {
		view(t, d, func(tx *db.Tx) error {
			l, err := tx.LinkByCode(code)
			if errors.Is(err, db.ErrNotFound) {
				return nil
			}
			id = l.ID
			return err
		})
		return id
	}
	if got := of(tr.ID); !slices.Equal(got, []db.ID{a.ID, b.ID}) {
		t.Errorf("links to the track: %v", got)
	}
	refused := func(want error, what string, do func(*db.Tx) error) {
		t.Helper()
		err := d.Update(t.Context(), do)
		if want == nil && err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
		}
	}
	link := func(tx *db.Tx, user db.ID, thing db.Thing, code string) error {
		return tx.AddLink(db.Link{ID: tx.NewID(), User: user, Thing: thing, Code: code, Created: noon})
	}
	onTrack := db.Thing{Kind: db.KindTrack, ID: tr.ID}
	refused(db.ErrTaken, "a code twice", func(tx *db.Tx) error { return link(tx, mina.ID, onTrack, "code a") })
	refused(db.ErrTaken, "a code of another", func(tx *db.Tx) error { l := b; l.Code = "code a"; return tx.SetLink(l) })
	refused(db.ErrNotFound, "to nothing", func(tx *db.Tx) error { return link(tx, mina.ID, db.Thing{Kind: db.KindTrack, ID: 99}, "x") })
	refused(db.ErrNotFound, "to a user", func(tx *db.Tx) error { return link(tx, mina.ID, db.Thing{Kind: db.KindUser, ID: mina.ID}, "x") })
	refused(nil, "to another's track", func(tx *db.Tx) error { return link(tx, jun.ID, onTrack, "x") })
	refused(nil, "without a code", func(tx *db.Tx) error { return link(tx, mina.ID, onTrack, "") })
	refused(nil, "to lead elsewhere", func(tx *db.Tx) error { l := a; l.Thing = c.Thing; return tx.SetLink(l) })

	a.Code, a.Plays = "code d", 3
	update(t, d, func(tx *db.Tx) error { return tx.SetLink(a) })
	if by("code a") != 0 || by("code d") != a.ID || by("code b") != b.ID {
		t.Errorf("by their codes: %v %v %v", by("code a"), by("code d"), by("code b"))
	}
	update(t, d, func(tx *db.Tx) error { return tx.DropLink(b.ID) })
	if by("code b") != 0 || !slices.Equal(of(tr.ID), []db.ID{a.ID}) {
		t.Errorf("a dropped link is still there: %v", of(tr.ID))
	}
	sound(t, d)
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(tr.ID) })
	if by("code d") != 0 || by("code c") != c.ID {
		t.Error("with its track its links go, and no others")
	}
	update(t, d, func(tx *db.Tx) error { return tx.DropPlaylist(list.ID) })
	if by("code c") != 0 {
		t.Error("with its playlist its links go")
	}
	sound(t, d)
}

// Comments of visitors are counted on their track and found by their link.
func TestCommentsOfVisitors(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	tr := addTrack(t, d, mina.ID, "one", db.ByLink)
	a, b := addLink(t, d, mina.ID, db.KindTrack, tr.ID, "a"), addLink(t, d, mina.ID, db.KindTrack, tr.ID, "b")
	say := func(user, link, parent db.ID, name string) (m db.Comment) {
		t.Helper()
		update(t, d, func(tx *db.Tx) error {
			m = db.Comment{ID: tx.NewID(), Track: tr.ID, User: user, Link: link, Guest: name, Parent: parent, Position: 5, Text: "Well", Created: noon}
			return tx.AddComment(m)
		})
		return m
	}
	first := say(0, a.ID, 0, "Bo")
	say(0, a.ID, first.ID, "Bo")
	answer := say(mina.ID, 0, first.ID, "")
	other := say(0, b.ID, 0, "Cho")
	say(0, a.ID, other.ID, "Bo")
	if err := d.Update(t.Context(), func(tx *db.Tx) error {
		return tx.AddComment(db.Comment{ID: tx.NewID(), Track: tr.ID, Link: 99, Guest: "Bo", Text: "Well", Created: noon})
	}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("by a link that is not there: %v", err)
	}
	sound(t, d)
	count := func(want uint64) {
		t.Helper()
		view(t, d, func(tx *db.Tx) error {
			n, err := tx.TrackCounts(tr.ID)
			if n.Comments != want {
				t.Errorf("the track counts %d comments, want %d", n.Comments, want)
			}
			return err
		})
	}
	count(5)
	view(t, d, func(tx *db.Tx) error {
		var links []db.ID
		for m, err := range tx.Moments(tr.ID) {
			if err != nil {
				return err
			}
			if m.User != 0 {
				t.Errorf("a moment of user %s", m.User)
			}
			links = append(links, m.Link)
		}
		if !slices.Equal(links, []db.ID{a.ID, b.ID}) {
			t.Errorf("moments by links %v", links)
		}
		for c, err := range tx.CommentsAt(tr.ID, 0, 0) {
			if err != nil || c.Guest == "" {
				t.Errorf("by moments: %+v, %v", c, err)
			}
		}
		return nil
	})
	// The link may go before what was said by it.
	var gone []db.Comment
	update(t, d, func(tx *db.Tx) error { return tx.DropLink(a.ID) })
	update(t, d, func(tx *db.Tx) (err error) { gone, err = tx.DropCommentsBy(a.ID, 2); return err })
	if len(gone) != 2 {
		t.Errorf("%d of 2 comments went", len(gone))
	}
	update(t, d, func(tx *db.Tx) (err error) { gone, err = tx.DropCommentsBy(a.ID, 100); return err })
	if len(gone) != 1 {
		t.Errorf("%d comments went in the end, want 1", len(gone))
	}
	count(2)
	view(t, d, func(tx *db.Tx) error {
		c, err := tx.Comment(first.ID)
		if !c.Deleted() || c.Guest != "" || c.Link != 0 || c.Replies != 1 {
			t.Errorf("what is left: %+v", c)
		}
		return err
	})
	sound(t, d)
	update(t, d, func(tx *db.Tx) error { return errors.Join(tx.DropComment(answer.ID), tx.DropComment(other.ID)) })
	count(0)
	sound(t, d)
	say(0, b.ID, 0, "Cho")
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(tr.ID) })
	sound(t, d)
}

// Whatever is wrong with links and with what visitors said, Check finds it.
func TestCheckFindsSpoiltLinks(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina := addUser(t, d, "mina")
	tr := addTrack(t, d, mina.ID, "one", db.ByLink)
	l := addLink(t, d, mina.ID, db.KindTrack, tr.ID, "a")
	update(t, d, func(tx *db.Tx) error {
		return tx.AddComment(db.Comment{ID: tx.NewID(), Track: tr.ID, Link: l.ID, Guest: "Bo", Text: "Well", Created: noon})
	})
	spoilIndexes(t, d, "linkcodes", "thinglinks", "usercomments", "trackcomments")
}

package db_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

func newComment(tx *db.Tx, track, user db.ID, position int64, text string) db.Comment {
	return db.Comment{ID: tx.NewID(), Track: track, User: user, Position: position, Text: text, Created: noon}
}

func addComment(t testing.TB, d *db.DB, track, user db.ID, position int64, text string) db.Comment {
	t.Helper()
	var c db.Comment
	update(t, d, func(tx *db.Tx) error {
		c = newComment(tx, track, user, position, text)
		return tx.AddComment(c)
	})
	return c
}

func addReply(t testing.TB, d *db.DB, to db.Comment, user db.ID, text string) db.Comment {
	t.Helper()
	var c db.Comment
	update(t, d, func(tx *db.Tx) error {
		c = newComment(tx, to.Track, user, 0, text)
		c.Parent, c.Replies = to.ID, 9 // replies are not believed, they are counted
		return tx.AddComment(c)
	})
	c.Position, c.Replies = to.Position, 0
	return c
}

// commentTexts gives the texts of a list of comments, "-" for what is left of a
// deleted one, or what went wrong in it.
func commentTexts(seq iter.Seq2[db.Comment, error]) string {
	var s string
	for c, err := range seq {
		switch {
		case err != nil:
			return fmt.Sprint(s, " ", err)
		case c.User == 0:
			s += "- "
		default:
			s += c.Text + " "
		}
	}
	return s
}

type listCase struct{ name, got, want string }

func compareLists(t *testing.T, lists []listCase) {
	t.Helper()
	for _, l := range lists {
		if l.got != l.want {
			t.Errorf("%s: got %q, want %q", l.name, l.got, l.want)
		}
	}
}

// commentCounts wants numbers of comments of tracks and users.
func commentCounts(t *testing.T, d *db.DB, want map[db.ID]uint64) {
	t.Helper()
	view(t, d, func(tx *db.Tx) error {
		for id, n := range want {
			track, err := tx.TrackCounts(id)
			if err != nil {
				return err
			}
			user, err := tx.UserCounts(id)
			if err != nil {
				return err
			}
			if _, err := tx.User(id); err == nil && user.Comments != n {
				t.Errorf("user %s is counted %d comments, want %d", id, user.Comments, n)
			} else if err != nil && track.Comments != n {
				t.Errorf("track %s is counted %d comments, want %d", id, track.Comments, n)
			}
		}
		return nil
	})
}

// sound wants Check to find nothing.
func sound(t *testing.T, d *db.DB) {
	t.Helper()
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// forgetAll works off all that is gone, in steps, and gives how many it took.
func forgetAll(t *testing.T, d *db.DB, most int) (steps int) {
	t.Helper()
	for more := true; more; steps++ {
		update(t, d, func(tx *db.Tx) (err error) {
			more, err = tx.Forget(most)
			return err
		})
		sound(t, d)
		if steps > 1000 {
			t.Fatal("there is no end to it")
		}
	}
	return steps
}

func TestCommentLists(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	one, two := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Private)
	late := addComment(t, d, one.ID, junho.ID, math.MaxInt64-1, "late")
	tie1 := addComment(t, d, one.ID, mina.ID, 300, "tie1")
	start := addComment(t, d, one.ID, junho.ID, 0, "start")
	tie2 := addComment(t, d, one.ID, junho.ID, 300, "tie2")
	addComment(t, d, one.ID, mina.ID, 255, "byte") // 255 and 300 sort differently when bytes are swapped
	addComment(t, d, two.ID, mina.ID, 300, "other")
	re1 := addReply(t, d, tie1, junho.ID, "re1")
	addReply(t, d, start, mina.ID, "re2")
	addReply(t, d, tie1, mina.ID, "re3")

	view(t, d, func(tx *db.Tx) error {
		compareLists(t, []listCase{
			{"in order", commentTexts(tx.CommentsAt(one.ID, 0, 0)), "start byte tie1 tie2 late "},
			{"behind start", commentTexts(tx.CommentsAt(one.ID, 0, start.ID)), "byte tie1 tie2 late "},
			{"behind the first of two at one place", commentTexts(tx.CommentsAt(one.ID, 300, tie1.ID)), "tie2 late "},
			{"from a place on", commentTexts(tx.CommentsAt(one.ID, 300, 0)), "tie1 tie2 late "},
			{"behind the last", commentTexts(tx.CommentsAt(one.ID, late.Position, late.ID)), ""},
			{"from before the start", commentTexts(tx.CommentsAt(one.ID, -1, 0)), "start byte tie1 tie2 late "},
			{"of the other track", commentTexts(tx.CommentsAt(two.ID, 0, 0)), "other "},
			{"of no track", commentTexts(tx.CommentsAt(99, 0, 0)), ""},
			{"newest", commentTexts(tx.NewestComments(one.ID, 0)), "byte tie2 start tie1 late "},
			{"newest before tie2", commentTexts(tx.NewestComments(one.ID, tie2.ID)), "start tie1 late "},
			{"newest before the oldest", commentTexts(tx.NewestComments(one.ID, late.ID)), ""},
			{"replies", commentTexts(tx.Replies(tie1.ID, 0)), "re1 re3 "},
			{"replies behind re1", commentTexts(tx.Replies(tie1.ID, re1.ID)), "re3 "},
			{"replies to a reply", commentTexts(tx.Replies(re1.ID, 0)), ""},
			{"of mina", commentTexts(tx.CommentsOf(mina.ID, 0)), "re3 re2 other byte tie1 "},
			{"of junho before re1", commentTexts(tx.CommentsOf(junho.ID, re1.ID)), "tie2 start late "},
		})
		var moments []db.Moment
		for m, err := range tx.Moments(one.ID) {
			if err != nil {
				return err
			}
			moments = append(moments, m)
		}
		if len(moments) != 5 || moments[0] != (db.Moment{Comment: start.ID, User: junho.ID}) ||
			moments[4] != (db.Moment{Comment: late.ID, User: junho.ID, Position: math.MaxInt64 - 1}) {
			t.Errorf("moments are %v", moments)
		}
		got, err := tx.Comment(re1.ID)
		if diff := cmp.Diff(re1, got); diff != "" { // it has its parent's position
			t.Errorf("re1 (-want +got):\n%s", diff)
		}
		return err
	})
	commentCounts(t, d, map[db.ID]uint64{one.ID: 8, two.ID: 1, mina.ID: 5, junho.ID: 4})
}

func TestRefusedComments(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t) // checked at the end: nothing was half stored
	mina := addUser(t, d, "mina")
	one, two := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Public)
	root := addComment(t, d, one.ID, mina.ID, 5, "root")
	reply := addReply(t, d, root, mina.ID, "reply")
	for _, c := range []struct {
		name  string
		alter func(*db.Comment)
		want  error // nil: any
	}{
		{"no track", func(c *db.Comment) { c.Track = 99 }, db.ErrNotFound},
		{"no user", func(c *db.Comment) { c.User = 99 }, db.ErrNotFound},
		{"by nobody", func(c *db.Comment) { c.User = 0 }, db.ErrNotFound},
		{"no parent", func(c *db.Comment) { c.Parent = 99 }, db.ErrNotFound},
		{"a parent on another track", func(c *db.Comment) { c.Track, c.Parent = two.ID, root.ID }, db.ErrNotFound},
		{"a reply to a reply", func(c *db.Comment) { c.Parent = reply.ID }, nil},
		{"a negative position", func(c *db.Comment) { c.Position = -1 }, nil},
		{"a known id", func(c *db.Comment) { c.ID = root.ID }, db.ErrTaken},
		{"no id", func(c *db.Comment) { c.ID = 0 }, nil},
	} {
		update(t, d, func(tx *db.Tx) error { // which goes on
			comment := newComment(tx, one.ID, mina.ID, 7, "x")
			c.alter(&comment)
			if err := tx.AddComment(comment); err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", c.name, err, c.want)
			}
			return nil
		})
	}
	commentCounts(t, d, map[db.ID]uint64{one.ID: 2, two.ID: 0, mina.ID: 2})
}

func TestSetComment(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	one := addTrack(t, d, mina.ID, "one", db.Public)
	c := addComment(t, d, one.ID, mina.ID, 5, "before")
	addReply(t, d, c, junho.ID, "reply")
	update(t, d, func(tx *db.Tx) error {
		return tx.SetComment(db.Comment{ID: c.ID, User: junho.ID, Position: 9, Replies: 7, Text: "after", Edited: noon.Add(time.Hour)})
	})
	c.Text, c.Edited, c.Replies = "after", noon.Add(time.Hour), 1
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.Comment(c.ID)
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return err
	})
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.SetComment(db.Comment{ID: 99, Text: "x"}) })
	update(t, d, func(tx *db.Tx) error { return tx.DropComment(c.ID) })
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.SetComment(c) })
}

func TestDropComment(t *testing.T) {
	t.Parallel()
	// A root by mina, two replies by junho, and another root by junho.
	for _, c := range []struct {
		name    string
		drop    []int // 0: the root, 1 and 2: the replies, 3: the other
		list    string
		replies string
		counts  [3]uint64 // track, mina, junho
	}{
		{"nothing", nil, "root other ", "re1 re2 ", [3]uint64{4, 1, 3}},
		{"one without replies", []int{3}, "root ", "re1 re2 ", [3]uint64{3, 1, 2}},
		{"one with replies", []int{0}, "- other ", "re1 re2 ", [3]uint64{3, 0, 3}},
		{"a reply", []int{1}, "root other ", "re2 ", [3]uint64{3, 1, 2}},
		{"all replies", []int{1, 2}, "root other ", "", [3]uint64{2, 1, 1}},
		{"one and a reply", []int{0, 2}, "- other ", "re1 ", [3]uint64{2, 0, 2}},
		{"one and its replies", []int{0, 2, 1}, "other ", "", [3]uint64{1, 0, 1}},
		{"the replies and the one", []int{1, 2, 0}, "other ", "", [3]uint64{1, 0, 1}},
		{"everything", []int{3, 1, 0, 2}, "", "", [3]uint64{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
			mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
			track := addTrack(t, d, mina.ID, "one", db.Public)
			root := addComment(t, d, track.ID, mina.ID, 5, "root")
			all := []db.Comment{root, addReply(t, d, root, junho.ID, "re1"), addReply(t, d, root, junho.ID, "re2"),
				addComment(t, d, track.ID, junho.ID, 9, "other")}
			for _, i := range c.drop {
				update(t, d, func(tx *db.Tx) error { return tx.DropComment(all[i].ID) })
				refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.DropComment(all[i].ID) })
				sound(t, d)
			}
			view(t, d, func(tx *db.Tx) error {
				compareLists(t, []listCase{
					{"list", commentTexts(tx.CommentsAt(track.ID, 0, 0)), c.list},
					{"replies", commentTexts(tx.Replies(root.ID, 0)), c.replies},
				})
				return nil
			})
			commentCounts(t, d, map[db.ID]uint64{track.ID: c.counts[0], mina.ID: c.counts[1], junho.ID: c.counts[2]})
		})
	}
}

func TestWhatIsLeftOfAComment(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	track := addTrack(t, d, mina.ID, "one", db.Public)
	root := addComment(t, d, track.ID, mina.ID, 5, "root")
	addReply(t, d, root, junho.ID, "re1")
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(tx.SetComment(db.Comment{ID: root.ID, Text: "secret", Edited: noon}), tx.DropComment(root.ID))
	})
	addReply(t, d, root, mina.ID, "re2") // the thread goes on
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.Comment(root.ID)
		want := db.Comment{ID: root.ID, Track: track.ID, Position: 5, Created: noon, Replies: 2}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for m, err := range tx.Moments(track.ID) {
			if m != (db.Moment{Comment: root.ID, Position: 5}) || err != nil {
				t.Errorf("moment %v, %v", m, err)
			}
		}
		compareLists(t, []listCase{
			{"newest", commentTexts(tx.NewestComments(track.ID, 0)), "- "},
			{"of mina", commentTexts(tx.CommentsOf(mina.ID, 0)), "re2 "},
		})
		return err
	})
}

func TestCommentsOfADroppedTrack(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	track, other := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Public)
	var root db.Comment
	update(t, d, func(tx *db.Tx) error {
		for i := range 700 {
			c := newComment(tx, track.ID, junho.ID, int64(i%7), "c")
			if err := tx.AddComment(c); err != nil {
				return err
			}
			if i == 30 {
				root = c
			}
		}
		for range 800 { // a thread longer than any step
			c := newComment(tx, track.ID, mina.ID, 0, "r")
			c.Parent = root.ID
			if err := tx.AddComment(c); err != nil {
				return err
			}
		}
		return errors.Join(tx.DropComment(root.ID), tx.AddComment(newComment(tx, other.ID, junho.ID, 1, "stays")))
	})
	commentCounts(t, d, map[db.ID]uint64{track.ID: 1499, other.ID: 1, mina.ID: 800, junho.ID: 700})
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(track.ID) })
	sound(t, d)
	view(t, d, func(tx *db.Tx) error {
		going, err := tx.Going(track.ID)
		if !going {
			t.Error("1,500 comments went in one step")
		}
		return err
	})
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.AddComment(newComment(tx, track.ID, mina.ID, 1, "x")) })
	update(t, d, func(tx *db.Tx) error { // somebody is faster than Forget
		for c, err := range tx.CommentsOf(junho.ID, 0) {
			if err != nil {
				return err
			}
			if c.Track == track.ID {
				return tx.DropComment(c.ID)
			}
		}
		return errors.New("no comment is left to drop")
	})
	sound(t, d)
	if steps := forgetAll(t, d, 150); steps < 5 {
		t.Errorf("it took %d steps of 150", steps)
	}
	view(t, d, func(tx *db.Tx) error {
		going, err := tx.Going(track.ID)
		if going {
			t.Error("it is still going")
		}
		compareLists(t, []listCase{
			{"on the track", commentTexts(tx.NewestComments(track.ID, 0)), ""},
			{"of mina", commentTexts(tx.CommentsOf(mina.ID, 0)), ""},
			{"of junho", commentTexts(tx.CommentsOf(junho.ID, 0)), "stays "},
		})
		return err
	})
	commentCounts(t, d, map[db.ID]uint64{track.ID: 0, other.ID: 1, mina.ID: 0, junho.ID: 1})
}

func TestCommentsOfADroppedUser(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	track := addTrack(t, d, mina.ID, "one", db.Public)
	alone := addComment(t, d, track.ID, junho.ID, 1, "alone")
	answered := addComment(t, d, track.ID, junho.ID, 2, "answered")
	answer := addReply(t, d, answered, mina.ID, "answer")
	own := addComment(t, d, track.ID, junho.ID, 3, "own")
	addReply(t, d, own, junho.ID, "to-himself")
	minas := addComment(t, d, track.ID, mina.ID, 4, "minas")
	addReply(t, d, minas, junho.ID, "to-mina")
	emptied := addComment(t, d, track.ID, mina.ID, 5, "emptied")
	addReply(t, d, emptied, junho.ID, "to-nobody")
	update(t, d, func(tx *db.Tx) error {
		if err := tx.DropComment(emptied.ID); err != nil {
			return err
		}
		for range 1200 {
			if err := tx.AddComment(newComment(tx, track.ID, junho.ID, 6, "many")); err != nil {
				return err
			}
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(junho.ID) })
	sound(t, d)
	forgetAll(t, d, 200)
	view(t, d, func(tx *db.Tx) error {
		compareLists(t, []listCase{
			{"list", commentTexts(tx.CommentsAt(track.ID, 0, 0)), "- minas "},
			{"replies", commentTexts(tx.Replies(answered.ID, 0)), "answer "},
			{"replies to mina", commentTexts(tx.Replies(minas.ID, 0)), ""},
			{"of junho", commentTexts(tx.CommentsOf(junho.ID, 0)), ""},
		})
		for _, id := range []db.ID{alone.ID, own.ID, emptied.ID} {
			if _, err := tx.Comment(id); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("comment %s: %v", id, err)
			}
		}
		return nil
	})
	commentCounts(t, d, map[db.ID]uint64{track.ID: 2, mina.ID: 2})
	update(t, d, func(tx *db.Tx) error { return tx.DropComment(answer.ID) })
	commentCounts(t, d, map[db.ID]uint64{track.ID: 1, mina.ID: 1})
}

// Users and tracks go at any moment, and Forget comes now and then.
func TestCommentsAtRandom(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	owner := addUser(t, d, "owner")
	r := rand.New(rand.NewPCG(3, 14))
	want := map[db.ID]db.Comment{}
	var users, tracks, comments []db.ID
	pick := func(from []db.ID) db.ID {
		if len(from) == 0 {
			return 99
		}
		return from[r.IntN(len(from))]
	}
	for i := range 3000 {
		update(t, d, func(tx *db.Tx) error {
			switch n := r.IntN(100); {
			case n < 3 || len(users) < 3:
				u := newUser(tx, fmt.Sprint("u", i))
				users = append(users, u.ID)
				return tx.AddUser(u)
			case n < 6 || len(tracks) < 3:
				tr := newTrack(tx, owner.ID, fmt.Sprint("t", i), db.Public)
				tracks = append(tracks, tr.ID)
				return tx.AddTrack(tr)
			case n < 8:
				id := tracks[0]
				tracks = tracks[1:]
				return tx.DropTrack(id)
			case n < 10:
				id := users[0]
				users = users[1:]
				return tx.DropUser(id)
			case n < 20:
				_, err := tx.Forget(1 + r.IntN(20))
				return err
			case n < 70:
				c := newComment(tx, pick(tracks), pick(users), r.Int64N(5), fmt.Sprint(i))
				if to, err := tx.Comment(pick(comments)); err == nil && r.IntN(3) > 0 {
					c.Parent, c.Track = to.ID, to.Track
					if to.Parent != 0 {
						c.Parent = to.Parent
					}
				}
				err := tx.AddComment(c)
				if err == nil {
					comments = append(comments, c.ID)
					want[c.ID] = c
				} else if errors.Is(err, db.ErrNotFound) {
					err = nil // its track was dropped
				}
				return err
			default:
				id := pick(comments)
				err := tx.DropComment(id)
				if errors.Is(err, db.ErrNotFound) {
					err = nil // dropped already, or forgotten
				}
				delete(want, id)
				return err
			}
		})
		if i%250 == 0 {
			sound(t, d)
		}
	}
	forgetAll(t, d, 50)
	view(t, d, func(tx *db.Tx) error {
		there := func(list []db.ID, id db.ID) bool {
			for _, other := range list {
				if other == id {
					return true
				}
			}
			return false
		}
		left := 0
		for id, w := range want {
			c, err := tx.Comment(id)
			stays := there(users, w.User) && there(tracks, w.Track)
			if is := err == nil && c.User != 0; is != stays || stays && c.Text != w.Text {
				t.Errorf("comment %s is there: %t, want %t; %v", id, is, stays, err)
			}
			if stays {
				left++
			}
		}
		found := 0
		for _, id := range users {
			for _, err := range tx.CommentsOf(id, 0) {
				if err != nil {
					return err
				}
				found++
			}
		}
		if found != left || left < 20 {
			t.Errorf("%d comments are left, %d are listed", left, found)
		}
		return nil
	})
}

// unsound wants Check to find a contradiction while something is spoilt.
func unsound(t *testing.T, d *db.DB, name string, spoil, mend func(*db.Tx) error) {
	t.Helper()
	update(t, d, spoil)
	if err := d.Check(t.Context()); !errors.Is(err, db.ErrInconsistent) {
		t.Errorf("%s: Check found %v, want %v", name, err, db.ErrInconsistent)
	}
	update(t, d, mend)
}

// spoilIndexes removes an entry of each bucket, and adds one, and wants Check
// to notice.
func spoilIndexes(t *testing.T, d *db.DB, buckets ...string) {
	t.Helper()
	for _, b := range buckets {
		var key, payload []byte
		view(t, d, func(tx *db.Tx) (err error) {
			key, payload, err = db.First(tx, b)
			return err
		})
		payload = append([]byte{}, payload...) // never nil
		unsound(t, d, b+" lacks an entry",
			func(tx *db.Tx) error { return db.Put(tx, b, key, nil) },
			func(tx *db.Tx) error { return db.Put(tx, b, key, payload) })
		stray := append([]byte{}, key...)
		stray[len(stray)-1] ^= 0x55
		unsound(t, d, b+" has one too many",
			func(tx *db.Tx) error { return db.Put(tx, b, stray, payload) },
			func(tx *db.Tx) error { return db.Put(tx, b, stray, nil) })
	}
}

// spoilCounter raises one counter of a thing, and wants Check to notice.
func spoilCounter(t *testing.T, d *db.DB, name string, id db.ID, place int) {
	t.Helper()
	raise := func(by byte) func(*db.Tx) error {
		return func(tx *db.Tx) error {
			list, err := db.Counters(tx, id)
			if err != nil {
				return err
			}
			list[8*place+7] += by
			return db.Put(tx, "counts", binary.BigEndian.AppendUint64(nil, uint64(id)), list)
		}
	}
	unsound(t, d, name, raise(1), raise(255))
}

func TestListsGoOnBehindSpoiltComments(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	track, other := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Public)
	first := addComment(t, d, track.ID, mina.ID, 1, "first")
	second := addComment(t, d, track.ID, mina.ID, 2, "second")
	addComment(t, d, track.ID, mina.ID, 3, "third")
	re1 := addReply(t, d, first, mina.ID, "re1")
	addReply(t, d, first, mina.ID, "re2")
	first.Replies = 2
	lists := func(tx *db.Tx) map[string]iter.Seq2[db.Comment, error] {
		return map[string]iter.Seq2[db.Comment, error]{
			"in order": tx.CommentsAt(track.ID, 0, 0), "newest": tx.NewestComments(track.ID, 0),
			"replies": tx.Replies(first.ID, 0), "of mina": tx.CommentsOf(mina.ID, 0),
		}
	}
	for _, c := range []struct {
		name    string
		was     db.Comment
		alter   func(*db.Comment)
		corrupt string // the lists that can't believe it
	}{
		{"another user", second, func(c *db.Comment) { c.User = junho.ID }, "in order, of mina"},
		{"another place", second, func(c *db.Comment) { c.Position = 9 }, "in order"},
		{"another track", second, func(c *db.Comment) { c.Track = other.ID }, "in order, newest"},
		{"a reply", second, func(c *db.Comment) { c.Parent = first.ID }, "in order, newest"},
		{"another parent", re1, func(c *db.Comment) { c.Parent = second.ID }, "replies"},
		{"not there", second, nil, "in order, newest, of mina"},
	} {
		update(t, d, func(tx *db.Tx) error {
			if c.alter == nil {
				return db.Put(tx, "comments", binary.BigEndian.AppendUint64(nil, uint64(c.was.ID)), nil)
			}
			spoilt := c.was
			c.alter(&spoilt)
			return db.PutComment(tx, spoilt)
		})
		view(t, d, func(tx *db.Tx) error {
			var corrupt []string
			for name, seq := range lists(tx) {
				seen := 0
				for _, err := range seq {
					if seen++; errors.Is(err, db.ErrCorrupt) {
						corrupt = append(corrupt, name)
					} else if err != nil {
						return err
					}
				}
				if want := map[string]int{"in order": 3, "newest": 3, "replies": 2, "of mina": 5}[name]; seen != want {
					t.Errorf("%s: %s has %d steps, want %d", c.name, name, seen, want)
				}
			}
			slices.Sort(corrupt)
			if got := strings.Join(corrupt, ", "); got != c.corrupt {
				t.Errorf("%s: corrupt are %q, want %q", c.name, got, c.corrupt)
			}
			return nil
		})
		update(t, d, func(tx *db.Tx) error { return db.PutComment(tx, c.was) })
	}
}

// rot makes a record unreadable.
func rot(t *testing.T, d *db.DB, bucket string, id db.ID) {
	t.Helper()
	update(t, d, func(tx *db.Tx) error {
		return db.Put(tx, bucket, binary.BigEndian.AppendUint64(nil, uint64(id)), []byte("rot"))
	})
}

// A comment that can't be read stays, and keeps neither the others nor what
// comes behind them from being forgotten.
func TestCommentThatCanNotBeReadStays(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 500} {
		d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
		mina, junho, sora := addUser(t, d, "mina"), addUser(t, d, "junho"), addUser(t, d, "sora")
		track, other := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Public)
		rotten := addComment(t, d, track.ID, mina.ID, 1, "rotten")
		root := addComment(t, d, track.ID, sora.ID, 2, "root")
		rottenReply := addReply(t, d, root, mina.ID, "rotten reply")
		addReply(t, d, root, sora.ID, "reply")
		// A reply of a user who goes, beneath what can't be read.
		rottenRoot := addComment(t, d, other.ID, mina.ID, 3, "rotten root")
		orphan := addReply(t, d, rottenRoot, junho.ID, "orphan")
		left := addComment(t, d, other.ID, sora.ID, 4, "left")
		addComment(t, d, other.ID, junho.ID, 5, "gone")
		for _, c := range []db.Comment{rotten, rottenReply, rottenRoot} {
			rot(t, d, "comments", c.ID)
		}
		update(t, d, func(tx *db.Tx) error { return errors.Join(tx.DropTrack(track.ID), tx.DropUser(junho.ID)) })
		for more := true; more; {
			update(t, d, func(tx *db.Tx) (err error) {
				more, err = tx.Forget(most)
				return err
			})
		}
		view(t, d, func(tx *db.Tx) error {
			for _, c := range []db.Comment{rotten, rottenReply, rottenRoot} {
				if _, err := tx.Comment(c.ID); !errors.Is(err, db.ErrCorrupt) {
					t.Errorf("%s: %v, want %v", c.Text, err, db.ErrCorrupt)
				}
			}
			if _, err := tx.Comment(root.ID); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("the root of the dropped track: %v, want %v", err, db.ErrNotFound)
			}
			if _, err := tx.Comment(orphan.ID); err != nil {
				t.Errorf("the reply to what can't be read: %v", err)
			}
			if got := commentTexts(tx.CommentsOf(sora.ID, 0)); got != commentTexts(tx.CommentsOf(sora.ID, left.ID+1)) || got == "" {
				t.Errorf("sora has %q left", got)
			}
			return nil
		})
		commentCounts(t, d, map[db.ID]uint64{sora.ID: 1})
		unsoundToTheEnd(t, d)
	}
}

// unsoundToTheEnd wants Check to find what a test has spoilt, and closes the
// file as it is.
func unsoundToTheEnd(t *testing.T, d *db.DB) {
	t.Helper()
	if err := d.Check(t.Context()); !errors.Is(err, db.ErrCorrupt) {
		t.Errorf("check: %v, want %v", err, db.ErrCorrupt)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestCheckFindsSpoiltComments(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{}) // and all is mended at the end
	mina := addUser(t, d, "mina")
	track, other := addTrack(t, d, mina.ID, "one", db.Public), addTrack(t, d, mina.ID, "two", db.Public)
	root := addComment(t, d, track.ID, mina.ID, 5, "root")
	root.Replies = 1
	reply := addReply(t, d, root, mina.ID, "reply")
	var whole db.Comment
	update(t, d, func(tx *db.Tx) error {
		whole = newComment(tx, track.ID, mina.ID, 0, "whole")
		whole.Whole = true
		return tx.AddComment(whole)
	})
	spoilIndexes(t, d, "trackcomments", "trackthreads", "replies", "usercomments")
	spoilCounter(t, d, "counter of the user", mina.ID, 5)
	spoilCounter(t, d, "counter of the track", track.ID, 3)
	for _, c := range []struct {
		name  string
		was   db.Comment
		alter func(*db.Comment)
	}{
		{"more replies are counted", root, func(c *db.Comment) { c.Replies = 2 }},
		{"it stands elsewhere", root, func(c *db.Comment) { c.Position = 6 }},
		{"the reply stands elsewhere", reply, func(c *db.Comment) { c.Position = 6 }},
		{"what is about the whole track stands at a moment", whole, func(c *db.Comment) { c.Position = 6 }},
		{"it is on another track", root, func(c *db.Comment) { c.Track = other.ID }},
		{"the reply is on another track", reply, func(c *db.Comment) { c.Track = other.ID }},
		{"the track is not there", root, func(c *db.Comment) { c.Track = 99 }},
		{"the user is not there", root, func(c *db.Comment) { c.User = 99 }},
		{"the parent is not there", reply, func(c *db.Comment) { c.Parent = 99 }},
		{"a reply has replies", reply, func(c *db.Comment) { c.Replies = 1 }},
		{"the text of a deleted one is left", root, func(c *db.Comment) { c.User = 0 }},
		{"a deleted one without replies is left", reply, func(c *db.Comment) { c.User, c.Text = 0, "" }},
	} {
		spoilt := c.was
		c.alter(&spoilt)
		unsound(t, d, c.name,
			func(tx *db.Tx) error { return db.PutComment(tx, spoilt) },
			func(tx *db.Tx) error { return db.PutComment(tx, c.was) })
	}
}

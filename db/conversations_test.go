package db_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

// write sends a message and gives it.
func write(t testing.TB, d *db.DB, from, to db.ID, text string) (m db.Message) {
	t.Helper()
	update(t, d, func(tx *db.Tx) (err error) {
		m, _, err = tx.AddMessage(db.Message{ID: tx.NewID(), User: from, Text: text, Created: noon}, to)
		return err
	})
	return m
}

func drop(t testing.TB, d *db.DB, m db.Message) {
	t.Helper()
	update(t, d, func(tx *db.Tx) error { return tx.DropMessage(m.Conversation, m.ID) })
}

// read notes that a user has read up to a message, and wants that to change
// something or not.
func read(t testing.TB, d *db.DB, user db.ID, upTo db.Message, want bool) {
	t.Helper()
	update(t, d, func(tx *db.Tx) error {
		changed, err := tx.ReadMessages(upTo.Conversation, user, upTo.ID)
		if changed != want {
			t.Errorf("reading up to %q changed something: %t, want %t", upTo.Text, changed, want)
		}
		return err
	})
}

// inbox tells what a user finds: each conversation's newest message with the
// number of those not read, then their sum.
func inbox(t testing.TB, d *db.DB, user db.ID) string {
	t.Helper()
	var s strings.Builder
	view(t, d, func(tx *db.Tx) error {
		for c, err := range tx.Inbox(user, 0) {
			if err != nil {
				return err
			}
			m, err := tx.Message(c.ID, c.Last)
			if err != nil {
				return err
			}
			fmt.Fprintf(&s, "%s/%d ", m.Text, c.Unread[slices.Index(c.Users[:], user)])
		}
		counts, err := tx.UserCounts(user)
		fmt.Fprintf(&s, "= %d", counts.Unread)
		return err
	})
	return s.String()
}

// said gives what is written in a conversation, newest first.
func said(t testing.TB, d *db.DB, conversation, before db.ID) string {
	t.Helper()
	var all []string
	view(t, d, func(tx *db.Tx) error {
		for m, err := range tx.Messages(conversation, before) {
			if err != nil {
				return err
			}
			all = append(all, m.Text)
		}
		return nil
	})
	return strings.Join(all, " ")
}

func TestInboxFollowsWhatIsWrittenAndRead(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho, sora := addUser(t, d, "mina"), addUser(t, d, "junho"), addUser(t, d, "sora")
	want := func(what, minas, junhos, soras string) {
		t.Helper()
		for _, c := range []struct {
			user db.User
			want string
		}{{mina, minas}, {junho, junhos}, {sora, soras}} {
			if got := inbox(t, d, c.user.ID); got != c.want {
				t.Errorf("%s: the inbox of %s is %q, want %q", what, c.user.Username, got, c.want)
			}
		}
	}
	want("at first", "= 0", "= 0", "= 0")
	a := write(t, d, mina.ID, junho.ID, "a")
	b := write(t, d, mina.ID, junho.ID, "b")
	want("two messages", "b/0 = 0", "b/2 = 2", "= 0")
	c := write(t, d, sora.ID, junho.ID, "c")
	want("a third from another", "b/0 = 0", "c/1 b/2 = 3", "c/0 = 0")
	if a.Conversation != b.Conversation || a.Conversation == c.Conversation {
		t.Errorf("the conversations are %s, %s, %s", a.Conversation, b.Conversation, c.Conversation)
	}
	read(t, d, junho.ID, a, true)
	want("one read", "b/0 = 0", "c/1 b/1 = 2", "c/0 = 0")
	read(t, d, junho.ID, a, false)
	e := write(t, d, junho.ID, mina.ID, "e")
	want("an answer has read all", "e/1 = 1", "e/0 c/1 = 1", "c/0 = 0")
	read(t, d, junho.ID, e, false)
	f := write(t, d, mina.ID, junho.ID, "f")
	g := write(t, d, mina.ID, junho.ID, "g")
	want("the one who writes has read", "g/0 = 0", "g/2 c/1 = 3", "c/0 = 0")
	drop(t, d, f)
	want("an unread one dropped", "g/0 = 0", "g/1 c/1 = 2", "c/0 = 0")
	drop(t, d, g)
	want("the newest dropped", "e/0 = 0", "e/0 c/1 = 1", "c/0 = 0")
	drop(t, d, a)
	want("the oldest dropped", "e/0 = 0", "e/0 c/1 = 1", "c/0 = 0")
	h := write(t, d, mina.ID, sora.ID, "h")
	want("a third pair", "h/0 e/0 = 0", "e/0 c/1 = 1", "h/1 c/0 = 1")
	drop(t, d, e)
	want("an older one is newest again", "h/0 b/0 = 0", "c/1 b/0 = 1", "h/1 c/0 = 1")
	drop(t, d, b)
	want("nothing is left of one", "h/0 = 0", "c/1 = 1", "h/1 c/0 = 1")
	h.ID += 1 << 40
	read(t, d, sora.ID, h, true)
	want("read beyond the newest", "h/0 = 0", "c/1 = 1", "h/0 c/0 = 0")
	write(t, d, mina.ID, sora.ID, "i")
	want("what comes then is unread", "i/0 = 0", "c/1 = 1", "i/1 c/0 = 1")

	again := write(t, d, junho.ID, mina.ID, "j")
	want("begun again", "j/1 i/0 = 1", "j/0 c/1 = 1", "i/1 c/0 = 1")
	if again.Conversation != a.Conversation {
		t.Error("a pair has two conversations")
	}
}

func TestMessagesByPages(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho, sora := addUser(t, d, "mina"), addUser(t, d, "junho"), addUser(t, d, "sora")
	var all []db.Message
	for i := range 5 {
		all = append(all, write(t, d, mina.ID, junho.ID, fmt.Sprint("m", i)))
		write(t, d, mina.ID, sora.ID, "other")
	}
	v := all[0].Conversation
	for _, c := range []struct {
		before db.ID
		want   string
	}{{0, "m4 m3 m2 m1 m0"}, {all[3].ID, "m2 m1 m0"}, {all[2].ID + 1, "m2 m1 m0"}, {all[0].ID, ""}} {
		if got := said(t, d, v, c.before); got != c.want {
			t.Errorf("before %s: %q, want %q", c.before, got, c.want)
		}
	}
	view(t, d, func(tx *db.Tx) error { // pages of an inbox
		first, err := tx.ConversationOf(sora.ID, mina.ID)
		if err != nil {
			return err
		}
		n := 0
		for c, err := range tx.Inbox(mina.ID, first.Last) {
			if err != nil || c.ID != v {
				t.Errorf("behind the first page is %s, %v", c.ID, err)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%d conversations are behind the first, want 1", n)
		}
		return nil
	})
}

func TestMessageComesBackAsItWas(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	var m db.Message
	var c db.Conversation
	update(t, d, func(tx *db.Tx) (err error) {
		m, c, err = tx.AddMessage(db.Message{ID: tx.NewID(), User: junho.ID, Text: "들어 봐", Attached: db.Thing{Kind: db.KindTrack, ID: 77}, Created: noon}, mina.ID)
		return err
	})
	if c.Users != [2]db.ID{mina.ID, junho.ID} || c.Last != m.ID || m.Conversation != c.ID || c.Unread != [2]uint64{1, 0} || c.Read != [2]db.ID{0, m.ID} {
		t.Errorf("the conversation is %+v", c)
	}
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.Message(c.ID, m.ID)
		if diff := cmp.Diff(m, got); diff != "" || err != nil {
			t.Errorf("the message: %v (-want +got):\n%s", err, diff)
		}
		for _, pair := range [][2]db.ID{{mina.ID, junho.ID}, {junho.ID, mina.ID}} {
			got, err := tx.ConversationOf(pair[0], pair[1])
			if diff := cmp.Diff(c, got); diff != "" || err != nil {
				t.Errorf("of %s: %v (-want +got):\n%s", pair, err, diff)
			}
		}
		got2, err := tx.Conversation(c.ID)
		if diff := cmp.Diff(c, got2); diff != "" {
			t.Errorf("the conversation (-want +got):\n%s", diff)
		}
		return err
	})
}

func TestMessagesThatCanNotBe(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t) // checked at the end
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	var early db.ID
	update(t, d, func(tx *db.Tx) error { early = tx.NewID(); return nil })
	m := write(t, d, mina.ID, junho.ID, "a")
	add := func(id, from, to db.ID) func(*db.Tx) error {
		return func(tx *db.Tx) error {
			_, _, err := tx.AddMessage(db.Message{ID: id, User: from, Created: noon}, to)
			return err
		}
	}
	for _, c := range []struct {
		name string
		do   func(*db.Tx) error
		want error // nil: any
	}{
		{"no id", add(0, mina.ID, junho.ID), nil},
		{"the same id", add(m.ID, junho.ID, mina.ID), db.ErrTaken},
		{"older than the last", add(early, mina.ID, junho.ID), nil},
		{"to oneself", add(1<<50, mina.ID, mina.ID), nil},
		{"to nobody", add(1<<50, mina.ID, 99), db.ErrNotFound},
		{"by nobody", add(1<<50, 99, mina.ID), db.ErrNotFound},
		{"dropped from elsewhere", func(tx *db.Tx) error { return tx.DropMessage(99, m.ID) }, db.ErrNotFound},
		{"dropped, but never there", func(tx *db.Tx) error { return tx.DropMessage(m.Conversation, 99) }, db.ErrNotFound},
		{"read by a third", func(tx *db.Tx) error { _, err := tx.ReadMessages(m.Conversation, 99, m.ID); return err }, db.ErrNotFound},
		{"read where nothing is", func(tx *db.Tx) error { _, err := tx.ReadMessages(99, mina.ID, m.ID); return err }, db.ErrNotFound},
		{"a conversation that is none", func(tx *db.Tx) error { _, err := tx.Conversation(99); return err }, db.ErrNotFound},
		{"a pair that has none", func(tx *db.Tx) error { _, err := tx.ConversationOf(mina.ID, 99); return err }, db.ErrNotFound},
		{"a message that is none", func(tx *db.Tx) error { _, err := tx.Message(m.Conversation, 99); return err }, db.ErrNotFound},
	} {
		// Whoever sees such an error may go on: nothing was written.
		update(t, d, func(tx *db.Tx) error {
			if err := c.do(tx); err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", c.name, err, c.want)
			}
			return nil
		})
	}
	if got := inbox(t, d, junho.ID); got != "a/1 = 1" {
		t.Errorf("the inbox of junho is %q", got)
	}
}

func dropUser(t testing.TB, d *db.DB, id db.ID) {
	t.Helper()
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(id) })
}

func TestWhatTheOtherWroteStays(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho, sora := addUser(t, d, "mina"), addUser(t, d, "junho"), addUser(t, d, "sora")
	a := write(t, d, mina.ID, junho.ID, "a")
	b := write(t, d, junho.ID, mina.ID, "b")
	write(t, d, mina.ID, junho.ID, "c")
	write(t, d, mina.ID, junho.ID, "d")
	alone := write(t, d, mina.ID, sora.ID, "e")
	empty := write(t, d, sora.ID, mina.ID, "f")
	drop(t, d, empty)
	write(t, d, junho.ID, sora.ID, "g")

	dropUser(t, d, mina.ID)
	forgetAll(t, d, 500)
	if got := said(t, d, a.Conversation, 0); got != "b" {
		t.Errorf("left is %q, want b", got)
	}
	if got := inbox(t, d, junho.ID); got != "g/0 b/0 = 0" {
		t.Errorf("the inbox of junho is %q", got)
	}
	if got := inbox(t, d, sora.ID); got != "g/1 = 1" {
		t.Errorf("the inbox of sora is %q", got)
	}
	if got := inbox(t, d, mina.ID); got != "= 0" {
		t.Errorf("the inbox of mina is %q", got)
	}
	gone := func(id db.ID) {
		t.Helper()
		view(t, d, func(tx *db.Tx) error {
			if _, err := tx.Conversation(id); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("conversation %s: %v", id, err)
			}
			return nil
		})
	}
	gone(alone.Conversation)
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error {
		_, _, err := tx.AddMessage(db.Message{ID: tx.NewID(), User: junho.ID, Created: noon}, mina.ID)
		return err
	})
	drop(t, d, b) // nobody can write there any more
	gone(a.Conversation)
	if got := inbox(t, d, junho.ID); got != "g/0 = 0" {
		t.Errorf("the inbox of junho is %q", got)
	}
}

func TestLongConversationIsForgottenInSteps(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	const each = 800 // first what the other wrote, which stays
	var v db.ID
	update(t, d, func(tx *db.Tx) error {
		for i := range 2 * each {
			from, to := mina.ID, junho.ID
			if i >= each {
				from, to = to, from
			}
			m, _, err := tx.AddMessage(db.Message{ID: tx.NewID(), User: from, Text: "x", Created: noon}, to)
			if err != nil {
				return err
			}
			v = m.Conversation
		}
		return nil
	})
	dropUser(t, d, junho.ID)
	if got := inbox(t, d, mina.ID); got != "x/800 = 800" {
		t.Errorf("at first the inbox is %q", got)
	}
	if n := forgetAll(t, d, 100); n < 10 || n > 20 {
		t.Errorf("it took %d steps", n)
	}
	if got := inbox(t, d, mina.ID); got != "x/0 = 0" {
		t.Errorf("in the end the inbox is %q", got)
	}
	if n := len(strings.Fields(said(t, d, v, 0))); n != each {
		t.Errorf("%d messages are left, want %d", n, each)
	}
}

func TestManyConversationsAreForgottenInSteps(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina := addUser(t, d, "mina")
	const many = 400
	update(t, d, func(tx *db.Tx) error {
		for i := range many {
			u := newUser(tx, fmt.Sprint("user", i))
			if err := tx.AddUser(u); err != nil {
				return err
			}
			if _, _, err := tx.AddMessage(db.Message{ID: tx.NewID(), User: mina.ID, Created: noon}, u.ID); err != nil {
				return err
			}
		}
		return nil
	})
	dropUser(t, d, mina.ID)
	sound(t, d)
	if n := forgetAll(t, d, 100); n < 8 || n > 20 {
		t.Errorf("it took %d steps", n)
	}
	update(t, d, func(tx *db.Tx) error {
		if _, _, err := db.First(tx, "conversations"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a conversation is left: %v", err)
		}
		return nil
	})
}

// The writer of a message that can't be read is not known: it stays, and does
// not keep the rest from being forgotten.
func TestMessageThatCanNotBeReadStays(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	rotten := write(t, d, mina.ID, junho.ID, "a")
	write(t, d, mina.ID, junho.ID, "b")
	write(t, d, junho.ID, mina.ID, "c")
	write(t, d, mina.ID, junho.ID, "d")
	update(t, d, func(tx *db.Tx) error {
		key, _, err := db.First(tx, "messages")
		if err != nil {
			return err
		}
		return db.Put(tx, "messages", key, []byte("rot"))
	})
	dropUser(t, d, mina.ID)
	if got := inbox(t, d, junho.ID); got != "c/0 = 0" {
		t.Errorf("the inbox of junho is %q", got)
	}
	view(t, d, func(tx *db.Tx) error {
		if going, err := tx.Going(mina.ID); going || err != nil {
			t.Errorf("mina is going: %t, %v", going, err)
		}
		if _, err := tx.Message(rotten.Conversation, rotten.ID); !errors.Is(err, db.ErrCorrupt) {
			t.Errorf("the message: %v, want %v", err, db.ErrCorrupt)
		}
		return nil
	})
	dropUser(t, d, junho.ID) // now nobody is there to read it
	sound(t, d)
}

func TestCheckFindsSpoiltConversations(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{}) // and all is mended at the end
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	write(t, d, mina.ID, junho.ID, "a")
	b := write(t, d, junho.ID, mina.ID, "b")
	spoilIndexes(t, d, "pairs", "inbox")
	var first, payload []byte
	view(t, d, func(tx *db.Tx) (err error) {
		first, payload, err = db.First(tx, "messages")
		return err
	})
	key := func(conversation, id db.ID) []byte {
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(conversation)), uint64(id))
	}
	for name, stray := range map[string][]byte{
		"a message stands twice":          key(b.Conversation, b.ID-1),
		"a message is in no conversation": key(b.Conversation+1, b.ID),
	} {
		unsound(t, d, name,
			func(tx *db.Tx) error { return db.Put(tx, "messages", stray, payload) },
			func(tx *db.Tx) error { return db.Put(tx, "messages", stray, nil) })
	}
	// The newest, which the conversation names; of others nothing tells but
	// the counters.
	last := key(b.Conversation, b.ID)
	var newest []byte
	update(t, d, func(tx *db.Tx) (err error) {
		if err := db.Put(tx, "messages", first, nil); err != nil {
			return err
		}
		if _, newest, err = db.First(tx, "messages"); err != nil {
			return err
		}
		newest = slices.Clone(newest)
		return db.Put(tx, "messages", first, payload)
	})
	unsound(t, d, "the newest message is missing",
		func(tx *db.Tx) error { return db.Put(tx, "messages", last, nil) },
		func(tx *db.Tx) error { return db.Put(tx, "messages", last, newest) })
	spoilCounter(t, d, "counter of who has not read", mina.ID, 2)
	spoilCounter(t, d, "counter of who has read", junho.ID, 2)
}

func TestConversationOfTwoWhoAreGone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		first int // steps after the first of them is dropped
	}{{"one after the other", 1000}, {"at once", 0}, {"while the first is half forgotten", 3}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t)
			mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
			var v db.ID
			update(t, d, func(tx *db.Tx) error {
				for i := range 1500 {
					from, to := mina.ID, junho.ID
					if i%3 == 0 {
						from, to = to, from
					}
					m, _, err := tx.AddMessage(db.Message{ID: tx.NewID(), User: from, Created: noon}, to)
					if err != nil {
						return err
					}
					v = m.Conversation
				}
				return nil
			})
			dropUser(t, d, mina.ID)
			more := true
			for range c.first {
				update(t, d, func(tx *db.Tx) (err error) {
					more, err = tx.Forget(20)
					return err
				})
				if !more {
					break
				}
			}
			if err := d.Check(t.Context()); err != nil {
				t.Errorf("half-way: %v", err)
			}
			dropUser(t, d, junho.ID)
			if err := d.Check(t.Context()); err != nil {
				t.Errorf("with both gone: %v", err)
			}
			forgetAll(t, d, 20)
			view(t, d, func(tx *db.Tx) error {
				if _, err := tx.Conversation(v); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("the conversation: %v", err)
				}
				return nil
			})
			if got := said(t, d, v, 0); got != "" {
				t.Errorf("messages are left: %q", got)
			}
		})
	}
}

// letters is what users should have written each other, in plain lists.
type letters struct {
	rand  *rand.Rand
	users []db.ID
	talks map[[2]db.ID]*talk
	gone  map[db.ID]bool
}

type talk struct {
	id       db.ID
	messages []db.Message // oldest first
	read     map[db.ID]db.ID
}

func (l *letters) unread(v *talk, user db.ID) (n uint64) {
	for _, m := range v.messages {
		if m.User != user && m.ID > v.read[user] {
			n++
		}
	}
	return n
}

// step does one random thing to both.
func (l *letters) step(tx *db.Tx) error {
	a, b := l.users[l.rand.IntN(len(l.users))], l.users[l.rand.IntN(len(l.users))]
	if a == b {
		return nil
	}
	v := l.talks[[2]db.ID{min(a, b), max(a, b)}]
	lost := l.gone[a] || l.gone[b]
	switch what := l.rand.IntN(20); {
	case what < 10: // a writes to b
		m, _, err := tx.AddMessage(db.Message{ID: tx.NewID(), User: a, Created: noon}, b)
		if lost {
			return verdict("write", err, db.ErrNotFound)
		}
		if err != nil {
			return err
		}
		if v == nil {
			v = &talk{id: m.Conversation, read: make(map[db.ID]db.ID)}
			l.talks[[2]db.ID{min(a, b), max(a, b)}] = v
		}
		v.messages = append(v.messages, m)
		v.read[a] = m.ID
	case v == nil || len(v.messages) == 0:
	case what < 15 && !lost: // a reads
		i := l.rand.IntN(len(v.messages))
		was := l.unread(v, a)
		v.read[a] = max(v.read[a], v.messages[i].ID)
		changed, err := tx.ReadMessages(v.id, a, v.messages[i].ID)
		if err == nil && changed != (was != l.unread(v, a)) {
			err = fmt.Errorf("read: changed is %t", changed)
		}
		return err
	case what < 19: // somebody drops a message
		i := l.rand.IntN(len(v.messages))
		if l.rand.IntN(2) == 0 {
			i = len(v.messages) - 1
		}
		err := tx.DropMessage(v.id, v.messages[i].ID)
		if l.gone[v.messages[i].User] && errors.Is(err, db.ErrNotFound) {
			err = nil // forgotten already
		}
		v.messages = slices.Delete(v.messages, i, i+1)
		return err
	}
	return nil
}

// settle takes off what is to be forgotten.
func (l *letters) settle() {
	for pair, v := range l.talks {
		v.messages = slices.DeleteFunc(v.messages, func(m db.Message) bool {
			return l.gone[m.User] || l.gone[pair[0]] && l.gone[pair[1]]
		})
		if len(v.messages) == 0 && (l.gone[pair[0]] || l.gone[pair[1]]) {
			delete(l.talks, pair)
		}
	}
}

// compare holds all lists and counters against the model, in which nothing is
// left to be forgotten.
func (l *letters) compare(tx *db.Tx) error {
	for _, user := range l.users {
		if l.gone[user] {
			continue
		}
		var want, got []db.ID
		var sum uint64
		for pair, v := range l.talks {
			if (pair[0] == user || pair[1] == user) && len(v.messages) > 0 {
				want = append(want, v.messages[len(v.messages)-1].ID)
				sum += l.unread(v, user)
			}
		}
		slices.Sort(want)
		slices.Reverse(want)
		for c, err := range tx.Inbox(user, 0) {
			if err != nil {
				return err
			}
			got = append(got, c.Last)
			v := l.talks[c.Users]
			if v == nil {
				return fmt.Errorf("conversation %s should be gone", c.ID)
			}
			if n := c.Unread[slices.Index(c.Users[:], user)]; n != l.unread(v, user) {
				return fmt.Errorf("%d are unread by %s, want %d", n, user, l.unread(v, user))
			}
			var all []db.Message
			for m, err := range tx.Messages(c.ID, 0) {
				if err != nil {
					return err
				}
				all = append(all, m)
			}
			slices.Reverse(all)
			if diff := cmp.Diff(v.messages, all); diff != "" {
				return fmt.Errorf("messages of %s (-want +got):\n%s", c.ID, diff)
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("the inbox of %s is %v, want %v", user, got, want)
		}
		if counts, err := tx.UserCounts(user); err != nil || counts.Unread != sum {
			return fmt.Errorf("%s is counted %d unread, %w; want %d", user, counts.Unread, err, sum)
		}
	}
	return nil
}

func TestConversationsMatchAModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			l := &letters{rand: rand.New(rand.NewPCG(seed, 3)), talks: make(map[[2]db.ID]*talk), gone: make(map[db.ID]bool)}
			d := dbtest.OpenAt(t, filepath.Join(quickDir(t), "earshot.db"), db.Options{})
			for i := range 6 {
				l.users = append(l.users, addUser(t, d, fmt.Sprint("user", i)).ID)
			}
			for round := range 20 {
				update(t, d, func(tx *db.Tx) error {
					for range l.rand.IntN(500) {
						if err := l.step(tx); err != nil {
							return err
						}
					}
					return nil
				})
				if round%5 == 4 { // somebody leaves, and is forgotten by and by
					user := l.users[round/5]
					l.gone[user] = true
					update(t, d, func(tx *db.Tx) error { return tx.DropUser(user) })
					for more := true; more; {
						update(t, d, func(tx *db.Tx) (err error) {
							if err := l.step(tx); err != nil {
								return err
							}
							more, err = tx.Forget(1 + l.rand.IntN(99))
							return err
						})
						if err := d.Check(context.Background()); err != nil {
							t.Fatal(err)
						}
					}
				}
				l.settle()
				view(t, d, l.compare)
			}
		})
	}
}

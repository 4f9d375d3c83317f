package core

import (
	"context"
	"errors"

	"earshot/app/fault"
	"earshot/db"
)

// maxMessage is how many characters a message may have.
const maxMessage = 2000

// MessageView is a message as one of the two may see it.
type MessageView struct {
	Message  db.Message
	Mine     bool
	Track    *TrackView // attached, and for the asker to see
	Playlist *PlaylistView
	Missing  bool // something is attached that is gone or not for the asker
	Seen     bool // an own one that the other has seen
}

// ConversationView is a conversation as one of the two may see it.
type ConversationView struct {
	Conversation db.Conversation // zero before the first message
	With         *db.User        // nil when the account is gone
	Last         *MessageView
	Unread       uint64
	CanWrite     bool
	SeenTo       db.ID // the newest message that the other has seen
}

// talk is a conversation that the asker has part in.
type talk struct {
	c     *Core
	tx    *db.Tx
	a     asker
	conv  db.Conversation
	me    int // the asker's side
	other db.User
	gone  bool // the other's account
	left  *int // tracks of playlists to look at
}

// talk looks at a conversation from the asker's side. To everybody else, and
// that is the keeper too, there is no such conversation.
func (c *Core) talk(tx *db.Tx, a asker, conv db.Conversation) (talk, error) {
	left := surveyed
	t := talk{c: c, tx: tx, a: a, conv: conv, me: conv.Side(a.user.ID), left: &left}
	if t.me < 0 {
		return t, ErrNotFound
	}
	var err error
	t.other, err = tx.User(conv.Users[1-t.me])
	if errors.Is(err, db.ErrNotFound) || err == nil && t.other.Leaving {
		t.gone, err = true, nil
	}
	return t, err
}

// apart tells whether the two can't write to each other any more. What was
// written stays, and nothing new of one reaches the other.
func (t talk) apart() bool { return t.gone || apart(t.a, t.other) }

func apart(a asker, other db.User) bool {
	return other.Disabled || a.barred(other.ID)
}

// ownTalk finds a conversation of the asker's.
func (c *Core) ownTalk(tx *db.Tx, me, id db.ID) (talk, error) {
	a, err := c.member(tx, me)
	if err != nil {
		return talk{}, err
	}
	conv, err := tx.Conversation(id)
	if err != nil {
		return talk{}, err
	}
	return c.talk(tx, a, conv)
}

// view shows the conversation with its newest message.
func (t talk) view() (ConversationView, error) {
	v := ConversationView{Conversation: t.conv, Unread: t.conv.Unread[t.me], CanWrite: !t.apart()}
	if !t.gone {
		u := t.other
		if t.a.hides(u) {
			u.Picture = 0 // the name is known from the messages
		}
		v.With = &u
	}
	if !t.apart() {
		v.SeenTo = t.conv.Read[1-t.me]
	}
	if t.conv.Last == 0 {
		return v, nil
	}
	m, err := t.tx.Message(t.conv.ID, t.conv.Last)
	if t.c.unreadable(err, "message of "+t.conv.ID.String(), t.conv.Last) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	last, err := t.message(m)
	v.Last = &last
	return v, err
}

// message shows a message. What is attached is shown by the asker's own right.
func (t talk) message(m db.Message) (MessageView, error) {
	v := MessageView{Message: m, Mine: t.a.is(m.User)}
	v.Seen = v.Mine && !t.apart() && m.ID <= t.conv.Read[1-t.me]
	switch m.Attached.Kind {
	case db.KindTrack:
		track, owner, err := t.c.track(t.tx, t.a, m.Attached.ID, whole)
		if absent(err) || t.c.unreadable(err, "what is attached to a message", m.ID) {
			v.Missing = true
			break
		}
		if err != nil {
			return v, err
		}
		w, err := t.c.viewTrack(t.tx, t.a, track, owner)
		if err != nil {
			return v, err
		}
		v.Track = &w
	case db.KindPlaylist:
		w, seen, err := t.c.seenPlaylist(t.tx, t.a, m.Attached.ID, people{}, t.left)
		if t.c.unreadable(err, "what is attached to a message", m.ID) || err == nil && !seen {
			v.Missing = true
			break
		}
		if err != nil {
			return v, err
		}
		v.Playlist = &w
	}
	return v, nil
}

// drawMessages adds the waveforms of what is attached.
func (c *Core) drawMessages(views ...*MessageView) {
	for _, v := range views {
		if v != nil && v.Track != nil {
			*v.Track = c.draw(*v.Track)[0]
		}
	}
}

// Conversations lists the asker's conversations, the one with the newest
// message first.
func (c *Core) Conversations(ctx context.Context, me db.ID, p Paging) (Page[ConversationView], error) {
	var page Page[ConversationView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		left := surveyed
		newest := func(conv db.Conversation) db.ID { return conv.Last }
		page, err = collect(c, "conversations/"+me.String(), p, of(tx.Inbox, me), newest, func(conv db.Conversation) (ConversationView, bool, error) {
			t, err := c.talk(tx, a, conv)
			if err != nil {
				return ConversationView{}, false, err
			}
			t.left = &left
			v, err := t.view()
			return v, true, err
		})
		return err
	})
	for _, v := range page.Items {
		c.drawMessages(v.Last)
	}
	return page, err
}

// Conversation finds one conversation of the asker's.
func (c *Core) Conversation(ctx context.Context, me, id db.ID) (ConversationView, error) {
	var v ConversationView
	err := c.view(ctx, func(tx *db.Tx) error {
		t, err := c.ownTalk(tx, me, id)
		if err != nil {
			return err
		}
		v, err = t.view()
		return err
	})
	c.drawMessages(v.Last)
	return v, err
}

// errSelf refuses to let somebody write to themselves.
var errSelf = fault.New(fault.Invalid, "message.self", "Nobody can write to themselves.")

// ConversationWith finds the asker's conversation with a person; it is empty
// before the first message.
func (c *Core) ConversationWith(ctx context.Context, me, user db.ID) (ConversationView, error) {
	var v ConversationView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if a.is(user) {
			return errSelf
		}
		u, err := c.person(tx, a, user)
		if err != nil {
			return err
		}
		conv, err := tx.ConversationOf(me, user)
		if errors.Is(err, db.ErrNotFound) {
			v = ConversationView{With: &u, CanWrite: !apart(a, u)}
			return nil
		}
		if err != nil {
			return err
		}
		t, err := c.talk(tx, a, conv)
		if err != nil {
			return err
		}
		v, err = t.view()
		return err
	})
	c.drawMessages(v.Last)
	return v, err
}

// Messages lists the messages of a conversation, the newest first.
func (c *Core) Messages(ctx context.Context, me, id db.ID, p Paging) (Page[MessageView], error) {
	var page Page[MessageView]
	err := c.view(ctx, func(tx *db.Tx) error {
		t, err := c.ownTalk(tx, me, id)
		if err != nil {
			return err
		}
		number := func(m db.Message) db.ID { return m.ID }
		page, err = collect(c, "messages/"+id.String(), p, of(tx.Messages, id), number, func(m db.Message) (MessageView, bool, error) {
			v, err := t.message(m)
			return v, true, err
		})
		return err
	})
	for i := range page.Items {
		c.drawMessages(&page.Items[i])
	}
	return page, err
}

// NewMessage is what somebody writes: a text, an attached thing, or both.
type NewMessage struct {
	Text     string
	Track    db.ID
	Playlist db.ID
}

// clean checks a message.
func (n *NewMessage) clean() error {
	n.Text = text(n.Text)
	switch {
	case n.Text == "" && n.Track == 0 && n.Playlist == 0:
		return fault.New(fault.Invalid, "message.empty", "Write something, or attach a track or a playlist.").In("text")
	case n.Track != 0 && n.Playlist != 0:
		return fault.New(fault.Invalid, "message.attached", "Attach one thing at a time: a track or a playlist.").In("playlist")
	}
	if err := bounded("message", n.Text, maxMessage); err != nil {
		return fault.Of(err).In("text")
	}
	return nil
}

// Send writes a message to a person. Who can't be written to any more is known
// to those who have a conversation with them, and to nobody else.
func (c *Core) Send(ctx context.Context, me, to db.ID, n NewMessage) (MessageView, error) {
	if err := n.clean(); err != nil {
		return MessageView{}, err
	}
	if me == to && me != 0 {
		return MessageView{}, errSelf
	}
	if wait := c.sent.AllowKey(me.String()); me != 0 && wait > 0 {
		return MessageView{}, tooOften(wait)
	}
	var v MessageView
	err := c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if err := c.mayWrite(tx, a, to); err != nil {
			return err
		}
		m := db.Message{ID: tx.NewID(), User: me, Text: n.Text, Created: c.now()}
		switch {
		case n.Track != 0:
			m.Attached = db.Thing{Kind: db.KindTrack, ID: n.Track}
			_, _, err = c.track(tx, a, n.Track, whole)
		case n.Playlist != 0:
			m.Attached = db.Thing{Kind: db.KindPlaylist, ID: n.Playlist}
			_, _, err = c.playlist(tx, a, n.Playlist, whole)
		}
		if err != nil {
			return err
		}
		m, conv, err := tx.AddMessage(m, to)
		if err != nil {
			return err
		}
		t, err := c.talk(tx, a, conv)
		if err != nil {
			return err
		}
		t.tell(out, EventMessage)
		v, err = t.message(m)
		return err
	})
	c.drawMessages(&v)
	return v, err
}

// mayWrite decides whether the asker can write to a person.
func (c *Core) mayWrite(tx *db.Tx, a asker, to db.ID) error {
	other, err := tx.User(to)
	if err == nil && other.Leaving {
		err = ErrNotFound
	}
	if err != nil || !apart(a, other) {
		return err
	}
	if a.hides(other) {
		if _, err := tx.ConversationOf(a.user.ID, to); err != nil {
			return err
		}
	}
	return fault.New(fault.Forbidden, "message.blocked", "You two can't write to each other.")
}

// tell tells the open pages of both that something of the conversation
// changed; of the asker's alone when nothing of one may reach the other.
func (t talk) tell(out *outgoing, kind string) {
	e := Event{Type: kind, Conversation: t.conv.ID}
	out.to(t.a.user.ID, e)
	if !t.apart() {
		out.to(t.other.ID, e)
	}
}

// SeeMessages notes that the asker has read a conversation up to a message.
func (c *Core) SeeMessages(ctx context.Context, me, id, upTo db.ID) (State, error) {
	var s State
	err := c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		t, err := c.ownTalk(tx, me, id)
		if err != nil {
			return err
		}
		changed, err := tx.ReadMessages(id, me, upTo)
		if err != nil {
			return err
		}
		if changed {
			t.tell(out, EventSeen)
		}
		s, err = c.state(tx, t.a)
		return err
	})
	return s, err
}

// DeleteMessage takes an own message back, from both.
func (c *Core) DeleteMessage(ctx context.Context, me, id, message db.ID) error {
	return c.actFreeing(ctx, func(tx *db.Tx, out *outgoing) error {
		t, err := c.ownTalk(tx, me, id)
		if err != nil {
			return err
		}
		m, err := tx.Message(id, message)
		if err != nil {
			return err
		}
		if !t.a.is(m.User) {
			return fault.New(fault.Forbidden, "forbidden", "Only who wrote a message can delete it.")
		}
		t.tell(out, EventMessage)
		return tx.DropMessage(id, message)
	})
}

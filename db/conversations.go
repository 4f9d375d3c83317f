package db

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// What makes a message impossible to store.
var (
	errSelf  = errors.New("nobody writes to themselves")
	errOlder = errors.New("the message is older than what its conversation holds")
)

// Conversation gives the conversation with an id. ErrNotFound when there is
// none.
func (tx *Tx) Conversation(id ID) (Conversation, error) {
	c, err := load[Conversation](tx, inConversations, id)
	if err != nil {
		return Conversation{}, fmt.Errorf("conversation %s: %w", id, err)
	}
	return c, nil
}

// ConversationOf gives the one conversation of two users, in either order.
// ErrNotFound when they have none.
func (tx *Tx) ConversationOf(a, b ID) (Conversation, error) {
	c, err := tx.conversationOf(a, b)
	if err != nil {
		return Conversation{}, fmt.Errorf("conversation of %s and %s: %w", a, b, err)
	}
	return c, nil
}

func (tx *Tx) conversationOf(a, b ID) (Conversation, error) {
	key := key2(a, b)
	id, err := tx.loadID(inPairs, key)
	if err != nil {
		return Conversation{}, err
	}
	c, err := led[Conversation](tx, inPairs, key, inConversations, id)
	if err == nil && c.Users != pair(a, b) {
		return Conversation{}, corrupt(inPairs, key, errOtherRecord)
	}
	return c, err
}

// pair puts two users into the order that a conversation has them in.
func pair(a, b ID) [2]ID { return [2]ID{min(a, b), max(a, b)} }

// Side gives the place of a user in a conversation; -1 for somebody else.
func (c *Conversation) Side(user ID) int { return slices.Index(c.Users[:], user) }

// AddMessage stores a new message from one user to another, in their
// conversation, which is made if there is none; m.Conversation is filled in.
// It is unread by the other, and what the sender had not read counts as read.
// It gives the conversation as it is then. ErrNotFound when one of the two is
// not there.
func (tx *Tx) AddMessage(m Message, to ID) (Message, Conversation, error) {
	var c Conversation
	err := tx.change("add message", m.ID, func() (err error) {
		c, err = tx.addMessage(&m, to)
		return err
	})
	if err != nil {
		return Message{}, Conversation{}, err
	}
	return m, c, nil
}

func (tx *Tx) addMessage(m *Message, to ID) (c Conversation, err error) {
	if m.User == to {
		return c, errSelf
	}
	for _, user := range []ID{m.User, to} {
		if err := tx.want(inUsers, "user", user); err != nil {
			return c, err
		}
	}
	c, err = tx.conversationOf(m.User, to)
	first := errors.Is(err, ErrNotFound)
	if first {
		c, err = Conversation{ID: tx.NewID(), Users: pair(m.User, to), Created: m.Created}, nil
	}
	if err != nil {
		return c, err
	}
	m.Conversation = c.ID
	key := key2(c.ID, m.ID)
	if err := tx.checkNewAt(inMessages, key, m.ID); err != nil {
		return c, err
	}
	if m.ID <= max(c.Last, c.Read[0], c.Read[1]) {
		return c, errOlder
	}
	if err := storeAt(tx, inMessages, key, m); err != nil {
		return c, err
	}
	if first {
		for side, user := range c.Users {
			if err := tx.put(inPairs, key2(user, c.Users[1-side]), key1(c.ID)); err != nil {
				return c, err
			}
		}
	}
	from := c.Side(m.User)
	c.Read[from] = m.ID
	if err := tx.addUnread(&c, from, -int64(c.Unread[from])); err != nil {
		return c, err
	}
	if err := tx.addUnread(&c, 1-from, 1); err != nil {
		return c, err
	}
	if err := tx.moveLast(&c, m.ID); err != nil {
		return c, err
	}
	return c, store(tx, inConversations, c.ID, &c)
}

// addUnread changes how much of a conversation one of its users has not read,
// and the sum that is kept for the user.
func (tx *Tx) addUnread(c *Conversation, side int, by int64) error {
	if by < 0 && c.Unread[side] < uint64(-by) {
		return fmt.Errorf("%w: unread messages of conversation %s would go below zero", ErrInconsistent, c.ID)
	}
	c.Unread[side] += uint64(by)
	return tx.addUserCount(c.Users[side], userUnread, by)
}

// moveLast gives a conversation another newest message, 0 for none, and its
// place in the inboxes that it is in. One that had none enters both.
func (tx *Tx) moveLast(c *Conversation, last ID) error {
	if c.Last == last {
		return nil
	}
	for _, user := range c.Users {
		if c.Last != 0 {
			was := key2(user, c.Last)
			there, err := tx.has(inInbox, was)
			if err != nil {
				return err
			}
			if !there {
				continue // the user is gone
			}
			if err := tx.del(inInbox, was); err != nil {
				return err
			}
		}
		if last != 0 {
			if err := tx.put(inInbox, key2(user, last), key1(c.ID)); err != nil {
				return err
			}
		}
	}
	c.Last = last
	return nil
}

// Message gives one message of a conversation. ErrNotFound when there is none.
func (tx *Tx) Message(conversation, id ID) (Message, error) {
	m, err := loadAt[Message](tx, inMessages, key2(conversation, id))
	if err != nil {
		return Message{}, fmt.Errorf("message %s of %s: %w", id, conversation, err)
	}
	return m, nil
}

// DropMessage removes a message, and counts it as read by whoever had not read
// it. A conversation that is left empty stays, but in nobody's inbox; it goes
// when one of the two is gone. ErrNotFound when there is no such message.
func (tx *Tx) DropMessage(conversation, id ID) error {
	return tx.change("drop message", id, func() error { return tx.dropMessage(conversation, id) })
}

func (tx *Tx) dropMessage(conversation, id ID) error {
	key := key2(conversation, id)
	m, err := loadAt[Message](tx, inMessages, key)
	if err != nil {
		return err
	}
	c, err := led[Conversation](tx, inMessages, key, inConversations, conversation)
	if err != nil {
		return err
	}
	from := c.Side(m.User)
	if from < 0 {
		return corrupt(inMessages, key, errOtherRecord)
	}
	last := c.Last
	if id == last {
		if last, err = tx.newest(inMessages, c.ID, id); err != nil {
			return err
		}
	}
	reads, err := tx.has(inUsers, key1(c.Users[1-from]))
	if err != nil {
		return err
	}
	if err := tx.del(inMessages, key); err != nil {
		return err
	}
	if reads && id > c.Read[1-from] {
		if err := tx.addUnread(&c, 1-from, -1); err != nil {
			return err
		}
	}
	return tx.shrink(&c, last)
}

// shrink stores a conversation that has lost messages. One that is empty goes
// if nobody can write in it any more.
func (tx *Tx) shrink(c *Conversation, last ID) error {
	if err := tx.moveLast(c, last); err != nil {
		return err
	}
	if last != 0 {
		return store(tx, inConversations, c.ID, c)
	}
	for _, user := range c.Users {
		there, err := tx.has(inUsers, key1(user))
		if err != nil {
			return err
		}
		if !there {
			return tx.dropConversation(c)
		}
	}
	return store(tx, inConversations, c.ID, c)
}

// dropConversation removes a conversation that is empty.
func (tx *Tx) dropConversation(c *Conversation) error {
	for side, user := range c.Users {
		if err := tx.del(inPairs, key2(user, c.Users[1-side])); err != nil {
			return err
		}
	}
	return tx.del(inConversations, key1(c.ID))
}

// Messages yields the messages of a conversation, newest first, before an id
// (0: from the newest).
func (tx *Tx) Messages(conversation, before ID) iter.Seq2[Message, error] {
	w := &walk{tx: tx, b: inMessages, prefix: key1(conversation), back: true}
	if before != 0 {
		w.key = key2(conversation, before)
	}
	return each(w, readMessage)
}

func readMessage(key, value []byte) (m Message, err error) {
	if err := decode(value, &m); err != nil {
		return Message{}, corrupt(inMessages, key, err)
	}
	return m, nil
}

// ReadMessages notes that a user has read a conversation up to a message. It
// never goes back, nor beyond the newest; changed says whether something was
// unread. ErrNotFound when there is no such conversation of the user's.
func (tx *Tx) ReadMessages(conversation, user, upTo ID) (changed bool, err error) {
	err = tx.change("read conversation", conversation, func() error {
		changed, err = tx.readMessages(conversation, user, upTo)
		return err
	})
	return changed, err
}

func (tx *Tx) readMessages(conversation, user, upTo ID) (changed bool, err error) {
	c, err := load[Conversation](tx, inConversations, conversation)
	if err != nil {
		return false, err
	}
	side := c.Side(user)
	if side < 0 {
		return false, fmt.Errorf("user %s in it: %w", user, ErrNotFound)
	}
	if err := tx.want(inUsers, "user", user); err != nil {
		return false, err
	}
	upTo = min(upTo, c.Last)
	if upTo <= c.Read[side] || c.Unread[side] == 0 {
		return false, nil
	}
	read := c.Unread[side]
	if upTo < c.Last {
		if read, err = tx.countFrom(&c, 1-side, c.Read[side], upTo); err != nil {
			return false, err
		}
	}
	if read == 0 {
		return false, nil
	}
	c.Read[side] = upTo
	if err := tx.addUnread(&c, side, -int64(read)); err != nil {
		return false, err
	}
	return true, store(tx, inConversations, c.ID, &c)
}

// countFrom gives how many messages one of two users has written behind a
// message, up to another.
func (tx *Tx) countFrom(c *Conversation, side int, behind, upTo ID) (n uint64, err error) {
	w := &walk{tx: tx, b: inMessages, prefix: key1(c.ID)}
	if behind != 0 {
		w.key = key2(c.ID, behind)
	}
	for m, err := range each(w, readMessage) {
		if err != nil {
			return 0, err
		}
		if m.ID > upTo {
			break
		}
		if m.User == c.Users[side] {
			n++
		}
	}
	return n, nil
}

// Inbox yields the conversations of a user that have messages, the one with
// the newest message first, before a message (0: from the newest). Pages go on
// before Last of the last one that was seen.
func (tx *Tx) Inbox(user, before ID) iter.Seq2[Conversation, error] {
	w := &walk{tx: tx, b: inInbox, prefix: key1(user), back: true}
	if before != 0 {
		w.key = key2(user, before)
	}
	return each(w, tx.inboxed)
}

// inboxed loads the conversation that an entry of an inbox leads to.
func (tx *Tx) inboxed(key, value []byte) (Conversation, error) {
	if len(key) != 16 || len(value) != 8 {
		return Conversation{}, corrupt(inInbox, key, nil)
	}
	user, last := ID(binary.BigEndian.Uint64(key)), ID(binary.BigEndian.Uint64(key[8:]))
	c, err := led[Conversation](tx, inInbox, key, inConversations, ID(binary.BigEndian.Uint64(value)))
	if err == nil && (c.Last != last || c.Side(user) < 0) {
		return Conversation{}, corrupt(inInbox, key, errOtherRecord)
	}
	return c, err
}

// conversations checks what users wrote each other.
func (c *checker) conversations() {
	unread := make(map[ID]uint64)
	all(c, records[Conversation](c.tx, inConversations, 0), func(v *Conversation) {
		c.note(v.ID)
		if v.Users[0] == 0 || v.Users[0] >= v.Users[1] {
			c.wrong("conversation %s is of users %s and %s", v.ID, v.Users[0], v.Users[1])
			return
		}
		last, behind := c.messages(v)
		if v.Last != last {
			c.wrong("conversation %s ends with message %s, but says %s", v.ID, last, v.Last)
		}
		stay, going := 0, false
		for side, user := range v.Users {
			key, inbox := key2(user, v.Users[1-side]), key2(user, v.Last)
			if !c.has(inUsers, key1(user)) {
				if c.has(inGone, key1(user)) {
					going = true
					c.leaving(v, inPairs, key)
					c.leaving(v, inInbox, inbox)
				}
				continue
			}
			stay++
			c.entry(inPairs, key, key1(v.ID), v.ID)
			if v.Last != 0 {
				c.entry(inInbox, inbox, key1(v.ID), v.ID)
			}
			if v.Unread[side] != behind[side] {
				c.wrong("conversation %s is counted %d unread by %s; they are %d", v.ID, v.Unread[side], user, behind[side])
			}
			unread[user] += behind[side]
		}
		if stay < 2 && (stay == 0 || v.Last == 0) && !going {
			c.wrong("conversation %s was left behind", v.ID)
		}
	})
	all(c, c.tx.Users(0), func(u *User) {
		counts, err := c.tx.UserCounts(u.ID)
		if err != nil {
			c.found = append(c.found, err)
		} else if counts.Unread != unread[u.ID] {
			c.wrong("user %s is counted %d unread messages; they are %d", u.ID, counts.Unread, unread[u.ID])
		}
	})
}

// messages gives the newest message of a conversation, and how much of the
// other's each of its users has not read.
func (c *checker) messages(v *Conversation) (last ID, behind [2]uint64) {
	w := &walk{tx: c.tx, b: inMessages, prefix: key1(v.ID)}
	all(c, each(w, func(key, value []byte) (Message, error) {
		c.sizes[inMessages]++
		m, err := readMessage(key, value)
		if err == nil && !bytes.Equal(key, key2(m.Conversation, m.ID)) {
			c.wrong("message %s of %s stands under another's key", m.ID, v.ID)
		}
		return m, err
	}), func(m *Message) {
		c.note(m.ID)
		last = max(last, m.ID)
		from := v.Side(m.User)
		if from < 0 {
			c.wrong("message %s of %s is by %s", m.ID, v.ID, m.User)
			return
		}
		if m.ID > v.Read[1-from] {
			behind[1-from]++
		}
	})
	return last, behind
}

// leaving allows an entry that leads a user who is gone to a conversation.
func (c *checker) leaving(v *Conversation, b bucket, key []byte) {
	if c.has(b, key) {
		c.entry(b, key, key1(v.ID), v.ID)
	}
}

func (c *checker) has(b bucket, key []byte) bool {
	there, err := c.tx.has(b, key)
	if err != nil {
		c.found = append(c.found, err)
	}
	return there
}

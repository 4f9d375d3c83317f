package db

import "iter"

// Conversation gives the conversation with an id. ErrNotFound when there is
// none.
func (tx *Tx) Conversation(id ID) (Conversation, error) { panic("not yet") }

// ConversationOf gives the one conversation of two users, in either order.
// ErrNotFound when they have none.
func (tx *Tx) ConversationOf(a, b ID) (Conversation, error) { panic("not yet") }

// AddMessage stores a new message from one user to another, in their
// conversation, which is made if there is none; m.Conversation is filled in.
// It is unread by the other, and what the sender had not read counts as read.
// It gives the conversation as it is then.
func (tx *Tx) AddMessage(m Message, to ID) (Message, Conversation, error) { panic("not yet") }

// Message gives one message of a conversation. ErrNotFound when there is none.
func (tx *Tx) Message(conversation, id ID) (Message, error) { panic("not yet") }

// DropMessage removes a message, and counts it as read by whoever had not read
// it. A conversation that is left empty stays, but in nobody's inbox.
func (tx *Tx) DropMessage(conversation, id ID) error { panic("not yet") }

// Messages yields the messages of a conversation, newest first, before an id
// (0: from the newest).
func (tx *Tx) Messages(conversation, before ID) iter.Seq2[Message, error] { panic("not yet") }

// ReadMessages notes that a user has read a conversation up to a message. It
// never goes back; changed says whether something was unread.
func (tx *Tx) ReadMessages(conversation, user, upTo ID) (changed bool, err error) { panic("not yet") }

// Inbox yields the conversations of a user that have messages, the one with
// the newest message first, before a message (0: from the newest). Pages go on
// before Last of the last one that was seen.
func (tx *Tx) Inbox(user, before ID) iter.Seq2[Conversation, error] { panic("not yet") }

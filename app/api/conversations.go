package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

func wireMessage(v core.MessageView) wire.Message {
	m := v.Message
	w := wire.Message{
		ID: m.ID.String(), Conversation: m.Conversation.String(), Mine: v.Mine, Text: m.Text,
		Missing: v.Missing, Seen: v.Seen, Created: m.Created.UTC(),
	}
	if v.Track != nil {
		t := wireTrack(*v.Track)
		w.Track = &t
	}
	if v.Playlist != nil {
		p := wirePlaylist(*v.Playlist)
		w.Playlist = &p
	}
	return w
}

func wireConversation(v core.ConversationView) wire.Conversation {
	w := wire.Conversation{
		ID: wireID(v.Conversation.ID), Unread: v.Unread, CanWrite: v.CanWrite, SeenTo: wireID(v.SeenTo),
	}
	if v.With != nil {
		u := wireUserRef(*v.With)
		w.With = &u
	}
	if v.Last != nil {
		m := wireMessage(*v.Last)
		w.Last = &m
	}
	return w
}

func (s *Server) getConversations(ctx context.Context, in *Paged) (*wire.List[wire.Conversation], error) {
	p, err := s.core.Conversations(ctx, from(ctx).asker.User, in.core())
	return wireList(p, wireConversation), err
}

func (s *Server) getConversation(ctx context.Context, in *ByID) (*wire.Conversation, error) {
	return s.conversation(ctx, in, s.core.Conversation)
}

func (s *Server) getUserConversation(ctx context.Context, in *ByID) (*wire.Conversation, error) {
	return s.conversation(ctx, in, s.core.ConversationWith)
}

// conversation answers with one conversation.
func (s *Server) conversation(ctx context.Context, in *ByID, find func(ctx context.Context, me, id db.ID) (core.ConversationView, error)) (*wire.Conversation, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := find(ctx, from(ctx).asker.User, id)
	w := wireConversation(v)
	return &w, err
}

func (s *Server) getMessages(ctx context.Context, in *listOf) (*wire.List[wire.Message], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.core.Messages(ctx, from(ctx).asker.User, id, in.core())
	return wireList(p, wireMessage), err
}

type newMessage struct {
	ByID
	Body wire.NewMessage
}

func (s *Server) postMessage(ctx context.Context, in *newMessage) (*wire.Message, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	n := core.NewMessage{Text: in.Body.Text}
	if n.Track, err = optionalID(in.Body.Track); err != nil {
		return nil, err
	}
	if n.Playlist, err = optionalID(in.Body.Playlist); err != nil {
		return nil, err
	}
	v, err := s.core.Send(ctx, from(ctx).asker.User, id, n)
	w := wireMessage(v)
	return &w, err
}

type seenByID struct {
	ByID
	Body wire.Seen
}

func (s *Server) postMessagesSeen(ctx context.Context, in *seenByID) (*wire.State, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	upTo, err := pathID(in.Body.UpTo)
	if err != nil {
		return nil, err
	}
	st, err := s.core.SeeMessages(ctx, from(ctx).asker.User, id, upTo)
	return wireState(st), err
}

type messageByID struct {
	ByID
	Message string `path:"message" maxLength:"64"`
}

func (s *Server) deleteMessage(ctx context.Context, in *messageByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	message, err := pathID(in.Message)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DeleteMessage(ctx, from(ctx).asker.User, id, message)
}

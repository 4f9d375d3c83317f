package api

import (
	"context"
	"math"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
)

func wireComment(v core.CommentView) wire.Comment {
	m := v.Comment
	w := wire.Comment{
		ID: m.ID.String(), Track: m.Track.String(), Parent: wireID(m.Parent), PositionMS: m.Position / 1000, Whole: m.Whole,
		Text: m.Text, Created: m.Created.UTC(), Replies: m.Replies, CanEdit: v.MayEdit, CanDelete: v.MayDelete,
	}
	if !m.Edited.IsZero() {
		w.Edited = m.Edited.UTC()
	}
	switch {
	case v.User != nil && m.Guest != "":
		w.Guest = m.Guest
	case v.User != nil:
		u := wireUserRef(*v.User)
		w.User = &u
	}
	for _, reply := range v.First {
		w.First = append(w.First, wireComment(reply))
	}
	return w
}

// milliseconds reads a length of time; one beyond all measure stays there.
func milliseconds(ms int64) time.Duration {
	return time.Duration(min(ms, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
}

type commentsOf struct {
	ByID
	Paged
	Order string `query:"order" enum:"position,newest" default:"position" doc:"position: by their moments; newest: the newest first."`
	From  int64  `query:"from_ms" minimum:"0" doc:"With position: only those from this moment on."`
}

func (s *Server) getComments(ctx context.Context, in *commentsOf) (*wire.List[wire.Comment], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	which := core.CommentList{Newest: in.Order == "newest", From: milliseconds(in.From)}
	p, err := s.core.Comments(ctx, from(ctx).asker.User, id, which, in.core())
	return wireList(p, wireComment), err
}

type newComment struct {
	ByID
	Body wire.NewComment
}

func (s *Server) postComment(ctx context.Context, in *newComment) (*wire.Comment, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	n := core.NewComment{Track: id, At: milliseconds(in.Body.PositionMS), Text: in.Body.Text, Guest: in.Body.Guest, From: from(ctx).client}
	if n.Parent, err = optionalID(in.Body.Parent); err != nil {
		return nil, err
	}
	v, err := s.core.AddComment(ctx, from(ctx).asker.User, n)
	w := wireComment(v)
	return &w, err
}

func (s *Server) getMarks(ctx context.Context, in *ByID) (*wire.Marks, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	marks, comments, err := s.core.Marks(ctx, from(ctx).asker.User, id)
	w := &wire.Marks{Items: make([]wire.Mark, 0, len(marks)), Comments: comments}
	for _, m := range marks {
		mark := wire.Mark{PositionMS: m.First.Position / 1000, N: m.N, Comment: m.First.Comment.String()}
		if u := wireUserRef(m.User); m.User.ID == 0 {
			mark.Guest = m.User.Name
		} else {
			mark.User = &u
		}
		w.Items = append(w.Items, mark)
	}
	return w, err
}

func (s *Server) getComment(ctx context.Context, in *ByID) (*wire.Comment, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.Comment(ctx, from(ctx).asker.User, id)
	w := wireComment(v)
	return &w, err
}

func (s *Server) getReplies(ctx context.Context, in *listOf) (*wire.List[wire.Comment], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.core.Replies(ctx, from(ctx).asker.User, id, in.core())
	return wireList(p, wireComment), err
}

type commentPatch struct {
	ByID
	Body wire.CommentPatch
}

func (s *Server) patchComment(ctx context.Context, in *commentPatch) (*wire.Comment, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.EditComment(ctx, from(ctx).asker.User, id, in.Body.Text)
	w := wireComment(v)
	return &w, err
}

func (s *Server) deleteComment(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DeleteComment(ctx, from(ctx).asker.User, id)
}

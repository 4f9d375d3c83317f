package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

var noticeKinds = map[db.Notice]string{
	db.NoticeFollow: "follow", db.NoticeComment: "comment", db.NoticeReply: "reply", db.NoticeLike: "like",
	db.NoticeRepost: "repost", db.NoticeMention: "mention", db.NoticeNewTrack: "new_track",
}

func wireNotification(v core.NoticeView) wire.Notification {
	w := wire.Notification{
		ID: v.ID.String(), Kind: noticeKinds[v.Kind], Actors: []wire.User{}, N: v.N, Guests: v.Guests, Comments: v.Comments, Created: v.Created.UTC(), Seen: v.Seen,
	}
	for _, u := range v.Actors {
		w.Actors = append(w.Actors, wireUser(u))
	}
	if v.Track != nil {
		t := wireTrack(*v.Track)
		w.Track = &t
	}
	if v.Playlist != nil {
		p := wirePlaylist(*v.Playlist)
		w.Playlist = &p
	}
	if v.Comment != nil {
		m := wireComment(*v.Comment)
		w.Comment = &m
	}
	return w
}

func (s *Server) getNotifications(ctx context.Context, in *Paged) (*wire.Notifications, error) {
	p, err := s.core.Notifications(ctx, from(ctx).asker.User, in.core())
	list := wireList(p, wireNotification)
	return &wire.Notifications{Items: list.Items, Next: list.Next}, err
}

func (s *Server) postNotificationsSeen(ctx context.Context, in *body[wire.Seen]) (*wire.State, error) {
	id, err := pathID(in.Body.UpTo)
	if err != nil {
		return nil, err
	}
	st, err := s.core.SeeNotifications(ctx, from(ctx).asker.User, id)
	return wireState(st), err
}

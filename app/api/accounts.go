package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

func (s *Server) getHouse(ctx context.Context, _ *struct{}) (*wire.House, error) {
	h, err := s.core.House(ctx)
	return s.wireHouse(h), err
}

func (s *Server) patchHouse(ctx context.Context, in *body[wire.HousePatch]) (*wire.House, error) {
	change := core.HouseChange{
		Name: in.Body.Name, Visitors: in.Body.Visitors, MostBytes: in.Body.QuotaBytes, MostTracks: in.Body.QuotaTracks,
	}
	if in.Body.SignUp != nil {
		v := signUp(*in.Body.SignUp)
		change.SignUp = &v
	}
	change.BackupEvery, change.BackupKeep, change.ScanEvery = inMS(in.Body.BackupEveryMS), in.Body.BackupKeep, inMS(in.Body.ScanEveryMS)
	h, err := s.core.ChangeHouse(ctx, from(ctx).asker.User, change)
	return s.wireHouse(h), err
}

// signedIn gives the browser its cookie and everybody the token, or the ticket
// for the second factor.
func (s *Server) signedIn(ctx context.Context, in core.SignedIn, err error) (*wire.SignedIn, error) {
	if err != nil {
		return nil, err
	}
	if in.Ticket != "" {
		return &wire.SignedIn{Ticket: in.Ticket}, nil
	}
	s.setSession(ctx, in.Token)
	return &wire.SignedIn{Token: in.Token, Expires: in.Session.Expires.UTC(), Me: s.wireMe(ctx, in.User)}, nil
}

func (s *Server) postSetup(ctx context.Context, in *body[wire.Setup]) (*wire.SignedIn, error) {
	b := in.Body
	account := core.NewAccount{Email: b.Email, Password: b.Password, Name: b.Name}
	house := db.House{Name: b.House, SignUp: signUp(b.SignUp), Visitors: b.Visitors}
	out, err := s.core.SetUp(ctx, b.Token, account, house, from(ctx).client)
	return s.signedIn(ctx, out, err)
}

func (s *Server) postSignUp(ctx context.Context, in *body[wire.SignUp]) (*wire.SignedIn, error) {
	b := in.Body
	out, err := s.core.SignUp(ctx, core.NewAccount{
		Email: b.Email, Password: b.Password, Name: b.Name, Age: b.Age, Gender: b.Gender, Invite: b.Invite,
	}, from(ctx).client)
	return s.signedIn(ctx, out, err)
}

func (s *Server) postSignIn(ctx context.Context, in *body[wire.SignIn]) (*wire.SignedIn, error) {
	out, err := s.core.SignIn(ctx, in.Body.Email, in.Body.Password, from(ctx).client)
	return s.signedIn(ctx, out, err)
}

func (s *Server) postSignOut(ctx context.Context, _ *struct{}) (*none, error) {
	if err := s.core.SignOut(ctx, from(ctx).asker); err != nil {
		return nil, err
	}
	s.setSession(ctx, "")
	return nil, nil
}

func (s *Server) getMe(ctx context.Context, _ *struct{}) (*wire.Me, error) {
	u, err := s.core.Me(ctx, from(ctx).asker.User)
	me := s.wireMe(ctx, u)
	return &me, err
}

func (s *Server) patchMe(ctx context.Context, in *body[wire.MePatch]) (*wire.Me, error) {
	b := in.Body
	pinned, err := pinnedID(b.Pinned)
	if err != nil {
		return nil, err
	}
	u, err := s.core.EditMe(ctx, from(ctx).asker.User, core.MyChange{
		Name: b.Name, Username: b.Username, Bio: b.Bio, Age: b.Age, Gender: b.Gender, Pinned: pinned, Notify: notify(b.Notify),
	})
	me := s.wireMe(ctx, u)
	return &me, err
}

func (s *Server) deleteMyPicture(ctx context.Context, _ *struct{}) (*wire.Me, error) {
	u, err := s.core.SetMyPicture(ctx, from(ctx).asker.User, nil)
	me := s.wireMe(ctx, u)
	return &me, err
}

func (s *Server) deleteMyBanner(ctx context.Context, _ *struct{}) (*wire.Me, error) {
	u, err := s.core.SetMyBanner(ctx, from(ctx).asker.User, nil)
	me := s.wireMe(ctx, u)
	return &me, err
}

func (s *Server) putPassword(ctx context.Context, in *body[wire.PasswordChange]) (*wire.SignedIn, error) {
	ex := from(ctx)
	out, err := s.core.ChangePassword(ctx, ex.asker, in.Body.Current, in.Body.New, ex.client)
	return s.signedIn(ctx, out, err)
}

func (s *Server) getSessions(ctx context.Context, _ *struct{}) (*wire.List[wire.Session], error) {
	ex := from(ctx)
	list, err := s.core.Sessions(ctx, ex.asker.User)
	return wireList(core.Page[db.Session]{Items: list}, func(x db.Session) wire.Session {
		return wireSession(x, ex.asker.Session)
	}), err
}

func (s *Server) deleteSession(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.EndSession(ctx, from(ctx).asker.User, id)
}

func (s *Server) deleteSessions(ctx context.Context, in *whichSessions) (*none, error) {
	if !in.All {
		return nil, s.core.EndOtherSessions(ctx, from(ctx).asker)
	}
	err := s.core.EndAllSessions(ctx, from(ctx).asker.User)
	if err == nil {
		s.setSession(ctx, "")
	}
	return nil, err
}

type whichSessions struct {
	All bool `query:"all" doc:"This one too."`
}

func (s *Server) getUser(ctx context.Context, in *ByID) (*wire.User, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	u, err := s.core.User(ctx, from(ctx).asker.User, id)
	w := wireUser(u)
	return &w, err
}

// pinnedID reads which track is to be pinned; empty for none.
func pinnedID(s *string) (*db.ID, error) {
	if s == nil {
		return nil, nil
	}
	var id db.ID
	if *s != "" {
		var err error
		if id, err = pathID(*s); err != nil {
			return nil, err
		}
	}
	return &id, nil
}

// notify reads which kinds of notifications are wanted.
func notify(n *wire.NotifyPatch) map[db.Notice]bool {
	if n == nil {
		return nil
	}
	wanted := map[db.Notice]bool{}
	for kind, b := range map[db.Notice]*bool{
		db.NoticeFollow: n.Follow, db.NoticeComment: n.Comment, db.NoticeReply: n.Reply, db.NoticeLike: n.Like,
		db.NoticeRepost: n.Repost, db.NoticeMention: n.Mention, db.NoticeNewTrack: n.NewTrack, db.NoticeMessage: n.Message,
	} {
		if b != nil {
			wanted[kind] = *b
		}
	}
	return wanted
}

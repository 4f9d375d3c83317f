package api

import (
	"context"

	"earshot/app/api/wire"
)

func (s *Server) postReset(ctx context.Context, in *struct {
	ByID
	Body wire.NewReset
}) (*wire.OneTimeLink, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	ex := from(ctx)
	made, err := s.core.MakeReset(ctx, ex.asker, id, in.Body.Password, ex.client)
	if err != nil {
		return nil, err
	}
	link, err := s.oneTimeLink("/reset#"+made.Code, in.Body.Origin, made.Expires.UTC())
	return &link, err
}

func (s *Server) postResetCheck(ctx context.Context, in *body[wire.LinkCode]) (*wire.ResetOffer, error) {
	name, err := s.core.LookAtReset(ctx, in.Body.Code, from(ctx).client)
	return &wire.ResetOffer{Name: name}, err
}

func (s *Server) postPasswordReset(ctx context.Context, in *body[wire.PasswordReset]) (*wire.SignedIn, error) {
	out, err := s.core.ResetPassword(ctx, in.Body.Code, in.Body.Password, from(ctx).client)
	return s.signedIn(ctx, out, err)
}

func (s *Server) postForgot(ctx context.Context, in *body[wire.Forgotten]) (*none, error) {
	return nil, s.core.Forgot(ctx, in.Body.Email, in.Body.Language, from(ctx).client)
}

func (s *Server) putEmail(ctx context.Context, in *body[wire.EmailChange]) (*wire.Me, error) {
	ex := from(ctx)
	u, err := s.core.ChangeEmail(ctx, ex.asker, in.Body.Email, in.Body.Password, ex.client)
	me := s.wireMe(ctx, u)
	return &me, err
}

package api

import (
	"context"
	"net/url"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

func (s *Server) getInvites(ctx context.Context, in *Paged) (*wire.List[wire.Invite], error) {
	p, err := s.core.Invites(ctx, from(ctx).asker.User, in.core())
	return wireList(p, wireInvite), err
}

func (s *Server) postInvite(ctx context.Context, in *body[wire.NewInvite]) (*wire.MadeInvite, error) {
	b := in.Body
	v, err := s.core.MakeInvite(ctx, from(ctx).asker.User, core.NewInvite{
		Note: b.Note, Uses: b.Uses, Lives: time.Duration(max(b.Hours, 0)) * time.Hour, Ever: b.Hours < 0,
	})
	if err != nil {
		return nil, err
	}
	link, err := s.oneTimeLink("/invite#"+v.Code, b.Origin, v.Invite.Expires)
	return &wire.MadeInvite{Invite: wireInvite(v), Link: link}, err
}

func (s *Server) deleteInvite(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DropInvite(ctx, from(ctx).asker.User, id)
}

func (s *Server) postInviteCheck(ctx context.Context, in *body[wire.LinkCode]) (*wire.InviteOffer, error) {
	offer, err := s.core.LookAtInvite(ctx, in.Body.Code, from(ctx).client)
	return &wire.InviteOffer{House: offer.House, By: offer.By}, err
}

var inviteStates = map[core.InviteState]string{
	core.InviteGood: "good", core.InviteUsed: "used", core.InviteExpired: "expired", core.InviteVoid: "void",
}

func wireInvite(v core.InviteView) wire.Invite {
	i := v.Invite
	w := wire.Invite{
		ID: i.ID.String(), Note: i.Note, State: inviteStates[v.State], Uses: i.Uses, Used: i.Used,
		Users: wireAll(v.Users, wireUserRef), Created: i.Created.UTC(), Expires: i.Expires,
	}
	if v.By.ID != 0 {
		by := wireUserRef(v.By)
		w.By = &by
	}
	return w
}

// oneTimeLink writes a link as an address and as a QR code. It begins with the
// address of the settings, or else with the one at which the asker's browser
// says it reaches the house.
func (s *Server) oneTimeLink(path, origin string, expires time.Time) (wire.OneTimeLink, error) {
	base := s.origin
	if u, err := url.Parse(origin); base == "" && err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && origin == u.Scheme+"://"+u.Host {
		base = origin
	}
	address := base + s.at(path)
	code, err := drawQR(address)
	return wire.OneTimeLink{URL: address, QR: code, Expires: expires}, err
}

func wireAccount(v core.AccountView) wire.Account {
	u := v.User
	own := func(quota uint64) int64 {
		if quota == db.NoQuota {
			return -1
		}
		return int64(quota)
	}
	return wire.Account{
		User: wireUser(v.UserView), Email: u.Email, UsedBytes: u.Bytes, UsedTracks: u.Tracks,
		MostBytes: own(u.MostBytes), MostTracks: own(u.MostTracks), Quota: wire.Quota(v.Quota), ResetUntil: v.Reset.Expires,
	}
}

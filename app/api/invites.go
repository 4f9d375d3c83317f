package api

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

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

func (s *Server) postInviteCheck(ctx context.Context, in *body[wire.Code]) (*wire.InviteOffer, error) {
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
	base := s.public
	if u, err := url.Parse(origin); base == "" && err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && origin == u.Scheme+"://"+u.Host {
		base = origin
	}
	code, err := qrPath(base + path)
	return wire.OneTimeLink{URL: base + path, QR: code, Expires: expires}, err
}

// qrPath draws a QR code as runs of dark modules, row by row.
func qrPath(text string) (wire.QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return wire.QR{}, fmt.Errorf("draw a QR code: %w", err)
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool {
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	var b strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for x < size && dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return wire.QR{Size: size, Path: b.String()}, nil
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

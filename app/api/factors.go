package api

import (
	"context"
	"encoding/base64"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"earshot/app/api/wire"
	"earshot/app/auth"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

func (s *Server) postCode(ctx context.Context, in *body[wire.Code]) (*wire.SignedIn, error) {
	out, err := s.core.SignInByCode(ctx, in.Body.Ticket, in.Body.Code, from(ctx).client)
	return s.signedIn(ctx, out, err)
}

func (s *Server) getSecurity(ctx context.Context, _ *struct{}) (*wire.Security, error) {
	kept, err := s.core.MySecurity(ctx, from(ctx).asker.User)
	w := &wire.Security{
		Password: kept.Password, Passkeys: []wire.Passkey{}, PasskeyOrigin: s.site(ctx).Origin,
		Factor: wire.Factor{On: kept.Factor.Confirmed, Left: len(kept.Factor.Recovery)},
	}
	if kept.Factor.Confirmed {
		w.Factor.Since = kept.Factor.Created.UTC()
	}
	for _, p := range kept.Passkeys {
		w.Passkeys = append(w.Passkeys, wirePasskey(p))
	}
	return w, err
}

func (s *Server) postFactorBegin(ctx context.Context, in *body[wire.Proof]) (*wire.FactorSetup, error) {
	ex := from(ctx)
	set, err := s.core.BeginFactor(ctx, ex.asker, in.Body.Password, ex.client)
	if err != nil {
		return nil, err
	}
	code, err := drawQR(set.URI)
	return &wire.FactorSetup{Key: set.Secret, URI: set.URI, QR: code}, err
}

func (s *Server) postFactorConfirm(ctx context.Context, in *body[wire.FirstCode]) (*wire.RecoveryCodes, error) {
	ex := from(ctx)
	codes, err := s.core.ConfirmFactor(ctx, ex.asker, in.Body.Code, ex.client)
	return &wire.RecoveryCodes{Codes: codes}, err
}

func (s *Server) postFactorCodes(ctx context.Context, in *body[wire.CodeProof]) (*wire.RecoveryCodes, error) {
	ex := from(ctx)
	codes, err := s.core.NewRecovery(ctx, ex.asker, in.Body.Password, in.Body.Code, ex.client)
	return &wire.RecoveryCodes{Codes: codes}, err
}

func (s *Server) postFactorOff(ctx context.Context, in *body[wire.CodeProof]) (*none, error) {
	ex := from(ctx)
	return nil, s.core.DropMyFactor(ctx, ex.asker, in.Body.Password, in.Body.Code, ex.client)
}

type provedByID struct {
	ByID
	Body wire.Proof
}

func (s *Server) postUserFactorOff(ctx context.Context, in *provedByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	ex := from(ctx)
	return nil, s.core.RemoveFactor(ctx, ex.asker, id, in.Body.Password, ex.client)
}

// site tells where passkeys work: at public_url, else at the address that is
// asked, where that is https or this machine. Forwarding headers are not looked
// at, and an IP address is no place for a passkey. The zero Site is none.
func (s *Server) site(ctx context.Context) auth.Site {
	origin := s.origin
	if ex := from(ctx); origin == "" && ex.secure {
		origin = "https://" + ex.host
	} else if origin == "" {
		origin = "http://" + ex.host
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil {
		return auth.Site{}
	}
	name := strings.ToLower(u.Hostname())
	if _, err := netip.ParseAddr(name); err == nil || name == "" {
		return auth.Site{}
	}
	local := name == "localhost" || strings.HasSuffix(name, ".localhost")
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return auth.Site{}
	}
	host := name
	if port := u.Port(); port != "" && !(u.Scheme == "https" && port == "443") && !(u.Scheme == "http" && port == "80") {
		host = net.JoinHostPort(name, port)
	}
	return auth.Site{ID: name, Origin: u.Scheme + "://" + host}
}

func (s *Server) postPasskeyBegin(ctx context.Context, _ *struct{}) (*wire.PasskeyAsk, error) {
	site := s.site(ctx)
	ask, err := s.core.BeginPasskeySignIn(ctx, site)
	return wireAsk(ask, site), err
}

func (s *Server) postPasskey(ctx context.Context, in *body[wire.ShownPasskey]) (*wire.SignedIn, error) {
	var r bytesReader
	b := in.Body
	shown := auth.Shown{
		ID: r.read("id", b.ID), ClientData: r.read("client_data", b.ClientData), AuthenticatorData: r.read("data", b.Data),
		Signature: r.read("signature", b.Signature), User: r.read("user", b.User),
	}
	if r.err != nil {
		return nil, r.err
	}
	out, err := s.core.SignInByPasskey(ctx, s.site(ctx), b.Paper, shown, from(ctx).client)
	return s.signedIn(ctx, out, err)
}

func (s *Server) postMyPasskeyBegin(ctx context.Context, in *body[wire.Proof]) (*wire.PasskeyAsk, error) {
	ex, site := from(ctx), s.site(ctx)
	ask, err := s.core.BeginPasskey(ctx, ex.asker, site, in.Body.Password, ex.client)
	return wireAsk(ask, site), err
}

func (s *Server) postMyPasskey(ctx context.Context, in *body[wire.NewPasskey]) (*wire.Passkey, error) {
	var r bytesReader
	b := in.Body
	made := auth.Made{
		ID: r.read("id", b.ID), ClientData: r.read("client_data", b.ClientData),
		Attestation: r.read("attestation", b.Attestation), Transports: b.Transports,
	}
	if r.err != nil {
		return nil, r.err
	}
	ex := from(ctx)
	p, err := s.core.AddPasskey(ctx, ex.asker.User, s.site(ctx), b.Paper, b.Name, made, ex.client)
	w := wirePasskey(p)
	return &w, err
}

// patchPasskey is a change of an own passkey.
type patchPasskey struct {
	ByID
	Body wire.PasskeyPatch
}

func (s *Server) patchMyPasskey(ctx context.Context, in *patchPasskey) (*wire.Passkey, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.core.RenamePasskey(ctx, from(ctx).asker.User, id, in.Body.Name)
	w := wirePasskey(p)
	return &w, err
}

func (s *Server) deleteMyPasskey(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DropPasskey(ctx, from(ctx).asker.User, id)
}

func wirePasskey(p db.Passkey) wire.Passkey {
	w := wire.Passkey{ID: p.ID.String(), Name: p.Name, Created: p.Created.UTC(), Synced: p.Syncs}
	if !p.Used.IsZero() {
		w.Used = p.Used.UTC()
	}
	return w
}

// wireAsk writes what the browser needs.
func wireAsk(a core.PasskeyAsk, site auth.Site) *wire.PasskeyAsk {
	text := base64.RawURLEncoding.EncodeToString
	w := &wire.PasskeyAsk{Paper: a.Paper, Challenge: text(a.Challenge), Site: site.ID}
	if a.User.ID == 0 {
		return w
	}
	w.House, w.Account, w.Name, w.Kinds = a.House, a.User.Email, a.User.Name, auth.PasskeyAlgorithms
	w.User = text(a.Handle)
	for _, p := range a.Have {
		w.Have = append(w.Have, text(p.Credential))
	}
	return w
}

// bytesReader reads bytes in base64url, and keeps the first failure.
type bytesReader struct{ err error }

func (r *bytesReader) read(field, text string) []byte {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if (err != nil || strings.ContainsAny(text, "\r\n")) && r.err == nil {
		r.err = fault.New(fault.Invalid, "bad_request", "These are no bytes in base64url.").In(field)
	}
	return b
}

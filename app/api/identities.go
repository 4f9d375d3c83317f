package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/app/fault"
)

// ByName is the input of an operation on one provider.
type ByName struct {
	Name string `path:"name" maxLength:"64"`
}

type namedBody[T any] struct {
	ByName
	Body T
}

func (s *Server) postGoogle(ctx context.Context, in *body[wire.IDToken]) (*wire.SignedIn, error) {
	return s.signInOpenID(ctx, "google", in.Body)
}

func (s *Server) postOpenID(ctx context.Context, in *namedBody[wire.IDToken]) (*wire.SignedIn, error) {
	return s.signInOpenID(ctx, in.Name, in.Body)
}

func (s *Server) signInOpenID(ctx context.Context, name string, b wire.IDToken) (*wire.SignedIn, error) {
	out, err := s.core.SignInOpenID(ctx, name, b.IDToken, b.Nonce, b.Invite, from(ctx).client)
	return s.signedIn(ctx, out, err)
}

func (s *Server) postOpenIDLink(ctx context.Context, in *body[wire.OpenIDLink]) (*wire.SignedIn, error) {
	out, err := s.core.LinkOpenID(ctx, in.Body.Ticket, in.Body.Password, from(ctx).client)
	return s.signedIn(ctx, out, err)
}

func (s *Server) getIdentities(ctx context.Context, _ *struct{}) (*wire.List[wire.Identity], error) {
	list, err := s.core.Identities(ctx, from(ctx).asker.User)
	return wireList(core.Page[core.IdentityView]{Items: list}, wireIdentity), err
}

// postIdentity connects by an ID token, or sends to the issuer for one.
func (s *Server) postIdentity(ctx context.Context, in *namedBody[wire.Connect]) (*wire.Connected, error) {
	ex := from(ctx)
	if in.Body.IDToken != "" {
		v, err := s.core.ConnectOpenID(ctx, ex.asker, in.Name, in.Body.IDToken, in.Body.Nonce, in.Body.Password, ex.client)
		i := wireIdentity(v)
		return &wire.Connected{Identity: &i}, err
	}
	away, err := s.core.GoToConnect(ctx, ex.asker, in.Name, in.Body.Password, core.Wish{Callback: s.callback(ex, in.Name), Next: s.within(in.Body.Next)}, ex.client)
	if err != nil {
		return nil, err
	}
	s.setCookie(ctx, openIDCookie, away.Trip, core.OpenIDWithin)
	return &wire.Connected{Redirect: away.Address}, nil
}

func (s *Server) deleteIdentity(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DropIdentity(ctx, from(ctx).asker.User, id)
}

func wireIdentity(v core.IdentityView) wire.Identity {
	i := v.Identity
	return wire.Identity{
		ID: i.ID.String(), Provider: v.Name, Title: v.Title, Email: i.Email, Created: i.Created.UTC(), Used: i.Used.UTC(),
	}
}

func wireProvider(p core.Provider) wire.Provider { return wire.Provider{Name: p.Name, Title: p.Title} }

// callback is the address to which an issuer sends people back. It is
// registered there, so that one made of a foreign Host leads nowhere.
func (s *Server) callback(ex *exchange, name string) string {
	origin := s.origin
	if origin == "" && ex.secure {
		origin = "https://" + ex.host
	} else if origin == "" {
		origin = "http://" + ex.host
	}
	return origin + s.base + "/api/auth/openid/" + url.PathEscape(name) + "/callback"
}

// getOpenIDStart sends a browser to an issuer. All it writes is a cookie that
// ties what comes back to this browser.
func (s *Server) getOpenIDStart(w http.ResponseWriter, r *http.Request) error {
	ex, q := from(r.Context()), r.URL.Query()
	name, next, invite := r.PathValue("name"), s.within(q.Get("next")), q.Get("invite")
	away, err := s.core.GoToIssuer(r.Context(), name, core.Wish{Callback: s.callback(ex, name), Next: next, Invite: invite})
	if err != nil {
		s.sendBack(w, r, core.Arrival{Next: core.OwnPath(next), Invited: invite != ""}, name, err)
		return nil
	}
	s.setCookie(r.Context(), openIDCookie, away.Trip, core.OpenIDWithin)
	redirect(w, r, away.Address)
	return nil
}

// getOpenIDCallback takes who comes back from an issuer.
func (s *Server) getOpenIDCallback(w http.ResponseWriter, r *http.Request) error {
	ex, q := from(r.Context()), r.URL.Query()
	in := core.Return{
		Name: r.PathValue("name"), State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"), Issuer: q.Get("iss"),
	}
	if trip, ok := s.cookie(r, openIDCookie); ok {
		in.Trip = trip
		s.setCookie(r.Context(), openIDCookie, "", 0)
	}
	arrived, err := s.core.ComeBack(r.Context(), in, ex.asker, ex.client)
	if err == nil && arrived.SignedIn.Ticket == "" {
		if !arrived.Connecting {
			s.setSession(r.Context(), arrived.SignedIn.Token)
		}
		redirect(w, r, s.at(arrived.Next))
		return nil
	}
	s.sendBack(w, r, arrived, in.Name, err)
	return nil
}

// sendBack shows the page on which somebody goes on who is not in yet. What
// only they may know stands behind the #, which no log sees.
func (s *Server) sendBack(w http.ResponseWriter, r *http.Request, arrived core.Arrival, name string, err error) {
	page, q, rest := "/sign-in", url.Values{}, ""
	if arrived.Connecting {
		page, rest = "/settings", "#connected"
	} else if arrived.Next != "/" {
		q.Set("next", arrived.Next)
	}
	switch f := fault.Of(err); {
	case err == nil:
		rest = "#ticket=" + arrived.SignedIn.Ticket
	case f.Ticket != "":
		q.Set("provider", name)
		rest = "#link=" + f.Ticket
	default:
		if arrived.Invited { // where the code still is
			page = "/invite"
		}
		a := s.fail(r.Context(), err)
		q.Set("error", a.Detail.Code)
		q.Set("provider", name)
	}
	if len(q) > 0 {
		page += "?" + q.Encode()
	}
	redirect(w, r, s.at(page+rest))
}

func redirect(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// givesRedirect documents an answer that leads elsewhere, with its parameters.
func givesRedirect(parameters ...string) func(*huma.Operation) {
	return func(o *huma.Operation) {
		o.Responses["303"] = &huma.Response{Description: "Leads on", Content: map[string]*huma.MediaType{
			"text/html": {Schema: &huma.Schema{Type: "string"}},
		}}
		for i := 0; i+1 < len(parameters); i += 2 {
			o.Parameters = append(o.Parameters, &huma.Param{
				Name: parameters[i], In: "query", Description: parameters[i+1], Schema: &huma.Schema{Type: "string"},
			})
		}
	}
}

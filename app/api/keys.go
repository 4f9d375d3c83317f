package api

import (
	"context"
	"net/url"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

var keyKinds = map[string]db.KeyKind{"app": db.KeyApp, "api": db.KeyAPI, "feed": db.KeyFeed}

var keyKindNames = map[db.KeyKind]string{db.KeyApp: "app", db.KeyAPI: "api", db.KeyFeed: "feed"}

// keysQuery says which keys are meant.
type keysQuery struct {
	Kind string `query:"kind" enum:"app,api,feed" default:"app"`
}

func (s *Server) getKeys(ctx context.Context, in *keysQuery) (*wire.List[wire.Key], error) {
	list, err := s.core.Keys(ctx, from(ctx).asker.User, keyKinds[in.Kind])
	return wireList(core.Page[db.Key]{Items: list}, s.wireKey), err
}

func (s *Server) wireKey(k db.Key) wire.Key {
	w := wire.Key{
		ID: k.ID.String(), Kind: keyKindNames[k.Kind], Name: k.Name, Created: k.Created.UTC(), Client: k.Client, Expired: s.core.Expired(k),
	}
	if !k.Expires.IsZero() {
		w.Expires = k.Expires.UTC()
	}
	if !k.Used.IsZero() {
		w.Used = k.Used.UTC()
	}
	if k.Kind == db.KeyAPI {
		w.Scopes = core.ScopeNames(k.Scopes)
	}
	switch k.Feed.Kind {
	case db.KindUser:
		w.Feed = &wire.KeyFeed{Kind: "user", ID: k.Feed.ID.String()}
	case db.KindPlaylist:
		w.Feed = &wire.KeyFeed{Kind: "playlist", ID: k.Feed.ID.String()}
	}
	return w
}

func (s *Server) postKey(ctx context.Context, in *body[wire.NewKey]) (*wire.MadeKey, error) {
	ex, b := from(ctx), in.Body
	made, err := s.core.MakeKey(ctx, ex.asker, core.NewKey{
		Kind: keyKinds[b.Kind], Name: b.Name, Scopes: core.ScopesOf(b.Scopes), Days: b.Days,
	}, b.Password, ex.client)
	if err != nil {
		return nil, err
	}
	me, err := s.core.Me(ctx, ex.asker.User)
	if err != nil {
		return nil, err
	}
	home, err := s.oneTimeLink("/", b.Origin, made.Expires)
	if err != nil {
		return nil, err
	}
	w := &wire.MadeKey{Key: s.wireKey(made.Key), Secret: made.Secret, Address: home.URL, Username: me.User.Username}
	if made.Kind == db.KeyApp {
		link, err := s.oneTimeLink("/settings/connect#"+url.Values{"user": {w.Username}, "secret": {w.Secret}}.Encode(), b.Origin, made.Expires)
		if err != nil {
			return nil, err
		}
		w.Link, w.QR = link.URL, &link.QR
	}
	return w, nil
}

// patchKey is a change of an own key.
type patchKey struct {
	ByID
	Body wire.KeyPatch
}

func (s *Server) patchKey(ctx context.Context, in *patchKey) (*wire.Key, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	k, err := s.core.RenameKey(ctx, from(ctx).asker, id, in.Body.Name)
	w := s.wireKey(k)
	return &w, err
}

func (s *Server) deleteKey(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DropKey(ctx, from(ctx).asker, id)
}

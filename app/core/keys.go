package core

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

const (
	mostKeys    = 100 // of one user, of all kinds
	maxKeyName  = 60
	maxClient   = 60
	appSecret   = 20         // letters and digits of an app password: 100 bits, to be typed on a phone
	tokenPrefix = "earshot_" // by which a token of the API is told from a session's
	keyUsed     = 5 * time.Minute
	sealedKey   = "key" // the kind of sealed secrets
)

// maxKeyDays is how far off the end of a key may be.
const maxKeyDays = 3660

// allScopes are the scopes that a token may have.
const allScopes = db.ScopeRead | db.ScopeWrite | db.ScopeMessages | db.ScopeKeep

// errKeyShut keeps programs away from what an account is kept by.
var errKeyShut = fault.New(fault.Forbidden, "key.scope", "No program may do this, whatever its key is for. Sign in yourself.")

type scopeName struct {
	scope db.Scopes
	name  string
}

// scopeNames are the scopes as people read them.
var scopeNames = []scopeName{{db.ScopeRead, "read"}, {db.ScopeWrite, "write"}, {db.ScopeMessages, "messages"}, {db.ScopeKeep, "keep"}}

// ScopeNames gives the names of a set of scopes.
func ScopeNames(s db.Scopes) []string {
	names := []string{}
	for _, one := range scopeNames {
		if s&one.scope != 0 {
			names = append(names, one.name)
		}
	}
	return names
}

// ScopesOf is the opposite. What is no name of a scope makes a set that no token
// may have.
func ScopesOf(names []string) (s db.Scopes) {
	for _, name := range names {
		i := slices.IndexFunc(scopeNames, func(one scopeName) bool { return one.name == name })
		if i < 0 {
			return ^allScopes
		}
		s |= scopeNames[i].scope
	}
	return s
}

// IsToken tells whether a secret is in the form of a token of the API.
func IsToken(secret string) bool { return strings.HasPrefix(secret, tokenPrefix) }

// Permits decides whether whoever asks may do what one of some scopes is enough
// for; with none of them it is for people alone. People may always: what they
// may do, everything else decides.
func (who Asker) Permits(needs db.Scopes) error {
	switch {
	case who.Key == 0 || who.Scopes&needs != 0:
		return nil
	case needs == 0:
		return errKeyShut
	}
	return fault.New(fault.Forbidden, "key.scope", fmt.Sprintf("This token is for other things. It would need the scope %s.", strings.Join(ScopeNames(needs), " or ")))
}

// byKey is a program that acts for a user.
type byKey struct {
	user   db.ID
	scopes db.Scopes
}

// may tells whether a program may do what a scope is for. People may always.
func (k *byKey) may(s db.Scopes) bool { return k == nil || k.scopes&s != 0 }

// may tells whether the asker, if a program, may do what a scope is for.
func (a asker) may(s db.Scopes) bool { return a.key.may(s) }

type byKeyKey struct{}

// ByKey marks what is done for somebody who came by a key: nothing of it goes
// beyond what the key is for. Of a keeper's it does not keep the house, unless
// its scopes say so.
func ByKey(ctx context.Context, who Asker) context.Context {
	if who.Key == 0 {
		return ctx
	}
	return context.WithValue(ctx, byKeyKey{}, &byKey{who.User, who.Scopes})
}

// programOf gives by which key a user asks; nil for a person.
func programOf(ctx context.Context, user db.ID) *byKey {
	if k, ok := ctx.Value(byKeyKey{}).(*byKey); ok && k.user == user {
		return k
	}
	return nil
}

// NewKey is what is said of a key that is to be made.
type NewKey struct {
	Kind    db.KeyKind
	Name    string
	Scopes  db.Scopes // of a token
	Feed    db.Thing  // of a feed
	Days    int       // until it ends; 0 for Expires
	Expires time.Time // zero: never
}

// MakeKey makes an app password or a token, after the password was given again:
// it goes on letting in when the session that made it has ended.
func (c *Core) MakeKey(ctx context.Context, who Asker, in NewKey, password string, from Client) (MadeKey, error) {
	if in.Days < 0 || in.Days > maxKeyDays {
		return MadeKey{}, fault.New(fault.Invalid, "key.days", "A key ends within ten years, or never.").In("days")
	}
	if in.Days > 0 {
		in.Expires = c.now().Add(time.Duration(in.Days) * 24 * time.Hour)
	}
	if err := checkKey(&db.Key{Kind: in.Kind, Name: line(in.Name), Scopes: in.Scopes, Expires: in.Expires}, c.now()); err != nil {
		return MadeKey{}, err
	}
	was, err := c.prove(ctx, who, password, from)
	if err != nil {
		return MadeKey{}, err
	}
	return c.addKey(ctx, who, in, &was)
}

// RenameKey gives one of the asker's keys another name.
func (c *Core) RenameKey(ctx context.Context, who Asker, id db.ID, name string) (db.Key, error) {
	name = line(name)
	if err := bounded("name", name, maxKeyName); err != nil {
		return db.Key{}, err
	}
	var k db.Key
	err := c.update(ctx, func(tx *db.Tx) (err error) {
		if _, err = c.member(tx, who.User); err != nil {
			return err
		}
		if k, err = ownKey(tx, who.User, id); err != nil {
			return err
		}
		if name == "" && k.Kind != db.KeyFeed {
			return errKeyNameless
		}
		k.Name = name
		return tx.SetKey(k)
	})
	return k, err
}

// ownKey finds a key of a user's; another's answers as if it did not exist.
func ownKey(tx *db.Tx, me, id db.ID) (db.Key, error) {
	k, err := tx.Key(id)
	if err == nil && k.User != me {
		return db.Key{}, ErrNotFound
	}
	return k, err
}

var errKeyNameless = fault.New(fault.Invalid, "key.name", "Say what it is for, such as the name of the phone.").In("name")

// MadeKey is a key with its secret, which a program is told.
type MadeKey struct {
	db.Key
	Secret string
}

// AddKey makes a key of the asker's. Its secret is in the answer, and of app
// passwords and tokens nowhere else, ever.
func (c *Core) AddKey(ctx context.Context, who Asker, in NewKey) (MadeKey, error) {
	return c.addKey(ctx, who, in, nil)
}

// addKey is AddKey for somebody who proved to be themselves a moment ago, as was;
// nil where that was not asked for. The password may have changed since, which
// ended all keys.
func (c *Core) addKey(ctx context.Context, who Asker, in NewKey, was *db.User) (MadeKey, error) {
	made := MadeKey{Key: db.Key{Kind: in.Kind, Name: line(in.Name), Scopes: in.Scopes, Feed: in.Feed, Expires: in.Expires}}
	if err := checkKey(&made.Key, c.now()); err != nil {
		return MadeKey{}, err
	}
	made.Secret = auth.NewCode()
	switch in.Kind {
	case db.KeyApp:
		made.Secret = made.Secret[:appSecret]
	case db.KeyAPI:
		made.Secret = tokenPrefix + made.Secret
	}
	made.Hash = auth.HashCode(made.Secret)
	if in.Kind != db.KeyAPI {
		made.Sealed = c.sealer.Seal(sealedKey, []byte(made.Secret))
	}
	err := c.update(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, who.User)
		if err != nil {
			return err
		}
		if who.Key != 0 {
			return errKeyShut
		}
		if was != nil {
			if err := sameAccount(a.user, *was); err != nil {
				return err
			}
		}
		if made.Scopes&db.ScopeKeep != 0 && !a.keeper() {
			return fault.New(fault.Forbidden, "key.keep", "Only a keeper's token can keep the house.").In("scopes")
		}
		if in.Kind == db.KeyFeed {
			if err := c.seesFeed(tx, a, in.Feed); err != nil {
				return err
			}
		}
		n := 0
		for _, err := range tx.KeysOf(who.User) {
			if err != nil && !errors.Is(err, db.ErrCorrupt) {
				return err
			}
			n++
		}
		if n >= mostKeys {
			return fault.New(fault.Conflict, "key.many", "There are 100 app passwords, tokens and feeds already. Remove one that is not needed any more.")
		}
		made.ID, made.User, made.Created = tx.NewID(), who.User, c.now()
		return tx.AddKey(made.Key)
	})
	if err != nil {
		return MadeKey{}, err
	}
	c.note("key.made", "a key was made", "user", who.User, "key", made.ID, "kind", made.Kind)
	return made, nil
}

// checkKey checks what is said of a new key.
func checkKey(k *db.Key, now time.Time) error {
	if k.Kind > db.KeyFeed {
		return fault.New(fault.Invalid, "key.kind", "There is no such kind of key.").In("kind")
	}
	if k.Name == "" && k.Kind != db.KeyFeed {
		return errKeyNameless
	}
	if err := bounded("name", k.Name, maxKeyName); err != nil {
		return err
	}
	if k.Kind == db.KeyAPI && (k.Scopes == 0 || k.Scopes&^allScopes != 0) {
		return fault.New(fault.Invalid, "key.scopes", "Choose at least one thing that the token may do.").In("scopes")
	}
	if k.Kind != db.KeyAPI {
		k.Scopes = 0
	}
	if k.Kind != db.KeyFeed {
		k.Feed = db.Thing{}
	}
	if !k.Expires.IsZero() && !k.Expires.After(now) {
		return fault.New(fault.Invalid, "key.expires", "This moment is over. Choose a later one.").In("expires")
	}
	return nil
}

// seesFeed checks that the asker may see what a feed is of.
func (c *Core) seesFeed(tx *db.Tx, a asker, thing db.Thing) error {
	switch thing.Kind {
	case 0:
		return nil
	case db.KindUser:
		_, err := c.person(tx, a, thing.ID)
		return err
	case db.KindPlaylist:
		p, err := tx.Playlist(thing.ID)
		if err != nil {
			return err
		}
		owner, err := tx.User(p.User)
		if err == nil && a.seesList(p, owner) < whole {
			err = ErrNotFound
		}
		return err
	case db.KindTag:
		_, err := c.feedTag(tx, a, thing.ID)
		return err
	}
	return ErrNotFound
}

// Keys lists the asker's keys of a kind, the one that was made last first. Those
// that have expired are in it.
func (c *Core) Keys(ctx context.Context, me db.ID, kind db.KeyKind) ([]db.Key, error) {
	var list []db.Key
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		for k, err := range tx.KeysOf(me) {
			if c.unreadable(err, "key of", me) {
				continue
			}
			if err != nil {
				return err
			}
			if k.Kind == kind {
				if use, ok := c.keyUses.of(k.ID); ok {
					use.note(&k)
				}
				list = append(list, k)
			}
		}
		return nil
	})
	return list, err
}

// KeySecret gives the secret of a key that the house keeps in a form in which it
// can be read again; "" of others.
func (c *Core) KeySecret(k db.Key) string {
	b, err := c.sealer.Open(sealedKey, k.Sealed)
	if err != nil {
		return ""
	}
	return string(b)
}

// DropKey removes one of the asker's keys; whoever has it is not let in any
// more. Another user's answers as if it did not exist.
func (c *Core) DropKey(ctx context.Context, who Asker, id db.ID) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		if _, err := ownKey(tx, who.User, id); err != nil {
			return err
		}
		if who.Key != 0 && who.Key != id {
			return errKeyShut
		}
		return tx.DropKey(id)
	})
	if err == nil {
		c.ended(who.User, func(session db.ID) bool { return session == id })
		c.note("key.dropped", "a key was removed", "user", who.User, "key", id)
	}
	return err
}

// AuthenticateKey finds whose key of a kind a secret is, and notes that it was
// used by a client. Anything that is no good secret is signin.needed.
func (c *Core) AuthenticateKey(ctx context.Context, kind db.KeyKind, secret, client string) (Asker, error) {
	if secret == "" || len(secret) > 200 {
		return Asker{}, ErrSignIn
	}
	var k db.Key
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		k, err = tx.KeyByHash(auth.HashCode(secret))
		if err == nil && k.Kind != kind {
			err = ErrSignIn
		}
		if err == nil {
			err = c.letsIn(tx, k)
		}
		return err
	})
	return c.byKey(k, client, err)
}

// AuthenticateApp finds the app password of a user that matches what a program
// sent; name is the username or the e-mail address. Matches is asked about each,
// and must take a time that tells nothing. Unknown users, and known ones without
// app passwords, are signin.needed likewise.
func (c *Core) AuthenticateApp(ctx context.Context, name, client string, matches func(secret string) bool) (Asker, error) {
	var found db.Key
	err := c.view(ctx, func(tx *db.Tx) error {
		u, _, err := tx.UserByUsername(strings.ToLower(line(name)))
		if errors.Is(err, db.ErrNotFound) {
			u, err = tx.UserByEmail(line(name))
		}
		if err != nil {
			return err
		}
		for k, err := range tx.KeysOf(u.ID) {
			if c.unreadable(err, "key of", u.ID) {
				continue
			}
			if err != nil {
				return err
			}
			if k.Kind != db.KeyApp || !matches(c.KeySecret(k)) {
				continue
			}
			found = k
			return c.letsIn(tx, k)
		}
		return ErrSignIn
	})
	return c.byKey(found, client, err)
}

// Expired tells whether a key has ended by itself.
func (c *Core) Expired(k db.Key) bool { return !k.Expires.IsZero() && !c.now().Before(k.Expires) }

// letsIn decides whether a key still lets its user in.
func (c *Core) letsIn(tx *db.Tx, k db.Key) error {
	if c.Expired(k) {
		return ErrSignIn
	}
	_, err := c.member(tx, k.User)
	return err
}

// byKey is what comes of looking for a key.
func (c *Core) byKey(k db.Key, client string, err error) (Asker, error) {
	if errors.Is(err, ErrNotFound) || errors.Is(err, db.ErrCorrupt) {
		return Asker{}, ErrSignIn.Because(err)
	}
	if err != nil {
		return Asker{}, err
	}
	client = cut(line(client), maxClient)
	if c.now().Sub(k.Used) > keyUsed || client != "" && client != k.Client {
		c.keyUses.mark(k.ID, keyUse{at: c.now(), client: client})
	}
	return Asker{User: k.User, Key: k.ID, Scopes: k.Scopes}, nil
}

// keyUse is a use of a key that is still to be written down.
type keyUse struct {
	at     time.Time
	client string
}

// note takes a use down in its key.
func (u keyUse) note(k *db.Key) {
	if k.Used = u.at; u.client != "" {
		k.Client = u.client
	}
}

// tidyKeys writes down when keys were used last.
func (c *Core) tidyKeys(ctx context.Context) error {
	used := c.keyUses.take()
	if len(used) == 0 {
		return nil
	}
	err := c.update(ctx, func(tx *db.Tx) error {
		for id, use := range used {
			k, err := tx.Key(id)
			if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "key", id) {
				continue
			}
			if err != nil {
				return err
			}
			use.note(&k)
			if err := tx.SetKey(k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		for id, use := range used {
			c.keyUses.mark(id, use) // for the next time
		}
	}
	return err
}

package core

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"earshot/app/auth"
	"earshot/app/auth/openid"
	"earshot/app/fault"
	"earshot/db"
)

const (
	maxIdentities = 20
)

// SignInOpenID signs in by an ID token that a client got by itself.
func (c *Core) SignInOpenID(ctx context.Context, name, idToken, nonce, invite string, from Client) (SignedIn, error) {
	p, claims, err := c.vouched(ctx, name, idToken, nonce, fault.Unauthenticated, from)
	if err != nil {
		return SignedIn{}, err
	}
	return c.enterBy(ctx, p, claims, invite, from)
}

// enterBy lets somebody in for whom an issuer vouches. Who they are follows from
// the issuer and its name for them alone, never from the e-mail address: that
// finds an account to be connected once its password was given, and else makes
// a new one.
func (c *Core) enterBy(ctx context.Context, p *openid.Provider, claims openid.Claims, invite string, from Client) (SignedIn, error) {
	var in SignedIn
	made := false
	err := c.update(ctx, func(tx *db.Tx) error {
		i, err := tx.IdentityBySubject(claims.Issuer, claims.Subject)
		if errors.Is(err, db.ErrNotFound) {
			made = true
			in, err = c.enterFirst(tx, p, claims, invite, from)
			return err
		}
		if err != nil {
			return err
		}
		u, err := tx.User(i.User)
		if err != nil {
			return err
		}
		if u.Disabled {
			return shutOut(u)
		}
		i.Used = c.now()
		if claims.Email != "" {
			i.Email = cut(line(claims.Email), maxEmail)
		}
		if err := tx.SetIdentity(i); err != nil {
			return err
		}
		in, err = c.letIn(tx, u, db.DoorOpenID, from)
		return err
	})
	if err == nil && in.Ticket == "" {
		c.note("signin", "a user signed in", "user", in.User.User.ID, "session", in.Session.ID, "from", from.Address, "issuer", claims.Issuer, "new", made)
	}
	return in, err
}

// shutOut says why an account lets nobody in, to somebody whose it is.
func shutOut(u db.User) error {
	if u.Leaving {
		return fault.New(fault.Forbidden, "openid.leaving", "This account is being deleted.")
	}
	return errSuspended
}

// enterFirst lets somebody in who comes by an account at an issuer for the
// first time.
func (c *Core) enterFirst(tx *db.Tx, p *openid.Provider, claims openid.Claims, invite string, from Client) (SignedIn, error) {
	address, err := email(claims.Email)
	switch {
	case err != nil:
		return SignedIn{}, fault.New(fault.Forbidden, "openid.email", p.Title()+" did not tell your e-mail address, which a new account needs.").Because(err)
	case !claims.EmailVerified:
		return SignedIn{}, fault.New(fault.Forbidden, "openid.unverified", p.Title()+" does not vouch for your e-mail address. Confirm it there first.")
	}
	u, err := tx.UserByEmail(address)
	switch {
	case err == nil && len(u.PasswordHash) == 0:
		return SignedIn{}, fault.New(fault.Conflict, "openid.no_password",
			"An account with this address exists, and has no password. Sign in the way you did before, and connect "+p.Title()+" in the settings.")
	case err == nil:
		return SignedIn{}, fault.New(fault.Conflict, "openid.link", "An account with this address exists. Enter its password once to connect it.").
			With(c.sealTicket(p, claims, u))
	case !errors.Is(err, db.ErrNotFound):
		return SignedIn{}, err
	}
	house, err := tx.House()
	if err != nil {
		return SignedIn{}, err
	}
	if empty(tx) {
		return SignedIn{}, errClosed
	}
	if err := c.letSignUp(tx, house, invite); err != nil {
		return SignedIn{}, err
	}
	if wait := c.signUps.Allow(from.Address); wait > 0 {
		return SignedIn{}, tooOften(wait)
	}
	name := cut(line(claims.Name), maxName)
	if name == "" {
		name, _, _ = strings.Cut(address, "@")
		name = cut(name, maxName)
	}
	in, err := c.admit(tx, db.User{Name: name, Email: address}, db.DoorOpenID, from)
	if err != nil {
		return SignedIn{}, err
	}
	return in, errors.Join(c.invited(tx, invite, in.User.User.ID), c.addIdentity(tx, in.User.User.ID, claims))
}

// addIdentity lets a user in by an account at an issuer from now on.
func (c *Core) addIdentity(tx *db.Tx, user db.ID, claims openid.Claims) error {
	now := c.now()
	return tx.AddIdentity(db.Identity{
		ID: tx.NewID(), User: user, Issuer: claims.Issuer, Subject: claims.Subject, Email: cut(line(claims.Email), maxEmail), Created: now, Used: now,
	})
}

// A ticket says that an issuer vouches for the e-mail address of an account,
// which is to be connected once its password is given. It is sealed.
const ticketKind = "openid link"

func (c *Core) sealTicket(p *openid.Provider, claims openid.Claims, u db.User) string {
	return c.sealer.Seal(ticketKind, []byte(url.Values{
		"name": {p.Name()}, "issuer": {claims.Issuer}, "subject": {claims.Subject}, "email": {cut(line(claims.Email), maxEmail)},
		"user": {number(u.ID)}, "until": {seconds(c.now().Add(OpenIDWithin))}, "id": {auth.NewCode()},
	}.Encode()))
}

// LinkOpenID connects an account at an issuer with the one here that has its
// e-mail address, for whoever knows the password, and signs them in. All other
// sessions end: whoever made the account with somebody else's address must not
// stay in it.
func (c *Core) LinkOpenID(ctx context.Context, ticket, password string, from Client) (SignedIn, error) {
	late := fault.New(fault.Invalid, "openid.ticket", "This took too long, or was done already. Begin again.")
	b, err := c.sealer.Open(ticketKind, ticket)
	if err != nil {
		return SignedIn{}, late.Because(err)
	}
	v, err := url.ParseQuery(string(b))
	if err != nil || !c.within(v.Get("until")) {
		return SignedIn{}, late.Because(err)
	}
	p, err := c.provider(v.Get("name"))
	if err != nil || p.Issuer() != v.Get("issuer") {
		return SignedIn{}, late.Because(err)
	}
	claims := openid.Claims{Issuer: v.Get("issuer"), Subject: v.Get("subject"), Email: v.Get("email"), EmailVerified: true}
	address, err := email(claims.Email)
	if err != nil {
		return SignedIn{}, late.Because(err)
	}
	var u db.User
	err = c.view(ctx, func(tx *db.Tx) (err error) {
		u, err = tx.User(numbered(v.Get("user")))
		if err == nil && u.Email != address {
			err = late
		}
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		err = late
	}
	if err != nil {
		return SignedIn{}, err
	}
	ok, err := c.try(ctx, u.Email, u.PasswordHash, password, from)
	if err != nil {
		return SignedIn{}, err
	}
	if !ok {
		c.note("signin.refused", "a sign-in was refused", "user", u.ID, "from", from.Address, "issuer", claims.Issuer)
		return SignedIn{}, fault.New(fault.Invalid, "openid.password", "This is not the password of the account.").In("password")
	}
	var in SignedIn
	err = c.update(ctx, func(tx *db.Tx) error {
		now, err := tx.User(u.ID)
		if err != nil {
			return err
		}
		if string(now.PasswordHash) != string(u.PasswordHash) || now.Email != u.Email {
			return late
		}
		if now.Disabled {
			return shut(now)
		}
		if err := c.connectTo(tx, now.ID, claims, nil); err != nil {
			return err
		}
		if !c.spent.once(v.Get("id"), c.pace()) {
			return late
		}
		if _, err := tx.DropSessionsOf(now.ID, 0); err != nil {
			return err
		}
		in, err = c.letIn(tx, now, db.DoorOpenID, from)
		return err
	})
	if err == nil {
		c.ended(u.ID, everySession)
		c.note("identity.connected", "an account at an issuer was connected", "user", u.ID, "issuer", claims.Issuer)
	}
	return in, err
}

// IdentityView is an account at an issuer, as its user sees it.
type IdentityView struct {
	Identity db.Identity
	Name     string // of the provider; "" when the keeper took it out of the settings
	Title    string
}

func (c *Core) viewIdentity(i db.Identity) IdentityView {
	v := IdentityView{Identity: i, Title: i.Issuer}
	for _, p := range c.openid {
		if p.Issuer() == i.Issuer {
			v.Name, v.Title = p.Name(), p.Title()
		}
	}
	return v
}

// Identities lists the accounts at issuers that let the asker in, the oldest
// first.
func (c *Core) Identities(ctx context.Context, me db.ID) ([]IdentityView, error) {
	var list []IdentityView
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		for i, err := range tx.IdentitiesOf(me) {
			if c.unreadable(err, "identity of", me) {
				continue
			}
			if err != nil {
				return err
			}
			list = append(list, c.viewIdentity(i))
		}
		return nil
	})
	return list, err
}

// ConnectOpenID lets the asker in by the account that an ID token is of, too,
// after the password was given again.
func (c *Core) ConnectOpenID(ctx context.Context, who Asker, name, idToken, nonce, password string, from Client) (IdentityView, error) {
	if err := c.mayConnect(ctx, who, name, password, from); err != nil {
		return IdentityView{}, err
	}
	p, claims, err := c.vouched(ctx, name, idToken, nonce, fault.Invalid, from)
	if err != nil {
		return IdentityView{}, err
	}
	return c.connect(ctx, who.User, p, claims)
}

// mayConnect wants the password of whoever connects an account at a provider: it
// opens the account here for ever, which a stolen session must not do.
func (c *Core) mayConnect(ctx context.Context, who Asker, name, password string, from Client) error {
	if _, err := c.provider(name); err != nil {
		return err
	}
	_, err := c.prove(ctx, who, password, from)
	return err
}

func (c *Core) connect(ctx context.Context, me db.ID, p *openid.Provider, claims openid.Claims) (IdentityView, error) {
	var i db.Identity
	err := c.update(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		return c.connectTo(tx, me, claims, &i)
	})
	if err == nil {
		c.note("identity.connected", "an account at an issuer was connected", "user", me, "issuer", claims.Issuer)
	}
	return c.viewIdentity(i), err
}

// connectTo makes sure that an account at an issuer lets a user in, and gives
// it where it is asked for.
func (c *Core) connectTo(tx *db.Tx, user db.ID, claims openid.Claims, out *db.Identity) error {
	i, err := tx.IdentityBySubject(claims.Issuer, claims.Subject)
	switch {
	case err == nil && i.User != user:
		return fault.New(fault.Conflict, "openid.taken", "This account is connected with another one here.")
	case errors.Is(err, db.ErrNotFound):
		n := 0
		for range tx.IdentitiesOf(user) {
			n++
		}
		if n >= maxIdentities {
			return fault.New(fault.Conflict, "openid.many", "You have connected 20 accounts already. Disconnect one first.")
		}
		if err := c.addIdentity(tx, user, claims); err != nil {
			return err
		}
		i, err = tx.IdentityBySubject(claims.Issuer, claims.Subject)
	}
	if out != nil {
		*out = i
	}
	return err
}

// DropIdentity lets the asker in by an account at an issuer no more. The last
// way in stays.
func (c *Core) DropIdentity(ctx context.Context, me, id db.ID) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		i, err := tx.Identity(id)
		if err != nil {
			return err
		}
		if i.User != me {
			return ErrNotFound
		}
		w, err := c.waysIn(tx, a.user)
		if err != nil {
			return err
		}
		if c.viewIdentity(i).Name != "" && w.n() < 2 {
			return fault.New(fault.Conflict, "openid.last", "This is the last way into your account. Set a password first.")
		}
		return tx.DropIdentity(id)
	})
	if err == nil {
		c.note("identity.disconnected", "an account at an issuer was disconnected", "user", me, "identity", id)
	}
	return err
}

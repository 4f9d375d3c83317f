package core

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

// Client is where a request comes from.
type Client struct {
	Address netip.Addr
	Device  string // what the browser or program calls itself
}

// NewAccount is what somebody says to get an account.
type NewAccount struct {
	Email    string
	Password string
	Name     string // made from the address when empty
	Age      int    // years, 0 when not said
	Gender   string // "" when not said
	Invite   string // code of the invite it comes by; "" without one
}

// SignedIn is a fresh session, or what is still missing for one.
type SignedIn struct {
	User    UserView
	Session db.Session
	Token   string // the secret that proves it, told once
	Ticket  string // not empty: a second factor is asked for, and there is no session yet
}

// SignUp makes an account when the house is open, or for somebody who comes by
// an invite, and signs it in. For an
// address that has an account it is a sign-in: with the right password it
// works, and otherwise the answer says no more than that no account was made.
// Without e-mail to confirm by, that tells that the address has one.
func (c *Core) SignUp(ctx context.Context, account NewAccount, from Client) (SignedIn, error) {
	h, err := c.House(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	if err := c.maySignUp(ctx, h, account.Invite, from); err != nil {
		return SignedIn{}, err
	}
	if wait := c.signUps.Allow(from.Address); wait > 0 {
		return SignedIn{}, tooOften(wait)
	}
	if c.hasAccount(ctx, account.Email) {
		return c.signUpAgain(ctx, account, from)
	}
	u, err := c.newUser(ctx, account, h.Name)
	if err != nil {
		c.signUps.Cancel(from.Address)
		return SignedIn{}, err
	}
	var in SignedIn
	err = c.update(ctx, func(tx *db.Tx) error {
		house, err := tx.House()
		if err != nil {
			return err
		}
		if err := c.letSignUp(tx, house, account.Invite); err != nil {
			return err
		}
		if in, err = c.admit(tx, u, db.DoorPassword, from); err != nil {
			return err
		}
		return c.invited(tx, account.Invite, in.User.User.ID)
	})
	if errors.Is(err, db.ErrTaken) { // by somebody who was faster
		return c.signUpAgain(ctx, account, from)
	}
	if err == nil {
		c.note("account.made", "an account was made", "user", in.User.User.ID, "session", in.Session.ID, "from", from.Address)
	}
	return in, err
}

// hasAccount tells whether an address has an account.
func (c *Core) hasAccount(ctx context.Context, address string) bool {
	address, err := email(address)
	return err == nil && c.view(ctx, func(tx *db.Tx) error {
		_, err := tx.UserByEmail(address)
		return err
	}) == nil
}

// signUpAgain signs somebody in who has an account already.
func (c *Core) signUpAgain(ctx context.Context, account NewAccount, from Client) (SignedIn, error) {
	in, err := c.SignIn(ctx, account.Email, account.Password, from)
	if errors.Is(err, errWrong) {
		err = fault.New(fault.Conflict, "email.taken",
			"No account could be made with this address. If you have one already, sign in.").In("email")
	}
	return in, err
}

// newUser checks what somebody says of themselves.
func (c *Core) newUser(ctx context.Context, account NewAccount, house string) (db.User, error) {
	address, err := email(account.Email)
	if err != nil {
		return db.User{}, err
	}
	name := line(account.Name)
	if name == "" {
		name, _, _ = strings.Cut(address, "@")
		name = cut(name, maxName)
	}
	if err := bounded("name", name, maxName); err != nil {
		return db.User{}, err
	}
	gender := line(account.Gender)
	if err := bounded("gender", gender, maxGender); err != nil {
		return db.User{}, err
	}
	if err := age(account.Age); err != nil {
		return db.User{}, err
	}
	hash, err := c.hash(ctx, account.Password, house, name, address)
	if err != nil {
		return db.User{}, err
	}
	return db.User{Name: name, Email: address, PasswordHash: hash, Age: account.Age, Gender: gender}, nil
}

// age checks what somebody says of their age, in years; 0 says nothing.
func age(years int) error {
	if years < 0 || years > 150 {
		return fault.New(fault.Invalid, "age.invalid", "An age is between 0 and 150 years.").In("age")
	}
	return nil
}

// hash checks a new password and hashes it.
func (c *Core) hash(ctx context.Context, password string, about ...string) ([]byte, error) {
	refuse := func(code, message string) error { return fault.New(fault.Invalid, code, message).In("password") }
	err := auth.CheckPassword(password, append(about, "earshot")...)
	switch {
	case errors.Is(err, auth.ErrPasswordShort):
		return nil, refuse("password.short", "A password needs at least 8 characters.")
	case errors.Is(err, auth.ErrPasswordLong):
		return nil, refuse("password.long", "This password is too long: at most 72 letters of English, or 24 of Korean.")
	case errors.Is(err, auth.ErrPasswordCommon):
		return nil, refuse("password.common", "This password is among the first that anybody would try. Choose another.")
	case errors.Is(err, auth.ErrPasswordInvalid):
		return nil, refuse("password.invalid", "This password has characters that can't be typed.")
	case err != nil:
		return nil, err
	}
	hash, err := c.hasher.Hash(ctx, password)
	return hash, translate(err)
}

// admit stores a new user under a free username and signs them in.
func (c *Core) admit(tx *db.Tx, u db.User, door db.Door, from Client) (SignedIn, error) {
	u, err := c.enroll(tx, u)
	if err != nil {
		return SignedIn{}, err
	}
	return c.open(tx, u, door, from)
}

// enroll stores a new user under a free username.
func (c *Core) enroll(tx *db.Tx, u db.User) (db.User, error) {
	name, err := freeUsername(tx, u)
	if err != nil {
		return u, err
	}
	u.ID, u.Username, u.Created = tx.NewID(), name, c.now()
	return u, tx.AddUser(u)
}

// freeUsername makes a username from a name.
func freeUsername(tx *db.Tx, u db.User) (string, error) {
	local, _, _ := strings.Cut(u.Email, "@")
	for _, wish := range []string{u.Name, local, "listener"} {
		base, err := username(slug(wish, maxUsername-6))
		if err != nil {
			continue
		}
		return unique(base, func(s string) (bool, error) {
			_, _, err := tx.UserByUsername(s)
			if errors.Is(err, db.ErrNotFound) {
				return true, nil
			}
			return false, err
		})
	}
	return "", errors.New("no username could be made")
}

var (
	// errWrong answers every failed sign-in the same way.
	errWrong = fault.New(fault.Unauthenticated, "signin.wrong", "The address or the password is not right.")
	// errSuspended is for those who proved that the account is theirs, and for nobody else.
	errSuspended = fault.New(fault.Forbidden, "account.suspended", "The keeper has suspended this account. Ask the keeper.")
)

// SignIn opens a session for an address and its password. Unknown addresses,
// accounts that are being deleted and wrong passwords answer alike and cost the
// same. Who is suspended learns so, by the right password alone.
func (c *Core) SignIn(ctx context.Context, address, password string, from Client) (SignedIn, error) {
	account := cut(strings.ToLower(line(address)), maxEmail) // whose attempts these are
	if valid, err := email(address); err == nil {
		account, address = valid, valid
	} else {
		address = "" // nobody's, which costs what a wrong password costs
	}
	var u db.User
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		u, err = tx.UserByEmail(address)
		return err
	})
	known := err == nil
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return SignedIn{}, err
	}
	ok, err := c.try(ctx, account, u.PasswordHash, password, from)
	if err != nil {
		return SignedIn{}, err
	}
	if !known || !ok || u.Disabled {
		c.note("signin.refused", "a sign-in was refused", "user", u.ID, "known", known, "suspended", ok && u.Disabled, "from", from.Address)
		if ok {
			return SignedIn{}, shut(u)
		}
		return SignedIn{}, errWrong
	}
	stronger := []byte(nil)
	if c.hasher.NeedsRehash(u.PasswordHash) {
		if stronger, err = c.hasher.Hash(ctx, password); err != nil {
			stronger = nil // the old hash serves until the next time
		}
	}
	var in SignedIn
	err = c.update(ctx, func(tx *db.Tx) (err error) {
		// The account may have changed while the password was checked.
		now, err := tx.User(u.ID)
		if err != nil {
			return err
		}
		if string(now.PasswordHash) != string(u.PasswordHash) {
			return errWrong
		}
		if now.Disabled {
			return shut(now)
		}
		if stronger != nil {
			now.PasswordHash = stronger
			if err := tx.SetUser(now); err != nil {
				return err
			}
		}
		in, err = c.letIn(tx, now, db.DoorPassword, from)
		return err
	})
	if err == nil && in.Ticket == "" {
		c.note("signin", "a user signed in", "user", u.ID, "session", in.Session.ID, "from", from.Address)
	}
	return in, err
}

// shut says to whoever has the right password why a disabled account lets
// nobody in. One that is being deleted is as good as gone.
func shut(u db.User) error {
	if u.Leaving {
		return errWrong
	}
	return errSuspended
}

// PasswordChecks is how many passwords were checked since the start, right and
// wrong ones, and those for accounts that do not exist.
func (c *Core) PasswordChecks() uint64 { return c.hasher.Checks() }

// try compares a password with the hash of an account, if there are attempts
// left; an empty hash costs the same and is never right.
func (c *Core) try(ctx context.Context, account string, hash []byte, password string, from Client) (bool, error) {
	attempt, wait := c.signIns.Allow(account, from.Address)
	if wait > 0 {
		c.noteLimited(from)
		return false, tooOften(wait)
	}
	var err error
	if len(hash) == 0 {
		err = c.hasher.VerifyNone(ctx, password)
	} else {
		err = c.hasher.Verify(ctx, hash, password)
	}
	switch {
	case err == nil:
		attempt.Succeed()
	case errors.Is(err, auth.ErrPasswordWrong):
		attempt.Fail()
		c.countAttempt(ctx)
		return false, nil
	default:
		attempt.Cancel()
	}
	return err == nil, translate(err)
}

// ChangePassword sets a new password after the current one was given again. An
// account that has none gets its first one by a session that was opened a
// moment ago, which is as good a proof.
// Every session of the user ends; the answer is a fresh one, or the ticket for a
// second factor.
func (c *Core) ChangePassword(ctx context.Context, who Asker, current, next string, from Client) (SignedIn, error) {
	me := who.User
	var u db.User
	var house db.House
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		u = a.user
		if house, err = tx.House(); err != nil || len(u.PasswordHash) > 0 {
			return err
		}
		return c.fresh(tx, who)
	})
	if err != nil {
		return SignedIn{}, err
	}
	ok := len(u.PasswordHash) == 0 // fresh has proved the rest
	if !ok {
		ok, err = c.try(ctx, u.Email, u.PasswordHash, current, from)
	}
	if err != nil {
		return SignedIn{}, err
	}
	if !ok {
		c.note("password.refused", "a password that was asked for again was wrong", "user", me, "from", from.Address)
		return SignedIn{}, fault.New(fault.Invalid, "password.wrong", "The current password is not right.").In("current")
	}
	hash, err := c.hash(ctx, next, house.Name, u.Name, u.Email, u.Username)
	if f := fault.Of(err); err != nil && f.Field == "password" {
		return SignedIn{}, f.In("new")
	} else if err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = c.update(ctx, func(tx *db.Tx) error {
		now, err := tx.User(me)
		if err != nil {
			return err
		}
		if string(now.PasswordHash) != string(u.PasswordHash) {
			return fault.New(fault.Conflict, "password.wrong", "The password was changed a moment ago.").In("current")
		}
		if err := c.setPassword(tx, &now, hash); err != nil {
			return err
		}
		if who.Session == 0 { // let in by a proxy: no second factor was asked for
			in, err = c.letIn(tx, now, db.DoorPassword, from)
		} else {
			in, err = c.open(tx, now, db.DoorPassword, from)
		}
		return err
	})
	if err == nil {
		c.ended(me, everySession)
		c.note("password.changed", "a password was changed; every session of the account ended", "user", me, "session", in.Session.ID, "from", from.Address)
	}
	return in, err
}

// tooOften asks to wait.
func tooOften(wait time.Duration) error { return TooOften(wait) }

// TooOften asks to wait before something may be done again.
func TooOften(wait time.Duration) *fault.Fault {
	return fault.New(fault.Limited, "limited", "That was too often. Wait a little and try again.").After(wait)
}

package core

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

const (
	passkeyLasts = 5 * time.Minute // how long a browser may take
	passkeysMost = 20              // of one user
	maxPasskey   = 60              // characters of its name
)

var (
	errInsecure = fault.New(fault.Conflict, "passkey.insecure", "Passkeys work over https only. Open this Earshot by its https address.")
	errShown    = fault.New(fault.Unauthenticated, "passkey.wrong", "This passkey does not open an account here. Sign in another way.")
	errMade     = fault.New(fault.Invalid, "passkey.invalid", "The browser did not make a passkey that can be used here. Try again.")
	errWaited   = fault.New(fault.Conflict, "passkey.late", "That took too long. Try again.")
)

// PasskeyAsk is what a browser needs to make or to show a passkey.
type PasskeyAsk struct {
	Paper     string // to be brought back with the passkey
	Challenge []byte
	House     string
	User      db.User      // who makes one
	Handle    []byte       // what the authenticator is to keep of whose it is
	Have      []db.Passkey // that the user has already
}

// passkeyHandle is what an authenticator keeps of whose a passkey is.
func passkeyHandle(user db.ID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(user)) }

// ask makes a challenge on a paper: for somebody who signs in user is 0.
func (c *Core) ask(kind string, user db.ID) PasskeyAsk {
	says := make([]byte, 40)
	rand.Read(says[:32])
	binary.BigEndian.PutUint64(says[32:], uint64(user))
	return PasskeyAsk{Challenge: says[:32], Paper: c.desk.write(kind, passkeyLasts, says)}
}

// asked takes the challenge of a paper, once.
func (c *Core) asked(kind, text string, user db.ID) (challenge []byte, err error) {
	p, ok := c.desk.read(kind, text)
	if !ok || len(p.says) != 40 || db.ID(binary.BigEndian.Uint64(p.says[32:])) != user {
		return nil, errWaited
	}
	if err := c.desk.use(p, 1); errors.Is(err, errPaperUsed) {
		return nil, errWaited
	} else if err != nil {
		return nil, err
	}
	return p.says[:32], nil
}

// BeginPasskey begins to make a passkey, after the password was given again.
func (c *Core) BeginPasskey(ctx context.Context, who Asker, site auth.Site, password string, from Client) (PasskeyAsk, error) {
	if site.ID == "" {
		return PasskeyAsk{}, errInsecure
	}
	if _, err := c.prove(ctx, who, password, from); err != nil {
		return PasskeyAsk{}, err
	}
	house, err := c.House(ctx)
	if err != nil {
		return PasskeyAsk{}, err
	}
	a := c.ask("passkey made", who.User)
	a.House = house.Name
	err = c.view(ctx, func(tx *db.Tx) error {
		asker, err := c.member(tx, who.User)
		if err != nil {
			return err
		}
		a.User, a.Handle = asker.user, passkeyHandle(who.User)
		for p, err := range tx.PasskeysOf(who.User) {
			if c.unreadable(err, "passkey of", who.User) {
				continue
			}
			if err != nil {
				return err
			}
			a.Have = append(a.Have, p)
		}
		if len(a.Have) >= passkeysMost {
			return tooManyPasskeys
		}
		return nil
	})
	return a, err
}

var tooManyPasskeys = fault.New(fault.Conflict, "passkey.many", "These are as many passkeys as an account may have. Remove one first.")

// AddPasskey keeps a passkey that the browser has made.
func (c *Core) AddPasskey(ctx context.Context, me db.ID, site auth.Site, paper, name string, made auth.Made, from Client) (db.Passkey, error) {
	if site.ID == "" {
		return db.Passkey{}, errInsecure
	}
	if name = line(name); name == "" {
		name = cut(auth.Device(from.Device), maxPasskey)
	}
	if name == "" {
		name = "Passkey"
	}
	if err := bounded("name", name, maxPasskey); err != nil {
		return db.Passkey{}, err
	}
	challenge, err := c.asked("passkey made", paper, me)
	if err != nil {
		return db.Passkey{}, err
	}
	cred, err := auth.MakePasskey(site, challenge, made)
	if err != nil {
		c.note("passkey.refused", "a new passkey was refused", "user", me, "error", err)
		return db.Passkey{}, errMade.Because(err)
	}
	var p db.Passkey
	err = c.update(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		n, err := tx.CountPasskeysOf(me)
		if err != nil {
			return err
		}
		if n >= passkeysMost {
			return tooManyPasskeys
		}
		p = db.Passkey{
			ID: tx.NewID(), User: me, Name: name, Credential: cred.ID, Key: cred.Key, Created: c.now(),
			Count: cred.Count, Syncs: cred.Syncs, Model: cred.Model, Transports: cred.Transports,
		}
		return tx.AddPasskey(p)
	})
	if errors.Is(err, db.ErrTaken) {
		return db.Passkey{}, fault.New(fault.Conflict, "passkey.taken", "This passkey is in use already.")
	}
	if err == nil {
		c.note("passkey.added", "a passkey was added", "user", me, "passkey", p.ID)
	}
	return p, err
}

// ownPasskey finds a passkey of a user; another's answers as if it did not exist.
func ownPasskey(tx *db.Tx, me, id db.ID) (db.Passkey, error) {
	p, err := tx.Passkey(id)
	if err == nil && p.User != me {
		err = ErrNotFound
	}
	return p, err
}

// RenamePasskey gives an own passkey another name.
func (c *Core) RenamePasskey(ctx context.Context, me, id db.ID, name string) (db.Passkey, error) {
	if name = line(name); name == "" {
		return db.Passkey{}, fault.New(fault.Invalid, "passkey.unnamed", "Give the passkey a name by which you know it.").In("name")
	}
	if err := bounded("name", name, maxPasskey); err != nil {
		return db.Passkey{}, err
	}
	var p db.Passkey
	err := c.update(ctx, func(tx *db.Tx) (err error) {
		if _, err = c.member(tx, me); err != nil {
			return err
		}
		if p, err = ownPasskey(tx, me, id); err != nil {
			return err
		}
		p.Name = name
		return tx.SetPasskey(p)
	})
	return p, err
}

// DropPasskey removes an own passkey, unless it is the last way in.
func (c *Core) DropPasskey(ctx context.Context, me, id db.ID) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if _, err := ownPasskey(tx, me, id); err != nil {
			return err
		}
		w, err := c.waysIn(tx, a.user)
		if err != nil {
			return err
		}
		if w.n() < 2 {
			return fault.New(fault.Conflict, "passkey.last", "This is the only way into your account. Set a password or add another passkey first.")
		}
		return tx.DropPasskey(id)
	})
	if err == nil {
		c.note("passkey.removed", "a passkey was removed", "user", me, "passkey", id)
	}
	return err
}

// BeginPasskeySignIn begins a sign-in by passkey. Whose it will be, the
// browser's answer says.
func (c *Core) BeginPasskeySignIn(_ context.Context, site auth.Site) (PasskeyAsk, error) {
	if site.ID == "" {
		return PasskeyAsk{}, errInsecure
	}
	return c.ask("passkey shown", 0), nil
}

// SignInByPasskey opens a session for whoever shows a passkey. It counts as
// both factors: the device was had, and the person was verified by it.
func (c *Core) SignInByPasskey(ctx context.Context, site auth.Site, paper string, shown auth.Shown, from Client) (SignedIn, error) {
	if site.ID == "" {
		return SignedIn{}, errInsecure
	}
	if len(shown.ID) == 0 || len(shown.ID) > 1023 {
		return SignedIn{}, errShown
	}
	attempt, wait := c.signIns.Allow("passkey "+hex.EncodeToString(shown.ID), from.Address)
	if wait > 0 {
		return SignedIn{}, tooOften(wait)
	}
	challenge, err := c.asked("passkey shown", paper, 0)
	if err != nil {
		attempt.Cancel()
		return SignedIn{}, err
	}
	var in SignedIn
	err = c.update(ctx, func(tx *db.Tx) error {
		p, err := tx.PasskeyByCredential(shown.ID)
		if errors.Is(err, db.ErrNotFound) {
			return errShown
		}
		if err != nil {
			return err
		}
		if string(shown.User) != string(passkeyHandle(p.User)) {
			return errShown.Because(errors.New("the passkey is another user's"))
		}
		count, err := auth.CheckPasskey(site, challenge, auth.Credential{ID: p.Credential, Key: p.Key, Count: p.Count, Syncs: p.Syncs}, shown)
		if errors.Is(err, auth.ErrPasskeyCount) {
			c.log.Warn("a passkey counts backwards: a copy of it may be about", "user", p.User, "passkey", p.ID, "error", err)
		}
		if err != nil {
			return errShown.Because(err)
		}
		u, err := tx.User(p.User)
		if err != nil {
			return err
		}
		if u.Disabled {
			if u.Leaving {
				return errShown
			}
			return errSuspended
		}
		p.Count, p.Used = count, c.now()
		if err := tx.SetPasskey(p); err != nil {
			return err
		}
		in, err = c.letIn(tx, u, db.DoorPasskey, from)
		return err
	})
	switch {
	case err == nil:
		attempt.Succeed()
		c.note("signin", "a user signed in", "user", in.User.User.ID, "session", in.Session.ID, "from", from.Address, "door", db.DoorPasskey)
	case errors.Is(err, errShown):
		attempt.Fail()
		c.note("signin.refused", "a passkey was refused", "from", from.Address, "error", err)
	default:
		attempt.Cancel()
	}
	return in, err
}

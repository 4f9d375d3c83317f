package core

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

const (
	ticketLasts = 5 * time.Minute
	ticketTries = 5 // codes that may be tried with one ticket
)

var (
	errTicket = fault.New(fault.Unauthenticated, "factor.ticket", "This took too long, or too many codes were wrong. Sign in again.")
	errNoFact = fault.New(fault.Conflict, "factor.off", "There is no second factor on this account.")
	errOpened = fault.New(fault.Conflict, "factor.on", "There is a second factor already. Switch it off first.")
)

// wrongCode answers a code that is not right, wherever it was asked for.
func wrongCode(kind fault.Kind) error {
	return fault.New(kind, "factor.wrong", "This code is not right. Codes of the app are good for half a minute, and each works once.").In("code")
}

// letIn lets somebody in who proved by a door whose account it is. Where the
// account has a second factor the answer is a ticket for it and no session; a
// passkey is both factors in one.
func (c *Core) letIn(tx *db.Tx, u db.User, door db.Door, from Client) (SignedIn, error) {
	if door != db.DoorPasskey {
		f, err := tx.Factor(u.ID)
		if err == nil && f.Confirmed {
			c.note("factor.asked", "a second factor is asked for", "user", u.ID, "from", from.Address)
			return SignedIn{Ticket: c.desk.write("ticket", ticketLasts, ticketOf(u, f, door))}, nil
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return SignedIn{}, err
		}
	}
	return c.open(tx, u, door, from)
}

// ticketOf writes what a ticket says: whose it is, by which door they came, and
// what makes it void: another password or another factor.
func ticketOf(u db.User, f db.Factor, door db.Door) []byte {
	h := sha256.New()
	h.Write(u.PasswordHash)
	h.Write([]byte{0})
	h.Write(f.Secret)
	b := binary.BigEndian.AppendUint64(nil, uint64(u.ID))
	return append(append(b, byte(door)), h.Sum(nil)...)
}

// SignInByCode opens the session that a ticket stands for, by a code of the app
// or one of the recovery codes.
func (c *Core) SignInByCode(ctx context.Context, ticket, code string, from Client) (SignedIn, error) {
	p, ok := c.desk.read("ticket", ticket)
	if !ok || len(p.says) < 9 {
		return SignedIn{}, errTicket
	}
	id, door := db.ID(binary.BigEndian.Uint64(p.says)), db.Door(p.says[8])
	var in SignedIn
	err := c.tryCode(ctx, id, from, fault.Unauthenticated, func(tx *db.Tx) error {
		u, err := tx.User(id)
		if errors.Is(err, db.ErrNotFound) {
			return errTicket
		}
		if err != nil {
			return err
		}
		if u.Disabled {
			return shut(u)
		}
		f, err := tx.Factor(id)
		if errors.Is(err, db.ErrNotFound) || err == nil && (!f.Confirmed || subtle.ConstantTimeCompare(ticketOf(u, f, door), p.says) != 1) {
			return errTicket
		}
		if err != nil {
			return err
		}
		if err := c.desk.use(p, ticketTries); errors.Is(err, errPaperUsed) {
			return errTicket
		} else if err != nil {
			return err
		}
		if err := c.takeCode(tx, f, code); err != nil {
			return err
		}
		if !c.desk.spend(p) {
			return errTicket
		}
		in, err = c.open(tx, u, door, from)
		return err
	})
	if err == nil {
		c.note("signin", "a user signed in", "user", id, "session", in.Session.ID, "from", from.Address, "door", door, "factor", true)
	}
	return in, err
}

// errCode is what takeCode says of a wrong code.
var errCode = errors.New("the code is wrong")

// takeCode takes a code of the app or a recovery code, once.
func (c *Core) takeCode(tx *db.Tx, f db.Factor, code string) error {
	if step := auth.FactorStep(f.Secret, code, c.now(), f.Step); step != 0 {
		f.Step = step
		return tx.SetFactor(f)
	}
	left, ok := auth.TakeRecovery(f.Recovery, code)
	if !ok || !f.Confirmed {
		return errCode
	}
	f.Recovery = left
	c.note("factor.recovery", "a recovery code was used", "user", f.User, "left", len(left))
	return tx.SetFactor(f)
}

// tryCode does what needs a code of a user's, if there are attempts left. A
// wrong one is counted, however it was asked for.
func (c *Core) tryCode(ctx context.Context, user db.ID, from Client, kind fault.Kind, do func(tx *db.Tx) error) error {
	attempt, wait := c.signIns.Allow("factor "+user.String(), from.Address)
	if wait > 0 {
		return tooOften(wait)
	}
	err := c.update(ctx, do)
	switch {
	case err == nil:
		attempt.Succeed()
	case errors.Is(err, errCode):
		attempt.Fail()
		c.countAttempt(ctx)
		c.note("factor.refused", "a code was refused", "user", user, "from", from.Address)
		return wrongCode(kind)
	default:
		attempt.Cancel()
	}
	return err
}

// Security is what a user has to come in by, and to keep others out.
type Security struct {
	Password   bool
	Identities int // accounts elsewhere
	Passkeys   []db.Passkey
	Factor     db.Factor // zero while none is confirmed
}

// MySecurity tells a user how the own account is kept.
func (c *Core) MySecurity(ctx context.Context, me db.ID) (Security, error) {
	var s Security
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		w, err := c.waysIn(tx, a.user)
		if err != nil {
			return err
		}
		s.Password, s.Identities = w.password, w.identities
		for p, err := range tx.PasskeysOf(me) {
			if c.unreadable(err, "passkey of", me) {
				continue
			}
			if err != nil {
				return err
			}
			s.Passkeys = append(s.Passkeys, p)
		}
		if f, err := tx.Factor(me); err == nil && f.Confirmed {
			s.Factor = f
		} else if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		return nil
	})
	return s, err
}

// ways are the ways into an account.
type ways struct {
	password             bool
	identities, passkeys int
}

// waysIn counts the ways into an account. The last one can't be taken away. An
// account at an issuer that the keeper took out of the settings is none.
func (c *Core) waysIn(tx *db.Tx, u db.User) (ways, error) {
	w := ways{password: len(u.PasswordHash) > 0}
	for i, err := range tx.IdentitiesOf(u.ID) {
		if c.unreadable(err, "identity of", u.ID) {
			continue
		}
		if err != nil {
			return w, err
		}
		if c.viewIdentity(i).Name != "" {
			w.identities++
		}
	}
	var err error
	w.passkeys, err = tx.CountPasskeysOf(u.ID)
	return w, err
}

// n counts them.
func (w ways) n() int {
	n := w.identities + w.passkeys
	if w.password {
		n++
	}
	return n
}

// FactorSetup is what an authenticator app has to know.
type FactorSetup struct {
	Secret string // as it is typed
	URI    string // as it is scanned
}

// BeginFactor makes the secret of a second factor. It is asked for only once a
// code was given (ConfirmFactor).
func (c *Core) BeginFactor(ctx context.Context, who Asker, password string, from Client) (FactorSetup, error) {
	if _, err := c.prove(ctx, who, password, from); err != nil {
		return FactorSetup{}, err
	}
	house, err := c.House(ctx)
	if err != nil {
		return FactorSetup{}, err
	}
	var set FactorSetup
	err = c.update(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, who.User)
		if err != nil {
			return err
		}
		if f, err := tx.Factor(who.User); err == nil && f.Confirmed {
			return errOpened
		} else if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		secret := auth.NewFactorSecret()
		set = FactorSetup{Secret: auth.FactorText(secret), URI: auth.FactorURI(secret, house.Name, a.user.Email)}
		return tx.SetFactor(db.Factor{User: who.User, Secret: secret, Created: c.now()})
	})
	return set, err
}

// ConfirmFactor switches the second factor on by a first code of the app, and
// gives the recovery codes, which are told this once.
func (c *Core) ConfirmFactor(ctx context.Context, who Asker, code string, from Client) (codes []string, err error) {
	me := who.User
	err = c.tryCode(ctx, me, from, fault.Invalid, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		f, err := tx.Factor(me)
		if errors.Is(err, db.ErrNotFound) {
			return errNoFact
		}
		if err != nil {
			return err
		}
		if f.Confirmed {
			return errOpened
		}
		step := auth.FactorStep(f.Secret, code, c.now(), f.Step)
		if step == 0 {
			return errCode
		}
		f.Confirmed, f.Step, f.Created = true, step, c.now()
		codes, f.Recovery = auth.NewRecoveryCodes()
		if err := tx.SetFactor(f); err != nil {
			return err
		}
		// Whoever came in before by the password alone comes in anew.
		_, err = tx.DropSessionsOf(me, who.Session)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.ended(me, func(session db.ID) bool { return session != who.Session })
	c.note("factor.on", "a second factor was switched on", "user", me)
	return codes, nil
}

// withFactor does something to the second factor of a user who gave password
// and code.
func (c *Core) withFactor(ctx context.Context, who Asker, password, code string, from Client, do func(tx *db.Tx, f db.Factor) error) error {
	var has bool
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, who.User)
		has = len(a.user.PasswordHash) > 0
		return err
	})
	if err != nil {
		return err
	}
	if has { // else the code is all there is
		if _, err := c.prove(ctx, who, password, from); err != nil {
			return err
		}
	}
	return c.tryCode(ctx, who.User, from, fault.Invalid, func(tx *db.Tx) error {
		if _, err := c.member(tx, who.User); err != nil {
			return err
		}
		f, err := tx.Factor(who.User)
		if errors.Is(err, db.ErrNotFound) || err == nil && !f.Confirmed {
			return errNoFact
		}
		if err != nil {
			return err
		}
		if err := c.takeCode(tx, f, code); err != nil {
			return err
		}
		if f, err = tx.Factor(who.User); err != nil {
			return err
		}
		return do(tx, f)
	})
}

// NewRecovery makes the recovery codes anew; the old ones are void.
func (c *Core) NewRecovery(ctx context.Context, who Asker, password, code string, from Client) (codes []string, err error) {
	err = c.withFactor(ctx, who, password, code, from, func(tx *db.Tx, f db.Factor) error {
		codes, f.Recovery = auth.NewRecoveryCodes()
		return tx.SetFactor(f)
	})
	if err != nil {
		return nil, err
	}
	c.note("factor.codes", "recovery codes were made anew", "user", who.User)
	return codes, nil
}

// DropMyFactor switches the second factor off.
func (c *Core) DropMyFactor(ctx context.Context, who Asker, password, code string, from Client) error {
	err := c.withFactor(ctx, who, password, code, from, func(tx *db.Tx, _ db.Factor) error {
		_, err := tx.DropFactor(who.User)
		return err
	})
	if err == nil {
		c.note("factor.off", "a second factor was switched off", "user", who.User)
	}
	return err
}

// RemoveFactor takes the second factor away from somebody who lost it, for the
// keeper, whose password is given again. The user's sessions end. The keeper's
// own goes by DropMyFactor.
func (c *Core) RemoveFactor(ctx context.Context, who Asker, id db.ID, password string, from Client) error {
	if err := c.again(ctx, who, id, password, from); err != nil {
		return err
	}
	return c.removeFactor(ctx, who.User, id, func(tx *db.Tx) error {
		a, err := c.keeper(tx, who.User)
		if err != nil {
			return err
		}
		if a.is(id) {
			return fault.New(fault.Conflict, "factor.own", "Switch your own second factor off in the settings, by a code.")
		}
		_, err = c.person(tx, a, id)
		return err
	})
}

// removeFactor is RemoveFactor for whoever may; by is 0 on the command line.
func (c *Core) removeFactor(ctx context.Context, by, id db.ID, may func(*db.Tx) error) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		if err := may(tx); err != nil {
			return err
		}
		had, err := tx.DropFactor(id)
		if err != nil {
			return err
		}
		if !had {
			return errNoFact
		}
		_, err = tx.DropSessionsOf(id, 0)
		return err
	})
	if err == nil {
		c.ended(id, everySession)
		c.note("factor.removed", "a second factor was taken away", "user", id, "by", by)
	}
	return err
}

// hasFactor tells whether a second factor is asked for. One that can't be read
// is: nobody comes in by it.
func hasFactor(tx *db.Tx, user db.ID) (bool, error) {
	f, err := tx.Factor(user)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return false, nil
	case errors.Is(err, db.ErrCorrupt):
		return true, nil
	}
	return err == nil && f.Confirmed, err
}

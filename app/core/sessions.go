package core

import (
	"context"
	"errors"
	"sync"
	"time"

	"earshot/app/auth"
	"earshot/db"
)

// SessionMax is how long a session lives at most, however much it is used
// (OWASP ASVS 5.0, 7.3.2).
const SessionMax = 90 * 24 * time.Hour

const (
	sessionIdle  = 30 * 24 * time.Hour // how long unused (7.3.1)
	seenEvery    = 5 * time.Minute     // how exactly the last use is kept
	sessionsKept = 50                  // of one user; the oldest go
)

// open starts a session for somebody who came in by a door. Whoever only
// proved to have one factor comes by letIn.
func (c *Core) open(tx *db.Tx, u db.User, door db.Door, from Client) (SignedIn, error) {
	secret := auth.NewSecret()
	now := c.now()
	s := db.Session{
		ID: tx.NewID(), User: u.ID, Secret: auth.HashSecret(secret), Device: auth.Device(from.Device),
		Created: now, Seen: now, Expires: now.Add(sessionIdle), Until: now.Add(SessionMax),
		Door: door,
	}
	if from.Address.IsValid() {
		s.Address = from.Address.String()
	}
	var surplus []db.ID
	n := 0
	for old, err := range tx.SessionsOf(u.ID) {
		if c.unreadable(err, "session of", u.ID) {
			continue
		}
		if err != nil {
			return SignedIn{}, err
		}
		if n++; n >= sessionsKept {
			surplus = append(surplus, old.ID)
		}
	}
	for _, id := range surplus {
		if err := tx.DropSession(id); err != nil {
			return SignedIn{}, err
		}
	}
	if err := tx.AddSession(s); err != nil {
		return SignedIn{}, err
	}
	token, err := c.tokens.Issue(auth.Claims{
		Session: s.ID.String(), Secret: secret, User: u.ID.String(), Expires: s.Until,
	})
	if err != nil {
		return SignedIn{}, err
	}
	v, err := c.viewProfile(tx, asker{tx: tx, user: u}, u)
	return SignedIn{User: v, Session: s, Token: token}, err
}

// Asker is somebody whose token was found good.
type Asker struct {
	User    db.ID
	Session db.ID     // 0 for who came by a key, or whom a proxy named
	Key     db.ID     // 0 for who did not come by one
	Scopes  db.Scopes // of a token of the API: what it is for
}

// Authenticate finds whose token it is. A token that is forged, expired,
// signed out, of a disabled or deleted account: all are signin.needed.
//
// A player asks many times a second, so who a token is of is kept for a moment;
// a session that ends is forgotten at once.
func (c *Core) Authenticate(ctx context.Context, token string) (Asker, error) {
	who, round, ok := c.known.of(token, c.now())
	if ok {
		return who, nil
	}
	who, err := c.authenticate(ctx, token)
	if err == nil {
		c.known.keep(token, who, c.now(), round)
	}
	return who, err
}

func (c *Core) authenticate(ctx context.Context, token string) (Asker, error) {
	claims, err := c.tokens.Parse(token)
	if err != nil {
		return Asker{}, ErrSignIn.Because(err)
	}
	id, err := db.ParseID(claims.Session)
	if err != nil {
		return Asker{}, ErrSignIn.Because(err)
	}
	var s db.Session
	now := c.now()
	err = c.view(ctx, func(tx *db.Tx) (err error) {
		if s, err = tx.Session(id); err != nil {
			return err
		}
		if !auth.SecretMatches(s.Secret, claims.Secret) || s.User.String() != claims.User {
			return ErrSignIn
		}
		return c.alive(tx, s)
	})
	if errors.Is(err, ErrNotFound) {
		return Asker{}, ErrSignIn
	}
	if errors.Is(err, db.ErrCorrupt) {
		c.log.Error("a session or its user can't be read", "session", id, "error", err)
		return Asker{}, ErrSignIn.Because(err)
	}
	if err != nil {
		return Asker{}, err
	}
	if now.Sub(s.Seen) > seenEvery {
		c.seen.mark(s.ID, now)
	}
	return Asker{User: s.User, Session: s.ID}, nil
}

// StillIn tells whether somebody who was let in a while ago still is: their
// session and account may have ended since, or the house been closed.
func (c *Core) StillIn(ctx context.Context, who Asker) error {
	if who.User == 0 {
		return c.MayEnter(ctx, 0)
	}
	return c.view(ctx, func(tx *db.Tx) error {
		if who.Key != 0 {
			k, err := tx.Key(who.Key)
			if err != nil {
				return err
			}
			return c.letsIn(tx, k)
		}
		if who.Session == 0 { // a proxy named them
			_, err := c.member(tx, who.User)
			return err
		}
		s, err := tx.Session(who.Session)
		if err != nil {
			return err
		}
		return c.alive(tx, s)
	})
}

// alive decides whether a session still lets its user in. One that was made in
// the future is refused with its token (auth.Tokens).
func (c *Core) alive(tx *db.Tx, s db.Session) error {
	if now := c.now(); now.After(s.Expires) || now.After(s.Until) {
		return ErrSignIn
	}
	_, err := c.member(tx, s.User)
	return err
}

// SignOut ends the session that asks.
func (c *Core) SignOut(ctx context.Context, who Asker) error {
	err := c.EndSession(ctx, who.User, who.Session)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Sessions lists the user's sessions, the newest first.
func (c *Core) Sessions(ctx context.Context, me db.ID) ([]db.Session, error) {
	var list []db.Session
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		for s, err := range tx.SessionsOf(me) {
			if c.unreadable(err, "session of", me) {
				continue
			}
			if err != nil {
				return err
			}
			if c.now().Before(s.Expires) {
				list = append(list, s)
			}
		}
		return nil
	})
	return list, err
}

// EndSession ends one of the user's sessions; another user's answers as if it
// did not exist.
func (c *Core) EndSession(ctx context.Context, me, id db.ID) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		s, err := tx.Session(id)
		if err != nil {
			return err
		}
		if s.User != me {
			return ErrNotFound
		}
		return tx.DropSession(id)
	})
	if err == nil {
		c.note("session.ended", "a session was ended", "user", me, "session", id)
		c.ended(me, func(session db.ID) bool { return session == id })
	}
	return err
}

// EndOtherSessions ends all of the user's sessions but the one that asks.
func (c *Core) EndOtherSessions(ctx context.Context, who Asker) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, who.User); err != nil {
			return err
		}
		_, err := tx.DropSessionsOf(who.User, who.Session)
		return err
	})
	if err == nil {
		c.note("sessions.ended", "all other sessions of an account were ended", "user", who.User, "session", who.Session)
		c.ended(who.User, func(session db.ID) bool { return session != who.Session })
	}
	return err
}

// EndAllSessions ends all of the user's sessions, the one that asks too.
func (c *Core) EndAllSessions(ctx context.Context, me db.ID) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		_, err := tx.DropSessionsOf(me, 0)
		return err
	})
	if err == nil {
		c.ended(me, everySession)
		c.note("sessions.ended", "all sessions of an account were ended", "user", me)
	}
	return err
}

// ended makes the end of some of a user's sessions felt at once.
func (c *Core) ended(user db.ID, which func(session db.ID) bool) {
	c.known.forget()
	c.events.hush(user, which)
}

// known keeps for a moment who tokens are of. Whatever ends a session forgets
// them all, and what was looked up before is not kept after.
type known struct {
	mu    sync.Mutex
	who   map[string]knownAsker
	round uint64 // how often all was forgotten
}

type knownAsker struct {
	Asker
	at time.Time
}

const (
	knownFor  = time.Second
	knownMost = 1000
)

func (k *known) of(token string, now time.Time) (who Asker, round uint64, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.who[token]
	age := now.Sub(a.at)
	return a.Asker, k.round, ok && age >= 0 && age < knownFor
}

func (k *known) keep(token string, who Asker, now time.Time, round uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if round != k.round {
		return
	}
	if k.who == nil || len(k.who) >= knownMost {
		k.who = map[string]knownAsker{}
	}
	k.who[token] = knownAsker{who, now}
}

func (k *known) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.who = nil
	k.round++
}

// seen gathers when sessions were last used, so that reading does not write.
type seen[T any] struct {
	mu   sync.Mutex
	last map[db.ID]T
}

func newSeen[T any]() *seen[T] { return &seen[T]{last: map[db.ID]T{}} }

func (s *seen[T]) mark(id db.ID, use T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last[id] = use
}

// of gives the use of one that is still to be written down.
func (s *seen[T]) of(id db.ID) (use T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	use, ok = s.last[id]
	return use, ok
}

func (s *seen[T]) take() map[db.ID]T {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.last
	s.last = map[db.ID]T{}
	return last
}

// Tidy drops the sessions that ended and writes down when the others were last
// used. It is called now and then, and before the house closes.
func (c *Core) Tidy(ctx context.Context) error {
	c.sweepAttempts()
	err := errors.Join(c.tidyUploads(ctx), c.tidyKeys(ctx), c.free(ctx, func(tx *db.Tx) error {
		_, err := tx.DropExpiredSessions(c.now(), 1000)
		return err
	}))
	used := c.seen.take()
	if len(used) == 0 {
		return err
	}
	late := c.update(ctx, func(tx *db.Tx) error {
		for id, at := range used {
			s, err := tx.Session(id)
			if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "session", id) {
				continue
			}
			if err != nil {
				return err
			}
			s.Seen = at
			s.Expires = at.Add(sessionIdle)
			if s.Expires.After(s.Until) {
				s.Expires = s.Until
			}
			if err := tx.SetSession(s); err != nil {
				return err
			}
		}
		return nil
	})
	if late != nil {
		for id, at := range used {
			c.seen.mark(id, at) // for the next time
		}
	}
	return errors.Join(err, late)
}

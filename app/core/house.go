package core

import (
	"context"
	"sync"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

// HouseView is what anybody may know of the house.
type HouseView struct {
	db.House
	Setup     bool // no keeper yet
	Providers []Provider
	Mails     bool // who forgot the password gets a link by mail
}

// House tells the name of the house and who may come in.
func (c *Core) House(ctx context.Context) (HouseView, error) {
	v := HouseView{Mails: c.post.send != nil}
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		if v.House, err = tx.House(); err != nil {
			return err
		}
		v.Setup = empty(tx)
		return nil
	})
	if v.Name == "" {
		v.Name = "Earshot"
	}
	v.Providers = c.providers()
	return v, err
}

// HouseChange is what the keeper changes; nil fields stay.
type HouseChange struct {
	Name     *string
	SignUp   *db.SignUp
	Visitors *bool

	MostBytes, MostTracks *uint64 // quotas of each user; 0 for none

	BackupEvery *time.Duration // between backups; 0 for the settings', below 0 for none
	BackupKeep  *int           // how many are kept; 0 for the settings'
	ScanEvery   *time.Duration // between two looks at all libraries; 0 for the settings', below 0 for none
}

// soonest is how often at most the keeper may have something done by itself.
const soonest = time.Minute

// pause writes a length of time as a house keeps it.
func pause(d time.Duration, field string) (int64, error) {
	switch {
	case d < 0:
		return -1, nil
	case d > 0 && d < soonest:
		return 0, fault.New(fault.Invalid, "house.often", "That is too often. Choose a minute or more.").In(field)
	}
	return int64(d / time.Second), nil
}

// ChangeHouse changes what the keeper decides about the house.
func (c *Core) ChangeHouse(ctx context.Context, me db.ID, change HouseChange) (HouseView, error) {
	err := c.update(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		h, err := tx.House()
		if err != nil {
			return err
		}
		if change.Name != nil {
			h.Name = line(*change.Name)
			if err := bounded("name", h.Name, maxName); err != nil {
				return err
			}
		}
		if change.SignUp != nil {
			h.SignUp = *change.SignUp
		}
		if change.Visitors != nil {
			h.Visitors = *change.Visitors
		}
		if change.MostBytes != nil {
			h.MostBytes = *change.MostBytes
		}
		if change.MostTracks != nil {
			h.MostTracks = *change.MostTracks
		}
		if change.BackupEvery != nil {
			if h.BackupEvery, err = pause(*change.BackupEvery, "backup_every_ms"); err != nil {
				return err
			}
		}
		if change.BackupKeep != nil {
			h.BackupKeep = uint64(max(*change.BackupKeep, 0))
		}
		if change.ScanEvery != nil {
			if h.ScanEvery, err = pause(*change.ScanEvery, "scan_every_ms"); err != nil {
				return err
			}
		}
		return tx.SetHouse(h)
	})
	if err != nil {
		return HouseView{}, err
	}
	if change.Visitors != nil && !*change.Visitors {
		c.events.hush(0, everySession)
	}
	c.note("house.changed", "the keeper changed the house", "keeper", me)
	return c.House(ctx)
}

// empty tells whether nobody has an account yet.
func empty(tx *db.Tx) bool { return tx.CountUsers() == 0 }

// setupFor is how long a set-up link lives.
const setupFor = time.Hour

// setup holds the one-time token that makes the first account. It lives in
// memory only, so a copy of the data can't become somebody's house.
type setup struct {
	mu    sync.Mutex
	token string
	until time.Time
}

// SetupToken gives the token of a fresh set-up link, which lives an hour and
// works once, or "" when the house has its keeper.
func (c *Core) SetupToken(ctx context.Context) (string, error) {
	needed := false
	err := c.view(ctx, func(tx *db.Tx) error {
		needed = empty(tx)
		return nil
	})
	if err != nil || !needed {
		return "", err
	}
	c.setup.mu.Lock()
	defer c.setup.mu.Unlock()
	c.setup.token, c.setup.until = auth.NewCode(), c.now().Add(setupFor)
	return c.setup.token, nil
}

// valid tells whether a token is the one of the printed link.
func (s *setup) valid(token string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.until) && auth.CodeMatches(s.token, token)
}

// spend ends the token.
func (s *setup) spend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

// SetUp makes the keeper's account and decides about the house.
func (c *Core) SetUp(ctx context.Context, token string, account NewAccount, house db.House, from Client) (SignedIn, error) {
	if wait := c.setUps.Allow(from.Address); wait > 0 {
		return SignedIn{}, tooOften(wait)
	}
	done := fault.New(fault.Conflict, "setup.done", "This Earshot has its keeper already. Sign in instead.")
	if h, err := c.House(ctx); err != nil {
		return SignedIn{}, err
	} else if !h.Setup {
		return SignedIn{}, done
	}
	if !c.setup.valid(token, c.now()) {
		c.note("setup.refused", "a set-up link was not valid", "from", from.Address)
		return SignedIn{}, fault.New(fault.Forbidden, "setup.token",
			"This set-up link is not valid any more. Start Earshot again and open the link that it prints.")
	}
	house.Name = line(house.Name)
	if err := bounded("name", house.Name, maxName); err != nil {
		return SignedIn{}, err
	}
	u, err := c.newUser(ctx, account, house.Name)
	if err != nil {
		return SignedIn{}, err
	}
	u.Role = db.Keeper
	var in SignedIn
	err = c.update(ctx, func(tx *db.Tx) error {
		if !empty(tx) {
			return done
		}
		if err := tx.SetHouse(house); err != nil {
			return err
		}
		in, err = c.admit(tx, u, db.DoorPassword, from)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	c.setup.spend()
	c.note("house.made", "the keeper's account was made", "user", in.User.User.ID, "session", in.Session.ID, "from", from.Address)
	return in, nil
}

package db

import (
	"errors"
	"fmt"
	"iter"
)

// User gives the user with an id. ErrNotFound when there is none.
func (tx *Tx) User(id ID) (User, error) {
	u, err := load[User](tx, inUsers, id)
	if err != nil {
		return User{}, fmt.Errorf("user %s: %w", id, err)
	}
	return u, nil
}

// UserByUsername gives the user with a username, in any case of letters.
// moved says that the user is called otherwise now: the address has to be made
// anew from the record. ErrNotFound when nobody has, or had, the name.
func (tx *Tx) UserByUsername(name string) (u User, moved bool, err error) {
	id, mark, err := usernames.find(tx, name)
	if err == nil {
		u, err = load[User](tx, inUsers, id)
		if errors.Is(err, ErrNotFound) || err == nil && mark == 0 && fold(u.Username) != fold(name) {
			err = corrupt(inUsernames, usernames.key(fold(name)), errOtherRecord)
		}
	}
	if err != nil {
		return User{}, false, fmt.Errorf("user %q: %w", name, err)
	}
	return u, u.Username != name, nil
}

// UserByEmail gives the user with an e-mail address, in any case of letters.
// ErrNotFound when there is none; the error does not repeat the address.
func (tx *Tx) UserByEmail(email string) (User, error) {
	key, err := emailKey(email)
	if err != nil {
		return User{}, fmt.Errorf("user by e-mail: %w", ErrNotFound)
	}
	id, err := tx.loadID(inEmails, key)
	var u User
	if err == nil {
		u, err = load[User](tx, inUsers, id)
		if errors.Is(err, ErrNotFound) || err == nil && fold(u.Email) != fold(email) {
			err = corrupt(inEmails, key, errOtherRecord)
		}
	}
	if err != nil {
		return User{}, fmt.Errorf("user by e-mail: %w", err)
	}
	return u, nil
}

// errOtherRecord is the cause of an ErrCorrupt: an index leads astray.
var errOtherRecord = errors.New("the index does not fit the record it leads to")

func emailKey(email string) ([]byte, error) {
	folded := fold(email)
	if folded == "" || len(folded) > maxName {
		return nil, fmt.Errorf("an e-mail address has to have 1 to %d bytes", maxName)
	}
	return []byte(folded), nil
}

// CountUsers gives how many users there are.
func (tx *Tx) CountUsers() int { return int(tx.readState().users) }

// AddUser stores a new user. ErrTaken when the id, the username or the e-mail
// address is somebody's already. The counters in the record begin at zero,
// whatever it says.
func (tx *Tx) AddUser(u User) error {
	return tx.change("add user", u.ID, func() error { return tx.addUser(&u) })
}

func (tx *Tx) addUser(u *User) error {
	if err := tx.checkNew(inUsers, u.ID); err != nil {
		return err
	}
	u.Tracks, u.PublicTracks, u.Bytes, u.InPlace = 0, 0, 0, 0
	if err := usernames.check(tx, u.ID, u.Username); err != nil {
		return err
	}
	email, err := tx.checkEmail(u.Email)
	if err != nil {
		return err
	}
	if err := usernames.take(tx, u.ID, u.Username); err != nil {
		return err
	}
	if err := tx.put(inEmails, email, key1(u.ID)); err != nil {
		return err
	}
	if err := store(tx, inUsers, u.ID, u); err != nil {
		return err
	}
	tx.changeState().users++
	return tx.mark(KindUser, u.ID)
}

// checkNew wants an id that no record of a bucket has, and notes it as used.
func (tx *Tx) checkNew(b bucket, id ID) error {
	return tx.checkNewAt(b, key1(id), id)
}

// checkNewAt is checkNew for a record that is kept under more than its id.
func (tx *Tx) checkNewAt(b bucket, key []byte, id ID) error {
	if id == 0 {
		return errNoID
	}
	taken, err := tx.has(b, key)
	if err != nil {
		return err
	}
	if taken {
		return fmt.Errorf("the id: %w", ErrTaken)
	}
	tx.useID(id)
	return nil
}

var errNoID = errors.New("the record has no id")

// checkEmail gives the key of an e-mail address that nobody has.
func (tx *Tx) checkEmail(email string) ([]byte, error) {
	key, err := emailKey(email)
	if err != nil {
		return nil, err
	}
	taken, err := tx.has(inEmails, key)
	if err != nil {
		return nil, err
	}
	if taken {
		return nil, fmt.Errorf("the e-mail address: %w", ErrTaken)
	}
	return key, nil
}

// SetUser stores a user who is there already, else ErrNotFound. Another
// username leaves the former one leading to the user, until many more have
// followed; ErrTaken when the new username or e-mail address is somebody
// else's, or was his username once. The counters stay as they are stored,
// whatever the record says. Tags count what somebody has who is let back, and
// no more what somebody has who is suspended.
func (tx *Tx) SetUser(u User) error {
	return tx.change("set user", u.ID, func() error { return tx.setUser(&u) })
}

func (tx *Tx) setUser(u *User) error {
	old, err := load[User](tx, inUsers, u.ID)
	if err != nil {
		return err
	}
	u.Tracks, u.PublicTracks, u.Bytes, u.InPlace = old.Tracks, old.PublicTracks, old.Bytes, old.InPlace
	if err := usernames.check(tx, u.ID, u.Username); err != nil {
		return err
	}
	if fold(old.Email) != fold(u.Email) {
		email, err := tx.checkEmail(u.Email)
		if err != nil {
			return err
		}
		if err := tx.put(inEmails, email, key1(u.ID)); err != nil {
			return err
		}
		if err := tx.del(inEmails, []byte(fold(old.Email))); err != nil {
			return err
		}
	}
	if err := usernames.move(tx, u.ID, old.Username, u.Username); err != nil {
		return err
	}
	if err := store(tx, inUsers, u.ID, u); err != nil {
		return err
	}
	if u.Disabled != old.Disabled {
		if err := tx.countTagsOf(u.ID, !u.Disabled); err != nil {
			return err
		}
	}
	if u.Name != old.Name || u.Username != old.Username || u.Disabled != old.Disabled {
		if err := tx.markAllOf(u.ID); err != nil {
			return err
		}
	}
	return tx.mark(KindUser, u.ID)
}

// markAllOf notes in the outbox that all tracks and playlists of a user have
// changed: search holds their owner's names, and whether others may find them.
func (tx *Tx) markAllOf(user ID) error {
	for _, kind := range []Kind{KindTrack, KindPlaylist} {
		list := inUserTracks
		if kind == KindPlaylist {
			list = inUserPlaylists
		}
		all := each(&walk{tx: tx, b: list, prefix: key1(user)}, func(key, _ []byte) (ID, error) { return lastID(list, key) })
		for id, err := range all {
			if errors.Is(err, ErrCorrupt) {
				continue // Check tells of it
			}
			if err == nil {
				err = tx.mark(kind, id)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Users yields all users behind an id (0: from the first), oldest first. A
// corrupt record is yielded as an error; the walk goes on if the caller does.
func (tx *Tx) Users(behind ID) iter.Seq2[User, error] {
	return records[User](tx, inUsers, behind)
}

// NewestUsers yields all users, newest first, before an id (0: from the
// newest), as Users does.
func (tx *Tx) NewestUsers(before ID) iter.Seq2[User, error] {
	w := &walk{tx: tx, b: inUsers, back: true}
	if before != 0 {
		w.key = key1(before)
	}
	return each(w, func(key, value []byte) (u User, err error) {
		if err := decode(value, &u); err != nil {
			return User{}, corrupt(inUsers, key, err)
		}
		return u, nil
	})
}

var errStillHas = errors.New("the user still has tracks or playlists")

func (tx *Tx) dropUser(id ID) error {
	u, err := load[User](tx, inUsers, id)
	if err != nil {
		return err
	}
	counts, err := tx.UserCounts(id)
	if err != nil {
		return err
	}
	if u.Tracks > 0 || counts.Playlists > 0 {
		return errStillHas
	}
	if _, err := tx.DropSessionsOf(id, 0); err != nil {
		return err
	}
	if err := tx.dropFactorsOf(id); err != nil {
		return err
	}
	if err := tx.del(inQueues, key1(id)); err != nil {
		return err
	}
	if err := tx.DropKeysOf(id, 0); err != nil {
		return err
	}
	if err := tx.dropListeningOf(id); err != nil {
		return err
	}
	if err := tx.DropIdentitiesOf(id); err != nil {
		return err
	}
	if err := tx.dropJobsAbout(id); err != nil {
		return err
	}
	if err := tx.dropInvitesOf(id); err != nil {
		return err
	}
	if err := tx.dropReset(id); err != nil {
		return err
	}
	if err := tx.dropLibrariesOf(id); err != nil {
		return err
	}
	if err := tx.dropUploadsOf(id); err != nil {
		return err
	}
	if err := usernames.drop(tx, id, u.Username); err != nil {
		return err
	}
	if err := tx.del(inEmails, []byte(fold(u.Email))); err != nil {
		return err
	}
	if err := tx.del(inCounts, key1(id)); err != nil {
		return err
	}
	if err := tx.del(inUsers, key1(id)); err != nil {
		return err
	}
	tx.changeState().users--
	if err := tx.mark(KindUser, id); err != nil {
		return err
	}
	return tx.leave(KindUser, id)
}

package db

import (
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Invite gives the invite with an id. ErrNotFound when there is none.
func (tx *Tx) Invite(id ID) (Invite, error) {
	i, err := load[Invite](tx, inInvites, id)
	if err != nil {
		return Invite{}, fmt.Errorf("invite %s: %w", id, err)
	}
	return i, nil
}

// InviteBySecret gives the invite whose link carries what has this SHA-256.
// ErrNotFound when there is none.
func (tx *Tx) InviteBySecret(sum []byte) (Invite, error) {
	id, err := tx.loadID(inInviteSecrets, sum)
	var i Invite
	if err == nil {
		i, err = load[Invite](tx, inInvites, id)
		if errors.Is(err, ErrNotFound) || err == nil && string(i.Secret) != string(sum) {
			err = corrupt(inInviteSecrets, sum, errOtherRecord)
		}
	}
	if err != nil {
		return Invite{}, fmt.Errorf("invite by secret: %w", err)
	}
	return i, nil
}

// AddInvite stores a new invite of a user who is there, else ErrNotFound.
// ErrTaken when the id or the secret is another's.
func (tx *Tx) AddInvite(i Invite) error {
	return tx.change("add invite", i.ID, func() error {
		if err := tx.checkNew(inInvites, i.ID); err != nil {
			return err
		}
		if err := tx.want(inUsers, "user", i.User); err != nil {
			return err
		}
		if err := tx.freeSecret(inInviteSecrets, i.Secret); err != nil {
			return err
		}
		if err := store(tx, inInvites, i.ID, &i); err != nil {
			return err
		}
		return tx.put(inInviteSecrets, i.Secret, key1(i.ID))
	})
}

var errNoSecret = errors.New("the record has no secret")

// freeSecret wants a SHA-256 that no record has yet.
func (tx *Tx) freeSecret(b bucket, sum []byte) error {
	if len(sum) == 0 {
		return errNoSecret
	}
	taken, err := tx.has(b, sum)
	if err == nil && taken {
		err = fmt.Errorf("the secret: %w", ErrTaken)
	}
	return err
}

var errSecret = errors.New("the secret of a record can't change")

// SetInvite stores an invite that is there already, else ErrNotFound. Its user
// and its secret can't change.
func (tx *Tx) SetInvite(i Invite) error {
	return tx.change("set invite", i.ID, func() error {
		old, err := load[Invite](tx, inInvites, i.ID)
		switch {
		case err != nil:
			return err
		case old.User != i.User:
			return errOwner
		case string(old.Secret) != string(i.Secret):
			return errSecret
		}
		return store(tx, inInvites, i.ID, &i)
	})
}

// DropInvite removes an invite. ErrNotFound when there is none.
func (tx *Tx) DropInvite(id ID) error {
	return tx.change("drop invite", id, func() error {
		i, err := load[Invite](tx, inInvites, id)
		if err != nil {
			return err
		}
		if err := tx.del(inInviteSecrets, i.Secret); err != nil {
			return err
		}
		return tx.del(inInvites, key1(id))
	})
}

// Invites yields all invites before an id (0: from the newest), newest first.
func (tx *Tx) Invites(before ID) iter.Seq2[Invite, error] {
	w := &walk{tx: tx, b: inInvites, back: true}
	if before != 0 {
		w.key = key1(before)
	}
	return each(w, func(key, value []byte) (i Invite, err error) {
		if err := decode(value, &i); err != nil {
			return Invite{}, corrupt(inInvites, key, err)
		}
		return i, nil
	})
}

// dropInvitesOf removes the invites that a user made, and the user from those
// of others. There are few of them.
func (tx *Tx) dropInvitesOf(user ID) error {
	var mine []ID
	var others []Invite
	for i, err := range tx.Invites(0) {
		switch {
		case errors.Is(err, ErrCorrupt): // Check tells of it
		case err != nil:
			return err
		case i.User == user:
			mine = append(mine, i.ID)
		case slices.Contains(i.Accounts, user):
			others = append(others, i)
		}
	}
	for _, id := range mine {
		if err := tx.DropInvite(id); err != nil {
			return err
		}
	}
	for _, i := range others {
		i.Accounts = slices.DeleteFunc(i.Accounts, func(id ID) bool { return id == user })
		if err := store(tx, inInvites, i.ID, &i); err != nil {
			return err
		}
	}
	return nil
}

// invites checks the invites, and who made and used them.
func (c *checker) invites() {
	all(c, c.tx.Invites(0), func(i *Invite) {
		c.note(i.ID)
		c.entry(inInviteSecrets, i.Secret, key1(i.ID), i.ID)
		c.there(inUsers, i.User, inInvites)
		for _, u := range i.Accounts {
			c.there(inUsers, u, inInvites)
		}
		if uint64(len(i.Accounts)) > i.Used || i.Used > i.Uses {
			c.wrong("invite %s made %d accounts in %d uses of %d", i.ID, len(i.Accounts), i.Used, i.Uses)
		}
	})
}

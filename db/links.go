package db

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

// errNoCode says that a link without a code can't be stored.
var errNoCode = errors.New("it has no code")

// Link gives the secret link with an id. ErrNotFound when there is none.
func (tx *Tx) Link(id ID) (Link, error) {
	l, err := load[Link](tx, inLinks, id)
	if err != nil {
		return Link{}, fmt.Errorf("link %s: %w", id, err)
	}
	return l, nil
}

// LinkByCode finds a secret link by what its address carries. It is looked up
// by a hash, so that the time it takes tells nothing of the codes there are.
func (tx *Tx) LinkByCode(code string) (Link, error) {
	key := codeKey(code)
	id, err := tx.loadID(inLinkCodes, key)
	if err != nil {
		return Link{}, fmt.Errorf("link by its code: %w", err)
	}
	l, err := led[Link](tx, inLinkCodes, key, inLinks, id)
	if err == nil && l.Code != code {
		err = corrupt(inLinkCodes, key, errOtherRecord)
	}
	if err != nil {
		return Link{}, fmt.Errorf("link by its code: %w", err)
	}
	return l, nil
}

func codeKey(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

// Links yields all secret links, the one that was made first first.
func (tx *Tx) Links() iter.Seq2[Link, error] { return records[Link](tx, inLinks, 0) }

// LinksTo yields the secret links to a track or a playlist, oldest first.
func (tx *Tx) LinksTo(thing ID) iter.Seq2[Link, error] {
	return each(&walk{tx: tx, b: inThingLinks, prefix: key1(thing)}, func(key, _ []byte) (Link, error) {
		id, err := lastID(inThingLinks, key)
		if err != nil {
			return Link{}, err
		}
		l, err := led[Link](tx, inThingLinks, key, inLinks, id)
		if err == nil && l.Thing.ID != thing {
			return Link{}, corrupt(inThingLinks, key, errOtherRecord)
		}
		return l, err
	})
}

// AddLink stores a new secret link to a track or playlist that is there and is
// its user's, else ErrNotFound. ErrTaken when its id or its code is another's.
func (tx *Tx) AddLink(l Link) error {
	return tx.change("add link", l.ID, func() error {
		if err := tx.checkNew(inLinks, l.ID); err != nil {
			return err
		}
		if err := tx.checkCode(&l); err != nil {
			return err
		}
		if err := tx.checkThing(&l); err != nil {
			return err
		}
		if err := tx.put(inThingLinks, key2(l.Thing.ID, l.ID), nil); err != nil {
			return err
		}
		if err := tx.put(inLinkCodes, codeKey(l.Code), key1(l.ID)); err != nil {
			return err
		}
		return store(tx, inLinks, l.ID, &l)
	})
}

// checkCode wants a code that no link has.
func (tx *Tx) checkCode(l *Link) error {
	if l.Code == "" {
		return errNoCode
	}
	taken, err := tx.has(inLinkCodes, codeKey(l.Code))
	if err == nil && taken {
		err = ErrTaken
	}
	return err
}

// checkThing wants what a link leads to, and that it is the link's user's.
func (tx *Tx) checkThing(l *Link) error {
	var owner ID
	switch l.Thing.Kind {
	case KindTrack:
		t, err := load[Track](tx, inTracks, l.Thing.ID)
		if err != nil {
			return err
		}
		owner = t.User
	case KindPlaylist:
		p, err := load[Playlist](tx, inPlaylists, l.Thing.ID)
		if err != nil {
			return err
		}
		owner = p.User
	default:
		return ErrNotFound
	}
	if owner != l.User {
		return errOwner
	}
	return nil
}

// SetLink stores a secret link that is there already, else ErrNotFound. What it
// leads to, and whose it is, can't change; with a new code the old one leads
// nowhere. ErrTaken when the new one is another's.
func (tx *Tx) SetLink(l Link) error {
	return tx.change("set link", l.ID, func() error {
		old, err := load[Link](tx, inLinks, l.ID)
		if err != nil {
			return err
		}
		if l.User != old.User || l.Thing != old.Thing {
			return errOwner
		}
		if l.Code != old.Code {
			if err := tx.checkCode(&l); err != nil {
				return err
			}
			if err := tx.del(inLinkCodes, codeKey(old.Code)); err != nil {
				return err
			}
			if err := tx.put(inLinkCodes, codeKey(l.Code), key1(l.ID)); err != nil {
				return err
			}
		}
		return store(tx, inLinks, l.ID, &l)
	})
}

// DropLink removes a secret link. What visitors said who came by it stays.
// ErrNotFound when there is none.
func (tx *Tx) DropLink(id ID) error {
	return tx.change("drop link", id, func() error {
		l, err := load[Link](tx, inLinks, id)
		if err != nil {
			return err
		}
		return tx.dropLink(&l)
	})
}

func (tx *Tx) dropLink(l *Link) error {
	if err := tx.del(inLinkCodes, codeKey(l.Code)); err != nil {
		return err
	}
	if err := tx.del(inThingLinks, key2(l.Thing.ID, l.ID)); err != nil {
		return err
	}
	return tx.del(inLinks, key1(l.ID))
}

// dropLinksTo removes the secret links to a thing that goes, those too that
// can't be read.
func (tx *Tx) dropLinksTo(thing ID) error {
	return tx.purge(inThingLinks, key1(thing), func(_, _ []byte) bool { return true }, func(key []byte) error {
		id, err := lastID(inThingLinks, key)
		if err != nil {
			return err
		}
		l, err := load[Link](tx, inLinks, id)
		switch {
		case err == nil:
			return tx.dropLink(&l)
		case !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNotFound):
			return err
		}
		leadsTo := func(_, value []byte) bool { return len(value) == 8 && ID(binary.BigEndian.Uint64(value)) == id }
		if err := tx.purge(inLinkCodes, nil, leadsTo, nil); err != nil {
			return err
		}
		return tx.del(inLinks, key1(id))
	})
}

// DropCommentsBy removes what visitors said who came by a secret link, whether
// that is still there or not, with at most about so many changes, and gives the
// comments. Fewer than most mean that none is left.
func (tx *Tx) DropCommentsBy(link ID, most int) (gone []Comment, err error) {
	err = tx.change("drop comments by link", link, func() error {
		w := &walk{tx: tx, b: inUserComments, prefix: key1(link)}
		for c, err := range tx.listed(w, func(c *Comment) bool { return c.by() == link && c.Guest != "" }) {
			if errors.Is(err, ErrCorrupt) {
				continue
			}
			if err != nil || len(gone) >= most {
				return err
			}
			said := c
			if err := tx.dropComment(&c); err != nil {
				return err
			}
			gone = append(gone, said)
		}
		return nil
	})
	return gone, err
}

// links checks every secret link and its places in indexes.
func (c *checker) links() {
	all(c, records[Link](c.tx, inLinks, 0), func(l *Link) {
		c.note(l.ID)
		if err := c.tx.checkThing(l); errors.Is(err, ErrNotFound) || errors.Is(err, errOwner) {
			c.wrong("link %s leads to %s, which is not there or not its user's", l.ID, l.Thing.ID)
		} else if err != nil {
			c.found = append(c.found, fmt.Errorf("link %s: %w", l.ID, err))
		}
		c.entry(inLinkCodes, codeKey(l.Code), key1(l.ID), l.ID)
		c.entry(inThingLinks, key2(l.Thing.ID, l.ID), nil, l.ID)
	})
}

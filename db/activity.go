package db

import (
	"encoding/binary"
	"iter"
)

// ActivityKind says what somebody did for others to see.
type ActivityKind uint8

// The kinds of activity.
const (
	Published ActivityKind = 1 // a track became public or for followers; the mark is its Published
	Reposted  ActivityKind = 2 // the mark is the repost's
)

// Activity is a track that somebody published or reposted.
type Activity struct {
	User  ID
	Kind  ActivityKind
	Track ID // it may be private or gone by now, when it was reposted
	Mark  ID
}

// act enters what somebody did into the lists. The mark is nobody else's.
func (tx *Tx) act(a Activity) error {
	if err := tx.put(inActivity, key1(a.Mark), a.value()); err != nil {
		return err
	}
	return tx.put(inUserActivity, key2(a.User, a.Mark), a.value()[8:])
}

// value is what the list of all holds; the list of one user leaves the user
// out.
func (a *Activity) value() []byte {
	p := append(key1(a.User), byte(a.Kind))
	return binary.BigEndian.AppendUint64(p, uint64(a.Track))
}

// unact takes what a user did out of the lists.
func (tx *Tx) unact(user, mark ID) error {
	if err := tx.del(inActivity, key1(mark)); err != nil {
		return err
	}
	return tx.del(inUserActivity, key2(user, mark))
}

// Activity yields what all users published and reposted, newest first, before
// a mark (0: from the newest).
func (tx *Tx) Activity(before ID) iter.Seq2[Activity, error] {
	w := &walk{tx: tx, b: inActivity, back: true}
	if before != 0 {
		w.key = key1(before)
	}
	return each(w, func(key, value []byte) (Activity, error) {
		if len(key) != 8 || len(value) != 17 {
			return Activity{}, corrupt(inActivity, key, nil)
		}
		return readActivity(ID(binary.BigEndian.Uint64(value)), key, value[8:]), nil
	})
}

// ActivityOf is Activity of one user.
func (tx *Tx) ActivityOf(user, before ID) iter.Seq2[Activity, error] {
	w := &walk{tx: tx, b: inUserActivity, prefix: key1(user), back: true}
	if before != 0 {
		w.key = key2(user, before)
	}
	return each(w, func(key, value []byte) (Activity, error) {
		if len(key) != 16 || len(value) != 9 {
			return Activity{}, corrupt(inUserActivity, key, nil)
		}
		return readActivity(user, key[8:], value), nil
	})
}

func readActivity(user ID, mark, value []byte) Activity {
	return Activity{
		User:  user,
		Kind:  ActivityKind(value[0]),
		Track: ID(binary.BigEndian.Uint64(value[1:])),
		Mark:  ID(binary.BigEndian.Uint64(mark)),
	}
}

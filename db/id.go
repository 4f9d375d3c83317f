package db

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"time"
)

// ID names a record. Ids are unique across all kinds of records and
// time-ordered: one that was made later is greater, even when the clock was
// set back in between.
//
// The upper 42 bits are milliseconds since 2020-01-01 UTC, the lower 22 begin
// at random in each millisecond and count up.
type ID uint64

// ErrBadID says that a text is not an id.
var ErrBadID = errors.New("not an id")

const (
	idLength   = 13 // letters and digits in the text of an id
	idLowBits  = 22
	idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's base 32
)

// The clock is believed between these; outside, ids are counted up only, so
// that one start with a broken clock does not use up the numbers.
var (
	idEpoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	idEnd   = time.Date(2110, 1, 1, 0, 0, 0, 0, time.UTC)
)

// String gives the id as 13 lower-case letters and digits. The texts sort as
// the ids do.
func (id ID) String() string {
	var b [idLength]byte
	for i := idLength - 1; i >= 0; i-- {
		b[i] = idAlphabet[id&31]
		id >>= 5
	}
	return string(b[:])
}

// ParseID reads the text that String wrote, and no other form of it: no upper
// case, no look-alike letters, not zero. Anything else is ErrBadID.
func ParseID(s string) (ID, error) {
	if len(s) != idLength || s[0] > 'f' {
		return 0, ErrBadID
	}
	var id ID
	for i := range len(s) {
		d := idDigit(s[i])
		if d < 0 {
			return 0, ErrBadID
		}
		id = id<<5 | ID(d)
	}
	if id == 0 {
		return 0, ErrBadID
	}
	return id, nil
}

// idDigit gives the value of one letter of the alphabet, or -1.
func idDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'h':
		return int(c-'a') + 10
	case c == 'j' || c == 'k':
		return int(c-'j') + 18
	case c == 'm' || c == 'n':
		return int(c-'m') + 20
	case c >= 'p' && c <= 't':
		return int(c-'p') + 22
	case c >= 'v' && c <= 'z':
		return int(c-'v') + 27
	}
	return -1
}

// Time gives the moment that the id was made at, as the clock stood then, to
// the millisecond.
func (id ID) Time() time.Time {
	return idEpoch.Add(time.Duration(id>>idLowBits) * time.Millisecond)
}

// nextID gives the id after last at a moment.
func nextID(last ID, now time.Time) ID {
	if now.Before(idEpoch) || !now.Before(idEnd) {
		return last + 1
	}
	at := ID(now.UnixMilli()-idEpoch.UnixMilli()) << idLowBits
	if at <= last&^(1<<idLowBits-1) {
		return last + 1
	}
	return at | ID(rand.Uint32()>>(32-idLowBits))
}

// key1 and key2 are the keys of one and of two numbers.
func key1[T ~uint64](a T) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(a))
}

func key2[T, U ~uint64](a T, b U) []byte {
	k := binary.BigEndian.AppendUint64(make([]byte, 0, 16), uint64(a))
	return binary.BigEndian.AppendUint64(k, uint64(b))
}

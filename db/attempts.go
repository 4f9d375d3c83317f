package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Tally is how often something was done that may be done so often only. What it
// is and who did it, its key does not tell.
type Tally struct {
	Kind  uint8
	Key   uint64
	N     uint32        // how often
	Age   time.Duration // since the number was right, when it was saved
	Wait  time.Duration // until it may be done again, when it was saved
	Saved time.Time
}

// A tally is 4 bytes of its number and 8 each of its age, its wait and when it
// was saved, in microseconds.
const tallySize = 4 + 3*8

func tallyKey(kind uint8, key uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{kind}, key)
}

// SetTally stores a tally.
func (tx *Tx) SetTally(t Tally) error {
	p := binary.BigEndian.AppendUint32(make([]byte, 0, tallySize), t.N)
	for _, n := range []int64{t.Age.Microseconds(), t.Wait.Microseconds(), t.Saved.UnixMicro()} {
		p = binary.BigEndian.AppendUint64(p, uint64(n))
	}
	if err := tx.put(inAttempts, tallyKey(t.Kind, t.Key), p); err != nil {
		return fmt.Errorf("set a tally: %w", err)
	}
	return nil
}

// DropTally removes a tally, if it is there.
func (tx *Tx) DropTally(kind uint8, key uint64) error {
	if err := tx.del(inAttempts, tallyKey(kind, key)); err != nil {
		return fmt.Errorf("drop a tally: %w", err)
	}
	return nil
}

// Tallies gives all tallies, in the order of their kinds. Of one that can't be
// read, which is ErrCorrupt, kind and key are given where they can be.
func (tx *Tx) Tallies() iter.Seq2[Tally, error] {
	return func(yield func(Tally, error) bool) {
		w := &walk{tx: tx, b: inAttempts}
		for {
			ok, err := w.next()
			if !ok {
				if err != nil {
					yield(Tally{}, err)
				}
				return
			}
			var t Tally
			if len(w.key) == 9 {
				t.Kind, t.Key = w.key[0], binary.BigEndian.Uint64(w.key[1:])
			}
			if err == nil && (len(w.key) != 9 || len(w.value) != tallySize) {
				err = corrupt(inAttempts, w.key, nil)
			}
			if err == nil {
				n := func(at int) int64 { return int64(binary.BigEndian.Uint64(w.value[at:])) }
				t.N = binary.BigEndian.Uint32(w.value)
				t.Age, t.Wait = microseconds(n(4)), microseconds(n(12))
				t.Saved = time.UnixMicro(n(20)).UTC()
			}
			if !yield(t, err) || err != nil && !errors.Is(err, ErrCorrupt) {
				return
			}
		}
	}
}

// microseconds makes a length that fits, whatever stands in the file.
func microseconds(n int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Microsecond)
	return time.Duration(min(max(n, 0), most)) * time.Microsecond
}

// attempts wants tallies that can be read and count something.
func (c *checker) attempts() {
	all(c, c.tx.Tallies(), func(t *Tally) {
		if t.N == 0 {
			c.wrong("a tally of kind %d counts nothing", t.Kind)
		}
	})
}

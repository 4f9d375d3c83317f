package db

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Columns is in how many parts of the same length a track is divided where it
// is counted how far people listen.
const Columns = 100

// AddStops counts that listening to a track ended so many more times in one of
// its columns. A track that is gone is ErrNotFound.
func (tx *Tx) AddStops(track ID, column int, n uint64) error {
	return tx.change("add stops of", track, func() error {
		if column < 0 || column >= Columns {
			return fmt.Errorf("there is no column %d", column)
		}
		if err := tx.want(inTracks, "track", track); err != nil {
			return err
		}
		list, err := tx.Stops(track)
		if err != nil {
			return err
		}
		list[column] += n
		return tx.put(inStops, key1(track), numbers(list))
	})
}

// Stops gives how often listening to a track ended in each of its columns.
func (tx *Tx) Stops(track ID) ([]uint64, error) {
	list := make([]uint64, Columns)
	p, err := tx.get(inStops, key1(track))
	if errors.Is(err, ErrNotFound) {
		return list, nil
	}
	if err == nil && len(p) != 8*Columns {
		err = corrupt(inStops, key1(track), nil)
	}
	if err != nil {
		return nil, fmt.Errorf("stops of %s: %w", track, err)
	}
	for i := range list {
		list[i] = binary.BigEndian.Uint64(p[8*i:])
	}
	return list, nil
}

// stops wants stops of nothing but what is there.
func (c *checker) stops() {
	c.entries(inStops, func(key, value []byte) {
		track, err := lastID(inStops, key)
		if err == nil && len(value) != 8*Columns {
			err = corrupt(inStops, key, nil)
		}
		if err != nil {
			c.found = append(c.found, err)
			return
		}
		if there, err := c.tx.has(inTracks, key); err == nil && !there {
			c.wrong("stops of %s are counted, which is not there", track)
		}
	})
}

package db

import (
	"bytes"
	"errors"
	"iter"
)

// soundSize is how many bytes a hash of sound has.
const soundSize = 32

var errSound = errors.New("the hash of the sound has to have 32 bytes, or none")

// TracksOfSound yields the tracks of anybody that sound as a hash says,
// whatever their tags, oldest first. None does without a hash.
func (tx *Tx) TracksOfSound(sum []byte) iter.Seq2[ID, error] {
	if len(sum) != soundSize {
		return func(func(ID, error) bool) {}
	}
	return each(&walk{tx: tx, b: inSounds, prefix: sum}, func(key, _ []byte) (ID, error) {
		if len(key) != soundSize+8 {
			return 0, corrupt(inSounds, key, nil)
		}
		return lastID(inSounds, key)
	})
}

func soundKey(t *Track) []byte { return append(bytes.Clone(t.Audio.Sound), key1(t.ID)...) }

// resound moves a track from where its sound was listed to where it is. One of
// the two may be nil.
func (tx *Tx) resound(was, is *Track) error {
	if was != nil && is != nil && bytes.Equal(was.Audio.Sound, is.Audio.Sound) {
		return nil
	}
	if was != nil && len(was.Audio.Sound) > 0 {
		if err := tx.del(inSounds, soundKey(was)); err != nil {
			return err
		}
	}
	if is != nil && len(is.Audio.Sound) > 0 {
		return tx.put(inSounds, soundKey(is), nil)
	}
	return nil
}

package db

import (
	"encoding/binary"
	"errors"
	"iter"
	"time"
)

// What makes a release impossible to store.
var (
	errReleaseAs    = errors.New("a release makes something public or shows it to followers")
	errReleaseTime  = errors.New("a release has to have a time after 1970")
	errReleaseShown = errors.New("what is shown already has no release")
)

// Set tells whether there is a release at all.
func (r Release) Set() bool { return !r.At.IsZero() || r.As != Private }

// check tells whether something of a visibility can have the release.
func (r Release) check(v Visibility) error {
	switch {
	case !r.Set():
		return nil
	case !r.As.Shown():
		return errReleaseAs
	case r.At.Before(time.Unix(1, 0)):
		return errReleaseTime
	case v.Shown():
		return errReleaseShown
	}
	return nil
}

// releaseKey is where a release has its place: by the second it is due in.
func releaseKey(thing Thing, r Release) []byte { return key2(r.second(), thing.ID) }

// second is when a release is due, as its stored time says.
func (r Release) second() uint64 { return uint64(r.At.Round(time.Microsecond).Unix()) }

// schedule moves a thing from the place of one release to that of another.
func (tx *Tx) schedule(thing Thing, was, is Release) error {
	if was.Set() == is.Set() && was.second() == is.second() {
		return nil
	}
	if was.Set() {
		if err := tx.del(inReleases, releaseKey(thing, was)); err != nil {
			return err
		}
	}
	if !is.Set() {
		return nil
	}
	return tx.put(inReleases, releaseKey(thing, is), []byte{byte(thing.Kind)})
}

// unschedule takes a thing that can't be read out of the releases.
func (tx *Tx) unschedule(thing Thing) error {
	return tx.purge(inReleases, nil, func(key, _ []byte) bool {
		return len(key) == 16 && ID(binary.BigEndian.Uint64(key[8:])) == thing.ID
	}, nil)
}

// Due yields the tracks and playlists whose release is not after a moment, the
// earliest first.
func (tx *Tx) Due(now time.Time) iter.Seq2[Thing, error] {
	return func(yield func(Thing, error) bool) {
		w := &walk{tx: tx, b: inReleases}
		for {
			ok, err := w.next()
			if !ok && err == nil {
				return
			}
			var thing Thing
			if err == nil {
				thing, err = releasedThing(w.key, w.value)
			}
			if err == nil && int64(binary.BigEndian.Uint64(w.key)) > now.Unix() {
				return
			}
			if !yield(thing, err) || !ok {
				return
			}
		}
	}
}

func releasedThing(key, value []byte) (Thing, error) {
	if len(key) != 16 || len(value) != 1 {
		return Thing{}, corrupt(inReleases, key, nil)
	}
	thing := Thing{Kind: Kind(value[0]), ID: ID(binary.BigEndian.Uint64(key[8:]))}
	if thing.Kind != KindTrack && thing.Kind != KindPlaylist {
		return Thing{}, corrupt(inReleases, key, nil)
	}
	return thing, nil
}

// release checks the place of a release.
func (c *checker) release(thing Thing, r Release) {
	if r.Set() {
		c.entry(inReleases, releaseKey(thing, r), []byte{byte(thing.Kind)}, thing.ID)
	}
}

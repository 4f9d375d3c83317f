package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Counters that change often are kept beside the records, so that a like need
// not write a track anew. A thing without an entry has zeros.

// The places of a user's counters.
const (
	userFollowers = iota
	userFollowing
	userUnread
	userPlaylists
	userPublicPlaylists
	userComments
	userNotices  // notifications that are kept
	userListens  // tracks in the history
	userSums     // from here on: Numbers of all tracks that the user has
	userCounters = userSums + numberPlaces
)

// The places of a track's counters.
const (
	trackPlays = iota
	trackLikes
	trackReposts
	trackComments
	trackDownloads
	trackListeners // different people; each once a day
	trackCounters
)

// The places of a playlist's counters.
const (
	playlistLikers = iota
	playlistPublic
	playlistPublicTime
	playlistOwn
	playlistOwnTime
	playlistCounters
)

// UserCounts are what is counted of a user.
type UserCounts struct {
	Followers       uint64
	Following       uint64
	Unread          uint64 // messages that were not seen, in all conversations
	Playlists       uint64 // all of the user's playlists and albums
	PublicPlaylists uint64 // those that are public
	Comments        uint64 // that the user wrote
}

// TrackCounts are what everybody may know of what is counted of a track.
type TrackCounts struct {
	Plays    uint64
	Likes    uint64
	Reposts  uint64
	Comments uint64 // replies too
}

// PlaylistCounts are what is counted of a playlist.
type PlaylistCounts struct {
	Likes      uint64
	Public     uint64 // tracks in it that are public
	PublicTime uint64 // their length in microseconds
	Own        uint64 // tracks in it that its owner can see: the public ones and own ones
	OwnTime    uint64
}

// counters reads the counters of a thing, as many as its kind has.
func (tx *Tx) counters(id ID, n int) ([]uint64, error) {
	list := make([]uint64, n)
	p, err := tx.get(inCounts, key1(id))
	if errors.Is(err, ErrNotFound) {
		return list, nil
	}
	if err == nil && len(p)%8 != 0 {
		err = corrupt(inCounts, key1(id), nil)
	}
	if err != nil {
		return nil, fmt.Errorf("counters of %s: %w", id, err)
	}
	for i := range min(n, len(p)/8) {
		list[i] = binary.BigEndian.Uint64(p[8*i:])
	}
	return list, nil
}

// add changes one counter of a thing. Below zero it can't go: that is
// ErrInconsistent.
func (tx *Tx) add(id ID, n, place int, by int64) error {
	all := make([]int64, n)
	all[place] = by
	return tx.addAll(id, all)
}

// addAll is add for all counters of a thing at once.
func (tx *Tx) addAll(id ID, all []int64) error {
	if !slices.ContainsFunc(all, func(by int64) bool { return by != 0 }) {
		return nil
	}
	list, err := tx.counters(id, len(all))
	if err != nil {
		return err
	}
	for place, by := range all {
		if by < 0 && list[place] < uint64(-by) {
			return fmt.Errorf("%w: counter %d of %s would go below zero", ErrInconsistent, place, id)
		}
		list[place] += uint64(by)
	}
	return tx.put(inCounts, key1(id), numbers(list))
}

// countersIn gives how many counters the things have whose records are in a
// bucket.
func countersIn(b bucket) int {
	switch b {
	case inUsers:
		return userCounters
	case inTracks:
		return trackCounters
	}
	return playlistCounters
}

// lower takes one off a counter of a thing whose record is in a bucket, if it
// is: the counters of what is gone went with it. Counters that can't be read
// count nothing any more, and keep nobody from taking something back.
func (tx *Tx) lower(b bucket, id ID, place int) error {
	there, err := tx.has(b, key1(id))
	if err == nil && there {
		err = tx.add(id, countersIn(b), place, -1)
	}
	if errors.Is(err, ErrCorrupt) {
		return nil
	}
	return err
}

func (tx *Tx) addUserCount(user ID, place int, by int64) error {
	return tx.add(user, userCounters, place, by)
}

func (tx *Tx) addTrackCount(track ID, place int, by int64) error {
	return tx.add(track, trackCounters, place, by)
}

// UserCounts gives the counters of a user.
func (tx *Tx) UserCounts(id ID) (UserCounts, error) {
	c, err := tx.counters(id, userCounters)
	if err != nil {
		return UserCounts{}, err
	}
	return UserCounts{
		Followers: c[userFollowers], Following: c[userFollowing], Unread: c[userUnread],
		Playlists: c[userPlaylists], PublicPlaylists: c[userPublicPlaylists], Comments: c[userComments],
	}, nil
}

// TrackCounts gives the counters of a track.
func (tx *Tx) TrackCounts(id ID) (TrackCounts, error) {
	c, err := tx.counters(id, trackCounters)
	if err != nil {
		return TrackCounts{}, err
	}
	return TrackCounts{Plays: c[trackPlays], Likes: c[trackLikes], Reposts: c[trackReposts], Comments: c[trackComments]}, nil
}

// PlaylistCounts gives the counters of a playlist.
func (tx *Tx) PlaylistCounts(id ID) (PlaylistCounts, error) {
	c, err := tx.counters(id, playlistCounters)
	if err != nil {
		return PlaylistCounts{}, err
	}
	return PlaylistCounts{
		Likes:  c[playlistLikers],
		Public: c[playlistPublic], PublicTime: c[playlistPublicTime],
		Own: c[playlistOwn], OwnTime: c[playlistOwnTime],
	}, nil
}

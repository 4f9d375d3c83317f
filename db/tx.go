package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// bucket is one of the file's buckets; doc.go draws them.
type bucket uint8

const (
	inMeta bucket = iota
	inHouse
	inSecrets
	inUsers
	inUsernames
	inFormerNames
	inEmails
	inSessions
	inUserSessions
	inSessionEnds
	inTracks
	inSlugs
	inFormerSlugs
	inUserTracks
	inPublicTracks
	inUserPublic
	inActivity
	inUserActivity
	inCounts
	inFollows
	inFollowing
	inFollowers
	inLikes
	inUserLikes
	inLikers
	inPlaylistLikes
	inUserPlaylistLikes
	inPlaylistLikers
	inReposts
	inUserReposts
	inReposters
	inBlocks
	inBlocking
	inBlockers
	inListens
	inHistory
	inListeners
	inComments
	inTrackComments
	inTrackThreads
	inReplies
	inUserComments
	inPlaylists
	inPlaylistSlugs
	inFormerPlaylistSlugs
	inUserPlaylists
	inUserPublicPlaylists
	inPlaylistTracks
	inInPlaylists
	inNotifications
	inNoticesSeen
	inConversations
	inPairs
	inInbox
	inMessages
	inReports
	inOpenReports
	inReportsBy
	inReportsAbout
	inGone
	inTags
	inTagNames
	inPopularTags
	inTagTracks
	inUserTags
	inDays
	inHeard
	inPointDays
	inScores
	inCharts
	inStops
	inIdentities
	inSubjects
	inUserIdentities
	inInvites
	inInviteSecrets
	inResets
	inResetSecrets
	inFactors
	inPasskeys
	inCredentials
	inUserPasskeys
	inLinks
	inLinkCodes
	inThingLinks
	inReleases
	inAttempts
	inLibraries
	inLibraryPaths
	inFiles
	inTrackFiles
	inSounds
	inImports
	inProblems
	inUploads
	inUserUploads
	inQueues
	inKeys
	inKeyHashes
	inUserKeys
	inBookmarks
	inRatings
	inScrobblers
	inScrobbles
	inJobs
	inSubjectJobs
	inOutbox
	inDirty
	bucketCount
)

var bucketNames = [bucketCount]string{
	"meta", "house", "secrets",
	"users", "usernames", "formernames", "emails",
	"sessions", "usersessions", "sessionends",
	"tracks", "slugs", "formerslugs", "usertracks", "publictracks", "userpublic",
	"activity", "useractivity", "counts",
	"follows", "following", "followers",
	"likes", "userlikes", "likers",
	"playlistlikes", "userplaylistlikes", "playlistlikers",
	"reposts", "userreposts", "reposters",
	"blocks", "blocking", "blockers",
	"listens", "history", "listeners",
	"comments", "trackcomments", "trackthreads", "replies", "usercomments",
	"playlists", "playlistslugs", "formerplaylistslugs", "userplaylists", "userpublicplaylists", "playlisttracks", "inplaylists",
	"notifications", "noticesseen",
	"conversations", "pairs", "inbox", "messages",
	"reports", "openreports", "reportsby", "reportsabout",
	"gone",
	"tags", "tagnames", "populartags", "tagtracks", "usertags",
	"days", "heard", "pointdays", "scores", "charts", "stops",
	"identities", "subjects", "useridentities",
	"invites", "invitesecrets", "resets", "resetsecrets",
	"factors", "passkeys", "credentials", "userpasskeys",
	"links", "linkcodes", "thinglinks", "releases", "attempts",
	"libraries", "librarypaths", "files", "trackfiles", "sounds", "imports", "problems", "uploads", "useruploads",
	"queues",
	"keys", "keyhashes", "userkeys", "bookmarks", "ratings", "scrobblers", "scrobbles",
	"jobs", "subjectjobs",
	"outbox", "dirty",
}

func (b bucket) String() string { return bucketNames[b] }

// appended says whether keys of a bucket are added at its end only; such pages
// are filled nearly full, as are all of a file that is made in order.
func (b bucket) appended() bool {
	switch b {
	case inUsers, inSessions, inTracks, inPublicTracks, inActivity, inComments, inPlaylists, inConversations, inReports, inJobs, inOutbox:
		return true
	}
	return false
}

// Tx is a transaction. It is good until the function that it was given to
// returns, in that function's goroutine. Every value that its methods give out
// belongs to the caller.
type Tx struct {
	ctx     context.Context // it lives no longer than the call that brought it
	d       *DB
	bolt    *bolt.Tx
	write   bool
	ended   bool
	broken  error // the file is damaged: nothing of this transaction may be kept
	buckets [bucketCount]*bolt.Bucket
	scratch []byte            // the last payload that get gave
	writes  uint64            // puts and deletes so far
	deleted [bucketCount]bool // where something was removed

	state        state
	stateRead    bool
	stateChanged bool
	marked       bool // the outbox grows
}

// state is what is counted for the whole file.
type state struct {
	last   ID     // the greatest id that was ever given out
	seq    uint64 // the last outbox sequence
	users  uint64
	tracks uint64
}

var (
	schemaKey = []byte("schema")
	stateKey  = []byte("state")
)

// Context gives what the transaction was begun with.
func (tx *Tx) Context() context.Context {
	if tx.ctx == nil {
		return context.Background()
	}
	return tx.ctx
}

// NewID gives an id that was never given out before, greater than all that
// were. It is kept when the transaction is.
func (tx *Tx) NewID() ID {
	s := tx.changeState()
	s.last = nextID(s.last, tx.d.now())
	return s.last
}

// LastID gives the greatest id that was ever given out.
func (tx *Tx) LastID() ID { return tx.readState().last }

// useID notes an id that came from outside, so that it is not given out again.
func (tx *Tx) useID(id ID) {
	if s := tx.readState(); id > s.last {
		tx.changeState().last = id
	}
}

// readState gives the counters. When they can't be read, the transaction is
// broken and will say so at its end.
func (tx *Tx) readState() *state {
	if tx.stateRead {
		return &tx.state
	}
	tx.stateRead = true
	p, err := tx.get(inMeta, stateKey)
	if err == nil && len(p) != 32 {
		err = corrupt(inMeta, stateKey, nil)
	}
	if err != nil {
		tx.fail(fmt.Errorf("read the counters: %w", err))
		return &tx.state
	}
	tx.state = state{
		last:   ID(binary.BigEndian.Uint64(p)),
		seq:    binary.BigEndian.Uint64(p[8:]),
		users:  binary.BigEndian.Uint64(p[16:]),
		tracks: binary.BigEndian.Uint64(p[24:]),
	}
	return &tx.state
}

// changeState gives the counters to be changed.
func (tx *Tx) changeState() *state {
	s := tx.readState()
	if !tx.write {
		tx.fail(errReadTx)
	}
	tx.stateChanged = true
	return s
}

// finish writes what was counted, before the commit.
func (tx *Tx) finish() error {
	if !tx.stateChanged {
		return nil
	}
	p := make([]byte, 0, 32)
	for _, n := range []uint64{uint64(tx.state.last), tx.state.seq, tx.state.users, tx.state.tracks} {
		p = binary.BigEndian.AppendUint64(p, n)
	}
	return tx.put(inMeta, stateKey, p)
}

// fail makes sure that the transaction comes to nothing; the first cause is
// the one that is told.
func (tx *Tx) fail(err error) {
	if tx.broken == nil {
		tx.broken = err
	}
}

// change runs one method that changes several places. What callers may expect
// to go wrong, such as ErrTaken, comes up before anything was written, and they
// may go on; an error half-way makes the transaction come to nothing.
func (tx *Tx) change(what string, id ID, do func() error) error {
	before := tx.writes
	err := do()
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s %s: %w", what, id, err)
	if tx.writes != before {
		tx.fail(err)
	}
	return err
}

var (
	errEnded  = errors.New("the transaction has ended")
	errReadTx = errors.New("a reading transaction can't change anything")
)

func (tx *Tx) usable() error {
	if tx.ended {
		return errEnded
	}
	return tx.broken
}

// guard turns a panic of bbolt, or a fault of the memory map, into ErrDamaged.
// It is deferred by the few functions that touch bbolt, none of which calls
// code of others.
func (tx *Tx) guard(b bucket, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: bucket %s: %v", ErrDamaged, b, r)
		tx.fail(*err)
	}
}

// bucket gives a bucket of the file. It is to be called under guard.
func (tx *Tx) bucket(b bucket) *bolt.Bucket {
	if tx.buckets[b] == nil {
		in := tx.bolt.Bucket([]byte(b.String()))
		if in == nil {
			panic("the bucket is missing")
		}
		if b.appended() || tx.d.scratch {
			in.FillPercent = 0.9
		}
		tx.buckets[b] = in
	}
	return tx.buckets[b]
}

// get gives the payload of a key, good until the next call of get, or
// ErrNotFound.
func (tx *Tx) get(b bucket, key []byte) (payload []byte, err error) {
	if err := tx.usable(); err != nil {
		return nil, err
	}
	defer tx.guard(b, &err)
	value := tx.bucket(b).Get(key)
	if value == nil {
		err = tx.checkGap(b, key)
		if errors.Is(err, ErrDamaged) {
			tx.fail(err)
		}
		return nil, err
	}
	payload, err = unseal(b, key, value)
	if err != nil {
		return nil, err
	}
	tx.scratch = append(tx.scratch[:0], payload...)
	return tx.scratch, nil
}

// checkGap says ErrNotFound for a key that is not there, if the entries on
// both sides of the gap are whole and stand in order: a rotten key is looked
// for in vain just there.
func (tx *Tx) checkGap(b bucket, key []byte) error {
	c := tx.bucket(b).Cursor()
	k, v := c.Seek(key)
	if k != nil {
		if bytes.Compare(k, key) <= 0 {
			return outOfOrder(b)
		}
		if _, err := unseal(b, k, v); err != nil {
			return err
		}
	}
	if tx.deleted[b] {
		return ErrNotFound // Prev can't be trusted: see walk.pop
	}
	if k, v = c.Prev(); k != nil {
		if bytes.Compare(k, key) >= 0 {
			return outOfOrder(b)
		}
		if _, err := unseal(b, k, v); err != nil {
			return err
		}
	}
	return ErrNotFound
}

func outOfOrder(b bucket) error {
	return fmt.Errorf("%w: bucket %s: keys are out of order", ErrDamaged, b)
}

// has says whether a key is there.
func (tx *Tx) has(b bucket, key []byte) (bool, error) {
	_, err := tx.get(b, key)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// put stores a payload under a key.
func (tx *Tx) put(b bucket, key, payload []byte) (err error) {
	if err := tx.usable(); err != nil {
		return err
	}
	if !tx.write {
		return errReadTx
	}
	if len(key) > maxKey || len(payload) > maxValue {
		return fmt.Errorf("a value for bucket %s is too long: %d bytes under a key of %d", b, len(payload), len(key))
	}
	defer tx.guard(b, &err)
	tx.writes++
	return tx.bucket(b).Put(key, seal(b, key, payload))
}

// del removes a key, if it is there.
func (tx *Tx) del(b bucket, key []byte) (err error) {
	if err := tx.usable(); err != nil {
		return err
	}
	if !tx.write {
		return errReadTx
	}
	defer tx.guard(b, &err)
	tx.writes++
	tx.deleted[b] = true
	return tx.bucket(b).Delete(key)
}

// load reads a record by its id. A missing one is ErrNotFound.
func load[T any](tx *Tx, b bucket, id ID) (T, error) {
	return loadAt[T](tx, b, key1(id))
}

// loadAt is load for a record that is kept under more than its id.
func loadAt[T any](tx *Tx, b bucket, key []byte) (record T, err error) {
	p, err := tx.get(b, key)
	if err != nil {
		return record, err
	}
	if err := decode(p, &record); err != nil {
		var none T
		return none, corrupt(b, key, err)
	}
	return record, nil
}

// store writes a record under its id.
func store[T any](tx *Tx, b bucket, id ID, record *T) error {
	return storeAt(tx, b, key1(id), record)
}

// storeAt is store for a record that is kept under more than its id.
func storeAt[T any](tx *Tx, b bucket, key []byte, record *T) error {
	p, err := encode(record)
	if err != nil {
		return fmt.Errorf("encode a record for bucket %s: %w", b, err)
	}
	return tx.put(b, key, p)
}

// loadID reads an index entry that holds an id.
func (tx *Tx) loadID(b bucket, key []byte) (ID, error) {
	p, err := tx.get(b, key)
	if err != nil {
		return 0, err
	}
	if len(p) != 8 {
		return 0, corrupt(b, key, nil)
	}
	return ID(binary.BigEndian.Uint64(p)), nil
}

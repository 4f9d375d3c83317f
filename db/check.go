package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
)

// checkTree makes sure at open that the file's skeleton is sound: meta page,
// freelist and branch pages, which are few. No walk through it can then go in
// circles. Leaves are checked as they are read.
func (d *DB) checkTree() error {
	h, err := readHead(d.file)
	if err != nil {
		return err
	}
	return (&pageWalk{ctx: context.Background(), f: d.file, h: h}).run()
}

// Check reads everything: every page, every seal, every record; it follows
// every index to its record and back, and counts every counter anew. It gives
// nil, or all that it found (up to a number): ErrDamaged for pages, ErrCorrupt
// for values, ErrInconsistent for the rest. Others go on reading and writing.
func (d *DB) Check(ctx context.Context) error {
	_, err := d.CheckTelling(ctx, func(uint64) {})
	return err
}

// CheckTelling is Check that tells now and then how many values it has read,
// and gives what it counted. The error is a list (errors.Join).
func (d *DB) CheckTelling(ctx context.Context, progress func(records uint64)) (p Proof, err error) {
	if err := d.check(ctx, &p, progress); err != nil {
		return p, fmt.Errorf("check %s: %w", d.path, err)
	}
	return p, nil
}

func (d *DB) check(ctx context.Context, p *Proof, progress func(records uint64)) error {
	// Nobody may write until the head is known that the transaction stands on.
	select {
	case d.writer <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	held := true
	release := func() {
		if held {
			held = false
			<-d.writer
		}
	}
	defer release()
	return d.View(ctx, func(tx *Tx) error {
		h, err := readHead(d.file)
		if err != nil {
			return err
		}
		release()
		c := &checker{ctx: ctx, tx: tx}
		check := checkValue(p, int(d.schema) == newest())
		w := &pageWalk{ctx: ctx, f: d.file, h: h, full: true, each: func(name string, key, value []byte) error {
			if p.Records%1000 == 0 {
				progress(p.Records)
			}
			err := check(name, key, value)
			if errors.Is(err, ErrCorrupt) && len(c.found) < maxFound {
				c.found = append(c.found, err)
				return nil // the others are to be known too
			}
			return err
		}}
		if err := w.run(); err != nil {
			return errors.Join(append(c.found, err)...)
		}
		c.run()
		return errors.Join(append(once(c.found), ctx.Err())...)
	})
}

// compare is Check without a look at pages and records that nothing leads to.
func (d *DB) compare(ctx context.Context) error {
	err := d.View(ctx, func(tx *Tx) error {
		c := &checker{ctx: ctx, tx: tx}
		c.run()
		return errors.Join(append(once(c.found), ctx.Err())...)
	})
	if err != nil {
		return fmt.Errorf("check %s: %w", d.path, err)
	}
	return nil
}

// once leaves out what was found by several ways.
func once(found []error) (list []error) {
	said := map[string]bool{}
	for _, err := range found {
		if text := err.Error(); !said[text] {
			said[text] = true
			list = append(list, err)
		}
	}
	return list
}

// checkValue gives the function that looks at each value of a file, and counts
// them; newest says that records have the shapes of this version.
func checkValue(p *Proof, newest bool) func(name string, key, value []byte) error {
	byName := make(map[string]bucket, bucketCount)
	for b := range bucketCount {
		byName[b.String()] = b
	}
	return func(name string, key, value []byte) error {
		b, ok := byName[name]
		if !ok {
			return nil
		}
		payload, err := unseal(b, key, value)
		if err != nil {
			return err
		}
		p.Records++
		switch b {
		case inUsers:
			p.Users++
		case inTracks:
			p.Tracks++
		case inComments:
			p.Comments++
		}
		if b == inMeta && string(key) == string(stateKey) && len(payload) == 32 {
			if last := ID(binary.BigEndian.Uint64(payload)); last != 0 {
				p.Newest = last.Time()
			}
		}
		if !newest {
			return nil // records of older schemas have other shapes
		}
		return checkRecord(b, key, payload)
	}
}

// checkRecord wants a payload to be the record that its bucket holds.
func checkRecord(b bucket, key, payload []byte) error {
	var record any
	switch b {
	case inUsers:
		record = new(User)
	case inSessions:
		record = new(Session)
	case inIdentities:
		record = new(Identity)
	case inTracks:
		record = new(Track)
	case inJobs:
		record = new(Job)
	case inHouse:
		record = new(House)
	case inComments:
		record = new(Comment)
	case inPlaylists:
		record = new(Playlist)
	case inConversations:
		record = new(Conversation)
	case inMessages:
		record = new(Message)
	case inNotifications:
		record = new(Notification)
	case inReports:
		record = new(Report)
	case inTags:
		record = new(Tag)
	case inLinks:
		record = new(Link)
	case inFactors:
		record = new(Factor)
	case inQueues:
		record = new(Queue)
	case inKeys:
		record = new(Key)
	case inBookmarks:
		record = new(Bookmark)
	case inScrobblers:
		record = new(Scrobbler)
	case inScrobbles:
		record = new(Scrobble)
	case inPasskeys:
		record = new(Passkey)
	case inInvites:
		record = new(Invite)
	case inResets:
		record = new(Reset)
	case inLibraries:
		record = new(Library)
	case inFiles:
		record = new(File)
	case inImports:
		record = new(Import)
	case inProblems:
		record = new(Problem)
	case inUploads:
		record = new(Upload)
	default:
		return nil
	}
	if err := decode(payload, record); err != nil {
		return corrupt(b, key, err)
	}
	return nil
}

// maxFound is how many contradictions Check lists.
const maxFound = 100

// checker holds records against indexes and counters.
type checker struct {
	ctx   context.Context
	tx    *Tx
	found []error
	sizes [bucketCount]int // entries that should be in each bucket
	last  ID               // the greatest id that was seen

	// fill is given every entry that should be there, instead of it being looked
	// for; nothing else is found wrong then. It makes indexes anew.
	fill func(b bucket, key, payload []byte)

	tagging tagging
}

func (c *checker) full() bool {
	return len(c.found) >= maxFound && c.fill == nil || c.ctx.Err() != nil
}

func (c *checker) wrong(format string, args ...any) {
	if c.fill != nil {
		return
	}
	if len(c.found) < maxFound {
		c.found = append(c.found, fmt.Errorf("%w: "+format, append([]any{ErrInconsistent}, args...)...))
	}
}

// note remembers that an id is in use.
func (c *checker) note(id ID) { c.last = max(c.last, id) }

// there wants a record, or the note that its traces are still being removed.
func (c *checker) there(b bucket, id ID, whose bucket) {
	if c.fill != nil {
		return
	}
	for _, b := range []bucket{b, inGone} {
		ok, err := c.tx.has(b, key1(id))
		if err != nil {
			c.found = append(c.found, err)
		}
		if ok || err != nil {
			return
		}
	}
	c.wrong("%s leads to %s, which is not in %s", whose, id, b)
}

// entry wants an index entry that holds a payload.
func (c *checker) entry(b bucket, key, payload []byte, whose ID) {
	c.sizes[b]++
	if c.fill != nil {
		c.fill(b, key, payload)
		return
	}
	p, err := c.tx.get(b, key)
	switch {
	case errors.Is(err, ErrNotFound):
		c.wrong("%s has no entry in %s", whose, b)
	case err != nil:
		c.found = append(c.found, err)
	case string(p) != string(payload):
		c.wrong("the entry of %s in %s is another's", whose, b)
	}
}

// all goes over records until too much was found.
func all[T any](c *checker, seq iter.Seq2[T, error], look func(*T)) (n int) {
	for r, err := range seq {
		if c.full() {
			break
		}
		if err != nil {
			c.found = append(c.found, err)
			continue
		}
		n++
		look(&r)
	}
	return n
}

// indexes are the buckets whose entries all come from records or pairs, and
// messages, which all have a conversation.
var indexes = []bucket{
	inUsernames, inFormerNames, inEmails, inUserSessions, inSessionEnds,
	inSlugs, inFormerSlugs, inUserTracks, inPublicTracks, inUserPublic, inActivity, inUserActivity,
	inFollowing, inFollowers, inUserLikes, inLikers, inUserPlaylistLikes, inPlaylistLikers,
	inUserReposts, inReposters, inBlocking, inBlockers, inHistory, inListeners,
	inTrackComments, inTrackThreads, inReplies, inUserComments,
	inPlaylistSlugs, inFormerPlaylistSlugs, inUserPlaylists, inUserPublicPlaylists, inPlaylistTracks, inInPlaylists,
	inMessages, inPairs, inInbox, inOpenReports, inReportsBy, inReportsAbout,
	inSubjects, inUserIdentities,
	inTagNames, inPopularTags, inTagTracks, inUserTags, inCharts,
	inLinkCodes, inThingLinks,
	inReleases,
	inLibraryPaths, inTrackFiles, inSounds,
	inCredentials, inUserPasskeys,
	inKeyHashes, inUserKeys,
	inInviteSecrets, inResetSecrets,
	inUserUploads,
	inSubjectJobs, inDirty,
}

func (c *checker) run() {
	tx := c.tx
	state := *tx.readState()
	c.tagging = tagging{suspended: map[ID]bool{}, ids: map[string]ID{}, tracks: map[ID]uint64{}, users: map[[2]ID]uint64{}}
	users := all(c, tx.Users(0), func(u *User) {
		c.note(u.ID)
		c.name(usernames, u.ID, u.Username)
		c.entry(inEmails, []byte(fold(u.Email)), key1(u.ID), u.ID)
		c.recount(u)
		if u.Disabled {
			c.tagging.suspended[u.ID] = true
		}
	})
	all(c, records[Session](tx, inSessions, 0), func(s *Session) {
		c.note(s.ID)
		c.entry(inUserSessions, key2(s.User, s.ID), nil, s.ID)
		c.entry(inSessionEnds, endKey(s), nil, s.ID)
	})
	all(c, records[Identity](tx, inIdentities, 0), func(i *Identity) {
		c.note(i.ID)
		c.there(inUsers, i.User, inIdentities)
		c.entry(inSubjects, subjectKey(i.Issuer, i.Subject), key1(i.ID), i.ID)
		c.entry(inUserIdentities, key2(i.User, i.ID), nil, i.ID)
	})
	tracks := all(c, records[Track](tx, inTracks, 0), func(t *Track) {
		c.note(t.ID)
		c.note(t.Published)
		if err := checkTrack(t); err != nil {
			c.wrong("track %s: %w", t.ID, err)
		}
		c.name(slugsOf(t.User), t.ID, t.Slug)
		c.entry(inUserTracks, key2(t.User, t.ID), nil, t.ID)
		if t.Published != 0 {
			c.entry(inUserPublic, key2(t.User, t.Published), key1(t.ID), t.ID)
			c.activity(Activity{User: t.User, Kind: Published, Track: t.ID, Mark: t.Published})
		}
		if t.Visibility == Public {
			c.entry(inPublicTracks, key1(t.Published), key1(t.ID), t.ID)
			c.tagged(t)
		}
		if len(t.Audio.Sound) > 0 {
			c.entry(inSounds, soundKey(t), nil, t.ID)
		}
		c.release(Thing{KindTrack, t.ID}, t.Release)
	})
	c.tags()
	for _, e := range allEdges() {
		c.edges(e)
	}
	c.counts()
	c.numbers()
	c.charts()
	c.stops()
	c.attempts()
	c.comments()
	c.playlists()
	c.notifications()
	c.conversations()
	c.reports()
	c.links()
	c.factors()
	c.queues()
	c.keys()
	c.listening()
	c.invites()
	c.imports()
	c.resets()
	c.libraries()
	c.uploads()
	c.gone()
	all(c, tx.Jobs(), func(j *Job) {
		c.note(j.ID)
		c.entry(inSubjectJobs, key2(j.Subject, j.ID), nil, j.ID)
	})
	c.outbox(state.seq)

	if c.full() {
		return
	}
	if uint64(users) != state.users || uint64(tracks) != state.tracks {
		c.wrong("%d users and %d tracks are counted, %d and %d are there", state.users, state.tracks, users, tracks)
	}
	if c.last > state.last {
		c.wrong("the id %s was used, but the last is %s", c.last, state.last)
	}
	for _, b := range indexes {
		if n := c.count(b, nil); n != c.sizes[b] {
			c.wrong("%s has %d entries, %d are right", b, n, c.sizes[b])
		}
	}
}

// entries goes over the whole entries of a bucket until too much was found.
func (c *checker) entries(b bucket, look func(key, value []byte)) {
	w := &walk{tx: c.tx, b: b}
	for !c.full() {
		ok, err := w.next()
		if err != nil {
			c.found = append(c.found, err)
		}
		if !ok {
			return
		}
		if err == nil {
			look(w.key, w.value)
		}
	}
}

// edges follows the pairs of a set to both sides and to what they lead to.
func (c *checker) edges(e edges) {
	c.entries(e.pairs, func(key, value []byte) {
		if len(key) != 16 || len(value) != 8 {
			c.found = append(c.found, corrupt(e.pairs, key, nil))
			return
		}
		edge := Edge{From: ID(binary.BigEndian.Uint64(key)), To: ID(binary.BigEndian.Uint64(key[8:])), Mark: ID(binary.BigEndian.Uint64(value))}
		c.note(edge.Mark)
		c.entry(e.out, key2(edge.From, edge.Mark), key1(edge.To), edge.From)
		c.entry(e.in, key2(edge.To, edge.Mark), key1(edge.From), edge.To)
		c.there(inUsers, edge.From, e.pairs)
		c.there(e.what, edge.To, e.pairs)
		if e == reposts {
			c.activity(Activity{User: edge.From, Kind: Reposted, Track: edge.To, Mark: edge.Mark})
		}
	})
}

func (c *checker) activity(a Activity) {
	c.entry(inActivity, key1(a.Mark), a.value(), a.Track)
	c.entry(inUserActivity, key2(a.User, a.Mark), a.value()[8:], a.Track)
}

// counts recounts what is counted of pairs, and wants counters of nothing but
// what is there.
func (c *checker) counts() {
	c.counted(inUsers, map[int]bucket{userFollowers: inFollowers, userFollowing: inFollowing, userListens: inHistory})
	c.counted(inTracks, map[int]bucket{trackLikes: inLikers, trackReposts: inReposters})
	c.counted(inPlaylists, map[int]bucket{playlistLikers: inPlaylistLikers})
	c.entries(inCounts, func(key, _ []byte) {
		for _, b := range []bucket{inUsers, inTracks, inPlaylists} {
			if there, err := c.tx.has(b, key); there || err != nil {
				return
			}
		}
		c.wrong("something is counted of %x, which is not there", key)
	})
}

// counted holds counters of the things in a bucket against the entries of
// theirs that they count.
func (c *checker) counted(b bucket, by map[int]bucket) {
	c.entries(b, func(key, _ []byte) {
		id, err := lastID(b, key)
		var list []uint64
		if err == nil {
			list, err = c.tx.counters(id, countersIn(b))
		}
		if err != nil {
			c.found = append(c.found, err)
			return
		}
		for place, index := range by {
			if n := c.count(index, key); list[place] != uint64(n) {
				c.wrong("%s is counted %d in %s, %d are there", id, list[place], index, n)
			}
		}
	})
}

// gone wants nothing that is gone to be there.
func (c *checker) gone() {
	c.entries(inGone, func(key, value []byte) {
		thing, err := goneThing(key, value)
		if err != nil {
			c.found = append(c.found, err)
			return
		}
		for _, b := range []bucket{inUsers, inTracks, inPlaylists} {
			if there, _ := c.tx.has(b, key); there && kindIn(b) == thing.Kind {
				c.wrong("%s is there and gone", thing.ID)
			}
		}
	})
}

// count gives how many entries of a bucket begin with a prefix.
func (c *checker) count(b bucket, prefix []byte) (n int) {
	w := &walk{tx: c.tx, b: b, prefix: prefix}
	for {
		ok, err := w.next()
		if err != nil {
			c.found = append(c.found, err)
			return n
		}
		if !ok {
			return n
		}
		n++
	}
}

// name checks the current name of an owner and the former ones.
func (c *checker) name(n names, owner ID, current string) {
	c.entry(n.index, n.key(fold(current)), key2(owner, ID(0)), owner)
	w := &walk{tx: c.tx, b: n.former, prefix: key1(owner)}
	for {
		ok, err := w.next()
		if err != nil {
			c.found = append(c.found, err)
			return
		}
		if !ok {
			return
		}
		c.sizes[n.former]++
		mark, err := lastID(n.former, w.key)
		if err != nil {
			c.found = append(c.found, err)
			return
		}
		c.entry(n.index, n.key(string(w.value)), key2(owner, mark), owner)
	}
}

// recount holds a user's counters against the tracks.
func (c *checker) recount(u *User) {
	var tracks, public, bytes, inPlace uint64
	all(c, c.tx.TracksOf(u.ID, 0), func(t *Track) {
		tracks++
		bytes += t.Audio.stored()
		inPlace += one(t.Audio.InPlace)
		if t.Visibility == Public {
			public++
		}
	})
	if u.Tracks != tracks || u.PublicTracks != public || u.Bytes != bytes || u.InPlace != inPlace {
		c.wrong("user %s is counted %d tracks, %d public, %d bytes, %d in place; it is %d, %d, %d, %d",
			u.ID, u.Tracks, u.PublicTracks, u.Bytes, u.InPlace, tracks, public, bytes, inPlace)
	}
}

// outbox checks that the two halves of the outbox agree.
func (c *checker) outbox(last uint64) {
	changes, err := c.tx.Outbox(0, math.MaxInt)
	if err != nil {
		c.found = append(c.found, err)
		return
	}
	for _, change := range changes {
		c.entry(inDirty, dirtyKey(change.Kind, change.ID), key1(change.Seq), change.ID)
		if change.Seq > last {
			c.wrong("the outbox has sequence %d, the last is %d", change.Seq, last)
		}
	}
}

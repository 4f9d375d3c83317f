package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Salvaging is what Salvage may be told.
type Salvaging struct {
	Now func() time.Time // as in Options
	Log *slog.Logger

	// Old takes what nothing leads to also where the list of free pages is lost,
	// as in a file that was cut off. Things that were deleted may then come back,
	// and others as they once were.
	Old bool

	// Tell, if any, is given what begins now, a few words: it all takes minutes
	// in a large house.
	Tell func(step string)
}

// Salvaged says what came of a damaged file.
type Salvaged struct {
	Proof          // of the new file
	Read    uint64 // whole values that were read in the old one
	Rotten  uint64 // values there that were not what was stored
	Pages   int    // pages there that can't be read, or not in full
	Strays  uint64 // values that were found where nothing led to
	Said    []string
	Missing map[string]uint64 // how many records of each bucket were given up, since what they belong to is lost
	Users   []string          // usernames of accounts that had to be made again without anything but a name
	Left    error             // what Check still finds in the new file
}

// Salvage reads all that can be read of a database file, damaged or not, into a
// new one, which must not be there. It takes records alone: indexes and
// counters are made anew from them. What only makes sense with a record that is
// lost, such as a comment on a lost track, is given up. Of a lost account whose
// name is known another is made, suspended and without a password, so that its
// tracks stay its own. Nothing is written to the damaged file. A file of which
// nobody can be read any more is ErrDamaged.
func Salvage(ctx context.Context, in, out string, opt Salvaging) (Salvaged, error) {
	said, err := salvage(ctx, in, out, opt)
	if err != nil {
		return said, fmt.Errorf("salvage %s: %w", in, plain(err))
	}
	return said, nil
}

func salvage(ctx context.Context, in, out string, opt Salvaging) (said Salvaged, err error) {
	if _, err := os.Lstat(out); !errors.Is(err, os.ErrNotExist) {
		return said, fmt.Errorf("%s: %w", out, os.ErrExist)
	}
	f, err := os.Open(in)
	if err != nil {
		return said, err
	}
	defer f.Close()
	work, err := os.CreateTemp(filepath.Dir(out), filepath.Base(out)+".*"+PartialSuffix)
	if err != nil {
		return said, err
	}
	path := work.Name()
	defer func() {
		for _, p := range []string{path, path + ".reserve"} {
			os.Remove(p)
		}
	}()
	if err := errors.Join(work.Close(), os.Remove(path)); err != nil {
		return said, err
	}
	d, err := open(path, Options{Now: opt.Now, Log: opt.Log, scratch: true})
	if err != nil {
		return said, err
	}
	m := &mender{ctx: ctx, d: d, said: &said, dir: filepath.Dir(out), tell: opt.Tell}
	if m.tell == nil {
		m.tell = func(string) {}
	}
	err = errors.Join(m.run(f, opt.Old), d.Close())
	if err != nil {
		return said, err
	}
	m.tell("proving it")
	if said.Proof, err = prove(ctx, path); err != nil {
		return said, fmt.Errorf("what was made: %w", err)
	}
	if fresh, err := appear(path, out); err != nil || !fresh {
		return said, errors.Join(err, fmt.Errorf("%s: %w", out, os.ErrExist))
	}
	return said, nil
}

// mender makes a file right from the records that are in it.
type mender struct {
	ctx  context.Context
	d    *DB
	said *Salvaged
	dir  string // for files in between
	tell func(step string)

	schema uint32
	state  *state // nil where it is lost
	names  map[ID]string
	emails map[ID]string
	pairs  map[ID][2]ID // users of conversations
	days   bool         // some numbers of days are lost

	batch []value
	size  int
}

type value struct {
	b            bucket
	key, payload []byte
	stray, gone  bool
}

// derived are the buckets that hold nothing but what follows from records.
var derived = func() (set [bucketCount]bool) {
	for _, b := range indexes {
		set[b] = true
	}
	for _, b := range []bucket{inMessages, inPlaylistTracks, inFormerNames, inFormerSlugs, inFormerPlaylistSlugs} {
		set[b] = false // of records of their own
	}
	for _, b := range []bucket{inMeta, inGone, inOutbox, inDirty} {
		set[b] = true // they begin anew
	}
	return set
}()

func (m *mender) run(f *os.File, old bool) error {
	m.names, m.emails, m.pairs = map[ID]string{}, map[ID]string{}, map[ID][2]ID{}
	m.tell("reading what is there")
	s := &scan{ctx: m.ctx, f: f, take: m.take, old: old}
	if err := errors.Join(s.run(), m.flush()); err != nil {
		return err
	}
	m.said.Pages, m.said.Strays = len(s.broken), s.strays
	for b, n := range s.rotten {
		m.said.Rotten += n
		what := "values"
		if n == 1 {
			what = "value"
		}
		m.say("%d %s in %s can't be read", n, what, b)
		m.days = m.days || b == inDays
	}
	if len(s.broken) > 0 {
		m.days = true
		slices.Sort(s.broken)
		m.say("%d pages can't be read in full: %v", len(s.broken), s.broken[:min(len(s.broken), 20)])
	}
	switch {
	case s.free == nil && old:
		m.say("the list of free pages can't be read: what was deleted may have come back, and other things may be as they once were")
	case s.free == nil:
		m.say("the list of free pages can't be read: what lay where nothing leads to was left")
	}
	if m.schema > uint32(newest()) {
		return fmt.Errorf("%w: its version is %d, this program knows up to %d", ErrNewer, m.schema, newest())
	}
	err := m.d.View(m.ctx, func(tx *Tx) error {
		if _, newest, err := tx.span(inUsers, nil); err != nil || newest == 0 && len(m.names) == 0 {
			return errors.Join(err, fmt.Errorf("%w: nobody's account can be read in it", ErrDamaged))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   []func() error
	}{
		{"looking for what belongs together", []func() error{m.people, m.things, m.belongings, m.libraries, m.remarks, m.talks, m.tags}},
		{"counting anew", []func() error{m.count, m.points, m.finish}},
		{"making the indexes", []func() error{m.indexes}},
	} {
		m.tell(step.name)
		for _, do := range step.do {
			if err := do(); err != nil {
				return err
			}
		}
	}
	m.tell("checking what was made")
	if err := m.d.bolt.Sync(); err != nil {
		return err
	}
	// Pages, seals and records are read once more by the proof.
	m.said.Left = m.d.compare(m.ctx)
	return m.ctx.Err()
}

func (m *mender) say(format string, args ...any) {
	m.said.Said = append(m.said.Said, fmt.Sprintf(format, args...))
}

// miss counts a record that is given up.
func (m *mender) miss(b bucket) {
	if m.said.Missing == nil {
		m.said.Missing = map[string]uint64{}
	}
	m.said.Missing[b.String()]++
}

// take takes a value that was read, and remembers what indexes tell of what may
// be lost.
func (m *mender) take(b bucket, key, payload []byte, stray bool) error {
	m.said.Read++
	num := func(p []byte) ID { return ID(binary.BigEndian.Uint64(p)) }
	switch {
	case b == inUsernames && len(payload) == 16 && num(payload[8:]) == 0:
		m.names[num(payload)] = string(key)
	case b == inEmails && len(payload) == 8:
		m.emails[num(payload)] = string(key)
	case b == inPairs && len(key) == 16 && len(payload) == 8:
		a, o := num(key), num(key[8:])
		m.pairs[num(payload)] = [2]ID{min(a, o), max(a, o)}
	case b == inMeta && string(key) == string(schemaKey) && len(payload) == 4:
		m.schema = binary.BigEndian.Uint32(payload)
	case b == inMeta && string(key) == string(stateKey) && len(payload) == 32 && (m.state == nil || !stray):
		m.state = &state{last: num(payload), seq: uint64(num(payload[8:]))}
	}
	if derived[b] {
		return nil
	}
	if err := checkRecord(b, key, payload); err != nil {
		m.say("%v", err)
		return nil
	}
	m.batch = append(m.batch, value{b: b, key: bytes.Clone(key), payload: bytes.Clone(payload), stray: stray})
	if m.size += len(key) + len(payload); m.size > 4<<20 || len(m.batch) > 20_000 {
		return m.flush()
	}
	return nil
}

func (m *mender) flush() error {
	batch := m.batch
	m.batch, m.size = nil, 0
	return m.d.Update(m.ctx, func(tx *Tx) error {
		for _, v := range batch {
			if v.stray {
				if there, err := tx.has(v.b, v.key); there || err != nil {
					continue
				}
			}
			if err := tx.put(v.b, v.key, v.payload); err != nil {
				return err
			}
		}
		return nil
	})
}

// sift looks at each entry of a bucket, and keeps what look makes of it, or lets
// it go.
func (m *mender) sift(b bucket, look func(tx *Tx, key, payload []byte) (kept []byte, keep bool)) error {
	var behind []byte
	for more := true; more; {
		var changes []value
		err := m.d.View(m.ctx, func(tx *Tx) error {
			w := &walk{tx: tx, b: b, key: behind}
			for range 5000 {
				ok, err := w.next()
				if err != nil || !ok {
					more = false
					return err
				}
				if kept, keep := look(tx, w.key, w.value); !keep || !bytes.Equal(kept, w.value) {
					changes = append(changes, value{b: b, key: bytes.Clone(w.key), payload: kept, gone: !keep})
				}
			}
			behind = bytes.Clone(w.key)
			return nil
		})
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			continue
		}
		err = m.d.Update(m.ctx, func(tx *Tx) error {
			for _, v := range changes {
				err := error(nil)
				if v.gone {
					err = tx.del(b, v.key)
				} else {
					err = tx.put(b, v.key, v.payload)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sifted is sift for records. Keep may change them.
func sifted[T any](m *mender, b bucket, keep func(tx *Tx, r *T) bool) error {
	return m.sift(b, func(tx *Tx, key, payload []byte) ([]byte, bool) {
		var r T
		if decode(payload, &r) != nil || !keep(tx, &r) {
			m.miss(b)
			return nil, false
		}
		p, err := encode(&r)
		if err != nil {
			return payload, true
		}
		return p, true
	})
}

// is tells whether a record is there.
func is(tx *Tx, b bucket, id ID) bool {
	there, err := tx.has(b, key1(id))
	return there && err == nil
}

// keyed lets go of entries whose keys do not begin with the id of something that
// is there, or have another size.
func (m *mender) keyed(b bucket, size int, whose ...bucket) error {
	return m.sift(b, func(tx *Tx, key, payload []byte) ([]byte, bool) {
		if len(key) == size {
			id := ID(binary.BigEndian.Uint64(key))
			for _, w := range whose {
				if is(tx, w, id) {
					return payload, true
				}
			}
		}
		m.miss(b)
		return nil, false
	})
}

// people makes accounts again that are lost, as far as something is theirs.
func (m *mender) people() error {
	lost := map[ID]bool{}
	owners := map[ID]bool{}
	err := m.d.View(m.ctx, func(tx *Tx) error {
		for id := range m.names {
			lost[id] = !is(tx, inUsers, id)
		}
		for t, err := range tx.Tracks(0) {
			if err == nil && !owners[t.User] {
				owners[t.User] = true
				lost[t.User] = !is(tx, inUsers, t.User)
			}
		}
		for p, err := range records[Playlist](tx, inPlaylists, 0) {
			if err == nil && !owners[p.User] {
				owners[p.User] = true
				lost[p.User] = !is(tx, inUsers, p.User)
			}
		}
		for l, err := range tx.Libraries() {
			if err == nil {
				lost[l.User] = !is(tx, inUsers, l.User)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return m.d.Update(m.ctx, func(tx *Tx) error {
		for _, id := range slices.Sorted(maps.Keys(lost)) {
			if !lost[id] {
				continue
			}
			u := User{ID: id, Username: m.names[id], Email: m.emails[id], Disabled: true, Created: id.Time()}
			if u.Username == "" {
				u.Username = "lost-" + id.String()
			}
			if u.Email == "" {
				u.Email = u.Username + "@lost.invalid"
			}
			u.Name = u.Username
			if err := store(tx, inUsers, id, &u); err != nil {
				return err
			}
			m.said.Users = append(m.said.Users, u.Username)
		}
		return nil
	})
}

// things lets go of what has no owner, and of places of what is lost.
func (m *mender) things() error {
	track := func(tx *Tx, t *Track) bool { return is(tx, inUsers, t.User) && checkTrack(t) == nil }
	playlist := func(tx *Tx, p *Playlist) bool { return is(tx, inUsers, p.User) && checkPlaylist(p) == nil }
	return errors.Join(
		sifted(m, inTracks, track), sifted(m, inPlaylists, playlist),
		m.keyed(inFormerNames, 16, inUsers), m.keyed(inFormerSlugs, 16, inTracks), m.keyed(inFormerPlaylistSlugs, 16, inPlaylists),
		m.sift(inPlaylistTracks, func(tx *Tx, key, payload []byte) ([]byte, bool) {
			if len(key) != 8 || !is(tx, inPlaylists, ID(binary.BigEndian.Uint64(key))) {
				m.miss(inPlaylistTracks)
				return nil, false
			}
			var kept []byte
			seen := map[ID]bool{}
			for p := payload; len(p) >= 8; p = p[8:] {
				if id := ID(binary.BigEndian.Uint64(p)); !seen[id] && is(tx, inTracks, id) {
					seen[id] = true
					kept = append(kept, p[:8]...)
				}
			}
			return kept, len(kept) > 0
		}))
}

// belongings lets go of what belongs to nobody.
func (m *mender) belongings() error {
	errs := []error{
		sifted(m, inSessions, func(tx *Tx, s *Session) bool { return is(tx, inUsers, s.User) }),
		sifted(m, inIdentities, func(tx *Tx, i *Identity) bool { return is(tx, inUsers, i.User) }),
		sifted(m, inPasskeys, func(tx *Tx, p *Passkey) bool { return is(tx, inUsers, p.User) }),
		sifted(m, inKeys, func(tx *Tx, k *Key) bool { return is(tx, inUsers, k.User) }),
		sifted(m, inResets, func(tx *Tx, r *Reset) bool { return is(tx, inUsers, r.User) }),
		sifted(m, inLinks, func(tx *Tx, l *Link) bool { return tx.checkThing(l) == nil }),
		sifted(m, inUploads, func(tx *Tx, u *Upload) bool { return is(tx, inUsers, u.User) && u.check() == nil }),
		sifted(m, inInvites, func(tx *Tx, i *Invite) bool {
			i.Accounts = slices.DeleteFunc(i.Accounts, func(id ID) bool { return !is(tx, inUsers, id) })
			return is(tx, inUsers, i.User)
		}),
		sifted(m, inReports, func(tx *Tx, r *Report) bool {
			if !is(tx, inUsers, r.User) {
				r.User = 0
			}
			return true
		}),
		m.keyed(inFactors, 8, inUsers), m.keyed(inQueues, 8, inUsers), m.keyed(inBookmarks, 16, inUsers), m.keyed(inRatings, 16, inUsers), m.keyed(inScrobblers, 8, inUsers), m.keyed(inScrobbles, 16, inScrobblers),
		m.keyed(inNotifications, 16, inUsers), m.keyed(inNoticesSeen, 8, inUsers),
		m.keyed(inDays, 12, inUsers, inTracks), m.keyed(inStops, 8, inTracks), m.keyed(inScores, 8, inTracks),
		m.sift(inPointDays, func(tx *Tx, key, payload []byte) ([]byte, bool) {
			if len(key) != 12 || len(payload) != 8 || !is(tx, inTracks, ID(binary.BigEndian.Uint64(key[4:]))) {
				return nil, false
			}
			return payload, true
		}),
		m.sift(inHeard, func(_ *Tx, key, payload []byte) ([]byte, bool) {
			if len(key) != 20 {
				return nil, false
			}
			return payload, true
		}),
	}
	for _, e := range allEdges() {
		errs = append(errs, m.sift(e.pairs, func(tx *Tx, key, payload []byte) ([]byte, bool) {
			if len(key) != 16 || len(payload) != 8 || !is(tx, inUsers, ID(binary.BigEndian.Uint64(key))) || !is(tx, e.what, ID(binary.BigEndian.Uint64(key[8:]))) {
				m.miss(e.pairs)
				return nil, false
			}
			return payload, true
		}))
	}
	return errors.Join(errs...)
}

// libraries lets go of files of libraries that are lost, and of what imports
// left of them, and counts the files that are there. A track whose file is lost
// is found again by its sound when the folder is looked at.
func (m *mender) libraries() error {
	counted := map[ID]Library{}
	homed := map[ID]bool{} // tracks that have a file
	return errors.Join(
		sifted(m, inFiles, func(tx *Tx, f *File) bool {
			if !is(tx, inLibraries, f.Library) {
				return false
			}
			if f.Track != 0 && (homed[f.Track] || !is(tx, inTracks, f.Track)) {
				f.Track = 0 // the next look at the folder makes it again
			}
			if f.Track != 0 {
				homed[f.Track] = true
			}
			n := counted[f.Library]
			n.Files += one(f.taken())
			n.Refused += one(f.refused())
			counted[f.Library] = n
			return true
		}),
		sifted(m, inLibraries, func(_ *Tx, l *Library) bool {
			l.Files, l.Refused = counted[l.ID].Files, counted[l.ID].Refused
			return true
		}),
		sifted(m, inImports, func(tx *Tx, i *Import) bool { return i.Library == 0 || is(tx, inLibraries, i.Library) }),
		m.keyed(inProblems, 16, inImports),
	)
}

// remarks puts comments in order: replies to what is lost stand on their own,
// and of those whose writer is lost only what others replied to is left.
func (m *mender) remarks() error {
	err := sifted(m, inComments, func(tx *Tx, r *Comment) bool {
		if !is(tx, inTracks, r.Track) {
			return false
		}
		if r.User != 0 && !is(tx, inUsers, r.User) {
			r.User = 0
		}
		if r.Deleted() {
			r.Text, r.Edited, r.Link = "", time.Time{}, 0
		}
		if r.Parent != 0 {
			parent, err := load[Comment](tx, inComments, r.Parent)
			if err != nil || parent.Parent != 0 || parent.Track != r.Track || parent.Place() != r.Place() {
				r.Parent = 0
			}
			r.Replies = 0
		}
		return !r.Deleted() || r.Parent == 0
	})
	if err != nil {
		return err
	}
	replies := map[ID]uint64{}
	err = m.d.View(m.ctx, func(tx *Tx) error {
		for r, err := range records[Comment](tx, inComments, 0) {
			if err != nil {
				return err
			}
			if r.Parent != 0 {
				replies[r.Parent]++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sifted(m, inComments, func(_ *Tx, r *Comment) bool {
		r.Replies = replies[r.ID]
		return !r.Deleted() || r.Replies > 0
	})
}

// talks makes conversations again that are lost but for their messages, and
// counts all anew.
func (m *mender) talks() error {
	err := m.d.Update(m.ctx, func(tx *Tx) error {
		for id, users := range m.pairs {
			if is(tx, inConversations, id) || users[0] == users[1] || !is(tx, inUsers, users[0]) && !is(tx, inUsers, users[1]) {
				continue
			}
			// What was read of it is lost as well.
			v := Conversation{ID: id, Users: users, Read: [2]ID{1<<64 - 1, 1<<64 - 1}, Created: id.Time()}
			if err := store(tx, inConversations, id, &v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = m.sift(inMessages, func(tx *Tx, key, payload []byte) ([]byte, bool) {
		r, err := readMessage(key, payload)
		if err == nil && bytes.Equal(key, key2(r.Conversation, r.ID)) {
			if v, err := load[Conversation](tx, inConversations, r.Conversation); err == nil && v.Side(r.User) >= 0 {
				return payload, true
			}
		}
		m.miss(inMessages)
		return nil, false
	})
	if err != nil {
		return err
	}
	return sifted(m, inConversations, func(tx *Tx, v *Conversation) bool {
		if v.Users[0] == 0 || v.Users[0] >= v.Users[1] {
			return false
		}
		v.Last, v.Unread = 0, [2]uint64{}
		for r, err := range each(&walk{tx: tx, b: inMessages, prefix: key1(v.ID)}, readMessage) {
			if err != nil {
				continue
			}
			v.Last = max(v.Last, r.ID)
			if side := 1 - v.Side(r.User); r.ID > v.Read[side] {
				v.Unread[side]++
			}
		}
		stay := 0
		for side, user := range v.Users {
			v.Read[side] = min(v.Read[side], v.Last)
			if is(tx, inUsers, user) {
				stay++
			}
		}
		return stay == 2 || stay == 1 && v.Last != 0
	})
}

// tags counts tags anew.
func (m *mender) tags() error {
	type count struct {
		name string
		n    uint64
	}
	used := map[string]count{}
	err := m.d.View(m.ctx, func(tx *Tx) error {
		away := map[ID]bool{}
		for u, err := range tx.Users(0) {
			if err == nil && u.Disabled {
				away[u.ID] = true
			}
		}
		for t, err := range tx.Tracks(0) {
			if err != nil {
				return err
			}
			for _, w := range words(&t) {
				c := used[w.key]
				c.name = w.name
				if !away[t.User] {
					c.n++
				}
				used[w.key] = c
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = m.sift(inTags, func(_ *Tx, key, payload []byte) ([]byte, bool) {
		var t Tag
		c, is := used[string(key)]
		if !is || decode(payload, &t) != nil || Alike(t.Name) != string(key) {
			return nil, false
		}
		delete(used, string(key))
		t.Tracks = c.n
		p, err := encode(&t)
		if err != nil {
			return nil, false
		}
		return p, true
	})
	if err != nil {
		return err
	}
	if err := m.setLast(); err != nil {
		return err
	}
	return m.d.Update(m.ctx, func(tx *Tx) error {
		for _, key := range slices.Sorted(maps.Keys(used)) {
			t := Tag{ID: tx.NewID(), Name: used[key].name, Tracks: used[key].n}
			if err := storeAt(tx, inTags, []byte(key), &t); err != nil {
				return err
			}
		}
		return nil
	})
}

// setLast makes sure that no id is given out again: where the last one is lost
// it is told by the clock and by what is there.
func (m *mender) setLast() error {
	last, seq := ID(0), uint64(0)
	if m.state != nil {
		last, seq = m.state.last, m.state.seq
	}
	err := m.d.View(m.ctx, func(tx *Tx) error {
		for _, b := range []bucket{inUsers, inSessions, inTracks, inComments, inPlaylists, inConversations, inReports, inJobs, inLinks, inInvites, inPasskeys, inKeys, inIdentities, inLibraries, inImports, inUploads} {
			if _, newest, err := tx.span(b, nil); err == nil {
				last = max(last, newest)
			}
		}
		for _, b := range []bucket{inMessages, inNotifications, inScrobbles} {
			for id, err := range each(&walk{tx: tx, b: b}, func(key, _ []byte) (ID, error) { return lastID(b, key) }) {
				if err == nil {
					last = max(last, id)
				}
			}
		}
		for _, e := range allEdges() {
			for mark, err := range each(&walk{tx: tx, b: e.pairs}, func(_, value []byte) (ID, error) { return lastID(e.pairs, value) }) {
				if err == nil {
					last = max(last, mark)
				}
			}
		}
		for t, err := range tx.Tracks(0) {
			if err == nil {
				last = max(last, t.Published)
			}
		}
		for f, err := range records[File](tx, inFiles, 0) {
			if err == nil {
				last = max(last, f.Scan)
			}
		}
		for u, err := range tx.Uploads() {
			if err == nil {
				last = max(last, u.Track)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return m.d.Update(m.ctx, func(tx *Tx) error {
		s := tx.changeState()
		s.last, s.seq = last, seq
		return nil
	})
}

// finish notes what is counted of the whole file, and has done what a migration
// would have.
func (m *mender) finish() error {
	return m.d.Update(m.ctx, func(tx *Tx) error {
		s := tx.changeState()
		s.users, s.tracks = 0, 0
		for range records[User](tx, inUsers, 0) {
			s.users++
		}
		for range tx.Tracks(0) {
			s.tracks++
		}
		for i, step := range []struct {
			schema uint32
			kind   string
		}{{5, JobRemeasure}, {6, JobSum}} {
			if m.schema == 0 || m.schema >= step.schema || s.tracks == 0 {
				continue
			}
			j := Job{ID: tx.NewID(), Kind: step.kind, Created: tx.d.now().UTC().Add(time.Duration(i))}
			if err := store(tx, inJobs, j.ID, &j); err != nil {
				return err
			}
		}
		return nil
	})
}

// indexes makes all indexes, in the order of their keys.
func (m *mender) indexes() error {
	spill := newSpill(m.dir)
	defer spill.close()
	err := m.d.View(m.ctx, func(tx *Tx) error {
		c := &checker{ctx: m.ctx, tx: tx, fill: spill.add}
		c.run()
		for _, err := range c.found {
			m.say("%v", err)
		}
		return m.ctx.Err()
	})
	if err != nil {
		return err
	}
	return spill.each(m.put)
}

// Text tells what was salvaged, a sentence a line.
func (s Salvaged) Text() string {
	var b strings.Builder
	for _, line := range s.Said {
		fmt.Fprintln(&b, line)
	}
	if s.Strays > 0 {
		fmt.Fprintf(&b, "%d values were found on pages that nothing led to any more\n", s.Strays)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Missing)) {
		fmt.Fprintf(&b, "given up: %d of %s, whose other half is lost\n", s.Missing[name], name)
	}
	if len(s.Users) > 0 {
		fmt.Fprintf(&b, "accounts of which only the name is left: %s. They are suspended and have no password: \"earshot user restore NAME\" and \"earshot user reset NAME\" give them back\n", strings.Join(s.Users, ", "))
	}
	return b.String()
}

package core

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"earshot/app/auth"
	"earshot/db"
)

const (
	playsAtOnce  = 500  // of each sort, what one transaction writes: tracks, people, entries of histories
	historyKept  = 1000 // tracks in the history of each user
	playCounts   = 30 * time.Second
	lateEntries  = 100_000 // entries of a sort that may wait to be written
	queuesAtOnce = 50      // queues that one transaction writes
	lateQueues   = 1000    // queues that may wait to be written
	recentPlays  = 1 << 16 // plays remembered against being counted twice, for each of two spans of time
	todaysMost   = 1 << 16 // homes of visitors that are told apart on a day, each once for a track and once for its owner
	forgetAtOnce = 500     // entries of a history that one transaction removes
	homePlays    = 8       // visitors of one address whose plays of one track count within a span, and whose downloads do on a day
	stopCounts   = 3 * time.Second
	tellAgain    = time.Minute
)

// enough is how much of a track has to be heard for a play: half a minute, or
// half of a shorter one. The same listener's next play counts no sooner either.
func enough(t db.Track) time.Duration {
	return min(playCounts, time.Duration(t.Audio.Duration)*time.Microsecond/2)
}

// Play notes that somebody listened to a track for so long, in all, and says
// whether that counts. It is written within about a second; a power cut loses
// no more than that.
func (c *Core) Play(ctx context.Context, me, id db.ID, listened time.Duration, from Client) (counted bool, err error) {
	t, err := c.audible(ctx, me, id)
	if err != nil || listened <= 0 || listened < enough(t) {
		return false, err
	}
	now := c.now()
	return c.count(me, t, now, now.Add(-min(listened, time.Duration(t.Audio.Duration)*time.Microsecond)), from), nil
}

// lateMost is how long a program may keep to itself that something was heard.
const lateMost = 14 * 24 * time.Hour

// Heard is Play for a listen of a whole track, which began at a moment that may be
// past, or zero for just now. It counts for the day on which it is told.
func (c *Core) Heard(ctx context.Context, me, id db.ID, began time.Time, from Client) error {
	t, err := c.audible(ctx, me, id)
	if err != nil {
		return err
	}
	now := c.now()
	if began.After(now) || now.Sub(began) > lateMost {
		began = now.Add(-time.Duration(t.Audio.Duration) * time.Microsecond)
	}
	c.count(me, t, now, began, from)
	return nil
}

// count takes down a listen that is long enough, and says whether it counts.
func (c *Core) count(me db.ID, t db.Track, now, began time.Time, from Client) bool {
	counted := c.plays.note(c.plays.of(me, from), t, now, began)
	if counted {
		c.hearing.plays.Add(1)
	}
	return counted
}

// audible finds a track that the asker may hear.
func (c *Core) audible(ctx context.Context, me, id db.ID) (t db.Track, err error) {
	err = c.viewHeld(ctx, me, func(tx *db.Tx, a asker) (err error) {
		t, _, err = c.track(tx, a, id, whole)
		return err
	})
	return t, err
}

// Stop notes where listening to a track ended, after so long in all. What is
// shorter than three seconds, or a tenth of a short track, is no listening.
func (c *Core) Stop(ctx context.Context, me, id db.ID, at, listened time.Duration, from Client) error {
	t, err := c.audible(ctx, me, id)
	if err != nil {
		return err
	}
	place, err := position(t, at)
	if err != nil || listened <= 0 || listened < min(stopCounts, time.Duration(t.Audio.Duration)*time.Microsecond/10) {
		return err
	}
	c.plays.stop(c.plays.of(me, from), t, place, c.now())
	return nil
}

// CountDownload notes that the asker takes the file of a track, which Download
// has given. Whoever does it again on the same day is not counted again.
func (c *Core) CountDownload(me, id db.ID, from Client) {
	c.plays.download(c.plays.of(me, from), id, c.now())
}

// plays gathers what is listened to until it is written. Who listened is known
// by a hash alone, and for a moment only, or until the day is over. What is kept
// of it is the history that members have of their own, and for two days which of
// them were counted, lest a start counts them again.
type plays struct {
	key     [32]byte   // of this start, for the hashes of visitors
	writing sync.Mutex // held while something of it is being written or taken back

	mu           sync.Mutex
	waiting      batch              // what is not written yet
	late         int                // members in it
	flying       []heard            // the entries of histories that are being written
	flyingQueues map[db.ID]db.Queue // and the queues
	flights      uint64             // how often something of it was written

	played, stopped recent
	today, fetched  daily // the homes from which visitors have listened on this day; and who has downloaded
	fed             fed   // what programs that follow feeds have taken on this day

	told time.Time // when it was last told that nothing can be written
}

// batch is what one transaction may write.
type batch struct {
	plays     map[trackDay]db.Plays
	downloads map[trackDay]uint64
	stops     map[column]uint64
	heard     []heard            // entries of histories, oldest first
	queues    map[db.ID]db.Queue // what people listen to, by user
}

type (
	trackDay struct {
		track db.ID
		day   db.Day
	}
	column struct {
		track db.ID
		n     int
	}
	heard struct {
		user, track db.ID
		began       time.Time
	}
)

func newBatch() batch {
	return batch{plays: map[trackDay]db.Plays{}, downloads: map[trackDay]uint64{}, stops: map[column]uint64{}, queues: map[db.ID]db.Queue{}}
}

func (b batch) empty() bool {
	return len(b.plays) == 0 && len(b.downloads) == 0 && len(b.stops) == 0 && len(b.heard) == 0 && len(b.queues) == 0
}

// person is who listens: a member, or what is told of a visitor.
type person struct {
	me        db.ID // 0 for a visitor
	who, home listener
	fetches   bool // nobody knows whether it is heard: it stands in no history
}

// play is a listener and what is listened to.
type play struct {
	who   listener
	thing db.ID
}

type listener [16]byte

func newPlays() *plays { return &plays{key: auth.NewSecret(), waiting: newBatch()} }

func (p *plays) of(me db.ID, from Client) person {
	return person{me: me, who: p.listener(me, from), home: p.home(me, from)}
}

// listener tells people apart: members by who they are, visitors by where they
// come from and with what.
func (p *plays) listener(me db.ID, from Client) listener {
	var l listener
	if me != 0 {
		binary.BigEndian.PutUint64(l[:], uint64(me))
		return l
	}
	return p.hash(from.Address, "device "+from.Device)
}

// household is all visitors of a home as one listener: what they say of their
// browsers must not give a track more people, and a place in the charts.
func (by person) household() person { return person{who: by.home, home: by.home} }

// home tells where visitors come from; zero for members, who are counted by
// themselves.
func (p *plays) home(me db.ID, from Client) listener {
	if me != 0 {
		return listener{}
	}
	return p.hash(from.Address, "home")
}

func (p *plays) hash(address netip.Addr, what string) (l listener) {
	sum := sha256.New()
	sum.Write(p.key[:])
	address = address.Unmap()
	if home, err := address.Prefix(64); err == nil && address.Is6() {
		address = home.Addr() // a home has all of these
	}
	home := address.As16()
	sum.Write(home[:])
	sum.Write([]byte(what))
	copy(l[:], sum.Sum(nil))
	l[15] |= 1 // no member's
	return l
}

// recent remembers when each listener was last counted for each track, in two
// spans: what is older than both has no say any more.
type recent struct {
	young, old map[play]time.Time
	began      time.Time    // of young
	homes      map[play]int // visitors from one address who are in young
}

// counts says whether somebody counts, which is so unless the last time was
// less than a while ago. What somebody calls their browser is theirs to change,
// so of one home only a few visitors count.
func (r *recent) counts(by person, track db.ID, now time.Time, while time.Duration) bool {
	// The clock may be set back: then nobody knows how long ago anything was.
	if span := now.Sub(r.began); r.young == nil || span >= playCounts || span < 0 || len(r.young) >= recentPlays {
		r.old, r.young, r.began = r.young, map[play]time.Time{}, now
		r.homes = map[play]int{}
	}
	key := play{by.who, track}
	last, known := r.young[key]
	fresh := !known
	if !known {
		last, known = r.old[key]
	}
	if ago := now.Sub(last); known && ago >= 0 && ago < while {
		return false
	}
	if fresh && by.me == 0 {
		if r.homes[play{by.home, track}] >= homePlays {
			return false
		}
		r.homes[play{by.home, track}]++
	}
	r.young[key] = now
	return true
}

// daily remembers who was counted on a day, each once for each thing. It is of
// one day only, and of this start of the house.
type daily struct {
	day   db.Day
	seen  map[play]struct{}
	homes map[play]int
}

// first says whether somebody is to be counted for a thing on a day. When too
// many were, nobody else is: who has come is not known then.
func (d *daily) first(by person, thing db.ID, day db.Day) bool {
	if d.seen == nil || d.day != day {
		d.day, d.seen, d.homes = day, map[play]struct{}{}, map[play]int{}
	}
	key := play{by.who, thing}
	if _, known := d.seen[key]; known || len(d.seen) >= todaysMost {
		return false
	}
	if by.me == 0 {
		if d.homes[play{by.home, thing}] >= homePlays {
			return false
		}
		d.homes[play{by.home, thing}]++
	}
	d.seen[key] = struct{}{}
	return true
}

// note counts a play, unless the listener's last one of this track was too
// short a while ago; it says when that listening began. The visitors of a home
// are one listener of the day. Whether a member listens for the first time on
// this day is found when it is written.
func (p *plays) note(by person, t db.Track, now, began time.Time) bool {
	day := db.DayOf(now)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.played.counts(by, t.ID, now, enough(t)) {
		return false
	}
	at := trackDay{t.ID, day}
	n := p.waiting.plays[at]
	n.Plays++
	switch {
	case by.me != 0 && p.late < lateEntries:
		n.Members = append(n.Members, by.me)
		p.late++
	case by.me == 0 && p.today.first(by.household(), t.ID, day):
		n.Visitors++
		if p.today.first(by.household(), t.User, day) {
			n.Owners++
		}
	}
	p.waiting.plays[at] = n
	if by.me != 0 && !by.fetches && len(p.waiting.heard) < lateEntries {
		p.waiting.heard = append(p.waiting.heard, heard{by.me, t.ID, began})
	}
	return true
}

// stop counts where listening ended, at a place in microseconds.
func (p *plays) stop(by person, t db.Track, place int64, now time.Time) {
	at := column{t.ID, 0}
	if t.Audio.Duration > 0 {
		at.n = min(int(float64(place)/float64(t.Audio.Duration)*db.Columns), db.Columns-1)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.waiting.stops[at]; !known && len(p.waiting.stops) >= lateEntries {
		return
	}
	if p.stopped.counts(by, t.ID, now, playCounts) {
		p.waiting.stops[at]++
	}
}

func (p *plays) download(by person, track db.ID, now time.Time) {
	day := db.DayOf(now)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fetched.first(by, track, day) {
		p.waiting.downloads[trackDay{track, day}]++
	}
}

// take takes as much as one transaction writes.
func (p *plays) take() batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, w := newBatch(), &p.waiting
	members := 0
	for at, n := range w.plays {
		if len(b.plays) == playsAtOnce || members == playsAtOnce {
			break
		}
		now := n
		k := min(len(n.Members), playsAtOnce-members)
		now.Members = n.Members[:k:k]
		members += k
		b.plays[at] = now
		if left := n.Members[k:]; len(left) > 0 {
			w.plays[at] = db.Plays{Members: left}
		} else {
			delete(w.plays, at)
		}
	}
	p.late -= members
	b.downloads, b.stops = takeSome(w.downloads, playsAtOnce), takeSome(w.stops, playsAtOnce)
	b.queues = takeSome(w.queues, queuesAtOnce)
	n := min(len(w.heard), playsAtOnce)
	b.heard, w.heard = w.heard[:n:n], w.heard[n:]
	if len(w.heard) == 0 {
		w.heard = nil // lets go of the memory
	}
	// The batch loses what turns out to be damaged, while others read these.
	p.flying, p.flyingQueues = b.heard, maps.Clone(b.queues)
	return b
}

func takeSome[K comparable, V any](from map[K]V, most int) map[K]V {
	some := map[K]V{}
	for k, n := range from {
		if len(some) == most {
			break
		}
		some[k] = n
		delete(from, k)
	}
	return some
}

// landed tells that what was taken is written, or was given back.
func (p *plays) landed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying, p.flyingQueues = nil, nil
	p.flights++
}

// waits says whether something of somebody's history is not written yet.
func (p *plays) waits(user db.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	theirs := func(h heard) bool { return h.user == user }
	return slices.ContainsFunc(p.waiting.heard, theirs) || slices.ContainsFunc(p.flying, theirs)
}

// put gives back what could not be written.
func (p *plays) put(b batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, n := range b.plays {
		sum := p.waiting.plays[at]
		sum.Plays += n.Plays
		sum.Visitors += n.Visitors
		sum.Owners += n.Owners
		sum.Members = append(sum.Members, n.Members...)
		p.late += len(n.Members)
		p.waiting.plays[at] = sum
	}
	for at, n := range b.downloads {
		p.waiting.downloads[at] += n
	}
	for at, n := range b.stops {
		p.waiting.stops[at] += n
	}
	for user, q := range b.queues {
		if _, newer := p.waiting.queues[user]; !newer {
			p.waiting.queues[user] = q
		}
	}
	if len(p.waiting.heard) < lateEntries {
		p.waiting.heard = append(b.heard, p.waiting.heard...)
	}
}

// forget takes somebody's listens out of what is still to be written into
// histories: those to one track, or all with track 0.
func (p *plays) forget(user, track db.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var left []heard
	for _, h := range p.waiting.heard {
		if h.user != user || track != 0 && h.track != track {
			left = append(left, h)
		}
	}
	p.waiting.heard = left
}

// WritePlays writes what was listened to, in one transaction. It is called
// once a second; on a busy day some of it waits for the next one. That nothing
// can be written, as on a full disk, is said once a minute.
func (c *Core) WritePlays(ctx context.Context) error {
	_, err := c.writePlays(ctx)
	if err == nil || !c.plays.tells(c.now()) {
		return nil
	}
	return err
}

// tells says whether it is time to tell that something went wrong.
func (p *plays) tells(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ago := now.Sub(p.told); ago >= 0 && ago < tellAgain {
		return false
	}
	p.told = now
	return true
}

// FlushPlays writes all of it, before the house closes.
func (c *Core) FlushPlays(ctx context.Context) error {
	for {
		wrote, err := c.writePlays(ctx)
		if err != nil && !errors.Is(err, db.ErrCorrupt) || !wrote {
			return err
		}
	}
}

func (c *Core) writePlays(ctx context.Context) (wrote bool, err error) {
	c.plays.writing.Lock()
	defer c.plays.writing.Unlock()
	b := c.plays.take()
	defer c.plays.landed()
	if b.empty() {
		return false, nil
	}
	// Somebody or something may be gone by now, and what is damaged must not
	// keep the others waiting: if it spoils the transaction, the others are
	// written by the next one.
	var spoilt func()
	var telling scrobbling
	err = c.db.Update(ctx, func(tx *db.Tx) error {
		spoilt, telling = nil, scrobbling{}
		passes := func(err error, what string, track db.ID, leave func()) bool {
			if spoilt == nil && c.unreadable(err, what, track) {
				spoilt = leave
			}
			return err == nil || errors.Is(err, db.ErrNotFound) || errors.Is(err, db.ErrCorrupt)
		}
		for at, n := range b.plays {
			if err := tx.AddPlays(at.track, at.day, n); !passes(err, "plays of a track", at.track, func() { delete(b.plays, at) }) {
				return err
			}
		}
		for at, n := range b.downloads {
			if err := tx.AddDownloads(at.track, at.day, n); !passes(err, "downloads of a track", at.track, func() { delete(b.downloads, at) }) {
				return err
			}
		}
		for at, n := range b.stops {
			if err := tx.AddStops(at.track, at.n, n); !passes(err, "stops of a track", at.track, func() { delete(b.stops, at) }) {
				return err
			}
		}
		for _, h := range b.heard {
			leave := func() { b.heard = slices.DeleteFunc(slices.Clone(b.heard), func(o heard) bool { return o == h }) }
			err := tx.Listen(h.user, h.track, historyKept)
			if err == nil {
				err = c.addScrobble(tx, &telling, h)
			}
			if !passes(err, "plays of a track", h.track, leave) {
				return err
			}
		}
		for user, q := range b.queues {
			if err := tx.SetQueue(q); !passes(err, "queue of a user", user, func() { delete(b.queues, user) }) {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, db.ErrCorrupt) {
		if spoilt == nil {
			return true, err
		}
		spoilt()
	}
	if err != nil {
		c.plays.put(b)
	} else if telling.added {
		c.scrobbles.awake()
	}
	return true, err
}

// History lists what the asker listened to, the last listen first. What of it
// still waits is written before, so that it is there at once; if it can't be,
// it comes later.
func (c *Core) History(ctx context.Context, me db.ID, p Paging) (Page[TrackView], error) {
	for c.plays.waits(me) {
		if _, err := c.writePlays(ctx); err != nil && !errors.Is(err, db.ErrCorrupt) {
			break
		}
	}
	var page Page[TrackView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		page, err = c.pageEdges(tx, a, "history/"+me.String(), p, of(tx.History, me))
		return err
	})
	c.draw(page.Items...)
	return page, err
}

// ForgetListen takes a track out of the asker's history; it need not be there.
func (c *Core) ForgetListen(ctx context.Context, me, track db.ID) error {
	c.plays.writing.Lock()
	defer c.plays.writing.Unlock()
	c.plays.forget(me, track)
	return c.free(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		if err := c.forgetScrobbles(tx, me, track); err != nil {
			return err
		}
		_, err := tx.ForgetListen(me, track)
		return err
	})
}

// ForgetListens empties the asker's history. With it goes what they were
// listening to last, which tells the same.
func (c *Core) ForgetListens(ctx context.Context, me db.ID) error {
	c.plays.writing.Lock()
	defer c.plays.writing.Unlock()
	c.plays.forget(me, 0)
	c.plays.forgetQueue(me)
	for more := true; more; {
		err := c.free(ctx, func(tx *db.Tx) error {
			if _, err := c.member(tx, me); err != nil {
				return err
			}
			var err error
			if more, err = tx.ForgetListens(me, forgetAtOnce); err == nil && !more {
				err = errors.Join(tx.DropQueue(me), c.forgetScrobbles(tx, me, 0))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

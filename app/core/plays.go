package core

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"earshot/app/auth"
	"earshot/db"
)

const (
	playsAtOnce  = 500  // tracks that one transaction counts, and entries of histories that it writes
	historyKept  = 1000 // tracks in the history of each user
	playCounts   = 30 * time.Second
	lateEntries  = 100_000 // entries of histories that may wait to be written
	recentPlays  = 1 << 16 // plays remembered against being counted twice, for each of two spans of time
	forgetAtOnce = 500     // entries of a history that one transaction removes
	homePlays    = 8       // visitors of one address whose plays of one track count within a span
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
	var t db.Track
	err = c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		t, _, err = c.track(tx, a, id, whole)
		return err
	})
	if err != nil || listened <= 0 || listened < enough(t) {
		return false, err
	}
	return c.plays.note(c.plays.listener(me, from), c.plays.home(me, from), me, id, c.now(), enough(t)), nil
}

// plays gathers what is listened to until it is written. Who listened is known
// by a hash alone, and for a moment only; what is kept of it is the history
// that members have of their own.
type plays struct {
	key     [32]byte   // of this start, for the hashes of visitors
	writing sync.Mutex // held while something of it is being written or taken back

	mu     sync.Mutex
	counts map[db.ID]uint64 // plays of tracks that are not written yet
	heard  []heard          // the entries of histories that are not, oldest first
	flying []heard          // those that are being written

	// When each listener's last play of each track was counted, in two spans:
	// what is older than both has no say any more.
	young, old map[play]time.Time
	began      time.Time    // of young
	homes      map[play]int // visitors from one address who are in young

	told time.Time // when it was last told that nothing can be written
}

type heard struct{ user, track db.ID }

// play is a listener and a track.
type play struct {
	who   listener
	track db.ID
}

type listener [16]byte

func newPlays() *plays {
	return &plays{key: auth.NewSecret(), counts: map[db.ID]uint64{}, young: map[play]time.Time{}, homes: map[play]int{}}
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

// note counts a play, unless the listener's last one of this track was less
// than a while ago. What somebody calls their browser is theirs to change, so
// of one home only a few visitors count.
func (p *plays) note(who, home listener, me, track db.ID, now time.Time, while time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	// The clock may be set back: then nobody knows how long ago anything was.
	if span := now.Sub(p.began); span >= playCounts || span < 0 || len(p.young) >= recentPlays {
		p.old, p.young, p.began = p.young, map[play]time.Time{}, now
		p.homes = map[play]int{}
	}
	key := play{who, track}
	last, known := p.young[key]
	fresh := !known
	if !known {
		last, known = p.old[key]
	}
	if ago := now.Sub(last); known && ago >= 0 && ago < while {
		return false
	}
	if fresh && me == 0 {
		if p.homes[play{home, track}] >= homePlays {
			return false
		}
		p.homes[play{home, track}]++
	}
	p.young[key] = now
	p.counts[track]++
	if me != 0 && len(p.heard) < lateEntries {
		p.heard = append(p.heard, heard{me, track})
	}
	return true
}

// take takes as much as one transaction writes.
func (p *plays) take() (counts map[db.ID]uint64, listens []heard) {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts = make(map[db.ID]uint64, min(len(p.counts), playsAtOnce))
	for track, n := range p.counts {
		if len(counts) == playsAtOnce {
			break
		}
		counts[track] = n
		delete(p.counts, track)
	}
	n := min(len(p.heard), playsAtOnce)
	listens, p.heard = p.heard[:n:n], p.heard[n:]
	if len(p.heard) == 0 {
		p.heard = nil // lets go of the memory
	}
	p.flying = listens
	return counts, listens
}

// landed tells that what was taken is written, or was given back.
func (p *plays) landed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying = nil
}

// waits says whether something of somebody's history is not written yet.
func (p *plays) waits(user db.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	theirs := func(h heard) bool { return h.user == user }
	return slices.ContainsFunc(p.heard, theirs) || slices.ContainsFunc(p.flying, theirs)
}

// put gives back what could not be written.
func (p *plays) put(counts map[db.ID]uint64, listens []heard) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for track, n := range counts {
		p.counts[track] += n
	}
	if len(p.heard) < lateEntries {
		p.heard = append(listens, p.heard...)
	}
}

// forget takes somebody's listens out of what is still to be written: those to
// one track, or all with track 0.
func (p *plays) forget(user, track db.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var left []heard
	for _, h := range p.heard {
		if h.user != user || track != 0 && h.track != track {
			left = append(left, h)
		}
	}
	p.heard = left
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
	counts, listens := c.plays.take()
	defer c.plays.landed()
	if len(counts) == 0 && len(listens) == 0 {
		return false, nil
	}
	// Somebody or something may be gone by now, and what is damaged must not
	// keep the others waiting: if it spoils the transaction, the others are
	// written by the next one.
	var bad heard
	err = c.db.Update(ctx, func(tx *db.Tx) error {
		bad = heard{}
		passes := func(err error, h heard) bool {
			if bad.track == 0 && c.unreadable(err, "plays of a track", h.track) {
				bad = h
			}
			return err == nil || errors.Is(err, db.ErrNotFound) || errors.Is(err, db.ErrCorrupt)
		}
		for track, n := range counts {
			if err := tx.AddPlays(track, n); !passes(err, heard{track: track}) {
				return err
			}
		}
		for _, h := range listens {
			if err := tx.Listen(h.user, h.track, historyKept); !passes(err, h) {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, db.ErrCorrupt) {
		if bad.track == 0 {
			return true, err
		}
		if bad.user == 0 {
			delete(counts, bad.track)
		}
		listens = slices.DeleteFunc(slices.Clone(listens), func(h heard) bool { return h == bad })
	}
	if err != nil {
		c.plays.put(counts, listens)
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
		_, err := tx.ForgetListen(me, track)
		return err
	})
}

// ForgetListens empties the asker's history.
func (c *Core) ForgetListens(ctx context.Context, me db.ID) error {
	c.plays.writing.Lock()
	defer c.plays.writing.Unlock()
	c.plays.forget(me, 0)
	for more := true; more; {
		err := c.free(ctx, func(tx *db.Tx) error {
			if _, err := c.member(tx, me); err != nil {
				return err
			}
			var err error
			more, err = tx.ForgetListens(me, forgetAtOnce)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

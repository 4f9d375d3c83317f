package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// Counted is what a table of a Book counts. The numbers are stored: new kinds
// go at the end.
type Counted uint8

// The kinds.
const (
	CountedAccounts  Counted = 1 // wrong passwords by account
	CountedAddresses Counted = 2 // wrong passwords by address
	CountedHomes     Counted = 3 // addresses that have signed in to an account
	CountedSignUps   Counted = 4
	CountedSetUps    Counted = 5
	CountedReports   Counted = 6
	CountedOpens     Counted = 7 // openings of secret links
	CountedIssuers   Counted = 8
	CountedCodes     Counted = 9  // codes of invites and resets that are not good
	CountedForgotten Counted = 10 // mails asked for by address
	CountedMails     Counted = 11 // mails to an account
)

// Tally is what is counted under one key, as it is to be written down. Times in
// it are lengths, so that it means the same on another clock.
type Tally struct {
	Kind Counted
	Key  uint64
	N    int32         // attempts not yet forgotten; 0: there is nothing to keep
	Age  time.Duration // since forgetting was last worked out
	Wait time.Duration // until the next attempt may come
}

// forgivenAtOnce is how many attempts at most are forgotten for the time while
// nothing ran, however long that was. A clock that is years ahead at a start so
// gives away no more than these, and no clock makes anybody wait for longer than
// the rule's longest delay.
const forgivenAtOnce = 5

// Book holds limiters whose counts outlive the program. It makes their tables
// and says what has changed in them; whoever owns it writes that down and gives
// it back at the next start. Keys are cut from HMAC-SHA-256 under the house's own
// secret, so that nobody can choose two texts with one key, and what is written
// names no account and no address. It is safe for concurrent use.
type Book struct {
	secret []byte
	clock  func() time.Duration
	pages  []bookPage
}

type bookPage struct {
	kind  Counted
	lock  sync.Locker
	table *table
}

// NewBook makes a book under a secret of 32 bytes. A nil clock is Monotonic. All
// its limiters are made before it is used.
func NewBook(secret []byte, clock func() time.Duration) *Book {
	if clock == nil {
		clock = Monotonic()
	}
	return &Book{secret: secret, clock: clock}
}

// Limiter is NewLimiter in the book.
func (b *Book) Limiter(kind Counted, rule Rule) *Limiter {
	l := NewLimiter(rule, b.clock)
	b.keep(kind, &l.mu, l.table)
	return l
}

// SignIns is NewSignIns in the book.
func (b *Book) SignIns() *SignIns {
	s := NewSignIns(b.clock)
	b.keep(CountedAccounts, &s.mu, s.accounts)
	b.keep(CountedAddresses, &s.mu, s.addresses)
	b.keep(CountedHomes, &s.mu, s.homes)
	return s
}

func (b *Book) keep(kind Counted, lock sync.Locker, t *table) {
	t.changed = map[uint64]struct{}{}
	t.kept = func(text string) uint64 {
		mac := hmac.New(sha256.New, b.secret)
		mac.Write([]byte{byte(kind)})
		mac.Write([]byte(text))
		return binary.BigEndian.Uint64(mac.Sum(nil))
	}
	b.pages = append(b.pages, bookPage{kind, lock, t})
}

// Take gives what has changed since it was last taken, at most so many; those
// with N 0 are to be removed.
func (b *Book) Take(most int) []Tally {
	var list []Tally
	for _, p := range b.pages {
		p.lock.Lock()
		now := b.clock()
		for key := range p.table.changed {
			if len(list) >= most {
				break
			}
			delete(p.table.changed, key)
			t := Tally{Kind: p.kind, Key: key}
			if v, known := p.table.get(key, now); known {
				t.N, t.Age, t.Wait = v.n, now-v.mark, max(0, v.until-now)
			}
			list = append(list, t)
		}
		p.lock.Unlock()
	}
	return list
}

// Return puts back what was taken and could not be written.
func (b *Book) Return(list []Tally) {
	for _, p := range b.pages {
		p.lock.Lock()
		for _, t := range list {
			if t.Kind == p.kind {
				p.table.touch(t.Key)
			}
		}
		p.lock.Unlock()
	}
}

// Restore takes back what was written so long ago, as the house's clock has it,
// which may be wrong. It says whether there is anything left to keep of it.
func (b *Book) Restore(t Tally, ago time.Duration) bool {
	for _, p := range b.pages {
		if p.kind == t.Kind {
			p.lock.Lock()
			defer p.lock.Unlock()
			return p.table.restore(t, ago, b.clock())
		}
	}
	return false
}

func (t *table) restore(from Tally, ago, now time.Duration) bool {
	if from.N < 1 {
		return false
	}
	ago = min(max(ago, 0), forgivenAtOnce*t.rule.Forget)
	age := min(max(from.Age, 0), t.rule.Forget) + ago
	v := tally{
		n:     min(from.N, int32(t.rule.Free)+20), // no more can come together
		mark:  now - age,
		until: now + min(max(from.Wait-ago, 0), t.rule.Max),
	}
	if _, there := t.young[from.Key]; !there && len(t.young) >= t.half && len(t.old) > 0 {
		return false // the table is full
	}
	_, before := t.changed[from.Key]
	t.put(from.Key, v)
	if !before {
		delete(t.changed, from.Key) // it is written already
	}
	if _, known := t.get(from.Key, now); !known {
		t.forget(from.Key)
		return false
	}
	return true
}

// Sweep forgets what counts no more, so that it is removed where it was written.
func (b *Book) Sweep() {
	for _, p := range b.pages {
		p.lock.Lock()
		now := b.clock()
		for _, m := range []map[uint64]tally{p.table.young, p.table.old} {
			for key := range m {
				if _, known := p.table.get(key, now); !known {
					p.table.forget(key)
				}
			}
		}
		p.lock.Unlock()
	}
}

package auth

import (
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Rule says how many attempts are let through.
type Rule struct {
	Free   int           // attempts without a delay
	Forget time.Duration // one attempt is forgotten each time this has passed
	First  time.Duration // delay before the first attempt that is not free
	Max    time.Duration // each further delay is twice the last one, up to this
}

// The rules of the house. One account gets 5 wrong passwords and one address
// gets 20; then each wrong one delays the next, up to five minutes, and one is
// forgotten every few minutes. A thousand guesses in a quarter of an hour get
// fewer than 30 checked, an account at most 20 an hour for ever, and nobody is
// locked out by somebody else's guessing.
func accountRule() Rule {
	return Rule{Free: 5, Forget: 3 * time.Minute, First: 15 * time.Second, Max: 5 * time.Minute}
}

func addressRule() Rule {
	return Rule{Free: 20, Forget: 2 * time.Minute, First: time.Minute, Max: 5 * time.Minute}
}

// homeRule remembers for a quarter of a year that somebody signed in to an
// account from an address.
func homeRule() Rule { return Rule{Free: 1, Forget: 90 * 24 * time.Hour} }

// SignUpRule lets 20 accounts be made from one address at once, and 20 an hour
// after that.
func SignUpRule() Rule {
	return Rule{Free: 20, Forget: 3 * time.Minute, First: 3 * time.Minute, Max: 3 * time.Minute}
}

// CommentRule lets a member write 20 comments at once, and 20 a minute after
// that.
func CommentRule() Rule {
	return Rule{Free: 20, Forget: 3 * time.Second, First: 3 * time.Second, Max: 3 * time.Second}
}

// MessageRule lets a member write 30 messages at once, and 30 a minute after
// that.
func MessageRule() Rule {
	return Rule{Free: 30, Forget: 2 * time.Second, First: 2 * time.Second, Max: 2 * time.Second}
}

// ReportRule lets a member report 20 things at once, and one each three
// minutes after that.
func ReportRule() Rule {
	return Rule{Free: 20, Forget: 3 * time.Minute, First: 3 * time.Minute, Max: 3 * time.Minute}
}

// LinkRule lets 30 secret links be opened from one address at once, and six a
// minute after that.
func LinkRule() Rule {
	return Rule{Free: 30, Forget: 10 * time.Second, First: 10 * time.Second, Max: 10 * time.Second}
}

// RequestRule lets a member ask the API 600 times at once, and 30 times a second
// after that: an app that loads a page asks about ten times.
func RequestRule() Rule { return perSecond(600, 30) }

// VisitorRule is RequestRule for all who are not signed in and come from one
// address, which may be a household, or everybody behind a proxy that is not
// trusted.
func VisitorRule() Rule { return perSecond(1200, 60) }

// UploadRule lets a member upload 100 files at once, and 20 a minute after that:
// an album goes in as fast as it comes, and a folder of hundreds at the pace at
// which a small board draws waveforms.
func UploadRule() Rule {
	return Rule{Free: 100, Forget: 3 * time.Second, First: 3 * time.Second, Max: 3 * time.Second}
}

// ExportRule lets a member take all that is theirs six times at once, and six
// times an hour after that.
func ExportRule() Rule {
	return Rule{Free: 6, Forget: 10 * time.Minute, First: 10 * time.Minute, Max: 10 * time.Minute}
}

func perSecond(free, rate int) Rule {
	each := time.Second / time.Duration(rate)
	return Rule{Free: free, Forget: each, First: each, Max: each}
}

// CodeRule lets an address try 20 codes of links that are not good, such as
// invites, and one each two minutes after that.
func CodeRule() Rule {
	return Rule{Free: 20, Forget: 2 * time.Minute, First: time.Minute, Max: 5 * time.Minute}
}

// ForgotRule lets 10 mails with a link be asked for from one address, and one
// each six minutes after that.
func ForgotRule() Rule {
	return Rule{Free: 10, Forget: 6 * time.Minute, First: 6 * time.Minute, Max: 6 * time.Minute}
}

// MailRule lets 3 mails with a link go to one account, and one each 20 minutes
// after that.
func MailRule() Rule {
	return Rule{Free: 3, Forget: 20 * time.Minute, First: 20 * time.Minute, Max: 20 * time.Minute}
}

// maxKeys bounds what a table remembers, about 4 MB; the oldest are forgotten.
const maxKeys = 50_000

// Monotonic gives a clock for limiters: the time since it was made, which does
// not jump when somebody sets the system's clock.
func Monotonic() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// Limiter counts attempts by address, or by whatever else a text stands for.
// It is safe for concurrent use.
type Limiter struct {
	mu    sync.Mutex
	table *table
	clock func() time.Duration
}

// NewLimiter makes a limiter. A nil clock is Monotonic.
func NewLimiter(rule Rule, clock func() time.Duration) *Limiter {
	if clock == nil {
		clock = Monotonic()
	}
	return &Limiter{table: newTable(rule, maxKeys), clock: clock}
}

// Allow asks for an attempt from an address. It returns 0 and counts the
// attempt, or returns how long to wait and counts nothing: asking too early
// does not make the wait longer.
func (l *Limiter) Allow(addr netip.Addr) (retryAfter time.Duration) {
	return l.allow(l.table.keyOfNetwork(network(addr)))
}

// AllowKey is Allow for what somebody does who is known by a text, such as an
// id.
func (l *Limiter) AllowKey(text string) (retryAfter time.Duration) {
	return l.allow(l.table.keyOf(text))
}

// AllowID is AllowKey for a number.
func (l *Limiter) AllowID(id uint64) (retryAfter time.Duration) {
	return l.allow(l.table.keyOfID(id))
}

func (l *Limiter) allow(key uint64) (retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	if wait := l.table.wait(key, now); wait > 0 {
		return wait
	}
	l.table.count(key, now)
	return 0
}

// Cancel takes back an attempt that Allow let through and that came to nothing
// for reasons of our own.
func (l *Limiter) Cancel(addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.table.uncount(l.table.keyOfNetwork(network(addr)), l.clock())
}

// SignIns limits guessing of passwords, by account and by address. It is safe
// for concurrent use.
//
// An address from which somebody has signed in to an account is counted apart
// from all others for that account, so that a stranger's guessing delays the
// stranger and not the people at home.
type SignIns struct {
	mu        sync.Mutex
	accounts  *table
	addresses *table
	homes     *table // addresses that have signed in to an account before
	clock     func() time.Duration
}

// NewSignIns makes a limiter. A nil clock is Monotonic.
func NewSignIns(clock func() time.Duration) *SignIns {
	if clock == nil {
		clock = Monotonic()
	}
	return &SignIns{
		accounts:  newTable(accountRule(), maxKeys),
		addresses: newTable(addressRule(), maxKeys),
		homes:     newTable(homeRule(), maxKeys),
		clock:     clock,
	}
}

// Attempt is one sign-in that was let through. Until its outcome is told it
// counts as wrong, so that many at once cannot slip through.
type Attempt struct {
	signIns       *SignIns
	account, home uint64
	address       uint64
}

// Allow asks for an attempt at an account from an address. The account is what
// the user typed, in the form it is looked up by, whether or not it exists. It
// returns an attempt and 0, or how long to wait; being refused counts nothing.
func (s *SignIns) Allow(account string, addr netip.Addr) (a Attempt, retryAfter time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, from := s.clock(), network(addr).String()
	account = strings.ToLower(account)
	a = Attempt{
		signIns: s,
		account: s.accounts.keyOf("account " + account),
		home:    s.accounts.keyOf("home " + from + " " + account),
		address: s.addresses.keyOf(from),
	}
	if s.homes.known(a.home, now) {
		a.account = a.home
	}
	wait := max(s.accounts.wait(a.account, now), s.addresses.wait(a.address, now))
	if wait > 0 {
		return Attempt{}, wait
	}
	s.accounts.count(a.account, now)
	s.addresses.count(a.address, now)
	return a, 0
}

// Fail says that the password was wrong, and returns how long the next attempt
// has to wait.
func (a Attempt) Fail() (retryAfter time.Duration) {
	s := a.signIns
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	return max(s.accounts.wait(a.account, now), s.addresses.wait(a.address, now))
}

// Succeed says that the password was right: the account's count starts anew.
// The address only gets this attempt back, or somebody with an account of their
// own could go on guessing at others'.
func (a Attempt) Succeed() {
	s := a.signIns
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	s.accounts.forget(a.account)
	s.addresses.uncount(a.address, now)
	s.homes.forget(a.home)
	s.homes.count(a.home, now)
}

// Cancel says that the password was not checked, because the server was busy or
// the client left.
func (a Attempt) Cancel() {
	s := a.signIns
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	s.accounts.uncount(a.account, now)
	s.addresses.uncount(a.address, now)
}

// table counts attempts by key, in bounded memory: two maps of half the size;
// when the young one is full, it becomes the old one, and the old one is
// forgotten. A key that is used moves to the young one.
type table struct {
	rule       Rule
	half       int
	seed       maphash.Seed
	young, old map[uint64]tally

	kept    func(text string) uint64 // of tables in a Book: makes keys that stay the same
	changed map[uint64]struct{}      // likewise: keys whose tally is not written yet
}

type tally struct {
	n     int32         // attempts not yet forgotten
	mark  time.Duration // when forgetting was last worked out
	until time.Duration // when the next attempt may come
}

func newTable(rule Rule, size int) *table {
	return &table{rule: rule, half: size / 2, seed: maphash.MakeSeed(), young: map[uint64]tally{}}
}

// keyOf makes a key of text of any length. Nobody outside knows the seed, so
// nobody can choose two texts with one key.
func (t *table) keyOf(s string) uint64 {
	if t.kept != nil {
		return t.kept(s)
	}
	return maphash.String(t.seed, s)
}

// keyOfNetwork is keyOf for an address, without making a text of it.
func (t *table) keyOfNetwork(p netip.Prefix) uint64 {
	if t.kept != nil {
		return t.kept(p.String())
	}
	a := p.Addr().As16()
	return maphash.Bytes(t.seed, a[:])
}

// keyOfID is keyOf for a number.
func (t *table) keyOfID(id uint64) uint64 {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], id)
	if t.kept != nil {
		return t.kept(string(b[:]))
	}
	return maphash.Bytes(t.seed, b[:])
}

// touch notes that a key's tally has to be written.
func (t *table) touch(key uint64) {
	if t.changed != nil {
		t.changed[key] = struct{}{}
	}
}

// get gives what is left of a key's attempts at a time.
func (t *table) get(key uint64, now time.Duration) (v tally, known bool) {
	v, known = t.young[key]
	if !known {
		v, known = t.old[key]
	}
	if !known {
		return tally{mark: now, until: now}, false
	}
	if v.mark > now { // a clock that went back delays nobody for longer
		v.mark, v.until = now, min(v.until, now+t.rule.Max)
		t.put(key, v)
	}
	if steps := (now - v.mark) / t.rule.Forget; steps >= time.Duration(v.n) {
		return tally{mark: now, until: v.until}, false
	} else if steps > 0 {
		v.n -= int32(steps)
		v.mark += steps * t.rule.Forget
	}
	return v, true
}

func (t *table) known(key uint64, now time.Duration) bool {
	_, ok := t.get(key, now)
	return ok
}

func (t *table) put(key uint64, v tally) {
	t.touch(key)
	if _, ok := t.young[key]; !ok && len(t.young) >= t.half {
		if t.changed != nil {
			for key := range t.old {
				t.changed[key] = struct{}{}
			}
		}
		t.old, t.young = t.young, make(map[uint64]tally)
	}
	t.young[key] = v
}

func (t *table) forget(key uint64) {
	t.touch(key)
	delete(t.young, key)
	delete(t.old, key)
}

// wait says how long a key's next attempt has to wait.
func (t *table) wait(key uint64, now time.Duration) time.Duration {
	v, _ := t.get(key, now)
	return max(0, v.until-now)
}

// count counts an attempt that was let through.
func (t *table) count(key uint64, now time.Duration) {
	v, _ := t.get(key, now)
	v.n++
	v.until = now
	if over := int(v.n) - t.rule.Free; over >= 0 {
		delay := t.rule.First
		for ; over > 0 && delay < t.rule.Max; over-- {
			delay *= 2
		}
		v.until += min(delay, t.rule.Max)
	}
	t.put(key, v)
}

// uncount takes an attempt back: the next one may come at once, as this one
// might.
func (t *table) uncount(key uint64, now time.Duration) {
	v, known := t.get(key, now)
	if !known || v.n <= 1 {
		t.forget(key)
		return
	}
	v.n--
	v.until = now
	t.put(key, v)
}

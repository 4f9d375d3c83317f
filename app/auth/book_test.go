package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// shelf is a book, its limiters, and what of it is written down.
type shelf struct {
	clock   hand
	book    *Book
	signIns *SignIns
	signUps *Limiter
	written map[[2]uint64]Tally
}

var bookSecret = []byte(strings.Repeat("s", 32))

func newShelf(secret []byte) *shelf {
	s := &shelf{written: map[[2]uint64]Tally{}}
	s.open(secret)
	return s
}

func (s *shelf) open(secret []byte) {
	s.clock.ns.Store(0)
	s.book = NewBook(secret, s.clock.now)
	s.signIns = s.book.SignIns()
	s.signUps = s.book.Limiter(CountedSignUps, SignUpRule())
}

// write writes down what changed, a little at a time.
func (s *shelf) write() {
	for {
		list := s.book.Take(1000)
		if len(list) == 0 {
			return
		}
		for _, t := range list {
			if at := [2]uint64{uint64(t.Kind), t.Key}; t.N > 0 {
				s.written[at] = t
			} else {
				delete(s.written, at)
			}
		}
	}
}

// restart begins anew from what was written, so long after by the wall clock.
func (s *shelf) restart(secret []byte, ago time.Duration) {
	s.open(secret)
	for at, t := range s.written {
		if !s.book.Restore(t, ago) {
			delete(s.written, at)
		}
	}
}

// guess tries a wrong password, and says how long the next one has to wait.
func (s *shelf) guess(account string, n int) (checked bool, wait time.Duration) {
	a, wait := s.signIns.Allow(account, addr(n))
	if wait > 0 {
		return false, wait
	}
	return true, a.Fail()
}

// Whatever the wall clock says after a restart, what was counted counts on:
// nobody waits for longer than the longest delay, and no clock gives away more
// than a few attempts.
func TestAttemptsOutliveARestart(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for _, c := range []struct {
		name     string
		ago      time.Duration
		least    time.Duration // how long the sixth guess has to wait at least
		most     time.Duration
		expected int // guesses checked in the minute after at most, when all wait as told
	}{
		{"at once", 0, 14 * time.Second, 15 * time.Second, 2},
		{"ten seconds later", 10 * time.Second, 4 * time.Second, 6 * time.Second, 3},
		{"an hour later", time.Hour, 0, 0, 6},
		{"the clock went back a day", -24 * time.Hour, 14 * time.Second, 15 * time.Second, 2},
		{"in 1970", -56 * year, 14 * time.Second, 15 * time.Second, 2},
		{"fifty years ahead", 50 * year, 0, 0, 6},
		{"at the end of time", 1<<63 - 1, 0, 0, 6},
		{"before the beginning of time", -1 << 63, 14 * time.Second, 15 * time.Second, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(bookSecret)
			for i := range 5 {
				s.guess("mina", i)
			}
			s.write()
			s.restart(bookSecret, c.ago)
			_, wait := s.signIns.Allow("mina", addr(50))
			if wait < c.least || wait > c.most {
				t.Errorf("told to wait %v, want %v to %v", wait, c.least, c.most)
			}
			checked := 0
			for end := time.Minute; s.clock.now() < end; {
				ok, wait := s.guess("mina", 51)
				if ok {
					checked++
				}
				s.clock.advance(max(wait, time.Second))
			}
			if checked > c.expected || checked < 1 {
				t.Errorf("%d guesses were checked in a minute, want 1 to %d", checked, c.expected)
			}
		})
	}
}

// A program that is restarted after each guess, on whatever clock, checks no
// more guesses than one that runs.
func TestRestartsBuyNoGuesses(t *testing.T) {
	t.Parallel()
	for name, ago := range map[string]time.Duration{"a right clock": time.Second, "a clock that goes back": -time.Hour, "a clock that stands": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(bookSecret)
			checked := 0
			for i := range 1000 { // one a second, a restart after each
				if ok, _ := s.guess("mina", i); ok {
					checked++
				}
				s.write()
				s.restart(bookSecret, ago)
			}
			if checked > 15 || checked < 5 {
				t.Errorf("%d of 1000 guesses were checked, want 5 to 15", checked)
			}
		})
	}
	s := newShelf(bookSecret) // a clock that is further ahead at each start gives some away, not all
	checked := 0
	for i := range 100 {
		if ok, _ := s.guess(fmt.Sprint("account", i), 1); ok {
			checked++
		}
		if i%10 == 9 {
			s.write()
			s.restart(bookSecret, 1<<60)
		}
	}
	if checked > 20+10*(forgivenAtOnce+1) {
		t.Errorf("%d of 100 guesses were checked", checked)
	}
}

// Restarts keep what an address at home has over strangers, and limits of all
// kinds; another secret knows nothing of either.
func TestBookKeepsHomesAndSignUps(t *testing.T) {
	t.Parallel()
	s := newShelf(bookSecret)
	a, _ := s.signIns.Allow("mina", addr(1))
	a.Succeed()
	for range 20 {
		s.signUps.Allow(addr(9))
	}
	for i := range 5 {
		s.guess("mina", 100+i)
	}
	s.write()
	s.restart(bookSecret, time.Second)
	if _, wait := s.signIns.Allow("mina", addr(1)); wait > 0 {
		t.Errorf("strangers' guessing makes mina wait %v at home", wait)
	}
	if _, wait := s.signIns.Allow("mina", addr(200)); wait == 0 {
		t.Error("a stranger has new guesses")
	}
	if s.signUps.Allow(addr(9)) == 0 || s.signUps.Allow(addr(10)) != 0 {
		t.Error("sign-ups are not counted on")
	}
	s.write()
	kept := len(s.written)
	s.restart([]byte(strings.Repeat("o", 32)), time.Second)
	if _, wait := s.signIns.Allow("mina", addr(200)); wait > 0 || kept == 0 {
		t.Errorf("under another secret told to wait %v", wait)
	}
}

// What is written stays within the size of the tables, and goes when it counts
// no more; what could not be written is taken again.
func TestBookIsBoundedAndSwept(t *testing.T) {
	t.Parallel()
	s := newShelf(bookSecret)
	for i := range 3 * maxKeys {
		s.signUps.Allow(addr(i))
		if i%5000 == 0 {
			s.write()
			if len(s.written) > maxKeys+5000 {
				t.Fatalf("%d tallies are written", len(s.written))
			}
		}
	}
	s.write()
	if n := len(s.written); n > maxKeys || n < maxKeys/2 {
		t.Errorf("%d tallies are written, want at most %d", n, maxKeys)
	}
	s.restart(bookSecret, 0)
	if n := len(s.signUps.table.young) + len(s.signUps.table.old); n > maxKeys || n < maxKeys/2 {
		t.Errorf("%d tallies are in memory after a restart", n)
	}
	s.clock.advance(time.Minute)
	s.book.Sweep()
	if s.write(); len(s.written) < maxKeys/2 {
		t.Errorf("after a minute %d are left: they count still", len(s.written))
	}
	s.clock.advance(time.Hour)
	s.book.Sweep()
	taken := s.book.Take(10)
	if len(taken) != 10 {
		t.Fatalf("took %d", len(taken))
	}
	s.book.Return(taken)
	if s.write(); len(s.written) != 0 {
		t.Errorf("after an hour %d tallies are left", len(s.written))
	}
}

// What stands in a file may be anything.
func TestBookRestoresNothingImpossible(t *testing.T) {
	t.Parallel()
	const long = time.Duration(1<<63 - 1)
	for i, tally := range []Tally{
		{Kind: CountedSignUps, Key: 1, N: 1<<31 - 1, Age: long, Wait: long},
		{Kind: CountedSignUps, Key: 1, N: 1<<31 - 1, Age: -long, Wait: -long},
		{Kind: CountedSignUps, Key: 1, N: -1, Wait: long},
		{Kind: 200, Key: 1, N: 1, Wait: long},
		{},
	} {
		s := newShelf(bookSecret)
		kept := s.book.Restore(tally, -long)
		if kept != (i < 2) {
			t.Errorf("tally %d is kept: %t", i, kept)
		}
		if wait := s.signUps.table.wait(1, 0); wait > SignUpRule().Max {
			t.Errorf("tally %d makes somebody wait %v", i, wait)
		}
		s.clock.advance(10 * time.Hour)
		if _, known := s.signUps.table.get(1, s.clock.now()); known {
			t.Errorf("tally %d counts for ever", i)
		}
	}
}

// BenchmarkRequests is what the limit on requests adds to each.
func BenchmarkRequests(b *testing.B) {
	members, visitors := NewLimiter(RequestRule(), nil), NewLimiter(VisitorRule(), nil)
	b.Run("member", func(b *testing.B) {
		b.ReportAllocs()
		for i := uint64(0); b.Loop(); i++ {
			members.AllowID(i & 0xff)
		}
	})
	b.Run("visitor", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			visitors.Allow(addr(i & 0xff))
		}
	})
	b.Run("refused", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			members.AllowID(1)
		}
	})
}

package auth

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hand is a clock that is moved by hand.
type hand struct{ ns atomic.Int64 }

func (h *hand) now() time.Duration       { return time.Duration(h.ns.Load()) }
func (h *hand) advance(by time.Duration) { h.ns.Add(int64(by)) }

func addr(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

// A thousand guesses, however they are spread, get at most thirty checked.
func TestThousandGuesses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		account func(i int) string
		from    func(i int) netip.Addr
		pause   time.Duration
		most    int
	}{
		{"at once", func(int) string { return "mina" }, func(int) netip.Addr { return addr(1) }, 0, 5},
		{"ten a second", func(int) string { return "mina" }, func(int) netip.Addr { return addr(1) }, 100 * time.Millisecond, 10},
		{"one a second", func(int) string { return "mina" }, func(int) netip.Addr { return addr(1) }, time.Second, 15},
		{"from many addresses", func(int) string { return "mina" }, addr, time.Second, 15},
		{"capitals", func(i int) string { return strings.Repeat("M", i%2) + strings.Repeat("m", 1-i%2) + "ina" }, addr, 0, 5},
		{"at many accounts", func(i int) string { return fmt.Sprint(i) }, func(int) netip.Addr { return addr(1) }, 0, 20},
		{"at many accounts, one a second", func(i int) string { return fmt.Sprint(i) }, func(int) netip.Addr { return addr(1) }, time.Second, 30},
		{"from one IPv6 network", func(i int) string { return fmt.Sprint(i) }, func(i int) netip.Addr {
			return netip.MustParseAddr(fmt.Sprintf("2001:db8:1:2:%x::%x", i, i))
		}, 0, 20},
		{"from one address in two forms", func(i int) string { return fmt.Sprint(i) }, func(i int) netip.Addr {
			return netip.MustParseAddr([]string{"192.0.2.1", "::ffff:192.0.2.1"}[i%2])
		}, 0, 20},
		{"from no address", func(i int) string { return fmt.Sprint(i) }, func(int) netip.Addr { return netip.Addr{} }, 0, 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var clock hand
			s := NewSignIns(clock.now)
			checked := 0
			for i := range 1000 {
				a, wait := s.Allow(tt.account(i), tt.from(i))
				if wait == 0 {
					checked++
					a.Fail()
				}
				if wait > 5*time.Minute || wait < 0 {
					t.Fatalf("guess %d: told to wait %v", i, wait)
				}
				clock.advance(tt.pause)
			}
			if checked > tt.most || checked < 5 {
				t.Errorf("got %d of 1000 guesses checked, want 5 to %d", checked, tt.most)
			}
			t.Logf("%d checked", checked)
		})
	}
}

// All at the same moment, none told its outcome yet.
func TestThousandGuessesInParallel(t *testing.T) {
	t.Parallel()
	s := NewSignIns(nil)
	var checked atomic.Int64
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			a, wait := s.Allow("mina", addr(i))
			if wait == 0 {
				checked.Add(1)
				time.Sleep(time.Millisecond)
				a.Fail()
			}
		})
	}
	wg.Wait()
	if checked.Load() != 5 {
		t.Errorf("got %d checked, want 5", checked.Load())
	}
}

func TestSignInsDelays(t *testing.T) {
	t.Parallel()
	var clock hand
	s := NewSignIns(clock.now)
	var got []time.Duration
	for range 12 { // always waits as told, from ever new addresses
		a, wait := s.Allow("mina", addr(len(got)))
		if wait != 0 {
			t.Fatalf("after waiting as told: told to wait %v more", wait)
		}
		wait = a.Fail()
		got = append(got, wait)
		if wait > 0 {
			clock.advance(wait - 1)
			for range 50 { // too early, and that makes it no longer
				if _, early := s.Allow("mina", addr(len(got))); early != 1 {
					t.Fatalf("a nanosecond early: told to wait %v, want 1ns", early)
				}
			}
			clock.advance(1)
		}
	}
	want := []time.Duration{0, 0, 0, 0, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute}
	for i, w := range want {
		if got[i] != w {
			t.Errorf("after wrong password %d: told to wait %v, want %v", i+1, got[i], w)
		}
	}
	for i, g := range got {
		if g > 5*time.Minute {
			t.Errorf("after wrong password %d: told to wait %v, want at most 5m", i+1, g)
		}
	}
	clock.advance(time.Hour)
	for range 4 {
		a, wait := s.Allow("mina", addr(99))
		if wait != 0 || a.Fail() != 0 {
			t.Fatal("an hour later the account is still delayed")
		}
	}
}

func TestSignInsSuccess(t *testing.T) {
	t.Parallel()
	var clock hand
	s := NewSignIns(clock.now)
	fail := func(account string, from netip.Addr) time.Duration {
		t.Helper()
		a, wait := s.Allow(account, from)
		if wait == 0 {
			wait = a.Fail()
		}
		return wait
	}
	for range 4 {
		fail("mina", addr(1))
	}
	a, wait := s.Allow("mina", addr(1))
	if wait != 0 {
		t.Fatalf("the fifth attempt is told to wait %v", wait)
	}
	a.Succeed()
	for i := range 4 {
		if wait := fail("mina", addr(1)); wait != 0 {
			t.Fatalf("wrong password %d after a right one: told to wait %v", i+1, wait)
		}
	}

	// Strangers keep the account busy; at home it opens all the same.
	for i := range 100 {
		fail("jun", addr(1000+i))
	}
	if _, wait := s.Allow("jun", addr(2)); wait == 0 {
		t.Error("an address that never signed in is let through during an attack")
	}
	clock.advance(time.Hour)
	a, _ = s.Allow("jun", addr(2))
	a.Succeed()
	for i := range 100 {
		fail("jun", addr(2000+i))
	}
	if a, wait = s.Allow("jun", addr(2)); wait != 0 {
		t.Errorf("at home, during an attack: told to wait %v", wait)
	}
	a.Succeed()
	for range 5 { // guessing at home is limited too
		fail("jun", addr(2))
	}
	if wait := fail("jun", addr(2)); wait == 0 {
		t.Error("at home, guesses are not limited")
	}
	// Nobody reaches the count of somebody's home by a clever account name.
	for i := range 50 {
		fail("home 10.0.0.3/32 jun", addr(3000+i))
		fail("jun\x0010.0.0.3/32", addr(3100+i))
	}
	clock.advance(time.Hour)
	a, _ = s.Allow("jun", addr(3))
	a.Succeed()
	if wait := fail("jun", addr(3)); wait != 0 {
		t.Errorf("another's account name delayed a home by %v", wait)
	}
}

// Signing in to one's own account does not buy guesses at others'.
func TestOwnAccountBuysNoGuesses(t *testing.T) {
	t.Parallel()
	s := NewSignIns((&hand{}).now)
	checked := 0
	for i := range 1000 {
		if a, wait := s.Allow(fmt.Sprint("victim", i), addr(1)); wait == 0 {
			a.Fail()
			checked++
		}
		if a, wait := s.Allow("attacker", addr(1)); wait == 0 {
			a.Succeed()
		}
	}
	if checked > 20 {
		t.Errorf("got %d guesses checked, want at most 20", checked)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	var clock hand
	s := NewSignIns(clock.now)
	for i := range 1000 {
		a, wait := s.Allow("mina", addr(1))
		if wait != 0 {
			t.Fatalf("attempt %d: told to wait %v although none was checked", i, wait)
		}
		a.Cancel()
	}
	l := NewLimiter(SignUpRule(), clock.now)
	for i := range 100 {
		if wait := l.Allow(addr(1)); wait != 0 {
			t.Fatalf("sign-up %d: told to wait %v although none was made", i, wait)
		}
		l.Cancel(addr(1))
	}
	l.Cancel(addr(2)) // of nothing
	Attempt{}.Cancel()
	Attempt{}.Succeed()
	if wait := (Attempt{}).Fail(); wait != 0 {
		t.Errorf("no attempt: told to wait %v", wait)
	}
}

func TestSignUps(t *testing.T) {
	t.Parallel()
	var clock hand
	l := NewLimiter(SignUpRule(), clock.now)
	made := 0
	for range 100 {
		if l.Allow(addr(1)) == 0 {
			made++
		}
	}
	if made != 20 {
		t.Errorf("at once: got %d accounts, want 20", made)
	}
	if wait := l.Allow(addr(2)); wait != 0 {
		t.Errorf("another address: told to wait %v", wait)
	}
	made = 0
	for range 2 * 60 * 60 { // the next two hours, asking each second
		clock.advance(time.Second)
		if l.Allow(addr(1)) == 0 {
			made++
		}
	}
	if made < 38 || made > 40 {
		t.Errorf("in the two hours after: got %d accounts, want about 40", made)
	}
}

// However attempts are spread over time, waits stay within the rule, and a
// caller that waits as told is let through.
func TestLimiterAlwaysLetsThroughAfterTheWait(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		rule := Rule{Free: 1 + r.IntN(20), Forget: time.Duration(1 + r.Int64N(300_000_000_000)), First: time.Duration(1 + r.Int64N(60_000_000_000))}
		rule.Max = rule.First * time.Duration(1+r.IntN(50))
		var clock hand
		l := NewLimiter(rule, clock.now)
		for i := range 2000 {
			switch wait := l.Allow(addr(1)); {
			case wait < 0 || wait > rule.Max:
				t.Fatalf("seed %d, step %d: told to wait %v, want at most %v", seed, i, wait, rule.Max)
			case wait > 0 && r.IntN(2) == 0:
				clock.advance(wait)
				if more := l.Allow(addr(1)); more != 0 {
					t.Fatalf("seed %d, step %d: waited %v as told, told to wait %v more", seed, i, wait, more)
				}
			}
			if r.IntN(3) == 0 {
				clock.advance(time.Duration(r.Int64N(int64(rule.Forget))))
			}
		}
	}
}

func TestLimiterWithAClockThatGoesBack(t *testing.T) {
	t.Parallel()
	var clock hand
	clock.advance(1000 * time.Hour)
	l := NewLimiter(SignUpRule(), clock.now)
	for range 100 {
		l.Allow(addr(1))
	}
	clock.advance(-1000 * time.Hour)
	wait := l.Allow(addr(1))
	if wait > 3*time.Minute {
		t.Errorf("told to wait %v, want at most 3m", wait)
	}
	clock.advance(wait)
	if wait := l.Allow(addr(1)); wait != 0 {
		t.Errorf("after waiting as told: told to wait %v", wait)
	}
}

func TestLimiterMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var clock hand
	l := NewLimiter(Rule{Free: 1, Forget: time.Hour, First: time.Hour, Max: time.Hour}, clock.now)
	if l.Allow(addr(0)) != 0 || l.Allow(addr(1)) != 0 {
		t.Fatal("a new address has to wait")
	}
	for i := range 4 * maxKeys {
		l.Allow(addr(i + 2))
		if n := len(l.table.young) + len(l.table.old); n > maxKeys {
			t.Fatalf("%d addresses are kept, want at most %d", n, maxKeys)
		}
		if i == maxKeys/3 && l.Allow(addr(1)) == 0 {
			t.Error("an address was forgotten early")
		}
	}
	if l.Allow(addr(0)) != 0 {
		t.Error("the oldest address was kept")
	}
}

func TestMonotonic(t *testing.T) {
	t.Parallel()
	clock := Monotonic()
	if a, b := clock(), clock(); a < 0 || b < a || b > time.Minute {
		t.Errorf("got %v then %v", a, b)
	}
}

func BenchmarkSignIns(b *testing.B) {
	s := NewSignIns(nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if a, wait := s.Allow("mina@example.com", addr(i)); wait == 0 {
			a.Fail()
		}
	}
}

func BenchmarkLimiter(b *testing.B) {
	l := NewLimiter(SignUpRule(), nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.Allow(addr(i & 0xffff))
	}
}

// Whoever never stops gets no more than about twenty guesses an hour at one
// account.
func TestGuessingForADay(t *testing.T) {
	t.Parallel()
	var clock hand
	s := NewSignIns(clock.now)
	checked := 0
	for i := range 24 * 60 * 60 {
		if a, wait := s.Allow("mina", addr(i)); wait == 0 {
			a.Fail()
			checked++
		}
		clock.advance(time.Second)
	}
	if checked > 24*20+10 {
		t.Errorf("got %d guesses checked in a day, want at most %d", checked, 24*20+10)
	}
}

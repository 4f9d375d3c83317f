package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"
)

func newHasher(t testing.TB, o HasherOptions) *Hasher {
	t.Helper()
	if o.Cost == 0 {
		o.Cost = bcrypt.MinCost
	}
	h, err := NewHasher(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHasher(t *testing.T) {
	t.Parallel()
	h, ctx := newHasher(t, HasherOptions{}), t.Context()
	long := strings.Repeat("x", 71) + "y"
	passwords := []string{"correct horse", "달빛아래걷는고양이가노래하고바람은자꾸만멀어진다", long, "e\u0301tude in NFD"}
	for _, p := range passwords {
		hash, err := h.Hash(ctx, p)
		if err != nil {
			t.Fatalf("Hash(%q): %v", p, err)
		}
		if err := h.Verify(ctx, hash, p); err != nil {
			t.Errorf("Verify of the right password %q: %v", p, err)
		}
		for _, wrong := range []string{"", p + " ", p + "x", p[:len(p)-1], "X" + p[1:], p + "\x00", p + "\x00" + p, "étude in NFD"} {
			if err := h.Verify(ctx, hash, wrong); !errors.Is(err, ErrPasswordWrong) {
				t.Errorf("Verify of %q against the hash of %q: got %v, want %v", wrong, p, err, ErrPasswordWrong)
			}
		}
	}
	// bcrypt by itself reads 72 bytes and would say yes.
	hash, err := h.Hash(ctx, long)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Verify(ctx, hash, long+"and more"); !errors.Is(err, ErrPasswordWrong) {
		t.Errorf("Verify of more than 72 bytes: got %v, want %v", err, ErrPasswordWrong)
	}
	if _, err := h.Hash(ctx, long+"z"); !errors.Is(err, ErrPasswordLong) {
		t.Errorf("Hash of 73 bytes: got %v, want %v", err, ErrPasswordLong)
	}
	if _, err := h.Hash(ctx, "abc\x00abc"); !errors.Is(err, ErrPasswordInvalid) {
		t.Errorf("Hash of a NUL: got %v, want %v", err, ErrPasswordInvalid)
	}
}

func TestHasherWithoutAccount(t *testing.T) {
	t.Parallel()
	h, ctx := newHasher(t, HasherOptions{}), t.Context()
	for _, p := range []string{"", "password", strings.Repeat("x", 1000), "\x00"} {
		if err := h.VerifyNone(ctx, p); !errors.Is(err, ErrPasswordWrong) {
			t.Errorf("VerifyNone(%q): got %v, want %v", p, err, ErrPasswordWrong)
		}
		for _, hash := range [][]byte{nil, {}, []byte("x"), []byte("$2a$04$"), []byte("$2a$99$" + strings.Repeat("a", 53)), []byte(strings.Repeat("$", 60)), []byte(p)} {
			if err := h.Verify(ctx, hash, p); !errors.Is(err, ErrPasswordWrong) {
				t.Errorf("Verify(%q, %q): got %v, want %v", hash, p, err, ErrPasswordWrong)
			}
		}
	}
}

func TestNeedsRehash(t *testing.T) {
	t.Parallel()
	weak, strong := newHasher(t, HasherOptions{Cost: 4}), newHasher(t, HasherOptions{Cost: 6})
	a, err := weak.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	b, err := strong.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		h    *Hasher
		hash []byte
		want bool
	}{
		{"same", strong, b, false}, {"weaker", strong, a, true}, {"stronger", weak, b, false}, {"none", strong, nil, true},
	}
	for _, tt := range tests {
		if got := tt.h.NeedsRehash(tt.hash); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	if err := strong.Verify(t.Context(), a, "correct horse"); err != nil {
		t.Errorf("a weaker hash no longer signs in: %v", err)
	}
	if err := strong.Verify(t.Context(), a, "wrong horse"); !errors.Is(err, ErrPasswordWrong) {
		t.Errorf("got %v, want %v", err, ErrPasswordWrong)
	}
	for _, cost := range []int{1, 3, 21, 31, -1} {
		if _, err := NewHasher(HasherOptions{Cost: cost}); err == nil {
			t.Errorf("cost %d was accepted", cost)
		}
	}
}

// Of five hundred at once, no more run than may, no more wait than may, and
// all others are told at once.
func TestHasherUnderFlood(t *testing.T) {
	t.Parallel()
	h := newHasher(t, HasherOptions{Cost: 5, Parallel: 2, Queue: 20})
	hash, err := h.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	var busy, wrong, most atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 500 {
		wg.Go(func() {
			<-start
			err := h.Verify(t.Context(), hash, "wrong horse")
			for n := int64(len(h.slots)); n > most.Load(); {
				most.Store(n)
			}
			switch {
			case errors.Is(err, ErrBusy):
				busy.Add(1)
			case errors.Is(err, ErrPasswordWrong):
				wrong.Add(1)
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	close(start)
	wg.Wait()
	if busy.Load()+wrong.Load() != 500 || wrong.Load() < 22 || most.Load() > 2 {
		t.Errorf("got %d busy, %d checked, at most %d at once; want 500 in all, at least 22 checked, at most 2 at once", busy.Load(), wrong.Load(), most.Load())
	}
	if err := h.Verify(t.Context(), hash, "correct horse"); err != nil {
		t.Errorf("after the flood: %v", err)
	}
	if len(h.places) != 0 || len(h.slots) != 0 {
		t.Errorf("after the flood %d places and %d slots are still held", len(h.places), len(h.slots))
	}
}

func TestHasherQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, HasherOptions{Parallel: 1, Queue: 1})
		if err := h.enter(t.Context()); err != nil { // somebody is being checked
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		waiting := make(chan error)
		go func() { waiting <- h.VerifyNone(ctx, "x") }()
		synctest.Wait()
		if err := h.VerifyNone(t.Context(), "x"); !errors.Is(err, ErrBusy) {
			t.Errorf("with the queue full: got %v, want %v", err, ErrBusy)
		}
		if _, err := h.Hash(t.Context(), "x"); !errors.Is(err, ErrBusy) {
			t.Errorf("with the queue full: got %v, want %v", err, ErrBusy)
		}
		cancel() // the client leaves
		if err := <-waiting; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		go func() { waiting <- h.VerifyNone(t.Context(), "x") }()
		synctest.Wait()
		h.leave()
		if err := <-waiting; !errors.Is(err, ErrPasswordWrong) {
			t.Errorf("after the queue moved on: got %v, want %v", err, ErrPasswordWrong)
		}
		if err := h.VerifyNone(ctx, "x"); !errors.Is(err, context.Canceled) {
			t.Errorf("of a client that left: got %v, want %v", err, context.Canceled)
		}
	})
}

// BenchmarkVerify shows what a wrong sign-in costs in each case. The times
// should be the same: what differs tells strangers who has an account.
func BenchmarkVerify(b *testing.B) {
	h := newHasher(b, HasherOptions{Cost: 8, Parallel: 1})
	hash, err := h.Hash(b.Context(), "correct horse")
	if err != nil {
		b.Fatal(err)
	}
	old, err := newHasher(b, HasherOptions{Cost: 6}).Hash(b.Context(), "correct horse")
	if err != nil {
		b.Fatal(err)
	}
	cases := []struct {
		name string
		run  func() error
	}{
		{"known", func() error { return h.Verify(b.Context(), hash, "wrong horse") }},
		{"unknown", func() error { return h.VerifyNone(b.Context(), "wrong horse") }},
		{"without password", func() error { return h.Verify(b.Context(), nil, "wrong horse") }},
		{"older hash", func() error { return h.Verify(b.Context(), old, "wrong horse") }},
		{"over 72 bytes", func() error { return h.Verify(b.Context(), hash, strings.Repeat("x", 100)) }},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				_ = c.run()
			}
		})
	}
	// The measure of whether they can be told apart: interleaved pairs, the
	// ratio of medians (1) and the share in which the known one took longer
	// (0.5).
	b.Run("pairs", func(b *testing.B) {
		var known, unknown []time.Duration
		longer := 0
		for b.Loop() {
			var took [2]time.Duration
			order := []int{0, 1}
			if len(known)%2 == 1 {
				slices.Reverse(order)
			}
			for _, i := range order {
				start := time.Now()
				_ = cases[i].run()
				took[i] = time.Since(start)
			}
			known, unknown = append(known, took[0]), append(unknown, took[1])
			if took[0] > took[1] {
				longer++
			}
		}
		slices.Sort(known)
		slices.Sort(unknown)
		b.ReportMetric(float64(known[len(known)/2])/float64(unknown[len(unknown)/2]), "known/unknown")
		b.ReportMetric(float64(longer)/float64(len(known)), "longer")
	})
}

func BenchmarkHash(b *testing.B) {
	for _, cost := range []int{10, 11, 12} {
		b.Run(fmt.Sprint(cost), func(b *testing.B) {
			h := newHasher(b, HasherOptions{Cost: cost})
			for b.Loop() {
				if _, err := h.Hash(b.Context(), "correct horse"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The dummy must be one that bcrypt works through: a hash that it cannot read
// would be refused at once, and unknown accounts would show by the time.
func TestDummyHashIsWorkedThrough(t *testing.T) {
	t.Parallel()
	for range 100 {
		hash := dummyHash(bcrypt.MinCost)
		if err := bcrypt.CompareHashAndPassword(hash, []byte("x")); !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			t.Fatalf("%s: got %v, want %v", hash, err, bcrypt.ErrMismatchedHashAndPassword)
		}
	}
	if cost, err := bcrypt.Cost(newHasher(t, HasherOptions{Cost: 7}).dummy); err != nil || cost != 7 {
		t.Errorf("got a dummy of cost %d, %v, want 7", cost, err)
	}
}

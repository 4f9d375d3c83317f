package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"
)

var (
	// ErrPasswordWrong means that the password is not the one that was hashed.
	// It is also the answer for an account that does not exist.
	ErrPasswordWrong = errors.New("wrong password")

	// ErrBusy means that too many passwords are being checked already. Nothing
	// was checked; trying again in a few seconds will do.
	ErrBusy = errors.New("too many passwords are being checked at once")
)

// DefaultCost is the bcrypt cost of new hashes: about 50 ms on a desktop core,
// about 200 ms on a Raspberry Pi 4.
const DefaultCost = 10

// HasherOptions say how hard and how many. The zero value is the default.
type HasherOptions struct {
	Cost     int // bcrypt cost, 10 to 20; 0 is DefaultCost (tests may go down to 4)
	Parallel int // how many run at once; 0 is one less than there are cores, at least 1
	Queue    int // how many may wait; 0 is 20, negative is none
}

// Hasher hashes and checks passwords, a few at a time: whoever floods it is
// told ErrBusy, and the cores stay free for listeners. It is safe for
// concurrent use.
type Hasher struct {
	cost   int
	places chan struct{} // held while waiting or running
	slots  chan struct{} // held while running
	dummy  []byte        // hash of something random, for accounts that do not exist
	checks atomic.Uint64
}

// NewHasher makes a hasher.
func NewHasher(o HasherOptions) (*Hasher, error) {
	if o.Cost == 0 {
		o.Cost = DefaultCost
	}
	if o.Cost < bcrypt.MinCost || o.Cost > 20 {
		return nil, fmt.Errorf("bcrypt cost %d is not within %d to 20", o.Cost, bcrypt.MinCost)
	}
	if o.Parallel <= 0 {
		o.Parallel = max(1, runtime.GOMAXPROCS(0)-1)
	}
	switch {
	case o.Queue == 0:
		o.Queue = 20
	case o.Queue < 0:
		o.Queue = 0
	}
	return &Hasher{
		cost:   o.Cost,
		places: make(chan struct{}, o.Parallel+o.Queue),
		slots:  make(chan struct{}, o.Parallel),
		dummy:  dummyHash(o.Cost),
	}, nil
}

// dummyHash makes what looks like the hash of a password and costs as much to
// check. It is put together from letters, not computed: that would hold up
// every start by the time of a sign-in.
func dummyHash(cost int) []byte {
	const letters = 53 // salt and hash in bcrypt's base64, of which a-z is part
	return []byte(fmt.Sprintf("$2a$%02d$%s", cost, (NewCode() + NewCode() + NewCode())[:letters]))
}

// enter waits for a turn. On success the caller calls leave.
func (h *Hasher) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case h.places <- struct{}{}:
	default:
		return ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-h.places
		return ctx.Err()
	}
}

func (h *Hasher) leave() {
	<-h.slots
	<-h.places
}

// Hash gives the bcrypt hash of a password. A password that bcrypt would cut
// is ErrPasswordLong, one that it would confuse with another is
// ErrPasswordInvalid; other rules are CheckPassword's.
func (h *Hasher) Hash(ctx context.Context, password string) ([]byte, error) {
	switch {
	case len(password) > MaxPasswordBytes:
		return nil, ErrPasswordLong
	case strings.IndexByte(password, 0) >= 0:
		return nil, ErrPasswordInvalid
	}
	if err := h.enter(ctx); err != nil {
		return nil, err
	}
	defer h.leave()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), h.cost)
	if err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// Verify checks a password against the hash of an account. It returns nil,
// ErrPasswordWrong, ErrBusy or the context's error. An empty hash (an account
// without a password) and a hash that cannot be read are ErrPasswordWrong. A
// wrong answer takes as long as VerifyNone, whatever the reason and however old
// the hash.
func (h *Hasher) Verify(ctx context.Context, hash []byte, password string) error {
	if err := h.enter(ctx); err != nil {
		return err
	}
	defer h.leave()
	h.checks.Add(1)
	cost, err := bcrypt.Cost(hash)
	if err != nil {
		h.waste(password)
		if len(hash) == 0 {
			return ErrPasswordWrong
		}
		return fmt.Errorf("%w: the stored hash cannot be read: %w", ErrPasswordWrong, err)
	}
	if !hashable(password) {
		h.waste(password)
		return ErrPasswordWrong
	}
	err = bcrypt.CompareHashAndPassword(hash, []byte(password))
	if err == nil {
		return nil
	}
	// A hash from the time of a lower cost was quicker to check. The rounds
	// double with each step, so one more of each missing step makes up for it.
	for c := cost; c < h.cost; c++ {
		_, _ = bcrypt.GenerateFromPassword([]byte(password), c)
	}
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return ErrPasswordWrong
	}
	return fmt.Errorf("%w: the stored hash cannot be read: %w", ErrPasswordWrong, err)
}

// VerifyNone is Verify for an account that does not exist: it does the same
// work and always fails, with ErrPasswordWrong, ErrBusy or the context's error.
func (h *Hasher) VerifyNone(ctx context.Context, password string) error {
	if err := h.enter(ctx); err != nil {
		return err
	}
	defer h.leave()
	h.checks.Add(1)
	h.waste(password)
	return ErrPasswordWrong
}

// waste spends the time of one check.
func (h *Hasher) waste(password string) {
	if len(password) > MaxPasswordBytes {
		password = password[:MaxPasswordBytes]
	}
	_ = bcrypt.CompareHashAndPassword(h.dummy, []byte(password))
}

// Checks is how many passwords were checked so far, those for accounts that do
// not exist among them.
func (h *Hasher) Checks() uint64 { return h.checks.Load() }

// NeedsRehash reports whether a hash is weaker than those made now. The moment
// to replace it is right after Verify said yes.
func (h *Hasher) NeedsRehash(hash []byte) bool {
	cost, err := bcrypt.Cost(hash)
	return err != nil || cost < h.cost
}

// hashable reports whether bcrypt takes the whole password into account. It
// reads 72 bytes at most, and as it repeats the text with a NUL between, "a"
// and "a\x00a" would be the same.
func hashable(password string) bool {
	return len(password) <= MaxPasswordBytes && strings.IndexByte(password, 0) < 0
}

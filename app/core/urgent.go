package core

import (
	"context"
	"sync"

	"earshot/media"
)

// urgent is work that somebody waits for, and that other work makes way for.
// The zero value is ready.
type urgent struct {
	mu   sync.Mutex
	n    int
	over chan struct{} // closed when the last of it has ended
}

func (u *urgent) enter() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n++; u.n == 1 {
		u.over = make(chan struct{})
	}
}

func (u *urgent) leave() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n--; u.n == 0 {
		close(u.over)
	}
}

// wait waits until there is none, or the context ends.
func (u *urgent) wait(ctx context.Context) error {
	for ctx.Err() == nil {
		u.mu.Lock()
		n, over := u.n, u.over
		u.mu.Unlock()
		if n == 0 {
			return nil
		}
		select {
		case <-over:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// lookEvery is how many bytes of a sound are read between two looks whether it
// is still wanted.
const lookEvery = 1 << 20

// patient is the sound of a track, read only when nothing is in the way, by one
// goroutine.
type patient struct {
	media.Sound
	wait   func() error
	look   func() // called now and then; what it finds, wait tells
	unseen int    // bytes read since
}

func (p *patient) ReadAt(b []byte, off int64) (int, error) {
	if p.unseen += len(b); p.unseen >= lookEvery {
		p.unseen = 0
		p.look()
	}
	if err := p.wait(); err != nil {
		return 0, err
	}
	return p.Sound.ReadAt(b, off)
}

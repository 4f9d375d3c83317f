package core

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
)

// desk hands out papers: short texts that live for some minutes and are good
// for one thing, of one kind. They are sealed, so that nothing has to be kept
// of those that nobody brings back, and good in this run of the program alone,
// so that what was used can be remembered in memory.
type desk struct {
	sealer *auth.Sealer
	pace   func() time.Duration
	run    string // in the seal of all papers of this run

	mu   sync.Mutex
	used map[string]paperUse
}

// paper is what somebody brought back.
type paper struct {
	id    string
	until time.Duration
	says  []byte
}

type paperUse struct {
	times int
	until time.Duration
}

// papersUsed bounds what is remembered, about 1 MB.
const papersUsed = 10_000

func newDesk(sealer *auth.Sealer, pace func() time.Duration) *desk {
	var run [16]byte
	rand.Read(run[:])
	return &desk{sealer: sealer, pace: pace, run: hex.EncodeToString(run[:]), used: map[string]paperUse{}}
}

// write makes a paper of a kind.
func (d *desk) write(kind string, lasts time.Duration, says []byte) string {
	b := make([]byte, 16, 24+len(says))
	rand.Read(b)
	b = binary.BigEndian.AppendUint64(b, uint64(d.pace()+lasts))
	return d.sealer.Seal(kind+" "+d.run, append(b, says...))
}

// read takes a paper of a kind back. ok is false when it is none, or too old.
func (d *desk) read(kind, text string) (p paper, ok bool) {
	b, err := d.sealer.Open(kind+" "+d.run, text)
	if err != nil || len(b) < 24 {
		return paper{}, false
	}
	p = paper{id: string(b[:16]), until: time.Duration(binary.BigEndian.Uint64(b[16:])), says: b[24:]}
	return p, d.pace() < p.until
}

// use counts a use of a paper. Beyond so many it is errPaperUsed; when more is
// going on than can be remembered, the answer is to come again.
func (d *desk) use(p paper, most int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	u, known := d.used[p.id]
	if !known && len(d.used) >= papersUsed {
		now := d.pace()
		for id, u := range d.used {
			if u.until <= now {
				delete(d.used, id)
			}
		}
		if len(d.used) >= papersUsed {
			return fault.New(fault.Unavailable, "busy", "Too many people are signing in at this moment. Try again in a few seconds.").After(5 * time.Second)
		}
	}
	if u.times >= most {
		return errPaperUsed
	}
	d.used[p.id] = paperUse{u.times + 1, p.until}
	return nil
}

// spend ends a paper; false when somebody else was faster.
func (d *desk) spend(p paper) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	const spent = 1 << 30
	if d.used[p.id].times >= spent {
		return false
	}
	d.used[p.id] = paperUse{spent, p.until}
	return true
}

// errPaperUsed never reaches a client as it is.
var errPaperUsed = fault.New(fault.Unauthenticated, "paper.used", "This was used already.")

package core

import (
	"sync"
	"time"
)

// note writes a line of the security log: sign-ins that worked and that did not,
// ends of sessions, changes of passwords, accounts that come and go, and what the
// keeper does. It is part of the log; each line has "security" with the event in
// it. No line holds a password, a token, an e-mail address or what was typed.
func (c *Core) note(event, text string, args ...any) {
	c.log.Info(text, append(args, "security", event)...)
}

// flood counts what may come in floods since it was last noted, so that the log is
// no flood of lines.
type flood struct {
	mu    sync.Mutex
	n     int
	noted time.Duration // by pace; 0 before the first
}

// more counts one more, and gives how many to note: 0 while the last line is not
// a second old.
func (f *flood) more(now time.Duration) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	if ago := now - f.noted; f.noted != 0 && ago >= 0 && ago < attemptsEvery {
		return 0
	}
	n, f.n, f.noted = f.n, 0, max(now, 1)
	return n
}

// noteLimited notes that sign-ins are refused because there were too many, at
// most once a second.
func (c *Core) noteLimited(from Client) {
	if n := c.attempts.limited.more(c.pace()); n > 0 {
		c.note("signin.limited", "attempts at passwords have to wait", "attempts", n, "from", from.Address)
	}
}

// NoteRefusedKey notes that a program came with an app password or a key that is
// not good, at most once a second.
func (c *Core) NoteRefusedKey(from Client) {
	if n := c.refusedKeys.more(c.pace()); n > 0 {
		c.note("key.refused", "a program's sign-in was refused", "attempts", n, "from", from.Address)
	}
}

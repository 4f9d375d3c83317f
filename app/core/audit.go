package core

// note writes a line of the security log: sign-ins that worked and that did not,
// ends of sessions, changes of passwords, accounts that come and go, and what the
// keeper does. It is part of the log; each line has "security" with the event in
// it. No line holds a password, a token, an e-mail address or what was typed.
func (c *Core) note(event, text string, args ...any) {
	c.log.Info(text, append(args, "security", event)...)
}

// noteLimited notes that sign-ins are refused because there were too many, at
// most once a second: a flood of attempts is no flood of lines.
func (c *Core) noteLimited(from Client) {
	a, now := &c.attempts, c.pace()
	a.mu.Lock()
	a.refused++
	n := a.refused
	if ago := now - a.noted; a.noted != 0 && ago >= 0 && ago < attemptsEvery {
		n = 0
	} else {
		a.refused, a.noted = 0, max(now, 1)
	}
	a.mu.Unlock()
	if n > 0 {
		c.note("signin.limited", "attempts at passwords have to wait", "attempts", n, "from", from.Address)
	}
}

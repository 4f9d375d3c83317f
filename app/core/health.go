package core

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"time"

	"earshot/app/copies"
	"earshot/db"
)

// Condition is how something of the house is.
type Condition uint8

// The conditions.
const (
	Well  Condition = iota
	Warns           // it goes on, and wants to be looked at
	Bad             // something does not work, or may soon be lost
)

// HealthCheck is one thing that was looked at.
type HealthCheck struct {
	Name      string
	Condition Condition
	Code      string // what it is: the name, a dot and a word
	Message   string // a sentence that says so, and what to do
	Number    int64  // what the sentence counts
}

// Health is how the house is.
type Health struct {
	Version   string
	Started   time.Time
	Now       time.Time
	Memory    int64 // bytes of the program's own
	Limit     int64 // within which it tries to stay; 0 for none
	Files     int   // that are open; -1 when not known
	Tabs      int   // open event streams
	Users     uint64
	Tracks    uint64
	Schema    int
	Addresses []string
	Checks    []HealthCheck
}

const (
	lowShare    = 20            // less than a 20th of the disk is little,
	lowBytes    = 2_000_000_000 // unless it is this much
	clockMade   = 2024          // no clock that is right shows a year before
	clockSlack  = time.Hour     // by which a clock may have been ahead once
	backupSlack = 3             // a backup may be so many times as old as they are made
	backupSoon  = 2 * time.Hour // after a start, by which a backup is there
	nearLimit   = 90            // percent of the memory
	troublesFor = time.Minute   // how long what is wrong is remembered
)

// Health looks at everything that may go wrong, for the keeper.
func (c *Core) Health(ctx context.Context, me db.ID) (Health, error) {
	if err := c.MayKeep(ctx, me); err != nil {
		return Health{}, err
	}
	return c.health(ctx)
}

func (c *Core) health(ctx context.Context) (Health, error) {
	h := Health{
		Version: c.site.Version, Now: c.now(), Started: c.started, Schema: c.db.Schema(), Files: openFiles(),
		Tabs: c.events.open(),
	}
	h.Memory, h.Limit = memoryUsed()
	if c.site.Addresses != nil {
		h.Addresses = c.site.Addresses()
	}
	var last db.ID
	var queue Queue
	var set Settings
	shelves, gone := 0, 0
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		h.Users, h.Tracks, last = uint64(tx.CountUsers()), uint64(tx.CountTracks()), tx.LastID()
		house, err := tx.House()
		if err != nil {
			return err
		}
		set = c.settings(house)
		if queue, err = c.queue(tx, 0); err != nil {
			return err
		}
		return c.eachLibrary(tx, func(l db.Library) error {
			if shelves++; l.Away {
				gone++
			}
			return nil
		})
	})
	if err != nil {
		return h, err
	}
	h.Checks = []HealthCheck{
		c.checkDatabase(), c.checkDisk(), c.checkMedia(h.Tracks), checkLibraries(shelves, gone), c.checkBackups(set, h.Now),
		c.checkIndex(), checkQueue(queue), checkClock(h.Now, last), checkMemory(h), c.checkEverything(),
	}
	return h, nil
}

// troubles remembers how much is wrong, for pages that ask all the time.
type troubles struct {
	mu    sync.Mutex
	known bool
	at    time.Duration // by the clock of paces
	count int
}

// Troubles counts what is wrong with the house. It is up to a minute old.
func (c *Core) troublesNow(ctx context.Context) int {
	t := &c.troubles
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known && c.pace()-t.at < troublesFor {
		return t.count
	}
	h, err := c.health(ctx)
	if err != nil {
		return t.count
	}
	t.known, t.at, t.count = true, c.pace(), 0
	for _, check := range h.Checks {
		if check.Condition == Bad {
			t.count++
		}
	}
	return t.count
}

func finding(name string, condition Condition, word, message string) HealthCheck {
	return HealthCheck{Name: name, Condition: condition, Code: name + "." + word, Message: message}
}

func (h HealthCheck) counting(n int64) HealthCheck {
	h.Number = n
	return h
}

func (c *Core) checkDatabase() HealthCheck {
	if n := c.rotten.Load(); n > 0 {
		return finding("database", Bad, "rotten", "The database has records that can't be read. Run \"earshot check\", and keep the backups that are there.").counting(int64(n))
	}
	return finding("database", Well, "ok", "The database is in order.")
}

func (c *Core) checkDisk() HealthCheck {
	if c.media.ReadOnly() {
		return finding("disk", Bad, "readonly", "The disk takes no writes. Nothing can be uploaded or said until it does.")
	}
	free, err := c.media.Free()
	if err != nil {
		return finding("disk", Well, "unknown", "How much room the disk has left can't be told on this system.")
	}
	total, err := c.media.Total()
	if err != nil {
		total = 0
	}
	left := int64(min(free, math.MaxInt64))
	switch {
	case free < c.media.Floor()+c.media.Floor()/4:
		return finding("disk", Bad, "full", "The disk is full: uploads are refused. Delete something, or give the house a larger disk.").counting(left)
	case free < lowBytes && free < total/lowShare:
		return finding("disk", Warns, "low", fmt.Sprintf("Only %s are left on the disk. Make room before uploads are refused.", amount(free))).counting(left)
	}
	return finding("disk", Well, "ok", fmt.Sprintf("%s are free.", amount(free))).counting(left)
}

func (c *Core) checkMedia(tracks uint64) HealthCheck {
	if tracks > 0 && c.media.Bare() {
		return finding("media", Bad, "missing", "The folder of audio is empty although there are tracks. If it is on a disk of its own, mount that; all is back then.")
	}
	return finding("media", Well, "ok", "The folder of audio is there.")
}

func checkLibraries(all, away int) HealthCheck {
	switch {
	case away > 0:
		return finding("libraries", Warns, "away", "A music folder is away. Connect its disk: its tracks wait for it.").counting(int64(away))
	case all == 0:
		return finding("libraries", Well, "none", "There are no music folders.")
	}
	return finding("libraries", Well, "ok", "All music folders are there.").counting(int64(all))
}

func (c *Core) checkBackups(s Settings, now time.Time) HealthCheck {
	list, err := c.copyRules.Folder.List()
	c.copying.mu.Lock()
	problem := c.copying.problem
	c.copying.mu.Unlock()
	if err != nil && problem == "" {
		problem = err.Error()
	}
	switch {
	case problem != "":
		return finding("backups", Bad, "failed", "The last backup could not be made. See why, and try again.")
	case len(list) > 0 && list[0].State == copies.Bad:
		return finding("backups", Bad, "bad", "The newest backup could not be read in full. Make a new one, and see what is wrong with this.")
	case s.BackupEvery == 0:
		return finding("backups", Warns, "off", "No backups are made by themselves. Turn them on, or copy the data yourself.")
	case len(list) == 0 && now.Sub(c.started) < backupSoon:
		return finding("backups", Well, "soon", "The first backup is made soon.")
	case len(list) == 0:
		return finding("backups", Bad, "none", "There is no backup yet. Make one now.")
	}
	if age := now.Sub(list[0].Made); age > backupSlack*s.BackupEvery+time.Hour && now.Sub(c.started) > backupSoon {
		return finding("backups", Bad, "old", "The newest backup is older than it should be. Make one now, and look at the log for what is in the way.").counting(int64(age / time.Hour))
	}
	return finding("backups", Well, "ok", "There is a fresh backup.")
}

func (c *Core) checkEverything() HealthCheck {
	switch v := c.LastCheck(); {
	case v.State == CheckRunning:
		return finding("check", Well, "running", "Everything is being checked.").counting(int64(100 * v.Share))
	case v.Wrong() > 0:
		return finding("check", Bad, "found", "The last check found something that is wrong. See what, and mend it with \"earshot check -repair\".").counting(int64(v.Wrong()))
	case v.State == CheckDone:
		return finding("check", Well, "ok", "The last check found nothing wrong.")
	}
	return finding("check", Well, "never", "There was no full check since Earshot was started.")
}

func (c *Core) checkIndex() HealthCheck {
	state, _, _ := c.index.now()
	switch {
	case state.Error != "":
		return finding("index", Bad, "error", "The search index can't be used: "+strings.TrimSuffix(state.Error, ".")+". Have it made anew.")
	case state.Building:
		return finding("index", Warns, "building", "The search index is being made anew. Searching goes on meanwhile.").counting(int64(100 * state.Progress))
	}
	return finding("index", Well, "ok", "The search index follows every change.")
}

func checkQueue(q Queue) HealthCheck {
	if q.Failing > 0 {
		return finding("jobs", Warns, "failing", "Some work fails and is tried again by itself.").counting(int64(q.Failing))
	}
	n := 0
	for _, count := range q.Count {
		n += count
	}
	if n > 0 {
		return finding("jobs", Well, "waiting", "There is work to do, and it is being done.").counting(int64(n))
	}
	return finding("jobs", Well, "ok", "All work is done.")
}

// checkClock holds the clock against the newest id: times were given by a clock
// that had come as far as that.
func checkClock(now time.Time, last db.ID) HealthCheck {
	switch {
	case now.Year() < clockMade:
		return finding("clock", Bad, "unset", "The clock of this machine is not set. Connect it to the network, or set its time.")
	case last != 0 && last.Time().Sub(now) > clockSlack:
		return finding("clock", Warns, "behind", "The clock is behind what was written already: it was set back, or was ahead once. Check the time of this machine.").counting(int64(last.Time().Sub(now) / time.Minute))
	}
	return finding("clock", Well, "ok", "The clock is right, as far as can be told.")
}

func checkMemory(h Health) HealthCheck {
	if h.Limit > 0 && h.Memory > h.Limit/100*nearLimit {
		return finding("memory", Warns, "near", "Earshot needs nearly all the memory that it may have, and becomes slow.")
	}
	return finding("memory", Well, "ok", "There is memory enough.")
}

// memoryUsed gives the bytes that the program has of the system, and its limit;
// 0 for none.
func memoryUsed() (used, limit int64) {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	used = int64(s[0].Value.Uint64() - s[1].Value.Uint64())
	if limit = debug.SetMemoryLimit(-1); limit == math.MaxInt64 {
		limit = 0
	}
	return used, limit
}

// openFiles counts the files that the program has open; -1 where that is not
// told.
func openFiles() int {
	if runtime.GOOS != "linux" {
		return -1
	}
	f, err := os.Open("/proc/self/fd")
	if err != nil {
		return -1
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return -1
	}
	return len(names) - 1 // the one that is being read
}

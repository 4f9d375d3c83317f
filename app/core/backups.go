package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"earshot/app/copies"
	"earshot/app/fault"
	"earshot/db"
)

// BackupRules say where copies of the database are kept, how often they are
// made and how many there are. What the keeper decided goes before them.
type BackupRules struct {
	Folder copies.Folder
	Every  time.Duration // 0: none are made by themselves
	Keep   int
}

const (
	backupFirst = time.Minute      // after a start, so that houses that are open for an evening have copies too
	backupLook  = 30 * time.Second // at most, between two looks whether it is time
	backupAgain = 10 * time.Minute // at most, after one that could not be made
)

// backups is how the copying of the database stands.
type backups struct {
	making sync.Mutex // held by whoever makes one

	mu      sync.Mutex
	asked   bool
	running bool
	problem string // why the last could not be made
	kind    string // the same in a word
	failed  time.Time
	wake    chan struct{} // has an entry when one is asked for
}

// BackupsView is what the keeper sees of the copies.
type BackupsView struct {
	Items    []copies.Copy // the newest first
	Folder   string
	Every    time.Duration // 0: none are made by themselves
	Keep     int
	Next     time.Time
	Running  bool
	Problem  string
	Kind     string // of the problem: full, readonly, damaged or other
	Database int64  // bytes of the database now
}

var errBackupRuns = fault.New(fault.Conflict, "backup.running", "A backup is being made already. Wait until it is done.")

// Backups tells the keeper of the copies of the database.
func (c *Core) Backups(ctx context.Context, me db.ID) (BackupsView, error) {
	if err := c.wantKeeper(ctx, me); err != nil {
		return BackupsView{}, err
	}
	return c.backupsView(ctx)
}

// wantKeeper wants the asker to be one.
func (c *Core) wantKeeper(ctx context.Context, me db.ID) error {
	return c.view(ctx, func(tx *db.Tx) error {
		_, err := c.keeper(tx, me)
		return err
	})
}

func (c *Core) backupsView(ctx context.Context) (v BackupsView, err error) {
	if v.Every, v.Keep, err = c.backupPlan(ctx); err != nil {
		return v, err
	}
	if v.Items, err = c.copyRules.Folder.List(); err != nil {
		return v, err
	}
	v.Folder = c.copyRules.Folder.Dir
	if v.Database, err = c.db.Size(); err != nil {
		return v, err
	}
	if v.Every > 0 {
		v.Next = c.nextBackup(v.Every)
	}
	b := &c.copying
	b.mu.Lock()
	defer b.mu.Unlock()
	v.Running, v.Problem, v.Kind = b.running || b.asked, b.problem, b.kind
	return v, nil
}

// LastBackup gives the newest good copy and why the last one could not be made,
// if it could not. The zero Copy is none.
func (c *Core) LastBackup(ctx context.Context) (last copies.Copy, problem string, err error) {
	last, err = c.copyRules.Folder.NewestGood(ctx, false)
	if errors.Is(err, copies.ErrNone) {
		err = nil
	}
	c.copying.mu.Lock()
	defer c.copying.mu.Unlock()
	return last, c.copying.problem, err
}

// backupPlan gives how often copies are made, 0 for never, and how many are
// kept: as the keeper decided, or else as the settings say.
func (c *Core) backupPlan(ctx context.Context) (every time.Duration, keep int, err error) {
	var h db.House
	err = c.view(ctx, func(tx *db.Tx) (err error) {
		h, err = tx.House()
		return err
	})
	every, keep = c.copyRules.Every, max(c.copyRules.Keep, 1)
	switch {
	case h.BackupEvery < 0:
		every = 0
	case h.BackupEvery > 0:
		every = time.Duration(h.BackupEvery) * time.Second
	}
	if h.BackupKeep > 0 {
		keep = int(min(h.BackupKeep, 1000))
	}
	return every, keep, err
}

// MakeBackup has a copy made now, in the background.
func (c *Core) MakeBackup(ctx context.Context, me db.ID) (BackupsView, error) {
	if err := c.wantKeeper(ctx, me); err != nil {
		return BackupsView{}, err
	}
	b := &c.copying
	b.mu.Lock()
	busy := b.running || b.asked
	if !busy {
		b.asked, b.problem, b.kind = true, "", ""
	}
	b.mu.Unlock()
	if busy {
		return BackupsView{}, errBackupRuns
	}
	select {
	case b.wake <- struct{}{}:
	default:
	}
	c.note("backup.asked", "the keeper asked for a backup", "keeper", me)
	return c.backupsView(ctx)
}

// ProveBackup reads a copy again in full, and tells what was found.
func (c *Core) ProveBackup(ctx context.Context, me db.ID, name string) (copies.Copy, error) {
	if err := c.wantKeeper(ctx, me); err != nil {
		return copies.Copy{}, err
	}
	if _, err := c.copyRules.Folder.Find(name); err != nil {
		return c.proveCopy(ctx, name)
	}
	type proved struct {
		k   copies.Copy
		err error
	}
	done := make(chan proved, 1)
	k := &c.checking
	k.mu.Lock()
	shut := k.shut
	if !shut {
		k.ended.Add(1)
	}
	k.mu.Unlock()
	if shut {
		return copies.Copy{}, errProving
	}
	go func() {
		defer k.ended.Done()
		c.quietly(func() {
			defer func() {
				if p := recover(); p != nil {
					done <- proved{err: fmt.Errorf("panic: %v", p)}
				}
			}()
			k, err := c.proveCopy(c.lasting, name)
			done <- proved{k, err}
		})
	}()
	patience := time.NewTimer(proveWithin)
	defer patience.Stop()
	select {
	case p := <-done:
		return p.k, p.err
	case <-patience.C:
		return copies.Copy{}, errProving
	}
}

// proveWithin is how long somebody is kept waiting for a proof. A large copy on a
// slow disk takes longer; it is read to the end all the same.
const proveWithin = 40 * time.Second

var errProving = fault.New(fault.Unavailable, "backup.proving", "The backup is large and is still being read. Look at the list again in a few minutes.").After(time.Minute)

func (c *Core) proveCopy(ctx context.Context, name string) (copies.Copy, error) {
	k, err := c.copyRules.Folder.Prove(ctx, name)
	if errors.Is(err, copies.ErrNone) {
		return k, ErrNotFound.Because(err)
	}
	if k.State == copies.Bad {
		c.log.Error("a backup is not good", "file", k.Path, "error", k.Error)
	}
	if k.State == copies.Good && err != nil {
		c.log.Warn("what was found in a backup can't be noted beside it", "file", k.Path, "error", err)
		err = nil
	}
	return k, translate(err)
}

// BackUp makes a copy of the database, proves it, and lets old ones go. The
// zero Folder is the house's own; another is only added to.
func (c *Core) BackUp(ctx context.Context, folder copies.Folder, reason string) (copies.Copy, error) {
	b := &c.copying
	if !b.making.TryLock() {
		return copies.Copy{}, errBackupRuns
	}
	defer b.making.Unlock()
	own := folder == copies.Folder{} || folder.Dir == c.copyRules.Folder.Dir
	if own {
		folder = c.copyRules.Folder
	}
	b.mu.Lock()
	b.running, b.asked = true, false
	b.mu.Unlock()
	k, err := folder.Make(ctx, c.db, reason, c.now())
	if err == nil && own {
		var keep int
		if _, keep, err = c.backupPlan(ctx); err == nil {
			err = folder.Thin(keep)
		}
	}
	b.mu.Lock()
	b.running = false
	switch {
	case !own, ctx.Err() != nil:
	case err == nil:
		b.problem, b.kind = "", ""
	default:
		b.problem, b.kind, b.failed = BackupProblem(err), problemKind(err), time.Now()
	}
	b.mu.Unlock()
	if k.Name != "" {
		c.log.Info("the database was backed up", "file", k.Path, "proof", k.State, "bytes", k.Size, "records", k.Records,
			"users", k.Users, "tracks", k.Tracks, "comments", k.Comments, "took", k.Took.Round(time.Millisecond))
	}
	return k, err
}

// BackupProblem says why a copy could not be made.
func BackupProblem(err error) string {
	switch problemKind(err) {
	case "full":
		return "The disk is full: there was no space for another backup. Older ones are still there."
	case "readonly":
		return "The folder of the backups can't be written to: " + err.Error()
	case "damaged":
		return "The database is damaged, and so would the backup be; older ones are still there. Run \"earshot check\". What was found: " + err.Error()
	}
	return "No backup could be made: " + err.Error()
}

// problemKind says in a word why a copy could not be made.
func problemKind(err error) string {
	switch {
	case errors.Is(err, db.ErrFull):
		return "full"
	case errors.Is(err, db.ErrReadOnly):
		return "readonly"
	case errors.Is(err, db.ErrCorrupt), errors.Is(err, db.ErrDamaged), errors.Is(err, db.ErrInconsistent):
		return "damaged"
	}
	return "other"
}

// nextBackup gives when it is time for the next copy.
func (c *Core) nextBackup(every time.Duration) time.Time {
	soonest := c.awake.Add(min(every, backupFirst))
	b := &c.copying
	b.mu.Lock()
	if b.problem != "" {
		soonest = later(soonest, b.failed.Add(min(every, backupAgain)))
	}
	b.mu.Unlock()
	newest, err := c.copyRules.Folder.Newest()
	// An age below nought is a clock that was wrong, then or now.
	if err == nil && !newest.Made.After(time.Now()) {
		return later(soonest, newest.Made.Add(every))
	}
	return soonest
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// KeepBackups makes copies when it is time for them, and when the keeper asks,
// until the context ends.
func (c *Core) KeepBackups(ctx context.Context) {
	if err := c.copyRules.Folder.Sweep(); err != nil {
		c.log.Warn("something is left in the folder of the backups", "error", err)
	}
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.copying.wake:
		case <-look.C:
		}
		every, err := c.backUpIfDue(ctx)
		if err != nil && ctx.Err() == nil {
			c.log.Error("the database can't be backed up", "error", err)
		}
		look.Reset(min(cmp.Or(every, backupLook), backupLook))
	}
}

// backUpIfDue makes a copy if it is time for one, or if the keeper asked.
func (c *Core) backUpIfDue(ctx context.Context) (every time.Duration, err error) {
	every, _, err = c.backupPlan(ctx)
	if err != nil {
		return 0, err
	}
	c.copying.mu.Lock()
	asked := c.copying.asked
	c.copying.mu.Unlock()
	reason := copies.Asked
	if !asked {
		reason = copies.Schedule
		if house, err := c.House(ctx); err != nil || house.Setup {
			return every, err // there is nothing yet to lose
		}
		if every <= 0 || time.Now().Before(c.nextBackup(every)) {
			return every, nil
		}
	}
	_, err = c.BackUp(ctx, copies.Folder{}, reason)
	if errors.Is(err, errBackupRuns) {
		return every, nil
	}
	return every, err
}

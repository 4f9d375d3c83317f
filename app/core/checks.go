package core

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
	"earshot/media/picture"
)

// How much of what a check finds is listed.
const checkListed = 100

// CheckState is how far a check has come.
type CheckState string

// The states of a check.
const (
	CheckNever   CheckState = "never"
	CheckRunning CheckState = "running"
	CheckDone    CheckState = "done"
	CheckStopped CheckState = "stopped"
)

// CheckView is what a look at everything found.
type CheckView struct {
	State          CheckState
	Started, Ended time.Time
	Share          float64 // 0 to 1
	Records        uint64
	Files          uint64 // of media
	Found          []string
	More           int // found, and not listed
	Mended         []string

	rotten bool // something is wrong in the database itself
}

// Wrong is how much is not as it should be.
func (v CheckView) Wrong() int { return len(v.Found) + v.More }

// Rotten tells whether something is wrong in the database itself.
func (v CheckView) Rotten() bool { return v.rotten }

func (v *CheckView) add(format string, args ...any) {
	if len(v.Found) >= checkListed {
		v.More++
		return
	}
	v.Found = append(v.Found, fmt.Sprintf(format, args...))
}

// Checking is how a check is done.
type Checking struct {
	Sums   bool // read all audio, and hold it against its SHA-256; otherwise sizes and fingerprints
	Mend   bool // what can be made again is, and what belongs to nobody is put aside; the house must be closed
	Closed bool // nobody uploads meanwhile
	Gently bool // others come first: it rests as long as it works
	NoDB   bool // the files alone

	// Tell is told now and then how far it is.
	Tell func(CheckView)
}

// checking is the check that runs in the background.
type checking struct {
	mu    sync.Mutex
	view  CheckView
	stop  context.CancelFunc // nil before the first check
	done  chan struct{}      // closed when that check has ended
	ended sync.WaitGroup     // this, and backups that are being proved
	shut  bool
}

// CheckState tells the keeper of the last check.
func (c *Core) CheckState(ctx context.Context, me db.ID) (CheckView, error) {
	if err := c.wantKeeper(ctx, me); err != nil {
		return CheckView{}, err
	}
	return c.LastCheck(), nil
}

// LastCheck gives what the last check found, or how far it is.
func (c *Core) LastCheck() CheckView {
	c.checking.mu.Lock()
	defer c.checking.mu.Unlock()
	v := c.checking.view
	if v.State == "" {
		v.State = CheckNever
	}
	v.Found = slices.Clone(v.Found)
	return v
}

// StartCheck begins a check in the background, unless one runs. Audio is held
// against its size and fingerprint.
func (c *Core) StartCheck(ctx context.Context, me db.ID) (CheckView, error) {
	if err := c.wantKeeper(ctx, me); err != nil {
		return CheckView{}, err
	}
	k := &c.checking
	k.mu.Lock()
	if k.view.State == CheckRunning || k.shut {
		k.mu.Unlock()
		return CheckView{}, fault.New(fault.Conflict, "check.running", "A check runs already. Stop it, or wait until it is done.")
	}
	run, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	k.stop, k.done = stop, done
	k.view = CheckView{State: CheckRunning, Started: c.now().UTC()}
	k.ended.Add(1)
	k.mu.Unlock()
	c.note("check.started", "the keeper has everything checked", "keeper", me)
	go func() {
		defer k.ended.Done()
		defer close(done)
		defer stop()
		c.quietly(func() { c.checkAll(run) })
	}()
	return c.LastCheck(), nil
}

// checkAll runs the check of the background.
func (c *Core) checkAll(ctx context.Context) {
	k := &c.checking
	keep := func(v CheckView) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.view = v
	}
	started := c.LastCheck().Started
	var v CheckView
	func() {
		defer func() {
			if p := recover(); p != nil {
				v.add("The check itself went wrong: %v", p)
			}
		}()
		v = c.Check(ctx, Checking{Gently: true, Tell: func(v CheckView) {
			v.Started = started
			keep(v)
		}})
	}()
	v.Started, v.Ended, v.State, v.Share = started, c.now().UTC(), CheckDone, 1
	if ctx.Err() != nil {
		v.State = CheckStopped
	}
	keep(v)
	for _, found := range v.Found {
		c.log.Error("a check found something", "what", found)
	}
	c.log.Info("everything was checked", "state", v.State, "found", v.Wrong(), "records", v.Records, "files", v.Files)
}

// StopCheck ends the check that runs, if one does.
func (c *Core) StopCheck(ctx context.Context, me db.ID) error {
	if err := c.wantKeeper(ctx, me); err != nil {
		return err
	}
	c.endCheck()
	return nil
}

// endCheck has the check that runs end, and waits until it has.
func (c *Core) endCheck() {
	k := &c.checking
	k.mu.Lock()
	stop, ended := k.stop, k.done
	k.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
	}
}

// EndChecks ends the check that runs; none begins any more.
func (c *Core) EndChecks() {
	c.checking.mu.Lock()
	c.checking.shut = true
	c.checking.mu.Unlock()
	c.endLasting()
	c.endCheck()
	c.checking.ended.Wait()
}

// dbShare is how much of a check's work is the database.
const dbShare = 0.4

// Check looks at everything: the pages and records of the database, what is
// counted, and the files against the records. What it can't look at it says.
func (c *Core) Check(ctx context.Context, how Checking) CheckView {
	v := CheckView{State: CheckRunning, Started: c.now().UTC()}
	tell := func() {
		if how.Tell != nil {
			w := v
			w.Found = slices.Clone(v.Found)
			how.Tell(w)
		}
	}
	if !how.NoDB {
		size, _ := c.db.Size()
		p, err := c.db.CheckTelling(ctx, func(n uint64) {
			v.Records = n
			// A value takes about as much with its page.
			v.Share = dbShare * min(1, float64(n)*100/float64(max(size, 1)))
			tell()
		})
		v.Records = p.Records
		for _, e := range split(err) {
			if ctx.Err() == nil {
				v.rotten = true
				v.add("The database: %v", e)
			}
		}
	}
	v.Share = dbShare
	f := &fileCheck{c: c, how: how, v: &v, tell: tell}
	if err := f.run(ctx); err != nil && ctx.Err() == nil {
		v.add("The files can't be looked at: %v", err)
	}
	v.State, v.Ended, v.Share = CheckDone, c.now().UTC(), 1
	if ctx.Err() != nil {
		v.State = CheckStopped
	}
	return v
}

// split gives the parts of a joined error.
func split(err error) []error {
	if err == nil {
		return nil
	}
	var all interface{ Unwrap() []error }
	if errors.As(err, &all) {
		if list := all.Unwrap(); len(list) > 1 || len(list) == 1 {
			return list
		}
	}
	return []error{err}
}

// fileCheck holds files against records.
type fileCheck struct {
	c    *Core
	how  Checking
	v    *CheckView
	tell func()

	redraw []db.ID // tracks whose waveforms are to be made again
	bare   []bared // what has a picture by its record alone

	stands map[db.ID]*stand // the libraries, by their ids
}

// stand is a library whose files are looked at.
type stand struct {
	path string
	away bool
	lost int // tracks that are read in it and can't be, as it is away
}

type bared struct {
	kind    string
	id      db.ID
	version uint64
}

func (f *fileCheck) run(ctx context.Context) error {
	tracks := 0
	err := f.c.view(ctx, func(tx *db.Tx) error {
		tracks = tx.CountTracks()
		return nil
	})
	if err != nil {
		return err
	}
	if tracks > 0 && f.c.media.Bare() {
		f.v.add("The folder media has no audio at all, though there are %d tracks: is its disk mounted?", tracks)
		return nil
	}
	if f.stands, err = f.c.stands(ctx); err != nil {
		return err
	}
	if err := f.tracks(ctx, tracks); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(f.stands)) {
		if s := f.stands[id]; s.lost > 0 {
			f.v.add("The music folder %s is away, and with it the audio of %d tracks: is its disk mounted? They stay, and play again once it is back.", s.path, s.lost)
		}
	}
	if err := f.pictures(ctx); err != nil {
		return err
	}
	for _, kind := range []string{trackFiles, userFiles, playlistFiles} {
		if err := f.orphans(ctx, kind); err != nil {
			return err
		}
	}
	if f.how.Mend {
		return f.mend(ctx)
	}
	return nil
}

// rest lets others go first.
func (f *fileCheck) rest(ctx context.Context, since time.Time) error {
	if !f.how.Gently {
		return ctx.Err()
	}
	if err := f.c.urgent.wait(ctx); err != nil {
		return err
	}
	t := time.NewTimer(min(time.Since(since), time.Second))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// tracks looks at the files of every track, some hundred a transaction.
func (f *fileCheck) tracks(ctx context.Context, all int) error {
	var behind db.ID
	for done := 0; ; {
		var some []db.Track
		err := f.c.db.View(ctx, func(tx *db.Tx) error {
			for t, err := range tx.Tracks(behind) {
				if errors.Is(err, db.ErrCorrupt) {
					continue // the database's part has told of it
				}
				if err != nil {
					return err
				}
				behind = t.ID
				if some = append(some, t); len(some) == 200 {
					break
				}
			}
			return nil
		})
		if err != nil || len(some) == 0 {
			return err
		}
		for _, t := range some {
			began := time.Now()
			if err := f.track(ctx, t); err != nil {
				return err
			}
			done++
			f.v.Share = dbShare + (1-dbShare)*0.95*float64(done)/float64(max(all, done))
			if done%20 == 0 || f.how.Sums {
				f.tell()
				if err := f.rest(ctx, began); err != nil {
					return err
				}
			}
		}
	}
}

// stands gives all libraries, and whether their folders are there.
func (c *Core) stands(ctx context.Context) (map[db.ID]*stand, error) {
	var list []db.Library
	err := c.db.View(ctx, func(tx *db.Tx) error {
		return c.eachLibrary(tx, func(l db.Library) error {
			list = append(list, l)
			return nil
		})
	})
	all := make(map[db.ID]*stand, len(list))
	for _, l := range list {
		all[l.ID] = &stand{path: l.Path, away: away(l)} // not in a transaction: a disk may take its time
	}
	return all, err
}

// file gives the file of a library that a track is read from, and the library;
// nil of one that is kept in the house, or whose file is not known any more.
func (f *fileCheck) file(ctx context.Context, t db.Track) (*stand, db.File) {
	if !t.Audio.InPlace {
		return nil, db.File{}
	}
	var at db.File
	err := f.c.db.View(ctx, func(tx *db.Tx) (err error) {
		at, err = tx.FileOf(t.ID)
		return err
	})
	if err != nil {
		return nil, db.File{}
	}
	return f.stands[at.Library], at
}

func (f *fileCheck) track(ctx context.Context, t db.Track) error {
	f.v.Files++
	in, at := f.file(ctx, t)
	if in != nil && in.away {
		in.lost++
		return f.drawing(ctx, t)
	}
	err := f.c.media.Examine(ctx, t.ID.String(), media.Original{Size: t.Audio.Size, SHA256: t.Audio.SHA256}, f.how.Sums)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, media.ErrBusy):
		return err
	case err != nil:
		if there, e := f.still(ctx, t.ID); e != nil || !there {
			return e
		}
		why := sentencePart(err)
		switch {
		case in != nil && errors.Is(err, fs.ErrNotExist):
			why = fmt.Sprintf("its file %s is not in the music folder %s", at.Path, in.path)
		case in != nil:
			why = fmt.Sprintf("its file %s in the music folder %s: %v", at.Path, in.path, strings.TrimSuffix(err.Error(), ": "+media.ErrMissing.Error()))
		case t.Audio.InPlace:
			why = "it is not known which file of a music folder it is read from; the next look at that folder finds it"
		}
		f.v.add("The audio of “%s” (track %s): %s.", t.Title, t.ID, why)
		return nil
	}
	return f.drawing(ctx, t)
}

// drawing looks at what there is of a track besides its audio.
func (f *fileCheck) drawing(ctx context.Context, t db.Track) error {
	if t.Waveform == db.WaveformReady {
		f.v.Files++
		if _, err := f.c.media.Peaks(t.ID.String()); errors.Is(err, media.ErrMissing) {
			if f.how.Mend {
				f.redraw = append(f.redraw, t.ID)
				return nil
			}
			f.v.add("The waveform of “%s” (track %s) is missing or can't be read; it can be made again.", t.Title, t.ID)
		}
	}
	if t.Picture != 0 {
		return f.picture(ctx, trackFiles, t.ID, t.Picture, picture.Medium, "The artwork of “"+t.Title+"”")
	}
	return nil
}

// still tells whether a track is there now: it may have been deleted between the
// reading of its record and that of its files.
func (f *fileCheck) still(ctx context.Context, id db.ID) (there bool, err error) {
	err = f.c.db.View(ctx, func(tx *db.Tx) error {
		_, err := tx.Track(id)
		there = !errors.Is(err, db.ErrNotFound)
		return nil
	})
	return there, err
}

// sentencePart takes off what an error says twice.
func sentencePart(err error) string {
	s := strings.TrimSuffix(err.Error(), ": "+media.ErrMissing.Error())
	if file, is := strings.CutPrefix(s, "open "); is {
		return "its file media/" + file + " is missing"
	}
	return s
}

// picture looks whether a picture is there, in one of its sizes.
func (f *fileCheck) picture(ctx context.Context, kind string, id db.ID, version uint64, size int, what string) error {
	f.v.Files++
	s, err := f.c.media.Picture(kind, id.String(), version, size)
	if err == nil {
		return s.Close()
	}
	if !errors.Is(err, media.ErrMissing) {
		return err
	}
	if f.how.Mend {
		f.bare = append(f.bare, bared{kind, id, version})
		return nil
	}
	f.v.add("%s (%s %s) is missing.", what, strings.TrimSuffix(kind, "s"), id)
	return ctx.Err()
}

// pictures looks for those of people and playlists.
func (f *fileCheck) pictures(ctx context.Context) error {
	type owner struct {
		kind    string
		id      db.ID
		version uint64
		size    int
		what    string
	}
	var list []owner
	err := f.c.db.View(ctx, func(tx *db.Tx) error {
		for u, err := range tx.Users(0) {
			if err == nil && u.Banner != 0 {
				list = append(list, owner{userFiles, u.ID, u.Banner, picture.Narrow, "The banner of " + u.Username})
			}
			if err == nil && u.Picture != 0 {
				list = append(list, owner{userFiles, u.ID, u.Picture, picture.Medium, "The picture of " + u.Username})
			} else if err != nil && !errors.Is(err, db.ErrCorrupt) {
				return err
			}
		}
		for p, err := range tx.Playlists(0) {
			if err == nil && p.Picture != 0 {
				list = append(list, owner{playlistFiles, p.ID, p.Picture, picture.Medium, "The artwork of the playlist “" + p.Title + "”"})
			} else if err != nil && !errors.Is(err, db.ErrCorrupt) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, o := range list {
		if err := f.picture(ctx, o.kind, o.id, o.version, o.size, o.what); err != nil {
			return err
		}
	}
	return nil
}

// orphans looks for folders whose records are not there.
func (f *fileCheck) orphans(ctx context.Context, kind string) error {
	ids, err := f.c.media.Folders(kind)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(ids, 500) {
		var lost []string
		err := f.c.db.View(ctx, func(tx *db.Tx) error {
			for _, text := range some {
				id, err := db.ParseID(text)
				if err == nil {
					switch kind {
					case trackFiles:
						_, err = tx.Track(id)
					case userFiles:
						_, err = tx.User(id)
					default:
						_, err = tx.Playlist(id)
					}
				}
				if errors.Is(err, db.ErrNotFound) || errors.Is(err, db.ErrBadID) {
					lost = append(lost, text)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, id := range lost {
			if err := f.orphan(kind, id); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// orphan tells of one folder, or puts it aside where there is audio in it.
func (f *fileCheck) orphan(kind, id string) error {
	if id, err := db.ParseID(id); err == nil && f.fresh(id) {
		return nil // it is being made just now
	}
	audio, err := f.c.media.HasAudio(kind, id)
	if err != nil {
		return err
	}
	f.v.Files++
	switch {
	case !f.how.Mend && audio:
		f.v.add("media/%s/%s holds audio that the database knows nothing of; it is left alone.", kind, id)
	case !f.how.Mend:
		f.v.add("media/%s/%s belongs to nothing that the database knows of.", kind, id)
	case audio:
		at, err := f.c.media.SetAside(kind, id)
		if err != nil {
			return err
		}
		f.mended("media/%s/%s held audio that the database knows nothing of; it is now %s", kind, id, at)
	default:
		if err := f.c.media.Drop(id); err != nil {
			return err
		}
		f.mended("media/%s/%s belonged to nothing and held no audio; it was removed", kind, id)
	}
	return nil
}

// fresh tells whether something is so new that its files may be there before
// its record.
func (f *fileCheck) fresh(id db.ID) bool {
	age := f.c.now().Sub(id.Time())
	return !f.how.Mend && !f.how.Closed && age > -time.Hour && age < time.Hour
}

func (f *fileCheck) mended(format string, args ...any) {
	f.v.Mended = append(f.v.Mended, fmt.Sprintf(format, args...))
}

// mend has waveforms made again, and takes pictures off that are not there.
func (f *fileCheck) mend(ctx context.Context) error {
	for some := range slices.Chunk(f.redraw, 100) {
		err := f.c.update(ctx, func(tx *db.Tx) error {
			for _, id := range some {
				t, err := tx.Track(id)
				if err != nil {
					return err
				}
				t.Waveform = db.WaveformPending
				if err := tx.SetTrack(t); err != nil {
					return err
				}
				if err := tx.AddJob(db.Job{ID: tx.NewID(), Kind: analysisOf(t), Subject: t.ID, Created: f.c.now()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if n := len(f.redraw); n > 0 {
		f.mended("%d waveforms were missing; they are made again after the next start", n)
	}
	for some := range slices.Chunk(f.bare, 100) {
		err := f.c.update(ctx, func(tx *db.Tx) error {
			for _, b := range some {
				if err := unpicture(tx, b); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if n := len(f.bare); n > 0 {
		f.mended("%d pictures were missing; what they belonged to has none now", n)
	}
	return nil
}

func unpicture(tx *db.Tx, b bared) error {
	switch b.kind {
	case trackFiles:
		t, err := tx.Track(b.id)
		if err != nil {
			return err
		}
		t.Picture, t.Colour = 0, 0
		return tx.SetTrack(t)
	case userFiles:
		u, err := tx.User(b.id)
		if err != nil {
			return err
		}
		if u.Picture == b.version {
			u.Picture, u.Colour = 0, 0
		}
		if u.Banner == b.version {
			u.Banner = 0
		}
		return tx.SetUser(u)
	}
	p, err := tx.Playlist(b.id)
	if err != nil {
		return err
	}
	p.Picture, p.Colour = 0, 0
	return tx.SetPlaylist(p)
}

// Fits tells for how many tracks there are no files, and how many files are of
// tracks that are not known; it does not look into them. Away are the folders of
// libraries that are not there.
func (c *Core) Fits(ctx context.Context) (missing, strange int, away []string, err error) {
	stands, err := c.stands(ctx)
	if err != nil {
		return 0, 0, nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(stands)) {
		if s := stands[id]; s.away {
			away = append(away, s.path)
		}
	}
	ids, err := c.media.Tracks()
	if err != nil {
		return 0, 0, away, err
	}
	there := make(map[db.ID]bool, len(ids))
	for _, text := range ids {
		id, err := db.ParseID(text)
		if err != nil {
			strange++
			continue
		}
		there[id] = true
	}
	var behind db.ID
	for more := true; more; {
		more = false
		err := c.db.View(ctx, func(tx *db.Tx) error {
			n := 0
			for t, err := range tx.Tracks(behind) {
				if errors.Is(err, db.ErrCorrupt) {
					continue
				}
				if err != nil {
					return err
				}
				behind = t.ID
				if !there[t.ID] && !t.Audio.InPlace {
					missing++
				}
				delete(there, t.ID)
				if n++; n == 1000 {
					more = true
					break
				}
			}
			return nil
		})
		if err != nil {
			return missing, strange, away, err
		}
	}
	return missing, strange + len(there), away, nil
}

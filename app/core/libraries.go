package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
)

// JobRemoveLibrary is the kind of job that removes a library with the tracks
// that are read in it. Its subject is the Library.
const JobRemoveLibrary = "remove-library"

// maxLibraries is how many libraries a house has.
const maxLibraries = 100

// Where tells a store of media where the originals of tracks are: those of a
// library in its folder, all others in the store.
func Where(d *db.DB) func(id string) (media.Place, error) {
	return func(text string) (at media.Place, err error) {
		id, err := db.ParseID(text)
		if err != nil {
			return at, nil
		}
		err = d.View(context.Background(), func(tx *db.Tx) error {
			t, err := tx.Track(id)
			if errors.Is(err, db.ErrNotFound) || err == nil && !t.Audio.InPlace {
				return nil
			}
			if err != nil {
				return err
			}
			f, err := tx.FileOf(id)
			if err != nil {
				return fmt.Errorf("%w: %w", media.ErrMissing, err)
			}
			l, err := tx.Library(f.Library)
			if err != nil {
				return fmt.Errorf("%w: %w", media.ErrMissing, err)
			}
			at = media.Place{Root: l.Path, Path: f.Path, SHA256: t.Audio.SHA256}
			return nil
		})
		return at, err
	}
}

// LibraryView is a library as a keeper sees it.
type LibraryView struct {
	Library db.Library
	User    db.User     // whose tracks its files become
	Last    *ImportView // the reading that runs or waits, or the last one; nil when there was none
}

// NewLibrary is what is said of a folder that becomes a library.
type NewLibrary struct {
	Path       string
	User       db.ID // 0: the asker
	Visibility db.Visibility
	Albums     bool
	Copy       bool
	Watch      bool
}

// LibraryChange is what changes of a library; nil fields stay.
type LibraryChange struct {
	Visibility *db.Visibility
	Albums     *bool
	Watch      *bool
}

// Libraries lists the libraries for a keeper, the oldest first.
func (c *Core) Libraries(ctx context.Context, me db.ID) ([]LibraryView, error) {
	list := []LibraryView{}
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		return c.eachLibrary(tx, func(l db.Library) error {
			v, err := c.viewLibrary(tx, l)
			if err == nil {
				list = append(list, v)
			}
			return err
		})
	})
	return list, err
}

// eachLibrary goes over the libraries that are not being removed.
func (c *Core) eachLibrary(tx *db.Tx, do func(db.Library) error) error {
	for l, err := range tx.Libraries() {
		if c.unreadable(err, "library", 0) {
			continue
		}
		if err == nil && !l.Going {
			err = do(l)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// library finds a library that is not being removed.
func (c *Core) library(tx *db.Tx, id db.ID) (db.Library, error) {
	l, err := tx.Library(id)
	if err == nil && l.Going {
		err = db.ErrNotFound
	}
	return l, err
}

func (c *Core) viewLibrary(tx *db.Tx, l db.Library) (LibraryView, error) {
	v := LibraryView{Library: l}
	var err error
	if v.User, err = tx.User(l.User); err != nil {
		return v, err
	}
	last, ok, err := c.LastImport(tx, l.ID)
	if ok {
		v.Last = &last
	}
	return v, err
}

// AddLibrary makes a folder that the settings allow a library for a keeper, and
// queues its first reading.
func (c *Core) AddLibrary(ctx context.Context, me db.ID, n NewLibrary) (LibraryView, error) {
	if err := c.MayKeep(ctx, me); err != nil {
		return LibraryView{}, err
	}
	var err error
	if n.Path, err = c.allowedFolder(n.Path); err != nil {
		return LibraryView{}, err
	}
	return c.addLibrary(ctx, me, n, func(tx *db.Tx) error {
		_, err := c.keeper(tx, me)
		return err
	})
}

// addLibrary adds a library whose path leads to a folder, once may agrees.
func (c *Core) addLibrary(ctx context.Context, by db.ID, n NewLibrary, may func(*db.Tx) error) (LibraryView, error) {
	if err := c.notOwn(n.Path); err != nil {
		return LibraryView{}, err
	}
	if c.machine.Data != "" && within(c.machine.Data, n.Path) {
		return LibraryView{}, fault.New(fault.Invalid, "library.above", "Earshot's own folder is in this one. Choose a folder beside it, or below.").In("path")
	}
	if err := readable(n.Path); err != nil {
		return LibraryView{}, err
	}
	if n.User == 0 {
		n.User = by
	}
	var v LibraryView
	err := c.update(ctx, func(tx *db.Tx) error {
		if err := may(tx); err != nil {
			return err
		}
		u, err := tx.User(n.User)
		if isNotFound(err) || err == nil && u.Disabled {
			return fault.New(fault.Invalid, "library.user", "Choose somebody who has an account here and is not suspended.").In("user_id")
		}
		if err != nil {
			return err
		}
		if err := c.beside(tx, n.Path); err != nil {
			return err
		}
		l := db.Library{
			ID: tx.NewID(), Path: n.Path, User: n.User, Visibility: n.Visibility,
			Albums: n.Albums, Copy: n.Copy, Watch: n.Watch, Created: c.now(),
		}
		if err := tx.AddLibrary(l); err != nil {
			return err
		}
		if _, err := c.StartImport(tx, l, by); err != nil {
			return err
		}
		v, err = c.viewLibrary(tx, l)
		return err
	})
	if err != nil {
		return v, err
	}
	c.note("library.added", "a folder was made a library", "library", v.Library.ID, "path", n.Path, "keeper", by)
	c.shelved()
	c.wake()
	return v, nil
}

// readable wants a folder whose content can be listed.
func readable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return unopened(err)
	}
	defer f.Close()
	_, err = f.ReadDir(1)
	if err != nil && !isEOF(err) {
		return unopened(err)
	}
	return nil
}

// beside wants a folder that is no library, nor in one, nor has one in it.
func (c *Core) beside(tx *db.Tx, path string) error {
	n := 0
	for l, err := range tx.Libraries() {
		if c.unreadable(err, "library", 0) {
			continue
		}
		if err != nil {
			return err
		}
		n++
		switch {
		case l.Path == path && l.Going:
			return fault.New(fault.Conflict, "library.going", "This music folder is just being removed. Try again in a few minutes.").In("path")
		case l.Path == path:
			return fault.New(fault.Conflict, "library.taken", "This folder is a music folder already.").In("path")
		case within(path, l.Path):
			return fault.New(fault.Conflict, "library.inside", "This folder is in a music folder already: "+l.Path+".").In("path").Naming(l.Path)
		case within(l.Path, path):
			return fault.New(fault.Conflict, "library.around", "There is a music folder in this one: "+l.Path+". Remove that one first.").In("path").Naming(l.Path)
		}
	}
	if n >= maxLibraries {
		return fault.New(fault.Conflict, "library.many", "There are 100 music folders already. Remove one, or choose a folder above several.").In("path")
	}
	return nil
}

// ChangeLibrary changes what becomes of what is found in a library from now on.
func (c *Core) ChangeLibrary(ctx context.Context, me, id db.ID, change LibraryChange) (LibraryView, error) {
	var v LibraryView
	err := c.update(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		l, err := c.library(tx, id)
		if err != nil {
			return err
		}
		if change.Visibility != nil {
			l.Visibility = *change.Visibility
		}
		if change.Albums != nil {
			l.Albums = *change.Albums
		}
		if change.Watch != nil {
			l.Watch = *change.Watch
		}
		if err := tx.SetLibrary(l); err != nil {
			return err
		}
		v, err = c.viewLibrary(tx, l)
		return err
	})
	if err == nil {
		c.note("library.changed", "a library was changed", "library", id, "keeper", me)
		c.shelved()
	}
	return v, err
}

// RemoveLibrary makes a library a plain folder again. Its files stay as they
// are; tracks that are read in it go, with their comments and likes, in the
// background; those that were copied stay.
func (c *Core) RemoveLibrary(ctx context.Context, me, id db.ID) error {
	return c.giveUp(ctx, me, id, func(tx *db.Tx) error {
		_, err := c.keeper(tx, me)
		return err
	})
}

func (c *Core) giveUp(ctx context.Context, by, id db.ID, may func(*db.Tx) error) error {
	var running []db.ID
	err := c.free(ctx, func(tx *db.Tx) error {
		if err := may(tx); err != nil {
			return err
		}
		l, err := c.library(tx, id)
		if err != nil {
			return err
		}
		l.Going = true
		if err := tx.SetLibrary(l); err != nil {
			return err
		}
		for i, err := range tx.ImportsOf(id) {
			if c.unreadable(err, "import", 0) {
				continue
			}
			if err != nil {
				return err
			}
			if !i.State.Ended() {
				running = append(running, i.ID)
			}
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobRemoveLibrary, Subject: id, Created: c.now()})
	})
	if err != nil {
		return err
	}
	for _, i := range running {
		if err := c.stopImport(ctx, i); err != nil {
			c.log.Warn("an import of a library that is removed goes on", "import", i, "error", err)
		}
	}
	c.note("library.removed", "a library is being removed", "library", id, "keeper", by)
	c.shelved()
	c.wake()
	return nil
}

// How many files of a library one transaction forgets, and how long it goes on
// before others have their turn.
const (
	removeAtOnce = 50
	removeFor    = 5 * time.Second
)

// RemoveFurther removes what is left of a library that is being removed: the
// work of a job of its own, which can end at any moment and go on later. After
// a while it ends, with a new job behind what else was queued meanwhile.
func (c *Core) RemoveFurther(ctx context.Context, job db.Job) error {
	more, err := c.emptyLibrary(ctx, job.Subject, time.Now().Add(removeFor))
	if err != nil || !more {
		return err
	}
	err = c.db.UpdateFreeing(ctx, func(tx *db.Tx) error {
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobRemoveLibrary, Subject: job.Subject, Created: c.now()})
	})
	c.wake()
	return err
}

// finishLibrary is RemoveFurther to the end.
func (c *Core) finishLibrary(ctx context.Context, id db.ID) error {
	for {
		more, err := c.emptyLibrary(ctx, id, time.Now().Add(time.Hour))
		if err != nil || !more {
			return err
		}
	}
}

// emptyLibrary removes what it can of a library until a time; more says that
// something is left.
func (c *Core) emptyLibrary(ctx context.Context, id db.ID, until time.Time) (more bool, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return true, err
		}
		files, err := c.someFiles(ctx, id)
		if isNotFound(err) {
			return false, nil // the library is gone
		}
		if err != nil {
			return true, err
		}
		if len(files) == 0 {
			break
		}
		if err := c.dropSome(ctx, files); err != nil {
			return true, err
		}
		if time.Now().After(until) {
			return true, nil
		}
	}
	var l db.Library
	err = c.db.UpdateFreeing(ctx, func(tx *db.Tx) (err error) {
		if l, err = tx.Library(id); err != nil {
			return err
		}
		return tx.DropLibrary(id)
	})
	if err == nil {
		c.log.Info("a library was removed; its files are as they were", "library", id, "path", l.Path)
	}
	return false, err
}

// someFiles gives a few files of a library; of a track that is not read in it,
// without the track. What can't be read goes with the library itself.
func (c *Core) someFiles(ctx context.Context, id db.ID) (list []db.File, err error) {
	err = c.db.View(ctx, func(tx *db.Tx) error {
		if _, err := tx.Library(id); err != nil {
			return err
		}
		for f, err := range tx.Files(id, "") {
			if c.unreadable(err, "file of a library", id) {
				continue
			}
			if err != nil {
				return err
			}
			is, err := c.readInPlace(tx, f)
			if err != nil {
				return err
			}
			if !is {
				f.Track = 0
			}
			if list = append(list, f); len(list) == removeAtOnce {
				return nil
			}
		}
		return nil
	})
	return list, err
}

// dropSome drops the tracks of files, and what is known of the files.
func (c *Core) dropSome(ctx context.Context, files []db.File) error {
	marks := c.media.Batch() // one sync for all
	for _, f := range files {
		if f.Track != 0 {
			// A disk that is too full for a mark is no reason to keep the track.
			if err := marks.Mark(trackFiles, f.Track.String()); err != nil && !errors.Is(err, media.ErrFull) {
				return err
			}
		}
	}
	if err := marks.Sync(); err != nil && !errors.Is(err, media.ErrFull) {
		return err
	}
	err := c.db.UpdateFreeing(ctx, func(tx *db.Tx) error {
		for _, f := range files {
			if f.Track != 0 {
				err := c.settleReports(tx, asker{}, db.KindTrack, f.Track)
				if err == nil {
					err = tx.DropTrack(f.Track)
				}
				if err != nil && !isNotFound(err) { // somebody was faster
					return err
				}
			}
			if err := tx.DropFile(f.Library, f.Path); err != nil && !isNotFound(err) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Track != 0 {
			c.dropFiles(f.Track)
		}
	}
	c.forgetSoon()
	return nil
}

// readInPlace says whether a file is a track that is read where it is.
func (c *Core) readInPlace(tx *db.Tx, f db.File) (bool, error) {
	if f.Track == 0 {
		return false, nil
	}
	t, err := tx.Track(f.Track)
	if isNotFound(err) || errors.Is(err, db.ErrCorrupt) {
		return false, nil
	}
	return t.Audio.InPlace, err
}

// RemoveLibraryFailed queues the removal anew: it is never given up.
func (c *Core) RemoveLibraryFailed(ctx context.Context, job db.Job, cause error) error {
	c.log.Error("a library can't be removed yet", "library", job.Subject, "error", cause)
	return c.db.UpdateFreeing(ctx, func(tx *db.Tx) error {
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobRemoveLibrary, Subject: job.Subject, After: c.now().Add(leaveAgain), Created: c.now()})
	})
}

// removeLibrariesOf removes the libraries of somebody whose account goes.
func (c *Core) removeLibrariesOf(ctx context.Context, user db.ID) error {
	var list []db.ID
	err := c.db.UpdateFreeing(ctx, func(tx *db.Tx) error {
		list = nil
		for l, err := range tx.Libraries() {
			if c.unreadable(err, "library", 0) {
				continue
			}
			if err != nil {
				return err
			}
			if l.User != user {
				continue
			}
			list = append(list, l.ID)
			if !l.Going {
				l.Going = true
				if err := tx.SetLibrary(l); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, id := range list {
		if err == nil {
			err = c.finishLibrary(ctx, id)
		}
	}
	if len(list) > 0 {
		c.shelved()
	}
	return err
}

// shelved is called when there are other libraries than before, or they are
// watched otherwise.
func (c *Core) shelved() {
	select {
	case c.rearranged <- struct{}{}:
	default: // it was said already
	}
}

// Shelved says when there may be other libraries to watch.
func (c *Core) Shelved() <-chan struct{} { return c.rearranged }

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// away says whether the folder of a library is not there, or a link now, or
// empty though it had files: its disk is elsewhere.
func away(l db.Library) bool {
	f, err := os.Open(l.Path)
	if err != nil {
		return true
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.IsDir() {
		return true
	}
	if real, err := filepath.EvalSymlinks(l.Path); err != nil || real != l.Path {
		return true // see unmoved
	}
	_, err = f.ReadDir(1)
	return err != nil && (l.Files > 0 || !isEOF(err))
}

// Watched is a library that is there.
type Watched struct {
	ID   db.ID
	Path string
	On   bool // what changes in it is to be noticed
}

// Lookout looks which libraries are there, again and again. It belongs to one
// goroutine.
type Lookout struct {
	c     *Core
	there map[db.ID]bool // what was found the last time
}

// Lookout begins one.
func (c *Core) Lookout() *Lookout { return &Lookout{c: c} }

// Look looks which libraries are there, and queues a reading of those that came
// back, and of those that were not read for so long; 0 reads none for that.
// Whatever is away keeps its tracks.
func (o *Lookout) Look(ctx context.Context, every time.Duration) ([]Watched, error) {
	c := o.c
	var list []db.Library
	err := c.view(ctx, func(tx *db.Tx) error {
		house, err := tx.House()
		if err != nil {
			return err
		}
		switch {
		case house.ScanEvery > 0:
			every = time.Duration(house.ScanEvery) * time.Second
		case house.ScanEvery < 0:
			every = 0
		}
		return c.eachLibrary(tx, func(l db.Library) error {
			list = append(list, l)
			return nil
		})
	})
	var found []Watched
	there := make(map[db.ID]bool, len(list))
	for _, l := range list {
		if ctx.Err() != nil {
			return found, ctx.Err()
		}
		is := !away(l) // not in a transaction: a disk may take its time
		was, known := o.there[l.ID]
		there[l.ID] = is
		if !is {
			if !l.Away {
				err = errors.Join(err, c.goneAway(ctx, l.ID))
			}
			continue
		}
		found = append(found, Watched{l.ID, l.Path, l.Watch})
		back := known && !was || !known && l.Away
		due, err2 := c.toRead(ctx, l, every)
		if err2 == nil && (back || due) {
			_, err2 = c.read(ctx, l.ID)
		}
		err = errors.Join(err, err2)
	}
	o.there = there
	return found, err
}

// goneAway notes that the folder of a library is not there.
func (c *Core) goneAway(ctx context.Context, id db.ID) error {
	return c.update(ctx, func(tx *db.Tx) error {
		l, err := c.library(tx, id)
		if err != nil {
			return err
		}
		c.log.Warn("a library is not there; its tracks wait for it", "library", id, "path", l.Path)
		l.Away = true
		return tx.SetLibrary(l)
	})
}

// toRead says whether a library was not read for so long.
func (c *Core) toRead(ctx context.Context, l db.Library, every time.Duration) (due bool, err error) {
	if every <= 0 {
		return false, nil
	}
	err = c.view(ctx, func(tx *db.Tx) error {
		last := l.Scanned
		i, ok, err := c.LastImport(tx, l.ID)
		if ok && i.Import.Created.After(last) {
			last = i.Import.Created
		}
		age := c.now().Sub(last)
		due = age >= every || age < 0 // below nought: the clock was wrong, then or now
		return err
	})
	return due, err
}

// read queues a reading of a library; it also finds out that one is back. runs
// says that one runs already, which may be past what has changed.
func (c *Core) read(ctx context.Context, id db.ID) (runs bool, err error) {
	err = c.update(ctx, func(tx *db.Tx) error {
		l, err := c.library(tx, id)
		if err != nil {
			return err
		}
		i, err := c.StartImport(tx, l, 0)
		runs = i.State == db.ImportRunning
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	c.wake()
	return runs, err
}

// ReadLibrary queues a reading of a library in which something has changed.
// again says that it has to be asked once more: one runs already.
func (c *Core) ReadLibrary(ctx context.Context, id db.ID) (again bool, err error) {
	var l db.Library
	err = c.view(ctx, func(tx *db.Tx) (err error) {
		l, err = c.library(tx, id)
		return err
	})
	if errors.Is(err, ErrNotFound) || err == nil && away(l) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return c.read(ctx, id)
}

// Libraries lists all libraries, the oldest first.
func (h Console) Libraries(ctx context.Context) ([]LibraryView, error) {
	var list []LibraryView
	err := h.c.view(ctx, func(tx *db.Tx) error {
		return h.c.eachLibrary(tx, func(l db.Library) error {
			v, err := h.c.viewLibrary(tx, l)
			if err == nil {
				list = append(list, v)
			}
			return err
		})
	})
	return list, err
}

// AddLibrary makes any folder a library of somebody's, and queues its first
// reading. A folder that is a library already is given as it is, whatever else
// is said of it; made is false then.
func (h Console) AddLibrary(ctx context.Context, who string, n NewLibrary) (v LibraryView, made bool, err error) {
	if n.Path, err = realFolder(n.Path); err != nil {
		return v, false, err
	}
	err = h.c.view(ctx, func(tx *db.Tx) error {
		l, err := tx.LibraryByPath(n.Path)
		if isNotFound(err) || err == nil && l.Going {
			u, err := h.find(tx, who)
			n.User = u.ID
			return err
		}
		if err != nil {
			return err
		}
		v, err = h.c.viewLibrary(tx, l)
		return err
	})
	if err != nil || v.Library.ID != 0 {
		return v, false, err
	}
	v, err = h.c.addLibrary(ctx, 0, n, func(*db.Tx) error { return nil })
	return v, err == nil, err
}

// Library finds the library of a folder, whether that is there or away.
func (h Console) Library(ctx context.Context, path string) (l db.Library, err error) {
	if real, err := realFolder(path); err == nil {
		path = real // else it is away
	}
	err = h.c.view(ctx, func(tx *db.Tx) (err error) {
		l, err = tx.LibraryByPath(path)
		if isNotFound(err) || err == nil && l.Going {
			err = fault.New(fault.NotFound, "not_found", path+` is not a library; "earshot library list" tells which there are`)
		}
		return err
	})
	return l, err
}

// RemoveLibrary removes the library of a folder, as Core.RemoveLibrary does.
// Where the house is closed that is done when it returns.
func (h Console) RemoveLibrary(ctx context.Context, path string, open bool) (db.Library, error) {
	l, err := h.Library(ctx, path)
	if err == nil {
		err = h.c.giveUp(ctx, 0, l.ID, func(*db.Tx) error { return nil })
	}
	if err == nil && !open {
		err = h.c.finishLibrary(ctx, l.ID)
	}
	return l, err
}

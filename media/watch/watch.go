// Package watch notices that something changes in folders and all that is in
// them. It tells which folder, not what: whoever hears of it looks.
//
// The system allows so many watches only, and file systems of the network tell
// nothing of what others do there. So nothing may depend on it alone.
package watch

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Options say how to watch. Only Changed is required.
type Options struct {
	// Changed hears of a folder, as it was named, in which something changed,
	// once it has been quiet there for a while: a file that is being copied is
	// not told of before its end. It is called by one goroutine at a time.
	Changed func(root string)

	Quiet time.Duration // that while; 0 for five seconds
	Most  int           // folders that are watched, of all roots together; 0 for 8192
	Log   *slog.Logger  // nil for nobody
}

const (
	defaultQuiet = 5 * time.Second
	defaultMost  = 8192 // of which each takes about a kilobyte of the kernel's memory
)

// Watcher watches. Its methods are safe for concurrent use.
type Watcher struct {
	o       Options
	fs      *fsnotify.Watcher // nil where the system does not let us
	set     chan []string
	closing chan struct{}
	once    sync.Once
	ended   sync.WaitGroup

	roots   map[string]*root // from here on of the goroutine alone
	count   int              // folders that are watched
	limited bool             // that there are too many was said
}

type root struct {
	info    fs.FileInfo // of the folder that is watched: another may be mounted there later
	folders map[string]struct{}
	due     time.Time // when to tell; zero while there is nothing
}

// New makes a watcher of nothing yet. Where the system can't watch it says so
// once in the log, and does nothing.
func New(o Options) *Watcher {
	if o.Quiet == 0 {
		o.Quiet = defaultQuiet
	}
	if o.Most == 0 {
		o.Most = defaultMost
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w := &Watcher{o: o, set: make(chan []string), closing: make(chan struct{}), roots: map[string]*root{}}
	var err error
	if w.fs, err = fsnotify.NewWatcher(); err != nil {
		w.fs = nil
		o.Log.Warn("this system does not tell of changes in folders; libraries are only looked through every so often", "error", err)
		return w
	}
	w.ended.Go(w.run)
	return w
}

// Set says which folders are to be watched from now on, by absolute paths. To
// name one again is how another disk is noticed that was mounted there.
func (w *Watcher) Set(roots []string) {
	if w.fs == nil {
		return
	}
	select {
	case w.set <- roots:
	case <-w.closing:
	}
}

// Close ends it. Changed is not called any more when it returns.
func (w *Watcher) Close() {
	w.once.Do(func() { close(w.closing) })
	w.ended.Wait()
}

func (w *Watcher) run() {
	defer w.fs.Close()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(w.wait())
		select {
		case <-w.closing:
			return
		case roots := <-w.set:
			w.take(roots)
		case e, ok := <-w.fs.Events:
			if !ok {
				return
			}
			w.event(e)
		case err, ok := <-w.fs.Errors:
			if !ok {
				return
			}
			w.lost(err)
		case <-timer.C:
			w.tell()
		}
	}
}

// wait is how long until somebody is to be told.
func (w *Watcher) wait() time.Duration {
	wait := time.Hour
	for _, r := range w.roots {
		if !r.due.IsZero() {
			wait = min(wait, max(time.Until(r.due), 0))
		}
	}
	return wait
}

func (w *Watcher) tell() {
	now := time.Now()
	for path, r := range w.roots {
		if !r.due.IsZero() && !now.Before(r.due) {
			r.due = time.Time{}
			w.o.Changed(path)
		}
	}
}

func (w *Watcher) take(paths []string) {
	wanted := make(map[string]bool, len(paths))
	for _, p := range paths {
		wanted[p] = true
	}
	for path, r := range w.roots {
		if info, err := os.Stat(path); !wanted[path] || err != nil || !os.SameFile(info, r.info) {
			w.forget(path, r)
		}
	}
	for _, path := range paths {
		if w.roots[path] != nil {
			continue
		}
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			continue
		}
		r := &root{info: info, folders: map[string]struct{}{}}
		w.roots[path] = r
		w.add(r, path)
	}
}

func (w *Watcher) forget(path string, r *root) {
	for folder := range r.folders {
		_ = w.fs.Remove(folder) // it may be gone
	}
	w.count -= len(r.folders)
	delete(w.roots, path)
}

// add watches a folder and all below it. Links are not followed.
func (w *Watcher) add(r *root, top string) {
	_ = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if d != nil && d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.IsDir() && path != top {
			return nil
		}
		if path != top && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if _, ok := r.folders[path]; ok {
			return nil
		}
		if w.count >= w.o.Most {
			w.tooMany(nil)
			return filepath.SkipAll
		}
		err = w.fs.Add(path)
		switch {
		case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
			w.tooMany(err)
			return filepath.SkipAll
		case err != nil:
			return filepath.SkipDir // gone meanwhile, or not for us to read
		}
		r.folders[path] = struct{}{}
		w.count++
		return nil
	})
}

// tooMany says, once, that not all can be watched.
func (w *Watcher) tooMany(err error) {
	if w.limited {
		return
	}
	w.limited = true
	w.o.Log.Warn("there are more folders in the libraries than can be watched; what changes in the others is found when all is looked through. "+
		"The limit of the system is fs.inotify.max_user_watches", "watched", w.count, "error", err)
}

func (w *Watcher) event(e fsnotify.Event) {
	r := w.rootOf(e.Name)
	if r == nil || e.Op == fsnotify.Chmod {
		return
	}
	if _, ok := r.folders[e.Name]; ok && e.Op&(fsnotify.Remove|fsnotify.Rename) != 0 {
		w.gone(r, e.Name)
	}
	if e.Has(fsnotify.Create) && !strings.HasPrefix(filepath.Base(e.Name), ".") {
		if info, err := os.Lstat(e.Name); err == nil && info.IsDir() {
			w.add(r, e.Name)
		}
	}
	r.due = time.Now().Add(w.o.Quiet)
}

// gone forgets a folder that is not under its name any more, and those that
// were in it.
func (w *Watcher) gone(r *root, name string) {
	for folder := range r.folders {
		if folder == name || strings.HasPrefix(folder, name+string(filepath.Separator)) {
			_ = w.fs.Remove(folder)
			delete(r.folders, folder)
			w.count--
		}
	}
}

func (w *Watcher) rootOf(name string) *root {
	for path, r := range w.roots {
		if name == path || strings.HasPrefix(name, path+string(filepath.Separator)) {
			return r
		}
	}
	return nil
}

// lost has everything looked at: the system told of more than we could hear.
func (w *Watcher) lost(err error) {
	w.o.Log.Debug("changes in folders were missed", "error", err)
	for _, r := range w.roots {
		r.due = time.Now().Add(w.o.Quiet)
	}
}

package core

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"earshot/app/intake"
	"earshot/db"
	"earshot/media"
	"earshot/media/picture"
)

// An import goes through a library folder by folder, and holds what it finds
// against what is known of the library's files.
//
//   - A file of the size and time that are known costs a look at its name.
//   - A file under a path that is not known is read. If its sound is that of a
//     track whose file is gone, the track has moved, and keeps all that is its
//     own; if it is that of another track of the same owner's, it is not taken;
//     otherwise it becomes a track.
//   - A file that changed is read again. With the same sound, the track takes its
//     tags over, unless the owner has changed the track since the file was read
//     last. Other sound of about the same length is the track's from now on.
//     Any other makes a new track, and the track from before waits for its file.
//   - Files that are not there any more are noted; nothing is removed.
//
// What becomes public is not announced, and has its place in lists by the date
// of its folder. What a library has when it is read first is taken to be there
// for a month at least, so that it does not stand before all that is new.

const (
	importGroup  = 128              // records that one transaction stores
	importPause  = 10 * time.Second // after which it is stored though it be smaller
	importStock  = 30 * 24 * time.Hour
	importDepth  = 64 // folders within each other
	lengthLike   = 3 * time.Second
	commentsMost = 2000 // that are taken over with one track
	rateEvery    = 500 * time.Millisecond
	showEvery    = 100 * time.Millisecond
	fileRest     = 5 * time.Second // nothing was written to a file for so long when it is taken
)

// The codes of why a file of a library is no track of its own.
const (
	refusedTwin = "library.duplicate"
	refusedRead = "library.unreadable"
	refusedName = "library.name"

	refusedGrowing = "library.growing"
)

// errGone says that the library was taken away while it was read.
var errGone = errors.New("the library is gone")

// fileKey is where a file of a library is known by: of its path.
type fileKey [16]byte

func keyOf(p string) fileKey {
	sum := sha256.Sum256([]byte(p))
	return fileKey(sum[:])
}

// knownFile is what is known of a file, as small as can be: a library may have
// a hundred thousand.
type knownFile struct {
	size, modified int64
	track          bool
	missing        bool
	refused        refusal
	fresh          bool // read by this very import, before it was interrupted
	seen           bool
}

type refusal uint8

const (
	taken   refusal = iota
	refused         // for what it is
	twin            // another track sounds so
	removed         // its track was deleted
)

func refusalOf(f db.File) refusal {
	switch {
	case f.Track != 0 || f.Refusal == "":
		return taken
	case f.Refusal == db.RefusalRemoved:
		return removed
	case f.Refusal == refusedTwin:
		return twin
	}
	return refused
}

// importing is one import as it runs. It belongs to one goroutine.
type importing struct {
	c       *Core
	run     *running // nil in a dry run
	imp     db.Import
	lib     db.Library // without an id: a list's
	dry     bool
	say     func(db.Problem) // hears of all problems; may be nil
	show    func(ImportView) // hears how far it is; may be nil
	resumed bool
	first   bool // the library was never read to its end
	away    bool // its folder is not there, or empty

	root   *os.Root
	house  fs.FileInfo // the folder of the house itself; nil when there is none
	known  map[fileKey]*knownFile
	unread []string // folders that could not be read

	batch   *media.Batch
	group   []*piece
	begun   time.Time // of the group
	spare   []db.ID
	made    [4]*madePicture
	albums  map[string]*album
	lists   bool                    // there are files that may be lists of an export
	items   map[string]*intake.Item // of an export, by path
	names   map[string]db.ID        // of people, by the name that is shown; 0 where several have it
	sets    []*set                  // that rows of a list name, in the order in which they came
	setOf   map[setKey]*set
	sounds  map[soundOf]bool // of a dry run
	text    []byte           // of a list, in a dry run
	mark    db.ID            // the last one that was given
	restock bool             // tracks wait for their waveforms
	buf     []byte

	shown, rated time.Time
	ratedSeen    uint64
	rate         float64
}

type madePicture struct {
	of     [32]byte // SHA-256
	result picture.Result
	ok     bool
}

// what is to be done with a file.
type what uint8

const (
	doNote     what = iota // what is known of it alone
	doAdd                  // a track
	doMove                 // a track is here now
	doChange               // a track takes tags or sound over
	doRefuse               // no track
	doForget               // a file that was no track is gone
	doGather               // the albums of a folder
	doLose                 // a file is missing
	doComplain             // of what is no file that can be known
)

// piece is one thing that is to be stored.
type piece struct {
	do       what
	file     db.File
	from     db.File // where the track was before
	track    db.Track
	sound    bool // the sound is another
	inform   bool // what is said of the track is to be taken over
	see      db.Visibility
	date     time.Time // of its place in lists
	comments []intake.Comment
	problem  db.Problem
	size     int64
	files    bool // there are files under the track's id
	folder   *folder
	album    string
}

// folder is a folder as it is gone through.
type folder struct {
	path   string // below the library's; "" for that itself
	root   *os.Root
	names  []string // of the files that may be audio
	others map[string]string
	date   time.Time
	places map[string]place // by name, of the files that were read
	albums map[string]bool  // names of albums to which something came
	cover  *madePicture
}

// place is where a file stands on its album.
type place struct {
	disc, number int
	artist       string // of the album
}

func (d *folder) join(name string) string { return path.Join(d.path, name) }

// MayBeAudio tells whether a file is worth looking into, by its name.
func MayBeAudio(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".mp3", ".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".m4b", ".mp4", ".aac", // taken
		".aif", ".aiff", ".aifc", ".wma", ".ape", ".wv", ".mpc", ".tta", ".dsf", ".dff", ".ac3", ".dts", ".amr", ".au", ".caf",
		".mka", ".mp2", ".mp1", ".alac", ".ra", ".spx", ".shn": // told what to do with
		return true
	}
	return false
}

// Passed tells whether a file or folder of a library is left out by its name:
// what is hidden, and what other programs leave behind.
func Passed(name string) bool {
	if name == "" || name[0] == '.' || strings.HasSuffix(name, "~") {
		return true
	}
	switch strings.ToLower(name) {
	case "@eadir", "@recycle", "#recycle", "#snapshot", "@tmp", "$recycle.bin", "system volume information", "lost+found",
		"thumbs.db", "desktop.ini", "__macosx", "recycler", "network trash folder", "temporary items":
		return true
	}
	return false
}

// RunImport does the job of an import. It is nil for one that failed or was
// stopped, which its record tells; an error means that it goes on later.
func (c *Core) RunImport(ctx context.Context, job db.Job, _ func(float64)) error {
	return c.runImport(ctx, job, nil)
}

func (c *Core) runImport(ctx context.Context, job db.Job, show func(ImportView)) error {
	var imp db.Import
	var lib db.Library
	err := c.update(ctx, func(tx *db.Tx) (err error) {
		if imp, err = tx.Import(job.Subject); err != nil {
			return err
		}
		if imp.Library != 0 {
			if lib, err = c.library(tx, imp.Library); err != nil {
				return err
			}
		} else {
			lib = db.Library{Path: imp.Folder, User: imp.User, Visibility: imp.Visibility, Albums: imp.Albums, Copy: true}
		}
		if imp.State.Ended() {
			return nil
		}
		if err := tx.DropProblems(imp.ID); err != nil {
			return err
		}
		imp.State = db.ImportRunning
		// What is counted anew.
		imp.Found, imp.Seen, imp.Same, imp.Refused, imp.Duplicates, imp.Missing = 0, 0, 0, 0, 0, 0
		return tx.SetImport(imp)
	})
	if isNotFound(err) || err == nil && imp.State.Ended() {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, run, end := c.imports.begin(ctx, imp)
	defer end()
	r := c.importing(imp, lib)
	r.run, r.show, r.resumed = run, show, !imp.Started.IsZero()
	if !r.resumed {
		r.imp.Started = c.now()
	}
	defer r.close()
	err = r.do(ctx)
	return r.finish(ctx, err)
}

func (c *Core) importing(imp db.Import, lib db.Library) *importing {
	return &importing{
		c: c, imp: imp, lib: lib, first: lib.Scanned.IsZero(), known: map[fileKey]*knownFile{}, batch: c.media.Batch(),
		albums: map[string]*album{},
	}
}

// DryImport tells what an import of a folder would do, and does nothing. Say
// hears of what would not be taken.
func (c *Core) DryImport(ctx context.Context, lib db.Library, show func(ImportView), say func(db.Problem)) (db.Import, error) {
	return c.dry(ctx, lib, nil, show, say)
}

// DryList tells what taking a list in would do, as DryImport does of a folder.
func (c *Core) DryList(ctx context.Context, n NewList, show func(ImportView), say func(db.Problem)) (db.Import, error) {
	return c.dry(ctx, db.Library{Path: n.Folder, User: n.User, Visibility: n.Visibility, Copy: true}, n.Bytes, show, say)
}

func (c *Core) dry(ctx context.Context, lib db.Library, list []byte, show func(ImportView), say func(db.Problem)) (db.Import, error) {
	r := c.importing(db.Import{Path: lib.Path, Created: c.now(), Started: c.now(), Dry: true, Library: lib.ID}, lib)
	r.dry, r.text, r.say, r.sounds = true, list, say, map[soundOf]bool{}
	r.show = show
	defer r.close()
	err := r.do(ctx)
	return r.imp, err
}

// soundOf is a sound and whose it is to be.
type soundOf struct {
	user db.ID
	sum  [32]byte
}

func (r *importing) close() {
	if r.root != nil {
		r.root.Close()
	}
}

// finish writes down how an import ended.
func (r *importing) finish(ctx context.Context, err error) error {
	late := context.WithoutCancel(ctx)
	stopped := errors.Is(context.Cause(ctx), errStopped)
	state, why := db.ImportDone, ""
	switch {
	case errors.Is(err, errGone) && r.lib.ID != 0:
		return nil // with the library
	case errors.Is(err, errGone):
		state, why = db.ImportFailed, "Somebody whose tracks these were to be is not here any more."
	case err == nil:
	case stopped:
		state = db.ImportStopped
	case ctx.Err() != nil:
		return ctx.Err() // the house closes; it goes on at the next start
	default:
		state, why = db.ImportFailed, sentenceOf(err)
	}
	err = r.c.free(late, func(tx *db.Tx) error {
		now, err := tx.Import(r.imp.ID)
		if err != nil {
			return err
		}
		imp := r.imp
		imp.State, imp.Ended, imp.Error, imp.Found = state, r.c.now(), cut(why, maxDescription), max(imp.Found, imp.Seen)
		if now.State.Ended() {
			return nil
		}
		if err := tx.SetImport(imp); err != nil || r.lib.ID == 0 {
			return err
		}
		l, err := tx.Library(r.lib.ID)
		if err != nil {
			return err
		}
		if state == db.ImportDone {
			r.restock = r.restock || l.Away
			l.Scanned = r.c.now()
		}
		l.Away = r.away || l.Away && state != db.ImportDone
		if r.restock {
			if err := r.c.queueLate(tx, 0); err != nil {
				return err
			}
		}
		return tx.SetLibrary(l)
	})
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.lib.ID == 0 {
		r.c.dropList(r.imp.ID)
	}
	r.c.log.Info("an import ended", "import", r.imp.ID, "path", r.imp.Path, "added", r.imp.Added, "changed", r.imp.Changed, "moved", r.imp.Moved,
		"same", r.imp.Same, "duplicates", r.imp.Duplicates, "refused", r.imp.Refused, "missing", r.imp.Missing, "why", why)
	r.c.wake()
	return nil
}

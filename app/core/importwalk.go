package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"earshot/app/fault"
	"earshot/app/intake"
	"earshot/db"
)

// do goes through everything there is to be read.
func (r *importing) do(ctx context.Context) error {
	err := r.open()
	if err != nil {
		return err
	}
	if r.lib.ID == 0 && (!r.dry || r.text != nil) {
		err = r.list(ctx)
	} else {
		err = r.library(ctx)
	}
	// What was read is kept, also when it was stopped.
	if late := r.store(context.WithoutCancel(ctx)); err == nil {
		err = late
	}
	r.tell(true)
	return err
}

// open opens the folder. What is a link now leads somewhere that nobody chose,
// such as to what Earshot itself keeps for others.
func (r *importing) open() (err error) {
	if err := r.c.notOwn(r.lib.Path); err != nil {
		return err
	}
	if r.root, err = os.OpenRoot(r.lib.Path); err != nil {
		r.away = true
		return folderFault(r.lib.Path, err)
	}
	if err := unmoved(r.lib.Path, r.root); err != nil {
		r.away = true
		return fault.New(fault.NotFound, "library.away", "The folder "+r.lib.Path+" is a link to another folder now, and is not followed. "+
			"Put the folder back, or remove the library and choose the other folder; its tracks wait till then.").Because(err)
	}
	if r.house, err = os.Stat(r.c.machine.Data); err != nil {
		r.house = nil // a core without a folder of its own, in tests
	}
	return nil
}

// unmoved wants a folder to be the one that its path names, with no link on the
// way: paths are kept without any.
func unmoved(p string, root *os.Root) error {
	real, err := filepath.EvalSymlinks(p)
	if err != nil {
		return err
	}
	named, err := os.Lstat(p)
	if err != nil {
		return err
	}
	opened, err := root.Stat(".")
	if err != nil {
		return err
	}
	if real != p || !os.SameFile(named, opened) {
		return fmt.Errorf("%s leads to %s", p, real)
	}
	return nil
}

// below opens a folder in another. The house's own is never gone into, by
// whatever way it is reached: what lies there is not the keeper's to take.
func (r *importing) below(root *os.Root, name string) (*os.Root, error) {
	sub, err := root.OpenRoot(name)
	if err != nil || r.house == nil {
		return sub, err
	}
	if info, err := sub.Stat("."); err != nil || os.SameFile(info, r.house) {
		sub.Close()
		return nil, errors.Join(err, errHouse)
	}
	return sub, nil
}

var errHouse = errors.New("it is Earshot's own")

// folderFault says why a folder can't be read.
func folderFault(p string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.NotFound, "library.away", "The folder "+p+" is not there. If it is on another disk, mount that; its tracks wait for it.").Because(err)
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Forbidden, "library.denied", "Earshot may not read the folder "+p+". Give the user it runs as the right to.").Because(err)
	}
	return fault.New(fault.Invalid, "library.folder", "The folder "+p+" can't be read: "+reasonOf(err)+".").Because(err)
}

// reasonOf is what the system says of a file, without its path.
func reasonOf(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}

// library reads a library.
func (r *importing) library(ctx context.Context) error {
	if r.lib.ID != 0 {
		if err := r.recall(ctx); err != nil {
			return err
		}
	}
	n, err := r.count(ctx, r.root, 0)
	if err != nil {
		return err
	}
	if r.imp.Found = n; n == 0 && r.lib.Files > 0 {
		r.away = true
		return fault.New(fault.NotFound, "library.away", "There is no audio in the folder "+r.lib.Path+
			". If it is on another disk, mount that; its tracks wait for it.")
	}
	r.tell(true)
	if err := r.export(); err != nil {
		return err
	}
	if err := r.folder(ctx, r.root, "", 0); err != nil {
		return err
	}
	return r.lost(ctx)
}

// export reads the lists of a folder that somebody got from SoundCloud.
func (r *importing) export() error {
	if !r.lists {
		return nil
	}
	x, is, err := intake.SoundCloud(r.root.FS())
	if err != nil || !is {
		return nil
	}
	r.items = map[string]*intake.Item{}
	for i := range x.Items {
		r.items[x.Items[i].Path] = &x.Items[i]
	}
	for _, p := range x.Problems {
		r.complain(db.Problem{Line: uint64(max(p.Line, 0)), Code: p.Code, Text: p.Text})
	}
	return nil
}

// recall reads what is known of the library's files.
func (r *importing) recall(ctx context.Context) error {
	after := ""
	for more := true; more; {
		more = false
		err := r.c.view(ctx, func(tx *db.Tx) error {
			n := 0
			for f, err := range tx.Files(r.lib.ID, after) {
				if r.c.unreadable(err, "file of library", r.lib.ID) {
					continue
				}
				if err != nil {
					return err
				}
				after = f.Path
				r.known[keyOf(f.Path)] = &knownFile{
					size: f.Size, modified: f.Modified, track: f.Track != 0, missing: f.Missing, refused: refusalOf(f), fresh: r.resumed && f.Scan == r.imp.ID,
				}
				if n++; n == 5000 { // a reader holds up the reuse of pages
					more = true
					return nil
				}
			}
			return nil
		})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list gives the names in a folder, sorted, but for those that are passed over.
func list(root *os.Root) ([]fs.DirEntry, error) {
	f, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return Passed(e.Name()) })
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// mayBeList tells whether a file may be one of those that describe an export.
func mayBeList(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".json") && !strings.HasSuffix(name, ".info.json")
}

// count counts the files to be looked at; it looks at names only.
func (r *importing) count(ctx context.Context, root *os.Root, depth int) (n uint64, err error) {
	entries, err := list(root)
	if err != nil && len(entries) == 0 || ctx.Err() != nil {
		return 0, ctx.Err() // the second time tells of it
	}
	for _, e := range entries {
		switch {
		case e.Type().IsRegular() && MayBeAudio(e.Name()):
			n++
		case e.Type().IsRegular():
			r.lists = r.lists || mayBeList(e.Name())
		case e.IsDir() && depth < importDepth:
			sub, err := r.below(root, e.Name())
			if err != nil {
				continue
			}
			m, err := r.count(ctx, sub, depth+1)
			sub.Close()
			if n += m; err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// folder goes through one folder, and then those in it.
func (r *importing) folder(ctx context.Context, root *os.Root, at string, depth int) error {
	entries, err := list(root)
	if err != nil {
		r.unread = append(r.unread, at)
		r.complain(db.Problem{Path: at, Code: refusedRead, Text: "This folder can't be read: " + reasonOf(err) + "."})
	}
	d := &folder{path: at, root: root, others: map[string]string{}, places: map[string]place{}, albums: map[string]bool{}}
	var below []string
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir():
			below = append(below, name)
		case !e.Type().IsRegular(): // links are not followed
		case MayBeAudio(name):
			d.names = append(d.names, name)
		default:
			if isBeside(name) {
				d.others[strings.ToLower(name)] = name
			}
		}
	}
	entries = nil
	if err := r.files(ctx, d); err != nil {
		return err
	}
	for _, name := range below {
		if err := ctx.Err(); err != nil {
			return err
		}
		in := path.Join(at, name)
		sub, err := r.below(root, name)
		if errors.Is(err, errHouse) {
			continue
		}
		if err != nil || depth == importDepth {
			if err == nil {
				sub.Close()
				err = errors.New("it is too deep")
			}
			if !errors.Is(err, fs.ErrNotExist) {
				r.unread = append(r.unread, in)
				r.complain(db.Problem{Path: in, Code: refusedRead, Text: "This folder can't be read: " + reasonOf(err) + "."})
			}
			continue
		}
		err = r.folder(ctx, sub, in, depth+1)
		sub.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// isBeside tells whether a file may belong to one of audio.
func isBeside(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".webp", ".json":
		return true
	}
	return false
}

// files looks at the files of one folder.
func (r *importing) files(ctx context.Context, d *folder) error {
	infos := make([]fs.FileInfo, len(d.names))
	for i, name := range d.names {
		info, err := d.root.Lstat(name)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if infos[i] = info; info.ModTime().After(d.date) {
			d.date = info.ModTime()
		}
	}
	for i, name := range d.names {
		if err := ctx.Err(); err != nil {
			return err
		}
		if infos[i] == nil {
			continue // gone meanwhile
		}
		if err := r.look(ctx, d, name, infos[i]); err != nil {
			return err
		}
		r.imp.Seen++
		r.tell(false)
	}
	if r.lib.Albums && len(d.albums) > 0 && !r.dry {
		d.root = nil // closed by then
		return r.put(ctx, &piece{do: doGather, folder: d})
	}
	return nil
}

// look holds a file against what is known of it, and reads it if need be.
func (r *importing) look(ctx context.Context, d *folder, name string, info fs.FileInfo) error {
	p := d.join(name)
	if !utf8.ValidString(p) {
		r.complain(db.Problem{Path: strings.ToValidUTF8(p, "\ufffd"), Code: refusedName,
			Text: "The name of this file, or of its folder, is not in UTF-8. Rename it, for example with convmv."})
		return nil
	}
	k := r.known[keyOf(p)]
	if k == nil || k.size != info.Size() || k.modified != info.ModTime().UnixNano() {
		if k != nil {
			k.seen = true
			if k.refused == removed {
				r.imp.Same++
				return nil
			}
		}
		return r.read(ctx, d, name, info, k)
	}
	k.seen = true
	switch {
	case k.refused == refused || k.refused == twin:
		return r.again(ctx, d, name, info, k)
	case k.missing:
		f := db.File{}
		err := r.c.view(ctx, func(tx *db.Tx) (err error) {
			f, err = tx.File(r.lib.ID, p)
			return err
		})
		if err != nil {
			return err
		}
		f.Missing = false
		r.imp.Same++
		return r.put(ctx, &piece{do: doNote, file: f})
	case k.fresh:
		// It was counted before the import was interrupted. Albums were not made
		// then if the folder had not come to its end.
		if k.track && r.lib.Albums {
			return r.remember(ctx, d, name, p)
		}
	default:
		r.imp.Same++
	}
	return nil
}

// remember notes the album of a file that was taken before an interruption.
func (r *importing) remember(ctx context.Context, d *folder, name, p string) error {
	return r.c.view(ctx, func(tx *db.Tx) error {
		f, err := tx.File(r.lib.ID, p)
		if err != nil || f.Track == 0 {
			return err
		}
		t, err := tx.Track(f.Track)
		if err == nil && t.Album != "" {
			d.albums[t.Album] = true
		}
		return err
	})
}

// again tells once more of a file that was refused before, without reading it;
// unless the track is gone for which it was refused.
func (r *importing) again(ctx context.Context, d *folder, name string, info fs.FileInfo, k *knownFile) error {
	p := d.join(name)
	f, lone := db.File{}, false
	err := r.c.view(ctx, func(tx *db.Tx) (err error) {
		if f, err = tx.File(r.lib.ID, p); err != nil || k.refused != twin {
			return err
		}
		_, err = tx.Track(f.Twin)
		if lone = errors.Is(err, db.ErrNotFound); lone {
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if lone {
		return r.read(ctx, d, name, info, k)
	}
	return r.put(ctx, &piece{do: doComplain, problem: db.Problem{Path: p, Code: f.Refusal, Text: f.Why}})
}

// lost notes the files that are not there any more. Those of folders that could
// not be read are not known to be gone.
func (r *importing) lost(ctx context.Context) error {
	any := false
	for _, k := range r.known {
		any = any || !k.seen
	}
	if !any || r.dry && r.lib.ID == 0 {
		return nil
	}
	if err := r.store(ctx); err != nil { // moves among them
		return err
	}
	after := ""
	var twins []string
	for more := true; more; {
		more = false
		var gone []db.File
		err := r.c.view(ctx, func(tx *db.Tx) error {
			n := 0
			for f, err := range tx.Files(r.lib.ID, after) {
				if r.c.unreadable(err, "file of library", r.lib.ID) {
					continue
				}
				if err != nil {
					return err
				}
				after = f.Path
				k := r.known[keyOf(f.Path)]
				switch {
				case k == nil: // new
				case !k.seen && !r.within(f.Path):
					gone = append(gone, f)
				case k.refused == twin && k.seen:
					twins = append(twins, f.Path)
				}
				if n++; n == 2000 {
					more = true
					return nil
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, f := range gone {
			if err := r.lose(ctx, f); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if r.imp.Missing == 0 && len(r.group) == 0 {
		return nil
	}
	return r.promote(ctx, twins)
}

// lose notes that a file is gone.
func (r *importing) lose(ctx context.Context, f db.File) error {
	switch {
	case f.Track != 0 && f.Missing:
		r.imp.Missing++
		return nil
	case f.Track != 0:
		f.Missing = true
		return r.put(ctx, &piece{do: doLose, file: f})
	case f.Refusal == db.RefusalRemoved:
		return nil // should it come back, it is still not wanted
	}
	return r.put(ctx, &piece{do: doForget, file: f})
}

// within tells whether a file is in a folder that could not be read.
func (r *importing) within(p string) bool {
	return slices.ContainsFunc(r.unread, func(d string) bool { return d == "" || strings.HasPrefix(p, d+"/") })
}

// promote looks whether a file that was not taken, for it sounds like another,
// is the one that is left of the two.
func (r *importing) promote(ctx context.Context, twins []string) error {
	if len(twins) == 0 {
		return nil
	}
	if err := r.store(ctx); err != nil {
		return err
	}
	for _, p := range twins {
		if err := ctx.Err(); err != nil {
			return err
		}
		lone := false
		err := r.c.view(ctx, func(tx *db.Tx) error {
			f, err := tx.File(r.lib.ID, p)
			if err != nil || f.Twin == 0 {
				return ignoreMissing(err)
			}
			other, err := tx.FileOf(f.Twin)
			lone = err == nil && other.Missing
			return ignoreMissing(err)
		})
		if err != nil {
			return err
		}
		if !lone {
			continue
		}
		sub, err := r.root.OpenRoot(path.Dir(p))
		if err != nil {
			continue
		}
		d := &folder{path: dirOf(p), root: sub, others: map[string]string{}, places: map[string]place{}, albums: map[string]bool{}}
		if info, e := sub.Lstat(path.Base(p)); e == nil && info.Mode().IsRegular() {
			d.date = info.ModTime()
			err = r.read(ctx, d, path.Base(p), info, r.known[keyOf(p)])
		}
		sub.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func dirOf(p string) string {
	if d := path.Dir(p); d != "." {
		return d
	}
	return ""
}

func ignoreMissing(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// complain tells of something that is no file which can be known.
func (r *importing) complain(p db.Problem) {
	r.group = append(r.group, &piece{do: doComplain, problem: p})
}

// tell tells whoever looks how far it is.
func (r *importing) tell(now bool) {
	at := time.Now()
	if !now && at.Sub(r.shown) < showEvery {
		return
	}
	r.shown = at
	if gap := at.Sub(r.rated); gap >= rateEvery {
		speed := float64(r.imp.Seen-r.ratedSeen) / gap.Seconds()
		if r.rate == 0 || r.rated.IsZero() {
			r.rate = speed
		} else {
			r.rate = 0.7*r.rate + 0.3*speed
		}
		if r.rated.IsZero() {
			r.rate = 0
		}
		r.rated, r.ratedSeen = at, r.imp.Seen
	}
	var left time.Duration
	if r.rate > 0 && r.imp.Found > r.imp.Seen {
		left = time.Duration(float64(r.imp.Found-r.imp.Seen) / r.rate * float64(time.Second))
	}
	if r.run != nil {
		r.c.imports.tell(r.run, r.imp, r.rate, left)
	}
	if r.show != nil {
		r.show(ImportView{Import: r.imp, Rate: r.rate, Left: left})
	}
}

// besides gives what lies beside a file: what is written down about it, and a
// picture of its own.
func (d *folder) besides(name string) (info, image string) {
	info, images := intake.Beside(name)
	info = d.others[strings.ToLower(info)]
	for _, i := range images {
		if image = d.others[strings.ToLower(i)]; image != "" {
			return info, image
		}
	}
	return info, ""
}

// readBeside reads a small file of the folder.
func (d *folder) readBeside(name string, limit int64) ([]byte, error) {
	f, err := d.root.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fs.ErrInvalid)
	}
	if info.Size() > limit {
		return nil, errors.New("it is too large")
	}
	return io.ReadAll(io.LimitReader(f, limit))
}

package core

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"earshot/app/fault"
	"earshot/app/intake"
	"earshot/db"
	"earshot/media"
	"earshot/media/picture"
)

// openFlags have a pipe not make us wait.
const openFlags = syscall.O_NONBLOCK

// coverNames are what a picture of all the files of a folder is called.
var coverNames = []string{"cover", "folder", "front", "album", "albumart", "artwork"}

var coverEnds = []string{".jpg", ".jpeg", ".png", ".webp"}

// heeding is a file that is read until the context ends.
type heeding struct {
	ctx context.Context
	io.ReaderAt
}

func (h heeding) ReadAt(p []byte, off int64) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.ReaderAt.ReadAt(p, off)
}

// read reads a file that is new, or that changed, and decides what comes of it.
func (r *importing) read(ctx context.Context, d *folder, name string, info fs.FileInfo, k *knownFile) error {
	p := d.join(name)
	f, err := d.root.OpenFile(name, os.O_RDONLY|openFlags, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // gone meanwhile
	}
	if err != nil {
		return r.unreadable(p, err)
	}
	defer f.Close()
	now, err := f.Stat()
	if err != nil || !os.SameFile(now, info) {
		return nil // replaced meanwhile: the next time
	}
	file := db.File{Library: r.lib.ID, Path: p, Size: now.Size(), Modified: now.ModTime().UnixNano(), Scan: r.imp.ID}
	return r.take(ctx, source{d: d, name: name, f: f, file: file, known: k})
}

// atRest says whether nobody writes to a file: it has been as it is for a while,
// which is waited for. By the clock of the machine, as times of files are.
func (r *importing) atRest(ctx context.Context, s source) (bool, error) {
	age := time.Since(time.Unix(0, s.file.Modified))
	if r.dry || age < 0 || age >= r.c.rest {
		return true, nil
	}
	wait := time.NewTimer(r.c.rest - age)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-wait.C:
	}
	return s.unchanged(), nil
}

// unchanged says whether a file is as it was when it was opened.
func (s source) unchanged() bool {
	now, err := s.f.Stat()
	return err == nil && now.Size() == s.file.Size && now.ModTime().UnixNano() == s.file.Modified
}

// growing tells of a file that is being written, and is taken the next time.
func (r *importing) growing(s source) error {
	r.complain(db.Problem{Path: s.file.Path, Line: uint64(s.line), Code: refusedGrowing, Text: "This file is still being written. It is taken the next time."})
	return nil
}

// unreadable tells of a file that can't be read now, and may be the next time.
func (r *importing) unreadable(p string, err error) error {
	r.complain(db.Problem{Path: p, Code: refusedRead, Text: "This file can't be read: " + reasonOf(err) + "."})
	return nil
}

// source is a file that is read.
type source struct {
	d     *folder
	name  string
	f     *os.File
	file  db.File
	known *knownFile // nil of one that is new
	item  *intake.Item
	user  db.ID // whose it becomes
	see   db.Visibility
	line  int
	image []byte // of a list that names one elsewhere
}

// take reads a file, and decides what comes of it.
func (r *importing) take(ctx context.Context, s source) error {
	if s.user == 0 {
		s.user, s.see = r.lib.User, r.lib.Visibility
	}
	size := s.file.Size
	still, err := r.atRest(ctx, s)
	if err != nil {
		return err
	}
	if !still {
		return r.growing(s)
	}
	at := heeding{ctx, s.f}
	what, err := r.c.look(ctx, at, size)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var f *fault.Fault
		if !errors.As(err, &f) || f.Kind == fault.Internal || f.Code == "upload.interrupted" {
			return r.unreadable(s.file.Path, err)
		}
		return r.refuse(ctx, s, f.Code, f.Message)
	}
	defer what.done()
	sound, err := media.SoundSum(at, size, what.sound)
	var sums media.Sums
	if err == nil && !r.dry {
		if r.buf == nil {
			r.buf = make([]byte, 128<<10)
		}
		sums, err = media.SumsOf(at, size, r.buf)
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return r.unreadable(s.file.Path, err)
	}
	if !s.unchanged() {
		return r.growing(s)
	}
	if r.dry {
		return r.dryTake(ctx, s, sound)
	}
	for i := range r.group { // the same twice, soon after one another
		if g := r.group[i]; g.do == doAdd && g.track.User == s.user && bytes.Equal(g.track.Audio.Sound, sound[:]) {
			if err := r.store(ctx); err != nil {
				return err
			}
			break
		}
	}
	fit, err := r.match(ctx, s, sound, what.sound.Duration())
	if err != nil {
		return err
	}
	if fit.twin.ID != 0 {
		if r.lib.ID == 0 {
			r.imp.Same++ // a list that is read again changes nothing
			r.enlist(s, &fit.twin)
			return nil
		}
		s.file.Twin = fit.twin.ID
		return r.refuse(ctx, s, refusedTwin, "Its sound is there already: “"+fit.twin.Title+"”.")
	}

	pc := &piece{file: s.file, see: s.see, date: s.d.date, size: size, inform: true}
	a := arrival{user: s.user, name: s.name, created: time.Unix(0, s.file.Modified).UTC(), quiet: true}
	if now := r.c.now(); a.created.After(now) {
		a.created = now
	}
	if err := r.written(ctx, &s, &a, pc); err != nil {
		return err
	}
	if s.item != nil {
		pc.comments = s.item.Comments
	}
	id := fit.track.ID
	if id == 0 {
		if id, err = r.id(ctx); err != nil {
			return err
		}
		pc.do = doAdd
	}
	t := r.c.compose(a, id, what, size, sums.SHA256[:])
	t.Audio.Sound, t.Audio.InPlace = sound[:], !r.lib.Copy
	t.Updated = r.imp.ID.Time()
	t.Announced = true // whoever follows the owner is not told of each
	pc.track, pc.album = t, t.Album
	s.d.places[s.name] = place{what.about.Disc, what.about.Track, what.about.AlbumArtist}
	r.restock = r.restock || t.Waveform == db.WaveformPending && (pc.do == doAdd || fit.sound)

	if pc.do != doAdd {
		return r.keepOn(ctx, s, pc, fit, what, sums)
	}
	if err := r.batch.Mark(trackFiles, id.String()); err != nil {
		return translate(err)
	}
	pc.files = true
	if r.lib.Copy {
		err = r.batch.Copy(ctx, id.String(), s.f, size, sums, what.sound)
	} else {
		err = r.batch.Adopt(id.String(), size, sums, what.sound)
	}
	if err != nil {
		r.c.dropFiles(id)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return translate(err)
	}
	made, err := r.pictureOf(ctx, &s, what.about.Picture)
	if err != nil {
		r.c.dropFiles(id)
		return err
	}
	if made != nil {
		if err := r.batch.PutPicture(trackFiles, id.String(), uint64(id), made.result.Sizes); err != nil {
			r.c.dropFiles(id)
			return translate(err)
		}
		pc.track.Picture, pc.track.Colour = uint64(id), made.result.Colour
	}
	if t.Album != "" {
		s.d.albums[t.Album] = true
	}
	r.imp.Bytes += uint64(size)
	r.enlist(s, &pc.track)
	return r.put(ctx, pc)
}

// keepOn readies what a track takes over whose file changed, or moved.
func (r *importing) keepOn(ctx context.Context, s source, pc *piece, fit fit, what found, sums media.Sums) error {
	id := fit.track.ID
	pc.do, pc.from, pc.sound = doChange, fit.at, fit.sound
	if fit.moved {
		pc.do = doMove
		if k := r.known[keyOf(fit.at.Path)]; k != nil && fit.at.Library == r.lib.ID && fit.at.Path != s.file.Path {
			delete(r.known, keyOf(fit.at.Path))
		}
	}
	same := bytes.Equal(fit.track.Audio.SHA256, sums.SHA256[:])
	if same && !fit.moved {
		r.imp.Same++
		return r.put(ctx, &piece{do: doNote, file: fileOf(s.file, id)})
	}
	pc.inform = !same
	pc.file.Track = id
	if fit.track.Audio.InPlace && !same {
		if err := r.batch.Adopt(id.String(), s.file.Size, sums, what.sound); err != nil {
			return translate(err)
		}
	} else if !fit.track.Audio.InPlace && fit.sound {
		if err := r.batch.Copy(ctx, id.String(), s.f, s.file.Size, sums, what.sound); err != nil {
			return translate(err)
		}
	}
	pc.track.Audio.InPlace = fit.track.Audio.InPlace
	if pc.album != "" && pc.do == doChange {
		s.d.albums[pc.album] = true
	}
	r.imp.Bytes += uint64(s.file.Size)
	if err := r.put(ctx, pc); err != nil {
		return err
	}
	if fit.urgent {
		return r.store(ctx) // what comes next depends on it
	}
	return nil
}

func fileOf(f db.File, track db.ID) db.File {
	f.Track = track
	return f
}

// fit is the track that a file is, if it is one that is there.
type fit struct {
	track  db.Track // zero: none, it is new
	twin   db.Track // another one sounds the same, and has its file
	at     db.File  // where the track was
	moved  bool
	sound  bool // the track's sound is another from now on
	urgent bool
}

// match finds the track that a file is.
func (r *importing) match(ctx context.Context, s source, sound [32]byte, length time.Duration) (fit fit, err error) {
	type candidate struct {
		t     db.Track
		at    db.File
		lib   db.Library
		homed bool
	}
	var alike []candidate
	var here candidate // what is known under this path
	err = r.c.view(ctx, func(tx *db.Tx) error {
		if s.known != nil && s.known.track {
			f, err := tx.File(r.lib.ID, s.file.Path)
			if err == nil && f.Track != 0 {
				here.at = f
				here.t, err = tx.Track(f.Track)
			}
			if err := ignoreMissing(err); err != nil {
				return err
			}
		}
		for id, err := range tx.TracksOfSound(sound[:]) {
			var c candidate
			if err == nil {
				c.t, err = tx.Track(id)
			}
			if r.c.unreadable(err, "track", id) || errors.Is(err, db.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if c.t.User != s.user {
				continue
			}
			c.at, err = tx.FileOf(id)
			if c.homed = err == nil; c.homed {
				c.lib, err = tx.Library(c.at.Library)
			}
			if err := ignoreMissing(err); err != nil {
				return err
			}
			alike = append(alike, c)
		}
		return nil
	})
	if err != nil {
		return fit, err
	}
	for _, c := range alike {
		if here.t.ID != 0 && c.t.ID == here.t.ID {
			return fitOf(here.t, here.at, false), nil // other tags
		}
	}
	for _, c := range alike {
		switch {
		case r.lib.ID == 0: // files of a list stand nowhere
		case c.homed && !r.gone(c.at, c.lib):
		case c.homed, c.t.Audio.InPlace:
			f := fitOf(c.t, c.at, true)
			f.urgent = here.t.ID != 0
			return f, nil
		}
	}
	if len(alike) > 0 && (here.t.ID == 0 || r.lib.ID != 0) {
		// What was here is another's sound now, whose file is there.
		fit.twin = alike[0].t
		return fit, nil
	}
	if here.t.ID != 0 {
		was := time.Duration(here.t.Audio.Duration) * time.Microsecond
		if d := was - length; d > -lengthLike && d < lengthLike {
			f := fitOf(here.t, here.at, false)
			f.sound = true
			return f, nil
		}
	}
	return fit, nil
}

func fitOf(t db.Track, at db.File, moved bool) fit { return fit{track: t, at: at, moved: moved} }

// gone tells whether the file of a track is no longer where it was, or another
// one is there.
func (r *importing) gone(f db.File, lib db.Library) bool {
	if lib.ID == 0 {
		return false
	}
	root := r.root
	if f.Library != r.lib.ID {
		var err error
		if root, err = os.OpenRoot(lib.Path); err != nil {
			return false // it is away
		}
		defer root.Close()
	}
	info, err := root.Lstat(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if f.Library == r.lib.ID {
			return true
		}
		// All of another library that is empty is away.
		some, err := list(root)
		return err == nil && len(some) > 0
	case err != nil || info.Size() == f.Size && info.ModTime().UnixNano() == f.Modified:
		return false
	}
	// It changed too: two files may have changed places.
	now, err := root.OpenFile(f.Path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return false
	}
	defer now.Close()
	if !info.Mode().IsRegular() {
		return true
	}
	content, err := media.Identify(now, info.Size())
	if err != nil {
		return true
	}
	sum, err := media.SoundSum(now, info.Size(), content)
	if err != nil {
		return false
	}
	same := false
	err = r.c.view(context.Background(), func(tx *db.Tx) error {
		t, err := tx.Track(f.Track)
		same = err == nil && bytes.Equal(t.Audio.Sound, sum[:])
		return err
	})
	return err == nil && !same
}

// written adds to a file what is written down beside it.
func (r *importing) written(ctx context.Context, s *source, a *arrival, pc *piece) error {
	if s.item == nil {
		if s.item = r.items[s.file.Path]; s.item != nil {
			copied := *s.item
			s.item, copied.Image = &copied, "" // a picture is found beside the file
			if v, ok := visibilityOf[copied.Visibility]; ok && v != db.Public {
				pc.see = v // what was private there stays so
			}
		}
	}
	if s.item == nil {
		name, _ := s.d.besides(s.name)
		if name == "" {
			return nil
		}
		f, err := s.d.root.OpenFile(name, os.O_RDONLY|openFlags, 0)
		if err != nil {
			return nil
		}
		defer f.Close()
		item, err := intake.YTDLPFrom(f)
		if errors.Is(err, intake.ErrNotTrack) {
			return nil
		}
		if err != nil {
			r.complain(db.Problem{Path: s.d.join(name), Code: "list.damaged", Text: "What is written down beside the file can't be read: " + err.Error()})
			return nil
		}
		s.item = &item
	}
	i := s.item
	words, _ := tags(fitting(i.Tags))
	a.facts = facts{Title: i.Title, Artist: i.Artist, Album: i.Album, Description: i.Description, Tags: words, Year: i.Year}
	if a.facts.Year < 0 || a.facts.Year > 9999 {
		a.facts.Year = 0
	}
	if !i.Created.IsZero() && i.Created.Before(r.c.now()) {
		a.created = i.Created
	}
	return nil
}

// fitting gives the words that may be tags, as many as a track may have.
func fitting(words []string) []string {
	var out []string
	for _, w := range words {
		if _, err := tags([]string{w}); err == nil && len(out) < maxTags {
			out = append(out, w)
		}
	}
	return out
}

// pictureOf makes the picture of a file: the one beside it that has its name,
// that of its tags, or that of its folder. nil when there is none that can be
// read.
func (r *importing) pictureOf(ctx context.Context, s *source, inTag []byte) (*madePicture, error) {
	if len(s.image) > 0 {
		if made, err := r.make(ctx, s.image); made != nil || err != nil {
			return made, err
		}
	}
	own := ""
	if s.item != nil && s.item.Image != "" {
		own = s.item.Image
	} else if _, image := s.d.besides(s.name); image != "" {
		own = image
	}
	if own != "" {
		if b, err := s.d.readBeside(own, r.c.limits.Picture); err == nil {
			if made, err := r.make(ctx, b); made != nil || err != nil {
				return made, err
			}
		}
	}
	if len(inTag) > 0 {
		if made, err := r.make(ctx, inTag); made != nil || err != nil {
			return made, err
		}
	}
	return r.coverOf(ctx, s.d)
}

// coverOf makes the picture of a folder.
func (r *importing) coverOf(ctx context.Context, d *folder) (*madePicture, error) {
	if d.cover != nil || d.root == nil {
		return d.cover.good(), nil
	}
	d.cover = &madePicture{}
	for _, base := range coverNames {
		for _, end := range coverEnds {
			name := d.others[base+end]
			if name == "" {
				continue
			}
			b, err := d.readBeside(name, r.c.limits.Picture)
			if err != nil {
				continue
			}
			made, err := r.make(ctx, b)
			if err != nil {
				return nil, err
			}
			if made != nil {
				d.cover = made
				return made, nil
			}
		}
	}
	return nil, nil
}

func (m *madePicture) good() *madePicture {
	if m == nil || !m.ok {
		return nil
	}
	return m
}

// make makes the sizes of a picture, unless it was one of the last: the files of
// an album have the same one. nil when it can't be read.
func (r *importing) make(ctx context.Context, image []byte) (*madePicture, error) {
	sum := sha256.Sum256(image)
	for i := range r.made {
		if m := r.made[i]; m != nil && m.of == sum {
			return m.good(), nil
		}
	}
	m := &madePicture{of: sum}
	result, err := r.c.pictures.Make(ctx, bytes.NewReader(image))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, picture.ErrBusy):
		return nil, nil
	case err == nil:
		m.result, m.ok = result, true
	}
	copy(r.made[1:], r.made[:])
	r.made[0] = m
	return m.good(), nil
}

// refuse notes that a file is not taken.
func (r *importing) refuse(ctx context.Context, s source, code, why string) error {
	s.file.Track, s.file.Refusal, s.file.Why = 0, code, why
	if r.dry {
		r.counted(db.Problem{Path: s.file.Path, Line: uint64(s.line), Code: code, Text: why})
		return nil
	}
	if s.known != nil && s.known.track {
		// The track that was here waits for its file.
		s.d.places[s.name] = place{}
	}
	return r.put(ctx, &piece{do: doRefuse, file: s.file, problem: db.Problem{Path: s.file.Path, Line: uint64(s.line), Code: code, Text: why}})
}

// counted counts a problem, and tells of it where somebody hears.
func (r *importing) counted(p db.Problem) {
	if p.Code == refusedTwin {
		r.imp.Duplicates++
	} else {
		r.imp.Refused++
	}
	if r.say != nil {
		r.say(p)
	}
}

// dryTake counts what would come of a file.
func (r *importing) dryTake(ctx context.Context, s source, sound [32]byte) error {
	if s.known != nil && s.known.track {
		r.imp.Changed++
		return nil
	}
	key := soundOf{s.user, sound}
	there := r.sounds[key]
	title := ""
	if !there {
		f, err := r.match(ctx, s, sound, 0)
		if err != nil {
			return err
		}
		switch {
		case f.moved:
			r.imp.Moved++
			return nil
		case f.twin.ID != 0:
			there, title = true, f.twin.Title
		}
	}
	if there && r.text != nil {
		r.imp.Same++
		return nil
	}
	if there {
		why := "Its sound is that of another file."
		if title != "" {
			why = "Its sound is there already: “" + title + "”."
		}
		r.counted(db.Problem{Path: s.file.Path, Code: refusedTwin, Text: why})
		return nil
	}
	r.sounds[key] = true
	r.imp.Added++
	return nil
}

// id takes an id for what is put on disk before its record. Many are taken at
// once.
func (r *importing) id(ctx context.Context) (db.ID, error) {
	if len(r.spare) == 0 {
		err := r.c.update(ctx, func(tx *db.Tx) error { r.takeIDs(tx); return nil })
		if err != nil {
			return 0, err
		}
	}
	id := r.spare[0]
	r.spare = r.spare[1:]
	return id, nil
}

func (r *importing) takeIDs(tx *db.Tx) {
	for len(r.spare) < importGroup {
		r.spare = append(r.spare, tx.NewID())
	}
}

// put adds something to the group, and stores the group when it is large
// enough, or old enough.
func (r *importing) put(ctx context.Context, p *piece) error {
	if r.dry {
		r.dryPut(p)
		return nil
	}
	if len(r.group) == 0 {
		r.begun = time.Now()
	}
	r.group = append(r.group, p)
	if len(r.group) < importGroup && time.Since(r.begun) < importPause {
		return nil
	}
	return r.store(ctx)
}

func (r *importing) dryPut(p *piece) {
	switch p.do {
	case doComplain:
		r.counted(p.problem)
	case doLose:
		r.imp.Missing++
	}
}

// store stores the group in one transaction. On an error nothing of what was not
// stored is left.
func (r *importing) store(ctx context.Context) error {
	if r.dry {
		for _, p := range r.group {
			r.dryPut(p)
		}
		r.group = r.group[:0]
		return nil
	}
	if len(r.group) == 0 {
		return nil
	}
	group := r.group
	r.group = nil
	done := 0
	var imp db.Import
	var cause error
	err := translate(r.batch.Sync())
	if err == nil {
		err = r.c.update(ctx, func(tx *db.Tx) error {
			imp = r.imp
			if _, err := tx.Import(imp.ID); errors.Is(err, db.ErrNotFound) {
				return errGone
			}
			restock := db.ID(0)
			for _, p := range group {
				if cause = r.apply(ctx, tx, &imp, p); cause != nil {
					var f *fault.Fault
					if !errors.As(cause, &f) || f.Kind == fault.Internal {
						return cause
					}
					break // what came before is kept
				}
				done++
				if p.do == doAdd && p.files && (restock == 0 || p.track.ID < restock) {
					restock = p.track.ID
				}
			}
			if restock != 0 {
				if err := r.c.queueLate(tx, restock-1); err != nil {
					return err
				}
			}
			r.takeIDs(tx)
			return tx.SetImport(imp)
		})
	}
	if err != nil {
		done = 0
	} else {
		r.imp = imp
	}
	for i, p := range group {
		switch {
		case p.files && i < done:
			r.c.settled(trackFiles, p.track.ID)
		case p.files:
			r.c.dropFiles(p.track.ID)
		case i < done && (p.do == doMove || p.do == doChange || p.do == doLose):
			r.c.media.Forget(p.file.Track.String())
		}
	}
	if err == nil {
		err = cause
	}
	if err == nil {
		r.c.wake()
	}
	return err
}

// sortPlaces orders names by where they stand on their album.
func (d *folder) before(a, b string) int {
	p, q := d.places[a], d.places[b]
	return cmp.Or(cmp.Compare(p.disc, q.disc), cmp.Compare(p.number, q.number), strings.Compare(a, b))
}

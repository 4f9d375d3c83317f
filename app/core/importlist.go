package core

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"earshot/app/fault"
	"earshot/app/intake"
	"earshot/db"
	"earshot/media"
)

// keepList keeps the text of a list until it was taken in.
func (c *Core) keepList(id db.ID, n NewList) error {
	return translate(c.media.PutList(id.String(), n.Bytes))
}

func (c *Core) dropList(id db.ID) {
	if err := c.media.DropList(id.String()); err != nil {
		c.log.Warn("a list that was taken in is left until the next start", "import", id, "error", err)
	}
}

// sweepLists removes the lists that nobody takes in any more.
func (c *Core) sweepLists(ctx context.Context) error {
	ids, err := c.media.Lists()
	if err != nil {
		return err
	}
	for _, text := range ids {
		id, err := db.ParseID(text)
		if err != nil {
			continue
		}
		over := false
		err = c.view(ctx, func(tx *db.Tx) error {
			i, err := tx.Import(id)
			over = errors.Is(err, db.ErrNotFound) || err == nil && i.State.Ended()
			return ignoreMissing(err)
		})
		if err != nil {
			return err
		}
		if over {
			c.dropList(id)
		}
	}
	return nil
}

// list takes a list in: its rows, with the files that they name.
func (r *importing) list(ctx context.Context) error {
	text, err := r.text, error(nil)
	if !r.dry {
		text, err = r.c.media.List(r.imp.ID.String(), intake.MaxList)
	}
	if errors.Is(err, media.ErrMissing) {
		return fault.New(fault.NotFound, "list.gone", "The list is not there any more. Give it once more.")
	}
	if err != nil {
		return err
	}
	r.setOf = map[setKey]*set{}
	files := intake.NewFiles(r.lib.Path)
	if err := r.index(ctx, files, r.root, "", 0); err != nil {
		return err
	}
	for range intake.CSV(bytes.NewReader(text)) {
		r.imp.Found++
	}
	r.tell(true)
	for item, wrong := range intake.CSV(bytes.NewReader(text)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if wrong != nil {
			r.complain(db.Problem{Line: uint64(wrong.Line), Code: wrong.Code, Text: wrong.Text})
		} else if err := r.row(ctx, files, &item); err != nil {
			return err
		}
		r.imp.Seen++
		r.tell(false)
	}
	if err := r.store(ctx); err != nil {
		return err
	}
	for _, s := range r.sets {
		if err := r.c.update(ctx, func(tx *db.Tx) error { return r.fill(tx, s) }); err != nil {
			return err
		}
	}
	return nil
}

// set is a playlist or an album that rows of a list name.
type set struct {
	user   db.ID
	kind   db.PlaylistKind
	title  string
	see    db.Visibility // of its tracks
	mixed  bool          // they differ
	tracks []db.ID
}

// setKey is what tells sets apart.
type setKey struct {
	user  db.ID
	kind  db.PlaylistKind
	title string // as db.Alike makes it
}

// enlist notes in which playlist and album of a list a track has its place.
func (r *importing) enlist(s source, t *db.Track) {
	if r.lib.ID != 0 {
		return
	}
	see := t.Visibility
	if t.Slug == "" {
		see = s.see // it is not stored yet
	}
	note := func(kind db.PlaylistKind, title string) {
		if title = cut(line(title), maxTitle); title == "" {
			return
		}
		key := setKey{t.User, kind, db.Alike(title)}
		o := r.setOf[key]
		if o == nil {
			o = &set{user: t.User, kind: kind, title: title, see: see}
			r.setOf[key], r.sets = o, append(r.sets, o)
		}
		o.mixed = o.mixed || o.see != see
		o.tracks = append(o.tracks, t.ID)
	}
	note(db.Plain, s.item.Playlist)
	if r.lib.Albums {
		note(db.Album, t.Album)
	}
}

// fill makes a playlist of a list, or adds what is new to the one that an
// earlier reading made.
func (r *importing) fill(tx *db.Tx, s *set) error {
	var tracks []db.Track
	var ids []db.ID
	for _, id := range s.tracks {
		t, err := tx.Track(id)
		if errors.Is(err, db.ErrNotFound) || err == nil && t.User != s.user {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		tracks, ids = append(tracks, t), append(ids, id)
	}
	if len(ids) == 0 || len(ids) == 1 && s.kind == db.Album {
		return nil // one track is no album
	}
	id, err := r.playlistOf(tx, s.kind, s.title, tracks)
	if err != nil {
		return err
	}
	if id != 0 {
		return addToPlaylist(tx, id, ids)
	}
	see := s.see
	if s.mixed {
		see = r.lib.Visibility
	}
	_, err = r.makePlaylist(tx, db.Playlist{User: s.user, Kind: s.kind, Title: s.title, Visibility: see}, ids)
	return err
}

// index lists the files below a folder, for rows to name.
func (r *importing) index(ctx context.Context, files *intake.Files, root *os.Root, at string, depth int) error {
	entries, err := list(root)
	if err != nil {
		return folderFault(path.Join(r.lib.Path, at), err)
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := path.Join(at, e.Name())
		switch {
		case e.Type().IsRegular() && (MayBeAudio(e.Name()) || isBeside(e.Name())):
			files.Add(name)
		case e.IsDir() && depth < importDepth:
			sub, err := r.below(root, e.Name())
			if err != nil {
				continue
			}
			err = r.index(ctx, files, sub, name, depth+1)
			sub.Close()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// row takes one row of a list in.
func (r *importing) row(ctx context.Context, files *intake.Files, item *intake.Item) error {
	wrong := func(code, why string) error {
		r.complain(db.Problem{Path: item.Path, Line: uint64(item.Line), Code: code, Text: why})
		return nil
	}
	p, problem := files.Find(item.Path, ".")
	if problem != nil {
		return wrong(problem.Code, problem.Text)
	}
	s := source{user: r.lib.User, see: r.lib.Visibility, item: item, line: item.Line}
	if item.User != "" {
		u, err := r.person(ctx, item.User)
		if err != nil {
			return err
		}
		if u.ID == 0 {
			return wrong("list.user", "There is nobody called “"+cut(line(item.User), maxName)+"” here. Make the account first, or leave the column empty.")
		}
		s.user = u.ID
	}
	if v, ok := visibilityOf[item.Visibility]; ok {
		s.see = v
	}
	sub, err := r.root.OpenRoot(path.Dir(p))
	if err != nil {
		return wrong(refusedRead, "This file can't be read: "+reasonOf(err)+".")
	}
	defer sub.Close()
	s.d = &folder{path: dirOf(p), root: sub, others: map[string]string{}, places: map[string]place{}, albums: map[string]bool{}}
	s.name = path.Base(p)
	if err := s.d.beside(); err != nil {
		return wrong(refusedRead, "This file can't be read: "+reasonOf(err)+".")
	}
	if item.Image != "" {
		image, missing := files.Find(item.Image, dirOf(p))
		switch {
		case missing != nil:
			r.complain(db.Problem{Path: item.Image, Line: uint64(item.Line), Code: missing.Code, Text: missing.Text})
			item.Image = ""
		case dirOf(image) == s.d.path:
			item.Image = path.Base(image)
		default:
			if s.image, err = r.imageAt(image); err != nil {
				item.Image = ""
			}
		}
	}
	if s.f, err = sub.OpenFile(s.name, os.O_RDONLY|openFlags, 0); err != nil {
		return wrong(refusedRead, "This file can't be read: "+reasonOf(err)+".")
	}
	defer s.f.Close()
	info, err := s.f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return wrong(refusedRead, "This file can't be read.")
	}
	s.d.date = info.ModTime()
	s.file = db.File{Path: p, Size: info.Size(), Modified: info.ModTime().UnixNano()}
	return r.take(ctx, s)
}

// visibilityOf are the words of lists and exports; what is none of them is the
// owner's alone.
var visibilityOf = map[string]db.Visibility{"public": db.Public, "followers": db.Followers, "link": db.ByLink, "private": db.Private}

// imageAt reads a picture somewhere in the folder of a list.
func (r *importing) imageAt(p string) ([]byte, error) {
	sub, err := r.root.OpenRoot(path.Dir(p))
	if err != nil {
		return nil, err
	}
	defer sub.Close()
	return (&folder{root: sub}).readBeside(path.Base(p), r.c.limits.Picture)
}

// beside lists the pictures and notes of a folder.
func (d *folder) beside() error {
	entries, err := list(d.root)
	for _, e := range entries {
		if e.Type().IsRegular() && isBeside(e.Name()) {
			d.others[strings.ToLower(e.Name())] = e.Name()
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// person finds who is named in a list: by username, e-mail address, or the name
// that is shown if only one has it. No id when there is none.
func (r *importing) person(ctx context.Context, who string) (u db.User, err error) {
	who = line(who)
	err = r.c.view(ctx, func(tx *db.Tx) error {
		var err error
		if u, err = r.c.Console().find(tx, who); err == nil {
			return nil
		}
		if u = (db.User{}); fault.Of(err).Kind != fault.NotFound {
			return err
		}
		if r.names == nil {
			r.names = map[string]db.ID{}
			for one, err := range tx.Users(0) {
				if r.c.unreadable(err, "user", 0) || err == nil && one.Leaving {
					continue
				}
				if err != nil {
					return err
				}
				key := db.Alike(one.Name)
				if _, twice := r.names[key]; twice {
					r.names[key] = 0
				} else {
					r.names[key] = one.ID
				}
			}
		}
		if id := r.names[db.Alike(who)]; id != 0 {
			u, err = tx.User(id)
			return ignoreMissing(err)
		}
		return nil
	})
	return u, err
}

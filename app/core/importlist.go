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
	text, err := r.c.media.List(r.imp.ID.String(), intake.MaxList)
	if errors.Is(err, media.ErrMissing) {
		return fault.New(fault.NotFound, "list.gone", "The list is not there any more. Give it once more.")
	}
	if err != nil {
		return err
	}
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
	return nil
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
	info, err := sub.Lstat(s.name)
	if err != nil || !info.Mode().IsRegular() {
		return wrong(refusedRead, "This file can't be read.")
	}
	if s.f, err = sub.OpenFile(s.name, os.O_RDONLY|openFlags, 0); err != nil {
		return wrong(refusedRead, "This file can't be read: "+reasonOf(err)+".")
	}
	defer s.f.Close()
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

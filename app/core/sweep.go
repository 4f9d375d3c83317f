package core

import (
	"context"
	"errors"

	"earshot/db"
	"earshot/media"
)

// The kinds of things that have files.
const (
	trackFiles    = "tracks"
	userFiles     = "users"
	playlistFiles = "playlists"
)

// newID takes an id for what is put on disk before its record.
func (c *Core) newID(ctx context.Context) (id db.ID, err error) {
	err = c.update(ctx, func(tx *db.Tx) error {
		id = tx.NewID()
		return nil
	})
	return id, err
}

// settled says that the files of something are as its record says.
func (c *Core) settled(kind string, id db.ID) {
	if err := c.media.Unmark(kind, id.String()); err != nil {
		c.log.Warn("a mark of finished work stays until the next start", "kind", kind, "id", id, "error", err)
	}
}

// dropFiles removes the files of a track that has no record any more, or never
// got one.
func (c *Core) dropFiles(id db.ID) { c.dropFilesOf(trackFiles, id) }

// dropFilesOf is dropFiles for any kind.
func (c *Core) dropFilesOf(kind string, id db.ID) {
	if err := c.media.Drop(id.String()); err != nil {
		c.log.Warn("files are left until the next start", "kind", kind, "id", id, "error", err)
		return
	}
	c.settled(kind, id)
}

// Sweep removes what a crash left behind: half-made uploads, and of marked
// things the files that their record does not name, or all where there is no
// record. It is called once, before the house opens. What has no mark is never
// removed, whatever the records say: it may belong to a newer database than
// the one that was found.
func (c *Core) Sweep(ctx context.Context) error {
	partial, err := c.partials(ctx)
	if err != nil {
		return err
	}
	n, err := c.media.SweepIncoming(func(id string) bool { return partial[id] })
	if n > 0 {
		c.log.Info("swept away what was half received", "files", n)
	}
	marked, err2 := c.media.Marked()
	errs := []error{err, err2, c.sweepLists(ctx)}
	for _, m := range marked {
		errs = append(errs, c.sweep(ctx, m))
	}
	return errors.Join(errs...)
}

// sweep brings the files of one marked thing in line with its record.
func (c *Core) sweep(ctx context.Context, m media.Marked) error {
	id, err := db.ParseID(m.ID)
	if err != nil {
		return c.media.Unmark(m.Kind, m.ID)
	}
	var picture, banner uint64
	err = c.db.View(ctx, func(tx *db.Tx) error {
		switch m.Kind {
		case userFiles:
			u, err := tx.User(id)
			picture, banner = u.Picture, u.Banner
			return err
		case playlistFiles:
			p, err := tx.Playlist(id)
			picture = p.Picture
			return err
		}
		t, err := tx.Track(id)
		picture = t.Picture
		return err
	})
	switch {
	case err == nil:
		err = c.media.KeepPicture(m.Kind, m.ID, picture, banner)
	case errors.Is(err, db.ErrNotFound):
		c.log.Info("swept away what a crash left behind", "kind", m.Kind, "id", m.ID)
		err = c.media.Drop(m.ID)
	}
	if err != nil {
		return err
	}
	return c.media.Unmark(m.Kind, m.ID)
}

// Orphans counts the folders of tracks that the database knows nothing of, as
// after an older copy of it was put back.
func (c *Core) Orphans(ctx context.Context) (int, error) {
	ids, err := c.media.Tracks()
	if err != nil {
		return 0, err
	}
	n := 0
	for len(ids) > 0 {
		some := ids[:min(len(ids), 500)] // a short transaction each
		ids = ids[len(some):]
		err := c.db.View(ctx, func(tx *db.Tx) error {
			for _, text := range some {
				id, err := db.ParseID(text)
				if err != nil {
					continue
				}
				if _, err := tx.Track(id); errors.Is(err, db.ErrNotFound) {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

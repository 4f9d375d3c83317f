package core

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"earshot/app/fault"
	"earshot/app/intake"
	"earshot/db"
)

// apply stores one piece, and counts it. Faults are about the house, not about
// the piece: nothing more can be stored then.
func (r *importing) apply(ctx context.Context, tx *db.Tx, imp *db.Import, p *piece) error {
	switch p.do {
	case doNote:
		return tx.SetFile(p.file)
	case doLose:
		imp.Missing++
		return tx.SetFile(p.file)
	case doForget:
		return ignoreMissing(tx.DropFile(p.file.Library, p.file.Path))
	case doRefuse:
		if p.file.Library != 0 {
			if err := tx.SetFile(p.file); err != nil {
				return r.without(err)
			}
		}
		return r.problem(tx, imp, p.problem)
	case doComplain:
		return r.problem(tx, imp, p.problem)
	case doAdd:
		return r.applyTrack(tx, imp, p)
	case doMove, doChange:
		return r.applyChange(tx, imp, p)
	case doGather:
		return r.gather(ctx, tx, p)
	}
	return nil
}

// without says what it means that a library is not there any more.
func (r *importing) without(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return errGone
	}
	return err
}

func (r *importing) problem(tx *db.Tx, imp *db.Import, p db.Problem) error {
	if p.Code == refusedTwin {
		imp.Duplicates++
	} else {
		imp.Refused++
	}
	if r.say != nil {
		r.say(p)
	}
	return tx.AddProblem(imp.ID, p)
}

// applyTrack stores a new track.
func (r *importing) applyTrack(tx *db.Tx, imp *db.Import, p *piece) error {
	if r.lib.ID != 0 {
		if l, err := tx.Library(r.lib.ID); err != nil || l.Going {
			return cmp.Or(r.without(err), errGone)
		}
	}
	owner, err := tx.User(p.track.User)
	if errors.Is(err, db.ErrNotFound) || err == nil && owner.Leaving {
		return errGone
	}
	if err != nil {
		return err
	}
	if !p.track.Audio.InPlace { // else it takes nothing of the house's disk
		quota, err := quotaOf(tx, owner)
		if err != nil {
			return err
		}
		if err := quota.room(owner, p.track.Audio.Size); err != nil {
			f := fault.Of(err)
			return fault.New(f.Kind, f.Code, owner.Name+" ("+owner.Username+") may not keep more here. Raise the quota, and begin again.").Because(err)
		}
	}
	t := &p.track
	if t.Slug, err = r.slug(tx, t); err != nil {
		return err
	}
	if t.Visibility = p.see; t.Visibility.Shown() {
		if t.Published, err = r.place(tx, p.date); err != nil {
			return err
		}
	}
	if err := tx.AddTrack(*t); err != nil {
		return err
	}
	if r.lib.ID != 0 {
		p.file.Track = t.ID
		if err := tx.SetFile(p.file); err != nil {
			return err
		}
	}
	imp.Added++
	return r.remarks(tx, imp, t, p.comments)
}

// place gives the mark of what is published with a date.
func (r *importing) place(tx *db.Tx, at time.Time) (id db.ID, err error) {
	if r.lib.ID == 0 {
		return tx.NewID(), nil
	}
	if stock := r.imp.Created.Add(-importStock); r.first && at.After(stock) {
		at = stock
	}
	if r.mark, err = tx.MarkAt(at, r.mark); err != nil {
		return 0, err
	}
	return r.mark, nil
}

// slug finds a slug that is free. Of many tracks of the same title each would
// look at all before it, so that soon the id tells them apart.
func (r *importing) slug(tx *db.Tx, t *db.Track) (string, error) {
	wish := slug(t.Title, maxSlug-6)
	if wish == "" {
		wish = "track"
	}
	tries := []string{wish, slug(t.Title+" "+t.Artist, maxSlug-6), slug(t.Title+" "+t.Album, maxSlug-6), wish + "-2", wish + "-3", wish + "-4"}
	for _, s := range tries {
		if s == "" {
			continue
		}
		taken, err := tx.SlugTaken(t.User, s, t.ID)
		if err != nil || !taken {
			return s, err
		}
	}
	return slug(t.Title, maxSlug-15) + "-" + t.ID.String(), nil
}

// remarks takes over what people said of a track elsewhere.
func (r *importing) remarks(tx *db.Tx, imp *db.Import, t *db.Track, list []intake.Comment) error {
	ids := map[string]db.ID{}
	for i, m := range list {
		if i == commentsMost {
			break
		}
		words := cut(text(m.Text), maxComment)
		if words == "" {
			continue
		}
		guest := cut(line(m.Author), maxGuest)
		if guest == "" {
			guest = "?"
		}
		c := db.Comment{ID: tx.NewID(), Track: t.ID, Guest: guest, Text: words, Created: m.Created}
		if c.Created.IsZero() || c.Created.After(r.c.now()) {
			c.Created = r.c.now()
		}
		if c.Whole = !m.Timed; m.Timed {
			c.Position = max(0, min(m.At.Microseconds(), t.Audio.Duration))
		}
		if to := ids[m.Parent]; m.Parent != "" && to != 0 {
			c.Parent = to
		}
		if err := tx.AddComment(c); err != nil {
			return err
		}
		if m.ID != "" {
			if ids[m.ID] = c.ID; c.Parent != 0 {
				ids[m.ID] = c.Parent // what replies to a reply
			}
		}
		imp.Comments++
	}
	return nil
}

// applyChange stores what a track takes over whose file moved or changed.
func (r *importing) applyChange(tx *db.Tx, imp *db.Import, p *piece) error {
	t, err := tx.Track(p.file.Track)
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile; the next time is told
	}
	if err != nil {
		return err
	}
	read := p.from.Scan.Time()
	if p.do == doMove && p.from.Path != "" && (p.from.Path != p.file.Path || p.from.Library != p.file.Library) {
		err = tx.MoveFile(p.from.Library, p.from.Path, p.file)
		if errors.Is(err, db.ErrNotFound) {
			err = tx.SetFile(p.file)
		}
	} else {
		err = tx.SetFile(p.file)
	}
	if err != nil {
		return r.without(err)
	}
	before := t
	is := p.track
	if is.Audio.InPlace || p.sound {
		t.Audio = is.Audio
	}
	t.Audio.FileName = is.Audio.FileName
	if p.sound {
		t.Waveform, t.Measured = is.Waveform, db.Measured{}
	}
	if p.inform && (p.from.Scan == 0 || !t.Updated.After(read)) {
		t.Title, t.Artist, t.Album, t.Year, t.Description, t.Tags = is.Title, is.Artist, is.Album, is.Year, is.Description, is.Tags
		t.Updated = is.Updated
	}
	if p.do == doMove {
		imp.Moved++
	} else {
		imp.Changed++
	}
	if t.Audio.FileName == before.Audio.FileName && bytes.Equal(t.Audio.SHA256, before.Audio.SHA256) && sameTrack(t, before) && !p.sound {
		return nil
	}
	if p.sound && t.Waveform == db.WaveformPending {
		if err := r.c.queueLate(tx, t.ID-1); err != nil {
			return err
		}
	}
	return tx.SetTrack(t)
}

// album is one that the tracks of this import belong to.
type album struct {
	playlist db.ID
	members  []member // while there is no playlist
}

type member struct {
	track db.ID
	name  string
}

// albumKey tells albums of the same title apart: by the artist of the album,
// or else by their folder. The folders of the discs of an album are one.
func (r *importing) albumKey(d *folder, title, artist string) string {
	if artist != "" {
		return db.Alike(title) + "\x00" + db.Alike(artist)
	}
	in := d.path
	if isDisc(in) {
		in = dirOf(in)
	}
	return db.Alike(title) + "\x00\x00" + in
}

// isDisc tells whether a folder is that of a disc of an album, such as "CD 1".
func isDisc(p string) bool {
	base := strings.ToLower(p[strings.LastIndexByte(p, '/')+1:])
	for _, word := range []string{"cd", "disc", "disk", "vinyl", "side"} {
		if rest, ok := strings.CutPrefix(base, word); ok && len(rest) <= 4 {
			return true
		}
	}
	return false
}

// gather brings the tracks of a folder into their albums.
func (r *importing) gather(ctx context.Context, tx *db.Tx, p *piece) error {
	d := p.folder
	if r.lib.ID == 0 {
		return nil
	}
	type found struct {
		title  string
		artist string
		tracks []db.Track
		names  map[db.ID]string
		fresh  map[db.ID]bool
	}
	var order []string
	albums := map[string]*found{}
	for _, name := range d.names {
		f, err := tx.File(r.lib.ID, d.join(name))
		if errors.Is(err, db.ErrNotFound) || err == nil && f.Track == 0 {
			continue
		}
		if err != nil {
			return err
		}
		t, err := tx.Track(f.Track)
		if err != nil {
			return err
		}
		if t.Album == "" || !d.albums[t.Album] {
			continue
		}
		key := db.Alike(t.Album)
		a := albums[key]
		if a == nil {
			a = &found{title: t.Album, names: map[db.ID]string{}, fresh: map[db.ID]bool{}}
			albums[key] = a
			order = append(order, key)
		}
		a.tracks = append(a.tracks, t)
		a.names[t.ID] = name
		a.fresh[t.ID] = f.Scan == r.imp.ID
		if artist := d.places[name].artist; artist != "" {
			a.artist = artist
		}
	}
	for _, key := range order {
		a := albums[key]
		slices.SortStableFunc(a.tracks, func(x, y db.Track) int { return d.before(a.names[x.ID], a.names[y.ID]) })
		k := r.albumKey(d, a.title, a.artist)
		known := r.albums[k]
		if known == nil {
			known = &album{}
			r.albums[k] = known
		}
		if known.playlist != 0 { // it may have been deleted meanwhile
			if _, err := tx.Playlist(known.playlist); errors.Is(err, db.ErrNotFound) {
				known.playlist = 0
			} else if err != nil {
				return err
			}
		}
		if known.playlist == 0 {
			var err error
			if known.playlist, err = r.playlistOf(tx, db.Album, a.title, a.tracks); err != nil {
				return err
			}
		}
		if known.playlist != 0 {
			var fresh []db.ID
			for _, t := range a.tracks {
				if a.fresh[t.ID] {
					fresh = append(fresh, t.ID)
				}
			}
			if err := r.extend(tx, known.playlist, d, a.names, fresh); err != nil {
				return err
			}
			continue
		}
		for _, t := range a.tracks {
			known.members = append(known.members, member{t.ID, a.names[t.ID]})
		}
		if len(known.members) < 2 {
			continue // one track is no album
		}
		list := make([]db.ID, len(known.members))
		for i, m := range known.members {
			list[i] = m.track
		}
		id, err := r.makePlaylist(tx, db.Playlist{User: a.tracks[0].User, Kind: db.Album, Title: a.title, Visibility: r.lib.Visibility}, list)
		if err != nil {
			return err
		}
		known.playlist, known.members = id, nil
	}
	return nil
}

// playlistOf finds the playlist of some tracks: one of that kind and title in
// which one of them is. 0 when there is none.
func (r *importing) playlistOf(tx *db.Tx, kind db.PlaylistKind, title string, tracks []db.Track) (db.ID, error) {
	for _, t := range tracks {
		for id, err := range tx.PlaylistsWith(t.ID) {
			if err != nil {
				return 0, err
			}
			p, err := tx.Playlist(id)
			if errors.Is(err, db.ErrNotFound) {
				continue
			}
			if err != nil {
				return 0, err
			}
			if p.Kind == kind && p.User == t.User && db.Alike(p.Title) == db.Alike(title) {
				return id, nil
			}
		}
	}
	return 0, nil
}

// extend brings new tracks into an album: each before the first one that stands
// behind it by its number, as far as numbers are known, or else at the end. What
// the owner put in another order stays so.
func (r *importing) extend(tx *db.Tx, id db.ID, d *folder, names map[db.ID]string, fresh []db.ID) error {
	list, err := tx.PlaylistTracks(id)
	if err != nil {
		return err
	}
	changed := false
	for _, t := range fresh {
		if slices.Contains(list, t) || len(list) >= db.MostInPlaylist {
			continue
		}
		at := len(list)
		for i, other := range list {
			name, here := names[other]
			if here && d.places[name].number != 0 && d.places[names[t]].number != 0 && d.before(names[t], name) < 0 {
				at = i
				break
			}
		}
		list, changed = slices.Insert(list, at, t), true
	}
	if !changed {
		return nil
	}
	return tx.SetPlaylistTracks(id, list)
}

// makePlaylist makes a playlist of what is said of it, and puts tracks into it.
func (r *importing) makePlaylist(tx *db.Tx, p db.Playlist, tracks []db.ID) (db.ID, error) {
	see := p.Visibility
	p.ID, p.Visibility, p.Created, p.Updated = tx.NewID(), db.Private, r.c.now(), r.imp.ID.Time()
	wish := slug(p.Title, maxSlug-6)
	if wish == "" {
		wish = "album"
	}
	n := 0
	var err error
	p.Slug, err = unique(wish, func(s string) (bool, error) {
		if n++; n > 20 { // of many of one title the id tells apart
			return true, nil
		}
		taken, err := tx.PlaylistSlugTaken(p.User, s, p.ID)
		return !taken, err
	})
	if n > 20 {
		p.Slug = slug(p.Title, maxSlug-15) + "-" + p.ID.String()
	}
	if err != nil {
		return 0, err
	}
	publishPlaylist(tx, &p, see)
	if err := tx.AddPlaylist(p); err != nil {
		return 0, err
	}
	return p.ID, addToPlaylist(tx, p.ID, tracks)
}

// addToPlaylist puts tracks behind those of a playlist: those that are not in
// it, as long as there is room.
func addToPlaylist(tx *db.Tx, id db.ID, tracks []db.ID) error {
	list, err := tx.PlaylistTracks(id)
	if err != nil {
		return err
	}
	before := len(list)
	for _, t := range tracks {
		if len(list) < db.MostInPlaylist && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	if len(list) == before {
		return nil
	}
	return tx.SetPlaylistTracks(id, list)
}

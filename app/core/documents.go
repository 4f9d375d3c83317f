package core

import (
	"time"

	"earshot/db"
	"earshot/search"
)

// kinds are the kinds of things that can be found.
var kinds = map[db.Kind]search.Kind{
	db.KindTrack: search.Track, db.KindUser: search.Person, db.KindPlaylist: search.Playlist, db.KindTag: search.Tag,
}

func refOf(kind db.Kind, id db.ID) search.Ref { return search.Ref{Kind: kinds[kind], ID: uint64(id)} }

// docOf makes what is indexed of a thing; false when it is not to be found.
func docOf(tx *db.Tx, thing db.Thing) (search.Doc, bool, error) {
	switch thing.Kind {
	case db.KindUser:
		return docFrom(tx, thing.ID, tx.User, docOfUser)
	case db.KindTrack:
		return docFrom(tx, thing.ID, tx.Track, docOfTrack)
	case db.KindPlaylist:
		return docFrom(tx, thing.ID, tx.Playlist, docOfPlaylist)
	case db.KindTag:
		return docFrom(tx, thing.ID, tx.TagByID, docOfTag)
	}
	return search.Doc{}, false, nil
}

func docFrom[R any](tx *db.Tx, id db.ID, find func(db.ID) (R, error), doc func(*db.Tx, R) (search.Doc, bool, error)) (search.Doc, bool, error) {
	record, err := find(id)
	if err != nil {
		return search.Doc{}, false, err
	}
	return doc(tx, record)
}

func docOfUser(_ *db.Tx, u db.User) (search.Doc, bool, error) {
	return search.Doc{
		Ref: refOf(db.KindUser, u.ID), Owner: uint64(u.ID), Public: !u.Disabled,
		Title: u.Name, Names: []string{u.Username}, Text: u.Bio, Created: u.Created,
	}, !u.Leaving, nil
}

func docOfTrack(tx *db.Tx, t db.Track) (search.Doc, bool, error) {
	owner, err := tx.User(t.User)
	return search.Doc{
		Ref: refOf(db.KindTrack, t.ID), Owner: uint64(t.User), Public: t.Visibility == db.Public && !owner.Disabled, Followers: t.Visibility == db.Followers && !owner.Disabled,
		Title: t.Title, Names: []string{t.Artist, t.Album, owner.Name, owner.Username}, Text: t.Description, Tags: t.Tags,
		Created: shownSince(t), Duration: time.Duration(t.Audio.Duration) * time.Microsecond, Downloadable: t.Downloadable,
	}, !owner.Leaving, err
}

func docOfPlaylist(tx *db.Tx, p db.Playlist) (search.Doc, bool, error) {
	owner, err := tx.User(p.User)
	return search.Doc{
		Ref: refOf(db.KindPlaylist, p.ID), Owner: uint64(p.User), Public: p.Visibility == db.Public && !owner.Disabled, Followers: p.Visibility == db.Followers && !owner.Disabled,
		Title: p.Title, Names: []string{owner.Name, owner.Username}, Text: p.Description, Tags: p.Tags, Created: p.Created,
	}, !owner.Leaving, err
}

func docOfTag(_ *db.Tx, t db.Tag) (search.Doc, bool, error) {
	return search.Doc{Ref: refOf(db.KindTag, t.ID), Public: true, Title: t.Name}, t.Tracks > 0, nil
}

// shownSince is when a track was published, or was made while it is not.
func shownSince(t db.Track) time.Time {
	if t.Published != 0 {
		return t.Published.Time()
	}
	return t.Created
}

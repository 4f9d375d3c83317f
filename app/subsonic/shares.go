package subsonic

import (
	"cmp"
	"errors"
	"time"

	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

// sharing are the calls about secret links, which the protocol calls shares.
func (s *Server) sharing() map[string]verb {
	return map[string]verb{
		"getShares":   {text: s.getShares},
		"createShare": {text: s.createShare},
		"updateShare": {text: s.updateShare},
		"deleteShare": {text: s.deleteShare},
	}
}

type share struct {
	ID          string      `xml:"id,attr" json:"id"`
	URL         string      `xml:"url,attr" json:"url"`
	Description string      `xml:"description,attr,omitempty" json:"description,omitempty"`
	Username    string      `xml:"username,attr" json:"username"`
	Created     time.Time   `xml:"created,attr" json:"created"`
	Expires     *time.Time  `xml:"expires,attr,omitempty" json:"expires,omitempty"`
	LastVisited *time.Time  `xml:"lastVisited,attr,omitempty" json:"lastVisited,omitempty"`
	VisitCount  uint64      `xml:"visitCount,attr" json:"visitCount"`
	Entry       list[child] `xml:"entry" json:"entry"`
}

type shares struct {
	Share list[share] `xml:"share" json:"share"`
}

// aShare marks the id of a secret link.
const aShare kind = "sh"

// shareOf shows a secret link with the songs that it opens, most of them at most.
func (s *Server) shareOf(q *call, username string, v core.LinkView, most int) (share, error) {
	l := v.Link
	out := share{
		ID: aShare.id(l.ID), URL: s.house.AddressOf(q, core.LinkPath) + "#" + l.Code, Description: l.Name, Username: username,
		Created: moment(l.Created), Expires: stamp(l.Expires), LastVisited: stamp(l.Used), VisitCount: l.Plays,
	}
	if most <= 0 {
		return out, nil
	}
	if l.Thing.Kind != db.KindPlaylist {
		var err error
		out.Entry, err = s.songs(q, []db.ID{l.Thing.ID})
		return out, err
	}
	_, songs, err := s.core.List(q, q.me(), l.Thing.ID)
	if err != nil && fault.Of(err).Kind != fault.NotFound {
		return share{}, err
	}
	out.Entry = songsOf(songs[:min(len(songs), most)])
	return out, nil
}

// sharesOf shows secret links; beyond as many songs as a page of a search has, they
// go without.
func (s *Server) sharesOf(q *call, views ...core.LinkView) (body, error) {
	me, err := s.core.Me(q, q.me())
	if err != nil {
		return body{}, err
	}
	var l list[share]
	left := pageMost
	for _, v := range views {
		one, err := s.shareOf(q, me.User.Username, v, left)
		if err != nil {
			return body{}, err
		}
		left -= len(one.Entry)
		l = append(l, one)
	}
	return body{name: "shares", value: shares{l}}, nil
}

func (s *Server) getShares(q *call) (body, error) {
	if err := s.takeTurn(q); err != nil {
		return body{}, err
	}
	views, err := s.core.MyLinks(q, q.me())
	if err != nil {
		return body{}, err
	}
	return s.sharesOf(q, views...)
}

// createShare makes a secret link to an own track or playlist. For several tracks
// a playlist is made. What was private is by link from then on: else the link
// would open nothing.
func (s *Server) createShare(q *call) (body, error) {
	texts := q.params.Values["id"]
	if len(texts) == 0 {
		return body{}, missing("id")
	}
	expires, err := q.params.moment("expires")
	if err != nil {
		return body{}, err
	}
	if expires.UnixMilli() == 0 { // never
		expires = time.Time{}
	}
	name := q.params.get("description")
	thing := db.Thing{Kind: db.KindPlaylist}
	switch k, id, err := parseID(texts[0]); {
	case err != nil:
		return body{}, err
	case len(texts) > 1:
		songs, err := q.params.ids("id", aTrack, mostKept)
		if err != nil {
			return body{}, err
		}
		v, err := s.core.AddPlaylist(q, q.me(), core.NewPlaylist{Title: cmp.Or(name, "Shared"), Visibility: db.ByLink, Tracks: songs})
		if err != nil {
			return body{}, err
		}
		thing.ID = v.Playlist.ID
	case k == aTrack:
		thing = db.Thing{Kind: db.KindTrack, ID: id}
	case k == anAlbum || k == aPlaylist:
		thing.ID = id
	default:
		return body{}, &refusal{code: codeOther, text: "Only tracks, albums and playlists can be shared."}
	}
	v, err := s.core.AddLink(q, q.me(), thing, core.LinkChange{Name: &name, Expires: &expires})
	if err != nil {
		if len(texts) > 1 { // the playlist was made for it alone
			err = errors.Join(err, s.core.DeletePlaylist(q, q.me(), thing.ID))
		}
		return body{}, err
	}
	if err := s.core.OpenByLink(q, q.me(), thing); err != nil {
		return body{}, err
	}
	return s.sharesOf(q, v)
}

func (s *Server) updateShare(q *call) (body, error) {
	_, id, err := q.params.idOf("id", aShare)
	if err != nil {
		return body{}, err
	}
	var change core.LinkChange
	if name, given := q.params.first("description"); given {
		change.Name = &name
	}
	if text := q.params.get("expires"); text != "" {
		at, err := q.params.moment("expires")
		if err != nil {
			return body{}, err
		}
		if at.UnixMilli() == 0 { // never
			at = time.Time{}
		}
		change.Expires = &at
	}
	_, err = s.core.EditLink(q, q.me(), id, change)
	return body{}, err
}

func (s *Server) deleteShare(q *call) (body, error) {
	_, id, err := q.params.idOf("id", aShare)
	if err != nil {
		return body{}, err
	}
	return body{}, s.core.DropLink(q, q.me(), id, false)
}

package subsonic

import (
	"cmp"
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

// shareOf shows a secret link with the songs that it opens.
func (s *Server) shareOf(q *call, username string, v core.LinkView) (share, error) {
	l := v.Link
	out := share{
		ID: aShare.id(l.ID), URL: s.house.AddressOf(q, core.LinkPath) + "#" + l.Code, Description: l.Name, Username: username,
		Created: moment(l.Created), Expires: stamp(l.Expires), LastVisited: stamp(l.Used), VisitCount: l.Plays,
	}
	ids := []db.ID{l.Thing.ID}
	if l.Thing.Kind == db.KindPlaylist {
		v, err := s.core.Album(q, q.me(), l.Thing.ID)
		if err != nil && fault.Of(err).Kind != fault.NotFound {
			return share{}, err
		}
		out.Entry = songsOf(v.Songs)
		return out, nil
	}
	var err error
	out.Entry, err = s.songs(q, ids)
	return out, err
}

// sharesOf shows secret links.
func (s *Server) sharesOf(q *call, views ...core.LinkView) (body, error) {
	me, err := s.core.Me(q, q.me())
	if err != nil {
		return body{}, err
	}
	var l list[share]
	for _, v := range views {
		one, err := s.shareOf(q, me.User.Username, v)
		if err != nil {
			return body{}, err
		}
		l = append(l, one)
	}
	return body{name: "shares", value: shares{l}}, nil
}

func (s *Server) getShares(q *call) (body, error) {
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

package subsonic

import (
	"math"
	"slices"
	"time"

	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

// queueing are the calls about what is to be heard next, and where somebody was.
func (s *Server) queueing() map[string]verb {
	return map[string]verb{
		"getPlayQueue":         {text: s.getPlayQueue},
		"savePlayQueue":        {text: s.savePlayQueue},
		"getPlayQueueByIndex":  {text: s.getPlayQueueByIndex},
		"savePlayQueueByIndex": {text: s.savePlayQueueByIndex},
		"getBookmarks":         {text: s.getBookmarks},
		"createBookmark":       {text: s.createBookmark},
		"deleteBookmark":       {text: s.deleteBookmark},
	}
}

const (
	mostQueued = 10_000 // songs that a program may name
	mostKept   = 1000   // of them, those around the current one
)

// queueState is what both ways to tell of a queue share.
type queueState struct {
	Position  int64       `xml:"position,attr" json:"position"` // milliseconds
	Username  string      `xml:"username,attr" json:"username"`
	Changed   time.Time   `xml:"changed,attr" json:"changed"`
	ChangedBy string      `xml:"changedBy,attr" json:"changedBy"`
	Entry     list[child] `xml:"entry" json:"entry"`
}

type playQueue struct {
	Current string `xml:"current,attr,omitempty" json:"current,omitempty"`
	queueState
}

type playQueueByIndex struct {
	CurrentIndex *int `xml:"currentIndex,attr,omitempty" json:"currentIndex,omitempty"`
	queueState
}

// queue gives what the asker was listening to last, here or in a browser; ok is
// false when nothing is kept.
func (s *Server) queue(q *call) (st queueState, current int, ok bool, err error) {
	v, err := s.core.PlayQueue(q, q.me(), 0)
	if err != nil {
		return st, 0, false, err
	}
	me, err := s.core.Me(q, q.me())
	if err != nil {
		return st, 0, false, err
	}
	st = queueState{Position: v.Position.Milliseconds(), Username: me.User.Username, Changed: moment(v.Changed), ChangedBy: v.Device}
	ids := make([]db.ID, 0, len(v.Tracks))
	for _, t := range v.Tracks {
		ids = append(ids, t.Track.ID)
	}
	if len(ids) == 0 {
		return st, 0, false, nil
	}
	if st.Entry, err = s.songs(q, ids); err != nil || len(st.Entry) == 0 {
		return st, 0, false, err
	}
	// What a secret link alone shows is not in it.
	now := ids[v.Current]
	before := 0 // how often the current song comes before it
	for _, id := range ids[:v.Current] {
		if id == now {
			before++
		}
	}
	current = -1
	for i, c := range st.Entry {
		if c.ID == aTrack.id(now) {
			if current = i; before == 0 {
				break
			}
			before--
		}
	}
	if current < 0 {
		current, st.Position = 0, 0
	}
	return st, current, true, nil
}

func (s *Server) getPlayQueue(q *call) (body, error) {
	st, current, ok, err := s.queue(q)
	if err != nil || !ok {
		return body{}, err
	}
	return body{name: "playQueue", value: playQueue{st.Entry[current].ID, st}}, nil
}

func (s *Server) getPlayQueueByIndex(q *call) (body, error) {
	st, current, ok, err := s.queue(q)
	if err != nil || !ok {
		return body{}, err
	}
	return body{name: "playQueueByIndex", value: playQueueByIndex{&current, st}}, nil
}

// savePlayQueue keeps a queue of which the current song is named by its id.
func (s *Server) savePlayQueue(q *call) (body, error) {
	return s.saveQueue(q, func(ids []db.ID) (int, error) {
		if q.params.get("current") == "" {
			return 0, nil
		}
		_, id, err := q.params.idOf("current", aTrack)
		if err != nil {
			return 0, err
		}
		at := slices.Index(ids, id)
		if at < 0 {
			return 0, invalid("current")
		}
		return at, nil
	})
}

// savePlayQueueByIndex keeps a queue of which the current song is named by its
// place.
func (s *Server) savePlayQueueByIndex(q *call) (body, error) {
	return s.saveQueue(q, func(ids []db.ID) (int, error) {
		wrong := missing("currentIndex") // as the extension has it, for one that is out of range too
		if _, err := q.params.want("currentIndex"); err != nil {
			return 0, wrong
		}
		at, err := q.params.number("currentIndex", 0, math.MaxInt32)
		if err != nil || at >= len(ids) {
			return 0, wrong
		}
		return at, nil
	})
}

// saveQueue keeps a queue; without songs none is kept any more.
func (s *Server) saveQueue(q *call, current func([]db.ID) (int, error)) (body, error) {
	ids, err := q.params.ids("id", aTrack, mostQueued)
	if err != nil {
		return body{}, err
	}
	if len(ids) == 0 {
		return body{}, s.core.DropPlayQueue(q, q.me())
	}
	at, err := current(ids)
	if err != nil {
		return body{}, err
	}
	ms, err := q.params.number("position", 0, math.MaxInt32)
	if err != nil {
		return body{}, err
	}
	if from := max(0, min(at-mostKept/4, len(ids)-mostKept)); len(ids) > mostKept {
		ids, at = ids[from:from+mostKept], at-from
	}
	n := core.NewPlayQueue{Tracks: ids, Current: at, Position: time.Duration(ms) * time.Millisecond, By: q.params.get("c")}
	_, _, err = s.core.SetPlayQueue(q, q.me(), n, s.house.Client(q.r))
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid && n.Position > 0 { // programs round up at a track's end
		n.Position = 0
		_, _, err = s.core.SetPlayQueue(q, q.me(), n, s.house.Client(q.r))
	}
	return body{}, err
}

type bookmark struct {
	Position int64     `xml:"position,attr" json:"position"` // milliseconds
	Username string    `xml:"username,attr" json:"username"`
	Comment  string    `xml:"comment,attr" json:"comment"`
	Created  time.Time `xml:"created,attr" json:"created"`
	Changed  time.Time `xml:"changed,attr" json:"changed"`
	Entry    child     `xml:"entry" json:"entry"`
}

type bookmarks struct {
	Bookmark list[bookmark] `xml:"bookmark" json:"bookmark"`
}

func (s *Server) getBookmarks(q *call) (body, error) {
	me, err := s.core.Me(q, q.me())
	if err != nil {
		return body{}, err
	}
	views, err := s.core.Bookmarks(q, q.me())
	if err != nil {
		return body{}, err
	}
	ids := make([]db.ID, 0, len(views))
	for _, v := range views {
		ids = append(ids, v.Bookmark.Track)
	}
	songs, err := s.songs(q, ids)
	if err != nil {
		return body{}, err
	}
	by := map[string]child{}
	for _, song := range songs {
		by[song.ID] = song
	}
	var l list[bookmark]
	for _, v := range views {
		if song, there := by[aTrack.id(v.Bookmark.Track)]; there {
			l = append(l, bookmark{
				Position: v.Bookmark.Position / 1000, Username: me.User.Username, Comment: v.Bookmark.Text,
				Created: moment(v.Bookmark.Created), Changed: moment(v.Bookmark.Changed), Entry: song,
			})
		}
	}
	return body{name: "bookmarks", value: bookmarks{l}}, nil
}

func (s *Server) createBookmark(q *call) (body, error) {
	_, id, err := q.params.idOf("id", aTrack)
	if err != nil {
		return body{}, err
	}
	if _, err := q.params.want("position"); err != nil {
		return body{}, err
	}
	ms, err := q.params.number("position", 0, math.MaxInt32)
	if err != nil {
		return body{}, err
	}
	return body{}, s.core.SetBookmark(q, q.me(), id, time.Duration(ms)*time.Millisecond, q.params.get("comment"))
}

func (s *Server) deleteBookmark(q *call) (body, error) {
	_, id, err := q.params.idOf("id", aTrack)
	if err != nil {
		return body{}, err
	}
	return body{}, s.core.DropBookmark(q, q.me(), id)
}

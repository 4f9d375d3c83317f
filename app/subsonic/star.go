package subsonic

import (
	"context"
	"math"
	"strconv"
	"time"

	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

// marking are the calls by which somebody says what they think of things, and
// what they hear.
func (s *Server) marking() map[string]verb {
	return map[string]verb{
		"star":           {text: s.star(s.core.LikeTrack, s.core.LikePlaylist, s.core.Follow)},
		"unstar":         {text: s.star(s.core.UnlikeTrack, s.core.UnlikePlaylist, s.core.Unfollow)},
		"setRating":      {text: s.setRating},
		"scrobble":       {text: s.scrobble},
		"reportPlayback": {text: s.reportPlayback},
		"getNowPlaying":  {text: s.getNowPlaying},
	}
}

// mostIDs is how many things one call may name.
const mostIDs = 1000

// star makes a call that marks things, or lets go of them: songs and albums are
// liked, artists followed. What can be marked is, though something else of the
// same call is not there; that is told then.
func (s *Server) star(song, list func(context.Context, db.ID, db.ID) (core.LikeView, error), person func(context.Context, db.ID, db.ID) (core.FollowView, error)) func(*call) (body, error) {
	return func(q *call) (body, error) {
		var names []string
		for _, param := range []string{"id", "albumId", "artistId"} {
			names = append(names, q.params.Values[param]...)
		}
		if len(names) == 0 {
			return body{}, missing("id")
		}
		if len(names) > mostIDs {
			return body{}, invalid("id")
		}
		var first error
		for _, name := range names {
			k, id, err := parseID(name)
			if err == nil {
				switch k {
				case aTrack:
					_, err = song(q, q.me(), id)
				case anAlbum, aPlaylist:
					_, err = list(q, q.me(), id)
				case anArtist:
					_, err = person(q, q.me(), id)
				default:
					err = errLoose
				}
			}
			if err != nil && first == nil {
				first = err
			}
			if f := fault.Of(err); err != nil && f.Kind == fault.Limited {
				break
			}
		}
		return body{}, first
	}
}

var errLoose = &refusal{code: codeOther, text: "These are the tracks that are in no album. Mark the tracks themselves."}

// setRating gives a song or an album 1 to 5 stars, or takes them away.
func (s *Server) setRating(q *call) (body, error) {
	k, id, err := q.params.idOf("id", aTrack, anAlbum, aPlaylist, anArtist, loose)
	if err != nil {
		return body{}, err
	}
	if _, err := q.params.want("rating"); err != nil {
		return body{}, err
	}
	stars, err := q.params.number("rating", 0, math.MaxInt32)
	if err != nil || stars > 5 {
		return body{}, invalid("rating")
	}
	switch k {
	case aTrack:
		return body{}, s.core.Rate(q, q.me(), db.Thing{Kind: db.KindTrack, ID: id}, stars)
	case anAlbum, aPlaylist:
		return body{}, s.core.Rate(q, q.me(), db.Thing{Kind: db.KindPlaylist, ID: id}, stars)
	}
	return body{}, &refusal{code: codeOther, text: "Only tracks and albums can be rated."}
}

// scrobble tells that songs were heard, or that one is being heard.
func (s *Server) scrobble(q *call) (body, error) {
	if _, err := q.params.want("id"); err != nil {
		return body{}, err
	}
	ids, err := q.params.ids("id", aTrack, mostIDs)
	if err != nil {
		return body{}, err
	}
	heard, err := q.params.truth("submission", true)
	if err != nil {
		return body{}, err
	}
	times := make([]time.Time, len(ids)) // one for each, as far as they go
	for i, text := range q.params.Values["time"] {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > lastMoment {
			return body{}, invalid("time")
		}
		if i < len(times) {
			times[i] = time.UnixMilli(n)
		}
	}
	from := s.house.Client(q.r)
	for i, id := range ids {
		if heard {
			err = s.core.Heard(q, q.me(), id, times[i], from)
		} else {
			err = s.core.ReportPlaying(q, q.me(), id, core.Report{Client: q.params.get("c"), Silent: true}, from)
		}
		// Of several, what is gone can't be told any more, and the others must not
		// be told again because of it.
		if err != nil && (len(ids) == 1 || fault.Of(err).Kind != fault.NotFound) {
			return body{}, err
		}
	}
	return body{}, nil
}

// reportPlayback tells how far a song has come in a player.
func (s *Server) reportPlayback(q *call) (body, error) {
	switch kind, err := q.params.want("mediaType"); {
	case err != nil:
		return body{}, err
	case kind == "podcast":
		return body{}, errAbsent
	case kind != "song":
		return body{}, invalid("mediaType")
	}
	_, id, err := q.params.idOf("mediaId", aTrack)
	if err != nil {
		return body{}, err
	}
	if _, err := q.params.want("positionMs"); err != nil {
		return body{}, err
	}
	at, err := q.params.number("positionMs", 0, math.MaxInt32)
	if err != nil {
		return body{}, err
	}
	r := core.Report{Client: q.params.get("c"), Position: time.Duration(at) * time.Millisecond}
	if r.State, err = q.params.want("state"); err != nil {
		return body{}, err
	}
	switch r.State {
	case "starting", "playing", "paused", "stopped":
	default:
		return body{}, invalid("state")
	}
	if text := q.params.get("playbackRate"); text != "" {
		if r.Rate, err = strconv.ParseFloat(text, 64); err != nil || !(r.Rate > 0 && r.Rate <= 100) {
			return body{}, invalid("playbackRate")
		}
	}
	if r.Silent, err = q.params.truth("ignoreScrobble", false); err != nil {
		return body{}, err
	}
	return body{}, s.core.ReportPlaying(q, q.me(), id, r, s.house.Client(q.r))
}

type nowPlaying struct {
	Entry list[nowPlayingEntry] `xml:"entry" json:"entry"`
}

type nowPlayingEntry struct {
	child
	Username   string  `xml:"username,attr" json:"username"`
	MinutesAgo int     `xml:"minutesAgo,attr" json:"minutesAgo"`
	PlayerID   int     `xml:"playerId,attr" json:"playerId"`
	PlayerName string  `xml:"playerName,attr,omitempty" json:"playerName,omitempty"`
	State      string  `xml:"state,attr,omitempty" json:"state,omitempty"`
	PositionMS int64   `xml:"positionMs,attr" json:"positionMs"`
	Rate       float64 `xml:"playbackRate,attr" json:"playbackRate"`
}

// getNowPlaying tells what is heard by the programs of whoever asks. What others
// hear is nobody's business.
func (s *Server) getNowPlaying(q *call) (body, error) {
	answer := body{name: "nowPlaying", value: nowPlaying{}}
	now, ok, err := s.core.MyNowPlaying(q, q.me())
	if err != nil || !ok {
		return answer, err
	}
	songs, err := s.songs(q, []db.ID{now.Track.Track.ID})
	if err != nil || len(songs) == 0 {
		return answer, err
	}
	me, err := s.core.Me(q, q.me())
	if err != nil {
		return answer, err
	}
	answer.value = nowPlaying{Entry: list[nowPlayingEntry]{{
		child: songs[0], Username: me.User.Username, MinutesAgo: int(max(0, time.Since(now.Since)) / time.Minute), PlayerName: now.Client,
		State: now.State, PositionMS: now.Position.Milliseconds(), Rate: now.Rate,
	}}}
	return answer, nil
}

// songs gives songs by their ids. Those that are gone or hidden are left out.
func (s *Server) songs(q *call, ids []db.ID) (list[child], error) {
	views, err := s.core.Songs(q, q.me(), ids)
	return songsOf(views), err
}

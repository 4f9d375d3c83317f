package subsonic

import (
	"math"
	"strconv"

	"earshot/app/core"
	"earshot/db"
)

// arranging are the calls that change playlists.
func (s *Server) arranging() map[string]verb {
	return map[string]verb{
		"createPlaylist": {text: s.createPlaylist},
		"updatePlaylist": {text: s.updatePlaylist},
		"deletePlaylist": {text: s.deletePlaylist},
	}
}

// createPlaylist makes a playlist, which is private, or replaces the songs of one
// that is there.
func (s *Server) createPlaylist(q *call) (body, error) {
	songs, err := q.params.ids("songId", aTrack, mostQueued)
	if err != nil {
		return body{}, err
	}
	if q.params.get("playlistId") == "" {
		name, err := q.params.want("name")
		if err != nil {
			return body{}, err
		}
		v, err := s.core.AddPlaylist(q, q.me(), core.NewPlaylist{Title: name, Tracks: songs})
		if err != nil {
			return body{}, err
		}
		return s.playlistBody(q, v.Playlist.ID)
	}
	_, id, err := q.params.idOf("playlistId", aPlaylist, anAlbum)
	if err != nil {
		return body{}, err
	}
	if _, err := s.core.RefillPlaylist(q, q.me(), id, songs); err != nil {
		return body{}, err
	}
	if name := q.params.get("name"); name != "" {
		if _, err := s.core.EditPlaylist(q, q.me(), id, core.PlaylistChange{Title: &name}); err != nil {
			return body{}, err
		}
	}
	return s.playlistBody(q, id)
}

// updatePlaylist changes what a playlist is called, who sees it, and its songs.
func (s *Server) updatePlaylist(q *call) (body, error) {
	_, id, err := q.params.idOf("playlistId", aPlaylist, anAlbum)
	if err != nil {
		return body{}, err
	}
	add, err := q.params.ids("songIdToAdd", aTrack, mostQueued)
	if err != nil {
		return body{}, err
	}
	texts := q.params.Values["songIndexToRemove"]
	if len(texts) > mostQueued {
		return body{}, invalid("songIndexToRemove")
	}
	var drop []int
	for _, text := range texts {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > math.MaxInt32 {
			return body{}, invalid("songIndexToRemove")
		}
		drop = append(drop, n)
	}
	var change core.PlaylistChange
	if name := q.params.get("name"); name != "" {
		change.Title = &name
	}
	if text, given := q.params.first("comment"); given {
		change.Description = &text
	}
	if q.params.get("public") != "" {
		public, err := q.params.truth("public", false)
		if err != nil {
			return body{}, err
		}
		v, err := s.core.Playlist(q, q.me(), id)
		if err != nil {
			return body{}, err
		}
		// What is for followers, or by link, is not public, and stays what it is.
		if to := map[bool]db.Visibility{true: db.Public, false: db.Private}[public]; public || v.Playlist.Visibility == db.Public {
			change.Visibility = &to
		}
	}
	// The songs first: what fails on them must not have shown the playlist to all.
	if len(add)+len(drop) > 0 {
		if _, err := s.core.ChangeTracks(q, q.me(), id, drop, add); err != nil {
			return body{}, err
		}
	}
	if change != (core.PlaylistChange{}) {
		_, err = s.core.EditPlaylist(q, q.me(), id, change)
	}
	return body{}, err
}

// playlistBody answers with a playlist, as getPlaylist does.
func (s *Server) playlistBody(q *call, id db.ID) (body, error) {
	q.params.Set("id", aPlaylist.id(id))
	return s.getPlaylist(q)
}

func (s *Server) deletePlaylist(q *call) (body, error) {
	_, id, err := q.params.idOf("id", aPlaylist, anAlbum)
	if err != nil {
		return body{}, err
	}
	return body{}, s.core.DeletePlaylist(q, q.me(), id)
}

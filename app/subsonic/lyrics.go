package subsonic

// getLyrics gives the lyrics of a song by artist and title. None are kept yet.
func (s *Server) getLyrics(q *call) (body, error) {
	return body{name: "lyrics", value: lyrics{}}, nil
}

// getLyricsBySongID gives the lyrics of a song, which somebody must see.
func (s *Server) getLyricsBySongID(q *call) (body, error) {
	_, id, err := q.params.idOf("id", aTrack)
	if err != nil {
		return body{}, err
	}
	_, err = s.core.Song(q, q.me(), id)
	return body{name: "lyricsList", value: lyricsList{}}, err
}

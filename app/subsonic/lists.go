package subsonic

import (
	"strings"

	"earshot/app/core"
	"earshot/db"
)

// listing are the calls that list albums, songs and playlists.
func (s *Server) listing() map[string]verb {
	return map[string]verb{
		"getAlbumList":    {text: s.getAlbumList},
		"getAlbumList2":   {text: s.getAlbumList2},
		"getRandomSongs":  {text: s.getRandomSongs},
		"getSongsByGenre": {text: s.getSongsByGenre},
		"getStarred":      {text: s.getStarred},
		"getStarred2":     {text: s.getStarred2},
		"getPlaylists":    {text: s.getPlaylists},
		"getPlaylist":     {text: s.getPlaylist},
	}
}

// listMost is how much a list gives at once, as the protocol has it.
const listMost = 500

// albumOrders are the types of lists of albums.
var albumOrders = map[string]core.AlbumOrder{
	"random": core.AlbumsRandom, "newest": core.AlbumsNewest, "highest": core.AlbumsRated, "frequent": core.AlbumsPlayed,
	"recent": core.AlbumsHeard, "alphabeticalByName": core.AlbumsByName, "alphabeticalByArtist": core.AlbumsByArtist,
	"starred": core.AlbumsLiked, "byYear": core.AlbumsByYear, "byGenre": core.AlbumsByName,
}

// albums finds the albums that a list is asked for.
func (s *Server) albums(q *call) ([]core.AlbumView, error) {
	p := q.params
	name, err := p.want("type")
	if err != nil {
		return nil, err
	}
	order, known := albumOrders[name]
	if !known {
		return nil, invalid("type")
	}
	ask := core.AlbumsFor{Order: order}
	switch name {
	case "byYear":
		for _, year := range []struct {
			name string
			to   *int
		}{{"fromYear", &ask.From}, {"toYear", &ask.To}} {
			if _, err := p.want(year.name); err != nil {
				return nil, err
			}
			if *year.to, err = p.number(year.name, 0, 9999); err != nil {
				return nil, err
			}
		}
	case "byGenre":
		if ask.Tag, err = p.want("genre"); err != nil {
			return nil, err
		}
	}
	n, from, err := p.page("size", "offset", 10, listMost)
	if err != nil {
		return nil, err
	}
	return s.core.Albums(q, q.me(), ask, n, from)
}

func (s *Server) getAlbumList(q *call) (body, error) {
	views, err := s.albums(q)
	return body{name: "albumList", value: albumList{foldersOf(views)}}, err
}

func (s *Server) getAlbumList2(q *call) (body, error) {
	views, err := s.albums(q)
	return body{name: "albumList2", value: albumList2{albumsOf(views)}}, err
}

func (s *Server) getRandomSongs(q *call) (body, error) {
	p := q.params
	n, err := p.number("size", 10, listMost)
	if err != nil {
		return body{}, err
	}
	ask := core.SongsFor{Tag: p.get("genre")}
	if ask.From, err = p.number("fromYear", 0, 9999); err != nil {
		return body{}, err
	}
	if ask.To, err = p.number("toYear", 0, 9999); err != nil {
		return body{}, err
	}
	views, err := s.core.RandomSongs(q, q.me(), ask, n)
	return body{name: "randomSongs", value: songs{songsOf(views)}}, err
}

func (s *Server) getSongsByGenre(q *call) (body, error) {
	tag, err := q.params.want("genre")
	if err != nil {
		return body{}, err
	}
	n, from, err := q.params.page("count", "offset", 10, listMost)
	if err != nil {
		return body{}, err
	}
	views, err := s.core.SongsOfTag(q, q.me(), tag, n, from)
	return body{name: "songsByGenre", value: songs{songsOf(views)}}, err
}

func (s *Server) getStarred(q *call) (body, error) {
	if err := s.takeTurn(q); err != nil {
		return body{}, err
	}
	v, err := s.core.Starred(q, q.me())
	return body{name: "starred", value: starred{artistsOf(v.Artists), foldersOf(v.Albums), songsOf(v.Songs)}}, err
}

func (s *Server) getStarred2(q *call) (body, error) {
	if err := s.takeTurn(q); err != nil {
		return body{}, err
	}
	v, err := s.core.Starred(q, q.me())
	return body{name: "starred2", value: starred2{artistsOf(v.Artists), albumsOf(v.Albums), songsOf(v.Songs)}}, err
}

// listOf shows a playlist without its songs.
func listOf(v core.PlaylistView) playlist {
	p := v.Playlist
	version := p.Picture
	if version == 0 {
		version = v.Cover.Picture
	}
	return playlist{
		ID: aPlaylist.id(p.ID), Name: p.Title, Comment: p.Description, Owner: v.Owner.Username, Public: p.Visibility == db.Public,
		ReadOnly: !v.MayEdit, SongCount: int(v.Tracks), Duration: seconds(v.Duration), Created: moment(p.Created), Changed: moment(p.Updated),
		CoverArt: cover(aPlaylist, p.ID, version),
	}
}

// getPlaylists lists the own playlists, and those of others that the asker
// likes. Nobody is told of the lists of a third.
func (s *Server) getPlaylists(q *call) (body, error) {
	if name := q.params.get("username"); name != "" {
		me, err := s.core.Me(q, q.me())
		if err != nil {
			return body{}, err
		}
		if !strings.EqualFold(name, me.User.Username) {
			return body{}, &refusal{code: codeForbid, text: "You may ask for your own playlists."}
		}
	}
	views, err := s.core.MyLists(q, q.me())
	var l playlists
	for _, v := range views {
		l.Playlist = append(l.Playlist, listOf(v))
	}
	return body{name: "playlists", value: l}, err
}

func (s *Server) getPlaylist(q *call) (body, error) {
	_, id, err := q.params.idOf("id", aPlaylist, anAlbum)
	if err != nil {
		return body{}, err
	}
	v, err := s.playlistBy(q, id)
	return body{name: "playlist", value: v}, err
}

// playlistBy shows a playlist with its songs.
func (s *Server) playlistBy(q *call, id db.ID) (playlistWithSongs, error) {
	v, views, err := s.core.List(q, q.me(), id)
	return playlistWithSongs{listOf(v), songsOf(views)}, err
}

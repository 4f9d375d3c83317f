package subsonic

import (
	"strings"

	"earshot/app/core"
)

// searching are the calls that find something by its words.
func (s *Server) searching() map[string]verb {
	return map[string]verb{
		"search":  {text: s.search},
		"search2": {text: s.search2},
		"search3": {text: s.search3},
	}
}

// A program that keeps a copy of everything asks for all songs in pages, and
// takes one that is shorter than asked for the last. So pages may be large; those
// above a bound wait for their turn.
const (
	pageMost   = 5000
	pageUsual  = 20
	heavyAbove = 500
)

// found is what a search found.
type found struct {
	artists []core.ArtistView
	albums  []core.AlbumView
	songs   []core.Song
}

// find does a search. Without words everything is found.
func (s *Server) find(q *call) (f found, err error) {
	p := q.params
	words, ok := p.first("query")
	if !ok {
		return f, missing("query")
	}
	words = strings.TrimSpace(words)
	all := words == "" || words == `""`
	var n, from [3]int
	for i, what := range []string{"artist", "album", "song"} {
		if n[i], from[i], err = p.page(what+"Count", what+"Offset", pageUsual, pageMost); err != nil {
			return f, err
		}
	}
	if n[0]+n[1]+n[2] > heavyAbove {
		if err := s.takeTurn(q); err != nil {
			return f, err
		}
	}
	if all {
		if n[0] > 0 {
			f.artists, err = s.core.Artists(q, q.me(), n[0], from[0])
		}
		if err == nil && n[1] > 0 {
			f.albums, err = s.core.Albums(q, q.me(), core.AlbumsFor{Order: core.AlbumsByName}, n[1], from[1])
		}
		if err == nil {
			f.songs, err = s.core.AllSongs(q, q.me(), n[2], from[2])
		}
		return f, err
	}
	if n[0] > 0 {
		f.artists, err = s.core.FoundArtists(q, q.me(), words, n[0], from[0])
	}
	if err == nil && n[1] > 0 {
		f.albums, err = s.core.FoundAlbums(q, q.me(), words, n[1], from[1])
	}
	if err == nil && n[2] > 0 {
		f.songs, err = s.core.FoundSongs(q, q.me(), words, n[2], from[2])
	}
	return f, err
}

func (s *Server) search2(q *call) (body, error) {
	f, err := s.find(q)
	return body{name: "searchResult2", value: starred{artistsOf(f.artists), foldersOf(f.albums), songsOf(f.songs)}}, err
}

func (s *Server) search3(q *call) (body, error) {
	f, err := s.find(q)
	return body{name: "searchResult3", value: starred2{artistsOf(f.artists), albumsOf(f.albums), songsOf(f.songs)}}, err
}

// oldResult is what the oldest way to search gives.
type oldResult struct {
	Offset    int         `xml:"offset,attr" json:"offset"`
	TotalHits int         `xml:"totalHits,attr" json:"totalHits"`
	Match     list[child] `xml:"match" json:"match"`
}

// search is the oldest way: any words, or those of an artist, an album or a
// title.
func (s *Server) search(q *call) (body, error) {
	p := q.params
	words := strings.TrimSpace(strings.Join([]string{p.get("any"), p.get("artist"), p.get("album"), p.get("title")}, " "))
	if words == "" {
		return body{}, missing("any")
	}
	n, from, err := p.page("count", "offset", pageUsual, listMost)
	if err != nil {
		return body{}, err
	}
	views, err := s.core.FoundSongs(q, q.me(), words, n, from)
	return body{name: "searchResult", value: oldResult{from, from + len(views), songsOf(views)}}, err
}

package subsonic

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"earshot/app/core"
	"earshot/db"
)

// browsing are the calls by which somebody goes from artists to songs, and those
// that tell of accounts.
func (s *Server) browsing() map[string]verb {
	return map[string]verb{
		"getUser":           {text: s.getUser, keeps: true},
		"getUsers":          {text: s.getUsers, keeps: true},
		"getMusicFolders":   {text: s.getMusicFolders},
		"getIndexes":        {text: s.getIndexes},
		"getMusicDirectory": {text: s.getMusicDirectory},
		"getGenres":         {text: s.getGenres},
		"getArtists":        {text: s.getArtists},
		"getArtist":         {text: s.getArtist},
		"getAlbum":          {text: s.getAlbum},
		"getSong":           {text: s.getSong},
		"getArtistInfo":     {text: s.artistInfo("artistInfo")},
		"getArtistInfo2":    {text: s.artistInfo("artistInfo2")},
		"getAlbumInfo":      {text: s.getAlbumInfo},
		"getAlbumInfo2":     {text: s.getAlbumInfo},
		"getSimilarSongs":   {text: s.similarSongs("similarSongs")},
		"getSimilarSongs2":  {text: s.similarSongs("similarSongs2")},
		"getTopSongs":       {text: s.getTopSongs},
		"getScanStatus":     {text: s.getScanStatus},
		"startScan":         {text: s.startScan, keeps: true},
	}
}

// referenceLoudness is what replay gains lead to, in LUFS (ReplayGain 2.0).
const referenceLoudness = -18

// songOf shows a song.
func songOf(v core.Song) child {
	t, owner := v.Track, v.Owner
	albumID := albumID(v.Album, owner)
	by := artistRef{ID: anArtist.id(owner.ID), Name: owner.Name}
	c := child{
		ID: aTrack.id(t.ID), Parent: albumID, Title: t.Title, Album: v.AlbumTitle(), Artist: owner.Name, Track: v.Number, Year: t.Year,
		CoverArt: cover(aTrack, t.ID, t.Picture), Size: t.Audio.Size, ContentType: core.TypeOf(t), Suffix: core.ExtOf(t),
		Duration: seconds(time.Duration(t.Audio.Duration) * time.Microsecond), BitRate: (t.Audio.Bitrate + 500) / 1000, BitDepth: t.Audio.Bits,
		SamplingRate: t.Audio.SampleRate, ChannelCount: t.Audio.Channels,
		UserRating: v.Stars, PlayCount: v.Counts.Plays, Played: stamp(v.Heard), Created: stamp(t.Created), Starred: stamp(v.Liked),
		AlbumID: albumID, ArtistID: by.ID, Type: "music", MediaType: "song",
		BPM: int(math.Round(t.Measured.Tempo)), Comment: t.Description, SortName: strings.ToLower(t.Title),
		DisplayArtist: cmp.Or(t.Artist, owner.Name), DisplayAlbumArtist: owner.Name,
		Artists: list[artistRef]{by}, AlbumArtists: list[artistRef]{by},
		Genres: genresOf(t.Tags), ReplayGain: gainOf(t.Measured),
	}
	if len(t.Tags) > 0 {
		c.Genre = t.Tags[0]
	}
	c.Path = clean(owner.Name) + "/" + clean(v.AlbumTitle()) + "/" + clean(t.Title) + "." + c.Suffix
	if v.Number > 0 {
		c.Path = clean(owner.Name) + "/" + clean(v.AlbumTitle()) + "/" + fmt.Sprintf("%02d ", v.Number) + clean(t.Title) + "." + c.Suffix
	}
	return c
}

func songsOf(views []core.Song) list[child] {
	l := make(list[child], 0, len(views))
	for _, v := range views {
		l = append(l, songOf(v))
	}
	return l
}

// clean makes a text a part of a path. No file has that name: programs show it,
// and sort by it.
func clean(s string) string {
	s = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, s), ". ")
	return cmp.Or(s, "_")
}

func genresOf(tags []string) list[itemGenre] {
	var l list[itemGenre]
	for _, tag := range tags {
		l = append(l, itemGenre{tag})
	}
	return l
}

// gainOf tells how much louder a track has to be made, from what was measured.
func gainOf(m db.Measured) (g replayGain) {
	if m.Level == 0 || m.Loudness <= -70 {
		return g
	}
	gain := math.Round((referenceLoudness-m.Loudness)*100) / 100
	g.TrackGain = &gain
	if m.Level == db.MeasuredExactly {
		peak := math.Round(math.Pow(10, m.TruePeak/20)*1e6) / 1e6
		g.TrackPeak = &peak
	}
	return g
}

// albumID is the id of an album, or of the one that is made up of what is loose.
func albumID(p db.Playlist, owner db.User) string {
	if p.ID == 0 {
		return loose.id(owner.ID)
	}
	return anAlbum.id(p.ID)
}

// cover is the id of a picture. With its version in it, programs see when there
// is another.
func cover(k kind, id db.ID, version uint64) string {
	if version == 0 {
		return k.id(id)
	}
	return k.id(id) + "_" + strconv.FormatUint(version, 36)
}

// albumOf shows an album without its songs.
func albumOf(v core.AlbumView) album {
	by := artistRef{ID: anArtist.id(v.Owner.ID), Name: v.Owner.Name}
	a := album{
		ID: albumID(v.Album, v.Owner), Name: v.Title(), Artist: by.Name, ArtistID: by.ID,
		SongCount: v.Count, Duration: seconds(v.Duration), PlayCount: v.Plays, Created: moment(v.Created), Starred: stamp(v.Liked),
		Year: v.Year, Played: stamp(v.Heard), UserRating: v.Stars, DisplayArtist: by.Name, SortName: strings.ToLower(v.Title()),
		IsCompilation: slices.ContainsFunc(v.Songs, func(s core.Song) bool { return s.Owner.ID != v.Owner.ID }),
		Genres:        genresOf(v.Tags), Artists: list[artistRef]{by},
	}
	switch {
	case v.Album.ID == 0:
		a.CoverArt = cover(loose, v.Owner.ID, uint64(v.Cover.ID)+v.Cover.Picture)
	default:
		a.CoverArt = cover(anAlbum, v.Album.ID, cmp.Or(v.Album.Picture, v.Cover.Picture))
	}
	if len(v.Tags) > 0 {
		a.Genre = v.Tags[0]
	}
	return a
}

// albumWith shows an album with its songs. All of them are in this one, whatever
// other albums they are in.
func albumWith(v core.AlbumView) albumWithSongs {
	return albumWithSongs{album: albumOf(v), Song: songsOf(v.Songs)}
}

// getSong gives one song.
func (s *Server) getSong(q *call) (body, error) {
	_, id, err := q.params.idOf("id", aTrack)
	if err != nil {
		return body{}, err
	}
	v, err := s.core.Song(q, q.me(), id)
	return body{name: "song", value: songOf(v)}, err
}

// getAlbum gives an album with its songs.
func (s *Server) getAlbum(q *call) (body, error) {
	k, id, err := q.params.idOf("id", anAlbum, loose)
	if err != nil {
		return body{}, err
	}
	v, err := s.albumBy(q, k, id)
	return body{name: "album", value: albumWith(v)}, err
}

// albumBy finds an album with its songs by its id.
func (s *Server) albumBy(q *call, k kind, id db.ID) (core.AlbumView, error) {
	if k == loose {
		return s.core.LooseAlbum(q, q.me(), id)
	}
	return s.core.Album(q, q.me(), id)
}

// artistOf shows an artist without the albums.
func artistOf(v core.ArtistView) artist {
	return artist{
		ID: anArtist.id(v.User.ID), Name: v.User.Name, CoverArt: cover(anArtist, v.User.ID, v.User.Picture),
		AlbumCount: v.Count, Starred: stamp(v.Followed), SortName: strings.ToLower(v.User.Name), Roles: list[string]{"artist", "albumartist"},
	}
}

func artistsOf(views []core.ArtistView) list[artist] {
	l := make(list[artist], 0, len(views))
	for _, v := range views {
		l = append(l, artistOf(v))
	}
	return l
}

func albumsOf(views []core.AlbumView) list[album] {
	l := make(list[album], 0, len(views))
	for _, v := range views {
		l = append(l, albumOf(v))
	}
	return l
}

// folderOf shows an album as a folder.
func folderOf(v core.AlbumView) child {
	a := albumOf(v)
	return child{
		ID: a.ID, Parent: a.ArtistID, IsDir: true, Title: a.Name, Name: a.Name, Album: a.Name, Artist: a.Artist, Year: a.Year, Genre: a.Genre,
		CoverArt: a.CoverArt, Duration: a.Duration, UserRating: a.UserRating, PlayCount: a.PlayCount, Played: a.Played,
		Created: &a.Created, Starred: a.Starred, AlbumID: a.ID, ArtistID: a.ArtistID, MediaType: "album", SortName: a.SortName,
		DisplayArtist: a.Artist, DisplayAlbumArtist: a.Artist, Artists: a.Artists, AlbumArtists: a.Artists, Genres: a.Genres,
	}
}

func foldersOf(views []core.AlbumView) list[child] {
	l := make(list[child], 0, len(views))
	for _, v := range views {
		l = append(l, folderOf(v))
	}
	return l
}

func userOf(u db.User) user {
	return user{
		Username: u.Username, ScrobblingEnabled: true, AdminRole: u.Role == db.Keeper,
		DownloadRole: true, PlaylistRole: true, StreamRole: true, ShareRole: true, Folder: list[int]{rootFolder},
	}
}

// getUser tells of the own account, and a keeper of any.
func (s *Server) getUser(q *call) (body, error) {
	name, err := q.params.want("username")
	if err != nil {
		return body{}, err
	}
	u, err := s.core.AccountNamed(q, q.me(), strings.ToLower(name))
	return body{name: "user", value: userOf(u)}, err
}

// getUsers tells a keeper of all accounts.
func (s *Server) getUsers(q *call) (body, error) {
	all, err := s.core.Everybody(q, q.me())
	var l users
	for _, u := range all {
		l.User = append(l.User, userOf(u))
	}
	return body{name: "users", value: l}, err
}

// rootFolder is the id of the one folder that there is: the house.
const rootFolder = 1

func (s *Server) getMusicFolders(q *call) (body, error) {
	house, err := s.core.House(q)
	return body{name: "musicFolders", value: musicFolders{list[musicFolder]{{rootFolder, house.Name}}}}, err
}

// artistsMost is how many artists an index has.
const artistsMost = 50_000

// initial is the letter that a name is found under: of Korean the first
// consonant, "#" for what begins with no letter.
func initial(name string) string {
	switch r, _ := utf8.DecodeRuneInString(db.Alike(name)); {
	case r >= 0xac00 && r <= 0xd7a3: // syllables, 588 of each first consonant
		return string([]rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")[(r-0xac00)/588])
	case unicode.IsLetter(r):
		return string(unicode.ToUpper(r))
	}
	return "#"
}

// indexed puts artists under their letters.
func indexed(views []core.ArtistView) list[index] {
	var l list[index]
	at := map[string]int{}
	for _, v := range views {
		letter := initial(v.User.Name)
		i, known := at[letter]
		if !known {
			i = len(l)
			at[letter] = i
			l = append(l, index{Name: letter})
		}
		l[i].Artist = append(l[i].Artist, artistOf(v))
	}
	return l
}

func (s *Server) getArtists(q *call) (body, error) {
	views, err := s.core.Artists(q, q.me(), artistsMost, 0)
	return body{name: "artists", value: artists{Index: indexed(views)}}, err
}

// getIndexes is getArtists as folders. Nothing is listed when nothing changed
// since a moment, in milliseconds.
func (s *Server) getIndexes(q *call) (body, error) {
	since, err := q.params.moment("ifModifiedSince")
	if err != nil {
		return body{}, err
	}
	changed, err := s.core.ListsSince(q, q.me())
	if err != nil {
		return body{}, err
	}
	v := indexes{LastModified: changed.UnixMilli()}
	if !since.IsZero() && !changed.Truncate(time.Millisecond).After(since) {
		return body{name: "indexes", value: v}, nil
	}
	views, err := s.core.Artists(q, q.me(), artistsMost, 0)
	v.Index = indexed(views)
	return body{name: "indexes", value: v}, err
}

func (s *Server) getArtist(q *call) (body, error) {
	_, id, err := q.params.idOf("id", anArtist)
	if err != nil {
		return body{}, err
	}
	v, err := s.core.Discography(q, q.me(), id)
	return body{name: "artist", value: artistWithAlbums{artistOf(v), albumsOf(v.Albums)}}, err
}

// getMusicDirectory goes from the house to artists, albums and songs.
func (s *Server) getMusicDirectory(q *call) (body, error) {
	text, err := q.params.want("id")
	if err != nil {
		return body{}, err
	}
	if text == strconv.Itoa(rootFolder) {
		return s.rootDirectory(q)
	}
	k, id, err := q.params.idOf("id", anArtist, anAlbum, loose)
	if err != nil {
		return body{}, err
	}
	if k == anArtist {
		v, err := s.core.Discography(q, q.me(), id)
		d := directory{ID: text, Parent: strconv.Itoa(rootFolder), Name: v.User.Name, Starred: stamp(v.Followed), Child: foldersOf(v.Albums)}
		return body{name: "directory", value: d}, err
	}
	v, err := s.albumBy(q, k, id)
	d := directory{
		ID: text, Parent: anArtist.id(v.Owner.ID), Name: v.Title(), Starred: stamp(v.Liked), UserRating: v.Stars, PlayCount: v.Plays,
		Child: songsOf(v.Songs),
	}
	for i := range d.Child {
		d.Child[i].Parent = text
	}
	return body{name: "directory", value: d}, err
}

func (s *Server) rootDirectory(q *call) (body, error) {
	house, err := s.core.House(q)
	if err != nil {
		return body{}, err
	}
	views, err := s.core.Artists(q, q.me(), artistsMost, 0)
	d := directory{ID: strconv.Itoa(rootFolder), Name: house.Name}
	for _, v := range views {
		a := artistOf(v)
		d.Child = append(d.Child, child{
			ID: a.ID, Parent: d.ID, IsDir: true, Title: a.Name, Name: a.Name, Artist: a.Name, ArtistID: a.ID, CoverArt: a.CoverArt,
			Starred: a.Starred, MediaType: "artist", SortName: a.SortName, DisplayArtist: a.Name,
		})
	}
	return body{name: "directory", value: d}, err
}

func (s *Server) getGenres(q *call) (body, error) {
	views, err := s.core.Genres(q, q.me())
	var v genres
	for _, one := range views {
		v.Genre = append(v.Genre, genre{SongCount: int(one.Tracks), AlbumCount: one.Albums, Value: one.Tag.Name})
	}
	return body{name: "genres", value: v}, err
}

// artistInfo tells what an artist, or the artist of an album or a song, says of
// themselves.
func (s *Server) artistInfo(name string) func(*call) (body, error) {
	return func(q *call) (body, error) {
		k, id, err := q.params.idOf("id", anArtist, anAlbum, loose, aTrack)
		if err != nil {
			return body{}, err
		}
		if id, err = s.ownerOf(q, k, id); err != nil {
			return body{}, err
		}
		v, err := s.core.Artist(q, q.me(), id)
		if err != nil {
			return body{}, err
		}
		house, err := s.core.House(q)
		if err != nil {
			return body{}, err
		}
		info := artistInfo{Biography: v.User.Bio}
		if v.User.Picture != 0 && house.Visitors { // these addresses are for who is not signed in
			at := func(size string) string {
				return s.house.AddressOf(q, "/api/users/"+id.String()+"/picture/"+size)
			}
			info.Small, info.Medium, info.Large = at("100"), at("300"), at("600")
		}
		return body{name: name, value: info}, nil
	}
}

// ownerOf finds the artist of something.
func (s *Server) ownerOf(q *call, k kind, id db.ID) (db.ID, error) {
	switch k {
	case aTrack:
		v, err := s.core.Song(q, q.me(), id)
		return v.Owner.ID, err
	case anAlbum:
		v, err := s.core.Album(q, q.me(), id)
		return v.Owner.ID, err
	}
	return id, nil
}

func (s *Server) getAlbumInfo(q *call) (body, error) {
	k, id, err := q.params.idOf("id", anAlbum, loose, aTrack)
	if err != nil {
		return body{}, err
	}
	info := albumInfo{}
	if k == aTrack {
		v, err := s.core.Song(q, q.me(), id)
		info.Notes = v.Album.Description
		return body{name: "albumInfo", value: info}, err
	}
	v, err := s.albumBy(q, k, id)
	info.Notes = v.Album.Description
	return body{name: "albumInfo", value: info}, err
}

// The most songs that are found to go on with, and of how many songs.
const (
	similarMost = 500
	similarTo   = 5
)

// similarSongs finds songs that are like a song, or like some of an album or of
// an artist.
func (s *Server) similarSongs(name string) func(*call) (body, error) {
	return func(q *call) (body, error) {
		k, id, err := q.params.idOf("id", aTrack, anAlbum, loose, anArtist)
		if err != nil {
			return body{}, err
		}
		n, err := q.params.number("count", 50, similarMost)
		if err != nil {
			return body{}, err
		}
		var to []db.ID
		switch k {
		case aTrack:
			to = []db.ID{id}
		case anArtist:
			best, err := s.core.TopSongs(q, q.me(), id, "", similarTo)
			if err != nil {
				return body{}, err
			}
			for _, v := range best {
				to = append(to, v.Track.ID)
			}
		default:
			v, err := s.albumBy(q, k, id)
			if err != nil {
				return body{}, err
			}
			for _, one := range v.Songs[:min(len(v.Songs), similarTo)] {
				to = append(to, one.Track.ID)
			}
		}
		var found []core.Song
		had := map[db.ID]bool{}
		for _, id := range to {
			views, err := s.core.SimilarSongs(q, q.me(), id, n)
			if err != nil {
				return body{}, err
			}
			for _, v := range views {
				if !had[v.Track.ID] && len(found) < n {
					had[v.Track.ID] = true
					found = append(found, v)
				}
			}
		}
		return body{name: name, value: songs{songsOf(found)}}, nil
	}
}

// getTopSongs finds what was played most of an artist, by the id or else by the
// name.
func (s *Server) getTopSongs(q *call) (body, error) {
	n, err := q.params.number("count", 50, listMost)
	if err != nil {
		return body{}, err
	}
	name := q.params.get("artist")
	var id db.ID
	if q.params.get("id") != "" {
		if _, id, err = q.params.idOf("id", anArtist); err != nil {
			return body{}, err
		}
		name = ""
	} else if name == "" {
		return body{}, missing("artist")
	}
	views, err := s.core.TopSongs(q, q.me(), id, name, n)
	return body{name: "topSongs", value: songs{songsOf(views)}}, err
}

func (s *Server) getScanStatus(q *call) (body, error) {
	v, err := s.core.Scans(q, q.me())
	return body{name: "scanStatus", value: scanStatus{v.Running, v.Count}}, err
}

// startScan has a keeper's libraries read.
func (s *Server) startScan(q *call) (body, error) {
	if err := s.core.ScanLibraries(q, q.me()); err != nil {
		return body{}, err
	}
	q.Context = core.ByKey(q.Context, q.asker) // what follows is for any program
	return s.getScanStatus(q)
}

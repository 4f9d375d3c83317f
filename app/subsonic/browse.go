package subsonic

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/app/core"
	"earshot/db"
)

// browsing are the calls by which somebody goes from artists to songs.
func (s *Server) browsing() map[string]verb {
	return map[string]verb{
		"getSong":  {text: s.getSong},
		"getAlbum": {text: s.getAlbum},
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

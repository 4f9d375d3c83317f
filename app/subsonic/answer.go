package subsonic

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"time"
)

// The envelope says the same of every house. Which version of the program runs
// is not for strangers: serverVersion is that of Earshot's API.
const (
	protocol      = "1.16.1"
	serverType    = "earshot"
	serverVersion = "1"
)

// body is what an answer holds: one value under its name, nothing, or a failure.
type body struct {
	name   string
	value  any // its shape is both the XML's and the JSON's
	failed *failure
}

// envelope is an answer around its body.
type envelope struct {
	XMLName       xml.Name `xml:"http://subsonic.org/restapi subsonic-response" json:"-"`
	Status        string   `xml:"status,attr" json:"status"`
	Version       string   `xml:"version,attr" json:"version"`
	Type          string   `xml:"type,attr" json:"type"`
	ServerVersion string   `xml:"serverVersion,attr" json:"serverVersion"`
	OpenSubsonic  bool     `xml:"openSubsonic,attr" json:"openSubsonic"`
	Body          inside   `xml:",omitempty" json:"-"`
}

// inside puts a body under its own name.
type inside body

func (b inside) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	if b.value == nil {
		return nil
	}
	return e.EncodeElement(b.value, xml.StartElement{Name: xml.Name{Local: b.name}})
}

// failure is why a call failed.
type failure struct {
	Code    int    `xml:"code,attr" json:"code"`
	Message string `xml:"message,attr" json:"message"`
	HelpURL string `xml:"helpUrl,attr,omitempty" json:"helpUrl,omitempty"`
}

// list is a list that JSON shows also when it is empty.
type list[T any] []T

func (l list[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(l))
}

// encode writes an answer in one of the formats.
func encode(b body, format, callback string) (text []byte, contentType string, err error) {
	e := envelope{Status: "ok", Version: protocol, Type: serverType, ServerVersion: serverVersion, OpenSubsonic: true}
	if b.failed != nil {
		e.Status, b.name, b.value = "failed", "error", b.failed
	}
	var w bytes.Buffer
	if format == "xml" {
		e.Body = inside(b)
		w.WriteString(xml.Header)
		err = xml.NewEncoder(&w).Encode(e)
		return w.Bytes(), "text/xml; charset=utf-8", err
	}
	contentType = "application/json"
	if format == "jsonp" {
		contentType = "application/javascript; charset=utf-8"
		w.WriteString("/**/" + callback + "(")
	}
	head, err := json.Marshal(e)
	if err != nil {
		return nil, "", err
	}
	w.WriteString(`{"subsonic-response":`)
	w.Write(head[:len(head)-1])
	if b.value != nil {
		w.WriteString(`,"` + b.name + `":`)
		if err := json.NewEncoder(&w).Encode(b.value); err != nil {
			return nil, "", err
		}
	}
	w.WriteString("}}")
	if format == "jsonp" {
		w.WriteString(");")
	}
	return w.Bytes(), contentType, nil
}

// write sends an answer.
func (s *Server) write(q *call, status int, b body) {
	text, contentType, err := encode(b, q.params.format, q.params.get("callback"))
	if err != nil {
		s.log.Error("an answer can't be written", "path", q.r.URL.Path, "error", err)
		status = http.StatusInternalServerError
		text, contentType, _ = encode(body{failed: &failure{Message: "Something went wrong on the server."}}, q.params.format, q.params.get("callback"))
	}
	h := q.w.Header()
	h.Set("Content-Type", contentType)
	if len(text) < 1024 { // larger ones go out packed
		h.Set("Content-Length", strconv.Itoa(len(text)))
	}
	q.w.WriteHeader(status)
	_, _ = q.w.Write(text)
}

// stamp gives a time that may be absent.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

// moment gives a time as all answers have it.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// seconds rounds a length, so that what is played is never longer than told.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// The shapes of answers; the spec's names stand in their tags.

type license struct {
	Valid bool `xml:"valid,attr" json:"valid"`
}

type extension struct {
	Name     string    `xml:"name,attr" json:"name"`
	Versions list[int] `xml:"versions" json:"versions"`
}

type tokenInfo struct {
	Username string `xml:"username,attr" json:"username"`
}

// user is an account, as getUser tells of it.
type user struct {
	Username          string    `xml:"username,attr" json:"username"`
	ScrobblingEnabled bool      `xml:"scrobblingEnabled,attr" json:"scrobblingEnabled"`
	AdminRole         bool      `xml:"adminRole,attr" json:"adminRole"`
	SettingsRole      bool      `xml:"settingsRole,attr" json:"settingsRole"`
	DownloadRole      bool      `xml:"downloadRole,attr" json:"downloadRole"`
	UploadRole        bool      `xml:"uploadRole,attr" json:"uploadRole"`
	PlaylistRole      bool      `xml:"playlistRole,attr" json:"playlistRole"`
	CoverArtRole      bool      `xml:"coverArtRole,attr" json:"coverArtRole"`
	CommentRole       bool      `xml:"commentRole,attr" json:"commentRole"`
	PodcastRole       bool      `xml:"podcastRole,attr" json:"podcastRole"`
	StreamRole        bool      `xml:"streamRole,attr" json:"streamRole"`
	JukeboxRole       bool      `xml:"jukeboxRole,attr" json:"jukeboxRole"`
	ShareRole         bool      `xml:"shareRole,attr" json:"shareRole"`
	VideoConversion   bool      `xml:"videoConversionRole,attr" json:"videoConversionRole"`
	Folder            list[int] `xml:"folder" json:"folder"`
}

type users struct {
	User list[user] `xml:"user" json:"user"`
}

type musicFolder struct {
	ID   int    `xml:"id,attr" json:"id"`
	Name string `xml:"name,attr" json:"name"`
}

type musicFolders struct {
	MusicFolder list[musicFolder] `xml:"musicFolder" json:"musicFolder"`
}

type itemGenre struct {
	Name string `xml:"name,attr" json:"name"`
}

// artistRef is what a song tells of an artist.
type artistRef struct {
	ID   string `xml:"id,attr" json:"id"`
	Name string `xml:"name,attr" json:"name"`
}

type replayGain struct {
	TrackGain *float64 `xml:"trackGain,attr,omitempty" json:"trackGain,omitempty"` // dB
	TrackPeak *float64 `xml:"trackPeak,attr,omitempty" json:"trackPeak,omitempty"` // 1 is full scale
}

// child is a song, or in lists of folders an album.
type child struct {
	ID                 string          `xml:"id,attr" json:"id"`
	Parent             string          `xml:"parent,attr,omitempty" json:"parent,omitempty"`
	IsDir              bool            `xml:"isDir,attr" json:"isDir"`
	Title              string          `xml:"title,attr" json:"title"`
	Name               string          `xml:"name,attr,omitempty" json:"name,omitempty"` // of an album
	Album              string          `xml:"album,attr,omitempty" json:"album,omitempty"`
	Artist             string          `xml:"artist,attr,omitempty" json:"artist,omitempty"`
	Track              int             `xml:"track,attr,omitempty" json:"track,omitempty"`
	Year               int             `xml:"year,attr,omitempty" json:"year,omitempty"`
	Genre              string          `xml:"genre,attr,omitempty" json:"genre,omitempty"`
	CoverArt           string          `xml:"coverArt,attr,omitempty" json:"coverArt,omitempty"`
	Size               int64           `xml:"size,attr,omitempty" json:"size,omitempty"`
	ContentType        string          `xml:"contentType,attr,omitempty" json:"contentType,omitempty"`
	Suffix             string          `xml:"suffix,attr,omitempty" json:"suffix,omitempty"`
	Duration           int             `xml:"duration,attr,omitempty" json:"duration,omitempty"`
	BitRate            int             `xml:"bitRate,attr,omitempty" json:"bitRate,omitempty"` // kbit/s
	BitDepth           int             `xml:"bitDepth,attr,omitempty" json:"bitDepth,omitempty"`
	SamplingRate       int             `xml:"samplingRate,attr,omitempty" json:"samplingRate,omitempty"`
	ChannelCount       int             `xml:"channelCount,attr,omitempty" json:"channelCount,omitempty"`
	Path               string          `xml:"path,attr,omitempty" json:"path,omitempty"`
	IsVideo            bool            `xml:"isVideo,attr" json:"isVideo"`
	UserRating         int             `xml:"userRating,attr,omitempty" json:"userRating,omitempty"`
	PlayCount          uint64          `xml:"playCount,attr" json:"playCount"`
	Played             *time.Time      `xml:"played,attr,omitempty" json:"played,omitempty"`
	Created            *time.Time      `xml:"created,attr,omitempty" json:"created,omitempty"`
	Starred            *time.Time      `xml:"starred,attr,omitempty" json:"starred,omitempty"`
	AlbumID            string          `xml:"albumId,attr,omitempty" json:"albumId,omitempty"`
	ArtistID           string          `xml:"artistId,attr,omitempty" json:"artistId,omitempty"`
	Type               string          `xml:"type,attr,omitempty" json:"type,omitempty"`
	MediaType          string          `xml:"mediaType,attr" json:"mediaType"`
	BPM                int             `xml:"bpm,attr" json:"bpm"`
	Comment            string          `xml:"comment,attr" json:"comment"`
	SortName           string          `xml:"sortName,attr" json:"sortName"`
	MusicBrainzID      string          `xml:"musicBrainzId,attr" json:"musicBrainzId"`
	DisplayArtist      string          `xml:"displayArtist,attr" json:"displayArtist"`
	DisplayAlbumArtist string          `xml:"displayAlbumArtist,attr" json:"displayAlbumArtist"`
	ExplicitStatus     string          `xml:"explicitStatus,attr" json:"explicitStatus"`
	ISRC               list[string]    `xml:"isrc" json:"isrc"`
	Genres             list[itemGenre] `xml:"genres" json:"genres"`
	Artists            list[artistRef] `xml:"artists" json:"artists"`
	AlbumArtists       list[artistRef] `xml:"albumArtists" json:"albumArtists"`
	Contributors       list[struct{}]  `xml:"contributors" json:"contributors"`
	Moods              list[string]    `xml:"moods" json:"moods"`
	ReplayGain         replayGain      `xml:"replayGain" json:"replayGain"`
}

// album is an album without its songs.
type album struct {
	ID            string          `xml:"id,attr" json:"id"`
	Name          string          `xml:"name,attr" json:"name"`
	Artist        string          `xml:"artist,attr,omitempty" json:"artist,omitempty"`
	ArtistID      string          `xml:"artistId,attr,omitempty" json:"artistId,omitempty"`
	CoverArt      string          `xml:"coverArt,attr,omitempty" json:"coverArt,omitempty"`
	SongCount     int             `xml:"songCount,attr" json:"songCount"`
	Duration      int             `xml:"duration,attr" json:"duration"`
	PlayCount     uint64          `xml:"playCount,attr" json:"playCount"`
	Created       time.Time       `xml:"created,attr" json:"created"`
	Starred       *time.Time      `xml:"starred,attr,omitempty" json:"starred,omitempty"`
	Year          int             `xml:"year,attr,omitempty" json:"year,omitempty"`
	Genre         string          `xml:"genre,attr,omitempty" json:"genre,omitempty"`
	Played        *time.Time      `xml:"played,attr,omitempty" json:"played,omitempty"`
	UserRating    int             `xml:"userRating,attr,omitempty" json:"userRating,omitempty"`
	MusicBrainzID string          `xml:"musicBrainzId,attr" json:"musicBrainzId"`
	DisplayArtist string          `xml:"displayArtist,attr" json:"displayArtist"`
	SortName      string          `xml:"sortName,attr" json:"sortName"`
	IsCompilation bool            `xml:"isCompilation,attr" json:"isCompilation"`
	Genres        list[itemGenre] `xml:"genres" json:"genres"`
	Artists       list[artistRef] `xml:"artists" json:"artists"`
	Moods         list[string]    `xml:"moods" json:"moods"`
}

type albumWithSongs struct {
	album
	Song list[child] `xml:"song" json:"song"`
}

// artist is a person who has something to hear.
type artist struct {
	ID             string       `xml:"id,attr" json:"id"`
	Name           string       `xml:"name,attr" json:"name"`
	CoverArt       string       `xml:"coverArt,attr,omitempty" json:"coverArt,omitempty"`
	ArtistImageURL string       `xml:"artistImageUrl,attr,omitempty" json:"artistImageUrl,omitempty"`
	AlbumCount     int          `xml:"albumCount,attr" json:"albumCount"`
	Starred        *time.Time   `xml:"starred,attr,omitempty" json:"starred,omitempty"`
	MusicBrainzID  string       `xml:"musicBrainzId,attr" json:"musicBrainzId"`
	SortName       string       `xml:"sortName,attr" json:"sortName"`
	Roles          list[string] `xml:"roles" json:"roles"`
}

type artistWithAlbums struct {
	artist
	Album list[album] `xml:"album" json:"album"`
}

// playlist is a playlist, without its songs unless they are asked for.
type playlist struct {
	ID        string    `xml:"id,attr" json:"id"`
	Name      string    `xml:"name,attr" json:"name"`
	Comment   string    `xml:"comment,attr,omitempty" json:"comment,omitempty"`
	Owner     string    `xml:"owner,attr,omitempty" json:"owner,omitempty"`
	Public    bool      `xml:"public,attr" json:"public"`
	ReadOnly  bool      `xml:"readonly,attr" json:"readonly"`
	SongCount int       `xml:"songCount,attr" json:"songCount"`
	Duration  int       `xml:"duration,attr" json:"duration"`
	Created   time.Time `xml:"created,attr" json:"created"`
	Changed   time.Time `xml:"changed,attr" json:"changed"`
	CoverArt  string    `xml:"coverArt,attr,omitempty" json:"coverArt,omitempty"`
}

type playlistWithSongs struct {
	playlist
	Entry list[child] `xml:"entry" json:"entry"`
}

// index is the artists whose names begin with a letter.
type index struct {
	Name   string       `xml:"name,attr" json:"name"`
	Artist list[artist] `xml:"artist" json:"artist"`
}

type artists struct {
	IgnoredArticles string      `xml:"ignoredArticles,attr" json:"ignoredArticles"`
	Index           list[index] `xml:"index" json:"index"`
}

type indexes struct {
	LastModified    int64       `xml:"lastModified,attr" json:"lastModified"` // milliseconds since 1970
	IgnoredArticles string      `xml:"ignoredArticles,attr" json:"ignoredArticles"`
	Index           list[index] `xml:"index" json:"index"`
}

type directory struct {
	ID         string      `xml:"id,attr" json:"id"`
	Parent     string      `xml:"parent,attr,omitempty" json:"parent,omitempty"`
	Name       string      `xml:"name,attr" json:"name"`
	Starred    *time.Time  `xml:"starred,attr,omitempty" json:"starred,omitempty"`
	UserRating int         `xml:"userRating,attr,omitempty" json:"userRating,omitempty"`
	PlayCount  uint64      `xml:"playCount,attr,omitempty" json:"playCount,omitempty"`
	Child      list[child] `xml:"child" json:"child"`
}

type genre struct {
	SongCount  int    `xml:"songCount,attr" json:"songCount"`
	AlbumCount int    `xml:"albumCount,attr" json:"albumCount"`
	Value      string `xml:",chardata" json:"value"`
}

type genres struct {
	Genre list[genre] `xml:"genre" json:"genre"`
}

type artistInfo struct {
	Biography string       `xml:"biography,omitempty" json:"biography,omitempty"`
	Small     string       `xml:"smallImageUrl,omitempty" json:"smallImageUrl,omitempty"`
	Medium    string       `xml:"mediumImageUrl,omitempty" json:"mediumImageUrl,omitempty"`
	Large     string       `xml:"largeImageUrl,omitempty" json:"largeImageUrl,omitempty"`
	Similar   list[artist] `xml:"similarArtist" json:"similarArtist"`
}

type albumInfo struct {
	Notes string `xml:"notes,omitempty" json:"notes,omitempty"`
}

type songs struct {
	Song list[child] `xml:"song" json:"song"`
}

type scanStatus struct {
	Scanning bool   `xml:"scanning,attr" json:"scanning"`
	Count    uint64 `xml:"count,attr" json:"count"`
}

// albumList has albums as folders, albumList2 as albums.
type albumList struct {
	Album list[child] `xml:"album" json:"album"`
}

type albumList2 struct {
	Album list[album] `xml:"album" json:"album"`
}

// starred has albums as folders, starred2 as albums; likewise what is found.
type starred struct {
	Artist list[artist] `xml:"artist" json:"artist"`
	Album  list[child]  `xml:"album" json:"album"`
	Song   list[child]  `xml:"song" json:"song"`
}

type starred2 struct {
	Artist list[artist] `xml:"artist" json:"artist"`
	Album  list[album]  `xml:"album" json:"album"`
	Song   list[child]  `xml:"song" json:"song"`
}

type playlists struct {
	Playlist list[playlist] `xml:"playlist" json:"playlist"`
}

type lyrics struct {
	Artist string `xml:"artist,attr,omitempty" json:"artist,omitempty"`
	Title  string `xml:"title,attr,omitempty" json:"title,omitempty"`
	Value  string `xml:",chardata" json:"value"`
}

type lyricsLine struct {
	Start *int64 `xml:"start,attr,omitempty" json:"start,omitempty"` // milliseconds; where it is known
	Value string `xml:",chardata" json:"value"`
}

type structuredLyrics struct {
	DisplayArtist string           `xml:"displayArtist,attr,omitempty" json:"displayArtist,omitempty"`
	DisplayTitle  string           `xml:"displayTitle,attr,omitempty" json:"displayTitle,omitempty"`
	Lang          string           `xml:"lang,attr" json:"lang"`
	Synced        bool             `xml:"synced,attr" json:"synced"`
	Line          list[lyricsLine] `xml:"line" json:"line"`
}

type lyricsList struct {
	StructuredLyrics list[structuredLyrics] `xml:"structuredLyrics" json:"structuredLyrics"`
}

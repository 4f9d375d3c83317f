// Package portable is the form in which all that is one person's leaves an
// Earshot and comes into another: a zip file of plain JSON, CSV, pictures and
// the original audio files. It writes such files, and reads those that others
// hand over, which may be anything. It knows no house.
//
// # Layout, version 1
//
//	README.txt       what this is, in plain words
//	earshot.json     Head: format, version, whose it is
//	profile.json     Profile
//	tracks.json      list of Track, the oldest first
//	tracks.csv       the same, as far as a table holds it; what "import --csv" reads
//	playlists.json   list of Playlist, each with its tracks in order
//	comments.json    list of Comment on own tracks: threads one behind another, replies behind what they reply to
//	written.json     list of Comment on tracks of others
//	likes.json       list of Tie, the oldest first; so the next two
//	reposts.json
//	follows.json     list of Tie: whom the person follows
//	followers.json   list of Tie: who follows the person
//	messages.json    list of Message, by conversation, the oldest first
//	history.json     list of Tie: what was heard, the oldest first
//	queue.json       Queue: what the person was listening to last
//	numbers.json     list of Numbers: what is counted of each own track
//	pictures/…       JPEG, as profile.json, tracks.json and playlists.json name them
//	audio/…          the original files, as tracks.json names them
//
// A list is {"items": […]}. Times are RFC 3339 in UTC, durations and positions
// milliseconds. Readers pass over fields they do not know; the version changes
// when they could not. There is no password in it, no session, no second
// factor, no secret link, and nothing that others keep to themselves.
package portable

import "time"

// Format and Version say what a file is.
const (
	Format  = "earshot-person"
	Version = 1
)

// The names of the parts.
const (
	ReadmeName    = "README.txt"
	HeadName      = "earshot.json"
	ProfileName   = "profile.json"
	TracksName    = "tracks.json"
	TableName     = "tracks.csv"
	PlaylistsName = "playlists.json"
	CommentsName  = "comments.json"
	WrittenName   = "written.json"
	LikesName     = "likes.json"
	RepostsName   = "reposts.json"
	FollowsName   = "follows.json"
	FollowersName = "followers.json"
	MessagesName  = "messages.json"
	HistoryName   = "history.json"
	QueueName     = "queue.json"
	NumbersName   = "numbers.json"

	picturesDir = "pictures/"
	audioDir    = "audio/"
)

// Head says what a file is, and whose.
type Head struct {
	Format   string    `json:"format"`
	Version  int       `json:"version"`
	Program  string    `json:"program"`
	Made     time.Time `json:"made"`
	Username string    `json:"username"`
}

// Profile is what is known of the person.
type Profile struct {
	Username string    `json:"username"`
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Bio      string    `json:"bio,omitempty"`
	Age      int       `json:"age,omitempty"`
	Gender   string    `json:"gender,omitempty"`
	Picture  string    `json:"picture,omitempty"` // the file
	Banner   string    `json:"banner,omitempty"`  // likewise: the wide picture of the profile
	Pinned   string    `json:"pinned,omitempty"`  // the id of the own track that the profile shows first
	Created  time.Time `json:"created"`
}

// Person is somebody else.
type Person struct {
	Username string `json:"username,omitempty"`
	Name     string `json:"name"`
}

// Thing is a track or a playlist, of anybody.
type Thing struct {
	Kind  string `json:"kind"` // "track" or "playlist"
	ID    string `json:"id,omitempty"`
	Owner string `json:"owner"` // username
	Slug  string `json:"slug"`
	Title string `json:"title"`
}

// Queue is what the person was listening to last; without tracks, nothing.
type Queue struct {
	Tracks     []Thing    `json:"tracks"`
	Current    int        `json:"current"` // which of them
	PositionMS int64      `json:"position_ms"`
	Device     string     `json:"device,omitempty"`
	Changed    *time.Time `json:"changed,omitempty"`
}

// Track is an own track.
type Track struct {
	ID           string     `json:"id"` // where it was; parts refer to it by this
	Slug         string     `json:"slug"`
	Title        string     `json:"title"`
	Artist       string     `json:"artist,omitempty"`
	Album        string     `json:"album,omitempty"`
	Description  string     `json:"description,omitempty"`
	Tags         []string   `json:"tags,omitempty"`
	Year         int        `json:"year,omitempty"`
	Visibility   string     `json:"visibility"` // "public", "followers", "link" or "private"
	Downloadable bool       `json:"downloadable,omitempty"`
	EmbedOff     bool       `json:"embed_off,omitempty"`
	CommentsOff  bool       `json:"comments_off,omitempty"`
	ReleaseAt    *time.Time `json:"release_at,omitempty"` // when it becomes visible by itself
	ReleaseAs    string     `json:"release_as,omitempty"` // and to whom
	Created      time.Time  `json:"created"`
	Updated      time.Time  `json:"updated"`
	File         string     `json:"file,omitempty"` // the original; empty when it was not there any more
	FileName     string     `json:"file_name,omitempty"`
	Codec        string     `json:"codec"`
	Bytes        int64      `json:"bytes"`
	SHA256       string     `json:"sha256"`
	DurationMS   int64      `json:"duration_ms"`
	Picture      string     `json:"picture,omitempty"` // the file
}

// Playlist is an own playlist or album.
type Playlist struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind"` // "playlist" or "album"
	Slug        string     `json:"slug"`
	Title       string     `json:"title"`
	Description string     `json:"description,omitempty"`
	Tags        []string   `json:"tags,omitempty"`
	Visibility  string     `json:"visibility"`
	ReleaseAt   *time.Time `json:"release_at,omitempty"`
	ReleaseAs   string     `json:"release_as,omitempty"`
	Created     time.Time  `json:"created"`
	Updated     time.Time  `json:"updated"`
	Picture     string     `json:"picture,omitempty"`
	Tracks      []Thing    `json:"tracks"`
}

// Comment is something said about a moment of a track, or a reply to it.
type Comment struct {
	Track      Thing      `json:"track"`
	ID         string     `json:"id"`
	Reply      bool       `json:"reply,omitempty"` // to the comment before it that is none
	To         *Said      `json:"to,omitempty"`    // in written.json, what a reply replies to
	PositionMS int64      `json:"position_ms"`
	Whole      bool       `json:"whole,omitempty"` // about the whole track, not a moment
	Author     Person     `json:"author"`          // without a username it is of a visitor
	Text       string     `json:"text,omitempty"`
	Created    time.Time  `json:"created"`
	Edited     *time.Time `json:"edited,omitempty"`
	Deleted    bool       `json:"deleted,omitempty"` // only its place is left, for the replies
}

// Said tells a comment from all others on its track.
type Said struct {
	Text    string    `json:"text"`
	Created time.Time `json:"created"`
}

// Tie is a like, a repost, a follow, or something heard.
type Tie struct {
	Thing  *Thing    `json:"thing,omitempty"`
	Person *Person   `json:"person,omitempty"`
	At     time.Time `json:"at"`
}

// Message is one message.
type Message struct {
	With     Person    `json:"with"` // the other of the two
	Mine     bool      `json:"mine"`
	Text     string    `json:"text,omitempty"`
	Attached *Thing    `json:"attached,omitempty"`
	Created  time.Time `json:"created"`
}

// Numbers is what was counted of an own track.
type Numbers struct {
	Track     Thing  `json:"track"`
	Plays     uint64 `json:"plays"`
	Listeners uint64 `json:"listeners"`
	Downloads uint64 `json:"downloads"`
	Likes     uint64 `json:"likes"`
	Reposts   uint64 `json:"reposts"`
	Comments  uint64 `json:"comments"`
}

package wire

import "time"

// Comment is something said about a moment of a track, or a reply to it.
type Comment struct {
	ID         string    `json:"id"`
	Track      string    `json:"track" doc:"Id of the track."`
	User       *UserRef  `json:"user,omitempty" doc:"Absent when only the place of a deleted comment is left, for its replies."`
	Guest      string    `json:"guest,omitempty" doc:"Name of a visitor who came by a secret link; there is no user then."`
	Parent     string    `json:"parent,omitempty" doc:"Id of the comment it replies to."`
	PositionMS int64     `json:"position_ms"`
	Whole      bool      `json:"whole,omitempty" doc:"It is about the whole track and has no moment: position_ms is 0, and it comes last by moments."`
	Text       string    `json:"text"`
	Created    time.Time `json:"created"`
	Edited     time.Time `json:"edited,omitzero"`
	Replies    uint64    `json:"replies" doc:"How many replies there are."`
	First      []Comment `json:"first,omitempty" doc:"The first three replies."`
	CanEdit    bool      `json:"can_edit,omitempty"`
	CanDelete  bool      `json:"can_delete,omitempty"`
}

// NewComment is a comment or a reply to be written.
type NewComment struct {
	PositionMS int64  `json:"position_ms,omitempty" minimum:"0" doc:"The moment; a reply takes its parent's."`
	Text       string `json:"text" maxLength:"4000" doc:"At most 1,000 characters, as they are counted when the text is composed (NFC)."`
	Parent     string `json:"parent,omitempty" maxLength:"64" doc:"Id of the comment it replies to."`
	Guest      string `json:"guest,omitempty" maxLength:"160" doc:"The name a visitor goes by who came by a secret link: 1 to 40 characters."`
}

// CommentPatch changes an own comment.
type CommentPatch struct {
	Text string `json:"text" maxLength:"4000" doc:"As of a new comment."`
}

// Marks are the moments of a track that were commented on, crowds merged.
type Marks struct {
	Items    []Mark `json:"items" nullable:"false"`
	Comments uint64 `json:"comments" doc:"How many comments the track has, as the track itself says."`
}

// Mark is one or several comments that are close to each other.
type Mark struct {
	PositionMS int64    `json:"position_ms" doc:"Of the first of them."`
	N          int      `json:"n" doc:"How many comments there are."`
	Comment    string   `json:"comment" doc:"Id of the first of them."`
	User       *UserRef `json:"user,omitempty" doc:"Who wrote the newest of them."`
	Guest      string   `json:"guest,omitempty" doc:"The same, of a visitor who came by a secret link."`
}

// Following is how a follow stands after it was changed.
type Following struct {
	Following bool   `json:"following"`
	Followers uint64 `json:"followers" doc:"How many the person has now."`
}

// Liked is how a like stands after it was changed.
type Liked struct {
	Liked bool   `json:"liked"`
	Likes uint64 `json:"likes"`
}

// Reposted is how a repost stands after it was changed.
type Reposted struct {
	Reposted bool   `json:"reposted"`
	Reposts  uint64 `json:"reposts"`
}

// Listen tells that somebody listened.
type Listen struct {
	ListenedMS int64 `json:"listened_ms" minimum:"0" doc:"How much was heard, in all; it counts from 30 seconds or half the track on."`
}

// Listened answers a listen.
type Listened struct {
	Counted bool `json:"counted" doc:"It counts as a play. False when too little was heard, or the last play was just now."`
}

// Playlist is an ordered set of tracks.
type Playlist struct {
	ID          string    `json:"id"`
	User        UserRef   `json:"user"`
	Kind        string    `json:"kind" enum:"playlist,album"`
	Slug        string    `json:"slug"`
	URL         string    `json:"url" format:"uri-reference" doc:"Address of its page."`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Tags        []string  `json:"tags" nullable:"false"`
	Visibility  string    `json:"visibility" enum:"private,link,followers,public"`
	Tracks      uint64    `json:"tracks" doc:"How many tracks there are for the asker."`
	DurationMS  int64     `json:"duration_ms" doc:"Of these together."`
	Picture     *Picture  `json:"picture,omitempty" doc:"Its own artwork, else that of its first track that has one."`
	OwnPicture  bool      `json:"own_picture,omitempty" doc:"The artwork is its own."`
	Colour      string    `json:"colour,omitempty" doc:"Striking colour of the picture, #rrggbb."`
	Likes       uint64    `json:"likes"`
	Liked       bool      `json:"liked"`
	Has         bool      `json:"has,omitempty" doc:"In the own list, when asked with a track: that track is in it."`
	Can         CanList   `json:"can"`
	ByLink      bool      `json:"by_link,omitempty" doc:"Nothing but a secret link shows it to the asker."`
	Created     time.Time `json:"created"`
	Updated     time.Time `json:"updated"`
	Release     *Release  `json:"release,omitempty" doc:"For the owner alone: when it is published by itself."`
}

// CanList says what the asker may do with a playlist.
type CanList struct {
	Edit   bool `json:"edit"`
	Delete bool `json:"delete"`
}

// NewPlaylist makes a playlist.
type NewPlaylist struct {
	Title      string   `json:"title" maxLength:"200"`
	Kind       string   `json:"kind,omitempty" enum:"playlist,album" default:"playlist"`
	Visibility string   `json:"visibility,omitempty" enum:"private,link,followers,public" default:"private"`
	Tracks     []string `json:"tracks,omitempty" maxItems:"100" doc:"Ids of the tracks to begin with."`
	Release    *Release `json:"release,omitempty" doc:"When it is to be published by itself."`
}

// PlaylistPatch changes a playlist. Absent fields stay.
type PlaylistPatch struct {
	Title       *string   `json:"title,omitempty" maxLength:"200"`
	Kind        *string   `json:"kind,omitempty" enum:"playlist,album"`
	Slug        *string   `json:"slug,omitempty" maxLength:"80"`
	Description *string   `json:"description,omitempty" maxLength:"5000"`
	Tags        *[]string `json:"tags,omitempty" maxItems:"30"`
	Visibility  *string   `json:"visibility,omitempty" enum:"private,link,followers,public"`

	Release ReleasePatch `json:"release,omitempty,omitzero" null:"true" doc:"When it is to be published by itself, while it is private or by link; null cancels that."`
}

// PlaylistPlace says where a track stands in a playlist.
type PlaylistPlace struct {
	Before string `json:"before,omitempty" maxLength:"64" doc:"Id of the track that it comes before; at the end when absent."`
}

// State is what every page shows beside itself.
type State struct {
	Notifications int      `json:"notifications" doc:"Unseen, folded as the list shows them; never more than 99."`
	Follows       int      `json:"follows" doc:"Those of them that are follows."`
	Messages      uint64   `json:"messages" doc:"Unread messages."`
	Reports       int      `json:"reports,omitempty" doc:"Open reports, for the keeper; never more than 99."`
	Troubles      int      `json:"troubles,omitempty" doc:"How much is wrong with the house, for the keeper; see /api/health. Up to a minute old."`
	Follower      *User    `json:"follower,omitempty" doc:"The newest unseen follower."`
	Sender        *UserRef `json:"sender,omitempty" doc:"Who wrote the newest unread message."`
}

// Notification tells what others have done; same ones are folded.
type Notification struct {
	ID       string    `json:"id" doc:"Of the newest one in it."`
	Kind     string    `json:"kind" enum:"follow,comment,reply,like,repost,mention,new_track"`
	Actors   []User    `json:"actors" nullable:"false" doc:"Who has done it: the newest three."`
	Guests   []string  `json:"guests,omitempty" doc:"Names of visitors who came by a secret link: the newest three."`
	N        int       `json:"n" doc:"How many people there are in all."`
	Track    *Track    `json:"track,omitempty"`
	Playlist *Playlist `json:"playlist,omitempty"`
	Comment  *Comment  `json:"comment,omitempty" doc:"The newest one."`
	Comments int       `json:"comments,omitempty" doc:"How many comments there are in all; several only of comments on an own track."`
	Created  time.Time `json:"created"`
	Seen     bool      `json:"seen"`
}

// Notifications is a page of notifications.
type Notifications struct {
	Items []Notification `json:"items" nullable:"false"`
	Next  string         `json:"next,omitempty"`
}

// Seen says up to where something was seen.
type Seen struct {
	UpTo string `json:"up_to" maxLength:"64" doc:"Id of the newest one that was seen."`
}

// Conversation is what two people wrote each other.
type Conversation struct {
	ID       string   `json:"id,omitempty" doc:"Absent before the first message."`
	With     *UserRef `json:"with,omitempty" doc:"The other; absent when the account is deleted."`
	Last     *Message `json:"last,omitempty" doc:"The newest message."`
	Unread   uint64   `json:"unread"`
	CanWrite bool     `json:"can_write" doc:"False when one blocks the other, or the other is gone."`
	SeenTo   string   `json:"seen_to,omitempty" doc:"Id of the newest message that the other has seen."`
}

// Message is one message.
type Message struct {
	ID           string    `json:"id"`
	Conversation string    `json:"conversation"`
	Mine         bool      `json:"mine"`
	Text         string    `json:"text"`
	Track        *Track    `json:"track,omitempty"`
	Playlist     *Playlist `json:"playlist,omitempty"`
	Missing      bool      `json:"missing,omitempty" doc:"Something was attached that is gone, or not for the asker to see."`
	Seen         bool      `json:"seen,omitempty" doc:"The other has seen it; only on own ones."`
	Created      time.Time `json:"created"`
}

// NewMessage is a message to be sent: a text, an attached thing, or both.
type NewMessage struct {
	Text     string `json:"text,omitempty" maxLength:"8000" doc:"At most 2,000 characters, as they are counted when the text is composed (NFC)."`
	Track    string `json:"track,omitempty" maxLength:"64" doc:"Id of a track to attach."`
	Playlist string `json:"playlist,omitempty" maxLength:"64" doc:"Id of a playlist to attach."`
}

// Recommendation is somebody whom the asker may want to follow.
type Recommendation struct {
	User   User      `json:"user"`
	Reason string    `json:"reason" enum:"followed_by,listened,active" doc:"followed_by: by people whom the asker follows; listened: the asker plays or likes their tracks; active: they published lately."`
	By     []UserRef `json:"by" nullable:"false" doc:"With followed_by: up to two of these people."`
	N      int       `json:"n,omitempty" doc:"With followed_by: how many they are in all."`
	Track  *Track    `json:"track,omitempty" doc:"With listened: one of the tracks; with active: the newest one."`
}

// NewReport asks the keeper to look at something.
type NewReport struct {
	Kind   string `json:"kind" enum:"track,playlist,comment,user"`
	ID     string `json:"id" maxLength:"64"`
	Reason string `json:"reason" enum:"spam,abuse,copyright,sexual,other"`
	Text   string `json:"text,omitempty" maxLength:"1000"`
}

// Report is a report as the keeper sees it.
type Report struct {
	ID       string    `json:"id"`
	By       *UserRef  `json:"by,omitempty" doc:"Absent when the account is gone."`
	Kind     string    `json:"kind" enum:"track,playlist,comment,user"`
	Reason   string    `json:"reason" enum:"spam,abuse,copyright,sexual,other"`
	Text     string    `json:"text"`
	About    string    `json:"about" doc:"The title or text of the thing as it was."`
	Owner    *User     `json:"owner,omitempty" doc:"Whose it is; absent when the account is gone."`
	URL      string    `json:"url,omitempty" format:"uri-reference" doc:"Where it is to be seen; absent when it is gone."`
	Created  time.Time `json:"created"`
	State    string    `json:"state" enum:"open,dismissed,removed,suspended"`
	Answered time.Time `json:"answered,omitzero"`
}

// ReportAnswer is what the keeper does about a report and all others of the
// same thing.
type ReportAnswer struct {
	Do string `json:"do" enum:"dismiss,remove,suspend" doc:"remove deletes the thing (not a user), suspend its owner's account."`
}

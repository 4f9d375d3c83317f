// Package wire holds the JSON shapes of the API. The OpenAPI document and the
// browser's types (ui/js/wire.d.ts) are made from them; disk shapes live in db.
//
// Ids are strings of letters and digits. Times are RFC 3339 in UTC, lengths
// and positions are whole milliseconds, lists come as items and the cursor of
// what follows.
package wire

import "time"

// Error is the body of every answer that is not a success.
type Error struct {
	Error ErrorDetail `json:"error"`
}

// ErrorDetail says what went wrong.
type ErrorDetail struct {
	Code    string `json:"code" doc:"Stable key of the failure, which clients translate." example:"title.empty"`
	Field   string `json:"field,omitempty" doc:"The input that is wrong, if one is."`
	Message string `json:"message" doc:"One English sentence for people."`
	About   string `json:"about,omitempty" doc:"What the sentence names, where that is a proper name: the format of a file that is not taken." example:"AIFF"`
	Request string `json:"request,omitempty" doc:"Id under which the server's log has more; with 500, 503 and 507."`
	Ticket  string `json:"ticket,omitempty" doc:"What to come again with, once the thing is done that the sentence asks for."`
}

// List is one page of a list.
type List[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one."`
}

// Picture names the sizes of an image, each a JPEG.
type Picture struct {
	Small  string `json:"small" format:"uri-reference" doc:"Address of the 100 pixel square."`
	Medium string `json:"medium" format:"uri-reference" doc:"Address of the 300 pixel square."`
	Large  string `json:"large" format:"uri-reference" doc:"Address of the 600 pixel square."`
}

// Banner names the widths of the wide picture of a profile, each a JPEG three
// times as wide as high.
type Banner struct {
	Narrow string `json:"narrow" format:"uri-reference" doc:"Address of the one that is 750 pixels wide."`
	Wide   string `json:"wide" format:"uri-reference" doc:"Address of the one that is 1500 pixels wide."`
}

// House is what anybody may know of this Earshot.
type House struct {
	Name     string `json:"name"`
	SignUp   string `json:"sign_up" enum:"closed,open,invited" doc:"Who may make an account; invited: with an invite."`
	Visitors bool   `json:"visitors" doc:"Whether people who are not signed in may look and listen."`
	Setup    bool   `json:"setup" doc:"True until the keeper's account is made."`
	Mails    bool   `json:"mails" doc:"Who forgot the password gets a link by mail."`
	Limits   Limits `json:"limits"`
	Trust    bool   `json:"trust,omitempty" doc:"The house has an authority of its own, which devices are told to trust at /trust."`

	Providers []Provider `json:"providers" nullable:"false" doc:"Who else lets people in; empty where nobody does."`
}

// Limits are the sizes the server accepts.
type Limits struct {
	UploadBytes  int64 `json:"upload_bytes"`
	PictureBytes int64 `json:"picture_bytes"`

	QuotaBytes  uint64 `json:"quota_bytes,omitempty" doc:"How many bytes of originals each member may keep, unless the keeper says otherwise; absent: any amount."`
	QuotaTracks uint64 `json:"quota_tracks,omitempty" doc:"Likewise, of tracks."`
}

// HousePatch changes what the keeper decides. Absent fields stay.
type HousePatch struct {
	Name     *string `json:"name,omitempty" maxLength:"60"`
	SignUp   *string `json:"sign_up,omitempty" enum:"closed,open,invited"`
	Visitors *bool   `json:"visitors,omitempty"`

	QuotaBytes  *uint64 `json:"quota_bytes,omitempty" maximum:"1000000000000000" doc:"0 for any amount."`
	QuotaTracks *uint64 `json:"quota_tracks,omitempty" maximum:"1000000000" doc:"0 for any number."`

	BackupEveryMS *int64 `json:"backup_every_ms,omitempty" minimum:"-1" maximum:"31622400000" doc:"Between two backups; 0 as config.toml says, -1 for none."`
	BackupKeep    *int   `json:"backup_keep,omitempty" minimum:"0" maximum:"1000" doc:"How many are kept; 0 as config.toml says."`
	ScanEveryMS   *int64 `json:"scan_every_ms,omitempty" minimum:"-1" maximum:"31622400000" doc:"Between two looks at all libraries; 0 as config.toml says, -1 for none."`
}

// UserRef is a user as others are shown beside their things.
type UserRef struct {
	ID       string   `json:"id"`
	Username string   `json:"username"`
	Name     string   `json:"name"`
	URL      string   `json:"url" format:"uri-reference" doc:"Address of the person's page."`
	Picture  *Picture `json:"picture,omitempty"`
}

// User is a person's public page.
type User struct {
	UserRef
	Colour    string    `json:"colour,omitempty" doc:"Striking colour of the picture, #rrggbb; absent for pictures that are older than it." example:"#3a6ea5"`
	Banner    *Banner   `json:"banner,omitempty"`
	Pinned    *Track    `json:"pinned,omitempty" doc:"The track that the page shows first, where the asker may see it; on the page of the person and the own account alone."`
	Bio       string    `json:"bio"`
	Keeper    bool      `json:"keeper"`
	Tracks    uint64    `json:"tracks" doc:"How many public tracks there are; all of them on the own account."`
	Followers uint64    `json:"followers"`
	Following uint64    `json:"following"`
	Created   time.Time `json:"created"`
	Relation  Relation  `json:"relation"`
	Suspended bool      `json:"suspended,omitempty" doc:"The keeper has suspended the account; only the keeper sees such people."`
	TwoFactor bool      `json:"two_factor,omitempty" doc:"A code is asked for at sign-in; in the keeper's list alone."`
	Since     time.Time `json:"since,omitzero" doc:"In lists of followers, likers and so on: when it happened."`
}

// Relation is how the asker and a person stand to each other.
type Relation struct {
	Me        bool `json:"me,omitempty" doc:"It is the asker."`
	Following bool `json:"following,omitempty" doc:"The asker follows the person."`
	FollowsMe bool `json:"follows_me,omitempty" doc:"The person follows the asker. Mutual when both."`
	Blocked   bool `json:"blocked,omitempty" doc:"The asker blocks the person."`
}

// Me is the signed-in user's own account.
type Me struct {
	User
	Email     string `json:"email"`
	Password  bool   `json:"password" doc:"Whether there is one; who came by a provider may have none."`
	Age       int    `json:"age,omitempty" doc:"Years; private; absent when not said."`
	Gender    string `json:"gender,omitempty" doc:"Private; absent when not said."`
	UsedBytes uint64 `json:"used_bytes" doc:"Size of the uploaded originals."`
	Quota     Quota  `json:"quota"`
	Notify    Notify `json:"notify"`
	Proxy     bool   `json:"proxy,omitempty" doc:"True when the proxy in front of the house signs the asker in: then it signs out, too."`
}

// Notify says which kinds of notifications are wanted.
type Notify struct {
	Follow   bool `json:"follow"`
	Comment  bool `json:"comment"`
	Reply    bool `json:"reply"`
	Like     bool `json:"like"`
	Repost   bool `json:"repost"`
	Mention  bool `json:"mention"`
	NewTrack bool `json:"new_track"`
	Message  bool `json:"message" doc:"Whether unread messages are counted at the bell's side and announced at once."`
}

// NotifyPatch changes which kinds of notifications are wanted. Absent fields
// stay.
type NotifyPatch struct {
	Follow   *bool `json:"follow,omitempty"`
	Comment  *bool `json:"comment,omitempty"`
	Reply    *bool `json:"reply,omitempty"`
	Like     *bool `json:"like,omitempty"`
	Repost   *bool `json:"repost,omitempty"`
	Mention  *bool `json:"mention,omitempty"`
	NewTrack *bool `json:"new_track,omitempty"`
	Message  *bool `json:"message,omitempty"`
}

// AccountDeletion confirms that the own account shall go.
type AccountDeletion struct {
	Password string `json:"password" maxLength:"1024"`
}

// MePatch changes the own account. Absent fields stay.
type MePatch struct {
	Name     *string `json:"name,omitempty" maxLength:"60"`
	Username *string `json:"username,omitempty" maxLength:"40"`
	Bio      *string `json:"bio,omitempty" maxLength:"1000"`
	Age      *int    `json:"age,omitempty" minimum:"0" maximum:"150" doc:"0 forgets it."`
	Gender   *string `json:"gender,omitempty" maxLength:"40" doc:"Empty forgets it."`
	Pinned   *string `json:"pinned,omitempty" maxLength:"40" doc:"Id of the own track that the profile shows first; empty for none."`

	Notify *NotifyPatch `json:"notify,omitempty"`
}

// PasswordChange sets a new password; every other session ends.
type PasswordChange struct {
	Current string `json:"current" maxLength:"1024"`
	New     string `json:"new" maxLength:"1024"`
}

// Setup makes the keeper's account.
type Setup struct {
	Token    string `json:"token" maxLength:"200" doc:"From the one-time link that the server printed."`
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" maxLength:"1024"`
	Name     string `json:"name" maxLength:"60"`
	House    string `json:"house,omitempty" maxLength:"60" doc:"Name of the house."`
	SignUp   string `json:"sign_up,omitempty" enum:"closed,open,invited" default:"closed"`
	Visitors bool   `json:"visitors,omitempty"`
}

// SignUp makes an account.
type SignUp struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" maxLength:"1024" doc:"At least 8 characters."`
	Name     string `json:"name,omitempty" maxLength:"60" doc:"As shown; made from the address when absent."`
	Age      int    `json:"age,omitempty" minimum:"0" maximum:"150"`
	Gender   string `json:"gender,omitempty" maxLength:"40"`
	Invite   string `json:"invite,omitempty" maxLength:"100" doc:"Code of the invite that the account comes by."`
}

// SignIn opens a session.
type SignIn struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" maxLength:"1024"`
}

// SignedIn answers a sign-in. The same token is set as a cookie. Where the
// account has a second factor there is a ticket and nothing else: it is sent to
// POST /api/auth/factor with a code.
type SignedIn struct {
	Token   string    `json:"token,omitempty" doc:"For Authorization: Bearer."`
	Expires time.Time `json:"expires,omitzero" doc:"When it ends unless it is used before."`
	Me      Me        `json:"me,omitzero"`
	Ticket  string    `json:"ticket,omitempty" doc:"A second factor is asked for; good for five minutes and five codes."`
}

// Session is one sign-in on one device.
type Session struct {
	ID      string    `json:"id"`
	Device  string    `json:"device" doc:"What the browser or program called itself."`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen" doc:"Last use, to the nearest few minutes."`
	Expires time.Time `json:"expires" doc:"When it ends unless it is used before."`
	Until   time.Time `json:"until" doc:"When it ends however much it is used."`
	Current bool      `json:"current" doc:"The session that asks."`
	Door    string    `json:"door" enum:"password,openid,passkey,reset" doc:"How it was opened: by password, by an account elsewhere, by passkey or by a one-time link."`
	Address string    `json:"address,omitempty" doc:"The IP address it was opened from; absent when not known."`
}

// Track is one piece of sound.
type Track struct {
	ID           string    `json:"id"`
	User         UserRef   `json:"user"`
	Slug         string    `json:"slug"`
	URL          string    `json:"url" format:"uri-reference" doc:"Address of the track's page."`
	Title        string    `json:"title"`
	Description  string    `json:"description"`
	Artist       string    `json:"artist,omitempty"`
	Album        string    `json:"album,omitempty"`
	Year         int       `json:"year,omitempty"`
	Tags         []string  `json:"tags" nullable:"false"`
	Visibility   string    `json:"visibility" enum:"private,link,followers,public"`
	Downloadable bool      `json:"downloadable"`
	Comments     bool      `json:"comments" doc:"Comments are on."`
	Embeddable   bool      `json:"embeddable" doc:"Pages of other sites may show it while it is public, where visitors are let in."`
	DurationMS   int64     `json:"duration_ms" doc:"Exact to a frame."`
	Picture      *Picture  `json:"picture,omitempty"`
	Colour       string    `json:"colour,omitempty" doc:"Striking colour of the picture, #rrggbb." example:"#3a6ea5"`
	Waveform     string    `json:"waveform" enum:"pending,ready,failed,wanted" doc:"wanted: the owner's browser is asked to make it, since the server can't decode the file."`
	Peaks        string    `json:"peaks,omitempty" doc:"Base64 of up to 400 bytes, each the loudness of one column from 0 to 255; present when waveform is ready."`
	Audio        Audio     `json:"audio"`
	Measured     *Measured `json:"measured,omitempty" doc:"What was found out about the sound; absent until it is."`
	Stream       Stream    `json:"stream"`
	Can          Can       `json:"can"`
	ByLink       bool      `json:"by_link,omitempty" doc:"Nothing but a secret link shows it to the asker."`
	Created      time.Time `json:"created"`
	Counts       Counts    `json:"counts"`
	Liked        bool      `json:"liked" doc:"The asker likes it."`
	Reposted     bool      `json:"reposted" doc:"The asker reposted it."`
	RepostedBy   *UserRef  `json:"reposted_by,omitempty" doc:"In the stream: who brought it here, when it was not its owner."`
	Since        time.Time `json:"since,omitzero" doc:"In the stream, likes, history and so on: when it came there."`
	Release      *Release  `json:"release,omitempty" doc:"For the owner alone: when it is published by itself."`
	Draft        bool      `json:"draft,omitempty" doc:"For the owner alone: private, never published, and not waiting for a release."`
}

// Counts are what is counted of a track.
type Counts struct {
	Plays    uint64 `json:"plays"`
	Likes    uint64 `json:"likes"`
	Reposts  uint64 `json:"reposts"`
	Comments uint64 `json:"comments" doc:"Replies too."`
}

// Audio describes the original file.
type Audio struct {
	Codec      string `json:"codec" enum:"mp3,wav,flac,vorbis,opus,aac"`
	Type       string `json:"type" doc:"Content type with its codec, for canPlayType." example:"audio/ogg; codecs=opus"`
	Bytes      int64  `json:"bytes"`
	SampleRate int    `json:"sample_rate" doc:"Hz"`
	Channels   int    `json:"channels"`
	Bitrate    int    `json:"bitrate" doc:"Bits a second, the average."`
	Variable   bool   `json:"variable" doc:"Frames differ in bit rate."`
	Bits       int    `json:"bits,omitempty" doc:"A sample, where samples are written as numbers (WAV, FLAC)."`
	FileName   string `json:"file_name,omitempty" doc:"What the uploader called it; only for the owner."`
}

// Measured is what was found out about the sound of a track.
type Measured struct {
	Exact          bool     `json:"exact" doc:"All samples were decoded. Otherwise the loudness is an estimate, within a few tenths, and the true peak is not known yet."`
	Loudness       *float64 `json:"loudness_lufs,omitempty" doc:"Integrated (ITU-R BS.1770-4), LUFS; -70 where nothing is above its gate."`
	Range          *float64 `json:"range_lu,omitempty" doc:"Loudness range (EBU Tech 3342), LU."`
	TruePeak       *float64 `json:"true_peak_dbtp,omitempty" doc:"True peak (BS.1770-4, annex 2), dBTP; -70 for digital silence."`
	Tempo          float64  `json:"tempo_bpm,omitempty" doc:"Beats a minute; absent where it is not sure."`
	SilenceStartMS int64    `json:"silence_start_ms,omitempty" doc:"Silence at the start."`
	SilenceEndMS   int64    `json:"silence_end_ms,omitempty" doc:"Silence at the end."`
}

// NewPeaks is the waveform of a track that its owner's browser has decoded,
// because the server can't.
type NewPeaks struct {
	SampleRate int      `json:"sample_rate" minimum:"8000" maximum:"192000" doc:"Hz, of the decoded sound."`
	Samples    int64    `json:"samples" minimum:"1" doc:"Of one channel."`
	Levels     string   `json:"levels" maxLength:"4800" doc:"Base64 of two bytes a column, little-endian: the RMS level of all channels, 65535 for full scale. There are 1,800 columns, or one for each 32 samples where that is fewer."`
	Min        string   `json:"min" maxLength:"2400" doc:"Base64 of a signed byte a column: the lowest sample of all channels, of -128 for full scale."`
	Max        string   `json:"max" maxLength:"2400" doc:"Base64 of a signed byte a column: the highest sample, of 127."`
	Fine       string   `json:"fine,omitempty" maxLength:"6000000" doc:"Base64 of two bytes for each tenth of a second, like levels."`
	Loudness   *float64 `json:"loudness_lufs,omitempty" minimum:"-70" maximum:"20" doc:"Integrated loudness, LUFS."`
}

// Stream names the ways to hear a track.
type Stream struct {
	File     string `json:"file" format:"uri-reference" doc:"The original bytes, whatever their format."`
	MP4      string `json:"mp4,omitempty" format:"uri-reference" doc:"Only for mp3: seekable exactly; for audio elements."`
	MP3      string `json:"mp3,omitempty" format:"uri-reference" doc:"Only for mp3: the original bytes; ?t=SECONDS starts exactly there."`
	Download string `json:"download,omitempty" format:"uri-reference" doc:"Present when the asker may download."`
}

// Can says what the asker may do.
type Can struct {
	Edit    bool `json:"edit"`
	Delete  bool `json:"delete"`
	Comment bool `json:"comment" doc:"The asker may comment: is signed in, and comments are on."`
	Speak   bool `json:"speak,omitempty" doc:"The asker is a visitor and may comment under a name, by a secret link."`
}

// TrackPatch changes a track. Absent fields stay.
type TrackPatch struct {
	Title        *string   `json:"title,omitempty" maxLength:"200"`
	Slug         *string   `json:"slug,omitempty" maxLength:"80"`
	Description  *string   `json:"description,omitempty" maxLength:"5000"`
	Artist       *string   `json:"artist,omitempty" maxLength:"200"`
	Album        *string   `json:"album,omitempty" maxLength:"200"`
	Year         *int      `json:"year,omitempty" minimum:"0" maximum:"9999"`
	Tags         *[]string `json:"tags,omitempty" maxItems:"30"`
	Visibility   *string   `json:"visibility,omitempty" enum:"private,link,followers,public"`
	Downloadable *bool     `json:"downloadable,omitempty"`
	Comments     *bool     `json:"comments,omitempty" doc:"Whether others may comment."`
	Embeddable   *bool     `json:"embeddable,omitempty" doc:"Whether pages of other sites may show it."`

	Release ReleasePatch `json:"release,omitempty,omitzero" null:"true" doc:"When it is to be published by itself, while it is private or by link; null cancels that."`
}

// Peaks is a waveform in audiowaveform's JSON layout, version 2.
type Peaks struct {
	Version         int   `json:"version"`
	Channels        int   `json:"channels"`
	SampleRate      int   `json:"sample_rate" doc:"Hz"`
	SamplesPerPixel int   `json:"samples_per_pixel"`
	Bits            int   `json:"bits"`
	Length          int   `json:"length" doc:"Columns."`
	Data            []int `json:"data" nullable:"false" doc:"Minimum and maximum of each column in turn."`
}

// Event is one message of the event stream (its "event:" line is Type).
type Event struct {
	Type         string  `json:"type" enum:"track,progress,gone,comment,notice,message,seen,reset" doc:"track: an own track changed; progress: its analysis advanced; gone: it was deleted; comment: a comment on a track came, changed or went; notice: the asker has something new among the notifications, or fewer; message: a message came or went; seen: one of the two has read the conversation; reset: too much was missed, ask for the present state."`
	Track        string  `json:"track,omitempty" doc:"Id of the track."`
	Progress     float64 `json:"progress,omitempty" doc:"Share of the analysis done, 0 to 1."`
	State        string  `json:"state,omitempty" enum:"pending,ready,failed"`
	Comment      string  `json:"comment,omitempty" doc:"Id of the comment."`
	Gone         bool    `json:"gone,omitempty" doc:"Nothing is left of the comment; of one with replies the place stays."`
	Conversation string  `json:"conversation,omitempty" doc:"Id of the conversation."`
}

// Resolved is what stands at the address of a page: a user, a track or a
// playlist.
type Resolved struct {
	User     *User     `json:"user,omitempty"`
	Track    *Track    `json:"track,omitempty"`
	Playlist *Playlist `json:"playlist,omitempty"`
	Moved    string    `json:"moved,omitempty" format:"uri-reference" doc:"The address it has now, when a former one was asked for."`
}

package db

import "time"

// The records are what is stored: CBOR with the integer keys below. Numbers
// are append-only: one that was ever used is never given to something else.

// Role is what a user may do in the house.
type Role uint8

// The roles.
const (
	Member Role = 0
	Keeper Role = 1 // the admin
)

// Visibility is who may know of a track or a playlist.
type Visibility uint8

// The visibilities. The zero value is the closed one.
const (
	Private   Visibility = 0 // the owner alone
	Public    Visibility = 1 // everybody who may enter the house
	Followers Visibility = 2 // whoever follows the owner
	ByLink    Visibility = 3 // whoever has one of its secret links
)

// Shown tells whether it has a place among what its owner published.
func (v Visibility) Shown() bool { return v == Public || v == Followers }

// User is a person with an account.
type User struct {
	ID           ID        `cbor:"1,keyasint"`
	Username     string    `cbor:"2,keyasint"` // the slug in addresses; unique
	Name         string    `cbor:"3,keyasint"` // as shown
	Email        string    `cbor:"4,keyasint"` // lower case, unique, private
	PasswordHash []byte    `cbor:"5,keyasint,omitempty"`
	Role         Role      `cbor:"6,keyasint,omitempty"`
	Bio          string    `cbor:"7,keyasint,omitempty"`
	Age          int       `cbor:"8,keyasint,omitempty"`  // years, private; 0 when not said
	Gender       string    `cbor:"9,keyasint,omitempty"`  // free text, private
	Picture      uint64    `cbor:"10,keyasint,omitempty"` // version of the picture; 0 when there is none
	Tracks       uint64    `cbor:"11,keyasint,omitempty"` // counter: all tracks
	PublicTracks uint64    `cbor:"12,keyasint,omitempty"` // counter: those that are public
	Disabled     bool      `cbor:"13,keyasint,omitempty"`
	Created      time.Time `cbor:"14,keyasint"`
	Bytes        uint64    `cbor:"15,keyasint,omitempty"` // counter: size of the originals, but for those that are files of a library
	Muted        Notices   `cbor:"16,keyasint,omitempty"` // the kinds of notifications that are not wanted
	Leaving      bool      `cbor:"17,keyasint,omitempty"` // the account is being deleted; it is Disabled too
	MostBytes    uint64    `cbor:"18,keyasint,omitempty"` // quota of the uploaded originals; 0 for the house's, NoQuota for none
	MostTracks   uint64    `cbor:"19,keyasint,omitempty"` // quota of tracks; likewise
	InPlace      uint64    `cbor:"20,keyasint,omitempty"` // counter: of Tracks, those whose originals are files of a library
	Banner       uint64    `cbor:"21,keyasint,omitempty"` // version of the wide picture of the profile; 0 when there is none
	Pinned       ID        `cbor:"22,keyasint,omitempty"` // the own track that the profile shows first; it may be gone
	Colour       uint32    `cbor:"23,keyasint,omitempty"` // 0xRRGGBB of the picture, for the page around it; 0 when it is black or was never looked for
}

// NoQuota is the quota of a user who may keep any amount, whatever the house's.
const NoQuota = 1<<64 - 1

// Session is one sign-in of one user on one device.
type Session struct {
	ID      ID        `cbor:"1,keyasint"`
	User    ID        `cbor:"2,keyasint"`
	Secret  []byte    `cbor:"3,keyasint"`           // SHA-256 of the secret the token carries
	Device  string    `cbor:"4,keyasint,omitempty"` // user agent, cut
	Created time.Time `cbor:"5,keyasint"`
	Seen    time.Time `cbor:"6,keyasint"` // last use, to the nearest while
	Expires time.Time `cbor:"7,keyasint"` // when it ends unless used before; never past Until
	Until   time.Time `cbor:"8,keyasint"` // the absolute end
	Door    Door      `cbor:"9,keyasint,omitempty"`
	Address string    `cbor:"10,keyasint,omitempty"` // from where it was opened
}

// Door is the way somebody came in by.
type Door uint8

// The doors.
const (
	DoorPassword Door = 0
	DoorOpenID   Door = 1
	DoorPasskey  Door = 2
	DoorReset    Door = 3 // a one-time link of the keeper, the command line or a mail
)

// Identity is an account at an OpenID Connect issuer that lets a user in.
type Identity struct {
	ID      ID        `cbor:"1,keyasint"`
	User    ID        `cbor:"2,keyasint"`
	Issuer  string    `cbor:"3,keyasint"`
	Subject string    `cbor:"4,keyasint"`           // what the issuer calls the person, for ever
	Email   string    `cbor:"5,keyasint,omitempty"` // as the issuer said it last; shown, never looked up
	Created time.Time `cbor:"6,keyasint"`
	Used    time.Time `cbor:"7,keyasint,omitempty"`
}

// Invite lets somebody make an account. The link's secret is not kept.
type Invite struct {
	ID      ID        `cbor:"1,keyasint"`
	User    ID        `cbor:"2,keyasint"`           // the keeper who made it
	Secret  []byte    `cbor:"3,keyasint"`           // SHA-256 of what the link carries
	Note    string    `cbor:"4,keyasint,omitempty"` // whom it is for
	Uses    uint64    `cbor:"5,keyasint"`           // how many accounts it makes
	Used    uint64    `cbor:"6,keyasint,omitempty"` // how many it has made
	Expires time.Time `cbor:"7,keyasint,omitempty"` // zero: never
	Created time.Time `cbor:"8,keyasint"`

	Accounts []ID `cbor:"9,keyasint,omitempty"` // the accounts it made that are still there
}

// Reset lets a user choose a new password once. There is one a user at most.
type Reset struct {
	User    ID        `cbor:"1,keyasint"`
	Secret  []byte    `cbor:"2,keyasint"`           // SHA-256 of what the link carries
	By      ID        `cbor:"3,keyasint,omitempty"` // the keeper; 0 by mail or from the command line
	Expires time.Time `cbor:"4,keyasint"`
	Created time.Time `cbor:"5,keyasint"`
}

// Factor is a user's second factor: an authenticator app and recovery codes.
type Factor struct {
	User      ID        `cbor:"1,keyasint"`
	Secret    []byte    `cbor:"2,keyasint"`           // of the time-based codes (RFC 6238)
	Confirmed bool      `cbor:"3,keyasint,omitempty"` // a code was given: from then on it is asked for
	Step      int64     `cbor:"4,keyasint,omitempty"` // the last time step a code was taken of; none is taken twice
	Recovery  [][]byte  `cbor:"5,keyasint,omitempty"` // SHA-256 of the codes that are left
	Created   time.Time `cbor:"6,keyasint"`
}

// Queue is what a user was listening to last, to go on with on another device.
type Queue struct {
	User     ID        `cbor:"1,keyasint"`
	Tracks   []ID      `cbor:"2,keyasint,omitempty"` // as they are played; some may be gone
	Current  int       `cbor:"3,keyasint,omitempty"` // which of Tracks
	Position int64     `cbor:"4,keyasint,omitempty"` // microseconds from the current one's start
	Device   string    `cbor:"5,keyasint,omitempty"` // what it was stored by, cut
	Changed  time.Time `cbor:"6,keyasint"`
}

// KeyKind is what a key opens.
type KeyKind uint8

// The kinds of keys.
const (
	KeyApp  KeyKind = 0 // an app password: what programs that speak Subsonic sign in by
	KeyAPI  KeyKind = 1 // a token for what people script
	KeyFeed KeyKind = 2 // the address of a feed that is not for everybody
)

// Scopes is what a token of the API may do, a set of bits.
type Scopes uint64

// The scopes.
const (
	ScopeRead     Scopes = 1 << 0 // see and hear what its user does
	ScopeWrite    Scopes = 1 << 1 // change it: upload, comment, like, follow, arrange
	ScopeMessages Scopes = 1 << 2 // read and write messages
	ScopeKeep     Scopes = 1 << 3 // what only the keeper does
)

// Key lets a program act for a user, without the user's password.
type Key struct {
	ID      ID        `cbor:"1,keyasint"`
	User    ID        `cbor:"2,keyasint"`
	Kind    KeyKind   `cbor:"3,keyasint,omitempty"`
	Name    string    `cbor:"4,keyasint"`           // what it is for, as the user calls it
	Hash    []byte    `cbor:"5,keyasint"`           // SHA-256 of the secret
	Sealed  string    `cbor:"6,keyasint,omitempty"` // the secret, where it has to be known again; only the house can read it
	Scopes  Scopes    `cbor:"7,keyasint,omitempty"` // of KeyAPI
	Feed    Thing     `cbor:"8,keyasint,omitempty"` // of KeyFeed: a user, playlist or tag; zero for the user's own stream
	Created time.Time `cbor:"9,keyasint"`
	Used    time.Time `cbor:"10,keyasint,omitempty"` // to the nearest while
	Client  string    `cbor:"11,keyasint,omitempty"` // what used it last, as it calls itself, cut
	Expires time.Time `cbor:"12,keyasint,omitempty"` // zero: never
}

// Bookmark is a moment of a track that a user marked by a program.
type Bookmark struct {
	User     ID        `cbor:"1,keyasint"`
	Track    ID        `cbor:"2,keyasint"`           // it may be gone
	Position int64     `cbor:"3,keyasint,omitempty"` // microseconds from the start
	Text     string    `cbor:"4,keyasint,omitempty"`
	Created  time.Time `cbor:"5,keyasint"`
	Changed  time.Time `cbor:"6,keyasint"`
}

// Scrobbler is where the listens of a user are told, besides here.
type Scrobbler struct {
	User    ID        `cbor:"1,keyasint"`
	Address string    `cbor:"2,keyasint"`           // of a server that takes listens as ListenBrainz does
	Sealed  string    `cbor:"3,keyasint"`           // the user's token there; only the house can read it
	Name    string    `cbor:"4,keyasint,omitempty"` // of the account there
	Sent    uint64    `cbor:"5,keyasint,omitempty"` // how many listens it took
	Last    time.Time `cbor:"6,keyasint,omitempty"` // when it took one last
	Error   string    `cbor:"7,keyasint,omitempty"` // code of the fault for which it took none since
	Failed  time.Time `cbor:"8,keyasint,omitempty"` // when that was
	Paused  bool      `cbor:"9,keyasint,omitempty"` // nothing is sent, for it refused the token
	Created time.Time `cbor:"10,keyasint"`
}

// Scrobble is a listen that is still to be told.
type Scrobble struct {
	ID    ID        `cbor:"1,keyasint"`
	User  ID        `cbor:"2,keyasint"`
	Track ID        `cbor:"3,keyasint"` // it may be gone, or not be public any more: then it is told to nobody
	Heard time.Time `cbor:"4,keyasint"` // when the listening began
}

// Passkey is a WebAuthn credential of a user.
type Passkey struct {
	ID         ID        `cbor:"1,keyasint"`
	User       ID        `cbor:"2,keyasint"`
	Name       string    `cbor:"3,keyasint"` // as the user calls it
	Credential []byte    `cbor:"4,keyasint"` // the credential's own id
	Key        []byte    `cbor:"5,keyasint"` // its public key (COSE, RFC 9052 section 7)
	Created    time.Time `cbor:"6,keyasint"`
	Used       time.Time `cbor:"7,keyasint,omitempty"`
	Count      uint32    `cbor:"8,keyasint,omitempty"`  // signatures so far, as the authenticator counts; 0 when it does not
	Syncs      bool      `cbor:"9,keyasint,omitempty"`  // made to be kept on several devices
	Model      []byte    `cbor:"10,keyasint,omitempty"` // AAGUID: what kind of authenticator made it
	Transports []string  `cbor:"11,keyasint,omitempty"` // how the browser reaches it
}

// Link is a secret link to a track or a playlist.
type Link struct {
	ID        ID        `cbor:"1,keyasint"`
	User      ID        `cbor:"2,keyasint"` // the owner of the thing
	Thing     Thing     `cbor:"3,keyasint"`
	Name      string    `cbor:"4,keyasint,omitempty"` // whom it is for, as the owner calls it
	Code      string    `cbor:"5,keyasint"`           // what the address carries. Kept: its owner copies it again
	Password  []byte    `cbor:"6,keyasint,omitempty"` // hash; empty when none is asked for
	Expires   time.Time `cbor:"7,keyasint,omitempty"` // zero: never
	MostPlays uint64    `cbor:"8,keyasint,omitempty"` // 0: no limit
	Plays     uint64    `cbor:"9,keyasint,omitempty"` // counter: listens by this link
	Download  bool      `cbor:"10,keyasint,omitempty"`
	Comments  bool      `cbor:"11,keyasint,omitempty"` // who has it may comment, under a name
	Created   time.Time `cbor:"12,keyasint"`
	Used      time.Time `cbor:"13,keyasint,omitempty"` // the last listen
}

// Waveform says how far the analysis of a track has come.
type Waveform uint8

// The states of an analysis.
const (
	WaveformPending Waveform = 0
	WaveformReady   Waveform = 1
	WaveformFailed  Waveform = 2 // the track plays, only without a waveform
	WaveformWanted  Waveform = 3 // a browser of the owner's is asked to make it
)

// Audio describes the uploaded original; it never changes.
type Audio struct {
	Codec      string `cbor:"1,keyasint"` // "mp3", "wav", "flac", "vorbis", "opus" or "aac"
	Size       int64  `cbor:"2,keyasint"` // bytes of the original
	SHA256     []byte `cbor:"3,keyasint"` // of the original
	Duration   int64  `cbor:"4,keyasint"` // microseconds of what is heard (delay and padding left out)
	SampleRate int    `cbor:"5,keyasint"` // Hz
	Channels   int    `cbor:"6,keyasint"`
	Bitrate    int    `cbor:"7,keyasint"`            // bits a second, the average
	Variable   bool   `cbor:"8,keyasint,omitempty"`  // frames differ in bit rate
	FileName   string `cbor:"9,keyasint,omitempty"`  // what the uploader called it; shown, never opened
	Bits       int    `cbor:"10,keyasint,omitempty"` // a sample, where samples are written as numbers
	InOgg      bool   `cbor:"11,keyasint,omitempty"` // FLAC in Ogg's pages
	Sound      []byte `cbor:"12,keyasint,omitempty"` // SHA-256 of the sound alone, whatever its tags; nil until it was read
	InPlace    bool   `cbor:"13,keyasint,omitempty"` // the original is a file of a library, and stays there
}

// Measured is what was found out about a track's sound. The zero Measured is
// of a track that nobody has listened to yet.
type Measured struct {
	Level      MeasureLevel `cbor:"1,keyasint,omitempty"`
	Loudness   float64      `cbor:"2,keyasint,omitempty"` // integrated, LUFS; -70 where nothing is above the gate
	Range      float64      `cbor:"3,keyasint,omitempty"` // LU
	TruePeak   float64      `cbor:"4,keyasint,omitempty"` // dBTP; only with MeasuredExactly
	Tempo      float64      `cbor:"5,keyasint,omitempty"` // beats a minute; 0 where it is not sure
	Confidence float64      `cbor:"6,keyasint,omitempty"` // of the tempo, 0 to 1
	Lead       int64        `cbor:"7,keyasint,omitempty"` // microseconds of silence at the start
	Tail       int64        `cbor:"8,keyasint,omitempty"` // microseconds of silence at the end
}

// MeasureLevel is how far the measuring of a track came.
type MeasureLevel uint8

// The levels.
const (
	Unmeasured       MeasureLevel = 0
	MeasuredQuickly  MeasureLevel = 1 // in the frequency domain
	MeasuredExactly  MeasureLevel = 2 // of all samples
	MeasuredByOthers MeasureLevel = 3 // by the browser that uploaded it; the loudness alone, if anything
)

// Track is one piece of sound.
type Track struct {
	ID           ID         `cbor:"1,keyasint"`
	User         ID         `cbor:"2,keyasint"` // the owner
	Slug         string     `cbor:"3,keyasint"` // unique among the owner's
	Title        string     `cbor:"4,keyasint"`
	Description  string     `cbor:"5,keyasint,omitempty"`
	Artist       string     `cbor:"6,keyasint,omitempty"`
	Album        string     `cbor:"7,keyasint,omitempty"`
	Year         int        `cbor:"8,keyasint,omitempty"`
	Tags         []string   `cbor:"9,keyasint,omitempty"`
	Visibility   Visibility `cbor:"10,keyasint,omitempty"`
	Downloadable bool       `cbor:"11,keyasint,omitempty"`
	Picture      uint64     `cbor:"12,keyasint,omitempty"` // version of the artwork; 0 when there is none
	Audio        Audio      `cbor:"13,keyasint"`
	Waveform     Waveform   `cbor:"14,keyasint,omitempty"`
	Published    ID         `cbor:"15,keyasint,omitempty"` // time-ordered mark of when it became public or for followers; 0 while it is neither
	Created      time.Time  `cbor:"16,keyasint"`
	Updated      time.Time  `cbor:"17,keyasint"`
	Colour       uint32     `cbor:"18,keyasint,omitempty"` // 0xRRGGBB of the artwork, for the page around it
	Quiet        bool       `cbor:"19,keyasint,omitempty"` // nobody may comment any more
	Announced    bool       `cbor:"20,keyasint,omitempty"` // followers were told of it, or are being told
	Release      Release    `cbor:"21,keyasint,omitempty"`
	Measured     Measured   `cbor:"22,keyasint,omitempty"`
	NoEmbed      bool       `cbor:"23,keyasint,omitempty"` // pages of other sites may not show it
}

// Release says when something becomes visible by itself, and to whom. The
// zero Release is none.
type Release struct {
	At time.Time  `cbor:"1,keyasint,omitempty"`
	As Visibility `cbor:"2,keyasint,omitempty"` // Public or Followers
}

// Tag is a word that public tracks carry.
type Tag struct {
	ID     ID     `cbor:"1,keyasint"`
	Name   string `cbor:"2,keyasint"`           // as it was last written
	Tracks uint64 `cbor:"3,keyasint,omitempty"` // counter: public tracks whose owner is not suspended
}

// Job is work that survives a restart.
type Job struct {
	ID       ID        `cbor:"1,keyasint"`
	Kind     string    `cbor:"2,keyasint"` // "analyse"
	Subject  ID        `cbor:"3,keyasint"` // the track it is about
	Attempts int       `cbor:"4,keyasint,omitempty"`
	After    time.Time `cbor:"5,keyasint,omitempty"` // not before
	Error    string    `cbor:"6,keyasint,omitempty"` // of the last attempt
	Created  time.Time `cbor:"7,keyasint"`
	Done     ID        `cbor:"8,keyasint,omitempty"` // how far it came: what that means, its kind knows
}

// Comment is something said about a moment of a track, or a reply to it.
type Comment struct {
	ID       ID        `cbor:"1,keyasint"`
	Track    ID        `cbor:"2,keyasint"`
	User     ID        `cbor:"3,keyasint,omitempty"` // who wrote it; 0 in what is left of a deleted one
	Parent   ID        `cbor:"4,keyasint,omitempty"` // the comment that it replies to; 0 for one of its own
	Position int64     `cbor:"5,keyasint,omitempty"` // microseconds from the start; a reply has its parent's
	Text     string    `cbor:"6,keyasint,omitempty"`
	Created  time.Time `cbor:"7,keyasint"`
	Edited   time.Time `cbor:"8,keyasint,omitempty"`  // zero when it never was
	Replies  uint64    `cbor:"9,keyasint,omitempty"`  // counter
	Guest    string    `cbor:"10,keyasint,omitempty"` // the name of a visitor who came by a secret link; User is 0 then
	Link     ID        `cbor:"11,keyasint,omitempty"` // that link
	Whole    bool      `cbor:"12,keyasint,omitempty"` // about the whole track, not a moment: Position is 0; a reply is as its parent
}

// PlaylistKind says what a playlist is.
type PlaylistKind uint8

// The kinds of playlists.
const (
	Plain PlaylistKind = 0
	Album PlaylistKind = 1
)

// Playlist is an ordered set of tracks of one user.
type Playlist struct {
	ID          ID           `cbor:"1,keyasint"`
	User        ID           `cbor:"2,keyasint"` // the owner
	Kind        PlaylistKind `cbor:"3,keyasint,omitempty"`
	Slug        string       `cbor:"4,keyasint"` // unique among the owner's playlists
	Title       string       `cbor:"5,keyasint"`
	Description string       `cbor:"6,keyasint,omitempty"`
	Tags        []string     `cbor:"7,keyasint,omitempty"`
	Visibility  Visibility   `cbor:"8,keyasint,omitempty"`
	Published   ID           `cbor:"9,keyasint,omitempty"`  // as a track's
	Picture     uint64       `cbor:"10,keyasint,omitempty"` // version of the own artwork; 0 when there is none
	Colour      uint32       `cbor:"11,keyasint,omitempty"` // 0xRRGGBB of the own artwork
	Created     time.Time    `cbor:"12,keyasint"`
	Updated     time.Time    `cbor:"13,keyasint"`
	Release     Release      `cbor:"14,keyasint,omitempty"`
}

// Conversation is what two users wrote each other.
type Conversation struct {
	ID      ID        `cbor:"1,keyasint"`
	Users   [2]ID     `cbor:"2,keyasint"`           // the lower id first
	Last    ID        `cbor:"3,keyasint,omitempty"` // the newest message; 0 when none is left
	Read    [2]ID     `cbor:"4,keyasint"`           // the newest message that each of them has seen
	Unread  [2]uint64 `cbor:"5,keyasint"`           // counter: messages of the other behind Read
	Created time.Time `cbor:"6,keyasint"`
}

// Message is one message of a conversation.
type Message struct {
	ID           ID        `cbor:"1,keyasint"`
	Conversation ID        `cbor:"2,keyasint"`
	User         ID        `cbor:"3,keyasint"` // who wrote it
	Text         string    `cbor:"4,keyasint,omitempty"`
	Attached     Thing     `cbor:"5,keyasint,omitempty"` // a track or a playlist; zero when nothing is
	Created      time.Time `cbor:"6,keyasint"`
}

// Notices is a set of kinds of notifications: bit n stands for kind n.
type Notices uint64

// Notice is a kind of notification.
type Notice uint8

// The kinds of notifications.
const (
	NoticeFollow   Notice = 1 // somebody follows the user
	NoticeComment  Notice = 2 // a comment on a track of the user
	NoticeReply    Notice = 3 // a reply to a comment of the user, or in its thread
	NoticeLike     Notice = 4 // of a track or a playlist of the user
	NoticeRepost   Notice = 5
	NoticeMention  Notice = 6 // a comment names the user
	NoticeNewTrack Notice = 7 // by somebody whom the user follows
	NoticeMessage  Notice = 8 // not kept as a notification: conversations count themselves
)

// Has says whether a kind is in the set.
func (n Notices) Has(kind Notice) bool { return n&(1<<kind) != 0 }

// Notification tells a user what another has done. It says what was so at its
// time: whoever shows it asks whether it still is.
type Notification struct {
	ID      ID        `cbor:"1,keyasint"`
	User    ID        `cbor:"2,keyasint"` // who is told
	Kind    Notice    `cbor:"3,keyasint"`
	Actor   ID        `cbor:"4,keyasint"`           // who has done it
	Thing   Thing     `cbor:"5,keyasint,omitempty"` // the track or playlist it is about; zero for a follow
	Comment ID        `cbor:"6,keyasint,omitempty"` // the comment, reply or mention
	Mark    ID        `cbor:"7,keyasint,omitempty"` // of the follow, like or repost
	Created time.Time `cbor:"8,keyasint"`
}

// Reason is why something was reported.
type Reason uint8

// The reasons.
const (
	ReasonOther     Reason = 0
	ReasonSpam      Reason = 1
	ReasonAbuse     Reason = 2 // hate, harassment, threats
	ReasonCopyright Reason = 3
	ReasonSexual    Reason = 4
)

// Answer is what the keeper did about a report.
type Answer uint8

// The answers. The zero value is an open report.
const (
	Unanswered Answer = 0
	Dismissed  Answer = 1
	Removed    Answer = 2 // the thing was deleted
	Suspended  Answer = 3 // its owner was
)

// Report asks the keeper to look at something.
type Report struct {
	ID       ID        `cbor:"1,keyasint"`
	User     ID        `cbor:"2,keyasint,omitempty"` // who reports; 0 when the account is gone
	Thing    Thing     `cbor:"3,keyasint"`           // a track, playlist, comment or user
	Owner    ID        `cbor:"4,keyasint,omitempty"` // whose it is
	Reason   Reason    `cbor:"5,keyasint,omitempty"`
	Text     string    `cbor:"6,keyasint,omitempty"`
	About    string    `cbor:"7,keyasint,omitempty"` // the title or text of the thing as it was
	Created  time.Time `cbor:"8,keyasint"`
	Answer   Answer    `cbor:"9,keyasint,omitempty"`
	Keeper   ID        `cbor:"10,keyasint,omitempty"` // who answered
	Answered time.Time `cbor:"11,keyasint,omitempty"`
}

// SignUp says who may make an account.
type SignUp uint8

// The ways in. The zero value is the closed one.
const (
	SignUpClosed  SignUp = 0
	SignUpOpen    SignUp = 1
	SignUpInvited SignUp = 2 // with an invite
)

// House is what the keeper decides about the whole place.
type House struct {
	Name       string `cbor:"1,keyasint"`
	SignUp     SignUp `cbor:"2,keyasint,omitempty"`
	Visitors   bool   `cbor:"3,keyasint,omitempty"` // people who are not signed in may look and listen
	MostBytes  uint64 `cbor:"4,keyasint,omitempty"` // quota of each user's uploaded originals; 0: none
	MostTracks uint64 `cbor:"5,keyasint,omitempty"` // quota of each user's tracks; 0: none

	BackupEvery int64  `cbor:"6,keyasint,omitempty"` // seconds between backups; 0 for the settings', below 0 for none
	BackupKeep  uint64 `cbor:"7,keyasint,omitempty"` // how many are kept; 0 for the settings'
	ScanEvery   int64  `cbor:"8,keyasint,omitempty"` // seconds between looks at all libraries; 0 for the settings', below 0 for none
}

// Library is a folder of the keeper's whose files are tracks.
type Library struct {
	ID         ID         `cbor:"1,keyasint"`
	Path       string     `cbor:"2,keyasint"` // absolute; unique
	User       ID         `cbor:"3,keyasint"` // whose tracks its files become
	Visibility Visibility `cbor:"4,keyasint,omitempty"`
	Albums     bool       `cbor:"5,keyasint,omitempty"` // the files of an album become a playlist of that kind
	Copy       bool       `cbor:"6,keyasint,omitempty"` // files are copied into the house; else they are read where they are
	Watch      bool       `cbor:"7,keyasint,omitempty"` // what changes in it is noticed
	Files      uint64     `cbor:"8,keyasint,omitempty"` // counter: files that are tracks
	Refused    uint64     `cbor:"9,keyasint,omitempty"` // counter: files that could not be taken
	Scanned    time.Time  `cbor:"10,keyasint,omitempty"`
	Created    time.Time  `cbor:"11,keyasint"`
	Away       bool       `cbor:"12,keyasint,omitempty"` // the folder was not there, or empty, when it was looked at last
	Going      bool       `cbor:"13,keyasint,omitempty"` // it is being removed
}

// File is a file of a library, as it was when it was read last.
type File struct {
	Library  ID     `cbor:"1,keyasint"`
	Path     string `cbor:"2,keyasint"`            // below the library's, slashes between
	Track    ID     `cbor:"3,keyasint,omitempty"`  // what it became; 0 when it was refused
	Size     int64  `cbor:"4,keyasint"`            // bytes
	Modified int64  `cbor:"5,keyasint"`            // nanoseconds since 1970
	Scan     ID     `cbor:"6,keyasint,omitempty"`  // the import that read it last
	Missing  bool   `cbor:"7,keyasint,omitempty"`  // it was not there then; its track stays
	Refusal  string `cbor:"8,keyasint,omitempty"`  // code of the fault for which it was not taken
	Why      string `cbor:"9,keyasint,omitempty"`  // the sentence that goes with it
	Twin     ID     `cbor:"10,keyasint,omitempty"` // the track that sounds the same, for which it was not taken
}

// ImportState is how far an import has come.
type ImportState uint8

// The states of an import.
const (
	ImportWaiting ImportState = 0
	ImportRunning ImportState = 1
	ImportDone    ImportState = 2
	ImportStopped ImportState = 3 // by the keeper; it can be begun again
	ImportFailed  ImportState = 4
)

// Import is one reading of a library, or of a list of tracks.
type Import struct {
	ID         ID          `cbor:"1,keyasint"`
	Library    ID          `cbor:"2,keyasint,omitempty"`
	Path       string      `cbor:"3,keyasint"`           // the folder or the list, as it was named
	By         ID          `cbor:"4,keyasint,omitempty"` // the keeper who asked; 0 for the command line, or when it was noticed
	State      ImportState `cbor:"5,keyasint,omitempty"`
	Created    time.Time   `cbor:"6,keyasint"`
	Started    time.Time   `cbor:"7,keyasint,omitempty"`
	Ended      time.Time   `cbor:"8,keyasint,omitempty"`
	Found      uint64      `cbor:"9,keyasint,omitempty"`  // files, or rows, to be looked at
	Seen       uint64      `cbor:"10,keyasint,omitempty"` // of these, looked at so far
	Bytes      uint64      `cbor:"11,keyasint,omitempty"` // read of what was taken
	Added      uint64      `cbor:"12,keyasint,omitempty"` // tracks made
	Changed    uint64      `cbor:"13,keyasint,omitempty"` // tracks that were there and took something over
	Same       uint64      `cbor:"14,keyasint,omitempty"` // files with nothing new
	Moved      uint64      `cbor:"15,keyasint,omitempty"` // found under another name
	Duplicates uint64      `cbor:"16,keyasint,omitempty"` // whose sound is there already
	Refused    uint64      `cbor:"17,keyasint,omitempty"`
	Missing    uint64      `cbor:"18,keyasint,omitempty"` // not there any more
	Comments   uint64      `cbor:"19,keyasint,omitempty"` // made
	Error      string      `cbor:"20,keyasint,omitempty"` // why it failed, a sentence
	Dry        bool        `cbor:"21,keyasint,omitempty"` // nothing was to be kept

	// Of a list: where its files are, whose they become, and how.
	Folder     string     `cbor:"22,keyasint,omitempty"`
	User       ID         `cbor:"23,keyasint,omitempty"`
	Visibility Visibility `cbor:"24,keyasint,omitempty"`
	Albums     bool       `cbor:"25,keyasint,omitempty"`
}

// Problem is something that an import did not take, and why.
type Problem struct {
	Path string `cbor:"1,keyasint,omitempty"`
	Line uint64 `cbor:"2,keyasint,omitempty"` // of the list, from 1
	Code string `cbor:"3,keyasint"`
	Text string `cbor:"4,keyasint"` // the sentence
}

// Upload is a file that comes in pieces, as far as it came.
type Upload struct {
	ID         ID         `cbor:"1,keyasint"`
	User       ID         `cbor:"2,keyasint"`
	Size       int64      `cbor:"3,keyasint"` // bytes, when it is whole
	Name       string     `cbor:"4,keyasint,omitempty"`
	Visibility Visibility `cbor:"5,keyasint,omitempty"`
	Created    time.Time  `cbor:"6,keyasint"`
	Touched    time.Time  `cbor:"7,keyasint"`            // when something of it came last
	Track      ID         `cbor:"8,keyasint,omitempty"`  // what it became
	Refusal    string     `cbor:"9,keyasint,omitempty"`  // code of the fault for which it became none
	Why        string     `cbor:"10,keyasint,omitempty"` // the sentence that goes with it
	About      string     `cbor:"11,keyasint,omitempty"` // what the sentence names
	Kind       uint8      `cbor:"12,keyasint,omitempty"` // of the fault
	Offset     int64      `cbor:"13,keyasint,omitempty"` // bytes that are on the disk to stay; the file may have more
	State      []byte     `cbor:"14,keyasint,omitempty"` // of the SHA-256 over these
}

// Kind is a kind of thing.
type Kind uint8

// The kinds of things. Search follows all but comments by the outbox.
const (
	KindUser     Kind = 1
	KindTrack    Kind = 2
	KindPlaylist Kind = 3
	KindComment  Kind = 4
	KindTag      Kind = 5
)

// Thing names a record together with its kind. The zero Thing is nothing.
type Thing struct {
	Kind Kind `cbor:"1,keyasint,omitempty"`
	ID   ID   `cbor:"2,keyasint,omitempty"`
}

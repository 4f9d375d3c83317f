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

// Visibility is who may know of a track.
type Visibility uint8

// The visibilities. The zero value is the closed one.
const (
	Private Visibility = 0 // the owner alone
	Public  Visibility = 1 // everybody who may enter the house
)

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
	Bytes        uint64    `cbor:"15,keyasint,omitempty"` // counter: size of the uploaded originals
}

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
}

// Waveform says how far the analysis of a track has come.
type Waveform uint8

// The states of an analysis.
const (
	WaveformPending Waveform = 0
	WaveformReady   Waveform = 1
	WaveformFailed  Waveform = 2 // the track plays, only without a waveform
)

// Audio describes the uploaded original; it never changes.
type Audio struct {
	Codec      string `cbor:"1,keyasint"` // "mp3"
	Size       int64  `cbor:"2,keyasint"` // bytes of the original
	SHA256     []byte `cbor:"3,keyasint"` // of the original
	Duration   int64  `cbor:"4,keyasint"` // microseconds of what is heard (delay and padding left out)
	SampleRate int    `cbor:"5,keyasint"` // Hz
	Channels   int    `cbor:"6,keyasint"`
	Bitrate    int    `cbor:"7,keyasint"`           // bits a second, the average
	Variable   bool   `cbor:"8,keyasint,omitempty"` // frames differ in bit rate
	FileName   string `cbor:"9,keyasint,omitempty"` // what the uploader called it; shown, never opened
}

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
	Published    ID         `cbor:"15,keyasint,omitempty"` // time-ordered mark of when it became public; 0 while private
	Created      time.Time  `cbor:"16,keyasint"`
	Updated      time.Time  `cbor:"17,keyasint"`
	Colour       uint32     `cbor:"18,keyasint,omitempty"` // 0xRRGGBB of the artwork, for the page around it
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
}

// SignUp says who may make an account.
type SignUp uint8

// The ways in. The zero value is the closed one.
const (
	SignUpClosed SignUp = 0
	SignUpOpen   SignUp = 1
)

// House is what the keeper decides about the whole place.
type House struct {
	Name     string `cbor:"1,keyasint"`
	SignUp   SignUp `cbor:"2,keyasint,omitempty"`
	Visitors bool   `cbor:"3,keyasint,omitempty"` // people who are not signed in may look and listen
}

// Kind is a kind of searchable thing in the outbox.
type Kind uint8

// The kinds of things that search follows.
const (
	KindUser  Kind = 1
	KindTrack Kind = 2
)

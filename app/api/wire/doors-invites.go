package wire

import "time"

// Account is a person as keepers see them.
type Account struct {
	User
	Email      string    `json:"email"`
	UsedBytes  uint64    `json:"used_bytes" doc:"Size of the uploaded originals."`
	UsedTracks uint64    `json:"used_tracks" doc:"All tracks, private ones too."`
	MostBytes  int64     `json:"most_bytes" doc:"Quota of the person's own: 0 for the house's, -1 for any amount."`
	MostTracks int64     `json:"most_tracks" doc:"Likewise, of tracks."`
	Quota      Quota     `json:"quota" doc:"What holds for the person."`
	ResetUntil time.Time `json:"reset_until,omitzero" doc:"A link for a new password is out, and good until then."`
}

// Quota is how much somebody may keep; what is absent is not limited.
type Quota struct {
	Bytes  uint64 `json:"bytes,omitempty" doc:"Of uploaded originals."`
	Tracks uint64 `json:"tracks,omitempty"`
}

// QuotaChange gives a person a quota of their own.
type QuotaChange struct {
	MostBytes  int64 `json:"most_bytes" minimum:"-1" maximum:"1000000000000000" doc:"0 for the house's, -1 for any amount."`
	MostTracks int64 `json:"most_tracks" minimum:"-1" maximum:"1000000000"`
}

// RoleChange makes a member a keeper, or a keeper a member again.
type RoleChange struct {
	Role     string `json:"role" enum:"member,keeper"`
	Password string `json:"password" maxLength:"1024" doc:"The asking keeper's own."`
}

// NewReset asks for a link by which somebody chooses a new password.
type NewReset struct {
	Password string `json:"password" maxLength:"1024" doc:"The asking keeper's own."`
	Origin   string `json:"origin,omitempty" maxLength:"200" doc:"Where the asker reaches the house, such as http://192.168.1.5:8080; the link begins with it where no public address is configured."`
}

// OneTimeLink is told once: the server keeps no copy.
type OneTimeLink struct {
	URL     string    `json:"url" doc:"A whole address, or a path where none is known to begin it with."`
	QR      QR        `json:"qr"`
	Expires time.Time `json:"expires,omitzero" doc:"Absent: never."`
}

// QR is a QR code (ISO/IEC 18004) as the path of an SVG.
type QR struct {
	Size int    `json:"size" doc:"Modules of a side, without the quiet zone of 4 around it."`
	Path string `json:"path" doc:"The dark modules, each a unit wide."`
}

// NewInvite makes an invite.
type NewInvite struct {
	Note   string `json:"note,omitempty" maxLength:"100" doc:"Whom it is for. Only keepers see it."`
	Uses   uint64 `json:"uses,omitempty" minimum:"1" maximum:"1000" doc:"How many accounts it makes; 1 when absent."`
	Hours  int    `json:"hours,omitempty" minimum:"-1" maximum:"8784" doc:"How long it is good; a week when absent, -1 for ever."`
	Origin string `json:"origin,omitempty" maxLength:"200" doc:"As of NewReset."`
}

// MadeInvite is an invite that was just made, with its link.
type MadeInvite struct {
	Invite Invite      `json:"invite"`
	Link   OneTimeLink `json:"link"`
}

// Invite is an invite as keepers see it.
type Invite struct {
	ID      string    `json:"id"`
	Note    string    `json:"note"`
	State   string    `json:"state" enum:"good,used,expired,void" doc:"void: who made it is no keeper any more."`
	Uses    uint64    `json:"uses" doc:"How many accounts it makes."`
	Used    uint64    `json:"used" doc:"How many it has made."`
	Users   []UserRef `json:"users" nullable:"false" doc:"Those who came by it and are still there; 50 at most."`
	By      *UserRef  `json:"by,omitempty" doc:"The keeper who made it."`
	Expires time.Time `json:"expires,omitzero" doc:"Absent: never."`
	Created time.Time `json:"created"`
}

// LinkCode is what stands behind the # of a link.
type LinkCode struct {
	Code string `json:"code" maxLength:"100"`
}

// InviteOffer is what an invite says to whoever opens its link.
type InviteOffer struct {
	House string `json:"house"`
	By    string `json:"by" doc:"Name of who invites."`
}

// ResetOffer is what a link for a new password says to whoever opens it.
type ResetOffer struct {
	Name string `json:"name" doc:"Whose password it is."`
}

// PasswordReset sets the password that somebody chose who has a link.
type PasswordReset struct {
	Code     string `json:"code" maxLength:"100"`
	Password string `json:"password" maxLength:"1024" doc:"At least 8 characters."`
}

// Forgotten asks for a link by mail.
type Forgotten struct {
	Email    string `json:"email" maxLength:"254"`
	Language string `json:"language,omitempty" enum:"en,ko" doc:"Of the mail."`
}

// EmailChange gives the own account another address.
type EmailChange struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" maxLength:"1024"`
}

package wire

import "time"

// Link is a secret link to a track or playlist, as its owner sees it.
type Link struct {
	ID        string    `json:"id"`
	Name      string    `json:"name" doc:"Whom it is for; nobody else is told."`
	URL       string    `json:"url" format:"uri-reference" doc:"Address at which a browser opens it. What follows the # is never sent to a server by itself."`
	Code      string    `json:"code" doc:"What the address carries behind the #."`
	Password  bool      `json:"password" doc:"It asks for a password."`
	Expires   time.Time `json:"expires,omitzero" doc:"Absent: never."`
	MostPlays uint64    `json:"most_plays" doc:"How many listens it is good for; 0: no limit."`
	Plays     uint64    `json:"plays" doc:"Listens by it so far. A listen lasts twice the length of the track, or of the owner's part of the playlist, and ten minutes at least."`
	Download  bool      `json:"download" doc:"Whoever has it may download, whatever the track says."`
	Comments  bool      `json:"comments" doc:"Whoever has it may comment: visitors under a name."`
	State     string    `json:"state" enum:"open,expired,used_up"`
	Created   time.Time `json:"created"`
	Used      time.Time `json:"used,omitzero" doc:"When the last listen began."`
}

// LinkPatch makes or changes a secret link. Absent fields stay as they are, or
// as in a new one: nameless, without password, end and limit, nothing allowed.
type LinkPatch struct {
	Name      *string `json:"name,omitempty" maxLength:"200" doc:"At most 80 characters."`
	Password  *string `json:"password,omitempty" maxLength:"100" doc:"At least 4 characters; empty for none."`
	Expires   *string `json:"expires,omitempty" maxLength:"40" doc:"When it ends (RFC 3339); empty for never."`
	MostPlays *uint64 `json:"most_plays,omitempty" doc:"How many listens it is good for; 0 for no limit."`
	Download  *bool   `json:"download,omitempty"`
	Comments  *bool   `json:"comments,omitempty"`
	Renew     bool    `json:"renew,omitempty" doc:"Give it another address; the old one opens nothing from then on."`
}

// OpenLink opens a secret link.
type OpenLink struct {
	Code     string `json:"code" maxLength:"100" doc:"What the address carries behind the #."`
	Password string `json:"password,omitempty" maxLength:"100"`
}

// Opened is what a secret link leads to.
type Opened struct {
	Kind   string  `json:"kind" enum:"track,playlist"`
	ID     string  `json:"id"`
	URL    string  `json:"url" format:"uri-reference" doc:"Address of its page."`
	Title  string  `json:"title"`
	User   UserRef `json:"user" doc:"Whose it is."`
	Grants string  `json:"grants" doc:"For programs: send it as the header Earshot-Links from now on. Browsers get a cookie."`
}

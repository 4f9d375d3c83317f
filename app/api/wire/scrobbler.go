package wire

import "time"

// Scrobbler is where the asker's listens are told, besides here, and how that
// goes.
type Scrobbler struct {
	Servers   []ScrobbleServer `json:"servers" nullable:"false" doc:"Those that the keeper allows; with none, listens are told nowhere."`
	Connected bool             `json:"connected" doc:"Listens are told. What follows is absent when they are not."`
	Address   string           `json:"address,omitempty" doc:"Of the server."`
	Title     string           `json:"title,omitempty" doc:"Of the server."`
	Name      string           `json:"name,omitempty" doc:"Of the account there."`
	Since     time.Time        `json:"since,omitzero"`
	Sent      int64            `json:"sent" doc:"Listens that the server took."`
	Waiting   int              `json:"waiting" doc:"Listens that are still to be told."`
	Last      time.Time        `json:"last,omitzero" doc:"When it took one last."`
	Error     string           `json:"error,omitempty" enum:"scrobbler.token,scrobbler.unreachable,scrobbler.busy,scrobbler.answer,scrobbler.address" doc:"Why it takes none now."`
	Failed    time.Time        `json:"failed,omitzero" doc:"Since when."`
	Paused    bool             `json:"paused" doc:"Nothing is sent until another token is given."`
}

// ScrobbleServer is a server to which listens may be told.
type ScrobbleServer struct {
	Address   string `json:"address"`
	Title     string `json:"title" doc:"As people call it."`
	TokenPage string `json:"token_page,omitempty" doc:"Where people find their token there; absent where nobody knows."`
}

// NewScrobbler is where the asker's listens are to be told.
type NewScrobbler struct {
	Address string `json:"address" maxLength:"500" doc:"One of servers."`
	Token   string `json:"token" maxLength:"600" doc:"The asker's own there. It is never given out again."`
}

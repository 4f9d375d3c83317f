package wire

import "time"

// NewFeed is a private feed to be made.
type NewFeed struct {
	Kind   string `json:"kind" enum:"stream,user,playlist,tag"`
	Of     string `json:"of,omitempty" maxLength:"200" doc:"Id of the person or the playlist, or name of the tag; absent of the own stream."`
	Origin string `json:"origin,omitempty" maxLength:"300" doc:"Where the asker's browser reaches the house; counts where public_url does not say it."`
}

// Feed is a private feed of the asker's. Whoever has its address hears what the
// asker hears of the thing that it is of.
type Feed struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind" enum:"stream,user,playlist,tag"`
	Of      string    `json:"of,omitempty"`
	Title   string    `json:"title,omitempty" doc:"Of the person, playlist or tag; absent of the stream, and where it is gone."`
	Page    string    `json:"page,omitempty" format:"uri-reference"`
	URL     string    `json:"url" format:"uri"`
	QR      *QR       `json:"qr,omitempty" doc:"Of url; absent in lists."`
	Client  string    `json:"client,omitempty" doc:"What asked for it last, as it calls itself."`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"`
	Gone    bool      `json:"gone,omitempty" doc:"What it is of is not there for the asker any more."`
}

// Feeds is the list of the asker's private feeds.
type Feeds struct {
	Items []Feed `json:"items"`
}

package wire

import "time"

// Key is what a program comes in by. Its secret is told only when it is made.
type Key struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind" enum:"app,api,feed" doc:"app: an app password, for music apps. api: a token, for programs of one's own. feed: in the address of a feed."`
	Name    string    `json:"name" doc:"How its owner calls it."`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero" doc:"When it ends by itself; absent for never."`
	Expired bool      `json:"expired" doc:"It has ended, and lets nobody in."`
	Used    time.Time `json:"used,omitzero" doc:"When it was used last, to a few minutes; absent before the first time."`
	Client  string    `json:"client,omitempty" doc:"What the program that used it last calls itself."`
	Scopes  []string  `json:"scopes,omitempty" doc:"Of a token: read, write, messages, keep."`
	Feed    *KeyFeed  `json:"feed,omitempty" doc:"Of a feed: what it is of; absent for what its owner follows."`
}

// KeyFeed is what a feed is of.
type KeyFeed struct {
	Kind string `json:"kind" enum:"user,playlist"`
	ID   string `json:"id"`
}

// NewKey is an app password or a token that is to be made.
type NewKey struct {
	Proof
	Kind   string   `json:"kind" enum:"app,api"`
	Name   string   `json:"name" maxLength:"1000" doc:"What it is for, such as the name of the phone or the script; at most 60 characters."`
	Scopes []string `json:"scopes,omitempty" maxItems:"4" nullable:"false" doc:"What a token may do. read: see and hear what its owner does, but for messages. write: change it, such as upload, like and comment. messages: read and write messages. keep: what only a keeper does, while its owner is one."`
	Days   int      `json:"days,omitempty" doc:"How many days until it ends; 0 for never."`
	Origin string   `json:"origin,omitempty" maxLength:"300" doc:"Where the asker's browser reaches the house; counts where public_url does not say it."`
}

// KeyPatch changes an own key.
type KeyPatch struct {
	Name string `json:"name" maxLength:"1000" doc:"At most 60 characters."`
}

// MadeKey is a new key with all that a program asks for.
type MadeKey struct {
	Key      Key    `json:"key"`
	Secret   string `json:"secret" doc:"Told this once."`
	Address  string `json:"address" doc:"Of the server."`
	Username string `json:"username"`
	Link     string `json:"link,omitempty" doc:"Of an app password: a page that shows all this on a phone, for apps that are there. What is secret stands behind its #, which browsers keep to themselves."`
	QR       *QR    `json:"qr,omitempty" doc:"That link as a QR code."`
}

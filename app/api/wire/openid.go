package wire

import "time"

// Provider is an issuer of OpenID Connect that lets people in.
type Provider struct {
	Name  string `json:"name" doc:"Its name in addresses: GET /api/auth/openid/{name}/start leads there."`
	Title string `json:"title" doc:"Its name for people."`
}

// IDToken signs in by an ID token that a client got by itself.
type IDToken struct {
	IDToken string `json:"id_token" maxLength:"16384"`
	Nonce   string `json:"nonce,omitempty" maxLength:"200" doc:"What the token's nonce has to be, where the client chose one."`
	Invite  string `json:"invite,omitempty" maxLength:"100" doc:"Code of an invite, for a new account."`
}

// OpenIDLink connects an account that has the e-mail address which the issuer
// vouches for.
type OpenIDLink struct {
	Ticket   string `json:"ticket" maxLength:"4096" doc:"Of the error openid.link, which a sign-in was answered with."`
	Password string `json:"password" maxLength:"1000"`
}

// Identity is an account at an issuer that lets the asker in.
type Identity struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider,omitempty" doc:"Its name; absent when the keeper took the issuer out of the settings."`
	Title    string    `json:"title"`
	Email    string    `json:"email,omitempty" doc:"As the issuer said it last."`
	Created  time.Time `json:"created"`
	Used     time.Time `json:"used"`
}

// Connect lets the asker in by an account at an issuer, too: by an ID token, or
// by going there.
type Connect struct {
	Proof
	IDToken string `json:"id_token,omitempty" maxLength:"16384"`
	Nonce   string `json:"nonce,omitempty" maxLength:"200"`
	Next    string `json:"next,omitempty" maxLength:"500" doc:"Without an ID token: the page of this house to come back to."`
}

// Connected is what came of it.
type Connected struct {
	Identity *Identity `json:"identity,omitempty" doc:"With an ID token: what lets the asker in from now on."`
	Redirect string    `json:"redirect,omitempty" doc:"Without one: where this browser has to go."`
}

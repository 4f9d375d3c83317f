package api

import (
	"net/http"
	"strings"

	"earshot/app/core"
	"earshot/db"
)

// shut are the beginnings of routes that no token opens: by them an account is
// kept, given to somebody else or ended.
var shut = []string{
	"/api/auth/", "/api/setup",
	"/api/me/password", "/api/me/email", "/api/me/sessions", "/api/me/security", "/api/me/factor", "/api/me/passkeys",
	"/api/me/identities", "/api/me/keys", "/api/me/feeds", "/api/me/delete",
	"/api/me/export", // all at once, messages and address too
	"/api/users/{id}/factor", "/api/users/{id}/role", "/api/users/{id}/reset",
}

// begins tells whether a route is a path or below it.
func begins(path, with string) bool {
	rest, ok := strings.CutPrefix(path, with)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(with, "/"))
}

// scopesOf gives the scopes of which a token needs one for a route: none for what
// is for people alone. It is derived, so that no route can be forgotten.
func scopesOf(method, path string, g guard) db.Scopes {
	for _, with := range shut {
		if begins(path, with) {
			return 0
		}
	}
	reads := method == http.MethodGet || method == http.MethodHead
	switch {
	case method == http.MethodDelete && path == "/api/users/{id}":
		return 0 // somebody's account
	case g == keeper:
		return db.ScopeKeep
	case begins(path, "/api/conversations"), path == "/api/users/{id}/conversation", path == "/api/users/{id}/messages":
		return db.ScopeMessages
	case path == "/api/events":
		return db.ScopeRead | db.ScopeMessages // each hears of what it is for
	case g == anyone && reads:
		return db.ScopeRead | db.ScopeWrite | db.ScopeMessages | db.ScopeKeep
	case begins(path, "/api/uploads") && (reads || method == http.MethodOptions):
		return db.ScopeRead | db.ScopeWrite // whoever sends has to know how much is here
	case path == "/api/links/open":
		return db.ScopeRead // changes nothing
	case path == "/api/me/scrobbler" && !reads:
		return 0 // where somebody's listens go
	case reads && (path == "/api/tracks/{id}/links" || path == "/api/playlists/{id}/links"):
		return db.ScopeWrite // the codes open things when the token has ended, and may let write
	case reads:
		return db.ScopeRead
	}
	return db.ScopeWrite
}

// securityOf documents by what a route is opened: by one of several.
func securityOf(g guard, needs db.Scopes) []map[string][]string {
	var ways []map[string][]string
	switch g {
	case anyone:
		return nil // who asks does not matter
	case visitor, holder:
		ways = append(ways, map[string][]string{}) // nobody in particular
	}
	for _, name := range core.ScopeNames(needs) {
		ways = append(ways, map[string][]string{"token": {name}})
	}
	ways = append(ways, map[string][]string{"bearer": {}}, map[string][]string{"cookie": {}})
	if g == speaker || g == holder {
		ways = append(ways, map[string][]string{"links": {}})
	}
	return ways
}

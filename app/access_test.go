package app_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// The access matrix: every route × who asks, with the expected status.
//
//	N visitor   U another member   Fo who follows the owner   O the owner
//	B whom the owner blocked   A the keeper
//
// and X, whose token is not good: forged, of a suspended or of a deleted
// account; likewise a program's, or one that was taken back, or an app password
// or the key of a feed in a token's place. X has no column: it gets what N gets, to the byte.
//
// A hidden thing answers 404, exactly like one that never existed; only what one
// has done oneself can be taken back there. The keeper
// sees a label of private tracks (title, owner, size) and may delete them, but
// never hears them, and reads nobody's mail. Of the world's two conversations
// the one is between O and Fo, the other, from before the block, between O and
// B: who takes part is in the columns.
type access struct {
	route            string // as in the API's document
	path             string // with the world's {names} in it; the route when empty
	body             any    // likewise
	n, u, f, o, b, a int    // expected status; 0 is not asked
}

// S, who is not signed in and holds two secret links, has the column apart from
// the others (links_test.go): where nothing stands there, S gets what N gets, to
// the byte.

// matrix has a row, or several, for every route; a route without one fails the
// test below.
func matrix() []access {
	rows := slices.Concat(houseRows(), ownRows(), userRows(), tagRows(), trackRows(), playlistRows(), commentRows(), messageRows(), reportRows(), linkRows(), libraryRows())
	rows = append(rows, reachRows(rows)...)
	rows = append(rows, embedRows()...)
	rows = slices.Concat(coverRows(), rows, feedRows()) // artwork is taken away by others, and listens by feeds change counts
	return append(rows, keeperRows()...)                // last: somebody is suspended and deleted
}

const notPNG = "\x89PNG\r\n\x1a\nnot a whole picture"

var no = any(nil)

func houseRows() []access {
	return []access{
		//                                                                                 N    U    Fo   O    B    A
		{"GET /api/house", "", no, 200, 200, 200, 200, 200, 200},
		{"PATCH /api/house", "", wire.HousePatch{}, 401, 403, 403, 403, 403, 200},
		{"GET /api/house/settings", "", no, 401, 403, 403, 403, 403, 200},
		{"GET /api/health", "", no, 401, 403, 403, 403, 403, 200},
		{"GET /api/storage", "", no, 401, 403, 403, 403, 403, 200},
		{"GET /api/jobs", "", no, 401, 403, 403, 403, 403, 200},
		{"POST /api/jobs/{id}/retry", "/api/jobs/{never}/retry", no, 401, 403, 403, 403, 403, 404}, // others: TestKeeperTriesWorkAgain
		{"GET /api/backups", "", no, 401, 403, 403, 403, 403, 200},
		{"POST /api/backups", "", no, 401, 403, 403, 403, 403, 201},
		{"POST /api/backups/{name}/prove", "/api/backups/earshot-20200101-000000.db/prove", no, 401, 403, 403, 403, 403, 404},
		{"GET /api/check", "", no, 401, 403, 403, 403, 403, 200},
		{"POST /api/check", "", no, 401, 403, 403, 403, 403, 200},
		{"DELETE /api/check", "", no, 401, 403, 403, 403, 403, 204},
		{"POST /api/setup", "", wire.Setup{Token: "x", Email: "x@y.z", Password: "x", Name: "x"}, 409, 409, 409, 409, 409, 409},
		{"POST /api/auth/sign-up", "", wire.SignUp{Email: "bad", Password: "x"}, 400, 400, 400, 400, 400, 400},
		{"POST /api/auth/sign-in", "", wire.SignIn{Email: "bad", Password: "x"}, 401, 401, 401, 401, 401, 401},
		{"POST /api/auth/factor", "", wire.Code{Ticket: "x", Code: "123456"}, 401, 401, 401, 401, 401, 401},
		{"POST /api/auth/passkey/begin", "", no, 409, 409, 409, 409, 409, 409}, // no https here; see TestPasskeys
		{"POST /api/auth/passkey", "", wire.ShownPasskey{ID: "AA"}, 409, 409, 409, 409, 409, 409},
		{"POST /api/auth/sign-out", "", no, 204, 0, 0, 0, 0, 0}, // ends the session; see TestSignUpAndIn
		// The house has no providers; openid_test.go has one that has.
		{"POST /api/auth/google", "", wire.IDToken{IDToken: "x"}, 404, 404, 404, 404, 404, 404},
		{"POST /api/auth/openid/{name}", "/api/auth/openid/home", wire.IDToken{IDToken: "x"}, 404, 404, 404, 404, 404, 404},
		{"POST /api/auth/openid/link", "", wire.OpenIDLink{Ticket: "x", Password: "x"}, 400, 400, 400, 400, 400, 400},
		{"GET /api/auth/openid/{name}/start", "/api/auth/openid/home/start?next=/upload", no, 303, 303, 303, 303, 303, 303},
		{"GET /api/auth/openid/{name}/callback", "/api/auth/openid/home/callback?state=x&code=x", no, 303, 303, 303, 303, 303, 303},
		{"POST /api/auth/invite/check", "", wire.LinkCode{Code: "none"}, 403, 403, 403, 403, 403, 403},
		{"POST /api/auth/reset/check", "", wire.LinkCode{Code: "none"}, 403, 403, 403, 403, 403, 403},
		{"POST /api/auth/reset", "", wire.PasswordReset{Code: "none", Password: "x"}, 403, 403, 403, 403, 403, 403},
		{"POST /api/auth/forgot", "", wire.Forgotten{Email: "mina@home.example"}, 409, 409, 409, 409, 409, 409}, // no mails are sent here
		{"GET /api/events", "", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/stream", "", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/stream", "/api/stream?of=followed", no, 401, 200, 200, 200, 200, 200},
		{"GET /api/stream", "/api/stream?of=all", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/home", "", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/tags", "", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/charts", "", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/charts", "/api/charts?period=all", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/search", "/api/search?q=song", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/search/suggest", "/api/search/suggest?q=so", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/search/index", "", no, 401, 403, 403, 403, 403, 200},
		{"POST /api/search/index/rebuild", "", no, 401, 403, 403, 403, 403, 204},
		{"GET /api/openapi.json", "", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/docs", "", no, 200, 200, 200, 200, 200, 200},
		{"GET /api/resolve", "/api/resolve?path=/mina", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/resolve", "/api/resolve?path={public-url}", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/resolve", "/api/resolve?path={private-url}", no, 404, 404, 404, 200, 404, 200},
		{"GET /api/resolve", "/api/resolve?path={open-url}", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/resolve", "/api/resolve?path={shut-url}", no, 404, 404, 404, 200, 404, 200},
	}
}

// ownRows are of what everybody has of their own: nobody else's can be asked for.
func ownRows() []access {
	own := func(route, path string, body any, want int) access {
		return access{route, path, body, 401, want, want, want, want, want}
	}
	return []access{
		own("GET /api/me", "", no, 200),
		own("PATCH /api/me", "", wire.MePatch{}, 200),
		own("PUT /api/me/password", "", wire.PasswordChange{Current: "x", New: "y"}, 400),
		own("PUT /api/me/email", "", wire.EmailChange{Email: "x@y.example", Password: "x"}, 400),
		own("PUT /api/me/picture", "", []byte(notPNG), 415),
		own("PUT /api/me/banner", "", []byte(notPNG), 415),
		own("GET /api/me/sessions", "", no, 200),
		own("GET /api/me/security", "", no, 200),
		own("POST /api/me/factor/begin", "", wire.Proof{Password: "x"}, 400),
		own("POST /api/me/factor/confirm", "", wire.FirstCode{Code: "123456"}, 409),
		own("POST /api/me/factor/codes", "", wire.CodeProof{Proof: wire.Proof{Password: "x"}}, 400),
		own("POST /api/me/factor/off", "", wire.CodeProof{Proof: wire.Proof{Password: "x"}}, 400),
		own("POST /api/me/passkeys/begin", "", wire.Proof{Password: "x"}, 409),
		own("POST /api/me/passkeys", "", wire.NewPasskey{ID: "AA"}, 409),
		own("PATCH /api/me/passkeys/{id}", "/api/me/passkeys/{never}", wire.PasskeyPatch{Name: "Mine"}, 404),
		own("DELETE /api/me/passkeys/{id}", "/api/me/passkeys/{never}", no, 404),
		own("GET /api/me/keys", "", no, 200),
		own("GET /api/me/keys", "/api/me/keys?kind=api", no, 200),
		own("POST /api/me/keys", "", wire.NewKey{Kind: "app", Name: "Phone", Proof: wire.Proof{Password: "x"}}, 400),
		own("GET /api/me/identities", "", no, 200),
		own("POST /api/me/identities/{name}", "/api/me/identities/home", wire.Connect{}, 404),
		own("DELETE /api/me/identities/{id}", "/api/me/identities/{never}", no, 404),
		own("GET /api/me/tracks", "", no, 200),
		own("GET /api/me/tracks", "/api/me/tracks?of=draft&q=song", no, 200),
		own("PATCH /api/me/tracks", "", wire.TracksPatch{IDs: []string{"{never}"}, Changes: wire.TracksPatchChanges{AddTags: []string{"x"}}}, 200), // and what of others'; see TestManyTracks
		own("GET /api/me/export", "", no, 200),
		own("GET /api/me/blocks", "", no, 200),
		own("GET /api/me/state", "", no, 200),
		own("GET /api/me/notifications", "", no, 200),
		own("GET /api/me/history", "", no, 200),
		own("DELETE /api/me/history/{id}", "/api/me/history/{public}", no, 204),
		own("DELETE /api/me/history", "", no, 204),
		own("PUT /api/me/queue", "", wire.NewPlayQueue{Tracks: []string{"{never}"}}, 404), // others: TestQueue
		own("GET /api/me/queue", "", no, 200),
		own("DELETE /api/me/queue", "", no, 204),
		own("GET /api/me/scrobbler", "", no, 200),
		own("PUT /api/me/scrobbler", "", wire.NewScrobbler{Address: "http://never.example", Token: "x"}, 400), // others: TestScrobbler
		own("DELETE /api/me/scrobbler", "", no, 204),
		own("GET /api/me/numbers", "", no, 200),
		own("GET /api/me/numbers", "/api/me/numbers?days=400", no, 200),
		own("GET /api/me/likes", "", no, 200),
		own("GET /api/me/likes/playlists", "", no, 200),
		own("GET /api/me/playlists", "", no, 200),
		own("GET /api/me/playlists", "/api/me/playlists?track={private}", no, 200),
		own("GET /api/recommendations/users", "", no, 200),
		own("GET /api/conversations", "", no, 200),
		own("POST /api/tracks", "", []byte("not a sound at all"), 415),
		own("OPTIONS /api/uploads", "", no, 204),
		own("POST /api/uploads", "", no, 201),
		own("GET /api/uploads", "", no, 200),
		own("POST /api/uploads/known", "", wire.Known{SHA256: []string{strings.Repeat("0", 64)}}, 200),
		own("POST /api/playlists", "", wire.NewPlaylist{Title: "Mine"}, 201),
		//                                                                                 N    U    Fo   O    B    A
		{"HEAD /api/uploads/{id}", "/api/uploads/{coming}", no, 401, 404, 404, 200, 404, 404},
		{"GET /api/uploads/{id}", "/api/uploads/{coming}", no, 401, 404, 404, 200, 404, 404},
		{"PATCH /api/uploads/{id}", "/api/uploads/{coming}", []byte("x"), 401, 404, 404, 204, 404, 404},
		{"DELETE /api/uploads/{id}", "/api/uploads/{coming}", no, 401, 404, 404, 204, 404, 404},
		{"PATCH /api/me/keys/{id}", "/api/me/keys/{key}", wire.KeyPatch{Name: "Mine"}, 401, 404, 404, 200, 404, 404},
		{"DELETE /api/me/keys/{id}", "/api/me/keys/{key}", no, 401, 404, 404, 204, 404, 404},
		{"POST /api/me/delete", "", wire.AccountDeletion{Password: "x"}, 401, 400, 400, 400, 400, 409},
		{"POST /api/me/notifications/seen", "", wire.Seen{UpTo: "{notice}"}, 401, 200, 200, 200, 200, 404}, // own ones from before it are meant
		{"DELETE /api/me/sessions/{id}", "/api/me/sessions/{session}", no, 401, 404, 404, 204, 404, 404},
		own("DELETE /api/me/sessions", "", no, 204),
	}
}

func userRows() []access {
	return []access{
		//                                                                                 N    U    Fo   O    B    A
		{"GET /api/users", "", no, 401, 403, 403, 403, 403, 200},
		{"GET /api/users", "/api/users?limit=1", no, 401, 403, 403, 403, 403, 200},
		{"GET /api/users/{id}", "/api/users/{mina}", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/users/{id}", "/api/users/{haru}", no, 200, 200, 200, 200, 200, 200}, // for O to let him go again
		{"GET /api/users/{id}/tracks", "/api/users/{mina}/tracks", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/users/{id}/tracks", "/api/users/{haru}/tracks", no, 200, 200, 200, 404, 200, 200},
		{"GET /api/users/{id}/picture/{size}", "/api/users/{mina}/picture/100", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/users/{id}/banner/{size}", "/api/users/{mina}/banner/750", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/users/{id}/followers", "/api/users/{mina}/followers", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/users/{id}/following", "/api/users/{mina}/following", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/users/{id}/likes", "/api/users/{mina}/likes", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/users/{id}/reposts", "/api/users/{mina}/reposts", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/users/{id}/playlists", "/api/users/{mina}/playlists", no, 200, 200, 200, 200, 404, 200},
		{"PUT /api/users/{id}/follow", "/api/users/{mina}/follow", no, 401, 200, 200, 400, 404, 200},
		{"PUT /api/users/{id}/follow", "/api/users/{haru}/follow", no, 401, 200, 200, 403, 400, 200},
		{"DELETE /api/users/{id}/follow", "/api/users/{mina}/follow", no, 401, 200, 200, 400, 404, 200},
		{"POST /api/users/{id}/follow/toggle", "/api/users/{mina}/follow/toggle", no, 401, 200, 200, 400, 404, 200},
		{"POST /api/users/{id}/follow/toggle", "/api/users/{haru}/follow/toggle", no, 401, 200, 200, 403, 400, 200},
		{"PUT /api/users/{id}/block", "/api/users/{mina}/block", no, 401, 0, 0, 400, 404, 0},
		{"PUT /api/users/{id}/block", "/api/users/{bystander}/block", no, 401, 204, 204, 204, 204, 204},
		{"DELETE /api/users/{id}/block", "/api/users/{bystander}/block", no, 401, 204, 204, 204, 204, 204},
		{"DELETE /api/users/{id}/block", "/api/users/{mina}/block", no, 401, 204, 204, 204, 404, 204},
	}
}

// tagRows: {our-tag} is on public tracks of mina and jun, {her-tag} on mina's
// public track alone, {secret-tag} on her private one.
func tagRows() (rows []access) {
	for _, r := range []string{"/api/tags/{tag}", "/api/tags/{tag}/tracks", "/api/tags/{tag}/tracks?order=popular", "/api/stations/tags/{tag}"} {
		route, _, _ := strings.Cut("GET "+r, "?")
		with := func(tag string) string { return strings.Replace(r, "{tag}", tag, 1) }
		rows = append(rows,
			//                                         N    U    Fo   O    B    A
			access{route, with("{our-tag}"), no, 200, 200, 200, 200, 200, 200},
			access{route, with("{her-tag}"), no, 200, 200, 200, 200, 404, 200},
			access{route, with("{secret-tag}"), no, 404, 404, 404, 404, 404, 404})
	}
	return rows
}

func trackRows() []access {
	title := wire.TrackPatch{Title: ptr("A changed secret title")}
	rows := []access{}
	for _, r := range []string{"", "/stream", "/stream.mp4", "/stream.mp3", "/stream.mp3?t=0.5", "/peaks.json", "/peaks.json?zoom=fine", "/peaks.dat", "/peaks.dat?zoom=fine", "/picture/300", "/card.jpg", "/download",
		"/similar", "/playlists", "/likers", "/reposters", "/comments", "/comments?order=newest", "/comments/marks"} {
		name, _, _ := strings.Cut(strings.Replace(r, "/300", "/{size}", 1), "?")
		route := "GET /api/tracks/{id}" + name
		public := access{route, "/api/tracks/{public}" + r, no, 200, 200, 200, 200, 404, 200}
		private := access{route, "/api/tracks/{private}" + r, no, 404, 404, 404, 200, 404, 404}
		switch r {
		case "":
			private.a = 200 // the label
		case "/download":
			public.n, public.u, public.f, public.a = 403, 403, 403, 403
		}
		rows = append(rows, public, private)
	}
	return append(rows, []access{
		{"GET /api/stations/tracks/{id}", "/api/stations/tracks/{public}", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/stations/tracks/{id}", "/api/stations/tracks/{private}", no, 404, 404, 404, 200, 404, 404},
		//                                                                                 N    U    Fo   O    B    A
		{"POST /api/tracks/{id}/plays", "/api/tracks/{public}/plays", wire.Listen{ListenedMS: 1}, 200, 200, 200, 200, 404, 200},
		{"POST /api/tracks/{id}/plays", "/api/tracks/{public}/plays", wire.Listen{ListenedMS: 60_000}, 0, 0, 0, 0, 404, 0},
		{"POST /api/tracks/{id}/plays", "/api/tracks/{private}/plays", wire.Listen{ListenedMS: 60_000}, 404, 404, 404, 200, 404, 404},
		{"POST /api/tracks/{id}/stops", "/api/tracks/{public}/stops", wire.Stop{PositionMS: 100, ListenedMS: 1}, 204, 204, 204, 204, 404, 204},
		{"POST /api/tracks/{id}/stops", "/api/tracks/{private}/stops", wire.Stop{PositionMS: 100, ListenedMS: 60_000}, 404, 404, 404, 204, 404, 404},
		{"GET /api/tracks/{id}/numbers", "/api/tracks/{public}/numbers", no, 401, 403, 403, 200, 404, 403},
		{"GET /api/tracks/{id}/numbers", "/api/tracks/{public}/numbers?days=7", no, 401, 403, 403, 200, 404, 403},
		{"GET /api/tracks/{id}/numbers", "/api/tracks/{private}/numbers", no, 401, 404, 404, 200, 404, 404},
		{"PUT /api/tracks/{id}/like", "/api/tracks/{public}/like", no, 401, 200, 200, 200, 404, 200},
		{"PUT /api/tracks/{id}/like", "/api/tracks/{private}/like", no, 401, 404, 404, 200, 404, 404},
		{"DELETE /api/tracks/{id}/like", "/api/tracks/{public}/like", no, 401, 200, 200, 200, 200, 200},
		{"DELETE /api/tracks/{id}/like", "/api/tracks/{private}/like", no, 401, 404, 404, 200, 404, 404},
		{"PUT /api/tracks/{id}/repost", "/api/tracks/{public}/repost", no, 401, 200, 200, 400, 404, 200},
		{"PUT /api/tracks/{id}/repost", "/api/tracks/{private}/repost", no, 401, 404, 404, 409, 404, 404},
		{"DELETE /api/tracks/{id}/repost", "/api/tracks/{public}/repost", no, 401, 200, 200, 200, 200, 200},
		{"DELETE /api/tracks/{id}/repost", "/api/tracks/{private}/repost", no, 401, 404, 404, 200, 404, 404},
		{"PATCH /api/tracks/{id}", "/api/tracks/{public}", wire.TrackPatch{Description: ptr("Changed")}, 401, 403, 403, 200, 404, 403},
		{"PATCH /api/tracks/{id}", "/api/tracks/{private}", title, 401, 404, 404, 200, 404, 403},
		{"PUT /api/tracks/{id}/picture", "/api/tracks/{public}/picture", []byte(notPNG), 401, 403, 403, 415, 404, 403},
		{"PUT /api/tracks/{id}/picture", "/api/tracks/{private}/picture", []byte(notPNG), 401, 404, 404, 415, 404, 403},
		{"DELETE /api/tracks/{id}/picture", "/api/tracks/{public}/picture", no, 401, 403, 403, 200, 404, 403},
		{"DELETE /api/tracks/{id}/picture", "/api/tracks/{private}/picture", no, 401, 404, 404, 200, 404, 403},
		{"PUT /api/tracks/{id}/peaks", "/api/tracks/{public}/peaks", wire.NewPeaks{SampleRate: 44100, Samples: 1}, 401, 403, 403, 409, 404, 403}, // see TestPeaksOfABrowser
		{"PUT /api/tracks/{id}/peaks", "/api/tracks/{private}/peaks", wire.NewPeaks{SampleRate: 44100, Samples: 1}, 401, 404, 404, 409, 404, 403},
		{"DELETE /api/tracks/{id}", "/api/tracks/{public}", no, 401, 403, 403, 204, 404, 204},
		{"DELETE /api/tracks/{id}", "/api/tracks/{private}", no, 401, 404, 404, 204, 404, 204},
	}...)
}

func playlistRows() []access {
	with := func(track string) wire.NewPlaylist { return wire.NewPlaylist{Title: "With", Tracks: []string{track}} }
	return []access{
		//                                                                                 N    U    Fo   O    B    A
		{"POST /api/playlists", "", with("{public}"), 401, 201, 201, 201, 404, 201},
		{"POST /api/playlists", "", with("{private}"), 401, 404, 404, 201, 404, 404},
		{"GET /api/playlists/{id}", "/api/playlists/{open}", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/playlists/{id}", "/api/playlists/{shut}", no, 404, 404, 404, 200, 404, 200},
		{"GET /api/playlists/{id}/tracks", "/api/playlists/{open}/tracks", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/playlists/{id}/tracks", "/api/playlists/{shut}/tracks", no, 404, 404, 404, 200, 404, 404},
		{"GET /api/playlists/{id}/picture/{size}", "/api/playlists/{open}/picture/300", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/playlists/{id}/picture/{size}", "/api/playlists/{shut}/picture/300", no, 404, 404, 404, 200, 404, 404},
		{"PATCH /api/playlists/{id}", "/api/playlists/{open}", wire.PlaylistPatch{Title: ptr("Changed")}, 401, 403, 403, 200, 404, 403},
		{"PATCH /api/playlists/{id}", "/api/playlists/{shut}", wire.PlaylistPatch{Title: ptr("Changed secret")}, 401, 404, 404, 200, 404, 403},
		{"PUT /api/playlists/{id}/tracks/{track}", "/api/playlists/{open}/tracks/{juns}", wire.PlaylistPlace{}, 401, 403, 403, 200, 404, 403},
		{"PUT /api/playlists/{id}/tracks/{track}", "/api/playlists/{shut}/tracks/{juns}", wire.PlaylistPlace{}, 401, 404, 404, 200, 404, 403},
		{"PUT /api/playlists/{id}/tracks/{track}", "/api/playlists/{juns-list}/tracks/{public}", wire.PlaylistPlace{}, 401, 200, 403, 403, 403, 403},
		{"PUT /api/playlists/{id}/tracks/{track}", "/api/playlists/{juns-list}/tracks/{private}", wire.PlaylistPlace{}, 401, 404, 403, 403, 403, 403},
		{"DELETE /api/playlists/{id}/tracks/{track}", "/api/playlists/{open}/tracks/{juns}", no, 401, 403, 403, 200, 404, 403},
		{"DELETE /api/playlists/{id}/tracks/{track}", "/api/playlists/{shut}/tracks/{juns}", no, 401, 404, 404, 200, 404, 403},
		{"PUT /api/playlists/{id}/like", "/api/playlists/{open}/like", no, 401, 200, 200, 200, 404, 200},
		{"PUT /api/playlists/{id}/like", "/api/playlists/{shut}/like", no, 401, 404, 404, 200, 404, 404},
		{"DELETE /api/playlists/{id}/like", "/api/playlists/{open}/like", no, 401, 200, 200, 200, 200, 200},
		{"DELETE /api/playlists/{id}/like", "/api/playlists/{shut}/like", no, 401, 404, 404, 200, 404, 404},
		{"PUT /api/playlists/{id}/picture", "/api/playlists/{open}/picture", []byte(notPNG), 401, 403, 403, 415, 404, 403},
		{"PUT /api/playlists/{id}/picture", "/api/playlists/{shut}/picture", []byte(notPNG), 401, 404, 404, 415, 404, 403},
		{"DELETE /api/playlists/{id}/picture", "/api/playlists/{open}/picture", no, 401, 403, 403, 200, 404, 403},
		{"DELETE /api/playlists/{id}/picture", "/api/playlists/{shut}/picture", no, 401, 404, 404, 200, 404, 403},
		{"DELETE /api/playlists/{id}", "/api/playlists/{open}", no, 401, 403, 403, 204, 404, 204},
		{"DELETE /api/playlists/{id}", "/api/playlists/{shut}", no, 401, 404, 404, 204, 404, 204},
	}
}

// commentRows: {said} is sora's on the public track, {harus} one from before
// the block, {whispered} mina's on the private track, {hers} hers on one of jun.
func commentRows() []access {
	new := func(parent string) wire.NewComment { return wire.NewComment{Text: "Well", Parent: parent} }
	text := wire.CommentPatch{Text: "Changed"}
	return []access{
		//                                                                                 N    U    Fo   O    B    A
		{"GET /api/comments/{id}", "/api/comments/{said}", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/comments/{id}", "/api/comments/{whispered}", no, 404, 404, 404, 200, 404, 404},
		{"GET /api/comments/{id}", "/api/comments/{hers}", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/comments/{id}/replies", "/api/comments/{said}/replies", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/comments/{id}/replies", "/api/comments/{whispered}/replies", no, 404, 404, 404, 200, 404, 404},
		{"GET /api/comments/{id}/replies", "/api/comments/{hers}/replies", no, 200, 200, 200, 200, 404, 200},
		{"POST /api/tracks/{id}/comments", "/api/tracks/{public}/comments", new(""), 401, 201, 201, 201, 404, 201},
		{"POST /api/tracks/{id}/comments", "/api/tracks/{private}/comments", new(""), 401, 404, 404, 201, 404, 404},
		{"POST /api/tracks/{id}/comments", "/api/tracks/{public}/comments", new("{said}"), 401, 201, 201, 201, 404, 201},
		{"POST /api/tracks/{id}/comments", "/api/tracks/{public}/comments", new("{hers}"), 401, 404, 404, 404, 404, 404}, // of another track
		{"POST /api/tracks/{id}/comments", "/api/tracks/{juns}/comments", new("{whispered}"), 401, 404, 404, 404, 404, 404},
		{"PATCH /api/comments/{id}", "/api/comments/{said}", text, 401, 403, 200, 403, 404, 403},
		{"PATCH /api/comments/{id}", "/api/comments/{whispered}", text, 401, 404, 404, 200, 404, 404},
		{"PATCH /api/comments/{id}", "/api/comments/{hers}", text, 401, 403, 403, 200, 404, 403},
		{"DELETE /api/comments/{id}", "/api/comments/{said}", no, 401, 403, 204, 204, 404, 204},
		{"DELETE /api/comments/{id}", "/api/comments/{whispered}", no, 401, 404, 404, 204, 404, 204},
		{"DELETE /api/comments/{id}", "/api/comments/{hers}", no, 401, 204, 403, 204, 404, 204},
		{"DELETE /api/comments/{id}", "/api/comments/{harus}", no, 401, 403, 403, 204, 204, 204},
	}
}

func messageRows() []access {
	hi := wire.NewMessage{Text: "Hi"}
	return []access{
		//                                                                                 N    U    Fo   O    B    A
		{"GET /api/conversations/{id}", "/api/conversations/{talk}", no, 401, 404, 200, 200, 404, 404},
		{"GET /api/conversations/{id}", "/api/conversations/{old-talk}", no, 401, 404, 404, 200, 200, 404},
		{"GET /api/conversations/{id}/messages", "/api/conversations/{talk}/messages", no, 401, 404, 200, 200, 404, 404},
		{"GET /api/conversations/{id}/messages", "/api/conversations/{old-talk}/messages", no, 401, 404, 404, 200, 200, 404},
		{"POST /api/conversations/{id}/seen", "/api/conversations/{talk}/seen", wire.Seen{UpTo: "{message}"}, 401, 404, 200, 200, 404, 404},
		{"POST /api/conversations/{id}/seen", "/api/conversations/{old-talk}/seen", wire.Seen{UpTo: "{old-message}"}, 401, 404, 404, 200, 200, 404},
		{"DELETE /api/conversations/{id}/messages/{message}", "/api/conversations/{talk}/messages/{message}", no, 401, 404, 403, 204, 404, 404},
		{"DELETE /api/conversations/{id}/messages/{message}", "/api/conversations/{old-talk}/messages/{message}", no, 401, 404, 404, 404, 404, 404}, // of another
		{"DELETE /api/conversations/{id}/messages/{message}", "/api/conversations/{old-talk}/messages/{old-message}", no, 401, 404, 404, 0, 403, 404},
		{"GET /api/users/{id}/conversation", "/api/users/{mina}/conversation", no, 401, 200, 200, 400, 404, 200},
		{"POST /api/users/{id}/messages", "/api/users/{mina}/messages", hi, 401, 201, 201, 400, 403, 201},
		{"POST /api/users/{id}/messages", "/api/users/{haru}/messages", hi, 401, 201, 201, 403, 400, 201},
		{"POST /api/users/{id}/messages", "/api/users/{bystander}/messages", wire.NewMessage{Track: "{public}"}, 401, 201, 201, 201, 404, 201},
		{"POST /api/users/{id}/messages", "/api/users/{bystander}/messages", wire.NewMessage{Track: "{private}"}, 401, 404, 404, 201, 404, 404},
		{"POST /api/users/{id}/messages", "/api/users/{bystander}/messages", wire.NewMessage{Playlist: "{shut}"}, 401, 404, 404, 201, 404, 404},
	}
}

func reportRows() []access {
	of := func(kind, id string) wire.NewReport { return wire.NewReport{Kind: kind, ID: id, Reason: "spam"} }
	return []access{
		//                                                                                 N    U    Fo   O    B    A
		{"POST /api/reports", "", of("track", "{public}"), 401, 204, 204, 400, 404, 204},
		{"POST /api/reports", "", of("track", "{private}"), 401, 404, 404, 400, 404, 404},
		{"POST /api/reports", "", of("playlist", "{open}"), 401, 204, 204, 400, 404, 204},
		{"POST /api/reports", "", of("playlist", "{shut}"), 401, 404, 404, 400, 404, 404},
		{"POST /api/reports", "", of("comment", "{said}"), 401, 204, 400, 204, 404, 204},
		{"POST /api/reports", "", of("comment", "{whispered}"), 401, 404, 404, 400, 404, 404},
		{"POST /api/reports", "", of("comment", "{hers}"), 401, 204, 204, 400, 404, 204},
		{"POST /api/reports", "", of("user", "{mina}"), 401, 204, 204, 400, 404, 204},
		{"GET /api/reports", "", no, 401, 403, 403, 403, 403, 200},
		{"POST /api/reports/{id}/answer", "/api/reports/{report}/answer", wire.ReportAnswer{Do: "dismiss"}, 401, 403, 403, 403, 403, 200},
		{"POST /api/reports/{id}/answer", "/api/reports/{never}/answer", wire.ReportAnswer{Do: "dismiss"}, 401, 403, 403, 403, 403, 404},
	}
}

func keeperRows() []access {
	return []access{
		//                                                                                 N    U    Fo   O    B    A
		{"PUT /api/users/{id}/suspension", "/api/users/{never}/suspension", no, 401, 403, 403, 403, 403, 404},
		{"PUT /api/users/{id}/suspension", "/api/users/{keeper}/suspension", no, 401, 403, 403, 403, 403, 409},
		{"PUT /api/users/{id}/suspension", "/api/users/{victim}/suspension", no, 401, 403, 403, 403, 403, 200},
		{"DELETE /api/users/{id}/suspension", "/api/users/{victim}/suspension", no, 401, 403, 403, 403, 403, 200},
		{"POST /api/users/{id}/factor/off", "/api/users/{never}/factor/off", wire.Proof{Password: password}, 401, 403, 403, 403, 403, 404},
		{"POST /api/users/{id}/factor/off", "/api/users/{keeper}/factor/off", wire.Proof{Password: password}, 401, 403, 403, 403, 403, 409},
		{"POST /api/users/{id}/factor/off", "/api/users/{victim}/factor/off", wire.Proof{Password: "x"}, 401, 403, 403, 403, 403, 400},
		{"POST /api/users/{id}/factor/off", "/api/users/{victim}/factor/off", wire.Proof{Password: password}, 401, 403, 403, 403, 403, 409}, // has none
		{"PUT /api/users/{id}/role", "/api/users/{never}/role", wire.RoleChange{Role: "keeper", Password: password}, 401, 403, 403, 403, 403, 404},
		{"PUT /api/users/{id}/role", "/api/users/{victim}/role", wire.RoleChange{Role: "keeper", Password: "x"}, 401, 403, 403, 403, 403, 400},
		{"PUT /api/users/{id}/role", "/api/users/{keeper}/role", wire.RoleChange{Role: "member", Password: password}, 401, 403, 403, 403, 403, 409},
		{"PUT /api/users/{id}/role", "/api/users/{victim}/role", wire.RoleChange{Role: "member", Password: password}, 401, 403, 403, 403, 403, 200},
		{"PUT /api/users/{id}/quota", "/api/users/{never}/quota", wire.QuotaChange{}, 401, 403, 403, 403, 403, 404},
		{"PUT /api/users/{id}/quota", "/api/users/{victim}/quota", wire.QuotaChange{}, 401, 403, 403, 403, 403, 200},
		{"POST /api/users/{id}/reset", "/api/users/{never}/reset", wire.NewReset{Password: password}, 401, 403, 403, 403, 403, 404},
		{"POST /api/users/{id}/reset", "/api/users/{victim}/reset", wire.NewReset{Password: "x"}, 401, 403, 403, 403, 403, 400},
		{"POST /api/users/{id}/reset", "/api/users/{victim}/reset", wire.NewReset{Password: password}, 401, 403, 403, 403, 403, 201},
		{"POST /api/libraries/{id}/scan", "/api/libraries/{never}/scan", no, 401, 403, 403, 403, 403, 404},
		{"GET /api/imports", "", no, 401, 403, 403, 403, 403, 200},
		{"POST /api/imports", "", wire.NewImport{Folder: "/", CSV: "eA=="}, 401, 403, 403, 403, 403, 403},
		{"GET /api/imports/{id}", "/api/imports/{never}", no, 401, 403, 403, 403, 403, 404},
		{"GET /api/imports/{id}/problems", "/api/imports/{never}/problems", no, 401, 403, 403, 403, 403, 404},
		{"DELETE /api/imports/{id}", "/api/imports/{never}", no, 401, 403, 403, 403, 403, 404},
		{"GET /api/invites", "", no, 401, 403, 403, 403, 403, 200},
		{"POST /api/invites", "", wire.NewInvite{}, 401, 403, 403, 403, 403, 201},
		{"DELETE /api/invites/{id}", "/api/invites/{never}", no, 401, 403, 403, 403, 403, 404},
		{"DELETE /api/invites/{id}", "/api/invites/{invite}", no, 401, 403, 403, 403, 403, 204},
		{"DELETE /api/users/{id}", "/api/users/{never}", no, 401, 403, 403, 403, 403, 404},
		{"DELETE /api/users/{id}", "/api/users/{keeper}", no, 401, 403, 403, 403, 403, 409},
		{"DELETE /api/users/{id}", "/api/users/{victim}", no, 401, 403, 403, 403, 403, 204},
		{"DELETE /api/me/picture", "", no, 401, 200, 200, 200, 200, 200},
		{"DELETE /api/me/banner", "", no, 401, 200, 200, 200, 200, 200},
	}
}

func ptr[T any](v T) *T { return &v }

// asked is one who asks, with the status that a row expects for them.
type asked struct {
	who  *person
	want int
}

func (w *world) askers(row access) []asked {
	return []asked{
		{w.visitor(), row.n}, {w.jun, row.u}, {w.sora, row.f}, {w.haru, row.b}, {w.keeper, row.a}, {w.mina, row.o},
	}
}

// TestRefusals asks all that the matrix refuses. A hidden thing must answer as
// an absent one, to the byte, and nothing may change for anybody: neither what
// they see and count, nor what open pages are told.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	watchers := []*person{w.jun, w.mina}
	before := map[*person]string{}
	streams := map[string]*stream{}
	for _, p := range watchers {
		before[p] = w.all(p)
	}
	for _, p := range []*person{w.jun, w.mina, w.sora, w.keeper, w.visitor()} {
		streams[p.name] = p.listen("/api/events")
		streams[p.name].place()
	}
	for _, row := range matrix() {
		method, path := row.question()
		what := method + " " + path
		if row.body != nil {
			what += " " + shorten([]byte(fmt.Sprint(row.body)))
		}
		n := 0
		for _, ask := range w.askers(row) {
			if ask.want < 400 {
				continue
			}
			n++
			got := row.ask(ask.who, w.fill)
			if got.status != ask.want {
				t.Errorf("%s: %s: got %d, want %d; body: %s", ask.who.name, what, got.status, ask.want, shorten(got.body))
			}
			if ask.who.token == "" {
				for _, x := range w.void {
					if same := row.ask(x, w.fill); told(same) != told(got) {
						t.Errorf("%s: %s: gets\n%s, a visitor gets\n%s", x.name, what, told(same), told(got))
					}
				}
			}
			if ask.who.token == "" && row.secret() == row.n {
				if same := row.ask(w.secret, w.fill); told(same) != told(got) {
					t.Errorf("%s: %s: gets\n%s, a visitor gets\n%s", w.secret.name, what, told(same), told(got))
				}
			}
			if ask.want != 404 {
				continue
			}
			if absent := row.ask(ask.who, w.absent); told(absent) != told(got) {
				t.Errorf("%s: %s: what is hidden answers\n%s, what never was\n%s", ask.who.name, what, told(got), told(absent))
			}
			if method != "GET" {
				continue
			}
			for _, try := range []struct {
				method  string
				headers []string
			}{
				{"HEAD", nil}, {"OPTIONS", nil}, {"GET", []string{"Range", "bytes=0-9"}}, {"GET", []string{"If-None-Match", "*"}},
			} {
				got := ask.who.do(try.method, w.fill(path), nil, try.headers...)
				absent := ask.who.do(try.method, w.absent(path), nil, try.headers...)
				if got.status < 400 || told(got) != told(absent) {
					t.Errorf("%s: %s %s %v: what is hidden answers\n%s, what never was\n%s", ask.who.name, try.method, path, try.headers, told(got), told(absent))
				}
			}
		}
		if n == 0 {
			continue
		}
		for _, p := range watchers {
			if now := w.all(p); now != before[p] {
				t.Errorf("%s: though it was refused, %s sees something else:\n%s", what, p.name, differ(before[p], now))
				before[p] = now
			}
		}
	}
	for name, s := range streams {
		if got := s.has(); got != "" {
			t.Errorf("%s was told of what was refused: %s", name, got)
		}
	}
}

// told is what an answer tells: status, headers and body.
func told(a answer) string {
	return fmt.Sprintf("%d %s %v", a.status, a.body, names(a))
}

// TestAllowances asks all that the matrix allows.
func TestAllowances(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fetched := ""
	for _, row := range matrix() {
		method, path := row.question()
		// What was fetched by feeds counts as plays, a moment after it went out, and
		// two answers must agree on them.
		if strings.HasPrefix(fetched, "/feeds/tracks/") {
			time.Sleep(100 * time.Millisecond)
		}
		w.written()
		fetched = path
		if row.n >= 400 {
			w.secretly(row, nil)
		}
		for _, ask := range w.askers(row) {
			if ask.want == 0 || ask.want >= 400 {
				continue
			}
			got := row.ask(ask.who, w.fill)
			if got.status != ask.want {
				t.Errorf("%s: %s %s %v: got %d, want %d; body: %s", ask.who.name, method, path, row.filled(w.fill), got.status, ask.want, shorten(got.body))
			}
			if ask.who.token == "" {
				for _, x := range w.void {
					same, got := row.ask(x, w.fill), got
					if strings.Contains(path, "/stations/") { // whose order is each one's own
						same.body, got.body = nil, nil
					}
					if told(same) != told(got) {
						t.Errorf("%s: %s %s: gets\n%s, a visitor gets\n%s", x.name, method, path, told(same), told(got))
					}
				}
			}
			if ask.who.token == "" {
				w.secretly(row, &got)
			}
			if list, _, _ := strings.Cut(path, "?"); ask.who != w.mina && list != "/api/users" { // keepers know the addresses
				w.holdsBack(ask.who, method+" "+path, got)
			}
			if method == "DELETE" && got.status == 204 {
				w.renew(path)
			}
			if strings.Contains(path, "/follow") {
				w.followAgain()
			}
		}
	}
}

// holdsBack looks for what is mina's alone in an answer to somebody else. The
// keeper's labels have a title, and those to whom she wrote have her words.
func (w *world) holdsBack(p *person, what string, a answer) {
	w.t.Helper()
	if strings.Contains(what, "/openapi.json") { // the same for everybody, and speaks of secret links
		return
	}
	words := []string{"inner words", "mina@home.example", "a gender of hers"}
	if p != w.sora {
		words = append(words, "Only for sora")
	}
	if p != w.haru {
		words = append(words, "Only for haru")
	} else {
		words = append(words, w.public.ID, w.open.ID, "Words of mina", "Answer of mina", "of mina", "of%20mina")
	}
	if p != w.keeper {
		words = append(words, "secret", w.private.ID, w.shut.ID, "shrouded", w.linked.ID, w.inside.ID, w.linkedList.ID)
	}
	words = append(words, w.reach.hidden(w, p)...)
	for _, word := range words {
		if strings.Contains(string(a.body), word) {
			w.t.Errorf("%s: %s has %q in it: %s", p.name, what, word, shorten(a.body))
		}
	}
}

// names lists the headers of an answer that could tell something.
func names(a answer) []string {
	var list []string
	for name := range a.header {
		if name != "Date" {
			list = append(list, name+": "+strings.Join(a.header[name], ","))
		}
	}
	slices.Sort(list)
	return list
}

// sessionOf signs somebody in once more and gives that session's id.
func sessionOf(h *house, name string) string {
	p := h.visitor()
	p.become(p.post("/api/auth/sign-in", wire.SignIn{Email: name + "@home.example", Password: password}), 200)
	var list wire.List[wire.Session]
	p.get("/api/me/sessions").want(200).into(&list)
	return list.Items[0].ID
}

func TestEveryRouteHasItsRow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	h.visitor().get("/api/openapi.json").want(200).into(&doc)
	rows := matrix()
	n := 0
	for path, methods := range doc.Paths {
		for method := range methods {
			n++
			route := strings.ToUpper(method) + " " + path
			if !slices.ContainsFunc(rows, func(r access) bool { return r.route == route }) {
				t.Errorf("route %s has no row in the access matrix", route)
			}
		}
	}
	if n < 30 {
		t.Errorf("the document has only %d routes", n)
	}
}

// TestMembersOnly closes the house to visitors: whatever a visitor may ask for
// answers 401, but for what the sign-in page needs.
func TestMembersOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	k.drawn(track.ID)
	k.patch("/api/house", wire.HousePatch{Visitors: ptr(false), SignUp: ptr("closed")}).want(200)
	v := h.visitor()
	open := regexp.MustCompile(`^(GET /api/(house|openapi.json|docs|auth/.*)|GET /feeds/private/.*|POST /api/(setup|auth/.*|links/open))$`)
	inside := func(s string) string {
		s = strings.NewReplacer("{mina}", k.me.ID, "{public-url}", track.URL).Replace(s)
		return regexp.MustCompile(`\{[a-z-]+\}`).ReplaceAllString(s, track.ID)
	}
	for _, row := range matrix() {
		if a := row.ask(v, inside); strings.HasPrefix(row.route, "HEAD ") {
			a.want(401)
		} else if !open.MatchString(row.route) {
			a.fails(401, "signin.needed")
		}
	}
	v.post("/api/auth/sign-up", wire.SignUp{Email: "new@home.example", Password: password}).fails(403, "signup.closed")
	v.get("/api/house").want(200)
	for _, page := range []string{"/", "/sign-in", "/" + k.me.Username, "/" + k.me.Username + "/" + track.Slug, "/nobody"} {
		body := string(v.get(page).want(200).body)
		if strings.Contains(body, "Song") || strings.Contains(body, k.me.Name) {
			t.Errorf("page %s tells a visitor of a closed house what is inside", page)
		}
	}
	k.get("/api/stream").want(200)
}

// TestPrivacyChangesAtOnce makes a public track private: everything that
// could be opened before is closed at the next request.
func TestPrivacyChangesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	mina.drawn(track.ID)
	var paths, etags []string
	for _, r := range []string{"/stream", "/stream.mp4", "/stream.mp3", "/stream.mp3?t=0.5", "/peaks.dat", "/peaks.dat?zoom=fine", "/picture/100"} {
		a := jun.get("/api/tracks/" + track.ID + r).want(200)
		paths, etags = append(paths, "/api/tracks/"+track.ID+r), append(etags, a.header.Get("Etag"))
		if cc := a.header.Get("Cache-Control"); !strings.Contains(cc, "private") {
			t.Errorf("%s: got Cache-Control %q: what depends on who asks is private", r, cc)
		}
	}
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	for i, path := range paths {
		for _, headers := range [][]string{nil, {"If-None-Match", etags[i]}, {"Range", "bytes=0-9"}, {"If-Range", etags[i], "Range", "bytes=0-9"}} {
			jun.get(path, headers...).fails(404, "not_found")
			if a := jun.do("HEAD", path, nil, headers...); a.status != 404 || a.header.Get("Etag") != "" || a.header.Get("Accept-Ranges") != "" {
				t.Errorf("HEAD %s: got %d %v", path, a.status, a.header)
			}
		}
		mina.get(path).want(200)
	}
	for _, list := range []string{"/api/stream", "/api/users/" + mina.me.ID + "/tracks"} {
		if body := string(jun.get(list).want(200).body); strings.Contains(body, track.ID) {
			t.Errorf("%s still has the track: %s", list, body)
		}
	}
	var u wire.User
	if jun.get("/api/users/" + mina.me.ID).want(200).into(&u); u.Tracks != 0 {
		t.Errorf("the count of tracks that others see: got %d, want 0", u.Tracks)
	}
	jun.get("/api/resolve?path="+track.URL).fails(404, "not_found")
	jun.get(track.URL).want(404)
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("public")}).want(200)
	jun.get(paths[0]).want(200)
}

// TestCursors pages through a list while it grows, and refuses cursors that
// were not given out for it.
func TestCursors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	file := tagged(t, "Song")
	var want []string
	for i := range 7 {
		want = append([]string{mina.upload(fmt.Sprintf("song%d.mp3", i), file, "public").ID}, want...)
	}
	var got []string
	path := "/api/stream?limit=3"
	for {
		var page wire.List[wire.Track]
		mina.get(path).want(200).into(&page)
		for _, tr := range page.Items {
			got = append(got, tr.ID)
		}
		if page.Next == "" {
			break
		}
		if strings.Contains(page.Next, got[len(got)-1]) {
			t.Error("a cursor has an id in clear")
		}
		mina.get("/api/me/tracks?cursor="+page.Next).fails(400, "cursor.invalid")
		mina.get("/api/stream?cursor="+page.Next[:len(page.Next)-1]).fails(400, "cursor.invalid")
		mina.upload("new.mp3", file, "public") // does not move what was begun
		path = "/api/stream?limit=3&cursor=" + page.Next
	}
	if !slices.Equal(got, want) {
		t.Errorf("paging through the stream: got %v, want %v", got, want)
	}
	var page wire.List[wire.Track]
	mina.get("/api/stream?limit=1000000000").want(200).into(&page)
	if len(page.Items) > 100 {
		t.Errorf("a page has %d items", len(page.Items))
	}
	for _, q := range []string{"cursor=x", "cursor=" + strings.Repeat("A", 190), "limit=abc", "sort=password_hash", "filter=email"} {
		mina.get("/api/stream?" + q).want(400)
	}
	mina.get("/api/stream?limit=-1").want(200)
}

package app_test

import (
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// kept is an address that somebody opened, with what a browser keeps of it.
type kept struct{ path, etag string }

// bookmarks are addresses of mina's that sora has opened, of which she has the
// ETags. With the track goes what is about it, with mina all of them.
func (w *world) bookmarks() (ofTrack, ofMina []kept) {
	w.t.Helper()
	note := func(list *[]kept, paths ...string) {
		for _, path := range paths {
			path = w.fill(path)
			*list = append(*list, kept{path, w.sora.get(path).want(200).header.Get("Etag")})
		}
	}
	for _, r := range []string{"", "/stream", "/stream.mp4", "/stream.mp3", "/stream.mp3?t=0.5", "/peaks.json", "/peaks.dat", "/peaks.dat?zoom=fine", "/picture/100",
		"/likers", "/reposters", "/comments", "/comments/marks"} {
		note(&ofTrack, "/api/tracks/{public}"+r)
	}
	note(&ofTrack, "/api/comments/{said}", "/api/comments/{said}/replies", "/api/resolve?path={public-url}", "{public-url}")
	note(&ofMina, "/api/users/{mina}", "/api/users/{mina}/tracks", "/api/users/{mina}/followers", "/api/users/{mina}/playlists", "/api/users/{mina}/picture/300",
		"/api/resolve?path=/mina", "/mina", "/api/playlists/{open}", "/api/playlists/{open}/tracks", "/api/playlists/{open}/picture/300", "{open-url}",
		"/api/comments/{hers}", "/api/users/{mina}/conversation")
	return ofTrack, ofMina
}

// TestChangesAreFeltAtOnce changes what sora may know, each time in a world of
// its own, and asks again for all that she has opened before: by its old
// address, by its ETag, a range of it, in every list, count, message and
// notification, and what the stream of events would have told her (SAFETY 3.2).
func TestChangesAreFeltAtOnce(t *testing.T) {
	t.Parallel()
	const track, all = 1, 2 // what is gone
	for _, change := range []struct {
		name   string
		do     func(w *world)
		gone   int
		undo   func(w *world) // shows it again
		secret []string       // must not be found anywhere any more
	}{
		{
			name: "a track becomes private", gone: track, secret: []string{"{public}", "Public song"},
			do: func(w *world) {
				w.mina.patch(w.fill("/api/tracks/{public}"), wire.TrackPatch{Visibility: ptr("private")}).want(200)
			},
			undo: func(w *world) {
				w.mina.patch(w.fill("/api/tracks/{public}"), wire.TrackPatch{Visibility: ptr("public")}).want(200)
			},
		},
		{
			name: "a track is deleted", gone: track, secret: []string{"{public}", "Public song", "Answer of mina"},
			do: func(w *world) { w.mina.delete(w.fill("/api/tracks/{public}")).want(204) },
		},
		{
			name: "the owner blocks", gone: all, secret: []string{"{public}", "Public song", "{open}", "Answer of mina", "Words of mina"},
			do:   func(w *world) { w.mina.put(user(w.sora, "block"), nil).want(204) },
			undo: func(w *world) { w.mina.delete(user(w.sora, "block")).want(204) },
		},
		{
			name: "the owner is suspended", gone: all, secret: []string{"{public}", "Public song", "{open}", "Answer of mina", "Words of mina"},
			do:   func(w *world) { w.keeper.put(user(w.mina, "suspension"), nil).want(200) },
			undo: func(w *world) { w.keeper.delete(user(w.mina, "suspension")).want(200) },
		},
		{
			name: "the owner deletes the account", gone: all, secret: []string{"{mina}", "{public}", "Public song", "{open}", "Answer of mina", "Words of mina"},
			do: func(w *world) {
				w.mina.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
			},
		},
	} {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			phone := w.sora.listen("/api/events")
			place := phone.place()
			// More happens that sora is told of, while she listens.
			w.mina.reply(as[wire.Comment](w.mina.get(w.fill("/api/comments/{said}"))), "Answer of mina")
			w.mina.send(w.sora, wire.NewMessage{Text: "Listen", Track: w.public.ID})
			w.sora.send(w.mina, wire.NewMessage{Text: "I did"})
			w.sora.post(w.fill("/api/tracks/{public}/plays"), wire.Listen{ListenedMS: 60_000}).want(200)
			if s := phone.has(); !strings.Contains(s, "comment ") || !strings.Contains(s, "message ") || !strings.Contains(s, "notice") {
				t.Fatalf("sora was told: %s", s)
			}
			phone.close()
			ofTrack, ofMina := w.bookmarks()
			before := w.all(w.sora)
			for _, s := range change.secret {
				if !strings.Contains(before, w.fill(s)) {
					t.Fatalf("sora does not see %s beforehand", w.fill(s))
				}
			}

			change.do(w)
			goes := ofTrack
			if change.gone == all {
				goes = append(goes, ofMina...)
			} else {
				for _, k := range ofMina {
					w.sora.get(k.path).want(200)
				}
			}
			for _, k := range goes {
				for _, headers := range [][]string{nil, {"If-None-Match", k.etag}, {"Range", "bytes=0-9"}, {"If-Range", k.etag, "Range", "bytes=0-9"}} {
					a := w.sora.get(k.path, headers...).want(404)
					if strings.HasPrefix(k.path, "/api/") {
						a.fails(404, "not_found")
					}
					if a.header.Get("Etag") != "" || a.header.Get("Accept-Ranges") != "" || a.header.Get("Last-Modified") != "" || strings.Contains(string(a.body), "Public song") {
						t.Errorf("%s tells of what was there: %s", k.path, told(a))
					}
				}
				w.sora.do("HEAD", k.path, nil).want(404)
			}
			after := w.all(w.sora)
			for _, line := range strings.Split(after, "\n") {
				path, body, _ := strings.Cut(line, " ")
				// With whom one has written is known, and stays so.
				if change.gone == all && !strings.HasPrefix(path, "/api/conversations") && strings.Contains(body, w.mina.me.ID) {
					t.Errorf("sora still sees mina: %s", shorten([]byte(line)))
				}
			}
			for _, s := range change.secret {
				// What was asked for is in the addresses; what answers is behind them.
				for _, line := range strings.Split(after, "\n") {
					if _, body, _ := strings.Cut(line, " "); strings.Contains(body, w.fill(s)) {
						t.Errorf("sora still sees %s: %s", w.fill(s), shorten([]byte(line)))
					}
				}
			}
			// Whose account is deleted, their messages go too, sooner or later.
			there := strings.HasPrefix(change.name, "the owner deletes")
			for _, m := range as[wire.List[wire.Message]](w.sora.get(w.fill("/api/conversations/{talk}/messages"))).Items {
				if m.Text == "Listen" {
					there = true
					if !m.Missing || m.Track != nil {
						t.Errorf("the message: got %+v, want it without what was attached", m)
					}
				}
			}
			if !there {
				t.Error("the message is gone")
			}
			again := w.sora.listen("/api/events", "Last-Event-ID", place)
			if s := again.has(); strings.Contains(s, "comment ") || change.gone == all && strings.Contains(s, "message ") {
				t.Errorf("sora is told late of what she may not know: %s", s)
			}
			again.close()
			if change.undo == nil {
				return
			}
			change.undo(w)
			if change.name != "the owner is suspended" { // that ended mina's sessions, not what she has
				w.mina.get("/api/me").want(200)
			}
			for _, k := range goes {
				w.sora.get(k.path).want(200)
			}
		})
	}
}

// TestUnfollow: who does not follow any more has nothing of it in the stream,
// and keeps what everybody has.
func TestUnfollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	new := w.mina.upload("new.mp3", w.sound, "public")
	told := func(t wire.Track) bool {
		for _, n := range w.sora.notices(50) {
			if n.Kind == "new_track" && n.Track.ID == t.ID {
				return true
			}
		}
		return false
	}
	for i := 0; !told(new); i++ {
		if time.Sleep(10 * time.Millisecond); i == 500 {
			t.Fatal("a follower is not told of a new track")
		}
	}
	stream := func() string { return string(w.sora.get("/api/stream").want(200).body) }
	w.sora.put(user(w.jun, "follow"), nil).want(200) // so that the stream stays one's own
	if !strings.Contains(stream(), new.ID) {
		t.Error("the stream of a follower lacks the new track")
	}
	w.sora.delete(user(w.mina, "follow")).want(200)
	if strings.Contains(stream(), new.ID) {
		t.Error("the stream still has the track of who is not followed any more")
	}
	ofTrack, ofMina := w.bookmarks()
	for _, k := range append(ofTrack, ofMina...) {
		w.sora.get(k.path).want(200)
	}
	newer := w.mina.upload("newer.mp3", w.sound, "public")
	w.mina.drawn(newer.ID) // another job, after the announcement
	if told(newer) {
		t.Error("who does not follow any more is told of a new track")
	}
	for _, n := range w.mina.notices(50) {
		for _, u := range n.Actors {
			if n.Kind == "follow" && u.ID == w.sora.me.ID {
				t.Error("mina is still told that sora follows her")
			}
		}
	}
}

// TestSessionEnds: with the session everything ends that it could open, and
// what it listens to.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone, other := *w.mina, w.signIn("mina")
	s := phone.listen("/api/events")
	s.place()
	other.delete("/api/me/sessions").want(204)
	if got := s.has(); got != "end" {
		t.Errorf("the stream of events goes on: %q", got)
	}
	for _, path := range []string{"/api/me", "/api/me/notifications", "/api/conversations", "/api/conversations/{talk}", "/api/me/playlists"} {
		phone.get(w.fill(path)).fails(401, "signin.needed")
	}
	for _, path := range []string{"/api/tracks/{private}", "/api/tracks/{private}/stream.mp3", "/api/playlists/{shut}", "/api/comments/{whispered}"} {
		phone.get(w.fill(path)).fails(404, "not_found")
		other.get(w.fill(path)).want(200)
	}
}

// TestTheKeepersRoleOpensNothing: whom the keeper blocks, or who blocks the
// keeper, is to be dealt with all the same; what they have to themselves stays
// so.
func TestTheKeepersRoleOpensNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mina.put(user(w.keeper, "block"), nil).want(204)
	w.keeper.get(user(w.mina)).want(200)
	w.keeper.get(w.fill("/api/tracks/{public}/stream.mp3")).want(200)
	w.keeper.get(w.fill("/api/tracks/{private}/stream.mp3")).fails(404, "not_found")
	w.keeper.get(w.fill("/api/conversations/{talk}/messages")).fails(404, "not_found")
	w.keeper.put(user(w.mina, "follow"), nil).fails(403, "follow.blocked")
	w.keeper.post(user(w.mina, "messages"), wire.NewMessage{Text: "Hi"}).fails(403, "message.blocked")
	w.keeper.post(w.fill("/api/tracks/{public}/comments"), wire.NewComment{Text: "Hi"}).fails(403, "forbidden")
	before := brief(w.mina.notices(50))
	w.keeper.put(w.fill("/api/tracks/{public}/like"), nil)
	w.keeper.say(w.juns.ID, 0, "Hi @mina")
	if now := brief(w.mina.notices(50)); now != before {
		t.Errorf("mina is told of what the keeper does whom she blocks: %s", now)
	}
}

package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// send writes a message to somebody.
func (p *person) send(to *person, n wire.NewMessage) wire.Message {
	p.h.t.Helper()
	var m wire.Message
	p.post("/api/users/"+to.me.ID+"/messages", n).want(201).into(&m)
	return m
}

// inbox writes all conversations down: with whom, the last line, unread ones.
func (p *person) inbox() string {
	p.h.t.Helper()
	var all []string
	for cursor := ""; ; {
		var page wire.List[wire.Conversation]
		p.get("/api/conversations?limit=2" + cursor).want(200).into(&page)
		for _, c := range page.Items {
			s := "-"
			if c.With != nil {
				s = c.With.Name
			}
			if c.Last != nil {
				s += ":" + c.Last.Text
			}
			if c.Unread > 0 {
				s += fmt.Sprintf("*%d", c.Unread)
			}
			if !c.CanWrite {
				s += "!"
			}
			all = append(all, s)
		}
		if page.Next == "" {
			return strings.Join(all, " ")
		}
		cursor = "&cursor=" + page.Next
	}
}

// messages writes a whole conversation down, the newest first; < is an own one.
func (p *person) messages(id string) string {
	p.h.t.Helper()
	var all []string
	for cursor := ""; ; {
		var page wire.List[wire.Message]
		p.get("/api/conversations/" + id + "/messages?limit=2" + cursor).want(200).into(&page)
		for _, m := range page.Items {
			s := m.Text
			if m.Mine {
				s = "<" + s
			}
			if m.Seen {
				s += "+"
			}
			all = append(all, s)
		}
		if page.Next == "" {
			return strings.Join(all, " ")
		}
		cursor = "&cursor=" + page.Next
	}
}

func (p *person) conversation(path string) wire.Conversation {
	p.h.t.Helper()
	var c wire.Conversation
	p.get(path).want(200).into(&c)
	return c
}

func TestMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	with := func(p *person) string { return "/api/users/" + p.me.ID + "/conversation" }

	if c := mina.conversation(with(jun)); c.ID != "" || c.With == nil || c.With.ID != jun.me.ID || !c.CanWrite || c.Last != nil {
		t.Errorf("before the first message: %+v", c)
	}
	m := mina.send(jun, wire.NewMessage{Text: " hello\r\nyou "})
	if !m.Mine || m.Text != "hello\nyou" || m.Conversation == "" || m.Seen || m.Created.IsZero() {
		t.Errorf("the first message: %+v", m)
	}
	id := m.Conversation
	at := "/api/conversations/" + id
	if c := mina.conversation(with(jun)); c.ID != id || c.Last == nil || c.Last.ID != m.ID || c.Unread != 0 {
		t.Errorf("the sender's conversation: %+v", c)
	}
	if c := jun.conversation(with(mina)); c.ID != id || c.Unread != 1 || c.With.ID != mina.me.ID || c.Last.Mine {
		t.Errorf("the other's: %+v", c)
	}
	if s := jun.state(); s.Messages != 1 || s.Sender == nil || s.Sender.ID != mina.me.ID || s.Notifications != 0 {
		t.Errorf("the other's state: %+v", s)
	}
	second := mina.send(jun, wire.NewMessage{Text: "2"})
	sora.send(jun, wire.NewMessage{Text: "3"})
	k.send(jun, wire.NewMessage{Text: "4"})
	if got, want := jun.inbox(), "Keeper Kim:4*1 sora:3*1 mina:2*2"; got != want {
		t.Errorf("the inbox: got %q, want %q", got, want)
	}
	mina.send(jun, wire.NewMessage{Text: "5"})
	if got, want := jun.inbox(), "mina:5*3 Keeper Kim:4*1 sora:3*1"; got != want {
		t.Errorf("the inbox: got %q, want %q", got, want)
	}
	if got := jun.messages(id); got != "5 2 hello\nyou" {
		t.Errorf("the messages: got %q", got)
	}

	// Seen up to one.
	var s wire.State
	jun.post(at+"/seen", wire.Seen{UpTo: second.ID}).want(200).into(&s)
	if s.Messages != 3 {
		t.Errorf("after reading two of five: %d unread", s.Messages)
	}
	if got := mina.messages(id); got != "<5 <2+ <hello\nyou+" {
		t.Errorf("the sender sees %q", got)
	}
	if c := mina.conversation(at); c.SeenTo != second.ID {
		t.Errorf("seen to %s, want %s", c.SeenTo, second.ID)
	}
	jun.post(at+"/seen", wire.Seen{UpTo: m.ID}).want(200) // never goes back
	if c := mina.conversation(at); c.SeenTo != second.ID {
		t.Errorf("seen to %s, want %s", c.SeenTo, second.ID)
	}
	jun.send(mina, wire.NewMessage{Text: "6"}) // who answers has read
	if s := jun.state(); s.Messages != 2 {
		t.Errorf("after answering: %d unread", s.Messages)
	}
	jun.patch("/api/me", wire.MePatch{Notify: &wire.NotifyPatch{Message: ptr(false)}}).want(200)
	if s := jun.state(); s.Messages != 0 || s.Sender != nil {
		t.Errorf("with messages muted: %+v", s)
	}

	// What is no message.
	for _, n := range []struct {
		body   any
		status int
		code   string
	}{
		{wire.NewMessage{Text: "\n\u200b"}, 400, "message.empty"},
		{wire.NewMessage{Text: strings.Repeat("x", 2001)}, 400, "message.long"},
		{wire.NewMessage{Track: "0000000000001"}, 404, "not_found"},
		{wire.NewMessage{Track: "x"}, 404, "not_found"},
		{wire.NewMessage{Playlist: "0000000000001"}, 404, "not_found"},
		{wire.NewMessage{Track: "0000000000001", Playlist: "0000000000001"}, 400, "message.attached"},
		{map[string]any{"text": "x", "user": k.me.ID}, 400, "bad_request"},
	} {
		mina.post("/api/users/"+jun.me.ID+"/messages", n.body).fails(n.status, n.code)
	}
	mina.post("/api/users/"+mina.me.ID+"/messages", wire.NewMessage{Text: "x"}).fails(400, "message.self")
	mina.get(with(mina)).fails(400, "message.self")
	mina.post("/api/users/0000000000001/messages", wire.NewMessage{Text: "x"}).fails(404, "not_found")

	// Nobody else reads along, and the keeper does not either.
	for _, who := range []*person{sora, k} {
		for _, a := range []answer{
			who.get(at), who.get(at + "/messages"), who.post(at+"/seen", wire.Seen{UpTo: m.ID}), who.delete(at + "/messages/" + m.ID),
		} {
			a.fails(404, "not_found")
		}
	}

	// Taking a message back takes it from both, and off the unread ones.
	jun.delete(at+"/messages/"+m.ID).fails(403, "forbidden")
	mina.delete(at + "/messages/" + m.ID).want(204)
	mina.delete(at+"/messages/"+m.ID).fails(404, "not_found")
	last := mina.send(jun, wire.NewMessage{Text: "7"})
	if c := jun.conversation(at); c.Unread != 1 {
		t.Errorf("%d unread, want 1", c.Unread)
	}
	mina.delete(at + "/messages/" + last.ID).want(204)
	if c := jun.conversation(at); c.Unread != 0 || c.Last.Text != "6" {
		t.Errorf("after it was taken back: %+v", c)
	}
	if got := jun.messages(id); got != "<6+ 5 2" {
		t.Errorf("the messages: got %q", got)
	}
}

// TestAttached: what is attached is shown by the reader's own right, at the
// moment of reading.
func TestAttached(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	private := mina.upload("private.mp3", tagged(t, "Secret"), "private")
	mina.drawn(track.ID)
	m := jun.send(sora, wire.NewMessage{Track: track.ID})
	if m.Track == nil || m.Track.ID != track.ID || m.Track.Stream.MP4 == "" || m.Track.Peaks == "" || m.Missing || m.Text != "" {
		t.Errorf("a track that is attached: %+v", m)
	}
	at := "/api/conversations/" + m.Conversation
	newest := func(p *person) wire.Message {
		t.Helper()
		var page wire.List[wire.Message]
		p.get(at + "/messages?limit=1").want(200).into(&page)
		if c := p.conversation(at); c.Last == nil || (c.Last.Track == nil) != (page.Items[0].Track == nil) || c.Last.Missing != page.Items[0].Missing {
			t.Errorf("the conversation shows its last message as %+v, the list as %+v", c.Last, page.Items[0])
		}
		return page.Items[0]
	}
	if got := newest(sora); got.Track == nil || got.Track.Title != "Song" || got.Missing {
		t.Errorf("the other sees %+v", got)
	}
	jun.post("/api/users/"+sora.me.ID+"/messages", wire.NewMessage{Track: private.ID}).fails(404, "not_found")
	k.post("/api/users/"+sora.me.ID+"/messages", wire.NewMessage{Track: private.ID}).fails(404, "not_found")

	// Attaching gives no right.
	theirs := mina.send(jun, wire.NewMessage{Text: "mine", Track: private.ID})
	if theirs.Track == nil || theirs.Missing {
		t.Errorf("the owner sees %+v", theirs)
	}
	var page wire.List[wire.Message]
	raw := jun.get("/api/conversations/" + theirs.Conversation + "/messages").want(200)
	raw.into(&page)
	if got := page.Items[0]; got.Track != nil || !got.Missing || strings.Contains(string(raw.body), private.ID) || strings.Contains(string(raw.body), "Secret") {
		t.Errorf("of a private track the other sees %s", raw.body)
	}

	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	for _, p := range []*person{jun, sora} {
		if got := newest(p); got.Track != nil || !got.Missing {
			t.Errorf("when it is private %s sees %+v", p.name, got)
		}
	}
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("public")}).want(200)
	mina.put("/api/users/"+sora.me.ID+"/block", nil).want(204)
	if got := newest(sora); got.Track != nil || !got.Missing {
		t.Errorf("whom the owner blocks sees %+v", got)
	}
	if got := newest(jun); got.Track == nil {
		t.Errorf("the sender sees %+v", got)
	}
	mina.delete("/api/tracks/" + track.ID).want(204)
	if got := newest(jun); got.Track != nil || !got.Missing {
		t.Errorf("when it is deleted the sender sees %+v", got)
	}

	var list wire.Playlist
	mina.post("/api/playlists", wire.NewPlaylist{Title: "Evening", Visibility: "public"}).want(201).into(&list)
	m = mina.send(jun, wire.NewMessage{Playlist: list.ID})
	if m.Playlist == nil || m.Playlist.Title != "Evening" || m.Track != nil || m.Missing {
		t.Errorf("a playlist that is attached: %+v", m)
	}
	mina.patch("/api/playlists/"+list.ID, wire.PlaylistPatch{Visibility: ptr("private")}).want(200)
	jun.get("/api/conversations/" + m.Conversation + "/messages").want(200).into(&page)
	if got := page.Items[0]; got.Playlist != nil || !got.Missing {
		t.Errorf("of a private playlist the other sees %+v", got)
	}
	jun.post("/api/users/"+mina.me.ID+"/messages", wire.NewMessage{Playlist: list.ID}).fails(404, "not_found")
}

// TestMessagesOfThoseApart: with a block between them two can read what was
// written, and nothing more of one reaches the other.
func TestMessagesOfThoseApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	m := mina.send(jun, wire.NewMessage{Text: "1"})
	at := "/api/conversations/" + m.Conversation
	jun.put("/api/users/"+mina.me.ID+"/block", nil).want(204)
	sora.put("/api/users/"+mina.me.ID+"/block", nil).want(204)

	hi := wire.NewMessage{Text: "x"}
	mina.post("/api/users/"+jun.me.ID+"/messages", hi).fails(403, "message.blocked")
	jun.post("/api/users/"+mina.me.ID+"/messages", hi).fails(403, "message.blocked")
	hidden := mina.post("/api/users/"+sora.me.ID+"/messages", hi).fails(404, "not_found")
	absent := mina.post("/api/users/0000000000001/messages", hi).fails(404, "not_found")
	if string(hidden.body) != string(absent.body) || !slices.Equal(names(hidden), names(absent)) {
		t.Errorf("who blocks is told apart from who never was: %s %s", hidden.body, absent.body)
	}
	for _, who := range []string{sora.me.ID, jun.me.ID} {
		mina.get("/api/users/"+who+"/conversation").fails(404, "not_found")
	}
	jun.get("/api/users/"+mina.me.ID+"/conversation").fails(404, "not_found")
	if got := mina.inbox(); got != "jun:1!" {
		t.Errorf("who is blocked has %q", got)
	}
	if got := jun.inbox(); got != "mina:1*1!" {
		t.Errorf("who blocks has %q", got)
	}
	if s := jun.state(); s.Messages != 1 || s.Sender != nil {
		t.Errorf("the state of who blocks names the sender: %+v", s)
	}
	jun.post(at+"/seen", wire.Seen{UpTo: m.ID}).want(200)
	if got := mina.messages(m.Conversation); got != "<1" {
		t.Errorf("who is blocked learns that it was read: %q", got)
	}
	if c := mina.conversation(at); c.SeenTo != "" {
		t.Errorf("who is blocked learns that it was read: %+v", c)
	}
	if got := jun.state(); got.Messages != 0 {
		t.Errorf("after reading: %+v", got)
	}
	jun.delete("/api/users/" + mina.me.ID + "/block").want(204)
	mina.send(jun, wire.NewMessage{Text: "2"})

	// The keeper can be blocked like everybody.
	mina.put("/api/users/"+k.me.ID+"/block", nil).want(204)
	k.post("/api/users/"+mina.me.ID+"/messages", hi).fails(403, "message.blocked")

	// Suspended people can't be written to; what they wrote stays.
	jun.send(sora, wire.NewMessage{Text: "3"})
	k.put("/api/users/"+jun.me.ID+"/suspension", nil).want(200)
	sora.post("/api/users/"+jun.me.ID+"/messages", hi).fails(403, "message.blocked")
	h.member("haru").post("/api/users/"+jun.me.ID+"/messages", hi).fails(404, "not_found")
	if got := sora.inbox(); got != "jun:3*1!" {
		t.Errorf("of somebody suspended: %q", got)
	}
}

// TestMessagesOfTheGone: what somebody wrote to an account that is deleted
// stays with the writer.
func TestMessagesOfTheGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	m := mina.send(jun, wire.NewMessage{Text: "1"})
	jun.send(mina, wire.NewMessage{Text: "2"})
	mina.send(jun, wire.NewMessage{Text: "3"})
	jun.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	at := "/api/conversations/" + m.Conversation
	for range 2 {
		if c := mina.conversation(at); c.With != nil || c.CanWrite || c.Last == nil || c.Last.Text != "3" {
			t.Errorf("the conversation: %+v", c)
		}
		if got := mina.inbox(); got != "-:3!" {
			t.Errorf("the inbox: %q", got)
		}
		mina.post("/api/users/"+jun.me.ID+"/messages", wire.NewMessage{Text: "x"}).fails(404, "not_found")
		mina.get("/api/users/"+jun.me.ID+"/conversation").fails(404, "not_found")
		h.reopen() // by now all of the account is gone
	}
	mina.delete(at + "/messages/" + m.ID).want(204)
}

func TestTooManyMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	n := 0
	for range 90 {
		a := mina.post("/api/users/"+jun.me.ID+"/messages", wire.NewMessage{Text: "x"})
		if a.status != 201 {
			a.fails(429, "limited")
			break
		}
		n++
	}
	if n < 30 || n == 90 {
		t.Errorf("%d of 90 messages at once were let through", n)
	}
	jun.send(mina, wire.NewMessage{Text: "others may write"})
}

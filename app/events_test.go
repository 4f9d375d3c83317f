package app_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// stream is an open stream of events.
type stream struct {
	t      testing.TB
	name   string
	events chan wire.Event
	last   atomic.Value // id of the last event, or the place that was told without one
	close  func()
}

// listen opens a stream of events, and ends the test if it can't.
func (p *person) listen(path string, headers ...string) *stream {
	p.h.t.Helper()
	s, status := p.tryListen(path, headers...)
	if status != 200 {
		p.h.t.Fatalf("%s: GET %s: got status %d", p.name, path, status)
	}
	return s
}

func (p *person) tryListen(path string, headers ...string) (*stream, int) {
	p.h.t.Helper()
	req, err := http.NewRequest("GET", p.h.url+path, nil)
	if err != nil {
		p.h.t.Fatal(err)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.h.t.Fatalf("%s: GET %s: %v", p.name, path, err)
	}
	s := &stream{t: p.h.t, name: p.name, events: make(chan wire.Event, 3000), close: func() { res.Body.Close() }}
	s.last.Store("")
	p.h.t.Cleanup(s.close)
	if res.StatusCode != 200 {
		s.close()
		return s, res.StatusCode
	}
	go func() {
		defer close(s.events)
		var e wire.Event
		id, data := "", false
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				id = value
			case "data":
				data = json.Unmarshal([]byte(value), &e) == nil
			case "":
				if id != "" {
					s.last.Store(id)
				}
				if data {
					s.events <- e
				}
				e, id, data = wire.Event{}, "", false
			}
		}
	}()
	return s, 200
}

// next waits for one event of a type, leaving out those of others.
func (s *stream) next(kind string) wire.Event {
	s.t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case e, more := <-s.events:
			if !more {
				s.t.Fatalf("%s: the stream ended before a %s event", s.name, kind)
			}
			if e.Type == kind {
				return e
			}
		case <-timeout:
			s.t.Fatalf("%s: no %s event came", s.name, kind)
		}
	}
}

// has takes what came so far: kinds with what they are about.
func (s *stream) has() string {
	var all []string
	quiet := 150 * time.Millisecond
	for {
		select {
		case e, more := <-s.events:
			if !more {
				return strings.Join(append(all, "end"), " ")
			}
			if e.Type != "track" && e.Type != "progress" { // whenever the analysis comes to it
				all = append(all, strings.TrimRight(e.Type+" "+e.Comment+e.Conversation, " "))
			}
		case <-time.After(quiet):
			return strings.Join(all, ", ")
		}
	}
}

// place gives the id to go on from.
func (s *stream) place() string {
	s.t.Helper()
	for range 400 {
		if id := s.last.Load().(string); id != "" {
			return id
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Fatalf("%s: the stream tells no place", s.name)
	return ""
}

func TestEvents(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	hers, his, theirs := mina.listen("/api/events"), jun.listen("/api/events"), h.visitor().listen("/api/events")
	track := mina.upload("song.mp3", tagged(t, "Song"), "private")
	for {
		e := hers.next("track")
		if e.Track != track.ID {
			t.Errorf("got an event about %s", e.Track)
		}
		if e.State == "ready" {
			break
		}
	}
	mina.delete("/api/tracks/" + track.ID).want(204)
	hers.next("gone")
	for _, s := range []*stream{his, theirs} {
		s.close()
		for e := range s.events {
			t.Errorf("%s was told of mina's private track: %+v", s.name, e)
		}
	}
	// No more than a few streams of one person; those that were closed make room.
	for range 2 {
		var streams []*stream
		refused := 0
		for range 20 {
			s, status := jun.tryListen("/api/events")
			if streams = append(streams, s); status == 429 {
				refused++
			}
		}
		if refused != 4 {
			t.Errorf("of 20 event streams of one person %d were refused, want 4", refused)
		}
		for _, s := range streams {
			s.close()
		}
		for i := 0; ; i++ { // the house notices soon
			s, status := jun.tryListen("/api/events")
			if s.close(); status == 200 {
				time.Sleep(100 * time.Millisecond)
				break
			}
			if i > 100 {
				t.Fatal("streams that were closed make no room")
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// TestLiveComments: comments come to all who may see them, and to nobody else.
func TestLiveComments(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun, sora, haru := h.member("mina"), h.member("jun"), h.member("sora"), h.member("haru")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	jun.put("/api/users/"+sora.me.ID+"/block", nil).want(204)  // the writer blocks
	haru.put("/api/users/"+mina.me.ID+"/block", nil).want(204) // blocks the owner
	jun.put("/api/users/"+k.me.ID+"/block", nil).want(204)     // who sees everything
	all := map[string]*stream{}
	for _, p := range []*person{k, mina, jun, sora, haru, h.visitor()} {
		all[p.name] = p.listen("/api/events")
	}
	want := func(what string, want map[string]string) {
		t.Helper()
		for name, s := range all {
			if got := s.has(); got != want[name] {
				t.Errorf("%s: %s got %q, want %q", what, name, got, want[name])
			}
		}
	}
	c := jun.say(track.ID, 100, "hm")
	e := "comment " + c.ID
	want("a comment", map[string]string{"keeper": e, "mina": "notice, " + e, "jun": e, "visitor": e})
	jun.patch("/api/comments/"+c.ID, wire.CommentPatch{Text: "so"}).want(200)
	want("an edit", map[string]string{"keeper": e, "mina": e, "jun": e, "visitor": e})
	jun.patch("/api/comments/"+c.ID, wire.CommentPatch{Text: "so"}).want(200)
	want("an edit that changes nothing", nil)
	mina.delete("/api/comments/" + c.ID).want(204)
	want("a deletion", map[string]string{"keeper": e, "mina": "notice, " + e, "jun": e, "visitor": e})
	jun.post("/api/tracks/"+track.ID+"/comments", wire.NewComment{}).want(400)
	sora.patch("/api/comments/"+c.ID, wire.CommentPatch{Text: "x"}).want(404)
	want("what failed", nil)

	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	c = mina.say(track.ID, 100, "alone")
	want("on a private track", map[string]string{"mina": "comment " + c.ID})
}

func TestLiveMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	hers, his, visitors, keepers := mina.listen("/api/events"), jun.listen("/api/events"), h.visitor().listen("/api/events"), k.listen("/api/events")
	m := mina.send(jun, wire.NewMessage{Text: "1"})
	id, at := m.Conversation, "/api/conversations/"+m.Conversation
	want := func(what, mina, jun string) {
		t.Helper()
		for s, want := range map[*stream]string{hers: mina, his: jun, visitors: "", keepers: ""} {
			if got := s.has(); got != want {
				t.Errorf("%s: %s got %q, want %q", what, s.name, got, want)
			}
		}
	}
	want("a message", "message "+id, "message "+id)
	jun.post(at+"/seen", wire.Seen{UpTo: m.ID}).want(200)
	want("seen", "seen "+id, "seen "+id)
	jun.post(at+"/seen", wire.Seen{UpTo: m.ID}).want(200)
	want("seen before", "", "")
	m = mina.send(jun, wire.NewMessage{Text: "2"})
	mina.delete(at + "/messages/" + m.ID).want(204)
	want("taken back", "message "+id+", message "+id, "message "+id+", message "+id)
	m = mina.send(jun, wire.NewMessage{Text: "3"})
	hers.has()
	his.has()
	jun.put("/api/users/"+mina.me.ID+"/block", nil).want(204)
	hers.has()
	his.has()
	jun.post(at+"/seen", wire.Seen{UpTo: m.ID}).want(200)
	want("seen by who blocks", "", "seen "+id)
	mina.delete(at + "/messages/" + m.ID).want(204)
	want("taken back by who is blocked", "message "+id, "")
}

// TestEventsResume: whoever comes back gets what they missed, as far as it
// still is for them.
func TestEventsResume(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	v := h.visitor()
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	other := mina.upload("other.mp3", tagged(t, "Song"), "public")
	mina.drawn(track.ID)
	mina.drawn(other.ID)

	s := jun.listen("/api/events")
	start := s.place() // before any event
	c := sora.say(track.ID, 100, "one")
	s.next("comment")
	after := s.place()
	if after == start {
		t.Fatal("an event has the place of the beginning")
	}
	s.close()
	d := sora.say(other.ID, 100, "two")
	f := mina.say(track.ID, 200, "three")
	m := mina.send(jun, wire.NewMessage{Text: "hello"})
	mina.send(sora, wire.NewMessage{Text: "not for jun"})
	mina.put("/api/users/"+jun.me.ID+"/follow", nil).want(200)
	missed := fmt.Sprintf("comment %s, comment %s, message %s, notice", d.ID, f.ID, m.Conversation)
	want := func(what string, who *person, place, want string) {
		t.Helper()
		for _, s := range []*stream{who.listen("/api/events?last=" + place), who.listen("/api/events", "Last-Event-ID", place)} {
			if got := s.has(); got != want {
				t.Errorf("%s: %s got %q, want %q", what, who.name, got, want)
			}
			s.close()
		}
	}
	want("from the last event on", jun, after, missed)
	want("from the beginning on", jun, start, "comment "+c.ID+", "+missed)
	want("by a visitor", v, after, fmt.Sprintf("comment %s, comment %s", d.ID, f.ID))
	s = jun.listen("/api/events?last=" + after)
	s.next("notice")
	want("when nothing was missed", jun, s.place(), "")
	g := mina.say(track.ID, 300, "live")
	if e := s.next("comment"); e.Comment != g.ID {
		t.Errorf("after what was missed the stream goes on with %+v", e)
	}

	// What is not for somebody any more is not told.
	mina.patch("/api/tracks/"+other.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	want("after a track became private", v, start, fmt.Sprintf("comment %s, comment %s, comment %s", c.ID, f.ID, g.ID))
	jun.put("/api/users/"+sora.me.ID+"/block", nil).want(204)
	missed = fmt.Sprintf("comment %s, message %s, notice, comment %s", f.ID, m.Conversation, g.ID)
	want("after a block of the writer", jun, start, missed)
	jun.put("/api/users/"+mina.me.ID+"/block", nil).want(204)
	if got := jun.listen("/api/events?last=" + start).has(); strings.Contains(got, "comment") || strings.Contains(got, "message") {
		t.Errorf("after a block of the owner: got %q", got)
	}

	// Who was away for too long, or in another life of the house, is told so.
	boot, _, _ := strings.Cut(start, "-")
	for _, place := range []string{"x", boot, boot + "-", boot + "--1", boot + "-99999999999999", "other-1", start + "0000000"} {
		want("from the place "+place, sora, place, "reset")
	}
	s = sora.listen("/api/events?last=x")
	s.next("reset")
	fresh := s.place()
	want("after the reset", sora, fresh, "")
	s.close()
	h.reopen()
	want("of another start", sora, fresh, "reset")
}

// TestVisitorsListen: people who are not signed in hear comments, in bounds,
// and no longer than the keeper lets them in.
func TestVisitorsListen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	v := h.visitor()
	first := v.listen("/api/events")
	for i := range 99 {
		if _, status := v.tryListen("/api/events"); status != 200 {
			t.Fatalf("stream %d of visitors: got status %d", i+2, status)
		}
	}
	v.get("/api/events").fails(429, "limited")
	hers := mina.listen("/api/events") // members come in nevertheless
	k.patch("/api/house", wire.HousePatch{Visitors: ptr(false)}).want(200)
	if got := first.has(); got != "end" {
		t.Errorf("in a closed house a visitor's stream gives %q, want its end", got)
	}
	v.get("/api/events").fails(401, "signin.needed")
	mina.put("/api/users/"+k.me.ID+"/block", nil).want(204)
	if got := hers.has(); got == "end" {
		t.Error("a member's stream ended with those of visitors")
	}
	forged := h.visitor()
	forged.token = mina.token[:len(mina.token)-4] + "AAAA"
	forged.get("/api/events").fails(401, "signin.needed")
	mina.post("/api/auth/sign-out", nil).want(204)
	if got := hers.has(); got != "end" {
		t.Errorf("after signing out the stream gives %q, want its end", got)
	}
}

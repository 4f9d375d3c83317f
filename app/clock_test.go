package app_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// clock is a clock that tests set. It stands still.
type clock struct{ at atomic.Pointer[time.Time] }

func newClock(at time.Time) *clock {
	c := &clock{}
	c.set(at)
	return c
}

func (c *clock) set(at time.Time)     { c.at.Store(&at) }
func (c *clock) now() time.Time       { return *c.at.Load() }
func (c *clock) jump(d time.Duration) { c.set(c.now().Add(d)) }

const (
	day  = 24 * time.Hour
	year = 365 * day
)

var today = time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)

// signIn opens another session for somebody.
func (h *house) signIn(name string) *person {
	h.t.Helper()
	p := h.visitor()
	p.name = name
	p.become(p.post("/api/auth/sign-in", wire.SignIn{Email: name + "@home.example", Password: password}), 200)
	return p
}

// TestClockOf1970 opens a house on a machine that does not know the time yet,
// as a Raspberry Pi does not, and lets the clock jump about: people come in,
// and what they upload stays in the order in which it came (SAFETY 2.6).
func TestClockOf1970(t *testing.T) {
	t.Parallel()
	c := newClock(time.Unix(12, 0))
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	h.member("mina")
	file := tagged(t, "Song")
	var want []string // newest first
	for _, at := range []time.Time{
		time.Unix(60, 0), today, today.Add(10 * year), today.Add(-day), time.Unix(30, 0), today.Add(time.Hour), today.Add(-50 * year),
	} {
		c.set(at)
		v := h.visitor()
		a := v.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).want(200)
		cookies := (&http.Response{Header: a.header}).Cookies()
		if len(cookies) != 1 || cookies[0].Value == "" {
			t.Fatalf("in %v: got cookies %v, want the session's", at, cookies)
		}
		// The browser's clock is right, whatever the house's says.
		if cookie := cookies[0]; cookie.MaxAge <= 0 || !cookie.Expires.IsZero() && cookie.Expires.Before(time.Now()) {
			t.Errorf("in %v: a browser throws the cookie %q away at once", at, a.header.Get("Set-Cookie"))
		}
		v.get("/api/me", "Cookie", cookies[0].Name+"="+cookies[0].Value).want(200)
		mina := h.signIn("mina")
		tr := mina.upload("song.mp3", file, "public")
		if got := mina.drawn(tr.ID); got.Waveform != "ready" {
			t.Errorf("in %v: the waveform is %q", at, got.Waveform)
		}
		if len(want) > 0 && tr.ID <= want[0] {
			t.Errorf("in %v: track %s does not come after %s", at, tr.ID, want[0])
		}
		want = slices.Insert(want, 0, tr.ID)
		for _, list := range []string{"/api/me/tracks", "/api/stream", "/api/users/" + mina.me.ID + "/tracks"} {
			var page wire.List[wire.Track]
			mina.get(list).want(200).into(&page)
			var got []string
			for _, tr := range page.Items {
				got = append(got, tr.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("in %v: %s gives %v, want %v", at, list, got, want)
			}
		}
	}
	h.reopen() // ids go on from the last, wherever the clock stands
	mina := h.signIn("mina")
	if tr := mina.upload("song.mp3", file, "public"); tr.ID <= want[0] {
		t.Errorf("after a start: track %s does not come after %s", tr.ID, want[0])
	}
}

// TestSessionsOfTheFuture: a session that was made while the clock was far
// ahead does not live until that time comes.
func TestSessionsOfTheFuture(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	before := h.member("mina")
	c.jump(10 * year)
	before.get("/api/me").fails(401, "signin.needed")
	ahead := h.signIn("mina")
	ahead.get("/api/me").want(200)
	c.set(today)
	for _, jump := range []time.Duration{0, day, 80 * day, 11 * day, year, 8 * year} {
		c.jump(jump)
		ahead.get("/api/me").fails(401, "signin.needed")
	}
	h.signIn("mina").get("/api/me").want(200)

	// Uses in the future don't make a session live past its end.
	c.set(today)
	used := h.signIn("mina")
	for range 4 {
		c.jump(20 * day)
		used.get("/api/me").want(200)
		if err := h.app.Core().Tidy(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	c.set(today)
	used.get("/api/me").want(200)
	c.jump(89 * day)
	used.get("/api/me").want(200)
	c.jump(2 * day)
	used.get("/api/me").fails(401, "signin.needed")
}

// TestJumpsOfTheClock lets people talk, listen and like while the clock jumps
// to and fro, with starts in between: everything stays in the order in which it
// happened, and nothing is refused for ever (SAFETY 2.6).
func TestJumpsOfTheClock(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	h.member("mina")
	h.member("jun")
	var tracks []wire.Track
	for range 9 {
		tracks = append(tracks, h.signIn("jun").upload("song.mp3", tone(120), "public"))
	}
	var texts, heard []string
	for i, at := range []time.Time{
		today, today.Add(10 * year), today.Add(-day), today.Add(-50 * year), today.Add(time.Hour), time.Unix(3, 0), today.Add(2 * time.Hour), time.Unix(4e9, 0), today.Add(3 * time.Hour),
	} {
		c.set(at)
		if i%3 == 2 {
			h.reopen()
		}
		mina, jun := h.signIn("mina"), h.signIn("jun")
		text := fmt.Sprint("number ", i)
		texts = slices.Insert(texts, 0, text)
		heard = slices.Insert(heard, 0, tracks[i].ID)
		said := mina.say(tracks[0].ID, 1000, text)
		if reply := jun.reply(said, "yes"); reply.ID <= said.ID {
			t.Errorf("in %v: a reply has the id %s, what it replies to %s", at, reply.ID, said.ID)
		}
		m := mina.send(jun, wire.NewMessage{Text: text})
		mina.put(track(tracks[i], "like"), nil).want(200)
		if !mina.hear(tracks[i], 1<<40) {
			t.Errorf("in %v: a play does not count", at)
		}
		h.written()

		var messages wire.List[wire.Message]
		jun.get("/api/conversations/" + m.Conversation + "/messages?limit=100").want(200).into(&messages)
		var got []string
		for _, m := range messages.Items {
			got = append(got, m.Text)
		}
		if !slices.Equal(got, texts) {
			t.Errorf("in %v: the messages are %v, want %v", at, got, texts)
		}
		got = nil
		for _, c := range mina.comments("/api/tracks/" + tracks[0].ID + "/comments") {
			got = append(got, c.Text)
		}
		slices.Reverse(got)
		if forward := slices.Clone(texts); !slices.Equal(got, forward) {
			slices.Reverse(got)
			if !slices.Equal(got, forward) {
				t.Errorf("in %v: the comments are %v, want %v or the other way about", at, got, texts)
			}
		}
		for _, path := range []string{"/api/me/likes", "/api/me/history"} {
			var list wire.List[wire.Track]
			mina.get(path).want(200).into(&list)
			got = nil
			for _, tr := range list.Items {
				got = append(got, tr.ID)
			}
			if !slices.Equal(got, heard) {
				t.Errorf("in %v: %s gives %v, want %v", at, path, got, heard)
			}
		}
		for _, path := range []string{"/", "/api/home", "/api/charts", "/api/stream", "/api/me/notifications", "/api/me/numbers", "/api/users/" + jun.me.ID, "/api/search?q=song"} {
			jun.get(path).want(200)
		}
		if got := jun.state(); got.Notifications == 0 || got.Messages != uint64(i+1) {
			t.Errorf("in %v: jun has %d notifications and %d messages, want some and %d", at, got.Notifications, got.Messages, i+1)
		}
	}
}

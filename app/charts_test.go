package app_test

import (
	"testing"
	"time"

	"earshot/app/api/wire"
)

// midday is in the middle of a day, wherever the test runs.
var midday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)

// ended has the house take leave of the days that are over, as it does at its
// start and every few minutes.
func (h *house) ended() {
	h.t.Helper()
	if err := h.app.Core().EndDays(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// TestCharts is two weeks of a house: who is on repeat counts once a day, also
// across a restart; likes count and are taken back; what is private, or of
// somebody suspended or blocked, is away and comes back with all its points;
// and the week goes by.
func TestCharts(t *testing.T) {
	t.Parallel()
	c := newClock(midday)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	mina, jun, sora, haru := h.member("mina"), h.member("jun"), h.member("sora"), h.member("haru")
	v := h.visitor()
	one, two, three := mina.sing("one", "public"), mina.sing("two", "public"), jun.sing("three", "public")
	shut := mina.sing("shut", "private")
	hear := func(p *person, times int, tracks ...wire.Track) {
		t.Helper()
		for range times {
			for _, tr := range tracks {
				c.jump(time.Minute)
				if !p.hear(tr, 10_000, "User-Agent", p.name) {
					t.Errorf("%s: %s does not count", p.name, tr.Title)
				}
			}
		}
	}
	charts := func(when, week, all string) {
		t.Helper()
		h.written()
		for _, p := range []*person{v, k, haru} {
			if got := titles(list[wire.Track](p, "/api/charts", "2")); got != week {
				t.Errorf("%s: the chart of the week is %q, want %q", when, got, week)
			}
			if got := titles(list[wire.Track](p, "/api/charts?period=all", "2")); got != all {
				t.Errorf("%s: the chart of all time is %q, want %q", when, got, all)
			}
			if home := as[wire.Home](p.get("/api/home")); titles(home.Week) != week || titles(home.Always) != all {
				t.Errorf("%s: to discover there are %q and %q, want %q and %q", when, titles(home.Week), titles(home.Always), week, all)
			}
		}
	}
	for _, tr := range []wire.Track{one, two, three} {
		k.drawn(tr.ID) // or a chart that comes back has a waveform more
	}
	charts("at first", "", "")
	hear(mina, 3, shut)
	charts("what is private", "", "")
	hear(jun, 9, one) // one 1
	hear(sora, 1, two)
	hear(haru, 2, two) // two 2
	charts("who is on repeat", "two one", "two one")
	h.reopen()
	hear(jun, 3, one)
	charts("and goes on after a restart", "two one", "two one")
	hear(v, 4, three) // three 1
	charts("equal ones, the newer first", "two three one", "two three one")
	hear(v, 1, one) // one 2
	charts("a visitor", "two one three", "two one three")
	sora.put(track(three, "like"), nil).want(200) // three 4
	sora.put(track(three, "like"), nil).want(200)
	charts("a like", "three two one", "three two one")
	sora.delete(track(three, "like")).want(200)
	charts("taken back", "two one three", "two one three")
	sora.put(track(three, "like"), nil).want(200)

	c.jump(day)
	hear(jun, 5, one)  // one 3
	hear(haru, 1, one) // one 4
	hear(v, 1, one)    // one 5
	charts("the next day", "one three two", "one three two")

	away := func(when string, do func(), week string, undo func()) {
		t.Helper()
		before := string(v.get("/api/charts").want(200).body)
		do()
		charts(when, week, week)
		undo()
		charts(when+": back again", "one three two", "one three two")
		if got := string(v.get("/api/charts").want(200).body); len(got) != len(before) {
			t.Errorf("%s: it comes back as\n%s, was\n%s", when, got, before)
		}
	}
	away("private", func() { mina.patch(track(one), wire.TrackPatch{Visibility: ptr("private")}).want(200) }, "three two",
		func() { mina.patch(track(one), wire.TrackPatch{Visibility: ptr("public")}).want(200) })
	mina.hears("/api/charts", "one three two")
	away("suspended", func() { k.put(user(mina, "suspension"), nil).want(200) }, "three",
		func() { k.delete(user(mina, "suspension")).want(200) })
	mina = h.signIn("mina")
	mina.put(user(sora, "block"), nil).want(204)
	sora.hears("/api/charts", "three")
	mina.hears("/api/charts", "one three two")
	charts("for all others", "one three two", "one three two")
	mina.delete(user(sora, "block")).want(204)
	sora.hears("/api/charts", "one three two")
	// What is private is away for its owner too.
	mina.patch(track(two), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	mina.hears("/api/charts", "one three")
	mina.patch(track(two), wire.TrackPatch{Visibility: ptr("public")}).want(200)

	c.jump(5 * day)
	h.ended()
	charts("the seventh day", "one three two", "one three two")
	c.jump(day)
	h.reopen()
	h.ended()
	charts("the first day is over", "one", "one three two")
	sora.delete(track(three, "like")).want(200)
	charts("a like of then is taken back", "one", "one two three")
	c.jump(day)
	h.ended()
	charts("the second too", "", "one two three")
	k.get("/api/charts?period=month").want(400)
	mina.delete(track(one)).want(204)
	charts("deleted", "", "two three")
	h.check()
}

// TestManyAtHomeInTheChart has visitors of one address call themselves by many
// names all day: their plays count, and they are one listener of the day.
func TestManyAtHomeInTheChart(t *testing.T) {
	t.Parallel()
	c := newClock(midday)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	mina := h.member("mina")
	song := mina.sing("song", "public")
	v := h.visitor()
	for n := range 30 {
		c.jump(time.Minute)
		v.hear(song, 10_000, "User-Agent", string(rune('a'+n)))
	}
	h.written()
	n := as[wire.Numbers](mina.get(track(song, "numbers"))).Sum
	if n.Plays != 30 || n.Listeners != 1 {
		t.Errorf("%d plays of %d people are counted, want 30 of 1", n.Plays, n.Listeners)
	}
	if all := as[wire.Numbers](mina.get("/api/me/numbers")).Sum; all != n {
		t.Errorf("of all tracks %+v, want %+v", all, n)
	}
	h.check()
}

// TestClockSetBack: points of days that are still to come go when the clock had
// an hour to be set; not before, as on a machine that does not know the time
// when it starts.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	c := newClock(midday)
	var up time.Duration
	h := (&house{cost: 4, now: c.now, pace: func() time.Duration { return up }}).begin(t)
	h.keeper()
	mina := h.member("mina")
	song := mina.sing("song", "public")
	mina.hear(song, 10_000)
	h.written()
	for _, s := range []struct {
		what string
		at   time.Time
		up   time.Duration
		want string
	}{
		{"the year 1970", time.Unix(60, 0), 0, "song"},
		{"the year 1970, for a day", time.Unix(60, 0), day, "song"},
		{"a dead battery", midday.AddDate(-3, 0, 0), time.Minute, "song"},
		{"some days too early", midday.AddDate(0, 0, -5), 0, "song"},
		{"right again", midday, 0, "song"},
		{"three years too early, for good", midday.AddDate(-3, 0, 0), 2 * time.Hour, ""},
	} {
		c.set(s.at)
		up = 0
		h.reopen()
		up = s.up
		h.ended()
		h.visitor().hears("/api/charts", s.want)
		h.visitor().hears("/api/charts?period=all", "song")
	}
	h.check()
}

// TestClockAhead: a clock that is far ahead when the house starts takes nothing
// out of the week before it had an hour to be set, whatever is heard meanwhile.
// A week later by a clock that goes on, the days go at once.
func TestClockAhead(t *testing.T) {
	t.Parallel()
	c := newClock(midday)
	var up time.Duration
	h := (&house{cost: 4, now: c.now, pace: func() time.Duration { return up }}).begin(t)
	h.keeper()
	mina := h.member("mina")
	song, other := mina.sing("song", "public"), mina.sing("other", "public")
	mina.hear(song, 10_000)
	h.written()
	for _, s := range []struct {
		what string
		at   time.Time
		up   time.Duration
		hear bool
		want string
	}{
		{"a month ahead", midday.AddDate(0, 1, 0), 0, true, "other song"},
		{"a month ahead for a while", midday.AddDate(0, 1, 0), 50 * time.Minute, false, "other song"},
		{"right again", midday, 0, false, "other song"},
		{"right for an hour", midday, 2 * time.Hour, false, "song"},
		{"the seventh day", midday.AddDate(0, 0, 6), 0, false, "song"},
		{"a week later", midday.AddDate(0, 0, 7), 0, false, ""},
	} {
		c.set(s.at)
		up = 0
		h.reopen()
		if s.hear {
			h.visitor().hear(other, 10_000)
			h.written()
		}
		up = s.up
		h.ended()
		if got := titles(list[wire.Track](h.visitor(), "/api/charts", "10")); got != s.want {
			t.Errorf("%s: the chart of the week is %q, want %q", s.what, got, s.want)
		}
	}
	mina = h.signIn("mina")
	mina.hear(song, 10_000)
	h.written()
	c.jump(31 * day)
	up = 0
	h.reopen()
	up = 2 * time.Hour
	h.ended()
	h.visitor().hears("/api/charts", "")
	h.check()
}

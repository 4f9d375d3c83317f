package core

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"earshot/db"
)

// TestListeners tells apart who may be counted each: a home is one address, in
// whichever way it is written.
func TestListeners(t *testing.T) {
	t.Parallel()
	p := newPlays()
	from := func(address, device string) Client {
		return Client{Address: netip.MustParseAddr(address), Device: device}
	}
	home := p.listener(0, from("2001:db8:1:2::3", "a"))
	for _, c := range []struct {
		what string
		me   db.ID
		from Client
		same bool
	}{
		{"the same", 0, from("2001:db8:1:2::3", "a"), true},
		{"another address of the home", 0, from("2001:db8:1:2:ffff::9", "a"), true},
		{"the home next door", 0, from("2001:db8:1:3::3", "a"), false},
		{"another device", 0, from("2001:db8:1:2::3", "b"), false},
		{"a member there", 7, from("2001:db8:1:2::3", "a"), false},
	} {
		if got := p.listener(c.me, c.from) == home; got != c.same {
			t.Errorf("%s: the same listener %t, want %t", c.what, got, c.same)
		}
	}
	if p.listener(0, from("::ffff:192.0.2.1", "a")) != p.listener(0, from("192.0.2.1", "a")) {
		t.Error("an IPv4 address is two listeners")
	}
	if p.listener(0, from("192.0.2.1", "a")) == p.listener(0, from("192.0.2.2", "a")) {
		t.Error("two IPv4 addresses are one listener")
	}
	if p.listener(7, from("192.0.2.1", "a")) != p.listener(7, from("192.0.2.2", "b")) {
		t.Error("a member is two listeners")
	}
	if newPlays().listener(0, from("192.0.2.1", "a")) == p.listener(0, from("192.0.2.1", "a")) {
		t.Error("a visitor is known again after a start")
	}
}

// TestManyListenersOfOneHome has one address call itself by many names: few of
// them count. Members there do, and so does everybody elsewhere.
func TestManyListenersOfOneHome(t *testing.T) {
	t.Parallel()
	p, now := newPlays(), time.Unix(1_800_000_000, 0)
	from := func(address string, n int) Client {
		return Client{Address: netip.MustParseAddr(address), Device: fmt.Sprint("browser ", n)}
	}
	play := func(me db.ID, track db.ID, c Client) bool {
		return p.note(p.of(me, c), db.Track{ID: track, Audio: db.Audio{Duration: 10_000_000}}, now, now)
	}
	many := func(what string, want int, address func(n int) string, track db.ID) {
		t.Helper()
		n := 0
		for i := range 30 {
			if play(0, track, from(address(i), i)) {
				n++
			}
		}
		if n != want {
			t.Errorf("%s: %d plays are counted, want %d", what, n, want)
		}
	}
	home := func(n int) string { return fmt.Sprintf("2001:db8:1:2::%d", n) }
	many("a home", 8, home, 1)
	many("the same again", 0, home, 1)
	many("another track", 8, home, 2)
	many("homes", 30, func(n int) string { return fmt.Sprintf("192.0.2.%d", n) }, 1)
	for me := range db.ID(20) {
		if !play(me+1, 1, from(home(1), 1)) {
			t.Errorf("member %d is not counted", me+1)
		}
	}
	now = now.Add(10 * time.Second)
	if !play(0, 1, from(home(3), 3)) || play(0, 1, from(home(20), 20)) {
		t.Error("the first ones are not who is counted again in the same span")
	}
	now = now.Add(playCounts)
	many("a home later", 8, home, 1)
}

// TestListenersOfADay takes the visitors of a home for one listener of a track
// and of its owner on a day.
func TestListenersOfADay(t *testing.T) {
	t.Parallel()
	p := newPlays()
	for day := range db.Day(2) {
		now := time.Date(2026, 11, 23+int(day), 12, 0, 0, 0, time.Local)
		for track := range db.ID(2) {
			for n := range 12 {
				from := Client{Address: netip.MustParseAddr(fmt.Sprintf("192.0.2.%d", n%3)), Device: fmt.Sprint("browser ", n)}
				p.note(p.of(0, from), db.Track{ID: track + 1, User: 9, Audio: db.Audio{Duration: 10_000_000}}, now, now)
			}
			owners := uint64(3)
			if track > 0 {
				owners = 0
			}
			got := p.waiting.plays[trackDay{track + 1, db.DayOf(now)}]
			if got.Plays != 12 || got.Visitors != 3 || got.Owners != owners {
				t.Errorf("day %d, track %d: %+v is counted, want 12 plays of 3 homes, %d of them new to the owner", day, track, got, owners)
			}
		}
	}
}

// TestComplaints tells of what goes on going wrong once a minute.
func TestComplaints(t *testing.T) {
	t.Parallel()
	p, now, n := newPlays(), time.Unix(1_800_000_000, 0), 0
	for range 150 {
		if now = now.Add(time.Second); p.tells(now) {
			n++
		}
	}
	if n != 3 {
		t.Errorf("told %d times in 150 seconds, want 3", n)
	}
	if now = now.Add(-time.Hour); !p.tells(now) {
		t.Error("not told after the clock was set back")
	}
}

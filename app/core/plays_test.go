package core

import (
	"net/netip"
	"testing"

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

package auth

import (
	"net/netip"
	"strings"
)

// maxHops bounds how many addresses of a forwarding header are looked at.
const maxHops = 32

// ClientIP finds the address a request came from. remoteAddr is the peer's
// address and port as net/http gives it; header gives all lines of a header,
// as http.Header.Values does.
//
// Only a peer within trusted is believed, and only about X-Forwarded-For, read
// from its end: each trusted proxy names who spoke to it, so the first address
// that is not trusted is the client, and whatever stands before it may be made
// up. All lines count because some proxies add a line of their own below the
// client's. Forwarded, X-Real-IP and the like are never read: a proxy that sets
// one header passes a client's other ones on.
//
// IPv4 addresses written as IPv6 come as IPv4, zones are dropped. The result is
// the zero Addr when the peer has no IP address, as on a unix socket.
func ClientIP(remoteAddr string, header func(name string) []string, trusted []netip.Prefix) netip.Addr {
	client := parseHop(remoteAddr)
	if !within(client, trusted) {
		return client
	}
	hops := 0
	lines := header("X-Forwarded-For")
	for i := len(lines) - 1; i >= 0; i-- {
		rest, more := lines[i], true
		for more {
			var hop string
			if at := strings.LastIndexByte(rest, ','); at >= 0 {
				rest, hop = rest[:at], rest[at+1:]
			} else {
				hop, more = rest, false
			}
			hops++
			addr := parseHop(strings.Trim(hop, " \t"))
			if !addr.IsValid() || hops > maxHops {
				// A trusted proxy wrote it, yet it is no address: the proxy
				// itself is all that is known.
				return client
			}
			client = addr
			if !within(client, trusted) {
				return client
			}
		}
	}
	return client
}

// parseHop reads an address with or without a port. Brackets are allowed around
// an IPv6 address. It gives the zero Addr for anything else.
func parseHop(s string) netip.Addr {
	if len(s) > 128 {
		return netip.Addr{}
	}
	if at, err := netip.ParseAddrPort(s); err == nil {
		return plain(at.Addr())
	}
	if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
		if addr, err := netip.ParseAddr(s[1 : len(s)-1]); err == nil && addr.Is6() {
			return plain(addr)
		}
		return netip.Addr{}
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return plain(addr)
}

// plain gives the one form in which an address is compared.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// Trusted tells whether a peer, with its address and port as net/http gives it,
// is within trusted.
func Trusted(remoteAddr string, trusted []netip.Prefix) bool {
	return within(parseHop(remoteAddr), trusted)
}

func within(addr netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// network gives what attempts are counted by: an IPv4 address, or the /64 of an
// IPv6 address, since one customer has at least that many addresses.
func network(addr netip.Addr) netip.Prefix {
	addr = plain(addr)
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address: all of those share one count
	}
	return p
}

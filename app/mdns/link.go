package mdns

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// The group that is spoken to (RFC 6762 section 3).
var (
	group4 = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}
	group6 = &net.UDPAddr{IP: net.ParseIP("ff02::fb"), Port: 5353}
)

const mostRead = 9000 // bytes of a message, section 17

// key is an interface.
type key struct {
	index int
	name  string
}

// link is an interface that is answered on.
type link struct {
	s        *Server
	key      key
	prefixes []netip.Prefix
	ways     []*way
	reading  sync.WaitGroup

	mu   sync.Mutex
	last map[string]time.Time // when a set of answers went to all
}

// way is a connection of a link, by one version of IP.
type way struct {
	conn  *net.UDPConn
	group *net.UDPAddr
	read  func([]byte) (n, index int, from net.Addr, err error)
}

// open begins to answer on an interface, by what it has of IPv4 and IPv6.
func (s *Server) open(k key, prefixes []netip.Prefix) (*link, error) {
	i, err := net.InterfaceByIndex(k.index)
	if err != nil {
		return nil, err
	}
	l := &link{s: s, key: k, prefixes: prefixes, last: map[string]time.Time{}}
	var has4, has6 bool
	for _, p := range prefixes {
		has4, has6 = has4 || p.Addr().Unmap().Is4(), has6 || !p.Addr().Unmap().Is4()
	}
	var errs []error
	if has4 {
		conn, err := net.ListenMulticastUDP("udp4", i, group4)
		if err == nil {
			p := ipv4.NewPacketConn(conn)
			// A kernel that declines leaves the filter by address.
			_ = p.SetControlMessage(ipv4.FlagInterface, true)
			_ = p.SetMulticastTTL(255)
			err = errors.Join(p.SetMulticastInterface(i), p.SetMulticastLoopback(true)) // others on this machine ask too
			l.ways = append(l.ways, &way{conn, group4, func(b []byte) (int, int, net.Addr, error) {
				n, about, from, err := p.ReadFrom(b)
				if about == nil {
					return n, 0, from, err
				}
				return n, about.IfIndex, from, err
			}})
		}
		errs = append(errs, err)
	}
	if has6 {
		conn, err := net.ListenMulticastUDP("udp6", i, group6)
		if err == nil {
			p := ipv6.NewPacketConn(conn)
			_ = p.SetControlMessage(ipv6.FlagInterface, true)
			_ = p.SetMulticastHopLimit(255)
			err = errors.Join(p.SetMulticastInterface(i), p.SetMulticastLoopback(true))
			to := *group6
			to.Zone = k.name
			l.ways = append(l.ways, &way{conn, &to, func(b []byte) (int, int, net.Addr, error) {
				n, about, from, err := p.ReadFrom(b)
				if about == nil {
					return n, 0, from, err
				}
				return n, about.IfIndex, from, err
			}})
		}
		errs = append(errs, err)
	}
	if len(l.ways) == 0 {
		return nil, errors.Join(errs...)
	}
	for _, w := range l.ways {
		l.reading.Go(func() { l.read(w) })
	}
	return l, nil
}

func (l *link) close() {
	for _, w := range l.ways {
		w.conn.Close()
	}
	l.reading.Wait()
}

// read takes what comes until the way is closed.
func (l *link) read(w *way) {
	b := make([]byte, mostRead)
	for {
		n, index, from, err := w.read(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// The interface is going: follow will close it.
			time.Sleep(time.Second)
			continue
		}
		udp, ok := from.(*net.UDPAddr)
		if !ok || index != 0 && index != l.key.index {
			continue // it came by another interface, which has its own link
		}
		// What is sent to the group comes from the link: routers don't pass it on.
		// Where the kernel does not tell the interface, the address has to do
		// (section 11).
		if index == 0 && !l.near(udp.AddrPort().Addr().Unmap().WithZone("")) {
			continue
		}
		l.take(w, b[:n], udp)
	}
}

// near tells whether an address is on the link.
func (l *link) near(a netip.Addr) bool {
	if a.IsLinkLocalUnicast() {
		return true
	}
	for _, p := range l.prefixes {
		if netip.PrefixFrom(p.Addr().Unmap(), p.Bits()).Masked().Contains(a) {
			return true
		}
	}
	return false
}

// addresses gives what the link answers with.
func (l *link) addresses() (list []netip.Addr) {
	for _, p := range l.prefixes {
		list = append(list, p.Addr().Unmap().WithZone(""))
	}
	return list
}

// toAll sends a message to everybody on the link.
func (l *link) toAll(b []byte) {
	for _, w := range l.ways {
		l.to(w, b, w.group)
	}
}

func (l *link) to(w *way, b []byte, at *net.UDPAddr) {
	_ = w.conn.SetWriteDeadline(time.Now().Add(time.Second))
	if _, err := w.conn.WriteToUDP(b, at); err != nil && !errors.Is(err, net.ErrClosed) {
		l.s.opt.Log.Debug("an answer to the home network can't be sent", "interface", l.key.name, "error", err)
	}
}

// often tells whether the same answers went to all within a second (section
// 6), and notes that they go now.
func (l *link) often(what string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, ok := l.last[what]; ok && now.Sub(last) < time.Second {
		return true
	}
	if len(l.last) > 64 {
		clear(l.last)
	}
	l.last[what] = now
	return false
}

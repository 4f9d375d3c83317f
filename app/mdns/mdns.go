// Package mdns lets the home network find the house by a name that ends in
// .local, and lists it among what is served there: the answering half of
// Multicast DNS (RFC 6762) and of DNS-SD (RFC 6763).
//
// It answers on interfaces that have a private address, each with the addresses
// of that interface, and follows them as they come and go. The name is asked
// for before it is taken; where another machine has it, a number is put after
// it. Of two that ask at the same moment, the one that announces it first keeps
// it. Where there is no network it waits for one.
package mdns

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Options are what is answered.
type Options struct {
	Name string // without ".local"
	Port int    // of http
	Path string // of the house's first page; "/" when empty

	// Only is the one address that the house listens on; the zero one for all.
	Only netip.Addr

	// Wanted tells whether an interface is one of the home's; nil for all but
	// the loopback.
	Wanted func(net.Interface) bool

	// Public answers on addresses that are not private too.
	Public bool

	Log *slog.Logger
}

const (
	lookEvery  = 15 * time.Second // for interfaces that came or went
	probeEvery = 250 * time.Millisecond
	probes     = 3 // RFC 6762 section 8.1
	tellAgain  = time.Second
	told       = 2 // announcements, section 8.3
	backOff    = time.Minute
	tooMany    = 15 // conflicts, after which each next one waits that long
)

// Server answers. Make one with New.
type Server struct {
	opt      Options
	conflict chan string // a name that somebody else has

	mu    sync.Mutex
	n     int  // what is behind the name; 0 and 1 are nothing
	ours  bool // the name was asked for and nobody has it
	links []*link
}

// New makes a Server, which does nothing before Run.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Wanted == nil {
		o.Wanted = func(i net.Interface) bool { return i.Flags&net.FlagLoopback == 0 }
	}
	if o.Path == "" {
		o.Path = "/"
	}
	return &Server{opt: o, conflict: make(chan string, 1)}
}

// Name gives the name by which the house is found at this moment, as
// "earshot.local"; "" while there is none.
func (s *Server) Name() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ours {
		return ""
	}
	return s.label() + ".local"
}

// label is the name that is had, or being asked for. The caller holds mu.
func (s *Server) label() string {
	if s.n < 2 {
		return s.opt.Name
	}
	return s.opt.Name + "-" + strconv.Itoa(s.n)
}

// Run answers until the context ends, and says goodbye then.
func (s *Server) Run(ctx context.Context) {
	defer s.close()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	step := time.NewTimer(0)
	defer step.Stop()
	at, conflicts := 0, 0 // what was done of asking and announcing
	s.follow()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			if s.follow() { // on a new link the name may be somebody else's
				at = 0
				step.Reset(rand.N(probeEvery))
			}
		case taken := <-s.conflict:
			s.mu.Lock()
			now := s.label() + ".local"
			if taken == now {
				s.n, s.ours = max(s.n, 1)+1, false
			}
			s.mu.Unlock()
			if taken != now {
				continue // of a name that was given up already
			}
			conflicts++
			s.opt.Log.Info("the name is another machine's", "name", taken)
			pause := rand.N(probeEvery)
			if conflicts >= tooMany {
				pause = backOff
			}
			at = 0
			step.Reset(pause)
		case <-step.C:
			if s.idle() {
				continue // until there is a network
			}
			switch {
			case at < probes:
				s.send((*link).probe)
				step.Reset(probeEvery)
			case at < probes+told:
				s.mu.Lock()
				fresh := !s.ours
				s.ours = true
				s.mu.Unlock()
				if fresh {
					s.opt.Log.Info("the house is found in the home network", "name", s.Name())
				}
				s.send((*link).announce)
				step.Reset(tellAgain)
			}
			at++
		}
	}
}

// state gives what a link answers with.
func (s *Server) state() (label string, ours bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.label(), s.ours
}

// conflicted notes that somebody else has a name.
func (s *Server) conflicted(name string) {
	select {
	case s.conflict <- name:
	default:
	}
}

// isOurs tells whether an address is one that we answer with.
func (s *Server) isOurs(a netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.links, func(l *link) bool { return slices.Contains(l.addresses(), a) })
}

func (s *Server) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.links) == 0
}

func (s *Server) send(what func(*link)) {
	s.mu.Lock()
	links := slices.Clone(s.links)
	s.mu.Unlock()
	for _, l := range links {
		what(l)
	}
}

// follow opens links of new interfaces and closes those of gone ones, and tells
// whether there is a new one.
func (s *Server) follow() (added bool) {
	want := map[key][]netip.Prefix{}
	interfaces, err := net.Interfaces()
	if err != nil {
		s.opt.Log.Debug("the interfaces of this machine can't be listed", "error", err)
		return false
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagMulticast == 0 && i.Flags&net.FlagLoopback == 0 || !s.opt.Wanted(i) {
			continue
		}
		if list := s.prefixes(i); len(list) > 0 {
			want[key{i.Index, i.Name}] = list
		}
	}
	s.mu.Lock()
	old := s.links
	s.mu.Unlock()
	var links []*link
	for _, l := range old {
		if list, ok := want[l.key]; ok && slices.Equal(list, l.prefixes) {
			links = append(links, l)
			delete(want, l.key)
		} else {
			l.close()
		}
	}
	for k, list := range want {
		l, err := s.open(k, list)
		if err != nil {
			s.opt.Log.Debug("an interface can't be answered on", "interface", k.name, "error", err)
			continue
		}
		links, added = append(links, l), true
	}
	s.mu.Lock()
	s.links = links
	if len(links) == 0 {
		s.ours = false
	}
	s.mu.Unlock()
	return added
}

// prefixes gives the addresses of an interface that may be answered with.
func (s *Server) prefixes(i net.Interface) (list []netip.Prefix) {
	all, err := i.Addrs()
	if err != nil {
		return nil
	}
	for _, a := range all {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		a := p.Addr().Unmap()
		if !s.opt.Public && !a.IsPrivate() && !a.IsLinkLocalUnicast() || s.opt.Only.IsValid() && a != s.opt.Only {
			continue
		}
		list = append(list, p)
	}
	slices.SortFunc(list, netip.Prefix.Compare)
	return list
}

func (s *Server) close() {
	s.send((*link).goodbye)
	s.mu.Lock()
	links := s.links
	s.links, s.ours = nil, false
	s.mu.Unlock()
	for _, l := range links {
		l.close()
	}
}

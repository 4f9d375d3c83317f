package mdns

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/ipv4"
)

// loopback is the one interface that every machine has; it takes part in the
// groups too.
func loopback(t testing.TB) *net.Interface {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 && i.Flags&net.FlagUp != 0 {
			return &i
		}
	}
	t.Skip("there is no loopback interface")
	return nil
}

// on runs a Server on the loopback until the test ends.
func on(t testing.TB, name string, port int) (s *Server, stop func()) {
	t.Helper()
	lo := loopback(t)
	s = New(Options{
		Name: name, Port: port, Path: "/base/", Public: true, Only: netip.MustParseAddr("127.0.0.1"),
		Wanted: func(i net.Interface) bool { return i.Index == lo.Index },
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return s, stop
}

// ear hears and speaks as another machine of the link does.
type ear struct {
	t    testing.TB
	conn *net.UDPConn
}

func listen(t testing.TB) *ear {
	t.Helper()
	lo := loopback(t)
	conn, err := net.ListenMulticastUDP("udp4", lo, group4)
	if err != nil {
		t.Skipf("no multicast here: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	p := ipv4.NewPacketConn(conn)
	if err := p.SetMulticastInterface(lo); err != nil {
		t.Skipf("no multicast here: %v", err)
	}
	p.SetMulticastLoopback(true)
	return &ear{t, conn}
}

func (e *ear) say(m dnsmessage.Message) {
	e.t.Helper()
	b, err := m.Pack()
	if err != nil {
		e.t.Fatal(err)
	}
	if _, err := e.conn.WriteToUDP(b, group4); err != nil {
		e.t.Fatal(err)
	}
}

// hear waits for a message of a kind.
func (e *ear) hear(what string, is func(dnsmessage.Message) bool) dnsmessage.Message {
	e.t.Helper()
	e.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	b := make([]byte, mostRead)
	for {
		n, _, err := e.conn.ReadFromUDP(b)
		if err != nil {
			e.t.Fatalf("%s never came: %v", what, err)
		}
		var m dnsmessage.Message
		if m.Unpack(b[:n]) == nil && is(m) {
			return m
		}
	}
}

// holding tells whether a message answers a name with a record of a kind.
func holding(name string, kind dnsmessage.Type) func(dnsmessage.Message) bool {
	return func(m dnsmessage.Message) bool {
		_, ok := find(m, name, kind)
		return m.Response && ok
	}
}

func find(m dnsmessage.Message, name string, kind dnsmessage.Type) (dnsmessage.Resource, bool) {
	for _, list := range [][]dnsmessage.Resource{m.Answers, m.Additionals} {
		for _, r := range list {
			if strings.EqualFold(r.Header.Name.String(), name) && r.Header.Type == kind {
				return r, true
			}
		}
	}
	return dnsmessage.Resource{}, false
}

func question(name string, kind dnsmessage.Type) dnsmessage.Message {
	return dnsmessage.Message{Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}}}
}

// The house announces itself, is found by name and in the list of what is
// served, says which kinds there are none of, and takes leave.
func TestTheHouseIsFound(t *testing.T) {
	t.Parallel()
	e := listen(t)
	s, stop := on(t, "earshot-found", 8080)
	const host, instance = "earshot-found.local.", "earshot-found._http._tcp.local."
	m := e.hear("the announcement", holding(host, dnsmessage.TypeA))
	r, _ := find(m, host, dnsmessage.TypeA)
	if a := r.Body.(*dnsmessage.AResource).A; a != [4]byte{127, 0, 0, 1} || r.Header.TTL != hostFor || r.Header.Class&flush == 0 {
		t.Errorf("announced: %v", r.GoString())
	}
	if n := s.Name(); n != "earshot-found.local" {
		t.Errorf("its name is %q", n)
	}

	e.say(question("Earshot-Found.LOCAL.", dnsmessage.TypeAAAA)) // there is none
	e.hear("which kinds there are", func(m dnsmessage.Message) bool {
		r, ok := find(m, host, typeNSEC)
		if !ok {
			return false
		}
		// Its own name, then the bits of the kinds: that of A is the second.
		want := "\x0dearshot-found\x05local\x00\x00\x01\x40"
		if got := string(r.Body.(*dnsmessage.UnknownResource).Data); got != want {
			t.Errorf("which kinds there are: got %q, want %q", got, want)
		}
		return true
	})

	e.say(question(serviceTxt, dnsmessage.TypePTR))
	m = e.hear("the list", func(m dnsmessage.Message) bool {
		return holding(serviceTxt, dnsmessage.TypePTR)(m) && holding(instance, dnsmessage.TypeSRV)(m) && len(m.Additionals) > 0
	})
	srv, _ := find(m, instance, dnsmessage.TypeSRV)
	if v := srv.Body.(*dnsmessage.SRVResource); v.Port != 8080 || v.Target.String() != host {
		t.Errorf("it is served at %v", v.GoString())
	}
	txt, _ := find(m, instance, dnsmessage.TypeTXT)
	if v, ok := txt.Body.(*dnsmessage.TXTResource); !ok || len(v.TXT) != 1 || v.TXT[0] != "path=/base/" {
		t.Errorf("the path is %v", txt.GoString())
	}

	// As common programs for the common DNS ask.
	c, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, nil)
	if err == nil {
		c.Close()
	}
	plain, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	ipv4.NewPacketConn(plain).SetMulticastInterface(loopback(t))
	ask := question(host, dnsmessage.TypeA)
	ask.ID = 4711
	b, _ := ask.Pack()
	if _, err := plain.WriteToUDP(b, group4); err != nil {
		t.Fatal(err)
	}
	plain.SetReadDeadline(time.Now().Add(20 * time.Second))
	b = make([]byte, mostRead)
	n, _, err := plain.ReadFromUDP(b)
	if err != nil {
		t.Fatalf("who asks from another port gets no answer: %v", err)
	}
	if err := m.Unpack(b[:n]); err != nil || m.ID != 4711 || len(m.Questions) != 1 || len(m.Answers) != 1 || m.Answers[0].Header.TTL > legacyFor || m.Answers[0].Header.Class != dnsmessage.ClassINET {
		t.Errorf("who asks from another port: got %v, %v", m.GoString(), err)
	}

	go stop()
	e.hear("the goodbye", func(m dnsmessage.Message) bool {
		r, ok := find(m, host, dnsmessage.TypeA)
		return ok && m.Response && r.Header.TTL == 0
	})
}

// Whoever knows the answer is not told it again; rubbish is not answered and
// harms nothing.
func TestWhatIsNotAnswered(t *testing.T) {
	t.Parallel()
	e := listen(t)
	on(t, "earshot-quiet", 8080)
	const host = "earshot-quiet.local."
	e.hear("the announcement", holding(host, dnsmessage.TypeA))
	for _, b := range []string{"", "x", strings.Repeat("\xff", 3000), "\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xc0\x0c", "\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01"} {
		if _, err := e.conn.WriteToUDP([]byte(b), group4); err != nil {
			t.Fatal(err)
		}
	}
	known := question(host, dnsmessage.TypeA)
	known.Answers = []dnsmessage.Resource{{
		Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(host), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: hostFor},
		Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
	}}
	e.hear("the second announcement", holding(host, dnsmessage.TypeA))
	e.say(known)
	e.say(question("somebody-else.local.", dnsmessage.TypeA))
	e.say(question(host, dnsmessage.TypeTXT))
	e.hear("the first answer", func(m dnsmessage.Message) bool {
		if !m.Response || !holding(host, dnsmessage.TypeA)(m) && !holding(host, typeNSEC)(m) {
			return false
		}
		if _, ok := find(m, host, typeNSEC); !ok {
			t.Errorf("who knows the answer is told it again: %v", m.GoString())
		}
		return true
	})
}

// Of two with one name, the one that was there keeps it, be it another house
// on this machine or another machine.
func TestANameThatIsTaken(t *testing.T) {
	t.Parallel()
	e := listen(t)
	first, _ := on(t, "earshot-twice", 8080)
	e.hear("the first", holding("earshot-twice.local.", dnsmessage.TypeA))
	second, _ := on(t, "earshot-twice", 8081)
	e.hear("the second", holding("earshot-twice-2.local.", dnsmessage.TypeA))
	if a, b := first.Name(), second.Name(); a != "earshot-twice.local" || b != "earshot-twice-2.local" {
		t.Errorf("they are called %q and %q", a, b)
	}
	e.say(dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}, Answers: []dnsmessage.Resource{{
		Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName("earshot-twice.local."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET | flush, TTL: 120},
		Body:   &dnsmessage.AResource{A: [4]byte{127, 9, 9, 9}},
	}}})
	e.hear("the first under another name", holding("earshot-twice-3.local.", dnsmessage.TypeA))
}

// Without a network nothing is answered, and nothing goes wrong.
func TestNoNetwork(t *testing.T) {
	t.Parallel()
	s := New(Options{Name: "earshot", Port: 8080, Wanted: func(net.Interface) bool { return false }})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	s.Run(ctx)
	if s.Name() != "" {
		t.Errorf("its name is %q", s.Name())
	}
}

func FuzzMessages(f *testing.F) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { conn.Close() })
	s := New(Options{Name: "earshot", Port: 8080})
	s.ours = true
	l := &link{s: s, prefixes: []netip.Prefix{netip.MustParsePrefix("192.168.1.2/24")}, last: map[string]time.Time{}}
	for _, m := range []dnsmessage.Message{
		question("earshot.local.", dnsmessage.TypeA), question(serviceTxt, dnsmessage.TypePTR), question(allTxt, dnsmessage.TypeALL),
		{Header: dnsmessage.Header{Response: true}, Answers: []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName("earshot.local."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: 1},
			Body:   &dnsmessage.AResource{A: [4]byte{10, 0, 0, 1}},
		}}},
	} {
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	at := conn.LocalAddr().(*net.UDPAddr)
	f.Fuzz(func(_ *testing.T, b []byte) {
		l.take(&way{conn: conn}, b, at)
		l.take(&way{conn: conn}, b, &net.UDPAddr{IP: at.IP, Port: 5353})
	})
}

// The same question many times, for a kind that there is none of, has one
// answer: nobody is sent more than was asked for.
func TestManyQuestionsOneAnswer(t *testing.T) {
	s := New(Options{Name: "earshot-many", Port: 80})
	s.ours = true
	to, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	l := &link{s: s, prefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}, last: map[string]time.Time{}}
	var m dnsmessage.Message
	for range 60 {
		m.Questions = append(m.Questions, question("earshot-many.local.", dnsmessage.TypeMX).Questions...)
	}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	l.take(&way{conn: to, group: group4}, b, to.LocalAddr().(*net.UDPAddr))
	answer := make([]byte, mostRead)
	to.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, _, err := to.ReadFromUDP(answer)
	if err != nil {
		t.Fatal(err)
	}
	var got dnsmessage.Message
	if err := got.Unpack(answer[:n]); err != nil || len(got.Answers) != 1 || n > 2*len(b) {
		t.Errorf("%d bytes were asked and %d answered, with %d answers: %v", len(b), n, len(got.Answers), err)
	}
}

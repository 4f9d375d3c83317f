package mdns

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// How long answers hold, in seconds (RFC 6762 section 10), and to those who ask
// as if this were the common DNS (section 6.7).
const (
	hostFor   = 120
	otherFor  = 4500
	legacyFor = 10
)

// The highest bit of a class: of a question, that one answer is enough
// (section 5.4); of an answer, that it takes the place of all others (10.2).
const (
	oneIsEnough = 1 << 15
	flush       = 1 << 15
)

const (
	typeNSEC   = dnsmessage.Type(47)
	serviceTxt = "_http._tcp.local."
	allTxt     = "_services._dns-sd._udp.local."
)

// record is something to be answered.
type record struct {
	name   string
	kind   dnsmessage.Type
	ttl    uint32
	shared bool // others answer it too
	body   dnsmessage.ResourceBody
}

// names are what a label stands for.
func hostOf(label string) string     { return label + ".local." }
func instanceOf(label string) string { return label + "." + serviceTxt }

// records are all that a link answers under a label.
func (l *link) records(label string) []record {
	host, instance := hostOf(label), instanceOf(label)
	name := dnsmessage.MustNewName
	var list []record
	for _, a := range l.addresses() {
		if a.Is4() {
			list = append(list, record{host, dnsmessage.TypeA, hostFor, false, &dnsmessage.AResource{A: a.As4()}})
		} else {
			list = append(list, record{host, dnsmessage.TypeAAAA, hostFor, false, &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return append(list,
		record{serviceTxt, dnsmessage.TypePTR, otherFor, true, &dnsmessage.PTRResource{PTR: name(instance)}},
		record{allTxt, dnsmessage.TypePTR, otherFor, true, &dnsmessage.PTRResource{PTR: name(serviceTxt)}},
		record{instance, dnsmessage.TypeSRV, hostFor, false, &dnsmessage.SRVResource{Port: uint16(l.s.opt.Port), Target: name(host)}},
		record{instance, dnsmessage.TypeTXT, otherFor, false, &dnsmessage.TXTResource{TXT: []string{"path=" + l.s.opt.Path}}},
	)
}

// none says which kinds of record a name has, for those who ask for another
// (section 6.1).
func none(name string, all []record) (record, bool) {
	var bits [32]byte
	most := -1
	for _, r := range all {
		if strings.EqualFold(r.name, name) && !r.shared && r.kind < 256 {
			name = r.name
			bits[r.kind/8] |= 0x80 >> (r.kind % 8)
			most = max(most, int(r.kind/8))
		}
	}
	if most < 0 {
		return record{}, false
	}
	var b bytes.Buffer
	for part := range strings.SplitSeq(name, ".") { // ends in the root, which is empty
		b.WriteByte(byte(len(part)))
		b.WriteString(part)
	}
	b.WriteByte(0)              // the first block of kinds (RFC 4034 section 4.1.2)
	b.WriteByte(byte(most + 1)) // its bytes
	b.Write(bits[:most+1])
	return record{name, typeNSEC, hostFor, false, &dnsmessage.UnknownResource{Type: typeNSEC, Data: b.Bytes()}}, true
}

// take answers a message, or sees in it that a name is somebody else's.
func (l *link) take(w *way, b []byte, from *net.UDPAddr) {
	var p dnsmessage.Parser
	head, err := p.Start(b)
	if err != nil || head.OpCode != 0 || head.RCode != 0 {
		return
	}
	label, ours := l.s.state()
	if head.Response {
		l.compare(&p, label)
		return
	}
	questions, err := p.AllQuestions()
	if err != nil || !ours || len(questions) > 64 {
		return
	}
	known, err := p.AllAnswers()
	if err != nil {
		return
	}
	l.answer(w, head, questions, known, from, label)
}

// compare looks whether an answer of somebody else's is to our name.
func (l *link) compare(p *dnsmessage.Parser, label string) {
	if p.SkipAllQuestions() != nil {
		return
	}
	host, instance := hostOf(label), instanceOf(label)
	for {
		h, err := p.AnswerHeader()
		if err != nil {
			return
		}
		name := h.Name.String()
		switch {
		case h.TTL == 0: // a goodbye
			err = p.SkipAnswer()
		case h.Type == dnsmessage.TypeA && strings.EqualFold(name, host):
			var r dnsmessage.AResource
			if r, err = p.AResource(); err == nil && !l.s.isOurs(netip.AddrFrom4(r.A)) {
				l.s.conflicted(label + ".local")
			}
		case h.Type == dnsmessage.TypeAAAA && strings.EqualFold(name, host):
			var r dnsmessage.AAAAResource
			if r, err = p.AAAAResource(); err == nil && !l.s.isOurs(netip.AddrFrom16(r.AAAA)) {
				l.s.conflicted(label + ".local")
			}
		case h.Type == dnsmessage.TypeSRV && strings.EqualFold(name, instance):
			var r dnsmessage.SRVResource
			if r, err = p.SRVResource(); err == nil && (int(r.Port) != l.s.opt.Port || !strings.EqualFold(r.Target.String(), host)) {
				l.s.conflicted(label + ".local")
			}
		default:
			err = p.SkipAnswer()
		}
		if err != nil {
			return
		}
	}
}

// answer answers questions.
func (l *link) answer(w *way, head dnsmessage.Header, questions []dnsmessage.Question, known []dnsmessage.Resource, from *net.UDPAddr, label string) {
	all := l.records(label)
	legacy := from.Port != group4.Port
	alone := legacy // to the one who asks
	var give []record
	has := func(r record) bool {
		for _, g := range give {
			if g.kind == r.kind && g.name == r.name && equal(g.body, r.body) {
				return true
			}
		}
		return false
	}
	shared := false
	for _, q := range questions {
		if c := q.Class &^ oneIsEnough; c != dnsmessage.ClassINET && c != dnsmessage.ClassANY {
			continue
		}
		name, found := q.Name.String(), false
		for _, r := range all {
			if !strings.EqualFold(r.name, name) || q.Type != r.kind && q.Type != dnsmessage.TypeALL {
				continue
			}
			found = true
			if !has(r) && !knows(known, r) {
				give = append(give, r)
				shared = shared || r.shared
			}
		}
		if r, ok := none(name, all); ok && !found {
			if found = true; !has(r) {
				give = append(give, r)
			}
		}
		alone = alone || found && q.Class&oneIsEnough != 0
	}
	if len(give) == 0 {
		return
	}
	// What is wanted next comes along (RFC 6763 section 12).
	var more []record
	for _, r := range give {
		if r.kind == dnsmessage.TypePTR || r.kind == dnsmessage.TypeSRV {
			for _, a := range all {
				if (a.kind == dnsmessage.TypeSRV || a.kind == dnsmessage.TypeTXT || a.kind == dnsmessage.TypeA || a.kind == dnsmessage.TypeAAAA) && !has(a) {
					more = append(more, a)
				}
			}
			break
		}
	}
	if alone {
		var back []dnsmessage.Question
		if legacy {
			back = questions
		}
		if b := build(head.ID, legacy, back, give, more); b != nil {
			l.to(w, b, from)
		}
		return
	}
	b := build(0, false, nil, give, more)
	if b == nil || l.often(string(b), time.Now()) {
		return
	}
	if shared { // others answer at the same moment (section 6)
		time.AfterFunc(20*time.Millisecond+rand.N(100*time.Millisecond), func() { l.toAll(b) })
		return
	}
	l.toAll(b)
}

// knows tells whether who asks has an answer already, for half of its time at
// least (section 7.1).
func knows(known []dnsmessage.Resource, r record) bool {
	for _, k := range known {
		if k.Header.Type == r.kind && k.Header.TTL >= r.ttl/2 && strings.EqualFold(k.Header.Name.String(), r.name) && equal(k.Body, r.body) {
			return true
		}
	}
	return false
}

func equal(a, b dnsmessage.ResourceBody) bool {
	return a != nil && b != nil && strings.EqualFold(a.GoString(), b.GoString())
}

// build writes an answer; nil when it can't be written.
func build(id uint16, legacy bool, questions []dnsmessage.Question, give, more []record) []byte {
	m := dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}, Questions: questions}
	if legacy {
		m.ID = id
	}
	resource := func(r record) dnsmessage.Resource {
		h := dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(r.name), Type: r.kind, Class: dnsmessage.ClassINET, TTL: r.ttl}
		if legacy {
			h.TTL = min(h.TTL, legacyFor)
		} else if !r.shared {
			h.Class |= flush
		}
		return dnsmessage.Resource{Header: h, Body: r.body}
	}
	for _, r := range give {
		m.Answers = append(m.Answers, resource(r))
	}
	for _, r := range more {
		m.Additionals = append(m.Additionals, resource(r))
	}
	b, err := m.Pack()
	if err != nil {
		return nil
	}
	return b
}

// probe asks whether somebody has the name (section 8.1). The answer is wanted
// by all: what is sent to the one who asks does not reach a socket of the group.
func (l *link) probe() {
	label, _ := l.s.state()
	m := dnsmessage.Message{}
	for _, name := range []string{hostOf(label), instanceOf(label)} {
		m.Questions = append(m.Questions, dnsmessage.Question{Name: dnsmessage.MustNewName(name), Type: dnsmessage.TypeALL, Class: dnsmessage.ClassINET})
	}
	for _, r := range l.records(label) {
		if !r.shared && r.kind != dnsmessage.TypeTXT {
			m.Authorities = append(m.Authorities, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(r.name), Type: r.kind, Class: dnsmessage.ClassINET, TTL: r.ttl}, Body: r.body,
			})
		}
	}
	if b, err := m.Pack(); err == nil {
		l.toAll(b)
	}
}

// announce tells everybody (section 8.3).
func (l *link) announce() { l.tell(false) }

// goodbye tells everybody that it is over (section 10.1).
func (l *link) goodbye() {
	if _, ours := l.s.state(); ours {
		l.tell(true)
	}
}

func (l *link) tell(over bool) {
	label, _ := l.s.state()
	all := l.records(label)
	if over {
		all = slices.DeleteFunc(all, func(r record) bool { return r.name == allTxt }) // others serve such things too
		for i := range all {
			all[i].ttl = 0
		}
	}
	if b := build(0, false, nil, all, nil); b != nil {
		l.toAll(b)
	}
}

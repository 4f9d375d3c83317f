// Package mailtest is a small SMTP server for tests (RFC 5321, RFC 3207, RFC
// 4954). It keeps what it takes.
package mailtest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Message is a mail as the server got it.
type Message struct {
	From, To string // of the envelope
	Data     string // head and body, its lines ended by \r\n
	TLS      bool   // it came over TLS
	User     string // who signed in
}

// Options say what the server wants.
type Options struct {
	TLS      bool   // from the first byte
	NoTLS    bool   // no STARTTLS is offered
	Password string // of every user; "" lets nobody sign in
	Refuse   int    // so many mails are refused at first, as one that is busy does
}

// Server is a running SMTP server.
type Server struct {
	Port  int
	Trust *tls.Config // whom a client has to trust
	C     chan Message

	t  testing.TB
	o  Options
	ln net.Listener
	us *tls.Config

	mu     sync.Mutex
	refuse int
}

// New starts a server on localhost, which ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{t: t, o: o, C: make(chan Message, 100), refuse: o.Refuse}
	s.us, s.Trust = certificate(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.ln, s.Port = ln, ln.Addr().(*net.TCPAddr).Port
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			open.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() { ln.Close(); open.Wait() })
	return s
}

// Next waits for the next mail.
func (s *Server) Next() Message {
	s.t.Helper()
	select {
	case m := <-s.C:
		return m
	case <-time.After(30 * time.Second):
		s.t.Fatal("no mail came")
		return Message{}
	}
}

func (s *Server) serve(c net.Conn) {
	defer func() { c.Close() }()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	secure := s.o.TLS
	if secure {
		c = tls.Server(c, s.us)
	}
	r := textproto.NewReader(bufio.NewReader(c))
	say := func(line string) { fmt.Fprintf(c, "%s\r\n", line) }
	say("220 mailtest")
	var m Message
	user := ""
	for {
		line, err := r.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO", "HELO":
			fmt.Fprintf(c, "250-mailtest\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n")
			if !secure && !s.o.NoTLS {
				fmt.Fprintf(c, "250-STARTTLS\r\n")
			}
			say("250 AUTH PLAIN")
		case "STARTTLS":
			say("220 go on")
			c = tls.Server(c, s.us)
			secure = true
			r = textproto.NewReader(bufio.NewReader(c))
		case "AUTH":
			_, code, _ := strings.Cut(rest, " ")
			b, _ := base64.StdEncoding.DecodeString(code)
			parts := strings.Split(string(b), "\x00")
			if s.o.Password == "" || len(parts) != 3 || parts[2] != s.o.Password {
				say("535 no")
				continue
			}
			user = parts[1]
			say("235 welcome")
		case "MAIL":
			s.mu.Lock()
			busy := s.refuse > 0
			if busy {
				s.refuse--
			}
			s.mu.Unlock()
			if busy {
				say("451 later")
				continue
			}
			m = Message{From: between(rest), TLS: secure, User: user}
			say("250 ok")
		case "RCPT":
			m.To += between(rest)
			say("250 ok")
		case "DATA":
			say("354 go on")
			lines, err := r.ReadDotLines()
			if err != nil {
				return
			}
			m.Data = strings.Join(lines, "\r\n") + "\r\n"
			say("250 taken")
			s.C <- m
		case "QUIT":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

// between gives what stands between angle brackets.
func between(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

// certificate makes one for 127.0.0.1, and who trusts it.
func certificate(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mailtest"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}

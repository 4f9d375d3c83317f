// Package mail hands mails to an SMTP server (RFC 5321). It knows nothing of
// what they say.
package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// How a connection is kept from being read.
const (
	StartTLS = "starttls" // in the clear until the server agrees to TLS (RFC 3207); never without
	TLS      = "tls"      // from the first byte (RFC 8314)
	None     = "none"     // in the clear, for a server on the same machine
)

// Server is where mails go and who they are from.
type Server struct {
	Host     string
	Port     int
	User     string // "" sends without signing in
	Password string
	From     string // "music@example.org", or with a name: "Our house <music@example.org>"
	Security string // StartTLS, TLS or None

	Roots *tls.Config // whom to trust; nil for whom the machine trusts. For tests.
}

// within is how long the sending of one mail may take.
const within = time.Minute

// ErrHeader means that something which stands in the head of a mail has a line
// end or another control character in it.
var ErrHeader = errors.New("a control character in the head of a mail")

// Message is a mail to send: plain text, its lines ended by \n.
type Message struct {
	To, Name string // address and name
	Subject  string
	Text     string
}

// Send hands a mail to the server. It returns when the server has taken it.
func (s Server) Send(ctx context.Context, m Message) error {
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return fmt.Errorf("the sender: %w", err)
	}
	text, err := compose(*from, m, time.Now())
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	c, end, err := s.dial(ctx, from.Address)
	if err != nil {
		return err
	}
	defer end()
	err = c.Mail(from.Address)
	if err == nil {
		err = c.Rcpt(m.To)
	}
	if err != nil {
		return fmt.Errorf("the mail server refuses: %w", err)
	}
	w, err := c.Data()
	if err != nil {
		return fmt.Errorf("the mail server refuses: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("send a mail: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("the mail server refuses: %w", err)
	}
	c.Quit() // the mail is taken, whatever comes now
	return nil
}

// dial connects and signs in; end has to be called.
func (s Server) dial(ctx context.Context, from string) (c *smtp.Client, end func(), err error) {
	settings := &tls.Config{}
	if s.Roots != nil {
		settings = s.Roots.Clone()
	}
	settings.ServerName, settings.MinVersion = s.Host, tls.VersionTLS12
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return nil, nil, fmt.Errorf("reach the mail server: %w", err)
	}
	leave := context.AfterFunc(ctx, func() { conn.Close() })
	hangUp := func() { leave(); conn.Close() }
	defer func() {
		if err != nil {
			hangUp()
		}
	}()
	if s.Security == TLS {
		conn = tls.Client(conn, settings)
	}
	if c, err = smtp.NewClient(conn, s.Host); err != nil {
		return nil, nil, fmt.Errorf("greet the mail server: %w", err)
	}
	_, domain, _ := strings.Cut(from, "@")
	if err = c.Hello(domain); err != nil {
		return nil, nil, fmt.Errorf("greet the mail server: %w", err)
	}
	if s.Security == StartTLS {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return nil, nil, errors.New("the mail server offers no STARTTLS; set smtp.security to \"tls\", or to \"none\" for a server on this machine")
		}
		if err = c.StartTLS(settings); err != nil {
			return nil, nil, fmt.Errorf("begin TLS with the mail server: %w", err)
		}
	}
	if s.User != "" {
		if err = c.Auth(smtp.PlainAuth("", s.User, s.Password, s.Host)); err != nil {
			return nil, nil, fmt.Errorf("sign in at the mail server: %w", err)
		}
	}
	return c, hangUp, nil
}

// compose writes a mail (RFC 5322) as lines of ASCII (RFC 2045, RFC 2047).
func compose(from mail.Address, m Message, now time.Time) ([]byte, error) {
	for _, s := range []string{from.Name, from.Address, m.To, m.Name, m.Subject} {
		if strings.ContainsFunc(s, unicode.IsControl) {
			return nil, ErrHeader
		}
	}
	if a, err := mail.ParseAddress(m.To); err != nil || a.Address != m.To {
		return nil, errors.Join(errors.New("this is no address"), err)
	}
	var id [16]byte
	rand.Read(id[:])
	_, domain, _ := strings.Cut(from.Address, "@")
	to := mail.Address{Name: m.Name, Address: m.To}
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", from.String()},
		{"To", to.String()},
		{"Subject", mime.QEncoding.Encode("utf-8", m.Subject)},
		{"Date", now.Format(time.RFC1123Z)},
		{"Message-ID", "<" + hex.EncodeToString(id[:]) + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: no "out of office" in return
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(strings.ReplaceAll(m.Text, "\n", "\r\n")))
	w.Close()
	return b.Bytes(), nil
}

package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"earshot/app/mail/mailtest"
)

func TestMailsArrive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		server   mailtest.Options
		security string
		user     string
		fails    string // in the error; "" for none
	}{
		{"STARTTLS with a password", mailtest.Options{Password: "p: w"}, StartTLS, "music", ""},
		{"TLS", mailtest.Options{TLS: true, Password: "p: w"}, TLS, "music", ""},
		{"in the clear", mailtest.Options{NoTLS: true}, None, "", ""},
		{"no STARTTLS is offered", mailtest.Options{NoTLS: true, Password: "p: w"}, StartTLS, "music", "offers no STARTTLS"},
		{"a wrong password", mailtest.Options{Password: "other"}, StartTLS, "music", "sign in"},
		{"a busy server", mailtest.Options{Refuse: 1}, StartTLS, "", "refuses: 451"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.New(t, c.server)
			server := Server{Host: "127.0.0.1", Port: s.Port, User: c.user, Password: "p: w", From: `"Our house" <music@example.org>`, Security: c.security, Roots: s.Trust}
			err := server.Send(t.Context(), Message{To: "mina@home.example", Name: "Mina 김", Subject: "새 비밀번호", Text: "안녕하세요,\n.\n끝\n"})
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Fatalf("got %v, want %q in it", err, c.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m := s.Next()
			if m.From != "music@example.org" || m.To != "mina@home.example" || m.TLS != (c.security != None) || m.User != c.user {
				t.Errorf("got %+v", m)
			}
			read, err := mail.ReadMessage(strings.NewReader(m.Data))
			if err != nil {
				t.Fatal(err)
			}
			var words mime.WordDecoder
			subject, err := words.DecodeHeader(read.Header.Get("Subject"))
			if err != nil || subject != "새 비밀번호" {
				t.Errorf("got subject %q, %v", subject, err)
			}
			if to, err := read.Header.AddressList("To"); err != nil || to[0].Name != "Mina 김" || to[0].Address != "mina@home.example" {
				t.Errorf("got To %v, %v", to, err)
			}
			if read.Header.Get("Auto-Submitted") != "auto-generated" || read.Header.Get("Message-ID") == "" || read.Header.Get("Date") == "" {
				t.Errorf("got head %v", read.Header)
			}
			text, err := io.ReadAll(quotedprintable.NewReader(read.Body))
			if want := "안녕하세요,\r\n.\r\n끝\r\n"; err != nil || string(text) != want {
				t.Errorf("got text %q, %v, want %q", text, err, want)
			}
			for _, r := range m.Data {
				if r > 126 {
					t.Fatalf("the mail is not ASCII: %q", m.Data)
				}
			}
		})
	}
}

// Who is not trusted gets neither the password nor the mail.
func TestStrangersGetNothing(t *testing.T) {
	t.Parallel()
	s := mailtest.New(t, mailtest.Options{Password: "p"})
	server := Server{Host: "127.0.0.1", Port: s.Port, User: "u", Password: "p", From: "a@b.c", Security: StartTLS}
	if err := server.Send(t.Context(), Message{To: "d@e.f"}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v, want a word about the certificate", err)
	}
	select {
	case m := <-s.C:
		t.Errorf("got %+v", m)
	default:
	}
}

func TestSendingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := (Server{Host: "127.0.0.1", Port: 1, From: "a@b.c"}).Send(ctx, Message{To: "d@e.f"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func FuzzHead(f *testing.F) {
	for _, s := range [][3]string{
		{"mina@home.example", "Mina", "A new password"},
		{"mina@home.example\r\nBcc: all@home.example", "Mina", "x"},
		{"mina@home.example", "Mina\r\nBcc: all@home.example", "x"},
		{"mina@home.example", "Mina", "x\r\n\r\nA body of mine"},
		{"mina@home.example", "Mina\n", "x\rBcc: y@z"},
		{"mina@home.example", `"Mina" <other@home.example>, x`, "=?utf-8?q?=0D=0ABcc:_a=40b?="},
		{"mina@home.example", "김미나", "새 비밀번호\u2028 x"},
		{"a@b, c@d", "", ""},
	} {
		f.Add(s[0], s[1], s[2])
	}
	from := mail.Address{Name: "Our house", Address: "music@example.org"}
	f.Fuzz(func(t *testing.T, to, name, subject string) {
		b, err := compose(from, Message{To: to, Name: name, Subject: subject, Text: "Hello"}, time.Unix(0, 0))
		if err != nil {
			return
		}
		head, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(b))).ReadMIMEHeader()
		if err != nil {
			t.Fatalf("the head can't be read: %v in %q", err, b)
		}
		if len(head) != 9 || len(head.Values("To")) != 1 || len(head.Values("Subject")) != 1 {
			t.Fatalf("got %d lines of head: %q", len(head), b)
		}
		list, err := mail.ParseAddressList(head.Get("To"))
		if err == nil && (len(list) != 1 || list[0].Address != to) {
			t.Fatalf("it goes to %v instead of %q", list, to)
		}
		if !bytes.HasSuffix(b, []byte("\r\n\r\nHello")) {
			t.Fatalf("the body is another: %q", b)
		}
	})
}

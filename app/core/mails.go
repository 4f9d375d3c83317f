package core

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

// Mail is one to send.
type Mail struct {
	To, Name string // address and name of whom it is for
	Subject  string
	Text     string
}

// post sends mails in the background, so that nobody learns from the time an
// answer takes whether an address has an account.
type post struct {
	send   func(context.Context, Mail) error // nil: no mails
	public string
	asked  *auth.Limiter // mails that each address asked for
	mailed *auth.Limiter // mails to each account
	queue  chan forgotten
}

// forgotten is somebody who asked for a link by mail, perhaps.
type forgotten struct {
	email    string
	language string
}

const (
	queuedMails = 100
	mailTries   = 3
	mailRest    = 20 * time.Second // before another try
)

func newPost(o Options, book *auth.Book) *post {
	return &post{
		send: o.Mail, public: o.Public, queue: make(chan forgotten, queuedMails),
		asked:  book.Limiter(auth.CountedForgotten, auth.ForgotRule()),
		mailed: book.Limiter(auth.CountedMails, auth.MailRule()),
	}
}

// Forgot sends a link for a new password to an address, if it has an account.
// Whether it has, neither the answer nor the time it takes tells. The language
// is that of the mail, "en" or "ko".
func (c *Core) Forgot(_ context.Context, address, language string, from Client) error {
	if c.post.send == nil {
		return fault.New(fault.Conflict, "mail.none", "This Earshot sends no mails. Ask its keeper for a link.")
	}
	address, err := email(address)
	if err != nil {
		return err
	}
	if wait := c.post.asked.Allow(from.Address); wait > 0 {
		return tooOften(wait)
	}
	select {
	case c.post.queue <- forgotten{address, language}:
		return nil
	default:
		return fault.New(fault.Unavailable, "busy", "Too much is going on at this moment. Try again in a few seconds.").After(mailRest)
	}
}

// Mails sends what was asked for until the context ends.
func (c *Core) Mails(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case f := <-c.post.queue:
			if err := c.mailReset(ctx, f); err != nil && ctx.Err() == nil {
				c.log.Error("a mail can't be sent", "error", err)
			}
		}
	}
}

// mailReset sends a link to whoever has an address.
func (c *Core) mailReset(ctx context.Context, f forgotten) error {
	var u db.User
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		u, err = tx.UserByEmail(f.email)
		return err
	})
	if errors.Is(err, ErrNotFound) || err == nil && (u.Disabled || strings.HasSuffix(u.Email, nowhere)) {
		return nil
	}
	if err != nil {
		return err
	}
	if wait := c.post.mailed.AllowKey(u.ID.String()); wait > 0 {
		c.log.Info("a mail was asked for too often", "user", u.ID)
		return nil
	}
	h, err := c.House(ctx)
	if err != nil {
		return err
	}
	var link ResetLink
	err = c.update(ctx, func(tx *db.Tx) error {
		now, err := tx.User(u.ID)
		if err != nil {
			return err
		}
		link, err = c.makeReset(tx, now, 0)
		return err
	})
	if err != nil {
		return err
	}
	m := resetMail(f.language, link, line(h.Name), c.post.public)
	for try := 1; ; try++ {
		if err = c.post.send(ctx, m); err == nil {
			c.note("reset.mailed", "a link for a new password was mailed", "user", u.ID)
			return nil
		}
		if try == mailTries {
			return fmt.Errorf("to user %s, %d times: %w", u.ID, try, err)
		}
		c.log.Warn("a mail could not be sent and will be tried again", "user", u.ID, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(mailRest):
		}
	}
}

// resetMail writes the mail with a link.
func resetMail(language string, link ResetLink, house, public string) Mail {
	m := Mail{To: link.User.Email, Name: link.User.Name}
	address := public + "/reset#" + link.Code
	if language == "ko" {
		m.Subject = house + ": 새 비밀번호 정하기"
		m.Text = fmt.Sprintf("%s님, 안녕하세요.\n\n%s에서 이 메일 주소로 새 비밀번호를 요청했습니다. "+
			"24시간 안에 아래 링크를 열어 새 비밀번호를 정하세요. 링크는 한 번만 쓸 수 있습니다.\n\n%s\n\n"+
			"요청하지 않으셨다면 아무것도 하지 않으셔도 됩니다. 지금 비밀번호는 그대로입니다.\n", link.User.Name, house, address)
		return m
	}
	m.Subject = "Choose a new password for " + house
	m.Text = fmt.Sprintf("Hello %s,\n\nsomebody asked for a new password for your account at %s. "+
		"Open this link within 24 hours to choose one. It works once.\n\n%s\n\n"+
		"If it was not you, do nothing: your password stays as it is.\n", link.User.Name, house, address)
	return m
}

// ChangeEmail gives the asker's account another address, after the password was
// given again. A link that was sent to the old one ends, and so does every other
// session.
func (c *Core) ChangeEmail(ctx context.Context, who Asker, address, password string, from Client) (UserView, error) {
	me := who.User
	address, err := email(address)
	if err != nil {
		return UserView{}, err
	}
	was, err := c.prove(ctx, who, password, from)
	if err != nil {
		return UserView{}, err
	}
	if address != was.Email {
		if c.proxy.On { // whoever it names by this address would come into the asker's account
			return UserView{}, fault.New(fault.Forbidden, "email.proxy", "The proxy in front of this Earshot knows people by their addresses. They stay as they are.").In("email")
		}
		// It tells whether an address has an account, as a sign-up does.
		if wait := c.signUps.Allow(from.Address); wait > 0 {
			return UserView{}, tooOften(wait)
		}
	}
	var v UserView
	err = c.update(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if err := sameAccount(a.user, was); err != nil {
			return err
		}
		a.user.Email = address
		if err := tx.SetUser(a.user); err != nil {
			return err
		}
		if err := tx.DropReset(me); err != nil {
			return err
		}
		if _, err := tx.DropSessionsOf(me, who.Session); err != nil {
			return err
		}
		v, err = c.viewProfile(tx, a, a.user)
		return err
	})
	if errors.Is(err, db.ErrTaken) {
		return v, fault.New(fault.Conflict, "email.used", "This address can't be used here. Choose another.").In("email")
	}
	if err == nil {
		c.ended(me, func(session db.ID) bool { return session != who.Session })
		c.note("email", "an e-mail address was changed", "user", me)
	}
	return v, err
}

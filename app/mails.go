package app

import (
	"context"
	"crypto/tls"
	"time"

	"earshot/app/config"
	"earshot/app/core"
	"earshot/app/mail"
)

// mailer sends mails by the server of the settings; nil when there is none.
func mailer(s config.SMTP, trust *tls.Config) func(context.Context, core.Mail) error {
	if s.Host == "" {
		return nil
	}
	server := mail.Server{
		Host: s.Host, Port: s.Port, User: s.User, Password: s.Password, From: s.From, Security: s.Security, Roots: trust,
	}
	return func(ctx context.Context, m core.Mail) error { return server.Send(ctx, mail.Message(m)) }
}

// sendMails sends what the rules want sent until the house closes.
func (a *App) sendMails(ctx context.Context) {
	for ctx.Err() == nil {
		if err := a.guarded(ctx, a.core.Mails); err != nil {
			a.log.Error("sending mails went wrong", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

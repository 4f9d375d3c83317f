package app

import (
	"context"
	"log/slog"
	"regexp"
)

// quietLog keeps the addresses of those who listen out of the log. Errors of
// connections name both ends, and so do those that the server of net/http notes
// by itself. Where an address is wanted, as of a refused sign-in, it stands in
// an attribute of its own, which is no error.
func quietLog(log *slog.Logger) *slog.Logger { return slog.New(quietHandler{log.Handler()}) }

type quietHandler struct{ slog.Handler }

var (
	otherEnd = regexp.MustCompile(`->\S+?(: |$)`)
	fromEnd  = regexp.MustCompile(`\bfrom \S+:\d+`)
)

func hideEnds(text string) string {
	return fromEnd.ReplaceAllString(otherEnd.ReplaceAllString(text, "->(client)$1"), "from (client)")
}

func hideIn(a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case error:
		if text := v.Error(); hideEnds(text) != text {
			a.Value = slog.StringValue(hideEnds(text))
		}
	case string:
		if a.Key == "error" || a.Key == "cause" {
			a.Value = slog.StringValue(hideEnds(v))
		}
	}
	return a
}

func (q quietHandler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, hideEnds(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(hideIn(a))
		return true
	})
	return q.Handler.Handle(ctx, clean)
}

func (q quietHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = hideIn(a)
	}
	return quietHandler{q.Handler.WithAttrs(clean)}
}

func (q quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{q.Handler.WithGroup(name)}
}

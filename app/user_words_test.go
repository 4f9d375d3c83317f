package app_test

import (
	"flag"
	"io"
	"strings"
	"testing"

	"earshot/app"
)

// FuzzUserWords gives "earshot user" any words: it understands them, or says
// in one sentence why not.
func FuzzUserWords(f *testing.F) {
	for _, s := range []string{"list", "add a@b.c -name X", "-name X -keeper add a@b.c", "remove x -yes", "role x keeper", "factor x", "reset", "- --", "help", "-name", "-data=d list", "--help", "list -h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		flags := flag.NewFlagSet("x", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		flags.String("config", "", "")
		flags.String("data", "", "")
		flags.String("listen", "", "")
		c, rest, err := app.UserCommand(flags, strings.Fields(line))
		if err != nil {
			if s := err.Error(); s == "" || strings.ContainsAny(s, "\n") {
				t.Errorf("got the error %q", s)
			}
			return
		}
		if c.Help {
			return
		}
		if c.Verb == "" {
			t.Errorf("%q is understood as nothing", line)
		}
		if got, want := 1+len(c.Words)+len(rest), len(strings.Fields(line)); got != want {
			t.Errorf("%q: %d words are understood of %d", line, got, want)
		}
	})
}

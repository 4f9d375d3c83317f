package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"earshot/app/core"
	"earshot/db"
)

// LibraryUsage is the help of "earshot library".
const LibraryUsage = `Folders whose music is in this Earshot, whether it is open or closed.
"earshot import FOLDER" adds one.

Usage:
  earshot library list                    every folder
  earshot library remove FOLDER [-yes]    make it a plain folder again; its files are
                                          not touched. Tracks that are read in it go,
                                          with their comments and likes, which -yes
                                          agrees to; those that were copied stay

Flags:
  -yes            take the tracks away, too
  -config FILE    settings; config.toml in this folder when there is one
  -data FOLDER    where everything is kept
`

// WantsLibraryHelp tells whether only the help is asked for.
func WantsLibraryHelp(args []string) bool { return WantsImportHelp(args) }

// libraryTask does "earshot library".
func libraryTask(ctx context.Context, d *doing) error {
	flags := flag.NewFlagSet("earshot library", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	yes := flags.Bool("yes", false, "")
	var words []string
	for args := d.Args; len(args) > 0; {
		if err := flags.Parse(args); err != nil {
			return fmt.Errorf("%w; \"earshot library help\" lists the flags", err)
		}
		if args = flags.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	h := d.a.core.Console()
	switch {
	case len(words) == 1 && words[0] == "list":
		list, err := h.Libraries(ctx)
		if err != nil {
			return err
		}
		return shelf(list, d.out)
	case len(words) == 2 && words[0] == "remove":
		return removeLibrary(ctx, d, h, d.path(words[1]), *yes)
	case len(words) > 0 && words[0] == "remove":
		return errors.New("say which one folder, such as \"earshot library remove /srv/music\"")
	}
	return errors.New("say what to do, such as \"earshot library list\"; \"earshot library help\" lists what there is")
}

func removeLibrary(ctx context.Context, d *doing, h core.Console, path string, yes bool) error {
	l, err := h.Library(ctx, path)
	if err != nil {
		return err
	}
	if !l.Copy && l.Files > 0 && !yes {
		return fmt.Errorf("%s tracks are read in %s and go from here with their comments and likes, though the files stay; give -yes if that is meant", thousands(l.Files), printable(l.Path))
	}
	if l, err = h.RemoveLibrary(ctx, path, d.open); err != nil {
		return err
	}
	end := "was removed"
	if d.open {
		end = "is being removed"
	}
	_, err = fmt.Fprintf(d.out, "%s %s; its files stay as they are.\n", printable(l.Path), end)
	return err
}

// shelf prints libraries, one a line.
func shelf(list []core.LibraryView, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHOSE\tTRACKS\tREFUSED\tKEPT\tREAD\tFOLDER")
	for _, v := range list {
		l := v.Library
		kept, read := "in place", "never"
		if l.Copy {
			kept = "copied"
		}
		switch {
		case l.Away:
			read = "away"
		case v.Last != nil && v.Last.Import.State == db.ImportRunning:
			read = "now"
		case !l.Scanned.IsZero():
			read = l.Scanned.Local().Format(time.DateOnly)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", v.User.Username, thousands(l.Files), thousands(l.Refused), kept, read, printable(l.Path))
	}
	return w.Flush()
}

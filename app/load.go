package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"earshot/app/portable"
)

// loadTask brings in what exportTask wrote, here or on another Earshot.
func loadTask(ctx context.Context, d *doing) error {
	file, as, err := loadWords(d.Args)
	if err != nil {
		return err
	}
	file = d.path(file)
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("%s can't be read: %w", file, plain(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", file)
	}
	x, err := portable.Open(f, info.Size())
	if err != nil {
		return err
	}
	done, err := d.a.core.Console().Load(ctx, x, as, func(line string) { fmt.Fprintln(d.out, line) })
	who := done.User.Name + " (" + done.User.Username + ")"
	if done.New {
		fmt.Fprintf(d.out, "%s has an account now.\n", who)
	}
	if done.User.ID != 0 {
		fmt.Fprintf(d.out, "Of %s: %d tracks came in, %d were here already; %d playlists, %d comments, %d follows, %d likes, %d reposts.\n",
			who, done.Tracks, done.Known, done.Playlists, done.Comments, done.Follows, done.Likes, done.Reposts)
	}
	if done.Claimed > 0 {
		fmt.Fprintf(d.out, "%d comments that were here under this name are theirs now.\n", done.Claimed)
	}
	for _, p := range done.Problems {
		fmt.Fprintln(d.out, "  "+p)
	}
	if done.More > 0 {
		fmt.Fprintf(d.out, "  … and %d more like these.\n", done.More)
	}
	if done.Link != nil {
		fmt.Fprintln(d.out, "\nSend them this link to choose a password with:")
		at, _ := net.ResolveTCPAddr("tcp", d.a.cfg.Listen)
		if err := printLink(*done.Link, d.a.cfg, at, d.out); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return errLoadStopped
	case err != nil && done.User.ID != 0:
		return fmt.Errorf("%s What came in stays; the same command goes on from there", strings.TrimSuffix(sentence(err), ".")+".")
	}
	return err
}

// loadWords reads the words of "earshot load".
func loadWords(args []string) (file, as string, err error) {
	wrong := errors.New("\"earshot load\" wants a file that \"earshot export\" made, and -as USER to load it into an account that is there")
	for i := 0; i < len(args); i++ {
		switch name := flagName(args[i]); {
		case name == "as" && hasValue(args[i]):
			_, as, _ = strings.Cut(args[i], "=")
		case name == "as" && i+1 < len(args):
			i++
			as = args[i]
		case name != "" || file != "":
			return "", "", wrong
		default:
			file = args[i]
		}
	}
	if file == "" {
		return "", "", wrong
	}
	return file, as, nil
}

// errLoadStopped is the end of a load that its user stopped.
var errLoadStopped = errors.New("stopped; what came in stays, and the same command goes on from there")

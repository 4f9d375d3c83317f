package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// exportTask writes all that is one person's into a zip file.
func exportTask(ctx context.Context, d *doing) (err error) {
	if len(d.Args) < 1 || len(d.Args) > 2 || flagName(d.Args[0]) != "" || flagName(d.Args[len(d.Args)-1]) != "" {
		return errors.New("\"earshot export\" wants a username or an e-mail address, and the folder or the .zip file to write to")
	}
	console := d.a.core.Console()
	u, name, err := console.FileOf(ctx, d.Args[0])
	if err != nil {
		return err
	}
	to := d.Dir
	if len(d.Args) == 2 {
		to = d.path(d.Args[1])
	}
	if !strings.EqualFold(filepath.Ext(to), ".zip") {
		if info, err := os.Stat(to); err != nil || !info.IsDir() {
			return fmt.Errorf("there is no folder %s; make it first, or name a file that ends in .zip", to)
		}
		to = filepath.Join(to, name)
	}
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s is there already, and is not written over; name another file", to)
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".earshot-export-*") // for its owner alone
	if err != nil {
		return fmt.Errorf("nothing can be written in %s: %w", filepath.Dir(to), plain(err))
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	buffered := bufio.NewWriterSize(f, 256<<10)
	last := time.Now()
	done, err := console.Export(ctx, d.Args[0], "Earshot", buffered, func(n, of int) {
		if time.Since(last) > 2*time.Second {
			last = time.Now()
			fmt.Fprintf(d.out, "%d of %d tracks\n", n, of)
		}
	})
	switch {
	case ctx.Err() != nil:
		return errExportStopped
	case err != nil:
		return fmt.Errorf("the export to %s failed, and nothing was kept: %s", to, sentence(err))
	}
	if err := errors.Join(buffered.Flush(), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%s can't be written: %w; nothing was kept", to, plain(err))
	}
	// A link is never made over something that is there; a rename would be.
	if err = os.Link(f.Name(), to); err == nil {
		os.Remove(f.Name())
	} else if !errors.Is(err, fs.ErrExist) {
		err = os.Rename(f.Name(), to)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(to))
	}
	if err != nil {
		return fmt.Errorf("%s can't be written: %w", to, plain(err))
	}
	fmt.Fprintf(d.out, "All that is %s's is in %s: %d tracks, %.1f MB of sound.\n", u.Username, to, done.Tracks, float64(done.Bytes)/1e6)
	for i, title := range done.Missing {
		if i == 20 {
			fmt.Fprintf(d.out, "… and %d more.\n", len(done.Missing)-i)
			break
		}
		fmt.Fprintf(d.out, "The sound of %q is missing on the disk; all else of it is there.\n", title)
	}
	fmt.Fprintf(d.out, "It is private: messages and the e-mail address are in it too. On another Earshot: earshot load %s\n", filepath.Base(to))
	return nil
}

// syncFolder makes sure that a name in a folder is there after a power cut.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

// errExportStopped is the end of an export that its user stopped.
var errExportStopped = errors.New("stopped; nothing was kept")

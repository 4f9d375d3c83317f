package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"earshot/app/core"
	"earshot/db"
	"earshot/media"
	"earshot/media/picture"
)

// A Task is something that the command line has the house do. A house that is
// open does it itself, while it serves; otherwise the program opens the data
// for it. What it says reaches the terminal as it is said.
type Task struct {
	Verb string   // names it in tasks
	Args []string // as they were given, without the flags of all commands
	Dir  string   // absolute: where relative paths begin

	// Terminal is how many columns the terminal has that is written to; 0 where
	// there is none, and lines are all that can be shown.
	Terminal int
}

// doing is a task in the house that does it.
type doing struct {
	Task
	a    *App
	out  io.Writer // reaches the terminal at once
	open bool      // the house serves; otherwise nothing runs in the background
}

// task is what the house does for a verb. Its errors are sentences; it ends
// when the context does, which the user's Ctrl+C brings about.
type task func(ctx context.Context, d *doing) error

// tasks are all that are done this way.
func tasks() map[string]task {
	return map[string]task{
		"import": doImport,
		"backup": backup,
		"check":  check,
		"export": exportTask,
		"load":   loadTask,

		"library": libraryTask,
	}
}

// stopped are the ends of commands that their user stopped.
var stopped = map[string]error{
	"import": errImportStopped,
	"export": errExportStopped,
	"load":   errLoadStopped,
	"backup": errors.New("stopped; no copy was kept of what was being copied"),
	"check":  errors.New("the check was stopped"),
}

// stoppedShort is the end of a command that its user stopped.
func stoppedShort(verb string) error {
	if err := stopped[verb]; err != nil {
		return err
	}
	return errors.New("stopped")
}

// closedOnes are tasks that a closed house has another way for.
var closedOnes = map[string]bool{"check": true}

// path makes a path of whoever gives the command an absolute one.
func (t Task) path(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(t.Dir, p)
}

// Do has a task done, and writes what is said of it.
func Do(ctx context.Context, o Options, t Task, out io.Writer) error {
	dir := o.Config.Data
	if _, err := os.Stat(filepath.Join(dir, dbName)); err != nil {
		return fmt.Errorf("there is no Earshot in the folder %s: %w; start it once, or name the folder with -data", dir, plain(err))
	}
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return inHouse(ctx, func() error {
		err := askOver(ctx, dir, taskPath, body, "application/json", t.Verb, 0, out)
		if ctx.Err() != nil && err != nil {
			return stoppedShort(t.Verb) // the house hears of it by the connection that ends
		}
		return err
	}, func() error {
		if closedOnes[t.Verb] {
			return &closedError{}
		}
		return t.alone(ctx, o, out)
	})
}

// alone does a task while the house is closed.
func (t Task) alone(ctx context.Context, o Options, out io.Writer) error {
	do, known := tasks()[t.Verb]
	if !known {
		return fmt.Errorf("there is no command %q", t.Verb)
	}
	if t.Terminal > 0 { // what goes well is said there already, and the bar wants its line
		o.Log = slog.New(warnings{o.Log.Handler()})
	}
	a, err := openQuietly(ctx, o)
	if err != nil {
		return err
	}
	if err = do(ctx, &doing{Task: t, a: a, out: out}); err != nil {
		err = errors.New(sentence(err))
	}
	return errors.Join(err, a.close())
}

// warnings is a handler for warnings and errors alone.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// openQuietly opens a house in which nothing runs by itself and nobody is
// served: jobs wait for the next start, and the search index follows then.
func openQuietly(ctx context.Context, o Options) (*App, error) {
	a := &App{cfg: o.Config, log: o.Log}
	var err error
	a.db, err = db.Open(filepath.Join(o.Config.Data, dbName), db.Options{Log: o.Log, Now: o.Now})
	if errors.Is(err, db.ErrLocked) {
		return nil, silent{o.Config.Data}
	}
	if err != nil {
		return nil, a.explain(err)
	}
	a.media, err = media.OpenStore(filepath.Join(o.Config.Data, "media"), media.StoreOptions{Log: a.log, Where: core.Where(a.db)})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the media folder of %s can't be used: %w", o.Config.Data, plain(err)), a.close())
	}
	a.core = core.New(core.Options{
		DB: a.db, Media: a.media, Pictures: picture.NewMaker(a.cfg.MaxPicture).Within(pictureMemory()), Machine: a.machine(),
		Limits: core.Limits{Upload: a.cfg.MaxUpload, Picture: a.cfg.MaxPicture}, Log: a.log, Now: o.Now, Pace: o.Pace,
		Backups: a.backupRules(), Rest: o.Quiet,
	})
	if err := a.core.Sweep(ctx); err != nil {
		a.log.Warn("what a crash left behind can't be swept away", "error", err)
	}
	return a, nil
}

// perform does a task that was handed over.
func (a *App) perform(ctx context.Context, body io.Reader, out io.Writer) error {
	var t Task
	if err := json.NewDecoder(body).Decode(&t); err != nil {
		return errors.New("this is not a command")
	}
	do, known := tasks()[t.Verb]
	if !known || !filepath.IsAbs(t.Dir) {
		return fmt.Errorf("the Earshot that is open knows no command %q; it may be of another version than this program", t.Verb)
	}
	return do(ctx, &doing{Task: t, a: a, out: out, open: true})
}

// Words reads the flags of all commands out of a task's words, wherever they
// stand, and leaves the others: those that take a value are named.
func Words(args []string, valued ...string) (common, own []string) {
	all := append([]string{"config", "data", "listen"}, valued...)
	for i := 0; i < len(args); i++ {
		name := flagName(args[i])
		to := &own
		if slices.Contains([]string{"config", "data", "listen"}, name) {
			to = &common
		}
		*to = append(*to, args[i])
		if slices.Contains(all, name) && i+1 < len(args) && !hasValue(args[i]) {
			i++
			*to = append(*to, args[i])
		}
	}
	return common, own
}

// flagName is the name in "-name", "--name" and "-name=value"; "" of a word.
func flagName(arg string) string {
	if len(arg) < 2 || arg[0] != '-' {
		return ""
	}
	name := arg[1:]
	if name[0] == '-' {
		name = name[1:]
	}
	for i := range len(name) {
		if name[i] == '=' {
			return name[:i]
		}
	}
	return name
}

func hasValue(arg string) bool {
	for i := range len(arg) {
		if arg[i] == '=' {
			return true
		}
	}
	return false
}

// Earshot is a sound platform of your own: upload music, see its waveform,
// play from the exact moment. One program, no other one needed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"golang.org/x/term"

	"earshot/app"
	"earshot/app/config"
)

const usage = `Earshot, a sound platform of your own.

Usage:
  earshot [serve] [flags]   open the house (the default)
  earshot import FOLDER…    bring folders of music in, or a list of tracks
                            ("earshot import help" tells more)
  earshot library COMMAND   folders of music: list, remove
                            ("earshot library help" tells more)
  earshot reindex [flags]   make the search index anew
  earshot user COMMAND      accounts: list, add, reset, factor, role, suspend, restore, remove
                            ("earshot user help" tells more)
  earshot export WHO [FOLDER|FILE.zip]
                            write all that is somebody's into one file
  earshot load FILE.zip [-as WHO]
                            bring that in again, here or on another Earshot
  earshot analyse FILE…     measure the sound of files: loudness, peaks, tempo
                            ("earshot analyse help" tells more)
  earshot backup [FOLDER]   copy the database, and prove the copy; "backup list" lists
                            them, "backup prove NAME" reads one again
  earshot restore NAME      put a backup back (-yes: over what is there)
  earshot check             look at everything (-media: each byte of audio;
                            -repair: mend what can be mended)
  earshot salvage OLD NEW   save what can be read of a damaged database
                            (-old: what was deleted, too)
  earshot compact           give the database's unused space back
  earshot health [flags]    ask the house on this machine whether it is there
  earshot version           tell the version
  earshot help              show this text

Flags:
  -config FILE    settings; config.toml in this folder when there is one
  -data FOLDER    where everything is kept
  -listen ADDR    address and port to serve on
  -dev            read the browser app from ./ui instead of the one built in

Every setting can also be given as a variable: EARSHOT_LISTEN=:9000 earshot
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, errUsage) {
		fmt.Print(usage)
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "earshot:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	command := "serve"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		command, args = args[0], args[1:]
	}
	switch command {
	case "serve":
		return serve(ctx, args, stdout, stderr)
	case "reindex":
		return reindex(ctx, args, stdout, stderr)
	case "user":
		return user(ctx, args, stdin, stdout, stderr)
	case "analyse", "analyze":
		return app.Analyse(ctx, args, stdout, stderr)
	case "import":
		if app.WantsImportHelp(args) {
			_, err := io.WriteString(stdout, app.ImportUsage)
			return err
		}
		return task(ctx, "import", args, stdout, stderr, app.ImportValued...)
	case "library":
		if app.WantsLibraryHelp(args) {
			_, err := io.WriteString(stdout, app.LibraryUsage)
			return err
		}
		return task(ctx, command, args, stdout, stderr)
	case "backup":
		return direct(ctx, app.Backup, command, args, stdout, stderr)
	case "check":
		return direct(ctx, app.Check, command, args, stdout, stderr)
	case "restore":
		return direct(ctx, app.Restore, command, args, stdout, stderr)
	case "salvage":
		return direct(ctx, app.Salvage, command, args, stdout, stderr)
	case "compact":
		return direct(ctx, app.Compact, command, args, stdout, stderr)
	case "health":
		o, err := options(args, stderr)
		if err != nil {
			return err
		}
		return app.Health(ctx, o.Config, stdout)
	case "export":
		return task(ctx, command, args, stdout, stderr)
	case "load":
		return task(ctx, command, args, stdout, stderr, "as")
	case "version":
		fmt.Fprintln(stdout, "earshot", version())
		return nil
	case "help":
		fmt.Fprint(stdout, usage)
		return nil
	}
	return fmt.Errorf("there is no command %q; \"earshot help\" lists them", command)
}

// errUsage asks for the usage, which is no failure.
var errUsage = errors.New("usage")

// options reads the flags of a command and the settings.
func options(args []string, stderr io.Writer) (o app.Options, err error) {
	return optionsWith(flag.NewFlagSet("earshot", flag.ContinueOnError), args, stderr)
}

// optionsWith is options for a command that has flags of its own.
func optionsWith(flags *flag.FlagSet, args []string, stderr io.Writer) (o app.Options, err error) {
	flags.SetOutput(io.Discard)
	file := flags.String("config", "", "")
	dev := flags.Bool("dev", false, "")
	settings := map[string]*string{"data": flags.String("data", "", ""), "listen": flags.String("listen", "", "")}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return o, errUsage
	} else if err != nil {
		return o, fmt.Errorf("%w; \"earshot help\" lists the flags", err)
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not understood; \"earshot help\" lists what is", flags.Arg(0))
	}
	path := *file
	if path == "" {
		path = "config.toml"
	}
	cfg, err := config.Load(path, os.Environ(), *file != "")
	if err != nil {
		return o, err
	}
	for name, value := range settings {
		if *value == "" {
			continue
		}
		if err := cfg.Set(name, *value); err != nil {
			return o, fmt.Errorf("-%s: %w", name, err)
		}
	}
	o = app.Options{Config: cfg, Version: version(), Log: logger(cfg.Log, stderr)}
	app.LimitMemory(cfg.Memory, o.Log)
	if *dev {
		o.UIFolder = "ui"
	}
	return o, nil
}

// reindex makes the search index anew.
func reindex(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := options(args, stderr)
	if err != nil {
		return err
	}
	return app.Reindex(ctx, o, stdout)
}

// user does something with an account.
func user(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("earshot user", flag.ContinueOnError)
	command, rest, err := app.UserCommand(flags, args)
	if err != nil {
		return err
	}
	if command.Help {
		fmt.Fprint(stdout, app.UserUsage)
		return nil
	}
	o, err := optionsWith(flags, rest, stderr)
	if errors.Is(err, errUsage) {
		fmt.Fprint(stdout, app.UserUsage)
		return nil
	}
	if err != nil {
		return err
	}
	return command.Run(ctx, o, stdin, stdout)
}

// task has the house do something, whether it is open or not. Valued are the
// task's own flags that take a value.
func task(ctx context.Context, verb string, args []string, stdout, stderr io.Writer, valued ...string) error {
	return direct(ctx, app.Do, verb, args, stdout, stderr, valued...)
}

// direct is task for what has a way of its own to be done.
func direct(ctx context.Context, do func(context.Context, app.Options, app.Task, io.Writer) error, verb string, args []string, stdout, stderr io.Writer, valued ...string) error {
	common, own := app.Words(args, valued...)
	o, err := options(common, stderr)
	if err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("this folder can't be told: %w", err)
	}
	return do(ctx, o, app.Task{Verb: verb, Args: own, Dir: dir, Terminal: columns(stdout)}, stdout)
}

// columns tells how wide the terminal is that is written to; 0 where there is
// none.
func columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	wide, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return wide
}

// serve opens the house until the context ends.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := options(args, stderr)
	if err != nil {
		return err
	}
	ln, err := app.Listen(o.Config.Listen)
	if err != nil {
		return err
	}
	var https net.Listener
	if o.Config.TLS != "" {
		if https, err = app.Listen(o.Config.ListenTLS); err != nil {
			ln.Close()
			return err
		}
	}
	house, err := app.Open(o)
	if err != nil {
		ln.Close()
		if https != nil {
			https.Close()
		}
		return err
	}
	house.UseTLS(https)
	if err := house.Greet(ctx, stdout, ln.Addr()); err != nil {
		ln.Close()
		if https != nil {
			https.Close()
		}
		return errors.Join(err, house.Close())
	}
	closing := context.AfterFunc(ctx, func() {
		fmt.Fprintln(stdout, "Closing. Who listens or uploads has a few seconds to end.")
	})
	defer closing()
	return house.Serve(ctx, ln)
}

// logger writes the log in the wished form.
func logger(l config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(l.Level)) != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 {
			a.Value = slog.TimeValue(a.Value.Time().UTC())
		}
		return a
	}}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// release is the version that .ci/build names.
var release string

// version is what the build knows of itself.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "development"
	}
	return info.Main.Version
}

package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A command that finds the database open hands itself over to the house that
// has it, by a socket in the data folder. Only the user whom Earshot runs as,
// and root, can write to it; the network never reaches it.
const (
	controlName   = "control.sock"
	controlWithin = 30 * time.Second
	maxCommand    = 64 << 10 // bytes of a command
	longSocket    = 100      // a socket's path may have no more than 107 bytes (unix(7))
)

// takeCommands takes commands from this machine until the given function is
// called. Where a socket can't be made, as on a disk without them, the house
// does without.
func (a *App) takeCommands(at net.Addr) (stop func()) {
	ln, err := listenControl(a.cfg.Data)
	if err != nil {
		a.log.Warn("\"earshot user\" will ask for Earshot to be stopped first: no socket can be made in the data folder", "error", err)
		return func() {}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var out strings.Builder
		err := a.guarded(r.Context(), func(ctx context.Context) error { return a.command(ctx, w, r, at, &out) })
		answerCommand(w, out.String(), err)
	})
	// The work on a task ends with its user's patience, and with the house.
	tasks, endTasks := context.WithCancel(context.Background())
	mux.HandleFunc(taskPath, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCommand))
		if err != nil {
			answerCommand(w, "", err)
			return
		}
		w.Header().Set("Trailer", failureTrailer)
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(tasks, cancel)()
		err = a.guarded(ctx, func(ctx context.Context) error {
			return a.perform(ctx, bytes.NewReader(body), &flushing{w, http.NewResponseController(w)})
		})
		if err != nil {
			w.Header().Set(failureTrailer, url.QueryEscape(sentence(err)))
		}
	})
	server := &http.Server{
		ReadHeaderTimeout: controlWithin, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
		Handler:  mux,
	}
	a.running.Go(func() { server.Serve(ln) })
	return func() {
		os.Remove(filepath.Join(a.cfg.Data, controlName))
		endTasks()
		late, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(late) != nil {
			server.Close()
		}
	}
}

const (
	taskPath       = "/task"
	failureTrailer = "Earshot-Failure" // the sentence, escaped as in a query
)

// answerCommand answers what was done at once.
func answerCommand(w http.ResponseWriter, out string, err error) {
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		out = sentence(err)
	}
	io.WriteString(w, out)
}

// flushing is a writer whose text reaches the other side at once.
type flushing struct {
	w  io.Writer
	rc *http.ResponseController
}

func (f *flushing) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	if err == nil {
		err = f.rc.Flush()
	}
	return n, err
}

// command does what a command wants that was handed over.
func (a *App) command(ctx context.Context, w http.ResponseWriter, r *http.Request, at net.Addr, out io.Writer) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxCommand)
	if err := r.ParseForm(); err != nil {
		return err
	}
	words := r.PostForm["word"]
	if r.Method != http.MethodPost || len(words) == 0 {
		return errors.New("this is not a command")
	}
	command := Command{Verb: words[0], Words: words[1:], Name: r.PostForm.Get("name"), Keeper: r.PostForm.Has("keeper")}
	return command.do(ctx, a.core.Console(), a.cfg, at, out)
}

// listenControl makes the socket: first under a name in a folder that only this
// user can enter, so that it is never open to others, then in its place.
func listenControl(dir string) (net.Listener, error) {
	private, err := os.MkdirTemp(dir, ".control-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(private)
	path := filepath.Join(private, "s")
	short, done, err := shortPath(path)
	if err != nil {
		return nil, err
	}
	defer done()
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	if err != nil {
		return nil, err
	}
	ln.SetUnlinkOnClose(false) // it moves
	if err := errors.Join(os.Chmod(path, 0o600), os.Rename(path, filepath.Join(dir, controlName))); err != nil {
		ln.Close()
		return nil, err
	}
	return ln, nil
}

// shortPath gives a path by which a file can be reached whose own path may be
// too long for a socket. Done has to be called after it was used.
func shortPath(path string) (short string, done func(), err error) {
	if len(path) <= longSocket {
		return path, func() {}, nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return "/proc/self/fd/" + strconv.Itoa(int(folder.Fd())) + "/" + filepath.Base(path), func() { folder.Close() }, nil
}

// silent says that a house is open that takes no commands.
type silent struct{ dir string }

func (s silent) Error() string {
	return fmt.Sprintf("an Earshot is open on the data in %s and takes no commands; stop it first", s.dir)
}

const silentFor = 5 * time.Second

// inHouse does a command by the house that is open, or alone. One that is just
// being opened takes commands a moment later.
func inHouse(ctx context.Context, ask, alone func() error) error {
	for end := time.Now().Add(silentFor); ; {
		if err := ask(); !errors.Is(err, errNoHouse) {
			return err
		}
		err := alone()
		if !errors.As(err, &silent{}) || time.Now().After(end) || ctx.Err() != nil {
			return err
		}
	}
}

// errNoHouse means that no house is open that takes commands.
var errNoHouse = errors.New("no house takes commands")

// handOver lets the house that is open do a command.
func handOver(ctx context.Context, dir string, c Command, out io.Writer) error {
	form := url.Values{"word": append([]string{c.Verb}, c.Words...), "name": {c.Name}}
	if c.Keeper {
		form.Set("keeper", "")
	}
	return askOver(ctx, dir, "/", []byte(form.Encode()), "application/x-www-form-urlencoded", "user "+c.Verb, 2*controlWithin, out)
}

// askOver sends a command to the house that is open, and writes what it says
// as it says it. Within 0 it may take its time.
func askOver(ctx context.Context, dir, path string, body []byte, kind, command string, within time.Duration, out io.Writer) error {
	socket := filepath.Join(dir, controlName)
	if _, err := os.Stat(socket); errors.Is(err, fs.ErrNotExist) {
		return errNoHouse
	}
	client := http.Client{Timeout: within, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			short, done, err := shortPath(socket)
			if err != nil {
				return nil, err
			}
			defer done()
			var d net.Dialer
			return d.DialContext(ctx, "unix", short)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://earshot"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", kind)
	res, err := client.Do(req)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
		return errNoHouse // it was left by one that ended without closing
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("only the user whom Earshot runs as may do this; try: sudo -u USER earshot %s", command)
	case err != nil:
		return fmt.Errorf("the Earshot that is open can't be asked: %w", plain(err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		answer, err := io.ReadAll(io.LimitReader(res.Body, maxCommand))
		if err != nil {
			return fmt.Errorf("the Earshot that is open does not answer: %w", plain(err))
		}
		return errors.New(strings.TrimSpace(string(answer)))
	}
	if _, err := io.Copy(out, res.Body); err != nil {
		return fmt.Errorf("the Earshot that is open ended before it was done: %w", plain(err))
	}
	if failure := res.Trailer.Get(failureTrailer); failure != "" {
		said, err := url.QueryUnescape(failure)
		if err != nil {
			said = failure
		}
		return errors.New(said)
	}
	return nil
}

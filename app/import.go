package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"earshot/app/core"
	"earshot/app/fault"
	"earshot/app/intake"
	"earshot/db"
)

// ImportUsage is the help of "earshot import".
const ImportUsage = `Bring music in that is there already: folders of audio with tags and covers,
what yt-dlp saved, an export from SoundCloud, or a list of tracks (CSV).

Usage:
  earshot import FOLDER… [flags]
  earshot import -csv LIST [FOLDER] [flags]

A folder becomes a music folder of the house: its files are read where they are and never written
to, and the house looks for what is new in it. With -copy the files are copied
into the house instead. Given again, only what changed is read; files that moved
keep their comments, and the same sound is not taken twice. It can be stopped at
any time and goes on where it ended when the command is given again.

A list names a file in each row (columns such as title, artist, description,
tags, image, file, user); its files are looked for in FOLDER, or beside the list,
and copied.

Flags:
  -as USER              whose tracks they become; the keeper's unless given
  -visibility WHO       public (the default), followers, link or private
  -album-as-playlist    the files of an album become an album here
  -copy                 copy the files into the house
  -in-place             read them where they are (the default of folders)
  -watch                notice at once what changes in the folder
  -csv LIST             take in the tracks of a list
  -dry-run              only tell what would be done
  -config FILE          settings; config.toml in this folder when there is one
  -data FOLDER          where everything is kept
`

// ImportValued are the flags of "earshot import" that take a value.
var ImportValued = []string{"as", "visibility", "csv"}

// importCommand is one use of "earshot import".
type importCommand struct {
	folders                              []string
	as, visibility, csv                  string
	albums, copy, inPlace, watch, dryRun bool
}

var importVisibilities = map[string]db.Visibility{"public": db.Public, "followers": db.Followers, "link": db.ByLink, "private": db.Private}

// problemsShown is how many problems a command shows one by one.
const problemsShown = 20

func readImport(t Task) (*importCommand, error) {
	c := &importCommand{}
	flags := flag.NewFlagSet("earshot import", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.as, "as", "", "")
	flags.StringVar(&c.visibility, "visibility", "public", "")
	flags.StringVar(&c.csv, "csv", "", "")
	flags.BoolVar(&c.albums, "album-as-playlist", false, "")
	flags.BoolVar(&c.copy, "copy", false, "")
	flags.BoolVar(&c.inPlace, "in-place", false, "")
	flags.BoolVar(&c.watch, "watch", false, "")
	flags.BoolVar(&c.dryRun, "dry-run", false, "")
	for args := t.Args; len(args) > 0; {
		if err := flags.Parse(args); err != nil {
			return nil, fmt.Errorf("%w; \"earshot import help\" lists the flags", err)
		}
		rest := flags.Args()
		if at := len(args) - len(rest); at > 0 && args[at-1] == "--" {
			for _, p := range rest {
				c.folders = append(c.folders, t.path(p))
			}
			break
		}
		if len(rest) > 0 {
			c.folders, rest = append(c.folders, t.path(rest[0])), rest[1:]
		}
		args = rest
	}
	_, known := importVisibilities[c.visibility]
	switch {
	case !known:
		return nil, fmt.Errorf("-visibility is public, followers, link or private, not %q", c.visibility)
	case c.copy && c.inPlace:
		return nil, errors.New("files are either copied or read where they are: give -copy or -in-place, not both")
	case c.csv != "" && (c.inPlace || c.watch):
		return nil, errors.New("the files of a list are copied: -in-place and -watch are for folders")
	case c.csv != "" && len(c.folders) > 1:
		return nil, errors.New("the files of a list are looked for in one folder")
	case c.csv == "" && len(c.folders) == 0:
		return nil, errors.New("say which folder, such as \"earshot import /srv/music\"; \"earshot import help\" tells more")
	}
	if c.csv != "" {
		c.csv = t.path(c.csv)
		if len(c.folders) == 0 {
			c.folders = []string{filepath.Dir(c.csv)}
		}
	}
	return c, nil
}

// WantsImportHelp tells whether only the help is asked for.
func WantsImportHelp(args []string) bool {
	for _, a := range args {
		if name := flagName(a); name == "h" || name == "help" {
			return true
		}
	}
	return len(args) == 0 || len(args) == 1 && args[0] == "help"
}

// doImport does "earshot import".
func doImport(ctx context.Context, d *doing) error {
	c, err := readImport(d.Task)
	if err != nil {
		return err
	}
	h := d.a.core.Console()
	who, err := h.FirstKeeper(ctx)
	if c.as != "" {
		who, err = h.User(ctx, c.as)
	}
	if err != nil {
		return err
	}
	if c.csv != "" {
		return c.list(ctx, d, h, who)
	}
	for _, folder := range c.folders {
		err := c.folder(ctx, d, h, who, folder)
		if f := (*fault.Fault)(nil); errors.As(err, &f) && f.Field == "path" {
			return fmt.Errorf("%s: %s", printable(folder), f.Message)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *importCommand) folder(ctx context.Context, d *doing, h core.Console, who db.User, folder string) error {
	n := core.NewLibrary{
		Path: folder, User: who.ID, Visibility: importVisibilities[c.visibility], Albums: c.albums, Copy: c.copy, Watch: c.watch,
	}
	report := newReport(d, printable(folder))
	if c.dryRun {
		imp, err := h.Dry(ctx, n, report.show, report.problem)
		return report.dry(ctx, imp, err)
	}
	v, made, err := h.AddLibrary(ctx, who.Username, n)
	if f := (*fault.Fault)(nil); errors.As(err, &f) && f.Code == "library.taken" { // by a command that ends just now
		v, made, err = h.AddLibrary(ctx, who.Username, n)
	}
	if f := (*fault.Fault)(nil); errors.As(err, &f) && f.Code == "library.inside" { // part of one
		all, e := h.Libraries(ctx)
		for _, one := range all {
			if e == nil && one.Library.Path == f.About {
				v, err = one, nil
				fmt.Fprintf(d.out, "%s is in the music folder %s, which is read.\n", printable(folder), printable(f.About))
			}
		}
	}
	if err != nil {
		return err
	}
	l := v.Library
	if !made && (l.Copy != c.copy && (c.copy || c.inPlace) || c.as != "" && l.User != who.ID || c.albums && !l.Albums) {
		fmt.Fprintf(d.out, "%s is a music folder already; it stays as it was set up. Its options are in the keeper's room.\n", printable(l.Path))
	}
	imp, err := h.Scan(ctx, l.ID)
	if err != nil {
		return err
	}
	return c.follow(ctx, d, h, report, imp.ID)
}

func (c *importCommand) list(ctx context.Context, d *doing, h core.Console, who db.User) error {
	f, err := os.Open(c.csv)
	if err != nil {
		return fmt.Errorf("the list %s can't be read: %w", printable(c.csv), plain(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, intake.MaxList+1))
	if err != nil {
		return fmt.Errorf("the list can't be read: %w", err)
	}
	if len(text) > intake.MaxList {
		return fmt.Errorf("%s is too large for a list: it may have 5 MB at most", c.csv)
	}
	n := core.NewList{
		Folder: c.folders[0], Name: filepath.Base(c.csv), User: who.ID, Visibility: importVisibilities[c.visibility], Albums: c.albums, Bytes: text,
	}
	report := newReport(d, printable(c.csv))
	if c.dryRun {
		imp, err := h.DryList(ctx, n, report.show, report.problem)
		return report.dry(ctx, imp, err)
	}
	imp, err := h.List(ctx, n)
	if err != nil {
		return err
	}
	return c.follow(ctx, d, h, report, imp.ID)
}

// errImportStopped is the end of an import that its user stopped.
var errImportStopped = errors.New("stopped; what was taken in is kept, and the same command goes on from there")

// follow shows how far an import is, and at its end what came of it.
func (c *importCommand) follow(ctx context.Context, d *doing, h core.Console, report *importReport, id db.ID) error {
	imp, err := h.Follow(ctx, id, d.open, report.show)
	report.clear()
	if errors.Is(err, core.ErrStopped) {
		return errImportStopped
	}
	if err != nil {
		return err
	}
	if err := h.Problems(ctx, id, report.problem); err != nil {
		return err
	}
	if err := report.end(imp); err != nil {
		return err
	}
	switch imp.State {
	case db.ImportFailed:
		return errors.New(imp.Error)
	case db.ImportStopped:
		return errors.New("it was stopped by a keeper; the same command goes on from there")
	}
	if !d.open && imp.Added > 0 {
		fmt.Fprintln(d.out, "The waveforms are drawn when Earshot is open.")
	}
	return nil
}

// importReport says how far an import is, and what came of it.
type importReport struct {
	out      io.Writer
	name     string
	terminal int
	shown    bool
	last     time.Time
	problems []db.Problem   // the first ones
	rest     map[string]int // how many more there are, by code
	codes    []string       // of these, in the order in which they came
}

func newReport(d *doing, name string) *importReport {
	return &importReport{out: d.out, name: name, terminal: d.Terminal, rest: map[string]int{}}
}

const (
	barEvery  = 200 * time.Millisecond
	lineEvery = 10 * time.Second
)

// show is told how far it is.
func (r *importReport) show(v core.ImportView) {
	now := time.Now()
	every := barEvery
	if r.terminal == 0 {
		every = lineEvery
		if r.last.IsZero() {
			r.last = now // the first line comes later: most imports are over by then
			return
		}
	}
	if now.Sub(r.last) < every {
		return
	}
	r.last = now
	i := v.Import
	line := thousands(i.Seen) + " of " + thousands(i.Found)
	if v.Rate > 0 {
		line += "  " + rateOf(v.Rate)
	}
	if v.Left > 0 {
		line += "  " + leftOf(v.Left)
	}
	if i.State == db.ImportWaiting {
		line = "waiting for another import to end"
	}
	if r.terminal == 0 {
		fmt.Fprintln(r.out, line)
		return
	}
	r.shown = true
	line = line[:min(len(line), max(r.terminal-1, 0))] // one that wraps could not be taken back
	io.WriteString(r.out, "\r\x1b[K"+bar(i.Seen, i.Found, r.terminal-len(line)-3)+line)
}

// bar draws how much of something is done, in so many columns at most.
func bar(done, all uint64, columns int) string {
	columns = min(columns-2, 40)
	if columns < 8 || all == 0 {
		return ""
	}
	full := int(uint64(columns) * min(done, all) / all)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", columns-full) + "] "
}

// dry tells what came of a dry run.
func (r *importReport) dry(ctx context.Context, imp db.Import, err error) error {
	r.clear()
	if ctx.Err() != nil {
		return errImportStopped
	}
	if err != nil {
		return err
	}
	return r.end(imp)
}

func (r *importReport) clear() {
	if r.shown {
		r.shown = false
		io.WriteString(r.out, "\r\x1b[K")
	}
}

func rateOf(rate float64) string {
	if rate < 10 {
		return strconv.FormatFloat(rate, 'f', 1, 64) + "/s"
	}
	return thousands(uint64(rate)) + "/s"
}

func leftOf(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d left", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d left", s/60, s%60)
}

// thousands writes a number with commas.
func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// problem hears of something that was not taken.
func (r *importReport) problem(p db.Problem) {
	if len(r.problems) < problemsShown {
		r.problems = append(r.problems, p)
		return
	}
	if r.rest[p.Code] == 0 {
		r.codes = append(r.codes, p.Code)
	}
	r.rest[p.Code]++
}

// problemNames say in words what many problems are.
var problemNames = map[string]string{
	"library.duplicate":  "whose sound is there already",
	"library.unreadable": "that can't be read",
	"library.growing":    "that are still being written",
	"library.name":       "whose name is not in UTF-8",
	"upload.empty":       "that are empty",
	"upload.unsupported": "in formats that browsers do not play",
	"upload.layer":       "in MPEG layers that browsers do not play",
	"upload.not_audio":   "that are no audio",
	"upload.no_sound":    "without sound",
	"upload.damaged":     "that are damaged",
	"upload.video":       "that are videos",
	"upload.free_format": "in free format",
}

// end says what came of an import.
func (r *importReport) end(i db.Import) error {
	var b strings.Builder
	done := "Read"
	if i.Dry {
		done = "Would read"
	}
	fmt.Fprintf(&b, "%s %s: %s added, %s the same", done, r.name, thousands(i.Added), thousands(i.Same))
	for _, part := range []struct {
		n    uint64
		what string
	}{{i.Changed, "changed"}, {i.Moved, "moved"}, {i.Duplicates, "duplicates"}, {i.Refused, "refused"}, {i.Missing, "missing"}, {i.Comments, "comments"}} {
		if part.n > 0 {
			fmt.Fprintf(&b, ", %s %s", thousands(part.n), part.what)
		}
	}
	b.WriteString(".\n")
	for _, p := range r.problems {
		at := printable(p.Path)
		if p.Line > 0 {
			at = strings.TrimSpace("line " + thousands(p.Line) + " " + at)
		}
		fmt.Fprintf(&b, "  %s: %s\n", at, printable(p.Text))
	}
	for _, code := range r.codes {
		name := problemNames[code]
		if name == "" {
			name = "(" + code + ")"
		}
		fmt.Fprintf(&b, "  and %s more %s\n", thousands(uint64(r.rest[code])), name)
	}
	_, err := io.WriteString(r.out, b.String())
	return err
}

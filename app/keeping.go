package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"earshot/app/config"
	"earshot/app/copies"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
)

// backupsFolder is where the copies of a house's database are.
func backupsFolder(data string) copies.Folder {
	return copies.Folder{Dir: filepath.Join(data, "backups"), Data: data}
}

// wordLetters are those that mean nothing to a shell.
const wordLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:+@%,"

// command writes a command as it can be typed: it names the data folder where
// that is not the one that would be taken anyway.
func command(c config.Config, words ...string) string {
	if c.Data != config.Default().Data {
		dir, err := filepath.Abs(c.Data)
		if err != nil {
			dir = c.Data
		}
		words = append(words, "-data", dir)
	}
	for i, w := range words {
		if strings.Trim(w, wordLetters) != "" || w == "" {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return "earshot " + strings.Join(words, " ")
}

// words takes the words of a task that are no flags, and tells which of the
// flags that it knows were given.
func (t Task) words(known ...string) (words []string, given map[string]bool, err error) {
	given = map[string]bool{}
	for _, arg := range t.Args {
		name := flagName(arg)
		switch {
		case name == "":
			words = append(words, arg)
		case hasValue(arg) || !slices.Contains(known, name):
			return nil, nil, fmt.Errorf("\"earshot %s\" knows no flag %s; \"earshot help\" tells more", t.Verb, arg)
		default:
			given[name] = true
		}
	}
	return words, given, nil
}

// Backup makes a copy of the database of a house, open or not, lists the copies,
// or reads one again.
func Backup(ctx context.Context, o Options, t Task, out io.Writer) error {
	words, _, err := t.words()
	if err != nil {
		return err
	}
	own := backupsFolder(o.Config.Data)
	switch {
	case len(words) == 1 && words[0] == "list":
		return listBackups(o.Config, own, out)
	case len(words) == 1 && words[0] == "prove":
		return errors.New("name the backup: earshot backup prove NAME; \"earshot backup list\" lists them")
	case len(words) == 2 && words[0] == "prove":
		return proveBackup(ctx, own, words[1], out)
	case len(words) > 1:
		return errors.New("name one folder, or none: earshot backup [FOLDER | list | prove NAME]")
	}
	return Do(ctx, o, t, out)
}

// backup makes a copy of the database.
func backup(ctx context.Context, d *doing) error {
	words, _, err := d.words()
	if err != nil {
		return err
	}
	folder := copies.Folder{}
	if len(words) == 1 {
		folder.Dir = d.path(words[0])
		if info, err := os.Stat(filepath.Dir(folder.Dir)); err != nil || !info.IsDir() {
			return fmt.Errorf("there is no folder %s to make backups in", filepath.Dir(folder.Dir))
		}
	}
	k, err := d.a.core.BackUp(ctx, folder, copies.Command)
	if k.Name != "" {
		fmt.Fprintf(d.out, "%s was made and proved in %s: %s; %s.\n", k.Path, round(k.Took), bytesText(k.Size), held(k.Proof))
	}
	if err != nil && k.Name == "" {
		var f *fault.Fault
		if errors.As(err, &f) {
			return errors.New(f.Message)
		}
		return errors.New("no backup was made, and older ones are as they were. " + core.BackupProblem(err))
	}
	return err
}

// held tells what is in a database.
func held(p db.Proof) string {
	s := many(p.Users, "user") + ", " + many(p.Tracks, "track") + ", " + many(p.Comments, "comment")
	if !p.Newest.IsZero() {
		s += ", the newest of " + p.Newest.Local().Format(time.DateTime)
	}
	return s
}

// many counts things: "1 track", "2 tracks".
func many[N int | uint64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func round(d time.Duration) time.Duration {
	if d > 10*time.Second {
		return d.Round(time.Second)
	}
	return d.Round(10 * time.Millisecond)
}

func bytesText(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.0f KB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

func listBackups(c config.Config, own copies.Folder, w io.Writer) error {
	list, err := own.List()
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintf(w, "There is no backup in %s.\n", own.Dir)
		return nil
	}
	for _, k := range list {
		fmt.Fprintf(w, "%-28s  %s  %9s  %-9s  %s\n", k.Name, k.Made.Local().Format(time.DateTime), bytesText(k.Size), k.Reason, proofText(k))
	}
	fmt.Fprintf(w, "\nThey are in %s. \"%s\" reads one again in full; \"%s\" puts one back.\n", own.Dir, command(c, "backup", "prove", "NAME"), command(c, "restore", "NAME"))
	return nil
}

func proofText(k copies.Copy) string {
	switch {
	case k.State == copies.Good:
		return "good: " + held(k.Proof)
	case k.State == copies.Bad:
		return "BAD: " + k.Error
	case k.Error != "":
		return "not proved: " + k.Error
	}
	return "not proved"
}

func proveBackup(ctx context.Context, own copies.Folder, name string, w io.Writer) error {
	k, err := own.Prove(ctx, name)
	if errors.Is(err, copies.ErrNone) {
		return fmt.Errorf("there is no backup %s; \"earshot backup list\" lists them", name)
	}
	if k.State == copies.Bad {
		return fmt.Errorf("%s is not good: %s", name, k.Error)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s is good: %d values were read, each page and each checksum; %s.\n", name, k.Records, held(k.Proof))
	return nil
}

// check looks at everything.
func check(ctx context.Context, d *doing) error {
	words, given, err := d.words("media", "repair")
	if err != nil {
		return err
	}
	if len(words) > 0 {
		return fmt.Errorf("%q is not understood: earshot check [-media] [-repair]", words[0])
	}
	if given["repair"] {
		return errors.New("repairs are made while nobody uses the house: stop Earshot first, then try again. Nothing was changed")
	}
	return d.a.tellCheck(ctx, core.Checking{Sums: given["media"]}, d.out)
}

// tellCheck checks and says what was found. What is wrong makes it an error.
func (a *App) tellCheck(ctx context.Context, how core.Checking, w io.Writer) error {
	told := time.Now()
	how.Tell = func(v core.CheckView) {
		if time.Since(told) > 2*time.Second {
			told = time.Now()
			fmt.Fprintf(w, "%3.0f %%  %d records, %d files\n", 100*v.Share, v.Records, v.Files)
		}
	}
	v := a.core.Check(ctx, how)
	if ctx.Err() != nil {
		return errors.New("the check was stopped")
	}
	for _, line := range v.Mended {
		fmt.Fprintln(w, "Mended:", line)
	}
	for _, line := range v.Found {
		fmt.Fprintln(w, line)
	}
	if v.More > 0 {
		fmt.Fprintf(w, "… and %d more.\n", v.More)
	}
	took := time.Since(v.Started)
	if v.Wrong() == 0 {
		fmt.Fprintf(w, "All is well: %d records and %d files were looked at in %v.\n", v.Records, v.Files, round(took))
		return nil
	}
	advice := "\"" + command(a.cfg, "check", "-repair") + "\" mends what can be mended, while Earshot is stopped; missing audio comes back by putting its file back"
	if how.Mend {
		advice = "the rest can't be mended: missing audio comes back by putting its file back"
	}
	if v.Wrong() == 1 {
		return fmt.Errorf("1 thing is not as it should be; %s", advice)
	}
	return fmt.Errorf("%d things are not as they should be; %s", v.Wrong(), advice)
}

// Check looks at everything in a house, open or not, and where it is told to
// mends what can be mended.
func Check(ctx context.Context, o Options, t Task, out io.Writer) error {
	words, given, err := t.words("media", "repair")
	if err != nil {
		return err
	}
	if len(words) > 0 {
		return fmt.Errorf("%q is not understood: earshot check [-media] [-repair]", words[0])
	}
	err = Do(ctx, o, t, out)
	var closed *closedError
	if !errors.As(err, &closed) {
		return err
	}
	if given["repair"] {
		return repair(ctx, o, given["media"], out)
	}
	a := &App{cfg: o.Config, log: o.Log}
	a.db, err = db.Open(filepath.Join(o.Config.Data, dbName), db.Options{Log: o.Log, ReadOnly: true})
	if errors.Is(err, db.ErrReadOnly) {
		return fmt.Errorf("the database in %s is of an older version of Earshot; start this one once, which takes it over, then check again. Nothing was changed", o.Config.Data)
	}
	if err != nil {
		return a.explain(err)
	}
	if err := a.openForFiles(o); err != nil {
		return errors.Join(err, a.close())
	}
	return errors.Join(a.tellCheck(ctx, core.Checking{Sums: given["media"], Closed: true}, out), a.db.Close(), a.media.Close())
}

// closedError says that the house is closed, and that the task wants it so.
type closedError struct{}

func (*closedError) Error() string { return "the house is closed" }

// openForFiles makes what looks at files over a database that is open.
func (a *App) openForFiles(o Options) (err error) {
	a.media, err = media.OpenStore(filepath.Join(o.Config.Data, "media"), media.StoreOptions{Log: a.log, Where: core.Where(a.db)})
	if err != nil {
		return fmt.Errorf("the media folder of %s can't be used: %w", o.Config.Data, plain(err))
	}
	a.core = core.New(core.Options{DB: a.db, Media: a.media, Log: a.log, Now: o.Now, Backups: a.backupRules()})
	return nil
}

func (a *App) backupRules() core.BackupRules {
	return core.BackupRules{Folder: backupsFolder(a.cfg.Data), Every: a.cfg.Backups.Every, Keep: a.cfg.Backups.Keep}
}

// repair mends a closed house: first the database, then the files.
func repair(ctx context.Context, o Options, sums bool, out io.Writer) error {
	path := filepath.Join(o.Config.Data, dbName)
	a := &App{cfg: o.Config, log: o.Log}
	found := ""
	d, err := db.Open(path, db.Options{Log: o.Log, Now: o.Now})
	switch {
	case errors.Is(err, db.ErrDamaged), errors.Is(err, db.ErrCorrupt):
		found = err.Error()
	case err != nil:
		return a.explain(err)
	default:
		if err := d.Check(ctx); err != nil {
			found = err.Error()
		}
		if err := errors.Join(ctx.Err(), d.Close()); err != nil {
			return err
		}
	}
	if found != "" {
		fmt.Fprintf(out, "The database is not as it should be:\n%s\nIt is made anew from its records.\n", found)
		if err := remake(ctx, o, path, out); err != nil {
			return err
		}
	}
	if a, err = openQuietly(ctx, o); err != nil {
		return err
	}
	err = a.tellCheck(ctx, core.Checking{Sums: sums, Mend: true}, out)
	return errors.Join(err, a.close())
}

// remake puts in the place of a database what can be read of it.
func remake(ctx context.Context, o Options, path string, out io.Writer) error {
	release, err := db.Hold(path)
	if errors.Is(err, db.ErrLocked) {
		return fmt.Errorf("an Earshot is open on the data in %s; stop it first", o.Config.Data)
	}
	if err != nil {
		return err
	}
	defer release()
	made, err := db.Partial(path)
	if err != nil {
		return fmt.Errorf("nothing can be written beside the database: %w", plain(err))
	}
	defer os.Remove(made.Name())
	if err := errors.Join(made.Close(), os.Remove(made.Name())); err != nil {
		return err
	}
	said, err := db.Salvage(ctx, path, made.Name(), db.Salvaging{Now: o.Now, Log: o.Log, Tell: telling(out)})
	if err != nil {
		return fmt.Errorf("nothing was changed: %w%s", err, goodBackup(ctx, o.Config))
	}
	fmt.Fprint(out, said.Text())
	if said.Left != nil {
		return fmt.Errorf("nothing was changed: what would be made is not right either: %w%s", said.Left, goodBackup(ctx, o.Config))
	}
	if err := os.RemoveAll(filepath.Join(o.Config.Data, indexDir)); err != nil {
		return fmt.Errorf("the search index can't be removed: %w", plain(err))
	}
	old, err := db.Replace(path, made.Name(), now(o))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The database was made anew: %s. What was there is kept as %s; the search index is made anew at the next start.\n", held(said.Proof), old)
	return nil
}

// telling writes a line for each step of what takes minutes in a large house.
func telling(out io.Writer) func(step string) {
	return func(step string) { fmt.Fprintf(out, "%s%s ...\n", strings.ToUpper(step[:1]), step[1:]) }
}

func now(o Options) time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

// goodBackup tells which copy can be put back, and how.
func goodBackup(ctx context.Context, c config.Config) string {
	k, err := backupsFolder(c.Data).NewestGood(ctx, true)
	if err != nil {
		return "; there is no good backup in " + filepath.Join(c.Data, "backups")
	}
	return fmt.Sprintf("; the newest good backup is of %s (%s, %s, %s): \"%s\" puts it back",
		k.Made.Local().Format(time.DateTime), many(k.Users, "user"), many(k.Tracks, "track"), many(k.Comments, "comment"), command(c, "restore", k.Name))
}

// Salvage copies what can be read of a damaged database into a new file.
func Salvage(ctx context.Context, o Options, t Task, out io.Writer) error {
	words, given, err := t.words("old")
	if err != nil {
		return err
	}
	if len(words) != 2 {
		return errors.New("name the damaged file and the new one: earshot salvage [-old] DAMAGED.db NEW.db")
	}
	in, to := t.path(words[0]), t.path(words[1])
	if _, err := os.Stat(in); err != nil {
		return fmt.Errorf("%s can't be read: %w", in, plain(err))
	}
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s is there already; name a file that is not", to)
	}
	release, err := db.Hold(in)
	switch {
	case errors.Is(err, db.ErrLocked):
		return fmt.Errorf("an Earshot is open on %s; stop it first", in)
	case err == nil:
		defer release()
	}
	said, err := db.Salvage(ctx, in, to, db.Salvaging{Now: o.Now, Log: o.Log, Old: given["old"], Tell: telling(out)})
	if err != nil {
		if errors.Is(err, db.ErrDamaged) && !given["old"] {
			return fmt.Errorf("%w. With -old, also what nothing leads to any more is taken: things that were deleted may come back then", err)
		}
		return err
	}
	fmt.Fprint(out, said.Text())
	fmt.Fprintf(out, "%s was made of %d values: %s.\n", to, said.Read, held(said.Proof))
	if said.Left != nil {
		return fmt.Errorf("not all in it is right: %w", said.Left)
	}
	fmt.Fprintf(out, "To use it: %s\n", command(o.Config, "restore", to))
	return nil
}

// Compact writes the database of a closed house anew without unused space.
func Compact(ctx context.Context, o Options, t Task, out io.Writer) error {
	if words, _, err := t.words(); err != nil || len(words) > 0 {
		return errors.Join(err, errors.New("\"earshot compact\" takes nothing but -data and -config"))
	}
	path := filepath.Join(o.Config.Data, dbName)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no Earshot in the folder %s: %w; name it with -data", o.Config.Data, plain(err))
	}
	c, err := db.Compact(ctx, path, db.Options{Log: o.Log, Now: o.Now})
	switch {
	case errors.Is(err, db.ErrLocked):
		return fmt.Errorf("an Earshot is open on the data in %s; stop it first", o.Config.Data)
	case errors.Is(err, db.ErrFull):
		return fmt.Errorf("the disk has no space for the compacted database, up to %s; nothing was changed", bytesText(c.Before))
	case err != nil:
		return (&App{cfg: o.Config, log: o.Log}).explain(err)
	}
	fmt.Fprintf(out, "The database had %s, now it has %s; %s.\n", bytesText(c.Before), bytesText(c.After), held(c.Proof))
	return nil
}

// Restore puts a copy of the database in the place of the one that is there.
func Restore(ctx context.Context, o Options, t Task, out io.Writer) error {
	words, given, err := t.words("yes", "y")
	if err != nil {
		return err
	}
	if len(words) != 1 {
		return errors.New("name the backup: earshot restore NAME-OR-FILE [-yes]; \"earshot backup list\" lists them")
	}
	dir := o.Config.Data
	path := filepath.Join(dir, dbName)
	from, err := findCopy(t, o.Config, words[0])
	if err != nil {
		return err
	}
	there := true
	release, err := db.Hold(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		there = false
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("the data folder %s can't be made: %w", dir, plain(err))
		}
	case errors.Is(err, db.ErrLocked):
		return fmt.Errorf("an Earshot is open on the data in %s; stop it first. Nothing was changed", dir)
	case err != nil:
		return fmt.Errorf("the database can't be replaced: %w", plain(err))
	default:
		defer release()
	}
	if a, err := os.Stat(path); err == nil {
		if b, err := os.Stat(from); err == nil && os.SameFile(a, b) {
			return fmt.Errorf("%s is the database that is in use; name a backup", from)
		}
	}
	p, err := db.Prove(ctx, from)
	switch {
	case errors.Is(err, db.ErrNewer):
		return fmt.Errorf("%s was written by a newer Earshot; use that version. Nothing was changed", from)
	case err != nil:
		return fmt.Errorf("%s is not good, and nothing was changed: %w; \"%s\" saves what can be read of it", from, err, command(o.Config, "salvage", from, "NEW.db"))
	}
	fmt.Fprintf(out, "%s is good: %s.\n", from, held(p))
	if there {
		fmt.Fprintf(out, "In %s there is now: %s.\n", dir, whatIsThere(ctx, path))
		if !given["yes"] && !given["y"] {
			return fmt.Errorf("nothing was changed. What came after the backup will be gone; to put it back all the same: %s", command(o.Config, "restore", words[0], "-yes"))
		}
	}
	made, err := db.Partial(path)
	if err != nil {
		return fmt.Errorf("nothing can be written in %s: %w", dir, plain(err))
	}
	defer os.Remove(made.Name())
	if err := errors.Join(fill(ctx, made, from), made.Sync(), made.Close()); err != nil {
		return fmt.Errorf("the backup can't be copied, and nothing was changed: %w", plain(err))
	}
	if again, err := db.Prove(ctx, made.Name()); err != nil || again.Sum != p.Sum {
		return fmt.Errorf("the copy of the backup is not like it, and nothing was changed: is the disk failing? %w", errors.Join(err, ctx.Err()))
	}
	if err := os.RemoveAll(filepath.Join(dir, indexDir)); err != nil {
		return fmt.Errorf("the search index can't be removed, and nothing was changed: %w", plain(err))
	}
	old, err := db.Replace(path, made.Name(), now(o))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "It was put back: %s. Whoever was signed in then is signed in again.\n", held(p))
	if old != "" {
		fmt.Fprintf(out, "What was there is kept as %s.\n", old)
	}
	tellFiles(ctx, o, p, out)
	fmt.Fprintln(out, "The search index is made anew at the next start.")
	return nil
}

// findCopy finds a backup by its name or its path.
func findCopy(t Task, c config.Config, word string) (string, error) {
	tried := []string{t.path(word)}
	if filepath.Base(word) == word {
		tried = append(tried, filepath.Join(c.Data, "backups", word), filepath.Join(c.Data, word))
	}
	for _, p := range tried {
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() {
			return p, nil
		}
	}
	return "", fmt.Errorf("there is no backup %s, neither as a file nor in %s; \"%s\" lists them", word, filepath.Join(c.Data, "backups"), command(c, "backup", "list"))
}

// whatIsThere tells what is in the database that would be replaced.
func whatIsThere(ctx context.Context, path string) string {
	p, err := db.Count(ctx, path)
	if err != nil {
		return "a database that is damaged (" + err.Error() + ")"
	}
	return held(p)
}

// fill copies a file into one that is open.
func fill(ctx context.Context, to *os.File, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		n, err := io.CopyN(to, f, 4<<20)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

// tellFiles tells how the audio that is there fits a database that was put back.
func tellFiles(ctx context.Context, o Options, p db.Proof, out io.Writer) {
	a := &App{cfg: o.Config, log: o.Log}
	var err error
	a.db, err = db.Open(filepath.Join(o.Config.Data, dbName), db.Options{Log: o.Log, ReadOnly: true})
	if errors.Is(err, db.ErrReadOnly) {
		fmt.Fprintln(out, "It is of an older version; the next start takes it over.")
		return
	}
	if err == nil {
		err = a.openForFiles(o)
	}
	if a.db != nil {
		defer a.db.Close()
	}
	if err != nil {
		fmt.Fprintf(out, "The audio can't be looked at: %v\n", err)
		return
	}
	defer a.media.Close()
	missing, strange, away, err := a.core.Fits(ctx)
	switch {
	case err != nil:
		fmt.Fprintf(out, "The audio can't be looked at: %v\n", err)
	case missing == 0 && strange == 0 && (len(away) > 0 || p.Tracks == 0):
	case missing == 0 && strange == 0:
		fmt.Fprintf(out, "The audio of all %s is there.\n", many(p.Tracks, "track"))
	default:
		fmt.Fprintf(out, "Of %d tracks the audio of %d is missing; there is audio of %d others, which this database knows nothing of and which is left alone. \"%s\" lists them.\n",
			p.Tracks, missing, strange, command(o.Config, "check"))
	}
	for _, path := range away {
		fmt.Fprintf(out, "The music folder %s is away: is its disk mounted? What is read there plays again once it is back.\n", path)
	}
}

// upTo keeps a text short enough for one line.
func upTo(s string, n int) string {
	if s = strings.ReplaceAll(s, "\n", "; "); len(s) > n {
		return s[:n] + " …"
	}
	return s
}

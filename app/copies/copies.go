// Package copies keeps copies of the database in a folder: it makes them, holds
// the proof of each beside it, and lets old ones go.
package copies

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"earshot/db"
)

// nameForm is how the time stands in the name of a copy.
const nameForm = "earshot-20060102-150405.db"

// proofSuffix ends the name of the file beside a copy that tells what was found
// in it.
const proofSuffix = ".proof"

// Why a copy was made.
const (
	Schedule  = "schedule"
	Asked     = "asked"   // by the keeper
	Command   = "command" // on the machine
	Migration = "migration"
	Unknown   = "unknown"
)

// What is known of a copy.
const (
	Good = "good"
	Bad  = "bad"
	None = "none" // nobody has looked yet, or it changed since
)

// Copy is a copy of the database.
type Copy struct {
	Name   string
	Path   string
	Made   time.Time
	Size   int64 // bytes, now
	Reason string
	State  string
	Error  string // what is wrong with it, or why that is not known
	db.Proof
}

// Folder is where copies are. Data, where there is one, is the folder of the
// database itself: the copies from before migrations lie in it.
type Folder struct {
	Dir  string
	Data string
}

// ErrNone says that there is no copy with a name.
var ErrNone = errors.New("there is no such copy")

// List gives all copies, the newest first. It looks at their sizes and at the
// proofs beside them, not into them.
func (f Folder) List() ([]Copy, error) {
	names, err := f.names()
	if err != nil {
		return nil, err
	}
	var list []Copy
	add := func(dir, name, reason string) {
		if c, err := look(dir, name, reason); err == nil {
			list = append(list, c)
		}
	}
	for _, name := range names {
		add(f.Dir, name, Unknown)
	}
	before, err := f.before()
	if err != nil {
		return nil, err
	}
	for _, name := range before {
		add(f.Data, name, Migration)
	}
	slices.SortStableFunc(list, func(a, b Copy) int {
		if a.Reason != Migration && b.Reason != Migration {
			return strings.Compare(b.Name, a.Name) // the names count on when the clock does not
		}
		return b.Made.Compare(a.Made)
	})
	return list, nil
}

// names gives the names of the copies in the folder, oldest first.
func (f Folder) names() (list []string, err error) {
	entries, err := os.ReadDir(f.Dir) // sorted by name
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the backups: %w", err)
	}
	for _, e := range entries {
		if _, err := time.Parse(nameForm, e.Name()); err == nil && e.Type().IsRegular() {
			list = append(list, e.Name())
		}
	}
	return list, nil
}

// before gives the names of the copies from before migrations.
func (f Folder) before() (list []string, err error) {
	if f.Data == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(f.Data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the copies from before migrations: %w", err)
	}
	for _, e := range entries {
		version, is := strings.CutPrefix(e.Name(), "earshot.db.before-")
		if is && version != "" && strings.Trim(version, "0123456789") == "" && e.Type().IsRegular() {
			list = append(list, e.Name())
		}
	}
	return list, nil
}

// Find gives the copy with a name.
func (f Folder) Find(name string) (Copy, error) {
	if _, err := time.Parse(nameForm, name); err == nil {
		return look(f.Dir, name, Unknown)
	}
	before, err := f.before()
	if err == nil && !slices.Contains(before, name) {
		err = ErrNone
	}
	if err != nil {
		return Copy{}, err
	}
	return look(f.Data, name, Migration)
}

// look tells what is known of one copy.
func look(dir, name, reason string) (Copy, error) {
	c := Copy{Name: name, Path: filepath.Join(dir, name), Reason: reason, State: None}
	info, err := os.Stat(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNone
	}
	if err != nil {
		return c, err
	}
	c.Size, c.Made = info.Size(), info.ModTime().UTC()
	n, err := readNote(c.Path + proofSuffix)
	if err != nil {
		return c, nil
	}
	if reason == Unknown {
		c.Reason, c.Made = n.Reason, n.Made
	}
	if n.Size != c.Size {
		c.Error = "it is not as it was when it was read last"
		return c, nil
	}
	c.Proof, c.State, c.Error = n.proof(), Good, n.Error
	if n.Error != "" {
		c.State = Bad
	}
	return c, nil
}

// Make makes a copy of an open database, and proves it. What is wrong with one
// that could not be made is told by the error; others stay as they are.
func (f Folder) Make(ctx context.Context, d *db.DB, reason string, now time.Time) (Copy, error) {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return Copy{}, fmt.Errorf("make the folder for backups: %w", err)
	}
	names, err := f.names()
	if err != nil {
		return Copy{}, err
	}
	name := now.UTC().Format(nameForm)
	if n := len(names); n > 0 {
		name = after(names[n-1], name)
	}
	path := filepath.Join(f.Dir, name)
	info, err := d.Snapshot(ctx, path)
	if err != nil {
		return Copy{}, err
	}
	c := Copy{Name: name, Path: path, Made: now.UTC(), Reason: reason, Size: info.Size, State: Good, Proof: info.Proof}
	if err := c.note().write(path + proofSuffix); err != nil {
		return c, fmt.Errorf("the copy is good, but what was found in it can't be kept: %w", err)
	}
	return c, nil
}

// after gives the name of a copy that sorts behind the newest one, also when
// the clock was set back since that was made.
func after(newest, name string) string {
	if name > newest {
		return name
	}
	was, err := time.Parse(nameForm, newest)
	if err != nil {
		return name
	}
	return was.Add(time.Second).Format(nameForm)
}

// Prove reads a copy in full, and notes what was found. That it is bad is no
// error: its State says so.
func (f Folder) Prove(ctx context.Context, name string) (Copy, error) {
	c, err := f.Find(name)
	if err != nil {
		return c, err
	}
	was, known := c.Proof, c.State == Good
	p, err := db.Prove(ctx, c.Path)
	switch {
	case err == nil && known && was.Sum != p.Sum:
		c.State, c.Error = Bad, "its bytes are not those that were written, though they can be read"
	case err == nil:
		c.State, c.Error = Good, ""
	case errors.Is(err, db.ErrDamaged), errors.Is(err, db.ErrCorrupt), errors.Is(err, db.ErrInconsistent):
		c.State, c.Error = Bad, err.Error()
	default:
		return c, err
	}
	c.Proof = p
	if c.Proof.Size == 0 {
		c.Proof.Size = c.Size
	}
	return c, c.note().write(c.Path + proofSuffix)
}

// NewestGood gives the newest copy whose proof is good. Those that nobody has
// looked into are proved on the way, where prove says so.
func (f Folder) NewestGood(ctx context.Context, prove bool) (Copy, error) {
	list, err := f.List()
	if err != nil {
		return Copy{}, err
	}
	for _, c := range list {
		if prove && c.State != Bad {
			if again, err := f.Prove(ctx, c.Name); err == nil || again.State == Good {
				c = again
			}
		}
		if c.State == Good {
			return c, nil
		}
	}
	return Copy{}, ErrNone
}

// Newest gives the newest copy in the folder itself, whatever is known of it.
func (f Folder) Newest() (Copy, error) {
	names, err := f.names()
	if err == nil && len(names) == 0 {
		err = ErrNone
	}
	if err != nil {
		return Copy{}, err
	}
	return look(f.Dir, names[len(names)-1], Unknown)
}

// Thin removes all copies but the newest few, and never the last good one.
// Those from before migrations stay.
func (f Folder) Thin(keep int) error {
	names, err := f.names()
	if err != nil || len(names) <= keep {
		return err
	}
	old, kept := names[:len(names)-keep], names[len(names)-keep:]
	good := func(name string) bool {
		c, err := look(f.Dir, name, Unknown)
		return err == nil && c.State == Good
	}
	spared := ""
	if !slices.ContainsFunc(kept, good) {
		for _, name := range slices.Backward(old) {
			if good(name) {
				spared = name
				break
			}
		}
	}
	for _, name := range old {
		if name == spared {
			continue
		}
		for _, path := range []string{filepath.Join(f.Dir, name), filepath.Join(f.Dir, name+proofSuffix)} {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove an old backup: %w", err)
			}
		}
	}
	return nil
}

// Sweep removes copies that were never finished, and proofs of what is gone.
// Nothing may be made meanwhile.
func (f Folder) Sweep() error {
	_, err := db.DropPartials(f.Dir, "earshot-")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("a backup that was never finished is still there: %w", err)
	}
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return nil // there is none
	}
	for _, e := range entries {
		name, is := strings.CutSuffix(e.Name(), proofSuffix)
		if _, err := time.Parse(nameForm, name); !is || err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(f.Dir, name)); errors.Is(err, fs.ErrNotExist) {
			os.Remove(filepath.Join(f.Dir, e.Name()))
		}
	}
	return nil
}

// note is what the file beside a copy says.
type note struct {
	Made     time.Time `json:"made"`
	Reason   string    `json:"reason"`
	Size     int64     `json:"size"`
	Sum      uint32    `json:"crc32c"`
	Schema   int       `json:"schema"`
	Records  uint64    `json:"records"`
	Users    uint64    `json:"users"`
	Tracks   uint64    `json:"tracks"`
	Comments uint64    `json:"comments"`
	Newest   time.Time `json:"newest"`
	TookMS   int64     `json:"took_ms"`
	Error    string    `json:"error,omitempty"`
	Seal     uint32    `json:"seal"` // CRC-32C of all this with a seal of 0
}

func (c Copy) note() note {
	return note{
		Made: c.Made, Reason: c.Reason, Size: c.Size, Sum: c.Sum, Schema: c.Schema,
		Records: c.Records, Users: c.Users, Tracks: c.Tracks, Comments: c.Comments, Newest: c.Newest, TookMS: c.Took.Milliseconds(), Error: c.Error,
	}
}

func (n note) proof() db.Proof {
	return db.Proof{
		Size: n.Size, Sum: n.Sum, Schema: n.Schema, Records: n.Records, Users: n.Users, Tracks: n.Tracks, Comments: n.Comments,
		Newest: n.Newest, Took: time.Duration(n.TookMS) * time.Millisecond,
	}
}

func (n note) seal() (uint32, error) {
	n.Seal = 0
	b, err := json.Marshal(n)
	return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)), err
}

// errNote is a proof that is not what was written.
var errNote = errors.New("the proof can't be read")

func readNote(path string) (n note, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return n, err
	}
	if json.Unmarshal(b, &n) != nil {
		return n, errNote
	}
	if seal, err := n.seal(); err != nil || seal != n.Seal {
		return n, errNote
	}
	return n, nil
}

// write makes the file appear whole or not at all.
func (n note) write(path string) (err error) {
	if n.Seal, err = n.seal(); err != nil {
		return err
	}
	b, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+db.PartialSuffix)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(b, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

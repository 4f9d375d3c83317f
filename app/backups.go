package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"earshot/db"
)

const (
	backupName  = "earshot-20060102-150405.db"
	backupFirst = time.Minute // after a start, so that houses that are open for an evening have copies too
	backupCheck = 10 * time.Minute
)

// keepBackups makes a copy of the database whenever the newest is too old, and
// keeps the newest few.
func (a *App) keepBackups(ctx context.Context) {
	check := min(a.cfg.Backups.Every, backupCheck)
	dir := filepath.Join(a.cfg.Data, "backups")
	if _, err := db.DropPartials(dir, ""); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Warn("a backup that was never finished is still there", "error", err)
	}
	a.every(ctx, min(check, backupFirst), check, func(ctx context.Context) error {
		if house, err := a.core.House(ctx); err != nil || house.Setup {
			return err // there is nothing yet to lose
		}
		list, err := backups(dir)
		if err != nil {
			return err
		}
		name := time.Now().UTC().Format(backupName)
		if n := len(list); n > 0 {
			made, err := os.Stat(filepath.Join(dir, list[n-1]))
			if err != nil {
				return fmt.Errorf("look at the newest backup: %w", err)
			}
			// An age below nought is a clock that was wrong, then or now.
			if age := time.Since(made.ModTime()); age >= 0 && age < a.cfg.Backups.Every {
				return nil
			}
			name = after(list[n-1], name)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the folder for backups: %w", err)
		}
		path := filepath.Join(dir, name)
		if _, err := a.db.Snapshot(ctx, path); err != nil {
			return fmt.Errorf("make the backup %s: %w", path, err)
		}
		a.log.Info("the database was backed up", "file", path)
		return thinBackups(dir, a.cfg.Backups.Keep)
	})
}

// after gives the name of a backup that sorts behind the newest one, also when
// the clock was set back since that was made.
func after(newest, name string) string {
	if name > newest {
		return name
	}
	was, err := time.Parse(backupName, newest)
	if err != nil {
		return name
	}
	return was.Add(time.Second).Format(backupName)
}

// backups lists the names of the copies of the database, oldest first.
func backups(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the backups: %w", err)
	}
	var list []string
	for _, e := range entries {
		if _, err := time.Parse(backupName, e.Name()); err == nil {
			list = append(list, e.Name())
		}
	}
	return list, nil
}

// newestBackup gives the path of the newest copy, or "".
func newestBackup(data string) string {
	dir := filepath.Join(data, "backups")
	list, err := backups(dir)
	if err != nil || len(list) == 0 {
		return ""
	}
	return filepath.Join(dir, list[len(list)-1])
}

// thinBackups removes all copies but the newest few.
func thinBackups(dir string, keep int) error {
	list, err := backups(dir)
	if err != nil {
		return err
	}
	for ; len(list) > keep; list = list[1:] {
		if err := os.Remove(filepath.Join(dir, list[0])); err != nil {
			return fmt.Errorf("remove an old backup: %w", err)
		}
	}
	return nil
}

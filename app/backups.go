package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"time"

	"earshot/db"
)

const (
	backupName  = "earshot-20060102-150405.db"
	backupFirst = time.Minute // after a start, so that houses that are open for an evening have copies too
)

// keepBackups makes a copy of the database whenever the newest is too old, and
// keeps the newest few.
func (a *App) keepBackups(ctx context.Context) {
	check := min(a.cfg.Backups.Every, time.Hour)
	dir := filepath.Join(a.cfg.Data, "backups")
	if _, err := db.DropPartials(dir, ""); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Warn("a backup that was never finished is still there", "error", err)
	}
	a.every(ctx, min(check, backupFirst), check, func(ctx context.Context) error {
		if newest := newestBackup(a.cfg.Data); newest != "" {
			if made, err := os.Stat(newest); err == nil && time.Since(made.ModTime()) < a.cfg.Backups.Every {
				return nil
			}
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the folder for backups: %w", err)
		}
		path := filepath.Join(dir, time.Now().UTC().Format(backupName))
		if _, err := a.db.Snapshot(ctx, path); err != nil {
			return fmt.Errorf("make the backup %s: %w", path, err)
		}
		a.log.Info("the database was backed up", "file", path)
		return thinBackups(a.cfg.Data, a.cfg.Backups.Keep)
	})
}

// backups lists the copies of the database, oldest first.
func backups(data string) []string {
	list, _ := filepath.Glob(filepath.Join(data, "backups", "earshot-*.db"))
	sort.Strings(list)
	return list
}

// newestBackup gives the newest copy, or "".
func newestBackup(data string) string {
	list := backups(data)
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

// thinBackups removes all copies but the newest few.
func thinBackups(data string, keep int) error {
	list := backups(data)
	for ; len(list) > keep; list = list[1:] {
		if err := os.Remove(list[0]); err != nil {
			return fmt.Errorf("remove an old backup: %w", err)
		}
	}
	return nil
}

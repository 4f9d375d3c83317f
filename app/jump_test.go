package app_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"earshot/app/config"
	"earshot/db"
)

// TestBackupsAfterAJump: copies that were made while the clock was wrong
// neither keep new ones from being made nor push them out.
func TestBackupsAfterAJump(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, made := range map[string]time.Time{
		"earshot-20361123-200000.db": today.Add(10 * year),
		"earshot-20361124-200000.db": today.Add(10*year + day),
		"earshot-19700101-000012.db": time.Unix(12, 0),
	} {
		path := filepath.Join(dir, "backups", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		d, err := db.Open(filepath.Join(t.TempDir(), "x.db"), db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Snapshot(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		d.Close()
		if err := os.Chtimes(path, made, made); err != nil {
			t.Fatal(err)
		}
	}
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t, func(cfg *config.Config) {
		cfg.Data, cfg.Backups.Every, cfg.Backups.Keep = dir, 300*time.Millisecond, 2
	})
	h.keeper()
	newer := func(name string) {
		t.Helper()
		p := h.member(name)
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			c.jump(100 * time.Millisecond)
			for _, path := range h.backups() {
				if backupHas(t, path, p.me.ID) {
					return
				}
			}
		}
		t.Fatalf("there is no backup that has %s; there are %v", name, h.backups())
	}
	newer("mina")
	c.jump(10 * year)
	newer("jun")
	c.set(today)
	newer("sora")
	c.set(time.Unix(12, 0))
	newer("haru")
}

func (h *house) backups() []string {
	list, _ := filepath.Glob(filepath.Join(h.dir, "backups", "earshot-*.db"))
	return list
}

// backupHas tells whether a copy of the database has a user.
func backupHas(t *testing.T, path, user string) bool {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		return false // it was just thinned out
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(copied, b, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(copied, db.Options{})
	if err != nil {
		t.Fatalf("the backup %s: %v", path, err)
	}
	defer d.Close()
	id, err := db.ParseID(user)
	if err != nil {
		t.Fatal(err)
	}
	return d.View(t.Context(), func(tx *db.Tx) error {
		_, err := tx.User(id)
		return err
	}) == nil
}

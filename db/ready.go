package db

import (
	"context"
	"fmt"
)

// Ready says why the database can't be read, or takes no changes any more.
func (d *DB) Ready(ctx context.Context) error {
	if err := d.View(ctx, func(tx *Tx) error { _, err := tx.House(); return err }); err != nil {
		return err
	}
	if stopped := d.stopped.Load(); stopped != nil {
		return fmt.Errorf("nothing is written since an earlier failure: %w", *stopped)
	}
	return nil
}

// FreeBytes gives how many bytes of the file hold nothing, and may be used anew.
func (d *DB) FreeBytes() int64 {
	s := d.bolt.Stats()
	return int64(s.FreePageN+s.PendingPageN) * int64(d.bolt.Info().PageSize)
}

package app

import (
	"context"

	"earshot/db"
)

// Waiting counts the jobs of a kind that are not done yet.
func (a *App) Waiting(ctx context.Context, kind string) (n int, err error) {
	err = a.db.View(ctx, func(tx *db.Tx) error {
		for j, err := range tx.Jobs() {
			if err != nil {
				return err
			}
			if j.Kind == kind {
				n++
			}
		}
		return nil
	})
	return n, err
}

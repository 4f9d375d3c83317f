package app

import (
	"context"
	"log/slog"

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

// Jobs lists the jobs of a kind that are not done yet, the oldest first.
func (a *App) Jobs(ctx context.Context, kind string) (list []db.Job, err error) {
	err = a.db.View(ctx, func(tx *db.Tx) error {
		for j, err := range tx.Jobs() {
			if err != nil {
				return err
			}
			if j.Kind == kind {
				list = append(list, j)
			}
		}
		return nil
	})
	return list, err
}

// StopLong ends the lane of long tracks until the house is opened again.
func (a *App) StopLong() { a.long.Stop() }

// StopMeasuring ends the slow lane until the house is opened again.
func (a *App) StopMeasuring() { a.slow.Stop() }

// InDB writes to the database past the rules.
func (a *App) InDB(do func(*db.Tx) error) error { return a.db.Update(context.Background(), do) }

// Check reads the whole database, as db.DB.Check does.
func (a *App) Check(ctx context.Context) error { return a.db.Check(ctx) }

// Log is where the house writes its log.
func (a *App) Log() *slog.Logger { return a.log }

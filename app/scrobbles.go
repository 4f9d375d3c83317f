package app

import (
	"context"
	"time"
)

// tellAgain is how long telling listens elsewhere rests when it went wrong here.
const tellAgain = time.Minute

// tellListens tells listens to the servers that their users chose until the
// house closes.
func (a *App) tellListens(ctx context.Context) {
	for {
		err := a.guarded(ctx, a.core.TellListens)
		if err == nil || ctx.Err() != nil {
			return
		}
		a.log.Error("listens can't be told elsewhere now", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(tellAgain):
		}
	}
}

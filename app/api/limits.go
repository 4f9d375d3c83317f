package api

import (
	"context"
	"strings"
	"time"

	"earshot/app/auth"
	"earshot/app/core"
)

// requests limits how often somebody may ask the JSON API, and set a picture:
// members each by themselves, visitors by their address. Audio, pictures and
// events are not counted: a player that seeks asks for many ranges. Nor are the
// doors, whose attempts core counts: a flood from an address leaves others there
// a way in. A nil one lets everything through.
type requests struct {
	members  *auth.Limiter
	visitors *auth.Limiter
	pictures *auth.Limiter
}

func newRequests(pace func() time.Duration) *requests {
	return &requests{
		members:  auth.NewLimiter(auth.RequestRule(), pace),
		visitors: auth.NewLimiter(auth.VisitorRule(), pace),
		pictures: auth.NewLimiter(auth.UploadRule(), pace),
	}
}

// allow counts a request, or says how long to wait.
func (q *requests) allow(ctx context.Context) error {
	if q == nil {
		return nil
	}
	ex := from(ctx)
	var wait time.Duration
	if ex.asker.User != 0 {
		wait = q.members.AllowID(uint64(ex.asker.User))
	} else if !strings.HasPrefix(ex.path, "/api/auth/") {
		wait = q.visitors.Allow(ex.client.Address)
	}
	if wait > 0 {
		return core.TooOften(wait)
	}
	return nil
}

// allowPicture counts a picture that is sent in, after allow.
func (q *requests) allowPicture(ctx context.Context) error {
	err := q.allow(ctx)
	if q == nil || err != nil {
		return err
	}
	if ex := from(ctx); ex.asker.User != 0 {
		if wait := q.pictures.AllowID(uint64(ex.asker.User)); wait > 0 {
			return core.TooOften(wait)
		}
	}
	return nil
}

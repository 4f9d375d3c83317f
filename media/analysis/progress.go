package analysis

import "time"

const progressEvery = 50 * time.Millisecond

// teller lets a report through every progressEvery, and none that is behind
// the one before it.
type teller struct {
	progress func(share float64) // may be nil
	last     time.Time
	most     float64
}

func throttle(progress func(float64)) *teller {
	return &teller{progress: progress, last: time.Now()}
}

// share tells how much is done.
func (t *teller) share(share float64) {
	if share = min(share, 1); t.progress == nil || share <= t.most {
		return
	}
	if now := time.Now(); now.Sub(t.last) >= progressEvery {
		t.last, t.most = now, share
		t.progress(share)
	}
}

// end tells that all is done.
func (t *teller) end() {
	if t.progress != nil {
		t.progress(1)
	}
}

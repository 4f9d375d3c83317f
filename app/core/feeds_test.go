package core

import (
	"testing"
	"time"

	"earshot/db"
)

// TestWhatIsTakenOfATrack: enough of it counts once a day, in however many
// pieces; too many listeners are not remembered.
func TestWhatIsTakenOfATrack(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)
	track := db.Track{ID: 5, Audio: db.Audio{Size: 1000, Duration: 100_000_000}} // 100 s: 30 of them are enough
	by := func(n byte) person { return person{who: listener{n, 1}, fetches: true} }
	p := newPlays()
	for n, step := range []struct {
		who   byte
		bytes int64
		at    time.Time
		want  bool
	}{
		{1, 100, now, false}, {1, 199, now, false}, {2, 200, now, false}, {1, 1, now, true}, {1, 1000, now, false}, {2, 1000, now, true},
		{1, 299, now.Add(24 * time.Hour), false}, {1, 1, now.Add(24 * time.Hour), true},
	} {
		if got := p.sent(by(step.who), track, step.bytes, step.at); got != step.want {
			t.Errorf("step %d: got %t", n, got)
		}
	}
	if p.sent(by(3), db.Track{ID: 6}, 1000, now) {
		t.Error("a track without a length counts")
	}
	for n := range todaysMost {
		p.sent(person{who: listener{byte(n), byte(n >> 8), byte(n >> 16), 2}}, track, 1, now)
	}
	if p.sent(by(9), track, 1000, now); len(p.fed.sent) > todaysMost {
		t.Errorf("%d listeners are remembered", len(p.fed.sent))
	}
}

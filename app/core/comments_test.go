package core

import (
	"fmt"
	"testing"
	"time"

	"earshot/db"
)

// TestPosition: the end of a track is where clients are told that it is, which
// is rounded to milliseconds.
func TestPosition(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		length int64 // microseconds
		at     time.Duration
		want   int64 // microseconds; -1 for none
	}{
		{1_000_700, 0, 0},
		{1_000_700, 1000 * time.Millisecond, 1_000_000},
		{1_000_700, 1001 * time.Millisecond, 1_000_700},
		{1_000_700, 1002 * time.Millisecond, -1},
		{1_000_300, 1001 * time.Millisecond, -1},
		{1_000_300, -time.Millisecond, -1},
		{0, 0, 0},
	} {
		got, err := position(db.Track{Audio: db.Audio{Duration: c.length}}, c.at)
		if err != nil {
			got = -1
		}
		if got != c.want {
			t.Errorf("%v in a track of %d µs: got %d, want %d", c.at, c.length, got, c.want)
		}
	}
}

// TestMentions finds names in texts.
func TestMentions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"@mina":                 "[mina]",
		"hi @Mina-, @jun_ @소라!": "[mina jun 소라]",
		"(@a_b-c)\n@x2":         "[a_b-c x2]",
		"mail@mina.example":     "[]",
		"@ mina @@jun @m":       "[jun]",
		"@mina @MINA":           "[mina]",
	} {
		var got []string
		for _, name := range mentions(text) {
			got = append(got, string(name))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
}

package db

import (
	"strings"
	"testing"
	"time"
)

func TestIDText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id   ID
		want string
	}{
		{1, "0000000000001"},
		{31, "000000000000z"},
		{32, "0000000000010"},
		{1<<64 - 1, "fzzzzzzzzzzzz"},
	} {
		got := c.id.String()
		if got != c.want {
			t.Errorf("String of %d = %q, want %q", uint64(c.id), got, c.want)
		}
		back, err := ParseID(got)
		if err != nil || back != c.id {
			t.Errorf("ParseID(%q) = %d, %v; want %d", got, uint64(back), err, uint64(c.id))
		}
	}
}

func TestParseIDRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "0", "0000000000000", "gzzzzzzzzzzzz", "fzzzzzzzzzzzzz", "fzzzzzzzzzzz", "FZZZZZZZZZZZZ",
		"000000000000i", "000000000000l", "000000000000o", "000000000000u", "000000000000I",
		" 00000000000a", "00000000000a ", "-00000000000a", "../../etc/pas", "000000000000\x00", "밤기차밤",
	} {
		if id, err := ParseID(s); err == nil {
			t.Errorf("ParseID(%q) = %d, want an error", s, uint64(id))
		}
	}
}

func TestIDTextsSortAsIDs(t *testing.T) {
	t.Parallel()
	ids := []ID{1, 2, 31, 32, 1 << 22, 1<<22 + 1, 1 << 40, 1<<63 - 1, 1 << 63, 1<<64 - 1}
	for i := 1; i < len(ids); i++ {
		if a, b := ids[i-1].String(), ids[i].String(); strings.Compare(a, b) >= 0 {
			t.Errorf("%q is not before %q", a, b)
		}
	}
}

func TestNextID(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clocks := []struct {
		name string
		now  time.Time
		jump bool // the id is made from the clock
	}{
		{"first", start, true},
		{"same moment", start, false},
		{"later", start.Add(time.Millisecond), true},
		{"a day back", start.AddDate(0, 0, -1), false},
		{"a Pi without a clock", time.Unix(0, 0), false},
		{"before anything", time.Time{}, false},
		{"fifty years back", start.AddDate(-50, 0, 0), false},
		{"ten years on", start.AddDate(10, 0, 0), true},
		{"and back", start, false},
		{"far beyond belief", start.AddDate(5000, 0, 0), false},
	}
	var last ID
	for _, c := range clocks {
		id := nextID(last, c.now)
		if id <= last {
			t.Errorf("%s: %s is not after %s", c.name, id, last)
		}
		if !c.jump && id != last+1 {
			t.Errorf("%s: got %s, want %s, the next number", c.name, id, last+1)
		}
		if got := id.Time(); c.jump && !got.Equal(c.now) {
			t.Errorf("%s: the time in the id is %s, want %s", c.name, got, c.now)
		}
		last = id
	}
	if id := nextID(0, idEpoch); id == 0 {
		t.Error("zero was given out as an id")
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"0000000000001", "fzzzzzzzzzzzz", "0ep7w5zct2wd0", "", "0EP7W5ZCT2WD0", "gzzzzzzzzzzzz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err == nil && (id.String() != s || id == 0) {
			t.Errorf("ParseID(%q) = %d, whose text is %q", s, uint64(id), id.String())
		}
	})
}

package api

import (
	"fmt"
	"testing"
	"time"
)

// TestFeedTimes: no two states of a feed have the same date, however fast they
// follow one another, and whatever was forgotten in between; none is of the
// future.
func TestFeedTimes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)
	var f feedTimes
	told := map[string]string{}
	state := 0
	for n := range 4000 {
		now = now.Add(170 * time.Millisecond)
		switch {
		case n%7 == 0:
			state++
		case n%500 == 499: // too many others
			for i := range feedsKept {
				f.changed(fmt.Sprint(n, i), "x", now)
			}
			state++
		case n == 2001: // a start
			f = feedTimes{}
			state++
		}
		etag := fmt.Sprint(state)
		date := f.changed("/feeds/users/x.rss", etag, now)
		if date == "" {
			continue
		}
		if at, err := time.Parse(time.RFC1123, date); err != nil || at.After(now) {
			t.Fatalf("%q is of the future, or no date: %v", date, err)
		}
		if was, known := told[date]; known && was != etag {
			t.Fatalf("%s is told of the states %s and %s", date, was, etag)
		}
		told[date] = etag
	}
	if len(told) < 80 {
		t.Errorf("only %d dates were told", len(told))
	}
}

// TestNoSecretIsShown: what opens a private feed is in no line of the log.
func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/feeds/private/abc.rss": "/feeds/private/…", "/feeds/private/abc/0sc0ngdrbeb63.mp3": "/feeds/private/…/0sc0ngdrbeb63.mp3",
		"/feeds/private/": "/feeds/private/…", "/feeds/users/x.rss": "/feeds/users/x.rss", "/feeds/private/abc/d/e": "/feeds/private/…/d/e",
	} {
		if got := shown(path); got != want {
			t.Errorf("%s is shown as %s, want %s", path, got, want)
		}
	}
}

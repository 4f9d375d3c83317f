package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/db"
)

// numbers writes a day as letters and counts, without zeros.
func numbers(d wire.DayNumbers) (s string) {
	for _, c := range []struct {
		letter string
		n      uint64
	}{{"p", d.Plays}, {"m", d.Listeners}, {"l", d.Likes}, {"r", d.Reposts}, {"c", d.Comments}, {"d", d.Downloads}} {
		if c.n != 0 {
			s += fmt.Sprint(c.letter, c.n)
		}
	}
	return s
}

// TestNumbers counts what people do on two days, as the owner is told of it.
func TestNumbers(t *testing.T) {
	t.Parallel()
	c := newClock(midday)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	mina, jun, sora := h.member("mina"), h.member("jun"), h.member("sora")
	v := h.visitor()
	one, two := mina.sing("one", "public"), mina.sing("two", "public")
	read := func(path string) wire.Numbers {
		t.Helper()
		h.written()
		return as[wire.Numbers](mina.get(path))
	}
	hear := func(p *person, tr wire.Track) {
		t.Helper()
		c.jump(time.Minute)
		if !p.hear(tr, 10_000, "User-Agent", p.name) {
			t.Errorf("%s: %s does not count", p.name, tr.Title)
		}
	}
	hear(jun, one)
	hear(jun, one)
	hear(jun, two)
	hear(v, one)
	hear(v, two)
	jun.put(track(one, "like"), nil).want(200)
	jun.put(track(two, "repost"), nil).want(200)
	said := sora.say(one.ID, 100, "Well")
	c.jump(day)
	hear(jun, one)
	hear(mina, two)
	sora.put(track(one, "like"), nil).want(200)

	hold := func(path string, n wire.Numbers, days, sum, always string) {
		t.Helper()
		got := ""
		for _, d := range n.Days {
			got += numbers(d) + " "
		}
		if got != days || numbers(n.Sum) != sum || numbers(n.Always) != always {
			t.Errorf("%s: days %q, sum %q, always %q; want %q, %q, %q", path, got, numbers(n.Sum), numbers(n.Always), days, sum, always)
		}
	}
	for _, s := range []struct{ path, days, sum, always string }{
		{track(one, "numbers?days=3"), " p3m2l1c1 p1m1l1 ", "p4m3l2c1", "p4m3l2c1"},
		{track(two, "numbers?days=3"), " p2m2r1 p1m1 ", "p3m3r1", "p3m3r1"},
		{"/api/me/numbers?days=3", " p5m2l1r1c1 p2m2l1 ", "p7m4l2r1c1", "p7m4l2r1c1"},
		{"/api/me/numbers?days=1", "p2m2l1 ", "p2m2l1", "p7m4l2r1c1"},
	} {
		hold(s.path, read(s.path), s.days, s.sum, s.always)
	}
	n := read("/api/me/numbers")
	if len(n.Days) != 30 || n.Days[29].Day != db.DayOf(c.now()).String() || n.Days[28].Day != db.DayOf(c.now().Add(-day)).String() || n.Sum.Day != "" || n.Heat != nil {
		t.Errorf("the last days are %d: %+v", len(n.Days), n.Days)
	}
	if titles(n.Top) != "one two" {
		t.Errorf("the top is %q, want one two", titles(n.Top))
	}
	if top := read("/api/me/numbers?days=1").Top; titles(top) != "one two" {
		t.Errorf("the top of the day is %q", titles(top))
	}
	jun.delete(track(one, "like")).want(200)
	sora.delete(track(one, "like")).want(200)
	sora.delete("/api/comments/" + said.ID).want(204)
	hold("taken back", read(track(one, "numbers?days=2")), "p3m2 p1m1 ", "p4m3", "p4m3")
	if top := read("/api/me/numbers?days=1").Top; titles(top) != "two one" {
		t.Errorf("the top without likes is %q", titles(top))
	}

	// Nobody else is told, and no more than 400 days.
	for _, p := range []*person{jun, k} {
		p.get(track(one, "numbers")).fails(403, "forbidden")
		hold(p.name, as[wire.Numbers](p.get("/api/me/numbers?days=1")), " ", "", "")
	}
	v.get(track(one, "numbers")).fails(401, "signin.needed")
	if days := read("/api/me/numbers?days=400").Days; len(days) != 400 {
		t.Errorf("%d days, want 400", len(days))
	}
	for _, days := range []string{"0", "-1", "401", "x"} {
		mina.get("/api/me/numbers?days=" + days).want(400)
	}
	c.set(time.Unix(0, 0).Add(36 * time.Hour)) // there is no more of the past
	if n := as[wire.Numbers](h.signIn("mina").get("/api/me/numbers")); len(n.Days) > 3 {
		t.Errorf("in January 1970 there are %d days", len(n.Days))
	}
	c.set(midday)
	h.check()
}

// TestDownloadsAreCounted: each person once a track and day, when the file is
// asked for from its beginning.
func TestDownloadsAreCounted(t *testing.T) {
	t.Parallel()
	c := newClock(midday)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	v := h.visitor()
	one, two := mina.sing("one", "public"), mina.sing("two", "public")
	mina.patch(track(one), wire.TrackPatch{Downloadable: ptr(true)}).want(200)
	file := track(one, "download")
	etag := jun.do("HEAD", file, nil).want(200).header.Get("Etag")
	for _, s := range []struct {
		what    string
		who     *person
		path    string
		headers []string
		status  int
		want    uint64 // in all
	}{
		{"the header alone was asked for", jun, file, []string{"If-None-Match", etag}, 304, 0},
		{"a part", jun, file, []string{"Range", "bytes=10-"}, 206, 0},
		{"nothing that is there", jun, file, []string{"Range", "bytes=99999999-"}, 416, 0},
		{"another state of it", jun, file, []string{"If-Match", `"x"`}, 412, 0},
		{"as a stream", jun, track(one, "stream.mp3"), nil, 200, 0},
		{"what is not offered", jun, track(two, "download"), nil, 403, 0},
		{"the file", jun, file, nil, 200, 1},
		{"again", jun, file, nil, 200, 1},
		{"from its beginning", v, file, []string{"Range", "bytes=0-99"}, 206, 2},
		{"the rest", v, file, []string{"Range", "bytes=100-"}, 206, 2},
		{"its owner", mina, track(two, "download"), nil, 200, 2},
	} {
		s.who.get(s.path, s.headers...).want(s.status)
		h.written()
		if got := as[wire.Numbers](mina.get(track(one, "numbers"))); got.Sum.Downloads != s.want || got.Always.Downloads != s.want {
			t.Errorf("%s: %d downloads are counted, want %d", s.what, got.Sum.Downloads, s.want)
		}
	}
	c.jump(day)
	jun.get(file).want(200)
	h.written()
	n := as[wire.Numbers](mina.get("/api/me/numbers?days=2"))
	if numbers(n.Days[0]) != "d3" || numbers(n.Days[1]) != "d1" || numbers(n.Always) != "d4" {
		t.Errorf("the days are %+v", n.Days)
	}
	if counts := string(jun.get(track(one)).want(200).body); strings.Contains(counts, `"downloads"`) {
		t.Errorf("others are told how often it was downloaded: %s", counts)
	}
	h.check()
}

// TestHeat tells where in a track listening ends and comments are.
func TestHeat(t *testing.T) {
	t.Parallel()
	c := newClock(midday)
	h := (&house{cost: 4, now: c.now}).begin(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	song := mina.upload("song.mp3", tone(1000), "public") // 26 s
	length := song.DurationMS
	stop := func(p *person, at, listened int64, status int) {
		t.Helper()
		p.post(track(song, "stops"), wire.Stop{PositionMS: at, ListenedMS: listened}).want(status)
	}
	stop(jun, 0, 3000, 204)
	stop(jun, 100, 3000, 204) // too soon after it
	c.jump(time.Minute)
	stop(jun, length/2, 2000, 204) // too short
	stop(jun, length/2, 2700, 204) // a tenth of it
	c.jump(time.Minute)
	stop(jun, length, length, 204)
	stop(jun, length+1, length, 400)
	stop(jun, -1, length, 400)
	for n := range 20 { // of one home
		v := h.visitor()
		v.do("POST", track(song, "stops"), wire.Stop{PositionMS: length, ListenedMS: length}, "User-Agent", string(rune('a'+n))).want(204)
	}
	jun.say(song.ID, 0, "First")
	root := jun.say(song.ID, length/2, "Middle")
	jun.reply(root, "A reply is no moment")
	mina.say(song.ID, length/2, "Middle too")
	jun.say(song.ID, length, "Last")
	gone := jun.say(song.ID, 0, "Gone")
	mina.reply(gone, "A reply to it")
	jun.delete("/api/comments/" + gone.ID).want(204)
	h.written()
	heat := as[wire.Numbers](mina.get(track(song, "numbers"))).Heat
	if heat == nil || len(heat.Stops) != 100 || len(heat.Comments) != 100 {
		t.Fatalf("the heat is %+v", heat)
	}
	middle := 50
	if heat.Stops[49] == 1 {
		middle = 49 // half of an odd number of milliseconds
	}
	for i := range 100 {
		stops, comments := map[int]uint64{0: 1, middle: 1, 99: 9}[i], map[int]uint64{0: 1, middle: 2, 99: 1}[i]
		if heat.Stops[i] != stops || heat.Comments[i] != comments {
			t.Errorf("column %d: %d stops and %d comments, want %d and %d", i, heat.Stops[i], heat.Comments[i], stops, comments)
		}
	}
	h.reopen()
	if again := as[wire.Numbers](mina.get(track(song, "numbers"))).Heat; again.Stops[99] != 9 {
		t.Errorf("after a restart there are %d stops at the end", again.Stops[99])
	}
	h.check()
}

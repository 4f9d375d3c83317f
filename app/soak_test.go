package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// sample is what the program takes at a moment.
type sample struct {
	at      time.Duration // since the start
	anon    int64         // bytes of memory that are its own
	files   int           // that it has open
	threads int
	running int // goroutines, 0 where they are not told
}

// sampled looks at a process.
func sampled(t *testing.T, p *program, keeper string, began time.Time) sample {
	t.Helper()
	pid := p.cmd.Process.Pid
	s := sample{at: time.Since(began)}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "RssAnon":
			s.anon = int64(n) << 10
		case "Threads":
			s.threads = n
		}
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	s.files = len(files)
	if a := p.person("keeper", keeper).get("/metrics"); a.status == 200 {
		if m := regexp.MustCompile(`(?m)^\w*goroutines\w* (\d+)`).FindSubmatch(a.body); m != nil {
			s.running, _ = strconv.Atoi(string(m[1]))
		}
	}
	return s
}

// slope gives by how much a line through the samples rises in an hour, as a
// part of where it begins.
func slope(list []sample, of func(sample) float64) float64 {
	var n, x, y, xx, xy float64
	for _, s := range list {
		at, v := s.at.Hours(), of(s)
		n, x, y, xx, xy = n+1, x+at, y+v, xx+at*at, xy+at*v
	}
	rise := (n*xy - x*y) / (n*xx - x*x)
	begin := (y-rise*x)/n + rise*list[0].at.Hours()
	return rise / begin
}

func median(list []sample, of func(sample) float64) float64 {
	var all []float64
	for _, s := range list {
		all = append(all, of(s))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// TestSoak lets people use the program for as long as EARSHOT_SOAK says, such
// as 30m: its memory, goroutines and open files are as flat at the end as after
// it got warm. ".ci/soak" runs it.
func TestSoak(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("EARSHOT_SOAK"))
	if err != nil {
		t.Skip("EARSHOT_SOAK does not say for how long")
	}
	t.Setenv("GODEBUG", "gctrace=1") // which the program tells its live heap with
	w := &ledgers{t: t, dir: t.TempDir(), file: tone(115)}
	w.start()
	keeper := w.p.keeper()
	w.keeper = keeper.token
	atRest := w.p.goroutines()
	w.start()
	keeper = w.p.person("keeper", w.keeper)
	song := keeper.upload("long.mp3", tone(8000), "public")
	w.song = song.ID
	for _, name := range []string{"mina", "jun", "sora", "haru"} {
		p := w.p.person(name, "")
		p.become(p.post("/api/auth/sign-up", wire.SignUp{Email: name + "@home.example", Password: password, Name: name}), 201)
		w.all = append(w.all, &ledger{w: w, name: name, token: p.token, me: p.me.ID, facts: map[string]*fact{}, unhurried: true})
	}
	began := time.Now()
	atFirst := sampled(t, w.p, w.keeper, began)
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	var wg sync.WaitGroup
	for _, l := range w.all {
		for range 2 {
			wg.Go(func() { l.live(ctx.Done()) })
		}
		wg.Go(func() { l.listen(ctx, song) })
		wg.Go(func() { l.look(ctx) })
		wg.Go(func() { l.watch(ctx) })
	}
	every := max(long/180, time.Second)
	var list []sample
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(every):
			list = append(list, sampled(t, w.p, w.keeper, began))
		}
	}
	wg.Wait()
	http.DefaultClient.CloseIdleConnections()
	time.Sleep(5 * time.Second)
	atLast := sampled(t, w.p, w.keeper, began)
	done := map[string]int{}
	for _, l := range w.all {
		for kind, n := range l.done {
			done[kind] += n
		}
	}
	t.Logf("in %v these were acknowledged: %v", long, done)
	if len(list) < 12 {
		t.Fatal("too short to tell anything")
	}
	second, last := list[len(list)/4:len(list)/2], list[len(list)*3/4:]
	warm := list[len(list)/4:]
	for _, m := range []struct {
		what string
		of   func(sample) float64
		more float64 // than after it got warm that may be at the end
	}{
		{"own memory, MB", func(s sample) float64 { return float64(s.anon) / 1e6 }, 0.1*median(second, func(s sample) float64 { return float64(s.anon) / 1e6 }) + 4},
		{"goroutines", func(s sample) float64 { return float64(s.running) }, 15},
		{"open files", func(s sample) float64 { return float64(s.files) }, 8},
		{"threads", func(s sample) float64 { return float64(s.threads) }, 6},
	} {
		if m.of(list[0]) == 0 {
			t.Logf("%-16s not told", m.what)
			continue
		}
		a, b := median(second, m.of), median(last, m.of)
		t.Logf("%-16s at first %.1f, in the second quarter %.1f, in the last %.1f, slope since it was warm %+.1f %% an hour, most %.1f, left alone %.1f",
			m.what, m.of(atFirst), a, b, 100*slope(warm, m.of), m.of(slices.MaxFunc(list, func(x, y sample) int { return int(m.of(x) - m.of(y)) })), m.of(atLast))
		if b > a+m.more {
			t.Errorf("%s grow", m.what)
		}
	}
	heap := w.p.liveHeap()
	a, b := mean(heap[len(heap)/4:len(heap)/2]), mean(heap[len(heap)*3/4:])
	t.Logf("%-16s in the second quarter %.1f, in the last %.1f, of %d collections", "live heap, MB", a, b, len(heap))
	if b > 1.1*a+1 {
		t.Error("the live heap grows")
	}
	if path := os.Getenv("EARSHOT_SOAK_OUT"); path != "" {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, s := range append([]sample{atFirst}, append(list, atLast)...) {
			fmt.Fprintf(f, "%.0f\t%d\t%d\t%d\t%d\n", s.at.Seconds(), s.anon, s.running, s.files, s.threads)
		}
	}
	if s := w.p.out.String(); strings.Contains(s, "panic") {
		t.Errorf("the log tells of a panic:\n%s", s)
	}
	left := w.p.goroutines()
	t.Logf("goroutines of a start that nobody used: %d, of this one when all had gone: %d", atRest, left)
	if left > atRest+10 {
		t.Errorf("goroutines are left:\n%s", w.p.out)
	}
	w.whole()
}

// liveHeap gives the megabytes that were live after each of a program's garbage
// collections, as it told by GODEBUG=gctrace=1.
func (p *program) liveHeap() (list []float64) {
	for _, m := range regexp.MustCompile(`(?m)^gc \d+ @.* \d+->\d+->(\d+) MB,`).FindAllStringSubmatch(p.out.String(), -1) {
		n, _ := strconv.ParseFloat(m[1], 64)
		list = append(list, n)
	}
	return list
}

func mean(list []float64) (sum float64) {
	for _, x := range list {
		sum += x / float64(len(list))
	}
	return sum
}

// goroutines ends a program at once, and counts what it was doing.
func (p *program) goroutines() int {
	p.cmd.Process.Signal(syscall.SIGQUIT)
	p.cmd.Wait()
	return len(regexp.MustCompile(`(?m)^goroutine [1-9]\d* .*\[`).FindAllString(p.out.String(), -1))
}

// get asks for something and takes at most so many bytes of it.
func (l *ledger) get(ctx context.Context, path string, most int64, headers ...string) {
	req, err := http.NewRequestWithContext(ctx, "GET", l.w.p.url+path, nil)
	if err != nil {
		l.w.t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+l.token)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if ctx.Err() == nil {
			l.w.t.Errorf("GET %s: %v", path, err)
		}
		return
	}
	defer res.Body.Close()
	io.CopyN(io.Discard, res.Body, most)
	if res.StatusCode >= 500 {
		l.w.t.Errorf("GET %s: got %d", path, res.StatusCode)
	}
}

// listen plays a track, and jumps about in it.
func (l *ledger) listen(ctx context.Context, song wire.Track) {
	for ctx.Err() == nil {
		path := []string{"/stream", "/stream.mp4", "/stream.mp3", fmt.Sprintf("/stream.mp3?t=%d", rand.IntN(200))}[rand.IntN(4)]
		from := rand.Int64N(song.Audio.Bytes)
		l.get(ctx, "/api/tracks/"+song.ID+path, rand.Int64N(song.Audio.Bytes), "Range", fmt.Sprintf("bytes=%d-", from))
		pause(ctx, 200*time.Millisecond)
	}
}

// look reads pages and lists.
func (l *ledger) look(ctx context.Context) {
	paths := []string{"/", "/api/home", "/api/stream", "/api/charts", "/api/search?q=", "/api/search/suggest?q=", "/api/me/notifications", "/api/me/state",
		"/api/conversations", "/api/users/" + l.me, "/api/recommendations/users", "/api/tracks/" + l.w.song + "/comments", "/api/tracks/" + l.w.song + "/similar", "/api/me/numbers"}
	for ctx.Err() == nil {
		path := paths[rand.IntN(len(paths))]
		if strings.HasSuffix(path, "q=") {
			path += []string{"mina", "r0", "jun+n1", "sora", "n"}[rand.IntN(5)]
		}
		l.get(ctx, path, 1<<20)
		pause(ctx, 150*time.Millisecond)
	}
}

// watch has a page open that hears of things as they happen, for a while.
func (l *ledger) watch(ctx context.Context) {
	for ctx.Err() == nil {
		open, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(20))*time.Second)
		req, err := http.NewRequestWithContext(open, "GET", l.w.p.url+"/api/events", nil)
		if err != nil {
			l.w.t.Error(err)
		}
		req.Header.Set("Authorization", "Bearer "+l.token)
		if res, err := http.DefaultClient.Do(req); err == nil {
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			}
			res.Body.Close()
		}
		cancel()
		pause(ctx, 500*time.Millisecond)
	}
}

// pause waits for about so long.
func pause(ctx context.Context, about time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(about/2 + time.Duration(rand.Int64N(int64(about)))):
	}
}

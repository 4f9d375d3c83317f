package app_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// exposition reads numbers as strictly as the format is written down
// (Prometheus, Exposition formats, "Text-based format"): HELP and TYPE once
// before the lines of a name, which stand together; no line twice; a newline at
// the end; buckets that grow up to +Inf, which is the count.
func exposition(text string) (map[string]float64, error) {
	if !strings.HasSuffix(text, "\n") {
		return nil, fmt.Errorf("no newline at the end")
	}
	const label = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`
	line := regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{` + label + `(?:,` + label + `)*\})? (\S+)$`)
	meta := regexp.MustCompile(`^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$`)
	values, types, done := map[string]float64{}, map[string]string{}, map[string]bool{}
	now, helped := "", ""
	var below float64
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		l := lines.Text()
		if strings.HasPrefix(l, "#") {
			m := meta.FindStringSubmatch(l)
			switch {
			case m == nil:
				return nil, fmt.Errorf("%q is neither HELP nor TYPE", l)
			case m[1] == "HELP":
				if helped = m[2]; done[helped] {
					return nil, fmt.Errorf("%s comes twice", helped)
				}
				done[helped], now = true, ""
			case m[2] != helped || types[m[2]] != "":
				return nil, fmt.Errorf("%q does not follow its HELP", l)
			case m[3] != "counter" && m[3] != "gauge" && m[3] != "histogram":
				return nil, fmt.Errorf("%q is no type", l)
			default:
				now, types[m[2]], below = m[2], m[3], 0
			}
			continue
		}
		m := line.FindStringSubmatch(l)
		if m == nil {
			return nil, fmt.Errorf("%q is no line of the format", l)
		}
		name := m[1]
		if types[now] == "histogram" {
			for _, end := range []string{"_bucket", "_sum", "_count"} {
				name = strings.TrimSuffix(name, end)
			}
		}
		v, err := strconv.ParseFloat(m[3], 64)
		_, twice := values[m[1]+m[2]]
		switch {
		case err != nil:
			return nil, fmt.Errorf("%q: %w", l, err)
		case name != now:
			return nil, fmt.Errorf("%q stands below %q", l, now)
		case twice:
			return nil, fmt.Errorf("%q comes twice", l)
		case types[now] == "counter" && (!strings.HasSuffix(name, "_total") || v < 0):
			return nil, fmt.Errorf("%q is no counter", l)
		case strings.HasSuffix(m[1], "_bucket") && v < below:
			return nil, fmt.Errorf("%q is less than the bucket before", l)
		case strings.HasSuffix(m[1], "_bucket"):
			below = v
		case strings.HasSuffix(m[1], "_count") && (v != below || values[now+`_bucket{le="+Inf"}`] != v):
			return nil, fmt.Errorf("%q is not what is in the buckets", l)
		}
		values[m[1]+m[2]] = v
	}
	return values, nil
}

func TestExpositionIsReadStrictly(t *testing.T) {
	t.Parallel()
	const head = "# HELP a_total A.\n# TYPE a_total counter\n"
	for _, c := range []struct {
		text string
		good bool
	}{
		{head + "a_total 1\n", true},
		{head + `a_total{x="a\"b\\",y="c"} 1e+06` + "\n", true},
		{head, true},
		{head + "a_total 1", false},
		{head + "a_total 1\na_total 2\n", false},
		{head + "b_total 1\n", false},
		{head + "a_total{x=1} 1\n", false},
		{head + "a_total one\n", false},
		{head + head, false},
		{"# TYPE a_total counter\na_total 1\n", false},
		{"# HELP a A.\n# TYPE a counter\na 1\n", false},
		{"# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 3\n", true},
		{"# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 4\nh_count 1\n", false},
		{"# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 4\n", false},
	} {
		if _, err := exposition(c.text); (err == nil) != c.good {
			t.Errorf("%q: got %v", c.text, err)
		}
	}
}

// The numbers are right, of a known set of names, and tell of nobody.
func TestMetrics(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.Metrics.Show = "open" })
	h.limited = true
	k := h.keeper()
	mina := h.member("mina-the-listener")
	file := tone(40)
	track := mina.upload("secret-title.mp3", file, "public")
	mina.post("/api/tracks/"+track.ID+"/comments", wire.NewComment{Text: "a secret sentence"}).want(201)
	v := h.visitor()
	for range 3 {
		v.get("/api/tracks/" + track.ID + "/stream.mp4").want(200)
	}
	v.get("/api/tracks/" + track.ID).want(200)
	v.get("/api/tracks/zzz").want(404)
	v.get("/api/nothing/at/all").want(404)
	v.get("/nobody/nothing").want(404)
	v.get("/mina-the-listener").want(200)
	if err := os.MkdirAll(filepath.Join(h.dir, "backups"), 0o700); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(h.dir, "backups", "earshot-20260101-000000.db"), []byte("12345"), 0o600)

	a := v.get("/metrics").want(200)
	if kind := a.header.Get("Content-Type"); kind != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("it is %q", kind)
	}
	got, err := exposition(string(a.body))
	if err != nil {
		t.Fatalf("%v in\n%s", err, a.body)
	}
	for name, want := range map[string]float64{
		`earshot_up`:     1,
		`earshot_users`:  2,
		`earshot_tracks`: 1,
		`earshot_http_requests_total{route="GET /api/tracks/{id}/stream.mp4",status="2xx"}`: 3,
		`earshot_http_requests_total{route="GET /api/tracks/{id}",status="4xx"}`:            1,
		`earshot_http_requests_total{route="/api/",status="4xx"}`:                           1,
		`earshot_http_requests_total{route="POST /api/tracks",status="2xx"}`:                1,
		`earshot_tracks_added_total`:                                                        1,
		`earshot_plays_total`:                                                               0,
		`earshot_streams`:                                                                   0,
		`earshot_backups`:                                                                   1,
		`earshot_backup_bytes`:                                                              5,
	} {
		if v, there := got[name]; !there || v != want {
			t.Errorf("%s is %v (there: %v), want %v", name, v, there, want)
		}
	}
	for _, name := range []string{"earshot_sent_bytes_total", "earshot_received_bytes_total", "process_resident_memory_bytes", "process_open_fds",
		"earshot_database_bytes", "go_goroutines", "earshot_http_seconds_count", "go_memory_limit_bytes", "process_start_time_seconds"} {
		if got[name] <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	if size := float64(len(file)); got["earshot_sent_bytes_total"] < 3*size {
		t.Errorf("three streams of %v bytes were sent, and %v bytes in all", size, got["earshot_sent_bytes_total"])
	}
	for _, private := range []string{"mina", "secret", track.ID, "@", k.me.ID, "127.0.0.1", "nobody", "zzz"} {
		if strings.Contains(string(a.body), private) {
			t.Errorf("%q is in it:\n%s", private, a.body)
		}
	}
	before := strings.Count(string(a.body), "\n")
	for i := range 50 { // whatever is asked for, there are no more numbers
		v.get(fmt.Sprintf("/api/odd/%d", i)).want(404)
		v.get(fmt.Sprintf("/odd%d", i)).want(404)
	}
	if after := strings.Count(string(v.get("/metrics").want(200).body), "\n"); after > before+2 {
		t.Errorf("there were %d lines, and %d after a hundred odd addresses", before, after)
	}
}

// The numbers are shown to those whom the settings name, and are otherwise an
// address like any other.
func TestMetricsAreForWhomTheyAreShown(t *testing.T) {
	t.Parallel()
	const token = "0123456789abcdef-token"
	show := func(show, token string) func(*config.Config) {
		return func(c *config.Config) { c.Metrics = config.Metrics{Show: show, Token: token} }
	}
	for _, c := range []struct {
		name                      string
		show                      func(*config.Config)
		n, u, a, withToken, wrong int // by visitors, members, the keeper, a program
	}{
		{"off", show("off", ""), 404, 404, 404, 404, 404},
		{"keeper", show("keeper", ""), 401, 403, 200, 401, 401},
		{"keeper and token", show("keeper", token), 401, 403, 200, 200, 401},
		{"open", show("open", ""), 200, 200, 200, 200, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, c.show)
			k, m := h.keeper(), h.member("mina")
			program, wrong := h.visitor(), h.visitor()
			program.token, wrong.token = token, token+"x"
			for _, by := range []struct {
				who  *person
				want int
			}{{h.visitor(), c.n}, {m, c.u}, {k, c.a}, {program, c.withToken}, {wrong, c.wrong}} {
				if a := by.who.get("/metrics"); a.status != by.want {
					t.Errorf("%s (%s): got %d, want %d", by.who.name, by.who.token, a.status, by.want)
				}
			}
			if a := h.visitor().get("/metrics?token=" + token); a.status != c.n {
				t.Errorf("a token in the address: got %d, want %d", a.status, c.n)
			}
		})
	}
}

// Streams count while they are under way, of long files too, which go out past
// the answer.
func TestMetricsCountStreams(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.Metrics.Show = "open" })
	h.keeper()
	file := tone(4000)
	track := h.member("mina").upload("long.mp3", file, "public")
	if len(file) < 1<<20 {
		t.Fatalf("the file has %d bytes, which is too little for this test", len(file))
	}
	v := h.visitor()
	read := func() map[string]float64 {
		got, err := exposition(string(v.get("/metrics").want(200).body))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	before := read()["earshot_sent_bytes_total"]
	v.get("/api/tracks/" + track.ID + "/stream.mp3").want(200)
	if n := read()["earshot_sent_bytes_total"] - before; n < float64(len(file)) {
		t.Errorf("%v bytes were sent, of a file of %v", n, len(file))
	}
	if h.app.Core().Streams() != 0 || !h.app.Core().Listening() {
		t.Errorf("after a stream: %d are open, listening %v; want none, and somebody who listens", h.app.Core().Streams(), h.app.Core().Listening())
	}
}

// Which versions run here is told to the keeper and who has the token, whoever
// may see the numbers.
func TestMetricsTellVersionsToTheKeeperAlone(t *testing.T) {
	t.Parallel()
	const token = "a-token-of-enough-signs"
	h := newHouse(t, func(c *config.Config) { c.Metrics.Show, c.Metrics.Token = "open", token })
	keeper, mina := h.keeper(), h.member("mina")
	for name, c := range map[string]struct {
		got  answer
		told bool
	}{
		"keeper": {keeper.get("/metrics"), true}, "token": {h.visitor().do("GET", "/metrics", nil, "Authorization", "Bearer "+token), true},
		"member": {mina.get("/metrics"), false}, "visitor": {h.visitor().get("/metrics"), false},
	} {
		text := string(c.got.want(200).body)
		if _, err := exposition(text); err != nil || strings.Contains(text, "earshot_info{") != c.told || strings.Contains(text, "go_info{") != c.told {
			t.Errorf("%s: told of versions: %v; %v", name, !c.told, err)
		}
	}
}

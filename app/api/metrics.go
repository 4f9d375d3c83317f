package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"earshot/app/core"
)

// Metrics says who is shown the house's numbers.
type Metrics struct {
	Open  bool   // everybody; else the keeper, and whoever sends the token
	Token string // "" for none

	// More gives the numbers that the server does not know of itself; nil for none.
	More func(ctx context.Context) []Metric
}

// Metric is a number, or one for each of a few labels, as Prometheus reads it
// (Prometheus, Exposition formats, "Text-based format"). Labels come from the
// program alone, never from what people type or who they are.
type Metric struct {
	Name, Help string
	Counter    bool // it only grows
	Samples    []Sample
}

// Sample is one number of a Metric.
type Sample struct {
	Labels string // as in `kind="analyse"`; "" for none
	Value  float64
}

// One makes a Metric of a single number that goes up and down.
func One(name, help string, value float64) Metric {
	return Metric{Name: name, Help: help, Samples: []Sample{{Value: value}}}
}

// takes are the bounds of the times that answers take, in seconds. Streams and
// events take as long as people listen, and are not timed.
var takes = [...]float64{0.005, 0.025, 0.1, 0.5, 2.5, 10}

// countedFor is how long the numbers that have to be counted are given again.
const countedFor = 2 * time.Second

// meters counts what the server does. A nil one counts nothing.
type meters struct {
	opt   Metrics
	token [32]byte

	sent, took atomic.Uint64 // bytes of bodies

	mu       sync.Mutex
	requests map[string]*[5]uint64 // by route, of each class of status
	times    [len(takes) + 1]uint64
	seconds  float64
	limited  map[string]uint64 // by code of the refusal

	counting sync.Mutex
	counted  time.Time
	house    []Metric
}

func newMeters(opt *Metrics) *meters {
	if opt == nil {
		return nil
	}
	m := &meters{opt: *opt, requests: map[string]*[5]uint64{}, limited: map[string]uint64{}}
	if opt.Token != "" {
		m.token = sha256.Sum256([]byte(opt.Token))
	}
	return m
}

// limit notes that somebody asked too often.
func (m *meters) limit(code string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.limited[code]++
}

// watched is an answer whose status and bytes are noted.
type watched struct {
	http.ResponseWriter
	m      *meters
	began  time.Time
	status int
}

func (m *meters) watch(w http.ResponseWriter) *watched {
	return &watched{ResponseWriter: w, m: m, began: time.Now()}
}

func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watched) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.m.sent.Add(uint64(n))
	return n, err
}

// ReadFrom keeps the way to sendfile open.
func (w *watched) ReadFrom(r io.Reader) (int64, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	var n int64
	var err error
	if to, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		n, err = to.ReadFrom(r)
	} else {
		n, err = io.Copy(w.ResponseWriter, r)
	}
	w.m.sent.Add(uint64(n))
	return n, err
}

func (w *watched) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// past lets the bytes be counted that a file sends past the answer.
func past(w http.ResponseWriter, conn io.ReaderFrom) io.ReaderFrom {
	if w, ok := w.(*watched); ok {
		return &counted{conn, w.m}
	}
	return conn
}

type counted struct {
	to io.ReaderFrom
	m  *meters
}

func (c *counted) ReadFrom(r io.Reader) (int64, error) {
	n, err := c.to.ReadFrom(r)
	c.m.sent.Add(uint64(n))
	return n, err
}

// note counts a request that was answered, under its route: there are as many
// of these as the program has.
func (m *meters) note(w *watched, r *http.Request) {
	took := time.Since(w.began).Seconds()
	if r.ContentLength > 0 {
		m.took.Add(uint64(r.ContentLength))
	}
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	class := max(w.status, 200)/100 - 1
	if w.status == 0 && r.Context().Err() != nil { // who asked went away
		class = 3
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.requests[route]
	if of == nil {
		of = new([5]uint64)
		m.requests[route] = of
	}
	of[min(class, 4)]++
	if strings.Contains(route, "/stream") && strings.Contains(route, "{id}") || strings.HasSuffix(route, "/events") || strings.HasSuffix(route, "/download") ||
		strings.HasPrefix(route, "GET /feeds/tracks/") || strings.HasPrefix(route, "GET /feeds/private/{secret}/") ||
		route == "POST /api/tracks" || route == "/rest/stream" || strings.HasPrefix(route, "PATCH /api/uploads") {
		return
	}
	i, _ := slices.BinarySearch(takes[:], took)
	m.times[i]++
	m.seconds += took
}

// showMetrics answers with all numbers.
func (s *Server) showMetrics(w http.ResponseWriter, r *http.Request) error {
	known := s.meters.knows(r)
	if !known {
		err := s.admit(r.Context(), keeper, 0)
		if known = err == nil; !known && !s.meters.opt.Open {
			return err
		}
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil
	}
	var b strings.Builder
	for _, m := range slices.Concat(s.meters.own(), s.meters.more(r.Context(), s.core)) {
		if known || !strings.HasSuffix(m.Name, "_info") { // which versions run here is for the keeper alone
			m.write(&b)
		}
	}
	s.meters.histogram(&b)
	_, _ = io.WriteString(w, b.String()) // whoever went away has nothing to be told
	return nil
}

// knows tells whether a request brings the token.
func (m *meters) knows(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(token))
	return m.opt.Token != "" && strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(sum[:], m.token[:]) == 1
}

// own gives what the server counted, and what the runtime says.
func (m *meters) own() (list []Metric) {
	m.mu.Lock()
	requests := Metric{Name: "earshot_http_requests_total", Help: "Requests that were answered, by route and class of status.", Counter: true}
	for _, route := range slices.Sorted(maps.Keys(m.requests)) {
		for i, n := range m.requests[route] {
			if n > 0 {
				requests.Samples = append(requests.Samples, Sample{fmt.Sprintf(`route="%s",status="%dxx"`, escapeLabel(route), i+1), float64(n)})
			}
		}
	}
	limited := Metric{Name: "earshot_limited_total", Help: "Requests that were refused because they came too often, by the code of the answer.", Counter: true}
	for _, code := range slices.Sorted(maps.Keys(m.limited)) {
		limited.Samples = append(limited.Samples, Sample{fmt.Sprintf(`code="%s"`, escapeLabel(code)), float64(m.limited[code])})
	}
	m.mu.Unlock()
	counter := func(name, help string, v float64) Metric {
		c := One(name, help, v)
		c.Counter = true
		return c
	}
	list = append(list, requests, limited,
		counter("earshot_sent_bytes_total", "Bytes of answers, without their headers.", float64(m.sent.Load())),
		counter("earshot_received_bytes_total", "Bytes of bodies that requests announced.", float64(m.took.Load())),
		One("go_goroutines", "Goroutines that there are.", float64(runtime.NumGoroutine())),
		Metric{Name: "go_info", Help: "The version of Go.", Samples: []Sample{{fmt.Sprintf(`version="%s"`, escapeLabel(runtime.Version())), 1}}})
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"},
		{Name: "/gc/gomemlimit:bytes"}, {Name: "/gc/cycles/total:gc-cycles"},
	}
	metrics.Read(samples)
	for i, named := range []struct {
		name, help string
		counter    bool
	}{
		{"go_memory_objects_bytes", "Memory of objects, in use or not yet collected.", false},
		{"go_memory_total_bytes", "Memory that the runtime has from the system.", false},
		{"go_memory_limit_bytes", "Memory that the runtime keeps below.", false},
		{"go_gc_cycles_total", "Garbage collections.", true},
	} {
		if samples[i].Value.Kind() == metrics.KindUint64 {
			v := One(named.name, named.help, float64(samples[i].Value.Uint64()))
			v.Counter = named.counter
			list = append(list, v)
		}
	}
	return list
}

// more gives what has to be counted, and counts no more often than it changes
// much.
func (m *meters) more(ctx context.Context, c *core.Core) []Metric {
	m.counting.Lock()
	defer m.counting.Unlock()
	if time.Since(m.counted) < countedFor {
		return m.house
	}
	m.house = nil
	if m.opt.More != nil {
		m.house = m.opt.More(ctx)
	}
	v, err := c.Meters(ctx)
	up := One("earshot_up", "Whether the house can be asked for its numbers.", 1)
	if err != nil {
		up.Samples[0].Value = 0
	}
	jobs := Metric{Name: "earshot_jobs", Help: "Jobs that wait or run, by kind."}
	for _, kind := range slices.Sorted(maps.Keys(v.Jobs)) {
		jobs.Samples = append(jobs.Samples, Sample{fmt.Sprintf(`kind="%s"`, escapeLabel(kind)), float64(v.Jobs[kind])})
	}
	yes := map[bool]float64{true: 1}
	m.house = append(m.house, up, jobs,
		One("earshot_users", "Accounts.", float64(v.Users)),
		One("earshot_tracks", "Tracks.", float64(v.Tracks)),
		One("earshot_streams", "Answers of sound that are under way.", float64(v.Streams)),
		One("earshot_event_streams", "Pages and devices that listen to events.", float64(v.EventStreams)),
		One("earshot_database_bytes", "Size of the database file.", float64(v.DatabaseBytes)),
		One("earshot_database_free_bytes", "What of the database file holds nothing.", float64(v.DatabaseFree)),
		One("earshot_disk_free_bytes", "What the disk of the audio has left.", float64(v.DiskFree)),
		One("earshot_index_open", "Whether the search index is open.", yes[v.IndexOpen]),
		One("earshot_index_building", "Whether the search index is being made anew.", yes[v.IndexBuilding]),
		One("earshot_index_documents", "Documents in the search index.", float64(v.IndexDocuments)),
		Metric{"earshot_tracks_added_total", "Tracks that came since the start.", true, []Sample{{"", float64(v.TracksAdded)}}},
		Metric{"earshot_plays_total", "Plays that counted since the start.", true, []Sample{{"", float64(v.PlaysCounted)}}},
	)
	m.counted = time.Now()
	return m.house
}

// write writes a Metric as the format wants it: help, type, a line for each.
func (m Metric) write(b *strings.Builder) {
	kind := "gauge"
	if m.Counter {
		kind = "counter"
	}
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", m.Name, m.Help, m.Name, kind)
	for _, s := range m.Samples {
		name := m.Name
		if s.Labels != "" {
			name += "{" + s.Labels + "}"
		}
		fmt.Fprintf(b, "%s %s\n", name, strconv.FormatFloat(s.Value, 'g', -1, 64))
	}
}

// histogram writes how long answers took.
func (m *meters) histogram(b *strings.Builder) {
	const name = "earshot_http_seconds"
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Fprintf(b, "# HELP %s How long answers took, but for sound, events and uploads.\n# TYPE %s histogram\n", name, name)
	var sum uint64
	for i, n := range m.times {
		sum += n
		le := "+Inf"
		if i < len(takes) {
			le = strconv.FormatFloat(takes[i], 'g', -1, 64)
		}
		fmt.Fprintf(b, "%s_bucket{le=\"%s\"} %d\n", name, le, sum)
	}
	fmt.Fprintf(b, "%s_sum %s\n%s_count %d\n", name, strconv.FormatFloat(m.seconds, 'g', -1, 64), name, sum)
}

// escapeLabel writes the value of a label.
func escapeLabel(v string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(v)
}

// ready answers whether the house can do all that it is for: 200 and "ok", or
// 503 and one word.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	word := s.core.Ready(r.Context())
	if word == "" {
		word = "ok"
	} else {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintln(w, word)
}

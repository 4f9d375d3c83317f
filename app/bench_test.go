package app_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/db"
	"earshot/db/dbtest"
	"earshot/media"
	"earshot/media/peaks"
)

// largeHouse makes a data folder with so many tracks, 10 for each user.
func largeHouse(b *testing.B, tracks int) string {
	b.Helper()
	dir := b.TempDir()
	d, err := db.Open(filepath.Join(dir, "earshot.db"), db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := dbtest.Fill(context.Background(), d, dbtest.Spec{Users: tracks / 10, Tracks: tracks, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	err = d.Update(context.Background(), func(tx *db.Tx) error {
		return tx.SetHouse(db.House{Name: "Large", SignUp: db.SignUpOpen, Visitors: true})
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
	return dir
}

// BenchmarkColdStart starts the real program on a large house, and takes the
// time until it has answered a page of the stream. It also gives the private
// memory it then has.
func BenchmarkColdStart(b *testing.B) {
	path, err := executable()
	if err != nil {
		b.Fatal(err)
	}
	built.Store(true)
	for _, tracks := range []int{0, 10_000, 100_000} {
		b.Run(strconv.Itoa(tracks), func(b *testing.B) {
			dir := largeHouse(b, tracks)
			var memory float64
			for i := 0; b.Loop(); i++ {
				port := 20000 + os.Getpid()%20000 + i%1000
				url := fmt.Sprintf("http://127.0.0.1:%d/api/stream", port)
				cmd := exec.Command(path, "-data", dir, "-listen", fmt.Sprintf("127.0.0.1:%d", port))
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "EARSHOT_BACKUPS_EVERY=0")
				if err := cmd.Start(); err != nil {
					b.Fatal(err)
				}
				for {
					res, err := http.Get(url)
					if err == nil {
						res.Body.Close()
						if res.StatusCode == 200 {
							break
						}
					}
					time.Sleep(time.Millisecond)
				}
				b.StopTimer()
				memory = privateMemory(cmd.Process.Pid)
				cmd.Process.Kill()
				cmd.Wait()
				http.DefaultClient.CloseIdleConnections()
				b.StartTimer()
			}
			b.ReportMetric(memory, "private-MB")
		})
	}
}

// privateMemory is what a process has for itself, in MB; 0 where that is not
// to be known.
func privateMemory(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	m := regexp.MustCompile(`RssAnon:\s+(\d+) kB`).FindSubmatch(b)
	if m == nil {
		return 0
	}
	kb, _ := strconv.ParseFloat(string(m[1]), 64)
	return kb / 1024
}

// BenchmarkPages asks a house of 100,000 tracks for the lists and things that
// pages are made of. The tracks on them have their waveforms on the disk, as in
// any house.
func BenchmarkPages(b *testing.B) {
	dir := largeHouse(b, 100_000)
	h := newHouse(b, func(c *config.Config) { c.Data, c.Log.Level = dir, "error" })
	v := h.visitor()
	v.http = http.DefaultClient
	store, err := media.OpenStore(filepath.Join(dir, "media"), media.StoreOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	// listed gives a page whose waveforms are there.
	listed := func(path string) (page wire.List[wire.Track]) {
		b.Helper()
		v.get(path).want(200).into(&page)
		for _, t := range page.Items {
			if t.Peaks == "" {
				drawWaveform(b, store, dir, t.ID)
			}
		}
		v.get(path).want(200).into(&page)
		if len(page.Items) != 20 {
			b.Fatalf("%s has %d tracks, want 20", path, len(page.Items))
		}
		for _, t := range page.Items {
			if t.Waveform != "ready" || len(t.Peaks) < 500 {
				b.Fatalf("%s: track %s has no waveform", path, t.ID)
			}
		}
		return page
	}
	first := listed("/api/stream")
	track := first.Items[0]
	for _, t := range first.Items { // of somebody with a full page
		var u wire.User
		if v.get("/api/users/" + t.User.ID).want(200).into(&u); u.Tracks >= 20 {
			track = t
			break
		}
	}
	person := "/api/users/" + track.User.ID + "/tracks"
	listed(person)
	deep := ""
	for range 400 { // 40,000 tracks down
		var page wire.List[wire.Track]
		v.get("/api/stream?limit=100&cursor=" + deep).want(200).into(&page)
		deep = page.Next
	}
	listed("/api/stream?cursor=" + deep)
	for _, c := range []struct{ name, path string }{
		{"stream", "/api/stream"},
		{"stream-deep", "/api/stream?cursor=" + deep},
		{"track", "/api/tracks/" + track.ID},
		{"person", person},
		{"resolve", "/api/resolve?path=" + track.URL},
		{"page", track.URL},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.get(c.path).want(200)
			}
		})
	}
}

// drawWaveform puts the waveform of a track in its place.
func drawWaveform(b *testing.B, store *media.Store, dir, id string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "media", "tracks", id), 0o700); err != nil {
		b.Fatal(err)
	}
	p := &peaks.Peaks{SampleRate: 44_100, SamplesPerPixel: 6000, Samples: 6000 * peaks.MaxColumns, Loudest: 9000}
	for i := range peaks.MaxColumns {
		level := uint8(128 + 100*math.Sin(float64(i)/40)*math.Cos(float64(i)/7))
		p.RMS = append(p.RMS, level)
		p.Min, p.Max = append(p.Min, -int8(level/2)), append(p.Max, int8(level/2))
	}
	if err := store.PutPeaks(id, p, nil); err != nil {
		b.Fatal(err)
	}
}

package app_test

import (
	"context"
	"fmt"
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
// pages are made of.
func BenchmarkPages(b *testing.B) {
	dir := largeHouse(b, 100_000)
	h := newHouse(b, func(c *config.Config) { c.Data, c.Log.Level = dir, "error" })
	v := h.visitor()
	v.http = http.DefaultClient
	var page wire.List[wire.Track]
	v.get("/api/stream").want(200).into(&page)
	track := page.Items[0]
	for name, path := range map[string]string{
		"stream":      "/api/stream",
		"stream-deep": "/api/stream?cursor=" + page.Next,
		"track":       "/api/tracks/" + track.ID,
		"person":      "/api/users/" + track.User.ID + "/tracks",
		"resolve":     "/api/resolve?path=" + track.URL,
		"page":        track.URL,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.get(path).want(200)
			}
		})
	}
}

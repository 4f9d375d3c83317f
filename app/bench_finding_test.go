package app_test

import (
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// typed are the letters with which somebody finds something, one step each.
var typed = []string{"ni", "nig", "night", "night tr", "밤", "밤기", "밤기차", "ㅂㄱㅊ", "푸른 바", "slow mach", "beuqoncee", "hah", "하현", "하현우", "quiet ri", "kor"}

// searched are queries of whole words: some are in thousands of titles, some
// hold a typo.
var searched = []string{"night train", "밤기차", "blue", "푸른 바다", "slow machines", "forgoten sea", "하현우와 친구들", "stars remix", "하현우", "ambient", "distant home live", "조용한 노래"}

// BenchmarkFinding makes the search index of a house of 10,000 people, 100,000
// tracks and 20,000 playlists with "earshot reindex", and asks that house for
// what it has to be found, through HTTP.
func BenchmarkFinding(b *testing.B) {
	dir := people.copied(b)
	b.Run("reindex", func(b *testing.B) { reindexCrowd(b, dir) })
	c := openCrowdIn(b, dir)
	asks := func(path string, queries []string) (pages []page) {
		for i, q := range queries {
			pages = append(pages, page{c.typical[i%typicals], []string{path + url.QueryEscape(q)}})
		}
		return pages
	}
	cases := []pageCase{
		{"as-you-type", asks("/api/search/suggest?q=", typed)},
		{"search-with-facets", asks("/api/search?q=", searched)},
		{"search-filtered", asks("/api/search?downloadable=true&duration=medium&q=", searched)},
	}
	for _, p := range cases {
		b.Run(p.name, func(b *testing.B) {
			for _, page := range p.pages {
				c.draw(page)
			}
			timed(b, func(i int) { p.pages[i%len(p.pages)].ask() })
		})
	}
	// A change is found as soon as the index has it.
	b.Run("change-to-found", func(b *testing.B) {
		n := 0
		timed(b, func(int) {
			n++
			word := "zq" + strings.Repeat(string(rune('a'+n%26)), 3) + strings.Repeat(string(rune('a'+n/26%26)), 3)
			made := c.newcomer.post("/api/playlists", map[string]string{"title": word}).want(201)
			for !strings.Contains(string(c.newcomer.get("/api/search/suggest?q="+word).want(200).body), word) {
				time.Sleep(5 * time.Millisecond)
			}
			var list struct{ ID string }
			made.into(&list)
			c.newcomer.delete("/api/playlists/" + list.ID).want(204)
		})
	})
}

// reindexCrowd runs the real program, and gives its time, its peak of memory
// and the size of what it made.
func reindexCrowd(b *testing.B, dir string) {
	path, err := executable()
	if err != nil {
		b.Fatal(err)
	}
	built.Store(true)
	var cpu, took time.Duration
	var peak float64
	for b.Loop() {
		if took > 0 {
			continue // whatever -benchtime says
		}
		cmd := exec.Command(path, "reindex", "-data", dir)
		cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "EARSHOT_") })
		var out safeBuffer
		cmd.Stdout, cmd.Stderr = &out, &out
		began := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		for running := true; running; {
			select {
			case err := <-done:
				if running = false; err != nil {
					b.Fatalf("%v: %s", err, out.String())
				}
			case <-time.After(20 * time.Millisecond):
				peak = max(peak, privateMemory(cmd.Process.Pid)) // without what is mapped of files
			}
		}
		took, cpu = time.Since(began), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	}
	var size int64
	err = filepath.WalkDir(filepath.Join(dir, "index"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var info fs.FileInfo
			if info, err = d.Info(); err == nil {
				size += info.Size()
			}
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(took.Seconds(), "seconds")
	b.ReportMetric(cpu.Seconds(), "CPU-seconds")
	b.ReportMetric(peak, "private-peak-MB")
	b.ReportMetric(float64(size)/(1<<20), "index-MB")
	b.ReportMetric(0, "ns/op")
}

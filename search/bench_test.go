package search_test

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/search"
)

// many is how many tracks the benchmarks have; EARSHOT_BENCH_TRACKS says
// another number.
var many = func() int {
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_BENCH_TRACKS")); err == nil {
		return n
	}
	return 110_000
}()

// vary gives every title a word that few others have, as real titles have.
func vary(docs []search.Doc) []search.Doc {
	syllables := []string{"ka", "ro", "min", "tel", "vo", "sha", "dri", "lun", "ex", "por", "ny", "gam", "bel", "tis"}
	han := []string{"가", "로", "민", "별", "보", "샤", "도", "룬", "솔", "빈", "나", "감", "벨", "담"}
	for i := range docs {
		n := i * 7919
		latin, hangul := "", ""
		for range 3 {
			latin += syllables[n%len(syllables)]
			hangul += han[n%len(han)]
			n /= len(syllables)
		}
		if i%2 == 0 {
			docs[i].Title += " " + latin
		} else {
			docs[i].Title += " " + hangul
		}
	}
	return docs
}

// spent gives the CPU time of the process.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak gives the most memory that the process ever had, in MB.
func peak() float64 {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return float64(kb) / 1024
		}
	}
	return 0
}

func BenchmarkRebuild(b *testing.B) {
	one := vary(library(1000, 7))
	for b.Loop() {
		before := spent()
		ix, err := search.Open(search.Options{Rest: soon, Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		// Documents are made as they are asked for, so that the memory is the index's.
		err = ix.Rebuild(context.Background(), 1, func(yield func(search.Doc, error) bool) {
			for i := range many / 1000 {
				if i > 0 {
					one = vary(library(1000, uint64(i)+7))
				}
				for k, d := range one {
					d.ID = uint64(i*1000 + k)
					if !yield(d, nil) {
						return
					}
				}
			}
		}, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((spent() - before).Seconds(), "CPU-s")
		time.Sleep(time.Second) // what was merged is removed
		b.ReportMetric(float64(ix.Size())/1e6, "MB-disk")
		b.ReportMetric(peak(), "MB-peak")
		if err := ix.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	dir := b.TempDir()
	ix := open(b, dir)
	build(b, ix, 1, vary(library(many, 7)))
	for _, kind := range []struct {
		name   string
		typing bool
		texts  []string
	}{
		{"typing", true, beginnings("velvet thunder", "golden", "서도윤 봄날", "하은", "karomin", "ㅂㄴ", "qhask", "electrci bl")},
		{"full", false, []string{"velvet thunder", "night", "서도윤", "봄날", "karomin", "ㅂㄴ", "qhaskf", "electrci blue", "marlow finch golden heart", "달과 고래 라디오", "live", "하"}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			var took []time.Duration
			before := spent()
			for b.Loop() {
				for _, text := range kind.texts {
					start := time.Now()
					if _, err := ix.Search(b.Context(), search.Query{Text: text, Typing: kind.typing, Most: 20}); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
			}
			b.ReportMetric(float64((spent()-before).Microseconds())/1000/float64(len(took)), "ms-CPU/query")
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms-worst")
		})
	}
}

// beginnings gives all that is on the screen while texts are typed.
func beginnings(texts ...string) []string {
	var list []string
	for _, text := range texts {
		for i := range text {
			if i > 0 {
				list = append(list, text[:i])
			}
		}
		list = append(list, text)
	}
	return list
}

package app_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// BenchmarkImport reads a generated library in place, twice: 20,000 files, or
// as many as EARSHOT_IMPORT_FILES says. It tells files a second, CPU seconds and
// the most memory that the process had.
//
//	go test ./app -run XXX -bench BenchmarkImport -benchtime 1x
func BenchmarkImport(b *testing.B) {
	many := 20_000
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_IMPORT_FILES")); err == nil {
		many = n
	}
	for range b.N {
		b.StopTimer()
		dir := b.TempDir()
		fillLibrary(b, dir, many)
		h := newHouse(b)
		h.keeper()
		h.app.StopMeasuring() // waveforms are not what is measured
		runtime.GC()
		b.StartTimer()

		began, cpu := time.Now(), cpuTime(b)
		said := h.imports("-album-as-playlist", dir)
		took, used := time.Since(began), cpuTime(b)-cpu
		says(b, said, fmt.Sprintf("%s added", commas(many)))
		b.ReportMetric(float64(many)/took.Seconds(), "files/s")
		b.ReportMetric(used.Seconds(), "cpu-s")
		b.ReportMetric(float64(peakMemory(b))/(1<<20), "peak-MB")

		began, cpu = time.Now(), cpuTime(b)
		said = h.imports(dir)
		b.ReportMetric(time.Since(began).Seconds(), "again-s")
		b.ReportMetric((cpuTime(b) - cpu).Seconds(), "again-cpu-s")
		says(b, said, "0 added, "+commas(many)+" the same.")
		b.Log(said)
	}
}

func commas(n int) string {
	s := strconv.Itoa(n)
	if len(s) > 3 {
		s = s[:len(s)-3] + "," + s[len(s)-3:]
	}
	return s
}

// fillLibrary writes albums of ten small files with tags; of three albums one
// has its picture in the tags, one beside them, and one has none.
func fillLibrary(t testing.TB, dir string, many int) {
	t.Helper()
	frames := tone(40)
	var pictures [8][]byte
	for i := range pictures {
		pictures[i] = painted(t, 400+i, 400)
	}
	for i := range many {
		album := i / 10
		at := filepath.Join(dir, fmt.Sprintf("Artist %03d", album/10), fmt.Sprintf("Album %04d", album))
		s := song{title: fmt.Sprint("Song ", i), artist: fmt.Sprint("Artist ", album/10), album: fmt.Sprint("Album ", album), number: i%10 + 1, sound: uint64(i), frames: 1}
		if album%3 == 0 {
			s.picture = pictures[album%len(pictures)]
		}
		if i%10 == 0 {
			if err := os.MkdirAll(at, 0o755); err != nil {
				t.Fatal(err)
			}
			if album%3 == 1 {
				put(t, at, "cover.png", pictures[album%len(pictures)])
			}
		}
		head := s.bytes()
		sound := slices.Clone(frames)
		binary.BigEndian.PutUint64(sound[len(sound)-8:], uint64(i))
		one := len(tone1)
		if err := os.WriteFile(filepath.Join(at, fmt.Sprintf("%02d.mp3", i%10+1)), append(head[:len(head)-one:len(head)-one], sound...), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var tone1 = tone(1)

// cpuTime is what the process has used of the processor.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMemory is the most that the process ever had, in bytes.
func peakMemory(t testing.TB) int64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return u.Maxrss << 10
}

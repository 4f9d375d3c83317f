package mp3

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	tcolgate "github.com/tcolgate/mp3"

	"earshot/media/mp3/mp3test"
)

// benchFiles are an hour at a constant and at a jumping bit rate.
func benchFiles(b *testing.B) map[string][]byte {
	b.Helper()
	const frames = 3600 * 44100 / 1152
	plain := cd
	plain.Fill = 0
	return map[string][]byte{
		"cbr": plain.Silence(frames),
		"vbr": plain.Build(plain.Uneven(frames, 1)...),
	}
}

func BenchmarkScan(b *testing.B) {
	for name, file := range benchFiles(b) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := scan(file); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/file", func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "a.mp3")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				b.Fatal(err)
			}
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Scan(f, int64(len(file))); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/tcolgate", func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				d := tcolgate.NewDecoder(bytes.NewReader(file))
				for {
					var f tcolgate.Frame
					var skipped int
					if err := d.Decode(&f, &skipped); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkRubbish scans what holds no frame but tries to look like it.
func BenchmarkRubbish(b *testing.B) {
	free := mp3test.Format{SampleRate: 44100, FreeSize: 4}.Header(0, false)
	false3 := append(cd.Silence(1)[:4:4], 0, 0)
	for name, file := range map[string][]byte{
		"random":       mp3test.Rubbish(64<<20, 1),
		"false syncs":  append([]byte{0}, mp3test.FalseSyncs(64<<20, 2)...),
		"ones":         bytes.Repeat([]byte{0xFF}, 64<<20),
		"headers only": bytes.Repeat(false3, 64<<20/len(false3)),
		"free headers": bytes.Repeat(append(free[:], 0, 0, 0, 0, 0, 0, 0), 64<<20/11),
		"short chains": bytes.Repeat(append(phone.Silence(3), 0), 64<<20/((3*144)+1)),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = scan(file)
			}
		})
	}
}

func BenchmarkIndex(b *testing.B) {
	for name, file := range benchFiles(b) {
		x, err := scan(file)
		if err != nil {
			b.Fatal(err)
		}
		stored, err := x.MarshalBinary()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/FrameOffset", func(b *testing.B) {
			i := 0
			for b.Loop() {
				x.FrameOffset(i)
				i = (i + 70_001) % x.Frames()
			}
		})
		b.Run(name+"/Sizes", func(b *testing.B) {
			for b.Loop() {
				for range x.Sizes() {
				}
			}
		})
		b.Run(name+"/MarshalBinary", func(b *testing.B) {
			b.ReportAllocs()
			b.ReportMetric(float64(len(stored))/float64(x.Frames()), "bytes/frame")
			for b.Loop() {
				_, _ = x.MarshalBinary()
			}
		})
		b.Run(name+"/UnmarshalBinary", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var y Index
				if err := y.UnmarshalBinary(stored); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/InfoHeader", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := InfoHeader(x, 1000, 0, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

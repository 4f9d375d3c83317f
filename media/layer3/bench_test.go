package layer3

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"earshot/media/mp3"
	"earshot/media/mp3/mp3test"
)

// benchmarked is the file to measure with: that of EARSHOT_MP3, or frames built
// in code, which are harder than music is.
func benchmarked(b *testing.B) ([]byte, *mp3.Index) {
	b.Helper()
	file, err := os.ReadFile(os.Getenv("EARSHOT_MP3"))
	if err != nil {
		c := craft{Format: mp3test.Format{SampleRate: 44100, Bitrate: 192, Mode: mp3test.Joint}, block: -1, ms: true, random: rand.New(rand.NewPCG(1, 2))}
		file = c.file(500)
	}
	x, err := mp3.Scan(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		b.Fatal(err)
	}
	return file, x
}

// BenchmarkDecode decodes a whole file; x/realtime is seconds of sound a second.
func BenchmarkDecode(b *testing.B) {
	file, x := benchmarked(b)
	var d Decoder
	dst := make([]float32, 2304)
	b.ReportAllocs()
	for b.Loop() {
		for i := range x.Frames() {
			at := x.FrameOffset(i)
			d.Decode(file[at:at+int64(x.FrameSize(i))], dst)
		}
	}
	realtime(b, x)
}

func BenchmarkEnergies(b *testing.B) {
	file, x := benchmarked(b)
	r := bytes.NewReader(file)
	b.ReportAllocs()
	for b.Loop() {
		e := NewEnergies(r, x)
		var out Energy
		for e.Next(&out) != io.EOF {
		}
	}
	realtime(b, x)
}

func BenchmarkReader(b *testing.B) {
	file, x := benchmarked(b)
	r := bytes.NewReader(file)
	dst := make([]float32, 4096)
	b.ReportAllocs()
	for b.Loop() {
		rd := NewReader(r, x)
		for {
			if _, err := rd.Read(dst); err != nil {
				break
			}
		}
	}
	realtime(b, x)
}

func realtime(b *testing.B, x *mp3.Index) {
	b.ReportMetric(x.Duration().Seconds()*float64(b.N)/b.Elapsed().Seconds(), "x/realtime")
}

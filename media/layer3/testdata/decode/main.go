// Decode decodes mp3 files and throws the samples away; with -hash it prints a
// checksum of their bits, a line a file. -quick goes as far as the frequency
// domain only, and sums that.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"

	"earshot/media/layer3"
	"earshot/media/mp3"
)

func main() {
	quick := flag.Bool("quick", false, "energies, no samples")
	hash := flag.Bool("hash", false, "print a checksum")
	flag.Parse()
	for _, name := range flag.Args() {
		if err := decode(name, *quick, *hash); err != nil {
			fmt.Fprintln(os.Stderr, name+":", err)
			os.Exit(1)
		}
	}
}

func decode(name string, quick, hash bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	x, err := mp3.Scan(f, info.Size())
	if err != nil {
		return err
	}
	sum := sha256.New()
	var b []byte
	take := func(values []float32) {
		if !hash {
			return
		}
		b = b[:0]
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		sum.Write(b)
	}
	if quick {
		e := layer3.NewEnergies(f, x)
		var out layer3.Energy
		for {
			if err = e.Next(&out); err != nil {
				break
			}
			take(out.Bands[:])
			take(out.Low[:])
		}
	} else {
		r := layer3.NewReader(f, x)
		samples := make([]float32, 8192)
		for {
			var n int
			if n, err = r.Read(samples); err != nil {
				break
			}
			take(samples[:n])
		}
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	if hash {
		fmt.Printf("%x\n", sum.Sum(nil))
	}
	return nil
}

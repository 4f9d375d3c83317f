package mp3test

import (
	"bytes"
	"io"
	"math/rand/v2"
)

// Rubbish gives n random bytes among which no sync word stands.
func Rubbish(n int, seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 3))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.IntN(255))
	}
	return b
}

// FalseSyncs gives n random bytes full of frame headers that belong to no
// chain of three: lone ones of all kinds, and pairs of which the second stands
// where the first says.
func FalseSyncs(n int, seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 4))
	b := Rubbish(n, seed)
	hz := []int{44100, 48000, 32000, 22050, 24000, 16000, 11025, 12000, 8000}
	type fake struct{ hz, next int }
	fakes := map[int]fake{} // by where they stand
	for at := 8; at+8 <= n; {
		f := Format{SampleRate: hz[random.IntN(len(hz))], Mode: Mode(random.IntN(4)), CRC: random.IntN(2) == 0}
		all := f.Bitrates()
		kbps := all[random.IntN(len(all))]
		size := f.Size(kbps, false)
		h := f.Header(kbps, false)
		copy(b[at:], h[:])
		fakes[at] = fake{f.SampleRate, at + size}
		if end := at + 2*size; end < n && random.IntN(3) == 0 {
			copy(b[at+size:], h[:])
			fakes[at+size] = fake{f.SampleRate, end}
			at = end
		}
		at += 5 + random.IntN(60)
		if at+8 <= n && random.IntN(8) == 0 {
			copy(b[at:], "\xFF\xFF\xFF\xFF")
			at += 5
		}
	}
	for at := range n {
		one, ok := fakes[at]
		two, follows := fakes[one.next]
		if three, chained := fakes[two.next]; ok && follows && (two.next >= n || chained && one.hz == two.hz && two.hz == three.hz) {
			b[one.next] = 0
			delete(fakes, one.next)
		}
	}
	return b
}

// Repeated reads like head, body again and again, and tail, without keeping
// more than one of each, so that files of hours cost nothing.
type Repeated struct {
	Head, Body []byte
	Times      int64
	Tail       []byte
}

// Size is the length of the whole.
func (r Repeated) Size() int64 {
	return int64(len(r.Head)) + r.Times*int64(len(r.Body)) + int64(len(r.Tail))
}

// ReadAt implements io.ReaderAt.
func (r Repeated) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		from := r.from(off + int64(n))
		if len(from) == 0 {
			return n, io.EOF
		}
		n += copy(p[n:], from)
	}
	return n, nil
}

// from shows what stands at off, up to the end of that part.
func (r Repeated) from(off int64) []byte {
	if off < int64(len(r.Head)) {
		return r.Head[off:]
	}
	off -= int64(len(r.Head))
	if off < r.Times*int64(len(r.Body)) {
		return r.Body[off%int64(len(r.Body)):]
	}
	off -= r.Times * int64(len(r.Body))
	if off < int64(len(r.Tail)) {
		return r.Tail[off:]
	}
	return nil
}

// Reader is a reader of b for functions that take an io.ReaderAt and a size.
func Reader(b []byte) (io.ReaderAt, int64) { return bytes.NewReader(b), int64(len(b)) }

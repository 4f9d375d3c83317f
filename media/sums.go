package media

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Sums tell a file from others: by all of its bytes, and by a few.
type Sums struct {
	SHA256 [32]byte
	print  [16]byte // see fingerprint
}

// SumsOf reads a file of so many bytes once, through buf. One that turns out
// shorter is no error: whoever reads a file that may change looks at it again.
func SumsOf(r io.ReaderAt, size int64, buf []byte) (s Sums, err error) {
	all, few := sha256.New(), printer{h: sha256.New(), size: size}
	if len(buf) < printSpan {
		buf = make([]byte, printSpan)
	}
	for off := int64(0); off < size; {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-off)], off)
		all.Write(buf[:n])
		few.see(off, buf[:n])
		off += int64(n)
		if errors.Is(err, io.EOF) || err == nil && n == 0 {
			break
		}
		if err != nil {
			return s, fmt.Errorf("read at byte %d: %w", off, err)
		}
	}
	all.Sum(s.SHA256[:0])
	copy(s.print[:], few.h.Sum(nil))
	return s, nil
}

// printSpan is more than files have whose blocks lie over one another: those are
// seen in one piece.
const printSpan = (printBlocks + 1) * printBlock

// printer makes the fingerprint of a file that is read from its beginning.
type printer struct {
	h    hash.Hash
	size int64
	next int64 // the block it waits for, or is in
	seen int64 // bytes of that
}

// see takes the bytes that follow those before.
func (p *printer) see(off int64, b []byte) {
	for p.next < printBlocks {
		begin, end := printAt(p.next, p.size)
		from, to := begin+p.seen, min(end, off+int64(len(b)))
		if from >= off+int64(len(b)) {
			return // an empty block too has its end there
		}
		p.h.Write(b[from-off : to-off])
		if p.seen = to - begin; to < end {
			return
		}
		p.next, p.seen = p.next+1, 0
	}
}

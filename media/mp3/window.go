package mp3

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// windowSize is how much of the file is in memory at a time. It must hold the
// longest look ahead (chainSpan) several times over.
const windowSize = 64 << 10

// window reads a file through a buffer that moves with the reader. The first
// error stays, and from then on nothing is seen.
type window struct {
	r   io.ReaderAt
	end int64  // nothing is seen from here on
	at  int64  // where in the file buf begins
	buf []byte // what is in memory
	all []byte // what buf is cut from
	err error

	lent *[windowSize]byte
}

func newWindow(r io.ReaderAt, size int64) *window {
	lent := windows.Get().(*[windowSize]byte)
	return &window{r: r, end: size, all: lent[:], lent: lent}
}

// windows are lent: an import reads one file after the other.
var windows = sync.Pool{New: func() any { return new([windowSize]byte) }}

// close gives the memory back. Nothing that view showed may be used then.
func (w *window) close() {
	windows.Put(w.lent)
	w.buf, w.all, w.lent = nil, nil, nil
}

// view shows the file from pos on: at least n bytes, fewer only before the
// end or after an error. It is good until the next call. n is at most
// windowSize.
func (w *window) view(pos int64, n int) []byte {
	if i := pos - w.at; i >= 0 && i+int64(n) <= int64(len(w.buf)) {
		return w.buf[i:]
	}
	return w.move(pos, n)
}

func (w *window) move(pos int64, n int) []byte {
	if pos >= w.end {
		return nil
	}
	if i := pos - w.at; i >= 0 && i < int64(len(w.buf)) && w.at+int64(len(w.buf)) >= w.end {
		return w.buf[i:] // the end is in sight, there is no more
	}
	w.at, w.buf = pos, nil
	want := min(int64(len(w.all)), w.end-pos)
	if w.err != nil {
		return nil
	}
	got, err := w.r.ReadAt(w.all[:want], pos)
	if int64(got) < want {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		w.err = fmt.Errorf("read mp3 at byte %d: %w", pos+int64(got), err)
		return nil
	}
	w.buf = w.all[:want]
	return w.buf
}

// limit makes the file end earlier.
func (w *window) limit(end int64) {
	w.end = end
	if over := w.at + int64(len(w.buf)) - end; over > 0 {
		w.buf = w.buf[:max(0, int64(len(w.buf))-over)]
	}
}

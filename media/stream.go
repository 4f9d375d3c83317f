package media

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"time"
)

// Stream is something to send: bytes in memory and ranges of one file, one
// after the other. It belongs to one request, which closes it.
type Stream struct {
	ContentType string    // as in the header of that name
	ETag        string    // strong and quoted; other bytes have another one
	Size        int64     // bytes, known before the first is sent
	Mod         time.Time // when the file was last changed

	// Of a stream from a time: how many samples are decoded before that time,
	// and how many are heard from there to the end. Samples is 0 of all others.
	Lead, Samples int64

	parts []part
	file  *os.File
	done  func(*os.File) // takes the file back when it is right; nil: it is closed
	broke bool           // the file was found wrong
}

// part is a stretch of a stream: bytes in memory, or n bytes of the file from
// off on when mem is nil.
type part struct {
	at  int64 // where it begins in the stream
	n   int64
	mem []byte
	off int64
}

// ErrRange says that a stretch lies outside of the stream.
var ErrRange = errors.New("range outside of the stream")

// addBytes appends bytes in memory, which must not be changed afterwards.
func (s *Stream) addBytes(b []byte) {
	if len(b) == 0 {
		return
	}
	s.parts = append(s.parts, part{at: s.Size, n: int64(len(b)), mem: b})
	s.Size += int64(len(b))
}

// addFile appends n bytes of the file, from off on.
func (s *Stream) addFile(off, n int64) {
	if n <= 0 {
		return
	}
	s.parts = append(s.parts, part{at: s.Size, n: n, off: off})
	s.Size += n
}

// WriteRange writes n bytes of the stream from off on. Parts of the file go
// through io.CopyN from the *os.File, so that a writer whose ReadFrom knows
// sendfile gets to use it. Errors are ErrRange, ErrMissing (the file became
// shorter since it was opened), or the writer's own.
func (s *Stream) WriteRange(w io.Writer, off, n int64) error {
	if off < 0 || n < 0 || off > s.Size || n > s.Size-off {
		return ErrRange
	}
	i := sort.Search(len(s.parts), func(i int) bool { return s.parts[i].at+s.parts[i].n > off })
	for ; n > 0; i++ {
		p := &s.parts[i]
		skip := off - p.at
		m := min(n, p.n-skip)
		if p.mem != nil {
			if _, err := w.Write(p.mem[skip : skip+m]); err != nil {
				return err
			}
		} else if err := s.copyFile(w, p.off+skip, m); err != nil {
			return err
		}
		off += m
		n -= m
	}
	return nil
}

func (s *Stream) copyFile(w io.Writer, off, n int64) error {
	if s.file == nil {
		return fmt.Errorf("stream is closed: %w", os.ErrClosed)
	}
	if _, err := s.file.Seek(off, io.SeekStart); err != nil {
		return fmt.Errorf("seek in audio: %w", err)
	}
	got, err := io.CopyN(w, s.file, n)
	if errors.Is(err, io.EOF) && got < n {
		s.broke = true
		return fmt.Errorf("audio ends %d bytes early: %w", n-got, ErrMissing)
	}
	return err
}

// Close gives the file back. It is safe to call it more than once.
func (s *Stream) Close() error {
	f := s.file
	if f == nil {
		return nil
	}
	s.file = nil
	if s.done != nil && !s.broke {
		s.done(f)
		return nil
	}
	return f.Close()
}

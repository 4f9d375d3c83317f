package layer3

import (
	"io"

	"earshot/media/mp3"
)

// windowSize is how much of a file is read at once.
const windowSize = 64 << 10

// frames gives the frames of a file one after the other, through a window on
// it of one size, whatever the file's.
type frames struct {
	r    io.ReaderAt
	x    *mp3.Index
	runs []mp3.Run
	run  int   // the one that the next frame is in
	next int   // number of the next frame
	pos  int64 // where it begins

	window []byte // what was read of the file
	at     int64  // where that begins
}

func newFrames(r io.ReaderAt, x *mp3.Index) *frames {
	f := &frames{r: r, x: x, runs: x.Runs(), window: make([]byte, 0, windowSize)}
	f.pos = f.runs[0].Offset
	return f
}

// read gives the next frame, until the following call. gap says that bytes are
// missing before it. The error is io.EOF behind the last frame, or the
// file's.
func (f *frames) read() (frame []byte, gap bool, err error) {
	if f.next == f.x.Frames() {
		return nil, false, io.EOF
	}
	if run := f.runs[f.run]; f.next == run.First+run.Frames {
		f.run++
		f.pos = f.runs[f.run].Offset
		gap = true
	}
	size := f.x.FrameSize(f.next)
	frame, err = f.view(f.pos, size)
	if err != nil {
		return nil, gap, err
	}
	f.pos += int64(size)
	f.next++
	return frame, gap, nil
}

func (f *frames) view(pos int64, n int) ([]byte, error) {
	if i := pos - f.at; i >= 0 && i+int64(n) <= int64(len(f.window)) {
		return f.window[i : i+int64(n)], nil
	}
	// No frame is as long as the window.
	room := f.window[:min(int64(cap(f.window)), f.x.FileSize()-pos)]
	got, err := f.r.ReadAt(room, pos)
	f.window, f.at = room[:got], pos
	if got >= n {
		return f.window[:n], nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF // the file was longer when it was indexed
	}
	return nil, err
}

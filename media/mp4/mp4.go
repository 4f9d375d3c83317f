// Package mp4 writes the front of an MP4 file whose sound is the frames of an
// mp3 file, byte for byte as they stand there.
//
// Browsers seek such a file exactly, since its sample table says where every
// frame is, while in a bare mp3 they guess. The form of the file is narrow,
// because each of these was found by failure: classic and not fragmented
// (fragmented files are read through from the start), sample entry ".mp3",
// sizes in stsz and not in stz2, an edit list in whole frames.
//
// Boxes are those of ISO/IEC 14496-12; the sample entry is that of the
// QuickTime file format, sound sample description version 0.
package mp4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"earshot/media/mp3"
)

// Span is a stretch of the audio file.
type Span struct {
	Offset int64 // in the file
	Length int64 // bytes
}

// Errors of Header.
var (
	ErrEmpty   = errors.New("no frames")
	ErrTooLong = errors.New("too many frames for one file")
)

const (
	// chunkFrames is how many frames share a chunk: about 1.7 s of sound.
	chunkFrames = 64

	// keepGap is how large a stretch without frames may be to be sent along,
	// in bytes. Larger ones are left out, and so their number is bounded by
	// the size of the file.
	keepGap = 64 << 10

	// maxFrames keeps the header below 512 MB on any machine; it is over 400
	// hours of sound.
	maxFrames = 1 << 26
)

// Header makes everything that stands before the frames: ftyp, moov and the
// head of mdat. The spans of the audio file, one after the other, are the
// contents of mdat. Where something that is no frame stands between two
// frames, the second begins a new chunk.
func Header(x *mp3.Index) (head []byte, body []Span, err error) {
	l, err := plan(x)
	if err != nil {
		return nil, nil, err
	}
	return l.write(x), l.spans, nil
}

// Lead is the number of samples that the edit list leaves out at the start:
// what encoder and decoder put before the first sample of the recording,
// rounded to whole frames, since Chromium trims twice at the start otherwise.
func Lead(x *mp3.Index) int64 {
	if !x.Tagged() {
		return 0
	}
	spf := int64(x.SamplesPerFrame())
	lead := (int64(x.Delay()) + mp3.DecoderDelay + spf/2) / spf * spf
	if lead >= int64(x.Frames())*spf {
		return 0
	}
	return lead
}

// layout is where everything comes to stand.
type layout struct {
	spans    []Span
	mdat     int64    // bytes of frames and small gaps
	offsets  []int64  // of each chunk, in mdat
	stsc     []uint32 // pairs: first chunk (from 1), frames in each chunk from there
	constant uint32   // size of every frame when they are equal, else 0
	frames   int
	channels int
	rate     int64
	spf      int64
	lead     int64
	wide     bool // 64-bit chunk offsets
	large    bool // 64-bit size of mdat
	headSize int
}

func plan(x *mp3.Index) (*layout, error) {
	l := &layout{
		frames:   x.Frames(),
		channels: x.Channels(),
		rate:     int64(x.SampleRate()),
		spf:      int64(x.SamplesPerFrame()),
		lead:     Lead(x),
	}
	if l.frames == 0 || l.rate == 0 {
		return nil, ErrEmpty
	}
	if l.frames > maxFrames {
		return nil, ErrTooLong
	}
	l.offsets = make([]int64, 0, l.frames/chunkFrames+1)
	for _, run := range x.Runs() {
		l.addRun(x, run)
	}
	l.constant = uint32(x.FrameSize(0))
	for n := range x.Sizes() {
		if uint32(n) != l.constant {
			l.constant = 0
			break
		}
	}
	// The head's size does not depend on its numbers, only on their widths.
	l.large = l.mdat > math.MaxUint32-8
	l.headSize = l.size()
	if int64(l.headSize)+l.mdat > math.MaxUint32 {
		l.wide = true
		l.headSize = l.size()
	}
	return l, nil
}

// addRun gives frames that stand back to back their chunks.
func (l *layout) addRun(x *mp3.Index, run mp3.Run) {
	if n := len(l.spans); n > 0 {
		last := &l.spans[n-1]
		gap := run.Offset - last.Offset - last.Length
		if gap >= 0 && gap <= keepGap {
			last.Length += gap + run.Length
			l.mdat += gap
		} else {
			l.spans = append(l.spans, Span{run.Offset, run.Length})
		}
	} else {
		l.spans = append(l.spans, Span{run.Offset, run.Length})
	}
	base, before := l.mdat, x.BytesBefore(run.First)
	l.mdat += run.Length
	for i := 0; i < run.Frames; i += chunkFrames {
		n := min(chunkFrames, run.Frames-i)
		l.offsets = append(l.offsets, base+x.BytesBefore(run.First+i)-before)
		if k := len(l.stsc); k == 0 || l.stsc[k-1] != uint32(n) {
			l.stsc = append(l.stsc, uint32(len(l.offsets)), uint32(n))
		}
	}
}

// The duration of the media and of what is shown of it, in samples.
func (l *layout) mediaDuration() int64 { return int64(l.frames) * l.spf }
func (l *layout) shownDuration() int64 { return l.mediaDuration() - l.lead }

// long says whether times need 64 bits.
func (l *layout) long() bool { return l.mediaDuration() > math.MaxUint32 }

// size counts the bytes of the head by writing it without its tables.
func (l *layout) size() int {
	n := len(l.boxes(nil, nil)) + 12*(len(l.stsc)/2)
	if l.constant == 0 {
		n += 4 * l.frames
	}
	if l.wide {
		return n + 8*len(l.offsets)
	}
	return n + 4*len(l.offsets)
}

func (l *layout) write(x *mp3.Index) []byte {
	b := l.boxes(make([]byte, 0, l.headSize), x)
	if len(b) != l.headSize {
		// Chunk offsets were computed from headSize; a wrong one would play noise.
		panic(fmt.Sprintf("mp4: header is %d bytes, planned %d", len(b), l.headSize))
	}
	return b
}

// boxes appends the whole head to b; without an index it leaves the tables
// empty.
func (l *layout) boxes(b []byte, x *mp3.Index) []byte {
	w := writer{b: b}
	w.box("ftyp", func() {
		w.str("isom")
		w.u32(0x200)
		w.str("isomiso2mp41")
	})
	w.box("moov", func() {
		w.mvhd(l)
		w.box("trak", func() {
			w.tkhd(l)
			if l.lead > 0 {
				w.box("edts", func() { w.elst(l) })
			}
			w.box("mdia", func() {
				w.mdhd(l)
				w.full("hdlr", 0, 0, func() {
					w.u32(0)
					w.str("soun")
					w.zero(12)
					w.str("sound\x00")
				})
				w.box("minf", func() {
					w.full("smhd", 0, 0, func() { w.u32(0) })
					w.box("dinf", func() {
						w.full("dref", 0, 0, func() {
							w.u32(1)
							w.full("url ", 0, 1, func() {}) // in this file
						})
					})
					w.box("stbl", func() { w.stbl(l, x) })
				})
			})
		})
	})
	if l.large {
		w.u32(1)
		w.str("mdat")
		w.u64(uint64(l.mdat + 16))
	} else {
		w.u32(uint32(l.mdat + 8))
		w.str("mdat")
	}
	return w.b
}

// writer appends boxes.
type writer struct{ b []byte }

func (w *writer) u16(v uint16) { w.b = binary.BigEndian.AppendUint16(w.b, v) }
func (w *writer) u32(v uint32) { w.b = binary.BigEndian.AppendUint32(w.b, v) }
func (w *writer) u64(v uint64) { w.b = binary.BigEndian.AppendUint64(w.b, v) }
func (w *writer) str(s string) { w.b = append(w.b, s...) }
func (w *writer) zero(n int)   { w.b = append(w.b, make([]byte, n)...) }

// time writes a time of a version 0 or version 1 box.
func (w *writer) time(long bool, v int64) {
	if long {
		w.u64(uint64(v))
	} else {
		w.u32(uint32(v))
	}
}

// box writes a box around what inside writes.
func (w *writer) box(kind string, inside func()) {
	at := len(w.b)
	w.u32(0)
	w.str(kind)
	inside()
	binary.BigEndian.PutUint32(w.b[at:], uint32(len(w.b)-at))
}

// full writes a box with a version and flags.
func (w *writer) full(kind string, version uint8, flags uint32, inside func()) {
	w.box(kind, func() {
		w.u32(uint32(version)<<24 | flags)
		inside()
	})
}

func version(long bool) uint8 {
	if long {
		return 1
	}
	return 0
}

package mp3

import (
	"iter"
	"slices"
	"sort"
	"time"
)

// Index says where each frame of one file stands and what the file promises
// about its sound. It never changes once made, so any number of goroutines
// may read it. Frames are counted from 0 without the Xing, Info or VBRI frame,
// which is no sound. A frame number outside 0 to Frames()-1 panics, as an
// index outside a slice does.
//
// A file of one bit rate is kept as a rule a run, any other as a byte a frame.
type Index struct {
	head     header // of the first frame
	freeSize int    // bytes of a free-format frame without padding, else 0
	fileSize int64
	end      int64 // where the audio ends and tags behind it begin
	promised int
	delay    int
	padding  int
	tagged   bool
	damaged  bool
	cut      bool

	frames int
	bytes  int64 // of all frames
	runs   []Run
	starts []int64 // bytes of all frames before the run, for each run
	rules  []rule  // one a run, or nil when codes are kept
	reach  int     // the longest of all frames, when rules are kept
	codes  []byte  // one a frame, or nil when rules are kept
	marks  []int64 // bytes of all frames before every markEvery-th, with codes

	variable bool       // frames differ in bit rate
	sizes    [32]uint16 // frame size by bit rate index and padding bit
}

// Run is a stretch of frames without a gap between them.
type Run struct {
	First  int   // number of its first frame
	Frames int   // how many there are
	Offset int64 // where they begin in the file
	Length int64 // their bytes
}

// A code is one frame in a byte: bit rate index (4 bits), padding (1), and how
// many frames the reservoir reaches back (3; farReach and more are one).
const (
	farReach  = 7
	markEvery = 64
)

// Frames is how many there are to play, at least 1.
func (x *Index) Frames() int { return x.frames }

// SampleRate in Hz.
func (x *Index) SampleRate() int { return x.head.sampleRate() }

// Channels is 1 or 2, taken from the first frame.
func (x *Index) Channels() int { return x.head.channels() }

// Version is the generation of the standard.
func (x *Index) Version() Version { return x.head.version() }

// SamplesPerFrame is 1152 in MPEG-1 and 576 otherwise.
func (x *Index) SamplesPerFrame() int { return x.head.samples() }

// Samples is how many are heard for each channel: those of all frames without
// what the encoder put in front and behind.
func (x *Index) Samples() int64 {
	return int64(x.frames)*int64(x.head.samples()) - int64(x.delay) - int64(x.padding)
}

// Duration is how long Samples() last, to the nanosecond below.
func (x *Index) Duration() time.Duration {
	rate := int64(x.head.sampleRate())
	s := x.Samples()
	return time.Duration(s/rate)*time.Second + time.Duration(s%rate)*time.Second/time.Duration(rate)
}

// Tagged says whether the file holds an encoder's delay and padding.
func (x *Index) Tagged() bool { return x.tagged }

// Delay is the number of samples the encoder put in front, without
// DecoderDelay; 0 when not Tagged.
func (x *Index) Delay() int { return x.delay }

// Padding is the number of samples the encoder put behind that are in the
// file; 0 when not Tagged, when they were cut off, or when more sound was
// joined behind them.
func (x *Index) Padding() int { return x.padding }

// Promised is the number of frames the file's own header speaks of, 0 when it
// has none. It is a claim: Frames is what there is.
func (x *Index) Promised() int { return x.promised }

// Bitrate in bit/s: the one of all frames, or the average.
func (x *Index) Bitrate() int {
	if !x.variable && !x.head.free() {
		return x.head.bitrate()
	}
	samples := int64(x.frames) * int64(x.head.samples())
	// bytes is at most 2^23 frames of 2^13 bytes: no overflow.
	return int((x.bytes*8*int64(x.head.sampleRate()) + samples/2) / samples)
}

// Variable says whether frames differ in bit rate.
func (x *Index) Variable() bool { return x.variable }

// FreeFormat says whether the headers leave the bit rate open, so that the
// size of a frame had to be found from where the next one stands.
func (x *Index) FreeFormat() bool { return x.head.free() }

// Damaged says whether there are bytes behind the first frame that are neither
// frames nor tags.
func (x *Index) Damaged() bool { return x.damaged }

// Cut says whether the file ends inside a frame. That frame is not counted.
func (x *Index) Cut() bool { return x.cut }

// FileSize is the size in bytes of the file the index was made of.
func (x *Index) FileSize() int64 { return x.fileSize }

// Bytes is the size of all frames together.
func (x *Index) Bytes() int64 { return x.bytes }

// Runs are the stretches of frames without a gap, in order; one when nothing
// stands between the frames. The slice is the caller's.
func (x *Index) Runs() []Run { return slices.Clone(x.runs) }

// FrameSize is the size in bytes of frame i with its header.
func (x *Index) FrameSize(i int) int {
	x.check(i)
	if x.codes != nil {
		return int(x.sizes[x.codes[i]>>3])
	}
	r := x.runOf(i)
	k := int64(i - x.runs[r].First)
	return int(x.sizes[x.head.rate()<<1]) + int(x.rules[r].pads(k+1)-x.rules[r].pads(k))
}

// FrameOffset is where in the file frame i begins.
func (x *Index) FrameOffset(i int) int64 {
	x.check(i)
	r := x.runOf(i)
	return x.runs[r].Offset + x.before(i) - x.starts[r]
}

// BytesBefore is the size of the first i frames together; i may be Frames().
func (x *Index) BytesBefore(i int) int64 {
	if i == x.frames {
		return x.bytes
	}
	x.check(i)
	return x.before(i)
}

// Sizes gives the sizes of all frames in order, faster than FrameSize does.
func (x *Index) Sizes() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, c := range x.codes {
			if !yield(int(x.sizes[c>>3])) {
				return
			}
		}
		base := int(x.sizes[x.head.rate()<<1])
		for r, rule := range x.rules {
			part := rule.phase
			for range x.runs[r].Frames {
				n := base
				if part += rule.step; part >= rule.period {
					part -= rule.period
					n++
				}
				if !yield(n) {
					return
				}
			}
		}
	}
}

// Reservoir is how many frames before frame i hold main data of it, at most i.
// It is never too few. It is exact in files of several bit rates up to 6; the
// longest of the file where the bit rate is constant; and otherwise what the
// largest possible main_data_begin could reach.
func (x *Index) Reservoir(i int) int {
	x.check(i)
	n := x.reach
	if x.codes != nil {
		n = int(x.codes[i] & 7)
	}
	if n < farReach {
		return min(n, i)
	}
	n = 0
	for left := x.head.maxBegin(); left > 0 && n < i; n++ {
		left -= x.head.leastRoom(x.FrameSize(i - n - 1))
	}
	return n
}

// Lead is how many frames before frame i a decoder needs so that frame i
// sounds exactly as it does within the file: the main data of frame i, and
// the frames, with their main data, that overlap into it through the MDCT and
// the filter bank (one in MPEG-1; two in MPEG-2 and 2.5, where a frame is a
// single granule).
func (x *Index) Lead(i int) int {
	x.check(i)
	overlap := 1
	if x.head.lsf() {
		overlap = 2
	}
	n := 0
	for k := 0; k <= overlap && k <= i; k++ {
		n = max(n, k+x.Reservoir(i-k))
	}
	return n
}

func (x *Index) check(i int) {
	if uint(i) >= uint(x.frames) {
		panic("mp3: frame number out of range")
	}
}

// runOf finds the run that holds frame i.
func (x *Index) runOf(i int) int {
	if len(x.runs) == 1 {
		return 0
	}
	return sort.Search(len(x.runs), func(r int) bool { return x.runs[r].First > i }) - 1
}

// before is the size of the first i frames together, i < Frames().
func (x *Index) before(i int) int64 {
	if x.codes == nil {
		r := x.runOf(i)
		k := int64(i - x.runs[r].First)
		return x.starts[r] + k*int64(x.sizes[x.head.rate()<<1]) + x.rules[r].pads(k)
	}
	m := i / markEvery
	n := x.marks[m]
	for _, c := range x.codes[m*markEvery : i] {
		n += int64(x.sizes[c>>3])
	}
	return n
}

// frameSizes tabulates the size of a frame like head by bit rate index and
// padding bit. freeSize is that of a free-format frame without padding.
func frameSizes(head header, freeSize int) (t [32]uint16) {
	for i := range 15 {
		h := head.withRate(i) &^ padBit
		n := h.size()
		if i == 0 {
			n = freeSize
		}
		t[i<<1] = uint16(n)
		t[i<<1|1] = uint16(n + 1)
	}
	return t
}

// settle derives what is not kept in the file: the table of sizes, the runs'
// first frames, lengths and starts, the marks and the totals. It needs head,
// freeSize, runs (Frames and Offset) and rules or codes.
func (x *Index) settle() {
	x.sizes = frameSizes(x.head, x.freeSize)
	x.starts = make([]int64, len(x.runs))
	x.bytes = 0
	x.frames = 0
	for r := range x.runs {
		run := &x.runs[r]
		run.First = x.frames
		if x.codes == nil {
			k := int64(run.Frames)
			run.Length = k*int64(x.sizes[x.head.rate()<<1]) + x.rules[r].pads(k)
		} else {
			run.Length = 0
			for _, c := range x.codes[run.First : run.First+run.Frames] {
				run.Length += int64(x.sizes[c>>3])
			}
		}
		x.starts[r] = x.bytes
		x.frames += run.Frames
		x.bytes += run.Length
	}
	if x.codes == nil {
		return
	}
	x.variable = false
	x.marks = make([]int64, 0, (len(x.codes)+markEvery-1)/markEvery)
	var sum int64
	for i, c := range x.codes {
		x.variable = x.variable || int(c>>4) != x.head.rate()
		if i%markEvery == 0 {
			x.marks = append(x.marks, sum)
		}
		sum += int64(x.sizes[c>>3])
	}
}

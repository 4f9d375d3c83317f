// Package mp3test builds mp3 files in code, for tests: frames of any version,
// rate, mode and pattern of bit rates, silent or with a tone of known level,
// the headers of Xing, LAME and Fraunhofer, the tags that stand around and
// between frames, and damage.
//
// Everything gives bytes; slices.Concat makes a file of them. What makes no
// sense, such as a bit rate that the standard does not know, panics.
package mp3test

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Mode is how the channels are coded.
type Mode byte

// The modes, numbered as in the frame header.
const (
	Stereo Mode = iota
	Joint
	Dual
	Mono
)

// Layer of MPEG audio. Frames have no sound but in Layer III.
type Layer byte

// The layers; the zero value stands for Layer III.
const (
	LayerIII Layer = iota
	LayerII
	LayerI
)

// Format is what the frames of a file have in common.
type Format struct {
	SampleRate int // Hz; it decides the version: MPEG-1 from 32000, MPEG-2 from 16000, MPEG-2.5 below
	Bitrate    int // kbit/s of frames that don't say otherwise; 0 is free format
	FreeSize   int // free format: bytes of a frame without padding
	Mode       Mode
	CRC        bool   // frames carry a checksum
	Layer      Layer  // Layer III when not set
	Fill       uint64 // when not 0, the bytes a frame has left over are random from this seed, not zero
}

// Padding is whether a frame carries a padding byte.
type Padding byte

// The choices for a frame. PadSpread pads where the average bit rate asks for
// it, as encoders do.
const (
	PadSpread Padding = iota
	PadNever
	PadAlways
)

// Frame is what one frame has of its own. The zero value is a silent frame as
// the Format says.
type Frame struct {
	Bitrate int     // kbit/s, 0 for the Format's
	Padding Padding // PadSpread when not set
	Begin   int     // main_data_begin: how many bytes before the frame its main data starts
	Tone    Tone    // silence when not set
}

var (
	rates = map[int]int{ // sampling rate to its two bits
		44100: 0, 48000: 1, 32000: 2, 22050: 0, 24000: 1, 16000: 2, 11025: 0, 12000: 1, 8000: 2,
	}
	table = map[bool]map[Layer][]int{ // by LSF and layer, in kbit/s
		false: {
			LayerIII: {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
			LayerII:  {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
			LayerI:   {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
		},
		true: {
			LayerIII: {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
			LayerII:  {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
			LayerI:   {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
		},
	}
)

func (f Format) lsf() bool { return f.SampleRate < 32000 }

func (f Format) channels() int {
	if f.Mode == Mono {
		return 1
	}
	return 2
}

// SamplesPerFrame for each channel.
func (f Format) SamplesPerFrame() int {
	switch {
	case f.Layer == LayerI:
		return 384
	case f.lsf() && f.Layer == LayerIII:
		return 576
	}
	return 1152
}

// Bitrates are those the standard knows for frames like these, in kbit/s,
// rising.
func (f Format) Bitrates() []int { return slices.Clone(table[f.lsf()][f.Layer][1:]) }

// Size is the length in bytes of a frame at so many kbit/s, 0 for free format.
func (f Format) Size(kbps int, padded bool) int {
	pad := 0
	if padded {
		pad = 1
	}
	switch {
	case kbps == 0:
		return f.FreeSize + pad
	case f.Layer == LayerI:
		return (12*kbps*1000/f.SampleRate + pad) * 4
	}
	return f.SamplesPerFrame()/8*kbps*1000/f.SampleRate + pad
}

// SideInfo is the length in bytes of the side information.
func (f Format) SideInfo() int {
	switch {
	case f.lsf() && f.Mode == Mono:
		return 9
	case f.lsf() || f.Mode == Mono:
		return 17
	}
	return 32
}

// Head is how many bytes of a Layer III frame stand before its main data.
func (f Format) Head() int {
	if f.CRC {
		return 4 + 2 + f.SideInfo()
	}
	return 4 + f.SideInfo()
}

// Header is the first four bytes of a frame.
func (f Format) Header(kbps int, padded bool) [4]byte {
	rate, ok := rates[f.SampleRate]
	index := slices.Index(table[f.lsf()][f.Layer], kbps)
	if !ok || index < 0 || kbps == 0 && f.FreeSize == 0 {
		panic(fmt.Sprintf("mp3test: no frame of %d Hz and %d kbit/s", f.SampleRate, kbps))
	}
	version := byte(3) // MPEG-1
	switch {
	case f.SampleRate < 16000:
		version = 0
	case f.lsf():
		version = 2
	}
	h := [4]byte{0xFF, 0xE0 | version<<3 | byte(1+f.Layer)<<1, byte(index<<4 | rate<<2), byte(f.Mode) << 6}
	if !f.CRC {
		h[1] |= 1
	}
	if padded {
		h[2] |= 2
	}
	return h
}

// Silence is n silent frames at the Format's bit rate.
func (f Format) Silence(n int) []byte { return f.Build(make([]Frame, n)...) }

// Uneven gives n silent frames whose bit rates jump about, the same for the
// same seed, with main data that begins as far back as there is room.
func (f Format) Uneven(n int, seed uint64) []Frame {
	random := rand.New(rand.NewPCG(seed, 1))
	all := f.Bitrates()
	list := make([]Frame, n)
	held := 0 // bytes of main data before the frame
	for i := range list {
		kbps := all[random.IntN(len(all))]
		list[i] = Frame{Bitrate: kbps, Begin: random.IntN(1 + min(held, f.maxBegin()))}
		held += f.Size(kbps, false) - f.Head()
	}
	return list
}

func (f Format) maxBegin() int {
	if f.lsf() {
		return 255
	}
	return 511
}

// Sizes are the lengths in bytes that Build gives the frames.
func (f Format) Sizes(list ...Frame) []int {
	sizes := make([]int, len(list))
	for i, p := range f.pads(list) {
		sizes[i] = f.Size(f.kbps(list[i]), p)
	}
	return sizes
}

func (f Format) kbps(one Frame) int {
	if one.Bitrate != 0 {
		return one.Bitrate
	}
	return f.Bitrate
}

// pads decides the padding bit of each frame.
func (f Format) pads(list []Frame) []bool {
	pads := make([]bool, len(list))
	lag := 0 // what the frames so far are too short by, in parts of a byte
	for i, one := range list {
		switch one.Padding {
		case PadAlways:
			pads[i] = true
		case PadSpread:
			part := f.SamplesPerFrame() / 8 * f.kbps(one) * 1000 % f.SampleRate
			if f.Layer == LayerI {
				part = 12 * f.kbps(one) * 1000 % f.SampleRate
			}
			if lag += part; lag >= f.SampleRate {
				lag -= f.SampleRate
				pads[i] = true
			}
		}
	}
	return pads
}

// Build gives the frames one behind the other.
func (f Format) Build(list ...Frame) []byte {
	pads := f.pads(list)
	sizes := f.Sizes(list...)
	total := 0
	for _, n := range sizes {
		total += n
	}
	file := make([]byte, 0, total)
	var random *rand.Rand
	if f.Fill != 0 {
		random = rand.New(rand.NewPCG(f.Fill, 2))
	}
	starts := make([]int, len(list)) // where the main data of each frame has its slot, in the file
	for i, one := range list {
		h := f.Header(f.kbps(one), pads[i])
		at := len(file)
		file = file[:at+sizes[i]]
		copy(file[at:], h[:])
		head := 4
		if f.Layer == LayerIII {
			head = f.Head()
			copy(file[at+head-f.SideInfo():], f.sideInfo(one))
			if f.CRC {
				sum := crc(file[at+2:at+4], file[at+6:at+head])
				file[at+4], file[at+5] = byte(sum>>8), byte(sum)
			}
		}
		starts[i] = at + head
		if random != nil {
			for j := at + head; j < len(file); j++ {
				file[j] = byte(random.Uint32())
			}
		}
	}
	sounds := func(one Frame) bool { return one.Tone.Gain != 0 }
	if f.Layer == LayerIII && slices.ContainsFunc(list, sounds) {
		f.fillIn(file, starts, list)
	}
	return file
}

// fillIn writes the main data of the frames, each as far before its slot as it
// says, into the slots of the frames before.
func (f Format) fillIn(file []byte, starts []int, list []Frame) {
	// main[i] is where byte i of the main data stands in the file.
	var main []int
	free := 0 // the first byte of it that no frame uses yet
	for i, one := range list {
		end := len(file)
		if i+1 < len(list) {
			end = starts[i+1] - f.Head()
		}
		slot := len(main)
		for at := starts[i]; at < end; at++ {
			main = append(main, at)
		}
		data := f.mainData(one)
		if len(data) == 0 {
			continue
		}
		from := slot - one.Begin
		if from < free || from+len(data) > len(main) {
			panic(fmt.Sprintf("mp3test: no room for the main data of frame %d", i))
		}
		for j, v := range data {
			file[main[from+j]] = v
		}
		free = from + len(data)
	}
}

// crc is the checksum of a frame (ISO/IEC 11172-3, 2.4.3.1): polynomial
// 0x8005, from all ones.
func crc(parts ...[]byte) uint16 {
	c := uint16(0xFFFF)
	for _, v := range slices.Concat(parts...) {
		c ^= uint16(v) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ 0x8005
			} else {
				c <<= 1
			}
		}
	}
	return c
}

package mp3test

import (
	"fmt"
	"math"
)

// Tone is a sine wave in all channels: one line of the spectrum with the same
// value in every granule. The zero value is silence.
//
// Frames of the same tone, one behind the other, give a sine of steady level
// from the second frame on; where the tone changes the old one fades into the
// new within a granule.
type Tone struct {
	Line int // 1 to 575, of the 576 lines from 0 Hz to half the sampling rate
	Gain int // global_gain; see Level. 0 is silence
}

// Hz is the frequency that frames of the format make of it. A line whose
// value keeps its sign from granule to granule sounds half a line below or
// above its middle, whichever is an even multiple.
func (t Tone) Hz(f Format) float64 {
	return float64((t.Line+1)/2*2) * float64(f.SampleRate) / 1152
}

// Level is the amplitude (the RMS value times the square root of 2) as a part
// of full scale: a step of global_gain is a quarter of an octave of level,
// 1.5 dB, and 210 is full scale.
func (t Tone) Level() float64 {
	if t.Gain == 0 {
		return 0
	}
	return math.Exp2(float64(t.Gain-210) / 4)
}

// Tones gives n frames of the same tone.
func Tones(t Tone, n int) []Frame {
	list := make([]Frame, n)
	for i := range list {
		list[i].Tone = t
	}
	return list
}

// bits is written to from the highest bit on.
type bits struct {
	b []byte
	n int // bits written
}

func (w *bits) put(value, width int) {
	for i := width - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(value>>i&1) << (7 - w.n%8)
		w.n++
	}
}

func (f Format) granules() int {
	if f.lsf() {
		return 1
	}
	return 2
}

// granuleBits is the length of the Huffman code of a tone's granule in one
// channel: of table 1 (11172-3, table B.7), a bit for each pair of lines with
// nothing in it, then the pair with the line, 2 or 3 bits and a sign.
func (t Tone) granuleBits() int {
	switch {
	case t.Gain == 0:
		return 0
	case t.Line < 1 || t.Line > 575 || t.Gain < 0 || t.Gain > 255:
		panic(fmt.Sprintf("mp3test: no such tone: %+v", t))
	case t.Line%2 == 0:
		return t.Line/2 + 2 + 1
	}
	return t.Line/2 + 3 + 1
}

// sideInfo writes the side information (11172-3, 2.4.1.7; 13818-3, 2.4.1.7).
func (f Format) sideInfo(one Frame) []byte {
	if one.Begin < 0 || one.Begin > f.maxBegin() {
		panic(fmt.Sprintf("mp3test: main_data_begin %d", one.Begin))
	}
	var w bits
	if f.lsf() {
		w.put(one.Begin, 8)
		w.put(0, f.channels()) // private
	} else {
		w.put(one.Begin, 9)
		w.put(0, 7-2*f.channels()) // private: 5 or 3
		w.put(0, 4*f.channels())   // scfsi
	}
	length := one.Tone.granuleBits()
	pairs := 0
	if length > 0 {
		pairs = one.Tone.Line/2 + 1
	}
	for range f.granules() * f.channels() {
		w.put(length, 12)
		w.put(pairs, 9)
		w.put(one.Tone.Gain, 8)
		if f.lsf() {
			w.put(0, 9) // scalefac_compress: no scalefactors
		} else {
			w.put(0, 4)
		}
		w.put(0, 1) // no window switching: long blocks
		for range 3 {
			w.put(min(pairs, 1), 5) // table 1 in all regions
		}
		w.put(0, 4) // region0_count
		w.put(0, 3) // region1_count
		if !f.lsf() {
			w.put(0, 1) // preflag
		}
		w.put(0, 2) // scalefac_scale, count1table_select
	}
	return w.b
}

// mainData writes the Huffman codes of all granules and channels.
func (f Format) mainData(one Frame) []byte {
	t := one.Tone
	if t.granuleBits() == 0 {
		return nil
	}
	var w bits
	for range f.granules() * f.channels() {
		for range t.Line / 2 {
			w.put(1, 1)
		}
		if t.Line%2 == 0 {
			w.put(1, 2) // 01: the first of the pair
		} else {
			w.put(1, 3) // 001: the second
		}
		w.put(0, 1) // positive
	}
	return w.b
}

package mp4

import (
	"encoding/binary"

	"earshot/media/mp3"
)

// unity is the identity matrix of mvhd and tkhd.
var unity = [9]uint32{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000}

// Times in all boxes are in samples: the movie's timescale is the sample rate
// too, so that nothing is rounded.

func (w *writer) mvhd(l *layout) {
	w.full("mvhd", version(l.long()), 0, func() {
		w.time(l.long(), 0)
		w.time(l.long(), 0)
		w.u32(uint32(l.rate))
		w.time(l.long(), l.shownDuration())
		w.u32(0x10000) // rate 1
		w.u16(0x100)   // volume 1
		w.zero(10)
		for _, v := range unity {
			w.u32(v)
		}
		w.zero(24)
		w.u32(2) // the next track's number
	})
}

func (w *writer) tkhd(l *layout) {
	const enabledInMovie = 3
	w.full("tkhd", version(l.long()), enabledInMovie, func() {
		w.time(l.long(), 0)
		w.time(l.long(), 0)
		w.u32(1) // the track's number
		w.u32(0)
		w.time(l.long(), l.shownDuration())
		w.zero(12)
		w.u16(0x100) // volume 1
		w.u16(0)
		for _, v := range unity {
			w.u32(v)
		}
		w.u32(0) // no width,
		w.u32(0) // no height
	})
}

func (w *writer) elst(l *layout) {
	w.full("elst", version(l.long()), 0, func() {
		w.u32(1)
		w.time(l.long(), l.shownDuration())
		w.time(l.long(), l.lead)
		w.u32(0x10000) // rate 1
	})
}

func (w *writer) mdhd(l *layout) {
	const undetermined = 0x55c4 // language "und", five bits a letter
	w.full("mdhd", version(l.long()), 0, func() {
		w.time(l.long(), 0)
		w.time(l.long(), 0)
		w.u32(uint32(l.rate))
		w.time(l.long(), l.mediaDuration())
		w.u16(undetermined)
		w.u16(0)
	})
}

func (w *writer) stbl(l *layout, x *mp3.Index) {
	w.full("stsd", 0, 0, func() {
		w.u32(1)
		w.box(".mp3", func() {
			w.zero(6)
			w.u16(1)  // of dref
			w.zero(8) // version 0, revision, vendor
			w.u16(uint16(l.channels))
			w.u16(16) // bits a sample, by convention
			w.zero(4)
			w.u32(uint32(l.rate) << 16)
		})
	})
	w.full("stts", 0, 0, func() {
		w.u32(1)
		w.u32(uint32(l.frames))
		w.u32(uint32(l.spf))
	})
	w.full("stsc", 0, 0, func() {
		w.u32(uint32(len(l.stsc) / 2))
		if x == nil {
			return
		}
		for i := 0; i < len(l.stsc); i += 2 {
			w.u32(l.stsc[i])
			w.u32(l.stsc[i+1])
			w.u32(1) // the sample entry
		}
	})
	w.full("stsz", 0, 0, func() {
		w.u32(l.constant)
		w.u32(uint32(l.frames))
		if x == nil || l.constant != 0 {
			return
		}
		at := len(w.b)
		w.b = w.b[:at+4*l.frames]
		for n := range x.Sizes() {
			binary.BigEndian.PutUint32(w.b[at:], uint32(n))
			at += 4
		}
	})
	kind := "stco"
	if l.wide {
		kind = "co64"
	}
	w.full(kind, 0, 0, func() {
		w.u32(uint32(len(l.offsets)))
		if x == nil {
			return
		}
		for _, off := range l.offsets {
			w.time(l.wide, off+int64(l.headSize))
		}
	})
}

package m4a

import (
	"encoding/binary"
	"math/bits"
)

// movie is a moov box.
type movie struct {
	scale      uint32 // ticks a second
	tracks     []*track
	fragmented bool
	priming    int64 // iTunes' gapless info, in samples
	heard      int64
}

// track is a trak box.
type track struct {
	id      uint32
	handler string
	entry   box // of its first sample's description; its kind is the codec
	scale   uint32
	media   uint64 // length, in ticks of scale
	table   uint64 // the same by the samples in the table
	frames  uint64
	bytes   uint64
	cut     bool // data lies beyond the file

	sizes, toChunk, offsets box // the tables that tell where its samples are

	edited   bool
	start    int64  // of the media, where the edit begins
	duration uint64 // of the edit, in ticks of the movie

	lastDuration, lastSize uint32 // by default, in fragments
}

// movie reads a moov box.
func (f *file) movie(moov box) (*movie, error) {
	m := &movie{}
	err := f.children(moov, 0, func(b box) error {
		switch b.kind {
		case "mvhd":
			scale, _, err := f.header(b)
			m.scale = scale
			return err
		case "trak":
			if len(m.tracks) < maxTracks {
				t, err := f.track(b)
				m.tracks = append(m.tracks, t)
				return err
			}
		case "mvex":
			m.fragmented = true
		case "udta":
			return f.gapless(m, b)
		}
		return nil
	})
	if err != nil || !m.fragmented {
		return m, err
	}
	mvex, _, err := f.find(moov, 0, "mvex")
	if err != nil {
		return nil, err
	}
	return m, f.children(mvex, 0, func(b box) error { // §8.8.3
		if b.kind != "trex" {
			return nil
		}
		h, err := f.at(b.off, 24)
		if len(h) == 24 {
			for _, t := range m.tracks {
				if t.id == binary.BigEndian.Uint32(h[4:]) {
					t.lastDuration, t.lastSize = binary.BigEndian.Uint32(h[12:]), binary.BigEndian.Uint32(h[16:])
				}
			}
		}
		return err
	})
}

// header reads time scale and duration of a movie's or a media's header
// (§8.2.2, 8.4.2).
func (f *file) header(b box) (scale uint32, duration uint64, err error) {
	h, err := f.at(b.off, 32)
	switch {
	case len(h) >= 32 && h[0] == 1:
		return binary.BigEndian.Uint32(h[20:]), binary.BigEndian.Uint64(h[24:]), err
	case len(h) >= 20:
		return binary.BigEndian.Uint32(h[12:]), uint64(binary.BigEndian.Uint32(h[16:])), err
	}
	return 0, 0, err
}

// track reads a trak box.
func (f *file) track(trak box) (*track, error) {
	t := &track{}
	var mdia, minf, stbl box
	err := f.children(trak, 0, func(b box) error {
		switch b.kind {
		case "tkhd":
			h, err := f.at(b.off, 24)
			if len(h) == 24 && h[0] == 1 {
				t.id = binary.BigEndian.Uint32(h[20:])
			} else if len(h) >= 16 {
				t.id = binary.BigEndian.Uint32(h[12:])
			}
			return err
		case "edts":
			elst, ok, err := f.find(b, 0, "elst")
			if err != nil || !ok {
				return err
			}
			return f.edits(t, elst)
		case "mdia":
			mdia = b
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	err = f.children(mdia, 0, func(b box) (err error) {
		switch b.kind {
		case "mdhd":
			t.scale, t.media, err = f.header(b)
		case "hdlr":
			h, err := f.at(b.off, 12)
			if len(h) == 12 {
				t.handler = string(h[8:])
			}
			return err
		case "minf":
			minf = b
		}
		return err
	})
	if err != nil {
		return t, err
	}
	stbl, _, err = f.find(minf, 0, "stbl")
	if err != nil {
		return t, err
	}
	err = f.samples(t, stbl)
	if t.table > 0 {
		t.media = t.table
	}
	return t, err
}

// edits reads an edit list (§8.6.6). Pauses in it are not heard as part of the
// sound; what begins it is where the sound begins.
func (f *file) edits(t *track, b box) error {
	h, err := f.at(b.off, 8)
	if err != nil || len(h) < 8 {
		return err
	}
	count := binary.BigEndian.Uint32(h[4:])
	size := 12
	if h[0] == 1 {
		size = 20
	}
	return f.table(b, 8, count, size, func(e []byte) {
		var duration uint64
		var start int64
		if size == 20 {
			duration, start = binary.BigEndian.Uint64(e), int64(binary.BigEndian.Uint64(e[8:]))
		} else {
			duration, start = uint64(binary.BigEndian.Uint32(e)), int64(int32(binary.BigEndian.Uint32(e[4:])))
		}
		if start < 0 {
			return
		}
		if !t.edited {
			t.edited, t.start, t.duration = true, start, duration
		} else {
			t.duration += duration
		}
		t.duration = min(t.duration, maxMedia)
	})
}

// samples reads the tables of a track's samples.
func (f *file) samples(t *track, stbl box) error {
	return f.children(stbl, 0, func(b box) error {
		h, err := f.at(b.off, 12)
		if err != nil || len(h) < 8 {
			return err
		}
		count := binary.BigEndian.Uint32(h[4:])
		switch b.kind {
		case "stsd": // §8.5.2
			return f.list(b.off+8, b.end, func(e box) (bool, error) {
				t.entry = e
				return false, nil
			})
		case "stts": // §8.6.1.2
			var sum uint64
			err := f.table(b, 8, count, 8, func(e []byte) {
				hi, n := bits.Mul64(uint64(binary.BigEndian.Uint32(e)), uint64(binary.BigEndian.Uint32(e[4:])))
				if sum += n; hi != 0 || sum > maxMedia {
					sum = maxMedia
				}
			})
			t.table = sum
			return err
		case "stsc": // §8.7.4
			t.toChunk = b
		case "stsz": // §8.7.3
			t.sizes = b
			if len(h) < 12 {
				return nil
			}
			size, count := binary.BigEndian.Uint32(h[4:]), binary.BigEndian.Uint32(h[8:])
			t.frames = uint64(count)
			if size != 0 {
				t.bytes = uint64(size) * uint64(count)
				return nil
			}
			t.frames, t.bytes = 0, 0
			return f.table(b, 12, count, 4, func(e []byte) {
				t.frames++
				t.bytes += uint64(binary.BigEndian.Uint32(e))
			})
		case "stco", "co64": // §8.7.5
			t.offsets = b
			n := 4
			if b.kind == "co64" {
				n = 8
			}
			return f.table(b, 8, count, n, func(e []byte) {
				off := uint64(binary.BigEndian.Uint32(e))
				if n == 8 {
					off = binary.BigEndian.Uint64(e)
				}
				t.cut = t.cut || off >= uint64(f.size)
			})
		}
		return nil
	})
}

// sound chooses the track that is heard: the first one of sound. A file with a
// video is one; pictures of chapters are none.
func (m *movie) sound() (*track, error) {
	var chosen *track
	for _, t := range m.tracks {
		switch t.handler {
		case "soun":
			if chosen == nil {
				chosen = t
			}
		case "vide":
			switch t.entry.kind {
			case "jpeg", "mjpa", "mjpb", "png ", "tiff", "gif ":
			default:
				return nil, &UnplayableError{"a video"}
			}
		}
	}
	if chosen == nil {
		return nil, &UnplayableError{"no sound in it"}
	}
	return chosen, nil
}

package m4a

import (
	"encoding/binary"
	"slices"
)

// The builders below write boxes by the letter of the format.

func u32(vs ...int64) (b []byte) {
	for _, v := range vs {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return b
}

func atom(kind string, content ...[]byte) []byte {
	body := slices.Concat(content...)
	return slices.Concat(u32(int64(8+len(body))), []byte(kind), body)
}

// spec is a file of sound. What is 0 or nil is as usual.
type spec struct {
	brand    string
	entry    []byte // the sample's description
	handler  string
	scale    int64 // of the media; 44100
	frames   int64
	delta    int64
	size     int64
	edits    []byte
	meta     []byte
	mdat     []byte
	tail     []byte
	noTables bool
	extra    []byte // in moov
}

// asc is an AudioSpecificConfig of AAC-LC, 44.1 kHz, two channels.
var asc = []byte{0x12, 0x10}

func tagged4(tag byte, content ...[]byte) []byte {
	body := slices.Concat(content...)
	return slices.Concat([]byte{tag, 0x80, 0x80, byte(len(body)>>7&0x7f) | 0x80, byte(len(body) & 0x7f)}, body)
}

func esds(kind byte, asc []byte) []byte {
	dec := slices.Concat([]byte{kind, 0x15, 0, 0, 0}, u32(128000, 128000))
	return atom("esds", u32(0), tagged4(3, []byte{0, 1, 0}, tagged4(4, dec, tagged4(5, asc)), tagged4(6, []byte{2})))
}

// sampleEntry is a description of sound of version 0.
func sampleEntry(kind string, boxes ...[]byte) []byte {
	return atom(kind, append([][]byte{make([]byte, 6), {0, 1}, make([]byte, 8), {0, 2, 0, 16}, u32(0, 44100<<16)}, boxes...)...)
}

func edit(duration, start int64) []byte {
	return atom("edts", atom("elst", u32(0, 1, duration, start, 0x10000)))
}

func build(s spec) []byte {
	or := func(p *int64, v int64) {
		if *p == 0 {
			*p = v
		}
	}
	or(&s.scale, 44100)
	or(&s.frames, 100)
	or(&s.delta, 1024)
	or(&s.size, 300)
	if s.brand == "" {
		s.brand = "M4A "
	}
	if s.handler == "" {
		s.handler = "soun"
	}
	if s.entry == nil {
		s.entry = sampleEntry("mp4a", esds(0x40, asc))
	}
	if s.mdat == nil {
		s.mdat = make([]byte, s.frames*s.size)
	}
	ftyp := atom("ftyp", []byte(s.brand), u32(0), []byte("isom"))
	mdat := atom("mdat", s.mdat)
	tables := slices.Concat(
		atom("stts", u32(0, 1, s.frames, s.delta)), atom("stsc", u32(0, 1, 1, s.frames, 1)),
		atom("stsz", u32(0, s.size, s.frames)), atom("stco", u32(0, 1, int64(len(ftyp)+8))))
	if s.noTables {
		tables = slices.Concat(atom("stts", u32(0, 0)), atom("stsz", u32(0, 0, 0)), atom("stco", u32(0, 0)))
	}
	track := atom("trak",
		atom("tkhd", u32(3, 0, 0, 1, 0, 0), make([]byte, 60)), s.edits,
		atom("mdia", atom("mdhd", u32(0, 0, 0, s.scale, s.frames*s.delta, 0)), atom("hdlr", u32(0, 0), []byte(s.handler), make([]byte, 13)),
			atom("minf", atom("stbl", atom("stsd", u32(0, 1), s.entry), tables))))
	moov := atom("moov", atom("mvhd", u32(0, 0, 0, 1000, 0), make([]byte, 80)), track, s.extra, s.meta)
	return slices.Concat(ftyp, mdat, moov, s.tail)
}

// smpb is iTunes' gapless note.
func smpb(text string) []byte {
	return atom("udta", atom("meta", u32(0), atom("hdlr", u32(0, 0), []byte("mdir"), make([]byte, 13)),
		atom("ilst", atom("----", atom("mean", u32(0), []byte("com.apple.iTunes")), atom("name", u32(0), []byte("iTunSMPB")), atom("data", u32(1, 0), []byte(text))))))
}

package ogg

import (
	"bytes"
	"encoding/binary"
)

const video = "a video"

// head is what the first header of a stream says.
type head struct {
	codec      string
	serial     uint32
	rate       int
	channels   int
	bits       int
	sound      bool   // it is sound, ours or not
	bad        string // what makes no sense in it
	unplayable string // what browsers don't play of it

	preSkip int     // Opus: samples before the first one
	gain    int     // Opus: in 1/256 dB
	mapping mapping // Opus

	blocks [2]int  // Vorbis: sizes of short and long blocks
	ident  []byte  // Vorbis: the header
	setup  []byte  // Vorbis: the last header
	book   *vSetup // Vorbis: what that says
	native []byte  // FLAC: what stands before the sound outside of Ogg
}

// Streams that are recognised but not ours, by how their first packet begins.
var others = []struct {
	magic, name string
	sound       bool
}{
	{"Speex   ", "Speex", true},
	{"CELT    ", "CELT", true},
	{"PCM     ", "uncompressed sound in Ogg", true},
	{"fLaC", "an old kind of FLAC in Ogg", true},
	{"\x01audio\x00", "OGM sound", true},
	{"\x80theora", video, false},
	{"BBCD\x00", video, false},
	{"\x01video\x00", video, false},
	{"OVP80\x01", video, false},
	{"\x00AV01", video, false},
	{"\x8aJNG", "pictures", false},
	{"\x8aMNG", "pictures", false},
	{"\x80kate", "subtitles", false},
	{"CMML", "subtitles", false},
	{"\x01text\x00", "subtitles", false},
	{"OggMIDI\x00", "MIDI", false},
	{"fishead\x00", "", false}, // Skeleton, which tells of the other streams
}

// parseHead reads a stream's first packet. What isn't ours has no codec, but a
// name where it is known.
func parseHead(b []byte) (h head, name string) {
	switch {
	case bytes.HasPrefix(b, []byte("\x01vorbis")):
		return vorbisHead(b), ""
	case bytes.HasPrefix(b, []byte("OpusHead")):
		return opusHead(b), ""
	case bytes.HasPrefix(b, []byte("\x7fFLAC")):
		return flacHead(b), ""
	}
	for _, o := range others {
		if bytes.HasPrefix(b, []byte(o.magic)) {
			return head{sound: o.sound}, o.name
		}
	}
	return head{}, ""
}

// least is how many header packets there are, or must be.
func (h *head) least() int {
	switch h.codec {
	case Vorbis:
		return 3
	case FLAC:
		return 1
	}
	return 2
}

// take reads the header packet of number n. When it is none, the sound has
// begun.
func (h *head) take(n int, b []byte) bool {
	switch h.codec {
	case Vorbis:
		if n > 2 || len(b) < 7 || string(b[1:7]) != "vorbis" || b[0] != []byte{1, 3, 5}[n] {
			return false
		}
		if n == 2 {
			h.setup = bytes.Clone(b)
			h.book, _ = parseSetup(b, h)
		}
		return true
	case Opus:
		return n == 0 || n == 1 && bytes.HasPrefix(b, []byte("OpusTags"))
	case FLAC:
		return n < maxPreamble && (n == 0 || len(b) == 0 || b[0] != 0xff)
	}
	return false
}

// lengths measures packets one after another.
func (h *head) lengths() lengths {
	return lengths{h: h}
}

// lengths keeps what a packet's length depends on.
type lengths struct {
	h    *head
	prev int // Vorbis: size of the block before, 0 for none
}

// next says how many samples a packet adds, less than 0 for what is no packet
// of sound.
func (l *lengths) next(b []byte) int {
	switch l.h.codec {
	case Opus:
		return opusSamples(b)
	case Vorbis:
		return l.vorbis(b)
	}
	return -1
}

// flacHead reads the first packet of FLAC: RFC 9639 §10.1.
func flacHead(b []byte) (h head) {
	h = head{codec: FLAC, sound: true}
	if len(b) < 13+4+34 || string(b[9:13]) != "fLaC" || b[13]&0x7f != 0 {
		h.bad = "its first header"
		return h
	}
	h.native = bytes.Clone(b[9 : 13+4+34])
	info := b[17:]
	bits := binary.BigEndian.Uint64(info[10:])
	h.rate, h.channels, h.bits = int(bits>>44), int(bits>>41&7)+1, int(bits>>36&31)+1
	if h.rate == 0 || h.rate > maxRate {
		h.bad = "its sample rate"
	}
	return h
}

// maxRate is more than anyone hears, in Hz.
const maxRate = 768000

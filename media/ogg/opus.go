package ogg

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/pion/opus"
)

const (
	opusRate   = 48000
	maxOpus    = opusRate * 120 / 1000 // samples of a packet (RFC 6716 §3.2.5)
	silentPart = 255                   // in a mapping: a channel without a stream
)

// mapping says which channel comes from where (RFC 7845 §5.1.1).
type mapping struct {
	streams, coupled int
	channel          [8]byte
}

// opusHead reads an identification header: RFC 7845 §5.1.
func opusHead(b []byte) (h head) {
	h = head{codec: Opus, sound: true, rate: opusRate}
	if len(b) < 19 || b[8]&0xf0 != 0 {
		h.bad = "its first header"
		return h
	}
	h.channels = int(b[9])
	h.preSkip = int(binary.LittleEndian.Uint16(b[10:]))
	h.gain = int(int16(binary.LittleEndian.Uint16(b[16:])))
	switch family := b[18]; {
	case family == 0:
		if h.channels != 1 && h.channels != 2 {
			h.bad = "its number of channels"
			return h
		}
		h.mapping = mapping{streams: 1, coupled: h.channels - 1, channel: [8]byte{0, 1}}
	case family == 1:
		m := &h.mapping
		if h.channels < 1 || h.channels > 8 || len(b) < 21+h.channels {
			h.bad = "its number of channels"
			return h
		}
		m.streams, m.coupled = int(b[19]), int(b[20])
		if m.streams == 0 || m.coupled > m.streams || m.streams+m.coupled > 255 {
			h.bad = "its streams"
			return h
		}
		copy(m.channel[:], b[21:][:h.channels])
		for _, c := range m.channel[:h.channels] {
			if c != silentPart && int(c) >= m.streams+m.coupled {
				h.bad = "its channels"
				return h
			}
		}
	default:
		h.unplayable = "Opus of a kind for special uses"
	}
	return h
}

// opusSamples is how long a packet is at 48 kHz: RFC 6716 §3.1 and 3.2. One
// that breaks the rules has none: -1.
func opusSamples(b []byte) int {
	if len(b) == 0 {
		return -1
	}
	frame := opusFrame(b[0])
	n := 0
	switch b[0] & 3 {
	case 0:
		n = 1
	case 1, 2:
		n = 2
	case 3:
		if len(b) < 2 {
			return -1
		}
		n = int(b[1] & 63)
	}
	if n == 0 || n*frame > maxOpus {
		return -1
	}
	return n * frame
}

// opusFrame is how long a frame is by a packet's first byte.
func opusFrame(toc byte) int {
	config := int(toc >> 3)
	switch {
	case config < 12: // SILK
		return []int{480, 960, 1920, 2880}[config&3]
	case config < 16: // both
		return 480 << (config & 1)
	}
	return 120 << (config & 3) // CELT
}

// opusDecoder decodes all streams of an Opus file.
type opusDecoder struct {
	h     *head
	order []int // for each channel that is given, the one in the file
	parts []opusPart
	gain  float32
	frame []byte
}

type opusPart struct {
	dec      opus.Decoder
	channels int
	pcm      []float32
	ok       bool
}

func newOpusDecoder(h *head) (*opusDecoder, error) {
	m := &h.mapping
	if m.streams > 8 {
		return nil, fmt.Errorf("%w: %d streams of Opus in one", ErrUndecodable, m.streams)
	}
	d := &opusDecoder{h: h, order: waveOrder(h.channels), gain: float32(math.Pow(10, float64(h.gain)/(20*256)))}
	for i := range m.streams {
		channels := 1
		if i < m.coupled {
			channels = 2
		}
		d.parts = append(d.parts, opusPart{channels: channels, pcm: make([]float32, channels*maxOpus)})
	}
	d.reset()
	return d, nil
}

func (d *opusDecoder) reset() {
	for i := range d.parts {
		d.parts[i].dec, _ = opus.NewDecoderWithOutput(opusRate, d.parts[i].channels)
	}
}

// decode turns a packet of n samples into interleaved ones.
func (d *opusDecoder) decode(b []byte, n int, dst []float32) (ok bool) {
	some := false
	for i := range d.parts {
		p := &d.parts[i]
		packet := b
		if i < len(d.parts)-1 {
			if packet, b, ok = d.delimited(b); !ok {
				b = nil
			}
		}
		if p.ok = len(packet) > 0 && opusSamples(packet) == n && p.decode(packet, n); p.ok {
			some = true
		} else {
			// What it remembers may be half of something.
			p.dec, _ = opus.NewDecoderWithOutput(opusRate, p.channels)
		}
	}
	channels := d.h.channels
	for to, from := range d.order {
		src, stride, at := d.source(d.h.mapping.channel[from])
		if src == nil {
			for i := range n {
				dst[i*channels+to] = 0
			}
			continue
		}
		for i := range n {
			dst[i*channels+to] = max(-loudest, min(loudest, d.gain*src[i*stride+at]))
		}
	}
	return some
}

// source says where the channel of a mapping is.
func (d *opusDecoder) source(c byte) (pcm []float32, stride, at int) {
	i, at := int(c), 0
	if c == silentPart {
		return nil, 0, 0
	}
	if coupled := d.h.mapping.coupled; i < 2*coupled {
		i, at = i/2, i%2
	} else {
		i -= coupled
	}
	if p := &d.parts[i]; p.ok {
		return p.pcm, p.channels, at
	}
	return nil, 0, 0
}

func (p *opusPart) decode(b []byte, n int) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	got, err := p.dec.DecodeToFloat32(b, p.pcm)
	return err == nil && got == n && tame(p.pcm[:n*p.channels])
}

// delimited cuts a packet that says its own length off b and gives it as one
// that does not: RFC 6716 appendix B.
func (d *opusDecoder) delimited(b []byte) (packet, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	code, at := b[0]&3, 1
	frames, padding := 1, 0
	vbr := code == 2
	switch code {
	case 1, 2:
		frames = 2
	case 3:
		frames, vbr = int(b[1]&63), b[1]&0x80 != 0
		at = 2
		if b[1]&0x40 != 0 {
			for {
				if at >= len(b) {
					return nil, nil, false
				}
				n := int(b[at])
				at++
				if n < 255 {
					padding += n
					break
				}
				padding += 254
			}
		}
	}
	if frames == 0 || frames*opusFrame(b[0]) > maxOpus {
		return nil, nil, false
	}
	// All lengths that are in the packet anyway, and one more.
	sum := 0
	size := func() (n int, ok bool) {
		if at >= len(b) {
			return 0, false
		}
		n = int(b[at])
		at++
		if n >= 252 {
			if at >= len(b) {
				return 0, false
			}
			n += 4 * int(b[at])
			at++
		}
		return n, true
	}
	if vbr {
		for range frames - 1 {
			n, ok := size()
			if !ok {
				return nil, nil, false
			}
			sum += n
		}
	}
	headEnd := at
	n, ok := size()
	if !ok {
		return nil, nil, false
	}
	if vbr {
		sum += n
	} else {
		sum = n * frames
	}
	end := at + sum + padding
	if end > len(b) {
		return nil, nil, false
	}
	d.frame = append(append(d.frame[:0], b[:headEnd]...), b[at:end]...)
	return d.frame, b[end:], true
}

// loudest is more than any sample of sane sound, where 1 is full scale.
const loudest = 64

// tame makes sure that what a decoder gave are sane numbers.
func tame(s []float32) bool {
	for _, v := range s {
		if !(v >= -loudest && v <= loudest) {
			return false
		}
	}
	return true
}

// waveOrders is where the channels of WAV's order (front left and right,
// centre, low frequencies, back left and right, back centre, side left and
// right) are in Vorbis's (Vorbis I §4.3.9), which Opus has too (RFC 7845
// §5.1.1.2).
var waveOrders = [9][]int{
	3: {0, 2, 1},
	5: {0, 2, 1, 3, 4},
	6: {0, 2, 1, 5, 3, 4},
	7: {0, 2, 1, 6, 5, 3, 4},
	8: {0, 2, 1, 7, 5, 6, 3, 4},
}

func waveOrder(channels int) []int {
	if o := waveOrders[channels]; o != nil {
		return o
	}
	return []int{0, 1, 2, 3}[:channels]
}

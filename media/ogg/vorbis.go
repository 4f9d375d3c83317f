package ogg

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"github.com/jfreymuth/vorbis"
)

// What a setup header may ask for. Encoders use some 50 books of together
// 30,000 entries; the limits keep the decoder to some 20 MB and a second.
const (
	maxEntries    = 1 << 14 // of a book
	maxAllEntries = 1 << 17
	maxValues     = 1 << 20 // of vectors, of all books
)

// vorbisHead reads an identification header: Vorbis I §4.2.2.
func vorbisHead(b []byte) (h head) {
	h = head{codec: Vorbis, sound: true, ident: bytes.Clone(b)}
	if len(b) < 30 || binary.LittleEndian.Uint32(b[7:]) != 0 || b[29]&1 == 0 {
		h.bad = "its first header"
		return h
	}
	h.channels, h.rate = int(b[11]), int(binary.LittleEndian.Uint32(b[12:]))
	short, long := b[28]&15, b[28]>>4
	switch {
	case h.channels == 0, h.rate <= 0:
		h.bad = "its first header"
	case short < 6 || long > 13 || short > long:
		h.bad = "its sizes of blocks"
	case h.channels > 8 || h.rate > maxRate:
		h.unplayable = "Vorbis of a kind for special uses"
	}
	h.blocks = [2]int{1 << short, 1 << long}
	return h
}

// vSetup is what we need of a setup header.
type vSetup struct {
	long  []bool // for each mode whether its blocks are the long ones
	empty []int  // bits of the setup at which a floor without partitions has its classes, none
}

// vorbis says how many samples a packet adds: Vorbis I §4.3.1 and 4.3.8.
func (l *lengths) vorbis(b []byte) int {
	if l.h.book == nil || len(b) == 0 || b[0]&1 != 0 {
		return -1
	}
	modes := l.h.book.long
	mode := int(b[0]>>1) & (1<<bits.Len(uint(len(modes)-1)) - 1)
	if mode >= len(modes) {
		return -1
	}
	size := l.h.blocks[0]
	if modes[mode] {
		size = l.h.blocks[1]
	}
	n := 0
	if l.prev != 0 {
		n = l.prev/4 + size/4
	}
	l.prev = size
	return n
}

// bitReader reads bits, the lowest first: Vorbis I §2.
type bitReader struct {
	b   []byte
	pos int // in bits
}

func (r *bitReader) read(n int) uint32 {
	var v uint32
	for i := 0; i < n; {
		at := r.pos >> 3
		if at >= len(r.b) {
			r.pos += n - i
			return v
		}
		k := min(8-r.pos&7, n-i)
		v |= uint32(r.b[at]) >> (r.pos & 7) & (1<<k - 1) << i
		i += k
		r.pos += k
	}
	return v
}

func (r *bitReader) flag() bool { return r.read(1) != 0 }
func (r *bitReader) over() bool { return r.pos > 8*len(r.b) }

// parseSetup reads a setup header (Vorbis I §4.2.4). It checks what the
// decoder takes for granted: numbers of books, floors and so on that are
// there, codes without holes, and sizes that are no attack.
func parseSetup(b []byte, h *head) (*vSetup, error) {
	bad := func(what string) (*vSetup, error) { return nil, fmt.Errorf("%w: %s", ErrUndecodable, what) }
	if len(b) < 7 {
		return bad("no setup")
	}
	r := &bitReader{b: b[7:]}
	books := make([]vBook, r.read(8)+1)
	entries, values := 0, 0
	for i := range books {
		if what := books[i].parse(r); what != "" {
			return bad(what)
		}
		entries += books[i].entries
		values += books[i].values
		if entries > maxAllEntries || values > maxValues {
			return bad("too large books")
		}
	}
	for range r.read(6) + 1 {
		if r.read(16) != 0 {
			return bad("an unknown transform")
		}
	}
	s := &vSetup{}
	floors := int(r.read(6)) + 1
	for range floors {
		if r.read(16) != 1 {
			return bad("a floor of type 0") // which no encoder has written since 2001
		}
		if n := r.read(5); n == 0 {
			s.empty = append(s.empty, r.pos)
		}
		r.pos -= 5
		if what := parseFloor(r, books); what != "" {
			return bad(what)
		}
	}
	residues := int(r.read(6)) + 1
	for range residues {
		if what := parseResidue(r, books); what != "" {
			return bad(what)
		}
	}
	mappings := int(r.read(6)) + 1
	for range mappings {
		if what := parseMapping(r, h.channels, floors, residues); what != "" {
			return bad(what)
		}
	}
	s.long = make([]bool, r.read(6)+1)
	for i := range s.long {
		s.long[i] = r.flag()
		if r.read(32) != 0 || int(r.read(8)) >= mappings { // types of window and transform, and the mapping
			return bad("a mode")
		}
	}
	if !r.flag() || r.over() {
		return bad("its setup's end")
	}
	return s, nil
}

// patched gives a setup header that the decoder reads rightly. It expects one
// class in floors that have none (as the channel of low frequencies has), and
// gets it here: one dimension, no subclasses, no book, in 13 bits of 0.
func (s *vSetup) patched(b []byte) []byte {
	if len(s.empty) == 0 {
		return b
	}
	const classBits = 3 + 2 + 8
	out := make([]byte, len(b)+(len(s.empty)*classBits+7)/8)
	copy(out, b[:7])
	in := &bitReader{b: b[7:]}
	at := 7 * 8
	for i := 0; in.pos < 8*len(in.b); {
		if i < len(s.empty) && in.pos == s.empty[i] {
			at += classBits
			i++
		}
		out[at/8] |= byte(in.read(1)) << (at % 8)
		at++
	}
	return out
}

// vBook is what we need of a codebook.
type vBook struct {
	entries, dims, values int
}

// parse reads a codebook (Vorbis I §3.2.1) and says what is wrong with it.
func (k *vBook) parse(r *bitReader) string {
	if r.read(24) != 0x564342 {
		return "a book's beginning"
	}
	k.dims, k.entries = int(r.read(16)), int(r.read(24))
	if k.dims == 0 || k.entries < 2 || k.entries > maxEntries {
		return "a book's size"
	}
	// A code without holes has Σ 2^-length = 1. A book of one entry may have a
	// hole.
	var sum uint64
	used := 0
	add := func(length uint32) {
		sum += 1 << (32 - length)
		used++
	}
	if !r.flag() {
		sparse := r.flag()
		for range k.entries {
			if !sparse || r.flag() {
				add(r.read(5) + 1)
			}
			if r.over() {
				return "a book that is cut"
			}
		}
	} else {
		length := r.read(5) + 1
		for i := 0; i < k.entries; length++ {
			n := int(r.read(bits.Len(uint(k.entries - i))))
			if length > 32 || n > k.entries-i || r.over() {
				return "a book's order"
			}
			for range n {
				add(length)
			}
			i += n
		}
	}
	if used == 0 || sum != 1<<32 && !(used == 1 && sum == 1<<31) {
		return "a code with holes"
	}
	lookup := r.read(4)
	switch lookup {
	case 0:
		return ""
	case 1, 2:
	default:
		return "an unknown kind of book"
	}
	r.read(32)
	r.read(32)
	width := int(r.read(4)) + 1
	r.flag()
	k.values = k.entries * k.dims
	if k.values > maxValues {
		return "a book's values"
	}
	n := k.values
	if lookup == 1 {
		n = root(k.entries, k.dims)
		if n != int(math.Floor(math.Pow(float64(k.entries), 1/float64(k.dims)))) {
			return "a book that the decoder would misread"
		}
	}
	r.pos += n * width
	if r.over() {
		return "a book that is cut"
	}
	return ""
}

// root is the largest n with n to the dims ≤ entries (Vorbis I §9.2.3).
func root(entries, dims int) int {
	n := 1
	for {
		p := 1
		for range dims {
			if p *= n + 1; p > entries {
				return n
			}
		}
		n++
	}
}

// parseFloor reads a floor of type 1: Vorbis I §7.2.2.
func parseFloor(r *bitReader, books []vBook) string {
	classes := make([]int, r.read(5))
	most := 0
	for i := range classes {
		classes[i] = int(r.read(4))
		most = max(most, classes[i]+1)
	}
	dims := make([]int, 16)
	for i := range most {
		dims[i] = int(r.read(3)) + 1
		sub := r.read(2)
		if sub != 0 && int(r.read(8)) >= len(books) {
			return "a floor's book"
		}
		for range 1 << sub {
			if int(r.read(8))-1 >= len(books) {
				return "a floor's book"
			}
		}
	}
	r.read(2)
	width := int(r.read(4))
	xs := map[uint32]bool{0: true, 1 << width: true}
	for _, c := range classes {
		for range dims[c] {
			x := r.read(width)
			if xs[x] {
				return "a floor's points"
			}
			if xs[x] = true; len(xs) > 65 {
				return "a floor's size"
			}
		}
	}
	return ""
}

// parseResidue reads a residue: Vorbis I §8.6.1.
func parseResidue(r *bitReader, books []vBook) string {
	if r.read(16) > 2 {
		return "an unknown kind of residue"
	}
	begin, end := r.read(24), r.read(24)
	if begin > end {
		return "a residue's bounds"
	}
	r.read(24)
	cascades := make([]uint32, r.read(6)+1)
	if int(r.read(8)) >= len(books) {
		return "a residue's book"
	}
	for i := range cascades {
		cascades[i] = r.read(3)
		if r.flag() {
			cascades[i] |= r.read(5) << 3
		}
	}
	for _, c := range cascades {
		for range bits.OnesCount32(c) {
			n := int(r.read(8))
			if n >= len(books) || books[n].values == 0 {
				return "a residue's book"
			}
		}
	}
	return ""
}

// parseMapping reads a mapping: Vorbis I §4.2.4.
func parseMapping(r *bitReader, channels, floors, residues int) string {
	if r.read(16) != 0 {
		return "an unknown mapping"
	}
	submaps := 1
	if r.flag() {
		submaps = int(r.read(4)) + 1
	}
	if r.flag() {
		width := bits.Len(uint(channels - 1))
		for range r.read(8) + 1 {
			a, b := int(r.read(width)), int(r.read(width))
			if a == b || a >= channels || b >= channels {
				return "a mapping's channels"
			}
		}
	}
	if r.read(2) != 0 {
		return "a mapping"
	}
	if submaps > 1 {
		for range channels {
			if int(r.read(4)) >= submaps {
				return "a mapping's channels"
			}
		}
	}
	for range submaps {
		r.read(8)
		if int(r.read(8)) >= floors || int(r.read(8)) >= residues {
			return "a mapping's parts"
		}
	}
	return ""
}

// vorbisDecoder decodes packets of Vorbis.
type vorbisDecoder struct {
	h     *head
	order []int
	dec   *vorbis.Decoder
	buf   []float32
	fresh bool // the next packet has nothing before it
}

func newVorbisDecoder(h *head) (d *vorbisDecoder, err error) {
	if h.book == nil {
		_, err := parseSetup(h.setup, h)
		return nil, err
	}
	defer func() {
		if recover() != nil {
			d, err = nil, fmt.Errorf("%w: its setup makes no sense", ErrUndecodable)
		}
	}()
	d = &vorbisDecoder{h: h, order: waveOrder(h.channels), dec: new(vorbis.Decoder), fresh: true}
	for _, b := range [][]byte{h.ident, h.book.patched(h.setup)} {
		if err := d.dec.ReadHeader(b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUndecodable, err)
		}
	}
	d.buf = make([]float32, d.dec.BufferSize())
	return d, nil
}

func (d *vorbisDecoder) reset() {
	d.dec.Clear()
	d.fresh = true
}

// decode turns a packet of n samples into interleaved ones.
func (d *vorbisDecoder) decode(b []byte, n int, dst []float32) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
		if !ok {
			clear(dst[:n*d.h.channels])
			d.reset()
		}
	}()
	pcm, err := d.dec.DecodeInto(b, d.buf)
	channels := d.h.channels
	if d.fresh {
		d.fresh = false
		clear(dst[:n*channels])
		return err == nil
	}
	if err != nil || len(pcm) != n*channels || !tame(pcm) {
		return false
	}
	for to, from := range d.order {
		for i := range n {
			dst[i*channels+to] = pcm[i*channels+from]
		}
	}
	return true
}

package ogg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

const (
	capture  = "OggS"                   // what a page begins with
	pageHead = 27                       // bytes before the lacing values (RFC 3533 §6)
	maxPage  = pageHead + 255 + 255*255 // bytes of the largest page
	noPacket = int64(-1)                // granule position of a page on which no packet ends
	polynome = uint32(0x04c11db7)       // RFC 3533 §6, field CRC_checksum

	window   = 2 * maxPage // bytes read at a time
	minWaste = 16 << 20    // bytes that may be checked in vain in any file, see pages.next
	maxWaste = 8           // and for each byte of the file
)

// A page's flags.
const (
	continued byte = 1 << iota
	first
	last
)

// crcTable is for a byte at a time, high bit first.
var crcTable = func() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			if c&(1<<31) != 0 {
				c = c<<1 ^ polynome
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return t
}()

func crc(c uint32, b []byte) uint32 {
	for _, x := range b {
		c = c<<8 ^ crcTable[byte(c>>24)^x]
	}
	return c
}

// page is a page whose checksum is right. Its slices hold until the next one
// is read.
type page struct {
	off     int64 // in the file
	flags   byte
	granule int64
	serial  uint32
	seq     uint32
	lacing  []byte
	body    []byte
}

func (p *page) size() int64 { return int64(pageHead + len(p.lacing) + len(p.body)) }

// parse reads the page that b begins with. Where it needs more than b has, it
// says how many bytes.
func parse(b []byte) (p page, need int, ok bool) {
	if len(b) < pageHead {
		return p, pageHead, false
	}
	if string(b[:4]) != capture || b[4] != 0 {
		return p, 0, false
	}
	head := pageHead + int(b[26])
	if len(b) < head {
		return p, head, false
	}
	size := head
	for _, n := range b[pageHead:head] {
		size += int(n)
	}
	if len(b) < size {
		return p, size, false
	}
	le := binary.LittleEndian
	sum := crc(crc(crc(0, b[:22]), []byte{0, 0, 0, 0}), b[26:size])
	if sum != le.Uint32(b[22:]) {
		return p, 0, false
	}
	return page{
		flags: b[5], granule: int64(le.Uint64(b[6:])), serial: le.Uint32(b[14:]), seq: le.Uint32(b[18:]),
		lacing: b[pageHead:head], body: b[head:size],
	}, 0, true
}

// pages reads the pages of a file in order.
type pages struct {
	r     io.ReaderAt
	size  int64
	pos   int64 // where the next page is looked for
	buf   []byte
	start int64 // in the file, of buf
	waste int64 // bytes that may still be looked at in vain
}

func newPages(r io.ReaderAt, size, pos int64) *pages {
	return &pages{r: r, size: size, pos: pos, start: pos, waste: minWaste + maxWaste*size}
}

// at gives what is in the file at off, n bytes or more, fewer only at the
// file's end.
func (p *pages) at(off int64, n int) ([]byte, error) {
	if off < p.start || off+int64(n) > p.start+int64(len(p.buf)) {
		want := int(max(0, min(window, p.size-off)))
		if p.buf == nil {
			p.buf = make([]byte, 0, min(window, max(p.size, 0)))
		}
		// What is there already need not be read again.
		have := 0
		if off >= p.start && off < p.start+int64(len(p.buf)) {
			have = copy(p.buf[:cap(p.buf)], p.buf[off-p.start:])
		}
		p.buf = p.buf[:max(want, have)]
		got, err := p.r.ReadAt(p.buf[have:], off+int64(have))
		if err != nil && !errors.Is(err, io.EOF) {
			p.buf = p.buf[:0]
			return nil, err
		}
		p.buf, p.start = p.buf[:have+got], off
		if have+got < want {
			p.size = off + int64(have+got) // cut while it is read
		}
	}
	return p.buf[off-p.start:], nil
}

// next gives the next page. What is no page is passed over. Pages that stand
// one in another, in a file made for that, would have each byte checked
// thousands of times: so what is spent in vain is limited, and where the limit
// is reached the file is taken for cut.
func (p *pages) next() (page, error) {
	for p.pos < p.size && p.waste > 0 {
		b, err := p.at(p.pos, pageHead)
		if err != nil {
			return page{}, err
		}
		found, need, ok := parse(b)
		if need > len(b) {
			if b, err = p.at(p.pos, maxPage); err != nil {
				return page{}, err
			}
			found, _, ok = parse(b)
		}
		if ok {
			found.off = p.pos
			p.pos += found.size()
			return found, nil
		}
		if string(b[:min(4, len(b))]) == capture {
			p.waste -= claimed(b)
		}
		i := bytes.Index(b[1:], []byte(capture))
		if i < 0 {
			i = max(0, len(b)-1-3) // the capture pattern may begin in what was read
		}
		p.pos += int64(1 + i)
	}
	return page{}, io.EOF
}

// claimed is how many bytes the page says to have that b begins with.
func claimed(b []byte) int64 {
	if len(b) < pageHead {
		return pageHead
	}
	n := pageHead + int(b[26])
	for _, l := range b[pageHead:min(n, len(b))] {
		n += int(l)
	}
	return int64(min(n, len(b)))
}

// lastPages looks for pages from the end of the file backwards, but not before
// floor, and gives the last one of all and the last one of the stream serial
// on which a packet ends. It looks through reach bytes at most.
func lastPages(r io.ReaderAt, size, floor, reach int64, serial uint32) (any, own page, okAny, okOwn bool, err error) {
	floor = max(floor, size-reach)
	waste := minWaste + maxWaste*reach
	buf := make([]byte, 0, window+maxPage)
	// Each round looks at the pages that begin in [from, end).
	for end := size; end > floor; {
		from := max(floor, end-window)
		buf = buf[:min(int64(cap(buf)), size-from)]
		n, err := r.ReadAt(buf, from)
		if err != nil && !errors.Is(err, io.EOF) {
			return any, own, okAny, okOwn, err
		}
		b := buf[:n]
		for i := min(end-from, int64(len(b))); i > 0; {
			// A capture pattern that begins before i.
			j := int64(bytes.LastIndex(b[:min(i+3, int64(len(b)))], []byte(capture)))
			if j < 0 {
				break
			}
			i = j
			p, _, ok := parse(b[j:])
			if !ok {
				if waste -= claimed(b[j:]); waste < 0 {
					return any, own, okAny, okOwn, nil
				}
				continue
			}
			p.off = from + j
			if !okAny {
				any, okAny = p.clone(), true
			}
			if p.serial == serial && p.granule != noPacket {
				return any, p.clone(), true, true, nil
			}
		}
		end = from
	}
	return any, own, okAny, okOwn, nil
}

func (p page) clone() page {
	p.lacing, p.body = bytes.Clone(p.lacing), nil
	return p
}

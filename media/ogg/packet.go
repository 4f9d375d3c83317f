package ogg

import "io"

// maxPacket is more than any packet of sound has: Opus gives 120 ms of 8
// channels in some 60 kB, and the largest frame of FLAC has 65,535 samples of
// 8 channels.
const maxPacket = 4 << 20

// group is the packets that end on one page.
type group struct {
	packets [][]byte // hold until the next group is read; nil is one that was too large
	granule int64
	flags   byte
	gap     bool  // something is missing before them
	off     int64 // of the page the first of them begins on
}

// demuxer gives the packets of one stream, page by page.
type demuxer struct {
	pages  *pages
	serial uint32
	limit  int // bytes of a packet; the rest of a longer one is left out

	past    bool   // the first pages of all streams lie behind
	begun   bool   // a page was read
	seq     uint32 // of the next page
	partial []byte // of a packet that goes on on the next page
	open    bool   // there is such a packet
	over    bool   // it is longer than limit
	from    int64  // the page it begins on
	store   []byte // holds the packets of a group that began on pages before
	out     [][]byte
}

func newDemuxer(p *pages, serial uint32, limit int) *demuxer {
	return &demuxer{pages: p, serial: serial, limit: limit}
}

// next gives what ends on the next page of the stream, which may be nothing.
// When whole is set, a packet that is too long is nil; else it is cut.
func (d *demuxer) next(whole bool) (group, error) {
	for {
		p, err := d.pages.next()
		if err != nil {
			return group{}, err
		}
		if p.flags&first == 0 {
			d.past = true
		} else if d.past {
			return group{}, io.EOF // another recording begins
		}
		if p.serial != d.serial {
			continue
		}
		g := group{granule: p.granule, flags: p.flags, off: p.off}
		if d.begun && p.seq != d.seq {
			g.gap = true
		}
		// A page that goes on with a packet must do so with the one we have.
		skip := false
		if cont := p.flags&continued != 0; cont != d.open || g.gap {
			skip = cont
			g.gap = g.gap || d.begun
			d.open, d.over, d.partial = false, false, d.partial[:0]
		}
		d.begun, d.seq = true, p.seq+1
		if d.open {
			g.off = d.from
		}
		d.out = d.out[:0]
		body := p.body
		for i := 0; i < len(p.lacing); {
			n, ends := 0, false
			for i < len(p.lacing) && !ends {
				n += int(p.lacing[i])
				ends = p.lacing[i] < 255
				i++
			}
			piece := body[:n]
			body = body[n:]
			switch {
			case skip:
				skip = !ends
				continue
			case !d.open && ends:
				d.out = append(d.out, d.cut(piece, whole))
				continue
			case !d.open:
				d.open, d.over, d.partial, d.from = true, false, d.partial[:0], p.off
			}
			room := max(0, d.limit-len(d.partial)) // the limit may have come down
			d.partial = append(d.partial, piece[:min(room, n)]...)
			d.over = d.over || n > room
			if ends {
				// What comes after may use partial again.
				d.store, d.partial = d.partial, d.store[:0]
				d.open = false
				if d.over && whole {
					d.out = append(d.out, nil)
				} else {
					d.out = append(d.out, d.store)
				}
			}
		}
		g.packets = d.out
		return g, nil
	}
}

func (d *demuxer) cut(b []byte, whole bool) []byte {
	if len(b) <= d.limit {
		return b
	}
	if whole {
		return nil
	}
	return b[:d.limit]
}

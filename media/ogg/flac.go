package ogg

import (
	"bytes"
	"errors"
	"io"
)

// FLAC gives the stream of a FLAC file as it would stand outside of Ogg, from
// "fLaC" on, with no metadata but STREAMINFO; nil for other codecs. Frames that
// are damaged or missing are so in what it gives.
func (f *File) FLAC() io.Reader {
	if f.Codec != FLAC {
		return nil
	}
	start := bytes.Clone(f.head.native)
	start[4] |= 0x80 // the last block of metadata
	return &native{out: start, demux: newDemuxer(newPages(f.r, f.size, f.data), f.head.serial, maxPacket)}
}

// native is the packets of a stream one after another.
type native struct {
	demux *demuxer
	queue [][]byte
	out   []byte
}

func (n *native) Read(b []byte) (int, error) {
	for len(n.out) == 0 {
		if len(n.queue) == 0 {
			g, err := n.demux.next(true)
			if errors.Is(err, io.EOF) {
				return 0, io.EOF
			}
			if err != nil {
				return 0, err
			}
			n.queue = g.packets
			continue
		}
		n.out, n.queue = n.queue[0], n.queue[1:]
	}
	k := copy(b, n.out)
	n.out = n.out[k:]
	return k, nil
}

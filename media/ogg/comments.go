package ogg

import (
	"bytes"
	"errors"
	"io"
)

// Comments gives what a file says about its sound: the comment header without
// what the codec puts around it, and for FLAC the blocks of pictures; nil where
// there are none. Of all of them together it gives limit bytes at most, and so
// the beginning of a header that is longer. All errors are those of r.
func Comments(r io.ReaderAt, size int64, limit int) (comment []byte, pictures [][]byte, err error) {
	h, _, err := streams(newPages(r, size, 0))
	if err != nil {
		return nil, nil, known(err)
	}
	d := newDemuxer(newPages(r, size, 0), h.serial, limit)
	for n := 0; d.pages.pos < maxHeads && n < maxPreamble; {
		g, err := d.next(false)
		if err != nil {
			return comment, pictures, known(err)
		}
		for _, p := range g.packets {
			n++
			switch {
			case h.codec == Vorbis && n == 2 && bytes.HasPrefix(p, []byte("\x03vorbis")):
				return bytes.Clone(p[7:]), nil, nil
			case h.codec == Opus && n == 2 && bytes.HasPrefix(p, []byte("OpusTags")):
				return bytes.Clone(p[8:]), nil, nil
			case n == 1:
				continue
			case h.codec != FLAC || len(p) < 4 || p[0] == 0xff:
				return comment, pictures, nil
			case p[0]&0x7f == flacComment && comment == nil:
				comment = bytes.Clone(p[4:])
				d.limit -= len(p)
			case p[0]&0x7f == flacPicture:
				pictures = append(pictures, bytes.Clone(p[4:]))
				d.limit -= len(p)
			}
			d.limit = max(0, d.limit)
		}
	}
	return comment, pictures, nil
}

// Types of FLAC's metadata blocks: RFC 9639 §8.1.
const (
	flacComment = 4
	flacPicture = 6
)

// known takes away errors that tell of the file and not of its reader.
func known(err error) error {
	var u *UnplayableError
	if errors.Is(err, io.EOF) || errors.Is(err, ErrFormat) || errors.Is(err, ErrDamaged) || errors.As(err, &u) {
		return nil
	}
	return err
}

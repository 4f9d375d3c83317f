package tag

import "encoding/binary"

// maxPictureHead is more than stands before a picture in its structure.
const maxPictureHead = 64 << 10

// flacPicture reads a picture's structure as FLAC has it (RFC 9639 §8.8):
// the picture's type as in ID3v2, its media type, a description, four numbers
// and the picture.
func (f *file) flacPicture(b []byte) {
	rank := flacPictureRank(b)
	if rank <= f.picture || len(b) < 8 {
		return
	}
	mime, b, ok := counted32(b[4:])
	if !ok || string(mime) == "-->" {
		return // a link
	}
	_, b, ok = counted32(b)
	if !ok || len(b) < 20 {
		return
	}
	if data, _, ok := counted32(b[16:]); ok {
		f.setPicture(data, rank)
	}
}

// flacPictureRank says how good the picture is whose structure begins with b.
func flacPictureRank(b []byte) int {
	if len(b) < 4 {
		return 0
	}
	return pictureRank(byte(min(binary.BigEndian.Uint32(b), 255)))
}

// counted32 cuts a field off b that begins with its length, high byte first.
func counted32(b []byte) (field, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

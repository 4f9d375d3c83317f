package tag

import "earshot/media/flac"

// flac reads the comments and pictures of a FLAC file. A picture that can't be
// better than the one there is costs no more than its first bytes.
func (f *file) flac() error {
	var failed error
	_, err := flac.Walk(f.r, f.pos, f.size, func(kind byte, off, n int64) bool {
		var b []byte
		switch kind {
		case flac.Comments:
			b, failed = f.take(off, n)
			f.vorbisComment(b)
		case flac.Picture:
			var head [4]byte
			if n < int64(len(head)) || n > MaxPicture+maxPictureHead {
				break
			}
			if failed = f.readAt(head[:], off); failed != nil || flacPictureRank(head[:]) <= f.picture {
				break
			}
			b, failed = f.take(off, n)
			f.flacPicture(b)
		}
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return ofReader(err, flac.ErrFormat, flac.ErrDamaged)
}

// Package tag reads what files of sound say about themselves: ID3v2.2, 2.3 and
// 2.4 at the start or the end of a file or in a chunk of WAV, APEv2 and ID3v1
// at its end; Vorbis comments and pictures in FLAC and Ogg; the INFO list of
// RIFF; the list of MP4. Formats are those of id3.org (id3v2-00, id3v2.3.0,
// id3v2.4.0-structure and -frames), the APEv2 specification of Hydrogenaudio,
// and those told beside each reader.
//
// Tags are written by strangers. Reading takes time in proportion to the tag
// and never more than a fixed amount of memory; what is damaged is left out,
// the rest is given.
package tag

import (
	"errors"
	"fmt"
	"io"

	"earshot/media/wav"
)

// What one file's tags may cost and give. Text is in bytes of UTF-8 and is cut
// between two characters.
const (
	MaxLine    = 1000     // Title, Artist, AlbumArtist, Album and each genre
	MaxText    = 20000    // Comment and Lyrics
	MaxGenres  = 16       // genres of one file
	MaxPicture = 10 << 20 // a larger picture is passed over
)

const (
	maxBytes  = 16 << 20 // of all tags of a file taken together
	maxTags   = 8        // of each place (start, end)
	maxFrames = 1 << 16  // in one ID3v2 tag, items in one APE tag
)

// Tags is what a file says about itself. Everything may be missing. Texts are
// in NFC, without control characters, and trimmed; only Comment and Lyrics
// hold line ends ("\n") and tabs.
type Tags struct {
	Title       string
	Artist      string // several artists are joined by ", "
	AlbumArtist string
	Album       string
	Genres      []string // names, numbers resolved, without repeats
	Year        int      // 1 to 9999, or 0
	Track       int      // place on the album, from 1, or 0
	Tracks      int      // how many the album has, or 0
	Disc        int      // from 1, or 0
	Comment     string
	Lyrics      string
	Picture     []byte // the front cover, or the best picture there is; as stored, not checked further than its first bytes
	PictureMIME string // image/jpeg, image/png, image/gif or image/webp by the picture's own first bytes
}

// Read reads the tags of a file of size bytes, of the kind that its content
// shows. ID3v2 counts before what is the container's own or APEv2, and that
// before ID3v1; of two tags of a kind the first one counts. A file without
// tags gives zero Tags; the only errors are those of r.
//
// Text that claims to be Latin-1 but is UTF-8 or Korean (CP949) in truth is
// mended. Pictures that are links are ignored: nothing is ever fetched.
func Read(r io.ReaderAt, size int64) (Tags, error) {
	f := &file{r: r, size: size, left: maxBytes, inflate: maxBytes}
	if err := f.head(); err != nil {
		return Tags{}, fmt.Errorf("read tags at the start: %w", err)
	}
	inside, err := f.inside()
	if err != nil {
		return Tags{}, fmt.Errorf("read tags inside: %w", err)
	}
	if !inside {
		if err := f.tail(); err != nil {
			return Tags{}, fmt.Errorf("read tags at the end: %w", err)
		}
	}
	return f.result(), nil
}

// inside reads the tags of a file that keeps them within its container, and
// says whether nothing is to be looked for at its end, which is sound then.
func (f *file) inside() (all bool, err error) {
	var b [12]byte
	if f.size-f.pos < int64(len(b)) {
		return false, nil
	}
	if err := f.readAt(b[:], f.pos); err != nil {
		return false, err
	}
	switch {
	case wav.Is(b[:]):
		return true, f.wav()
	case string(b[:4]) == "fLaC":
		return false, f.flac() // ID3v1 and APEv2 are met behind it
	case string(b[:4]) == "OggS":
		return true, f.ogg()
	case string(b[4:8]) == "ftyp":
		return true, f.mp4()
	}
	return false, nil
}

// file is one reading of one file.
type file struct {
	r       io.ReaderAt
	size    int64
	left    int // bytes of tags that may still be read
	inflate int // bytes that may still come out of compressed frames
	pos     int64

	tags    Tags
	years   [numYears]int
	comment int // rank of the comment taken, 0 for none
	picture int // rank of the picture taken, 0 for none
}

// head reads the ID3v2 tags the file begins with.
func (f *file) head() error {
	for range maxTags {
		n, err := f.id3v2(f.pos)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		f.pos += n
	}
	return nil
}

// tail reads what stands at the end of the file, from the last tag backwards.
// ID3v1 is looked at last, since it holds the least.
func (f *file) tail() error {
	end := f.size
	var v1 []byte
	for range maxTags {
		if end-f.pos < 32 {
			break
		}
		foot := make([]byte, min(end-f.pos, id3v1Size))
		if err := f.readAt(foot, end-int64(len(foot))); err != nil {
			return err
		}
		var n int64
		var err error
		switch {
		case v1 == nil && len(foot) == id3v1Size && string(foot[:3]) == "TAG":
			v1, n = foot, id3v1Size
		case string(foot[len(foot)-10:][:3]) == "3DI":
			n, err = f.id3v2Before(end, foot[len(foot)-10:])
		case string(foot[len(foot)-32:][:8]) == "APETAGEX":
			n, err = f.ape(end, foot[len(foot)-32:])
		case string(foot[len(foot)-9:]) == "LYRICS200":
			n = lyrics3Size(foot[len(foot)-15:])
		}
		if err != nil {
			return err
		}
		if n <= 0 || n > end-f.pos {
			break
		}
		end -= n
	}
	if v1 != nil {
		f.id3v1(v1)
	}
	return nil
}

// readAt fills b from off. A file that ends early gives zeros: it was cut
// while we read it, which is not our reader's failure.
func (f *file) readAt(b []byte, off int64) error {
	n, err := f.r.ReadAt(b, off)
	clear(b[n:])
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// take reads n bytes at off, or fewer: only what the file has and what the
// budget leaves.
func (f *file) take(off, n int64) ([]byte, error) {
	n = max(0, min(n, f.size-off, int64(f.left)))
	f.left -= int(n)
	b := make([]byte, n)
	return b, f.readAt(b, off)
}

func (f *file) result() Tags {
	for _, y := range f.years {
		if y != 0 {
			f.tags.Year = y
			break
		}
	}
	return f.tags
}

// lyrics3Size gives the size of a Lyrics3v2 tag from its last 15 bytes (six
// digits that count everything before them, then "LYRICS200").
func lyrics3Size(b []byte) int64 {
	n := int64(0)
	for _, c := range b[:6] {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	return n + 15
}

package tag

import (
	"encoding/binary"
	"errors"
	"strings"

	"earshot/media/wav"
)

// wav reads the tags of a WAV file: ID3v2 in a chunk of its own before INFO
// (Multimedia Programming Interface 1.0, chapter 2), which does not tell in
// what letters it is written.
func (f *file) wav() error {
	type place struct{ off, n int64 }
	var id3, info []place
	err := wav.Walk(f.r, f.pos, f.size, func(id string, off, n int64) bool {
		switch id {
		case "id3 ", "ID3 ":
			id3 = append(id3, place{off, n})
		case "LIST":
			info = append(info, place{off, n})
		}
		return len(id3)+len(info) < maxTags
	})
	if err != nil {
		return ofReader(err, wav.ErrFormat)
	}
	for _, p := range id3 {
		// The tag may say that it is longer than its chunk: a reader of the
		// chunk alone does not believe that.
		within := *f
		within.size = p.off + p.n
		_, err := within.id3v2(p.off)
		within.size = f.size
		*f = within
		if err != nil {
			return err
		}
	}
	for _, p := range info {
		if err := f.riffInfo(p.off, p.n); err != nil {
			return err
		}
	}
	return nil
}

// ofReader leaves the errors that are the reader's, not the file's.
func ofReader(err error, not ...error) error {
	for _, e := range not {
		if errors.Is(err, e) {
			return nil
		}
	}
	return err
}

// riffInfo reads a list of type INFO.
func (f *file) riffInfo(off, n int64) error {
	b, err := f.take(off, n)
	if err != nil || len(b) < 4 || string(b[:4]) != "INFO" {
		return err
	}
	b = b[4:]
	for range maxFrames {
		if len(b) < 8 {
			break
		}
		id, size := string(b[:4]), binary.LittleEndian.Uint32(b[4:])
		b = b[8:]
		value := b[:min(uint64(size), uint64(len(b)))]
		f.infoValue(id, value)
		next := len(value)
		// The byte that makes sizes even is often forgotten.
		if next&1 != 0 && next < len(b) && b[next] == 0 {
			next++
		}
		b = b[next:]
	}
	return nil
}

// infoValue fills in what nothing better has said.
func (f *file) infoValue(id string, b []byte) {
	t := &f.tags
	b, _ = untilNUL(latin1, b)
	line := func() string { return clean(decode(latin1, b, MaxLine), MaxLine, false) }
	fill := func(dst *string) {
		if *dst == "" {
			*dst = line()
		}
	}
	switch strings.ToUpper(id) {
	case "INAM":
		fill(&t.Title)
	case "IART":
		fill(&t.Artist)
	case "IPRD":
		fill(&t.Album)
	case "ICRD":
		if f.years[yearRecorded] == 0 {
			f.years[yearRecorded] = year(line())
		}
	case "IGNR":
		if len(t.Genres) == 0 {
			f.genres([]string{line()})
		}
	case "ICMT":
		if f.comment == 0 && t.Comment == "" {
			t.Comment = clean(decode(latin1, b, MaxText), MaxText, true)
		}
	case "ITRK", "IPRT", "TRCK":
		if t.Track == 0 {
			t.Track, t.Tracks = numbers(line())
		}
	}
}

package ogg

import (
	"bytes"
	"errors"
	"os"
	"testing"
)

// bitWriter writes bits, the lowest first.
type bitWriter struct {
	b   []byte
	pos int
}

func (w *bitWriter) put(v uint32, n int) *bitWriter {
	for i := range n {
		if w.pos%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.pos/8] |= byte(v>>i&1) << (w.pos % 8)
		w.pos++
	}
	return w
}

// Each of these would have the decoder ask for gigabytes or never come back.
func TestSetupsThatAreAttacks(t *testing.T) {
	t.Parallel()
	book := func(dims, entries uint32) *bitWriter {
		w := &bitWriter{b: []byte("\x05vorbis"), pos: 56}
		return w.put(0, 8).put(0x564342, 24).put(dims, 16).put(entries, 24)
	}
	lengths := func(w *bitWriter, n ...uint32) *bitWriter {
		w.put(0, 2) // neither ordered nor sparse
		for _, l := range n {
			w.put(l-1, 5)
		}
		return w
	}
	for name, w := range map[string]*bitWriter{
		"no entries":             book(1, 0),
		"one entry":              lengths(book(1, 1), 1),
		"all entries there are":  book(1, 1<<24-1).put(1, 1).put(0, 5),
		"no dimensions":          lengths(book(0, 2), 1, 1).put(1, 4),
		"dimensions for 4 GB":    lengths(book(65535, 16384), 1, 1),
		"a code with a hole":     lengths(book(1, 2), 1, 2).put(0, 4),
		"a code of nothing":      book(1, 4).put(0, 1).put(1, 1).put(0, 4).put(0, 4),
		"too many codes":         lengths(book(1, 3), 1, 1, 1).put(0, 4),
		"an order without end":   book(1, 1000).put(1, 1).put(0, 5),
		"values without end":     lengths(book(65535, 2), 1, 1).put(2, 4).put(0, 32).put(0, 32).put(15, 4),
		"a book that is cut":     book(1, 16384).put(0, 2),
		"256 books, all missing": {b: []byte("\x05vorbis\xff"), pos: 64},
	} {
		h := head{codec: Vorbis, channels: 2, rate: 44100, blocks: [2]int{256, 2048}}
		h.setup = w.b
		if _, err := parseSetup(w.b, &h); !errors.Is(err, ErrUndecodable) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := newVorbisDecoder(&h); !errors.Is(err, ErrUndecodable) {
			t.Errorf("%s: decoder: %v", name, err)
		}
	}
	// The file itself is as good as before: it is played, if not decoded.
	b, err := os.ReadFile("testdata/vorbis.ogg")
	if err != nil {
		t.Fatal(err)
	}
	pages := apart(t, b)
	for i := range pages[1].body { // somewhere in the setup, at the same length
		if i > len(pages[1].body)-200 {
			pages[1].body[i] ^= 0x55
		}
	}
	whole := join(pages...)
	f, err := Open(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Reader(); !errors.Is(err, ErrUndecodable) || f.Samples == 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

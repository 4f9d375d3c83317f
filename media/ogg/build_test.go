package ogg

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"earshot/media/mediatest"
)

// onePage is a page taken apart.
type onePage struct {
	flags   byte
	granule int64
	serial  uint32
	seq     uint32
	lacing  []byte
	body    []byte
}

func (p onePage) bytes() []byte {
	le := binary.LittleEndian
	b := append([]byte(capture), 0, p.flags)
	b = le.AppendUint64(b, uint64(p.granule))
	b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, p.serial), p.seq), 0)
	b = append(append(append(b, byte(len(p.lacing))), p.lacing...), p.body...)
	le.PutUint32(b[22:], crc(0, b))
	return b
}

// packed makes a page of whole packets.
func packed(flags byte, granule int64, serial, seq uint32, packets ...[]byte) onePage {
	p := onePage{flags: flags, granule: granule, serial: serial, seq: seq}
	for _, b := range packets {
		p.lacing = append(append(p.lacing, bytes.Repeat([]byte{255}, len(b)/255)...), byte(len(b)%255))
		p.body = append(p.body, b...)
	}
	return p
}

func join(pages ...onePage) (out []byte) {
	for _, p := range pages {
		out = append(out, p.bytes()...)
	}
	return out
}

// apart takes a file's pages apart.
func apart(t testing.TB, b []byte) (out []onePage) {
	t.Helper()
	p := newPages(bytes.NewReader(b), int64(len(b)), 0)
	for {
		pg, err := p.next()
		if err != nil {
			return out
		}
		out = append(out, onePage{pg.flags, pg.granule, pg.serial, pg.seq, bytes.Clone(pg.lacing), bytes.Clone(pg.body)})
	}
}

// made is a sound of seconds as an encoder writes it, with many pages.
func made(t testing.TB, codec string, seconds float64) []byte {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "in.wav", wave(48000, 2, seconds))
	switch codec {
	case Vorbis:
		mediatest.RunIn(t, dir, "ffmpeg", "-v", "error", "-i", "in.wav", "-c:a", "libvorbis", "-page_duration", "100000", "-f", "ogg", "out")
	case Opus:
		mediatest.RunIn(t, dir, "opusenc", "--quiet", "--max-delay", "100", "in.wav", "out")
	case FLAC:
		mediatest.RunIn(t, dir, "flac", "--ogg", "-s", "-o", "out", "in.wav")
	}
	return readFile(t, dir, "out")
}

func write(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// heads is how many pages of a file are those of its headers.
func heads(pages []onePage) int {
	return slices.IndexFunc(pages, func(p onePage) bool { return p.granule > 0 })
}

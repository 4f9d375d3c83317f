package mp3

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"testing"

	"earshot/media/mp3/mp3test"
)

// stored is one of each kind of index.
func stored(t testing.TB) map[string][]byte {
	t.Helper()
	tag := mp3test.ID3v2(3, mp3test.Cover(300, 1))
	files := map[string][]byte{
		"cbr":         cd.Silence(100),
		"cbr, 2 runs": slices.Concat(cd.Silence(50), tag, cd.Silence(50)),
		"cbr, 48 kHz": mp3test.Format{SampleRate: 48000, Bitrate: 320}.Silence(50),
		"tagged vbr":  slices.Concat(tag, cd.Xing(128, mp3test.Info{Frames: 100, Encoder: "LAME", Delay: 576, Padding: 900}), cd.Build(cd.Uneven(100, 2)...)),
		"vbr, hurt":   slices.Concat(voice.Build(voice.Uneven(100, 3)...), mp3test.Rubbish(99, 1), voice.Silence(9), phone.Silence(1)),
		"free format": slices.Concat(free.Silence(20), mp3test.ID3v1("")),
		"cut":         phone.Silence(20)[:1000],
	}
	out := map[string][]byte{}
	for name, file := range files {
		x, err := scan(file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b, err := x.MarshalBinary()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b
	}
	return out
}

// reseal gives b with a right checksum.
func reseal(b []byte) []byte {
	b = bytes.Clone(b)
	n := len(b) - 4
	binary.BigEndian.PutUint32(b[n:], crc32.Checksum(b[:n], castagnoli))
	return b
}

// TestUnmarshalStrict: no cut, longer or flipped copy is taken, and those that
// pass the checksum are taken only if they make sense and come out the same.
func TestUnmarshalStrict(t *testing.T) {
	t.Parallel()
	for name, good := range stored(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := range good {
				if err := new(Index).UnmarshalBinary(good[:n]); !errors.Is(err, ErrIndex) {
					t.Fatalf("cut to %d bytes: %v", n, err)
				}
				if n >= 8 {
					if err := new(Index).UnmarshalBinary(reseal(good[:n])); !errors.Is(err, ErrIndex) {
						t.Fatalf("cut to %d bytes, resealed: %v", n, err)
					}
				}
			}
			if err := new(Index).UnmarshalBinary(append(bytes.Clone(good), 0)); !errors.Is(err, ErrIndex) {
				t.Errorf("a byte more: %v", err)
			}
			for i := range good {
				for bit := range 8 {
					b := bytes.Clone(good)
					b[i] ^= 1 << bit
					x := &Index{frames: 7}
					if err := x.UnmarshalBinary(b); !errors.Is(err, ErrIndex) || x.frames != 7 {
						t.Fatalf("bit %d of byte %d: %v", bit, i, err)
					}
					x = new(Index)
					b = reseal(b)
					if err := x.UnmarshalBinary(b); err != nil {
						if !errors.Is(err, ErrIndex) {
							t.Fatal(err)
						}
						continue
					}
					checkSound(t, x)
					again, err := x.MarshalBinary()
					if err != nil || !bytes.Equal(again, b) {
						t.Fatalf("bit %d of byte %d is lost on the way", bit, i)
					}
				}
			}
		})
	}
}

// TestUnmarshalOld keeps the first layout readable: it must never change
// without a new number.
func TestUnmarshalOld(t *testing.T) {
	t.Parallel()
	want, err := scan(slices.Concat(cd.Silence(3), mp3test.ID3v1("")))
	if err != nil {
		t.Fatal(err)
	}
	b := []byte("EMFI\x01\x00\x00\x00" + // layout 1, no flags, no reach
		"\xff\xfb\x90\x40" + "\x00\x00" + "\x00\x00" + "\x00\x00" + "\x00\x00\x00\x00" + // header, free size, delay, padding, promised
		"\x00\x00\x00\x00\x00\x00\x05\x65" + "\x00\x00\x00\x00\x00\x00\x04\xe5" + // sizes of file and audio
		"\x00\x00\x00\x03" + "\x00\x00\x00\x01" + // frames, runs
		"\x00\x00\x00\x03" + "\x00\x00\x00\x00\x00\x00\x00\x00" + "\x02\x00\x00" + // frames, offset, rule
		"....")
	if got, _ := want.MarshalBinary(); !bytes.Equal(got, reseal(b)) {
		t.Errorf("stored as\n%x, want\n%x", got, reseal(b))
	}
	var x Index
	if err := x.UnmarshalBinary(reseal(b)); err != nil {
		t.Fatal(err)
	}
	if err := same(want, &x); err != nil {
		t.Error(err)
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, b := range stored(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<20 {
			return // only slower, not different
		}
		if len(b) >= 4 { // a wrong checksum is no test of the rest
			b = reseal(b)
		}
		var x Index
		if err := x.UnmarshalBinary(b); err != nil {
			if !errors.Is(err, ErrIndex) {
				t.Fatal(err)
			}
			return
		}
		again, err := x.MarshalBinary()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("came out as %x, %v", again, err)
		}
		if x.Frames() < 100_000 {
			checkSound(t, &x)
		}
	})
}

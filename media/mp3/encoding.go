package mp3

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A stored index, all numbers big-endian:
//
//	 0  4  "EMFI"
//	 4  1  version of this layout, 1
//	 5  1  flags: 1 codes, 2 tagged, 4 damaged, 8 cut
//	 6  1  the longest reach, without codes
//	 7  1  0
//	 8  4  header of the first frame
//	12  2  free format: bytes of a frame without padding
//	14  2  delay
//	16  2  padding
//	18  4  promised frames
//	22  8  size of the file
//	30  8  where the audio ends
//	38  4  number of frames
//	42  4  number of runs
//	46     each run: 4 frames, 8 offset; without codes also 1 kind, 2 phase of its rule
//	       each frame, with codes: 1
//	       4  CRC-32C of everything before
const (
	layoutMagic   = "EMFI"
	layoutVersion = 1
	layoutHead    = 46

	flagCodes   = 1
	flagTagged  = 2
	flagDamaged = 4
	flagCut     = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// MarshalBinary gives the index as bytes: about one a frame, or 65 in all when
// the file has one bit rate and no gaps. The error is always nil.
func (x *Index) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, layoutHead+len(x.runs)*15+len(x.codes)+4)
	b = append(b, layoutMagic...)
	flags := byte(0)
	for _, f := range []struct {
		set bool
		bit byte
	}{{x.codes != nil, flagCodes}, {x.tagged, flagTagged}, {x.damaged, flagDamaged}, {x.cut, flagCut}} {
		if f.set {
			flags |= f.bit
		}
	}
	b = append(b, layoutVersion, flags, byte(x.reach), 0)
	b = binary.BigEndian.AppendUint32(b, uint32(x.head))
	b = binary.BigEndian.AppendUint16(b, uint16(x.freeSize))
	b = binary.BigEndian.AppendUint16(b, uint16(x.delay))
	b = binary.BigEndian.AppendUint16(b, uint16(x.padding))
	b = binary.BigEndian.AppendUint32(b, uint32(x.promised))
	b = binary.BigEndian.AppendUint64(b, uint64(x.fileSize))
	b = binary.BigEndian.AppendUint64(b, uint64(x.end))
	b = binary.BigEndian.AppendUint32(b, uint32(x.frames))
	b = binary.BigEndian.AppendUint32(b, uint32(len(x.runs)))
	for r, run := range x.runs {
		b = binary.BigEndian.AppendUint32(b, uint32(run.Frames))
		b = binary.BigEndian.AppendUint64(b, uint64(run.Offset))
		if x.codes == nil {
			b = append(b, byte(x.rules[r].kind()))
			b = binary.BigEndian.AppendUint16(b, uint16(x.rules[r].phase))
		}
	}
	b = append(b, x.codes...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)), nil
}

// UnmarshalBinary sets x to the index that MarshalBinary gave as b. It answers
// ErrIndex, leaving x as it was, for any bytes that could not have come from
// there. It allocates no more than a small multiple of len(b) and keeps none
// of it.
func (x *Index) UnmarshalBinary(b []byte) error {
	y, err := decode(b)
	if err != nil {
		return err
	}
	*x = *y
	return nil
}

func decode(b []byte) (*Index, error) {
	bad := func(what string) (*Index, error) { return nil, fmt.Errorf("%w: %s", ErrIndex, what) }
	if len(b) < layoutHead+4 || string(b[:4]) != layoutMagic {
		return bad("no such layout")
	}
	if b[4] != layoutVersion {
		return bad(fmt.Sprintf("layout %d is not known", b[4]))
	}
	n := len(b) - 4
	if binary.BigEndian.Uint32(b[n:]) != crc32.Checksum(b[:n], castagnoli) {
		return bad("wrong checksum")
	}
	be := binary.BigEndian
	flags := b[5]
	x := &Index{
		head:     header(be.Uint32(b[8:])),
		freeSize: int(be.Uint16(b[12:])),
		delay:    int(be.Uint16(b[14:])),
		padding:  int(be.Uint16(b[16:])),
		tagged:   flags&flagTagged != 0,
		damaged:  flags&flagDamaged != 0,
		cut:      flags&flagCut != 0,
		reach:    int(b[6]),
	}
	promised, frames, runs := be.Uint32(b[18:]), be.Uint32(b[38:]), be.Uint32(b[42:])
	fileSize, end := be.Uint64(b[22:]), be.Uint64(b[30:])
	codes := flags&flagCodes != 0
	switch {
	case flags > flagCodes|flagTagged|flagDamaged|flagCut || b[7] != 0:
		return bad("unknown flags")
	case !x.head.valid() || x.head.layer() != 3:
		return bad("wrong header")
	case x.head.free() != (x.freeSize != 0), x.freeSize > maxFreeSize, x.head.free() && x.freeSize < leastFreeSize:
		return bad("wrong frame size")
	case x.reach > farReach || codes && x.reach != 0:
		return bad("wrong reach")
	case promised > maxFrames || frames == 0 || frames > maxFrames || runs == 0 || runs > maxRuns || runs > frames:
		return bad("wrong counts")
	case fileSize >= 1<<62 || end > fileSize:
		return bad("wrong sizes")
	}
	x.promised, x.fileSize, x.end = int(promised), int64(fileSize), int64(end)

	each, want := 15, layoutHead+15*int(runs)
	if codes {
		each, want = 12, layoutHead+12*int(runs)+int(frames)
	}
	if n != want {
		return bad("wrong length")
	}
	at := layoutHead
	x.runs = make([]Run, runs)
	if !codes {
		x.rules = make([]rule, runs)
	}
	left := frames
	for r := range x.runs {
		count, offset := be.Uint32(b[at:]), be.Uint64(b[at+4:])
		if count == 0 || count > left || offset > end {
			return bad("wrong run")
		}
		left -= count
		x.runs[r] = Run{Frames: int(count), Offset: int64(offset)}
		if !codes {
			var ok bool
			if x.rules[r], ok = newRule(x.head, int(b[at+12]), int64(be.Uint16(b[at+13:]))); !ok {
				return bad("wrong rule")
			}
		}
		at += each
	}
	if left != 0 {
		return bad("wrong runs")
	}
	if codes {
		x.codes = append([]byte(nil), b[at:n]...)
		for _, c := range x.codes {
			if c>>4 == 15 || (c>>4 == 0) != x.head.free() {
				return bad("wrong frame")
			}
		}
	}
	x.settle()
	was := int64(-1)
	for _, run := range x.runs {
		if run.Offset <= was {
			return bad("overlapping runs")
		}
		was = run.Offset + run.Length
	}
	if was > x.end {
		return bad("frames beyond the end")
	}
	if x.delay > maxTrim || x.padding > maxTrim ||
		!x.tagged && x.delay+x.padding != 0 || x.tagged && x.Samples() <= 0 {
		return bad("wrong delay or padding")
	}
	return x, nil
}

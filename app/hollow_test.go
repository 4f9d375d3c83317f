package app_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"earshot/app/core"
)

// stillness builds a FLAC file of hours of silence at 48 kHz in stereo, some
// 15 bytes for each 1.4 seconds of it, behind so many bytes of padding.
func stillness(hours, padding int) []byte {
	const block = 65535
	be := binary.BigEndian
	b := append([]byte("fLaC"), 0, 0, 0, 34)
	b = be.AppendUint16(be.AppendUint16(b, block), block)
	b = append(b, make([]byte, 6)...)
	b = be.AppendUint64(b, 48_000<<44|1<<41|15<<36)
	b = append(b, make([]byte, 16)...)
	b = be.AppendUint32(b, 0x81<<24|uint32(padding))
	b = append(b, make([]byte, padding)...)
	for i := range hours * 3600 * 48_000 / block {
		f := []byte{0xff, 0xf8, 0x70, 1 << 4}
		f = append(f, string(rune(i))...) // UTF-8 for numbers below 55,296
		f = be.AppendUint16(f, block-1)
		f = append(f, byte(sum(f, 8, 0x07)))
		f = append(f, 0, 0, 0, 0, 0, 0) // two constant channels
		b = append(b, be.AppendUint16(f, uint16(sum(f, 16, 0x8005)))...)
	}
	return b
}

// sum is the CRC of so many bits.
func sum(b []byte, bits int, polynomial uint32) (c uint32) {
	for _, v := range b {
		c ^= uint32(v) << (bits - 8)
		for range 8 {
			if c <<= 1; c>>bits != 0 {
				c = c&(1<<bits-1) ^ polynomial
			}
		}
	}
	return c
}

// TestHoursOfNothing uploads files that take far longer to measure than to
// send: nobody's waveform waits for theirs.
func TestHoursOfNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	h.app.StopLong()
	hollow := mina.upload("hollow.flac", stillness(3, 0), "public")
	long := mina.upload("long.flac", stillness(3, 2<<20), "public")
	if got := jun.drawn(jun.upload("tone.flac", soundFile(t, "tone.flac"), "public").ID); got.Waveform != "ready" {
		t.Errorf("another's track: got waveform %q", got.Waveform)
	}
	h.idle(core.JobAnalyse)
	if got := mina.drawn(hollow.ID); got.Waveform != "failed" || got.DurationMS < 3*3_590_000 {
		t.Errorf("hours in a few bytes: got waveform %q of %d ms", got.Waveform, got.DurationMS)
	}
	if got := jun.get("/api/tracks/" + hollow.ID + "/stream").want(200).body; !bytes.HasPrefix(got, []byte("fLaC")) {
		t.Errorf("it plays as %q", got[:min(len(got), 8)])
	}
	if jobs := h.waits(core.JobAnalyseLong); len(jobs) != 1 || jobs[0].Subject.String() != long.ID {
		t.Errorf("what takes long: got %+v", jobs)
	}

	h.reopen() // the lane of long tracks begins with it
	for range 2400 {
		if jobs := h.waits(core.JobAnalyseLong); len(jobs) == 1 && jobs[0].Attempts > 0 {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	mina.delete("/api/tracks/" + long.ID).want(204)
	const ended = "deleted while it was measured"
	for range 2400 {
		if strings.Contains(h.log.String(), ended) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Error("a track that was deleted is measured on")
}

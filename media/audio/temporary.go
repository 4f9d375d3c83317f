package audio

import (
	"encoding/binary"
	"io"
)

// Temporary stand-ins, until the real ones come.

type FormatError struct {
	Format string
	Kind   error
}

func (e *FormatError) Error() string { return "looks like " + e.Format }
func (e *FormatError) Unwrap() error { return e.Kind }

func (c Codec) Type() string {
	return map[Codec]string{MP3: "audio/mpeg", WAV: "audio/wav", FLAC: "audio/flac", Vorbis: "audio/ogg; codecs=vorbis",
		Opus: "audio/ogg; codecs=opus", AAC: `audio/mp4; codecs="mp4a.40.2"`}[c]
}

func (c Codec) Ext() string {
	return map[Codec]string{MP3: "mp3", WAV: "wav", FLAC: "flac", Vorbis: "ogg", Opus: "opus", AAC: "m4a"}[c]
}

func Probe(r io.ReaderAt, size int64) (Info, error) {
	var b [48]byte
	n, _ := r.ReadAt(b[:], 0)
	h := b[:n]
	switch {
	case n >= 44 && string(h[:4]) == "RIFF" && string(h[8:16]) == "WAVEfmt ":
		if binary.LittleEndian.Uint16(h[20:]) != 1 {
			return Info{}, &FormatError{"WAV with ADPCM", ErrUnplayable}
		}
		ch, rate := int(binary.LittleEndian.Uint16(h[22:])), int(binary.LittleEndian.Uint32(h[24:]))
		if ch == 0 || rate == 0 || size <= 44 {
			return Info{}, ErrEmpty
		}
		return Info{Codec: WAV, SampleRate: rate, Channels: ch, Samples: (size - 44) / 2 / int64(ch), Bitrate: rate * ch * 16, Bits: 16}, nil
	case n >= 20 && string(h[:4]) == "fLaC":
		return Info{}, ErrDamaged
	case n >= 12 && string(h[4:11]) == "ftypM4A":
		return Info{Codec: AAC, SampleRate: 44100, Channels: 2, Samples: 88200, Bitrate: 128000}, nil
	case n >= 12 && string(h[:4]) == "FORM":
		return Info{}, &FormatError{"AIFF", ErrUnplayable}
	}
	return Info{}, ErrNotAudio
}

type wavReader struct {
	r    io.ReaderAt
	at   int64
	size int64
	i    Info
}

func (w *wavReader) SampleRate() int { return w.i.SampleRate }
func (w *wavReader) Channels() int   { return w.i.Channels }
func (w *wavReader) Read(dst []float32) (int, error) {
	b := make([]byte, min(int64(len(dst)*2), w.size-w.at)&^(int64(2*w.i.Channels)-1))
	n, _ := w.r.ReadAt(b, w.at)
	if n == 0 {
		return 0, io.EOF
	}
	w.at += int64(n)
	for i := range n / 2 {
		dst[i] = float32(int16(binary.LittleEndian.Uint16(b[2*i:]))) / 32768
	}
	return n / 2, nil
}

func Open(r io.ReaderAt, size int64, info Info) (Reader, error) {
	if info.Codec == WAV {
		return &wavReader{r: r, at: 44, size: size, i: info}, nil
	}
	return nil, ErrUndecodable
}

package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"

	"earshot/media/audio"
	"earshot/media/layer3"
	"earshot/media/mp3"
)

// Sound is a file whose sound is known by its content.
type Sound struct {
	audio.Info
	r    io.ReaderAt
	size int64
	x    *mp3.Index // of mp3 alone
}

// Open tells what sound a file of so many bytes holds: mp3, or whatever else
// media/audio knows. Errors wrap those of media/audio, or are what r answered.
func Open(r io.ReaderAt, size int64) (*Sound, error) {
	info, x, err := audio.Identify(r, size)
	if err != nil {
		return nil, translate(err)
	}
	return &Sound{Info: info, r: r, size: size, x: x}, nil
}

// translate says in the words for all formats what media/mp3 refused.
func translate(err error) error {
	var format *mp3.FormatError
	switch {
	case errors.As(err, &format):
		return fmt.Errorf("%w: it is %s", audio.ErrNotAudio, format.Format)
	case errors.Is(err, mp3.ErrNotAudio):
		return audio.ErrNotAudio
	case errors.Is(err, mp3.ErrLayer):
		return fmt.Errorf("%w: %w", audio.ErrUnplayable, err)
	case errors.Is(err, mp3.ErrEmpty):
		return audio.ErrEmpty
	}
	return err
}

// Full measures all samples; see the function of that name.
func (s *Sound) Full(ctx context.Context, progress func(share float64)) (*Result, error) {
	src, err := s.open()
	if err != nil {
		return nil, err
	}
	return Full(ctx, src, s.Samples, progress)
}

// Quick measures in the frequency domain where that can be done, as the
// function of that name, and otherwise all samples.
func (s *Sound) Quick(ctx context.Context, progress func(share float64)) (*Result, error) {
	if s.x == nil {
		return s.Full(ctx, progress)
	}
	return Quick(ctx, s.r, s.x, progress)
}

func (s *Sound) open() (audio.Reader, error) {
	if s.x != nil {
		return layer3.NewReader(s.r, s.x), nil
	}
	return audio.Open(s.r, s.size, s.Info)
}

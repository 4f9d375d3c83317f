// Package picture makes small JPEGs out of pictures that strangers send:
// squares of artwork from tags, uploaded covers and portraits, and wide banners.
//
// A picture is measured before it is decoded, one is decoded at a time, and
// only pixels survive: what comes out was encoded here and carries no
// metadata, place or profile. Nothing else of the original is kept.
package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"time"
)

// The sizes that are made, in pixels of a side.
const (
	Small  = 100
	Medium = 300
	Large  = 600
)

// What is taken. Decoding costs about 1 to 4 bytes a pixel, progressive JPEGs
// up to 15: a picture that would take more than maxMemory is refused too, so
// the largest progressive JPEG in full colour is 10 megapixels.
const (
	MaxPixels = 25_000_000
	maxSide   = 16_384
	maxMemory = 144 << 20
	maxWork   = 256_000_000 // pixels times passes over them, in JPEG
)

var (
	// ErrNotPicture is for everything but JPEG, PNG, WebP and GIF.
	ErrNotPicture = errors.New("not a JPEG, PNG, WebP or GIF picture")
	// ErrTooLarge is for files with more bytes than the Maker takes.
	ErrTooLarge = errors.New("picture file too large")
	// ErrTooManyPixels is for pictures that would take too much to decode.
	ErrTooManyPixels = errors.New("picture has too many pixels")
	// ErrDamaged is for pictures that start right and can't be decoded.
	ErrDamaged = errors.New("damaged picture")
	// ErrBusy is for pictures whose turn did not come: too many are waiting.
	ErrBusy = errors.New("too many pictures are waiting")
)

// patience is how long a picture waits for its turn.
const patience = 20 * time.Second

// Result is what is made of a picture.
type Result struct {
	// Sizes holds a JPEG for each of Small, Medium and Large: the middle
	// square of the picture. Pictures are never enlarged: where the original
	// is smaller than the size's name, the JPEG has the original's size.
	Sizes map[int][]byte
	// Colour is 0xRRGGBB, the most striking colour that fills a good part of
	// the picture.
	Colour uint32
}

// Maker makes pictures, one at a time however many ask. Make one for the whole
// process.
type Maker struct {
	maxBytes int64
	memory   int64 // bytes that decoding one may take
	turn     chan struct{}
	patience time.Duration
}

// NewMaker returns a Maker that takes files of up to maxBytes.
func NewMaker(maxBytes int64) *Maker {
	return &Maker{maxBytes: maxBytes, memory: maxMemory, turn: make(chan struct{}, 1), patience: patience}
}

// Within bounds the memory that decoding a picture may take, in bytes, below
// what it is otherwise; 0 leaves it. It gives the Maker back.
func (m *Maker) Within(memory int64) *Maker {
	if memory > 0 {
		m.memory = min(m.memory, memory)
	}
	return m
}

// Make reads a picture to its end and makes the sizes of it. Only the first
// bytes are read before its turn has come, so that those who wait hold next to
// nothing; and others wait while it reads, so r must not be a line to somebody
// slow. The error is one of this package's, of ctx, or of r, wrapped.
func (m *Maker) Make(ctx context.Context, r io.Reader) (Result, error) {
	return m.make(ctx, r, sizes)
}

func (m *Maker) make(ctx context.Context, r io.Reader, sizes func(image.Image, int) (Result, error)) (Result, error) {
	head := make([]byte, signLength)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && !(err == io.ErrUnexpectedEOF && n > 0) {
		return Result{}, fmt.Errorf("read picture: %w", err)
	}
	if head = head[:n]; !recognised(head) {
		return Result{}, ErrNotPicture
	}
	late := time.NewTimer(m.patience)
	defer late.Stop()
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-late.C:
		return Result{}, ErrBusy
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	data, err := m.read(io.MultiReader(bytes.NewReader(head), r))
	if err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	p, err := inspect(data, m.memory)
	if err != nil {
		return Result{}, err
	}
	src, err := p.decode(ctx, data)
	if err != nil {
		return Result{}, err
	}
	return sizes(src, p.orientation)
}

// read reads a whole picture.
func (m *Maker) read(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, m.maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if int64(len(data)) > m.maxBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, m.maxBytes)
	}
	return data, nil
}

// decode decodes what inspect found to be affordable. A decoder that panics
// has met a damaged picture.
func (p probe) decode(ctx context.Context, data []byte) (img image.Image, err error) {
	defer func() {
		if v := recover(); v != nil {
			img, err = nil, fmt.Errorf("%w: decoder stopped: %v", ErrDamaged, v)
		}
	}()
	img, err = p.format.decode(&patientReader{ctx: ctx, r: bytes.NewReader(data)})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if b := img.Bounds(); b.Empty() || b.Dx() > p.width || b.Dy() > p.height {
		return nil, fmt.Errorf("%w: measures %v, said to be %dx%d", ErrDamaged, b, p.width, p.height)
	}
	return img, nil
}

// patientReader stops a decoder whose context is done at its next read.
type patientReader struct {
	ctx context.Context
	r   *bytes.Reader
}

func (r *patientReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b[:min(len(b), 4096)])
}

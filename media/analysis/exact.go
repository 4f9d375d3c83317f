package analysis

import (
	"context"
	"io"

	"earshot/media/layer3"
	"earshot/media/mp3"
)

// Exact is Full of the mp3 that x is the index of.
func Exact(ctx context.Context, r io.ReaderAt, x *mp3.Index, progress func(share float64)) (*Result, error) {
	return Full(ctx, layer3.NewReader(r, x), x.Samples(), progress)
}

package layer3

import (
	"io"

	"earshot/media/mp3"
)

// Energies measures all frames of a file in the frequency domain, granule by
// granule from its first frame on, through a window on the file. Frames that
// can't be measured are holes: zero Energies, as many as a frame has granules.
//
// # Time
//
// Count the samples of all frames from 0, as Decode gives them: 576 a granule,
// nothing skipped. The energy of granule g (from 0) is that of samples
// 576*g+240 to 576*g+1392, weighted by the window of its MDCT, a squared sine
// whose middle is sample 576*g+816; 240 is what the filter bank is late by. So
// the mean square of the 576 samples from 576*g+816-288 on is about
//
//	(energy(g-1) + 2*energy(g) + energy(g+1)) / 4
//
// and that of the 576 samples from 576*g+816 on, the middle of granule g to
// that of g+1, is (energy(g) + energy(g+1)) / 2.
//
// A Reader of the file skips Delay() + mp3.DecoderDelay of these samples where
// it is Tagged: its sample 0 is sample number Delay()+529 here.
//
// # Channels
//
// Where a file changes between mono and stereo, energies go on as a Reader's
// samples do: mono counts twice in a stereo file. Stereo in a mono file counts
// half, which is exact where both sides are the same.
type Energies struct {
	frames  *frames
	m       Meter
	list    [2]Energy
	pending []Energy
	holes   int
}

// NewEnergies measures the file that x is the index of.
func NewEnergies(r io.ReaderAt, x *mp3.Index) *Energies {
	return &Energies{frames: newFrames(r, x)}
}

// Holes is how many frames so far could not be measured.
func (e *Energies) Holes() int { return e.holes }

// Next gives the next granule. The error is io.EOF behind the last one, or the
// file's.
func (e *Energies) Next(out *Energy) error {
	if len(e.pending) == 0 {
		if err := e.frame(); err != nil {
			return err
		}
	}
	*out = e.pending[0]
	e.pending = e.pending[1:]
	return nil
}

func (e *Energies) frame() error {
	frame, gap, err := e.frames.read()
	if err != nil {
		return err
	}
	if gap {
		e.m.Reset()
	}
	x := e.frames.x
	want := x.SamplesPerFrame() / 576
	e.pending = e.list[:want]
	h, valid := parseHeader(frame)
	if !valid || h.granules != want {
		e.m.Reset()
		clear(e.pending)
		e.holes++
		return nil
	}
	if _, ok := e.m.Frame(frame, &e.list); !ok {
		e.holes++
	}
	if h.channels != x.Channels() {
		factor := float32(x.Channels()) / float32(h.channels)
		for i := range e.pending {
			e.pending[i].scale(factor)
		}
	}
	return nil
}

func (e *Energy) scale(factor float32) {
	for i := range e.Bands {
		e.Bands[i] *= factor
	}
	for i := range e.Low {
		e.Low[i] *= factor
	}
	for i := range e.Times {
		e.Times[i] *= factor
	}
}

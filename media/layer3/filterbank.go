package layer3

// filterbank turns spectra of one channel into sound: alias reduction, the
// inverse MDCT with its windows and overlap, frequency inversion and the
// polyphase synthesis (11172-3, 2.4.3.4.10). The zero value is ready, and
// silent.
//
// All of it is in single precision. Products that are added to something are
// converted to the type they have already, which keeps them from being fused
// with the sum: so the samples are the same on every processor.
type filterbank struct {
	overlap [subbands][18]float32         // what the granule before adds to this one
	slots   [18 * subbands]float32        // the samples of all sub-bands of this granule, time by time
	phases  [(15 + 18) * subbands]float32 // their cosine transforms, the last 15 of the granule before first
	ringing int                           // sub-bands below this may have overlap
	written int                           // sub-bands below this may be other than 0 in slots
	rest    bool                          // phases holds something other than 0
}

const subbands = 32

// The block types (11172-3, 2.4.2.7).
const (
	blockNormal = iota
	blockStart
	blockShort
	blockStop
)

// reset forgets all sound before.
func (f *filterbank) reset() { *f = filterbank{} }

// synth turns the spectrum of one granule into 576 samples at dst[0],
// dst[stride] and so on. lines is how many leading lines may be other than 0.
// xr is destroyed. Full scale is 1.
//
// mixed makes the two lowest sub-bands long ones of the normal type. In short
// blocks the three windows lie interleaved within each band, line by line
// (11172-3, 2.4.3.4.8).
func (f *filterbank) synth(xr *[576]float32, blockType uint8, mixed bool, lines int, dst []float32, stride int) {
	blockType &= 3
	long := subbands // sub-bands below this have long blocks
	if blockType == blockShort {
		long = 0
		if mixed {
			long = 2
		}
	}
	active := reduceAlias(xr, min(max(lines, 0), len(xr)), long)
	f.hybrid(xr, blockType, mixed, active)
	if f.written == 0 && !f.rest {
		for i := range xr {
			dst[i*stride] = 0
		}
		return
	}
	copy(f.phases[:15*subbands], f.phases[18*subbands:])
	for t := range 18 {
		matrix((*[subbands]float32)(f.phases[(15+t)*subbands:]), (*[subbands]float32)(f.slots[t*subbands:]))
		overlay((*[16 * subbands]float32)(f.phases[t*subbands:]), dst[t*subbands*stride:], stride)
	}
	f.rest = f.written > 0
}

// hybrid turns the spectrum, of which the sub-bands from active on are silent,
// into the samples of the sub-bands (11172-3, 2.4.3.4.10.2 to 2.4.3.4.10.4).
func (f *filterbank) hybrid(xr *[576]float32, blockType uint8, mixed bool, active int) {
	for sb := range active {
		kind := blockType
		if mixed && sb < 2 {
			kind = blockNormal
		}
		in, over, out := (*[18]float32)(xr[18*sb:]), &f.overlap[sb], (*column)(f.slots[sb:])
		if kind == blockShort {
			inverse12(in, over, out, &shortWindows[sb&1])
		} else {
			inverse36(in, over, out, &windows[sb&1][kind])
		}
	}
	for sb := active; sb < f.ringing; sb++ {
		over, out := &f.overlap[sb], (*column)(f.slots[sb:])
		for i, v := range over {
			out[i*subbands] = v
		}
		*over = [18]float32{}
	}
	written := max(active, f.ringing)
	for sb := written; sb < f.written; sb++ {
		out := (*column)(f.slots[sb:])
		for i := range 18 {
			out[i*subbands] = 0
		}
	}
	f.ringing, f.written = active, written
}

// A column is the samples of one sub-band, 32 apart.
type column [17*subbands + 1]float32

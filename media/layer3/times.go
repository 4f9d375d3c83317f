package layer3

// How the energy of a long block lies in the sixths of its window, of 192
// samples each (11172-3, 2.4.3.4.10.3): the mean of the squared window. Those
// that overlap add up to 1.
var (
	normalTimes = [6]float32{0.0865, 0.5, 0.9135, 0.9135, 0.5, 0.0865}
	startTimes  = [6]float32{0.0865, 0.5, 0.9135, 1, 0.5, 0}
	stopTimes   = [6]float32{0, 0.5, 1, 0.9135, 0.5, 0.0865}
)

// when adds to e.Times what a channel has in each sixth of the window.
func (e *Energy) when(g *channelInfo, p *measured) {
	var long float32
	var short [4]float32
	for k := range g.plan {
		short[g.plan[k].window&3] += p.segments[k]
	}
	long, short[0] = short[0]*longSquare, 0
	times := &normalTimes
	switch {
	case g.block == blockStart && !g.mixed:
		times = &startTimes
	case g.block == blockStop && !g.mixed:
		times = &stopTimes
	}
	if long > 0 {
		for k, t := range times {
			e.Times[k] += float32(long * t)
		}
	}
	// A short window is two sixths wide, the first one begins behind the first
	// sixth. Its energy is of a third of the granule, so as a mean square it is
	// three times as much; half of that lies in each sixth.
	const each = shortSquare * 3 / 2
	for w, v := range short[1:] {
		e.Times[w+1] += float32(v * each)
		e.Times[w+2] += float32(v * each)
	}
}

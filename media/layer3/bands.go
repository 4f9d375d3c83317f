package layer3

// The scale factor bands by sampling rate (header.rate): the first line of
// each and, last, the number of lines. 11172-3, table B.8; 13818-3, table B.2;
// those of MPEG-2.5 are as all its encoders write them.
var (
	longBands  [9][23]uint16 // of 576 lines
	shortBands [9][14]uint16 // of the 192 lines of a window
)

// Widths of the bands.
var (
	longWidths = [9][22]uint8{
		{4, 4, 4, 4, 4, 4, 6, 6, 8, 8, 10, 12, 16, 20, 24, 28, 34, 42, 50, 54, 76, 158},     // 44.1 kHz
		{4, 4, 4, 4, 4, 4, 6, 6, 6, 8, 10, 12, 16, 18, 22, 28, 34, 40, 46, 54, 54, 192},     // 48
		{4, 4, 4, 4, 4, 4, 6, 6, 8, 10, 12, 16, 20, 24, 30, 38, 46, 56, 68, 84, 102, 26},    // 32
		{6, 6, 6, 6, 6, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 38, 46, 52, 60, 68, 58, 54},   // 22.05
		{6, 6, 6, 6, 6, 6, 8, 10, 12, 14, 16, 18, 22, 26, 32, 38, 46, 54, 62, 70, 76, 36},   // 24
		{6, 6, 6, 6, 6, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 38, 46, 52, 60, 68, 58, 54},   // 16
		{6, 6, 6, 6, 6, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 38, 46, 52, 60, 68, 58, 54},   // 11.025
		{6, 6, 6, 6, 6, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 38, 46, 52, 60, 68, 58, 54},   // 12
		{12, 12, 12, 12, 12, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 76, 90, 2, 2, 2, 2, 2}, // 8
	}
	shortWidths = [9][13]uint8{
		{4, 4, 4, 4, 6, 8, 10, 12, 14, 18, 22, 30, 56},
		{4, 4, 4, 4, 6, 6, 10, 12, 14, 16, 20, 26, 66},
		{4, 4, 4, 4, 6, 8, 12, 16, 20, 26, 34, 42, 12},
		{4, 4, 4, 6, 6, 8, 10, 14, 18, 26, 32, 42, 18},
		{4, 4, 4, 6, 8, 10, 12, 14, 18, 24, 32, 44, 12},
		{4, 4, 4, 6, 8, 10, 12, 14, 18, 24, 30, 40, 18},
		{4, 4, 4, 6, 8, 10, 12, 14, 18, 24, 30, 40, 18},
		{4, 4, 4, 6, 8, 10, 12, 14, 18, 24, 30, 40, 18},
		{8, 8, 8, 12, 16, 20, 24, 28, 36, 2, 2, 2, 26},
	}
	sampleRates = [9]int{44100, 48000, 32000, 22050, 24000, 16000, 11025, 12000, 8000}
)

// segment is a stretch of lines, in the order of the bit stream, that share a
// scale factor: a band, or in short blocks a band of one window.
type segment struct {
	start, end uint16 // of the 576 lines as they are sent
	out        uint16 // where its first line goes
	step       uint16 // how far apart its lines go: 1, or 3 in short blocks
	band       uint8  // of Energy.Bands
	sfb        uint8  // number of the scale factor band among its like
	window     uint8  // 1 to 3; 0 in long blocks
	low, lows  uint8  // the first of its lines in Energy.Low, and how many there are
}

// lowSent is how many of the lines that are sent first hold those of
// Energy.Low: in short blocks the first bands of three windows, up to the one
// that has line 15 in it.
const lowSent = 3 * 18

// plans by sampling rate and layout.
var plans [9][3][]segment

func planOf(rate uint8, l Layout) []segment { return plans[rate][l] }

// mixedLong is how many long bands a mixed block begins with: those below line
// 36 in MPEG-1 and 2 (11172-3, 2.4.3.4.10; 13818-3, 2.4.3.2). At 8 kHz they go
// to line 72, where the short bands begin that follow; nobody writes such
// blocks.
func mixedLong(rate uint8) int {
	if rate < 3 {
		return 8
	}
	return 6
}

// mixedShort is the first short band behind them.
const mixedShort = 3

func init() {
	for r := range longWidths {
		for i, w := range longWidths[r] {
			longBands[r][i+1] = longBands[r][i] + uint16(w)
		}
		for i, w := range shortWidths[r] {
			shortBands[r][i+1] = shortBands[r][i] + uint16(w)
		}
		n := mixedLong(uint8(r))
		plans[r][Long] = appendLong(nil, r, 22)
		plans[r][Short] = appendShort(nil, r, 0)
		plans[r][Mixed] = appendShort(appendLong(nil, r, n), r, mixedShort)
	}
}

func appendLong(p []segment, r, n int) []segment {
	for b := range n {
		p = append(p, segment{start: longBands[r][b], end: longBands[r][b+1], out: longBands[r][b], step: 1, band: uint8(b), sfb: uint8(b)})
		p[b].low, p[b].lows = lowLines(longBands[r][b], longBands[r][b+1])
	}
	return p
}

func appendShort(p []segment, r, first int) []segment {
	before := len(p)
	for b := first; b < 13; b++ {
		from, to := shortBands[r][b], shortBands[r][b+1]
		for w := range uint16(3) {
			start := 3*from + w*(to-from)
			s := segment{start: start, end: start + to - from, out: 3*from + w, step: 3, band: uint8(before + b - first), sfb: uint8(b), window: uint8(w + 1)}
			if first == 0 {
				s.low, s.lows = lowLines(from, to)
			}
			p = append(p, s)
		}
	}
	return p
}

// lowLines says which of the lines of a band are in Energy.Low.
func lowLines(from, to uint16) (low, lows uint8) {
	const n = uint16(len(Energy{}.Low))
	return uint8(min(from, n)), uint8(min(to, n) - min(from, n))
}

// Edges gives the lower edge, in Hz, of each band of Energy.Bands and, last,
// the upper edge of the last one: 22 bands in long blocks, 13 in short ones,
// 18 in mixed ones of MPEG-1 and 16 in others. nil for a sampling rate that
// Layer III does not know.
func Edges(sampleRate int, l Layout) []float64 {
	for r, hz := range sampleRates {
		if hz != sampleRate || l > Mixed {
			continue
		}
		var edges []float64
		for _, s := range plans[r][l] {
			if s.window < 2 {
				edges = append(edges, float64(s.out-max(uint16(s.window), 1)+1)*float64(hz)/1152)
			}
		}
		return append(edges, float64(hz)/2)
	}
	return nil
}

// LineWidth is how wide, in Hz, each of the lines of Energy.Low is.
func LineWidth(sampleRate int, l Layout) float64 {
	if l == Short {
		return float64(sampleRate) / 384
	}
	return float64(sampleRate) / 1152
}

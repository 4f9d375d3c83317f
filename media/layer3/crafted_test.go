package layer3

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"earshot/media/mp3/mp3test"
)

// craft makes frames with what encoders use seldom or never: mixed blocks,
// block types in any order, intensity stereo, every Huffman table, all kinds of
// scale factors and gains. Everything is drawn by chance.
type craft struct {
	mp3test.Format
	random    *rand.Rand
	ms        bool // some frames have middle and side
	intensity bool // some have intensity stereo
	block     int  // the type of all blocks; -1 any
	mixed     bool // some short blocks are mixed, and what leads to them and from them flagged so
	jump      bool // blocks of any type follow on each other, which the standard doesn't allow

	last [2]struct {
		block uint8
		mixed bool
	}
}

// bitWriter writes from the highest bit on.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) put(value, width uint) {
	for i := int(width) - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(value>>i&1) << (7 - w.n%8)
		w.n++
	}
}

func (w *bitWriter) join(o bitWriter) {
	for i := range o.n {
		w.put(uint(o.b[i/8]>>(7-i%8)&1), 1)
	}
}

// codeWord is how a pair, or a quadruple, is written.
type codeWord struct{ word, length uint }

var codeBook = func() (book [34][256]codeWord) {
	for t, table := range codes {
		words(table, func(code uint32, length uint, values uint8) {
			book[t][values] = codeWord{uint(code >> (32 - length)), length}
		})
	}
	for t := range 32 {
		if linbits[t] > 0 {
			book[t] = book[16+t/24*8]
		}
	}
	return book
}()

var largestValue = [16]int{0, 1, 2, 2, 0, 3, 3, 5, 5, 5, 7, 7, 7, 15, 0, 15}

func (c *craft) pick(n int) int { return c.random.IntN(n) }

func (c *craft) chance(percent int) bool { return c.pick(100) < percent }

// file gives n frames.
func (c *craft) file(n int) (b []byte) {
	for range n {
		b = append(b, c.frame()...)
	}
	return b
}

func (c *craft) frame() []byte {
	channels, granules, lsf := 2, 2, c.SampleRate < 32000
	if c.Mode == mp3test.Mono {
		channels = 1
	}
	if lsf {
		granules = 1
	}
	frame := make([]byte, c.Size(c.Bitrate, false))
	head := c.Header(c.Bitrate, false)
	ms, intensity := c.ms && c.chance(60), c.intensity && c.chance(75)
	if ms {
		head[3] |= 0x20
	}
	if intensity {
		head[3] |= 0x10
	}
	copy(frame, head[:])
	h, ok := parseHeader(frame)
	if !ok {
		panic("no header")
	}
	var side, body bitWriter
	if lsf {
		side.put(0, uint(8+channels))
	} else {
		side.put(0, uint(9+7-2*channels))
	}
	room := 8 * (len(frame) - h.main) / granules / channels
	var infos [2][2]channelInfo
	var share [2]uint8
	var made [2][2][2]bitWriter // side and body
	for gr := range granules {
		for ch := range channels {
			g := &infos[gr][ch]
			if ch == 0 || !c.ms && !c.intensity {
				g.block, g.mixed = c.blockType(ch)
			} else {
				g.block, g.mixed = infos[gr][0].block, infos[gr][0].mixed
			}
			if gr == 1 && g.layout() == Long && infos[0][ch].layout() == Long && !(intensity && ch == 1) {
				share[ch] = uint8(c.pick(16))
			}
			made[gr][ch][0], made[gr][ch][1] = c.granule(h, g, share[ch]*uint8(gr), ch == 1 && intensity, min(room, 4095))
		}
	}
	if !lsf {
		for ch := range channels {
			side.put(uint(share[ch]), 4)
		}
	}
	for gr := range granules {
		for ch := range channels {
			side.join(made[gr][ch][0])
			body.join(made[gr][ch][1])
		}
	}
	if side.n != 8*(h.main-h.side) || len(body.b) > len(frame)-h.main {
		panic(fmt.Sprintf("side info of %d bits, main data of %d bytes", side.n, len(body.b)))
	}
	copy(frame[h.side:], side.b)
	copy(frame[h.main:], body.b)
	return frame
}

// blockType draws the next block of a channel.
func (c *craft) blockType(ch int) (block uint8, mixed bool) {
	last := &c.last[ch]
	switch {
	case c.block >= 0:
		last.block, last.mixed = uint8(c.block), c.mixed
	case c.jump:
		last.block, last.mixed = uint8(c.pick(4)), c.mixed && c.chance(50)
		last.mixed = last.mixed && last.block != blockNormal
	case last.block == blockNormal || last.block == blockStop:
		last.block = uint8(c.pick(2)) // normal or start
		last.mixed = last.block == blockStart && c.mixed && c.chance(50)
	default:
		last.block = uint8(2 + c.pick(2)) // short or stop
	}
	return last.block, last.mixed
}

// granule writes side information and main data of one granule of a channel in
// at most room bits. share are the groups whose scale factors are not written.
func (c *craft) granule(h header, g *channelInfo, share uint8, positions bool, room int) (side, body bitWriter) {
	g.plan = planOf(h.rate, g.layout())
	for most := 576; ; most = most * 3 / 4 {
		side, body = bitWriter{}, bitWriter{}
		var sf [39]int
		g.shift, g.quads, g.preflag = uint8(c.pick(2)), uint8(c.pick(2)), !h.lsf && c.chance(30)
		for i := range g.subGain {
			g.subGain[i] = c.pick(8) * c.pick(2)
		}
		c.scaleFactors(h, g, share, positions, &sf, &body)
		// The lines and the tables.
		lines := c.pick(most + 1)
		if positions {
			lines = c.pick(most/3 + 1) // above is intensity
		}
		g.big = c.pick(lines+1) &^ 1
		quads := (lines - g.big) / 4
		long := &longBands[h.rate]
		var first, second int
		if g.block != blockNormal {
			g.ends = [3]int{int(long[8]), 576, 576}
			if g.block == blockShort {
				g.ends[0] = 9 * int(shortBands[h.rate][1])
			}
		} else {
			first, second = c.pick(16), c.pick(8)
			g.ends = [3]int{int(long[min(first+1, 22)]), int(long[min(first+second+2, 22)]), 576}
		}
		var values [576]int
		limit := 1 + c.pick(1<<c.pick(14))
		i := 0
		for r := range g.tables {
			t := c.pick(32)
			for t == 4 || t == 14 {
				t = c.pick(32)
			}
			g.tables[r] = uint8(t)
			largest := 0
			if t < 16 {
				largest = largestValue[t]
			} else {
				largest = 15 + 1<<linbits[t] - 1
			}
			for ; i < min(g.ends[r], g.big); i += 2 {
				for k := range 2 {
					values[i+k] = c.value(min(largest, limit))
					if c.chance(1) {
						values[i+k] = c.value(largest)
					}
				}
				c.pair(&body, t, values[i], values[i+1])
			}
		}
		for range quads {
			word := 0
			for k := range 4 {
				values[i+k] = c.value(1)
				word = word<<1 | values[i+k]&1
			}
			code := codeBook[quadsA+int(g.quads)][word]
			body.put(code.word, code.length)
			for k := range 4 {
				if v := values[i+k]; v != 0 {
					body.put(uint(uint64(v)>>63), 1)
				}
			}
			i += 4
		}
		if body.n > room {
			continue
		}
		g.gain = c.gain(g, &sf, &values)
		side.put(uint(body.n), 12)
		side.put(uint(g.big/2), 9)
		side.put(uint(g.gain), 8)
		if h.lsf {
			side.put(uint(g.compress), 9)
		} else {
			side.put(uint(g.compress), 4)
		}
		if g.block != blockNormal {
			side.put(1, 1)
			side.put(uint(g.block), 2)
			flag := uint(0)
			if g.mixed {
				flag = 1
			}
			side.put(flag, 1)
			side.put(uint(g.tables[0]), 5)
			side.put(uint(g.tables[1]), 5)
			for _, v := range g.subGain {
				side.put(uint(v), 3)
			}
		} else {
			side.put(0, 1)
			for _, t := range g.tables {
				side.put(uint(t), 5)
			}
			side.put(uint(first), 4)
			side.put(uint(second), 3)
		}
		if !h.lsf {
			flag := uint(0)
			if g.preflag {
				flag = 1
			}
			side.put(flag, 1)
		}
		side.put(uint(g.shift), 1)
		side.put(uint(g.quads), 1)
		return side, body
	}
}

// value draws one up to largest, small ones more often.
func (c *craft) value(largest int) int {
	v := c.pick(largest + 1)
	if c.chance(50) {
		v = c.pick(v + 1)
	}
	if c.chance(50) {
		v = -v
	}
	return v
}

func (c *craft) pair(body *bitWriter, table, x, y int) {
	if table == 0 {
		return
	}
	ax, ay := max(x, -x), max(y, -y)
	code := codeBook[table][min(ax, 15)<<4|min(ay, 15)]
	if code.length == 0 {
		panic(fmt.Sprintf("table %d has no %d, %d", table, ax, ay))
	}
	body.put(code.word, code.length)
	for _, v := range [2]int{x, y} {
		if a := max(v, -v); a >= 15 {
			body.put(uint(a-15), uint(linbits[table]))
		}
		if v != 0 {
			body.put(uint(uint64(v)>>63), 1)
		}
	}
}

// scaleFactors draws and writes them.
func (c *craft) scaleFactors(h header, g *channelInfo, share uint8, positions bool, sf *[39]int, body *bitWriter) {
	var counts, widths []int
	switch {
	case !h.lsf:
		g.compress = c.pick(16)
		if positions { // no illegal one but 7
			g.compress = []int{13, 12, 10, 8, 3, 4}[c.pick(6)]
		}
		first, second := int(slen[g.compress][0]), int(slen[g.compress][1])
		switch g.layout() {
		case Long:
			counts, widths = []int{6, 5, 5, 5}, []int{first, first, second, second}
		case Short:
			counts, widths = []int{18, 18}, []int{first, second}
		default:
			counts, widths = []int{17, 18}, []int{first, second}
		}
	case !positions: // 13818-3, 2.4.3.2
		g.compress = c.pick(512)
		v, kind := g.compress, 0
		switch {
		case v < 400:
			widths = []int{v >> 4 / 5, v >> 4 % 5, v & 15 >> 2, v & 3}
		case v < 500:
			v, kind = v-400, 1
			widths = []int{v >> 2 / 5, v >> 2 % 5, v & 3, 0}
		default:
			v, kind = v-500, 2
			widths = []int{v / 3, v % 3, 0, 0}
			g.preflag = true
		}
		for _, n := range lsfCounts[kind][g.layout()] {
			counts = append(counts, int(n))
		}
	default:
		g.compress = c.pick(512)
		v, kind := g.compress>>1, 3
		switch {
		case v < 180:
			widths = []int{v / 36, v % 36 / 6, v % 6, 0}
		case v < 244:
			v, kind = v-180, 4
			widths = []int{v & 63 >> 4, v & 15 >> 2, v & 3, 0}
		default:
			v, kind = v-244, 5
			widths = []int{v / 3, v % 3, 0, 0}
		}
		for _, n := range lsfCounts[kind][g.layout()] {
			counts = append(counts, int(n))
		}
	}
	i := 0
	for group, n := range counts {
		for range n {
			if len(counts) == 4 && !h.lsf && share>>(3-group)&1 == 1 {
				i++
				continue // sf may differ: it only steers the gain
			}
			v := c.pick(1 << widths[group])
			if h.lsf && positions {
				// The largest of a width is illegal by 13818-3, which
				// neither of the others knows; mpg123 takes 7 for
				// illegal in any width, and ffmpeg what is above 15.
				v = c.pick(max(1, min(15, 1<<widths[group]-1)))
				if v == 7 {
					v = 6
				}
			}
			sf[i] = v
			body.put(uint(v), uint(widths[group]))
			i++
		}
	}
}

// gain is the global_gain that makes the granule neither silent nor too loud.
func (c *craft) gain(g *channelInfo, sf *[39]int, values *[576]int) int {
	var sum float64
	for k, s := range g.plan {
		octaves := 0.0
		if s.window > 0 {
			octaves = 2 * float64(g.subGain[s.window-1])
		}
		octaves += float64(sf[k]) * (0.5 + 0.5*float64(g.shift))
		for _, v := range values[s.start:s.end] {
			x := math.Pow(math.Abs(float64(v)), 4.0/3) * math.Exp2(-octaves)
			sum += x * x
		}
	}
	if sum == 0 {
		return c.pick(256)
	}
	level := 0.01 + 0.1*c.random.Float64()
	return min(255, max(0, 210+int(4*math.Log2(level/math.Sqrt(sum)))))
}

// silent says why a reference is not asked: it decodes such frames in a way of
// its own, where the standard and the other one agree with what is done here.
func (c *craft) silent(reference string) (why string) {
	lsf, old := c.SampleRate < 32000, c.SampleRate < 16000
	switch {
	case reference == "ffmpeg" && c.SampleRate == 24000 && c.block != blockShort:
		return "has band 18 of 24 kHz begin at line 330, where 13818-3, lame and mpg123 have 332"
	case reference == "ffmpeg" && c.jump:
		return "lets go of a third of the overlap where a short block follows on a long one"
	case reference == "mpg123" && old && c.mixed:
		return "gives region 0 of mixed blocks 54 lines in MPEG-2.5, where 36 are long"
	case reference == "mpg123" && lsf && c.mixed && c.intensity:
		return "takes eight bands of mixed blocks for long ones, where LSF has six"
	}
	return ""
}

// Frames of all kinds that the standard allows, and some that it doesn't, sound
// as other decoders make them sound.
func TestDecodesWhatEncodersDoNotMake(t *testing.T) {
	t.Parallel()
	formats := []mp3test.Format{
		{SampleRate: 44100, Bitrate: 320}, {SampleRate: 48000, Bitrate: 320}, {SampleRate: 32000, Bitrate: 256},
		{SampleRate: 22050, Bitrate: 160}, {SampleRate: 24000, Bitrate: 144}, {SampleRate: 16000, Bitrate: 112},
		{SampleRate: 11025, Bitrate: 64}, {SampleRate: 12000, Bitrate: 64}, {SampleRate: 8000, Bitrate: 64},
	}
	mono, stereo, joint := mp3test.Format{Mode: mp3test.Mono}, mp3test.Format{Mode: mp3test.Stereo}, mp3test.Format{Mode: mp3test.Joint}
	for _, tt := range []struct {
		name  string
		craft craft
	}{
		{"mono, normal blocks", craft{Format: mono}},
		{"mono, all blocks", craft{Format: mono, block: -1}},
		{"mono, some blocks mixed", craft{Format: mono, block: -1, mixed: true}},
		{"mono, short blocks", craft{Format: mono, block: blockShort}},
		{"mono, mixed blocks", craft{Format: mono, block: blockShort, mixed: true}},
		{"mono, blocks in any order", craft{Format: mono, block: -1, mixed: true, jump: true}},
		{"stereo, all blocks", craft{Format: stereo, block: -1, mixed: true}},
		{"stereo, blocks in any order", craft{Format: stereo, block: -1, jump: true}},
		{"middle and side", craft{Format: joint, block: -1, ms: true}},
		{"middle and side, some blocks mixed", craft{Format: joint, block: -1, mixed: true, ms: true}},
		{"intensity, long blocks", craft{Format: joint, intensity: true}},
		{"intensity, short blocks", craft{Format: joint, block: blockShort, intensity: true}},
		{"intensity, mixed blocks", craft{Format: joint, block: blockShort, mixed: true, intensity: true}},
		{"intensity, with middle and side", craft{Format: joint, block: -1, ms: true, intensity: true}},
	} {
		for _, f := range formats {
			t.Run(fmt.Sprintf("%s, %d", tt.name, f.SampleRate), func(t *testing.T) {
				t.Parallel()
				c := tt.craft
				c.SampleRate, c.Bitrate = f.SampleRate, f.Bitrate
				if c.jump && c.SampleRate < 16000 {
					c.mixed = false // or there would be nobody to ask
				}
				c.random = rand.New(rand.NewPCG(uint64(c.SampleRate), 99))
				b := c.file(40)
				file := fileOf(t, b)
				samples := byDecoder(t, b)
				for _, other := range []struct {
					name   string
					decode func(*testing.T, string, bool) []float32
				}{{"mpg123", byMpg123}, {"ffmpeg", byFFmpeg}} {
					if why := c.silent(other.name); why != "" {
						t.Log(other.name, why)
						continue
					}
					d := wantSame(t, other.name, samples, other.decode(t, file, false))
					t.Logf("%s: %.4f, %.3f", other.name, d.rms, d.largest)
				}
			})
		}
	}
}

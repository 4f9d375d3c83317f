package mp3

import "fmt"

// collector builds an index frame by frame.
type collector struct {
	x    *Index
	next int64 // where the last frame ended
	run  Run   // the one being built
	all  int   // frames so far
	g    guess
	// The main data that the last frames carry, as a ring, for the reach.
	room  [8]int
	total int64 // bytes so far
	// promised is how many frames the file says it has, 0 when it doesn't.
	promised int
}

// newCollector begins an index of frames like head, in audio that ends at end.
func newCollector(head header, freeSize int, end int64) *collector {
	c := &collector{x: &Index{head: head, freeSize: freeSize, end: end}, next: -1}
	c.x.sizes = frameSizes(head, freeSize)
	return c
}

// add takes the next frame. Errors are ErrUnsupported.
func (c *collector) add(f frame) error {
	x, pos, h := c.x, f.pos, f.head
	if pos != c.next {
		if err := c.endRun(); err != nil {
			return err
		}
		c.run = Run{Offset: pos}
		c.g = newGuess(x.head)
	}
	if c.all == maxFrames {
		return fmt.Errorf("%w: more than %d frames", ErrUnsupported, maxFrames)
	}
	size := int(x.sizes[h.slot()])
	reach := c.reach(f.begin)
	if x.codes == nil {
		g := c.g.next(h.pad())
		if h.rate() == x.head.rate() && g.possible() {
			c.g = g
			x.reach = max(x.reach, reach)
		} else {
			c.spell(size)
		}
	}
	if x.codes != nil {
		x.codes = append(x.codes, code(h.rate(), h.pad(), reach))
	}
	c.room[c.all&7] = h.room(size)
	c.all++
	c.run.Frames++
	c.total += int64(size)
	c.next = pos + int64(size)
	return nil
}

func code(rate, pad, reach int) byte {
	return byte(rate<<4 | pad<<3 | reach)
}

// reach is how many of the last frames hold so many bytes of main data.
func (c *collector) reach(begin int) int {
	n := 0
	for begin > 0 && n < farReach {
		n++
		begin -= c.room[(c.all-n)&7]
	}
	return n
}

// endRun puts the current run away.
func (c *collector) endRun() error {
	if c.run.Frames == 0 {
		return nil
	}
	if len(c.x.runs) == maxRuns {
		return fmt.Errorf("%w: damaged in more than %d places", ErrUnsupported, maxRuns)
	}
	c.x.runs = append(c.x.runs, c.run)
	if c.x.codes == nil {
		c.x.rules = append(c.x.rules, c.g.rule())
	}
	return nil
}

// spell goes over from rules to a code for each frame so far. The reach of
// these is no longer known one by one: each gets the longest.
func (c *collector) spell(size int) {
	x := c.x
	x.codes = make([]byte, 0, c.expect(size))
	rules := x.rules
	runs := x.runs
	if c.run.Frames > 0 {
		rules = append(rules, c.g.rule())
		runs = append(runs[:len(runs):len(runs)], c.run)
	}
	for r, rule := range rules {
		was := int64(0)
		for k := range int64(runs[r].Frames) {
			is := rule.pads(k + 1)
			x.codes = append(x.codes, code(x.head.rate(), int(is-was), x.reach))
			was = is
		}
	}
	x.rules, x.reach = nil, 0
}

// expect guesses how many frames the file has in all, so that the codes are
// allocated once in most files: what it says itself, if so many can be, or
// what the frames so far make likely.
func (c *collector) expect(size int) int {
	least := int64(c.x.sizes[2]) // at the lowest bit rate
	if c.x.head.free() {
		least = int64(c.x.freeSize)
	}
	if p := int64(c.promised); p > int64(c.all) && p <= (c.x.end-c.run.Offset)/least+1 {
		return c.promised
	}
	n := int64(c.all + 1)
	each := (c.total + int64(size)) / n
	left := max(0, c.x.end-c.next)
	return int(min(n+left/each+left/each/8, maxFrames))
}

// finish gives the index.
func (c *collector) finish() (*Index, error) {
	if err := c.endRun(); err != nil {
		return nil, err
	}
	x := c.x
	if over := cap(x.codes) - len(x.codes); over > len(x.codes)/4 {
		x.codes = append(make([]byte, 0, len(x.codes)), x.codes...)
	}
	x.settle()
	return x, nil
}

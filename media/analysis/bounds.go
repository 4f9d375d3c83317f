package analysis

// nothing tells whether next to nothing was decoded of an mp3: a hundredth of
// its frames or less.
func nothing(frames, holes int) bool { return frames-holes <= frames/100 }

// framesOf is how many frames of mp3 so many samples of a channel take.
func framesOf(samples int64, rate int) int {
	each := int64(1152)
	if rate < 32_000 {
		each = 576
	}
	return int((samples + each - 1) / each)
}

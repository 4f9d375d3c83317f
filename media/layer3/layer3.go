// Package layer3 decodes the sound in the frames of MPEG audio Layer III
// (ISO/IEC 11172-3, 13818-3 and the MPEG-2.5 extension): whole, to samples, or
// as far as the frequency domain, for about a quarter of the work.
//
// A frame goes through: side information (11172-3, 2.4.1.7; 13818-3, 2.4.1.7),
// bit reservoir (2.4.3.4.1), scale factors (2.4.2.7; 13818-3, 2.4.3.2), Huffman
// codes (table B.7), requantisation (2.4.3.4.7), stereo (2.4.3.4.9), and on to
// samples by alias reduction, inverse MDCT and synthesis (2.4.3.4.10). Where the
// standard is silent, as in MPEG-2.5, it does as encoders write.
//
// Damaged frames are holes, never an end; no input makes it panic, hang or
// grow. Results are the same, to the bit, on all processors.
package layer3

// Layout is how the lines of a granule are divided into bands.
type Layout uint8

// The layouts (11172-3, 2.4.3.4.10).
const (
	Long  Layout = iota // 22 scale factor bands over 576 lines
	Short               // 13 bands over three windows of 192 lines
	Mixed               // long bands below line 36, short ones above
)

// Energy is one granule, 576 samples of time, in the frequency domain: the sum
// over its channels. Where two channels differ in layout, the sum is given as
// Long, the energy of short bands spread evenly over their width.
type Energy struct {
	Layout Layout
	// Bands is the mean square of the samples (full scale 1) that the lines of
	// each band stand for. In short blocks the three windows are taken
	// together. See Edges for where the bands lie.
	Bands [22]float32
	// Low is the same of lines 0 to 15 one by one, which are in Bands too. In
	// short blocks (Short, not Mixed) these are the lines of a window, each three
	// times as wide, and the three windows are taken together. See LineWidth.
	Low [16]float32
	// Times is when: the mean square that the granule adds to the samples in
	// each sixth, 192 samples, of its window. See Energies for where that lies;
	// the windows of granules overlap by half, and what they add there adds up.
	Times [6]float32
}

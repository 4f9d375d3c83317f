package mp3

// Version is the generation of the standard a file follows.
type Version uint8

// The versions. MPEG-2 and 2.5 are also called LSF, low sampling frequencies.
const (
	MPEG1  Version = 1 // 32, 44.1 and 48 kHz, 1152 samples a frame
	MPEG2  Version = 2 // 16, 22.05 and 24 kHz, 576 samples a frame
	MPEG25 Version = 3 // 8, 11.025 and 12 kHz, 576 samples a frame
)

func (v Version) String() string {
	switch v {
	case MPEG1:
		return "MPEG-1"
	case MPEG2:
		return "MPEG-2"
	case MPEG25:
		return "MPEG-2.5"
	}
	return "MPEG-?"
}

// header is the first four bytes of a frame, big-endian (11172-3, 2.4.1.3):
// 11 bits sync, 2 version, 2 layer, 1 no-CRC, 4 bit rate, 2 sampling rate,
// 1 padding, 1 private, 2 mode, 2 mode extension, 1 copyright, 1 original,
// 2 emphasis.
type header uint32

const (
	syncBits = header(0xFFE00000)
	// sameBits must be equal in all frames of one file: sync, version, layer
	// and sampling rate. Bit rate, padding, CRC and mode may change.
	sameBits = header(0xFFFE0C00)
	noCRC    = header(1 << 16)
	padBit   = header(1 << 9)

	headerSize = 4
	crcSize    = 2
)

// bitrates in kbit/s by [row][index]; index 0 is free format, 15 forbidden.
var bitrates = [...][15]uint16{
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},     // MPEG-1 layer III
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},         // LSF layers II and III
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},    // MPEG-1 layer II
	{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}, // MPEG-1 layer I
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},    // LSF layer I
}

var sampleRates = [3]int{44100, 48000, 32000}

// valid says whether the fields hold no forbidden value. Any layer will do.
func (h header) valid() bool {
	return h&syncBits == syncBits &&
		h>>19&3 != 1 && // version
		h>>17&3 != 0 && // layer
		h>>12&15 != 15 && // bit rate
		h>>10&3 != 3 // sampling rate
}

// fits says whether h may follow frames that look like ref in one file.
func (h header) fits(ref header) bool {
	return (h^ref)&sameBits == 0 && h>>12&15 != 15 && h.free() == ref.free()
}

func (h header) version() Version {
	switch h >> 19 & 3 {
	case 3:
		return MPEG1
	case 2:
		return MPEG2
	}
	return MPEG25
}

func (h header) layer() int      { return 4 - int(h>>17&3) }
func (h header) protected() bool { return h&noCRC == 0 }
func (h header) rate() int       { return int(h >> 12 & 15) }
func (h header) free() bool      { return h.rate() == 0 }
func (h header) pad() int        { return int(h >> 9 & 1) }
func (h header) slot() int       { return int(h>>12&15<<1 | h>>9&1) } // in a table by frameSizes
func (h header) mono() bool      { return h>>6&3 == 3 }
func (h header) lsf() bool       { return h>>19&1 == 0 }

func (h header) channels() int {
	if h.mono() {
		return 1
	}
	return 2
}

// withRate is h with another bit rate index.
func (h header) withRate(index int) header { return h&^(15<<12) | header(index)<<12 }

// sampleRate in Hz.
func (h header) sampleRate() int {
	return sampleRates[h>>10&3] >> (h.version() - MPEG1)
}

// samples is how many a Layer III frame holds for each channel.
func (h header) samples() int {
	if h.lsf() {
		return 576
	}
	return 1152
}

// bitrate in bit/s; 0 in free format.
func (h header) bitrate() int {
	row := 0
	switch layer := h.layer(); {
	case h.lsf() && layer == 1:
		row = 4
	case h.lsf():
		row = 1
	case layer == 2:
		row = 2
	case layer == 1:
		row = 3
	}
	return int(bitrates[row][h.rate()]) * 1000
}

// size of the frame in bytes with its header, of any layer (2.4.3.1); 0 in
// free format.
func (h header) size() int {
	if h.free() {
		return 0
	}
	switch h.layer() {
	case 1:
		return (12*h.bitrate()/h.sampleRate() + h.pad()) * 4
	case 2:
		return 144*h.bitrate()/h.sampleRate() + h.pad()
	}
	return h.samples()/8*h.bitrate()/h.sampleRate() + h.pad()
}

// side is the length of Layer III side information in bytes (2.4.1.7).
func (h header) side() int {
	switch {
	case h.lsf() && h.mono():
		return 9
	case h.lsf() || h.mono():
		return 17
	}
	return 32
}

// room is how many bytes of main data a frame of so many bytes carries.
func (h header) room(size int) int {
	n := size - headerSize - h.side()
	if h.protected() {
		n -= crcSize
	}
	return max(n, 0)
}

// maxBegin is the largest main_data_begin: 9 bits, 8 in LSF.
func (h header) maxBegin() int {
	if h.lsf() {
		return 255
	}
	return 511
}

// leastRoom is the main data a frame of so many bytes carries at least,
// whatever its mode and protection.
func (h header) leastRoom(size int) int {
	if h.lsf() {
		return size - headerSize - crcSize - 17
	}
	return size - headerSize - crcSize - 32
}

// begin reads main_data_begin, the first field of the side information. b
// starts at the frame and holds at least 8 bytes.
func (h header) begin(b []byte) int {
	_ = b[7]
	at := headerSize
	if h.protected() {
		at += crcSize
	}
	if h.lsf() {
		return int(b[at])
	}
	return int(b[at])<<1 | int(b[at+1])>>7
}

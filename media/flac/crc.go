package flac

// The checksums of frames (RFC 9639, 9.1.8 and 9.3): both start from 0, high
// bits first.
var (
	crc8Table  [256]byte
	crc16Table [256]uint16
)

func init() {
	for i := range 256 {
		a, b := byte(i), uint16(i)<<8
		for range 8 {
			a = a<<1 ^ a>>7*0x07
			b = b<<1 ^ b>>15*0x8005
		}
		crc8Table[i], crc16Table[i] = a, b
	}
}

func crc8(b []byte) (c byte) {
	for _, v := range b {
		c = crc8Table[c^v]
	}
	return c
}

func crc16(b []byte) (c uint16) {
	for _, v := range b {
		c = c<<8 ^ crc16Table[byte(c>>8)^v]
	}
	return c
}

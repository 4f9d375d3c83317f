package mp3

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// sniffSize is how many bytes Sniff looks at.
const sniffSize = 4096

// Sniff names the format whose first bytes head is, as people know it ("FLAC",
// "ZIP", "PNG"), or gives "" when it knows none of them or it may be mp3.
// 4 KiB are enough; from fewer it tells less. Tags in front are not skipped.
func Sniff(head []byte) string {
	name, _ := sniff(head)
	return name
}

// magic is a format known by bytes at a fixed place.
type magic struct {
	at   int
	sign string
	name string
}

var magics = [...]magic{
	{0, "fLaC", "FLAC"},
	{0, "caff", "CAF"},
	{0, ".snd", "AU"},
	{0, "wvpk", "WavPack"},
	{0, "MPCK", "Musepack"},
	{0, "MP+", "Musepack"},
	{0, "TTA1", "TTA"},
	{0, "DSD ", "DSD"},
	{0, "FRM8", "DSD"},
	{0, "MThd", "MIDI"},
	{0, "#!AMR", "AMR"},
	{0, "\x7F\xFE\x80\x01", "DTS"},
	{0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11", "WMA"},
	{0, "\x1A\x45\xDF\xA3", "WebM or Matroska"},
	{0, "FLV\x01", "FLV"},
	{0, "\x00\x00\x01\xBA", "MPEG video"},
	{0, "\x89PNG\r\n\x1A\n", "PNG"},
	{0, "\xFF\xD8\xFF", "JPEG"},
	{0, "GIF8", "GIF"},
	{0, "II*\x00", "TIFF"},
	{0, "MM\x00*", "TIFF"},
	{0, "%PDF-", "PDF"},
	{0, "PK\x03\x04", "ZIP"},
	{0, "PK\x05\x06", "ZIP"},
	{0, "Rar!\x1A\x07", "RAR"},
	{0, "7z\xBC\xAF\x27\x1C", "7-Zip"},
	{0, "\x1F\x8B\x08", "gzip"},
	{0, "BZh", "bzip2"},
	{0, "\xFD7zXZ\x00", "xz"},
	{0, "\x28\xB5\x2F\xFD", "Zstandard"},
	{0, "\x7FELF", "a program"},
	{257, "ustar", "tar"},
}

// brands of MP4 files by their first letters (ISO/IEC 14496-12, 4.3).
var brands = [...]magic{
	{0, "M4A", "M4A"},
	{0, "M4B", "M4B"},
	{0, "qt", "QuickTime"},
	{0, "3g", "3GP"},
	{0, "avif", "AVIF"},
	{0, "hei", "HEIC"},
	{0, "mif1", "HEIC"},
}

// sniff is Sniff. sure says that such a file is refused though it may hold
// frames of mp3 somewhere; the others are only named when no frame is found.
func sniff(head []byte) (name string, sure bool) {
	head = head[:min(len(head), sniffSize)]
	for _, m := range magics {
		if len(head) > m.at && bytes.HasPrefix(head[m.at:], []byte(m.sign)) {
			return m.name, true
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("OggS")):
		switch {
		case bytes.Contains(head, []byte("OpusHead")):
			return "Ogg Opus", true
		case bytes.Contains(head, []byte("\x01vorbis")):
			return "Ogg Vorbis", true
		}
		return "Ogg", true
	case len(head) >= 12 && (string(head[:4]) == "RIFF" || string(head[:4]) == "RF64"):
		return riff(head)
	case len(head) >= 12 && string(head[:4]) == "FORM" && string(head[8:11]) == "AIF":
		return "AIFF", true
	case len(head) >= 6 && string(head[:4]) == "MAC " && head[5] == 0x0F:
		return "Monkey's Audio", true
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		for _, b := range brands {
			if bytes.HasPrefix(head[8:], []byte(b.sign)) {
				return b.name, true
			}
		}
		return "MP4", true
	case isADTS(head):
		return "AAC", true
	case len(head) > 2*188 && head[0] == 0x47 && head[188] == 0x47 && head[2*188] == 0x47:
		return "MPEG video", true
	case bytes.HasPrefix(head, []byte("MZ")):
		return "a program", false
	}
	return text(head)
}

// riff tells apart what comes in RIFF. A WAVE file whose format is MPEG
// Layer III (tag 0x55, RFC 2361) is an mp3 with another head.
func riff(head []byte) (name string, sure bool) {
	switch string(head[8:12]) {
	case "AVI ":
		return "AVI", true
	case "WEBP":
		return "WebP", true
	case "WAVE":
		for at := int64(12); at+10 <= int64(len(head)); {
			size := int64(binary.LittleEndian.Uint32(head[at+4:]))
			if string(head[at:at+4]) == "fmt " {
				if binary.LittleEndian.Uint16(head[at+8:]) == 0x55 {
					return "", false
				}
				break
			}
			at += 8 + size + size&1
		}
		return "WAV", true
	case "RMP3":
		return "", false
	}
	return "RIFF", true
}

// isADTS says whether two AAC frames stand at the beginning (ISO/IEC 13818-7,
// 6.2): sync, layer 0, and another sync where the length says.
func isADTS(b []byte) bool {
	if len(b) < 7 || b[0] != 0xFF || b[1]&0xF6 != 0xF0 {
		return false
	}
	n := int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5])>>5
	return n >= 7 && n+2 <= len(b) && b[n] == 0xFF && b[n+1]&0xF6 == 0xF0
}

// text recognises readable text by its first bytes.
func text(head []byte) (name string, sure bool) {
	b := head[:min(len(head), 512)]
	if len(b) == 0 {
		return "", false
	}
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1 && len(b) >= utf8.UTFMax: // the last letter may be cut
			return "", false
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f', r == 0x7F:
			return "", false
		}
		b = b[n:]
	}
	lead := bytes.ToLower(bytes.TrimLeft(head[:min(len(head), 512)], "\xEF\xBB\xBF \t\r\n"))
	for _, sign := range []string{"<!doctype html", "<html"} {
		if bytes.HasPrefix(lead, []byte(sign)) {
			return "a web page", false
		}
	}
	return "text", false
}

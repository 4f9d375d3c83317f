package mp3

import (
	"strings"
	"testing"

	"earshot/media/mp3/mp3test"
)

func TestSniff(t *testing.T) {
	t.Parallel()
	pad := strings.Repeat("\x00", 300)
	aac := "\xFF\xF1\x50\x80\x02\x1F\xFC" + strings.Repeat("a", 9) // 16 bytes
	ts := "\x47" + strings.Repeat("\x00", 187)
	tests := []struct{ head, want string }{
		{"", ""},
		{"fLaC" + pad, "FLAC"},
		{"OggS\x00\x02" + pad, "Ogg"},
		{"OggS\x00\x02" + pad + "\x01vorbis", "Ogg Vorbis"},
		{"OggS\x00\x02" + pad + "OpusHead", "Ogg Opus"},
		{"RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00" + pad, "WAV"},
		{"RIFF\x00\x00\x00\x00WAVE", "WAV"},
		{"RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xff" + pad, "WAV"},
		{"RIFF\x00\x00\x00\x00WAVEfact\x03\x00\x00\x00abc\x00fmt \x1e\x00\x00\x00\x55\x00" + pad, ""},
		{"RF64\x00\x00\x00\x00WAVE" + pad, "WAV"},
		{"RIFF\x00\x00\x00\x00AVI LIST", "AVI"},
		{"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP"},
		{"RIFF\x00\x00\x00\x00RMP3data", ""},
		{"RIFF\x00\x00\x00\x00ACON" + pad, "RIFF"},
		{"FORM\x00\x00\x00\x00AIFF", "AIFF"},
		{"FORM\x00\x00\x00\x00AIFC", "AIFF"},
		{"\x00\x00\x00\x20ftypM4A \x00\x00", "M4A"},
		{"\x00\x00\x00\x20ftypisom\x00\x00", "MP4"},
		{"\x00\x00\x00\x20ftypqt  \x00\x00", "QuickTime"},
		{"\x1A\x45\xDF\xA3" + pad, "WebM or Matroska"},
		{"\x30\x26\xB2\x75\x8E\x66\xCF\x11" + pad, "WMA"},
		{"\x89PNG\r\n\x1A\n" + pad, "PNG"},
		{"\xFF\xD8\xFF\xE0" + pad, "JPEG"},
		{"PK\x03\x04" + pad, "ZIP"},
		{"%PDF-1.7\n", "PDF"},
		{strings.Repeat("a", 100) + strings.Repeat("\x00", 157) + "ustar\x00", "tar"},
		{aac + aac, "AAC"},
		{aac + "nothing", ""},
		{ts + ts + ts, "MPEG video"},
		{ts, ""},
		{"MAC \x96\x0F", "Monkey's Audio"},
		{"MAC addresses\n", "text"},
		{"MZ\x90\x00", "a program"},
		{"<!DOCTYPE html><html>", "a web page"},
		{"\xEF\xBB\xBF\n<HTML lang=ko>", "a web page"},
		{"Track,Artist\n밤기차,미나\n", "text"},
		{strings.Repeat("밤", 1000)[1:], ""},
		{strings.Repeat("밤", 1000), "text"}, // 512 bytes end inside a letter
		{"a\x00b", ""},
		{pad, ""},
		{string(cd.Silence(1)), ""},
		{string(mp3test.ID3v2(3, nil)), ""},
		{string(mp3test.Rubbish(5000, 1)), ""},
	}
	for _, tt := range tests {
		if got := Sniff([]byte(tt.head)); got != tt.want {
			t.Errorf("%.40q is %q, want %q", tt.head, got, tt.want)
		}
		for n := range min(len(tt.head), 400) { // a shorter head does no harm
			Sniff([]byte(tt.head[:n]))
		}
	}
}

package tag

import (
	"bytes"
	"testing"

	"golang.org/x/text/encoding/korean"
)

func cp949(t testing.TB, s string) string {
	b, err := korean.EUCKR.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// titleOf gives the title of a file with the given bytes in a title frame.
func titleOf(t testing.TB, f frameSpec) string {
	b := v2(3, f)
	got, err := Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return got.Title
}

func TestKoreanIsMended(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"하현우", "국카스텐", "아이유", "방탄소년단", "이소라", "김광석", "봄", "밤편지", "거울 (Live)", "MC몽", "DJ 철이", "2NE1 - 내가 제일 잘 나가",
		"돌덩이", "좋은 날", "서태지와 아이들", "사랑했지만", "먼지가 되어", "벚꽃 엔딩", "똠방각하", "나는 나비 [EP]",
	} {
		if got := titleOf(t, raw("TIT2", latin1, cp949(t, name))); got != name {
			t.Errorf("CP949 as Latin-1: got %q, want %q", got, name)
		}
		if got := titleOf(t, raw("TIT2", latin1, name)); got != name {
			t.Errorf("UTF-8 as Latin-1: got %q, want %q", got, name)
		}
		wrong := fromBytes([]byte(cp949(t, name)))
		if got := titleOf(t, raw("TIT2", utf16BOM, "\xff\xfe"+le(wrong))); got != name {
			t.Errorf("CP949 as Latin-1, written again as UTF-16: got %q, want %q", got, name)
		}
		if got := titleOf(t, text("TIT2", wrong)); got != name {
			t.Errorf("CP949 as Latin-1, written again as UTF-8: got %q, want %q", got, name)
		}
	}
}

func TestWestEuropeanIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Björk", "Motörhead", "Mötley Crüe", "Queensrÿche", "Beyoncé", "Sigur Rós", "Ágætis byrjun", "Édith Piaf", "Françoise Hardy",
		"Ça va", "ÇA VA", "À la folie", "L'été indien", "NOËL", "Mägo de Oz", "Café Tacvba", "¿Ángel?", "¿Éxito?", "¡Ándale!", "MAÑANA",
		"Röyksopp", "Jóhann Jóhannsson", "Ólafur Arnalds", "Die Ärzte", "GRÖSSE", "Größe", "Händel", "Antônio Carlos Jobim",
		"João Gilberto", "CORAÇÃO", "São Paulo", "Ænima", "Æ", "Ø", "Þórr", "Zoë’s “Night”", "Don’t stop…", "Naïve", "Øystein Sevåg",
		"Ångström", "CRÈME BRÛLÉE", "DÉJÀ VU", "ÉCOUTÉ", "½ mile", "«À»", "20°C", "n° 7", "ÅÄÖ", "ÄÖÜ",
	} {
		enc := []byte(nil)
		for _, r := range name {
			if b, ok := toBytes(string(r)); ok || r < 0x80 {
				enc = append(enc, b...)
			}
		}
		want := fromBytes(enc)
		if got := titleOf(t, raw("TIT2", latin1, string(enc))); got != want {
			t.Errorf("Latin-1: got %q, want %q", got, want)
		}
		if got := titleOf(t, text("TIT2", want)); got != want {
			t.Errorf("UTF-8: got %q, want %q", got, want)
		}
		if got := titleOf(t, raw("TIT2", utf16BOM, "\xff\xfe"+le(want))); got != want {
			t.Errorf("UTF-16: got %q, want %q", got, want)
		}
	}
}

// A field of ID3v1 ends after 30 bytes, in the middle of a character or not.
func TestCutKoreanInID3v1(t *testing.T) {
	t.Parallel()
	long := "서태지와 아이들 그리고 친구들의 노래"
	for _, tt := range []struct{ title, want string }{
		{cp949(t, long)[:30], "서태지와 아이들 그리고 친구들"},
		{cp949(t, "ab"+long)[:30], "ab서태지와 아이들 그리고 친구"},
		{long[:30], "서태지와 아이들 그리"},
		{("ab" + long)[:30], "ab서태지와 아이들 그"},
		{("x" + long)[:30], "x서태지와 아이들 그리"},
		{"an English title of 30 letters", "an English title of 30 letters"},
	} {
		b := v1Bytes(tt.title, "", "", "", "", 0, 255)
		got, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if got.Title != tt.want {
			t.Errorf("%q: got %q, want %q", tt.title, got.Title, tt.want)
		}
	}
}

package tag

import "strings"

// genreList is the genres that numbers stand for: 0 to 79 of ID3v1, the rest
// as Winamp added them.
const genreList = `Blues|Classic Rock|Country|Dance|Disco|Funk|Grunge|Hip-Hop|Jazz|Metal|` +
	`New Age|Oldies|Other|Pop|R&B|Rap|Reggae|Rock|Techno|Industrial|` +
	`Alternative|Ska|Death Metal|Pranks|Soundtrack|Euro-Techno|Ambient|Trip-Hop|Vocal|Jazz+Funk|` +
	`Fusion|Trance|Classical|Instrumental|Acid|House|Game|Sound Clip|Gospel|Noise|` +
	`Alternative Rock|Bass|Soul|Punk|Space|Meditative|Instrumental Pop|Instrumental Rock|Ethnic|Gothic|` +
	`Darkwave|Techno-Industrial|Electronic|Pop-Folk|Eurodance|Dream|Southern Rock|Comedy|Cult|Gangsta|` +
	`Top 40|Christian Rap|Pop/Funk|Jungle|Native American|Cabaret|New Wave|Psychedelic|Rave|Showtunes|` +
	`Trailer|Lo-Fi|Tribal|Acid Punk|Acid Jazz|Polka|Retro|Musical|Rock & Roll|Hard Rock|` +
	`Folk|Folk-Rock|National Folk|Swing|Fast Fusion|Bebop|Latin|Revival|Celtic|Bluegrass|` +
	`Avantgarde|Gothic Rock|Progressive Rock|Psychedelic Rock|Symphonic Rock|Slow Rock|Big Band|Chorus|Easy Listening|Acoustic|` +
	`Humour|Speech|Chanson|Opera|Chamber Music|Sonata|Symphony|Booty Bass|Primus|Porn Groove|` +
	`Satire|Slow Jam|Club|Tango|Samba|Folklore|Ballad|Power Ballad|Rhythmic Soul|Freestyle|` +
	`Duet|Punk Rock|Drum Solo|A Cappella|Euro-House|Dance Hall|Goa|Drum & Bass|Club-House|Hardcore|` +
	`Terror|Indie|BritPop|Afro-Punk|Polsk Punk|Beat|Christian Gangsta Rap|Heavy Metal|Black Metal|Crossover|` +
	`Contemporary Christian|Christian Rock|Merengue|Salsa|Thrash Metal|Anime|JPop|Synthpop|Abstract|Art Rock|` +
	`Baroque|Bhangra|Big Beat|Breakbeat|Chillout|Downtempo|Dub|EBM|Eclectic|Electro|` +
	`Electroclash|Emo|Experimental|Garage|Global|IDM|Illbient|Industro-Goth|Jam Band|Krautrock|` +
	`Leftfield|Lounge|Math Rock|New Romantic|Nu-Breakz|Post-Punk|Post-Rock|Psytrance|Shoegaze|Space Rock|` +
	`Trop Rock|World Music|Neoclassical|Audiobook|Audio Theatre|Neue Deutsche Welle|Podcast|Indie Rock|G-Funk|Dubstep|` +
	`Garage Rock|Psybient`

// genreName gives the genre of a number, "" for a number that is none.
func genreName(n int) string {
	for name := range strings.SplitSeq(genreList, "|") {
		if n == 0 {
			return name
		}
		n--
	}
	return ""
}

// genreNames reads one value of TCON: a name, a number, or, as 2.2 and 2.3
// have it, references in brackets and a name that refines them: "(17)",
// "(4)Eurodisco", "(RX)", "((not a reference)".
func genreNames(s string) []string {
	var names []string
	for strings.HasPrefix(s, "(") && !strings.HasPrefix(s, "((") && len(names) < MaxGenres {
		ref, rest, ok := strings.Cut(s[1:], ")")
		name, isRef := genreRef(ref)
		if !ok || !isRef {
			return append(names, s)
		}
		names = append(names, name)
		s = rest
	}
	if strings.HasPrefix(s, "((") {
		s = s[1:]
	}
	s = strings.TrimSpace(s)
	if name, ok := genreRef(s); ok {
		s = name
	}
	return append(names, s)
}

// genreRef resolves a number from 0 to 255, RX or CR. A number that names
// nothing resolves to "".
func genreRef(s string) (name string, ok bool) {
	switch s {
	case "RX":
		return "Remix", true
	case "CR":
		return "Cover", true
	}
	if len(s) == 0 || len(s) > 3 {
		return "", false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return "", false
		}
		n = n*10 + int(c-'0')
	}
	if n > 255 {
		return "", false
	}
	return genreName(n), true
}

package subsonic

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"earshot/app/core"
)

// lyricsLooked is how many songs are looked at for the one whose lyrics are asked
// for by its title.
const lyricsLooked = 20

// getLyrics gives the lyrics of a song by its artist and title; empty ones when
// there is no such song, or it has none.
func (s *Server) getLyrics(q *call) (body, error) {
	by, title := strings.TrimSpace(q.params.get("artist")), strings.TrimSpace(q.params.get("title"))
	answer := body{name: "lyrics", value: lyrics{}}
	if title == "" {
		return answer, nil
	}
	views, err := s.core.FoundSongs(q, q.me(), title, lyricsLooked, 0)
	if err != nil {
		return body{}, err
	}
	i := slices.IndexFunc(views, func(v core.Song) bool {
		return strings.EqualFold(v.Track.Title, title) && (by == "" || strings.EqualFold(v.Owner.Name, by) || strings.EqualFold(v.Track.Artist, by))
	})
	if i < 0 {
		return answer, nil
	}
	v, words, err := s.core.Lyrics(q, q.me(), views[i].Track.ID)
	if words != "" {
		answer.value = lyrics{Artist: cmp.Or(v.Track.Artist, v.Owner.Name), Title: v.Track.Title, Value: unsung(words)}
	}
	return answer, err
}

// getLyricsBySongID gives the lyrics of a song, line by line, with their times
// where the file has them.
func (s *Server) getLyricsBySongID(q *call) (body, error) {
	_, id, err := q.params.idOf("id", aTrack)
	if err != nil {
		return body{}, err
	}
	v, words, err := s.core.Lyrics(q, q.me(), id)
	var l lyricsList
	if words != "" {
		lines, synced := linesOf(words)
		l.StructuredLyrics = list[structuredLyrics]{{
			DisplayArtist: cmp.Or(v.Track.Artist, v.Owner.Name), DisplayTitle: v.Track.Title, Lang: "und", Synced: synced, Line: lines,
		}}
	}
	return body{name: "lyricsList", value: l}, err
}

// sung is a time of a line, as LRC has it: "[01:23.45]".
var sung = regexp.MustCompile(`^\[(\d{1,3}):([0-5]\d)(?:[.:](\d{1,3}))?\]`)

// said is a line of LRC that tells of the file and is not sung: "[ar: Mina]".
var said = regexp.MustCompile(`^\[[a-z#]{1,10}:[^\]]*\]$`)

// sungMost is how many bytes the lines of a song have together: each is there once
// for each of its times.
const sungMost = 64 << 10

// linesOf takes lyrics apart. When a line has a time, those without are left out,
// and the others are in the order of their times.
func linesOf(words string) (lines list[lyricsLine], synced bool) {
	left := sungMost
	for text := range strings.Lines(words) {
		text = strings.TrimRight(text, "\r\n")
		times := []int64{}
		for {
			m := sung.FindStringSubmatch(text)
			if m == nil {
				break
			}
			minutes, _ := strconv.ParseInt(m[1], 10, 64)
			seconds, _ := strconv.ParseInt(m[2], 10, 64)
			millis, _ := strconv.ParseInt((m[3] + "000")[:3], 10, 64)
			times = append(times, (minutes*60+seconds)*1000+millis)
			text = text[len(m[0]):]
		}
		text = strings.TrimSpace(text)
		if len(times) == 0 {
			lines = append(lines, lyricsLine{Value: text})
		}
		for _, at := range times {
			if left -= len(text) + len("[00:00.00]"); left < 0 {
				break
			}
			synced = true
			lines = append(lines, lyricsLine{Start: &at, Value: text})
		}
	}
	if synced {
		lines = slices.DeleteFunc(lines, func(l lyricsLine) bool { return l.Start == nil })
		slices.SortStableFunc(lines, func(a, b lyricsLine) int { return cmp.Compare(*a.Start, *b.Start) })
	}
	return lines, synced
}

// unsung is lyrics without times, and without lines that tell of the file.
func unsung(words string) string {
	lines, synced := linesOf(words)
	var b strings.Builder
	for _, l := range lines {
		if !synced && said.MatchString(l.Value) {
			continue
		}
		b.WriteString(l.Value + "\n")
	}
	return strings.TrimSpace(b.String())
}

package intake

import (
	"bytes"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// field is what a column says.
type field uint8

const (
	unknown field = iota
	fTitle
	fArtist
	fDescription
	fTags
	fImage
	fFile
	fUser
	fAlbum
	fYear
	fVisibility
	fPlaylist
	fDate
	fURL
	fTagList // as SoundCloud writes it
)

// seedOrder is the order of columns in a list that does not name them.
var seedOrder = []field{fTitle, fArtist, fDescription, fTags, fImage, fFile, fUser}

// names are the names of columns, as plain makes them.
var names = map[field]string{
	fTitle:       "title name tracktitle songtitle song track 제목 곡명 곡제목 곡이름 노래 노래제목 타이틀 트랙 트랙제목",
	fArtist:      "artist artists artistname trackartist performer singer creator metadataartist 아티스트 가수 음악가 연주자 뮤지션",
	fDescription: "description desc text comment notes note caption 설명 소개 내용 비고 곡설명",
	fTags:        "tags tag genre genres keywords keyword style 태그 장르 키워드 해시태그",
	fImage:       "image images imagefile imagepath img picture cover coverfile coverart coverimage artwork art thumbnail 이미지 이미지파일 그림 표지 커버 커버이미지 사진 앨범아트 아트워크 썸네일",
	fFile:        "file filename filepath path audio audiofile audiopath music musicfile sound source mp3 mp3file 파일 파일명 파일이름 파일경로 경로 음원 음원파일 오디오 오디오파일 음악파일",
	fUser:        "user username userid owner uploader member account email 사용자 사용자명 사용자이름 사용자아이디 유저 소유자 업로더 회원 계정 아이디 이메일",
	fAlbum:       "album albumtitle albumname 앨범 앨범명 앨범제목",
	fYear:        "year releaseyear 연도 년도 발매연도 발매년도 발표연도",
	fVisibility:  "visibility sharing access privacy public 공개 공개여부 공개범위 공개설정",
	fPlaylist:    "playlist playlistname playlisttitle set list 재생목록 플레이리스트 목록",
	fDate:        "date created createdat createdon uploaded uploadedat uploaddate publishedat releasedate 날짜 일자 등록일 등록일자 작성일 업로드일 게시일 발매일",
	fURL:         "url link permalinkurl webpageurl address 주소 링크 웹주소",
	fTagList:     "taglist",
}

var byName = func() map[string]field {
	m := map[string]field{}
	for f, all := range names {
		for _, name := range strings.Fields(all) {
			m[name] = f
		}
	}
	return m
}()

// plain is a name without what people write differently: case, form, spaces
// and marks between words.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(clip(s, maxShort)))
}

// CSV reads a list of tracks: for each row an Item, or the Problem for which
// it is none; empty rows are left out. The columns may have names, in any
// order, in English or Korean; without names they are those of seedOrder.
// Commas, semicolons or tabs separate them; the encoding is found out.
func CSV(r io.Reader) iter.Seq2[Item, *Problem] {
	return func(yield func(Item, *Problem) bool) {
		text, problem := listText(r)
		if problem != nil {
			yield(Item{}, problem)
			return
		}
		for row, problem := range rows(text, header) {
			if problem == nil {
				var it Item
				if it, problem = row.item(); problem == nil {
					if it.Path != "" {
						if !yield(it, nil) {
							return
						}
						continue
					}
					problem = &Problem{row.line, "row.no_file", "This row names no audio file."}
				}
			}
			if !yield(Item{}, problem) {
				return
			}
		}
	}
}

// listText reads a list and gives it as UTF-8.
func listText(r io.Reader) (string, *Problem) {
	b, err := io.ReadAll(io.LimitReader(r, MaxList+1))
	switch {
	case err != nil:
		return "", &Problem{0, "list.unreadable", "The list can't be read: " + err.Error() + "."}
	case len(b) > MaxList:
		return "", &Problem{0, "list.too_large", "The list is larger than 5 MB. Divide it into several."}
	}
	text, ok := decode(b)
	if !ok {
		return "", &Problem{0, "list.not_text", "This is not a list in plain text. Save it as CSV, in UTF-8 or EUC-KR."}
	}
	return text, nil
}

// decode gives a text of any of the known encodings as UTF-8.
func decode(b []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		b = b[3:]
	case bytes.HasPrefix(b, []byte("\xFF\xFE")), bytes.HasPrefix(b, []byte("\xFE\xFF")):
		out, err := xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM).NewDecoder().Bytes(b)
		return string(out), err == nil && bytes.IndexByte(out, 0) < 0
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", false
	}
	if utf8.Valid(b) {
		return string(b), true
	}
	// The decoder is that of code page 949, which has EUC-KR in it. What is not
	// Korean at all, such as Latin-1, has letters in it that it can't read.
	if out, err := korean.EUCKR.NewDecoder().Bytes(b); err == nil && !bytes.ContainsRune(out, utf8.RuneError) {
		return string(out), true
	}
	if mostly := string(bytes.ToValidUTF8(b, []byte("\uFFFD"))); strings.Count(mostly, "\uFFFD")*50 < utf8.RuneCount(b) && hasWide(b) {
		return mostly, true // UTF-8 that was cut somewhere
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	return string(out), err == nil
}

// hasWide tells whether there is a character of several bytes in UTF-8.
func hasWide(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if n > 1 && r != utf8.RuneError {
			return true
		}
		b = b[n:]
	}
	return false
}

// row is one row of a list, with what its columns say.
type row struct {
	line    int
	columns []field
	cells   []string
	names   []string // of the columns, as plain makes them; nil when they have none
}

// rows reads the rows of a list behind its names, which head tells from a row.
func rows(text string, head func(cells []string) ([]field, []string)) iter.Seq2[row, *Problem] {
	return func(yield func(row, *Problem) bool) {
		s := scanner{rest: text, line: 1}
		s.separator = separator(&s)
		columns, heads := []field(nil), []string(nil)
		for n := 0; s.rest != ""; n++ {
			if n >= MaxRows {
				yield(row{}, &Problem{s.line, "list.too_many", "The list has more than " + strconv.Itoa(MaxRows) + " rows. Divide it into several; those before this line were taken."})
				return
			}
			line := s.line
			cells, problem := s.next()
			if problem == nil && blank(cells) {
				continue
			}
			if columns == nil && problem == nil {
				if columns, heads = head(cells); columns != nil {
					continue
				}
				columns = seedOrder
			}
			if problem == nil && len(cells) > len(columns) && !blank(cells[len(columns):]) {
				problem = &Problem{line, "row.columns", "This row has " + strconv.Itoa(len(cells)) + " columns, and the list has " + strconv.Itoa(len(columns)) +
					". A text with a separator in it has to be in quotes."}
			}
			if !yield(row{line, columns, cells, heads}, problem) {
				return
			}
		}
	}
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// header reads the names of columns; nil when the row has none. A song may be
// called "Album": one known name among others makes no header.
func header(cells []string) (columns []field, heads []string) {
	columns, heads = heading(cells)
	known, said := 0, 0
	for i, name := range heads {
		if name != "" {
			said++
		}
		if columns[i] != unknown {
			known++
		}
	}
	if known == 0 || known == 1 && said > 2 {
		return nil, nil
	}
	return columns, heads
}

// heading takes a row for the names of columns.
func heading(cells []string) (columns []field, heads []string) {
	for _, cell := range cells {
		name := plain(cell)
		f := byName[name]
		if f != fTags && f != fTagList && slices.Contains(columns, f) {
			f = unknown // the first of a name is the one
		}
		columns, heads = append(columns, f), append(heads, name)
	}
	return columns, heads
}

// separator finds out what separates the columns, from the first row.
func separator(s *scanner) byte {
	if said, ok := strings.CutPrefix(s.rest, "sep="); ok && said != "" && strings.IndexByte(",;\t|", said[0]) >= 0 && strings.IndexAny(said, "\r\n") == 1 {
		s.rest = behindLine(s.rest) // as spreadsheets tell one another
		s.line++
		return said[0]
	}
	best, most := byte(','), 0
	for _, sep := range []byte(",;\t") {
		try := scanner{rest: s.rest, line: 1, separator: sep}
		var cells []string
		for range 20 { // behind empty lines
			var problem *Problem
			if cells, problem = try.next(); problem != nil || !blank(cells) || try.rest == "" {
				break
			}
		}
		points := len(cells)
		for _, cell := range cells {
			if byName[plain(cell)] != unknown {
				points += 1000
			}
		}
		if len(cells) > 1 && points > most {
			best, most = sep, points
		}
	}
	return best
}

// scanner splits a text into rows and cells (RFC 4180, with line ends of any
// system). encoding/csv reads a quote that nobody closes to the end of the
// file; here the rows behind it are read.
type scanner struct {
	rest      string
	line      int // on which rest begins
	separator byte
	again     int // bytes that were looked at more than once
}

const maxAgain = 64 << 20

// next reads one row.
func (s *scanner) next() (cells []string, problem *Problem) {
	begin := s.line
	row, lines, text := s.rest, 0, s.rest
	fail := func(code, sentence string) ([]string, *Problem) {
		s.again += len(text) - len(row)
		if s.again > maxAgain {
			s.rest = ""
			return nil, &Problem{begin, "list.quotes", "The quotes of this list make no sense from this line on. The rest was left out."}
		}
		s.rest = behindLine(text)
		s.line = begin + 1
		return nil, &Problem{begin, code, sentence}
	}
	for {
		if len(text)-len(row) > maxRow {
			return fail("row.long", "This row is longer than 64 kB.")
		}
		if len(cells) == maxColumns {
			return fail("row.columns", "This row has more than "+strconv.Itoa(maxColumns)+" columns.")
		}
		trimmed := strings.TrimLeft(row, " ")
		var cell string
		if trimmed != "" && trimmed[0] == '"' {
			var b strings.Builder
			row = trimmed[1:]
			for {
				i := strings.IndexByte(row[:min(len(row), maxRow)], '"')
				if i < 0 || len(text)-len(row) > maxRow {
					return fail("row.quote", "A quote that begins in this row is not closed.")
				}
				lines += countLines(row[:i])
				b.WriteString(row[:i])
				row = row[i+1:]
				if row == "" || row[0] != '"' {
					break
				}
				b.WriteByte('"')
				row = row[1:]
			}
			row = strings.TrimLeft(row, " ")
			if row != "" && row[0] != s.separator && row[0] != '\n' && row[0] != '\r' {
				return fail("row.quote", "There is text behind a closing quote in this row. A quote within a text is written twice.")
			}
			cell = b.String()
		} else {
			i := strings.IndexAny(row[:min(len(row), maxRow+1)], "\r\n"+string(s.separator))
			if i < 0 {
				if i = len(row); i > maxRow {
					row = row[maxRow:]
					return fail("row.long", "This row is longer than 64 kB.")
				}
			}
			cell, row = row[:i], row[i:]
		}
		cells = append(cells, cell)
		if row == "" {
			break
		}
		if row[0] == s.separator {
			row = row[1:]
			continue
		}
		row = behindLine(row)
		lines++
		break
	}
	s.rest, s.line = row, begin+lines
	return cells, nil
}

// behindLine is what follows the end of the first line.
func behindLine(s string) string {
	i := strings.IndexAny(s, "\r\n")
	if i < 0 {
		return ""
	}
	if strings.HasPrefix(s[i:], "\r\n") {
		i++
	}
	return s[i+1:]
}

// countLines counts line ends of any system.
func countLines(s string) int {
	return strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
}

// item makes an Item of a row.
func (r row) item() (Item, *Problem) {
	it := Item{Line: r.line}
	for i, cell := range r.cells {
		if i >= len(r.columns) {
			break
		}
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		switch r.columns[i] {
		case fTitle, fArtist, fDescription, fTags, fAlbum:
			cell = unquoted(cell)
		}
		switch r.columns[i] {
		case fTitle:
			it.Title = short(cell)
		case fArtist:
			it.Artist = short(cell)
		case fDescription:
			it.Description = long(cell)
		case fTags:
			it.addTags(words(cell))
		case fTagList:
			it.addTags(tagList(cell))
		case fImage:
			it.Image = clip(cell, maxShort)
		case fFile:
			if len(cell) > maxShort {
				return it, &Problem{r.line, "row.path", "The path of the file in this row is too long."}
			}
			it.Path = strings.Clone(cell)
		case fUser:
			it.User = short(cell)
		case fAlbum:
			it.Album = short(cell)
		case fYear:
			if it.Year = year(cell); it.Year == 0 && cell != "0" {
				return it, &Problem{r.line, "row.year", quoted(cell) + " in this row is no year."}
			}
		case fVisibility:
			v, ok := visibility(cell)
			if !ok {
				return it, &Problem{r.line, "row.visibility", quoted(cell) + " in this row says not who may listen. It may be public, followers, link or private."}
			}
			it.Visibility = v
		case fPlaylist:
			it.Playlist = short(cell)
		case fDate:
			at, ok := date(cell)
			if !ok {
				return it, &Problem{r.line, "row.date", quoted(cell) + " in this row is no date. Write it as 2024-12-31."}
			}
			it.Created = at
		case fURL:
			it.URL = address(cell)
		}
	}
	return it, nil
}

// unquoted takes the apostrophe off that keeps a text which begins like a
// formula from being one in spreadsheets.
func unquoted(cell string) string {
	if bare := strings.TrimLeft(cell, "'"); bare != "" && bare != cell && strings.ContainsRune("=+-@", rune(bare[0])) {
		return cell[1:]
	}
	return cell
}

// addTags adds tags, as many as there is room for.
func (it *Item) addTags(more []string) {
	it.Tags = append(it.Tags, more[:min(len(more), max(0, maxWords-len(it.Tags)))]...)
}

// quoted is the beginning of a text for a sentence.
func quoted(s string) string { return strconv.Quote(clip(short(s), 40)) }

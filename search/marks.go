package search

import "slices"

// How much Marks looks at, and gives.
const (
	maxMarked = 16 << 10 // bytes of the text
	mostMarks = 100
)

// Marks gives the parts of a text that the words of a query match, in bytes of
// the text, ascending and disjoint. It matches as Search does: folded words and
// their beginnings, runs within runs, initial consonants, one typo, the other
// keyboard.
func Marks(text, query string) [][2]int {
	words := runs(query, maxQuery, maxWords)
	if len(words) == 0 {
		return nil
	}
	m := marker{words: runs(text, maxMarked, mostProse)}
	query = cut(query, maxQuery)
	for i, w := range words {
		last := i == len(words)-1
		if m.find(w.text, w.class, last) {
			continue
		}
		if w.class == letter {
			if korean := koreanOf(w, query, last); korean != "" {
				m.find(korean, hangul, last)
			}
		} else if latin := toLatin(w.text); w.class == hangul && len(latin) >= 3 {
			m.find(latin, letter, last)
		}
	}
	return m.joined()
}

// marker collects marks on a text.
type marker struct {
	words []run
	marks [][2]int
}

// mark marks some characters of a run.
func (m *marker) mark(chars []char) {
	m.marks = append(m.marks, [2]int{chars[0].start, chars[len(chars)-1].end})
}

// find marks all that a word of a query matches, and says whether there was
// anything.
func (m *marker) find(word string, c class, last bool) bool {
	before := len(m.marks)
	if c == letter {
		m.letters([]rune(word), last)
		return len(m.marks) > before
	}
	what := []rune(word)
	m.within(what, func(int, rune) bool { return false })
	if len(m.marks) > before || c != hangul {
		return len(m.marks) > before
	}
	word = apart(word)
	what = []rune(word)
	if allInitials(word) {
		m.within(what, func(k int, in rune) bool { return initialOf(in) == what[k] })
		return len(m.marks) > before
	}
	// The last syllable may not be complete.
	for _, form := range typed(what) {
		what := []rune(form)
		m.within(what, func(k int, in rune) bool { return k == len(what)-1 && begins(in, what[k]) })
		if len(m.marks) > before {
			break
		}
	}
	return len(m.marks) > before
}

// begins says whether a syllable looks like that while it is typed.
func begins(whole, typed rune) bool {
	found := false
	beginnings([]rune{whole}, 1, func(s string) { found = found || s == string(typed) })
	return found
}

// within marks what stands in runs without spaces, also across the spaces that
// some write between them. like says whether a character may stand for another
// one of what is looked for.
func (m *marker) within(what []rune, like func(k int, in rune) bool) {
	var chars []char
	flush := func() {
		for i := 0; i+len(what) <= len(chars); i++ {
			fits := true
			for k, r := range what {
				if in := chars[i+k].r; in != r && !like(k, in) {
					fits = false
					break
				}
			}
			if fits {
				m.mark(chars[i : i+len(what)])
				i += len(what) - 1
			}
		}
		chars = chars[:0]
	}
	for i, w := range m.words {
		if w.class == letter {
			flush()
			continue
		}
		if i > 0 && (w.class != m.words[i-1].class || w.tie != space) {
			flush()
		}
		chars = append(chars, w.chars...)
	}
	flush()
}

// letters marks words in a writing that has spaces: the same, those it begins,
// and, if there are none of these, those that are one typo away.
func (m *marker) letters(word []rune, last bool) {
	before := len(m.marks)
	m.eachWord(func(chars []char) {
		if len(chars) >= len(word) && same(chars[:len(word)], word) && (len(chars) == len(word) || len(word) > 1 || last) {
			m.mark(chars[:len(word)])
		}
	})
	if len(m.marks) > before || len(word) < 4 || !isLatin(string(word)) {
		return
	}
	m.eachWord(func(chars []char) {
		if chars[0].r != word[0] {
			return
		}
		if typo(chars, word) {
			m.mark(chars)
			return
		}
		for n := len(word) - 1; n <= len(word)+1; n++ {
			if n < len(chars) && typo(chars[:n], word) {
				m.mark(chars[:n])
				return
			}
		}
	})
}

// eachWord gives the words of the text, and those that are also written as one.
func (m *marker) eachWord(fn func(chars []char)) {
	for i, w := range m.words {
		if w.class != letter {
			continue
		}
		fn(w.chars)
		chars := w.chars
		for n := i + 1; n < len(m.words) && n < i+mostCluster && linked(m.words[n]); n++ {
			chars = append(slices.Clip(chars), m.words[n].chars...)
			fn(chars)
		}
	}
}

func same(chars []char, word []rune) bool {
	for i, r := range word {
		if chars[i].r != r {
			return false
		}
	}
	return true
}

// typo says whether two words differ by one letter, or by two neighbours that
// are swapped.
func typo(chars []char, word []rune) bool {
	a, b := len(chars), len(word)
	i := 0
	for i < a && i < b && chars[i].r == word[i] {
		i++
	}
	rest := func(x, y int) bool { return a-x == b-y && same(chars[x:], word[y:]) }
	switch {
	case a == b+1:
		return rest(i+1, i)
	case b == a+1:
		return rest(i, i+1)
	case a != b:
		return false
	case i == a:
		return true
	}
	return rest(i+1, i+1) ||
		i+1 < a && chars[i].r == word[i+1] && chars[i+1].r == word[i] && rest(i+2, i+2)
}

// joined gives the marks in order, those that meet as one.
func (m *marker) joined() [][2]int {
	slices.SortFunc(m.marks, func(a, b [2]int) int { return a[0] - b[0] })
	var list [][2]int
	for _, k := range m.marks {
		if n := len(list); n > 0 && k[0] <= list[n-1][1] {
			list[n-1][1] = max(list[n-1][1], k[1])
			continue
		}
		if len(list) == mostMarks {
			break
		}
		list = append(list, k)
	}
	return list
}

package search

import (
	"strings"
	"unicode/utf8"
)

// What it counts for when a query's word is found in a field, before what the
// way of finding it takes off.
const (
	weighTitle = 10.0
	weighNames = 7.0
	weighTags  = 5.0
	weighText  = 2.0
)

// What the ways of finding a word leave of a field's weight.
const (
	asWhole  = 1.0
	asBegin  = 0.85 // the beginning of a longer word
	asPart   = 0.7  // within a run without spaces
	asOther  = 0.8  // written in one, or in two
	asTyped  = 0.75 // perhaps the beginning, while it is being composed
	asOnset  = 0.65 // initial consonants
	asNearly = 0.5  // one typo
	asKeys   = 0.6  // typed on the other keyboard
	asNearer = 0.35 // one typo in a beginning
)

// What a document gets on top when the words stand together in it.
const (
	bonusTitle = 14.0 // the query is the whole title
	bonusName  = 8.0  // the query is a whole name
	bonusPart  = 6.0  // some words of the query are the whole title
	bonusOf    = 4.0  // some words of the query are a whole name
	bonusStart = 3.0  // the title begins with the query
	bonusPair  = 2.5  // two words stand side by side
	bonusShort = 1.0  // the title is short
)

// Words are few enough to look for others like them when fewer documents than
// these have them as they are.
const few = 20

// leaf is one term to look up.
type leaf struct{ field, term string }

// way is one way in which a document can have a word: for every list, one of
// its terms. With near, the last of them are all terms of the field that are
// one typo away from it.
type way struct {
	all    [][]leaf
	near   leaf
	weight float64
}

// unit is what a document must have: one of the ways. Later stages are tried
// only while few documents (the second) or none (the third) have been found.
type unit [3][]way

// bonus is what a document may have.
type bonus struct {
	leaf   leaf
	weight float64
}

// plan is a query's text, understood.
type plan struct {
	units   []unit
	bonuses []bonus
}

func (u *unit) one(stage int, weight float64, field, term string) {
	u[stage] = append(u[stage], way{all: [][]leaf{{{field, term}}}, weight: weight})
}

// each adds a way: all terms in one field.
func (u *unit) each(stage int, weight float64, field string, terms []string) {
	w := way{weight: weight}
	for _, t := range terms {
		w.all = append(w.all, []leaf{{field, t}})
	}
	u[stage] = append(u[stage], w)
}

// any adds a way: every term in some field of words.
func (u *unit) any(stage int, weight float64, terms []string) {
	w := way{weight: weight}
	for _, t := range terms {
		w.all = append(w.all, []leaf{{inTitle, t}, {inNames, t}, {inTags, t}})
	}
	u[stage] = append(u[stage], w)
}

// planOf understands a query's text.
func planOf(text string, typing bool) plan {
	text = cut(text, maxQuery)
	words := runs(text, maxQuery, maxWords)
	var p plan
	for i := 0; i < len(words); {
		n := 1
		for words[i].class == letter && i+n < len(words) && linked(words[i+n]) && n < mostCluster {
			n++
		}
		last := typing && i+n == len(words)
		if n == 1 && words[i].class != letter {
			p.units = append(p.units, syllablesUnit(words[i], last))
		} else {
			p.units = append(p.units, wordUnit(words[i:i+n], text, last))
		}
		// Two words here may be one word there.
		if n == 1 && i > 0 && words[i].class == letter && words[i-1].class == letter && len(p.units) > 1 {
			one := words[i-1].text + words[i].text
			for k := len(p.units) - 2; k < len(p.units); k++ {
				p.units[k].one(0, weighTitle*asOther, inTitle, one)
				p.units[k].one(0, weighNames*asOther, inNames, one)
				p.units[k].one(0, weighTags*asOther, inTags, one)
			}
		}
		i += n
	}
	p.bonus(words, text, typing)
	return p
}

func hasVowel(s string) bool { return strings.ContainsFunc(s, isVowel) }

// wordUnit is a word in a writing that has spaces; or several, which are also
// written as one.
func wordUnit(words []run, text string, last bool) unit {
	var u unit
	word := cutRunes(together(words), maxWord)
	u.one(0, weighTitle*asWhole, inTitle, word)
	u.one(0, weighNames*asWhole, inNames, word)
	u.one(0, weighTags*asWhole, inTags, word)
	u.one(0, weighText*asWhole, inText, word)
	u.one(0, weighTitle*asOther, inWhole, "t"+hash(word))
	u.one(0, weighNames*asOther, inWhole, "n"+hash(word))
	if len(words) > 1 {
		var parts []string
		for _, w := range words {
			parts = append(parts, cutRunes(w.text, maxWord))
		}
		u.each(0, weighTitle*asOther, inTitle, parts)
		u.each(0, weighNames*asOther, inNames, parts)
		u.each(0, weighTags*asOther, inTags, parts)
		u.any(0, weighTags*asPart, parts)
		u.each(0, weighText*asOther, inText, parts)
	}
	begin := cutRunes(word, mostBegin)
	stage := 2
	if last {
		stage = 0
	}
	if last || utf8.RuneCountInString(word) > 1 {
		u.one(stage, weighTitle*asBegin, inStart, begin)
		u.one(stage, weighNames*asBegin, inBegin, begin)
	}
	for i := 2; i+2 <= len(word) && isLatin(word); i++ {
		u.one(1, weighNames*asOther, inPairs, pair(word[:i], word[i:]))
	}
	if len(word) >= 4 && isLatin(word) {
		for _, in := range []struct {
			field  string
			weight float64
		}{{inTitle, weighTitle}, {inNames, weighNames}, {inTags, weighTags}} {
			u[1] = append(u[1], way{near: leaf{in.field, word}, weight: in.weight * asNearly})
		}
		if last && len(word) <= mostBegin {
			u[1] = append(u[1], way{near: leaf{inStart, word}, weight: weighTitle * asNearer},
				way{near: leaf{inBegin, word}, weight: weighNames * asNearer})
		}
	}
	if len(words) == 1 {
		if korean := koreanOf(words[0], text, last); korean != "" {
			u.hangul(1, asKeys, korean, last)
		}
	}
	return u
}

// koreanOf gives what a word is when it was typed on the wrong keyboard; ""
// when it is nothing.
func koreanOf(w run, text string, last bool) string {
	if !isLatin(w.text) || w.end() > len(text) {
		return ""
	}
	korean := toKorean(text[w.start():w.end()])
	whole := []rune(korean)
	if len(whole) < 2 {
		return ""
	}
	if allInitials(korean) {
		return korean
	}
	for i, r := range whole {
		if !isSyllable(r) && !(last && i == len(whole)-1 && isInitial(r)) {
			return ""
		}
	}
	return korean
}

func isLatin(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return len(s) > 0
}

func allInitials(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !isInitial(r) })
}

// syllablesUnit is a run in a writing without spaces.
func syllablesUnit(w run, last bool) unit {
	var u unit
	word := cutRunes(w.text, maxWord)
	if w.class == kanji {
		u.whole(0, 1, word)
		u.parts(0, asPart, word)
		return u
	}
	u.hangul(0, 1, word, last)
	if latin := toLatin(word); len(latin) >= 3 && (last || hasVowel(word) || utf8.RuneCountInString(word) > 1) {
		u.one(1, weighTitle*asKeys, inTitle, latin)
		u.one(1, weighNames*asKeys, inNames, latin)
		u.one(1, weighTags*asKeys, inTags, latin)
		if last {
			u.one(1, weighTitle*asKeys*asBegin, inStart, cutRunes(latin, mostBegin))
			u.one(1, weighNames*asKeys*asBegin, inBegin, cutRunes(latin, mostBegin))
		}
	}
	return u
}

// hangul adds the ways of a Korean run, all of them weighing so much less.
func (u *unit) hangul(stage int, less float64, word string, last bool) {
	letters := []rune(word)
	u.whole(stage, less, word)
	if two := cutRunes(apart(word), maxWord); two != word {
		u.parts(stage, asPart*less, word) // some write the letter itself
		u.hangul(stage, less, two, last)
		return
	}
	if allInitials(word) {
		if len(letters) > 1 {
			u.one(stage, weighTitle*asBegin*less, inInitials, "="+word)
			u.one(stage, weighNames*asBegin*less, inOnset, "="+word)
			u.each(stage, weighTitle*asOnset*less, inInitials, grams(letters, 3))
			u.each(stage, weighNames*asOnset*less, inOnset, grams(letters, 3))
		}
		return
	}
	if strings.ContainsFunc(word, isSyllable) && strings.ContainsFunc(word, isInitial) {
		u.mixed(stage, less, letters)
	} else {
		u.parts(stage, asPart*less, word)
	}
	if !last {
		return
	}
	for _, form := range typed(letters) {
		form = cutRunes(form, mostBegin)
		u.one(stage, weighTitle*asTyped*less, inStart, form)
		u.one(stage, weighNames*asTyped*less, inBegin, form)
	}
	if n := len(letters) - 1; n > 0 && !isSyllable(letters[n]) && isSyllable(letters[n-1]) {
		// The next syllable has only begun.
		u.parts(stage, asPart*asTyped*less, string(letters[:n]))
	}
}

// mixed adds the ways of a run of syllables and initial consonants, 하ㅎㅇ: each
// piece is looked for by itself.
func (u *unit) mixed(stage int, less float64, word []rune) {
	title := way{weight: weighTitle * asOnset * less}
	names := way{weight: weighNames * asOnset * less}
	piece := func(parts []string, inTitle, inNames string) {
		for _, p := range parts {
			title.all = append(title.all, []leaf{{inTitle, p}})
			names.all = append(names.all, []leaf{{inNames, p}})
		}
	}
	for from := 0; from < len(word); {
		to := from + 1
		for to < len(word) && isSyllable(word[to]) == isSyllable(word[from]) {
			to++
		}
		switch {
		case isSyllable(word[from]):
			piece(grams(word[from:to], 2), inTitle, inNames)
		case to-from > 1:
			piece(grams(word[from:to], 3), inInitials, inOnset)
		case from > 0: // with the letter before it, since there are no rows of one
			piece([]string{string([]rune{initialOf(word[from-1]), word[from]})}, inInitials, inOnset)
		default:
			piece([]string{string([]rune{word[from], initialOf(word[to])})}, inInitials, inOnset)
		}
		from = to
	}
	u[stage] = append(u[stage], title, names)
}

// whole adds the ways in which a run is whole, or begins a longer one.
func (u *unit) whole(stage int, less float64, word string) {
	u.one(stage, weighTitle*asWhole*less, inTitle, "="+word)
	u.one(stage, weighNames*asWhole*less, inNames, "="+word)
	u.one(stage, weighTags*asWhole*less, inTags, "="+word)
	u.one(stage, weighText*asWhole*less, inText, "="+word)
	u.one(stage, weighTitle*asBegin*less, inStart, cutRunes(word, mostBegin))
	u.one(stage, weighNames*asBegin*less, inBegin, cutRunes(word, mostBegin))
	if utf8.RuneCountInString(word) > mostBegin {
		// Such a beginning says too little: the rest has to be there too.
		w := u[stage]
		parts := grams([]rune(word), 2)
		for k := len(w) - 2; k < len(w); k++ {
			field := inTitle
			if k == len(w)-1 {
				field = inNames
			}
			for _, p := range parts {
				w[k].all = append(w[k].all, []leaf{{field, p}})
			}
		}
	}
}

// parts adds the ways in which a run stands within another.
func (u *unit) parts(stage int, less float64, word string) {
	parts := grams([]rune(word), 2)
	u.each(stage, weighTitle*less, inTitle, parts)
	u.each(stage, weighNames*less, inNames, parts)
	u.each(stage, weighTags*less, inTags, parts)
	if len(parts) > 1 {
		u.any(stage, weighTags*less*asOther, parts)
	}
	if utf8.RuneCountInString(word) > 1 {
		u.each(stage, weighText*less, inText, parts)
	}
}

// bonus adds what puts the obvious thing first.
func (p *plan) bonus(words []run, text string, typing bool) {
	add := func(weight float64, field, term string) {
		p.bonuses = append(p.bonuses, bonus{leaf{field, term}, weight})
	}
	if len(words) == 0 {
		return
	}
	all := together(words)
	add(bonusTitle, inWhole, "t"+hash(all))
	add(bonusName, inWhole, "n"+hash(all))
	starts := []string{all}
	if typing {
		starts = typed([]rune(all))
	}
	for _, s := range starts {
		add(bonusStart, inStart, "^"+cutRunes(s, mostStart))
	}
	for i := 1; i < len(words); i++ {
		add(bonusPair, inPairs, pair(words[i-1].text, words[i].text))
	}
	if n := min(len(words), 6); n > 1 {
		for from := range n {
			for to := from + 1; to <= n; to++ {
				if to-from == n {
					continue
				}
				part := hash(together(words[from:to]))
				add(bonusPart, inWhole, "t"+part)
				add(bonusOf, inWhole, "n"+part)
			}
		}
	}
	if len(words) == 1 && words[0].class == letter {
		if korean := koreanOf(words[0], text, typing); korean != "" {
			add(bonusTitle*asKeys, inWhole, "t"+hash(korean))
			add(bonusName*asKeys, inWhole, "n"+hash(korean))
		}
	}
}

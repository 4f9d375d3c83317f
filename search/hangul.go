package search

import "strings"

// The letters of a Korean syllable, as keyboards give them, in the order of
// Unicode: 가 + (initial*21 + vowel)*28 + final.
var (
	initials = []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
	vowels   = []rune("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")
	finals   = []rune("\x00ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
)

// doubles are the letters that are typed as two.
var doubles = map[rune][2]rune{
	'ㅘ': {'ㅗ', 'ㅏ'}, 'ㅙ': {'ㅗ', 'ㅐ'}, 'ㅚ': {'ㅗ', 'ㅣ'}, 'ㅝ': {'ㅜ', 'ㅓ'}, 'ㅞ': {'ㅜ', 'ㅔ'}, 'ㅟ': {'ㅜ', 'ㅣ'}, 'ㅢ': {'ㅡ', 'ㅣ'},
	'ㄳ': {'ㄱ', 'ㅅ'}, 'ㄵ': {'ㄴ', 'ㅈ'}, 'ㄶ': {'ㄴ', 'ㅎ'}, 'ㄺ': {'ㄹ', 'ㄱ'}, 'ㄻ': {'ㄹ', 'ㅁ'}, 'ㄼ': {'ㄹ', 'ㅂ'},
	'ㄽ': {'ㄹ', 'ㅅ'}, 'ㄾ': {'ㄹ', 'ㅌ'}, 'ㄿ': {'ㄹ', 'ㅍ'}, 'ㅀ': {'ㄹ', 'ㅎ'}, 'ㅄ': {'ㅂ', 'ㅅ'},
}

// joined is doubles the other way round.
var joined = func() map[[2]rune]rune {
	m := make(map[[2]rune]rune, len(doubles))
	for whole, parts := range doubles {
		m[parts] = whole
	}
	return m
}()

func place(letters []rune, r rune) int {
	for i, l := range letters {
		if l == r {
			return i
		}
	}
	return -1
}

// apart takes the letters apart that keyboards make of two consonants, as long
// as no syllable takes them up: ㄳ is what ㄱㅅ looks like while it is typed.
func apart(word string) string {
	var b strings.Builder
	for _, r := range word {
		if parts, ok := doubles[r]; ok && !isVowel(r) {
			b.WriteRune(parts[0])
			b.WriteRune(parts[1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

const firstSyllable, lastSyllable = '가', '힣'

func isSyllable(r rune) bool { return r >= firstSyllable && r <= lastSyllable }

// isInitial says whether a character is a single letter that a syllable can
// begin with.
func isInitial(r rune) bool { return place(initials, r) >= 0 }

func isVowel(r rune) bool { return place(vowels, r) >= 0 }

// syllable puts letters together; final is 0 when there is none.
func syllable(initial, vowel, final rune) rune {
	i, v, f := place(initials, initial), place(vowels, vowel), place(finals, final)
	if i < 0 || v < 0 || f < 0 {
		return 0
	}
	return firstSyllable + rune((i*21+v)*28+f)
}

// letters takes a syllable apart; final is 0 when there is none.
func letters(r rune) (initial, vowel, final rune) {
	n := int(r - firstSyllable)
	return initials[n/28/21], vowels[n/28%21], finals[n%28]
}

// initialOf gives the first letter of a syllable, or the letter itself.
func initialOf(r rune) rune {
	if !isSyllable(r) {
		return r
	}
	i, _, _ := letters(r)
	return i
}

// singleJamo turns a conjoining letter, which stands alone after composing,
// into the one that keyboards give.
func singleJamo(r rune) rune {
	switch {
	case r >= 0x1100 && r <= 0x1112:
		return initials[r-0x1100]
	case r >= 0x1161 && r <= 0x1175:
		return vowels[r-0x1161]
	case r >= 0x11a8 && r <= 0x11c2:
		return finals[r-0x11a8+1]
	}
	if old, ok := doubleInitials[r]; ok {
		return old
	}
	return r
}

// doubleInitials are what NFKC makes of letters that only end syllables, when
// they are typed alone.
var doubleInitials = map[rune]rune{
	0x111a: 'ㅀ', 0x1121: 'ㅄ',
}

// beginnings gives every way in which a word looks while it is typed from its
// first key on, up to its whole self: 하현 is ㅎ, 하, 하ㅎ, 하혀, 하현. A letter
// that the input method first hangs below the syllable before it (핳 for 하ㅎ)
// is left to typed.
func beginnings(word []rune, most int, add func(string)) {
	for i, r := range word {
		if i == most {
			return
		}
		before := string(word[:i])
		if isSyllable(r) {
			initial, vowel, final := letters(r)
			add(before + string(initial))
			if parts, ok := doubles[vowel]; ok {
				add(before + string(syllable(initial, parts[0], 0)))
			}
			if final != 0 {
				add(before + string(syllable(initial, vowel, 0)))
			}
			if parts, ok := doubles[final]; ok {
				add(before + string(syllable(initial, vowel, parts[0])))
			}
		}
		add(before + string(r))
	}
}

// typed gives the beginnings that somebody may have meant who has typed so
// far: 핳 is 핳 itself, or 하 and the first letter of what follows.
func typed(word []rune) []string {
	forms := []string{string(word)}
	if len(word) == 0 || !isSyllable(word[len(word)-1]) {
		return forms
	}
	before := string(word[:len(word)-1])
	initial, vowel, final := letters(word[len(word)-1])
	if parts, ok := doubles[final]; ok {
		forms = append(forms, before+string(syllable(initial, vowel, parts[0]))+string(parts[1]))
	} else if final != 0 && isInitial(final) {
		forms = append(forms, before+string(syllable(initial, vowel, 0))+string(final))
	}
	return forms
}

// The keys of the Korean keyboard, by the letters printed on them.
var (
	keys    = "qwertyuiopasdfghjklzxcvbnmQWERTOP"
	onKeys  = []rune("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ")
	toJamo  = map[byte]rune{}
	fromKey = map[rune]byte{}
)

func init() {
	for i, r := range onKeys {
		toJamo[keys[i]] = r
		fromKey[r] = keys[i]
	}
}

// toKorean gives what the keys of a Latin word write on a Korean keyboard; ""
// when one of them writes no letter there.
func toKorean(word string) string {
	if len(word) > maxWord {
		return ""
	}
	jamo := make([]rune, 0, len(word))
	for i := range len(word) {
		c := word[i]
		r, ok := toJamo[c]
		if !ok && 'A' <= c && c <= 'Z' {
			r, ok = toJamo[c+'a'-'A']
		}
		if !ok {
			return ""
		}
		jamo = append(jamo, r)
	}
	return compose(jamo)
}

// compose puts single letters together as an input method does.
func compose(jamo []rune) string {
	var b strings.Builder
	for i := 0; i < len(jamo); {
		if !isInitial(jamo[i]) || i+1 >= len(jamo) || !isVowel(jamo[i+1]) {
			b.WriteRune(jamo[i])
			i++
			continue
		}
		initial, vowel := jamo[i], jamo[i+1]
		i += 2
		if i < len(jamo) {
			if whole, ok := joined[[2]rune{vowel, jamo[i]}]; ok {
				vowel = whole
				i++
			}
		}
		// A letter ends the syllable unless a vowel follows, which takes it along.
		ends := func(at int) bool {
			return at < len(jamo) && place(finals, jamo[at]) > 0 && (at+1 >= len(jamo) || !isVowel(jamo[at+1]))
		}
		var final rune
		if ends(i) {
			final = jamo[i]
			i++
			if i < len(jamo) {
				if whole, ok := joined[[2]rune{final, jamo[i]}]; ok && ends(i) {
					final = whole
					i++
				}
			}
		} else if i+1 < len(jamo) && place(finals, jamo[i]) > 0 {
			// Two letters before a vowel: the first ends this syllable.
			if !isVowel(jamo[i+1]) {
				final = jamo[i]
				i++
			}
		}
		b.WriteRune(syllable(initial, vowel, final))
	}
	return b.String()
}

// toLatin gives the keys that write a Korean word.
func toLatin(word string) string {
	var b strings.Builder
	key := func(r rune) {
		if parts, ok := doubles[r]; ok {
			b.WriteByte(fromKey[parts[0]])
			b.WriteByte(fromKey[parts[1]])
		} else if k, ok := fromKey[r]; ok {
			b.WriteByte(k)
		}
	}
	for _, r := range word {
		if !isSyllable(r) {
			key(r)
			continue
		}
		initial, vowel, final := letters(r)
		key(initial)
		key(vowel)
		if final != 0 {
			key(final)
		}
	}
	return strings.ToLower(b.String())
}

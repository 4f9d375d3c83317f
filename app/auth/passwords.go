package auth

import (
	_ "embed"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// ErrPasswordShort means fewer than MinPasswordLength characters.
	ErrPasswordShort = errors.New("password is too short")

	// ErrPasswordLong means more than MaxPasswordBytes bytes. bcrypt would read
	// only the beginning, so it is refused and never cut.
	ErrPasswordLong = errors.New("password is too long")

	// ErrPasswordCommon means that the password is among the first that anybody
	// would guess, or is little more than a name that belongs to the account.
	ErrPasswordCommon = errors.New("password is too easy to guess")

	// ErrPasswordInvalid means text that no keyboard types: a NUL, or bytes that
	// are not UTF-8.
	ErrPasswordInvalid = errors.New("password is not text")
)

const (
	// MinPasswordLength is counted in characters (Unicode code points).
	MinPasswordLength = 8

	// MaxPasswordBytes is counted in bytes of UTF-8: 72 Latin letters, or 24
	// Korean syllables.
	MaxPasswordBytes = 72
)

// common holds lower-case words and passwords, one a line, sorted by bytes. It
// is made from the words in common_test.go by "go test ./app/auth -update".
//
//go:embed common.txt
var common string

// CheckPassword says whether a new password may be used. The context is text
// that belongs to the account: the name of the house, the user's name and
// e-mail address. Any characters are fine and none are asked for. It returns
// nil, ErrPasswordShort, ErrPasswordLong, ErrPasswordCommon or
// ErrPasswordInvalid.
func CheckPassword(password string, context ...string) error {
	switch {
	case len(password) > MaxPasswordBytes:
		return ErrPasswordLong
	case !utf8.ValidString(password) || strings.IndexByte(password, 0) >= 0:
		return ErrPasswordInvalid
	case utf8.RuneCountInString(password) < MinPasswordLength:
		return ErrPasswordShort
	case isCommon(password) || isOwn(password, context):
		return ErrPasswordCommon
	}
	return nil
}

// isCommon reports whether a password is on the list, as it is or under the
// usual disguises: capitals, digits for letters, signs and up to four digits
// at the ends, said more than once; or is one short pattern over and over, or a row
// of neighbours.
func isCommon(password string) bool {
	p := strings.ToLower(password)
	if n := period(p); n <= len(p)/2 {
		p = p[:n]
	}
	if utf8.RuneCountInString(p) <= 3 || isRun(p) {
		return true
	}
	bare := strings.TrimRightFunc(p, isSign)
	end := trimEnd(p)
	for _, q := range []string{p, bare, end, trimStart(end)} {
		if listed(q) || listed(unleet(q, 'l')) || listed(unleet(q, 'i')) {
			return true
		}
	}
	return false
}

// listed looks a line up in the common list.
func listed(s string) bool {
	lo, hi := 0, len(common) // both at the start of a line
	for lo < hi {
		mid := lo + (hi-lo)/2
		mid = strings.LastIndexByte(common[:mid], '\n') + 1 // back to the start of the line
		if mid < lo {
			mid = lo
		}
		line, _, _ := strings.Cut(common[mid:hi], "\n")
		switch {
		case line == s:
			return true
		case line < s:
			lo = mid + len(line) + 1
		default:
			hi = mid
		}
	}
	return false
}

// period gives the length in bytes of the shortest text of which s is a
// repetition, the last one perhaps cut: 2 for "abababa".
func period(s string) int {
	for n := 1; n < len(s); n++ {
		if s[n:] == s[:len(s)-n] {
			return n
		}
	}
	return len(s)
}

// isRun reports whether each character is followed by its neighbour, as in
// "abcdefgh" or "87654321".
func isRun(s string) bool {
	r := []rune(s)
	for i := 2; i < len(r); i++ {
		if d := r[i] - r[i-1]; d != r[1]-r[0] || d < -1 || d > 1 {
			return false
		}
	}
	return true
}

func isSign(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// trimEnd cuts signs and up to four digits from the end.
func trimEnd(s string) string {
	digits := 0
	return strings.TrimRightFunc(s, func(r rune) bool {
		if unicode.IsDigit(r) {
			digits++
			return digits <= 4
		}
		return isSign(r)
	})
}

// trimStart cuts signs and up to four digits from the start.
func trimStart(s string) string {
	digits := 0
	return strings.TrimLeftFunc(s, func(r rune) bool {
		if unicode.IsDigit(r) {
			digits++
			return digits <= 4
		}
		return isSign(r)
	})
}

// unleet reads digits and signs as the letters they look like. A one is either
// an L or an I.
func unleet(s string, one rune) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '@', '4':
			return 'a'
		case '8':
			return 'b'
		case '3', '€':
			return 'e'
		case '9', '6':
			return 'g'
		case '1', '!', '|':
			return one
		case '0':
			return 'o'
		case '$', '5':
			return 's'
		case '7', '+':
			return 't'
		case '2':
			return 'z'
		}
		return r
	}, s)
}

// isOwn reports whether at most four characters of the password are left when
// the words of the context are taken out of it.
func isOwn(password string, context []string) bool {
	left := strings.ToLower(password)
	for _, text := range context {
		for _, word := range ownWords(text) {
			left = strings.ReplaceAll(left, word, "")
			if utf8.RuneCountInString(left) <= 4 {
				return true
			}
		}
	}
	return false
}

// ownWords gives the text as a whole, without what is between its words, and
// its words; the longest first, none of a single letter.
func ownWords(text string) []string {
	const most = 16
	text = strings.ToLower(text)
	parts := strings.FieldsFunc(text, isSign)
	words := append([]string{text, strings.Join(parts, "")}, parts[:min(len(parts), most)]...)
	kept := words[:0]
	for _, w := range words {
		if utf8.RuneCountInString(w) >= 2 {
			kept = append(kept, w)
		}
	}
	return kept
}

package core

import (
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"earshot/app/fault"
	"earshot/db"
)

// The longest texts that are kept, in characters.
const (
	maxName        = 60
	maxUsername    = 40
	maxSlug        = 80
	maxTitle       = 200
	maxDescription = 5000
	maxBio         = 1000
	maxTag         = 40
	maxTags        = 30
	maxEmail       = 254 // RFC 5321 §4.5.3.1.3, less the angle brackets
	maxGender      = 40
	maxFileName    = 200
)

// reserved are the first parts of addresses that are not people: pages and
// routes, built or foreseen.
var reserved = strings.Fields(`
	_ about account accounts admin albums all api app apps assets auth blog charts contact conversations data
	discover docs download downloads earshot embed everyone favicon feed feeds forgot genres healthz help history home
	house import index info invite invites jobs keeper legal library likes link links listen login logout mail me members
	messages metrics mod moderator music nobody notifications null numbers oauth oembed official openid people playlist
	playlists plays podcast podcasts policy popular press privacy profile public readyz recent register reports
	reposts reset rest robots root rss s search security sessions settings setup share sign-in sign-out sign-up signin
	signout signup sitemap sounds staff static station stations status stream subsonic support system tag tags
	team terms test tls track tracks trending trust undefined upload uploads user users visitor welcome you`)

// line cleans a one-line text: NFC, no control, direction-changing or
// invisible characters, single spaces, none at the ends.
func line(s string) string {
	return strings.Join(strings.Fields(text(s)), " ")
}

// text cleans a text that may have lines: NFC, line ends as \n, no other
// control characters, none that change the direction of what follows.
func text(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r),
			r == 0x061C, r == 0x200E, r == 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, // direction (UAX #9)
			r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0, // fillers of Hangul, which show nothing
			r == 0x200B, r == 0x2060, r == 0xFEFF, r >= 0xFFF9 && r <= 0xFFFB:
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s))
}

// bounded refuses a text over its limit with the code FIELD.long.
func bounded(field, s string, limit int) error {
	if utf8.RuneCountInString(s) > limit {
		return fault.New(fault.Invalid, field+".long", "The "+field+" may have at most "+strconv.Itoa(limit)+" characters.").In(field)
	}
	return nil
}

// cut shortens a text to so many characters.
func cut(s string, limit int) string {
	for i := range s {
		if limit == 0 {
			return strings.TrimSpace(s[:i])
		}
		limit--
	}
	return s
}

// slug makes the part of an address that stands for a text: lower case,
// letters and digits of any script, hyphens between. It is empty when the
// text has neither.
func slug(s string, limit int) string {
	var b strings.Builder
	gap := false
	n := 0
	for _, r := range db.Alike(s) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r) && !unicode.Is(unicode.Mn, r) {
			gap = n > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
			n++
		}
		if n >= limit {
			break
		}
		b.WriteRune(r)
		n++
	}
	return strings.Trim(cut(b.String(), limit), "-")
}

// username checks a username that somebody chose. Letters of one script may
// stand with digits, - and _; Latin may stand beside Korean, Chinese and
// Japanese, but not beside scripts with look-alikes.
func username(s string) (string, error) {
	name := norm.NFC.String(strings.ToLower(strings.TrimSpace(s)))
	bad := fault.New(fault.Invalid, "username.invalid",
		"A username has 2 to 40 letters, digits, - or _, begins and ends with a letter or digit, and keeps to one script.").In("username")
	n := utf8.RuneCountInString(name)
	if n < 2 || n > maxUsername || db.Alike(name) != name {
		return "", bad
	}
	for _, r := range name {
		if r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return "", bad
		}
	}
	if strings.Trim(name, "-_") != name || !oneScript(name) {
		return "", bad
	}
	if slices.Contains(reserved, name) {
		return "", fault.New(fault.Conflict, "username.reserved", "This username is kept for Earshot itself. Choose another.").In("username")
	}
	return name, nil
}

// oneScript tells whether the letters are of scripts that people write
// together.
func oneScript(s string) bool {
	const (
		latin = 1 << iota
		eastAsian
		other
	)
	scripts, which := 0, (*unicode.RangeTable)(nil)
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Latin, r):
			scripts |= latin
		case unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana):
			scripts |= eastAsian
		case unicode.IsLetter(r):
			scripts |= other
			if which != nil && !unicode.Is(which, r) {
				return false
			}
			for _, table := range unicode.Scripts {
				if unicode.Is(table, r) {
					which = table
				}
			}
		}
	}
	return scripts&other == 0 || scripts == other
}

// ownSlug checks the address of a track or playlist that its owner chose.
func ownSlug(s string) (string, error) {
	made := slug(s, maxSlug)
	if made == "" {
		return "", fault.New(fault.Invalid, "slug.invalid", "The address of a track needs letters or digits.").In("slug")
	}
	return made, nil
}

// email checks an e-mail address and gives the form in which it is kept.
func email(s string) (string, error) {
	s = strings.ToLower(norm.NFC.String(strings.TrimSpace(s)))
	bad := fault.New(fault.Invalid, "email.invalid", "This is not a complete e-mail address.").In("email")
	if len(s) > maxEmail || strings.ContainsAny(s, "<>\"() ,;:\\[]") {
		return "", bad
	}
	addr, err := mail.ParseAddress(s)
	if err != nil || addr.Address != s {
		return "", bad
	}
	local, domain, _ := strings.Cut(s, "@")
	if local == "" || domain == "" || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", bad
	}
	return s, nil
}

var errLongTag = fault.New(fault.Invalid, "tag.long", "A tag may have at most "+strconv.Itoa(maxTag)+" characters.").In("tags")

// oneTag gives a tag as it is shown, and what it is compared by.
func oneTag(s string) (shown, key string) {
	shown = strings.TrimLeft(line(s), "# ")
	return shown, db.Alike(shown)
}

func longTag(shown, key string) bool {
	return utf8.RuneCountInString(shown) > maxTag || len(key) > db.MaxTag
}

// tags cleans a list of tags: no # in front, none twice, none empty.
func tags(in []string) ([]string, error) {
	out := make([]string, 0, len(in))
	taken := map[string]bool{}
	for _, s := range in {
		s, key := oneTag(s)
		if strings.Trim(key, ".") == "" && len(key) < 3 || taken[key] { // . and .. can't stand in an address
			continue
		}
		if longTag(s, key) {
			return nil, errLongTag
		}
		taken[key] = true
		out = append(out, s)
	}
	if len(out) > maxTags {
		return nil, fault.New(fault.Invalid, "tag.many", "A track may have at most "+strconv.Itoa(maxTags)+" tags.").In("tags")
	}
	return out, nil
}

package auth

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxDevice is the length in bytes of what Device gives.
const MaxDevice = 80

// Device gives a short name for the program that sent a User-Agent header, such
// as "Firefox on Android", for the list of somebody's sessions. A program it
// does not know goes by the first word it said, such as "curl/8.5.0". It is
// empty for an empty header. The name is for people only; nothing may rest on it.
func Device(userAgent string) string {
	if len(userAgent) > 1024 {
		userAgent = userAgent[:1024]
	}
	browser := firstOf(userAgent, [][2]string{ // in this order: most claim to be several
		{"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"Edg/", "Edge"},
		{"SamsungBrowser/", "Samsung Internet"}, {"Whale/", "Whale"}, {"Vivaldi/", "Vivaldi"},
		{"OPR/", "Opera"}, {"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	})
	system := firstOf(userAgent, [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
		{"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"},
	})
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser != "":
		return browser
	}
	word, _, _ := strings.Cut(strings.TrimSpace(userAgent), " ")
	word = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, word)
	for len(word) > MaxDevice {
		_, size := utf8.DecodeLastRuneInString(word)
		word = word[:len(word)-size]
	}
	return word
}

func firstOf(s string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(s, m[0]) {
			return m[1]
		}
	}
	return ""
}

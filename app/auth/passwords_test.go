package auth

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	own := []string{"Earshot of Mina", "Mina Kim", "mina.kim@example.com"}
	tests := []struct {
		name     string
		password string
		context  []string
		want     error
	}{
		{"a sentence", "correct horse battery staple", own, nil},
		{"random letters", "vbxkqmzt", own, nil},
		{"eight characters", "tq7#vLpa", own, nil},
		{"seven characters", "tq7#vLp", own, ErrPasswordShort},
		{"nothing", "", own, ErrPasswordShort},
		{"72 bytes", "kV3" + strings.Repeat("xQ-7w", 13) + "zzzz", own, nil},
		{"73 bytes", "kV3" + strings.Repeat("xQ-7w", 14), own, ErrPasswordLong},
		{"Korean, 8 characters in 24 bytes", "달빛아래걷는고양", own, nil},
		{"Korean, 7 characters in 21 bytes", "달빛아래걷는고", own, ErrPasswordShort},
		{"Korean, 24 characters in 72 bytes", "달빛아래걷는고양이가노래하고바람은자꾸만멀어진다", own, nil},
		{"Korean, 25 characters in 75 bytes", "달빛아래걷는고양이가노래하고바람은자꾸만멀어진다네", own, ErrPasswordLong},
		{"emoji", "🎧🥁🎷🎺🎻🪕🎹📯", own, nil},
		{"spaces within", "two words", own, nil},
		{"NUL", "abc\x00defghij", own, ErrPasswordInvalid},
		{"not UTF-8", "abcdefg\xff\xfe", own, ErrPasswordInvalid},

		{"password", "password", own, ErrPasswordCommon},
		{"12345678", "12345678", own, ErrPasswordCommon},
		{"in capitals", "QWERTYUIOP", own, ErrPasswordCommon},
		{"with digits behind", "Sunshine2024", own, ErrPasswordCommon},
		{"with digits and signs", "!!Sunshine99", own, ErrPasswordCommon},
		{"in digits for letters", "P@$$w0rd", own, ErrPasswordCommon},
		{"with a one for an I", "1l0v3y0u", own, ErrPasswordCommon},
		{"with a one for an L", "we1come1", own, ErrPasswordCommon},
		{"said twice", "dragondragon", own, ErrPasswordCommon},
		{"one letter", "aaaaaaaaaaaa", own, ErrPasswordCommon},
		{"one syllable", "하하하하하하하하", own, ErrPasswordCommon},
		{"spaces only", "          ", own, ErrPasswordCommon},
		{"a row of letters", "ijklmnopqrs", own, ErrPasswordCommon},
		{"a row downwards", "987654321", own, ErrPasswordCommon},
		{"a walk over the keys", "1q2w3e4r5t", own, ErrPasswordCommon},
		{"Korean on English keys", "dkssudgktpdy1", own, ErrPasswordCommon},
		{"Korean word", "사랑합니다1234", own, ErrPasswordCommon},
		{"the product", "earshot1", own, ErrPasswordCommon},
		{"love and a name", "ilovejimin", own, ErrPasswordCommon},

		{"own address", "mina.kim@example.com", own, ErrPasswordCommon},
		{"own address without signs", "MinaKimExampleCom", own, ErrPasswordCommon},
		{"own name and little more", "minakim!99", own, ErrPasswordCommon},
		{"own name backwards in order", "kim-mina", own, ErrPasswordCommon},
		{"house", "EarshotOfMina", own, ErrPasswordCommon},
		{"own name within more", "mina likes plums", own, nil},
		{"Korean name", "김민아김민아12", []string{"김민아"}, ErrPasswordCommon},
		{"empty context", "plumtree river", []string{"", " ", "@", "a"}, nil},
		{"somebody else's name", "tq7#vLpa", []string{strings.Repeat("x y ", 1000)}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := CheckPassword(tt.password, tt.context...); !errors.Is(got, tt.want) {
				t.Errorf("CheckPassword(%q): got %v, want %v", tt.password, got, tt.want)
			}
		})
	}
}

// Some of those that head every published list, and their usual disguises.
func TestWellKnownPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	for p := range strings.FieldsSeq(`123456789 password1 iloveyou 1234567890 qwerty123 11111111 123123123 1q2w3e4r 987654321
		qwertyuiop princess sunshine football 1qaz2wsx Password1! Passw0rd Welcome1 letmein1 trustno1 baseball superman
		michael1 jennifer abcd1234 asdfghjkl zxcvbnm1 qazwsxedc 147258369 11223344 00000000 88888888 q1w2e3r4 iloveyou1
		admin123 administrator changeme computer liverpool starwars whatever jordan23 mustang1 corvette metallica
		qwer1234! asdf1234 1q2w3e4r! a1234567 woaini1314 dkssudgktpdy qwe123qwe zaq12wsx 1g2w3e4r Summer2023! Winter2024
		Seoul1988 Korea2002 January01 Monday123 google12 facebook1 samsung123 pokemon123 football12`) {
		if err := CheckPassword(p); !errors.Is(err, ErrPasswordCommon) {
			t.Errorf("CheckPassword(%q): got %v, want %v", p, err, ErrPasswordCommon)
		}
	}
}

func FuzzCheckPassword(f *testing.F) {
	for _, s := range []string{"password", "달빛아래걷는고양", "aaaaaaaa", "\xff", "İİİİİİİİ", "ababababa"} {
		f.Add(s, "Mina Kim")
	}
	f.Fuzz(func(t *testing.T, password, context string) {
		err := CheckPassword(password, context)
		if n := utf8.RuneCountInString(password); err == nil && (n < MinPasswordLength || len(password) > MaxPasswordBytes) {
			t.Errorf("CheckPassword(%q): got nil for %d characters in %d bytes", password, n, len(password))
		}
		if err == nil && !hashable(password) {
			t.Errorf("CheckPassword(%q): got nil for what cannot be hashed", password)
		}
		if n := period(password); n > len(password) || password != strings.Repeat(password[:n], len(password)/max(n, 1)+1)[:len(password)] {
			t.Errorf("period(%q): got %d", password, n)
		}
	})
}

func BenchmarkCheckPassword(b *testing.B) {
	for b.Loop() {
		_ = CheckPassword("correct horse battery staple", "Mina Kim", "mina.kim@example.com", "Earshot")
	}
}

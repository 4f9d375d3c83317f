package auth

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files anew")

// makeCommon makes the list of common passwords: the words, and what is
// commonly made of them. What CheckPassword sees through by itself (capitals,
// up to four digits behind, repetitions) is left out.
func makeCommon() string {
	set := map[string]bool{}
	add := func(s string) {
		if len([]rune(s)) >= 3 {
			set[strings.ToLower(s)] = true
		}
	}
	names := append(strings.Fields(givenNames), strings.Fields(koreanNames)...)
	all := append(strings.Fields(words), names...)
	for _, w := range all {
		add(w)
	}
	for _, w := range strings.Fields(phrases + digitPatterns) {
		add(w)
	}
	for _, n := range names {
		add("ilove" + n)
	}
	// Long digits behind short words, which is more than four.
	for _, w := range strings.Fields(`abc abcd admin alex angel asd asdf computer daniel dragon football hello iloveyou jordan
		love love4 login master michael minji minsu monkey music pass password princess qaz qq qwe qwer qwerty root secret
		shadow sunshine super test user welcome zxc zxcv earshot korea seoul`) {
		for _, d := range strings.Fields("12345 123456 1234567 12345678 123456789 123123 111111 000000 654321 54321 112233 123321 00000 11111") {
			add(w + d)
			add(d + w)
		}
	}
	for _, path := range strings.Fields(keyboards) {
		r := []rune(path)
		for range 2 {
			for n := 4; n <= min(len(r), 14); n++ {
				// From the beginning of the way, and wherever eight or more are left.
				for at := 0; at+n <= len(r) && (at == 0 || n >= 8); at++ {
					add(string(r[at : at+n]))
				}
			}
			add(path)
			slices.Reverse(r)
		}
	}
	list := make([]string, 0, len(set))
	for w := range set {
		list = append(list, w)
	}
	slices.Sort(list)
	return strings.Join(list, "\n") + "\n"
}

func TestCommonListIsMadeFromItsWords(t *testing.T) {
	t.Parallel()
	want := makeCommon()
	if *update {
		if err := os.WriteFile("common.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if common != want {
		t.Error("common.txt is not what its words make; run go test ./app/auth -update")
	}
	lines := strings.Split(strings.TrimSuffix(common, "\n"), "\n")
	if len(lines) < 3000 {
		t.Errorf("got %d common passwords, want at least 3000", len(lines))
	}
	if !slices.IsSorted(lines) {
		t.Error("common.txt is not sorted by bytes")
	}
	for _, l := range lines {
		if !listed(l) {
			t.Errorf("%q is in common.txt and not found", l)
		}
	}
	for _, l := range []string{"", "\n", "a", "zzzzzzzzzz", "passwor", "password\npasswords", "힣힣힣", "~", "password\n"} {
		if listed(l) {
			t.Errorf("%q is found and not in common.txt", l)
		}
	}
}

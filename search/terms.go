package search

import (
	"encoding/binary"
	"hash/fnv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"
)

// The fields of a document. In the fields of words, a Latin word is a term as
// it is; of a Korean, Chinese or Japanese run, every character and every two
// that are neighbours are terms, and the whole of it with "=" in front.
const (
	inTitle    = "t" // words of the title
	inNames    = "n" // words of the names
	inTags     = "g" // words of the tags
	inText     = "x" // words of the text
	inStart    = "T" // beginnings of words of the title; with "^" in front, of the title itself
	inBegin    = "N" // beginnings of words of names and tags
	inInitials = "i" // two and three initial consonants in a row of the title; with "=" in front, all of them
	inOnset    = "I" // the same of the names and tags
	inPairs    = "p" // two words that stand side by side, hashed
	inWhole    = "k" // the whole title ("t") and every whole name ("n"), without spaces, hashed
	inFacts    = "f" // what filters ask for
)

// fields is every field, in a fixed order.
var fields = []string{inTitle, inNames, inTags, inText, inStart, inBegin, inInitials, inOnset, inPairs, inWhole, inFacts}

// The facts of a document are terms that begin with one of these.
const (
	factKind     = 'k' // and the kind
	factPublic   = 'v' // everybody may find it
	factPrivate  = 'V' // and the owner, who may find it
	factFollow   = 'F' // and the owner, whose followers may find it
	factOwner    = 'o' // and the owner
	factDownload = 'd'
	factTag      = 'g' // and the folded tag
	factCreated  = 'c' // and minutes, see span
	factDuration = 'l' // and seconds, see span
	factLength   = 'w' // and the number of words of the title
)

const (
	mostBegin   = 12   // characters of a beginning
	mostStart   = 6    // characters of a beginning of the title
	mostOnset   = 40   // initial consonants in a row
	mostRuns    = 80   // runs of a title, name or tag
	mostProse   = 2000 // runs of a text
	mostCluster = 4    // words that are also taken as one: rock'n'roll
	longTitle   = 9    // words, from which on titles count as equally long
)

// terms is what a document is in the index: of every field a set of terms.
type terms map[string]map[string]struct{}

func (t terms) add(field, term string) {
	set := t[field]
	if set == nil {
		set = make(map[string]struct{})
		t[field] = set
	}
	set[term] = struct{}{}
}

// termsOf gives everything of a document that a query can ask for.
func termsOf(d *Doc) terms {
	t := make(terms, len(fields))
	title := runs(d.Title, maxTitle, mostRuns)
	t.name(title, inTitle, inStart, inInitials)
	if len(title) > 0 {
		whole := together(title)
		t.add(inWhole, "t"+hash(whole))
		beginnings([]rune(whole), mostStart, func(s string) { t.add(inStart, "^"+s) })
	}
	t.add(inFacts, string([]byte{factLength, byte(min(len(title), longTitle))}))
	for _, name := range d.Names[:min(len(d.Names), maxNames)] {
		words := runs(name, maxTitle, mostRuns)
		t.name(words, inNames, inBegin, inOnset)
		if len(words) > 0 {
			t.add(inWhole, "n"+hash(together(words)))
		}
	}
	for _, tag := range d.Tags[:min(len(d.Tags), maxTags)] {
		t.name(runs(tag, maxTitle, mostRuns), inTags, inBegin, inOnset)
		t.add(inFacts, tagFact(tag))
	}
	t.prose(runs(d.Text, maxText, mostProse))
	t.facts(d)
	return t
}

func (t terms) facts(d *Doc) {
	t.add(inFacts, string([]byte{factKind, byte(d.Kind)}))
	if d.Public {
		t.add(inFacts, string(factPublic))
	} else {
		t.add(inFacts, ownerFact(factPrivate, d.Owner))
	}
	if d.Followers && !d.Public {
		t.add(inFacts, ownerFact(factFollow, d.Owner))
	}
	if d.Owner != 0 {
		t.add(inFacts, ownerFact(factOwner, d.Owner))
	}
	if d.Downloadable {
		t.add(inFacts, string(factDownload))
	}
	if !d.Created.IsZero() {
		created.terms(minutes(d.Created), func(term string) { t.add(inFacts, term) })
	}
	if d.Duration > 0 {
		duration.terms(int64(d.Duration/time.Second), func(term string) { t.add(inFacts, term) })
	}
}

func ownerFact(what byte, owner uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{what}, owner))
}

func tagFact(tag string) string {
	return string(factTag) + strings.TrimSpace(Fold(cut(tag, maxTitle)))
}

// name adds the words of a title, a name or a tag.
func (t terms) name(words []run, in, begin, onset string) {
	for i, w := range words {
		if i > 0 {
			t.add(inPairs, pair(words[i-1].text, w.text))
		}
		if w.class == letter {
			t.word(in, begin, w.text)
			continue
		}
		t.syllables(in, w)
		beginnings([]rune(w.text), mostBegin, func(s string) { t.add(begin, s) })
		if i > 0 && w.class == words[i-1].class && w.tie <= space {
			t.add(in, across(words[i-1], w))
		}
	}
	for i := range words {
		for n := 2; n <= mostCluster && i+n <= len(words) && linked(words[i+n-1]) && words[i].class == letter; n++ {
			t.word(in, begin, together(words[i:i+n]))
		}
	}
	t.onsets(onset, words)
}

// word adds a word and its beginnings.
func (t terms) word(in, begin, word string) {
	word = cutRunes(word, maxWord)
	t.add(in, word)
	n := 0
	for i, r := range word {
		if n++; n > mostBegin {
			return
		}
		t.add(begin, word[:i+utf8.RuneLen(r)])
	}
}

// syllables adds a run that has no spaces between its words.
func (t terms) syllables(in string, w run) {
	if utf8.RuneCountInString(w.text) <= maxWord {
		t.add(in, "="+w.text)
	}
	for _, c := range w.chars {
		t.add(in, string(c.r))
	}
	for _, g := range grams([]rune(w.text), 2) {
		t.add(in, g)
	}
}

// prose adds the words of a text, in which there is less to be found: no
// beginnings, and no character that has others beside it.
func (t terms) prose(words []run) {
	for i, w := range words {
		if w.class == letter {
			t.add(inText, cutRunes(w.text, maxWord))
			continue
		}
		if utf8.RuneCountInString(w.text) <= maxWord {
			t.add(inText, "="+w.text)
		}
		for _, g := range grams([]rune(w.text), 2) {
			t.add(inText, g)
		}
		if i > 0 && w.class == words[i-1].class && w.tie <= space {
			t.add(inText, across(words[i-1], w))
		}
	}
}

// onsets adds the initial consonants of what is written in Korean, across
// spaces: 너의 의미 is ㄴㅇㅇㅁ.
func (t terms) onsets(in string, words []run) {
	var row []rune
	flush := func() {
		for n := 2; n <= 3; n++ {
			if len(row) >= n {
				for _, g := range grams(row, n) {
					t.add(in, g)
				}
			}
		}
		if len(row) > 1 && len(row) <= maxWord {
			t.add(in, "="+string(row))
		}
		row = row[:0]
	}
	for _, w := range words {
		if w.class != hangul || w.tie != space {
			flush()
		}
		if w.class != hangul {
			continue
		}
		for _, c := range w.chars {
			if r := initialOf(c.r); isInitial(r) && len(row) < mostOnset {
				row = append(row, r)
			}
		}
	}
	flush()
}

// linked says whether a word is also written as one with the word before it.
func linked(w run) bool {
	return w.class == letter && (w.tie == quote || w.tie == link)
}

// across gives the two characters at the space between two runs.
func across(a, b run) string {
	return string([]rune{a.chars[len(a.chars)-1].r, b.chars[0].r})
}

// grams gives the pieces of n neighbours; the whole, if it is shorter.
func grams(s []rune, n int) []string {
	if len(s) <= n {
		return []string{string(s)}
	}
	list := make([]string, 0, len(s)-n+1)
	for i := range len(s) - n + 1 {
		list = append(list, string(s[i:i+n]))
	}
	return list
}

// together writes words without anything between them.
func together(words []run) string {
	if len(words) == 1 {
		return words[0].text
	}
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w.text)
	}
	return b.String()
}

// hash gives six bytes for a text: of a million, about one in half a billion
// shares them with a given one, which then gets a bonus that it should not.
func hash(s string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return string(h.Sum(nil)[2:])
}

func pair(a, b string) string {
	return hash(a + "\x00" + b)[:4]
}

// document makes what the index takes of a document.
func (d *Doc) document() *document.Document {
	doc := document.NewDocument(d.key())
	t := termsOf(d)
	for _, name := range fields {
		if set := t[name]; len(set) > 0 {
			doc.AddField(newField(name, set))
		}
	}
	return doc
}

// field is a field whose terms are known. It keeps neither its text, nor how
// often or where a term stands in it.
type field struct {
	name  string
	terms index.TokenFrequencies
}

func newField(name string, set map[string]struct{}) *field {
	f := &field{name, make(index.TokenFrequencies, len(set))}
	for term := range set {
		f.terms[term] = &index.TokenFreq{Term: []byte(term)}
	}
	return f
}

func (f *field) Name() string              { return f.name }
func (f *field) Value() []byte             { return nil }
func (f *field) ArrayPositions() []uint64  { return nil }
func (f *field) EncodedFieldType() byte    { return 't' }
func (f *field) Analyze()                  {}
func (f *field) AnalyzedLength() int       { return len(f.terms) }
func (f *field) NumPlainTextBytes() uint64 { return 0 }
func (f *field) Size() int                 { return f.terms.Size() }

func (f *field) Options() index.FieldIndexingOptions {
	return index.IndexField | index.SkipFreqNorm
}

func (f *field) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.terms }

// span is how a number becomes terms so that few terms cover any range of it:
// on every level, the number without its last 9 bits.
type span struct {
	fact   byte
	levels int
}

var (
	created  = span{factCreated, 3}  // 27 bits of minutes: until the year 2225
	duration = span{factDuration, 2} // 18 bits of seconds: three days
)

const spanBits = 9

func (s span) top() int64 { return 1 << (spanBits * s.levels) }

// term names a number on a level.
func (s span) term(level int, n int64) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(n))
	return string(append([]byte{s.fact, byte(level)}, b[3:]...))
}

func (s span) terms(n int64, add func(string)) {
	n = min(max(n, 0), s.top()-1)
	for level := range s.levels {
		add(s.term(level, n>>(spanBits*level)))
	}
}

// cover gives ranges of terms, first included, last not, that together have
// every number from one to another, which is not included.
func (s span) cover(from, to int64, add func(first, last string)) {
	from, to = min(max(from, 0), s.top()), min(max(to, 0), s.top())
	const step = 1 << spanBits
	for level := 0; from < to; level++ {
		up, down := (from+step-1)/step, to/step
		if level == s.levels-1 || up >= down {
			add(s.term(level, from), s.term(level, to))
			return
		}
		if from < up*step {
			add(s.term(level, from), s.term(level, up*step))
		}
		if down*step < to {
			add(s.term(level, down*step), s.term(level, to))
		}
		from, to = up, down
	}
}

func minutes(t time.Time) int64 { return t.Unix() / 60 }

package search

import (
	"encoding/binary"
	"errors"
	"time"
)

// What can go wrong. All come wrapped; compare with errors.Is.
var (
	// ErrDamaged is an index that can't be read, or not any further. A Rebuild
	// makes another.
	ErrDamaged = errors.New("the search index is damaged")
	ErrLocked  = errors.New("another process has the search index open")
	ErrFull    = errors.New("no space is left for the search index")
	ErrClosed  = errors.New("the search index is closed")
)

// Kind says what a document is about. The numbers are stored.
type Kind uint8

// The kinds of documents.
const (
	Track Kind = iota + 1
	Person
	Playlist
	Tag
)

// Ref names one document.
type Ref struct {
	Kind Kind
	ID   uint64
}

// key is the name of a document within the index.
func (r Ref) key() string {
	return string(binary.BigEndian.AppendUint64([]byte{byte(r.Kind)}, r.ID))
}

// parseKey takes a name within the index apart.
func parseKey(key []byte) (Ref, bool) {
	if len(key) != 9 {
		return Ref{}, false
	}
	return Ref{Kind(key[0]), binary.BigEndian.Uint64(key[1:])}, true
}

// Doc is a document as it is given to the index. What is longer than a person
// would write is cut.
type Doc struct {
	Ref
	Owner        uint64   // whose it is; of a person the person itself; 0 for a tag
	Public       bool     // everybody may find it; else its owner
	Followers    bool     // and, if it is not public, those who follow the owner
	Title        string   // title, name of a person, name of a tag
	Names        []string // artist, album, owner's name and username; a person's username
	Text         string   // description, bio
	Tags         []string
	Created      time.Time
	Duration     time.Duration
	Downloadable bool
}

// Query is what somebody asks for.
type Query struct {
	Text         string           // plain words: no character of it has a meaning of its own
	Typing       bool             // the last word may be a beginning of one: as-you-type
	Kinds        []Kind           // none: all
	Tag          string           // only what has exactly this tag, folded
	Durations    [2]time.Duration // from (inclusive), to (exclusive, 0: no end), to the second
	Created      [2]time.Time     // from (inclusive), to (exclusive), to the minute; zero: open
	Downloadable bool             // only what may be downloaded
	Viewer       uint64           // also finds own private things; 0: nobody
	Followed     []uint64         // owners whose things for followers are found too
	Without      []uint64         // owners who are not to be found
	Most         int              // at most so many hits
}

// Hit is a document that fits.
type Hit struct {
	Ref
	Score float64 // how well the text fits, above 0
}

// Hits are the documents that fit a query, best first; of those that fit
// equally well, the newest id first.
type Hits struct {
	Items []Hit
	Total uint64 // how many fit, also beyond the items
}

// Reason says why an index has to be made anew.
type Reason uint8

// The reasons.
const (
	Fine    Reason = iota // it does not
	Missing               // there was none, or its making was not finished
	Damaged               // it could not be read
	Version               // it was made by another version, which wrote other words
	Foreign               // it is, or may be, one of another database
)

func (r Reason) String() string {
	switch r {
	case Fine:
		return "fine"
	case Missing:
		return "missing"
	case Damaged, Foreign: // to people it is the same: what it says is not so
		return "damaged"
	default:
		return "version"
	}
}

// How much is read of what people wrote; the rest is cut off.
const (
	maxQuery = 2 << 10  // bytes of a query
	maxWords = 12       // words of a query
	maxWord  = 40       // characters of a word
	maxTitle = 1 << 10  // bytes of a title, a name or a tag
	maxText  = 16 << 10 // bytes of a description
	maxNames = 16       // names of a document
	maxTags  = 50       // tags of a document
	maxMost  = 1000     // hits of a query
)

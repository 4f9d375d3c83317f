package intake

import (
	"hash/maphash"
	"path"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Files finds the files of a folder that lists mean. A list may write a path
// from the folder on or from within it, with / or \, or the bare name of a
// file; in other case and in another form of Unicode than the disk has it.
// What is outside of the folder is never found, and where two files could be
// meant, neither is.
type Files struct {
	root  string // absolute
	seed  maphash.Seed
	paths []string
	next  []int32 // the file before it of the same name, plus 1
	whole map[uint64]int32
	last  map[uint64]int32
}

// alikes is how many files of one name are told apart by their folders.
const alikes = 1000

// NewFiles begins an index of a folder, given by its absolute path.
func NewFiles(root string) *Files {
	return &Files{root: strings.TrimRight(strings.ReplaceAll(root, `\`, "/"), "/"), seed: maphash.MakeSeed(), whole: map[uint64]int32{}, last: map[uint64]int32{}}
}

// Add tells of a file: its path below the folder, slashes between.
func (f *Files) Add(p string) {
	f.paths = append(f.paths, p)
	n := int32(len(f.paths))
	k := alike(p)
	whole := f.key(k)
	if f.whole[whole] == 0 {
		f.whole[whole] = n
	} else {
		f.whole[whole] = -1
	}
	base := f.key(path.Base(k))
	f.next = append(f.next, f.last[base])
	f.last[base] = n
}

// Len is how many files there are.
func (f *Files) Len() int { return len(f.paths) }

func (f *Files) key(s string) uint64 { return maphash.String(f.seed, s) }

// alike is what two paths have in common that differ in case or form.
func alike(p string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(p))) }

// Find gives the path of the file that a list means. Near is the folder in
// which the list itself lies, below the root, or ".": from there on paths are
// tried first.
func (f *Files) Find(named, near string) (string, *Problem) {
	name := strings.TrimSpace(named)
	if name == "" {
		return "", &Problem{Code: "file.empty", Text: "No file is named."}
	}
	outside := &Problem{Code: "file.outside", Text: "The file " + quoted(named) + " is not below the folder that is read."}
	name = strings.ReplaceAll(name, `\`, "/")
	if inside, ok := strings.CutPrefix(name, f.root+"/"); ok && f.root != "" {
		name, near = inside, "."
	} else if strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' || strings.Contains(name, "://") {
		return "", outside
	}
	if strings.ContainsRune(name, 0) || len(name) > 4*maxShort {
		return "", outside
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "", outside
		}
	}
	name = path.Clean(name)
	if name == "." {
		return "", &Problem{Code: "file.empty", Text: "No file is named."}
	}
	tries := []string{name}
	if near != "" && near != "." {
		tries = []string{path.Join(near, name), name}
	}
	// A list that lies above the folder names the folder too.
	if top, rest, ok := strings.Cut(name, "/"); ok && f.root != "" && alike(top) == alike(path.Base(f.root)) {
		tries = append(tries, rest)
	}
	several := &Problem{Code: "file.ambiguous", Text: "Several files could be meant by " + quoted(named) + ". Name the folder too."}
	for _, try := range tries {
		p, many := f.exactly(try)
		if many {
			return "", several
		}
		if p != "" {
			return p, nil
		}
	}
	return f.within(alike(name), named, several)
}

// exactly finds a file by its whole path: as it is written, or the one that
// differs in case or form alone.
func (f *Files) exactly(p string) (found string, many bool) {
	k := alike(p)
	n := f.whole[f.key(k)]
	switch {
	case n > 0:
		if alike(f.paths[n-1]) == k {
			return f.paths[n-1], false
		}
		return "", false
	case n == 0:
		return "", false
	}
	form := norm.NFC.String(p)
	seen := 0
	for i := f.last[f.key(path.Base(k))]; i > 0 && seen < alikes; i = f.next[i-1] {
		seen++
		switch at := f.paths[i-1]; {
		case at == p:
			return at, false
		case norm.NFC.String(at) == form:
			if found != "" {
				return "", true
			}
			found = at
		}
	}
	return found, found == ""
}

// within finds the one file whose path ends like this.
func (f *Files) within(k, named string, several *Problem) (string, *Problem) {
	found, seen := "", 0
	for i := f.last[f.key(path.Base(k))]; i > 0; i = f.next[i-1] {
		if seen++; seen > alikes {
			return "", several
		}
		at := alike(f.paths[i-1])
		if at != k && !strings.HasSuffix(at, "/"+k) {
			continue
		}
		if found != "" {
			return "", several
		}
		found = f.paths[i-1]
	}
	if found == "" {
		return "", &Problem{Code: "file.missing", Text: "There is no file " + quoted(named) + " in the folder."}
	}
	return found, nil
}

package intake

import (
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Export is what a folder holds that somebody got from SoundCloud.
type Export struct {
	Items    []Item    // each with the Path of a file in the folder
	Problems []Problem // what the lists name and the folder lacks
}

// The bounds of an export.
const (
	maxEntries = 20_000
	maxTables  = 20
	maxDepth   = 4
)

// AudioEnds are the ends of names by which a file is thought to be audio.
var AudioEnds = []string{".mp3", ".wav", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".aif", ".aiff"}

// IsAudio tells whether a file is thought to be audio, by its name.
func IsAudio(name string) bool { return slices.Contains(AudioEnds, strings.ToLower(path.Ext(name))) }

// scNames are names that the public reference of SoundCloud's API gives to what
// it says of a track besides its title, as plain makes them. Two of them and a
// title make a list of tracks.
var scNames = strings.Fields("permalink permalinkurl taglist sharing genre createdat artworkurl waveformurl streamable downloadable " +
	"playbackcount favoritingscount likescount commentcount repostscount downloadcount metadataartist labelname isrc bpm license trackurl")

// SoundCloud reads a folder of somebody's data from SoundCloud, and tells
// whether it is one. What such an export has in it is nowhere described. So
// what is read is what can be told by itself: CSV and JSON files whose fields
// have the names of SoundCloud's API, one object or row a track, and audio
// files that are named like the track, its address or its file. Comments are
// taken where their list says to which track they belong.
func SoundCloud(fsys fs.FS) (Export, bool, error) {
	var x Export
	var audio, tables []string
	seen := 0
	err := fs.WalkDir(fsys, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			if p == "." {
				return err
			}
			return nil // what can't be looked into has nothing for us
		}
		if seen++; seen > maxEntries {
			return fs.SkipAll
		}
		if e.IsDir() {
			if p != "." && (strings.Count(p, "/") >= maxDepth || strings.HasPrefix(path.Base(p), ".")) {
				return fs.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() {
			return nil
		}
		switch end := strings.ToLower(path.Ext(p)); {
		case IsAudio(p):
			audio = append(audio, p)
		case (end == ".csv" || end == ".json" && !strings.HasSuffix(p, ".info.json")) && len(tables) < maxTables:
			tables = append(tables, p)
		}
		return nil
	})
	if err != nil || len(tables) == 0 || len(audio) == 0 {
		return x, false, err
	}
	files := newNamed(audio)
	var comments []entry
	byID := map[string]int{}
	found := false
	for _, table := range tables {
		readTable(fsys, table, func(line int, e entry) {
			if e.comment() {
				if len(comments) < MaxComments {
					comments = append(comments, e)
				}
				return
			}
			if !e.track() || len(x.Items)+len(x.Problems) >= maxEntries {
				return
			}
			found = true
			it := e.item()
			it.Line = line
			it.Path = files.find(e, it)
			if it.Path == "" {
				x.Problems = append(x.Problems, Problem{line, "export.no_file", "There is no audio file for " + quoted(it.Title) + ", which " + quoted(path.Base(table)) + " names."})
				return
			}
			if slices.ContainsFunc(x.Items, func(o Item) bool { return o.Path == it.Path }) {
				return // said in another table too
			}
			for _, key := range []string{e["id"], e["urn"], plain(it.Title), plain(it.URL), plain(e["permalink"])} {
				if key != "" {
					byID[key] = len(x.Items)
				}
			}
			x.Items = append(x.Items, it)
		})
	}
	for _, e := range comments {
		for _, key := range []string{e["trackid"], e["trackurn"], plain(e["trackpermalinkurl"]), plain(e["trackurl"]), plain(e["tracktitle"])} {
			if i, ok := byID[key]; ok && key != "" {
				x.Items[i].Comments = append(x.Items[i].Comments, e.said())
				break
			}
		}
	}
	return x, found, nil
}

// entry is one row or object of a table: values by their names, as plain makes
// them. What is in an object within has the name of both.
type entry map[string]string

func (e entry) track() bool {
	n := 0
	for _, name := range scNames {
		if _, ok := e[name]; ok {
			n++
		}
	}
	return e["title"] != "" && n >= 2
}

func (e entry) comment() bool {
	_, of := e["trackid"]
	for _, name := range []string{"trackurn", "trackurl", "trackpermalinkurl", "tracktitle"} {
		of = of || e[name] != ""
	}
	return of && e["body"] != ""
}

func (e entry) item() Item {
	it := Item{
		Title: short(e["title"]), Artist: short(first(e["metadataartist"], e["artist"], e["userusername"])),
		Album: short(first(e["album"], e["release"])), Description: long(e["description"]),
		URL: address(first(e["permalinkurl"], e["trackurl"], e["url"])), Created: when(first(e["createdat"], e["displaydate"])),
	}
	it.addTags(words(e["genre"]))
	it.addTags(tagList(e["taglist"]))
	it.addTags(words(e["tags"]))
	if it.Year = year(first(e["releaseyear"], e["releasedate"])); it.Year == 0 {
		it.Year, _ = strconv.Atoi(e["releaseyear"])
		it.Year = max(0, min(it.Year, 9999))
	}
	it.Visibility, _ = visibility(first(e["sharing"], e["visibility"]))
	return it
}

// said is a comment: timestamp is its moment in milliseconds.
func (e entry) said() Comment {
	c := Comment{Author: short(first(e["userusername"], e["username"], e["author"])), Text: long(e["body"]), Created: when(e["createdat"]), ID: short(e["id"])}
	if ms, err := strconv.ParseFloat(e["timestamp"], 64); err == nil && ms >= 0 && ms < 360e6 {
		c.At, c.Timed = time.Duration(ms*1e6), true
	}
	return c
}

// readTable gives the rows of a CSV file, or the objects of a JSON file. What
// can't be read is no table.
func readTable(fsys fs.FS, name string, fn func(line int, e entry)) {
	f, err := fsys.Open(name)
	if err != nil {
		return
	}
	defer f.Close()
	if strings.EqualFold(path.Ext(name), ".json") {
		readObjects(f, func(e entry) { fn(0, e) })
		return
	}
	text, problem := listText(f)
	if problem != nil {
		return
	}
	for row, problem := range rows(text, heading) {
		if problem != nil || row.names == nil {
			continue
		}
		e := entry{}
		for i, name := range row.names {
			if i < len(row.cells) && name != "" {
				e[name] = clip(strings.TrimSpace(row.cells[i]), maxText)
			}
		}
		fn(row.line, e)
	}
}

// readObjects gives the objects of a file: of an array, of the arrays in an
// object, or the one that the file is.
func readObjects(r io.Reader, fn func(entry)) {
	d := NewJSON(r, MaxInfo)
	n := 0
	var visit func(e entry, under string, depth int) error
	visit = func(e entry, under string, depth int) error {
		if n++; n > 50*MaxRows {
			return ErrLargeJSON
		}
		switch d.Peek() {
		case '{':
			inner, own := e, depth == 0 || e == nil
			if own {
				inner = entry{}
			}
			err := d.Object(func(key string) error {
				if depth > 3 || len(inner) > maxColumns {
					return d.Skip()
				}
				name := plain(key)
				if !own || under != "" && e != nil {
					name = under + name
				}
				return visit(inner, name, depth+1)
			})
			if own && err == nil {
				fn(inner)
			}
			return err
		case '[':
			if depth > 1 {
				return d.Skip()
			}
			return d.Array(func() error { return visit(nil, "", depth+1) })
		}
		if e == nil {
			return d.Skip()
		}
		if s := d.Scalar(); s != "" || e[under] == "" {
			e[under] = s
		}
		return d.Err()
	}
	visit(nil, "", 0)
}

// named finds audio files by what they are called.
type named struct {
	files *Files
	bases map[string]string // by plain; "" where several are called so
}

func newNamed(audio []string) named {
	n := named{NewFiles(""), map[string]string{}}
	for _, p := range audio {
		n.files.Add(p)
		key := plain(strings.TrimSuffix(path.Base(p), path.Ext(p)))
		if _, taken := n.bases[key]; taken {
			p = ""
		}
		n.bases[key] = p
	}
	return n
}

func (n named) find(e entry, it Item) string {
	for _, key := range []string{"originalfilename", "filename", "file", "path"} {
		if e[key] != "" {
			if p, problem := n.files.Find(e[key], "."); problem == nil {
				return p
			}
		}
	}
	for _, name := range []string{it.Title, e["permalink"], path.Base(it.URL), it.Artist + it.Title, e["id"]} {
		if key := plain(name); key != "" && n.bases[key] != "" {
			return n.bases[key]
		}
	}
	return ""
}

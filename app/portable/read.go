package portable

import (
	"archive/zip"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"earshot/app/intake"
)

// The bounds of a file that is read.
const (
	maxDirectory = 24 << 20  // bytes of the list of parts
	maxParts     = 200_000   // of them
	maxValue     = 1 << 20   // bytes of a part that is one value
	maxList      = 512 << 20 // bytes of a part that is a list
	maxItem      = 1 << 20   // bytes of one item
	maxItems     = 5_000_000 // of a list
	maxPicture   = 64 << 20  // bytes of a picture
)

// A Problem is why a file is not read, in a sentence.
type Problem struct{ text string }

func (p *Problem) Error() string { return p.text }

func problem(format string, args ...any) error { return &Problem{fmt.Sprintf(format, args...)} }

var (
	errNotZip  = &Problem{"This is not a file that \"earshot export\" made: it is no zip file, or it is cut off."}
	errNotOurs = &Problem{"This is not a file that \"earshot export\" made: there is no earshot.json in it."}
	errLarge   = &Problem{"This file names more parts than a person's things have. It was not read."}
)

// Reader reads a file that somebody handed over.
type Reader struct {
	Head  Head
	parts map[string]*zip.File
}

// Open looks into a file. Its errors are sentences.
func Open(r io.ReaderAt, size int64) (*Reader, error) {
	// The list of parts is read whole, and in memory: not more of it than there
	// is in honest files.
	guard := &limited{r: r, left: maxDirectory}
	z, err := zip.NewReader(guard, size)
	guard.off = true
	switch {
	case guard.over:
		return nil, errLarge
	case errors.Is(err, zip.ErrInsecurePath):
		return nil, insecure(z)
	case err != nil && isZip(err):
		return nil, errNotZip
	case err != nil:
		return nil, problem("This file can't be read: %v.", err)
	case len(z.File) > maxParts:
		return nil, errLarge
	}
	x := &Reader{parts: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		name := strings.TrimSuffix(f.Name, "/")
		if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
			return nil, insecure(z)
		}
		if f.Mode().IsDir() {
			continue
		}
		if !f.Mode().IsRegular() {
			return nil, problem("The part %s of this file is a link or a device, which no export has in it. The file was not read.", quote(f.Name))
		}
		if f.Method != zip.Store && f.Method != zip.Deflate || f.Flags&1 != 0 {
			return nil, problem("The part %s of this file is packed in a way that no export is. The file was not read.", quote(f.Name))
		}
		if _, twice := x.parts[f.Name]; twice {
			return nil, problem("The part %s is in this file twice. The file was not read.", quote(f.Name))
		}
		x.parts[f.Name] = f
	}
	if x.parts[HeadName] == nil {
		return nil, errNotOurs
	}
	if err := x.Value(HeadName, &x.Head); err != nil {
		return nil, err
	}
	if x.Head.Format != Format {
		return nil, errNotOurs
	}
	if x.Head.Version != Version {
		return nil, problem("This file is of version %d, and this Earshot reads version %d. Use an Earshot as new as the one that made it.", x.Head.Version, Version)
	}
	return x, nil
}

// insecure tells of the first part with a name that leads elsewhere.
func insecure(z *zip.Reader) error {
	for _, f := range z.File {
		if name := strings.TrimSuffix(f.Name, "/"); !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
			return problem("The part %s of this file has a name that leads elsewhere, which no export has in it. The file was not read.", quote(f.Name))
		}
	}
	return errNotZip
}

func quote(s string) string { return strconv.Quote(s[:min(len(s), 80)]) }

func isZip(err error) bool {
	return errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrAlgorithm) || errors.Is(err, zip.ErrChecksum) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// limited counts what is read until it is off.
type limited struct {
	r         io.ReaderAt
	left      int64
	over, off bool
}

func (l *limited) ReadAt(b []byte, at int64) (int, error) {
	if !l.off {
		if l.left -= int64(len(b)); l.left < 0 {
			l.over = true
			return 0, io.ErrUnexpectedEOF
		}
	}
	return l.r.ReadAt(b, at)
}

// Has tells whether there is a part.
func (x *Reader) Has(name string) bool { return x.parts[name] != nil }

// open opens a part of at most so many bytes, whatever it says of itself.
func (x *Reader) open(name string, most int64) (io.ReadCloser, error) {
	f := x.parts[name]
	if f == nil {
		return nil, problem("There is no %s in this file.", quote(name))
	}
	if f.UncompressedSize64 > uint64(most) {
		return nil, problem("The part %s of this file is too large.", quote(name))
	}
	r, err := f.Open()
	if err != nil {
		return nil, problem("The part %s of this file can't be read.", quote(name))
	}
	return r, nil
}

// Value reads a part that is one value.
func (x *Reader) Value(name string, v any) error {
	r, err := x.open(name, maxValue)
	if err != nil {
		return err
	}
	defer r.Close()
	d := json.NewDecoder(intake.Guard(r, maxValue, 0, maxValue))
	err = d.Decode(v)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return problem("In the part %s of this file, %s is of a wrong kind.", quote(name), quote(kind.Field))
	}
	if err != nil {
		return problem("The part %s of this file makes no sense.", quote(name))
	}
	return nil
}

// List reads a part that is a list, item by item. Those of a wrong kind are
// passed over and counted. A part that is not there has none.
func List[T any](x *Reader, name string, each func(T) error) (wrong int, err error) {
	if !x.Has(name) {
		return 0, nil
	}
	r, err := x.open(name, maxList)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	bad := problem("The part %s of this file makes no sense from some place on; what comes before it was read.", quote(name))
	d := json.NewDecoder(intake.Guard(r, maxList, 2, maxItem))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return 0, bad
	}
	if t, err := d.Token(); err != nil || t != "items" {
		return 0, bad
	}
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return 0, bad
	}
	for n := 0; d.More(); n++ {
		if n >= maxItems {
			return wrong, problem("The part %s of this file has more items than can be read.", quote(name))
		}
		var item T
		err := d.Decode(&item)
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &kind):
			wrong++
			continue
		case err != nil && broken(err):
			return wrong, bad
		case err != nil: // such as a time that is none
			wrong++
			continue
		}
		if err := each(item); err != nil {
			return wrong, err
		}
	}
	if _, err := d.Token(); err != nil {
		return wrong, bad
	}
	return wrong, nil
}

// broken tells an error of the stream from one of an item.
func broken(err error) bool {
	var syntax *json.SyntaxError
	var where *fs.PathError
	return errors.As(err, &syntax) || errors.As(err, &where) || isZip(err) || errors.Is(err, intake.ErrLargeJSON) || isFlate(err)
}

func isFlate(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}

// Audio opens an original that tracks.json names, with how many bytes it says
// to have.
func (x *Reader) Audio(name string, most int64) (r io.ReadCloser, size int64, err error) {
	if !strings.HasPrefix(name, audioDir) {
		return nil, 0, problem("The file %s is not among the audio files.", quote(name))
	}
	r, err = x.open(name, most)
	if err != nil {
		return nil, 0, err
	}
	return r, int64(x.parts[name].UncompressedSize64), nil
}

// Picture opens a picture that a part names.
func (x *Reader) Picture(name string) (io.ReadCloser, error) {
	if !strings.HasPrefix(name, picturesDir) {
		return nil, problem("The file %s is not among the pictures.", quote(name))
	}
	return x.open(name, maxPicture)
}

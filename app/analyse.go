package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"earshot/app/api/wire"
	"earshot/media/analysis"
	"earshot/media/audio"
	"earshot/media/peaks"
)

// AnalyseUsage is the help of "earshot analyse".
const AnalyseUsage = `Measure the sound of files: length, loudness, peaks, tempo, silence. No house
is needed, and no data folder. MP3, WAV, FLAC, Ogg Vorbis and Opus are measured,
told by what is in a file; M4A is not, as nothing here decodes AAC.

Usage:
  earshot analyse FILE… [flags]

It prints a line for each file: its name, format and length, the loudness over
all of it (LUFS), how far loud and quiet passages are apart (LU), the true peak
(dBTP), the tempo where it is sure (beats a minute), the silence at start and
end (seconds), and how many frames were damaged. Files that can't be measured
are told of on stderr; the exit code is 1 then.

Flags:
  -quick          only look at the spectrum of mp3 files: several times as fast;
                  loudness within 0.3 LU, range within about 1, no true peak
  -json           a line of JSON for each file instead
  -peaks KIND     write the waveform of each file too, as audiowaveform does:
                  dat or json (version 2)
  -zoom HOW       overview: up to 1,800 columns (the default), or fine: ten a second
  -out FOLDER     where waveforms go; this folder unless it is given
  -force          replace waveforms that are there already
  --              what follows are files, whatever they are called
`

// errAnalyseUsage asks for AnalyseUsage, which is no failure.
var errAnalyseUsage = errors.New("usage of analyse")

// analyseCommand is one use of "earshot analyse".
type analyseCommand struct {
	files              []string
	quick, json, force bool
	peaks, zoom, out   string
	written            map[string]string // file by the waveform that this use made of it
}

// Analyse does "earshot analyse" with the words behind it. Files that can't be
// measured are told of on stderr, and the others go on; the error is for all of
// them then.
func Analyse(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := readAnalyse(args)
	if errors.Is(err, errAnalyseUsage) {
		_, err := io.WriteString(stdout, AnalyseUsage)
		return err
	}
	if err != nil {
		return err
	}
	return c.run(ctx, stdout, stderr)
}

// readAnalyse reads words and flags, which may stand in any order.
func readAnalyse(args []string) (*analyseCommand, error) {
	c := new(analyseCommand)
	flags := flag.NewFlagSet("earshot analyse", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&c.quick, "quick", false, "")
	flags.BoolVar(&c.json, "json", false, "")
	flags.BoolVar(&c.force, "force", false, "")
	flags.StringVar(&c.peaks, "peaks", "", "")
	flags.StringVar(&c.zoom, "zoom", "overview", "")
	flags.StringVar(&c.out, "out", "", "")
	for len(args) > 0 {
		err := flags.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			return nil, errAnalyseUsage
		}
		if err != nil {
			return nil, fmt.Errorf("%w; \"earshot analyse help\" lists the flags", err)
		}
		rest := flags.Args()
		if at := len(args) - len(rest); at > 0 && args[at-1] == "--" {
			c.files = append(c.files, rest...)
			break
		}
		if len(rest) > 0 {
			c.files, rest = append(c.files, rest[0]), rest[1:]
		}
		args = rest
	}
	if len(c.files) == 1 && c.files[0] == "help" {
		if _, err := os.Lstat("help"); err != nil {
			return nil, errAnalyseUsage
		}
	}
	switch {
	case len(c.files) == 0:
		return nil, errors.New("say which files, such as \"earshot analyse *.mp3\"; \"earshot analyse help\" tells more")
	case c.peaks != "" && c.peaks != "dat" && c.peaks != "json":
		return nil, fmt.Errorf("-peaks is dat or json, not %q", c.peaks)
	case c.zoom != "overview" && c.zoom != "fine":
		return nil, fmt.Errorf("-zoom is overview or fine, not %q", c.zoom)
	case c.peaks == "" && (c.out != "" || c.zoom == "fine" || c.force):
		return nil, errors.New("-out, -zoom and -force are for waveforms: add -peaks dat or -peaks json")
	}
	return c, nil
}

func (c *analyseCommand) run(ctx context.Context, stdout, stderr io.Writer) error {
	table := newSoundTable(c.files)
	encoder := json.NewEncoder(stdout)
	encoder.SetEscapeHTML(false)
	line := &progressLine{w: stderr, on: isTerminal(stderr), now: time.Now}
	failed := 0
	for _, name := range c.files {
		s, r, err := c.file(ctx, name, line)
		line.clear()
		if ctx.Err() != nil {
			return errors.New("stopped")
		}
		if err != nil {
			failed++
			fmt.Fprintf(stderr, "earshot: %s: %s.\n", printable(name), printable(reason(err)))
			if r == nil {
				continue // else only its waveform could not be written
			}
		}
		if c.json {
			err = encoder.Encode(analysedOf(name, s, r))
		} else {
			err = table.row(stdout, name, s, r)
		}
		if err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files failed", failed, len(c.files))
	}
	return nil
}

// reason is what went wrong with a file, in words without its name.
func reason(err error) string {
	var path *fs.PathError
	switch {
	case errors.Is(err, audio.ErrUndecodable):
		return "nothing here decodes AAC, so it can be played but not measured"
	case errors.As(err, &path):
		return path.Err.Error()
	}
	return err.Error()
}

// file measures one file, and writes its waveform where that is asked for.
func (c *analyseCommand) file(ctx context.Context, name string, line *progressLine) (*analysis.Sound, *analysis.Result, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		return nil, nil, errors.New("it is a folder: name the files in it")
	case !info.Mode().IsRegular():
		return nil, nil, errors.New("it is no ordinary file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	s, err := analysis.Open(f, info.Size())
	if err != nil {
		return nil, nil, err
	}
	measure := s.Full
	if c.quick {
		measure = s.Quick
	}
	r, err := measure(ctx, line.of(name))
	if err != nil {
		return nil, nil, err
	}
	if c.peaks != "" {
		err = c.write(name, r)
	}
	return s, r, err
}

// write puts the waveform of a file beside others: "song.mp3" makes "song.dat".
func (c *analyseCommand) write(name string, r *analysis.Result) error {
	p := r.Peaks
	if c.zoom == "fine" {
		p = r.Fine
	}
	layout := (*peaks.Peaks).AppendDat
	if c.peaks == "json" {
		layout = (*peaks.Peaks).AppendJSON
	}
	base := filepath.Base(name)
	path := filepath.Join(c.out, strings.TrimSuffix(base, filepath.Ext(base))+"."+c.peaks)
	if other, ok := c.written[path]; ok { // -force is for what was there before
		return fmt.Errorf("its waveform was not written: %s has that of %s; name them one by one, with -out", path, other)
	}
	how := os.O_CREATE | os.O_WRONLY | os.O_EXCL
	if c.force {
		how = os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	}
	f, err := os.OpenFile(path, how, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("its waveform was not written: there is a %s already; -force replaces it", path)
	}
	if err == nil {
		_, err = f.Write(layout(p, nil))
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("its waveform was not written: %v", err) // of another file, as it tells
	}
	if c.written == nil {
		c.written = make(map[string]string)
	}
	c.written[path] = name
	return nil
}

// analysed is a line of JSON. What was measured has the names it has in the API.
type analysed struct {
	File       string  `json:"file"`
	Codec      string  `json:"codec"`
	Seconds    float64 `json:"seconds"`
	SampleRate int     `json:"sample_rate"`
	Channels   int     `json:"channels"`
	Bitrate    int     `json:"bitrate"`
	Bits       int     `json:"bits,omitempty"`
	wire.Measured
	Holes int `json:"holes"`
}

func analysedOf(name string, s *analysis.Sound, r *analysis.Result) analysed {
	a := analysed{
		File: name, Codec: string(s.Codec), Seconds: s.Duration().Seconds(), SampleRate: s.SampleRate, Channels: s.Channels,
		Bitrate: s.Bitrate, Bits: s.Bits, Holes: r.Holes,
		Measured: wire.Measured{
			Exact: r.Exact, Loudness: rounded(r.Loudness, 100), Range: rounded(r.Range, 100), Tempo: *rounded(r.Tempo, 10),
			SilenceStartMS: r.Lead.Milliseconds(), SilenceEndMS: r.Tail.Milliseconds(),
		},
	}
	if r.Exact {
		a.TruePeak = rounded(r.TruePeak, 100)
	}
	return a
}

func rounded(v, parts float64) *float64 {
	v = math.Round(v*parts) / parts
	return &v
}

// soundTable prints aligned rows as they come.
type soundTable struct {
	name int  // width of the names
	head bool // was printed
}

// silence is the floor of loudness and true peak, in LUFS and dBTP: nothing is there.
const silence = -70

// widestName is where names begin to push their row to the right.
const widestName = 48

func newSoundTable(names []string) *soundTable {
	t := &soundTable{name: len("FILE")}
	for _, n := range names {
		t.name = max(t.name, min(width(printable(n)), widestName))
	}
	return t
}

func (t *soundTable) row(w io.Writer, name string, s *analysis.Sound, r *analysis.Result) error {
	var b strings.Builder
	line := func(name string, cells ...string) {
		b.WriteString(name)
		b.WriteString(strings.Repeat(" ", max(0, t.name-width(name))))
		for i, c := range cells {
			fmt.Fprintf(&b, "  %*s", columnWidths[i], c)
		}
		b.WriteByte('\n')
	}
	if !t.head {
		t.head = true
		line("FILE", "FORMAT", "LENGTH", "LUFS", "LU", "DBTP", "BPM", "SILENCE", "HOLES")
	}
	loud, peak, tempo := "-", "-", "-"
	if r.Loudness > silence {
		loud = strconv.FormatFloat(r.Loudness, 'f', 1, 64)
	}
	if r.Exact && r.TruePeak > silence {
		peak = strconv.FormatFloat(r.TruePeak, 'f', 1, 64)
	}
	if r.Tempo > 0 {
		tempo = strconv.FormatFloat(r.Tempo, 'f', 0, 64)
	}
	line(printable(name), string(s.Codec), clock(s.Duration()), loud, strconv.FormatFloat(r.Range, 'f', 1, 64),
		peak, tempo, seconds(r.Lead)+" "+seconds(r.Tail), strconv.Itoa(r.Holes))
	_, err := io.WriteString(w, b.String())
	return err
}

// columnWidths are those of the columns behind the name.
var columnWidths = []int{6, 9, 5, 4, 5, 3, 9, 5}

// clock is a length as 1:02:03.4.
func clock(d time.Duration) string {
	tenths := int64((d + 50*time.Millisecond) / (100 * time.Millisecond))
	h, m, s := tenths/36000, tenths/600%60, tenths%600
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d.%d", h, m, s/10, s%10)
	}
	return fmt.Sprintf("%d:%02d.%d", m, s/10, s%10)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) }

// printable is text for a terminal: what would move the cursor or turn the
// line around is left out.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// width is how many cells of a terminal text takes: two for what East Asia
// writes, none for marks.
func width(s string) (n int) {
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303f || r >= 0xff01 && r <= 0xff60:
			n += 2
		default:
			n++
		}
	}
	return n
}

// progressLine shows on a terminal how far a long file is.
type progressLine struct {
	w     io.Writer
	on    bool
	shown bool
	now   func() time.Time
}

// of gives what is to be told the share done of a file.
func (p *progressLine) of(name string) func(float64) {
	if !p.on {
		return nil
	}
	const patience = time.Second
	start := p.now()
	return func(share float64) {
		if share >= 1 || p.now().Sub(start) < patience {
			return
		}
		p.shown = true
		fmt.Fprintf(p.w, "\r\x1b[K%3.0f %% %s", 100*share, printable(filepath.Base(name)))
	}
}

func (p *progressLine) clear() {
	if p.shown {
		p.shown = false
		io.WriteString(p.w, "\r\x1b[K")
	}
}

// isTerminal tells whether somebody looks at what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

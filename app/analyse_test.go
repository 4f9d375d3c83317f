package app_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/media/mp3/mp3test"
)

// earshotAnalyse runs "earshot analyse" in a folder.
func earshotAnalyse(t *testing.T, dir string, words ...string) (stdout, stderr string, ok bool) {
	t.Helper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, append([]string{"analyse"}, words...)...)
	var out, complaint bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &complaint
	err = cmd.Run()
	if strings.Contains(complaint.String(), "goroutine") {
		t.Errorf("it fell over: %s", complaint.String())
	}
	return out.String(), complaint.String(), err == nil
}

// sineWAV is a tone of two channels.
func sineWAV(hz, level, seconds float64) []byte {
	const rate = 48000
	n := int(seconds * rate)
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+4*n))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), 2)
	b = le.AppendUint32(le.AppendUint32(b, rate), rate*4)
	b = le.AppendUint16(le.AppendUint16(b, 4), 16)
	b = le.AppendUint32(append(b, "data"...), uint32(4*n))
	for i := range n {
		v := uint16(int16(math.Round(32767 * level * math.Sin(2*math.Pi*hz*float64(i)/rate))))
		b = le.AppendUint16(le.AppendUint16(b, v), v)
	}
	return b
}

// soundFolder is a folder with some files in it, and no data of a house.
func soundFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	f := mp3test.Format{SampleRate: 44100, Bitrate: 64, Mode: mp3test.Joint}
	for name, b := range map[string][]byte{
		"tone.wav":   sineWAV(997, math.Pow(10, -23.0/20), 5),
		"하루.mp3":     f.Build(mp3test.Tones(mp3test.Tone{Line: 21, Gain: 206}, 400)...),
		"long.mp3":   f.Build(mp3test.Tones(mp3test.Tone{Line: 21, Gain: 198}, 2400)...),
		"text.mp3":   []byte("This is no sound at all, whatever it is called."),
		"empty.mp3":  nil,
		"-quick.wav": sineWAV(440, 0.5, 1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// line finds the row of a file in a table.
func tableRow(table, name string) []string {
	for row := range strings.Lines(table) {
		if cells := strings.Fields(row); len(cells) > 0 && cells[0] == name {
			return cells
		}
	}
	return nil
}

// TestAnalyseCommand measures files without a house: in a table, one row a
// file, with what failed told apart.
func TestAnalyseCommand(t *testing.T) {
	t.Parallel()
	dir := soundFolder(t)
	out, complaint, ok := earshotAnalyse(t, dir, "tone.wav", "text.mp3", "하루.mp3", "empty.mp3", "gone.mp3", ".", "long.mp3")
	if ok {
		t.Error("it went well with four files that are no sound")
	}
	if got := tableRow(out, "tone.wav"); len(got) != 10 || got[1] != "wav" || got[2] != "0:05.0" || got[3] != "-23.0" || got[5] != "-23.0" {
		t.Errorf("tone.wav: %q in\n%s", got, out)
	}
	if got := tableRow(out, "하루.mp3"); len(got) != 10 || got[1] != "mp3" || got[2] != "0:10.4" || got[9] != "0" {
		t.Errorf("하루.mp3: %q in\n%s", got, out)
	}
	if got := tableRow(out, "long.mp3"); len(got) != 10 || got[2] != "1:02.7" || got[5] == "-" {
		t.Errorf("long.mp3: %q in\n%s", got, out)
	}
	for _, name := range []string{"text.mp3", "empty.mp3", "gone.mp3", "."} {
		if strings.Count(complaint, "earshot: "+name+": ") != 1 {
			t.Errorf("nothing, or too much, is said of %s in\n%s", name, complaint)
		}
	}
	if !strings.Contains(complaint, "4 of 7 files failed") || strings.Contains(complaint, "\r") || strings.Contains(out, "\x1b") {
		t.Errorf("it says\n%s", complaint)
	}
	// Columns stand under one another, also behind a name in Hangul, which is
	// two cells a letter.
	var ends []int
	for row := range strings.Lines(out) {
		cells := 0
		for _, r := range strings.TrimRight(row, "\n") {
			if cells++; r >= 0xAC00 && r <= 0xD7A3 {
				cells++
			}
		}
		ends = append(ends, cells)
	}
	for _, e := range ends {
		if e != ends[0] {
			t.Errorf("rows end in columns %v:\n%s", ends, out)
			break
		}
	}
}

// TestAnalyseJSON has the names of the API.
func TestAnalyseJSON(t *testing.T) {
	t.Parallel()
	dir := soundFolder(t)
	out, complaint, ok := earshotAnalyse(t, dir, "-json", "long.mp3", "--quick", "tone.wav")
	if !ok {
		t.Fatal(complaint)
	}
	type entry struct {
		File       string  `json:"file"`
		Codec      string  `json:"codec"`
		Seconds    float64 `json:"seconds"`
		SampleRate int     `json:"sample_rate"`
		Channels   int     `json:"channels"`
		Bitrate    int     `json:"bitrate"`
		Bits       int     `json:"bits"`
		wire.Measured
		Holes *int `json:"holes"`
	}
	var list []entry
	for d := json.NewDecoder(strings.NewReader(out)); d.More(); {
		d.DisallowUnknownFields()
		var e entry
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%v in\n%s", err, out)
		}
		list = append(list, e)
	}
	if len(list) != 2 || strings.Count(out, "\n") != 2 {
		t.Fatalf("got\n%s", out)
	}
	mp3, wav := list[0], list[1]
	if mp3.File != "long.mp3" || mp3.Codec != "mp3" || mp3.Exact || mp3.Loudness == nil || mp3.TruePeak != nil || mp3.Holes == nil || math.Abs(mp3.Seconds-2400*1152/44100.) > 1e-6 {
		t.Errorf("got %+v", mp3)
	}
	if wav.Codec != "wav" || !wav.Exact || wav.TruePeak == nil || math.Abs(*wav.TruePeak+23) > 0.1 || math.Abs(*wav.Loudness+23) > 0.1 || wav.Bits != 16 || wav.SampleRate != 48000 || wav.Channels != 2 {
		t.Errorf("got %+v", wav)
	}
}

// TestAnalysePeaks writes waveforms as audiowaveform does.
func TestAnalysePeaks(t *testing.T) {
	t.Parallel()
	dir := soundFolder(t)
	read := func(name string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if err := os.Mkdir(filepath.Join(dir, "waves"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, complaint, ok := earshotAnalyse(t, dir, "tone.wav", "-peaks", "dat", "-zoom=fine", "-out", "waves"); !ok {
		t.Fatal(complaint)
	}
	b := read("waves/tone.dat")
	var head [6]int32
	if err := binary.Read(bytes.NewReader(b), binary.LittleEndian, &head); err != nil {
		t.Fatal(err)
	}
	if want := [6]int32{2, 1, 48000, 4800, 50, 1}; head != want || len(b) != 24+100 || int8(b[24+40]) != -10 || int8(b[24+41]) != 9 {
		t.Errorf("got %v and %d bytes, %d to %d", head, len(b), int8(b[24+40]), int8(b[24+41]))
	}
	if _, complaint, ok := earshotAnalyse(t, dir, "tone.wav", "-peaks", "json"); !ok {
		t.Fatal(complaint)
	}
	var doc wire.Peaks
	if err := json.Unmarshal(read("tone.json"), &doc); err != nil || doc.Version != 2 || doc.SampleRate != 48000 || doc.Length != len(doc.Data)/2 || doc.Length < 1700 {
		t.Errorf("%v: version %d, %d columns", err, doc.Version, doc.Length)
	}
	// What is there stays, unless it is said otherwise.
	if err := os.WriteFile(filepath.Join(dir, "tone.json"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, complaint, ok := earshotAnalyse(t, dir, "tone.wav", "-peaks", "json"); ok || !strings.Contains(complaint, "-force") || string(read("tone.json")) != "mine" {
		t.Errorf("a file was replaced: %s", complaint)
	}
	if _, complaint, ok := earshotAnalyse(t, dir, "tone.wav", "-peaks", "json", "-force"); !ok || string(read("tone.json")) == "mine" {
		t.Errorf("it was not replaced: %s", complaint)
	}
	if err := os.WriteFile(filepath.Join(dir, "tone.mp3"), read("tone.wav"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, complaint, ok := earshotAnalyse(t, dir, "tone.wav", "tone.mp3", "-peaks", "json", "-force"); ok || !strings.Contains(complaint, "tone.mp3: its waveform was not written: tone.json has that of tone.wav") {
		t.Errorf("one file took another's waveform: %s", complaint)
	}
	if _, complaint, ok := earshotAnalyse(t, dir, "tone.wav", "-peaks", "json", "-out", "nowhere"); ok || !strings.Contains(complaint, "tone.wav: its waveform was not written") {
		t.Errorf("a folder that is not there: %s", complaint)
	}
}

// TestAnalyseWords is what may stand behind the command.
func TestAnalyseWords(t *testing.T) {
	t.Parallel()
	dir := soundFolder(t)
	for _, words := range [][]string{{"help"}, {"-h"}, {"tone.wav", "--help"}} {
		if out, complaint, ok := earshotAnalyse(t, dir, words...); !ok || !strings.Contains(out, "earshot analyse FILE") || complaint != "" {
			t.Errorf("%v: %v, got %q and %q", words, ok, out, complaint)
		}
	}
	if out, complaint, ok := earshotAnalyse(t, dir, "-json", "--", "-quick.wav"); !ok || !strings.Contains(out, `"file":"-quick.wav"`) {
		t.Errorf("a file like a flag: got %q and %q", out, complaint)
	}
	for wants, words := range map[string][]string{
		"say which files":           {},
		"earshot analyse help":      {"-loud", "tone.wav"},
		"-peaks is dat or json":     {"-peaks", "png", "tone.wav"},
		"-zoom is overview or fine": {"-peaks", "dat", "-zoom", "far", "tone.wav"},
		"are for waveforms":         {"-out", ".", "tone.wav"},
		"1 of 1 files failed":       {"text.mp3"},
		"no such file":              {"gone\x1b[2J.mp3"},
		"invalid boolean value":     {"-quick=maybe", "tone.wav"},
	} {
		if _, complaint, ok := earshotAnalyse(t, dir, words...); ok || !strings.Contains(complaint, wants) || strings.Contains(complaint, "\x1b") {
			t.Errorf("%v: %v, got %q, want %q in it", words, ok, complaint, wants)
		}
	}
	if d, err := os.ReadDir(dir); err != nil || len(d) != 6 {
		t.Errorf("it left something in the folder: %v, %v", d, err)
	}
}

// TestMeasuresHaveTheNamesOfTheAPI guards the names against a change in one
// place alone: what is measured is embedded in what the command prints.
func TestMeasuresHaveTheNamesOfTheAPI(t *testing.T) {
	t.Parallel()
	dir := soundFolder(t)
	out, _, _ := earshotAnalyse(t, dir, "-json", "tone.wav")
	m := reflect.TypeFor[wire.Measured]()
	for i := range m.NumField() {
		name, options, _ := strings.Cut(m.Field(i).Tag.Get("json"), ",")
		if m.Field(i).Type.Kind() == reflect.Pointer && !strings.Contains(out, `"`+name+`":`) {
			t.Errorf("%s (%s) is not in %s", name, options, out)
		}
	}
}

// TestAnalyseSilence has no number for what is not there.
func TestAnalyseSilence(t *testing.T) {
	t.Parallel()
	dir := soundFolder(t)
	if err := os.WriteFile(filepath.Join(dir, "silence.wav"), sineWAV(440, 0, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	out, complaint, ok := earshotAnalyse(t, dir, "silence.wav")
	if row := tableRow(out, "silence.wav"); !ok || len(row) < 6 || row[3] != "-" || row[5] != "-" {
		t.Errorf("got %q (%s)", out, complaint)
	}
}

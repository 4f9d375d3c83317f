// Package mediatest is for tests of sound: it runs the programs that they
// compare with, and writes the files that these read.
package mediatest

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Need skips a test where a program is missing that is no part of Go. With
// EARSHOT_BROWSER_TESTS=1, which promises that all of them are there, the test
// fails.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		switch {
		case Has(p):
		case Promised():
			t.Fatalf("%s is missing", p)
		default:
			t.Skipf("%s is missing", p)
		}
	}
}

// Has says whether a program is there.
func Has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// Promised says whether all programs are promised to be there.
func Promised() bool { return os.Getenv("EARSHOT_BROWSER_TESTS") == "1" }

// Run gives what a program writes that reads stdin. The test is skipped where
// the program is missing, see Need, and fails where the program does.
func Run(t testing.TB, stdin []byte, program string, args ...string) []byte {
	t.Helper()
	return run(t, "", stdin, program, args)
}

// RunIn is Run in a folder, with nothing to read.
func RunIn(t testing.TB, dir, program string, args ...string) []byte {
	t.Helper()
	return run(t, dir, nil, program, args)
}

func run(t testing.TB, dir string, stdin []byte, program string, args []string) []byte {
	t.Helper()
	Need(t, program)
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, said.Bytes())
	}
	return out.Bytes()
}

// The formats of WAV.
const (
	PCM   = 1
	Float = 3
)

// WAV is a WAV file of the samples in data, as they stand in it, of so many
// bits each.
func WAV(format, rate, channels, bits int, data []byte) []byte {
	le := binary.LittleEndian
	round := channels * bits / 8
	b := le.AppendUint32([]byte("RIFF"), uint32(36+len(data)))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, uint16(format)), uint16(channels))
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(rate*round))
	b = le.AppendUint16(le.AppendUint16(b, uint16(round)), uint16(bits))
	return append(le.AppendUint32(append(b, "data"...), uint32(len(data))), data...)
}

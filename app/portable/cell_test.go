package portable

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"testing"
	"time"
)

// What a file's tags say is never a formula where the table is opened.
func TestNoCellIsAFormula(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, time.Unix(0, 0))
	texts := []string{"=HYPERLINK(\"http://x.example/\")", "+1", "-M-", "@SUM(A1)", "'=1", "it's -1", "'til", ""}
	want := []string{"'=HYPERLINK(\"http://x.example/\")", "'+1", "'-M-", "'@SUM(A1)", "''=1", "it's -1", "'til", ""}
	err := w.Table(func(add func(Track) error) error {
		for _, text := range texts {
			if err := add(Track{Title: text, Artist: text, Album: text, Description: text, Tags: []string{text}}); err != nil {
				return err
			}
		}
		return nil
	}, "mina")
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(TableName)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF")))).ReadAll()
	if err != nil || len(rows) != 1+len(want) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		for _, column := range []int{0, 1, 2, 3, 7} {
			if row[column] != want[i] {
				t.Errorf("%s of %q: got %q, want %q", rows[0][column], texts[i], row[column], want[i])
			}
		}
	}
}

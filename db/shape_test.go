package db

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shape writes down what a record type looks like in the file.
func shape(b *strings.Builder, t reflect.Type) {
	fmt.Fprintf(b, "%s\n", t.Name())
	for f := range t.Fields() {
		fmt.Fprintf(b, "\t%s\t%s\t%s\n", f.Tag.Get("cbor"), f.Name, f.Type)
	}
	for f := range t.Fields() {
		if f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == t.PkgPath() {
			shape(b, f.Type)
		}
	}
}

// TestRecordsFitTheSchema fails when a record has changed and the schema has
// not. A file of one schema must mean the same to every program that knows it:
// an older one would refuse, or lose, a field that it does not know.
func TestRecordsFitTheSchema(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, r := range []any{User{}, Session{}, Track{}, Job{}, House{}, Comment{}, Playlist{}, Conversation{}, Message{}, Notification{}, Report{}, Tag{}, Factor{}, Passkey{}, Invite{}, Reset{}, Identity{}, Link{}, Library{}, File{}, Import{}, Problem{}, Upload{}, Queue{}} {
		shape(&b, reflect.TypeOf(r))
	}
	schema := len(migrations()) + 1
	path := filepath.Join("testdata", fmt.Sprintf("schema-%d.txt", schema))
	if os.Getenv("EARSHOT_UPDATE_SCHEMA") == "1" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the records are not those of schema %d (-want +got). Add a migration; or, if no version with this schema was "+
			"released, run this test with EARSHOT_UPDATE_SCHEMA=1 and TestFixtures with -update.\n%s", schema, diff)
	}
}

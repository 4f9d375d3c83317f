package ui

import (
	"io/fs"
	"os"
	"path"
	"testing"
)

// Modules are embedded by pattern, so that types for the checker stay out of
// the program; one in a folder that no pattern names would be missing from it.
func TestEveryModuleIsBuiltIn(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(os.DirFS("."), "js", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".js" {
			return err
		}
		if _, err := fs.Stat(embedded, name); err != nil {
			t.Errorf("%s is not built into the program", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

package core

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"earshot/app/fault"
	"earshot/db"
)

// Machine says where on it libraries may be.
type Machine struct {
	Folders []string // absolute: in which keepers may choose; whoever has the machine may name any
	Data    string   // absolute: the house's own folder, which no library may have to do with
}

const (
	maxPath        = 4096
	shownFolders   = 1000
	lookedFolder   = 100_000 // entries of a folder that are looked at
	folderAtATime  = 500
	missingFolder  = "There is no such folder on the server. It may be on a disk that is not connected."
	closedFolder   = "This folder can't be read. Give the user that Earshot runs as the right to read it."
	outsideFolders = "This folder is in none of those that the settings name. Add it to folders under [library] in config.toml and start Earshot again, or use the command line."
)

var (
	errNoFolder     = fault.New(fault.Invalid, "folder.empty", "Choose a folder.").In("path")
	errRelative     = fault.New(fault.Invalid, "folder.relative", "Write the whole path of the folder, such as /srv/music.").In("path")
	errFolderGone   = fault.New(fault.NotFound, "folder.missing", missingFolder).In("path")
	errFolderClosed = fault.New(fault.Forbidden, "folder.closed", closedFolder).In("path")
	errFolderFile   = fault.New(fault.Invalid, "folder.file", "This is a file, not a folder.").In("path")
	errFolderBeyond = fault.New(fault.Forbidden, "folder.outside", outsideFolders).In("path")
)

// unopened says what is wrong with a folder that can't be opened.
func unopened(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return errFolderClosed.Because(err)
	case err != nil:
		return errFolderGone.Because(err)
	}
	return nil
}

// within says whether a path is another, or below it.
func within(path, other string) bool {
	rel, err := filepath.Rel(other, path)
	return err == nil && filepath.IsLocal(rel)
}

// realFolder finds the folder that a path leads to, whatever links there are in
// it. Its errors are faults.
func realFolder(path string) (string, error) {
	switch {
	case path == "":
		return "", errNoFolder
	case len(path) > maxPath || !filepath.IsAbs(path) || strings.ContainsRune(path, 0):
		return "", errRelative
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", unopened(err)
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return "", unopened(err)
	case !info.IsDir():
		return "", errFolderFile
	}
	return real, nil
}

// notOwn refuses the house's own folder and what is in it: originals there are
// of people who may keep them to themselves, from the keeper too.
func (c *Core) notOwn(path string) error {
	if c.machine.Data != "" && within(path, c.machine.Data) {
		return fault.New(fault.Invalid, "library.data", "This folder is Earshot's own, or in it. Choose one with your music.").In("path")
	}
	return nil
}

// allowedFolder finds a folder that keepers may choose, in which of those that
// the settings name it is, and gives it without links.
func (c *Core) allowedFolder(path string) (string, error) {
	_, real, err := c.allowedIn(path)
	return real, err
}

// allowedIn is allowedFolder with the folder of the settings that it is in.
// What is outside is not looked at: nobody learns whether it is there.
func (c *Core) allowedIn(path string) (root, real string, err error) {
	if path == "" {
		return "", "", errNoFolder
	}
	if len(path) > maxPath || !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
		return "", "", errRelative
	}
	path = filepath.Clean(path)
	var roots []string
	inside := false
	for _, f := range c.machine.Folders {
		real, err := filepath.EvalSymlinks(f)
		if err != nil {
			continue // on a disk that is not there
		}
		roots = append(roots, real)
		inside = inside || within(path, f) || within(path, real)
	}
	if !inside {
		for _, f := range c.machine.Folders {
			if within(path, f) {
				return "", "", errFolderGone
			}
		}
		return "", "", errFolderBeyond
	}
	in := func(real string) string {
		for _, r := range roots {
			if within(real, r) {
				return r
			}
		}
		return ""
	}
	if real, err = realFolder(path); err != nil {
		// What there is behind a link that leads outside is not told either.
		for at := path; ; at = filepath.Dir(at) {
			if there, err := filepath.EvalSymlinks(at); err == nil {
				if in(there) == "" && !above(there, roots) {
					return "", "", errFolderBeyond
				}
				break
			}
			if at == filepath.Dir(at) {
				break
			}
		}
		return "", "", err
	}
	if root = in(real); root == "" {
		return "", "", errFolderBeyond // by a link
	}
	return root, real, c.notOwn(real)
}

// above says whether one of some paths is below another.
func above(path string, those []string) bool {
	return slices.ContainsFunc(those, func(r string) bool { return within(r, path) })
}

// FolderView is a folder of the machine as a keeper chooses it.
type FolderView struct {
	Path    string   // "" for the list of those that the settings name
	Parent  *string  // nil where nothing is above; "" where that list is
	Folders []string // their names, or paths in the list
	Audio   int      // files in it that may be audio, by their names
	More    bool     // there are more folders
}

// Folders shows a keeper what is in a folder of the machine, if it is in one of
// those that the settings name; those themselves without a path.
func (c *Core) Folders(ctx context.Context, me db.ID, path string) (FolderView, error) {
	if err := c.MayKeep(ctx, me); err != nil {
		return FolderView{}, err
	}
	if path == "" {
		v := FolderView{Folders: []string{}}
		for _, f := range c.machine.Folders {
			if info, err := os.Stat(f); err == nil && info.IsDir() {
				v.Folders = append(v.Folders, f)
			}
		}
		return v, nil
	}
	rootPath, real, err := c.allowedIn(path)
	if err != nil {
		return FolderView{}, err
	}
	// By a root, so that a link that is put there meanwhile leads nowhere.
	root, err := os.OpenRoot(rootPath)
	if err != nil {
		return FolderView{}, unopened(err)
	}
	defer root.Close()
	rel, err := filepath.Rel(rootPath, real)
	if err != nil {
		return FolderView{}, unopened(err)
	}
	dir, err := root.Open(rel)
	if err != nil {
		return FolderView{}, unopened(err)
	}
	defer dir.Close()
	above := ""
	if rel != "." {
		above = filepath.Dir(real)
	}
	v := FolderView{Path: real, Parent: &above, Folders: []string{}}
	for seen := 0; seen < lookedFolder; {
		if err := ctx.Err(); err != nil {
			return FolderView{}, err
		}
		list, err := dir.ReadDir(folderAtATime)
		seen += len(list)
		for _, e := range list {
			name := e.Name()
			switch {
			case strings.HasPrefix(name, "."):
			case e.IsDir() && c.machine.Data != filepath.Join(real, name):
				v.Folders = append(v.Folders, name)
			case e.Type().IsRegular() && MayBeAudio(name):
				v.Audio++
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return FolderView{}, unopened(err)
		}
	}
	slices.SortFunc(v.Folders, func(a, b string) int {
		return strings.Compare(strings.ToLower(a)+"\x00"+a, strings.ToLower(b)+"\x00"+b)
	})
	if len(v.Folders) > shownFolders {
		v.Folders, v.More = v.Folders[:shownFolders], true
	}
	return v, nil
}

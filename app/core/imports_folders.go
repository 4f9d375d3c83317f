package core

import "earshot/app/fault"

// allowedFolder checks a folder that a keeper chose in the browser.
func (c *Core) allowedFolder(p string) (string, error) {
	if p == "" {
		return "", fault.New(fault.Invalid, "folder.empty", "Say in which folder the files are.").In("folder")
	}
	return p, nil
}

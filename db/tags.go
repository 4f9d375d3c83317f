package db

// tagAll enters the tags of all public tracks into the lists.
func tagAll(tx *Tx) error { return nil }

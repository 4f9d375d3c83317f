package db

// A track or a user can leave very many traces: likes, comments, places in
// playlists. Dropping the record takes it away at once; what it leaves behind
// is removed in small transactions, and the bucket "gone" tells what is still
// to do. Until then lists may lead to things that are not there.

// Forget removes traces of things that are gone, with about so many changes.
// more says whether some are left.
func (tx *Tx) Forget(most int) (more bool, err error) { panic("not yet") }

// DropUser removes a user who has neither tracks nor playlists any more: the
// account, its names and sessions at once, and by Forget the traces, such as
// comments, likes and the messages that the user wrote. What others wrote to
// the user stays. ErrNotFound when there is none.
func (tx *Tx) DropUser(id ID) error {
	return tx.change("drop user", id, func() error { return tx.dropUser(id) })
}

// Going says whether traces of a thing are still to be removed.
func (tx *Tx) Going(id ID) (bool, error) { panic("not yet") }

package db

import "iter"

// Block makes one user block another. What was between the two, such as
// follows, is the caller's business. added says whether it is new. ErrNotFound
// when one of the two is not there.
func (tx *Tx) Block(who, whom ID) (added bool, err error) {
	_, added, err = blocks.join(tx, who, whom)
	return added, err
}

// Unblock ends a block; dropped says whether there was one.
func (tx *Tx) Unblock(who, whom ID) (dropped bool, err error) { return blocks.leave(tx, who, whom) }

// BlockMark gives the mark of a block, or 0 when there is none.
func (tx *Tx) BlockMark(who, whom ID) (ID, error) { return blocks.mark(tx, who, whom) }

// Blocking yields whom a user blocks, newest first, before a mark (0: from
// the newest).
func (tx *Tx) Blocking(who, before ID) iter.Seq2[Edge, error] { return blocks.from(tx, who, before) }

// Blockers yields who blocks a user, as Blocking does.
func (tx *Tx) Blockers(whom, before ID) iter.Seq2[Edge, error] { return blocks.to(tx, whom, before) }

package db

import (
	"encoding/binary"
	"errors"
	"iter"
)

// Edge is one pair of a set of pairs, such as "a follows b".
type Edge struct {
	From ID // who follows, likes, blocks …
	To   ID // whom, or what
	Mark ID // when; an id of its own, so that newer edges have greater marks
}

// edges is a set of pairs that is seen from three sides.
type edges struct {
	pairs bucket // from | to → mark
	out   bucket // from | mark → to
	in    bucket // to | mark → from
}

var (
	follows       = edges{inFollows, inFollowing, inFollowers}
	likes         = edges{inLikes, inUserLikes, inLikers}
	playlistLikes = edges{inPlaylistLikes, inUserPlaylistLikes, inPlaylistLikers}
	reposts       = edges{inReposts, inUserReposts, inReposters}
	blocks        = edges{inBlocks, inBlocking, inBlockers}
	listens       = edges{inListens, inHistory, inListeners}
)

// mark gives the mark of a pair, or 0 when it is not in the set.
func (e edges) mark(tx *Tx, from, to ID) (ID, error) {
	mark, err := tx.loadID(e.pairs, key2(from, to))
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return mark, err
}

// add puts a pair that is not there into the set and gives its mark. One that
// is there keeps its mark.
func (e edges) add(tx *Tx, from, to ID) (mark ID, added bool, err error) {
	mark, err = e.mark(tx, from, to)
	if err != nil || mark != 0 {
		return mark, false, err
	}
	mark = tx.NewID()
	return mark, true, e.put(tx, Edge{from, to, mark})
}

func (e edges) put(tx *Tx, edge Edge) error {
	if err := tx.put(e.pairs, key2(edge.From, edge.To), key1(edge.Mark)); err != nil {
		return err
	}
	if err := tx.put(e.out, key2(edge.From, edge.Mark), key1(edge.To)); err != nil {
		return err
	}
	return tx.put(e.in, key2(edge.To, edge.Mark), key1(edge.From))
}

// drop takes a pair out of the set and gives the mark that it had; 0 when it
// was not there.
func (e edges) drop(tx *Tx, from, to ID) (mark ID, err error) {
	mark, err = e.mark(tx, from, to)
	if err != nil || mark == 0 {
		return 0, err
	}
	if err := tx.del(e.pairs, key2(from, to)); err != nil {
		return 0, err
	}
	if err := tx.del(e.out, key2(from, mark)); err != nil {
		return 0, err
	}
	return mark, tx.del(e.in, key2(to, mark))
}

// from yields the pairs that begin with one side, newest first, those with a
// mark before the one given (0: from the newest).
func (e edges) from(tx *Tx, from, before ID) iter.Seq2[Edge, error] {
	return e.side(tx, e.out, from, before, func(other, mark ID) Edge { return Edge{from, other, mark} })
}

// to is from for the other side.
func (e edges) to(tx *Tx, to, before ID) iter.Seq2[Edge, error] {
	return e.side(tx, e.in, to, before, func(other, mark ID) Edge { return Edge{other, to, mark} })
}

func (e edges) side(tx *Tx, b bucket, of, before ID, edge func(other, mark ID) Edge) iter.Seq2[Edge, error] {
	w := &walk{tx: tx, b: b, prefix: key1(of), back: true}
	if before != 0 {
		w.key = key2(of, before)
	}
	return each(w, func(key, value []byte) (Edge, error) {
		mark, err := lastID(b, key)
		if err == nil && len(value) != 8 {
			err = corrupt(b, key, nil)
		}
		if err != nil {
			return Edge{}, err
		}
		return edge(ID(binary.BigEndian.Uint64(value)), mark), nil
	})
}

package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// Edge is one pair of a set of pairs, such as "a follows b".
type Edge struct {
	From ID // who follows, likes, blocks …
	To   ID // whom, or what
	Mark ID // when; an id of its own, so that newer edges have greater marks
}

// edges is a set of pairs that is seen from three sides. One side of a pair is
// always a user.
type edges struct {
	pairs bucket // from | to → mark
	out   bucket // from | mark → to
	in    bucket // to | mark → from

	what    bucket // where the records are that pairs lead to
	counts  int    // which counter of the user who makes a pair counts it
	counted int    // which counter of what a pair leads to counts it
}

// uncounted is the place of a counter that does not exist.
const uncounted = -1

var (
	follows       = edges{inFollows, inFollowing, inFollowers, inUsers, userFollowing, userFollowers}
	likes         = edges{inLikes, inUserLikes, inLikers, inTracks, uncounted, trackLikes}
	playlistLikes = edges{inPlaylistLikes, inUserPlaylistLikes, inPlaylistLikers, inPlaylists, uncounted, playlistLikers}
	reposts       = edges{inReposts, inUserReposts, inReposters, inTracks, uncounted, trackReposts}
	blocks        = edges{inBlocks, inBlocking, inBlockers, inUsers, uncounted, uncounted}
	listens       = edges{inListens, inHistory, inListeners, inTracks, userListens, uncounted}
)

// allEdges are the sets of pairs in the file.
func allEdges() []edges {
	return []edges{follows, likes, playlistLikes, reposts, blocks, listens}
}

// join puts a pair into the set and counts it. Both sides have to be there,
// else ErrNotFound. A pair that is in the set already keeps its mark.
func (e edges) join(tx *Tx, from, to ID) (mark ID, added bool, err error) {
	err = tx.change("add to "+e.pairs.String()+" of "+from.String(), to, func() error {
		if err := tx.want(inUsers, "user", from); err != nil {
			return err
		}
		if err := tx.want(e.what, strings.TrimSuffix(e.what.String(), "s"), to); err != nil {
			return err
		}
		if mark, added, err = e.add(tx, from, to); err != nil || !added {
			return err
		}
		return e.joined(tx, Edge{from, to, mark})
	})
	return mark, added, err
}

// joined counts a pair that was added.
func (e edges) joined(tx *Tx, edge Edge) error {
	if e.counts != uncounted {
		if err := tx.addUserCount(edge.From, e.counts, 1); err != nil {
			return err
		}
	}
	if e.counted != uncounted {
		if err := tx.add(edge.To, countersIn(e.what), e.counted, 1); err != nil {
			return err
		}
	}
	switch e {
	case likes:
		if err := tx.countEdge(edge, numberLikes); err != nil {
			return err
		}
		return tx.likePoints(edge.To, edge.Mark)
	case reposts:
		if err := tx.countEdge(edge, numberReposts); err != nil {
			return err
		}
		return tx.act(Activity{User: edge.From, Kind: Reposted, Track: edge.To, Mark: edge.Mark})
	}
	return nil
}

// countEdge counts a pair that leads to a track on the day of its mark.
func (tx *Tx) countEdge(edge Edge, place int) error {
	t, err := load[Track](tx, inTracks, edge.To)
	if err != nil {
		return err
	}
	var by deltas
	by[place] = 1
	return tx.countOn(&t, DayOf(edge.Mark.Time()), by, 0)
}

// leave takes a pair out of the set and off the counters; dropped says whether
// it was there.
func (e edges) leave(tx *Tx, from, to ID) (dropped bool, err error) {
	err = tx.change("drop from "+e.pairs.String()+" of "+from.String(), to, func() error {
		mark, err := e.mark(tx, from, to)
		if err != nil || mark == 0 {
			return err
		}
		dropped = true
		return e.dropCounted(tx, Edge{from, to, mark})
	})
	return dropped, err
}

// dropCounted takes a pair that is there out of the set and off the counters
// of those that are still there themselves.
func (e edges) dropCounted(tx *Tx, edge Edge) error {
	if err := e.drop(tx, edge); err != nil {
		return err
	}
	if e.counts != uncounted {
		if err := tx.lower(inUsers, edge.From, e.counts); err != nil {
			return err
		}
	}
	if e.counted != uncounted {
		if err := tx.lower(e.what, edge.To, e.counted); err != nil {
			return err
		}
	}
	switch e {
	case likes:
		if err := tx.takeBack(edge.To, DayOf(edge.Mark.Time()), numberLikes); err != nil {
			return err
		}
		return tx.takeLike(edge.To, edge.Mark)
	case reposts:
		if err := tx.takeBack(edge.To, DayOf(edge.Mark.Time()), numberReposts); err != nil {
			return err
		}
		return tx.unact(edge.From, edge.Mark)
	}
	return nil
}

// forget takes the pairs of something that is gone out of the set, those that
// one side shows, oldest first. An entry that can't be read goes alone: nobody
// will ask for it any more. Fewer changes than most mean that none is left.
func (e edges) forget(tx *Tx, side bucket, of ID, most int) (changes int, err error) {
	w := &walk{tx: tx, b: side, prefix: key1(of)}
	for ; changes < most; changes++ {
		ok, err := w.next()
		if err == nil && !ok {
			break
		}
		var edge Edge
		if err == nil {
			edge, err = e.read(side, w.key, w.value)
		}
		switch {
		case err == nil:
			err = e.dropCounted(tx, edge)
		case ok && errors.Is(err, ErrCorrupt):
			err = tx.del(side, w.key)
		}
		if err != nil {
			return changes, fmt.Errorf("forget %s of %s: %w", side, of, err)
		}
	}
	return changes, nil
}

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

// drop takes a pair that is there out of the set.
func (e edges) drop(tx *Tx, edge Edge) error {
	if err := tx.del(e.pairs, key2(edge.From, edge.To)); err != nil {
		return err
	}
	if err := tx.del(e.out, key2(edge.From, edge.Mark)); err != nil {
		return err
	}
	return tx.del(e.in, key2(edge.To, edge.Mark))
}

// from yields the pairs that begin with one side, newest first, those with a
// mark before the one given (0: from the newest).
func (e edges) from(tx *Tx, from, before ID) iter.Seq2[Edge, error] {
	return e.side(tx, e.out, from, before)
}

// to is from for the other side.
func (e edges) to(tx *Tx, to, before ID) iter.Seq2[Edge, error] {
	return e.side(tx, e.in, to, before)
}

func (e edges) side(tx *Tx, b bucket, of, before ID) iter.Seq2[Edge, error] {
	w := &walk{tx: tx, b: b, prefix: key1(of), back: true}
	if before != 0 {
		w.key = key2(of, before)
	}
	return each(w, func(key, value []byte) (Edge, error) { return e.read(b, key, value) })
}

// read makes a pair of an entry of out or in.
func (e edges) read(b bucket, key, value []byte) (Edge, error) {
	if len(key) != 16 || len(value) != 8 {
		return Edge{}, corrupt(b, key, nil)
	}
	edge := Edge{From: ID(binary.BigEndian.Uint64(key)), To: ID(binary.BigEndian.Uint64(value)), Mark: ID(binary.BigEndian.Uint64(key[8:]))}
	if b == e.in {
		edge.From, edge.To = edge.To, edge.From
	}
	return edge, nil
}

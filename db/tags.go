package db

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// A tag counts the public tracks of people who are not suspended. The lists of
// a tag, and what it counts of each user, hold those of the suspended too, so
// that neither has to be made anew when a suspension begins or ends: whoever
// reads the lists asks whether the owner is there. A tag stays in the file, with
// its id, as long as there is anything in its list; without a track that counts
// it is not found.

// MaxTag is how many bytes the name of a tag has, as Alike gives it, for the tag
// to be listed.
const MaxTag = maxName

// word is a tag of a track: the name it is kept under, and how it is written.
type word struct{ key, name string }

// words gives the tags that a track counts for. One that is not public, or none
// at all, has none. Of tags that are the same by name the first counts.
func words(t *Track) []word {
	if t == nil || t.Visibility != Public {
		return nil
	}
	list := make([]word, 0, len(t.Tags))
	for _, name := range t.Tags {
		key := Alike(name)
		if key != "" && len(key) <= MaxTag && within(list, key) < 0 {
			list = append(list, word{key, name})
		}
	}
	return list
}

// within gives the place of a name among words, or -1.
func within(list []word, key string) int {
	return slices.IndexFunc(list, func(w word) bool { return w.key == key })
}

// Tag gives the tag with a name, in any case, accents or form of letters.
// ErrNotFound when no track counts for it.
func (tx *Tx) Tag(name string) (Tag, error) {
	key := Alike(name)
	t, err := Tag{}, ErrNotFound
	if key != "" && len(key) <= MaxTag {
		t, err = loadAt[Tag](tx, inTags, []byte(key))
	}
	if err == nil && t.Tracks == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Tag{}, fmt.Errorf("tag %q: %w", name, err)
	}
	return t, nil
}

// TagByID is Tag by the id.
func (tx *Tx) TagByID(id ID) (Tag, error) {
	_, t, err := tx.findTag(id)
	if err == nil && t.Tracks == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Tag{}, fmt.Errorf("tag %s: %w", id, err)
	}
	return t, nil
}

// findTag finds the record of a tag and the name that it is kept under, also
// when no track counts for it.
func (tx *Tx) findTag(id ID) (key string, t Tag, err error) {
	p, err := tx.get(inTagNames, key1(id))
	if err != nil {
		return "", Tag{}, err
	}
	key = string(p)
	t, err = loadAt[Tag](tx, inTags, []byte(key))
	if errors.Is(err, ErrNotFound) || err == nil && t.ID != id {
		err = corrupt(inTagNames, key1(id), errOtherRecord)
	}
	return key, t, err
}

// Tags yields all tags that tracks count for, behind an id (0: from the first),
// oldest first.
func (tx *Tx) Tags(behind ID) iter.Seq2[Tag, error] {
	w := &walk{tx: tx, b: inTagNames}
	if behind != 0 {
		w.key = key1(behind)
	}
	all := each(w, func(key, _ []byte) (Tag, error) {
		id, err := lastID(inTagNames, key)
		if err != nil {
			return Tag{}, err
		}
		_, t, err := tx.findTag(id)
		return t, err
	})
	return func(yield func(Tag, error) bool) {
		for t, err := range all {
			if (err != nil || t.Tracks > 0) && !yield(t, err) {
				return
			}
		}
	}
}

// PopularTags yields the tags, those with most tracks first, of these the
// newest; those behind the place of a tag with so many tracks (0, 0: from the
// first).
func (tx *Tx) PopularTags(tracks uint64, tag ID) iter.Seq2[Tag, error] {
	w := &walk{tx: tx, b: inPopularTags, back: true}
	if tracks != 0 || tag != 0 {
		w.key = key2(ID(tracks), tag)
	}
	return each(w, func(key, _ []byte) (Tag, error) {
		id, err := lastID(inPopularTags, key)
		if err != nil {
			return Tag{}, err
		}
		_, t, err := tx.findTag(id)
		if errors.Is(err, ErrNotFound) || err == nil && string(key2(ID(t.Tracks), id)) != string(key) {
			err = corrupt(inPopularTags, key, errOtherRecord)
		}
		return t, err
	})
}

// TagTracks yields the public tracks that carry a tag, as PublicTracks does.
// Tracks of the suspended are among them.
func (tx *Tx) TagTracks(tag, before ID) iter.Seq2[Track, error] {
	return each(tx.tagged(tag, before), tx.published(inTagTracks))
}

// Tagged is TagTracks without reading the tracks: edges from the tag to each,
// by when it was published.
func (tx *Tx) Tagged(tag, before ID) iter.Seq2[Edge, error] {
	return each(tx.tagged(tag, before), func(key, value []byte) (Edge, error) {
		if len(key) != 16 || len(value) != 8 {
			return Edge{}, corrupt(inTagTracks, key, nil)
		}
		return Edge{From: tag, To: ID(binary.BigEndian.Uint64(value)), Mark: ID(binary.BigEndian.Uint64(key[8:]))}, nil
	})
}

func (tx *Tx) tagged(tag, before ID) *walk {
	w := &walk{tx: tx, b: inTagTracks, prefix: key1(tag), back: true}
	if before != 0 {
		w.key = key2(tag, before)
	}
	return w
}

// TagSpan gives the marks of the oldest and the newest track in the list of a
// tag; zeros when there is none.
func (tx *Tx) TagSpan(tag ID) (oldest, newest ID, err error) {
	return tx.span(inTagTracks, key1(tag))
}

// PublicSpan is TagSpan for all public tracks.
func (tx *Tx) PublicSpan() (oldest, newest ID, err error) {
	return tx.span(inPublicTracks, nil)
}

// span gives the ids that the first and the last whole key behind a prefix end
// with.
func (tx *Tx) span(b bucket, prefix []byte) (from, to ID, err error) {
	end := func(back bool) (ID, error) {
		for id, err := range each(&walk{tx: tx, b: b, prefix: prefix, back: back}, func(key, _ []byte) (ID, error) { return lastID(b, key) }) {
			if !errors.Is(err, ErrCorrupt) {
				return id, err
			}
		}
		return 0, nil
	}
	if from, err = end(false); err == nil {
		to, err = end(true)
	}
	return from, to, err
}

// UserTag gives how many public tracks of a user carry a tag; of the suspended
// too, whom the tag does not count.
func (tx *Tx) UserTag(user, tag ID) (uint64, error) {
	n, err := tx.loadID(inUserTags, key2(user, tag))
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("tag %s of %s: %w", tag, user, err)
	}
	return uint64(n), nil
}

// UserTags yields the tags of a user's public tracks, each with how many carry
// it, in the order of their ids.
func (tx *Tx) UserTags(user ID) iter.Seq2[TagCount, error] {
	w := &walk{tx: tx, b: inUserTags, prefix: key1(user)}
	return each(w, func(key, value []byte) (TagCount, error) {
		if len(key) != 16 || len(value) != 8 {
			return TagCount{}, corrupt(inUserTags, key, nil)
		}
		return TagCount{Tag: ID(binary.BigEndian.Uint64(key[8:])), Tracks: binary.BigEndian.Uint64(value)}, nil
	})
}

// TagCount is how many tracks of somebody carry a tag.
type TagCount struct {
	Tag    ID
	Tracks uint64
}

// retag moves the lists of tags from what a track was to what it is. One of
// the two may be nil.
func (tx *Tx) retag(was, is *Track) error {
	old, now := words(was), words(is)
	if was != nil && is != nil && was.Published == is.Published && slices.Equal(old, now) || len(old)+len(now) == 0 {
		return nil
	}
	var user ID
	if is != nil {
		user = is.User
	} else {
		user = was.User
	}
	u, err := load[User](tx, inUsers, user)
	if err != nil {
		return fmt.Errorf("user %s: %w", user, err)
	}
	same := was != nil && is != nil && was.Published == is.Published
	for _, w := range old {
		if same && within(now, w.key) >= 0 {
			continue
		}
		tag, err := loadAt[Tag](tx, inTags, []byte(w.key))
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
			continue // what can't be read keeps nobody from taking a track back
		}
		if err == nil {
			err = tx.leaveTag(w.key, tag, user, was.Published, !u.Disabled)
		}
		if err != nil {
			return fmt.Errorf("tag %q: %w", w.name, err)
		}
	}
	for _, w := range now {
		at := within(old, w.key)
		switch {
		case !same || at < 0:
			err = tx.enterTag(w, is, !u.Disabled)
		case old[at].name != w.name && !u.Disabled:
			var tag Tag
			if tag, err = loadAt[Tag](tx, inTags, []byte(w.key)); err == nil {
				err = tx.moveTag(w.key, tag, w.name, tag.Tracks)
			}
		}
		if err != nil {
			return fmt.Errorf("tag %q: %w", w.name, err)
		}
	}
	return nil
}

// enterTag enters a track into the list of a tag. Counted says that its owner
// is not suspended.
func (tx *Tx) enterTag(w word, t *Track, counted bool) error {
	tag, err := loadAt[Tag](tx, inTags, []byte(w.key))
	if errors.Is(err, ErrNotFound) {
		tag = Tag{ID: tx.NewID(), Name: w.name}
		err = tx.put(inTagNames, key1(tag.ID), []byte(w.key))
	}
	if err != nil {
		return err
	}
	if err := tx.put(inTagTracks, key2(tag.ID, t.Published), key1(t.ID)); err != nil {
		return err
	}
	n, err := tx.UserTag(t.User, tag.ID)
	if err != nil {
		return err
	}
	if err := tx.put(inUserTags, key2(t.User, tag.ID), key1(n+1)); err != nil {
		return err
	}
	if !counted {
		return tx.moveTag(w.key, tag, tag.Name, tag.Tracks)
	}
	return tx.moveTag(w.key, tag, w.name, tag.Tracks+1)
}

// leaveTag takes what a user published at a mark out of the list of a tag, and
// removes a tag that has nothing left in it.
func (tx *Tx) leaveTag(key string, tag Tag, user, mark ID, counted bool) error {
	if err := tx.del(inTagTracks, key2(tag.ID, mark)); err != nil {
		return err
	}
	n, err := tx.UserTag(user, tag.ID)
	if err == nil && n > 1 {
		err = tx.put(inUserTags, key2(user, tag.ID), key1(n-1))
	} else if err == nil || errors.Is(err, ErrCorrupt) {
		err = tx.del(inUserTags, key2(user, tag.ID))
	}
	if err != nil {
		return err
	}
	tracks := tag.Tracks
	if counted && tracks > 0 {
		tracks--
	}
	if err := tx.moveTag(key, tag, tag.Name, tracks); err != nil || tracks > 0 {
		return err
	}
	left, err := (&walk{tx: tx, b: inTagTracks, prefix: key1(tag.ID)}).next()
	if left || err != nil && !errors.Is(err, ErrCorrupt) {
		return err
	}
	if err := tx.del(inTagNames, key1(tag.ID)); err != nil {
		return err
	}
	return tx.del(inTags, []byte(key))
}

// moveTag stores a tag with a name and a count of tracks, in its place among
// the others. Search is told when it comes, goes or is written otherwise.
func (tx *Tx) moveTag(key string, tag Tag, name string, tracks uint64) error {
	was := tag
	tag.Name, tag.Tracks = name, tracks
	if was.Tracks != tracks && was.Tracks > 0 {
		if err := tx.del(inPopularTags, key2(ID(was.Tracks), tag.ID)); err != nil {
			return err
		}
	}
	if was.Tracks != tracks && tracks > 0 {
		if err := tx.put(inPopularTags, key2(ID(tracks), tag.ID), nil); err != nil {
			return err
		}
	}
	if err := storeAt(tx, inTags, []byte(key), &tag); err != nil {
		return err
	}
	if (was.Tracks > 0) == (tracks > 0) && (tracks == 0 || was.Name == name) {
		return nil
	}
	return tx.mark(KindTag, tag.ID)
}

// countTagsOf has the tags count the tracks of a user, or not any more. What
// can't be read is passed over: nobody stays in the house for a rotten tag.
func (tx *Tx) countTagsOf(user ID, counted bool) error {
	for own, err := range tx.UserTags(user) {
		var key string
		var tag Tag
		if err == nil {
			key, tag, err = tx.findTag(own.Tag)
		}
		if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		tracks := tag.Tracks - min(own.Tracks, tag.Tracks)
		if counted {
			tracks = tag.Tracks + own.Tracks
		}
		if err := tx.moveTag(key, tag, tag.Name, tracks); err != nil {
			return err
		}
	}
	return nil
}

// dropTagsOf takes what a user published at a mark out of the lists of tags;
// it is of a track that can't be read.
func (tx *Tx) dropTagsOf(user, mark, track ID) error {
	u, err := load[User](tx, inUsers, user)
	if err != nil {
		return err
	}
	for own, err := range tx.UserTags(user) {
		var key string
		var tag Tag
		var id ID
		if err == nil {
			id, err = tx.loadID(inTagTracks, key2(own.Tag, mark))
		}
		if err == nil && id == track {
			key, tag, err = tx.findTag(own.Tag)
		}
		if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNotFound) || err == nil && id != track {
			continue
		}
		if err == nil {
			err = tx.leaveTag(key, tag, user, mark, !u.Disabled)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tagAll enters the tags of all public tracks into the lists. It gathers them
// first and writes each list in the order of its keys: in the order of the
// tracks every page would be written many times.
func tagAll(tx *Tx) error {
	suspended := map[ID]bool{}
	if err := passingOver(tx, tx.Users(0), func(u User) error {
		if u.Disabled {
			suspended[u.ID] = true
		}
		return nil
	}); err != nil {
		return err
	}
	tags, keys := map[string]*Tag{}, map[ID]string{}
	var list []Edge // from a tag to a track
	counts := map[[2]ID]uint64{}
	if err := passingOver(tx, records[Track](tx, inTracks, 0), func(t Track) error {
		for _, w := range words(&t) {
			tag := tags[w.key]
			if tag == nil {
				tag = &Tag{ID: tx.NewID(), Name: w.name}
				tags[w.key], keys[tag.ID] = tag, w.key
			}
			if !suspended[t.User] {
				tag.Name = w.name
				tag.Tracks++
			}
			list = append(list, Edge{From: tag.ID, To: t.ID, Mark: t.Published})
			counts[[2]ID{t.User, tag.ID}]++
		}
		return nil
	}); err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b Edge) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Mark, b.Mark)) })
	for _, e := range list {
		if err := tx.put(inTagTracks, key2(e.From, e.Mark), key1(e.To)); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if err := storeAt(tx, inTags, []byte(key), tags[key]); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		if err := tx.put(inTagNames, key1(id), []byte(keys[id])); err != nil {
			return err
		}
		if tags[keys[id]].Tracks == 0 {
			continue
		}
		if err := tx.mark(KindTag, id); err != nil {
			return err
		}
	}
	byTracks := func(a, b *Tag) int { return cmp.Or(cmp.Compare(a.Tracks, b.Tracks), cmp.Compare(a.ID, b.ID)) }
	for _, tag := range slices.SortedFunc(maps.Values(tags), byTracks) {
		if tag.Tracks == 0 {
			continue
		}
		if err := tx.put(inPopularTags, key2(ID(tag.Tracks), tag.ID), nil); err != nil {
			return err
		}
	}
	byUser := func(a, b [2]ID) int { return slices.Compare(a[:], b[:]) }
	for _, own := range slices.SortedFunc(maps.Keys(counts), byUser) {
		if err := tx.put(inUserTags, key2(own[0], own[1]), key1(ID(counts[own]))); err != nil {
			return err
		}
	}
	return nil
}

// passingOver goes over records in a migration. One that can't be read must
// not keep the house shut.
func passingOver[T any](tx *Tx, all iter.Seq2[T, error], do func(T) error) error {
	for r, err := range all {
		if errors.Is(err, ErrCorrupt) {
			tx.d.log.Error("a record can't be read and is passed over in the migration", "error", err)
			continue
		}
		if err == nil {
			err = do(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tagging is what the checker counts of tags as it goes over the tracks.
type tagging struct {
	suspended map[ID]bool
	ids       map[string]ID    // by name; 0 of a tag that is missing
	tracks    map[ID]uint64    // that the tag counts
	users     map[[2]ID]uint64 // user, tag
}

// tagged checks the places of a track in the lists of its tags.
func (c *checker) tagged(t *Track) {
	for _, w := range words(t) {
		id, known := c.tagging.ids[w.key]
		if !known {
			tag, err := loadAt[Tag](c.tx, inTags, []byte(w.key))
			switch {
			case errors.Is(err, ErrNotFound):
				c.wrong("track %s has the tag %q, which is not in %s", t.ID, w.name, inTags)
			case err != nil:
				c.found = append(c.found, err)
			}
			id = tag.ID
			c.tagging.ids[w.key] = id
		}
		if id == 0 {
			continue
		}
		c.entry(inTagTracks, key2(id, t.Published), key1(t.ID), t.ID)
		c.tagging.users[[2]ID{t.User, id}]++
		if !c.tagging.suspended[t.User] {
			c.tagging.tracks[id]++
		}
	}
}

// tags counts every tag anew, after all tracks were seen.
func (c *checker) tags() {
	if c.full() {
		return
	}
	c.entries(inTags, func(key, value []byte) {
		var tag Tag
		if err := decode(value, &tag); err != nil {
			return // it was found already
		}
		c.note(tag.ID)
		if Alike(tag.Name) != string(key) {
			c.wrong("the tag %q is kept under %q", tag.Name, key)
		}
		c.entry(inTagNames, key1(tag.ID), key, tag.ID)
		if tag.Tracks > 0 {
			c.entry(inPopularTags, key2(ID(tag.Tracks), tag.ID), nil, tag.ID)
		}
		if n := c.tagging.tracks[tag.ID]; tag.Tracks != n {
			c.wrong("the tag %q counts %d tracks, %d are right", tag.Name, tag.Tracks, n)
		}
		if _, used := c.tagging.ids[string(key)]; !used {
			c.wrong("no track has the tag %q", tag.Name)
		}
	})
	for own, n := range c.tagging.users {
		c.entry(inUserTags, key2(own[0], own[1]), key1(ID(n)), own[0])
	}
}

package db_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"earshot/db"
)

// modelTag is a tag as it was last seen.
type modelTag struct {
	id   db.ID // 0 when it is not there
	name string
}

// spellings are tags, of which those in a line are one.
var spellings = [][]string{
	{"cafe", "Café", "CAFE\u0301", "ｃａｆé"},
	{"하현우", "\u1112\u1161\u1112\u1167\u11ab\u110b\u116e"},
	{"AC/DC", "ac/dc"},
	{"rock"}, {"Indie", "indie"}, {".."},
}

// someTags are tags of a track, of which some are the same and one is too long
// to be listed.
func (m *model) someTags() (tags []string) {
	for range m.rand.IntN(5) {
		line := spellings[m.rand.IntN(len(spellings))]
		tags = append(tags, line[m.rand.IntN(len(line))])
	}
	if m.rand.IntN(20) == 0 {
		tags = append(tags, fmt.Sprintf("%0600d", 1), "")
	}
	return tags
}

// carried gives the tags of a public track as they are written, by name.
func carried(t db.Track) map[string]string {
	list := map[string]string{}
	if t.Visibility != db.Public {
		return list
	}
	for _, line := range spellings {
		for _, tag := range t.Tags {
			if slices.Contains(line, tag) {
				list[line[0]] = tag
				break
			}
		}
	}
	return list
}

// tracksWith lists the public tracks with a tag, the newest first, and how many
// of them count.
func (m *model) tracksWith(name string) (list []db.Track, counted int) {
	for _, t := range m.tracks {
		if carried(t)[name] != "" {
			list = append(list, t)
			if !m.users[t.User].Disabled {
				counted++
			}
		}
	}
	slices.SortFunc(list, func(a, b db.Track) int { return cmp.Compare(b.Published, a.Published) })
	return list, counted
}

// write notes how the tags of a track are written that is about to change,
// unless they were so before. Of the suspended that counts only when nobody has
// the tag.
func (m *model) write(was, is db.Track) {
	before := carried(was)
	for name, tag := range carried(is) {
		if m.users[is.User].Disabled {
			if list, _ := m.tracksWith(name); len(list) > 0 {
				continue
			}
		}
		if before[name] != tag {
			m.written[name] = tag
		}
	}
}

// tagged does something that may change tags, and notes those of which search
// has to be told.
func (m *model) tagged(tx *db.Tx, do func() error) error {
	if err := do(); err != nil {
		return err
	}
	for _, line := range spellings {
		name := line[0]
		was, is := m.tags[name], modelTag{}
		if _, n := m.tracksWith(name); n > 0 {
			tag, err := tx.Tag(name)
			if err != nil {
				return err
			}
			is = modelTag{tag.ID, m.written[name]}
		}
		if was == is {
			continue
		}
		m.tags[name] = is
		m.mark(db.KindTag, cmp.Or(is.id, was.id))
	}
	return nil
}

// markAllOf notes that all that a user has is to be looked at by search.
func (m *model) markAllOf(user db.ID) {
	for id, t := range m.tracks {
		if t.User == user {
			m.mark(db.KindTrack, id)
		}
	}
	for id, p := range m.playlists {
		if p.User == user {
			m.mark(db.KindPlaylist, id)
		}
	}
}

func (m *model) compareTags(tx *db.Tx) error {
	var popular []db.Tag
	for _, line := range spellings {
		name := line[0]
		tracks, n := m.tracksWith(name)
		tag, err := tx.Tag(line[len(line)-1])
		if n == 0 {
			if !errors.Is(err, db.ErrNotFound) {
				return fmt.Errorf("the tag %q is %+v (%w), and no track has it", name, tag, err)
			}
			continue
		}
		if err != nil || tag.Tracks != uint64(n) || tag.Name != m.written[name] {
			return fmt.Errorf("the tag %q is %+v (%w), want %q with %d tracks", name, tag, err, m.written[name], n)
		}
		popular = append(popular, tag)
		got, err := gather(tx.TagTracks(tag.ID, 0))
		if err != nil || fmt.Sprint(got) != fmt.Sprint(tracks) {
			return fmt.Errorf("tracks of %q: %v (%w), want %v", name, got, err, tracks)
		}
		for _, user := range ids(m.users) {
			own := uint64(0)
			for _, t := range tracks {
				if t.User == user {
					own++
				}
			}
			if n, err := tx.UserTag(user, tag.ID); n != own || err != nil {
				return fmt.Errorf("tag %q of %s: %d (%w), want %d", name, user, n, err, own)
			}
		}
	}
	slices.SortFunc(popular, func(a, b db.Tag) int { return cmp.Or(cmp.Compare(b.Tracks, a.Tracks), cmp.Compare(b.ID, a.ID)) })
	got, err := gather(tx.PopularTags(0, 0))
	if err != nil || !slices.Equal(got, popular) {
		return fmt.Errorf("the popular tags: %v (%w), want %v", got, err, popular)
	}
	for i, tag := range popular {
		rest, err := gather(tx.PopularTags(tag.Tracks, tag.ID))
		if err != nil || !slices.Equal(rest, popular[i+1:]) {
			return fmt.Errorf("behind %v: %v (%w)", tag, rest, err)
		}
	}
	all, err := gather(tx.Tags(0))
	slices.SortFunc(popular, func(a, b db.Tag) int { return cmp.Compare(a.ID, b.ID) })
	if err != nil || !slices.Equal(all, popular) {
		return fmt.Errorf("all tags: %v (%w), want %v", all, err, popular)
	}
	return nil
}

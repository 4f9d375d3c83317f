package core

import (
	"context"

	"earshot/db"
)

const (
	markPlaces  = 120 // moments of one track that are told apart
	writersRead = 200 // looked at for the marks; beyond, only those whom the marks show
)

// Mark is one or several comments that are close to each other.
type Mark struct {
	First db.Moment
	N     int
	User  db.User // who wrote the newest of them; of a visitor only the name

	newest, known db.Moment // known: the newest one whose writer was looked at
}

// Marks gives the moments of a track that were commented on, and how many
// comments it has in all, as the track tells it. Moments closer than a 120th of
// the track to the first of a crowd are one.
func (c *Core) Marks(ctx context.Context, me, track db.ID) (marks []Mark, comments uint64, err error) {
	err = c.viewHeld(ctx, me, func(tx *db.Tx, a asker) error {
		th, err := c.thread(tx, a, track, whole)
		if err != nil {
			return err
		}
		counts, err := tx.TrackCounts(track)
		if err != nil {
			return err
		}
		comments = counts.Comments
		marks, err = th.marks()
		return err
	})
	return marks, comments, err
}

func (th thread) marks() (marks []Mark, err error) {
	near := (th.track.Audio.Duration + markPlaces - 1) / markPlaces
	w := writers{thread: th, seen: map[db.ID]bool{}}
	for m, err := range th.tx.Moments(th.track.ID) {
		if th.c.unreadable(err, "moment of", th.track.ID) {
			continue
		}
		if err != nil {
			return nil, err
		}
		n := len(marks)
		first := n == 0 || m.Position > marks[n-1].First.Position+near
		known, seen, err := w.see(m, first)
		if err != nil {
			return nil, err
		}
		if !seen {
			continue
		}
		if first {
			marks = append(marks, Mark{First: m})
		}
		last := &marks[len(marks)-1]
		if last.N++; m.Comment > last.newest.Comment {
			last.newest = m
		}
		if known && m.Comment > last.known.Comment {
			last.known = m
		}
	}
	for i := range marks {
		m := &marks[i]
		_, seen, err := w.see(m.newest, true)
		if err != nil {
			return nil, err
		}
		if !seen {
			m.N, m.newest = m.N-1, m.known
		}
		m.User = th.people[m.newest.User]
		if m.newest.Guest {
			said, err := th.tx.Comment(m.newest.Comment)
			if err != nil && !absent(err) && !th.c.unreadable(err, "comment", m.newest.Comment) {
				return nil, err
			}
			m.User = db.User{Name: said.Guest}
		}
	}
	return marks, nil
}

// writers tells who of those who commented is there for the asker.
type writers struct {
	thread
	seen map[db.ID]bool // those who were looked at
}

// see tells whether a moment is for the asker. Of very many writers not all are
// looked at unless they must be, since marks are not worth reading thousands of
// records: then known is false, and who is not barred is taken to be there. A
// suspended one among them may be counted, never shown.
func (w writers) see(m db.Moment, must bool) (known, seen bool, err error) {
	if m.Guest { // a visitor's: nobody is hidden from whom the track is not
		return true, true, nil
	}
	if seen, known = w.seen[m.User]; known {
		return true, seen, nil
	}
	if !must && len(w.seen) >= writersRead {
		return false, m.User != 0 && (w.a.keeper() || w.a.is(w.track.User) || !w.a.barred(m.User)), nil
	}
	u, err := w.writer(db.Comment{User: m.User})
	if err != nil && !w.c.unreadable(err, "writer of", m.Comment) {
		return false, false, err
	}
	seen = err == nil && u != nil
	w.seen[m.User] = seen
	return true, seen, nil
}

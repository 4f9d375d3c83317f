package db

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

const (
	// MostImports is how many imports are kept; the oldest go first, those that
	// wait or run never.
	MostImports = 50

	// MostProblems is how many problems of one import are kept: the first ones.
	MostProblems = 10_000
)

// Ended tells whether an import does not run and will not by itself.
func (s ImportState) Ended() bool { return s != ImportWaiting && s != ImportRunning }

// Import gives the import with an id. ErrNotFound when there is none.
func (tx *Tx) Import(id ID) (Import, error) {
	i, err := load[Import](tx, inImports, id)
	if err != nil {
		return Import{}, fmt.Errorf("import %s: %w", id, err)
	}
	return i, nil
}

// AddImport stores a new import. The oldest goes when there are more than
// MostImports.
func (tx *Tx) AddImport(i Import) error {
	return tx.change("add import", i.ID, func() error {
		if err := tx.checkNew(inImports, i.ID); err != nil {
			return err
		}
		if i.Library != 0 {
			if err := tx.want(inLibraries, "library", i.Library); err != nil {
				return err
			}
		}
		if err := store(tx, inImports, i.ID, &i); err != nil {
			return err
		}
		return tx.thinImports()
	})
}

func (tx *Tx) thinImports() error {
	var old []ID
	n := 0
	for i, err := range tx.Imports(0) {
		if errors.Is(err, ErrCorrupt) {
			continue // Check tells of it
		}
		if err != nil {
			return err
		}
		if n++; n > MostImports && i.State.Ended() {
			old = append(old, i.ID)
		}
	}
	for _, id := range old {
		if err := tx.DropImport(id); err != nil {
			return err
		}
	}
	return nil
}

// SetImport stores an import that is there already, else ErrNotFound. What it
// is of can't change.
func (tx *Tx) SetImport(i Import) error {
	return tx.change("set import", i.ID, func() error {
		old, err := load[Import](tx, inImports, i.ID)
		if err != nil {
			return err
		}
		if old.Library != i.Library {
			return errOwner
		}
		return store(tx, inImports, i.ID, &i)
	})
}

// DropImport removes an import, with its problems and its job. ErrNotFound when
// there is none.
func (tx *Tx) DropImport(id ID) error {
	return tx.change("drop import", id, func() error {
		if err := tx.want(inImports, "import", id); err != nil {
			return err
		}
		if err := tx.dropJobsAbout(id); err != nil {
			return err
		}
		if err := tx.dropProblems(id); err != nil {
			return err
		}
		return tx.del(inImports, key1(id))
	})
}

// Imports yields the imports before an id (0: from the newest), newest first.
func (tx *Tx) Imports(before ID) iter.Seq2[Import, error] {
	w := &walk{tx: tx, b: inImports, back: true}
	if before != 0 {
		w.key = key1(before)
	}
	return each(w, func(key, value []byte) (i Import, err error) {
		if err := decode(value, &i); err != nil {
			return Import{}, corrupt(inImports, key, err)
		}
		return i, nil
	})
}

// ImportsOf yields the imports of a library, the newest first.
func (tx *Tx) ImportsOf(library ID) iter.Seq2[Import, error] {
	return func(yield func(Import, error) bool) {
		for i, err := range tx.Imports(0) {
			if (err != nil || i.Library == library) && !yield(i, err) {
				return
			}
		}
	}
}

// dropImportsOf removes the imports of a library. There are few of them.
func (tx *Tx) dropImportsOf(library ID) error {
	var ids []ID
	for i, err := range tx.ImportsOf(library) {
		switch {
		case errors.Is(err, ErrCorrupt): // Check tells of it
		case err != nil:
			return err
		default:
			ids = append(ids, i.ID)
		}
	}
	for _, id := range ids {
		if err := tx.DropImport(id); err != nil {
			return err
		}
	}
	return nil
}

// NumberedProblem is a problem with its place among those of its import.
type NumberedProblem struct {
	Number uint64 // from 1
	Problem
}

// AddProblem stores a problem of an import that is there, else ErrNotFound,
// behind those that it has; of more than MostProblems only the first ones are
// kept.
func (tx *Tx) AddProblem(of ID, p Problem) error {
	return tx.change("add problem of import", of, func() error {
		if err := tx.want(inImports, "import", of); err != nil {
			return err
		}
		last := uint64(0)
		w := &walk{tx: tx, b: inProblems, prefix: key1(of), back: true}
		ok, err := w.next()
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
		if ok {
			last = binary.BigEndian.Uint64(w.key[8:])
		}
		if last >= MostProblems {
			return nil
		}
		return storeAt(tx, inProblems, key2(of, ID(last+1)), &p)
	})
}

// DropProblems removes the problems of an import, which begins again.
func (tx *Tx) DropProblems(of ID) error {
	return tx.change("drop problems of import", of, func() error { return tx.dropProblems(of) })
}

func (tx *Tx) dropProblems(of ID) error {
	var keys [][]byte
	w := &walk{tx: tx, b: inProblems, prefix: key1(of)}
	for {
		ok, err := w.next()
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
		if !ok {
			break
		}
		keys = append(keys, bytes.Clone(w.key))
	}
	for _, k := range keys {
		if err := tx.del(inProblems, k); err != nil {
			return err
		}
	}
	return nil
}

// Problems yields the problems of an import behind a number (0: from the
// first), in the order in which they were met.
func (tx *Tx) Problems(of ID, behind uint64) iter.Seq2[NumberedProblem, error] {
	w := &walk{tx: tx, b: inProblems, prefix: key1(of)}
	if behind != 0 {
		w.key = key2(of, ID(behind))
	}
	return each(w, func(key, value []byte) (p NumberedProblem, err error) {
		if err := decode(value, &p.Problem); err != nil || len(key) != 16 {
			return NumberedProblem{}, corrupt(inProblems, key, err)
		}
		p.Number = binary.BigEndian.Uint64(key[8:])
		return p, nil
	})
}

// imports checks the imports, what they are of, and whose their problems are.
func (c *checker) imports() {
	all(c, c.tx.Imports(0), func(i *Import) {
		c.note(i.ID)
		if i.Library != 0 {
			c.there(inLibraries, i.Library, inImports)
		}
	})
	var last ID
	c.entries(inProblems, func(key, _ []byte) {
		if len(key) != 16 {
			c.found = append(c.found, corrupt(inProblems, key, nil))
			return
		}
		id := ID(binary.BigEndian.Uint64(key))
		if id != last {
			c.there(inImports, id, inProblems)
		}
		last = id
	})
}

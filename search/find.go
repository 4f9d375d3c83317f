package search

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	"github.com/blevesearch/vellum/levenshtein"
)

// mostNear is how many terms that are one typo away are looked at, in each
// segment and field.
const mostNear = 50

// oneTypo makes what recognises words that are one letter off, or have two
// neighbours swapped.
var oneTypo = sync.OnceValues(func() (*levenshtein.LevenshteinAutomatonBuilder, error) {
	return levenshtein.NewLevenshteinAutomatonBuilder(1, true)
})

// snapshot is what an index holds at one moment.
type snapshot = *scorch.IndexSnapshot

// part is one segment while a query looks at it. Documents are numbers in it.
type part struct {
	seg   segment.Segment
	gone  *roaring.Bitmap // documents that are deleted
	dicts map[string]segment.TermDictionary
	seen  *roaring.Bitmap // whom the asker may find, whatever else they ask for; nil: not looked up yet
	found [][]having      // of each unit, best first
	hits  *roaring.Bitmap // whom all units have
}

// having is the documents that have a word in one way.
type having struct {
	docs   *roaring.Bitmap
	weight float64
}

var noDocs = roaring.New()

func partsOf(s snapshot) []*part {
	var parts []*part
	for _, one := range s.Segments() {
		parts = append(parts, &part{seg: one.Segment(), gone: one.Deleted(), dicts: map[string]segment.TermDictionary{}})
	}
	return parts
}

func (p *part) dict(field string) (segment.TermDictionary, error) {
	d, ok := p.dicts[field]
	if ok {
		return d, nil
	}
	d, err := p.seg.Dictionary(field)
	if err == nil {
		p.dicts[field] = d
	}
	return d, err
}

// docs gives the documents that have a term. They may lie in the mapped file
// and must not be changed.
func (p *part) docs(field, term string) (*roaring.Bitmap, error) {
	d, err := p.dict(field)
	if err != nil || d == nil {
		return noDocs, err
	}
	list, err := d.PostingsList([]byte(term), p.gone, nil)
	if err != nil || list == nil {
		return noDocs, err
	}
	it, ok := list.Iterator(false, false, false, nil).(segment.OptimizablePostingsIterator)
	if !ok {
		return noDocs, nil
	}
	if docs := it.ActualBitmap(); docs != nil {
		return docs, nil
	}
	if n, ok := it.DocNum1Hit(); ok && n < p.seg.Count() {
		return roaring.BitmapOf(uint32(n)), nil
	}
	return noDocs, nil
}

// each walks over the terms of a field that an automaton takes, from one on,
// up to another.
func (p *part) each(field string, a segment.Automaton, from, to []byte, most int, fn func(term string) error) error {
	d, err := p.dict(field)
	if err != nil || d == nil {
		return err
	}
	var it segment.DictionaryIterator
	if quick, ok := d.(interface {
		AutomatonIteratorOmitCount(segment.Automaton, []byte, []byte) segment.DictionaryIterator
	}); ok {
		it = quick.AutomatonIteratorOmitCount(a, from, to)
	} else {
		it = d.AutomatonIterator(a, from, to)
	}
	for range most {
		entry, err := it.Next()
		if err != nil || entry == nil {
			return err
		}
		if bytes.Compare([]byte(entry.Term), to) >= 0 {
			return nil
		}
		if err := fn(entry.Term); err != nil {
			return err
		}
	}
	return nil
}

// either gives the documents that have any of the terms.
func (p *part) either(terms []leaf) (*roaring.Bitmap, error) {
	if len(terms) == 1 {
		return p.docs(terms[0].field, terms[0].term)
	}
	all := roaring.New()
	for _, l := range terms {
		docs, err := p.docs(l.field, l.term)
		if err != nil {
			return nil, err
		}
		all.Or(docs)
	}
	return all, nil
}

// have gives the documents that have a word in a way.
func (p *part) have(w way) (*roaring.Bitmap, error) {
	if w.near.term != "" {
		return p.nearly(w.near)
	}
	var docs *roaring.Bitmap
	for _, terms := range w.all {
		more, err := p.either(terms)
		if err != nil {
			return nil, err
		}
		if docs == nil {
			docs = more
		} else {
			docs = roaring.And(docs, more)
		}
		if docs.IsEmpty() {
			break
		}
	}
	return docs, nil
}

// nearly gives the documents that have a word which is one typo away, with the
// same first letter.
func (p *part) nearly(l leaf) (*roaring.Bitmap, error) {
	builder, err := oneTypo()
	if err != nil {
		return nil, err
	}
	automaton, err := builder.BuildDfa(l.term, 1)
	if err != nil {
		return nil, err
	}
	all := roaring.New()
	from, to := []byte{l.term[0]}, []byte{l.term[0] + 1}
	err = p.each(l.field, automaton, from, to, mostNear, func(term string) error {
		docs, err := p.docs(l.field, term)
		if err == nil {
			all.Or(docs)
		}
		return err
	})
	return all, err
}

// look finds the documents that have a unit in the ways of a stage.
func (p *part) look(unit int, ways []way) error {
	for _, w := range ways {
		docs, err := p.have(w)
		if err != nil {
			return err
		}
		if docs = roaring.And(docs, p.seen); !docs.IsEmpty() {
			p.found[unit] = append(p.found[unit], having{docs, w.weight})
		}
	}
	return nil
}

// union gives the documents that have a unit in any way.
func (p *part) union(unit int) *roaring.Bitmap {
	all := roaring.New()
	for _, h := range p.found[unit] {
		all.Or(h.docs)
	}
	return all
}

// see finds whom the asker may find at all.
func (p *part) see(q *Query) error {
	public, err := p.docs(inFacts, string(factPublic))
	if err != nil {
		return err
	}
	p.seen = public.Clone()
	if q.Viewer != 0 {
		own, err := p.docs(inFacts, ownerFact(factPrivate, q.Viewer))
		if err != nil {
			return err
		}
		p.seen.Or(own)
	}
	if err := p.follow(q.Followed); err != nil {
		return err
	}
	for _, owner := range q.Without {
		docs, err := p.docs(inFacts, ownerFact(factOwner, owner))
		if err != nil {
			return err
		}
		p.seen.AndNot(docs)
	}
	return nil
}

// followFew is how many owners are asked for one by one; of more, those are
// looked for who have something for followers at all.
const followFew = 100

// follow adds what is for the followers of some owners.
func (p *part) follow(owners []uint64) error {
	add := func(term string) error {
		docs, err := p.docs(inFacts, term)
		if err == nil {
			p.seen.Or(docs)
		}
		return err
	}
	if len(owners) <= followFew {
		for _, owner := range owners {
			if err := add(ownerFact(factFollow, owner)); err != nil {
				return err
			}
		}
		return nil
	}
	terms := make(map[string]bool, len(owners))
	for _, owner := range owners {
		terms[ownerFact(factFollow, owner)] = true
	}
	return p.each(inFacts, nil, []byte{factFollow}, []byte{factFollow + 1}, math.MaxInt, func(term string) error {
		if !terms[term] {
			return nil
		}
		return add(term)
	})
}

// filter leaves of the documents those that are asked for.
func (p *part) filter(docs *roaring.Bitmap, q *Query) (*roaring.Bitmap, error) {
	and := func(terms ...leaf) error {
		if docs.IsEmpty() {
			return nil
		}
		some, err := p.either(terms)
		if err == nil {
			docs = roaring.And(docs, some)
		}
		return err
	}
	if len(q.Kinds) > 0 {
		var kinds []leaf
		for _, k := range q.Kinds {
			kinds = append(kinds, leaf{inFacts, string([]byte{factKind, byte(k)})})
		}
		if err := and(kinds...); err != nil {
			return nil, err
		}
	}
	if q.Tag != "" {
		if err := and(leaf{inFacts, tagFact(q.Tag)}); err != nil {
			return nil, err
		}
	}
	if q.Downloadable {
		if err := and(leaf{inFacts, string(factDownload)}); err != nil {
			return nil, err
		}
	}
	within := func(s span, from, to int64) error {
		if docs.IsEmpty() {
			return nil
		}
		some, err := p.within(s, from, to)
		if err == nil {
			docs = roaring.And(docs, some)
		}
		return err
	}
	if q.Durations[0] > 0 || q.Durations[1] > 0 {
		from, to := ceil(q.Durations[0]), duration.top()
		if q.Durations[1] > 0 {
			to = ceil(q.Durations[1])
		}
		if err := within(duration, from, to); err != nil {
			return nil, err
		}
	}
	if !q.Created[0].IsZero() || !q.Created[1].IsZero() {
		from, to := int64(0), created.top()
		if !q.Created[0].IsZero() {
			from = minutes(q.Created[0])
		}
		if !q.Created[1].IsZero() {
			to = minutes(q.Created[1])
		}
		if err := within(created, from, to); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

func ceil(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// within gives the documents whose number lies in a range.
func (p *part) within(s span, from, to int64) (*roaring.Bitmap, error) {
	all := roaring.New()
	var err error
	s.cover(from, to, func(first, last string) {
		if err == nil {
			err = p.each(inFacts, nil, []byte(first), []byte(last), math.MaxInt, func(term string) error {
				docs, err := p.docs(inFacts, term)
				if err == nil {
					all.Or(docs)
				}
				return err
			})
		}
	})
	return all, err
}

// find answers a query from what a snapshot holds.
func find(ctx context.Context, s snapshot, q *Query) (Hits, error) {
	p := planOf(q.Text, q.Typing)
	most := min(max(q.Most, 0), maxMost)
	if len(p.units) == 0 {
		return Hits{}, ctx.Err()
	}
	parts := partsOf(s)
	var all uint64
	for _, part := range parts {
		if err := part.see(q); err != nil {
			return Hits{}, err
		}
		part.found = make([][]having, len(p.units))
		all += part.seen.GetCardinality()
	}
	rare := make([]float64, len(p.units))
	for u, unit := range p.units {
		n, err := lookAll(ctx, parts, u, unit)
		if err != nil || n == 0 {
			return Hits{}, err
		}
		rare[u] = 1 + math.Log(float64(all+1)/float64(n))/8
	}
	var hits Hits
	best := &best{most: most}
	for _, part := range parts {
		if err := ctx.Err(); err != nil {
			return Hits{}, err
		}
		if err := part.match(q); err != nil {
			return Hits{}, err
		}
		hits.Total += part.hits.GetCardinality()
		if most == 0 || part.hits.IsEmpty() {
			continue
		}
		if err := part.score(&p, rare, best); err != nil {
			return Hits{}, err
		}
	}
	hits.Items = best.sorted()
	return hits, nil
}

// lookAll finds the documents of a unit in all segments, stage by stage, and
// says how many they are.
func lookAll(ctx context.Context, parts []*part, u int, unit unit) (n uint64, err error) {
	for stage, ways := range unit {
		if len(ways) == 0 || stage == 1 && n >= few || stage == 2 && n > 0 {
			continue
		}
		n = 0
		for _, p := range parts {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			if err := p.look(u, ways); err != nil {
				return 0, err
			}
			n += p.union(u).GetCardinality()
		}
	}
	return n, nil
}

// match finds the documents that have every unit and pass the filters.
func (p *part) match(q *Query) error {
	p.hits = noDocs
	docs := p.seen
	for u := range p.found {
		docs = roaring.And(docs, p.union(u))
		if docs.IsEmpty() {
			return nil
		}
	}
	var err error
	p.hits, err = p.filter(docs, q)
	return err
}

// score gives every hit of a segment its score, and offers it to the best.
func (p *part) score(plan *plan, rare []float64, best *best) error {
	scores := make([]float32, p.hits.Maximum()+1)
	add := func(docs *roaring.Bitmap, score float64) {
		for it := docs.Iterator(); it.HasNext(); {
			scores[it.Next()] += float32(score)
		}
	}
	for u, ways := range p.found {
		slices.SortStableFunc(ways, func(a, b having) int { return cmp.Compare(b.weight, a.weight) })
		rest := p.hits
		for _, w := range ways {
			docs := roaring.And(rest, w.docs)
			add(docs, w.weight*rare[u])
			if rest = roaring.AndNot(rest, docs); rest.IsEmpty() {
				break
			}
		}
	}
	for _, b := range plan.bonuses {
		docs, err := p.docs(b.leaf.field, b.leaf.term)
		if err != nil {
			return err
		}
		if !docs.IsEmpty() {
			add(roaring.And(docs, p.hits), b.weight)
		}
	}
	for words := 1; words < longTitle; words++ {
		docs, err := p.docs(inFacts, string([]byte{factLength, byte(words)}))
		if err != nil {
			return err
		}
		add(roaring.And(docs, p.hits), bonusShort*float64(longTitle-words)/longTitle)
	}
	for it := p.hits.Iterator(); it.HasNext(); {
		doc := it.Next()
		if err := best.offer(p, doc, scores[doc]); err != nil {
			return err
		}
	}
	return nil
}

// best keeps the best hits: a heap with the worst of them on top.
type best struct {
	most int
	list []Hit
}

func better(a, b Hit) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.ID, a.ID), cmp.Compare(a.Kind, b.Kind))
}

func (b *best) Len() int           { return len(b.list) }
func (b *best) Less(i, j int) bool { return better(b.list[i], b.list[j]) > 0 }
func (b *best) Swap(i, j int)      { b.list[i], b.list[j] = b.list[j], b.list[i] }
func (b *best) Push(x any)         { b.list = append(b.list, x.(Hit)) }

func (b *best) Pop() any {
	last := b.list[len(b.list)-1]
	b.list = b.list[:len(b.list)-1]
	return last
}

// offer takes a document in, if it is good enough.
func (b *best) offer(p *part, doc uint32, score float32) error {
	hit := Hit{Score: float64(score)}
	full := len(b.list) == b.most
	if full && hit.Score < b.list[0].Score {
		return nil
	}
	key, err := p.seg.DocID(uint64(doc))
	if err != nil {
		return err
	}
	ref, ok := parseKey(key)
	if !ok {
		return ErrDamaged
	}
	hit.Ref = ref
	switch {
	case !full:
		heap.Push(b, hit)
	case better(hit, b.list[0]) < 0:
		b.list[0] = hit
		heap.Fix(b, 0)
	}
	return nil
}

func (b *best) sorted() []Hit {
	slices.SortFunc(b.list, better)
	return b.list
}

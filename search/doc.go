// Package search finds documents by what people type. It knows nothing of the
// house: it is given documents, and gives back which of them fit a query, best
// first.
//
// The index is derived data. What it holds can be made again from the database
// at any time, so it is never mended: a folder that is missing, damaged, of
// another version or of another database is left behind, an empty index takes
// its place, and Reason says why a Rebuild is needed.
//
// Underneath lies bleve's scorch, used for what it does best: segments of
// sorted terms, each with the set of documents that have it, written whole and
// merged in the background. Nothing else is stored: no text, no positions, no
// frequencies. Everything that a query can ask is a term (terms.go), a query
// becomes sets to be joined (plan.go), and the score of a document is the sum
// of the best way in which it has each word (find.go). All of that runs in the
// caller's goroutine, where a fault of a damaged file can be caught.
package search

// Package search is the room that indexes and queries documents. It holds
// nothing yet: db's outbox already records what an index has to follow, so
// that a first index can be built from nothing and kept up from there.
package search

package search

// Marks gives the parts of a text that the words of a query match, in bytes of
// the text, ascending and disjoint.
func Marks(text, query string) [][2]int { return nil }

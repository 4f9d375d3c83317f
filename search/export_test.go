package search

// SealSeq is what stands in the file that says how far an index has come.
var SealSeq = sealSeq

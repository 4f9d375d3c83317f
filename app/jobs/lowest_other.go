//go:build !linux

package jobs

// lowest does nothing: priorities are of whole processes here.
func lowest() error { return nil }

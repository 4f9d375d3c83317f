//go:build !linux

package jobs

// lowest does nothing: priorities are of whole processes here.
func lowest() error { return nil }

func lower(int) error { return nil }

func threadID() int { return 0 }

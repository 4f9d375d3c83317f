package jobs

import "runtime"

// Quietly does something that everything else on the machine goes before, where
// that can be had (Linux), and returns when it is done. A panic of it is passed
// on.
func Quietly(do func()) {
	done := make(chan any, 1)
	go func() {
		// The thread is never unlocked, so that it ends with the goroutine: its
		// priority can't be raised again.
		runtime.LockOSThread()
		defer func() { done <- recover() }()
		_ = lowest() // then it has the priority of everything
		do()
	}()
	if p := <-done; p != nil {
		panic(p)
	}
}

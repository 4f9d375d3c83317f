package jobs

import "syscall"

// lowest gives the thread that calls it the least priority there is (nice 19).
func lowest() error { return lower(syscall.Gettid()) }

// lower gives a thread the least priority there is.
func lower(thread int) error { return syscall.Setpriority(syscall.PRIO_PROCESS, thread, 19) }

// threadID is the thread's that calls it.
func threadID() int { return syscall.Gettid() }

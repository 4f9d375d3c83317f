package app

import (
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// How much of a machine's memory the program takes for itself, and the least
// that it can do with. The rest is for what the system keeps for it: pages of
// mapped files, which are given up when memory is short, and what waits in
// connections.
const (
	memoryShare = 2 // one of so many parts
	leastMemory = 48 << 20

	// smallMemory is up to where garbage is collected before it is as much as
	// what is in use.
	smallMemory  = 512 << 20
	smallPercent = 50
)

// LimitMemory tells the runtime how much memory the program may hold, in bytes:
// 0 finds it out from the machine and the control group, below 0 is no limit.
// What the environment says in GOMEMLIMIT and GOGC stays. It is for the whole
// program, and done once.
func LimitMemory(wanted int64, log *slog.Logger) {
	limit := wanted
	if wanted == 0 {
		has, from := memoryOf(os.DirFS("/"))
		if has == 0 {
			return
		}
		limit = max(has/memoryShare, leastMemory)
		log.Debug("memory is limited", "bytes", limit, "has", has, "from", from)
	}
	if os.Getenv("GOMEMLIMIT") == "" && limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	if os.Getenv("GOGC") == "" && debug.SetMemoryLimit(-1) <= smallMemory {
		debug.SetGCPercent(smallPercent)
	}
}

// pictureMemory is how many bytes the decoding of one picture may take: none
// that leaves the rest of the program too little.
func pictureMemory() int64 {
	limit := debug.SetMemoryLimit(-1) // which asks
	if limit == math.MaxInt64 {
		return 0
	}
	return max(limit*3/8, 16<<20)
}

// memoryOf finds how much memory this program has: the least of what the
// machine has and what the control groups allow that it is in (Linux, cgroups(7)
// and the documents of memory controllers v1 and v2). 0 when nothing says so.
func memoryOf(root fs.FS) (bytes int64, from string) {
	least := func(n int64, name string) {
		if n > 0 && (bytes == 0 || n < bytes) {
			bytes, from = n, name
		}
	}
	info, _ := fs.ReadFile(root, "proc/meminfo")
	for line := range strings.Lines(string(info)) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kB, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 53)
			least(kB<<10, "proc/meminfo")
		}
	}
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		var folders, files []string
		switch {
		case parts[0] == "0" && parts[1] == "":
			folders, files = []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"}, []string{"memory.max", "memory.high"}
		case strings.Contains(","+parts[1]+",", ",memory,"):
			folders, files = []string{"sys/fs/cgroup/memory"}, []string{"memory.limit_in_bytes"}
		}
		for _, folder := range folders {
			// A group is bound by those above it; in a container only the top is seen.
			for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
				for _, file := range files {
					name := path.Join(folder, group, file)
					text, err := fs.ReadFile(root, name)
					n, wrong := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is none
					if err == nil && wrong == nil {
						least(n, name)
					}
				}
				if group == "/" {
					break
				}
			}
		}
	}
	return bytes, from
}

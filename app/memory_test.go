package app

import (
	"testing"
	"testing/fstest"
)

func TestMemoryIsTheLeastThatIsAllowed(t *testing.T) {
	t.Parallel()
	const machine = "MemTotal:         505416 kB\nMemFree:          100 kB\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
		from  string
	}{
		{"a machine that says nothing", nil, 0, ""},
		{"the machine", map[string]string{"proc/meminfo": machine}, 505416 << 10, "proc/meminfo"},
		{"a group of v2", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "0::/system.slice/earshot.service\n",
			"sys/fs/cgroup/system.slice/earshot.service/memory.max": "268435456\n",
		}, 256 << 20, "sys/fs/cgroup/system.slice/earshot.service/memory.max"},
		{"the group above", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "100000000\n",
		}, 100_000_000, "sys/fs/cgroup/a/memory.max"},
		{"where it is slowed down", map[string]string{
			"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "200000000\n", "sys/fs/cgroup/a/memory.high": "150000000\n",
		}, 150_000_000, "sys/fs/cgroup/a/memory.high"},
		{"in a container", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "134217728",
		}, 128 << 20, "sys/fs/cgroup/memory.max"},
		{"in a container that sees the host's name of its group", map[string]string{
			"proc/self/cgroup": "0::/docker/0123\n", "sys/fs/cgroup/memory.max": "134217728",
		}, 128 << 20, "sys/fs/cgroup/memory.max"},
		{"a group of v1", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/x\n0::/x\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes": "67108864\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":   "9223372036854771712\n",
		}, 64 << 20, "sys/fs/cgroup/memory/x/memory.limit_in_bytes"},
		{"no limit", map[string]string{
			"proc/meminfo": machine, "proc/self/cgroup": "4:memory:/\n0::/\nodd\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n", "sys/fs/cgroup/memory.max": "max",
		}, 505416 << 10, "proc/meminfo"},
		{"rubbish", map[string]string{"proc/meminfo": "MemTotal: lots", "proc/self/cgroup": "0::../../..\n"}, 0, ""},
	} {
		root := fstest.MapFS{}
		for name, text := range c.files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got, from := memoryOf(root); got != c.want || from != c.from {
			t.Errorf("%s: got %d from %q, want %d from %q", c.name, got, from, c.want, c.from)
		}
	}
}

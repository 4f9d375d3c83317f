package app

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"

	"earshot/app/api"
	"earshot/app/copies"
)

// metrics tells the server who is shown the house's numbers; nil for nobody.
func (a *App) metrics(version string) *api.Metrics {
	c := a.cfg.Metrics
	if c.Show != "keeper" && c.Show != "open" {
		return nil
	}
	began := time.Now()
	return &api.Metrics{Open: c.Show == "open", Token: c.Token, More: func(context.Context) []api.Metric {
		return append(process(began, version), a.backupMetrics()...)
	}}
}

// process gives what the system knows of this program (proc(5)); on systems
// without it, little. The version is told by number alone.
func process(began time.Time, version string) []api.Metric {
	list := []api.Metric{
		api.One("process_start_time_seconds", "When the program started.", float64(began.UnixMilli())/1000),
		{Name: "earshot_info", Help: "The version of Earshot.", Samples: []api.Sample{{Labels: `version=` + strconv.Quote(plainVersion(version)), Value: 1}}},
	}
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		name, rest, _ := strings.Cut(line, ":")
		kB, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
		if err != nil {
			continue
		}
		switch name {
		case "VmRSS":
			list = append(list, api.One("process_resident_memory_bytes", "Memory that the program takes, with mapped files.", kB*1024))
		case "RssAnon":
			list = append(list, api.One("earshot_memory_own_bytes", "Memory that the program takes, without mapped files.", kB*1024))
		}
	}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		list = append(list, api.One("process_open_fds", "Files and connections that are open.", float64(len(open))))
	}
	stat, _ := os.ReadFile("/proc/self/stat")
	_, rest, _ := strings.Cut(string(stat), ") ") // behind the name
	if f := strings.Fields(rest); len(f) > 12 {
		user, err1 := strconv.ParseFloat(f[11], 64)
		system, err2 := strconv.ParseFloat(f[12], 64)
		if err1 == nil && err2 == nil {
			const ticks = 100 // of a second, as Linux tells all programs (time(7))
			list = append(list, api.Metric{Name: "process_cpu_seconds_total", Help: "Time of processors that the program took.", Counter: true,
				Samples: []api.Sample{{Value: (user + system) / ticks}}})
		}
	}
	return list
}

// plainVersion leaves of a version what needs no escaping.
func plainVersion(v string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f && r != '"' && r != '\\' {
			return r
		}
		return -1
	}, v)
}

// backupMetrics gives how many copies of the database there are, and when the
// newest was made.
func (a *App) backupMetrics() []api.Metric {
	list, err := backupsFolder(a.cfg.Data).List()
	if err != nil {
		return nil
	}
	all := []api.Metric{api.One("earshot_backups", "Copies of the database in the folder for them.", float64(len(list)))}
	if len(list) == 0 {
		return all
	}
	proved := 0.0
	if list[0].State == copies.Good {
		proved = 1
	}
	return append(all,
		api.One("earshot_backup_time_seconds", "When the newest copy of the database was made.", float64(list[0].Made.UnixMilli())/1000),
		api.One("earshot_backup_bytes", "Size of the newest copy.", float64(list[0].Size)),
		api.One("earshot_backup_proved", "Whether the newest copy was read through and found good.", proved))
}

package api

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// inMS reads a length of time in milliseconds; one below 0 stays below.
func inMS(ms *int64) *time.Duration {
	if ms == nil {
		return nil
	}
	d := time.Duration(*ms) * time.Millisecond
	return &d
}

func (s *Server) getSettings(ctx context.Context, _ *struct{}) (*wire.Settings, error) {
	v, err := s.core.Settings(ctx, from(ctx).asker.User)
	return &wire.Settings{
		BackupEveryMS: v.BackupEvery.Milliseconds(), BackupKeep: v.BackupKeep, ScanEveryMS: v.ScanEvery.Milliseconds(),
		Chosen: wire.Chosen{BackupEvery: v.Chosen.BackupEvery, BackupKeep: v.Chosen.BackupKeep, ScanEvery: v.Chosen.ScanEvery},
		Fixed:  wireAll(v.Fixed, func(f core.Fixed) wire.Fixed { return wire.Fixed{Key: f.Key, Value: f.Value} }),
	}, err
}

// jobKinds are the kinds that the document names.
var jobKinds = map[string]string{
	core.JobAnalyse: "analyse", core.JobAnalyseLong: "analyse-long", core.JobMeasure: "measure", core.JobRemeasure: "remeasure",
	core.JobAnnounce: "announce", core.JobLeave: "leave", core.JobImport: "import", db.JobSum: "sum", core.JobLate: "analyse-late", core.JobRemoveLibrary: "remove",
}

func jobKind(kind string) string {
	if known := jobKinds[kind]; known != "" {
		return known
	}
	return "other"
}

func wireJob(j core.JobView) wire.Job {
	return wire.Job{
		ID: j.ID.String(), Kind: jobKind(j.Kind), Title: j.Title, State: j.State, Share: j.Share,
		Attempts: j.Attempts, Error: j.Error, After: j.After, Created: j.Created,
	}
}

func (s *Server) getJobs(ctx context.Context, _ *struct{}) (*wire.Jobs, error) {
	q, err := s.core.Queue(ctx, from(ctx).asker.User)
	counts := map[string]int{}
	for kind, n := range q.Count {
		counts[jobKind(kind)] += n
	}
	w := &wire.Jobs{Items: wireAll(q.Jobs, wireJob), Waiting: []wire.JobCount{}}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		w.Waiting = append(w.Waiting, wire.JobCount{Kind: kind, Count: counts[kind]})
	}
	return w, err
}

func (s *Server) postJobRetry(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.RetryJob(ctx, from(ctx).asker.User, id)
}

func (s *Server) getStorage(ctx context.Context, _ *struct{}) (*wire.Storage, error) {
	v, err := s.core.Storage(ctx, from(ctx).asker.User)
	w := &wire.Storage{
		Free: v.Free, Total: v.Total, Database: v.Database, Unused: v.Unused, Index: v.Index, Backups: v.Backups,
		Originals: v.Originals, Libraries: v.Libraries, Derived: v.Derived, Uploading: v.Uploading, People: []wire.UserStorage{},
	}
	for _, u := range v.People {
		w.People = append(w.People, wire.UserStorage{User: wireUserRef(u), Bytes: u.Bytes, Tracks: u.Tracks - u.InPlace})
	}
	return w, err
}

var conditions = map[core.Condition]string{core.Well: "ok", core.Warns: "warn", core.Bad: "bad"}

func (s *Server) getHealth(ctx context.Context, _ *struct{}) (*wire.Health, error) {
	h, err := s.core.Health(ctx, from(ctx).asker.User)
	if err != nil {
		return nil, err
	}
	w := &wire.Health{
		Version: h.Version, Go: strings.TrimPrefix(runtime.Version(), "go"), System: runtime.GOOS + "/" + runtime.GOARCH,
		Started: h.Started, Now: h.Now, Memory: h.Memory, Limit: h.Limit, Files: h.Files,
		Listeners: int(s.playing.Load()), Tabs: h.Tabs, Users: h.Users, Tracks: h.Tracks, Schema: h.Schema,
		Addresses: append([]string{}, h.Addresses...),
		Checks: wireAll(h.Checks, func(c core.HealthCheck) wire.HealthCheck {
			return wire.HealthCheck{Name: c.Name, State: conditions[c.Condition], Code: c.Code, Message: c.Message, Number: c.Number}
		}),
	}
	if len(w.Addresses) > 0 {
		code, err := drawQR(w.Addresses[0])
		if err != nil {
			return nil, err
		}
		w.QR = &code
	}
	return w, nil
}

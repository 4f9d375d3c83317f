package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/copies"
	"earshot/app/core"
)

func (s *Server) getBackups(ctx context.Context, _ *struct{}) (*wire.Backups, error) {
	v, err := s.core.Backups(ctx, from(ctx).asker.User)
	return wireBackups(v), err
}

func (s *Server) postBackup(ctx context.Context, _ *struct{}) (*wire.Backups, error) {
	v, err := s.core.MakeBackup(ctx, from(ctx).asker.User)
	return wireBackups(v), err
}

type named struct {
	Name string `path:"name" maxLength:"64"`
}

func (s *Server) postBackupProof(ctx context.Context, in *named) (*wire.Backup, error) {
	k, err := s.core.ProveBackup(ctx, from(ctx).asker.User, in.Name)
	w := wireBackup(k)
	return &w, err
}

func (s *Server) getCheck(ctx context.Context, _ *struct{}) (*wire.Check, error) {
	v, err := s.core.CheckState(ctx, from(ctx).asker.User)
	return wireCheck(v), err
}

func (s *Server) postCheck(ctx context.Context, _ *struct{}) (*wire.Check, error) {
	v, err := s.core.StartCheck(ctx, from(ctx).asker.User)
	return wireCheck(v), err
}

func (s *Server) deleteCheck(ctx context.Context, _ *struct{}) (*none, error) {
	return nil, s.core.StopCheck(ctx, from(ctx).asker.User)
}

func wireBackups(v core.BackupsView) *wire.Backups {
	w := &wire.Backups{
		Items: []wire.Backup{}, Folder: v.Folder, EveryMS: v.Every.Milliseconds(), Keep: v.Keep,
		Running: v.Running, Problem: v.Problem, Kind: v.Kind, Database: v.Database,
	}
	if !v.Next.IsZero() {
		w.Next = v.Next.UTC()
	}
	for _, k := range v.Items {
		w.Items = append(w.Items, wireBackup(k))
	}
	return w
}

func wireBackup(k copies.Copy) wire.Backup {
	return wire.Backup{
		Name: k.Name, Made: k.Made.UTC(), Size: k.Size, Reason: k.Reason, Proof: k.State, Error: k.Error,
		Users: k.Users, Tracks: k.Tracks, Remarks: k.Comments, Records: k.Records, TookMS: k.Took.Milliseconds(),
	}
}

func wireCheck(v core.CheckView) *wire.Check {
	w := &wire.Check{State: string(v.State), Share: v.Share, Records: v.Records, Files: v.Files, Found: v.Found, More: v.More}
	if !v.Started.IsZero() {
		w.Started = v.Started.UTC()
	}
	if !v.Ended.IsZero() {
		w.Ended = v.Ended.UTC()
	}
	if w.Found == nil {
		w.Found = []string{}
	}
	return w
}

package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// Numbered is the part of a query that says how many days are meant.
type Numbered struct {
	Days int `query:"days" minimum:"1" maximum:"400" default:"30" doc:"How many days, with today."`
}

type trackNumbered struct {
	ByID
	Numbered
}

func (s *Server) getTrackNumbers(ctx context.Context, in *trackNumbered) (*wire.Numbers, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.TrackNumbers(ctx, from(ctx).asker.User, id, in.Days)
	return wireNumbers(v), err
}

func (s *Server) getMyNumbers(ctx context.Context, in *Numbered) (*wire.Numbers, error) {
	v, err := s.core.MyNumbers(ctx, from(ctx).asker.User, in.Days)
	return wireNumbers(v), err
}

func wireNumbers(v core.NumbersView) *wire.Numbers {
	w := &wire.Numbers{Days: make([]wire.DayNumbers, 0, len(v.Days)), Always: wireDay(v.Always)}
	var sum db.Numbers
	for _, d := range v.Days {
		sum.Add(d.Numbers)
		day := wireDay(d.Numbers)
		day.Day = d.Day.String()
		w.Days = append(w.Days, day)
	}
	w.Sum = wireDay(sum)
	if v.Heat != nil {
		w.Heat = &wire.Heat{Stops: v.Heat.Stops, Comments: v.Heat.Comments}
	}
	for _, t := range v.Top {
		w.Top = append(w.Top, wireTrack(t))
	}
	return w
}

func wireDay(n db.Numbers) wire.DayNumbers {
	return wire.DayNumbers{
		Plays: n.Plays, Listeners: n.Listeners, Likes: n.Likes, Reposts: n.Reposts, Comments: n.Comments, Downloads: n.Downloads,
	}
}

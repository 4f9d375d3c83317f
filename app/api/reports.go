package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

var (
	reportKinds   = map[db.Kind]string{db.KindUser: "user", db.KindTrack: "track", db.KindPlaylist: "playlist", db.KindComment: "comment"}
	reportReasons = map[db.Reason]string{
		db.ReasonOther: "other", db.ReasonSpam: "spam", db.ReasonAbuse: "abuse", db.ReasonCopyright: "copyright", db.ReasonSexual: "sexual",
	}
	reportStates = map[db.Answer]string{
		db.Unanswered: "open", db.Dismissed: "dismissed", db.Removed: "removed", db.Suspended: "suspended",
	}
	reportAnswers = map[string]core.ReportDo{"dismiss": core.ReportDismiss, "remove": core.ReportRemove, "suspend": core.ReportSuspend}
)

// keyOf reads a word of the document's enum.
func keyOf[K comparable](words map[K]string, word string) (key K) {
	for k, w := range words {
		if w == word {
			return k
		}
	}
	return key
}

func (s *Server) postReport(ctx context.Context, in *body[wire.NewReport]) (*none, error) {
	id, err := pathID(in.Body.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.Report(ctx, from(ctx).asker.User, core.NewReport{
		Thing:  db.Thing{Kind: keyOf(reportKinds, in.Body.Kind), ID: id},
		Reason: keyOf(reportReasons, in.Body.Reason),
		Text:   in.Body.Text,
	})
}

type reportsQuery struct {
	Paged
	State string `query:"state" enum:"open,answered" default:"open" doc:"Those that wait for an answer, or those that have one."`
}

func (s *Server) getReports(ctx context.Context, in *reportsQuery) (*wire.List[wire.Report], error) {
	p, err := s.core.Reports(ctx, from(ctx).asker.User, in.State == "answered", in.core())
	return wireList(p, wireReport), err
}

type reportAnswer struct {
	ByID
	Body wire.ReportAnswer
}

func (s *Server) postReportAnswer(ctx context.Context, in *reportAnswer) (*wire.Report, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.AnswerReport(ctx, from(ctx).asker.User, id, reportAnswers[in.Body.Do])
	w := wireReport(v)
	return &w, err
}

func wireReport(v core.ReportView) wire.Report {
	r := v.Report
	w := wire.Report{
		ID: r.ID.String(), Kind: reportKinds[r.Thing.Kind], Reason: reportReasons[r.Reason], Text: r.Text, About: r.About,
		Created: r.Created.UTC(), State: reportStates[r.Answer],
	}
	if r.Answer != db.Unanswered {
		w.Answered = r.Answered.UTC()
	}
	if v.By != nil {
		by := wireUserRef(*v.By)
		w.By = &by
	}
	if v.Owner != nil {
		owner := wireUser(*v.Owner)
		w.Owner = &owner
	}
	if v.Path != nil {
		w.URL = address(v.Path...)
	}
	if v.Path != nil && r.Thing.Kind == db.KindComment {
		w.URL += "?comment=" + r.Thing.ID.String()
	}
	return w
}

package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
)

func wireState(st core.State) *wire.State {
	w := &wire.State{Notifications: st.Notifications, Follows: st.Follows, Messages: st.Messages, Reports: st.Reports, Troubles: st.Troubles}
	if st.Follower != nil {
		u := wireUser(*st.Follower)
		w.Follower = &u
	}
	if st.Sender != nil {
		u := wireUserRef(*st.Sender)
		w.Sender = &u
	}
	return w
}

func (s *Server) getState(ctx context.Context, _ *struct{}) (*wire.State, error) {
	st, err := s.core.State(ctx, from(ctx).asker.User)
	return wireState(st), err
}

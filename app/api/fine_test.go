package api

import (
	"context"
	"testing"
)

// TestFineWaveformsTakeTurns: whoever comes while there is no room waits, until
// there is or they go.
func TestFineWaveformsTakeTurns(t *testing.T) {
	t.Parallel()
	s := &Server{fine: make(chan struct{}, 1)}
	done, err := s.takeFine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.takeFine(gone); err == nil {
		t.Error("two are in memory where there is room for one")
	}
	done()
	done() // once more makes no more room
	if done, err = s.takeFine(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.takeFine(gone); err == nil {
		t.Error("room was made twice")
	}
	done()
}

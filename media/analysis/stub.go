package analysis

import "time"

type stubTempo struct{}

func (stubTempo) Add([]float32)              {}
func (stubTempo) Result() (float64, float64) { return 0, 0 }

type stubEnds struct{}

func (stubEnds) Add([]float32) {}
func (stubEnds) Result() (a, b time.Duration) { return 0, 0 }

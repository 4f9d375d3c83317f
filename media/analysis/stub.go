package analysis

import "earshot/media/layer3"

type stubTempo struct{}

func (stubTempo) Add([]float32)              {}
func (stubTempo) Result() (float64, float64) { return 0, 0 }

type stubBeat struct{}

func newBeat(int) stubBeat                  { return stubBeat{} }
func (stubBeat) add(*layer3.Energy)         {}
func (stubBeat) Result() (float64, float64) { return 0, 0 }

package wire

import "time"

// PlayQueue is what the asker was listening to last, on any device. Tracks that are
// gone or hidden are left out; total 0 says that there is nothing.
type PlayQueue struct {
	Tracks     []Track   `json:"tracks" nullable:"false"`
	From       int       `json:"from" doc:"Place of the first of these tracks in the queue."`
	Current    int       `json:"current" doc:"Place of the current track in the queue."`
	Total      int       `json:"total" doc:"Tracks in the queue."`
	PositionMS int64     `json:"position_ms" doc:"In the current track."`
	Device     string    `json:"device" doc:"What stored it, such as Firefox on Linux."`
	Changed    time.Time `json:"changed,omitzero" doc:"When it was stored."`
}

// NewPlayQueue is what the asker is listening to.
type NewPlayQueue struct {
	Tracks     []string   `json:"tracks" minItems:"1" maxItems:"1000" nullable:"false" doc:"Ids of tracks, as they are played."`
	Current    int        `json:"current" minimum:"0" doc:"Which of them is the current one, from 0."`
	PositionMS int64      `json:"position_ms" minimum:"0" doc:"In the current track."`
	Over       *time.Time `json:"over,omitempty" maxLength:"40" doc:"The changed of the stored queue that this one is to replace: if another device stored one since, that one stays."`
}

// PlayQueueStored says whether a queue was stored.
type PlayQueueStored struct {
	Stored  bool      `json:"stored"`
	Changed time.Time `json:"changed" doc:"Of the queue that is stored now."`
}

package wire

// TracksPatch changes many own tracks, each by itself.
type TracksPatch struct {
	IDs     []string           `json:"ids" minItems:"1" maxItems:"500" nullable:"false"`
	Titles  []string           `json:"titles,omitempty" maxItems:"500" doc:"A title for each of the ids, in their order; absent for those that they have."`
	Changes TracksPatchChanges `json:"changes" doc:"What they have in common. Absent fields stay."`
}

// TracksPatchChanges is what many tracks get. Absent fields stay.
type TracksPatchChanges struct {
	Artist       *string  `json:"artist,omitempty" maxLength:"200"`
	Album        *string  `json:"album,omitempty" maxLength:"200"`
	Year         *int     `json:"year,omitempty" minimum:"0" maximum:"9999"`
	AddTags      []string `json:"add_tags,omitempty" maxItems:"30" doc:"Tags to carry besides those that each has."`
	DropTags     []string `json:"drop_tags,omitempty" maxItems:"100" doc:"Tags to carry no more, however they are written."`
	Visibility   *string  `json:"visibility,omitempty" enum:"private,link,followers,public"`
	Downloadable *bool    `json:"downloadable,omitempty"`
	Comments     *bool    `json:"comments,omitempty" doc:"Whether others may comment."`

	Release ReleasePatch `json:"release,omitempty,omitzero" null:"true" doc:"When they are to be published by themselves, while private or by link; null cancels that."`
}

// TracksPatched tells what became of a change of many tracks.
type TracksPatched struct {
	Items  []Track       `json:"items" nullable:"false" doc:"Those that have it now."`
	Failed []TrackFailed `json:"failed" nullable:"false" doc:"Those that stayed as they were."`
}

// TrackFailed is a track that was not changed, and why.
type TrackFailed struct {
	ID    string      `json:"id"`
	Error ErrorDetail `json:"error"`
}

package wire

// Found is one page of what a search found, tracks, people, playlists and tags
// together, the best first.
type Found struct {
	Items    []Hit     `json:"items" nullable:"false"`
	Next     string    `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one."`
	Counts   HitCounts `json:"counts"`
	Facets   *Facets   `json:"facets,omitempty" doc:"Of the tracks that were found; on the first page only."`
	Building *float64  `json:"building,omitempty" doc:"Present while the index is being made anew from nothing: its share, 0 to 1. Until then some things are not found."`
}

// Hit is one thing that was found. One of its things is present.
type Hit struct {
	Kind     string    `json:"kind" enum:"track,user,playlist,tag"`
	Track    *Track    `json:"track,omitempty"`
	User     *User     `json:"user,omitempty"`
	Playlist *Playlist `json:"playlist,omitempty"`
	Tag      *Tag      `json:"tag,omitempty"`
	Marks    [][2]int  `json:"marks" nullable:"false" doc:"What the words of the query match in the title or name: begin and end of each part, in UTF-16 code units."`
}

// HitCounts says how much of each kind was found, as the asker may see it and
// before the filter of kinds.
type HitCounts struct {
	Tracks    int  `json:"tracks"`
	People    int  `json:"people"`
	Playlists int  `json:"playlists"`
	Tags      int  `json:"tags"`
	More      bool `json:"more,omitempty" doc:"There is more than was counted."`
}

// Facets says how the tracks that were found spread.
type Facets struct {
	Tags         []Facet `json:"tags" nullable:"false" doc:"The most frequent ones, by name."`
	Durations    []Facet `json:"durations" nullable:"false" doc:"By name: short (under 2 minutes), medium (under 10), long (under 30), very_long."`
	Dates        []Facet `json:"dates" nullable:"false" doc:"By name: week, month, year (the last 7, 30 and 365 days), older. What is of this week is of this month and this year too."`
	Downloadable int     `json:"downloadable"`
}

// Facet is one value with how many tracks have it.
type Facet struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

// Tag is a word that public tracks carry.
type Tag struct {
	Name   string `json:"name"`
	URL    string `json:"url" format:"uri-reference" doc:"Address of its page."`
	Tracks uint64 `json:"tracks" doc:"How many public tracks carry it, for the asker."`
}

// TagPage is a tag with what lies near it.
type TagPage struct {
	Tag
	Related []Tag `json:"related" nullable:"false" doc:"Tags that its tracks carry beside it, the most frequent first."`
}

// Home is what there is to discover.
type Home struct {
	Tags    []TagShelf       `json:"tags" nullable:"false" doc:"Popular tags, each with its newest tracks."`
	Week    []Track          `json:"week" nullable:"false" doc:"The top of this week's chart."`
	Always  []Track          `json:"always" nullable:"false" doc:"The top of the chart of all time."`
	Newest  []Track          `json:"newest" nullable:"false" doc:"The newest public tracks."`
	People  []User           `json:"people" nullable:"false" doc:"People who are new here and have published."`
	Follow  []Recommendation `json:"follow" nullable:"false" doc:"People whom the asker may want to follow; none for visitors."`
	Because []Because        `json:"because" nullable:"false" doc:"What is like tracks that the asker likes; none for visitors."`
}

// TagShelf is a tag with its newest tracks.
type TagShelf struct {
	Tag    Tag     `json:"tag"`
	Tracks []Track `json:"tracks" nullable:"false"`
}

// Because is a track that the asker likes, with what is like it.
type Because struct {
	Track  Track     `json:"track"`
	Tracks []Similar `json:"tracks" nullable:"false"`
}

// Similar is a track that is like another, and why.
type Similar struct {
	Track    Track     `json:"track"`
	Reason   string    `json:"reason" enum:"likers,playlist,tags,owner" doc:"likers: liked by the same people; playlist: both are in it; tags: both carry them; owner: by the same person."`
	Tags     []string  `json:"tags,omitempty" doc:"With tags: those that both carry."`
	Playlist *Playlist `json:"playlist,omitempty" doc:"With playlist: one that both are in."`
	N        int       `json:"n,omitempty" doc:"With likers: how many people like both, of those that were asked. With playlist: how many hold both."`
}

// Stop tells where listening to a track ended.
type Stop struct {
	PositionMS int64 `json:"position_ms" minimum:"0" doc:"Where in the track; its length when it was heard to its end."`
	ListenedMS int64 `json:"listened_ms" minimum:"0" doc:"How much was heard, in all; what is too short does not count."`
}

// Numbers are what is counted of a track, or of all tracks of somebody.
type Numbers struct {
	Days   []DayNumbers `json:"days" nullable:"false" doc:"One entry a day, the oldest first, without gaps."`
	Sum    DayNumbers   `json:"sum" doc:"Of these days."`
	Always DayNumbers   `json:"always" doc:"Of all time; listeners since they are counted by the day."`
	Heat   *Heat        `json:"heat,omitempty" doc:"Of a track."`
	Top    []Track      `json:"top,omitempty" doc:"Of somebody's tracks: those with the most points in these days."`
}

// DayNumbers are the numbers of one day.
type DayNumbers struct {
	Day       string `json:"day,omitempty" doc:"YYYY-MM-DD, as the server's clock has it; absent for sums."`
	Plays     uint64 `json:"plays"`
	Listeners uint64 `json:"listeners" doc:"Different people on that day; in sums, each once a day."`
	Likes     uint64 `json:"likes"`
	Reposts   uint64 `json:"reposts"`
	Comments  uint64 `json:"comments"`
	Downloads uint64 `json:"downloads"`
}

// Heat says where in a track listening ends and comments are, in a hundred
// columns of the same length.
type Heat struct {
	Stops    []uint64 `json:"stops" nullable:"false"`
	Comments []uint64 `json:"comments" nullable:"false"`
}

// Index is how the search index stands.
type Index struct {
	Documents uint64  `json:"documents" doc:"How many things can be found."`
	Waiting   int     `json:"waiting" doc:"Changes that are not in it yet, at most 1,000."`
	Building  bool    `json:"building" doc:"It is being made anew."`
	Progress  float64 `json:"progress,omitempty" doc:"Share of that, 0 to 1."`
	Reason    string  `json:"reason,omitempty" enum:"missing,damaged,version,asked" doc:"Why it is, or was last, made anew."`
	Bytes     int64   `json:"bytes" doc:"Its size on the disk."`
	Error     string  `json:"error,omitempty" doc:"What keeps it from being made or followed."`
}

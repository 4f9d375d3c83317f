package wire

import "time"

// Folder is a folder of the machine in which music may lie.
type Folder struct {
	Path    string   `json:"path" doc:"Absolute; empty for the list of those that the settings name."`
	Parent  *string  `json:"parent" null:"true" doc:"Null where nothing is above; empty where the list of those that the settings name is."`
	Folders []string `json:"folders" doc:"Names of the folders in it, or the paths that the settings name; at most 1,000."`
	Audio   int      `json:"audio" doc:"Files in it that may be audio, by their names; not counted below it."`
	More    bool     `json:"more,omitempty" doc:"There are more folders."`
}

// Library is a folder of the machine whose files are tracks.
type Library struct {
	ID         string    `json:"id"`
	Path       string    `json:"path"`
	User       UserRef   `json:"user" doc:"Whose tracks its files become."`
	Visibility string    `json:"visibility" enum:"private,link,followers,public"`
	Albums     bool      `json:"albums" doc:"The files of an album become an album here."`
	Copy       bool      `json:"copy" doc:"Files are copied into the house; else they are read where they are, and never written to."`
	Watch      bool      `json:"watch" doc:"What changes in it is noticed."`
	Away       bool      `json:"away" doc:"The folder was not there, or empty, when it was looked at last; its tracks wait for it."`
	Files      uint64    `json:"files" doc:"Files that are tracks."`
	Refused    uint64    `json:"refused" doc:"Files that could not be taken."`
	Scanned    time.Time `json:"scanned,omitzero" doc:"When it was read to its end last."`
	Import     *Import   `json:"import,omitempty" doc:"The reading that runs or waits, or the last one."`
}

// NewLibrary makes a folder a library, and reads it.
type NewLibrary struct {
	Path       string `json:"path" maxLength:"4096"`
	UserID     string `json:"user_id,omitempty" maxLength:"40" doc:"Whose tracks its files become; the asker's when absent."`
	Visibility string `json:"visibility,omitempty" enum:"private,link,followers,public" default:"public"`
	Albums     bool   `json:"albums,omitempty"`
	Copy       bool   `json:"copy,omitempty"`
	Watch      bool   `json:"watch,omitempty"`
}

// LibraryPatch changes a library; absent fields stay. Tracks that are there
// keep their visibility.
type LibraryPatch struct {
	Visibility *string `json:"visibility,omitempty" enum:"private,link,followers,public"`
	Albums     *bool   `json:"albums,omitempty"`
	Watch      *bool   `json:"watch,omitempty"`
}

// Import is one reading of a library or of a list of tracks.
type Import struct {
	ID         string    `json:"id"`
	LibraryID  string    `json:"library_id,omitempty"`
	Path       string    `json:"path"`
	State      string    `json:"state" enum:"waiting,running,done,stopped,failed"`
	Created    time.Time `json:"created"`
	Started    time.Time `json:"started,omitzero"`
	Ended      time.Time `json:"ended,omitzero"`
	Found      uint64    `json:"found" doc:"Files or rows to be looked at; grows while folders are read."`
	Seen       uint64    `json:"seen" doc:"Of these, looked at so far."`
	Bytes      uint64    `json:"bytes" doc:"Read of what was taken."`
	Rate       float64   `json:"rate" doc:"Files a second, of the last while; 0 when it does not run."`
	LeftMS     int64     `json:"left_ms" doc:"About how long it will still take; 0 when not known."`
	Added      uint64    `json:"added"`
	Changed    uint64    `json:"changed"`
	Same       uint64    `json:"same"`
	Moved      uint64    `json:"moved"`
	Duplicates uint64    `json:"duplicates"`
	Refused    uint64    `json:"refused"`
	Missing    uint64    `json:"missing"`
	Comments   uint64    `json:"comments"`
	Error      string    `json:"error,omitempty" doc:"Why it failed."`
}

// Problem is something that an import did not take, and why.
type Problem struct {
	Path    string `json:"path"`
	Line    uint64 `json:"line,omitempty" doc:"Of the list, from 1."`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// NewImport takes a list of tracks in, a CSV, whose text is in the body.
type NewImport struct {
	Folder     string `json:"folder" maxLength:"4096" doc:"Where the list's files are looked for."`
	Name       string `json:"name,omitempty" maxLength:"255" doc:"What the list is called."`
	UserID     string `json:"user_id,omitempty" maxLength:"40" doc:"Whose tracks they become where the list names nobody; the asker's when absent."`
	Visibility string `json:"visibility,omitempty" enum:"private,link,followers,public" default:"public"`
	Albums     bool   `json:"albums,omitempty"`
	CSV        string `json:"csv" maxLength:"7000000" contentEncoding:"base64" doc:"The list's bytes, in whatever encoding it is."`
}

// PartialUpload is a file that comes in pieces (tus 1.0), as far as it came.
type PartialUpload struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Size    int64        `json:"size" doc:"Bytes when it is whole."`
	Offset  int64        `json:"offset" doc:"Bytes that are there."`
	SHA256  string       `json:"sha256,omitempty" doc:"Of these, in hex; absent while more of them come."`
	URL     string       `json:"url" format:"uri-reference" doc:"Where the rest is sent."`
	Created time.Time    `json:"created"`
	Expires time.Time    `json:"expires" doc:"When what came is dropped, unless more of it comes."`
	Ended   bool         `json:"ended" doc:"Nothing more is waited for."`
	Track   *Track       `json:"track,omitempty" doc:"What it became, while that is there."`
	Error   *ErrorDetail `json:"error,omitempty" doc:"Why it became none."`
}

// Known asks which of a few files the asker has uploaded before.
type Known struct {
	SHA256 []string `json:"sha256" maxItems:"100" doc:"Of each file's bytes, in hex."`
}

// KnownTracks tells which of the files are tracks of the asker's.
type KnownTracks struct {
	Items []KnownTrack `json:"items" doc:"Those that are; what is not there is not here."`
}

// KnownTrack is a file that is a track of the asker's.
type KnownTrack struct {
	SHA256 string `json:"sha256"`
	Track  Track  `json:"track"`
}

// Backup is a copy of the database, and the proof that it is good.
type Backup struct {
	Name    string    `json:"name"`
	Made    time.Time `json:"made"`
	Size    int64     `json:"size" doc:"Bytes."`
	Reason  string    `json:"reason" enum:"schedule,asked,command,migration,unknown"`
	Proof   string    `json:"proof" enum:"good,bad,none" doc:"Whether it was opened, walked, counted and read; none: nobody has tried yet."`
	Error   string    `json:"error,omitempty" doc:"What is wrong with it."`
	Users   uint64    `json:"users"`
	Tracks  uint64    `json:"tracks"`
	Remarks uint64    `json:"comments" doc:"Comments and replies."`
	Records uint64    `json:"records" doc:"All values, indexes too; each was read and held against its checksum."`
	TookMS  int64     `json:"took_ms" doc:"For writing and proving it."`
}

// Backups are the copies there are, and how they are made.
type Backups struct {
	Items    []Backup  `json:"items" doc:"The newest first."`
	Folder   string    `json:"folder" doc:"Where they are."`
	EveryMS  int64     `json:"every_ms" doc:"Between two; 0: none are made by themselves."`
	Keep     int       `json:"keep"`
	Next     time.Time `json:"next,omitzero"`
	Running  bool      `json:"running" doc:"One is being made."`
	Problem  string    `json:"problem,omitempty" doc:"Why the last could not be made."`
	Kind     string    `json:"problem_kind,omitempty" enum:"full,readonly,damaged,other" doc:"The same in a word."`
	Database int64     `json:"database" doc:"Bytes of the database now."`
}

// Check is what a look at everything found.
type Check struct {
	State   string    `json:"state" enum:"never,running,done,stopped"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	Share   float64   `json:"share" doc:"How far it is, 0 to 1."`
	Records uint64    `json:"records"`
	Files   uint64    `json:"files" doc:"Of media."`
	Found   []string  `json:"found" doc:"What is wrong, a sentence each; empty when all is well. At most 100."`
	More    int       `json:"more" doc:"How many are not listed."`
}

// Job is work in the queue.
type Job struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind" enum:"analyse,analyse-long,analyse-late,measure,remeasure,announce,leave,import,remove,sum,other"`
	Title    string    `json:"title,omitempty" doc:"Of the track that it is about, where there is one."`
	State    string    `json:"state" enum:"running,waiting,failing"`
	Share    float64   `json:"share" doc:"How far it is, 0 to 1; 0 when not known."`
	Attempts int       `json:"attempts"`
	Error    string    `json:"error,omitempty" doc:"Of the last attempt."`
	After    time.Time `json:"after,omitzero" doc:"Not before."`
	Created  time.Time `json:"created"`
}

// Jobs is the queue: what runs first, then what fails, then the oldest.
type Jobs struct {
	Items   []Job      `json:"items" doc:"At most 100."`
	Waiting []JobCount `json:"waiting" doc:"How many there are of each kind; of a queue of more than 10,000 the oldest are counted."`
}

// JobCount is how many jobs of a kind are in the queue.
type JobCount struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// Storage is what the house takes of its disk.
type Storage struct {
	Free      int64         `json:"free" doc:"Bytes of the disk that are left; -1 when not known."`
	Total     int64         `json:"total" doc:"Bytes of the disk; -1 when not known."`
	Database  int64         `json:"database"`
	Unused    int64         `json:"unused" doc:"Bytes within the database that are free for what comes."`
	Index     int64         `json:"index"`
	Backups   int64         `json:"backups"`
	Originals int64         `json:"originals" doc:"Audio in the house."`
	Libraries int64         `json:"libraries" doc:"Audio that is read where it is, elsewhere."`
	Derived   int64         `json:"derived" doc:"Waveforms, indexes and pictures; -1 while it is being counted."`
	Uploading int64         `json:"uploading" doc:"What came of files that are not whole yet."`
	People    []UserStorage `json:"people" doc:"Who keeps most, at most 20."`
}

// UserStorage is what somebody keeps.
type UserStorage struct {
	User   UserRef `json:"user"`
	Bytes  uint64  `json:"bytes"`
	Tracks uint64  `json:"tracks"`
}

// Health is how the house is.
type Health struct {
	Version   string        `json:"version"`
	Go        string        `json:"go"`
	System    string        `json:"system" doc:"Operating system and processor, such as linux/arm64."`
	Started   time.Time     `json:"started"`
	Now       time.Time     `json:"now" doc:"The server's clock."`
	Memory    int64         `json:"memory" doc:"Bytes that the program has of its own."`
	Limit     int64         `json:"limit" doc:"Bytes within which it tries to stay; 0: none."`
	Files     int           `json:"files" doc:"Open files; -1 when not known."`
	Listeners int           `json:"listeners" doc:"Streams of sound under way."`
	Tabs      int           `json:"tabs" doc:"Open event streams."`
	Users     uint64        `json:"users"`
	Tracks    uint64        `json:"tracks"`
	Schema    int           `json:"schema" doc:"Of the database."`
	Addresses []string      `json:"addresses" doc:"Where phones reach the house, the best first."`
	QR        *QR           `json:"qr,omitempty" doc:"The first of them."`
	Checks    []HealthCheck `json:"checks"`
}

// HealthCheck is one thing that is looked at.
type HealthCheck struct {
	Name    string `json:"name" enum:"database,disk,index,media,libraries,backups,clock,jobs,memory,check"`
	State   string `json:"state" enum:"ok,warn,bad"`
	Code    string `json:"code" doc:"What it is, for a text in the reader's language."`
	Message string `json:"message" doc:"The same as a sentence."`
	Number  int64  `json:"number,omitempty" doc:"What the sentence counts."`
}

// Settings are what the keeper may change while the house is open, as it counts,
// and what is read from the file of settings at the start.
type Settings struct {
	BackupEveryMS int64   `json:"backup_every_ms" doc:"0: no backups are made by themselves."`
	BackupKeep    int     `json:"backup_keep"`
	ScanEveryMS   int64   `json:"scan_every_ms" doc:"0: libraries are not looked at by themselves."`
	Chosen        Chosen  `json:"chosen"`
	Fixed         []Fixed `json:"fixed" doc:"What counts since the start. Secrets are left out."`
}

// Chosen says which settings the keeper chose here; the others are as the file of
// settings says.
type Chosen struct {
	BackupEvery bool `json:"backup_every"`
	BackupKeep  bool `json:"backup_keep"`
	ScanEvery   bool `json:"scan_every"`
}

// Fixed is a setting that needs a restart.
type Fixed struct {
	Key   string `json:"key" doc:"As config.toml has it."`
	Value string `json:"value"`
}

// The shapes of the API. Made from app/api/wire by: go test ./app/api/wire -update

/** Error is the body of every answer that is not a success. */
export interface Error {
	error: ErrorDetail;
}

/** ErrorDetail says what went wrong. */
export interface ErrorDetail {
	/** Stable key of the failure, which clients translate. */
	code: string;
	/** The input that is wrong, if one is. */
	field?: string;
	/** One English sentence for people. */
	message: string;
	/** What the sentence names, where that is a proper name: the format of a file that is not taken. */
	about?: string;
	/** Id under which the server's log has more; with 500, 503 and 507. */
	request?: string;
	/** What to come again with, once the thing is done that the sentence asks for. */
	ticket?: string;
}

/** List is one page of a list. */
export interface List<T> {
	items: T[];
	/** Cursor of the next page; absent on the last one. */
	next?: string;
}

/** Picture names the sizes of an image, each a JPEG. */
export interface Picture {
	/** Address of the 100 pixel square. */
	small: string;
	/** Address of the 300 pixel square. */
	medium: string;
	/** Address of the 600 pixel square. */
	large: string;
}

/** Banner names the widths of the wide picture of a profile, each a JPEG three times as wide as high. */
export interface Banner {
	/** Address of the one that is 750 pixels wide. */
	narrow: string;
	/** Address of the one that is 1500 pixels wide. */
	wide: string;
}

/** House is what anybody may know of this Earshot. */
export interface House {
	name: string;
	/** Who may make an account; invited: with an invite. */
	sign_up: 'closed' | 'open' | 'invited';
	/** Whether people who are not signed in may look and listen. */
	visitors: boolean;
	/** True until the keeper's account is made. */
	setup: boolean;
	/** Who forgot the password gets a link by mail. */
	mails: boolean;
	limits: Limits;
	/** The house has an authority of its own, which devices are told to trust at /trust. */
	trust?: boolean;
	/** Who else lets people in; empty where nobody does. */
	providers: Provider[];
}

/** Limits are the sizes the server accepts. */
export interface Limits {
	upload_bytes: number;
	picture_bytes: number;
	/** How many bytes of originals each member may keep, unless the keeper says otherwise; absent: any amount. */
	quota_bytes?: number;
	/** Likewise, of tracks. */
	quota_tracks?: number;
}

/** HousePatch changes what the keeper decides. Absent fields stay. */
export interface HousePatch {
	name?: string;
	sign_up?: 'closed' | 'open' | 'invited';
	visitors?: boolean;
	/** 0 for any amount. */
	quota_bytes?: number;
	/** 0 for any number. */
	quota_tracks?: number;
	/** Between two backups; 0 as config.toml says, -1 for none. */
	backup_every_ms?: number;
	/** How many are kept; 0 as config.toml says. */
	backup_keep?: number;
	/** Between two looks at all libraries; 0 as config.toml says, -1 for none. */
	scan_every_ms?: number;
}

/** UserRef is a user as others are shown beside their things. */
export interface UserRef {
	id: string;
	username: string;
	name: string;
	/** Address of the person's page. */
	url: string;
	picture?: Picture;
}

/** User is a person's public page. */
export interface User extends UserRef {
	/** Striking colour of the picture, #rrggbb; absent for pictures that are older than it. */
	colour?: string;
	banner?: Banner;
	/** The track that the page shows first, where the asker may see it; on the page of the person and the own account alone. */
	pinned?: Track;
	bio: string;
	keeper: boolean;
	/** How many public tracks there are; all of them on the own account. */
	tracks: number;
	followers: number;
	following: number;
	created: string;
	relation: Relation;
	/** The keeper has suspended the account; only the keeper sees such people. */
	suspended?: boolean;
	/** A code is asked for at sign-in; in the keeper's list alone. */
	two_factor?: boolean;
	/** In lists of followers, likers and so on: when it happened. */
	since: string;
}

/** Relation is how the asker and a person stand to each other. */
export interface Relation {
	/** It is the asker. */
	me?: boolean;
	/** The asker follows the person. */
	following?: boolean;
	/** The person follows the asker. Mutual when both. */
	follows_me?: boolean;
	/** The asker blocks the person. */
	blocked?: boolean;
}

/** Me is the signed-in user's own account. */
export interface Me extends User {
	email: string;
	/** Whether there is one; who came by a provider may have none. */
	password: boolean;
	/** Years; private; absent when not said. */
	age?: number;
	/** Private; absent when not said. */
	gender?: string;
	/** Size of the uploaded originals. */
	used_bytes: number;
	quota: Quota;
	notify: Notify;
	/** True when the proxy in front of the house signs the asker in: then it signs out, too. */
	proxy?: boolean;
}

/** Notify says which kinds of notifications are wanted. */
export interface Notify {
	follow: boolean;
	comment: boolean;
	reply: boolean;
	like: boolean;
	repost: boolean;
	mention: boolean;
	new_track: boolean;
	/** Whether unread messages are counted at the bell's side and announced at once. */
	message: boolean;
}

/** NotifyPatch changes which kinds of notifications are wanted. Absent fields stay. */
export interface NotifyPatch {
	follow?: boolean;
	comment?: boolean;
	reply?: boolean;
	like?: boolean;
	repost?: boolean;
	mention?: boolean;
	new_track?: boolean;
	message?: boolean;
}

/** AccountDeletion confirms that the own account shall go. */
export interface AccountDeletion {
	password: string;
}

/** MePatch changes the own account. Absent fields stay. */
export interface MePatch {
	name?: string;
	username?: string;
	bio?: string;
	/** 0 forgets it. */
	age?: number;
	/** Empty forgets it. */
	gender?: string;
	/** Id of the own track that the profile shows first; empty for none. */
	pinned?: string;
	notify?: NotifyPatch;
}

/** PasswordChange sets a new password; every other session ends. */
export interface PasswordChange {
	current: string;
	new: string;
}

/** Setup makes the keeper's account. */
export interface Setup {
	/** From the one-time link that the server printed. */
	token: string;
	email: string;
	password: string;
	name: string;
	/** Name of the house. */
	house?: string;
	sign_up?: 'closed' | 'open' | 'invited';
	visitors?: boolean;
}

/** SignUp makes an account. */
export interface SignUp {
	email: string;
	/** At least 8 characters. */
	password: string;
	/** As shown; made from the address when absent. */
	name?: string;
	age?: number;
	gender?: string;
	/** Code of the invite that the account comes by. */
	invite?: string;
}

/** SignIn opens a session. */
export interface SignIn {
	email: string;
	password: string;
}

/** SignedIn answers a sign-in. The same token is set as a cookie. Where the account has a second factor there is a ticket and nothing else: it is sent to POST /api/auth/factor with a code. */
export interface SignedIn {
	/** For Authorization: Bearer. */
	token?: string;
	/** When it ends unless it is used before. */
	expires: string;
	me: Me;
	/** A second factor is asked for; good for five minutes and five codes. */
	ticket?: string;
}

/** Session is one sign-in on one device. */
export interface Session {
	id: string;
	/** What the browser or program called itself. */
	device: string;
	created: string;
	/** Last use, to the nearest few minutes. */
	seen: string;
	/** When it ends unless it is used before. */
	expires: string;
	/** When it ends however much it is used. */
	until: string;
	/** The session that asks. */
	current: boolean;
	/** How it was opened: by password, by an account elsewhere, by passkey or by a one-time link. */
	door: 'password' | 'openid' | 'passkey' | 'reset';
	/** The IP address it was opened from; absent when not known. */
	address?: string;
}

/** Track is one piece of sound. */
export interface Track {
	id: string;
	user: UserRef;
	slug: string;
	/** Address of the track's page. */
	url: string;
	title: string;
	description: string;
	artist?: string;
	album?: string;
	year?: number;
	tags: string[];
	visibility: 'private' | 'link' | 'followers' | 'public';
	downloadable: boolean;
	/** Comments are on. */
	comments: boolean;
	/** Pages of other sites may show it while it is public, where visitors are let in. */
	embeddable: boolean;
	/** Exact to a frame. */
	duration_ms: number;
	picture?: Picture;
	/** Striking colour of the picture, #rrggbb. */
	colour?: string;
	/** wanted: the owner's browser is asked to make it, since the server can't decode the file. */
	waveform: 'pending' | 'ready' | 'failed' | 'wanted';
	/** Base64 of up to 400 bytes, each the loudness of one column from 0 to 255; present when waveform is ready. */
	peaks?: string;
	audio: Audio;
	/** What was found out about the sound; absent until it is. */
	measured?: Measured;
	stream: Stream;
	can: Can;
	/** Nothing but a secret link shows it to the asker. */
	by_link?: boolean;
	created: string;
	counts: Counts;
	/** The asker likes it. */
	liked: boolean;
	/** The asker reposted it. */
	reposted: boolean;
	/** In the stream: who brought it here, when it was not its owner. */
	reposted_by?: UserRef;
	/** In the stream, likes, history and so on: when it came there. */
	since: string;
	/** For the owner alone: when it is published by itself. */
	release?: Release;
	/** For the owner alone: private, never published, and not waiting for a release. */
	draft?: boolean;
}

/** Counts are what is counted of a track. */
export interface Counts {
	plays: number;
	likes: number;
	reposts: number;
	/** Replies too. */
	comments: number;
}

/** Audio describes the original file. */
export interface Audio {
	codec: 'mp3' | 'wav' | 'flac' | 'vorbis' | 'opus' | 'aac';
	/** Content type with its codec, for canPlayType. */
	type: string;
	bytes: number;
	/** Hz */
	sample_rate: number;
	channels: number;
	/** Bits a second, the average. */
	bitrate: number;
	/** Frames differ in bit rate. */
	variable: boolean;
	/** A sample, where samples are written as numbers (WAV, FLAC). */
	bits?: number;
	/** What the uploader called it; only for the owner. */
	file_name?: string;
}

/** Measured is what was found out about the sound of a track. */
export interface Measured {
	/** All samples were decoded. Otherwise the loudness is an estimate, within a few tenths, and the true peak is not known yet. */
	exact: boolean;
	/** Integrated (ITU-R BS.1770-4), LUFS; -70 where nothing is above its gate. */
	loudness_lufs?: number;
	/** Loudness range (EBU Tech 3342), LU. */
	range_lu?: number;
	/** True peak (BS.1770-4, annex 2), dBTP; -70 for digital silence. */
	true_peak_dbtp?: number;
	/** Beats a minute; absent where it is not sure. */
	tempo_bpm?: number;
	/** Silence at the start. */
	silence_start_ms?: number;
	/** Silence at the end. */
	silence_end_ms?: number;
}

/** NewPeaks is the waveform of a track that its owner's browser has decoded, because the server can't. */
export interface NewPeaks {
	/** Hz, of the decoded sound. */
	sample_rate: number;
	/** Of one channel. */
	samples: number;
	/** Base64 of two bytes a column, little-endian: the RMS level of all channels, 65535 for full scale. There are 1,800 columns, or one for each 32 samples where that is fewer. */
	levels: string;
	/** Base64 of a signed byte a column: the lowest sample of all channels, of -128 for full scale. */
	min: string;
	/** Base64 of a signed byte a column: the highest sample, of 127. */
	max: string;
	/** Base64 of two bytes for each tenth of a second, like levels. */
	fine?: string;
	/** Integrated loudness, LUFS. */
	loudness_lufs?: number;
}

/** Stream names the ways to hear a track. */
export interface Stream {
	/** The original bytes, whatever their format. */
	file: string;
	/** Only for mp3: seekable exactly; for audio elements. */
	mp4?: string;
	/** Only for mp3: the original bytes; ?t=SECONDS starts exactly there. */
	mp3?: string;
	/** Present when the asker may download. */
	download?: string;
}

/** Can says what the asker may do. */
export interface Can {
	edit: boolean;
	delete: boolean;
	/** The asker may comment: is signed in, and comments are on. */
	comment: boolean;
	/** The asker is a visitor and may comment under a name, by a secret link. */
	speak?: boolean;
}

/** TrackPatch changes a track. Absent fields stay. */
export interface TrackPatch {
	title?: string;
	slug?: string;
	description?: string;
	artist?: string;
	album?: string;
	year?: number;
	tags?: string[];
	visibility?: 'private' | 'link' | 'followers' | 'public';
	downloadable?: boolean;
	/** Whether others may comment. */
	comments?: boolean;
	/** Whether pages of other sites may show it. */
	embeddable?: boolean;
	/** When it is to be published by itself, while it is private or by link; null cancels that. */
	release?: ReleasePatch | null;
}

/** Peaks is a waveform in audiowaveform's JSON layout, version 2. */
export interface Peaks {
	version: number;
	channels: number;
	/** Hz */
	sample_rate: number;
	samples_per_pixel: number;
	bits: number;
	/** Columns. */
	length: number;
	/** Minimum and maximum of each column in turn. */
	data: number[];
}

/** Event is one message of the event stream (its "event:" line is Type). */
export interface Event {
	/** track: an own track changed; progress: its analysis advanced; gone: it was deleted; comment: a comment on a track came, changed or went; notice: the asker has something new among the notifications, or fewer; message: a message came or went; seen: one of the two has read the conversation; reset: too much was missed, ask for the present state. */
	type: 'track' | 'progress' | 'gone' | 'comment' | 'notice' | 'message' | 'seen' | 'reset';
	/** Id of the track. */
	track?: string;
	/** Share of the analysis done, 0 to 1. */
	progress?: number;
	state?: 'pending' | 'ready' | 'failed';
	/** Id of the comment. */
	comment?: string;
	/** Nothing is left of the comment; of one with replies the place stays. */
	gone?: boolean;
	/** Id of the conversation. */
	conversation?: string;
}

/** Resolved is what stands at the address of a page: a user, a track or a playlist. */
export interface Resolved {
	user?: User;
	track?: Track;
	playlist?: Playlist;
	/** The address it has now, when a former one was asked for. */
	moved?: string;
}

/** Comment is something said about a moment of a track, or a reply to it. */
export interface Comment {
	id: string;
	/** Id of the track. */
	track: string;
	/** Absent when only the place of a deleted comment is left, for its replies. */
	user?: UserRef;
	/** Name of a visitor who came by a secret link; there is no user then. */
	guest?: string;
	/** Id of the comment it replies to. */
	parent?: string;
	position_ms: number;
	/** It is about the whole track and has no moment: position_ms is 0, and it comes last by moments. */
	whole?: boolean;
	text: string;
	created: string;
	edited: string;
	/** How many replies there are. */
	replies: number;
	/** The first three replies. */
	first?: Comment[];
	can_edit?: boolean;
	can_delete?: boolean;
}

/** NewComment is a comment or a reply to be written. */
export interface NewComment {
	/** The moment; a reply takes its parent's. */
	position_ms?: number;
	/** At most 1,000 characters, as they are counted when the text is composed (NFC). */
	text: string;
	/** Id of the comment it replies to. */
	parent?: string;
	/** The name a visitor goes by who came by a secret link: 1 to 40 characters. */
	guest?: string;
}

/** CommentPatch changes an own comment. */
export interface CommentPatch {
	/** As of a new comment. */
	text: string;
}

/** Marks are the moments of a track that were commented on, crowds merged. */
export interface Marks {
	items: Mark[];
	/** How many comments the track has, as the track itself says. */
	comments: number;
}

/** Mark is one or several comments that are close to each other. */
export interface Mark {
	/** Of the first of them. */
	position_ms: number;
	/** How many comments there are. */
	n: number;
	/** Id of the first of them. */
	comment: string;
	/** Who wrote the newest of them. */
	user?: UserRef;
	/** The same, of a visitor who came by a secret link. */
	guest?: string;
}

/** Following is how a follow stands after it was changed. */
export interface Following {
	following: boolean;
	/** How many the person has now. */
	followers: number;
}

/** Liked is how a like stands after it was changed. */
export interface Liked {
	liked: boolean;
	likes: number;
}

/** Reposted is how a repost stands after it was changed. */
export interface Reposted {
	reposted: boolean;
	reposts: number;
}

/** Listen tells that somebody listened. */
export interface Listen {
	/** How much was heard, in all; it counts from 30 seconds or half the track on. */
	listened_ms: number;
}

/** Listened answers a listen. */
export interface Listened {
	/** It counts as a play. False when too little was heard, or the last play was just now. */
	counted: boolean;
}

/** Playlist is an ordered set of tracks. */
export interface Playlist {
	id: string;
	user: UserRef;
	kind: 'playlist' | 'album';
	slug: string;
	/** Address of its page. */
	url: string;
	title: string;
	description: string;
	tags: string[];
	visibility: 'private' | 'link' | 'followers' | 'public';
	/** How many tracks there are for the asker. */
	tracks: number;
	/** Of these together. */
	duration_ms: number;
	/** Its own artwork, else that of its first track that has one. */
	picture?: Picture;
	/** The artwork is its own. */
	own_picture?: boolean;
	/** Striking colour of the picture, #rrggbb. */
	colour?: string;
	likes: number;
	liked: boolean;
	/** In the own list, when asked with a track: that track is in it. */
	has?: boolean;
	can: CanList;
	/** Nothing but a secret link shows it to the asker. */
	by_link?: boolean;
	created: string;
	updated: string;
	/** For the owner alone: when it is published by itself. */
	release?: Release;
}

/** CanList says what the asker may do with a playlist. */
export interface CanList {
	edit: boolean;
	delete: boolean;
}

/** NewPlaylist makes a playlist. */
export interface NewPlaylist {
	title: string;
	kind?: 'playlist' | 'album';
	visibility?: 'private' | 'link' | 'followers' | 'public';
	/** Ids of the tracks to begin with. */
	tracks?: string[];
	/** When it is to be published by itself. */
	release?: Release;
}

/** PlaylistPatch changes a playlist. Absent fields stay. */
export interface PlaylistPatch {
	title?: string;
	kind?: 'playlist' | 'album';
	slug?: string;
	description?: string;
	tags?: string[];
	visibility?: 'private' | 'link' | 'followers' | 'public';
	/** When it is to be published by itself, while it is private or by link; null cancels that. */
	release?: ReleasePatch | null;
}

/** PlaylistPlace says where a track stands in a playlist. */
export interface PlaylistPlace {
	/** Id of the track that it comes before; at the end when absent. */
	before?: string;
}

/** State is what every page shows beside itself. */
export interface State {
	/** Unseen, folded as the list shows them; never more than 99. */
	notifications: number;
	/** Those of them that are follows. */
	follows: number;
	/** Unread messages. */
	messages: number;
	/** Open reports, for the keeper; never more than 99. */
	reports?: number;
	/** How much is wrong with the house, for the keeper; see /api/health. Up to a minute old. */
	troubles?: number;
	/** The newest unseen follower. */
	follower?: User;
	/** Who wrote the newest unread message. */
	sender?: UserRef;
}

/** Notification tells what others have done; same ones are folded. */
export interface Notification {
	/** Of the newest one in it. */
	id: string;
	kind: 'follow' | 'comment' | 'reply' | 'like' | 'repost' | 'mention' | 'new_track';
	/** Who has done it: the newest three. */
	actors: User[];
	/** Names of visitors who came by a secret link: the newest three. */
	guests?: string[];
	/** How many people there are in all. */
	n: number;
	track?: Track;
	playlist?: Playlist;
	/** The newest one. */
	comment?: Comment;
	/** How many comments there are in all; several only of comments on an own track. */
	comments?: number;
	created: string;
	seen: boolean;
}

/** Notifications is a page of notifications. */
export interface Notifications {
	items: Notification[];
	next?: string;
}

/** Seen says up to where something was seen. */
export interface Seen {
	/** Id of the newest one that was seen. */
	up_to: string;
}

/** Conversation is what two people wrote each other. */
export interface Conversation {
	/** Absent before the first message. */
	id?: string;
	/** The other; absent when the account is deleted. */
	with?: UserRef;
	/** The newest message. */
	last?: Message;
	unread: number;
	/** False when one blocks the other, or the other is gone. */
	can_write: boolean;
	/** Id of the newest message that the other has seen. */
	seen_to?: string;
}

/** Message is one message. */
export interface Message {
	id: string;
	conversation: string;
	mine: boolean;
	text: string;
	track?: Track;
	playlist?: Playlist;
	/** Something was attached that is gone, or not for the asker to see. */
	missing?: boolean;
	/** The other has seen it; only on own ones. */
	seen?: boolean;
	created: string;
}

/** NewMessage is a message to be sent: a text, an attached thing, or both. */
export interface NewMessage {
	/** At most 2,000 characters, as they are counted when the text is composed (NFC). */
	text?: string;
	/** Id of a track to attach. */
	track?: string;
	/** Id of a playlist to attach. */
	playlist?: string;
}

/** Recommendation is somebody whom the asker may want to follow. */
export interface Recommendation {
	user: User;
	/** followed_by: by people whom the asker follows; listened: the asker plays or likes their tracks; active: they published lately. */
	reason: 'followed_by' | 'listened' | 'active';
	/** With followed_by: up to two of these people. */
	by: UserRef[];
	/** With followed_by: how many they are in all. */
	n?: number;
	/** With listened: one of the tracks; with active: the newest one. */
	track?: Track;
}

/** NewReport asks the keeper to look at something. */
export interface NewReport {
	kind: 'track' | 'playlist' | 'comment' | 'user';
	id: string;
	reason: 'spam' | 'abuse' | 'copyright' | 'sexual' | 'other';
	text?: string;
}

/** Report is a report as the keeper sees it. */
export interface Report {
	id: string;
	/** Absent when the account is gone. */
	by?: UserRef;
	kind: 'track' | 'playlist' | 'comment' | 'user';
	reason: 'spam' | 'abuse' | 'copyright' | 'sexual' | 'other';
	text: string;
	/** The title or text of the thing as it was. */
	about: string;
	/** Whose it is; absent when the account is gone. */
	owner?: User;
	/** Where it is to be seen; absent when it is gone. */
	url?: string;
	created: string;
	state: 'open' | 'dismissed' | 'removed' | 'suspended';
	answered: string;
}

/** ReportAnswer is what the keeper does about a report and all others of the same thing. */
export interface ReportAnswer {
	/** remove deletes the thing (not a user), suspend its owner's account. */
	do: 'dismiss' | 'remove' | 'suspend';
}

/** Found is one page of what a search found, tracks, people, playlists and tags together, the best first. */
export interface Found {
	items: Hit[];
	/** Cursor of the next page; absent on the last one. */
	next?: string;
	counts: HitCounts;
	/** Of the tracks that were found; on the first page only. */
	facets?: Facets;
	/** Present while the index is being made anew from nothing: its share, 0 to 1. Until then some things are not found. */
	building?: number;
}

/** Hit is one thing that was found. One of its things is present. */
export interface Hit {
	kind: 'track' | 'user' | 'playlist' | 'tag';
	track?: Track;
	user?: User;
	playlist?: Playlist;
	tag?: Tag;
	/** What the words of the query match in the title or name: begin and end of each part, in UTF-16 code units. */
	marks: number[][];
}

/** HitCounts says how much of each kind was found, as the asker may see it and before the filter of kinds. */
export interface HitCounts {
	tracks: number;
	people: number;
	playlists: number;
	tags: number;
	/** There is more than was counted. */
	more?: boolean;
}

/** Facets says how the tracks that were found spread. */
export interface Facets {
	/** The most frequent ones, by name. */
	tags: Facet[];
	/** By name: short (under 2 minutes), medium (under 10), long (under 30), very_long. */
	durations: Facet[];
	/** By name: week, month, year (the last 7, 30 and 365 days), older. What is of this week is of this month and this year too. */
	dates: Facet[];
	downloadable: number;
}

/** Facet is one value with how many tracks have it. */
export interface Facet {
	name: string;
	n: number;
}

/** Tag is a word that public tracks carry. */
export interface Tag {
	name: string;
	/** Address of its page. */
	url: string;
	/** How many public tracks carry it, for the asker. */
	tracks: number;
}

/** TagPage is a tag with what lies near it. */
export interface TagPage extends Tag {
	/** Tags that its tracks carry beside it, the most frequent first. */
	related: Tag[];
}

/** Home is what there is to discover. */
export interface Home {
	/** Popular tags, each with its newest tracks. */
	tags: TagShelf[];
	/** The top of this week's chart. */
	week: Track[];
	/** The top of the chart of all time. */
	always: Track[];
	/** The newest public tracks. */
	newest: Track[];
	/** People who are new here and have published. */
	people: User[];
	/** People whom the asker may want to follow; none for visitors. */
	follow: Recommendation[];
	/** What is like tracks that the asker likes; none for visitors. */
	because: Because[];
}

/** TagShelf is a tag with its newest tracks. */
export interface TagShelf {
	tag: Tag;
	tracks: Track[];
}

/** Because is a track that the asker likes, with what is like it. */
export interface Because {
	track: Track;
	tracks: Similar[];
}

/** Similar is a track that is like another, and why. */
export interface Similar {
	track: Track;
	/** likers: liked by the same people; playlist: both are in it; tags: both carry them; owner: by the same person. */
	reason: 'likers' | 'playlist' | 'tags' | 'owner';
	/** With tags: those that both carry. */
	tags?: string[];
	/** With playlist: one that both are in. */
	playlist?: Playlist;
	/** With likers: how many people like both, of those that were asked. With playlist: how many hold both. */
	n?: number;
}

/** Stop tells where listening to a track ended. */
export interface Stop {
	/** Where in the track; its length when it was heard to its end. */
	position_ms: number;
	/** How much was heard, in all; what is too short does not count. */
	listened_ms: number;
}

/** Numbers are what is counted of a track, or of all tracks of somebody. */
export interface Numbers {
	/** One entry a day, the oldest first, without gaps. */
	days: DayNumbers[];
	/** Of these days. */
	sum: DayNumbers;
	/** Of all time; listeners since they are counted by the day. */
	always: DayNumbers;
	/** Of a track. */
	heat?: Heat;
	/** Of somebody's tracks: those with the most points in these days. */
	top?: Track[];
}

/** DayNumbers are the numbers of one day. */
export interface DayNumbers {
	/** YYYY-MM-DD, as the server's clock has it; absent for sums. */
	day?: string;
	plays: number;
	/** Different people on that day; in sums, each once a day. */
	listeners: number;
	likes: number;
	reposts: number;
	comments: number;
	downloads: number;
}

/** Heat says where in a track listening ends and comments are, in a hundred columns of the same length. */
export interface Heat {
	stops: number[];
	comments: number[];
}

/** Index is how the search index stands. */
export interface Index {
	/** How many things can be found. */
	documents: number;
	/** Changes that are not in it yet, at most 1,000. */
	waiting: number;
	/** It is being made anew. */
	building: boolean;
	/** Share of that, 0 to 1. */
	progress?: number;
	/** Why it is, or was last, made anew. */
	reason?: 'missing' | 'damaged' | 'version' | 'asked';
	/** Its size on the disk. */
	bytes: number;
	/** What keeps it from being made or followed. */
	error?: string;
}

/** Link is a secret link to a track or playlist, as its owner sees it. */
export interface Link {
	id: string;
	/** Whom it is for; nobody else is told. */
	name: string;
	/** Address at which a browser opens it. What follows the # is never sent to a server by itself. */
	url: string;
	/** What the address carries behind the #. */
	code: string;
	/** It asks for a password. */
	password: boolean;
	/** Absent: never. */
	expires: string;
	/** How many listens it is good for; 0: no limit. */
	most_plays: number;
	/** Listens by it so far. A listen lasts twice the length of the track, or of the owner's part of the playlist, and ten minutes at least. */
	plays: number;
	/** Whoever has it may download, whatever the track says. */
	download: boolean;
	/** Whoever has it may comment: visitors under a name. */
	comments: boolean;
	state: 'open' | 'expired' | 'used_up';
	created: string;
	/** When the last listen began. */
	used: string;
}

/** LinkPatch makes or changes a secret link. Absent fields stay as they are, or as in a new one: nameless, without password, end and limit, nothing allowed. */
export interface LinkPatch {
	/** At most 80 characters. */
	name?: string;
	/** At least 4 characters; empty for none. */
	password?: string;
	/** When it ends (RFC 3339); empty for never. */
	expires?: string;
	/** How many listens it is good for; 0 for no limit. */
	most_plays?: number;
	download?: boolean;
	comments?: boolean;
	/** Give it another address; the old one opens nothing from then on. */
	renew?: boolean;
}

/** OpenLink opens a secret link. */
export interface OpenLink {
	/** What the address carries behind the #. */
	code: string;
	password?: string;
}

/** Opened is what a secret link leads to. */
export interface Opened {
	kind: 'track' | 'playlist';
	id: string;
	/** Address of its page. */
	url: string;
	title: string;
	/** Whose it is. */
	user: UserRef;
	/** For programs: send it as the header Earshot-Links from now on. Browsers get a cookie. */
	grants: string;
}

/** Release says when something is published by itself, and for whom. */
export interface Release {
	/** To the minute; at most a year ahead. */
	at: string;
	as: 'followers' | 'public';
}

/** ReleasePatch sets a release; null, where it is allowed, cancels it. */
export interface ReleasePatch {
	/** To the minute; at most a year ahead. */
	at: string;
	as: 'followers' | 'public';
}

/** Code answers the question for a second factor at a sign-in. */
export interface Code {
	/** What the sign-in gave. */
	ticket: string;
	/** Of the authenticator app, or a recovery code. */
	code: string;
}

/** Proof is the own password, given again. */
export interface Proof {
	/** Absent where the account has none: then the session has to be fresh. */
	password?: string;
}

/** CodeProof is the own password, given again, and a code. */
export interface CodeProof extends Proof {
	/** Of the authenticator app, or a recovery code. */
	code: string;
}

/** FirstCode is what the authenticator app shows once it has the key. */
export interface FirstCode {
	code: string;
}

/** FactorSetup is what an authenticator app has to know. */
export interface FactorSetup {
	/** In base32, as it is typed into an app. */
	key: string;
	/** An otpauth address, as apps scan it. */
	uri: string;
	/** The address as a QR code. */
	qr: QR;
}

/** RecoveryCodes let somebody in who lost what makes the codes. They are told this once. */
export interface RecoveryCodes {
	codes: string[];
}

/** Security says how the own account is kept. */
export interface Security {
	/** The account has a password. */
	password: boolean;
	factor: Factor;
	passkeys: Passkey[];
	/** Where passkeys work: https, or this machine; absent where they don't. */
	passkey_origin?: string;
}

/** Factor says whether a code is asked for after the password. */
export interface Factor {
	on: boolean;
	since: string;
	/** Recovery codes that were not used. */
	left: number;
}

/** Passkey is a key on a device that signs in without a password. */
export interface Passkey {
	id: string;
	name: string;
	created: string;
	/** The last sign-in by it; absent before the first. */
	used: string;
	/** It may be on several devices of its owner. */
	synced: boolean;
}

/** PasskeyPatch changes an own passkey. */
export interface PasskeyPatch {
	name: string;
}

/** PasskeyAsk is what the browser needs to make or to show a passkey. Bytes are in base64url. A person has to be verified by the device. */
export interface PasskeyAsk {
	/** To be sent back with what the browser gives; good once, for five minutes. */
	paper: string;
	challenge: string;
	/** Id of the relying party. */
	site: string;
	house?: string;
	/** The handle that the passkey is made with. */
	user?: string;
	account?: string;
	name?: string;
	/** COSE numbers of the signatures that are taken, the most wanted first. */
	kinds?: number[];
	/** Ids of the credentials that there are already. */
	have?: string[];
}

/** NewPasskey is a passkey that the browser made. Bytes are in base64url. */
export interface NewPasskey {
	paper: string;
	/** How its owner calls it; the browser's name when absent. */
	name?: string;
	id: string;
	client_data: string;
	attestation: string;
	transports?: string[];
}

/** ShownPasskey is a passkey that the browser showed. Bytes are in base64url. */
export interface ShownPasskey {
	paper: string;
	id: string;
	client_data: string;
	/** The authenticator data. */
	data: string;
	signature: string;
	/** The handle that it was made with. */
	user: string;
}

/** Provider is an issuer of OpenID Connect that lets people in. */
export interface Provider {
	/** Its name in addresses: GET /api/auth/openid/{name}/start leads there. */
	name: string;
	/** Its name for people. */
	title: string;
}

/** IDToken signs in by an ID token that a client got by itself. */
export interface IDToken {
	id_token: string;
	/** What the token's nonce has to be, where the client chose one. */
	nonce?: string;
	/** Code of an invite, for a new account. */
	invite?: string;
}

/** OpenIDLink connects an account that has the e-mail address which the issuer vouches for. */
export interface OpenIDLink {
	/** Of the error openid.link, which a sign-in was answered with. */
	ticket: string;
	password: string;
}

/** Identity is an account at an issuer that lets the asker in. */
export interface Identity {
	id: string;
	/** Its name; absent when the keeper took the issuer out of the settings. */
	provider?: string;
	title: string;
	/** As the issuer said it last. */
	email?: string;
	created: string;
	used: string;
}

/** Connect lets the asker in by an account at an issuer, too: by an ID token, or by going there. */
export interface Connect extends Proof {
	id_token?: string;
	nonce?: string;
	/** Without an ID token: the page of this house to come back to. */
	next?: string;
}

/** Connected is what came of it. */
export interface Connected {
	/** With an ID token: what lets the asker in from now on. */
	identity?: Identity;
	/** Without one: where this browser has to go. */
	redirect?: string;
}

/** Account is a person as keepers see them. */
export interface Account extends User {
	email: string;
	/** Size of the uploaded originals. */
	used_bytes: number;
	/** All tracks, private ones too. */
	used_tracks: number;
	/** Quota of the person's own: 0 for the house's, -1 for any amount. */
	most_bytes: number;
	/** Likewise, of tracks. */
	most_tracks: number;
	/** What holds for the person. */
	quota: Quota;
	/** A link for a new password is out, and good until then. */
	reset_until: string;
}

/** Quota is how much somebody may keep; what is absent is not limited. */
export interface Quota {
	/** Of uploaded originals. */
	bytes?: number;
	tracks?: number;
}

/** QuotaChange gives a person a quota of their own. */
export interface QuotaChange {
	/** 0 for the house's, -1 for any amount. */
	most_bytes: number;
	most_tracks: number;
}

/** RoleChange makes a member a keeper, or a keeper a member again. */
export interface RoleChange {
	role: 'member' | 'keeper';
	/** The asking keeper's own. */
	password: string;
}

/** NewReset asks for a link by which somebody chooses a new password. */
export interface NewReset {
	/** The asking keeper's own. */
	password: string;
	/** Where the asker reaches the house, such as http://192.168.1.5:8080; the link begins with it where no public address is configured. */
	origin?: string;
}

/** OneTimeLink is told once: the server keeps no copy. */
export interface OneTimeLink {
	/** A whole address, or a path where none is known to begin it with. */
	url: string;
	qr: QR;
	/** Absent: never. */
	expires: string;
}

/** QR is a QR code (ISO/IEC 18004) as the path of an SVG. */
export interface QR {
	/** Modules of a side, without the quiet zone of 4 around it. */
	size: number;
	/** The dark modules, each a unit wide. */
	path: string;
}

/** NewInvite makes an invite. */
export interface NewInvite {
	/** Whom it is for. Only keepers see it. */
	note?: string;
	/** How many accounts it makes; 1 when absent. */
	uses?: number;
	/** How long it is good; a week when absent, -1 for ever. */
	hours?: number;
	/** As of NewReset. */
	origin?: string;
}

/** MadeInvite is an invite that was just made, with its link. */
export interface MadeInvite {
	invite: Invite;
	link: OneTimeLink;
}

/** Invite is an invite as keepers see it. */
export interface Invite {
	id: string;
	note: string;
	/** void: who made it is no keeper any more. */
	state: 'good' | 'used' | 'expired' | 'void';
	/** How many accounts it makes. */
	uses: number;
	/** How many it has made. */
	used: number;
	/** Those who came by it and are still there; 50 at most. */
	users: UserRef[];
	/** The keeper who made it. */
	by?: UserRef;
	/** Absent: never. */
	expires: string;
	created: string;
}

/** LinkCode is what stands behind the # of a link. */
export interface LinkCode {
	code: string;
}

/** InviteOffer is what an invite says to whoever opens its link. */
export interface InviteOffer {
	house: string;
	/** Name of who invites. */
	by: string;
}

/** ResetOffer is what a link for a new password says to whoever opens it. */
export interface ResetOffer {
	/** Whose password it is. */
	name: string;
}

/** PasswordReset sets the password that somebody chose who has a link. */
export interface PasswordReset {
	code: string;
	/** At least 8 characters. */
	password: string;
}

/** Forgotten asks for a link by mail. */
export interface Forgotten {
	email: string;
	/** Of the mail. */
	language?: 'en' | 'ko';
}

/** EmailChange gives the own account another address. */
export interface EmailChange {
	email: string;
	password: string;
}

/** Folder is a folder of the machine in which music may lie. */
export interface Folder {
	/** Absolute; empty for the list of those that the settings name. */
	path: string;
	/** Null where nothing is above; empty where the list of those that the settings name is. */
	parent: string | null;
	/** Names of the folders in it, or the paths that the settings name; at most 1,000. */
	folders: string[];
	/** Files in it that may be audio, by their names; not counted below it. */
	audio: number;
	/** There are more folders. */
	more?: boolean;
}

/** Library is a folder of the machine whose files are tracks. */
export interface Library {
	id: string;
	path: string;
	/** Whose tracks its files become. */
	user: UserRef;
	visibility: 'private' | 'link' | 'followers' | 'public';
	/** The files of an album become an album here. */
	albums: boolean;
	/** Files are copied into the house; else they are read where they are, and never written to. */
	copy: boolean;
	/** What changes in it is noticed. */
	watch: boolean;
	/** The folder was not there, or empty, when it was looked at last; its tracks wait for it. */
	away: boolean;
	/** Files that are tracks. */
	files: number;
	/** Files that could not be taken. */
	refused: number;
	/** When it was read to its end last. */
	scanned: string;
	/** The reading that runs or waits, or the last one. */
	import?: Import;
}

/** NewLibrary makes a folder a library, and reads it. */
export interface NewLibrary {
	path: string;
	/** Whose tracks its files become; the asker's when absent. */
	user_id?: string;
	visibility?: 'private' | 'link' | 'followers' | 'public';
	albums?: boolean;
	copy?: boolean;
	watch?: boolean;
}

/** LibraryPatch changes a library; absent fields stay. Tracks that are there keep their visibility. */
export interface LibraryPatch {
	visibility?: 'private' | 'link' | 'followers' | 'public';
	albums?: boolean;
	watch?: boolean;
}

/** Import is one reading of a library or of a list of tracks. */
export interface Import {
	id: string;
	library_id?: string;
	path: string;
	state: 'waiting' | 'running' | 'done' | 'stopped' | 'failed';
	created: string;
	started: string;
	ended: string;
	/** Files or rows to be looked at; grows while folders are read. */
	found: number;
	/** Of these, looked at so far. */
	seen: number;
	/** Read of what was taken. */
	bytes: number;
	/** Files a second, of the last while; 0 when it does not run. */
	rate: number;
	/** About how long it will still take; 0 when not known. */
	left_ms: number;
	added: number;
	changed: number;
	same: number;
	moved: number;
	duplicates: number;
	refused: number;
	missing: number;
	comments: number;
	/** Why it failed. */
	error?: string;
}

/** Problem is something that an import did not take, and why. */
export interface Problem {
	path: string;
	/** Of the list, from 1. */
	line?: number;
	code: string;
	message: string;
}

/** NewImport takes a list of tracks in, a CSV, whose text is in the body. */
export interface NewImport {
	/** Where the list's files are looked for. */
	folder: string;
	/** What the list is called. */
	name?: string;
	/** Whose tracks they become where the list names nobody; the asker's when absent. */
	user_id?: string;
	visibility?: 'private' | 'link' | 'followers' | 'public';
	albums?: boolean;
	/** The list's bytes, in whatever encoding it is. */
	csv: string;
}

/** PartialUpload is a file that comes in pieces (tus 1.0), as far as it came. */
export interface PartialUpload {
	id: string;
	name: string;
	/** Bytes when it is whole. */
	size: number;
	/** Bytes that are there. */
	offset: number;
	/** Of these, in hex; absent while more of them come. */
	sha256?: string;
	/** Where the rest is sent. */
	url: string;
	created: string;
	/** When what came is dropped, unless more of it comes. */
	expires: string;
	/** Nothing more is waited for. */
	ended: boolean;
	/** What it became, while that is there. */
	track?: Track;
	/** Why it became none. */
	error?: ErrorDetail;
}

/** Known asks which of a few files the asker has uploaded before. */
export interface Known {
	/** Of each file's bytes, in hex. */
	sha256: string[];
}

/** KnownTracks tells which of the files are tracks of the asker's. */
export interface KnownTracks {
	/** Those that are; what is not there is not here. */
	items: KnownTrack[];
}

/** KnownTrack is a file that is a track of the asker's. */
export interface KnownTrack {
	sha256: string;
	track: Track;
}

/** Backup is a copy of the database, and the proof that it is good. */
export interface Backup {
	name: string;
	made: string;
	/** Bytes. */
	size: number;
	reason: 'schedule' | 'asked' | 'command' | 'migration' | 'unknown';
	/** Whether it was opened, walked, counted and read; none: nobody has tried yet. */
	proof: 'good' | 'bad' | 'none';
	/** What is wrong with it. */
	error?: string;
	users: number;
	tracks: number;
	/** Comments and replies. */
	comments: number;
	/** All values, indexes too; each was read and held against its checksum. */
	records: number;
	/** For writing and proving it. */
	took_ms: number;
}

/** Backups are the copies there are, and how they are made. */
export interface Backups {
	/** The newest first. */
	items: Backup[];
	/** Where they are. */
	folder: string;
	/** Between two; 0: none are made by themselves. */
	every_ms: number;
	keep: number;
	next: string;
	/** One is being made. */
	running: boolean;
	/** Why the last could not be made. */
	problem?: string;
	/** The same in a word. */
	problem_kind?: 'full' | 'readonly' | 'damaged' | 'other';
	/** Bytes of the database now. */
	database: number;
}

/** Check is what a look at everything found. */
export interface Check {
	state: 'never' | 'running' | 'done' | 'stopped';
	started: string;
	ended: string;
	/** How far it is, 0 to 1. */
	share: number;
	records: number;
	/** Of media. */
	files: number;
	/** What is wrong, a sentence each; empty when all is well. At most 100. */
	found: string[];
	/** How many are not listed. */
	more: number;
}

/** Job is work in the queue. */
export interface Job {
	id: string;
	kind: 'analyse' | 'analyse-long' | 'analyse-late' | 'measure' | 'remeasure' | 'announce' | 'leave' | 'import' | 'remove' | 'sum' | 'other';
	/** Of the track that it is about, where there is one. */
	title?: string;
	state: 'running' | 'waiting' | 'failing';
	/** How far it is, 0 to 1; 0 when not known. */
	share: number;
	attempts: number;
	/** Of the last attempt. */
	error?: string;
	/** Not before. */
	after: string;
	created: string;
}

/** Jobs is the queue: what runs first, then what fails, then the oldest. */
export interface Jobs {
	/** At most 100. */
	items: Job[];
	/** How many there are of each kind; of a queue of more than 10,000 the oldest are counted. */
	waiting: JobCount[];
}

/** JobCount is how many jobs of a kind are in the queue. */
export interface JobCount {
	kind: string;
	count: number;
}

/** Storage is what the house takes of its disk. */
export interface Storage {
	/** Bytes of the disk that are left; -1 when not known. */
	free: number;
	/** Bytes of the disk; -1 when not known. */
	total: number;
	database: number;
	/** Bytes within the database that are free for what comes. */
	unused: number;
	index: number;
	backups: number;
	/** Audio in the house. */
	originals: number;
	/** Audio that is read where it is, elsewhere. */
	libraries: number;
	/** Waveforms, indexes and pictures; -1 while it is being counted. */
	derived: number;
	/** What came of files that are not whole yet. */
	uploading: number;
	/** Who keeps most, at most 20. */
	people: UserStorage[];
}

/** UserStorage is what somebody keeps. */
export interface UserStorage {
	user: UserRef;
	bytes: number;
	tracks: number;
}

/** Health is how the house is. */
export interface Health {
	version: string;
	go: string;
	/** Operating system and processor, such as linux/arm64. */
	system: string;
	started: string;
	/** The server's clock. */
	now: string;
	/** Bytes that the program has of its own. */
	memory: number;
	/** Bytes within which it tries to stay; 0: none. */
	limit: number;
	/** Open files; -1 when not known. */
	files: number;
	/** Streams of sound under way. */
	listeners: number;
	/** Open event streams. */
	tabs: number;
	users: number;
	tracks: number;
	/** Of the database. */
	schema: number;
	/** Where phones reach the house, the best first. */
	addresses: string[];
	/** The first of them. */
	qr?: QR;
	checks: HealthCheck[];
}

/** HealthCheck is one thing that is looked at. */
export interface HealthCheck {
	name: 'database' | 'disk' | 'index' | 'media' | 'libraries' | 'backups' | 'clock' | 'jobs' | 'memory' | 'check';
	state: 'ok' | 'warn' | 'bad';
	/** What it is, for a text in the reader's language. */
	code: string;
	/** The same as a sentence. */
	message: string;
	/** What the sentence counts. */
	number?: number;
}

/** Settings are what the keeper may change while the house is open, as it counts, and what is read from the file of settings at the start. */
export interface Settings {
	/** 0: no backups are made by themselves. */
	backup_every_ms: number;
	backup_keep: number;
	/** 0: libraries are not looked at by themselves. */
	scan_every_ms: number;
	chosen: Chosen;
	/** What counts since the start. Secrets are left out. */
	fixed: Fixed[];
}

/** Chosen says which settings the keeper chose here; the others are as the file of settings says. */
export interface Chosen {
	backup_every: boolean;
	backup_keep: boolean;
	scan_every: boolean;
}

/** Fixed is a setting that needs a restart. */
export interface Fixed {
	/** As config.toml has it. */
	key: string;
	value: string;
}

/** PlayQueue is what the asker was listening to last, on any device. Tracks that are gone or hidden are left out; total 0 says that there is nothing. */
export interface PlayQueue {
	tracks: Track[];
	/** Place of the first of these tracks in the queue. */
	from: number;
	/** Place of the current track in the queue. */
	current: number;
	/** Tracks in the queue. */
	total: number;
	/** In the current track. */
	position_ms: number;
	/** What stored it, such as Firefox on Linux. */
	device: string;
	/** When it was stored. */
	changed: string;
}

/** NewPlayQueue is what the asker is listening to. */
export interface NewPlayQueue {
	/** Ids of tracks, as they are played. */
	tracks: string[];
	/** Which of them is the current one, from 0. */
	current: number;
	/** In the current track. */
	position_ms: number;
	/** The changed of the stored queue that this one is to replace: if another device stored one since, that one stays. */
	over?: string;
}

/** PlayQueueStored says whether a queue was stored. */
export interface PlayQueueStored {
	stored: boolean;
	/** Of the queue that is stored now. */
	changed: string;
}

/** TracksPatch changes many own tracks, each by itself. */
export interface TracksPatch {
	ids: string[];
	/** A title for each of the ids, in their order; absent for those that they have. */
	titles?: string[];
	/** What they have in common. Absent fields stay. */
	changes: TracksPatchChanges;
}

/** TracksPatchChanges is what many tracks get. Absent fields stay. */
export interface TracksPatchChanges {
	artist?: string;
	album?: string;
	year?: number;
	/** Tags to carry besides those that each has. */
	add_tags?: string[];
	/** Tags to carry no more, however they are written. */
	drop_tags?: string[];
	visibility?: 'private' | 'link' | 'followers' | 'public';
	downloadable?: boolean;
	/** Whether others may comment. */
	comments?: boolean;
	/** When they are to be published by themselves, while private or by link; null cancels that. */
	release?: ReleasePatch | null;
}

/** TracksPatched tells what became of a change of many tracks. */
export interface TracksPatched {
	/** Those that have it now. */
	items: Track[];
	/** Those that stayed as they were. */
	failed: TrackFailed[];
}

/** TrackFailed is a track that was not changed, and why. */
export interface TrackFailed {
	id: string;
	error: ErrorDetail;
}

/** Shared is the full address of a page of the house, to give on. */
export interface Shared {
	url: string;
	qr: QR;
}

/** OEmbed says how another site shows a track or a playlist (oembed.com, version 1.0, type rich). */
export interface OEmbed {
	version: string;
	type: 'rich';
	title: string;
	author_name: string;
	author_url: string;
	/** Name of the house. */
	provider_name: string;
	provider_url: string;
	/** Seconds. */
	cache_age: number;
	thumbnail_url?: string;
	thumbnail_width?: number;
	thumbnail_height?: number;
	/** A frame with the player. */
	html: string;
	/** Pixels; the player is as wide as it is let be. */
	width: number;
	/** Pixels. */
	height: number;
}

/** Key is what a program comes in by. Its secret is told only when it is made. */
export interface Key {
	id: string;
	/** app: an app password, for music apps. api: a token, for programs of one's own. feed: in the address of a feed. */
	kind: 'app' | 'api' | 'feed';
	/** How its owner calls it. */
	name: string;
	created: string;
	/** When it ends by itself; absent for never. */
	expires: string;
	/** It has ended, and lets nobody in. */
	expired: boolean;
	/** When it was used last, to a few minutes; absent before the first time. */
	used: string;
	/** What the program that used it last calls itself. */
	client?: string;
	/** Of a token: read, write, messages, keep. */
	scopes?: string[];
	/** Of a feed: what it is of; absent for what its owner follows. */
	feed?: KeyFeed;
}

/** KeyFeed is what a feed is of. */
export interface KeyFeed {
	kind: 'user' | 'playlist';
	id: string;
}

/** NewKey is an app password or a token that is to be made. */
export interface NewKey extends Proof {
	kind: 'app' | 'api';
	/** What it is for, such as the name of the phone or the script; at most 60 characters. */
	name: string;
	/** What a token may do. read: see and hear what its owner does, but for messages. write: change it, such as upload, like and comment. messages: read and write messages. keep: what only a keeper does, while its owner is one. */
	scopes?: string[];
	/** How many days until it ends; 0 for never. */
	days?: number;
	/** Where the asker's browser reaches the house; counts where public_url does not say it. */
	origin?: string;
}

/** KeyPatch changes an own key. */
export interface KeyPatch {
	/** At most 60 characters. */
	name: string;
}

/** MadeKey is a new key with all that a program asks for. */
export interface MadeKey {
	key: Key;
	/** Told this once. */
	secret: string;
	/** Of the server. */
	address: string;
	username: string;
	/** Of an app password: a page that shows all this on a phone, for apps that are there. What is secret stands behind its #, which browsers keep to themselves. */
	link?: string;
	/** That link as a QR code. */
	qr?: QR;
}

/** Scrobbler is where the asker's listens are told, besides here, and how that goes. */
export interface Scrobbler {
	/** Those that the keeper allows; with none, listens are told nowhere. */
	servers: ScrobbleServer[];
	/** Listens are told. What follows is absent when they are not. */
	connected: boolean;
	/** Of the server. */
	address?: string;
	/** Of the server. */
	title?: string;
	/** Of the account there. */
	name?: string;
	since: string;
	/** Listens that the server took. */
	sent: number;
	/** Listens that are still to be told. */
	waiting: number;
	/** When it took one last. */
	last: string;
	/** Why it takes none now. */
	error?: 'scrobbler.token' | 'scrobbler.unreachable' | 'scrobbler.busy' | 'scrobbler.answer' | 'scrobbler.address';
	/** Since when. */
	failed: string;
	/** Nothing is sent until another token is given. */
	paused: boolean;
}

/** ScrobbleServer is a server to which listens may be told. */
export interface ScrobbleServer {
	address: string;
	/** As people call it. */
	title: string;
	/** Where people find their token there; absent where nobody knows. */
	token_page?: string;
}

/** NewScrobbler is where the asker's listens are to be told. */
export interface NewScrobbler {
	/** One of servers. */
	address: string;
	/** The asker's own there. It is never given out again. */
	token: string;
}

/** NewFeed is a private feed to be made. */
export interface NewFeed {
	kind: 'stream' | 'user' | 'playlist' | 'tag';
	/** Id of the person or the playlist, or name of the tag; absent of the own stream. */
	of?: string;
	/** Where the asker's browser reaches the house; counts where public_url does not say it. */
	origin?: string;
}

/** Feed is a private feed of the asker's. Whoever has its address hears what the asker hears of the thing that it is of. */
export interface Feed {
	id: string;
	kind: 'stream' | 'user' | 'playlist' | 'tag';
	of?: string;
	/** Of the person, playlist or tag; absent of the stream, and where it is gone. */
	title?: string;
	page?: string;
	url: string;
	/** Of url; absent in lists. */
	qr?: QR;
	/** What asked for it last, as it calls itself. */
	client?: string;
	created: string;
	used: string;
	/** What it is of is not there for the asker any more. */
	gone?: boolean;
}

/** Feeds is the list of the asker's private feeds. */
export interface Feeds {
	items: Feed[];
}

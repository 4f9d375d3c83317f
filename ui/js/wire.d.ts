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
	/** Id under which the server's log has more; only with 500. */
	request?: string;
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

/** House is what anybody may know of this Earshot. */
export interface House {
	name: string;
	/** Who may make an account. */
	sign_up: 'closed' | 'open';
	/** Whether people who are not signed in may look and listen. */
	visitors: boolean;
	/** True until the keeper's account is made. */
	setup: boolean;
	limits: Limits;
}

/** Limits are the sizes the server accepts. */
export interface Limits {
	upload_bytes: number;
	picture_bytes: number;
}

/** HousePatch changes what the keeper decides. Absent fields stay. */
export interface HousePatch {
	name?: string;
	sign_up?: 'closed' | 'open';
	visitors?: boolean;
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
	bio: string;
	keeper: boolean;
	/** How many tracks the asker can see. */
	tracks: number;
	created: string;
}

/** Me is the signed-in user's own account. */
export interface Me extends User {
	email: string;
	/** Years; private; absent when not said. */
	age?: number;
	/** Private; absent when not said. */
	gender?: string;
	/** Size of the uploaded originals. */
	used_bytes: number;
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
	sign_up?: 'closed' | 'open';
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
}

/** SignIn opens a session. */
export interface SignIn {
	email: string;
	password: string;
}

/** SignedIn answers a sign-in. The same token is set as a cookie. */
export interface SignedIn {
	/** For Authorization: Bearer. */
	token: string;
	/** When it ends unless it is used before. */
	expires: string;
	me: Me;
}

/** Session is one sign-in on one device. */
export interface Session {
	id: string;
	/** What the browser or program called itself. */
	device: string;
	created: string;
	/** Last use, to the nearest few minutes. */
	seen: string;
	expires: string;
	/** The session that asks. */
	current: boolean;
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
	visibility: 'private' | 'public';
	downloadable: boolean;
	/** Exact to a frame. */
	duration_ms: number;
	picture?: Picture;
	/** Striking colour of the picture, #rrggbb. */
	colour?: string;
	waveform: 'pending' | 'ready' | 'failed';
	/** Base64 of up to 400 bytes, each the loudness of one column from 0 to 255; present when waveform is ready. */
	peaks?: string;
	audio: Audio;
	stream: Stream;
	can: Can;
	created: string;
}

/** Audio describes the original file. */
export interface Audio {
	codec: string;
	bytes: number;
	/** Hz */
	sample_rate: number;
	channels: number;
	/** Bits a second, the average. */
	bitrate: number;
	/** Frames differ in bit rate. */
	variable: boolean;
	/** What the uploader called it; only for the owner. */
	file_name?: string;
}

/** Stream names the ways to hear a track. */
export interface Stream {
	/** Seekable exactly; for audio elements. */
	mp4: string;
	/** The original bytes; ?t=SECONDS starts exactly there. */
	mp3: string;
	/** Present when the asker may download. */
	download?: string;
}

/** Can says what the asker may do. */
export interface Can {
	edit: boolean;
	delete: boolean;
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
	visibility?: 'private' | 'public';
	downloadable?: boolean;
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
	/** track: it changed; progress: its analysis advanced; gone: it was deleted. */
	type: 'track' | 'progress' | 'gone';
	/** Id of the track. */
	track: string;
	/** Share of the analysis done, 0 to 1. */
	progress?: number;
	state?: 'pending' | 'ready' | 'failed';
}

/** Resolved is what stands at the address of a page: a user or a track. */
export interface Resolved {
	user?: User;
	track?: Track;
	/** The address it has now, when a former one was asked for. */
	moved?: string;
}

// The shapes of the API, as app/api/wire has them.

export interface List<T> {items: T[]; next?: string}
export interface Picture {small: string; medium: string; large: string}
export interface Limits {upload_bytes: number; picture_bytes: number}
export interface House {name: string; sign_up: 'closed' | 'open'; visitors: boolean; setup: boolean; limits: Limits}
export interface HousePatch {name?: string; sign_up?: 'closed' | 'open'; visitors?: boolean}
export interface UserRef {id: string; username: string; name: string; url: string; picture?: Picture}
export interface User extends UserRef {bio: string; keeper: boolean; tracks: number; created: string}
export interface Me extends User {email: string; age?: number; gender?: string; used_bytes: number}
export interface MePatch {name?: string; username?: string; bio?: string; age?: number; gender?: string}
export interface SignedIn {token: string; expires: string; me: Me}
export interface Session {id: string; device: string; created: string; seen: string; expires: string; current: boolean}
export interface Audio {codec: string; bytes: number; sample_rate: number; channels: number; bitrate: number; variable: boolean; file_name?: string}
export interface Stream {mp4: string; mp3: string; download?: string}
export interface Can {edit: boolean; delete: boolean}
export interface Track {
	id: string;
	user: UserRef;
	slug: string;
	url: string;
	title: string;
	description: string;
	artist?: string;
	album?: string;
	year?: number;
	tags: string[];
	visibility: 'private' | 'public';
	downloadable: boolean;
	duration_ms: number;
	picture?: Picture;
	waveform: 'pending' | 'ready' | 'failed';
	peaks?: string;
	audio: Audio;
	stream: Stream;
	can: Can;
	created: string;
}
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
export interface Event {type: 'track' | 'progress' | 'gone'; track: string; progress?: number; state?: 'pending' | 'ready' | 'failed'}

// The player and the rest of the device: other tabs of Earshot, lock screens,
// headphones and the keyboard's media keys.

import {base, effect, untracked} from './html.js';
import * as player from './player.js';
import {speed} from './tuning.js';

/** Joins them; gives a function that leaves. */
export function join() {
	const ends = [oneTab(), mediaSession()];
	return () => {
		for (const end of ends) end();
	};
}

/** One tab at a time is heard. */
function oneTab() {
	if (!('BroadcastChannel' in globalThis)) return () => {};
	const tabs = new BroadcastChannel(`earshot${base}.player`);
	tabs.onmessage = () => player.pause();
	const end = effect(() => {
		if (player.playing.value) tabs.postMessage('playing');
	});
	return () => {
		end();
		tabs.close();
	};
}

/** @param {string} address @param {number} size */
function artwork(address, size) {
	return {src: new URL(address, location.href).href, sizes: `${size}x${size}`, type: 'image/jpeg'};
}

function mediaSession() {
	if (!('mediaSession' in navigator)) return () => {};
	const session = navigator.mediaSession;
	/** @type {Partial<Record<MediaSessionAction, (details: MediaSessionActionDetails) => void>>} */
	const actions = {
		play: player.play, pause: player.pause, stop: player.pause, previoustrack: player.previous,
		seekto: (details) => player.seek((details.seekTime ?? 0) * 1000),
		seekbackward: (details) => player.seekBy(-(details.seekOffset ?? 10) * 1000),
		seekforward: (details) => player.seekBy((details.seekOffset ?? 10) * 1000),
	};
	/** @param {boolean} on */
	const handle = (on) => {
		for (const [name, act] of Object.entries(actions)) {
			try {
				session.setActionHandler(/** @type {MediaSessionAction} */ (name), on ? act : null);
			} catch {
				// An action this browser does not know.
			}
		}
	};
	handle(true);
	const ends = [
		// A lock screen shows the button only where it leads somewhere.
		effect(() => {
			const next = player.hasNext.value ? player.next : null;
			session.setActionHandler('nexttrack', next);
		}),
		effect(() => {
			const track = player.current.value;
			session.metadata = track && new MediaMetadata({
				title: track.title, artist: track.artist || track.user.name, album: track.album ?? '',
				artwork: track.picture
					? [artwork(track.picture.small, 100), artwork(track.picture.medium, 300), artwork(track.picture.large, 600)]
					: [],
			});
		}),
		effect(() => {
			session.playbackState = !player.current.value ? 'none' : player.playing.value ? 'playing' : 'paused';
		}),
		// Between these the system counts on by itself.
		effect(() => {
			void player.jumps.value;
			void player.playing.value;
			void player.buffering.value;
			const length = player.duration.value / 1000;
			const position = Math.min(length, untracked(() => player.position.value) / 1000);
			if (length > 0) session.setPositionState?.({duration: length, playbackRate: speed.value, position});
			else session.setPositionState?.();
		}),
	];
	return () => {
		for (const end of ends) end();
		handle(false);
		session.setActionHandler('nexttrack', null);
	};
}

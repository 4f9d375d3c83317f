// The wide picture at the top of a profile.

import {classes, h, tags, useRef, useState} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {house, me} from '../state.js';
import {style} from '../style.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import '../texts.js';

await style('profile');

/** @typedef {import('../wire.d.ts').Banner} Wide */

/** @param {{banner: Wide, onError?: () => void}} props */
export function BannerPicture({banner}) {
	const [broken, setBroken] = useState('');
	if (broken === banner.wide) return null;
	return tags.img({
		class: 'banner-picture', src: banner.narrow, srcset: `${banner.narrow} 750w, ${banner.wide} 1500w`, sizes: '(min-width: 60rem) 60rem, 100vw',
		alt: '', decoding: 'async', width: 1500, height: 500, onError: () => setBroken(banner.wide),
	});
}

/**
 * The banner; on the own profile it can be chosen, dropped in and taken away.
 * @param {{banner?: Wide, own: boolean, class?: string}} props
 */
export function Banner({banner, own, class: name}) {
	const input = useRef(/** @type {HTMLInputElement | null} */ (null));
	const [busy, setBusy] = useState(false);
	const [over, setOver] = useState(false);
	/** @param {() => Promise<import('../wire.d.ts').Me>} act @param {string} done */
	const run = async (act, done) => {
		if (busy) return;
		setBusy(true);
		try {
			me.value = await act();
			toast(t(done));
		} catch (error) {
			toast(errorText(error), {kind: 'error'});
		}
		setBusy(false);
	};
	/** @param {File | undefined} file */
	const put = (file) => file && void run(async () => {
		const limit = house.peek()?.limits.picture_bytes ?? 0;
		if (limit && file.size > limit) throw new ApiError(413, {code: 'picture.too_large'});
		return api.put('/api/me/banner', file);
	}, 'banner.done');
	if (!own) return banner ? tags.div({class: classes('profile-banner', name)}, h(BannerPicture, {banner})) : null;

	/** @param {DragEvent} event */
	const holds = (event) => Boolean(event.dataTransfer?.types.includes('Files'));
	return tags.div({
		class: classes('profile-banner own', !banner && 'bare', over && 'over', name), role: 'group', 'aria-label': t('banner.title'), 'aria-busy': busy,
		onDragOver: (event) => {
			if (!holds(event)) return;
			event.preventDefault();
			setOver(true);
		},
		onDragLeave: () => setOver(false),
		onDrop: (event) => {
			if (!holds(event)) return;
			event.preventDefault(); // and so it is no upload
			setOver(false);
			put(event.dataTransfer?.files[0]);
		},
	},
		banner && h(BannerPicture, {banner}),
		tags.div({class: 'banner-tools'},
			tags.button({type: 'button', class: 'button banner-tool', 'aria-disabled': busy, onClick: () => input.current?.click()},
				icon('image'), tags.span(busy ? t('saving') : banner ? t('banner.replace') : t('banner.add'))),
			banner && tags.button({
				type: 'button', class: 'button only banner-tool', 'aria-label': t('banner.remove'), title: t('banner.remove'), 'aria-disabled': busy,
				onClick: () => void run(() => api.del('/api/me/banner'), 'banner.removed'),
			}, icon('trash'))),
		tags.input({
			ref: input, type: 'file', accept: 'image/jpeg,image/png,image/webp,image/gif', hidden: true, 'aria-label': t('banner.title'),
			onChange: (event) => {
				put(event.currentTarget.files?.[0]);
				event.currentTarget.value = '';
			},
		}));
}

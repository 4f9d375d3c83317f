// The own page under an address that everybody has.

import {useEffect} from '../html.js';
import {navigate} from '../router.js';
import {me} from '../state.js';

/** @param {import('../router.js').PageProps} _ */
export default function You(_) {
	const url = me.value?.url;
	useEffect(() => {
		if (url) void navigate(url, {replace: true});
	}, [url]);
	return null;
}

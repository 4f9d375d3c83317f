/* Says what on the page became more than text: a list of sentences, empty when
   nothing did. It runs in the page. */
() => {
	const faults = [];
	if (window.pwned !== undefined || document.pwned !== undefined) faults.push('a script ran');
	// A block of data is none.
	const scripts = [...document.scripts].filter(({type}) => type !== 'application/ld+json').length;
	if (scripts !== 1) faults.push(`${scripts} scripts in the document`);
	const strange = document.querySelectorAll('iframe, object, embed, base, frame, meta[http-equiv], img[src="x"], body script');
	for (const element of strange) faults.push(`there is ${element.outerHTML.slice(0, 120)}`);
	const addresses = ['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'srcdoc', 'poster', 'ping'];
	for (const element of document.querySelectorAll('*')) {
		for (const {name, value} of element.attributes) {
			if (/^on/i.test(name)) faults.push(`${element.localName} has ${name}="${value}"`);
			if (!addresses.includes(name)) continue;
			const {protocol, host} = new URL(value, location.href);
			const own = host === location.host || (element.localName === 'img' && /^(blob|data):$/.test(protocol)) || protocol === 'blob:';
			// What people wrote, and the one address that the settings name by themselves.
			const told = element.matches('.prose a') && /^https?:$/.test(protocol) || value === 'https://listenbrainz.org/settings/';
			if (!own && !told) faults.push(`${element.localName} leads to ${value}`);
			if (!own && element.localName === 'a' && !['noopener', 'noreferrer'].every((word) => element.relList.contains(word))) {
				faults.push(`the link to ${value} is ${element.rel}`);
			}
		}
	}
	const turns = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let text = walk.nextNode(); text; text = walk.nextNode()) {
		// A file's name on this device is shown as it is, in a line of its own.
		if (turns.test(text.data) && !text.parentElement.closest('.upload-name')) faults.push(`“${text.data}” turns letters around`);
	}
	if (turns.test(document.title)) faults.push('the title turns letters around');
	return faults;
}

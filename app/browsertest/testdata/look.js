/* Says what is wrong with how the page looks: a list of sentences, empty when
   all is well. It runs in the page, given what it is opened with. */
(locale, width, height) => {
	const faults = [];
	const name = (element) => {
		const text = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 30);
		const own = element.className && typeof element.className === 'string' ? '.' + element.className.trim().replace(/\s+/g, '.') : '';
		const parent = element.parentElement?.className;
		return `${typeof parent === 'string' && parent ? `.${parent.trim().split(/\s+/)[0]} > ` : ''}${element.localName}${own} “${text}”`;
	};
	const tell = (what, elements) => {
		if (elements.length) faults.push(`${what}: ${elements.slice(0, 4).join('; ')}${elements.length > 4 ? ` and ${elements.length - 4} more` : ''}`);
	};
	const style = (element) => getComputedStyle(element);
	const seen = (element) => element.checkVisibility({opacityProperty: false, visibilityProperty: true, contentVisibilityAuto: true})
		&& element.getClientRects().length > 0;
	/** Whether something is kept off the screen on purpose, for those who listen to it. */
	const unseen = (element) => {
		for (let at = element; at; at = at.parentElement) if (style(at).clipPath !== 'none' && style(at).position !== 'static') return true;
		return false;
	};
	// A dialog over the page is all there is.
	const root = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body;
	const all = [...root.querySelectorAll('*')].filter((element) => element.localName !== 'script' && !element.closest('svg') && seen(element) && !unseen(element));

	if (document.documentElement.lang !== locale) faults.push(`the page says it is in ${document.documentElement.lang}, not ${locale}`);
	const headings = [...document.querySelectorAll('h1')].filter(seen);
	if (headings.length !== 1) faults.push(`${headings.length} h1: ${headings.map(name).join('; ')}`);

	// Nothing stands beyond the sides.
	const across = document.scrollingElement.scrollWidth;
	if (across > width || innerWidth > width) faults.push(`the page scrolls sideways: ${across} pixels on a screen of ${width} (${innerWidth})`);
	const held = (element) => {
		for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) if (style(at).overflowX !== 'visible') return true;
		return false;
	};
	tell('stands beyond the sides', all.filter((element) => {
		const box = element.getBoundingClientRect();
		return (box.right > width + 1 || box.left < -1) && !held(element);
	}).map(name));

	// Texts are whole. Names that people gave may end in dots; the house's own words may not.
	const mayEnd = '.live-one, .full-next, .brand, .player-names, .card-by, .card-title, .upload-name, .upload-title, .prefixed, .queue-sum, .moment-line, .said-name, .adder-track, .person-row-link, '
		+ '.talk-name, .talk-last, .thread-name, .attached-names, .pick-names, .notice-words, .report-about, .person-row-name, .folded, .mention, .seek-text, .shelf-names, .shelf-why, .row-why, .numbers-head h1, .resume-text';
	const cut = [], ended = [], out = [], torn = [];
	const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
	for (let text = walk.nextNode(); text; text = walk.nextNode()) {
		const element = text.parentElement;
		if (!text.data.trim() || !element || element.closest('svg, script, option') || !seen(element) || unseen(element)) continue;
		const range = document.createRange();
		range.selectNodeContents(text);
		const box = range.getBoundingClientRect();
		if (!box.width) continue;
		// Short words stay in one piece, Korean ones too; addresses are no words.
		if (box.height > 1.8 * parseFloat(style(element).fontSize) && !element.closest('code, textarea, .prose > a')) {
			for (const {0: word, index} of text.data.matchAll(/[^\s\u2014/-]{2,12}(?![^\s\u2014/-])(?<![^\s\u2014/-]{13})/gu)) {
				const piece = document.createRange();
				piece.setStart(text, index);
				piece.setEnd(text, index + word.length);
				const lines = new Set([...piece.getClientRects()].filter(({width}) => width > 1).map(({top}) => Math.round(top)));
				if (lines.size > 1) torn.push(`${word} in ${name(element)}`);
			}
		}
		for (let at = element; at && at !== document.body; at = at.parentElement) {
			const look = style(at), edge = at.getBoundingClientRect();
			if (look.overflowX === 'auto' || look.overflowX === 'scroll' || look.overflowY === 'auto' || look.overflowY === 'scroll') break;
			if (look.position === 'fixed') break;
			const control = at.matches('button, .button, .chip, summary, label, legend, kbd, .tabs a, .menu-item');
			const clips = look.overflowX !== 'visible' || look.overflowY !== 'visible';
			if (!control && !clips) continue;
			const over = box.right > edge.right + 1 || box.left < edge.left - 1 || box.bottom > edge.bottom + 2 || box.top < edge.top - 2;
			if (!over) continue;
			const dots = look.textOverflow === 'ellipsis' || look.webkitLineClamp !== 'none';
			if (clips && dots) {
				if (!element.closest(mayEnd)) ended.push(name(element));
			} else if (clips) cut.push(name(element));
			else out.push(name(at));
			break;
		}
	}
	tell('a word is torn', torn);
	tell('below its last line the next one peeks out', all.filter((element) => style(element).webkitLineClamp !== 'none'
		&& element.scrollHeight > element.clientHeight + 4 && parseFloat(style(element).paddingBottom) > 1).map(name));
	tell('text is cut off', cut);
	tell('words of the house end in dots', ended);
	tell('text runs out of its control', out);

	// Bars that stay when the page is scrolled.
	if (root === document.body) {
		scrollTo(0, 300);
		let bars = 0;
		for (const element of all) {
			const look = style(element), box = element.getBoundingClientRect();
			const stays = look.position === 'fixed' || (look.position === 'sticky' && box.top <= 0);
			if (stays && box.width > width * 0.9 && box.height < height / 2 && look.pointerEvents !== 'none') bars += box.height;
		}
		scrollTo(0, 0);
		if (height < 600 && bars > 0.22 * height) faults.push(`bars take ${bars} of ${height} pixels, more than 22 %`);
	}

	// Targets are 24 pixels, or have as much room around them (WCAG 2.2, 2.5.8).
	const targets = all.filter((element) => element.matches('button, a[href], input, select, textarea, summary, [role=menuitem]')
		&& element.tabIndex >= -1 && !element.closest('[aria-hidden=true]') && !element.disabled && element.type !== 'hidden')
		.map((element) => {
			const label = element.matches('input') ? element.closest('label') : null;
			return {element, box: (label ?? element).getBoundingClientRect()};
		});
	const inSentence = ({element}) => element.matches('a, button.timecode') && style(element).display.startsWith('inline') && !style(element).display.includes('flex')
		&& [...element.parentElement?.childNodes ?? []].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
	tell('too small to touch', targets.filter((target) => {
		const {box} = target;
		if ((box.width >= 23.5 && box.height >= 23.5) || inSentence(target)) return false;
		const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
		return targets.some(({element, box: other}) => {
			if (element === target.element || element.contains(target.element) || target.element.contains(element)) return false;
			const small = other.width < 23.5 || other.height < 23.5;
			const dx = small ? (other.left + other.right) / 2 - x : Math.max(other.left - x, 0, x - other.right);
			const dy = small ? (other.top + other.bottom) / 2 - y : Math.max(other.top - y, 0, y - other.bottom);
			return Math.hypot(dx, dy) < (small ? 24 : 12);
		});
	}).map(({element, box}) => `${name(element)} ${Math.round(box.width)}x${Math.round(box.height)}`));

	// Waveforms are drawn, in their two colours.
	const painted = (colour) => {
		const one = new OffscreenCanvas(1, 1).getContext('2d');
		one.fillStyle = colour;
		one.fillRect(0, 0, 1, 1);
		return [...one.getImageData(0, 0, 1, 1).data];
	};
	for (const canvas of root.querySelectorAll('.wave-ready canvas')) {
		if (!seen(canvas) || !canvas.width) continue;
		const colours = [painted(style(canvas).color), painted(style(canvas).outlineColor)];
		// Read from a copy: the page's own canvas stays with the graphics card.
		const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});
		copy.drawImage(canvas, 0, 0);
		const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
		let drawn = 0, strange = 0;
		for (let i = 0; i < data.length; i += 4) {
			if (!data[i + 3]) continue;
			drawn++;
			if (data[i + 3] === 255 && !colours.some((c) => Math.abs(c[0] - data[i]) + Math.abs(c[1] - data[i + 1]) + Math.abs(c[2] - data[i + 2]) < 9)) strange++;
		}
		const share = drawn / (data.length / 4);
		if (share < 0.05 || share > 0.9) faults.push(`a waveform covers ${(100 * share).toFixed(1)} % of its canvas`);
		if (strange) faults.push(`${strange} pixels of a waveform have a colour that is not its own`);
	}
	return faults;
}

// The colour of a picture.

/**
 * Finds the hue that most of a picture's colour has, and how colourful it is.
 * @param {HTMLImageElement} image
 */
export function mainHue(image) {
	const side = 24, canvas = document.createElement('canvas');
	canvas.width = canvas.height = side;
	const context = canvas.getContext('2d', {willReadFrequently: true});
	if (!context) return {hue: 0, vivid: 0};
	context.drawImage(image, 0, 0, side, side);
	const {data} = context.getImageData(0, 0, side, side);
	const weight = new Float64Array(36);
	let all = 0;
	const linear = (/** @type {number} */ v) => (v / 255) ** 2.2;
	for (let i = 0; i < data.length; i += 4) {
		const r = linear(data[i]), g = linear(data[i + 1]), b = linear(data[i + 2]);
		// OKLab, Ottosson 2020.
		const l = Math.cbrt(0.4122 * r + 0.5363 * g + 0.0514 * b);
		const m = Math.cbrt(0.2119 * r + 0.6807 * g + 0.1074 * b);
		const s = Math.cbrt(0.0883 * r + 0.2817 * g + 0.63 * b);
		const a = 1.978 * l - 2.4286 * m + 0.4506 * s, y = 0.0259 * l + 0.7828 * m - 0.8087 * s;
		const chroma = Math.hypot(a, y), turn = (Math.atan2(y, a) / (2 * Math.PI) + 1) % 1;
		weight[Math.floor(turn * 36) % 36] += chroma;
		all += chroma;
	}
	let best = 0, most = -1;
	for (let i = 0; i < 36; i++) {
		const near = weight[i] + (weight[(i + 1) % 36] + weight[(i + 35) % 36]) / 2;
		if (near > most) [most, best] = [near, i];
	}
	return {hue: best * 10 + 5, vivid: Math.min(1, all / (side * side) / 0.06)};
}

// Asking anew what may have changed, as events tell it.

/**
 * A function that does one thing at a time: whoever calls it while it runs has
 * it run once more, so that an older answer never comes after a newer one, and
 * a hundred events cost two questions.
 * @param {() => Promise<unknown>} act
 * @returns {() => Promise<void>}
 */
export function oneAtATime(act) {
	let again = false;
	/** @type {Promise<void> | null} */
	let running = null;
	const run = async () => {
		try {
			do {
				again = false;
				await act();
			} while (again);
		} finally {
			running = null;
		}
	};
	return () => {
		again = true;
		return running ??= run();
	};
}

// The way into the search field from anywhere.

/**
 * Opens the field, where it is closed, and puts the focus into it: at once, so
 * that what is typed next is in it.
 */
export function openSearch() {
	const button = document.querySelector('.seek-open'), field = document.querySelector('.seek input');
	if (button instanceof HTMLElement && button.checkVisibility()) button.click();
	else if (field instanceof HTMLInputElement) {
		field.focus();
		field.select();
	}
}

// The texts that the first look does without, locales/late/. Whoever shows one
// imports this module, and so runs only when they are there.

import {addTexts} from './i18n.js';

// Without them the page is still better than none; a reload brings them.
await addTexts().catch(() => {});

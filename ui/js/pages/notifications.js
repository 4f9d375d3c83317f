// Not here yet.

import NotFound from './not-found.js';

export default NotFound;

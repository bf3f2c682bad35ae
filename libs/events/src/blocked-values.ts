import { NOBODY, nobodyTest } from '@tributary/kernel';

/** Whether a value names nobody by the built-in list: `null`, `undefined`, `{{user_id}}`, `[object Object]`, zeros, … */
export const isBlocked = nobodyTest(NOBODY);

/** Where changes of all kinds become one sequence: held from taking a place in the outbox to the commit. */
export const OUTBOX_LOCK = 'tributary.outbox';
/** Something was put into the outbox. */
export const OUTBOX_CHANNEL = 'tributary_outbox';
/** Its messages are places of the outbox: the topics have everything up to them. */
export const PUBLISHED_CHANNEL = 'tributary_published';
